/*
 * The distributions behind a project, in fixed-point integers: what gcc, clang, x86, arm, glibc and musl agree on to the bit.
 *
 * The normal distribution is inverted by a table over the tail probability: eight points to each halving of it, joined by straight lines.
 * Powers and logarithms of two go bit by bit.
 */
#include "benchmark/generate_draw.h"

#include <assert.h>
#include <stddef.h>

/* Upper quantiles of the standard normal distribution times 65,536: entry 8(k - 1) + m belongs to p = 2^-k (1 - m/16). */
static const int32_t quantiles[] = {
    0,      5139,   10310,  15545,  20882,  26362,  32032,  37954,  44203,  47482,  50884,  54428,  58140,  62048,
    66191,  70616,  75389,  77933,  80600,  83408,  86377,  89536,  92917,  96565,  100540, 102675, 104924, 107304,
    109834, 112540, 115453, 118613, 122076, 123944, 125918, 128013, 130248, 132646, 135235, 138055, 141156, 142834,
    144610, 146500, 148519, 150691, 153042, 155608, 158437, 159970, 161597, 163329, 165184, 167181, 169346, 171714,
    174330, 175750, 177257, 178865, 180588, 182445, 184462, 186670, 189113, 190440, 191851, 193356, 194971, 196714,
    198608, 200683, 202983, 204233, 205563, 206982, 208507, 210153, 211943, 213907, 216085, 217270, 218531, 219878,
    221325, 222888, 224590, 226458, 228531, 229660, 230861, 232145, 233525, 235017, 236642, 238426, 240408, 241487,
    242636, 243865, 245187, 246616, 248173, 249884, 251785, 252821, 253924, 255104, 256374, 257747, 259244, 260890,
    262719, 263716, 264779, 265915, 267138, 268462, 269905, 271492, 273257, 274219, 275245, 276343, 277524, 278803,
    280197, 281732, 283438, 284369, 285361, 286423, 287567, 288805, 290155, 291642, 293295, 294197, 295159, 296189,
    297298, 298499, 299809, 301252, 302857, 303733, 304667, 305668, 306745, 307912, 309185, 310587, 312148, 313000,
    313909, 314882, 315930, 317065, 318305, 319670, 321190, 322019, 322904, 323852, 324873, 325980, 327188, 328519,
    330000, 330810, 331673, 332597, 333593, 334673, 335852, 337151, 338597, 339387, 340230, 341133, 342105, 343160,
    344312, 345580, 346994, 347766, 348590, 349472, 350423, 351454, 352581, 353822, 355204, 355959, 356765, 357629,
    358560, 359569, 360671, 361886, 363239, 363979, 364768, 365614, 366526, 367514, 368594, 369784, 371111, 371835,
    372609, 373438, 374331, 375300, 376359, 377526, 378827, 379538, 380296, 381110, 381986, 382937, 383975, 385121,
    386397, 387095, 387839, 388638, 389498, 390431, 391451, 392576, 393829, 394514, 395245, 396029, 396875, 397791,
    398793, 399898, 401130, 401803, 402522, 403292, 404123, 405024, 406009, 407095, 408306,
};

/* 2^(2^-i) times 2^30, i = 1 to 30. */
static const uint32_t roots[] = {
    1518500250, 1276901417, 1170923762, 1121280436, 1097253708, 1085434106, 1079572136, 1076653033,
    1075196443, 1074468888, 1074105294, 1073923544, 1073832680, 1073787251, 1073764537, 1073753181,
    1073747502, 1073744663, 1073743244, 1073742534, 1073742179, 1073742001, 1073741913, 1073741868,
    1073741846, 1073741835, 1073741830, 1073741827, 1073741825, 1073741825,
};

enum { ROOTS = sizeof roots / sizeof *roots };

/* log2(e) times 2^32. */
#define LOG2_E UINT64_C(6196328019)

int64_t wtfcb_benchmark_draw_quantile(uint32_t tail)
{
    assert(tail > 0 && tail <= UINT32_C(1) << 31);
    uint32_t halvings = tail >> 31 ? 1 : (uint32_t)__builtin_clz(tail);
    uint64_t below = (UINT64_C(1) << 32) - ((uint64_t)tail << halvings);
    size_t entry = (size_t)(halvings - 1) * 8 + (size_t)(below >> 28);
    assert(entry < sizeof quantiles / sizeof *quantiles);
    int64_t z = quantiles[entry];
    if (entry + 1 < sizeof quantiles / sizeof *quantiles)
        z += ((quantiles[entry + 1] - z) * (int64_t)(below & 0xfffffff)) >> 28;
    return z;
}

int64_t wtfcb_benchmark_draw_normal(wtfcb_benchmark_draw *draw)
{
    uint64_t bits = wtfcb_benchmark_draw_bits(draw);
    int64_t z = wtfcb_benchmark_draw_quantile((uint32_t)(bits >> 33) + 1);
    return bits & 1 ? z : -z;
}

/* 2 to the power `exponent` / 2^32, for a result below 2^62. */
static uint64_t power_of_two(uint64_t exponent, uint64_t most)
{
    uint32_t whole = (uint32_t)(exponent >> 32);
    if (whole >= 62) return most;
    uint64_t result = UINT64_C(1) << 30;
    for (size_t i = 0; i < ROOTS; i++)
        if (exponent >> (31 - i) & 1) result = (result * roots[i]) >> 30;
    result = whole >= 30 ? result << (whole - 30) : result >> (30 - whole);
    return result < most ? result : most;
}

uint64_t wtfcb_benchmark_exponential(uint32_t mu, uint32_t sigma, int64_t z, uint64_t most)
{
    int64_t power = (int64_t)mu * 65536 + (int64_t)sigma * z; /* thousandths of 65,536ths */
    if (power <= 0) return 0;
    uint64_t whole = (uint64_t)power / 1000;
    if (whole >= UINT64_C(43) << 16) return most; /* e^43 > 2^62 */
    return power_of_two((whole * LOG2_E) >> 16, most);
}

uint64_t wtfcb_benchmark_draw_lognormal(wtfcb_benchmark_draw *draw, uint32_t mu, uint32_t sigma, uint64_t most)
{
    return wtfcb_benchmark_exponential(mu, sigma, wtfcb_benchmark_draw_normal(draw), most);
}

/* -log2(`u` / 2^32) times 2^32, for `u` from 1 to 2^32. */
static uint64_t minus_log2(uint64_t u)
{
    uint32_t shift = (uint32_t)__builtin_clzll(u);
    uint64_t x = (u << shift) >> 33; /* [1, 2) times 2^30 */
    uint64_t fraction = 0;
    for (int i = 0; i < 32; i++) {
        x = (x * x) >> 30;
        fraction <<= 1;
        if (x >> 31) {
            fraction |= 1;
            x >>= 1;
        }
    }
    uint64_t log = ((uint64_t)(63 - shift) << 32) | fraction;
    return (UINT64_C(32) << 32) - log;
}

uint64_t wtfcb_benchmark_draw_pareto(wtfcb_benchmark_draw *draw, uint64_t least, uint32_t alpha, uint64_t most)
{
    assert(alpha >= 100 && least < UINT64_C(1) << 27);
    uint64_t u = (wtfcb_benchmark_draw_bits(draw) >> 32) + 1;
    uint64_t factor = power_of_two(minus_log2(u) / alpha * 1000 + (UINT64_C(16) << 32), UINT64_C(1) << 36);
    uint64_t size = (least * factor) >> 16;
    return size < most ? size : most;
}
