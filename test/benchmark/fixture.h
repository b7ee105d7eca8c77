/*
 * Reads test/benchmark/fixtures/scipy.txt: blocks of a kind, then lines of a name and numbers, then "end".
 */
#ifndef WTFCB_TEST_BENCHMARK_FIXTURE_H
#define WTFCB_TEST_BENCHMARK_FIXTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#define FIXTURE_FIELDS 16
#define FIXTURE_VALUES 1024

typedef struct fixture_field {
    char name[32];
    size_t count;
    double values[FIXTURE_VALUES];
} fixture_field;

typedef struct fixture {
    FILE *file;
    char kind[32];
    size_t fields;
    fixture_field field[FIXTURE_FIELDS];
} fixture;

/* The committed file; fails the test if there is none. */
void fixture_open(fixture *f);
void fixture_close(fixture *f);

/* The next block of this kind. */
bool fixture_next(fixture *f, const char *kind);

/* A field of the block; fails the test if it has none. */
const fixture_field *fixture_get(const fixture *f, const char *name);
double fixture_value(const fixture *f, const char *name);

/* Fails the test unless |is - should| <= 1e-9 * max(|should|, scale). */
void fixture_check_scaled(double is, double should, double scale, const char *what, size_t line);
#define fixture_check(is, should) fixture_check_scaled(is, should, 0, #is, __LINE__)

#endif
