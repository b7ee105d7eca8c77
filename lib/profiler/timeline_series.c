/* Rings of samples and their roll-ups; see timeline_series.h. */
#include "profiler/timeline_series.h"

#include <assert.h>
#include <string.h>

#include "base/memory.h"

enum { WIDE = 26, NARROW = 10 }; /* bits of a mantissa, the leading one not counted */

/* What is gathered of one metric until a row, or the whole time, is over. */
typedef struct gathered {
    uint64_t sum; /* of a counter */
    uint64_t minimum;
    uint64_t maximum;
    double weighted; /* of a gauge: value times time */
    double weight;   /* time in which the value was known */
    bool any;
} gathered;

typedef struct row_ring {
    uint64_t width; /* 0: every sample is a row */
    uint64_t boundary;
    uint64_t start; /* of the oldest row */
    uint64_t end;   /* of the newest */
    uint64_t dropped;
    uint32_t capacity;
    uint32_t first;
    uint32_t count;
    bool narrow;
    bool open; /* samples are gathered that are in no row yet */
    uint32_t
        stride; /* of a row: its time, then a number for each statistic of each metric, so that a sample touches few lines of the cache */
    uint16_t offsets[WTFCB_PROFILER_METRICS][WTFCB_PROFILER_STATISTICS];
    char *rows;
    gathered gathered[WTFCB_PROFILER_METRICS];
} row_ring;

struct wtfcb_profiler_series {
    wtfcb_allocator allocator;
    size_t size; /* of this block, rows included */
    uint32_t available;
    uint64_t time; /* of the newest sample */
    uint64_t samples;
    uint64_t known[WTFCB_PROFILER_METRICS];    /* last known value */
    uint64_t known_at[WTFCB_PROFILER_METRICS]; /* and the end of its sample */
    uint64_t first[WTFCB_PROFILER_METRICS];    /* first known value */
    gathered all[WTFCB_PROFILER_METRICS];
    row_ring rings[WTFCB_TIER_COUNT];
};

uint32_t wtfcb_profiler_series_pack(uint64_t number, unsigned mantissa)
{
    if (number == WTFCB_UNKNOWN) return UINT32_MAX;
    const uint64_t most = UINT64_C(1) << 63;
    if (number > most) number = most;
    unsigned top = 63u - (unsigned)__builtin_clzll(number | 1);
    if (top <= mantissa) return (uint32_t)number;
    unsigned shift = top - mantissa;
    number +=
        UINT64_C(1) << (shift - 1); /* to the nearest; a carry into the next power of two is the right number there */
    return (uint32_t)(((uint64_t)shift << mantissa) + (number >> shift));
}

uint64_t wtfcb_profiler_series_unpack(uint32_t packed, unsigned mantissa)
{
    if (packed == UINT32_MAX) return WTFCB_UNKNOWN;
    uint32_t power = packed >> mantissa;
    if (power <= 1) return packed;
    uint64_t kept = (packed & ((UINT32_C(1) << mantissa) - 1)) | UINT32_C(1) << mantissa;
    return kept << (power - 1);
}

static bool is_gauge(uint32_t index)
{
    return wtfcb_profiler_metric_table()[index].kind == WTFCB_METRIC_GAUGE;
}

/* Roll-ups of gauges have the least and the most beside the mean. */
static uint32_t statistics_of(const row_ring *ring, uint32_t index)
{
    return ring->width > 0 && is_gauge(index) ? WTFCB_PROFILER_STATISTICS : 1;
}

static uint64_t *time_of(const row_ring *ring, uint32_t row)
{
    return (void *)(ring->rows + (size_t)row * ring->stride);
}

static void *place_of(const row_ring *ring, uint32_t index, uint32_t statistic, uint32_t row)
{
    return ring->rows + (size_t)row * ring->stride + ring->offsets[index][statistic];
}

static void put(const row_ring *ring, uint32_t index, uint32_t statistic, uint32_t row, uint64_t value)
{
    void *place = place_of(ring, index, statistic, row);
    if (ring->narrow)
        *(uint16_t *)place = (uint16_t)wtfcb_profiler_series_pack(value, NARROW);
    else
        *(uint32_t *)place = wtfcb_profiler_series_pack(value, WIDE);
}

static uint64_t get(const row_ring *ring, uint32_t index, uint32_t statistic, uint32_t row)
{
    const void *place = place_of(ring, index, statistic, row);
    if (!ring->narrow) return wtfcb_profiler_series_unpack(*(const uint32_t *)place, WIDE);
    uint16_t packed = *(const uint16_t *)place;
    return packed == UINT16_MAX ? WTFCB_UNKNOWN : wtfcb_profiler_series_unpack(packed, NARROW);
}

/* Say where in a row everything is. Returns the bytes of all rows. */
static size_t lay_out(row_ring *ring, uint32_t available)
{
    size_t at = sizeof(uint64_t);
    size_t width = ring->narrow ? sizeof(uint16_t) : sizeof(uint32_t);
    for (uint32_t i = 0; i < WTFCB_PROFILER_METRICS; i++) {
        uint32_t statistics = available >> i & 1 ? statistics_of(ring, i) : 0;
        for (uint32_t s = 0; s < statistics; s++) {
            ring->offsets[i][s] = (uint16_t)at;
            at += width;
        }
    }
    ring->stride = (uint32_t)((at + 7) & ~(size_t)7);
    return (size_t)ring->capacity * ring->stride;
}

wtfcb_status wtfcb_profiler_series_new(const wtfcb_allocator *allocator, uint32_t available,
                                       wtfcb_profiler_series **ret_series)
{
    row_ring rings[WTFCB_TIER_COUNT] = {
        [WTFCB_TIER_SAMPLES] = {.capacity = WTFCB_PROFILER_SAMPLES_KEPT},
        [WTFCB_TIER_SECONDS] = {.capacity = WTFCB_PROFILER_SECONDS_KEPT, .width = 1000000000},
        [WTFCB_TIER_TEN_SECONDS] = {.capacity = WTFCB_PROFILER_TENS_KEPT, .width = 10000000000, .narrow = true},
    };
    size_t size = sizeof(wtfcb_profiler_series);
    for (uint32_t t = 0; t < WTFCB_TIER_COUNT; t++)
        size += lay_out(&rings[t], available);
    wtfcb_allocator chosen = wtfcb_base_allocator(allocator);
    wtfcb_profiler_series *series = wtfcb_base_alloc(&chosen, size);
    if (!series) return WTFCB_ENOMEM;
    memset(series, 0, sizeof *series);
    series->allocator = chosen;
    series->size = size;
    series->available = available;
    memcpy(series->rings, rings, sizeof rings);
    char *rows = (char *)(series + 1);
    for (uint32_t t = 0; t < WTFCB_TIER_COUNT; t++) {
        row_ring *ring = &series->rings[t];
        ring->rows = rows;
        ring->boundary = ring->width;
        rows += (size_t)ring->capacity * ring->stride;
    }
    for (uint32_t i = 0; i < WTFCB_PROFILER_METRICS; i++)
        series->known[i] = series->first[i] = WTFCB_UNKNOWN;
    *ret_series = series;
    return WTFCB_OK;
}

void wtfcb_profiler_series_free(wtfcb_profiler_series *series)
{
    if (!series) return;
    wtfcb_allocator allocator = series->allocator;
    wtfcb_base_free(&allocator, series, series->size);
}

size_t wtfcb_profiler_series_size(const wtfcb_profiler_series *series)
{
    return series->size;
}

static uint64_t plus(uint64_t a, uint64_t b)
{
    uint64_t sum;
    return __builtin_add_overflow(a, b, &sum) || sum == WTFCB_UNKNOWN ? WTFCB_UNKNOWN - 1 : sum;
}

/* A gauge's value, or what a counter counted, in a time; `most` and the like are of `per_sample`. */
static void gather(gathered *g, uint64_t value, uint64_t per_sample, uint64_t time)
{
    if (!g->any) *g = (gathered){.minimum = per_sample, .maximum = per_sample, .any = true};
    if (per_sample < g->minimum) g->minimum = per_sample;
    if (per_sample > g->maximum) g->maximum = per_sample;
    g->sum = plus(g->sum, value);
    double weight = time > 0 ? (double)time : 1;
    g->weighted += (double)value * weight;
    g->weight += weight;
}

static uint64_t mean_of(const gathered *g)
{
    double mean = g->weighted / g->weight;
    if (mean <= (double)g->minimum) return g->minimum; /* rounding has no say in a level that did not change */
    if (mean >= (double)g->maximum) return g->maximum;
    return (uint64_t)(mean + 0.5);
}

/* One statistic (0: value, then least, most) of what was gathered. */
static uint64_t statistic_of(const gathered *g, uint32_t index, uint32_t statistic)
{
    if (!g->any) return WTFCB_UNKNOWN;
    if (!is_gauge(index)) return g->sum;
    return statistic == 0 ? mean_of(g) : statistic == 1 ? g->minimum : g->maximum;
}

/* A row for what was gathered, in place of the oldest if there is no other. */
static void close_row(row_ring *ring, uint64_t time, uint32_t available)
{
    uint32_t row = (ring->first + ring->count) % ring->capacity;
    if (ring->count == ring->capacity) {
        ring->start = *time_of(ring, ring->first);
        ring->first = (ring->first + 1) % ring->capacity;
        ring->dropped++;
    } else {
        ring->count++;
    }
    *time_of(ring, row) = time;
    for (uint32_t i = 0; i < WTFCB_PROFILER_METRICS; i++) {
        if (!(available >> i & 1)) continue;
        for (uint32_t s = 0; s < statistics_of(ring, i); s++)
            put(ring, i, s, row, statistic_of(&ring->gathered[i], i, s));
        ring->gathered[i] = (gathered){.any = false};
    }
    ring->end = time;
    ring->open = false;
}

static uint64_t share_of(uint64_t value, uint64_t part, uint64_t whole)
{
    if (part >= whole) return value;
    uint64_t share = (uint64_t)((double)value * ((double)part / (double)whole));
    return share < value ? share : value;
}

/* What was counted from `from` to `to`: to the row that is being gathered as much as falls into its time, the rest to the rows before. */
static void spread(row_ring *ring, uint32_t index, uint64_t counted, uint64_t from, uint64_t to)
{
    uint64_t begin = ring->end > from ? ring->end : from;
    uint64_t here = share_of(counted, to - begin, to - from);
    gather(&ring->gathered[index], here, here, to - begin);
    counted -= here;
    uint64_t end = begin;
    for (uint32_t back = 1; back <= ring->count && end > from; back++) {
        uint32_t row = (ring->first + ring->count - back) % ring->capacity;
        uint64_t start = back < ring->count ? *time_of(ring, (row + ring->capacity - 1) % ring->capacity) : ring->start;
        if (start < from) start = from;
        uint64_t share = share_of(counted, end - start, end - from);
        uint64_t before = get(ring, index, 0, row);
        put(ring, index, 0, row, before == WTFCB_UNKNOWN ? share : plus(before, share));
        counted -= share;
        end = start;
    }
}

static void add_counter(wtfcb_profiler_series *series, uint32_t index, uint64_t read, uint64_t time_ns)
{
    uint64_t before = series->known[index];
    uint64_t from = series->known_at[index];
    series->known[index] = read;
    series->known_at[index] = time_ns;
    if (before == WTFCB_UNKNOWN) return;
    uint64_t counted = read > before ? read - before : 0;
    uint64_t sample = share_of(counted, time_ns - series->time, time_ns - from);
    gather(&series->all[index], counted, sample, time_ns - from);
    for (uint32_t t = 0; t < WTFCB_TIER_COUNT; t++)
        spread(&series->rings[t], index, counted, from, time_ns);
}

static void add_gauge(wtfcb_profiler_series *series, uint32_t index, uint64_t read, uint64_t time_ns)
{
    uint64_t time = time_ns - series->time;
    if (series->known[index] == WTFCB_UNKNOWN) series->first[index] = read;
    series->known[index] = read;
    gather(&series->all[index], read, read, time);
    for (uint32_t t = 0; t < WTFCB_TIER_COUNT; t++)
        gather(&series->rings[t].gathered[index], read, read, time);
}

void wtfcb_profiler_series_add(wtfcb_profiler_series *series, uint64_t time_ns, const wtfcb_profiler_reading *reading)
{
    assert(series->samples == 0 || time_ns > series->time);
    for (uint32_t i = 0; i < WTFCB_PROFILER_METRICS; i++) {
        uint64_t read = reading->values[i];
        if (!(series->available >> i & 1) || read == WTFCB_UNKNOWN) continue;
        if (is_gauge(i))
            add_gauge(series, i, read, time_ns);
        else
            add_counter(series, i, read, time_ns);
    }
    series->time = time_ns;
    series->samples++;
    for (uint32_t t = 0; t < WTFCB_TIER_COUNT; t++) {
        row_ring *ring = &series->rings[t];
        ring->open = true;
        if (time_ns < ring->boundary) continue;
        close_row(ring, time_ns, series->available);
        if (ring->width > 0) ring->boundary = (time_ns / ring->width + 1) * ring->width;
    }
}

/* The later of two peaks that may be unknown. */
static uint64_t higher(uint64_t a, uint64_t b)
{
    if (a == WTFCB_UNKNOWN) return b;
    return b == WTFCB_UNKNOWN || a > b ? a : b;
}

static uint64_t ring_peak(const row_ring *ring, uint32_t index, uint64_t since_ns)
{
    uint64_t peak = WTFCB_UNKNOWN;
    const uint32_t statistic = ring->width > 0 ? WTFCB_STATISTIC_MAXIMUM - 1 : 0;
    for (uint32_t back = 1; back <= ring->count; back++) {
        uint32_t row = (ring->first + ring->count - back) % ring->capacity;
        uint32_t before = (row + ring->capacity - 1) % ring->capacity;
        /* A sample is a moment, its end; a row counts if it begins late enough. */
        uint64_t moment = ring->width == 0     ? *time_of(ring, row)
                          : back < ring->count ? *time_of(ring, before)
                                               : ring->start;
        if (moment < since_ns) break;
        peak = higher(peak, get(ring, index, statistic, row));
    }
    return peak;
}

uint64_t wtfcb_profiler_series_peak(const wtfcb_profiler_series *series, uint32_t metric, uint64_t since_ns)
{
    uint32_t index = metric - 1;
    if (!(series->available >> index & 1) || !is_gauge(index)) return WTFCB_UNKNOWN;
    const row_ring *samples = &series->rings[WTFCB_TIER_SAMPLES];
    uint64_t peak = ring_peak(samples, index, since_ns);
    if (samples->dropped == 0 || samples->start < since_ns) return peak;
    for (uint32_t t = WTFCB_TIER_SECONDS; t < WTFCB_TIER_COUNT; t++)
        peak = higher(peak, ring_peak(&series->rings[t], index, since_ns));
    return peak;
}

void wtfcb_profiler_series_figures(const wtfcb_profiler_series *series, wtfcb_profile_metric *row)
{
    uint32_t index = row->id - 1;
    const gathered *all = &series->all[index];
    row->first = row->last = row->minimum = row->maximum = row->mean = WTFCB_UNKNOWN;
    if (!all->any) return;
    row->minimum = all->minimum;
    row->maximum = all->maximum;
    if (is_gauge(index)) {
        row->first = series->first[index];
        row->last = series->known[index];
        row->mean = mean_of(all);
    } else {
        row->first = 0;
        row->last = all->sum;
        row->mean = (uint64_t)((double)all->sum * 1e9 / all->weight + 0.5);
    }
}

static bool copy_columns(const row_ring *ring, uint32_t index, uint64_t count, wtfcb_profiler_tier *into,
                         wtfcb_profile *profile)
{
    for (uint32_t s = 0; s < statistics_of(ring, index); s++) {
        uint64_t *values = wtfcb_profiler_profile_rows(profile, count, sizeof *values);
        if (!values) return false;
        for (uint32_t r = 0; r < ring->count; r++)
            values[r] = get(ring, index, s, (ring->first + r) % ring->capacity);
        if (ring->open) values[ring->count] = statistic_of(&ring->gathered[index], index, s);
        into->values[index][s] = values;
    }
    if (is_gauge(index) && ring->width == 0) /* of a moment all three are the same */
        into->values[index][1] = into->values[index][2] = into->values[index][0];
    return true;
}

bool wtfcb_profiler_series_tier(const wtfcb_profiler_series *series, uint32_t tier, uint64_t interval_ns,
                                wtfcb_profile *profile)
{
    const row_ring *ring = &series->rings[tier];
    uint64_t count = ring->count + (ring->open ? 1 : 0);
    uint64_t *times = wtfcb_profiler_profile_rows(profile, count, sizeof *times);
    if (!times) return false;
    for (uint32_t r = 0; r < ring->count; r++)
        times[r] = *time_of(ring, (ring->first + r) % ring->capacity);
    if (ring->open) times[ring->count] = series->time;
    profile->tiers[tier] = (wtfcb_profiler_tier){
        .interval_ns = ring->width > interval_ns ? ring->width : interval_ns,
        .start_ns = ring->start,
        .count = count,
        .dropped = ring->dropped,
        .times = times,
    };
    for (uint32_t i = 0; i < WTFCB_PROFILER_METRICS; i++)
        if (series->available >> i & 1 && !copy_columns(ring, i, count, &profile->tiers[tier], profile)) return false;
    return true;
}

uint64_t wtfcb_profiler_series_count(const wtfcb_profiler_series *series)
{
    return series->samples;
}

uint64_t wtfcb_profiler_series_dropped(const wtfcb_profiler_series *series)
{
    return series->rings[WTFCB_TIER_SAMPLES].dropped;
}
