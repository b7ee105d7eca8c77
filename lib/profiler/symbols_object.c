/*
 * Objects: what maps are of. Two maps are of one object if their files have the same build id; where that is not known, if path and state of the file are the
 * same. Headers are read when a map is noted, symbols when names are asked for; by then another file may be at the path, which is then not used.
 */
#include <elf.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "profiler/symbols_parts.h"

enum { PATH_SIZE = 4096 };

static const char deleted_suffix[] = " (deleted)";

/* A file's headers and how it was when they were read. */
typedef struct file_look {
    bool known;
    wtfcb_profiler_file_state state;
    wtfcb_profiler_elf_head head;
} file_look;

static wtfcb_profiler_file_state state_of(const struct stat *st)
{
    return (wtfcb_profiler_file_state){
        .device = st->st_dev,
        .inode = st->st_ino,
        .size = (uint64_t)st->st_size,
        .changed_ns = (int64_t)st->st_mtim.tv_sec * 1000000000 + st->st_mtim.tv_nsec,
    };
}

/* Open a regular file; what else stands at a path is not touched. -1: there is none. */
static int open_file(const char *path, wtfcb_profiler_elf_source *ret_source, wtfcb_profiler_file_state *ret_state)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0) return -1;
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
        (void)close(fd);
        return -1;
    }
    *ret_source = (wtfcb_profiler_elf_source){.size = (uint64_t)st.st_size, .fd = fd};
    *ret_state = state_of(&st);
    return fd;
}

static bool same_build_id(const unsigned char *a, size_t a_length, const unsigned char *b, size_t b_length)
{
    return a_length == b_length && memcmp(a, b, a_length) == 0;
}

/* ---- Which object a map is of ---- */

/* Memory that no file stands behind, however it is called. */
static bool is_anonymous(const char *path)
{
    static const char *const prefixes[] = {"[anon", "[heap", "[stack", "//anon", "/dev/zero", "/memfd:", "/SYSV"};
    if (!*path || strncmp(path, "anon_inode:", strlen("anon_inode:")) == 0) return true;
    for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++) {
        if (strncmp(path, prefixes[i], strlen(prefixes[i])) == 0) return true;
    }
    return false;
}

static bool ends_with(const char *text, const char *end)
{
    size_t length = strlen(text);
    return length > strlen(end) && strcmp(text + length - strlen(end), end) == 0;
}

/*
 * The inode that a map names is compared in its lower half: file systems that are laid over others show the same number with their own mark above, and
 * device numbers of their own.
 */
static void look_at(const wtfcb_profiler_map_line *line, bool deleted, file_look *look)
{
    struct stat st;
    memset(look, 0, sizeof *look);
    look->state.inode = line->inode;
    if (deleted) return;
    if (stat(line->path, &st) != 0 || !S_ISREG(st.st_mode)) return;
    if (line->inode != 0 && (uint32_t)line->inode != (uint32_t)st.st_ino) return;
    look->known = true;
    look->state = state_of(&st);
}

/* Read the headers of what look_at() found. A file that is gone by now, or another, is not known. */
static void look_inside(const wtfcb_profiler_map_line *line, file_look *look)
{
    wtfcb_profiler_elf_source source;
    wtfcb_profiler_file_state state;
    if (!look->known) return;
    int fd = open_file(line->path, &source, &state);
    look->known = fd >= 0 && memcmp(&state, &look->state, sizeof state) == 0;
    if (look->known && wtfcb_profiler_elf_head_read(&source, &look->head) != WTFCB_OK) {
        memset(&look->head, 0, sizeof look->head);
    }
    if (fd >= 0) (void)close(fd);
    if (look->known && line->build_id_length > 0) {
        look->known =
            same_build_id(line->build_id, line->build_id_length, look->head.build_id, look->head.build_id_length);
    }
    if (!look->known) memset(&look->head, 0, sizeof look->head);
}

static bool key_file(wtfcb_profiler_symbols *symbols, const wtfcb_profiler_file_state *state, const char *path)
{
    wtfcb_base_buffer_reset(&symbols->key);
    wtfcb_base_buffer_append(&symbols->key, state, sizeof *state);
    wtfcb_base_buffer_append_string(&symbols->key, path);
    return !symbols->key.failed;
}

static bool remember(wtfcb_profiler_symbols *symbols, wtfcb_base_map *map, const void *key, size_t length, uint32_t id)
{
    const char *kept = wtfcb_base_arena_string(&symbols->arena, key, length);
    return kept && wtfcb_base_map_put(map, kept, length, id);
}

static uint32_t find_build_id(const wtfcb_profiler_symbols *symbols, const unsigned char *build_id, size_t length)
{
    uint32_t id =
        length == 0 ? WTFCB_BASE_MAP_NONE : wtfcb_base_map_get(&symbols->by_build_id, (const char *)build_id, length);
    return id == WTFCB_BASE_MAP_NONE ? 0 : id;
}

static const char *last_part(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash && slash[1] ? slash + 1 : path;
}

/* A new object; 0 when memory has run out. */
static uint32_t add_object(wtfcb_profiler_symbols *symbols, const char *path, size_t length,
                           wtfcb_profiler_object_kind kind, const file_look *look)
{
    if (symbols->object_count >= UINT32_MAX - 1 ||
        !wtfcb_base_reserve(&symbols->allocator, (void **)&symbols->objects, &symbols->object_capacity,
                            symbols->object_count + 1, sizeof(wtfcb_profiler_object *))) {
        return 0;
    }
    wtfcb_profiler_object *object = wtfcb_base_arena_alloc(&symbols->arena, sizeof *object);
    char *kept = wtfcb_base_arena_string(&symbols->arena, path, length);
    if (!object || !kept) return 0;
    memset(object, 0, sizeof *object);
    object->path = kept;
    object->name = last_part(kept);
    object->kind = kind;
    object->known = look->known;
    object->state = look->state;
    object->head = look->head;
    symbols->objects[symbols->object_count++] = object;
    return (uint32_t)symbols->object_count;
}

static uint32_t find_key(const wtfcb_profiler_symbols *symbols)
{
    uint32_t id = wtfcb_base_map_get(&symbols->by_file, symbols->key.data, symbols->key.length);
    return id == WTFCB_BASE_MAP_NONE ? 0 : id;
}

/* Objects without a file are known by their name. */
static uint32_t special_object(wtfcb_profiler_symbols *symbols, const wtfcb_profiler_map_line *line)
{
    static const file_look nothing;
    bool vdso = strcmp(line->path, "[vdso]") == 0;
    const char *name = is_anonymous(line->path) ? "[anon]" : line->path;
    if (!key_file(symbols, &nothing.state, name)) return 0;
    uint32_t id = find_key(symbols);
    if (id == 0) {
        wtfcb_profiler_object_kind kind = vdso ? WTFCB_PROFILER_OBJECT_VDSO : WTFCB_PROFILER_OBJECT_NAME;
        id = add_object(symbols, name, strlen(name), kind, &nothing);
        if (id == 0 || !remember(symbols, &symbols->by_file, symbols->key.data, symbols->key.length, id)) return 0;
    }
    return id;
}

uint32_t wtfcb_profiler_symbols_object(wtfcb_profiler_symbols *symbols, const wtfcb_profiler_map_line *line)
{
    file_look look;
    if (line->path[0] != '/' || is_anonymous(line->path)) return special_object(symbols, line);
    uint32_t id = find_build_id(symbols, line->build_id, line->build_id_length);
    if (id > 0) return id;
    bool deleted = ends_with(line->path, deleted_suffix);
    look_at(line, deleted, &look);
    if (!key_file(symbols, &look.state, line->path)) return 0;
    if (line->build_id_length == 0) {
        id = find_key(symbols);
        if (id > 0) return id;
    }
    look_inside(line, &look);
    if (line->build_id_length > 0 && line->build_id_length <= sizeof look.head.build_id) {
        memcpy(look.head.build_id, line->build_id, line->build_id_length);
        look.head.build_id_length = (uint32_t)line->build_id_length;
    }
    id = find_build_id(symbols, look.head.build_id, look.head.build_id_length);
    if (id == 0) {
        size_t length = strlen(line->path) - (deleted ? strlen(deleted_suffix) : 0);
        id = add_object(symbols, line->path, length, WTFCB_PROFILER_OBJECT_FILE, &look);
        if (id == 0) return 0;
        if (look.head.build_id_length > 0 &&
            !remember(symbols, &symbols->by_build_id, look.head.build_id, look.head.build_id_length, id)) {
            return 0;
        }
    }
    bool kept =
        line->build_id_length > 0 || remember(symbols, &symbols->by_file, symbols->key.data, symbols->key.length, id);
    return kept ? id : 0;
}

/* ---- Symbols ---- */

static wtfcb_status load_table(wtfcb_profiler_symbols *symbols, const wtfcb_profiler_elf_source *source,
                               const wtfcb_profiler_elf_section *section, wtfcb_profiler_object *object)
{
    if (object->table.count > 0) return WTFCB_OK;
    wtfcb_status status = wtfcb_profiler_elf_table_read(&symbols->allocator, source, section, &object->table);
    return status == WTFCB_ENOMEM ? status : WTFCB_OK;
}

/* What is still missing: the table of all symbols, and DWARF. */
static wtfcb_status load_parts(wtfcb_profiler_symbols *symbols, const wtfcb_profiler_elf_source *source,
                               const wtfcb_profiler_elf_parts *parts, wtfcb_profiler_object *object)
{
    wtfcb_status status = load_table(symbols, source, &parts->symbols, object);
    if (status == WTFCB_OK && parts->debug_info && !object->dwarf) {
        status = wtfcb_profiler_dwarf_open(&symbols->allocator, source->fd, &object->dwarf);
    }
    return status;
}

/* The same of a debug file, if it belongs to the object. */
static wtfcb_status load_debug_file(wtfcb_profiler_symbols *symbols, const char *path, wtfcb_profiler_object *object)
{
    wtfcb_profiler_elf_source source;
    wtfcb_profiler_file_state state;
    wtfcb_profiler_elf_parts parts;
    int fd = open_file(path, &source, &state);
    if (fd < 0) return WTFCB_OK;
    wtfcb_status status = wtfcb_profiler_elf_parts_read(&symbols->allocator, &source, &parts);
    if (status == WTFCB_OK &&
        same_build_id(parts.build_id, parts.build_id_length, object->head.build_id, object->head.build_id_length)) {
        status = load_parts(symbols, &source, &parts, object);
    }
    (void)close(fd);
    return status == WTFCB_ENOMEM ? status : WTFCB_OK;
}

/* Path of the file with what was stripped, by build id. False: there is none that short. */
static bool path_by_build_id(const wtfcb_profiler_symbols *symbols, const wtfcb_profiler_object *object, char *path,
                             size_t size)
{
    const unsigned char *id = object->head.build_id;
    uint32_t length = object->head.build_id_length;
    if (length < 2) return false;
    int written = snprintf(path, size, "%s/.build-id/%02x/", symbols->debug_root, id[0]);
    if (written < 0 || (size_t)written + 2 * (size_t)length + sizeof ".debug" > size) return false;
    size_t at = (size_t)written;
    for (uint32_t i = 1; i < length; i++, at += 2)
        (void)snprintf(path + at, size - at, "%02x", id[i]);
    (void)snprintf(path + at, size - at, ".debug");
    return true;
}

/* The n-th place where a file that .gnu_debuglink names is looked for. */
static bool path_by_link(const wtfcb_profiler_symbols *symbols, const wtfcb_profiler_object *object, const char *link,
                         unsigned number, char *path, size_t size)
{
    int folder = (int)(object->name - object->path);
    int written = -1;
    if (!*link || strchr(link, '/')) return false;
    if (number == 0) written = snprintf(path, size, "%.*s%s", folder, object->path, link);
    if (number == 1) written = snprintf(path, size, "%.*s.debug/%s", folder, object->path, link);
    if (number == 2) written = snprintf(path, size, "%s%.*s%s", symbols->debug_root, folder, object->path, link);
    return written > 0 && (size_t)written < size;
}

static bool lacks_parts(const wtfcb_profiler_object *object)
{
    return object->table.count == 0 || !object->dwarf;
}

static wtfcb_status load_stripped(wtfcb_profiler_symbols *symbols, const char *link, wtfcb_profiler_object *object)
{
    char path[PATH_SIZE];
    wtfcb_status status = WTFCB_OK;
    if (object->head.build_id_length == 0) return WTFCB_OK; /* whatever is found could be another's */
    if (path_by_build_id(symbols, object, path, sizeof path)) status = load_debug_file(symbols, path, object);
    for (unsigned i = 0; i < 3 && status == WTFCB_OK && lacks_parts(object); i++) {
        if (path_by_link(symbols, object, link, i, path, sizeof path)) status = load_debug_file(symbols, path, object);
    }
    return status;
}

/* Whether an open file is still the one that was mapped. */
static bool is_noted(const wtfcb_profiler_object *object, const wtfcb_profiler_elf_source *source,
                     const wtfcb_profiler_file_state *state)
{
    wtfcb_profiler_elf_head head;
    if (object->head.build_id_length == 0) return memcmp(state, &object->state, sizeof *state) == 0;
    return wtfcb_profiler_elf_head_read(source, &head) == WTFCB_OK &&
           same_build_id(head.build_id, head.build_id_length, object->head.build_id, object->head.build_id_length);
}

static wtfcb_status load_file(wtfcb_profiler_symbols *symbols, wtfcb_profiler_object *object)
{
    wtfcb_profiler_elf_source source;
    wtfcb_profiler_file_state state;
    wtfcb_profiler_elf_parts parts;
    wtfcb_status status = WTFCB_OK;
    memset(&parts, 0, sizeof parts);
    int fd = object->known ? open_file(object->path, &source, &state) : -1;
    bool usable = fd >= 0 && is_noted(object, &source, &state);
    if (usable) status = wtfcb_profiler_elf_parts_read(&symbols->allocator, &source, &parts);
    if (usable && status == WTFCB_OK) status = load_parts(symbols, &source, &parts, object);
    if (status != WTFCB_ENOMEM && lacks_parts(object)) status = load_stripped(symbols, parts.debug_link, object);
    if (usable && status == WTFCB_OK) status = load_table(symbols, &source, &parts.dynamic, object);
    if (fd >= 0) (void)close(fd);
    return status == WTFCB_ENOMEM ? status : WTFCB_OK;
}

/* The vdso is the same in all processes, and this one has it. It comes from the kernel: that its sections end it is believed. */
static wtfcb_status load_vdso(wtfcb_profiler_symbols *symbols, wtfcb_profiler_object *object)
{
    const unsigned char *bytes = (const unsigned char *)getauxval(AT_SYSINFO_EHDR);
    wtfcb_profiler_elf_source source = {.bytes = bytes, .fd = -1};
    wtfcb_profiler_elf_parts parts;
    if (bytes) {
        Elf64_Ehdr file;
        memcpy(&file, bytes, sizeof file);
        source.size = file.e_shoff + (uint64_t)file.e_shnum * file.e_shentsize;
    }
    if (!bytes || wtfcb_profiler_elf_head_read(&source, &object->head) != WTFCB_OK) return WTFCB_OK;
    wtfcb_status status = wtfcb_profiler_elf_parts_read(&symbols->allocator, &source, &parts);
    if (status == WTFCB_OK) status = load_table(symbols, &source, &parts.dynamic, object);
    return status == WTFCB_ENOMEM ? status : WTFCB_OK;
}

wtfcb_status wtfcb_profiler_object_load(wtfcb_profiler_symbols *symbols, wtfcb_profiler_object *object)
{
    wtfcb_status status = WTFCB_OK;
    if (object->loaded) return WTFCB_OK;
    if (object->kind == WTFCB_PROFILER_OBJECT_FILE) status = load_file(symbols, object);
    if (object->kind == WTFCB_PROFILER_OBJECT_VDSO) status = load_vdso(symbols, object);
    object->loaded = status == WTFCB_OK;
    if (!object->loaded) wtfcb_profiler_object_free(symbols, object); /* all of it again next time */
    return status;
}

void wtfcb_profiler_object_free(wtfcb_profiler_symbols *symbols, wtfcb_profiler_object *object)
{
    wtfcb_profiler_elf_table_free(&symbols->allocator, &object->table);
    wtfcb_profiler_dwarf_free(object->dwarf);
    object->dwarf = NULL;
}
