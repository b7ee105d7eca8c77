/* Making and reading records; the layout is in record.h. */
#include "scanner/record.h"

#include <assert.h>
#include <string.h>

#include "base/memory.h"

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "records are read in place and little-endian"
#endif

enum { WIDTH_CONSTANT = 3, LARGEST = 1 << 30 };

void wtfcb_scanner_record_maker_init(wtfcb_scanner_record_maker *maker, const wtfcb_allocator *allocator)
{
    *maker = (wtfcb_scanner_record_maker){.allocator = allocator};
    wtfcb_base_buffer_init(&maker->block, allocator);
    wtfcb_base_buffer_init(&maker->strings, allocator);
}

void wtfcb_scanner_record_maker_free(wtfcb_scanner_record_maker *maker)
{
    wtfcb_base_buffer_free(&maker->block);
    wtfcb_base_buffer_free(&maker->strings);
    wtfcb_base_free(maker->allocator, maker->cells, maker->cell_capacity * sizeof *maker->cells);
    wtfcb_scanner_record_maker_init(maker, maker->allocator);
}

/* A text of the record: its offset. */
static uint32_t add_string(wtfcb_scanner_record_maker *maker, const char *bytes, size_t length)
{
    uint32_t offset = (uint32_t)maker->strings.length;
    wtfcb_base_buffer_append(&maker->strings, bytes, length);
    wtfcb_base_buffer_append_byte(&maker->strings, '\0');
    return offset;
}

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* The head of a definition on one line: each run of white space is one space. Returns its length. */
static uint32_t add_signature(wtfcb_scanner_record_maker *maker, const char *at, const char *end)
{
    wtfcb_base_buffer *strings = &maker->strings;
    if (at >= end || !wtfcb_base_buffer_reserve(strings, WTFCB_SCANNER_LONGEST_SIGNATURE + 1)) return 0;
    char *start = strings->data + strings->length, *out = start;
    while (at < end && out - start < WTFCB_SCANNER_LONGEST_SIGNATURE) {
        bool space = is_space(*at);
        if (!space || (out > start && out[-1] != ' ')) *out++ = space ? ' ' : *at;
        at++;
    }
    if (at < end) /* cut between characters */
        while (out > start && ((unsigned char)*at & 0xC0) == 0x80)
            at--, out--;
    *out++ = '\0';
    strings->length += (size_t)(out - start);
    return (uint32_t)(out - start) - 1;
}

/* Room for the cells of a table; NULL when memory has run out. */
static uint32_t *table_cells(wtfcb_scanner_record_maker *maker, size_t columns, size_t rows)
{
    if (!wtfcb_base_reserve(maker->allocator, (void **)&maker->cells, &maker->cell_capacity, columns * rows,
                            sizeof *maker->cells))
        return NULL;
    return maker->cells;
}

static void append_cells(wtfcb_base_buffer *block, const uint32_t *cells, size_t rows, uint32_t base, uint32_t width)
{
    if (!wtfcb_base_buffer_reserve(block, rows * 4 + 4)) return;
    unsigned char *out = (unsigned char *)block->data + block->length;
    for (size_t i = 0; i < rows; i++) {
        uint32_t value = cells[i] - base;
        memcpy(out + (i << width), &value, (size_t)1 << width);
    }
    size_t bytes = rows << width;
    memset(out + bytes, 0, -bytes & 3); /* the next column starts at a multiple of 4 */
    block->length += (bytes + 3) & ~(size_t)3;
}

static wtfcb_scanner_column encode_column(wtfcb_base_buffer *block, const uint32_t *cells, size_t rows)
{
    uint32_t least = cells[0];
    uint32_t most = cells[0];
    for (size_t i = 1; i < rows; i++) {
        if (cells[i] < least) least = cells[i];
        if (cells[i] > most) most = cells[i];
    }
    if (most == least) return (wtfcb_scanner_column){least, WIDTH_CONSTANT};
    uint32_t width = most - least <= UINT8_MAX ? 0 : most - least <= UINT16_MAX ? 1 : 2;
    wtfcb_scanner_column column = {least, (uint32_t)block->length << 2 | width};
    append_cells(block, cells, rows, least, width);
    return column;
}

/* Descriptors and cells of a table go to the end of the block. */
static void encode_table(wtfcb_scanner_record_maker *maker, enum wtfcb_scanner_record_table table, size_t columns,
                         size_t rows)
{
    wtfcb_base_buffer *block = &maker->block;
    size_t descriptors = block->length;
    if (!wtfcb_base_buffer_reserve(block, columns * sizeof(wtfcb_scanner_column))) return;
    block->length += columns * sizeof(wtfcb_scanner_column);
    for (size_t i = 0; i < columns && !block->failed && block->length < LARGEST; i++) {
        wtfcb_scanner_column column = encode_column(block, maker->cells + i * rows, rows);
        memcpy(block->data + descriptors + i * sizeof column, &column, sizeof column);
    }
    if (block->failed) return;
    wtfcb_scanner_record_data header;
    memcpy(&header, block->data, sizeof header);
    header.counts[table] = (uint32_t)rows;
    header.columns[table] = (uint32_t)descriptors;
    memcpy(block->data, &header, sizeof header);
}

static wtfcb_status encode_symbols(wtfcb_scanner_record_maker *maker, const wtfcb_scanner_facts *facts,
                                   const char *text)
{
    size_t rows = facts->symbol_count;
    uint32_t *cells = rows ? table_cells(maker, WTFCB_SCANNER_SYMBOL_COLUMNS, rows) : NULL;
    if (!cells) return rows ? WTFCB_ENOMEM : WTFCB_OK;
#define CELL(column) cells[(size_t)WTFCB_SCANNER_SYMBOL_##column * rows + i]
    for (size_t i = 0; i < rows; i++) {
        const wtfcb_scanner_symbol *symbol = &facts->symbols[i];
        CELL(NAME) = add_string(maker, text + symbol->name_byte, symbol->name_length);
        CELL(SIGNATURE_LENGTH) = add_signature(maker, text + symbol->signature_start, text + symbol->signature_end);
        CELL(NAME_LENGTH) = symbol->name_length;
        CELL(PARENT) = symbol->parent == WTFCB_SCANNER_NO_PARENT ? 0 : symbol->parent + 1;
        CELL(START_BYTE) = symbol->range.start_byte;
        CELL(SIZE) = symbol->range.end_byte - symbol->range.start_byte;
        CELL(START_LINE) = symbol->range.start_line;
        CELL(LINES) = symbol->range.end_line - symbol->range.start_line;
        CELL(START_COLUMN) = symbol->range.start_column;
        CELL(END_COLUMN) = symbol->range.end_column;
        CELL(NAME_OFFSET) = symbol->name_byte - symbol->range.start_byte;
        CELL(NAME_LINES) = symbol->name_line - symbol->range.start_line;
        CELL(NAME_COLUMN) = symbol->name_column;
        CELL(KIND) = symbol->kind;
        CELL(FLAGS) = symbol->flags;
        CELL(PARAMETERS) = symbol->parameters;
        CELL(CYCLOMATIC) = symbol->cyclomatic;
        CELL(COGNITIVE) = symbol->cognitive;
        CELL(NESTING) = symbol->nesting;
        CELL(VISIBILITY) = symbol->visibility;
    }
#undef CELL
    encode_table(maker, WTFCB_SCANNER_SYMBOLS, WTFCB_SCANNER_SYMBOL_COLUMNS, rows);
    return WTFCB_OK;
}

static void range_cells(uint32_t *cells, size_t rows, size_t row, const wtfcb_range *range)
{
    cells[(size_t)WTFCB_SCANNER_RANGE_START_BYTE * rows + row] = range->start_byte;
    cells[(size_t)WTFCB_SCANNER_RANGE_END_BYTE * rows + row] = range->end_byte;
    cells[(size_t)WTFCB_SCANNER_RANGE_START_LINE * rows + row] = range->start_line;
    cells[(size_t)WTFCB_SCANNER_RANGE_START_COLUMN * rows + row] = range->start_column;
    cells[(size_t)WTFCB_SCANNER_RANGE_END_LINE * rows + row] = range->end_line;
    cells[(size_t)WTFCB_SCANNER_RANGE_END_COLUMN * rows + row] = range->end_column;
}

static wtfcb_status encode_imports(wtfcb_scanner_record_maker *maker, const wtfcb_scanner_facts *facts,
                                   const char *text)
{
    size_t rows = facts->import_count;
    uint32_t *cells = rows ? table_cells(maker, WTFCB_SCANNER_IMPORT_COLUMNS, rows) : NULL;
    if (!cells) return rows ? WTFCB_ENOMEM : WTFCB_OK;
    for (size_t i = 0; i < rows; i++) {
        const wtfcb_scanner_import *import = &facts->imports[i];
        range_cells(cells, rows, i, &import->range);
        cells[(size_t)WTFCB_SCANNER_IMPORT_TEXT * rows + i] =
            add_string(maker, text + import->text_byte, import->text_length);
        cells[(size_t)WTFCB_SCANNER_IMPORT_TEXT_LENGTH * rows + i] = import->text_length;
        cells[(size_t)WTFCB_SCANNER_IMPORT_KIND * rows + i] = import->kind;
    }
    encode_table(maker, WTFCB_SCANNER_IMPORTS, WTFCB_SCANNER_IMPORT_COLUMNS, rows);
    return WTFCB_OK;
}

static wtfcb_status encode_findings(wtfcb_scanner_record_maker *maker, const wtfcb_scanner_facts *facts)
{
    size_t rows = facts->finding_count;
    uint32_t *cells = rows ? table_cells(maker, WTFCB_SCANNER_FINDING_COLUMNS, rows) : NULL;
    if (!cells) return rows ? WTFCB_ENOMEM : WTFCB_OK;
    for (size_t i = 0; i < rows; i++) {
        const wtfcb_scanner_finding *finding = &facts->findings[i];
        size_t rule_length = strlen(finding->rule);
        size_t message_length = strlen(finding->message);
        range_cells(cells, rows, i, &finding->range);
        cells[(size_t)WTFCB_SCANNER_FINDING_RULE * rows + i] = add_string(maker, finding->rule, rule_length);
        cells[(size_t)WTFCB_SCANNER_FINDING_RULE_LENGTH * rows + i] = (uint32_t)rule_length;
        cells[(size_t)WTFCB_SCANNER_FINDING_MESSAGE * rows + i] = add_string(maker, finding->message, message_length);
        cells[(size_t)WTFCB_SCANNER_FINDING_MESSAGE_LENGTH * rows + i] = (uint32_t)message_length;
        cells[(size_t)WTFCB_SCANNER_FINDING_SEVERITY * rows + i] = finding->severity;
    }
    encode_table(maker, WTFCB_SCANNER_FINDINGS, WTFCB_SCANNER_FINDING_COLUMNS, rows);
    return WTFCB_OK;
}

static wtfcb_status encode_embedded(wtfcb_scanner_record_maker *maker, const wtfcb_lang_children *children)
{
    size_t rows = children->count;
    uint32_t *cells = rows ? table_cells(maker, WTFCB_SCANNER_EMBEDDED_COLUMNS, rows) : NULL;
    if (!cells) return rows ? WTFCB_ENOMEM : WTFCB_OK;
#define CELL(column) cells[(size_t)WTFCB_SCANNER_EMBEDDED_##column * rows + i]
    for (size_t i = 0; i < rows; i++) {
        const wtfcb_lang_child *child = &children->items[i];
        CELL(LANGUAGE) = child->language;
        CELL(START_BYTE) = (uint32_t)child->start;
        CELL(SIZE) = (uint32_t)child->size;
        CELL(START_LINE) = child->start_line;
        CELL(CODE) = child->counts.code;
        CELL(COMMENTS) = child->counts.comments;
        CELL(BLANKS) = child->counts.blanks;
        CELL(DOCS) = child->counts.docs;
    }
#undef CELL
    encode_table(maker, WTFCB_SCANNER_EMBEDDED, WTFCB_SCANNER_EMBEDDED_COLUMNS, rows);
    return WTFCB_OK;
}

/* Strings go behind the tables; the whole is copied into a block of its own size. */
static wtfcb_status finish(wtfcb_scanner_record_maker *maker, wtfcb_scanner_record **ret_record)
{
    wtfcb_base_buffer *block = &maker->block;
    if (block->failed || maker->strings.failed) return WTFCB_ENOMEM;
    size_t size = block->length + maker->strings.length;
    if (size >= LARGEST) return WTFCB_ELIMIT;
    wtfcb_scanner_record *record = wtfcb_base_alloc(maker->allocator, offsetof(wtfcb_scanner_record, data) + size);
    if (!record) return WTFCB_ENOMEM;
    atomic_init(&record->holds, 1);
    memcpy(&record->data, block->data, block->length);
    if (maker->strings.length)
        memcpy((char *)&record->data + block->length, maker->strings.data, maker->strings.length);
    record->data.size = (uint32_t)size;
    record->data.strings = (uint32_t)block->length;
    *ret_record = record;
    return WTFCB_OK;
}

wtfcb_status wtfcb_scanner_record_make(wtfcb_scanner_record_maker *maker, const wtfcb_scanner_facts *facts,
                                       const char *text, const wtfcb_lang_children *children,
                                       wtfcb_scanner_record **ret_record)
{
    if (facts->symbol_count + facts->import_count + facts->finding_count + children->count == 0) {
        *ret_record = NULL;
        return WTFCB_OK;
    }
    static const wtfcb_scanner_record_data empty;
    wtfcb_base_buffer_reset(&maker->block);
    wtfcb_base_buffer_reset(&maker->strings);
    wtfcb_base_buffer_append(&maker->block, &empty, sizeof empty);
    if (maker->block.failed) return WTFCB_ENOMEM;
    wtfcb_status status = encode_symbols(maker, facts, text);
    if (status == WTFCB_OK) status = encode_imports(maker, facts, text);
    if (status == WTFCB_OK) status = encode_findings(maker, facts);
    if (status == WTFCB_OK) status = encode_embedded(maker, children);
    return status == WTFCB_OK ? finish(maker, ret_record) : status;
}

wtfcb_scanner_record *wtfcb_scanner_record_ref(wtfcb_scanner_record *record)
{
    if (record) atomic_fetch_add_explicit(&record->holds, 1, memory_order_relaxed);
    return record;
}

void wtfcb_scanner_record_unref(const wtfcb_allocator *allocator, wtfcb_scanner_record *record)
{
    if (!record || atomic_fetch_sub_explicit(&record->holds, 1, memory_order_acq_rel) != 1) return;
    wtfcb_base_free(allocator, record, offsetof(wtfcb_scanner_record, data) + record->data.size);
}

/* Whether one table's descriptors and cells lie between the header and the strings. */
static bool table_valid(const char *data, const wtfcb_scanner_record_data *head, int table)
{
    static const uint32_t columns[WTFCB_SCANNER_TABLES] = {
        [WTFCB_SCANNER_SYMBOLS] = WTFCB_SCANNER_SYMBOL_COLUMNS,
        [WTFCB_SCANNER_IMPORTS] = WTFCB_SCANNER_IMPORT_COLUMNS,
        [WTFCB_SCANNER_FINDINGS] = WTFCB_SCANNER_FINDING_COLUMNS,
        [WTFCB_SCANNER_EMBEDDED] = WTFCB_SCANNER_EMBEDDED_COLUMNS,
    };
    if (head->counts[table] == 0) return head->columns[table] == 0;
    uint64_t at = head->columns[table];
    if (at < sizeof *head || at + columns[table] * sizeof(wtfcb_scanner_column) > head->strings) return false;
    for (uint32_t i = 0; i < columns[table]; i++) {
        wtfcb_scanner_column column;
        memcpy(&column, data + at + i * sizeof column, sizeof column);
        uint32_t width = column.place & 3;
        if (width == WIDTH_CONSTANT) continue;
        uint64_t end = (column.place >> 2) + ((uint64_t)head->counts[table] << width);
        if (end > head->strings) return false;
    }
    return true;
}

bool wtfcb_scanner_record_valid(const void *data, size_t size)
{
    wtfcb_scanner_record_data head;
    if (size < sizeof head) return false;
    memcpy(&head, data, sizeof head);
    if (head.size != size || head.strings < sizeof head || head.strings > size) return false;
    for (int table = 0; table < WTFCB_SCANNER_TABLES; table++)
        if (!table_valid(data, &head, table)) return false;
    return true;
}

wtfcb_scanner_record *wtfcb_scanner_record_copy(const wtfcb_allocator *allocator, const void *data, size_t size)
{
    wtfcb_scanner_record *record = wtfcb_base_alloc(allocator, offsetof(wtfcb_scanner_record, data) + size);
    if (!record) return NULL;
    atomic_init(&record->holds, 1);
    memcpy(&record->data, data, size);
    return record;
}

uint32_t wtfcb_scanner_record_data_count(const void *data, enum wtfcb_scanner_record_table table)
{
    uint32_t count;
    memcpy(&count, (const char *)data + offsetof(wtfcb_scanner_record_data, counts) + table * sizeof count,
           sizeof count);
    return count;
}

uint32_t wtfcb_scanner_record_cell(const wtfcb_scanner_record *record, enum wtfcb_scanner_record_table table,
                                   uint32_t column, uint32_t row)
{
    assert(row < record->data.counts[table]);
    const char *data = (const char *)&record->data;
    wtfcb_scanner_column descriptor;
    memcpy(&descriptor, data + record->data.columns[table] + column * sizeof descriptor, sizeof descriptor);
    uint32_t width = descriptor.place & 3;
    if (width == WIDTH_CONSTANT) return descriptor.base;
    uint32_t value = 0;
    const char *cell = data + (descriptor.place >> 2) + ((size_t)row << width);
    if (width == 0)
        memcpy(&value, cell, 1);
    else if (width == 1)
        memcpy(&value, cell, 2);
    else
        memcpy(&value, cell, 4);
    return descriptor.base + value;
}
