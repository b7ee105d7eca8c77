/* Filling a snapshot: totals while rows are merged, then the numbering of the tables. See codebase.h. */
#include "scanner/codebase.h"

#include <assert.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

/* Which rows of a record a snapshot shows. */
static uint64_t shown(const wtfcb_codebase *codebase, const wtfcb_scanner_row *row, int table)
{
    static const uint32_t keeps[WTFCB_SCANNER_TABLES] = {
        [WTFCB_SCANNER_SYMBOLS] = WTFCB_KEEP_SYMBOLS,
        [WTFCB_SCANNER_IMPORTS] = WTFCB_KEEP_IMPORTS,
        [WTFCB_SCANNER_FINDINGS] = WTFCB_KEEP_FINDINGS,
        [WTFCB_SCANNER_EMBEDDED] = WTFCB_KEEP_FILES,
    };
    if (!(codebase->keep & keeps[table])) return 0;
    return wtfcb_scanner_record_count(row->record, (enum wtfcb_scanner_record_table)table);
}

uint32_t wtfcb_scanner_keeps(uint32_t option)
{
    return option & WTFCB_KEEP_ALL ? (option & WTFCB_KEEP_ALL) | WTFCB_KEEP_FILES : option;
}

wtfcb_status wtfcb_scanner_codebase_new(const wtfcb_allocator *allocator, wtfcb_languages *languages, const char *root,
                                        uint32_t keep, wtfcb_codebase **ret_codebase)
{
    wtfcb_codebase *codebase = wtfcb_base_calloc(allocator, 1, sizeof *codebase);
    if (!codebase) return WTFCB_ENOMEM;
    atomic_init(&codebase->holds, 1);
    codebase->allocator = *allocator;
    codebase->languages = wtfcb_lang_languages_ref(languages);
    codebase->keep = wtfcb_scanner_keeps(keep);
    wtfcb_base_arena_init(&codebase->strings, &codebase->allocator);
    codebase->language_capacity = languages->count + 1u;
    codebase->by_language = wtfcb_base_calloc(allocator, codebase->language_capacity, sizeof *codebase->by_language);
    codebase->root = wtfcb_base_arena_string(&codebase->strings, root, strlen(root));
    if (!codebase->by_language || !codebase->root) {
        wtfcb_codebase_free(codebase);
        return WTFCB_ENOMEM;
    }
    for (uint32_t i = 0; i <= languages->count; i++) {
        codebase->by_language[i].language = i < languages->count ? languages->rows[i].name : "";
        codebase->by_language[i].language_index = i < languages->count ? i : UINT32_MAX;
    }
    *ret_codebase = codebase;
    return WTFCB_OK;
}

static void add_lines(wtfcb_codebase *codebase, wtfcb_language_totals *language, uint64_t code, uint64_t comments,
                      uint64_t blanks, uint64_t docs)
{
    wtfcb_totals *totals = &codebase->totals;
    totals->lines += code + comments + blanks;
    totals->code += code;
    totals->comments += comments;
    totals->blanks += blanks;
    totals->documentation += docs;
    language->lines += code + comments + blanks;
    language->code += code;
    language->comments += comments;
    language->blanks += blanks;
    language->documentation += docs;
}

static void add_embedded(wtfcb_codebase *codebase, const wtfcb_scanner_record *record)
{
    for (uint32_t i = 0; i < wtfcb_scanner_record_count(record, WTFCB_SCANNER_EMBEDDED); i++) {
#define CELL(column) wtfcb_scanner_record_cell(record, WTFCB_SCANNER_EMBEDDED, WTFCB_SCANNER_EMBEDDED_##column, i)
        add_lines(codebase, &codebase->by_language[CELL(LANGUAGE)], CELL(CODE), CELL(COMMENTS), CELL(BLANKS),
                  CELL(DOCS));
#undef CELL
    }
}

void wtfcb_scanner_codebase_count(wtfcb_codebase *codebase, const wtfcb_scanner_row *row)
{
    wtfcb_totals *totals = &codebase->totals;
    totals->failed += row->status != WTFCB_OK;
    totals->limited += row->limits != 0;
    if (row->flags & WTFCB_FILE_DIRECTORY) return;
    codebase->recorded |= row->record != NULL;
    uint32_t index = row->language == WTFCB_LANG_NONE ? codebase->languages->count : row->language;
    wtfcb_language_totals *language = &codebase->by_language[index];
    totals->files++;
    totals->bytes += row->size;
    totals->symbols += row->symbols;
    totals->imports += row->imports;
    totals->findings += row->findings;
    totals->binary += (row->flags & WTFCB_FILE_BINARY) != 0;
    totals->generated += (row->flags & WTFCB_FILE_GENERATED) != 0;
    totals->minified += (row->flags & WTFCB_FILE_MINIFIED) != 0;
    totals->vendored += (row->flags & WTFCB_FILE_VENDORED) != 0;
    totals->documents += (row->flags & WTFCB_FILE_DOCUMENTATION) != 0;
    totals->syntax_errors += (row->flags & WTFCB_FILE_SYNTAX_ERRORS) != 0;
    language->files++;
    language->bytes += row->size;
    language->symbols += row->symbols;
    add_lines(codebase, language, row->code, row->comments, row->blanks, row->docs);
    add_embedded(codebase, row->record);
}

void wtfcb_scanner_codebase_count_part(wtfcb_codebase *codebase, uint32_t language, uint32_t code, uint32_t comments,
                                       uint32_t blanks, uint32_t docs)
{
    add_lines(codebase, &codebase->by_language[language], code, comments, blanks, docs);
}

static_assert(sizeof(wtfcb_totals) % sizeof(uint64_t) == 0, "totals are numbers of one kind");

/* Add numbers that stand side by side, or take them away. */
static void add_numbers(void *into, const void *from, size_t size, bool minus)
{
    uint64_t *sums = into;
    const uint64_t *more = from;
    for (size_t i = 0; i < size / sizeof *sums; i++)
        sums[i] += minus ? 0 - more[i] : more[i];
}

static void add_language(wtfcb_language_totals *into, const wtfcb_language_totals *from, bool minus)
{
    size_t first = offsetof(wtfcb_language_totals, files), end = offsetof(wtfcb_language_totals, language_index);
    add_numbers(&into->files, &from->files, end - first, minus);
}

static void combine(wtfcb_codebase *codebase, const wtfcb_codebase *other, bool minus)
{
    add_numbers(&codebase->totals, &other->totals, sizeof codebase->totals, minus);
    for (size_t i = 0; i < codebase->language_capacity; i++)
        add_language(&codebase->by_language[i], &other->by_language[i], minus);
}

void wtfcb_scanner_codebase_add(wtfcb_codebase *codebase, const wtfcb_codebase *other)
{
    combine(codebase, other, false);
}

void wtfcb_scanner_codebase_subtract(wtfcb_codebase *codebase, const wtfcb_codebase *other)
{
    combine(codebase, other, true);
}

void wtfcb_scanner_codebase_add_finished(wtfcb_codebase *codebase, const wtfcb_codebase *other)
{
    add_numbers(&codebase->totals, &other->totals, sizeof codebase->totals, false);
    for (size_t i = 0; i < other->language_count; i++) {
        uint32_t index = other->by_language[i].language_index;
        add_language(&codebase->by_language[index == UINT32_MAX ? codebase->languages->count : index],
                     &other->by_language[i], false);
    }
}

/* Most code first; equals by name, so that the order is always the same. */
static int compare_languages(const void *left, const void *right)
{
    const wtfcb_language_totals *a = left;
    const wtfcb_language_totals *b = right;
    if (a->code != b->code) return a->code < b->code ? 1 : -1;
    return strcmp(a->language, b->language);
}

static void sort_languages(wtfcb_codebase *codebase)
{
    size_t kept = 0;
    for (size_t i = 0; i < codebase->language_capacity; i++) {
        const wtfcb_language_totals *language = &codebase->by_language[i];
        if (language->files > 0 || language->lines > 0) codebase->by_language[kept++] = *language;
    }
    qsort(codebase->by_language, kept, sizeof *codebase->by_language, compare_languages);
    codebase->language_count = kept;
}

static void number_row(const wtfcb_codebase *codebase, const wtfcb_scanner_row *row, wtfcb_scanner_firsts firsts[2])
{
    for (int table = 0; table < WTFCB_SCANNER_TABLES; table++)
        firsts[1].first[table] = firsts[0].first[table] + shown(codebase, row, table);
}

wtfcb_status wtfcb_scanner_codebase_finish(wtfcb_codebase *codebase, wtfcb_scanner_row *rows, size_t count,
                                           size_t capacity, wtfcb_base_arena *strings)
{
    codebase->rows = rows;
    codebase->row_count = count;
    codebase->row_capacity = capacity;
    if (count > 0 && !wtfcb_scanner_codebase_add_paths(codebase, strings)) return WTFCB_ENOMEM;
    if (codebase->recorded) { /* otherwise every table is empty: what is walked and not read has nothing to number */
        codebase->firsts = wtfcb_base_calloc(&codebase->allocator, count + 1, sizeof *codebase->firsts);
        if (!codebase->firsts) return WTFCB_ENOMEM;
    }
    for (size_t i = 0; i < count && codebase->firsts; i++)
        number_row(codebase, &rows[i], &codebase->firsts[i]);
    sort_languages(codebase);
    return WTFCB_OK;
}

void wtfcb_scanner_codebase_view(wtfcb_codebase *view, const wtfcb_codebase *whole, wtfcb_scanner_row *row,
                                 wtfcb_scanner_firsts firsts[2])
{
    *view = (wtfcb_codebase){
        .holds = 1, /* the scan's own: a caller's ref and free are a pair */
        .allocator = whole->allocator,
        .languages = whole->languages,
        .root = whole->root,
        .rows = row,
        .row_count = 1,
        .firsts = firsts,
        .keep = WTFCB_KEEP_ALL,
    };
    memset(firsts, 0, 2 * sizeof *firsts);
    number_row(view, row, firsts);
}
