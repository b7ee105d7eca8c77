/* The buffered writer: one copy into the buffer for small pieces, none for large ones. */
#include "common/output.h"

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "common/utf8.h"

static void write_all(struct output *out, const char *bytes, size_t length)
{
    while (length > 0 && out->error == 0) {
        ssize_t written = write(out->fd, bytes, length);
        if (written < 0) {
            if (errno != EINTR) out->error = errno;
            continue;
        }
        bytes += written;
        length -= (size_t)written;
    }
}

void output_init(struct output *out, int fd)
{
    out->fd = fd;
    out->error = 0;
    out->used = 0;
}

int output_flush(struct output *out)
{
    write_all(out, out->buffer, out->used);
    out->used = 0;
    return out->error;
}

void output_bytes_slowly(struct output *out, const char *bytes, size_t length)
{
    output_flush(out);
    if (length < sizeof out->buffer) {
        memcpy(out->buffer, bytes, length);
        out->used = length;
    } else {
        write_all(out, bytes, length);
    }
}

void output_repeat(struct output *out, char c, size_t count)
{
    while (count-- > 0)
        output_char(out, c);
}

/* Digits of `number`, from the end of `buffer` backwards, with `separator` between thousands unless it is 0. */
static char *digits(uint64_t number, char separator, char *end)
{
    size_t count = 0;

    do {
        if (separator != 0 && count > 0 && count % 3 == 0) *--end = separator;
        *--end = (char)('0' + number % 10);
        number /= 10;
        count++;
    } while (number > 0);
    return end;
}

void output_number(struct output *out, uint64_t number)
{
    char buffer[24];
    char *end = buffer + sizeof buffer;
    char *start = digits(number, 0, end);
    output_bytes(out, start, (size_t)(end - start));
}

struct grouped grouped_number(uint64_t number)
{
    struct grouped grouped;
    char buffer[sizeof grouped.text];
    char *end = buffer + sizeof buffer - 1;
    *end = 0;
    char *start = digits(number, ',', end);
    assert(start >= buffer);
    memcpy(grouped.text, start, (size_t)(end - start) + 1);
    return grouped;
}

/* Printable as it is: UTF-8, but neither a control character nor one of the second block (U+0080 to U+009F). */
static size_t printable_length(const char *bytes, size_t length)
{
    size_t step = utf8_length(bytes, length);
    unsigned char first = (unsigned char)bytes[0];

    if (step == 1 && (first < 0x20 || first == 0x7f)) return 0;
    if (step == 2 && first == 0xc2 && (unsigned char)bytes[1] < 0xa0) return 0;
    return step;
}

static void escape(struct output *out, unsigned char byte)
{
    static const char hex[] = "0123456789abcdef";

    output_char(out, '\\');
    if (byte == '\n' || byte == '\t') {
        output_char(out, byte == '\n' ? 'n' : 't');
        return;
    }
    output_char(out, 'x');
    output_char(out, hex[byte >> 4]);
    output_char(out, hex[byte & 15]);
}

/* Number of bytes at the start that stand for themselves, most often all of them: printable ASCII. */
static size_t plain_length(const char *bytes, size_t length)
{
    size_t i = 0;

    while (i < length && bytes[i] >= 0x20 && bytes[i] < 0x7f)
        i++;
    return i;
}

void output_printable(struct output *out, const char *bytes, size_t length)
{
    while (length > 0) {
        size_t step = plain_length(bytes, length);
        if (step == 0) step = printable_length(bytes, length);
        if (step > 0) {
            output_bytes(out, bytes, step);
        } else {
            escape(out, (unsigned char)*bytes);
            step = 1;
        }
        bytes += step;
        length -= step;
    }
}

void output_csv(struct output *out, const char *bytes, size_t length)
{
    size_t plain = 0;

    while (plain < length && bytes[plain] != ',' && bytes[plain] != '"' && bytes[plain] != '\r' && bytes[plain] != '\n')
        plain++;
    if (plain == length) {
        output_bytes(out, bytes, length);
        return;
    }
    output_char(out, '"');
    for (size_t i = 0; i < length; i++) {
        if (bytes[i] == '"') output_char(out, '"');
        output_char(out, bytes[i]);
    }
    output_char(out, '"');
}
