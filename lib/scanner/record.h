/*
 * Record: what was found in one file's content, in one immutable block. Snapshots share records by counting holds.
 *
 * A record depends on content, language and options alone, never on the file's path. Layout, all numbers little-endian and unsigned,
 * offsets from the start of struct wtfcb_scanner_record_data:
 *
 *     header          struct wtfcb_scanner_record_data
 *     columns         for each table with rows: one descriptor per column, then the columns' cells
 *     strings         names and texts, each with a NUL behind it
 *
 * A column stores `value - base` in 0, 1, 2 or 4 bytes, whatever its largest value needs; a column that is constant
 * takes no cells. So a row of an average definition takes some 16 bytes and a name, and is found in constant time.
 */
#ifndef WTFCB_SCANNER_RECORD_H
#define WTFCB_SCANNER_RECORD_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <wtfcb/status.h>

#include "base/buffer.h"
#include "lang/count.h"
#include "scanner/facts.h"

enum wtfcb_scanner_record_table {
    WTFCB_SCANNER_SYMBOLS,
    WTFCB_SCANNER_IMPORTS,
    WTFCB_SCANNER_FINDINGS,
    WTFCB_SCANNER_EMBEDDED,
    WTFCB_SCANNER_TABLES,
};

enum wtfcb_scanner_symbol_column {
    WTFCB_SCANNER_SYMBOL_NAME, /* offset in strings; the signature stands behind the name's NUL */
    WTFCB_SCANNER_SYMBOL_NAME_LENGTH,
    WTFCB_SCANNER_SYMBOL_PARENT, /* index in the file + 1; 0: none */
    WTFCB_SCANNER_SYMBOL_START_BYTE,
    WTFCB_SCANNER_SYMBOL_SIZE,
    WTFCB_SCANNER_SYMBOL_START_LINE,
    WTFCB_SCANNER_SYMBOL_LINES, /* end line - start line */
    WTFCB_SCANNER_SYMBOL_START_COLUMN,
    WTFCB_SCANNER_SYMBOL_END_COLUMN,
    WTFCB_SCANNER_SYMBOL_NAME_OFFSET, /* name's byte - start byte, modulo 2^32 */
    WTFCB_SCANNER_SYMBOL_NAME_LINES,  /* name's line - start line, modulo 2^32 */
    WTFCB_SCANNER_SYMBOL_NAME_COLUMN,
    WTFCB_SCANNER_SYMBOL_KIND,
    WTFCB_SCANNER_SYMBOL_FLAGS,
    WTFCB_SCANNER_SYMBOL_PARAMETERS,
    WTFCB_SCANNER_SYMBOL_CYCLOMATIC,
    WTFCB_SCANNER_SYMBOL_COGNITIVE,
    WTFCB_SCANNER_SYMBOL_NESTING,
    WTFCB_SCANNER_SYMBOL_VISIBILITY,
    WTFCB_SCANNER_SYMBOL_SIGNATURE_LENGTH,
    WTFCB_SCANNER_SYMBOL_COLUMNS,
};

/* Imports and findings begin with the same columns for their range. */
enum wtfcb_scanner_range_column {
    WTFCB_SCANNER_RANGE_START_BYTE,
    WTFCB_SCANNER_RANGE_END_BYTE,
    WTFCB_SCANNER_RANGE_START_LINE,
    WTFCB_SCANNER_RANGE_START_COLUMN,
    WTFCB_SCANNER_RANGE_END_LINE,
    WTFCB_SCANNER_RANGE_END_COLUMN,
    WTFCB_SCANNER_RANGE_COLUMNS,
};

enum wtfcb_scanner_import_column {
    WTFCB_SCANNER_IMPORT_TEXT = WTFCB_SCANNER_RANGE_COLUMNS, /* offset in strings */
    WTFCB_SCANNER_IMPORT_TEXT_LENGTH,
    WTFCB_SCANNER_IMPORT_KIND,
    WTFCB_SCANNER_IMPORT_COLUMNS,
};

enum wtfcb_scanner_finding_column {
    WTFCB_SCANNER_FINDING_RULE = WTFCB_SCANNER_RANGE_COLUMNS, /* offset in strings */
    WTFCB_SCANNER_FINDING_RULE_LENGTH,
    WTFCB_SCANNER_FINDING_MESSAGE,
    WTFCB_SCANNER_FINDING_MESSAGE_LENGTH,
    WTFCB_SCANNER_FINDING_SEVERITY,
    WTFCB_SCANNER_FINDING_COLUMNS,
};

enum wtfcb_scanner_embedded_column {
    WTFCB_SCANNER_EMBEDDED_LANGUAGE, /* index in the language table that the scan used */
    WTFCB_SCANNER_EMBEDDED_START_BYTE,
    WTFCB_SCANNER_EMBEDDED_SIZE,
    WTFCB_SCANNER_EMBEDDED_START_LINE,
    WTFCB_SCANNER_EMBEDDED_CODE,
    WTFCB_SCANNER_EMBEDDED_COMMENTS,
    WTFCB_SCANNER_EMBEDDED_BLANKS,
    WTFCB_SCANNER_EMBEDDED_DOCS,
    WTFCB_SCANNER_EMBEDDED_COLUMNS,
};

/* Bytes of a signature that are kept. */
#define WTFCB_SCANNER_LONGEST_SIGNATURE 1000

typedef struct wtfcb_scanner_column {
    uint32_t base;  /* smallest value */
    uint32_t place; /* offset of the cells << 2 | width code: 0, 1, 2 for 1, 2, 4 bytes; 3: constant */
} wtfcb_scanner_column;

typedef struct wtfcb_scanner_record_data {
    uint32_t size; /* of everything, header included */
    uint32_t strings;
    uint32_t counts[WTFCB_SCANNER_TABLES];  /* rows */
    uint32_t columns[WTFCB_SCANNER_TABLES]; /* offset of the descriptors; 0 without rows */
} wtfcb_scanner_record_data;

typedef struct wtfcb_scanner_record {
    atomic_uint holds;
    wtfcb_scanner_record_data data; /* and what follows it */
} wtfcb_scanner_record;

/* What a worker needs to make records, reused from file to file. */
typedef struct wtfcb_scanner_record_maker {
    const wtfcb_allocator *allocator; /* borrowed */
    wtfcb_base_buffer block;          /* the record while it is made */
    wtfcb_base_buffer strings;
    uint32_t *cells; /* of one table, column after column */
    size_t cell_capacity;
} wtfcb_scanner_record_maker;

void wtfcb_scanner_record_maker_init(wtfcb_scanner_record_maker *maker, const wtfcb_allocator *allocator);
void wtfcb_scanner_record_maker_free(wtfcb_scanner_record_maker *maker);

/*
 * Make a record from the facts of `text` and its embedded parts. `*ret_record` is NULL when there is nothing to record.
 * WTFCB_OK; WTFCB_ENOMEM; WTFCB_ELIMIT: larger than the offsets reach (1 GiB).
 */
wtfcb_status wtfcb_scanner_record_make(wtfcb_scanner_record_maker *maker, const wtfcb_scanner_facts *facts,
                                       const char *text, const wtfcb_lang_children *children,
                                       wtfcb_scanner_record **ret_record);

wtfcb_scanner_record *wtfcb_scanner_record_ref(wtfcb_scanner_record *record);

/* Drop a hold; NULL is accepted. */
void wtfcb_scanner_record_unref(const wtfcb_allocator *allocator, wtfcb_scanner_record *record);

/* Whether bytes from elsewhere are a record: every table and column inside of them. */
bool wtfcb_scanner_record_valid(const void *data, size_t size);

/* A record from such bytes, copied; NULL when memory has run out. */
wtfcb_scanner_record *wtfcb_scanner_record_copy(const wtfcb_allocator *allocator, const void *data, size_t size);

/* Rows of a table in such bytes, which need no alignment. */
uint32_t wtfcb_scanner_record_data_count(const void *data, enum wtfcb_scanner_record_table table);

/* Rows of a table; 0 for a NULL record. */
static inline uint32_t wtfcb_scanner_record_count(const wtfcb_scanner_record *record,
                                                  enum wtfcb_scanner_record_table table)
{
    return record ? record->data.counts[table] : 0;
}

/* One cell; `row` is below the table's count. O(1). */
uint32_t wtfcb_scanner_record_cell(const wtfcb_scanner_record *record, enum wtfcb_scanner_record_table table,
                                   uint32_t column, uint32_t row);

/* Text at an offset that a cell holds. */
static inline const char *wtfcb_scanner_record_string(const wtfcb_scanner_record *record, uint32_t offset)
{
    return (const char *)&record->data + record->data.strings + offset;
}

#endif
