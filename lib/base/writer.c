/*
 * The writer: bytes gather in its buffer and leave in large pieces. The first piece that is refused ends it: what follows is dropped and the status
 * stays. Numbers are formatted here, independent of the host's locale.
 */
#include "base/writer.h"

#include <assert.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    DIGITS_MAX = 20,     /* of 2^64 - 1 */
    REAL_SIZE = 32 + 16, /* 17 digits, sign, exponent, and a decimal point that a locale may spell with several bytes */
};

void wtfcb_base_writer_init(wtfcb_base_writer *writer, wtfcb_base_write_fn write, void *user)
{
    writer->write = write;
    writer->user = user;
    writer->status = WTFCB_OK;
    writer->used = 0;
}

static void hand_over(wtfcb_base_writer *writer, const char *bytes, size_t length)
{
    if (writer->status == WTFCB_OK && length > 0) writer->status = writer->write(writer->user, bytes, length);
}

wtfcb_status wtfcb_base_writer_flush(wtfcb_base_writer *writer)
{
    hand_over(writer, writer->buffer, writer->used);
    writer->used = 0;
    return writer->status;
}

void wtfcb_base_writer_bytes(wtfcb_base_writer *writer, const void *bytes, size_t length)
{
    if (length == 0) return;
    if (length > sizeof writer->buffer - writer->used) {
        (void)wtfcb_base_writer_flush(writer);
        if (length >= sizeof writer->buffer) {
            hand_over(writer, bytes, length);
            return;
        }
    }
    memcpy(writer->buffer + writer->used, bytes, length);
    writer->used += length;
}

void wtfcb_base_writer_text(wtfcb_base_writer *writer, const char *text)
{
    wtfcb_base_writer_bytes(writer, text, strlen(text));
}

void wtfcb_base_writer_char(wtfcb_base_writer *writer, char c)
{
    if (writer->used == sizeof writer->buffer) (void)wtfcb_base_writer_flush(writer);
    writer->buffer[writer->used++] = c;
}

/* Decimal digits of `number` at the end of `digits`; the first of them. */
static char *format(char digits[DIGITS_MAX], uint64_t number)
{
    char *first = digits + DIGITS_MAX;
    do
        *--first = (char)('0' + number % 10);
    while (number /= 10);
    return first;
}

void wtfcb_base_writer_number(wtfcb_base_writer *writer, uint64_t number)
{
    char digits[DIGITS_MAX];
    const char *first = format(digits, number);
    wtfcb_base_writer_bytes(writer, first, (size_t)(digits + DIGITS_MAX - first));
}

/* 15 digits are enough for whatever a person wrote, 17 for every double. */
void wtfcb_base_writer_real(wtfcb_base_writer *writer, double number)
{
    char text[REAL_SIZE];
    for (int precision = 15; precision <= 17; precision++) {
        (void)snprintf(text, sizeof text, "%.*g", precision, number);
        double back = strtod(text, NULL);
        if (!(back < number) && !(back > number)) break;
    }
    bool point = false;
    for (const char *c = text; *c; c++) {
        if ((*c >= '0' && *c <= '9') || *c == '-' || *c == '+' || *c == 'e') {
            wtfcb_base_writer_char(writer, *c);
        } else if (!point) {
            wtfcb_base_writer_char(writer, '.');
            point = true;
        }
    }
}

void wtfcb_base_writer_decimal(wtfcb_base_writer *writer, uint64_t number, uint32_t digits)
{
    assert(digits < DIGITS_MAX);
    uint64_t unit = 1;
    for (uint32_t i = 0; i < digits; i++)
        unit *= 10;
    wtfcb_base_writer_number(writer, number / unit);
    if (number % unit == 0) return;
    char text[DIGITS_MAX];
    const char *first = format(text, number % unit);
    size_t length = (size_t)(text + DIGITS_MAX - first);
    wtfcb_base_writer_char(writer, '.');
    for (size_t i = length; i < digits; i++)
        wtfcb_base_writer_char(writer, '0');
    while (length > 1 && first[length - 1] == '0')
        length--;
    wtfcb_base_writer_bytes(writer, first, length);
}
