/* Pages of HTML; see html.h. */
#include "base/html.h"

#include <assert.h>
#include <string.h>

#include "base/json.h"

enum { TEXT_SIZE = 4096 };

#define MARK_START "<!--@"
#define MARK_END "-->"

void wtfcb_base_html_text(wtfcb_base_writer *out, const char *text)
{
    char clean[TEXT_SIZE];
    wtfcb_base_json_clean(clean, sizeof clean, text);
    for (const char *c = clean; *c; c++) {
        switch (*c) {
        case '&': wtfcb_base_writer_text(out, "&amp;"); break;
        case '<': wtfcb_base_writer_text(out, "&lt;"); break;
        case '>': wtfcb_base_writer_text(out, "&gt;"); break;
        case '"': wtfcb_base_writer_text(out, "&quot;"); break;
        default: wtfcb_base_writer_char(out, (unsigned char)*c < ' ' ? ' ' : *c);
        }
    }
}

/* The mark whose name `text` begins with. */
static const wtfcb_base_html_mark *find_mark(const char *text, const wtfcb_base_html_mark *marks, size_t count)
{
    size_t i = 0;
    for (; i < count; i++) {
        size_t length = strlen(marks[i].name);
        if (strncmp(text, marks[i].name, length) == 0 && strncmp(text + length, MARK_END, strlen(MARK_END)) == 0) break;
    }
    assert(i < count); /* a mark that nobody knows */
    return &marks[i];
}

void wtfcb_base_html_page(wtfcb_base_writer *out, const char *page, const wtfcb_base_html_mark *marks, size_t count,
                          const void *user)
{
    for (const char *at; (at = strstr(page, MARK_START)) != NULL;) {
        wtfcb_base_writer_bytes(out, page, (size_t)(at - page));
        const wtfcb_base_html_mark *mark = find_mark(at + strlen(MARK_START), marks, count);
        mark->write(out, user);
        page = at + strlen(MARK_START) + strlen(mark->name) + strlen(MARK_END);
    }
    wtfcb_base_writer_text(out, page);
}
