/*
 * Two generations of records in two databases; a third database says which is the younger, and keeps a filter of what was dropped last.
 *
 * Puts go to the younger. When that has had its share of the space, the older is dropped whole and the two change roles: what
 * nobody asked for since the last turn is gone, at the price of a list of pages and without looking at a record. Half of the space is the share of
 * each, less what copy-on-write takes.
 *
 * The turn is read once per snapshot: transactions are numbered, and within one number it is the same.
 */
#include <assert.h>
#include <endian.h>
#include <string.h>

#include "base/memory.h"
#include "cache/store_parts.h"

enum {
    BITS_PER_KEY = 10,
    PROBES = 7, /* 0.8 % of keys that were never in it */
    FILTER_HEAD = 8,
    RESERVED_PAGES = 256, /* of a tiny store, for copy-on-write in a few batches; of others an eighth */
    PART_OF_STORE = 64,   /* a filter takes no more */
};

static MDB_val text(const char *name)
{
    return (MDB_val){strlen(name), (void *)(uintptr_t)name};
}

/* ------------------------------------------------------------------------------------------------------------------ */
/* Opening */

static int open_databases(wtfcb_cache_store *store, unsigned txn_flags, unsigned flags)
{
    static const char *const names[] = {"a", "b"};
    MDB_txn *txn;
    int rc = txn_flags ? mdb_txn_begin(store->env, NULL, txn_flags, &txn) : wtfcb_cache_write_begin(store, &txn);
    if (rc != 0) return rc;
    rc = mdb_dbi_open(txn, "meta", flags, &store->meta);
    for (int i = 0; i < 2 && rc == 0; i++)
        rc = mdb_dbi_open(txn, names[i], flags, &store->generations[i]);
    if (rc == 0) return mdb_txn_commit(txn);
    mdb_txn_abort(txn);
    return rc;
}

typedef struct opening {
    wtfcb_cache_store *store;
    int rc;
} opening;

static void open_existing(void *user)
{
    opening *o = user;
    MDB_txn *txn;
    o->rc = mdb_txn_begin(o->store->env, NULL, MDB_RDONLY, &txn);
    if (o->rc == MDB_MAP_RESIZED) {
        o->rc = mdb_env_set_mapsize(o->store->env, 0);
        if (o->rc == 0) o->rc = mdb_txn_begin(o->store->env, NULL, MDB_RDONLY, &txn);
    }
    if (o->rc != 0) return;
    mdb_txn_abort(txn);
    o->rc = open_databases(o->store, MDB_RDONLY, 0);
}

wtfcb_status wtfcb_cache_generations_open(wtfcb_cache_store *store)
{
    opening o = {.store = store};
    if (!wtfcb_cache_env_guarded(open_existing, &o)) return WTFCB_EDAMAGED;
    if (o.rc != MDB_NOTFOUND || store->options.read_only) return wtfcb_cache_status_of(o.rc);
    wtfcb_status status = wtfcb_cache_gate_lock(&store->gate, WTFCB_CACHE_GATE_WRITING, store->options.lock_timeout_ms);
    if (status != WTFCB_OK) return status;
    int rc = open_databases(store, 0, MDB_CREATE);
    wtfcb_cache_gate_unlock(&store->gate, WTFCB_CACHE_GATE_WRITING);
    return wtfcb_cache_status_of(rc);
}

/* ------------------------------------------------------------------------------------------------------------------ */
/* The turn */

/* Absent in a new store: then it is the first. */
static int read_turn(const wtfcb_cache_store *store, MDB_txn *txn, uint64_t *ret_turn)
{
    MDB_val key = text("turn");
    MDB_val found;
    uint64_t turn = 0;
    int rc = mdb_get(txn, store->meta, &key, &found);
    if (rc == 0 && found.mv_size == sizeof turn) memcpy(&turn, found.mv_data, sizeof turn);
    *ret_turn = le64toh(turn);
    return rc == MDB_NOTFOUND ? 0 : rc;
}

static int write_turn(const wtfcb_cache_store *store, MDB_txn *txn, uint64_t turn)
{
    MDB_val key = text("turn");
    uint64_t written = htole64(turn);
    MDB_val value = {sizeof written, &written};
    return mdb_put(txn, store->meta, &key, &value, 0);
}

/* `store->turn` is a transaction's number and its younger generation in one word, so that both are of one moment. */
int wtfcb_cache_younger(wtfcb_cache_store *store, MDB_txn *txn, int *ret_rc)
{
    uint64_t id = mdb_txn_id(txn);
    uint64_t known = atomic_load_explicit(&store->turn, memory_order_relaxed);
    *ret_rc = 0;
    if (known >> 1 == id) return (int)(known & 1);
    uint64_t turn;
    *ret_rc = read_turn(store, txn, &turn);
    if (*ret_rc != 0) return -1;
    atomic_store_explicit(&store->turn, id << 1 | (turn & 1), memory_order_relaxed);
    return (int)(turn & 1);
}

int wtfcb_cache_younger_to_write(const wtfcb_cache_store *store, MDB_txn *txn, int *ret_rc)
{
    uint64_t turn;
    *ret_rc = read_turn(store, txn, &turn);
    return *ret_rc == 0 ? (int)(turn & 1) : -1;
}

static uint64_t pages_of(MDB_txn *txn, MDB_dbi database)
{
    MDB_stat stat;
    if (mdb_stat(txn, database, &stat) != 0) return 0;
    return (uint64_t)stat.ms_branch_pages + stat.ms_leaf_pages + stat.ms_overflow_pages;
}

bool wtfcb_cache_generations_full(wtfcb_cache_store *store, MDB_txn *txn, int younger)
{
    uint64_t reserve = RESERVED_PAGES * store->page_size;
    if (reserve > store->map_size / 3) reserve = store->map_size / 3;
    if (reserve < store->map_size / 8) reserve = store->map_size / 8;
    return pages_of(txn, store->generations[younger]) * store->page_size > (store->map_size - reserve) / 2;
}

/* Pages that one transaction frees are used again by the next but one: two that change nothing but a number. */
static int let_pages_ripen(wtfcb_cache_store *store, uint64_t turn)
{
    int rc = 0;
    for (int i = 0; i < 2 && rc == 0; i++) {
        MDB_txn *txn;
        rc = wtfcb_cache_write_begin(store, &txn);
        if (rc != 0) return rc;
        rc = write_turn(store, txn, turn);
        if (rc == 0)
            rc = mdb_txn_commit(txn);
        else
            mdb_txn_abort(txn);
    }
    return rc;
}

static int change_roles(wtfcb_cache_store *store, MDB_txn *txn, uint64_t turn, const void *filter, size_t filter_size)
{
    MDB_val key = text("evicted");
    MDB_val value = {filter_size, (void *)(uintptr_t)filter};
    int rc = mdb_drop(txn, store->generations[!(turn & 1)], 0);
    if (rc == 0) rc = filter ? mdb_put(txn, store->meta, &key, &value, 0) : mdb_del(txn, store->meta, &key, NULL);
    if (rc == MDB_NOTFOUND) rc = 0;
    return rc == 0 ? write_turn(store, txn, turn + 1) : rc;
}

int wtfcb_cache_generations_turn(wtfcb_cache_store *store, bool force, const void *filter, size_t filter_size)
{
    MDB_txn *txn;
    uint64_t turn;
    int rc = wtfcb_cache_write_begin(store, &txn);
    if (rc != 0) return rc;
    rc = read_turn(store, txn, &turn);
    if (rc == 0 && !force && !wtfcb_cache_generations_full(store, txn, (int)(turn & 1))) {
        mdb_txn_abort(txn); /* another process was faster */
        return 0;
    }
    if (rc == 0) rc = change_roles(store, txn, turn, filter, filter_size);
    if (rc != 0) {
        mdb_txn_abort(txn);
        return rc;
    }
    rc = mdb_txn_commit(txn);
    if (rc != 0) return rc;
    atomic_fetch_add(&store->generations_dropped, 1);
    return let_pages_ripen(store, turn + 1);
}

int wtfcb_cache_generations_clear(wtfcb_cache_store *store)
{
    MDB_txn *txn;
    int rc = wtfcb_cache_write_begin(store, &txn);
    if (rc != 0) return rc;
    MDB_val key = text("evicted");
    rc = mdb_drop(txn, store->generations[0], 0);
    if (rc == 0) rc = mdb_drop(txn, store->generations[1], 0);
    if (rc == 0) rc = mdb_del(txn, store->meta, &key, NULL);
    if (rc == 0 || rc == MDB_NOTFOUND) return mdb_txn_commit(txn);
    mdb_txn_abort(txn);
    return rc;
}

/* ------------------------------------------------------------------------------------------------------------------ */
/* What was dropped: a Bloom filter of the keys that are in the older generation alone */

/* The bit of a probe, from two halves of one hash; `bits` is a power of two. */
static uint64_t bit_of(uint64_t hash, unsigned probe, uint64_t bits)
{
    return ((hash & UINT32_MAX) + probe * ((hash >> 32) | 1)) * UINT64_C(0x9e3779b97f4a7c15) >> 13 & (bits - 1);
}

typedef struct build {
    wtfcb_cache_store *store;
    MDB_txn *txn;
    MDB_cursor *older;
    MDB_cursor *younger;
    unsigned char *filter;
    size_t size;
    uint64_t bits;
} build;

static bool make_filter(build *b, MDB_dbi older)
{
    MDB_stat stat;
    if (mdb_stat(b->txn, older, &stat) != 0) return false;
    uint64_t most = b->store->map_size / PART_OF_STORE * 8;
    b->bits = 1024;
    while (b->bits < (uint64_t)stat.ms_entries * BITS_PER_KEY && b->bits * 2 <= most)
        b->bits *= 2;
    b->size = FILTER_HEAD + b->bits / 8;
    b->filter = wtfcb_base_calloc(&b->store->allocator, 1, b->size);
    if (!b->filter) return false;
    uint64_t bits = htole64(b->bits);
    memcpy(b->filter, &bits, sizeof bits);
    return true;
}

static void add_to_filter(const build *b, const MDB_val *key)
{
    wtfcb_cache_key plain;
    wtfcb_cache_stored_key stored;
    if (!wtfcb_cache_frame_key_read(key->mv_data, key->mv_size, &plain, &stored)) return;
    for (unsigned i = 0; i < PROBES; i++) {
        uint64_t bit = bit_of(stored.hash, i, b->bits);
        b->filter[FILTER_HEAD + bit / 8] |= (unsigned char)(1u << bit % 8);
    }
}

/* Both generations side by side in order of keys. */
static void fill_filter(void *user)
{
    build *b = user;
    int rc;
    int younger = wtfcb_cache_younger(b->store, b->txn, &rc);
    if (younger < 0 || !make_filter(b, b->store->generations[!younger])) return;
    if (mdb_cursor_open(b->txn, b->store->generations[!younger], &b->older) != 0) return;
    if (mdb_cursor_open(b->txn, b->store->generations[younger], &b->younger) != 0) return;
    MDB_val in_older;
    MDB_val in_younger;
    MDB_val value;
    int other = mdb_cursor_get(b->younger, &in_younger, &value, MDB_FIRST);
    for (rc = mdb_cursor_get(b->older, &in_older, &value, MDB_FIRST); rc == 0;
         rc = mdb_cursor_get(b->older, &in_older, &value, MDB_NEXT)) {
        int order = 1;
        while (other == 0 && (order = mdb_cmp(b->txn, b->store->generations[younger], &in_younger, &in_older)) < 0)
            other = mdb_cursor_get(b->younger, &in_younger, &value, MDB_NEXT);
        if (other != 0 || order != 0) add_to_filter(b, &in_older);
    }
}

void *wtfcb_cache_evicted_build(wtfcb_cache_store *store, size_t *ret_size)
{
    wtfcb_status status;
    wtfcb_cache_reader *reader = wtfcb_cache_reader_begin(store, &status);
    if (!reader) return NULL;
    build b = {.store = store, .txn = reader->txn};
    (void)wtfcb_cache_env_guarded(fill_filter, &b);
    if (b.older) mdb_cursor_close(b.older);
    if (b.younger) mdb_cursor_close(b.younger);
    wtfcb_cache_reader_end(store, reader);
    *ret_size = b.filter ? b.size : 0;
    return b.filter;
}

typedef struct question {
    wtfcb_cache_store *store;
    MDB_txn *txn;
    uint64_t hash;
    bool yes;
} question;

static void ask_filter(void *user)
{
    question *q = user;
    MDB_val key = text("evicted");
    MDB_val found;
    if (mdb_get(q->txn, q->store->meta, &key, &found) != 0 || found.mv_size <= FILTER_HEAD) return;
    uint64_t bits;
    memcpy(&bits, found.mv_data, sizeof bits);
    bits = le64toh(bits);
    if (bits < 8 || (bits & (bits - 1)) != 0 || bits / 8 != found.mv_size - FILTER_HEAD) return;
    const unsigned char *at = (const unsigned char *)found.mv_data + FILTER_HEAD;
    q->yes = true;
    for (unsigned i = 0; i < PROBES && q->yes; i++) {
        uint64_t bit = bit_of(q->hash, i, bits);
        q->yes = (at[bit / 8] >> bit % 8 & 1) != 0;
    }
}

bool wtfcb_cache_store_evicted(wtfcb_cache_store *store, const wtfcb_cache_key *key)
{
    wtfcb_status status;
    wtfcb_cache_reader *reader = wtfcb_cache_reader_begin(store, &status);
    if (!reader) return false;
    wtfcb_cache_stored_key stored;
    wtfcb_cache_frame_key(key, &stored);
    question q = {.store = store, .txn = reader->txn, .hash = stored.hash};
    bool sound = wtfcb_cache_env_guarded(ask_filter, &q);
    wtfcb_cache_reader_end(store, reader);
    return sound && q.yes;
}
