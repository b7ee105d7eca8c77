/*
 * Lua.
 *
 *   function f, local function f        function
 *   function a.f, a.b = function        function f, b         function a:f                   method f
 *   x = function                        function, also in a function
 *   x = ..., local x at file level      variable              local x <const>                constant
 *   key of a table that such a          property; method if it holds a function
 *     variable holds
 *   key of any other table              function if it holds one
 *
 * Locals of a block at file level, fields that are assigned (a.b = 1) and other locals are no symbols. Each assignment to
 * a plain name at file level counts. Visibility: what is `local` is private. Imports: require is a module, within
 * pcall(require, "x") a dynamic one, as dofile and loadfile are; only plain strings count.
 */
#include <string.h>

#include "lang/rules/table.h"

enum { NOTHING, CHUNK, LOCAL, ASSIGNMENT, NAME, INDEX, METHOD, BRACKET, FUNCTION, TABLE, STRING, TEXT };

static TSNode last_child(TSNode node)
{
    uint32_t count = ts_node_named_child_count(node);
    return count > 0 ? ts_node_named_child(node, count - 1) : (TSNode){0};
}

/* The text of a plain string; empty for others. */
static wtfcb_lang_span string_text(const wtfcb_lang_visit *visit, TSNode node)
{
    if (ts_node_is_null(node) || wtfcb_lang_rules_tag(visit, node) != STRING) return (wtfcb_lang_span){0};
    TSNode content = ts_node_named_child(node, 0);
    if (ts_node_is_null(content) || wtfcb_lang_rules_tag(visit, content) != TEXT) return (wtfcb_lang_span){0};
    return wtfcb_lang_rules_span(content);
}

/* The last part of a.b.c, a:c or a["c"]; empty for a[i]. */
static wtfcb_lang_span last_name(const wtfcb_lang_visit *visit, TSNode node)
{
    uint8_t tag = wtfcb_lang_rules_tag(visit, node);
    if (tag == INDEX || tag == METHOD || tag == BRACKET) node = last_child(node);
    if (ts_node_is_null(node)) return (wtfcb_lang_span){0};
    bool plain = tag != BRACKET && wtfcb_lang_rules_tag(visit, node) == NAME;
    return plain ? wtfcb_lang_rules_span(node) : string_text(visit, node);
}

/* What holds a function is one and owns it; its head ends with the parameters. */
static void define_value(wtfcb_lang_visit *visit, TSNode node, wtfcb_lang_span name, TSNode value, uint32_t kind,
                         uint32_t function_kind)
{
    uint8_t tag = ts_node_is_null(value) ? (uint8_t)NOTHING : wtfcb_lang_rules_tag(visit, value);
    wtfcb_lang_definition definition = {.name = name, .node = node, .kind = kind};
    if (tag == FUNCTION) {
        TSNode list = wtfcb_lang_rules_field(visit, value, WTFCB_LANG_FIELD_parameters);
        definition.kind = function_kind;
        definition.parameters = wtfcb_lang_rules_count(visit, list);
        if (!ts_node_is_null(list)) definition.signature_end = ts_node_end_byte(list);
    }
    if (definition.kind == 0) return;
    visit->define(visit, &definition);
    visit->own = visit->symbol != WTFCB_LANG_NO_SYMBOL && (tag == FUNCTION || tag == TABLE);
}

static void function(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    TSNode name = wtfcb_lang_rules_field(visit, node, WTFCB_LANG_FIELD_name);
    TSNode list = wtfcb_lang_rules_field(visit, node, WTFCB_LANG_FIELD_parameters);
    (void)rule;
    if (ts_node_is_null(name)) return;
    bool method = wtfcb_lang_rules_tag(visit, name) == METHOD;
    visit->define(visit,
                  &(wtfcb_lang_definition){.name = last_name(visit, name),
                                           .node = node,
                                           .kind = method ? WTFCB_SYMBOL_METHOD : WTFCB_SYMBOL_FUNCTION,
                                           .parameters = wtfcb_lang_rules_count(visit, list),
                                           .signature_end = ts_node_end_byte(ts_node_is_null(list) ? name : list)});
}

/* Names on the left in `node`; with one name, what it holds counts. */
static void define_names(wtfcb_lang_visit *visit, TSNode node, TSNode names, TSNode values, bool file_level)
{
    TSNode child, value = {0};
    uint32_t kind = file_level ? WTFCB_SYMBOL_VARIABLE : 0;
    if (!ts_node_is_null(values)) value = ts_node_named_child(values, 0);
    wtfcb_lang_span all = wtfcb_lang_rules_span(names);
    if (all.end <= visit->length && memmem(visit->text + all.start, all.end - all.start, "<const>", 7) && kind)
        kind = WTFCB_SYMBOL_CONSTANT;
    bool first = true;
    for (bool more = wtfcb_lang_rules_first(visit, names, &child); more; more = wtfcb_lang_rules_next(visit, &child)) {
        uint8_t tag = wtfcb_lang_rules_tag(visit, child);
        if (tag != NAME && tag != INDEX && tag != BRACKET) continue;
        define_value(visit, node, last_name(visit, child), first ? value : (TSNode){0}, tag == NAME ? kind : 0,
                     WTFCB_SYMBOL_FUNCTION);
        first = false;
    }
}

static void assignment(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    TSNode names = ts_node_named_child(node, 0);
    (void)rule;
    if (visit->above->tag == LOCAL || ts_node_is_null(names)) return;
    define_names(visit, node, names, last_child(node), visit->scope == WTFCB_LANG_SCOPE_FILE);
}

static void local(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    TSNode names = ts_node_named_child(node, 0), values = {0};
    (void)rule;
    if (ts_node_is_null(names)) return;
    if (wtfcb_lang_rules_tag(visit, names) == ASSIGNMENT) {
        values = last_child(names);
        names = ts_node_named_child(names, 0);
        if (ts_node_is_null(names)) return;
    }
    define_names(visit, node, names, values, visit->scope == WTFCB_LANG_SCOPE_FILE && visit->above->tag == CHUNK);
}

static void field(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    TSNode name = wtfcb_lang_rules_field(visit, node, WTFCB_LANG_FIELD_name);
    TSNode value = wtfcb_lang_rules_field(visit, node, WTFCB_LANG_FIELD_value);
    (void)rule;
    bool member = visit->scope == WTFCB_LANG_SCOPE_TYPE;
    if (ts_node_is_null(name)) return;
    bool bracket = ts_node_start_byte(node) != ts_node_start_byte(name); /* [key] = ... */
    wtfcb_lang_span span = bracket ? string_text(visit, name) : last_name(visit, name);
    define_value(visit, node, span, value, member ? WTFCB_SYMBOL_PROPERTY : 0,
                 member ? WTFCB_SYMBOL_METHOD : WTFCB_SYMBOL_FUNCTION);
}

/* Calls are many: the text tells most of them apart without a look at their children. */
static void call(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    static const struct {
        const char *name;
        uint32_t kind;
    } words[] = {{"require", WTFCB_IMPORT_MODULE},
                 {"dofile", WTFCB_IMPORT_DYNAMIC},
                 {"loadfile", WTFCB_IMPORT_DYNAMIC},
                 {"pcall", WTFCB_IMPORT_DYNAMIC}};
    uint32_t start = ts_node_start_byte(node);
    (void)rule;
    if (start >= visit->length || !strchr("rdlp", visit->text[start])) return;
    TSNode name = wtfcb_lang_rules_field(visit, node, WTFCB_LANG_FIELD_name);
    TSNode list = wtfcb_lang_rules_field(visit, node, WTFCB_LANG_FIELD_arguments);
    if (ts_node_is_null(name) || ts_node_is_null(list)) return;
    wtfcb_lang_span span = wtfcb_lang_rules_span(name);
    TSNode argument = ts_node_named_child(list, 0);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (!wtfcb_lang_rules_is(visit, span, words[i].name) || ts_node_is_null(argument)) continue;
        if (*words[i].name == 'p') {
            if (!wtfcb_lang_rules_is(visit, wtfcb_lang_rules_span(argument), "require")) return;
            argument = ts_node_named_child(list, 1);
        }
        visit->import(visit, node, string_text(visit, argument), words[i].kind);
    }
}

static uint32_t visibility(wtfcb_lang_visit *visit, TSNode node, wtfcb_lang_span name, uint32_t kind)
{
    (void)name, (void)kind;
    wtfcb_lang_span span = wtfcb_lang_rules_span(node);
    uint32_t behind = span.start + 5;
    bool hidden = visit->scope == WTFCB_LANG_SCOPE_FILE && behind < visit->length &&
                  wtfcb_lang_rules_starts(visit, span, "local") && strchr(" \t\r\n", visit->text[behind]);
    return hidden ? WTFCB_VISIBILITY_PRIVATE : WTFCB_VISIBILITY_PUBLIC;
}

#define BRANCH WTFCB_LANG_DO_BRANCH
#define COST WTFCB_LANG_DO_COST
#define FLAT WTFCB_LANG_DO_FLAT
#define NEST WTFCB_LANG_DO_NEST
#define TOKEN WTFCB_LANG_DO_TOKEN
#define SCAN WTFCB_LANG_DO_SCAN
#define SCAN_LOCAL WTFCB_LANG_DO_SCAN_LOCAL

static const wtfcb_lang_rule_spec rows[] = {
    {.node = "chunk", .tag = CHUNK},
    {.node = "function_declaration", .actions = WTFCB_LANG_DO_FUNCTION, .hook = function},
    {.node = "function_definition", .actions = WTFCB_LANG_DO_FUNCTION, .tag = FUNCTION},
    {.node = "variable_declaration", .actions = SCAN_LOCAL, .tag = LOCAL, .hook = local},
    {.node = "assignment_statement", .actions = SCAN_LOCAL, .tag = ASSIGNMENT, .hook = assignment},
    {.node = "table_constructor", .actions = WTFCB_LANG_DO_TYPE | WTFCB_LANG_DO_OWNED | SCAN_LOCAL, .tag = TABLE},
    {.node = "field", .actions = SCAN_LOCAL, .hook = field},
    {.node = "function_call", .actions = SCAN, .hook = call},
    {.node = "identifier", .tag = NAME},
    {.node = "dot_index_expression", .actions = SCAN, .tag = INDEX},
    {.node = "bracket_index_expression", .actions = SCAN, .tag = BRACKET},
    {.node = "method_index_expression", .actions = SCAN, .tag = METHOD},
    {.node = "string", .actions = WTFCB_LANG_DO_SKIP, .tag = STRING},
    {.node = "string_content", .tag = TEXT},

    {.node = "if_statement", .actions = BRANCH | COST | NEST | WTFCB_LANG_DO_IF},
    {.node = "elseif_statement", .actions = BRANCH | FLAT | NEST | WTFCB_LANG_DO_ELSE},
    {.node = "else_statement", .actions = FLAT | NEST | WTFCB_LANG_DO_ELSE},
    {.node = "for_statement", .actions = BRANCH | COST | NEST},
    {.node = "while_statement", .actions = BRANCH | COST | NEST},
    {.node = "repeat_statement", .actions = BRANCH | COST | NEST},
    {.node = "goto_statement", .actions = FLAT},
    {.node = "binary_expression", .actions = WTFCB_LANG_DO_LOGIC | SCAN},
    {.node = "parenthesized_expression", .actions = WTFCB_LANG_DO_GROUP | SCAN},
    {.node = "and", .actions = TOKEN | WTFCB_LANG_DO_AND},
    {.node = "or", .actions = TOKEN | WTFCB_LANG_DO_OR},

    {.node = "arguments", .actions = SCAN},
    {.node = "parameters", .actions = SCAN},
    {.node = "return_statement", .actions = SCAN},
    {.node = "variable_list", .actions = SCAN},
};

const wtfcb_lang_rules_spec wtfcb_lang_rules_lua = {.grammar = "lua",
                                                    .rows = rows,
                                                    .count = sizeof rows / sizeof *rows,
                                                    .words = "function and or require dofile loadfile",
                                                    .visibility = visibility};
