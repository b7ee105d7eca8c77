/*
 * A syntax made ready for scanning: which bytes can begin a token, as two tables of 16 bytes that a vector shuffle looks
 * up, and for each such byte the tokens that it may begin, longest first. Built once for a handle, read by all threads.
 */
#ifndef WTFCB_LANG_COUNT_MACHINE_H
#define WTFCB_LANG_COUNT_MACHINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lang/table.h"

/* One token, laid out for comparing eight bytes at once. */
typedef struct wtfcb_lang_op {
    uint64_t value; /* the first (at most 8) bytes of `open`, zeros behind, as they lie in memory */
    uint64_t mask;  /* 0xFF for each byte of `value` that counts */
    const wtfcb_lang_token *token;
    uint16_t flags;
    uint8_t kind;
    uint8_t open_length;
    uint8_t close_length;
    bool last; /* no further token begins with the same byte */
    char escape;
} wtfcb_lang_op;

typedef struct wtfcb_lang_machine {
    const wtfcb_lang_syntax *syntax; /* what it was built from */
    uint8_t low[16];                 /* by a byte's low nibble: bit h set if (h << 4 | low) can begin a token */
    uint8_t prefix[16];              /* the same for bytes that do so only before a quote */
    bool prefixed;                   /* there are such */
    uint8_t first[256];              /* by byte: 1 + index of its first op, or 0 */
    wtfcb_lang_op *ops;
    uint16_t count;
    const wtfcb_lang_op *outside; /* the token that leaves the language: a file starts outside; or NULL */
} wtfcb_lang_machine;

/* Build the machine of a syntax into `ops`, which has room for as many ops as the syntax has tokens. */
void wtfcb_lang_machine_build(const wtfcb_lang_syntax *syntax, wtfcb_lang_op *ops, wtfcb_lang_machine *ret_machine);

#endif
