/*
 * The table of options: names, bounds, defaults. Command lines, bindings, manual pages and tests are made from it, so
 * that an option is added here and in wtfcb/scanner.h and nowhere else.
 */
#include "scanner/scanner.h"

#include <string.h>

#include "base/row.h"

#define KIB 1024
#define MIB (1024 * 1024)
#define GIB (1024LL * 1024 * 1024)

static const wtfcb_option options[] = {
    {"threads", "worker threads; 0: one for each core this process may use", 0, 1024, 0, WTFCB_SCANNER_THREADS,
     WTFCB_OPTION_INTEGER, 0, WTFCB_UNIT_NONE},
    {"depth", "1: files, 2: lines, 3: syntax", WTFCB_DEPTH_FILES, WTFCB_DEPTH_SYNTAX, WTFCB_DEPTH_LINES,
     WTFCB_SCANNER_DEPTH, WTFCB_OPTION_INTEGER, 1, WTFCB_UNIT_NONE},
    {"keep", "what the snapshot keeps, as a mask", 0, WTFCB_KEEP_ALL | WTFCB_KEEP_FAILED, WTFCB_KEEP_ALL,
     WTFCB_SCANNER_KEEP, WTFCB_OPTION_INTEGER, 0, WTFCB_UNIT_NONE},
    {"hidden", "take names that begin with a dot", 0, 1, 0, WTFCB_SCANNER_HIDDEN, WTFCB_OPTION_FLAG, 0,
     WTFCB_UNIT_NONE},
    {"ignore", "read ignore files", 0, 1, 1, WTFCB_SCANNER_IGNORE, WTFCB_OPTION_FLAG, 0, WTFCB_UNIT_NONE},
    {"follow", "follow symbolic links", 0, 1, 0, WTFCB_SCANNER_FOLLOW, WTFCB_OPTION_FLAG, 0, WTFCB_UNIT_NONE},
    {"max-file-size", "larger files are not read, in bytes", 0, 4 * GIB - 4 * KIB, 256 * MIB,
     WTFCB_SCANNER_MAX_FILE_SIZE, WTFCB_OPTION_INTEGER, 1, WTFCB_UNIT_BYTES},
    {"max-parse-size", "larger files are not parsed, in bytes", 0, 512 * MIB, 2 * MIB, WTFCB_SCANNER_MAX_PARSE_SIZE,
     WTFCB_OPTION_INTEGER, 1, WTFCB_UNIT_BYTES},
    {"max-file-work", "steps of one file's parse; 0: no limit", 0, INT64_MAX, 10 * 1000 * 1000,
     WTFCB_SCANNER_MAX_FILE_WORK, WTFCB_OPTION_INTEGER, 1, WTFCB_UNIT_NONE},
    {"max-file-memory", "memory of one file's parse, in bytes", 2 * MIB, 64 * GIB, 256 * MIB,
     WTFCB_SCANNER_MAX_FILE_MEMORY, WTFCB_OPTION_INTEGER, 0, WTFCB_UNIT_BYTES},
    {"max-file-time", "time of one file's parse, in ms; 0: no limit", 0, 86400000, 10000, WTFCB_SCANNER_MAX_FILE_TIME,
     WTFCB_OPTION_INTEGER, 0, WTFCB_UNIT_MS},
    {"deadline", "time of the whole scan, in ms; 0: no limit", 0, INT32_MAX, 0, WTFCB_SCANNER_DEADLINE,
     WTFCB_OPTION_INTEGER, 0, WTFCB_UNIT_MS},
    {"max-depth", "directory levels below the root", 0, 1000000, 10000, WTFCB_SCANNER_MAX_DEPTH, WTFCB_OPTION_INTEGER,
     0, WTFCB_UNIT_NONE},
    {"max-findings", "findings kept for one file", 0, 1000000, 100, WTFCB_SCANNER_MAX_FINDINGS, WTFCB_OPTION_INTEGER, 1,
     WTFCB_UNIT_NONE},
    {"max-nesting", "deeper nested files are not parsed; 0: no limit", 0, INT32_MAX, 2000, WTFCB_SCANNER_MAX_NESTING,
     WTFCB_OPTION_INTEGER, 1, WTFCB_UNIT_NONE},
    {"window", "source under way at once, in bytes", 1, 64 * GIB, 64 * MIB, WTFCB_SCANNER_WINDOW, WTFCB_OPTION_INTEGER,
     0, WTFCB_UNIT_BYTES},
    {"attributes", "read .gitattributes files", 0, 1, 1, WTFCB_SCANNER_ATTRIBUTES, WTFCB_OPTION_FLAG, 1,
     WTFCB_UNIT_NONE},
    {"skip", "flags of files to leave out, as a mask", 0, WTFCB_SCANNER_TRAITS, 0, WTFCB_SCANNER_SKIP,
     WTFCB_OPTION_INTEGER, 0, WTFCB_UNIT_NONE},
    {"exclude", "leave out what matches this pattern", 0, 0, 0, WTFCB_SCANNER_EXCLUDE, WTFCB_OPTION_STRINGS, 0,
     WTFCB_UNIT_NONE},
    {"include", "take only files that match such a pattern", 0, 0, 0, WTFCB_SCANNER_INCLUDE, WTFCB_OPTION_STRINGS, 0,
     WTFCB_UNIT_NONE},
    {"language", "take only files of this language", 0, 0, 0, WTFCB_SCANNER_LANGUAGE, WTFCB_OPTION_STRINGS, 0,
     WTFCB_UNIT_NONE},
    {"attribute", "a line as .gitattributes files have it", 0, 0, 0, WTFCB_SCANNER_ATTRIBUTE, WTFCB_OPTION_STRINGS, 1,
     WTFCB_UNIT_NONE},
};

enum { OPTION_COUNT = sizeof options / sizeof *options };

uint64_t wtfcb_scanner_option_count(void)
{
    return OPTION_COUNT;
}

wtfcb_status wtfcb_scanner_option(uint64_t index, wtfcb_option *ret_row, size_t row_size)
{
    if (!ret_row || row_size == 0) return WTFCB_EINVAL;
    if (index >= OPTION_COUNT) return WTFCB_ENOTFOUND;
    wtfcb_base_row_copy(ret_row, row_size, &options[index], sizeof options[index]);
    return WTFCB_OK;
}

const wtfcb_option *wtfcb_scanner_option_of(int32_t id)
{
    for (size_t i = 0; i < OPTION_COUNT; i++)
        if (options[i].id == id) return &options[i];
    return NULL;
}

void wtfcb_scanner_set_defaults(wtfcb_scanner *scanner)
{
    for (size_t i = 0; i < OPTION_COUNT; i++)
        if (options[i].type != WTFCB_OPTION_STRINGS) scanner->values[options[i].id] = options[i].default_value;
}
