/* Zones of one thread: what is counted, to the nanosecond, under a clock that the tests move. */
#include "recorded.h"

#include <setjmp.h>
#include <signal.h>

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
    ck_assert_uint_eq(frame.total_ns, 824);
    ck_assert_uint_eq(frame.self_ns, 24);
    ck_assert_uint_eq(frame.minimum_ns, 412);
    ck_assert_uint_eq(frame.maximum_ns, 412);
    ck_assert_str_eq(frame.function, "outer");
    ck_assert_ptr_nonnull(strstr(frame.file, "test_zone.c"));
    frame = frame_named("inner");
    ck_assert_uint_eq(frame.count, 5);
    ck_assert_uint_eq(frame.total_ns, 840);
    ck_assert_uint_eq(frame.self_ns, 840);
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

static Suite *suite(void)
{
    Suite *s = suite_create("zone");
    TCase *one = tcase_create("one thread");
    tcase_add_checked_fixture(one, NULL, tear_down);
    tcase_add_test(one, nothing_is_recorded_before_start);
    tcase_add_test(one, totals_of_nested_zones_add_up);
    suite_add_tcase(s, one);
    return s;
}

WTFCB_TEST_MAIN(suite)
