/* Reading a snapshot: rows are put together from the file's row and the cells of its record. */
#include "scanner/codebase.h"

#include <assert.h>
#include <string.h>

#include "base/memory.h"
#include "base/row.h"

wtfcb_codebase *wtfcb_codebase_ref(wtfcb_codebase *codebase)
{
    if (codebase) atomic_fetch_add_explicit(&codebase->holds, 1, memory_order_relaxed);
    return codebase;
}

void wtfcb_codebase_free(wtfcb_codebase *codebase)
{
    if (!codebase || atomic_fetch_sub_explicit(&codebase->holds, 1, memory_order_acq_rel) != 1) return;
    wtfcb_allocator allocator = codebase->allocator;
    for (size_t i = 0; i < codebase->row_count && codebase->recorded; i++)
        wtfcb_scanner_record_unref(&allocator, codebase->rows[i].record);
    wtfcb_base_free(&allocator, codebase->rows, codebase->row_capacity * sizeof *codebase->rows);
    if (codebase->firsts)
        wtfcb_base_free(&allocator, codebase->firsts, (codebase->row_count + 1) * sizeof *codebase->firsts);
    wtfcb_base_free(&allocator, codebase->by_language, codebase->language_capacity * sizeof *codebase->by_language);
    wtfcb_scanner_codebase_drop_paths(codebase);
    wtfcb_base_arena_free(&codebase->strings);
    wtfcb_languages_free(codebase->languages);
    wtfcb_base_free(&allocator, codebase, sizeof *codebase);
}

const char *wtfcb_codebase_root(const wtfcb_codebase *codebase)
{
    return codebase ? codebase->root : "";
}

static uint64_t table_count(const wtfcb_codebase *codebase, enum wtfcb_scanner_record_table table)
{
    return codebase && codebase->firsts ? codebase->firsts[codebase->row_count].first[table] : 0;
}

uint64_t wtfcb_codebase_file_count(const wtfcb_codebase *codebase)
{
    return codebase ? codebase->row_count : 0;
}

uint64_t wtfcb_codebase_symbol_count(const wtfcb_codebase *codebase)
{
    return table_count(codebase, WTFCB_SCANNER_SYMBOLS);
}

uint64_t wtfcb_codebase_import_count(const wtfcb_codebase *codebase)
{
    return table_count(codebase, WTFCB_SCANNER_IMPORTS);
}

uint64_t wtfcb_codebase_finding_count(const wtfcb_codebase *codebase)
{
    return table_count(codebase, WTFCB_SCANNER_FINDINGS);
}

uint64_t wtfcb_codebase_embedded_count(const wtfcb_codebase *codebase)
{
    return table_count(codebase, WTFCB_SCANNER_EMBEDDED);
}

uint64_t wtfcb_codebase_language_count(const wtfcb_codebase *codebase)
{
    return codebase ? codebase->language_count : 0;
}

/* Whether row `index` of a table is one of file `file`'s. */
static bool is_in_file(const wtfcb_codebase *codebase, enum wtfcb_scanner_record_table table, uint64_t index,
                       uint64_t file)
{
    return file < codebase->row_count && codebase->firsts[file].first[table] <= index &&
           index < codebase->firsts[file + 1].first[table];
}

/* The file of a row that exists. The hint is right for readers who go from row to row; a wrong one costs a search. */
static uint64_t file_of(const wtfcb_codebase *codebase, enum wtfcb_scanner_record_table table, uint64_t index)
{
    _Atomic uint64_t *hint = &((wtfcb_codebase *)codebase)->hints[table];
    uint64_t guess = atomic_load_explicit(hint, memory_order_relaxed);
    if (is_in_file(codebase, table, index, guess)) return guess;
    uint64_t low = 0;
    uint64_t high = codebase->row_count - 1;
    while (low < high) { /* the last file whose first row is not behind `index` */
        uint64_t middle = low + (high - low + 1) / 2;
        if (codebase->firsts[middle].first[table] <= index)
            low = middle;
        else
            high = middle - 1;
    }
    assert(is_in_file(codebase, table, index, low));
    atomic_store_explicit(hint, low, memory_order_relaxed);
    return low;
}

/* Where a row of a table is found. */
typedef struct place {
    const wtfcb_scanner_record *record;
    uint64_t file;
    uint32_t row;
} place;

/* Check the arguments that all getters have and find the row. */
static wtfcb_status locate(const wtfcb_codebase *codebase, enum wtfcb_scanner_record_table table, uint64_t index,
                           const void *ret_row, size_t row_size, place *ret_place)
{
    if (!codebase || !ret_row || row_size == 0) return WTFCB_EINVAL;
    if (index >= table_count(codebase, table)) return WTFCB_ENOTFOUND;
    uint64_t file = file_of(codebase, table, index);
    *ret_place = (place){
        .record = codebase->rows[file].record,
        .file = file,
        .row = (uint32_t)(index - codebase->firsts[file].first[table]),
    };
    return WTFCB_OK;
}

static const char *language_name(const wtfcb_codebase *codebase, uint32_t language)
{
    return language == WTFCB_LANG_NONE ? "" : codebase->languages->rows[language].name;
}

wtfcb_status wtfcb_codebase_file(const wtfcb_codebase *codebase, uint64_t index, wtfcb_file *ret_row, size_t row_size)
{
    if (!codebase || !ret_row || row_size == 0) return WTFCB_EINVAL;
    if (index >= codebase->row_count) return WTFCB_ENOTFOUND;
    const wtfcb_scanner_row *row = &codebase->rows[index];
    static const wtfcb_scanner_firsts none[2];
    const wtfcb_scanner_firsts *firsts = codebase->firsts ? &codebase->firsts[index] : none;
    const uint64_t *first = firsts[0].first;
    const uint64_t *next = firsts[1].first;
    wtfcb_file file = {
        .path = row->path,
        .path_length = row->path_length,
        .language = language_name(codebase, row->language),
        .size = row->size,
        .lines = (uint64_t)row->code + row->comments + row->blanks,
        .code = row->code,
        .comments = row->comments,
        .blanks = row->blanks,
        .documentation = row->docs,
        .error_bytes = row->error_bytes,
        .parse_ns = row->parse_ns,
        .first_symbol = first[WTFCB_SCANNER_SYMBOLS],
        .symbol_count = next[WTFCB_SCANNER_SYMBOLS] - first[WTFCB_SCANNER_SYMBOLS],
        .first_import = first[WTFCB_SCANNER_IMPORTS],
        .import_count = next[WTFCB_SCANNER_IMPORTS] - first[WTFCB_SCANNER_IMPORTS],
        .first_finding = first[WTFCB_SCANNER_FINDINGS],
        .finding_count = next[WTFCB_SCANNER_FINDINGS] - first[WTFCB_SCANNER_FINDINGS],
        .first_embedded = first[WTFCB_SCANNER_EMBEDDED],
        .embedded_count = next[WTFCB_SCANNER_EMBEDDED] - first[WTFCB_SCANNER_EMBEDDED],
        .status = row->status,
        .limits = row->limits,
        .flags = row->flags & WTFCB_SCANNER_ROW_PUBLIC,
        .origin = row->origin,
        .os_error = row->os_error,
        .language_index = row->language == WTFCB_LANG_NONE ? UINT32_MAX : row->language,
        .language_by = row->language_by,
    };
    memcpy(file.hash, row->hash.bytes, sizeof file.hash);
    wtfcb_base_row_copy(ret_row, row_size, &file, sizeof file);
    return WTFCB_OK;
}

wtfcb_status wtfcb_codebase_symbol(const wtfcb_codebase *codebase, uint64_t index, wtfcb_symbol *ret_row,
                                   size_t row_size)
{
    place at;
    wtfcb_status status = locate(codebase, WTFCB_SCANNER_SYMBOLS, index, ret_row, row_size, &at);
    if (status != WTFCB_OK) return status;
#define CELL(column) wtfcb_scanner_record_cell(at.record, WTFCB_SCANNER_SYMBOLS, WTFCB_SCANNER_SYMBOL_##column, at.row)
    uint32_t parent = CELL(PARENT);
    wtfcb_range range = {.start_byte = CELL(START_BYTE), .start_line = CELL(START_LINE)};
    range.end_byte = range.start_byte + CELL(SIZE);
    range.end_line = range.start_line + CELL(LINES);
    range.start_column = CELL(START_COLUMN);
    range.end_column = CELL(END_COLUMN);
    wtfcb_symbol symbol = {
        .name = wtfcb_scanner_record_string(at.record, CELL(NAME)),
        .name_length = CELL(NAME_LENGTH),
        .file = at.file,
        .parent = parent ? index - at.row + parent - 1 : WTFCB_NO_INDEX,
        .range = range,
        .name_byte = range.start_byte + CELL(NAME_OFFSET),
        .name_line = range.start_line + CELL(NAME_LINES),
        .name_column = CELL(NAME_COLUMN),
        .kind = CELL(KIND),
        .flags = CELL(FLAGS),
        .parameters = CELL(PARAMETERS),
        .cyclomatic = CELL(CYCLOMATIC),
        .cognitive = CELL(COGNITIVE),
        .nesting = CELL(NESTING),
        .visibility = CELL(VISIBILITY),
        .signature = "",
        .signature_length = CELL(SIGNATURE_LENGTH),
    };
    if (symbol.signature_length) symbol.signature = symbol.name + symbol.name_length + 1;
#undef CELL
    wtfcb_base_row_copy(ret_row, row_size, &symbol, sizeof symbol);
    return WTFCB_OK;
}

static wtfcb_range range_at(const place *at, enum wtfcb_scanner_record_table table)
{
#define CELL(column) wtfcb_scanner_record_cell(at->record, table, WTFCB_SCANNER_RANGE_##column, at->row)
    return (wtfcb_range){CELL(START_BYTE),   CELL(END_BYTE), CELL(START_LINE),
                         CELL(START_COLUMN), CELL(END_LINE), CELL(END_COLUMN)};
#undef CELL
}

wtfcb_status wtfcb_codebase_import(const wtfcb_codebase *codebase, uint64_t index, wtfcb_import *ret_row,
                                   size_t row_size)
{
    place at;
    wtfcb_status status = locate(codebase, WTFCB_SCANNER_IMPORTS, index, ret_row, row_size, &at);
    if (status != WTFCB_OK) return status;
#define CELL(column) wtfcb_scanner_record_cell(at.record, WTFCB_SCANNER_IMPORTS, WTFCB_SCANNER_IMPORT_##column, at.row)
    wtfcb_import import = {
        .text = wtfcb_scanner_record_string(at.record, CELL(TEXT)),
        .text_length = CELL(TEXT_LENGTH),
        .file = at.file,
        .range = range_at(&at, WTFCB_SCANNER_IMPORTS),
        .kind = CELL(KIND),
    };
#undef CELL
    wtfcb_base_row_copy(ret_row, row_size, &import, sizeof import);
    return WTFCB_OK;
}

wtfcb_status wtfcb_codebase_finding(const wtfcb_codebase *codebase, uint64_t index, wtfcb_finding *ret_row,
                                    size_t row_size)
{
    place at;
    wtfcb_status status = locate(codebase, WTFCB_SCANNER_FINDINGS, index, ret_row, row_size, &at);
    if (status != WTFCB_OK) return status;
#define CELL(column)                                                                                                   \
    wtfcb_scanner_record_cell(at.record, WTFCB_SCANNER_FINDINGS, WTFCB_SCANNER_FINDING_##column, at.row)
    wtfcb_finding finding = {
        .rule = wtfcb_scanner_record_string(at.record, CELL(RULE)),
        .message = wtfcb_scanner_record_string(at.record, CELL(MESSAGE)),
        .rule_length = CELL(RULE_LENGTH),
        .message_length = CELL(MESSAGE_LENGTH),
        .file = at.file,
        .range = range_at(&at, WTFCB_SCANNER_FINDINGS),
        .severity = CELL(SEVERITY),
    };
#undef CELL
    wtfcb_base_row_copy(ret_row, row_size, &finding, sizeof finding);
    return WTFCB_OK;
}

wtfcb_status wtfcb_codebase_embedded(const wtfcb_codebase *codebase, uint64_t index, wtfcb_embedded *ret_row,
                                     size_t row_size)
{
    place at;
    wtfcb_status status = locate(codebase, WTFCB_SCANNER_EMBEDDED, index, ret_row, row_size, &at);
    if (status != WTFCB_OK) return status;
#define CELL(column)                                                                                                   \
    wtfcb_scanner_record_cell(at.record, WTFCB_SCANNER_EMBEDDED, WTFCB_SCANNER_EMBEDDED_##column, at.row)
    wtfcb_embedded part = {
        .language = language_name(codebase, CELL(LANGUAGE)),
        .file = at.file,
        .start_byte = CELL(START_BYTE),
        .size = CELL(SIZE),
        .start_line = CELL(START_LINE),
        .code = CELL(CODE),
        .comments = CELL(COMMENTS),
        .blanks = CELL(BLANKS),
        .documentation = CELL(DOCS),
        .language_index = CELL(LANGUAGE),
    };
#undef CELL
    part.lines = part.code + part.comments + part.blanks;
    wtfcb_base_row_copy(ret_row, row_size, &part, sizeof part);
    return WTFCB_OK;
}

wtfcb_status wtfcb_codebase_language(const wtfcb_codebase *codebase, uint64_t index, wtfcb_language_totals *ret_row,
                                     size_t row_size)
{
    if (!codebase || !ret_row || row_size == 0) return WTFCB_EINVAL;
    if (index >= codebase->language_count) return WTFCB_ENOTFOUND;
    wtfcb_base_row_copy(ret_row, row_size, &codebase->by_language[index], sizeof *codebase->by_language);
    return WTFCB_OK;
}

wtfcb_status wtfcb_codebase_find_file(const wtfcb_codebase *codebase, const char *path, size_t length,
                                      uint64_t *ret_index)
{
    if (!codebase || !path || !ret_index) return WTFCB_EINVAL;
    size_t low = 0;
    size_t high = codebase->row_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const wtfcb_scanner_row *row = &codebase->rows[middle];
        size_t common = row->path_length < length ? row->path_length : length;
        int order = memcmp(row->path, path, common);
        if (order == 0) order = row->path_length < length ? -1 : row->path_length > length;
        if (order == 0) {
            *ret_index = middle;
            return WTFCB_OK;
        }
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return WTFCB_ENOTFOUND;
}

wtfcb_status wtfcb_codebase_totals(const wtfcb_codebase *codebase, wtfcb_totals *ret_totals, size_t size)
{
    if (!codebase || !ret_totals || size == 0) return WTFCB_EINVAL;
    wtfcb_base_row_copy(ret_totals, size, &codebase->totals, sizeof codebase->totals);
    return WTFCB_OK;
}

wtfcb_status wtfcb_codebase_stats(const wtfcb_codebase *codebase, wtfcb_scan_stats *ret_stats, size_t size)
{
    if (!codebase || !ret_stats || size == 0) return WTFCB_EINVAL;
    wtfcb_base_row_copy(ret_stats, size, &codebase->stats, sizeof codebase->stats);
    return WTFCB_OK;
}

/* One value of a public column. */
static uint32_t column_value(const wtfcb_scanner_record *record, int32_t column, uint32_t row)
{
#define CELL(name) wtfcb_scanner_record_cell(record, WTFCB_SCANNER_SYMBOLS, WTFCB_SCANNER_SYMBOL_##name, row)
    switch (column) {
    case WTFCB_COLUMN_KIND: return CELL(KIND);
    case WTFCB_COLUMN_FLAGS: return CELL(FLAGS);
    case WTFCB_COLUMN_START_BYTE: return CELL(START_BYTE);
    case WTFCB_COLUMN_END_BYTE: return CELL(START_BYTE) + CELL(SIZE);
    case WTFCB_COLUMN_START_LINE: return CELL(START_LINE);
    case WTFCB_COLUMN_END_LINE: return CELL(START_LINE) + CELL(LINES);
    case WTFCB_COLUMN_NAME_LINE: return CELL(START_LINE) + CELL(NAME_LINES);
    case WTFCB_COLUMN_PARAMETERS: return CELL(PARAMETERS);
    case WTFCB_COLUMN_CYCLOMATIC: return CELL(CYCLOMATIC);
    case WTFCB_COLUMN_COGNITIVE: return CELL(COGNITIVE);
    default: return CELL(NESTING);
    }
#undef CELL
}

wtfcb_status wtfcb_codebase_symbol_column(const wtfcb_codebase *codebase, int32_t column, uint64_t first,
                                          uint64_t count, uint32_t *ret_values)
{
    if (!codebase || !ret_values || column < WTFCB_COLUMN_KIND || column > WTFCB_COLUMN_NESTING) return WTFCB_EINVAL;
    uint64_t total = table_count(codebase, WTFCB_SCANNER_SYMBOLS);
    if (first > total || count > total - first) return WTFCB_ENOTFOUND;
    for (uint64_t i = 0; i < count;) {
        uint64_t file = file_of(codebase, WTFCB_SCANNER_SYMBOLS, first + i);
        uint64_t begin = codebase->firsts[file].first[WTFCB_SCANNER_SYMBOLS];
        uint64_t end = codebase->firsts[file + 1].first[WTFCB_SCANNER_SYMBOLS];
        for (; i < count && first + i < end; i++)
            ret_values[i] = column_value(codebase->rows[file].record, column, (uint32_t)(first + i - begin));
    }
    return WTFCB_OK;
}
