/*
 * Shell patterns as git's ignore files have them, compiled into tokens and matched without recursion.
 *
 * The language: `?` and `[...]` match one byte that is not a slash, `*` matches any run without a slash, `**` between
 * slashes (or at an end of the pattern) matches across slashes, a backslash takes the next byte literally. Bytes are
 * bytes: no locale, no encoding.
 */
#ifndef WTFCB_SCANNER_WILDMATCH_H
#define WTFCB_SCANNER_WILDMATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <wtfcb/allocator.h>
#include <wtfcb/status.h>

/* What a token matches; the upper 24 bits of a token are its operand. */
enum {
    WTFCB_SCANNER_WILDMATCH_BYTE, /* the operand */
    WTFCB_SCANNER_WILDMATCH_ANY,  /* one byte but '/' */
    WTFCB_SCANNER_WILDMATCH_SET,  /* one byte of the set numbered by the operand; no set holds '/' */
    WTFCB_SCANNER_WILDMATCH_STAR, /* any run without '/' */
    WTFCB_SCANNER_WILDMATCH_DEEP, /* any run */
    WTFCB_SCANNER_WILDMATCH_DIRS, /* nothing, or any run that ends with '/' */
};

typedef uint32_t wtfcb_scanner_wildmatch_token;

static inline unsigned wtfcb_scanner_wildmatch_op(wtfcb_scanner_wildmatch_token token)
{
    return token & 0xffU;
}

static inline uint32_t wtfcb_scanner_wildmatch_operand(wtfcb_scanner_wildmatch_token token)
{
    return token >> 8;
}

/* A set of bytes: one bit each. */
typedef struct wtfcb_scanner_wildmatch_set {
    uint64_t bits[4];
} wtfcb_scanner_wildmatch_set;

/* A pattern while it is compiled. Reused from pattern to pattern; single-owner. */
typedef struct wtfcb_scanner_wildmatch_builder {
    const wtfcb_allocator *allocator; /* borrowed */
    wtfcb_scanner_wildmatch_token *tokens;
    size_t count;
    size_t capacity;
    wtfcb_scanner_wildmatch_set *sets;
    size_t set_count;
    size_t set_capacity;
} wtfcb_scanner_wildmatch_builder;

void wtfcb_scanner_wildmatch_builder_init(wtfcb_scanner_wildmatch_builder *builder, const wtfcb_allocator *allocator);
void wtfcb_scanner_wildmatch_builder_free(wtfcb_scanner_wildmatch_builder *builder);

/*
 * Compile `pattern` into the builder, whose former content is forgotten. The pattern holds no NUL.
 *
 * The bytes in front of the first special byte are taken as a prefix that is matched on its own, so that a `**` right
 * behind it counts as one at the start of a pattern: `foo**` followed by `/bar` matches `foobar` and `foo/x/bar`. That
 * is what git does for patterns with a slash.
 *
 * Returns WTFCB_OK; WTFCB_EFORMAT: the pattern can match nothing (unterminated bracket, unknown class, backslash at its
 * end); WTFCB_ENOMEM. Time is linear in the pattern.
 */
wtfcb_status wtfcb_scanner_wildmatch_compile(wtfcb_scanner_wildmatch_builder *builder, const char *pattern,
                                             size_t length);

/*
 * Whether the tokens match the whole text. At most one run of `*` and one of `**` are ever retried, so time is bounded
 * by tokens x (length of a component) x (length of the text), whatever the pattern. No allocation, any thread.
 */
bool wtfcb_scanner_wildmatch(const wtfcb_scanner_wildmatch_token *tokens, size_t count,
                             const wtfcb_scanner_wildmatch_set *sets, const char *text, size_t length);

/*
 * Run the tokens over `text`, which is empty or ends with '/', and mark where they may go on: afterwards `states[i]` is
 * not 0 if the tokens from `i` on, matched against what follows `text`, decide about the whole. Marks that another mark
 * already covers are left out. `states` and `scratch` have room for `count + 1` bytes each.
 */
void wtfcb_scanner_wildmatch_advance(const wtfcb_scanner_wildmatch_token *tokens, size_t count,
                                     const wtfcb_scanner_wildmatch_set *sets, const char *text, size_t length,
                                     uint8_t *states, uint8_t *scratch);

/* Number of bytes in front of the first one that is special in a pattern. */
size_t wtfcb_scanner_wildmatch_literal_length(const char *pattern, size_t length);

#endif
