/*
 * One file on its way through a scan: made by the walk, filled in by a worker, read by the merge, kept by the snapshot.
 * At any time one thread owns a row.
 */
#ifndef WTFCB_SCANNER_ROW_H
#define WTFCB_SCANNER_ROW_H

#include <stdint.h>

#include "base/hash.h"
#include "scanner/record.h"

/* `wtfcb_scanner_row.flags` beyond those of wtfcb_file: not wanted after all (a language filter that content decided). */
#define WTFCB_SCANNER_ROW_DROPPED 0x8000u
/* Likewise: its content gave a record; one with embedded parts. Whether the row holds it is another matter. */
#define WTFCB_SCANNER_ROW_RECORDED 0x4000u
#define WTFCB_SCANNER_ROW_EMBEDDED 0x2000u
/* Those of wtfcb_file. */
#define WTFCB_SCANNER_ROW_PUBLIC 0x1FFFu

typedef struct wtfcb_scanner_row {
    const char *path;             /* in the walk's arenas, later the snapshot's */
    wtfcb_scanner_record *record; /* one hold; NULL without facts */
    struct wtfcb_scanner_slot
        *slot; /* its place in the next record of its directory (recall.h), during a scan; or NULL */
    uint64_t size;
    uint64_t parse_ns;
    wtfcb_base_hash128 hash;
    uint32_t path_length;
    uint32_t code;
    uint32_t comments;
    uint32_t blanks;
    uint32_t docs;
    uint32_t error_bytes;
    uint32_t symbols; /* found, whether kept or not */
    uint32_t imports;
    uint32_t findings;
    uint32_t root; /* index of the root it was found below */
    int16_t os_error;
    int16_t status;
    uint16_t language;
    uint16_t limits;
    uint16_t flags; /* WTFCB_FILE_* and WTFCB_SCANNER_ROW_DROPPED */
    uint8_t origin;
    uint8_t language_by; /* WTFCB_BY_* */
    uint8_t said;        /* attributes that are said: bits by enum wtfcb_scanner_attribute */
    uint8_t set;         /* and those that are true */
    uint8_t rule;        /* what content is asked beyond the name: wtfcb_lang_detection's */
} wtfcb_scanner_row;

#endif
