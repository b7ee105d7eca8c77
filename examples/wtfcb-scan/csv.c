/*
 * --format=csv: one table with a header line, after RFC 4180 but with plain line feeds.
 *
 * The rows are languages, or with --by-file, --symbols, --imports or --findings those. Lines and columns count from
 * 1. Paths and names are bytes as they are.
 */
#include <string.h>

#include "format.h"

static void number(struct output *out, uint64_t value)
{
    output_char(out, ',');
    output_number(out, value);
}

static void text(struct output *out, const char *value, size_t length)
{
    output_char(out, ',');
    output_csv(out, value, length);
}

static void begin(struct report *report)
{
    const struct options *options = report->options;
    const char *header = "language,files,bytes,lines,code,comments,blanks,documentation,symbols\n";

    if (options->by_file)
        header = "path,language,bytes,lines,code,comments,blanks,documentation,symbols,hash,status\n";
    else if (options->symbols)
        header =
            "path,line,column,end_line,kind,name,parent,exported,parameters,cyclomatic,cognitive,nesting,visibility,signature\n";
    else if (options->imports)
        header = "path,line,column,kind,text\n";
    else if (options->findings)
        header = "path,line,column,severity,rule,message\n";
    output_text(&report->out, header);
}

static void hash_field(struct output *out, const wtfcb_file *file)
{
    static const char hex[] = "0123456789abcdef";

    output_char(out, ',');
    if (!(file->flags & WTFCB_FILE_HASHED)) return;
    for (size_t i = 0; i < sizeof file->hash; i++) {
        output_char(out, hex[file->hash[i] >> 4]);
        output_char(out, hex[file->hash[i] & 15]);
    }
}

static void file_row(struct output *out, const wtfcb_file *file)
{
    struct status_word status = status_word(file->status);

    output_csv(out, file->path, file->path_length);
    text(out, file->language, strlen(file->language));
    number(out, file->size);
    number(out, file->lines);
    number(out, file->code);
    number(out, file->comments);
    number(out, file->blanks);
    number(out, file->documentation);
    number(out, file->symbol_count);
    hash_field(out, file);
    text(out, status.text, strlen(status.text));
    output_char(out, '\n');
}

static void place(struct output *out, const wtfcb_file *file, uint32_t line, uint32_t column)
{
    output_csv(out, file->path, file->path_length);
    number(out, (uint64_t)line + 1);
    number(out, (uint64_t)column + 1);
}

static void symbol_rows(struct output *out, const wtfcb_file *file, const wtfcb_codebase *row)
{
    wtfcb_symbol symbol, parent;

    for (uint64_t i = 0; wtfcb_codebase_symbol(row, i, &symbol, sizeof symbol) == WTFCB_OK; i++) {
        const char *kind = wtfcb_symbol_kind_name(symbol.kind);
        const char *visibility = wtfcb_visibility_name(symbol.visibility);
        place(out, file, symbol.name_line, symbol.name_column);
        number(out, (uint64_t)symbol.range.end_line + 1);
        text(out, kind, strlen(kind));
        text(out, symbol.name, symbol.name_length);
        if (wtfcb_codebase_symbol(row, symbol.parent, &parent, sizeof parent) == WTFCB_OK)
            text(out, parent.name, parent.name_length);
        else
            output_char(out, ',');
        number(out, (symbol.flags & WTFCB_SYMBOL_EXPORTED) != 0);
        number(out, symbol.parameters);
        number(out, symbol.cyclomatic);
        number(out, symbol.cognitive);
        number(out, symbol.nesting);
        text(out, visibility, strlen(visibility));
        text(out, symbol.signature, symbol.signature_length);
        output_char(out, '\n');
    }
}

static void import_rows(struct output *out, const wtfcb_file *file, const wtfcb_codebase *row)
{
    wtfcb_import import;

    for (uint64_t i = 0; wtfcb_codebase_import(row, i, &import, sizeof import) == WTFCB_OK; i++) {
        const char *kind = wtfcb_import_kind_name(import.kind);
        place(out, file, import.range.start_line, import.range.start_column);
        text(out, kind, strlen(kind));
        text(out, import.text, import.text_length);
        output_char(out, '\n');
    }
}

static void finding_rows(struct output *out, const wtfcb_file *file, const wtfcb_codebase *row)
{
    wtfcb_finding finding;

    for (uint64_t i = 0; wtfcb_codebase_finding(row, i, &finding, sizeof finding) == WTFCB_OK; i++) {
        const char *severity = wtfcb_severity_name(finding.severity);
        place(out, file, finding.range.start_line, finding.range.start_column);
        text(out, severity, strlen(severity));
        text(out, finding.rule, finding.rule_length);
        text(out, finding.message, finding.message_length);
        output_char(out, '\n');
    }
}

static void file(struct report *report, const wtfcb_codebase *row)
{
    const struct options *options = report->options;
    struct output *out = &report->out;
    wtfcb_file self;

    if (wtfcb_codebase_file(row, 0, &self, sizeof self) != WTFCB_OK) return;
    if (options->by_file)
        file_row(out, &self);
    else if (options->symbols)
        symbol_rows(out, &self, row);
    else if (options->imports)
        import_rows(out, &self, row);
    else if (options->findings)
        finding_rows(out, &self, row);
}

static void end(struct report *report, const wtfcb_codebase *codebase)
{
    const struct options *options = report->options;
    struct output *out = &report->out;
    wtfcb_language_totals language;

    if (options->by_file || options->symbols || options->imports || options->findings) return;
    for (uint64_t i = 0; wtfcb_codebase_language(codebase, i, &language, sizeof language) == WTFCB_OK; i++) {
        output_csv(out, language.language, strlen(language.language));
        number(out, language.files);
        number(out, language.bytes);
        number(out, language.lines);
        number(out, language.code);
        number(out, language.comments);
        number(out, language.blanks);
        number(out, language.documentation);
        number(out, language.symbols);
        output_char(out, '\n');
    }
}

const struct format csv_format = {
    .name = "csv",
    .one_table = true,
    .begin = begin,
    .file = file,
    .end = end,
};
