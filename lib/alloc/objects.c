/* See objects.h. What was noted is kept in a table of fixed size; when it is full all is forgotten, and what is seen from then on is noted once more. */
#include "alloc/objects.h"

#include <dlfcn.h>
#include <elf.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

enum {
    KNOWN = 1024,
    NOTE_ALIGN = 4,
    PAGE = 4096,
};

typedef struct known {
    uint64_t begin;
    uint64_t end;
    uint64_t bias;
    uint64_t text; /* hash of path and build id */
    uint64_t checked;
} known;

static known objects[KNOWN];
static uint32_t object_count;
static _Atomic uint64_t doubts;
static _Atomic uint64_t replaced;
static wtfcb_base_spin lock;

/* ---- Finding ---- */

/* From the first byte that is mapped to the last. */
static void measure(wtfcb_alloc_mapped *m)
{
    uint64_t first = UINT64_MAX;
    uint64_t last = 0;
    for (size_t i = 0; i < m->row_count; i++) {
        uint64_t begin = m->bias + m->rows[i].p_vaddr;
        if (m->rows[i].p_type == PT_GNU_EH_FRAME) m->header = begin;
        if (m->rows[i].p_type != PT_LOAD) continue;
        if (begin < first) first = begin;
        if (begin + m->rows[i].p_memsz > last) last = begin + m->rows[i].p_memsz;
    }
    if (first < last) {
        m->begin = first & ~(uint64_t)(PAGE - 1);
        m->end = (last + PAGE - 1) & ~(uint64_t)(PAGE - 1);
    }
}

#if defined(__GLIBC__) && __GLIBC_PREREQ(2, 35)
/* False: there is no ELF header. */
static bool take_rows(wtfcb_alloc_mapped *m, const unsigned char *head)
{
    const ElfW(Ehdr) *elf = (const ElfW(Ehdr) *)(const void *)head;
    if (memcmp(head, ELFMAG, SELFMAG) != 0 || elf->e_phentsize != sizeof(ElfW(Phdr)) ||
        elf->e_phoff + elf->e_phnum * sizeof(ElfW(Phdr)) > PAGE)
        return false;
    m->rows = (const ElfW(Phdr) *)(const void *)(head + elf->e_phoff);
    m->row_count = elf->e_phnum;
    return true;
}

/* What is found may be one of several pieces of the object: that without the header, too. */
bool wtfcb_alloc_objects_find(uint64_t address, wtfcb_alloc_mapped *ret_mapped)
{
    struct dl_find_object found;
    if (_dl_find_object((void *)(uintptr_t)address, &found) != 0) return false;
    *ret_mapped = (wtfcb_alloc_mapped){
        .begin = (uintptr_t)found.dlfo_map_start,
        .end = (uintptr_t)found.dlfo_map_end,
        .bias = found.dlfo_link_map->l_addr,
        .header = (uintptr_t)found.dlfo_eh_frame,
        .name = found.dlfo_link_map->l_name,
    };
    if (!ret_mapped->name || !*ret_mapped->name) {
        ret_mapped->rows = (const ElfW(Phdr) *)getauxval(AT_PHDR);
        ret_mapped->row_count = getauxval(AT_PHNUM);
    } else if (!take_rows(ret_mapped, found.dlfo_map_start) && ret_mapped->bias != 0) {
        (void)take_rows(ret_mapped, (const unsigned char *)(uintptr_t)ret_mapped->bias);
    }
    measure(ret_mapped);
    return true;
}
#else
typedef struct search {
    uint64_t address;
    wtfcb_alloc_mapped *mapped;
} search;

static int look(struct dl_phdr_info *info, size_t size, void *argument)
{
    const search *s = argument;
    wtfcb_alloc_mapped m = {
        .bias = info->dlpi_addr, .name = info->dlpi_name, .rows = info->dlpi_phdr, .row_count = info->dlpi_phnum};
    (void)size;
    measure(&m);
    if (s->address < m.begin || s->address >= m.end) return 0;
    *s->mapped = m;
    return 1;
}

bool wtfcb_alloc_objects_find(uint64_t address, wtfcb_alloc_mapped *ret_mapped)
{
    search s = {address, ret_mapped};
    return dl_iterate_phdr(look, &s) != 0;
}
#endif

wtfcb_alloc_image wtfcb_alloc_objects_image(const wtfcb_alloc_mapped *mapped)
{
    uint64_t begin = mapped->begin;
    uint64_t end = mapped->end;
    for (size_t i = 0; i < mapped->row_count; i++) {
        const ElfW(Phdr) *row = &mapped->rows[i];
        uint64_t from = mapped->bias + row->p_vaddr;
        if (row->p_type == PT_LOAD && mapped->header - from < row->p_filesz) {
            begin = from;
            end = from + row->p_filesz;
        }
    }
    return (wtfcb_alloc_image){(const unsigned char *)(uintptr_t)begin, end - begin, begin};
}

/* ---- Describing ---- */

static void read_notes(const unsigned char *at, uint64_t size, wtfcb_alloc_object *object)
{
    ElfW(Nhdr) note;
    while (size >= sizeof note) {
        memcpy(&note, at, sizeof note);
        uint64_t name = (note.n_namesz + (uint64_t)NOTE_ALIGN - 1) & ~(uint64_t)(NOTE_ALIGN - 1);
        uint64_t rest = (note.n_descsz + (uint64_t)NOTE_ALIGN - 1) & ~(uint64_t)(NOTE_ALIGN - 1);
        if (name + rest > size - sizeof note) return;
        if (note.n_type == NT_GNU_BUILD_ID && note.n_namesz == 4 && memcmp(at + sizeof note, "GNU", 4) == 0 &&
            note.n_descsz <= sizeof object->build_id) {
            memcpy(object->build_id, at + sizeof note + name, note.n_descsz);
            object->id_length = note.n_descsz;
            return;
        }
        at += sizeof note + name + rest;
        size -= sizeof note + name + rest;
    }
}

/* From the root on: the program and the libraries that were named by a relative path. */
static void set_path(wtfcb_alloc_object *object, const char *name)
{
    size_t at = 0;
    size_t size = sizeof object->path;
    if (!name || name[0] == 0) {
        ssize_t length = readlink("/proc/self/exe", object->path, size - 1);
        object->path[length > 0 ? length : 0] = 0;
        return;
    }
    if (name[0] != '/' && strchr(name, '/') && getcwd(object->path, size - 1)) {
        at = strlen(object->path);
        object->path[at++] = '/';
    }
    size_t length = strnlen(name, size - 1 - at);
    memcpy(object->path + at, name, length);
    object->path[at + length] = 0;
}

static void describe(const wtfcb_alloc_mapped *mapped, wtfcb_alloc_object *object)
{
    *object = (wtfcb_alloc_object){.begin = mapped->begin, .end = mapped->end, .bias = mapped->bias};
    for (size_t i = 0; i < mapped->row_count && object->id_length == 0; i++) {
        const ElfW(Phdr) *row = &mapped->rows[i];
        uint64_t from = mapped->bias + row->p_vaddr;
        if (row->p_type == PT_NOTE && from >= mapped->begin && from < mapped->end && row->p_memsz <= mapped->end - from)
            read_notes((const unsigned char *)(uintptr_t)from, row->p_memsz, object);
    }
    set_path(object, mapped->name);
}

static uint64_t text_of(const wtfcb_alloc_object *object)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < object->id_length; i++)
        hash = (hash ^ object->build_id[i]) * UINT64_C(0x100000001b3);
    for (const char *c = object->path; *c; c++)
        hash = (hash ^ (unsigned char)*c) * UINT64_C(0x100000001b3);
    return hash;
}

/* ---- Noting ---- */

/* The latest that overlaps; NULL: none. */
static known *find_known(uint64_t begin, uint64_t end)
{
    for (uint32_t i = object_count; i > 0; i--)
        if (objects[i - 1].begin < end && begin < objects[i - 1].end) return &objects[i - 1];
    return NULL;
}

static void keep(wtfcb_alloc_writer *w, const wtfcb_alloc_object *object, known now)
{
    known *before = find_known(now.begin, now.end);
    bool same = before && before->begin == now.begin && before->end == now.end && before->bias == now.bias &&
                before->text == now.text;
    if (same) {
        before->checked = now.checked;
        return;
    }
    if (before) (void)atomic_fetch_add_explicit(&replaced, 1, memory_order_relaxed);
    if (!wtfcb_alloc_writer_add_object(w, object)) return;
    if (before) {
        *before = now;
    } else {
        if (object_count == KNOWN) object_count = 0;
        objects[object_count++] = now;
    }
}

void wtfcb_alloc_objects_note(wtfcb_alloc_writer *w, const wtfcb_alloc_mapped *mapped)
{
    wtfcb_alloc_object object;
    uint64_t checked = atomic_load(&doubts);
    wtfcb_base_spin_lock(&lock);
    const known *have = find_known(mapped->begin, mapped->end);
    bool fresh = have && have->begin == mapped->begin && have->end == mapped->end && have->checked == checked;
    wtfcb_base_spin_unlock(&lock);
    if (!fresh) {
        describe(mapped, &object);
        known now = {mapped->begin, mapped->end, mapped->bias, text_of(&object), checked};
        wtfcb_base_spin_lock(&lock);
        keep(w, &object, now);
        wtfcb_base_spin_unlock(&lock);
    }
}

uint64_t wtfcb_alloc_objects_replaced(void)
{
    return atomic_load_explicit(&replaced, memory_order_relaxed);
}

void wtfcb_alloc_objects_doubt(void)
{
    (void)atomic_fetch_add(&doubts, 1);
}

void wtfcb_alloc_objects_clear(void)
{
    object_count = 0;
    atomic_store(&replaced, 0);
    wtfcb_base_spin_init(&lock);
}
