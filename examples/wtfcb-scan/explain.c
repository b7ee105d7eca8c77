/*
 * --explain: why a path is scanned or not, what decided about its language, which limits cut it.
 *
 * The library answers with a row of data; this turns it into lines for a person or one object of JSON. A path may be given
 * below the root, or as it is seen from here with the root in front.
 */
#include "explain.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/json.h"
#include "common/output.h"
#include "format.h"
#include "notes.h"

/* What `decided_at` is, or is not. */
static const char *const sentences[] = {
    [WTFCB_REASON_TAKEN] = "scanned",
    [WTFCB_REASON_IGNORED] = "ignored by a rule",
    [WTFCB_REASON_NOT_INCLUDED] = "left out: no --include pattern matches",
    [WTFCB_REASON_HIDDEN] = "left out: its name begins with a dot (--hidden takes it)",
    [WTFCB_REASON_REPOSITORY] = "left out: it belongs to a version control system",
    [WTFCB_REASON_LINK] = "left out: it is a symbolic link (--follow takes it)",
    [WTFCB_REASON_LANGUAGE] = "left out: it is in none of the languages asked for",
    [WTFCB_REASON_SKIPPED] = "left out: --skip names its kind",
    [WTFCB_REASON_MISSING] = "not there",
    [WTFCB_REASON_UNREADABLE] = "scanned, but a directory cannot be entered",
};

/* The path below the root. */
static const char *below(const char *root, const char *path)
{
    size_t length = strlen(root);

    while (length > 1 && root[length - 1] == '/')
        length--;
    if (strncmp(path, root, length) != 0 || path[length] != '/') return path;
    for (path += length; *path == '/';)
        path++;
    return path;
}

static void begin_line(struct output *out, const char *label)
{
    output_text(out, "  ");
    output_text(out, label);
    output_repeat(out, ' ', 12 - strlen(label));
}

/* "src/.gitignore:3: *.o", or a caller's own pattern. */
static void write_rule(struct output *out, const char *source, uint32_t line, const char *pattern)
{
    if (source[0] != 0) {
        output_printable(out, source, strlen(source));
        output_char(out, ':');
        output_number(out, line);
        output_text(out, ": ");
    }
    output_printable(out, pattern, strlen(pattern));
    if (source[0] == 0) output_text(out, " (from the command line)");
    output_char(out, '\n');
}

static void write_decision(struct output *out, const wtfcb_decision *decision)
{
    bool elsewhere = decision->decided_at[0] != 0 && strcmp(decision->decided_at, decision->path) != 0;

    output_printable(out, decision->path, strlen(decision->path));
    output_text(out, ": ");
    output_text(out, sentences[decision->reason]);
    output_char(out, '\n');
    if (elsewhere) {
        begin_line(out, decision->reason == WTFCB_REASON_MISSING ? "up to" : "at");
        output_printable(out, decision->decided_at, strlen(decision->decided_at));
        output_char(out, '\n');
    }
    if (decision->rule_pattern[0] != 0) {
        begin_line(out, "rule");
        write_rule(out, decision->rule_source, decision->rule_line, decision->rule_pattern);
    }
}

static void write_language(struct output *out, const wtfcb_decision *decision, const wtfcb_file *file)
{
    begin_line(out, "language");
    output_text(out, file->language[0] != 0 ? file->language : "none that is known");
    if (file->language_by != WTFCB_BY_NOTHING) {
        output_text(out, ", by its ");
        output_text(out, wtfcb_language_by_name(file->language_by));
    }
    output_char(out, '\n');
    if (decision->attribute_pattern[0] == 0) return;
    begin_line(out, "attribute");
    write_rule(out, decision->attribute_source, decision->attribute_line, decision->attribute_pattern);
}

static void write_flags(struct output *out, const wtfcb_file *file)
{
    const uint32_t kinds = WTFCB_FILE_BINARY | WTFCB_FILE_SYNTAX_ERRORS | WTFCB_FILE_GENERATED | WTFCB_FILE_MINIFIED |
                           WTFCB_FILE_VENDORED | WTFCB_FILE_DOCUMENTATION | WTFCB_FILE_UNDETECTABLE;
    const char *separator = "";

    if ((file->flags & kinds) == 0) return;
    begin_line(out, "kind");
    for (uint32_t rest = file->flags & kinds; rest != 0; rest &= rest - 1) {
        output_text(out, separator);
        output_text(out, wtfcb_file_flag_name(rest & (~rest + 1)));
        separator = ", ";
    }
    output_char(out, '\n');
}

static void write_file(struct output *out, const wtfcb_decision *decision, const wtfcb_file *file)
{
    if ((file->flags & WTFCB_FILE_DIRECTORY) == 0) write_language(out, decision, file);
    write_flags(out, file);
    for (uint32_t rest = file->limits; rest != 0; rest &= rest - 1) {
        begin_line(out, "limit");
        output_text(out, limit_text(rest & (~rest + 1)));
        output_char(out, '\n');
    }
    if (file->status != WTFCB_OK) {
        begin_line(out, "status");
        output_text(out, wtfcb_status_message(file->status));
        output_char(out, '\n');
    }
    if (file->lines == 0) return;
    begin_line(out, "lines");
    output_text(out, grouped_number(file->lines).text);
    output_text(out, ": ");
    output_text(out, grouped_number(file->code).text);
    output_text(out, " code, ");
    output_text(out, grouped_number(file->comments).text);
    output_text(out, " comments, ");
    output_text(out, grouped_number(file->blanks).text);
    output_text(out, " blank\n");
}

static void write_text(struct output *out, const wtfcb_decision *decision)
{
    wtfcb_file file;

    write_decision(out, decision);
    if (decision->reason == WTFCB_REASON_MISSING) return;
    if (wtfcb_codebase_file(decision->codebase, 0, &file, sizeof file) == WTFCB_OK) write_file(out, decision, &file);
}

static void json_rule(struct json *json, const char *key, const char *source, uint32_t line, const char *pattern)
{
    if (pattern[0] == 0) {
        json_null(json, key);
        return;
    }
    json_open_object(json, key);
    json_bytes(json, "source", source, strlen(source));
    json_number(json, "line", line);
    json_bytes(json, "pattern", pattern, strlen(pattern));
    json_close_object(json);
}

static void write_json(struct output *out, const struct options *options, const wtfcb_decision *decision)
{
    static struct report report;
    struct json *json = &report.json;

    report = (struct report){.options = options};
    json_init(json, out);
    json_open_object(json, NULL);
    json_bytes(json, "path", decision->path, strlen(decision->path));
    json_bool(json, "taken", decision->reason == WTFCB_REASON_TAKEN);
    json_text(json, "reason", wtfcb_reason_name(decision->reason));
    json_bytes(json, "decided_at", decision->decided_at, strlen(decision->decided_at));
    json_rule(json, "rule", decision->rule_source, decision->rule_line, decision->rule_pattern);
    json_rule(json, "attribute", decision->attribute_source, decision->attribute_line, decision->attribute_pattern);
    if (decision->reason == WTFCB_REASON_MISSING || wtfcb_codebase_file_count(decision->codebase) == 0) {
        json_null(json, "file");
    } else {
        json_open_object(json, "file");
        file_json(&report, decision->codebase);
        json_close_object(json);
    }
    json_close_object(json);
    output_char(out, '\n');
}

bool explain(wtfcb_scanner *scanner, wtfcb_cancel *cancel, const struct options *options)
{
    static struct output out;
    const char *root = options->path_count > 0 ? options->paths[0] : ".";
    const char *path = below(root, options->explain);
    wtfcb_explanation *explanation = NULL;
    wtfcb_decision decision;
    wtfcb_error error = WTFCB_ERROR_INIT;

    wtfcb_scanner_set_cancel(scanner, cancel);
    if (path[0] == '/') {
        fprintf(stderr, "wtfcb-scan: --explain: %s is not below %s\n", path, root);
        return false;
    }
    if (wtfcb_scanner_explain(scanner, root, path, &explanation, &error) != WTFCB_OK ||
        wtfcb_explanation_get(explanation, &decision, sizeof decision) != WTFCB_OK) {
        fprintf(stderr, "wtfcb-scan: %s\n", error.message);
        return false;
    }
    output_init(&out, STDOUT_FILENO);
    if (options->format == &json_format)
        write_json(&out, options, &decision);
    else
        write_text(&out, &decision);
    wtfcb_explanation_free(explanation);
    return output_flush(&out) == 0;
}
