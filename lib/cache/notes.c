/* A ring of the last misses that removed something; see notes.h. */
#include "cache/notes.h"

#include <string.h>

#include "base/memory.h"

enum { NOTES = 64 };

struct wtfcb_cache_note {
    wtfcb_base_hash128 hash;
    wtfcb_miss miss; /* reason 0: free */
};

void wtfcb_cache_notes_init(wtfcb_cache_notes *notes, const wtfcb_allocator *allocator)
{
    *notes = (wtfcb_cache_notes){.allocator = allocator};
    (void)pthread_mutex_init(&notes->lock, NULL);
}

void wtfcb_cache_notes_free(wtfcb_cache_notes *notes)
{
    wtfcb_base_free(notes->allocator, notes->notes, NOTES * sizeof *notes->notes);
    (void)pthread_mutex_destroy(&notes->lock);
}

wtfcb_miss wtfcb_cache_miss_of(uint32_t reason, const char *path)
{
    wtfcb_miss miss = {.reason = reason};
    size_t length = strlen(path);
    if (length < sizeof miss.path) {
        memcpy(miss.path, path, length);
    } else {
        memcpy(miss.path, "...", 3);
        memcpy(miss.path + 3, path + length - (sizeof miss.path - 4), sizeof miss.path - 3);
    }
    return miss;
}

/* The lock is held. */
static struct wtfcb_cache_note *find(const wtfcb_cache_notes *notes, wtfcb_base_hash128 hash)
{
    for (size_t i = 0; notes->notes && i < NOTES; i++) {
        struct wtfcb_cache_note *note = &notes->notes[i];
        if (note->miss.reason != 0 && memcmp(&note->hash, &hash, sizeof hash) == 0) return note;
    }
    return NULL;
}

void wtfcb_cache_notes_add(wtfcb_cache_notes *notes, wtfcb_base_hash128 hash, uint32_t reason, const char *path)
{
    (void)pthread_mutex_lock(&notes->lock);
    if (!notes->notes) notes->notes = wtfcb_base_calloc(notes->allocator, NOTES, sizeof *notes->notes);
    if (notes->notes) {
        struct wtfcb_cache_note *note = find(notes, hash);
        if (!note) note = &notes->notes[notes->next++ % NOTES];
        if (note->miss.reason == 0) atomic_fetch_add_explicit(&notes->count, 1, memory_order_relaxed);
        *note = (struct wtfcb_cache_note){hash, wtfcb_cache_miss_of(reason, path)};
    }
    (void)pthread_mutex_unlock(&notes->lock);
}

void wtfcb_cache_notes_remove(wtfcb_cache_notes *notes, wtfcb_base_hash128 hash)
{
    if (atomic_load_explicit(&notes->count, memory_order_relaxed) == 0) return;
    (void)pthread_mutex_lock(&notes->lock);
    struct wtfcb_cache_note *note = find(notes, hash);
    if (note) {
        note->miss.reason = 0;
        atomic_fetch_sub_explicit(&notes->count, 1, memory_order_relaxed);
    }
    (void)pthread_mutex_unlock(&notes->lock);
}

void wtfcb_cache_notes_clear(wtfcb_cache_notes *notes)
{
    (void)pthread_mutex_lock(&notes->lock);
    for (size_t i = 0; notes->notes && i < NOTES; i++)
        notes->notes[i].miss.reason = 0;
    atomic_store_explicit(&notes->count, 0, memory_order_relaxed);
    (void)pthread_mutex_unlock(&notes->lock);
}

bool wtfcb_cache_notes_find(wtfcb_cache_notes *notes, wtfcb_base_hash128 hash, wtfcb_miss *ret_miss)
{
    (void)pthread_mutex_lock(&notes->lock);
    const struct wtfcb_cache_note *note = find(notes, hash);
    if (note) *ret_miss = note->miss;
    (void)pthread_mutex_unlock(&notes->lock);
    return note != NULL;
}
