/*
 * Quick versions of what test/bench/benchmark_verdicts.c shows at length: the same is not called different, 5 % more work and 20 % more memory are found.
 *
 * A test machine may be as busy as it likes, so a verdict may be open; it may not be wrong, and of several tries most have to come out.
 */
#include <wtfcb/benchmark.h>

#include "../test.h"

enum { UNITS = 100, NUMBERS = 96 };

typedef struct work {
    unsigned units;
    size_t keep;
    int numbers[NUMBERS];
    uint32_t digest;
} work;

static int by_size(const void *a, const void *b)
{
    const int x = *(const int *)a;
    const int y = *(const int *)b;
    return x < y ? -1 : x > y;
}

static wtfcb_status sort(void *user)
{
    work *w = user;
    for (unsigned unit = 0; unit < w->units; unit++) {
        uint32_t state = unit % 16;
        for (int i = 0; i < NUMBERS; i++) {
            state = state * 1664525u + 1013904223u;
            w->numbers[i] = (int)(state >> 8);
        }
        qsort(w->numbers, NUMBERS, sizeof *w->numbers, by_size);
        w->digest += (uint32_t)w->numbers[NUMBERS / 2];
    }
    return WTFCB_OK;
}

static wtfcb_status keep(void *user)
{
    work *w = user;
    volatile char *block = malloc(w->keep);
    if (!block) return WTFCB_ENOMEM;
    for (size_t i = 0; i < w->keep; i += 512) /* volatile: else a compiler sees that nobody needs it */
        block[i] = 1;
    free((void *)(uintptr_t)block);
    return WTFCB_OK;
}

/* Verdicts of one comparison, by what they are. */
static void compare(work *before, work *after, wtfcb_benchmark_run_fn run, int isolate, uint32_t measure,
                    unsigned *counts)
{
    wtfcb_benchmark *benchmark;
    wtfcb_report *report;
    wtfcb_report_comparison c;
    wtfcb_error error = WTFCB_ERROR_INIT;
    ck_assert_int_eq(wtfcb_benchmark_new(NULL, "verdicts", &benchmark), WTFCB_OK);
    wtfcb_benchmark_function a = {.name = "before", .run = run, .user = before};
    wtfcb_benchmark_function b = {.name = "after", .run = run, .user = after};
    ck_assert_int_eq(wtfcb_benchmark_add_function(benchmark, &a, sizeof a), WTFCB_OK);
    ck_assert_int_eq(wtfcb_benchmark_add_function(benchmark, &b, sizeof b), WTFCB_OK);
    ck_assert_int_eq(wtfcb_benchmark_compare(benchmark, "before", "after"), WTFCB_OK);
    ck_assert_int_eq(wtfcb_benchmark_set(benchmark, WTFCB_BENCHMARK_ISOLATE, isolate), WTFCB_OK);
    ck_assert_int_eq(wtfcb_benchmark_set(benchmark, WTFCB_BENCHMARK_TIME, 2000), WTFCB_OK);
    ck_assert_msg(wtfcb_benchmark_run(benchmark, &report, &error) == WTFCB_OK, "%s", error.message);
    for (uint64_t i = 0; wtfcb_report_comparison_at(report, i, &c, sizeof c) == WTFCB_OK; i++)
        if (c.measure == measure) counts[c.verdict]++;
    wtfcb_report_free(report);
    wtfcb_benchmark_free(benchmark);
}

START_TEST(the_same_is_not_called_different)
{
    static work w = {.units = UNITS, .keep = 4 << 20};
    unsigned counts[5] = {0};
    for (int i = 0; i < 4; i++)
        compare(&w, &w, sort, 0, WTFCB_REPORT_WALL, counts);
    ck_assert_uint_eq(counts[WTFCB_VERDICT_BETTER] + counts[WTFCB_VERDICT_WORSE], 0);
    memset(counts, 0, sizeof counts);
    compare(&w, &w, keep, 1, WTFCB_REPORT_MEMORY, counts);
    ck_assert_uint_eq(counts[WTFCB_VERDICT_SAME], 1);
}
END_TEST

START_TEST(five_per_cent_more_work_is_found)
{
    static work before = {.units = UNITS}, after = {.units = UNITS * 105 / 100};
    unsigned counts[5] = {0};
    for (int i = 0; i < 4; i++)
        compare(&before, &after, sort, 0, WTFCB_REPORT_WALL, counts);
    ck_assert_uint_eq(counts[WTFCB_VERDICT_BETTER] + counts[WTFCB_VERDICT_SAME], 0);
    ck_assert_uint_ge(counts[WTFCB_VERDICT_WORSE], 3);
    memset(counts, 0, sizeof counts);
    for (int i = 0; i < 4; i++)
        compare(&after, &before, sort, 0, WTFCB_REPORT_WALL, counts);
    ck_assert_uint_ge(counts[WTFCB_VERDICT_BETTER], 3);
}
END_TEST

START_TEST(twenty_per_cent_more_memory_is_found)
{
    static work before = {.keep = 5 << 20}, after = {.keep = 6 << 20};
    unsigned counts[5] = {0};
    compare(&before, &after, keep, 1, WTFCB_REPORT_MEMORY, counts);
    ck_assert_uint_eq(counts[WTFCB_VERDICT_WORSE], 1);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("benchmark verdicts");
    TCase *t = tcase_create("verdicts");
    tcase_add_test(t, the_same_is_not_called_different);
    tcase_add_test(t, five_per_cent_more_work_is_found);
    tcase_add_test(t, twenty_per_cent_more_memory_is_found);
    suite_add_tcase(s, t);
    return s;
}

WTFCB_TEST_MAIN(suite)
