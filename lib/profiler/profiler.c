/*
 * The profiler's handle: made, set, started, stopped, freed. Sections are in sections.c, what its thread does is in attend.c.
 *
 * A start goes through WTFCB_PROFILER_STARTING, so that nobody else begins or ends while it opens files and writes the first
 * output without the lock; a stop likewise, while it joins the thread.
 */
#include "profiler/profiler.h"

#include <errno.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/thread.h"
#include "profiler/recorder.h"

static int init_locks(wtfcb_profiler *profiler)
{
    pthread_condattr_t monotonic;
    int result = pthread_condattr_init(&monotonic);
    if (result != 0) return result;
    (void)pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    result = pthread_cond_init(&profiler->wake, &monotonic);
    (void)pthread_condattr_destroy(&monotonic);
    if (result != 0) return result;
    result = pthread_mutex_init(&profiler->lock, NULL);
    if (result != 0) (void)pthread_cond_destroy(&profiler->wake);
    return result;
}

wtfcb_status wtfcb_profiler_new(const wtfcb_allocator *allocator, wtfcb_profiler **ret_profiler)
{
    if (!ret_profiler || !wtfcb_base_allocator_valid(allocator)) return WTFCB_EINVAL;
    wtfcb_allocator own = wtfcb_base_allocator(allocator);
    wtfcb_profiler *profiler = wtfcb_base_calloc(&own, 1, sizeof *profiler);
    if (!profiler) return WTFCB_ENOMEM;
    profiler->allocator = own;
    profiler->process = getpid();
    if (init_locks(profiler) != 0) {
        wtfcb_base_free(&own, profiler, sizeof *profiler);
        return WTFCB_ENOMEM;
    }
    wtfcb_profiler_set_defaults(profiler);
    *ret_profiler = profiler;
    return WTFCB_OK;
}

static void free_text(wtfcb_profiler *profiler, char **text)
{
    if (*text) wtfcb_base_free(&profiler->allocator, *text, strlen(*text) + 1);
    *text = NULL;
}

/* NULL when memory has run out. */
static char *copy_text(wtfcb_profiler *profiler, const char *text)
{
    size_t size = strlen(text) + 1;
    char *copy = wtfcb_base_alloc(&profiler->allocator, size);
    if (copy) memcpy(copy, text, size);
    return copy;
}

/* What belongs to one recording. */
static void forget_recording(wtfcb_profiler *profiler)
{
    wtfcb_profiler_timeline_free(profiler->timeline);
    profiler->timeline = NULL;
    wtfcb_profiler_cpu_free(profiler->cpu);
    profiler->cpu = NULL;
    wtfcb_profiler_alloc_free(profiler->alloc); /* behind the timeline, which asks it */
    profiler->alloc = NULL;
    free_text(profiler, &profiler->name);
    wtfcb_base_free(&profiler->allocator, profiler->sections, profiler->section_capacity * sizeof *profiler->sections);
    profiler->sections = NULL;
    profiler->section_count = profiler->section_capacity = 0;
    profiler->zones = profiler->threaded = profiler->ending = profiler->watching = false;
}

/*
 * In a child of fork(2) there is no thread. If one was at work on the recording when the child was made, what it has left may be half done: nobody
 * can free that, and it stays.
 */
static bool is_whole(wtfcb_profiler *profiler)
{
    if (pthread_mutex_trylock(&profiler->lock) != 0) return false;
    bool whole = profiler->state != WTFCB_PROFILER_STARTING;
    (void)pthread_mutex_unlock(&profiler->lock);
    return whole;
}

void wtfcb_profiler_free(wtfcb_profiler *profiler)
{
    if (!profiler) return;
    bool own = profiler->process == getpid();
    if (!own && !is_whole(profiler)) return;
    if (own) (void)wtfcb_profiler_stop(profiler, NULL, NULL);
    forget_recording(profiler);
    free_text(profiler, &profiler->output);
    free_text(profiler, &profiler->alloc_folder);
    if (own) {
        (void)pthread_cond_destroy(&profiler->wake);
        (void)pthread_mutex_destroy(&profiler->lock);
    }
    wtfcb_allocator allocator = profiler->allocator;
    wtfcb_base_free(&allocator, profiler, sizeof *profiler);
}

/* Take the handle from one state to the next, if it is in the first: WTFCB_OK; `otherwise`. */
static wtfcb_status pass(wtfcb_profiler *profiler, wtfcb_profiler_state from, wtfcb_profiler_state to,
                         wtfcb_status otherwise)
{
    (void)pthread_mutex_lock(&profiler->lock);
    bool right = profiler->state == from;
    if (right) profiler->state = to;
    (void)pthread_mutex_unlock(&profiler->lock);
    return right ? WTFCB_OK : otherwise;
}

wtfcb_status wtfcb_profiler_set(wtfcb_profiler *profiler, int32_t option, int64_t value)
{
    if (!profiler) return WTFCB_EINVAL;
    if (profiler->process != getpid()) return WTFCB_EFORK;
    const wtfcb_option *row = wtfcb_profiler_option_of(option);
    if (!row || row->type == WTFCB_OPTION_STRING) return WTFCB_ENOTFOUND;
    if (value < row->minimum || value > row->maximum) return WTFCB_EINVAL;
    wtfcb_status status = pass(profiler, WTFCB_PROFILER_IDLE, WTFCB_PROFILER_STARTING, WTFCB_EBUSY);
    if (status != WTFCB_OK) return status;
    profiler->values[option] = value;
    return pass(profiler, WTFCB_PROFILER_STARTING, WTFCB_PROFILER_IDLE, WTFCB_EBUSY);
}

wtfcb_status wtfcb_profiler_get(const wtfcb_profiler *profiler, int32_t option, int64_t *ret_value)
{
    if (!profiler || !ret_value) return WTFCB_EINVAL;
    const wtfcb_option *row = wtfcb_profiler_option_of(option);
    if (!row || row->type == WTFCB_OPTION_STRING) return WTFCB_ENOTFOUND;
    *ret_value = profiler->values[option];
    return WTFCB_OK;
}

wtfcb_status wtfcb_profiler_set_string(wtfcb_profiler *profiler, int32_t option, const char *value)
{
    if (!profiler) return WTFCB_EINVAL;
    if (profiler->process != getpid()) return WTFCB_EFORK;
    const wtfcb_option *row = wtfcb_profiler_option_of(option);
    if (!row || row->type != WTFCB_OPTION_STRING) return WTFCB_ENOTFOUND;
    if (value && !*value) return WTFCB_EINVAL;
    char *copy = value ? copy_text(profiler, value) : NULL;
    if (value && !copy) return WTFCB_ENOMEM;
    wtfcb_status status = pass(profiler, WTFCB_PROFILER_IDLE, WTFCB_PROFILER_STARTING, WTFCB_EBUSY);
    if (status != WTFCB_OK) {
        free_text(profiler, &copy);
        return status;
    }
    char **text = option == WTFCB_PROFILER_OUTPUT ? &profiler->output : &profiler->alloc_folder;
    free_text(profiler, text);
    *text = copy;
    return pass(profiler, WTFCB_PROFILER_STARTING, WTFCB_PROFILER_IDLE, WTFCB_EBUSY);
}

static uint64_t real_time(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* Zones are of this process alone. */
static wtfcb_status start_zones(wtfcb_profiler *profiler, wtfcb_error *ret_error)
{
    profiler->start_ns = wtfcb_base_now();
    profiler->zone_status = WTFCB_ENOTFOUND;
    if (!profiler->values[WTFCB_PROFILER_ZONES]) return WTFCB_OK;
    profiler->zone_status = WTFCB_EUNSUPPORTED;
    if (profiler->values[WTFCB_PROFILER_PROCESS] != 0) return WTFCB_OK;
    wtfcb_status status =
        wtfcb_profiler_recorder_start((uint64_t)profiler->values[WTFCB_PROFILER_ZONE_MEMORY],
                                      (uint64_t)profiler->values[WTFCB_PROFILER_TRACE], &profiler->start_ns);
    profiler->zones = status == WTFCB_OK;
    profiler->zone_status = status;
    if (status == WTFCB_EBUSY)
        return wtfcb_base_error(ret_error, status, 0, NULL,
                                "another profiler of this process records zones; stop it, or start this one with "
                                "WTFCB_PROFILER_ZONES at 0");
    return status == WTFCB_OK ? status : wtfcb_base_error(ret_error, status, 0, NULL, "no memory to record zones in");
}

/* From here on what this thread allocates is hidden, until the start has ended. */
static wtfcb_status start_alloc(wtfcb_profiler *profiler, wtfcb_error *ret_error)
{
    if (profiler->values[WTFCB_PROFILER_ALLOC] == WTFCB_ALLOC_NONE) return WTFCB_OK;
    wtfcb_profiler_alloc_options options = {.mode = (int32_t)profiler->values[WTFCB_PROFILER_ALLOC],
                                            .process = (pid_t)profiler->values[WTFCB_PROFILER_PROCESS],
                                            .tree = profiler->values[WTFCB_PROFILER_TREE] != 0,
                                            .folder = profiler->alloc_folder};
    wtfcb_status status = wtfcb_profiler_alloc_start(&profiler->allocator, &options, &profiler->alloc, ret_error);
    if (status == WTFCB_OK) wtfcb_profiler_alloc_hide(profiler->alloc, 1);
    return status;
}

static wtfcb_status start_timeline(wtfcb_profiler *profiler, wtfcb_error *ret_error)
{
    if (!profiler->values[WTFCB_PROFILER_TIMELINE]) return WTFCB_OK;
    wtfcb_profiler_timeline_options options = {.interval_ns =
                                                   (uint64_t)profiler->values[WTFCB_PROFILER_INTERVAL] * 1000000u,
                                               .start_ns = profiler->start_ns,
                                               .process = (pid_t)profiler->values[WTFCB_PROFILER_PROCESS],
                                               .tree = profiler->values[WTFCB_PROFILER_TREE] != 0,
                                               .pss = profiler->values[WTFCB_PROFILER_PSS] != 0,
                                               .alloc = profiler->alloc};
    wtfcb_status status = wtfcb_profiler_timeline_new(&profiler->allocator, &options, &profiler->timeline, ret_error);
    profiler->watching = status == WTFCB_OK;
    return status;
}

static wtfcb_status start_cpu(wtfcb_profiler *profiler, wtfcb_error *ret_error)
{
    if (profiler->values[WTFCB_PROFILER_CPU] == 0) return WTFCB_OK;
    wtfcb_profiler_cpu_options options = {.hz = (uint32_t)profiler->values[WTFCB_PROFILER_CPU],
                                          .engine = (int32_t)profiler->values[WTFCB_PROFILER_CPU_ENGINE],
                                          .process = (pid_t)profiler->values[WTFCB_PROFILER_PROCESS],
                                          .tree = profiler->values[WTFCB_PROFILER_TREE] != 0};
    return wtfcb_profiler_cpu_start(&profiler->allocator, &options, &profiler->cpu, ret_error);
}

static wtfcb_status start_thread(wtfcb_profiler *profiler, wtfcb_error *ret_error)
{
    if (!profiler->timeline && !profiler->cpu && profiler->values[WTFCB_PROFILER_FLUSH] == 0) return WTFCB_OK;
    int result = wtfcb_base_thread_start(&profiler->thread, "wtfcb-profiler", wtfcb_profiler_attend, profiler);
    if (result != 0)
        return wtfcb_base_error(ret_error, WTFCB_EUNSUPPORTED, result, NULL, "no thread could be started: %s",
                                strerror(result));
    profiler->threaded = true;
    return WTFCB_OK;
}

/* The first output is written at once, so that a path that cannot be written is an error of the start. */
static wtfcb_status begin_recording(wtfcb_profiler *profiler, const char *name, wtfcb_error *ret_error)
{
    profiler->run++;
    profiler->flush_status = WTFCB_OK;
    profiler->name = copy_text(profiler, name);
    if (!profiler->name) return wtfcb_base_error(ret_error, WTFCB_ENOMEM, 0, NULL, "no memory to begin a recording");
    profiler->started_ns = real_time();
    wtfcb_profiler_take_modules(profiler->modules);
    wtfcb_status status = start_zones(profiler, ret_error);
    if (status == WTFCB_OK) status = start_alloc(profiler, ret_error);
    if (status == WTFCB_OK) status = start_timeline(profiler, ret_error);
    if (status == WTFCB_OK) status = start_cpu(profiler, ret_error);
    if (status == WTFCB_OK && profiler->values[WTFCB_PROFILER_FLUSH] > 0)
        status = wtfcb_profiler_flush(profiler, ret_error);
    if (status == WTFCB_OK) status = start_thread(profiler, ret_error);
    return status;
}

wtfcb_status wtfcb_profiler_start(wtfcb_profiler *profiler, const char *name, wtfcb_error *ret_error)
{
    if (!profiler || !name) return wtfcb_base_error(ret_error, WTFCB_EINVAL, 0, NULL, "no profiler, or no name");
    if (profiler->process != getpid())
        return wtfcb_base_error(ret_error, WTFCB_EFORK, 0, NULL, "the profiler was made before a fork");
    if (profiler->values[WTFCB_PROFILER_FLUSH] > 0 && !profiler->output)
        return wtfcb_base_error(ret_error, WTFCB_EINVAL, 0, NULL,
                                "WTFCB_PROFILER_FLUSH needs a file to write: set WTFCB_PROFILER_OUTPUT");
    wtfcb_status status = pass(profiler, WTFCB_PROFILER_IDLE, WTFCB_PROFILER_STARTING, WTFCB_EBUSY);
    if (status != WTFCB_OK)
        return wtfcb_base_error(ret_error, status, 0, NULL, "the profiler is running; stop it first");
    status = begin_recording(profiler, name, ret_error);
    wtfcb_profiler_alloc_hide(profiler->alloc, -1);
    if (status != WTFCB_OK) {
        if (profiler->alloc) wtfcb_profiler_alloc_stop(profiler->alloc);
        if (profiler->zones) wtfcb_profiler_recorder_stop();
        if (profiler->cpu) wtfcb_profiler_cpu_stop(profiler->cpu);
        forget_recording(profiler);
    }
    (void)pass(profiler, WTFCB_PROFILER_STARTING, status == WTFCB_OK ? WTFCB_PROFILER_RUNNING : WTFCB_PROFILER_IDLE,
               WTFCB_EBUSY);
    return status;
}

static void end_thread(wtfcb_profiler *profiler)
{
    if (!profiler->threaded) return;
    (void)pthread_mutex_lock(&profiler->lock);
    profiler->ending = true;
    (void)pthread_cond_signal(&profiler->wake);
    (void)pthread_mutex_unlock(&profiler->lock);
    (void)pthread_join(profiler->thread, NULL);
}

wtfcb_status wtfcb_profiler_stop(wtfcb_profiler *profiler, wtfcb_profile **ret_profile, wtfcb_error *ret_error)
{
    if (!profiler) return wtfcb_base_error(ret_error, WTFCB_EINVAL, 0, NULL, "no profiler");
    if (profiler->process != getpid())
        return wtfcb_base_error(ret_error, WTFCB_EFORK, 0, NULL, "the profiler was made before a fork");
    wtfcb_status status = pass(profiler, WTFCB_PROFILER_RUNNING, WTFCB_PROFILER_STARTING, WTFCB_EINVAL);
    if (status != WTFCB_OK) return wtfcb_base_error(ret_error, status, 0, NULL, "the profiler is not running");
    uint64_t now = wtfcb_base_now();
    wtfcb_profiler_alloc_hide(profiler->alloc, 1);
    end_thread(profiler);
    if (profiler->cpu) wtfcb_profiler_cpu_stop(profiler->cpu);
    if (profiler->watching) (void)wtfcb_profiler_timeline_sample(profiler->timeline, wtfcb_base_now());
    if (profiler->alloc) wtfcb_profiler_alloc_stop(profiler->alloc);
    wtfcb_profiler_alloc_hide(profiler->alloc, -1);
    if (ret_profile) status = wtfcb_profiler_build(profiler, now, ret_profile);
    if (profiler->zones) wtfcb_profiler_recorder_stop(); /* not before: somebody else's start would clear it */
    forget_recording(profiler);
    (void)pass(profiler, WTFCB_PROFILER_STARTING, WTFCB_PROFILER_IDLE, WTFCB_EBUSY);
    return status == WTFCB_OK
               ? status
               : wtfcb_base_error(ret_error, status, 0, NULL, "no memory for the profile, which is lost");
}

wtfcb_status wtfcb_profiler_snapshot(wtfcb_profiler *profiler, wtfcb_profile **ret_profile, wtfcb_error *ret_error)
{
    if (!profiler || !ret_profile)
        return wtfcb_base_error(ret_error, WTFCB_EINVAL, 0, NULL, "no profiler, or nowhere to put the profile");
    if (profiler->process != getpid())
        return wtfcb_base_error(ret_error, WTFCB_EFORK, 0, NULL, "the profiler was made before a fork");
    (void)pthread_mutex_lock(&profiler->lock);
    wtfcb_status status = WTFCB_EINVAL;
    if (profiler->state == WTFCB_PROFILER_RUNNING) {
        wtfcb_profiler_alloc_hide(profiler->alloc, 1);
        status = wtfcb_profiler_build(profiler, wtfcb_base_now(), ret_profile);
        wtfcb_profiler_alloc_hide(profiler->alloc, -1);
    }
    (void)pthread_mutex_unlock(&profiler->lock);
    if (status == WTFCB_EINVAL) return wtfcb_base_error(ret_error, status, 0, NULL, "the profiler is not running");
    return status == WTFCB_OK ? status : wtfcb_base_error(ret_error, status, 0, NULL, "no memory for the profile");
}

wtfcb_status wtfcb_profiler_run(wtfcb_profiler *profiler, const char *name, wtfcb_run_fn run, void *user,
                                wtfcb_profile **ret_profile, wtfcb_error *ret_error)
{
    if (!run) return wtfcb_base_error(ret_error, WTFCB_EINVAL, 0, NULL, "no function to run");
    wtfcb_status status = wtfcb_profiler_start(profiler, name, ret_error);
    if (status != WTFCB_OK) return status;
    run(user);
    return wtfcb_profiler_stop(profiler, ret_profile, ret_error);
}
