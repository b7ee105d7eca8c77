/*
 * A buffered writer on a file descriptor, for results that can have millions of rows.
 *
 * After the first write that fails everything is dropped and `error` holds its errno: callers write without looking
 * and ask once in a while. One owner; nothing here allocates.
 */
#ifndef EXAMPLES_COMMON_OUTPUT_H
#define EXAMPLES_COMMON_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct output {
    int fd;
    int error;
    size_t used;
    char buffer[64 * 1024];
};

void output_init(struct output *out, int fd);

/* Hand everything to the operating system; 0, or the errno of the first write that failed. */
int output_flush(struct output *out);

/* For pieces that do not fit the rest of the buffer. */
void output_bytes_slowly(struct output *out, const char *bytes, size_t length);

/* In the header because rows are made of many short pieces. */
static inline void output_bytes(struct output *out, const char *bytes, size_t length)
{
    if (length <= sizeof out->buffer - out->used) {
        memcpy(out->buffer + out->used, bytes, length);
        out->used += length;
    } else {
        output_bytes_slowly(out, bytes, length);
    }
}

static inline void output_char(struct output *out, char c)
{
    if (out->used == sizeof out->buffer) output_flush(out);
    out->buffer[out->used++] = c;
}

static inline void output_text(struct output *out, const char *text)
{
    output_bytes(out, text, strlen(text));
}

void output_repeat(struct output *out, char c, size_t count);
void output_number(struct output *out, uint64_t number);

/* Text from the code base for a person's eyes: what is not printable UTF-8 (a name may hold newlines and terminal
 * commands) is shown as \n, \t or \xNN. */
void output_printable(struct output *out, const char *bytes, size_t length);

/* One field of RFC 4180: in quotes when it needs them; bytes as they are. */
void output_csv(struct output *out, const char *bytes, size_t length);

/* `number` with commas between thousands, as 1,234,567; in a static-sized buffer of the caller's. */
struct grouped {
    char text[32];
};
struct grouped grouped_number(uint64_t number);

#endif
