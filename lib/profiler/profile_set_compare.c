/*
 * Two sets side by side. Both stand in the order of their keys, so that one pass finds what is in both, new and gone; then rows are put in the order
 * of how far they moved: whole profiles and zones relatively, functions by what they moved themselves, for a function of a few bytes that holds twice as many is nothing that
 * anybody looks for. The comparison has copies of all texts.
 */
#include <assert.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/row.h"
#include "profiler/profile_set.h"

/* In this order. */
typedef enum group {
    WHOLE,     /* profiles and zones that are on both sides */
    FUNCTIONS, /* of measures that both sides have */
    ONE_SIDED, /* new or gone */
} group;

typedef struct placed {
    wtfcb_profile_change change;
    group group;
    double moved; /* how far */
} placed;

struct wtfcb_profile_comparison {
    wtfcb_allocator allocator;
    wtfcb_base_arena arena;
    placed *rows;
    size_t count;
};

/* What is next in either set: one of them, or both if they are of the same key. */
typedef struct pair {
    const wtfcb_profiler_set_row *before;
    const wtfcb_profiler_set_row *after;
} pair;

static pair next_pair(const wtfcb_profile_set *before, size_t *b, const wtfcb_profile_set *after, size_t *a)
{
    pair p = {
        .before = *b < before->count ? before->rows[*b] : NULL,
        .after = *a < after->count ? after->rows[*a] : NULL,
    };
    int order = 0;
    if (p.before && p.after) order = wtfcb_profiler_set_key_compare(&p.before->key, &p.after->key);
    if (order < 0) p.after = NULL;
    if (order > 0) p.before = NULL;
    *b += p.before != NULL;
    *a += p.after != NULL;
    return p;
}

static wtfcb_status median_of(const wtfcb_allocator *allocator, const wtfcb_profiler_set_row *row, double *ret_median)
{
    if (!row) return WTFCB_OK;
    wtfcb_profile_set_stats stats;
    wtfcb_status status = wtfcb_profiler_set_stats(allocator, row, &stats);
    if (status == WTFCB_OK) *ret_median = stats.median;
    return status;
}

static bool is_zero(double number)
{
    return fpclassify(number) == FP_ZERO;
}

static wtfcb_status fill_change(wtfcb_profile_comparison *comparison, const pair *p, wtfcb_profile_change *change)
{
    assert(p->before || p->after);
    const wtfcb_profiler_set_key *key = p->before ? &p->before->key : &p->after->key;
    wtfcb_status status = median_of(&comparison->allocator, p->before, &change->before);
    if (status == WTFCB_OK) status = median_of(&comparison->allocator, p->after, &change->after);
    change->name = wtfcb_base_arena_string(&comparison->arena, key->name, strlen(key->name));
    change->frame = wtfcb_base_arena_string(&comparison->arena, key->frame, strlen(key->frame));
    if (status != WTFCB_OK || !change->name || !change->frame) return WTFCB_ENOMEM;
    change->measure = key->measure;
    change->unit = wtfcb_profiler_measure_unit(key->measure);
    change->count_before = p->before ? p->before->count : 0;
    change->count_after = p->after ? p->after->count : 0;
    change->difference = change->after - change->before;
    if (!is_zero(change->before) && !is_zero(change->after)) change->ratio = change->after / change->before;
    return WTFCB_OK;
}

/* Relative to what was before: from nothing to something is farther than anything. */
static double moved_relatively(const wtfcb_profile_change *change)
{
    if (is_zero(change->difference)) return 0;
    return is_zero(change->before) ? (double)INFINITY : fabs(change->difference / change->before);
}

/* A function that is missing where others are has nothing of the measure, or too little to be kept. */
static void place(placed *row, const wtfcb_profile_set *before, const wtfcb_profile_set *after)
{
    const wtfcb_profile_change *change = &row->change;
    bool functions = wtfcb_profiler_measure_tree(change->measure) != 0;
    bool was = change->count_before > 0 ||
               (functions && wtfcb_profiler_set_has_measure(before, change->name, change->measure));
    bool is =
        change->count_after > 0 || (functions && wtfcb_profiler_set_has_measure(after, change->name, change->measure));
    row->group = !was || !is ? ONE_SIDED : functions ? FUNCTIONS : WHOLE;
    row->moved = row->group == WHOLE       ? moved_relatively(change)
                 : row->group == FUNCTIONS ? fabs(change->difference)
                                           : 0;
}

static int compare_rows(const void *a, const void *b)
{
    const placed *x = a;
    const placed *y = b;
    if (x->group != y->group) return x->group < y->group ? -1 : 1;
    if (x->group == FUNCTIONS && x->change.measure != y->change.measure)
        return x->change.measure < y->change.measure ? -1 : 1;
    if (x->moved > y->moved || x->moved < y->moved) return x->moved > y->moved ? -1 : 1;
    wtfcb_profiler_set_key key_x = {.name = x->change.name, .frame = x->change.frame, .measure = x->change.measure};
    wtfcb_profiler_set_key key_y = {.name = y->change.name, .frame = y->change.frame, .measure = y->change.measure};
    return wtfcb_profiler_set_key_compare(&key_x, &key_y);
}

wtfcb_status wtfcb_profile_set_compare(const wtfcb_profile_set *before, const wtfcb_profile_set *after,
                                       wtfcb_profile_comparison **ret_comparison)
{
    if (!before || !after || !ret_comparison) return WTFCB_EINVAL;
    wtfcb_allocator allocator = before->allocator;
    wtfcb_profile_comparison *made = wtfcb_base_calloc(&allocator, 1, sizeof *made);
    if (!made) return WTFCB_ENOMEM;
    made->allocator = allocator;
    wtfcb_base_arena_init(&made->arena, &made->allocator);
    size_t most = before->count + after->count;
    wtfcb_status status = WTFCB_OK;
    if (most > 0) {
        made->rows = wtfcb_base_arena_alloc(&made->arena, most * sizeof *made->rows);
        if (!made->rows) status = WTFCB_ENOMEM;
    }
    size_t b = 0;
    size_t a = 0;
    while (status == WTFCB_OK && (b < before->count || a < after->count)) {
        pair p = next_pair(before, &b, after, &a);
        placed *row = &made->rows[made->count++];
        memset(row, 0, sizeof *row);
        status = fill_change(made, &p, &row->change);
        if (status == WTFCB_OK) place(row, before, after);
    }
    if (status != WTFCB_OK) {
        wtfcb_profile_comparison_free(made);
        return status;
    }
    if (made->count > 0) qsort(made->rows, made->count, sizeof *made->rows, compare_rows);
    *ret_comparison = made;
    return WTFCB_OK;
}

void wtfcb_profile_comparison_free(wtfcb_profile_comparison *comparison)
{
    if (!comparison) return;
    wtfcb_base_arena_free(&comparison->arena);
    wtfcb_allocator allocator = comparison->allocator;
    wtfcb_base_free(&allocator, comparison, sizeof *comparison);
}

uint64_t wtfcb_profile_comparison_count(const wtfcb_profile_comparison *comparison)
{
    return comparison ? comparison->count : 0;
}

wtfcb_status wtfcb_profile_comparison_row(const wtfcb_profile_comparison *comparison, uint64_t index,
                                          wtfcb_profile_change *ret_row, size_t row_size)
{
    if (!comparison || !ret_row) return WTFCB_EINVAL;
    if (index >= comparison->count) return WTFCB_ENOTFOUND;
    wtfcb_base_row_copy(ret_row, row_size, &comparison->rows[index].change, sizeof comparison->rows[index].change);
    return WTFCB_OK;
}
