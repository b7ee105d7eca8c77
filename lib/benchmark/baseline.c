/*
 * Another report as a baseline: whether it is comparable at all, and what the difference of two rows is that were measured at different times.
 *
 * Nothing interleaves a row with the past. So what a row shifted between equal halves of its own samples, here or there, is the least that a difference has to
 * exceed; and whoever seems worse is measured once more (runner.c).
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "benchmark/runner_parts.h"

/* Samples of a row that are taken into the differences of all with all, at even distances. */
#define MOST_DIFFERENCES 300

/* ------------------------------------------------------------------------------------------------------------------ */
/* Fingerprint */

/* The value of a key in "key=value\n" lines, not terminated; NULL: there is no such key. */
static const char *find(const char *lines, const char *key, size_t key_length, size_t *ret_length)
{
    for (const char *line = lines; *line;) {
        size_t length = strcspn(line, "\n");
        if (length > key_length && line[key_length] == '=' && memcmp(line, key, key_length) == 0) {
            *ret_length = length - key_length - 1;
            return line + key_length + 1;
        }
        line += length + (line[length] == '\n');
    }
    return NULL;
}

/* Lines that are here against those that are there; one that is missing there differs if it is `required`. */
static wtfcb_status compare_lines(const wtfcb_benchmark_runner *runner, const char *lines, bool required)
{
    if (!runner->baseline || runner->options->foreign) return WTFCB_OK;
    for (const char *line = lines; *line;) {
        size_t length = strcspn(line, "\n");
        const char *equals = memchr(line, '=', length);
        size_t key = equals ? (size_t)(equals - line) : length;
        size_t there = 0;
        const char *value = find(runner->baseline->summary.fingerprint, line, key, &there);
        size_t here = equals ? length - key - 1 : 0;
        bool same = value ? there == here && memcmp(value, equals ? equals + 1 : "", here) == 0 : !required;
        if (!same)
            return wtfcb_base_error(
                runner->error, WTFCB_ECHANGED, 0, NULL,
                "the baseline is not comparable: \"%.*s\" is \"%.*s\" in it and \"%.*s\" here; save "
                "a new one, or set WTFCB_BENCHMARK_FOREIGN",
                (int)(key > 64 ? 64 : key), line, (int)(there > 128 ? 128 : there), value ? value : "",
                (int)(here > 128 ? 128 : here), equals ? equals + 1 : "");
        line += length + (line[length] == '\n');
    }
    return WTFCB_OK;
}

static void add_text(wtfcb_base_buffer *buffer, const char *key, const char *value)
{
    wtfcb_base_buffer_append_string(buffer, key);
    wtfcb_base_buffer_append_byte(buffer, '=');
    for (; *value; value++)
        wtfcb_base_buffer_append_byte(buffer, *value == '\n' ? ' ' : *value);
    wtfcb_base_buffer_append_byte(buffer, '\n');
}

static void add_number(wtfcb_base_buffer *buffer, const char *key, uint64_t value)
{
    char text[32] = "unknown";
    if (value != WTFCB_UNKNOWN) (void)snprintf(text, sizeof text, "%llu", (unsigned long long)value);
    add_text(buffer, key, text);
}

/* In sixteenths of a GiB: what a kernel keeps of it for itself differs from start to start. */
static uint64_t usable_memory(const wtfcb_system_info *info)
{
    const uint64_t unit = UINT64_C(1) << 26;
    uint64_t bytes = info->memory_total < info->memory_limit ? info->memory_total : info->memory_limit;
    return bytes == WTFCB_UNKNOWN ? bytes : (bytes + unit / 2) / unit * 64;
}

/* Compare what was appended since `from`. */
static wtfcb_status compare_appended(wtfcb_benchmark_runner *runner, size_t from, bool required)
{
    wtfcb_base_buffer_append_byte(&runner->fingerprint, '\0');
    if (runner->fingerprint.failed) return WTFCB_ENOMEM;
    runner->fingerprint.length--;
    return compare_lines(runner, runner->fingerprint.data + from, required);
}

wtfcb_status wtfcb_benchmark_baseline_machine(wtfcb_benchmark_runner *runner)
{
    wtfcb_system_info *info = &runner->report->system;
    wtfcb_base_buffer *buffer = &runner->fingerprint;
    (void)wtfcb_system_get_info(info, sizeof *info);
    add_text(buffer, "processor", info->cpu_model);
    add_text(buffer, "architecture", info->architecture);
    add_number(buffer, "cores", info->cores_usable);
    add_number(buffer, "memory-mib", usable_memory(info));
    add_text(buffer, "kernel", info->kernel);
    add_text(buffer, "compiler", info->compiler);
    add_text(buffer, "version", info->library);
    return compare_appended(runner, 0, true);
}

wtfcb_status wtfcb_benchmark_baseline_inputs(wtfcb_benchmark_runner *runner, const char *inputs)
{
    size_t from = runner->fingerprint.length;
    wtfcb_base_buffer_append_string(&runner->fingerprint, inputs ? inputs : "");
    return compare_appended(runner, from, false);
}

/* ------------------------------------------------------------------------------------------------------------------ */
/* Rows */

/* Up to MOST_DIFFERENCES of the samples, as logarithms. False: one is not above 0. */
static bool thin(const double *samples, uint64_t count, double *logs, size_t *ret_count)
{
    size_t taken = count < MOST_DIFFERENCES ? (size_t)count : MOST_DIFFERENCES;
    for (size_t i = 0; i < taken; i++) {
        double value = samples[i * count / taken];
        if (!isgreater(value, 0)) return false;
        logs[i] = log(value);
    }
    *ret_count = taken;
    return true;
}

/* How many standard errors the middle `level` of a normal distribution reaches to either side. */
static double normal_reach(double level)
{
    double low = 0;
    double high = 40;
    for (int i = 0; i < 60; i++) {
        double middle = (low + high) / 2;
        if (erf(middle / sqrt(2)) < level)
            low = middle;
        else
            high = middle;
    }
    return high;
}

/*
 * Hodges and Lehmann's estimate of the shift between two samples, the median of all differences, and its interval by the Mann-Whitney distribution's
 * normal approximation, rounded outwards (Hollander, Wolfe and Chicken, sections 4.2 and 4.3). `differences` has room for nx * ny, and is sorted.
 */
static void shift_between(const double *x, size_t nx, const double *y, size_t ny, double level, double *differences,
                          wtfcb_benchmark_comparison *figures)
{
    const size_t count = nx * ny;
    for (size_t i = 0; i < nx; i++)
        for (size_t j = 0; j < ny; j++)
            differences[i * ny + j] = y[j] - x[i];
    wtfcb_benchmark_sort(differences, count);
    double error = sqrt((double)count * (double)(nx + ny + 1) / 12);
    double rank = floor((double)count / 2 - normal_reach(level) * error);
    figures->sufficient = rank >= 1;
    size_t r = figures->sufficient ? (size_t)rank : 1;
    double middle = 0;
    (void)wtfcb_benchmark_median(differences, count, &middle);
    figures->ratio = exp(middle);
    figures->low = exp(differences[r - 1]);
    figures->high = exp(differences[count - r]);
    figures->level = figures->sufficient ? level : 0;
}

/* Of a time, what equal halves of either row's samples differed by is noise. */
static double least_effect(const wtfcb_benchmark_runner *runner, uint32_t measure, const wtfcb_benchmark_row *before,
                           const wtfcb_benchmark_row *after)
{
    double least = runner->options->least_effect;
    if (measure == WTFCB_REPORT_MEMORY)
        return wtfcb_benchmark_least_memory(least, before->samples[measure - 1], (size_t)before->row.runs);
    return fmax(least, fmax(before->row.noise, after->row.noise));
}

wtfcb_status wtfcb_benchmark_baseline_compare(wtfcb_benchmark_runner *runner, wtfcb_benchmark_contest *contest)
{
    const wtfcb_benchmark_row *before = &runner->baseline->rows[contest->before];
    const wtfcb_benchmark_row *after = &runner->report->rows[runner->first_rows[contest->group] + contest->after];
    const double *x = before->samples[contest->measure - 1];
    const double *y = after->samples[contest->measure - 1];
    contest->held = false;
    if (!x || !y) return WTFCB_OK;
    const size_t nx = (size_t)before->row.runs;
    const size_t ny = (size_t)after->row.runs;
    const size_t logs = (size_t)2 * MOST_DIFFERENCES;
    const size_t test = wtfcb_benchmark_mann_whitney_scratch(nx, ny);
    const size_t all = (size_t)MOST_DIFFERENCES * MOST_DIFFERENCES;
    double *room = wtfcb_benchmark_scratch(runner, logs + (test > all ? test : all));
    if (!room) return WTFCB_ENOMEM;
    wtfcb_benchmark_rank_sum sum;
    size_t fewer_x, fewer_y;
    if (!thin(x, nx, room, &fewer_x) || !thin(y, ny, room + MOST_DIFFERENCES, &fewer_y) ||
        wtfcb_benchmark_mann_whitney(y, ny, x, nx, room + logs, &sum) != WTFCB_OK)
        return WTFCB_OK;
    contest->figures = (wtfcb_benchmark_comparison){.p = sum.p, .p_sequence = sum.p, .superiority = sum.a12};
    shift_between(room, fewer_x, room + MOST_DIFFERENCES, fewer_y, contest->rule.level, room + logs, &contest->figures);
    contest->rule.minimum_effect = least_effect(runner, contest->measure, before, after);
    contest->count_before = nx;
    contest->count_after = ny;
    contest->held = true;
    return WTFCB_OK;
}
