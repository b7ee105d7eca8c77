/*
 * Haskell.
 *
 *   module A.B                          module
 *   f x = ..., f = ..., foreign import  function, once for all its equations; its head is its type signature, if one
 *                                       stands in front
 *   data, newtype                       enum, struct          constructor, record field    enum member, field
 *   class, signature in it              trait, method         function in an instance      method
 *   type, type or data family           type alias            pattern P                    function
 *
 * An instance is no symbol; what it holds stands alone. A default in a class is none beside its signature. What a
 * pattern or a `where` binds is local. Visibility: with an export list what it names is public, else everything is;
 * constructors, fields and methods are as visible as their type. A module that exports another passes it on. A branch: if,
 * each equation after the first, each alternative but `_`, each guard but `otherwise`, && and ||; a case costs 1 and its
 * level, each && or || costs 1.
 */
#include <string.h>

#include "lang/rules/table.h"

enum { NOTHING, CONSTRUCTOR, PREFIX, MODULE, EXPORTS, EXPORT, FIELD_NAME, SIGNATURE, GUARDED, NAMES };

/* A name, without the parentheses around an operator. */
static wtfcb_lang_span plain_name(const wtfcb_lang_visit *visit, TSNode node)
{
    if (!ts_node_is_null(node) && wtfcb_lang_rules_tag(visit, node) == PREFIX) node = ts_node_named_child(node, 0);
    return ts_node_is_null(node) ? (wtfcb_lang_span){0} : wtfcb_lang_rules_span(node);
}

/* The first child that is called `tag`; may be null. */
static TSNode child_with(wtfcb_lang_visit *visit, TSNode node, uint8_t tag)
{
    TSNode child;
    for (bool more = wtfcb_lang_rules_first(visit, node, &child); more; more = wtfcb_lang_rules_next(visit, &child)) {
        if (wtfcb_lang_rules_tag(visit, child) != tag) continue;
        wtfcb_lang_rules_stop(visit);
        return child;
    }
    return (TSNode){0};
}

static bool same_text(const wtfcb_lang_visit *visit, wtfcb_lang_span a, wtfcb_lang_span b)
{
    return a.end > a.start && a.end - a.start == b.end - b.start && b.end <= visit->length && a.end <= visit->length &&
           memcmp(visit->text + a.start, visit->text + b.start, a.end - a.start) == 0;
}

/* What stands between a declaration and those before it says that they have nothing to do with each other. */
static void forget(wtfcb_lang_visit *visit)
{
    visit->pending = visit->pending_name = (wtfcb_lang_span){0};
}

/*
 * Exports by name are looked up at the end; until then everything is private. Otherwise nothing is hidden.
 */
static void header(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    TSNode module = child_with(visit, node, MODULE), list = child_with(visit, node, EXPORTS), child;
    if (ts_node_is_null(module)) return;
    wtfcb_lang_span name = wtfcb_lang_rules_span(module);
    visit->define(visit, &(wtfcb_lang_definition){.name = name, .node = node, .kind = rule->kinds[0], .apart = true});
    if (ts_node_is_null(list)) return;
    bool all = false;
    for (bool more = wtfcb_lang_rules_first(visit, list, &child); more; more = wtfcb_lang_rules_next(visit, &child)) {
        uint8_t tag = wtfcb_lang_rules_tag(visit, child);
        TSNode named = ts_node_named_child(child, 0);
        if (ts_node_is_null(named)) continue;
        if (tag == EXPORT) {
            visit->export_name(visit, plain_name(visit, named));
        } else if (wtfcb_lang_rules_tag(visit, named) == MODULE) {
            wtfcb_lang_span passed = wtfcb_lang_rules_span(named);
            if (same_text(visit, passed, name))
                all = true;
            else
                visit->import(visit, child, passed, WTFCB_IMPORT_REEXPORT);
        }
    }
    if (!all) visit->access = WTFCB_VISIBILITY_PRIVATE;
}

static void import(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    TSNode module = child_with(visit, node, MODULE);
    (void)rule;
    if (!ts_node_is_null(module)) visit->import(visit, node, wtfcb_lang_rules_span(module), WTFCB_IMPORT_MODULE);
}

/* `f :: t`: a method in a class; elsewhere it waits for the definition behind it. */
static void signature(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    TSNode child;
    bool method = visit->scope == WTFCB_LANG_SCOPE_TYPE && visit->parent_kind == WTFCB_SYMBOL_TRAIT;
    TSNode name = ts_node_named_child(node, 0);
    forget(visit);
    if (ts_node_is_null(name)) return;
    if (wtfcb_lang_rules_tag(visit, name) != NAMES) {
        wtfcb_lang_span span = plain_name(visit, name);
        if (method)
            visit->define(visit,
                          &(wtfcb_lang_definition){.name = span, .node = node, .kind = rule->kinds[visit->scope]});
        visit->pending = wtfcb_lang_rules_span(node);
        visit->pending_name = span;
        return;
    }
    if (!method) return;
    for (bool more = wtfcb_lang_rules_first(visit, name, &child); /* f, g :: t */
         more; more = wtfcb_lang_rules_next(visit, &child))
        if (ts_node_is_named(child))
            visit->define(visit, &(wtfcb_lang_definition){.name = plain_name(visit, child),
                                                          .node = node,
                                                          .kind = rule->kinds[visit->scope]});
}

/* The name of an equation: `f x`, `(f x) y`, `x + y` or x `f` y; counts the parameters. */
static wtfcb_lang_span equation_name(wtfcb_lang_visit *visit, TSNode node, uint32_t *ret_parameters)
{
    TSNode name = wtfcb_lang_rules_field(visit, node, WTFCB_LANG_FIELD_name);
    *ret_parameters = 0;
    if (!ts_node_is_null(name)) {
        TSNode list = ts_node_next_named_sibling(name);
        if (!ts_node_is_null(list) && strcmp(ts_node_type(list), "patterns") == 0)
            *ret_parameters = wtfcb_lang_rules_count(visit, list);
        return plain_name(visit, name);
    }
    TSNode head = ts_node_named_child(node, 0);
    if (ts_node_is_null(head)) return (wtfcb_lang_span){0};
    TSNode operator_node = wtfcb_lang_rules_field(visit, head, WTFCB_LANG_FIELD_operator);
    if (ts_node_is_null(operator_node)) return (wtfcb_lang_span){0};
    *ret_parameters = 2;
    wtfcb_lang_span span = wtfcb_lang_rules_span(operator_node);
    return span.end <= visit->length && wtfcb_lang_rules_byte(visit, span) == '`'
               ? wtfcb_lang_rules_unquote(visit, operator_node)
               : span;
}

/*
 * An equation. Of several in a row the first defines, the others continue it: `pending_name` is the name, `pending` the
 * signature in front or, with its end at 0, `line` the symbol.
 */
static void function(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    uint32_t parameters;
    wtfcb_lang_span name = equation_name(visit, node, &parameters);
    if (visit->scope == WTFCB_LANG_SCOPE_TYPE && visit->parent_kind == WTFCB_SYMBOL_TRAIT) return;
    bool known = same_text(visit, visit->pending_name, name);
    if (known && visit->pending.end == 0) {
        visit->symbol = visit->pending.line;
        visit->also = WTFCB_LANG_DO_BRANCH;
        return;
    }
    TSNode match = child_with(visit, node, GUARDED);
    wtfcb_lang_definition definition = {.name = name,
                                        .node = node,
                                        .kind = rule->kinds[visit->scope],
                                        .parameters = parameters,
                                        .signature_end = ts_node_is_null(match) ? 0 : ts_node_start_byte(match)};
    if (known) {
        definition.start = visit->pending;
        definition.signature_start = visit->pending.start;
        definition.signature_end = visit->pending.end;
    }
    visit->define(visit, &definition);
    if (visit->symbol == WTFCB_LANG_NO_SYMBOL) return;
    visit->pending = (wtfcb_lang_span){.line = visit->symbol};
    visit->pending_name = name;
}

static void foreign_import(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    TSNode type = child_with(visit, node, SIGNATURE);
    if (ts_node_is_null(type)) return;
    TSNode name = wtfcb_lang_rules_field(visit, type, WTFCB_LANG_FIELD_name);
    visit->define(visit,
                  &(wtfcb_lang_definition){.name = plain_name(visit, name), .node = node, .kind = rule->kinds[0]});
}

static void pattern_synonym(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    TSNode part = ts_node_named_child(node, 0);
    while (!ts_node_is_null(part) && wtfcb_lang_rules_tag(visit, part) != CONSTRUCTOR) {
        if (wtfcb_lang_rules_tag(visit, part) == SIGNATURE) return;
        part = ts_node_named_child(part, 0);
    }
    if (!ts_node_is_null(part))
        visit->define(
            visit, &(wtfcb_lang_definition){.name = wtfcb_lang_rules_span(part), .node = node, .kind = rule->kinds[0]});
}

/* A type's head ends in front of its constructors. */
static void type(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    TSNode name = wtfcb_lang_rules_field(visit, node, WTFCB_LANG_FIELD_name), child;
    forget(visit);
    if (ts_node_is_null(name)) return;
    wtfcb_lang_definition definition = {
        .name = plain_name(visit, name), .node = node, .kind = rule->kinds[visit->scope]};
    for (bool more = wtfcb_lang_rules_first(visit, node, &child); more; more = wtfcb_lang_rules_next(visit, &child)) {
        wtfcb_lang_span word = wtfcb_lang_rules_span(child);
        bool alias = definition.kind == WTFCB_SYMBOL_TYPE_ALIAS;
        if (ts_node_is_named(child) || word.end > visit->length) continue;
        if (!wtfcb_lang_rules_is(visit, word, "where") && (alias || !wtfcb_lang_rules_is(visit, word, "="))) continue;
        definition.signature_end = word.start;
        wtfcb_lang_rules_stop(visit);
        break;
    }
    visit->define(visit, &definition);
}

/* One symbol for each name of `a, b :: t` in a record. */
static void fields(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    TSNode child;
    for (bool more = wtfcb_lang_rules_first(visit, node, &child); more; more = wtfcb_lang_rules_next(visit, &child))
        if (wtfcb_lang_rules_tag(visit, child) == FIELD_NAME)
            visit->define(visit, &(wtfcb_lang_definition){.name = wtfcb_lang_rules_span(child),
                                                          .node = node,
                                                          .kind = rule->kinds[visit->scope]});
}

static void constructor(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    TSNode name = wtfcb_lang_rules_field(visit, node, WTFCB_LANG_FIELD_name);
    if (ts_node_is_null(name)) {
        uint32_t count = ts_node_named_child_count(node); /* behind forall and context */
        TSNode part = count > 0 ? ts_node_named_child(node, count - 1) : node;
        name = wtfcb_lang_rules_field(visit, part, WTFCB_LANG_FIELD_name);
        if (ts_node_is_null(name)) name = wtfcb_lang_rules_field(visit, part, WTFCB_LANG_FIELD_operator);
    }
    visit->define(visit, &(wtfcb_lang_definition){
                             .name = plain_name(visit, name), .node = node, .kind = rule->kinds[visit->scope]});
}

/* `_ ->` is the default and no branch. */
static void alternative(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    TSNode pattern = wtfcb_lang_rules_field(visit, node, WTFCB_LANG_FIELD_pattern);
    (void)rule;
    if (ts_node_is_null(pattern) || !wtfcb_lang_rules_is(visit, wtfcb_lang_rules_span(pattern), "_"))
        visit->count(visit, 1, 0);
}

static void guards(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    wtfcb_lang_span span = wtfcb_lang_rules_span(node);
    (void)rule;
    if (!wtfcb_lang_rules_is(visit, span, "otherwise") && !wtfcb_lang_rules_is(visit, span, "True"))
        visit->count(visit, 1, 0);
}

/* All operators are one kind of node. */
static void operator_text(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    wtfcb_lang_span span = wtfcb_lang_rules_span(node);
    (void)rule;
    if (wtfcb_lang_rules_is(visit, span, "&&") || wtfcb_lang_rules_is(visit, span, "||")) visit->count(visit, 1, 1);
}

#define STRUCTURE WTFCB_LANG_DO_COST | WTFCB_LANG_DO_NEST_ALL
#define SKIP WTFCB_LANG_DO_SKIP
#define TYPE(type_name, kind)                                                                                          \
    {                                                                                                                  \
        .node = type_name, .actions = WTFCB_LANG_DO_TYPE, .kinds = WTFCB_LANG_ANYWHERE(kind), .hook = type             \
    }
#define MEMBER(kind)                                                                                                   \
    {                                                                                                                  \
        0, kind, 0                                                                                                     \
    }

static const wtfcb_lang_rule_spec rows[] = {
    {.node = "header", .actions = SKIP, .kinds = WTFCB_LANG_ANYWHERE(WTFCB_SYMBOL_MODULE), .hook = header},
    {.node = "module", .tag = MODULE},
    {.node = "exports", .tag = EXPORTS},
    {.node = "export", .tag = EXPORT},
    {.node = "import", .actions = SKIP, .hook = import},

    {.node = "function",
     .actions = WTFCB_LANG_DO_FUNCTION,
     .kinds = {WTFCB_SYMBOL_FUNCTION, WTFCB_SYMBOL_METHOD, 0},
     .hook = function},
    {.node = "bind",
     .actions = WTFCB_LANG_DO_FUNCTION,
     .kinds = {WTFCB_SYMBOL_FUNCTION, WTFCB_SYMBOL_METHOD, 0},
     .hook = function},
    {.node = "signature",
     .actions = SKIP,
     .kinds = {WTFCB_SYMBOL_FUNCTION, WTFCB_SYMBOL_METHOD, 0},
     .tag = SIGNATURE,
     .hook = signature},
    {.node = "foreign_import", .actions = SKIP, .kinds = {WTFCB_SYMBOL_FUNCTION, 0, 0}, .hook = foreign_import},
    {.node = "pattern_synonym", .actions = SKIP, .kinds = {WTFCB_SYMBOL_FUNCTION, 0, 0}, .hook = pattern_synonym},
    TYPE("data_type", WTFCB_SYMBOL_ENUM),
    TYPE("newtype", WTFCB_SYMBOL_STRUCT),
    TYPE("class", WTFCB_SYMBOL_TRAIT),
    {.node = "instance", .actions = WTFCB_LANG_DO_TYPE},
    {.node = "type_synomym", .actions = SKIP, .kinds = WTFCB_LANG_ANYWHERE(WTFCB_SYMBOL_TYPE_ALIAS), .hook = type},
    {.node = "type_family", .actions = SKIP, .kinds = WTFCB_LANG_ANYWHERE(WTFCB_SYMBOL_TYPE_ALIAS), .hook = type},
    {.node = "data_family", .actions = SKIP, .kinds = WTFCB_LANG_ANYWHERE(WTFCB_SYMBOL_TYPE_ALIAS), .hook = type},
    {.node = "data_constructor", .kinds = MEMBER(WTFCB_SYMBOL_ENUM_MEMBER), .hook = constructor},
    {.node = "newtype_constructor", .kinds = MEMBER(WTFCB_SYMBOL_ENUM_MEMBER), .hook = constructor},
    {.node = "gadt_constructor", .kinds = MEMBER(WTFCB_SYMBOL_ENUM_MEMBER), .hook = constructor},
    {.node = "field", .actions = SKIP, .kinds = MEMBER(WTFCB_SYMBOL_FIELD), .hook = fields},
    {.node = "field_name", .tag = FIELD_NAME},
    {.node = "binding_list", .tag = NAMES},
    {.node = "constructor", .tag = CONSTRUCTOR},
    {.node = "prefix_id", .tag = PREFIX},
    {.node = "match", .tag = GUARDED},
    {.node = "lambda", .actions = WTFCB_LANG_DO_FUNCTION},

    {.node = "conditional", .actions = WTFCB_LANG_DO_BRANCH | STRUCTURE},
    {.node = "case", .actions = STRUCTURE},
    {.node = "lambda_case", .actions = STRUCTURE},
    {.node = "multi_way_if", .actions = STRUCTURE},
    {.node = "alternative", .hook = alternative},
    {.node = "guards", .hook = guards},
    {.node = "operator", .hook = operator_text},

    {.node = "string", .actions = SKIP},
    {.node = "quasiquote", .actions = SKIP},
    {.node = "deriving", .actions = SKIP},
    {.node = "context", .actions = SKIP},
    {.node = "type_instance", .actions = SKIP},
    {.node = "fixity", .actions = SKIP},
};

const wtfcb_lang_rules_spec wtfcb_lang_rules_haskell = {
    .grammar = "haskell", .rows = rows, .count = sizeof rows / sizeof *rows};
