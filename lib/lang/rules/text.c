/*
 * Rules written as text; see text.h. A line becomes a row of the same kind as those of the built-in tables. What
 * a row cannot say, where the name is, goes into its tag: a field, the n-th named child, or the node itself.
 */
#include "lang/rules/text.h"

#include <stdio.h>
#include <string.h>

#include "lang/rules/table.h"

enum { TAG_CHILD = 100, TAG_SELF = 200, MOST_CHILDREN = 9 };

static const struct {
    const char *word;
    uint32_t action;
} actions[] = {
    {"branch", WTFCB_LANG_DO_BRANCH},
    {"cost", WTFCB_LANG_DO_COST},
    {"flat", WTFCB_LANG_DO_FLAT},
    {"nest", WTFCB_LANG_DO_NEST},
    {"nest-all", WTFCB_LANG_DO_NEST_ALL},
    {"if", WTFCB_LANG_DO_IF},
    {"else", WTFCB_LANG_DO_ELSE},
    {"logic", WTFCB_LANG_DO_LOGIC},
    {"group", WTFCB_LANG_DO_GROUP},
    {"and", WTFCB_LANG_DO_AND},
    {"or", WTFCB_LANG_DO_OR},
    {"wrap", WTFCB_LANG_DO_WRAP},
    {"export", WTFCB_LANG_DO_EXPORT},
    {"skip", WTFCB_LANG_DO_SKIP},
    {"body", WTFCB_LANG_DO_BODY},
    {"need-body", WTFCB_LANG_DO_NEED_BODY},
    {"no-count", WTFCB_LANG_DO_NO_COUNT},
    {"opens=namespace", WTFCB_LANG_DO_SPACE},
    {"opens=type", WTFCB_LANG_DO_TYPE},
    {"opens=function", WTFCB_LANG_DO_FUNCTION},
};

static const struct {
    const char *word;
    uint8_t kind;
} kinds[] = {
    {"function", WTFCB_SYMBOL_FUNCTION}, {"method", WTFCB_SYMBOL_METHOD},
    {"class", WTFCB_SYMBOL_CLASS},       {"constructor", WTFCB_SYMBOL_CONSTRUCTOR},
    {"struct", WTFCB_SYMBOL_STRUCT},     {"union", WTFCB_SYMBOL_UNION},
    {"trait", WTFCB_SYMBOL_TRAIT},       {"interface", WTFCB_SYMBOL_INTERFACE},
    {"enum", WTFCB_SYMBOL_ENUM},         {"enum-member", WTFCB_SYMBOL_ENUM_MEMBER},
    {"field", WTFCB_SYMBOL_FIELD},       {"property", WTFCB_SYMBOL_PROPERTY},
    {"macro", WTFCB_SYMBOL_MACRO},       {"type-alias", WTFCB_SYMBOL_TYPE_ALIAS},
    {"constant", WTFCB_SYMBOL_CONSTANT}, {"variable", WTFCB_SYMBOL_VARIABLE},
    {"module", WTFCB_SYMBOL_MODULE},     {"namespace", WTFCB_SYMBOL_NAMESPACE},
};

static const char *const scopes[WTFCB_LANG_SCOPE_COUNT] = {"in-file=", "in-type=", "in-function="};

/* --- Hooks ------------------------------------------------------------------------------------------------------ */

/* The node that has the name. */
static TSNode named_node(const wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    if (rule->tag == TAG_SELF) return node;
    if (rule->tag >= TAG_CHILD) return ts_node_named_child(node, rule->tag - TAG_CHILD);
    return wtfcb_lang_rules_field(visit, node, (enum wtfcb_lang_field)(rule->tag - 1));
}

static void define(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    TSNode name = named_node(visit, node, rule);
    if (!ts_node_is_null(name))
        wtfcb_lang_rules_define(visit, node, wtfcb_lang_rules_unquote(visit, name), rule->kinds[visit->scope]);
}

static void import(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule, uint32_t kind)
{
    TSNode name = named_node(visit, node, rule);
    if (!ts_node_is_null(name)) visit->import(visit, node, wtfcb_lang_rules_unquote(visit, name), kind);
}

static void import_module(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    import(visit, node, rule, WTFCB_IMPORT_MODULE);
}

static void import_file(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    import(visit, node, rule, WTFCB_IMPORT_FILE);
}

static void import_dynamic(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    import(visit, node, rule, WTFCB_IMPORT_DYNAMIC);
}

static void import_reexport(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    import(visit, node, rule, WTFCB_IMPORT_REEXPORT);
}

static const struct {
    const char *word;
    wtfcb_lang_hook *hook;
} imports[] = {
    {"import=module", import_module},
    {"import=file", import_file},
    {"import=dynamic", import_dynamic},
    {"import=reexport", import_reexport},
};

/* --- Words ------------------------------------------------------------------------------------------------------ */

uint8_t wtfcb_lang_text_kind(const char *word)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (strcmp(word, kinds[i].word) == 0) return kinds[i].kind;
    return 0;
}

/* `name=FIELD`, `name=#1` to `name=#9`, `name=.` */
static bool read_name(const char *where, wtfcb_lang_rule_spec *row)
{
    if (strcmp(where, ".") == 0) {
        row->tag = TAG_SELF;
        return true;
    }
    if (where[0] == '#') {
        if (where[1] < '1' || where[1] > '0' + MOST_CHILDREN || where[2]) return false;
        row->tag = (uint8_t)(TAG_CHILD + where[1] - '1');
        return true;
    }
    for (int i = 0; i < WTFCB_LANG_FIELD_COUNT; i++) {
        if (strcmp(where, wtfcb_lang_rules_field_names[i]) != 0) continue;
        row->tag = (uint8_t)(i + 1);
        return true;
    }
    return false;
}

/* A word behind the node's type; false if it is none of ours. */
static bool read_word(const char *word, wtfcb_lang_rule_spec *row, bool *optional)
{
    for (size_t i = 0; i < sizeof actions / sizeof *actions; i++) {
        if (strcmp(word, actions[i].word) != 0) continue;
        row->actions |= actions[i].action;
        return true;
    }
    for (size_t i = 0; i < sizeof imports / sizeof *imports; i++) {
        if (strcmp(word, imports[i].word) != 0) continue;
        row->hook = imports[i].hook;
        return true;
    }
    for (size_t i = 0; i < WTFCB_LANG_SCOPE_COUNT; i++) {
        size_t length = strlen(scopes[i]);
        if (strncmp(word, scopes[i], length) != 0) continue;
        row->kinds[i] = wtfcb_lang_text_kind(word + length);
        return row->kinds[i] != 0;
    }
    if (strncmp(word, "name=", 5) == 0) return read_name(word + 5, row);
    if (strcmp(word, "optional") == 0) return *optional = true;
    uint8_t kind = wtfcb_lang_text_kind(word);
    memset(row->kinds, kind, kind ? sizeof row->kinds : 0);
    return kind != 0;
}

/* Room for one more row; what was there before stays in the arena unused, at most as much again. */
static bool grow(wtfcb_base_arena *arena, wtfcb_lang_text_rules *rules)
{
    if (rules->count < rules->capacity) return true;
    size_t capacity = rules->capacity ? rules->capacity * 2 : 16;
    wtfcb_lang_rule_spec *rows = wtfcb_base_arena_alloc(arena, capacity * sizeof *rows);
    struct wtfcb_lang_text_origin *origins = wtfcb_base_arena_alloc(arena, capacity * sizeof *origins);
    if (!rows || !origins) return false;
    if (rules->count > 0) {
        memcpy(rows, rules->rows, rules->count * sizeof *rows);
        memcpy(origins, rules->origins, rules->count * sizeof *origins);
    }
    rules->rows = rows;
    rules->origins = origins;
    rules->capacity = capacity;
    return true;
}

wtfcb_status wtfcb_lang_text_rule(wtfcb_base_arena *arena, wtfcb_lang_text_rules *rules,
                                  const wtfcb_lang_text_line *line, char *reason, size_t reason_size)
{
    const uint32_t opens = WTFCB_LANG_DO_SPACE | WTFCB_LANG_DO_TYPE | WTFCB_LANG_DO_FUNCTION;
    bool token = strcmp(line->words[0], "token") == 0, optional = false;
    wtfcb_lang_rule_spec row = {.actions = token ? WTFCB_LANG_DO_TOKEN : 0};
    if (line->count < 3) {
        (void)snprintf(reason, reason_size, "%s needs a type and what it means", line->words[0]);
        return WTFCB_EFORMAT;
    }
    row.node = line->words[1];
    for (size_t i = 2; i < line->count; i++) {
        if (read_word(line->words[i], &row, &optional)) continue;
        (void)snprintf(reason, reason_size, "\"%.60s\" is nothing a node can mean", line->words[i]);
        return WTFCB_EFORMAT;
    }
    bool defines = row.kinds[0] || row.kinds[1] || row.kinds[2];
    uint32_t opened = row.actions & opens;
    if (opened & (opened - 1) || (defines && row.hook)) {
        (void)snprintf(reason, reason_size, "a node opens one thing, and it is a definition or an import");
        return WTFCB_EFORMAT;
    }
    if (row.hook && !row.tag) row.tag = TAG_SELF;
    if (row.tag && !row.hook) row.hook = define;
    if (row.hook == define && !defines) {
        (void)snprintf(reason, reason_size, "a name, but neither a kind of symbol nor an import");
        return WTFCB_EFORMAT;
    }
    if (rules->count >= WTFCB_LANG_MOST_ROWS) return WTFCB_ELIMIT;
    if (!grow(arena, rules)) return WTFCB_ENOMEM;
    rules->origins[rules->count] =
        (struct wtfcb_lang_text_origin){.line = line->number, .at = line->at, .optional = optional};
    rules->rows[rules->count++] = row;
    return WTFCB_OK;
}

size_t wtfcb_lang_text_unknown(const wtfcb_lang_text_rules *rules, const TSLanguage *language, char *reason,
                               size_t reason_size)
{
    for (size_t i = 0; i < rules->count; i++) {
        const wtfcb_lang_rule_spec *row = &rules->rows[i];
        bool named = !(row->actions & WTFCB_LANG_DO_TOKEN);
        if (rules->origins[i].optional) continue;
        if (!ts_language_symbol_for_name(language, row->node, (uint32_t)strlen(row->node), named)) {
            (void)snprintf(reason, reason_size, "the grammar has no %s \"%.60s\"", named ? "node" : "token", row->node);
            return i;
        }
        if (row->tag == 0 || row->tag > WTFCB_LANG_FIELD_COUNT) continue;
        const char *field = wtfcb_lang_rules_field_names[row->tag - 1];
        if (!ts_language_field_id_for_name(language, field, (uint32_t)strlen(field))) {
            (void)snprintf(reason, reason_size, "the grammar has no field \"%s\"", field);
            return i;
        }
    }
    return rules->count;
}

const wtfcb_lang_rules_spec *wtfcb_lang_text_spec(wtfcb_base_arena *arena, const wtfcb_lang_text_rules *rules)
{
    wtfcb_lang_rules_spec *spec = wtfcb_base_arena_alloc(arena, sizeof *spec);
    if (spec) *spec = (wtfcb_lang_rules_spec){.grammar = "", .rows = rules->rows, .count = rules->count};
    return spec;
}
