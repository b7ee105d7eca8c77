/* See region_read.h. */
#include "region_read.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "test.h"

region_read region_open(const char *path)
{
    region_read region = {0};
    struct stat status;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ck_assert_msg(fd >= 0, "%s cannot be opened", path);
    ck_assert_int_eq(fstat(fd, &status), 0);
    region.size = (size_t)status.st_size;
    ck_assert_uint_ge(region.size, WTFCB_ALLOC_CHUNK);
    void *base = mmap(NULL, region.size, PROT_READ, MAP_SHARED, fd, 0);
    ck_assert(base != MAP_FAILED);
    close(fd);
    region.base = base;
    region.header = base;
    ck_assert_uint_eq(region.header->magic, WTFCB_ALLOC_MAGIC);
    ck_assert_uint_eq(region.header->version, 1);
    ck_assert_uint_eq(region.header->size, sizeof(wtfcb_alloc_header));
    ck_assert_uint_le((uint64_t)atomic_load(&region.header->chunks) * WTFCB_ALLOC_CHUNK, region.size);
    return region;
}

void region_close(region_read *region)
{
    if (region->base) munmap((void *)(uintptr_t)region->base, region->size);
    region->base = NULL;
}

static const void *row(const region_read *region, uint32_t kind, size_t size, uint32_t n)
{
    uint32_t chunks = atomic_load(&region->header->chunks);
    for (uint32_t i = 0; i < chunks; i++) {
        const unsigned char *at = region->base + (size_t)i * WTFCB_ALLOC_CHUNK;
        const wtfcb_alloc_chunk *chunk = (const wtfcb_alloc_chunk *)(const void *)at;
        if (chunk->kind != kind) continue;
        uint32_t count = atomic_load(&chunk->count);
        ck_assert_uint_le(sizeof *chunk + count * size, WTFCB_ALLOC_CHUNK);
        if (n < count) return at + sizeof *chunk + n * size;
        n -= count;
    }
    return NULL;
}

const wtfcb_alloc_site *region_site(const region_read *region, uint32_t n)
{
    return row(region, WTFCB_ALLOC_SITES, sizeof(wtfcb_alloc_site), n);
}

const wtfcb_alloc_object *region_object(const region_read *region, uint32_t n)
{
    return row(region, WTFCB_ALLOC_OBJECTS, sizeof(wtfcb_alloc_object), n);
}

const uint64_t *region_frames(const region_read *region, const wtfcb_alloc_site *site)
{
    ck_assert_uint_ge(site->depth, 1);
    ck_assert_uint_le(site->depth, WTFCB_ALLOC_MOST_FRAMES);
    ck_assert_uint_eq(site->frames % sizeof(uint64_t), 0);
    ck_assert_uint_le(site->frames + site->depth * sizeof(uint64_t), region->size);
    ck_assert_uint_eq(site->frames / WTFCB_ALLOC_CHUNK,
                      (site->frames + site->depth * sizeof(uint64_t) - 1) / WTFCB_ALLOC_CHUNK);
    return (const uint64_t *)(const void *)(region->base + site->frames);
}

static bool is_under(const region_read *region, const wtfcb_alloc_site *site, uint64_t begin, uint64_t end)
{
    const uint64_t *frames = region_frames(region, site);
    for (uint32_t i = 0; i < site->depth; i++)
        if (frames[i] - 1 >= begin && frames[i] - 1 < end) return true;
    return false;
}

region_sums region_sum_under(const region_read *region, uint64_t begin, uint64_t end)
{
    region_sums sums = {0};
    const wtfcb_alloc_site *site;
    for (uint32_t i = 0; (site = region_site(region, i)); i++) {
        if (!is_under(region, site, begin, end)) continue;
        sums.sites++;
        sums.freed_bytes += atomic_load(&site->freed_bytes);
        sums.freed_count += atomic_load(&site->freed_count);
        sums.total_bytes += atomic_load(&site->total_bytes);
        sums.total_count += atomic_load(&site->total_count);
        sums.short_sites += site->flags & WTFCB_ALLOC_SITE_SHORT;
    }
    return sums;
}

region_sums region_sum(const region_read *region)
{
    return region_sum_under(region, 0, UINT64_MAX);
}
