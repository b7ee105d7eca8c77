/*
 * What a directory held when it was scanned, as a record of the cache: for each file that was taken, its signature and the
 * whole of its row. An unchanged directory costs one lookup and a comparison of two sorted lists.
 *
 *     head          struct wtfcb_scanner_dir_head
 *     grammars      the digest of each grammar that the rows depend on
 *     files         struct wtfcb_scanner_dir_file, in the walk's order of names; directories too, by name alone
 *     parts         lines of embedded parts, by file and language
 *     names
 *
 * Numbers are little-endian. A record is checked once, when it is read (wtfcb_scanner_dir_read()); then it is used in place.
 */
#ifndef WTFCB_SCANNER_RECALL_DIRECTORY_H
#define WTFCB_SCANNER_RECALL_DIRECTORY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/file.h"
#include "scanner/row.h"

typedef struct wtfcb_scanner_dir_head {
    int64_t recorded_ns; /* before the files were looked at: see cache/signature.h */
    uint64_t device;     /* of all the files */
    uint32_t grammars;
    uint32_t files;
    uint32_t parts;
    uint32_t names_size;
} wtfcb_scanner_dir_head;

typedef struct wtfcb_scanner_dir_grammar {
    uint64_t digest;
    uint32_t language;
    uint32_t reserved;
} wtfcb_scanner_dir_grammar;

typedef struct wtfcb_scanner_dir_part {
    uint32_t language;
    uint32_t code;
    uint32_t comments;
    uint32_t blanks;
    uint32_t docs;
} wtfcb_scanner_dir_part;

typedef struct wtfcb_scanner_dir_file {
    uint64_t size;
    int64_t mtime_ns;
    int64_t ctime_ns;
    uint64_t inode;
    wtfcb_base_hash128 hash;
    uint32_t name; /* offset in the names */
    uint32_t code;
    uint32_t comments;
    uint32_t blanks;
    uint32_t docs;
    uint32_t error_bytes;
    uint32_t symbols;
    uint32_t imports;
    uint32_t findings;
    uint32_t first_part;
    uint16_t parts;
    uint16_t name_length;
    uint16_t language;
    uint16_t flags; /* as in a row */
    uint16_t limits;
    int16_t status;
    uint8_t language_by;
    uint8_t said;
    uint8_t set;
    uint8_t lasting; /* 0: nothing is remembered of this file; not written */
} wtfcb_scanner_dir_file;

/* A record that has been checked; points into the payload. */
typedef struct wtfcb_scanner_dir_view {
    wtfcb_scanner_dir_head head;
    const wtfcb_scanner_dir_grammar *grammars;
    const wtfcb_scanner_dir_file *files;
    const wtfcb_scanner_dir_part *parts;
    const char *names;
} wtfcb_scanner_dir_view;

/* Look at a payload, aligned to 8 bytes. False: it is no such record. `languages`: indices of languages are below. */
bool wtfcb_scanner_dir_read(const void *payload, size_t length, uint32_t languages, wtfcb_scanner_dir_view *ret_view);

/* Whether a file has the signature that it is remembered with. */
static inline bool wtfcb_scanner_dir_signed(const wtfcb_scanner_dir_file *file,
                                            const wtfcb_base_file_signature *signature)
{
    return file->mtime_ns == signature->mtime_ns && file->ctime_ns == signature->ctime_ns &&
           file->size == signature->size && file->inode == signature->inode;
}

/* Into a row and from one; path, root and record are not touched. */
void wtfcb_scanner_dir_to_row(const wtfcb_scanner_dir_file *file, wtfcb_scanner_row *row);
void wtfcb_scanner_dir_from_row(const wtfcb_scanner_row *row, wtfcb_scanner_dir_file *file);

#endif
