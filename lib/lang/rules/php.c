/*
 * PHP.
 *
 *   function                            function              in a class: method, __construct: constructor
 *   class, interface, trait             class, interface, trait
 *   enum, case                          enum, enum member
 *   property, promoted parameter        property              const, define("X", ...)          constant
 *   $x = ... at file level              variable; function if it holds a closure
 *   namespace X                         namespace
 *
 * Names are without the dollar sign. What follows a `namespace X;` is not inside it, what stands in its braces is. A
 * promoted parameter belongs to the class; members of a nameless class belong to the function around it. Each assignment
 * to a plain variable at file level counts. Visibility: as the modifiers say, public without one. Imports: each clause of
 * a `use` (a group as it is written) is a module; include and require are files if they name a plain string, also one
 * behind `__DIR__ .` or `dirname(__FILE__) .`, then without the slash it begins with. Traits used in a class are no
 * imports. Text around <?php ?> says nothing.
 */
#include <string.h>

#include "lang/rules/table.h"

enum { NOTHING, NAME, VARIABLE, FUNCTION, ELEMENT, PROMOTED, STRING, TEXT, CLAUSE, GROUP, GROUPED, BINARY, ATTRIBUTES };

/* Without the dollar sign. */
static wtfcb_lang_span plain_name(const wtfcb_lang_visit *visit, TSNode node)
{
    wtfcb_lang_span span = wtfcb_lang_rules_span(node);
    if (span.end > span.start && span.start < visit->length && wtfcb_lang_rules_byte(visit, span) == '$')
        span.start++, span.column++;
    return span;
}

/* Where the head of a definition begins: behind its attributes. */
static uint32_t head_start(const wtfcb_lang_visit *visit, TSNode node)
{
    TSNode first = ts_node_child(node, 0);
    if (ts_node_is_null(first) || wtfcb_lang_rules_tag(visit, first) != ATTRIBUTES) return 0;
    first = ts_node_child(node, 1);
    return ts_node_is_null(first) ? 0 : ts_node_start_byte(first);
}

static void define(wtfcb_lang_visit *visit, TSNode node, wtfcb_lang_span name, uint32_t kind)
{
    TSNode list = wtfcb_lang_rules_field(visit, node, WTFCB_LANG_FIELD_parameters);
    visit->define(visit, &(wtfcb_lang_definition){.name = name,
                                                  .node = node,
                                                  .kind = kind,
                                                  .parameters = wtfcb_lang_rules_count(visit, list),
                                                  .signature_start = head_start(visit, node)});
}

/* Classes, functions: whatever has a field `name` and perhaps attributes. */
static void named(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    TSNode name = wtfcb_lang_rules_field(visit, node, WTFCB_LANG_FIELD_name);
    if (!ts_node_is_null(name)) define(visit, node, wtfcb_lang_rules_span(name), rule->kinds[visit->scope]);
}

/* PHP compares these names without regard to case, and so does everyone who calls them. */
static bool is_constructor(const wtfcb_lang_visit *visit, wtfcb_lang_span name)
{
    static const char word[] = "__construct";
    if (name.end - name.start != sizeof word - 1 || name.end > visit->length) return false;
    for (size_t i = 0; i < sizeof word - 1; i++)
        if ((visit->text[name.start + i] | (word[i] == '_' ? 0 : 0x20)) != word[i]) return false;
    return true;
}

/* Parameters that declare a property stand in the class, next to the constructor. */
static void method(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    TSNode name = wtfcb_lang_rules_field(visit, node, WTFCB_LANG_FIELD_name);
    TSNode list = wtfcb_lang_rules_field(visit, node, WTFCB_LANG_FIELD_parameters), child;
    if (ts_node_is_null(name)) return;
    if (!is_constructor(visit, wtfcb_lang_rules_span(name))) {
        named(visit, node, rule);
        return;
    }
    define(visit, node, wtfcb_lang_rules_span(name), WTFCB_SYMBOL_CONSTRUCTOR);
    if (ts_node_is_null(list)) return;
    for (bool more = wtfcb_lang_rules_first(visit, list, &child); more; more = wtfcb_lang_rules_next(visit, &child)) {
        if (wtfcb_lang_rules_tag(visit, child) != PROMOTED) continue;
        name = wtfcb_lang_rules_field(visit, child, WTFCB_LANG_FIELD_name);
        if (ts_node_is_null(name)) continue;
        wtfcb_lang_span span = wtfcb_lang_rules_span(name);
        while (span.start < span.end && strchr("&$ ", wtfcb_lang_rules_byte(visit, span)))
            span.start++, span.column++;
        define(visit, child, span, WTFCB_SYMBOL_PROPERTY);
    }
}

static void properties(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    TSNode child;
    for (bool more = wtfcb_lang_rules_first(visit, node, &child); more; more = wtfcb_lang_rules_next(visit, &child)) {
        if (wtfcb_lang_rules_tag(visit, child) != ELEMENT) continue;
        TSNode name = wtfcb_lang_rules_field(visit, child, WTFCB_LANG_FIELD_name);
        if (ts_node_is_null(name)) name = ts_node_child(child, 0); /* an element of `const` */
        if (!ts_node_is_null(name)) define(visit, node, plain_name(visit, name), rule->kinds[visit->scope]);
    }
}

/* `namespace {` has no name and hides nothing. */
static void namespace_definition(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    named(visit, node, rule);
    if (visit->symbol == WTFCB_LANG_NO_SYMBOL) visit->opens = 0;
}

static void assignment(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    TSNode left = wtfcb_lang_rules_field(visit, node, WTFCB_LANG_FIELD_left);
    TSNode right = wtfcb_lang_rules_field(visit, node, WTFCB_LANG_FIELD_right);
    if (ts_node_is_null(left) || wtfcb_lang_rules_tag(visit, left) != VARIABLE) return;
    wtfcb_lang_definition definition = {
        .name = plain_name(visit, left), .node = node, .kind = rule->kinds[visit->scope]};
    if (!ts_node_is_null(right) && wtfcb_lang_rules_tag(visit, right) == FUNCTION) {
        TSNode list = wtfcb_lang_rules_field(visit, right, WTFCB_LANG_FIELD_parameters);
        definition.kind = WTFCB_SYMBOL_FUNCTION;
        definition.parameters = wtfcb_lang_rules_count(visit, list);
        visit->own = true;
    }
    visit->define(visit, &definition);
}

/* The text of a string without escapes and variables; empty for others. */
static wtfcb_lang_span string_text(const wtfcb_lang_visit *visit, TSNode node)
{
    if (wtfcb_lang_rules_tag(visit, node) != STRING || ts_node_named_child_count(node) != 1)
        return (wtfcb_lang_span){0};
    TSNode content = ts_node_named_child(node, 0);
    if (wtfcb_lang_rules_tag(visit, content) != TEXT) return (wtfcb_lang_span){0};
    return wtfcb_lang_rules_span(content);
}

/* define("X", ...): calls are many, so the text is asked first. */
static void call(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    (void)rule;
    wtfcb_lang_span span = wtfcb_lang_rules_span(node);
    if (span.end > visit->length ||
        (wtfcb_lang_rules_byte(visit, span) != 'd' && wtfcb_lang_rules_byte(visit, span) != '\\'))
        return;
    if (wtfcb_lang_rules_byte(visit, span) == '\\') span.start++;
    if (!wtfcb_lang_rules_starts(visit, span, "define")) return;
    TSNode function = wtfcb_lang_rules_field(visit, node, WTFCB_LANG_FIELD_function);
    TSNode list = wtfcb_lang_rules_field(visit, node, WTFCB_LANG_FIELD_arguments);
    if (ts_node_is_null(function) || ts_node_is_null(list) || ts_node_end_byte(function) != span.start + 6) return;
    TSNode argument = ts_node_named_child(list, 0);
    if (!ts_node_is_null(argument)) argument = ts_node_named_child(argument, 0);
    if (!ts_node_is_null(argument)) define(visit, node, string_text(visit, argument), WTFCB_SYMBOL_CONSTANT);
}

static void use(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    TSNode child, name;
    wtfcb_lang_span group = {0};
    (void)rule;
    for (bool more = wtfcb_lang_rules_first(visit, node, &child); more; more = wtfcb_lang_rules_next(visit, &child)) {
        uint8_t tag = wtfcb_lang_rules_tag(visit, child);
        if (tag == CLAUSE) {
            bool some = wtfcb_lang_rules_first(visit, child, &name);
            while (some && wtfcb_lang_rules_tag(visit, name) != NAME)
                some = wtfcb_lang_rules_next(visit, &name);
            if (!some) continue;
            wtfcb_lang_rules_stop(visit);
            visit->import(visit, node, wtfcb_lang_rules_span(name), WTFCB_IMPORT_MODULE);
        } else if (tag == GROUP) {
            group = wtfcb_lang_rules_span(child);
        } else if (tag == GROUPED && group.end > 0) {
            group.end = ts_node_end_byte(child);
            visit->import(visit, node, group, WTFCB_IMPORT_MODULE);
        }
    }
}

static void include(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    TSNode path = ts_node_named_child(node, 0);
    (void)rule;
    while (!ts_node_is_null(path) && wtfcb_lang_rules_of(visit, path)->actions & WTFCB_LANG_DO_GROUP)
        path = ts_node_named_child(path, 0);
    if (ts_node_is_null(path)) return;
    bool here = false;
    if (wtfcb_lang_rules_tag(visit, path) == BINARY) {
        TSNode left = wtfcb_lang_rules_field(visit, path, WTFCB_LANG_FIELD_left);
        path = wtfcb_lang_rules_field(visit, path, WTFCB_LANG_FIELD_right);
        if (ts_node_is_null(left) || ts_node_is_null(path)) return;
        wtfcb_lang_span folder = wtfcb_lang_rules_span(left);
        here =
            wtfcb_lang_rules_is(visit, folder, "__DIR__") ||
            (wtfcb_lang_rules_starts(visit, folder, "dirname") && wtfcb_lang_rules_ends(visit, folder, "__FILE__)")) ||
            (wtfcb_lang_rules_starts(visit, folder, "dirname") && wtfcb_lang_rules_ends(visit, folder, "__FILE__ )"));
        if (!here) return;
    }
    wtfcb_lang_span text = string_text(visit, path);
    if (here && text.end - text.start > 1 && wtfcb_lang_rules_byte(visit, text) == '/') text.start++, text.column++;
    visit->import(visit, node, text, WTFCB_IMPORT_FILE);
}

/* `break 2` leaves more than the innermost loop. */
static void jump(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    (void)rule;
    if (ts_node_named_child_count(node) > 0) visit->count(visit, 0, 1);
}

static uint32_t visibility(wtfcb_lang_visit *visit, TSNode node, wtfcb_lang_span name, uint32_t kind)
{
    static const wtfcb_lang_modifier words[] = {{"private", WTFCB_VISIBILITY_PRIVATE},
                                                {"protected", WTFCB_VISIBILITY_PROTECTED},
                                                {"public", WTFCB_VISIBILITY_PUBLIC},
                                                {NULL, WTFCB_VISIBILITY_PUBLIC}};
    if (visit->scope != WTFCB_LANG_SCOPE_TYPE || kind == WTFCB_SYMBOL_ENUM_MEMBER) return WTFCB_VISIBILITY_PUBLIC;
    return wtfcb_lang_rules_modifier(visit, node, name, NULL, words);
}

#define BRANCH WTFCB_LANG_DO_BRANCH
#define COST WTFCB_LANG_DO_COST
#define FLAT WTFCB_LANG_DO_FLAT
#define NEST WTFCB_LANG_DO_NEST
#define TOKEN WTFCB_LANG_DO_TOKEN
#define SCAN WTFCB_LANG_DO_SCAN
#define SKIP WTFCB_LANG_DO_SKIP
#define TYPE(type, kind)                                                                                               \
    {                                                                                                                  \
        .node = type, .actions = WTFCB_LANG_DO_TYPE, .kinds = WTFCB_LANG_ANYWHERE(kind), .hook = named                 \
    }

static const wtfcb_lang_rule_spec rows[] = {
    TYPE("class_declaration", WTFCB_SYMBOL_CLASS),
    TYPE("interface_declaration", WTFCB_SYMBOL_INTERFACE),
    TYPE("trait_declaration", WTFCB_SYMBOL_TRAIT),
    TYPE("enum_declaration", WTFCB_SYMBOL_ENUM),
    {.node = "enum_case", .actions = SCAN, .kinds = {0, WTFCB_SYMBOL_ENUM_MEMBER, 0}, .hook = named},
    {.node = "anonymous_class", .actions = WTFCB_LANG_DO_TYPE},
    {.node = "function_definition",
     .actions = WTFCB_LANG_DO_FUNCTION,
     .kinds = WTFCB_LANG_ANYWHERE(WTFCB_SYMBOL_FUNCTION),
     .hook = named},
    {.node = "method_declaration",
     .actions = WTFCB_LANG_DO_FUNCTION,
     .kinds = WTFCB_LANG_ANYWHERE(WTFCB_SYMBOL_METHOD),
     .hook = method},
    {.node = "property_hook", .actions = WTFCB_LANG_DO_FUNCTION},
    {.node = "property_declaration", .actions = SCAN, .kinds = {0, WTFCB_SYMBOL_PROPERTY, 0}, .hook = properties},
    {.node = "const_declaration",
     .actions = SCAN,
     .kinds = {WTFCB_SYMBOL_CONSTANT, WTFCB_SYMBOL_CONSTANT, 0},
     .hook = properties},
    {.node = "property_element", .actions = SCAN, .tag = ELEMENT},
    {.node = "const_element", .actions = SCAN, .tag = ELEMENT},
    {.node = "property_promotion_parameter", .actions = SCAN, .tag = PROMOTED},
    {.node = "namespace_definition",
     .actions = WTFCB_LANG_DO_SPACE,
     .kinds = WTFCB_LANG_ANYWHERE(WTFCB_SYMBOL_NAMESPACE),
     .hook = namespace_definition},
    {.node = "assignment_expression", .actions = SCAN, .kinds = {WTFCB_SYMBOL_VARIABLE, 0, 0}, .hook = assignment},
    {.node = "reference_assignment_expression",
     .actions = SCAN,
     .kinds = {WTFCB_SYMBOL_VARIABLE, 0, 0},
     .hook = assignment},
    {.node = "function_call_expression", .actions = SCAN, .hook = call},
    {.node = "anonymous_function", .actions = WTFCB_LANG_DO_FUNCTION, .tag = FUNCTION},
    {.node = "arrow_function", .actions = WTFCB_LANG_DO_FUNCTION, .tag = FUNCTION},
    {.node = "variable_name", .actions = SKIP, .tag = VARIABLE},
    {.node = "attribute_list", .actions = SCAN, .tag = ATTRIBUTES},

    {.node = "namespace_use_declaration", .actions = SKIP, .hook = use},
    {.node = "namespace_use_clause", .tag = CLAUSE},
    {.node = "namespace_use_group", .tag = GROUPED},
    {.node = "namespace_name", .actions = SKIP, .tag = GROUP},
    {.node = "qualified_name", .actions = SKIP, .tag = NAME},
    {.node = "name", .tag = NAME},
    {.node = "include_expression", .hook = include},
    {.node = "include_once_expression", .hook = include},
    {.node = "require_expression", .hook = include},
    {.node = "require_once_expression", .hook = include},

    {.node = "if_statement", .actions = BRANCH | COST | NEST | WTFCB_LANG_DO_IF},
    {.node = "else_if_clause", .actions = BRANCH | FLAT | NEST | WTFCB_LANG_DO_ELSE},
    {.node = "else_clause", .actions = FLAT | WTFCB_LANG_DO_ELSE},
    {.node = "for_statement", .actions = BRANCH | COST | NEST},
    {.node = "foreach_statement", .actions = BRANCH | COST | NEST},
    {.node = "while_statement", .actions = BRANCH | COST | NEST},
    {.node = "do_statement", .actions = BRANCH | COST | NEST},
    {.node = "catch_clause", .actions = BRANCH | COST | NEST},
    {.node = "switch_statement", .actions = COST | NEST},
    {.node = "case_statement", .actions = BRANCH},
    {.node = "match_expression", .actions = COST | NEST},
    {.node = "match_conditional_expression", .actions = BRANCH},
    {.node = "conditional_expression", .actions = BRANCH | COST | NEST},
    {.node = "goto_statement", .actions = FLAT | SKIP},
    {.node = "break_statement", .actions = SKIP, .hook = jump},
    {.node = "continue_statement", .actions = SKIP, .hook = jump},
    {.node = "binary_expression", .actions = WTFCB_LANG_DO_LOGIC | SCAN, .tag = BINARY},
    {.node = "parenthesized_expression", .actions = WTFCB_LANG_DO_GROUP | SCAN},
    {.node = "&&", .actions = TOKEN | WTFCB_LANG_DO_AND},
    {.node = "and", .actions = TOKEN | WTFCB_LANG_DO_AND},
    {.node = "||", .actions = TOKEN | WTFCB_LANG_DO_OR},
    {.node = "or", .actions = TOKEN | WTFCB_LANG_DO_OR},

    {.node = "expression_statement", .actions = WTFCB_LANG_DO_SCAN_LOCAL},
    {.node = "echo_statement", .actions = SCAN},
    {.node = "return_statement", .actions = SCAN},
    {.node = "throw_expression", .actions = SCAN},
    {.node = "member_call_expression", .actions = SCAN},
    {.node = "scoped_call_expression", .actions = SCAN},
    {.node = "member_access_expression", .actions = SCAN},
    {.node = "object_creation_expression", .actions = SCAN},
    {.node = "array_creation_expression", .actions = SCAN},
    {.node = "array_element_initializer", .actions = SCAN},
    {.node = "subscript_expression", .actions = SCAN},
    {.node = "arguments", .actions = SCAN},
    {.node = "formal_parameters", .actions = SCAN},
    {.node = "string", .actions = SKIP, .tag = STRING},
    {.node = "encapsed_string", .actions = SCAN, .tag = STRING},
    {.node = "string_content", .tag = TEXT},
    {.node = "nowdoc", .actions = SKIP},
    {.node = "text_interpolation", .actions = SKIP},
    {.node = "use_declaration", .actions = SKIP},
    {.node = "base_clause", .actions = SKIP},
    {.node = "class_interface_clause", .actions = SKIP},
};

const wtfcb_lang_rules_spec wtfcb_lang_rules_php = {.grammar = "php",
                                                    .rows = rows,
                                                    .count = sizeof rows / sizeof *rows,
                                                    .signs = "{?",
                                                    .double_signs = "&|",
                                                    .words = "fn and or match define include require",
                                                    .visibility = visibility};
