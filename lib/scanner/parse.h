/*
 * Parser driver: from a file's text to its facts, within limits.
 *
 * One per worker. Everything that tree-sitter allocates lives in the worker's arena (lang/core_memory.h) and is thrown
 * away after each file; a limit or a cancellation leaves the parse from inside.
 */
#ifndef WTFCB_SCANNER_PARSE_H
#define WTFCB_SCANNER_PARSE_H

#include <stddef.h>
#include <stdint.h>

#include "lang/core_memory.h"
#include "lang/grammar.h"
#include "lang/macros.h"
#include "scanner/extract.h"
#include "scanner/facts.h"

typedef struct wtfcb_scanner_parse_limits {
    size_t memory;
    uint64_t work;    /* 0: none */
    uint64_t time_ns; /* 0: none */
    uint32_t findings;
    int (*stopped)(const void *user); /* whether the whole scan is to end */
    const void *user;
} wtfcb_scanner_parse_limits;

typedef struct wtfcb_scanner_parser {
    wtfcb_lang_core_arena arena;
    wtfcb_scanner_extract_scratch scratch;
    wtfcb_lang_macros macros;  /* hidden from the grammar in the current file */
    wtfcb_scanner_facts facts; /* of the last file */
    uint64_t began;            /* likewise: instant, kept here because a jump may pass over it */
    uint64_t parse_ns;         /* likewise */
    uint64_t extract_ns;       /* likewise */
    uint64_t work;             /* likewise: steps, as the limit counts them */
    uint32_t limits;           /* likewise: WTFCB_LIMIT_* that were hit */
} wtfcb_scanner_parser;

void wtfcb_scanner_parser_init(wtfcb_scanner_parser *parser, const wtfcb_allocator *allocator);
void wtfcb_scanner_parser_free(wtfcb_scanner_parser *parser);

/*
 * Parse a text and collect its facts in `parser->facts`, which stay until the next call.
 *
 * WTFCB_OK; WTFCB_ELIMIT, WTFCB_ETIMEOUT: a limit of this file, no facts; WTFCB_EGRAMMAR: the core or the grammar's scanner
 * could not go on with this text, no facts; WTFCB_ECANCELLED: `stopped` said so; WTFCB_ENOMEM.
 */
wtfcb_status wtfcb_scanner_parse(wtfcb_scanner_parser *parser, const wtfcb_lang_grammar *grammar, const char *text,
                                 size_t length, const wtfcb_scanner_parse_limits *limits);

#endif
