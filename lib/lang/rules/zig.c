/*
 * Zig.
 *
 *   fn                                  function; in a container: method
 *   const X = struct, opaque            struct          const X = union                      union
 *   const X = enum, error               enum            name in an enum                      enum member
 *   name in a struct, union or file     field           other const, var outside functions   constant, variable
 *
 * A container without a name gives its members to what is around it: those of the struct that a function returns belong
 * to the function. Containers in functions are symbols, other local variables are not; neither are the names in an
 * error set, tests and comptime blocks. `const x = @import("x")` is an import and no constant, `pub` makes it one that
 * is passed on; a name with a dot is a file, any other a module. @embedFile is a file, @cInclude a system's. Public:
 * `pub`, `export`, and fields. A handler behind `catch` is a branch, an `orelse` is none.
 */
#include "lang/rules/table.h"

enum { NOTHING, NAME, CONTAINER, ENUMERATION, IMPORT, PARAMETERS, PARAMETER, OPEN, PUBLIC, CONST, ELSE, LABEL };

static bool begins(const wtfcb_lang_visit *visit, TSNode node, const char *word)
{
    return wtfcb_lang_rules_starts(visit, wtfcb_lang_rules_span(node), word);
}

static void function(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    TSNode name = wtfcb_lang_rules_field(visit, node, WTFCB_LANG_FIELD_name);
    TSNode list = wtfcb_lang_rules_find(visit, node, PARAMETERS), child;
    if (ts_node_is_null(name)) return;
    wtfcb_lang_definition definition = {
        .name = wtfcb_lang_rules_span(name), .node = node, .kind = rule->kinds[visit->scope]};
    bool more = !ts_node_is_null(list) && wtfcb_lang_rules_first(visit, list, &child);
    for (; more; more = wtfcb_lang_rules_next(visit, &child))
        if (wtfcb_lang_rules_tag(visit, child) == PARAMETER && !begins(visit, child, "...")) definition.parameters++;
    visit->define(visit, &definition);
}

/* struct, union, enum, opaque, error, with modifiers such as `packed` in front. */
static uint32_t container_kind(const wtfcb_lang_visit *visit, TSNode container)
{
    const char *type = ts_node_type(container);
    (void)visit;
    if (type[0] == 'u') return WTFCB_SYMBOL_UNION;
    return type[0] == 'e' ? WTFCB_SYMBOL_ENUM : WTFCB_SYMBOL_STRUCT;
}

static void variable(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    uint32_t count = ts_node_named_child_count(node);
    TSNode name = wtfcb_lang_rules_find(visit, node, NAME);
    if (count == 0 || ts_node_is_null(name)) return;
    TSNode value = ts_node_named_child(node, count - 1);
    uint8_t tag = wtfcb_lang_rules_tag(visit, value);
    wtfcb_lang_definition definition = {
        .name = wtfcb_lang_rules_span(name), .node = node, .kind = rule->kinds[visit->scope]};
    if (tag == CONTAINER || tag == ENUMERATION) {
        TSNode open = wtfcb_lang_rules_find(visit, value, OPEN);
        definition.kind = container_kind(visit, value);
        if (!ts_node_is_null(open)) definition.signature_end = ts_node_start_byte(open);
        visit->own = true;
    } else {
        bool is_import = tag == IMPORT && begins(visit, value, "@import");
        if (is_import) visit->pending.end = !ts_node_is_null(wtfcb_lang_rules_find(visit, node, PUBLIC));
        if (is_import || visit->scope == WTFCB_LANG_SCOPE_FUNCTION) return;
        if (!ts_node_is_null(wtfcb_lang_rules_find(visit, node, CONST))) definition.kind = WTFCB_SYMBOL_CONSTANT;
    }
    visit->define(visit, &definition);
}

static void field(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    TSNode name = wtfcb_lang_rules_field(visit, node, WTFCB_LANG_FIELD_name);
    if (ts_node_is_null(name)) return;
    uint32_t kind = visit->above->tag == ENUMERATION ? WTFCB_SYMBOL_ENUM_MEMBER : rule->kinds[visit->scope];
    wtfcb_lang_span span = wtfcb_lang_rules_span(name);
    if (!wtfcb_lang_rules_is(visit, span, "_")) wtfcb_lang_rules_define(visit, node, span, kind);
}

/* @import("x"), @embedFile("x"), @cInclude("x.h") */
static void import(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    uint32_t kind = WTFCB_IMPORT_MODULE;
    (void)rule;
    if (begins(visit, node, "@embedFile"))
        kind = WTFCB_IMPORT_FILE;
    else if (begins(visit, node, "@cInclude"))
        kind = WTFCB_IMPORT_SYSTEM;
    else if (!begins(visit, node, "@import"))
        return;
    TSNode list = ts_node_named_child(node, 1);
    TSNode argument = ts_node_is_null(list) ? list : ts_node_named_child(list, 0);
    if (ts_node_is_null(argument)) return;
    wtfcb_lang_span text = wtfcb_lang_rules_unquote(visit, argument);
    for (uint32_t i = text.start; i < text.end; i++)
        if (visit->text[i] == '.' && kind == WTFCB_IMPORT_MODULE) kind = WTFCB_IMPORT_FILE;
    visit->import(visit, node, text, visit->pending.end ? WTFCB_IMPORT_REEXPORT : kind);
    visit->pending.end = 0;
}

/* `else =>` is no branch. */
static void switch_case(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    TSNode first = ts_node_child(node, 0);
    (void)rule;
    if (!ts_node_is_null(first) && wtfcb_lang_rules_tag(visit, first) != ELSE) visit->count(visit, 1, 0);
}

/* A jump to a label; with a value it is what a block yields. */
static void jump(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    (void)rule;
    if (ts_node_named_child_count(node) == 1 && wtfcb_lang_rules_tag(visit, ts_node_named_child(node, 0)) == LABEL)
        visit->count(visit, 0, 1);
}

static uint32_t visibility(wtfcb_lang_visit *visit, TSNode node, wtfcb_lang_span name, uint32_t kind)
{
    (void)name;
    if (kind == WTFCB_SYMBOL_FIELD || kind == WTFCB_SYMBOL_ENUM_MEMBER) return WTFCB_VISIBILITY_PUBLIC;
    return ts_node_is_null(wtfcb_lang_rules_find(visit, node, PUBLIC)) ? WTFCB_VISIBILITY_PRIVATE
                                                                       : WTFCB_VISIBILITY_PUBLIC;
}

#define BRANCH WTFCB_LANG_DO_BRANCH
#define COST WTFCB_LANG_DO_COST
#define NEST WTFCB_LANG_DO_NEST
#define NEST_ALL WTFCB_LANG_DO_NEST_ALL
#define TOKEN WTFCB_LANG_DO_TOKEN
#define SCAN WTFCB_LANG_DO_SCAN
#define SKIP WTFCB_LANG_DO_SKIP

static const wtfcb_lang_rule_spec rows[] = {
    {.node = "function_declaration",
     .actions = WTFCB_LANG_DO_FUNCTION,
     .kinds = {WTFCB_SYMBOL_FUNCTION, WTFCB_SYMBOL_METHOD, WTFCB_SYMBOL_FUNCTION},
     .hook = function},
    {.node = "variable_declaration",
     .actions = SCAN,
     .kinds = WTFCB_LANG_ANYWHERE(WTFCB_SYMBOL_VARIABLE),
     .hook = variable},
    {.node = "container_field", .actions = SCAN, .kinds = {WTFCB_SYMBOL_FIELD, WTFCB_SYMBOL_FIELD, 0}, .hook = field},
    {.node = "struct_declaration", .actions = WTFCB_LANG_DO_TYPE, .tag = CONTAINER},
    {.node = "union_declaration", .actions = WTFCB_LANG_DO_TYPE, .tag = CONTAINER},
    {.node = "opaque_declaration", .actions = WTFCB_LANG_DO_TYPE, .tag = CONTAINER},
    {.node = "enum_declaration", .actions = WTFCB_LANG_DO_TYPE, .tag = ENUMERATION},
    {.node = "error_set_declaration", .actions = SKIP, .tag = CONTAINER},
    {.node = "test_declaration", .actions = WTFCB_LANG_DO_FUNCTION},
    {.node = "comptime_declaration", .actions = WTFCB_LANG_DO_FUNCTION},
    {.node = "builtin_function", .actions = SCAN, .tag = IMPORT, .hook = import},
    {.node = "identifier", .tag = NAME},
    {.node = "parameters", .actions = SCAN, .tag = PARAMETERS},
    {.node = "parameter", .actions = SCAN, .tag = PARAMETER},
    {.node = "{", .actions = TOKEN, .tag = OPEN},
    {.node = "pub", .actions = TOKEN, .tag = PUBLIC},
    {.node = "export", .actions = TOKEN, .tag = PUBLIC},
    {.node = "const", .actions = TOKEN, .tag = CONST},
    {.node = "else", .actions = TOKEN, .tag = ELSE},
    {.node = "break_label", .tag = LABEL},

    {.node = "if_statement", .actions = BRANCH | COST | NEST | WTFCB_LANG_DO_IF},
    {.node = "else_clause", .actions = WTFCB_LANG_DO_FLAT | WTFCB_LANG_DO_ELSE},
    {.node = "for_statement", .actions = BRANCH | COST | NEST},
    {.node = "while_statement", .actions = BRANCH | COST | NEST},
    {.node = "if_expression", .actions = BRANCH | COST | NEST_ALL},
    {.node = "for_expression", .actions = BRANCH | COST | NEST_ALL},
    {.node = "while_expression", .actions = BRANCH | COST | NEST_ALL},
    {.node = "catch_expression", .actions = BRANCH | COST | NEST_ALL},
    {.node = "switch_expression", .actions = COST | NEST_ALL},
    {.node = "switch_case", .hook = switch_case},
    {.node = "break_expression", .actions = SCAN, .hook = jump},
    {.node = "continue_expression", .actions = SCAN, .hook = jump},
    {.node = "binary_expression", .actions = WTFCB_LANG_DO_LOGIC | SCAN},
    {.node = "parenthesized_expression", .actions = WTFCB_LANG_DO_GROUP | SCAN},
    {.node = "and", .actions = TOKEN | WTFCB_LANG_DO_AND},
    {.node = "or", .actions = TOKEN | WTFCB_LANG_DO_OR},

    {.node = "expression_statement", .actions = SCAN},
    {.node = "return_expression", .actions = SCAN},
    {.node = "assignment_expression", .actions = SCAN},
    {.node = "call_expression", .actions = SCAN},
    {.node = "arguments", .actions = SCAN},
    {.node = "field_expression", .actions = SCAN},
    {.node = "anonymous_struct_initializer", .actions = SCAN},
    {.node = "struct_initializer", .actions = SCAN},
    {.node = "initializer_list", .actions = SCAN},
    {.node = "string", .actions = SKIP},
    {.node = "multiline_string", .actions = SKIP},
    {.node = "comment", .actions = SKIP},
};

const wtfcb_lang_rules_spec wtfcb_lang_rules_zig = {
    .grammar = "zig",
    .rows = rows,
    .count = sizeof rows / sizeof *rows,
    .words = "@import @cInclude @embedFile and or if while for switch catch break continue struct union enum opaque",
    .visibility = visibility};
