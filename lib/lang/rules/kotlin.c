/*
 * Kotlin.
 *
 *   class of any sort, object           class           interface, fun interface             interface
 *   enum class, its entries             enum, enum member   typealias                        type alias
 *   fun at file level or in a function  function        fun in a type                        method
 *   constructor(...)                    constructor     val, var in a type or in the head of one  property
 *   val, var at file level              variable        const val                            constant
 *
 * A primary constructor is no symbol of its own: its class is. A secondary one is named "constructor". What a companion
 * without a name holds has the class around it as its parent, as have the members of an object expression the function
 * or property around it. Extensions stand where they are written. Getters, setters and initializers are no symbols;
 * neither are local variables and the package. Everything is public unless a modifier says otherwise. An import's text
 * keeps its asterisk and loses its alias.
 *
 * An `if` has no fields for its branches in this grammar: its rule is that of an else, and its hook counts the elses.
 */
#include "lang/rules/table.h"

enum { NOTHING, NAME, PARAMETER, LIST, MODIFIERS, VARIABLE, PATTERN, ELSE, CONSTRUCTOR, MUTABLE, AS, IF };

/* Whether a declaration has a modifier. */
static bool has_modifier(wtfcb_lang_visit *visit, TSNode node, const char *word)
{
    TSNode child, modifier;
    for (bool more = wtfcb_lang_rules_first(visit, node, &child); more; more = wtfcb_lang_rules_next(visit, &child)) {
        if (wtfcb_lang_rules_tag(visit, child) != MODIFIERS) continue;
        bool found = false;
        bool inside = wtfcb_lang_rules_first(visit, child, &modifier);
        while (inside && !(found = wtfcb_lang_rules_is(visit, wtfcb_lang_rules_span(modifier), word)))
            inside = wtfcb_lang_rules_next(visit, &modifier);
        if (found) wtfcb_lang_rules_stop(visit);
        wtfcb_lang_rules_stop(visit);
        return found;
    }
    return false;
}

static void class(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    TSNode name = wtfcb_lang_rules_field(visit, node, WTFCB_LANG_FIELD_name);
    if (ts_node_is_null(name)) return;
    uint32_t kind = rule->kinds[visit->scope];
    if (wtfcb_lang_rules_has_child(visit, node, "interface", NULL))
        kind = WTFCB_SYMBOL_INTERFACE;
    else if (has_modifier(visit, node, "enum"))
        kind = WTFCB_SYMBOL_ENUM;
    wtfcb_lang_rules_define(visit, node, wtfcb_lang_rules_span(name), kind);
}

static void entry(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    TSNode name = wtfcb_lang_rules_find(visit, node, NAME);
    if (!ts_node_is_null(name))
        wtfcb_lang_rules_define(visit, node, wtfcb_lang_rules_span(name), rule->kinds[visit->scope]);
}

static void function(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    TSNode name = wtfcb_lang_rules_field(visit, node, WTFCB_LANG_FIELD_name),
           list = wtfcb_lang_rules_find(visit, node, LIST), child;
    uint32_t count = 0;
    if (ts_node_is_null(name)) name = wtfcb_lang_rules_find(visit, node, CONSTRUCTOR);
    if (ts_node_is_null(name)) return;
    /* Modifiers and default values stand beside the parameters. */
    bool more = !ts_node_is_null(list) && wtfcb_lang_rules_first(visit, list, &child);
    for (; more; more = wtfcb_lang_rules_next(visit, &child))
        if (wtfcb_lang_rules_tag(visit, child) == PARAMETER) count++;
    wtfcb_lang_definition definition = {
        .name = wtfcb_lang_rules_span(name), .node = node, .kind = rule->kinds[visit->scope], .parameters = count};
    visit->define(visit, &definition);
}

static void define_variable(wtfcb_lang_visit *visit, TSNode node, TSNode variable, uint32_t kind)
{
    TSNode name = wtfcb_lang_rules_find(visit, variable, NAME);
    if (ts_node_is_null(name) || wtfcb_lang_rules_is(visit, wtfcb_lang_rules_span(name), "_")) return;
    visit->define(visit, &(wtfcb_lang_definition){.name = wtfcb_lang_rules_span(name), .node = node, .kind = kind});
}

static void property(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    uint32_t kind = rule->kinds[visit->scope];
    TSNode variable = wtfcb_lang_rules_find(visit, node, VARIABLE), child;
    if (has_modifier(visit, node, "const")) kind = WTFCB_SYMBOL_CONSTANT;
    if (!ts_node_is_null(variable)) {
        define_variable(visit, node, variable, kind);
        return;
    }
    TSNode pattern = wtfcb_lang_rules_find(visit, node, PATTERN); /* val (a, b) = pair */
    if (ts_node_is_null(pattern)) return;
    for (bool more = wtfcb_lang_rules_first(visit, pattern, &child); more; more = wtfcb_lang_rules_next(visit, &child))
        if (wtfcb_lang_rules_tag(visit, child) == VARIABLE) define_variable(visit, node, child, kind);
}

/* A parameter of a primary constructor: a property with `val` or `var`. */
static void class_parameter(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    if (!ts_node_is_null(wtfcb_lang_rules_find(visit, node, MUTABLE)))
        define_variable(visit, node, node, rule->kinds[visit->scope]);
}

static void type_alias(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    TSNode name = wtfcb_lang_rules_field(visit, node, WTFCB_LANG_FIELD_type);
    if (!ts_node_is_null(name))
        wtfcb_lang_rules_define(visit, node, wtfcb_lang_rules_span(name), rule->kinds[visit->scope]);
}

static void import(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    TSNode name = ts_node_named_child(node, 0), child;
    (void)rule;
    if (ts_node_is_null(name)) return;
    wtfcb_lang_span text = wtfcb_lang_rules_span(name);
    for (bool more = wtfcb_lang_rules_first(visit, node, &child); more; more = wtfcb_lang_rules_next(visit, &child)) {
        if (wtfcb_lang_rules_tag(visit, child) == AS) {
            wtfcb_lang_rules_stop(visit);
            break;
        }
        if (ts_node_end_byte(child) > text.end) text.end = ts_node_end_byte(child);
    }
    visit->import(visit, node, text, WTFCB_IMPORT_MODULE);
}

/* An `if` directly below is one behind an else, or one without braces, which costs as much. */
static void branch(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    TSNode child;
    bool behind_else = false;
    (void)rule;
    for (bool more = wtfcb_lang_rules_first(visit, node, &child); more; more = wtfcb_lang_rules_next(visit, &child)) {
        uint8_t tag = wtfcb_lang_rules_tag(visit, child);
        if (tag == ELSE || (tag == IF && !behind_else)) visit->count(visit, 0, 1);
        behind_else = tag == ELSE;
    }
}

static void nothing(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    (void)visit, (void)node, (void)rule;
}

/* `else ->` is no branch. */
static void when_entry(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    TSNode first = ts_node_child(node, 0);
    (void)rule;
    if (!ts_node_is_null(first) && wtfcb_lang_rules_tag(visit, first) != ELSE) visit->count(visit, 1, 0);
}

/* break@label, continue@label */
static void jump(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    wtfcb_lang_span span = wtfcb_lang_rules_span(node);
    (void)rule;
    if (wtfcb_lang_rules_starts(visit, span, "break@") || wtfcb_lang_rules_starts(visit, span, "continue@"))
        visit->count(visit, 0, 1);
}

static uint32_t visibility(wtfcb_lang_visit *visit, TSNode node, wtfcb_lang_span name, uint32_t kind)
{
    static const wtfcb_lang_modifier words[] = {{"private", WTFCB_VISIBILITY_PRIVATE},
                                                {"protected", WTFCB_VISIBILITY_PROTECTED},
                                                {"internal", WTFCB_VISIBILITY_INTERNAL},
                                                {NULL, WTFCB_VISIBILITY_PUBLIC}};
    (void)kind;
    TSNode first = ts_node_child(node, 0);
    if (ts_node_is_null(first) || wtfcb_lang_rules_tag(visit, first) != MODIFIERS) return WTFCB_VISIBILITY_PUBLIC;
    name.start = name.start < ts_node_end_byte(first) ? name.start : ts_node_end_byte(first);
    return wtfcb_lang_rules_modifier(visit, node, name, "modifiers", words);
}

#define BRANCH WTFCB_LANG_DO_BRANCH
#define COST WTFCB_LANG_DO_COST
#define NEST_ALL WTFCB_LANG_DO_NEST_ALL
#define TOKEN WTFCB_LANG_DO_TOKEN
#define SCAN WTFCB_LANG_DO_SCAN
#define SKIP WTFCB_LANG_DO_SKIP
#define BODY WTFCB_LANG_DO_BODY
#define TYPE(type_node, kind, type_hook)                                                                               \
    {                                                                                                                  \
        .node = type_node, .actions = WTFCB_LANG_DO_TYPE, .kinds = WTFCB_LANG_ANYWHERE(kind), .hook = type_hook        \
    }

static const wtfcb_lang_rule_spec rows[] = {
    TYPE("class_declaration", WTFCB_SYMBOL_CLASS, class),
    TYPE("object_declaration", WTFCB_SYMBOL_CLASS, NULL),
    TYPE("companion_object", WTFCB_SYMBOL_CLASS, NULL),
    TYPE("enum_entry", WTFCB_SYMBOL_ENUM_MEMBER, entry),
    {.node = "object_literal", .actions = WTFCB_LANG_DO_TYPE},
    {.node = "function_declaration",
     .actions = WTFCB_LANG_DO_FUNCTION,
     .kinds = {WTFCB_SYMBOL_FUNCTION, WTFCB_SYMBOL_METHOD, WTFCB_SYMBOL_FUNCTION},
     .hook = function},
    {.node = "secondary_constructor",
     .actions = WTFCB_LANG_DO_FUNCTION,
     .kinds = WTFCB_LANG_ANYWHERE(WTFCB_SYMBOL_CONSTRUCTOR),
     .hook = function},
    {.node = "property_declaration",
     .actions = WTFCB_LANG_DO_FUNCTION | SCAN,
     .kinds = {WTFCB_SYMBOL_VARIABLE, WTFCB_SYMBOL_PROPERTY, 0},
     .hook = property},
    {.node = "class_parameter", .actions = SCAN, .kinds = {0, WTFCB_SYMBOL_PROPERTY, 0}, .hook = class_parameter},
    {.node = "type_alias", .actions = SKIP, .kinds = WTFCB_LANG_ANYWHERE(WTFCB_SYMBOL_TYPE_ALIAS), .hook = type_alias},
    {.node = "lambda_literal", .actions = WTFCB_LANG_DO_FUNCTION},
    {.node = "anonymous_function", .actions = WTFCB_LANG_DO_FUNCTION},
    {.node = "anonymous_initializer", .actions = WTFCB_LANG_DO_FUNCTION},
    {.node = "getter", .actions = WTFCB_LANG_DO_FUNCTION},
    {.node = "setter", .actions = WTFCB_LANG_DO_FUNCTION},
    {.node = "identifier", .tag = NAME},
    {.node = "parameter", .tag = PARAMETER, .actions = SCAN},
    {.node = "function_value_parameters", .tag = LIST, .actions = SCAN},
    {.node = "modifiers", .tag = MODIFIERS, .actions = SKIP},
    {.node = "variable_declaration", .tag = VARIABLE, .actions = SKIP},
    {.node = "multi_variable_declaration", .tag = PATTERN, .actions = SKIP},
    {.node = "class_body", .actions = BODY},
    {.node = "enum_class_body", .actions = BODY},
    {.node = "function_body", .actions = BODY},
    /* A block that is no function's, in a script say: its variables are local. */
    {.node = "block",
     .actions = BODY | WTFCB_LANG_DO_FUNCTION,
     .kinds = {WTFCB_SYMBOL_FUNCTION, WTFCB_SYMBOL_FUNCTION, 0},
     .hook = nothing},
    {.node = "else", .actions = TOKEN, .tag = ELSE},
    {.node = "constructor", .actions = TOKEN, .tag = CONSTRUCTOR},
    {.node = "val", .actions = TOKEN, .tag = MUTABLE},
    {.node = "var", .actions = TOKEN, .tag = MUTABLE},
    {.node = "as", .actions = TOKEN, .tag = AS},
    {.node = "import", .actions = SKIP, .hook = import},
    {.node = "package_header", .actions = SKIP},
    {.node = "file_annotation", .actions = SKIP},

    {.node = "if_expression",
     .actions = BRANCH | COST | WTFCB_LANG_DO_IF | WTFCB_LANG_DO_ELSE,
     .tag = IF,
     .hook = branch},
    {.node = "for_statement", .actions = BRANCH | COST | NEST_ALL},
    {.node = "while_statement", .actions = BRANCH | COST | NEST_ALL},
    {.node = "do_while_statement", .actions = BRANCH | COST | NEST_ALL},
    {.node = "catch_block", .actions = BRANCH | COST | NEST_ALL},
    {.node = "when_expression", .actions = COST | NEST_ALL},
    {.node = "when_entry", .hook = when_entry},
    {.node = "labeled_expression", .hook = jump},
    {.node = "binary_expression", .actions = WTFCB_LANG_DO_LOGIC | SCAN},
    {.node = "parenthesized_expression", .actions = WTFCB_LANG_DO_GROUP | SCAN},
    {.node = "&&", .actions = TOKEN | WTFCB_LANG_DO_AND},
    {.node = "||", .actions = TOKEN | WTFCB_LANG_DO_OR},

    {.node = "call_expression", .actions = SCAN},
    {.node = "value_arguments", .actions = SCAN},
    {.node = "navigation_expression", .actions = SCAN},
    {.node = "index_expression", .actions = SCAN},
    {.node = "assignment", .actions = SCAN},
    {.node = "return_expression", .actions = SCAN},
    {.node = "string_literal", .actions = SCAN},
    {.node = "multiline_string_literal", .actions = SCAN},
    {.node = "delegation_specifiers", .actions = SCAN},
    {.node = "user_type", .actions = SKIP},
    {.node = "nullable_type", .actions = SKIP},
    {.node = "function_type", .actions = SKIP},
    {.node = "type_parameters", .actions = SKIP},
    {.node = "type_arguments", .actions = SKIP},
    {.node = "type_constraints", .actions = SKIP},
};

const wtfcb_lang_rules_spec wtfcb_lang_rules_kotlin = {.grammar = "kotlin",
                                                       .rows = rows,
                                                       .count = sizeof rows / sizeof *rows,
                                                       .signs = "{",
                                                       .double_signs = "&|",
                                                       .words = "if fun break@ continue@",
                                                       .visibility = visibility};
