/* Cleaning, sorting and thinning out of lists; see paths.h. */
#include "scanner/paths.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

void wtfcb_scanner_paths_init(wtfcb_scanner_paths *paths, const wtfcb_allocator *allocator)
{
    *paths = (wtfcb_scanner_paths){.allocator = allocator};
    wtfcb_base_arena_init(&paths->strings, allocator);
}

void wtfcb_scanner_paths_free(wtfcb_scanner_paths *paths)
{
    wtfcb_base_free(paths->allocator, paths->items, paths->capacity * sizeof *paths->items);
    wtfcb_base_arena_free(&paths->strings);
}

const char *wtfcb_scanner_base_name(const char *path)
{
    const char *name = path;
    for (const char *at = path; *at; at++)
        if (*at == '/' && at[1] != '/' && at[1] != '\0') name = at + 1;
    return name;
}

/* Write the cleaned path: components without "." and empty ones; a leading slash stays. `into` has room for `path`. */
static void clean(const char *path, char *into)
{
    char *out = into;
    if (*path == '/') *out++ = '/';
    while (*path) {
        size_t length = strcspn(path, "/");
        if (length > 0 && !(length == 1 && *path == '.')) {
            if (out > into && out[-1] != '/') *out++ = '/';
            memcpy(out, path, length);
            out += length;
        }
        path += length + (path[length] == '/');
    }
    *out = '\0';
}

static int compare_paths(const void *left, const void *right)
{
    return strcmp(((const wtfcb_scanner_path *)left)->row_path, ((const wtfcb_scanner_path *)right)->row_path);
}

wtfcb_status wtfcb_scanner_paths_make(wtfcb_scanner_paths *paths, const char *const *given, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        char *cleaned = wtfcb_base_arena_bytes(&paths->strings, strlen(given[i]) + 1);
        if (!cleaned || !wtfcb_base_reserve(paths->allocator, (void **)&paths->items, &paths->capacity,
                                            paths->count + 1, sizeof *paths->items))
            return WTFCB_ENOMEM;
        clean(given[i], cleaned);
        paths->items[paths->count++] = (wtfcb_scanner_path){given[i], cleaned};
    }
    wtfcb_scanner_paths_sort(paths);
    return WTFCB_OK;
}

void wtfcb_scanner_paths_sort(wtfcb_scanner_paths *paths)
{
    if (paths->count == 0) return;
    qsort(paths->items, paths->count, sizeof *paths->items, compare_paths);
    size_t kept = 1;
    for (size_t i = 1; i < paths->count; i++)
        if (strcmp(paths->items[kept - 1].row_path, paths->items[i].row_path) != 0)
            paths->items[kept++] = paths->items[i];
    paths->count = kept;
}
