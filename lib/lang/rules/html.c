/*
 * HTML.
 *
 *   <h1> to <h6>                        module: a named section of the page; its name is the longest run of text in it
 *   id="...", <a name="...">            constant, in the range of its start tag
 *
 * A section ends where the next heading of the same level or above begins; the parent of a heading or an id is the
 * innermost section it stands in. The name of a heading is one line of text; an id with white space or with braces of a
 * template in it is no name. All are public. Imports: <script src> and <link rel=stylesheet href>, as files. Pictures
 * and links are none, and scripts and styles inside the page are not looked into.
 */
#include <string.h>

#include "lang/rules/table.h"

/* Nodes that are looked at in search of the text of a heading. */
enum { MOST_NODES = 64 };

static bool is_word(const wtfcb_lang_visit *visit, wtfcb_lang_span span, const char *word)
{
    size_t length = strlen(word);
    if (span.end > visit->length || span.end - span.start != length) return false;
    for (size_t i = 0; i < length; i++)
        if ((visit->text[span.start + i] | 0x20) != word[i]) return false;
    return true;
}

/* The first line of a text, without white space at its ends. */
static wtfcb_lang_span line_of(const wtfcb_lang_visit *visit, wtfcb_lang_span span)
{
    if (span.end > visit->length) span.end = visit->length;
    const char *end = span.start < span.end ? memchr(visit->text + span.start, '\n', span.end - span.start) : NULL;
    if (end) span.end = (uint32_t)(end - visit->text);
    while (span.end > span.start && (unsigned char)visit->text[span.end - 1] <= ' ')
        span.end--;
    return span;
}

/* The longest text below an element, the first of several; empty without one. */
static wtfcb_lang_span longest_text(wtfcb_lang_visit *visit, TSNode element)
{
    TSTreeCursor *cursor = &visit->cursors[visit->loops];
    wtfcb_lang_span best = {0};
    ts_tree_cursor_reset(cursor, element);
    if (!ts_tree_cursor_goto_first_child(cursor)) return best;
    for (uint32_t looked = 0; looked < MOST_NODES; looked++) {
        TSNode node = ts_tree_cursor_current_node(cursor);
        const char *type = ts_node_type(node);
        if (strcmp(type, "text") == 0 || strcmp(type, "entity") == 0) {
            wtfcb_lang_span text = line_of(visit, wtfcb_lang_rules_span(node));
            if (text.end - text.start > best.end - best.start) best = text;
        } else if (strcmp(type, "element") == 0 && ts_tree_cursor_goto_first_child(cursor)) {
            continue;
        }
        while (!ts_tree_cursor_goto_next_sibling(cursor))
            if (!ts_tree_cursor_goto_parent(cursor)) return best;
    }
    return best;
}

/* The name in a tag. */
static wtfcb_lang_span tag_name(TSNode tag)
{
    TSNode name = ts_node_named_child(tag, 0);
    return ts_node_is_null(name) ? (wtfcb_lang_span){0} : wtfcb_lang_rules_span(name);
}

static void element(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    TSNode tag = ts_node_child(node, 0);
    if (ts_node_is_null(tag)) return;
    wtfcb_lang_span name = tag_name(tag);
    if (name.end - name.start != 2 || name.end > visit->length || (wtfcb_lang_rules_byte(visit, name) | 0x20) != 'h')
        return;
    char digit = visit->text[name.start + 1];
    if (digit < '1' || digit > '6') return;
    wtfcb_lang_definition definition = {.name = longest_text(visit, node),
                                        .node = node,
                                        .kind = rule->kinds[visit->scope],
                                        .level = (uint32_t)(digit - '0')};
    visit->define(visit, &definition);
}

/* Whether a value can be an id. */
static bool is_id(const wtfcb_lang_visit *visit, wtfcb_lang_span span)
{
    if (span.end > visit->length) return false;
    for (uint32_t i = span.start; i < span.end; i++)
        if ((unsigned char)visit->text[i] <= ' ' || strchr("{}<>", visit->text[i])) return false;
    return true;
}

/* The name and the value of an attribute; empty if it has none. */
static wtfcb_lang_span attribute(const wtfcb_lang_visit *visit, TSNode node, wtfcb_lang_span *ret_value)
{
    TSNode name = ts_node_named_child(node, 0), value = ts_node_named_child(node, 1);
    *ret_value = (wtfcb_lang_span){0};
    if (!ts_node_is_null(value)) *ret_value = wtfcb_lang_rules_unquote(visit, value);
    if (ret_value->end > visit->length) *ret_value = (wtfcb_lang_span){0};
    return ts_node_is_null(name) ? (wtfcb_lang_span){0} : wtfcb_lang_rules_span(name);
}

/* Whether `rel` says that a link is a style sheet: one of its words. */
static bool is_stylesheet(const wtfcb_lang_visit *visit, wtfcb_lang_span value)
{
    for (uint32_t at = value.start; at < value.end;) {
        uint32_t start = at;
        while (at < value.end && (unsigned char)visit->text[at] > ' ')
            at++;
        if (is_word(visit, (wtfcb_lang_span){.start = start, .end = at}, "stylesheet")) return true;
        at++;
    }
    return false;
}

static void tag(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    wtfcb_lang_span name = tag_name(node), value, import = {0};
    bool link = is_word(visit, name, "link"), script = is_word(visit, name, "script"), a = is_word(visit, name, "a");
    bool wanted = script;
    TSNode child;
    (void)rule;
    for (bool more = wtfcb_lang_rules_first(visit, node, &child); more; more = wtfcb_lang_rules_next(visit, &child)) {
        if (ts_node_named_child_count(child) == 0) continue;
        wtfcb_lang_span key = attribute(visit, child, &value);
        if (is_word(visit, key, "id") || (a && is_word(visit, key, "name"))) {
            if (is_id(visit, value)) wtfcb_lang_rules_define(visit, node, value, WTFCB_SYMBOL_CONSTANT);
        } else if (script ? is_word(visit, key, "src") : link && is_word(visit, key, "href")) {
            import = value;
        } else if (link && is_word(visit, key, "rel")) {
            wanted = is_stylesheet(visit, value);
        }
    }
    if (wanted && import.end > import.start) visit->import(visit, node, import, WTFCB_IMPORT_FILE);
}

#define SKIP WTFCB_LANG_DO_SKIP

static const wtfcb_lang_rule_spec rows[] = {
    {.node = "element", .kinds = WTFCB_LANG_ANYWHERE(WTFCB_SYMBOL_MODULE), .hook = element},
    {.node = "start_tag", .actions = SKIP, .kinds = WTFCB_LANG_ANYWHERE(WTFCB_SYMBOL_CONSTANT), .hook = tag},
    {.node = "self_closing_tag", .actions = SKIP, .kinds = WTFCB_LANG_ANYWHERE(WTFCB_SYMBOL_CONSTANT), .hook = tag},
    {.node = "end_tag", .actions = SKIP},
};

const wtfcb_lang_rules_spec wtfcb_lang_rules_html = {
    .grammar = "html", .rows = rows, .count = sizeof rows / sizeof *rows, .headings = true};
