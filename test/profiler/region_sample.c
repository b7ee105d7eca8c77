/* Regions made by hand; see region_sample.h. */
#include "region_sample.h"

#include <dlfcn.h>
#include <link.h>
#include <unistd.h>

#include "../test.h"

enum { CHUNK = WTFCB_ALLOC_CHUNK, ROWS = sizeof(wtfcb_alloc_chunk) };

/* ---- Functions ---- */

/* Long enough that an address some bytes behind the first is inside. */
#define PLACE(name_)                                                                                                   \
    __attribute__((noinline, used)) int name_(int volatile *at)                                                        \
    {                                                                                                                  \
        for (int i = 0; i < 10; i++)                                                                                   \
            *at += i * *at + __LINE__;                                                                                 \
        return *at;                                                                                                    \
    }
int region_place_main(int volatile *at);
int region_place_load(int volatile *at);
int region_place_parse(int volatile *at);
int region_place_keep(int volatile *at);
int region_place_new(int volatile *at) __asm__("_ZnwmPv");
PLACE(region_place_main)
PLACE(region_place_load)
PLACE(region_place_parse)
PLACE(region_place_keep)
PLACE(region_place_new)

const char *const region_names[REGION_PLACES] = {"region_place_main", "region_place_load", "region_place_parse",
                                                 "region_place_keep", "operator new(unsigned long, void*)"};

uintptr_t region_place(uint32_t index)
{
    static int (*const places[REGION_PLACES])(int volatile *) = {
        region_place_main, region_place_load, region_place_parse, region_place_keep, region_place_new};
    return (uintptr_t)places[index] + 4;
}

/* ---- Regions ---- */

void region_init(region_sample *region, uint32_t mode, uint64_t process)
{
    *region = (region_sample){.bytes = aligned_alloc(64, (size_t)REGION_CHUNKS * CHUNK)};
    ck_assert_ptr_nonnull(region->bytes);
    memset(region->bytes, 0, (size_t)REGION_CHUNKS * CHUNK);
    region->header = (void *)region->bytes;
    wtfcb_alloc_header *header = region->header;
    header->chunk.kind = WTFCB_ALLOC_HEADER;
    header->chunk.count = 1;
    header->magic = WTFCB_ALLOC_MAGIC;
    header->version = 1;
    header->size = sizeof *header;
    header->process = process;
    header->started_ns = 1000;
    header->started_real_ns = UINT64_C(1700000000123456789);
    header->mode = header->last_mode = mode;
    header->rate = mode == WTFCB_ALLOC_MODE_SAMPLED ? 512 << 10 : 0;
    header->chunks = 1;
    (void)snprintf(header->program, sizeof header->program, "prog");
}

void region_free(region_sample *region)
{
    free(region->bytes);
    *region = (region_sample){0};
}

size_t region_size(const region_sample *region)
{
    return (size_t)region->header->chunks * CHUNK;
}

/* Where rows of a kind go, of which `rows` of `size` bytes must find room together; the chunk's number. */
static uint32_t chunk_for(region_sample *region, uint32_t kind, uint32_t rows, size_t size)
{
    uint32_t number = region->last[kind];
    wtfcb_alloc_chunk *chunk = (void *)(region->bytes + (size_t)number * CHUNK);
    if (number > 0 && ROWS + (chunk->count + rows) * size <= CHUNK) return number;
    number = region->header->chunks++;
    ck_assert_uint_lt(number, REGION_CHUNKS);
    region->last[kind] = number;
    chunk = (void *)(region->bytes + (size_t)number * CHUNK);
    chunk->kind = kind;
    return number;
}

static void *add_rows(region_sample *region, uint32_t kind, uint32_t rows, size_t size, uint64_t *ret_offset)
{
    uint32_t number = chunk_for(region, kind, rows, size);
    wtfcb_alloc_chunk *chunk = (void *)(region->bytes + (size_t)number * CHUNK);
    size_t at = ROWS + chunk->count * size;
    chunk->count += rows;
    *ret_offset = (uint64_t)number * CHUNK + at;
    return region->bytes + *ret_offset;
}

void region_add_object(region_sample *region, const char *path, uint64_t begin, uint64_t end, uint64_t bias)
{
    uint64_t offset;
    wtfcb_alloc_object *object = add_rows(region, WTFCB_ALLOC_OBJECTS, 1, sizeof *object, &offset);
    *object = (wtfcb_alloc_object){.begin = begin, .end = end, .bias = bias, .first_site = region->header->sites};
    (void)snprintf(object->path, sizeof object->path, "%s", path);
}

static int add_first(struct dl_phdr_info *info, size_t size, void *user)
{
    (void)size;
    char path[400];
    uint64_t end = 0;
    ssize_t length = readlink("/proc/self/exe", path, sizeof path - 1);
    ck_assert_int_gt(length, 0);
    path[length] = '\0';
    for (int i = 0; i < info->dlpi_phnum; i++)
        if (info->dlpi_phdr[i].p_type == PT_LOAD) end = info->dlpi_phdr[i].p_vaddr + info->dlpi_phdr[i].p_memsz;
    region_add_object(user, path, info->dlpi_addr, info->dlpi_addr + end, info->dlpi_addr);
    return 1;
}

void region_add_self(region_sample *region)
{
    (void)dl_iterate_phdr(add_first, region);
}

wtfcb_alloc_site *region_add_site(region_sample *region, uint32_t depth, const uintptr_t *places, uint32_t flags,
                                  region_figures figures)
{
    uint64_t frames, offset;
    uint64_t *addresses = add_rows(region, WTFCB_ALLOC_FRAMES, depth, sizeof *addresses, &frames);
    for (uint32_t i = 0; i < depth; i++)
        addresses[i] = places[i] + 1;
    wtfcb_alloc_site *site = add_rows(region, WTFCB_ALLOC_SITES, 1, sizeof *site, &offset);
    *site = (wtfcb_alloc_site){
        .frames = frames,
        .depth = depth,
        .flags = flags,
        .total_bytes = figures.total_bytes,
        .total_count = figures.total_count * WTFCB_ALLOC_COUNT_UNIT,
        .freed_bytes = figures.freed_bytes,
        .freed_count = figures.freed_count * WTFCB_ALLOC_COUNT_UNIT,
    };
    region->header->sites++;
    region_sum_up(region);
    return site;
}

void region_add_point(region_sample *region, uint64_t time_ns, uint64_t live)
{
    ck_assert_uint_lt(region->header->course_count, WTFCB_ALLOC_COURSE);
    region->header->course[region->header->course_count++] = (wtfcb_alloc_point){time_ns, live};
}

void region_sum_up(region_sample *region)
{
    wtfcb_alloc_header *header = region->header;
    header->total_bytes = header->freed_bytes = 0;
    for (uint32_t i = 1; i < header->chunks; i++) {
        const wtfcb_alloc_chunk *chunk = (const void *)(region->bytes + (size_t)i * CHUNK);
        const wtfcb_alloc_site *sites = (const void *)(chunk + 1);
        for (uint32_t row = 0; chunk->kind == WTFCB_ALLOC_SITES && row < chunk->count; row++) {
            header->total_bytes += sites[row].total_bytes;
            header->freed_bytes += sites[row].freed_bytes;
        }
    }
    uint64_t live = header->total_bytes - header->freed_bytes;
    if (live > header->live_peak) header->live_peak = live;
}

void region_save(const region_sample *region, const char *path)
{
    FILE *file = fopen(path, "wbe");
    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fwrite(region->bytes, 1, region_size(region), file), region_size(region));
    ck_assert_int_eq(fclose(file), 0);
}

/* ---- What libwtfcb-alloc.so exports ---- */

struct region_control_state region_control_state;

static int start(uint32_t mode, uint64_t rate, uint64_t seed, const char *path)
{
    (void)seed;
    ck_assert_ptr_null(path);
    if (region_control_state.answer != 0) return region_control_state.answer;
    ck_assert(!region_control_state.tracing);
    region_control_state.tracing = true;
    region_control_state.mode = mode;
    region_control_state.rate = rate;
    region_control_state.starts++;
    return 0;
}

static int stop(void)
{
    ck_assert(region_control_state.tracing);
    region_control_state.tracing = false;
    region_control_state.stops++;
    return 0;
}

static const void *region_of(uint64_t *ret_size)
{
    if (!region_control_state.region) return NULL;
    *ret_size = region_size(region_control_state.region);
    return region_control_state.region->bytes;
}

static int sees(void)
{
    return region_control_state.sees;
}

static void hide(int delta)
{
    region_control_state.hidden += delta;
    region_control_state.hides++;
    ck_assert_int_ge(region_control_state.hidden, 0);
}

const wtfcb_alloc_control_table region_control = {
    .version = 1,
    .size = sizeof region_control,
    .start = start,
    .stop = stop,
    .region = region_of,
    .sees = sees,
    .hide = hide,
};
