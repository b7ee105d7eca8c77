/*
 * Where the paths of a snapshot's rows lie: in blocks that successive snapshots share. A snapshot has a few of them; one
 * that would have more copies its paths into a block of its own, so that what was once rescanned is not kept for ever.
 */
#include "scanner/codebase.h"

#include "base/memory.h"

static void block_unref(wtfcb_scanner_paths_block *block)
{
    if (atomic_fetch_sub_explicit(&block->holds, 1, memory_order_acq_rel) != 1) return;
    wtfcb_allocator allocator = block->allocator;
    wtfcb_base_arena_free(&block->strings);
    wtfcb_base_free(&allocator, block, sizeof *block);
}

static wtfcb_scanner_paths_block *block_new(const wtfcb_allocator *allocator)
{
    wtfcb_scanner_paths_block *block = wtfcb_base_calloc(allocator, 1, sizeof *block);
    if (!block) return NULL;
    atomic_init(&block->holds, 1);
    block->allocator = *allocator;
    wtfcb_base_arena_init(&block->strings, &block->allocator);
    return block;
}

void wtfcb_scanner_codebase_drop_paths(wtfcb_codebase *codebase)
{
    for (uint32_t i = 0; i < codebase->block_count; i++)
        block_unref(codebase->blocks[i]);
    codebase->block_count = 0;
}

wtfcb_status wtfcb_scanner_codebase_share(wtfcb_codebase *codebase, const wtfcb_codebase *other)
{
    for (uint32_t i = 0; i < other->block_count; i++) {
        (void)atomic_fetch_add_explicit(&other->blocks[i]->holds, 1, memory_order_relaxed);
        codebase->blocks[codebase->block_count++] = other->blocks[i];
    }
    codebase->recorded = codebase->recorded || other->firsts;
    return WTFCB_OK;
}

/* Copy the paths of all rows into one block, which takes the place of the others. */
static bool gather(wtfcb_codebase *codebase, wtfcb_scanner_paths_block *block)
{
    for (size_t i = 0; i < codebase->row_count; i++) {
        wtfcb_scanner_row *row = &codebase->rows[i];
        const char *copy = wtfcb_base_arena_string(&block->strings, row->path, row->path_length);
        if (!copy) return false;
        row->path = copy;
    }
    return true;
}

bool wtfcb_scanner_codebase_add_paths(wtfcb_codebase *codebase, wtfcb_base_arena *strings)
{
    wtfcb_scanner_paths_block *block = block_new(&codebase->allocator);
    if (!block) return false;
    if (codebase->block_count < WTFCB_SCANNER_BLOCKS) {
        wtfcb_base_arena_adopt(&block->strings, strings);
    } else {
        if (!gather(codebase, block)) { /* some rows point there already: it stays, in the place of nothing */
            wtfcb_base_arena_adopt(&codebase->strings, &block->strings);
            block_unref(block);
            return false;
        }
        wtfcb_scanner_codebase_drop_paths(codebase);
    }
    codebase->blocks[codebase->block_count++] = block;
    return true;
}
