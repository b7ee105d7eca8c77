/* Sets of paths, by binary search over their sorted list; see among.h. */
#include "scanner/among.h"

#include <string.h>

#include "scanner/ignore.h"

/* Compare the first bytes of a path with a whole member. */
static int compare(const char *member, const char *path, size_t length)
{
    int order = strncmp(member, path, length);
    return order != 0 ? order : member[length] != '\0';
}

/* The first member that is not less than the path. */
static size_t lower_bound(const wtfcb_scanner_among *among, const char *path, size_t length)
{
    size_t low = 0, high = among->paths.count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare(among->paths.items[middle].row_path, path, length) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool is_member(const wtfcb_scanner_among *among, const char *path, size_t length)
{
    size_t at = lower_bound(among, path, length);
    return at < among->paths.count && compare(among->paths.items[at].row_path, path, length) == 0;
}

bool wtfcb_scanner_among_covers(const wtfcb_scanner_among *among, const char *path, size_t length)
{
    if (among->all || is_member(among, path, length)) return true;
    for (size_t i = 1; i < length; i++)
        if (path[i] == '/' && is_member(among, path, i)) return true;
    return false;
}

/* Members below a path follow those that begin with it and go on with a byte below the slash. */
static bool leads(const wtfcb_scanner_among *among, const char *path, size_t length)
{
    for (size_t at = lower_bound(among, path, length); at < among->paths.count; at++) {
        const char *member = among->paths.items[at].row_path;
        if (strncmp(member, path, length) != 0 || (unsigned char)member[length] > '/') return false;
        if (member[length] == '/') return true;
    }
    return false;
}

bool wtfcb_scanner_among_wants(const wtfcb_scanner_among *among, const char *path, size_t length)
{
    return wtfcb_scanner_among_covers(among, path, length) || leads(among, path, length);
}

static bool has_parent_component(const char *path)
{
    for (const char *at = path; *at;) {
        size_t length = strcspn(at, "/");
        if (length == 2 && at[0] == '.' && at[1] == '.') return true;
        at += length + (at[length] == '/');
    }
    return false;
}

/* Where the name of a repository's own directory begins in a path to one of its files that rules come from; or the end of the path. */
static size_t find_repository(const char *path, size_t length)
{
    static const char *const files[] = {".git/info/exclude", ".git/info", ".git/config", ".git/config.worktree",
                                        ".git/commondir"};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        size_t tail = strlen(files[i]);
        if (length >= tail && strcmp(path + length - tail, files[i]) == 0 &&
            (length == tail || path[length - tail - 1] == '/'))
            return length - tail;
    }
    return length;
}

/* Cut a clean path that holds rules down to the directory they hold for. */
static void cut_rules(char *path)
{
    size_t length = strlen(path), at = find_repository(path, length);
    if (at < length) {
        path[at > 0 ? at - 1 : 0] = '\0';
        return;
    }
    char *slash = strrchr(path, '/');
    char *name = slash ? slash + 1 : path;
    if (wtfcb_scanner_ignore_flag_of(name, strlen(name)) != 0) *(slash ? slash : path) = '\0';
}

wtfcb_status wtfcb_scanner_among_make(wtfcb_scanner_among *among, const wtfcb_allocator *allocator,
                                      const char *const *given, size_t count)
{
    *among = (wtfcb_scanner_among){.all = false};
    wtfcb_scanner_paths_init(&among->paths, allocator);
    for (size_t i = 0; i < count; i++)
        if (!given[i] || given[i][0] == '\0' || given[i][0] == '/' || has_parent_component(given[i]))
            return WTFCB_EINVAL;
    wtfcb_status status = wtfcb_scanner_paths_make(&among->paths, given, count);
    if (status != WTFCB_OK) return status;
    wtfcb_scanner_paths *paths = &among->paths;
    for (size_t i = 0; i < paths->count; i++) {
        cut_rules((char *)paths->items[i].row_path); /* in this list's arena */
        among->all = among->all || paths->items[i].row_path[0] == '\0';
    }
    wtfcb_scanner_paths_sort(paths);
    return WTFCB_OK;
}

void wtfcb_scanner_among_free(wtfcb_scanner_among *among)
{
    wtfcb_scanner_paths_free(&among->paths);
}
