/*
 * SQL, whatever dialect.
 *
 *   CREATE TABLE, VIEW                  struct          a column in its parentheses     field
 *   CREATE FUNCTION, PROCEDURE          function        CREATE TRIGGER                  function
 *   CREATE TYPE                         struct; as ENUM: enum
 *   CREATE SCHEMA, DATABASE, PACKAGE    namespace       CREATE DOMAIN                   type alias
 *   CREATE SEQUENCE                     variable        CREATE INDEX                    property
 *
 * The name is the last part of a dotted one, without quotes. No grammar reads all dialects, so the words behind CREATE
 * are read from the text, also where the rest of the statement was not understood: such symbols are marked as recovered,
 * and their range is the word CREATE. Columns that ALTER adds, WITH queries, roles and extensions are no symbols. All
 * are public. Signature of a function: up to its body; of anything else: up to its name. Functions count CASE, AND and OR where their body is
 * SQL; other languages' bodies are not read. No imports.
 */
#include <string.h>

#include "lang/rules/table.h"

typedef struct reader {
    const char *text;
    uint32_t at;
    uint32_t end;
    uint32_t line;
    uint32_t line_start;
} reader;

static const struct {
    const char *word;
    uint32_t kind;
} objects[] = {
    {"TABLE", WTFCB_SYMBOL_STRUCT},       {"VIEW", WTFCB_SYMBOL_STRUCT},       {"FUNCTION", WTFCB_SYMBOL_FUNCTION},
    {"PROCEDURE", WTFCB_SYMBOL_FUNCTION}, {"PROC", WTFCB_SYMBOL_FUNCTION},     {"TRIGGER", WTFCB_SYMBOL_FUNCTION},
    {"TYPE", WTFCB_SYMBOL_STRUCT},        {"SCHEMA", WTFCB_SYMBOL_NAMESPACE},  {"DATABASE", WTFCB_SYMBOL_NAMESPACE},
    {"PACKAGE", WTFCB_SYMBOL_NAMESPACE},  {"DOMAIN", WTFCB_SYMBOL_TYPE_ALIAS}, {"SEQUENCE", WTFCB_SYMBOL_VARIABLE},
    {"INDEX", WTFCB_SYMBOL_PROPERTY},
};

/* What may stand between CREATE and the object; anything else is something that we do not list. */
static const char *const modifiers[] = {
    "OR",          "REPLACE",  "ALTER",          "TEMP",         "TEMPORARY", "GLOBAL",    "LOCAL",
    "UNLOGGED",    "UNIQUE",   "RECURSIVE",      "MATERIALIZED", "FOREIGN",   "EXTERNAL",  "VIRTUAL",
    "CONSTRAINT",  "FULLTEXT", "SPATIAL",        "BITMAP",       "CLUSTERED", "TRANSIENT", "FORCE",
    "EDITIONABLE", "COLUMN",   "NONEDITIONABLE", "NONCLUSTERED", "AGGREGATE", "SECURE",
};
static const char *const fillers[] = {"IF", "NOT", "EXISTS", "CONCURRENTLY", "BODY"};

/* Words that were not looked for are cut: nobody writes that many. */
enum { MOST_WORDS = 16 };

static bool is_word_byte(char c)
{
    return (unsigned char)c >= 0x80 || c == '_' || c == '$' || c == '#' || c == '@' || (c >= '0' && c <= '9') ||
           (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static void skip_space(reader *r)
{
    while (r->at < r->end) {
        char c = r->text[r->at];
        if (c == '\n') r->line++, r->line_start = r->at + 1;
        if (c == '-' && r->at + 1 < r->end && r->text[r->at + 1] == '-') {
            const char *line = memchr(r->text + r->at, '\n', r->end - r->at);
            r->at = line ? (uint32_t)(line - r->text) : r->end;
        } else if ((unsigned char)c > ' ') {
            return;
        } else {
            r->at++;
        }
    }
}

/* The next word, quoted or not; empty at anything else. */
static wtfcb_lang_span read_word(reader *r)
{
    skip_space(r);
    wtfcb_lang_span word = {r->at, r->at, r->line, r->at - r->line_start};
    if (r->at >= r->end) return word;
    const char *quote = strchr("\"`[", r->text[r->at]);
    if (quote && *quote) {
        char last = *quote == '[' ? ']' : *quote;
        uint32_t limit = r->end - r->at > 256 ? r->at + 256 : r->end;
        uint32_t end = r->at + 1;
        while (end < limit && r->text[end] != last && r->text[end] != '\n')
            end++;
        if (end >= limit || r->text[end] != last) return word;
        r->at = end + 1;
        return (wtfcb_lang_span){word.start + 1, end, word.line, word.column + 1};
    }
    while (r->at < r->end && is_word_byte(r->text[r->at]))
        r->at++;
    word.end = r->at;
    return word;
}

static bool is_word(const char *text, wtfcb_lang_span span, const char *word)
{
    size_t length = strlen(word);
    if (span.end - span.start != length) return false;
    for (size_t i = 0; i < length; i++)
        if ((text[span.start + i] & ~0x20) != word[i]) return false;
    return true;
}

static bool is_any(const char *text, wtfcb_lang_span span, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (is_word(text, span, words[i])) return true;
    return false;
}

/* What CREATE makes, by the word that says it; 0 if we do not list such things. */
static uint32_t read_kind(reader *r)
{
    for (uint32_t words = 0; words < MOST_WORDS; words++) {
        wtfcb_lang_span word = read_word(r);
        for (size_t i = 0; i < sizeof objects / sizeof *objects; i++)
            if (is_word(r->text, word, objects[i].word)) return objects[i].kind;
        if (!is_any(r->text, word, modifiers, sizeof modifiers / sizeof *modifiers)) return 0;
    }
    return 0;
}

/* The last part of a dotted name. */
static wtfcb_lang_span read_name(reader *r)
{
    wtfcb_lang_span name = read_word(r);
    while (name.end > name.start && is_any(r->text, name, fillers, sizeof fillers / sizeof *fillers))
        name = read_word(r);
    while (r->at < r->end && r->text[r->at] == '.') {
        r->at++;
        name = read_word(r);
    }
    return name;
}

static uint32_t count_arguments(wtfcb_lang_visit *visit, TSNode node)
{
    TSNode child;
    uint32_t count = 0;
    for (bool more = wtfcb_lang_rules_first(visit, node, &child); more; more = wtfcb_lang_rules_next(visit, &child))
        if (strcmp(ts_node_type(child), "function_arguments") == 0) count = ts_node_named_child_count(child);
    return count;
}

/* A statement that begins with CREATE, or that word alone in an error. */
static void create(wtfcb_lang_visit *visit, TSNode node, bool recovered)
{
    TSPoint point = ts_node_start_point(node);
    uint32_t start = ts_node_start_byte(node);
    reader r = {visit->text, start, visit->length, point.row, start - point.column};
    (void)read_word(&r); /* CREATE */
    uint32_t kind = read_kind(&r);
    wtfcb_lang_span name = kind ? read_name(&r) : (wtfcb_lang_span){0};
    /* `CREATE INDEX ON t`: the index has no name */
    if (name.end <= name.start || is_word(visit->text, name, "ON")) return;
    if (kind == WTFCB_SYMBOL_STRUCT && !recovered && wtfcb_lang_rules_has_child(visit, node, "keyword_enum", NULL))
        kind = WTFCB_SYMBOL_ENUM;
    bool function = kind == WTFCB_SYMBOL_FUNCTION;
    wtfcb_lang_definition definition = {.name = name,
                                        .node = node,
                                        .kind = kind,
                                        .parameters = function && !recovered ? count_arguments(visit, node) : 0,
                                        .signature_end = recovered || !function ? r.at : 0,
                                        .recovered = recovered};
    visit->define(visit, &definition);
    visit->opens = function ? WTFCB_LANG_DO_FUNCTION : WTFCB_LANG_DO_TYPE;
}

static void statement(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    (void)rule;
    visit->opens = WTFCB_LANG_DO_FUNCTION;
    create(visit, node, false);
}

static void lost_statement(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    (void)rule;
    if (visit->above->tag == 0) create(visit, node, true);
    visit->opens = 0;
}

static void column(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    TSNode name = wtfcb_lang_rules_field(visit, node, WTFCB_LANG_FIELD_name);
    if (!ts_node_is_null(name))
        wtfcb_lang_rules_define(visit, node, wtfcb_lang_rules_unquote(visit, name), rule->kinds[visit->scope]);
}

static void enum_element(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    TSNode child;
    for (bool more = wtfcb_lang_rules_first(visit, node, &child); more; more = wtfcb_lang_rules_next(visit, &child))
        if (ts_node_is_named(child) && strcmp(ts_node_type(child), "literal") == 0)
            wtfcb_lang_rules_define(visit, child, wtfcb_lang_rules_unquote(visit, child), rule->kinds[visit->scope]);
}

enum { NOTHING, CREATE };

#define BODY WTFCB_LANG_DO_BODY
#define CREATES(type)                                                                                                  \
    {                                                                                                                  \
        .node = type, .actions = WTFCB_LANG_DO_TYPE, .kinds = {WTFCB_SYMBOL_STRUCT, 0, 0}, .tag = CREATE,              \
        .hook = statement                                                                                              \
    }

static const wtfcb_lang_rule_spec rows[] = {
    CREATES("create_table"),
    CREATES("create_view"),
    CREATES("create_materialized_view"),
    CREATES("create_function"),
    CREATES("create_procedure"),
    CREATES("create_trigger"),
    CREATES("create_type"),
    CREATES("create_index"),
    CREATES("create_schema"),
    CREATES("create_database"),
    CREATES("create_sequence"),
    {.node = "keyword_create",
     .actions = WTFCB_LANG_DO_TYPE,
     .kinds = {WTFCB_SYMBOL_STRUCT, WTFCB_SYMBOL_STRUCT, 0},
     .hook = lost_statement},
    {.node = "column_definition", .actions = WTFCB_LANG_DO_SKIP, .kinds = {0, WTFCB_SYMBOL_FIELD, 0}, .hook = column},
    {.node = "enum_elements",
     .actions = BODY | WTFCB_LANG_DO_SKIP,
     .kinds = {0, WTFCB_SYMBOL_ENUM_MEMBER, 0},
     .hook = enum_element},
    {.node = "column_definitions", .actions = BODY},
    {.node = "create_query", .actions = BODY},
    {.node = "function_body", .actions = BODY},
    {.node = "insert", .actions = WTFCB_LANG_DO_SKIP},
    {.node = "case", .actions = WTFCB_LANG_DO_COST | WTFCB_LANG_DO_NEST_ALL},
    {.node = "keyword_when", .actions = WTFCB_LANG_DO_BRANCH},
    {.node = "binary_expression", .actions = WTFCB_LANG_DO_LOGIC},
    {.node = "keyword_and", .actions = WTFCB_LANG_DO_AND},
    {.node = "keyword_or", .actions = WTFCB_LANG_DO_OR},
};

const wtfcb_lang_rules_spec wtfcb_lang_rules_sql = {
    .grammar = "sql", .rows = rows, .count = sizeof rows / sizeof *rows};
