/*
 * Headers, segments and notes of ELF files: what is read when a map is noted. Nothing here allocates; the tables that need memory are elf_table.c's.
 */
#include "profiler/elf.h"

#include <elf.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

enum {
    MOST_HEADERS = 64, /* program headers that are looked at */
    MOST_NOTES = 2048, /* bytes of a segment of notes: a build id stands within the first hundred */
};

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
enum { OWN_ORDER = ELFDATA2LSB };
#else
enum { OWN_ORDER = ELFDATA2MSB };
#endif

bool wtfcb_profiler_elf_read(const wtfcb_profiler_elf_source *source, uint64_t offset, void *bytes, size_t size)
{
    if (size > source->size || offset > source->size - size) return false;
    if (source->bytes) {
        memcpy(bytes, source->bytes + offset, size);
        return true;
    }
    char *next = bytes;
    while (size > 0) {
        ssize_t got = pread(source->fd, next, size, (off_t)offset);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return false; /* shorter than it was */
        next += got;
        offset += (uint64_t)got;
        size -= (size_t)got;
    }
    return true;
}

static size_t aligned(size_t size, size_t align)
{
    return (size + align - 1) & ~(align - 1);
}

uint32_t wtfcb_profiler_elf_build_id(const unsigned char *bytes, size_t size, size_t align, unsigned char *ret_build_id)
{
    Elf64_Nhdr note;
    size_t at = 0;
    if (align != 8) align = 4;
    while (at < size && size - at >= sizeof note) {
        memcpy(&note, bytes + at, sizeof note);
        at += sizeof note;
        if (note.n_namesz > size - at) return 0;
        size_t content = aligned(at + note.n_namesz, align);
        if (content > size || note.n_descsz > size - content) return 0;
        bool found = note.n_type == NT_GNU_BUILD_ID && note.n_namesz == 4 && memcmp(bytes + at, "GNU", 4) == 0;
        if (found && note.n_descsz > 0 && note.n_descsz <= WTFCB_PROFILER_ELF_BUILD_ID) {
            memcpy(ret_build_id, bytes + content, note.n_descsz);
            return note.n_descsz;
        }
        at = aligned(content + note.n_descsz, align);
    }
    return 0;
}

static void add_segment(wtfcb_profiler_elf_head *head, const Elf64_Phdr *header)
{
    if (head->segment_count == WTFCB_PROFILER_ELF_SEGMENTS) return;
    head->segments[head->segment_count++] = (wtfcb_profiler_elf_segment){
        .offset = header->p_offset,
        .size = header->p_filesz,
        .address = header->p_vaddr,
        .executable = (header->p_flags & PF_X) != 0,
    };
}

static void read_notes(const wtfcb_profiler_elf_source *source, const Elf64_Phdr *header, wtfcb_profiler_elf_head *head)
{
    unsigned char notes[MOST_NOTES];
    size_t size = header->p_filesz < sizeof notes ? (size_t)header->p_filesz : sizeof notes;
    if (head->build_id_length > 0 || !wtfcb_profiler_elf_read(source, header->p_offset, notes, size)) return;
    head->build_id_length = wtfcb_profiler_elf_build_id(notes, size, header->p_align == 8 ? 8 : 4, head->build_id);
}

static bool is_ours(const Elf64_Ehdr *file)
{
    return memcmp(file->e_ident, ELFMAG, SELFMAG) == 0 && file->e_ident[EI_CLASS] == ELFCLASS64 &&
           file->e_ident[EI_DATA] == OWN_ORDER;
}

wtfcb_status wtfcb_profiler_elf_head_read(const wtfcb_profiler_elf_source *source, wtfcb_profiler_elf_head *ret_head)
{
    Elf64_Ehdr file;
    Elf64_Phdr headers[MOST_HEADERS] = {0};
    memset(ret_head, 0, sizeof *ret_head);
    if (!wtfcb_profiler_elf_read(source, 0, &file, sizeof file) || !is_ours(&file)) return WTFCB_EFORMAT;
    if (file.e_phnum > 0 && file.e_phentsize != sizeof *headers) return WTFCB_EFORMAT;
    size_t count = file.e_phnum < MOST_HEADERS ? file.e_phnum : MOST_HEADERS;
    if (!wtfcb_profiler_elf_read(source, file.e_phoff, headers, count * sizeof *headers)) return WTFCB_EFORMAT;
    for (size_t i = 0; i < count; i++) {
        if (headers[i].p_type == PT_LOAD) add_segment(ret_head, &headers[i]);
        if (headers[i].p_type == PT_NOTE) read_notes(source, &headers[i], ret_head);
    }
    return WTFCB_OK;
}

/* Maps are of whole pages, so that the end of one segment may be mapped as the beginning of the next: code comes first. */
bool wtfcb_profiler_elf_address(const wtfcb_profiler_elf_head *head, uint64_t offset, uint64_t *ret_address)
{
    for (int executable = 1; executable >= 0; executable--) {
        for (uint32_t i = 0; i < head->segment_count; i++) {
            const wtfcb_profiler_elf_segment *segment = &head->segments[i];
            if (segment->executable != (executable == 1)) continue;
            if (offset < segment->offset || offset - segment->offset >= segment->size) continue;
            *ret_address = offset - segment->offset + segment->address;
            return true;
        }
    }
    return false;
}
