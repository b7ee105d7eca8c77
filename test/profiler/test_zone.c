/* Zones of one thread: what is counted, to the nanosecond, under a clock that the tests move. */
#include "recorded.h"

#include <setjmp.h>
#include <signal.h>

#include "profiler/histogram.h"
#include "profiler/profile.h"
#include "profiler/recorder.h"

static void tear_down(void)
{
    wtfcb_profiler_recorder_stop();
    drop_recorded();
}

START_TEST(nothing_is_recorded_before_start)
{
    {
        WTFCB_ZONE("before");
        pass(10);
    }
    look();
    ck_assert_uint_eq(summary_of_recorded().zones, 0);
    ck_assert_uint_eq(summary_of_recorded().frame_count, 0);
}
END_TEST

static void inner(uint64_t ns)
{
    WTFCB_ZONE("inner");
    pass(ns);
}

static void outer(void)
{
    WTFCB_ZONE("outer");
    pass(5);
    inner(100);
    pass(7);
    inner(300);
}

START_TEST(totals_of_nested_zones_add_up)
{
    start_recording(0);
    outer();
    outer();
    inner(40);
    stop_recording();
    assert_agrees();
    wtfcb_profile_frame frame = frame_named("outer");
    ck_assert_uint_eq(frame.count, 2);
    ck_assert_uint_eq(frame.total, 824);
    ck_assert_uint_eq(frame.self, 24);
    ck_assert_uint_eq(frame.minimum_ns, 412);
    ck_assert_uint_eq(frame.maximum_ns, 412);
    ck_assert_str_eq(frame.function, "outer");
    ck_assert_ptr_nonnull(strstr(frame.file, "test_zone.c"));
    frame = frame_named("inner");
    ck_assert_uint_eq(frame.count, 5);
    ck_assert_uint_eq(frame.total, 840);
    ck_assert_uint_eq(frame.self, 840);
    ck_assert_uint_eq(frame.minimum_ns, 40);
    ck_assert_uint_eq(frame.maximum_ns, 300);
    ck_assert_uint_eq(node_at(0, "outer/inner").count, 4);
    ck_assert_uint_eq(node_at(0, "outer/inner").total, 800);
    ck_assert_uint_eq(node_at(0, "outer").self, 24);
    ck_assert_uint_eq(node_at(0, "inner").count, 1);
    ck_assert_uint_eq(summary_of_recorded().zones, 7);
    ck_assert_uint_eq(summary_of_recorded().zones_dropped, 0);
}
END_TEST

static void recurse(uint32_t depth)
{
    WTFCB_ZONE("recurse");
    pass(10);
    if (depth > 1) recurse(depth - 1);
}

START_TEST(recursion_counts_the_outermost_only)
{
    start_recording(0);
    recurse(4);
    stop_recording();
    assert_agrees();
    wtfcb_profile_frame frame = frame_named("recurse");
    ck_assert_uint_eq(frame.count, 4);
    ck_assert_uint_eq(frame.total, 40);
    ck_assert_uint_eq(frame.self, 40);
    ck_assert_uint_eq(frame.minimum_ns, 10);
    ck_assert_uint_eq(frame.maximum_ns, 40);
    ck_assert_uint_eq(summary_of_recorded().node_count, 4);
}
END_TEST

START_TEST(zones_deeper_than_256_are_dropped_and_counted)
{
    start_recording(0);
    recurse(300);
    recurse(1);
    stop_recording();
    assert_agrees();
    ck_assert_uint_eq(summary_of_recorded().zones, 257);
    ck_assert_uint_eq(summary_of_recorded().zones_dropped, 44);
    /* What ran in those that were dropped is the innermost one's own. */
    ck_assert_uint_eq(frame_named("recurse").total, 3010);
}
END_TEST

/* Steps that are no multiples of anything; the k-th smallest of them is known. */
static void pass_durations(uint64_t first, uint64_t step, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        WTFCB_ZONE("timed");
        pass(first + step * ((uint64_t)i * 7919 % count));
    }
}

static void assert_within_1_percent(uint64_t value, uint64_t expected)
{
    uint64_t off = value > expected ? value - expected : expected - value;
    ck_assert_msg(off * 100 <= expected, "%llu is not within 1 %% of %llu", (unsigned long long)value,
                  (unsigned long long)expected);
}

START_TEST(percentiles_are_within_1_percent)
{
    static const struct {
        uint64_t first, step;
    } cases[] = {{100, 1}, {1000, 7}, {50000, 13}, {1000000, 997}, {UINT64_C(40000000000), 33333333}};
    const uint32_t count = 10007; /* a prime: the walk meets each once */
    const wtfcb_profile *profile;
    start_recording(0);
    pass_durations(cases[_i].first, cases[_i].step, count);
    profile = stop_recording();
    wtfcb_profile_frame frame = frame_named("timed");
    ck_assert_uint_eq(frame.count, count);
    ck_assert_uint_eq(frame.minimum_ns, cases[_i].first);
    ck_assert_uint_eq(frame.maximum_ns, cases[_i].first + cases[_i].step * (count - 1));
    const uint32_t permilles[] = {500, 900, 950, 990};
    const uint64_t found[] = {frame.p50_ns, frame.p90_ns, frame.p95_ns, frame.p99_ns};
    for (size_t i = 0; i < 4; i++) {
        uint64_t rank = ((uint64_t)count * permilles[i] + 999) / 1000;
        assert_within_1_percent(found[i], cases[_i].first + cases[_i].step * (rank - 1));
    }
    for (uint32_t permille = 1; permille < 1000; permille++) {
        uint64_t ns;
        ck_assert_int_eq(wtfcb_profile_percentile(profile, 0, permille, &ns), WTFCB_OK);
        assert_within_1_percent(ns, cases[_i].first + cases[_i].step * (((uint64_t)count * permille + 999) / 1000 - 1));
    }
}
END_TEST

START_TEST(histogram_has_every_pass)
{
    start_recording(0);
    pass_durations(1, 1000, 499);
    const wtfcb_profile *profile = stop_recording();
    uint64_t count = 0;
    for (uint32_t i = 0; i < profile->histograms[0].count; i++)
        count += profile->histograms[0].buckets[i].count;
    ck_assert_uint_eq(count, 499);
}
END_TEST

START_TEST(buckets_are_in_order_and_hold_their_middle)
{
    uint32_t last = 0;
    uint32_t wrong = 0;
    for (uint64_t ns = 0; ns < 70000; ns++) {
        uint32_t bucket = wtfcb_profiler_bucket_of(ns);
        wrong += bucket < last || bucket > last + 1;
        last = bucket;
        wrong += wtfcb_profiler_bucket_of(wtfcb_profiler_bucket_middle(bucket)) != bucket;
    }
    ck_assert_uint_eq(wrong, 0);
    for (uint32_t bit = 0; bit < 64; bit++) {
        uint64_t ns = UINT64_C(1) << bit;
        ck_assert_uint_lt(wtfcb_profiler_bucket_of(ns), WTFCB_PROFILER_BUCKETS);
        ck_assert_uint_lt(wtfcb_profiler_bucket_of(ns - 1), WTFCB_PROFILER_BUCKETS);
        if (bit < 48) assert_within_1_percent(wtfcb_profiler_bucket_middle(wtfcb_profiler_bucket_of(ns)), ns);
    }
    ck_assert_uint_eq(wtfcb_profiler_bucket_of(UINT64_MAX), WTFCB_PROFILER_BUCKETS - 1);
    ck_assert_uint_eq(wtfcb_profiler_bucket_of((UINT64_C(1) << 48) - 1), WTFCB_PROFILER_BUCKETS - 1);
}
END_TEST

/* ---- Jumps ---- */

static jmp_buf target;

static __attribute__((noinline)) void jump_from_inside(uint64_t ns)
{
    wtfcb_zone zone; /* by hand: what a jump does to clean-up is nobody's promise */
    static wtfcb_zone_site site = WTFCB_ZONE_SITE("jumper");
    wtfcb_zone_open(&zone, &site);
    pass(ns);
    inner(3);
    longjmp(target, 1);
}

START_TEST(zones_that_are_jumped_out_of_end_with_the_one_around_them)
{
    start_recording(0);
    {
        WTFCB_ZONE("around");
        pass(1);
        if (setjmp(target) == 0) jump_from_inside(20);
        pass(100);
    }
    inner(7);
    stop_recording();
    assert_agrees();
    ck_assert_uint_eq(frame_named("around").total, 124);
    ck_assert_uint_eq(frame_named("around").self, 121);
    ck_assert_uint_eq(frame_named("jumper").count, 0);
    ck_assert_uint_eq(frame_named("jumper").total, 3);
    ck_assert_uint_eq(node_at(0, "around/jumper/inner").total, 3);
    ck_assert_uint_eq(node_at(0, "inner").total, 7);
    ck_assert_uint_eq(summary_of_recorded().zones_dropped, 1);
}
END_TEST

/*
 * A loop that is left by a jump each time: the zone is entered where an open one was. The address sanitizer puts each call's variables
 * elsewhere, so that there is nothing to see there.
 */
#ifndef __SANITIZE_ADDRESS__
START_TEST(zones_jumped_out_of_in_a_loop_do_not_pile_up)
{
    static volatile uint32_t turns;
    start_recording(0);
    turns = 0;
    {
        WTFCB_ZONE("around");
        (void)setjmp(target);
        if (turns++ < 1000) jump_from_inside(20);
    }
    stop_recording();
    assert_agrees();
    ck_assert_uint_eq(node_at(0, "around/jumper/inner").count, 1000);
    ck_assert_uint_eq(summary_of_recorded().node_count, 3);
    ck_assert_uint_eq(summary_of_recorded().zones_dropped, 1000);
    ck_assert_uint_eq(frame_named("around").total, 23000);
}
END_TEST
#endif

START_TEST(zone_left_twice_or_out_of_order_counts_once)
{
    static wtfcb_zone_site first_site = WTFCB_ZONE_SITE("first");
    static wtfcb_zone_site second_site = WTFCB_ZONE_SITE("second");
    wtfcb_zone zones[2];
    start_recording(0);
    wtfcb_zone_open(&zones[1], &first_site);
    wtfcb_zone_open(&zones[0], &second_site);
    pass(5);
    wtfcb_zone_close(&zones[1]);
    wtfcb_zone_close(&zones[0]);
    wtfcb_zone_close(&zones[1]);
    stop_recording();
    assert_agrees();
    ck_assert_uint_eq(summary_of_recorded().zones, 1);
    ck_assert_uint_eq(frame_named("first").total, 5);
}
END_TEST

/* ---- Recordings ---- */

START_TEST(open_zones_are_not_in_a_look_but_what_is_done_inside_is)
{
    start_recording(0);
    {
        WTFCB_ZONE("open");
        pass(10);
        inner(4);
        look();
        assert_agrees();
        ck_assert_uint_eq(frame_named("open").count, 0);
        ck_assert_uint_eq(frame_named("open").total, 4);
        ck_assert_uint_eq(frame_named("open").minimum_ns, WTFCB_UNKNOWN);
        ck_assert_uint_eq(frame_named("open").p50_ns, WTFCB_UNKNOWN);
        ck_assert_uint_eq(node_at(0, "open/inner").total, 4);
    }
    stop_recording();
    assert_agrees();
    ck_assert_uint_eq(frame_named("open").total, 14);
}
END_TEST

START_TEST(zone_open_across_recordings_is_in_neither)
{
    start_recording(0);
    {
        WTFCB_ZONE("across");
        inner(1);
        wtfcb_profiler_recorder_stop();
        inner(2);
        start_recording(0);
        inner(4);
    }
    inner(8);
    stop_recording();
    assert_agrees();
    ck_assert_ptr_null(frame_named("across").name);
    ck_assert_uint_eq(frame_named("inner").count, 2);
    ck_assert_uint_eq(node_at(0, "inner").total, 12);
}
END_TEST

START_TEST(each_recording_begins_with_nothing)
{
    for (uint32_t i = 1; i <= 3; i++) {
        start_recording(i % 2 * 4096);
        for (uint32_t k = 0; k < i; k++)
            inner(i);
        stop_recording();
        assert_agrees();
        ck_assert_uint_eq(summary_of_recorded().zones, i);
        ck_assert_uint_eq(frame_named("inner").total, i * i);
        ck_assert_uint_eq(summary_of_recorded().event_count, i % 2 * i);
    }
}
END_TEST

START_TEST(second_start_is_refused_until_the_first_has_stopped)
{
    uint64_t start;
    start_recording(0);
    ck_assert_int_eq(wtfcb_profiler_recorder_start(16 << 20, 0, &start), WTFCB_EBUSY);
    wtfcb_profiler_recorder_stop();
    ck_assert_int_eq(wtfcb_profiler_recorder_start(16 << 20, 0, &start), WTFCB_OK);
}
END_TEST

START_TEST(what_was_recorded_can_be_collected_after_stop)
{
    start_recording(0);
    inner(9);
    wtfcb_profiler_recorder_stop();
    inner(9);
    look();
    ck_assert_uint_eq(frame_named("inner").total, 9);
}
END_TEST

/* ---- Sites ---- */

START_TEST(sites_that_say_the_same_are_one_frame)
{
    static wtfcb_zone_site sites[3] = {
        {"same", "f", "a.c", 1, 0, {0}}, {"same", "f", "a.c", 1, 0, {0}}, {"same", "f", "a.c", 2, 0, {0}}};
    start_recording(0);
    for (size_t i = 0; i < 3; i++) {
        wtfcb_zone zone;
        wtfcb_zone_open(&zone, &sites[i]);
        pass(1);
        wtfcb_zone_close(&zone);
    }
    stop_recording();
    assert_agrees();
    ck_assert_uint_eq(summary_of_recorded().frame_count, 2);
    ck_assert_uint_eq(summary_of_recorded().node_count, 2);
}
END_TEST

START_TEST(texts_are_copied_cut_and_may_be_missing)
{
    static char name[400];
    static char file[2000];
    wtfcb_zone_site site = {name, NULL, file, 7, 0, {0}};
    memset(name, 'n', sizeof name - 1);
    memset(file, 'f', sizeof file - 1);
    memcpy(file + sizeof file - 5, "/a.c", 5);
    start_recording(0);
    wtfcb_zone zone;
    wtfcb_zone_open(&zone, &site);
    wtfcb_zone_close(&zone);
    memset(name, 'x', sizeof name - 1);
    memset(&site, 0xff, sizeof site);
    const wtfcb_profile *profile = stop_recording();
    ck_assert_uint_eq(profile->summary.frame_count, 1);
    ck_assert_uint_eq(strlen(profile->frames[0].name), 255);
    ck_assert_int_eq(profile->frames[0].name[0], 'n');
    ck_assert_str_eq(profile->frames[0].function, "");
    ck_assert_uint_eq(strlen(profile->frames[0].file), 1023);
    ck_assert_str_eq(profile->frames[0].file + 1019, "/a.c");
    ck_assert_uint_eq(profile->frames[0].line, 7);
}
END_TEST

START_TEST(sites_beyond_4096_are_dropped_and_counted)
{
    enum { SITES = 5000 };
    static wtfcb_zone_site sites[SITES];
    start_recording(0);
    for (uint32_t round = 0; round < 2; round++) {
        for (uint32_t i = 0; i < SITES; i++) {
            if (round == 0) sites[i] = (wtfcb_zone_site){.name = "many", .line = i + 1};
            wtfcb_zone zone;
            wtfcb_zone_open(&zone, &sites[i]);
            pass(1);
            wtfcb_zone_close(&zone);
        }
    }
    stop_recording();
    assert_agrees();
    wtfcb_profile_summary summary = summary_of_recorded();
    ck_assert_uint_eq(summary.zones + summary.zones_dropped, 2 * SITES);
    ck_assert_uint_gt(summary.frame_count, 3500);
    ck_assert_uint_le(summary.frame_count, 4096);
}
END_TEST

START_TEST(many_zones_side_by_side_are_told_apart)
{
    enum { SITES = 300 };
    static wtfcb_zone_site sites[SITES];
    start_recording(0);
    for (uint32_t round = 0; round < 20; round++) {
        WTFCB_ZONE("around");
        for (uint32_t i = 0; i < SITES; i++) {
            uint32_t which = round % 2 ? i * 7 % SITES : i;
            if (!sites[which].name) sites[which] = (wtfcb_zone_site){.name = "side", .line = which + 1};
            wtfcb_zone zone;
            wtfcb_zone_open(&zone, &sites[which]);
            pass(which);
            wtfcb_zone_close(&zone);
        }
    }
    const wtfcb_profile *profile = stop_recording();
    assert_agrees();
    ck_assert_uint_eq(profile->summary.node_count, SITES + 1);
    for (uint32_t i = 1; i < profile->summary.node_count; i++) {
        ck_assert_uint_eq(profile->nodes[i].count, 20);
        ck_assert_uint_eq(profile->nodes[i].total, 20 * (profile->frames[profile->nodes[i].frame].line - 1));
    }
}
END_TEST

START_TEST(little_memory_drops_and_counts)
{
    start_recording_in(1 << 20, 0);
    static wtfcb_zone_site sites[4000];
    uint64_t asked = 0;
    for (uint32_t i = 0; i < 4000; i++) {
        sites[i] = (wtfcb_zone_site){.name = "many", .line = i + 1};
        wtfcb_zone zone;
        wtfcb_zone_open(&zone, &sites[i]);
        pass(i);
        wtfcb_zone_close(&zone);
        asked++;
    }
    stop_recording();
    assert_agrees();
    wtfcb_profile_summary summary = summary_of_recorded();
    ck_assert_uint_gt(summary.zones_dropped, 0);
    ck_assert_uint_gt(summary.zones, 500);
    ck_assert_uint_eq(summary.zones + summary.zones_dropped, asked);
}
END_TEST

/* ---- Signals ---- */

static volatile sig_atomic_t handled;

static void on_signal(int number);

/* Not named where it is installed: the lint would take it for one that must be async-signal-safe, which is what is tested here. */
static void (*const handler)(int) = on_signal;

static void on_signal(int number)
{
    (void)number;
    WTFCB_ZONE("handler");
    handled = 1;
}

START_TEST(zone_of_a_signal_handler_nests)
{
    signal(SIGUSR1, handler);
    start_recording(0);
    {
        WTFCB_ZONE("around");
        pass(1);
        raise(SIGUSR1);
    }
    stop_recording();
    assert_agrees();
    ck_assert_uint_eq(node_at(0, "around/handler").count, 1);
    ck_assert_uint_eq(summary_of_recorded().zones_dropped, 0);
}
END_TEST

static void interrupt_once(void)
{
    on_clock(NULL);
    raise(SIGUSR1);
}

START_TEST(zone_of_a_handler_that_interrupts_bookkeeping_is_dropped)
{
    signal(SIGUSR1, handler);
    start_recording(0);
    inner(1);
    handled = 0;
    on_clock(interrupt_once); /* inside wtfcb_zone_enter() */
    inner(2);
    ck_assert_int_eq(handled, 1);
    inner(4);
    stop_recording();
    assert_agrees();
    ck_assert_uint_eq(frame_named("inner").total, 7);
    ck_assert_uint_eq(frame_named("inner").count, 3);
    ck_assert_ptr_null(frame_named("handler").name);
    ck_assert_uint_eq(summary_of_recorded().zones_dropped, 1);
}
END_TEST

/* ---- Traces ---- */

START_TEST(trace_has_each_zone_in_the_order_of_ends)
{
    start_recording(1 << 16);
    pass(1000);
    outer();
    const wtfcb_profile *profile = stop_recording();
    assert_agrees();
    ck_assert_uint_eq(profile->summary.event_count, 3);
    const wtfcb_profile_event *events = profile->events;
    ck_assert_str_eq(profile->frames[events[0].frame].name, "inner");
    ck_assert_uint_eq(events[0].start_ns, 1005);
    ck_assert_uint_eq(events[0].duration_ns, 100);
    ck_assert_uint_eq(events[0].depth, 1);
    ck_assert_uint_eq(events[1].start_ns, 1112);
    ck_assert_str_eq(profile->frames[events[2].frame].name, "outer");
    ck_assert_uint_eq(events[2].start_ns, 1000);
    ck_assert_uint_eq(events[2].duration_ns, 412);
    ck_assert_uint_eq(events[2].depth, 0);
}
END_TEST

START_TEST(full_trace_lets_the_oldest_go_and_counts_them)
{
    const uint32_t zones = 50000;
    start_recording(64 << 10);
    for (uint32_t i = 0; i < zones; i++)
        inner(i);
    const wtfcb_profile *profile = stop_recording();
    assert_agrees();
    ck_assert_uint_eq(profile->summary.zones, zones);
    ck_assert_uint_eq(profile->summary.event_count + profile->summary.events_dropped, zones);
    ck_assert_uint_gt(profile->summary.event_count, (64 << 10) / 24 * 7 / 10);
    ck_assert_uint_le(profile->summary.event_count, (64 << 10) / 24);
    uint32_t wrong = 0;
    for (uint64_t i = 0; i < profile->summary.event_count; i++)
        wrong += profile->events[i].duration_ns != profile->summary.events_dropped + i;
    ck_assert_uint_eq(wrong, 0);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("zone");
    TCase *one = tcase_create("one thread");
    tcase_add_checked_fixture(one, NULL, tear_down);
    tcase_add_test(one, nothing_is_recorded_before_start);
    tcase_add_test(one, totals_of_nested_zones_add_up);
    tcase_add_test(one, recursion_counts_the_outermost_only);
    tcase_add_test(one, zones_deeper_than_256_are_dropped_and_counted);
    tcase_add_loop_test(one, percentiles_are_within_1_percent, 0, 5);
    tcase_add_test(one, histogram_has_every_pass);
    tcase_add_test(one, buckets_are_in_order_and_hold_their_middle);
    tcase_add_test(one, zones_that_are_jumped_out_of_end_with_the_one_around_them);
#ifndef __SANITIZE_ADDRESS__
    tcase_add_test(one, zones_jumped_out_of_in_a_loop_do_not_pile_up);
#endif
    tcase_add_test(one, zone_left_twice_or_out_of_order_counts_once);
    tcase_add_test(one, open_zones_are_not_in_a_look_but_what_is_done_inside_is);
    tcase_add_test(one, zone_open_across_recordings_is_in_neither);
    tcase_add_test(one, each_recording_begins_with_nothing);
    tcase_add_test(one, second_start_is_refused_until_the_first_has_stopped);
    tcase_add_test(one, what_was_recorded_can_be_collected_after_stop);
    tcase_add_test(one, sites_that_say_the_same_are_one_frame);
    tcase_add_test(one, texts_are_copied_cut_and_may_be_missing);
    tcase_add_test(one, many_zones_side_by_side_are_told_apart);
    tcase_add_test(one, zone_of_a_signal_handler_nests);
    tcase_add_test(one, zone_of_a_handler_that_interrupts_bookkeeping_is_dropped);
    tcase_add_test(one, trace_has_each_zone_in_the_order_of_ends);
    tcase_add_test(one, full_trace_lets_the_oldest_go_and_counts_them);
    suite_add_tcase(s, one);
    TCase *full = tcase_create("full"); /* last: sites are kept for the life of a process */
    tcase_add_checked_fixture(full, NULL, tear_down);
    tcase_add_test(full, little_memory_drops_and_counts);
    tcase_add_test(full, sites_beyond_4096_are_dropped_and_counted);
    suite_add_tcase(s, full);
    return s;
}

WTFCB_TEST_MAIN(suite)
