/*
 * Markdown.
 *
 *   heading, with # or underlined       module: a named section of the text
 *
 * A section ends where the next heading of the same level or above begins; its parent is the innermost section it
 * stands in. Its name is what stands in the line, markup included, without closing #; of an underlined heading of
 * several lines it is the first. Headings in quotations and in lists are no sections of the document, and neither is
 * what HTML there has. All are public. No imports: a link depends on nothing. Only the structure of blocks is parsed,
 * not the markup inside a line.
 */
#include <string.h>

#include "lang/rules/table.h"

/* Without white space at the ends, first line only. */
static wtfcb_lang_span trim(const wtfcb_lang_visit *visit, wtfcb_lang_span name)
{
    const char *text = visit->text;
    if (name.end > visit->length) return (wtfcb_lang_span){0};
    while (name.start < name.end && (text[name.start] == ' ' || text[name.start] == '\t'))
        name.start++, name.column++;
    const char *line = memchr(text + name.start, '\n', name.end - name.start);
    if (line) name.end = (uint32_t)(line - text);
    while (name.end > name.start && (unsigned char)text[name.end - 1] <= ' ')
        name.end--;
    return name;
}

/* The # that may close a heading, if there is white space before. */
static wtfcb_lang_span trim_marks(const wtfcb_lang_visit *visit, wtfcb_lang_span name)
{
    uint32_t end = name.end;
    while (end > name.start && visit->text[end - 1] == '#')
        end--;
    if (end == name.end || (end > name.start && visit->text[end - 1] != ' ' && visit->text[end - 1] != '\t'))
        return name;
    name.end = end;
    return trim(visit, name);
}

static void define(wtfcb_lang_visit *visit, TSNode node, wtfcb_lang_span name, uint32_t level)
{
    wtfcb_lang_definition definition = {.name = name, .node = node, .kind = WTFCB_SYMBOL_MODULE, .level = level};
    visit->define(visit, &definition);
}

/* The first child is the mark, whose length is the level. */
static void atx(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    wtfcb_lang_span name = wtfcb_lang_rules_span(node);
    uint32_t level = 0;
    (void)rule;
    name = trim(visit, name);
    while (name.start < name.end && visit->text[name.start] == '#')
        name.start++, name.column++, level++;
    if (level > 0) define(visit, node, trim_marks(visit, trim(visit, name)), level);
}

static void setext(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    TSNode title = ts_node_named_child(node, 0);
    uint32_t count = ts_node_named_child_count(node);
    (void)rule;
    if (count < 2) return;
    TSNode underline = ts_node_named_child(node, count - 1);
    uint32_t level = strcmp(ts_node_type(underline), "setext_h1_underline") == 0 ? 1 : 2;
    define(visit, node, trim(visit, wtfcb_lang_rules_span(title)), level);
}

#define SKIP(type)                                                                                                     \
    {                                                                                                                  \
        .node = type, .actions = WTFCB_LANG_DO_SKIP                                                                    \
    }

static const wtfcb_lang_rule_spec rows[] = {
    {.node = "atx_heading", .actions = WTFCB_LANG_DO_SKIP, .kinds = {WTFCB_SYMBOL_MODULE, 0, 0}, .hook = atx},
    {.node = "setext_heading", .actions = WTFCB_LANG_DO_SKIP, .kinds = {WTFCB_SYMBOL_MODULE, 0, 0}, .hook = setext},
    {.node = "block_quote", .actions = WTFCB_LANG_DO_SKIP | WTFCB_LANG_DO_FUNCTION},
    {.node = "list", .actions = WTFCB_LANG_DO_SKIP | WTFCB_LANG_DO_FUNCTION},
    SKIP("paragraph"),
    SKIP("fenced_code_block"),
    SKIP("indented_code_block"),
    SKIP("html_block"),
    SKIP("pipe_table"),
    SKIP("minus_metadata"),
    SKIP("plus_metadata"),
};

const wtfcb_lang_rules_spec wtfcb_lang_rules_markdown = {
    .grammar = "markdown", .rows = rows, .count = sizeof rows / sizeof *rows, .headings = true};
