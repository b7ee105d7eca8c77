/* What the stacks of a walk hold, and its last step: shared by extract.c, which walks, and extract_finish.c. */
#ifndef WTFCB_SCANNER_EXTRACT_WALK_H
#define WTFCB_SCANNER_EXTRACT_WALK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "scanner/extract.h"

/* An open node. */
struct wtfcb_scanner_extract_step {
    const wtfcb_lang_rule *rule;
    uint8_t last; /* the last logical operator in it */
    bool logical; /* its own operator is logical */
    bool error;   /* it is an ERROR node */
};

/* What nodes below a certain one have in common. */
struct wtfcb_scanner_extract_context {
    uint32_t depth;    /* of the node that made it; it ends with that node */
    uint32_t parent;   /* enclosing symbol */
    uint32_t owner;    /* symbol that a nameless type or function below belongs to */
    uint32_t function; /* symbol that complexity counts for */
    uint32_t nesting;
    uint8_t scope; /* enum wtfcb_lang_scope */
    bool in_error;
    bool exporting;
    uint8_t access;          /* WTFCB_VISIBILITY_* of definitions here; 0: as their own modifiers say */
    bool wrapping;           /* made by a WRAP node, which starts at: */
    wtfcb_lang_span wrapper; /* (end unused) */
    size_t symbols_before;   /* number of symbols when the wrapper was entered */
};

/* After the walk, where definitions have levels: nest them. `tree` is what was walked. O(symbols + white space). */
void wtfcb_scanner_extract_headings(wtfcb_scanner_facts *facts, const char *text, const TSTree *tree);

/*
 * After the walk: say what is exported by name, and hide what belongs to something hidden. Calls nothing of
 * tree-sitter. WTFCB_OK or WTFCB_ENOMEM.
 */
wtfcb_status wtfcb_scanner_extract_finish(const wtfcb_scanner_extract_scratch *scratch, const char *text,
                                          wtfcb_scanner_facts *facts);

#endif
