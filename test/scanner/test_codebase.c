/* Reading a snapshot: every getter, rows of other sizes, columns, searches, sums, names, holds, many readers at once. */
#include <wtfcb/scanner.h>

#include <pthread.h>

#include "../base/counting.h"
#include "dump.h"
#include "tree.h"

static wtfcb_codebase *codebase;

static void set_up(void)
{
    tree_begin();
    tree_put_samples();
    codebase = tree_scan_at(WTFCB_DEPTH_SYNTAX);
}

static void tear_down(void)
{
    wtfcb_codebase_free(codebase);
    tree_end();
}

/* The tables behind one signature. */
typedef wtfcb_status row_fn(const wtfcb_codebase *, uint64_t, void *, size_t);

static wtfcb_status get_file(const wtfcb_codebase *c, uint64_t i, void *row, size_t size)
{
    return wtfcb_codebase_file(c, i, row, size);
}

static wtfcb_status get_symbol(const wtfcb_codebase *c, uint64_t i, void *row, size_t size)
{
    return wtfcb_codebase_symbol(c, i, row, size);
}

static wtfcb_status get_import(const wtfcb_codebase *c, uint64_t i, void *row, size_t size)
{
    return wtfcb_codebase_import(c, i, row, size);
}

static wtfcb_status get_finding(const wtfcb_codebase *c, uint64_t i, void *row, size_t size)
{
    return wtfcb_codebase_finding(c, i, row, size);
}

static wtfcb_status get_embedded(const wtfcb_codebase *c, uint64_t i, void *row, size_t size)
{
    return wtfcb_codebase_embedded(c, i, row, size);
}

static wtfcb_status get_language(const wtfcb_codebase *c, uint64_t i, void *row, size_t size)
{
    return wtfcb_codebase_language(c, i, row, size);
}

static const struct {
    const char *name;
    row_fn *get;
    uint64_t (*count)(const wtfcb_codebase *);
    size_t size;
    size_t used; /* without padding at the end */
} tables[] = {
#define ROW(type, last) sizeof(type), offsetof(type, last) + sizeof((type){0}.last)
    {"file", get_file, wtfcb_codebase_file_count, ROW(wtfcb_file, language_index)},
    {"symbol", get_symbol, wtfcb_codebase_symbol_count, ROW(wtfcb_symbol, nesting)},
    {"import", get_import, wtfcb_codebase_import_count, ROW(wtfcb_import, kind)},
    {"finding", get_finding, wtfcb_codebase_finding_count, ROW(wtfcb_finding, severity)},
    {"embedded", get_embedded, wtfcb_codebase_embedded_count, ROW(wtfcb_embedded, language_index)},
    {"language", get_language, wtfcb_codebase_language_count, ROW(wtfcb_language_totals, language_index)},
};

enum { TABLES = sizeof tables / sizeof *tables, LARGEST = 512 };

START_TEST(every_table_refuses_impossible_arguments_and_ends)
{
    unsigned char row[LARGEST];
    for (size_t t = 0; t < TABLES; t++) {
        ck_assert_uint_gt(tables[t].count(codebase), 0);
        ck_assert_uint_eq(tables[t].count(NULL), 0);
        memset(row, 0xee, sizeof row);
        ck_assert_int_eq(tables[t].get(NULL, 0, row, tables[t].size), WTFCB_EINVAL);
        ck_assert_int_eq(tables[t].get(codebase, 0, NULL, tables[t].size), WTFCB_EINVAL);
        ck_assert_int_eq(tables[t].get(codebase, 0, row, 0), WTFCB_EINVAL);
        ck_assert_int_eq(tables[t].get(codebase, tables[t].count(codebase), row, tables[t].size), WTFCB_ENOTFOUND);
        ck_assert_int_eq(tables[t].get(codebase, UINT64_MAX, row, tables[t].size), WTFCB_ENOTFOUND);
        for (size_t i = 0; i < sizeof row; i++)
            ck_assert_uint_eq(row[i], 0xee);
    }
}
END_TEST

START_TEST(rows_are_cut_for_an_older_caller_and_extended_with_zeros_for_a_newer_one)
{
    unsigned char whole[LARGEST];
    unsigned char row[LARGEST];
    for (size_t t = 0; t < TABLES; t++) {
        ck_assert_int_eq(tables[t].get(codebase, 0, whole, tables[t].size), WTFCB_OK);
        for (size_t size = 1; size <= LARGEST; size++) {
            memset(row, 0xee, sizeof row);
            ck_assert_int_eq(tables[t].get(codebase, 0, row, size), WTFCB_OK);
            for (size_t i = 0; i < LARGEST; i++) {
                unsigned expected = i >= size ? 0xee : i < tables[t].size ? whole[i] : 0;
                if (i >= tables[t].used && i < tables[t].size && i < size) continue;
                if (row[i] != expected) ck_abort_msg("%s: byte %zu of %zu", tables[t].name, i, size);
            }
        }
    }
}
END_TEST

START_TEST(totals_and_stats_are_cut_and_extended_likewise)
{
    unsigned char row[LARGEST];
    wtfcb_totals totals = tree_totals(codebase);
    wtfcb_scan_stats stats = tree_stats(codebase);
    memset(row, 0xee, sizeof row);
    ck_assert_int_eq(wtfcb_codebase_totals(codebase, (wtfcb_totals *)row, sizeof row), WTFCB_OK);
    ck_assert_mem_eq(row, &totals, sizeof totals);
    for (size_t i = sizeof totals; i < sizeof row; i++)
        ck_assert_uint_eq(row[i], 0);
    memset(row, 0xee, sizeof row);
    ck_assert_int_eq(wtfcb_codebase_stats(codebase, (wtfcb_scan_stats *)row, 8), WTFCB_OK);
    ck_assert_mem_eq(row, &stats, 8);
    ck_assert_uint_eq(row[8], 0xee);
    ck_assert_int_eq(wtfcb_codebase_totals(NULL, &totals, sizeof totals), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_codebase_totals(codebase, NULL, sizeof totals), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_codebase_totals(codebase, &totals, 0), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_codebase_stats(NULL, &stats, sizeof stats), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_codebase_stats(codebase, NULL, sizeof stats), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_codebase_stats(codebase, &stats, 0), WTFCB_EINVAL);
}
END_TEST

START_TEST(every_string_ends_with_a_nul_where_its_length_says)
{
    wtfcb_file file;
    wtfcb_symbol symbol;
    wtfcb_import import;
    wtfcb_finding finding;
    for (uint64_t i = 0; wtfcb_codebase_file(codebase, i, &file, sizeof file) == WTFCB_OK; i++)
        ck_assert_uint_eq(strlen(file.path), file.path_length);
    for (uint64_t i = 0; wtfcb_codebase_symbol(codebase, i, &symbol, sizeof symbol) == WTFCB_OK; i++)
        ck_assert_uint_eq(strlen(symbol.name), symbol.name_length);
    for (uint64_t i = 0; wtfcb_codebase_import(codebase, i, &import, sizeof import) == WTFCB_OK; i++)
        ck_assert_uint_eq(strlen(import.text), import.text_length);
    for (uint64_t i = 0; wtfcb_codebase_finding(codebase, i, &finding, sizeof finding) == WTFCB_OK; i++) {
        ck_assert_uint_eq(strlen(finding.rule), finding.rule_length);
        ck_assert_uint_eq(strlen(finding.message), finding.message_length);
    }
}
END_TEST

START_TEST(rows_of_a_file_are_contiguous_and_know_their_file)
{
    uint64_t next[4] = {0};
    wtfcb_file file;
    for (uint64_t f = 0; wtfcb_codebase_file(codebase, f, &file, sizeof file) == WTFCB_OK; f++) {
        const uint64_t first[4] = {file.first_symbol, file.first_import, file.first_finding, file.first_embedded};
        const uint64_t count[4] = {file.symbol_count, file.import_count, file.finding_count, file.embedded_count};
        for (size_t t = 0; t < 4; t++)
            ck_assert_uint_eq(first[t], next[t]);
        for (uint64_t i = 0; i < file.symbol_count; i++) {
            wtfcb_symbol symbol;
            ck_assert_int_eq(wtfcb_codebase_symbol(codebase, first[0] + i, &symbol, sizeof symbol), WTFCB_OK);
            ck_assert_uint_eq(symbol.file, f);
            ck_assert(symbol.parent == WTFCB_NO_INDEX || (symbol.parent >= first[0] && symbol.parent < first[0] + i));
            ck_assert_uint_le(symbol.range.end_byte, file.size * 2);
            ck_assert_uint_ge(symbol.range.end_byte, symbol.range.start_byte);
        }
        for (size_t t = 0; t < 4; t++)
            next[t] += count[t];
    }
    for (size_t t = 0; t < 4; t++)
        ck_assert_uint_eq(next[t], tables[t + 1].count(codebase));
}
END_TEST

START_TEST(rows_are_the_same_in_whatever_order_they_are_asked_for)
{
    uint64_t random = 1;
    for (size_t t = 1; t < 5; t++) {
        uint64_t count = tables[t].count(codebase);
        unsigned char *rows = malloc(count * tables[t].size);
        unsigned char row[LARGEST];
        for (uint64_t i = 0; i < count; i++)
            ck_assert_int_eq(tables[t].get(codebase, i, rows + i * tables[t].size, tables[t].size), WTFCB_OK);
        for (int i = 0; i < 2000; i++) {
            uint64_t at = tree_random(&random) % count;
            if (tables[t].get(codebase, at, row, tables[t].size) != WTFCB_OK ||
                memcmp(row, rows + at * tables[t].size, tables[t].used) != 0)
                ck_abort_msg("%s %llu", tables[t].name, (unsigned long long)at);
        }
        free(rows);
    }
}
END_TEST

START_TEST(totals_are_the_sums_of_the_rows)
{
    wtfcb_totals sum = {0};
    wtfcb_file file;
    wtfcb_embedded part;
    for (uint64_t i = 0; wtfcb_codebase_file(codebase, i, &file, sizeof file) == WTFCB_OK; i++) {
        sum.files++;
        sum.bytes += file.size;
        sum.lines += file.lines;
        sum.code += file.code;
        sum.comments += file.comments;
        sum.blanks += file.blanks;
        sum.documentation += file.documentation;
        sum.symbols += file.symbol_count;
        sum.imports += file.import_count;
        sum.findings += file.finding_count;
        sum.binary += (file.flags & WTFCB_FILE_BINARY) != 0;
        sum.failed += file.status != WTFCB_OK;
        sum.limited += file.limits != 0;
        sum.generated += (file.flags & WTFCB_FILE_GENERATED) != 0;
        sum.minified += (file.flags & WTFCB_FILE_MINIFIED) != 0;
        sum.vendored += (file.flags & WTFCB_FILE_VENDORED) != 0;
        sum.documents += (file.flags & WTFCB_FILE_DOCUMENTATION) != 0;
        sum.syntax_errors += (file.flags & WTFCB_FILE_SYNTAX_ERRORS) != 0;
        ck_assert_uint_eq(file.lines, file.code + file.comments + file.blanks);
    }
    for (uint64_t i = 0; wtfcb_codebase_embedded(codebase, i, &part, sizeof part) == WTFCB_OK; i++) {
        sum.lines += part.lines;
        sum.code += part.code;
        sum.comments += part.comments;
        sum.blanks += part.blanks;
        sum.documentation += part.documentation;
    }
    wtfcb_totals totals = tree_totals(codebase);
    ck_assert_mem_eq(&sum, &totals, sizeof sum);
    ck_assert(totals.binary == 1 && totals.syntax_errors >= 1);
}
END_TEST

START_TEST(languages_add_up_to_the_totals_and_stand_by_code_lines)
{
    wtfcb_totals sum = {0};
    wtfcb_language_totals before = {.code = UINT64_MAX};
    wtfcb_language_totals row;
    for (uint64_t i = 0; wtfcb_codebase_language(codebase, i, &row, sizeof row) == WTFCB_OK; i++) {
        sum.files += row.files;
        sum.bytes += row.bytes;
        sum.lines += row.lines;
        sum.symbols += row.symbols;
        ck_assert_uint_ge(before.code, row.code);
        ck_assert_uint_eq(row.lines, row.code + row.comments + row.blanks);
        ck_assert((row.language[0] == '\0') == (row.language_index == UINT32_MAX));
        before = row;
    }
    wtfcb_totals totals = tree_totals(codebase);
    ck_assert(sum.files == totals.files && sum.bytes == totals.bytes && sum.lines == totals.lines &&
              sum.symbols == totals.symbols);
}
END_TEST

START_TEST(every_file_is_found_by_its_path_and_no_other_is)
{
    wtfcb_file file;
    for (uint64_t i = 0; wtfcb_codebase_file(codebase, i, &file, sizeof file) == WTFCB_OK; i++) {
        uint64_t found = UINT64_MAX;
        char longer[512];
        snprintf(longer, sizeof longer, "%sx", file.path);
        ck_assert_int_eq(wtfcb_codebase_find_file(codebase, file.path, file.path_length, &found), WTFCB_OK);
        ck_assert_uint_eq(found, i);
        ck_assert_int_eq(wtfcb_codebase_find_file(codebase, longer, file.path_length, &found), WTFCB_OK);
        ck_assert_int_eq(wtfcb_codebase_find_file(codebase, longer, file.path_length + 1, &found), WTFCB_ENOTFOUND);
        ck_assert_int_eq(wtfcb_codebase_find_file(codebase, file.path, file.path_length - 1, &found), WTFCB_ENOTFOUND);
        ck_assert_uint_eq(found, i);
    }
    uint64_t found = 77;
    ck_assert_int_eq(wtfcb_codebase_find_file(codebase, "", 0, &found), WTFCB_ENOTFOUND);
    ck_assert_int_eq(wtfcb_codebase_find_file(NULL, "x", 1, &found), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_codebase_find_file(codebase, NULL, 1, &found), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_codebase_find_file(codebase, "x", 1, NULL), WTFCB_EINVAL);
    ck_assert_uint_eq(found, 77);
}
END_TEST

static uint32_t member_of(const wtfcb_symbol *symbol, int32_t column)
{
    switch (column) {
    case WTFCB_COLUMN_KIND: return symbol->kind;
    case WTFCB_COLUMN_FLAGS: return symbol->flags;
    case WTFCB_COLUMN_START_BYTE: return symbol->range.start_byte;
    case WTFCB_COLUMN_END_BYTE: return symbol->range.end_byte;
    case WTFCB_COLUMN_START_LINE: return symbol->range.start_line;
    case WTFCB_COLUMN_END_LINE: return symbol->range.end_line;
    case WTFCB_COLUMN_NAME_LINE: return symbol->name_line;
    case WTFCB_COLUMN_PARAMETERS: return symbol->parameters;
    case WTFCB_COLUMN_CYCLOMATIC: return symbol->cyclomatic;
    case WTFCB_COLUMN_COGNITIVE: return symbol->cognitive;
    default: return symbol->nesting;
    }
}

START_TEST(column_holds_what_the_rows_hold_from_any_first_to_any_last)
{
    uint64_t count = wtfcb_codebase_symbol_count(codebase);
    uint32_t *values = malloc((count + 1) * sizeof *values);
    for (int32_t column = WTFCB_COLUMN_KIND; column <= WTFCB_COLUMN_NESTING; column++) {
        for (uint64_t first = 0; first <= count; first += 7) {
            uint64_t taken = (count - first) * 2 / 3;
            values[taken] = 0xdeadbeef;
            ck_assert_int_eq(wtfcb_codebase_symbol_column(codebase, column, first, taken, values), WTFCB_OK);
            ck_assert_uint_eq(values[taken], 0xdeadbeef);
            for (uint64_t i = 0; i < taken; i++) {
                wtfcb_symbol symbol;
                if (wtfcb_codebase_symbol(codebase, first + i, &symbol, sizeof symbol) != WTFCB_OK ||
                    values[i] != member_of(&symbol, column))
                    ck_abort_msg("column %d, row %llu", column, (unsigned long long)(first + i));
            }
        }
    }
    free(values);
}
END_TEST

START_TEST(column_refuses_what_does_not_exist)
{
    uint64_t count = wtfcb_codebase_symbol_count(codebase);
    uint32_t value = 5;
    ck_assert_int_eq(wtfcb_codebase_symbol_column(NULL, WTFCB_COLUMN_KIND, 0, 1, &value), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_codebase_symbol_column(codebase, WTFCB_COLUMN_KIND, 0, 1, NULL), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_codebase_symbol_column(codebase, 0, 0, 1, &value), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_codebase_symbol_column(codebase, WTFCB_COLUMN_NESTING + 1, 0, 1, &value), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_codebase_symbol_column(codebase, WTFCB_COLUMN_KIND, count, 1, &value), WTFCB_ENOTFOUND);
    ck_assert_int_eq(wtfcb_codebase_symbol_column(codebase, WTFCB_COLUMN_KIND, 1, count, &value), WTFCB_ENOTFOUND);
    ck_assert_int_eq(wtfcb_codebase_symbol_column(codebase, WTFCB_COLUMN_KIND, UINT64_MAX, 2, &value), WTFCB_ENOTFOUND);
    ck_assert_int_eq(wtfcb_codebase_symbol_column(codebase, WTFCB_COLUMN_KIND, 1, UINT64_MAX, &value), WTFCB_ENOTFOUND);
    ck_assert_int_eq(wtfcb_codebase_symbol_column(codebase, WTFCB_COLUMN_KIND, count, 0, &value), WTFCB_OK);
    ck_assert_uint_eq(value, 5);
}
END_TEST

START_TEST(snapshot_outlives_its_scanner_and_every_hold_but_the_last)
{
    counting memory;
    counting_init(&memory);
    wtfcb_scanner *scanner;
    ck_assert_int_eq(wtfcb_scanner_new(&memory.allocator, &scanner), WTFCB_OK);
    ck_assert_int_eq(wtfcb_scanner_set(scanner, WTFCB_SCANNER_DEPTH, WTFCB_DEPTH_SYNTAX), WTFCB_OK);
    wtfcb_codebase *own = tree_scan(scanner);
    wtfcb_scanner_free(scanner);
    ck_assert_ptr_eq(wtfcb_codebase_ref(own), own);
    wtfcb_codebase_free(own);
    dump_assert_equal(dump_codebase(own), dump_codebase(codebase), "after the scanner is gone");
    wtfcb_codebase_free(own);
    counting_assert_clean(&memory);
    ck_assert_ptr_null(wtfcb_codebase_ref(NULL));
    wtfcb_codebase_free(NULL);
    ck_assert_str_eq(wtfcb_codebase_root(NULL), "");
}
END_TEST

static void *read_all(void *user)
{
    uint64_t random = (uint64_t)(uintptr_t)user | 1;
    wtfcb_codebase *own = wtfcb_codebase_ref(codebase);
    uint64_t sum = 0;
    unsigned char row[LARGEST];
    for (int i = 0; i < 3000; i++) {
        size_t t = tree_random(&random) % TABLES;
        sum += tables[t].get(own, tree_random(&random) % tables[t].count(own), row, tables[t].size) != WTFCB_OK;
    }
    wtfcb_codebase_free(own);
    return (void *)(uintptr_t)sum;
}

START_TEST(threads_read_one_snapshot_at_once)
{
    pthread_t threads[4];
    for (size_t i = 0; i < 4; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, read_all, (void *)(i * 97 + 3)), 0);
    for (size_t i = 0; i < 4; i++) {
        void *failures;
        pthread_join(threads[i], &failures);
        ck_assert_ptr_null(failures);
    }
}
END_TEST

START_TEST(every_number_of_a_row_has_a_name_and_others_are_unknown)
{
    for (uint32_t kind = WTFCB_SYMBOL_FUNCTION; kind <= WTFCB_SYMBOL_NAMESPACE; kind++)
        ck_assert_str_ne(wtfcb_symbol_kind_name(kind), "unknown");
    for (uint32_t kind = WTFCB_IMPORT_MODULE; kind <= WTFCB_IMPORT_REEXPORT; kind++)
        ck_assert_str_ne(wtfcb_import_kind_name(kind), "unknown");
    for (uint32_t severity = WTFCB_SEVERITY_NOTE; severity <= WTFCB_SEVERITY_ERROR; severity++)
        ck_assert_str_ne(wtfcb_severity_name(severity), "unknown");
    for (uint32_t origin = WTFCB_ORIGIN_PARSED; origin <= WTFCB_ORIGIN_CONTENT; origin++)
        ck_assert_str_ne(wtfcb_origin_name(origin), "unknown");
    for (uint32_t limit = WTFCB_LIMIT_FILE_SIZE; limit <= WTFCB_LIMIT_NESTING; limit <<= 1)
        ck_assert_str_ne(wtfcb_limit_name(limit), "unknown");
    static const uint32_t others[] = {1000, UINT32_MAX, 0x80000000u};
    for (size_t i = 0; i < 3; i++) {
        ck_assert_str_eq(wtfcb_symbol_kind_name(others[i]), "unknown");
        ck_assert_str_eq(wtfcb_import_kind_name(others[i]), "unknown");
        ck_assert_str_eq(wtfcb_severity_name(others[i]), "unknown");
        ck_assert_str_eq(wtfcb_origin_name(others[i]), "unknown");
        ck_assert_str_eq(wtfcb_limit_name(others[i]), "unknown");
    }
    ck_assert_str_eq(wtfcb_symbol_kind_name(0), "unknown");
    ck_assert_str_eq(wtfcb_limit_name(0), "unknown");
    ck_assert_str_eq(wtfcb_limit_name(3), "unknown");
    ck_assert_str_eq(wtfcb_symbol_kind_name(WTFCB_SYMBOL_ENUM_MEMBER), "enum-member");
    ck_assert_str_eq(wtfcb_limit_name(WTFCB_LIMIT_PARSE_SIZE), "parse-size");
    ck_assert_str_eq(wtfcb_import_kind_name(WTFCB_IMPORT_MODULE), "module");
    ck_assert_str_eq(wtfcb_severity_name(WTFCB_SEVERITY_WARNING), "warning");
    ck_assert_str_eq(wtfcb_origin_name(WTFCB_ORIGIN_PARSED), "parsed");
}
END_TEST

START_TEST(utf16_column_counts_code_units_and_each_broken_byte_as_one)
{
    static const struct {
        const char *line;
        uint32_t byte_column;
        uint32_t units;
    } cases[] = {
        {"abc", 0, 0},
        {"abc", 2, 2},
        {"abc", 99, 3},
        {"\xc3\xa9x", 2, 1},
        {"\xe2\x82\xacx", 3, 1},
        {"\xf0\x9f\x98\x80x", 4, 2},
        {"\xf0\x9f\x98\x80x", 5, 3},
        {"\xff\xfex", 3, 3},
        {"\xc0\x80x", 3, 3},
        {"\xed\xa0\x80x", 4, 4},
        {"\xf0\x9f\x98", 3, 3},
        {"\xf4\x90\x80\x80", 4, 4},
        {"\xe0\x80\x80", 3, 3},
        {"", 0, 0},
        {"\xc3", 1, 1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        ck_assert_msg(wtfcb_utf16_column(cases[i].line, strlen(cases[i].line), cases[i].byte_column) == cases[i].units,
                      "case %zu: %u", i,
                      wtfcb_utf16_column(cases[i].line, strlen(cases[i].line), cases[i].byte_column));
    ck_assert_uint_eq(wtfcb_utf16_column(NULL, 0, 5), 0);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("codebase");
    TCase *t = tcase_create("codebase");
    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_add_test(t, every_table_refuses_impossible_arguments_and_ends);
    tcase_add_test(t, rows_are_cut_for_an_older_caller_and_extended_with_zeros_for_a_newer_one);
    tcase_add_test(t, totals_and_stats_are_cut_and_extended_likewise);
    tcase_add_test(t, every_string_ends_with_a_nul_where_its_length_says);
    tcase_add_test(t, rows_of_a_file_are_contiguous_and_know_their_file);
    tcase_add_test(t, rows_are_the_same_in_whatever_order_they_are_asked_for);
    tcase_add_test(t, totals_are_the_sums_of_the_rows);
    tcase_add_test(t, languages_add_up_to_the_totals_and_stand_by_code_lines);
    tcase_add_test(t, every_file_is_found_by_its_path_and_no_other_is);
    tcase_add_test(t, column_holds_what_the_rows_hold_from_any_first_to_any_last);
    tcase_add_test(t, column_refuses_what_does_not_exist);
    tcase_add_test(t, snapshot_outlives_its_scanner_and_every_hold_but_the_last);
    tcase_add_test(t, threads_read_one_snapshot_at_once);
    tcase_add_test(t, every_number_of_a_row_has_a_name_and_others_are_unknown);
    tcase_add_test(t, utf16_column_counts_code_units_and_each_broken_byte_as_one);
    suite_add_tcase(s, t);
    return s;
}

WTFCB_TEST_MAIN(suite)
