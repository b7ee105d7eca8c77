/*
 * A scan's memory: what the cache knows, asked during the walk and the examination, and what it will know afterwards.
 *
 * When the walk has listed a directory, its record is looked up and compared, file by file, with the signatures that the walk has
 * just taken (wtfcb_scanner_recall_listed()). A file that is as it was gets its row from the record and is not read. The others are examined: read,
 * hashed, looked up by content (wtfcb_scanner_recall_find()), and only then counted and parsed. A directory in which anything has changed
 * has a draft of its next record; whoever examines its last file writes it.
 *
 * One per scan, on the thread that called; workers share it, each with a struct of its own.
 */
#ifndef WTFCB_SCANNER_RECALL_H
#define WTFCB_SCANNER_RECALL_H

#include "base/arena.h"
#include "base/buffer.h"
#include "cache/records.h"
#include "scanner/codebase.h"
#include "scanner/recall_directory.h"
#include "scanner/walk_dir.h"

typedef struct wtfcb_scanner_draft wtfcb_scanner_draft;

/* A file's place in the draft of its directory. */
struct wtfcb_scanner_slot {
    wtfcb_scanner_dir_file file;
    wtfcb_scanner_draft *draft;
    const char *name;
    const wtfcb_scanner_dir_part *parts; /* `file.parts` of them */
    bool known;                          /* the old record has a file of that name */
};

/* A root as the records know it. */
typedef struct wtfcb_scanner_recall_root {
    char *path; /* absolute, without links; NULL: nothing is recalled below it */
    size_t length;
    uint64_t device;
    bool local; /* signatures on that device can be trusted */
} wtfcb_scanner_recall_root;

/* What one worker needs, and what it did. */
typedef struct wtfcb_scanner_recall_worker {
    struct wtfcb_scanner_recall *recall;
    wtfcb_base_arena arena;   /* records and drafts, until the scan ends */
    wtfcb_base_buffer buffer; /* what is being written */
    wtfcb_codebase *tally;    /* totals of files that need no row; NULL until there are some */
    uint64_t tallied;
    uint64_t unchanged; /* files that were not read */
    uint64_t content;   /* results found by content, or fetched for an unchanged file */
} wtfcb_scanner_recall_worker;

typedef struct wtfcb_scanner_recall {
    const wtfcb_scanner *scanner;
    wtfcb_cache *cache;
    wtfcb_languages *languages;
    wtfcb_base_hash128 results;   /* digests: recall_key.h */
    wtfcb_base_hash128 selection; /* likewise */
    int64_t began_ns;             /* before anything was looked at */
    _Atomic uint64_t *grammars;   /* digests by language; 0: not asked yet */
    wtfcb_scanner_recall_worker *workers;
    uint32_t threads;
    wtfcb_scanner_recall_root *roots; /* by index */
    size_t root_count;
    bool syntax;
    bool facts; /* somebody will read symbols, imports or findings */
    bool rows;  /* somebody will read rows of files */
    bool always_verify;
} wtfcb_scanner_recall;

/* Prepare for a scan through the scanner's cache. WTFCB_OK; WTFCB_ENOMEM; WTFCB_EFORK. */
wtfcb_status wtfcb_scanner_recall_init(wtfcb_scanner_recall *recall, const wtfcb_scanner *scanner, uint32_t threads);
void wtfcb_scanner_recall_free(wtfcb_scanner_recall *recall);

/* The walk's hooks: see wtfcb_scanner_walk_options. */
wtfcb_status wtfcb_scanner_recall_entering(void *user, size_t index, const char *path, int fd);
int64_t wtfcb_scanner_recall_listed(void *user, uint32_t worker, const wtfcb_scanner_dir *dir, const char *below,
                                    size_t below_length, wtfcb_scanner_entry *entries, size_t count,
                                    const wtfcb_base_file_signature *signatures);

/*
 * Read the record of a directory, checked, into the worker's arena. WTFCB_OK; WTFCB_ENOTFOUND: there is none that can be used;
 * WTFCB_ENOMEM.
 */
wtfcb_status wtfcb_scanner_recall_read(wtfcb_scanner_recall_worker *worker, const wtfcb_cache_key *key,
                                       wtfcb_scanner_dir_view *ret_view);

/* Fetch the facts of a row that has come from its directory's record; true when the row is complete. */
bool wtfcb_scanner_recall_fetch(wtfcb_scanner_recall_worker *worker, wtfcb_scanner_row *row);

/* Fill a row whose content has been hashed and whose language is known; false when the content is new. */
bool wtfcb_scanner_recall_find(wtfcb_scanner_recall_worker *worker, wtfcb_scanner_row *row, uint64_t length);

/* Remember what a content gave. `hints` are the flags that it gave before attributes had their say. */
void wtfcb_scanner_recall_keep(wtfcb_scanner_recall_worker *worker, const wtfcb_scanner_row *row, uint64_t length,
                               uint16_t hints);

/* The signature of what was read, taken around the read: it is this that is remembered. */
void wtfcb_scanner_recall_sign(wtfcb_scanner_row *row, const wtfcb_base_file_signature *signature);

/* A row that has been examined: into the draft of its directory, if it has one. */
void wtfcb_scanner_recall_settle(wtfcb_scanner_recall_worker *worker, const wtfcb_scanner_row *row);

/* Add what needed no rows to a snapshot's totals. */
void wtfcb_scanner_recall_add_totals(wtfcb_scanner_recall *recall, wtfcb_codebase *codebase);

#endif
