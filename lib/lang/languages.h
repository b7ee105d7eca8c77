/*
 * The handle behind wtfcb_languages: the rows, the maps that detection asks, and one compiled machine per syntax.
 *
 * The constructor builds it all; a caller's own languages replace rows and maps as a whole (languages_add.c), and
 * `grammars` is filled, during set-up. After that nothing changes, so any number of threads may read it.
 */
#ifndef WTFCB_LANG_LANGUAGES_H
#define WTFCB_LANG_LANGUAGES_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <wtfcb/language.h>

#include "base/arena.h"
#include "base/map.h"
#include "lang/count_machine.h"
#include "lang/table.h"

/* Index of no language. */
#define WTFCB_LANG_NONE 0xFFFFu

struct wtfcb_lang_grammars;
struct wtfcb_lang_own_grammar;
struct wtfcb_lang_own_macro;

/* An extension's language in the map of extensions: the index in the low half, above it 1 + the rule to ask, or 0. */
#define WTFCB_LANG_SHARED_SHIFT 16

/* Longest name of a language, and longest extension, in bytes. */
enum { WTFCB_LANG_LONGEST_NAME = 64, WTFCB_LANG_LONGEST_EXTENSION = 24 };

enum { WTFCB_LANG_SHARED_CHOICES = 6, WTFCB_LANG_SHARED_MAX = 64 };

struct wtfcb_languages {
    wtfcb_allocator allocator;
    atomic_uint references;
    uint16_t count;
    const wtfcb_lang_row *rows; /* the table's, or `own_rows` once a caller has added something */
    wtfcb_lang_row *own_rows;   /* `count` of them, or NULL */
    char *folded;               /* lower-case names, which the map of names has as keys */
    size_t folded_size;
    wtfcb_base_map names; /* names and aliases in lower case */
    wtfcb_base_map file_names;
    wtfcb_base_map extensions;
    wtfcb_base_map interpreters;
    uint16_t rule_choices[WTFCB_LANG_SHARED_MAX][WTFCB_LANG_SHARED_CHOICES]; /* languages that a rule chooses from */
    wtfcb_lang_machine *machines; /* by enum wtfcb_lang_syntax_id, then the callers' own */
    size_t machine_count;
    wtfcb_lang_op *ops; /* of the built-in machines */
    size_t op_count;
    uint64_t claimed_rules; /* bit r: a caller gave the extension of shared rule r to one language; it is not asked */
    wtfcb_base_arena own;   /* what callers' languages need: strings, tokens, ops */
    uint64_t fingerprint;   /* of all that callers have added, in its order; 0 for the built-in table */
    struct wtfcb_lang_own_grammar *own_grammars;   /* by language, the newest first; languages_load.c */
    const struct wtfcb_lang_own_macro *own_macros; /* likewise */
    struct wtfcb_lang_grammars *grammars;          /* made and read by grammar.c; NULL until needed */
};

/* Take another hold; returns `languages`, which may be NULL. Released with wtfcb_languages_free(). */
wtfcb_languages *wtfcb_lang_languages_ref(wtfcb_languages *languages);

/*
 * Make `rows` the handle's, with maps built from them; the indices of those there were stay. False when memory has run
 * out; the handle is then as it was. The strings of the rows outlive the handle or lie in `languages->own`.
 */
bool wtfcb_lang_set_rows(wtfcb_languages *languages, const wtfcb_lang_row *rows, uint16_t count);

/* The index of a name or alias of any case, or WTFCB_LANG_NONE. */
uint16_t wtfcb_lang_find(const wtfcb_languages *languages, const char *name, size_t length);

#endif
