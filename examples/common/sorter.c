/* Sorting with runs in temporary files, which tmpfile(3) has already unlinked: nothing is left behind. */
#include "common/sorter.h"

#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

enum { BLOCK_SIZE = 32 << 20, BLOCK_LINES = 1 << 19 };

/* A run while it is merged: its current line, with the line feed. */
struct cursor {
    FILE *file;
    char *text;
    size_t size;
    ssize_t length; /* -1: at the end */
};

/* Pages of the block that are never filled cost nothing. */
bool sorter_init(struct sorter *sorter)
{
    memset(sorter, 0, sizeof *sorter);
    sorter->block = malloc(BLOCK_SIZE);
    sorter->lines = malloc(BLOCK_LINES * sizeof *sorter->lines);
    return sorter->block != NULL && sorter->lines != NULL;
}

void sorter_free(struct sorter *sorter)
{
    for (size_t i = 0; i < sorter->run_count; i++)
        fclose(sorter->runs[i].file);
    free(sorter->runs);
    free(sorter->lines);
    free(sorter->block);
    memset(sorter, 0, sizeof *sorter);
}

static uint64_t prefix_of(const char *text, size_t length)
{
    uint64_t prefix = 0;

    for (size_t i = 0; i < sizeof prefix; i++)
        prefix = prefix << 8 | (i < length ? (unsigned char)text[i] : 0);
    return prefix;
}

static int compare_texts(const char *a, size_t a_length, const char *b, size_t b_length)
{
    int order = memcmp(a, b, a_length < b_length ? a_length : b_length);

    if (order != 0) return order;
    return (a_length > b_length) - (a_length < b_length);
}

static int compare_lines(const void *left, const void *right)
{
    const struct sorter_line *a = left;
    const struct sorter_line *b = right;

    if (a->prefix != b->prefix) return a->prefix < b->prefix ? -1 : 1;
    return compare_texts(a->text, a->length, b->text, b->length);
}

static void sort_block(struct sorter *sorter)
{
    qsort(sorter->lines, sorter->count, sizeof *sorter->lines, compare_lines);
}

/* Lines stand in the block with their line feeds. */
static bool write_block(const struct sorter *sorter, FILE *file)
{
    for (size_t i = 0; i < sorter->count; i++) {
        const struct sorter_line *line = &sorter->lines[i];
        if (fwrite(line->text, 1, line->length + 1, file) != line->length + 1) return false;
    }
    return fflush(file) == 0;
}

static bool set_aside(struct sorter *sorter)
{
    struct sorter_run *runs = realloc(sorter->runs, (sorter->run_count + 1) * sizeof *runs);

    if (runs == NULL) return false;
    sorter->runs = runs;
    FILE *file = tmpfile();
    if (file == NULL) return false;
    runs[sorter->run_count++].file = file;
    sort_block(sorter);
    if (!write_block(sorter, file)) return false;
    sorter->count = 0;
    sorter->used = 0;
    return true;
}

bool sorter_add(struct sorter *sorter, const char *line, size_t length)
{
    if (length >= BLOCK_SIZE) return false;
    if ((BLOCK_SIZE - sorter->used <= length || sorter->count == BLOCK_LINES) && !set_aside(sorter)) return false;
    char *text = sorter->block + sorter->used;
    memcpy(text, line, length);
    text[length] = '\n';
    sorter->used += length + 1;
    sorter->lines[sorter->count++] = (struct sorter_line){prefix_of(line, length), text, length};
    return true;
}

static bool next_line(struct cursor *cursor)
{
    cursor->length = getline(&cursor->text, &cursor->size, cursor->file);
    return cursor->length >= 0 || !ferror(cursor->file);
}

/* A handful of runs: looking at each one's line is as good as a heap. */
static struct cursor *smallest(struct cursor *cursors, size_t count)
{
    struct cursor *best = NULL;

    for (struct cursor *cursor = cursors; cursor < cursors + count; cursor++) {
        if (cursor->length < 0) continue;
        if (best == NULL ||
            compare_texts(cursor->text, (size_t)cursor->length - 1, best->text, (size_t)best->length - 1) < 0)
            best = cursor;
    }
    return best;
}

static bool merge(struct sorter *sorter, struct output *out)
{
    struct cursor *cursors = calloc(sorter->run_count, sizeof *cursors);
    bool good = cursors != NULL;
    struct cursor *next;

    for (size_t i = 0; good && i < sorter->run_count; i++) {
        cursors[i].file = sorter->runs[i].file;
        rewind(sorter->runs[i].file);
        good = next_line(&cursors[i]);
    }
    while (good && (next = smallest(cursors, sorter->run_count)) != NULL) {
        output_bytes(out, next->text, (size_t)next->length);
        good = next_line(next);
    }
    for (size_t i = 0; cursors != NULL && i < sorter->run_count; i++)
        free(cursors[i].text);
    free(cursors);
    return good;
}

bool sorter_write(struct sorter *sorter, struct output *out)
{
    if (sorter->run_count > 0) return set_aside(sorter) && merge(sorter, out);
    sort_block(sorter);
    for (size_t i = 0; i < sorter->count; i++)
        output_bytes(out, sorter->lines[i].text, sorter->lines[i].length + 1);
    return true;
}
