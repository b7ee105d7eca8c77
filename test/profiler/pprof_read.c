/* A decoder of profile.proto; see pprof_read.h. Two passes: strings first, then everything that refers to them. */
#include "pprof_read.h"

#include <inttypes.h>
#include <stdint.h>

#include <zlib.h>

#include "../test.h"

enum { MOST = 1 << 16, INFLATE_AUTO = 15 + 32 };

typedef struct span {
    const unsigned char *next;
    const unsigned char *end;
} span;

typedef struct reader {
    FILE *out;
    span strings[MOST];
    uint64_t string_count;
    uint64_t function_of[MOST]; /* by location id */
    uint64_t name_of[MOST];     /* by function id */
} reader;

static span inflate_all(const void *bytes, size_t length, unsigned char **ret_memory)
{
    z_stream stream = {.next_in = (unsigned char *)(uintptr_t)bytes, .avail_in = (unsigned)length};
    size_t size = 64u << 20;
    unsigned char *memory = malloc(size);
    ck_assert_ptr_nonnull(memory);
    ck_assert_int_eq(inflateInit2(&stream, INFLATE_AUTO), Z_OK);
    stream.next_out = memory;
    stream.avail_out = (unsigned)size;
    ck_assert_int_eq(inflate(&stream, Z_FINISH), Z_STREAM_END);
    ck_assert_uint_eq(stream.avail_in, 0);
    size_t total = stream.total_out;
    inflateEnd(&stream);
    *ret_memory = memory;
    return (span){memory, memory + total};
}

static uint64_t varint(span *s)
{
    uint64_t number = 0;
    for (unsigned shift = 0;; shift += 7) {
        if (s->next == s->end || shift >= 64)
            ck_abort_msg("a number that does not end"); /* an assertion a byte is slow */
        unsigned char byte = *s->next++;
        number |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80) return number;
    }
}

/* The next field: its number, or 0 at the end; a length-delimited one in `*ret_bytes`, any other in `*ret_number`. */
static uint32_t field(span *s, uint64_t *ret_number, span *ret_bytes)
{
    if (s->next == s->end) return 0;
    uint64_t tag = varint(s);
    *ret_bytes = (span){NULL, NULL};
    *ret_number = 0;
    if ((tag & 7) == 2) {
        uint64_t length = varint(s);
        ck_assert_uint_le(length, (uint64_t)(s->end - s->next));
        *ret_bytes = (span){s->next, s->next + length};
        s->next += length;
    } else {
        ck_assert_uint_eq(tag & 7, 0);
        *ret_number = varint(s);
    }
    return (uint32_t)(tag >> 3);
}

static void print_string(reader *r, uint64_t index)
{
    ck_assert_uint_lt(index, r->string_count);
    fputc('"', r->out);
    for (const unsigned char *c = r->strings[index].next; c < r->strings[index].end; c++)
        if (*c < 0x20)
            fprintf(r->out, "\\x%02x", *c);
        else
            fputc(*c, r->out);
    fputc('"', r->out);
}

/* Fields of a small message by number, as far as they are numbers. */
static void numbers_of(span message, uint64_t numbers[16])
{
    uint64_t number;
    span bytes;
    memset(numbers, 0, 16 * sizeof *numbers);
    for (uint32_t f; (f = field(&message, &number, &bytes)) != 0;)
        if (f < 16 && !bytes.next) numbers[f] = number;
}

static void print_pair(reader *r, const char *what, span message)
{
    uint64_t numbers[16];
    numbers_of(message, numbers);
    fprintf(r->out, "%s ", what);
    print_string(r, numbers[1]);
    fputc(' ', r->out);
    print_string(r, numbers[2]);
    fputc('\n', r->out);
}

static void print_label(reader *r, span message)
{
    uint64_t numbers[16];
    numbers_of(message, numbers);
    fputs(" label ", r->out);
    print_string(r, numbers[1]);
    fputc('=', r->out);
    if (numbers[2])
        print_string(r, numbers[2]);
    else
        fprintf(r->out, "%" PRIu64, numbers[3]);
}

static void print_sample(reader *r, span message)
{
    uint64_t number;
    span bytes;
    fputs("sample", r->out);
    for (uint32_t f; (f = field(&message, &number, &bytes)) != 0;) {
        if (f == 3) print_label(r, bytes);
        while (f != 3 && bytes.next < bytes.end) {
            number = varint(&bytes);
            fputc(' ', r->out);
            if (f == 1) {
                ck_assert(number > 0 && number < MOST && r->function_of[number] > 0);
                print_string(r, r->name_of[r->function_of[number]]);
            } else {
                fprintf(r->out, "%" PRIu64, number);
            }
        }
    }
    fputc('\n', r->out);
}

static void print_location(reader *r, span message)
{
    uint64_t numbers[16];
    uint64_t line[16] = {0};
    uint64_t number;
    span bytes;
    span again = message;
    numbers_of(message, numbers);
    for (uint32_t f; (f = field(&again, &number, &bytes)) != 0;)
        if (f == 4) numbers_of(bytes, line);
    ck_assert_uint_lt(numbers[1], MOST);
    r->function_of[numbers[1]] = line[1];
    fprintf(r->out, "location %" PRIu64 " mapping %" PRIu64 " function %" PRIu64 " line %" PRIu64 "\n", numbers[1],
            numbers[2], line[1], line[2]);
}

static void print_function(reader *r, span message)
{
    uint64_t numbers[16];
    numbers_of(message, numbers);
    ck_assert_uint_lt(numbers[1], MOST);
    r->name_of[numbers[1]] = numbers[2];
    fprintf(r->out, "function %" PRIu64 " ", numbers[1]);
    for (uint32_t i = 2; i <= 4; i++) {
        print_string(r, numbers[i]);
        fputc(' ', r->out);
    }
    fprintf(r->out, "%" PRIu64 "\n", numbers[5]);
}

static void print_field(reader *r, uint32_t f, uint64_t number, span bytes)
{
    switch (f) {
    case 1: print_pair(r, "type", bytes); break;
    case 2: print_sample(r, bytes); break;
    case 4: print_location(r, bytes); break;
    case 5: print_function(r, bytes); break;
    case 9: fprintf(r->out, "time %" PRIu64 "\n", number); break;
    case 10: fprintf(r->out, "duration %" PRIu64 "\n", number); break;
    case 11: print_pair(r, "period type", bytes); break;
    case 12: fprintf(r->out, "period %" PRIu64 "\n", number); break;
    case 13:
    case 14:
        fputs(f == 13 ? "comment " : "default type ", r->out);
        print_string(r, number);
        fputc('\n', r->out);
        break;
    default: break;
    }
}

char *pprof_read(const void *gzipped, size_t length)
{
    static reader r;
    char *text = NULL;
    size_t size = 0;
    unsigned char *memory;
    span all = inflate_all(gzipped, length, &memory);
    uint64_t number;
    span bytes;
    memset(&r, 0, sizeof r);
    r.out = open_memstream(&text, &size);
    ck_assert_ptr_nonnull(r.out);
    span pass = all;
    for (uint32_t f; (f = field(&pass, &number, &bytes)) != 0;) {
        if (f != 6) continue;
        ck_assert_uint_lt(r.string_count, MOST);
        r.strings[r.string_count++] = bytes;
    }
    ck_assert(r.string_count > 0 && r.strings[0].next == r.strings[0].end);
    pass = all;
    for (uint32_t f; (f = field(&pass, &number, &bytes)) != 0;)
        print_field(&r, f, number, bytes);
    ck_assert_int_eq(fclose(r.out), 0);
    free(memory);
    return text;
}
