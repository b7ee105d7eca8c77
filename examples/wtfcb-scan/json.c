/*
 * --format=json and --format=ndjson: the same objects, in one document or one a line.
 *
 * Lines and columns count from 1 as in the table and in tags files, columns in bytes; byte offsets count from 0. All
 * that can differ between two scans of the same tree (times, threads, what a cache knew) stands under `stats`, and
 * `origin`.
 */
#include "common/utf8.h"
#include "format.h"

enum { SCHEMA = 1 };

static void range_json(struct json *json, const wtfcb_range *range)
{
    json_number(json, "start_byte", range->start_byte);
    json_number(json, "end_byte", range->end_byte);
    json_number(json, "start_line", (uint64_t)range->start_line + 1);
    json_number(json, "start_column", (uint64_t)range->start_column + 1);
    json_number(json, "end_line", (uint64_t)range->end_line + 1);
    json_number(json, "end_column", (uint64_t)range->end_column + 1);
}

static void symbols_json(struct json *json, const wtfcb_codebase *row)
{
    wtfcb_symbol symbol;

    json_open_array(json, "symbols");
    for (uint64_t i = 0; wtfcb_codebase_symbol(row, i, &symbol, sizeof symbol) == WTFCB_OK; i++) {
        json_open_object(json, NULL);
        json_bytes(json, "name", symbol.name, symbol.name_length);
        json_text(json, "kind", wtfcb_symbol_kind_name(symbol.kind));
        json_number(json, "line", (uint64_t)symbol.name_line + 1);
        json_number(json, "column", (uint64_t)symbol.name_column + 1);
        if (symbol.parent == WTFCB_NO_INDEX)
            json_null(json, "parent");
        else
            json_number(json, "parent", symbol.parent);
        range_json(json, &symbol.range);
        json_bool(json, "exported", (symbol.flags & WTFCB_SYMBOL_EXPORTED) != 0);
        json_text(json, "visibility", wtfcb_visibility_name(symbol.visibility));
        json_bytes(json, "signature", symbol.signature, symbol.signature_length);
        json_bool(json, "recovered", (symbol.flags & WTFCB_SYMBOL_RECOVERED) != 0);
        json_number(json, "parameters", symbol.parameters);
        json_number(json, "cyclomatic", symbol.cyclomatic);
        json_number(json, "cognitive", symbol.cognitive);
        json_number(json, "nesting", symbol.nesting);
        json_close_object(json);
    }
    json_close_array(json);
}

static void imports_json(struct json *json, const wtfcb_codebase *row)
{
    wtfcb_import import;

    json_open_array(json, "imports");
    for (uint64_t i = 0; wtfcb_codebase_import(row, i, &import, sizeof import) == WTFCB_OK; i++) {
        json_open_object(json, NULL);
        json_bytes(json, "text", import.text, import.text_length);
        json_text(json, "kind", wtfcb_import_kind_name(import.kind));
        range_json(json, &import.range);
        json_close_object(json);
    }
    json_close_array(json);
}

static void findings_json(struct json *json, const wtfcb_codebase *row)
{
    wtfcb_finding finding;

    json_open_array(json, "findings");
    for (uint64_t i = 0; wtfcb_codebase_finding(row, i, &finding, sizeof finding) == WTFCB_OK; i++) {
        json_open_object(json, NULL);
        json_text(json, "severity", wtfcb_severity_name(finding.severity));
        json_bytes(json, "rule", finding.rule, finding.rule_length);
        json_bytes(json, "message", finding.message, finding.message_length);
        range_json(json, &finding.range);
        json_close_object(json);
    }
    json_close_array(json);
}

static void embedded_json(struct json *json, const wtfcb_codebase *row)
{
    wtfcb_embedded part;

    json_open_array(json, "embedded");
    for (uint64_t i = 0; wtfcb_codebase_embedded(row, i, &part, sizeof part) == WTFCB_OK; i++) {
        json_open_object(json, NULL);
        json_text(json, "language", part.language);
        json_number(json, "start_byte", part.start_byte);
        json_number(json, "bytes", part.size);
        json_number(json, "start_line", part.start_line + 1);
        json_number(json, "lines", part.lines);
        json_number(json, "code", part.code);
        json_number(json, "comments", part.comments);
        json_number(json, "blanks", part.blanks);
        json_number(json, "documentation", part.documentation);
        json_close_object(json);
    }
    json_close_array(json);
}

static void limits_json(struct json *json, uint32_t limits)
{
    json_open_array(json, "limits");
    for (uint32_t rest = limits; rest != 0; rest &= rest - 1)
        json_text(json, NULL, wtfcb_limit_name(rest & (~rest + 1)));
    json_close_array(json);
}

/* Members that say something about few files are left out of the others. */
static void rare_members(struct json *json, const wtfcb_file *file, const wtfcb_codebase *row)
{
    if (file->os_error != 0) json_signed(json, "os_error", file->os_error);
    if (file->limits != 0) limits_json(json, file->limits);
    if (file->flags & WTFCB_FILE_DIRECTORY) json_bool(json, "directory", true);
    if (file->flags & WTFCB_FILE_BINARY) json_bool(json, "binary", true);
    if (file->flags & WTFCB_FILE_SYNTAX_ERRORS) json_number(json, "error_bytes", file->error_bytes);
    for (uint32_t flag = WTFCB_FILE_GENERATED; flag <= WTFCB_FILE_UNDETECTABLE; flag <<= 1)
        if (file->flags & flag) json_bool(json, wtfcb_file_flag_name(flag), true);
    if (file->embedded_count > 0) embedded_json(json, row);
}

/* A parsed file carries all its facts unless the command line chooses among them. */
static void facts_json(struct json *json, const struct options *options, const wtfcb_codebase *row)
{
    bool all = !options->symbols && !options->imports && !options->findings;

    if (options->depth < WTFCB_DEPTH_SYNTAX) return;
    if (all || options->symbols) symbols_json(json, row);
    if (all || options->imports) imports_json(json, row);
    if (all || options->findings) findings_json(json, row);
}

void file_json(struct report *report, const wtfcb_codebase *row)
{
    struct json *json = &report->json;
    wtfcb_file file;

    if (wtfcb_codebase_file(row, 0, &file, sizeof file) != WTFCB_OK) return;
    json_bytes(json, "path", file.path, file.path_length);
    if (!utf8_valid(file.path, file.path_length)) json_base64(json, "path_base64", file.path, file.path_length);
    json_text(json, "language", file.language);
    json_text(json, "language_by", wtfcb_language_by_name(file.language_by));
    json_number(json, "bytes", file.size);
    json_number(json, "lines", file.lines);
    json_number(json, "code", file.code);
    json_number(json, "comments", file.comments);
    json_number(json, "blanks", file.blanks);
    json_number(json, "documentation", file.documentation);
    if (file.flags & WTFCB_FILE_HASHED)
        json_hex(json, "hash", file.hash, sizeof file.hash);
    else
        json_null(json, "hash");
    json_text(json, "status", status_word(file.status).text);
    json_text(json, "origin", wtfcb_origin_name(file.origin));
    rare_members(json, &file, row);
    facts_json(json, report->options, row);
}

static void totals_json(struct json *json, const wtfcb_codebase *codebase)
{
    wtfcb_totals totals;

    if (wtfcb_codebase_totals(codebase, &totals, sizeof totals) != WTFCB_OK) return;
    json_open_object(json, "totals");
    json_number(json, "files", totals.files);
    json_number(json, "bytes", totals.bytes);
    json_number(json, "lines", totals.lines);
    json_number(json, "code", totals.code);
    json_number(json, "comments", totals.comments);
    json_number(json, "blanks", totals.blanks);
    json_number(json, "documentation", totals.documentation);
    json_number(json, "symbols", totals.symbols);
    json_number(json, "imports", totals.imports);
    json_number(json, "findings", totals.findings);
    json_number(json, "binary", totals.binary);
    json_number(json, "failed", totals.failed);
    json_number(json, "limited", totals.limited);
    json_number(json, "syntax_errors", totals.syntax_errors);
    json_number(json, "generated", totals.generated);
    json_number(json, "minified", totals.minified);
    json_number(json, "vendored", totals.vendored);
    json_number(json, "documentation_files", totals.documents);
    json_close_object(json);
}

static void languages_json(struct json *json, const wtfcb_codebase *codebase)
{
    wtfcb_language_totals language;

    json_open_array(json, "languages");
    for (uint64_t i = 0; wtfcb_codebase_language(codebase, i, &language, sizeof language) == WTFCB_OK; i++) {
        json_open_object(json, NULL);
        json_text(json, "name", language.language);
        json_number(json, "files", language.files);
        json_number(json, "bytes", language.bytes);
        json_number(json, "lines", language.lines);
        json_number(json, "code", language.code);
        json_number(json, "comments", language.comments);
        json_number(json, "blanks", language.blanks);
        json_number(json, "documentation", language.documentation);
        json_number(json, "symbols", language.symbols);
        json_close_object(json);
    }
    json_close_array(json);
}

/* The library's own memory by module. */
static void memory_json(struct json *json)
{
    wtfcb_memory_module row;

    json_open_array(json, "memory");
    for (uint32_t i = 0; wtfcb_memory_module_at(i, &row, sizeof row) == WTFCB_OK; i++) {
        json_open_object(json, NULL);
        json_text(json, "name", row.name);
        json_number(json, "live_bytes", row.live_bytes);
        json_number(json, "live_blocks", row.live_blocks);
        json_number(json, "allocated_bytes", row.allocated_bytes);
        json_number(json, "allocated_blocks", row.allocated_blocks);
        json_close_object(json);
    }
    json_close_array(json);
}

void stats_json(struct json *json, const char *key, const wtfcb_codebase *codebase)
{
    wtfcb_scan_stats stats;

    if (wtfcb_codebase_stats(codebase, &stats, sizeof stats) != WTFCB_OK) return;
    json_open_object(json, key);
    json_text(json, "status", status_word(stats.status).text);
    json_number(json, "directories", stats.directories);
    json_number(json, "files_walked", stats.files_walked);
    json_number(json, "files_ignored", stats.files_ignored);
    json_number(json, "files_read", stats.files_read);
    json_number(json, "files_parsed", stats.files_parsed);
    json_number(json, "hits_memory", stats.hits_memory);
    json_number(json, "hits_persistent", stats.hits_persistent);
    json_number(json, "hits_unchanged", stats.hits_unchanged);
    json_number(json, "bytes_read", stats.bytes_read);
    json_number(json, "threads", stats.threads);
    json_number(json, "wall_ns", stats.wall_ns);
    json_open_object(json, "phases");
    json_number(json, "walk_ns", stats.walk_ns);
    json_number(json, "process_ns", stats.process_ns);
    json_number(json, "read_ns", stats.read_ns);
    json_number(json, "hash_ns", stats.hash_ns);
    json_number(json, "count_ns", stats.count_ns);
    json_number(json, "parse_ns", stats.parse_ns);
    json_number(json, "extract_ns", stats.extract_ns);
    json_close_object(json);
    memory_json(json);
    json_close_object(json);
}

/* What stands in front of the files, and in the first line of ndjson. */
static void head_members(struct report *report)
{
    struct json *json = &report->json;

    json_number(json, "schema", SCHEMA);
    json_open_array(json, "roots");
    for (size_t i = 0; i < report->options->path_count; i++)
        json_text(json, NULL, report->options->paths[i]);
    json_close_array(json);
    json_open_object(json, "hash");
    json_text(json, "algorithm", "xxh3-128");
    json_close_object(json);
}

static void tail_members(struct report *report, const wtfcb_codebase *codebase)
{
    totals_json(&report->json, codebase);
    languages_json(&report->json, codebase);
    if (report->options->stats != STATS_NONE) stats_json(&report->json, "stats", codebase);
}

static bool lists_files(const struct options *options)
{
    return options->by_file || options->symbols || options->imports || options->findings;
}

static void json_begin(struct report *report)
{
    json_open_object(&report->json, NULL);
    head_members(report);
    json_newline(&report->json);
    if (lists_files(report->options)) json_open_array(&report->json, "files");
}

static void json_file(struct report *report, const wtfcb_codebase *row)
{
    struct json *json = &report->json;

    if (!lists_files(report->options)) return;
    json_newline(json);
    json_open_object(json, NULL);
    file_json(report, row);
    json_close_object(json);
}

static void json_end(struct report *report, const wtfcb_codebase *codebase)
{
    struct json *json = &report->json;

    if (lists_files(report->options)) {
        json_close_array(json);
        json_newline(json);
    }
    tail_members(report, codebase);
    json_close_object(json);
    output_char(json->out, '\n');
}

static void ndjson_line_end(struct json *json)
{
    json_close_object(json);
    output_char(json->out, '\n');
    json->comma = false;
}

static void ndjson_file(struct report *report, const wtfcb_codebase *row)
{
    json_open_object(&report->json, NULL);
    json_text(&report->json, "type", "file");
    file_json(report, row);
    ndjson_line_end(&report->json);
}

static void ndjson_end(struct report *report, const wtfcb_codebase *codebase)
{
    json_open_object(&report->json, NULL);
    json_text(&report->json, "type", "totals");
    head_members(report);
    tail_members(report, codebase);
    ndjson_line_end(&report->json);
}

const struct format json_format = {
    .name = "json",
    .begin = json_begin,
    .file = json_file,
    .end = json_end,
};

const struct format ndjson_format = {
    .name = "ndjson",
    .file = ndjson_file,
    .end = ndjson_end,
};
