/*
 * The symboliser as its callers see it: what is remembered of places, and the words for what has no name. Everything that was handed out is in the arena;
 * each text is there once, so that equal names are equal pointers.
 */
#include "profiler/symbols.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "profiler/symbols_demangle.h"
#include "profiler/symbols_parts.h"

enum {
    MOST_NAME = 8192, /* bytes of a name; of longer ones the beginning is kept */
};

wtfcb_status wtfcb_profiler_symbols_new(const wtfcb_allocator *allocator, wtfcb_profiler_symbols **ret_symbols)
{
    wtfcb_allocator own = wtfcb_base_allocator(allocator);
    wtfcb_profiler_symbols *symbols = wtfcb_base_calloc(&own, 1, sizeof *symbols);
    if (!symbols) return WTFCB_ENOMEM;
    symbols->allocator = own;
    symbols->debug_root = "/usr/lib/debug";
    wtfcb_base_arena_init(&symbols->arena, &symbols->allocator);
    wtfcb_base_map_init(&symbols->by_file, &symbols->allocator);
    wtfcb_base_map_init(&symbols->by_build_id, &symbols->allocator);
    wtfcb_base_map_init(&symbols->by_text, &symbols->allocator);
    wtfcb_base_map_init(&symbols->by_place, &symbols->allocator);
    wtfcb_base_buffer_init(&symbols->text, &symbols->allocator);
    wtfcb_base_buffer_init(&symbols->key, &symbols->allocator);
    *ret_symbols = symbols;
    return WTFCB_OK;
}

void wtfcb_profiler_symbols_free(wtfcb_profiler_symbols *symbols)
{
    if (!symbols) return;
    wtfcb_allocator allocator = symbols->allocator;
    for (size_t i = 0; i < symbols->object_count; i++)
        wtfcb_profiler_object_free(symbols, symbols->objects[i]);
    for (size_t i = 0; i < symbols->process_count; i++) {
        wtfcb_profiler_maps_release(symbols, symbols->processes[i].maps);
    }
    wtfcb_base_free(&allocator, symbols->objects, symbols->object_capacity * sizeof(wtfcb_profiler_object *));
    wtfcb_base_free(&allocator, symbols->processes, symbols->process_capacity * sizeof *symbols->processes);
    wtfcb_base_free(&allocator, symbols->texts, symbols->text_capacity * sizeof(const char *));
    wtfcb_base_free(&allocator, symbols->found, symbols->found_capacity * sizeof(wtfcb_profiler_found *));
    wtfcb_base_map_free(&symbols->by_file);
    wtfcb_base_map_free(&symbols->by_build_id);
    wtfcb_base_map_free(&symbols->by_text);
    wtfcb_base_map_free(&symbols->by_place);
    wtfcb_base_buffer_free(&symbols->text);
    wtfcb_base_buffer_free(&symbols->key);
    wtfcb_base_arena_free(&symbols->arena);
    wtfcb_base_free(&allocator, symbols, sizeof *symbols);
}

wtfcb_status wtfcb_profiler_symbols_set_debug_root(wtfcb_profiler_symbols *symbols, const char *path)
{
    const char *kept = wtfcb_base_arena_string(&symbols->arena, path, strlen(path));
    if (!kept) return WTFCB_ENOMEM;
    symbols->debug_root = kept;
    return WTFCB_OK;
}

const char *wtfcb_profiler_symbols_text(wtfcb_profiler_symbols *symbols, const char *text)
{
    size_t length = strnlen(text, MOST_NAME);
    if (length == 0) return "";
    uint32_t index = wtfcb_base_map_get(&symbols->by_text, text, length);
    if (index != WTFCB_BASE_MAP_NONE) return symbols->texts[index];
    if (!wtfcb_base_reserve(&symbols->allocator, (void **)&symbols->texts, &symbols->text_capacity,
                            symbols->text_count + 1, sizeof(const char *))) {
        return NULL;
    }
    const char *kept = wtfcb_base_arena_string(&symbols->arena, text, length);
    if (!kept || !wtfcb_base_map_put(&symbols->by_text, kept, length, (uint32_t)symbols->text_count)) return NULL;
    symbols->texts[symbols->text_count++] = kept;
    return kept;
}

wtfcb_profiler_place wtfcb_profiler_symbols_place(const wtfcb_profiler_symbols *symbols, pid_t process,
                                                  uint64_t address)
{
    const wtfcb_profiler_interval *interval = wtfcb_profiler_symbols_interval(symbols, process, address);
    if (!interval) return (wtfcb_profiler_place){0, 0};
    if (symbols->objects[interval->object - 1]->kind == WTFCB_PROFILER_OBJECT_NAME) {
        return (wtfcb_profiler_place){interval->object, 0};
    }
    return (wtfcb_profiler_place){interval->object, address - interval->begin + interval->offset};
}

uint32_t wtfcb_profiler_symbols_add_object(wtfcb_profiler_symbols *symbols, const char *path,
                                           const unsigned char *build_id, size_t build_id_length)
{
    wtfcb_profiler_map_line line = {.path = path, .build_id = build_id, .build_id_length = build_id_length};
    return wtfcb_profiler_symbols_object(symbols, &line);
}

/* Where the headers are not known there is no place in the file: the address itself is as good to tell places apart, and is what is then shown. */
wtfcb_profiler_place wtfcb_profiler_symbols_place_in(const wtfcb_profiler_symbols *symbols, uint32_t object,
                                                     uint64_t address)
{
    if (object == 0 || object > symbols->object_count) return (wtfcb_profiler_place){0, 0};
    const wtfcb_profiler_object *known = symbols->objects[object - 1];
    if (known->kind == WTFCB_PROFILER_OBJECT_NAME) return (wtfcb_profiler_place){object, 0};
    if (known->head.segment_count == 0) return (wtfcb_profiler_place){object, address};
    for (uint32_t i = 0; i < known->head.segment_count; i++) {
        const wtfcb_profiler_elf_segment *segment = &known->head.segments[i];
        if (address - segment->address < segment->size)
            return (wtfcb_profiler_place){object, segment->offset + (address - segment->address)};
    }
    return (wtfcb_profiler_place){0, 0};
}

/* ---- Names ---- */

/* The symbol's name without the version that some tables hang on it. False: there is none. */
static bool name_of_symbol(const wtfcb_profiler_object *object, uint64_t address, char *name, size_t size)
{
    const wtfcb_profiler_elf_symbol *symbol = wtfcb_profiler_elf_table_find(&object->table, address);
    if (!symbol) return false;
    (void)snprintf(name, size, "%s", object->table.names + symbol->name);
    name[strcspn(name, "@")] = '\0';
    return true;
}

/*
 * What DWARF calls a function is one of its names: where the table of symbols has one with fewer underscores at the same address, that is what people know it
 * by ("write", not "__GI___libc_write").
 */
static bool is_plainer(const char *symbol, const char *name)
{
    return strspn(symbol, "_") < strspn(name, "_") && name[1] == '_';
}

static bool fill(wtfcb_profiler_symbols *symbols, wtfcb_profiler_symbol *function, const char *object,
                 const wtfcb_profiler_frame *frame)
{
    *function = (wtfcb_profiler_symbol){
        .name = wtfcb_profiler_symbols_text(symbols, frame->name),
        .object = wtfcb_profiler_symbols_text(symbols, object),
        .file = wtfcb_profiler_symbols_text(symbols, frame->file),
        .line = frame->line,
    };
    return function->name && function->object && function->file;
}

/* One function that only its name is known of. */
static uint32_t fill_plain(wtfcb_profiler_symbols *symbols, wtfcb_profiler_symbol *function, const char *object,
                           const char *name)
{
    wtfcb_profiler_frame frame = {.name = name, .file = ""};
    return fill(symbols, function, object, &frame) ? 1 : 0;
}

/* What DWARF tells, turned round. */
static uint32_t fill_frames(wtfcb_profiler_symbols *symbols, wtfcb_profiler_symbol *functions, const char *object,
                            const wtfcb_profiler_frame *frames, uint32_t count)
{
    char name[MOST_NAME];
    for (uint32_t i = 0; i < count; i++) {
        wtfcb_profiler_frame frame = frames[count - 1 - i];
        (void)snprintf(name, sizeof name, "%s", frame.name);
        wtfcb_profiler_demangle(name, sizeof name);
        frame.name = name;
        if (!fill(symbols, &functions[i], object, &frame)) return 0;
        functions[i].inlined = i + 1 < count;
    }
    return count;
}

/* Find what is not known yet, into `functions`. The number; 0 when memory has run out. */
static uint32_t look_up(wtfcb_profiler_symbols *symbols, wtfcb_profiler_place place, wtfcb_profiler_symbol *functions)
{
    char name[MOST_NAME];
    wtfcb_profiler_frame frames[WTFCB_PROFILER_MOST_INLINED];
    uint32_t count = 0;
    uint64_t address;
    if (place.object == 0 || place.object > symbols->object_count) {
        return fill_plain(symbols, functions, "[unknown]", "[unknown]");
    }
    wtfcb_profiler_object *object = symbols->objects[place.object - 1];
    if (object->kind == WTFCB_PROFILER_OBJECT_NAME) return fill_plain(symbols, functions, object->name, object->name);
    if (wtfcb_profiler_object_load(symbols, object) != WTFCB_OK) return 0;
    if (!wtfcb_profiler_elf_address(&object->head, place.offset, &address)) {
        (void)snprintf(name, sizeof name, "%s+0x%" PRIx64, object->name, place.offset);
        return fill_plain(symbols, functions, object->name, name);
    }
    if (object->dwarf && wtfcb_profiler_dwarf_find(object->dwarf, address, frames, &count) != WTFCB_OK) return 0;
    if (count > 0 && name_of_symbol(object, address, name, sizeof name) && is_plainer(name, frames[0].name)) {
        frames[0].name = name;
    }
    if (count > 0) return fill_frames(symbols, functions, object->name, frames, count);
    if (name_of_symbol(object, address, name, sizeof name)) {
        wtfcb_profiler_demangle(name, sizeof name);
    } else {
        (void)snprintf(name, sizeof name, "%s+0x%" PRIx64, object->name, address);
    }
    return fill_plain(symbols, functions, object->name, name);
}

static bool keep(wtfcb_profiler_symbols *symbols, wtfcb_profiler_place place, const wtfcb_profiler_symbol *functions,
                 uint32_t count)
{
    if (!wtfcb_base_reserve(&symbols->allocator, (void **)&symbols->found, &symbols->found_capacity,
                            symbols->found_count + 1, sizeof(wtfcb_profiler_found *))) {
        return false;
    }
    wtfcb_profiler_found *found =
        wtfcb_base_arena_alloc(&symbols->arena, sizeof *found + count * sizeof *found->functions);
    if (!found) return false;
    memset(&found->place, 0, sizeof found->place); /* its bytes are the key */
    found->place.object = place.object;
    found->place.offset = place.offset;
    found->count = count;
    memcpy(found->functions, functions, count * sizeof *functions);
    if (!wtfcb_base_map_put(&symbols->by_place, (const char *)&found->place, sizeof found->place,
                            (uint32_t)symbols->found_count)) {
        return false;
    }
    symbols->found[symbols->found_count++] = found;
    return true;
}

uint32_t wtfcb_profiler_symbols_find(wtfcb_profiler_symbols *symbols, wtfcb_profiler_place place, bool is_return,
                                     const wtfcb_profiler_symbol **ret_functions)
{
    wtfcb_profiler_symbol functions[WTFCB_PROFILER_MOST_INLINED];
    wtfcb_profiler_place key;
    memset(&key, 0, sizeof key);
    key.object = place.object;
    key.offset = place.offset - (is_return && place.offset > 0 ? 1 : 0);
    uint32_t index = wtfcb_base_map_get(&symbols->by_place, (const char *)&key, sizeof key);
    if (index == WTFCB_BASE_MAP_NONE) {
        uint32_t count = look_up(symbols, key, functions);
        if (count == 0 || !keep(symbols, key, functions, count)) return 0;
        index = (uint32_t)symbols->found_count - 1;
    }
    *ret_functions = symbols->found[index]->functions;
    return symbols->found[index]->count;
}
