/* What this process may use of the machine, the clock, and the threads that the library starts. */
#include "base/host.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>

#include "base/clock.h"
#include "base/thread.h"

#include "../test.h"

START_TEST(cores_are_never_more_than_the_affinity_mask_allows)
{
    cpu_set_t before;
    ck_assert_int_eq(sched_getaffinity(0, sizeof before, &before), 0);
    uint32_t cores = wtfcb_base_host_cores();
    ck_assert_uint_ge(cores, 1);
    ck_assert_uint_le(cores, (uint32_t)CPU_COUNT(&before));
    cpu_set_t one;
    CPU_ZERO(&one);
    for (size_t i = 0; i < CPU_SETSIZE && CPU_COUNT(&one) == 0; i++)
        if (CPU_ISSET(i, &before)) CPU_SET(i, &one);
    ck_assert_int_eq(sched_setaffinity(0, sizeof one, &one), 0);
    ck_assert_uint_eq(wtfcb_base_host_cores(), 1);
    ck_assert_int_eq(sched_setaffinity(0, sizeof before, &before), 0);
    ck_assert_uint_eq(wtfcb_base_host_cores(), cores);
}
END_TEST

START_TEST(test_program_has_no_more_rights_than_its_user)
{
    ck_assert(!wtfcb_base_host_privileged());
}
END_TEST

START_TEST(clocks_agree_and_never_go_back)
{
    uint64_t before = wtfcb_base_now();
    for (int i = 0; i < 10000; i++) {
        uint64_t now = wtfcb_base_now();
        if (now < before) ck_abort_msg("%llu ns back", (unsigned long long)(before - now));
        before = now;
    }
    uint64_t coarse = wtfcb_base_now_coarse();
    uint64_t fine = wtfcb_base_now();
    ck_assert_uint_ge(fine, coarse);
    ck_assert_uint_lt(fine - coarse, 1000000000u);
}
END_TEST

typedef struct observed {
    sigset_t blocked;
    size_t stack;
    char name[16];
} observed;

static void *observe(void *user)
{
    observed *o = user;
    pthread_attr_t attributes;
    (void)pthread_sigmask(SIG_SETMASK, NULL, &o->blocked);
    if (pthread_getattr_np(pthread_self(), &attributes) == 0) {
        (void)pthread_attr_getstacksize(&attributes, &o->stack);
        (void)pthread_attr_destroy(&attributes);
    }
    return NULL;
}

START_TEST(thread_has_every_signal_blocked_and_eight_mib_of_stack)
{
    observed o = {.stack = 0};
    pthread_t thread;
    ck_assert_int_eq(wtfcb_base_thread_start(&thread, "name", observe, &o), 0);
    pthread_join(thread, NULL);
    for (int i = 1; i < NSIG; i++) {
        if (i == SIGKILL || i == SIGSTOP) continue;
        int member = sigismember(&o.blocked, i);
        if (member >= 0 && i < 32) ck_assert_msg(member == 1, "signal %d", i);
    }
    ck_assert_uint_ge(o.stack, 8 << 20);
    ck_assert_uint_le(o.stack, (8 << 20) + (1 << 20));
}
END_TEST

START_TEST(start_of_a_thread_leaves_the_callers_signals_as_they_were)
{
    sigset_t mine;
    sigset_t before;
    sigset_t after;
    sigemptyset(&mine);
    sigaddset(&mine, SIGUSR2);
    ck_assert_int_eq(pthread_sigmask(SIG_BLOCK, &mine, NULL), 0);
    pthread_sigmask(SIG_SETMASK, NULL, &before);
    observed o;
    pthread_t thread;
    ck_assert_int_eq(wtfcb_base_thread_start(&thread, "name", observe, &o), 0);
    pthread_sigmask(SIG_SETMASK, NULL, &after);
    pthread_join(thread, NULL);
    for (int i = 1; i < 32; i++)
        ck_assert_int_eq(sigismember(&before, i), sigismember(&after, i));
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("host");
    TCase *t = tcase_create("host");
    tcase_add_test(t, cores_are_never_more_than_the_affinity_mask_allows);
    tcase_add_test(t, test_program_has_no_more_rights_than_its_user);
    tcase_add_test(t, clocks_agree_and_never_go_back);
    tcase_add_test(t, thread_has_every_signal_blocked_and_eight_mib_of_stack);
    tcase_add_test(t, start_of_a_thread_leaves_the_callers_signals_as_they_were);
    suite_add_tcase(s, t);
    return s;
}

WTFCB_TEST_MAIN(suite)
