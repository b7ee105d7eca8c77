/*
 * Attributes of files: the `linguist-*` lines of .gitattributes files and of the caller, as far as they matter here.
 *
 * They are kept where the ignore rules are (ignore_set.h): each attribute has a chain of layers of its own, so that the
 * strongest line that speaks of it decides, whatever other lines say of other attributes. A tree without such lines
 * costs one test a file.
 *
 * Patterns are those of ignore files, except that a pattern that matches a directory says nothing of what is in it, and
 * that there are no negative ones: a line that begins with `!` does not count, nor do macros (`[attr]`).
 */
#ifndef WTFCB_SCANNER_ATTRIBUTES_H
#define WTFCB_SCANNER_ATTRIBUTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "scanner/ignore.h"

enum wtfcb_scanner_attribute {
    WTFCB_SCANNER_ATTRIBUTE_GENERATED,
    WTFCB_SCANNER_ATTRIBUTE_VENDORED,
    WTFCB_SCANNER_ATTRIBUTE_DOCUMENTATION,
    WTFCB_SCANNER_ATTRIBUTE_DETECTABLE,
    WTFCB_SCANNER_ATTRIBUTE_FLAGS, /* those above are set or not */
    WTFCB_SCANNER_ATTRIBUTE_LANGUAGE = WTFCB_SCANNER_ATTRIBUTE_FLAGS,
    WTFCB_SCANNER_ATTRIBUTE_COUNT,
};

/* What is said of a file. */
typedef struct wtfcb_scanner_attributes {
    uint8_t said;                       /* bit by enum wtfcb_scanner_attribute: something is said */
    uint8_t set;                        /* likewise: and it is true */
    const char *language;               /* as written, or NULL; lives as long as the set */
    wtfcb_scanner_ignore_reason reason; /* for the language */
} wtfcb_scanner_attributes;

/* Whether any attribute can be said of files in a directory. */
bool wtfcb_scanner_attributes_any(const wtfcb_scanner_ignore_node *node);

/* What the lines that hold in a directory say of one of its files; arguments as for wtfcb_scanner_ignore_match(). */
wtfcb_scanner_attributes wtfcb_scanner_attributes_match(const wtfcb_scanner_ignore_node *node, const char *path,
                                                        size_t length, size_t name);

/* Whether a line says something that matters: for a caller's own. */
bool wtfcb_scanner_attributes_valid(const char *line);

#endif
