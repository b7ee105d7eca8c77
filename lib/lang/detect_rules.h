/*
 * The parts of detection that look into content. Each is bounded: a few lines at either end, or the first 8 KiB.
 */
#ifndef WTFCB_LANG_DETECT_RULES_H
#define WTFCB_LANG_DETECT_RULES_H

#include <stddef.h>
#include <stdint.h>

#include "lang/languages.h"

enum { WTFCB_LANG_WINDOW = 8192 };

/*
 * Rules for shared extensions: `choose` is given the whole content and answers an index into `choices`, or -1; the first
 * choice is what the path alone gives.
 */
typedef struct wtfcb_lang_shared {
    const char *extension;
    const char *choices[WTFCB_LANG_SHARED_CHOICES]; /* names of languages, then NULL */
    int (*choose)(const char *bytes, size_t length);
} wtfcb_lang_shared;

extern const wtfcb_lang_shared wtfcb_lang_shareds[];
extern const uint16_t wtfcb_lang_shared_count;

/* The language that an editor's modeline names, or WTFCB_LANG_NONE. */
uint16_t wtfcb_lang_modeline(const wtfcb_languages *languages, const char *bytes, size_t length);

/* The language whose interpreter the `#!` line runs, or WTFCB_LANG_NONE. */
uint16_t wtfcb_lang_interpreter(const wtfcb_languages *languages, const char *bytes, size_t length);

#endif
