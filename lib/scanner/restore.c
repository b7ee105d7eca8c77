/*
 * The snapshot that a cache remembers of a tree, put together from the records of its directories without a look at the tree.
 *
 * Directories are visited depth first, in the order of their entries, which is path order; where they go on is kept in a
 * list, so that the depth of the tree is bounded by memory alone.
 */
#include "scanner/scan.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "cache/cache.h"
#include "lang/hints.h"
#include "scanner/recall_key.h"

/* A directory on the way, and where to go on in it. */
typedef struct level {
    wtfcb_scanner_dir_view view;
    const char *path; /* below the root; "" for the root */
    size_t length;
    uint32_t next;
} level;

typedef struct restoring {
    wtfcb_scanner_run *run;
    wtfcb_scanner_recall_worker *worker;
    const char *absolute; /* of the root */
    level *levels;
    size_t depth;
    size_t capacity;
} restoring;

static wtfcb_status take_view(restoring *r, const char *path, size_t length, wtfcb_scanner_dir_view *ret_view)
{
    wtfcb_base_buffer *text = &r->worker->buffer;
    size_t root = strlen(r->absolute);
    wtfcb_base_buffer_reset(text);
    wtfcb_base_buffer_append(text, r->absolute, root);
    if (length > 0 && root > 1) wtfcb_base_buffer_append_byte(text, '/');
    wtfcb_base_buffer_append(text, path, length);
    if (text->failed) return WTFCB_ENOMEM;
    uint32_t hints = wtfcb_lang_hints_directory(path, length);
    wtfcb_cache_key key = wtfcb_scanner_directory_key(r->run->recall.selection, text->data, text->length, hints);
    return wtfcb_scanner_recall_read(r->worker, &key, ret_view);
}

/* Go into a directory. WTFCB_ENOTFOUND: nothing is remembered of it. */
static wtfcb_status enter(restoring *r, const char *path, size_t length)
{
    wtfcb_scanner_dir_view view;
    wtfcb_status status = take_view(r, path, length, &view);
    if (status != WTFCB_OK) return status;
    if (!wtfcb_base_reserve(&r->run->scanner->allocator, (void **)&r->levels, &r->capacity, r->depth + 1,
                            sizeof *r->levels))
        return WTFCB_ENOMEM;
    r->levels[r->depth++] = (level){.view = view, .path = path, .length = length};
    return WTFCB_OK;
}

/* The path of an entry, in the strings of the walk; NULL when memory has run out. */
static const char *make_path(restoring *r, const level *at, const wtfcb_scanner_dir_file *file, size_t *ret_length)
{
    size_t above = at->length ? at->length + 1 : 0;
    char *path = wtfcb_base_arena_bytes(&r->run->walk.strings, above + file->name_length + 1u);
    if (!path) return NULL;
    if (above) {
        memcpy(path, at->path, at->length);
        path[at->length] = '/';
    }
    memcpy(path + above, at->view.names + file->name, file->name_length + 1u);
    *ret_length = above + file->name_length;
    return path;
}

/* Lines of embedded parts, for a row that has no record to say them. */
static void count_parts(restoring *r, const wtfcb_scanner_dir_file *file)
{
    const wtfcb_scanner_dir_view *view = &r->levels[r->depth - 1].view;
    for (uint32_t i = 0; i < file->parts; i++) {
        const wtfcb_scanner_dir_part *part = &view->parts[file->first_part + i];
        wtfcb_scanner_codebase_count_part(r->run->codebase, part->language, part->code, part->comments, part->blanks,
                                          part->docs);
    }
}

static wtfcb_status add_row(restoring *r, const wtfcb_scanner_dir_file *file, const char *path, size_t length,
                            bool lost)
{
    wtfcb_scanner_row *row = wtfcb_scanner_walk_add_row(&r->run->walk);
    if (!row) return WTFCB_ENOMEM;
    wtfcb_scanner_dir_to_row(file, row);
    row->path = path;
    row->path_length = (uint32_t)length;
    row->origin = WTFCB_ORIGIN_UNCHANGED;
    if (lost) row->status = WTFCB_ENOTFOUND;
    if (!lost && !r->run->recall.rows) count_parts(r, file);
    if (lost || wtfcb_scanner_recall_fetch(r->worker, row)) return WTFCB_OK;
    row->status = WTFCB_ENOTFOUND; /* its facts have gone */
    row->symbols = row->imports = row->findings = 0;
    return WTFCB_OK;
}

static wtfcb_status step(restoring *r)
{
    level *at = &r->levels[r->depth - 1];
    if (at->next == at->view.head.files) {
        r->depth--;
        return WTFCB_OK;
    }
    const wtfcb_scanner_dir_file *file = &at->view.files[at->next++];
    if (file->flags & WTFCB_SCANNER_ROW_DROPPED) return WTFCB_OK;
    size_t length = 0;
    const char *path = make_path(r, at, file, &length);
    if (!path) return WTFCB_ENOMEM;
    if (!(file->flags & WTFCB_FILE_DIRECTORY)) return add_row(r, file, path, length, false);
    wtfcb_status status = enter(r, path, length);
    return status == WTFCB_ENOMEM ? status : status != WTFCB_OK ? add_row(r, file, path, length, true) : WTFCB_OK;
}

static wtfcb_status restore(wtfcb_scanner_run *run, const char *root, wtfcb_error *error)
{
    char absolute[PATH_MAX];
    if (!realpath(root, absolute))
        return wtfcb_base_error(error, WTFCB_ENOTFOUND, 0, root, "cannot restore %.300s: there is no such directory",
                                root);
    wtfcb_status status = wtfcb_scanner_run_recall(run);
    if (status != WTFCB_OK) return status;
    restoring r = {.run = run, .worker = &run->recall.workers[0], .absolute = absolute};
    status = enter(&r, "", 0);
    if (status != WTFCB_OK && status != WTFCB_ENOMEM)
        status = wtfcb_base_error(error, WTFCB_ENOTFOUND, 0, root,
                                  "nothing is remembered of %.300s with these options: scan it first", root);
    while (status == WTFCB_OK && r.depth > 0)
        status = step(&r);
    wtfcb_base_free(&run->scanner->allocator, r.levels, r.capacity * sizeof *r.levels);
    return wtfcb_scanner_run_explain_memory(run, status);
}

wtfcb_status wtfcb_scanner_restore(wtfcb_scanner *scanner, const char *root, wtfcb_codebase **ret_codebase,
                                   wtfcb_error *ret_error)
{
    wtfcb_status status = wtfcb_scanner_usable(scanner);
    if (status == WTFCB_OK && (!root || !ret_codebase)) status = WTFCB_EINVAL;
    if (status == WTFCB_OK && (!scanner->cache || scanner->values[WTFCB_SCANNER_DEPTH] == WTFCB_DEPTH_FILES))
        status = WTFCB_ENOTFOUND;
    if (status != WTFCB_OK)
        return wtfcb_base_error(ret_error, status, 0, root, "wtfcb_scanner_restore: %s", wtfcb_status_message(status));
    wtfcb_scanner_run run;
    status = wtfcb_scanner_run_begin(&run, scanner, root, ret_error);
    if (status == WTFCB_OK) status = restore(&run, root, ret_error);
    if (status == WTFCB_OK) {
        run.codebase->rooted = true;
        status = wtfcb_scanner_run_merge(&run);
    }
    if (status == WTFCB_OK) status = wtfcb_scanner_run_finish(&run, ret_codebase);
    wtfcb_scanner_run_end(&run);
    return status;
}
