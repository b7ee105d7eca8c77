/*
 * Functions, nodes and threads of a profile from the stacks of samples.
 *
 * A place becomes as many nodes as functions are inlined there; places of one function under one node become one node. Nodes are made in the order of stacks, so that
 * parents come first, and then sorted by thread. A function's time in total is that of its outermost nodes, so that recursion counts once.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "profiler/cpu_parts.h"

/* A frame while it is being found. */
typedef struct function {
    const wtfcb_profiler_symbol *symbol;
    uint64_t count;
    uint64_t self;
    uint64_t total;
    uint32_t row;
} function;

/* Numbers of things by a hash; 0: free. */
typedef struct table {
    uint32_t *slots; /* number + 1 */
    size_t size;     /* a power of two, or 0 */
} table;

typedef struct making {
    wtfcb_profiler_cpu *cpu;
    wtfcb_profile *profile;
    const wtfcb_allocator *allocator;
    uint32_t *inner; /* by node of the stacks: its own innermost node here */
    wtfcb_profile_node *nodes;
    size_t node_count;
    size_t node_capacity;
    table node_table;
    function *functions;
    size_t function_count;
    size_t function_capacity;
    table function_table;
    uint32_t *thread_rows; /* by thread of the sampler */
    uint32_t *rows;        /* by node here: where it stands among those of all threads */
} making;

/* ---- Tables ---- */

/* Room for one more than `count`; what is in it is put in again by `hash_of`. */
static bool grow(const making *m, table *t, size_t count, uint64_t (*hash_of)(const making *m, size_t number))
{
    if (2 * (count + 1) <= t->size) return true;
    size_t size = t->size > 0 ? 2 * t->size : 256;
    uint32_t *slots = wtfcb_base_calloc(m->allocator, size, sizeof *slots);
    if (!slots) return false;
    for (size_t i = 0; i < count; i++) {
        size_t slot = (size_t)hash_of(m, i) & (size - 1);
        while (slots[slot] != 0)
            slot = (slot + 1) & (size - 1);
        slots[slot] = (uint32_t)i + 1;
    }
    wtfcb_base_free(m->allocator, t->slots, t->size * sizeof *t->slots);
    *t = (table){slots, size};
    return true;
}

static uint64_t mix(uint64_t x)
{
    x ^= x >> 32;
    x *= UINT64_C(0xd6e8feb86659fd93);
    return x ^ x >> 32;
}

static uint64_t hash_text(uint64_t hash, const char *text)
{
    for (; *text; text++)
        hash = (hash ^ (unsigned char)*text) * UINT64_C(0x100000001b3);
    return hash;
}

static uint64_t hash_of_symbol(const wtfcb_profiler_symbol *symbol)
{
    return mix(hash_text(hash_text(UINT64_C(0xcbf29ce484222325), symbol->name), symbol->object));
}

static uint64_t hash_of_function(const making *m, size_t number)
{
    return hash_of_symbol(m->functions[number].symbol);
}

static uint64_t hash_of_key(uint32_t parent, uint32_t thread, uint32_t frame)
{
    return mix(mix((uint64_t)parent << 32 | frame) + thread);
}

static uint64_t hash_of_node(const making *m, size_t number)
{
    const wtfcb_profile_node *node = &m->nodes[number];
    return hash_of_key(node->parent, node->thread, node->frame);
}

/* ---- Functions and nodes ---- */

static bool same_function(const wtfcb_profiler_symbol *a, const wtfcb_profiler_symbol *b)
{
    return a == b || (strcmp(a->name, b->name) == 0 && strcmp(a->object, b->object) == 0 &&
                      (strcmp(a->file, b->file) == 0 || !*a->file || !*b->file));
}

/* The number of a function; WTFCB_PROFILE_NONE when memory has run out. */
static uint32_t function_of(making *m, const wtfcb_profiler_symbol *symbol)
{
    if (!grow(m, &m->function_table, m->function_count, hash_of_function) ||
        !wtfcb_base_reserve(m->allocator, (void **)&m->functions, &m->function_capacity, m->function_count + 1,
                            sizeof *m->functions))
        return WTFCB_PROFILE_NONE;
    size_t mask = m->function_table.size - 1;
    size_t slot = (size_t)hash_of_symbol(symbol) & mask;
    for (; m->function_table.slots[slot] != 0; slot = (slot + 1) & mask) {
        function *known = &m->functions[m->function_table.slots[slot] - 1];
        if (!same_function(known->symbol, symbol)) continue;
        if (!*known->symbol->file) known->symbol = symbol;
        return m->function_table.slots[slot] - 1;
    }
    m->functions[m->function_count] = (function){.symbol = symbol};
    m->function_table.slots[slot] = (uint32_t)++m->function_count;
    return (uint32_t)m->function_count - 1;
}

/* Likewise the node of a function below another. */
static uint32_t node_of(making *m, uint32_t parent, uint32_t thread, uint32_t frame)
{
    if (!grow(m, &m->node_table, m->node_count, hash_of_node) ||
        !wtfcb_base_reserve(m->allocator, (void **)&m->nodes, &m->node_capacity, m->node_count + 1, sizeof *m->nodes))
        return WTFCB_PROFILE_NONE;
    size_t mask = m->node_table.size - 1;
    size_t slot = (size_t)hash_of_key(parent, thread, frame) & mask;
    for (; m->node_table.slots[slot] != 0; slot = (slot + 1) & mask) {
        const wtfcb_profile_node *known = &m->nodes[m->node_table.slots[slot] - 1];
        if (known->parent == parent && known->thread == thread && known->frame == frame)
            return m->node_table.slots[slot] - 1;
    }
    m->nodes[m->node_count] =
        (wtfcb_profile_node){.tree = WTFCB_TREE_CPU, .thread = thread, .parent = parent, .frame = frame};
    m->node_table.slots[slot] = (uint32_t)++m->node_count;
    return (uint32_t)m->node_count - 1;
}

/* The nodes of one place. `inner` of a thread is WTFCB_PROFILE_NONE; `thread` is known from it. */
static wtfcb_status make_node(making *m, uint32_t number, uint32_t thread)
{
    const wtfcb_profiler_cpu_node *from = &m->cpu->stacks.nodes[number];
    const wtfcb_profiler_symbol *found;
    wtfcb_profiler_place place = {from->object & ~WTFCB_PROFILER_CPU_RETURN, from->offset};
    bool is_return = (from->object & WTFCB_PROFILER_CPU_RETURN) != 0;
    uint32_t count = wtfcb_profiler_symbols_find(m->cpu->symbols, place, is_return, &found);
    uint32_t node = m->inner[from->parent];
    if (count == 0) return WTFCB_ENOMEM;
    for (uint32_t i = count; i-- > 0;) {
        uint32_t frame = function_of(m, &found[i]);
        if (frame == WTFCB_PROFILE_NONE) return WTFCB_ENOMEM;
        node = node_of(m, node, thread, frame);
        if (node == WTFCB_PROFILE_NONE) return WTFCB_ENOMEM;
    }
    m->inner[number] = node;
    m->nodes[node].count += from->count;
    m->nodes[node].self += from->weight;
    return WTFCB_OK;
}

/* `rows` serves as the thread of each node of the stacks. */
static wtfcb_status make_nodes(making *m)
{
    const wtfcb_profiler_cpu_stacks *stacks = &m->cpu->stacks;
    uint32_t *threads = wtfcb_base_calloc(m->allocator, stacks->count + 1, sizeof *threads);
    wtfcb_status status = threads ? WTFCB_OK : WTFCB_ENOMEM;
    for (uint32_t i = 0; i < stacks->count && status == WTFCB_OK; i++) {
        const wtfcb_profiler_cpu_node *from = &stacks->nodes[i];
        if (from->parent == WTFCB_PROFILER_CPU_NONE) {
            threads[i] = (uint32_t)from->count;
            m->inner[i] = WTFCB_PROFILE_NONE;
        } else {
            threads[i] = threads[from->parent];
            status = make_node(m, i, threads[i]);
        }
    }
    wtfcb_base_free(m->allocator, threads, (stacks->count + 1) * sizeof *threads);
    return status;
}

static bool is_outermost(const making *m, size_t number)
{
    uint32_t frame = m->nodes[number].frame;
    for (uint32_t above = m->nodes[number].parent; above != WTFCB_PROFILE_NONE; above = m->nodes[above].parent)
        if (m->nodes[above].frame == frame) return false;
    return true;
}

/* A stack that found no room is a node without samples, perhaps: it stays, with nothing in it. */
static void add_up(making *m)
{
    for (size_t i = m->node_count; i-- > 0;) {
        wtfcb_profile_node *node = &m->nodes[i];
        node->total += node->self;
        if (node->parent != WTFCB_PROFILE_NONE) m->nodes[node->parent].total += node->total;
        m->functions[node->frame].count += node->count;
        m->functions[node->frame].self += node->self;
        if (is_outermost(m, i)) m->functions[node->frame].total += node->total;
    }
}

/* ---- Rows ---- */

static int by_total(const void *a, const void *b)
{
    const function *x = *(function *const *)a;
    const function *y = *(function *const *)b;
    if (x->total != y->total) return x->total < y->total ? 1 : -1;
    if (x->self != y->self) return x->self < y->self ? 1 : -1;
    return (x > y) - (x < y);
}

static wtfcb_status put_frame(const making *m, const function *from, wtfcb_profile_frame *row)
{
    *row = (wtfcb_profile_frame){
        .name = wtfcb_profiler_profile_text(m->profile, from->symbol->name),
        .file = wtfcb_profiler_profile_text(m->profile, from->symbol->file),
        .object = wtfcb_profiler_profile_text(m->profile, from->symbol->object),
        .line = from->symbol->line,
        .tree = WTFCB_TREE_CPU,
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
    row->function = row->name;
    return row->name && row->file && row->object ? WTFCB_OK : WTFCB_ENOMEM;
}

/* Behind the frames of zones, longest first. */
static wtfcb_status put_frames(making *m)
{
    wtfcb_profile *profile = m->profile;
    uint32_t before = profile->summary.frame_count;
    uint64_t all = (uint64_t)before + m->function_count;
    wtfcb_profile_frame *frames = wtfcb_profiler_profile_rows(profile, all, sizeof *frames);
    wtfcb_profiler_histogram *histograms = wtfcb_profiler_profile_rows(profile, all, sizeof *histograms);
    function **order = wtfcb_base_calloc(m->allocator, m->function_count + 1, sizeof *order);
    wtfcb_status status = frames && histograms && order && all < WTFCB_PROFILE_NONE ? WTFCB_OK : WTFCB_ENOMEM;
    if (status == WTFCB_OK) {
        if (before > 0) memcpy(frames, profile->frames, before * sizeof *frames);
        if (before > 0 && profile->histograms) memcpy(histograms, profile->histograms, before * sizeof *histograms);
        for (size_t i = 0; i < m->function_count; i++)
            order[i] = &m->functions[i];
        if (m->function_count > 1) qsort(order, m->function_count, sizeof *order, by_total);
        profile->frames = frames;
        profile->histograms = histograms;
        profile->summary.frame_count = (uint32_t)all;
    }
    for (uint32_t i = 0; i < m->function_count && status == WTFCB_OK; i++) {
        order[i]->row = before + i;
        status = put_frame(m, order[i], &frames[before + i]);
    }
    wtfcb_base_free(m->allocator, order, (m->function_count + 1) * sizeof *order);
    return status;
}

/* A thread of zones is the same row; one without samples has none. */
static wtfcb_status put_threads(making *m)
{
    wtfcb_profile *profile = m->profile;
    const wtfcb_profiler_cpu *cpu = m->cpu;
    uint32_t before = profile->summary.thread_count;
    uint64_t all = (uint64_t)before + cpu->thread_count;
    wtfcb_profile_thread *rows = wtfcb_profiler_profile_rows(profile, all, sizeof *rows);
    if (!rows || all >= WTFCB_PROFILE_NONE) return WTFCB_ENOMEM;
    if (before > 0) memcpy(rows, profile->threads, before * sizeof *rows);
    uint32_t count = before;
    for (size_t i = 0; i < m->node_count; i++)
        m->thread_rows[m->nodes[i].thread] = WTFCB_PROFILE_NONE;
    for (size_t i = 0; i < cpu->thread_count; i++) {
        uint32_t row = 0;
        if (m->thread_rows[i] != WTFCB_PROFILE_NONE) continue;
        while (row < before && rows[row].id != (uint64_t)cpu->threads[i].id)
            row++;
        m->thread_rows[i] = row < before ? row : count;
        if (row < before) continue;
        rows[count] = (wtfcb_profile_thread){.name = wtfcb_profiler_profile_text(profile, cpu->threads[i].name),
                                             .id = (uint64_t)cpu->threads[i].id};
        if (!rows[count++].name) return WTFCB_ENOMEM;
    }
    profile->threads = rows;
    profile->summary.thread_count = count;
    return WTFCB_OK;
}

/* Nodes of one thread together, in the order in which they were made. */
static wtfcb_status put_nodes(making *m)
{
    wtfcb_profile *profile = m->profile;
    uint32_t before = profile->summary.node_count;
    uint64_t all = (uint64_t)before + m->node_count;
    size_t threads = m->cpu->thread_count;
    wtfcb_profile_node *rows = wtfcb_profiler_profile_rows(profile, all, sizeof *rows);
    uint32_t *next = wtfcb_base_calloc(m->allocator, threads + 1, sizeof *next);
    wtfcb_status status = rows && next && all < WTFCB_PROFILE_NONE ? WTFCB_OK : WTFCB_ENOMEM;
    if (status == WTFCB_OK) {
        if (before > 0) memcpy(rows, profile->nodes, before * sizeof *rows);
        for (size_t i = 0; i < m->node_count; i++)
            next[m->nodes[i].thread + 1]++;
        next[0] = before;
        for (size_t i = 1; i <= threads; i++)
            next[i] += next[i - 1];
        for (size_t i = 0; i < m->node_count; i++) {
            const wtfcb_profile_node *node = &m->nodes[i];
            uint32_t row = m->rows[i] = next[node->thread]++;
            rows[row] = *node;
            rows[row].thread = m->thread_rows[node->thread];
            rows[row].frame = m->functions[node->frame].row;
            if (node->parent != WTFCB_PROFILE_NONE) rows[row].parent = m->rows[node->parent];
        }
        profile->nodes = rows;
        profile->summary.node_count = (uint32_t)all;
    }
    wtfcb_base_free(m->allocator, next, (threads + 1) * sizeof *next);
    return status;
}

static wtfcb_status make_all(making *m)
{
    wtfcb_status status = make_nodes(m);
    if (status != WTFCB_OK) return status;
    add_up(m);
    m->rows = wtfcb_base_calloc(m->allocator, m->node_count + 1, sizeof *m->rows);
    if (!m->rows) return WTFCB_ENOMEM;
    status = put_frames(m);
    if (status == WTFCB_OK) status = put_threads(m);
    if (status == WTFCB_OK) status = put_nodes(m);
    return status;
}

wtfcb_status wtfcb_profiler_cpu_collect(wtfcb_profiler_cpu *cpu, wtfcb_profile *profile)
{
    uint64_t used = wtfcb_base_thread_time();
    const wtfcb_allocator *allocator = &cpu->allocator;
    making m = {.cpu = cpu, .profile = profile, .allocator = allocator};
    m.inner = wtfcb_base_calloc(allocator, cpu->stacks.count + 1, sizeof *m.inner);
    m.thread_rows = wtfcb_base_calloc(allocator, cpu->thread_count + 1, sizeof *m.thread_rows);
    wtfcb_status status = m.inner && m.thread_rows ? make_all(&m) : WTFCB_ENOMEM;
    wtfcb_base_free(allocator, m.inner, (cpu->stacks.count + 1) * sizeof *m.inner);
    wtfcb_base_free(allocator, m.thread_rows, (cpu->thread_count + 1) * sizeof *m.thread_rows);
    wtfcb_base_free(allocator, m.rows, (m.node_count + 1) * sizeof *m.rows);
    wtfcb_base_free(allocator, m.nodes, m.node_capacity * sizeof *m.nodes);
    wtfcb_base_free(allocator, m.node_table.slots, m.node_table.size * sizeof *m.node_table.slots);
    wtfcb_base_free(allocator, m.functions, m.function_capacity * sizeof *m.functions);
    wtfcb_base_free(allocator, m.function_table.slots, m.function_table.size * sizeof *m.function_table.slots);
    wtfcb_profile_summary *summary = &profile->summary;
    summary->cpu_status = cpu->status;
    summary->cpu_engine = wtfcb_profiler_cpu_engine_name(cpu->engine);
    summary->cpu_hz = cpu->options.hz;
    summary->cpu_samples = cpu->samples;
    summary->cpu_lost = cpu->lost;
    summary->cpu_unwound_short = cpu->short_ones;
    cpu->overhead_ns += wtfcb_base_thread_time() - used;
    summary->overhead_ns += cpu->overhead_ns;
    return status;
}
