/*
 * Sets of profiles: what is taken from a profile, statistics against those of Python's `statistics` (mean, median, stdev, quantiles with the
 * inclusive method, which is R-7), merging, comparing, files.
 */
#include <wtfcb/profile_set.h>

#include <jansson.h>
#include <math.h>

#include "../test.h"
#include "profiler/profile.h"
#include "profiler/profile_set.h"
#include "profiler/profile_set_file.h"
#include "sample_profile.h"

static wtfcb_profile_set *set;

static void setup(void)
{
    ck_assert_int_eq(wtfcb_profile_set_new(NULL, &set), WTFCB_OK);
}

static void teardown(void)
{
    wtfcb_profile_set_free(set);
}

static wtfcb_profile_set_stats row_at(wtfcb_profile_set *of, uint64_t index)
{
    wtfcb_profile_set_stats row;
    ck_assert_int_eq(wtfcb_profile_set_row(of, index, &row, sizeof row), WTFCB_OK);
    return row;
}

/* A profile of one figure, or with a zone of two. */
static wtfcb_profile *brief(const char *name, uint64_t duration, const char *zone, uint64_t total)
{
    wtfcb_profile *profile = NULL;
    ck_assert_int_eq(wtfcb_profiler_profile_new(NULL, &profile), WTFCB_OK);
    profile->summary.name = name;
    profile->summary.duration_ns = duration;
    if (!zone) return profile;
    wtfcb_profile_frame *frame = wtfcb_profiler_profile_rows(profile, 1, sizeof *frame);
    ck_assert_ptr_nonnull(frame);
    *frame = (wtfcb_profile_frame){
        .name = zone, .function = "", .file = "", .object = "", .tree = WTFCB_TREE_ZONES, .count = 1, .total = total};
    profile->frames = frame;
    profile->summary.frame_count = 1;
    return profile;
}

static void add(wtfcb_profile_set *to, const char *name, uint64_t duration, const char *zone, uint64_t total)
{
    wtfcb_profile *profile = brief(name, duration, zone, total);
    ck_assert_int_eq(wtfcb_profile_set_add(to, NULL, profile), WTFCB_OK);
    wtfcb_profile_free(profile);
}

START_TEST(profile_gives_its_measures_and_zones)
{
    wtfcb_profile *profile = sample_profile(NULL, SAMPLE_ALL);
    ck_assert_int_eq(wtfcb_profile_set_add(set, "given", profile), WTFCB_OK);
    static const struct {
        uint32_t measure, unit;
        double value;
    } expected[] = {
        {WTFCB_MEASURE_DURATION, WTFCB_METRIC_NS, 25e9},
        {WTFCB_MEASURE_CPU, WTFCB_METRIC_NS, 12345678901},
        {WTFCB_MEASURE_RSS_PEAK, WTFCB_METRIC_BYTES, 90 << 20},
        {WTFCB_MEASURE_RSS_MEAN, WTFCB_METRIC_BYTES, 1 << 19},
        {WTFCB_MEASURE_RSS_MINIMUM, WTFCB_METRIC_BYTES, 0},
        {WTFCB_MEASURE_READ, WTFCB_METRIC_BYTES, 10 << 20},
        {WTFCB_MEASURE_WRITTEN, WTFCB_METRIC_BYTES, 11 << 20},
        {WTFCB_MEASURE_MAJOR_FAULTS, WTFCB_METRIC_COUNT, 7 << 20},
    };
    uint64_t measures = sizeof expected / sizeof *expected;
    for (uint64_t i = 0; i < measures; i++) {
        wtfcb_profile_set_stats row = row_at(set, i);
        ck_assert_str_eq(row.name, "given");
        ck_assert_str_eq(row.frame, "");
        ck_assert_uint_eq(row.measure, expected[i].measure);
        ck_assert_uint_eq(row.unit, expected[i].unit);
        ck_assert_double_eq(row.mean, expected[i].value);
        ck_assert_uint_eq(row.count, 1);
    }
    ck_assert_uint_eq(wtfcb_profile_set_count(set), measures + SAMPLE_FRAMES - 1); /* one zone was never left */
    for (uint64_t i = measures; i < wtfcb_profile_set_count(set); i++) {
        wtfcb_profile_set_stats row = row_at(set, i);
        ck_assert_uint_eq(row.measure, WTFCB_MEASURE_ZONE);
        if (i > measures) ck_assert_int_lt(strcmp(row_at(set, i - 1).frame, row.frame), 0);
    }
    wtfcb_profile_free(profile);
}
END_TEST

START_TEST(what_is_not_known_has_no_row)
{
    add(set, "bare", 7, NULL, 0);
    ck_assert_uint_eq(wtfcb_profile_set_count(set), 1);
    ck_assert_uint_eq(row_at(set, 0).measure, WTFCB_MEASURE_DURATION);
}
END_TEST

START_TEST(sites_of_one_name_are_one_zone)
{
    wtfcb_profile *profile = brief("p", 1, "z", 1);
    wtfcb_profile_frame frames[4];
    for (uint32_t i = 0; i < 4; i++) {
        frames[i] = profile->frames[0];
        frames[i].name = i % 2 ? "b\xff" : "a";
        frames[i].total = 1U << i;
    }
    profile->frames = frames;
    profile->summary.frame_count = 4;
    ck_assert_int_eq(wtfcb_profile_set_add(set, NULL, profile), WTFCB_OK);
    ck_assert_uint_eq(wtfcb_profile_set_count(set), 3);
    ck_assert_str_eq(row_at(set, 1).frame, "a");
    ck_assert_double_eq(row_at(set, 1).total, 5);
    ck_assert_str_eq(row_at(set, 2).frame, "b\xef\xbf\xbd");
    ck_assert_double_eq(row_at(set, 2).total, 10);
    ck_assert_uint_eq(row_at(set, 2).count, 1);
    wtfcb_profile_free(profile);
}
END_TEST

START_TEST(rows_stand_by_name_measure_and_zone)
{
    add(set, "b", 1, "z", 2);
    add(set, "a", 1, "y", 2);
    add(set, "b", 3, "x", 2);
    static const struct {
        const char *name, *zone;
        uint64_t count;
    } expected[] = {{"a", "", 1}, {"a", "y", 1}, {"b", "", 2}, {"b", "x", 1}, {"b", "z", 1}};
    ck_assert_uint_eq(wtfcb_profile_set_count(set), 5);
    for (uint64_t i = 0; i < 5; i++) {
        wtfcb_profile_set_stats row = row_at(set, i);
        ck_assert_str_eq(row.name, expected[i].name);
        ck_assert_str_eq(row.frame, expected[i].zone);
        ck_assert_uint_eq(row.count, expected[i].count);
    }
    wtfcb_profile_set_stats row;
    ck_assert_int_eq(wtfcb_profile_set_row(set, 5, &row, sizeof row), WTFCB_ENOTFOUND);
    ck_assert_int_eq(wtfcb_profile_set_row(set, 0, NULL, sizeof row), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_profile_set_row(NULL, 0, &row, sizeof row), WTFCB_EINVAL);
}
END_TEST

static void check_close(double found, double expected)
{
    ck_assert_msg(fabs(found - expected) <= fabs(expected) * 1e-14, "%.17g, not %.17g", found, expected);
}

/* What Python 3 prints for float(mean(v)), fsum(v), median(v), quantiles(v, n=20, method="inclusive")[-1], stdev(v). */
static const struct reference {
    size_t count;
    const double *values; /* NULL: (i * 7919) % 1000003 for i from 1 */
    double minimum, mean, maximum, total, median, p95, deviation;
} references[] = {
    {1, (const double[]){5}, 5, 5, 5, 5, 5, 5, 0},
    {2, (const double[]){3, 1}, 1, 2, 3, 4, 2, 2.9, 1.4142135623730951},
    {4, (const double[]){1e9 + 8, 1e9 + 1, 1e9 + 4, 1e9 + 2}, 1000000001, 1000000003.75, 1000000008, 4000000015,
     1000000003, 1000000007.4, 3.095695936834452},
    {100, NULL, 7919, 399909.5, 791900, 39990950, 399909.5, 752700.95, 229742.0049570097},
    {3, (const double[]){18446744073709549568.0, 1, 2.5}, 1, 6.148914691236517e+18, 1.844674407370955e+19,
     1.844674407370955e+19, 2.5, 1.6602069666338593e+19, 1.0650232656628343e+19},
    {3, (const double[]){0, 0, 0}, 0, 0, 0, 0, 0, 0, 0},
};

START_TEST(statistics_are_those_of_python)
{
    for (size_t i = 0; i < sizeof references / sizeof *references; i++) {
        const struct reference *r = &references[i];
        double made[100];
        for (size_t k = 0; k < r->count; k++)
            made[k] = r->values ? r->values[k] : (double)((k + 1) * 7919 % 1000003);
        wtfcb_profiler_set_item item = {
            .key = {.name = "n", .frame = "", .measure = (uint32_t)i + 1}, .values = made, .count = r->count};
        ck_assert_int_eq(wtfcb_profiler_set_apply(set, &item, 1), WTFCB_OK);
        wtfcb_profile_set_stats row = row_at(set, i);
        ck_assert_uint_eq(row.count, r->count);
        check_close(row.minimum, r->minimum);
        check_close(row.mean, r->mean);
        check_close(row.maximum, r->maximum);
        check_close(row.total, r->total);
        check_close(row.median, r->median);
        check_close(row.p95, r->p95);
        check_close(row.deviation, r->deviation);
    }
}
END_TEST

START_TEST(statistics_follow_what_is_added)
{
    add(set, "n", 10, NULL, 0);
    ck_assert_double_eq(row_at(set, 0).median, 10);
    add(set, "n", 30, NULL, 0);
    ck_assert_double_eq(row_at(set, 0).median, 20);
    const double *values;
    uint64_t count;
    ck_assert_int_eq(wtfcb_profile_set_values(set, 0, &values, &count), WTFCB_OK);
    ck_assert_uint_eq(count, 2);
    ck_assert_double_eq(values[0], 10);
    ck_assert_double_eq(values[1], 30);
    ck_assert_int_eq(wtfcb_profile_set_values(set, 1, &values, &count), WTFCB_ENOTFOUND);
    ck_assert_int_eq(wtfcb_profile_set_values(set, 0, NULL, &count), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_profile_set_values(set, 0, &values, NULL), WTFCB_EINVAL);
}
END_TEST

START_TEST(merged_set_has_the_figures_of_both)
{
    wtfcb_profile_set *other;
    ck_assert_int_eq(wtfcb_profile_set_new(NULL, &other), WTFCB_OK);
    ck_assert_int_eq(wtfcb_profile_set_merge(set, other), WTFCB_OK);
    ck_assert_uint_eq(wtfcb_profile_set_count(set), 0);
    add(set, "n", 10, "z", 1);
    add(other, "n", 20, "y", 2);
    add(other, "m", 5, NULL, 0);
    ck_assert_int_eq(wtfcb_profile_set_merge(set, other), WTFCB_OK);
    ck_assert_uint_eq(wtfcb_profile_set_count(set), 4);
    ck_assert_uint_eq(wtfcb_profile_set_count(other), 3);
    ck_assert_str_eq(row_at(set, 0).name, "m");
    ck_assert_double_eq(row_at(set, 1).mean, 15);
    wtfcb_profile_set_free(other);
    ck_assert_str_eq(row_at(set, 0).name, "m");
    ck_assert_int_eq(wtfcb_profile_set_merge(set, NULL), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_profile_set_merge(NULL, set), WTFCB_EINVAL);
}
END_TEST

START_TEST(set_merged_into_itself_has_everything_twice)
{
    for (uint64_t i = 1; i <= 20; i++)
        add(set, "n", i, "z", i * i);
    ck_assert_int_eq(wtfcb_profile_set_merge(set, set), WTFCB_OK);
    const double *values;
    uint64_t count;
    ck_assert_int_eq(wtfcb_profile_set_values(set, 1, &values, &count), WTFCB_OK);
    ck_assert_uint_eq(count, 40);
    for (uint64_t i = 0; i < 40; i++)
        ck_assert_double_eq(values[i], (double)((i % 20 + 1) * (i % 20 + 1)));
}
END_TEST

START_TEST(biggest_change_comes_first_and_new_and_gone_last)
{
    wtfcb_profile_set *after;
    ck_assert_int_eq(wtfcb_profile_set_new(NULL, &after), WTFCB_OK);
    static const struct {
        const char *name;
        uint64_t before, after;
    } given[] = {{"same", 7, 7}, {"up", 100, 150},  {"down", 100, 10}, {"from nothing", 0, 1},
                 {"gone", 9, 0}, {"far", 10, 1000}, {"new", 0, 9},     {"to nothing", 5, 0}};
    for (size_t i = 0; i < sizeof given / sizeof *given; i++) {
        if (strcmp(given[i].name, "new") != 0) add(set, given[i].name, given[i].before, NULL, 0);
        if (strcmp(given[i].name, "gone") != 0) add(after, given[i].name, given[i].after, NULL, 0);
    }
    static const struct {
        const char *name;
        double difference, ratio;
    } expected[] = {{"from nothing", 1, 0}, {"far", 990, 100}, {"to nothing", -5, 0}, {"down", -90, 0.1},
                    {"up", 50, 1.5},        {"same", 0, 1},    {"gone", -9, 0},       {"new", 9, 0}};
    wtfcb_profile_comparison *comparison;
    ck_assert_int_eq(wtfcb_profile_set_compare(set, after, &comparison), WTFCB_OK);
    wtfcb_profile_set_free(after);
    ck_assert_uint_eq(wtfcb_profile_comparison_count(comparison), 8);
    wtfcb_profile_change row;
    for (uint64_t i = 0; i < 8; i++) {
        ck_assert_int_eq(wtfcb_profile_comparison_row(comparison, i, &row, sizeof row), WTFCB_OK);
        ck_assert_str_eq(row.name, expected[i].name);
        ck_assert_double_eq(row.difference, expected[i].difference);
        ck_assert_double_eq(row.ratio, expected[i].ratio);
        ck_assert_uint_eq(row.unit, WTFCB_METRIC_NS);
        ck_assert_uint_eq(row.count_before, strcmp(row.name, "new") != 0);
        ck_assert_uint_eq(row.count_after, strcmp(row.name, "gone") != 0);
    }
    ck_assert_int_eq(wtfcb_profile_comparison_row(comparison, 8, &row, sizeof row), WTFCB_ENOTFOUND);
    ck_assert_int_eq(wtfcb_profile_comparison_row(comparison, 0, NULL, sizeof row), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_profile_comparison_row(NULL, 0, &row, sizeof row), WTFCB_EINVAL);
    wtfcb_profile_comparison_free(comparison);
    wtfcb_profile_comparison_free(NULL);
    ck_assert_uint_eq(wtfcb_profile_comparison_count(NULL), 0);
    ck_assert_int_eq(wtfcb_profile_set_compare(set, NULL, &comparison), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_profile_set_compare(NULL, set, &comparison), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_profile_set_compare(set, set, NULL), WTFCB_EINVAL);
}
END_TEST

/* A profile called "p" with functions of one tree: "f0", "f1", ... of these figures, of which 0 is none. */
static void add_functions(wtfcb_profile_set *to, uint32_t tree, uint32_t count, const uint64_t *selfs)
{
    wtfcb_profile *profile = brief("p", 1, NULL, 0);
    wtfcb_profile_frame *frames = wtfcb_profiler_profile_rows(profile, count, sizeof *frames);
    ck_assert_ptr_nonnull(frames);
    for (uint32_t i = 0; i < count; i++) {
        char name[32];
        (void)snprintf(name, sizeof name, "f%u", i);
        frames[i] = (wtfcb_profile_frame){.function = "", .file = "", .object = "", .tree = tree, .self = selfs[i]};
        frames[i].name = wtfcb_profiler_profile_text(profile, name);
        frames[i].total = selfs[i] > 0 ? selfs[i] + 1000 : 0;
    }
    profile->frames = frames;
    profile->summary.frame_count = count;
    ck_assert_int_eq(wtfcb_profile_set_add(to, NULL, profile), WTFCB_OK);
    wtfcb_profile_free(profile);
}

START_TEST(functions_of_each_tree_have_measures_of_their_own)
{
    static const struct {
        uint32_t tree, self, total, unit;
    } trees[] = {
        {WTFCB_TREE_CPU, WTFCB_MEASURE_FUNCTION_CPU_SELF, WTFCB_MEASURE_FUNCTION_CPU, WTFCB_METRIC_NS},
        {WTFCB_TREE_ALLOC_LIVE, WTFCB_MEASURE_FUNCTION_LIVE_SELF, WTFCB_MEASURE_FUNCTION_LIVE, WTFCB_METRIC_BYTES},
        {WTFCB_TREE_ALLOC_TOTAL, WTFCB_MEASURE_FUNCTION_ALLOCATED_SELF, WTFCB_MEASURE_FUNCTION_ALLOCATED,
         WTFCB_METRIC_BYTES},
    };
    for (uint64_t i = 0; i < 3; i++) {
        add_functions(set, trees[i].tree, 3, (const uint64_t[]){5, 0, 7});
        for (uint64_t k = 0; k < 4; k++) {
            wtfcb_profile_set_stats row = row_at(set, 1 + 4 * i + k);
            ck_assert_uint_eq(row.measure, k < 2 ? trees[i].self : trees[i].total);
            ck_assert_uint_eq(row.unit, trees[i].unit);
            ck_assert_str_eq(row.frame, k % 2 ? "f2" : "f0");
            ck_assert_double_eq(row.mean, (k % 2 ? 7 : 5) + (k < 2 ? 0 : 1000));
        }
    }
    ck_assert_uint_eq(wtfcb_profile_set_count(set), 13);
}
END_TEST

START_TEST(allocations_of_a_profile_are_measured)
{
    wtfcb_profile *profile = brief("p", 1, NULL, 0);
    profile->summary.alloc_status = WTFCB_OK;
    profile->summary.alloc_mode = "full";
    profile->summary.alloc_live_bytes = 0;
    profile->summary.alloc_live_peak = 30;
    profile->summary.alloc_bytes = 100;
    profile->summary.alloc_count = 9;
    ck_assert_int_eq(wtfcb_profile_set_add(set, NULL, profile), WTFCB_OK);
    wtfcb_profile_free(profile);
    static const double expected[] = {0, 30, 100, 9};
    ck_assert_uint_eq(wtfcb_profile_set_count(set), 5);
    for (uint64_t i = 0; i < 4; i++) {
        wtfcb_profile_set_stats row = row_at(set, 1 + i);
        ck_assert_uint_eq(row.measure, WTFCB_MEASURE_LIVE + i);
        ck_assert_uint_eq(row.unit, i < 3 ? WTFCB_METRIC_BYTES : WTFCB_METRIC_COUNT);
        ck_assert_double_eq(row.mean, expected[i]);
    }
}
END_TEST

START_TEST(many_functions_are_the_largest_and_a_sum)
{
    enum { COUNT = 3 * WTFCB_PROFILE_SET_FRAMES };
    static uint64_t selfs[COUNT];
    double sum = 0, rest = 0, kept = 0;
    for (uint32_t i = 0; i < COUNT; i++)
        sum += (double)(selfs[i] = 1 + (uint64_t)i * 7919 % COUNT);
    add_functions(set, WTFCB_TREE_ALLOC_LIVE, COUNT, selfs);
    add_functions(set, WTFCB_TREE_ALLOC_LIVE, COUNT, selfs);
    ck_assert_uint_eq(wtfcb_profile_set_count(set), 1 + (WTFCB_PROFILE_SET_FRAMES + 1) + WTFCB_PROFILE_SET_FRAMES);
    for (uint64_t i = 1; i <= WTFCB_PROFILE_SET_FRAMES + 1; i++) {
        wtfcb_profile_set_stats row = row_at(set, i);
        ck_assert_uint_eq(row.measure, WTFCB_MEASURE_FUNCTION_LIVE_SELF);
        ck_assert_uint_eq(row.count, 2);
        if (strcmp(row.frame, "(other)") == 0)
            rest = row.mean;
        else
            ck_assert_double_gt(row.mean, COUNT - WTFCB_PROFILE_SET_FRAMES);
        kept += row.mean;
    }
    ck_assert_double_gt(rest, 0);
    ck_assert_double_eq(kept, sum);
}
END_TEST

START_TEST(functions_are_compared_by_what_they_moved_themselves)
{
    wtfcb_profile_set *after;
    ck_assert_int_eq(wtfcb_profile_set_new(NULL, &after), WTFCB_OK);
    add_functions(set, WTFCB_TREE_ALLOC_LIVE, 4, (const uint64_t[]){10, 1000000, 500, 0});
    add_functions(after, WTFCB_TREE_ALLOC_LIVE, 4, (const uint64_t[]){100, 1200000, 0, 300000});
    add_functions(after, WTFCB_TREE_CPU, 1, (const uint64_t[]){77}); /* nobody sampled before */
    static const struct {
        uint32_t measure;
        const char *frame;
        double before, difference;
    } expected[] = {
        {WTFCB_MEASURE_DURATION, "", 1, 0},
        {WTFCB_MEASURE_FUNCTION_LIVE_SELF, "f3", 0, 300000},
        {WTFCB_MEASURE_FUNCTION_LIVE_SELF, "f1", 1000000, 200000},
        {WTFCB_MEASURE_FUNCTION_LIVE_SELF, "f2", 500, -500},
        {WTFCB_MEASURE_FUNCTION_LIVE_SELF, "f0", 10, 90},
        {WTFCB_MEASURE_FUNCTION_LIVE, "f3", 0, 301000},
        {WTFCB_MEASURE_FUNCTION_LIVE, "f1", 1001000, 200000},
        {WTFCB_MEASURE_FUNCTION_LIVE, "f2", 1500, -1500},
        {WTFCB_MEASURE_FUNCTION_LIVE, "f0", 1010, 90},
        {WTFCB_MEASURE_FUNCTION_CPU_SELF, "f0", 0, 77},
        {WTFCB_MEASURE_FUNCTION_CPU, "f0", 0, 1077},
    };
    wtfcb_profile_comparison *comparison;
    ck_assert_int_eq(wtfcb_profile_set_compare(set, after, &comparison), WTFCB_OK);
    ck_assert_uint_eq(wtfcb_profile_comparison_count(comparison), sizeof expected / sizeof *expected);
    for (uint64_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        wtfcb_profile_change row;
        ck_assert_int_eq(wtfcb_profile_comparison_row(comparison, i, &row, sizeof row), WTFCB_OK);
        ck_assert_uint_eq(row.measure, expected[i].measure);
        ck_assert_str_eq(row.frame, expected[i].frame);
        ck_assert_double_eq(row.before, expected[i].before);
        ck_assert_double_eq(row.difference, expected[i].difference);
    }
    wtfcb_profile_comparison_free(comparison);
    wtfcb_profile_set_free(after);
}
END_TEST

START_TEST(empty_sets_compare_to_nothing)
{
    wtfcb_profile_comparison *comparison;
    ck_assert_int_eq(wtfcb_profile_set_compare(set, set, &comparison), WTFCB_OK);
    ck_assert_uint_eq(wtfcb_profile_comparison_count(comparison), 0);
    wtfcb_profile_comparison_free(comparison);
}
END_TEST

START_TEST(measures_have_names)
{
    for (uint32_t m = 1; m <= WTFCB_MEASURE_FUNCTION_ALLOCATED; m++)
        ck_assert_str_ne(wtfcb_measure_name(m), "unknown");
    ck_assert_str_eq(wtfcb_measure_name(WTFCB_MEASURE_RSS_PEAK), "rss-peak");
    ck_assert_str_eq(wtfcb_measure_name(0), "unknown");
    ck_assert_str_eq(wtfcb_measure_name(WTFCB_MEASURE_FUNCTION_ALLOCATED + 1), "unknown");
    ck_assert_str_eq(wtfcb_measure_name(UINT32_MAX), "unknown");
}
END_TEST

static char *read_all(const char *file)
{
    FILE *f = fopen(file, "rbe");
    ck_assert_ptr_nonnull(f);
    char *text = calloc(1, 1 << 17);
    ck_assert_ptr_nonnull(text);
    ck_assert_uint_lt(fread(text, 1, 1 << 17, f), 1 << 17);
    (void)fclose(f);
    return text;
}

START_TEST(saved_set_comes_back_to_the_byte)
{
    char *folder = wtfcb_test_directory(), path[512];
    snprintf(path, sizeof path, "%s/set.json", folder);
    free(folder);
    wtfcb_profile_set *loaded;
    ck_assert_int_eq(wtfcb_profile_set_save(set, path, NULL), WTFCB_OK); /* empty */
    ck_assert_int_eq(wtfcb_profile_set_load(NULL, path, &loaded, NULL), WTFCB_OK);
    ck_assert_uint_eq(wtfcb_profile_set_count(loaded), 0);
    wtfcb_profile_set_free(loaded);
    wtfcb_profile *profile = sample_profile(NULL, SAMPLE_ALL);
    ck_assert_int_eq(wtfcb_profile_set_add(set, NULL, profile), WTFCB_OK);
    ck_assert_int_eq(wtfcb_profile_set_add(set, "\"q\"\n\xff", profile), WTFCB_OK);
    wtfcb_profile_free(profile);
    for (uint64_t i = 0; i < 500; i++)
        add(set, i % 2 ? "odd" : "even", i * i * 999999937, "z", UINT64_MAX - 1 - i * 123456789);
    ck_assert_int_eq(wtfcb_profile_set_save(set, path, NULL), WTFCB_OK);
    char *first = read_all(path);
    ck_assert_int_eq(strncmp(first, "{\"schema\":1,\"type\":\"wtfcb-profile-set\",\n", 40), 0);
    wtfcb_error error = WTFCB_ERROR_INIT;
    wtfcb_status status = wtfcb_profile_set_load(NULL, path, &loaded, &error);
    ck_assert_msg(status == WTFCB_OK, "%s", error.message);
    ck_assert_uint_eq(wtfcb_profile_set_count(loaded), wtfcb_profile_set_count(set));
    ck_assert_int_eq(wtfcb_profile_set_save(loaded, path, NULL), WTFCB_OK);
    char *second = read_all(path);
    ck_assert_str_eq(first, second);
    free(first);
    free(second);
    wtfcb_profile_set_free(loaded);
    ck_assert_int_eq(wtfcb_profile_set_save(NULL, path, NULL), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_profile_set_save(set, NULL, NULL), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_profile_set_load(NULL, NULL, &loaded, NULL), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_profile_set_load(NULL, path, NULL, NULL), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_profile_set_load(NULL, "/none/at/all", &loaded, &error), WTFCB_ENOTFOUND);
}
END_TEST

#define HEAD "{\"schema\":1,\"type\":\"wtfcb-profile-set\",\"rows\":"

START_TEST(wrong_set_is_refused_by_the_name_of_its_key)
{
    static const struct {
        const char *text, *named;
    } wrongs[] = {
        {"{\"schema\":1,\"type\":\"wtfcb-profile\"}", "type"},
        {HEAD "{}}", "rows is not an array"},
        {HEAD "[1]}", "rows[0]"},
        {HEAD "[{\"name\":1}]}", "rows[0].name"},
        {HEAD "[{\"measure\":\"cpu\"}]}", "rows[0].values has none"},
        {HEAD "[{\"measure\":\"cpu\",\"values\":7}]}", "rows[0].values"},
        {HEAD "[{\"measure\":\"cpu\",\"values\":[1,null]}]}", "rows[0].values[1]"},
        {HEAD "[{\"measure\":\"cpu\",\"values\":[-1]}]}", "rows[0].values[0]"},
        {HEAD "[{\"measure\":\"cpu\",\"values\":[1e300]}]}", "rows[0].values[0]"},
        {HEAD "[{\"measure\":\"cpu\",\"frame\":\"z\",\"values\":[1]}]}", "rows[0].frame"},
        {HEAD "[{\"measure\":\"cpu\",\"values\":[1]},{\"measure\":\"cpu\",\"values\":[1]}]}", "rows[1]"},
    };
    for (size_t i = 0; i < sizeof wrongs / sizeof *wrongs; i++) {
        wtfcb_profile_set *loaded = NULL;
        wtfcb_error error = WTFCB_ERROR_INIT;
        wtfcb_status status =
            wtfcb_profiler_set_parse(NULL, "s", wrongs[i].text, strlen(wrongs[i].text), &loaded, &error);
        ck_assert_msg(status == WTFCB_EFORMAT, "%s was read", wrongs[i].text);
        ck_assert_ptr_null(loaded);
        ck_assert_msg(strstr(error.message, wrongs[i].named), "%s: %s", wrongs[i].text, error.message);
    }
    wtfcb_profile_set *loaded = NULL;
    const char *later = HEAD "[{\"measure\":\"later\",\"frame\":\"z\"}],\"more\":[]}";
    ck_assert_int_eq(wtfcb_profiler_set_parse(NULL, "s", later, strlen(later), &loaded, NULL), WTFCB_OK);
    ck_assert_uint_eq(wtfcb_profile_set_count(loaded), 0);
    wtfcb_profile_set_free(loaded);
}
END_TEST

START_TEST(arguments_are_checked)
{
    wtfcb_profile *profile = brief("p", 1, NULL, 0);
    ck_assert_int_eq(wtfcb_profile_set_new(NULL, NULL), WTFCB_EINVAL);
    wtfcb_allocator broken = {0};
    wtfcb_profile_set *none = NULL;
    ck_assert_int_eq(wtfcb_profile_set_new(&broken, &none), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_profile_set_add(NULL, "n", profile), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_profile_set_add(set, "n", NULL), WTFCB_EINVAL);
    ck_assert_uint_eq(wtfcb_profile_set_count(NULL), 0);
    wtfcb_profile_set_free(NULL);
    wtfcb_profile_free(profile);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("profile_set");
    TCase *t = tcase_create("set");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, profile_gives_its_measures_and_zones);
    tcase_add_test(t, what_is_not_known_has_no_row);
    tcase_add_test(t, sites_of_one_name_are_one_zone);
    tcase_add_test(t, rows_stand_by_name_measure_and_zone);
    tcase_add_test(t, statistics_are_those_of_python);
    tcase_add_test(t, statistics_follow_what_is_added);
    tcase_add_test(t, merged_set_has_the_figures_of_both);
    tcase_add_test(t, set_merged_into_itself_has_everything_twice);
    tcase_add_test(t, biggest_change_comes_first_and_new_and_gone_last);
    tcase_add_test(t, functions_of_each_tree_have_measures_of_their_own);
    tcase_add_test(t, allocations_of_a_profile_are_measured);
    tcase_add_test(t, many_functions_are_the_largest_and_a_sum);
    tcase_add_test(t, functions_are_compared_by_what_they_moved_themselves);
    tcase_add_test(t, empty_sets_compare_to_nothing);
    tcase_add_test(t, measures_have_names);
    tcase_add_test(t, saved_set_comes_back_to_the_byte);
    tcase_add_test(t, wrong_set_is_refused_by_the_name_of_its_key);
    tcase_add_test(t, arguments_are_checked);
    suite_add_tcase(s, t);
    return s;
}

WTFCB_TEST_MAIN(suite)
