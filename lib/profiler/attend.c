/*
 * What a recording needs done while it runs: samples when they are due, the output when it is, and a profile made of what is there.
 *
 * All of it is the profiler's one thread; building is also a stop's and a snapshot's.
 */
#include <time.h>

#include "base/clock.h"
#include "profiler/profiler.h"
#include "profiler/recorder.h"

#define NEVER UINT64_MAX

void wtfcb_profiler_take_modules(wtfcb_memory_module modules[WTFCB_BASE_MODULES])
{
    for (uint32_t i = 0; i < WTFCB_BASE_MODULES; i++)
        (void)wtfcb_memory_module_at(i, &modules[i], sizeof modules[i]);
}

/* Before anything that the profile itself is made of is asked for, but its handle. */
static wtfcb_status collect_modules(const wtfcb_profiler *profiler, wtfcb_profile *profile)
{
    wtfcb_memory_module now[WTFCB_BASE_MODULES];
    int64_t watched = profiler->values[WTFCB_PROFILER_PROCESS];
    if (watched != 0 && watched != profiler->process) return WTFCB_OK;
    wtfcb_profiler_take_modules(now);
    wtfcb_profile_module *rows = wtfcb_profiler_profile_rows(profile, WTFCB_BASE_MODULES, sizeof *rows);
    if (!rows) return WTFCB_ENOMEM;
    for (uint32_t i = 0; i < WTFCB_BASE_MODULES; i++) {
        const wtfcb_memory_module *then = &profiler->modules[i];
        rows[i] = (wtfcb_profile_module){
            .name = now[i].name,
            .live_bytes_first = then->live_bytes,
            .live_bytes_last = now[i].live_bytes,
            .live_blocks_first = then->live_blocks,
            .live_blocks_last = now[i].live_blocks,
            .allocated_bytes = now[i].allocated_bytes - then->allocated_bytes,
            .allocated_blocks = now[i].allocated_blocks - then->allocated_blocks,
        };
    }
    profile->modules = rows;
    profile->summary.module_count = WTFCB_BASE_MODULES;
    return WTFCB_OK;
}

static wtfcb_status collect(wtfcb_profiler *profiler, wtfcb_profile *profile)
{
    wtfcb_status status = collect_modules(profiler, profile);
    if (status == WTFCB_OK && profiler->timeline) status = wtfcb_profiler_timeline_collect(profiler->timeline, profile);
    if (status == WTFCB_OK && profiler->zones) status = wtfcb_profiler_recorder_collect(profile);
    if (status == WTFCB_OK && profiler->cpu) status = wtfcb_profiler_cpu_collect(profiler->cpu, profile);
    if (status == WTFCB_OK && profiler->alloc) status = wtfcb_profiler_alloc_collect(profiler->alloc, profile);
    if (status == WTFCB_OK) status = wtfcb_profiler_collect_sections(profiler, profile);
    return status;
}

wtfcb_status wtfcb_profiler_build(wtfcb_profiler *profiler, uint64_t now_ns, wtfcb_profile **ret_profile)
{
    wtfcb_profile *profile;
    wtfcb_status status = wtfcb_profiler_profile_new(&profiler->allocator, &profile);
    if (status != WTFCB_OK) return status;
    wtfcb_profile_summary *summary = &profile->summary;
    int64_t watched = profiler->values[WTFCB_PROFILER_PROCESS];
    summary->started_ns = profiler->started_ns;
    summary->duration_ns = now_ns - profiler->start_ns;
    summary->process = (uint64_t)(watched != 0 ? watched : profiler->process);
    summary->zone_status = profiler->zone_status;
    summary->timeline_status = profiler->timeline ? WTFCB_OK : WTFCB_ENOTFOUND;
    summary->flush_status = profiler->flush_status;
    summary->overhead_ns = 0;
    (void)wtfcb_system_get_info(&profile->system, sizeof profile->system);
    summary->cores_usable = profile->system.cores_usable;
    summary->name = wtfcb_profiler_profile_text(profile, profiler->name);
    status = summary->name ? collect(profiler, profile) : WTFCB_ENOMEM;
    if (status == WTFCB_OK)
        *ret_profile = profile;
    else
        wtfcb_profile_free(profile);
    return status;
}

wtfcb_status wtfcb_profiler_flush(wtfcb_profiler *profiler, wtfcb_error *ret_error)
{
    wtfcb_profile *profile = NULL;
    (void)pthread_mutex_lock(&profiler->lock);
    wtfcb_status status = wtfcb_profiler_build(profiler, wtfcb_base_now(), &profile);
    (void)pthread_mutex_unlock(&profiler->lock);
    if (status == WTFCB_OK) status = wtfcb_profile_save(profile, profiler->output, WTFCB_PROFILE_BY_NAME, ret_error);
    wtfcb_profile_free(profile);
    return status;
}

static uint64_t sooner(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static struct timespec instant(uint64_t ns)
{
    return (struct timespec){.tv_sec = (time_t)(ns / 1000000000u), .tv_nsec = (long)(ns % 1000000000u)};
}

static uint64_t sample_due(const wtfcb_profiler *profiler)
{
    return profiler->watching ? wtfcb_profiler_timeline_due(profiler->timeline) : NEVER;
}

static uint64_t cpu_due(const wtfcb_profiler *profiler)
{
    return profiler->cpu ? wtfcb_profiler_cpu_due(profiler->cpu) : NEVER;
}

/* Wait until `due`, or until it is time to end; `lock` is held. */
static void wait_until(wtfcb_profiler *profiler, uint64_t due)
{
    if (due == NEVER) {
        (void)pthread_cond_wait(&profiler->wake, &profiler->lock);
    } else {
        struct timespec at = instant(due);
        (void)pthread_cond_timedwait(&profiler->wake, &profiler->lock, &at);
    }
}

void *wtfcb_profiler_attend(void *user)
{
    wtfcb_profiler *profiler = user;
    uint64_t flush_interval = (uint64_t)profiler->values[WTFCB_PROFILER_FLUSH] * 1000000u;
    uint64_t flush_due = flush_interval > 0 ? wtfcb_base_now() + flush_interval : NEVER;
    wtfcb_profiler_alloc_hide(profiler->alloc, 1);
    (void)pthread_mutex_lock(&profiler->lock);
    if (profiler->cpu) wtfcb_profiler_cpu_wake(profiler->cpu, true);
    while (!profiler->ending) {
        uint64_t now = wtfcb_base_now();
        if (now >= flush_due) {
            (void)pthread_mutex_unlock(&profiler->lock);
            wtfcb_status status = wtfcb_profiler_flush(profiler, NULL);
            (void)pthread_mutex_lock(&profiler->lock);
            profiler->flush_status = status;
            flush_due = wtfcb_base_now() + flush_interval; /* a slow disk is not written to without a pause */
        } else if (now >= sample_due(profiler)) {
            profiler->watching = wtfcb_profiler_timeline_sample(profiler->timeline, now);
        } else if (now >= cpu_due(profiler)) {
            wtfcb_profiler_cpu_wake(profiler->cpu, true);
        } else {
            wait_until(profiler, sooner(flush_due, sooner(sample_due(profiler), cpu_due(profiler))));
        }
    }
    (void)pthread_mutex_unlock(&profiler->lock);
    wtfcb_profiler_alloc_hide(profiler->alloc, -1);
    return NULL;
}
