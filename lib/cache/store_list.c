/*
 * Listings: both generations in order of keys, each key once.
 *
 * The records are copied out in portions, and the caller is called with no transaction open: however long it takes, no snapshot is held that would
 * keep pages from being used again. What fits into one portion is of one moment.
 */
#include <string.h>

#include "base/memory.h"
#include "cache/store_parts.h"

enum {
    PORTION = 1 << 20, /* bytes, if the first record is not larger */
    MOST_RECORDS = 4096,
};

typedef struct record {
    wtfcb_cache_key key;
    size_t at; /* of the payload in the portion */
    size_t length;
    bool sound;
} record;

typedef struct portion {
    wtfcb_cache_store *store;
    MDB_txn *txn;
    MDB_cursor *cursors[2];              /* of the younger and the older */
    uint8_t from[WTFCB_CACHE_FRAME_KEY]; /* where to go on: a key, or what the keys begin with */
    size_t from_length;
    bool after; /* behind that key */
    const void *prefix;
    size_t prefix_length;
    record *records;
    size_t record_count;
    size_t record_capacity;
    unsigned char *bytes; /* multiples of 8 */
    size_t size;
    size_t capacity;
    bool end;
    wtfcb_status status;
} portion;

static bool begins(const portion *p, const MDB_val *key)
{
    return key->mv_size > p->prefix_length && memcmp(key->mv_data, p->prefix, p->prefix_length) == 0;
}

/* To where the portion begins; LMDB's answer, MDB_NOTFOUND behind the last record of the listing. */
static int seek(const portion *p, MDB_cursor *cursor, MDB_val *key, MDB_val *value)
{
    *key = (MDB_val){p->from_length, (void *)(uintptr_t)p->from};
    int rc = mdb_cursor_get(cursor, key, value, p->from_length > 0 ? MDB_SET_RANGE : MDB_FIRST);
    if (rc == 0 && p->after && key->mv_size == p->from_length && memcmp(key->mv_data, p->from, p->from_length) == 0)
        rc = mdb_cursor_get(cursor, key, value, MDB_NEXT);
    return rc == 0 && !begins(p, key) ? MDB_NOTFOUND : rc;
}

static int next(const portion *p, MDB_cursor *cursor, MDB_val *key, MDB_val *value)
{
    int rc = mdb_cursor_get(cursor, key, value, MDB_NEXT);
    return rc == 0 && !begins(p, key) ? MDB_NOTFOUND : rc;
}

/* False: the portion is full, or memory has run out. */
static bool copy(portion *p, const MDB_val *key, const MDB_val *value)
{
    record r = {.at = p->size};
    wtfcb_cache_stored_key stored;
    const void *payload = NULL;
    if (!wtfcb_cache_frame_key_read(key->mv_data, key->mv_size, &r.key, &stored)) return true; /* none of ours */
    if (r.key.length < p->prefix_length) return true; /* its padding looks like the prefix */
    r.sound = ((uintptr_t)value->mv_data & 7) == 0 &&
              wtfcb_cache_frame_read(&stored, value->mv_data, value->mv_size, &payload, &r.length);
    if (!r.sound) r.length = 0;
    size_t padded = (r.length + 7) & ~(size_t)7;
    if (p->record_count > 0 && (p->size + padded > PORTION || p->record_count == MOST_RECORDS)) return false;
    if (!wtfcb_base_reserve(&p->store->allocator, (void **)&p->records, &p->record_capacity, p->record_count + 1,
                            sizeof *p->records) ||
        !wtfcb_base_reserve(&p->store->allocator, (void **)&p->bytes, &p->capacity, p->size + padded + 8, 1)) {
        p->status = WTFCB_ENOMEM;
        return false;
    }
    if (r.length > 0) memcpy(p->bytes + p->size, payload, r.length);
    p->size += padded;
    p->records[p->record_count++] = r;
    return true;
}

static void fill(void *user)
{
    portion *p = user;
    MDB_val keys[2];
    MDB_val values[2];
    int rcs[2] = {MDB_NOTFOUND, MDB_NOTFOUND};
    int rc;
    int younger = wtfcb_cache_younger(p->store, p->txn, &rc);
    for (int i = 0; i < 2 && rc == 0; i++) {
        rc = mdb_cursor_open(p->txn, p->store->generations[i == 0 ? younger : !younger], &p->cursors[i]);
        if (rc == 0) rcs[i] = seek(p, p->cursors[i], &keys[i], &values[i]);
    }
    while (rc == 0 && (rcs[0] == 0 || rcs[1] == 0)) {
        int order = rcs[1] != 0 ? -1 : rcs[0] != 0 ? 1 : mdb_cmp(p->txn, p->store->generations[0], &keys[0], &keys[1]);
        int which = order > 0;
        if (!copy(p, &keys[which], &values[which])) return;
        if (order == 0) rcs[1] = next(p, p->cursors[1], &keys[1], &values[1]); /* the younger's counts */
        rcs[which] = next(p, p->cursors[which], &keys[which], &values[which]);
    }
    for (int i = 0; i < 2 && rc == 0; i++)
        if (rcs[i] != MDB_NOTFOUND) rc = rcs[i];
    if (rc != 0) p->status = wtfcb_cache_status_of(rc);
    p->end = true;
}

static wtfcb_status read_portion(portion *p)
{
    wtfcb_cache_reader *reader = wtfcb_cache_reader_begin(p->store, &p->status);
    if (!reader) return p->status;
    p->txn = reader->txn;
    p->record_count = p->size = 0;
    p->cursors[0] = p->cursors[1] = NULL;
    if (!wtfcb_cache_env_guarded(fill, p)) p->status = WTFCB_EDAMAGED;
    for (int i = 0; i < 2; i++)
        if (p->cursors[i]) mdb_cursor_close(p->cursors[i]);
    wtfcb_cache_reader_end(p->store, reader);
    if (p->status == WTFCB_EDAMAGED) wtfcb_cache_store_give_up(p->store, WTFCB_EDAMAGED);
    return p->status;
}

static wtfcb_status hand_out(portion *p, wtfcb_cache_list_fn take, void *user)
{
    wtfcb_status status = WTFCB_OK;
    for (size_t i = 0; i < p->record_count && status == WTFCB_OK; i++) {
        const record *r = &p->records[i];
        status = take(user, &r->key, r->sound ? p->bytes + r->at : NULL, r->length);
    }
    if (p->record_count > 0) {
        wtfcb_cache_stored_key last;
        wtfcb_cache_frame_key(&p->records[p->record_count - 1].key, &last);
        memcpy(p->from, last.bytes, last.length);
        p->from_length = last.length;
        p->after = true;
    }
    return status;
}

wtfcb_status wtfcb_cache_store_list(wtfcb_cache_store *store, const void *prefix, size_t length,
                                    wtfcb_cache_list_fn take, void *user)
{
    if (length > WTFCB_CACHE_LONGEST_KEY) return WTFCB_OK;
    if (!store->options.read_only) (void)wtfcb_cache_queue_drain(store, store->options.lock_timeout_ms);
    portion p = {.store = store, .prefix = prefix, .prefix_length = length, .from_length = length};
    if (length > 0) memcpy(p.from, prefix, length);
    wtfcb_status status = WTFCB_OK;
    while (!p.end && status == WTFCB_OK) {
        status = read_portion(&p);
        if (status == WTFCB_OK) status = hand_out(&p, take, user);
    }
    wtfcb_base_free(&store->allocator, p.records, p.record_capacity * sizeof *p.records);
    wtfcb_base_free(&store->allocator, p.bytes, p.capacity);
    return status;
}
