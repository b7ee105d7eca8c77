/*
 * Jupyter notebooks: JSON whose cells are languages of their own.
 *
 * A cell's source is a JSON string or an array of them; it is decoded into a buffer and counted there, by the language
 * of the kernel, by that of the cell's magic ("%%bash"), or as Markdown; code blocks of a Markdown cell count under
 * theirs. A child's place is where its strings stand in the JSON: from the quote that opens the first to behind the one that
 * closes the last, a code block's from its first byte to behind its last. The notebook's own lines are the physical lines on
 * which no string of a counted cell stands. Where every such string stands on a line of its own and holds one line of
 * text, as Jupyter writes them, own lines and those of all children add up to the physical lines, as everywhere else;
 * where JSON was written more densely, they need not.
 *
 * The JSON is read once, without recursion and without looking into outputs more than finding their end takes; bad
 * syntax, or no list of cells, leaves the file to be counted as the plain text that it is. Cells of a language that is not
 * known, and raw ones, stay lines of the notebook.
 */
#include "lang/count_notebook.h"

#include <assert.h>
#include <string.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "lang/detect.h"

typedef struct span {
    size_t start;
    size_t length;
} span;

enum cell_kind { CELL_RAW, CELL_CODE, CELL_TEXT };

typedef struct cell {
    size_t start; /* the quote that opens its first string */
    size_t end;   /* behind the one that closes its last; 0: it has none */
    span language;
    enum cell_kind kind;
} cell;

typedef struct notebook {
    const char *bytes;
    size_t length;
    size_t at;
    const wtfcb_allocator *allocator;
    cell *cells;
    size_t count;
    size_t capacity;
    span kernel; /* metadata.kernelspec.language */
    span info;   /* metadata.language_info.name */
    bool has_cells;
    bool failed; /* memory has run out */
} notebook;

/* The next byte that is no white space; 0 at the end. */
static char next(notebook *nb)
{
    while (nb->at < nb->length) {
        char byte = nb->bytes[nb->at];
        if (byte != ' ' && byte != '\n' && byte != '\r' && byte != '\t') return byte;
        nb->at++;
    }
    return 0;
}

static bool take(notebook *nb, char byte)
{
    if (next(nb) != byte) return false;
    nb->at++;
    return true;
}

/* Read a string; `*ret_content` is what stands between its quotes, escapes and all. */
static bool take_string(notebook *nb, span *ret_content)
{
    if (!take(nb, '"')) return false;
    size_t start = nb->at;
    for (;;) {
        const char *quote = memchr(nb->bytes + nb->at, '"', nb->length - nb->at);
        if (!quote) return false;
        size_t end = (size_t)(quote - nb->bytes), slash = end;
        while (slash > nb->at && nb->bytes[slash - 1] == '\\')
            slash--;
        nb->at = end + 1;
        if ((end - slash) % 2) continue;
        *ret_content = (span){start, end - start};
        return memchr(nb->bytes + start, '\n', end - start) == NULL; /* a string cannot hold one */
    }
}

/* A number, or true, false, null, NaN. */
static bool take_word(notebook *nb)
{
    size_t start = nb->at;
    while (nb->at < nb->length &&
           (wtfcb_lang_word(nb->bytes[nb->at]) || (nb->bytes[nb->at] && strchr("+-.", nb->bytes[nb->at]))))
        nb->at++;
    return nb->at > start;
}

static bool take_key(notebook *nb, span *ret_key)
{
    return take_string(nb, ret_key) && take(nb, ':');
}

/*
 * Go to the next element of the array or object that `close` ends, `*first` being true before its first one. False: bad
 * syntax; otherwise `*ret_more` says whether there is one, and at the end `close` is behind us.
 */
static bool advance(notebook *nb, char close, bool *first, bool *ret_more)
{
    *ret_more = false;
    if (take(nb, close)) return true;
    if (!*first && !take(nb, ',')) return false;
    *first = false;
    *ret_more = true;
    return next(nb) != close;
}

enum { DEEPEST = 512 };

/* The brackets that are open: bit i is set if the one at depth i is an object's. */
typedef struct nesting {
    uint64_t objects[DEEPEST / 64];
    size_t depth;
} nesting;

static bool open_bracket(nesting *open, bool object)
{
    if (open->depth == DEEPEST) return false;
    uint64_t *word = &open->objects[open->depth / 64], bit = UINT64_C(1) << open->depth % 64;
    *word = object ? *word | bit : *word & ~bit;
    open->depth++;
    return true;
}

/* Behind a value, or behind an opening bracket: to where the next value stands, or to the end of all. */
static bool to_next_value(notebook *nb, nesting *open, bool first)
{
    for (span ignored; open->depth > 0; open->depth--, first = false) {
        size_t inner = open->depth - 1;
        bool object = (open->objects[inner / 64] >> inner % 64) & 1, more;
        if (!advance(nb, object ? '}' : ']', &first, &more)) return false;
        if (more) return !object || take_key(nb, &ignored);
    }
    return true;
}

/* Whatever stands here. */
static bool skip_value(notebook *nb)
{
    nesting open = {.depth = 0};
    do {
        char byte = next(nb);
        bool bracket = byte == '{' || byte == '[';
        span ignored;
        if (bracket) {
            if (!open_bracket(&open, byte == '{')) return false;
            nb->at++;
        } else if (!(byte == '"' ? take_string(nb, &ignored) : take_word(nb))) {
            return false;
        }
        if (!to_next_value(nb, &open, bracket)) return false;
    } while (open.depth > 0);
    return true;
}

static bool equals(const notebook *nb, span text, const char *expected)
{
    return text.length == strlen(expected) && memcmp(nb->bytes + text.start, expected, text.length) == 0;
}

/* The member `name` of the object here if it is a string; everything else of it is passed. */
static bool take_member(notebook *nb, const char *name, span *ret_value)
{
    if (next(nb) != '{') return skip_value(nb);
    nb->at++;
    bool first = true, more, fine = true;
    span key;
    while ((fine = fine && advance(nb, '}', &first, &more)) && more)
        fine = take_key(nb, &key) &&
               (equals(nb, key, name) && next(nb) == '"' ? take_string(nb, ret_value) : skip_value(nb));
    return fine;
}

static bool take_metadata(notebook *nb)
{
    if (next(nb) != '{') return skip_value(nb);
    nb->at++;
    bool first = true, more, fine = true;
    span key;
    while ((fine = fine && advance(nb, '}', &first, &more)) && more) {
        if (!take_key(nb, &key)) return false;
        if (equals(nb, key, "kernelspec"))
            fine = take_member(nb, "language", &nb->kernel);
        else if (equals(nb, key, "language_info"))
            fine = take_member(nb, "name", &nb->info);
        else
            fine = skip_value(nb);
    }
    return fine;
}

/* A string, or an array of nothing else. */
static bool take_source(notebook *nb, cell *ret_cell)
{
    span string;
    ret_cell->end = 0;
    if (next(nb) != '[') {
        if (next(nb) != '"') return skip_value(nb);
        ret_cell->start = nb->at;
        if (!take_string(nb, &string)) return false;
        ret_cell->end = nb->at;
        return true;
    }
    nb->at++;
    bool first = true, more, fine = true;
    while ((fine = fine && advance(nb, ']', &first, &more)) && more) {
        if (next(nb) != '"') return false;
        if (!ret_cell->end) ret_cell->start = nb->at;
        fine = take_string(nb, &string);
        ret_cell->end = nb->at;
    }
    return fine;
}

static enum cell_kind kind_of(const notebook *nb, span type)
{
    if (equals(nb, type, "code")) return CELL_CODE;
    return equals(nb, type, "markdown") || equals(nb, type, "heading") ? CELL_TEXT : CELL_RAW;
}

static bool take_cell(notebook *nb)
{
    if (!take(nb, '{')) return false;
    cell found = {0};
    bool first = true, more, fine = true;
    span key, type = {0};
    while ((fine = fine && advance(nb, '}', &first, &more)) && more) {
        if (!take_key(nb, &key)) return false;
        bool string = next(nb) == '"';
        if (equals(nb, key, "source") || equals(nb, key, "input"))
            fine = take_source(nb, &found);
        else if (equals(nb, key, "cell_type") && string)
            fine = take_string(nb, &type);
        else if (equals(nb, key, "language") && string)
            fine = take_string(nb, &found.language);
        else
            fine = skip_value(nb);
    }
    found.kind = kind_of(nb, type);
    if (!fine || found.kind == CELL_RAW || !found.end) return fine;
    if (!wtfcb_base_reserve(nb->allocator, (void **)&nb->cells, &nb->capacity, nb->count + 1, sizeof *nb->cells)) {
        nb->failed = true;
        return false;
    }
    nb->cells[nb->count++] = found;
    return true;
}

static bool take_cells(notebook *nb)
{
    if (!take(nb, '[')) return false;
    nb->has_cells = true;
    bool first = true, more, fine = true;
    while ((fine = fine && advance(nb, ']', &first, &more)) && more)
        fine = take_cell(nb);
    return fine;
}

/* Of format 3: a list of objects, each with a list of cells. */
static bool take_worksheets(notebook *nb)
{
    if (!take(nb, '[')) return false;
    bool first = true, more, fine = true;
    while ((fine = fine && advance(nb, ']', &first, &more)) && more) {
        if (!take(nb, '{')) return false;
        bool first_member = true, more_members;
        span key;
        while ((fine = fine && advance(nb, '}', &first_member, &more_members)) && more_members)
            fine = take_key(nb, &key) && (equals(nb, key, "cells") ? take_cells(nb) : skip_value(nb));
    }
    return fine;
}

/* Find the cells and the kernel's language; false if this is no notebook. */
static bool take_notebook(notebook *nb)
{
    if (!take(nb, '{')) return false;
    bool first = true, more, fine = true;
    span key;
    while ((fine = fine && advance(nb, '}', &first, &more)) && more) {
        if (!take_key(nb, &key)) return false;
        if (equals(nb, key, "cells"))
            fine = take_cells(nb);
        else if (equals(nb, key, "worksheets"))
            fine = take_worksheets(nb);
        else if (equals(nb, key, "metadata"))
            fine = take_metadata(nb);
        else
            fine = skip_value(nb);
    }
    return fine && nb->has_cells && next(nb) == 0 && nb->at == nb->length;
}

/* Reads a cell's strings as one text, and knows for each of its bytes where that stands in the JSON. */
typedef struct decoder {
    const char *bytes;
    size_t at; /* within a string */
    size_t end;
    size_t decoded; /* bytes of text before `at` */
} decoder;

static decoder decoder_of(const notebook *nb, const cell *source)
{
    return (decoder){.bytes = nb->bytes, .at = source->start + 1, .end = source->end};
}

/* Behind the ends of strings; false at the end of the last one. */
static bool settle(decoder *d)
{
    while (d->bytes[d->at] == '"') {
        const char *open = memchr(d->bytes + d->at + 1, '"', d->end - d->at - 1);
        if (!open) return false;
        d->at = (size_t)(open - d->bytes) + 1;
    }
    return true;
}

/* The four hexadecimal digits behind "\u" at `at`, or UINT32_MAX. */
static uint32_t unit_at(const decoder *d, size_t at)
{
    uint32_t unit = 0;
    if (d->end - at < 7 || d->bytes[at] != '\\' || d->bytes[at + 1] != 'u') return UINT32_MAX;
    for (size_t i = at + 2; i < at + 6; i++) {
        char byte = d->bytes[i];
        uint32_t digit = byte >= '0' && byte <= '9'                     ? (uint32_t)(byte - '0')
                         : (byte | 0x20) >= 'a' && (byte | 0x20) <= 'f' ? (uint32_t)((byte | 0x20) - 'a' + 10)
                                                                        : 16;
        if (digit == 16) return UINT32_MAX;
        unit = unit << 4 | digit;
    }
    return unit;
}

/* One escape into `to`, which has room for four bytes; how many it makes. */
static size_t decode_escape(decoder *d, char *to)
{
    static const char from[] = "nrtbf", into[] = "\n\r\t\b\f";
    uint32_t point = unit_at(d, d->at);
    if (point == UINT32_MAX) {
        char byte = d->bytes[d->at + 1];
        const char *known = memchr(from, byte, sizeof from - 1);
        *to = known ? into[known - from] : byte;
        d->at += 2;
        return 1;
    }
    d->at += 6;
    if (point >= 0xD800 && point < 0xDC00) {
        uint32_t low = d->end - d->at > 6 ? unit_at(d, d->at) : UINT32_MAX;
        if (low >= 0xDC00 && low < 0xE000) {
            point = 0x10000 + ((point - 0xD800) << 10) + (low - 0xDC00);
            d->at += 6;
        }
    }
    return wtfcb_lang_encode_utf8(to, point >= 0xD800 && point < 0xE000 ? 0xFFFD : point);
}

/* Go on until `decoded` reaches `to`, or to the end; what is passed goes to `text` if there is one. */
static void decode(decoder *d, size_t to, char *text)
{
    char point[4] = {0};
    while (d->decoded < to && settle(d)) {
        char *into = text ? text + d->decoded : point;
        if (d->bytes[d->at] == '\\') {
            d->decoded += decode_escape(d, into);
        } else {
            *into = d->bytes[d->at++];
            d->decoded++;
        }
    }
}

typedef struct counter {
    notebook *nb;
    enum wtfcb_lang_simd simd;
    const wtfcb_languages *languages;
    wtfcb_lang_children *children;
    wtfcb_lang_children inner; /* of the cell in work */
    wtfcb_base_buffer text;    /* likewise */
    wtfcb_lang_counts own;
    size_t own_from;  /* beginning of the first line that is not decided yet */
    size_t line_from; /* a place whose line is `line` */
    uint32_t line;
} counter;

static uint16_t find(const counter *c, const char *name, size_t length)
{
    uint16_t found = length ? wtfcb_lang_find(c->languages, name, length) : WTFCB_LANG_NONE;
    while (found == WTFCB_LANG_NONE && length > 1 && strchr(".0123456789", name[length - 1]))
        found = wtfcb_lang_find(c->languages, name, --length); /* python3.11 */
    return found == WTFCB_LANG_NONE || wtfcb_lang_is_notebook(c->languages, found) ? WTFCB_LANG_NONE : found;
}

static uint16_t code_language(const counter *c, const cell *source)
{
    const notebook *nb = c->nb;
    const span named[] = {source->language, nb->kernel, nb->info};
    bool any = false;
    for (size_t i = 0; i < sizeof named / sizeof named[0]; i++) {
        uint16_t found = find(c, nb->bytes + named[i].start, named[i].length);
        if (found != WTFCB_LANG_NONE) return found;
        any |= named[i].length > 0;
    }
    return any ? WTFCB_LANG_NONE : find(c, "python", 6);
}

/* The word at `*at` of the line that ends at `end`, options left out; `*at` goes behind it. */
static span take_argument(const char *text, size_t *at, size_t end)
{
    span word = {*at, 0};
    do {
        while (*at < end && wtfcb_lang_space(text[*at]))
            ++*at;
        word.start = *at;
        while (*at < end && !wtfcb_lang_space(text[*at]))
            ++*at;
        word.length = *at - word.start;
    } while (word.length > 0 && text[word.start] == '-');
    return word;
}

/* What the magic `name` makes of its cell; `usual` if it says nothing about languages. */
static uint16_t magic_language(const counter *c, const char *text, span name, size_t end, uint16_t usual)
{
    static const char *const others[][2] = {{"!", "shell"}, {"sx", "shell"},     {"system", "shell"},
                                            {"cmd", "bat"}, {"bigquery", "sql"}, {"pypy", "python"},
                                            {"cu", "cuda"}};
    const char *magic = text + name.start;
    size_t at = name.start + name.length;
    bool script = name.length == 6 && memcmp(magic, "script", 6) == 0;
    if (script || (name.length == 9 && memcmp(magic, "writefile", 9) == 0) ||
        (name.length == 4 && memcmp(magic, "file", 4) == 0)) {
        span word = take_argument(text, &at, end);
        const char *path = text + word.start, *slash = memrchr(path, '/', word.length);
        if (!script) return wtfcb_lang_detect_path(c->languages, path, word.length).language;
        if (slash) return find(c, slash + 1, word.length - (size_t)(slash + 1 - path));
        return find(c, path, word.length);
    }
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        if (name.length == strlen(others[i][0]) && memcmp(magic, others[i][0], name.length) == 0)
            return find(c, others[i][1], strlen(others[i][1]));
    uint16_t found = find(c, magic, name.length);
    return found == WTFCB_LANG_NONE ? usual : found;
}

/*
 * If the first line that is not blank is a cell's magic, where the next one begins, else 0; `*blanks` lines stand before.
 * The magic itself is a line of code, whatever its bytes would be in the language that it names.
 */
static size_t take_magic(const counter *c, uint16_t *language, uint32_t *blanks)
{
    const char *text = c->text.data;
    size_t length = c->text.length, at = 0, line = 0;
    *blanks = 0;
    for (; at < length && wtfcb_lang_space(text[at]); at++) {
        if (text[at] != '\n') continue;
        ++*blanks;
        line = at + 1;
    }
    if (at != line || length - at < 3 || memcmp(text + at, "%%", 2) != 0 || wtfcb_lang_space(text[at + 2])) return 0;
    const char *newline = memchr(text + at, '\n', length - at);
    size_t end = newline ? (size_t)(newline - text) : length, name = at += 2;
    while (at < end && !wtfcb_lang_space(text[at]))
        at++;
    *language = magic_language(c, text, (span){name, at - name}, end, *language);
    return newline ? end + 1 : length;
}

/* Lines that no cell's string stands on: from the first undecided one to the one that begins at `to`. */
static void count_own(counter *c, size_t to)
{
    if (to <= c->own_from) return;
    wtfcb_lang_counts lines = {0};
    wtfcb_lang_count_text(c->simd, c->languages, WTFCB_LANG_NONE, c->nb->bytes + c->own_from, to - c->own_from, &lines,
                          NULL);
    c->own.lines += lines.lines;
    c->own.code += lines.code;
    c->own.blanks += lines.blanks;
    c->own_from = to;
}

/* The physical line of `place`, which is not before any asked for earlier. */
static uint32_t line_of(counter *c, size_t place)
{
    assert(place >= c->line_from);
    c->line += wtfcb_lang_newlines(c->nb->bytes + c->line_from, place - c->line_from);
    c->line_from = place;
    return c->line;
}

/* Give the lines that a counted cell stands on away. */
static void leave_lines(counter *c, const cell *source)
{
    const char *bytes = c->nb->bytes;
    if (source->start > c->own_from) {
        const char *before = memrchr(bytes + c->own_from, '\n', source->start - c->own_from);
        if (before) count_own(c, (size_t)(before - bytes) + 1);
    }
    if (c->own_from >= source->end) return;
    const char *behind = memchr(bytes + source->end, '\n', c->nb->length - source->end);
    c->own_from = behind ? (size_t)(behind - bytes) + 1 : c->nb->length;
}

/* The cell's child, then those found in its text, of which `shift` bytes were not counted with it. */
static bool add_children(counter *c, const cell *source, uint16_t language, const wtfcb_lang_counts *counts,
                         size_t shift)
{
    wtfcb_lang_children *children = c->children;
    size_t needed = children->count + 1 + c->inner.count;
    if (!wtfcb_base_reserve(children->allocator, (void **)&children->items, &children->capacity, needed,
                            sizeof *children->items))
        return false;
    wtfcb_lang_child *child = &children->items[children->count++];
    *child = (wtfcb_lang_child){.start = source->start,
                                .size = source->end - source->start,
                                .start_line = line_of(c, source->start),
                                .language = language,
                                .counts = *counts};
    decoder d = decoder_of(c->nb, source);
    for (size_t i = 0; i < c->inner.count; i++) {
        child = &children->items[children->count++];
        *child = c->inner.items[i];
        size_t end = shift + child->start + child->size;
        decode(&d, shift + child->start, NULL);
        settle(&d);
        child->start = d.at;
        child->start_line = line_of(c, d.at);
        decode(&d, end, NULL);
        child->size = d.at - child->start;
    }
    return true;
}

static bool count_cell(counter *c, const cell *source)
{
    wtfcb_base_buffer_reset(&c->text);
    if (!wtfcb_base_buffer_reserve(&c->text, source->end - source->start + WTFCB_LANG_PADDING)) return false;
    decoder d = decoder_of(c->nb, source);
    decode(&d, SIZE_MAX, c->text.data);
    c->text.length = d.decoded;
    memset(c->text.data + d.decoded, 0, WTFCB_LANG_PADDING);
    uint16_t language = source->kind == CELL_CODE ? code_language(c, source) : find(c, "markdown", 8);
    uint32_t blanks = 0;
    size_t from = source->kind == CELL_CODE ? take_magic(c, &language, &blanks) : 0;
    if (d.decoded == 0 || language == WTFCB_LANG_NONE || wtfcb_lang_is_notebook(c->languages, language)) return true;
    wtfcb_lang_counts counts;
    if (wtfcb_lang_count_text(c->simd, c->languages, language, c->text.data + from, c->text.length - from, &counts,
                              &c->inner) != WTFCB_OK)
        return false;
    if (from) {
        counts.lines += 1 + blanks;
        counts.code++;
        counts.blanks += blanks;
    }
    leave_lines(c, source);
    return add_children(c, source, language, &counts, from);
}

bool wtfcb_lang_count_notebook(enum wtfcb_lang_simd simd, const wtfcb_languages *languages, const char *bytes,
                               size_t length, wtfcb_lang_counts *ret_counts, wtfcb_lang_children *children,
                               wtfcb_status *ret_status)
{
    notebook nb = {.bytes = bytes, .length = length, .allocator = children->allocator};
    bool fine = take_notebook(&nb);
    if (fine) {
        counter c = {.nb = &nb, .simd = simd, .languages = languages, .children = children};
        wtfcb_lang_children_init(&c.inner, children->allocator);
        wtfcb_base_buffer_init(&c.text, children->allocator);
        for (size_t i = 0; i < nb.count && !nb.failed; i++)
            nb.failed = !count_cell(&c, &nb.cells[i]);
        count_own(&c, length);
        *ret_counts = c.own;
        wtfcb_base_buffer_free(&c.text);
        wtfcb_lang_children_free(&c.inner);
    }
    *ret_status = nb.failed ? WTFCB_ENOMEM : WTFCB_OK;
    wtfcb_base_free(nb.allocator, nb.cells, nb.capacity * sizeof *nb.cells);
    return fine || nb.failed;
}
