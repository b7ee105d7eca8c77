/*
 * --format=table: what a person wants to read.
 *
 * By default the languages by code lines, a line of totals and speed, and what went wrong. With --by-file a line for
 * each file in front of that. With --symbols, --imports or --findings lines as grep prints them, which editors and
 * other programs take apart, and nothing else.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/units.h"
#include "format.h"

#define BOLD "\033[1m"
#define DIM "\033[2m"
#define RED "\033[31m"
#define PLAIN "\033[0m"

enum { NAME_WIDTH = 14 };

/* A column of numbers: from which depth on there is something in it, and where it stands in a row of totals. */
static const struct column {
    const char *title;
    size_t width;
    int64_t from_depth;
    int64_t to_depth;
    size_t offset;
} columns[] = {
    {"Files", 11, WTFCB_DEPTH_FILES, WTFCB_DEPTH_SYNTAX, offsetof(wtfcb_language_totals, files)},
    {"Bytes", 18, WTFCB_DEPTH_FILES, WTFCB_DEPTH_FILES, offsetof(wtfcb_language_totals, bytes)},
    {"Lines", 12, WTFCB_DEPTH_LINES, WTFCB_DEPTH_SYNTAX, offsetof(wtfcb_language_totals, lines)},
    {"Code", 12, WTFCB_DEPTH_LINES, WTFCB_DEPTH_SYNTAX, offsetof(wtfcb_language_totals, code)},
    {"Comments", 12, WTFCB_DEPTH_LINES, WTFCB_DEPTH_SYNTAX, offsetof(wtfcb_language_totals, comments)},
    {"Blanks", 12, WTFCB_DEPTH_LINES, WTFCB_DEPTH_SYNTAX, offsetof(wtfcb_language_totals, blanks)},
    {"Symbols", 12, WTFCB_DEPTH_SYNTAX, WTFCB_DEPTH_SYNTAX, offsetof(wtfcb_language_totals, symbols)},
};

enum { COLUMNS = sizeof columns / sizeof *columns };

static bool shown(const struct column *column, int64_t depth)
{
    return depth >= column->from_depth && depth <= column->to_depth;
}

static uint64_t cell(const wtfcb_language_totals *row, const struct column *column)
{
    uint64_t value;
    memcpy(&value, (const char *)row + column->offset, sizeof value);
    return value;
}

static void color(struct report *report, const char *sequence)
{
    if (report->color) output_text(&report->out, sequence);
}

static void right(struct output *out, const char *text, size_t width)
{
    size_t length = strlen(text);

    output_repeat(out, ' ', width > length ? width - length : 1);
    output_text(out, text);
}

static void left(struct output *out, const char *text, size_t width)
{
    size_t length = strlen(text);

    output_printable(out, text, length);
    output_repeat(out, ' ', width > length ? width - length : 1);
}

static bool lists_rows(const struct options *options)
{
    return options->symbols || options->imports || options->findings;
}

/* --------------------------------------------------------------------------------------------- lines as grep's */

static void place(struct report *report, const wtfcb_file *file, uint32_t line, uint32_t column)
{
    struct output *out = &report->out;

    output_printable(out, report->prefix, strlen(report->prefix));
    output_printable(out, file->path, file->path_length);
    output_char(out, ':');
    output_number(out, (uint64_t)line + 1);
    output_char(out, ':');
    output_number(out, (uint64_t)column + 1);
    output_text(out, ": ");
}

static void list_symbols(struct report *report, const wtfcb_file *file, const wtfcb_codebase *row)
{
    struct output *out = &report->out;
    wtfcb_symbol symbol;

    for (uint64_t i = 0; wtfcb_codebase_symbol(row, i, &symbol, sizeof symbol) == WTFCB_OK; i++) {
        place(report, file, symbol.name_line, symbol.name_column);
        output_text(out, wtfcb_symbol_kind_name(symbol.kind));
        output_char(out, ' ');
        output_printable(out, symbol.name, symbol.name_length);
        output_char(out, '\n');
    }
}

static void list_imports(struct report *report, const wtfcb_file *file, const wtfcb_codebase *row)
{
    struct output *out = &report->out;
    wtfcb_import import;

    for (uint64_t i = 0; wtfcb_codebase_import(row, i, &import, sizeof import) == WTFCB_OK; i++) {
        place(report, file, import.range.start_line, import.range.start_column);
        output_text(out, "import ");
        output_text(out, wtfcb_import_kind_name(import.kind));
        output_char(out, ' ');
        output_printable(out, import.text, import.text_length);
        output_char(out, '\n');
    }
}

static void list_findings(struct report *report, const wtfcb_file *file, const wtfcb_codebase *row)
{
    struct output *out = &report->out;
    wtfcb_finding finding;

    for (uint64_t i = 0; wtfcb_codebase_finding(row, i, &finding, sizeof finding) == WTFCB_OK; i++) {
        place(report, file, finding.range.start_line, finding.range.start_column);
        color(report, finding.severity == WTFCB_SEVERITY_ERROR ? RED : "");
        output_text(out, wtfcb_severity_name(finding.severity));
        color(report, finding.severity == WTFCB_SEVERITY_ERROR ? PLAIN : "");
        output_text(out, ": ");
        output_printable(out, finding.message, finding.message_length);
        output_text(out, " [");
        output_printable(out, finding.rule, finding.rule_length);
        output_text(out, "]\n");
    }
}

/* -------------------------------------------------------------------------------------------------------- tables */

static void numbers(struct report *report, const wtfcb_language_totals *row, bool files)
{
    for (size_t i = files ? 0 : 1; i < COLUMNS; i++)
        if (shown(&columns[i], report->options->depth))
            right(&report->out, grouped_number(cell(row, &columns[i])).text, columns[i].width);
}

/* The titles and a rule below them. `files`: with the column that counts files. */
static void header(struct report *report, const char *name, size_t name_width, bool files, const char *last)
{
    struct output *out = &report->out;
    size_t width = name_width + strlen(last);

    color(report, BOLD);
    left(out, name, name_width);
    for (size_t i = files ? 0 : 1; i < COLUMNS; i++) {
        if (!shown(&columns[i], report->options->depth)) continue;
        right(out, columns[i].title, columns[i].width);
        width += columns[i].width;
    }
    output_text(out, last);
    color(report, PLAIN DIM);
    output_char(out, '\n');
    output_repeat(out, '-', width);
    color(report, PLAIN);
    output_char(out, '\n');
}

static void rule(struct report *report, size_t name_width)
{
    size_t width = name_width;

    for (size_t i = 0; i < COLUMNS; i++)
        width += shown(&columns[i], report->options->depth) ? columns[i].width : 0;
    color(report, DIM);
    output_repeat(&report->out, '-', width);
    color(report, PLAIN);
    output_char(&report->out, '\n');
}

static void file_row(struct report *report, const wtfcb_file *file)
{
    struct output *out = &report->out;
    wtfcb_language_totals row = {
        .bytes = file->size,
        .lines = file->lines,
        .code = file->code,
        .comments = file->comments,
        .blanks = file->blanks,
        .symbols = file->symbol_count,
    };

    left(out, file->language[0] != 0 ? file->language : "-", NAME_WIDTH);
    numbers(report, &row, false);
    output_text(out, "  ");
    output_printable(out, report->prefix, strlen(report->prefix));
    output_printable(out, file->path, file->path_length);
    if (file->status != WTFCB_OK) {
        color(report, RED);
        output_text(out, "  (");
        output_text(out, wtfcb_status_message(file->status));
        output_char(out, ')');
        color(report, PLAIN);
    }
    output_char(out, '\n');
}

/* Parts in other languages are not in the file's own row: here they are rows as well, so that all rows add up. */
static void embedded_rows(struct report *report, const wtfcb_file *file, const wtfcb_codebase *row)
{
    struct output *out = &report->out;
    wtfcb_embedded part;

    for (uint64_t i = 0; wtfcb_codebase_embedded(row, i, &part, sizeof part) == WTFCB_OK; i++) {
        wtfcb_language_totals totals = {
            .bytes = part.size,
            .lines = part.lines,
            .code = part.code,
            .comments = part.comments,
            .blanks = part.blanks,
        };
        left(out, part.language, NAME_WIDTH);
        numbers(report, &totals, false);
        output_text(out, "  ");
        output_printable(out, report->prefix, strlen(report->prefix));
        output_printable(out, file->path, file->path_length);
        output_char(out, ':');
        output_number(out, part.start_line + 1);
        output_char(out, '\n');
    }
}

static const char *language_title(const wtfcb_language_totals *row)
{
    return row->language[0] != 0 ? row->language : "(unknown)";
}

static void languages_table(struct report *report, const wtfcb_codebase *codebase, const wtfcb_totals *totals)
{
    size_t name_width = NAME_WIDTH;
    wtfcb_language_totals row;

    for (uint64_t i = 0; wtfcb_codebase_language(codebase, i, &row, sizeof row) == WTFCB_OK; i++)
        if (strlen(language_title(&row)) >= name_width) name_width = strlen(language_title(&row)) + 1;
    header(report, "Language", name_width, true, "");
    for (uint64_t i = 0; wtfcb_codebase_language(codebase, i, &row, sizeof row) == WTFCB_OK; i++) {
        left(&report->out, language_title(&row), name_width);
        numbers(report, &row, true);
        output_char(&report->out, '\n');
    }
    rule(report, name_width);
    row = (wtfcb_language_totals){
        .files = totals->files,
        .bytes = totals->bytes,
        .lines = totals->lines,
        .code = totals->code,
        .comments = totals->comments,
        .blanks = totals->blanks,
        .symbols = totals->symbols,
    };
    color(report, BOLD);
    left(&report->out, "Total", name_width);
    numbers(report, &row, true);
    color(report, PLAIN);
    output_char(&report->out, '\n');
}

/* ------------------------------------------------------------------------------------------- below the table */

/* A scan that ran out of time has listed more files than it examined. */
static void speed(struct output *out, const wtfcb_totals *totals, const wtfcb_scan_stats *stats)
{
    uint64_t examined = stats->status == WTFCB_OK ? totals->files : stats->files_read;
    double seconds = (double)(stats->wall_ns > 0 ? stats->wall_ns : 1) / 1e9;
    char line[192];

    snprintf(line, sizeof line, "%s files, %s in %s: %s files/s", grouped_number(totals->files).text,
             bytes_text(totals->bytes).text, time_text(stats->wall_ns).text,
             grouped_number((uint64_t)((double)examined / seconds)).text);
    output_text(out, line);
    if (stats->bytes_read > 0) {
        snprintf(line, sizeof line, ", %s MB/s",
                 grouped_number((uint64_t)((double)stats->bytes_read / seconds / 1e6)).text);
        output_text(out, line);
    }
    snprintf(line, sizeof line, ", %" PRIu64 " thread%s\n", stats->threads, stats->threads == 1 ? "" : "s");
    output_text(out, line);
}

/* "12 imports, 3 binary files, ...": what there is some of. */
static void extras(struct output *out, const wtfcb_totals *totals)
{
    const struct {
        uint64_t count;
        const char *one, *many;
    } list[] = {
        {totals->imports, "import", "imports"},
        {totals->findings, "finding", "findings"},
        {totals->binary, "binary file", "binary files"},
        {totals->syntax_errors, "file with syntax errors", "files with syntax errors"},
    };
    bool first = true;

    for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
        if (list[i].count == 0) continue;
        output_text(out, first ? "" : ", ");
        output_text(out, grouped_number(list[i].count).text);
        output_char(out, ' ');
        output_text(out, list[i].count == 1 ? list[i].one : list[i].many);
        first = false;
    }
    output_text(out, first ? "" : "\n");
}

/* The library's own memory, of the modules that have some. */
static void memory_text(struct output *out)
{
    wtfcb_memory_module row;
    char name[32];

    for (uint32_t i = 0; wtfcb_memory_module_at(i, &row, sizeof row) == WTFCB_OK; i++) {
        if (row.allocated_blocks == 0) continue;
        snprintf(name, sizeof name, "bytes of %s", row.name);
        left(out, name, 24);
        right(out, grouped_number(row.live_bytes).text, 16);
        output_char(out, '\n');
    }
}

void stats_text(struct output *out, const wtfcb_codebase *codebase)
{
    wtfcb_scan_stats stats;

    if (wtfcb_codebase_stats(codebase, &stats, sizeof stats) != WTFCB_OK) return;
    const struct {
        const char *name;
        uint64_t value;
        bool time;
    } list[] = {
        {"directories", stats.directories, false},
        {"files walked", stats.files_walked, false},
        {"entries ignored", stats.files_ignored, false},
        {"files read", stats.files_read, false},
        {"files parsed", stats.files_parsed, false},
        {"files unchanged", stats.hits_unchanged, false},
        {"from the cache", stats.hits_memory + stats.hits_persistent, false},
        {"bytes read", stats.bytes_read, false},
        {"threads", stats.threads, false},
        {"wall time", stats.wall_ns, true},
        {"  walk", stats.walk_ns, true},
        {"  process", stats.process_ns, true},
        {"read, all threads", stats.read_ns, true},
        {"hash, all threads", stats.hash_ns, true},
        {"count, all threads", stats.count_ns, true},
        {"parse, all threads", stats.parse_ns, true},
        {"extract, all threads", stats.extract_ns, true},
    };
    for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
        left(out, list[i].name, 24);
        if (list[i].time)
            right(out, time_text(list[i].value).text, 16);
        else
            right(out, grouped_number(list[i].value).text, 16);
        output_char(out, '\n');
    }
    memory_text(out);
}

/* ------------------------------------------------------------------------------------------------- the format */

static void begin(struct report *report)
{
    if (report->options->by_file) header(report, "Language", NAME_WIDTH, false, "  Path");
}

static void file(struct report *report, const wtfcb_codebase *row)
{
    const struct options *options = report->options;
    wtfcb_file self;

    if (wtfcb_codebase_file(row, 0, &self, sizeof self) != WTFCB_OK) return;
    if (options->by_file) {
        file_row(report, &self);
        embedded_rows(report, &self, row);
    }
    if (options->symbols) list_symbols(report, &self, row);
    if (options->imports) list_imports(report, &self, row);
    if (options->findings) list_findings(report, &self, row);
}

static void end(struct report *report, const wtfcb_codebase *codebase)
{
    const struct options *options = report->options;
    struct output *out = &report->out;
    wtfcb_totals totals;
    wtfcb_scan_stats stats;

    if (lists_rows(options) || wtfcb_codebase_totals(codebase, &totals, sizeof totals) != WTFCB_OK ||
        wtfcb_codebase_stats(codebase, &stats, sizeof stats) != WTFCB_OK)
        return;
    if (options->by_file) output_char(out, '\n');
    languages_table(report, codebase, &totals);
    output_char(out, '\n');
    speed(out, &totals, &stats);
    extras(out, &totals);
    if (report->notes.used > 0) {
        output_char(out, '\n');
        notes_write(&report->notes, out, report->prefix);
    }
}

const struct format table_format = {
    .name = "table",
    .begin = begin,
    .file = file,
    .end = end,
};
