/*
 * Data files made by LMDB itself, in the shapes that a store takes: for tests of what checks them.
 */
#ifndef WTFCB_TEST_CACHE_LMDB_SHAPES_H
#define WTFCB_TEST_CACHE_LMDB_SHAPES_H

#include <lmdb.h>
#include <stdint.h>

/* A small generator of numbers, the same on every machine. */
typedef struct lmdb_random {
    uint64_t state;
} lmdb_random;

uint64_t lmdb_random_next(lmdb_random *r);
uint64_t lmdb_random_below(lmdb_random *r, uint64_t limit);

/* A shape: fills an environment that is open. */
typedef struct lmdb_shape {
    const char *name;
    void (*make)(MDB_env *env, unsigned size);
    unsigned size; /* for tests that damage it over and over */
    unsigned large;
} lmdb_shape;

enum { LMDB_SHAPES = 7 };
extern const lmdb_shape lmdb_shapes[LMDB_SHAPES];

/* An environment in a directory, with room for 1 GiB and named databases, flushed never. */
MDB_env *lmdb_open(const char *directory);

/* Make a data file of a shape in a directory. */
void lmdb_make(const char *directory, const lmdb_shape *shape, unsigned size);

/* One transaction of a random workload over two databases. */
void lmdb_random_writes(MDB_env *env, lmdb_random *r, unsigned writes);

/*
 * Read every record of every database, both ways, and then write here and there. 0, or the first error that LMDB answers; it may also
 * end the process.
 */
int lmdb_use(const char *directory);

#endif
