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

static wtfcb_status collect(wtfcb_profiler *profiler, wtfcb_profile *profile)
{
    wtfcb_status status = WTFCB_OK;
    if (profiler->timeline) status = wtfcb_profiler_timeline_collect(profiler->timeline, profile);
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
