/* Facts as text; see facts_text.h. */
#include "facts_text.h"

#include <wtfcb.h>

#include "../test.h"

static void write_symbols(FILE *out, const wtfcb_codebase *codebase)
{
    wtfcb_symbol s, parent;
    for (uint64_t i = 0; wtfcb_codebase_symbol(codebase, i, &s, sizeof s) == WTFCB_OK; i++) {
        fprintf(out, "%u %s %s", s.name_line + 1, wtfcb_symbol_kind_name(s.kind), s.name);
        if (wtfcb_codebase_symbol(codebase, s.parent, &parent, sizeof parent) == WTFCB_OK)
            fprintf(out, " of %s", parent.name);
        if (s.visibility || s.signature_length) fprintf(out, ": %s", wtfcb_visibility_name(s.visibility));
        if (s.signature_length) fprintf(out, " %s", s.signature);
        ck_assert_uint_eq(strlen(s.signature), s.signature_length);
        fputc('\n', out);
    }
}

static void write_imports(FILE *out, const wtfcb_codebase *codebase)
{
    wtfcb_import import;
    for (uint64_t i = 0; wtfcb_codebase_import(codebase, i, &import, sizeof import) == WTFCB_OK; i++)
        fprintf(out, "%u import %s %s\n", import.range.start_line + 1, wtfcb_import_kind_name(import.kind),
                import.text);
}

static void write_findings(FILE *out, const wtfcb_codebase *codebase)
{
    wtfcb_finding f;
    for (uint64_t i = 0; wtfcb_codebase_finding(codebase, i, &f, sizeof f) == WTFCB_OK; i++)
        fprintf(out, "%u %s %s\n", f.range.start_line + 1, f.rule, f.message);
}

char *facts_text(const char *path, const char *text)
{
    wtfcb_scanner *scanner = NULL;
    wtfcb_codebase *codebase = NULL;
    char *facts = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&facts, &size);
    ck_assert_ptr_nonnull(out);
    ck_assert_int_eq(wtfcb_scanner_new(NULL, &scanner), WTFCB_OK);
    ck_assert_int_eq(wtfcb_scanner_set(scanner, WTFCB_SCANNER_DEPTH, WTFCB_DEPTH_SYNTAX), WTFCB_OK);
    ck_assert_int_eq(wtfcb_scanner_scan_buffer(scanner, path, text, strlen(text), &codebase, NULL), WTFCB_OK);
    wtfcb_file file;
    ck_assert_int_eq(wtfcb_codebase_file(codebase, 0, &file, sizeof file), WTFCB_OK);
    ck_assert_msg(file.flags & WTFCB_FILE_SYNTAX, "%s was not parsed", path);
    write_symbols(out, codebase);
    write_imports(out, codebase);
    write_findings(out, codebase);
    ck_assert_int_eq(fclose(out), 0);
    wtfcb_codebase_free(codebase);
    wtfcb_scanner_free(scanner);
    return facts;
}

void assert_facts(const char *path, const char *text, const char *expected)
{
    char *facts = facts_text(path, text);
    ck_assert_msg(strcmp(facts, expected) == 0, "%s has\n%s\nand not\n%s", path, facts, expected);
    free(facts);
}
