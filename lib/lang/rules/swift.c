/*
 * Swift.
 *
 *   class, actor                        class           struct                               struct
 *   enum, its cases                     enum, enum member   protocol                         interface
 *   func at file level or in a function function        func in a type, deinit               method
 *   init                                constructor     var, let in a type; subscript        property
 *   let, var at file level              constant, variable  typealias, associatedtype        type alias
 *   macro                               macro
 *
 * Initializers and subscripts are named by their keyword, operators by their signs. An extension is no symbol of its
 * own: what it holds is a member with the parent that the extension has. Accessors, observers, local variables,
 * operator and precedence declarations are no symbols. Both sides of an #if count. Visibility: open is public,
 * fileprivate private, package internal; a modifier of the setter alone says nothing. Without a modifier everything is
 * internal but enum cases and what a protocol demands. Exported: public. Imports: the path without the kind of what is
 * imported; `@_exported` ones are passed on.
 *
 * Branches and logical operators have no fields in this grammar: an `if` has the rule of an else, its hook counts the
 * elses, and the hook of && and || looks at the operands for a run of one operator.
 */
#include "lang/rules/table.h"

enum {
    NOTHING,
    NAME,
    PATTERN,
    PARAMETER,
    MODIFIERS,
    BINDING,
    CLASS_WORD,
    STRUCT_WORD,
    ENUM_WORD,
    EXTENSION_WORD,
    KEYWORD,
    ELSE,
    DEFAULT,
    BODY,
};

static void nothing(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    (void)visit, (void)node, (void)rule;
}

/* One node for all that has a body of members; the word in front of the name tells what it is. */
static void type(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    TSNode name = wtfcb_lang_rules_field(visit, node, WTFCB_LANG_FIELD_name), child;
    uint32_t kind = rule->kinds[visit->scope];
    for (bool more = wtfcb_lang_rules_first(visit, node, &child); more; more = wtfcb_lang_rules_next(visit, &child)) {
        uint8_t tag = wtfcb_lang_rules_tag(visit, child);
        if (tag < CLASS_WORD || tag > EXTENSION_WORD) continue;
        if (tag == STRUCT_WORD) kind = WTFCB_SYMBOL_STRUCT;
        if (tag == ENUM_WORD) kind = WTFCB_SYMBOL_ENUM;
        if (tag == EXTENSION_WORD) kind = 0;
        wtfcb_lang_rules_stop(visit);
        break;
    }
    if (kind && !ts_node_is_null(name)) wtfcb_lang_rules_define(visit, node, wtfcb_lang_rules_span(name), kind);
}

/* func, init, deinit, subscript, macro: parameters stand among their children, and the keyword may be the name. */
static void function(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    TSNode name = wtfcb_lang_rules_field(visit, node, WTFCB_LANG_FIELD_name), child;
    wtfcb_lang_definition definition = {.node = node, .kind = rule->kinds[visit->scope]};
    /* What a subscript returns stands in the field `name`. */
    if (!ts_node_is_null(name) && rule->tag != KEYWORD) definition.name = wtfcb_lang_rules_span(name);
    bool is_macro = definition.kind == WTFCB_SYMBOL_MACRO;
    for (bool more = wtfcb_lang_rules_first(visit, node, &child); more; more = wtfcb_lang_rules_next(visit, &child)) {
        uint8_t tag = wtfcb_lang_rules_tag(visit, child);
        if (tag == PARAMETER) definition.parameters++;
        if (definition.name.end == 0 && tag == (is_macro ? NAME : KEYWORD))
            definition.name = wtfcb_lang_rules_span(child);
        if (is_macro) definition.signature_end = tag == BODY ? ts_node_start_byte(child) : ts_node_end_byte(child);
        if (is_macro && tag == BODY) {
            wtfcb_lang_rules_stop(visit);
            break;
        }
    }
    visit->define(visit, &definition);
}

/* The names of a pattern: `x`, `(x, y)`. */
static void define_pattern(wtfcb_lang_visit *visit, wtfcb_lang_definition *definition, TSNode pattern)
{
    TSNode child, inner;
    bool more = wtfcb_lang_rules_first(visit, pattern, &child);
    for (; more; more = wtfcb_lang_rules_next(visit, &child)) {
        uint8_t tag = wtfcb_lang_rules_tag(visit, child);
        inner = tag == PATTERN ? ts_node_named_child(child, 0) : child;
        if (ts_node_is_null(inner) || wtfcb_lang_rules_tag(visit, inner) != NAME) continue;
        definition->name = wtfcb_lang_rules_span(inner);
        visit->define(visit, definition);
    }
}

static void property(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    wtfcb_lang_definition definition = {.node = node, .kind = rule->kinds[visit->scope]};
    TSNode child;
    for (bool more = wtfcb_lang_rules_first(visit, node, &child); more; more = wtfcb_lang_rules_next(visit, &child)) {
        uint8_t tag = wtfcb_lang_rules_tag(visit, child);
        if (tag == BINDING && definition.kind == WTFCB_SYMBOL_VARIABLE &&
            wtfcb_lang_rules_starts(visit, wtfcb_lang_rules_span(child), "let"))
            definition.kind = WTFCB_SYMBOL_CONSTANT;
        if (tag == PATTERN && wtfcb_lang_rules_at_field(visit, WTFCB_LANG_FIELD_name))
            define_pattern(visit, &definition, child);
    }
}

/* case a = 1, b(Int) */
static void cases(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    wtfcb_lang_definition definition = {.node = node, .kind = rule->kinds[visit->scope]};
    TSNode child;
    for (bool more = wtfcb_lang_rules_first(visit, node, &child); more; more = wtfcb_lang_rules_next(visit, &child)) {
        if (!wtfcb_lang_rules_at_field(visit, WTFCB_LANG_FIELD_name)) continue;
        definition.name = wtfcb_lang_rules_span(child);
        visit->define(visit, &definition);
    }
}

static void import(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    uint32_t count = ts_node_named_child_count(node);
    (void)rule;
    if (count == 0) return;
    bool passed_on = wtfcb_lang_rules_starts(visit, wtfcb_lang_rules_span(node), "@_exported");
    wtfcb_lang_span text = wtfcb_lang_rules_span(ts_node_named_child(node, count - 1));
    visit->import(visit, node, text, passed_on ? WTFCB_IMPORT_REEXPORT : WTFCB_IMPORT_MODULE);
}

static void branch(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    TSNode child;
    (void)rule;
    for (bool more = wtfcb_lang_rules_first(visit, node, &child); more; more = wtfcb_lang_rules_next(visit, &child))
        if (wtfcb_lang_rules_tag(visit, child) == ELSE) visit->count(visit, 0, 1);
}

static void switch_entry(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    TSNode first = ts_node_named_child(node, 0);
    (void)rule;
    if (!ts_node_is_null(first) && wtfcb_lang_rules_tag(visit, first) != DEFAULT) visit->count(visit, 1, 0);
}

/* An operator below another of its kind belongs to the run of that one. */
static void logic(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    visit->count(visit, 1, visit->above == rule ? 0 : 1);
    (void)node;
}

/* break label, continue label */
static void jump(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    wtfcb_lang_span span = wtfcb_lang_rules_span(node);
    (void)rule;
    if ((wtfcb_lang_rules_starts(visit, span, "break") || wtfcb_lang_rules_starts(visit, span, "continue")) &&
        ts_node_named_child_count(node) > 0)
        visit->count(visit, 0, 1);
}

static uint32_t visibility(wtfcb_lang_visit *visit, TSNode node, wtfcb_lang_span name, uint32_t kind)
{
    static const wtfcb_lang_modifier words[] = {{"private(set)", WTFCB_VISIBILITY_INTERNAL},
                                                {"fileprivate(set)", WTFCB_VISIBILITY_INTERNAL},
                                                {"private", WTFCB_VISIBILITY_PRIVATE},
                                                {"fileprivate", WTFCB_VISIBILITY_PRIVATE},
                                                {"public", WTFCB_VISIBILITY_PUBLIC},
                                                {"open", WTFCB_VISIBILITY_PUBLIC},
                                                {NULL, WTFCB_VISIBILITY_INTERNAL}};
    if (kind == WTFCB_SYMBOL_ENUM_MEMBER || visit->parent_kind == WTFCB_SYMBOL_INTERFACE)
        return WTFCB_VISIBILITY_PUBLIC;
    TSNode first = ts_node_child(node, 0);
    if (ts_node_is_null(first) || wtfcb_lang_rules_tag(visit, first) != MODIFIERS) return WTFCB_VISIBILITY_INTERNAL;
    name.start = name.start < ts_node_end_byte(first) ? name.start : ts_node_end_byte(first);
    return wtfcb_lang_rules_modifier(visit, node, name, "modifiers", words);
}

#define BRANCH WTFCB_LANG_DO_BRANCH
#define COST WTFCB_LANG_DO_COST
#define NEST_ALL WTFCB_LANG_DO_NEST_ALL
#define TOKEN WTFCB_LANG_DO_TOKEN
#define SCAN WTFCB_LANG_DO_SCAN
#define SKIP WTFCB_LANG_DO_SKIP
#define MEMBER(member_node, member_kind, member_hook)                                                                  \
    {                                                                                                                  \
        .node = member_node, .actions = WTFCB_LANG_DO_FUNCTION, .kinds = WTFCB_LANG_ANYWHERE(member_kind),             \
        .hook = member_hook                                                                                            \
    }

static const wtfcb_lang_rule_spec rows[] = {
    {.node = "class_declaration",
     .actions = WTFCB_LANG_DO_TYPE,
     .kinds = WTFCB_LANG_ANYWHERE(WTFCB_SYMBOL_CLASS),
     .hook = type},
    {.node = "protocol_declaration",
     .actions = WTFCB_LANG_DO_TYPE,
     .kinds = WTFCB_LANG_ANYWHERE(WTFCB_SYMBOL_INTERFACE)},
    {.node = "enum_entry", .actions = SCAN, .kinds = WTFCB_LANG_ANYWHERE(WTFCB_SYMBOL_ENUM_MEMBER), .hook = cases},
    {.node = "function_declaration",
     .actions = WTFCB_LANG_DO_FUNCTION,
     .kinds = {WTFCB_SYMBOL_FUNCTION, WTFCB_SYMBOL_METHOD, WTFCB_SYMBOL_FUNCTION},
     .hook = function},
    MEMBER("protocol_function_declaration", WTFCB_SYMBOL_METHOD, function),
    MEMBER("init_declaration", WTFCB_SYMBOL_CONSTRUCTOR, function),
    MEMBER("deinit_declaration", WTFCB_SYMBOL_METHOD, function),
    {.node = "subscript_declaration",
     .actions = WTFCB_LANG_DO_FUNCTION,
     .kinds = WTFCB_LANG_ANYWHERE(WTFCB_SYMBOL_PROPERTY),
     .tag = KEYWORD,
     .hook = function},
    {.node = "property_declaration",
     .actions = WTFCB_LANG_DO_FUNCTION | SCAN,
     .kinds = {WTFCB_SYMBOL_VARIABLE, WTFCB_SYMBOL_PROPERTY, 0},
     .hook = property},
    {.node = "protocol_property_declaration",
     .actions = SKIP,
     .kinds = WTFCB_LANG_ANYWHERE(WTFCB_SYMBOL_PROPERTY),
     .hook = property},
    {.node = "typealias_declaration", .actions = SKIP, .kinds = WTFCB_LANG_ANYWHERE(WTFCB_SYMBOL_TYPE_ALIAS)},
    {.node = "associatedtype_declaration", .actions = SKIP, .kinds = WTFCB_LANG_ANYWHERE(WTFCB_SYMBOL_TYPE_ALIAS)},
    {.node = "macro_declaration", .actions = SKIP, .kinds = WTFCB_LANG_ANYWHERE(WTFCB_SYMBOL_MACRO), .hook = function},
    {.node = "macro_definition", .actions = SKIP, .tag = BODY},
    {.node = "lambda_literal", .actions = WTFCB_LANG_DO_FUNCTION},
    /* Statements that are no function's, those of a top-level `if` say: their variables are local. */
    {.node = "statements",
     .actions = WTFCB_LANG_DO_FUNCTION,
     .kinds = {WTFCB_SYMBOL_FUNCTION, WTFCB_SYMBOL_FUNCTION, 0},
     .hook = nothing},
    {.node = "simple_identifier", .actions = SKIP, .tag = NAME},
    {.node = "pattern", .tag = PATTERN},
    {.node = "parameter", .actions = SCAN, .tag = PARAMETER},
    {.node = "modifiers", .actions = SKIP, .tag = MODIFIERS},
    {.node = "value_binding_pattern", .tag = BINDING},
    {.node = "class", .actions = TOKEN, .tag = CLASS_WORD},
    {.node = "actor", .actions = TOKEN, .tag = CLASS_WORD},
    {.node = "struct", .actions = TOKEN, .tag = STRUCT_WORD},
    {.node = "enum", .actions = TOKEN, .tag = ENUM_WORD},
    {.node = "extension", .actions = TOKEN, .tag = EXTENSION_WORD},
    {.node = "init", .actions = TOKEN, .tag = KEYWORD},
    {.node = "deinit", .actions = TOKEN, .tag = KEYWORD},
    {.node = "subscript", .actions = TOKEN, .tag = KEYWORD},
    {.node = "import_declaration", .actions = SKIP, .hook = import},
    {.node = "operator_declaration", .actions = SKIP},
    {.node = "precedence_group_declaration", .actions = SKIP},

    {.node = "if_statement", .actions = BRANCH | COST | WTFCB_LANG_DO_IF | WTFCB_LANG_DO_ELSE, .hook = branch},
    {.node = "guard_statement", .actions = BRANCH | COST | NEST_ALL},
    {.node = "for_statement", .actions = BRANCH | COST | NEST_ALL},
    {.node = "while_statement", .actions = BRANCH | COST | NEST_ALL},
    {.node = "repeat_while_statement", .actions = BRANCH | COST | NEST_ALL},
    {.node = "catch_block", .actions = BRANCH | COST | NEST_ALL},
    {.node = "switch_statement", .actions = COST | NEST_ALL},
    {.node = "switch_entry", .hook = switch_entry},
    {.node = "ternary_expression", .actions = BRANCH | COST | NEST_ALL},
    {.node = "control_transfer_statement", .actions = SCAN, .hook = jump},
    {.node = "conjunction_expression", .actions = SCAN, .hook = logic},
    {.node = "disjunction_expression", .actions = SCAN, .hook = logic},
    {.node = "else", .tag = ELSE},
    {.node = "default_keyword", .tag = DEFAULT},

    {.node = "call_expression", .actions = SCAN},
    {.node = "value_arguments", .actions = SCAN},
    {.node = "navigation_expression", .actions = SCAN},
    {.node = "assignment", .actions = SCAN},
    {.node = "line_string_literal", .actions = SCAN},
    {.node = "multi_line_string_literal", .actions = SCAN},
    {.node = "user_type", .actions = SKIP},
    {.node = "type_annotation", .actions = SKIP},
    {.node = "inheritance_specifier", .actions = SKIP},
    {.node = "type_parameters", .actions = SKIP},
    {.node = "type_constraints", .actions = SKIP},
};

const wtfcb_lang_rules_spec wtfcb_lang_rules_swift = {.grammar = "swift",
                                                      .rows = rows,
                                                      .count = sizeof rows / sizeof *rows,
                                                      .signs = "{?",
                                                      .double_signs = "&|",
                                                      .visibility = visibility};
