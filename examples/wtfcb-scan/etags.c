/*
 * --format=etags: a tags table as Emacs reads it, a section for each file.
 *
 * An entry gives the tag's name and its line, and no text to search for: Emacs then goes to the line. Names and paths
 * with control characters cannot be written here either.
 */
#include <string.h>

#include "common/utf8.h"
#include "format.h"

static bool writable(const wtfcb_symbol *symbol)
{
    return symbol->name_length > 0 && !text_has_control(symbol->name, symbol->name_length);
}

static size_t digits(uint64_t number)
{
    size_t count = 1;

    while ((number /= 10) > 0)
        count++;
    return count;
}

/* Bytes of the section behind its header, which names them. */
static size_t section_size(const wtfcb_codebase *row)
{
    wtfcb_symbol symbol;
    size_t size = 0;

    for (uint64_t i = 0; wtfcb_codebase_symbol(row, i, &symbol, sizeof symbol) == WTFCB_OK; i++)
        if (writable(&symbol))
            size += strlen("\177\001,\n") + symbol.name_length + digits((uint64_t)symbol.name_line + 1);
    return size;
}

static void write_entries(struct report *report, const wtfcb_codebase *row)
{
    struct output *out = &report->out;
    wtfcb_symbol symbol;

    for (uint64_t i = 0; wtfcb_codebase_symbol(row, i, &symbol, sizeof symbol) == WTFCB_OK; i++) {
        if (!writable(&symbol)) {
            report->left_out++;
            continue;
        }
        output_char(out, '\177');
        output_bytes(out, symbol.name, symbol.name_length);
        output_char(out, '\001');
        output_number(out, (uint64_t)symbol.name_line + 1);
        output_text(out, ",\n");
    }
}

static void file(struct report *report, const wtfcb_codebase *row)
{
    struct output *out = &report->out;
    wtfcb_file self;

    if (wtfcb_codebase_file(row, 0, &self, sizeof self) != WTFCB_OK || self.symbol_count == 0) return;
    if (text_has_control(self.path, self.path_length) || text_has_control(report->prefix, strlen(report->prefix))) {
        report->left_out += self.symbol_count;
        return;
    }
    output_text(out, "\f\n");
    output_text(out, report->prefix);
    output_bytes(out, self.path, self.path_length);
    output_char(out, ',');
    output_number(out, section_size(row));
    output_char(out, '\n');
    write_entries(report, row);
}

const struct format etags_format = {
    .name = "etags",
    .needs_syntax = true,
    .file = file,
};
