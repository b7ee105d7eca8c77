/*
 * An allocator for tests: libc's memory, counted, checked and made to fail on demand.
 *
 * Every block carries the size it was asked with, so that a wrong size handed to `realloc` or `free` is found; `live` is what has
 * not been given back. Allocations are numbered from 1; number `fail_at` fails, and with `fail_rest` all later ones too. Works
 * from any number of threads; `fail_at` and `fail_rest` are set while nobody allocates.
 */
#ifndef WTFCB_TEST_BASE_COUNTING_H
#define WTFCB_TEST_BASE_COUNTING_H

#include <stdatomic.h>
#include <stdint.h>

#include <wtfcb/allocator.h>

#include "../test.h"

typedef struct counting {
    wtfcb_allocator allocator; /* hand this out */
    atomic_long live;          /* blocks */
    atomic_llong live_bytes;
    atomic_llong peak_bytes;
    atomic_ulong calls;    /* allocations and reallocations so far */
    atomic_ulong failed;   /* of them: refused */
    atomic_ulong wrong;    /* blocks that came back with another size than they were asked with */
    unsigned long fail_at; /* 0: never */
    bool fail_rest;
} counting;

/* In front of each block; keeps the alignment that allocators owe. */
typedef struct counting_header {
    size_t size;
    uint64_t mark;
} counting_header;

#define COUNTING_MARK 0x77746663622d6f6bu

static inline bool counting_refuses(counting *c)
{
    unsigned long number = atomic_fetch_add(&c->calls, 1) + 1;
    bool refuse = c->fail_at != 0 && (number == c->fail_at || (c->fail_rest && number > c->fail_at));
    if (refuse) atomic_fetch_add(&c->failed, 1);
    return refuse;
}

static inline void counting_add(counting *c, long blocks, long long bytes)
{
    atomic_fetch_add(&c->live, blocks);
    long long now = atomic_fetch_add(&c->live_bytes, bytes) + bytes;
    long long peak = atomic_load(&c->peak_bytes);
    while (now > peak && !atomic_compare_exchange_weak(&c->peak_bytes, &peak, now)) {}
}

static inline void *counting_alloc(void *user, size_t size)
{
    counting *c = user;
    if (size == 0) atomic_fetch_add(&c->wrong, 1);
    if (counting_refuses(c)) return NULL;
    counting_header *header = malloc(sizeof *header + size);
    if (!header) return NULL;
    *header = (counting_header){size, COUNTING_MARK};
    memset(header + 1, 0xa5, size < 4096 ? size : 4096); /* nobody may count on zeros */
    counting_add(c, 1, (long long)size);
    return header + 1;
}

static inline void counting_check(counting *c, const counting_header *header, size_t size)
{
    if (header->mark != COUNTING_MARK || header->size != size) atomic_fetch_add(&c->wrong, 1);
}

static inline void *counting_realloc(void *user, void *block, size_t old_size, size_t new_size)
{
    counting *c = user;
    if (new_size == 0) atomic_fetch_add(&c->wrong, 1);
    counting_header *header = (counting_header *)block - 1;
    counting_check(c, header, old_size);
    if (counting_refuses(c)) return NULL;
    header = realloc(header, sizeof *header + new_size);
    if (!header) return NULL;
    header->size = new_size;
    counting_add(c, 0, (long long)new_size - (long long)old_size);
    return header + 1;
}

static inline void counting_free(void *user, void *block, size_t size)
{
    counting *c = user;
    counting_header *header = (counting_header *)block - 1;
    counting_check(c, header, size);
    header->mark = 0;
    counting_add(c, -1, -(long long)size);
    free(header);
}

static inline void counting_init(counting *c)
{
    memset(c, 0, sizeof *c);
    c->allocator = (wtfcb_allocator){c, counting_alloc, counting_realloc, counting_free};
}

/* Number the allocations from 1 again and say which one fails. */
static inline void counting_fail(counting *c, unsigned long fail_at, bool fail_rest)
{
    atomic_store(&c->calls, 0);
    atomic_store(&c->failed, 0);
    c->fail_at = fail_at;
    c->fail_rest = fail_rest;
}

/* Nothing is left and every size was right. */
#define counting_assert_clean(c)                                                                                       \
    do {                                                                                                               \
        ck_assert_int_eq(atomic_load(&(c)->live), 0);                                                                  \
        ck_assert_int_eq(atomic_load(&(c)->live_bytes), 0);                                                            \
        ck_assert_uint_eq(atomic_load(&(c)->wrong), 0);                                                                \
    } while (0)

#endif
