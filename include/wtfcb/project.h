/**
 * @file
 * `wtfcb_project`: makes synthetic code bases, the same bytes for the same options on every machine.
 *
 *     wtfcb_project *project = NULL;
 *     wtfcb_error error = WTFCB_ERROR_INIT;
 *     uint64_t changed;
 *     wtfcb_project_new(NULL, &project);
 *     wtfcb_project_set_string(project, WTFCB_PROJECT_SIZE, "medium");
 *     if (wtfcb_project_generate(project, "tree", &error) == WTFCB_OK)
 *         wtfcb_project_edit(project, "tree", 0, &changed, &error);
 *     wtfcb_project_free(project);
 *
 * What a project is like. Sizes of files are log-normal (WTFCB_PROJECT_MU, WTFCB_PROJECT_SIGMA) but for the largest, WTFCB_PROJECT_TAIL of them, which
 * follow a Pareto distribution from there on up to WTFCB_PROJECT_CAP. A folder holds about 3 files and lies about 2 levels deep. Each language has a
 * component, in larger projects several, in a folder of its own at the top, with the manifest and module files that the language wants (`go.mod`,
 * `Cargo.toml`, `__init__.py` and so on), which count as files. The code is valid: functions, classes or structs, constants, enumerations and tables, doc
 * comments, loops and branches that compute numbers; no file has a syntax error, and the languages' own compilers accept them. Nobody should run it. Files
 * import 2 to 8 others of their component, some of which many import; few imports close a cycle.
 *
 * Edits. A series of steps, 0, 1, 2 and so on, changes a generated tree as people change one: see wtfcb_project_edit(). A step too is the same on
 * every machine, and no other handle has to have made the tree.
 *
 * Nothing that the library has not written is ever overwritten or removed.
 *
 * Threads: single-owner. One thread at a time uses a project; different projects are independent, in different folders. A project holds memory
 * alone and stays usable after fork(2), on both sides.
 */
#ifndef WTFCB_PROJECT_H
#define WTFCB_PROJECT_H

#include <wtfcb/allocator.h>
#include <wtfcb/cancel.h>
#include <wtfcb/option.h>
#include <wtfcb/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A synthetic project. */
typedef struct wtfcb_project wtfcb_project;

/* Options that take a number: wtfcb_project_set(). Defaults and bounds: wtfcb_project_option(). */

/** What everything is drawn from. Default 1. */
#define WTFCB_PROJECT_SEED 1
/** Files in all, those of manifests and modules included. Default 1,000. */
#define WTFCB_PROJECT_FILES 2
/** Mean of the natural logarithm of a file's bytes, in thousandths. Default 8,140: a median of 3.4 kB. */
#define WTFCB_PROJECT_MU 3
/** Standard deviation of the same, in thousandths. Default 1,440. */
#define WTFCB_PROJECT_SIGMA 4
/** How many of 1,000 files are in the tail. Default 10. */
#define WTFCB_PROJECT_TAIL 5
/** Exponent of the tail, in thousandths: the smaller, the larger are its files. Default 1,100. */
#define WTFCB_PROJECT_ALPHA 6
/** No file is larger, in bytes. Default 4,000,000. */
#define WTFCB_PROJECT_CAP 7
/** How many of 1,000 files one step of wtfcb_project_edit() changes, at least one. Default 0: one. */
#define WTFCB_PROJECT_CHANGES 8
/** What edits do: mask of WTFCB_EDIT_*. Default all. Where the choice is not possible, a body is changed. */
#define WTFCB_PROJECT_EDITS 9

/** WTFCB_PROJECT_EDITS: the inside of a function, class or table becomes another one. */
#define WTFCB_EDIT_BODY 0x1
/** WTFCB_PROJECT_EDITS: a function is added at the end of a file. */
#define WTFCB_EDIT_ADD_FUNCTION 0x2
/** WTFCB_PROJECT_EDITS: a function that nobody calls is removed. */
#define WTFCB_EDIT_REMOVE_FUNCTION 0x4
/** WTFCB_PROJECT_EDITS: a file gets another name, and those that import it (8 at most) follow. */
#define WTFCB_EDIT_RENAME_FILE 0x8
/** WTFCB_PROJECT_EDITS: a file is added to a folder. */
#define WTFCB_EDIT_ADD_FILE 0x10
/** WTFCB_PROJECT_EDITS: a file that nobody imports is deleted. */
#define WTFCB_EDIT_DELETE_FILE 0x20

/* Options that take a text: wtfcb_project_set_string(). */

/** "small": 100 files, "medium": 1,000, "large": 20,000. Sets WTFCB_PROJECT_FILES. */
#define WTFCB_PROJECT_SIZE 64
/**
 * Names of languages with commas between them, in lower case: "c", "python", "javascript", "typescript", "java", "go", "rust". NULL (default): all of
 * them, 24 to 9 % of the files each in this order.
 */
#define WTFCB_PROJECT_LANGUAGES 65

/** Sums over a project. */
typedef struct wtfcb_project_totals {
    uint64_t files;       /**< manifests and modules included */
    uint64_t directories; /**< below the project's own */
    uint64_t bytes;       /**< of the files */
    uint64_t imports;     /**< of one file of the project by another */
    uint64_t steps;       /**< steps of wtfcb_project_edit() that are behind it */
} wtfcb_project_totals;

/** Sums over one language of a project. Manifests are in none. */
typedef struct wtfcb_project_language_totals {
    const char *language; /**< name in the library's table of languages; static */
    uint64_t files;
    uint64_t bytes;
} wtfcb_project_language_totals;

/**
 * Make a project with every option at its default. Touches no file.
 *
 * @param allocator    for all that hangs from the project; NULL for libc's
 * @param ret_project  owned by the caller, wtfcb_project_free(); untouched on failure
 * @return WTFCB_OK; WTFCB_EINVAL: `ret_project` is NULL or the allocator incomplete; WTFCB_ENOMEM.
 * @since 0.1
 */
WTFCB_API wtfcb_status wtfcb_project_new(const wtfcb_allocator *allocator, wtfcb_project **ret_project);

/** Free a project; NULL is accepted. What it generated stays. @since 0.1 */
WTFCB_API void wtfcb_project_free(wtfcb_project *project);

/** Number of options. Constant time. @since 0.1 */
WTFCB_API uint64_t wtfcb_project_option_count(void);

/**
 * Copy out the description of an option. Constant time.
 *
 * @param index  0 to wtfcb_project_option_count() - 1; not the option's id
 * @return WTFCB_OK; WTFCB_ENOTFOUND: no such row; WTFCB_EINVAL: `ret_row` is NULL or `row_size` 0.
 * @since 0.1
 */
WTFCB_API wtfcb_status wtfcb_project_option(uint64_t index, wtfcb_option *ret_row, size_t row_size);

/**
 * Set a number. It is another project from then on: steps of edits start at 0 again. Constant time.
 *
 * @return WTFCB_OK; WTFCB_ENOTFOUND: no such option, or one that takes a text; WTFCB_EINVAL: out of bounds, or `project` is NULL.
 * @since 0.1
 */
WTFCB_API wtfcb_status wtfcb_project_set(wtfcb_project *project, int32_t option, int64_t value);

/** Read a number. WTFCB_OK; WTFCB_ENOTFOUND: no such option; WTFCB_EINVAL: a NULL argument. @since 0.1 */
WTFCB_API wtfcb_status wtfcb_project_get(const wtfcb_project *project, int32_t option, int64_t *ret_value);

/**
 * Set a text, which is not kept.
 *
 * @return WTFCB_OK; WTFCB_ENOTFOUND: no such option, or one that takes a number; WTFCB_EINVAL: no such size or language, or `project` is
 *         NULL, or `value` for a size.
 * @since 0.1
 */
WTFCB_API wtfcb_status wtfcb_project_set_string(wtfcb_project *project, int32_t option, const char *value);

/**
 * Stop generating and editing when `cancel` fires; NULL for none. The project keeps it alive.
 *
 * @return WTFCB_OK; WTFCB_EINVAL: `project` is NULL.
 * @since 0.1
 */
WTFCB_API wtfcb_status wtfcb_project_set_cancel(wtfcb_project *project, wtfcb_cancel *cancel);

/**
 * Write the project into a folder. Blocks; a thousand files take some tens of milliseconds. Memory is that of the largest file and some 150
 * bytes for each.
 *
 * The folder is made if it does not exist (its parent must), and has to be empty if it does. Files and folders get the mode that the
 * process' umask leaves. Whatever fails, all that the call has written is removed again.
 *
 * @param path  of the folder
 * @param ret_error  optional; names the file concerned
 * @return WTFCB_OK; WTFCB_EINVAL: a NULL argument, or the folder is not empty; WTFCB_ESPECIAL: it is no folder; WTFCB_ENOTFOUND: its parent is missing;
 *         WTFCB_EACCES, WTFCB_EREADONLY, WTFCB_ENOSPACE, WTFCB_ELOOP, WTFCB_ELIMIT (a path too long), WTFCB_EIO: as the system says; WTFCB_ECANCELLED; WTFCB_ENOMEM.
 * @since 0.1
 */
WTFCB_API wtfcb_status wtfcb_project_generate(wtfcb_project *project, const char *path, wtfcb_error *ret_error);

/**
 * Apply the `step`-th of a series of edits to a generated tree that the steps before it have been applied to. What a step does follows from the options alone.
 * Blocks for the files that change and, when this handle has not applied the step before, for going through the series up to here in memory.
 *
 * Each file that is to change must be just as the steps before left it, to the byte: what somebody else has edited is neither overwritten nor removed.
 * A file is replaced whole, by renaming.
 *
 * @param path         of the folder
 * @param step         0 is the first
 * @param ret_changed  optional: how many paths were written, made or removed (a renamed file counts as two)
 * @return WTFCB_OK; WTFCB_EINVAL: a NULL argument; WTFCB_ENOTFOUND: no such folder, or a file that should be there is missing;
 *         WTFCB_ECHANGED: a file is not as it should be, or one stands where a new one belongs; WTFCB_ESPECIAL, WTFCB_ELOOP, WTFCB_EACCES, WTFCB_EREADONLY, WTFCB_ENOSPACE, WTFCB_ELIMIT,
 *         WTFCB_EIO: as the system says; WTFCB_ECANCELLED; WTFCB_ENOMEM. After a failure the step may be applied in part: each file is then as before it or
 *         after it; generate the project anew to go on.
 * @since 0.1
 */
WTFCB_API wtfcb_status wtfcb_project_edit(wtfcb_project *project, const char *path, uint64_t step,
                                          uint64_t *ret_changed, wtfcb_error *ret_error);

/**
 * Sums over the project as it is after the last generate or edit of this handle, or would be. Blocks while what this handle has not written is composed
 * in memory: about a second for a large project, once.
 *
 * @return WTFCB_OK; WTFCB_EINVAL: a NULL argument or `size` 0; WTFCB_ECANCELLED; WTFCB_ENOMEM.
 * @since 0.1
 */
WTFCB_API wtfcb_status wtfcb_project_statistics(wtfcb_project *project, wtfcb_project_totals *ret_totals, size_t size);

/**
 * The same for each of its languages.
 *
 * @param index  0 for the first of them
 * @return as wtfcb_project_statistics(); WTFCB_ENOTFOUND: no such row.
 * @since 0.1
 */
WTFCB_API wtfcb_status wtfcb_project_language(wtfcb_project *project, uint64_t index,
                                              wtfcb_project_language_totals *ret_row, size_t row_size);

#ifdef __cplusplus
}
#endif
#endif
