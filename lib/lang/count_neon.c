/* The line counter with NEON on 64-bit ARM: 16 bytes a step, four steps folded into one mask. */
#if defined(__aarch64__)

#include <arm_neon.h>

#include "lang/count_scan.h"

#define SCAN_NAME wtfcb_lang_scan_neon

typedef struct quad {
    uint8x16_t part[4];
} quad;

static inline quad load(const char *p)
{
    const uint8_t *bytes = (const uint8_t *)p;
    return (quad){{vld1q_u8(bytes), vld1q_u8(bytes + 16), vld1q_u8(bytes + 32), vld1q_u8(bytes + 48)}};
}

/* One bit for each of 64 bytes that are all ones or all zeros: weigh, then add neighbours three times. */
static inline uint64_t bits(quad mask)
{
    static const uint8_t weight_bytes[16] = {1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128};
    const uint8x16_t weights = vld1q_u8(weight_bytes);
    uint8x16_t low = vpaddq_u8(vandq_u8(mask.part[0], weights), vandq_u8(mask.part[1], weights));
    uint8x16_t high = vpaddq_u8(vandq_u8(mask.part[2], weights), vandq_u8(mask.part[3], weights));
    uint8x16_t all = vpaddq_u8(low, high);
    all = vpaddq_u8(all, all);
    return vgetq_lane_u64(vreinterpretq_u64_u8(all), 0);
}

static inline void lines_and_blanks(const char *p, uint64_t *ret_newlines, uint64_t *ret_blanks)
{
    quad bytes = load(p), newlines, spaces;
    for (unsigned i = 0; i < 4; i++) {
        uint8x16_t controls = vsubq_u8(bytes.part[i], vdupq_n_u8('\t'));
        newlines.part[i] = vceqq_u8(bytes.part[i], vdupq_n_u8('\n'));
        spaces.part[i] =
            vorrq_u8(vceqq_u8(bytes.part[i], vdupq_n_u8(' ')), vcleq_u8(controls, vdupq_n_u8('\r' - '\t')));
    }
    *ret_newlines = bits(newlines);
    *ret_blanks = bits(spaces) & ~*ret_newlines;
}

static inline uint64_t bytes_in_set(const char *p, const uint8_t low[16])
{
    static const uint8_t high_bytes[16] = {1, 2, 4, 8, 16, 32, 64, 128, 0, 0, 0, 0, 0, 0, 0, 0};
    const uint8x16_t lows = vld1q_u8(low), highs = vld1q_u8(high_bytes);
    quad bytes = load(p), hits;
    for (unsigned i = 0; i < 4; i++)
        hits.part[i] = vtstq_u8(vqtbl1q_u8(lows, vandq_u8(bytes.part[i], vdupq_n_u8(15))),
                                vqtbl1q_u8(highs, vshrq_n_u8(bytes.part[i], 4)));
    return bits(hits);
}

static inline uint64_t bytes_equal(const char *p, char byte)
{
    quad bytes = load(p);
    for (unsigned i = 0; i < 4; i++)
        bytes.part[i] = vceqq_u8(bytes.part[i], vdupq_n_u8((uint8_t)byte));
    return bits(bytes);
}

#include "lang/count_engine.h"

#else
typedef int wtfcb_lang_count_neon_not_here; /* an empty file is no C */
#endif
