/*
 * The progress line: a bar, files, bytes, rate and the time left.
 *
 * The library calls at most 10 times a second, so each call draws. Short scans draw nothing: a line that flashes by
 * tells nobody anything. Pieces that do not fit the terminal's width are left out, the least telling first.
 */
#include "progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "common/output.h"

enum { PATIENCE_MS = 300, BAR_WIDTH = 24, LINE_LIMIT = 512 };

bool progress_possible(void)
{
    const char *term = getenv("TERM");
    return isatty(STDERR_FILENO) && term != NULL && strcmp(term, "dumb") != 0;
}

static size_t terminal_width(void)
{
    struct winsize size;

    if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 80;
    return size.ws_col;
}

/* Bytes tell more than files while large files are under way; without any (depth "files") the files do. */
static double fraction_done(const wtfcb_progress *progress)
{
    double fraction = 0;

    if (progress->bytes_found > 0 && progress->bytes_done > 0)
        fraction = (double)progress->bytes_done / (double)progress->bytes_found;
    else if (progress->files_found > 0)
        fraction = (double)progress->files_done / (double)progress->files_found;
    return fraction > 1 ? 1 : fraction;
}

static void format_bar(char *text, size_t size, double fraction)
{
    char bar[BAR_WIDTH + 1];
    size_t full = (size_t)(fraction * BAR_WIDTH);

    memset(bar, '.', BAR_WIDTH);
    memset(bar, '#', full);
    bar[BAR_WIDTH] = 0;
    snprintf(text, size, "[%s] %3d%%", bar, (int)(fraction * 100));
}

static void format_left(char *text, size_t size, const wtfcb_progress *progress)
{
    uint64_t seconds = progress->remaining_ns / 1000000000u;

    if (progress->remaining_ns == UINT64_MAX)
        text[0] = 0;
    else
        snprintf(text, size, "  %" PRIu64 ":%02" PRIu64 " left", seconds / 60, seconds % 60);
}

/* Append `piece` when it still fits into `width` columns; all pieces are ASCII. */
static void append(char *line, size_t width, const char *piece)
{
    size_t used = strlen(line);

    if (used + strlen(piece) < width && used + strlen(piece) < LINE_LIMIT)
        memcpy(line + used, piece, strlen(piece) + 1);
}

int32_t progress_draw(void *user, const wtfcb_progress *progress)
{
    struct progress *state = user;
    char line[LINE_LIMIT] = "";
    char piece[96];
    size_t width = terminal_width();
    double seconds = (double)progress->elapsed_ns / 1e9;

    if (!state->drawn && progress->elapsed_ns < PATIENCE_MS * UINT64_C(1000000)) return 0;

    if (progress->walking)
        snprintf(piece, sizeof piece, "[%-*s]     ", BAR_WIDTH, "walking");
    else
        format_bar(piece, sizeof piece, fraction_done(progress));
    append(line, width, piece);
    snprintf(piece, sizeof piece, "  %s/%s files", grouped_number(progress->files_done).text,
             grouped_number(progress->files_found).text);
    append(line, width, piece);
    format_left(piece, sizeof piece, progress);
    append(line, width, piece);
    snprintf(piece, sizeof piece, "  %.0f MB", (double)progress->bytes_done / 1e6);
    append(line, width, piece);
    snprintf(piece, sizeof piece, "  %s files/s",
             grouped_number((uint64_t)((double)progress->files_done / seconds)).text);
    append(line, width, piece);

    fprintf(stderr, "\r%s\033[K", line);
    fflush(stderr);
    state->drawn = true;
    return 0;
}

void progress_clear(struct progress *progress)
{
    if (progress->drawn) {
        fputs("\r\033[K", stderr);
        fflush(stderr);
    }
    progress->drawn = false;
}
