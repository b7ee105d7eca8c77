/* The line counter with SSSE3: 16 bytes a step. */
#if defined(__x86_64__)

#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("ssse3,popcnt"))), apply_to = function)
#else
#pragma GCC target("ssse3,popcnt")
#endif

#include <tmmintrin.h>

#include "lang/count_scan.h"

#define SCAN_NAME wtfcb_lang_scan_ssse3

static inline __m128i load(const char *p, unsigned part)
{
    return _mm_loadu_si128((const __m128i *)(const void *)(p + (size_t)16 * part));
}

static inline uint64_t bits(__m128i mask, unsigned part)
{
    return (uint64_t)(uint32_t)_mm_movemask_epi8(mask) << (16 * part);
}

static inline void lines_and_blanks(const char *p, uint64_t *ret_newlines, uint64_t *ret_blanks)
{
    uint64_t newlines = 0, spaces = 0;
    for (unsigned part = 0; part < 4; part++) {
        __m128i bytes = load(p, part), controls = _mm_sub_epi8(bytes, _mm_set1_epi8('\t'));
        newlines |= bits(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('\n')), part);
        spaces |= bits(_mm_or_si128(_mm_cmpeq_epi8(bytes, _mm_set1_epi8(' ')),
                                    _mm_cmpeq_epi8(_mm_min_epu8(controls, _mm_set1_epi8('\r' - '\t')), controls)),
                       part);
    }
    *ret_newlines = newlines;
    *ret_blanks = spaces & ~newlines;
}

static inline uint64_t bytes_in_set(const char *p, const uint8_t low[16])
{
    const __m128i lows = load((const char *)low, 0);
    const __m128i highs = _mm_setr_epi8(1, 2, 4, 8, 16, 32, 64, (char)128, 0, 0, 0, 0, 0, 0, 0, 0);
    uint64_t misses = 0;
    for (unsigned part = 0; part < 4; part++) {
        __m128i bytes = load(p, part);
        __m128i high = _mm_and_si128(_mm_srli_epi16(bytes, 4), _mm_set1_epi8(15));
        __m128i both = _mm_and_si128(_mm_shuffle_epi8(lows, bytes), _mm_shuffle_epi8(highs, high));
        misses |= bits(_mm_cmpeq_epi8(both, _mm_setzero_si128()), part);
    }
    return ~misses;
}

static inline uint64_t bytes_equal(const char *p, char byte)
{
    uint64_t hits = 0;
    for (unsigned part = 0; part < 4; part++)
        hits |= bits(_mm_cmpeq_epi8(load(p, part), _mm_set1_epi8(byte)), part);
    return hits;
}

#include "lang/count_engine.h"

#if defined(__clang__)
#pragma clang attribute pop
#endif

#else
typedef int wtfcb_lang_count_ssse3_not_here; /* an empty file is no C */
#endif
