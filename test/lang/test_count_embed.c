/*
 * Languages inside others, against counts by hand: which stretches become children, in which language, and what tags,
 * fences and directives that stand in comments, strings or attributes must not do.
 */
#include "test.h"

#include "base/memory.h"
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

typedef struct part {
    const char *language;
    const char *text;
    uint32_t code;
    uint32_t comments;
    uint32_t blanks;
} part;

/* The parts' first is the file itself, whose text is all of it. */
typedef struct page {
    part own;
    part children[3];
} page;

static const page pages[] = {
    /* HTML: types of scripts, attributes in any order and writing, tags where they are none */
    {{"HTML", "<p>\n<SCRIPT>\n// a\nb\n</Script>\n<!-- c -->\n", 3, 1, 0}, {{"JavaScript", "// a\nb\n", 1, 1, 0}}},
    {{"HTML", "<!-- <script>\n// a\n</script> -->\n<p>\n", 1, 3, 0}, {{0}}},
    {{"HTML", "<p title=\"<script>\">\n// a\n</p>\n", 3, 0, 0}, {{0}}},
    {{"HTML", "<p a='b' title=' <style> '>\n/* a */\n</p>\n", 3, 0, 0}, {{0}}},
    {{"HTML", "<p>don't</p>\n<script>\n// a\n</script>\nit's\n", 4, 0, 0}, {{"JavaScript", "// a\n", 0, 1, 0}}},
    {{"HTML", "<script\n  defer\n  type = 'text/typescript'\n>\nlet a\n</script>\n", 5, 0, 0},
     {{"TypeScript", "let a\n", 1, 0, 0}}},
    {{"HTML", "<script data-x=\" lang=ts\" a>\n'</p>'\n</script>\n", 2, 0, 0}, {{"JavaScript", "'</p>'\n", 1, 0, 0}}},
    {{"HTML", "<script type=\"text/javascript; charset=utf-8\">\na\n</script>\n", 2, 0, 0},
     {{"JavaScript", "a\n", 1, 0, 0}}},
    {{"HTML", "<script type=text/babel>\na\n</script>\n", 2, 0, 0}, {{"JavaScript", "a\n", 1, 0, 0}}},
    {{"HTML", "<script type=x-shader/x-vertex>\n// a\n</script>\n", 2, 0, 0}, {{"GLSL", "// a\n", 0, 1, 0}}},
    {{"HTML", "<script type='text/x-handlebars-template'>\n{{! a }}\n</script>\n", 2, 0, 0},
     {{"Handlebars", "{{! a }}\n", 0, 1, 0}}},
    {{"HTML", "<script src=a />\n<!-- b -->\n", 1, 1, 0}, {{0}}},
    {{"HTML", "<script>a</script>\n<!-- b -->\n", 1, 1, 0}, {{0}}},
    {{"HTML", "<scripts>\n<!-- b -->\n</scripts>\n", 2, 1, 0}, {{0}}},
    {{"HTML", "<style>\n\n/* a */\n", 1, 0, 0}, {{"CSS", "\n/* a */\n", 0, 1, 1}}},
    {{"HTML", "<style media=\"(a > b)\">\na {}\n</style>\n", 2, 0, 0}, {{"CSS", "a {}\n", 1, 0, 0}}},
    {{"HTML", "<template>\n<!-- a -->\n</template>\n", 2, 1, 0}, {{0}}},
    {{"HTML", "<script", 1, 0, 0}, {{0}}},
    {{"HTML", "<script a=\"\n\n", 1, 0, 1}, {{0}}},
    /* Components */
    {{"Vue",
      "<template lang=\"pug\">\n// a\np b\n</template>\n<script lang=\"ts\">\nlet a\n</script>\n<style lang=\"scss\">\n// b\n</style>\n",
      6, 0, 0},
     {{"Pug", "// a\np b\n", 1, 1, 0}, {"TypeScript", "let a\n", 1, 0, 0}, {"SCSS", "// b\n", 0, 1, 0}}},
    {{"Vue", "<template>\n  <p v-if=\"a > b\"><!-- c -->\n</template>\n<style scoped lang='stylus'>\na\n</style>\n", 5,
      0, 0},
     {{"Stylus", "a\n", 1, 0, 0}}},
    {{"Svelte", "<script context=\"module\" lang=ts>\n// a\n</script>\n{#if a < b}\n<p on:click={() => a > 1}>\n", 4, 0,
      0},
     {{"TypeScript", "// a\n", 0, 1, 0}}},
    {{"Astro", "---\n// a\nlet b\n---\n<p>\n<style>\na {}\n</style>\n---\n// c\n", 7, 0, 0},
     {{"TypeScript", "// a\nlet b\n", 1, 1, 0}, {"CSS", "a {}\n", 1, 0, 0}}},
    {{"Astro", "<p>\n---\n// a\n---\n", 4, 0, 0}, {{0}}},
    {{"Astro", "---\n// a\n", 1, 0, 0}, {{"TypeScript", "// a\n", 0, 1, 0}}},
    /* Templates around pages */
    {{"PHP", "<p>\n<?php // a\n/* b */\n?>\n// c\n<?= '?>' ?>\n<?php\n# d\n", 6, 2, 0}, {{0}}},
    {{"ERB", "<%# a\n%>\n<%= \"<!--\" %>\n-->\n<script>\n<%= b %>\n</script>\n", 3, 3, 0},
     {{"JavaScript", "<%= b %>\n", 1, 0, 0}}},
    {{"EJS", "<%# a %>\n<script>\n// <%= b %>\n</script>\n", 2, 1, 0}, {{"JavaScript", "// <%= b %>\n", 0, 1, 0}}},
    {{"JSP", "<%-- <script>\n--%>\n<style>\n/* a */\n</style>\n", 2, 2, 0}, {{"CSS", "/* a */\n", 0, 1, 0}}},
    /* Markdown */
    {{"Markdown", "````c\n```\n// a\n```\n````\n", 2, 0, 0}, {{"C", "```\n// a\n```\n", 2, 1, 0}}},
    {{"Markdown", "~~~ js ~ `\n// a\n```\n~~~~  \nb\n", 3, 0, 0}, {{"JavaScript", "// a\n```\n", 1, 1, 0}}},
    {{"Markdown", "```{.python}\n# a\n```\n", 2, 0, 0}, {{"Python", "# a\n", 0, 1, 0}}},
    {{"Markdown", "``` {#b .python .c}\n# a\n```\n", 2, 0, 0}, {{"Python", "# a\n", 0, 1, 0}}},
    {{"Markdown", "```js {1,3}\n// a\n```\n", 2, 0, 0}, {{"JavaScript", "// a\n", 0, 1, 0}}},
    {{"Markdown", "```ts{1}\n// a\n```\n", 2, 0, 0}, {{"TypeScript", "// a\n", 0, 1, 0}}},
    {{"R Markdown", "```{r, echo=FALSE}\n# a\n```\n", 2, 0, 0}, {{"R", "# a\n", 0, 1, 0}}},
    {{"Markdown", "```{=html}\n<!-- a -->\n```\n", 2, 0, 0}, {{"HTML", "<!-- a -->\n", 0, 1, 0}}},
    {{"Markdown", "```no-such\n# a\n```\n", 3, 0, 0}, {{0}}},
    {{"Markdown", "```c\n```\n<!-- a -->\n", 2, 1, 0}, {{0}}},
    {{"Markdown", "1. a\n   ```sh\n   # b\n   ```\n", 3, 0, 0}, {{"Shell", "   # b\n", 0, 1, 0}}},
    {{"Markdown", "<!--\n```c\n-->\n// a\n", 1, 3, 0}, {{0}}},
    {{"Markdown", "The mark `<!--` and ``a ` <!--`` open.\n`b\n<!-- c -->\n", 2, 1, 0}, {{0}}},
    {{"Markdown", "Use ```c``` so.\n```a`b\n```\n// c\n", 4, 0, 0}, {{0}}},
    /* reStructuredText */
    {{"reStructuredText", ".. a comment\n   goes on\n\n   so::\n\ntext\n", 1, 4, 1}, {{0}}},
    {{"reStructuredText", "..\n\n   quote\n", 1, 1, 1}, {{0}}},
    {{"reStructuredText", "..\n   comment\n\n", 0, 2, 1}, {{0}}},
    {{"reStructuredText", ".. note:: a\n.. _b:\n.. [1] c\n.. |d| image:: e\n... f\n", 5, 0, 0}, {{0}}},
    {{"reStructuredText", "a\n\n.. code-block:: python\n   :linenos:\n\n   # b\n\n   c\n\nd\n", 4, 0, 3},
     {{"Python", "   # b\n\n   c\n", 1, 1, 1}}},
    {{"reStructuredText", "- a\n\n  .. code:: c\n\n     // b\n  c\n", 3, 0, 2}, {{"C", "     // b\n", 0, 1, 0}}},
    {{"reStructuredText", ".. code-block:: no-such\n\n   .. b\n", 2, 0, 1}, {{0}}},
    {{"reStructuredText", ".. sourcecode:: c\n\n   // a", 1, 0, 1}, {{"C", "   // a", 0, 1, 0}}},
};

static void check_page(const page *p)
{
    const char *text = p->own.text;
    size_t length = strlen(text), expected = 0;
    uint16_t language = wtfcb_lang_find(languages, p->own.language, strlen(p->own.language));
    char *padded = calloc(length + WTFCB_LANG_PADDING, 1);
    memcpy(padded, text, length);
    wtfcb_lang_children children;
    wtfcb_lang_children_init(&children, &allocator);
    wtfcb_lang_counts c;
    ck_assert_int_eq(wtfcb_lang_count(languages, language, padded, length, &c, &children), WTFCB_OK);
    ck_assert_msg(c.code == p->own.code && c.comments == p->own.comments && c.blanks == p->own.blanks,
                  "code %u, comments %u, blanks %u, %zu children in:\n%s", c.code, c.comments, c.blanks, children.count,
                  text);
    while (expected < 3 && p->children[expected].language)
        expected++;
    ck_assert_msg(children.count == expected, "%zu children in:\n%s", children.count, text);
    for (size_t i = 0; i < expected; i++) {
        const part *want = &p->children[i];
        const wtfcb_lang_child *child = &children.items[i];
        ck_assert_str_eq(languages->rows[child->language].name, want->language);
        ck_assert_msg(child->size == strlen(want->text) && memcmp(text + child->start, want->text, child->size) == 0,
                      "\"%.*s\" in:\n%s", (int)child->size, text + child->start, text);
        ck_assert_msg(child->counts.code == want->code && child->counts.comments == want->comments &&
                          child->counts.blanks == want->blanks,
                      "code %u, comments %u, blanks %u of %s in:\n%s", child->counts.code, child->counts.comments,
                      child->counts.blanks, want->language, text);
    }
    wtfcb_lang_children_free(&children);
    free(padded);
}

START_TEST(embedded_languages_are_counted_as_by_hand)
{
    check_page(&pages[_i]);
}
END_TEST

static Suite *suite(void)
{
    Suite *made = suite_create("count embed");
    TCase *cases = tcase_create("count embed");
    tcase_add_checked_fixture(cases, set_up, tear_down);
    tcase_add_loop_test(cases, embedded_languages_are_counted_as_by_hand, 0, (int)(sizeof pages / sizeof pages[0]));
    suite_add_tcase(made, cases);
    return made;
}

WTFCB_TEST_MAIN(suite)
