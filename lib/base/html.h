/*
 * Pages of HTML: texts that are never read as markup, and a template of ours whose marks are filled in.
 */
#ifndef WTFCB_BASE_HTML_H
#define WTFCB_BASE_HTML_H

#include <stddef.h>

#include "base/writer.h"

/* Bytes as the content of an element or of an attribute in double quotes; what is no UTF-8 becomes U+FFFD, control characters blanks; cut at 4 KiB. */
void wtfcb_base_html_text(wtfcb_base_writer *out, const char *text);

/* What stands where the template has `<!--@name-->`. */
typedef struct wtfcb_base_html_mark {
    const char *name;
    void (*write)(wtfcb_base_writer *out, const void *user);
} wtfcb_base_html_mark;

/* The template, a text of ours, with its marks filled in; each of them is among the `count` (asserted). `user` is handed through. */
void wtfcb_base_html_page(wtfcb_base_writer *out, const char *page, const wtfcb_base_html_mark *marks, size_t count,
                          const void *user);

#endif
