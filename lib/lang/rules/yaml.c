/*
 * YAML.
 *
 *   a key whose value is a mapping      module
 *   any other key                       property
 *   &anchor                             constant, wherever it stands; its parent is the innermost key that is a symbol
 *
 * Which keys count is said in keys.h: the outer levels of each document, none in sequences. Keys that are no
 * scalar, and the merge key `<<`, are no symbols. No imports (there is none in the standard), nothing has a complexity.
 */
#include "lang/rules/keys.h"

enum { NOTHING, MAP };

/* The mapping that a key has as its value, behind anchors and tags; or a null node. */
static TSNode map_of(wtfcb_lang_visit *visit, TSNode node)
{
    TSNode value = wtfcb_lang_rules_field(visit, node, WTFCB_LANG_FIELD_value), none = {0};
    if (ts_node_is_null(value)) return none;
    uint32_t count = ts_node_named_child_count(value);
    TSNode map = count > 0 ? ts_node_named_child(value, count - 1) : none;
    return count > 0 && wtfcb_lang_rules_tag(visit, map) == MAP ? map : none;
}

static void pair(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    TSNode key = wtfcb_lang_rules_field(visit, node, WTFCB_LANG_FIELD_key);
    (void)rule;
    if (ts_node_is_null(key)) return;
    wtfcb_lang_span name = wtfcb_lang_rules_unquote(visit, key);
    char first = name.start < visit->length ? wtfcb_lang_rules_byte(visit, name) : 0;
    if (first == '[' || first == '{' || first == '&' || first == '*' || wtfcb_lang_rules_is(visit, name, "<<")) return;
    wtfcb_lang_rules_key(visit, node, name, map_of(visit, node));
}

static void anchor(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    wtfcb_lang_span name = wtfcb_lang_rules_span(node);
    name.start++, name.column++;
    if (name.start < name.end) wtfcb_lang_rules_define(visit, node, name, rule->kinds[visit->scope]);
}

/* A mapping, or a stream of documents. Long ones are data. */
static void stream(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    (void)rule;
    visit->opens = wtfcb_lang_rules_key_crowd(node) ? WTFCB_LANG_DO_FUNCTION : 0;
}

#define PAIR(type)                                                                                                     \
    {                                                                                                                  \
        .node = type, .actions = WTFCB_LANG_DO_FUNCTION | WTFCB_LANG_DO_SCAN_LOCAL,                                    \
        .kinds = {WTFCB_SYMBOL_PROPERTY, WTFCB_SYMBOL_PROPERTY, 0}, .hook = pair                                       \
    }

static const wtfcb_lang_rule_spec rows[] = {
    {.node = "stream", .actions = WTFCB_LANG_DO_FUNCTION, .hook = stream},
    {.node = "block_mapping", .actions = WTFCB_LANG_DO_FUNCTION, .tag = MAP, .hook = stream},
    {.node = "flow_mapping", .tag = MAP},
    PAIR("block_mapping_pair"),
    PAIR("flow_pair"),
    {.node = "block_sequence", .actions = WTFCB_LANG_DO_FUNCTION},
    {.node = "flow_sequence", .actions = WTFCB_LANG_DO_FUNCTION},
    {.node = "anchor",
     .actions = WTFCB_LANG_DO_SKIP,
     .kinds = WTFCB_LANG_ANYWHERE(WTFCB_SYMBOL_CONSTANT),
     .hook = anchor},
    {.node = "plain_scalar", .actions = WTFCB_LANG_DO_SKIP},
    {.node = "single_quote_scalar", .actions = WTFCB_LANG_DO_SKIP},
    {.node = "double_quote_scalar", .actions = WTFCB_LANG_DO_SKIP},
    {.node = "block_scalar", .actions = WTFCB_LANG_DO_SKIP},
};

const wtfcb_lang_rules_spec wtfcb_lang_rules_yaml = {
    .grammar = "yaml", .rows = rows, .count = sizeof rows / sizeof *rows, .signs = "&"};
