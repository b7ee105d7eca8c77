/*
 * Make.
 *
 *   target of a rule                    function, one for each target; its signature is the line in front of the recipe
 *   name =, :=, ::=, ?=, !=             variable
 *   define ... endef                    macro
 *
 * Targets that begin with a dot and a capital (.PHONY) are directions to make, `name +=` adds to what is defined
 * elsewhere, and a variable of a target alone is local: no symbols. A variable whose name is computed is none; a target
 * is listed as it is written ("$(B)/out", "%.o"). Conditionals change nothing. All are public. Imports: each word of
 * include, -include and sinclude, as files, as it is written. What recipes and functions of make do is not seen.
 */
#include <string.h>

#include "lang/rules_table.h"

static void targets(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    TSNode list = ts_node_named_child(node, 0), child;
    if (ts_node_is_null(list) || strcmp(ts_node_type(list), "targets") != 0) return;
    if (ts_node_child_count(node) > 1 && ts_node_is_error(ts_node_child(node, 1))) return; /* $(x)_y = 1 */
    for (bool more = wtfcb_lang_rules_first(visit, list, &child); more; more = wtfcb_lang_rules_next(visit, &child)) {
        wtfcb_lang_span name = wtfcb_lang_rules_span(child);
        if (!ts_node_is_named(child) || ts_node_is_error(child) || name.end > visit->length) continue;
        char second = name.end - name.start > 1 ? visit->text[name.start + 1] : 0;
        if (memchr(visit->text + name.start, '\n', name.end - name.start)) continue;
        if (visit->text[name.start] == '.' && second >= 'A' && second <= 'Z') continue;
        wtfcb_lang_rules_define(visit, node, name, rule->kinds[visit->scope]);
    }
}

/* Whether a name is written out. */
static bool is_plain(const wtfcb_lang_visit *visit, wtfcb_lang_span name)
{
    return name.end <= visit->length && !memchr(visit->text + name.start, '$', name.end - name.start);
}

static void assignment(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    TSNode name = wtfcb_lang_rules_field(visit, node, WTFCB_LANG_FIELD_name);
    TSNode sign = wtfcb_lang_rules_field(visit, node, WTFCB_LANG_FIELD_operator);
    if (ts_node_is_null(name) || !is_plain(visit, wtfcb_lang_rules_span(name))) return;
    if (!ts_node_is_null(sign) && strcmp(ts_node_type(sign), "+=") == 0) return;
    TSNode first = ts_node_child(node, 0); /* `target: name = value` begins with the target */
    if (ts_node_start_byte(first) != ts_node_start_byte(name)) return;
    wtfcb_lang_rules_define(visit, node, wtfcb_lang_rules_span(name), rule->kinds[visit->scope]);
}

static void include(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    TSNode list = ts_node_named_child(node, 0), child;
    (void)rule;
    if (ts_node_is_null(list)) return;
    for (bool more = wtfcb_lang_rules_first(visit, list, &child); more; more = wtfcb_lang_rules_next(visit, &child))
        if (ts_node_is_named(child) && !ts_node_is_error(child))
            visit->import(visit, node, wtfcb_lang_rules_span(child), WTFCB_IMPORT_FILE);
}

static const wtfcb_lang_rule_spec rows[] = {
    {.node = "rule", .actions = WTFCB_LANG_DO_SKIP, .kinds = {WTFCB_SYMBOL_FUNCTION, 0, 0}, .hook = targets},
    {.node = "recipe", .actions = WTFCB_LANG_DO_BODY},
    {.node = "variable_assignment",
     .actions = WTFCB_LANG_DO_SKIP,
     .kinds = {WTFCB_SYMBOL_VARIABLE, 0, 0},
     .hook = assignment},
    {.node = "shell_assignment",
     .actions = WTFCB_LANG_DO_SKIP,
     .kinds = {WTFCB_SYMBOL_VARIABLE, 0, 0},
     .hook = assignment},
    {.node = "define_directive", .actions = WTFCB_LANG_DO_SKIP, .kinds = {WTFCB_SYMBOL_MACRO, 0, 0}},
    {.node = "include_directive", .actions = WTFCB_LANG_DO_SKIP, .hook = include},
};

const wtfcb_lang_rules_spec wtfcb_lang_rules_make = {
    .grammar = "make", .rows = rows, .count = sizeof rows / sizeof *rows};
