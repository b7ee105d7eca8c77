/*
 * Jupyter notebooks: cells are counted under their languages, places refer to the JSON, and what is no notebook is
 * counted as the text that it is.
 *
 * The invariant: a notebook's own lines are exactly those physical lines on which no string of a counted cell stands; and
 * where each such string holds one line and has a line of its own, as Jupyter writes them, own lines and the children's add up to
 * the physical lines.
 */
#include "test.h"

#include <time.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "lang/count.h"
#include "lang/languages.h"

static wtfcb_languages *languages;
static wtfcb_allocator allocator;
static wtfcb_lang_children children;

static void set_up(void)
{
    allocator = wtfcb_base_allocator(NULL);
    ck_assert_int_eq(wtfcb_languages_new(NULL, &languages), WTFCB_OK);
    wtfcb_lang_children_init(&children, &allocator);
}

static void tear_down(void)
{
    wtfcb_lang_children_free(&children);
    wtfcb_languages_free(languages);
}

static uint32_t physical_lines(const char *text, size_t length)
{
    uint32_t lines = length > 0 && text[length - 1] != '\n';
    for (size_t i = 0; i < length; i++)
        lines += text[i] == '\n';
    return lines;
}

/* Physical lines that no child reaches into; children inside others reach into the same ones. */
static uint32_t untouched_lines(const char *text, size_t length)
{
    uint32_t count = 0;
    for (size_t line = 0, end; line < length; line = end + 1) {
        const char *newline = memchr(text + line, '\n', length - line);
        end = newline ? (size_t)(newline - text) : length;
        bool touched = false;
        for (size_t i = 0; i < children.count; i++)
            touched |= children.items[i].start <= end && children.items[i].start + children.items[i].size > line;
        count += !touched;
    }
    return count;
}

static wtfcb_lang_counts count_bytes(const char *text, size_t length)
{
    char *padded = calloc(length + WTFCB_LANG_PADDING, 1);
    memcpy(padded, text, length);
    wtfcb_lang_counts counts;
    uint16_t language = wtfcb_lang_find(languages, "jupyter notebook", 16);
    ck_assert_uint_ne(language, WTFCB_LANG_NONE);
    ck_assert_int_eq(wtfcb_lang_count(languages, language, padded, length, &counts, &children), WTFCB_OK);
    free(padded);
    ck_assert_uint_eq(counts.lines, counts.code + counts.comments + counts.blanks);
    ck_assert_uint_eq(counts.lines, untouched_lines(text, length));
    uint64_t last = 0;
    for (size_t i = 0; i < children.count; i++) {
        const wtfcb_lang_child *child = &children.items[i];
        ck_assert_uint_lt(child->language, languages->count);
        ck_assert(child->start >= last && child->size > 0 && child->start + child->size <= length);
        ck_assert_uint_eq(child->start_line, physical_lines(text, child->start + 1) - 1);
        ck_assert_uint_eq(child->counts.lines, child->counts.code + child->counts.comments + child->counts.blanks);
        last = child->start;
    }
    return counts;
}

static wtfcb_lang_counts count(const char *text)
{
    return count_bytes(text, strlen(text));
}

static void check(size_t index, const char *language, uint32_t code, uint32_t comments, uint32_t blanks)
{
    ck_assert_uint_lt(index, children.count);
    const wtfcb_lang_child *child = &children.items[index];
    const char *name = languages->rows[child->language].name;
    ck_assert_msg(strcmp(name, language) == 0, "%s instead of %s", name, language);
    ck_assert_msg(child->counts.code == code && child->counts.comments == comments && child->counts.blanks == blanks,
                  "%s: %u code, %u comments, %u blanks", language, child->counts.code, child->counts.comments,
                  child->counts.blanks);
}

/* The bytes of a child in the JSON. */
static void check_place(size_t index, const char *text, const char *expected)
{
    const wtfcb_lang_child *child = &children.items[index];
    ck_assert_msg(child->size == strlen(expected) && memcmp(text + child->start, expected, child->size) == 0,
                  "\"%.*s\" instead of \"%s\"", (int)child->size, text + child->start, expected);
}

static const char written_by_jupyter[] = "{\n"
                                         " \"cells\": [\n"
                                         "  {\n"
                                         "   \"cell_type\": \"markdown\",\n"
                                         "   \"metadata\": {},\n"
                                         "   \"source\": [\n"
                                         "    \"# Title\\n\",\n"
                                         "    \"\\n\",\n"
                                         "    \"```c\\n\",\n"
                                         "    \"int a; // \\u00e9\\n\",\n"
                                         "    \"/* b */\\n\",\n"
                                         "    \"```\\n\",\n"
                                         "    \"end\"\n"
                                         "   ]\n"
                                         "  },\n"
                                         "  {\n"
                                         "   \"cell_type\": \"code\",\n"
                                         "   \"execution_count\": null,\n"
                                         "   \"outputs\": [ { \"source\": [ \"x\" ], \"cells\": [{}] } ],\n"
                                         "   \"source\": [\n"
                                         "    \"# comment\\n\",\n"
                                         "    \"x = \\\"# \\\\\\\" no\\\"\\n\",\n"
                                         "    \"\\n\",\n"
                                         "    \"y = '''\\n\",\n"
                                         "    \"# text\\n\",\n"
                                         "    \"'''\"\n"
                                         "   ]\n"
                                         "  },\n"
                                         "  {\n"
                                         "   \"cell_type\": \"raw\",\n"
                                         "   \"source\": [\n"
                                         "    \"stays\"\n"
                                         "   ]\n"
                                         "  },\n"
                                         "  {\n"
                                         "   \"cell_type\": \"code\",\n"
                                         "   \"source\": []\n"
                                         "  }\n"
                                         " ],\n"
                                         " \"metadata\": {\n"
                                         "  \"kernelspec\": {\"language\": \"python\", \"name\": \"python3\"}\n"
                                         " },\n"
                                         "\n"
                                         " \"nbformat\": 4\n"
                                         "}\n";

START_TEST(cells_are_children_and_lines_add_up_as_jupyter_writes_them)
{
    wtfcb_lang_counts c = count(written_by_jupyter);
    ck_assert_uint_eq(children.count, 3);
    check(0, "Markdown", 4, 0, 1);
    check(1, "C", 1, 1, 0);
    check(2, "Python", 4, 1, 1);
    check_place(1, written_by_jupyter, "int a; // \\u00e9\\n\",\n    \"/* b */\\n");
    ck_assert_uint_eq(children.items[0].start_line, 6);
    ck_assert_uint_eq(children.items[1].start_line, 9);
    ck_assert_uint_eq(children.items[2].start_line, 20);
    ck_assert_uint_eq(c.blanks, 1);
    ck_assert_uint_eq(c.comments, 0);
    uint32_t sum = c.lines;
    for (size_t i = 0; i < children.count; i++)
        sum += children.items[i].counts.lines;
    ck_assert_uint_eq(sum, physical_lines(written_by_jupyter, sizeof written_by_jupyter - 1));
}
END_TEST

#define CODE(source) "{\"cells\":[{\"cell_type\":\"code\",\"source\":" source "}]}"
#define KERNEL(metadata, source)                                                                                       \
    "{\"metadata\":" metadata ",\n\"cells\":[{\"cell_type\":\"code\",\"source\":" source "}]}"

START_TEST(source_may_be_one_string_and_escapes_are_decoded)
{
    static const char text[] =
        CODE("\"a\\n\\n# \\u0062\\r\\n\\u0022\\u0022\\u0022c\\n\\ud83d\\ude00\\n\\\"\\\"\\\"\\n\\/\\t\"");
    wtfcb_lang_counts c = count(text);
    ck_assert_uint_eq(c.lines, 0);
    ck_assert_uint_eq(children.count, 1);
    check(0, "Python", 2, 4, 1);
    ck_assert_uint_eq(children.items[0].counts.docs, 3);
    ck_assert_uint_eq(children.items[0].start, (size_t)(strstr(text, "\"a") - text));
    ck_assert_uint_eq(children.items[0].start + children.items[0].size, sizeof text - 1 - strlen("}]}"));
}
END_TEST

START_TEST(kernel_decides_the_language_of_code)
{
    static const struct {
        const char *text;
        const char *language; /* NULL: not known, no child */
    } cases[] = {
        {KERNEL("{}", "\"x\""), "Python"},
        {KERNEL("{\"kernelspec\":{\"language\":\"R\"}}", "\"x\""), "R"},
        {KERNEL("{\"language_info\":{\"version\":1,\"name\":\"julia\"}}", "\"x\""), "Julia"},
        {KERNEL("{\"kernelspec\":{\"language\":\"no such\"},\"language_info\":{\"name\":\"scala\"}}", "\"x\""),
         "Scala"},
        {KERNEL("{\"kernelspec\":{\"language\":\"c++17\"}}", "\"x\""), "C++"},
        {KERNEL("{\"kernelspec\":{\"language\":\"no such\"}}", "\"x\""), NULL},
        {KERNEL("{\"kernelspec\":{\"language\":\"jupyter notebook\"}}", "\"{}\""), NULL},
        {KERNEL("{\"kernelspec\":null,\"language_info\":[{}]}", "\"x\""), "Python"},
        {KERNEL("[]", "\"x\""), "Python"},
        {"{\"worksheets\":[{\"metadata\":{},\"cells\":[{\"cell_type\":\"code\",\"language\":\"ruby\",\"input\":[\"x\"]}]}]}",
         "Ruby"},
        {"{\"worksheets\":[{},{\"cells\":[{\"cell_type\":\"heading\",\"level\":1,\"source\":\"x\"}]}]}", "Markdown"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        wtfcb_lang_counts c = count(cases[i].text);
        ck_assert_msg(children.count == (cases[i].language != NULL), "%s", cases[i].text);
        if (cases[i].language)
            check(0, cases[i].language, 1, 0, 0);
        else
            ck_assert_uint_eq(c.lines, 2);
    }
}
END_TEST

START_TEST(magics_switch_the_language_of_their_cell)
{
    static const struct {
        const char *source;
        const char *language;
        uint32_t code;
        uint32_t comments;
    } cases[] = {
        {"\"%%bash\\n# a\\nls\"", "Shell", 2, 1},
        {"\"%%html\\n<!-- a -->\"", "HTML", 1, 1},
        {"\"%%javascript\\n// a\"", "JavaScript", 1, 1},
        {"\"%%writefile src/a.c\\n// b\"", "C", 1, 1},
        {"\"%%writefile -a a.rs\\n// b\"", "Rust", 1, 1},
        {"\"%%file Makefile\\n# b\"", "Makefile", 1, 1},
        {"\"%%script --no-raise /usr/bin/ruby -w\\n# b\"", "Ruby", 1, 1},
        {"\"%%latex\\n% a\"", "TeX", 1, 1},
        {"\"%%sql x\\n-- a\"", "SQL", 1, 1},
        {"\"%%!\\n# a\"", "Shell", 1, 1},
        {"\"%%python3\\n# a\"", "Python", 1, 1},
        {"\"%%time\\n# a\\nx\"", "Python", 2, 1},
        {"\"%%bash\"", "Shell", 1, 0},
        {"\"%% html\\n# a\"", "Python", 1, 1},
        {"\"%matplotlib inline\\n# a\"", "Python", 1, 1},
        {"\"x\\n%%bash\\n// a\"", "Python", 3, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[256];
        snprintf(text, sizeof text, CODE("%s"), cases[i].source);
        count(text);
        ck_assert_msg(children.count == 1, "%s", text);
        check(0, cases[i].language, cases[i].code, cases[i].comments, 0);
    }
    count(CODE("\"\\n  \\n%%bash\\n# a\\n\\n\""));
    check(0, "Shell", 1, 1, 3);
    count(CODE("\"%%writefile a.unknown\\nx\""));
    ck_assert_uint_eq(children.count, 0);
    static const char page[] = CODE("[\"%%html\\n\",\n\"<script>\\n\",\n\"// a\\n\",\n\"</script>\"]");
    count(page);
    ck_assert_uint_eq(children.count, 2);
    check(0, "HTML", 3, 0, 0);
    check(1, "JavaScript", 0, 1, 0);
    check_place(1, page, "// a\\n");
}
END_TEST

START_TEST(what_is_no_notebook_is_counted_as_plain_text)
{
    static const char *const cases[] = {"",
                                        "{}",
                                        "[]",
                                        "{\"cells\":[}",
                                        "{\"cells\":{}}",
                                        "{\"cells\":[1]}",
                                        "{\"cells\":[],}",
                                        "{\"cells\":[]} x",
                                        "{\"cells\":[{\"cell_type\":\"code\",\"source\":[1]}]}",
                                        "{\"cells\":[{\"cell_type\":\"code\",\"source\":\"a\n\"}]}",
                                        "{\"cells\":[{\"cell_type\":\"code\",\"source\":\"a\"]}]}",
                                        "{\"cells\":[{\"cell_type\" \"code\"}]}",
                                        "{\"x\":[1 2],\"cells\":[]}",
                                        "{\"cells\":[]"};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        wtfcb_lang_counts c = count(cases[i]);
        ck_assert_msg(children.count == 0, "%s", cases[i]);
        ck_assert_uint_eq(c.lines, physical_lines(cases[i], strlen(cases[i])));
    }
    for (size_t length = 0; length < sizeof written_by_jupyter - 2; length++) { /* cut anywhere */
        wtfcb_lang_counts c = count_bytes(written_by_jupyter, length);
        ck_assert_uint_eq(children.count, 0);
        ck_assert_uint_eq(c.lines, physical_lines(written_by_jupyter, length));
    }
}
END_TEST

START_TEST(any_damage_is_survived)
{
    static const char bytes[] = "\"\\{}[]:,\n u0d8";
    uint64_t seed = 5;
    char text[sizeof written_by_jupyter];
    for (int round = 0; round < 20000; round++) {
        memcpy(text, written_by_jupyter, sizeof text);
        size_t length = sizeof text - 1;
        for (int i = 0; i < 1 + round % 3; i++) {
            seed = seed * 6364136223846793005u + 1442695040888963407u;
            text[(seed >> 33) % length] = bytes[(seed >> 20) % (sizeof bytes - 1)];
        }
        count_bytes(text, length);
    }
}
END_TEST

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

START_TEST(large_notebooks_take_linear_time)
{
    static const char *const units[] = {
        "{\"cell_type\":\"code\",\"source\":\"x\"},",
        "{\"cell_type\":\"code\",\"source\":[\"x\\n\",\"y\"]},",
        "{\"cell_type\":\"code\",\"source\":\"%%html\\n<script>\\na\\n</script>\"},",
        "{\"outputs\":\"\\\\\\\\\\\\\\\"\"},",
        "{\"cell_type\":\"markdown\",\"source\":\"```c\\nx\\n```\\n\"},\n",
        "{\"cell_type\":\"code\",\"source\":\"\"},",
        "[[[[[",
        "\"\\\\",
        "{\"cell_type\":\"code\",\"source\":[\"",
    };
    enum { SIZE = 1 << 20 };
    char *text = malloc(SIZE + 256 + WTFCB_LANG_PADDING);
    uint16_t language = wtfcb_lang_find(languages, "jupyter notebook", 16);
    for (size_t u = 0; u < sizeof units / sizeof units[0]; u++) {
        size_t length = strlen("{\"cells\":["), unit = strlen(units[u]);
        memcpy(text, "{\"cells\":[", length);
        for (; length < SIZE; length += unit)
            memcpy(text + length, units[u], unit);
        while (length > 0 && text[length - 1] != ',' && u < 6)
            length--;
        memcpy(text + length - 1, "]}", 3);
        wtfcb_lang_counts counts;
        double start = seconds();
        ck_assert_int_eq(wtfcb_lang_count(languages, language, text, length + 1, &counts, &children), WTFCB_OK);
        double took = seconds() - start;
        ck_assert_msg(took < 1.0, "%s: %.2f s for 1 MiB", units[u], took);
        ck_assert_msg((children.count > 0) == (u < 3 || u == 4), "%s: %zu", units[u], children.count);
    }
    free(text);
}
END_TEST

static int allowed;

static void *counted_realloc(void *user, void *block, size_t old_size, size_t new_size)
{
    (void)user;
    (void)old_size;
    return allowed-- > 0 ? realloc(block, new_size) : NULL;
}

static void *counted_alloc(void *user, size_t size)
{
    return counted_realloc(user, NULL, 0, size);
}

static void counted_free(void *user, void *block, size_t size)
{
    (void)user;
    (void)size;
    free(block);
}

START_TEST(running_out_of_memory_is_reported)
{
    static const wtfcb_allocator failing = {NULL, counted_alloc, counted_realloc, counted_free};
    char text[sizeof written_by_jupyter + WTFCB_LANG_PADDING] = {0};
    memcpy(text, written_by_jupyter, sizeof written_by_jupyter);
    uint16_t language = wtfcb_lang_find(languages, "jupyter notebook", 16);
    wtfcb_status status = WTFCB_ENOMEM;
    int round = 0;
    for (; status != WTFCB_OK; round++) {
        wtfcb_lang_children found;
        wtfcb_lang_children_init(&found, &failing);
        wtfcb_lang_counts counts;
        allowed = round;
        status = wtfcb_lang_count(languages, language, text, sizeof written_by_jupyter - 1, &counts, &found);
        ck_assert(status == WTFCB_OK || status == WTFCB_ENOMEM);
        wtfcb_lang_children_free(&found);
    }
    ck_assert_int_gt(round, 3);
}
END_TEST

static Suite *suite(void)
{
    Suite *made = suite_create("count notebook");
    TCase *cases = tcase_create("count notebook");
    tcase_add_checked_fixture(cases, set_up, tear_down);
    tcase_add_test(cases, cells_are_children_and_lines_add_up_as_jupyter_writes_them);
    tcase_add_test(cases, source_may_be_one_string_and_escapes_are_decoded);
    tcase_add_test(cases, kernel_decides_the_language_of_code);
    tcase_add_test(cases, magics_switch_the_language_of_their_cell);
    tcase_add_test(cases, what_is_no_notebook_is_counted_as_plain_text);
    tcase_add_test(cases, any_damage_is_survived);
    tcase_add_test(cases, large_notebooks_take_linear_time);
    tcase_add_test(cases, running_out_of_memory_is_reported);
    suite_add_tcase(made, cases);
    return made;
}

WTFCB_TEST_MAIN(suite)
