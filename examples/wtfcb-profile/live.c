/*
 * The terminal scrolls in all but the last lines (DECSTBM), which are ours: what the command writes goes on as ever, into the scrollback too. We never
 * move its cursor for longer than one write, which the kernel does not mix with those of others. A terminal's cursor can be kept in one
 * place alone: a command that keeps its own there, or uses the whole screen, does not go with this.
 *
 * A snapshot costs what the profile is large, and the first one also what it takes to load symbols, which the end would pay otherwise. So there is an account of
 * processor time: half a second to begin with, and a hundredth of all time that passes; who has overdrawn it waits.
 */
#include "live.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "bars.h"
#include "common/output.h"
#include "common/units.h"
#include "common/utf8.h"
#include "top.h"

#define INTERVAL_NS UINT64_C(250000000)
#define SHOWN_NS UINT64_C(60000000000) /* of the past */
#define NOW_NS UINT64_C(1000000000)    /* what counts as now */
#define ACCOUNT_NS 500000000
#define LONGEST_NS UINT64_C(10000000000) /* without a drawing */

enum {
    COST = 100, /* times what was overdrawn has to pass before the next drawing */
    LEAST_ROWS = 10,
    LEAST_COLUMNS = 50,
    LABEL = 11,
    FIGURE = 10,
    LIST = 5, /* rows of functions and sites, if there is room */
};

enum colour { PLAIN, DIM, MEMORY, PROCESSOR };

/* ---------------------------------------------------------------------------------------------------------- terminal */

bool live_open(struct live *live, bool blocks)
{
    const char *term = getenv("TERM");
    const char *no_color = getenv("NO_COLOR");

    *live = (struct live){
        .fd = -1, .blocks = blocks, .account_ns = ACCOUNT_NS, .colours = no_color == NULL || no_color[0] == 0};
    if (term == NULL || term[0] == 0 || strcmp(term, "dumb") == 0) return false;
    if (isatty(STDERR_FILENO))
        live->fd = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
    else
        live->fd = open("/dev/tty", O_WRONLY | O_NOCTTY | O_CLOEXEC);
    return live->fd >= 0;
}

void live_close(struct live *live)
{
    if (live->fd >= 0) close(live->fd);
    live->fd = -1;
}

static void command_terminal(struct output *out, const char *letters, int first, int second)
{
    output_text(out, "\x1b[");
    if (first >= 0) output_number(out, (uint64_t)first);
    if (second >= 0) {
        output_char(out, ';');
        output_number(out, (uint64_t)second);
    }
    output_text(out, letters);
}

/* Where the cursor is, with its colours; as it is saved each time, it can be moved in between. */
static void save_cursor(struct output *out)
{
    output_text(out, "\x1b"
                     "7\x1b[0m");
}

static void restore_cursor(struct output *out)
{
    output_text(out, "\x1b"
                     "8");
}

/* Scroll until there are `height` free lines below the cursor, which stays on its line and in its column. */
static void make_room(struct output *out, int height)
{
    save_cursor(out);
    output_text(out, "\x1b[r");
    restore_cursor(out);
    for (int i = 0; i < height; i++)
        output_text(out, "\x1b"
                         "D");
    command_terminal(out, "A", height, -1);
    save_cursor(out);
    output_text(out, "\x1b[1B\r\x1b[J"); /* what is there was ours, before the size changed */
    restore_cursor(out);
}

void live_hide(struct live *live)
{
    static struct output out;

    if (!live->up) return;
    output_init(&out, live->fd);
    save_cursor(&out);
    output_text(&out, "\x1b[r");
    for (int i = 0; i < live->height; i++) {
        command_terminal(&out, "H", live->rows - i, 1);
        output_text(&out, "\x1b[2K");
    }
    restore_cursor(&out);
    (void)output_flush(&out);
    live->up = false;
}

/* Another job has the terminal. */
static bool in_background(const struct live *live)
{
    pid_t group = tcgetpgrp(live->fd);

    return group > 0 && group != getpgrp();
}

/* ------------------------------------------------------------------------------------------------------------- lines */

struct drawing {
    struct output out;
    const struct live *live;
    const wtfcb_profile *profile;
    wtfcb_profile_summary totals;
    struct bars_range range;
};

static void set_colour(struct drawing *drawing, enum colour colour)
{
    static const char *const codes[] = {
        [PLAIN] = "\x1b[0m", [DIM] = "\x1b[2m", [MEMORY] = "\x1b[34m", [PROCESSOR] = "\x1b[33m"};

    if (drawing->live->colours) output_text(&drawing->out, codes[colour]);
}

/* `text` in exactly `width` columns, cut or filled up on the right; on the left if it is aligned to the right. What could command the terminal is no part of it. */
static void put_cell(struct drawing *drawing, const char *text, int width, bool right)
{
    size_t length = strlen(text);
    size_t end = 0;
    int used = 0;

    while (end < length && used < width) {
        size_t step = utf8_length(text + end, length - end);
        end += step > 0 ? step : 1;
        used++;
    }
    if (right && used < width) output_repeat(&drawing->out, ' ', (size_t)(width - used));
    for (size_t i = 0; i < end;) {
        size_t step = utf8_length(text + i, length - i);
        bool printable = step > 1 || (step == 1 && text[i] >= ' ' && text[i] != 0x7f);
        if (step > 1 && (unsigned char)text[i] == 0xc2 && (unsigned char)text[i + 1] < 0xa0) printable = false;
        output_bytes(&drawing->out, printable ? text + i : " ", printable ? step : 1);
        i += step > 0 ? step : 1;
    }
    if (!right && used < width) output_repeat(&drawing->out, ' ', (size_t)(width - used));
}

/* The line of the terminal that is `line` lines below the first of ours. */
static void begin_line(struct drawing *drawing, int line)
{
    command_terminal(&drawing->out, "H", drawing->live->rows - drawing->live->height + 1 + line, 1);
    output_text(&drawing->out, "\x1b[K");
}

static void draw_title(struct drawing *drawing, int line)
{
    const struct live *live = drawing->live;
    const char *rule = live->blocks ? "\xe2\x94\x80" : "-";
    struct short_text time = time_text(drawing->totals.duration_ns);
    int space = live->columns - 8 - (int)strlen(time.text);
    int name = (int)strlen(live->name) < space ? (int)strlen(live->name) : space;

    begin_line(drawing, line);
    set_colour(drawing, DIM);
    output_text(&drawing->out, rule);
    output_char(&drawing->out, ' ');
    set_colour(drawing, PLAIN);
    put_cell(drawing, live->name, name, false);
    output_char(&drawing->out, ' ');
    set_colour(drawing, DIM);
    for (int i = name; i < space; i++)
        output_text(&drawing->out, rule);
    output_char(&drawing->out, ' ');
    set_colour(drawing, PLAIN);
    output_text(&drawing->out, time.text);
    set_colour(drawing, DIM);
    output_char(&drawing->out, ' ');
    output_text(&drawing->out, rule);
    set_colour(drawing, PLAIN);
}

/* A label, a figure, bars of the recent past, and what else there is to say. */
static void draw_course(struct drawing *drawing, int line, const char *label, const char *figure, uint32_t metric,
                        const char *rest)
{
    bool counter = metric == WTFCB_METRIC_CPU;
    struct bars bars;
    int left = drawing->live->columns - LABEL - FIGURE - 4;

    begin_line(drawing, line);
    output_char(&drawing->out, ' ');
    put_cell(drawing, label, LABEL, false);
    put_cell(drawing, figure, FIGURE, true);
    output_text(&drawing->out, "  ");
    bool drawn = bars_make(drawing->profile, metric, counter, &drawing->range, &bars);
    set_colour(drawing, counter ? PROCESSOR : MEMORY);
    if (drawn) output_text(&drawing->out, bars_draw(&bars, drawing->live->blocks).text);
    set_colour(drawing, PLAIN);
    output_repeat(&drawing->out, ' ', (size_t)(drawing->range.columns + 2 - (drawn ? bars.count : 0)));
    left -= drawing->range.columns + 2;
    if (left > 0) put_cell(drawing, rest, left, false);
}

/* ----------------------------------------------------------------------------------------------------------- figures */

static bool last_value(const wtfcb_profile *profile, uint32_t metric, uint64_t *ret_value)
{
    const uint64_t *times;
    const uint64_t *values;
    uint64_t count;

    if (wtfcb_profile_times(profile, WTFCB_TIER_SAMPLES, &times, &count, NULL) != WTFCB_OK ||
        wtfcb_profile_values(profile, WTFCB_TIER_SAMPLES, metric, WTFCB_STATISTIC_VALUE, &values) != WTFCB_OK)
        return false;
    while (count > 0 && values[count - 1] == WTFCB_UNKNOWN)
        count--;
    if (count > 0) *ret_value = values[count - 1];
    return count > 0;
}

/* The part of one core that was used just now, in percent. */
static bool recent_load(const wtfcb_profile *profile, double *ret_percent)
{
    const uint64_t *times;
    const uint64_t *values;
    uint64_t count;
    uint64_t start;
    uint64_t used = 0;
    uint64_t time = 0;

    if (wtfcb_profile_times(profile, WTFCB_TIER_SAMPLES, &times, &count, &start) != WTFCB_OK ||
        wtfcb_profile_values(profile, WTFCB_TIER_SAMPLES, WTFCB_METRIC_CPU, WTFCB_STATISTIC_VALUE, &values) != WTFCB_OK)
        return false;
    for (uint64_t i = count; i-- > 0 && time < NOW_NS;) {
        if (values[i] == WTFCB_UNKNOWN) continue;
        used += values[i];
        time += times[i] - (i > 0 ? times[i - 1] : start);
    }
    if (time > 0) *ret_percent = (double)used * 100 / (double)time;
    return time > 0;
}

static void draw_memory(struct drawing *drawing, int line)
{
    char rest[64] = "";
    uint64_t now = 0;
    bool known = last_value(drawing->profile, WTFCB_METRIC_RSS, &now);
    uint64_t peak = drawing->totals.rss_peak;

    if (peak != WTFCB_UNKNOWN) snprintf(rest, sizeof rest, "peak %s", bytes_text(peak > now ? peak : now).text);
    draw_course(drawing, line, "memory", known ? bytes_text(now).text : "-", WTFCB_METRIC_RSS, rest);
}

static void draw_processor(struct drawing *drawing, int line)
{
    char figure[32] = "-";
    char rest[64] = "";
    double percent = 0;
    uint64_t used = drawing->totals.cpu_ns;

    if (recent_load(drawing->profile, &percent)) snprintf(figure, sizeof figure, "%.0f %%", percent);
    if (used != WTFCB_UNKNOWN && drawing->totals.duration_ns > 0)
        snprintf(rest, sizeof rest, "mean %.0f %%", (double)used * 100 / (double)drawing->totals.duration_ns);
    draw_course(drawing, line, "processor", figure, WTFCB_METRIC_CPU, rest);
}

static void draw_live(struct drawing *drawing, int line)
{
    const wtfcb_profile_summary *totals = &drawing->totals;
    char rest[128];

    if (totals->alloc_status != WTFCB_OK) {
        draw_course(drawing, line, "allocated", "-", WTFCB_METRIC_LIVE, "");
        return;
    }
    snprintf(rest, sizeof rest, "peak %s, %s in all", bytes_text(totals->alloc_live_peak).text,
             bytes_text(totals->alloc_bytes).text);
    draw_course(drawing, line, "allocated", bytes_text(totals->alloc_live_bytes).text, WTFCB_METRIC_LIVE, rest);
}

/* ------------------------------------------------------------------------------------------------------------- lists */

static void put_row(struct drawing *drawing, const struct top *top, size_t index, bool bytes, int width)
{
    const struct top_row *row = &top->rows[index];
    char text[512] = "";

    if (index < top->count && bytes)
        snprintf(text, sizeof text, "%5.1f %% %9s  %s", (double)row->self * 100 / (double)top->all,
                 bytes_text(row->self).text, row->name);
    else if (index < top->count)
        snprintf(text, sizeof text, "%5.1f %%  %s", (double)row->self * 100 / (double)top->all, row->name);
    put_cell(drawing, text, width, false);
}

/* Functions on the left, sites on the right, or one of them across. */
static void draw_lists(struct drawing *drawing, int line, bool functions, bool sites)
{
    struct top lists[2];
    int width = drawing->live->columns - 2;
    int each = functions && sites ? (width - 2) / 2 : width;

    if (functions) top_functions(drawing->profile, WTFCB_TREE_CPU, LIST, &lists[0]);
    if (sites) top_sites(drawing->profile, WTFCB_TREE_ALLOC_LIVE, LIST, &lists[1]);
    begin_line(drawing, line++);
    set_colour(drawing, DIM);
    output_char(&drawing->out, ' ');
    if (functions) put_cell(drawing, "functions, by processor time", each, false);
    if (functions && sites) output_text(&drawing->out, "  ");
    if (sites) put_cell(drawing, "allocated and not freed", each, false);
    set_colour(drawing, PLAIN);
    for (size_t i = 0; line < drawing->live->height; i++, line++) {
        begin_line(drawing, line);
        output_char(&drawing->out, ' ');
        if (functions) put_row(drawing, &lists[0], i, false, each);
        if (functions && sites) output_text(&drawing->out, "  ");
        if (sites) put_row(drawing, &lists[1], i, true, each);
    }
}

/* ---------------------------------------------------------------------------------------------------------- together */

/* Follow the terminal's size. False: there is no room. */
static bool settle_size(struct live *live, const wtfcb_profile_summary *totals)
{
    struct winsize size = {.ws_row = 0};
    bool lists = totals->cpu_status == WTFCB_OK || totals->alloc_status != WTFCB_ENOTFOUND;
    int height = totals->alloc_status != WTFCB_ENOTFOUND ? 4 : 3;

    if (ioctl(live->fd, TIOCGWINSZ, &size) != 0 || size.ws_row < LEAST_ROWS || size.ws_col < LEAST_COLUMNS)
        return false;
    int room = size.ws_row / 2 - height - 1;
    if (lists && room > 0) height += 1 + (room < LIST ? room : LIST);
    if (live->up && live->rows == size.ws_row && live->columns == size.ws_col && live->height == height) return true;
    if (live->up && live->rows == size.ws_row) live_hide(live);
    live->up = false;
    live->rows = size.ws_row;
    live->columns = size.ws_col;
    live->height = height;
    return true;
}

static void draw(struct live *live, const wtfcb_profile *profile, const wtfcb_profile_summary *totals)
{
    static struct drawing drawing;
    bool traced = totals->alloc_status != WTFCB_ENOTFOUND;
    int line = 0;
    int spare = live->columns - LABEL - FIGURE - 36;

    drawing.live = live;
    drawing.profile = profile;
    drawing.totals = *totals;
    drawing.range.from_ns = totals->duration_ns > SHOWN_NS ? totals->duration_ns - SHOWN_NS : 0;
    drawing.range.columns = spare < 8 ? 8 : spare > BARS_LIMIT ? BARS_LIMIT : spare;
    output_init(&drawing.out, live->fd);
    if (!live->up) make_room(&drawing.out, live->height);
    save_cursor(&drawing.out);
    command_terminal(&drawing.out, "r", 1, live->rows - live->height);
    output_text(&drawing.out,
                "\x1b[?7l"); /* a name that is wider than it has letters does not go on in the next line */
    draw_title(&drawing, line++);
    draw_memory(&drawing, line++);
    draw_processor(&drawing, line++);
    if (traced) draw_live(&drawing, line++);
    if (line < live->height) draw_lists(&drawing, line, totals->cpu_status == WTFCB_OK, traced);
    output_text(&drawing.out, "\x1b[?7h");
    restore_cursor(&drawing.out);
    live->up = output_flush(&drawing.out) == 0;
}

static uint64_t clock_ns(clockid_t clock)
{
    struct timespec now;

    clock_gettime(clock, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* Charge what a drawing has taken; ns until there may be another. */
static uint64_t settle_account(struct live *live, uint64_t cost, uint64_t duration_ns)
{
    live->account_ns += (int64_t)((duration_ns - live->settled_ns) / COST) - (int64_t)cost;
    if (live->account_ns > ACCOUNT_NS) live->account_ns = ACCOUNT_NS;
    live->settled_ns = duration_ns;
    uint64_t debt = live->account_ns < 0 ? (uint64_t)-live->account_ns * COST : 0;
    return debt < INTERVAL_NS ? INTERVAL_NS : debt < LONGEST_NS ? debt : LONGEST_NS;
}

uint64_t live_show(struct live *live)
{
    wtfcb_profile *profile = NULL;
    wtfcb_profile_summary totals = {.duration_ns = live->settled_ns};
    uint64_t begin = clock_ns(CLOCK_THREAD_CPUTIME_ID);

    if (in_background(live)) {
        live->up = false;
        return INTERVAL_NS;
    }
    if (wtfcb_profiler_snapshot(live->profiler, &profile, NULL) == WTFCB_OK &&
        wtfcb_profile_get_summary(profile, &totals, sizeof totals) == WTFCB_OK) {
        if (settle_size(live, &totals))
            draw(live, profile, &totals);
        else
            live_hide(live);
    }
    wtfcb_profile_free(profile);
    return settle_account(live, clock_ns(CLOCK_THREAD_CPUTIME_ID) - begin, totals.duration_ns);
}
