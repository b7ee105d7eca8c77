/*
 * Facts from a syntax tree: symbols, imports, complexity, syntax errors.
 *
 * One walk in pre-order with a tree cursor and one table lookup a node; no query, no recursion. What symbols come out
 * as is said by the rules of the language (lang/rules/rules.h); how complexity is counted, by extract.c.
 *
 * Every call of tree-sitter may leave by longjmp when the parser's arena hits a limit. So whatever this module
 * allocates hangs from the scratch or from the facts, both of which their owner keeps; what tree-sitter allocates for
 * the cursors goes with its arena. After such an exit both are ready for the next file.
 */
#ifndef WTFCB_SCANNER_EXTRACT_H
#define WTFCB_SCANNER_EXTRACT_H

#include <tree_sitter/api.h>

#include "lang/rules/rules.h"
#include "scanner/facts.h"

/* Stacks of a walk, reused from file to file. One per worker. */
typedef struct wtfcb_scanner_extract_scratch {
    const wtfcb_allocator *allocator; /* borrowed */
    struct wtfcb_scanner_extract_step *path;
    size_t path_capacity;
    struct wtfcb_scanner_extract_context *contexts;
    size_t context_capacity;
    wtfcb_lang_span *exports; /* names that a statement of their own exports */
    size_t export_count;
    size_t export_capacity;
} wtfcb_scanner_extract_scratch;

void wtfcb_scanner_extract_scratch_init(wtfcb_scanner_extract_scratch *scratch, const wtfcb_allocator *allocator);
void wtfcb_scanner_extract_scratch_free(wtfcb_scanner_extract_scratch *scratch);

/*
 * Add the facts of a tree to `facts`, which the caller has reset.
 *
 * `text` is what was parsed. At most `max_findings` findings are kept (`facts->findings_cut` says if there were more).
 * O(nodes) time, memory for the deepest nesting. WTFCB_OK or WTFCB_ENOMEM, after which the facts are incomplete.
 */
wtfcb_status wtfcb_scanner_extract(wtfcb_scanner_extract_scratch *scratch, const wtfcb_lang_rules *rules,
                                   const TSTree *tree, const char *text, size_t length, uint32_t max_findings,
                                   wtfcb_scanner_facts *facts);

#endif
