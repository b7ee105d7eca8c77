/* The spinning lock: one holder at a time, also when the holder sleeps. */
#include <pthread.h>
#include <stdint.h>
#include <time.h>

#include "../test.h"
#include "base/spin.h"

enum { THREADS = 8, TURNS = 20000 };

static wtfcb_base_spin guard;
static uint64_t counted; /* no atomic: what the lock is for */

static void *count(void *unused)
{
    for (int i = 0; i < TURNS; i++) {
        wtfcb_base_spin_lock(&guard);
        counted++;
        wtfcb_base_spin_unlock(&guard);
    }
    return unused;
}

START_TEST(lock_has_one_holder_at_a_time)
{
    pthread_t threads[THREADS];
    counted = 0;
    wtfcb_base_spin_init(&guard);
    for (int i = 0; i < THREADS; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, count, NULL), 0);
    for (int i = 0; i < THREADS; i++)
        ck_assert_int_eq(pthread_join(threads[i], NULL), 0);
    ck_assert_uint_eq(counted, (uint64_t)THREADS * TURNS);
}
END_TEST

static void *note_when_free(void *unused)
{
    wtfcb_base_spin_lock(&guard);
    counted = counted * 2 + 1;
    wtfcb_base_spin_unlock(&guard);
    return unused;
}

/* Long enough for those who wait to have stopped looking and yielding, and to sleep. */
START_TEST(who_waits_for_a_holder_that_sleeps_gets_the_lock_after_it)
{
    pthread_t threads[THREADS];
    wtfcb_base_spin_init(&guard);
    wtfcb_base_spin_lock(&guard);
    counted = 0;
    for (int i = 0; i < THREADS; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, note_when_free, NULL), 0);
    (void)nanosleep(&(struct timespec){.tv_nsec = 30 * 1000 * 1000}, NULL);
    ck_assert_uint_eq(counted, 0);
    counted = 1;
    wtfcb_base_spin_unlock(&guard);
    for (int i = 0; i < THREADS; i++)
        ck_assert_int_eq(pthread_join(threads[i], NULL), 0);
    ck_assert_uint_eq(counted, (1u << (THREADS + 1)) - 1);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("spin");
    TCase *t = tcase_create("spin");
    tcase_add_test(t, lock_has_one_holder_at_a_time);
    tcase_add_test(t, who_waits_for_a_holder_that_sleeps_gets_the_lock_after_it);
    suite_add_tcase(s, t);
    return s;
}

WTFCB_TEST_MAIN(suite)
