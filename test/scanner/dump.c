/* Writing snapshots as text; see dump.h. */
#include "dump.h"

#include <inttypes.h>

#include "../test.h"

static void dump_range(FILE *out, const wtfcb_range *range)
{
    fprintf(out, " [%u %u) %u:%u-%u:%u", range->start_byte, range->end_byte, range->start_line, range->start_column,
            range->end_line, range->end_column);
}

static void dump_symbols(FILE *out, const wtfcb_codebase *codebase, const wtfcb_file *file)
{
    for (uint64_t i = file->first_symbol; i < file->first_symbol + file->symbol_count; i++) {
        wtfcb_symbol s;
        ck_assert_int_eq(wtfcb_codebase_symbol(codebase, i, &s, sizeof s), WTFCB_OK);
        uint64_t parent = s.parent == WTFCB_NO_INDEX ? s.parent : s.parent - file->first_symbol;
        fprintf(out,
                "  symbol %.*s parent %" PRId64
                " kind %u flags %u visibility %u parameters %u complexity %u %u %u name %u %u:%u",
                (int)s.name_length, s.name, (int64_t)parent, s.kind, s.flags, s.visibility, s.parameters, s.cyclomatic,
                s.cognitive, s.nesting, s.name_byte, s.name_line, s.name_column);
        dump_range(out, &s.range);
        fprintf(out, " signature %.*s\n", (int)s.signature_length, s.signature);
    }
}

static void dump_imports(FILE *out, const wtfcb_codebase *codebase, const wtfcb_file *file)
{
    for (uint64_t i = file->first_import; i < file->first_import + file->import_count; i++) {
        wtfcb_import import;
        ck_assert_int_eq(wtfcb_codebase_import(codebase, i, &import, sizeof import), WTFCB_OK);
        fprintf(out, "  import %.*s kind %u", (int)import.text_length, import.text, import.kind);
        dump_range(out, &import.range);
        fputc('\n', out);
    }
}

static void dump_findings(FILE *out, const wtfcb_codebase *codebase, const wtfcb_file *file)
{
    for (uint64_t i = file->first_finding; i < file->first_finding + file->finding_count; i++) {
        wtfcb_finding finding;
        ck_assert_int_eq(wtfcb_codebase_finding(codebase, i, &finding, sizeof finding), WTFCB_OK);
        fprintf(out, "  finding %.*s: %.*s severity %u", (int)finding.rule_length, finding.rule,
                (int)finding.message_length, finding.message, finding.severity);
        dump_range(out, &finding.range);
        fputc('\n', out);
    }
}

static void dump_embedded(FILE *out, const wtfcb_codebase *codebase, const wtfcb_file *file)
{
    for (uint64_t i = file->first_embedded; i < file->first_embedded + file->embedded_count; i++) {
        wtfcb_embedded part;
        ck_assert_int_eq(wtfcb_codebase_embedded(codebase, i, &part, sizeof part), WTFCB_OK);
        fprintf(out,
                "  embedded %s at %" PRIu64 " size %" PRIu64 " line %" PRIu64 " lines %" PRIu64 " %" PRIu64 " %" PRIu64
                " %" PRIu64 " %" PRIu64 "\n",
                part.language, part.start_byte, part.size, part.start_line, part.lines, part.code, part.comments,
                part.blanks, part.documentation);
    }
}

void dump_file(FILE *out, const wtfcb_codebase *codebase, uint64_t index)
{
    wtfcb_file f;
    ck_assert_int_eq(wtfcb_codebase_file(codebase, index, &f, sizeof f), WTFCB_OK);
    fprintf(out,
            "%.*s %s size %" PRIu64 " lines %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 " errors %" PRIu64
            " status %d %d limits %u flags %u language %u by %u ",
            (int)f.path_length, f.path, f.language, f.size, f.lines, f.code, f.comments, f.blanks, f.documentation,
            f.error_bytes, f.status, f.os_error, f.limits, f.flags, f.language_index, f.language_by);
    for (size_t i = 0; i < sizeof f.hash; i++)
        fprintf(out, "%02x", f.hash[i]);
    fputc('\n', out);
    dump_symbols(out, codebase, &f);
    dump_imports(out, codebase, &f);
    dump_findings(out, codebase, &f);
    dump_embedded(out, codebase, &f);
}

static void dump_all_files(FILE *out, const wtfcb_codebase *codebase)
{
    for (uint64_t i = 0; i < wtfcb_codebase_file_count(codebase); i++)
        dump_file(out, codebase, i);
}

char *dump_files(const wtfcb_codebase *codebase)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    dump_all_files(out, codebase);
    ck_assert_int_eq(fclose(out), 0);
    return text;
}

/* Counters that stand side by side in a struct of nothing else. */
static void dump_numbers(FILE *out, const uint64_t *numbers, size_t count)
{
    for (size_t i = 0; i < count; i++)
        fprintf(out, " %" PRIu64, numbers[i]);
    fputc('\n', out);
}

char *dump_codebase(const wtfcb_codebase *codebase)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    dump_all_files(out, codebase);
    wtfcb_language_totals l;
    for (uint64_t i = 0; wtfcb_codebase_language(codebase, i, &l, sizeof l) == WTFCB_OK; i++) {
        fprintf(out, "language %s %u:", l.language, l.language_index);
        const uint64_t numbers[] = {l.files,    l.bytes,  l.lines,         l.code,
                                    l.comments, l.blanks, l.documentation, l.symbols};
        dump_numbers(out, numbers, sizeof numbers / sizeof *numbers);
    }
    wtfcb_totals totals;
    ck_assert_int_eq(wtfcb_codebase_totals(codebase, &totals, sizeof totals), WTFCB_OK);
    fprintf(out, "totals:");
    dump_numbers(out, (const uint64_t *)&totals, sizeof totals / sizeof(uint64_t));
    ck_assert_int_eq(fclose(out), 0);
    return text;
}

void dump_assert_equal(char *actual, char *expected, const char *what)
{
    size_t at = 0;
    size_t line = 0;
    for (size_t i = 0; actual[i] == expected[i] && actual[i]; i++) {
        if (actual[i] == '\n') line = i + 1;
        at = i + 1;
    }
    if (actual[at] != expected[at])
        ck_abort_msg("%s:\n  %.*s\ninstead of\n  %.*s", what, (int)strcspn(actual + line, "\n"), actual + line,
                     (int)strcspn(expected + line, "\n"), expected + line);
    free(actual);
    free(expected);
}
