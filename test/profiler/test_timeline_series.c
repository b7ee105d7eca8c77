/* The rings of the timeline and the texts of /proc, without a process: a fake clock, made-up readings, broken texts. */
#include "profiler/timeline_series.h"

#include "base/counting.h"
#include "profiler/proc.h"

#include "../test.h"

#define MS UINT64_C(1000000)
#define SECOND UINT64_C(1000000000)
#define ALL ((UINT32_C(1) << WTFCB_PROFILER_METRICS) - 1)

static uint64_t next_random(void)
{
    static uint64_t state = 88172645463325252u;
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
}

START_TEST(packed_numbers_are_exact_where_promised_and_near_elsewhere)
{
    for (uint64_t i = 0; i < 3000000; i++) {
        uint64_t number = next_random() >> (i % 64);
        if (number > UINT64_C(1) << 63) continue;
        uint64_t wide = wtfcb_profiler_series_unpack(wtfcb_profiler_series_pack(number, 26), 26);
        uint32_t packed = wtfcb_profiler_series_pack(number, 10);
        uint64_t narrow = wtfcb_profiler_series_unpack(packed, 10);
        double off = (double)wide - (double)number;
        double far = (double)narrow - (double)number;
        if (number < 1 << 27 ? wide != number : off * off > 64e-18 * (double)number * (double)number)
            ck_abort_msg("%llu is %llu", (unsigned long long)number, (unsigned long long)wide);
        if (number < 1 << 11 ? narrow != number : far * far > 25e-8 * (double)number * (double)number)
            ck_abort_msg("%llu is %llu", (unsigned long long)number, (unsigned long long)narrow);
        if (packed >= UINT16_MAX) ck_abort_msg("%llu does not fit", (unsigned long long)number);
    }
}
END_TEST

START_TEST(packed_numbers_saturate_and_the_unknown_one_stays_unknown)
{
    ck_assert_uint_eq(wtfcb_profiler_series_unpack(wtfcb_profiler_series_pack(WTFCB_UNKNOWN, 26), 26), WTFCB_UNKNOWN);
    ck_assert_uint_eq(wtfcb_profiler_series_unpack(wtfcb_profiler_series_pack(WTFCB_UNKNOWN - 1, 26), 26), UINT64_C(1)
                                                                                                               << 63);
    ck_assert_uint_eq(wtfcb_profiler_series_unpack(wtfcb_profiler_series_pack(WTFCB_UNKNOWN - 1, 10), 10), UINT64_C(1)
                                                                                                               << 63);
    for (uint64_t i = 1; i < 100000; i++)
        if (wtfcb_profiler_series_pack(i * 7919, 10) < wtfcb_profiler_series_pack((i - 1) * 7919, 10))
            ck_abort_msg("order is lost");
}
END_TEST

static wtfcb_profile *collect(const wtfcb_profiler_series *series, uint64_t interval)
{
    wtfcb_profile *profile;
    ck_assert_int_eq(wtfcb_profiler_profile_new(NULL, &profile), WTFCB_OK);
    for (uint32_t t = 0; t < WTFCB_TIER_COUNT; t++)
        ck_assert(wtfcb_profiler_series_tier(series, t, interval, profile));
    return profile;
}

static const uint64_t *column(const wtfcb_profile *profile, uint32_t tier, uint32_t metric, uint32_t statistic)
{
    return profile->tiers[tier].values[metric - 1][statistic - 1];
}

/* A reading at a time: RSS goes up and down by an hour, processor time is a tenth of the time, all others grow by the second. */
static wtfcb_profiler_reading reading_at(uint64_t time)
{
    wtfcb_profiler_reading reading;
    for (uint32_t i = 0; i < WTFCB_PROFILER_METRICS; i++)
        reading.values[i] = time / SECOND * (i + 1);
    uint64_t phase = time / SECOND % 3600;
    reading.values[WTFCB_METRIC_RSS - 1] = (phase < 1800 ? phase : 3600 - phase) << 20;
    reading.values[WTFCB_METRIC_CPU - 1] = 5 * SECOND + time / 10;
    return reading;
}

static wtfcb_profiler_series *simulate(const wtfcb_allocator *allocator, uint64_t interval, uint64_t end)
{
    wtfcb_profiler_series *series;
    ck_assert_int_eq(wtfcb_profiler_series_new(allocator, ALL, &series), WTFCB_OK);
    for (uint64_t time = 0; time <= end; time += interval) {
        wtfcb_profiler_reading reading = reading_at(time);
        wtfcb_profiler_series_add(series, time, &reading);
    }
    return series;
}

static uint64_t sum_of(const wtfcb_profile *profile, uint32_t tier, uint32_t metric)
{
    uint64_t sum = 0;
    for (uint64_t i = 0; i < profile->tiers[tier].count; i++) {
        uint64_t value = column(profile, tier, metric, WTFCB_STATISTIC_VALUE)[i];
        if (value != WTFCB_UNKNOWN) sum += value;
    }
    return sum;
}

static void assert_whole(const wtfcb_profiler_series *series, uint64_t interval, uint64_t end)
{
    wtfcb_profile *profile = collect(series, interval);
    const wtfcb_profiler_tier *tens = &profile->tiers[WTFCB_TIER_TEN_SECONDS];
    ck_assert_uint_le(tens->count, WTFCB_PROFILER_TENS_KEPT + 1);
    ck_assert_uint_eq(tens->times[tens->count - 1], end);
    ck_assert_uint_le(tens->start_ns, 20 * SECOND);
    double cpu = (double)sum_of(profile, WTFCB_TIER_TEN_SECONDS, WTFCB_METRIC_CPU);
    ck_assert_double_eq_tol(cpu / (double)(end - tens->start_ns), 0.1, 1e-4);
    ck_assert_uint_eq(profile->tiers[WTFCB_TIER_SAMPLES].count, WTFCB_PROFILER_SAMPLES_KEPT);
    ck_assert_uint_ge(profile->tiers[WTFCB_TIER_SECONDS].count, WTFCB_PROFILER_SECONDS_KEPT);
    wtfcb_profile_metric row = wtfcb_profiler_metric_table()[WTFCB_METRIC_CPU - 1];
    wtfcb_profiler_series_figures(series, &row);
    ck_assert_uint_eq(row.last, end / 10);
    ck_assert_uint_eq(row.mean, SECOND / 10);
    row = wtfcb_profiler_metric_table()[WTFCB_METRIC_RSS - 1];
    wtfcb_profiler_series_figures(series, &row);
    ck_assert_uint_eq(row.minimum, 0);
    ck_assert_uint_eq(row.maximum, UINT64_C(1800) << 20);
    ck_assert_double_eq_tol((double)row.mean / (900 << 20), 1.0, 1e-3);
    wtfcb_profile_free(profile);
}

START_TEST(day_at_ten_hertz_fits_in_a_mebibyte_and_is_there_as_a_whole)
{
    counting c;
    counting_init(&c);
    const uint64_t end = 24 * 3600 * SECOND;
    wtfcb_profiler_series *series = simulate(&c.allocator, 100 * MS, end);
    ck_assert_uint_eq(atomic_load(&c.calls), 1);
    ck_assert_uint_eq((uint64_t)atomic_load(&c.peak_bytes), wtfcb_profiler_series_size(series));
    ck_assert_uint_le(wtfcb_profiler_series_size(series), 1 << 20);
    ck_assert_uint_eq(wtfcb_profiler_series_count(series), 864001);
    ck_assert_uint_eq(wtfcb_profiler_series_dropped(series), 864001 - WTFCB_PROFILER_SAMPLES_KEPT);
    assert_whole(series, 100 * MS, end);
    wtfcb_profiler_series_free(series);
    counting_assert_clean(&c);
}
END_TEST

START_TEST(day_at_a_kilohertz_takes_no_more)
{
    const uint64_t end = UINT64_C(3600) * (wtfcb_test_long() ? 24u : 2u) * SECOND;
    wtfcb_profiler_series *series = simulate(NULL, MS, end);
    ck_assert_uint_le(wtfcb_profiler_series_size(series), 1 << 20);
    assert_whole(series, MS, end);
    wtfcb_profiler_series_free(series);
}
END_TEST

START_TEST(row_of_a_gauge_is_weighted_by_time_and_of_a_counter_a_sum)
{
    wtfcb_profiler_series *series;
    ck_assert_int_eq(wtfcb_profiler_series_new(NULL, ALL, &series), WTFCB_OK);
    static const struct {
        uint64_t time, rss, cpu;
    } samples[] = {{0, 100, 7}, {100 * MS, 100, 17}, {900 * MS, 200, 27}, {1100 * MS, 1000, 47}, {1300 * MS, 50, 48}};
    for (size_t i = 0; i < sizeof samples / sizeof *samples; i++) {
        wtfcb_profiler_reading reading = reading_at(0);
        reading.values[WTFCB_METRIC_RSS - 1] = samples[i].rss;
        reading.values[WTFCB_METRIC_CPU - 1] = samples[i].cpu;
        wtfcb_profiler_series_add(series, samples[i].time, &reading);
    }
    wtfcb_profile *profile = collect(series, 100 * MS);
    const wtfcb_profiler_tier *seconds = &profile->tiers[WTFCB_TIER_SECONDS];
    ck_assert_uint_eq(seconds->count, 2); /* the second one is not over */
    ck_assert_uint_eq(seconds->times[0], 1100 * MS);
    ck_assert_uint_eq(seconds->times[1], 1300 * MS);
    ck_assert_uint_eq(column(profile, WTFCB_TIER_SECONDS, WTFCB_METRIC_RSS, 1)[0], (10 + 160 + 200) * 10 / 11);
    ck_assert_uint_eq(column(profile, WTFCB_TIER_SECONDS, WTFCB_METRIC_RSS, 2)[0], 100);
    ck_assert_uint_eq(column(profile, WTFCB_TIER_SECONDS, WTFCB_METRIC_RSS, 3)[0], 1000);
    ck_assert_uint_eq(column(profile, WTFCB_TIER_SECONDS, WTFCB_METRIC_CPU, 1)[0], 40);
    ck_assert_uint_eq(column(profile, WTFCB_TIER_SECONDS, WTFCB_METRIC_RSS, 3)[1], 50);
    ck_assert_uint_eq(column(profile, WTFCB_TIER_SECONDS, WTFCB_METRIC_CPU, 1)[1], 1);
    ck_assert_ptr_null(column(profile, WTFCB_TIER_SECONDS, WTFCB_METRIC_CPU, 3));
    ck_assert_uint_eq(column(profile, WTFCB_TIER_SAMPLES, WTFCB_METRIC_CPU, 1)[0], WTFCB_UNKNOWN);
    ck_assert_uint_eq(column(profile, WTFCB_TIER_SAMPLES, WTFCB_METRIC_CPU, 1)[1], 10);
    ck_assert_uint_eq(wtfcb_profiler_series_peak(series, WTFCB_METRIC_RSS, 1200 * MS), 50);
    ck_assert_uint_eq(wtfcb_profiler_series_peak(series, WTFCB_METRIC_RSS, 1100 * MS), 1000);
    ck_assert_uint_eq(wtfcb_profiler_series_peak(series, WTFCB_METRIC_RSS, 1400 * MS), WTFCB_UNKNOWN);
    wtfcb_profile_free(profile);
    wtfcb_profiler_series_free(series);
}
END_TEST

START_TEST(what_was_counted_over_several_samples_is_spread_over_their_time)
{
    wtfcb_profiler_series *series;
    ck_assert_int_eq(wtfcb_profiler_series_new(NULL, ALL, &series), WTFCB_OK);
    static const uint64_t read[] = {10, WTFCB_UNKNOWN, 30, 25, 26, WTFCB_UNKNOWN, WTFCB_UNKNOWN, 57};
    static const uint64_t kept[] = {WTFCB_UNKNOWN, 10, 10, 0, 1, 11, 10, 10}; /* one that went down begins anew */
    for (size_t i = 0; i < 8; i++) {
        wtfcb_profiler_reading reading = reading_at(0);
        reading.values[WTFCB_METRIC_CPU - 1] = reading.values[WTFCB_METRIC_PSS - 1] = read[i];
        wtfcb_profiler_series_add(series, 950 * MS + i * 10 * MS, &reading);
    }
    wtfcb_profile *profile = collect(series, MS);
    for (size_t i = 0; i < 8; i++)
        ck_assert_uint_eq(column(profile, WTFCB_TIER_SAMPLES, WTFCB_METRIC_CPU, 1)[i], kept[i]);
    ck_assert_uint_eq(column(profile, WTFCB_TIER_SAMPLES, WTFCB_METRIC_PSS, 1)[1], WTFCB_UNKNOWN);
    /* The row of the first second had ended when the last number came, and has its part of it. */
    ck_assert_uint_eq(column(profile, WTFCB_TIER_SECONDS, WTFCB_METRIC_CPU, 1)[0], 10 + 10 + 0 + 1 + 11);
    ck_assert_uint_eq(column(profile, WTFCB_TIER_SECONDS, WTFCB_METRIC_CPU, 1)[1], 10 + 10);
    ck_assert_uint_eq(column(profile, WTFCB_TIER_TEN_SECONDS, WTFCB_METRIC_CPU, 1)[0], 52);
    wtfcb_profile_metric row = wtfcb_profiler_metric_table()[WTFCB_METRIC_CPU - 1];
    wtfcb_profiler_series_figures(series, &row);
    ck_assert_uint_eq(row.last, 52);
    ck_assert_uint_eq(row.maximum, 10);
    ck_assert_uint_eq(row.mean, 52 * 1000 / 70 + 1); /* 742.9 */
    wtfcb_profile_free(profile);
    wtfcb_profiler_series_free(series);
}
END_TEST

START_TEST(gauge_that_was_not_read_is_missing)
{
    wtfcb_profiler_series *series;
    ck_assert_int_eq(wtfcb_profiler_series_new(NULL, ALL, &series), WTFCB_OK);
    static const uint64_t read[] = {10, WTFCB_UNKNOWN, 30, 25, 26};
    for (size_t i = 0; i < 5; i++) {
        wtfcb_profiler_reading reading = reading_at(0);
        reading.values[WTFCB_METRIC_PSS - 1] = read[i];
        wtfcb_profiler_series_add(series, (i + 1) * MS, &reading);
    }
    wtfcb_profile *profile = collect(series, MS);
    ck_assert_uint_eq(column(profile, WTFCB_TIER_SAMPLES, WTFCB_METRIC_PSS, 1)[1], WTFCB_UNKNOWN);
    ck_assert_uint_eq(column(profile, WTFCB_TIER_SECONDS, WTFCB_METRIC_PSS, 1)[0], 23); /* 22.75 */
    wtfcb_profile_free(profile);
    wtfcb_profiler_series_free(series);
}
END_TEST

START_TEST(tier_finer_than_the_interval_has_the_samples_further_back)
{
    wtfcb_profiler_series *series = simulate(NULL, 60 * SECOND, 2000 * 60 * SECOND);
    wtfcb_profile *profile = collect(series, 60 * SECOND);
    ck_assert_uint_eq(profile->tiers[WTFCB_TIER_SAMPLES].count, WTFCB_PROFILER_SAMPLES_KEPT);
    ck_assert_uint_eq(profile->tiers[WTFCB_TIER_SECONDS].interval_ns, 60 * SECOND);
    ck_assert_uint_eq(profile->tiers[WTFCB_TIER_SECONDS].count, WTFCB_PROFILER_SECONDS_KEPT);
    ck_assert_uint_eq(profile->tiers[WTFCB_TIER_TEN_SECONDS].count, 2000); /* the first sample is of no time */
    for (uint64_t i = 1; i <= WTFCB_PROFILER_SAMPLES_KEPT; i++) {
        const wtfcb_profiler_tier *a = &profile->tiers[WTFCB_TIER_SAMPLES];
        const wtfcb_profiler_tier *b = &profile->tiers[WTFCB_TIER_SECONDS];
        ck_assert_uint_eq(a->times[a->count - i], b->times[b->count - i]);
        ck_assert_uint_eq(a->values[0][0][a->count - i], b->values[0][0][b->count - i]);
        ck_assert_uint_eq(a->values[2][0][a->count - i], b->values[2][0][b->count - i]);
    }
    wtfcb_profile_free(profile);
    wtfcb_profiler_series_free(series);
}
END_TEST

START_TEST(peak_is_found_in_roll_ups_when_its_sample_is_gone)
{
    wtfcb_profiler_series *series = simulate(NULL, 100 * MS, 4000 * SECOND);
    ck_assert_uint_eq(wtfcb_profiler_series_peak(series, WTFCB_METRIC_RSS, 1700 * SECOND), UINT64_C(1800) << 20);
    ck_assert_uint_eq(wtfcb_profiler_series_peak(series, WTFCB_METRIC_RSS, 3999 * SECOND), UINT64_C(400) << 20);
    uint64_t late = wtfcb_profiler_series_peak(series, WTFCB_METRIC_RSS, 3000 * SECOND); /* 600 at its beginning */
    ck_assert_uint_ge(late, UINT64_C(598) << 20);
    ck_assert_uint_le(late, UINT64_C(601) << 20);
    wtfcb_profiler_series_free(series);
}
END_TEST

/* As the kernel writes it, of a name that tries to be more than one field. */
static const char stat_text[] =
    "4242 (a) R (b) S) S 17 4242 10301 0 -1 4194304 98 7 3 2 11 22 33 44 20 0 5 0 89130 3133440 390 18446744073709551615 "
    "94509549748224 94509549768105 140729141796576 0 0 0 0 0 0 0 0 0 17 1 0 0 0 0 0 1 1 1 1 1 1 1 0\n";

START_TEST(stat_is_read_behind_the_last_parenthesis)
{
    wtfcb_profiler_stat stat;
    ck_assert(wtfcb_profiler_proc_stat(stat_text, &stat));
    ck_assert_int_eq(stat.state, 'S');
    ck_assert_uint_eq(stat.parent, 17);
    ck_assert_uint_eq(stat.minor_faults, 98);
    ck_assert_uint_eq(stat.reaped_minor_faults, 7);
    ck_assert_uint_eq(stat.major_faults, 3);
    ck_assert_uint_eq(stat.reaped_major_faults, 2);
    ck_assert_uint_eq(stat.ticks, 33);
    ck_assert_uint_eq(stat.reaped_ticks, 77);
    ck_assert_uint_eq(stat.threads, 5);
    ck_assert_uint_eq(stat.start, 89130);
    ck_assert_uint_eq(stat.resident, 390);
}
END_TEST

START_TEST(stat_cut_off_anywhere_is_refused_or_whole)
{
    wtfcb_profiler_stat whole;
    wtfcb_profiler_stat stat;
    char text[sizeof stat_text];
    ck_assert(wtfcb_profiler_proc_stat(stat_text, &whole));
    for (size_t length = 0; length < sizeof stat_text; length++) {
        memcpy(text, stat_text, length);
        text[length] = '\0';
        if (wtfcb_profiler_proc_stat(text, &stat)) ck_assert_mem_eq(&stat, &whole, sizeof stat);
    }
}
END_TEST

/* Any change of bytes: no crash, no read outside (a heap block of the exact size, for the sanitizer to see). */
START_TEST(changed_texts_do_no_harm)
{
    static const char *const texts[] = {stat_text, "765 446 418 5 0 123 0\n",
                                        "rchar: 6976\nwchar: 1\nsyscr: 10\nread_bytes: 0\n",
                                        "some avg10=75.19 avg60=49.54 avg300=32.67 total=276844358\nfull avg10=0.00\n"};
    static const char bytes[] = "0123456789 \n\t():=-\x80\xff";
    for (int i = 0; i < 200000; i++) {
        const char *from = texts[i % 4];
        size_t length = strlen(from);
        char *text = malloc(length + 1);
        ck_assert_ptr_nonnull(text);
        memcpy(text, from, length + 1);
        for (uint64_t n = next_random() % 8; n > 0; n--)
            text[next_random() % length] = bytes[next_random() % sizeof bytes]; /* the NUL too */
        wtfcb_profiler_stat stat;
        uint64_t number;
        (void)wtfcb_profiler_proc_stat(text, &stat);
        (void)wtfcb_profiler_proc_resident(text, &number);
        (void)wtfcb_profiler_proc_field(text, "read_bytes", &number);
        (void)wtfcb_profiler_proc_pressure(text, &number);
        free(text);
    }
}
END_TEST

START_TEST(numbers_that_are_too_large_saturate_and_cut_ones_are_not_believed)
{
    const char *at = " 99999999999999999999999 7";
    uint64_t number;
    ck_assert(wtfcb_profiler_proc_number(&at, &number));
    ck_assert_uint_eq(number, UINT64_MAX - 1);
    ck_assert(!wtfcb_profiler_proc_number(&at, &number));
    at = "-5 ";
    ck_assert(!wtfcb_profiler_proc_number(&at, &number));
    ck_assert(!wtfcb_profiler_proc_resident("", &number));
    ck_assert(!wtfcb_profiler_proc_resident("12 ", &number));
    ck_assert(!wtfcb_profiler_proc_resident("12 34", &number));
    ck_assert(wtfcb_profiler_proc_resident("12 34\n", &number));
    ck_assert_uint_eq(number, 34);
}
END_TEST

START_TEST(fields_are_found_at_the_beginning_of_their_line_alone)
{
    uint64_t number;
    static const char io[] =
        "Name:\tread_bytes: 9\nrchar: 1\nread_bytes: 2\ncancelled_write_bytes: 3\nwrite_bytes: 4\n";
    ck_assert(wtfcb_profiler_proc_field(io, "read_bytes", &number));
    ck_assert_uint_eq(number, 2);
    ck_assert(wtfcb_profiler_proc_field(io, "write_bytes", &number));
    ck_assert_uint_eq(number, 4);
    ck_assert(!wtfcb_profiler_proc_field(io, "bytes", &number));
    ck_assert(!wtfcb_profiler_proc_field(io, "read", &number));
    ck_assert(wtfcb_profiler_proc_field("VmHWM:\t    1752 kB\n", "VmHWM", &number));
    ck_assert_uint_eq(number, 1752);
    ck_assert(wtfcb_profiler_proc_field("nr_periods 0\nthrottled_time 17\n", "throttled_time", &number));
    ck_assert_uint_eq(number, 17);
    ck_assert(wtfcb_profiler_proc_pressure("full total=1\nsome avg10=0.00 total=2\n", &number));
    ck_assert_uint_eq(number, 2);
    ck_assert(!wtfcb_profiler_proc_pressure("some avg10=0.00\nfull avg10=0.00 total=2\n", &number));
    ck_assert(!wtfcb_profiler_proc_pressure("some avg10=0.00 total=2", &number));
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("timeline_series");
    TCase *t = tcase_create("series");
    tcase_set_timeout(t, 300);
    tcase_add_test(t, packed_numbers_are_exact_where_promised_and_near_elsewhere);
    tcase_add_test(t, packed_numbers_saturate_and_the_unknown_one_stays_unknown);
    tcase_add_test(t, day_at_ten_hertz_fits_in_a_mebibyte_and_is_there_as_a_whole);
    tcase_add_test(t, day_at_a_kilohertz_takes_no_more);
    tcase_add_test(t, row_of_a_gauge_is_weighted_by_time_and_of_a_counter_a_sum);
    tcase_add_test(t, what_was_counted_over_several_samples_is_spread_over_their_time);
    tcase_add_test(t, gauge_that_was_not_read_is_missing);
    tcase_add_test(t, tier_finer_than_the_interval_has_the_samples_further_back);
    tcase_add_test(t, peak_is_found_in_roll_ups_when_its_sample_is_gone);
    tcase_add_test(t, stat_is_read_behind_the_last_parenthesis);
    tcase_add_test(t, stat_cut_off_anywhere_is_refused_or_whole);
    tcase_add_test(t, changed_texts_do_no_harm);
    tcase_add_test(t, numbers_that_are_too_large_saturate_and_cut_ones_are_not_believed);
    tcase_add_test(t, fields_are_found_at_the_beginning_of_their_line_alone);
    suite_add_tcase(s, t);
    return s;
}

WTFCB_TEST_MAIN(suite)
