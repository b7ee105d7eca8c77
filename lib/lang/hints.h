/*
 * What a file's path and its first bytes tell about where it comes from: made by a program, minified, other people's,
 * documentation. Hints, not proofs: attributes in the tree overrule them.
 *
 * Results are masks of WTFCB_FILE_GENERATED, WTFCB_FILE_MINIFIED, WTFCB_FILE_VENDORED and WTFCB_FILE_DOCUMENTATION.
 */
#ifndef WTFCB_LANG_HINTS_H
#define WTFCB_LANG_HINTS_H

#include <stddef.h>
#include <stdint.h>

#include "lang/languages.h"

/* Bytes at the start of a file that are looked at. */
enum { WTFCB_LANG_HINT_HEAD = 1024 };

/* By the directories of a path, which is theirs alone, with or without a slash at its end. Case sensitive. O(length). */
uint32_t wtfcb_lang_hints_directory(const char *path, size_t length);

/* By the last component of a path; some 100 ns. */
uint32_t wtfcb_lang_hints_name(const char *name, size_t length);

/* By the content: `lines` are its physical lines, `language` may be WTFCB_LANG_NONE. Reads no more than the head. */
uint32_t wtfcb_lang_hints_content(const wtfcb_languages *languages, uint16_t language, const char *bytes, size_t length,
                                  uint64_t lines);

#endif
