/* Formats by name, and reports through a buffered writer. */
#include "common/report_file.h"

#include <stdio.h>
#include <string.h>

#include "common/output.h"

/* JSON last: it is what every other name means. */
const struct report_format report_formats[] = {
    {"table", ".txt", WTFCB_REPORT_TABLE},
    {"csv", ".csv", WTFCB_REPORT_CSV},
    {"markdown", ".md", WTFCB_REPORT_MARKDOWN},
    {"html", ".html", WTFCB_REPORT_HTML},
    {"json", "", WTFCB_REPORT_JSON},
    {NULL, NULL, 0},
};

const struct report_format *report_format_named(const char *name)
{
    for (const struct report_format *format = report_formats; format->name != NULL; format++)
        if (strcmp(format->name, name) == 0) return format;
    return NULL;
}

const struct report_format *report_format_of_file(const char *path)
{
    const struct report_format *format = report_formats;
    size_t length = strlen(path);

    for (; format->name != NULL; format++) {
        size_t ending = strlen(format->ending);
        if (ending <= length && memcmp(path + length - ending, format->ending, ending) == 0) break;
    }
    return format;
}

static wtfcb_status write_piece(void *user, const char *bytes, size_t length)
{
    struct output *out = user;

    output_bytes(out, bytes, length);
    return out->error == 0 ? WTFCB_OK : WTFCB_EIO;
}

wtfcb_status report_file_write(const wtfcb_report *report, int fd, int32_t format, wtfcb_error *ret_error)
{
    static struct output out;

    output_init(&out, fd);
    wtfcb_status status = wtfcb_report_write(report, format, write_piece, &out);
    int failure = output_flush(&out);
    if (failure == 0) return status;
    snprintf(ret_error->message, sizeof ret_error->message, "cannot write the report: %s", strerror(failure));
    return WTFCB_EIO;
}
