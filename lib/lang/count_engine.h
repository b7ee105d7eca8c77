/*
 * The block loop of the line counter, included once by the file of each instruction set, which provides before:
 *
 *     SCAN_NAME                                     name of the function to define
 *     static inline void lines_and_blanks(const char *p, uint64_t *ret_newlines, uint64_t *ret_blanks);
 *     static inline uint64_t bytes_in_set(const char *p, const uint8_t low[16]);
 *     static inline uint64_t bytes_equal(const char *p, char byte);
 *
 * each over 64 bytes, bit i for byte i. Blanks are white space without the newline.
 *
 * For a block the loop fills three masks, code, comment and documentation, from stretch to stretch; what lines make of them
 * is then arithmetic without branches: the first byte of a mask in each line is found by letting a carry run from the
 * line's start through all bytes that are in no mask.
 */
#include <assert.h>

#include "lang/count_scan.h"

typedef struct block {
    const char *p;
    unsigned n; /* bytes of the content in this block */
    unsigned pos;
    uint64_t newlines;
    uint64_t solid;  /* not white space */
    uint64_t starts; /* may begin a token; valid if `starts_known` */
    bool starts_known;
    uint64_t code;
    uint64_t comment;
    uint64_t doc;
    uint64_t foreign;
} block;

/* Bits below `count`, which is 0 to 64. */
static inline uint64_t below(unsigned count)
{
    return count >= 64 ? ~UINT64_C(0) : (UINT64_C(1) << count) - 1;
}

static inline uint64_t from(unsigned position)
{
    assert(position < 64);
    return ~UINT64_C(0) << position;
}

static inline unsigned lowest(uint64_t mask)
{
    return (unsigned)__builtin_ctzll(mask);
}

/* The bytes [pos, to) of the block are of this class; go on at `to`. */
static inline void mark(block *b, unsigned to, uint8_t class)
{
    uint64_t range = below(to) & ~below(b->pos);
    if (class == WTFCB_LANG_PLAIN) {
        b->code |= range & b->solid;
    } else if (class == WTFCB_LANG_SOLID) {
        b->code |= range;
    } else {
        b->comment |= range;
        if (class == WTFCB_LANG_DOCUMENT) b->doc |= range;
    }
    b->pos = to;
}

/* Go on behind the `length` bytes at `at` of the block, which may reach beyond it. */
static inline void consume(wtfcb_lang_scan *scan, block *b, unsigned at, size_t length, uint8_t class)
{
    size_t to = at + length;
    if (to > b->n) {
        wtfcb_lang_skip(scan, scan->base + to, class);
        to = b->n;
    }
    mark(b, (unsigned)to, class);
}

/* A skip that someone else has decided: as much of it as lies in this block. */
static inline void take_skip(const wtfcb_lang_scan *scan, block *b)
{
    if (scan->skip_to <= scan->base + b->pos) return;
    size_t to = scan->skip_to - scan->base;
    mark(b, to > b->n ? b->n : (unsigned)to, scan->skip_class);
}

/* As much of the child in work as lies in this block. */
static inline void take_foreign(const wtfcb_lang_scan *scan, block *b)
{
    if (scan->foreign_to <= scan->base || scan->foreign_from >= scan->base + 64) return;
    unsigned first = scan->foreign_from > scan->base ? (unsigned)(scan->foreign_from - scan->base) : 0;
    unsigned end = scan->foreign_to - scan->base < 64 ? (unsigned)(scan->foreign_to - scan->base) : 64;
    b->foreign |= below(end) & ~below(first);
}

static void begin_special(wtfcb_lang_scan *scan, block *b, const wtfcb_lang_op *op, unsigned at)
{
    scan->code_now = b->code;
    wtfcb_lang_special(scan, op, scan->base + at);
    assert(scan->skip_to > scan->base + at || scan->state != WTFCB_LANG_IN_CODE);
    take_skip(scan, b);
    take_foreign(scan, b);
}

static inline void begin(wtfcb_lang_scan *scan, block *b, const wtfcb_lang_op *op, unsigned at)
{
    scan->op = op;
    switch (op->kind) {
    case WTFCB_LANG_LINE: scan->state = WTFCB_LANG_IN_LINE; break;
    case WTFCB_LANG_BLOCK:
        scan->state = WTFCB_LANG_IN_BLOCK;
        scan->depth = 1;
        consume(scan, b, at, op->open_length, wtfcb_lang_comment_class(op));
        break;
    case WTFCB_LANG_STRING:
        scan->state = WTFCB_LANG_IN_STRING;
        consume(scan, b, at, op->open_length, WTFCB_LANG_SOLID);
        break;
    case WTFCB_LANG_PASS: consume(scan, b, at, op->open_length, WTFCB_LANG_PLAIN); break;
    case WTFCB_LANG_ESCAPE:
        consume(scan, b, at, (size_t)op->open_length + (b->p[at + op->open_length] != '\n'), WTFCB_LANG_PLAIN);
        break;
    default: begin_special(scan, b, op, at); break;
    }
}

static inline void in_code(wtfcb_lang_scan *scan, block *b)
{
    if (!b->starts_known) {
        b->starts = bytes_in_set(b->p, scan->machine->low);
        if (scan->machine->prefixed)
            b->starts |=
                bytes_in_set(b->p, scan->machine->prefix) & (bytes_equal(b->p + 1, '"') | bytes_equal(b->p + 1, '\''));
        b->starts_known = true;
    }
    uint64_t hits = b->starts;
    if (scan->heredoc_count) hits |= b->newlines;
    for (hits &= below(b->n) & from(b->pos); hits; hits &= hits - 1) {
        unsigned at = lowest(hits);
        if (b->p[at] == '\n') {
            mark(b, at, WTFCB_LANG_PLAIN);
            wtfcb_lang_heredoc_bodies(scan, scan->base + at);
            take_skip(scan, b);
            return;
        }
        const wtfcb_lang_op *op = wtfcb_lang_match(scan, scan->base + at);
        if (op) {
            mark(b, at, WTFCB_LANG_PLAIN);
            begin(scan, b, op, at);
            return;
        }
    }
    mark(b, b->n, WTFCB_LANG_PLAIN);
}

/* Whether the newline at `at` of the block is taken away by a backslash before it. */
static inline bool continued(const block *b, unsigned at)
{
    const char *before = b->p + at - 1; /* a line comment has begun, so there is a byte before */
    if (*before == '\r') before--;
    return *before == '\\';
}

static inline void in_line(wtfcb_lang_scan *scan, block *b)
{
    for (uint64_t hits = b->newlines & from(b->pos); hits; hits &= hits - 1) {
        unsigned at = lowest(hits);
        if ((scan->op->flags & WTFCB_LANG_CONTINUED) && continued(b, at)) continue;
        mark(b, at, wtfcb_lang_comment_class(scan->op));
        scan->state = WTFCB_LANG_IN_CODE;
        return;
    }
    mark(b, b->n, wtfcb_lang_comment_class(scan->op));
}

/* Where the first two bytes of `text` stand. */
static inline uint64_t pairs(const block *b, const char *text)
{
    uint64_t hits = bytes_equal(b->p, text[0]);
    if (text[1]) hits &= bytes_equal(b->p + 1, text[1]);
    return hits;
}

static inline bool stands_at(const wtfcb_lang_scan *scan, size_t at, const char *text, size_t length)
{
    if (scan->length - at < length) return false;
    for (size_t i = 0; i < length; i++)
        if (scan->bytes[at + i] != text[i]) return false;
    return true;
}

static inline void in_block(wtfcb_lang_scan *scan, block *b)
{
    const wtfcb_lang_op *op = scan->op;
    const char *open = op->token->open, *close = op->token->close;
    uint8_t class = wtfcb_lang_comment_class(op);
    bool nest = (op->flags & WTFCB_LANG_NEST) != 0;
    size_t nest_length = op->open_length < 2 ? 1 : 2; /* "(**" nests as "(*" does */
    uint64_t closes = pairs(b, close), hits = closes;
    if (nest) hits |= pairs(b, open);
    for (hits &= below(b->n) & from(b->pos); hits; hits &= hits - 1) {
        unsigned at = lowest(hits);
        if ((closes >> at) & 1 && stands_at(scan, scan->base + at, close, op->close_length)) {
            if (--scan->depth == 0) scan->state = WTFCB_LANG_IN_CODE;
            consume(scan, b, at, op->close_length, class);
            return;
        }
        if (nest && stands_at(scan, scan->base + at, open, nest_length)) {
            scan->depth++;
            consume(scan, b, at, nest_length, class);
            return;
        }
    }
    mark(b, b->n, class);
}

static inline void in_string(wtfcb_lang_scan *scan, block *b)
{
    const wtfcb_lang_op *op = scan->op;
    const char *close = op->token->close;
    uint64_t hits = bytes_equal(b->p, close[0]);
    if (op->escape) hits |= bytes_equal(b->p, op->escape);
    if (!(op->flags & WTFCB_LANG_MULTI)) hits |= b->newlines;
    for (hits &= below(b->n) & from(b->pos); hits; hits &= hits - 1) {
        unsigned at = lowest(hits);
        char byte = b->p[at];
        if (byte == '\n' && !(op->flags & WTFCB_LANG_MULTI)) {
            mark(b, at, WTFCB_LANG_SOLID);
            scan->state = WTFCB_LANG_IN_CODE;
            return;
        }
        if (byte == op->escape && op->escape) {
            consume(scan, b, at, b->p[at + 1] == '\r' && b->p[at + 2] == '\n' ? 3 : 2, WTFCB_LANG_SOLID);
            if (b->pos >= b->n) return;
            hits &= from(b->pos);
            hits |= UINT64_C(1) << at; /* the loop's step takes the lowest away */
            continue;
        }
        if (stands_at(scan, scan->base + at, close, op->close_length)) {
            consume(scan, b, at, op->close_length, WTFCB_LANG_SOLID);
            scan->state = WTFCB_LANG_IN_CODE;
            return;
        }
    }
    mark(b, b->n, WTFCB_LANG_SOLID);
}

/* Count the lines of the block whose first byte in `mask` lies in it; `*wait` carries the line in work over. */
static inline uint64_t count_with(uint64_t newlines, uint64_t in_mask, uint8_t *wait)
{
    uint64_t through = ~(newlines | in_mask);
    uint64_t starts = (newlines << 1) | *wait;
    uint64_t runs = starts & through, sum;
    bool carry = __builtin_add_overflow(through, runs, &sum);
    uint64_t firsts = (sum | starts) & ~through;
    *wait = (uint8_t)(carry | (newlines >> 63));
    return (uint64_t)__builtin_popcountll(firsts & in_mask);
}

static inline void end_block(wtfcb_lang_scan *scan, block *b)
{
    uint64_t own = ~b->foreign;
    if (b->n < 64 && scan->bytes[scan->length - 1] != '\n' && scan->foreign_to != scan->length)
        b->newlines |= UINT64_C(1) << b->n; /* the last line has none of its own */
    uint64_t newlines = b->newlines & own, code = b->code & own;
    scan->lines += (uint64_t)__builtin_popcountll(newlines);
    scan->with[0] += count_with(newlines, code, &scan->wait[0]);
    scan->with[1] += count_with(newlines, code | (b->comment & own), &scan->wait[1]);
    scan->with[2] += count_with(newlines, code | (b->doc & own), &scan->wait[2]);
    if (scan->code_before) scan->code_older = scan->base - (size_t)__builtin_clzll(scan->code_before);
    scan->code_before = b->code;
}

/* All of scan->bytes, which are not empty. */
void SCAN_NAME(wtfcb_lang_scan *scan)
{
    for (scan->base = 0; scan->base < scan->length; scan->base += 64) {
        block b = {.p = scan->bytes + scan->base};
        b.n = scan->length - scan->base < 64 ? (unsigned)(scan->length - scan->base) : 64;
        uint64_t blanks;
        lines_and_blanks(b.p, &b.newlines, &blanks);
        b.newlines &= below(b.n);
        b.solid = ~blanks & ~b.newlines & below(b.n);
        take_skip(scan, &b);
        take_foreign(scan, &b);
        while (b.pos < b.n) {
            switch (scan->state) {
            case WTFCB_LANG_IN_CODE: in_code(scan, &b); break;
            case WTFCB_LANG_IN_LINE: in_line(scan, &b); break;
            case WTFCB_LANG_IN_BLOCK: in_block(scan, &b); break;
            default: in_string(scan, &b); break;
            }
        }
        end_block(scan, &b);
    }
    if (scan->length % 64 == 0 && scan->bytes[scan->length - 1] != '\n' && scan->foreign_to != scan->length)
        scan->lines++; /* a full last block had no bit left for the end of its line */
}
