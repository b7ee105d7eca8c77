/*
 * Driving the private tree-sitter core; see parse.h. Between begin and end of the arena nothing is held that a jump would
 * lose: the parser and the tree are the arena's, the facts and the scratch are the worker's.
 */
#include "scanner/parse.h"

#include <setjmp.h>

#include <tree_sitter/api.h>

#include <wtfcb/zone.h>

#include "base/clock.h"
#include "lang/foreign.h"
#include "lang/rules/table.h"

enum {
    OPERATIONS_PER_REPORT = 100, /* the core reports progress each time it has done this many operations */
    PIECE = 1024,                /* bytes of the text that the lexer is given at a time */
    BYTES_PER_STEP = 4,          /* of text that is read through, as the limit of work counts them */
    LONGEST_CHARACTER = 4,
};

typedef struct source {
    const char *text;
    uint32_t length;
    uint32_t begin; /* of the piece that was given last */
    uint32_t end;
    wtfcb_lang_core_arena *arena;
    const wtfcb_lang_macros *macros;
} source;

void wtfcb_scanner_parser_init(wtfcb_scanner_parser *parser, const wtfcb_allocator *allocator)
{
    *parser = (wtfcb_scanner_parser){0};
    wtfcb_lang_core_init(&parser->arena, allocator);
    wtfcb_scanner_extract_scratch_init(&parser->scratch, allocator);
    wtfcb_scanner_facts_init(&parser->facts, allocator);
}

void wtfcb_scanner_parser_free(wtfcb_scanner_parser *parser)
{
    wtfcb_lang_core_free(&parser->arena);
    wtfcb_lang_macros_free(&parser->macros, parser->scratch.allocator);
    wtfcb_scanner_extract_scratch_free(&parser->scratch);
    wtfcb_scanner_facts_free(&parser->facts);
}

/*
 * A lexer or an external scanner may read any stretch of text for each token, and operations do not tell. It asks
 * for a piece where the last one ended, or at a character that this end has cut, only when it has read through that, which
 * is what is counted; elsewhere it asks for what it may read little of. A piece begins where it is asked for, so that no
 * character is cut by its beginning. What macros hide is given as blanks.
 */
static const char *read_source(void *user, uint32_t byte, TSPoint point, uint32_t *ret_length)
{
    (void)point;
    source *whole = user;
    bool went_through = byte >= whole->begin && byte <= whole->end && whole->end - byte < LONGEST_CHARACTER;
    wtfcb_lang_core_spend(whole->arena, went_through ? 1 + (byte - whole->begin) / BYTES_PER_STEP : 1);
    if (byte >= whole->length) {
        *ret_length = 0;
        return "";
    }
    const char *piece = wtfcb_lang_macros_read(whole->macros, whole->text, whole->length, byte, ret_length);
    if (*ret_length > PIECE) *ret_length = PIECE;
    whole->begin = byte;
    whole->end = byte + *ret_length;
    return piece;
}

static bool on_progress(TSParseState *state)
{
    wtfcb_lang_core_spend(state->payload, OPERATIONS_PER_REPORT); /* does not return when the budget is used up */
    return false;
}

/* Runs inside the arena: may be left at any call of the core. */
static wtfcb_status parse_and_extract(wtfcb_scanner_parser *parser, const wtfcb_lang_grammar *grammar, const char *text,
                                      size_t length, uint32_t findings)
{
    source whole = {.text = text, .length = (uint32_t)length, .arena = &parser->arena, .macros = &parser->macros};
    TSInput input = {.payload = &whole, .read = read_source, .encoding = TSInputEncodingUTF8};
    TSParseOptions options = {.payload = &parser->arena, .progress_callback = on_progress};
    TSParser *core = ts_parser_new();
    if (!ts_parser_set_language(core, grammar->language)) return WTFCB_EGRAMMAR;
    const TSTree *tree = ts_parser_parse_with_options(core, NULL, input, options);
    uint64_t parsed = wtfcb_base_now();
    parser->parse_ns = parsed - parser->began;
    if (!tree) return WTFCB_EGRAMMAR;
    WTFCB_ZONE_BEGIN(extract, "extract");
    wtfcb_status status =
        wtfcb_scanner_extract(&parser->scratch, grammar->rules, tree, text, length, findings, &parser->facts);
    WTFCB_ZONE_END(extract);
    parser->extract_ns = wtfcb_base_now() - parsed;
    return status;
}

static wtfcb_status cut(wtfcb_scanner_parser *parser, uint32_t limit)
{
    parser->limits |= limit;
    return limit == WTFCB_LIMIT_TIME ? WTFCB_ETIMEOUT : WTFCB_ELIMIT;
}

wtfcb_status wtfcb_scanner_parse(wtfcb_scanner_parser *parser, const wtfcb_lang_grammar *grammar, const char *text,
                                 size_t length, const wtfcb_scanner_parse_limits *limits)
{
    wtfcb_lang_core_budget budget = {
        .memory = limits->memory,
        .work = limits->work,
        .time_ns = limits->time_ns,
        .stopped = limits->stopped,
        .user = limits->user,
    };
    wtfcb_scanner_facts_reset(&parser->facts);
    parser->parse_ns = parser->extract_ns = 0;
    parser->began = wtfcb_base_now();
    parser->limits = 0;
    parser->macros.count = 0;
    if (grammar->rules->spec == &wtfcb_lang_rules_cpp &&
        !wtfcb_lang_macros_find(&parser->macros, parser->scratch.allocator, text, (uint32_t)length))
        return WTFCB_ENOMEM;
    wtfcb_status status;
    if (grammar->foreign) wtfcb_lang_foreign_begin(grammar->language);
    switch (setjmp(*wtfcb_lang_core_begin(&parser->arena, &budget))) {
    case 0: status = parse_and_extract(parser, grammar, text, length, limits->findings); break;
    case WTFCB_LANG_CORE_MEMORY_LIMIT: status = cut(parser, WTFCB_LIMIT_MEMORY); break;
    case WTFCB_LANG_CORE_WORK_LIMIT: status = cut(parser, WTFCB_LIMIT_WORK); break;
    case WTFCB_LANG_CORE_TIME_LIMIT: status = cut(parser, WTFCB_LIMIT_TIME); break;
    case WTFCB_LANG_CORE_STOPPED: status = WTFCB_ECANCELLED; break;
    case WTFCB_LANG_CORE_FAILED: status = WTFCB_EGRAMMAR; break;
    default: status = WTFCB_ENOMEM; break;
    }
    if (grammar->foreign) wtfcb_lang_foreign_end();
    wtfcb_lang_core_end(&parser->arena);
    if (parser->parse_ns == 0) parser->parse_ns = wtfcb_base_now() - parser->began; /* it was cut */
    parser->work = parser->arena.work;
    if (status != WTFCB_OK) wtfcb_scanner_facts_reset(&parser->facts);
    if (parser->facts.findings_cut) parser->limits |= WTFCB_LIMIT_FINDINGS;
    return status;
}
