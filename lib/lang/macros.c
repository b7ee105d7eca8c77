/*
 * Finding what to hide; see macros.h. One pass over the text remembers the last significant byte and the last two words;
 * a word in capitals is judged by them and by what follows it:
 *
 *   class NAME X ... {                       in the head of a class: what follows must lead to a body
 *   ... ) NAME {                             behind parameters
 *   namespace x NAME {                       behind the name of a namespace
 *   ; NAME static ..., ; NAME void ...       in front of a word that only begins a declaration
 *   ; NAME x ...                             likewise in front of anything, if its own name says that it is an attribute
 *   ; NAME <end of line>                     alone on its line, in front of a declaration or the end of a block
 *
 * Each NAME may have arguments. One that is hidden leaves what was remembered as it was, so several in a row go too.
 */
#include "lang/macros.h"

#include <string.h>

#include "base/memory.h"

/* Parts of names that say that a macro stands for an attribute or a specifier, or opens or closes a namespace. */
static const char *const attribute_parts[] = {"_API",           "ATTRIBUTE",   "CONSTEXPR", "CONSTINIT",  "CONST_INIT",
                                              "DEPRECATED",     "_DLL",        "EXPORT",    "INLINE",     "NODISCARD",
                                              "NOEXCEPT",       "NORETURN",    "_NOTHROW",  "VISIBILITY", "_PURE",
                                              "LIFETIME_BOUND", "WARN_UNUSED", NULL};
static const char *const block_parts[] = {"NAMESPACE", "BEGIN_", "_BEGIN", "END_", "_END", "DECLS", NULL};

/* Words of other writing that are always attributes. */
static const char *const attribute_words[] = {
    "absl_nonnull", "absl_nullable", "absl_nullability_unknown", "_Nonnull", "_Nullable", "_Null_unspecified", NULL};

static const char *const class_words[] = {"class", "struct", "union", "enum", NULL};
static const char *const specifier_words[] = {"static",   "inline",  "constexpr", "extern",
                                              "explicit", "virtual", "friend",    NULL};
static const char *const behind_parameters[] = {"const", "noexcept", "override", "final", "volatile", NULL};
/* What may have arguments in the head of a class; a lower-case word with them is a function. */
static const char *const with_arguments[] = {"alignas", "__attribute__", "__declspec", "decltype", NULL};
static const char *const raw_prefixes[] = {"R", "LR", "uR", "UR", "u8R", NULL};
/* What begins a declaration and cannot follow a type. */
static const char *const opening_words[] = {
    "static", "inline",   "constexpr", "consteval", "constinit", "extern",  "virtual", "explicit",  "friend",
    "class",  "struct",   "union",     "enum",      "template",  "typedef", "using",   "namespace", "void",
    "bool",   "char",     "short",     "int",       "long",      "float",   "double",  "auto",      "unsigned",
    "signed", "typename", "public",    "private",   "protected", NULL};

enum { LONGEST_ARGUMENTS = 512, LONGEST_HEAD = 512, SHORTEST_NAME = 3 };

enum { CAPITAL = 1, WORD = 2, BLANK = 4 };

typedef struct span {
    uint32_t start;
    uint32_t end;
} span;

typedef struct finder {
    const char *text;
    uint32_t length;
    uint32_t line; /* where the current line begins */
    char last;     /* the last significant byte; 0 at the start of the text */
    span word;     /* the last token, if that is a word; else empty */
    span before;   /* the token before it, likewise */
} finder;

static int class_of(char c)
{
    if ((c >= 'A' && c <= 'Z') || c == '_') return CAPITAL | WORD;
    if ((c >= 'a' && c <= 'z') || (unsigned char)c >= 0x80) return WORD;
    if (c >= '0' && c <= '9') return CAPITAL | WORD;
    return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\v' || c == '\f' ? BLANK : 0;
}

static bool is_one_of(const finder *f, span word, const char *const *words)
{
    for (; *words; words++)
        if (strlen(*words) == word.end - word.start && memcmp(f->text + word.start, *words, word.end - word.start) == 0)
            return true;
    return false;
}

/* Whether a name contains one of these. */
static bool has_part(const finder *f, span name, const char *const *parts)
{
    for (; *parts; parts++) {
        size_t length = strlen(*parts);
        for (uint32_t i = name.start; i + length <= name.end; i++)
            if (memcmp(f->text + i, *parts, length) == 0) return true;
    }
    return false;
}

static uint32_t word_end(const finder *f, uint32_t at)
{
    while (at < f->length && class_of(f->text[at]) & WORD)
        at++;
    return at;
}

/* Behind a comment, a literal or a directive that begins at `at`; `at` itself if none does. */
static uint32_t skip_comment(const finder *f, uint32_t at)
{
    if (at + 1 >= f->length || f->text[at] != '/') return at;
    const char *end;
    if (f->text[at + 1] == '/') {
        end = memchr(f->text + at, '\n', f->length - at);
        return end ? (uint32_t)(end - f->text) : f->length;
    }
    if (f->text[at + 1] != '*') return at;
    for (uint32_t i = at + 2; i + 1 < f->length; i++)
        if (f->text[i] == '*' && f->text[i + 1] == '/') return i + 2;
    return f->length;
}

/* Behind one byte, or behind an escape: a continued line is one whether it ends as in Unix or not. */
static uint32_t skip_byte(const finder *f, uint32_t at)
{
    if (f->text[at] != '\\' || at + 1 >= f->length) return at + 1;
    bool carriage = f->text[at + 1] == '\r' && at + 2 < f->length && f->text[at + 2] == '\n';
    return at + (carriage ? 3 : 2);
}

static uint32_t skip_directive(const finder *f, uint32_t at)
{
    while (at < f->length && f->text[at] != '\n') {
        uint32_t next = skip_comment(f, at);
        if (next == at) next = skip_byte(f, at);
        at = next;
    }
    return at;
}

/* Behind a string or character; one that is not closed ends in front of the end of its line. */
static uint32_t skip_literal(const finder *f, uint32_t at)
{
    char quote = f->text[at++];
    while (at < f->length && f->text[at] != quote && f->text[at] != '\n')
        at = skip_byte(f, at);
    return at < f->length && f->text[at] == quote ? at + 1 : at < f->length ? at : f->length;
}

/* R"x(...)x": `at` is at the quote. */
static uint32_t skip_raw(const finder *f, uint32_t at)
{
    uint32_t open = ++at;
    while (open < f->length && open - at < 16 && f->text[open] != '(')
        open++;
    uint32_t size = open - at;
    for (uint32_t i = open; i + size + 1 < f->length; i++)
        if (f->text[i] == ')' && f->text[i + 1 + size] == '"' && memcmp(f->text + i + 1, f->text + at, size) == 0)
            return i + size + 2;
    return f->length;
}

static uint32_t skip_blanks(const finder *f, uint32_t at)
{
    for (;;) {
        uint32_t next = at;
        if (next < f->length && class_of(f->text[next]) & BLANK)
            next++;
        else
            next = skip_comment(f, at);
        if (next == at) return at;
        at = next;
    }
}

/* What follows, directives left out. */
static uint32_t skip_lines(const finder *f, uint32_t at)
{
    for (int i = 0; i < 16; i++) {
        at = skip_blanks(f, at);
        if (at >= f->length || f->text[at] != '#') break;
        at = skip_directive(f, at);
    }
    return at;
}

/* Behind `(...)`; `at` itself if there is none or it is too long. */
static uint32_t skip_arguments(const finder *f, uint32_t at)
{
    uint32_t open = at, depth = 0;
    while (open < f->length && (f->text[open] == ' ' || f->text[open] == '\t'))
        open++;
    if (open >= f->length || f->text[open] != '(') return at;
    for (uint32_t i = open; i < f->length && i - open < LONGEST_ARGUMENTS;) {
        char c = f->text[i];
        if (c == '(') depth++;
        if (c == ')' && --depth == 0) return i + 1;
        if (c == ';' || c == '{' || c == '}') return at;
        i = c == '"' || c == '\'' ? skip_literal(f, i) : i + 1;
    }
    return at;
}

static bool is_capital(const finder *f, span word)
{
    int all = CAPITAL;
    for (uint32_t i = word.start; i < word.end && all; i++)
        all &= class_of(f->text[i]);
    char first = f->text[word.start];
    return all && word.end - word.start >= SHORTEST_NAME && (first < '0' || first > '9');
}

static bool is_double_bracket(const finder *f, uint32_t at)
{
    return at + 1 < f->length && f->text[at] == '[' && f->text[at + 1] == '[';
}

/* Whether a head leads to a body: words, then `{`, with bases or arguments in between. */
static bool leads_to_body(const finder *f, uint32_t at)
{
    uint32_t end = f->length - at > LONGEST_HEAD ? at + LONGEST_HEAD : f->length;
    bool named = false, based = false;
    while ((at = skip_blanks(f, at)) < end) {
        char c = f->text[at];
        if (c == '{') return named;
        if (class_of(c) & WORD) {
            span word = {at, word_end(f, at)};
            named = true;
            at = based || word.end >= end ? word.end : skip_arguments(f, word.end);
            if (at != word.end && !is_capital(f, word) && !is_one_of(f, word, with_arguments)) return false;
            continue;
        }
        if (c == ':' || c == '<') based = true;
        if (c == ';' || c == '}' || c == '=' || (!based && c != ':' && c != '[' && c != ']')) return false;
        at++;
    }
    return false;
}

/* Whether nothing but the end of a declaration, or of what opens one, precedes. */
static bool at_start(const finder *f)
{
    return f->last == 0 || f->last == ';' || f->last == '{' || f->last == '}' || f->last == '>' || f->last == ':' ||
           is_one_of(f, f->word, specifier_words);
}

static bool first_on_line(const finder *f, uint32_t at)
{
    while (at > f->line && class_of(f->text[at - 1]) & BLANK)
        at--;
    return at == f->line;
}

static bool ends_line(const finder *f, uint32_t at)
{
    while (at < f->length && (f->text[at] == ' ' || f->text[at] == '\t' || f->text[at] == '\r'))
        at++;
    return at >= f->length || f->text[at] == '\n' || (f->text[at] == '/' && skip_comment(f, at) > at);
}

/* In front of a declaration, or alone on its line. */
static bool is_prefix(const finder *f, span name, uint32_t end)
{
    uint32_t next = skip_lines(f, end);
    if (!at_start(f) || next >= f->length) return false;
    char c = f->text[next];
    bool word = class_of(c) & WORD;
    if (word && is_one_of(f, (span){next, word_end(f, next)}, opening_words)) return true;
    if (has_part(f, name, attribute_parts) && (word || c == '~' || is_double_bracket(f, next))) return true;
    bool alone = first_on_line(f, name.start) && ends_line(f, end) && f->word.end == f->word.start;
    return alone && has_part(f, name, block_parts) && (word || (c == '}' && f->last != '{'));
}

/* Behind parameters, or behind the name of a namespace. */
static bool is_suffix(const finder *f, span name, uint32_t end)
{
    static const char *const namespace_word[] = {"namespace", NULL};
    bool behind = f->last == ')' || is_one_of(f, f->word, behind_parameters);
    bool reference = f->last == '&' && has_part(f, name, attribute_parts); /* operator*() const & NAME { */
    bool space = f->word.end > f->word.start && is_one_of(f, f->before, namespace_word);
    if (!behind && !space && !reference) return false;
    uint32_t next = skip_blanks(f, end);
    if (next >= f->length) return false;
    char c = f->text[next];
    if (c == '{') return true;
    if (space || reference) return false;
    if (c == ':') return next + 1 < f->length && f->text[next + 1] != ':';
    if (class_of(c) & WORD) {
        span word = {next, word_end(f, next)};
        return is_one_of(f, word, behind_parameters) || has_part(f, word, attribute_parts);
    }
    if (c == ';' && end == name.end) return true; /* with arguments it may be a call behind `if (x)` */
    return has_part(f, name, attribute_parts) && (c == ';' || c == '=');
}

/* The end of what is to be hidden if the word is a macro in a place of its own; else its start. */
static uint32_t judge(const finder *f, span name)
{
    uint32_t end = skip_arguments(f, name.end), next;
    if (is_one_of(f, f->word, class_words)) {
        next = skip_blanks(f, end);
        bool named = next < f->length && (class_of(f->text[next]) & WORD || is_double_bracket(f, next));
        return named && leads_to_body(f, next) ? end : name.start;
    }
    return is_prefix(f, name, end) || is_suffix(f, name, end) ? end : name.start;
}

static bool hide(wtfcb_lang_macros *macros, const wtfcb_allocator *allocator, uint32_t start, uint32_t end)
{
    if (!wtfcb_base_reserve(allocator, (void **)&macros->ranges, &macros->capacity, macros->count + 1,
                            sizeof *macros->ranges))
        return false;
    macros->ranges[macros->count++] = (wtfcb_lang_hidden){start, end};
    return true;
}

/* Behind the word at `at`, which is hidden if it is a macro out of place; 0 when memory has run out. */
static uint32_t take_word(finder *f, wtfcb_lang_macros *macros, const wtfcb_allocator *allocator, uint32_t at)
{
    span word = {at, word_end(f, at)};
    char first = f->text[at];
    if (word.end < f->length && f->text[word.end] == '"' && is_one_of(f, word, raw_prefixes))
        return skip_raw(f, word.end);
    if (first >= '0' && first <= '9') { /* 1'000 */
        while (word.end < f->length && f->text[word.end] == '\'')
            word.end = word_end(f, word.end + 1);
    }
    uint32_t end = at;
    if (is_capital(f, word))
        end = judge(f, word);
    else if ((first == 'a' || first == '_') && is_one_of(f, word, attribute_words))
        end = word.end;
    if (end > at) return hide(macros, allocator, at, end) ? end : 0;
    f->before = f->word;
    f->word = word;
    f->last = f->text[word.end - 1];
    return word.end;
}

bool wtfcb_lang_macros_find(wtfcb_lang_macros *macros, const wtfcb_allocator *allocator, const char *text,
                            uint32_t length)
{
    finder f = {.text = text, .length = length};
    macros->count = 0;
    for (uint32_t at = 0; at < length;) {
        char c = text[at];
        int class = class_of(c);
        if (class & BLANK) {
            at++;
            if (c == '\n') f.line = at;
        } else if (class & WORD) {
            at = take_word(&f, macros, allocator, at);
            if (at == 0) return false;
        } else if (c == '#' && first_on_line(&f, at)) {
            at = skip_directive(&f, at);
        } else {
            uint32_t next = skip_comment(&f, at);
            if (next == at) {
                next = c == '"' || c == '\'' ? skip_literal(&f, at) : at + 1;
                f.last = c;
                f.before = f.word;
                f.word = (span){0};
            }
            at = next;
        }
    }
    return true;
}

void wtfcb_lang_macros_free(wtfcb_lang_macros *macros, const wtfcb_allocator *allocator)
{
    wtfcb_base_free(allocator, macros->ranges, macros->capacity * sizeof *macros->ranges);
    *macros = (wtfcb_lang_macros){0};
}

const char *wtfcb_lang_macros_read(const wtfcb_lang_macros *macros, const char *text, uint32_t length, uint32_t byte,
                                   uint32_t *ret_length)
{
    static const char blanks[] = "                                                                ";
    size_t low = 0, high = macros->count; /* the first range that ends behind `byte` */
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (macros->ranges[middle].end <= byte)
            low = middle + 1;
        else
            high = middle;
    }
    uint32_t end = length;
    if (low < macros->count) {
        const wtfcb_lang_hidden *range = &macros->ranges[low];
        if (range->start <= byte) { /* a line's end among arguments stays, so that lines are counted */
            if (text[byte] == '\n') {
                *ret_length = 1;
                return text + byte;
            }
            const char *line = memchr(text + byte, '\n', range->end - byte);
            end = line ? (uint32_t)(line - text) : range->end;
            *ret_length = end - byte < sizeof blanks - 1 ? end - byte : (uint32_t)sizeof blanks - 1;
            return blanks;
        }
        end = range->start;
    }
    *ret_length = end - byte;
    return text + byte;
}
