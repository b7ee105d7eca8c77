/*
 * Which language a file is written in: by its path alone, and with its content.
 *
 * By path costs two hash lookups. With content, the order is modeline, file name, `#!` line, extension, and for
 * extensions that several languages share a rule over the first 8 KiB; a caller's override stands above all of that.
 */
#ifndef WTFCB_LANG_DETECT_H
#define WTFCB_LANG_DETECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lang/languages.h"

/* What decided. */
enum wtfcb_lang_how {
    WTFCB_LANG_BY_NOTHING,
    WTFCB_LANG_BY_MODELINE,
    WTFCB_LANG_BY_FILE_NAME,
    WTFCB_LANG_BY_INTERPRETER,
    WTFCB_LANG_BY_EXTENSION,
    WTFCB_LANG_BY_CONTENT,
};

typedef struct wtfcb_lang_detection {
    uint16_t language;  /* or WTFCB_LANG_NONE */
    uint8_t how;        /* enum wtfcb_lang_how */
    uint8_t rule;       /* 1 + the rule that content should be asked, or 0 */
    bool wants_content; /* the path alone leaves a doubt: no known name, or an extension that languages share */
} wtfcb_lang_detection;

/* By the path alone, whatever may stand in the file. O(length of the last component), no more than about 50 ns. */
wtfcb_lang_detection wtfcb_lang_detect_path(const wtfcb_languages *languages, const char *path, size_t length);

/* Correct what the path said by the file's content. `bytes` need no padding. */
wtfcb_lang_detection wtfcb_lang_detect_content(const wtfcb_languages *languages, wtfcb_lang_detection by_path,
                                               const char *bytes, size_t length);

#endif
