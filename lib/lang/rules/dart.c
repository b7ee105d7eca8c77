/*
 * Dart.
 *
 *   class, named extension, extension   class           mixin (but `mixin class`)            trait
 *     type                              enum, its constants                                  enum, enum member
 *   function at file level, in another  function        member function, operator            method
 *   getter, setter                      function or method, as those are                     typedef: type alias
 *   constructor, factory                constructor     field, representation of an extension type  field
 *   variable at file level              variable        const, final at file level, static in a type  constant
 *
 * Operators are named "operator +", constructors as they are called ("A.named"). Declarations without a body count as
 * definitions do. Local variables are no symbols; a nameless extension gives its members no parent. Private: names with
 * a leading underscore; all others are public. Imports: the URI without quotes, a module with a scheme ("dart:io",
 * "package:a/b.dart") and else a file; `export` is one that is passed on, `part` a file, `part of` none. The second URI
 * of a conditional import is left out.
 *
 * In this grammar the head of a function and its body are siblings. The head defines the symbol in the range of both
 * and leaves its number in visit->pending for the body to open. A handler of `try` has no node of its own either: its
 * block is not a level deeper.
 */
#include "lang/rules/table.h"

enum {
    NOTHING,
    NAME,
    TYPE_NAME,
    LIST,
    OPTIONAL,
    PARAMETER,
    HEAD,
    CONSTRUCTOR,
    OPERATOR_HEAD,
    OPERATOR,
    METHOD,
    FUNCTION_BODY,
    IMPORT_PART,
    URI,
    EXPORT,
    BLOCK,
    CATCH,
    LOGICAL,
};

static uint32_t count_parameters(wtfcb_lang_visit *visit, TSNode list)
{
    uint32_t count = 0;
    TSNode child, inner;
    for (bool more = wtfcb_lang_rules_first(visit, list, &child); more; more = wtfcb_lang_rules_next(visit, &child)) {
        uint8_t tag = wtfcb_lang_rules_tag(visit, child);
        if (tag == PARAMETER) count++;
        if (tag != OPTIONAL) continue;
        for (bool more_inner = wtfcb_lang_rules_first(visit, child, &inner); more_inner;
             more_inner = wtfcb_lang_rules_next(visit, &inner))
            if (wtfcb_lang_rules_tag(visit, inner) == PARAMETER) count++;
    }
    return count;
}

/* Name and parameters of a signature: `name(...)`, `A.named(...)`, `operator +(...)`. */
static void read_head(wtfcb_lang_visit *visit, TSNode head, wtfcb_lang_definition *definition)
{
    uint8_t kind = wtfcb_lang_rules_tag(visit, head);
    TSNode name = wtfcb_lang_rules_field(visit, head, WTFCB_LANG_FIELD_name), child;
    if (kind == HEAD && !ts_node_is_null(name)) definition->name = wtfcb_lang_rules_span(name);
    for (bool more = wtfcb_lang_rules_first(visit, head, &child); more; more = wtfcb_lang_rules_next(visit, &child)) {
        uint8_t tag = wtfcb_lang_rules_tag(visit, child);
        if (tag == LIST) {
            definition->parameters = count_parameters(visit, child);
            wtfcb_lang_rules_stop(visit);
            return;
        }
        bool begins = (kind == CONSTRUCTOR && tag == NAME) || (kind == OPERATOR_HEAD && tag == OPERATOR);
        if (begins && definition->name.end == 0) definition->name = wtfcb_lang_rules_span(child);
        if (kind != HEAD && definition->name.end > 0) definition->name.end = ts_node_end_byte(child);
    }
}

/* Define what `head` names, in the range from `node` to the body that follows it, if one does. */
static void define_head(wtfcb_lang_visit *visit, TSNode node, TSNode head, const wtfcb_lang_rule *rule)
{
    /* Looking for a sibling is cheap in a tree that is balanced, which an error's is not. */
    TSNode body = visit->in_error ? (TSNode){0} : ts_node_next_named_sibling(node);
    wtfcb_lang_definition definition = {.node = node, .kind = rule->kinds[visit->scope]};
    read_head(visit, head, &definition);
    if (wtfcb_lang_rules_tag(visit, head) == CONSTRUCTOR) definition.kind = WTFCB_SYMBOL_CONSTRUCTOR;
    bool has_body = !ts_node_is_null(body) && wtfcb_lang_rules_tag(visit, body) == FUNCTION_BODY;
    if (has_body) {
        definition.start = wtfcb_lang_rules_span(node);
        definition.signature_end = definition.start.end;
        definition.node = body;
    }
    visit->define(visit, &definition);
    visit->pending = (wtfcb_lang_span){.start = visit->symbol, .end = has_body};
}

static void head(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    if (visit->above->tag == METHOD) return;
    define_head(visit, node, node, rule);
    if (!visit->pending.end) visit->opens = WTFCB_LANG_DO_FUNCTION; /* abstract, external: a function all the same */
}

/* A head with `static` and the like in front, or with initializers behind it. */
static void method(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    TSNode child;
    for (bool more = wtfcb_lang_rules_first(visit, node, &child); more; more = wtfcb_lang_rules_next(visit, &child)) {
        uint8_t tag = wtfcb_lang_rules_tag(visit, child);
        if (tag != HEAD && tag != CONSTRUCTOR && tag != OPERATOR_HEAD) continue;
        wtfcb_lang_rules_stop(visit);
        define_head(visit, node, child, rule);
        return;
    }
}

static void function_body(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    (void)node, (void)rule;
    if (visit->pending.end) visit->symbol = visit->pending.start;
    visit->pending = (wtfcb_lang_span){0};
}

/* What is named by its first identifier. */
static void first_name(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    TSNode child;
    for (bool more = wtfcb_lang_rules_first(visit, node, &child); more; more = wtfcb_lang_rules_next(visit, &child)) {
        if (wtfcb_lang_rules_tag(visit, child) != NAME) continue;
        wtfcb_lang_rules_stop(visit);
        wtfcb_lang_rules_define(visit, node, wtfcb_lang_rules_span(child), rule->kinds[visit->scope]);
        return;
    }
}

/* `typedef F = ...` and `typedef int F(...)`. */
static void type_alias(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    TSNode child, name = {0}, last = {0};
    for (bool more = wtfcb_lang_rules_first(visit, node, &child); more; more = wtfcb_lang_rules_next(visit, &child)) {
        uint8_t tag = wtfcb_lang_rules_tag(visit, child);
        if (tag == TYPE_NAME) last = child;
        if (tag == LIST || (tag == TYPE_NAME && ts_node_is_null(name))) name = last;
    }
    if (!ts_node_is_null(name))
        wtfcb_lang_rules_define(visit, node, wtfcb_lang_rules_span(name), rule->kinds[visit->scope]);
}

static TSNode find_import_part(wtfcb_lang_visit *visit, TSNode node)
{
    TSNode child;
    for (bool more = wtfcb_lang_rules_first(visit, node, &child); more; more = wtfcb_lang_rules_next(visit, &child)) {
        uint8_t tag = wtfcb_lang_rules_tag(visit, child);
        if (tag != IMPORT_PART && tag != URI) continue;
        wtfcb_lang_rules_stop(visit);
        return child;
    }
    return (TSNode){0};
}

static bool has_scheme(const wtfcb_lang_visit *visit, wtfcb_lang_span text)
{
    for (uint32_t i = text.start; i < text.end && visit->text[i] != '/'; i++)
        if (visit->text[i] == ':') return true;
    return false;
}

static void import(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    TSNode part = find_import_part(visit, node);
    while (!ts_node_is_null(part) && wtfcb_lang_rules_tag(visit, part) != URI)
        part = find_import_part(visit, part);
    if (ts_node_is_null(part)) return;
    wtfcb_lang_span text = wtfcb_lang_rules_unquote(visit, part);
    uint32_t kind = has_scheme(visit, text) ? WTFCB_IMPORT_MODULE : WTFCB_IMPORT_FILE;
    visit->import(visit, node, text, rule->tag == EXPORT ? WTFCB_IMPORT_REEXPORT : kind);
}

/* `on E {...}` without a catch: only its block shows it. */
static void try_statement(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    uint32_t blocks = 0, catches = 0;
    TSNode child;
    (void)rule;
    for (bool more = wtfcb_lang_rules_first(visit, node, &child); more; more = wtfcb_lang_rules_next(visit, &child)) {
        uint8_t tag = wtfcb_lang_rules_tag(visit, child);
        if (tag == CATCH) catches++;
        if (tag == BLOCK) blocks++;
    }
    if (blocks > catches + 1) visit->count(visit, blocks - catches - 1, blocks - catches - 1);
}

/* `_ =>` is the default and no branch. */
static void switch_case(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    TSNode pattern = ts_node_named_child(node, 0);
    (void)rule;
    if (ts_node_is_null(pattern) || !wtfcb_lang_rules_is(visit, wtfcb_lang_rules_span(pattern), "_"))
        visit->count(visit, 1, 0);
}

/* An operator below another of its kind belongs to the run of that one. */
static void logic(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    uint32_t count = 0;
    TSNode child;
    for (bool more = wtfcb_lang_rules_first(visit, node, &child); more; more = wtfcb_lang_rules_next(visit, &child))
        if (wtfcb_lang_rules_tag(visit, child) == LOGICAL) count++;
    visit->count(visit, count, visit->above == rule ? 0 : 1);
}

/* break label, continue label */
static void jump(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    uint32_t count = ts_node_named_child_count(node);
    (void)rule;
    if (count > 0 && wtfcb_lang_rules_tag(visit, ts_node_named_child(node, count - 1)) == NAME)
        visit->count(visit, 0, 1);
}

static uint32_t visibility(wtfcb_lang_visit *visit, TSNode node, wtfcb_lang_span name, uint32_t kind)
{
    uint32_t at = name.start;
    (void)node;
    for (uint32_t i = name.start; kind == WTFCB_SYMBOL_CONSTRUCTOR && i + 1 < name.end; i++)
        if (visit->text[i] == '.') at = i + 1;
    return visit->text[at] == '_' ? WTFCB_VISIBILITY_PRIVATE : WTFCB_VISIBILITY_PUBLIC;
}

#define BRANCH WTFCB_LANG_DO_BRANCH
#define COST WTFCB_LANG_DO_COST
#define NEST WTFCB_LANG_DO_NEST
#define TOKEN WTFCB_LANG_DO_TOKEN
#define SCAN WTFCB_LANG_DO_SCAN
#define SKIP WTFCB_LANG_DO_SKIP
#define BODY WTFCB_LANG_DO_BODY
#define TYPE(type_node, kind, type_hook)                                                                               \
    {                                                                                                                  \
        .node = type_node, .actions = WTFCB_LANG_DO_TYPE, .kinds = WTFCB_LANG_ANYWHERE(kind), .hook = type_hook        \
    }
#define SIGNATURE(head_node, head_tag)                                                                                 \
    {                                                                                                                  \
        .node = head_node, .actions = SCAN,                                                                            \
        .kinds = {WTFCB_SYMBOL_FUNCTION, WTFCB_SYMBOL_METHOD, WTFCB_SYMBOL_FUNCTION}, .tag = head_tag, .hook = head    \
    }

static const wtfcb_lang_rule_spec rows[] = {
    TYPE("class_definition", WTFCB_SYMBOL_CLASS, NULL),
    TYPE("mixin_application_class", WTFCB_SYMBOL_CLASS, first_name),
    TYPE("extension_declaration", WTFCB_SYMBOL_CLASS, NULL),
    TYPE("extension_type_declaration", WTFCB_SYMBOL_CLASS, NULL),
    TYPE("mixin_declaration", WTFCB_SYMBOL_TRAIT, first_name),
    TYPE("enum_declaration", WTFCB_SYMBOL_ENUM, NULL),
    {.node = "enum_constant", .actions = SCAN, .kinds = WTFCB_LANG_ANYWHERE(WTFCB_SYMBOL_ENUM_MEMBER)},
    {.node = "type_alias", .actions = SKIP, .kinds = WTFCB_LANG_ANYWHERE(WTFCB_SYMBOL_TYPE_ALIAS), .hook = type_alias},
    SIGNATURE("function_signature", HEAD),
    SIGNATURE("getter_signature", HEAD),
    SIGNATURE("setter_signature", HEAD),
    SIGNATURE("operator_signature", OPERATOR_HEAD),
    SIGNATURE("constructor_signature", CONSTRUCTOR),
    SIGNATURE("constant_constructor_signature", CONSTRUCTOR),
    SIGNATURE("factory_constructor_signature", CONSTRUCTOR),
    SIGNATURE("redirecting_factory_constructor_signature", CONSTRUCTOR),
    {.node = "method_signature",
     .kinds = {WTFCB_SYMBOL_FUNCTION, WTFCB_SYMBOL_METHOD, WTFCB_SYMBOL_FUNCTION},
     .tag = METHOD,
     .hook = method},
    {.node = "function_body", .actions = WTFCB_LANG_DO_FUNCTION, .tag = FUNCTION_BODY, .hook = function_body},
    {.node = "function_expression", .actions = WTFCB_LANG_DO_FUNCTION},
    {.node = "static_final_declaration",
     .actions = SCAN,
     .kinds = {WTFCB_SYMBOL_CONSTANT, WTFCB_SYMBOL_CONSTANT, 0},
     .hook = first_name},
    {.node = "initialized_identifier",
     .actions = SCAN,
     .kinds = {WTFCB_SYMBOL_VARIABLE, WTFCB_SYMBOL_FIELD, 0},
     .hook = first_name},
    {.node = "representation_declaration", .actions = SKIP, .kinds = WTFCB_LANG_ANYWHERE(WTFCB_SYMBOL_FIELD)},
    {.node = "identifier", .tag = NAME},
    {.node = "type_identifier", .tag = TYPE_NAME},
    {.node = "formal_parameter_list", .actions = SCAN, .tag = LIST},
    {.node = "optional_formal_parameters", .tag = OPTIONAL},
    {.node = "formal_parameter", .actions = SCAN, .tag = PARAMETER},
    {.node = "operator", .actions = TOKEN, .tag = OPERATOR},
    {.node = "class_body", .actions = BODY},
    {.node = "library_import", .actions = SKIP, .hook = import},
    {.node = "library_export", .actions = SKIP, .tag = EXPORT, .hook = import},
    {.node = "part_directive", .actions = SKIP, .hook = import},
    {.node = "part_of_directive", .actions = SKIP},
    {.node = "library_name", .actions = SKIP},
    {.node = "import_specification", .tag = IMPORT_PART},
    {.node = "configurable_uri", .tag = IMPORT_PART},
    {.node = "uri", .tag = URI},

    {.node = "if_statement", .actions = BRANCH | COST | NEST | WTFCB_LANG_DO_IF},
    {.node = "for_statement", .actions = BRANCH | COST | NEST},
    {.node = "while_statement", .actions = BRANCH | COST | NEST},
    {.node = "do_statement", .actions = BRANCH | COST | NEST},
    {.node = "catch_clause", .actions = BRANCH | COST | SKIP, .tag = CATCH},
    {.node = "try_statement", .hook = try_statement},
    {.node = "block", .tag = BLOCK},
    {.node = "switch_statement", .actions = COST | NEST},
    {.node = "switch_statement_case", .actions = BRANCH},
    {.node = "switch_expression", .actions = COST | NEST},
    {.node = "switch_expression_case", .hook = switch_case},
    {.node = "conditional_expression", .actions = BRANCH | COST | NEST},
    {.node = "logical_and_expression", .actions = SCAN, .hook = logic},
    {.node = "logical_or_expression", .actions = SCAN, .hook = logic},
    {.node = "logical_and_operator", .tag = LOGICAL},
    {.node = "logical_or_operator", .tag = LOGICAL},
    {.node = "break_statement", .hook = jump},
    {.node = "continue_statement", .hook = jump},

    {.node = "expression_statement", .actions = SCAN},
    {.node = "local_variable_declaration", .actions = SCAN},
    {.node = "return_statement", .actions = SCAN},
    {.node = "arguments", .actions = SCAN},
    {.node = "selector", .actions = SCAN},
    {.node = "string_literal", .actions = SCAN},
    {.node = "type_arguments", .actions = SKIP},
    {.node = "type_parameters", .actions = SKIP},
    {.node = "superclass", .actions = SKIP},
    {.node = "interfaces", .actions = SKIP},
    {.node = "comment", .actions = SKIP},
    {.node = "documentation_comment", .actions = SKIP},
};

const wtfcb_lang_rules_spec wtfcb_lang_rules_dart = {.grammar = "dart",
                                                     .rows = rows,
                                                     .count = sizeof rows / sizeof *rows,
                                                     .signs = "{?",
                                                     .double_signs = "&|",
                                                     .visibility = visibility};
