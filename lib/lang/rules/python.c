/*
 * Python.
 *
 *   def at file level or nested in a function   function        def in a class      method, __init__: constructor
 *   class                                       class           type X = ...        type alias
 *   name = ... at file level                    variable        in a class          field (an annotation alone too)
 *   name = lambda ...                           function        in a class          method
 *
 * Every assignment to a plain name counts, also the second one and those of a tuple; names in functions do not. `if`,
 * `try` and `with` around a definition change nothing. Exported: names without a leading underscore, and __dunders__.
 * Imports: one for each module, with its leading dots ("a.b", "..x").
 */
#include "lang/rules/table.h"

enum { NOTHING, NAME, PATTERN, LAMBDA, MODULE, ALIASED };

static void assign_name(wtfcb_lang_visit *visit, TSNode node, TSNode name, const wtfcb_lang_rule *rule)
{
    wtfcb_lang_definition definition = {
        .name = wtfcb_lang_rules_span(name), .node = node, .kind = rule->kinds[visit->scope]};
    visit->define(visit, &definition);
}

static void assignment(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    if (visit->scope == WTFCB_LANG_SCOPE_FUNCTION) return;
    TSNode left = wtfcb_lang_rules_field(visit, node, WTFCB_LANG_FIELD_left), child;
    if (ts_node_is_null(left)) return;
    uint8_t tag = wtfcb_lang_rules_tag(visit, left);
    if (tag == PATTERN) {
        for (bool more = wtfcb_lang_rules_first(visit, left, &child); more; more = wtfcb_lang_rules_next(visit, &child))
            if (wtfcb_lang_rules_tag(visit, child) == NAME) assign_name(visit, node, child, rule);
    } else if (tag == NAME) {
        TSNode right = wtfcb_lang_rules_field(visit, node, WTFCB_LANG_FIELD_right);
        if (ts_node_is_null(right) || wtfcb_lang_rules_tag(visit, right) != LAMBDA) {
            assign_name(visit, node, left, rule);
            return;
        }
        bool in_type = visit->scope == WTFCB_LANG_SCOPE_TYPE;
        TSNode list = wtfcb_lang_rules_field(visit, right, WTFCB_LANG_FIELD_parameters);
        wtfcb_lang_definition definition = {.name = wtfcb_lang_rules_span(left),
                                            .node = node,
                                            .kind = in_type ? WTFCB_SYMBOL_METHOD : WTFCB_SYMBOL_FUNCTION,
                                            .parameters = wtfcb_lang_rules_count(visit, list)};
        visit->define(visit, &definition);
        visit->own = true;
    }
}

static void function(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    TSNode name = wtfcb_lang_rules_field(visit, node, WTFCB_LANG_FIELD_name);
    if (ts_node_is_null(name)) return;
    wtfcb_lang_span span = wtfcb_lang_rules_span(name);
    uint32_t kind = rule->kinds[visit->scope];
    if (kind == WTFCB_SYMBOL_METHOD && wtfcb_lang_rules_is(visit, span, "__init__")) kind = WTFCB_SYMBOL_CONSTRUCTOR;
    wtfcb_lang_rules_define(visit, node, span, kind);
}

/* `type X = ...`, whose name may have parameters: `type X[T] = ...`. */
static void type_alias(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    TSNode name = wtfcb_lang_rules_field(visit, node, WTFCB_LANG_FIELD_left);
    while (!ts_node_is_null(name) && wtfcb_lang_rules_tag(visit, name) != NAME)
        name = ts_node_named_child(name, 0);
    if (!ts_node_is_null(name)) wtfcb_lang_rules_define(visit, node, wtfcb_lang_rules_span(name), rule->kinds[0]);
}

static void import_names(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    TSNode child;
    (void)rule;
    for (bool more = wtfcb_lang_rules_first(visit, node, &child); more; more = wtfcb_lang_rules_next(visit, &child)) {
        if (wtfcb_lang_rules_tag(visit, child) == ALIASED)
            child = wtfcb_lang_rules_field(visit, child, WTFCB_LANG_FIELD_name);
        if (!ts_node_is_null(child) && wtfcb_lang_rules_tag(visit, child) == MODULE)
            visit->import(visit, node, wtfcb_lang_rules_span(child), WTFCB_IMPORT_MODULE);
    }
}

static void import_from(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    TSNode module = wtfcb_lang_rules_field(visit, node, WTFCB_LANG_FIELD_module_name);
    (void)rule;
    if (ts_node_is_null(module)) module = ts_node_child(node, 1); /* from __future__ import ... */
    if (!ts_node_is_null(module)) visit->import(visit, node, wtfcb_lang_rules_span(module), WTFCB_IMPORT_MODULE);
}

/* `case _:` is the default and no branch. */
static void match_case(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    TSNode pattern = ts_node_named_child(node, 0);
    (void)rule;
    if (ts_node_is_null(pattern) || !wtfcb_lang_rules_is(visit, wtfcb_lang_rules_span(pattern), "_"))
        visit->count(visit, 1, 0);
}

static bool exported(wtfcb_lang_visit *visit, TSNode node, wtfcb_lang_span name, uint32_t kind)
{
    (void)node, (void)kind;
    return wtfcb_lang_rules_byte(visit, name) != '_' ||
           (name.end - name.start > 4 && visit->text[name.start + 1] == '_' && visit->text[name.end - 1] == '_' &&
            visit->text[name.end - 2] == '_');
}

#define BRANCH WTFCB_LANG_DO_BRANCH
#define COST WTFCB_LANG_DO_COST
#define FLAT WTFCB_LANG_DO_FLAT
#define NEST WTFCB_LANG_DO_NEST
#define TOKEN WTFCB_LANG_DO_TOKEN

static const wtfcb_lang_rule_spec rows[] = {
    {.node = "function_definition",
     .actions = WTFCB_LANG_DO_FUNCTION,
     .kinds = {WTFCB_SYMBOL_FUNCTION, WTFCB_SYMBOL_METHOD, WTFCB_SYMBOL_FUNCTION},
     .hook = function},
    {.node = "class_definition", .actions = WTFCB_LANG_DO_TYPE, .kinds = WTFCB_LANG_ANYWHERE(WTFCB_SYMBOL_CLASS)},
    {.node = "type_alias_statement", .kinds = WTFCB_LANG_ANYWHERE(WTFCB_SYMBOL_TYPE_ALIAS), .hook = type_alias},
    {.node = "assignment", .kinds = {WTFCB_SYMBOL_VARIABLE, WTFCB_SYMBOL_FIELD, 0}, .hook = assignment},
    {.node = "expression_statement", .actions = WTFCB_LANG_DO_SCAN_LOCAL},
    {.node = "return_statement", .actions = WTFCB_LANG_DO_SCAN_LOCAL},
    {.node = "raise_statement", .actions = WTFCB_LANG_DO_SCAN_LOCAL},
    {.node = "argument_list", .actions = WTFCB_LANG_DO_SCAN},
    {.node = "comparison_operator", .actions = WTFCB_LANG_DO_SCAN},
    {.node = "parameters", .actions = WTFCB_LANG_DO_SCAN},
    {.node = "string", .actions = WTFCB_LANG_DO_SCAN},
    {.node = "attribute", .actions = WTFCB_LANG_DO_SCAN},
    {.node = "lambda", .actions = WTFCB_LANG_DO_FUNCTION, .tag = LAMBDA},
    {.node = "decorated_definition", .actions = WTFCB_LANG_DO_WRAP},
    {.node = "identifier", .tag = NAME},
    {.node = "pattern_list", .tag = PATTERN},
    {.node = "tuple_pattern", .tag = PATTERN},
    {.node = "list_pattern", .tag = PATTERN},

    {.node = "import_statement", .actions = WTFCB_LANG_DO_SKIP, .hook = import_names},
    {.node = "import_from_statement", .actions = WTFCB_LANG_DO_SKIP, .hook = import_from},
    {.node = "future_import_statement", .actions = WTFCB_LANG_DO_SKIP, .hook = import_from},
    {.node = "dotted_name", .actions = WTFCB_LANG_DO_SKIP, .tag = MODULE},
    {.node = "aliased_import", .tag = ALIASED},

    {.node = "if_statement", .actions = BRANCH | COST | NEST | WTFCB_LANG_DO_IF},
    {.node = "elif_clause", .actions = BRANCH | FLAT | NEST | WTFCB_LANG_DO_ELSE},
    {.node = "else_clause", .actions = FLAT | NEST | WTFCB_LANG_DO_ELSE},
    {.node = "for_statement", .actions = BRANCH | COST | NEST},
    {.node = "while_statement", .actions = BRANCH | COST | NEST},
    {.node = "except_clause", .actions = BRANCH | COST | WTFCB_LANG_DO_NEST_ALL},
    {.node = "except_group_clause", .actions = BRANCH | COST | WTFCB_LANG_DO_NEST_ALL},
    {.node = "match_statement", .actions = COST | NEST},
    {.node = "case_clause", .hook = match_case},
    {.node = "conditional_expression", .actions = BRANCH | COST | WTFCB_LANG_DO_NEST_ALL},
    {.node = "for_in_clause", .actions = BRANCH},
    {.node = "if_clause", .actions = BRANCH},
    {.node = "boolean_operator", .actions = WTFCB_LANG_DO_LOGIC},
    {.node = "parenthesized_expression", .actions = WTFCB_LANG_DO_GROUP},
    {.node = "and", .actions = TOKEN | WTFCB_LANG_DO_AND},
    {.node = "or", .actions = TOKEN | WTFCB_LANG_DO_OR},

    {.node = "keyword_separator", .actions = WTFCB_LANG_DO_NO_COUNT},
    {.node = "positional_separator", .actions = WTFCB_LANG_DO_NO_COUNT},
};

const wtfcb_lang_rules_spec wtfcb_lang_rules_python = {.grammar = "python",
                                                       .rows = rows,
                                                       .count = sizeof rows / sizeof *rows,
                                                       .words = "and or if for lambda",
                                                       .exported = exported};
