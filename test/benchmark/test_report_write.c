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
    if (getenv("WTFCB_UPDATE_GOLDEN")) keep(directory, name, formats[format].ending, o.bytes, o.length);
    char *golden = read_file(path);
    ck_assert_msg(strcmp(o.bytes, golden) == 0, "%s differs from:\n%s", path, o.bytes);
    free(golden);
    free(o.bytes);
    wtfcb_report_free(report);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("report_write");
    TCase *t = tcase_create("golden");
    tcase_add_loop_test(t, report_is_as_in_the_golden_files, 0, SAMPLE_REPORTS * FORMATS);
    suite_add_tcase(s, t);
    return s;
}

WTFCB_TEST_MAIN(suite)
