/* See settings.h. */
#include "alloc/settings.h"

#include <stdio.h>
#include <string.h>

#include "alloc/region.h"

enum {
    DIGITS = 19, /* of a number that fits for certain */
    ATTEMPTS = 1000,
};

static bool is(const char *text, size_t length, const char *word)
{
    return length == strlen(word) && memcmp(text, word, length) == 0;
}

static bool starts(const char *text, size_t length, const char *word)
{
    return length > strlen(word) && memcmp(text, word, strlen(word)) == 0;
}

static bool read_number(const char *text, size_t length, uint64_t *ret_number)
{
    uint64_t number = 0;
    if (length == 0 || length > DIGITS) return false;
    for (size_t i = 0; i < length; i++) {
        if (text[i] < '0' || text[i] > '9') return false;
        number = number * 10 + (uint64_t)(text[i] - '0');
    }
    *ret_number = number;
    return true;
}

static bool parse_part(const char *text, size_t length, bool first, wtfcb_alloc_settings *s)
{
    if (first && is(text, length, "sampled")) {
        s->mode = WTFCB_ALLOC_MODE_SAMPLED;
        return true;
    }
    if (first && is(text, length, "full")) {
        s->mode = WTFCB_ALLOC_MODE_FULL;
        return true;
    }
    if (first) return false;
    if (starts(text, length, "rate="))
        return read_number(text + 5, length - 5, &s->rate) && s->rate > 0 && s->rate <= WTFCB_ALLOC_RATE_MOST;
    if (starts(text, length, "seed=")) return read_number(text + 5, length - 5, &s->seed);
    if (starts(text, length, "folder=") && !s->file) {
        s->folder = text + 7;
        s->folder_length = length - 7;
        return true;
    }
    if (starts(text, length, "file=") && !s->folder) {
        s->file = text + 5;
        s->file_length = length - 5;
        return true;
    }
    return false;
}

bool wtfcb_alloc_settings_parse(const char *text, wtfcb_alloc_settings *ret_settings, const char **ret_bad,
                                size_t *ret_bad_length)
{
    *ret_settings = (wtfcb_alloc_settings){.rate = WTFCB_ALLOC_RATE};
    for (bool first = true;; first = false) {
        size_t length = strcspn(text, ",");
        if (!parse_part(text, length, first, ret_settings)) {
            *ret_bad = text;
            *ret_bad_length = length;
            return false;
        }
        if (text[length] == 0) break;
        text += length + 1;
    }
    if (ret_settings->mode == WTFCB_ALLOC_MODE_FULL) ret_settings->rate = 0;
    return true;
}

typedef struct writing {
    char *into;
    size_t size;
    size_t at;
    bool bad;
} writing;

static void add(writing *out, const char *text, size_t length)
{
    if (length >= out->size - out->at) {
        out->bad = true;
        return;
    }
    memcpy(out->into + out->at, text, length);
    out->at += length;
    out->into[out->at] = 0;
}

static void add_number(writing *out, uint64_t number)
{
    char digits[24];
    int length = snprintf(digits, sizeof digits, "%llu", (unsigned long long)number);
    add(out, digits, (size_t)length);
}

static void add_dotted(writing *out, uint64_t number)
{
    add(out, ".", 1);
    add_number(out, number);
}

/* True if the process id was in it. */
static bool add_pattern(writing *out, const char *text, size_t length, uint64_t process)
{
    bool named = false;
    for (size_t i = 0; i < length; i++) {
        if (text[i] == '%' && i + 1 < length && text[i + 1] == 'p') {
            add_number(out, process);
            named = true;
            i++;
        } else {
            add(out, text + i, 1);
        }
    }
    return named;
}

/* NOLINTNEXTLINE(readability-non-const-parameter): it is written to by way of `out` */
bool wtfcb_alloc_settings_path(const wtfcb_alloc_settings *settings, uint64_t process, uint32_t attempt, char *into,
                               size_t size, bool *ret_replace)
{
    writing out = {.into = into, .size = size};
    if (attempt >= ATTEMPTS) return false;
    *ret_replace = false;
    if (settings->file) {
        bool named = add_pattern(&out, settings->file, settings->file_length, process);
        if (attempt > 0 && !named) add_dotted(&out, process);
        if (attempt > 1 || (attempt == 1 && named)) add_dotted(&out, attempt + 1);
        *ret_replace = attempt == 0;
        return !out.bad;
    }
    if (settings->folder) {
        add(&out, settings->folder, settings->folder_length);
        add(&out, "/", 1);
        add_number(&out, process);
        if (attempt > 0) add_dotted(&out, attempt + 1);
        add(&out, ".wtfcb-alloc", strlen(".wtfcb-alloc"));
        return !out.bad;
    }
    add(&out, "wtfcb-alloc.", strlen("wtfcb-alloc."));
    add_number(&out, process);
    if (attempt > 0) add_dotted(&out, attempt + 1);
    return !out.bad;
}
