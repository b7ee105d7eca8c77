/*
 * The walk over a syntax tree; see extract.h.
 *
 * Two stacks. The path holds one small step per open node: its rule and the state of a chain of logical operators. The
 * contexts hold what few nodes change (scope, enclosing symbol, function that is counted for, nesting): a node that
 * changes any of it pushes a copy, marked with its depth, and the walk drops it when it leaves that depth. Contexts are
 * therefore rare and steps cheap.
 *
 * Symbols are appended in pre-order with the start of the node that is being visited, so they come out sorted and
 * parents stand before and around their children without a pass of its own.
 *
 * Complexity counts for the innermost function that is a symbol: one nested in another counts for itself alone, a
 * lambda for the function around it, one level deeper. Cyclomatic: 1, and 1 for each branch, loop, case label, catch,
 * `?:`, `&&` and `||`. Cognitive: 1 for each structure and 1 for each level it is nested in; 1 for else, else-if, goto
 * and labelled jumps; 1 for each run of like logical operators. Recursion costs nothing.
 */
#include "scanner/extract.h"

#include <assert.h>
#include <string.h>

#include "base/memory.h"
#include "lang/core_memory.h"
#include "lang/rules/table.h"
#include "scanner/extract_walk.h"

#define NONE WTFCB_LANG_NO_SYMBOL
#define NO_DEPTH UINT32_MAX

/* How often the walk asks whether the scan is to end: about every millisecond. */
enum { NODES_PER_LOOK = 16384 };

typedef struct wtfcb_scanner_extract_step step;
typedef struct wtfcb_scanner_extract_context context;

#define OPERATORS (WTFCB_LANG_DO_AND | WTFCB_LANG_DO_OR)

enum { OPERATOR_NONE, OPERATOR_AND, OPERATOR_OR };

typedef struct walk {
    wtfcb_lang_visit visit; /* first: hooks hand it back */
    wtfcb_scanner_extract_scratch *scratch;
    wtfcb_scanner_facts *facts;
    TSTreeCursor cursor;
    size_t context_count;
    context *top; /* contexts[context_count - 1] */
    uint32_t depth;
    uint32_t max_findings;
    uint32_t error_braces; /* open braces directly in the current outermost error */
    bool check_missing;
    bool failed; /* memory has run out */
} walk;

static wtfcb_range range_of(TSNode node)
{
    TSPoint start = ts_node_start_point(node), end = ts_node_end_point(node);
    return (wtfcb_range){
        .start_byte = ts_node_start_byte(node),
        .end_byte = ts_node_end_byte(node),
        .start_line = start.row,
        .start_column = start.column,
        .end_line = end.row,
        .end_column = end.column,
    };
}

/* --- Contexts --------------------------------------------------------------------------------------------------- */

/* A copy of the current context that lasts as long as the current node; false when memory has run out. */
static bool push_context(walk *w)
{
    wtfcb_scanner_extract_scratch *s = w->scratch;
    if (!wtfcb_base_reserve(s->allocator, (void **)&s->contexts, &s->context_capacity, w->context_count + 1,
                            sizeof *s->contexts)) {
        w->failed = true;
        return false;
    }
    context *next = &s->contexts[w->context_count++];
    if (w->context_count > 1) {
        *next = next[-1];
        next->wrapping = false;
    }
    next->depth = w->depth;
    w->top = next;
    return true;
}

static void pop_contexts(walk *w)
{
    while (w->top->depth == w->depth)
        w->top = &w->scratch->contexts[--w->context_count - 1];
}

static wtfcb_scanner_symbol *function_of(walk *w)
{
    return w->top->function == NONE ? NULL : &w->facts->symbols[w->top->function];
}

/* Whatever is below the current node is one level deeper. A lambda is a level only for structures in it. */
static void nest(walk *w, bool is_lambda)
{
    if (w->top->function == NONE || !push_context(w)) return;
    w->top->nesting++;
    if (is_lambda) return;
    wtfcb_scanner_symbol *function = function_of(w);
    if (function->nesting < w->top->nesting) function->nesting = w->top->nesting;
}

/* --- What hooks say --------------------------------------------------------------------------------------------- */

/* Who sees a definition: the flag and the visibility of its symbol. */
static void set_visibility(walk *w, const wtfcb_lang_definition *d, wtfcb_scanner_symbol *symbol)
{
    const context *top = w->top;
    if (top->scope == WTFCB_LANG_SCOPE_FUNCTION) return;
    const wtfcb_lang_rules_spec *spec = w->visit.rules->spec;
    const uint32_t access = d->apart ? WTFCB_VISIBILITY_NONE : top->access;
    uint32_t visibility = access;
    if (!visibility && spec->visibility) visibility = spec->visibility(&w->visit, d->node, d->name, d->kind);
    bool exported = access != WTFCB_VISIBILITY_PRIVATE;
    if (exported && !d->exported) {
        if (spec->exported)
            exported = spec->exported(&w->visit, d->node, d->name, d->kind);
        else if (spec->visibility)
            exported = visibility == WTFCB_VISIBILITY_PUBLIC || visibility == WTFCB_VISIBILITY_PROTECTED;
    }
    if (!visibility) visibility = exported ? WTFCB_VISIBILITY_PUBLIC : WTFCB_VISIBILITY_PRIVATE;
    symbol->visibility = visibility;
    if (exported) symbol->flags |= WTFCB_SYMBOL_EXPORTED;
}

/* What is left between a head and its body: `{`, `:`, `=`, `=>`. */
static uint32_t trim_head(const char *text, uint32_t start, uint32_t end)
{
    while (end > start) {
        char last = text[end - 1];
        bool arrow = last == '>' && end - start > 1 && text[end - 2] == '=';
        if (!arrow && (unsigned char)last > ' ' && !strchr("{:=;,", last)) break;
        end -= arrow ? 2 : 1;
    }
    return end;
}

/* The head of a function, a type or a macro with parameters. */
static void set_signature(walk *w, const wtfcb_lang_definition *d, wtfcb_scanner_symbol *symbol)
{
    wtfcb_lang_visit *visit = &w->visit;
    uint32_t start = d->signature_start ? d->signature_start : ts_node_start_byte(d->node), end = d->signature_end;
    if (d->kind == WTFCB_SYMBOL_MACRO) {
        TSNode list = wtfcb_lang_rules_field(visit, d->node, WTFCB_LANG_FIELD_parameters);
        if (ts_node_is_null(list) && !end) return;
        if (!end) end = ts_node_end_byte(list);
    } else if (d->kind > WTFCB_SYMBOL_ENUM && d->kind != WTFCB_SYMBOL_TYPE_ALIAS) {
        return;
    }
    if (!end) {
        TSNode body = wtfcb_lang_rules_body(visit, d->node);
        end = ts_node_is_null(body) ? ts_node_end_byte(d->node) : ts_node_start_byte(body);
    }
    if (end > visit->length) end = visit->length;
    /* The head may stand in front of the node, as its sibling. */
    if (start >= end && d->start.end > 0)
        start = d->start.start;
    else if (d->signature_end > 0 && d->signature_end < ts_node_start_byte(d->node))
        start = d->signature_start;
    if (start >= end) return; /* there is none */
    symbol->signature_start = start;
    symbol->signature_end = trim_head(visit->text, start, end);
}

static void start_at(wtfcb_range *range, const wtfcb_lang_span *span)
{
    range->start_byte = span->start;
    range->start_line = span->line;
    range->start_column = span->column;
}

/* A name of a declaration that was cut in front of it belongs to its range all the same. */
static void end_behind(wtfcb_range *range, const wtfcb_lang_span *name)
{
    if (range->end_byte >= name->end) return;
    range->end_byte = name->end;
    range->end_line = name->line;
    range->end_column = name->column + (name->end - name->start);
}

/* Some grammars count the end of the line in; a definition ends before it. */
static void cut_line_end(wtfcb_range *range, const char *text)
{
    uint32_t end = range->end_byte, start = range->start_byte;
    while (end > start && (text[end - 1] == '\n' || text[end - 1] == '\r')) {
        if (text[end - 1] == '\n') range->end_line--;
        end--;
    }
    if (end == range->end_byte) return;
    range->end_byte = end;
    uint32_t line = end;
    while (line > start && text[line - 1] != '\n')
        line--;
    range->end_column = end - line + (line == start ? range->start_column : 0);
}

static void define(wtfcb_lang_visit *visit, const wtfcb_lang_definition *d)
{
    walk *w = (walk *)visit;
    if (d->name.start >= d->name.end || d->name.end > visit->length) return; /* a name that is missing */
    const context *top = w->top;
    size_t index = w->facts->symbol_count;
    wtfcb_scanner_symbol *symbol = index < NONE ? wtfcb_scanner_facts_add_symbol(w->facts) : NULL;
    if (!symbol) {
        w->failed = true;
        return;
    }
    symbol->name_byte = d->name.start;
    symbol->name_length = d->name.end - d->name.start;
    symbol->name_line = d->name.line;
    symbol->name_column = d->name.column;
    symbol->range = range_of(d->node);
    cut_line_end(&symbol->range, visit->text);
    end_behind(&symbol->range, &d->name);
    if (top->wrapping && top->depth + 1 == w->depth && top->symbols_before == index) {
        start_at(&symbol->range, &top->wrapper);
    } else if (d->start.end > 0 && (index == 0 || symbol[-1].range.start_byte <= d->start.start)) {
        start_at(&symbol->range, &d->start);
    }
    symbol->parent = top->parent;
    symbol->kind = d->kind;
    symbol->flags = top->in_error || d->recovered ? WTFCB_SYMBOL_RECOVERED : 0;
    symbol->parameters = d->parameters;
    symbol->nesting = d->level; /* until wtfcb_scanner_extract_headings() */
    set_visibility(w, d, symbol);
    set_signature(w, d, symbol);
    assert(index == 0 || symbol[-1].range.start_byte <= symbol->range.start_byte);
    if (visit->symbol == NONE) visit->symbol = (uint32_t)index;
}

static void import(wtfcb_lang_visit *visit, TSNode node, wtfcb_lang_span text, uint32_t kind)
{
    walk *w = (walk *)visit;
    if (text.start >= text.end || text.end > visit->length) return;
    wtfcb_scanner_import *row = wtfcb_scanner_facts_add_import(w->facts);
    if (!row) {
        w->failed = true;
        return;
    }
    row->text_byte = text.start;
    row->text_length = text.end - text.start;
    row->range = range_of(node);
    cut_line_end(&row->range, visit->text);
    row->kind = kind;
}

static void export_name(wtfcb_lang_visit *visit, wtfcb_lang_span name)
{
    wtfcb_scanner_extract_scratch *s = ((walk *)visit)->scratch;
    if (!wtfcb_base_reserve(s->allocator, (void **)&s->exports, &s->export_capacity, s->export_count + 1,
                            sizeof *s->exports)) {
        ((walk *)visit)->failed = true;
        return;
    }
    s->exports[s->export_count++] = name;
}

static void count(wtfcb_lang_visit *visit, uint32_t cyclomatic, uint32_t cognitive)
{
    wtfcb_scanner_symbol *function = function_of((walk *)visit);
    if (!function) return;
    function->cyclomatic += cyclomatic;
    function->cognitive += cognitive;
}

/* --- Complexity ------------------------------------------------------------------------------------------------- */

/* An operator of a chain such as `a && b || c`: 1 for each change of operator, counted in the order of the text. */
static void count_operator(walk *w, uint32_t actions)
{
    step *chain = w->depth > 0 ? &w->scratch->path[w->depth - 1] : NULL;
    if (!chain || !(chain->rule->actions & WTFCB_LANG_DO_LOGIC)) return;
    uint8_t last = actions & WTFCB_LANG_DO_AND ? OPERATOR_AND : OPERATOR_OR;
    count(&w->visit, 1, chain->last != last);
    chain->last = last;
}

/* Whether an `if` continues the chain of the `if` around it. */
static bool continues_if(const walk *w, const wtfcb_lang_rule *above, TSFieldId field)
{
    if (above->actions & WTFCB_LANG_DO_ELSE) return true;
    return above->actions & WTFCB_LANG_DO_IF && field && field == w->visit.rules->fields[WTFCB_LANG_FIELD_alternative];
}

/* A child of a control structure or of an else: nested or not. */
static void nest_child(walk *w, const wtfcb_lang_rule *rule, const wtfcb_lang_rule *above, TSFieldId field, bool named)
{
    const TSFieldId *fields = w->visit.rules->fields;
    if (!named || rule->actions & WTFCB_LANG_DO_ELSE) return;
    if (!(above->actions & WTFCB_LANG_DO_NEST)) {
        if (!(rule->actions & WTFCB_LANG_DO_IF)) nest(w, false);
    } else if (field == 0) {
        return;
    } else if (field == fields[WTFCB_LANG_FIELD_alternative]) {
        if (above->actions & WTFCB_LANG_DO_IF) {
            count(&w->visit, 0, 1);
            if (rule->actions & WTFCB_LANG_DO_IF) return;
        }
        nest(w, false);
    } else if (field == fields[WTFCB_LANG_FIELD_body] || field == fields[WTFCB_LANG_FIELD_consequence]) {
        nest(w, false);
    }
}

static void count_node(walk *w, uint32_t actions, bool continued)
{
    uint32_t cognitive = actions & WTFCB_LANG_DO_FLAT ? 1 : 0;
    if (actions & WTFCB_LANG_DO_COST && !continued) cognitive += 1 + w->top->nesting;
    count(&w->visit, actions & WTFCB_LANG_DO_BRANCH ? 1 : 0, cognitive);
}

/* --- Errors ----------------------------------------------------------------------------------------------------- */

#define MESSAGE_TEXT 40

/* `prefix "text"`, the text being cut at its first line end and after MESSAGE_TEXT bytes, between characters. */
static const char *message_of(walk *w, const char *prefix, const char *text, size_t length)
{
    size_t cut = 0, prefix_length = strlen(prefix);
    while (cut < length && cut < MESSAGE_TEXT && (unsigned char)text[cut] >= ' ')
        cut++;
    if (cut < length) {
        while (cut > 0 && ((unsigned char)text[cut] & 0xC0) == 0x80)
            cut--;
    }
    char *message = wtfcb_base_arena_bytes(&w->facts->strings, prefix_length + cut + 3);
    if (!message) {
        w->failed = true;
        return NULL;
    }
    memcpy(message, prefix, prefix_length);
    message[prefix_length] = '"';
    memcpy(message + prefix_length + 1, text, cut);
    memcpy(message + prefix_length + 1 + cut, "\"", 2);
    return message;
}

static void report(walk *w, TSNode node, const char *rule, const char *prefix, const char *text, size_t length)
{
    w->facts->has_errors = true;
    if (w->facts->finding_count >= w->max_findings) {
        w->facts->findings_cut = true;
        return;
    }
    const char *message = message_of(w, prefix, text, length);
    wtfcb_scanner_finding *finding = message ? wtfcb_scanner_facts_add_finding(w->facts) : NULL;
    if (!finding) {
        w->failed = true;
        return;
    }
    finding->rule = rule;
    finding->message = message;
    finding->range = range_of(node);
    finding->severity = WTFCB_SEVERITY_ERROR;
}

static void enter_error(walk *w, TSNode node)
{
    if (w->top->in_error) return;
    uint32_t start = ts_node_start_byte(node), end = ts_node_end_byte(node);
    report(w, node, "syntax-error", "unexpected ", w->visit.text + start, end - start);
    w->facts->error_bytes += end - start;
    w->error_braces = 0;
    if (push_context(w)) w->top->in_error = true;
}

/*
 * Braces directly in an error are left of functions that could not be parsed: what stands between them is local.
 * An outermost brace that is never closed only costs what follows in the same error.
 */
static void track_brace(walk *w, uint32_t actions)
{
    if (w->depth == 0 || !w->scratch->path[w->depth - 1].error) return;
    if (actions & WTFCB_LANG_DO_OPEN)
        w->error_braces++;
    else if (w->error_braces > 0)
        w->error_braces--;
}

/* --- Nodes ------------------------------------------------------------------------------------------------------ */

/* The scope of the current node. */
static uint8_t scope_at(const walk *w)
{
    bool loose = w->error_braces > 0 && w->depth > 0 && w->scratch->path[w->depth - 1].error;
    return loose ? WTFCB_LANG_SCOPE_FUNCTION : w->top->scope;
}

static void set_visit(walk *w, const wtfcb_lang_rule *above, uint8_t scope)
{
    wtfcb_lang_visit *visit = &w->visit;
    const context *top = w->top;
    visit->scope = scope;
    visit->symbol = NONE;
    visit->own = false;
    visit->exporting = top->exporting;
    visit->access = top->access;
    visit->members_exported = false;
    visit->in_error = top->in_error;
    visit->parent = top->parent;
    visit->above = above;
    visit->parent_kind = 0;
    visit->parent_name = (wtfcb_lang_span){0};
    if (top->parent != NONE) {
        const wtfcb_scanner_symbol *parent = &w->facts->symbols[top->parent];
        visit->parent_kind = parent->kind;
        visit->parent_name.start = parent->name_byte;
        visit->parent_name.end = parent->name_byte + parent->name_length;
    }
}

/* A variable that holds a function is none: Go's `var f = func() {}`. */
static bool is_function(uint32_t kind)
{
    return kind == WTFCB_SYMBOL_FUNCTION || kind == WTFCB_SYMBOL_METHOD || kind == WTFCB_SYMBOL_CONSTRUCTOR;
}

/* Open what a node opens, for the symbol it defined or else for the owner that a hook named. */
static void open_scope(walk *w, const wtfcb_lang_rule *rule, uint32_t symbol, uint32_t opens)
{
    uint32_t owner = symbol != NONE ? symbol : w->top->owner;
    if (!push_context(w)) return;
    context *top = w->top;
    top->owner = NONE;
    top->exporting = rule->hook && w->visit.members_exported;
    bool hidden = opens & WTFCB_LANG_DO_SPACE && (top->access == WTFCB_VISIBILITY_PRIVATE || symbol == NONE);
    top->access = hidden || rule->actions & WTFCB_LANG_DO_HIDDEN ? WTFCB_VISIBILITY_PRIVATE : 0;
    if (owner != NONE) top->parent = owner;
    if (opens & WTFCB_LANG_DO_SPACE) {
        top->scope = WTFCB_LANG_SCOPE_FILE;
    } else if (opens & WTFCB_LANG_DO_TYPE) {
        top->scope = WTFCB_LANG_SCOPE_TYPE;
    } else {
        top->scope = WTFCB_LANG_SCOPE_FUNCTION;
        if (owner != NONE && is_function(w->facts->symbols[owner].kind)) {
            top->function = owner;
            top->nesting = 0;
            if (w->facts->symbols[owner].cyclomatic == 0) w->facts->symbols[owner].cyclomatic = 1;
        } else {
            nest(w, true);
        }
    }
}

#define OPENS (WTFCB_LANG_DO_SPACE | WTFCB_LANG_DO_TYPE | WTFCB_LANG_DO_FUNCTION)

/* Symbols and scopes. */
static void define_node(walk *w, TSNode node, const wtfcb_lang_rule *rule, const wtfcb_lang_rule *above)
{
    wtfcb_lang_visit *visit = &w->visit;
    if (rule->actions & WTFCB_LANG_DO_NEED_BODY &&
        ts_node_is_null(ts_node_child_by_field_id(node, visit->rules->fields[WTFCB_LANG_FIELD_body])))
        return;
    uint8_t scope = scope_at(w), kind = rule->kinds[scope];
    if (rule->scoped && !kind) return;
    if (rule->hook || kind)
        set_visit(w, above, scope);
    else
        visit->symbol = NONE;
    visit->opens = rule->actions & OPENS;
    if (rule->hook) {
        rule->hook(visit, node, rule);
        assert(visit->loops == 0);
        w->top->access = visit->access;
    } else if (kind) {
        TSNode name = ts_node_child_by_field_id(node, visit->rules->fields[WTFCB_LANG_FIELD_name]);
        if (!ts_node_is_null(name)) wtfcb_lang_rules_define(visit, node, wtfcb_lang_rules_span(name), kind);
    }
    uint32_t symbol = visit->symbol;
    if (rule->actions & WTFCB_LANG_DO_OWNED && w->top->owner == NONE) {
        if (push_context(w)) w->top->scope = WTFCB_LANG_SCOPE_FUNCTION;
    } else if (visit->opens) {
        open_scope(w, rule, symbol, visit->opens);
    } else if (symbol != NONE && visit->own && push_context(w)) {
        w->top->owner = symbol;
    }
}

static void wrap(walk *w, TSNode node, uint32_t actions)
{
    bool wrapping = w->top->wrapping && w->top->depth + 1 == w->depth;
    wtfcb_lang_span outer = w->top->wrapper;
    size_t symbols = w->facts->symbol_count;
    if (!push_context(w)) return;
    if (actions & WTFCB_LANG_DO_EXPORT) w->top->exporting = true;
    if (actions & WTFCB_LANG_DO_WRAP) {
        w->top->wrapping = true;
        w->top->symbols_before = symbols;
        w->top->wrapper = wrapping ? outer : wtfcb_lang_rules_span(node);
    }
}

/* Whether nothing below a node can be of interest, but for errors. */
static bool is_dull(const walk *w, TSNode node, uint32_t actions)
{
    if (actions & WTFCB_LANG_DO_SKIP) return true;
    bool scan = actions & WTFCB_LANG_DO_SCAN ||
                (actions & WTFCB_LANG_DO_SCAN_LOCAL && w->top->scope == WTFCB_LANG_SCOPE_FUNCTION);
    return scan &&
           wtfcb_lang_rules_quiet(w->visit.rules, w->visit.text, ts_node_start_byte(node), ts_node_end_byte(node));
}

/* A node whose rule says something, or whose parent's does. Returns whether to walk its children. */
static bool visit_node(walk *w, TSNode node, const wtfcb_lang_rule *rule, const wtfcb_lang_rule *above)
{
    uint32_t actions = rule->actions;
    TSFieldId field = 0;
    if (above->actions & (WTFCB_LANG_DO_NEST | WTFCB_LANG_DO_ELSE)) {
        field = ts_tree_cursor_current_field_id(&w->cursor);
        nest_child(w, rule, above, field, ts_node_is_named(node));
    }
    if (actions & OPERATORS) count_operator(w, actions);
    if (actions & (WTFCB_LANG_DO_OPEN | WTFCB_LANG_DO_CLOSE)) track_brace(w, actions);
    if (actions & (WTFCB_LANG_DO_BRANCH | WTFCB_LANG_DO_COST | WTFCB_LANG_DO_FLAT))
        count_node(w, actions, actions & WTFCB_LANG_DO_IF && continues_if(w, above, field));
    if (actions & (WTFCB_LANG_DO_WRAP | WTFCB_LANG_DO_EXPORT)) wrap(w, node, actions);
    w->visit.also = 0;
    if (rule->hook || rule->scoped || actions & OPENS) define_node(w, node, rule, above);
    if (w->visit.also) count_node(w, w->visit.also, false);
    if ((actions | w->visit.also) & WTFCB_LANG_DO_NEST_ALL) nest(w, false);
    return !is_dull(w, node, actions) || (w->check_missing && ts_node_has_error(node));
}

/* --- Walk ------------------------------------------------------------------------------------------------------- */

static const wtfcb_lang_rule no_rule;

/* Whether the operator of an expression is `and` or `or`. */
static bool is_logical(const walk *w, TSNode node)
{
    const wtfcb_lang_rules *rules = w->visit.rules;
    TSNode operator_node = ts_node_child_by_field_id(node, rules->fields[WTFCB_LANG_FIELD_operator]);
    if (ts_node_is_null(operator_node)) return false;
    return wtfcb_lang_rules_get(rules, ts_node_symbol(operator_node))->actions & OPERATORS;
}

/* A node that chains of operators run through. */
static bool is_link(const step *s)
{
    return s->logical || s->rule->actions & WTFCB_LANG_DO_GROUP;
}

/* Make the current node the last on the path. */
static bool descend(walk *w, TSNode node, const wtfcb_lang_rule *rule, bool error)
{
    wtfcb_scanner_extract_scratch *s = w->scratch;
    if (!wtfcb_base_reserve(s->allocator, (void **)&s->path, &s->path_capacity, (size_t)w->depth + 1,
                            sizeof *s->path)) {
        w->failed = true;
        return false;
    }
    step *next = &s->path[w->depth];
    *next = (step){.rule = rule, .error = error};
    if (rule->actions & WTFCB_LANG_DO_LOGIC) next->logical = is_logical(w, node);
    if (is_link(next) && w->depth > 0 && is_link(next - 1)) next->last = next[-1].last;
    w->depth++;
    return true;
}

static void ascend(walk *w)
{
    w->depth--;
    step *left = &w->scratch->path[w->depth];
    if (is_link(left) && w->depth > 0 && is_link(left - 1)) left[-1].last = left->last;
}

static void walk_tree(walk *w)
{
    const wtfcb_lang_rules *rules = w->visit.rules;
    const wtfcb_lang_rule *above = &no_rule;
    for (uint32_t visited = 1; !w->failed; visited++) {
        if (visited % NODES_PER_LOOK == 0) wtfcb_lang_core_look();
        TSNode node = ts_tree_cursor_current_node(&w->cursor);
        TSSymbol symbol = ts_node_symbol(node);
        const wtfcb_lang_rule *rule = wtfcb_lang_rules_get(rules, symbol);
        bool below = true, error = symbol == (TSSymbol)-1;
        if (w->check_missing) {
            if (error)
                enter_error(w, node);
            else if (ts_node_is_missing(node) && !w->top->in_error)
                report(w, node, "syntax-missing", "missing ", ts_node_type(node), strlen(ts_node_type(node)));
        }
        if (rule->active || above->actions & (WTFCB_LANG_DO_NEST | WTFCB_LANG_DO_ELSE))
            below = visit_node(w, node, rule, above);
        if (below && ts_tree_cursor_goto_first_child(&w->cursor)) {
            if (!descend(w, node, rule, error)) return;
            above = rule;
            continue;
        }
        for (;;) {
            pop_contexts(w);
            if (ts_tree_cursor_goto_next_sibling(&w->cursor)) break;
            if (w->depth == 0 || !ts_tree_cursor_goto_parent(&w->cursor)) return;
            ascend(w);
            above = w->depth > 0 ? w->scratch->path[w->depth - 1].rule : &no_rule;
        }
    }
}

wtfcb_status wtfcb_scanner_extract(wtfcb_scanner_extract_scratch *scratch, const wtfcb_lang_rules *rules,
                                   const TSTree *tree, const char *text, size_t length, uint32_t max_findings,
                                   wtfcb_scanner_facts *facts)
{
    TSNode root = ts_tree_root_node(tree);
    assert(length <= UINT32_MAX && facts->symbol_count == 0);
    walk w = {
        .visit = {.rules = rules,
                  .text = text,
                  .length = (uint32_t)length,
                  .define = define,
                  .import = import,
                  .export_name = export_name,
                  .count = count},
        .scratch = scratch,
        .facts = facts,
        .max_findings = max_findings,
        .check_missing = ts_node_has_error(root),
        .depth = NO_DEPTH,
    };
    scratch->export_count = 0;
    if (!push_context(&w)) return WTFCB_ENOMEM;
    *w.top = (context){.depth = NO_DEPTH, .parent = NONE, .owner = NONE, .function = NONE};
    w.depth = 0;
    w.cursor = ts_tree_cursor_new(root);
    for (size_t i = 0; i < WTFCB_LANG_LOOPS; i++)
        w.visit.cursors[i] = ts_tree_cursor_new(root);
    walk_tree(&w);
    for (size_t i = 0; i < WTFCB_LANG_LOOPS; i++)
        ts_tree_cursor_delete(&w.visit.cursors[i]);
    ts_tree_cursor_delete(&w.cursor);
    if (rules->spec && rules->spec->headings) wtfcb_scanner_extract_headings(facts, text, tree);
    return w.failed ? WTFCB_ENOMEM : wtfcb_scanner_extract_finish(scratch, text, facts);
}
