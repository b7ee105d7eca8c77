/*
 * Reports from files: what was saved comes back to the byte, whatever is wrong with a file is refused with the place where it is, and memory that runs out leaves
 * nothing behind.
 */
#include <math.h>

#include <wtfcb/report.h>

#include "../base/counting.h"
#include "benchmark/report_load.h"
#include "sample_report.h"

typedef struct output {
    char *bytes;
    size_t length;
} output;

static wtfcb_status take(void *user, const char *bytes, size_t length)
{
    output *o = user;
    o->bytes = realloc(o->bytes, o->length + length + 1);
    ck_assert_ptr_nonnull(o->bytes);
    memcpy(o->bytes + o->length, bytes, length);
    o->length += length;
    o->bytes[o->length] = '\0';
    return WTFCB_OK;
}

static output written(const wtfcb_report *report)
{
    output o = {0};
    ck_assert_int_eq(wtfcb_report_write(report, WTFCB_REPORT_JSON, take, &o), WTFCB_OK);
    return o;
}

static wtfcb_status parse(const char *text, wtfcb_report **ret_report, wtfcb_error *error)
{
    return wtfcb_benchmark_report_parse(NULL, "r.json", text, strlen(text), ret_report, error);
}

START_TEST(saved_report_comes_back_to_the_byte)
{
    char *folder = wtfcb_test_directory();
    char path[4096];
    (void)snprintf(path, sizeof path, "%s/report.json", folder);
    for (int which = 0; which < SAMPLE_REPORTS; which++) {
        wtfcb_report *report = sample_report(NULL, which), *loaded = NULL;
        wtfcb_error error = WTFCB_ERROR_INIT;
        ck_assert_int_eq(wtfcb_report_save(report, path, WTFCB_REPORT_BY_NAME, &error), WTFCB_OK);
        wtfcb_status status = wtfcb_report_load(NULL, path, &loaded, &error);
        ck_assert_msg(status == WTFCB_OK, "%d: %s", which, error.message);
        output first = written(report), second = written(loaded);
        ck_assert_str_eq(first.bytes, second.bytes);
        free(first.bytes);
        free(second.bytes);
        wtfcb_report_free(report);
        wtfcb_report_free(loaded);
    }
    free(folder);
}
END_TEST

START_TEST(loaded_report_answers_as_the_measured_one)
{
    wtfcb_report *report = sample_report(NULL, SAMPLE_RICH), *loaded = NULL;
    output o = written(report);
    ck_assert_int_eq(parse(o.bytes, &loaded, NULL), WTFCB_OK);
    for (uint32_t i = 0; i < report->summary.row_count; i++) {
        for (uint32_t m = 0; m < WTFCB_REPORT_MEASURES; m++) {
            const wtfcb_report_figure *f = &report->rows[i].figures[m], *g = &loaded->rows[i].figures[m];
            ck_assert_uint_eq(f->count, g->count);
            ck_assert_double_eq(f->median, g->median);
            ck_assert_double_eq(f->low, g->low);
            ck_assert_double_eq(f->high, g->high);
            ck_assert_double_eq(f->deviation, g->deviation);
            ck_assert_uint_eq(f->high_severe, g->high_severe);
        }
        ck_assert_double_eq(report->rows[i].row.speedup_high, loaded->rows[i].row.speedup_high);
        ck_assert_double_eq(report->rows[i].row.noise, loaded->rows[i].row.noise);
        ck_assert_uint_eq(report->rows[i].row.flags, loaded->rows[i].row.flags);
        ck_assert_int_eq(report->rows[i].row.status, loaded->rows[i].row.status);
        ck_assert_ptr_null(loaded->rows[i].profile);
    }
    for (uint32_t i = 0; i < report->summary.comparison_count; i++) {
        ck_assert_uint_eq(report->comparisons[i].verdict, loaded->comparisons[i].verdict);
        ck_assert_uint_eq(report->comparisons[i].method, loaded->comparisons[i].method);
        ck_assert_uint_eq(report->comparisons[i].measure, loaded->comparisons[i].measure);
    }
    ck_assert_uint_eq(loaded->summary.outcome, WTFCB_OUTCOME_REGRESSION);
    ck_assert_uint_eq(loaded->scalings[0].scaling.fitted, 3);
    free(o.bytes);
    wtfcb_report_free(report);
    wtfcb_report_free(loaded);
}
END_TEST

#define HEAD "{\"schema\":1,\"type\":\"wtfcb-report\""
#define ALL(inside) HEAD ",\"wtfcb\":{" inside "}}"
#define ROW(inside) ALL("\"rows\":[{" inside "}]")

START_TEST(keys_that_are_missing_or_not_known_are_no_fault)
{
    static const char *const texts[] = {
        ALL(""),
        ALL("\"later\":[{}],\"outcome\":\"later\",\"rows\":[{\"kind\":\"later\",\"flags\":[\"later\",\"cut\"],\"status\":\"WTFCB_LATER\"}]"),
        HEAD ",\"results\":7,\"wtfcb\":{}}",
        ROW("\"runs\":2,\"samples\":{\"later\":[],\"wall\":[1,2.5]},\"figures\":{\"wall\":7}"),
        ROW("\"runs\":0,\"samples\":{\"wall\":[]}"),
        ALL("\"rows\":[{}],\"comparisons\":[{\"verdict\":\"later\",\"p\":null,\"change\":-0.0}],\"scalings\":[{\"points\":[{\"row\":0}]}],\"advice\":[{}]"),
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        wtfcb_report *report = NULL;
        wtfcb_error error = WTFCB_ERROR_INIT;
        ck_assert_msg(parse(texts[i], &report, &error) == WTFCB_OK, "%s: %s", texts[i], error.message);
        output first = written(report);
        wtfcb_report_free(report);
        ck_assert_int_eq(parse(first.bytes, &report, NULL), WTFCB_OK);
        output second = written(report);
        ck_assert_str_eq(first.bytes, second.bytes);
        free(first.bytes);
        free(second.bytes);
        wtfcb_report_free(report);
    }
}
END_TEST

/* What is wrong, and what the message has to name. */
static const struct wrong {
    const char *text, *named;
} wrongs[] = {
    {"", "line 1"},
    {"[]", "type"},
    {"{\"schema\":1,\"type\":\"wtfcb-profile\"}", "type is \"wtfcb-profile\""},
    {"{\"schema\":2,\"type\":\"wtfcb-report\",\"wtfcb\":{}}", "schema"},
    {HEAD "}", "wtfcb is missing"},
    {HEAD ",\"wtfcb\":[]}", "wtfcb is not an object"},
    {ALL("\"name\":7"), "wtfcb.name"},
    {ALL("\"name\":\"\\u0000\""), "line 1"},
    {ALL("\"confidence\":1"), "wtfcb.confidence"},
    {ALL("\"confidence\":null"), "wtfcb.confidence"},
    {ALL("\"confidence\":\"0.95\""), "wtfcb.confidence"},
    {ALL("\"outcome\":1"), "wtfcb.outcome"},
    {ALL("\"system\":{\"kernel\":1}"), "wtfcb.system.kernel"},
    {ALL("\"rows\":{}"), "wtfcb.rows"},
    {ALL("\"rows\":[1]"), "wtfcb.rows[0]"},
    {ROW("\"runs\":-1"), "wtfcb.rows[0].runs"},
    {ROW("\"runs\":3"), "wtfcb.rows[0].runs is not 0"},
    {ROW("\"flags\":{}"), "wtfcb.rows[0].flags"},
    {ROW("\"flags\":[1]"), "wtfcb.rows[0].flags[0]"},
    {ROW("\"reference\":1"), "wtfcb.rows[0].reference"},
    {ROW("\"reference\":4294967295"), "wtfcb.rows[0].reference"},
    {ROW("\"threads\":4294967296"), "wtfcb.rows[0].threads"},
    {ROW("\"samples\":[]"), "wtfcb.rows[0].samples"},
    {ROW("\"samples\":{\"wall\":1}"), "wtfcb.rows[0].samples.wall"},
    {ROW("\"runs\":2,\"samples\":{\"wall\":[1]}"), "wtfcb.rows[0].samples.wall has not as many"},
    {ROW("\"samples\":{\"wall\":[1]}"), "wtfcb.rows[0].samples.wall has not as many"},
    {ROW("\"runs\":18446744073709551615,\"samples\":{\"wall\":[1]}"), "line 1"},
    {ROW("\"runs\":9223372036854775807,\"samples\":{\"wall\":[1]}"), "wtfcb.rows[0].samples.wall has not as many"},
    {ROW("\"runs\":2,\"samples\":{\"wall\":[1,null]}"), "wtfcb.rows[0].samples.wall[1]"},
    {ROW("\"runs\":1,\"samples\":{\"wall\":[-1]}"), "wtfcb.rows[0].samples.wall[0]"},
    {ROW("\"runs\":1,\"samples\":{\"wall\":[1e101]}"), "wtfcb.rows[0].samples.wall[0]"},
    {ALL("\"comparisons\":[{\"p\":\"\"}]"), "wtfcb.comparisons[0].p"},
    {ALL("\"comparisons\":[{\"verdict\":2}]"), "wtfcb.comparisons[0].verdict"},
    {ALL("\"comparisons\":[{\"again\":2}]"), "wtfcb.comparisons[0].again"},
    {ALL("\"scalings\":[{\"points\":{}}]"), "wtfcb.scalings[0].points"},
    {ALL("\"scalings\":[{\"points\":[{}]}]"), "wtfcb.scalings[0].points[0].row is missing"},
    {ALL("\"scalings\":[{\"points\":[{\"row\":0}]}]"), "wtfcb.scalings[0].points[0].row has no row"},
    {ALL("\"rows\":[{}],\"scalings\":[{\"points\":[{\"row\":0,\"threads\":2},{\"row\":0,\"threads\":2}]}]"),
     "wtfcb.scalings[0].points[1].threads"},
    {ALL("\"advice\":[{\"text\":[]}]"), "wtfcb.advice[0].text"},
};

START_TEST(wrong_file_is_refused_by_the_name_of_its_key)
{
    for (size_t i = 0; i < sizeof wrongs / sizeof *wrongs; i++) {
        wtfcb_report *report = NULL;
        wtfcb_error error = WTFCB_ERROR_INIT;
        ck_assert_msg(parse(wrongs[i].text, &report, &error) == WTFCB_EFORMAT, "%s was read", wrongs[i].text);
        ck_assert_ptr_null(report);
        ck_assert_int_eq(error.status, WTFCB_EFORMAT);
        ck_assert_str_eq(error.path, "r.json");
        ck_assert_msg(strstr(error.message, wrongs[i].named), "%s: %s", wrongs[i].text, error.message);
        ck_assert_int_eq(parse(wrongs[i].text, &report, NULL), WTFCB_EFORMAT);
    }
}
END_TEST

START_TEST(every_cut_and_every_changed_byte_is_refused_or_read)
{
    wtfcb_report *report = sample_report(NULL, SAMPLE_HOSTILE), *loaded;
    output o = written(report);
    wtfcb_report_free(report);
    size_t step = wtfcb_test_long() ? 1 : 7;
    for (size_t i = 0; i < o.length - 1 /* a line feed */; i += step) {
        loaded = NULL;
        wtfcb_status status = wtfcb_benchmark_report_parse(NULL, "r", o.bytes, i, &loaded, NULL);
        ck_assert_int_eq(status, WTFCB_EFORMAT);
        char was = o.bytes[i];
        o.bytes[i] = was == '1' ? '9' : '1';
        status = wtfcb_benchmark_report_parse(NULL, "r", o.bytes, o.length, &loaded, NULL);
        ck_assert(status == WTFCB_EFORMAT || status == WTFCB_OK);
        ck_assert(!loaded == (status != WTFCB_OK));
        o.bytes[i] = was;
        wtfcb_report_free(loaded);
    }
    free(o.bytes);
}
END_TEST

START_TEST(arguments_and_files_are_checked)
{
    char *folder = wtfcb_test_directory();
    char path[4096];
    wtfcb_report *report = NULL;
    wtfcb_error error = WTFCB_ERROR_INIT;
    wtfcb_allocator incomplete = {0};
    (void)snprintf(path, sizeof path, "%s/none.json", folder);
    ck_assert_int_eq(wtfcb_report_load(NULL, path, &report, &error), WTFCB_ENOTFOUND);
    ck_assert_int_eq(error.status, WTFCB_ENOTFOUND);
    ck_assert_int_eq(wtfcb_report_load(NULL, folder, &report, NULL), WTFCB_ESPECIAL);
    ck_assert_int_eq(wtfcb_report_load(NULL, NULL, &report, NULL), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_report_load(NULL, path, NULL, NULL), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_report_load(&incomplete, path, &report, NULL), WTFCB_EINVAL);
    ck_assert_ptr_null(report);
    free(folder);
}
END_TEST

/* -------------------------------------------------------------------------------------------------------------------- */
/* Memory that runs out: the n-th allocation fails, once alone and once with all that follow. */

static counting memory;

static wtfcb_status load(const output *text)
{
    wtfcb_report *report = NULL;
    wtfcb_error error = WTFCB_ERROR_INIT;
    wtfcb_status status =
        wtfcb_benchmark_report_parse(&memory.allocator, "r", text->bytes, text->length, &report, &error);
    ck_assert(!report == (status != WTFCB_OK));
    ck_assert_int_eq(error.status, status);
    wtfcb_report_free(report);
    return status;
}

static wtfcb_status drop(void *user, const char *bytes, size_t length)
{
    (void)user;
    (void)bytes;
    (void)length;
    return WTFCB_OK;
}

/* The report itself is made while memory is there. */
static wtfcb_status write_page(const output *text)
{
    unsigned long fail_at = memory.fail_at;
    bool rest = memory.fail_rest;
    wtfcb_report *report = NULL;
    counting_fail(&memory, 0, false);
    ck_assert_int_eq(wtfcb_benchmark_report_parse(&memory.allocator, "r", text->bytes, text->length, &report, NULL),
                     WTFCB_OK);
    counting_fail(&memory, fail_at, rest);
    wtfcb_status status = wtfcb_report_write(report, WTFCB_REPORT_HTML, drop, NULL);
    wtfcb_report_free(report);
    return status;
}

START_TEST(call_without_memory_says_so_and_leaves_nothing)
{
    wtfcb_status (*const calls[])(const output *) = {load, write_page};
    counting_init(&memory);
    wtfcb_report *report = sample_report(NULL, SAMPLE_RICH);
    output text = written(report);
    wtfcb_report_free(report);
    for (unsigned long n = 1;; n++) {
        counting_fail(&memory, n, _i % 2 == 1);
        wtfcb_status status = calls[_i / 2](&text);
        bool failed = atomic_load(&memory.failed) > 0;
        ck_assert_int_eq(status, failed ? WTFCB_ENOMEM : WTFCB_OK);
        counting_assert_clean(&memory);
        if (!failed) break;
        ck_assert_uint_lt(n, 10000);
    }
    free(text.bytes);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("report_load");
    TCase *t = tcase_create("load");
    tcase_set_timeout(t, 120);
    tcase_add_test(t, saved_report_comes_back_to_the_byte);
    tcase_add_test(t, loaded_report_answers_as_the_measured_one);
    tcase_add_test(t, keys_that_are_missing_or_not_known_are_no_fault);
    tcase_add_test(t, wrong_file_is_refused_by_the_name_of_its_key);
    tcase_add_test(t, every_cut_and_every_changed_byte_is_refused_or_read);
    tcase_add_test(t, arguments_and_files_are_checked);
    tcase_add_loop_test(t, call_without_memory_says_so_and_leaves_nothing, 0, 4);
    suite_add_tcase(s, t);
    return s;
}

WTFCB_TEST_MAIN(suite)
