/* The line counter without vector instructions: for machines that have none we know, and the others' measure. */
#include "lang/count_scan.h"

#define SCAN_NAME wtfcb_lang_scan_scalar

static inline void lines_and_blanks(const char *p, uint64_t *ret_newlines, uint64_t *ret_blanks)
{
    uint64_t newlines = 0, blanks = 0;
    for (unsigned i = 0; i < 64; i++) {
        newlines |= (uint64_t)(p[i] == '\n') << i;
        blanks |= (uint64_t)wtfcb_lang_blank(p[i]) << i;
    }
    *ret_newlines = newlines;
    *ret_blanks = blanks;
}

static inline uint64_t bytes_in_set(const char *p, const uint8_t low[16])
{
    uint64_t hits = 0;
    for (unsigned i = 0; i < 64; i++) {
        unsigned char byte = (unsigned char)p[i];
        hits |= (uint64_t)(byte < 0x80 && (low[byte & 15] >> (byte >> 4)) & 1) << i;
    }
    return hits;
}

static inline uint64_t bytes_equal(const char *p, char byte)
{
    uint64_t hits = 0;
    for (unsigned i = 0; i < 64; i++)
        hits |= (uint64_t)(p[i] == byte) << i;
    return hits;
}

#include "lang/count_engine.h"
