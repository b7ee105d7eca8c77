/* Why a scan would read a file that the cache might know: its directory's record, held against the file as it is. */
#include "scanner/scan.h"

#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/error.h"
#include "base/row.h"
#include "cache/cache.h"
#include "cache/place.h"
#include "cache/signature.h"
#include "lang/hints.h"
#include "scanner/recall_key.h"

/* A file's entry in the record of its directory, or NULL. */
static const wtfcb_scanner_dir_file *find(const wtfcb_scanner_dir_view *view, const char *name)
{
    for (uint32_t i = 0; i < view->head.files; i++)
        if (!(view->files[i].flags & WTFCB_FILE_DIRECTORY) && strcmp(view->names + view->files[i].name, name) == 0)
            return &view->files[i];
    return NULL;
}

static bool grammar_changed(wtfcb_scanner_recall *recall, const wtfcb_scanner_dir_view *view, uint16_t language)
{
    for (uint32_t i = 0; i < view->head.grammars; i++)
        if (view->grammars[i].language == language)
            return view->grammars[i].digest != wtfcb_scanner_digest_grammar(recall->languages, language, recall->cache);
    return false;
}

static uint32_t reason_of(wtfcb_scanner_recall *recall, const wtfcb_scanner_dir_view *view,
                          const wtfcb_scanner_dir_file *file, const char *path)
{
    wtfcb_base_file_signature signature;
    if (wtfcb_base_file_stat(AT_FDCWD, path, false, &signature) != 0) return WTFCB_MISS_CHANGED;
    if (!wtfcb_scanner_dir_signed(file, &signature) || signature.device != view->head.device) return WTFCB_MISS_CHANGED;
    if (grammar_changed(recall, view, file->language)) return WTFCB_MISS_VERSION;
    bool settled = wtfcb_cache_signature_settled(&signature, view->head.recorded_ns);
    return settled && !recall->always_verify ? WTFCB_MISS_NONE : WTFCB_MISS_UNTRUSTED;
}

/* The record of a directory, whichever root above it was scanned: what a path says of its files depends on where it begins. */
static bool read_record(wtfcb_scanner_recall *recall, const char *directory, size_t length,
                        wtfcb_scanner_dir_view *ret_view)
{
    uint32_t tried[4];
    size_t count = 0;
    for (size_t root = length; count < sizeof tried / sizeof *tried; root--) { /* where the path in the rows begins */
        bool starts = root == length || root == 0 || directory[root - 1] == '/';
        uint32_t hints = starts ? wtfcb_lang_hints_directory(directory + root, length - root) : 0;
        bool known = !starts;
        for (size_t i = 0; i < count && !known; i++)
            known = tried[i] == hints;
        if (!known) {
            tried[count++] = hints;
            wtfcb_cache_key key = wtfcb_scanner_directory_key(recall->selection, directory, length, hints);
            if (wtfcb_scanner_recall_read(&recall->workers[0], &key, ret_view) == WTFCB_OK) return true;
        }
        if (root == 0) break;
    }
    return false;
}

/* `path` is absolute, without links. */
static uint32_t look_up(wtfcb_scanner_recall *recall, const char *path)
{
    const char *slash = strrchr(path, '/');
    wtfcb_scanner_dir_view view;
    if (!read_record(recall, path, slash > path ? (size_t)(slash - path) : 1, &view)) return WTFCB_MISS_NEVER_SEEN;
    const wtfcb_scanner_dir_file *file = find(&view, slash + 1);
    return file ? reason_of(recall, &view, file, path) : WTFCB_MISS_NEVER_SEEN;
}

wtfcb_status wtfcb_scanner_explain_miss(wtfcb_scanner *scanner, const char *path, wtfcb_miss *ret_miss, size_t size)
{
    wtfcb_status status = wtfcb_scanner_usable(scanner);
    if (status == WTFCB_OK && (!path || !ret_miss || size == 0)) status = WTFCB_EINVAL;
    if (status == WTFCB_OK && (!scanner->cache || scanner->values[WTFCB_SCANNER_DEPTH] == WTFCB_DEPTH_FILES))
        status = WTFCB_ENOTFOUND;
    char absolute[PATH_MAX];
    struct stat found;
    if (status == WTFCB_OK && (!realpath(path, absolute) || stat(absolute, &found) != 0 || S_ISDIR(found.st_mode)))
        status = WTFCB_ENOTFOUND;
    if (status != WTFCB_OK) return status;
    wtfcb_scanner_run run;
    status = wtfcb_scanner_run_begin(&run, scanner, "", NULL);
    if (status == WTFCB_OK) status = wtfcb_scanner_run_recall(&run);
    if (status == WTFCB_OK) {
        wtfcb_miss miss = {.reason = look_up(&run.recall, absolute)};
        size_t length = strlen(absolute), most = sizeof miss.path - 1;
        if (miss.reason != WTFCB_MISS_NONE)
            memcpy(miss.path, length > most ? absolute + length - most : absolute, length > most ? most : length);
        wtfcb_base_row_copy(ret_miss, size, &miss, sizeof miss);
    }
    wtfcb_scanner_run_end(&run);
    return status;
}
