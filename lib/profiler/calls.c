/* Trees of calls by open addressing, and as rows of a profile; see calls.h. */
#include "profiler/calls.h"

#include <stdlib.h>
#include <string.h>

#include "alloc/region.h"
#include "base/memory.h"

void wtfcb_profiler_calls_init(wtfcb_profiler_calls *calls, const wtfcb_allocator *allocator, uint32_t most)
{
    *calls = (wtfcb_profiler_calls){.allocator = allocator, .most = most};
}

void wtfcb_profiler_calls_free(wtfcb_profiler_calls *calls)
{
    const wtfcb_allocator *allocator = calls->allocator;
    wtfcb_base_free(allocator, calls->nodes, calls->capacity * sizeof *calls->nodes);
    wtfcb_base_free(allocator, calls->table.slots, calls->table.size * sizeof *calls->table.slots);
    wtfcb_base_free(allocator, calls->functions, calls->function_capacity * sizeof *calls->functions);
    wtfcb_base_free(allocator, calls->function_table.slots,
                    calls->function_table.size * sizeof *calls->function_table.slots);
    wtfcb_profiler_calls_init(calls, allocator, calls->most);
}

/* ---- Tables ---- */

typedef wtfcb_profiler_calls_table table;
typedef uint64_t (*hash_fn)(const wtfcb_profiler_calls *calls, size_t number);

/* Room for one more than `count`; what is in it is put in again. */
static bool grow(const wtfcb_profiler_calls *calls, table *t, size_t count, hash_fn hash_of)
{
    if (2 * (count + 1) <= t->size) return true;
    size_t size = t->size > 0 ? 2 * t->size : 256;
    uint32_t *slots = wtfcb_base_calloc(calls->allocator, size, sizeof *slots);
    if (!slots) return false;
    for (size_t i = 0; i < count; i++) {
        size_t slot = (size_t)hash_of(calls, i) & (size - 1);
        while (slots[slot] != 0)
            slot = (slot + 1) & (size - 1);
        slots[slot] = (uint32_t)i + 1;
    }
    wtfcb_base_free(calls->allocator, t->slots, t->size * sizeof *t->slots);
    *t = (table){slots, size};
    return true;
}

static uint64_t mix(uint64_t x)
{
    x ^= x >> 32;
    x *= UINT64_C(0xd6e8feb86659fd93);
    return x ^ x >> 32;
}

/* Equal texts of one symboliser are equal pointers. */
static uint64_t hash_of_symbol(const wtfcb_profiler_symbol *symbol)
{
    return mix((uint64_t)(uintptr_t)symbol->name + mix((uint64_t)(uintptr_t)symbol->object));
}

static uint64_t hash_of_function(const wtfcb_profiler_calls *calls, size_t number)
{
    return hash_of_symbol(calls->functions[number]);
}

static uint64_t hash_of_key(uint32_t parent, uint32_t process, uint32_t function)
{
    return mix(mix((uint64_t)parent << 32 | function) + process);
}

static uint64_t hash_of_node(const wtfcb_profiler_calls *calls, size_t number)
{
    const wtfcb_profiler_call *node = &calls->nodes[number];
    return hash_of_key(node->parent, node->process, node->function);
}

/* ---- Functions and nodes ---- */

/* Some places of a function have lines, and some do not. */
static bool same_function(const wtfcb_profiler_symbol *a, const wtfcb_profiler_symbol *b)
{
    return a == b || (a->name == b->name && a->object == b->object && (a->file == b->file || !*a->file || !*b->file));
}

uint32_t wtfcb_profiler_calls_function(wtfcb_profiler_calls *calls, const wtfcb_profiler_symbol *symbol)
{
    if (!grow(calls, &calls->function_table, calls->function_count, hash_of_function) ||
        !wtfcb_base_reserve(calls->allocator, (void **)&calls->functions, &calls->function_capacity,
                            calls->function_count + 1, sizeof *calls->functions))
        return WTFCB_PROFILER_CALLS_NONE;
    size_t mask = calls->function_table.size - 1;
    size_t slot = (size_t)hash_of_symbol(symbol) & mask;
    for (; calls->function_table.slots[slot] != 0; slot = (slot + 1) & mask) {
        const wtfcb_profiler_symbol **known = &calls->functions[calls->function_table.slots[slot] - 1];
        if (!same_function(*known, symbol)) continue;
        if (!*(*known)->file) *known = symbol;
        return calls->function_table.slots[slot] - 1;
    }
    calls->functions[calls->function_count] = symbol;
    calls->function_table.slots[slot] = (uint32_t)++calls->function_count;
    return (uint32_t)calls->function_count - 1;
}

wtfcb_status wtfcb_profiler_calls_node(wtfcb_profiler_calls *calls, uint32_t parent, uint32_t process,
                                       uint32_t function, bool anyway, uint32_t *ret_node)
{
    if (!grow(calls, &calls->table, calls->count, hash_of_node) ||
        !wtfcb_base_reserve(calls->allocator, (void **)&calls->nodes, &calls->capacity, calls->count + 1,
                            sizeof *calls->nodes))
        return WTFCB_ENOMEM;
    size_t mask = calls->table.size - 1;
    size_t slot = (size_t)hash_of_key(parent, process, function) & mask;
    for (; calls->table.slots[slot] != 0; slot = (slot + 1) & mask) {
        const wtfcb_profiler_call *known = &calls->nodes[calls->table.slots[slot] - 1];
        if (known->parent != parent || known->process != process || known->function != function) continue;
        *ret_node = calls->table.slots[slot] - 1;
        return WTFCB_OK;
    }
    if (calls->count >= calls->most && !anyway) return WTFCB_ELIMIT;
    calls->nodes[calls->count] = (wtfcb_profiler_call){.parent = parent, .function = function, .process = process};
    calls->table.slots[slot] = (uint32_t)++calls->count;
    *ret_node = (uint32_t)calls->count - 1;
    return WTFCB_OK;
}

/* ---- Rows ---- */

/* A function in one tree. */
typedef struct row {
    const wtfcb_profiler_symbol *symbol;
    uint64_t count;
    uint64_t self;
    uint64_t total;
    uint32_t frame; /* where it stands in the profile */
    bool used;
} row;

/* Nodes and functions as they are in one tree. */
typedef struct making {
    const wtfcb_profiler_calls *calls;
    wtfcb_profile *profile;
    uint32_t tree;
    uint32_t figure;
    uint32_t thread;
    uint64_t *totals; /* by node: its bytes with those of its children; later its row */
    bool *held;       /* by node: it, or what is inside of it, holds something */
    row *rows;        /* by function */
    row **order;
    size_t row_count;
    size_t node_count;
} making;

static uint64_t plus(uint64_t a, uint64_t b)
{
    return wtfcb_profiler_calls_plus(a, b);
}

static uint64_t blocks_of(uint64_t units)
{
    return (units + WTFCB_ALLOC_COUNT_UNIT / 2) / WTFCB_ALLOC_COUNT_UNIT;
}

/* Of a function inside of itself the outer one counts. */
static bool is_outermost(const making *m, size_t number)
{
    const wtfcb_profiler_call *nodes = m->calls->nodes;
    uint32_t above = nodes[number].parent;
    while (above != WTFCB_PROFILER_CALLS_NONE && nodes[above].function != nodes[number].function)
        above = nodes[above].parent;
    return above == WTFCB_PROFILER_CALLS_NONE;
}

static void add_up(making *m)
{
    for (size_t i = m->calls->count; i-- > 0;) {
        const wtfcb_profiler_call *node = &m->calls->nodes[i];
        uint64_t bytes = node->bytes[m->figure];
        m->totals[i] = plus(m->totals[i], bytes);
        m->held[i] = m->held[i] || bytes > 0 || node->units[m->figure] > 0;
        if (!m->held[i]) continue;
        m->node_count++;
        if (node->parent != WTFCB_PROFILER_CALLS_NONE) {
            m->totals[node->parent] = plus(m->totals[node->parent], m->totals[i]);
            m->held[node->parent] = true;
        }
        row *function = &m->rows[node->function];
        function->used = true;
        function->count = plus(function->count, blocks_of(node->units[m->figure]));
        function->self = plus(function->self, bytes);
        if (is_outermost(m, i)) function->total = plus(function->total, m->totals[i]);
    }
}

static int by_total(const void *a, const void *b)
{
    const row *x = *(row *const *)a;
    const row *y = *(row *const *)b;
    if (x->total != y->total) return x->total < y->total ? 1 : -1;
    if (x->self != y->self) return x->self < y->self ? 1 : -1;
    return (x > y) - (x < y);
}

static wtfcb_status put_frame(const making *m, const row *from, wtfcb_profile_frame *frame)
{
    *frame = (wtfcb_profile_frame){
        .name = wtfcb_profiler_profile_text(m->profile, from->symbol->name),
        .file = wtfcb_profiler_profile_text(m->profile, from->symbol->file),
        .object = wtfcb_profiler_profile_text(m->profile, from->symbol->object),
        .line = from->symbol->line,
        .tree = m->tree,
        .count = from->count,
        .total = from->total,
        .self = from->self,
        .minimum_ns = WTFCB_UNKNOWN,
        .maximum_ns = WTFCB_UNKNOWN,
        .p50_ns = WTFCB_UNKNOWN,
        .p90_ns = WTFCB_UNKNOWN,
        .p95_ns = WTFCB_UNKNOWN,
        .p99_ns = WTFCB_UNKNOWN,
    };
    frame->function = frame->name;
    return frame->name && frame->file && frame->object ? WTFCB_OK : WTFCB_ENOMEM;
}

/* Behind the frames that are there. */
static wtfcb_status put_frames(making *m)
{
    wtfcb_profile *profile = m->profile;
    uint32_t before = profile->summary.frame_count;
    for (size_t i = 0; i < m->calls->function_count; i++)
        if (m->rows[i].used) m->order[m->row_count++] = &m->rows[i];
    uint64_t all = (uint64_t)before + m->row_count;
    wtfcb_profile_frame *frames = wtfcb_profiler_profile_rows(profile, all, sizeof *frames);
    wtfcb_profiler_histogram *histograms = wtfcb_profiler_profile_rows(profile, all, sizeof *histograms);
    if (!frames || !histograms || all >= WTFCB_PROFILE_NONE) return WTFCB_ENOMEM;
    if (before > 0) memcpy(frames, profile->frames, before * sizeof *frames);
    if (before > 0 && profile->histograms) memcpy(histograms, profile->histograms, before * sizeof *histograms);
    if (m->row_count > 1) qsort(m->order, m->row_count, sizeof *m->order, by_total);
    wtfcb_status status = WTFCB_OK;
    for (uint32_t i = 0; i < m->row_count && status == WTFCB_OK; i++) {
        m->order[i]->frame = before + i;
        status = put_frame(m, m->order[i], &frames[before + i]);
    }
    profile->frames = frames;
    profile->histograms = histograms;
    profile->summary.frame_count = (uint32_t)all;
    return status;
}

/* Nodes of one process stand together as they are. `totals` becomes the row of each. */
static wtfcb_status put_nodes(making *m, uint64_t *ret_bytes, uint64_t *ret_count)
{
    wtfcb_profile *profile = m->profile;
    uint32_t before = profile->summary.node_count;
    uint64_t all = (uint64_t)before + m->node_count;
    wtfcb_profile_node *rows = wtfcb_profiler_profile_rows(profile, all, sizeof *rows);
    if (!rows || all >= WTFCB_PROFILE_NONE) return WTFCB_ENOMEM;
    if (before > 0) memcpy(rows, profile->nodes, before * sizeof *rows);
    uint32_t put = before;
    for (size_t i = 0; i < m->calls->count; i++) {
        const wtfcb_profiler_call *node = &m->calls->nodes[i];
        if (!m->held[i]) continue;
        bool outermost = node->parent == WTFCB_PROFILER_CALLS_NONE;
        rows[put] = (wtfcb_profile_node){
            .tree = m->tree,
            .thread = m->thread + node->process,
            .parent = outermost ? WTFCB_PROFILE_NONE : (uint32_t)m->totals[node->parent],
            .frame = m->rows[node->function].frame,
            .count = blocks_of(node->units[m->figure]),
            .total = m->totals[i],
            .self = node->bytes[m->figure],
        };
        if (outermost) *ret_bytes = plus(*ret_bytes, rows[put].total);
        *ret_count = plus(*ret_count, rows[put].count);
        m->totals[i] = put++;
    }
    profile->nodes = rows;
    profile->summary.node_count = put;
    return WTFCB_OK;
}

wtfcb_status wtfcb_profiler_calls_put(const wtfcb_profiler_calls *calls, wtfcb_profile *profile, uint32_t tree,
                                      uint32_t figure, uint32_t thread, uint64_t *ret_bytes, uint64_t *ret_count)
{
    const wtfcb_allocator *allocator = calls->allocator;
    size_t nodes = calls->count + 1; /* never 0 */
    size_t functions = calls->function_count + 1;
    making m = {.calls = calls, .profile = profile, .tree = tree, .figure = figure, .thread = thread};
    m.totals = wtfcb_base_calloc(allocator, nodes, sizeof *m.totals);
    m.held = wtfcb_base_calloc(allocator, nodes, sizeof *m.held);
    m.rows = wtfcb_base_calloc(allocator, functions, sizeof *m.rows);
    m.order = wtfcb_base_calloc(allocator, functions, sizeof *m.order);
    wtfcb_status status = m.totals && m.held && m.rows && m.order ? WTFCB_OK : WTFCB_ENOMEM;
    if (status == WTFCB_OK) {
        for (size_t i = 0; i < calls->function_count; i++)
            m.rows[i].symbol = calls->functions[i];
        add_up(&m);
        status = put_frames(&m);
    }
    if (status == WTFCB_OK) status = put_nodes(&m, ret_bytes, ret_count);
    wtfcb_base_free(allocator, m.totals, nodes * sizeof *m.totals);
    wtfcb_base_free(allocator, m.held, nodes * sizeof *m.held);
    wtfcb_base_free(allocator, m.rows, functions * sizeof *m.rows);
    wtfcb_base_free(allocator, m.order, functions * sizeof *m.order);
    return status;
}
