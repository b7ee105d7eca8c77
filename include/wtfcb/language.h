/**
 * @file
 * `wtfcb_languages`: which languages there are, and which one a file is written in.
 *
 * A handle holds the built-in table of languages, and what its owner adds: their names, what their files are called, how their comments and
 * strings look, and which grammar parses them. A scanner makes a handle of its own unless it is given one; make one
 * yourself to list the languages, to ask about a path or a buffer, or to name statically linked grammars.
 *
 *     wtfcb_languages *languages;
 *     uint32_t index;
 *     if (wtfcb_languages_new(NULL, &languages) != WTFCB_OK) return 1;
 *     if (wtfcb_languages_detect(languages, "src/main.rs", NULL, 0, &index) == WTFCB_OK) {
 *         wtfcb_language row;
 *         wtfcb_languages_get(languages, index, &row, sizeof row);
 *         puts(row.name);
 *     }
 *     wtfcb_languages_free(languages);
 *
 * **What a language is good for.** Every language has its lines counted; those with a grammar have symbols and imports
 * too. TSX is a language of its own because it has a grammar of its own; JSX is counted and parsed as JavaScript.
 *
 * **What counts as what.** A physical line is code, comment or blank, and the three add up to all lines. A line with any
 * code on it is code. A blank line inside a block comment is comment; one inside a multi-line string or a heredoc is
 * code. White space is space, tab, carriage return, vertical tab and form feed. A last line without a newline counts; an
 * empty file has none. Documentation lines are those comment lines that are written for a documentation tool (doc
 * comments, Python's docstrings, Perl's POD): a subset of the comments. A docstring is therefore a comment, not code, if
 * it stands as a statement of its own. In prose and markup every line that is neither blank nor a comment is "code". A
 * file of no known language has only code and blank lines.
 *
 * **Embedded languages.** The lines strictly between the line on which `<script>` or `<style>` ends and the line of its
 * end tag, and those between the two fences of a Markdown code block, belong to the embedded language when it is known,
 * and are not counted for the file's own: a file's lines and its children's lines add up to its physical lines. The cells
 * of a Jupyter notebook belong to the language of its kernel or of the cell's magic (`%%bash`), or to Markdown; its own
 * lines are those on which no string of such a cell stands, so that the sum holds where JSON has a line for each line of a cell.
 *
 * Threads: shared after set-up. Calls that change a handle (wtfcb_languages_add(), wtfcb_languages_set_grammar()) belong before its first use by
 * a scanner and to one thread; everything else only reads and may run anywhere at once.
 */
#ifndef WTFCB_LANGUAGE_H
#define WTFCB_LANGUAGE_H

#include <stddef.h>
#include <stdint.h>

#include <wtfcb/allocator.h>
#include <wtfcb/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/** The table of languages. */
typedef struct wtfcb_languages wtfcb_languages;

/** A grammar that is linked into the program; made by the grammar's object, opaque to its user. */
struct wtfcb_grammar;

/** Group of a language: people write programs in it. */
#define WTFCB_LANGUAGE_PROGRAMMING 1u
/** Group of a language: it holds data or settings. */
#define WTFCB_LANGUAGE_DATA 2u
/** Group of a language: it describes documents or styles. */
#define WTFCB_LANGUAGE_MARKUP 3u
/** Group of a language: text for people. */
#define WTFCB_LANGUAGE_PROSE 4u

/**
 * One language. All strings are NUL-terminated and live as long as the handle. Lists are separated by single spaces
 * and are "" when there is nothing to list.
 */
typedef struct wtfcb_language {
    const char *name;         /**< as people write it, such as "C++" */
    const char *group_name;   /**< "programming", "data", "markup" or "prose" */
    const char *aliases;      /**< other names, lower case, such as "cpp c++" */
    const char *extensions;   /**< without the leading dot; "d.ts" stands for `*.d.ts` */
    const char *file_names;   /**< whole names, such as "Makefile" */
    const char *interpreters; /**< what its `#!` lines run, without version: "python" serves `python3.11` */
    const char *grammar;      /**< the grammar that parses it, such as "cpp"; NULL if there is none */
    const char *line_comment; /**< what begins a comment to the end of the line, such as "//"; "" if nothing does */
    const char *block_open;   /**< what begins a block comment, such as "/" "*"; "" if nothing does */
    const char *block_close;  /**< what ends it */
    uint32_t group;           /**< one of `WTFCB_LANGUAGE_...` */
    uint32_t index;           /**< its place in this handle, from 0 */
} wtfcb_language;

/** wtfcb_language_spec.flags: block comments nest. */
#define WTFCB_LANGUAGE_NESTED 1u
/** wtfcb_language_spec.flags: strings may span lines; without it a newline ends them. */
#define WTFCB_LANGUAGE_MULTILINE 2u

/**
 * A language as a caller describes it for wtfcb_languages_add(). Zero what you do not need. Lists are separated by single
 * spaces, with none at either end; NULL and "" both list nothing.
 */
typedef struct wtfcb_language_spec {
    const char *name;          /**< up to 64 bytes without control characters, such as "Ember"; required */
    const char *aliases;       /**< other names, stored in lower case */
    const char *extensions;    /**< without the leading dot, up to 24 bytes each, with at most one dot inside */
    const char *file_names;    /**< whole names without slash; one with a space in it cannot be listed */
    const char *interpreters;  /**< what its `#!` lines run, without version */
    const char *grammar;       /**< name of the grammar that parses it; NULL for none, or what it was */
    const char *like;          /**< a known language whose comments and strings it has; then the next four are NULL */
    const char *line_comments; /**< list, such as "// #"; a mark that begins or ends with a letter has to stand alone */
    const char *block_open;    /**< one mark, with `block_close` */
    const char *block_close;   /**< one mark */
    const char *quotes;        /**< list of marks that begin and end a string; a backslash escapes the next byte */
    uint32_t group;            /**< one of `WTFCB_LANGUAGE_...`; 0: programming, or what it was */
    uint32_t flags;            /**< `WTFCB_LANGUAGE_NESTED`, `WTFCB_LANGUAGE_MULTILINE` */
} wtfcb_language_spec;

/**
 * Make a handle that holds the built-in languages.
 *
 * Takes well under a millisecond and about 150 KB; loads no grammar and touches no file.
 *
 * @param allocator      NULL for libc's; copied, and used for all that hangs from the handle
 * @param ret_languages  owned by the caller, wtfcb_languages_free(); untouched on failure
 * @return WTFCB_OK; WTFCB_EINVAL: `ret_languages` is NULL or the allocator lacks a function; WTFCB_ENOMEM.
 * @since 0.1
 */
WTFCB_API wtfcb_status wtfcb_languages_new(const wtfcb_allocator *allocator, wtfcb_languages **ret_languages);

/**
 * Drop the caller's hold on a handle; NULL is accepted. Scanners and snapshots that use the handle keep it alive.
 * @since 0.1
 */
WTFCB_API void wtfcb_languages_free(wtfcb_languages *languages);

/**
 * How many languages the handle knows; 0 for NULL. Constant time.
 * @since 0.1
 */
WTFCB_API uint32_t wtfcb_languages_count(const wtfcb_languages *languages);

/**
 * Copy one language out. Constant time.
 *
 * @param index     0 up to wtfcb_languages_count(), in the table's order: the built-in ones by name, ignoring case,
 *                  then the caller's as they were added
 * @param ret_row   caller's struct; its strings belong to the handle
 * @param row_size  `sizeof(wtfcb_language)` of the caller's header: a smaller struct receives its first members, what a
 *                  larger one has beyond this version's is set to zero
 * @return WTFCB_OK; WTFCB_EINVAL: NULL, or a size of 0; WTFCB_ENOTFOUND: no such index.
 * @since 0.1
 */
WTFCB_API wtfcb_status wtfcb_languages_get(const wtfcb_languages *languages, uint32_t index, wtfcb_language *ret_row,
                                           size_t row_size);

/**
 * Find a language by its name or one of its aliases, whatever their case. Constant time.
 *
 * @param name       NUL-terminated
 * @param ret_index  untouched on failure
 * @return WTFCB_OK; WTFCB_EINVAL: NULL; WTFCB_ENOTFOUND: no language is called so.
 * @since 0.1
 */
WTFCB_API wtfcb_status wtfcb_languages_find(const wtfcb_languages *languages, const char *name, uint32_t *ret_index);

/**
 * Say which language a file is written in.
 *
 * Asked in this order: an editor's modeline (vim: first and last five lines; emacs: first lines and local variables), the
 * file's name, its `#!` line, its extension (the longest that is known; as written, then in lower case), and for
 * extensions that several languages share, rules over the first 8 KiB. Without content only name and extension are
 * asked, and a shared extension gets its most usual language. No file is opened; the path is only looked at. With
 * content the cost is a few hundred bytes' reading for most files, and at most 8 KiB's for shared extensions.
 *
 * @param path     NUL-terminated bytes; only what follows the last slash matters
 * @param content  the file's bytes in UTF-8 or another superset of ASCII, or NULL if they are not at hand
 * @param length   of `content`; ignored without it
 * @param ret_index  untouched on failure
 * @return WTFCB_OK; WTFCB_EINVAL: `languages`, `path` or `ret_index` is NULL; WTFCB_ENOTFOUND: no language known.
 * @since 0.1
 */
WTFCB_API wtfcb_status wtfcb_languages_detect(const wtfcb_languages *languages, const char *path, const char *content,
                                              size_t length, uint32_t *ret_index);

/**
 * Add a language, or change one that the handle knows by this name or alias.
 *
 * A new language stands behind the others and is from then on like a built-in one: found, detected, counted, totalled.
 * One that is known keeps its place and name; what the spec lists is added to what it has, and comments and strings are
 * replaced as a whole if the spec gives any of them (or `like`).
 *
 * A listed extension, file name or interpreter belongs to this language alone afterwards: it is taken from those
 * that had it, and rules for an extension that several languages shared are not asked any more. So `{.name = "C++",
 * .extensions = "h"}` makes each header C++. Modelines and `#!` lines stand above extensions as before.
 *
 * Call it before wtfcb_languages_set_grammar() and before the handle is given to a scanner. Everything is copied. Takes about
 * as long as making a handle, because the maps are built anew.
 *
 *     wtfcb_language_spec spec = {.name = "Ember", .extensions = "ember", .line_comments = "#", .quotes = "\""};
 *     wtfcb_languages_add(languages, &spec, sizeof spec, NULL);
 *
 * @param spec       read only during the call
 * @param spec_size  `sizeof(wtfcb_language_spec)` of the caller's header: members that a smaller struct lacks count as
 *                   zero; what a larger one has beyond this version's must be zero
 * @param ret_index  the language's place in the handle; NULL if it is not wanted; untouched on failure
 * @return WTFCB_OK; WTFCB_EINVAL: `languages` or `spec` is NULL, a size of 0, or the spec breaks a rule of its members
 *         (marks are printable ASCII, up to 32 bytes each, 16 a list; an alias must not name another language);
 *         WTFCB_EUNSUPPORTED: a member or flag that this version does not know is set; WTFCB_ENOTFOUND: no language is
 *         called `like`; WTFCB_EBUSY: a scanner or snapshot holds the handle, or it has had a grammar set or been scanned with;
 *         WTFCB_ELIMIT: more than 60,000 languages; WTFCB_ENOMEM. On failure the handle is as it was.
 * @since 0.1
 */
WTFCB_API wtfcb_status wtfcb_languages_add(wtfcb_languages *languages, const wtfcb_language_spec *spec,
                                           size_t spec_size, uint32_t *ret_index);

/**
 * Name the grammar that is linked into the program for a language, so that no shared object is looked for.
 *
 * For static builds: `wtfcb_languages_set_grammar(languages, "Rust", wtfcb_grammar_rust())`. Call it before the handle is given to a
 * scanner. A second call for the same language replaces the first.
 *
 * @param name     name or alias of the language
 * @param grammar  static data of the grammar's object, kept; NULL takes the language's grammar away
 * @return WTFCB_OK; WTFCB_EINVAL: `languages` or `name` is NULL; WTFCB_ENOTFOUND: no such language; WTFCB_EGRAMMAR: made for
 *         a version of the parser that this library does not contain; WTFCB_ENOMEM.
 * @since 0.1
 */
WTFCB_API wtfcb_status wtfcb_languages_set_grammar(wtfcb_languages *languages, const char *name,
                                                   const struct wtfcb_grammar *grammar);

#ifdef __cplusplus
}
#endif
#endif
