/*
 * Languages inside others: <script> and <style> in HTML and its relatives, code blocks in Markdown.
 *
 * A child is whole lines: those behind the line on which its start ends, up to the line on which its end stands. What
 * shares a line with the tags or fences stays the parent's, so that every physical line is counted exactly once.
 */
#include "lang/count_scan.h"

#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "lang/languages.h"

static char byte_at(const wtfcb_lang_scan *scan, size_t at)
{
    return at < scan->length ? scan->bytes[at] : '\n';
}

/* Give the lines between `start` and `end` to a language, if there are any, and skip to `end`. */
static void give(wtfcb_lang_scan *scan, size_t start, size_t end, uint16_t language)
{
    wtfcb_lang_skip(scan, end, WTFCB_LANG_PLAIN);
    const char *newline = end > start ? memchr(scan->bytes + start, '\n', end - start) : NULL;
    if (language == WTFCB_LANG_NONE || !scan->children || !newline) return;
    size_t first = (size_t)(newline - scan->bytes) + 1, last = end;
    while (end < scan->length && last > first && scan->bytes[last - 1] != '\n')
        last--; /* an unclosed child reaches to the very end, newline or not */
    if (first >= last) return;
    wtfcb_lang_children *children = scan->children;
    if (!wtfcb_base_reserve(children->allocator, (void **)&children->items, &children->capacity, children->count + 1,
                            sizeof *children->items)) {
        scan->failed = true;
        return;
    }
    children->items[children->count++] = (wtfcb_lang_child){.start = first, .size = last - first, .language = language};
    scan->foreign_from = first;
    scan->foreign_to = last;
}

static bool names_tag(const wtfcb_lang_scan *scan, size_t at, const char *name)
{
    size_t length = strlen(name);
    if (scan->length - at <= length || strncasecmp(scan->bytes + at, name, length) != 0) return false;
    char behind = scan->bytes[at + length];
    return wtfcb_lang_space(behind) || behind == '>' || behind == '/';
}

/* Behind the tag's '>', quoted values left out of account; `length` if it has none. */
static size_t tag_end(const wtfcb_lang_scan *scan, size_t at)
{
    char quote = 0;
    for (; at < scan->length; at++) {
        char byte = scan->bytes[at];
        if (quote)
            quote = byte == quote ? 0 : quote;
        else if (byte == '"' || byte == '\'')
            quote = byte;
        else if (byte == '>')
            return at + 1;
    }
    return scan->length;
}

/* The value of an attribute within the tag [at, end): where it is, and its length; 0 if the tag lacks it. */
static size_t attribute(const wtfcb_lang_scan *scan, size_t at, size_t end, const char *name, size_t *ret_value)
{
    size_t length = strlen(name);
    for (; at + length + 1 < end; at++) {
        if (!wtfcb_lang_space(scan->bytes[at]) || strncasecmp(scan->bytes + at + 1, name, length) != 0) continue;
        size_t value = at + 1 + length;
        if (scan->bytes[value] != '=') continue;
        char quote = byte_at(scan, ++value);
        bool quoted = quote == '"' || quote == '\'';
        if (quoted) value++;
        size_t stop = value;
        while (stop < end &&
               (quoted ? scan->bytes[stop] != quote : !wtfcb_lang_space(scan->bytes[stop]) && scan->bytes[stop] != '>'))
            stop++;
        *ret_value = value;
        return stop - value;
    }
    return 0;
}

/* The language of a script's media type: what stands behind the slash, without "x-". */
static uint16_t type_language(const wtfcb_lang_scan *scan, size_t value, size_t length)
{
    const char *type = scan->bytes + value;
    if (length == 6 && strncasecmp(type, "module", 6) == 0) return wtfcb_lang_find(scan->languages, "javascript", 10);
    if (length == 9 && strncasecmp(type, "importmap", 9) == 0) return wtfcb_lang_find(scan->languages, "json", 4);
    const char *slash = memchr(type, '/', length);
    if (!slash) return WTFCB_LANG_NONE;
    size_t rest = length - (size_t)(slash + 1 - type);
    const char *name = slash + 1;
    if (rest > 2 && strncasecmp(name, "x-", 2) == 0) name += 2, rest -= 2;
    if (rest > 5 && strncasecmp(name + rest - 5, "+json", 5) == 0) return wtfcb_lang_find(scan->languages, "json", 4);
    return wtfcb_lang_find(scan->languages, name, rest);
}

static uint16_t tag_language(const wtfcb_lang_scan *scan, size_t at, size_t end, bool script)
{
    size_t value, length = attribute(scan, at, end, "lang", &value);
    if (length) return wtfcb_lang_find(scan->languages, scan->bytes + value, length);
    length = attribute(scan, at, end, "type", &value);
    if (length) return type_language(scan, value, length);
    return script ? wtfcb_lang_find(scan->languages, "javascript", 10) : wtfcb_lang_find(scan->languages, "css", 3);
}

/* Where "</name" begins. */
static size_t end_tag(const wtfcb_lang_scan *scan, size_t at, const char *name)
{
    for (at = wtfcb_lang_find_byte(scan, at, '<'); at < scan->length; at = wtfcb_lang_find_byte(scan, at + 1, '<'))
        if (byte_at(scan, at + 1) == '/' && names_tag(scan, at + 2, name)) return at;
    return scan->length;
}

static void tag(wtfcb_lang_scan *scan, size_t at)
{
    bool script = names_tag(scan, at + 1, "script");
    if (!script && !names_tag(scan, at + 1, "style")) {
        wtfcb_lang_skip(scan, at + 1, WTFCB_LANG_PLAIN);
        return;
    }
    size_t end = tag_end(scan, at);
    if (end >= scan->length || scan->bytes[end - 2] == '/')
        wtfcb_lang_skip(scan, end, WTFCB_LANG_PLAIN);
    else
        give(scan, end, end_tag(scan, end, script ? "script" : "style"), tag_language(scan, at, end, script));
}

static size_t run_of(const wtfcb_lang_scan *scan, size_t at, char byte)
{
    size_t end = at;
    while (end < scan->length && scan->bytes[end] == byte)
        end++;
    return end - at;
}

/* The first line from `line` on that closes a fence of `width` marks; the content's end if none does. */
static size_t closing_fence(const wtfcb_lang_scan *scan, size_t line, char mark, size_t width)
{
    while (line < scan->length) {
        size_t at = line;
        while (wtfcb_lang_blank(byte_at(scan, at)))
            at++;
        size_t run = run_of(scan, at, mark);
        if (run >= width) {
            for (at += run; wtfcb_lang_blank(byte_at(scan, at)); at++) {}
            if (byte_at(scan, at) == '\n') return at;
        }
        line = wtfcb_lang_find_byte(scan, at, '\n') + 1;
    }
    return scan->length;
}

static void fence(wtfcb_lang_scan *scan, size_t at)
{
    char mark = scan->bytes[at];
    size_t width = run_of(scan, at, mark), info = at + width, line = wtfcb_lang_find_byte(scan, at, '\n');
    if (mark == '`' && memchr(scan->bytes + info, '`', line - info)) { /* code within a line of text */
        wtfcb_lang_skip(scan, line, WTFCB_LANG_PLAIN);
        return;
    }
    while (info < line && (wtfcb_lang_blank(scan->bytes[info]) || scan->bytes[info] == '{' || scan->bytes[info] == '.'))
        info++;
    size_t end = info;
    while (end < line && !wtfcb_lang_space(scan->bytes[end]) && !strchr(",{}:", scan->bytes[end]))
        end++;
    uint16_t language = end > info ? wtfcb_lang_find(scan->languages, scan->bytes + info, end - info) : WTFCB_LANG_NONE;
    if (line >= scan->length)
        wtfcb_lang_skip(scan, line, WTFCB_LANG_PLAIN);
    else
        give(scan, line, closing_fence(scan, line + 1, mark, width), language);
}

void wtfcb_lang_embed(wtfcb_lang_scan *scan, const wtfcb_lang_op *op, size_t at)
{
    if (op->kind == WTFCB_LANG_TAG)
        tag(scan, at);
    else
        fence(scan, at);
}
