/* What went wrong with single files. */
#include "notes.h"

#include <stdlib.h>
#include <string.h>

/* What a person can do about each limit is to raise it. */
static const struct {
    uint32_t limit;
    const char *text;
} limit_texts[] = {
    {WTFCB_LIMIT_FILE_SIZE, "larger than --max-file-size, not read"},
    {WTFCB_LIMIT_PARSE_SIZE, "larger than --max-parse-size, counted but not parsed"},
    {WTFCB_LIMIT_NESTING, "brackets deeper than --max-nesting, counted but not parsed"},
    {WTFCB_LIMIT_WORK, "parse stopped at --max-file-work"},
    {WTFCB_LIMIT_MEMORY, "parse stopped at --max-file-memory"},
    {WTFCB_LIMIT_TIME, "parse stopped at --max-file-time"},
    {WTFCB_LIMIT_FINDINGS, "more findings than --max-findings"},
    {WTFCB_LIMIT_DEADLINE, "not examined before --timeout"},
    {WTFCB_LIMIT_DEPTH, "deeper than --max-depth, not entered"},
};

const char *limit_text(uint32_t limit)
{
    for (size_t i = 0; i < sizeof limit_texts / sizeof *limit_texts; i++)
        if (limit_texts[i].limit == limit) return limit_texts[i].text;
    return wtfcb_limit_name(limit);
}

static void add(struct notes *notes, const wtfcb_file *file, wtfcb_status status, uint32_t limit, int32_t os_error)
{
    struct note *note = notes->list;
    struct note *end = notes->list + notes->used;

    while (note < end && !(note->status == status && note->limit == limit && note->os_error == os_error))
        note++;
    if (note == end) {
        if (notes->used == NOTE_REASONS) return;
        notes->used++;
        *note = (struct note){.status = status, .limit = limit, .os_error = os_error};
    }
    if (note->count < NOTE_PATHS) note->paths[note->count] = strdup(file->path);
    note->count++;
}

void notes_add(struct notes *notes, const wtfcb_file *file)
{
    for (uint32_t rest = file->limits; rest != 0; rest &= rest - 1)
        add(notes, file, WTFCB_OK, rest & (~rest + 1), 0);
    if (file->limits == 0 && file->status != WTFCB_OK) add(notes, file, file->status, 0, file->os_error);
}

static void write_reason(const struct note *note, struct output *out)
{
    if (note->status == WTFCB_OK) {
        output_text(out, limit_text(note->limit));
        return;
    }
    output_text(out, wtfcb_status_message(note->status));
    if (note->status == WTFCB_EIO && note->os_error != 0) {
        output_text(out, " (");
        output_text(out, strerror(note->os_error));
        output_char(out, ')');
    }
}

static void write_paths(const struct note *note, struct output *out, const char *prefix)
{
    for (size_t i = 0; i < NOTE_PATHS && i < note->count; i++) {
        if (note->paths[i] == NULL) continue;
        output_text(out, "    ");
        output_printable(out, prefix, strlen(prefix));
        output_printable(out, note->paths[i], strlen(note->paths[i]));
        output_char(out, '\n');
    }
    if (note->count > NOTE_PATHS) {
        output_text(out, "    and ");
        output_text(out, grouped_number(note->count - NOTE_PATHS).text);
        output_text(out, " more\n");
    }
}

void notes_write(const struct notes *notes, struct output *out, const char *prefix)
{
    for (size_t i = 0; i < notes->used; i++) {
        const struct note *note = &notes->list[i];
        write_reason(note, out);
        output_text(out, ": ");
        output_text(out, grouped_number(note->count).text);
        output_text(out, note->count == 1 ? " file\n" : " files\n");
        write_paths(note, out, prefix);
    }
}

void notes_free(struct notes *notes)
{
    for (size_t i = 0; i < notes->used; i++)
        for (size_t k = 0; k < NOTE_PATHS; k++)
            free(notes->list[i].paths[k]);
    notes->used = 0;
}
