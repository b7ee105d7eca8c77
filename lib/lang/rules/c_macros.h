/*
 * Macros in C and C++ that define something, and types and namespaces in disguise: `class MACRO name : base {` and
 * `namespace name {` behind a macro are functions without parameters to the grammar; the text of their head tells what
 * they are.
 */
#ifndef WTFCB_LANG_RULES_C_MACROS_H
#define WTFCB_LANG_RULES_C_MACROS_H

#include "lang/rules/rules.h"

/* What the head of a "function" without parameters defines instead. */
typedef struct wtfcb_lang_rules_head {
    uint32_t kind; /* WTFCB_SYMBOL_*; 0: nothing */
    wtfcb_lang_span name;
} wtfcb_lang_rules_head;

/* Read what stands in front of the body of `node`. */
wtfcb_lang_rules_head wtfcb_lang_rules_read_head(const wtfcb_lang_visit *visit, TSNode node, TSNode body);

/* A macro whose call at file level defines what one of its arguments names: how its own name begins, and which. */
typedef struct wtfcb_lang_rules_definer {
    const char *begins;
    const char *ends; /* the name's end, or "" */
    uint8_t argument;
    uint8_t kind; /* WTFCB_SYMBOL_*; 0: it defines nothing that could be named */
} wtfcb_lang_rules_definer;

/* One that a caller described; in the arena of the handle of languages, the newest first. */
typedef struct wtfcb_lang_own_macro {
    const struct wtfcb_lang_own_macro *next;
    wtfcb_lang_rules_definer definer;
    bool whole; /* `begins` is the name and not its beginning */
    uint16_t language;
} wtfcb_lang_own_macro;

/* The entry for a macro by its name, callers' ones first; NULL if it defines nothing that is known. */
const wtfcb_lang_rules_definer *wtfcb_lang_rules_find_definer(const wtfcb_lang_visit *visit, wtfcb_lang_span macro);

/*
 * What a declaration of C declares that ends at byte `end` without its semicolon, the last of its names being `last`: in
 * `int __read_mostly x;` the grammar ends it behind the attribute that it takes for the name, in `int x[3] __aligned(8);` in
 * front of the attribute. False: it is a heap of attributes in front of something else.
 */
bool wtfcb_lang_rules_name_at_cut(const wtfcb_lang_visit *visit, wtfcb_lang_span last, uint32_t end,
                                  wtfcb_lang_span *ret_name);

/* Whether a span is a word in capitals, as names of macros are. */
bool wtfcb_lang_rules_in_capitals(const wtfcb_lang_visit *visit, wtfcb_lang_span span);

/* Whether a byte may be part of a name in C. */
bool wtfcb_lang_rules_is_word(char c);

#endif
