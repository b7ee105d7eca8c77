/* The timeline of this process: known loads, known steps of memory, what is missing and why, late samples, fixed memory. */
#include "profiler/timeline_help.h"

#include <pthread.h>
#include <sys/mman.h>

#include "base/counting.h"
#include "base/file.h"

#include <dirent.h>

START_TEST(processor_time_of_a_known_load_is_within_half_a_point)
{
    static const uint64_t loads[] = {0, 5, 30, 50, 80, 100}; /* ms of each window */
    truth truths[TRUTHS];
    truths[0].before = own_cpu(CLOCK_PROCESS_CPUTIME_ID);
    wtfcb_profiler_timeline *timeline = watch(0, false, 100 * MS);
    truths[0].after = own_cpu(CLOCK_PROCESS_CPUTIME_ID);
    for (size_t i = 1; i < TRUTHS; i++) {
        spin(loads[i % 6] * MS);
        sleep_until(wtfcb_profiler_timeline_due(timeline));
        truths[i].before = own_cpu(CLOCK_PROCESS_CPUTIME_ID);
        ck_assert(wtfcb_profiler_timeline_sample(timeline, wtfcb_base_now()));
        truths[i].after = own_cpu(CLOCK_PROCESS_CPUTIME_ID);
    }
    assert_within_half_a_point(timeline, truths);
    wtfcb_profile *profile = profile_of(timeline);
    ck_assert_uint_eq(profile->summary.cpu_ns, profile->metrics[WTFCB_METRIC_CPU - 1].last);
    wtfcb_profile_free(profile);
    wtfcb_profiler_timeline_free(timeline);
}
END_TEST

START_TEST(steps_of_memory_are_seen_at_their_size)
{
    const size_t size = 64 << 20;
    wtfcb_profiler_timeline *timeline = watch(0, false, 100 * MS);
    wtfcb_profiler_moment moment;
    uint64_t before = metric_now(timeline, WTFCB_METRIC_RSS).last;
    char *block = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    ck_assert_ptr_ne(block, MAP_FAILED);
    memset(block, 1, size);
    wtfcb_profiler_timeline_look(timeline, wtfcb_base_now(), &moment);
    uint64_t since = moment.time_ns;
    uint64_t during = metric_now(timeline, WTFCB_METRIC_RSS).last;
    ck_assert_int_eq(munmap(block, size), 0);
    uint64_t after = metric_now(timeline, WTFCB_METRIC_RSS).last;
    ck_assert_double_eq_tol((double)during - (double)before, (double)size, 1 << 20);
    ck_assert_double_eq_tol((double)after - (double)before, 0, 1 << 20);
    ck_assert_double_eq_tol((double)moment.rss, (double)during, 1 << 20);
    ck_assert_uint_ge(wtfcb_profiler_timeline_peak_since(timeline, since), during);
    wtfcb_profiler_timeline_look(timeline, wtfcb_base_now(), &moment);
    ck_assert_uint_lt(wtfcb_profiler_timeline_peak_since(timeline, moment.time_ns), during - size / 2);
    wtfcb_profile *profile = profile_of(timeline);
    ck_assert_uint_ge(profile->summary.rss_peak, during);
    wtfcb_profile_free(profile);
    wtfcb_profiler_timeline_free(timeline);
}
END_TEST

START_TEST(peak_between_two_samples_is_the_kernels_and_an_earlier_one_is_not_ours)
{
    const size_t size = 192 << 20; /* more than any test has taken before */
    for (int round = 0; round < 2; round++) {
        wtfcb_profiler_timeline *timeline = watch(0, false, 100 * MS);
        uint64_t before = metric_now(timeline, WTFCB_METRIC_RSS).last;
        char *block = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        ck_assert_ptr_ne(block, MAP_FAILED);
        if (round == 0) memset(block, 1, size);
        ck_assert_int_eq(munmap(block, size), 0);
        wtfcb_profile *profile = profile_of(timeline);
        if (round == 0)
            ck_assert_uint_ge(profile->summary.rss_peak, before + size - (1 << 20));
        else
            ck_assert_uint_lt(profile->summary.rss_peak, before + size / 2);
        wtfcb_profile_free(profile);
        wtfcb_profiler_timeline_free(timeline);
    }
}
END_TEST

START_TEST(every_metric_has_a_row_that_has_values_or_says_why_not)
{
    wtfcb_profiler_timeline *timeline = watch(0, false, 10 * MS);
    (void)sample_until(timeline, wtfcb_base_now() + 50 * MS);
    (void)wtfcb_profiler_timeline_sample(timeline, wtfcb_base_now()); /* out of turn, as a stop does: all is read */
    wtfcb_profile *profile = profile_of(timeline);
    ck_assert_uint_eq(profile->summary.metric_count, WTFCB_PROFILER_METRICS);
    for (uint32_t i = 0; i < WTFCB_PROFILER_METRICS; i++) {
        const wtfcb_profile_metric *row = &profile->metrics[i];
        ck_assert_uint_eq(row->id, i + 1);
        bool there = row->status == WTFCB_OK;
        if (wtfcb_test_long()) printf("%-22s %s%s\n", row->name, there ? "available" : "", row->reason);
        ck_assert_msg(there == (*row->reason == '\0'), "%s: %s", row->name, row->reason);
        for (uint32_t t = 0; t < WTFCB_TIER_COUNT; t++)
            ck_assert_msg(there == (profile->tiers[t].values[i][0] != NULL), "%s", row->name);
        if (there) ck_assert_msg(row->last != WTFCB_UNKNOWN, "%s", row->name);
    }
    static const uint32_t always[] = {WTFCB_METRIC_RSS,     WTFCB_METRIC_CPU,          WTFCB_METRIC_VOLUNTARY_SWITCHES,
                                      WTFCB_METRIC_THREADS, WTFCB_METRIC_MINOR_FAULTS, WTFCB_METRIC_PROCESSES};
    for (size_t i = 0; i < sizeof always / sizeof *always; i++)
        ck_assert_int_eq(profile->metrics[always[i] - 1].status, WTFCB_OK);
    ck_assert_str_eq(profile->metrics[WTFCB_METRIC_PSS - 1].reason, "not asked for");
    ck_assert_uint_gt(profile->metrics[WTFCB_METRIC_VOLUNTARY_SWITCHES - 1].last, 0);
    ck_assert_uint_gt(profile->summary.overhead_ns, 0);
    ck_assert_uint_eq(profile->summary.process, (uint64_t)getpid());
    wtfcb_profile_free(profile);
    wtfcb_profiler_timeline_free(timeline);
}
END_TEST

START_TEST(reads_and_faults_are_counted)
{
    enum { PAGES = 1000, BYTES = 100000 };
    wtfcb_profiler_timeline *timeline = watch(0, false, 100 * MS);
    uint64_t faults = metric_now(timeline, WTFCB_METRIC_MINOR_FAULTS).last;
    bool counted = metric_now(timeline, WTFCB_METRIC_READ).status == WTFCB_OK;
    uint64_t bytes = metric_now(timeline, WTFCB_METRIC_READ).last;
    char *block = mmap(NULL, PAGES * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    ck_assert_ptr_ne(block, MAP_FAILED);
    ck_assert_int_eq(madvise(block, PAGES * 4096, MADV_NOHUGEPAGE), 0);
    for (size_t i = 0; i < PAGES; i++)
        block[i * 4096] = 1;
    FILE *zeros = fopen("/dev/zero", "r");
    ck_assert_ptr_nonnull(zeros);
    ck_assert_uint_eq(fread(block, 1, BYTES, zeros), BYTES);
    ck_assert_int_eq(fclose(zeros), 0);
    faults = metric_now(timeline, WTFCB_METRIC_MINOR_FAULTS).last - faults;
    ck_assert_uint_ge(faults, PAGES);
    ck_assert_uint_lt(faults, PAGES * 2);
    bytes = metric_now(timeline, WTFCB_METRIC_READ).last - bytes;
    if (counted) ck_assert_uint_ge(bytes, BYTES);
    if (counted) ck_assert_uint_lt(bytes, BYTES * 2); /* whole buffers, and our own readings */
    (void)munmap(block, PAGES * 4096);
    wtfcb_profiler_timeline_free(timeline);
}
END_TEST

START_TEST(late_samples_are_counted_as_missed_and_not_made_up_for)
{
    wtfcb_profiler_timeline *timeline = watch(0, false, 100 * MS);
    uint64_t first = wtfcb_profiler_timeline_due(timeline) - 100 * MS;
    ck_assert(wtfcb_profiler_timeline_sample(timeline, first + 50 * MS)); /* nobody waited for it */
    ck_assert_uint_eq(wtfcb_profiler_timeline_due(timeline), first + 100 * MS);
    ck_assert(wtfcb_profiler_timeline_sample(timeline, first + 130 * MS));
    ck_assert_uint_eq(wtfcb_profiler_timeline_due(timeline), first + 200 * MS);
    ck_assert(wtfcb_profiler_timeline_sample(timeline, first + 1010 * MS));
    ck_assert_uint_eq(wtfcb_profiler_timeline_due(timeline), first + 1100 * MS);
    ck_assert(wtfcb_profiler_timeline_sample(timeline, first + 1010 * MS)); /* no time has passed */
    wtfcb_profile *profile = profile_of(timeline);
    ck_assert_uint_eq(profile->summary.samples, 4);
    ck_assert_uint_eq(profile->summary.samples_missed, 8); /* at 200 to 900 ms */
    const wtfcb_profiler_tier *tier = &profile->tiers[WTFCB_TIER_SAMPLES];
    ck_assert_uint_eq(tier->times[3] - tier->times[2], 880 * MS);
    wtfcb_profile_free(profile);
    wtfcb_profiler_timeline_free(timeline);
}
END_TEST

START_TEST(proportional_share_is_read_as_seldom_as_it_must_be)
{
    wtfcb_profiler_timeline *timeline;
    const wtfcb_profiler_timeline_options options = {.interval_ns = MS, .start_ns = wtfcb_base_now(), .pss = true};
    ck_assert_int_eq(wtfcb_profiler_timeline_new(NULL, &options, &timeline, NULL), WTFCB_OK);
    uint64_t start = wtfcb_profiler_timeline_due(timeline);
    enum { SAMPLES = 500 };
    for (uint64_t i = 0; i < SAMPLES; i++)
        (void)wtfcb_profiler_timeline_sample(timeline, start + i * MS);
    wtfcb_profile *profile = profile_of(timeline);
    const wtfcb_profile_metric *row = &profile->metrics[WTFCB_METRIC_PSS - 1];
    if (row->status == WTFCB_OK) {
        uint64_t known = 0;
        for (uint64_t i = 0; i <= SAMPLES; i++)
            if (samples_of(profile, WTFCB_METRIC_PSS)[i] != WTFCB_UNKNOWN) known++;
        /* A reading takes 10 us or more, so there is at most one in 10 ms. */
        ck_assert_uint_ge(known, 1);
        ck_assert_uint_le(known, SAMPLES / 10 + 1);
        ck_assert_uint_gt(row->last, 0);
        ck_assert_uint_le(row->last, profile->metrics[WTFCB_METRIC_RSS - 1].maximum);
    }
    wtfcb_profile_free(profile);
    wtfcb_profiler_timeline_free(timeline);
}
END_TEST

static size_t open_files(void)
{
    size_t count = 0;
    DIR *directory = opendir("/proc/self/fd");
    ck_assert_ptr_nonnull(directory);
    while (readdir(directory))
        count++;
    (void)closedir(directory);
    return count;
}

START_TEST(day_of_samples_takes_a_mebibyte_no_allocation_and_no_file)
{
    counting c;
    counting_init(&c);
    wtfcb_profiler_timeline *timeline;
    const wtfcb_profiler_timeline_options options = {
        .interval_ns = SECOND, .start_ns = wtfcb_base_now(), .tree = true, .pss = true};
    size_t files = open_files();
    ck_assert_int_eq(wtfcb_profiler_timeline_new(&c.allocator, &options, &timeline, NULL), WTFCB_OK);
    unsigned long calls = atomic_load(&c.calls);
    size_t size = wtfcb_profiler_timeline_size(timeline);
    size_t kept = open_files();
    ck_assert_uint_eq(size, (size_t)atomic_load(&c.live_bytes));
    ck_assert_uint_le(size, 1 << 20);
    if (wtfcb_test_long()) printf("everything: %zu bytes\n", size);
    uint64_t first = wtfcb_profiler_timeline_due(timeline);
    uint64_t samples = wtfcb_test_long() ? 24 * 3600 : 4 * 3600;
    for (uint64_t i = 0; i < samples; i++)
        if (!wtfcb_profiler_timeline_sample(timeline, first + i * SECOND)) ck_abort_msg("ended");
    ck_assert_uint_eq(atomic_load(&c.calls), calls);
    ck_assert_uint_eq(open_files(), kept);
    ck_assert_uint_eq(wtfcb_profiler_timeline_size(timeline), size);
    wtfcb_profile *profile = profile_of(timeline);
    ck_assert_uint_eq(profile->tiers[WTFCB_TIER_TEN_SECONDS].count, samples / 10);
    wtfcb_profile_free(profile);
    wtfcb_profiler_timeline_free(timeline);
    ck_assert_uint_eq(open_files(), files);
    counting_assert_clean(&c);
}
END_TEST

START_TEST(lack_of_memory_is_reported_at_every_place)
{
    counting c;
    counting_init(&c);
    const wtfcb_profiler_timeline_options options = {.interval_ns = SECOND, .start_ns = wtfcb_base_now(), .tree = true};
    size_t files = open_files();
    bool through = false;
    for (unsigned long n = 1; !through; n++) {
        wtfcb_profiler_timeline *timeline = NULL;
        wtfcb_profile *profile = NULL;
        counting_fail(&c, n, false);
        wtfcb_status status = wtfcb_profiler_timeline_new(&c.allocator, &options, &timeline, NULL);
        if (status == WTFCB_OK) status = wtfcb_profiler_profile_new(&c.allocator, &profile);
        if (status == WTFCB_OK) {
            (void)wtfcb_profiler_timeline_sample(timeline, wtfcb_base_now());
            status = wtfcb_profiler_timeline_collect(timeline, profile);
        }
        through = atomic_load(&c.failed) == 0;
        ck_assert_int_eq(status, through ? WTFCB_OK : WTFCB_ENOMEM);
        wtfcb_profile_free(profile);
        wtfcb_profiler_timeline_free(timeline);
        counting_assert_clean(&c);
    }
    ck_assert_uint_eq(open_files(), files);
}
END_TEST

static void *spin_a_little(void *user)
{
    (void)user;
    spin(MS);
    return NULL;
}

START_TEST(threads_that_start_and_end_lose_no_time)
{
    enum { THREADS = 200 };
    wtfcb_profiler_timeline *timeline = watch(0, false, 10 * MS);
    uint64_t before = own_cpu(CLOCK_PROCESS_CPUTIME_ID);
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++) {
        ck_assert_int_eq(pthread_create(&threads[i], NULL, spin_a_little, NULL), 0);
        if (i % 10 == 9) (void)wtfcb_profiler_timeline_sample(timeline, wtfcb_base_now());
    }
    for (int i = 0; i < THREADS; i++)
        (void)pthread_join(threads[i], NULL);
    (void)wtfcb_profiler_timeline_sample(timeline, wtfcb_base_now());
    uint64_t used = own_cpu(CLOCK_PROCESS_CPUTIME_ID) - before;
    wtfcb_profile *profile = profile_of(timeline);
    double ratio = (double)profile->summary.cpu_ns / (double)used;
    ck_assert_double_eq_tol(ratio, 1.0, 0.02);
    ck_assert_uint_gt(profile->metrics[WTFCB_METRIC_THREADS - 1].maximum, 1);
    ck_assert_uint_eq(profile->metrics[WTFCB_METRIC_THREADS - 1].first, 1);
    wtfcb_profile_free(profile);
    wtfcb_profiler_timeline_free(timeline);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("timeline");
    TCase *t = tcase_create("this process");
    tcase_set_timeout(t, 120);
    tcase_add_test(t, processor_time_of_a_known_load_is_within_half_a_point);
    tcase_add_test(t, steps_of_memory_are_seen_at_their_size);
    tcase_add_test(t, peak_between_two_samples_is_the_kernels_and_an_earlier_one_is_not_ours);
    tcase_add_test(t, every_metric_has_a_row_that_has_values_or_says_why_not);
    tcase_add_test(t, reads_and_faults_are_counted);
    tcase_add_test(t, late_samples_are_counted_as_missed_and_not_made_up_for);
    tcase_add_test(t, proportional_share_is_read_as_seldom_as_it_must_be);
    tcase_add_test(t, day_of_samples_takes_a_mebibyte_no_allocation_and_no_file);
    tcase_add_test(t, lack_of_memory_is_reported_at_every_place);
    tcase_add_test(t, threads_that_start_and_end_lose_no_time);
    suite_add_tcase(s, t);
    return s;
}

WTFCB_TEST_MAIN(suite)
