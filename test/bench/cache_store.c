/*
 * What the store costs over LMDB itself: gets and bulk puts beside bare ones with the same values, in turns, medians of the rounds.
 *
 *     cache_store [DIRECTORY [RECORDS [ROUNDS]]]
 *
 * Bare gets renew and reset a read transaction each, as the store does, from an unnamed database; once they leave the value where it is, and once
 * they copy it out, as whoever wants to keep it must. "summed" reads the value for a checksum, which the store never does without. "long" is one transaction for all. Bare puts are batches of 10,000 in the order of the
 * numbers, which is a random one of the keys.
 */
#include <lmdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <xxhash.h>

#include "base/clock.h"
#include "cache/store.h"
#include "rounds.h"

enum { VALUE = 1024, BATCH = 10000, MOST_ROUNDS = 99 };

static unsigned long records = 100000;
static unsigned rounds = 7;
static unsigned char value[VALUE];
static unsigned char sink[VALUE];
static unsigned long misses;
static volatile uint64_t sum;

static void die(const char *what, int rc)
{
    fprintf(stderr, "cache_store: %s: %d\n", what, rc);
    exit(3);
}

static wtfcb_cache_key key_of(uint64_t number)
{
    return wtfcb_cache_key_of(WTFCB_CACHE_VALUES, wtfcb_base_hash(&number, sizeof number));
}

static unsigned char *value_of(uint64_t number)
{
    memcpy(value, &number, sizeof number);
    return value;
}

static MDB_env *open_bare(const char *directory, MDB_dbi *ret_database)
{
    MDB_env *env;
    MDB_txn *txn;
    (void)mkdir(directory, 0700);
    int rc = mdb_env_create(&env);
    if (rc == 0) rc = mdb_env_set_mapsize(env, (size_t)4 << 30);
    if (rc == 0) rc = mdb_env_open(env, directory, MDB_NOSYNC | MDB_NOTLS, 0600);
    if (rc == 0) rc = mdb_txn_begin(env, NULL, 0, &txn);
    if (rc == 0) rc = mdb_dbi_open(txn, NULL, 0, ret_database);
    if (rc == 0) rc = mdb_txn_commit(txn);
    if (rc != 0) die("bare", rc);
    return env;
}

static void bare_put(MDB_env *env, MDB_dbi database)
{
    for (unsigned long i = 0; i < records;) {
        MDB_txn *txn;
        int rc = mdb_txn_begin(env, NULL, 0, &txn);
        for (unsigned long end = i + BATCH; i < end && i < records && rc == 0; i++) {
            wtfcb_cache_key key = key_of(i);
            MDB_val k = {key.length, key.bytes};
            MDB_val v = {VALUE, value_of(i)};
            rc = mdb_put(txn, database, &k, &v, 0);
        }
        if (rc == 0) rc = mdb_txn_commit(txn);
        if (rc != 0) die("bare put", rc);
    }
}

static unsigned long number_at(unsigned long i)
{
    return i * 7919 % records;
}

enum use { LEAVE, COPY, SUM };

static void bare_get(MDB_env *env, MDB_dbi database, bool each, enum use use)
{
    MDB_txn *txn;
    if (mdb_txn_begin(env, NULL, MDB_RDONLY, &txn) != 0) die("bare get", 0);
    for (unsigned long i = 0; i < records; i++) {
        wtfcb_cache_key key = key_of(number_at(i));
        MDB_val k = {key.length, key.bytes};
        MDB_val v;
        if (each) {
            mdb_txn_reset(txn);
            (void)mdb_txn_renew(txn);
        }
        if (mdb_get(txn, database, &k, &v) != 0)
            misses++;
        else if (use == COPY)
            memcpy(sink, v.mv_data, v.mv_size);
        else if (use == SUM)
            sum ^= XXH3_64bits(v.mv_data, v.mv_size);
    }
    mdb_txn_abort(txn);
}

static wtfcb_status leave(void *user, const void *payload, size_t length)
{
    (void)user;
    (void)payload;
    (void)length;
    return WTFCB_OK;
}

static wtfcb_status copy_out(void *user, const void *payload, size_t length)
{
    memcpy(user, payload, length);
    return WTFCB_OK;
}

static wtfcb_cache_store *open_store(const char *directory)
{
    wtfcb_cache_place place;
    wtfcb_cache_store *store = NULL;
    wtfcb_cache_store_options options = {.size = (uint64_t)4 << 30, .lock_timeout_ms = 60000, .queue = 32 << 20};
    wtfcb_status status = wtfcb_cache_place_open(NULL, directory, false, &place, NULL);
    if (status == WTFCB_OK) status = wtfcb_cache_store_open(&place, &options, &store, NULL);
    if (status != WTFCB_OK) die("store", status);
    return store;
}

/* Until everything is in the database, as with the bare one. */
static void store_put(wtfcb_cache_store *store)
{
    wtfcb_cache_store_stats stats;
    for (unsigned long i = 0; i < records; i++) {
        wtfcb_cache_key key = key_of(i);
        wtfcb_status status = wtfcb_cache_store_put(store, &key, value_of(i), VALUE);
        if (status != WTFCB_OK) die("put", status);
    }
    wtfcb_cache_key none = {.length = 1, .bytes = {'z'}};
    if (wtfcb_cache_store_list(store, none.bytes, 1, NULL, NULL) != WTFCB_OK) die("list", 0);
    wtfcb_cache_store_get_stats(store, &stats);
    if (stats.queued != 0) die("still queued", (int)stats.queued);
}

static void store_get(wtfcb_cache_store *store, wtfcb_cache_take_fn take)
{
    for (unsigned long i = 0; i < records; i++) {
        wtfcb_cache_key key = key_of(number_at(i));
        if (wtfcb_cache_store_get(store, &key, take, sink) != WTFCB_OK) misses++;
    }
}

enum { BARE_PUT, STORE_PUT, BARE_LONG, BARE, BARE_COPY, BARE_SUM, STORE, STORE_COPY, MEASURES };
static const char *const names[MEASURES] = {"bare put",  "store put",        "bare get, long",
                                            "bare get",  "bare get, copied", "bare get, summed",
                                            "store get", "store get, copied"};
static double taken[MEASURES][MOST_ROUNDS];

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(int measure)
{
    qsort(taken[measure], rounds, sizeof(double), by_size);
    return taken[measure][rounds / 2];
}

static double least(int measure)
{
    (void)median(measure);
    return taken[measure][0];
}

#define TIME(measure, round, call)                                                                                     \
    do {                                                                                                               \
        uint64_t start = wtfcb_base_now();                                                                             \
        call;                                                                                                          \
        taken[measure][round] = (double)(wtfcb_base_now() - start) / (double)records;                                  \
    } while (0)

int main(int argc, char **argv)
{
    char path[512];
    const char *directory = argc > 1 ? argv[1] : "/tmp";
    if (argc > 2) records = strtoul(argv[2], NULL, 10);
    if (argc > 3) rounds = (unsigned)strtoul(argv[3], NULL, 10);
    if (records == 0 || rounds == 0 || rounds > MOST_ROUNDS) return 2;
    for (unsigned i = 0; i < VALUE; i++)
        value[i] = (unsigned char)(i * 31);
    for (unsigned round = 0; round < rounds; round++) {
        (void)snprintf(path, sizeof path, "%s/bare-%u", directory, round);
        MDB_dbi database;
        MDB_env *env = open_bare(path, &database);
        (void)snprintf(path, sizeof path, "%s/store-%u", directory, round);
        wtfcb_cache_store *store = open_store(path);
        TIME(BARE_PUT, round, bare_put(env, database));
        TIME(STORE_PUT, round, store_put(store));
        bare_get(env, database, true, COPY); /* the first touch of a page in the map is another matter */
        store_get(store, copy_out);
        TIME(BARE, round, bare_get(env, database, true, LEAVE));
        TIME(STORE, round, store_get(store, leave));
        TIME(BARE_SUM, round, bare_get(env, database, true, SUM));
        TIME(BARE_COPY, round, bare_get(env, database, true, COPY));
        TIME(STORE_COPY, round, store_get(store, copy_out));
        TIME(BARE_LONG, round, bare_get(env, database, false, LEAVE));
        wtfcb_cache_store_close(store);
        mdb_env_close(env);
    }
    for (int i = 0; i < MEASURES; i++)
        print_rounds(names[i], taken[i], rounds);
    for (int i = 0; i < MEASURES; i++)
        printf("%-18s  min %6.0f ns  median %6.0f ns\n", names[i], least(i), median(i));
    printf("put ratio %.2f; get ratio %.2f, against summed %.2f, copied %.2f\n", median(STORE_PUT) / median(BARE_PUT),
           median(STORE) / median(BARE), median(STORE) / median(BARE_SUM), median(STORE_COPY) / median(BARE_COPY));
    if (misses > 0) die("misses", (int)misses);
    return 0;
}
