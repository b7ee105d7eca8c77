/*
 * The reader of ELF files, which are anybody's. The input is a file. Promises: nothing outside of it is read; build ids and names are inside; functions are in
 * order, each is found at its first and its last byte, by itself or by one that it overlaps with; no more memory is taken than the file is large, a few times over.
 */
#include "../fuzz.h"

#include "base/memory.h"
#include "profiler/elf.h"

static wtfcb_allocator allocator;

int LLVMFuzzerInitialize(const int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    allocator = wtfcb_base_allocator(NULL);
    return 0;
}

static void check_table(const wtfcb_profiler_elf_source *source, const wtfcb_profiler_elf_section *section)
{
    wtfcb_profiler_elf_table table;
    wtfcb_status status = wtfcb_profiler_elf_table_read(&allocator, source, section, &table);
    FUZZ_ASSERT(status == WTFCB_OK || status == WTFCB_EFORMAT);
    FUZZ_ASSERT(status == WTFCB_OK || table.count == 0);
    FUZZ_ASSERT(table.count <= source->size / 24 && table.names_size <= source->size);
    for (size_t i = 0; i < table.count; i++) {
        const wtfcb_profiler_elf_symbol *symbol = &table.symbols[i];
        FUZZ_ASSERT(symbol->name < table.names_size && strlen(table.names + symbol->name) > 0);
        FUZZ_ASSERT(i == 0 || table.symbols[i - 1].address < symbol->address);
        if (symbol->size == 0) continue;
        const wtfcb_profiler_elf_symbol *found = wtfcb_profiler_elf_table_find(&table, symbol->address);
        FUZZ_ASSERT(found == symbol);
        found = wtfcb_profiler_elf_table_find(&table, symbol->address + (symbol->size - 1));
        FUZZ_ASSERT(!found || found->size > 0);
    }
    FUZZ_ASSERT(!wtfcb_profiler_elf_table_find(&table, 0));
    (void)wtfcb_profiler_elf_table_find(&table, UINT64_MAX);
    wtfcb_profiler_elf_table_free(&allocator, &table);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    unsigned char *bytes = (unsigned char *)fuzz_copy(data, size, 0, 0);
    wtfcb_profiler_elf_source source = {.bytes = bytes, .size = size, .fd = -1};
    wtfcb_profiler_elf_head head;
    wtfcb_profiler_elf_parts parts;
    wtfcb_status status = wtfcb_profiler_elf_head_read(&source, &head);
    FUZZ_ASSERT(status == WTFCB_OK || status == WTFCB_EFORMAT);
    FUZZ_ASSERT(head.segment_count <= WTFCB_PROFILER_ELF_SEGMENTS && head.build_id_length <= sizeof head.build_id);
    for (uint32_t i = 0; i < head.segment_count; i++) {
        uint64_t address;
        bool inside = wtfcb_profiler_elf_address(&head, head.segments[i].offset, &address);
        FUZZ_ASSERT(inside || head.segments[i].size == 0);
    }
    status = wtfcb_profiler_elf_parts_read(&allocator, &source, &parts);
    FUZZ_ASSERT(status == WTFCB_OK || status == WTFCB_EFORMAT);
    FUZZ_ASSERT(memchr(parts.debug_link, 0, sizeof parts.debug_link) && parts.build_id_length <= sizeof parts.build_id);
    if (status == WTFCB_OK) {
        check_table(&source, &parts.symbols);
        check_table(&source, &parts.dynamic);
    }
    free(bytes);
    return 0;
}
