/*
 * What surrounds the walk of extract.c: its scratch, and the exports that only the end of the file tells. A line
 * `export { a }` may stand before or behind the definition of `a`, so names are collected during the walk and looked up
 * once. Likewise the sections of a text: a heading's section ends where a later one of its level or above begins.
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

/* A section ends before `end`, which stands in line `line`, without the white space in front of it. */
static void end_section(wtfcb_range *range, const char *text, uint32_t end, uint32_t line)
{
    uint32_t at = end;
    while (at > range->end_byte && (unsigned char)text[at - 1] <= ' ')
        line -= text[--at] == '\n';
    if (at <= range->end_byte) return;
    range->end_byte = at;
    range->end_line = line;
    while (at > range->start_byte && text[at - 1] != '\n')
        at--;
    range->end_column = range->end_byte - at + (at == range->start_byte ? range->start_column : 0);
}

/*
 * Nest headings by their level, which the walk left in `nesting`: the parent of each, and of whatever else has none, is
 * the section it stands in. `open` links the open sections through their parents, so that this is linear.
 */
static void nest_headings(wtfcb_scanner_facts *facts, const char *text, uint32_t end, uint32_t last_line)
{
    uint32_t open = NONE;
    wtfcb_scanner_symbol *symbols = facts->symbols;
    for (size_t i = 0; i <= facts->symbol_count; i++) {
        bool at_end = i == facts->symbol_count;
        wtfcb_scanner_symbol *symbol = at_end ? NULL : &symbols[i];
        if (!at_end && symbol->parent != NONE) continue;
        uint32_t level = at_end ? 1 : symbol->nesting;
        while (level > 0 && open != NONE && symbols[open].nesting >= level) {
            uint32_t at = at_end ? end : symbol->range.start_byte, line = at_end ? last_line : symbol->range.start_line;
            end_section(&symbols[open].range, text, at, line);
            open = symbols[open].parent;
        }
        if (at_end) break;
        symbol->parent = open;
        if (level > 0) open = (uint32_t)i;
    }
    for (size_t i = 0; i < facts->symbol_count; i++)
        symbols[i].nesting = 0;
}

void wtfcb_scanner_extract_headings(wtfcb_scanner_facts *facts, const char *text, const TSTree *tree)
{
    TSNode root = ts_tree_root_node(tree);
    nest_headings(facts, text, ts_node_end_byte(root), ts_node_end_point(root).row);
}

wtfcb_status wtfcb_scanner_extract_finish(const wtfcb_scanner_extract_scratch *scratch, const char *text,
                                          wtfcb_scanner_facts *facts)
{
    wtfcb_status status = scratch->export_count > 0 ? mark_exports(scratch, text, facts) : WTFCB_OK;
    hide_members(facts);
    return status;
}
