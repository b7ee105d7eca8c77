/*
 * C#.
 *
 *   class, record                       class           struct, record struct                struct
 *   interface                           interface       enum, its members                    enum, enum member
 *   delegate                            type alias      namespace                            namespace
 *   method, operator, conversion, ~X    method          constructor, static or not           constructor
 *   function in a function, or at       function        property, indexer (`this`), event,   property
 *     file level                                          component of a record
 *   field                               field           const of a type                      constant
 *
 * Operators are named as they are written ("operator +", "implicit operator int" without its first word), finalizers
 * with their tilde. Local variables, those of top-level statements and the parameters of a primary constructor of
 * anything but a record are no symbols. What follows `namespace X;` stands beside it and not below. Both sides of an
 * #if count. Visibility is that of the first modifier that says one, `private protected` being private; without one,
 * types in a namespace are internal, members of an interface public, other members private. Exported: public or
 * protected. Imports: the name behind `using` and behind its alias, and that of `extern alias`.
 */
#include "lang/rules/table.h"

enum { NOTHING, DECLARATOR, MODIFIER, PARAMETER, DISCARD, CASE, OPERATOR, NAME, STRUCT_WORD };

/* The variables below a field, an event or its like. */
static void variables(wtfcb_lang_visit *visit, TSNode node, TSNode declaration, uint32_t kind)
{
    TSNode child;
    for (bool more = wtfcb_lang_rules_first(visit, declaration, &child); more;
         more = wtfcb_lang_rules_next(visit, &child)) {
        if (wtfcb_lang_rules_tag(visit, child) != DECLARATOR) continue;
        TSNode name = wtfcb_lang_rules_field(visit, child, WTFCB_LANG_FIELD_name);
        if (ts_node_is_null(name)) continue;
        wtfcb_lang_definition definition = {.name = wtfcb_lang_rules_span(name), .node = node, .kind = kind};
        visit->define(visit, &definition);
    }
}

static void fields(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    uint32_t kind = rule->kinds[visit->scope], count = ts_node_named_child_count(node);
    if (count == 0) return;
    if (kind == WTFCB_SYMBOL_FIELD && wtfcb_lang_rules_has_child(visit, node, "modifier", "const"))
        kind = WTFCB_SYMBOL_CONSTANT;
    variables(visit, node, ts_node_named_child(node, count - 1), kind);
}

/* A type; leaves its place to parameters that follow if those are components of it. */
static void type(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    TSNode name = wtfcb_lang_rules_field(visit, node, WTFCB_LANG_FIELD_name);
    visit->pending = (wtfcb_lang_span){0};
    if (!ts_node_is_null(name))
        wtfcb_lang_rules_define(visit, node, wtfcb_lang_rules_span(name), rule->kinds[visit->scope]);
}

static void record(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    TSNode name = wtfcb_lang_rules_field(visit, node, WTFCB_LANG_FIELD_name);
    if (ts_node_is_null(name)) return;
    uint32_t kind = rule->kinds[visit->scope];
    if (wtfcb_lang_rules_has_child(visit, node, "struct", NULL)) kind = WTFCB_SYMBOL_STRUCT;
    visit->pending = wtfcb_lang_rules_span(node);
    wtfcb_lang_rules_define(visit, node, wtfcb_lang_rules_span(name), kind);
}

static void component(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    TSNode name = wtfcb_lang_rules_field(visit, node, WTFCB_LANG_FIELD_name);
    if (visit->pending.end == 0 || ts_node_is_null(name)) return;
    wtfcb_lang_rules_define(visit, node, wtfcb_lang_rules_span(name), rule->kinds[visit->scope]);
}

/* `operator +`, `operator int`, `this`, `~X`: from a word of the declaration to the end of its name. */
static void special(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    TSNode list = wtfcb_lang_rules_field(visit, node, WTFCB_LANG_FIELD_parameters), child;
    wtfcb_lang_span name = {0};
    if (ts_node_is_null(list)) return;
    for (bool more = wtfcb_lang_rules_first(visit, node, &child); more; more = wtfcb_lang_rules_next(visit, &child)) {
        if (ts_node_start_byte(child) >= ts_node_start_byte(list)) {
            wtfcb_lang_rules_stop(visit);
            break;
        }
        if (name.end == 0 && wtfcb_lang_rules_tag(visit, child) == NAME) name = wtfcb_lang_rules_span(child);
        if (name.end > 0) name.end = ts_node_end_byte(child);
    }
    wtfcb_lang_rules_define(visit, node, name, rule->kinds[visit->scope]);
}

static void using(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    uint32_t count = ts_node_named_child_count(node);
    (void)rule;
    if (count == 0) return;
    TSNode name = ts_node_named_child(node, count - 1);
    visit->import(visit, node, wtfcb_lang_rules_span(name), WTFCB_IMPORT_MODULE);
}

/* `default:` is no branch. */
static void section(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    TSNode word = ts_node_child(node, 0);
    (void)rule;
    if (!ts_node_is_null(word) && wtfcb_lang_rules_tag(visit, word) == CASE) visit->count(visit, 1, 0);
}

static void arm(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    TSNode pattern = ts_node_child(node, 0);
    (void)rule;
    if (ts_node_is_null(pattern) || wtfcb_lang_rules_tag(visit, pattern) != DISCARD) visit->count(visit, 1, 0);
}

static uint32_t visibility(wtfcb_lang_visit *visit, TSNode node, wtfcb_lang_span name, uint32_t kind)
{
    static const wtfcb_lang_modifier words[] = {{"public", WTFCB_VISIBILITY_PUBLIC},
                                                {"protected", WTFCB_VISIBILITY_PROTECTED},
                                                {"private", WTFCB_VISIBILITY_PRIVATE},
                                                {"internal", WTFCB_VISIBILITY_INTERNAL},
                                                {"file", WTFCB_VISIBILITY_PRIVATE}};
    uint32_t found = WTFCB_VISIBILITY_NONE;
    TSNode child;
    for (bool more = wtfcb_lang_rules_first(visit, node, &child); more; more = wtfcb_lang_rules_next(visit, &child)) {
        if (wtfcb_lang_rules_tag(visit, child) != MODIFIER) continue;
        wtfcb_lang_span span = wtfcb_lang_rules_span(child);
        for (size_t i = 0; i < sizeof words / sizeof *words && !found; i++)
            if (wtfcb_lang_rules_is(visit, span, words[i].word)) found = words[i].visibility;
        /* `internal protected` is the same as `protected internal`. */
        if (found == WTFCB_VISIBILITY_INTERNAL && wtfcb_lang_rules_is(visit, span, "protected"))
            found = WTFCB_VISIBILITY_PROTECTED;
    }
    (void)name;
    if (found) return found;
    if (kind == WTFCB_SYMBOL_NAMESPACE || kind == WTFCB_SYMBOL_ENUM_MEMBER) return WTFCB_VISIBILITY_PUBLIC;
    if (visit->parent_kind == WTFCB_SYMBOL_INTERFACE || wtfcb_lang_rules_tag(visit, node) == PARAMETER)
        return WTFCB_VISIBILITY_PUBLIC;
    bool nested = visit->parent_kind != 0 && visit->parent_kind != WTFCB_SYMBOL_NAMESPACE;
    return nested || kind == WTFCB_SYMBOL_FUNCTION ? WTFCB_VISIBILITY_PRIVATE : WTFCB_VISIBILITY_INTERNAL;
}

/* The grammar gives `params int[] x` no node of its own, only its name. */
static uint32_t parameters(wtfcb_lang_visit *visit, TSNode list)
{
    uint32_t count = 0;
    TSNode child;
    for (bool more = wtfcb_lang_rules_first(visit, list, &child); more; more = wtfcb_lang_rules_next(visit, &child))
        if (wtfcb_lang_rules_tag(visit, child) == PARAMETER || wtfcb_lang_rules_at_field(visit, WTFCB_LANG_FIELD_name))
            count++;
    return count;
}

#define BRANCH WTFCB_LANG_DO_BRANCH
#define COST WTFCB_LANG_DO_COST
#define FLAT WTFCB_LANG_DO_FLAT
#define NEST WTFCB_LANG_DO_NEST
#define TOKEN WTFCB_LANG_DO_TOKEN
#define SCAN WTFCB_LANG_DO_SCAN
#define SKIP WTFCB_LANG_DO_SKIP
#define TYPE(type_node, kind, type_hook)                                                                               \
    {                                                                                                                  \
        .node = type_node, .actions = WTFCB_LANG_DO_TYPE, .kinds = WTFCB_LANG_ANYWHERE(kind), .hook = type_hook        \
    }
#define FUNCTION(type_node, kind, function_hook)                                                                       \
    {                                                                                                                  \
        .node = type_node, .actions = WTFCB_LANG_DO_FUNCTION, .kinds = WTFCB_LANG_ANYWHERE(kind),                      \
        .hook = function_hook                                                                                          \
    }

static const wtfcb_lang_rule_spec rows[] = {
    TYPE("class_declaration", WTFCB_SYMBOL_CLASS, type),
    TYPE("struct_declaration", WTFCB_SYMBOL_STRUCT, type),
    TYPE("interface_declaration", WTFCB_SYMBOL_INTERFACE, type),
    TYPE("enum_declaration", WTFCB_SYMBOL_ENUM, type),
    TYPE("record_declaration", WTFCB_SYMBOL_CLASS, record),
    {.node = "enum_member_declaration", .actions = SKIP, .kinds = WTFCB_LANG_ANYWHERE(WTFCB_SYMBOL_ENUM_MEMBER)},
    {.node = "delegate_declaration", .actions = SKIP, .kinds = WTFCB_LANG_ANYWHERE(WTFCB_SYMBOL_TYPE_ALIAS)},
    {.node = "namespace_declaration",
     .actions = WTFCB_LANG_DO_SPACE,
     .kinds = WTFCB_LANG_ANYWHERE(WTFCB_SYMBOL_NAMESPACE)},
    {.node = "file_scoped_namespace_declaration", .kinds = WTFCB_LANG_ANYWHERE(WTFCB_SYMBOL_NAMESPACE)},
    {.node = "method_declaration",
     .actions = WTFCB_LANG_DO_FUNCTION,
     .kinds = {WTFCB_SYMBOL_FUNCTION, WTFCB_SYMBOL_METHOD, WTFCB_SYMBOL_FUNCTION}},
    FUNCTION("local_function_statement", WTFCB_SYMBOL_FUNCTION, NULL),
    FUNCTION("constructor_declaration", WTFCB_SYMBOL_CONSTRUCTOR, NULL),
    FUNCTION("destructor_declaration", WTFCB_SYMBOL_METHOD, special),
    FUNCTION("operator_declaration", WTFCB_SYMBOL_METHOD, special),
    FUNCTION("conversion_operator_declaration", WTFCB_SYMBOL_METHOD, special),
    FUNCTION("indexer_declaration", WTFCB_SYMBOL_PROPERTY, special),
    FUNCTION("property_declaration", WTFCB_SYMBOL_PROPERTY, NULL),
    FUNCTION("event_declaration", WTFCB_SYMBOL_PROPERTY, NULL),
    {.node = "event_field_declaration",
     .actions = SCAN,
     .kinds = WTFCB_LANG_ANYWHERE(WTFCB_SYMBOL_PROPERTY),
     .hook = fields},
    {.node = "field_declaration", .actions = SCAN, .kinds = WTFCB_LANG_ANYWHERE(WTFCB_SYMBOL_FIELD), .hook = fields},
    {.node = "parameter", .actions = SCAN, .kinds = {0, WTFCB_SYMBOL_PROPERTY, 0}, .tag = PARAMETER, .hook = component},
    {.node = "variable_declarator", .tag = DECLARATOR},
    {.node = "lambda_expression", .actions = WTFCB_LANG_DO_FUNCTION},
    {.node = "anonymous_method_expression", .actions = WTFCB_LANG_DO_FUNCTION},
    {.node = "using_directive", .actions = SKIP, .hook = using},
    {.node = "extern_alias_directive", .actions = SKIP, .hook = using},
    {.node = "modifier", .actions = SKIP, .tag = MODIFIER},
    {.node = "attribute_list", .actions = SKIP},
    {.node = "global_attribute", .actions = SKIP},
    {.node = "operator", .actions = TOKEN, .tag = NAME},
    {.node = "this", .actions = TOKEN, .tag = NAME},
    {.node = "~", .actions = TOKEN, .tag = NAME},

    {.node = "if_statement", .actions = BRANCH | COST | NEST | WTFCB_LANG_DO_IF},
    {.node = "for_statement", .actions = BRANCH | COST | NEST},
    {.node = "foreach_statement", .actions = BRANCH | COST | NEST},
    {.node = "while_statement", .actions = BRANCH | COST | NEST},
    {.node = "do_statement", .actions = BRANCH | COST | NEST},
    {.node = "catch_clause", .actions = BRANCH | COST | NEST},
    {.node = "switch_statement", .actions = COST | NEST},
    {.node = "switch_section", .hook = section},
    {.node = "switch_expression", .actions = COST | WTFCB_LANG_DO_NEST_ALL},
    {.node = "switch_expression_arm", .hook = arm},
    {.node = "conditional_expression", .actions = BRANCH | COST | NEST},
    {.node = "goto_statement", .actions = FLAT},
    {.node = "case", .actions = TOKEN, .tag = CASE},
    {.node = "discard", .tag = DISCARD},
    {.node = "binary_expression", .actions = WTFCB_LANG_DO_LOGIC | SCAN},
    {.node = "and_pattern", .actions = WTFCB_LANG_DO_LOGIC},
    {.node = "or_pattern", .actions = WTFCB_LANG_DO_LOGIC},
    {.node = "parenthesized_expression", .actions = WTFCB_LANG_DO_GROUP | SCAN},
    {.node = "parenthesized_pattern", .actions = WTFCB_LANG_DO_GROUP},
    {.node = "&&", .actions = TOKEN | WTFCB_LANG_DO_AND},
    {.node = "||", .actions = TOKEN | WTFCB_LANG_DO_OR},
    {.node = "and", .actions = TOKEN | WTFCB_LANG_DO_AND},
    {.node = "or", .actions = TOKEN | WTFCB_LANG_DO_OR},

    {.node = "expression_statement", .actions = SCAN},
    {.node = "local_declaration_statement", .actions = SCAN},
    {.node = "return_statement", .actions = SCAN},
    {.node = "throw_statement", .actions = SCAN},
    {.node = "invocation_expression", .actions = SCAN},
    {.node = "argument_list", .actions = SCAN},
    {.node = "base_list", .actions = SKIP},
    {.node = "type_parameter_list", .actions = SKIP},
    {.node = "type_parameter_constraints_clause", .actions = SKIP},
    {.node = "generic_name", .actions = SKIP},
    {.node = "member_access_expression", .actions = SCAN},
    {.node = "string_literal", .actions = SKIP},
    {.node = "verbatim_string_literal", .actions = SKIP},
    {.node = "raw_string_literal", .actions = SKIP},
};

const wtfcb_lang_rules_spec wtfcb_lang_rules_csharp = {.grammar = "c_sharp",
                                                       .rows = rows,
                                                       .count = sizeof rows / sizeof *rows,
                                                       .signs = "{?",
                                                       .double_signs = "&|",
                                                       .words = "and or",
                                                       .visibility = visibility,
                                                       .parameters = parameters};
