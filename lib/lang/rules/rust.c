/*
 * Rust.
 *
 *   fn                                  function; in a trait or an impl: method
 *   struct, union, enum, variant        struct, union, enum, enum member
 *   named field                         field
 *   trait                               trait
 *   type, an associated type            type alias
 *   const, static outside functions     constant, variable
 *   mod {...}                           module
 *   macro_rules!                        macro
 *
 * An impl is no symbol of its own: what it holds has the parent that the impl has. What a foreign block declares is no
 * definition. What macros expand to is not seen. Exported: `pub` of any reach, variants, what is in a trait or the
 * implementation of one, and macros marked #[macro_export]. Imports: `use` as it is written, `pub use` as passed on, `mod x;`, `extern crate x`.
 */
#include "lang/rules/table.h"

enum { NOTHING, VISIBILITY };

static bool is_public(wtfcb_lang_visit *visit, TSNode node)
{
    TSNode child;
    bool found = false;
    for (bool more = wtfcb_lang_rules_first(visit, node, &child); more; more = wtfcb_lang_rules_next(visit, &child))
        if (wtfcb_lang_rules_tag(visit, child) == VISIBILITY) found = true;
    return found;
}

/* A macro is exported by an attribute in front of it: keep the place until the macro comes. */
static void attribute(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    wtfcb_lang_span text = {.start = ts_node_start_byte(node), .end = ts_node_end_byte(node)};
    (void)rule;
    if (wtfcb_lang_rules_starts(visit, text, "#[macro_export")) visit->pending = text;
}

/* The end of a comment or an attribute that begins at `from`; `from` if none does. */
static uint32_t skip_mark(const char *text, uint32_t from, uint32_t end)
{
    if (end - from < 2 || (text[from] != '/' && text[from] != '#')) return from;
    bool line = text[from + 1] == '/', block = text[from] == '/' && text[from + 1] == '*';
    uint32_t depth = 0;
    for (uint32_t i = from; i < end; i++) {
        if (line && text[i] == '\n') return i;
        if (block && i > from + 2 && text[i] == '/' && text[i - 1] == '*') return i + 1;
        if (line || block) continue;
        if (text[i] == '[') depth++;
        if (text[i] == ']' && --depth == 0) return i + 1;
    }
    return end;
}

static void macro(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    TSNode name = wtfcb_lang_rules_field(visit, node, WTFCB_LANG_FIELD_name);
    uint32_t at = visit->pending.end, start = ts_node_start_byte(node);
    bool marked = at > 0 && at <= start;
    visit->pending = (wtfcb_lang_span){0};
    if (ts_node_is_null(name)) return;
    for (uint32_t next; marked && at < start; at = next) { /* only comments and more attributes may stand in between */
        char c = visit->text[at];
        next = c == ' ' || c == '\t' || c == '\r' || c == '\n' ? at + 1 : skip_mark(visit->text, at, start);
        marked = next > at;
    }
    visit->define(visit,
                  &(wtfcb_lang_definition){
                      .name = wtfcb_lang_rules_span(name), .node = node, .kind = rule->kinds[0], .exported = marked});
}

static void use(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    TSNode path = wtfcb_lang_rules_field(visit, node, WTFCB_LANG_FIELD_argument);
    (void)rule;
    if (ts_node_is_null(path)) return;
    uint32_t kind = is_public(visit, node) ? WTFCB_IMPORT_REEXPORT : WTFCB_IMPORT_MODULE;
    visit->import(visit, node, wtfcb_lang_rules_span(path), kind);
}

static void extern_crate(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    TSNode name = wtfcb_lang_rules_field(visit, node, WTFCB_LANG_FIELD_name);
    (void)rule;
    if (!ts_node_is_null(name)) visit->import(visit, node, wtfcb_lang_rules_span(name), WTFCB_IMPORT_MODULE);
}

/* `mod x;` is an import, `mod x {}` a module. */
static void module(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    if (ts_node_is_null(wtfcb_lang_rules_field(visit, node, WTFCB_LANG_FIELD_body))) {
        extern_crate(visit, node, rule);
        return;
    }
    TSNode name = wtfcb_lang_rules_field(visit, node, WTFCB_LANG_FIELD_name);
    if (!ts_node_is_null(name)) wtfcb_lang_rules_define(visit, node, wtfcb_lang_rules_span(name), rule->kinds[0]);
}

/* `const _: T = ...` has no name. */
static void constant(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    TSNode name = wtfcb_lang_rules_field(visit, node, WTFCB_LANG_FIELD_name);
    if (ts_node_is_null(name) || wtfcb_lang_rules_is(visit, wtfcb_lang_rules_span(name), "_")) return;
    wtfcb_lang_rules_define(visit, node, wtfcb_lang_rules_span(name), rule->kinds[visit->scope]);
}

static void implementation(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    (void)rule;
    visit->members_exported = !ts_node_is_null(wtfcb_lang_rules_field(visit, node, WTFCB_LANG_FIELD_trait));
}

/* `_ =>` is the default and no branch. */
static void match_arm(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    TSNode pattern = wtfcb_lang_rules_field(visit, node, WTFCB_LANG_FIELD_pattern);
    (void)rule;
    if (ts_node_is_null(pattern) || !wtfcb_lang_rules_is(visit, wtfcb_lang_rules_span(pattern), "_"))
        visit->count(visit, 1, 0);
}

static bool exported(wtfcb_lang_visit *visit, TSNode node, wtfcb_lang_span name, uint32_t kind)
{
    (void)name;
    if (kind == WTFCB_SYMBOL_ENUM_MEMBER || visit->exporting) return true;
    if (visit->parent_kind == WTFCB_SYMBOL_TRAIT || visit->parent_kind == WTFCB_SYMBOL_ENUM_MEMBER) return true;
    return is_public(visit, node);
}

/* `pub(crate)` and its kin are the crate's. */
static uint32_t visibility(wtfcb_lang_visit *visit, TSNode node, wtfcb_lang_span name, uint32_t kind)
{
    static const wtfcb_lang_modifier words[] = {{"pub(", WTFCB_VISIBILITY_INTERNAL}, {NULL, WTFCB_VISIBILITY_NONE}};
    (void)kind;
    return wtfcb_lang_rules_modifier(visit, node, name, NULL, words);
}

#define BRANCH WTFCB_LANG_DO_BRANCH
#define COST WTFCB_LANG_DO_COST
#define NEST WTFCB_LANG_DO_NEST
#define TOKEN WTFCB_LANG_DO_TOKEN
#define SCAN WTFCB_LANG_DO_SCAN
#define SKIP WTFCB_LANG_DO_SKIP
#define TYPE(type, kind)                                                                                               \
    {                                                                                                                  \
        .node = type, .actions = WTFCB_LANG_DO_TYPE, .kinds = WTFCB_LANG_ANYWHERE(kind)                                \
    }

static const wtfcb_lang_rule_spec rows[] = {
    {.node = "function_item",
     .actions = WTFCB_LANG_DO_FUNCTION,
     .kinds = {WTFCB_SYMBOL_FUNCTION, WTFCB_SYMBOL_METHOD, WTFCB_SYMBOL_FUNCTION}},
    {.node = "function_signature_item", .actions = SCAN, .kinds = {0, WTFCB_SYMBOL_METHOD, 0}},
    TYPE("struct_item", WTFCB_SYMBOL_STRUCT),
    TYPE("union_item", WTFCB_SYMBOL_UNION),
    TYPE("enum_item", WTFCB_SYMBOL_ENUM),
    TYPE("enum_variant", WTFCB_SYMBOL_ENUM_MEMBER),
    TYPE("trait_item", WTFCB_SYMBOL_TRAIT),
    {.node = "impl_item", .actions = WTFCB_LANG_DO_TYPE, .hook = implementation},
    {.node = "field_declaration", .actions = SCAN, .kinds = {0, WTFCB_SYMBOL_FIELD, 0}},
    {.node = "type_item", .actions = SCAN, .kinds = WTFCB_LANG_ANYWHERE(WTFCB_SYMBOL_TYPE_ALIAS)},
    {.node = "associated_type", .actions = SCAN, .kinds = WTFCB_LANG_ANYWHERE(WTFCB_SYMBOL_TYPE_ALIAS)},
    {.node = "const_item",
     .actions = SCAN,
     .kinds = {WTFCB_SYMBOL_CONSTANT, WTFCB_SYMBOL_CONSTANT, 0},
     .hook = constant},
    {.node = "static_item", .actions = SCAN, .kinds = {WTFCB_SYMBOL_VARIABLE, WTFCB_SYMBOL_VARIABLE, 0}},
    {.node = "foreign_mod_item", .actions = SKIP},
    {.node = "mod_item",
     .actions = WTFCB_LANG_DO_SPACE,
     .kinds = WTFCB_LANG_ANYWHERE(WTFCB_SYMBOL_MODULE),
     .hook = module},
    {.node = "macro_definition", .actions = SKIP, .kinds = WTFCB_LANG_ANYWHERE(WTFCB_SYMBOL_MACRO), .hook = macro},
    {.node = "closure_expression", .actions = WTFCB_LANG_DO_FUNCTION},
    {.node = "visibility_modifier", .actions = SKIP, .tag = VISIBILITY},
    {.node = "attribute_item", .actions = SKIP | WTFCB_LANG_DO_NO_COUNT, .hook = attribute},
    {.node = "inner_attribute_item", .actions = SKIP},
    {.node = "token_tree", .actions = SKIP},
    {.node = "variadic_parameter", .actions = WTFCB_LANG_DO_NO_COUNT},
    {.node = "use_declaration", .actions = SKIP, .hook = use},
    {.node = "extern_crate_declaration", .actions = SKIP, .hook = extern_crate},

    {.node = "if_expression", .actions = BRANCH | COST | NEST | WTFCB_LANG_DO_IF},
    {.node = "else_clause", .actions = WTFCB_LANG_DO_FLAT | WTFCB_LANG_DO_ELSE},
    {.node = "while_expression", .actions = BRANCH | COST | NEST},
    {.node = "loop_expression", .actions = BRANCH | COST | NEST},
    {.node = "for_expression", .actions = BRANCH | COST | NEST},
    {.node = "match_expression", .actions = COST | NEST},
    {.node = "match_arm", .hook = match_arm},
    {.node = "break_expression", .hook = wtfcb_lang_rules_label},
    {.node = "continue_expression", .hook = wtfcb_lang_rules_label},
    {.node = "binary_expression", .actions = WTFCB_LANG_DO_LOGIC | SCAN},
    {.node = "let_chain", .actions = WTFCB_LANG_DO_LOGIC},
    {.node = "parenthesized_expression", .actions = WTFCB_LANG_DO_GROUP | SCAN},
    {.node = "&&", .actions = TOKEN | WTFCB_LANG_DO_AND},
    {.node = "||", .actions = TOKEN | WTFCB_LANG_DO_OR},

    {.node = "expression_statement", .actions = SCAN},
    {.node = "let_declaration", .actions = SCAN},
    {.node = "call_expression", .actions = SCAN},
    {.node = "arguments", .actions = SCAN},
    {.node = "parameters", .actions = SCAN},
    {.node = "generic_type", .actions = SCAN},
    {.node = "type_arguments", .actions = SCAN},
    {.node = "string_literal", .actions = SKIP},
    {.node = "line_comment", .actions = SKIP},
    {.node = "block_comment", .actions = SKIP},
};

const wtfcb_lang_rules_spec wtfcb_lang_rules_rust = {.grammar = "rust",
                                                     .rows = rows,
                                                     .count = sizeof rows / sizeof *rows,
                                                     .signs = "{",
                                                     .double_signs = "&|",
                                                     .words = "break continue",
                                                     .exported = exported,
                                                     .visibility = visibility};
