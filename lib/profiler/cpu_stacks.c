/* A trie of stacks by open addressing; see cpu_stacks.h. */
#include "profiler/cpu_stacks.h"

#include <sys/mman.h>

enum { LOAD = 2 }; /* slots for each node, at least */

wtfcb_status wtfcb_profiler_cpu_stacks_init(wtfcb_profiler_cpu_stacks *stacks, size_t bytes)
{
    uint32_t slots = 16;
    while (slots < UINT32_C(1) << 30 &&
           2 * (size_t)slots * sizeof(uint32_t) + slots * sizeof(wtfcb_profiler_cpu_node) / LOAD * 2 <= bytes)
        slots *= 2;
    *stacks = (wtfcb_profiler_cpu_stacks){.capacity = slots / LOAD, .mask = slots - 1};
    stacks->size = stacks->capacity * sizeof *stacks->nodes + slots * sizeof *stacks->slots;
    void *memory = mmap(NULL, stacks->size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) return WTFCB_ENOMEM;
    stacks->memory = memory;
    stacks->nodes = memory;
    stacks->slots = (uint32_t *)(void *)(stacks->nodes + stacks->capacity);
    return WTFCB_OK;
}

void wtfcb_profiler_cpu_stacks_free(wtfcb_profiler_cpu_stacks *stacks)
{
    if (stacks->memory) (void)munmap(stacks->memory, stacks->size);
    *stacks = (wtfcb_profiler_cpu_stacks){0};
}

static uint64_t mix(uint64_t x)
{
    x ^= x >> 32;
    x *= UINT64_C(0xd6e8feb86659fd93);
    return x ^ x >> 32;
}

uint32_t wtfcb_profiler_cpu_stacks_child(wtfcb_profiler_cpu_stacks *stacks, uint32_t parent, uint32_t object,
                                         uint64_t offset, bool *ret_new)
{
    uint64_t hash = mix(offset + mix((uint64_t)parent << 32 | object));
    if (ret_new) *ret_new = false;
    for (uint32_t slot = (uint32_t)hash & stacks->mask;; slot = (slot + 1) & stacks->mask) {
        uint32_t number = stacks->slots[slot];
        if (number == 0) {
            if (stacks->count == stacks->capacity) return WTFCB_PROFILER_CPU_NONE;
            stacks->nodes[stacks->count] =
                (wtfcb_profiler_cpu_node){.parent = parent, .object = object, .offset = offset};
            stacks->slots[slot] = ++stacks->count;
            if (ret_new) *ret_new = true;
            return stacks->count - 1;
        }
        const wtfcb_profiler_cpu_node *node = &stacks->nodes[number - 1];
        if (node->parent == parent && node->object == object && node->offset == offset) return number - 1;
    }
}
