/* wtfcb_error is filled as far as the caller's struct reaches, and errno values have their statuses. */
#include "base/error.h"

#include <errno.h>

#include "../test.h"

START_TEST(error_carries_status_errno_path_and_sentence)
{
    wtfcb_error error = WTFCB_ERROR_INIT;
    ck_assert_int_eq(wtfcb_base_error(&error, WTFCB_EIO, EIO, "a/b", "cannot read %s", "a/b"), WTFCB_EIO);
    ck_assert_uint_eq(error.size, sizeof error);
    ck_assert_int_eq(error.status, WTFCB_EIO);
    ck_assert_int_eq(error.os_error, EIO);
    ck_assert_uint_eq(error.reserved, 0);
    ck_assert(error.position == WTFCB_NO_POSITION);
    ck_assert_str_eq(error.path, "a/b");
    ck_assert_str_eq(error.message, "cannot read a/b");
}
END_TEST

START_TEST(caller_who_did_not_ask_gets_the_status_alone)
{
    ck_assert_int_eq(wtfcb_base_error(NULL, WTFCB_EINVAL, 0, NULL, "%s", "x"), WTFCB_EINVAL);
}
END_TEST

START_TEST(path_that_is_too_long_is_cut_at_the_front)
{
    char path[3000];
    for (size_t i = 0; i < sizeof path; i++)
        path[i] = (char)('a' + i % 26);
    for (size_t length = 1000; length < 1100; length++) {
        path[length] = '\0';
        wtfcb_error error = WTFCB_ERROR_INIT;
        memset(error.path, 'X', sizeof error.path);
        (void)wtfcb_base_error(&error, WTFCB_EIO, 0, path, "x");
        if (length < sizeof error.path) {
            ck_assert_str_eq(error.path, path);
        } else {
            ck_assert_uint_eq(strlen(error.path), sizeof error.path - 1);
            ck_assert_mem_eq(error.path, "...", 3);
            ck_assert_str_eq(error.path + 3, path + length - (sizeof error.path - 4));
        }
        path[length] = (char)('a' + length % 26);
    }
}
END_TEST

START_TEST(message_that_is_too_long_is_cut_and_ends_with_a_nul)
{
    char text[2000];
    memset(text, 'm', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    wtfcb_error error = WTFCB_ERROR_INIT;
    (void)wtfcb_base_error(&error, WTFCB_EIO, 0, NULL, "%s", text);
    ck_assert_uint_eq(strlen(error.message), sizeof error.message - 1);
    ck_assert_str_eq(error.path, "");
}
END_TEST

START_TEST(no_byte_behind_the_callers_size_is_written)
{
    static const unsigned char untouched = 0xdd;
    for (uint32_t size = 0; size <= sizeof(wtfcb_error); size++) {
        wtfcb_error error;
        memset(&error, untouched, sizeof error);
        error.size = size;
        (void)wtfcb_base_error(&error, WTFCB_EIO, ENOSPC, "path", "message");
        const unsigned char *bytes = (const void *)&error;
        size_t written = size < sizeof error.size ? sizeof error.size : size;
        for (size_t i = written; i < sizeof error; i++)
            if (bytes[i] != untouched) ck_abort_msg("byte %zu of a struct of %u", i, size);
        if (size >= offsetof(wtfcb_error, path)) ck_assert_int_eq(error.status, WTFCB_EIO);
    }
}
END_TEST

START_TEST(every_errno_of_a_file_operation_has_the_status_that_the_header_describes)
{
    static const struct {
        int os_error;
        wtfcb_status status;
    } expected[] = {
        {0, WTFCB_OK},
        {ENOENT, WTFCB_ENOTFOUND},
        {ENOTDIR, WTFCB_ENOTFOUND},
        {EACCES, WTFCB_EACCES},
        {EPERM, WTFCB_EACCES},
        {ENOMEM, WTFCB_ENOMEM},
        {ELOOP, WTFCB_ELOOP},
        {ENXIO, WTFCB_ESPECIAL},
        {EIO, WTFCB_EIO},
        {EMFILE, WTFCB_EIO},
        {ENAMETOOLONG, WTFCB_ELIMIT},
        {EISDIR, WTFCB_EIO},
        {ESTALE, WTFCB_EIO},
        {12345, WTFCB_EIO},
        {ENOSPC, WTFCB_ENOSPACE},
        {EDQUOT, WTFCB_ENOSPACE},
        {EROFS, WTFCB_EREADONLY},
    };
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++)
        ck_assert_int_eq(wtfcb_base_status_of_errno(expected[i].os_error), expected[i].status);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("error");
    TCase *t = tcase_create("error");
    tcase_add_test(t, error_carries_status_errno_path_and_sentence);
    tcase_add_test(t, caller_who_did_not_ask_gets_the_status_alone);
    tcase_add_test(t, path_that_is_too_long_is_cut_at_the_front);
    tcase_add_test(t, message_that_is_too_long_is_cut_and_ends_with_a_nul);
    tcase_add_test(t, no_byte_behind_the_callers_size_is_written);
    tcase_add_test(t, every_errno_of_a_file_operation_has_the_status_that_the_header_describes);
    suite_add_tcase(s, t);
    return s;
}

WTFCB_TEST_MAIN(suite)
