/* Options of a scanner: the table that programs derive their flags from, setting, reading, texts. */
#include <wtfcb/scanner.h>

#include "../base/counting.h"
#include "tree.h"

static wtfcb_scanner *scanner;

static void set_up(void)
{
    ck_assert_int_eq(wtfcb_scanner_new(NULL, &scanner), WTFCB_OK);
}

static void tear_down(void)
{
    wtfcb_scanner_free(scanner);
}

static wtfcb_option option_at(uint64_t index)
{
    wtfcb_option row;
    ck_assert_int_eq(wtfcb_scanner_option(index, &row, sizeof row), WTFCB_OK);
    return row;
}

static bool find_option(int32_t id, wtfcb_option *ret_row)
{
    for (uint64_t i = 0; i < wtfcb_scanner_option_count(); i++) {
        *ret_row = option_at(i);
        if (ret_row->id == id) return true;
    }
    return false;
}

/* The ids that the header defines are those between the words "Options that take" and the masks of values. */
static bool is_option_name(const char *name)
{
    return strncmp(name, "WTFCB_SCANNER_", 14) == 0 && strcmp(name, "WTFCB_SCANNER_H") != 0;
}

START_TEST(every_option_of_the_header_is_in_the_table_once_under_its_own_name)
{
    char line[512];
    char path[4096];
    snprintf(path, sizeof path, "%s/../include/wtfcb/scanner.h", wtfcb_test_data_dir());
    FILE *header = fopen(path, "r");
    ck_assert_ptr_nonnull(header);
    uint64_t count = 0;
    while (fgets(line, sizeof line, header)) {
        char name[64];
        int id;
        if (sscanf(line, "#define %63s %d", name, &id) != 2 || !is_option_name(name)) continue;
        wtfcb_option row;
        ck_assert_msg(find_option(id, &row), "%s is not in the table", name);
        char spelled[64];
        size_t length = strlen(name + 14);
        for (size_t i = 0; i <= length; i++) {
            char c = name[14 + i];
            spelled[i] = c == '_' ? '-' : c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
        }
        ck_assert_str_eq(row.name, spelled);
        count++;
    }
    fclose(header);
    ck_assert_uint_eq(count, wtfcb_scanner_option_count());
}
END_TEST

START_TEST(default_of_every_number_lies_in_its_bounds_and_is_what_a_new_scanner_has)
{
    for (uint64_t i = 0; i < wtfcb_scanner_option_count(); i++) {
        wtfcb_option row = option_at(i);
        int64_t value = -1;
        ck_assert_str_ne(row.summary, "");
        ck_assert(row.affects_results == 0 || row.affects_results == 1);
        if (row.type == WTFCB_OPTION_STRINGS) {
            ck_assert(row.minimum == 0 && row.maximum == 0 && row.default_value == 0);
            ck_assert_int_eq(wtfcb_scanner_get(scanner, row.id, &value), WTFCB_ENOTFOUND);
            ck_assert_int_eq(wtfcb_scanner_set(scanner, row.id, 0), WTFCB_ENOTFOUND);
            ck_assert_int_eq(value, -1);
            continue;
        }
        ck_assert(row.type == WTFCB_OPTION_INTEGER || row.type == WTFCB_OPTION_FLAG);
        if (row.type == WTFCB_OPTION_FLAG) ck_assert(row.minimum == 0 && row.maximum == 1);
        ck_assert(row.minimum <= row.default_value && row.default_value <= row.maximum);
        ck_assert_int_eq(wtfcb_scanner_get(scanner, row.id, &value), WTFCB_OK);
        ck_assert_int_eq(value, row.default_value);
        ck_assert_int_eq(wtfcb_scanner_add_string(scanner, row.id, "x"), WTFCB_ENOTFOUND);
    }
}
END_TEST

START_TEST(bounds_are_accepted_and_what_lies_beyond_them_is_not)
{
    for (uint64_t i = 0; i < wtfcb_scanner_option_count(); i++) {
        wtfcb_option row = option_at(i);
        if (row.type == WTFCB_OPTION_STRINGS) continue;
        int64_t value = -1;
        ck_assert_int_eq(wtfcb_scanner_set(scanner, row.id, row.minimum), WTFCB_OK);
        ck_assert_int_eq(wtfcb_scanner_set(scanner, row.id, row.maximum), WTFCB_OK);
        ck_assert_int_eq(wtfcb_scanner_set(scanner, row.id, row.minimum - 1), WTFCB_EINVAL);
        if (row.maximum < INT64_MAX)
            ck_assert_int_eq(wtfcb_scanner_set(scanner, row.id, row.maximum + 1), WTFCB_EINVAL);
        ck_assert_int_eq(wtfcb_scanner_get(scanner, row.id, &value), WTFCB_OK);
        ck_assert_int_eq(value, row.maximum);
    }
}
END_TEST

START_TEST(defaults_are_those_that_the_header_names)
{
    static const struct {
        int32_t id;
        int64_t value;
    } named[] = {
        {WTFCB_SCANNER_DEPTH, WTFCB_DEPTH_LINES},
        {WTFCB_SCANNER_KEEP, WTFCB_KEEP_ALL},
        {WTFCB_SCANNER_HIDDEN, 0},
        {WTFCB_SCANNER_IGNORE, 1},
        {WTFCB_SCANNER_FOLLOW, 0},
        {WTFCB_SCANNER_DEADLINE, 0},
        {WTFCB_SCANNER_MAX_PARSE_SIZE, 2 << 20},
        {WTFCB_SCANNER_THREADS, 0},
        {WTFCB_SCANNER_MAX_FILE_SIZE, 256 << 20},
    };
    for (size_t i = 0; i < sizeof named / sizeof *named; i++) {
        int64_t value = -1;
        ck_assert_int_eq(wtfcb_scanner_get(scanner, named[i].id, &value), WTFCB_OK);
        ck_assert_msg(value == named[i].value, "option %d is %lld", named[i].id, (long long)value);
    }
}
END_TEST

START_TEST(unknown_option_is_not_found)
{
    static const int32_t unknown[] = {0, -1, 31, 40, 63, 68, 1000, INT32_MAX, INT32_MIN};
    int64_t value = 5;
    for (size_t i = 0; i < sizeof unknown / sizeof *unknown; i++) {
        ck_assert_int_eq(wtfcb_scanner_set(scanner, unknown[i], 1), WTFCB_ENOTFOUND);
        ck_assert_int_eq(wtfcb_scanner_get(scanner, unknown[i], &value), WTFCB_ENOTFOUND);
        ck_assert_int_eq(wtfcb_scanner_add_string(scanner, unknown[i], "x"), WTFCB_ENOTFOUND);
    }
    ck_assert_int_eq(value, 5);
}
END_TEST

START_TEST(null_arguments_are_refused)
{
    int64_t value = 5;
    wtfcb_option row;
    ck_assert_int_eq(wtfcb_scanner_new(NULL, NULL), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_scanner_set(NULL, WTFCB_SCANNER_DEPTH, 1), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_scanner_get(NULL, WTFCB_SCANNER_DEPTH, &value), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_scanner_get(scanner, WTFCB_SCANNER_DEPTH, NULL), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_scanner_add_string(NULL, WTFCB_SCANNER_EXCLUDE, "x"), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_scanner_add_string(scanner, WTFCB_SCANNER_EXCLUDE, ""), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_scanner_add_string(scanner, WTFCB_SCANNER_LANGUAGE, ""), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_scanner_set_languages(NULL, NULL), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_scanner_set_cancel(NULL, NULL), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_scanner_set_progress(NULL, NULL, NULL), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_scanner_set_visitor(NULL, NULL, NULL), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_scanner_set_reader(NULL, NULL, NULL, NULL), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_scanner_option(0, NULL, sizeof row), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_scanner_option(0, &row, 0), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_scanner_option(wtfcb_scanner_option_count(), &row, sizeof row), WTFCB_ENOTFOUND);
    ck_assert_int_eq(wtfcb_scanner_option(UINT64_MAX, &row, sizeof row), WTFCB_ENOTFOUND);
    wtfcb_scanner_free(NULL);
}
END_TEST

START_TEST(row_of_an_option_is_cut_or_extended_to_the_callers_struct)
{
    struct {
        wtfcb_option row;
        unsigned char more[64];
    } large;
    memset(&large, 0xee, sizeof large);
    ck_assert_int_eq(wtfcb_scanner_option(0, &large.row, sizeof large), WTFCB_OK);
    wtfcb_option whole = option_at(0);
    ck_assert_str_eq(large.row.name, whole.name);
    for (size_t i = 0; i < sizeof large.more; i++)
        ck_assert_uint_eq(large.more[i], 0);
    wtfcb_option small;
    memset(&small, 0xee, sizeof small);
    ck_assert_int_eq(wtfcb_scanner_option(0, &small, offsetof(wtfcb_option, summary)), WTFCB_OK);
    ck_assert_ptr_eq(small.name, whole.name);
    ck_assert_uint_eq((unsigned char)((char *)&small)[offsetof(wtfcb_option, summary)], 0xee);
}
END_TEST

START_TEST(language_that_nobody_knows_is_not_found_and_changes_nothing)
{
    tree_begin();
    tree_put("a.c", "int a;\n");
    ck_assert_int_eq(wtfcb_scanner_add_string(scanner, WTFCB_SCANNER_LANGUAGE, "Klingon"), WTFCB_ENOTFOUND);
    wtfcb_codebase *codebase = tree_scan(scanner);
    ck_assert_uint_eq(wtfcb_codebase_file_count(codebase), 1);
    wtfcb_codebase_free(codebase);
    tree_end();
}
END_TEST

START_TEST(texts_are_copied_and_forgotten_with_null)
{
    tree_begin();
    tree_put("a.c", "int a;\n");
    tree_put("b.py", "b = 1\n");
    char pattern[8] = "*.py";
    char language[8] = "C";
    ck_assert_int_eq(wtfcb_scanner_add_string(scanner, WTFCB_SCANNER_INCLUDE, pattern), WTFCB_OK);
    memset(pattern, 'x', sizeof pattern - 1);
    wtfcb_codebase *codebase = tree_scan(scanner);
    tree_assert_list(codebase, "b.py ");
    wtfcb_codebase_free(codebase);
    ck_assert_int_eq(wtfcb_scanner_add_string(scanner, WTFCB_SCANNER_INCLUDE, NULL), WTFCB_OK);
    ck_assert_int_eq(wtfcb_scanner_add_string(scanner, WTFCB_SCANNER_LANGUAGE, language), WTFCB_OK);
    memset(language, 'x', sizeof language - 1);
    codebase = tree_scan(scanner);
    tree_assert_list(codebase, "a.c ");
    wtfcb_codebase_free(codebase);
    ck_assert_int_eq(wtfcb_scanner_add_string(scanner, WTFCB_SCANNER_LANGUAGE, NULL), WTFCB_OK);
    ck_assert_int_eq(wtfcb_scanner_add_string(scanner, WTFCB_SCANNER_EXCLUDE, "a.*"), WTFCB_OK);
    ck_assert_int_eq(wtfcb_scanner_add_string(scanner, WTFCB_SCANNER_EXCLUDE, "b.*"), WTFCB_OK);
    codebase = tree_scan(scanner);
    tree_assert_list(codebase, "");
    wtfcb_codebase_free(codebase);
    ck_assert_int_eq(wtfcb_scanner_add_string(scanner, WTFCB_SCANNER_EXCLUDE, NULL), WTFCB_OK);
    codebase = tree_scan(scanner);
    tree_assert_list(codebase, "a.c b.py ");
    wtfcb_codebase_free(codebase);
    tree_end();
}
END_TEST

START_TEST(allocation_that_fails_while_setting_leaves_the_scanner_as_it_was)
{
    counting memory;
    counting_init(&memory);
    wtfcb_allocator broken = memory.allocator;
    broken.realloc = NULL;
    wtfcb_scanner *other = scanner;
    ck_assert_int_eq(wtfcb_scanner_new(&broken, &other), WTFCB_EINVAL);
    counting_fail(&memory, 1, true);
    ck_assert_int_eq(wtfcb_scanner_new(&memory.allocator, &other), WTFCB_ENOMEM);
    ck_assert_ptr_eq(other, scanner);
    counting_fail(&memory, 0, false);
    ck_assert_int_eq(wtfcb_scanner_new(&memory.allocator, &other), WTFCB_OK);
    static const int32_t ids[] = {WTFCB_SCANNER_EXCLUDE, WTFCB_SCANNER_INCLUDE, WTFCB_SCANNER_LANGUAGE};
    for (size_t i = 0; i < 3; i++) {
        wtfcb_status status = WTFCB_ENOMEM;
        for (unsigned long n = 1; status == WTFCB_ENOMEM && n < 100; n++) {
            counting_fail(&memory, n, false);
            status = wtfcb_scanner_add_string(other, ids[i], "C");
        }
        ck_assert_int_eq(status, WTFCB_OK);
    }
    wtfcb_scanner_free(other);
    counting_assert_clean(&memory);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("options");
    TCase *t = tcase_create("options");
    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_add_test(t, every_option_of_the_header_is_in_the_table_once_under_its_own_name);
    tcase_add_test(t, default_of_every_number_lies_in_its_bounds_and_is_what_a_new_scanner_has);
    tcase_add_test(t, bounds_are_accepted_and_what_lies_beyond_them_is_not);
    tcase_add_test(t, defaults_are_those_that_the_header_names);
    tcase_add_test(t, unknown_option_is_not_found);
    tcase_add_test(t, null_arguments_are_refused);
    tcase_add_test(t, row_of_an_option_is_cut_or_extended_to_the_callers_struct);
    tcase_add_test(t, language_that_nobody_knows_is_not_found_and_changes_nothing);
    tcase_add_test(t, texts_are_copied_and_forgotten_with_null);
    tcase_add_test(t, allocation_that_fails_while_setting_leaves_the_scanner_as_it_was);
    suite_add_tcase(s, t);
    return s;
}

WTFCB_TEST_MAIN(suite)
