/* Records of directories, read and translated; see recall_directory.h. */
#include "scanner/recall_directory.h"

#include <assert.h>
#include <string.h>

#include "lang/languages.h"
#include "scanner/recall_result.h"

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "records are read in place");
static_assert(sizeof(wtfcb_scanner_dir_head) == 32, "layout of a directory's record");
static_assert(sizeof(wtfcb_scanner_dir_file) == 104, "layout of a directory's record");

static bool file_valid(const wtfcb_scanner_dir_view *view, const wtfcb_scanner_dir_file *file, uint32_t languages)
{
    const wtfcb_scanner_dir_head *head = &view->head;
    return file->name < head->names_size && file->name_length < head->names_size - file->name &&
           view->names[file->name + file->name_length] == '\0' &&
           (file->language < languages || file->language == WTFCB_LANG_NONE) && file->first_part <= head->parts &&
           file->parts <= head->parts - file->first_part;
}

bool wtfcb_scanner_dir_read(const void *payload, size_t length, uint32_t languages, wtfcb_scanner_dir_view *ret_view)
{
    wtfcb_scanner_dir_view view;
    const char *at = payload;
    if (length < sizeof view.head || (uintptr_t)payload % _Alignof(wtfcb_scanner_dir_head) != 0) return false;
    memcpy(&view.head, payload, sizeof view.head);
    uint64_t size = sizeof view.head + view.head.grammars * (uint64_t)sizeof *view.grammars +
                    view.head.files * (uint64_t)sizeof *view.files + view.head.parts * (uint64_t)sizeof *view.parts +
                    view.head.names_size;
    if (size != length) return false;
    at += sizeof view.head;
    view.grammars = (const void *)at;
    at += view.head.grammars * sizeof *view.grammars;
    view.files = (const void *)at;
    at += view.head.files * sizeof *view.files;
    view.parts = (const void *)at;
    view.names = at + view.head.parts * sizeof *view.parts;
    for (uint32_t i = 0; i < view.head.grammars; i++)
        if (view.grammars[i].language >= languages) return false;
    for (uint32_t i = 0; i < view.head.parts; i++)
        if (view.parts[i].language >= languages) return false;
    for (uint32_t i = 0; i < view.head.files; i++)
        if (!file_valid(&view, &view.files[i], languages)) return false;
    *ret_view = view;
    return true;
}

void wtfcb_scanner_dir_to_row(const wtfcb_scanner_dir_file *file, wtfcb_scanner_row *row)
{
    row->size = file->size;
    row->hash = file->hash;
    row->code = file->code;
    row->comments = file->comments;
    row->blanks = file->blanks;
    row->docs = file->docs;
    row->error_bytes = file->error_bytes;
    row->symbols = file->symbols;
    row->imports = file->imports;
    row->findings = file->findings;
    row->status = file->status;
    row->language = file->language;
    row->limits = file->limits;
    row->flags = file->flags;
    row->language_by = file->language_by;
    row->said = file->said;
    row->set = file->set;
}

void wtfcb_scanner_dir_from_row(const wtfcb_scanner_row *row, wtfcb_scanner_dir_file *file)
{
    file->hash = row->hash;
    file->code = row->code;
    file->comments = row->comments;
    file->blanks = row->blanks;
    file->docs = row->docs;
    file->error_bytes = row->error_bytes;
    file->symbols = row->symbols;
    file->imports = row->imports;
    file->findings = row->findings;
    file->status = row->status;
    file->language = row->language;
    file->limits = row->limits;
    file->flags = row->flags;
    file->language_by = row->language_by;
    file->said = row->said;
    file->set = row->set;
    file->lasting = wtfcb_scanner_result_lasts(row);
}
