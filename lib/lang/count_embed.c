/*
 * Languages inside others: <script> and <style> in HTML and its relatives, Astro's front matter, code blocks in Markdown
 * and reStructuredText.
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

/* A tag's attribute: its name, its value without quotes, and where the next one may begin; sizes may be 0. */
typedef struct attribute {
    size_t name;
    size_t name_length;
    size_t value;
    size_t value_length;
} attribute;

static size_t over_spaces(const wtfcb_lang_scan *scan, size_t at)
{
    while (at < scan->length && wtfcb_lang_space(scan->bytes[at]))
        at++;
    return at;
}

/* The value at `at`, behind an equals sign: behind it. Only here does a quote mean anything within a tag. */
static size_t take_value(const wtfcb_lang_scan *scan, size_t at, attribute *ret_attribute)
{
    at = over_spaces(scan, at);
    char quote = byte_at(scan, at);
    if (quote == '"' || quote == '\'') {
        size_t end = wtfcb_lang_find_byte(scan, at + 1, quote);
        ret_attribute->value = at + 1;
        ret_attribute->value_length = end - at - 1;
        return end < scan->length ? end + 1 : end;
    }
    ret_attribute->value = at;
    while (at < scan->length && !wtfcb_lang_space(scan->bytes[at]) && scan->bytes[at] != '>')
        at++;
    ret_attribute->value_length = at - ret_attribute->value;
    return at;
}

/* The attribute at or behind `at`; false at the tag's end. `*at` goes behind it. */
static bool next_attribute(const wtfcb_lang_scan *scan, size_t *at, attribute *ret_attribute)
{
    while (*at < scan->length && (wtfcb_lang_space(scan->bytes[*at]) || scan->bytes[*at] == '/'))
        ++*at;
    if (*at >= scan->length || scan->bytes[*at] == '>') return false;
    *ret_attribute = (attribute){.name = *at};
    do
        ++*at;
    while (*at < scan->length && !wtfcb_lang_space(scan->bytes[*at]) && !strchr("=>/", scan->bytes[*at]));
    ret_attribute->name_length = *at - ret_attribute->name;
    size_t equals = over_spaces(scan, *at);
    if (byte_at(scan, equals) == '=') *at = take_value(scan, equals + 1, ret_attribute);
    return true;
}

/* Behind the '>' of the tag whose name ends at `at`; the content's length if it has none. */
static size_t tag_end(const wtfcb_lang_scan *scan, size_t at)
{
    attribute ignored;
    while (next_attribute(scan, &at, &ignored)) {}
    return at < scan->length ? at + 1 : scan->length;
}

/* The value of an attribute of the tag whose name ends at `at`: where it is, and its length; 0 if the tag lacks it. */
static size_t value_of(const wtfcb_lang_scan *scan, size_t at, const char *name, size_t *ret_value)
{
    attribute found;
    size_t length = strlen(name);
    while (next_attribute(scan, &at, &found)) {
        if (found.name_length != length || strncasecmp(scan->bytes + found.name, name, length) != 0) continue;
        *ret_value = found.value;
        return found.value_length;
    }
    return 0;
}

/* Media types whose names say it otherwise than names of languages do. */
static const char *const media_types[][2] = {{"module", "javascript"},      {"importmap", "json"},
                                             {"speculationrules", "json"},  {"text/babel", "javascript"},
                                             {"x-shader/x-vertex", "glsl"}, {"x-shader/x-fragment", "glsl"}};

/* The language of a script's media type: what stands behind the slash, without "x-" and "-template". */
static uint16_t type_language(const wtfcb_lang_scan *scan, size_t value, size_t length)
{
    const char *type = scan->bytes + value, *parameters = memchr(type, ';', length);
    if (parameters) length = (size_t)(parameters - type);
    while (length > 0 && wtfcb_lang_space(type[length - 1]))
        length--;
    for (size_t i = 0; i < sizeof media_types / sizeof media_types[0]; i++)
        if (length == strlen(media_types[i][0]) && strncasecmp(type, media_types[i][0], length) == 0)
            return wtfcb_lang_find(scan->languages, media_types[i][1], strlen(media_types[i][1]));
    const char *slash = memchr(type, '/', length);
    if (!slash) return WTFCB_LANG_NONE;
    size_t rest = length - (size_t)(slash + 1 - type);
    const char *name = slash + 1;
    if (rest > 2 && strncasecmp(name, "x-", 2) == 0) name += 2, rest -= 2;
    if (rest > 5 && strncasecmp(name + rest - 5, "+json", 5) == 0) return wtfcb_lang_find(scan->languages, "json", 4);
    if (rest > 9 && strncasecmp(name + rest - 9, "-template", 9) == 0) rest -= 9;
    return wtfcb_lang_find(scan->languages, name, rest);
}

enum tag_kind { TAG_OTHER, TAG_SCRIPT, TAG_STYLE, TAG_TEMPLATE };
static const char *const tag_names[] = {"", "script", "style", "template"};

static enum tag_kind kind_of(const wtfcb_lang_scan *scan, size_t name)
{
    for (int kind = TAG_SCRIPT; kind <= TAG_TEMPLATE; kind++)
        if (names_tag(scan, name, tag_names[kind])) return (enum tag_kind)kind;
    return TAG_OTHER;
}

/* A template is the page's own language unless it says otherwise. */
static uint16_t tag_language(const wtfcb_lang_scan *scan, size_t at, enum tag_kind kind)
{
    size_t value, length = value_of(scan, at, "lang", &value);
    if (length) return wtfcb_lang_find(scan->languages, scan->bytes + value, length);
    if (kind == TAG_TEMPLATE) return WTFCB_LANG_NONE;
    length = value_of(scan, at, "type", &value);
    if (length) return type_language(scan, value, length);
    return kind == TAG_SCRIPT ? wtfcb_lang_find(scan->languages, "javascript", 10)
                              : wtfcb_lang_find(scan->languages, "css", 3);
}

/* Where "</name" begins. */
static size_t end_tag(const wtfcb_lang_scan *scan, size_t at, const char *name)
{
    for (at = wtfcb_lang_find_byte(scan, at, '<'); at < scan->length; at = wtfcb_lang_find_byte(scan, at + 1, '<'))
        if (byte_at(scan, at + 1) == '/' && names_tag(scan, at + 2, name)) return at;
    return scan->length;
}

/* Whether the tag at `at` stands in the value of an attribute of a tag that begins not far before it. */
static bool in_attribute(const wtfcb_lang_scan *scan, size_t at)
{
    enum { FARTHEST = 512, MOST_TAGS = 4 };
    size_t stop = at > FARTHEST ? at - FARTHEST : 0, before = at;
    for (int i = 0; i < MOST_TAGS && before > stop; i++) {
        const char *open = memrchr(scan->bytes + stop, '<', before - stop);
        if (!open) return false;
        before = (size_t)(open - scan->bytes);
        size_t next = before + 1;
        if (!wtfcb_lang_word(byte_at(scan, next))) continue;
        while (next < at && !wtfcb_lang_space(scan->bytes[next]) && scan->bytes[next] != '>')
            next++;
        attribute found = {0};
        while (next < at && next_attribute(scan, &next, &found)) {}
        if (next > at && found.value_length && found.value <= at && at < found.value + found.value_length)
            return next < scan->length;
    }
    return false;
}

static void tag(wtfcb_lang_scan *scan, size_t at)
{
    enum tag_kind kind = kind_of(scan, at + 1);
    if (kind == TAG_OTHER || in_attribute(scan, at)) {
        wtfcb_lang_skip(scan, at + 1, WTFCB_LANG_PLAIN);
        return;
    }
    size_t attributes = at + 1 + strlen(tag_names[kind]), end = tag_end(scan, attributes);
    uint16_t language = tag_language(scan, attributes, kind);
    if (end >= scan->length || scan->bytes[end - 2] == '/' || (kind == TAG_TEMPLATE && language == WTFCB_LANG_NONE))
        wtfcb_lang_skip(scan, end, WTFCB_LANG_PLAIN);
    else
        give(scan, end, end_tag(scan, end, tag_names[kind]), language);
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

/*
 * The language that the info string [at, line) names: its first word; in braces the first one that a dot makes a class,
 * or else the first one (R's chunks).
 */
static uint16_t info_language(const wtfcb_lang_scan *scan, size_t at, size_t line)
{
    bool braces = false;
    for (; at < line && (wtfcb_lang_blank(scan->bytes[at]) || scan->bytes[at] == '{'); at++)
        braces |= scan->bytes[at] == '{';
    for (size_t dot = at; braces && dot < line && scan->bytes[dot] != '}'; dot++)
        if (scan->bytes[dot] == '.' && (dot == at || wtfcb_lang_blank(scan->bytes[dot - 1]))) {
            at = dot + 1;
            break;
        }
    if (at < line && (scan->bytes[at] == '.' || scan->bytes[at] == '=')) at++;
    size_t end = at;
    while (end < line && !wtfcb_lang_space(scan->bytes[end]) && scan->bytes[end] && !strchr(",{}:", scan->bytes[end]))
        end++;
    return end > at ? wtfcb_lang_find(scan->languages, scan->bytes + at, end - at) : WTFCB_LANG_NONE;
}

static void fence(wtfcb_lang_scan *scan, size_t at)
{
    char mark = scan->bytes[at];
    size_t width = run_of(scan, at, mark), info = at + width, line = wtfcb_lang_find_byte(scan, at, '\n');
    if (mark == '`' && memchr(scan->bytes + info, '`', line - info)) { /* code within a line of text */
        wtfcb_lang_skip(scan, line, WTFCB_LANG_PLAIN);
        return;
    }
    if (line >= scan->length)
        wtfcb_lang_skip(scan, line, WTFCB_LANG_PLAIN);
    else
        give(scan, line, closing_fence(scan, line + 1, mark, width), info_language(scan, info, line));
}

/* Code within a line: up to a run of as many backticks on the same line, if there is one not far away. */
static void code_span(wtfcb_lang_scan *scan, size_t at)
{
    enum { FARTHEST = 512 };
    size_t width = run_of(scan, at, '`'), end = at + width, limit = end + FARTHEST;
    while (end < limit && byte_at(scan, end) != '\n') {
        size_t run = run_of(scan, end, '`');
        end += run ? run : 1;
        if (run == width) {
            wtfcb_lang_skip(scan, end, WTFCB_LANG_PLAIN);
            return;
        }
    }
    wtfcb_lang_skip(scan, at + width, WTFCB_LANG_PLAIN);
}

/* The script in front of an Astro component: between two lines "---", before which nothing stands. */
static void front_matter(wtfcb_lang_scan *scan, size_t at)
{
    size_t line = wtfcb_lang_find_byte(scan, at, '\n'), end = line;
    if (wtfcb_lang_last_code(scan) != SIZE_MAX || line >= scan->length) {
        wtfcb_lang_skip(scan, line, WTFCB_LANG_PLAIN);
        return;
    }
    do
        end = wtfcb_lang_find_bytes(scan, end, "\n---", 4) + 1;
    while (end < scan->length && !wtfcb_lang_space(byte_at(scan, end + 3)));
    give(scan, line, end < scan->length ? end : scan->length, wtfcb_lang_find(scan->languages, "typescript", 10));
}

/* How far the line at `line` is indented; SIZE_MAX if it is blank. Linear over a text: each line is asked about once. */
static size_t indentation(const wtfcb_lang_scan *scan, size_t line)
{
    size_t at = line;
    while (at < scan->length && wtfcb_lang_blank(scan->bytes[at]))
        at++;
    return byte_at(scan, at) == '\n' ? SIZE_MAX : at - line;
}

/* The end of the last line behind `line` that belongs to the block below what is indented by `indent`. */
static size_t body_end(const wtfcb_lang_scan *scan, size_t line, size_t indent)
{
    size_t end = line;
    while (line < scan->length) {
        size_t depth = indentation(scan, line + 1);
        if (depth != SIZE_MAX && depth <= indent) break;
        line = wtfcb_lang_find_byte(scan, line + 1, '\n');
        if (depth != SIZE_MAX) end = line;
    }
    return end;
}

/* Whether ".." at `at` begins something that is no comment: a directive, a target, a footnote, a substitution. */
static bool is_markup(const wtfcb_lang_scan *scan, size_t at, size_t line)
{
    char first = byte_at(scan, at);
    if (first == '_' || first == '[' || first == '|') return true;
    const char *colons = memmem(scan->bytes + at, line - at, "::", 2);
    for (size_t i = at; colons && scan->bytes + i < colons; i++)
        if (wtfcb_lang_space(scan->bytes[i])) return false;
    return colons != NULL;
}

static bool begins(const wtfcb_lang_scan *scan, size_t at, const char *text)
{
    size_t length = strlen(text);
    return scan->length - at >= length && memcmp(scan->bytes + at, text, length) == 0;
}

/* reStructuredText's explicit markup: comments with what is indented below them, and blocks of code. */
static void explicit_markup(wtfcb_lang_scan *scan, size_t at)
{
    static const char *const blocks[] = {"code-block::", "code::", "sourcecode::", "raw::"};
    size_t start = at, line = wtfcb_lang_find_byte(scan, at, '\n'), name = at + 2;
    while (start > 0 && wtfcb_lang_blank(scan->bytes[start - 1]))
        start--;
    while (name < line && wtfcb_lang_blank(scan->bytes[name]))
        name++;
    bool empty = name == line && indentation(scan, line + 1) == SIZE_MAX;
    if (name < line && name == at + 2) { /* "..." and the like */
        wtfcb_lang_skip(scan, name, WTFCB_LANG_PLAIN);
        return;
    }
    if (!is_markup(scan, name, line)) {
        wtfcb_lang_skip(scan, empty ? line : body_end(scan, line, at - start), WTFCB_LANG_REMARK);
        return;
    }
    for (size_t i = 0; i < sizeof blocks / sizeof blocks[0]; i++) {
        if (!begins(scan, name, blocks[i])) continue;
        uint16_t language = info_language(scan, name + strlen(blocks[i]), line);
        size_t end = body_end(scan, line, at - start), head = line;
        while (head < end && indentation(scan, head + 1) != SIZE_MAX) /* options */
            head = wtfcb_lang_find_byte(scan, head + 1, '\n');
        while (head < end && indentation(scan, head + 1) == SIZE_MAX)
            head = wtfcb_lang_find_byte(scan, head + 1, '\n');
        if (head < end) {
            give(scan, head, end < scan->length ? end + 1 : end, language);
            return;
        }
    }
    wtfcb_lang_skip(scan, line, WTFCB_LANG_PLAIN);
}

void wtfcb_lang_embed(wtfcb_lang_scan *scan, const wtfcb_lang_op *op, size_t at)
{
    switch (op->kind) {
    case WTFCB_LANG_TAG: tag(scan, at); break;
    case WTFCB_LANG_FENCE: fence(scan, at); break;
    case WTFCB_LANG_CODE_SPAN: code_span(scan, at); break;
    case WTFCB_LANG_FRONT_MATTER: front_matter(scan, at); break;
    default: explicit_markup(scan, at); break;
    }
}
