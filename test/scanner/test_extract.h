/*
 * What the tests of fact extraction share: parse a text with a grammar of the build, and write its facts down as lines
 * that a person can check:
 *
 *     method area 12:4-14:5 name 12:8 in Shape exported parameters 1 cyclomatic 2 cognitive 1 nesting 1
 *     import module os.path 1:0-1:14
 *     finding syntax-error 3:0-3:4 unexpected "oops"
 *
 * Lines are counted from 1 there, columns in bytes from 0.
 */
#ifndef WTFCB_TEST_SCANNER_TEST_EXTRACT_H
#define WTFCB_TEST_SCANNER_TEST_EXTRACT_H

#include <wtfcb/language.h>

#include "../test.h"
#include "base/buffer.h"
#include "base/memory.h"
#include "lang/grammar.h"
#include "scanner/parse.h"

typedef struct facts_bench {
    wtfcb_allocator allocator;
    wtfcb_languages *languages;
    wtfcb_scanner_parser parser;
} facts_bench;

static inline void facts_open(facts_bench *bench)
{
    bench->allocator = wtfcb_base_allocator(NULL);
    ck_assert_int_eq(wtfcb_languages_new(NULL, &bench->languages), WTFCB_OK);
    ck_assert_int_eq(wtfcb_lang_grammars_prepare(bench->languages), WTFCB_OK);
    wtfcb_scanner_parser_init(&bench->parser, &bench->allocator);
}

static inline void facts_close(facts_bench *bench)
{
    wtfcb_scanner_parser_free(&bench->parser);
    wtfcb_languages_free(bench->languages);
}

static inline const wtfcb_lang_grammar *facts_grammar(facts_bench *bench, const char *language)
{
    uint32_t index;
    const wtfcb_lang_grammar *grammar = NULL;
    ck_assert_int_eq(wtfcb_languages_find(bench->languages, language, &index), WTFCB_OK);
    wtfcb_status status = wtfcb_lang_grammar_get(bench->languages, (uint16_t)index, &grammar);
    ck_assert_msg(status == WTFCB_OK, "%s: status %d, %s", language, status, grammar ? grammar->message : "");
    return grammar;
}

/* The facts of a text; they stay until the next call. */
static inline const wtfcb_scanner_facts *facts_of(facts_bench *bench, const char *language, const char *text,
                                                  size_t length)
{
    wtfcb_scanner_parse_limits limits = {.memory = (size_t)1 << 30, .findings = 100};
    wtfcb_status status = wtfcb_scanner_parse(&bench->parser, facts_grammar(bench, language), text, length, &limits);
    ck_assert_int_eq(status, WTFCB_OK);
    return &bench->parser.facts;
}

static inline void facts_line(wtfcb_base_buffer *out, const char *kind, size_t length, const char *text,
                              const wtfcb_range *range)
{
    char line[512];
    snprintf(line, sizeof line, "%s %.*s %u:%u-%u:%u", kind, (int)length, text, range->start_line + 1,
             range->start_column, range->end_line + 1, range->end_column);
    wtfcb_base_buffer_append_string(out, line);
}

static inline void facts_write_symbol(wtfcb_base_buffer *out, const wtfcb_scanner_facts *facts, size_t index,
                                      const char *text)
{
    const wtfcb_scanner_symbol *symbol = &facts->symbols[index];
    char line[512];
    facts_line(out, wtfcb_symbol_kind_name(symbol->kind), symbol->name_length, text + symbol->name_byte,
               &symbol->range);
    snprintf(line, sizeof line, " name %u:%u", symbol->name_line + 1, symbol->name_column);
    wtfcb_base_buffer_append_string(out, line);
    if (symbol->parent != WTFCB_SCANNER_NO_PARENT) {
        const wtfcb_scanner_symbol *parent = &facts->symbols[symbol->parent];
        snprintf(line, sizeof line, " in %.*s", (int)parent->name_length, text + parent->name_byte);
        wtfcb_base_buffer_append_string(out, line);
    }
    if (symbol->flags & WTFCB_SYMBOL_EXPORTED) wtfcb_base_buffer_append_string(out, " exported");
    if (symbol->flags & WTFCB_SYMBOL_RECOVERED) wtfcb_base_buffer_append_string(out, " recovered");
    const struct {
        const char *name;
        uint32_t value;
    } numbers[] = {{"parameters", symbol->parameters},
                   {"cyclomatic", symbol->cyclomatic},
                   {"cognitive", symbol->cognitive},
                   {"nesting", symbol->nesting}};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        if (numbers[i].value == 0) continue;
        snprintf(line, sizeof line, " %s %u", numbers[i].name, numbers[i].value);
        wtfcb_base_buffer_append_string(out, line);
    }
    wtfcb_base_buffer_append_byte(out, '\n');
}

/* All facts, as lines. */
static inline void facts_write(wtfcb_base_buffer *out, const wtfcb_scanner_facts *facts, const char *text)
{
    char line[64];
    wtfcb_base_buffer_reset(out);
    for (size_t i = 0; i < facts->symbol_count; i++)
        facts_write_symbol(out, facts, i, text);
    for (size_t i = 0; i < facts->import_count; i++) {
        const wtfcb_scanner_import *import = &facts->imports[i];
        wtfcb_base_buffer_append_string(out, "import ");
        facts_line(out, wtfcb_import_kind_name(import->kind), import->text_length, text + import->text_byte,
                   &import->range);
        wtfcb_base_buffer_append_byte(out, '\n');
    }
    for (size_t i = 0; i < facts->finding_count; i++) {
        const wtfcb_scanner_finding *finding = &facts->findings[i];
        ck_assert_uint_eq(finding->severity, WTFCB_SEVERITY_ERROR);
        facts_line(out, "finding", strlen(finding->rule), finding->rule, &finding->range);
        wtfcb_base_buffer_append_byte(out, ' ');
        wtfcb_base_buffer_append_string(out, finding->message);
        wtfcb_base_buffer_append_byte(out, '\n');
    }
    if (facts->has_errors) {
        snprintf(line, sizeof line, "error bytes %u\n", facts->error_bytes);
        wtfcb_base_buffer_append_string(out, line);
    }
    wtfcb_base_buffer_append_byte(out, '\0');
    ck_assert(!out->failed);
}

#endif
