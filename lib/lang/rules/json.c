/*
 * JSON.
 *
 *   a key whose value is an object      module
 *   any other key                       property
 *
 * Which keys count is said in keys.h: the outer levels, none in arrays. A text with several values in a row
 * (JSON Lines) is a list. No imports, nothing has a complexity.
 */
#include "lang/rules/keys.h"

enum { NOTHING, OBJECT };

static void pair(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    TSNode key = wtfcb_lang_rules_field(visit, node, WTFCB_LANG_FIELD_key);
    TSNode map = wtfcb_lang_rules_field(visit, node, WTFCB_LANG_FIELD_value);
    (void)rule;
    if (!ts_node_is_null(map) && wtfcb_lang_rules_tag(visit, map) != OBJECT) map = (TSNode){0};
    if (!ts_node_is_null(key)) wtfcb_lang_rules_key(visit, node, wtfcb_lang_rules_unquote(visit, key), map);
}

static void document(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    TSNode child, first = {0};
    uint32_t values = 0, looked = 0;
    (void)rule;
    visit->opens = 0;
    bool more = wtfcb_lang_rules_first(visit, node, &child);
    for (; more && looked < 16; more = wtfcb_lang_rules_next(visit, &child), looked++) {
        if (!ts_node_is_named(child) || ts_node_is_extra(child) || ts_node_is_error(child)) continue;
        if (values++ == 0) first = child;
    }
    if (more) wtfcb_lang_rules_stop(visit);
    if (values > 1 || (values == 1 && wtfcb_lang_rules_key_crowd(first))) visit->opens = WTFCB_LANG_DO_FUNCTION;
}

static const wtfcb_lang_rule_spec rows[] = {
    {.node = "document", .actions = WTFCB_LANG_DO_FUNCTION, .hook = document},
    {.node = "pair",
     .actions = WTFCB_LANG_DO_FUNCTION | WTFCB_LANG_DO_SCAN_LOCAL,
     .kinds = {WTFCB_SYMBOL_PROPERTY, WTFCB_SYMBOL_PROPERTY, 0},
     .hook = pair},
    {.node = "object", .actions = WTFCB_LANG_DO_SCAN_LOCAL, .tag = OBJECT},
    {.node = "array", .actions = WTFCB_LANG_DO_SKIP | WTFCB_LANG_DO_FUNCTION},
    {.node = "string", .actions = WTFCB_LANG_DO_SKIP},
};

const wtfcb_lang_rules_spec wtfcb_lang_rules_json = {
    .grammar = "json", .rows = rows, .count = sizeof rows / sizeof *rows};
