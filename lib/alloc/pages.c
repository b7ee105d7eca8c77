/* See pages.h. */
#include "alloc/pages.h"

#include <stdint.h>
#include <sys/mman.h>

enum { LARGE_PAGE = 2 << 20 };

static void *map(size_t size)
{
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    return memory == MAP_FAILED ? NULL : memory;
}

/* Begins where a large page does: what is around it goes back. */
static unsigned char *map_aligned(size_t size)
{
    unsigned char *memory = map(size + LARGE_PAGE);
    if (!memory) return NULL;
    size_t before = (LARGE_PAGE - (uintptr_t)memory % LARGE_PAGE) % LARGE_PAGE;
    if (before > 0) (void)munmap(memory, before);
    (void)munmap(memory + before + size, LARGE_PAGE - before);
    return memory + before;
}

void *wtfcb_alloc_pages_map(size_t size, bool large)
{
    if (size < LARGE_PAGE) return map(size);
    void *memory = map_aligned(size);
    if (memory) (void)madvise(memory, size, large ? MADV_HUGEPAGE : MADV_NOHUGEPAGE);
    return memory;
}
