/*
 * The writers of a profile: what they write is compared with golden files, which were computed by hand or read by the real tools
 * (test/tools/profile-readers), and what holds of every output is checked on larger profiles.
 *
 * WTFCB_UPDATE_GOLDEN=1 writes the golden files anew. WTFCB_PROFILE_SAMPLES=DIR keeps what is written, for the real tools to read.
 */
#include <inttypes.h>

#include <jansson.h>

#include <wtfcb/version.h>

#include "../base/counting.h"
#include "../test.h"
#include "export_sample.h"
#include "pprof_read.h"
#include "profiler/course.h"
#include "profiler/export.h"
#include "profiler/forest.h"

typedef wtfcb_status (*export_fn)(const wtfcb_profile *profile, wtfcb_base_writer *out);

static const struct {
    const char *ending;
    export_fn write;
} formats[] = {
    {"speedscope.json", wtfcb_profiler_export_speedscope},
    {"trace.json", wtfcb_profiler_export_chrome},
    {"pb.gz", wtfcb_profiler_export_pprof},
    {"folded", wtfcb_profiler_export_collapsed},
    {"html", wtfcb_profiler_export_html},
};
enum { SPEEDSCOPE, CHROME, PPROF, COLLAPSED, HTML, FORMATS };

typedef struct output {
    char *bytes; /* with a NUL behind them */
    size_t length;
    size_t limit; /* of bytes that are taken; 0: none */
} output;

static wtfcb_status take(void *user, const char *bytes, size_t length)
{
    output *o = user;
    if (o->limit > 0 && o->length + length > o->limit) return WTFCB_ENOSPACE;
    o->bytes = realloc(o->bytes, o->length + length + 1);
    ck_assert_ptr_nonnull(o->bytes);
    memcpy(o->bytes + o->length, bytes, length);
    o->length += length;
    o->bytes[o->length] = '\0';
    return WTFCB_OK;
}

static wtfcb_status write_to(output *o, const wtfcb_profile *profile, uint32_t format)
{
    static wtfcb_base_writer writer;
    wtfcb_base_writer_init(&writer, take, o);
    wtfcb_status status = formats[format].write(profile, &writer);
    wtfcb_status flushed = wtfcb_base_writer_flush(&writer);
    return status != WTFCB_OK ? status : flushed;
}

static output written(const wtfcb_profile *profile, uint32_t format)
{
    output o = {0};
    ck_assert_int_eq(write_to(&o, profile, format), WTFCB_OK);
    ck_assert_uint_gt(o.length + (format == COLLAPSED), 0);
    if (!o.bytes) ck_assert_ptr_nonnull(o.bytes = calloc(1, 1));
    return o;
}

/* -------------------------------------------------------------------------------------------------------------------- */
/* Golden files */

static void keep(const char *directory, const char *name, const char *ending, const void *bytes, size_t length)
{
    char path[4096];
    (void)snprintf(path, sizeof path, "%s/%s.%s", directory, name, ending);
    FILE *file = fopen(path, "wb");
    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fwrite(bytes, 1, length, file), length);
    ck_assert_int_eq(fclose(file), 0);
}

static char *read_file(const char *path)
{
    output o = {0};
    char buffer[4096];
    FILE *file = fopen(path, "rb");
    ck_assert_msg(file != NULL, "%s is missing", path);
    for (size_t n; (n = fread(buffer, 1, sizeof buffer, file)) > 0;)
        take(&o, buffer, n);
    ck_assert_int_eq(fclose(file), 0);
    return o.bytes ? o.bytes : calloc(1, 1);
}

/* The version that wrote it is no part of what is compared. */
static void hide_version(char *text)
{
    char version[64];
    (void)snprintf(version, sizeof version, "libwtfcb %s", wtfcb_version_string());
    char *found = strstr(text, version);
    if (found) memset(found + strlen("libwtfcb "), '*', strlen(version) - strlen("libwtfcb "));
}

/* Style and script are read by people, and by browsers; what is compared is what comes from the profile. */
static void cut_out(char *text, const char *from, const char *to)
{
    char *start = strstr(text, from);
    ck_assert_ptr_nonnull(start);
    start += strlen(from);
    char *end = strstr(start, to);
    ck_assert_ptr_nonnull(end);
    memmove(start, end, strlen(end) + 1);
}

static void keep_sample(const char *name, uint32_t format, const output *o)
{
    const char *directory = getenv("WTFCB_PROFILE_SAMPLES");
    if (directory && *directory) keep(directory, name, formats[format].ending, o->bytes, o->length);
}

static void compare(const char *name, uint32_t format, const wtfcb_profile *profile)
{
    output o = written(profile, format);
    keep_sample(name, format, &o);
    char *text = format == PPROF ? pprof_read(o.bytes, o.length) : o.bytes;
    hide_version(text);
    if (format == HTML) {
        cut_out(text, "<style>\n", "</style>");
        cut_out(text, "<script>\n", "</script>");
    }
    char directory[4096];
    char path[8192];
    const char *ending = format == PPROF ? "pprof.txt" : formats[format].ending;
    (void)snprintf(directory, sizeof directory, "%s/profiler/golden", wtfcb_test_data_dir());
    (void)snprintf(path, sizeof path, "%s/%s.%s", directory, name, ending);
    if (getenv("WTFCB_UPDATE_GOLDEN")) keep(directory, name, ending, text, strlen(text));
    char *golden = read_file(path);
    ck_assert_msg(strcmp(text, golden) == 0, "%s differs from:\n%s", path, text);
    free(golden);
    if (text != o.bytes) free(text);
    free(o.bytes);
}

static const struct {
    const char *name;
    unsigned what;
} samples[] = {
    {"whole", EXPORT_ALL},
    {"totals", EXPORT_ZONES},
    {"timeline", EXPORT_TIMELINE | EXPORT_SECTIONS},
    {"allocations", EXPORT_ALLOC},
    {"empty", 0},
};
enum { SAMPLES = 5 };

START_TEST(export_is_as_in_the_golden_files)
{
    wtfcb_profile *profile = export_sample(NULL, samples[_i / FORMATS].what);
    compare(samples[_i / FORMATS].name, (uint32_t)_i % FORMATS, profile);
    wtfcb_profile_free(profile);
}
END_TEST

/* -------------------------------------------------------------------------------------------------------------------- */
/* What holds of every output */

static json_t *parsed(const output *o)
{
    json_error_t error;
    json_t *root = json_loadb(o->bytes, o->length, JSON_REJECT_DUPLICATES, &error);
    ck_assert_msg(root != NULL, "line %d: %s", error.line, error.text);
    return root;
}

/* Of each "evented" profile: what opens closes in turn and time never goes back. Of a "sampled" one the sum of its weights. */
static json_int_t check_speedscope_profile(json_t *profile, json_int_t frames)
{
    json_int_t last = json_integer_value(json_object_get(profile, "startValue"));
    json_int_t end = json_integer_value(json_object_get(profile, "endValue"));
    json_int_t sum = 0;
    json_int_t stack[128];
    size_t depth = 0;
    size_t i;
    json_t *item;
    json_array_foreach(json_object_get(profile, "weights"), i, item) sum += json_integer_value(item);
    json_array_foreach(json_object_get(profile, "events"), i, item)
    {
        json_int_t frame = json_integer_value(json_object_get(item, "frame"));
        json_int_t at = json_integer_value(json_object_get(item, "at"));
        ck_assert_int_ge(at, last);
        ck_assert_int_lt(frame, frames);
        last = at;
        if (strcmp(json_string_value(json_object_get(item, "type")), "O") == 0)
            stack[depth++] = frame;
        else
            ck_assert(depth > 0 && stack[--depth] == frame);
    }
    ck_assert_uint_eq(depth, 0);
    ck_assert_int_ge(end, last);
    ck_assert_uint_eq(json_array_size(json_object_get(profile, "samples")),
                      json_array_size(json_object_get(profile, "weights")));
    ck_assert(!json_object_get(profile, "weights") || sum == end);
    return sum;
}

START_TEST(speedscope_profiles_are_nested_and_add_up)
{
    for (unsigned what = 0; what <= EXPORT_ALL; what++) {
        if ((what & EXPORT_EVENTS) && !(what & EXPORT_ZONES)) continue;
        wtfcb_profile *profile = export_sample(NULL, what);
        output o = written(profile, SPEEDSCOPE);
        json_t *root = parsed(&o);
        json_int_t sum = 0;
        size_t i;
        json_t *item;
        ck_assert_uint_gt(json_array_size(json_object_get(root, "profiles")), 0);
        json_array_foreach(json_object_get(root, "profiles"), i, item) sum +=
            check_speedscope_profile(item, profile->summary.frame_count);
        if (what == EXPORT_ZONES) ck_assert_int_eq(sum, 3000500 + 2000200 + 600 + 900);
        if (what == EXPORT_ALLOC) ck_assert_int_eq(sum, 6144 + 71168);
        json_decref(root);
        free(o.bytes);
        wtfcb_profile_free(profile);
    }
}
END_TEST

START_TEST(collapsed_stacks_add_up_to_the_whole_microseconds)
{
    wtfcb_profile *profile = export_sample_large(5000, 7, 1);
    output o = written(profile, COLLAPSED);
    uint64_t expected = 0;
    uint64_t sum = 0;
    for (uint32_t i = 0; i < profile->summary.node_count; i++)
        expected += profile->nodes[i].self;
    for (char *line = o.bytes, *end; *line; line = end + 1) {
        end = strchr(line, '\n');
        char *blank = end ? memrchr(line, ' ', (size_t)(end - line)) : NULL;
        if (!blank || (strncmp(line, "pool;", 5) != 0 && strncmp(line, "main;", 5) != 0))
            ck_abort_msg("no line of a stack: %s", line);
        sum += strtoull(blank + 1, NULL, 10);
    }
    ck_assert_uint_eq(sum, expected / 1000);
    free(o.bytes);
    wtfcb_profile_free(profile);
}
END_TEST

START_TEST(chrome_counters_cover_the_whole_run_once)
{
    wtfcb_profile *profile = export_sample(NULL, EXPORT_TIMELINE);
    output o = written(profile, CHROME);
    json_t *root = parsed(&o);
    double last = -1;
    size_t rows = 0;
    size_t i;
    json_t *item;
    json_array_foreach(json_object_get(root, "traceEvents"), i, item)
    {
        if (strcmp(json_string_value(json_object_get(item, "name")), "rss") != 0) continue;
        double ts = json_number_value(json_object_get(item, "ts"));
        ck_assert_double_gt(ts, last);
        last = ts;
        rows++;
    }
    /* 0, 10 and 20 s; 30 and 31 s; 32 to 32.4 s; and the end */
    ck_assert_uint_eq(rows, 3 + 2 + 5 + 1);
    ck_assert_double_eq_tol(last, 32500000, 1e-9);
    json_decref(root);
    free(o.bytes);
    wtfcb_profile_free(profile);
}
END_TEST

START_TEST(rate_of_a_short_row_is_that_of_it_and_the_row_before)
{
    static const uint64_t times[] = {100000000, 200000000, 200001000};
    static const uint64_t values[] = {5, 10, 1};
    static const uint64_t unknown[] = {5, WTFCB_UNKNOWN, 1};
    wtfcb_profiler_tier tier = {.interval_ns = 100000000, .count = 3, .times = times};
    ck_assert_uint_eq(wtfcb_profiler_row_rate_milli(&tier, 0, values), 50000);
    ck_assert_uint_eq(wtfcb_profiler_row_rate_milli(&tier, 1, values), 100000);
    ck_assert_uint_eq(wtfcb_profiler_row_rate_milli(&tier, 2, values), 109999); /* 11 in 100.001 ms */
    ck_assert_uint_eq(wtfcb_profiler_row_rate_milli(&tier, 1, unknown), WTFCB_UNKNOWN);
    ck_assert_uint_eq(wtfcb_profiler_row_rate_milli(&tier, 2, unknown), 1000000000);
}
END_TEST

START_TEST(course_of_any_tiers_has_no_overlap)
{
    /* Which of the tiers has rows, and whether the samples reach back to the beginning. */
    for (uint32_t kept = 0; kept < 8; kept++) {
        wtfcb_profile *profile = export_sample(NULL, EXPORT_TIMELINE);
        for (uint32_t tier = 0; tier < WTFCB_TIER_COUNT; tier++)
            if (!(kept & 1u << tier)) profile->tiers[tier].count = 0;
        wtfcb_profiler_course course = wtfcb_profiler_course_of(profile);
        uint64_t covered = 0;
        uint64_t rows = 0;
        for (uint32_t i = 0; i < WTFCB_TIER_COUNT; i++) {
            const wtfcb_profiler_stretch *stretch = &course.stretches[i];
            for (uint64_t row = stretch->from; row < stretch->to; row++, rows++) {
                ck_assert_uint_ge(wtfcb_profiler_row_start(stretch->tier, row), covered);
                covered = stretch->tier->times[row];
            }
        }
        ck_assert_uint_eq(rows > 0, kept > 0);
        if (kept & 1u << WTFCB_TIER_SAMPLES) ck_assert_uint_eq(covered, profile->summary.duration_ns);
        wtfcb_profile_free(profile);
    }
}
END_TEST

START_TEST(pprof_values_add_up_in_a_large_profile)
{
    wtfcb_profile *profile = export_sample_large(10000, 4, 1);
    output o = written(profile, PPROF);
    char *text = pprof_read(o.bytes, o.length);
    uint64_t expected[2] = {0};
    uint64_t sum[2] = {0};
    uint32_t rows = 0;
    for (uint32_t i = 0; i < profile->summary.node_count; i++) {
        expected[0] += profile->nodes[i].count;
        expected[1] += profile->nodes[i].self;
    }
    for (char *line = text, *end; *line; line = end + 1) {
        end = strchr(line, '\n');
        if (!end) ck_abort_msg("a line that does not end");
        *end = '\0';
        char *label = strstr(line, " label ");
        if (strncmp(line, "sample ", 7) != 0 || !label) continue;
        uint64_t values[2];
        *label = '\0';
        if (sscanf(strrchr(line, '"') + 1, "%" SCNu64 "%" SCNu64, &values[0], &values[1]) != 2) ck_abort();
        sum[0] += values[0];
        sum[1] += values[1];
        rows++;
    }
    ck_assert_uint_eq(rows, 10000);
    ck_assert_uint_eq(sum[0], expected[0]);
    ck_assert_uint_eq(sum[1], expected[1]);
    free(text);
    free(o.bytes);
    wtfcb_profile_free(profile);
}
END_TEST

/* What stands in the page as JSON. */
static json_t *data_of_page(const output *o)
{
    static const char mark[] = "<script type=\"application/json\" id=\"profile\">";
    char *start = strstr(o->bytes, mark);
    ck_assert_ptr_nonnull(start);
    start += strlen(mark);
    char *end = strstr(start, "</script>");
    ck_assert_ptr_nonnull(end);
    ck_assert_ptr_null(memchr(start, '<', (size_t)(end - start)));
    return parsed(&(output){.bytes = start, .length = (size_t)(end - start)});
}

START_TEST(page_is_complete_and_needs_nothing_else)
{
    for (unsigned what = 0; what <= EXPORT_ALL; what++) {
        if ((what & EXPORT_EVENTS) && !(what & EXPORT_ZONES)) continue;
        wtfcb_profile *profile = export_sample(NULL, what);
        output o = written(profile, HTML);
        json_t *root = data_of_page(&o);
        size_t rows = json_array_size(json_object_get(json_object_get(root, "course"), "ends_ns"));
        ck_assert_uint_eq(rows, what & EXPORT_TIMELINE ? 3 + 2 + 5 : 0);
        ck_assert_uint_eq(json_array_size(json_object_get(json_object_get(root, "nodes"), "self")),
                          profile->summary.node_count);
        ck_assert_ptr_null(strstr(o.bytes, "<!--@"));
        ck_assert_ptr_null(strstr(o.bytes, "</script><!--"));
        ck_assert_ptr_null(strstr(o.bytes, "<main>\""));
        ck_assert_ptr_null(strstr(o.bytes, "https://"));
        ck_assert_ptr_null(strstr(o.bytes, "src="));
        json_decref(root);
        free(o.bytes);
        wtfcb_profile_free(profile);
    }
}
END_TEST

START_TEST(page_of_ten_thousand_nodes_and_samples_is_below_two_megabytes)
{
    wtfcb_profile *profile = export_sample_large(10000, 8, 10000);
    output o = written(profile, HTML);
    keep_sample("large", HTML, &o);
    json_t *root = data_of_page(&o);
    json_t *values = json_object_get(json_object_get(root, "course"), "values");
    ck_assert_uint_eq(json_array_size(json_object_get(json_object_get(values, "rss"), "maximum")), 10000);
    ck_assert_uint_lt(o.length, 2u << 20);
    json_decref(root);
    free(o.bytes);
    wtfcb_profile_free(profile);
}
END_TEST

/* -------------------------------------------------------------------------------------------------------------------- */
/* What goes wrong */

START_TEST(export_reports_every_allocation_that_fails)
{
    counting c;
    counting_init(&c);
    wtfcb_profile *profile = export_sample(&c.allocator, EXPORT_ALL);
    unsigned long at = 0;
    bool failed;
    do {
        output o = {0};
        long live = atomic_load(&c.live);
        counting_fail(&c, ++at, false);
        wtfcb_status status = write_to(&o, profile, (uint32_t)_i);
        failed = atomic_load(&c.failed) > 0;
        ck_assert_int_eq(status, failed ? WTFCB_ENOMEM : WTFCB_OK);
        ck_assert_int_eq(atomic_load(&c.live), live);
        free(o.bytes);
    } while (failed);
    counting_fail(&c, 0, false);
    wtfcb_profile_free(profile);
    counting_assert_clean(&c);
}
END_TEST

START_TEST(export_reports_what_the_writer_answers)
{
    wtfcb_profile *profile = export_sample_large(10000, 4, 100);
    output whole = written(profile, (uint32_t)_i);
    output o = {.limit = whole.length - 1};
    ck_assert_int_eq(write_to(&o, profile, (uint32_t)_i), WTFCB_ENOSPACE);
    free(o.bytes);
    free(whole.bytes);
    wtfcb_profile_free(profile);
}
END_TEST

static void nothing(void *user, uint32_t item, uint32_t depth)
{
    (void)item;
    uint64_t *deepest = user;
    if (depth > *deepest) *deepest = depth;
}

START_TEST(forest_of_a_million_nodes_in_each_other_needs_no_stack)
{
    enum { DEPTH = 1000000 };
    wtfcb_profile *profile = export_sample(NULL, EXPORT_ZONES);
    wtfcb_profile_node *nodes = wtfcb_profiler_profile_rows(profile, DEPTH, sizeof *nodes);
    ck_assert_ptr_nonnull(nodes);
    for (uint32_t i = 0; i < DEPTH; i++)
        nodes[i] = (wtfcb_profile_node){.tree = WTFCB_TREE_ZONES, .parent = i - 1, .self = 1};
    profile->nodes = nodes;
    profile->summary.node_count = DEPTH;
    wtfcb_profiler_forest forest;
    wtfcb_profiler_forest_init(&forest, &profile->allocator);
    uint32_t end;
    uint64_t deepest = 0;
    ck_assert_int_eq(wtfcb_profiler_forest_nodes(&forest, profile, 0, &end), WTFCB_OK);
    ck_assert_uint_eq(end, DEPTH);
    wtfcb_profiler_forest_walk(&forest, nothing, nothing, &deepest);
    ck_assert_uint_eq(deepest, DEPTH - 1);
    wtfcb_profiler_forest_free(&forest);
    wtfcb_profile_free(profile);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("export");
    TCase *t = tcase_create("export");
    tcase_add_loop_test(t, export_is_as_in_the_golden_files, 0, SAMPLES * FORMATS);
    tcase_add_test(t, speedscope_profiles_are_nested_and_add_up);
    tcase_add_test(t, collapsed_stacks_add_up_to_the_whole_microseconds);
    tcase_add_test(t, chrome_counters_cover_the_whole_run_once);
    tcase_add_test(t, rate_of_a_short_row_is_that_of_it_and_the_row_before);
    tcase_add_test(t, course_of_any_tiers_has_no_overlap);
    tcase_add_test(t, pprof_values_add_up_in_a_large_profile);
    tcase_add_test(t, page_is_complete_and_needs_nothing_else);
    tcase_add_test(t, page_of_ten_thousand_nodes_and_samples_is_below_two_megabytes);
    tcase_add_loop_test(t, export_reports_every_allocation_that_fails, 0, FORMATS);
    tcase_add_loop_test(t, export_reports_what_the_writer_answers, 0, FORMATS);
    tcase_add_test(t, forest_of_a_million_nodes_in_each_other_needs_no_stack);
    suite_add_tcase(s, t);
    return s;
}

WTFCB_TEST_MAIN(suite)
