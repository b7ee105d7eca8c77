/* Results by content, written and read; see recall_result.h. */
#include "scanner/recall_result.h"

#include <string.h>

#include <wtfcb/scanner.h>

#include "base/memory.h"

typedef struct result_head {
    uint32_t code;
    uint32_t comments;
    uint32_t blanks;
    uint32_t docs;
    uint32_t error_bytes;
    uint32_t symbols;
    uint32_t imports;
    uint32_t findings;
    uint16_t flags;
    uint16_t limits;
    int16_t status;
    uint16_t reserved;
} result_head;

static const uint16_t lasting_limits =
    WTFCB_LIMIT_PARSE_SIZE | WTFCB_LIMIT_WORK | WTFCB_LIMIT_NESTING | WTFCB_LIMIT_FINDINGS;

bool wtfcb_scanner_result_lasts(const wtfcb_scanner_row *row)
{
    bool lasting = row->status == WTFCB_OK || row->status == WTFCB_ELIMIT;
    return lasting && !(row->limits & ~lasting_limits);
}

bool wtfcb_scanner_result_encode(const wtfcb_scanner_row *row, uint16_t hints, wtfcb_base_buffer *into)
{
    result_head head = {
        .code = row->code,
        .comments = row->comments,
        .blanks = row->blanks,
        .docs = row->docs,
        .error_bytes = row->error_bytes,
        .symbols = row->symbols,
        .imports = row->imports,
        .findings = row->findings,
        .flags = (uint16_t)(hints | (row->flags & (WTFCB_FILE_SYNTAX | WTFCB_FILE_SYNTAX_ERRORS))),
        .limits = row->limits,
        .status = row->status,
    };
    wtfcb_base_buffer_reset(into);
    wtfcb_base_buffer_append(into, &head, sizeof head);
    if (row->record) wtfcb_base_buffer_append(into, &row->record->data, row->record->data.size);
    return !into->failed;
}

wtfcb_status wtfcb_scanner_result_decode(const void *payload, size_t length, const wtfcb_allocator *allocator,
                                         bool facts, bool embedded, wtfcb_scanner_row *row)
{
    result_head head;
    if (length < sizeof head) return WTFCB_EFORMAT;
    memcpy(&head, payload, sizeof head);
    const char *data = (const char *)payload + sizeof head;
    size_t size = length - sizeof head;
    if (head.flags & ~WTFCB_SCANNER_CONTENT_FLAGS || (size > 0 && !wtfcb_scanner_record_valid(data, size)))
        return WTFCB_EFORMAT;
    bool has_embedded = size > 0 && wtfcb_scanner_record_data_count(data, WTFCB_SCANNER_EMBEDDED) > 0;
    wtfcb_scanner_record *record = NULL;
    if (size > 0 && (facts || (embedded && has_embedded))) {
        record = wtfcb_scanner_record_copy(allocator, data, size);
        if (!record) return WTFCB_ENOMEM;
    }
    row->record = record;
    row->code = head.code;
    row->comments = head.comments;
    row->blanks = head.blanks;
    row->docs = head.docs;
    row->error_bytes = head.error_bytes;
    row->symbols = head.symbols;
    row->imports = head.imports;
    row->findings = head.findings;
    row->flags |= head.flags;
    if (size > 0) row->flags |= WTFCB_SCANNER_ROW_RECORDED;
    if (has_embedded) row->flags |= WTFCB_SCANNER_ROW_EMBEDDED;
    row->limits |= head.limits;
    row->status = head.status;
    return WTFCB_OK;
}
