/*
 * The handle behind wtfcb_languages: the rows, the maps that detection asks, and one compiled machine per syntax.
 *
 * Everything is built by the constructor and never changes, so any number of threads may read it; only `grammars` is
 * filled during set-up.
 */
#ifndef WTFCB_LANG_LANGUAGES_H
#define WTFCB_LANG_LANGUAGES_H

#include <stdatomic.h>
#include <stdint.h>

#include <wtfcb/language.h>

#include "base/map.h"
#include "lang/count_machine.h"
#include "lang/table.h"

/* Index of no language. */
#define WTFCB_LANG_NONE 0xFFFFu

struct wtfcb_lang_grammars;

/* An extension's language in the map of extensions: the index in the low half, above it 1 + the rule to ask, or 0. */
#define WTFCB_LANG_SHARED_SHIFT 16

enum { WTFCB_LANG_SHARED_CHOICES = 6, WTFCB_LANG_SHARED_MAX = 64 };

struct wtfcb_languages {
    wtfcb_allocator allocator;
    atomic_uint references;
    uint16_t count;
    const wtfcb_lang_row *rows;
    char *folded; /* lower-case names, which the map of names has as keys */
    size_t folded_size;
    wtfcb_base_map names; /* names and aliases in lower case */
    wtfcb_base_map file_names;
    wtfcb_base_map extensions;
    wtfcb_base_map interpreters;
    uint16_t rule_choices[WTFCB_LANG_SHARED_MAX][WTFCB_LANG_SHARED_CHOICES]; /* languages that a rule chooses from */
    wtfcb_lang_machine *machines;                                            /* by enum wtfcb_lang_syntax_id */
    wtfcb_lang_op *ops;
    size_t op_count;
    struct wtfcb_lang_grammars *grammars; /* made and read by grammar.c; NULL until needed */
};

/* Take another hold; returns `languages`, which may be NULL. Released with wtfcb_languages_free(). */
wtfcb_languages *wtfcb_lang_languages_ref(wtfcb_languages *languages);

/* The index of a name or alias of any case, or WTFCB_LANG_NONE. */
uint16_t wtfcb_lang_find(const wtfcb_languages *languages, const char *name, size_t length);

#endif
