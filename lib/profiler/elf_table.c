/*
 * Sections of ELF files, and the functions in their tables of symbols: what is read when names are asked for.
 */
#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "profiler/elf.h"

enum {
    MOST_TABLE = 1 << 28, /* bytes of one table: the largest browsers have a fourth of it */
    AT_ONCE = 256,        /* symbols */
    MOST_NOTE = 512,      /* bytes of a section of notes */
    ENCLOSING = 16,       /* functions before the nearest that an address may still be in */
};

typedef struct sections {
    const wtfcb_profiler_elf_source *source;
    const Elf64_Shdr *headers;
    size_t count;
    uint64_t names_offset;
    uint64_t names_size;
} sections;

/* The symbols of a section and their names, if both are inside of the file. */
static void take_symbols(const sections *s, const Elf64_Shdr *header, wtfcb_profiler_elf_section *section)
{
    uint64_t size = s->source->size;
    if (header->sh_link >= s->count || header->sh_entsize != sizeof(Elf64_Sym)) return;
    const Elf64_Shdr *names = &s->headers[header->sh_link];
    if (names->sh_type != SHT_STRTAB) return;
    if (header->sh_offset > size || header->sh_size > size - header->sh_offset) return;
    if (names->sh_offset > size || names->sh_size > size - names->sh_offset) return;
    *section = (wtfcb_profiler_elf_section){header->sh_offset, header->sh_size, names->sh_offset, names->sh_size};
}

static void take_named(const sections *s, const Elf64_Shdr *header, wtfcb_profiler_elf_parts *parts)
{
    char name[16] = {0};
    if (header->sh_name >= s->names_size) return;
    uint64_t left = s->names_size - header->sh_name;
    size_t size = left < sizeof name ? (size_t)left : sizeof name;
    if (!wtfcb_profiler_elf_read(s->source, s->names_offset + header->sh_name, name, size)) return;
    if (memcmp(name, ".debug_info", sizeof ".debug_info") == 0) parts->debug_info = header->sh_size > 0;
    if (memcmp(name, ".zdebug_info", sizeof ".zdebug_info") == 0) parts->debug_info = header->sh_size > 0;
    if (memcmp(name, ".gnu_debuglink", sizeof ".gnu_debuglink") == 0) {
        size_t length = header->sh_size < sizeof parts->debug_link ? (size_t)header->sh_size : sizeof parts->debug_link;
        bool read = wtfcb_profiler_elf_read(s->source, header->sh_offset, parts->debug_link, length);
        if (!read || !memchr(parts->debug_link, 0, length)) parts->debug_link[0] = '\0';
    }
}

static void take_note(const sections *s, const Elf64_Shdr *header, wtfcb_profiler_elf_parts *parts)
{
    unsigned char notes[MOST_NOTE];
    size_t size = header->sh_size < sizeof notes ? (size_t)header->sh_size : sizeof notes;
    if (parts->build_id_length > 0 || !wtfcb_profiler_elf_read(s->source, header->sh_offset, notes, size)) return;
    size_t align = header->sh_addralign == 8 ? 8 : 4;
    parts->build_id_length = wtfcb_profiler_elf_build_id(notes, size, align, parts->build_id);
}

static void take_sections(sections *s, uint32_t names, wtfcb_profiler_elf_parts *parts)
{
    if (names < s->count && s->headers[names].sh_offset <= s->source->size) {
        uint64_t left = s->source->size - s->headers[names].sh_offset;
        s->names_offset = s->headers[names].sh_offset;
        s->names_size = s->headers[names].sh_size < left ? s->headers[names].sh_size : left;
    }
    for (size_t i = 0; i < s->count; i++) {
        const Elf64_Shdr *header = &s->headers[i];
        if (header->sh_type == SHT_SYMTAB) take_symbols(s, header, &parts->symbols);
        if (header->sh_type == SHT_DYNSYM) take_symbols(s, header, &parts->dynamic);
        if (header->sh_type == SHT_NOTE) take_note(s, header, parts);
        if (header->sh_type == SHT_PROGBITS) take_named(s, header, parts);
    }
}

wtfcb_status wtfcb_profiler_elf_parts_read(const wtfcb_allocator *allocator, const wtfcb_profiler_elf_source *source,
                                           wtfcb_profiler_elf_parts *ret_parts)
{
    Elf64_Ehdr file;
    memset(ret_parts, 0, sizeof *ret_parts);
    if (!wtfcb_profiler_elf_read(source, 0, &file, sizeof file)) return WTFCB_EFORMAT;
    if (memcmp(file.e_ident, ELFMAG, SELFMAG) != 0 || file.e_ident[EI_CLASS] != ELFCLASS64) return WTFCB_EFORMAT;
    if (file.e_shnum == 0) return WTFCB_OK;
    if (file.e_shentsize != sizeof(Elf64_Shdr)) return WTFCB_EFORMAT;
    size_t size = file.e_shnum * sizeof(Elf64_Shdr);
    if (size > source->size) return WTFCB_EFORMAT;
    Elf64_Shdr *headers = wtfcb_base_alloc(allocator, size);
    if (!headers) return WTFCB_ENOMEM;
    bool read = wtfcb_profiler_elf_read(source, file.e_shoff, headers, size);
    sections s = {.source = source, .headers = headers, .count = file.e_shnum};
    if (read) take_sections(&s, file.e_shstrndx, ret_parts);
    wtfcb_base_free(allocator, headers, size);
    return read ? WTFCB_OK : WTFCB_EFORMAT;
}

static bool is_function(const Elf64_Sym *symbol)
{
    unsigned char type = ELF64_ST_TYPE(symbol->st_info);
    return (type == STT_FUNC || type == STT_GNU_IFUNC) && symbol->st_shndx != SHN_UNDEF && symbol->st_value != 0;
}

/* Of several names the one that people know: with a size, few underscores in front, exported, not weak. */
static uint32_t rank_of(const Elf64_Sym *symbol, const char *name)
{
    uint32_t underscores = 0;
    while (underscores < 7 && name[underscores] == '_')
        underscores++;
    if (underscores > 0 && name[underscores] == 'Z') underscores = 0; /* mangled */
    unsigned char binding = ELF64_ST_BIND(symbol->st_info);
    uint32_t bound = binding == STB_GLOBAL ? 0 : binding == STB_WEAK ? 1 : 2;
    return (symbol->st_size == 0 ? 64u : 0u) + underscores * 4 + bound;
}

static int by_address(const void *a, const void *b)
{
    const wtfcb_profiler_elf_symbol *left = a;
    const wtfcb_profiler_elf_symbol *right = b;
    if (left->address != right->address) return left->address < right->address ? -1 : 1;
    if (left->rank != right->rank) return left->rank < right->rank ? -1 : 1;
    return (left->name > right->name) - (left->name < right->name);
}

/* Sort, keep the first of each address, and let what has no size end where the next begins. */
static void arrange(wtfcb_profiler_elf_table *table)
{
    size_t kept = 0;
    if (table->count > 1) qsort(table->symbols, table->count, sizeof *table->symbols, by_address);
    for (size_t i = 0; i < table->count; i++) {
        if (kept > 0 && table->symbols[kept - 1].address == table->symbols[i].address) continue;
        table->symbols[kept++] = table->symbols[i];
    }
    for (size_t i = 0; i + 1 < kept; i++) {
        wtfcb_profiler_elf_symbol *symbol = &table->symbols[i];
        if (symbol->size == 0) symbol->size = symbol[1].address - symbol->address;
    }
    table->count = kept;
}

static wtfcb_status read_symbols(const wtfcb_allocator *allocator, const wtfcb_profiler_elf_source *source,
                                 const wtfcb_profiler_elf_section *section, wtfcb_profiler_elf_table *table)
{
    Elf64_Sym some[AT_ONCE];
    uint64_t left = section->size / sizeof *some;
    for (uint64_t at = section->offset; left > 0;) {
        size_t count = left < AT_ONCE ? (size_t)left : AT_ONCE;
        if (!wtfcb_profiler_elf_read(source, at, some, count * sizeof *some)) return WTFCB_EFORMAT;
        if (!wtfcb_base_reserve(allocator, (void **)&table->symbols, &table->capacity, table->count + count,
                                sizeof *table->symbols)) {
            return WTFCB_ENOMEM;
        }
        for (size_t i = 0; i < count; i++) {
            if (!is_function(&some[i]) || some[i].st_name >= table->names_size) continue;
            const char *name = table->names + some[i].st_name;
            if (!*name) continue;
            table->symbols[table->count++] = (wtfcb_profiler_elf_symbol){some[i].st_value, some[i].st_size,
                                                                         some[i].st_name, rank_of(&some[i], name)};
        }
        at += count * sizeof *some;
        left -= count;
    }
    return WTFCB_OK;
}

wtfcb_status wtfcb_profiler_elf_table_read(const wtfcb_allocator *allocator, const wtfcb_profiler_elf_source *source,
                                           const wtfcb_profiler_elf_section *section,
                                           wtfcb_profiler_elf_table *ret_table)
{
    memset(ret_table, 0, sizeof *ret_table);
    if (section->size < sizeof(Elf64_Sym) || section->names_size == 0) return WTFCB_OK;
    if (section->size > source->size || section->names_size > source->size) return WTFCB_EFORMAT;
    if (section->size > MOST_TABLE || section->names_size > MOST_TABLE) return WTFCB_EFORMAT;
    size_t names_size = (size_t)section->names_size;
    ret_table->names = wtfcb_base_alloc(allocator, names_size + 1);
    if (!ret_table->names) return WTFCB_ENOMEM;
    ret_table->names_size = names_size;
    ret_table->names[names_size] = '\0';
    wtfcb_status status = WTFCB_EFORMAT;
    if (wtfcb_profiler_elf_read(source, section->names_offset, ret_table->names, names_size)) {
        status = read_symbols(allocator, source, section, ret_table);
    }
    if (status != WTFCB_OK) {
        wtfcb_profiler_elf_table_free(allocator, ret_table);
        return status;
    }
    arrange(ret_table);
    return WTFCB_OK;
}

void wtfcb_profiler_elf_table_free(const wtfcb_allocator *allocator, wtfcb_profiler_elf_table *table)
{
    wtfcb_base_free(allocator, table->symbols, table->capacity * sizeof *table->symbols);
    wtfcb_base_free(allocator, table->names, table->names ? table->names_size + 1 : 0);
    memset(table, 0, sizeof *table);
}

const wtfcb_profiler_elf_symbol *wtfcb_profiler_elf_table_find(const wtfcb_profiler_elf_table *table, uint64_t address)
{
    size_t low = 0;
    size_t high = table->count;
    while (low < high) { /* the first behind the address */
        size_t middle = low + (high - low) / 2;
        if (table->symbols[middle].address <= address) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    for (size_t i = low; i > 0 && low - i < ENCLOSING; i--) {
        const wtfcb_profiler_elf_symbol *symbol = &table->symbols[i - 1];
        if (address - symbol->address < symbol->size) return symbol;
    }
    return NULL;
}
