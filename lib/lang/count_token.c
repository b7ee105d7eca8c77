/*
 * What begins at a byte that may begin something, and the constructs that the block loop leaves to us: character
 * literals, raw strings, long brackets, docstrings, templates, regular expressions. See count_scan.h for the rules they
 * follow.
 */
#include "lang/count_scan.h"

#include <assert.h>
#include <string.h>

size_t wtfcb_lang_find_byte(const wtfcb_lang_scan *scan, size_t from, char byte)
{
    if (from >= scan->length) return scan->length;
    const char *found = memchr(scan->bytes + from, byte, scan->length - from);
    return found ? (size_t)(found - scan->bytes) : scan->length;
}

size_t wtfcb_lang_find_bytes(const wtfcb_lang_scan *scan, size_t from, const char *needle, size_t needle_length)
{
    if (from >= scan->length) return scan->length;
    const char *found = memmem(scan->bytes + from, scan->length - from, needle, needle_length);
    return found ? (size_t)(found - scan->bytes) : scan->length;
}

size_t wtfcb_lang_last_code(const wtfcb_lang_scan *scan)
{
    if (scan->code_now) return scan->base + 63 - (size_t)__builtin_clzll(scan->code_now);
    if (scan->code_before) return scan->base - 1 - (size_t)__builtin_clzll(scan->code_before);
    return scan->code_older ? scan->code_older - 1 : SIZE_MAX;
}

/* Whether only white space stands between the line's start and `at`. Linear over a file: blanks are walked once. */
static bool first_on_line(const wtfcb_lang_scan *scan, size_t at)
{
    while (at > 0 && wtfcb_lang_blank(scan->bytes[at - 1]))
        at--;
    return at == 0 || scan->bytes[at - 1] == '\n';
}

static bool in_column_6(const wtfcb_lang_scan *scan, size_t at)
{
    if (at < 6 || (at > 6 && scan->bytes[at - 7] != '\n')) return false;
    return memchr(scan->bytes + at - 6, '\n', 6) == NULL;
}

static bool conditions_hold(const wtfcb_lang_scan *scan, const wtfcb_lang_op *op, size_t at)
{
    char before = at > 0 ? scan->bytes[at - 1] : '\n';
    if ((op->flags & WTFCB_LANG_COLUMN_0) && before != '\n') return false;
    if ((op->flags & WTFCB_LANG_COLUMN_6) && !in_column_6(scan, at)) return false;
    if ((op->flags & WTFCB_LANG_NOT_INNER) && wtfcb_lang_word(before)) return false;
    if ((op->flags & WTFCB_LANG_AT_WORD) && !wtfcb_lang_space(before) && !strchr(";(){}[],&|", before)) return false;
    if ((op->flags & WTFCB_LANG_OPERAND) && (wtfcb_lang_word(before) || strchr(".\"')]}", before))) return false;
    if ((op->flags & WTFCB_LANG_WHOLE) && at + op->open_length < scan->length &&
        wtfcb_lang_word(scan->bytes[at + op->open_length]))
        return false;
    return !(op->flags & WTFCB_LANG_FIRST) || first_on_line(scan, at);
}

/* Whether the byte behind the token forbids it. */
static bool forbidden(const wtfcb_lang_scan *scan, const wtfcb_lang_op *op, size_t at)
{
    const char *unless = op->token->unless;
    size_t behind = at + op->open_length;
    return *unless && behind < scan->length && scan->bytes[behind] && strchr(unless, scan->bytes[behind]);
}

const wtfcb_lang_op *wtfcb_lang_match(const wtfcb_lang_scan *scan, size_t at)
{
    const char *p = scan->bytes + at;
    uint64_t head;
    memcpy(&head, p, sizeof head);
    assert(scan->machine->first[(unsigned char)*p]);
    for (const wtfcb_lang_op *op = &scan->machine->ops[scan->machine->first[(unsigned char)*p] - 1];; op++) {
        if ((head & op->mask) == op->value && scan->length - at >= op->open_length &&
            (op->open_length <= sizeof head || memcmp(p, op->token->open, op->open_length) == 0) &&
            !forbidden(scan, op, at) && (!(op->flags & WTFCB_LANG_CONDITIONS) || conditions_hold(scan, op, at)))
            return op;
        if (op->last) return NULL;
    }
}

/* The byte at `at` is no token after all. */
static void no_token(wtfcb_lang_scan *scan, size_t at)
{
    wtfcb_lang_skip(scan, at + 1, WTFCB_LANG_PLAIN);
}

/* A string that the block loop follows. */
static void plain_string(wtfcb_lang_scan *scan, const wtfcb_lang_op *op, size_t at)
{
    scan->state = WTFCB_LANG_IN_STRING;
    wtfcb_lang_skip(scan, at + op->open_length, WTFCB_LANG_SOLID);
}

static void line_comment(wtfcb_lang_scan *scan)
{
    scan->state = WTFCB_LANG_IN_LINE;
}

/* The byte at `at`, or a newline beyond either end. */
static char byte_at(const wtfcb_lang_scan *scan, size_t at)
{
    return at < scan->length ? scan->bytes[at] : '\n';
}

/* The end of a literal of one character at `at`, or 0 if none stands there. */
static size_t character_end(const wtfcb_lang_scan *scan, size_t at)
{
    enum { LONGEST_ESCAPE = 14 }; /* '\u{10FFFF}' and some */
    char quote = scan->bytes[at];
    if (byte_at(scan, at + 1) == '\\') {
        for (size_t end = at + 3; end < at + LONGEST_ESCAPE && byte_at(scan, end) != '\n'; end++)
            if (scan->bytes[end] == quote) return end + 1;
        return 0;
    }
    size_t end = at + 2;
    while (end < at + 5 && ((unsigned char)byte_at(scan, end) & 0xC0) == 0x80)
        end++; /* the rest of a character of UTF-8 */
    return byte_at(scan, at + 1) != '\n' && byte_at(scan, at + 1) != quote && byte_at(scan, end) == quote ? end + 1 : 0;
}

/* Whether the apostrophe at `at` separates the digits of a number. */
static bool separates_digits(const wtfcb_lang_scan *scan, size_t at)
{
    enum { LONGEST_NUMBER = 80 };
    size_t start = at;
    while (start > 0 && at - start < LONGEST_NUMBER &&
           (wtfcb_lang_word(scan->bytes[start - 1]) || scan->bytes[start - 1] == '\''))
        start--;
    return start < at && scan->bytes[start] >= '0' && scan->bytes[start] <= '9' &&
           wtfcb_lang_word(byte_at(scan, at + 1));
}

static void character_c(wtfcb_lang_scan *scan, const wtfcb_lang_op *op, size_t at)
{
    if (separates_digits(scan, at)) {
        no_token(scan, at);
    } else {
        size_t end = character_end(scan, at);
        if (end)
            wtfcb_lang_skip(scan, end, WTFCB_LANG_SOLID);
        else
            plain_string(scan, op, at);
    }
}

/* Whether the quote at `at` has the letter `raw` before it, which itself may follow prefix letters but no other word. */
static bool raw_prefix(const wtfcb_lang_scan *scan, size_t at, char raw, const char *prefixes)
{
    if (at == 0 || scan->bytes[at - 1] != raw) return false;
    size_t start = at - 1;
    while (start > 0 && at - start < 4 && scan->bytes[start - 1] && strchr(prefixes, scan->bytes[start - 1]))
        start--;
    return start == 0 || !wtfcb_lang_word(scan->bytes[start - 1]);
}

static void raw_cpp(wtfcb_lang_scan *scan, const wtfcb_lang_op *op, size_t at)
{
    enum { LONGEST_DELIMITER = 16 };
    char needle[LONGEST_DELIMITER + 2] = ")";
    size_t length = 1;
    if (!raw_prefix(scan, at, 'R', "u8UL")) {
        plain_string(scan, op, at);
        return;
    }
    while (length <= LONGEST_DELIMITER && byte_at(scan, at + length) != '(' && byte_at(scan, at + length) != '\n') {
        needle[length] = byte_at(scan, at + length);
        length++;
    }
    if (byte_at(scan, at + length) != '(') {
        plain_string(scan, op, at);
        return;
    }
    needle[length++] = '"';
    wtfcb_lang_skip(scan, wtfcb_lang_find_bytes(scan, at, needle, length) + length, WTFCB_LANG_SOLID);
}

/* How often `byte` stands at and behind `at`. */
static size_t run_of(const wtfcb_lang_scan *scan, size_t at, char byte)
{
    size_t end = at;
    while (end < scan->length && scan->bytes[end] == byte)
        end++;
    return end - at;
}

static size_t run_before(const wtfcb_lang_scan *scan, size_t at, char byte)
{
    size_t start = at;
    while (start > 0 && scan->bytes[start - 1] == byte)
        start--;
    return at - start;
}

/* Behind the next run of exactly `quotes` or more quotes with `hashes` behind it; the content's end if there is none. */
static size_t quotes_and_hashes(const wtfcb_lang_scan *scan, size_t at, size_t quotes, size_t hashes)
{
    for (at = wtfcb_lang_find_byte(scan, at, '"'); at < scan->length; at = wtfcb_lang_find_byte(scan, at, '"')) {
        size_t run = run_of(scan, at, '"');
        at += run;
        if (run >= quotes && (hashes == 0 || run_of(scan, at, '#') >= hashes)) return at + hashes;
    }
    return scan->length;
}

static void raw_rust(wtfcb_lang_scan *scan, const wtfcb_lang_op *op, size_t at)
{
    size_t hashes = run_before(scan, at, '#');
    if (raw_prefix(scan, at - hashes, 'r', "bc")) {
        /* Without hashes the first quote ends it; with them a run of quotes may stand before. */
        size_t end = hashes ? quotes_and_hashes(scan, at + 1, 1, hashes) : wtfcb_lang_find_byte(scan, at + 1, '"') + 1;
        wtfcb_lang_skip(scan, end, WTFCB_LANG_SOLID);
    } else {
        plain_string(scan, op, at);
    }
}

/* Behind the closing quotes, the first of which no backslash precedes. */
static size_t escaped_end(const wtfcb_lang_scan *scan, size_t from, const char *close, size_t close_length)
{
    for (size_t at = from;;) {
        at = wtfcb_lang_find_bytes(scan, at, close, close_length);
        if (at >= scan->length) return scan->length;
        size_t slashes = run_before(scan, at, '\\');
        if (slashes > at - from) slashes = at - from;
        if (slashes % 2 == 0) return at + close_length;
        at++;
    }
}

static void raw_swift(wtfcb_lang_scan *scan, const wtfcb_lang_op *op, size_t at)
{
    size_t hashes = run_before(scan, at, '#');
    size_t quotes = byte_at(scan, at + 1) == '"' && byte_at(scan, at + 2) == '"' ? 3 : 1;
    if (hashes == 0 && quotes == 1) {
        plain_string(scan, op, at);
    } else if (hashes == 0) {
        wtfcb_lang_skip(scan, escaped_end(scan, at + 3, "\"\"\"", 3), WTFCB_LANG_SOLID);
    } else {
        wtfcb_lang_skip(scan, quotes_and_hashes(scan, at + quotes, quotes, hashes), WTFCB_LANG_SOLID);
    }
}

static void raw_csharp(wtfcb_lang_scan *scan, const wtfcb_lang_op *op, size_t at)
{
    bool verbatim =
        at > 0 && (scan->bytes[at - 1] == '@' || (scan->bytes[at - 1] == '$' && at > 1 && scan->bytes[at - 2] == '@'));
    if (verbatim) {
        size_t end = at + 1; /* a doubled quote is a quote */
        for (;;) {
            end = wtfcb_lang_find_byte(scan, end, '"') + 1;
            if (byte_at(scan, end) != '"') break;
            end++;
        }
        wtfcb_lang_skip(scan, end, WTFCB_LANG_SOLID);
        return;
    }
    size_t quotes = run_of(scan, at, '"'); /* three and more are followed past all of them: counted once */
    if (quotes >= 3) {
        wtfcb_lang_skip(scan, quotes_and_hashes(scan, at + quotes, quotes, 0), WTFCB_LANG_SOLID);
    } else {
        plain_string(scan, op, at);
    }
}

static void raw_ocaml(wtfcb_lang_scan *scan, size_t at)
{
    enum { LONGEST_NAME = 32 };
    char needle[LONGEST_NAME + 2] = "|";
    size_t length = 1;
    while (length <= LONGEST_NAME && ((byte_at(scan, at + length) >= 'a' && byte_at(scan, at + length) <= 'z') ||
                                      byte_at(scan, at + length) == '_')) {
        needle[length] = scan->bytes[at + length];
        length++;
    }
    if (byte_at(scan, at + length) != '|') {
        no_token(scan, at);
        return;
    }
    needle[length++] = '}';
    wtfcb_lang_skip(scan, wtfcb_lang_find_bytes(scan, at + length, needle, length) + length, WTFCB_LANG_SOLID);
}

static void string_nix(wtfcb_lang_scan *scan, size_t at)
{
    for (at = wtfcb_lang_find_bytes(scan, at + 2, "''", 2); at < scan->length;
         at = wtfcb_lang_find_bytes(scan, at, "''", 2)) {
        char behind = byte_at(scan, at += 2);
        if (behind != '$' && behind != '\'' && behind != '\\') break;
        at += behind == '\\' ? 2 : 1;
    }
    wtfcb_lang_skip(scan, at, WTFCB_LANG_SOLID);
}

/* Behind the `]==]` that closes the long bracket whose first bracket is at `at`, or 0 if none opens there. */
static size_t long_bracket_end(const wtfcb_lang_scan *scan, size_t at)
{
    if (byte_at(scan, at) != '[') return 0;
    size_t level = run_of(scan, at + 1, '=');
    if (byte_at(scan, at + 1 + level) != '[') return 0;
    for (size_t end = wtfcb_lang_find_byte(scan, at, ']'); end < scan->length;
         end = wtfcb_lang_find_byte(scan, end, ']')) {
        size_t run = run_of(scan, end + 1, '=');
        end += 1 + run;
        if (run == level && byte_at(scan, end) == ']') return end + 1;
    }
    return scan->length;
}

static void long_bracket(wtfcb_lang_scan *scan, const wtfcb_lang_op *op, size_t at)
{
    bool comment = (op->flags & WTFCB_LANG_COMMENT) != 0;
    size_t end = long_bracket_end(scan, comment ? at + op->open_length : at);
    if (end)
        wtfcb_lang_skip(scan, end, comment ? wtfcb_lang_comment_class(op) : WTFCB_LANG_SOLID);
    else if (comment)
        line_comment(scan);
    else
        no_token(scan, at);
}

/*
 * Whether the line of the code byte at `last`, a quote, is one that strings behind it go on with: it begins with a string
 * itself, or leaves a bracket open.
 */
static bool continues_strings(const wtfcb_lang_scan *scan, size_t last)
{
    enum { FARTHEST = 256 };
    size_t stop = last > FARTHEST ? last - FARTHEST : 0, at = last;
    int open = 0;
    char inside = scan->bytes[last], first = inside;
    while (at > stop && scan->bytes[at - 1] != '\n') {
        char byte = scan->bytes[--at];
        if (!wtfcb_lang_space(byte)) first = byte;
        if (inside)
            inside = byte == inside ? 0 : inside;
        else if (byte == '"' || byte == '\'')
            inside = byte;
        else
            open += (byte == '(' || byte == '[' || byte == '{') - (byte == ')' || byte == ']' || byte == '}');
    }
    return open > 0 || first == '"' || first == '\'';
}

/*
 * Whether the string [at, end) is a statement of its own, which makes it documentation: alone on its lines, and not what
 * the code before it goes on with.
 */
static bool stands_alone(const wtfcb_lang_scan *scan, size_t at, size_t end)
{
    if (!first_on_line(scan, at)) return false;
    while (end < scan->length && wtfcb_lang_blank(scan->bytes[end]))
        end++;
    if (byte_at(scan, end) != '\n' && byte_at(scan, end) != '#' && byte_at(scan, end) != ';') return false;
    size_t last = wtfcb_lang_last_code(scan);
    if (last == SIZE_MAX) return true;
    if (scan->bytes[last] == '"' || scan->bytes[last] == '\'') return !continues_strings(scan, last);
    return !scan->bytes[last] || !strchr("([{,=+-*/%|&\\<>~^", scan->bytes[last]);
}

static void docstring(wtfcb_lang_scan *scan, const wtfcb_lang_op *op, size_t at)
{
    size_t end = escaped_end(scan, at + op->open_length, op->token->close, op->close_length);
    wtfcb_lang_skip(scan, end, stands_alone(scan, at, end) ? WTFCB_LANG_DOCUMENT : WTFCB_LANG_SOLID);
}

/* Behind the string in `quote`s at `at` if it ends on its line, else behind its first quote. */
static size_t short_string_end(const wtfcb_lang_scan *scan, size_t at, char quote)
{
    for (size_t end = at + 1; byte_at(scan, end) != '\n'; end++) {
        if (scan->bytes[end] == quote) return end + 1;
        if (scan->bytes[end] == '\\' && byte_at(scan, end + 1) != '\n') end++;
    }
    return at + 1;
}

/* Templates nest through their ${...}: a stack of how many braces are open in each expression. */
static void template(wtfcb_lang_scan *scan, size_t at)
{
    enum { DEEPEST = 32 };
    uint32_t braces[DEEPEST];
    size_t depth = 0, no_string_before = 0;
    bool text = true;
    for (at++; at < scan->length; at++) {
        char byte = scan->bytes[at];
        if (text) {
            if (byte == '\\') {
                at++;
            } else if (byte == '`') {
                if (depth == 0) break;
                text = false;
            } else if (byte == '$' && byte_at(scan, at + 1) == '{' && depth < DEEPEST) {
                braces[depth++] = 1;
                text = false;
                at++;
            }
        } else if (byte == '`') {
            text = true;
        } else if (byte == '{') {
            braces[depth - 1]++;
        } else if (byte == '}') {
            if (--braces[depth - 1] == 0) {
                depth--;
                text = true;
            }
        } else if ((byte == '"' || byte == '\'') && at >= no_string_before) {
            size_t end = short_string_end(scan, at, byte);
            if (end == at + 1) no_string_before = wtfcb_lang_find_byte(scan, at, '\n');
            at = end - 1;
        }
    }
    wtfcb_lang_skip(scan, at + 1, WTFCB_LANG_SOLID);
}

/* Whether the code up to `last` leaves room for an operand, so that a slash begins a regular expression. */
static bool wants_operand(const wtfcb_lang_scan *scan, size_t last)
{
    static const char words[] = " return typeof case in of do else void delete throw new yield await and or not if "
                                "unless while until when then split grep map print ";
    if (last == SIZE_MAX) return true;
    char byte = scan->bytes[last];
    if (!wtfcb_lang_word(byte)) return !byte || !strchr(")]}\"'`$@.", byte);
    char word[12] = " ";
    size_t start = last + 1, length;
    while (start > 0 && last + 1 - start < 9 && wtfcb_lang_word(scan->bytes[start - 1]))
        start--;
    length = last + 1 - start;
    if (length > 8 || (start > 0 && strchr("$@%.", scan->bytes[start - 1]))) return false;
    memcpy(word + 1, scan->bytes + start, length);
    memcpy(word + 1 + length, " ", 2);
    return strstr(words, word) != NULL;
}

static void regex(wtfcb_lang_scan *scan, size_t at)
{
    if (at < scan->no_regex_before || !wants_operand(scan, wtfcb_lang_last_code(scan))) {
        no_token(scan, at);
        return;
    }
    bool class = false;
    size_t end = at + 1;
    for (; byte_at(scan, end) != '\n'; end++) {
        char byte = scan->bytes[end];
        if (byte == '\\' && byte_at(scan, end + 1) != '\n')
            end++;
        else if (byte == '[')
            class = true;
        else if (byte == ']')
            class = false;
        else if (byte == '/' && !class)
            break;
    }
    if (byte_at(scan, end) == '/') {
        wtfcb_lang_skip(scan, end + 1, WTFCB_LANG_SOLID);
    } else {
        scan->no_regex_before = end;
        no_token(scan, at);
    }
}

/* A comment of whole lines. What closes it must begin its line, behind blanks where what opens it may. */
static void whole_lines(wtfcb_lang_scan *scan, const wtfcb_lang_op *op, size_t at)
{
    const char *close = op->token->close;
    size_t line = wtfcb_lang_find_byte(scan, at, '\n');
    if (op->token->open[op->open_length - 1] == '{') { /* MATLAB's must be alone on its line */
        size_t rest = at + op->open_length;
        while (rest < line && wtfcb_lang_blank(scan->bytes[rest]))
            rest++;
        if (rest < line) {
            line_comment(scan);
            return;
        }
    }
    for (; line < scan->length; line = wtfcb_lang_find_byte(scan, line + 1, '\n')) {
        size_t start = line + 1;
        while (!(op->flags & WTFCB_LANG_COLUMN_0) && start < scan->length && wtfcb_lang_blank(scan->bytes[start]))
            start++;
        if (start < scan->length && scan->length - start >= op->close_length &&
            memcmp(scan->bytes + start, close, op->close_length) == 0) {
            line = wtfcb_lang_find_byte(scan, start, '\n');
            break;
        }
    }
    wtfcb_lang_skip(scan, line, wtfcb_lang_comment_class(op));
}

/* Assembly that goes through the C preprocessor: its directives are code, any other # begins a comment. */
static void assembly_hash(wtfcb_lang_scan *scan, size_t at)
{
    static const char directives[] = " define include if ifdef ifndef elif else endif undef error warning pragma line ";
    char word[12] = " ";
    size_t start = at + 1, length = 0;
    while (byte_at(scan, start) == ' ' || byte_at(scan, start) == '\t')
        start++;
    while (length < 8 && byte_at(scan, start + length) >= 'a' && byte_at(scan, start + length) <= 'z') {
        word[1 + length] = scan->bytes[start + length];
        length++;
    }
    memcpy(word + 1 + length, " ", 2);
    if (length > 0 && strstr(directives, word))
        no_token(scan, at);
    else
        line_comment(scan);
}

static void outside(wtfcb_lang_scan *scan, const wtfcb_lang_op *op, size_t from)
{
    wtfcb_lang_skip(scan, wtfcb_lang_find_bytes(scan, from, op->token->close, op->close_length) + op->close_length,
                    WTFCB_LANG_PLAIN);
}

void wtfcb_lang_start(wtfcb_lang_scan *scan)
{
    if (scan->machine->outside) outside(scan, scan->machine->outside, 0);
}

static void character(wtfcb_lang_scan *scan, size_t at)
{
    size_t end = character_end(scan, at);
    if (end)
        wtfcb_lang_skip(scan, end, WTFCB_LANG_SOLID);
    else
        no_token(scan, at);
}

void wtfcb_lang_special(wtfcb_lang_scan *scan, const wtfcb_lang_op *op, size_t at)
{
    switch (op->kind) {
    case WTFCB_LANG_CHAR: character(scan, at); break;
    case WTFCB_LANG_CHAR_C: character_c(scan, op, at); break;
    case WTFCB_LANG_RAW_CPP: raw_cpp(scan, op, at); break;
    case WTFCB_LANG_RAW_RUST: raw_rust(scan, op, at); break;
    case WTFCB_LANG_RAW_SWIFT: raw_swift(scan, op, at); break;
    case WTFCB_LANG_RAW_CSHARP: raw_csharp(scan, op, at); break;
    case WTFCB_LANG_RAW_OCAML: raw_ocaml(scan, at); break;
    case WTFCB_LANG_STRING_NIX: string_nix(scan, at); break;
    case WTFCB_LANG_LONG_BRACKET: long_bracket(scan, op, at); break;
    case WTFCB_LANG_DOCSTRING: docstring(scan, op, at); break;
    case WTFCB_LANG_TEMPLATE: template(scan, at); break;
    case WTFCB_LANG_REGEX: regex(scan, at); break;
    case WTFCB_LANG_LINES: whole_lines(scan, op, at); break;
    case WTFCB_LANG_OUTSIDE: outside(scan, op, at); break;
    case WTFCB_LANG_ASM_HASH: assembly_hash(scan, at); break;
    case WTFCB_LANG_TAG:
    case WTFCB_LANG_FENCE:
    case WTFCB_LANG_CODE_SPAN:
    case WTFCB_LANG_FRONT_MATTER:
    case WTFCB_LANG_EXPLICIT: wtfcb_lang_embed(scan, op, at); break;
    default: wtfcb_lang_quote(scan, op, at); break;
    }
}
