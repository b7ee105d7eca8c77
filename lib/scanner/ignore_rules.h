/*
 * The compiled patterns of one ignore file, and the question which of them decides about a path.
 *
 * Filled by one thread, immutable afterwards: then any number of threads may match.
 */
#ifndef WTFCB_SCANNER_IGNORE_RULES_H
#define WTFCB_SCANNER_IGNORE_RULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <wtfcb/allocator.h>
#include <wtfcb/status.h>

#include "base/arena.h"
#include "base/map.h"
#include "scanner/wildmatch.h"

/* What lies between a pattern's literal ends. */
enum {
    WTFCB_SCANNER_IGNORE_EXACT,    /* nothing: the pattern is one literal */
    WTFCB_SCANNER_IGNORE_ANYTHING, /* whatever there is */
    WTFCB_SCANNER_IGNORE_TOKENS,   /* what the tokens match */
};

/* Stands for "any byte" where a pattern says which byte a match starts or ends with. */
#define WTFCB_SCANNER_IGNORE_ANY_BYTE 256

/* Ordered so that what most comparisons end with lies in one cache line. */
typedef struct wtfcb_scanner_ignore_pattern {
    uint32_t next;      /* the pattern before this one in the same bucket, or WTFCB_BASE_MAP_NONE */
    uint16_t first;     /* what a match starts with */
    uint16_t last;      /* what a match ends with */
    uint8_t middle;     /* WTFCB_SCANNER_IGNORE_EXACT and so on */
    bool negative;      /* takes back what earlier patterns ignore */
    bool directory;     /* matches directories alone */
    bool anchored;      /* matched against the path below the file's directory, not against the last component */
    uint8_t dots;       /* dots that a match has at least, 2 for more; 0 if anchored */
    uint32_t line;      /* 1 for the first */
    const char *prefix; /* the literal that a match starts with, the whole pattern if EXACT */
    const char *suffix; /* the literal that a match ends with, behind the prefix */
    uint32_t prefix_length;
    uint32_t suffix_length;
    const wtfcb_scanner_wildmatch_token *tokens;
    const wtfcb_scanner_wildmatch_set *sets;
    uint32_t token_count;
    const char *text; /* as written, without the spaces that do not count; NUL-terminated */
} wtfcb_scanner_ignore_pattern;

/*
 * Patterns are numbered in file order, and the highest matching number decides. Each is in one of three buckets, chained
 * from the highest number down: by the literal last component, by the literal extension of the last component, and the
 * rest, which are looked at one by one.
 */
typedef struct wtfcb_scanner_ignore_rules {
    wtfcb_base_arena *arena; /* borrowed: texts and tokens live there */
    wtfcb_scanner_ignore_pattern *patterns;
    size_t count;
    size_t capacity;
    wtfcb_base_map names;
    wtfcb_base_map extensions; /* keys start with the dot */
    uint32_t rest;
} wtfcb_scanner_ignore_rules;

/* What is asked about. Hashes are computed by wtfcb_scanner_ignore_subject() once for all rules. */
typedef struct wtfcb_scanner_ignore_subject {
    const char *path;
    size_t length;
    size_t name;      /* offset of the last component */
    size_t extension; /* offset of its last dot; `length` if it has none */
    uint32_t name_hash;
    uint32_t extension_hash;
    uint8_t dots; /* in the last component, 2 for more */
    bool directory;
} wtfcb_scanner_ignore_subject;

wtfcb_scanner_ignore_subject wtfcb_scanner_ignore_subject_of(const char *path, size_t length, size_t name,
                                                             bool directory);

/* No rules yet. `arena` outlives them and is given back by its owner, after wtfcb_scanner_ignore_rules_free(). */
void wtfcb_scanner_ignore_rules_init(wtfcb_scanner_ignore_rules *rules, wtfcb_base_arena *arena);
void wtfcb_scanner_ignore_rules_free(wtfcb_scanner_ignore_rules *rules);

/*
 * Add one pattern as it is: neither comments nor trailing spaces are looked for. A pattern that cannot match anything
 * is left out.
 *
 * `below` says where the paths that will be asked about start, seen from the directory that the pattern belongs to: ""
 * or a path that ends with '/'. The part of the pattern that concerns those components is settled here.
 *
 * WTFCB_OK or WTFCB_ENOMEM; after the latter the rules can only be freed.
 */
wtfcb_status wtfcb_scanner_ignore_rules_add(wtfcb_scanner_ignore_rules *rules, wtfcb_scanner_wildmatch_builder *builder,
                                            const char *text, size_t length, uint32_t line, const char *below);

/* Add the patterns of a whole file, with comments, blank lines, line ends and a byte order mark treated as git does. */
wtfcb_status wtfcb_scanner_ignore_rules_parse(wtfcb_scanner_ignore_rules *rules, const char *bytes, size_t length,
                                              const char *below);

/*
 * The pattern that decides about the subject, NULL if none does. `base` is the number of bytes of the subject's path to
 * skip: the directory that the rules belong to, with its slash. No allocation, any thread.
 */
const wtfcb_scanner_ignore_pattern *wtfcb_scanner_ignore_rules_match(const wtfcb_scanner_ignore_rules *rules,
                                                                     const wtfcb_scanner_ignore_subject *subject,
                                                                     size_t base);

#endif
