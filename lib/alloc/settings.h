/* What WTFCB_ALLOC says: sampled|full[,rate=BYTES][,folder=DIR|,file=PATH][,seed=N]. */
#ifndef WTFCB_ALLOC_SETTINGS_H
#define WTFCB_ALLOC_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WTFCB_ALLOC_RATE UINT64_C(524288)
#define WTFCB_ALLOC_RATE_MOST (UINT64_C(1) << 40) /* a weight fits its counter */

typedef struct wtfcb_alloc_settings {
    uint32_t mode; /* WTFCB_ALLOC_MODE_* */
    uint64_t rate;
    uint64_t seed;      /* 0: one of its own */
    const char *folder; /* in the text, not terminated; NULL: not given */
    size_t folder_length;
    const char *file; /* likewise; %p stands for the process id */
    size_t file_length;
} wtfcb_alloc_settings;

/* True, or the part of the text that is no good. The settings point into the text. */
bool wtfcb_alloc_settings_parse(const char *text, wtfcb_alloc_settings *ret_settings, const char **ret_bad,
                                size_t *ret_bad_length);

/*
 * Path of the file of a process, the `attempt`th for it: those after the first have a number. `ret_replace`: a file of this name makes way, unless its process is another
 * that still runs. False: too long, or enough attempts.
 */
bool wtfcb_alloc_settings_path(const wtfcb_alloc_settings *settings, uint64_t process, uint32_t attempt, char *into,
                               size_t size, bool *ret_replace);

#endif
