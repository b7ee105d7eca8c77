/*
 * Every token of every syntax is exercised by the samples that were counted by hand: without it, one of them would be
 * counted differently. So a form of comment or string that is added to the table needs a sample that shows it.
 */
#include "test.h"

#include "base/memory.h"
#include "count_forms.h"
#include "count_samples.h"
#include "lang/count.h"
#include "lang/languages.h"

enum { MOST_TOKENS = 64 };

typedef struct list {
    const sample *samples;
    size_t count;
} list;

#define LIST(name)                                                                                                     \
    {                                                                                                                  \
        name, sizeof name / sizeof name[0]                                                                             \
    }
static const list lists[] = {LIST(rules),    LIST(c_like),    LIST(scripts), LIST(others),
                             LIST(programs), LIST(documents), LIST(forms)};

static wtfcb_languages *languages;
static wtfcb_allocator allocator;

static void set_up(void)
{
    allocator = wtfcb_base_allocator(NULL);
    ck_assert_int_eq(wtfcb_languages_new(NULL, &languages), WTFCB_OK);
}

static void tear_down(void)
{
    wtfcb_languages_free(languages);
}

/* Whether the sample is counted differently by a syntax without token `without`. */
static bool differs(const sample *s, uint16_t language, uint16_t without)
{
    wtfcb_lang_machine *machine = &languages->machines[languages->rows[language].syntax], whole = *machine;
    wtfcb_lang_token tokens[MOST_TOKENS];
    wtfcb_lang_op ops[MOST_TOKENS];
    wtfcb_lang_syntax syntax = {tokens, 0};
    for (uint16_t i = 0; i < whole.syntax->count; i++)
        if (i != without) tokens[syntax.count++] = whole.syntax->tokens[i];
    wtfcb_lang_machine_build(&syntax, ops, machine);
    size_t length = strlen(s->text);
    char *padded = calloc(length + WTFCB_LANG_PADDING, 1);
    memcpy(padded, s->text, length);
    wtfcb_lang_children children;
    wtfcb_lang_children_init(&children, &allocator);
    wtfcb_lang_counts own, with;
    ck_assert_int_eq(wtfcb_lang_count(languages, language, padded, length, &own, NULL), WTFCB_OK);
    ck_assert_int_eq(wtfcb_lang_count(languages, language, padded, length, &with, &children), WTFCB_OK);
    size_t found = children.count;
    *machine = whole;
    bool changed = own.code != s->code || own.comments != s->comments || own.docs != s->docs;
    ck_assert_int_eq(wtfcb_lang_count(languages, language, padded, length, &own, &children), WTFCB_OK);
    changed |= found != children.count || memcmp(&own, &with, sizeof own) != 0;
    wtfcb_lang_children_free(&children);
    free(padded);
    return changed;
}

static bool exercised(uint16_t syntax, uint16_t token)
{
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
        for (size_t k = 0; k < lists[i].count; k++) {
            const sample *s = &lists[i].samples[k];
            uint16_t language = wtfcb_lang_find(languages, s->language, strlen(s->language));
            ck_assert_msg(language != WTFCB_LANG_NONE, "%s", s->language);
            if (languages->rows[language].syntax == syntax && differs(s, language, token)) return true;
        }
    }
    return false;
}

#define SYNTAX_NAME(name) #name,
static const char *const syntax_names[] = {WTFCB_LANG_SYNTAXES(SYNTAX_NAME)};

START_TEST(each_token_of_the_table_decides_about_a_sample)
{
    size_t holes = 0;
    for (uint16_t s = 0; s < WTFCB_LANG_SYNTAX_COUNT; s++) {
        const wtfcb_lang_syntax *syntax = &wtfcb_lang_syntaxes[s];
        ck_assert_uint_le(syntax->count, MOST_TOKENS);
        for (uint16_t t = 0; t < syntax->count; t++) {
            const wtfcb_lang_token *token = &syntax->tokens[t];
            if (!token->open || exercised(s, t)) continue;
            fprintf(stderr, "%s: no sample needs %s (kind %d)\n", syntax_names[s], token->open, token->kind);
            holes++;
        }
    }
    ck_assert_uint_eq(holes, 0);
}
END_TEST

START_TEST(each_language_has_a_sample_of_its_syntax)
{
    for (uint16_t language = 0; language < languages->count; language++) {
        bool found = false;
        for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++)
            for (size_t k = 0; k < lists[i].count && !found; k++) {
                uint16_t other =
                    wtfcb_lang_find(languages, lists[i].samples[k].language, strlen(lists[i].samples[k].language));
                found = languages->rows[other].syntax == languages->rows[language].syntax;
            }
        ck_assert_msg(found || languages->rows[language].syntax == WTFCB_LANG_SYNTAX_notebook, "%s",
                      languages->rows[language].name);
    }
}
END_TEST

static Suite *suite(void)
{
    Suite *made = suite_create("count tokens");
    TCase *cases = tcase_create("count tokens");
    tcase_add_checked_fixture(cases, set_up, tear_down);
    tcase_add_test(cases, each_token_of_the_table_decides_about_a_sample);
    tcase_add_test(cases, each_language_has_a_sample_of_its_syntax);
    suite_add_tcase(made, cases);
    return made;
}

WTFCB_TEST_MAIN(suite)
