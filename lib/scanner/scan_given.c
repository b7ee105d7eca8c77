/* The entrances to a scan: a tree, a list, a text in memory. What they check and add; the rest is scan.c's. */
#include "scanner/scan.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "scanner/paths.h"

wtfcb_status wtfcb_scanner_scan(wtfcb_scanner *scanner, const char *root, wtfcb_codebase **ret_codebase,
                                wtfcb_error *ret_error)
{
    wtfcb_status status = wtfcb_scanner_usable(scanner);
    if (status == WTFCB_OK && (!root || !ret_codebase)) status = WTFCB_EINVAL;
    if (status != WTFCB_OK)
        return wtfcb_base_error(ret_error, status, 0, root, "wtfcb_scanner_scan: %s", wtfcb_status_message(status));
    wtfcb_scanner_run s;
    status = wtfcb_scanner_run_begin(&s, scanner, root, ret_error);
    s.settings.read = NULL; /* serves lists alone */
    if (status == WTFCB_OK) status = wtfcb_scanner_run_add_root(&s, root);
    if (status == WTFCB_OK) status = wtfcb_scanner_run_work(&s);
    if (status == WTFCB_OK) status = wtfcb_scanner_run_finish(&s, ret_codebase);
    wtfcb_scanner_run_end(&s);
    return status;
}

wtfcb_status wtfcb_scanner_scan_path(wtfcb_scanner *scanner, const char *root, wtfcb_scanner_only *only,
                                     wtfcb_codebase **ret_codebase, wtfcb_error *ret_error)
{
    wtfcb_scanner_run s;
    wtfcb_status status = wtfcb_scanner_run_begin(&s, scanner, root, ret_error);
    s.only = only;
    s.settings.read = NULL;
    if (status == WTFCB_OK) status = wtfcb_scanner_run_add_root(&s, root);
    if (status == WTFCB_OK && s.root_is_file)
        status = wtfcb_base_error(ret_error, WTFCB_EINVAL, 0, root, "%.300s is no directory", root);
    if (status == WTFCB_OK) status = wtfcb_scanner_run_work(&s);
    if (status == WTFCB_OK) status = wtfcb_scanner_run_finish(&s, ret_codebase);
    if (status == WTFCB_OK && !wtfcb_scanner_only_keep(only, &(*ret_codebase)->strings)) {
        wtfcb_codebase_free(*ret_codebase);
        *ret_codebase = NULL;
        status = wtfcb_scanner_run_explain_memory(&s, WTFCB_ENOMEM);
    }
    wtfcb_scanner_run_end(&s);
    return status;
}

/* A row for a path that is only a name: a reader's or a buffer's. */
static wtfcb_status add_named_row(wtfcb_scanner_run *s, const char *path)
{
    wtfcb_scanner_walk_options options = wtfcb_scanner_run_walk_options(s);
    size_t length = strlen(path);
    if (length > UINT32_MAX) return wtfcb_base_error(s->error, WTFCB_EINVAL, 0, path, "the path is too long");
    char *copy = wtfcb_base_arena_string(&s->walk.strings, path, length);
    wtfcb_scanner_row *row = copy ? wtfcb_scanner_walk_add_row(&s->walk) : NULL;
    if (!row) return wtfcb_scanner_run_explain_memory(s, WTFCB_ENOMEM);
    row->path = copy;
    row->path_length = (uint32_t)length;
    row->flags = WTFCB_FILE_NAMED;
    bool taken = true;
    wtfcb_status status = wtfcb_scanner_walk_recognise(&s->walk, &options, row, &taken);
    if (!taken) s->walk.row_count--;
    return wtfcb_scanner_run_explain_memory(s, status);
}

/* Listed paths that the caller's reader stands behind: rows without a walk. */
static wtfcb_status add_named_rows(wtfcb_scanner_run *s, const wtfcb_scanner_paths *paths)
{
    wtfcb_status status = WTFCB_OK;
    for (size_t i = 0; i < paths->count && status == WTFCB_OK; i++) {
        const char *path = paths->items[i].row_path;
        if (*path)
            status = add_named_row(s, path);
        else
            status = wtfcb_base_error(s->error, WTFCB_EINVAL, 0, ".", "a directory cannot be read by a reader");
    }
    return status;
}

static wtfcb_status add_roots(wtfcb_scanner_run *s, const char *base, const wtfcb_scanner_paths *paths)
{
    if (base) {
        s->walk.base = wtfcb_base_dir_open(AT_FDCWD, base, true);
        if (s->walk.base < 0)
            return wtfcb_base_error(s->error, wtfcb_base_status_of_errno(errno), errno, base, "cannot open %.300s: %s",
                                    base, strerror(errno));
    }
    wtfcb_status status = base ? wtfcb_scanner_walk_set_base(&s->walk, base) : WTFCB_OK;
    for (size_t i = 0; i < paths->count && status == WTFCB_OK; i++)
        status = wtfcb_scanner_walk_add(&s->walk, paths->items[i].disk_path, paths->items[i].row_path);
    return wtfcb_scanner_run_explain_memory(s, status);
}

wtfcb_status wtfcb_scanner_scan_list(wtfcb_scanner *scanner, const char *base, const char *const *paths, size_t count,
                                     wtfcb_codebase **ret_codebase, wtfcb_error *ret_error)
{
    wtfcb_status status = wtfcb_scanner_usable(scanner);
    if (status == WTFCB_OK && (!ret_codebase || (count > 0 && !paths))) status = WTFCB_EINVAL;
    for (size_t i = 0; i < count && status == WTFCB_OK; i++)
        if (!paths[i] || paths[i][0] == '\0') status = WTFCB_EINVAL;
    if (status != WTFCB_OK)
        return wtfcb_base_error(ret_error, status, 0, base, "wtfcb_scanner_scan_list: %s",
                                wtfcb_status_message(status));
    wtfcb_scanner_run s;
    wtfcb_scanner_paths list;
    wtfcb_scanner_paths_init(&list, &scanner->allocator);
    status = wtfcb_scanner_run_begin(&s, scanner, "", ret_error);
    bool named = scanner->read != NULL;
    if (status == WTFCB_OK) status = wtfcb_scanner_paths_make(&list, paths, count);
    if (status == WTFCB_OK)
        status = named ? add_named_rows(&s, &list) : add_roots(&s, base, &list);
    else
        status = wtfcb_scanner_run_explain_memory(&s, status);
    if (status == WTFCB_OK) status = wtfcb_scanner_run_work(&s);
    if (status == WTFCB_OK) status = wtfcb_scanner_run_finish(&s, ret_codebase);
    wtfcb_scanner_paths_free(&list);
    wtfcb_scanner_run_end(&s);
    return status;
}

wtfcb_status wtfcb_scanner_scan_buffer(wtfcb_scanner *scanner, const char *path, const char *bytes, size_t length,
                                       wtfcb_codebase **ret_codebase, wtfcb_error *ret_error)
{
    wtfcb_status status = wtfcb_scanner_usable(scanner);
    if (status == WTFCB_OK && (!ret_codebase || !path || path[0] == '\0' || (length > 0 && !bytes)))
        status = WTFCB_EINVAL;
    if (status != WTFCB_OK)
        return wtfcb_base_error(ret_error, status, 0, path, "wtfcb_scanner_scan_buffer: %s",
                                wtfcb_status_message(status));
    wtfcb_scanner_run s;
    status = wtfcb_scanner_run_begin(&s, scanner, "", ret_error);
    if (status == WTFCB_OK) status = add_named_row(&s, path);
    if (status == WTFCB_OK) status = wtfcb_scanner_run_bytes(&s, bytes, length);
    if (status == WTFCB_OK) status = wtfcb_scanner_run_finish(&s, ret_codebase);
    wtfcb_scanner_run_end(&s);
    return status;
}
