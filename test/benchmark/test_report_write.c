/*
 * The writers of a report: what they write is compared with golden files, which people have read, and what holds of every output is checked on all samples.
 *
 * WTFCB_UPDATE_GOLDEN=1 writes the golden files anew. WTFCB_REPORT_SAMPLES=DIR keeps what is written, for other tools to read.
 */
#include <locale.h>
#include <math.h>

#include <jansson.h>

#include <wtfcb/report.h>
#include <wtfcb/version.h>

#include "../test.h"
#include "benchmark/report_fields.h"
#include "benchmark/report_text.h"
#include "sample_report.h"

static const struct {
    const char *ending;
    int32_t id;
} formats[] = {
    {"json", WTFCB_REPORT_JSON}, {"csv", WTFCB_REPORT_CSV},   {"md", WTFCB_REPORT_MARKDOWN},
    {"txt", WTFCB_REPORT_TABLE}, {"html", WTFCB_REPORT_HTML},
};
enum { JSON, CSV, MARKDOWN, TABLE, HTML, FORMATS };

typedef struct output {
    char *bytes; /* with a NUL behind them */
    size_t length;
    size_t limit; /* of bytes that are taken; 0: none */
} output;

static wtfcb_status take(void *user, const char *bytes, size_t length)
{
    output *o = user;
    if (o->limit > 0 && o->length + length > o->limit) return WTFCB_ENOSPACE;
    o->bytes = realloc(o->bytes, o->length + length + 1);
    ck_assert_ptr_nonnull(o->bytes);
    memcpy(o->bytes + o->length, bytes, length);
    o->length += length;
    o->bytes[o->length] = '\0';
    return WTFCB_OK;
}

static output written(const wtfcb_report *report, uint32_t format)
{
    output o = {0};
    ck_assert_int_eq(wtfcb_report_write(report, formats[format].id, take, &o), WTFCB_OK);
    ck_assert_uint_gt(o.length, 0);
    return o;
}

/* -------------------------------------------------------------------------------------------------------------------- */
/* Golden files */

static void keep(const char *directory, const char *name, const char *ending, const void *bytes, size_t length)
{
    char path[4096];
    (void)snprintf(path, sizeof path, "%s/%s.%s", directory, name, ending);
    FILE *file = fopen(path, "wb");
    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fwrite(bytes, 1, length, file), length);
    ck_assert_int_eq(fclose(file), 0);
}

static char *read_file(const char *path)
{
    output o = {0};
    char buffer[4096];
    FILE *file = fopen(path, "rb");
    ck_assert_msg(file != NULL, "%s is missing", path);
    for (size_t n; (n = fread(buffer, 1, sizeof buffer, file)) > 0;)
        take(&o, buffer, n);
    ck_assert_int_eq(fclose(file), 0);
    return o.bytes ? o.bytes : calloc(1, 1);
}

/* The version that wrote it is no part of what is compared. */
static void hide_version(char *text)
{
    char version[64];
    (void)snprintf(version, sizeof version, "libwtfcb %s", wtfcb_version_string());
    char *found = strstr(text, version);
    if (found) memset(found + strlen("libwtfcb "), '*', strlen(version) - strlen("libwtfcb "));
}

/* Style and script are read by people, and by browsers; what is compared is what comes from the report. */
static void cut_out(char *text, const char *from, const char *to)
{
    char *start = strstr(text, from);
    ck_assert_ptr_nonnull(start);
    start += strlen(from);
    char *end = strstr(start, to);
    ck_assert_ptr_nonnull(end);
    memmove(start, end, strlen(end) + 1);
}

START_TEST(report_is_as_in_the_golden_files)
{
    const char *name = sample_report_names[_i / FORMATS];
    uint32_t format = (uint32_t)_i % FORMATS;
    wtfcb_report *report = sample_report(NULL, _i / FORMATS);
    output o = written(report, format);
    const char *samples = getenv("WTFCB_REPORT_SAMPLES");
    if (samples && *samples) keep(samples, name, formats[format].ending, o.bytes, o.length);
    if (format == HTML) {
        hide_version(o.bytes);
        cut_out(o.bytes, "<style>\n", "</style>");
        cut_out(o.bytes, "<script>\n", "</script>");
    }
    char directory[4096];
    char path[8192];
    (void)snprintf(directory, sizeof directory, "%s/benchmark/golden", wtfcb_test_data_dir());
    (void)snprintf(path, sizeof path, "%s/%s.%s", directory, name, formats[format].ending);
    if (getenv("WTFCB_UPDATE_GOLDEN"))
        keep(directory, name, formats[format].ending, o.bytes, strlen(o.bytes)); /* what was cut out is behind it */
    char *golden = read_file(path);
    ck_assert_msg(strcmp(o.bytes, golden) == 0,
                  "%s is not what is written: WTFCB_UPDATE_GOLDEN=1 writes it anew, git diff shows what differs", path);
    free(golden);
    free(o.bytes);
    wtfcb_report_free(report);
}
END_TEST

/* -------------------------------------------------------------------------------------------------------------------- */
/* What holds of every output */

static json_t *parsed(const char *bytes, size_t length)
{
    json_error_t error;
    json_t *root = json_loadb(bytes, length, JSON_REJECT_DUPLICATES, &error);
    ck_assert_msg(root != NULL, "line %d: %s", error.line, error.text);
    return root;
}

static double number(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    ck_assert_msg(json_is_number(value), "%s is no number", key);
    return json_number_value(value);
}

START_TEST(results_have_the_keys_of_hyperfine_in_seconds)
{
    wtfcb_report *report = sample_report(NULL, SAMPLE_RICH);
    output o = written(report, JSON);
    json_t *root = parsed(o.bytes, o.length);
    json_t *results = json_object_get(root, "results");
    ck_assert_uint_eq(json_array_size(results), 16); /* one of 17 failed */
    for (size_t i = 0, row = 0; i < 16; i++, row++) {
        if (report->rows[row].row.runs == 0) row++;
        const json_t *result = json_array_get(results, i);
        const wtfcb_report_figure *wall = &report->rows[row].figures[WTFCB_REPORT_WALL - 1];
        ck_assert_str_eq(json_string_value(json_object_get(result, "command")), report->rows[row].row.name);
        ck_assert_double_eq_tol(number(result, "mean"), wall->mean / 1e9, wall->mean * 1e-21);
        ck_assert_double_eq_tol(number(result, "median"), wall->median / 1e9, wall->median * 1e-21);
        ck_assert(number(result, "min") <= number(result, "median") &&
                  number(result, "median") <= number(result, "max"));
        ck_assert(number(result, "stddev") >= 0 && number(result, "user") > 0);
        ck_assert_uint_eq(json_array_size(json_object_get(result, "times")), report->rows[row].row.runs);
        ck_assert_uint_eq(json_array_size(json_object_get(result, "exit_codes")), report->rows[row].row.runs);
        ck_assert(!json_object_get(result, "memory_usage_byte") == !report->rows[row].samples[WTFCB_REPORT_MEMORY - 1]);
        ck_assert_uint_eq(json_object_size(json_object_get(result, "parameters")), 1);
    }
    const json_t *last = json_array_get(results, 15);
    ck_assert_str_eq(json_string_value(json_object_get(json_object_get(last, "parameters"), "n")), "1000");
    ck_assert(json_is_null(json_object_get(last, "system"))); /* not known, and not 0 */
    json_decref(root);
    free(o.bytes);
    wtfcb_report_free(report);
}
END_TEST

/* One row of a name and parameters. */
static wtfcb_report *named(const char *name, const char *parameters, uint64_t runs)
{
    wtfcb_report *report = NULL;
    ck_assert_int_eq(wtfcb_benchmark_report_new(NULL, &report), WTFCB_OK);
    report->rows = wtfcb_benchmark_report_rows(report, 1, sizeof *report->rows);
    double *wall = wtfcb_benchmark_report_rows(report, runs, sizeof *wall);
    ck_assert(report->rows && wall);
    for (uint64_t i = 0; i < runs; i++)
        wall[i] = 1e6 + (double)i;
    report->summary.row_count = 1;
    report->rows[0].row = (wtfcb_report_row){.name = wtfcb_benchmark_report_text(report, name),
                                             .parameters = parameters,
                                             .runs = runs,
                                             .reference = WTFCB_REPORT_NONE};
    report->rows[0].samples[WTFCB_REPORT_WALL - 1] = wall;
    ck_assert_int_eq(wtfcb_benchmark_report_seal(report), WTFCB_OK);
    return report;
}

START_TEST(parameters_become_pairs_where_they_are)
{
    static const struct {
        const char *text, *expected;
    } cases[] = {
        {"", NULL},
        {"n", NULL},
        {"=1", NULL},
        {"n=1", "{\"n\": \"1\"}"},
        {"n=1,m=a b,x", "{\"n\": \"1\", \"m\": \"a b\"}"},
        {"n=1,n=2", "{\"n\": \"1\"}"},
        {",n=,,", "{\"n\": \"\"}"},
        {"a b=1,c=\"<", "{\"c\": \"\\\"<\"}"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        wtfcb_report *report = named("r", cases[i].text, 1);
        output o = written(report, JSON);
        json_t *root = parsed(o.bytes, o.length);
        json_t *found = json_object_get(json_array_get(json_object_get(root, "results"), 0), "parameters");
        char *text = found ? json_dumps(found, 0) : NULL;
        ck_assert_msg(!text == !cases[i].expected, "%s", cases[i].text);
        if (text) ck_assert_str_eq(text, cases[i].expected);
        free(text);
        json_decref(root);
        free(o.bytes);
        wtfcb_report_free(report);
    }
}
END_TEST

/* Fields of a table after RFC 4180, whose quotes are balanced; each line has as many. */
static size_t csv_fields(const char **at)
{
    size_t fields = 1;
    const char *c = *at;
    for (bool quoted = false; *c && (quoted || *c != '\n'); c++) {
        if (*c == '"') quoted = !quoted;
        fields += !quoted && *c == ',';
    }
    ck_assert_int_eq(*c, '\n');
    *at = c + 1;
    return fields;
}

START_TEST(every_line_of_csv_has_the_same_fields)
{
    for (int which = 0; which < SAMPLE_REPORTS; which++) {
        wtfcb_report *report = sample_report(NULL, which);
        output o = written(report, CSV);
        const char *at = o.bytes;
        size_t fields = csv_fields(&at);
        while (*at)
            ck_assert_uint_eq(csv_fields(&at), fields);
        free(o.bytes);
        wtfcb_report_free(report);
    }
}
END_TEST

START_TEST(no_text_of_csv_begins_like_a_formula)
{
    static const char *const names[] = {"=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "=\"a\",b"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        wtfcb_report *report = named(names[i], "", 3);
        output o = written(report, CSV);
        const char *line = strchr(o.bytes, '\n') + 1;
        line += *line == '"';
        ck_assert_int_eq(*line, '\'');
        free(o.bytes);
        wtfcb_report_free(report);
    }
}
END_TEST

START_TEST(table_fits_a_terminal_and_has_no_control_characters)
{
    for (int which = 0; which < SAMPLE_REPORTS; which++) {
        wtfcb_report *report = sample_report(NULL, which);
        output o = written(report, TABLE);
        for (const char *line = o.bytes, *end; *line; line = end + 1) {
            end = strchr(line, '\n');
            ck_assert_ptr_nonnull(end);
            ck_assert_msg(wtfcb_benchmark_width(line, (size_t)(end - line)) <= 100, "%.*s", (int)(end - line), line);
            ck_assert(end == line || end[-1] != ' ');
            for (const char *c = line; c < end; c++)
                ck_assert((unsigned char)*c >= 0x20 && *c != 0x7f);
        }
        free(o.bytes);
        wtfcb_report_free(report);
    }
}
END_TEST

START_TEST(markdown_has_cells_of_its_own_alone)
{
    for (int which = 0; which < SAMPLE_REPORTS; which++) {
        wtfcb_report *report = sample_report(NULL, which);
        output o = written(report, MARKDOWN);
        size_t cells = 0;
        for (const char *line = o.bytes, *end; *line; line = end + 1) {
            size_t here = 0;
            end = strchr(line, '\n');
            ck_assert_ptr_nonnull(end);
            for (const char *c = line; c < end; c++) {
                here += *c == '|' && (c == line || c[-1] != '\\');
                ck_assert(*c != '<');
            }
            ck_assert(here == 0 || (*line == '|' && (cells == 0 || here == cells)));
            cells = here;
        }
        free(o.bytes);
        wtfcb_report_free(report);
    }
}
END_TEST

/* What begins a tag, but for those of the template, is not in the page twice as often as in one of an empty report. */
START_TEST(page_takes_no_markup_from_a_report)
{
    wtfcb_report *report = sample_report(NULL, SAMPLE_HOSTILE);
    output o = written(report, HTML);
    static const char *const tags[] = {"<img", "<script>alert", "<b>&amp;",   "<title>|",
                                       "<i>|", "<k>",           "</script><", "<rule>"};
    for (size_t i = 0; i < sizeof tags / sizeof *tags; i++)
        ck_assert_msg(strstr(o.bytes, tags[i]) == NULL, "%s", tags[i]);
    size_t scripts = 0;
    for (const char *at = o.bytes; (at = strstr(at, "<script")) != NULL; at++)
        scripts++;
    ck_assert_uint_eq(scripts, 2);
    static const char *const outside[] = {"http://", "https://", "@import", "url(", " src=", "<link", "@charset"};
    char *style = strstr(o.bytes, "<style>");
    for (size_t i = 0; i < sizeof outside / sizeof *outside; i++) {
        const char *found = strstr(style, outside[i]);
        /* namespaces are no addresses, and a name of the sample has one */
        while (found && (strncmp(found, "http://www.w3.org/2000/svg", 26) == 0 || strncmp(found, "http://x", 8) == 0 ||
                         strncmp(found, " src=x", 6) == 0))
            found = strstr(found + 1, outside[i]);
        ck_assert_msg(found == NULL, "%.60s", found ? found : "");
    }
    free(o.bytes);
    wtfcb_report_free(report);
}
END_TEST

START_TEST(page_of_a_large_report_stays_small)
{
    wtfcb_report *report = sample_report_large(200, 10000);
    output o = written(report, HTML);
    const char *samples = getenv("WTFCB_REPORT_SAMPLES");
    if (samples && *samples) keep(samples, "large", "html", o.bytes, o.length);
    ck_assert_uint_lt(o.length, 6000000); /* of 2 million samples of each measure */
    const char *from = strstr(o.bytes, "id=\"report\">") + strlen("id=\"report\">");
    const char *to = strstr(from, "</script>");
    json_t *root = parsed(from, (size_t)(to - from));
    const json_t *shown = json_object_get(json_array_get(json_object_get(root, "rows"), 7), "shown");
    const json_t *at = json_object_get(shown, "at");
    ck_assert_uint_eq(json_array_size(at), json_array_size(json_object_get(shown, "wall")));
    ck_assert_uint_le(json_array_size(at), 1000);
    for (size_t i = 1; i < json_array_size(at); i++)
        ck_assert_int_gt(json_integer_value(json_array_get(at, i)), json_integer_value(json_array_get(at, i - 1)));
    json_decref(root);
    free(o.bytes);
    wtfcb_report_free(report);
}
END_TEST

START_TEST(figures_have_three_digits_and_a_unit)
{
    static const struct {
        const char *kind;
        double number;
        const char *expected;
    } cases[] = {
        {"ns", 0, "0 ns"},
        {"ns", 0.25, "0.25 ns"},
        {"ns", 41250, "41.3 \xc2\xb5s"},
        {"ns", 999.6, "1,000 ns"},
        {"ns", 39.8e9, "39.8 s"},
        {"ns", 9.5e17, "950,000,000 s"},
        {"ns", 3e30, "3.00e+21 s"},
        {"bytes", 1311004312, "1.22 GiB"},
        {"bytes", 512, "512 B"},
        {"bytes/s", 33e6, "31.5 MiB/s"},
        {"1/s", 11888.4, "11,888/s"},
        {"", 3, "3"},
        {"", 0.5, "0.50"},
        {"ns", NAN, "? s"},
        {"ns", INFINITY, "? s"},
    };
    wtfcb_benchmark_line line;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        wtfcb_benchmark_line_clear(&line);
        wtfcb_benchmark_line_figure(&line, cases[i].kind, cases[i].number);
        ck_assert_str_eq(line.text, cases[i].expected);
    }
    static const struct {
        double part;
        bool sign;
        const char *expected;
    } parts[] = {{0.1813, true, "+18.1 %"},
                 {-0.0001, true, "0.0 %"},
                 {-0.214, false, "-21.4 %"},
                 {0, true, "0.0 %"},
                 {1e300, false, "1.00e+302 %"}};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        wtfcb_benchmark_line_clear(&line);
        wtfcb_benchmark_line_percent(&line, parts[i].part, parts[i].sign);
        ck_assert_str_eq(line.text, parts[i].expected);
    }
}
END_TEST

START_TEST(line_that_is_full_ends_with_a_whole_character)
{
    wtfcb_benchmark_line line;
    wtfcb_benchmark_line_clear(&line);
    for (int i = 0; i < 3000; i++)
        wtfcb_benchmark_line_text(&line, "\xe2\x82\xac");
    ck_assert_uint_eq(line.length % 3, 0);
    ck_assert_uint_eq(wtfcb_benchmark_width(line.text, line.length), line.length / 3);
    ck_assert_uint_eq(wtfcb_benchmark_fit(line.text, 7), 21);
    ck_assert_uint_eq(wtfcb_benchmark_width("\xe6\x97\xa5\xe6\x9c\xac", 6), 4);
    ck_assert_uint_eq(wtfcb_benchmark_fit("\xe6\x97\xa5\xe6\x9c\xac", 3), 3);
}
END_TEST

START_TEST(outputs_do_not_depend_on_the_locale)
{
    wtfcb_report *report = sample_report(NULL, SAMPLE_RICH);
    output before[FORMATS];
    for (uint32_t f = 0; f < FORMATS; f++)
        before[f] = written(report, f);
    if (!setlocale(LC_ALL, "de_DE.UTF-8") && !setlocale(LC_ALL, "fr_FR.UTF-8")) (void)setlocale(LC_ALL, "");
    for (uint32_t f = 0; f < FORMATS; f++) {
        output o = written(report, f);
        ck_assert_str_eq(o.bytes, before[f].bytes);
        free(o.bytes);
        free(before[f].bytes);
    }
    (void)setlocale(LC_ALL, "C");
    wtfcb_report_free(report);
}
END_TEST

START_TEST(first_failure_of_the_callback_is_the_result)
{
    wtfcb_report *report = sample_report(NULL, SAMPLE_RICH);
    output o = {.limit = 100};
    for (uint32_t f = 0; f < FORMATS; f++)
        ck_assert_int_eq(wtfcb_report_write(report, formats[f].id, take, &o), WTFCB_ENOSPACE);
    ck_assert_int_eq(wtfcb_report_write(NULL, WTFCB_REPORT_JSON, take, &o), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_report_write(report, WTFCB_REPORT_JSON, NULL, &o), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_report_write(report, WTFCB_REPORT_BY_NAME, take, &o), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_report_write(report, 99, take, &o), WTFCB_EINVAL);
    ck_assert_ptr_null(o.bytes);
    wtfcb_report_free(report);
}
END_TEST

START_TEST(ending_of_a_name_chooses_the_format)
{
    static const struct {
        const char *name;
        uint32_t format;
    } cases[] = {{"a.csv", CSV}, {"a.md", MARKDOWN}, {"a.html", HTML}, {"a.txt", TABLE}, {"a.json", JSON}, {"a", JSON}};
    wtfcb_report *report = sample_report(NULL, SAMPLE_RICH);
    char *folder = wtfcb_test_directory();
    char path[4096];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", folder, cases[i].name);
        ck_assert_int_eq(wtfcb_report_save(report, path, WTFCB_REPORT_BY_NAME, NULL), WTFCB_OK);
        output o = written(report, cases[i].format);
        char *saved = read_file(path);
        ck_assert_str_eq(saved, o.bytes);
        free(saved);
        free(o.bytes);
    }
    wtfcb_error error = WTFCB_ERROR_INIT;
    (void)snprintf(path, sizeof path, "%s/none/a.json", folder);
    ck_assert_int_eq(wtfcb_report_save(report, path, WTFCB_REPORT_BY_NAME, &error), WTFCB_ENOTFOUND);
    ck_assert_int_eq(error.status, WTFCB_ENOTFOUND);
    ck_assert_int_eq(wtfcb_report_save(report, folder, WTFCB_REPORT_BY_NAME, &error), WTFCB_ESPECIAL);
    ck_assert_int_eq(wtfcb_report_save(NULL, path, WTFCB_REPORT_BY_NAME, NULL), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_report_save(report, NULL, WTFCB_REPORT_BY_NAME, NULL), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_report_save(report, path, 99, NULL), WTFCB_EINVAL);
    free(folder);
    wtfcb_report_free(report);
}
END_TEST

START_TEST(names_in_files_are_those_of_the_tables)
{
    for (uint32_t m = 1; m <= WTFCB_REPORT_MEASURES; m++)
        ck_assert_str_eq(wtfcb_benchmark_measure_name(m), wtfcb_benchmark_measure_table()[m - 1].name);
    for (uint32_t v = 0; v <= WTFCB_VERDICT_INCONCLUSIVE; v++) {
        wtfcb_report_comparison c = {.verdict = v};
        ck_assert_str_eq(wtfcb_benchmark_choice_name(&wtfcb_benchmark_comparison_choices[2], &c),
                         wtfcb_verdict_name(v));
    }
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("report_write");
    TCase *t = tcase_create("golden");
    tcase_add_loop_test(t, report_is_as_in_the_golden_files, 0, SAMPLE_REPORTS * FORMATS);
    suite_add_tcase(s, t);
    t = tcase_create("outputs");
    tcase_set_timeout(t, 60);
    tcase_add_test(t, results_have_the_keys_of_hyperfine_in_seconds);
    tcase_add_test(t, parameters_become_pairs_where_they_are);
    tcase_add_test(t, every_line_of_csv_has_the_same_fields);
    tcase_add_test(t, no_text_of_csv_begins_like_a_formula);
    tcase_add_test(t, table_fits_a_terminal_and_has_no_control_characters);
    tcase_add_test(t, markdown_has_cells_of_its_own_alone);
    tcase_add_test(t, page_takes_no_markup_from_a_report);
    tcase_add_test(t, page_of_a_large_report_stays_small);
    tcase_add_test(t, figures_have_three_digits_and_a_unit);
    tcase_add_test(t, line_that_is_full_ends_with_a_whole_character);
    tcase_add_test(t, outputs_do_not_depend_on_the_locale);
    tcase_add_test(t, first_failure_of_the_callback_is_the_result);
    tcase_add_test(t, ending_of_a_name_chooses_the_format);
    tcase_add_test(t, names_in_files_are_those_of_the_tables);
    suite_add_tcase(s, t);
    return s;
}

WTFCB_TEST_MAIN(suite)
