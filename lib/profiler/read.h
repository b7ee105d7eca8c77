/*
 * Reading the library's own JSON files: the text whole, then value by value. Nothing in a file is trusted: whatever has another type or range than it should
 * is WTFCB_EFORMAT, with the path of the key in the message.
 *
 * The status is sticky: after the first failure every getter answers its default, so that a loop needs one check. Where the reader is (the objects and
 * arrays around a value) is told to it by its user with enter and leave.
 */
#ifndef WTFCB_PROFILER_READ_H
#define WTFCB_PROFILER_READ_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <wtfcb/status.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "profiler/profile_fields.h"

enum { WTFCB_PROFILER_READ_DEPTH = 6 };

typedef struct wtfcb_profiler_reader {
    const char *path; /* of the file, for messages; borrowed */
    wtfcb_error *error;
    wtfcb_status status;
    json_t *root;
    struct {
        const char *key; /* NULL: an element of an array */
        size_t index;
    } levels[WTFCB_PROFILER_READ_DEPTH];
    uint32_t depth;
} wtfcb_profiler_reader;

/*
 * A file of at most 1 GiB into `buffer`. WTFCB_OK; WTFCB_ELIMIT; WTFCB_ENOMEM; WTFCB_ENOTFOUND, WTFCB_EACCES, WTFCB_ESPECIAL, WTFCB_ECHANGED, WTFCB_EIO.
 */
wtfcb_status wtfcb_profiler_read_file(const char *path, wtfcb_base_buffer *buffer, wtfcb_error *ret_error);

/* Parse a text and see that it is of a type and of our schema. The status; the reader is to be closed in any case. */
wtfcb_status wtfcb_profiler_reader_open(wtfcb_profiler_reader *reader, const char *path, const char *text,
                                        size_t length, const char *type, wtfcb_error *ret_error);
void wtfcb_profiler_reader_close(wtfcb_profiler_reader *reader);

/* The first failure stays: memory that has run out, or a value that is wrong (its key, or NULL and its index, and in words what is wrong). */
void wtfcb_profiler_reader_out_of_memory(wtfcb_profiler_reader *reader);
void wtfcb_profiler_reader_wrong(wtfcb_profiler_reader *reader, const char *key, size_t index, const char *what);

void wtfcb_profiler_reader_enter(wtfcb_profiler_reader *reader, const char *key, size_t index);
void wtfcb_profiler_reader_leave(wtfcb_profiler_reader *reader);

/* The array or object behind a key of an object; NULL if it is missing or something else (which is wrong). */
const json_t *wtfcb_profiler_reader_array(wtfcb_profiler_reader *reader, const json_t *object, const char *key);
const json_t *wtfcb_profiler_reader_object(wtfcb_profiler_reader *reader, const json_t *object, const char *key);
/* An element of an array that must be an object; NULL and a failure if it is not. */
const json_t *wtfcb_profiler_reader_element(wtfcb_profiler_reader *reader, const json_t *array, size_t index);
/* The text behind a key; "" if it is missing. Lives as long as the reader. */
const char *wtfcb_profiler_reader_text(wtfcb_profiler_reader *reader, const json_t *object, const char *key);
/* A whole number from 0 to 2^63 - 1, `missing` if there is none (`value` is NULL); `null` is WTFCB_UNKNOWN where it may be, which `nullable` says. */
uint64_t wtfcb_profiler_reader_number(wtfcb_profiler_reader *reader, const json_t *value, const char *key, size_t index,
                                      bool nullable, uint64_t missing);

/* One value into its member of `row`; texts are copied into the arena. */
void wtfcb_profiler_reader_field(wtfcb_profiler_reader *reader, wtfcb_base_arena *arena,
                                 const wtfcb_profiler_field *field, const json_t *value, void *row);
/* All of them, from an object. */
void wtfcb_profiler_reader_fields(wtfcb_profiler_reader *reader, wtfcb_base_arena *arena,
                                  const wtfcb_profiler_field *fields, const json_t *object, void *row);

#endif
