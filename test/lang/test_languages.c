/* The handle: its table keeps its own rules, its public functions keep their contract, and no failed allocation hurts. */
#include "test.h"

#include <strings.h>

#include "lang/detect_rules.h"
#include "lang/languages.h"

static wtfcb_languages *languages;

static void set_up(void)
{
    ck_assert_int_eq(wtfcb_languages_new(NULL, &languages), WTFCB_OK);
}

static void tear_down(void)
{
    wtfcb_languages_free(languages);
}

START_TEST(table_is_sorted_and_every_name_finds_its_row)
{
    for (uint32_t i = 0; i < wtfcb_languages_count(languages); i++) {
        wtfcb_language row;
        uint32_t found = UINT32_MAX;
        ck_assert_int_eq(wtfcb_languages_get(languages, i, &row, sizeof row), WTFCB_OK);
        ck_assert_uint_eq(row.index, i);
        ck_assert_int_eq(wtfcb_languages_find(languages, row.name, &found), WTFCB_OK);
        ck_assert_uint_eq(found, i);
        if (i > 0) ck_assert_msg(strcasecmp(wtfcb_lang_rows[i - 1].name, row.name) < 0, "%s", row.name);
        ck_assert(row.group >= WTFCB_LANGUAGE_PROGRAMMING && row.group <= WTFCB_LANGUAGE_PROSE && *row.group_name);
        ck_assert((*row.block_open == 0) == (*row.block_close == 0));
    }
}
END_TEST

/* Call `check` for each item of a list. */
static void each(uint16_t index, const char *list, void (*check)(uint16_t index, const char *item))
{
    char item[64];
    while (*list) {
        size_t length = strcspn(list, " ");
        ck_assert_uint_gt(length, 0);
        ck_assert_uint_lt(length, sizeof item);
        memcpy(item, list, length);
        item[length] = 0;
        check(index, item);
        list += length + (list[length] == ' ');
        ck_assert(*list || list[-1] != ' ');
    }
}

static void check_alias(uint16_t index, const char *item)
{
    ck_assert_msg(wtfcb_lang_find(languages, item, strlen(item)) == index, "alias %s", item);
    for (const char *c = item; *c; c++)
        ck_assert(*c < 'A' || *c > 'Z');
}

static void check_file_name(uint16_t index, const char *item)
{
    ck_assert_msg(wtfcb_base_map_get(&languages->file_names, item, strlen(item)) == index, "file name %s", item);
}

static void check_interpreter(uint16_t index, const char *item)
{
    ck_assert_msg(wtfcb_base_map_get(&languages->interpreters, item, strlen(item)) == index, "interpreter %s", item);
}

static void check_extension(uint16_t index, const char *item)
{
    uint32_t value = wtfcb_base_map_get(&languages->extensions, item, strlen(item));
    uint32_t rule = value >> WTFCB_LANG_SHARED_SHIFT;
    bool among = (uint16_t)value == index;
    for (int c = 0; rule && c < WTFCB_LANG_SHARED_CHOICES; c++)
        among |= languages->rule_choices[rule - 1][c] == index;
    ck_assert_msg(among, "extension %s of %s is taken and has no rule for it", item, wtfcb_lang_rows[index].name);
}

START_TEST(nothing_in_the_table_is_hidden_by_another_row)
{
    for (uint16_t i = 0; i < languages->count; i++) {
        each(i, wtfcb_lang_rows[i].aliases, check_alias);
        each(i, wtfcb_lang_rows[i].file_names, check_file_name);
        each(i, wtfcb_lang_rows[i].interpreters, check_interpreter);
        each(i, wtfcb_lang_rows[i].extensions, check_extension);
    }
}
END_TEST

START_TEST(grammars_have_the_names_of_their_languages)
{
    static const char *const expected[][2] = {
        {"C", "c"},    {"C++", "cpp"},   {"Python", "python"}, {"JavaScript", "javascript"},
        {"Go", "go"},  {"Rust", "rust"}, {"Java", "java"},     {"TypeScript", "typescript"},
        {"TSX", "tsx"}};
    for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++) {
        uint16_t index = wtfcb_lang_find(languages, expected[i][0], strlen(expected[i][0]));
        ck_assert_uint_ne(index, WTFCB_LANG_NONE);
        ck_assert_str_eq(languages->rows[index].grammar, expected[i][1]);
    }
}
END_TEST

START_TEST(comment_forms_are_reported)
{
    wtfcb_language row;
    uint32_t index;
    ck_assert_int_eq(wtfcb_languages_find(languages, "CPP", &index), WTFCB_OK);
    wtfcb_languages_get(languages, index, &row, sizeof row);
    ck_assert_str_eq(row.name, "C++");
    ck_assert_str_eq(row.line_comment, "//");
    ck_assert_str_eq(row.block_open, "/*");
    ck_assert_str_eq(row.block_close, "*/");
    ck_assert_int_eq(wtfcb_languages_find(languages, "lua", &index), WTFCB_OK);
    wtfcb_languages_get(languages, index, &row, sizeof row);
    ck_assert_str_eq(row.line_comment, "--");
    ck_assert_str_eq(row.grammar, "lua");
    ck_assert_int_eq(wtfcb_languages_find(languages, "json", &index), WTFCB_OK);
    wtfcb_languages_get(languages, index, &row, sizeof row);
    ck_assert_str_eq(row.line_comment, "");
    ck_assert_str_eq(row.block_open, "");
}
END_TEST

START_TEST(rows_may_be_smaller_or_larger_than_ours)
{
    struct {
        wtfcb_language row;
        char later[16];
    } large;
    struct {
        const char *name;
        char guard[8];
    } small = {NULL, "guarded"};
    memset(&large, 0xAA, sizeof large);
    ck_assert_int_eq(wtfcb_languages_get(languages, 0, &large.row, sizeof large), WTFCB_OK);
    for (size_t i = 0; i < sizeof large.later; i++)
        ck_assert_int_eq(large.later[i], 0);
    ck_assert_int_eq(wtfcb_languages_get(languages, 0, (wtfcb_language *)(void *)&small, sizeof small.name), WTFCB_OK);
    ck_assert_str_eq(small.name, large.row.name);
    ck_assert_str_eq(small.guard, "guarded");
}
END_TEST

START_TEST(wrong_arguments_are_answered_and_results_untouched)
{
    wtfcb_language row;
    uint32_t index = 77;
    wtfcb_allocator half = {0};
    wtfcb_languages *made = NULL;
    uint32_t count = wtfcb_languages_count(languages);
    ck_assert_int_eq(wtfcb_languages_new(NULL, NULL), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_languages_new(&half, &made), WTFCB_EINVAL);
    ck_assert_ptr_null(made);
    ck_assert_uint_eq(wtfcb_languages_count(NULL), 0);
    ck_assert_int_eq(wtfcb_languages_get(NULL, 0, &row, sizeof row), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_languages_get(languages, 0, NULL, sizeof row), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_languages_get(languages, 0, &row, 0), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_languages_get(languages, count, &row, sizeof row), WTFCB_ENOTFOUND);
    ck_assert_int_eq(wtfcb_languages_find(NULL, "c", &index), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_languages_find(languages, NULL, &index), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_languages_find(languages, "c", NULL), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_languages_find(languages, "", &index), WTFCB_ENOTFOUND);
    char longest[300];
    memset(longest, 'c', sizeof longest - 1);
    longest[sizeof longest - 1] = 0;
    ck_assert_int_eq(wtfcb_languages_find(languages, longest, &index), WTFCB_ENOTFOUND);
    ck_assert_int_eq(wtfcb_languages_detect(NULL, "a.c", NULL, 0, &index), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_languages_detect(languages, NULL, NULL, 0, &index), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_languages_detect(languages, "a.c", NULL, 0, NULL), WTFCB_EINVAL);
    ck_assert_uint_eq(index, 77);
    wtfcb_languages_free(NULL);
}
END_TEST

/* An allocator that fails from the n-th call on, and knows what it gave. */
typedef struct budget {
    size_t left;
    size_t bytes;
} budget;

static void *budget_alloc(void *user, size_t size)
{
    budget *b = user;
    if (b->left == 0) return NULL;
    b->left--;
    b->bytes += size;
    return malloc(size);
}

static void *budget_realloc(void *user, void *block, size_t old_size, size_t new_size)
{
    budget *b = user;
    if (b->left == 0) return NULL;
    b->left--;
    b->bytes += new_size - old_size;
    return realloc(block, new_size);
}

static void budget_free(void *user, void *block, size_t size)
{
    ((budget *)user)->bytes -= size;
    free(block);
}

START_TEST(every_failed_allocation_is_reported_and_nothing_leaks)
{
    for (size_t n = 0;; n++) {
        budget b = {n, 0};
        wtfcb_allocator allocator = {&b, budget_alloc, budget_realloc, budget_free};
        wtfcb_languages *made = NULL;
        wtfcb_status status = wtfcb_languages_new(&allocator, &made);
        if (status == WTFCB_OK) {
            ck_assert_uint_gt(n, 5);
            ck_assert_ptr_eq(wtfcb_lang_languages_ref(made), made);
            wtfcb_languages_free(made);
            ck_assert_uint_gt(wtfcb_languages_count(made), 0); /* the second hold keeps it */
            wtfcb_languages_free(made);
            ck_assert_uint_eq(b.bytes, 0);
            return;
        }
        ck_assert_int_eq(status, WTFCB_ENOMEM);
        ck_assert_ptr_null(made);
        ck_assert_uint_eq(b.bytes, 0);
    }
}
END_TEST

static Suite *suite(void)
{
    Suite *made = suite_create("languages");
    TCase *cases = tcase_create("languages");
    tcase_add_checked_fixture(cases, set_up, tear_down);
    tcase_add_test(cases, table_is_sorted_and_every_name_finds_its_row);
    tcase_add_test(cases, nothing_in_the_table_is_hidden_by_another_row);
    tcase_add_test(cases, grammars_have_the_names_of_their_languages);
    tcase_add_test(cases, comment_forms_are_reported);
    tcase_add_test(cases, rows_may_be_smaller_or_larger_than_ours);
    tcase_add_test(cases, wrong_arguments_are_answered_and_results_untouched);
    tcase_add_test(cases, every_failed_allocation_is_reported_and_nothing_leaks);
    suite_add_tcase(made, cases);
    return made;
}

WTFCB_TEST_MAIN(suite)
