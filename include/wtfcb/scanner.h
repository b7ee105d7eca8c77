/**
 * @file
 * `wtfcb_scanner`: reads a code base on all cores.
 *
 *     wtfcb_scanner *scanner = NULL;
 *     wtfcb_codebase *codebase = NULL;
 *     wtfcb_error error = WTFCB_ERROR_INIT;
 *     if (wtfcb_scanner_new(NULL, &scanner) == WTFCB_OK &&
 *         wtfcb_scanner_set(scanner, WTFCB_SCANNER_DEPTH, WTFCB_DEPTH_SYNTAX) == WTFCB_OK &&
 *         wtfcb_scanner_scan(scanner, "src", &codebase, &error) == WTFCB_OK)
 *         ... read the snapshot (codebase.h) ...
 *     wtfcb_codebase_free(codebase);
 *     wtfcb_scanner_free(scanner);
 *
 * Make a scanner, set options, scan as often as you like, free it. Options can change between scans, not during one. A
 * scan blocks until it is done, cancelled or past its deadline. It starts as many worker threads as
 * WTFCB_SCANNER_THREADS says and ends them before it returns; workers have all signals blocked. The calling
 * thread merges results in path order, makes the callbacks and waits.
 *
 * What goes wrong inside one file is a status on that file's row, also WTFCB_ENOMEM when memory runs out for that file
 * alone. A call fails only for its arguments, for the root itself, for memory that the snapshot needs, or because it was told to stop; it then leaves its out-parameters alone, and the scanner can be used again.
 *
 * Threads: single-owner. One thread at a time uses a scanner; different scanners are independent. After fork(2) a scanner of the
 * parent answers WTFCB_EFORK in the child and can only be freed there.
 */
#ifndef WTFCB_SCANNER_H
#define WTFCB_SCANNER_H

#include <wtfcb/allocator.h>
#include <wtfcb/cache.h>
#include <wtfcb/cancel.h>
#include <wtfcb/codebase.h>
#include <wtfcb/language.h>
#include <wtfcb/log.h>
#include <wtfcb/option.h>
#include <wtfcb/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A scanner. */
typedef struct wtfcb_scanner wtfcb_scanner;

/* Options that take a number: wtfcb_scanner_set(). Defaults and bounds: wtfcb_scanner_option(). */

/** Worker threads; 0: as many as this process has cores to use (affinity and cgroup quota). */
#define WTFCB_SCANNER_THREADS 1
/** How deep to look: WTFCB_DEPTH_FILES, WTFCB_DEPTH_LINES (default) or WTFCB_DEPTH_SYNTAX. */
#define WTFCB_SCANNER_DEPTH 2
/** What the snapshot keeps: mask of WTFCB_KEEP_*; default all. */
#define WTFCB_SCANNER_KEEP 3
/** 1: take files and directories whose name begins with a dot. `.git` and the like are never entered. Default 0. */
#define WTFCB_SCANNER_HIDDEN 4
/** 0: read no ignore files; the caller's own patterns still hold. Default 1. */
#define WTFCB_SCANNER_IGNORE 5
/**
 * 1: follow symbolic links; else links are left out. Default 0. A link to a directory that the walk is inside of is a row
 * with WTFCB_ELOOP; a directory that several links lead to is scanned through each of them.
 */
#define WTFCB_SCANNER_FOLLOW 6
/** Larger files are listed and not read, in bytes. Default 256 MiB. */
#define WTFCB_SCANNER_MAX_FILE_SIZE 7
/** Larger files are counted and not parsed, in bytes. Default 2 MiB. */
#define WTFCB_SCANNER_MAX_PARSE_SIZE 8
/**
 * Steps (allocations and operations of the parser, text that its lexer reads, again and again if need be) that one file's
 * parse may take. The same for every run. 0: no limit.
 */
#define WTFCB_SCANNER_MAX_FILE_WORK 9
/** Memory that one file's parse may take, in bytes. */
#define WTFCB_SCANNER_MAX_FILE_MEMORY 10
/**
 * Processor time that one file's parse may take, in ms; a net below WTFCB_SCANNER_MAX_FILE_WORK, which does not depend
 * on the machine. 0: no limit.
 */
#define WTFCB_SCANNER_MAX_FILE_TIME 11
/** Time for a whole scan, in ms; what is found until then is returned. 0 (default): no limit. */
#define WTFCB_SCANNER_DEADLINE 12
/** Directory levels below the root that are entered. */
#define WTFCB_SCANNER_MAX_DEPTH 13
/** Findings that are kept for one file. */
#define WTFCB_SCANNER_MAX_FINDINGS 14
/** Bytes of source that may be under way at once: bounds the memory of a scan. */
#define WTFCB_SCANNER_WINDOW 15
/**
 * Deepest nesting of brackets in a file that is parsed; what nests deeper is counted and not parsed. An estimate over the text,
 * strings and comments included, made before the parse. Default 2,000; 0: no limit.
 */
#define WTFCB_SCANNER_MAX_NESTING 16

/** 0: read no `.gitattributes`; the caller's own attributes still hold. Default 1. */
#define WTFCB_SCANNER_ATTRIBUTES 17
/**
 * Leave out files with one of these flags: mask of WTFCB_FILE_GENERATED, WTFCB_FILE_MINIFIED, WTFCB_FILE_VENDORED,
 * WTFCB_FILE_DOCUMENTATION, WTFCB_FILE_UNDETECTABLE. Default 0: nothing. At WTFCB_DEPTH_FILES what only content tells stays.
 */
#define WTFCB_SCANNER_SKIP 18

/* Options that take texts: wtfcb_scanner_add_string(). */

/** A pattern in .gitignore syntax, relative to the root, that leaves out what it matches, above all ignore files. */
#define WTFCB_SCANNER_EXCLUDE 64
/** A pattern in .gitignore syntax; when there is one, only files that match one of them are taken. */
#define WTFCB_SCANNER_INCLUDE 65
/** A language's name or alias; when there is one, only files of these languages are taken. */
#define WTFCB_SCANNER_LANGUAGE 66
/**
 * A line as `.gitattributes` files have it, relative to the root, stronger than all of those: `*.inc linguist-language=PHP`. Of the
 * attributes, `linguist-language`, `linguist-generated`, `linguist-vendored`, `linguist-documentation` and `linguist-detectable` matter; the
 * last line that sets one for a file decides.
 */
#define WTFCB_SCANNER_ATTRIBUTE 67

/** WTFCB_SCANNER_DEPTH: walk and stat; languages by name alone. */
#define WTFCB_DEPTH_FILES 1
/** WTFCB_SCANNER_DEPTH: read, hash and count lines. */
#define WTFCB_DEPTH_LINES 2
/** WTFCB_SCANNER_DEPTH: parse too; symbols, imports, complexity, syntax errors. */
#define WTFCB_DEPTH_SYNTAX 3

/** WTFCB_SCANNER_KEEP: totals alone. Totals are always kept. */
#define WTFCB_KEEP_TOTALS 0x0
/** WTFCB_SCANNER_KEEP: rows of files and embedded parts. Implied by the others. */
#define WTFCB_KEEP_FILES 0x1
/** WTFCB_SCANNER_KEEP: symbols. */
#define WTFCB_KEEP_SYMBOLS 0x2
/** WTFCB_SCANNER_KEEP: imports. */
#define WTFCB_KEEP_IMPORTS 0x4
/** WTFCB_SCANNER_KEEP: findings. */
#define WTFCB_KEEP_FINDINGS 0x8
/** WTFCB_SCANNER_KEEP: everything. */
#define WTFCB_KEEP_ALL 0xf
/** WTFCB_SCANNER_KEEP: rows of files and directories that failed or hit a limit, which there are few of. Implied by WTFCB_KEEP_FILES. */
#define WTFCB_KEEP_FAILED 0x10

/** How far a scan is. */
typedef struct wtfcb_progress {
    uint64_t files_found; /**< by the walk so far */
    uint64_t bytes_found; /**< their sizes */
    uint64_t files_done;
    uint64_t bytes_done;
    uint64_t files_cached; /**< of `files_done`: taken from a cache */
    uint64_t files_failed; /**< of `files_done`: with a status other than WTFCB_OK */
    uint64_t elapsed_ns;
    uint64_t remaining_ns; /**< estimate; UINT64_MAX while there is none */
    const char *path;      /**< file being merged; "" during the walk. Valid during the callback. */
    int32_t walking;       /**< 1 while files are still being found */
    int32_t reserved;      /**< 0 */
} wtfcb_progress;

/**
 * Called on the thread that called the scan, at most 10 times a second. May fire a cancellation token; must not use the
 * scanner. Anything but 0 ends the scan with WTFCB_ECALLBACK.
 */
typedef int32_t (*wtfcb_progress_fn)(void *user, const wtfcb_progress *progress);

/**
 * Called on the thread that called the scan, once for each file in path order. `file` is a snapshot of this one file with all its
 * symbols, imports, findings and embedded parts (index 0 is the file); it is valid during the call only and cannot be kept.
 * `index` counts the files. Anything but 0 ends the scan with WTFCB_ECALLBACK.
 */
typedef int32_t (*wtfcb_visitor_fn)(void *user, uint64_t index, const wtfcb_codebase *file);

/**
 * Reads one listed file in the caller's way (a blob of a repository, an archive, a network).
 *
 * Called on worker threads, several at once: unsuitable for runtimes that cannot be entered from a foreign thread. Sets
 * `*ret_bytes` and `*ret_length`; the bytes must stay valid until `release` is called for them on the same thread.
 * Returns WTFCB_OK, or a status that becomes the file's.
 */
typedef wtfcb_status (*wtfcb_read_fn)(void *user, const char *path, const char **ret_bytes, size_t *ret_length);
/** Gives back what a ::wtfcb_read_fn handed out; may be NULL when there is nothing to give back. */
typedef void (*wtfcb_release_fn)(void *user, const char *bytes, size_t length);

/**
 * Make a scanner with every option at its default. Starts no thread.
 *
 * @param allocator    for all that hangs from the scanner and its snapshots; NULL for libc's
 * @param ret_scanner  owned by the caller, wtfcb_scanner_free(); untouched on failure
 * @return WTFCB_OK; WTFCB_EINVAL: `ret_scanner` is NULL or the allocator incomplete; WTFCB_ENOMEM.
 * @since 0.1
 */
WTFCB_API wtfcb_status wtfcb_scanner_new(const wtfcb_allocator *allocator, wtfcb_scanner **ret_scanner);

/** Free a scanner; NULL is accepted. Snapshots it made stay valid. @since 0.1 */
WTFCB_API void wtfcb_scanner_free(wtfcb_scanner *scanner);

/** Number of options. Constant time, any thread. @since 0.1 */
WTFCB_API uint64_t wtfcb_scanner_option_count(void);

/**
 * Copy out the description of an option, filled as far as `row_size` reaches. Constant time, any thread.
 *
 * @param index  0 to wtfcb_scanner_option_count() - 1; not the option's id
 * @return WTFCB_OK; WTFCB_ENOTFOUND: no such row; WTFCB_EINVAL: `ret_row` is NULL.
 * @since 0.1
 */
WTFCB_API wtfcb_status wtfcb_scanner_option(uint64_t index, wtfcb_option *ret_row, size_t row_size);

/**
 * Set a number. Constant time.
 *
 * @return WTFCB_OK; WTFCB_ENOTFOUND: no such option, or one that takes texts; WTFCB_EINVAL: out of bounds; WTFCB_EBUSY: a
 *         scan is under way; WTFCB_EFORK.
 * @since 0.1
 */
WTFCB_API wtfcb_status wtfcb_scanner_set(wtfcb_scanner *scanner, int32_t option, int64_t value);

/**
 * Read a number that is set. Constant time.
 *
 * @return WTFCB_OK; WTFCB_ENOTFOUND: no such option, or one that takes texts; WTFCB_EINVAL: a NULL argument.
 * @since 0.1
 */
WTFCB_API wtfcb_status wtfcb_scanner_get(const wtfcb_scanner *scanner, int32_t option, int64_t *ret_value);

/**
 * Add a text to an option that takes texts; the text is copied.
 *
 * @param value  NUL-terminated; NULL forgets all texts of this option
 * @return WTFCB_OK; WTFCB_ENOTFOUND: no such option, or a language nobody knows; WTFCB_EINVAL: an empty text, or no
 *         attribute that matters;
 *         WTFCB_ENOMEM; WTFCB_EBUSY; WTFCB_EFORK.
 * @since 0.1
 */
WTFCB_API wtfcb_status wtfcb_scanner_add_string(wtfcb_scanner *scanner, int32_t option, const char *value);

/**
 * Use a language table of the caller's instead of the built-in one; NULL goes back to that. The scanner keeps it alive.
 * Filters by language are looked up anew: add them after this.
 *
 * @return WTFCB_OK; WTFCB_EINVAL; WTFCB_ENOMEM; WTFCB_EBUSY; WTFCB_EFORK.
 * @since 0.1
 */
WTFCB_API wtfcb_status wtfcb_scanner_set_languages(wtfcb_scanner *scanner, wtfcb_languages *languages);

/**
 * Remember results in a cache, and take from it what has not changed; NULL for none. The scanner keeps it alive.
 *
 * The rows of a scan are the same as without a cache, but for `origin`, times and statistics. A file whose signature has not
 * changed since it was remembered is not read; one that is read and whose content is known, under whatever path, is not parsed. What
 * is cut by time or memory is not remembered. A cache in a directory that the caller named and that lies inside the scanned tree remembers
 * contents only. WTFCB_DEPTH_FILES looks at no content and remembers nothing.
 *
 * @return WTFCB_OK; WTFCB_EINVAL: `scanner` is NULL; WTFCB_EBUSY; WTFCB_EFORK.
 * @since 0.1
 */
WTFCB_API wtfcb_status wtfcb_scanner_set_cache(wtfcb_scanner *scanner, wtfcb_cache *cache);

/**
 * Stop the scans of this scanner when `cancel` fires; NULL for none. The scanner keeps it alive.
 *
 * @return WTFCB_OK; WTFCB_EINVAL: `scanner` is NULL; WTFCB_EBUSY; WTFCB_EFORK.
 * @since 0.1
 */
WTFCB_API wtfcb_status wtfcb_scanner_set_cancel(wtfcb_scanner *scanner, wtfcb_cancel *cancel);

/**
 * Be told of progress; NULL for silence.
 *
 * @return WTFCB_OK; WTFCB_EINVAL: `scanner` is NULL; WTFCB_EBUSY; WTFCB_EFORK.
 * @since 0.1
 */
WTFCB_API wtfcb_status wtfcb_scanner_set_progress(wtfcb_scanner *scanner, wtfcb_progress_fn progress, void *user);

/**
 * Receive every file's whole record as it is merged; NULL for none. With WTFCB_SCANNER_KEEP at WTFCB_KEEP_TOTALS results of any size
 * stream through bounded memory.
 *
 * @return WTFCB_OK; WTFCB_EINVAL: `scanner` is NULL; WTFCB_EBUSY; WTFCB_EFORK.
 * @since 0.1
 */
WTFCB_API wtfcb_status wtfcb_scanner_set_visitor(wtfcb_scanner *scanner, wtfcb_visitor_fn visitor, void *user);

/**
 * Be told what the scan went on without: grammars that cannot be loaded, ignore files that cannot be read (log.h);
 * NULL for silence.
 *
 * @return WTFCB_OK; WTFCB_EINVAL: `scanner` is NULL; WTFCB_EBUSY; WTFCB_EFORK.
 * @since 0.1
 */
WTFCB_API wtfcb_status wtfcb_scanner_set_log(wtfcb_scanner *scanner, wtfcb_log_fn log, void *user);

/**
 * Read the files of wtfcb_scanner_scan_list() through callbacks instead of the file system, which is then not touched; NULL
 * goes back to it. Listed paths are then names only and are all taken as files.
 *
 * @return WTFCB_OK; WTFCB_EINVAL: `scanner` is NULL; WTFCB_EBUSY; WTFCB_EFORK.
 * @since 0.1
 */
WTFCB_API wtfcb_status wtfcb_scanner_set_reader(wtfcb_scanner *scanner, wtfcb_read_fn read, wtfcb_release_fn release,
                                                void *user);

/**
 * Scan a tree and return what is in it.
 *
 * Blocks. Never follows a symbolic link below the root unless WTFCB_SCANNER_FOLLOW is set; the root itself may be one.
 * A root that is a file is scanned alone, under its base name, whatever the ignore rules say.
 *
 * @param scanner       single-owner; its options are fixed until the call returns
 * @param root          directory or file, bytes in the file system's encoding; copied
 * @param ret_codebase  owned by the caller, wtfcb_codebase_free(); untouched on failure
 * @param ret_error     optional; written only on failure
 * @return WTFCB_OK, also when the deadline passed (`wtfcb_scan_stats.status`); WTFCB_EINVAL; WTFCB_ENOTFOUND, WTFCB_EACCES,
 *         WTFCB_EIO, WTFCB_ELOOP, WTFCB_ELIMIT (the path is too long), WTFCB_ESPECIAL: the root itself; WTFCB_ECANCELLED; WTFCB_ECALLBACK; WTFCB_ENOMEM; WTFCB_EBUSY: called from
 *         a callback; WTFCB_EUNSUPPORTED: no thread could be started; WTFCB_EFORK.
 * @since 0.1
 */
WTFCB_API wtfcb_status wtfcb_scanner_scan(wtfcb_scanner *scanner, const char *root, wtfcb_codebase **ret_codebase,
                                          wtfcb_error *ret_error);

/**
 * Why a scan with these options would read a file now instead of taking its row from the cache.
 *
 * @param path      a file; it is looked at, not read
 * @param ret_miss  filled as far as `size` reaches. WTFCB_MISS_NONE: it would not be read; WTFCB_MISS_NEVER_SEEN: nothing is known of it
 *                  by this version of the library with these options; WTFCB_MISS_CHANGED: its signature is another one;
 *                  WTFCB_MISS_VERSION: its language's grammar is; WTFCB_MISS_UNTRUSTED: its signature is too young to be trusted.
 * @return WTFCB_OK; WTFCB_ENOTFOUND: no such file, or a directory, or no cache; WTFCB_EINVAL; WTFCB_ENOMEM; WTFCB_EBUSY;
 *         WTFCB_EFORK.
 * @since 0.1
 */
WTFCB_API wtfcb_status wtfcb_scanner_explain_miss(wtfcb_scanner *scanner, const char *path, wtfcb_miss *ret_miss,
                                                  size_t size);

/**
 * The snapshot that the cache remembers of a directory, without a look at the tree: what the last scan with these options found. Compare it
 * with a new scan by wtfcb_codebase_diff() to learn what has changed since.
 *
 * Files that could not be examined are not remembered and have no row. A directory, or a file's facts, that the cache has lost is a
 * row with WTFCB_ENOTFOUND.
 *
 * @param root  directory, as it was scanned or another spelling of the same place; it is resolved, not read
 * @return WTFCB_OK; WTFCB_ENOTFOUND: nothing is remembered, there is no cache, or no such directory; WTFCB_ECALLBACK, WTFCB_ECANCELLED, WTFCB_EINVAL;
 *         WTFCB_ENOMEM; WTFCB_EBUSY; WTFCB_EFORK.
 * @since 0.1
 */
WTFCB_API wtfcb_status wtfcb_scanner_restore(wtfcb_scanner *scanner, const char *root, wtfcb_codebase **ret_codebase,
                                             wtfcb_error *ret_error);

/**
 * Bring a snapshot of a directory up to date, given the paths that have changed since: what a watcher of the tree reports.
 *
 * Looks at those paths, at what lies below them and at the ignore files on the way, and at nothing else; rows of other files are taken over,
 * with the origin WTFCB_ORIGIN_UNCHANGED, and their facts are shared with the earlier snapshot, not copied. A path may be a file or a
 * directory that is new, changed or gone; one that names an ignore or attributes file stands for its directory. If the list is complete the
 * rows are those of a new scan. Statistics are those of this call; a visitor receives the files that were looked at.
 *
 * @param codebase  from wtfcb_scanner_scan() of a directory by this scanner with the same options, with WTFCB_KEEP_FILES, and not cut by a deadline; not changed
 * @param paths     `count` NUL-terminated paths relative to the root
 * @return as wtfcb_scanner_scan(); WTFCB_EINVAL also: a snapshot that does not fit, a path that is empty, absolute or has
 *         ".."; WTFCB_ECHANGED: the root is no directory any more.
 * @since 0.1
 */
WTFCB_API wtfcb_status wtfcb_scanner_rescan(wtfcb_scanner *scanner, wtfcb_codebase *codebase, const char *const *paths,
                                            size_t count, wtfcb_codebase **ret_codebase, wtfcb_error *ret_error);

/**
 * Scan listed files and directories.
 *
 * A listed file is taken whatever the ignore rules say; a listed directory is walked as a root of its own. Rows carry
 * the listed path (without "./" and doubled slashes) with what lies below it; what is found through several of them is
 * one row. A listed path that cannot be read is a row with a status. Listed directories that lie in each other are walked
 * each.
 *
 * @param base   directory that relative paths start from; NULL for the current one
 * @param paths  `count` NUL-terminated paths; copied
 * @return as wtfcb_scanner_scan(), of which the root's statuses speak of `base`
 * @since 0.1
 */
WTFCB_API wtfcb_status wtfcb_scanner_scan_list(wtfcb_scanner *scanner, const char *base, const char *const *paths,
                                               size_t count, wtfcb_codebase **ret_codebase, wtfcb_error *ret_error);

/**
 * Scan a text in memory as if it were the file `path` (an editor's unsaved buffer).
 *
 * Touches no file. Runs on the calling thread; starts no thread.
 *
 * @param path    decides the language with the content; becomes the row's path
 * @param bytes   `length` bytes; read only during the call
 * @return WTFCB_OK; WTFCB_EINVAL; WTFCB_ECANCELLED; WTFCB_ECALLBACK; WTFCB_ENOMEM; WTFCB_EBUSY; WTFCB_EFORK.
 * @since 0.1
 */
WTFCB_API wtfcb_status wtfcb_scanner_scan_buffer(wtfcb_scanner *scanner, const char *path, const char *bytes,
                                                 size_t length, wtfcb_codebase **ret_codebase, wtfcb_error *ret_error);

#ifdef __cplusplus
}
#endif
#endif
