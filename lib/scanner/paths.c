/*
 * Two orders are needed. To find what lies in what, paths are sorted with the slash below every other byte, which puts
 * all that is below a directory right behind it. To stream rows in order of whole paths, directories are then sorted as if
 * they ended in a slash. See paths.h.
 */
#include "scanner/paths.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
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

static int rank(unsigned char byte)
{
    return byte == '\0' ? 0 : byte == '/' ? 1 : byte + 1;
}

/* What lies below a path follows it at once. */
static int compare_nested(const void *left, const void *right)
{
    const unsigned char *a = (const void *)((const wtfcb_scanner_path *)left)->row_path;
    const unsigned char *b = (const void *)((const wtfcb_scanner_path *)right)->row_path;
    while (*a && *a == *b) {
        a++;
        b++;
    }
    return rank(*a) - rank(*b);
}

static int compare_paths(const void *left, const void *right)
{
    return strcmp(((const wtfcb_scanner_path *)left)->row_path, ((const wtfcb_scanner_path *)right)->row_path);
}

/* Whether a path goes up again somewhere. */
static bool climbs(const char *path)
{
    for (const char *at = path; at; at = strchr(at, '/')) {
        if (*at == '/') at++;
        if (at[0] == '.' && at[1] == '.' && (at[2] == '/' || at[2] == '\0')) return true;
    }
    return false;
}

/* Whether `path` is `above` or lies below it. What climbs may lie anywhere. */
static bool contains(const char *above, const char *path)
{
    size_t length = strlen(above);
    if (strncmp(above, path, length) != 0 || climbs(path + length)) return false;
    if (length == 0) return path[0] != '/';
    return path[length] == '\0' || path[length] == '/' || above[length - 1] == '/';
}

static void thin_out(wtfcb_scanner_paths *paths, bool names)
{
    if (paths->count == 0) return;
    qsort(paths->items, paths->count, sizeof *paths->items, compare_nested);
    size_t kept = 1;
    const char *above = paths->items[0].row_path; /* the last that others may lie in */
    for (size_t i = 1; i < paths->count; i++) {
        const char *path = paths->items[i].row_path;
        if (strcmp(paths->items[kept - 1].row_path, path) == 0 || (!names && contains(above, path))) continue;
        if (!climbs(path)) above = path;
        paths->items[kept++] = paths->items[i];
    }
    paths->count = kept;
}

static bool is_directory(int base, const char *path)
{
    wtfcb_base_file_signature signature;
    return wtfcb_base_file_stat(base, path, true, &signature) == 0 && signature.type == WTFCB_BASE_FILE_DIRECTORY;
}

/* Give directories a slash, sort, and take it away again; the strings have room for it. */
static void sort_as_rows(wtfcb_scanner_paths *paths, int base)
{
    for (size_t i = 0; i < paths->count; i++) {
        char *path = (char *)paths->items[i].row_path; /* ours */
        size_t length = strlen(path);
        if (length == 0 || path[length - 1] == '/' || !is_directory(base, paths->items[i].disk_path)) continue;
        path[length] = '/';
        path[length + 1] = '\0';
    }
    qsort(paths->items, paths->count, sizeof *paths->items, compare_paths);
    for (size_t i = 0; i < paths->count; i++) {
        char *path = (char *)paths->items[i].row_path;
        size_t length = strlen(path);
        if (length > 1 && path[length - 1] == '/') path[length - 1] = '\0';
    }
}

wtfcb_status wtfcb_scanner_paths_make(wtfcb_scanner_paths *paths, const char *base, const char *const *given,
                                      size_t count, bool names)
{
    for (size_t i = 0; i < count; i++) {
        char *cleaned = wtfcb_base_arena_bytes(&paths->strings, strlen(given[i]) + 2);
        if (!cleaned || !wtfcb_base_reserve(paths->allocator, (void **)&paths->items, &paths->capacity,
                                            paths->count + 1, sizeof *paths->items))
            return WTFCB_ENOMEM;
        clean(given[i], cleaned);
        paths->items[paths->count++] = (wtfcb_scanner_path){given[i], cleaned};
    }
    thin_out(paths, names);
    if (names) {
        if (paths->count > 0) qsort(paths->items, paths->count, sizeof *paths->items, compare_paths);
        return WTFCB_OK;
    }
    int fd = base ? wtfcb_base_dir_open(AT_FDCWD, base, true) : AT_FDCWD;
    sort_as_rows(paths, fd);
    if (fd >= 0) (void)close(fd);
    return WTFCB_OK;
}
