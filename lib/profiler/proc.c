/* Texts of /proc; see proc.h. */
#include "profiler/proc.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

bool wtfcb_profiler_proc_number(const char **text, uint64_t *ret_number)
{
    const char *at = *text;
    while (*at == ' ' || *at == '\t')
        at++;
    const char *first = at;
    uint64_t number = 0;
    for (; *at >= '0' && *at <= '9'; at++) {
        if (__builtin_mul_overflow(number, 10u, &number) ||
            __builtin_add_overflow(number, (uint64_t)(*at - '0'), &number) || number > UINT64_MAX - 1)
            number = UINT64_MAX - 1;
    }
    if (at == first || *at == '\0') return false;
    *text = at;
    *ret_number = number;
    return true;
}

/* Behind the blank that ends the word at `at`; NULL if the text ends first. */
static const char *next_word(const char *at)
{
    while (*at != '\0' && *at != ' ')
        at++;
    return *at == ' ' ? at + 1 : NULL;
}

static uint64_t sum(uint64_t a, uint64_t b)
{
    uint64_t all;
    return __builtin_add_overflow(a, b, &all) || all == UINT64_MAX ? UINT64_MAX - 1 : all;
}

/* The name stands in parentheses and may hold parentheses and blanks itself: what counts begins behind the last one. */
bool wtfcb_profiler_proc_stat(const char *text, wtfcb_profiler_stat *ret_stat)
{
    enum { PARENT = 4, MINOR = 10, MAJOR = 12, USER = 14, SYSTEM, REAPED_USER, REAPED_SYSTEM, THREADS = 20 };
    enum { START = 22, RESIDENT = 24, FIELDS };
    const char *at = strrchr(text, ')');
    if (!at || at[1] != ' ' || at[2] == '\0' || at[3] != ' ') return false;
    uint64_t fields[FIELDS] = {0};
    char state = at[2];
    at += 4;
    for (int i = PARENT; i < FIELDS; i++) {
        const char *end = at;
        bool number = wtfcb_profiler_proc_number(&end, &fields[i]);
        if (!number && *at != '-') return false; /* some are negative, none of ours */
        if (i + 1 < FIELDS && !(at = next_word(at))) return false;
    }
    *ret_stat = (wtfcb_profiler_stat){
        .state = state,
        .parent = fields[PARENT],
        .minor_faults = fields[MINOR],
        .reaped_minor_faults = fields[MINOR + 1],
        .major_faults = fields[MAJOR],
        .reaped_major_faults = fields[MAJOR + 1],
        .ticks = sum(fields[USER], fields[SYSTEM]),
        .reaped_ticks = sum(fields[REAPED_USER], fields[REAPED_SYSTEM]),
        .threads = fields[THREADS],
        .start = fields[START],
        .resident = fields[RESIDENT],
    };
    return true;
}

bool wtfcb_profiler_proc_resident(const char *text, uint64_t *ret_pages)
{
    uint64_t all;
    return wtfcb_profiler_proc_number(&text, &all) && wtfcb_profiler_proc_number(&text, ret_pages);
}

bool wtfcb_profiler_proc_field(const char *text, const char *key, uint64_t *ret_number)
{
    size_t length = strlen(key);
    for (const char *line = text; line; line = strchr(line, '\n')) {
        if (*line == '\n') line++;
        if (strncmp(line, key, length) != 0) continue;
        const char *at = line + length;
        if (*at == ':') at++;
        if (*at == ' ' || *at == '\t') return wtfcb_profiler_proc_number(&at, ret_number);
    }
    return false;
}

bool wtfcb_profiler_proc_pressure(const char *text, uint64_t *ret_us)
{
    static const char total[] = " total=";
    for (const char *line = text; line; line = strchr(line, '\n')) {
        if (*line == '\n') line++;
        if (strncmp(line, "some ", 5) != 0) continue;
        const char *end = strchr(line, '\n');
        const char *at = strstr(line, total);
        if (!at || !end || at > end) return false;
        at += sizeof total - 1;
        return *at >= '0' && *at <= '9' && wtfcb_profiler_proc_number(&at, ret_us);
    }
    return false;
}

int wtfcb_profiler_proc_read(int fd, char *text, size_t size)
{
    ssize_t got = pread(fd, text, size - 1, 0);
    if (got < 0) return errno;
    text[got] = '\0';
    return got > 0 ? 0 : ENODATA;
}

int wtfcb_profiler_proc_load(const char *path, char *text, size_t size)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0) return errno;
    int failed = wtfcb_profiler_proc_read(fd, text, size);
    (void)close(fd);
    return failed;
}
