/*
 * How to leave a function: what the call frame information of an object (.eh_frame, found through .eh_frame_hdr) says for one address.
 *
 * Of all registers three are followed: the stack pointer, the frame pointer and the address to return to. Nothing but the image is read, and nothing in it
 * is trusted: what is damaged or goes beyond what is known here answers "no rule". No state, no memory, no locks.
 */
#ifndef WTFCB_ALLOC_CFI_H
#define WTFCB_ALLOC_CFI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes that lie in memory, or pretend to, from `address` on. */
typedef struct wtfcb_alloc_image {
    const unsigned char *bytes;
    uint64_t size;
    uint64_t address;
} wtfcb_alloc_image;

/* `wtfcb_alloc_place.base` */
enum {
    WTFCB_ALLOC_UNDEFINED = 0, /* it has none: the end of the stack, or a lost register */
    WTFCB_ALLOC_SAME,          /* in its register still */
    WTFCB_ALLOC_CONSTANT,
    WTFCB_ALLOC_STACK, /* relative to the stack pointer */
    WTFCB_ALLOC_FRAME, /* to the frame pointer */
    WTFCB_ALLOC_CFA,   /* to the caller's stack pointer */
};

/* Where a value is: base + offset, or in the memory there. */
typedef struct wtfcb_alloc_place {
    uint8_t base;
    bool memory;
    int64_t offset;
} wtfcb_alloc_place;

typedef struct wtfcb_alloc_rule {
    wtfcb_alloc_place cfa;    /* the caller's stack pointer after the call has returned; never relative to itself */
    wtfcb_alloc_place frame;  /* the caller's frame pointer */
    wtfcb_alloc_place result; /* the address to return to */
    bool interrupted;         /* a signal came in: that address is the next instruction, not one after a call */
} wtfcb_alloc_rule;

/*
 * The rule at `address` in the object whose .eh_frame_hdr is at `header` of the image; `instruction` is what the instruction pointer is there, for expressions that use it.
 * False: none, or not understood.
 */
bool wtfcb_alloc_cfi_find(const wtfcb_alloc_image *image, uint64_t header, uint64_t address, uint64_t instruction,
                          wtfcb_alloc_rule *ret_rule);

/* Reads numbers and stays within its bounds: what is beyond them reads as 0 and sets `bad`. */
typedef struct wtfcb_alloc_reader {
    const wtfcb_alloc_image *image;
    uint64_t at;
    uint64_t end;
    bool bad;
} wtfcb_alloc_reader;

wtfcb_alloc_reader wtfcb_alloc_read_from(const wtfcb_alloc_image *image, uint64_t from, uint64_t length);
uint64_t wtfcb_alloc_read(wtfcb_alloc_reader *reader, uint32_t size);
int64_t wtfcb_alloc_read_signed(wtfcb_alloc_reader *reader, uint32_t size);
uint64_t wtfcb_alloc_read_uleb(wtfcb_alloc_reader *reader);
int64_t wtfcb_alloc_read_sleb(wtfcb_alloc_reader *reader);
void wtfcb_alloc_read_skip(wtfcb_alloc_reader *reader, uint64_t length);

/* What an expression comes to. `cfa`: begin with the caller's stack pointer on its stack. Of base UNDEFINED: not understood. */
wtfcb_alloc_place wtfcb_alloc_cfi_evaluate(wtfcb_alloc_reader expression, uint64_t instruction, bool cfa);

/* Numbers that DWARF gives to registers; -1: this machine's are not known. */
#if defined(__x86_64__)
enum { WTFCB_ALLOC_REGISTER_FRAME = 6, WTFCB_ALLOC_REGISTER_STACK = 7, WTFCB_ALLOC_REGISTER_RESULT = 16 };
#elif defined(__aarch64__)
enum { WTFCB_ALLOC_REGISTER_FRAME = 29, WTFCB_ALLOC_REGISTER_STACK = 31, WTFCB_ALLOC_REGISTER_RESULT = 30 };
#else
enum { WTFCB_ALLOC_REGISTER_FRAME = -1, WTFCB_ALLOC_REGISTER_STACK = -2, WTFCB_ALLOC_REGISTER_RESULT = -3 };
#endif

#endif
