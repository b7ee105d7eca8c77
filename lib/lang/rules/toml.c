/*
 * TOML.
 *
 *   [table]                             module, by its whole name: "package.metadata"
 *   [[table]]                           module, once for all its elements, in the range of the first
 *   a key whose value is a table        module
 *   any other key                       property; a dotted key is one name
 *
 * Which keys count is said in keys.h; a table is the first level, and what stands in an array of tables (its
 * keys, and the tables named after it) is no symbol: a lock file is a list of packages. No imports, nothing has a
 * complexity.
 */
#include <string.h>

#include "lang/rules/keys.h"

enum { NOTHING, MAP, KEY };

/* The key of a pair or in the brackets of a table: the first named child. */
static wtfcb_lang_span name_of(const wtfcb_lang_visit *visit, TSNode node)
{
    TSNode key = ts_node_named_child(node, 0);
    if (ts_node_is_null(key) || wtfcb_lang_rules_tag(visit, key) != KEY) return (wtfcb_lang_span){0};
    return wtfcb_lang_rules_unquote(visit, key);
}

static void pair(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    uint32_t count = ts_node_named_child_count(node);
    TSNode map = count > 1 ? ts_node_named_child(node, count - 1) : (TSNode){0};
    (void)rule;
    if (count > 1 && wtfcb_lang_rules_tag(visit, map) != MAP) map = (TSNode){0};
    wtfcb_lang_rules_key(visit, node, name_of(visit, node), map);
}

/* Whether a name is that of the array of tables that came last, or begins with it and a dot. */
static bool in_array(const wtfcb_lang_visit *visit, wtfcb_lang_span name)
{
    wtfcb_lang_span array = visit->pending_name;
    uint32_t length = array.end - array.start;
    if (length == 0 || name.end - name.start < length) return false;
    if (memcmp(visit->text + name.start, visit->text + array.start, length) != 0) return false;
    return name.end - name.start == length || visit->text[name.start + length] == '.';
}

static void table(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    wtfcb_lang_span name = name_of(visit, node);
    (void)rule;
    visit->opens = WTFCB_LANG_DO_FUNCTION;
    if (!in_array(visit, name)) wtfcb_lang_rules_key(visit, node, name, node);
}

static void array_table(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    wtfcb_lang_span name = name_of(visit, node);
    table(visit, node, rule);
    if (visit->symbol != WTFCB_LANG_NO_SYMBOL) visit->pending_name = name;
    visit->opens = WTFCB_LANG_DO_FUNCTION;
}

static void document(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    (void)rule;
    visit->opens = wtfcb_lang_rules_key_crowd(node) ? WTFCB_LANG_DO_FUNCTION : 0;
}

#define SECTION(type, function)                                                                                        \
    {                                                                                                                  \
        .node = type, .actions = WTFCB_LANG_DO_FUNCTION, .kinds = {WTFCB_SYMBOL_MODULE, WTFCB_SYMBOL_MODULE, 0},       \
        .hook = function                                                                                               \
    }
#define QUIET(type, word)                                                                                              \
    {                                                                                                                  \
        .node = type, .actions = WTFCB_LANG_DO_SKIP, .tag = word                                                       \
    }

static const wtfcb_lang_rule_spec rows[] = {
    {.node = "document", .actions = WTFCB_LANG_DO_FUNCTION, .hook = document},
    SECTION("table", table),
    SECTION("table_array_element", array_table),
    {.node = "pair",
     .actions = WTFCB_LANG_DO_FUNCTION,
     .kinds = {WTFCB_SYMBOL_PROPERTY, WTFCB_SYMBOL_PROPERTY, 0},
     .hook = pair},
    {.node = "inline_table", .tag = MAP},
    QUIET("array", NOTHING),
    QUIET("string", NOTHING),
    QUIET("bare_key", KEY),
    QUIET("quoted_key", KEY),
    QUIET("dotted_key", KEY),
};

const wtfcb_lang_rules_spec wtfcb_lang_rules_toml = {
    .grammar = "toml", .rows = rows, .count = sizeof rows / sizeof *rows};
