/*
 * Scala 2 and 3.
 *
 *   class, case class, object           class           trait                                trait
 *   enum, its cases                     enum, enum member   type X                           type alias
 *   def at file level, in a function    function        def in a type                        method
 *     or in an extension there                          def this                             constructor
 *   val, var, given at file level       variable        val, var, given in a type            field
 *   val or var in the head of a class,  field           package object                       module
 *     any parameter of a case class's                   package X { ... }                    namespace
 *     first list
 *
 * Declarations without a body count as definitions do. `package X` without braces is no symbol, nor are local variables;
 * a given or an object without a name gives its members to what is around it. Everything is public unless a modifier
 * says otherwise; `private[x]` is internal. Parameters are those of all lists. Imports are kept as they are written,
 * one for each part between commas; an export is one that is passed on.
 *
 * Operators are plain names to the grammar: `&&` and `||` are counted by a hook, a run of one operator from the left.
 */
#include "lang/rules/table.h"

enum { NOTHING, NAME, NAMES, PARAMETER, INFIX, WILDCARD, COMMA, MUTABLE, KEYWORD, CASE };

/* States of visit->pending.start while the head of a case class is walked. */
enum { NO_CASE, CASE_CLASS, FIRST_LIST };

static void nothing(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    (void)visit, (void)node, (void)rule;
}

static void class(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    TSNode name = wtfcb_lang_rules_field(visit, node, WTFCB_LANG_FIELD_name);
    if (ts_node_is_null(name)) return;
    bool is_case = rule->tag == CASE || wtfcb_lang_rules_has_child(visit, node, "case", NULL);
    visit->pending = (wtfcb_lang_span){.start = is_case ? CASE_CLASS : NO_CASE};
    wtfcb_lang_rules_define(visit, node, wtfcb_lang_rules_span(name), rule->kinds[visit->scope]);
}

/* The first list of a case class is what it is made of; in the others, parameters are just that. */
static void class_parameters(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    (void)node, (void)rule;
    visit->pending.start = visit->pending.start == CASE_CLASS ? FIRST_LIST : NO_CASE;
}

static void class_parameter(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    TSNode name = wtfcb_lang_rules_field(visit, node, WTFCB_LANG_FIELD_name), child;
    bool is_field = visit->pending.start == FIRST_LIST;
    if (ts_node_is_null(name)) return;
    for (bool more = wtfcb_lang_rules_first(visit, node, &child); more; more = wtfcb_lang_rules_next(visit, &child))
        if (wtfcb_lang_rules_tag(visit, child) == MUTABLE) is_field = true;
    if (is_field) wtfcb_lang_rules_define(visit, node, wtfcb_lang_rules_span(name), rule->kinds[visit->scope]);
}

static void function(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    TSNode name = wtfcb_lang_rules_field(visit, node, WTFCB_LANG_FIELD_name), list, parameter;
    if (ts_node_is_null(name)) return;
    wtfcb_lang_definition definition = {
        .name = wtfcb_lang_rules_span(name), .node = node, .kind = rule->kinds[visit->scope]};
    if (wtfcb_lang_rules_is(visit, definition.name, "this")) definition.kind = WTFCB_SYMBOL_CONSTRUCTOR;
    for (bool more = wtfcb_lang_rules_first(visit, node, &list); more; more = wtfcb_lang_rules_next(visit, &list)) {
        if (!wtfcb_lang_rules_at_field(visit, WTFCB_LANG_FIELD_parameters)) continue;
        bool inside = wtfcb_lang_rules_first(visit, list, &parameter);
        for (; inside; inside = wtfcb_lang_rules_next(visit, &parameter))
            if (wtfcb_lang_rules_tag(visit, parameter) == PARAMETER) definition.parameters++;
    }
    visit->define(visit, &definition);
}

/* `val a`, `val a, b`, `val (a, b)`; a declaration has names, a definition a pattern. */
static void values(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    TSNode pattern = wtfcb_lang_rules_field(visit, node, WTFCB_LANG_FIELD_pattern), child;
    wtfcb_lang_definition definition = {.node = node, .kind = rule->kinds[visit->scope]};
    if (ts_node_is_null(pattern)) pattern = wtfcb_lang_rules_field(visit, node, WTFCB_LANG_FIELD_name);
    if (ts_node_is_null(pattern)) return;
    uint8_t tag = wtfcb_lang_rules_tag(visit, pattern);
    if (tag == NAME) {
        definition.name = wtfcb_lang_rules_span(pattern);
        visit->define(visit, &definition);
    }
    if (tag != NAMES) return;
    for (bool more = wtfcb_lang_rules_first(visit, pattern, &child); more;
         more = wtfcb_lang_rules_next(visit, &child)) {
        if (wtfcb_lang_rules_tag(visit, child) != NAME) continue;
        definition.name = wtfcb_lang_rules_span(child);
        visit->define(visit, &definition);
    }
}

static void import(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    uint32_t kind = rule->tag == KEYWORD ? WTFCB_IMPORT_REEXPORT : WTFCB_IMPORT_MODULE;
    wtfcb_lang_span text = {0};
    TSNode child;
    for (bool more = wtfcb_lang_rules_first(visit, node, &child); more; more = wtfcb_lang_rules_next(visit, &child)) {
        uint8_t tag = wtfcb_lang_rules_tag(visit, child);
        if (tag == COMMA) {
            if (text.end > 0) visit->import(visit, node, text, kind);
            text.end = 0;
        } else if (tag != KEYWORD) {
            if (text.end == 0) text = wtfcb_lang_rules_span(child);
            text.end = ts_node_end_byte(child);
        }
    }
    if (text.end > 0) visit->import(visit, node, text, kind);
}

/* `case _ =>` is the default and no branch. */
static void case_clause(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    TSNode pattern = wtfcb_lang_rules_field(visit, node, WTFCB_LANG_FIELD_pattern);
    (void)rule;
    if (ts_node_is_null(pattern) || wtfcb_lang_rules_tag(visit, pattern) != WILDCARD) visit->count(visit, 1, 0);
}

/* '&', '|' or 0. */
static char logical_operator(const wtfcb_lang_visit *visit, TSNode infix)
{
    TSNode operator_node = wtfcb_lang_rules_field(visit, infix, WTFCB_LANG_FIELD_operator);
    if (ts_node_is_null(operator_node)) return 0;
    wtfcb_lang_span span = wtfcb_lang_rules_span(operator_node);
    if (wtfcb_lang_rules_is(visit, span, "&&") || wtfcb_lang_rules_is(visit, span, "||"))
        return wtfcb_lang_rules_byte(visit, span);
    return 0;
}

static void infix(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    char word = logical_operator(visit, node);
    (void)rule;
    if (!word) return;
    TSNode left = wtfcb_lang_rules_field(visit, node, WTFCB_LANG_FIELD_left);
    bool continues =
        !ts_node_is_null(left) && wtfcb_lang_rules_tag(visit, left) == INFIX && logical_operator(visit, left) == word;
    visit->count(visit, 1, continues ? 0 : 1);
}

static uint32_t visibility(wtfcb_lang_visit *visit, TSNode node, wtfcb_lang_span name, uint32_t kind)
{
    static const wtfcb_lang_modifier words[] = {{"private[this]", WTFCB_VISIBILITY_PRIVATE},
                                                {"private[", WTFCB_VISIBILITY_INTERNAL},
                                                {"private", WTFCB_VISIBILITY_PRIVATE},
                                                {"protected", WTFCB_VISIBILITY_PROTECTED},
                                                {NULL, WTFCB_VISIBILITY_PUBLIC}};
    (void)kind;
    return wtfcb_lang_rules_modifier(visit, node, name, "modifiers", words);
}

#define BRANCH WTFCB_LANG_DO_BRANCH
#define COST WTFCB_LANG_DO_COST
#define NEST WTFCB_LANG_DO_NEST
#define NEST_ALL WTFCB_LANG_DO_NEST_ALL
#define TOKEN WTFCB_LANG_DO_TOKEN
#define SCAN WTFCB_LANG_DO_SCAN
#define SKIP WTFCB_LANG_DO_SKIP
#define TYPE(type_node, kind, type_hook)                                                                               \
    {                                                                                                                  \
        .node = type_node, .actions = WTFCB_LANG_DO_TYPE, .kinds = WTFCB_LANG_ANYWHERE(kind), .hook = type_hook        \
    }
#define DEF(def_node)                                                                                                  \
    {                                                                                                                  \
        .node = def_node, .actions = WTFCB_LANG_DO_FUNCTION,                                                           \
        .kinds = {WTFCB_SYMBOL_FUNCTION, WTFCB_SYMBOL_METHOD, WTFCB_SYMBOL_FUNCTION}, .hook = function                 \
    }
#define VALUE(value_node, value_actions)                                                                               \
    {                                                                                                                  \
        .node = value_node, .actions = value_actions, .kinds = {WTFCB_SYMBOL_VARIABLE, WTFCB_SYMBOL_FIELD, 0},         \
        .hook = values                                                                                                 \
    }
/* Opens a function where none is: what is defined in a block of a type's or a file's is local. */
#define BLOCK(block_node)                                                                                              \
    {                                                                                                                  \
        .node = block_node, .actions = WTFCB_LANG_DO_FUNCTION,                                                         \
        .kinds = {WTFCB_SYMBOL_FUNCTION, WTFCB_SYMBOL_FUNCTION, 0}, .hook = nothing                                    \
    }

static const wtfcb_lang_rule_spec rows[] = {
    TYPE("class_definition", WTFCB_SYMBOL_CLASS, class),
    TYPE("trait_definition", WTFCB_SYMBOL_TRAIT, class),
    TYPE("object_definition", WTFCB_SYMBOL_CLASS, NULL),
    TYPE("package_object", WTFCB_SYMBOL_MODULE, NULL),
    TYPE("enum_definition", WTFCB_SYMBOL_ENUM, class),
    TYPE("simple_enum_case", WTFCB_SYMBOL_ENUM_MEMBER, NULL),
    {.node = "full_enum_case",
     .actions = WTFCB_LANG_DO_TYPE,
     .kinds = WTFCB_LANG_ANYWHERE(WTFCB_SYMBOL_ENUM_MEMBER),
     .tag = CASE,
     .hook = class},
    {.node = "package_clause",
     .actions = WTFCB_LANG_DO_SPACE | WTFCB_LANG_DO_NEED_BODY,
     .kinds = WTFCB_LANG_ANYWHERE(WTFCB_SYMBOL_NAMESPACE)},
    {.node = "template_body", .actions = WTFCB_LANG_DO_TYPE | WTFCB_LANG_DO_BODY},
    {.node = "with_template_body", .actions = WTFCB_LANG_DO_TYPE | WTFCB_LANG_DO_BODY},
    DEF("function_definition"),
    DEF("function_declaration"),
    VALUE("val_definition", WTFCB_LANG_DO_FUNCTION | SCAN),
    VALUE("var_definition", WTFCB_LANG_DO_FUNCTION | SCAN),
    VALUE("val_declaration", SKIP),
    VALUE("var_declaration", SKIP),
    {.node = "given_definition",
     .actions = WTFCB_LANG_DO_FUNCTION,
     .kinds = {WTFCB_SYMBOL_VARIABLE, WTFCB_SYMBOL_FIELD, 0}},
    {.node = "class_parameter", .actions = SCAN, .kinds = {0, WTFCB_SYMBOL_FIELD, 0}, .hook = class_parameter},
    {.node = "class_parameters", .hook = class_parameters},
    {.node = "type_definition", .actions = SKIP, .kinds = WTFCB_LANG_ANYWHERE(WTFCB_SYMBOL_TYPE_ALIAS)},
    {.node = "lambda_expression", .actions = WTFCB_LANG_DO_FUNCTION},
    BLOCK("block"),
    BLOCK("indented_block"),
    BLOCK("case_block"),
    BLOCK("indented_cases"),
    {.node = "identifier", .tag = NAME},
    {.node = "operator_identifier", .tag = NAME},
    {.node = "identifiers", .tag = NAMES},
    {.node = "tuple_pattern", .tag = NAMES},
    {.node = "parameter", .actions = SCAN, .tag = PARAMETER},
    {.node = "parameters", .actions = SCAN},
    {.node = "wildcard", .tag = WILDCARD},
    {.node = ",", .actions = TOKEN, .tag = COMMA},
    {.node = "val", .actions = TOKEN, .tag = MUTABLE},
    {.node = "var", .actions = TOKEN, .tag = MUTABLE},
    {.node = "import", .actions = TOKEN, .tag = KEYWORD},
    {.node = "export", .actions = TOKEN, .tag = KEYWORD},
    {.node = "import_declaration", .actions = SKIP, .hook = import},
    {.node = "export_declaration", .actions = SKIP, .tag = KEYWORD, .hook = import},
    {.node = "modifiers", .actions = SKIP},
    {.node = "annotation", .actions = SKIP},

    {.node = "if_expression", .actions = BRANCH | COST | NEST | WTFCB_LANG_DO_IF},
    {.node = "for_expression", .actions = BRANCH | COST | NEST},
    {.node = "while_expression", .actions = BRANCH | COST | NEST},
    {.node = "do_while_expression", .actions = BRANCH | COST | NEST},
    {.node = "match_expression", .actions = COST | NEST},
    {.node = "catch_clause", .actions = COST | NEST_ALL},
    {.node = "case_clause", .hook = case_clause},
    {.node = "infix_expression", .actions = SCAN, .tag = INFIX, .hook = infix},

    {.node = "call_expression", .actions = SCAN},
    {.node = "arguments", .actions = SCAN},
    {.node = "field_expression", .actions = SCAN},
    {.node = "parenthesized_expression", .actions = SCAN},
    {.node = "assignment_expression", .actions = SCAN},
    {.node = "string", .actions = SKIP},
    {.node = "interpolated_string_expression", .actions = SCAN},
    {.node = "generic_type", .actions = SKIP},
    {.node = "type_parameters", .actions = SKIP},
    {.node = "type_arguments", .actions = SKIP},
    {.node = "extends_clause", .actions = SCAN},
    {.node = "derives_clause", .actions = SKIP},
};

const wtfcb_lang_rules_spec wtfcb_lang_rules_scala = {.grammar = "scala",
                                                      .rows = rows,
                                                      .count = sizeof rows / sizeof *rows,
                                                      .signs = "{",
                                                      .double_signs = "&|",
                                                      .words = "if match for while do def new catch try",
                                                      .visibility = visibility};
