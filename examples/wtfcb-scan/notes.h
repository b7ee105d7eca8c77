/*
 * What went wrong with single files, gathered by reason: a count and the first few paths of each.
 *
 * Bounded by the number of reasons, not of files.
 */
#ifndef WTFCB_SCAN_NOTES_H
#define WTFCB_SCAN_NOTES_H

#include <stddef.h>
#include <stdint.h>

#include <wtfcb/codebase.h>

#include "common/output.h"

enum { NOTE_PATHS = 3, NOTE_REASONS = 48 };

struct note {
    wtfcb_status status; /* WTFCB_OK: the reason is `limit` */
    uint32_t limit;
    int32_t os_error;
    uint64_t count;
    char *paths[NOTE_PATHS]; /* NULL where memory ran out: the count is still right */
};

struct notes {
    struct note list[NOTE_REASONS];
    size_t used;
};

/* Take note of a file's limits, or else of its status. */
void notes_add(struct notes *notes, const wtfcb_file *file);

/* Write all that was noted, a few lines for each reason. `prefix` goes in front of each path. */
void notes_write(const struct notes *notes, struct output *out, const char *prefix);

void notes_free(struct notes *notes);

/* What a limit means and how to raise it; for a person. */
const char *limit_text(uint32_t limit);

#endif
