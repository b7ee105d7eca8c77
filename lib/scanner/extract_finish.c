/*
 * What surrounds the walk of extract.c: its scratch, and the exports that only the end of the file tells. A line
 * `export { a }` may stand before or behind the definition of `a`, so names are collected during the walk and looked up
 * once.
 */
#include "base/map.h"
#include "base/memory.h"
#include "scanner/extract_walk.h"

#define NONE WTFCB_LANG_NO_SYMBOL

void wtfcb_scanner_extract_scratch_init(wtfcb_scanner_extract_scratch *scratch, const wtfcb_allocator *allocator)
{
    *scratch = (wtfcb_scanner_extract_scratch){.allocator = allocator};
}

void wtfcb_scanner_extract_scratch_free(wtfcb_scanner_extract_scratch *scratch)
{
    wtfcb_base_free(scratch->allocator, scratch->path, scratch->path_capacity * sizeof *scratch->path);
    wtfcb_base_free(scratch->allocator, scratch->contexts, scratch->context_capacity * sizeof *scratch->contexts);
    wtfcb_base_free(scratch->allocator, scratch->exports, scratch->export_capacity * sizeof *scratch->exports);
    wtfcb_scanner_extract_scratch_init(scratch, scratch->allocator);
}

/* Mark the symbols at file level that the file exports by name in a statement of its own. */
static wtfcb_status mark_exports(const wtfcb_scanner_extract_scratch *scratch, const char *text,
                                 wtfcb_scanner_facts *facts)
{
    wtfcb_base_map names;
    wtfcb_status status = WTFCB_OK;
    wtfcb_base_map_init(&names, scratch->allocator);
    for (size_t i = 0; i < scratch->export_count && status == WTFCB_OK; i++) {
        const wtfcb_lang_span *name = &scratch->exports[i];
        if (!wtfcb_base_map_put(&names, text + name->start, name->end - name->start, 1)) status = WTFCB_ENOMEM;
    }
    for (size_t i = 0; i < facts->symbol_count && status == WTFCB_OK; i++) {
        wtfcb_scanner_symbol *symbol = &facts->symbols[i];
        if (symbol->parent != NONE) continue;
        if (wtfcb_base_map_get(&names, text + symbol->name_byte, symbol->name_length) != WTFCB_BASE_MAP_NONE)
            symbol->flags |= WTFCB_SYMBOL_EXPORTED, symbol->visibility = WTFCB_VISIBILITY_PUBLIC;
    }
    wtfcb_base_map_free(&names);
    return status;
}

/* What belongs to something that cannot be seen outside cannot be seen either. */
static void hide_members(wtfcb_scanner_facts *facts)
{
    for (size_t i = 0; i < facts->symbol_count; i++) {
        wtfcb_scanner_symbol *symbol = &facts->symbols[i];
        if (symbol->parent != NONE && !(facts->symbols[symbol->parent].flags & WTFCB_SYMBOL_EXPORTED))
            symbol->flags &= ~WTFCB_SYMBOL_EXPORTED;
    }
}

wtfcb_status wtfcb_scanner_extract_finish(const wtfcb_scanner_extract_scratch *scratch, const char *text,
                                          wtfcb_scanner_facts *facts)
{
    wtfcb_status status = scratch->export_count > 0 ? mark_exports(scratch, text, facts) : WTFCB_OK;
    hide_members(facts);
    return status;
}
