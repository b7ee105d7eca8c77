/* Rows as they go. The library calls at most ten times a second, and once at each new row. */
#include "progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "common/units.h"

bool progress_possible(void)
{
    const char *term = getenv("TERM");

    return isatty(STDERR_FILENO) && term != NULL && strcmp(term, "dumb") != 0;
}

static int terminal_width(void)
{
    struct winsize size;

    if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 80;
    return size.ws_col;
}

static void clear(struct progress *progress)
{
    if (progress->drawn) fputs("\r\033[K", stderr);
    progress->drawn = false;
}

/* Rows of a project take turns, so a line for each turn would tell nobody anything: there is one for each phase. */
static void tell_phase(struct progress *progress, const wtfcb_benchmark_progress *now)
{
    char phase[sizeof progress->phase];

    snprintf(phase, sizeof phase, "%s, %" PRIu64 " of %" PRIu64 " rows done", now->phase, now->rows_done, now->rows);
    if (now->phase[0] == 0 || strcmp(progress->phase, phase) == 0) return;
    memcpy(progress->phase, phase, sizeof phase);
    clear(progress);
    fprintf(stderr, "%8s  %s\n", time_text(now->elapsed_ns).text, phase);
}

static void draw(struct progress *progress, const wtfcb_benchmark_progress *now)
{
    char line[512];
    char left[64] = "";

    if (now->left_ns != WTFCB_UNKNOWN) snprintf(left, sizeof left, ", %s left", time_text(now->left_ns).text);
    snprintf(line, sizeof line, "%" PRIu64 "/%" PRIu64 " %s: %s, %" PRIu64 " runs%s", now->rows_done, now->rows,
             now->row, now->phase, now->runs_done, left);
    fprintf(stderr, "\r%.*s\033[K", terminal_width() - 1, line);
    fflush(stderr);
    progress->drawn = true;
}

int32_t progress_tell(void *user, const wtfcb_benchmark_progress *now)
{
    struct progress *progress = user;

    if (progress->verbose) tell_phase(progress, now);
    if (progress->draws) draw(progress, now);
    return 0;
}

void progress_end(struct progress *progress)
{
    clear(progress);
    fflush(stderr);
}
