/* Copying a region that is being written, and walking over the copy; see alloc_region.h. */
#include "profiler/alloc_region.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"

enum {
    CHUNK = WTFCB_ALLOC_CHUNK,
    ROWS = sizeof(wtfcb_alloc_chunk), /* where rows begin */
    SITES_MOST = (CHUNK - ROWS) / sizeof(wtfcb_alloc_site),
    FRAMES_MOST = (CHUNK - ROWS) / sizeof(uint64_t),
    OBJECTS_MOST = (CHUNK - ROWS) / sizeof(wtfcb_alloc_object),
    MAGIC_AT = offsetof(wtfcb_alloc_header, magic),
};

_Static_assert(sizeof(wtfcb_alloc_header) <= CHUNK, "the header is one chunk");
_Static_assert(ROWS % sizeof(uint64_t) == 0 && sizeof(wtfcb_alloc_site) % sizeof(uint64_t) == 0, "rows are aligned");

/* ---- Reading ---- */

static bool read_file(int fd, uint64_t offset, char *into, size_t size)
{
    while (size > 0) {
        ssize_t got = pread(fd, into, size, (off_t)offset);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return false;
        into += got;
        offset += (uint64_t)got;
        size -= (size_t)got;
    }
    return true;
}

/* Bytes of the source; false: it has not got them. Of memory that others write to, word by word: what stands first is read first. */
static bool take(const wtfcb_profiler_region_source *source, uint64_t offset, void *into, size_t size)
{
    if (!source->memory) return read_file(source->fd, offset, into, size);
    if (offset > source->size || size > source->size - offset) return false;
    const _Atomic uint64_t *from = (const void *)((const char *)source->memory + offset);
    uint64_t *words = into;
    for (size_t i = 0; i < size / sizeof *words; i++)
        words[i] = atomic_load_explicit(&from[i], memory_order_acquire);
    return true;
}

bool wtfcb_profiler_region_is(const void *bytes, size_t length)
{
    uint64_t magic;
    if (length < MAGIC_AT + sizeof magic) return false;
    memcpy(&magic, (const char *)bytes + MAGIC_AT, sizeof magic);
    return magic == WTFCB_ALLOC_MAGIC;
}

static uint64_t less(uint64_t a, uint64_t b)
{
    return a > b ? a - b : 0;
}

/* What stands in front of the course, which is long. */
enum { FIXED = offsetof(wtfcb_alloc_header, program) };

static uint64_t number_at(const uint64_t words[FIXED / sizeof(uint64_t)], size_t offset)
{
    return words[offset / sizeof *words];
}

bool wtfcb_profiler_region_look(const wtfcb_profiler_region_source *source, wtfcb_profiler_region_now *ret_now)
{
    uint64_t words[FIXED / sizeof(uint64_t)];
    if (!take(source, 0, words, sizeof words)) return false;
    if (number_at(words, MAGIC_AT) != WTFCB_ALLOC_MAGIC) return false;
    if ((uint32_t)number_at(words, offsetof(wtfcb_alloc_header, version)) != 1) return false;
    uint64_t process = number_at(words, offsetof(wtfcb_alloc_header, process));
    if (process == 0 || process > INT32_MAX) return false;
    *ret_now = (wtfcb_profiler_region_now){
        .process = process,
        .started_ns = number_at(words, offsetof(wtfcb_alloc_header, started_ns)),
        .ended_ns = number_at(words, offsetof(wtfcb_alloc_header, ended_ns)),
        .live_bytes = less(number_at(words, offsetof(wtfcb_alloc_header, total_bytes)),
                           number_at(words, offsetof(wtfcb_alloc_header, freed_bytes))),
    };
    return true;
}

/* ---- Copying ---- */

/* The copy of a chunk, or NULL with a status. */
static char *copy_chunk(const wtfcb_profiler_region *region, const wtfcb_profiler_region_source *source, size_t number,
                        wtfcb_status *ret_status)
{
    char *copy = wtfcb_base_alloc(region->allocator, CHUNK);
    *ret_status = WTFCB_OK;
    if (!copy) {
        *ret_status = WTFCB_ENOMEM;
    } else if (!take(source, (uint64_t)number * CHUNK, copy, CHUNK)) {
        *ret_status = WTFCB_EFORMAT;
        wtfcb_base_free(region->allocator, copy, CHUNK);
        copy = NULL;
    }
    return copy;
}

/* Rows that a chunk may say it has. */
static uint32_t rows_of(const char *chunk, uint32_t most)
{
    const wtfcb_alloc_chunk *head = (const void *)chunk;
    return head->count < most ? head->count : most;
}

static wtfcb_status load_header(wtfcb_profiler_region *region, const wtfcb_profiler_region_source *source,
                                const char **ret_wrong)
{
    wtfcb_status status;
    region->header = (void *)copy_chunk(region, source, 0, &status);
    if (!region->header) return status;
    wtfcb_alloc_header *header = region->header;
    *ret_wrong = "it is no region of allocations";
    if (header->magic != WTFCB_ALLOC_MAGIC || header->chunk.kind != WTFCB_ALLOC_HEADER) return WTFCB_EFORMAT;
    *ret_wrong = "its version is not 1, which is the one that this version reads";
    if (header->version != 1 || header->size < sizeof *header) return WTFCB_EFORMAT;
    *ret_wrong = "it has no chunks, or its figures cannot be";
    if (header->chunks == 0 || header->process > INT32_MAX || header->rate > INT64_MAX ||
        header->started_real_ns > INT64_MAX)
        return WTFCB_EFORMAT;
    header->program[sizeof header->program - 1] = '\0';
    if (header->course_count > WTFCB_ALLOC_COURSE) header->course_count = WTFCB_ALLOC_COURSE;
    return WTFCB_OK;
}

/* The number of chunks by now, in place of what it was. */
static wtfcb_status count_chunks(wtfcb_profiler_region *region, const wtfcb_profiler_region_source *source)
{
    enum { AT = offsetof(wtfcb_alloc_header, chunks) / 8 * 8 };
    uint64_t word;
    uint32_t chunks;
    if (!take(source, AT, &word, sizeof word)) return WTFCB_EFORMAT;
    memcpy(&chunks, (const char *)&word + (offsetof(wtfcb_alloc_header, chunks) - AT), sizeof chunks);
    if (chunks > WTFCB_PROFILER_REGION_CHUNKS) return WTFCB_ELIMIT;
    if (chunks < region->count) return WTFCB_EFORMAT;
    if (!wtfcb_base_reserve(region->allocator, (void **)&region->chunks, &region->capacity, chunks, sizeof(char *)))
        return WTFCB_ENOMEM;
    for (; region->count < chunks; region->count++)
        region->chunks[region->count] = NULL;
    return WTFCB_OK;
}

/* Again, for what was allocated by the time that what was freed is known. */
static bool copy_totals(const wtfcb_profiler_region_source *source, size_t number, char *chunk, char *scratch)
{
    wtfcb_alloc_site *sites = (void *)(chunk + ROWS);
    const wtfcb_alloc_site *later = (const void *)(scratch + ROWS);
    uint32_t rows = rows_of(chunk, SITES_MOST);
    if (!take(source, (uint64_t)number * CHUNK, scratch, CHUNK)) return false;
    for (uint32_t i = 0; i < rows; i++) {
        sites[i].total_bytes = later[i].total_bytes;
        sites[i].total_count = later[i].total_count;
    }
    return true;
}

static wtfcb_status copy_sites(wtfcb_profiler_region *region, const wtfcb_profiler_region_source *source, char *scratch)
{
    for (size_t i = 1; i < region->count; i++) {
        uint64_t word;
        uint32_t kind;
        wtfcb_status status;
        if (!take(source, (uint64_t)i * CHUNK, &word, sizeof word)) return WTFCB_EFORMAT;
        memcpy(&kind, &word, sizeof kind);
        if (kind != WTFCB_ALLOC_SITES) continue;
        region->chunks[i] = copy_chunk(region, source, i, &status);
        if (!region->chunks[i]) return status;
        if (!copy_totals(source, i, region->chunks[i], scratch)) return WTFCB_EFORMAT;
    }
    return WTFCB_OK;
}

static wtfcb_status note_objects(wtfcb_profiler_region *region, char *chunk)
{
    uint32_t rows = rows_of(chunk, OBJECTS_MOST);
    wtfcb_alloc_object *objects = (void *)(chunk + ROWS);
    if (!wtfcb_base_reserve(region->allocator, (void **)&region->objects, &region->object_capacity,
                            region->object_count + rows, sizeof *region->objects))
        return WTFCB_ENOMEM;
    for (uint32_t i = 0; i < rows; i++) {
        objects[i].path[sizeof objects[i].path - 1] = '\0';
        if (objects[i].id_length > sizeof objects[i].build_id) objects[i].id_length = 0;
        region->objects[region->object_count++] = &objects[i];
    }
    return WTFCB_OK;
}

/* Sites that came in the meantime stay out, and chunks that are only being made have no kind yet. */
static wtfcb_status copy_others(wtfcb_profiler_region *region, const wtfcb_profiler_region_source *source)
{
    for (size_t i = 1; i < region->count; i++) {
        uint64_t word;
        uint32_t kind;
        wtfcb_status status;
        if (region->chunks[i]) continue;
        if (!take(source, (uint64_t)i * CHUNK, &word, sizeof word)) return WTFCB_EFORMAT;
        memcpy(&kind, &word, sizeof kind);
        if (kind != WTFCB_ALLOC_FRAMES && kind != WTFCB_ALLOC_OBJECTS) continue;
        region->chunks[i] = copy_chunk(region, source, i, &status);
        if (!region->chunks[i]) return status;
        if (kind == WTFCB_ALLOC_OBJECTS) status = note_objects(region, region->chunks[i]);
        if (status != WTFCB_OK) return status;
    }
    return WTFCB_OK;
}

wtfcb_status wtfcb_profiler_region_load(const wtfcb_allocator *allocator, const wtfcb_profiler_region_source *source,
                                        wtfcb_profiler_region *ret_region, const char **ret_wrong)
{
    *ret_region = (wtfcb_profiler_region){.allocator = allocator};
    *ret_wrong = "it is too short";
    wtfcb_status status = load_header(ret_region, source, ret_wrong);
    if (status != WTFCB_OK) return status;
    char *scratch = wtfcb_base_alloc(allocator, CHUNK);
    if (!scratch) return WTFCB_ENOMEM;
    *ret_wrong = "it is shorter than it says";
    status = count_chunks(ret_region, source);
    if (status == WTFCB_OK) status = copy_sites(ret_region, source, scratch);
    if (status == WTFCB_OK) status = count_chunks(ret_region, source);
    if (status == WTFCB_OK) status = copy_others(ret_region, source);
    if (status == WTFCB_ELIMIT) *ret_wrong = "it is larger than 1 GiB";
    wtfcb_base_free(allocator, scratch, CHUNK);
    return status;
}

void wtfcb_profiler_region_free(wtfcb_profiler_region *region)
{
    if (!region->allocator) return;
    for (size_t i = 0; i < region->count; i++)
        wtfcb_base_free(region->allocator, region->chunks[i], CHUNK);
    wtfcb_base_free(region->allocator, region->chunks, region->capacity * sizeof(char *));
    wtfcb_base_free(region->allocator, region->objects, region->object_capacity * sizeof *region->objects);
    wtfcb_base_free(region->allocator, region->header, CHUNK);
    *region = (wtfcb_profiler_region){0};
}

/* ---- Walking ---- */

/* The addresses of a site, or NULL where they are not in one chunk of such. */
static const uint64_t *frames_of(const wtfcb_profiler_region *region, const wtfcb_alloc_site *site)
{
    uint64_t chunk = site->frames / CHUNK;
    uint64_t at = site->frames % CHUNK;
    if (chunk == 0 || chunk >= region->count || at < ROWS || at % sizeof(uint64_t) != 0) return NULL;
    const char *copy = region->chunks[chunk];
    if (!copy || ((const wtfcb_alloc_chunk *)(const void *)copy)->kind != WTFCB_ALLOC_FRAMES) return NULL;
    uint64_t first = (at - ROWS) / sizeof(uint64_t);
    uint32_t rows = rows_of(copy, FRAMES_MOST);
    if (site->depth == 0 || site->depth > WTFCB_ALLOC_MOST_FRAMES || first > rows || site->depth > rows - first)
        return NULL;
    return (const void *)(copy + at);
}

wtfcb_status wtfcb_profiler_region_next(const wtfcb_profiler_region *region, wtfcb_profiler_region_cursor *cursor,
                                        wtfcb_profiler_region_site *ret_site)
{
    for (; cursor->chunk < region->count; cursor->chunk++, cursor->row = 0) {
        const char *copy = region->chunks[cursor->chunk];
        if (!copy || ((const wtfcb_alloc_chunk *)(const void *)copy)->kind != WTFCB_ALLOC_SITES) continue;
        if (cursor->row >= rows_of(copy, SITES_MOST)) continue;
        const wtfcb_alloc_site *site = (const wtfcb_alloc_site *)(const void *)(copy + ROWS) + cursor->row++;
        cursor->number++;
        *ret_site = (wtfcb_profiler_region_site){.frames = frames_of(region, site),
                                                 .depth = site->depth,
                                                 .flags = site->flags,
                                                 .total_bytes = site->total_bytes,
                                                 .total_count = site->total_count,
                                                 .live_bytes = less(site->total_bytes, site->freed_bytes),
                                                 .live_count = less(site->total_count, site->freed_count)};
        if (!ret_site->frames || ret_site->total_bytes > INT64_MAX || ret_site->total_count > INT64_MAX)
            return WTFCB_EFORMAT;
        return WTFCB_OK;
    }
    return WTFCB_ENOTFOUND;
}
