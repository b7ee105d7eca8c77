/*
 * Lists of paths as callers give them: cleaned, in path order, each once.
 */
#ifndef WTFCB_SCANNER_PATHS_H
#define WTFCB_SCANNER_PATHS_H

#include <stdbool.h>
#include <stddef.h>

#include <wtfcb/status.h>

#include "base/arena.h"

typedef struct wtfcb_scanner_path {
    const char *disk_path; /* to open it by */
    const char *row_path;  /* cleaned: "" for the base directory itself */
} wtfcb_scanner_path;

typedef struct wtfcb_scanner_paths {
    const wtfcb_allocator *allocator; /* borrowed */
    wtfcb_base_arena strings;
    wtfcb_scanner_path *items;
    size_t count;
    size_t capacity;
} wtfcb_scanner_paths;

void wtfcb_scanner_paths_init(wtfcb_scanner_paths *paths, const wtfcb_allocator *allocator);
void wtfcb_scanner_paths_free(wtfcb_scanner_paths *paths);

/*
 * Clean a list ("./", "//" and a slash at the end go), sort it, drop what is listed twice. WTFCB_OK or WTFCB_ENOMEM.
 */
wtfcb_status wtfcb_scanner_paths_make(wtfcb_scanner_paths *paths, const char *const *given, size_t count);

/* Sort items anew, and drop what is there twice. */
void wtfcb_scanner_paths_sort(wtfcb_scanner_paths *paths);

/* The part of a path behind its last slash, trailing slashes aside: into the same string. */
const char *wtfcb_scanner_base_name(const char *path);

#endif
