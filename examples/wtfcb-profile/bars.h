/* A timeline in one line of text. */
#ifndef WTFCB_PROFILE_BARS_H
#define WTFCB_PROFILE_BARS_H

#include <stdbool.h>
#include <stdint.h>

#include <wtfcb/profile.h>

enum { BARS_LIMIT = 40 };

/* What of a profile is shown, and in how many columns. */
struct bars_range {
    uint64_t from_ns; /* to the end */
    int columns;      /* 1 to BARS_LIMIT */
};

/* A metric over that time, in `count` columns of the same length. */
struct bars {
    double values[BARS_LIMIT]; /* negative: not known */
    double top;                /* the largest of all samples, which the columns may have averaged away */
    int count;
    uint64_t from_ns;
    uint64_t column_ns;
};

/* Of a gauge the most in each column; of a counter (ns of processor time) the part of one core. False: nothing to show. */
bool bars_make(const wtfcb_profile *profile, uint32_t metric, bool counter, const struct bars_range *range,
               struct bars *ret_bars);

/* As text, NUL-terminated, from 0 to the top. */
struct bars_text {
    char text[BARS_LIMIT * 3 + 1];
};
struct bars_text bars_draw(const struct bars *bars, bool blocks);

#endif
