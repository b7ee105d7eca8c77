/*
 * A snapshot brought up to date by a list of changed paths: those are walked and examined as a scan would, and the
 * rest is taken over from the earlier snapshot, records and strings shared.
 */
#include "scanner/scan.h"

#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "scanner/among.h"
#include "scanner/recall_key.h"

/* Whether the snapshot is one that this scanner, as it is set, can go on from. */
static wtfcb_status check(const wtfcb_scanner *scanner, const wtfcb_codebase *before, wtfcb_error *error)
{
    const char *why = NULL;
    wtfcb_base_hash128 selection;
    if (!before->rooted)
        why = "the snapshot is not that of a directory";
    else if (scanner->languages != before->languages)
        why = "the snapshot was made with another table of languages";
    else if (!(before->keep & WTFCB_KEEP_FILES) ||
             before->keep != wtfcb_scanner_keeps((uint32_t)scanner->values[WTFCB_SCANNER_KEEP]))
        why = "the snapshot does not keep what the scanner is to keep, files at least";
    else if (before->stats.status != WTFCB_OK)
        why = "the snapshot was cut by a deadline, so that nobody knows what it lacks";
    if (why) return wtfcb_base_error(error, WTFCB_EINVAL, 0, before->root, "cannot rescan: %s", why);
    if (!wtfcb_scanner_digest_selection(scanner, wtfcb_scanner_digest_results(scanner), &selection))
        return wtfcb_base_error(error, WTFCB_ENOMEM, 0, before->root, "cannot rescan: out of memory");
    if (memcmp(&selection, &before->selection, sizeof selection) != 0)
        return wtfcb_base_error(error, WTFCB_EINVAL, 0, before->root,
                                "cannot rescan: the snapshot was made with other options");
    return WTFCB_OK;
}

/* Directories on the way that cannot be entered any more: nothing below them is known. */
static bool is_behind_failure(const wtfcb_scanner_run *run, const wtfcb_scanner_row *row)
{
    for (size_t i = 0; i < run->kept; i++) {
        const wtfcb_scanner_row *found = &run->walk.rows[i];
        if (found->flags & WTFCB_FILE_DIRECTORY && found->path_length < row->path_length &&
            row->path[found->path_length] == '/' && memcmp(found->path, row->path, found->path_length) == 0)
            return true;
    }
    return false;
}

static bool any_failed_directory(const wtfcb_scanner_run *run)
{
    for (size_t i = 0; i < run->kept; i++)
        if (run->walk.rows[i].flags & WTFCB_FILE_DIRECTORY) return true;
    return false;
}

static int compare_rows(const wtfcb_scanner_row *a, const wtfcb_scanner_row *b)
{
    size_t common = a->path_length < b->path_length ? a->path_length : b->path_length;
    int order = memcmp(a->path, b->path, common);
    return order != 0 ? order : (a->path_length > b->path_length) - (a->path_length < b->path_length);
}

/* The rows of both in path order: found ones as they are, old ones with a hold on their records. */
static size_t stitch(wtfcb_scanner_run *run, const wtfcb_codebase *before, wtfcb_codebase *gone,
                     wtfcb_scanner_row *into)
{
    bool failures = any_failed_directory(run);
    size_t count = 0, found = 0;
    for (size_t i = 0; i < before->row_count; i++) {
        const wtfcb_scanner_row *old = &before->rows[i];
        while (found < run->kept && compare_rows(&run->walk.rows[found], old) < 0)
            into[count++] = run->walk.rows[found++];
        bool same = found < run->kept && compare_rows(&run->walk.rows[found], old) == 0;
        if (same || wtfcb_scanner_among_covers(run->among, old->path, old->path_length) ||
            (failures && is_behind_failure(run, old))) {
            wtfcb_scanner_codebase_count(gone, old);
            continue;
        }
        into[count] = *old;
        (void)wtfcb_scanner_record_ref(old->record);
        into[count].origin = WTFCB_ORIGIN_UNCHANGED;
        into[count++].parse_ns = 0;
    }
    while (found < run->kept)
        into[count++] = run->walk.rows[found++];
    return count;
}

static wtfcb_status join(wtfcb_scanner_run *run, wtfcb_codebase *before, wtfcb_codebase **ret_codebase)
{
    const wtfcb_allocator *allocator = &run->scanner->allocator;
    wtfcb_codebase *gone = NULL;
    size_t capacity = before->row_count + run->kept + 1; /* never nothing */
    wtfcb_scanner_row *rows = wtfcb_base_calloc(allocator, capacity, sizeof *rows);
    wtfcb_status status = rows ? WTFCB_OK : WTFCB_ENOMEM;
    if (status == WTFCB_OK)
        status = wtfcb_scanner_codebase_new(allocator, before->languages, "", WTFCB_KEEP_TOTALS, &gone);
    if (status == WTFCB_OK) status = wtfcb_scanner_codebase_share(run->codebase, before);
    if (status != WTFCB_OK) {
        wtfcb_base_free(allocator, rows, capacity * sizeof *rows);
        wtfcb_codebase_free(gone);
        return status;
    }
    size_t count = stitch(run, before, gone, rows);
    run->codebase->stats.hits_unchanged = count - run->kept;
    wtfcb_scanner_codebase_add_finished(run->codebase, before);
    wtfcb_scanner_codebase_subtract(run->codebase, gone);
    wtfcb_codebase_free(gone);
    wtfcb_scanner_run_count(run);
    for (size_t i = 0; i < run->kept; i++)
        run->walk.rows[i].record = NULL; /* the new rows have their holds */
    status = wtfcb_scanner_codebase_finish(run->codebase, rows, count, capacity, &run->walk.strings);
    if (status != WTFCB_OK) return status; /* the rows are the snapshot's all the same */
    *ret_codebase = run->codebase;
    run->codebase = NULL;
    return WTFCB_OK;
}

wtfcb_status wtfcb_scanner_rescan(wtfcb_scanner *scanner, wtfcb_codebase *codebase, const char *const *paths,
                                  size_t count, wtfcb_codebase **ret_codebase, wtfcb_error *ret_error)
{
    wtfcb_status status = wtfcb_scanner_usable(scanner);
    if (status == WTFCB_OK && (!codebase || !ret_codebase || (count > 0 && !paths))) status = WTFCB_EINVAL;
    if (status != WTFCB_OK)
        return wtfcb_base_error(ret_error, status, 0, NULL, "wtfcb_scanner_rescan: %s", wtfcb_status_message(status));
    wtfcb_scanner_among among;
    status = wtfcb_scanner_among_make(&among, &scanner->allocator, paths, count);
    if (status != WTFCB_OK)
        status = wtfcb_base_error(ret_error, status, 0, codebase->root,
                                  "cannot rescan: a path is empty, absolute, or leads upwards");
    if (status == WTFCB_OK) status = wtfcb_scanner_need_languages(scanner);
    if (status == WTFCB_OK) status = check(scanner, codebase, ret_error);
    if (status == WTFCB_OK) {
        wtfcb_scanner_run run;
        status = wtfcb_scanner_run_begin(&run, scanner, codebase->root, ret_error);
        run.settings.read = NULL;
        run.among = &among;
        if (status == WTFCB_OK) status = wtfcb_scanner_run_add_root(&run, codebase->root);
        if (status == WTFCB_OK && run.root_is_file)
            status = wtfcb_base_error(ret_error, WTFCB_ECHANGED, 0, codebase->root, "%.300s is no directory any more",
                                      codebase->root);
        if (status == WTFCB_OK) status = wtfcb_scanner_run_work(&run);
        if (status == WTFCB_OK) status = wtfcb_scanner_run_explain_memory(&run, join(&run, codebase, ret_codebase));
        wtfcb_scanner_run_end(&run);
    }
    wtfcb_scanner_among_free(&among);
    return status;
}
