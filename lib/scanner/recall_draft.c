/* Drafts: slots filled by those who examine, the record written by the last of them. See recall_draft.h. */
#include "scanner/recall_draft.h"

#include <string.h>

#include "scanner/recall_key.h"

/* Whether a file goes into the record, now that all is known. */
static bool is_kept(wtfcb_scanner_recall *recall, const struct wtfcb_scanner_slot *slot)
{
    return slot->file.lasting && wtfcb_scanner_recall_grammar(recall, slot->file.language) != 0;
}

/* The digest of each grammar that the files depend on, once. Returns their number. */
static uint32_t append_grammars(wtfcb_scanner_recall_worker *worker, const wtfcb_scanner_draft *draft)
{
    wtfcb_scanner_recall *recall = worker->recall;
    uint32_t count = 0;
    for (uint32_t i = 0; i < draft->count && recall->syntax; i++) {
        const struct wtfcb_scanner_slot *slot = &draft->slots[i];
        if (slot->file.language == WTFCB_LANG_NONE || !is_kept(recall, slot)) continue;
        const char *list = worker->buffer.data + sizeof(wtfcb_scanner_dir_head);
        bool listed = false;
        for (uint32_t k = 0; k < count && !listed; k++) {
            wtfcb_scanner_dir_grammar grammar;
            memcpy(&grammar, list + k * sizeof grammar, sizeof grammar);
            listed = grammar.language == slot->file.language;
        }
        if (listed) continue;
        wtfcb_scanner_dir_grammar grammar = {
            .digest = wtfcb_scanner_recall_grammar(recall, slot->file.language),
            .language = slot->file.language,
        };
        wtfcb_base_buffer_append(&worker->buffer, &grammar, sizeof grammar);
        if (worker->buffer.failed) return 0;
        count++;
    }
    return count;
}

static void append_files(wtfcb_scanner_recall_worker *worker, const wtfcb_scanner_draft *draft,
                         wtfcb_scanner_dir_head *head)
{
    for (uint32_t i = 0; i < draft->count; i++) {
        const struct wtfcb_scanner_slot *slot = &draft->slots[i];
        if (!is_kept(worker->recall, slot)) continue;
        wtfcb_scanner_dir_file file = slot->file;
        file.name = head->names_size;
        file.name_length = (uint16_t)strlen(slot->name);
        file.first_part = head->parts;
        head->files++;
        head->parts += file.parts;
        head->names_size += file.name_length + 1u;
        wtfcb_base_buffer_append(&worker->buffer, &file, sizeof file);
    }
    for (uint32_t i = 0; i < draft->count; i++) {
        const struct wtfcb_scanner_slot *slot = &draft->slots[i];
        if (slot->file.parts > 0 && is_kept(worker->recall, slot))
            wtfcb_base_buffer_append(&worker->buffer, slot->parts, slot->file.parts * sizeof *slot->parts);
    }
    for (uint32_t i = 0; i < draft->count; i++) {
        const struct wtfcb_scanner_slot *slot = &draft->slots[i];
        if (is_kept(worker->recall, slot))
            wtfcb_base_buffer_append(&worker->buffer, slot->name, strlen(slot->name) + 1);
    }
}

void wtfcb_scanner_draft_write(wtfcb_scanner_recall_worker *worker, const wtfcb_scanner_draft *draft)
{
    if (atomic_load_explicit(&draft->news, memory_order_relaxed) == 0) return;
    wtfcb_scanner_dir_head head = {.recorded_ns = draft->recorded_ns, .device = draft->device};
    wtfcb_base_buffer *buffer = &worker->buffer;
    wtfcb_base_buffer_reset(buffer);
    wtfcb_base_buffer_append(buffer, &head, sizeof head);
    if (!buffer->failed) head.grammars = append_grammars(worker, draft);
    append_files(worker, draft, &head);
    if (buffer->failed) return; /* the next scan looks at these files again */
    memcpy(buffer->data, &head, sizeof head);
    (void)wtfcb_cache_record_put(worker->recall->cache, &draft->key, buffer->data, buffer->length);
}

void wtfcb_scanner_recall_sign(wtfcb_scanner_row *row, const wtfcb_base_file_signature *signature)
{
    struct wtfcb_scanner_slot *slot = row->slot;
    if (!slot) return;
    slot->file.size = signature->size;
    slot->file.mtime_ns = signature->mtime_ns;
    slot->file.ctime_ns = signature->ctime_ns;
    slot->file.inode = signature->inode;
    if (signature->device != slot->draft->device) slot->file.inode = 0; /* no file has that number */
}

/* Lines of embedded parts, summed by language. Without memory the file is not remembered. */
static bool sum_parts(wtfcb_scanner_recall_worker *worker, const wtfcb_scanner_record *record,
                      struct wtfcb_scanner_slot *slot)
{
    uint32_t rows = wtfcb_scanner_record_count(record, WTFCB_SCANNER_EMBEDDED);
    slot->file.parts = 0;
    if (rows == 0) return true;
    uint32_t most = rows < worker->recall->languages->count ? rows : worker->recall->languages->count;
    wtfcb_scanner_dir_part *parts = wtfcb_base_arena_alloc(&worker->arena, most * sizeof *parts);
    if (!parts) return false;
    uint32_t count = 0;
    for (uint32_t i = 0; i < rows; i++) {
#define CELL(column) wtfcb_scanner_record_cell(record, WTFCB_SCANNER_EMBEDDED, WTFCB_SCANNER_EMBEDDED_##column, i)
        uint32_t language = CELL(LANGUAGE), at = 0;
        while (at < count && parts[at].language != language)
            at++;
        if (at == count) parts[count++] = (wtfcb_scanner_dir_part){.language = language};
        parts[at].code += CELL(CODE);
        parts[at].comments += CELL(COMMENTS);
        parts[at].blanks += CELL(BLANKS);
        parts[at].docs += CELL(DOCS);
#undef CELL
    }
    slot->parts = parts;
    slot->file.parts = (uint16_t)count;
    return true;
}

void wtfcb_scanner_recall_settle(wtfcb_scanner_recall_worker *worker, const wtfcb_scanner_row *row)
{
    struct wtfcb_scanner_slot *slot = row->slot;
    if (!slot) return;
    wtfcb_scanner_draft *draft = slot->draft;
    slot->file.lasting = 0;
    if (slot->file.inode != 0 && slot->file.size == row->size && wtfcb_scanner_recall_lasts(worker->recall, row)) {
        wtfcb_scanner_dir_from_row(row, &slot->file);
        slot->file.lasting = sum_parts(worker, row->record, slot);
    }
    if (slot->file.lasting || slot->known) atomic_fetch_add_explicit(&draft->news, 1, memory_order_relaxed);
    if (atomic_fetch_sub_explicit(&draft->pending, 1, memory_order_acq_rel) == 1)
        wtfcb_scanner_draft_write(worker, draft);
}
