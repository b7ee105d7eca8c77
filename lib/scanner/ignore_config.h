/*
 * What git's configuration files say about ignore rules: the one key core.excludesFile.
 */
#ifndef WTFCB_SCANNER_IGNORE_CONFIG_H
#define WTFCB_SCANNER_IGNORE_CONFIG_H

#include <stdbool.h>

#include <wtfcb/allocator.h>
#include <wtfcb/status.h>

#include "base/buffer.h"

/* Where the user's files are. Any member may be NULL: not known. All are borrowed from the environment. */
typedef struct wtfcb_scanner_ignore_environment {
    const char *home;            /* HOME */
    const char *xdg_config_home; /* XDG_CONFIG_HOME; NULL or "" stands for ~/.config */
    const char *global_config;   /* GIT_CONFIG_GLOBAL: instead of both of the user's files */
    const char *system_config;   /* GIT_CONFIG_SYSTEM, else /etc/gitconfig; NULL with GIT_CONFIG_NOSYSTEM */
} wtfcb_scanner_ignore_environment;

/* The process's environment; empty when it runs with more rights than its user. */
wtfcb_scanner_ignore_environment wtfcb_scanner_ignore_environment_of_process(void);

/*
 * Read a configuration file and what it includes ([include] path; conditional includes are not looked at), by a path
 * below `dirfd`. If the key is set, `*found` becomes true and `value` its value, with `~/` expanded; else both stay.
 * A value may be empty: git then has no such file. What cannot be read or is malformed counts as far as it goes.
 *
 * WTFCB_OK or WTFCB_ENOMEM.
 */
wtfcb_status wtfcb_scanner_ignore_config_read(const wtfcb_allocator *allocator, int dirfd, const char *path,
                                              const wtfcb_scanner_ignore_environment *environment,
                                              wtfcb_base_buffer *value, bool *found);

/*
 * core.excludesFile as the system's and the user's files have it, else its default, which need not exist. `value` ends
 * up NUL-terminated (the NUL is not counted), or empty for no file.
 */
wtfcb_status wtfcb_scanner_ignore_config_user(const wtfcb_allocator *allocator,
                                              const wtfcb_scanner_ignore_environment *environment,
                                              wtfcb_base_buffer *value);

#endif
