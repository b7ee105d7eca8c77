/*
 * Writing a report out: which formats there are, and which of them a file's name asks for. A format is a row here and a file of its own.
 */
#include "benchmark/report_write.h"

#include <string.h>

typedef wtfcb_status (*write_fn)(const wtfcb_report *report, wtfcb_base_writer *out);

/* The first row whose ending a name has is chosen; JSON, which is for all other names, is the last. */
static const struct format {
    int32_t id;
    const char *ending;
    write_fn write;
} formats[] = {
    {WTFCB_REPORT_CSV, ".csv", wtfcb_benchmark_write_csv},
    {WTFCB_REPORT_MARKDOWN, ".md", wtfcb_benchmark_write_markdown},
    {WTFCB_REPORT_HTML, ".html", wtfcb_benchmark_write_html},
    {WTFCB_REPORT_TABLE, ".txt", wtfcb_benchmark_write_table},
    {WTFCB_REPORT_JSON, "", wtfcb_benchmark_write_json},
};

static bool ends_with(const char *text, const char *ending)
{
    size_t length = strlen(text);
    size_t tail = strlen(ending);
    return length >= tail && memcmp(text + length - tail, ending, tail) == 0;
}

/* NULL if there is none of that number. */
static const struct format *find(int32_t id, const char *path)
{
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        if (id == WTFCB_REPORT_BY_NAME ? ends_with(path, formats[i].ending) : id == formats[i].id) return &formats[i];
    }
    return NULL;
}

wtfcb_status wtfcb_report_write(const wtfcb_report *report, int32_t format, wtfcb_write_fn write, void *user)
{
    if (!report || !write || format == WTFCB_REPORT_BY_NAME) return WTFCB_EINVAL;
    const struct format *chosen = find(format, "");
    if (!chosen) return WTFCB_EINVAL;
    wtfcb_base_writer out;
    wtfcb_base_writer_init(&out, write, user);
    wtfcb_status status = chosen->write(report, &out);
    wtfcb_status written = wtfcb_base_writer_flush(&out);
    return status == WTFCB_OK ? written : status;
}

typedef struct task {
    const wtfcb_report *report;
    const struct format *format;
} task;

static wtfcb_status fill(void *user, wtfcb_base_writer *out)
{
    const task *t = user;
    return t->format->write(t->report, out);
}

wtfcb_status wtfcb_report_save(const wtfcb_report *report, const char *path, int32_t format, wtfcb_error *ret_error)
{
    if (!report || !path) return WTFCB_EINVAL;
    task t = {report, find(format, path)};
    if (!t.format) return WTFCB_EINVAL;
    return wtfcb_base_writer_save(path, fill, &t, ret_error);
}
