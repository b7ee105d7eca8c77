/*
 * Which entries of a tree a scan leaves out: git's ignore files exactly as git reads them for untracked files, .ignore
 * and .wtfcbignore files above them, the caller's own patterns on top.
 *
 * A set belongs to one scan. It makes nodes: a node stands for the rules that hold in one directory, and a directory
 * without ignore files of its own shares its parent's. Nodes are immutable and live as long as their set, so workers
 * pass them from directory to directory without locks or counts:
 *
 *     wtfcb_scanner_ignore_new(allocator, &options, &set);
 *     wtfcb_scanner_ignore_root(set, dirfd, "src/project", &base, &problems);
 *     in each directory, with its parent's node (the base for the root):
 *         wtfcb_scanner_ignore_enter(set, parent, dirfd, path, length, found, &node, &problems);
 *         wtfcb_scanner_ignore_match(node, entry_path, ...) for each entry; what is ignored is not entered.
 *
 * What decides, from the strongest to the weakest: the caller's includes (files alone) and excludes, .wtfcbignore,
 * .ignore, git's. Inside each kind the deeper directory wins, inside a file the last matching pattern. git's own order
 * is .gitignore (from the repository's top down), .git/info/exclude, core.excludesFile. A repository inside the tree
 * starts git's rules afresh; the other kinds go on. Outside of any repository .gitignore files hold from the scan's root
 * down. Where the root lies inside a repository, the files of the directories above it, up to the repository's top,
 * hold too; whether the root itself is ignored is not asked.
 */
#ifndef WTFCB_SCANNER_IGNORE_H
#define WTFCB_SCANNER_IGNORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <wtfcb/allocator.h>
#include <wtfcb/status.h>

typedef struct wtfcb_scanner_ignore wtfcb_scanner_ignore;
typedef struct wtfcb_scanner_ignore_node wtfcb_scanner_ignore_node;

typedef enum wtfcb_scanner_ignore_verdict {
    WTFCB_SCANNER_IGNORE_NONE,     /* no rule says anything: taken */
    WTFCB_SCANNER_IGNORE_IGNORED,  /* left out; a directory is not entered */
    WTFCB_SCANNER_IGNORE_INCLUDED, /* taken because a negated pattern says so */
} wtfcb_scanner_ignore_verdict;

typedef struct wtfcb_scanner_ignore_options {
    bool git;             /* read .gitignore, info/exclude and core.excludesFile */
    bool files;           /* read .ignore and .wtfcbignore */
    bool attribute_files; /* read .gitattributes: attributes.h */
    /*
     * Patterns in the syntax of ignore files, relative to the scan's root, NUL-terminated, copied; the last match wins.
     * With any include, a file is taken only if an include matches it or a directory that it is in. Nothing is a comment
     * and no space is cut: these are not lines.
     */
    const char *const *excludes;
    size_t exclude_count;
    const char *const *includes;
    size_t include_count;
    const char *const *attributes; /* lines as .gitattributes files have them, stronger than those */
    size_t attribute_count;
} wtfcb_scanner_ignore_options;

/* What a directory holds that matters here, as the walker has seen it in the listing. */
enum {
    WTFCB_SCANNER_IGNORE_HAS_GITIGNORE = 1,
    WTFCB_SCANNER_IGNORE_HAS_IGNORE = 2,
    WTFCB_SCANNER_IGNORE_HAS_WTFCBIGNORE = 4,
    WTFCB_SCANNER_IGNORE_HAS_GIT = 8,
    WTFCB_SCANNER_IGNORE_HAS_GITATTRIBUTES = 16,
    WTFCB_SCANNER_IGNORE_HAS_UNKNOWN = 31, /* no listing at hand: look for all of them */
};

/* The flag that a directory entry's name stands for, 0 for nearly all. */
static inline unsigned wtfcb_scanner_ignore_flag_of(const char *name, size_t length)
{
    if (length < 4 || name[0] != '.') return 0;
    if (length == 4 && __builtin_memcmp(name, ".git", 4) == 0) return WTFCB_SCANNER_IGNORE_HAS_GIT;
    if (length == 7 && __builtin_memcmp(name, ".ignore", 7) == 0) return WTFCB_SCANNER_IGNORE_HAS_IGNORE;
    if (length == 10 && __builtin_memcmp(name, ".gitignore", 10) == 0) return WTFCB_SCANNER_IGNORE_HAS_GITIGNORE;
    if (length == 14 && __builtin_memcmp(name, ".gitattributes", 14) == 0)
        return WTFCB_SCANNER_IGNORE_HAS_GITATTRIBUTES;
    if (length == 12 && __builtin_memcmp(name, ".wtfcbignore", 12) == 0) return WTFCB_SCANNER_IGNORE_HAS_WTFCBIGNORE;
    return 0;
}

/* An ignore file that could not be read; its rules are missing. A list; it lives as long as the set. */
typedef struct wtfcb_scanner_ignore_problem {
    const struct wtfcb_scanner_ignore_problem *next;
    const char *path;    /* relative to the scan's root, or absolute if it lies elsewhere */
    wtfcb_status status; /* WTFCB_EACCES, WTFCB_EIO and the like; WTFCB_ELIMIT: larger than 8 MiB */
    int os_error;        /* errno, 0 if none applies */
} wtfcb_scanner_ignore_problem;

/* Why an entry is ignored or taken. Lives as long as the set. */
typedef struct wtfcb_scanner_ignore_reason {
    const char *source;  /* the file, as in a problem; "" for the caller's patterns; NULL without a reason */
    const char *pattern; /* as written; NULL when a file is left out because no include matches it */
    uint32_t line;       /* in the file, from 1; for the caller's patterns their number, from 1 */
} wtfcb_scanner_ignore_reason;

/*
 * A set. `allocator` is copied and must be complete. WTFCB_OK or WTFCB_ENOMEM.
 */
wtfcb_status wtfcb_scanner_ignore_new(const wtfcb_allocator *allocator, const wtfcb_scanner_ignore_options *options,
                                      wtfcb_scanner_ignore **ret_set);

/* Free the set with all its nodes, problems and reasons. NULL is accepted. */
void wtfcb_scanner_ignore_free(wtfcb_scanner_ignore *set);

/*
 * Prepare the node that the scan's root directory is entered from: the user's rules and those of the directories above
 * the root. Once per set, before any other thread uses it. `dirfd` is the root, open; `path` names it from the working
 * directory or absolutely, and is needed only to look above it: NULL to leave that out. Reads HOME, XDG_CONFIG_HOME and GIT_CONFIG_* unless the
 * process is privileged.
 *
 * `ret_problems` is optional. WTFCB_OK or WTFCB_ENOMEM.
 */
wtfcb_status wtfcb_scanner_ignore_root(wtfcb_scanner_ignore *set, int dirfd, const char *path,
                                       const wtfcb_scanner_ignore_node **ret_node,
                                       const wtfcb_scanner_ignore_problem **ret_problems);

/*
 * The node of a directory: `parent` itself when the directory adds nothing. `path` is relative to the scan's root ("" for
 * the root), without a slash at its end. `found` holds WTFCB_SCANNER_IGNORE_HAS_*; files that turn out to be missing,
 * links or no regular files are no error. Any thread.
 *
 * `ret_problems` is optional and set to NULL when there are none. WTFCB_OK or WTFCB_ENOMEM.
 */
wtfcb_status wtfcb_scanner_ignore_enter(wtfcb_scanner_ignore *set, const wtfcb_scanner_ignore_node *parent, int dirfd,
                                        const char *path, size_t length, unsigned found,
                                        const wtfcb_scanner_ignore_node **ret_node,
                                        const wtfcb_scanner_ignore_problem **ret_problems);

/*
 * What the rules of a directory say about one of its entries. `path` is the entry's, relative to the scan's root, and
 * `name` the offset of its last component. The directories on the way are taken to have been asked already. No allocation, no
 * lock, any thread; two hashes of the name and a few probes for each ignore file that holds here.
 *
 * `ret_reason` is optional; it is cleared when nothing matches.
 */
wtfcb_scanner_ignore_verdict wtfcb_scanner_ignore_match(const wtfcb_scanner_ignore_node *node, const char *path,
                                                        size_t length, size_t name, bool directory,
                                                        wtfcb_scanner_ignore_reason *ret_reason);

#endif
