/*
 * Output formats.
 *
 * A format is written while the scan runs: `begin`, then `file` for each row in path order, then `end` with the
 * totals; each may be NULL. So the scan keeps nothing but totals, and memory stays bounded however many symbols
 * stream through. A format that needs more than that (ctags sorts) keeps it itself.
 */
#ifndef WTFCB_SCAN_FORMAT_H
#define WTFCB_SCAN_FORMAT_H

#include <wtfcb.h>

#include "common/json.h"
#include "common/output.h"
#include "notes.h"
#include "options.h"

/* One run's output: what the formats share. */
struct report {
    const struct options *options;
    struct output out;
    struct json json; /* on `out`, for the formats that write JSON */
    struct notes notes;
    const char *prefix;  /* what to put in front of a row's path so that it opens from here; "" if nothing */
    bool color;          /* of stdout */
    bool root_failed;    /* a path of the command line could not be read */
    const char *failure; /* why the output cannot be completed, or NULL; ends the scan */
    uint64_t left_out;   /* rows that the format cannot write */
    void *state;         /* the format's own */
};

struct format {
    const char *name;
    bool needs_syntax;
    bool one_table; /* at most one of --by-file, --symbols, --imports, --findings */
    void (*begin)(struct report *report);
    void (*file)(struct report *report, const wtfcb_codebase *row);
    void (*end)(struct report *report, const wtfcb_codebase *codebase);
    void (*discard)(struct report *report); /* frees `state`, after `end` or without it */
};

/* A status as the machine formats write it: WTFCB_EACCES is "eacces", WTFCB_OK is "ok". */
struct status_word {
    char text[32];
};
struct status_word status_word(wtfcb_status status);

/* All formats, the default first; ends with NULL. */
extern const struct format *const formats[];

extern const struct format table_format;
extern const struct format json_format;
extern const struct format ndjson_format;
extern const struct format csv_format;
extern const struct format ctags_format;
extern const struct format etags_format;

/* The members that describe one file (json.c), into the report's JSON. */
void file_json(struct report *report, const wtfcb_codebase *row);

/* The statistics of a scan as lines of text (table.c) and as one object of JSON (json.c), under `key`. */
void stats_text(struct output *out, const wtfcb_codebase *codebase);
void stats_json(struct json *json, const char *key, const wtfcb_codebase *codebase);

#endif
