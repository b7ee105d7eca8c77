/* Random intervals and weights. See sampler.h. */
#include "alloc/sampler.h"

#include <string.h>

#include "alloc/region.h"

#define LN2 0.69314718055994530942
#define SQRT2 1.41421356237309504880
#define INTERVAL_MOST 9.0e18 /* in a uint64_t with room */

enum {
    TERMS = 20, /* of a series whose argument is below a half */
    MANTISSA_BITS = 52,
    EXPONENT_BIAS = 1023,
    EXPONENT_MASK = 0x7ff,
    CERTAIN = 40, /* exp(-40) is nothing beside 1 */
};

uint64_t wtfcb_alloc_sampler_seed(uint64_t seed, uint64_t thread)
{
    return seed ^ (thread * UINT64_C(0xd1342543de82ef95));
}

/* splitmix64 */
static uint64_t random_bits(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

/* ln m + e ln 2, m within a factor of the root of 2 around 1; ln m = 2 artanh((m - 1) / (m + 1)). */
double wtfcb_alloc_sampler_log(double x)
{
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    int exponent = (int)(bits >> MANTISSA_BITS & EXPONENT_MASK) - EXPONENT_BIAS;
    bits = (bits & ((UINT64_C(1) << MANTISSA_BITS) - 1)) | (uint64_t)EXPONENT_BIAS << MANTISSA_BITS;
    double m;
    memcpy(&m, &bits, sizeof m);
    if (m > SQRT2) {
        m /= 2;
        exponent++;
    }
    double z = (m - 1) / (m + 1);
    double power = z;
    double sum = 0;
    for (int i = 1; i < TERMS; i += 2) {
        sum += power / i;
        power *= z * z;
    }
    return 2 * sum + exponent * LN2;
}

/* exp(-x) as a power of 2 and a series over what is left, without cancellation where x is small. */
double wtfcb_alloc_sampler_hit(double x)
{
    if (x >= CERTAIN) return 1;
    int halvings = (int)(x / LN2);
    double rest = x - halvings * LN2;
    double term = 1;
    double sum = 0; /* 1 - exp(-rest) */
    for (int i = 1; i < TERMS; i++) {
        term *= rest / i;
        sum += i & 1 ? term : -term;
    }
    if (halvings == 0) return sum;
    return 1 - (1 - sum) / (double)(UINT64_C(1) << halvings);
}

uint64_t wtfcb_alloc_sampler_interval(uint64_t *state, uint64_t rate)
{
    double u = (double)((random_bits(state) >> 11) + 1) / 9007199254740992.0; /* in (0, 1], multiples of 2^-53 */
    double bytes = -wtfcb_alloc_sampler_log(u) * (double)rate;
    return bytes < INTERVAL_MOST ? (uint64_t)bytes + 1 : (uint64_t)INTERVAL_MOST;
}

void wtfcb_alloc_sampler_weigh(uint64_t size, uint64_t rate, uint64_t *ret_bytes, uint64_t *ret_count)
{
    double chance = wtfcb_alloc_sampler_hit((double)size / (double)rate);
    *ret_bytes = chance >= 1 ? size : (uint64_t)((double)size / chance + 0.5);
    *ret_count = (uint64_t)(WTFCB_ALLOC_COUNT_UNIT / chance + 0.5);
}
