/*
 * The walk's way down to a path, remembered by directory. A directory is recorded once it has been entered or found to
 * be ignored; what lies below an ignored one is never looked at, as in a walk.
 */
#include "scanner/ignore_lookup.h"

#include <assert.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/map.h"
#include "base/memory.h"
#include "scanner/ignore_set.h"

typedef struct place {
    const wtfcb_scanner_ignore_node *node;
    bool ignored;
    bool closed; /* nothing in or below it is opened */
    wtfcb_scanner_ignore_reason reason;
} place;

struct wtfcb_scanner_ignore_lookup {
    wtfcb_scanner_ignore *set;
    int dirfd;
    wtfcb_base_map numbers; /* directory path -> number of its place */
    place *places;          /* the root's first */
    size_t count;
    size_t capacity;
    wtfcb_base_arena arena; /* of the keys */
};

/* Record a place under a path that is not yet known. */
static wtfcb_status record(wtfcb_scanner_ignore_lookup *lookup, const char *path, size_t length, const place *what)
{
    if (!wtfcb_base_reserve(&lookup->set->allocator, (void **)&lookup->places, &lookup->capacity, lookup->count + 1,
                            sizeof *lookup->places))
        return WTFCB_ENOMEM;
    char *key = wtfcb_base_arena_string(&lookup->arena, path, length);
    if (!key || !wtfcb_base_map_put(&lookup->numbers, key, length, (uint32_t)lookup->count)) return WTFCB_ENOMEM;
    lookup->places[lookup->count++] = *what;
    return WTFCB_OK;
}

/* Enter a directory that is not ignored: load what it holds into `what`, which starts as a copy of its parent. */
static wtfcb_status enter(wtfcb_scanner_ignore_lookup *lookup, const char *path, size_t length, place *what)
{
    if (what->closed) return WTFCB_OK;
    char *name = wtfcb_base_alloc(&lookup->set->allocator, length + 2);
    if (!name) return WTFCB_ENOMEM;
    memcpy(name, length > 0 ? path : ".", length > 0 ? length : 1);
    name[length > 0 ? length : 1] = '\0';
    const int fd = wtfcb_base_dir_open(lookup->dirfd, name, false);
    wtfcb_base_free(&lookup->set->allocator, name, length + 2);
    what->closed = fd < 0;
    if (fd < 0) return WTFCB_OK;
    const wtfcb_status status = wtfcb_scanner_ignore_enter(lookup->set, what->node, fd, path, length,
                                                           WTFCB_SCANNER_IGNORE_HAS_UNKNOWN, &what->node, NULL);
    (void)close(fd);
    return status;
}

wtfcb_status wtfcb_scanner_ignore_lookup_new(wtfcb_scanner_ignore *set, const wtfcb_scanner_ignore_node *base,
                                             int dirfd, wtfcb_scanner_ignore_lookup **ret_lookup)
{
    wtfcb_scanner_ignore_lookup *lookup = wtfcb_base_calloc(&set->allocator, 1, sizeof *lookup);
    if (!lookup) return WTFCB_ENOMEM;
    lookup->set = set;
    lookup->dirfd = dirfd;
    wtfcb_base_map_init(&lookup->numbers, &set->allocator);
    wtfcb_base_arena_init(&lookup->arena, &set->allocator);
    place root = {.node = base};
    wtfcb_status status = enter(lookup, "", 0, &root);
    if (status == WTFCB_OK) status = record(lookup, "", 0, &root);
    if (status == WTFCB_OK)
        *ret_lookup = lookup;
    else
        wtfcb_scanner_ignore_lookup_free(lookup);
    return status;
}

void wtfcb_scanner_ignore_lookup_free(wtfcb_scanner_ignore_lookup *lookup)
{
    if (!lookup) return;
    wtfcb_base_map_free(&lookup->numbers);
    wtfcb_base_arena_free(&lookup->arena);
    wtfcb_base_free(&lookup->set->allocator, lookup->places, lookup->capacity * sizeof *lookup->places);
    wtfcb_base_free(&lookup->set->allocator, lookup, sizeof *lookup);
}

wtfcb_status wtfcb_scanner_ignore_lookup_path(wtfcb_scanner_ignore_lookup *lookup, const char *path, size_t length,
                                              bool directory, wtfcb_scanner_ignore_verdict *ret_verdict,
                                              wtfcb_scanner_ignore_reason *ret_reason)
{
    assert(length > 0 && path[0] != '/' && path[length - 1] != '/');
    place at = lookup->places[0];
    size_t name = 0;
    const char *slash;
    while (!at.ignored && (slash = memchr(path + name, '/', length - name)) != NULL) {
        const size_t end = (size_t)(slash - path);
        const uint32_t number = wtfcb_base_map_get(&lookup->numbers, path, end);
        if (number != WTFCB_BASE_MAP_NONE) {
            at = lookup->places[number];
        } else {
            wtfcb_status status = WTFCB_OK;
            at.ignored =
                wtfcb_scanner_ignore_match(at.node, path, end, name, true, &at.reason) == WTFCB_SCANNER_IGNORE_IGNORED;
            if (!at.ignored) status = enter(lookup, path, end, &at);
            if (status == WTFCB_OK) status = record(lookup, path, end, &at);
            if (status != WTFCB_OK) return status;
        }
        name = end + 1;
    }
    if (at.ignored) {
        *ret_verdict = WTFCB_SCANNER_IGNORE_IGNORED;
        if (ret_reason) *ret_reason = at.reason;
    } else {
        *ret_verdict = wtfcb_scanner_ignore_match(at.node, path, length, name, directory, ret_reason);
    }
    return WTFCB_OK;
}
