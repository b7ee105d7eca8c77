/*
 * Compiling tables of rules, and what hooks ask; see rules.h. A row of a language's own table hides the row of the same
 * node in its base.
 */
#include "lang/rules/rules.h"

#include <assert.h>
#include <string.h>

#include "base/memory.h"
#include "lang/rules/table.h"

static const wtfcb_lang_rules_spec *const specs[] = {
    /* clang-format off */
    &wtfcb_lang_rules_bash,
    &wtfcb_lang_rules_c,
    &wtfcb_lang_rules_cpp,
    &wtfcb_lang_rules_csharp,
    &wtfcb_lang_rules_css,
    &wtfcb_lang_rules_dart,
    &wtfcb_lang_rules_elixir,
    &wtfcb_lang_rules_go,
    &wtfcb_lang_rules_haskell,
    &wtfcb_lang_rules_hcl,
    &wtfcb_lang_rules_html,
    &wtfcb_lang_rules_java,
    &wtfcb_lang_rules_javascript,
    &wtfcb_lang_rules_json,
    &wtfcb_lang_rules_kotlin,
    &wtfcb_lang_rules_lua,
    &wtfcb_lang_rules_make,
    &wtfcb_lang_rules_markdown,
    &wtfcb_lang_rules_php,
    &wtfcb_lang_rules_python,
    &wtfcb_lang_rules_ruby,
    &wtfcb_lang_rules_rust,
    &wtfcb_lang_rules_scala,
    &wtfcb_lang_rules_sql,
    &wtfcb_lang_rules_swift,
    &wtfcb_lang_rules_toml,
    &wtfcb_lang_rules_tsx,
    &wtfcb_lang_rules_typescript,
    &wtfcb_lang_rules_yaml,
    &wtfcb_lang_rules_zig,
    /* clang-format on */
};

#define WTFCB_LANG_FIELD_NAME(name) #name,
const char *const wtfcb_lang_rules_field_names[WTFCB_LANG_FIELD_COUNT] = {WTFCB_LANG_FIELDS(WTFCB_LANG_FIELD_NAME)};

static const wtfcb_lang_rules_spec *find_spec(const char *grammar)
{
    for (size_t i = 0; i < sizeof specs / sizeof *specs; i++)
        if (strcmp(specs[i]->grammar, grammar) == 0) return specs[i];
    return NULL;
}

/* The row for a node type, own rows first. */
static const wtfcb_lang_rule_spec *find_row(const wtfcb_lang_rules_spec *spec, const char *name, bool token)
{
    for (; spec; spec = spec->base) {
        for (size_t i = 0; i < spec->count; i++) {
            const wtfcb_lang_rule_spec *row = &spec->rows[i];
            if (!(row->actions & WTFCB_LANG_DO_TOKEN) == !token && strcmp(row->node, name) == 0) return row;
        }
    }
    return NULL;
}

/* Number of a row's rule, made when it is first asked for. */
static uint8_t rule_number(wtfcb_lang_rules *rules, const wtfcb_lang_rule_spec **rows, size_t *count,
                           const wtfcb_lang_rule_spec *row)
{
    for (size_t i = 1; i < *count; i++)
        if (rows[i] == row) return (uint8_t)i;
    assert(*count < 256);
    wtfcb_lang_rule *rule = &rules->rules[*count];
    *rule = (wtfcb_lang_rule){.hook = row->hook, .actions = row->actions, .tag = row->tag};
    memcpy(rule->kinds, row->kinds, sizeof rule->kinds);
    rule->active =
        row->hook || (row->actions & ~(uint32_t)(WTFCB_LANG_DO_TOKEN | WTFCB_LANG_DO_NO_COUNT | WTFCB_LANG_DO_BODY));
    for (size_t i = 0; i < WTFCB_LANG_SCOPE_COUNT; i++)
        if (row->kinds[i]) rule->active = rule->scoped = true;
    if (row->actions & WTFCB_LANG_DO_BODY) rules->has_bodies = true;
    rows[*count] = row;
    return (uint8_t)(*count)++;
}

enum sign { SIGN_ALONE = 1, SIGN_DOUBLE = 2, SIGN_WORD = 4, SIGN_INNER = 8 /* a byte inside words */ };

static void compile_signs(wtfcb_lang_rules *rules, const wtfcb_lang_rules_spec *spec)
{
    uint8_t *signs = rules->signs;
    for (int c = 0; c < 256; c++)
        if (c >= 0x80 || c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'))
            signs[c] = SIGN_INNER;
    for (const char *s = spec->signs; s && *s; s++)
        signs[(unsigned char)*s] |= SIGN_ALONE;
    for (const char *s = spec->double_signs; s && *s; s++)
        signs[(unsigned char)*s] |= SIGN_DOUBLE;
    for (const char *s = spec->words; s && *s; s++)
        if (s == spec->words || s[-1] == ' ') signs[(unsigned char)*s] |= SIGN_WORD;
}

/* Whether the text begins like one of the words. */
static bool begins_word(const char *words, const char *text, size_t length)
{
    while (*words) {
        size_t n = strcspn(words, " ");
        if (n <= length && memcmp(text, words, n) == 0) return true;
        words += n + (words[n] == ' ');
    }
    return false;
}

/* Longer text is walked: nested nodes would otherwise search the same text again and again. */
#define LONGEST_SEARCH 256

bool wtfcb_lang_rules_quiet(const wtfcb_lang_rules *rules, const char *text, uint32_t start, uint32_t end)
{
    if (end - start > LONGEST_SEARCH) return false;
    uint8_t before = 0;
    for (uint32_t i = start; i < end; i++) {
        uint8_t sign = rules->signs[(unsigned char)text[i]];
        if (sign & ~SIGN_INNER) {
            if (sign & SIGN_ALONE) return false;
            if (sign & SIGN_DOUBLE && i + 1 < end && text[i + 1] == text[i]) return false;
            if (sign & SIGN_WORD && !(before & sign & SIGN_INNER) && begins_word(rules->spec->words, text + i, end - i))
                return false;
        }
        before = sign;
    }
    return true;
}

wtfcb_status wtfcb_lang_rules_compile(const wtfcb_allocator *allocator, const char *grammar, const TSLanguage *language,
                                      wtfcb_lang_rules **ret_rules)
{
    return wtfcb_lang_rules_compile_spec(allocator, find_spec(grammar), language, ret_rules);
}

wtfcb_status wtfcb_lang_rules_compile_spec(const wtfcb_allocator *allocator, const wtfcb_lang_rules_spec *spec,
                                           const TSLanguage *language, wtfcb_lang_rules **ret_rules)
{
    size_t row_count = 1;
    for (const wtfcb_lang_rules_spec *s = spec; s; s = s->base)
        row_count += s->count;
    if (row_count > 256) row_count = 256;
    uint32_t symbol_count = ts_language_symbol_count(language);
    size_t size = sizeof(wtfcb_lang_rules) + row_count * sizeof(wtfcb_lang_rule) + symbol_count;
    wtfcb_lang_rules *rules = wtfcb_base_calloc(allocator, 1, size);
    if (!rules) return WTFCB_ENOMEM;
    rules->spec = spec;
    rules->allocator = wtfcb_base_allocator(allocator);
    rules->size = size;
    rules->symbol_count = symbol_count;
    rules->rules = (wtfcb_lang_rule *)(rules + 1);
    rules->index = (uint8_t *)(rules->rules + row_count);
    const wtfcb_lang_rule_spec *rows[256];
    size_t count = 1;
    for (uint32_t symbol = 0; symbol < symbol_count; symbol++) {
        TSSymbolType type = ts_language_symbol_type(language, (TSSymbol)symbol);
        const char *name = ts_language_symbol_name(language, (TSSymbol)symbol);
        if (!name) continue;
        const wtfcb_lang_rule_spec *row = find_row(spec, name, type == TSSymbolTypeAnonymous);
        if (row) rules->index[symbol] = rule_number(rules, rows, &count, row);
    }
    for (size_t i = 0; i < WTFCB_LANG_FIELD_COUNT; i++)
        rules->fields[i] = ts_language_field_id_for_name(language, wtfcb_lang_rules_field_names[i],
                                                         (uint32_t)strlen(wtfcb_lang_rules_field_names[i]));
    if (spec) compile_signs(rules, spec);
    *ret_rules = rules;
    return WTFCB_OK;
}

void wtfcb_lang_rules_free(wtfcb_lang_rules *rules)
{
    if (!rules) return;
    wtfcb_allocator allocator = rules->allocator;
    wtfcb_base_free(&allocator, rules, rules->size);
}

const wtfcb_lang_rule *wtfcb_lang_rules_of(const wtfcb_lang_visit *visit, TSNode node)
{
    return wtfcb_lang_rules_get(visit->rules, ts_node_symbol(node));
}

uint8_t wtfcb_lang_rules_tag(const wtfcb_lang_visit *visit, TSNode node)
{
    return wtfcb_lang_rules_of(visit, node)->tag;
}

TSNode wtfcb_lang_rules_field(const wtfcb_lang_visit *visit, TSNode node, enum wtfcb_lang_field field)
{
    return ts_node_child_by_field_id(node, visit->rules->fields[field]);
}

wtfcb_lang_span wtfcb_lang_rules_span(TSNode node)
{
    TSPoint point = ts_node_start_point(node);
    return (wtfcb_lang_span){ts_node_start_byte(node), ts_node_end_byte(node), point.row, point.column};
}

wtfcb_lang_span wtfcb_lang_rules_unquote(const wtfcb_lang_visit *visit, TSNode node)
{
    wtfcb_lang_span span = wtfcb_lang_rules_span(node);
    if (span.end - span.start < 2 || span.end > visit->length) return span;
    char first = visit->text[span.start], last = visit->text[span.end - 1];
    bool quoted = (first == last && (first == '"' || first == '\'' || first == '`')) || (first == '<' && last == '>');
    if (!quoted) return span;
    return (wtfcb_lang_span){span.start + 1, span.end - 1, span.line, span.column + 1};
}

bool wtfcb_lang_rules_starts(const wtfcb_lang_visit *visit, wtfcb_lang_span span, const char *word)
{
    size_t length = strlen(word);
    assert(span.end <= visit->length);
    return span.end - span.start >= length && memcmp(visit->text + span.start, word, length) == 0;
}

bool wtfcb_lang_rules_ends(const wtfcb_lang_visit *visit, wtfcb_lang_span span, const char *word)
{
    size_t length = strlen(word);
    return span.end - span.start >= length && memcmp(visit->text + span.end - length, word, length) == 0;
}

bool wtfcb_lang_rules_is(const wtfcb_lang_visit *visit, wtfcb_lang_span span, const char *word)
{
    return span.end - span.start == strlen(word) && wtfcb_lang_rules_starts(visit, span, word);
}

bool wtfcb_lang_rules_first(wtfcb_lang_visit *visit, TSNode node, TSNode *ret_child)
{
    assert(visit->loops < WTFCB_LANG_LOOPS);
    TSTreeCursor *cursor = &visit->cursors[visit->loops];
    ts_tree_cursor_reset(cursor, node);
    if (!ts_tree_cursor_goto_first_child(cursor)) return false;
    *ret_child = ts_tree_cursor_current_node(cursor);
    visit->loops++;
    return true;
}

bool wtfcb_lang_rules_next(wtfcb_lang_visit *visit, TSNode *ret_child)
{
    assert(visit->loops > 0);
    TSTreeCursor *cursor = &visit->cursors[visit->loops - 1];
    if (!ts_tree_cursor_goto_next_sibling(cursor)) {
        visit->loops--;
        return false;
    }
    *ret_child = ts_tree_cursor_current_node(cursor);
    return true;
}

void wtfcb_lang_rules_stop(wtfcb_lang_visit *visit)
{
    assert(visit->loops > 0);
    visit->loops--;
}

bool wtfcb_lang_rules_at_field(const wtfcb_lang_visit *visit, enum wtfcb_lang_field field)
{
    assert(visit->loops > 0);
    TSFieldId id = visit->rules->fields[field];
    return id && ts_tree_cursor_current_field_id(&visit->cursors[visit->loops - 1]) == id;
}

bool wtfcb_lang_rules_has_child(wtfcb_lang_visit *visit, TSNode node, const char *type, const char *word)
{
    TSNode child;
    for (bool more = wtfcb_lang_rules_first(visit, node, &child); more; more = wtfcb_lang_rules_next(visit, &child)) {
        if (strcmp(ts_node_type(child), type) != 0) continue;
        if (word && !wtfcb_lang_rules_is(visit, wtfcb_lang_rules_span(child), word)) continue;
        wtfcb_lang_rules_stop(visit);
        return true;
    }
    return false;
}

TSNode wtfcb_lang_rules_find(wtfcb_lang_visit *visit, TSNode node, uint8_t tag)
{
    TSNode child;
    for (bool more = wtfcb_lang_rules_first(visit, node, &child); more; more = wtfcb_lang_rules_next(visit, &child)) {
        if (wtfcb_lang_rules_tag(visit, child) != tag) continue;
        wtfcb_lang_rules_stop(visit);
        return child;
    }
    return (TSNode){0};
}

uint32_t wtfcb_lang_rules_count(wtfcb_lang_visit *visit, TSNode list)
{
    uint32_t count = 0;
    TSNode child;
    if (ts_node_is_null(list)) return 0;
    for (bool more = wtfcb_lang_rules_first(visit, list, &child); more; more = wtfcb_lang_rules_next(visit, &child)) {
        if (!ts_node_is_named(child) || ts_node_is_extra(child) || ts_node_is_error(child)) continue;
        if (!(wtfcb_lang_rules_of(visit, child)->actions & WTFCB_LANG_DO_NO_COUNT)) count++;
    }
    return count;
}

TSNode wtfcb_lang_rules_body(wtfcb_lang_visit *visit, TSNode node)
{
    static const enum wtfcb_lang_field holders[] = {WTFCB_LANG_FIELD_value, WTFCB_LANG_FIELD_right};
    TSNode body = wtfcb_lang_rules_field(visit, node, WTFCB_LANG_FIELD_body), child;
    for (size_t i = 0; i < 2 && ts_node_is_null(body); i++) {
        child = wtfcb_lang_rules_field(visit, node, holders[i]);
        if (!ts_node_is_null(child)) body = wtfcb_lang_rules_field(visit, child, WTFCB_LANG_FIELD_body);
    }
    if (!ts_node_is_null(body) || !visit->rules->has_bodies) return body;
    for (bool more = wtfcb_lang_rules_first(visit, node, &child); more; more = wtfcb_lang_rules_next(visit, &child)) {
        if (!(wtfcb_lang_rules_of(visit, child)->actions & WTFCB_LANG_DO_BODY)) continue;
        wtfcb_lang_rules_stop(visit);
        return child;
    }
    return body;
}

static const wtfcb_lang_modifier *find_modifier(const wtfcb_lang_visit *visit, TSNode node,
                                                const wtfcb_lang_modifier *words)
{
    wtfcb_lang_span span = wtfcb_lang_rules_span(node);
    if (span.end > visit->length) return NULL;
    for (; words->word; words++)
        if (wtfcb_lang_rules_starts(visit, span, words->word)) return words;
    return NULL;
}

uint32_t wtfcb_lang_rules_modifier(wtfcb_lang_visit *visit, TSNode node, wtfcb_lang_span name, const char *container,
                                   const wtfcb_lang_modifier *words)
{
    const wtfcb_lang_modifier *found = NULL;
    TSNode child, inner;
    bool more = wtfcb_lang_rules_first(visit, node, &child);
    while (more && !found && ts_node_start_byte(child) < name.start) {
        if (container && strcmp(ts_node_type(child), container) == 0) {
            bool inside = wtfcb_lang_rules_first(visit, child, &inner);
            while (inside && !(found = find_modifier(visit, inner, words)))
                inside = wtfcb_lang_rules_next(visit, &inner);
            if (inside) wtfcb_lang_rules_stop(visit);
        } else if (ts_node_end_byte(child) <= name.start) {
            found = find_modifier(visit, child, words);
        }
        if (!found) more = wtfcb_lang_rules_next(visit, &child);
    }
    if (more) wtfcb_lang_rules_stop(visit);
    while (!found && words->word)
        words++;
    return found ? found->visibility : words->visibility;
}

void wtfcb_lang_rules_label(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    static const char *const labels[] = {"label", "label_name", "statement_identifier"};
    (void)rule;
    TSNode child = ts_node_named_child(node, 0);
    if (ts_node_is_null(child)) return;
    for (size_t i = 0; i < sizeof labels / sizeof *labels; i++)
        if (strcmp(ts_node_type(child), labels[i]) == 0) visit->count(visit, 0, 1);
}

void wtfcb_lang_rules_define(wtfcb_lang_visit *visit, TSNode node, wtfcb_lang_span name, uint32_t kind)
{
    TSNode list = wtfcb_lang_rules_field(visit, node, WTFCB_LANG_FIELD_parameters);
    uint32_t parameters = 0;
    if (!ts_node_is_null(list))
        parameters = visit->rules->spec->parameters ? visit->rules->spec->parameters(visit, list)
                                                    : wtfcb_lang_rules_count(visit, list);
    wtfcb_lang_definition definition = {.name = name, .node = node, .kind = kind, .parameters = parameters};
    visit->define(visit, &definition);
}
