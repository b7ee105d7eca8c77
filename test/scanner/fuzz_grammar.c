/*
 * One grammar (WTFCB_FUZZ_GRAMMAR names it) with its external scanner, through the parser driver, the rules and the record,
 * with limits that are small enough for a single input to take well under a second. Whatever the text, the driver
 * comes back with a status, and the facts lie inside the text.
 */
#include "../fuzz.h"

#include "base/memory.h"
#include "lang/grammar.h"
#include "lang/languages.h"
#include "scanner/parse.h"
#include "scanner/record.h"

static wtfcb_languages *languages;
static wtfcb_allocator allocator;
static const wtfcb_lang_grammar *grammar;

/* Called once by libFuzzer, once for each folder of the corpus by the replay, and before any by the latter. */
int LLVMFuzzerInitialize(const int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    allocator = wtfcb_base_allocator(NULL);
    const char *name = getenv("WTFCB_FUZZ_GRAMMAR");
    if (!languages) {
        FUZZ_ASSERT(wtfcb_languages_new(NULL, &languages) == WTFCB_OK);
        FUZZ_ASSERT(wtfcb_lang_grammars_prepare(languages) == WTFCB_OK);
    }
    grammar = NULL;
    for (uint16_t i = 0; name && !grammar && i < languages->count; i++) {
        if (!languages->rows[i].grammar || strcmp(languages->rows[i].grammar, name) != 0) continue;
        if (wtfcb_lang_grammar_get(languages, i, &grammar) == WTFCB_OK) continue;
        fprintf(stderr, "%s\n", grammar ? grammar->message : name);
        return 1;
    }
    if (name && !grammar) fprintf(stderr, "no language has a grammar named %s\n", name);
    return name && !grammar;
}

static void check_range(const wtfcb_range *range, size_t length)
{
    FUZZ_ASSERT(range->start_byte <= range->end_byte && range->end_byte <= length);
    FUZZ_ASSERT(range->start_line <= range->end_line);
}

static void check_facts(const wtfcb_scanner_facts *facts, size_t length)
{
    for (size_t i = 0; i < facts->symbol_count; i++) {
        const wtfcb_scanner_symbol *symbol = &facts->symbols[i];
        check_range(&symbol->range, length);
        FUZZ_ASSERT(symbol->name_byte <= length && symbol->name_length <= length - symbol->name_byte);
        FUZZ_ASSERT(symbol->parent == WTFCB_SCANNER_NO_PARENT || symbol->parent < i);
        FUZZ_ASSERT(i == 0 || facts->symbols[i - 1].range.start_byte <= symbol->range.start_byte);
    }
    for (size_t i = 0; i < facts->import_count; i++) {
        const wtfcb_scanner_import *import = &facts->imports[i];
        check_range(&import->range, length);
        FUZZ_ASSERT(import->text_byte <= length && import->text_length <= length - import->text_byte);
    }
    for (size_t i = 0; i < facts->finding_count; i++)
        check_range(&facts->findings[i].range, length);
    FUZZ_ASSERT(facts->error_bytes <= length);
}

static void check_record(const wtfcb_scanner_facts *facts, const char *text)
{
    wtfcb_scanner_record_maker maker;
    wtfcb_lang_children children;
    wtfcb_scanner_record *record = NULL;
    wtfcb_lang_children_init(&children, &allocator);
    wtfcb_scanner_record_maker_init(&maker, &allocator);
    FUZZ_ASSERT(wtfcb_scanner_record_make(&maker, facts, text, &children, &record) == WTFCB_OK);
    wtfcb_scanner_record_unref(&allocator, record);
    wtfcb_scanner_record_maker_free(&maker);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    FUZZ_ASSERT(grammar);
    wtfcb_scanner_parse_limits limits = {.memory = 24 << 20, .work = 150000, .findings = 20};
    char *text = fuzz_copy(data, size, 0, 0);
    wtfcb_scanner_parser parser;
    wtfcb_scanner_parser_init(&parser, &allocator);
    wtfcb_status status = wtfcb_scanner_parse(&parser, grammar, text, size, &limits);
    FUZZ_ASSERT(status == WTFCB_OK || status == WTFCB_ELIMIT || status == WTFCB_EGRAMMAR);
    if (status == WTFCB_OK) {
        check_facts(&parser.facts, size);
        check_record(&parser.facts, text);
    } else {
        FUZZ_ASSERT(parser.facts.symbol_count == 0 && parser.facts.import_count == 0);
    }
    wtfcb_scanner_parser_free(&parser);
    free(text);
    return 0;
}
