/*
 * The set: rows in the order of their keys, each with its single figures. What is added is all added or not at all: memory is reserved for everything
 * first, which can fail and leaves rows without figures to take away again; then figures are appended, which cannot.
 */
#include "profiler/profile_set.h"

#include <string.h>

#include "base/memory.h"
#include "base/row.h"

typedef wtfcb_profiler_set_row row;
typedef wtfcb_profiler_set_key key;
typedef wtfcb_profiler_set_item item;

wtfcb_status wtfcb_profile_set_new(const wtfcb_allocator *allocator, wtfcb_profile_set **ret_set)
{
    if (!ret_set || !wtfcb_base_allocator_valid(allocator)) return WTFCB_EINVAL;
    wtfcb_allocator chosen = wtfcb_base_allocator(allocator);
    wtfcb_profile_set *set = wtfcb_base_calloc(&chosen, 1, sizeof *set);
    if (!set) return WTFCB_ENOMEM;
    set->allocator = chosen;
    *ret_set = set;
    return WTFCB_OK;
}

static void row_free(wtfcb_profile_set *set, row *r)
{
    wtfcb_base_free(&set->allocator, r->values, r->capacity * sizeof *r->values);
    wtfcb_base_free(&set->allocator, r, r->size);
}

void wtfcb_profile_set_free(wtfcb_profile_set *set)
{
    if (!set) return;
    for (size_t i = 0; i < set->count; i++)
        row_free(set, set->rows[i]);
    wtfcb_allocator allocator = set->allocator;
    wtfcb_base_free(&allocator, set->rows, set->capacity * sizeof(row *));
    wtfcb_base_free(&allocator, set, sizeof *set);
}

int wtfcb_profiler_set_key_compare(const key *a, const key *b)
{
    int order = strcmp(a->name, b->name);
    if (order == 0) order = (a->measure > b->measure) - (a->measure < b->measure);
    if (order == 0) order = strcmp(a->frame, b->frame);
    return order;
}

/* Index of the row of a key, or where it belongs. */
static size_t find(const wtfcb_profile_set *set, const key *wanted, bool *ret_found)
{
    size_t low = 0;
    size_t high = set->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = wtfcb_profiler_set_key_compare(wanted, &set->rows[middle]->key);
        if (order == 0) {
            *ret_found = true;
            return middle;
        }
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    *ret_found = false;
    return low;
}

bool wtfcb_profiler_set_has(const wtfcb_profile_set *set, const key *wanted)
{
    bool found;
    (void)find(set, wanted, &found);
    return found;
}

bool wtfcb_profiler_set_has_measure(const wtfcb_profile_set *set, const char *name, uint32_t measure)
{
    bool found;
    key first = {.name = name, .frame = "", .measure = measure};
    size_t at = find(set, &first, &found);
    return at < set->count && set->rows[at]->key.measure == measure && strcmp(set->rows[at]->key.name, name) == 0;
}

static row *row_new(wtfcb_profile_set *set, const key *k)
{
    size_t name = strlen(k->name) + 1;
    size_t frame = strlen(k->frame) + 1;
    size_t size = sizeof(row) + name + frame;
    row *r = wtfcb_base_calloc(&set->allocator, 1, size);
    if (!r) return NULL;
    char *texts = (char *)(r + 1);
    memcpy(texts, k->name, name);
    memcpy(texts + name, k->frame, frame);
    r->key = (key){.name = texts, .frame = texts + name, .measure = k->measure};
    r->size = size;
    return r;
}

/* The row of an item, made if there is none, with room for its figures. False when memory has run out. */
static bool prepare(wtfcb_profile_set *set, item *it)
{
    bool found;
    size_t at = find(set, &it->key, &found);
    if (!found) {
        if (!wtfcb_base_reserve(&set->allocator, (void **)&set->rows, &set->capacity, set->count + 1, sizeof(row *)))
            return false;
        row *made = row_new(set, &it->key);
        if (!made) return false;
        memmove(set->rows + at + 1, set->rows + at, (set->count - at) * sizeof(row *));
        set->rows[at] = made;
        set->count++;
    }
    row *r = set->rows[at];
    bool own = it->values == r->values; /* which may move */
    if (!wtfcb_base_reserve(&set->allocator, (void **)&r->values, &r->capacity, r->count + it->count,
                            sizeof *r->values))
        return false;
    if (own) it->values = r->values;
    return true;
}

static void remove_empty(wtfcb_profile_set *set)
{
    size_t kept = 0;
    for (size_t i = 0; i < set->count; i++) {
        if (set->rows[i]->count == 0)
            row_free(set, set->rows[i]);
        else
            set->rows[kept++] = set->rows[i];
    }
    set->count = kept;
}

wtfcb_status wtfcb_profiler_set_apply(wtfcb_profile_set *set, item *items, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (prepare(set, &items[i])) continue;
        remove_empty(set);
        return WTFCB_ENOMEM;
    }
    for (size_t i = 0; i < count; i++) {
        bool found;
        row *r = set->rows[find(set, &items[i].key, &found)];
        memcpy(r->values + r->count, items[i].values, items[i].count * sizeof *r->values);
        r->count += items[i].count;
        r->counted = false;
    }
    return WTFCB_OK;
}

wtfcb_status wtfcb_profile_set_add(wtfcb_profile_set *set, const char *name, const wtfcb_profile *profile)
{
    if (!set || !profile) return WTFCB_EINVAL;
    wtfcb_base_arena arena;
    wtfcb_base_arena_init(&arena, &set->allocator);
    item *items = NULL;
    size_t count = 0;
    wtfcb_status status = wtfcb_profiler_set_figures(&arena, name, profile, &items, &count);
    if (status == WTFCB_OK) status = wtfcb_profiler_set_apply(set, items, count);
    wtfcb_base_arena_free(&arena);
    return status;
}

wtfcb_status wtfcb_profile_set_merge(wtfcb_profile_set *set, const wtfcb_profile_set *other)
{
    if (!set || !other) return WTFCB_EINVAL;
    size_t count = other->count;
    if (count == 0) return WTFCB_OK;
    item *items = wtfcb_base_calloc(&set->allocator, count, sizeof *items);
    if (!items) return WTFCB_ENOMEM;
    for (size_t i = 0; i < count; i++) {
        const row *r = other->rows[i];
        items[i] = (item){.key = r->key, .values = r->values, .count = r->count};
    }
    wtfcb_status status = wtfcb_profiler_set_apply(set, items, count);
    wtfcb_base_free(&set->allocator, items, count * sizeof *items);
    return status;
}

uint64_t wtfcb_profile_set_count(const wtfcb_profile_set *set)
{
    return set ? set->count : 0;
}

wtfcb_status wtfcb_profile_set_row(wtfcb_profile_set *set, uint64_t index, wtfcb_profile_set_stats *ret_row,
                                   size_t row_size)
{
    if (!set || !ret_row) return WTFCB_EINVAL;
    if (index >= set->count) return WTFCB_ENOTFOUND;
    row *r = set->rows[index];
    if (!r->counted) {
        wtfcb_status status = wtfcb_profiler_set_stats(&set->allocator, r, &r->stats);
        if (status != WTFCB_OK) return status;
        r->counted = true;
    }
    wtfcb_base_row_copy(ret_row, row_size, &r->stats, sizeof r->stats);
    return WTFCB_OK;
}

wtfcb_status wtfcb_profile_set_values(wtfcb_profile_set *set, uint64_t index, const double **ret_values,
                                      uint64_t *ret_count)
{
    if (!set || !ret_values || !ret_count) return WTFCB_EINVAL;
    if (index >= set->count) return WTFCB_ENOTFOUND;
    *ret_values = set->rows[index]->values;
    *ret_count = set->rows[index]->count;
    return WTFCB_OK;
}
