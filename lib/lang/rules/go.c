/*
 * Go.
 *
 *   func                                function, also one without a body (written in assembly)
 *   func with a receiver, interface     method
 *   type X struct, type X interface     struct, interface
 *   any other type                      type alias
 *   field, also an embedded one         field (an embedded one is named as its type without package and arguments)
 *   const, var at file level            constant, variable
 *
 * Local variables are no symbols; local types are. Exported: names that begin with an upper-case letter (of ASCII).
 * Parameters are names: `a, b int` is two. A communication or type case is a branch, a default is not.
 */
#include "lang/rules/table.h"

enum { NOTHING, STRUCT, INTERFACE, PARAMETER, QUALIFIED, GENERIC };

/* One symbol for each name of a `const a, b`, `var a, b` or `a, b int` in a struct. */
static void names(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    TSNode child;
    for (bool more = wtfcb_lang_rules_first(visit, node, &child); more; more = wtfcb_lang_rules_next(visit, &child)) {
        if (!wtfcb_lang_rules_at_field(visit, WTFCB_LANG_FIELD_name) || !ts_node_is_named(child)) continue;
        wtfcb_lang_span name = wtfcb_lang_rules_span(child);
        if (wtfcb_lang_rules_is(visit, name, "_")) continue;
        visit->define(visit, &(wtfcb_lang_definition){.name = name, .node = node, .kind = rule->kinds[visit->scope]});
        visit->own = true;
    }
}

/* Fields of a struct: those with names, or an embedded one, which is called like its type. */
static void member(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    names(visit, node, rule);
    if (visit->symbol != WTFCB_LANG_NO_SYMBOL) return;
    if (!ts_node_is_null(wtfcb_lang_rules_field(visit, node, WTFCB_LANG_FIELD_name))) return; /* `_ int` */
    TSNode type = wtfcb_lang_rules_field(visit, node, WTFCB_LANG_FIELD_type);
    if (!ts_node_is_null(type) && wtfcb_lang_rules_tag(visit, type) == GENERIC)
        type = wtfcb_lang_rules_field(visit, type, WTFCB_LANG_FIELD_type);
    if (!ts_node_is_null(type) && wtfcb_lang_rules_tag(visit, type) == QUALIFIED)
        type = wtfcb_lang_rules_field(visit, type, WTFCB_LANG_FIELD_name);
    if (ts_node_is_null(type)) return;
    visit->define(visit, &(wtfcb_lang_definition){
                             .name = wtfcb_lang_rules_span(type), .node = node, .kind = rule->kinds[visit->scope]});
}

static void type_spec(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    TSNode name = wtfcb_lang_rules_field(visit, node, WTFCB_LANG_FIELD_name);
    TSNode type = wtfcb_lang_rules_field(visit, node, WTFCB_LANG_FIELD_type);
    uint32_t kind = rule->kinds[visit->scope];
    if (ts_node_is_null(name) || ts_node_is_null(type)) return;
    uint8_t tag = wtfcb_lang_rules_tag(visit, type);
    if (tag == STRUCT) kind = WTFCB_SYMBOL_STRUCT;
    if (tag == INTERFACE) kind = WTFCB_SYMBOL_INTERFACE;
    wtfcb_lang_rules_define(visit, node, wtfcb_lang_rules_span(name), kind);
}

static void import_spec(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    TSNode path = wtfcb_lang_rules_field(visit, node, WTFCB_LANG_FIELD_path);
    (void)rule;
    if (!ts_node_is_null(path)) visit->import(visit, node, wtfcb_lang_rules_unquote(visit, path), WTFCB_IMPORT_MODULE);
}

/* Names, and declarations that have only a type. */
static uint32_t parameters(wtfcb_lang_visit *visit, TSNode list)
{
    TSNode child, name;
    uint32_t count = 0;
    for (bool more = wtfcb_lang_rules_first(visit, list, &child); more; more = wtfcb_lang_rules_next(visit, &child)) {
        if (wtfcb_lang_rules_tag(visit, child) != PARAMETER) continue;
        uint32_t here = 0;
        for (bool some = wtfcb_lang_rules_first(visit, child, &name); some; some = wtfcb_lang_rules_next(visit, &name))
            if (wtfcb_lang_rules_at_field(visit, WTFCB_LANG_FIELD_name) && ts_node_is_named(name)) here++;
        count += here > 0 ? here : 1;
    }
    return count;
}

static bool exported(wtfcb_lang_visit *visit, TSNode node, wtfcb_lang_span name, uint32_t kind)
{
    (void)node, (void)kind;
    return wtfcb_lang_rules_byte(visit, name) >= 'A' && wtfcb_lang_rules_byte(visit, name) <= 'Z';
}

/* What begins with a small letter is the package's. */
static uint32_t visibility(wtfcb_lang_visit *visit, TSNode node, wtfcb_lang_span name, uint32_t kind)
{
    return exported(visit, node, name, kind) ? WTFCB_VISIBILITY_PUBLIC : WTFCB_VISIBILITY_INTERNAL;
}

#define BRANCH WTFCB_LANG_DO_BRANCH
#define COST WTFCB_LANG_DO_COST
#define NEST WTFCB_LANG_DO_NEST
#define TOKEN WTFCB_LANG_DO_TOKEN
#define SCAN WTFCB_LANG_DO_SCAN

static const wtfcb_lang_rule_spec rows[] = {
    {.node = "function_declaration",
     .actions = WTFCB_LANG_DO_FUNCTION,
     .kinds = WTFCB_LANG_ANYWHERE(WTFCB_SYMBOL_FUNCTION)},
    {.node = "method_declaration",
     .actions = WTFCB_LANG_DO_FUNCTION,
     .kinds = WTFCB_LANG_ANYWHERE(WTFCB_SYMBOL_METHOD)},
    {.node = "method_elem", .actions = SCAN, .kinds = WTFCB_LANG_ANYWHERE(WTFCB_SYMBOL_METHOD)},
    {.node = "method_spec", .actions = SCAN, .kinds = WTFCB_LANG_ANYWHERE(WTFCB_SYMBOL_METHOD)},
    {.node = "type_spec",
     .actions = WTFCB_LANG_DO_TYPE,
     .kinds = WTFCB_LANG_ANYWHERE(WTFCB_SYMBOL_TYPE_ALIAS),
     .hook = type_spec},
    {.node = "type_alias", .actions = SCAN, .kinds = WTFCB_LANG_ANYWHERE(WTFCB_SYMBOL_TYPE_ALIAS)},
    {.node = "struct_type", .actions = WTFCB_LANG_DO_TYPE, .tag = STRUCT},
    {.node = "interface_type", .actions = WTFCB_LANG_DO_TYPE, .tag = INTERFACE},
    {.node = "field_declaration", .actions = SCAN, .kinds = {0, WTFCB_SYMBOL_FIELD, 0}, .hook = member},
    {.node = "const_spec", .actions = SCAN, .kinds = {WTFCB_SYMBOL_CONSTANT, 0, 0}, .hook = names},
    {.node = "var_spec", .actions = SCAN, .kinds = {WTFCB_SYMBOL_VARIABLE, 0, 0}, .hook = names},
    {.node = "qualified_type", .tag = QUALIFIED},
    {.node = "generic_type", .tag = GENERIC},
    {.node = "func_literal", .actions = WTFCB_LANG_DO_FUNCTION},
    {.node = "parameter_list", .actions = SCAN},
    {.node = "parameter_declaration", .tag = PARAMETER},
    {.node = "variadic_parameter_declaration", .tag = PARAMETER},
    {.node = "import_spec", .actions = WTFCB_LANG_DO_SKIP, .hook = import_spec},

    {.node = "if_statement", .actions = BRANCH | COST | NEST | WTFCB_LANG_DO_IF},
    {.node = "for_statement", .actions = BRANCH | COST | NEST},
    {.node = "expression_switch_statement", .actions = COST | WTFCB_LANG_DO_NEST_ALL},
    {.node = "type_switch_statement", .actions = COST | WTFCB_LANG_DO_NEST_ALL},
    {.node = "select_statement", .actions = COST | WTFCB_LANG_DO_NEST_ALL},
    {.node = "expression_case", .actions = BRANCH},
    {.node = "type_case", .actions = BRANCH},
    {.node = "communication_case", .actions = BRANCH},
    {.node = "goto_statement", .actions = WTFCB_LANG_DO_FLAT},
    {.node = "break_statement", .hook = wtfcb_lang_rules_label},
    {.node = "continue_statement", .hook = wtfcb_lang_rules_label},
    {.node = "binary_expression", .actions = WTFCB_LANG_DO_LOGIC | SCAN},
    {.node = "parenthesized_expression", .actions = WTFCB_LANG_DO_GROUP | SCAN},
    {.node = "&&", .actions = TOKEN | WTFCB_LANG_DO_AND},
    {.node = "||", .actions = TOKEN | WTFCB_LANG_DO_OR},

    {.node = "expression_statement", .actions = SCAN},
    {.node = "assignment_statement", .actions = SCAN},
    {.node = "short_var_declaration", .actions = SCAN},
    {.node = "return_statement", .actions = SCAN},
    {.node = "call_expression", .actions = SCAN},
    {.node = "argument_list", .actions = SCAN},
    {.node = "expression_list", .actions = SCAN},
    {.node = "literal_element", .actions = SCAN},
    {.node = "keyed_element", .actions = SCAN},
    {.node = "selector_expression", .actions = SCAN},
    {.node = "interpreted_string_literal", .actions = WTFCB_LANG_DO_SKIP},
    {.node = "raw_string_literal", .actions = WTFCB_LANG_DO_SKIP},
};

const wtfcb_lang_rules_spec wtfcb_lang_rules_go = {.grammar = "go",
                                                   .rows = rows,
                                                   .count = sizeof rows / sizeof *rows,
                                                   .signs = "{",
                                                   .double_signs = "&|",
                                                   .exported = exported,
                                                   .visibility = visibility,
                                                   .parameters = parameters};
