/*
 * Sites by what they say: name, function, file and line. A site that is loaded again, or stands in several objects (an inline function), is the same one.
 *
 * The table is mapped once and only grows. An entry is written whole before the slot that leads to it is set; threads that bring
 * the same site at once find each other there. The key in a site's opaque space carries a number of this table, so that a site which an earlier copy of the library has
 * numbered is looked up again.
 */
#include <string.h>
#include <sys/mman.h>

#include "base/clock.h"
#include "profiler/zone_parts.h"

enum {
    SLOTS = 2 * WTFCB_PROFILER_ZONE_SITES,
    TEXTS = 384 << 10,
    NAME_MOST = 255,
    FILE_MOST = 1023,
};

typedef struct table {
    uint32_t number; /* never 0 */
    _Atomic uint32_t count;
    _Atomic uint32_t text_used;
    _Atomic uint32_t slots[SLOTS]; /* index + 1 of a site, or 0 */
    wtfcb_profiler_zone_site sites[WTFCB_PROFILER_ZONE_SITES];
    char texts[TEXTS];
} table;

static table *sites; /* set before anything is recorded */

typedef struct text {
    const char *bytes;
    size_t length;
} text;

size_t wtfcb_profiler_zone_sites_size(void)
{
    return sizeof(table);
}

bool wtfcb_profiler_zone_sites_map(void)
{
    if (sites) return true;
    void *place = mmap(NULL, sizeof(table), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (place == MAP_FAILED) return false;
    table *t = place;
    uint64_t now = wtfcb_base_now() ^ (uintptr_t)place >> 12;
    t->number = (uint32_t)(now * UINT64_C(0x9E3779B97F4A7C15) >> 32) | 1;
    sites = t;
    return true;
}

const wtfcb_profiler_zone_site *wtfcb_profiler_zone_site_at(uint32_t index)
{
    return &sites->sites[index];
}

/* At most `most` bytes: the first ones, or of a path the last. */
static text cut_text(const char *bytes, size_t most, bool end)
{
    text t = {bytes ? bytes : "", 0};
    t.length = strlen(t.bytes);
    if (t.length > most) {
        if (end) t.bytes += t.length - most;
        t.length = most;
    }
    return t;
}

static uint32_t hash_text(uint32_t hash, text t)
{
    for (size_t i = 0; i < t.length; i++)
        hash = (hash ^ (unsigned char)t.bytes[i]) * 16777619u;
    return hash * 16777619u;
}

static bool same_text(const char *known, text t)
{
    return strncmp(known, t.bytes, t.length) == 0 && known[t.length] == '\0';
}

static const char *copy_text(char **place, text t)
{
    char *copy = *place;
    memcpy(copy, t.bytes, t.length);
    copy[t.length] = '\0';
    *place += t.length + 1;
    return copy;
}

static bool reserve(_Atomic uint32_t *used, uint32_t count, uint32_t limit, uint32_t *ret_at)
{
    *ret_at = atomic_load_explicit(used, memory_order_relaxed);
    do {
        if (*ret_at + count > limit) return false;
    } while (!atomic_compare_exchange_weak_explicit(used, ret_at, *ret_at + count, memory_order_relaxed,
                                                    memory_order_relaxed));
    return true;
}

/* A new entry that nothing leads to yet; its index + 1, or 0. */
static uint32_t add(text name, text function, text file, uint32_t line, uint32_t hash)
{
    uint32_t at;
    uint32_t index;
    uint32_t size = (uint32_t)(name.length + function.length + file.length + 3);
    if (!reserve(&sites->text_used, size, TEXTS, &at)) return 0;
    if (!reserve(&sites->count, 1, WTFCB_PROFILER_ZONE_SITES, &index)) return 0;
    char *place = sites->texts + at;
    wtfcb_profiler_zone_site *site = &sites->sites[index];
    site->name = copy_text(&place, name);
    site->function = copy_text(&place, function);
    site->file = copy_text(&place, file);
    site->line = line;
    site->hash = hash;
    return index + 1;
}

/* Linear probing. There are twice as many slots as sites, so there is always an empty one. */
static uint32_t find_or_add(const wtfcb_zone_site *given)
{
    text name = cut_text(given->name, NAME_MOST, false);
    text function = cut_text(given->function, NAME_MOST, false);
    text file = cut_text(given->file, FILE_MOST, true);
    uint32_t hash = hash_text(hash_text(hash_text(2166136261u ^ given->line, name), function), file);
    uint32_t added = 0;
    for (uint32_t slot = hash % SLOTS;; slot = (slot + 1) % SLOTS) {
        uint32_t found = atomic_load_explicit(&sites->slots[slot], memory_order_acquire);
        if (found == 0) {
            if (added == 0) added = add(name, function, file, given->line, hash);
            if (added == 0) return 0;
            if (atomic_compare_exchange_strong_explicit(&sites->slots[slot], &found, added, memory_order_acq_rel,
                                                        memory_order_acquire))
                return added;
        }
        const wtfcb_profiler_zone_site *site = &sites->sites[found - 1];
        if (site->hash == hash && site->line == given->line && same_text(site->name, name) &&
            same_text(site->function, function) && same_text(site->file, file))
            return found; /* an entry that was added in vain stays empty: a race of two first times is rare */
    }
}

uint64_t wtfcb_profiler_zone_site_key(wtfcb_zone_site *site)
{
    uint64_t key = __atomic_load_n(&site->opaque[0], __ATOMIC_RELAXED);
    if (key >> 32 == sites->number) return key;
    uint32_t index = find_or_add(site);
    if (index == 0) return WTFCB_PROFILER_ZONE_NO_KEY;
    key = (uint64_t)sites->number << 32 | (index - 1);
    __atomic_store_n(&site->opaque[0], key, __ATOMIC_RELAXED);
    return key;
}
