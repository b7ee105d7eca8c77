/*
 * Java.
 *
 *   class, record                       class           interface, @interface            interface
 *   enum, its constants                 enum, enum member
 *   method, element of an annotation    method          constructor (a record's compact one too)  constructor
 *   field                               field           constant of an interface         constant
 *
 *   component of a record               field
 *
 * Members of a nameless class belong to the method around it. Local variables and the package are no symbols.
 * Exported: public, protected, enum constants, components of records (their accessors are public), and all members of
 * an interface. An import's
 * text has no `static`; it keeps its asterisk.
 */
#include "lang/rules/table.h"

enum { NOTHING, DECLARATOR };

static void fields(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    TSNode child;
    for (bool more = wtfcb_lang_rules_first(visit, node, &child); more; more = wtfcb_lang_rules_next(visit, &child)) {
        if (wtfcb_lang_rules_tag(visit, child) != DECLARATOR) continue;
        TSNode name = wtfcb_lang_rules_field(visit, child, WTFCB_LANG_FIELD_name);
        if (ts_node_is_null(name)) continue;
        wtfcb_lang_definition definition = {
            .name = wtfcb_lang_rules_span(name), .node = node, .kind = rule->kinds[visit->scope]};
        visit->define(visit, &definition);
    }
}

/* A parameter directly in a type: only a record has such. */
static void component(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    TSNode name = wtfcb_lang_rules_field(visit, node, WTFCB_LANG_FIELD_name), child;
    bool more = ts_node_is_null(name) && wtfcb_lang_rules_first(visit, node, &child); /* `int... x` */
    for (; more; more = wtfcb_lang_rules_next(visit, &child))
        if (wtfcb_lang_rules_tag(visit, child) == DECLARATOR)
            name = wtfcb_lang_rules_field(visit, child, WTFCB_LANG_FIELD_name);
    if (ts_node_is_null(name)) return;
    visit->define(visit, &(wtfcb_lang_definition){.name = wtfcb_lang_rules_span(name),
                                                  .node = node,
                                                  .kind = rule->kinds[visit->scope],
                                                  .exported = true});
}

static void import(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    uint32_t count = ts_node_named_child_count(node);
    (void)rule;
    if (count == 0) return;
    wtfcb_lang_span text = wtfcb_lang_rules_span(ts_node_named_child(node, 0));
    text.end = ts_node_end_byte(ts_node_named_child(node, count - 1));
    visit->import(visit, node, text, WTFCB_IMPORT_MODULE);
}

/* In Java a label is a plain name. */
static void jump(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    (void)rule;
    if (ts_node_named_child_count(node) > 0) visit->count(visit, 0, 1);
}

static bool exported(wtfcb_lang_visit *visit, TSNode node, wtfcb_lang_span name, uint32_t kind)
{
    (void)name;
    if (kind == WTFCB_SYMBOL_ENUM_MEMBER || visit->parent_kind == WTFCB_SYMBOL_INTERFACE) return true;
    TSNode modifiers = ts_node_child(node, 0);
    if (ts_node_is_null(modifiers)) return false;
    return wtfcb_lang_rules_has_child(visit, modifiers, "public", NULL) ||
           wtfcb_lang_rules_has_child(visit, modifiers, "protected", NULL);
}

/* Without a modifier: the package's. */
static uint32_t visibility(wtfcb_lang_visit *visit, TSNode node, wtfcb_lang_span name, uint32_t kind)
{
    static const wtfcb_lang_modifier words[] = {{"public", WTFCB_VISIBILITY_PUBLIC},
                                                {"protected", WTFCB_VISIBILITY_PROTECTED},
                                                {"private", WTFCB_VISIBILITY_PRIVATE},
                                                {NULL, WTFCB_VISIBILITY_INTERNAL}};
    if (kind == WTFCB_SYMBOL_ENUM_MEMBER || visit->parent_kind == WTFCB_SYMBOL_INTERFACE)
        return WTFCB_VISIBILITY_PUBLIC;
    return wtfcb_lang_rules_modifier(visit, node, name, "modifiers", words);
}

#define BRANCH WTFCB_LANG_DO_BRANCH
#define COST WTFCB_LANG_DO_COST
#define NEST WTFCB_LANG_DO_NEST
#define TOKEN WTFCB_LANG_DO_TOKEN
#define SCAN WTFCB_LANG_DO_SCAN
#define TYPE(type, kind)                                                                                               \
    {                                                                                                                  \
        .node = type, .actions = WTFCB_LANG_DO_TYPE, .kinds = WTFCB_LANG_ANYWHERE(kind)                                \
    }
#define FUNCTION(type, kind)                                                                                           \
    {                                                                                                                  \
        .node = type, .actions = WTFCB_LANG_DO_FUNCTION, .kinds = WTFCB_LANG_ANYWHERE(kind)                            \
    }

static const wtfcb_lang_rule_spec rows[] = {
    TYPE("class_declaration", WTFCB_SYMBOL_CLASS),
    TYPE("record_declaration", WTFCB_SYMBOL_CLASS),
    TYPE("interface_declaration", WTFCB_SYMBOL_INTERFACE),
    TYPE("annotation_type_declaration", WTFCB_SYMBOL_INTERFACE),
    TYPE("enum_declaration", WTFCB_SYMBOL_ENUM),
    TYPE("enum_constant", WTFCB_SYMBOL_ENUM_MEMBER),
    FUNCTION("method_declaration", WTFCB_SYMBOL_METHOD),
    FUNCTION("annotation_type_element_declaration", WTFCB_SYMBOL_METHOD),
    FUNCTION("constructor_declaration", WTFCB_SYMBOL_CONSTRUCTOR),
    FUNCTION("compact_constructor_declaration", WTFCB_SYMBOL_CONSTRUCTOR),
    {.node = "field_declaration", .actions = SCAN, .kinds = WTFCB_LANG_ANYWHERE(WTFCB_SYMBOL_FIELD), .hook = fields},
    {.node = "constant_declaration",
     .actions = SCAN,
     .kinds = WTFCB_LANG_ANYWHERE(WTFCB_SYMBOL_CONSTANT),
     .hook = fields},
    {.node = "formal_parameter", .kinds = {0, WTFCB_SYMBOL_FIELD, 0}, .hook = component},
    {.node = "spread_parameter", .kinds = {0, WTFCB_SYMBOL_FIELD, 0}, .hook = component},
    {.node = "variable_declarator", .tag = DECLARATOR},
    {.node = "lambda_expression", .actions = WTFCB_LANG_DO_FUNCTION},
    {.node = "receiver_parameter", .actions = WTFCB_LANG_DO_NO_COUNT},
    {.node = "import_declaration", .actions = WTFCB_LANG_DO_SKIP, .hook = import},
    {.node = "package_declaration", .actions = WTFCB_LANG_DO_SKIP},
    {.node = "modifiers", .actions = SCAN},

    {.node = "if_statement", .actions = BRANCH | COST | NEST | WTFCB_LANG_DO_IF},
    {.node = "for_statement", .actions = BRANCH | COST | NEST},
    {.node = "enhanced_for_statement", .actions = BRANCH | COST | NEST},
    {.node = "while_statement", .actions = BRANCH | COST | NEST},
    {.node = "do_statement", .actions = BRANCH | COST | NEST},
    {.node = "catch_clause", .actions = BRANCH | COST | NEST},
    {.node = "switch_expression", .actions = COST | NEST},
    {.node = "case", .actions = TOKEN | BRANCH},
    {.node = "ternary_expression", .actions = BRANCH | COST | NEST},
    {.node = "break_statement", .hook = jump},
    {.node = "continue_statement", .hook = jump},
    {.node = "binary_expression", .actions = WTFCB_LANG_DO_LOGIC | SCAN},
    {.node = "parenthesized_expression", .actions = WTFCB_LANG_DO_GROUP | SCAN},
    {.node = "&&", .actions = TOKEN | WTFCB_LANG_DO_AND},
    {.node = "||", .actions = TOKEN | WTFCB_LANG_DO_OR},

    {.node = "expression_statement", .actions = SCAN},
    {.node = "local_variable_declaration", .actions = SCAN},
    {.node = "return_statement", .actions = SCAN},
    {.node = "throw_statement", .actions = SCAN},
    {.node = "method_invocation", .actions = SCAN},
    {.node = "argument_list", .actions = SCAN},
    {.node = "formal_parameters", .actions = WTFCB_LANG_DO_SCAN_LOCAL},
    {.node = "string_literal", .actions = WTFCB_LANG_DO_SKIP},
};

const wtfcb_lang_rules_spec wtfcb_lang_rules_java = {.grammar = "java",
                                                     .rows = rows,
                                                     .count = sizeof rows / sizeof *rows,
                                                     .signs = "{?",
                                                     .double_signs = "&|",
                                                     .exported = exported,
                                                     .visibility = visibility};
