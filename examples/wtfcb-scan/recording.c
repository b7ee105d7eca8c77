/*
 * The profiler around a scan: the library's own zones tell where each thread's time goes, the phases of the program are sections.
 *
 * Single zones are kept for the formats that show them one by one, in rings large enough for those of the Linux kernel's 78,000 files.
 */
#include "recording.h"

#include <stdio.h>
#include <string.h>

#include "common/profile_file.h"

enum { INTERVAL_MS = 20, COUNTERS = 16 << 20, RING = 16 << 20, OWN_THREADS = 3 };

static bool fail(const wtfcb_error *error, wtfcb_status status)
{
    fprintf(stderr, "wtfcb-scan: --profile: %s\n",
            error->message[0] != 0 ? error->message : wtfcb_status_message(status));
    return false;
}

/* Workers, and beside them the calling thread, the cache's writer and the profiler's own. */
static int64_t count_threads(const wtfcb_scanner *scanner)
{
    wtfcb_system_info info = {.cores_usable = 1};
    int64_t threads = 0;

    (void)wtfcb_scanner_get(scanner, WTFCB_SCANNER_THREADS, &threads);
    if (threads == 0 && wtfcb_system_get_info(&info, sizeof info) == WTFCB_OK) threads = (int64_t)info.cores_usable;
    return threads + OWN_THREADS;
}

static wtfcb_status set_up(wtfcb_profiler *profiler, const struct options *options, const wtfcb_scanner *scanner)
{
    wtfcb_status status = wtfcb_profiler_set(profiler, WTFCB_PROFILER_INTERVAL, INTERVAL_MS);

    if (profile_format_of_file(options->profile)->id != WTFCB_PROFILE_CHROME || status != WTFCB_OK) return status;
    status = wtfcb_profiler_set(profiler, WTFCB_PROFILER_TRACE, RING);
    if (status != WTFCB_OK) return status;
    return wtfcb_profiler_set(profiler, WTFCB_PROFILER_ZONE_MEMORY, COUNTERS + RING * count_threads(scanner));
}

bool recording_start(struct recording *recording, const struct options *options, const wtfcb_scanner *scanner)
{
    wtfcb_error error = WTFCB_ERROR_INIT;
    char name[256];
    int failure;

    *recording = (struct recording){.file = options->profile};
    if (options->profile == NULL) return true;
    if ((failure = profile_file_check(options->profile)) != 0) {
        snprintf(error.message, sizeof error.message, "cannot write %s: %s", options->profile, strerror(failure));
        return fail(&error, WTFCB_EIO);
    }
    snprintf(name, sizeof name, "wtfcb-scan %s", options->paths[0]);
    wtfcb_status status = wtfcb_profiler_new(NULL, &recording->profiler);
    if (status == WTFCB_OK) status = set_up(recording->profiler, options, scanner);
    if (status == WTFCB_OK) status = wtfcb_profiler_start(recording->profiler, name, &error);
    if (status == WTFCB_OK) return true;
    wtfcb_profiler_free(recording->profiler);
    recording->profiler = NULL;
    return fail(&error, status);
}

void recording_phase(struct recording *recording, const char *name)
{
    if (recording->profiler == NULL) return;
    if (recording->in_section) (void)wtfcb_profiler_section_end(recording->profiler, recording->section);
    recording->in_section = wtfcb_profiler_section_begin(recording->profiler, name, &recording->section) == WTFCB_OK;
}

bool recording_finish(struct recording *recording)
{
    wtfcb_error error = WTFCB_ERROR_INIT;
    wtfcb_profile *profile = NULL;

    if (recording->profiler == NULL) return true;
    if (recording->in_section) (void)wtfcb_profiler_section_end(recording->profiler, recording->section);
    wtfcb_status status = wtfcb_profiler_stop(recording->profiler, &profile, &error);
    if (status == WTFCB_OK) status = wtfcb_profile_save(profile, recording->file, WTFCB_PROFILE_BY_NAME, &error);
    wtfcb_profile_free(profile);
    wtfcb_profiler_free(recording->profiler);
    recording->profiler = NULL;
    return status == WTFCB_OK || fail(&error, status);
}
