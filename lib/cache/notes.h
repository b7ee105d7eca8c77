/*
 * Why values went: a get that misses removes what it found too old, and wtfcb_cache_explain() is asked afterwards.
 *
 * The last few are remembered, by the hash of the key. No memory is taken before the first one; without memory there is no note.
 */
#ifndef WTFCB_CACHE_NOTES_H
#define WTFCB_CACHE_NOTES_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include <wtfcb/allocator.h>
#include <wtfcb/cache.h>

#include "base/hash.h"

typedef struct wtfcb_cache_notes {
    const wtfcb_allocator *allocator; /* borrowed */
    pthread_mutex_t lock;
    struct wtfcb_cache_note *notes; /* a ring */
    size_t next;
    atomic_size_t count; /* in use; read without the lock, so that puts cost nothing while there are none */
} wtfcb_cache_notes;

void wtfcb_cache_notes_init(wtfcb_cache_notes *notes, const wtfcb_allocator *allocator);
void wtfcb_cache_notes_free(wtfcb_cache_notes *notes);

/* Remember why a key's value went; `path` as in wtfcb_miss. */
void wtfcb_cache_notes_add(wtfcb_cache_notes *notes, wtfcb_base_hash128 hash, uint32_t reason, const char *path);

/* Forget about a key, which has a value again; about all of them. */
void wtfcb_cache_notes_remove(wtfcb_cache_notes *notes, wtfcb_base_hash128 hash);
void wtfcb_cache_notes_clear(wtfcb_cache_notes *notes);

/* Whether there is a note about a key; `ret_miss` is then it. */
bool wtfcb_cache_notes_find(wtfcb_cache_notes *notes, wtfcb_base_hash128 hash, wtfcb_miss *ret_miss);

/* A miss with its reason and path, cut at the front if need be. */
wtfcb_miss wtfcb_cache_miss_of(uint32_t reason, const char *path);

#endif
