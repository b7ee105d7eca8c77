/*
 * A snapshot as text: everything that must not differ between two scans of one tree, that is all rows and totals without
 * times and origins. Two snapshots are equal if their texts are.
 */
#ifndef WTFCB_TEST_SCANNER_DUMP_H
#define WTFCB_TEST_SCANNER_DUMP_H

#include <stdio.h>

#include <wtfcb/codebase.h>

/* One file with its symbols, imports, findings and embedded parts, numbered inside the file. */
void dump_file(FILE *out, const wtfcb_codebase *codebase, uint64_t index);

/* All files, by dump_file(). To be freed. */
char *dump_files(const wtfcb_codebase *codebase);

/* Files, languages and totals. To be freed. */
char *dump_codebase(const wtfcb_codebase *codebase);

/* Fails the test, naming the first line that differs; frees both. */
void dump_assert_equal(char *actual, char *expected, const char *what);

#endif
