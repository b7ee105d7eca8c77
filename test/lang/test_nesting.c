/* The estimate of nesting: right where brackets match, close where they do not, the same whatever stands around. */
#include "test.h"

#include "lang/nesting.h"

static uint64_t nesting(const char *text)
{
    return wtfcb_lang_nesting(text, strlen(text), 1000000);
}

START_TEST(nesting_of_matched_brackets_is_exact)
{
    ck_assert_uint_eq(nesting(""), 0);
    ck_assert_uint_eq(nesting("int x = 1;"), 0);
    ck_assert_uint_eq(nesting("f(a[1], {2})"), 2);
    ck_assert_uint_eq(nesting("([{([{}])}])()()"), 6);
    ck_assert_uint_eq(nesting("<a><b>;:|~\x08\x5c\x7c"), 0);
}
END_TEST

START_TEST(nesting_is_found_anywhere_in_a_block)
{
    char text[400];
    for (size_t at = 0; at + 6 < sizeof text; at++) {
        memset(text, 'x', sizeof text);
        memcpy(text + at, "({[]})", 6);
        ck_assert_uint_eq(wtfcb_lang_nesting(text, sizeof text, 1000), 3);
        ck_assert_uint_eq(wtfcb_lang_nesting(text, at + 3, 1000), 3);
        ck_assert_uint_eq(wtfcb_lang_nesting(text, at + 1, 1000), 1);
    }
}
END_TEST

START_TEST(closing_brackets_without_an_opening_one_hide_nothing_that_follows)
{
    char text[4096];
    memset(text, ')', sizeof text);
    memset(text + 2048, '(', 1000);
    ck_assert_uint_eq(wtfcb_lang_nesting(text, sizeof text, 100000), 1000);
}
END_TEST

START_TEST(search_ends_at_the_first_nesting_that_is_enough)
{
    static char text[100000];
    memset(text, '[', sizeof text);
    uint64_t found = wtfcb_lang_nesting(text, sizeof text, 500);
    ck_assert(found > 500 && found <= 564);
    ck_assert_uint_eq(wtfcb_lang_nesting(text, sizeof text, sizeof text), sizeof text);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("nesting");
    TCase *t = tcase_create("nesting");
    tcase_add_test(t, nesting_of_matched_brackets_is_exact);
    tcase_add_test(t, nesting_is_found_anywhere_in_a_block);
    tcase_add_test(t, closing_brackets_without_an_opening_one_hide_nothing_that_follows);
    tcase_add_test(t, search_ends_at_the_first_nesting_that_is_enough);
    suite_add_tcase(s, t);
    return s;
}

WTFCB_TEST_MAIN(suite)
