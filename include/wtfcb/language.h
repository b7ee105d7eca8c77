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
 * **Languages from a file.** wtfcb_languages_load() reads a text that people write: one statement in a line, words
 * separated by blanks, `#` before a word begins a comment, a word in double quotes may hold blanks, and a backslash
 * in it takes the next byte as it is. An object named in it is code that runs in this process: never load a table from
 * a tree that is being scanned.
 *
 *     language Ember                          # begins a language; what follows is about it
 *     aliases emb                             # lists; a line may be repeated
 *     extensions ember emb.in
 *     filenames Emberfile
 *     interpreters ember
 *     group programming                       # or data, markup, prose
 *     comment "//"                            # to the end of the line
 *     comment "{-" "-}"                       # two words: a block
 *     string "\""                             # begins and ends a string
 *     nested                                  # block comments nest
 *     multiline                               # strings may span lines
 *     like C                                  # comments and strings of a known language instead
 *     grammar tree_sitter_ember libember.so   # function and object; or `grammar c`: one that is found as usual
 *     node function_definition in-file=function in-type=method in-function=function opens=function
 *     node class_definition class opens=type name=#1
 *     node import_statement import=module name=source skip
 *     node if_statement branch cost nest if
 *     token "&&" and
 *     macro SYSCALL_DEFINE* function 1        # for C and C++: a call at file level that defines what its n-th
 *                                             # argument (default the first) names; a star: whatever begins so
 *
 * The object's path is relative to the table's directory. Its function is `tree_sitter_NAME` as the tree-sitter CLI makes
 * it, with a parser table of ABI 13 to 15, or `wtfcb_grammar_NAME` of an object made as ours are. A line `node` says what
 * a named node of the grammar means, `token` likewise of an anonymous one. Without any, the built-in meaning of the
 * grammar of that name holds, and if there is none, only syntax errors are found. The words:
 *
 *     function method constructor class struct union interface trait enum enum-member field property type-alias
 *     macro constant variable module namespace
 *                         the node defines such a symbol; with in-file=, in-type=, in-function= before it only there
 *     name=FIELD          its name, or an import's text, stands in this field (default `name`), as far as the built-in
 *                         rules know such a field; name=#1 to name=#9: the n-th named child; name=.: the node itself
 *     import=module import=file import=dynamic import=reexport
 *     opens=namespace opens=type opens=function
 *                         what is below belongs to the symbol; a function's is local and counts for its complexity
 *     branch              cyclomatic complexity + 1
 *     cost, flat          cognitive complexity + 1, with `cost` and the depth of nesting
 *     nest, nest-all      what is in the fields body, consequence and alternative, or all below, is nested
 *     if, else            an if behind an else costs 1 and nests no deeper
 *     logic, and, or      an expression with an operator in the field of that name, and its operators
 *     group               parentheses around an expression
 *     wrap                what is defined directly below begins here, such as a decorated function
 *     body                the child at which a definition's signature ends; need-body: no definition without a field body
 *     no-count            is no parameter; skip: nothing of interest below
 *     optional            not all versions of the grammar have such nodes; else an unknown one is a failure
 *
 * Threads: shared after set-up. Calls that change a handle (wtfcb_languages_add(), wtfcb_languages_load(),
 * wtfcb_languages_set_grammar()) belong before its first use by
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
    const char *file_names;   /**< whole names, such as "Makefile"; "Makefile." stands for `Makefile.*` */
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
    const char *name;       /**< up to 64 bytes without control characters, such as "Ember"; required */
    const char *aliases;    /**< other names, stored in lower case */
    const char *extensions; /**< without the leading dot, up to 24 bytes each, with at most one dot inside */
    const char
        *file_names; /**< whole names without slash; one with a space in it cannot be listed. One that begins with
                                    a capital and ends in a dot stands for all that begin so, except where the extension
                                    is that of a language with a grammar or of one that is not for programming */
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
 * Add or change the languages that a text file describes, with their grammars; see the head of this file for its form.
 *
 * The text is read as a whole before anything is changed. Then each language is added as wtfcb_languages_add() does, and
 * the object of its grammar is loaded. A grammar that cannot be loaded costs its language the syntax and nothing
 * else: all languages of the file are added, their lines are counted, and the call answers WTFCB_EGRAMMAR with the first
 * such failure. When that is mended, the call can be repeated as long as the handle is not in use. An object stays
 * mapped until the process ends once it was found to fit.
 *
 * The table and the objects must be regular files that not everybody may write; whoever may write them decides what code
 * runs here. A scanner of an object that the tree-sitter CLI made takes its memory from libc: it is given back after each
 * file, but not counted against the file's memory limit, and its failed assertions end the process.
 *
 * Blocks on reading and on the dynamic linker. At most 1 MiB of text, 1,000 languages, 255 rules for each, 64 words a line.
 *
 * @param path       NUL-terminated
 * @param ret_error  NULL if it is not wanted; written only on failure: its message has path, line and cause, its position is
 *                   the byte at which the line begins
 * @return WTFCB_OK; WTFCB_EINVAL: NULL, or a language breaks a rule of wtfcb_language_spec; WTFCB_EFORMAT: a line is not
 *         understood; WTFCB_EGRAMMAR: a grammar's object or function is missing, does not fit, or lacks a node that a rule
 *         names; WTFCB_ELIMIT; WTFCB_ENOTFOUND: no such file, or no language is called as `like` says; WTFCB_EACCES: not
 *         readable, or writable by everybody; WTFCB_ESPECIAL; WTFCB_ELOOP; WTFCB_EIO; WTFCB_EBUSY: a scanner or snapshot
 *         holds the handle, or it has had a grammar set or been scanned with; WTFCB_ENOMEM. After WTFCB_EINVAL,
 *         WTFCB_ENOTFOUND, WTFCB_ELIMIT and WTFCB_ENOMEM the languages in front of the one that failed may have been added; after
 *         WTFCB_EFORMAT nothing has changed.
 * @since 0.1
 */
WTFCB_API wtfcb_status wtfcb_languages_load(wtfcb_languages *languages, const char *path, wtfcb_error *ret_error);

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
