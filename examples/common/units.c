/* Numbers with their units: two or three digits that say something. */
#include "common/units.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>

struct short_text bytes_text(uint64_t bytes)
{
    static const char *const units[] = {"bytes", "kB", "MB", "GB", "TB"};
    struct short_text result;
    double value = (double)bytes;
    size_t unit = 0;

    while (value >= 1000 && unit < sizeof units / sizeof *units - 1) {
        value /= 1000;
        unit++;
    }
    snprintf(result.text, sizeof result.text, "%.*f %s", unit == 0 ? 0 : 1, value, units[unit]);
    return result;
}

struct short_text time_text(uint64_t ns)
{
    struct short_text result;

    if (ns < UINT64_C(1000000000))
        snprintf(result.text, sizeof result.text, "%.1f ms", (double)ns / 1e6);
    else if (ns < UINT64_C(120000000000))
        snprintf(result.text, sizeof result.text, "%.2f s", (double)ns / 1e9);
    else
        snprintf(result.text, sizeof result.text, "%" PRIu64 " min %" PRIu64 " s", ns / UINT64_C(60000000000),
                 ns / UINT64_C(1000000000) % 60);
    return result;
}
