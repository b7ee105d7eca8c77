#include "lmdb_shapes.h"

#include "../test.h"

/* Check writes down every assertion; a process that is killed meanwhile would leave half a line of that to its parent. */
#define CHECKED(call)                                                                                                  \
    do {                                                                                                               \
        int checked = (call);                                                                                          \
        if (checked != 0) ck_abort_msg("%s: %s", #call, mdb_strerror(checked));                                        \
    } while (0)

/* splitmix64 */
uint64_t lmdb_random_next(lmdb_random *r)
{
    uint64_t z = r->state += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

uint64_t lmdb_random_below(lmdb_random *r, uint64_t limit)
{
    return lmdb_random_next(r) % limit;
}

static int open_env(const char *directory, MDB_env **ret_env)
{
    int result = mdb_env_create(ret_env);
    if (result != 0) return result;
    (void)mdb_env_set_maxdbs(*ret_env, 8);
    (void)mdb_env_set_mapsize(*ret_env, (size_t)1 << 30);
    return mdb_env_open(*ret_env, directory, MDB_NOTLS | MDB_NOSYNC, 0600);
}

MDB_env *lmdb_open(const char *directory)
{
    MDB_env *env;
    CHECKED(open_env(directory, &env));
    return env;
}

static MDB_val value_of(const void *bytes, size_t length)
{
    return (MDB_val){length, (void *)(uintptr_t)bytes};
}

/* Keys look like the store's: a letter and 16 bytes without order, made from a number. */
static size_t make_key(char *key, uint64_t number)
{
    lmdb_random r = {number};
    uint64_t words[2] = {lmdb_random_next(&r), lmdb_random_next(&r)};
    key[0] = "verdg"[number % 5];
    memcpy(key + 1, words, sizeof words);
    return 17;
}

static char bytes[1 << 20];

static void put(MDB_txn *txn, MDB_dbi dbi, uint64_t number, size_t length)
{
    char text[32];
    MDB_val key = value_of(text, make_key(text, number));
    MDB_val data = value_of(bytes, length);
    CHECKED(mdb_put(txn, dbi, &key, &data, 0));
}

static void delete (MDB_txn *txn, MDB_dbi dbi, uint64_t number)
{
    char text[32];
    MDB_val key = value_of(text, make_key(text, number));
    int result = mdb_del(txn, dbi, &key, NULL);
    CHECKED(result == MDB_NOTFOUND ? 0 : result);
}

static MDB_txn *begin(MDB_env *env, const char *name, MDB_dbi *ret_dbi)
{
    MDB_txn *txn;
    CHECKED(mdb_txn_begin(env, NULL, 0, &txn));
    CHECKED(mdb_dbi_open(txn, name, name ? MDB_CREATE : 0, ret_dbi));
    return txn;
}

static void make_empty(MDB_env *env, unsigned size)
{
    (void)env;
    (void)size;
}

static void make_one(MDB_env *env, unsigned size)
{
    (void)size;
    MDB_dbi dbi;
    MDB_txn *txn = begin(env, NULL, &dbi);
    put(txn, dbi, 1, 100);
    CHECKED(mdb_txn_commit(txn));
}

static void make_small(MDB_env *env, unsigned size)
{
    MDB_dbi dbi;
    MDB_txn *txn = begin(env, "0", &dbi);
    for (unsigned i = 0; i < size; i++)
        put(txn, dbi, i, 20 + i % 50);
    CHECKED(mdb_txn_commit(txn));
}

static void make_large(MDB_env *env, unsigned size)
{
    MDB_dbi dbi;
    MDB_txn *txn = begin(env, "0", &dbi);
    for (unsigned i = 0; i < size; i++)
        put(txn, dbi, i, 1500 + (size_t)i * 997 % 60000);
    CHECKED(mdb_txn_commit(txn));
}

static void make_two(MDB_env *env, unsigned size)
{
    MDB_dbi dbi[2];
    MDB_txn *txn = begin(env, "0", &dbi[0]);
    CHECKED(mdb_dbi_open(txn, "1", MDB_CREATE, &dbi[1]));
    for (unsigned i = 0; i < size; i++)
        put(txn, dbi[i % 2], i, i % 7 == 0 ? 5000 : 300);
    CHECKED(mdb_txn_commit(txn));
}

/* Deletes by the hundred, so that the list of free pages has many records, some of them large. */
static void make_deleted(MDB_env *env, unsigned size)
{
    make_two(env, size);
    MDB_txn *reader; /* holds the freed pages back */
    CHECKED(mdb_txn_begin(env, NULL, MDB_RDONLY, &reader));
    for (unsigned i = 0; i < size / 2; i += 100) {
        MDB_dbi dbi;
        MDB_txn *txn = begin(env, "0", &dbi);
        for (unsigned k = 0; k < 100; k++)
            delete (txn, dbi, i + k);
        CHECKED(mdb_txn_commit(txn));
    }
    mdb_txn_abort(reader);
    MDB_dbi dbi;
    MDB_txn *txn = begin(env, "1", &dbi);
    for (unsigned i = size / 2; i < size; i++)
        delete (txn, dbi, i);
    CHECKED(mdb_txn_commit(txn));
}

/* A generation is dropped and the next one begun. */
static void make_dropped(MDB_env *env, unsigned size)
{
    make_two(env, size);
    MDB_dbi dbi;
    MDB_txn *txn = begin(env, "0", &dbi);
    CHECKED(mdb_drop(txn, dbi, 0));
    CHECKED(mdb_txn_commit(txn));
    txn = begin(env, "0", &dbi);
    for (unsigned i = 0; i < size / 10; i++)
        put(txn, dbi, i, 200);
    CHECKED(mdb_txn_commit(txn));
}

const lmdb_shape lmdb_shapes[LMDB_SHAPES] = {
    {"empty", make_empty, 0, 0},
    {"one value", make_one, 1, 1},
    {"small values", make_small, 4000, 100000},
    {"large values", make_large, 20, 2000},
    {"two databases", make_two, 400, 5000},
    {"deleted values", make_deleted, 1200, 10000},
    {"dropped database", make_dropped, 600, 5000},
};

void lmdb_make(const char *directory, const lmdb_shape *shape, unsigned size)
{
    MDB_env *env = lmdb_open(directory);
    shape->make(env, size);
    mdb_env_close(env);
}

void lmdb_random_writes(MDB_env *env, lmdb_random *r, unsigned writes)
{
    MDB_dbi dbi[2];
    MDB_txn *txn = begin(env, "0", &dbi[0]);
    CHECKED(mdb_dbi_open(txn, "1", MDB_CREATE, &dbi[1]));
    uint64_t delete_percent = lmdb_random_below(r, 100); /* phases that grow and phases that shrink */
    for (unsigned i = 0; i < writes; i++) {
        uint64_t number = lmdb_random_below(r, 3000);
        MDB_dbi where = dbi[lmdb_random_below(r, 2)];
        uint64_t limit = lmdb_random_below(r, 20) == 0 ? 100000 : 2500;
        if (lmdb_random_below(r, 100) < delete_percent)
            delete (txn, where, number);
        else
            put(txn, where, number, lmdb_random_below(r, limit));
    }
    if (lmdb_random_below(r, 40) == 0) CHECKED(mdb_drop(txn, dbi[lmdb_random_below(r, 2)], 0));
    CHECKED(mdb_txn_commit(txn));
}

/* ------------------------------------------------------------------------------------------------------------------ */
/* Using what may be damaged: every answer of LMDB is taken as it comes */

static volatile char sink;

static void touch(const MDB_val *value)
{
    const char *at = value->mv_data;
    for (size_t i = 0; i < value->mv_size; i += 512)
        sink = at[i];
    if (value->mv_size > 0) sink = at[value->mv_size - 1];
}

static int read_all(MDB_txn *txn, MDB_dbi dbi, MDB_cursor_op from, MDB_cursor_op on)
{
    MDB_cursor *cursor;
    int result = mdb_cursor_open(txn, dbi, &cursor);
    if (result != 0) return result;
    MDB_val key;
    MDB_val data;
    result = mdb_cursor_get(cursor, &key, &data, from);
    while (result == 0) {
        MDB_val again = {0};
        touch(&key);
        touch(&data);
        if (key.mv_size > 0 && key.mv_size <= 511) (void)mdb_get(txn, dbi, &key, &again);
        result = mdb_cursor_get(cursor, &key, &data, on);
    }
    mdb_cursor_close(cursor);
    return result == MDB_NOTFOUND ? 0 : result;
}

static int read_databases(MDB_env *env)
{
    MDB_txn *txn;
    int result = mdb_txn_begin(env, NULL, MDB_RDONLY, &txn);
    if (result != 0) return result;
    static const char *const names[] = {NULL, "0", "1"};
    for (size_t i = 0; i < 3 && result == 0; i++) {
        MDB_dbi dbi;
        result = mdb_dbi_open(txn, names[i], 0, &dbi);
        if (result == MDB_NOTFOUND) {
            result = 0;
            continue;
        }
        if (result == 0) result = read_all(txn, dbi, MDB_FIRST, MDB_NEXT);
        if (result == 0) result = read_all(txn, dbi, MDB_LAST, MDB_PREV);
    }
    mdb_txn_abort(txn);
    return result;
}

static int write_some(MDB_env *env, lmdb_random *r, const char *name)
{
    MDB_txn *txn;
    MDB_dbi dbi;
    int result = mdb_txn_begin(env, NULL, 0, &txn);
    if (result != 0) return result;
    result = mdb_dbi_open(txn, name, MDB_CREATE, &dbi);
    for (unsigned i = 0; i < 150 && result == 0; i++) {
        char text[32];
        MDB_val key = value_of(text, make_key(text, lmdb_random_below(r, 3000)));
        MDB_val data = value_of(bytes, lmdb_random_below(r, 6000));
        result = i % 3 == 0 ? mdb_put(txn, dbi, &key, &data, 0) : mdb_del(txn, dbi, &key, NULL);
        if (result == MDB_NOTFOUND) result = 0;
    }
    if (result == 0) return mdb_txn_commit(txn);
    mdb_txn_abort(txn);
    return result;
}

int lmdb_use(const char *directory)
{
    MDB_env *env;
    int result = open_env(directory, &env);
    if (result != 0) return result;
    lmdb_random r = {7};
    result = read_databases(env);
    for (unsigned i = 0; i < 4 && result == 0; i++)
        result = write_some(env, &r, i % 2 ? "0" : "1");
    if (result == 0) result = read_databases(env);
    return result; /* the environment is left to the end of the process */
}
