/*
 * --format=ctags: a sorted tags file in the extended format, as vi and its successors read it.
 *
 * The address of a tag is its line number: exact for the tree as it was scanned, and quick. A tags file is made of
 * lines and tabs and knows no way to write a name or path that holds a control character: such tags are left out and
 * counted.
 */
#include <stdlib.h>
#include <string.h>

#include "common/sorter.h"
#include "common/utf8.h"
#include "format.h"

/* One line under construction; grows as needed and is used again. */
struct line {
    char *text;
    size_t used;
    size_t size;
    bool failed; /* out of memory */
};

struct tags {
    struct sorter sorter;
    struct line line;
    uint64_t left_out;
};

static void append(struct line *line, const char *bytes, size_t length)
{
    if (line->size - line->used < length) {
        size_t size = (line->used + length) * 2;
        char *text = realloc(line->text, size);
        if (text == NULL) {
            line->failed = true;
            return;
        }
        line->text = text;
        line->size = size;
    }
    memcpy(line->text + line->used, bytes, length);
    line->used += length;
}

static void append_text(struct line *line, const char *text)
{
    append(line, text, strlen(text));
}

static void append_number(struct line *line, uint64_t number)
{
    char digits[20];
    size_t start = sizeof digits;

    do
        digits[--start] = (char)('0' + number % 10);
    while ((number /= 10) > 0);
    append(line, digits + start, sizeof digits - start);
}

/* In the value of a field a backslash starts an escape. */
static void append_value(struct line *line, const char *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (bytes[i] == '\\') append(line, "\\", 1);
        append(line, bytes + i, 1);
    }
}

/* signature: is what stands in parentheses behind the name. */
static void append_signature(struct line *line, const wtfcb_symbol *symbol)
{
    const char *name = symbol->name_length == 0 ? NULL : strstr(symbol->signature, symbol->name);
    const char *list = name == NULL ? NULL : strchr(name + symbol->name_length, '(');

    if (list == NULL || text_has_control(symbol->signature, symbol->signature_length)) return;
    append_text(line, "\tsignature:");
    append_value(line, list, symbol->signature_length - (size_t)(list - symbol->signature));
}

/* kind:function, language:, the enclosing symbol, who may see it, and where the definition ends. */
static void append_fields(struct line *line, const wtfcb_file *file, const wtfcb_symbol *symbol,
                          const wtfcb_codebase *row)
{
    wtfcb_symbol parent;

    append_text(line, "\tkind:");
    append_text(line, wtfcb_symbol_kind_name(symbol->kind));
    append_text(line, "\tline:");
    append_number(line, (uint64_t)symbol->name_line + 1);
    append_text(line, "\tlanguage:");
    append_text(line, file->language);
    if (wtfcb_codebase_symbol(row, symbol->parent, &parent, sizeof parent) == WTFCB_OK &&
        !text_has_control(parent.name, parent.name_length)) {
        append_text(line, "\t");
        append_text(line, wtfcb_symbol_kind_name(parent.kind));
        append_text(line, ":");
        append_value(line, parent.name, parent.name_length);
    }
    if (symbol->visibility != WTFCB_VISIBILITY_NONE) {
        append_text(line, "\taccess:");
        append_text(line, wtfcb_visibility_name(symbol->visibility));
    }
    append_signature(line, symbol);
    append_text(line, "\tend:");
    append_number(line, (uint64_t)symbol->range.end_line + 1);
}

static void add_tag(struct report *report, const wtfcb_file *file, const wtfcb_symbol *symbol,
                    const wtfcb_codebase *row)
{
    struct tags *tags = report->state;
    struct line *line = &tags->line;

    if (symbol->name_length == 0 || text_has_control(symbol->name, symbol->name_length) ||
        text_has_control(file->path, file->path_length) || text_has_control(report->prefix, strlen(report->prefix))) {
        tags->left_out++;
        return;
    }
    line->used = 0;
    append(line, symbol->name, symbol->name_length);
    append_text(line, "\t");
    append_text(line, report->prefix);
    append(line, file->path, file->path_length);
    append_text(line, "\t");
    append_number(line, (uint64_t)symbol->name_line + 1);
    append_text(line, ";\"");
    append_fields(line, file, symbol, row);
    if (line->failed || !sorter_add(&tags->sorter, line->text, line->used))
        report->failure = "out of memory, or of space for temporary files, while sorting tags";
}

static void begin(struct report *report)
{
    struct tags *tags = calloc(1, sizeof *tags);

    report->state = tags;
    if (tags == NULL || !sorter_init(&tags->sorter)) report->failure = "out of memory";
}

static void file(struct report *report, const wtfcb_codebase *row)
{
    wtfcb_file self;
    wtfcb_symbol symbol;

    if (wtfcb_codebase_file(row, 0, &self, sizeof self) != WTFCB_OK) return;
    for (uint64_t i = 0; wtfcb_codebase_symbol(row, i, &symbol, sizeof symbol) == WTFCB_OK; i++) {
        if (report->failure != NULL) return;
        add_tag(report, &self, &symbol, row);
    }
}

static void end(struct report *report, const wtfcb_codebase *codebase)
{
    struct tags *tags = report->state;
    struct output *out = &report->out;

    (void)codebase;
    output_text(out, "!_TAG_FILE_FORMAT\t2\t/extended format/\n"
                     "!_TAG_FILE_SORTED\t1\t/0=unsorted, 1=sorted, 2=foldcase/\n"
                     "!_TAG_OUTPUT_EXCMD\tnumber\t/number, pattern, mixed, or combineV2/\n"
                     "!_TAG_PROGRAM_NAME\twtfcb-scan\t//\n"
                     "!_TAG_PROGRAM_VERSION\t");
    output_text(out, wtfcb_version_string());
    output_text(out, "\t//\n");
    if (!sorter_write(&tags->sorter, out)) report->failure = "cannot read back temporary files";
    report->left_out = tags->left_out;
}

static void discard(struct report *report)
{
    struct tags *tags = report->state;

    if (tags == NULL) return;
    sorter_free(&tags->sorter);
    free(tags->line.text);
    free(tags);
    report->state = NULL;
}

const struct format ctags_format = {
    .name = "ctags",
    .needs_syntax = true,
    .begin = begin,
    .file = file,
    .end = end,
    .discard = discard,
};
