/* The cancellation token: sticky, counted, fired from anywhere. */
#include "base/cancel.h"

#include <pthread.h>
#include <signal.h>

#include "counting.h"

START_TEST(token_stays_fired_until_it_is_reset)
{
    wtfcb_cancel *cancel = NULL;
    ck_assert_int_eq(wtfcb_cancel_new(NULL, &cancel), WTFCB_OK);
    ck_assert_int_eq(wtfcb_cancel_fired(cancel), 0);
    wtfcb_cancel_fire(cancel);
    wtfcb_cancel_fire(cancel);
    ck_assert_int_eq(wtfcb_cancel_fired(cancel), 1);
    ck_assert_int_eq(wtfcb_cancel_fired(cancel), 1);
    wtfcb_cancel_reset(cancel);
    ck_assert_int_eq(wtfcb_cancel_fired(cancel), 0);
    wtfcb_cancel_free(cancel);
}
END_TEST

START_TEST(null_token_is_accepted_and_never_fired)
{
    wtfcb_cancel_free(NULL);
    wtfcb_cancel_fire(NULL);
    wtfcb_cancel_reset(NULL);
    ck_assert_int_eq(wtfcb_cancel_fired(NULL), 0);
    ck_assert_ptr_null(wtfcb_base_cancel_ref(NULL));
}
END_TEST

START_TEST(new_answers_its_arguments_and_leaves_the_result_alone)
{
    counting memory;
    counting_init(&memory);
    wtfcb_allocator broken = memory.allocator;
    broken.free = NULL;
    wtfcb_cancel *const before = (wtfcb_cancel *)&memory;
    wtfcb_cancel *cancel = before;
    ck_assert_int_eq(wtfcb_cancel_new(NULL, NULL), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_cancel_new(&broken, &cancel), WTFCB_EINVAL);
    counting_fail(&memory, 1, false);
    ck_assert_int_eq(wtfcb_cancel_new(&memory.allocator, &cancel), WTFCB_ENOMEM);
    ck_assert_ptr_eq(cancel, before);
    counting_assert_clean(&memory);
}
END_TEST

START_TEST(last_hold_frees_the_token)
{
    counting memory;
    counting_init(&memory);
    wtfcb_cancel *cancel;
    ck_assert_int_eq(wtfcb_cancel_new(&memory.allocator, &cancel), WTFCB_OK);
    ck_assert_ptr_eq(wtfcb_base_cancel_ref(cancel), cancel);
    wtfcb_cancel_free(cancel);
    ck_assert_int_eq(atomic_load(&memory.live), 1);
    wtfcb_cancel_fire(cancel);
    ck_assert_int_eq(wtfcb_cancel_fired(cancel), 1);
    wtfcb_cancel_free(cancel);
    counting_assert_clean(&memory);
}
END_TEST

static wtfcb_cancel *shared;

static void on_signal(int number)
{
    (void)number;
    wtfcb_cancel_fire(shared);
}

START_TEST(signal_handler_may_fire)
{
    ck_assert_int_eq(wtfcb_cancel_new(NULL, &shared), WTFCB_OK);
    struct sigaction action = {.sa_handler = on_signal};
    ck_assert_int_eq(sigaction(SIGUSR1, &action, NULL), 0);
    ck_assert_int_eq(raise(SIGUSR1), 0);
    ck_assert_int_eq(wtfcb_cancel_fired(shared), 1);
    wtfcb_cancel_free(shared);
}
END_TEST

static void *hold_and_fire(void *user)
{
    for (int i = 0; i < 10000; i++) {
        wtfcb_cancel *held = wtfcb_base_cancel_ref(user);
        wtfcb_cancel_fire(held);
        wtfcb_cancel_free(held);
    }
    return NULL;
}

START_TEST(threads_may_hold_and_fire_at_once)
{
    counting memory;
    counting_init(&memory);
    wtfcb_cancel *cancel;
    ck_assert_int_eq(wtfcb_cancel_new(&memory.allocator, &cancel), WTFCB_OK);
    pthread_t threads[4];
    for (int i = 0; i < 4; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, hold_and_fire, cancel), 0);
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    ck_assert_int_eq(wtfcb_cancel_fired(cancel), 1);
    wtfcb_cancel_free(cancel);
    counting_assert_clean(&memory);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("cancel");
    TCase *t = tcase_create("cancel");
    tcase_add_test(t, token_stays_fired_until_it_is_reset);
    tcase_add_test(t, null_token_is_accepted_and_never_fired);
    tcase_add_test(t, new_answers_its_arguments_and_leaves_the_result_alone);
    tcase_add_test(t, last_hold_frees_the_token);
    tcase_add_test(t, signal_handler_may_fire);
    tcase_add_test(t, threads_may_hold_and_fire_at_once);
    suite_add_tcase(s, t);
    return s;
}

WTFCB_TEST_MAIN(suite)
