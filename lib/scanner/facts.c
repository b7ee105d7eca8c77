/* Growing the three tables; see facts.h. */
#include "scanner/facts.h"

#include <string.h>

#include "base/memory.h"

void wtfcb_scanner_facts_init(wtfcb_scanner_facts *facts, const wtfcb_allocator *allocator)
{
    *facts = (wtfcb_scanner_facts){.allocator = allocator};
    wtfcb_base_arena_init(&facts->strings, allocator);
}

void wtfcb_scanner_facts_free(wtfcb_scanner_facts *facts)
{
    wtfcb_base_free(facts->allocator, facts->symbols, facts->symbol_capacity * sizeof *facts->symbols);
    wtfcb_base_free(facts->allocator, facts->imports, facts->import_capacity * sizeof *facts->imports);
    wtfcb_base_free(facts->allocator, facts->findings, facts->finding_capacity * sizeof *facts->findings);
    wtfcb_base_arena_free(&facts->strings);
    wtfcb_scanner_facts_init(facts, facts->allocator);
}

void wtfcb_scanner_facts_reset(wtfcb_scanner_facts *facts)
{
    facts->symbol_count = facts->import_count = facts->finding_count = 0;
    facts->error_bytes = 0;
    facts->has_errors = facts->findings_cut = false;
    wtfcb_base_arena_free(&facts->strings);
}

/* The next element of a table, cleared. */
static void *next_element(const wtfcb_allocator *allocator, void **table, size_t *count, size_t *capacity, size_t size)
{
    if (!wtfcb_base_reserve(allocator, table, capacity, *count + 1, size)) return NULL;
    void *element = (char *)*table + *count * size;
    memset(element, 0, size);
    ++*count;
    return element;
}

wtfcb_scanner_symbol *wtfcb_scanner_facts_add_symbol(wtfcb_scanner_facts *facts)
{
    return next_element(facts->allocator, (void **)&facts->symbols, &facts->symbol_count, &facts->symbol_capacity,
                        sizeof *facts->symbols);
}

wtfcb_scanner_import *wtfcb_scanner_facts_add_import(wtfcb_scanner_facts *facts)
{
    return next_element(facts->allocator, (void **)&facts->imports, &facts->import_count, &facts->import_capacity,
                        sizeof *facts->imports);
}

wtfcb_scanner_finding *wtfcb_scanner_facts_add_finding(wtfcb_scanner_facts *facts)
{
    return next_element(facts->allocator, (void **)&facts->findings, &facts->finding_count, &facts->finding_capacity,
                        sizeof *facts->findings);
}
