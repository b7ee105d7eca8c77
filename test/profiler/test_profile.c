/* The profile in memory: what its getters answer, percentiles, and what is written of it. */
#include <wtfcb/profile.h>

#include <jansson.h>
#include <pthread.h>

#include "../base/counting.h"
#include "profiler/histogram.h"
#include "profiler/profile.h"
#include "sample_profile.h"

static wtfcb_profile *sample;

static void setup(void)
{
    sample = sample_profile(NULL, SAMPLE_ALL);
}

static void teardown(void)
{
    wtfcb_profile_free(sample);
}

START_TEST(new_profile_is_empty)
{
    wtfcb_profile *empty = sample_profile(NULL, 0);
    wtfcb_profile_summary summary;
    ck_assert_int_eq(wtfcb_profile_get_summary(empty, &summary, sizeof summary), WTFCB_OK);
    ck_assert_str_eq(summary.name, "");
    ck_assert_uint_eq(summary.duration_ns, 0);
    ck_assert_uint_eq(summary.cpu_ns, WTFCB_UNKNOWN);
    ck_assert_uint_eq(summary.rss_peak, WTFCB_UNKNOWN);
    ck_assert_uint_eq(summary.metric_count + summary.frame_count + summary.node_count + summary.event_count, 0);
    wtfcb_system_info system;
    ck_assert_int_eq(wtfcb_profile_get_system(empty, &system, sizeof system), WTFCB_OK);
    ck_assert_uint_eq(system.memory_total, WTFCB_UNKNOWN);
    ck_assert_str_eq(system.kernel, "");
    wtfcb_profile_metric metric;
    ck_assert_int_eq(wtfcb_profile_metric_at(empty, 0, &metric, sizeof metric), WTFCB_ENOTFOUND);
    const uint64_t *times;
    uint64_t count = 1;
    ck_assert_int_eq(wtfcb_profile_times(empty, WTFCB_TIER_SAMPLES, &times, &count, NULL), WTFCB_OK);
    ck_assert_uint_eq(count, 0);
    wtfcb_profile_free(empty);
}
END_TEST

START_TEST(rows_are_copied_as_far_as_the_caller_reaches)
{
    wtfcb_profile_frame whole, cut;
    memset(&cut, 0x55, sizeof cut);
    ck_assert_int_eq(wtfcb_profile_frame_at(sample, 0, &whole, sizeof whole), WTFCB_OK);
    size_t half = offsetof(wtfcb_profile_frame, count);
    ck_assert_int_eq(wtfcb_profile_frame_at(sample, 0, &cut, half), WTFCB_OK);
    ck_assert_int_eq(memcmp(&whole, &cut, half), 0);
    ck_assert_uint_eq(cut.count, 0x5555555555555555);
    struct {
        wtfcb_profile_summary summary;
        uint64_t later;
    } larger = {.later = 7};
    ck_assert_int_eq(wtfcb_profile_get_summary(sample, &larger.summary, sizeof larger), WTFCB_OK);
    ck_assert_uint_eq(larger.later, 0);
    ck_assert_uint_eq(larger.summary.process, 4000);
}
END_TEST

/* Each getter of rows answers up to its count, then WTFCB_ENOTFOUND, and leaves the row alone. */
#define CHECK_ROWS(noun, type, count)                                                                                  \
    do {                                                                                                               \
        type row_;                                                                                                     \
        for (uint64_t i_ = 0; i_ < (count); i_++)                                                                      \
            ck_assert_int_eq(wtfcb_profile_##noun##_at(sample, i_, &row_, sizeof row_), WTFCB_OK);                     \
        type before_ = row_;                                                                                           \
        ck_assert_int_eq(wtfcb_profile_##noun##_at(sample, (count), &row_, sizeof row_), WTFCB_ENOTFOUND);             \
        ck_assert_int_eq(wtfcb_profile_##noun##_at(sample, UINT64_MAX, &row_, sizeof row_), WTFCB_ENOTFOUND);          \
        ck_assert_int_eq(memcmp(&before_, &row_, sizeof row_), 0);                                                     \
        ck_assert_int_eq(wtfcb_profile_##noun##_at(NULL, 0, &row_, sizeof row_), WTFCB_EINVAL);                        \
        ck_assert_int_eq(wtfcb_profile_##noun##_at(sample, 0, NULL, sizeof row_), WTFCB_EINVAL);                       \
    } while (0)

START_TEST(getters_know_where_rows_end)
{
    wtfcb_profile_summary summary;
    ck_assert_int_eq(wtfcb_profile_get_summary(sample, &summary, sizeof summary), WTFCB_OK);
    CHECK_ROWS(metric, wtfcb_profile_metric, summary.metric_count);
    CHECK_ROWS(section, wtfcb_profile_section, summary.section_count);
    CHECK_ROWS(thread, wtfcb_profile_thread, summary.thread_count);
    CHECK_ROWS(frame, wtfcb_profile_frame, summary.frame_count);
    CHECK_ROWS(node, wtfcb_profile_node, summary.node_count);
    CHECK_ROWS(event, wtfcb_profile_event, summary.event_count);
    ck_assert_int_eq(wtfcb_profile_get_summary(NULL, &summary, sizeof summary), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_profile_get_summary(sample, NULL, sizeof summary), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_profile_get_system(sample, NULL, 1), WTFCB_EINVAL);
}
END_TEST

START_TEST(metrics_stand_in_the_order_of_their_ids)
{
    const wtfcb_profile_metric *table = wtfcb_profiler_metric_table();
    for (uint32_t m = 0; m < WTFCB_PROFILER_METRICS; m++) {
        ck_assert_uint_eq(table[m].id, m + 1);
        ck_assert(table[m].kind == WTFCB_METRIC_GAUGE || table[m].kind == WTFCB_METRIC_COUNTER);
        ck_assert(table[m].unit >= WTFCB_METRIC_COUNT && table[m].unit <= WTFCB_METRIC_NS);
        ck_assert_str_eq(table[m].reason, "");
        ck_assert(*table[m].name && *table[m].summary);
        for (uint32_t k = 0; k < m; k++)
            ck_assert_str_ne(table[m].name, table[k].name);
    }
}
END_TEST

START_TEST(values_are_there_for_available_metrics_alone)
{
    const uint64_t *values = NULL, *times = NULL;
    uint64_t count, start;
    ck_assert_int_eq(wtfcb_profile_times(sample, WTFCB_TIER_SAMPLES, &times, &count, &start), WTFCB_OK);
    ck_assert_uint_eq(count, SAMPLE_SAMPLES);
    ck_assert_uint_eq(start, SAMPLE_DROPPED * UINT64_C(100000000));
    ck_assert_int_eq(wtfcb_profile_values(sample, 0, WTFCB_METRIC_RSS, WTFCB_STATISTIC_MAXIMUM, &values), WTFCB_OK);
    ck_assert_ptr_nonnull(values);
    static const uint32_t none[][3] = {{0, WTFCB_METRIC_PSS, 1},
                                       {0, WTFCB_METRIC_CPU, 2},
                                       {0, 0, 1},
                                       {0, WTFCB_PROFILER_METRICS + 1, 1},
                                       {0, 1, 0},
                                       {0, 1, 4},
                                       {3, 1, 1}};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        ck_assert_int_eq(wtfcb_profile_values(sample, none[i][0], none[i][1], none[i][2], &values), WTFCB_ENOTFOUND);
    ck_assert_int_eq(wtfcb_profile_times(sample, 3, &times, &count, NULL), WTFCB_ENOTFOUND);
    ck_assert_int_eq(wtfcb_profile_times(sample, 0, NULL, &count, NULL), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_profile_times(sample, 0, &times, NULL, NULL), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_profile_times(NULL, 0, &times, &count, NULL), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_profile_values(sample, 0, 1, 1, NULL), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_profile_values(NULL, 0, 1, 1, &values), WTFCB_EINVAL);
}
END_TEST

START_TEST(percentiles_are_within_one_percent)
{
    enum { COUNT = 9973 };
    static uint64_t counts[WTFCB_PROFILER_BUCKETS];
    static wtfcb_profiler_bucket buckets[WTFCB_PROFILER_BUCKETS];
    memset(counts, 0, sizeof counts);
    wtfcb_profiler_histogram histogram = {.buckets = buckets};
    for (uint64_t i = 1; i <= COUNT; i++)
        counts[wtfcb_profiler_bucket_of(i * i * 37)]++; /* in order: rank r is r^2 * 37 */
    for (uint32_t i = 0; i < WTFCB_PROFILER_BUCKETS; i++)
        if (counts[i]) buckets[histogram.count++] = (wtfcb_profiler_bucket){.index = i, .count = counts[i]};
    uint64_t most = (uint64_t)COUNT * COUNT * 37;
    for (uint32_t permille = 0; permille <= 1000; permille++) {
        uint64_t rank = (COUNT * (uint64_t)permille + 999) / 1000;
        if (rank == 0) rank = 1;
        double exact = (double)(rank * rank * 37);
        double found = (double)wtfcb_profiler_percentile(&histogram, 37, most, permille);
        ck_assert_msg(found <= exact * 1.01 && found >= exact * 0.99, "%u: %f, not %f", permille, found, exact);
    }
    ck_assert_uint_eq(wtfcb_profiler_percentile(&histogram, 37, most, 0), 37);
    ck_assert_uint_eq(wtfcb_profiler_percentile(&histogram, 37, most, 1000), most);
}
END_TEST

START_TEST(percentile_of_a_frame_that_was_never_left_is_not_found)
{
    uint64_t ns = 1;
    wtfcb_profile_frame frame;
    for (uint64_t i = 0; i < SAMPLE_FRAMES; i++) {
        ck_assert_int_eq(wtfcb_profile_frame_at(sample, i, &frame, sizeof frame), WTFCB_OK);
        wtfcb_status status = wtfcb_profile_percentile(sample, i, 950, &ns);
        ck_assert_int_eq(status, frame.count ? WTFCB_OK : WTFCB_ENOTFOUND);
        if (frame.count) ck_assert_uint_eq(ns, frame.p95_ns);
    }
    ck_assert_int_eq(wtfcb_profile_percentile(sample, SAMPLE_FRAMES, 1, &ns), WTFCB_ENOTFOUND);
    ck_assert_int_eq(wtfcb_profile_percentile(sample, 0, 1001, &ns), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_profile_percentile(sample, 0, 1, NULL), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_profile_percentile(NULL, 0, 1, &ns), WTFCB_EINVAL);
}
END_TEST

static void *hold_and_drop(void *profile)
{
    for (int i = 0; i < 10000; i++)
        wtfcb_profile_free(wtfcb_profile_ref(profile));
    wtfcb_profile_free(profile);
    return NULL;
}

START_TEST(last_hold_frees_all_from_any_thread)
{
    counting memory;
    counting_init(&memory);
    wtfcb_profile *profile = sample_profile(&memory.allocator, SAMPLE_ALL);
    pthread_t threads[3];
    for (int i = 0; i < 3; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, hold_and_drop, wtfcb_profile_ref(profile)), 0);
    wtfcb_profile_free(profile);
    for (int i = 0; i < 3; i++)
        pthread_join(threads[i], NULL);
    counting_assert_clean(&memory);
    wtfcb_profile_free(NULL);
    ck_assert_ptr_null(wtfcb_profile_ref(NULL));
}
END_TEST

static uint64_t count_total(wtfcb_profile *profile, bool self)
{
    uint64_t total = 0;
    wtfcb_profile_node node;
    for (uint64_t i = 0; wtfcb_profile_node_at(profile, i, &node, sizeof node) == WTFCB_OK; i++) {
        if (self)
            total += node.self;
        else if (node.parent == WTFCB_PROFILE_NONE)
            total += node.total;
    }
    return total;
}

START_TEST(sample_agrees_with_itself)
{
    uint64_t self = 0;
    wtfcb_profile_frame frame;
    for (uint64_t i = 0; wtfcb_profile_frame_at(sample, i, &frame, sizeof frame) == WTFCB_OK; i++)
        self += frame.self;
    ck_assert_uint_eq(count_total(sample, true), count_total(sample, false));
    ck_assert_uint_eq(count_total(sample, true), self);
}
END_TEST

/* --- written --- */

START_TEST(json_has_all_rows)
{
    size_t length;
    char *text = sample_written(sample, WTFCB_PROFILE_JSON, &length);
    ck_assert_int_eq(strncmp(text, "{\"schema\":1,\"type\":\"wtfcb-profile\",\"name\":", 41), 0);
    ck_assert_ptr_eq(strchr(text, '<'), NULL);
    ck_assert_int_eq(text[length - 1], '\n');
    json_error_t error;
    json_t *root = json_loadb(text, length, JSON_REJECT_DUPLICATES, &error);
    ck_assert_msg(root, "%s", error.text);
    wtfcb_profile_summary summary;
    ck_assert_int_eq(wtfcb_profile_get_summary(sample, &summary, sizeof summary), WTFCB_OK);
    const struct {
        const char *key;
        uint64_t count;
    } arrays[] = {{"metrics", summary.metric_count},
                  {"tiers", WTFCB_TIER_COUNT},
                  {"sections", summary.section_count},
                  {"threads", summary.thread_count},
                  {"frames", summary.frame_count},
                  {"nodes", summary.node_count},
                  {"event_columns", 5},
                  {"events", summary.event_count}};
    for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++) {
        ck_assert_uint_gt(arrays[i].count, 0);
        ck_assert_uint_eq(json_array_size(json_object_get(root, arrays[i].key)), arrays[i].count);
    }
    const json_t *pss = json_array_get(json_object_get(root, "metrics"), WTFCB_METRIC_PSS - 1);
    ck_assert_str_eq(json_string_value(json_object_get(pss, "status")), "WTFCB_ENOTFOUND");
    ck_assert_str_eq(json_string_value(json_object_get(pss, "reason")), "not asked for");
    ck_assert(json_is_null(json_object_get(pss, "mean")));
    const json_t *values = json_object_get(json_array_get(json_object_get(root, "tiers"), 1), "values");
    ck_assert_ptr_null(json_object_get(values, "pss"));
    const json_t *cpu = json_object_get(json_object_get(values, "cpu"), "value");
    ck_assert(json_is_null(json_array_get(cpu, 0)) && json_is_integer(json_array_get(cpu, 1)));
    ck_assert_ptr_null(json_object_get(json_object_get(values, "cpu"), "minimum"));
    json_decref(root);
    free(text);
}
END_TEST

static wtfcb_status refuse(void *user, const char *bytes, size_t length)
{
    (void)bytes;
    (void)length;
    return --*(int *)user <= 0 ? WTFCB_ECALLBACK : WTFCB_OK;
}

START_TEST(writing_ends_with_what_the_callback_answers)
{
    int calls = 1;
    ck_assert_int_eq(wtfcb_profile_write(sample, WTFCB_PROFILE_JSON, refuse, &calls), WTFCB_ECALLBACK);
    ck_assert_int_eq(calls, 0);
    calls = 3;
    ck_assert_int_eq(wtfcb_profile_write(sample, WTFCB_PROFILE_JSON, refuse, &calls), WTFCB_ECALLBACK);
    ck_assert_int_eq(calls, 0);
    ck_assert_int_eq(wtfcb_profile_write(sample, WTFCB_PROFILE_BY_NAME, refuse, &calls), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_profile_write(sample, 99, refuse, &calls), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_profile_write(NULL, WTFCB_PROFILE_JSON, refuse, &calls), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_profile_write(sample, WTFCB_PROFILE_JSON, NULL, &calls), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_profile_save(sample, NULL, WTFCB_PROFILE_JSON, NULL), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_profile_save(NULL, "x", WTFCB_PROFILE_JSON, NULL), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_profile_save(sample, "/dev/null", -1, NULL), WTFCB_EINVAL);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("profile");
    TCase *t = tcase_create("profile");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, new_profile_is_empty);
    tcase_add_test(t, rows_are_copied_as_far_as_the_caller_reaches);
    tcase_add_test(t, getters_know_where_rows_end);
    tcase_add_test(t, metrics_stand_in_the_order_of_their_ids);
    tcase_add_test(t, values_are_there_for_available_metrics_alone);
    tcase_add_test(t, percentiles_are_within_one_percent);
    tcase_add_test(t, percentile_of_a_frame_that_was_never_left_is_not_found);
    tcase_add_test(t, last_hold_frees_all_from_any_thread);
    tcase_add_test(t, sample_agrees_with_itself);
    tcase_add_test(t, json_has_all_rows);
    tcase_add_test(t, writing_ends_with_what_the_callback_answers);
    suite_add_tcase(s, t);
    return s;
}

WTFCB_TEST_MAIN(suite)
