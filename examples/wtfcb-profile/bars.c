/* Samples into columns: each sample counts for the columns that its time overlaps. */
#include "bars.h"

#include <string.h>

/* The finest tier that reaches back to there; the coarsest, if none does. */
static uint32_t pick_tier(const wtfcb_profile *profile, uint64_t from)
{
    const uint64_t *times;
    uint64_t count;
    uint64_t start;

    for (uint32_t tier = 0; tier < WTFCB_TIER_COUNT; tier++)
        if (wtfcb_profile_times(profile, tier, &times, &count, &start) == WTFCB_OK && count > 0 && start <= from)
            return tier;
    return WTFCB_TIER_COUNT - 1;
}

struct sums {
    double weighted[BARS_LIMIT]; /* counter: value of the time that overlaps; gauge: the most */
    double time[BARS_LIMIT];     /* that is known */
};

static void add_sample(struct sums *sums, const struct bars *bars, bool counter, uint64_t from, uint64_t to,
                       uint64_t value)
{
    double length = (double)(to - from);

    to -= bars->from_ns;
    from = from > bars->from_ns ? from - bars->from_ns : 0;
    for (uint64_t column = from / bars->column_ns; column < (uint64_t)bars->count; column++) {
        double left = (double)(column * bars->column_ns);
        double right = left + (double)bars->column_ns;
        double begin = (double)from > left ? (double)from : left;
        double end = (double)to < right ? (double)to : right;
        if (end <= begin) break;
        sums->time[column] += end - begin;
        if (counter)
            sums->weighted[column] += (double)value * (end - begin) / length;
        else if ((double)value > sums->weighted[column])
            sums->weighted[column] = (double)value;
    }
}

bool bars_make(const wtfcb_profile *profile, uint32_t metric, bool counter, const struct bars_range *range,
               struct bars *ret_bars)
{
    struct sums sums = {.time = {0}};
    const uint64_t *times;
    const uint64_t *values;
    uint64_t count;
    uint64_t from;
    uint32_t tier = pick_tier(profile, range->from_ns);
    uint32_t statistic = counter ? WTFCB_STATISTIC_VALUE : WTFCB_STATISTIC_MAXIMUM;

    if (wtfcb_profile_times(profile, tier, &times, &count, &from) != WTFCB_OK || count < 2 ||
        times[count - 1] <= range->from_ns ||
        wtfcb_profile_values(profile, tier, metric, statistic, &values) != WTFCB_OK)
        return false;
    ret_bars->from_ns = range->from_ns;
    ret_bars->count = count < (uint64_t)range->columns ? (int)count : range->columns;
    ret_bars->column_ns = (times[count - 1] - range->from_ns) / (uint64_t)ret_bars->count + 1;
    ret_bars->top = 0;
    for (uint64_t i = 0; i < count; from = times[i], i++) {
        if (values[i] == WTFCB_UNKNOWN || times[i] <= from || times[i] <= range->from_ns) continue;
        double level = counter ? (double)values[i] / (double)(times[i] - from) : (double)values[i];
        if (level > ret_bars->top) ret_bars->top = level;
        add_sample(&sums, ret_bars, counter, from, times[i], values[i]);
    }
    for (int i = 0; i < ret_bars->count; i++) {
        double divisor = counter ? sums.time[i] : 1;
        ret_bars->values[i] = sums.time[i] > 0 ? sums.weighted[i] / divisor : -1;
    }
    return ret_bars->top > 0;
}

struct bars_text bars_draw(const struct bars *bars, bool blocks)
{
    static const char *const fine[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
    static const char *const plain[] = {"_", ".", ":", "-", "=", "+", "*", "#"};
    enum { LEVELS = sizeof fine / sizeof *fine };
    struct bars_text result;
    size_t used = 0;

    for (int i = 0; i < bars->count; i++) {
        int level = (int)(bars->values[i] / bars->top * LEVELS);
        if (level >= LEVELS) level = LEVELS - 1;
        const char *piece = bars->values[i] < 0 ? " " : (blocks ? fine : plain)[level];
        memcpy(result.text + used, piece, strlen(piece));
        used += strlen(piece);
    }
    result.text[used] = 0;
    return result;
}
