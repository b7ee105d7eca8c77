/*
 * Grammars: shared objects that are loaded when a file of their language is first parsed.
 *
 * They are looked for in the directories of WTFCB_GRAMMAR_PATH (not when the process runs with more rights than its
 * user), beside the library, and where they were installed; never in the scanned tree or the current directory. One that is missing or
 * does not fit costs its language the syntax and nothing else. An object stays mapped once it is loaded: parse tables may be in
 * use anywhere, and the dynamic linker shares them between handles.
 *
 * A grammar of a caller's own is loaded when it is described (languages_load.c) and stands above any that would be found.
 */
#ifndef WTFCB_LANG_GRAMMAR_H
#define WTFCB_LANG_GRAMMAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <wtfcb/language.h>

#include "lang/rules/rules.h"

/* A grammar that was described for a language; lives in the arena of its handle. */
typedef struct wtfcb_lang_own_grammar {
    struct wtfcb_lang_own_grammar *next;
    const struct wtfcb_grammar *object; /* of an object of our kind; else NULL */
    const struct TSLanguage *parser;    /* of any other kind, wrapped (foreign.h); else NULL */
    const char *name;
    const char *failure;                /* why there is neither; else NULL */
    const wtfcb_lang_rules_spec *rules; /* NULL: the built-in ones of that name */
    uint16_t language;
} wtfcb_lang_own_grammar;

typedef struct wtfcb_lang_grammar {
    struct wtfcb_lang_grammar *retired; /* the one it took the place of, which may be in use still */
    const struct wtfcb_grammar *object; /* NULL when it could not be loaded, or is not of our kind */
    bool foreign;                       /* `language` is wrapped: see foreign.h */
    const struct TSLanguage *language;
    wtfcb_lang_rules *rules;
    const char *name;    /* of the grammar; borrowed from the language table */
    wtfcb_status status; /* WTFCB_OK; WTFCB_EGRAMMAR: why is in `message`; WTFCB_ENOMEM: try again */
    char message[256];
} wtfcb_lang_grammar;

struct wtfcb_lang_grammars;

/* Check what an object says of itself; NULL and a reason when it does not fit. */
const struct wtfcb_grammar *wtfcb_lang_grammar_fitting(const struct wtfcb_grammar *object, char *reason, size_t size);

/* Whether a parser table is of a version that the core reads; else a reason. */
bool wtfcb_lang_grammar_readable(const struct TSLanguage *language, char *reason, size_t size);

/*
 * The grammar of a language, loaded now if need be. Any thread; takes a lock only until the grammar is loaded.
 * WTFCB_OK; WTFCB_ENOTFOUND: the language has none; WTFCB_EGRAMMAR: it cannot be loaded (`*ret_grammar` tells why);
 * WTFCB_ENOMEM.
 */
wtfcb_status wtfcb_lang_grammar_get(wtfcb_languages *languages, uint16_t language,
                                    const wtfcb_lang_grammar **ret_grammar);

/*
 * Make the registry that hangs from a language table, and look once more for grammars that could not be loaded; before threads that call wtfcb_lang_grammar_get() are started.
 * WTFCB_OK or WTFCB_ENOMEM.
 */
wtfcb_status wtfcb_lang_grammars_prepare(wtfcb_languages *languages);

/*
 * Every file that the grammar of a language would be looked for in, in that order, if it is there; the file that holds the object of a
 * grammar that a caller gave. Nothing is loaded. The registry is made (wtfcb_lang_grammars_prepare()).
 */
void wtfcb_lang_grammar_visit_objects(wtfcb_languages *languages, uint16_t language,
                                      void (*visit)(void *user, const char *path), void *user);

/*
 * A number that somebody above knows a language's grammar by; 0: none yet. It is forgotten when the grammar is replaced. Any
 * thread.
 */
uint64_t wtfcb_lang_grammar_tag(const wtfcb_languages *languages, uint16_t language);
void wtfcb_lang_grammar_set_tag(wtfcb_languages *languages, uint16_t language, uint64_t tag);

void wtfcb_lang_grammars_free(struct wtfcb_lang_grammars *grammars);

#endif
