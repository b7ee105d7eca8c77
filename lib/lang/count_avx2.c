/* The line counter with AVX2: 32 bytes a step. */
#if defined(__x86_64__)

#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx2,bmi,bmi2,popcnt"))), apply_to = function)
#else
#pragma GCC target("avx2,bmi,bmi2,popcnt")
#endif

#include <immintrin.h>

#include "lang/count_scan.h"

#define SCAN_NAME wtfcb_lang_scan_avx2

static inline __m256i load(const char *p, unsigned part)
{
    return _mm256_loadu_si256((const __m256i *)(const void *)(p + (size_t)32 * part));
}

static inline uint64_t bits(__m256i mask, unsigned part)
{
    return (uint64_t)(uint32_t)_mm256_movemask_epi8(mask) << (32 * part);
}

static inline void lines_and_blanks(const char *p, uint64_t *ret_newlines, uint64_t *ret_blanks)
{
    uint64_t newlines = 0, spaces = 0;
    for (unsigned part = 0; part < 2; part++) {
        __m256i bytes = load(p, part), controls = _mm256_sub_epi8(bytes, _mm256_set1_epi8('\t'));
        newlines |= bits(_mm256_cmpeq_epi8(bytes, _mm256_set1_epi8('\n')), part);
        spaces |=
            bits(_mm256_or_si256(_mm256_cmpeq_epi8(bytes, _mm256_set1_epi8(' ')),
                                 _mm256_cmpeq_epi8(_mm256_min_epu8(controls, _mm256_set1_epi8('\r' - '\t')), controls)),
                 part);
    }
    *ret_newlines = newlines;
    *ret_blanks = spaces & ~newlines;
}

static inline uint64_t bytes_in_set(const char *p, const uint8_t low[16])
{
    const __m256i lows = _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)(const void *)low));
    const __m256i highs =
        _mm256_broadcastsi128_si256(_mm_setr_epi8(1, 2, 4, 8, 16, 32, 64, (char)128, 0, 0, 0, 0, 0, 0, 0, 0));
    uint64_t misses = 0;
    for (unsigned part = 0; part < 2; part++) {
        __m256i bytes = load(p, part);
        __m256i high = _mm256_and_si256(_mm256_srli_epi16(bytes, 4), _mm256_set1_epi8(15));
        __m256i both = _mm256_and_si256(_mm256_shuffle_epi8(lows, bytes), _mm256_shuffle_epi8(highs, high));
        misses |= bits(_mm256_cmpeq_epi8(both, _mm256_setzero_si256()), part);
    }
    return ~misses;
}

static inline uint64_t bytes_equal(const char *p, char byte)
{
    __m256i wanted = _mm256_set1_epi8(byte);
    return bits(_mm256_cmpeq_epi8(load(p, 0), wanted), 0) | bits(_mm256_cmpeq_epi8(load(p, 1), wanted), 1);
}

#include "lang/count_engine.h"

#if defined(__clang__)
#pragma clang attribute pop
#endif

#else
typedef int wtfcb_lang_count_avx2_not_here; /* an empty file is no C */
#endif
