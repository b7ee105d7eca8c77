/*
 * What a content gave, as a record of the cache: the columns of its row that the content alone decides, and its facts.
 */
#ifndef WTFCB_SCANNER_RECALL_RESULT_H
#define WTFCB_SCANNER_RECALL_RESULT_H

#include <stdbool.h>

#include "base/buffer.h"
#include "scanner/row.h"

/* Flags of a row that content decides. */
#define WTFCB_SCANNER_CONTENT_FLAGS                                                                                    \
    (WTFCB_FILE_SYNTAX | WTFCB_FILE_SYNTAX_ERRORS | WTFCB_FILE_GENERATED | WTFCB_FILE_MINIFIED | WTFCB_FILE_VENDORED | \
     WTFCB_FILE_DOCUMENTATION)

/* Whether the row holds something that is the same every time: no time limit, no want of memory, no missing grammar. */
bool wtfcb_scanner_result_lasts(const wtfcb_scanner_row *row);

/* Write the row's result; `hints` are the flags that its content gave before attributes had their say. False when memory has run out. */
bool wtfcb_scanner_result_encode(const wtfcb_scanner_row *row, uint16_t hints, wtfcb_base_buffer *into);

/*
 * Put a payload into a row, all or nothing: WTFCB_OK; WTFCB_EFORMAT; WTFCB_ENOMEM. Flags are added to those that are set. The record
 * is made only if `facts`, or if it has embedded parts and `embedded`.
 */
wtfcb_status wtfcb_scanner_result_decode(const void *payload, size_t length, const wtfcb_allocator *allocator,
                                         bool facts, bool embedded, wtfcb_scanner_row *row);

#endif
