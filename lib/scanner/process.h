/*
 * Examining one file: read once, hash, recognise, count, parse, record. The cache's place is between the hash and the
 * count: what is known by content need not be examined.
 *
 * One examiner per worker holds the buffers that are reused from file to file. A row is its only output; what goes wrong
 * is the row's status.
 */
#ifndef WTFCB_SCANNER_PROCESS_H
#define WTFCB_SCANNER_PROCESS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <wtfcb/cancel.h>
#include <wtfcb/scanner.h>

#include "base/buffer.h"
#include "lang/count.h"
#include "scanner/parse.h"
#include "scanner/row.h"
#include "scanner/walk.h"

/* What is the same for all files of a scan. Read by all workers; only the atomics change. */
typedef struct wtfcb_scanner_settings {
    wtfcb_languages *languages;
    const bool *wanted;             /* by language index, one more for "none"; NULL: all */
    const wtfcb_scanner_walk *walk; /* opens the files */
    wtfcb_read_fn read;             /* or the caller does */
    wtfcb_release_fn release;
    void *read_user;
    struct wtfcb_scanner_recall *recall; /* what the cache knows; NULL: there is none */
    const wtfcb_cancel *cancel;
    uint64_t deadline; /* instant of wtfcb_base_now_coarse(); 0: none */
    uint64_t max_file_size;
    uint64_t max_parse_size;
    uint64_t max_nesting; /* 0: no limit */
    wtfcb_scanner_parse_limits parse;
    uint16_t skip; /* files with any of these flags are left out */
    bool syntax;
    bool record_facts; /* somebody will read symbols, imports or findings */
} wtfcb_scanner_settings;

/* What one worker did; added up at the end. */
typedef struct wtfcb_scanner_counters {
    uint64_t files_read;
    uint64_t files_parsed;
    uint64_t bytes_read;
    uint64_t read_ns;
    uint64_t hash_ns;
    uint64_t count_ns;
    uint64_t parse_ns;
    uint64_t extract_ns;
} wtfcb_scanner_counters;

typedef struct wtfcb_scanner_examiner {
    const wtfcb_scanner_settings *settings;
    const wtfcb_allocator *allocator; /* borrowed */
    wtfcb_base_buffer content;
    wtfcb_base_buffer decoded; /* of UTF-16 files */
    wtfcb_lang_children children;
    wtfcb_scanner_parser parser;
    wtfcb_scanner_record_maker maker;
    wtfcb_scanner_counters counters;
    struct wtfcb_scanner_recall_worker *recall; /* of its thread; NULL: none */
} wtfcb_scanner_examiner;

void wtfcb_scanner_examiner_init(wtfcb_scanner_examiner *examiner, const wtfcb_scanner_settings *settings,
                                 const wtfcb_allocator *allocator);
void wtfcb_scanner_examiner_free(wtfcb_scanner_examiner *examiner);

/* Examine the file of a row that the walk has made. */
void wtfcb_scanner_examine(wtfcb_scanner_examiner *examiner, wtfcb_scanner_row *row);

/* The same for a text at hand. */
void wtfcb_scanner_examine_bytes(wtfcb_scanner_examiner *examiner, wtfcb_scanner_row *row, const char *bytes,
                                 size_t length);

/* Set the flags that path and attributes tell; whether the file is to be left out for one of them. */
bool wtfcb_scanner_is_skipped(const wtfcb_scanner_settings *settings, wtfcb_scanner_row *row);

/* Whether the scan is to end: its token has fired or its deadline has passed. */
bool wtfcb_scanner_is_over(const wtfcb_scanner_settings *settings);

#endif
