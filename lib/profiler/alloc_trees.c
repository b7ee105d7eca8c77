/*
 * From regions to trees: addresses to functions, stacks to nodes, sums to a summary.
 *
 * As heaptrack does, operator new and its kin are no site: where they are innermost their caller is taken. Every byte of every site is in both trees, so that the
 * outermost nodes add up to the summary. An address is looked up once for each region, in the object that was there when its site came to be.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "profiler/alloc_parts.h"

enum { MOST_FUNCTIONS = WTFCB_ALLOC_MOST_FRAMES * WTFCB_PROFILER_MOST_INLINED };

/* What is known of an address of the region at hand. */
typedef struct known {
    uint64_t address;
    uint32_t noted; /* objects that were noted when the site came; 0 if that makes no difference */
    uint32_t list;  /* in `lists`: a number and as many functions, innermost first; 0: free slot */
} known;

struct wtfcb_profiler_alloc_trees {
    wtfcb_allocator allocator;
    wtfcb_profiler_symbols *symbols;
    wtfcb_profiler_calls calls;
    uint32_t more; /* the function that stands for what found no room */
    /* Of the region at hand: */
    known *known;
    size_t known_count;
    size_t known_size; /* a power of two, or 0 */
    uint32_t *lists;
    size_t list_count;
    size_t list_capacity;
    uint32_t *objects; /* of the symbols, by object of the region; 0: not asked yet */
    size_t object_count;
    size_t object_capacity;
    bool overlap; /* objects came to where others had been */
    /* Of all regions: */
    uint32_t processes;
    char (*names)[WTFCB_PROFILER_ALLOC_NAME];
    size_t name_capacity;
    uint32_t mode;
    uint64_t rate;
    uint64_t lost;
    uint64_t peak;
    uint64_t short_units;
};

static const wtfcb_profiler_symbol more_symbol = {.name = "[more]", .object = "", .file = ""};

wtfcb_status wtfcb_profiler_alloc_trees_new(const wtfcb_allocator *allocator, wtfcb_profiler_symbols *symbols,
                                            uint32_t most, wtfcb_profiler_alloc_trees **ret_trees)
{
    wtfcb_profiler_alloc_trees *trees = wtfcb_base_calloc(allocator, 1, sizeof *trees);
    if (!trees) return WTFCB_ENOMEM;
    trees->allocator = *allocator;
    trees->symbols = symbols;
    wtfcb_profiler_calls_init(&trees->calls, &trees->allocator, most);
    trees->more = wtfcb_profiler_calls_function(&trees->calls, &more_symbol);
    if (trees->more == WTFCB_PROFILER_CALLS_NONE) {
        wtfcb_profiler_alloc_trees_free(trees);
        return WTFCB_ENOMEM;
    }
    *ret_trees = trees;
    return WTFCB_OK;
}

void wtfcb_profiler_alloc_trees_free(wtfcb_profiler_alloc_trees *trees)
{
    if (!trees) return;
    wtfcb_allocator allocator = trees->allocator;
    wtfcb_profiler_calls_free(&trees->calls);
    wtfcb_base_free(&allocator, trees->known, trees->known_size * sizeof *trees->known);
    wtfcb_base_free(&allocator, trees->lists, trees->list_capacity * sizeof *trees->lists);
    wtfcb_base_free(&allocator, trees->objects, trees->object_capacity * sizeof *trees->objects);
    wtfcb_base_free(&allocator, trees->names, trees->name_capacity * sizeof *trees->names);
    wtfcb_base_free(&allocator, trees, sizeof *trees);
}

/* ---- Addresses ---- */

static int by_begin(const void *a, const void *b)
{
    const wtfcb_alloc_object *x = *(const wtfcb_alloc_object *const *)a;
    const wtfcb_alloc_object *y = *(const wtfcb_alloc_object *const *)b;
    return (x->begin > y->begin) - (x->begin < y->begin);
}

/* Forget the region before; see whether an address can have meant several things in this one. */
static wtfcb_status begin_region(wtfcb_profiler_alloc_trees *trees, const wtfcb_profiler_region *region)
{
    size_t count = region->object_count;
    if (trees->known_size > 0) memset(trees->known, 0, trees->known_size * sizeof *trees->known);
    trees->known_count = 0;
    trees->list_count = 1; /* 0 is none */
    trees->overlap = false;
    if (!wtfcb_base_reserve(&trees->allocator, (void **)&trees->objects, &trees->object_capacity, count + 1,
                            sizeof *trees->objects) ||
        !wtfcb_base_reserve(&trees->allocator, (void **)&trees->lists, &trees->list_capacity, 1, sizeof *trees->lists))
        return WTFCB_ENOMEM;
    memset(trees->objects, 0, (count + 1) * sizeof *trees->objects);
    trees->object_count = count;
    const wtfcb_alloc_object **sorted = wtfcb_base_calloc(&trees->allocator, count + 1, sizeof *sorted);
    if (!sorted) return WTFCB_ENOMEM;
    if (count > 0) memcpy(sorted, region->objects, count * sizeof *sorted);
    if (count > 1) qsort(sorted, count, sizeof *sorted, by_begin);
    for (size_t i = 1; i < count; i++)
        trees->overlap = trees->overlap || sorted[i]->begin < sorted[i - 1]->end;
    wtfcb_base_free(&trees->allocator, sorted, (count + 1) * sizeof *sorted);
    return WTFCB_OK;
}

/* The object of an address among the first `noted`, the last of them; else the first later one: it may have been noted somewhat late. NONE: in none. */
static size_t object_of(const wtfcb_profiler_region *region, uint64_t address, size_t noted)
{
    size_t count = region->object_count;
    for (size_t i = noted; i-- > 0;)
        if (address >= region->objects[i]->begin && address < region->objects[i]->end) return i;
    for (size_t i = noted; i < count; i++)
        if (address >= region->objects[i]->begin && address < region->objects[i]->end) return i;
    return count;
}

/* The functions at an address as a list, which is new. 0 when memory has run out. */
static uint32_t look_up(wtfcb_profiler_alloc_trees *trees, const wtfcb_profiler_region *region, uint64_t address,
                        size_t noted)
{
    wtfcb_profiler_place place = {0, 0};
    const wtfcb_profiler_symbol *found;
    uint64_t call =
        address - 1; /* in the instruction that calls: behind it there may be another function, or nothing */
    size_t object = object_of(region, call, noted);
    if (object < region->object_count) {
        const wtfcb_alloc_object *at = region->objects[object];
        if (trees->objects[object] == 0)
            trees->objects[object] = wtfcb_profiler_symbols_add_object(
                trees->symbols, at->path, at->id_length > 0 ? at->build_id : NULL, at->id_length);
        if (trees->objects[object] == 0) return 0;
        place = wtfcb_profiler_symbols_place_in(trees->symbols, trees->objects[object], call - at->bias);
    }
    uint32_t count = wtfcb_profiler_symbols_find(trees->symbols, place, false, &found);
    if (count == 0 || trees->list_count > UINT32_MAX - MOST_FUNCTIONS ||
        !wtfcb_base_reserve(&trees->allocator, (void **)&trees->lists, &trees->list_capacity,
                            trees->list_count + 1 + count, sizeof *trees->lists))
        return 0;
    uint32_t *list = trees->lists + trees->list_count;
    list[0] = count;
    for (uint32_t i = 0; i < count; i++) {
        list[1 + i] = wtfcb_profiler_calls_function(&trees->calls, &found[i]);
        if (list[1 + i] == WTFCB_PROFILER_CALLS_NONE) return 0;
    }
    trees->list_count += 1 + count;
    return (uint32_t)(list - trees->lists);
}

static size_t slot_of(const known *table, size_t size, uint64_t address, uint32_t noted)
{
    uint64_t hash = (address ^ (uint64_t)noted << 48) * UINT64_C(0xd6e8feb86659fd93);
    size_t slot = (size_t)(hash >> 20) & (size - 1);
    while (table[slot].list != 0 && (table[slot].address != address || table[slot].noted != noted))
        slot = (slot + 1) & (size - 1);
    return slot;
}

static bool grow_known(wtfcb_profiler_alloc_trees *trees)
{
    if (2 * (trees->known_count + 1) <= trees->known_size) return true;
    size_t size = trees->known_size > 0 ? 2 * trees->known_size : 1024;
    known *table = wtfcb_base_calloc(&trees->allocator, size, sizeof *table);
    if (!table) return false;
    for (size_t i = 0; i < trees->known_size; i++) {
        const known *from = &trees->known[i];
        if (from->list != 0) table[slot_of(table, size, from->address, from->noted)] = *from;
    }
    wtfcb_base_free(&trees->allocator, trees->known, trees->known_size * sizeof *trees->known);
    trees->known = table;
    trees->known_size = size;
    return true;
}

/* The list of an address; 0 when memory has run out. */
static uint32_t list_of(wtfcb_profiler_alloc_trees *trees, const wtfcb_profiler_region *region, uint64_t address,
                        size_t noted)
{
    uint32_t key = trees->overlap ? (uint32_t)noted : 0;
    if (!grow_known(trees)) return 0;
    size_t slot = slot_of(trees->known, trees->known_size, address, key);
    if (trees->known[slot].list != 0) return trees->known[slot].list;
    uint32_t list = look_up(trees, region, address, noted);
    if (list == 0) return 0;
    trees->known[slot] = (known){.address = address, .noted = key, .list = list};
    trees->known_count++;
    return list;
}

/* ---- Sites ---- */

/* "operator new(unsigned long)" and the like, not those of a class. */
static bool is_allocator(const wtfcb_profiler_calls *calls, uint32_t function)
{
    static const char plain[] = "operator new";
    const char *name = calls->functions[function]->name;
    if (strncmp(name, plain, sizeof plain - 1) == 0)
        return name[sizeof plain - 1] == '(' || name[sizeof plain - 1] == '[';
    return strncmp(name, "_Znw", 4) == 0 || strncmp(name, "_Zna", 4) == 0;
}

/* The functions of a stack, innermost first. Their number; 0 when memory has run out. */
static uint32_t functions_of(wtfcb_profiler_alloc_trees *trees, const wtfcb_profiler_region *region,
                             const wtfcb_profiler_region_site *site, size_t noted, uint32_t functions[MOST_FUNCTIONS])
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < site->depth; i++) {
        uint32_t at = list_of(trees, region, site->frames[i], noted);
        if (at == 0) return 0;
        for (uint32_t k = 1; k <= trees->lists[at]; k++)
            functions[count++] = trees->lists[at + k];
    }
    return count;
}

static wtfcb_status add_site(wtfcb_profiler_alloc_trees *trees, const wtfcb_profiler_region *region,
                             const wtfcb_profiler_region_site *site, size_t noted)
{
    uint32_t functions[MOST_FUNCTIONS];
    uint32_t count = functions_of(trees, region, site, noted, functions);
    if (count == 0) return WTFCB_ENOMEM;
    uint32_t innermost = 0;
    while (innermost + 1 < count && is_allocator(&trees->calls, functions[innermost]))
        innermost++;
    uint32_t node = WTFCB_PROFILER_CALLS_NONE;
    wtfcb_status status = WTFCB_OK;
    for (uint32_t i = count; i-- > innermost && status == WTFCB_OK;)
        status = wtfcb_profiler_calls_node(&trees->calls, node, trees->processes, functions[i], false, &node);
    if (status == WTFCB_ELIMIT)
        status = wtfcb_profiler_calls_node(&trees->calls, WTFCB_PROFILER_CALLS_NONE, trees->processes, trees->more,
                                           true, &node);
    if (status != WTFCB_OK) return status;
    wtfcb_profiler_call *call = &trees->calls.nodes[node];
    const uint64_t bytes[WTFCB_PROFILER_CALLS_FIGURES] = {site->live_bytes, site->total_bytes};
    const uint64_t units[WTFCB_PROFILER_CALLS_FIGURES] = {site->live_count, site->total_count};
    for (uint32_t i = 0; i < WTFCB_PROFILER_CALLS_FIGURES; i++) {
        call->bytes[i] = wtfcb_profiler_calls_plus(call->bytes[i], bytes[i]);
        call->units[i] = wtfcb_profiler_calls_plus(call->units[i], units[i]);
    }
    if (site->flags & (WTFCB_ALLOC_SITE_SHORT | WTFCB_ALLOC_SITE_CUT))
        trees->short_units = wtfcb_profiler_calls_plus(trees->short_units, site->total_count);
    return WTFCB_OK;
}

/* What a region says of itself. */
static wtfcb_status note_process(wtfcb_profiler_alloc_trees *trees, const wtfcb_profiler_region *region)
{
    const wtfcb_alloc_header *header = region->header;
    if (!wtfcb_base_reserve(&trees->allocator, (void **)&trees->names, &trees->name_capacity, trees->processes + 1,
                            sizeof *trees->names))
        return WTFCB_ENOMEM;
    (void)snprintf(trees->names[trees->processes], sizeof *trees->names, "%s (%llu)",
                   *header->program ? header->program : "process", (unsigned long long)header->process);
    if (trees->processes == 0 || header->last_mode == WTFCB_ALLOC_MODE_SAMPLED) trees->mode = header->last_mode;
    if (header->rate > trees->rate) trees->rate = header->rate;
    if (header->live_peak > trees->peak) trees->peak = header->live_peak;
    trees->lost = wtfcb_profiler_calls_plus(trees->lost, header->lost > INT64_MAX ? INT64_MAX : header->lost);
    return WTFCB_OK;
}

/* All of it or nothing: a walk over the sites before they are taken. */
static wtfcb_status check_sites(const wtfcb_profiler_region *region)
{
    wtfcb_profiler_region_cursor cursor = {0};
    wtfcb_profiler_region_site site;
    wtfcb_status status;
    do
        status = wtfcb_profiler_region_next(region, &cursor, &site);
    while (status == WTFCB_OK);
    return status == WTFCB_ENOTFOUND ? WTFCB_OK : status;
}

wtfcb_status wtfcb_profiler_alloc_trees_add(wtfcb_profiler_alloc_trees *trees, const wtfcb_profiler_region *region)
{
    wtfcb_profiler_region_cursor cursor = {0};
    wtfcb_profiler_region_site site;
    size_t noted = 0;
    wtfcb_status status = check_sites(region);
    if (status == WTFCB_OK) status = note_process(trees, region);
    if (status == WTFCB_OK) status = begin_region(trees, region);
    if (status != WTFCB_OK) return status;
    while (status == WTFCB_OK && (status = wtfcb_profiler_region_next(region, &cursor, &site)) == WTFCB_OK) {
        while (noted < region->object_count && region->objects[noted]->first_site < cursor.number)
            noted++;
        status = add_site(trees, region, &site, noted);
    }
    trees->processes++;
    return status == WTFCB_ENOTFOUND ? WTFCB_OK : status;
}

/* ---- The profile ---- */

static wtfcb_status put_threads(const wtfcb_profiler_alloc_trees *trees, wtfcb_profile *profile)
{
    uint32_t before = profile->summary.thread_count;
    uint64_t all = (uint64_t)before + trees->processes;
    wtfcb_profile_thread *rows = wtfcb_profiler_profile_rows(profile, all, sizeof *rows);
    if (!rows || all >= WTFCB_PROFILE_NONE) return WTFCB_ENOMEM;
    if (before > 0) memcpy(rows, profile->threads, before * sizeof *rows);
    for (uint32_t i = 0; i < trees->processes; i++) {
        rows[before + i].name = wtfcb_profiler_profile_text(profile, trees->names[i]);
        if (!rows[before + i].name) return WTFCB_ENOMEM;
    }
    profile->threads = rows;
    profile->summary.thread_count = (uint32_t)all;
    return WTFCB_OK;
}

wtfcb_status wtfcb_profiler_alloc_trees_put(wtfcb_profiler_alloc_trees *trees, wtfcb_profile *profile)
{
    wtfcb_profile_summary *summary = &profile->summary;
    uint32_t first = summary->thread_count;
    if (trees->processes == 0) return WTFCB_OK;
    wtfcb_status status = put_threads(trees, profile);
    if (status == WTFCB_OK)
        status = wtfcb_profiler_calls_put(&trees->calls, profile, WTFCB_TREE_ALLOC_LIVE, WTFCB_PROFILER_CALLS_LIVE,
                                          first, &summary->alloc_live_bytes, &summary->alloc_live_count);
    if (status == WTFCB_OK)
        status = wtfcb_profiler_calls_put(&trees->calls, profile, WTFCB_TREE_ALLOC_TOTAL, WTFCB_PROFILER_CALLS_TOTAL,
                                          first, &summary->alloc_bytes, &summary->alloc_count);
    summary->alloc_status = WTFCB_OK;
    summary->alloc_mode = trees->mode == WTFCB_ALLOC_MODE_FULL ? "full" : "sampled";
    summary->alloc_rate = trees->mode == WTFCB_ALLOC_MODE_FULL ? 0 : trees->rate;
    summary->alloc_lost = trees->lost;
    summary->alloc_unwound_short = (trees->short_units + WTFCB_ALLOC_COUNT_UNIT / 2) / WTFCB_ALLOC_COUNT_UNIT;
    summary->alloc_live_peak = trees->peak > INT64_MAX ? INT64_MAX : trees->peak;
    if (summary->alloc_live_peak < summary->alloc_live_bytes) summary->alloc_live_peak = summary->alloc_live_bytes;
    return status;
}
