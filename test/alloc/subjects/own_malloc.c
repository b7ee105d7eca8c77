/* A program that brings its own malloc: what libwtfcb-alloc.so cannot see, and says so. Exit status 0 if it does. */
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

#include "alloc/region.h"

static _Alignas(16) char memory[1 << 20];
static size_t used;

void *malloc(size_t size)
{
    size_t at = used;
    if (size > sizeof memory - used - 16) return NULL;
    used += (size + 15) & ~(size_t)15;
    return memory + at;
}

void *calloc(size_t count, size_t size)
{
    return malloc(count * size);
}

void *realloc(void *block, size_t size)
{
    void *moved = malloc(size);
    if (moved && block) memcpy(moved, block, size);
    return moved;
}

void free(void *block)
{
    (void)block;
}

int main(void)
{
    const wtfcb_alloc_control_table *table = dlsym(RTLD_DEFAULT, "wtfcb_alloc_control");
    return table && table->sees() == 0 ? 0 : 1;
}
