/*
 * What the other files here share: the tables by name, and the few questions that hooks ask of a node. Each question costs a look
 * through the node's children, so hooks belong on nodes that are rare.
 */
#ifndef WTFCB_LANG_RULES_TABLE_H
#define WTFCB_LANG_RULES_TABLE_H

#include "lang/rules/rules.h"

extern const wtfcb_lang_rules_spec wtfcb_lang_rules_bash;
extern const wtfcb_lang_rules_spec wtfcb_lang_rules_c;
extern const wtfcb_lang_rules_spec wtfcb_lang_rules_cpp;
extern const wtfcb_lang_rules_spec wtfcb_lang_rules_csharp;
extern const wtfcb_lang_rules_spec wtfcb_lang_rules_css;
extern const wtfcb_lang_rules_spec wtfcb_lang_rules_dart;
extern const wtfcb_lang_rules_spec wtfcb_lang_rules_elixir;
extern const wtfcb_lang_rules_spec wtfcb_lang_rules_go;
extern const wtfcb_lang_rules_spec wtfcb_lang_rules_haskell;
extern const wtfcb_lang_rules_spec wtfcb_lang_rules_hcl;
extern const wtfcb_lang_rules_spec wtfcb_lang_rules_html;
extern const wtfcb_lang_rules_spec wtfcb_lang_rules_java;
extern const wtfcb_lang_rules_spec wtfcb_lang_rules_javascript;
extern const wtfcb_lang_rules_spec wtfcb_lang_rules_json;
extern const wtfcb_lang_rules_spec wtfcb_lang_rules_kotlin;
extern const wtfcb_lang_rules_spec wtfcb_lang_rules_lua;
extern const wtfcb_lang_rules_spec wtfcb_lang_rules_make;
extern const wtfcb_lang_rules_spec wtfcb_lang_rules_markdown;
extern const wtfcb_lang_rules_spec wtfcb_lang_rules_php;
extern const wtfcb_lang_rules_spec wtfcb_lang_rules_python;
extern const wtfcb_lang_rules_spec wtfcb_lang_rules_ruby;
extern const wtfcb_lang_rules_spec wtfcb_lang_rules_rust;
extern const wtfcb_lang_rules_spec wtfcb_lang_rules_scala;
extern const wtfcb_lang_rules_spec wtfcb_lang_rules_sql;
extern const wtfcb_lang_rules_spec wtfcb_lang_rules_swift;
extern const wtfcb_lang_rules_spec wtfcb_lang_rules_toml;
extern const wtfcb_lang_rules_spec wtfcb_lang_rules_tsx;
extern const wtfcb_lang_rules_spec wtfcb_lang_rules_typescript;
extern const wtfcb_lang_rules_spec wtfcb_lang_rules_yaml;
extern const wtfcb_lang_rules_spec wtfcb_lang_rules_zig;

/* The rule and the tag of a node. */
const wtfcb_lang_rule *wtfcb_lang_rules_of(const wtfcb_lang_visit *visit, TSNode node);
uint8_t wtfcb_lang_rules_tag(const wtfcb_lang_visit *visit, TSNode node);

/* The first child in a field; a null node if there is none. */
TSNode wtfcb_lang_rules_field(const wtfcb_lang_visit *visit, TSNode node, enum wtfcb_lang_field field);

wtfcb_lang_span wtfcb_lang_rules_span(TSNode node);

/* Without the first and last byte, if those are quotes or brackets. */
wtfcb_lang_span wtfcb_lang_rules_unquote(const wtfcb_lang_visit *visit, TSNode node);

/* Whether text is a word, begins with one, ends with one. */
bool wtfcb_lang_rules_is(const wtfcb_lang_visit *visit, wtfcb_lang_span span, const char *word);
bool wtfcb_lang_rules_starts(const wtfcb_lang_visit *visit, wtfcb_lang_span span, const char *word);
bool wtfcb_lang_rules_ends(const wtfcb_lang_visit *visit, wtfcb_lang_span span, const char *word);

/*
 * Loop over the children of a node in linear time, whatever their number (ts_node_child() in a loop is quadratic):
 *
 *     for (bool more = wtfcb_lang_rules_first(visit, node, &child); more; more = wtfcb_lang_rules_next(visit, &child))
 *
 * Loops nest. One that is left early is closed with wtfcb_lang_rules_stop(); one that runs out closes itself.
 */
bool wtfcb_lang_rules_first(wtfcb_lang_visit *visit, TSNode node, TSNode *ret_child);
bool wtfcb_lang_rules_next(wtfcb_lang_visit *visit, TSNode *ret_child);
void wtfcb_lang_rules_stop(wtfcb_lang_visit *visit);

/* Whether the child that the innermost loop is at stands in a field. */
bool wtfcb_lang_rules_at_field(const wtfcb_lang_visit *visit, enum wtfcb_lang_field field);

/* Whether a direct child is `type`, or is `type` with the text `word` (unless that is NULL). */
bool wtfcb_lang_rules_has_child(wtfcb_lang_visit *visit, TSNode node, const char *type, const char *word);

/* The first child with a tag; a null node if there is none. */
TSNode wtfcb_lang_rules_find(wtfcb_lang_visit *visit, TSNode node, uint8_t tag);

/* Parameters in a list: named children but comments and those marked WTFCB_LANG_DO_NO_COUNT; 0 for a null node. */
uint32_t wtfcb_lang_rules_count(wtfcb_lang_visit *visit, TSNode list);

/* The body of a definition: its field `body`, or that of its value, or a child marked WTFCB_LANG_DO_BODY; may be null. */
TSNode wtfcb_lang_rules_body(wtfcb_lang_visit *visit, TSNode node);

/*
 * What a node's modifiers in front of `name` say: the meaning of the first child whose text begins with one of the
 * words ("private"), directly below the node or below a child of type `container` ("modifiers", or NULL). `words` ends
 * with an entry without a word, whose meaning holds when there is no such child.
 */
typedef struct wtfcb_lang_modifier {
    const char *word;
    uint32_t visibility; /* WTFCB_VISIBILITY_* */
} wtfcb_lang_modifier;

uint32_t wtfcb_lang_rules_modifier(wtfcb_lang_visit *visit, TSNode node, wtfcb_lang_span name, const char *container,
                                   const wtfcb_lang_modifier *words);

/* A hook for jumps: one to a label costs 1. */
wtfcb_lang_hook wtfcb_lang_rules_label;

/* Define a symbol in the range of `node`, with the parameters of its field `parameters`. */
void wtfcb_lang_rules_define(wtfcb_lang_visit *visit, TSNode node, wtfcb_lang_span name, uint32_t kind);

#endif
