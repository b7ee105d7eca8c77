/*
 * Ruby.
 *
 *   class, module                       class, module; of A::B the name is B
 *   X = Class.new, Module.new           class, module         X = Struct.new, Data.define    struct
 *   any other X = ..., X ||= ...        constant
 *   def in a class, module or block     method, initialize: constructor; also `def x.y` anywhere
 *   def at file level                   function
 *   alias, alias_method, define_method  method
 *   attr_accessor and its like          property, one for each name (a writer `a=` is no symbol of its own)
 *   @@x = in a class                    field                 $x = at file level             variable
 *
 * `class << self` is no symbol: what it holds belongs to the class around it. So does what stands in the block of
 * `X = Class.new do`, and in any block outside methods (`included do`). Local variables, instance variables and the
 * members of a Struct are no symbols. Visibility: of methods and properties what `private`, `protected` or `public`
 * says, alone on its line for those that follow or in front of one; names listed behind it (`private :a`) and
 * private_constant are not seen. Constants, classes and `def self.x` are public, class variables private. Imports:
 * require is a module, require_relative a file, load and autoload are dynamic; only plain strings count.
 */
#include <string.h>

#include "lang/rules/table.h"

enum { NOTHING, CONSTANT, SCOPED, GLOBAL, CLASS_VARIABLE, LIST, CALL, ARGUMENTS, SYMBOL, STRING, BODY };

static void define(wtfcb_lang_visit *visit, TSNode node, wtfcb_lang_span name, uint32_t kind)
{
    visit->define(visit, &(wtfcb_lang_definition){.name = name, .node = node, .kind = kind});
}

/* Last part of A::B. */
static TSNode last_name(const wtfcb_lang_visit *visit, TSNode node)
{
    if (ts_node_is_null(node) || wtfcb_lang_rules_tag(visit, node) != SCOPED) return node;
    return wtfcb_lang_rules_field(visit, node, WTFCB_LANG_FIELD_name);
}

static void type(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    TSNode name = last_name(visit, wtfcb_lang_rules_field(visit, node, WTFCB_LANG_FIELD_name));
    if (ts_node_is_null(name)) return;
    TSNode body = wtfcb_lang_rules_field(visit, node, WTFCB_LANG_FIELD_body), child;
    wtfcb_lang_definition definition = {.name = wtfcb_lang_rules_span(name),
                                        .node = node,
                                        .kind = rule->kinds[visit->scope],
                                        .signature_end = ts_node_end_byte(name),
                                        .apart = true};
    if (ts_node_is_null(body)) { /* class A < B; end */
        child = ts_node_next_named_sibling(wtfcb_lang_rules_field(visit, node, WTFCB_LANG_FIELD_name));
        if (!ts_node_is_null(child) && !ts_node_is_extra(child)) definition.signature_end = ts_node_end_byte(child);
    } else {
        child = ts_node_prev_named_sibling(body);
        while (!ts_node_is_null(child) && ts_node_is_extra(child))
            child = ts_node_prev_named_sibling(child);
        if (!ts_node_is_null(child)) definition.signature_end = ts_node_end_byte(child);
    }
    visit->define(visit, &definition);
}

/* Its head ends with its parameters: an empty body is no node. */
static void method(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    TSNode name = wtfcb_lang_rules_field(visit, node, WTFCB_LANG_FIELD_name);
    TSNode list = wtfcb_lang_rules_field(visit, node, WTFCB_LANG_FIELD_parameters);
    if (ts_node_is_null(name)) return;
    wtfcb_lang_definition definition = {
        .name = wtfcb_lang_rules_span(name),
        .node = node,
        .kind = rule->kinds[visit->scope],
        .parameters = wtfcb_lang_rules_count(visit, list),
        .signature_end = ts_node_end_byte(ts_node_is_null(list) ? name : list),
        .apart = !ts_node_is_null(wtfcb_lang_rules_field(visit, node, WTFCB_LANG_FIELD_object))};
    if (!definition.apart && visit->scope == WTFCB_LANG_SCOPE_TYPE &&
        wtfcb_lang_rules_is(visit, definition.name, "initialize"))
        definition.kind = WTFCB_SYMBOL_CONSTRUCTOR;
    visit->define(visit, &definition);
}

/* A name for the value of a constant: Class.new and its like make types, to which their blocks belong. */
static void define_constant(wtfcb_lang_visit *visit, TSNode node, TSNode left, TSNode right)
{
    static const struct {
        const char *call;
        uint32_t kind;
    } makers[] = {{"Class.new", WTFCB_SYMBOL_CLASS},
                  {"Module.new", WTFCB_SYMBOL_MODULE},
                  {"Struct.new", WTFCB_SYMBOL_STRUCT},
                  {"Data.define", WTFCB_SYMBOL_STRUCT}};
    wtfcb_lang_definition definition = {
        .name = wtfcb_lang_rules_span(left), .node = node, .kind = WTFCB_SYMBOL_CONSTANT, .apart = true};
    if (!ts_node_is_null(right) && wtfcb_lang_rules_tag(visit, right) == CALL) {
        wtfcb_lang_span text = wtfcb_lang_rules_span(right);
        TSNode last = ts_node_child(right, 2),
               arguments = wtfcb_lang_rules_field(visit, right, WTFCB_LANG_FIELD_arguments);
        text.end = ts_node_is_null(last) ? text.start : ts_node_end_byte(last);
        for (size_t i = 0; i < sizeof makers / sizeof *makers; i++) {
            if (!wtfcb_lang_rules_is(visit, text, makers[i].call)) continue;
            definition.kind = makers[i].kind;
            definition.signature_end = ts_node_is_null(arguments) ? text.end : ts_node_end_byte(arguments);
            visit->own = true;
        }
    }
    visit->define(visit, &definition);
}

static void assign(wtfcb_lang_visit *visit, TSNode node, TSNode left, TSNode right)
{
    bool in_type = visit->scope == WTFCB_LANG_SCOPE_TYPE;
    switch (wtfcb_lang_rules_tag(visit, left)) {
    case SCOPED:
        left = last_name(visit, left);
        if (ts_node_is_null(left) || wtfcb_lang_rules_tag(visit, left) != CONSTANT) return;
        define_constant(visit, node, left, right);
        break;
    case CONSTANT: define_constant(visit, node, left, right); break;
    case GLOBAL:
        if (!in_type) define(visit, node, wtfcb_lang_rules_span(left), WTFCB_SYMBOL_VARIABLE);
        break;
    case CLASS_VARIABLE:
        if (in_type) define(visit, node, wtfcb_lang_rules_span(left), WTFCB_SYMBOL_FIELD);
        break;
    default: break;
    }
}

static void assignment(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    TSNode left = wtfcb_lang_rules_field(visit, node, WTFCB_LANG_FIELD_left), child;
    (void)rule;
    if (ts_node_is_null(left)) return;
    if (wtfcb_lang_rules_tag(visit, left) != LIST) {
        assign(visit, node, left, wtfcb_lang_rules_field(visit, node, WTFCB_LANG_FIELD_right));
        return;
    }
    for (bool more = wtfcb_lang_rules_first(visit, left, &child); more; more = wtfcb_lang_rules_next(visit, &child))
        assign(visit, node, child, (TSNode){0});
}

/* The name that `:a` or "a" stands for; empty for what is made up at run time. */
static wtfcb_lang_span literal_name(const wtfcb_lang_visit *visit, TSNode node)
{
    wtfcb_lang_span span = wtfcb_lang_rules_span(node);
    uint8_t tag = wtfcb_lang_rules_tag(visit, node);
    if (span.end > visit->length || span.end - span.start < 2) return (wtfcb_lang_span){0};
    if (tag == SYMBOL) {
        span.start++, span.column++;
        return span;
    }
    if (tag != STRING || ts_node_named_child_count(node) != 1) return (wtfcb_lang_span){0};
    TSNode content = ts_node_named_child(node, 0);
    if (strcmp(ts_node_type(content), "string_content") != 0) return (wtfcb_lang_span){0};
    return wtfcb_lang_rules_span(content);
}

static void attributes(wtfcb_lang_visit *visit, TSNode node, TSNode arguments)
{
    TSNode child;
    for (bool more = wtfcb_lang_rules_first(visit, arguments, &child); more;
         more = wtfcb_lang_rules_next(visit, &child))
        define(visit, node, literal_name(visit, child), WTFCB_SYMBOL_PROPERTY);
}

static void alias_method(wtfcb_lang_visit *visit, TSNode node, TSNode arguments)
{
    TSNode name = ts_node_named_child(arguments, 0);
    if (!ts_node_is_null(name)) define(visit, node, literal_name(visit, name), WTFCB_SYMBOL_METHOD);
}

/* The block behind a define_method is the method's body; block() knows it by its place. */
static void define_method(wtfcb_lang_visit *visit, TSNode node, TSNode arguments)
{
    TSNode name = ts_node_named_child(arguments, 0), block = ts_node_next_named_sibling(arguments);
    if (ts_node_is_null(name)) return;
    wtfcb_lang_definition definition = {.name = literal_name(visit, name),
                                        .node = node,
                                        .kind = WTFCB_SYMBOL_METHOD,
                                        .signature_end = ts_node_end_byte(arguments)};
    if (!ts_node_is_null(block)) {
        TSNode list = wtfcb_lang_rules_field(visit, block, WTFCB_LANG_FIELD_parameters);
        definition.parameters = wtfcb_lang_rules_count(visit, list);
        visit->pending = wtfcb_lang_rules_span(block);
    }
    visit->define(visit, &definition);
    visit->own = visit->symbol != WTFCB_LANG_NO_SYMBOL;
}

static void load(wtfcb_lang_visit *visit, TSNode node, TSNode arguments, uint32_t kind)
{
    TSNode text =
        ts_node_named_child(arguments, kind == WTFCB_IMPORT_DYNAMIC ? ts_node_named_child_count(arguments) - 1 : 0);
    if (ts_node_is_null(text) || wtfcb_lang_rules_tag(visit, text) != STRING) return;
    visit->import(visit, node, literal_name(visit, text), kind);
}

/* What a call without a receiver may be. */
static const struct word {
    const char *name;
    void (*define)(wtfcb_lang_visit *visit, TSNode node, TSNode arguments);
    uint32_t import;
} words[] = {
    {"attr_accessor", attributes, 0},
    {"attr_reader", attributes, 0},
    {"attr_writer", attributes, 0},
    {"attr", attributes, 0},
    {"alias_method", alias_method, 0},
    {"define_method", define_method, 0},
    {"define_singleton_method", define_method, 0},
    {"require", NULL, WTFCB_IMPORT_MODULE},
    {"require_relative", NULL, WTFCB_IMPORT_FILE},
    {"load", NULL, WTFCB_IMPORT_DYNAMIC},
    {"autoload", NULL, WTFCB_IMPORT_DYNAMIC},
};

/* Calls are many: the text tells most of them apart without a look at their children. */
static void call(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    uint32_t start = ts_node_start_byte(node), end = start;
    (void)rule;
    if (start >= visit->length || !strchr("adlr", visit->text[start])) return;
    while (end < visit->length && (visit->text[end] == '_' || (visit->text[end] >= 'a' && visit->text[end] <= 'z')))
        end++;
    const struct word *word = NULL;
    for (size_t i = 0; i < sizeof words / sizeof *words && !word; i++)
        if (wtfcb_lang_rules_is(visit, (wtfcb_lang_span){.start = start, .end = end}, words[i].name)) word = &words[i];
    if (!word || (word->define && visit->scope == WTFCB_LANG_SCOPE_FUNCTION)) return;
    TSNode arguments = ts_node_child(node, 1);
    if (ts_node_is_null(arguments) || wtfcb_lang_rules_tag(visit, arguments) != ARGUMENTS) return;
    if (word->define)
        word->define(visit, node, arguments);
    else
        load(visit, node, arguments, word->import);
}

/* `alias new old`; of global variables it makes no method. */
static void alias(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    TSNode name = wtfcb_lang_rules_field(visit, node, WTFCB_LANG_FIELD_name);
    if (ts_node_is_null(name) || wtfcb_lang_rules_tag(visit, name) == GLOBAL) return;
    wtfcb_lang_span span = wtfcb_lang_rules_span(name);
    if (wtfcb_lang_rules_tag(visit, name) == SYMBOL) span = literal_name(visit, name);
    define(visit, node, span, rule->kinds[visit->scope]);
}

/* In a method a block is a lambda; outside it is part of the type around it, or of the one that it makes. */
static void block(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    (void)rule;
    uint32_t start = ts_node_start_byte(node);
    bool body = visit->pending.end > 0 && visit->pending.start == start;
    if (visit->scope != WTFCB_LANG_SCOPE_FUNCTION && !body) visit->opens = WTFCB_LANG_DO_TYPE;
}

static const wtfcb_lang_modifier sections[] = {
    {"private_class_method", WTFCB_VISIBILITY_PRIVATE}, {"private", WTFCB_VISIBILITY_PRIVATE},
    {"protected", WTFCB_VISIBILITY_PROTECTED},          {"public", WTFCB_VISIBILITY_NONE},
    {"module_function", WTFCB_VISIBILITY_NONE},         {NULL, WTFCB_VISIBILITY_PUBLIC}};

/* `private` as a statement of its own. */
static void section(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    (void)rule;
    wtfcb_lang_span span = wtfcb_lang_rules_span(node);
    if (visit->above->tag != BODY || wtfcb_lang_rules_byte(visit, span) != 'p') {
        if (visit->above->tag != BODY || wtfcb_lang_rules_byte(visit, span) != 'm') return;
    }
    for (const wtfcb_lang_modifier *word = sections; word->word; word++)
        if (wtfcb_lang_rules_is(visit, span, word->word)) visit->access = (uint8_t)word->visibility;
}

/* `private def x`, `private attr_reader :x`: the word that the line begins with. */
static uint32_t visibility(wtfcb_lang_visit *visit, TSNode node, wtfcb_lang_span name, uint32_t kind)
{
    (void)name;
    if (kind == WTFCB_SYMBOL_FIELD) return WTFCB_VISIBILITY_PRIVATE;
    if (kind != WTFCB_SYMBOL_METHOD && kind != WTFCB_SYMBOL_CONSTRUCTOR && kind != WTFCB_SYMBOL_PROPERTY)
        return WTFCB_VISIBILITY_PUBLIC;
    uint32_t end = ts_node_start_byte(node), column = ts_node_start_point(node).column;
    wtfcb_lang_span line = {.start = column <= end ? end - column : 0, .end = end};
    while (line.start < end && (visit->text[line.start] == ' ' || visit->text[line.start] == '\t'))
        line.start++;
    const wtfcb_lang_modifier *word = sections;
    while (word->word && !wtfcb_lang_rules_starts(visit, line, word->word))
        word++;
    return word->visibility ? word->visibility : WTFCB_VISIBILITY_PUBLIC;
}

/* `in _` is the default and no branch. */
static void in_clause(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    TSNode pattern = wtfcb_lang_rules_field(visit, node, WTFCB_LANG_FIELD_pattern);
    (void)rule;
    if (ts_node_is_null(pattern) || !wtfcb_lang_rules_is(visit, wtfcb_lang_rules_span(pattern), "_"))
        visit->count(visit, 1, 0);
}

#define BRANCH WTFCB_LANG_DO_BRANCH
#define COST WTFCB_LANG_DO_COST
#define NEST WTFCB_LANG_DO_NEST
#define TOKEN WTFCB_LANG_DO_TOKEN
#define SCAN WTFCB_LANG_DO_SCAN
#define SKIP WTFCB_LANG_DO_SKIP
#define VALUE                                                                                                          \
    {                                                                                                                  \
        WTFCB_SYMBOL_CONSTANT, WTFCB_SYMBOL_CONSTANT, 0                                                                \
    }

static const wtfcb_lang_rule_spec rows[] = {
    {.node = "method",
     .actions = WTFCB_LANG_DO_FUNCTION,
     .kinds = {WTFCB_SYMBOL_FUNCTION, WTFCB_SYMBOL_METHOD, WTFCB_SYMBOL_METHOD},
     .hook = method},
    {.node = "singleton_method",
     .actions = WTFCB_LANG_DO_FUNCTION,
     .kinds = WTFCB_LANG_ANYWHERE(WTFCB_SYMBOL_METHOD),
     .hook = method},
    {.node = "class", .actions = WTFCB_LANG_DO_TYPE, .kinds = WTFCB_LANG_ANYWHERE(WTFCB_SYMBOL_CLASS), .hook = type},
    {.node = "module", .actions = WTFCB_LANG_DO_TYPE, .kinds = WTFCB_LANG_ANYWHERE(WTFCB_SYMBOL_MODULE), .hook = type},
    {.node = "singleton_class", .actions = WTFCB_LANG_DO_TYPE},
    {.node = "assignment", .actions = SCAN, .kinds = VALUE, .hook = assignment},
    {.node = "operator_assignment", .actions = SCAN, .kinds = VALUE, .hook = assignment},
    {.node = "alias", .actions = SKIP, .kinds = {WTFCB_SYMBOL_METHOD, WTFCB_SYMBOL_METHOD, 0}, .hook = alias},
    {.node = "call", .actions = SCAN, .tag = CALL, .hook = call},
    {.node = "block", .actions = WTFCB_LANG_DO_FUNCTION, .hook = block},
    {.node = "do_block", .actions = WTFCB_LANG_DO_FUNCTION, .hook = block},
    {.node = "identifier", .kinds = {0, WTFCB_SYMBOL_METHOD, 0}, .hook = section},
    {.node = "body_statement", .tag = BODY},
    {.node = "block_body", .tag = BODY},
    {.node = "constant", .tag = CONSTANT},
    {.node = "scope_resolution", .tag = SCOPED},
    {.node = "global_variable", .tag = GLOBAL},
    {.node = "class_variable", .tag = CLASS_VARIABLE},
    {.node = "left_assignment_list", .tag = LIST},
    {.node = "simple_symbol", .tag = SYMBOL},
    {.node = "hash_splat_nil", .actions = WTFCB_LANG_DO_NO_COUNT},

    {.node = "if", .actions = BRANCH | COST | NEST | WTFCB_LANG_DO_IF},
    {.node = "elsif", .actions = BRANCH | COST | NEST | WTFCB_LANG_DO_IF},
    {.node = "unless", .actions = BRANCH | COST | NEST | WTFCB_LANG_DO_IF},
    {.node = "if_modifier", .actions = BRANCH | COST | NEST},
    {.node = "unless_modifier", .actions = BRANCH | COST | NEST},
    {.node = "while", .actions = BRANCH | COST | NEST},
    {.node = "until", .actions = BRANCH | COST | NEST},
    {.node = "while_modifier", .actions = BRANCH | COST | NEST},
    {.node = "until_modifier", .actions = BRANCH | COST | NEST},
    {.node = "for", .actions = BRANCH | COST | NEST},
    {.node = "case", .actions = COST | WTFCB_LANG_DO_NEST_ALL},
    {.node = "case_match", .actions = COST | WTFCB_LANG_DO_NEST_ALL},
    {.node = "when", .actions = BRANCH},
    {.node = "in_clause", .hook = in_clause},
    {.node = "if_guard", .actions = BRANCH},
    {.node = "unless_guard", .actions = BRANCH},
    {.node = "rescue", .actions = BRANCH | COST | NEST},
    {.node = "rescue_modifier", .actions = BRANCH | COST | NEST},
    {.node = "conditional", .actions = BRANCH | COST | NEST},
    {.node = "binary", .actions = WTFCB_LANG_DO_LOGIC | SCAN},
    {.node = "parenthesized_statements", .actions = WTFCB_LANG_DO_GROUP | SCAN},
    {.node = "&&", .actions = TOKEN | WTFCB_LANG_DO_AND},
    {.node = "and", .actions = TOKEN | WTFCB_LANG_DO_AND},
    {.node = "||", .actions = TOKEN | WTFCB_LANG_DO_OR},
    {.node = "or", .actions = TOKEN | WTFCB_LANG_DO_OR},

    {.node = "argument_list", .actions = SCAN, .tag = ARGUMENTS},
    {.node = "method_parameters", .actions = SCAN},
    {.node = "element_reference", .actions = SCAN},
    {.node = "return", .actions = SCAN},
    {.node = "pair", .actions = SCAN},
    {.node = "array", .actions = SCAN},
    {.node = "unary", .actions = SCAN},
    {.node = "string", .actions = SCAN, .tag = STRING},
    {.node = "heredoc_body", .actions = SCAN},
    {.node = "regex", .actions = SCAN},
    {.node = "string_array", .actions = SKIP},
    {.node = "symbol_array", .actions = SKIP},
    {.node = "uninterpreted", .actions = SKIP},
};

const wtfcb_lang_rules_spec wtfcb_lang_rules_ruby = {
    .grammar = "ruby",
    .rows = rows,
    .count = sizeof rows / sizeof *rows,
    .signs = "{?",
    .double_signs = "&|",
    .words =
        "do def class module begin if unless while until case for and or rescue require load autoload attr alias_method "
        "define_",
    .visibility = visibility};
