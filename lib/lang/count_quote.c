/*
 * Heredocs, and the quoting of Perl and Ruby with delimiters of one's choice. Both are guesses: an operator may look
 * the same. So each guess must find its end, and after WTFCB_LANG_FAILURES wrong ones a file gets no further.
 */
#include "lang/count_scan.h"

#include <string.h>

enum {
    FARTHEST = 1 << 18, /* bytes that a quoted text may be long before it is no quoted text */
    HEREDOC_COST = 4,   /* a heredoc without end was looked for in the whole file */
};

static char byte_at(const wtfcb_lang_scan *scan, size_t at)
{
    return at < scan->length ? scan->bytes[at] : '\n';
}

static void no_token(wtfcb_lang_scan *scan, const wtfcb_lang_op *op, size_t at)
{
    wtfcb_lang_skip(scan, at + op->open_length, WTFCB_LANG_PLAIN);
}

static bool upper(char byte)
{
    return (byte >= 'A' && byte <= 'Z') || byte == '_';
}

static bool letter(char byte)
{
    return upper(byte) || (byte >= 'a' && byte <= 'z');
}

/* How the kinds announce a heredoc. */
static void heredoc_style(const wtfcb_lang_scan *scan, const wtfcb_lang_op *op, size_t *at, wtfcb_lang_heredoc *doc,
                          bool *upper_only)
{
    char next = byte_at(scan, *at);
    bool modified = false;
    switch (op->kind) {
    case WTFCB_LANG_HEREDOC_SH:
        modified = next == '-';
        doc->indent = modified ? 't' : 0;
        break;
    case WTFCB_LANG_HEREDOC_HCL:
        modified = next == '-';
        doc->indent = 'b';
        break;
    case WTFCB_LANG_HEREDOC_RUBY:
        modified = next == '-' || next == '~';
        doc->indent = modified ? 'b' : 0;
        *upper_only = !modified;
        break;
    case WTFCB_LANG_HEREDOC_PERL:
        modified = next == '~';
        doc->indent = modified ? 'b' : 0;
        *upper_only = true;
        break;
    default: /* PHP */
        doc->indent = 'b';
        doc->open_end = true;
        break;
    }
    if (modified) ++*at;
    while ((op->kind == WTFCB_LANG_HEREDOC_SH || op->kind == WTFCB_LANG_HEREDOC_PHP) &&
           (byte_at(scan, *at) == ' ' || byte_at(scan, *at) == '\t'))
        ++*at;
}

/* Read the announcement at `at`: its closing word, and where the announcement ends; 0 if it is none. */
static size_t heredoc_word(const wtfcb_lang_scan *scan, const wtfcb_lang_op *op, size_t at, wtfcb_lang_heredoc *doc)
{
    enum { LONGEST_WORD = 256 };
    bool upper_only = false;
    size_t start = at + op->open_length;
    heredoc_style(scan, op, &start, doc, &upper_only);
    char quote = byte_at(scan, start);
    if (quote == '"' || quote == '\'' || quote == '`') {
        start++;
    } else {
        quote = 0;
        if (op->kind == WTFCB_LANG_HEREDOC_SH && byte_at(scan, start) == '\\') start++;
        if (!(upper_only ? upper(byte_at(scan, start)) : letter(byte_at(scan, start)))) return 0;
    }
    size_t end = start;
    while (end - start < LONGEST_WORD && byte_at(scan, end) != '\n' &&
           (quote ? scan->bytes[end] != quote
                  : wtfcb_lang_word(scan->bytes[end]) ||
                        (op->kind == WTFCB_LANG_HEREDOC_SH && strchr(".-+!@%", scan->bytes[end]))))
        end++;
    if (end == start || (quote && byte_at(scan, end) != quote)) return 0;
    doc->word = start;
    doc->length = (uint16_t)(end - start);
    return end + (quote != 0);
}

static void heredoc(wtfcb_lang_scan *scan, const wtfcb_lang_op *op, size_t at)
{
    wtfcb_lang_heredoc doc = {0};
    char before = at > 0 ? scan->bytes[at - 1] : '\n';
    size_t end = 0;
    bool operand = op->kind == WTFCB_LANG_HEREDOC_SH ? !(before >= 'a' && before <= 'z') && before != '(' : true;
    if (before != '<' && operand && scan->heredoc_count < WTFCB_LANG_HEREDOCS && scan->failures < WTFCB_LANG_FAILURES)
        end = heredoc_word(scan, op, at, &doc);
    if (end) {
        scan->heredocs[scan->heredoc_count++] = doc;
        wtfcb_lang_skip(scan, end, WTFCB_LANG_PLAIN);
    } else {
        no_token(scan, op, at);
    }
}

/* Whether the line at `line` closes the heredoc. */
static bool closes(const wtfcb_lang_scan *scan, const wtfcb_lang_heredoc *doc, size_t line)
{
    while (doc->indent && (byte_at(scan, line) == '\t' || (doc->indent == 'b' && byte_at(scan, line) == ' ')))
        line++;
    if (scan->length < line || scan->length - line < doc->length ||
        memcmp(scan->bytes + line, scan->bytes + doc->word, doc->length) != 0)
        return false;
    size_t behind = line + doc->length;
    if (doc->open_end) return !wtfcb_lang_word(byte_at(scan, behind));
    return byte_at(scan, behind) == '\n' || (byte_at(scan, behind) == '\r' && byte_at(scan, behind + 1) == '\n');
}

void wtfcb_lang_heredoc_bodies(wtfcb_lang_scan *scan, size_t at)
{
    size_t line = at + 1; /* first of the body in work */
    for (uint8_t i = 0; i < scan->heredoc_count; i++) {
        const wtfcb_lang_heredoc *doc = &scan->heredocs[i];
        size_t end = line;
        while (end < scan->length && !closes(scan, doc, end)) {
            end = wtfcb_lang_find_byte(scan, end, '\n');
            if (end < scan->length) end++;
        }
        if (end < scan->length)
            line =
                end +
                (i + 1 < scan->heredoc_count && !doc->open_end ? wtfcb_lang_find_byte(scan, end, '\n') + 1 - end : 0);
        else
            scan->failures = (uint8_t)(scan->failures + HEREDOC_COST);
    }
    scan->heredoc_count = 0;
    wtfcb_lang_skip(scan, line, WTFCB_LANG_SOLID); /* the closing word itself is ordinary code again */
}

/* What closes an opening delimiter: its bracket, or itself. */
static char closing(char open)
{
    switch (open) {
    case '(': return ')';
    case '[': return ']';
    case '{': return '}';
    case '<': return '>';
    default: return open;
    }
}

/*
 * How far a quoted text that begins at `at` may reach: not past a line that begins documentation (=pod, =begin) or ends
 * the program. What seems to reach further began with a quote that was none.
 */
static size_t quoted_limit(wtfcb_lang_scan *scan, size_t at)
{
    if (scan->next_mark <= at) {
        size_t mark = at;
        do
            mark = wtfcb_lang_find_bytes(scan, mark + 1, "\n=", 2);
        while (mark < scan->length && !letter(byte_at(scan, mark + 2)));
        size_t end = wtfcb_lang_find_bytes(scan, at, "\n__END__\n", 9);
        scan->next_mark = end < mark ? end : mark;
    }
    return scan->next_mark - at < FARTHEST ? scan->next_mark : at + FARTHEST;
}

/* Behind the delimited text whose opening delimiter is at `at`; 0 if it does not end before `limit`. */
static size_t delimited_end(const wtfcb_lang_scan *scan, size_t at, size_t limit)
{
    char open = scan->bytes[at], close = closing(open);
    size_t depth = 1;
    for (size_t end = at + 1; end < limit; end++) {
        char byte = scan->bytes[end];
        if (byte == '\\')
            end++;
        else if (byte == close && --depth == 0)
            return end + 1;
        else if (byte == open)
            depth++;
    }
    return 0;
}

static void count_failure(wtfcb_lang_scan *scan, const wtfcb_lang_op *op, size_t at)
{
    if (scan->failures < WTFCB_LANG_FAILURES) scan->failures++;
    no_token(scan, op, at);
}

/*
 * An ordinary string. One that spans lines and whose end is followed by what begins a word was most likely turned inside
 * out by a quote within a regular expression: then its first quote is taken for that one.
 */
static void quoted(wtfcb_lang_scan *scan, const wtfcb_lang_op *op, size_t at)
{
    size_t line = wtfcb_lang_find_byte(scan, at, '\n');
    size_t limit = scan->failures < WTFCB_LANG_FAILURES ? quoted_limit(scan, at) : line;
    size_t end = delimited_end(scan, at, limit);
    char behind = byte_at(scan, end);
    if (end && (end <= line || !(letter(behind) || behind == '$' || behind == '@' || behind == '\\' || behind == '/')))
        wtfcb_lang_skip(scan, end, WTFCB_LANG_SOLID);
    else
        count_failure(scan, op, at);
}

/* Take the text with the delimiter at `at`, and the replacement that follows it where there are two parts. */
static void delimited(wtfcb_lang_scan *scan, const wtfcb_lang_op *op, size_t token, size_t at, bool two)
{
    size_t limit = quoted_limit(scan, at);
    size_t end = scan->failures < WTFCB_LANG_FAILURES ? delimited_end(scan, at, limit) : 0;
    if (end && two) {
        if (closing(scan->bytes[at]) == scan->bytes[at]) {
            end = delimited_end(scan, end - 1, limit);
        } else {
            while (end < scan->length && wtfcb_lang_space(scan->bytes[end]))
                end++;
            end = end < scan->length ? delimited_end(scan, end, limit) : 0;
        }
    }
    if (end)
        wtfcb_lang_skip(scan, end, WTFCB_LANG_SOLID);
    else
        count_failure(scan, op, token);
}

static void quote_perl(wtfcb_lang_scan *scan, const wtfcb_lang_op *op, size_t at)
{
    char first = scan->bytes[at], before = at > 0 ? scan->bytes[at - 1] : '\n';
    size_t delimiter = at + op->open_length;
    if (first == 'q' && byte_at(scan, delimiter) && strchr("qwrx", byte_at(scan, delimiter))) delimiter++;
    bool spaced = false;
    while (byte_at(scan, delimiter) == ' ') {
        delimiter++;
        spaced = true;
    }
    char open = byte_at(scan, delimiter);
    /* A variable, a method, a hash's key; an assignment, a comma, a fat arrow. */
    bool other =
        strchr("$@%&>{-", before) || wtfcb_lang_word(open) || wtfcb_lang_space(open) || !open ||
        strchr(op->open_length == 1 && first != 'm' && first != 's' ? "=,;)]}>:.?*+-" : "=;)]}>:.?*+-", open) ||
        (spaced && strchr(",#<&|", open));
    if (other)
        no_token(scan, op, at);
    else
        delimited(scan, op, at, delimiter, first == 's' || first == 't' || first == 'y');
}

static void quote_ruby(wtfcb_lang_scan *scan, const wtfcb_lang_op *op, size_t at)
{
    size_t delimiter = at + 1;
    char open = byte_at(scan, delimiter);
    bool lettered = open && strchr("wWiIqQrsx", open);
    if (lettered) open = byte_at(scan, ++delimiter);
    bool fits = lettered ? open && strchr("([{<|!/^-", open) : open && strchr("([{|", open);
    if (fits)
        delimited(scan, op, at, delimiter, false);
    else
        no_token(scan, op, at);
}

/* Perl's documentation, from a line "=word" to the line behind "=cut". */
static void pod(wtfcb_lang_scan *scan, const wtfcb_lang_op *op, size_t at)
{
    if (!letter(byte_at(scan, at + 1))) {
        no_token(scan, op, at);
        return;
    }
    size_t end = wtfcb_lang_find_bytes(scan, at, "\n=cut", 5);
    wtfcb_lang_skip(scan, wtfcb_lang_find_byte(scan, end < scan->length ? end + 1 : end, '\n'), WTFCB_LANG_DOCUMENT);
}

/* What follows the program's end is text up to the next documentation. */
static void tail(wtfcb_lang_scan *scan, size_t at)
{
    do
        at = wtfcb_lang_find_bytes(scan, at + 1, "\n=", 2);
    while (at < scan->length && !letter(byte_at(scan, at + 2)));
    wtfcb_lang_skip(scan, at, WTFCB_LANG_PLAIN);
}

void wtfcb_lang_quote(wtfcb_lang_scan *scan, const wtfcb_lang_op *op, size_t at)
{
    switch (op->kind) {
    case WTFCB_LANG_QUOTE_PERL: quote_perl(scan, op, at); break;
    case WTFCB_LANG_QUOTE_RUBY: quote_ruby(scan, op, at); break;
    case WTFCB_LANG_QUOTED: quoted(scan, op, at); break;
    case WTFCB_LANG_POD: pod(scan, op, at); break;
    case WTFCB_LANG_TAIL: tail(scan, at); break;
    default: heredoc(scan, op, at); break;
    }
}
