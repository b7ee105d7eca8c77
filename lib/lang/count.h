/*
 * The line counter: what each physical line of a file is, and which stretches belong to an embedded language.
 *
 * include/wtfcb/language.h says what counts as what. The result is a function of language and bytes alone: every
 * instruction set's path gives the same.
 */
#ifndef WTFCB_LANG_COUNT_H
#define WTFCB_LANG_COUNT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <wtfcb/language.h>
#include <wtfcb/status.h>

#include "base/buffer.h"

/* Readable bytes that a caller provides behind the content; their value does not matter. */
#define WTFCB_LANG_PADDING 64

/* lines = code + comments + blanks; docs is a part of comments. Files beyond 4 Gi lines are not read. */
typedef struct wtfcb_lang_counts {
    uint32_t lines;
    uint32_t code;
    uint32_t comments;
    uint32_t blanks;
    uint32_t docs;
} wtfcb_lang_counts;

/* A stretch of whole lines in another language (of a notebook: of strings in its JSON); its lines are not the file's own. */
typedef struct wtfcb_lang_child {
    uint64_t start;      /* first byte; at the beginning of a line but in notebooks */
    uint64_t size;       /* in bytes */
    uint32_t start_line; /* zero-based, in the file */
    uint16_t language;
    wtfcb_lang_counts counts;
} wtfcb_lang_child;

/* Growable; one may be reused for many files. */
typedef struct wtfcb_lang_children {
    const wtfcb_allocator *allocator; /* borrowed */
    wtfcb_lang_child *items;
    size_t count;
    size_t capacity;
} wtfcb_lang_children;

void wtfcb_lang_children_init(wtfcb_lang_children *children, const wtfcb_allocator *allocator);
void wtfcb_lang_children_free(wtfcb_lang_children *children);

/*
 * Count the lines of `bytes`, behind which WTFCB_LANG_PADDING more are readable.
 *
 * `language` may be WTFCB_LANG_NONE: then a line is code unless it is blank. `ret_children` (may be NULL: embedded
 * languages then count as the file's own code) is emptied first; children lie in the order of their start and do not
 * overlap, except that code blocks of a notebook's Markdown cell lie within that cell (count_notebook.c). Linear in `length` for any bytes. WTFCB_OK; WTFCB_ENOMEM: children did not fit, `ret_counts` is untouched.
 */
wtfcb_status wtfcb_lang_count(const wtfcb_languages *languages, uint16_t language, const char *bytes, size_t length,
                              wtfcb_lang_counts *ret_counts, wtfcb_lang_children *ret_children);

/* Whether content is binary: a NUL in the first 8,000 bytes, and no byte order mark of UTF-16 to explain it. */
bool wtfcb_lang_is_binary(const char *bytes, size_t length);

/* Whether content begins with a byte order mark of UTF-16: then wtfcb_lang_decode_utf16() makes it readable. */
bool wtfcb_lang_is_utf16(const char *bytes, size_t length);

/*
 * Append UTF-16 content, its byte order mark dropped, to `buffer` as UTF-8, and make sure of WTFCB_LANG_PADDING zero bytes behind.
 * What is not well-formed becomes U+FFFD. WTFCB_OK; WTFCB_EFORMAT: no byte order mark; WTFCB_ENOMEM (`buffer` has failed).
 */
wtfcb_status wtfcb_lang_decode_utf16(const char *bytes, size_t length, wtfcb_base_buffer *buffer);

/* Instruction sets the counter has paths for; the best one is chosen at the first use. */
enum wtfcb_lang_simd {
    WTFCB_LANG_SIMD_SCALAR,
    WTFCB_LANG_SIMD_SSSE3,
    WTFCB_LANG_SIMD_AVX2,
    WTFCB_LANG_SIMD_NEON,
    WTFCB_LANG_SIMD_COUNT,
};

/* Whether this machine and build can use a path; the scalar one always. */
bool wtfcb_lang_simd_available(enum wtfcb_lang_simd simd);

/* As wtfcb_lang_count() by one certain, available path: for tests and benchmarks. */
wtfcb_status wtfcb_lang_count_with(enum wtfcb_lang_simd simd, const wtfcb_languages *languages, uint16_t language,
                                   const char *bytes, size_t length, wtfcb_lang_counts *ret_counts,
                                   wtfcb_lang_children *ret_children);

#endif
