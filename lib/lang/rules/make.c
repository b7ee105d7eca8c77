/*
 * Make.
 *
 *   target of a rule                    function, one for each target; its signature is the line in front of the recipe
 *   name =, :=, ::=, ?=, !=             variable
 *   define ... endef                    macro
 *
 * Targets that begin with a dot and a capital (.PHONY) are directions to make, `name +=` adds to what is defined
 * elsewhere, and a variable of a target alone is local: no symbols. A variable whose name is computed is none; a target
 * is listed as it is written ("$(B)/out", "%.o"). Conditionals change nothing. All are public. Imports: each word of
 * include, -include and sinclude, as files, as it is written. What recipes and functions of make do is not seen.
 *
 * The grammar takes `obj-$(X) += y.o`, the daily bread of Kbuild files, for a rule that goes on over the next lines.
 * Such a rule is read by its lines: what they define has the range of the whole and is marked as recovered.
 */
#include <string.h>

#include "lang/rules/table.h"

/* Whether a name is written out. */
static bool is_plain(const wtfcb_lang_visit *visit, wtfcb_lang_span name)
{
    return name.end <= visit->length && !memchr(visit->text + name.start, '$', name.end - name.start);
}

static bool is_direction(const wtfcb_lang_visit *visit, wtfcb_lang_span name)
{
    char second = name.end - name.start > 1 ? visit->text[name.start + 1] : 0;
    return wtfcb_lang_rules_byte(visit, name) == '.' && second >= 'A' && second <= 'Z';
}

/* A line that is read by itself, and the node that it stands in. */
typedef struct broken_line {
    TSNode node;
    uint32_t start;
    uint32_t end;
    uint32_t line;
    uint32_t column; /* of its start */
} broken_line;

static void define_recovered(wtfcb_lang_visit *visit, const broken_line *line, wtfcb_lang_span name, uint32_t kind)
{
    uint32_t start = ts_node_start_byte(line->node);
    wtfcb_lang_definition definition = {.name = name,
                                        .node = line->node,
                                        .kind = kind,
                                        .signature_end = line->start == start ? line->end : start,
                                        .recovered = true};
    visit->define(visit, &definition);
}

/* The first `=` or `:` that stands in no parentheses; the end of the line if there is none. */
static uint32_t find_sign(const char *text, const broken_line *line)
{
    uint32_t depth = 0, at = line->start;
    for (; at < line->end; at++) {
        char c = text[at];
        if (c == '(' || c == '{')
            depth++;
        else if ((c == ')' || c == '}') && depth > 0)
            depth--;
        else if (depth == 0 && (c == '=' || c == ':' || c == '#'))
            break;
    }
    return at < line->end && text[at] == '#' ? line->end : at;
}

/* The words in front of the sign: targets, or the name of a variable. */
static void read_line(wtfcb_lang_visit *visit, const broken_line *line)
{
    const char *text = visit->text;
    uint32_t sign = find_sign(text, line), end = sign, words = 0;
    if (sign >= line->end || text[line->start] == '\t') return;
    uint32_t after = sign;
    while (after < line->end && text[after] == ':')
        after++;
    bool assigns = after < line->end && text[after] == '=';
    if (assigns && sign > line->start && strchr("+?!", text[sign - 1])) end--;
    if (assigns && text[end] == '+') return;
    while (end > line->start && (unsigned char)text[end - 1] <= ' ')
        end--;
    wtfcb_lang_span word = {0};
    for (uint32_t at = line->start; at < end;) {
        while (at < end && (unsigned char)text[at] <= ' ')
            at++;
        word = (wtfcb_lang_span){at, at, line->line, line->column + at - line->start};
        while (at < end && (unsigned char)text[at] > ' ')
            at++;
        word.end = at;
        words++;
        if (!assigns && is_plain(visit, word) && !is_direction(visit, word))
            define_recovered(visit, line, word, WTFCB_SYMBOL_FUNCTION);
    }
    if (assigns && words == 1 && word.end > word.start && is_plain(visit, word))
        define_recovered(visit, line, word, WTFCB_SYMBOL_VARIABLE);
}

/* All lines of a rule, without those that continue another. */
static void read_lines(wtfcb_lang_visit *visit, TSNode node)
{
    TSPoint point = ts_node_start_point(node);
    uint32_t at = ts_node_start_byte(node), end = ts_node_end_byte(node);
    broken_line line = {.node = node, .line = point.row, .column = point.column};
    bool continued = false;
    if (end > visit->length) end = visit->length;
    for (; at < end; line.line++, line.column = 0) {
        const char *feed = memchr(visit->text + at, '\n', end - at);
        line.start = at;
        line.end = feed ? (uint32_t)(feed - visit->text) : end;
        if (!continued && line.end > line.start) read_line(visit, &line);
        continued = line.end > line.start && visit->text[line.end - 1] == '\\';
        at = line.end + 1;
    }
}

static void targets(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    TSNode list = ts_node_named_child(node, 0), child;
    if (ts_node_has_error(node)) {
        read_lines(visit, node);
        visit->opens = WTFCB_LANG_DO_FUNCTION; /* nothing else inside */
        return;
    }
    if (ts_node_is_null(list) || strcmp(ts_node_type(list), "targets") != 0) return;
    for (bool more = wtfcb_lang_rules_first(visit, list, &child); more; more = wtfcb_lang_rules_next(visit, &child)) {
        wtfcb_lang_span name = wtfcb_lang_rules_span(child);
        if (!ts_node_is_named(child) || name.end > visit->length || is_direction(visit, name)) continue;
        wtfcb_lang_rules_define(visit, node, name, rule->kinds[visit->scope]);
    }
}

static void assignment(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    TSNode name = wtfcb_lang_rules_field(visit, node, WTFCB_LANG_FIELD_name);
    TSNode sign = wtfcb_lang_rules_field(visit, node, WTFCB_LANG_FIELD_operator);
    if (ts_node_is_null(name) || !is_plain(visit, wtfcb_lang_rules_span(name))) return;
    if (!ts_node_is_null(sign) && strcmp(ts_node_type(sign), "+=") == 0) return;
    TSNode first = ts_node_child(node, 0); /* `target: name = value` begins with the target */
    if (ts_node_start_byte(first) != ts_node_start_byte(name)) return;
    wtfcb_lang_span span = wtfcb_lang_rules_span(name);
    char last = span.end > span.start ? visit->text[span.end - 1] : 0; /* `X?=1` has a name of "X?" */
    if (last == '+') return;
    if (last == '?' || last == '!') span.end--;
    wtfcb_lang_rules_define(visit, node, span, rule->kinds[visit->scope]);
}

static void include(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    TSNode list = ts_node_named_child(node, 0), child;
    (void)rule;
    if (ts_node_is_null(list)) return;
    for (bool more = wtfcb_lang_rules_first(visit, list, &child); more; more = wtfcb_lang_rules_next(visit, &child))
        if (ts_node_is_named(child) && !ts_node_is_error(child))
            visit->import(visit, node, wtfcb_lang_rules_span(child), WTFCB_IMPORT_FILE);
}

static const wtfcb_lang_rule_spec rows[] = {
    {.node = "rule", .actions = WTFCB_LANG_DO_SKIP, .kinds = {WTFCB_SYMBOL_FUNCTION, 0, 0}, .hook = targets},
    {.node = "recipe", .actions = WTFCB_LANG_DO_BODY},
    {.node = "variable_assignment",
     .actions = WTFCB_LANG_DO_SKIP,
     .kinds = {WTFCB_SYMBOL_VARIABLE, 0, 0},
     .hook = assignment},
    {.node = "shell_assignment",
     .actions = WTFCB_LANG_DO_SKIP,
     .kinds = {WTFCB_SYMBOL_VARIABLE, 0, 0},
     .hook = assignment},
    {.node = "define_directive", .actions = WTFCB_LANG_DO_SKIP, .kinds = {WTFCB_SYMBOL_MACRO, 0, 0}},
    {.node = "include_directive", .actions = WTFCB_LANG_DO_SKIP, .hook = include},
};

const wtfcb_lang_rules_spec wtfcb_lang_rules_make = {
    .grammar = "make", .rows = rows, .count = sizeof rows / sizeof *rows};
