/*
 * What fuzz targets share. A target is one file, test/<module>/fuzz_<name>.c, that defines the two functions below. It is
 * built twice: with libFuzzer, by `make fuzz`, and with fuzz_replay.c in libFuzzer's place, as a test that runs the
 * files of test/corpus/<name> once.
 *
 * A broken promise ends the process: that is what both builds count.
 */
#ifndef WTFCB_TEST_FUZZ_H
#define WTFCB_TEST_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* libFuzzer declares `int *argc`, which is the same to a caller. */
int LLVMFuzzerInitialize(const int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define FUZZ_ASSERT(condition)                                                                                         \
    do {                                                                                                               \
        if (!(condition)) {                                                                                            \
            fprintf(stderr, "%s:%d: broken: %s\n", __FILE__, __LINE__, #condition);                                    \
            abort();                                                                                                   \
        }                                                                                                              \
    } while (0)

/* A copy in a block of its own with `padding` bytes of `fill` behind: a read beyond it is one the sanitizer sees. */
static inline char *fuzz_copy(const void *bytes, size_t size, size_t padding, int fill)
{
    char *copy = malloc(size + padding ? size + padding : 1);
    FUZZ_ASSERT(copy);
    if (size) memcpy(copy, bytes, size);
    memset(copy + size, fill, padding);
    return copy;
}

/* Length of the first line, and where the rest begins. */
static inline size_t fuzz_first_line(const uint8_t *data, size_t size, size_t *ret_rest)
{
    const uint8_t *end = size ? memchr(data, '\n', size) : NULL;
    size_t length = end ? (size_t)(end - data) : size;
    *ret_rest = end ? length + 1 : size;
    return length;
}

#endif
