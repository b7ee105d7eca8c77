/*
 * Lines counted by hand: the rules that hold for every language, then a small file for each language and each form of
 * comment and string.
 */
#include "test.h"

#include "base/buffer.h"
#include "base/memory.h"
#include "count_forms.h"
#include "count_samples.h"
#include "lang/count.h"
#include "lang/languages.h"

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

static uint16_t language_of(const char *name)
{
    uint16_t found = wtfcb_lang_find(languages, name, strlen(name));
    ck_assert_msg(found != WTFCB_LANG_NONE, "%s", name);
    return found;
}

static wtfcb_lang_counts count(const char *name, const char *text, size_t length, wtfcb_lang_children *children)
{
    char *padded = calloc(length + WTFCB_LANG_PADDING, 1);
    memcpy(padded, text, length);
    wtfcb_lang_counts counts;
    uint16_t language = name ? language_of(name) : WTFCB_LANG_NONE;
    ck_assert_int_eq(wtfcb_lang_count(languages, language, padded, length, &counts, children), WTFCB_OK);
    free(padded);
    return counts;
}

static void check_sample(const sample *s)
{
    wtfcb_lang_counts c = count(s->language, s->text, strlen(s->text), NULL);
    ck_assert_msg(c.code == s->code && c.comments == s->comments && c.blanks == s->blanks && c.docs == s->docs,
                  "%s: code %u (%u) comments %u (%u) blanks %u (%u) docs %u (%u) in:\n%s", s->language, c.code, s->code,
                  c.comments, s->comments, c.blanks, s->blanks, c.docs, s->docs, s->text);
}

static void check_all(const sample *samples, size_t count_of)
{
    for (size_t i = 0; i < count_of; i++)
        check_sample(&samples[i]);
}

#define SAMPLES(name, samples)                                                                                         \
    START_TEST(name)                                                                                                   \
    {                                                                                                                  \
        check_all(samples, sizeof samples / sizeof samples[0]);                                                        \
    }                                                                                                                  \
    END_TEST

SAMPLES(lines_follow_the_rules, rules)
SAMPLES(languages_like_c_are_counted_as_by_hand, c_like)
SAMPLES(scripts_are_counted_as_by_hand, scripts)
SAMPLES(other_languages_are_counted_as_by_hand, others)
SAMPLES(each_form_of_comment_and_string_is_counted_as_by_hand, forms)
SAMPLES(rarer_programming_languages_are_counted_as_by_hand, programs)
SAMPLES(rarer_data_and_documents_are_counted_as_by_hand, documents)

START_TEST(every_sample_holds_at_every_offset_of_a_block)
{
    /* The same file behind 0 to 130 bytes of code on a line before it: nothing depends on where blocks begin. */
    char text[2048];
    for (size_t i = 0; i < sizeof scripts / sizeof scripts[0]; i++) {
        const sample *s = &scripts[i];
        if (strncmp(s->text, "#!", 2) == 0) continue;
        wtfcb_lang_counts first = {0};
        for (size_t pad = 1; pad < 130; pad++) {
            memset(text, ' ', pad);
            text[pad] = '\n';
            memcpy(text + pad + 1, s->text, strlen(s->text));
            wtfcb_lang_counts c = count(s->language, text, pad + 1 + strlen(s->text), NULL);
            if (pad == 1) first = c;
            ck_assert_msg(memcmp(&c, &first, sizeof c) == 0, "%s behind %zu bytes", s->language, pad);
            ck_assert_uint_eq(c.code, s->code);
        }
    }
}
END_TEST

START_TEST(unknown_language_has_code_and_blank_lines_only)
{
    const char text[] = "// a\n\n\"b\n";
    wtfcb_lang_counts c = count(NULL, text, sizeof text - 1, NULL);
    ck_assert_uint_eq(c.lines, 3);
    ck_assert_uint_eq(c.code, 2);
    ck_assert_uint_eq(c.blanks, 1);
}
END_TEST

static void check_child(const wtfcb_lang_child *child, const char *text, const char *language, const char *content,
                        uint32_t line, uint32_t code, uint32_t comments)
{
    ck_assert_str_eq(languages->rows[child->language].name, language);
    ck_assert_uint_eq(child->size, strlen(content));
    ck_assert_int_eq(memcmp(text + child->start, content, strlen(content)), 0);
    ck_assert_uint_eq(child->start_line, line);
    ck_assert_uint_eq(child->counts.code, code);
    ck_assert_uint_eq(child->counts.comments, comments);
}

START_TEST(scripts_and_styles_are_children_of_html)
{
    const char text[] =
        "<html>\n<script>\n// a\nb();\n</script><style lang='scss'>\n$c: d;\n</style>\n<script src=x></script>\n"
        "<script type=\"application/ld+json\">\n{}\n</script>\n<script type=text/unknown>\n<x>\n</script>\n";
    wtfcb_lang_children children;
    wtfcb_lang_children_init(&children, &allocator);
    wtfcb_lang_counts c = count("HTML", text, sizeof text - 1, &children);
    ck_assert_uint_eq(children.count, 3);
    check_child(&children.items[0], text, "JavaScript", "// a\nb();\n", 2, 1, 1);
    check_child(&children.items[1], text, "SCSS", "$c: d;\n", 5, 1, 0);
    check_child(&children.items[2], text, "JSON", "{}\n", 9, 1, 0);
    ck_assert_uint_eq(c.lines, 10);
    ck_assert_uint_eq(c.code, 10);
    wtfcb_lang_children_free(&children);
}
END_TEST

START_TEST(vue_script_without_end_reaches_to_the_end)
{
    const char text[] = "\xEF\xBB\xBF<script lang=\"ts\" setup>\nlet a: B\n\n// c";
    wtfcb_lang_children children;
    wtfcb_lang_children_init(&children, &allocator);
    wtfcb_lang_counts c = count("Vue", text, sizeof text - 1, &children);
    ck_assert_uint_eq(children.count, 1);
    check_child(&children.items[0], text, "TypeScript", "let a: B\n\n// c", 1, 1, 1);
    ck_assert_uint_eq(children.items[0].counts.lines, 3);
    ck_assert_uint_eq(c.lines, 1);
    wtfcb_lang_children_free(&children);
}
END_TEST

START_TEST(code_blocks_are_children_of_markdown)
{
    const char text[] =
        "# a\n```python title=x\n# b\n```\n~~~~ {.c}\nint c;\n~~~\n~~~~\n```\nplain\n```\n  ```sh\n  # d\n  ```\nend\n```x`\n";
    wtfcb_lang_children children;
    wtfcb_lang_children_init(&children, &allocator);
    wtfcb_lang_counts c = count("Markdown", text, sizeof text - 1, &children);
    ck_assert_uint_eq(children.count, 3);
    check_child(&children.items[0], text, "Python", "# b\n", 2, 0, 1);
    check_child(&children.items[1], text, "C", "int c;\n~~~\n", 5, 2, 0);
    check_child(&children.items[2], text, "Shell", "  # d\n", 12, 0, 1);
    ck_assert_uint_eq(c.lines, 12);
    wtfcb_lang_children_free(&children);
}
END_TEST

START_TEST(utf16_is_decoded_and_nul_is_binary)
{
    static const char big[] = "\xFE\xFF\0x\0\n\xD8\x3D\xDE\0\0\n\xD8\0", little[] = "\xFF\xFEx\0\n\0\xE9\0";
    wtfcb_base_buffer buffer;
    wtfcb_base_buffer_init(&buffer, &allocator);
    ck_assert_int_eq(wtfcb_lang_decode_utf16(big, sizeof big - 1, &buffer), WTFCB_OK);
    ck_assert_uint_eq(buffer.length, strlen("x\n\xF0\x9F\x98\x80\n\xEF\xBF\xBD"));
    ck_assert_int_eq(memcmp(buffer.data, "x\n\xF0\x9F\x98\x80\n\xEF\xBF\xBD", buffer.length), 0);
    wtfcb_base_buffer_reset(&buffer);
    ck_assert_int_eq(wtfcb_lang_decode_utf16(little, sizeof little - 1, &buffer), WTFCB_OK);
    ck_assert_uint_eq(buffer.length, 4);
    ck_assert_int_eq(memcmp(buffer.data, "x\n\xC3\xA9", 4), 0);
    ck_assert_int_eq(wtfcb_lang_decode_utf16("abc", 3, &buffer), WTFCB_EFORMAT);
    wtfcb_base_buffer_free(&buffer);
    ck_assert(!wtfcb_lang_is_binary(big, sizeof big - 1) && !wtfcb_lang_is_binary("", 0));
    ck_assert(wtfcb_lang_is_binary("a\0b", 3) && wtfcb_lang_is_binary("\xFF\xFE\0\0a\0\0", 7));
    char *late = calloc(1, 8001);
    memset(late, 'x', 8000);
    ck_assert(!wtfcb_lang_is_binary(late, 8001));
    late[7999] = 0;
    ck_assert(wtfcb_lang_is_binary(late, 8001));
    free(late);
}
END_TEST

static Suite *suite(void)
{
    Suite *made = suite_create("count");
    TCase *cases = tcase_create("count");
    tcase_add_checked_fixture(cases, set_up, tear_down);
    tcase_add_test(cases, lines_follow_the_rules);
    tcase_add_test(cases, languages_like_c_are_counted_as_by_hand);
    tcase_add_test(cases, scripts_are_counted_as_by_hand);
    tcase_add_test(cases, other_languages_are_counted_as_by_hand);
    tcase_add_test(cases, each_form_of_comment_and_string_is_counted_as_by_hand);
    tcase_add_test(cases, rarer_programming_languages_are_counted_as_by_hand);
    tcase_add_test(cases, rarer_data_and_documents_are_counted_as_by_hand);
    tcase_add_test(cases, every_sample_holds_at_every_offset_of_a_block);
    tcase_add_test(cases, unknown_language_has_code_and_blank_lines_only);
    tcase_add_test(cases, scripts_and_styles_are_children_of_html);
    tcase_add_test(cases, vue_script_without_end_reaches_to_the_end);
    tcase_add_test(cases, code_blocks_are_children_of_markdown);
    tcase_add_test(cases, utf16_is_decoded_and_nul_is_binary);
    suite_add_tcase(made, cases);
    return made;
}

WTFCB_TEST_MAIN(suite)
