/*
 * Regions of allocations, which are files that anybody can have written. The input is a list of changes to a small region: chunk, offset in 8 bytes, number of
 * bytes, bytes; an odd first byte begins with nothing instead. Promises: nothing outside of it is read; it is refused with a message, or becomes a profile whose trees add up
 * to its summary and that comes back from a file to the byte.
 */
#include "../fuzz.h"

#include <wtfcb/profile.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "profiler/alloc_load.h"
#include "profiler/profile.h"
#include "profiler/profile_load.h"

enum { CHUNK = WTFCB_ALLOC_CHUNK, CHUNKS = 6, ROWS = sizeof(wtfcb_alloc_chunk) };

static wtfcb_allocator allocator;
static char *bytes;

int LLVMFuzzerInitialize(const int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    allocator = wtfcb_base_allocator(NULL);
    bytes = aligned_alloc(64, (size_t)CHUNKS * CHUNK);
    FUZZ_ASSERT(bytes);
    return 0;
}

static void *chunk_at(uint32_t number, uint32_t kind, uint32_t count)
{
    wtfcb_alloc_chunk *chunk = (void *)(bytes + (size_t)number * CHUNK);
    chunk->kind = kind;
    chunk->count = count;
    return chunk + 1;
}

/* Two sites of two and of three frames, in two objects of which the second takes the place of the first. */
static void begin(void)
{
    wtfcb_alloc_header *header = (void *)bytes;
    (void)chunk_at(0, WTFCB_ALLOC_HEADER, 1);
    header->magic = WTFCB_ALLOC_MAGIC;
    header->version = 1;
    header->size = sizeof *header;
    header->process = 42;
    header->last_mode = WTFCB_ALLOC_MODE_FULL;
    header->chunks = 4;
    header->sites = 2;
    header->program[0] = 'p';
    header->ended_ns = 900;
    header->course_count = 2;
    header->course[0] = (wtfcb_alloc_point){10, 100};
    header->course[1] = (wtfcb_alloc_point){20, 300};
    wtfcb_alloc_site *sites = chunk_at(1, WTFCB_ALLOC_SITES, 2);
    sites[0] = (wtfcb_alloc_site){.frames = 2 * CHUNK + ROWS, .depth = 2, .total_bytes = 100, .total_count = 256};
    sites[1] = (wtfcb_alloc_site){
        .frames = 2 * CHUNK + ROWS + 16, .depth = 3, .total_bytes = 300, .total_count = 512, .freed_bytes = 100};
    uint64_t *frames = chunk_at(2, WTFCB_ALLOC_FRAMES, 5);
    for (uint32_t i = 0; i < 5; i++)
        frames[i] = 0x5000 + 16 * i;
    wtfcb_alloc_object *objects = chunk_at(3, WTFCB_ALLOC_OBJECTS, 2);
    objects[0] = (wtfcb_alloc_object){.begin = 0x5000, .end = 0x6000, .bias = 0x5000, .path = "/no/first.so"};
    objects[1] =
        (wtfcb_alloc_object){.begin = 0x5020, .end = 0x7000, .bias = 0x5000, .first_site = 1, .path = "/no/second.so"};
}

static void change(const uint8_t *data, size_t size)
{
    while (size >= 4) {
        size_t at = (size_t)(data[0] % CHUNKS) * CHUNK + (size_t)(data[1] | data[2] << 8) * 8 % CHUNK;
        size_t length = data[3] < size - 4 ? data[3] : size - 4;
        if (length > (size_t)CHUNKS * CHUNK - at) length = (size_t)CHUNKS * CHUNK - at;
        memcpy(bytes + at, data + 4, length);
        data += 4 + length;
        size -= 4 + length;
    }
}

static wtfcb_status append(void *user, const char *more, size_t length)
{
    wtfcb_base_buffer_append(user, more, length);
    return WTFCB_OK;
}

static wtfcb_base_buffer write_profile(const wtfcb_profile *profile)
{
    wtfcb_base_buffer text;
    wtfcb_base_buffer_init(&text, &allocator);
    FUZZ_ASSERT(wtfcb_profile_write(profile, WTFCB_PROFILE_JSON, append, &text) == WTFCB_OK && !text.failed);
    return text;
}

static uint64_t plus(uint64_t a, uint64_t b)
{
    return a > (uint64_t)INT64_MAX - b ? (uint64_t)INT64_MAX : a + b;
}

static void check_sums(const wtfcb_profile *profile, uint32_t tree, uint64_t expected)
{
    uint64_t roots = 0, self = 0;
    for (uint32_t i = 0; i < profile->summary.node_count; i++) {
        const wtfcb_profile_node *node = &profile->nodes[i];
        if (node->tree != tree) continue;
        FUZZ_ASSERT(node->thread < profile->summary.thread_count && node->frame < profile->summary.frame_count);
        self = plus(self, node->self);
        if (node->parent == WTFCB_PROFILE_NONE)
            roots = plus(roots, node->total);
        else
            FUZZ_ASSERT(node->parent < i);
    }
    FUZZ_ASSERT(roots == expected && self == expected);
}

static void check_profile(const wtfcb_profile *profile)
{
    static const int32_t formats[] = {WTFCB_PROFILE_SPEEDSCOPE, WTFCB_PROFILE_PPROF, WTFCB_PROFILE_COLLAPSED};
    wtfcb_profile *again = NULL;
    check_sums(profile, WTFCB_TREE_ALLOC_LIVE, profile->summary.alloc_live_bytes);
    check_sums(profile, WTFCB_TREE_ALLOC_TOTAL, profile->summary.alloc_bytes);
    FUZZ_ASSERT(profile->summary.alloc_live_peak >= profile->summary.alloc_live_bytes);
    wtfcb_base_buffer first = write_profile(profile);
    FUZZ_ASSERT(wtfcb_profiler_profile_parse(NULL, "f", first.data, first.length, &again, NULL) == WTFCB_OK);
    wtfcb_base_buffer second = write_profile(again);
    FUZZ_ASSERT(first.length == second.length && memcmp(first.data, second.data, first.length) == 0);
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        wtfcb_base_buffer_reset(&second);
        FUZZ_ASSERT(wtfcb_profile_write(profile, formats[i], append, &second) == WTFCB_OK);
    }
    wtfcb_base_buffer_free(&first);
    wtfcb_base_buffer_free(&second);
    wtfcb_profile_free(again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    wtfcb_profile *profile = NULL;
    wtfcb_error error = WTFCB_ERROR_INIT;
    memset(bytes, 0, (size_t)CHUNKS * CHUNK);
    if (size == 0 || data[0] % 2 == 0) begin();
    if (size > 0) change(data + 1, size - 1);
    for (size_t i = 0; i < CHUNKS; i++) { /* paths lead nowhere: what is on this machine is no part of the input */
        wtfcb_alloc_chunk *chunk = (void *)(bytes + i * CHUNK);
        wtfcb_alloc_object *objects = (void *)(chunk + 1);
        for (size_t k = 0; chunk->kind == WTFCB_ALLOC_OBJECTS && k < (CHUNK - ROWS) / sizeof *objects; k++)
            if (objects[k].path[0] == '/') memcpy(objects[k].path, "/no/", 4);
    }
    wtfcb_profiler_region_source source = {.memory = bytes, .size = (uint64_t)CHUNKS * CHUNK, .fd = -1};
    wtfcb_status status = wtfcb_profiler_alloc_load(&allocator, "f", &source, &profile, &error);
    if (status == WTFCB_OK) {
        check_profile(profile);
    } else {
        FUZZ_ASSERT(!profile && (status == WTFCB_EFORMAT || status == WTFCB_ELIMIT) && error.status == status);
        FUZZ_ASSERT(strncmp(error.message, "cannot read f: ", 15) == 0);
    }
    wtfcb_profile_free(profile);
    return 0;
}
