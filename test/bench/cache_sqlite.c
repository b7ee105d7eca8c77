/*
 * SQLite as a cache, for comparison: 100,000 values of 1 KiB by keys of 16 bytes, put in batches of 10,000, got in another order through one prepared
 * statement, each get a transaction of its own as a cache's lookups are.
 *
 *     cache_sqlite DIRECTORY [ROUNDS]
 *
 * Write-ahead log, no waiting for the disk, pages mapped: what speaks for it is on.
 */
#include <sqlite3.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "rounds.h"

enum { RECORDS = 100000, BATCH = 10000, VALUE = 1024, MOST_ROUNDS = 99 };

static unsigned char value[VALUE];
static unsigned char key[16];
static volatile uint64_t sum;

static double now_ns(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static void need(int rc, int wanted, sqlite3 *db)
{
    if (rc == wanted) return;
    fprintf(stderr, "cache_sqlite: %s\n", sqlite3_errmsg(db));
    exit(3);
}

static const unsigned char *key_of(uint64_t number)
{
    uint64_t mixed = number * UINT64_C(0x9e3779b97f4a7c15);
    memcpy(key, &mixed, sizeof mixed);
    memcpy(key + 8, &number, sizeof number);
    return key;
}

static void put_all(sqlite3 *db, sqlite3_stmt *put)
{
    for (uint64_t i = 0; i < RECORDS; i++) {
        if (i % BATCH == 0) need(sqlite3_exec(db, "BEGIN", NULL, NULL, NULL), SQLITE_OK, db);
        memcpy(value, &i, sizeof i);
        sqlite3_bind_blob(put, 1, key_of(i), sizeof key, SQLITE_STATIC);
        sqlite3_bind_blob(put, 2, value, VALUE, SQLITE_STATIC);
        need(sqlite3_step(put), SQLITE_DONE, db);
        sqlite3_reset(put);
        if (i % BATCH == BATCH - 1) need(sqlite3_exec(db, "COMMIT", NULL, NULL, NULL), SQLITE_OK, db);
    }
}

static void get_all(sqlite3 *db, sqlite3_stmt *get)
{
    for (uint64_t i = 0; i < RECORDS; i++) {
        sqlite3_bind_blob(get, 1, key_of(i * 7919 % RECORDS), sizeof key, SQLITE_STATIC);
        need(sqlite3_step(get), SQLITE_ROW, db);
        sum ^= *(const unsigned char *)sqlite3_column_blob(get, 0);
        sqlite3_reset(get);
    }
}

static void one_round(const char *directory, double *ret_put, double *ret_get)
{
    char path[512];
    sqlite3 *db;
    sqlite3_stmt *put, *get;
    (void)snprintf(path, sizeof path, "%s/cache.sqlite", directory);
    need(sqlite3_open(path, &db), SQLITE_OK, db);
    need(sqlite3_exec(
             db,
             "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF; PRAGMA mmap_size=1073741824; PRAGMA cache_size=-262144;"
             "CREATE TABLE cache(key BLOB PRIMARY KEY, value BLOB) WITHOUT ROWID",
             NULL, NULL, NULL),
         SQLITE_OK, db);
    need(sqlite3_prepare_v2(db, "INSERT INTO cache VALUES(?, ?)", -1, &put, NULL), SQLITE_OK, db);
    need(sqlite3_prepare_v2(db, "SELECT value FROM cache WHERE key = ?", -1, &get, NULL), SQLITE_OK, db);
    double start = now_ns();
    put_all(db, put);
    *ret_put = (now_ns() - start) / RECORDS;
    get_all(db, get);
    start = now_ns();
    get_all(db, get);
    *ret_get = (now_ns() - start) / RECORDS;
    sqlite3_finalize(put);
    sqlite3_finalize(get);
    sqlite3_close(db);
    (void)unlink(path);
}

int main(int argc, char **argv)
{
    static double puts_ns[MOST_ROUNDS], gets_ns[MOST_ROUNDS];
    long rounds = argc > 2 ? strtol(argv[2], NULL, 10) : 7;
    if (argc < 2 || rounds < 1 || rounds > MOST_ROUNDS) {
        fputs("usage: cache_sqlite DIRECTORY [ROUNDS]\n", stderr);
        return 2;
    }
    for (long i = 0; i < rounds; i++)
        one_round(argv[1], &puts_ns[i], &gets_ns[i]);
    print_rounds("sqlite put", puts_ns, (size_t)rounds);
    print_rounds("sqlite get", gets_ns, (size_t)rounds);
    return 0;
}
