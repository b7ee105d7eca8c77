/* Numbers with their units, as people read them; each in a buffer that is returned by value. */
#ifndef EXAMPLES_COMMON_UNITS_H
#define EXAMPLES_COMMON_UNITS_H

#include <stdint.h>

struct short_text {
    char text[48];
};

/* 1,234 bytes, 12.3 kB, 4.5 MB: powers of 1,000. */
struct short_text bytes_text(uint64_t bytes);

/* 0.2 ms, 12.3 ms, 1.23 s, 4 min 5 s. */
struct short_text time_text(uint64_t ns);

#endif
