/*
 * Shell: sh, Bash and their kin.
 *
 *   f() ..., function f                 function, also nested
 *   x=... at file level                 variable              readonly x=..., declare -r x=...   constant
 *   alias x=...                         macro
 *
 * Assignments in functions, in subshells and $(...), in front of a command, to elements of arrays, with += and by loops
 * are no symbols. Each other assignment counts. There is no visibility: whoever sources the file has all of it. Imports:
 * `source` and `.`: a file if the path is written out, dynamic if something in it is expanded. A branch: if, elif, loops,
 * case items but `*`, && and ||, also between commands; `break 2` and `continue 2` are labelled jumps.
 */
#include <string.h>

#include "lang/rules/table.h"

enum { NOTHING, NAME, ELEMENT, COMMAND, DECLARATION, LOOP, WORD, QUOTED, ASSIGNMENT };

static const char *skip_blanks(const char *text, const char *end)
{
    while (text < end && (*text == ' ' || *text == '\t'))
        text++;
    return text;
}

/*
 * Assignments in front of a command hold for it alone. The grammar makes lines of assignments above a command part of it:
 * those that end their line are not.
 */
static bool is_prefix(const wtfcb_lang_visit *visit, TSNode node)
{
    const char *end = visit->text + visit->length;
    for (; !ts_node_is_null(node); node = ts_node_next_sibling(node)) {
        if (wtfcb_lang_rules_tag(visit, node) != ASSIGNMENT) return true;
        const char *next = skip_blanks(visit->text + ts_node_end_byte(node), end);
        if (next == end || strchr("\n\r;#", *next)) return false;
    }
    return false;
}

static void assignment(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    TSNode name = wtfcb_lang_rules_field(visit, node, WTFCB_LANG_FIELD_name);
    if (ts_node_is_null(name) || wtfcb_lang_rules_tag(visit, name) != NAME || visit->above->tag == LOOP) return;
    wtfcb_lang_span span = wtfcb_lang_rules_span(name);
    if (span.end >= visit->length || visit->text[span.end] == '+') return;
    if (visit->above->tag == COMMAND && is_prefix(visit, node)) return;
    bool constant =
        visit->above->tag == DECLARATION && visit->pending.start <= span.start && span.end <= visit->pending.end;
    visit->define(
        visit, &(wtfcb_lang_definition){
                   .name = span, .node = node, .kind = constant ? WTFCB_SYMBOL_CONSTANT : rule->kinds[visit->scope]});
}

/* Notes for its assignments whether they are constants. */
static void declaration(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    TSNode child;
    (void)rule;
    wtfcb_lang_span span = wtfcb_lang_rules_span(node);
    bool constant = wtfcb_lang_rules_starts(visit, span, "readonly");
    for (bool more = wtfcb_lang_rules_first(visit, node, &child); more; more = wtfcb_lang_rules_next(visit, &child)) {
        wtfcb_lang_span word = wtfcb_lang_rules_span(child);
        if (wtfcb_lang_rules_tag(visit, child) != WORD || wtfcb_lang_rules_byte(visit, word) != '-') continue;
        if (memchr(visit->text + word.start, 'r', word.end - word.start)) constant = true;
    }
    if (constant) visit->pending = span;
}

static void aliases(wtfcb_lang_visit *visit, TSNode node)
{
    TSNode child;
    for (bool more = wtfcb_lang_rules_first(visit, node, &child); more; more = wtfcb_lang_rules_next(visit, &child)) {
        if (!wtfcb_lang_rules_at_field(visit, WTFCB_LANG_FIELD_argument)) continue;
        wtfcb_lang_span span = wtfcb_lang_rules_span(child);
        if (span.end > visit->length || strchr("-'\"$", wtfcb_lang_rules_byte(visit, span))) continue;
        const char *equal = memchr(visit->text + span.start, '=', span.end - span.start);
        if (!equal) continue;
        span.end = (uint32_t)(equal - visit->text);
        visit->define(visit, &(wtfcb_lang_definition){.name = span, .node = node, .kind = WTFCB_SYMBOL_MACRO});
    }
}

static void source(wtfcb_lang_visit *visit, TSNode node)
{
    TSNode path = wtfcb_lang_rules_field(visit, node, WTFCB_LANG_FIELD_argument);
    if (ts_node_is_null(path)) return;
    wtfcb_lang_span text = wtfcb_lang_rules_span(path);
    uint8_t tag = wtfcb_lang_rules_tag(visit, path);
    if (text.end > visit->length) return;
    if (tag == QUOTED) text = wtfcb_lang_rules_unquote(visit, path);
    bool plain = (tag == WORD || tag == QUOTED) && !memchr(visit->text + text.start, '$', text.end - text.start) &&
                 !memchr(visit->text + text.start, '`', text.end - text.start);
    visit->import(visit, node, text, plain ? WTFCB_IMPORT_FILE : WTFCB_IMPORT_DYNAMIC);
}

/* Commands are many: the text tells most of them apart without a look at their children. */
static void command(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    (void)rule;
    wtfcb_lang_span span = wtfcb_lang_rules_span(node);
    if (span.end > visit->length || !strchr(".sabc", wtfcb_lang_rules_byte(visit, span))) return;
    TSNode name = wtfcb_lang_rules_field(visit, node, WTFCB_LANG_FIELD_name);
    if (ts_node_is_null(name)) return;
    wtfcb_lang_span word = wtfcb_lang_rules_span(name);
    if (wtfcb_lang_rules_is(visit, word, ".") || wtfcb_lang_rules_is(visit, word, "source"))
        source(visit, node);
    else if (wtfcb_lang_rules_is(visit, word, "alias") && visit->scope == WTFCB_LANG_SCOPE_FILE)
        aliases(visit, node);
    else if ((wtfcb_lang_rules_is(visit, word, "break") || wtfcb_lang_rules_is(visit, word, "continue")) &&
             !ts_node_is_null(wtfcb_lang_rules_field(visit, node, WTFCB_LANG_FIELD_argument)))
        visit->count(visit, 0, 1);
}

/* What it assigns is gone at its end; within a function that says nothing new. */
static void subshell(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    (void)node, (void)rule;
    if (visit->scope == WTFCB_LANG_SCOPE_FUNCTION) visit->opens = 0;
}

/* `*)` is the default and no branch. */
static void case_item(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    TSNode value = wtfcb_lang_rules_field(visit, node, WTFCB_LANG_FIELD_value);
    (void)rule;
    if (ts_node_is_null(value) || !wtfcb_lang_rules_is(visit, wtfcb_lang_rules_span(value), "*"))
        visit->count(visit, 1, 0);
}

#define BRANCH WTFCB_LANG_DO_BRANCH
#define COST WTFCB_LANG_DO_COST
#define NEST WTFCB_LANG_DO_NEST
#define TOKEN WTFCB_LANG_DO_TOKEN
#define SCAN WTFCB_LANG_DO_SCAN
#define SKIP WTFCB_LANG_DO_SKIP

static const wtfcb_lang_rule_spec rows[] = {
    {.node = "function_definition",
     .actions = WTFCB_LANG_DO_FUNCTION,
     .kinds = WTFCB_LANG_ANYWHERE(WTFCB_SYMBOL_FUNCTION)},
    {.node = "variable_assignment",
     .actions = SCAN,
     .kinds = {WTFCB_SYMBOL_VARIABLE, 0, 0},
     .tag = ASSIGNMENT,
     .hook = assignment},
    {.node = "declaration_command",
     .actions = WTFCB_LANG_DO_SCAN_LOCAL,
     .kinds = {WTFCB_SYMBOL_VARIABLE, 0, 0},
     .tag = DECLARATION,
     .hook = declaration},
    {.node = "command", .actions = WTFCB_LANG_DO_SCAN_LOCAL, .tag = COMMAND, .hook = command},
    {.node = "subshell", .actions = WTFCB_LANG_DO_FUNCTION, .hook = subshell},
    {.node = "command_substitution", .actions = WTFCB_LANG_DO_FUNCTION, .hook = subshell},
    {.node = "process_substitution", .actions = WTFCB_LANG_DO_FUNCTION, .hook = subshell},
    {.node = "variable_name", .tag = NAME},
    {.node = "subscript", .actions = SKIP, .tag = ELEMENT},
    {.node = "word", .tag = WORD},

    {.node = "if_statement", .actions = BRANCH | COST | WTFCB_LANG_DO_NEST_ALL},
    {.node = "elif_clause", .actions = BRANCH | WTFCB_LANG_DO_FLAT},
    {.node = "else_clause", .actions = WTFCB_LANG_DO_FLAT},
    {.node = "while_statement", .actions = BRANCH | COST | NEST},
    {.node = "for_statement", .actions = BRANCH | COST | NEST},
    {.node = "c_style_for_statement", .actions = BRANCH | COST | NEST, .tag = LOOP},
    {.node = "case_statement", .actions = COST | WTFCB_LANG_DO_NEST_ALL},
    {.node = "case_item", .hook = case_item},
    {.node = "ternary_expression", .actions = BRANCH | COST | NEST},
    /* A list has no field for its operator; as a group it passes the chain on all the same. */
    {.node = "list", .actions = WTFCB_LANG_DO_LOGIC | WTFCB_LANG_DO_GROUP},
    {.node = "binary_expression", .actions = WTFCB_LANG_DO_LOGIC | SCAN},
    {.node = "parenthesized_expression", .actions = WTFCB_LANG_DO_GROUP | SCAN},
    {.node = "&&", .actions = TOKEN | WTFCB_LANG_DO_AND},
    {.node = "||", .actions = TOKEN | WTFCB_LANG_DO_OR},

    {.node = "string", .actions = SCAN, .tag = QUOTED},
    {.node = "raw_string", .actions = SKIP, .tag = QUOTED},
    {.node = "concatenation", .actions = SCAN},
    {.node = "expansion", .actions = SCAN},
    {.node = "arithmetic_expansion", .actions = SCAN},
    {.node = "test_command", .actions = SCAN},
    {.node = "array", .actions = SCAN},
    {.node = "heredoc_body", .actions = SCAN},
    {.node = "file_redirect", .actions = SCAN},
};

const wtfcb_lang_rules_spec wtfcb_lang_rules_bash = {.grammar = "bash",
                                                     .rows = rows,
                                                     .count = sizeof rows / sizeof *rows,
                                                     .signs = "?",
                                                     .double_signs = "&|",
                                                     .words = "if while until for select case function"};
