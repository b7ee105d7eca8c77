/*
 * Sorts lines bytewise, any number of them in bounded memory.
 *
 * Lines gather in one block; when it is full it is sorted and set aside in a temporary file. At the end the files are
 * merged. Results that fit the block never touch a disk. One owner.
 */
#ifndef EXAMPLES_COMMON_SORTER_H
#define EXAMPLES_COMMON_SORTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "common/output.h"

/* A line in the block. The first 8 bytes as a big-endian number settle most comparisons without a look at the text. */
struct sorter_line {
    uint64_t prefix;
    const char *text;
    size_t length;
};

struct sorter_run {
    FILE *file;
};

struct sorter {
    char *block;
    size_t used;
    struct sorter_line *lines;
    size_t count;
    struct sorter_run *runs;
    size_t run_count;
};

/* False when memory runs out. The sorter can be freed all the same. */
bool sorter_init(struct sorter *sorter);
void sorter_free(struct sorter *sorter);

/* Add a line, which holds no line feed. False: no memory, or no room for temporary files. O(log lines), amortised. */
bool sorter_add(struct sorter *sorter, const char *line, size_t length);

/* Write all lines in order, each with a line feed. False when a temporary file cannot be read back. Once. */
bool sorter_write(struct sorter *sorter, struct output *out);

#endif
