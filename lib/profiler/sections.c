/*
 * Sections: phases of a recording that the program names. Each is two looks at the moment; what was resident in between is what the timeline
 * saw.
 *
 * A section's number is that of the recording and its place in it, so that one of an earlier recording is not taken for another.
 */
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/memory.h"
#include "profiler/profiler.h"

#define RUN_SHIFT 16

/* Where a recording has no timeline only the time is known. */
static wtfcb_profiler_moment look(wtfcb_profiler *profiler)
{
    uint64_t now = wtfcb_base_now();
    wtfcb_profiler_moment moment = {now - profiler->start_ns, WTFCB_UNKNOWN, WTFCB_UNKNOWN};
    if (profiler->timeline) wtfcb_profiler_timeline_look(profiler->timeline, now, &moment);
    return moment;
}

/* Cut between characters of UTF-8. */
static void copy_name(char *into, size_t size, const char *name)
{
    size_t length = strlen(name);
    if (length >= size) {
        length = size - 1;
        while (length > 0 && ((unsigned char)name[length] & 0xc0u) == 0x80)
            length--;
    }
    memcpy(into, name, length);
    into[length] = '\0';
}

static wtfcb_status begin(wtfcb_profiler *profiler, const char *name, uint64_t *ret_section)
{
    if (profiler->state != WTFCB_PROFILER_RUNNING) return WTFCB_EINVAL;
    if (profiler->section_count == WTFCB_PROFILER_MOST_SECTIONS) return WTFCB_ELIMIT;
    wtfcb_profiler_alloc_hide(profiler->alloc, 1);
    bool room = wtfcb_base_reserve(&profiler->allocator, (void **)&profiler->sections, &profiler->section_capacity,
                                   profiler->section_count + 1, sizeof *profiler->sections);
    wtfcb_profiler_alloc_hide(profiler->alloc, -1);
    if (!room) return WTFCB_ENOMEM;
    wtfcb_profiler_section *section = &profiler->sections[profiler->section_count++];
    *section = (wtfcb_profiler_section){.begun = look(profiler), .open = true};
    copy_name(section->name, sizeof section->name, name);
    *ret_section = profiler->run << RUN_SHIFT | profiler->section_count;
    return WTFCB_OK;
}

wtfcb_status wtfcb_profiler_section_begin(wtfcb_profiler *profiler, const char *name, uint64_t *ret_section)
{
    if (!profiler || !name || !ret_section) return WTFCB_EINVAL;
    if (profiler->process != getpid()) return WTFCB_EFORK;
    (void)pthread_mutex_lock(&profiler->lock);
    wtfcb_status status = begin(profiler, name, ret_section);
    (void)pthread_mutex_unlock(&profiler->lock);
    return status;
}

static uint64_t most(uint64_t a, uint64_t b)
{
    if (a == WTFCB_UNKNOWN) return b;
    if (b == WTFCB_UNKNOWN) return a;
    return a > b ? a : b;
}

/* The most that was resident between the beginning and a later moment. */
static uint64_t peak(wtfcb_profiler *profiler, const wtfcb_profiler_section *section,
                     const wtfcb_profiler_moment *until)
{
    if (!profiler->timeline) return WTFCB_UNKNOWN;
    uint64_t seen = wtfcb_profiler_timeline_peak_since(profiler->timeline, section->begun.time_ns);
    return most(seen, most(section->begun.rss, until->rss));
}

static wtfcb_status end(wtfcb_profiler *profiler, uint64_t number)
{
    if (profiler->state != WTFCB_PROFILER_RUNNING) return WTFCB_EINVAL;
    uint64_t place = number & ((UINT64_C(1) << RUN_SHIFT) - 1);
    if (number >> RUN_SHIFT != profiler->run || place == 0 || place > profiler->section_count) return WTFCB_ENOTFOUND;
    wtfcb_profiler_section *section = &profiler->sections[place - 1];
    if (!section->open) return WTFCB_ENOTFOUND;
    section->ended = look(profiler);
    section->rss_peak = peak(profiler, section, &section->ended);
    section->open = false;
    return WTFCB_OK;
}

wtfcb_status wtfcb_profiler_section_end(wtfcb_profiler *profiler, uint64_t section)
{
    if (!profiler) return WTFCB_EINVAL;
    if (profiler->process != getpid()) return WTFCB_EFORK;
    (void)pthread_mutex_lock(&profiler->lock);
    wtfcb_status status = end(profiler, section);
    (void)pthread_mutex_unlock(&profiler->lock);
    return status;
}

static uint64_t difference(uint64_t later, uint64_t earlier)
{
    return later == WTFCB_UNKNOWN || earlier == WTFCB_UNKNOWN ? WTFCB_UNKNOWN : later - earlier;
}

wtfcb_status wtfcb_profiler_collect_sections(wtfcb_profiler *profiler, wtfcb_profile *profile)
{
    wtfcb_profile_section *rows =
        wtfcb_profiler_profile_rows(profile, profiler->section_count, sizeof(wtfcb_profile_section));
    if (!rows) return WTFCB_ENOMEM;
    for (size_t i = 0; i < profiler->section_count; i++) {
        const wtfcb_profiler_section *section = &profiler->sections[i];
        const char *name = wtfcb_profiler_profile_text(profile, section->name);
        if (!name) return WTFCB_ENOMEM;
        rows[i] = (wtfcb_profile_section){.name = name,
                                          .start_ns = section->begun.time_ns,
                                          .duration_ns = WTFCB_UNKNOWN,
                                          .cpu_ns = WTFCB_UNKNOWN,
                                          .rss_first = section->begun.rss,
                                          .rss_last = WTFCB_UNKNOWN,
                                          .rss_peak = WTFCB_UNKNOWN};
        if (section->open) continue;
        rows[i].duration_ns = section->ended.time_ns - section->begun.time_ns;
        rows[i].cpu_ns = difference(section->ended.cpu_ns, section->begun.cpu_ns);
        rows[i].rss_last = section->ended.rss;
        rows[i].rss_peak = section->rss_peak;
    }
    profile->sections = rows;
    profile->summary.section_count = (uint32_t)profiler->section_count;
    return WTFCB_OK;
}
