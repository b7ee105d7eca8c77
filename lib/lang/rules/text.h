/*
 * Rules that a user has written as text: the `node` and `token` lines of a table of languages (languages_load.c). Their
 * form is described in wtfcb/language.h. Everything lies in the arena it is read into.
 */
#ifndef WTFCB_LANG_RULES_TEXT_H
#define WTFCB_LANG_RULES_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "lang/rules/rules.h"

enum { WTFCB_LANG_MOST_WORDS = 64 };

/* A line of a table, in words. */
typedef struct wtfcb_lang_text_line {
    uint32_t number; /* from 1 */
    uint64_t at;     /* byte offset in the file */
    size_t count;
    const char *words[WTFCB_LANG_MOST_WORDS];
} wtfcb_lang_text_line;

/* The rules of one language while they are read; all zero at first. */
typedef struct wtfcb_lang_text_rules {
    wtfcb_lang_rule_spec *rows;
    struct wtfcb_lang_text_origin {
        uint32_t line;
        uint64_t at;
        bool optional; /* the grammar need not have such nodes */
    } * origins;       /* of each row */
    size_t count;
    size_t capacity;
} wtfcb_lang_text_rules;

/*
 * Read a `node` or `token` line. WTFCB_OK; WTFCB_ENOMEM; WTFCB_ELIMIT: too many; WTFCB_EFORMAT: `reason` says why.
 */
wtfcb_status wtfcb_lang_text_rule(wtfcb_base_arena *arena, wtfcb_lang_text_rules *rules,
                                  const wtfcb_lang_text_line *line, char *reason, size_t reason_size);

/* The kind of symbol that a word names, or 0. */
uint8_t wtfcb_lang_text_kind(const char *word);

/* The first row that names a node or field that a grammar does not have, with a reason; or `rules->count`. */
size_t wtfcb_lang_text_unknown(const wtfcb_lang_text_rules *rules, const TSLanguage *language, char *reason,
                               size_t reason_size);

/* The finished table, in the arena; NULL when memory has run out. */
const wtfcb_lang_rules_spec *wtfcb_lang_text_spec(wtfcb_base_arena *arena, const wtfcb_lang_text_rules *rules);

#endif
