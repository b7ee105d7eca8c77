/* The table of statuses agrees with the public header, which is read here as text. */
#include <ctype.h>

#include <wtfcb/status.h>
#include <wtfcb/version.h>

#include "../test.h"

/* The next `#define WTFCB_OK 0` or `#define WTFCB_E... (-n)` of the header; false at its end. */
static bool next_status(FILE *header, char name[64], int *ret_value)
{
    char line[512];
    while (fgets(line, sizeof line, header)) {
        if (sscanf(line, "#define %63s (%d)", name, ret_value) == 2 && strncmp(name, "WTFCB_E", 7) == 0) return true;
        if (sscanf(line, "#define %63s %d", name, ret_value) == 2 && strcmp(name, "WTFCB_OK") == 0) return true;
    }
    return false;
}

static FILE *open_header(void)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/../include/wtfcb/status.h", wtfcb_test_data_dir());
    FILE *header = fopen(path, "r");
    ck_assert_msg(header != NULL, "%s", path);
    return header;
}

START_TEST(every_status_of_the_header_has_its_name_and_a_message)
{
    FILE *header = open_header();
    char name[64];
    int value;
    int count = 0;
    while (next_status(header, name, &value)) {
        ck_assert_str_eq(wtfcb_status_name(value), name);
        const char *message = wtfcb_status_message(value);
        ck_assert_str_ne(message, "unknown status");
        ck_assert_msg(islower((unsigned char)message[0]) && message[strlen(message) - 1] != '.', "%s", message);
        count++;
    }
    fclose(header);
    ck_assert_int_ge(count, 22);
}
END_TEST

START_TEST(statuses_are_numbered_without_gaps_and_nothing_else_is_in_the_table)
{
    FILE *header = open_header();
    char name[64];
    int value;
    int expected = 0;
    while (next_status(header, name, &value))
        ck_assert_int_eq(value, expected--);
    fclose(header);
    const int others[] = {1, 1000, INT32_MAX, INT32_MIN, expected, expected - 1};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        ck_assert_str_eq(wtfcb_status_name(others[i]), "WTFCB_E?");
        ck_assert_str_eq(wtfcb_status_message(others[i]), "unknown status");
    }
}
END_TEST

/* Pinned for ever: a change of these numbers breaks every compiled user. */
START_TEST(numbers_are_those_of_the_first_release)
{
    ck_assert_int_eq(WTFCB_OK, 0);
    ck_assert_int_eq(WTFCB_EINVAL, -1);
    ck_assert_int_eq(WTFCB_ENOMEM, -2);
    ck_assert_int_eq(WTFCB_ENOTFOUND, -3);
    ck_assert_int_eq(WTFCB_EACCES, -4);
    ck_assert_int_eq(WTFCB_EIO, -5);
    ck_assert_int_eq(WTFCB_ECANCELLED, -6);
    ck_assert_int_eq(WTFCB_EBUSY, -7);
    ck_assert_int_eq(WTFCB_ELIMIT, -8);
    ck_assert_int_eq(WTFCB_ETIMEOUT, -9);
    ck_assert_int_eq(WTFCB_EUNSUPPORTED, -10);
    ck_assert_int_eq(WTFCB_EFORMAT, -11);
    ck_assert_int_eq(WTFCB_ECHANGED, -12);
    ck_assert_int_eq(WTFCB_ELOOP, -13);
    ck_assert_int_eq(WTFCB_EFORK, -14);
    ck_assert_int_eq(WTFCB_ESPECIAL, -15);
    ck_assert_int_eq(WTFCB_EGRAMMAR, -16);
    ck_assert_int_eq(WTFCB_ECALLBACK, -17);
    ck_assert_int_eq(WTFCB_ENOSPACE, -18);
    ck_assert_int_eq(WTFCB_EUNSAFE, -19);
    ck_assert_int_eq(WTFCB_EREADONLY, -20);
    ck_assert_int_eq(WTFCB_EDAMAGED, -21);
}
END_TEST

START_TEST(version_at_run_time_is_the_headers)
{
    char text[32];
    snprintf(text, sizeof text, "%d.%d.%d", WTFCB_VERSION_MAJOR, WTFCB_VERSION_MINOR, WTFCB_VERSION_PATCH);
    ck_assert_str_eq(wtfcb_version_string(), text);
    ck_assert_int_eq(wtfcb_version_number(), WTFCB_VERSION_NUMBER);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("status");
    TCase *t = tcase_create("status");
    tcase_add_test(t, every_status_of_the_header_has_its_name_and_a_message);
    tcase_add_test(t, statuses_are_numbered_without_gaps_and_nothing_else_is_in_the_table);
    tcase_add_test(t, numbers_are_those_of_the_first_release);
    tcase_add_test(t, version_at_run_time_is_the_headers);
    suite_add_tcase(s, t);
    return s;
}

WTFCB_TEST_MAIN(suite)
