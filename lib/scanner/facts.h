/*
 * What one file's syntax tree says, while it is collected: growable arrays that a worker reuses from file to file. The
 * record (record.h) is made from it. Symbols stand in order of their start; a parent stands before its children.
 */
#ifndef WTFCB_SCANNER_FACTS_H
#define WTFCB_SCANNER_FACTS_H

#include <stdbool.h>
#include <stdint.h>

#include <wtfcb/codebase.h>

#include "base/arena.h"

#define WTFCB_SCANNER_NO_PARENT UINT32_MAX

typedef struct wtfcb_scanner_symbol {
    uint32_t name_byte; /* the name is text[name_byte, name_byte + name_length) */
    uint32_t name_length;
    uint32_t name_line;
    uint32_t name_column;
    wtfcb_range range;
    uint32_t parent; /* index in this file's symbols, or WTFCB_SCANNER_NO_PARENT */
    uint32_t kind;   /* WTFCB_SYMBOL_* */
    uint32_t flags;
    uint32_t parameters;
    uint32_t cyclomatic;
    uint32_t cognitive;
    uint32_t nesting;
    uint32_t visibility;      /* WTFCB_VISIBILITY_* */
    uint32_t signature_start; /* its head is text[signature_start, signature_end) */
    uint32_t signature_end;
} wtfcb_scanner_symbol;

typedef struct wtfcb_scanner_import {
    uint32_t text_byte;
    uint32_t text_length;
    wtfcb_range range;
    uint32_t kind; /* WTFCB_IMPORT_* */
} wtfcb_scanner_import;

typedef struct wtfcb_scanner_finding {
    const char *rule;    /* static */
    const char *message; /* static, or in `strings` */
    wtfcb_range range;
    uint32_t severity;
} wtfcb_scanner_finding;

typedef struct wtfcb_scanner_facts {
    const wtfcb_allocator *allocator; /* borrowed */
    wtfcb_scanner_symbol *symbols;
    size_t symbol_count;
    size_t symbol_capacity;
    wtfcb_scanner_import *imports;
    size_t import_count;
    size_t import_capacity;
    wtfcb_scanner_finding *findings;
    size_t finding_count;
    size_t finding_capacity;
    wtfcb_base_arena strings; /* messages that are made for one file */
    uint32_t error_bytes;     /* bytes inside outermost ERROR nodes */
    bool has_errors;          /* any ERROR or MISSING node */
    bool findings_cut;        /* more findings than allowed */
} wtfcb_scanner_facts;

void wtfcb_scanner_facts_init(wtfcb_scanner_facts *facts, const wtfcb_allocator *allocator);
void wtfcb_scanner_facts_free(wtfcb_scanner_facts *facts);

/* Forget what was collected, keep the memory. */
void wtfcb_scanner_facts_reset(wtfcb_scanner_facts *facts);

/* A new element at the end of each table, cleared; NULL when memory has run out. */
wtfcb_scanner_symbol *wtfcb_scanner_facts_add_symbol(wtfcb_scanner_facts *facts);
wtfcb_scanner_import *wtfcb_scanner_facts_add_import(wtfcb_scanner_facts *facts);
wtfcb_scanner_finding *wtfcb_scanner_facts_add_finding(wtfcb_scanner_facts *facts);

#endif
