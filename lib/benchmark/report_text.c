/* Texts, numbers and units; the sentences are in report_words.c. See report_text.h. */
#include "benchmark/report_text.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/json.h"

#define REPLACEMENT "\xef\xbf\xbd" /* U+FFFD */
#define HUGE_NUMBER 1e15           /* from here on a double counts in more than eighths */

/* -------------------------------------------------------------------------------------------------------------------- */
/* Characters */

/* The character at the beginning of a well-formed text, and its bytes. */
static uint32_t decode(const char *text, size_t *ret_bytes)
{
    const unsigned char *c = (const unsigned char *)text;
    size_t bytes = c[0] < 0x80 ? 1 : c[0] >= 0xf0 ? 4 : c[0] >= 0xe0 ? 3 : 2;
    uint32_t point = bytes == 1 ? c[0] : c[0] & (0x7fu >> bytes);
    for (size_t i = 1; i < bytes; i++)
        point = point << 6 | (c[i] & 0x3fu);
    *ret_bytes = bytes;
    return point;
}

static bool is_control(uint32_t point)
{
    return point < 0x20 || (point >= 0x7f && point < 0xa0) || point == 0x200e || point == 0x200f || point == 0x2028 ||
           point == 0x2029 || (point >= 0x202a && point <= 0x202e) || (point >= 0x2066 && point <= 0x2069);
}

/* The blocks of East Asian scripts and pictures that terminals draw two columns wide. */
static size_t columns_of(uint32_t point)
{
    static const struct {
        uint32_t first, last;
    } wide[] = {{0x1100, 0x115f},   {0x2e80, 0x303e},   {0x3041, 0xa4cf},  {0xac00, 0xd7a3},
                {0xf900, 0xfaff},   {0xfe30, 0xfe6f},   {0xff00, 0xff60},  {0xffe0, 0xffe6},
                {0x1f300, 0x1f64f}, {0x1f900, 0x1f9ff}, {0x20000, 0x3fffd}};
    for (size_t i = 0; i < sizeof wide / sizeof *wide; i++)
        if (point >= wide[i].first && point <= wide[i].last) return 2;
    return point >= 0x300 && point <= 0x36f ? 0 : 1;
}

size_t wtfcb_benchmark_width(const char *text, size_t length)
{
    size_t width = 0;
    for (size_t at = 0, bytes; at < length; at += bytes)
        width += columns_of(decode(text + at, &bytes));
    return width;
}

size_t wtfcb_benchmark_fit(const char *text, size_t width)
{
    size_t at = 0;
    size_t used = 0;
    while (text[at]) {
        size_t bytes;
        used += columns_of(decode(text + at, &bytes));
        if (used > width) break;
        at += bytes;
    }
    return at;
}

/* -------------------------------------------------------------------------------------------------------------------- */
/* Lines */

void wtfcb_benchmark_line_clear(wtfcb_benchmark_line *line)
{
    line->length = 0;
    line->text[0] = '\0';
}

static void put_bytes(wtfcb_benchmark_line *line, const char *bytes, size_t length)
{
    if (length >= sizeof line->text - line->length) return;
    memcpy(line->text + line->length, bytes, length);
    line->length += length;
    line->text[line->length] = '\0';
}

void wtfcb_benchmark_line_text(wtfcb_benchmark_line *line, const char *text)
{
    char clean[WTFCB_BENCHMARK_LINE];
    wtfcb_base_json_clean(clean, sizeof clean, text);
    for (size_t at = 0, bytes; clean[at]; at += bytes) {
        uint32_t point = decode(clean + at, &bytes);
        if (point == '\n' || point == '\t' || point == '\r')
            put_bytes(line, " ", 1);
        else if (is_control(point))
            put_bytes(line, REPLACEMENT, strlen(REPLACEMENT));
        else
            put_bytes(line, clean + at, bytes);
    }
}

void wtfcb_benchmark_line_number(wtfcb_benchmark_line *line, uint64_t number)
{
    char digits[32];
    size_t at = sizeof digits;
    for (uint32_t i = 0; i == 0 || number > 0; i++) {
        if (i > 0 && i % 3 == 0) digits[--at] = ',';
        digits[--at] = (char)('0' + number % 10);
        number /= 10;
    }
    put_bytes(line, digits + at, sizeof digits - at);
}

static void put_exponent(wtfcb_benchmark_line *line, double number)
{
    uint32_t exponent = 0;
    while (number >= 9.995) {
        number /= 10;
        exponent++;
    }
    wtfcb_benchmark_line_real(line, number, 2);
    put_bytes(line, "e+", 2);
    wtfcb_benchmark_line_number(line, exponent);
}

void wtfcb_benchmark_line_real(wtfcb_benchmark_line *line, double number, uint32_t digits)
{
    assert(digits <= 6);
    if (!isfinite(number)) {
        put_bytes(line, "?", 1);
        return;
    }
    uint64_t unit = 1;
    for (uint32_t i = 0; i < digits; i++)
        unit *= 10;
    double size = fabs(number);
    if (size >= HUGE_NUMBER / 1e3) digits = 0, unit = 1;
    bool zero = size < HUGE_NUMBER && (uint64_t)(size * (double)unit + 0.5) == 0;
    if (number < 0 && !zero) put_bytes(line, "-", 1);
    if (size >= HUGE_NUMBER) {
        put_exponent(line, size);
        return;
    }
    uint64_t scaled = (uint64_t)(size * (double)unit + 0.5);
    wtfcb_benchmark_line_number(line, scaled / unit);
    if (digits == 0) return;
    char fraction[8];
    fraction[0] = '.';
    scaled %= unit;
    for (uint32_t i = digits; i > 0; i--) {
        fraction[i] = (char)('0' + scaled % 10);
        scaled /= 10;
    }
    put_bytes(line, fraction, digits + 1);
}

void wtfcb_benchmark_line_percent(wtfcb_benchmark_line *line, double part, bool sign)
{
    if (sign && part > 0.0005) put_bytes(line, "+", 1);
    wtfcb_benchmark_line_real(line, part * 100, 1);
    put_bytes(line, " %", 2);
}

/* -------------------------------------------------------------------------------------------------------------------- */
/* Units */

typedef struct unit {
    const char *name;
    double size;
} unit;

static const unit times[] = {{"ns", 1}, {"\xc2\xb5s", 1e3}, {"ms", 1e6}, {"s", 1e9}};
static const unit sizes[] = {{"B", 1}, {"KiB", 0x1p10}, {"MiB", 0x1p20}, {"GiB", 0x1p30}, {"TiB", 0x1p40}};
static const unit size_rates[] = {
    {"B/s", 1}, {"KiB/s", 0x1p10}, {"MiB/s", 0x1p20}, {"GiB/s", 0x1p30}, {"TiB/s", 0x1p40}};
static const unit rates[] = {{"/s", 1}};
static const unit numbers[] = {{"", 1}};

static const struct {
    const char *kind;
    const unit *units;
    uint32_t count;
} kinds[] = {
    {"ns", times, 4}, {"bytes", sizes, 5}, {"bytes/s", size_rates, 5}, {"1/s", rates, 1}, {"", numbers, 1},
};

enum { KINDS = sizeof kinds / sizeof *kinds };

/* Index of a kind; one that there is not counts as a number. */
static size_t find_kind(const char *kind)
{
    size_t k = 0;
    while (k + 1 < KINDS && strcmp(kinds[k].kind, kind) != 0)
        k++;
    return k;
}

/* The largest unit that `number` has at least one of. */
static unit unit_of(const char *kind, double number)
{
    size_t k = find_kind(kind);
    uint32_t u = kinds[k].count - 1;
    while (u > 0 && number < kinds[k].units[u].size)
        u--;
    return kinds[k].units[u];
}

/* So many that `number` has three. A number that counts things has none. */
static uint32_t digits_of(const unit *u, double number)
{
    double size = number / u->size;
    bool whole = u->size <= 1 && strcmp(u->name, "/s") != 0 && !(size > 0 && size < 10 && size != floor(size));
    return whole || size >= 99.95 ? 0 : size >= 9.995 ? 1 : 2;
}

wtfcb_benchmark_scale wtfcb_benchmark_scale_of(const char *kind, double least, double most)
{
    unit u = unit_of(kind, least > 0 ? least : most);
    wtfcb_benchmark_scale scale = {
        .unit = u.name, .kind = kind, .size = u.size, .digits = digits_of(&u, least > 0 ? least : most)};
    if (most / u.size >= 1e5 && kinds[find_kind(kind)].count > 1) scale.unit = NULL;
    return scale;
}

void wtfcb_benchmark_line_figure(wtfcb_benchmark_line *line, const char *kind, double number)
{
    unit u = unit_of(kind, number);
    wtfcb_benchmark_line_real(line, number / u.size, digits_of(&u, number));
    if (*u.name && u.name[0] != '/') put_bytes(line, " ", 1);
    put_bytes(line, u.name, strlen(u.name));
}

void wtfcb_benchmark_line_scaled(wtfcb_benchmark_line *line, const wtfcb_benchmark_scale *scale, double number,
                                 bool with_unit)
{
    if (!scale->unit) {
        wtfcb_benchmark_line_figure(line, scale->kind, number);
        return;
    }
    wtfcb_benchmark_line_real(line, number / scale->size, scale->digits);
    if (!with_unit || !*scale->unit) return;
    put_bytes(line, " ", 1);
    put_bytes(line, scale->unit, strlen(scale->unit));
}

bool wtfcb_benchmark_span(const wtfcb_report *report, uint32_t from, uint32_t to, uint32_t measure, bool intervals,
                          double *ret_least, double *ret_most)
{
    bool any = false;
    for (uint32_t i = from; i < to; i++) {
        const wtfcb_report_figure *figure = &report->rows[i].figures[measure - 1];
        if (figure->count == 0) continue;
        double low = figure->median;
        double high = intervals ? figure->high : figure->median;
        if (!any || low < *ret_least) *ret_least = low;
        if (!any || high > *ret_most) *ret_most = high;
        any = true;
    }
    return any;
}
