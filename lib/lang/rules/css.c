/*
 * CSS.
 *
 *   .class in the selectors of a rule   class, each time it stands there
 *   #id in the selectors of a rule      constant
 *   --name: ..., @property --name       variable
 *   @keyframes                          macro: a body that is used by its name
 *
 * The first symbol of a rule is the parent of what is nested in the rule: custom properties, and rules by CSS nesting.
 * What the arguments of a pseudo class select (`:not(.a)`) is not defined there. Elements, attributes, @media, @layer
 * and @font-face are no symbols, but rules inside are seen. Signature of a class: the selectors of its rule. All are
 * public. Imports: @import, as a file.
 */
#include <string.h>

#include "lang/rules/table.h"

enum { NOTHING, CLASS_NAME, ID_NAME, ARGUMENTS };

/* Longer lists of selectors are cut. */
enum { MOST_NODES = 10000 };

static void define_selector(wtfcb_lang_visit *visit, TSNode rule, TSNode name, uint8_t tag)
{
    wtfcb_lang_span span = wtfcb_lang_rules_span(name);
    if (span.start == 0 || span.end > visit->length) return;
    char mark = visit->text[span.start - 1];
    if (mark == '.' && tag == CLASS_NAME) wtfcb_lang_rules_define(visit, rule, span, WTFCB_SYMBOL_CLASS);
    if (mark == '#' && tag == ID_NAME) wtfcb_lang_rules_define(visit, rule, span, WTFCB_SYMBOL_CONSTANT);
}

/* All names of classes and ids below the selectors, in the order of the text. */
static void define_selectors(wtfcb_lang_visit *visit, TSNode node, TSNode selectors, TSTreeCursor *cursor)
{
    ts_tree_cursor_reset(cursor, selectors);
    for (uint32_t looked = 0; looked < MOST_NODES; looked++) {
        TSNode at = ts_tree_cursor_current_node(cursor);
        uint8_t tag = wtfcb_lang_rules_tag(visit, at);
        if (tag == CLASS_NAME || tag == ID_NAME)
            define_selector(visit, node, at, tag);
        else if (tag != ARGUMENTS && ts_tree_cursor_goto_first_child(cursor))
            continue;
        while (!ts_tree_cursor_goto_next_sibling(cursor))
            if (!ts_tree_cursor_goto_parent(cursor)) return;
    }
}

static void rule_set(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    TSNode selectors = ts_node_named_child(node, 0);
    (void)rule;
    if (ts_node_is_null(selectors)) return;
    uint32_t loop = visit->loops++; /* defining loops over children too */
    define_selectors(visit, node, selectors, &visit->cursors[loop]);
    visit->loops = loop;
    if (visit->symbol == WTFCB_LANG_NO_SYMBOL) visit->opens = 0; /* what is nested belongs to what is around */
}

static void declaration(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    TSNode name = ts_node_child(node, 0);
    if (ts_node_is_null(name)) return;
    wtfcb_lang_span span = wtfcb_lang_rules_span(name);
    if (span.end <= visit->length && wtfcb_lang_rules_starts(visit, span, "--"))
        wtfcb_lang_rules_define(visit, node, span, rule->kinds[visit->scope]);
}

/* `@property --name {...}` */
static void at_rule(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    TSNode name = ts_node_named_child(node, 1);
    if (ts_node_is_null(name)) return;
    wtfcb_lang_span span = wtfcb_lang_rules_span(name);
    if (span.end <= visit->length && wtfcb_lang_rules_starts(visit, wtfcb_lang_rules_span(node), "@property") &&
        wtfcb_lang_rules_starts(visit, span, "--"))
        wtfcb_lang_rules_define(visit, node, span, rule->kinds[visit->scope]);
}

static void keyframes(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    TSNode name = ts_node_named_child(node, 0);
    if (ts_node_is_null(name) || strcmp(ts_node_type(name), "keyframes_name") != 0) return;
    wtfcb_lang_rules_define(visit, node, wtfcb_lang_rules_unquote(visit, name), rule->kinds[visit->scope]);
}

/* A string, or url() with or without quotes. */
static void import(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    TSNode what = ts_node_named_child(node, 0);
    (void)rule;
    if (ts_node_is_null(what)) return;
    if (strcmp(ts_node_type(what), "call_expression") == 0) {
        TSNode list = ts_node_named_child(what, 1);
        if (ts_node_is_null(list)) return;
        what = ts_node_named_child(list, 0);
        if (ts_node_is_null(what)) return;
    }
    visit->import(visit, node, wtfcb_lang_rules_unquote(visit, what), WTFCB_IMPORT_FILE);
}

static const wtfcb_lang_rule_spec rows[] = {
    {.node = "rule_set", .actions = WTFCB_LANG_DO_SPACE, .kinds = {WTFCB_SYMBOL_CLASS, 0, 0}, .hook = rule_set},
    {.node = "declaration", .actions = WTFCB_LANG_DO_SKIP, .kinds = {WTFCB_SYMBOL_VARIABLE, 0, 0}, .hook = declaration},
    {.node = "at_rule", .kinds = {WTFCB_SYMBOL_VARIABLE, 0, 0}, .hook = at_rule},
    {.node = "keyframes_statement",
     .actions = WTFCB_LANG_DO_SKIP,
     .kinds = {WTFCB_SYMBOL_MACRO, 0, 0},
     .hook = keyframes},
    {.node = "import_statement", .actions = WTFCB_LANG_DO_SKIP, .hook = import},
    {.node = "selectors", .actions = WTFCB_LANG_DO_SKIP},
    {.node = "block", .actions = WTFCB_LANG_DO_BODY},
    {.node = "class_name", .tag = CLASS_NAME},
    {.node = "id_name", .tag = ID_NAME},
    {.node = "arguments", .tag = ARGUMENTS},
};

const wtfcb_lang_rules_spec wtfcb_lang_rules_css = {
    .grammar = "css", .rows = rows, .count = sizeof rows / sizeof *rows};
