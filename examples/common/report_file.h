/* Where reports go: the formats by name and by the endings of files. */
#ifndef EXAMPLES_COMMON_REPORT_FILE_H
#define EXAMPLES_COMMON_REPORT_FILE_H

#include <stdint.h>

#include <wtfcb/report.h>

struct report_format {
    const char *name;   /* as --format spells it */
    const char *ending; /* of files that hold it */
    int32_t id;         /* WTFCB_REPORT_* */
};

/* All formats of the library; ends with a name of NULL. */
extern const struct report_format report_formats[];

/* By name; NULL: none. */
const struct report_format *report_format_named(const char *name);

/* The one that wtfcb_report_save() picks for this name. */
const struct report_format *report_format_of_file(const char *path);

/* Write a report to an open descriptor. On failure `ret_error` says why. */
wtfcb_status report_file_write(const wtfcb_report *report, int fd, int32_t format, wtfcb_error *ret_error);

#endif
