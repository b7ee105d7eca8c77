/*
 * Why a path is in a scan or not. A scan of that one path is made: the same walk and the same examination that a scan of the whole
 * root makes, so that what is said here cannot differ from what happens there.
 */
#include <wtfcb/explain.h>

#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/row.h"
#include "scanner/codebase.h"
#include "scanner/paths.h"
#include "scanner/scanner.h"
#include "scanner/walk.h"

struct wtfcb_explanation {
    wtfcb_allocator allocator;
    wtfcb_codebase *codebase; /* the file's row, if there is one; keeps all texts */
    wtfcb_scanner_only only;
    char path[]; /* as it was looked for */
};

/* What the examination of the file has added to what the walk said. */
static void look_at_row(wtfcb_explanation *explanation)
{
    wtfcb_scanner_only *only = &explanation->only;
    if (only->reason != WTFCB_REASON_TAKEN) return;
    const wtfcb_codebase *codebase = explanation->codebase;
    bool whole = only->decided_at && strcmp(only->decided_at, only->path) == 0;
    const wtfcb_scanner_row *row = codebase->row_count > 0 ? &codebase->rows[0] : NULL;
    if (row && row->flags & WTFCB_FILE_DIRECTORY)
        only->reason = WTFCB_REASON_UNREADABLE;
    else if (!whole)
        only->reason = WTFCB_REASON_MISSING;
}

/* Run without those who listen to scans of the caller's own. */
static wtfcb_status scan_quietly(wtfcb_scanner *scanner, const char *root, wtfcb_explanation *explanation,
                                 wtfcb_error *ret_error)
{
    wtfcb_visitor_fn visitor = scanner->visitor;
    wtfcb_progress_fn progress = scanner->progress;
    int64_t keep = scanner->values[WTFCB_SCANNER_KEEP];
    scanner->visitor = NULL;
    scanner->progress = NULL;
    scanner->values[WTFCB_SCANNER_KEEP] = WTFCB_KEEP_FILES;
    wtfcb_status status = wtfcb_scanner_scan_path(scanner, root, &explanation->only, &explanation->codebase, ret_error);
    scanner->visitor = visitor;
    scanner->progress = progress;
    scanner->values[WTFCB_SCANNER_KEEP] = keep;
    return status;
}

static wtfcb_explanation *explanation_new(const wtfcb_allocator *allocator, const char *path)
{
    size_t length = strlen(path);
    wtfcb_explanation *explanation = wtfcb_base_calloc(allocator, 1, sizeof *explanation + length + 1);
    if (!explanation) return NULL;
    memcpy(explanation->path, path, length + 1);
    explanation->allocator = *allocator;
    explanation->only.path = explanation->path;
    explanation->only.length = length;
    explanation->only.reason = WTFCB_REASON_MISSING;
    return explanation;
}

wtfcb_status wtfcb_scanner_explain(wtfcb_scanner *scanner, const char *root, const char *path,
                                   wtfcb_explanation **ret_explanation, wtfcb_error *ret_error)
{
    wtfcb_status status = wtfcb_scanner_usable(scanner);
    if (status == WTFCB_OK && (!root || !path || !*path || *path == '/' || !ret_explanation)) status = WTFCB_EINVAL;
    if (status != WTFCB_OK)
        return wtfcb_base_error(ret_error, status, 0, path, "wtfcb_scanner_explain: %s", wtfcb_status_message(status));
    wtfcb_scanner_paths cleaned;
    wtfcb_scanner_paths_init(&cleaned, &scanner->allocator);
    status = wtfcb_scanner_paths_make(&cleaned, &path, 1);
    wtfcb_explanation *explanation = NULL;
    if (status == WTFCB_OK && *cleaned.items[0].row_path == '\0') status = WTFCB_EINVAL;
    if (status == WTFCB_OK) explanation = explanation_new(&scanner->allocator, cleaned.items[0].row_path);
    wtfcb_scanner_paths_free(&cleaned);
    if (!explanation) {
        if (status == WTFCB_OK) status = WTFCB_ENOMEM;
        return wtfcb_base_error(ret_error, status, 0, path, "wtfcb_scanner_explain: %s", wtfcb_status_message(status));
    }
    status = scan_quietly(scanner, root, explanation, ret_error);
    if (status == WTFCB_OK) {
        look_at_row(explanation);
        *ret_explanation = explanation;
    } else {
        wtfcb_explanation_free(explanation);
    }
    return status;
}

wtfcb_status wtfcb_explanation_get(const wtfcb_explanation *explanation, wtfcb_decision *ret_row, size_t row_size)
{
    if (!explanation || !ret_row || row_size == 0) return WTFCB_EINVAL;
    const wtfcb_scanner_only *only = &explanation->only;
    wtfcb_decision row = {
        .path = only->path,
        .decided_at = only->decided_at ? only->decided_at : "",
        .rule_source = only->rule.source ? only->rule.source : "",
        .rule_pattern = only->rule.pattern ? only->rule.pattern : "",
        .rule_line = only->rule.line,
        .attribute_source = only->attribute.source ? only->attribute.source : "",
        .attribute_pattern = only->attribute.pattern ? only->attribute.pattern : "",
        .attribute_line = only->attribute.line,
        .reason = only->reason,
        .codebase = explanation->codebase,
    };
    wtfcb_base_row_copy(ret_row, row_size, &row, sizeof row);
    return WTFCB_OK;
}

void wtfcb_explanation_free(wtfcb_explanation *explanation)
{
    if (!explanation) return;
    wtfcb_codebase_free(explanation->codebase);
    wtfcb_allocator allocator = explanation->allocator;
    wtfcb_base_free(&allocator, explanation, sizeof *explanation + explanation->only.length + 1);
}
