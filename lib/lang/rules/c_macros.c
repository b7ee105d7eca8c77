/* What macros define, and reading heads that the grammar of C++ took for functions; see c_macros.h. */
#include "lang/rules/c_macros.h"

#include <string.h>

#include "lang/rules/table.h"

bool wtfcb_lang_rules_is_word(char c)
{
    return c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Take one more word of a head: the last keyword decides the kind, the last word behind it is the name. */
static void take_word(const wtfcb_lang_visit *visit, wtfcb_lang_span word, wtfcb_lang_rules_head *found)
{
    static const struct {
        const char *word;
        uint32_t kind;
    } keywords[] = {{"class", WTFCB_SYMBOL_CLASS},
                    {"struct", WTFCB_SYMBOL_STRUCT},
                    {"union", WTFCB_SYMBOL_UNION},
                    {"namespace", WTFCB_SYMBOL_NAMESPACE}};
    for (size_t i = 0; i < sizeof keywords / sizeof *keywords; i++) {
        if (!wtfcb_lang_rules_is(visit, word, keywords[i].word)) continue;
        *found = (wtfcb_lang_rules_head){.kind = keywords[i].kind};
        return;
    }
    if (found->kind && !wtfcb_lang_rules_is(visit, word, "final")) found->name = word;
}

#define LONGEST_HEAD 512

/*
 * `class MACRO name : base {`, or `namespace name {` behind a macro without a semicolon: the grammar sees a function
 * without parameters there. The text in front of its body says what it is.
 */
wtfcb_lang_rules_head wtfcb_lang_rules_read_head(const wtfcb_lang_visit *visit, TSNode node, TSNode body)
{
    wtfcb_lang_span at = wtfcb_lang_rules_span(node);
    uint32_t end = ts_node_start_byte(body);
    wtfcb_lang_rules_head found = {0};
    if (end - at.start > LONGEST_HEAD) return found;
    uint32_t line = at.line, line_start = at.start - at.column;
    for (uint32_t i = at.start; i < end; i++) {
        char c = visit->text[i];
        if (c == '\n') {
            line++;
            line_start = i + 1;
        } else if (wtfcb_lang_rules_is_word(c)) {
            uint32_t start = i;
            while (i + 1 < end && wtfcb_lang_rules_is_word(visit->text[i + 1]))
                i++;
            take_word(visit, (wtfcb_lang_span){start, i + 1, line, start - line_start}, &found);
        } else if (c == ':' && i + 1 < end && visit->text[i + 1] == ':') {
            i++;
        } else if (c == ':' || c == '(' || c == '<' || c == '=') {
            if (found.name.end > 0) break; /* bases, arguments of a specialisation */
            found.kind = 0;
        }
    }
    if (found.name.end == 0) found.kind = 0;
    return found;
}

/* The first entry that fits decides. */
static const wtfcb_lang_rules_definer definers[] = {
    {"DEFINE_PER_CPU", "", 1, WTFCB_SYMBOL_VARIABLE}, /* the type comes first */
    {"DEFINE_", "EVENT", 0, 0},                       /* an event is a template's instance: functions of other names */
    {"DEFINE_", "", 0, WTFCB_SYMBOL_VARIABLE},
    {"LIST_HEAD", "", 0, WTFCB_SYMBOL_VARIABLE},
    {"HLIST_HEAD", "", 0, WTFCB_SYMBOL_VARIABLE},
    {"LLIST_HEAD", "", 0, WTFCB_SYMBOL_VARIABLE},
    {"BLOCKING_NOTIFIER_HEAD", "", 0, WTFCB_SYMBOL_VARIABLE},
    {"ATOMIC_NOTIFIER_HEAD", "", 0, WTFCB_SYMBOL_VARIABLE},
    {"RAW_NOTIFIER_HEAD", "", 0, WTFCB_SYMBOL_VARIABLE},
    {"SRCU_NOTIFIER_HEAD", "", 0, WTFCB_SYMBOL_VARIABLE},
    {"DECLARE_WAIT_QUEUE_HEAD", "", 0, WTFCB_SYMBOL_VARIABLE},
    {"DECLARE_RWSEM", "", 0, WTFCB_SYMBOL_VARIABLE},
    {"DECLARE_WORK", "", 0, WTFCB_SYMBOL_VARIABLE},
    {"DECLARE_DELAYED_WORK", "", 0, WTFCB_SYMBOL_VARIABLE},
    {"DECLARE_BITMAP", "", 0, WTFCB_SYMBOL_VARIABLE},
};

const wtfcb_lang_rules_definer *wtfcb_lang_rules_find_definer(const wtfcb_lang_visit *visit, wtfcb_lang_span macro)
{
    for (const wtfcb_lang_own_macro *own = visit->rules->macros; own; own = own->next) {
        if (own->language != visit->rules->language) continue;
        const char *name = own->definer.begins;
        if (own->whole ? wtfcb_lang_rules_is(visit, macro, name) : wtfcb_lang_rules_starts(visit, macro, name))
            return &own->definer;
    }
    for (size_t i = 0; i < sizeof definers / sizeof *definers; i++) {
        const wtfcb_lang_rules_definer *d = &definers[i];
        if (wtfcb_lang_rules_starts(visit, macro, d->begins) && wtfcb_lang_rules_ends(visit, macro, d->ends)) return d;
    }
    return NULL;
}

bool wtfcb_lang_rules_in_capitals(const wtfcb_lang_visit *visit, wtfcb_lang_span span)
{
    for (uint32_t i = span.start; i < span.end; i++)
        if (!wtfcb_lang_rules_is_word(visit->text[i]) || (visit->text[i] >= 'a' && visit->text[i] <= 'z')) return false;
    return span.end > span.start;
}

#define LONGEST_CUT 256

/* From `at` past blanks, and past brackets of this kind, which are closed before `end`. */
static uint32_t past(const wtfcb_lang_visit *visit, uint32_t at, uint32_t end, char open, char close)
{
    for (uint32_t depth = 0; at < end; at++) {
        char c = visit->text[at];
        if (c == open && open != '\0')
            depth++;
        else if (c == close && depth > 0)
            depth--;
        else if (depth == 0 && c != ' ' && c != '\t' && c != '\n' && c != '\r')
            break;
    }
    return at;
}

/* The word at `at`, its line and column counted from `from`, which stands in front of it. */
static wtfcb_lang_span word_at(const wtfcb_lang_visit *visit, wtfcb_lang_span from, uint32_t at, uint32_t end)
{
    wtfcb_lang_span word = {.start = at, .end = at, .line = from.line, .column = from.column + (at - from.start)};
    for (uint32_t i = from.start; i < at; i++) {
        if (visit->text[i] != '\n') continue;
        word.line++;
        word.column = at - i - 1;
    }
    if (at < end && visit->text[at] >= '0' && visit->text[at] <= '9') return word;
    while (word.end < end && wtfcb_lang_rules_is_word(visit->text[word.end]))
        word.end++;
    return word;
}

bool wtfcb_lang_rules_name_at_cut(const wtfcb_lang_visit *visit, wtfcb_lang_span last, uint32_t end,
                                  wtfcb_lang_span *ret_name)
{
    uint32_t limit = visit->length - last.end < LONGEST_CUT ? visit->length : last.end + LONGEST_CUT;
    if (end < last.end || end >= limit || memchr(visit->text + last.end, ',', end - last.end)) return false;
    wtfcb_lang_span next = word_at(visit, last, past(visit, end, limit, '\0', '\0'), limit);
    bool behind = wtfcb_lang_rules_starts(visit, next, "__"); /* the attribute */
    if (next.end == next.start || behind == wtfcb_lang_rules_starts(visit, last, "__")) return false;
    uint32_t at = past(visit, next.end, limit, behind ? '(' : '[', behind ? ')' : ']');
    if (at >= limit || (visit->text[at] != ';' && visit->text[at] != '=')) return false;
    *ret_name = behind ? last : next;
    return true;
}
