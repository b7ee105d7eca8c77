/**
 * @file
 * `wtfcb_codebase`: what a scan found, as an immutable snapshot.
 *
 * A snapshot is made by a scan (scanner.h) and stands by itself: it outlives the scanner, never touches the file system,
 * and never changes. It holds tables: files, symbols, imports, findings, embedded parts, languages. A row is copied
 * out into a struct of the caller's:
 *
 *     wtfcb_file file;
 *     for (uint64_t i = 0; wtfcb_codebase_file(codebase, i, &file, sizeof file) == WTFCB_OK; i++)
 *         printf("%s: %llu lines\n", file.path, (unsigned long long)file.lines);
 *
 * Pass `sizeof row` of your own header: a later library may know more members, which it leaves out for you, and an older one fewer,
 * which it sets to 0. Strings in a row point into the snapshot, live as long as it does and end with a NUL; a path or
 * name may hold any byte but NUL.
 *
 * Files stand in path order: `memcmp` of the whole relative path. Symbols, imports, findings and embedded parts stand in the
 * order of their files, and inside a file by start. Rows of one file are contiguous: `wtfcb_file.first_symbol` and
 * `symbol_count` and so on say where.
 *
 * The same tree and the same options give the same rows whatever the number of threads; only times and `origin` differ.
 *
 * Positions: byte offsets, and zero-based lines with zero-based byte columns. The end of a range is the first byte behind
 * it. A file in UTF-16 is read as UTF-8: its offsets and columns are those of the converted text.
 *
 * Threads: immutable. Any number of threads may read one snapshot; wtfcb_codebase_ref() and wtfcb_codebase_free() may be
 * called from any of them.
 */
#ifndef WTFCB_CODEBASE_H
#define WTFCB_CODEBASE_H

#include <wtfcb/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A snapshot. */
typedef struct wtfcb_codebase wtfcb_codebase;

/** "No row": a symbol without a parent. */
#define WTFCB_NO_INDEX UINT64_MAX

/** `wtfcb_file.origin`: this scan read and examined the file, or only listed it. */
#define WTFCB_ORIGIN_PARSED 0
/** `wtfcb_file.origin`: remembered; the file's signature has not changed since. */
#define WTFCB_ORIGIN_UNCHANGED 1
/** `wtfcb_file.origin`: remembered; the file was read and its content hash was known. */
#define WTFCB_ORIGIN_CONTENT 2

/** `wtfcb_file.limits`: larger than WTFCB_SCANNER_MAX_FILE_SIZE; the content was not read. */
#define WTFCB_LIMIT_FILE_SIZE 0x1u
/** `wtfcb_file.limits`: larger than WTFCB_SCANNER_MAX_PARSE_SIZE; lines are counted, there is no syntax. */
#define WTFCB_LIMIT_PARSE_SIZE 0x2u
/** `wtfcb_file.limits`: the parse took more than WTFCB_SCANNER_MAX_FILE_WORK steps. */
#define WTFCB_LIMIT_WORK 0x4u
/** `wtfcb_file.limits`: the parse took more than WTFCB_SCANNER_MAX_FILE_MEMORY bytes. */
#define WTFCB_LIMIT_MEMORY 0x8u
/** `wtfcb_file.limits`: the parse took longer than WTFCB_SCANNER_MAX_FILE_TIME. */
#define WTFCB_LIMIT_TIME 0x10u
/** `wtfcb_file.limits`: more findings than WTFCB_SCANNER_MAX_FINDINGS; the first ones are kept. */
#define WTFCB_LIMIT_FINDINGS 0x20u
/** `wtfcb_file.limits`: the scan's WTFCB_SCANNER_DEADLINE passed before the file was examined. */
#define WTFCB_LIMIT_DEADLINE 0x40u
/** `wtfcb_file.limits`: the directory lies deeper than WTFCB_SCANNER_MAX_DEPTH; it was not entered. */
#define WTFCB_LIMIT_DEPTH 0x80u

/** `wtfcb_file.flags`: a NUL byte in the first 8,000 bytes; not counted, not parsed. */
#define WTFCB_FILE_BINARY 0x1u
/** `wtfcb_file.flags`: not a file but a directory that could not be read; `status` says why. */
#define WTFCB_FILE_DIRECTORY 0x2u
/** `wtfcb_file.flags`: the syntax tree has errors; what could be recognised around them is there. */
#define WTFCB_FILE_SYNTAX_ERRORS 0x4u
/** `wtfcb_file.flags`: `hash` holds the content's hash. */
#define WTFCB_FILE_HASHED 0x8u
/** `wtfcb_file.flags`: the file was parsed (or its remembered parse was used). */
#define WTFCB_FILE_SYNTAX 0x10u
/** `wtfcb_file.flags`: named by the caller, not found by walking. */
#define WTFCB_FILE_NAMED 0x20u

/** A place in a file's text. */
typedef struct wtfcb_range {
    uint32_t start_byte;
    uint32_t end_byte;
    uint32_t start_line;
    uint32_t start_column;
    uint32_t end_line;
    uint32_t end_column;
} wtfcb_range;

/** One file, or one directory that could not be read. */
typedef struct wtfcb_file {
    const char *path;        /**< relative to the scanned root, '/' between parts; bytes as the file system has them */
    uint64_t path_length;    /**< bytes of `path` */
    const char *language;    /**< name in the language table; "" when none was recognised */
    uint64_t size;           /**< bytes, as stat(2) or the read said */
    uint64_t lines;          /**< physical lines of this file's own language: code + comments + blanks */
    uint64_t code;           /**< lines with any code */
    uint64_t comments;       /**< lines with a comment and no code */
    uint64_t blanks;         /**< lines with neither */
    uint64_t documentation;  /**< those of `comments` that document: doc comments, docstrings */
    uint64_t error_bytes;    /**< bytes of the text inside syntax errors */
    uint64_t parse_ns;       /**< time this scan spent on the parse, in ns; 0 when it did not parse */
    uint64_t first_symbol;   /**< index of the file's first row in the table of symbols */
    uint64_t symbol_count;   /**< number of rows there */
    uint64_t first_import;   /**< likewise, imports */
    uint64_t import_count;   /**< likewise */
    uint64_t first_finding;  /**< likewise, findings */
    uint64_t finding_count;  /**< likewise */
    uint64_t first_embedded; /**< likewise, embedded parts */
    uint64_t embedded_count; /**< likewise */
    uint8_t hash[16];        /**< XXH3-128 of the content, big-endian, when `flags` has WTFCB_FILE_HASHED */
    wtfcb_status status;     /**< WTFCB_OK, or what went wrong with this file alone */
    uint32_t limits;         /**< mask of WTFCB_LIMIT_* that were hit */
    uint32_t flags;          /**< mask of WTFCB_FILE_* */
    uint32_t origin;         /**< WTFCB_ORIGIN_* */
    int32_t os_error;        /**< errno behind `status`, or 0 */
    uint32_t language_index; /**< index in the table of wtfcb_languages; UINT32_MAX when none was recognised */
} wtfcb_file;

/** `wtfcb_symbol.kind`. wtfcb_symbol_kind_name() has their names. */
#define WTFCB_SYMBOL_FUNCTION 1
#define WTFCB_SYMBOL_METHOD 2
#define WTFCB_SYMBOL_CONSTRUCTOR 3
#define WTFCB_SYMBOL_CLASS 4
#define WTFCB_SYMBOL_STRUCT 5
#define WTFCB_SYMBOL_UNION 6
#define WTFCB_SYMBOL_INTERFACE 7
#define WTFCB_SYMBOL_TRAIT 8
#define WTFCB_SYMBOL_ENUM 9
#define WTFCB_SYMBOL_ENUM_MEMBER 10
#define WTFCB_SYMBOL_FIELD 11
#define WTFCB_SYMBOL_PROPERTY 12
#define WTFCB_SYMBOL_TYPE_ALIAS 13
#define WTFCB_SYMBOL_MACRO 14
#define WTFCB_SYMBOL_CONSTANT 15
#define WTFCB_SYMBOL_VARIABLE 16
#define WTFCB_SYMBOL_MODULE 17
#define WTFCB_SYMBOL_NAMESPACE 18

/** `wtfcb_symbol.flags`: visible outside its file or module by the rules of its language. */
#define WTFCB_SYMBOL_EXPORTED 0x1u
/** `wtfcb_symbol.flags`: found inside a syntax error; name and start are right, the rest may be cut. */
#define WTFCB_SYMBOL_RECOVERED 0x2u

/** One definition. */
typedef struct wtfcb_symbol {
    const char *name;     /**< as written in the source */
    uint64_t name_length; /**< bytes of `name` */
    uint64_t file;        /**< index of its file */
    uint64_t parent;      /**< index of the symbol that encloses it in this file, or ::WTFCB_NO_INDEX */
    wtfcb_range range;    /**< the whole definition */
    uint32_t name_byte;   /**< where the name stands */
    uint32_t name_line;   /**< likewise */
    uint32_t name_column; /**< likewise */
    uint32_t kind;        /**< WTFCB_SYMBOL_FUNCTION and so on */
    uint32_t flags;       /**< mask of WTFCB_SYMBOL_EXPORTED, WTFCB_SYMBOL_RECOVERED */
    uint32_t parameters;  /**< declared parameters of a function, method, constructor or macro */
    uint32_t cyclomatic;  /**< functions: 1 + decision points (McCabe 1976); `&&`, `||` and `?:` count; else 0 */
    uint32_t cognitive;   /**< functions: cognitive complexity after Campbell (2018), recursion not counted; else 0 */
    uint32_t nesting;     /**< functions: deepest nesting of control structures; else 0 */
    uint32_t reserved;    /**< 0 */
} wtfcb_symbol;

/** `wtfcb_import.kind`: a module or package by name (`import os`, `use std::io`). */
#define WTFCB_IMPORT_MODULE 1
/** `wtfcb_import.kind`: a file by quoted path (`#include "x.h"`, `from "./x.js"`). */
#define WTFCB_IMPORT_FILE 2
/** `wtfcb_import.kind`: a file on the system's path (`#include <x.h>`). */
#define WTFCB_IMPORT_SYSTEM 3
/** `wtfcb_import.kind`: a call that loads at run time (`require("x")`, `import("x")`). */
#define WTFCB_IMPORT_DYNAMIC 4
/** `wtfcb_import.kind`: passed on to this module's own users (`export * from "x"`, `pub use x`). */
#define WTFCB_IMPORT_REEXPORT 5

/** One import, include or use. */
typedef struct wtfcb_import {
    const char *text;     /**< what is imported, as written, without quotes or angle brackets */
    uint64_t text_length; /**< bytes of `text` */
    uint64_t file;        /**< index of the importing file */
    wtfcb_range range;    /**< the whole statement */
    uint32_t kind;        /**< WTFCB_IMPORT_MODULE and so on */
    uint32_t reserved;    /**< 0 */
} wtfcb_import;

/** `wtfcb_finding.severity`. */
#define WTFCB_SEVERITY_NOTE 1
#define WTFCB_SEVERITY_WARNING 2
#define WTFCB_SEVERITY_ERROR 3

/** Something a rule says about a place. The library's own rules: "syntax-error", "syntax-missing". */
typedef struct wtfcb_finding {
    const char *rule;        /**< short name of the rule */
    const char *message;     /**< one sentence without a full stop */
    uint64_t rule_length;    /**< bytes of `rule` */
    uint64_t message_length; /**< bytes of `message` */
    uint64_t file;           /**< index of its file */
    wtfcb_range range;       /**< the place */
    uint32_t severity;       /**< WTFCB_SEVERITY_* */
    uint32_t reserved;       /**< 0 */
} wtfcb_finding;

/**
 * A part of a file in another language (a script in a page): its lines are not in the file's own counts.
 *
 * A part is whole lines of its file, except in a Jupyter notebook: there place and size are those of the cell's strings
 * in the JSON, quotes and escapes included, while the lines are those of the text that the strings hold; a code block
 * of a Markdown cell is a part of its own whose place lies within that of its cell.
 */
typedef struct wtfcb_embedded {
    const char *language;    /**< name in the language table */
    uint64_t file;           /**< index of the enclosing file */
    uint64_t start_byte;     /**< where the part begins */
    uint64_t size;           /**< its bytes */
    uint64_t start_line;     /**< its first line, zero-based */
    uint64_t lines;          /**< physical lines of the part */
    uint64_t code;           /**< as in wtfcb_file */
    uint64_t comments;       /**< likewise */
    uint64_t blanks;         /**< likewise */
    uint64_t documentation;  /**< likewise */
    uint32_t language_index; /**< index in the table of wtfcb_languages */
    uint32_t reserved;       /**< 0 */
} wtfcb_embedded;

/** Sums over one language; parts embedded in files of other languages are included in all but `files` and `bytes`. */
typedef struct wtfcb_language_totals {
    const char *language; /**< name in the language table; "" for files of no known language */
    uint64_t files;
    uint64_t bytes;
    uint64_t lines;
    uint64_t code;
    uint64_t comments;
    uint64_t blanks;
    uint64_t documentation;
    uint64_t symbols;
    uint32_t language_index; /**< UINT32_MAX for files of no known language */
    uint32_t reserved;       /**< 0 */
} wtfcb_language_totals;

/** Sums over everything. */
typedef struct wtfcb_totals {
    uint64_t files; /**< rows of files; directories that could not be read are not among them */
    uint64_t bytes; /**< their sizes */
    uint64_t lines;
    uint64_t code;
    uint64_t comments;
    uint64_t blanks;
    uint64_t documentation;
    uint64_t symbols;
    uint64_t imports;
    uint64_t findings;
    uint64_t binary;        /**< files with WTFCB_FILE_BINARY */
    uint64_t failed;        /**< rows whose status is not WTFCB_OK, directories included */
    uint64_t limited;       /**< rows that hit a limit */
    uint64_t syntax_errors; /**< files with WTFCB_FILE_SYNTAX_ERRORS */
} wtfcb_totals;

/** How a scan went. Times are in ns; those marked (sum) add up all threads. */
typedef struct wtfcb_scan_stats {
    uint64_t directories;     /**< entered */
    uint64_t files_walked;    /**< found and not ignored */
    uint64_t files_ignored;   /**< entries that ignore rules or patterns kept out, directories included */
    uint64_t files_read;      /**< content read */
    uint64_t files_parsed;    /**< syntax trees built */
    uint64_t hits_memory;     /**< results from the cache's memory tier */
    uint64_t hits_persistent; /**< results from the cache's persistent tier */
    uint64_t hits_unchanged;  /**< files that were not read because their signature had not changed */
    uint64_t bytes_read;      /**< content read */
    uint64_t threads;         /**< workers */
    uint64_t wall_ns;         /**< the whole call */
    uint64_t walk_ns;         /**< walk, wall time */
    uint64_t process_ns;      /**< reading, counting and parsing, wall time */
    uint64_t read_ns;         /**< open, read, close (sum) */
    uint64_t hash_ns;         /**< content hash (sum) */
    uint64_t count_ns;        /**< detection and line counts (sum) */
    uint64_t parse_ns;        /**< syntax trees (sum) */
    uint64_t extract_ns;      /**< facts from the trees (sum) */
    wtfcb_status status; /**< WTFCB_OK, or WTFCB_ETIMEOUT: the deadline passed and rows are missing their content */
    uint32_t reserved;   /**< 0 */
} wtfcb_scan_stats;

/**
 * Take another hold on a snapshot, for a second owner. Constant time, any thread.
 *
 * @return `codebase`, which may be NULL
 * @since 0.1
 */
WTFCB_API wtfcb_codebase *wtfcb_codebase_ref(wtfcb_codebase *codebase);

/**
 * Drop a hold on a snapshot; the last one frees it. NULL is accepted. Any thread.
 * @since 0.1
 */
WTFCB_API void wtfcb_codebase_free(wtfcb_codebase *codebase);

/** The root that was scanned, as it was given; "" for a list or a buffer. Never NULL. @since 0.1 */
WTFCB_API const char *wtfcb_codebase_root(const wtfcb_codebase *codebase);

/** Number of rows: files (and unreadable directories). Constant time. @since 0.1 */
WTFCB_API uint64_t wtfcb_codebase_file_count(const wtfcb_codebase *codebase);
/** Number of rows: symbols. Constant time. @since 0.1 */
WTFCB_API uint64_t wtfcb_codebase_symbol_count(const wtfcb_codebase *codebase);
/** Number of rows: imports. Constant time. @since 0.1 */
WTFCB_API uint64_t wtfcb_codebase_import_count(const wtfcb_codebase *codebase);
/** Number of rows: findings. Constant time. @since 0.1 */
WTFCB_API uint64_t wtfcb_codebase_finding_count(const wtfcb_codebase *codebase);
/** Number of rows: embedded parts. Constant time. @since 0.1 */
WTFCB_API uint64_t wtfcb_codebase_embedded_count(const wtfcb_codebase *codebase);
/** Number of rows: languages that occur, most code lines first. Constant time. @since 0.1 */
WTFCB_API uint64_t wtfcb_codebase_language_count(const wtfcb_codebase *codebase);

/**
 * Copy out the row of a file. Constant time.
 *
 * @param index     0 to wtfcb_codebase_file_count() - 1
 * @param ret_row   filled as far as `row_size` reaches; untouched on failure
 * @param row_size  `sizeof *ret_row`
 * @return WTFCB_OK; WTFCB_ENOTFOUND: no such row; WTFCB_EINVAL: a NULL argument.
 * @since 0.1
 */
WTFCB_API wtfcb_status wtfcb_codebase_file(const wtfcb_codebase *codebase, uint64_t index, wtfcb_file *ret_row,
                                           size_t row_size);

/**
 * Copy out the row of a symbol. O(log files), constant time when rows are read in order of a file's own.
 * Arguments and statuses as wtfcb_codebase_file().
 * @since 0.1
 */
WTFCB_API wtfcb_status wtfcb_codebase_symbol(const wtfcb_codebase *codebase, uint64_t index, wtfcb_symbol *ret_row,
                                             size_t row_size);

/** Copy out the row of an import; as wtfcb_codebase_symbol(). @since 0.1 */
WTFCB_API wtfcb_status wtfcb_codebase_import(const wtfcb_codebase *codebase, uint64_t index, wtfcb_import *ret_row,
                                             size_t row_size);

/** Copy out the row of a finding; as wtfcb_codebase_symbol(). @since 0.1 */
WTFCB_API wtfcb_status wtfcb_codebase_finding(const wtfcb_codebase *codebase, uint64_t index, wtfcb_finding *ret_row,
                                              size_t row_size);

/** Copy out the row of an embedded part; as wtfcb_codebase_symbol(). @since 0.1 */
WTFCB_API wtfcb_status wtfcb_codebase_embedded(const wtfcb_codebase *codebase, uint64_t index, wtfcb_embedded *ret_row,
                                               size_t row_size);

/** Copy out the row of a language's totals; as wtfcb_codebase_file(). @since 0.1 */
WTFCB_API wtfcb_status wtfcb_codebase_language(const wtfcb_codebase *codebase, uint64_t index,
                                               wtfcb_language_totals *ret_row, size_t row_size);

/**
 * The row of a path. O(log files).
 *
 * @param path       relative to the root, as rows have it; any bytes
 * @param length     bytes of `path`
 * @param ret_index  untouched on failure
 * @return WTFCB_OK; WTFCB_ENOTFOUND; WTFCB_EINVAL: a NULL argument.
 * @since 0.1
 */
WTFCB_API wtfcb_status wtfcb_codebase_find_file(const wtfcb_codebase *codebase, const char *path, size_t length,
                                                uint64_t *ret_index);

/** Copy out the totals, filled as far as `size` reaches. WTFCB_OK; WTFCB_EINVAL: a NULL argument. @since 0.1 */
WTFCB_API wtfcb_status wtfcb_codebase_totals(const wtfcb_codebase *codebase, wtfcb_totals *ret_totals, size_t size);

/** Copy out how the scan went, filled as far as `size` reaches. WTFCB_OK; WTFCB_EINVAL: a NULL argument. @since 0.1 */
WTFCB_API wtfcb_status wtfcb_codebase_stats(const wtfcb_codebase *codebase, wtfcb_scan_stats *ret_stats, size_t size);

/** Columns for the bulk getters below. */
#define WTFCB_COLUMN_KIND 1
#define WTFCB_COLUMN_FLAGS 2
#define WTFCB_COLUMN_START_BYTE 3
#define WTFCB_COLUMN_END_BYTE 4
#define WTFCB_COLUMN_START_LINE 5
#define WTFCB_COLUMN_END_LINE 6
#define WTFCB_COLUMN_NAME_LINE 7
#define WTFCB_COLUMN_PARAMETERS 8
#define WTFCB_COLUMN_CYCLOMATIC 9
#define WTFCB_COLUMN_COGNITIVE 10
#define WTFCB_COLUMN_NESTING 11

/**
 * Copy one column of many symbols into an array, for bindings to array languages. O(count).
 *
 * @param column      WTFCB_COLUMN_KIND and so on
 * @param first       first row
 * @param count       number of rows; first + count must not pass wtfcb_codebase_symbol_count()
 * @param ret_values  room for `count` numbers; untouched on failure
 * @return WTFCB_OK; WTFCB_EINVAL: a NULL argument or an unknown column; WTFCB_ENOTFOUND: rows that do not exist.
 * @since 0.1
 */
WTFCB_API wtfcb_status wtfcb_codebase_symbol_column(const wtfcb_codebase *codebase, int32_t column, uint64_t first,
                                                    uint64_t count, uint32_t *ret_values);

/** Name of a symbol kind, such as "enum-member"; "unknown" for others. Static, constant time. @since 0.1 */
WTFCB_API const char *wtfcb_symbol_kind_name(uint32_t kind);

/** Name of an import kind, such as "module"; "unknown" for others. Static, constant time. @since 0.1 */
WTFCB_API const char *wtfcb_import_kind_name(uint32_t kind);

/** Name of a severity, such as "warning"; "unknown" for others. Static, constant time. @since 0.1 */
WTFCB_API const char *wtfcb_severity_name(uint32_t severity);

/** Name of an origin, such as "parsed"; "unknown" for others. Static, constant time. @since 0.1 */
WTFCB_API const char *wtfcb_origin_name(uint32_t origin);

/** Name of one bit of `wtfcb_file.limits`, such as "parse-size"; "unknown" for others. Static. @since 0.1 */
WTFCB_API const char *wtfcb_limit_name(uint32_t limit);

/**
 * The column in UTF-16 code units of a byte column, as editors and the Language Server Protocol count. O(column).
 *
 * @param line         the bytes of the line
 * @param length       their number
 * @param byte_column  at most `length`; larger is taken as `length`
 * @return code units in front of the column; a byte that is no UTF-8 counts as one
 * @since 0.1
 */
WTFCB_API uint32_t wtfcb_utf16_column(const char *line, size_t length, uint32_t byte_column);

#ifdef __cplusplus
}
#endif
#endif
