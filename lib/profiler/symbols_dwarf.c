/*
 * DWARF by way of libdw. Its own look-up by address needs a section that not every compiler writes, and walks a whole unit for each address; so ranges of
 * units and of functions are kept here, sorted. Trees are walked with a stack of bounded depth, and only ever forward in the file, so that a damaged one
 * ends.
 */
#include "profiler/symbols_dwarf.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "profiler/symbols_libdw.h"

enum {
    MOST_DEPTH = 48,    /* of scopes that functions are looked for in */
    MOST_SCOPES = 256,  /* inside of a function */
    OVERLAPPING = 16,   /* ranges before the nearest that an address may still be in */
    MOST_RANGES = 4096, /* of one function or unit */
};

typedef wtfcb_profiler_libdw_die die;

typedef struct range {
    uint64_t begin;
    uint64_t end;
    uint64_t what; /* index of a unit; offset of a function */
} range;

typedef struct range_list {
    range *items;
    size_t count;
    size_t capacity;
} range_list;

typedef struct unit {
    uint64_t offset;
    bool read;
    range_list functions;
} unit;

struct wtfcb_profiler_dwarf {
    const wtfcb_allocator *allocator; /* borrowed */
    const wtfcb_profiler_libdw *library;
    wtfcb_profiler_libdw_handle *handle;
    int fd;
    range_list ranges; /* of units */
    unit *units;
    size_t unit_count;
    size_t unit_capacity;
};

/* ---- Ranges ---- */

static int by_begin(const void *a, const void *b)
{
    const range *left = a;
    const range *right = b;
    if (left->begin != right->begin) return left->begin < right->begin ? -1 : 1;
    if (left->end != right->end) return left->end > right->end ? -1 : 1; /* the inner one behind */
    return (left->what > right->what) - (left->what < right->what);
}

static void sort_ranges(range_list *list)
{
    if (list->count > 1) qsort(list->items, list->count, sizeof *list->items, by_begin);
}

static const range *find_range(const range_list *list, uint64_t address)
{
    size_t low = 0;
    size_t high = list->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (list->items[middle].begin <= address) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    for (size_t i = low; i > 0 && low - i < OVERLAPPING; i--) {
        if (address < list->items[i - 1].end) return &list->items[i - 1];
    }
    return NULL;
}

/* The ranges of a unit or function. What the linker has dropped begins at 0. */
static bool add_ranges(const wtfcb_profiler_dwarf *dwarf, range_list *list, die *of, uint64_t what)
{
    uint64_t base = 0;
    uint64_t begin = 0;
    uint64_t end = 0;
    ptrdiff_t next = 0;
    for (int i = 0; i < MOST_RANGES; i++) {
        next = dwarf->library->ranges(of, next, &base, &begin, &end);
        if (next <= 0) break;
        if (begin == 0 || begin >= end) continue;
        if (!wtfcb_base_reserve(dwarf->allocator, (void **)&list->items, &list->capacity, list->count + 1,
                                sizeof *list->items)) {
            return false;
        }
        list->items[list->count++] = (range){begin, end, what};
    }
    return true;
}

/* ---- Units ---- */

static bool add_unit(wtfcb_profiler_dwarf *dwarf, die *root)
{
    if (dwarf->library->tag(root) != WTFCB_PROFILER_TAG_COMPILE_UNIT) return true;
    if (!wtfcb_base_reserve(dwarf->allocator, (void **)&dwarf->units, &dwarf->unit_capacity, dwarf->unit_count + 1,
                            sizeof *dwarf->units)) {
        return false;
    }
    dwarf->units[dwarf->unit_count] = (unit){.offset = dwarf->library->dieoffset(root)};
    return add_ranges(dwarf, &dwarf->ranges, root, dwarf->unit_count++);
}

static bool read_units(wtfcb_profiler_dwarf *dwarf)
{
    uint64_t at = 0;
    uint64_t next;
    size_t header;
    die root;
    while (dwarf->library->nextcu(dwarf->handle, at, &next, &header, NULL, NULL, NULL) == 0 && next > at) {
        if (dwarf->library->offdie(dwarf->handle, at + header, &root) && !add_unit(dwarf, &root)) return false;
        at = next;
    }
    sort_ranges(&dwarf->ranges);
    return true;
}

wtfcb_status wtfcb_profiler_dwarf_open(const wtfcb_allocator *allocator, int fd, wtfcb_profiler_dwarf **ret_dwarf)
{
    const wtfcb_profiler_libdw *library = wtfcb_profiler_libdw_load();
    *ret_dwarf = NULL;
    if (!library) return WTFCB_OK;
    wtfcb_profiler_dwarf *dwarf = wtfcb_base_calloc(allocator, 1, sizeof *dwarf);
    if (!dwarf) return WTFCB_ENOMEM;
    dwarf->allocator = allocator;
    dwarf->library = library;
    dwarf->fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    if (dwarf->fd >= 0) dwarf->handle = library->begin(dwarf->fd, 0);
    wtfcb_status status = WTFCB_OK;
    if (dwarf->handle && !read_units(dwarf)) status = WTFCB_ENOMEM;
    if (status != WTFCB_OK || dwarf->ranges.count == 0) {
        wtfcb_profiler_dwarf_free(dwarf);
        return status;
    }
    *ret_dwarf = dwarf;
    return WTFCB_OK;
}

static void free_ranges(const wtfcb_profiler_dwarf *dwarf, range_list *list)
{
    wtfcb_base_free(dwarf->allocator, list->items, list->capacity * sizeof *list->items);
    *list = (range_list){0};
}

void wtfcb_profiler_dwarf_free(wtfcb_profiler_dwarf *dwarf)
{
    if (!dwarf) return;
    if (dwarf->handle) (void)dwarf->library->end(dwarf->handle);
    if (dwarf->fd >= 0) (void)close(dwarf->fd);
    for (size_t i = 0; i < dwarf->unit_count; i++)
        free_ranges(dwarf, &dwarf->units[i].functions);
    free_ranges(dwarf, &dwarf->ranges);
    wtfcb_base_free(dwarf->allocator, dwarf->units, dwarf->unit_capacity * sizeof *dwarf->units);
    wtfcb_base_free(dwarf->allocator, dwarf, sizeof *dwarf);
}

/* ---- Functions ---- */

/* The next one beside, further on in the file. */
static bool beside(const wtfcb_profiler_dwarf *dwarf, die *at)
{
    die next;
    if (dwarf->library->siblingof(at, &next) != 0 || (char *)next.address <= (char *)at->address) return false;
    *at = next;
    return true;
}

/* Functions stand in these as well: Rust's and Fortran's. */
static bool holds_functions(int tag)
{
    return tag == WTFCB_PROFILER_TAG_NAMESPACE || tag == WTFCB_PROFILER_TAG_MODULE || tag == WTFCB_PROFILER_TAG_CLASS ||
           tag == WTFCB_PROFILER_TAG_STRUCTURE || tag == WTFCB_PROFILER_TAG_UNION;
}

static bool read_functions(const wtfcb_profiler_dwarf *dwarf, unit *of)
{
    die stack[MOST_DEPTH];
    die root;
    size_t depth = 0;
    if (!dwarf->library->offdie(dwarf->handle, of->offset, &root)) return true;
    if (dwarf->library->child(&root, &stack[depth]) == 0) depth = 1;
    while (depth > 0) {
        die *at = &stack[depth - 1];
        int tag = dwarf->library->tag(at);
        if (tag == WTFCB_PROFILER_TAG_SUBPROGRAM &&
            !add_ranges(dwarf, &of->functions, at, dwarf->library->dieoffset(at))) {
            return false;
        }
        if (holds_functions(tag) && depth < MOST_DEPTH && dwarf->library->child(at, &stack[depth]) == 0) {
            depth++;
            continue;
        }
        while (depth > 0 && !beside(dwarf, &stack[depth - 1]))
            depth--;
    }
    sort_ranges(&of->functions);
    return true;
}

static const char *name_of(const wtfcb_profiler_dwarf *dwarf, die *function)
{
    static const unsigned codes[] = {WTFCB_PROFILER_AT_LINKAGE_NAME, WTFCB_PROFILER_AT_MIPS_LINKAGE_NAME};
    wtfcb_profiler_libdw_attribute attribute;
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
        if (!dwarf->library->attr_integrate(function, codes[i], &attribute)) continue;
        const char *name = dwarf->library->formstring(&attribute);
        // cppcheck-suppress returnDanglingLifetime ; the attribute points to the file's memory, and so does the text
        if (name && *name) return name;
    }
    return dwarf->library->diename(function);
}

/* Add a function to the list, behind those that it is inlined into; when that is full, the second outermost goes. */
static void push_frame(const wtfcb_profiler_dwarf *dwarf, die *function, wtfcb_profiler_frame *frames, uint32_t *count)
{
    const char *name = name_of(dwarf, function);
    const char *file = dwarf->library->decl_file(function);
    int line = 0;
    if (!name || !*name) return;
    if (dwarf->library->decl_line(function, &line) != 0 || line < 0) line = 0;
    if (*count == WTFCB_PROFILER_MOST_INLINED) {
        memmove(&frames[1], &frames[2], (*count - 2) * sizeof *frames);
        (*count)--;
    }
    frames[(*count)++] = (wtfcb_profiler_frame){name, file ? file : "", (uint32_t)line};
}

static bool is_scope(int tag)
{
    return tag == WTFCB_PROFILER_TAG_INLINED || tag == WTFCB_PROFILER_TAG_LEXICAL_BLOCK ||
           tag == WTFCB_PROFILER_TAG_TRY_BLOCK || tag == WTFCB_PROFILER_TAG_CATCH_BLOCK;
}

/* Move to the scope inside of `at` that the address is in. */
static bool enter_scope(const wtfcb_profiler_dwarf *dwarf, die *at, uint64_t address)
{
    die child;
    if (dwarf->library->child(at, &child) != 0) return false;
    do {
        if (is_scope(dwarf->library->tag(&child)) && dwarf->library->haspc(&child, address) == 1) {
            *at = child;
            return true;
        }
    } while (beside(dwarf, &child));
    return false;
}

wtfcb_status wtfcb_profiler_dwarf_find(wtfcb_profiler_dwarf *dwarf, uint64_t address,
                                       wtfcb_profiler_frame frames[WTFCB_PROFILER_MOST_INLINED], uint32_t *ret_count)
{
    die at;
    *ret_count = 0;
    const range *in_unit = find_range(&dwarf->ranges, address);
    if (!in_unit) return WTFCB_OK;
    unit *of = &dwarf->units[in_unit->what];
    if (!of->read) {
        if (!read_functions(dwarf, of)) {
            free_ranges(dwarf, &of->functions);
            return WTFCB_ENOMEM;
        }
        of->read = true;
    }
    const range *in_function = find_range(&of->functions, address);
    if (!in_function || !dwarf->library->offdie(dwarf->handle, in_function->what, &at)) return WTFCB_OK;
    push_frame(dwarf, &at, frames, ret_count);
    if (*ret_count == 0) return WTFCB_OK; /* without a name the table of symbols knows better */
    for (int i = 0; i < MOST_SCOPES && enter_scope(dwarf, &at, address); i++) {
        if (dwarf->library->tag(&at) == WTFCB_PROFILER_TAG_INLINED) push_frame(dwarf, &at, frames, ret_count);
    }
    return WTFCB_OK;
}
