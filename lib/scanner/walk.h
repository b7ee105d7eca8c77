/*
 * The walk: from roots to rows in path order.
 *
 * Each directory is one task of the pool: open it by its parent's descriptor, list it, ask the ignore rules, stat what
 * is taken, sort, submit the directories below. A flattening pass on the calling thread then turns the tree into rows; the
 * order of a directory's entries (directories compared with a slash behind their name) is such that a walk in pre-order
 * is the order of whole paths.
 *
 * A directory's descriptor stays open until its last child directory has been opened. When too many are open at once
 * it is closed early and the children find their way from the root again, so that any shape of tree can be walked with a bounded
 * number of descriptors.
 */
#ifndef WTFCB_SCANNER_WALK_H
#define WTFCB_SCANNER_WALK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <wtfcb/cancel.h>

#include "base/arena.h"
#include "base/file.h"
#include "base/log.h"
#include "lang/languages.h"
#include "pool/pool.h"
#include "scanner/ignore.h"
#include "scanner/row.h"

/*
 * A walk down to one path. Its owner sets `path`; the walk writes the rest when it comes to something that decides. One
 * task runs at a time in such a walk, so that nobody else writes.
 */
typedef struct wtfcb_scanner_only {
    const char *path; /* below the root, clean, not empty */
    size_t length;
    uint32_t reason;                       /* WTFCB_REASON_* */
    const char *decided_at;                /* the path, or the directory around it, that `reason` speaks of; or NULL */
    wtfcb_scanner_ignore_reason rule;      /* the ignore rule that spoke last, if one did */
    wtfcb_scanner_ignore_reason attribute; /* the line that names the language, if one does */
} wtfcb_scanner_only;

/* Copy the texts that a walk has written into an arena. False when memory has run out. */
bool wtfcb_scanner_only_keep(wtfcb_scanner_only *only, wtfcb_base_arena *arena);

struct wtfcb_scanner_among;
struct wtfcb_scanner_dir;
struct wtfcb_scanner_entry;

typedef struct wtfcb_scanner_walk_options {
    const wtfcb_languages *languages;
    const bool *wanted; /* by language index, one more for "none"; NULL: all */
    wtfcb_scanner_ignore_options ignore;
    uint32_t max_depth;
    bool hidden;
    bool follow;
    bool by_name; /* the language is decided by the name alone, since no content will be read */
    const wtfcb_base_log *log;
    wtfcb_scanner_only *only;                /* NULL: everything */
    const struct wtfcb_scanner_among *among; /* the paths that are looked at; NULL: everything */
    /*
     * Called on the calling thread for each root that is a directory, with its path from the working directory, before it is walked;
     * NULL: not. WTFCB_OK or WTFCB_ENOMEM.
     */
    wtfcb_status (*entering)(void *user, size_t root, const char *path, int fd);
    /*
     * Called by the task of each directory with what is taken of it, sorted, and the signatures of its files; NULL: not. `below` is its
     * path below the root. May take entries out that need no row: returns how many are left, in order; -1: memory has run out.
     */
    int64_t (*listed)(void *user, uint32_t worker, const struct wtfcb_scanner_dir *dir, const char *below,
                      size_t below_length, struct wtfcb_scanner_entry *entries, size_t count,
                      const wtfcb_base_file_signature *signatures);
    void *listed_user; /* of both */
    /* Called on the calling thread every few ms; anything but 0 ends the walk. */
    wtfcb_status (*tick)(void *user, uint64_t files, uint64_t bytes);
    void *user;
} wtfcb_scanner_walk_options;

/* Where rows come from. A row's path is `prefix` (with its slash) and the path below `fd`; a file alone has no `fd`. */
typedef struct wtfcb_scanner_root {
    const char *disk_path; /* as given, relative to the base directory */
    const char *row_path;  /* path of its row, or of the directory in front of its rows; "" for none */
    uint32_t row_length;
    uint32_t prefix_length; /* bytes of a row's path in front of the part below `fd` */
    int fd;                 /* of a directory; -1: a file, or closed to save descriptors */
    bool directory;
    bool guarded; /* a store of this process may lie below, in which nothing is opened */
    wtfcb_scanner_ignore *ignore;
    struct wtfcb_scanner_dir *top; /* while the walk lasts */
} wtfcb_scanner_root;

typedef struct wtfcb_scanner_walk {
    wtfcb_allocator allocator;
    const char *base_path; /* in `strings`; NULL: the working directory */
    int base;              /* descriptor that `disk_path`s are relative to; owned if not AT_FDCWD */
    bool follow;
    wtfcb_scanner_root *roots;
    size_t root_count;
    size_t root_capacity;
    wtfcb_scanner_ignore *own;                 /* the caller's attributes, for rows without a root; or NULL */
    const wtfcb_scanner_ignore_node *own_node; /* of `own` */
    wtfcb_base_arena strings;                  /* everything that rows point to */
    wtfcb_scanner_row *rows;
    size_t row_count;
    size_t row_capacity;
    bool unordered; /* a row lacks the slash that it was sorted by */
    uint64_t directories;
    uint64_t ignored;
} wtfcb_scanner_walk;

void wtfcb_scanner_walk_init(wtfcb_scanner_walk *walk, const wtfcb_allocator *allocator);

/* Frees rows (not their records) and everything else that was not taken out. */
void wtfcb_scanner_walk_free(wtfcb_scanner_walk *walk);

/* Remember the name of `base`, for the rules of the directories above it; copied. WTFCB_OK or WTFCB_ENOMEM. */
wtfcb_status wtfcb_scanner_walk_set_base(wtfcb_scanner_walk *walk, const char *path);

/*
 * Add a root by its path on disk and the path its rows have; strings are copied. `base` must be set. What it is is found
 * out by the walk. WTFCB_OK or WTFCB_ENOMEM.
 */
wtfcb_status wtfcb_scanner_walk_add(wtfcb_scanner_walk *walk, const char *disk_path, const char *row_path);

/*
 * Walk all roots, which lie in path order and not in each other, and make the rows. WTFCB_OK; WTFCB_ENOMEM; what `tick`
 * returned. A root that cannot be read becomes a row with a status.
 */
wtfcb_status wtfcb_scanner_walk_run(wtfcb_scanner_walk *walk, wtfcb_pool *pool,
                                    const wtfcb_scanner_walk_options *options);

/* A row of its own accord, for files that are not found by walking; NULL when memory has run out. */
wtfcb_scanner_row *wtfcb_scanner_walk_add_row(wtfcb_scanner_walk *walk);

/*
 * Of a row that was not found by walking: what the caller's attributes say of it, and its language as far as its name can
 * tell. False when a filter leaves the file out for certain. WTFCB_OK or WTFCB_ENOMEM.
 */
wtfcb_status wtfcb_scanner_walk_recognise(wtfcb_scanner_walk *walk, const wtfcb_scanner_walk_options *options,
                                          wtfcb_scanner_row *row, bool *ret_taken);

/* Open a row's file for reading; -1 with errno. Any thread, after the walk. */
int wtfcb_scanner_walk_open(const wtfcb_scanner_walk *walk, const wtfcb_scanner_row *row);

#endif
