/*
 * Two snapshots side by side. Files are one pass over two sorted tables; the symbols of a changed file are sorted by what
 * identifies them and merged. Works through the public rows alone.
 */
#include <wtfcb/diff.h>

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/row.h"
#include "scanner/codebase.h"

struct wtfcb_diff {
    wtfcb_allocator allocator;
    wtfcb_codebase *before;
    wtfcb_codebase *after;
    uint32_t keep; /* what both snapshots have: WTFCB_KEEP_* */
    wtfcb_file_change *files;
    size_t file_count;
    size_t file_capacity;
    wtfcb_symbol_change *symbols;
    size_t symbol_count;
    size_t symbol_capacity;
};

/* A symbol on its way through the comparison. */
typedef struct side {
    wtfcb_symbol symbol;
    uint64_t index;
    uint64_t hash; /* of kinds and names from the outermost symbol to this one */
} side;

typedef struct sides {
    side *items;
    size_t count;
    size_t capacity;
} sides;

static uint64_t mix(uint64_t hash, const void *bytes, size_t length)
{
    uint64_t words[2] = {hash, 0};
    wtfcb_base_hash128 text = wtfcb_base_hash(bytes, length);
    memcpy(&words[1], text.bytes, sizeof words[1]);
    wtfcb_base_hash128 both = wtfcb_base_hash(words, sizeof words);
    memcpy(&hash, both.bytes, sizeof hash);
    return hash;
}

/* The symbols of a file; a parent stands before its children, so that its hash is there. */
static bool load_side(const wtfcb_allocator *allocator, const wtfcb_codebase *codebase, uint64_t file, sides *list)
{
    wtfcb_file row;
    list->count = 0;
    if (file == WTFCB_NO_INDEX || wtfcb_codebase_file(codebase, file, &row, sizeof row) != WTFCB_OK) return true;
    if (!wtfcb_base_reserve(allocator, (void **)&list->items, &list->capacity, row.symbol_count, sizeof *list->items))
        return false;
    for (uint64_t i = 0; i < row.symbol_count; i++) {
        side *s = &list->items[list->count];
        s->index = row.first_symbol + i;
        if (wtfcb_codebase_symbol(codebase, s->index, &s->symbol, sizeof s->symbol) != WTFCB_OK) break;
        uint64_t parent = s->symbol.parent;
        uint64_t above = parent == WTFCB_NO_INDEX ? 0 : list->items[parent - row.first_symbol].hash;
        s->hash = mix(above ^ s->symbol.kind, s->symbol.name, s->symbol.name_length);
        list->count++;
    }
    return true;
}

static int compare_identity(const side *a, const side *b)
{
    return (a->hash > b->hash) - (a->hash < b->hash);
}

static int compare_sides(const void *left, const void *right)
{
    const side *a = left, *b = right;
    int order = compare_identity(a, b);
    return order != 0 ? order : (a->index > b->index) - (a->index < b->index);
}

static bool same_symbol(const wtfcb_symbol *a, const wtfcb_symbol *b)
{
    return a->range.end_byte - a->range.start_byte == b->range.end_byte - b->range.start_byte &&
           a->range.end_line - a->range.start_line == b->range.end_line - b->range.start_line && a->flags == b->flags &&
           a->parameters == b->parameters && a->cyclomatic == b->cyclomatic && a->cognitive == b->cognitive &&
           a->nesting == b->nesting && a->visibility == b->visibility && a->signature_length == b->signature_length &&
           memcmp(a->signature, b->signature, a->signature_length) == 0;
}

static bool add_symbol(wtfcb_diff *diff, uint32_t change, const side *before, const side *after)
{
    if (!wtfcb_base_reserve(&diff->allocator, (void **)&diff->symbols, &diff->symbol_capacity, diff->symbol_count + 1,
                            sizeof *diff->symbols))
        return false;
    const side *shown = after ? after : before;
    diff->symbols[diff->symbol_count++] = (wtfcb_symbol_change){
        .name = shown->symbol.name,
        .name_length = shown->symbol.name_length,
        .file = diff->file_count,
        .before = before ? before->index : WTFCB_NO_INDEX,
        .after = after ? after->index : WTFCB_NO_INDEX,
        .change = change,
        .kind = shown->symbol.kind,
    };
    return true;
}

/* In the order of the later file; what was removed last, in the order of the earlier one. */
static int compare_changes(const void *left, const void *right)
{
    const wtfcb_symbol_change *a = left, *b = right;
    if (a->after != b->after) return a->after < b->after ? -1 : 1;
    return (a->before > b->before) - (a->before < b->before);
}

static bool compare_symbols(wtfcb_diff *diff, sides *before, sides *after)
{
    size_t first = diff->symbol_count, i = 0, k = 0;
    if (before->count > 0) qsort(before->items, before->count, sizeof *before->items, compare_sides);
    if (after->count > 0) qsort(after->items, after->count, sizeof *after->items, compare_sides);
    bool complete = true;
    while (complete && (i < before->count || k < after->count)) {
        const side *old = i < before->count ? &before->items[i] : NULL;
        const side *new = k < after->count ? &after->items[k] : NULL;
        int order = !old ? 1 : !new ? -1 : compare_identity(old, new);
        if (order < 0)
            complete = add_symbol(diff, WTFCB_CHANGE_REMOVED, old, NULL);
        else if (order > 0)
            complete = add_symbol(diff, WTFCB_CHANGE_ADDED, NULL, new);
        else if (!same_symbol(&old->symbol, &new->symbol))
            complete = add_symbol(diff, WTFCB_CHANGE_CHANGED, old, new);
        i += order <= 0;
        k += order >= 0;
    }
    size_t count = diff->symbol_count - first;
    if (count > 0) qsort(diff->symbols + first, count, sizeof *diff->symbols, compare_changes);
    return complete;
}

static bool same_text(const char *a, const char *b)
{
    return strcmp(a, b) == 0;
}

/* Whether as many facts are there, of the kinds that both snapshots keep. */
static bool same_counts(const wtfcb_file *a, const wtfcb_file *b, uint32_t keep)
{
    return (!(keep & WTFCB_KEEP_SYMBOLS) || a->symbol_count == b->symbol_count) &&
           (!(keep & WTFCB_KEEP_IMPORTS) || a->import_count == b->import_count) &&
           (!(keep & WTFCB_KEEP_FINDINGS) || a->finding_count == b->finding_count) &&
           a->embedded_count == b->embedded_count;
}

/* Whether two rows of one path say the same; sizes and hashes decide first. */
static bool same_file(const wtfcb_file *a, const wtfcb_file *b, uint32_t keep)
{
    return a->size == b->size && memcmp(a->hash, b->hash, sizeof a->hash) == 0 && a->flags == b->flags &&
           a->status == b->status && a->limits == b->limits && a->os_error == b->os_error && a->code == b->code &&
           a->comments == b->comments && a->blanks == b->blanks && a->documentation == b->documentation &&
           a->error_bytes == b->error_bytes && a->language_by == b->language_by && same_counts(a, b, keep) &&
           same_text(a->language, b->language);
}

static bool add_file(wtfcb_diff *diff, sides lists[2], const wtfcb_file *file, uint64_t before, uint64_t after)
{
    if (!wtfcb_base_reserve(&diff->allocator, (void **)&diff->files, &diff->file_capacity, diff->file_count + 1,
                            sizeof *diff->files))
        return false;
    if (diff->keep & WTFCB_KEEP_SYMBOLS && (!load_side(&diff->allocator, diff->before, before, &lists[0]) ||
                                            !load_side(&diff->allocator, diff->after, after, &lists[1])))
        return false;
    size_t first = diff->symbol_count;
    if (!compare_symbols(diff, &lists[0], &lists[1])) return false;
    uint32_t change = WTFCB_CHANGE_CHANGED;
    if (before == WTFCB_NO_INDEX) change = WTFCB_CHANGE_ADDED;
    if (after == WTFCB_NO_INDEX) change = WTFCB_CHANGE_REMOVED;
    diff->files[diff->file_count++] = (wtfcb_file_change){
        .path = file->path,
        .path_length = file->path_length,
        .before = before,
        .after = after,
        .first_symbol = first,
        .symbol_count = diff->symbol_count - first,
        .change = change,
    };
    return true;
}

static int compare_paths(const wtfcb_file *a, const wtfcb_file *b)
{
    size_t common = (size_t)(a->path_length < b->path_length ? a->path_length : b->path_length);
    int order = memcmp(a->path, b->path, common);
    return order != 0 ? order : (a->path_length > b->path_length) - (a->path_length < b->path_length);
}

static bool compare_files(wtfcb_diff *diff, sides lists[2])
{
    uint64_t i = 0, k = 0;
    wtfcb_file old = {0}, new = {0};
    bool has_old = wtfcb_codebase_file(diff->before, i, &old, sizeof old) == WTFCB_OK;
    bool has_new = wtfcb_codebase_file(diff->after, k, &new, sizeof new) == WTFCB_OK;
    bool complete = true;
    while (complete && (has_old || has_new)) {
        int order = !has_old ? 1 : !has_new ? -1 : compare_paths(&old, &new);
        if (order < 0)
            complete = add_file(diff, lists, &old, i, WTFCB_NO_INDEX);
        else if (order > 0)
            complete = add_file(diff, lists, &new, WTFCB_NO_INDEX, k);
        else if (!same_file(&old, &new, diff->keep))
            complete = add_file(diff, lists, &new, i, k);
        if (order <= 0) has_old = wtfcb_codebase_file(diff->before, ++i, &old, sizeof old) == WTFCB_OK;
        if (order >= 0) has_new = wtfcb_codebase_file(diff->after, ++k, &new, sizeof new) == WTFCB_OK;
    }
    return complete;
}

wtfcb_status wtfcb_codebase_diff(wtfcb_codebase *before, wtfcb_codebase *after, wtfcb_diff **ret_diff)
{
    if (!before || !after || !ret_diff || !(before->keep & after->keep & WTFCB_KEEP_FILES)) return WTFCB_EINVAL;
    wtfcb_allocator allocator = after->allocator;
    wtfcb_diff *diff = wtfcb_base_calloc(&allocator, 1, sizeof *diff);
    if (!diff) return WTFCB_ENOMEM;
    diff->allocator = allocator;
    diff->keep = before->keep & after->keep;
    diff->before = wtfcb_codebase_ref(before);
    diff->after = wtfcb_codebase_ref(after);
    sides lists[2] = {{0}, {0}};
    bool complete = compare_files(diff, lists);
    for (int i = 0; i < 2; i++)
        wtfcb_base_free(&allocator, lists[i].items, lists[i].capacity * sizeof *lists[i].items);
    if (!complete) {
        wtfcb_diff_free(diff);
        return WTFCB_ENOMEM;
    }
    *ret_diff = diff;
    return WTFCB_OK;
}

void wtfcb_diff_free(wtfcb_diff *diff)
{
    if (!diff) return;
    wtfcb_allocator allocator = diff->allocator;
    wtfcb_base_free(&allocator, diff->files, diff->file_capacity * sizeof *diff->files);
    wtfcb_base_free(&allocator, diff->symbols, diff->symbol_capacity * sizeof *diff->symbols);
    wtfcb_codebase_free(diff->before);
    wtfcb_codebase_free(diff->after);
    wtfcb_base_free(&allocator, diff, sizeof *diff);
}

uint64_t wtfcb_diff_file_count(const wtfcb_diff *diff)
{
    return diff ? diff->file_count : 0;
}

uint64_t wtfcb_diff_symbol_count(const wtfcb_diff *diff)
{
    return diff ? diff->symbol_count : 0;
}

wtfcb_status wtfcb_diff_file(const wtfcb_diff *diff, uint64_t index, wtfcb_file_change *ret_row, size_t row_size)
{
    if (!diff || !ret_row || row_size == 0) return WTFCB_EINVAL;
    if (index >= diff->file_count) return WTFCB_ENOTFOUND;
    wtfcb_base_row_copy(ret_row, row_size, &diff->files[index], sizeof diff->files[index]);
    return WTFCB_OK;
}

wtfcb_status wtfcb_diff_symbol(const wtfcb_diff *diff, uint64_t index, wtfcb_symbol_change *ret_row, size_t row_size)
{
    if (!diff || !ret_row || row_size == 0) return WTFCB_EINVAL;
    if (index >= diff->symbol_count) return WTFCB_ENOTFOUND;
    wtfcb_base_row_copy(ret_row, row_size, &diff->symbols[index], sizeof diff->symbols[index]);
    return WTFCB_OK;
}

const char *wtfcb_change_name(uint32_t change)
{
    switch (change) {
    case WTFCB_CHANGE_ADDED: return "added";
    case WTFCB_CHANGE_CHANGED: return "changed";
    case WTFCB_CHANGE_REMOVED: return "removed";
    default: return "unknown";
    }
}
