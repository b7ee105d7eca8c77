/*
 * Elixir. Everything is a call there, so one hook tells by the first word what a node is.
 *
 *   defmodule, defimpl                  module (defimpl: named after the protocol)    defprotocol    interface
 *   def, defp, defdelegate              function, one for each clause; also operators
 *   defmacro, defmacrop, defguard       macro
 *   @callback, @macrocallback           method                @type, @typep, @opaque  type alias
 *   @name value in a module             constant, but for attributes that the language itself reads
 *   defstruct, defexception             field, one for each key
 *
 * A module's name is the whole `A.B` as it is written. Definitions with names made at run time (unquote) are none; those
 * in a quote belong to the macro around it. Visibility: private are defp, defmacrop, defguardp, @typep and attributes.
 * Imports: import, use, alias and require of a module (`A.{B, C}` as it is written). A branch: if, unless, with, for and each
 * clause (x -> y) but `_` and `true`, those of fn not counted; an `else` with a block costs 1.
 */
#include <string.h>

#include "lang/rules/table.h"

enum { NOTHING, CALL, NAME, ALIAS, DOT, ARGUMENTS, BINARY, UNARY, ATOM, LIST, KEYWORDS, LAMBDA };

typedef void handler(wtfcb_lang_visit *visit, TSNode node, TSNode arguments, uint32_t kind);

static void module(wtfcb_lang_visit *visit, TSNode node, TSNode arguments, uint32_t kind)
{
    TSNode name = ts_node_named_child(arguments, 0);
    if (ts_node_is_null(name)) return;
    uint8_t tag = wtfcb_lang_rules_tag(visit, name);
    visit->opens = WTFCB_LANG_DO_TYPE;
    if (tag != ALIAS && tag != DOT && tag != ATOM) return; /* made at run time */
    visit->define(visit, &(wtfcb_lang_definition){.name = wtfcb_lang_rules_span(name),
                                                  .node = node,
                                                  .kind = kind,
                                                  .signature_end = ts_node_end_byte(arguments)});
}

/* The head `f(a, b) when c`, `f`, `a + b` or `-a`: where the name stands, and how many parameters it takes. */
static wtfcb_lang_span head_name(wtfcb_lang_visit *visit, TSNode head, uint32_t *ret_parameters)
{
    TSNode part;
    *ret_parameters = 0;
    for (;;) {
        part = wtfcb_lang_rules_field(visit, head, WTFCB_LANG_FIELD_operator);
        if (ts_node_is_null(part)) break;
        wtfcb_lang_span word = wtfcb_lang_rules_span(part);
        if (!wtfcb_lang_rules_is(visit, word, "when") && !wtfcb_lang_rules_is(visit, word, "::")) break;
        head = wtfcb_lang_rules_field(visit, head, WTFCB_LANG_FIELD_left);
        if (ts_node_is_null(head)) return (wtfcb_lang_span){0};
    }
    switch (wtfcb_lang_rules_tag(visit, head)) {
    case NAME: return wtfcb_lang_rules_span(head);
    case BINARY:
    case UNARY:
        if (ts_node_is_null(part)) break;
        *ret_parameters = wtfcb_lang_rules_tag(visit, head) == BINARY ? 2 : 1;
        return wtfcb_lang_rules_span(part);
    case CALL:
        part = ts_node_child(head, 0);
        if (ts_node_is_null(part) || wtfcb_lang_rules_tag(visit, part) != NAME) break; /* unquote(f)(...) */
        wtfcb_lang_span name = wtfcb_lang_rules_span(part);
        if (wtfcb_lang_rules_is(visit, name, "unquote")) break;
        part = ts_node_child(head, 1);
        if (!ts_node_is_null(part) && wtfcb_lang_rules_tag(visit, part) == ARGUMENTS)
            *ret_parameters = wtfcb_lang_rules_count(visit, part);
        return name;
    default: break;
    }
    return (wtfcb_lang_span){0};
}

static void function(wtfcb_lang_visit *visit, TSNode node, TSNode arguments, uint32_t kind)
{
    TSNode head = ts_node_named_child(arguments, 0);
    if (ts_node_is_null(head)) return;
    wtfcb_lang_definition definition = {.node = node, .kind = kind, .signature_end = ts_node_end_byte(head)};
    definition.name = head_name(visit, head, &definition.parameters);
    visit->define(visit, &definition);
    visit->pending = wtfcb_lang_rules_span(head); /* a call in form only: `defmacro if(a, b)` */
    visit->opens = WTFCB_LANG_DO_FUNCTION;
}

static void field(wtfcb_lang_visit *visit, TSNode node, TSNode key)
{
    wtfcb_lang_span span = wtfcb_lang_rules_span(key);
    if (span.end > visit->length || span.start >= span.end) return;
    if (wtfcb_lang_rules_byte(visit, span) == ':') span.start++, span.column++;
    while (span.end > span.start && strchr(": \t\r\n", visit->text[span.end - 1]))
        span.end--;
    visit->define(visit, &(wtfcb_lang_definition){.name = span, .node = node, .kind = WTFCB_SYMBOL_FIELD});
}

/* Atoms and keys of [:a, b: 1], or without the brackets. */
static void structure(wtfcb_lang_visit *visit, TSNode node, TSNode arguments, uint32_t kind)
{
    TSNode first = ts_node_named_child(arguments, 0), child, pair;
    (void)kind;
    TSNode list = !ts_node_is_null(first) && wtfcb_lang_rules_tag(visit, first) == LIST ? first : arguments;
    for (bool more = wtfcb_lang_rules_first(visit, list, &child); more; more = wtfcb_lang_rules_next(visit, &child)) {
        uint8_t tag = wtfcb_lang_rules_tag(visit, child);
        if (tag == ATOM) field(visit, node, child);
        if (tag != KEYWORDS) continue;
        bool some = wtfcb_lang_rules_first(visit, child, &pair);
        for (; some; some = wtfcb_lang_rules_next(visit, &pair)) {
            TSNode key = wtfcb_lang_rules_field(visit, pair, WTFCB_LANG_FIELD_key);
            if (!ts_node_is_null(key)) field(visit, node, key);
        }
    }
}

static void import(wtfcb_lang_visit *visit, TSNode node, TSNode arguments, uint32_t kind)
{
    TSNode name = ts_node_named_child(arguments, 0);
    (void)kind;
    if (ts_node_is_null(name)) return;
    uint8_t tag = wtfcb_lang_rules_tag(visit, name);
    if (tag == ALIAS || tag == DOT) visit->import(visit, node, wtfcb_lang_rules_span(name), WTFCB_IMPORT_MODULE);
}

#define STRUCTURE (WTFCB_LANG_DO_COST | WTFCB_LANG_DO_NEST_ALL)

static const struct word {
    const char *name;
    handler *handle; /* NULL: a control structure */
    uint32_t kind;   /* of the symbol, or what the structure does */
} words[] = {
    {"def", function, WTFCB_SYMBOL_FUNCTION},
    {"defp", function, WTFCB_SYMBOL_FUNCTION},
    {"defdelegate", function, WTFCB_SYMBOL_FUNCTION},
    {"defmacro", function, WTFCB_SYMBOL_MACRO},
    {"defmacrop", function, WTFCB_SYMBOL_MACRO},
    {"defguard", function, WTFCB_SYMBOL_MACRO},
    {"defguardp", function, WTFCB_SYMBOL_MACRO},
    {"defmodule", module, WTFCB_SYMBOL_MODULE},
    {"defimpl", module, WTFCB_SYMBOL_MODULE},
    {"defprotocol", module, WTFCB_SYMBOL_INTERFACE},
    {"defstruct", structure, 0},
    {"defexception", structure, 0},
    {"import", import, 0},
    {"use", import, 0},
    {"alias", import, 0},
    {"require", import, 0},
    {"if", NULL, WTFCB_LANG_DO_BRANCH | STRUCTURE},
    {"unless", NULL, WTFCB_LANG_DO_BRANCH | STRUCTURE},
    {"for", NULL, WTFCB_LANG_DO_BRANCH | STRUCTURE},
    {"with", NULL, WTFCB_LANG_DO_BRANCH | STRUCTURE},
    {"case", NULL, STRUCTURE},
    {"cond", NULL, STRUCTURE},
    {"receive", NULL, STRUCTURE},
};

static const struct word *find_word(const char *text, size_t length)
{
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (*words[i].name == *text && strlen(words[i].name) == length && memcmp(words[i].name, text, length) == 0)
            return &words[i];
    return NULL;
}

/* Calls are many: the text tells most of them apart without a look at their children. */
static void call(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    uint32_t start = ts_node_start_byte(node), end = start;
    (void)rule;
    if (start == visit->pending.start && visit->pending.end > 0) return;
    while (end < visit->length && visit->text[end] >= 'a' && visit->text[end] <= 'z')
        end++;
    const struct word *word = end > start ? find_word(visit->text + start, end - start) : NULL;
    if (!word) return;
    TSNode target = ts_node_child(node, 0), arguments = ts_node_child(node, 1);
    if (ts_node_is_null(arguments) || ts_node_end_byte(target) != end) return;
    if (!word->handle)
        visit->also = word->kind;
    else if (wtfcb_lang_rules_tag(visit, arguments) == ARGUMENTS)
        word->handle(visit, node, arguments, word->kind);
}

/* Attributes that say something of the module or of the next definition instead of holding a value. */
static bool is_reserved(const wtfcb_lang_visit *visit, wtfcb_lang_span name)
{
    static const char *const reserved[] = {"after_compile", "after_verify",   "before_compile",
                                           "behaviour",     "compile",        "deprecated",
                                           "derive",        "dialyzer",       "doc",
                                           "file",          "enforce_keys",   "external_resource",
                                           "impl",          "moduledoc",      "on_definition",
                                           "on_load",       "spec",           "optional_callbacks",
                                           "since",         "typedoc",        "vsn",
                                           "nifs",          "fallback_to_any"};
    for (size_t i = 0; i < sizeof reserved / sizeof *reserved; i++)
        if (wtfcb_lang_rules_is(visit, name, reserved[i])) return true;
    return false;
}

static void attribute(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    static const struct {
        const char *name;
        uint32_t kind;
    } kinds[] = {{"type", WTFCB_SYMBOL_TYPE_ALIAS},
                 {"typep", WTFCB_SYMBOL_TYPE_ALIAS},
                 {"opaque", WTFCB_SYMBOL_TYPE_ALIAS},
                 {"callback", WTFCB_SYMBOL_METHOD},
                 {"macrocallback", WTFCB_SYMBOL_METHOD}};
    (void)rule;
    uint32_t start = ts_node_start_byte(node);
    if (start >= visit->length || visit->text[start] != '@') return;
    TSNode operand = ts_node_named_child(node, 0);
    if (ts_node_is_null(operand) || wtfcb_lang_rules_tag(visit, operand) != CALL) return;
    TSNode target = ts_node_child(operand, 0), arguments = ts_node_child(operand, 1);
    if (ts_node_is_null(arguments) || wtfcb_lang_rules_tag(visit, arguments) != ARGUMENTS) return;
    wtfcb_lang_definition definition = {
        .name = wtfcb_lang_rules_span(target), .node = node, .kind = WTFCB_SYMBOL_CONSTANT};
    if (is_reserved(visit, definition.name)) return;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (!wtfcb_lang_rules_is(visit, definition.name, kinds[i].name)) continue;
        TSNode head = ts_node_named_child(arguments, 0);
        if (ts_node_is_null(head)) return;
        definition.kind = kinds[i].kind;
        definition.name = head_name(visit, head, &definition.parameters);
        if (definition.kind == WTFCB_SYMBOL_TYPE_ALIAS) definition.parameters = 0;
        break;
    }
    visit->define(visit, &definition);
}

/* `x -> y` in a case, cond, receive, with or rescue; in fn it is the lambda's own. */
static void clause(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    TSNode left = wtfcb_lang_rules_field(visit, node, WTFCB_LANG_FIELD_left);
    (void)rule;
    if (visit->above->tag == LAMBDA || ts_node_is_null(left)) return;
    wtfcb_lang_span span = wtfcb_lang_rules_span(left);
    if (!wtfcb_lang_rules_is(visit, span, "_") && !wtfcb_lang_rules_is(visit, span, "true")) visit->count(visit, 1, 0);
}

static uint32_t visibility(wtfcb_lang_visit *visit, TSNode node, wtfcb_lang_span name, uint32_t kind)
{
    static const char *const hidden[] = {"defp ", "defp(", "defmacrop", "defguardp", "@typep"};
    (void)name;
    if (kind == WTFCB_SYMBOL_CONSTANT) return WTFCB_VISIBILITY_PRIVATE;
    wtfcb_lang_span span = wtfcb_lang_rules_span(node);
    for (size_t i = 0; i < sizeof hidden / sizeof *hidden; i++)
        if (wtfcb_lang_rules_starts(visit, span, hidden[i])) return WTFCB_VISIBILITY_PRIVATE;
    return WTFCB_VISIBILITY_PUBLIC;
}

#define COST WTFCB_LANG_DO_COST
#define TOKEN WTFCB_LANG_DO_TOKEN
#define SCAN WTFCB_LANG_DO_SCAN
#define SKIP WTFCB_LANG_DO_SKIP

static const wtfcb_lang_rule_spec rows[] = {
    {.node = "call", .actions = SCAN, .tag = CALL, .hook = call},
    {.node = "unary_operator",
     .actions = SCAN,
     .kinds = {0, WTFCB_SYMBOL_CONSTANT, 0},
     .tag = UNARY,
     .hook = attribute},
    {.node = "identifier", .tag = NAME},
    {.node = "alias", .tag = ALIAS},
    {.node = "dot", .actions = SCAN, .tag = DOT},
    {.node = "arguments", .tag = ARGUMENTS},
    {.node = "atom", .tag = ATOM},
    {.node = "list", .actions = SCAN, .tag = LIST},
    {.node = "keywords", .actions = SCAN, .tag = KEYWORDS},
    {.node = "anonymous_function", .actions = WTFCB_LANG_DO_FUNCTION, .tag = LAMBDA},

    {.node = "stab_clause", .hook = clause},
    {.node = "else_block", .actions = WTFCB_LANG_DO_FLAT},
    {.node = "rescue_block", .actions = COST | WTFCB_LANG_DO_NEST_ALL},
    {.node = "catch_block", .actions = COST | WTFCB_LANG_DO_NEST_ALL},
    {.node = "binary_operator", .actions = WTFCB_LANG_DO_LOGIC | SCAN, .tag = BINARY},
    {.node = "block", .actions = WTFCB_LANG_DO_GROUP},
    {.node = "&&", .actions = TOKEN | WTFCB_LANG_DO_AND},
    {.node = "and", .actions = TOKEN | WTFCB_LANG_DO_AND},
    {.node = "||", .actions = TOKEN | WTFCB_LANG_DO_OR},
    {.node = "or", .actions = TOKEN | WTFCB_LANG_DO_OR},

    {.node = "tuple", .actions = SCAN},
    {.node = "map", .actions = SCAN},
    {.node = "access_call", .actions = SCAN},
    {.node = "string", .actions = SCAN},
    {.node = "sigil", .actions = SKIP},
    {.node = "charlist", .actions = SKIP},
    {.node = "comment", .actions = SKIP},
};

const wtfcb_lang_rules_spec wtfcb_lang_rules_elixir = {
    .grammar = "elixir",
    .rows = rows,
    .count = sizeof rows / sizeof *rows,
    .double_signs = "&|",
    .words = "def import use alias require if unless for with case cond receive fn and or rescue catch else",
    .visibility = visibility};
