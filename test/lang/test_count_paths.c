/*
 * Every path of the line counter gives the same as a slow one that goes byte by byte, on text made of what the syntaxes
 * know, for every language. Also what hostile input must not do: read too far, take more than linear time.
 */
#include "test.h"

#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "base/memory.h"
#include "lang/count_scan.h"
#include "lang/languages.h"

static wtfcb_languages *languages;
static wtfcb_allocator allocator;

static void set_up(void)
{
    allocator = wtfcb_base_allocator(NULL);
    ck_assert_int_eq(wtfcb_languages_new(NULL, &languages), WTFCB_OK);
}

static void tear_down(void)
{
    wtfcb_languages_free(languages);
}

static uint64_t seed;

static uint32_t next_random(void)
{
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(seed >> 33);
}

/* The reference: one class per byte, then lines. */
typedef struct reference {
    wtfcb_lang_scan scan;
    uint8_t *classes;
    bool *foreign;
    size_t at;
} reference;

static void put(reference *r, size_t to, uint8_t class)
{
    for (; r->at < to && r->at < r->scan.length; r->at++)
        r->classes[r->at] = class;
    if (r->at < to) r->at = to;
}

static bool is_code(const reference *r, size_t at)
{
    if (r->classes[at] == WTFCB_LANG_SOLID) return true;
    return r->classes[at] == WTFCB_LANG_PLAIN && !wtfcb_lang_space(r->scan.bytes[at]);
}

/* Show the scan what stands before `at`, as the block loop would. */
static void look_back(reference *r)
{
    wtfcb_lang_scan *scan = &r->scan;
    scan->base = r->at;
    scan->code_now = scan->code_before = 0;
    scan->code_older = 0;
    for (size_t k = 1; k <= 64 && k <= r->at; k++)
        if (is_code(r, r->at - k)) scan->code_before |= UINT64_C(1) << (64 - k);
    for (size_t k = r->at > 64 ? r->at - 64 : 0; k > 0 && !scan->code_before && !scan->code_older; k--)
        if (is_code(r, k - 1)) scan->code_older = k;
}

static void follow_special(reference *r, const wtfcb_lang_op *op)
{
    wtfcb_lang_scan *scan = &r->scan;
    look_back(r);
    size_t from = scan->foreign_to;
    wtfcb_lang_special(scan, op, r->at);
    if (scan->skip_to > r->at) put(r, scan->skip_to, scan->skip_class);
    for (size_t i = scan->foreign_from; scan->foreign_to != from && i < scan->foreign_to; i++)
        r->foreign[i] = true;
}

static bool stands(const reference *r, const char *text, size_t length)
{
    return r->scan.length - r->at >= length && memcmp(r->scan.bytes + r->at, text, length) == 0;
}

static void step_code(reference *r)
{
    wtfcb_lang_scan *scan = &r->scan;
    char byte = scan->bytes[r->at];
    if (byte == '\n' && scan->heredoc_count) {
        wtfcb_lang_heredoc_bodies(scan, r->at);
        put(r, scan->skip_to, scan->skip_class);
        return;
    }
    const wtfcb_lang_op *op = scan->machine->first[(unsigned char)byte] ? wtfcb_lang_match(scan, r->at) : NULL;
    if (!op) {
        put(r, r->at + 1, WTFCB_LANG_PLAIN);
        return;
    }
    scan->op = op;
    if (op->kind == WTFCB_LANG_LINE) {
        scan->state = WTFCB_LANG_IN_LINE;
    } else if (op->kind == WTFCB_LANG_BLOCK) {
        scan->state = WTFCB_LANG_IN_BLOCK;
        scan->depth = 1;
        put(r, r->at + op->open_length, wtfcb_lang_comment_class(op));
    } else if (op->kind == WTFCB_LANG_STRING) {
        scan->state = WTFCB_LANG_IN_STRING;
        put(r, r->at + op->open_length, WTFCB_LANG_SOLID);
    } else if (op->kind == WTFCB_LANG_PASS) {
        put(r, r->at + op->open_length, WTFCB_LANG_PLAIN);
    } else if (op->kind == WTFCB_LANG_ESCAPE) {
        put(r, r->at + op->open_length + (scan->bytes[r->at + op->open_length] != '\n'), WTFCB_LANG_PLAIN);
    } else {
        follow_special(r, op);
    }
}

static void step_line(reference *r)
{
    wtfcb_lang_scan *scan = &r->scan;
    if (scan->bytes[r->at] == '\n') {
        const char *before = scan->bytes + r->at - 1;
        if (*before == '\r') before--;
        if (!(scan->op->flags & WTFCB_LANG_CONTINUED) || *before != '\\') {
            scan->state = WTFCB_LANG_IN_CODE;
            return;
        }
    }
    put(r, r->at + 1, wtfcb_lang_comment_class(scan->op));
}

static void step_block(reference *r)
{
    wtfcb_lang_scan *scan = &r->scan;
    const wtfcb_lang_op *op = scan->op;
    size_t nest = op->open_length < 2 ? 1 : 2, length = 1;
    if (stands(r, op->token->close, op->close_length)) {
        if (--scan->depth == 0) scan->state = WTFCB_LANG_IN_CODE;
        length = op->close_length;
    } else if ((op->flags & WTFCB_LANG_NEST) && stands(r, op->token->open, nest)) {
        scan->depth++;
        length = nest;
    }
    put(r, r->at + length, wtfcb_lang_comment_class(op));
}

static void step_string(reference *r)
{
    wtfcb_lang_scan *scan = &r->scan;
    const wtfcb_lang_op *op = scan->op;
    const char *p = scan->bytes + r->at;
    size_t length = 1;
    if (*p == '\n' && !(op->flags & WTFCB_LANG_MULTI)) {
        scan->state = WTFCB_LANG_IN_CODE;
        return;
    }
    if (op->escape && *p == op->escape) {
        length = p[1] == '\r' && p[2] == '\n' ? 3 : 2;
    } else if (stands(r, op->token->close, op->close_length)) {
        scan->state = WTFCB_LANG_IN_CODE;
        length = op->close_length;
    }
    put(r, r->at + length, WTFCB_LANG_SOLID);
}

static wtfcb_lang_counts add_lines(const reference *r)
{
    wtfcb_lang_counts counts = {0};
    bool code = false, comment = false, doc = false, any = false;
    for (size_t i = 0; i < r->scan.length; i++) {
        if (r->foreign[i]) continue;
        any = true;
        code |= is_code(r, i);
        comment |= r->classes[i] >= WTFCB_LANG_REMARK;
        doc |= r->classes[i] == WTFCB_LANG_DOCUMENT;
        if (r->scan.bytes[i] != '\n' && i + 1 < r->scan.length) continue;
        counts.lines++;
        if (code)
            counts.code++;
        else if (comment)
            counts.comments++, counts.docs += doc;
        else
            counts.blanks++;
        code = comment = doc = any = false;
    }
    if (any) { /* the content ends within a line whose end is a child's */
        counts.lines++;
        counts.code += code;
        counts.comments += !code && comment;
        counts.docs += !code && doc;
        counts.blanks += !code && !comment;
    }
    return counts;
}

static wtfcb_lang_counts count_slowly(uint16_t language, const char *bytes, size_t length,
                                      wtfcb_lang_children *children)
{
    reference r = {.scan = {.machine = &languages->machines[languages->rows[language].syntax],
                            .bytes = bytes,
                            .length = length,
                            .languages = languages,
                            .children = children},
                   .classes = calloc(length + 1, 1),
                   .foreign = calloc(length + 1, sizeof(bool))};
    if (children) children->count = 0;
    wtfcb_lang_start(&r.scan);
    put(&r, r.scan.skip_to, r.scan.skip_class);
    while (r.at < length) {
        switch (r.scan.state) {
        case WTFCB_LANG_IN_CODE: step_code(&r); break;
        case WTFCB_LANG_IN_LINE: step_line(&r); break;
        case WTFCB_LANG_IN_BLOCK: step_block(&r); break;
        default: step_string(&r); break;
        }
    }
    wtfcb_lang_counts counts = add_lines(&r);
    free(r.classes);
    free(r.foreign);
    return counts;
}

static const char *const pieces[] = {"\n",
                                     "\n",
                                     " ",
                                     "\t",
                                     "\r\n",
                                     "a",
                                     "word ",
                                     "x = 1;",
                                     "\\",
                                     "\"",
                                     "'",
                                     "`",
                                     "${",
                                     "}",
                                     "{",
                                     "EOF\n",
                                     "<<EOF\n",
                                     "R\"(",
                                     ")\"",
                                     "r#\"",
                                     "\"#",
                                     "\n\n",
                                     "=",
                                     "[[",
                                     "]]",
                                     "/",
                                     "*/",
                                     "#",
                                     "<script>\n",
                                     "</script>\n",
                                     "```c\n",
                                     "```\n",
                                     "\\\n",
                                     "\xC3\xA9",
                                     "=cut\n",
                                     "\n=head1\n",
                                     "q{",
                                     "%w(",
                                     "return /",
                                     "-->",
                                     "\f",
                                     "                                                                  ",
                                     "<style lang=css>\n",
                                     "</style>",
                                     "?>",
                                     "<?php ",
                                     "\n}\n",
                                     "(",
                                     ")",
                                     "12'34",
                                     "''",
                                     "\"\"\"",
                                     "'''",
                                     "\v"};

/* Text of random pieces: the language's own tokens, what surrounds them, and noise. */
static size_t make_text(uint16_t language, char *text, size_t size)
{
    const wtfcb_lang_syntax *syntax = &wtfcb_lang_syntaxes[languages->rows[language].syntax];
    size_t length = 0, target = next_random() % size;
    while (length < target) {
        const char *piece;
        uint32_t kind = next_random() % 8;
        const wtfcb_lang_token *token = syntax->count ? &syntax->tokens[next_random() % syntax->count] : NULL;
        if (token && token->open && kind < 2)
            piece = token->open;
        else if (token && token->open && kind == 2)
            piece = token->close;
        else
            piece = pieces[next_random() % (sizeof pieces / sizeof pieces[0])];
        size_t add = strlen(piece);
        if (kind == 7 && next_random() % 8 == 0) {
            text[length++] = (char)next_random();
            continue;
        }
        if (length + add > size) break;
        memcpy(text + length, piece, add);
        length += add;
    }
    return length;
}

static void assert_same(const wtfcb_lang_counts *a, const wtfcb_lang_counts *b, const char *what, uint16_t language,
                        const char *text, size_t length)
{
    if (memcmp(a, b, sizeof *a) != 0) {
        fprintf(stderr, "---\n%.*s\n---\n", (int)length, text);
        ck_abort_msg("%s, %s: %u %u %u %u %u against %u %u %u %u %u", languages->rows[language].name, what, a->lines,
                     a->code, a->comments, a->blanks, a->docs, b->lines, b->code, b->comments, b->blanks, b->docs);
    }
    ck_assert_uint_eq(a->lines, a->code + a->comments + a->blanks);
    ck_assert_uint_le(a->docs, a->comments);
}

static void compare_paths(uint16_t language, const char *text, size_t length)
{
    wtfcb_lang_children children, expected_children;
    wtfcb_lang_children_init(&children, &allocator);
    wtfcb_lang_children_init(&expected_children, &allocator);
    wtfcb_lang_counts expected = count_slowly(language, text, length, &expected_children), counts;
    for (int simd = 0; simd < WTFCB_LANG_SIMD_COUNT; simd++) {
        if (!wtfcb_lang_simd_available((enum wtfcb_lang_simd)simd)) continue;
        ck_assert_int_eq(
            wtfcb_lang_count_with((enum wtfcb_lang_simd)simd, languages, language, text, length, &counts, &children),
            WTFCB_OK);
        assert_same(&counts, &expected, "path against reference", language, text, length);
        ck_assert_uint_eq(children.count, expected_children.count);
        uint64_t lines = counts.lines, end = 0;
        for (size_t i = 0; i < children.count; i++) {
            const wtfcb_lang_child *child = &children.items[i];
            ck_assert_uint_eq(child->start, expected_children.items[i].start);
            ck_assert_uint_eq(child->size, expected_children.items[i].size);
            ck_assert(child->start >= end && (child->start == 0 || text[child->start - 1] == '\n'));
            end = child->start + child->size;
            ck_assert_uint_le(end, length);
            lines += child->counts.lines;
        }
        uint64_t physical = length > 0 && text[length - 1] != '\n';
        for (size_t i = 0; i < length; i++)
            physical += text[i] == '\n';
        ck_assert_uint_eq(lines, physical);
    }
    wtfcb_lang_children_free(&children);
    wtfcb_lang_children_free(&expected_children);
}

/* Whether an earlier language has the same syntax, which is all of it that counting sees. */
static bool seen_before(uint16_t language)
{
    for (uint16_t earlier = 0; earlier < language; earlier++)
        if (languages->rows[earlier].syntax == languages->rows[language].syntax) return true;
    return false;
}

START_TEST(all_paths_count_as_the_reference_does)
{
    enum { SIZE = 700 };
    char text[SIZE + 256];
    int rounds = wtfcb_test_long() ? 20000 : 200;
    for (uint16_t language = 0; language < languages->count; language++) {
        if (seen_before(language)) continue;
        seed = language + 1u;
        for (int i = 0; i < rounds; i++) {
            size_t length = make_text(language, text, SIZE);
            if (length >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0) continue;
            memset(text + length, "x\n \"/*#'\\"[next_random() % 8],
                   WTFCB_LANG_PADDING); /* what is behind has no say */
            compare_paths(language, text, length);
        }
    }
}
END_TEST

START_TEST(all_paths_agree_on_random_bytes)
{
    enum { SIZE = 300 };
    char text[SIZE + WTFCB_LANG_PADDING] = {0};
    seed = 7;
    for (uint16_t language = 0; language < languages->count; language++) {
        for (int i = 0; i < 100 && !seen_before(language); i++) {
            size_t length = next_random() % SIZE;
            for (size_t k = 0; k < length; k++)
                text[k] = (char)next_random();
            if (length) text[0] = 'x';
            compare_paths(language, text, length);
        }
    }
}
END_TEST

START_TEST(nothing_behind_the_padding_is_read)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    char *pages = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    ck_assert(pages != MAP_FAILED);
    ck_assert_int_eq(mprotect(pages + page, page, PROT_NONE), 0);
    char text[400];
    wtfcb_lang_counts counts;
    for (uint16_t language = 0; language < languages->count; language++) {
        if (seen_before(language)) continue;
        seed = language + 99u;
        for (int i = 0; i < 40; i++) {
            size_t length = make_text(language, text, 200);
            char *at = pages + page - WTFCB_LANG_PADDING - length;
            memcpy(at, text, length);
            memset(at + length, 0, WTFCB_LANG_PADDING);
            for (int simd = 0; simd < WTFCB_LANG_SIMD_COUNT; simd++)
                if (wtfcb_lang_simd_available((enum wtfcb_lang_simd)simd))
                    wtfcb_lang_count_with((enum wtfcb_lang_simd)simd, languages, language, at, length, &counts, NULL);
        }
    }
    munmap(pages, 2 * page);
}
END_TEST

/* Seconds of processor time; what is quadratic takes minutes, a sanitizer ten times as long as none. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define LONGEST 10.0
#else
#define LONGEST 1.0
#endif

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/* How long it takes to count `size` bytes of nothing but `unit`. */
static double time_of(uint16_t language, const char *unit, char *text, size_t size, wtfcb_lang_children *children)
{
    size_t length = strlen(unit);
    for (size_t i = 0; i < size; i += length)
        memcpy(text + i, unit, size - i < length ? size - i : length);
    wtfcb_lang_counts counts;
    double start = seconds();
    ck_assert_int_eq(wtfcb_lang_count(languages, language, text, size, &counts, children), WTFCB_OK);
    return seconds() - start;
}

START_TEST(repeated_openings_take_linear_time)
{
    static const char *const around[] = {"", " ", "\n", "\n ", "=", "x"};
    /* What searches the rest of the text at each opening is above the first bound for the small size already. */
    size_t small = 128u << 10, size = 512u << 10;
    char *text = calloc(size + WTFCB_LANG_PADDING, 1);
    wtfcb_lang_children children;
    wtfcb_lang_children_init(&children, &allocator);
    for (uint16_t language = 0; language < languages->count; language++) {
        const wtfcb_lang_syntax *syntax = &wtfcb_lang_syntaxes[languages->rows[language].syntax];
        for (uint16_t t = 0; t < syntax->count && !seen_before(language); t++) {
            const wtfcb_lang_token *token = &syntax->tokens[t];
            for (size_t a = 0; token->open && a < sizeof around / sizeof around[0]; a++) {
                char unit[64];
                snprintf(unit, sizeof unit, "%s%s%s", around[a], token->open,
                         token->kind == WTFCB_LANG_TAG          ? "script>"
                         : token->kind >= WTFCB_LANG_HEREDOC_SH ? "A"
                                                                : "");
                if (time_of(language, unit, text, small, &children) < 0.008) continue;
                double took = time_of(language, unit, text, size, &children);
                /* what is quadratic takes minutes; a sanitizer on a busy machine takes half a second */
                ck_assert_msg(took < 3 * LONGEST, "%s, \"%s\": %.2f s for 512 KiB", languages->rows[language].name,
                              unit, took);
            }
        }
    }
    wtfcb_lang_children_free(&children);
    free(text);
}
END_TEST

START_TEST(guesses_without_an_end_take_linear_time)
{
    static const char *const cases[][2] = {
        {"JavaScript", "=/["},
        {"JavaScript", "`${"},
        {"JavaScript", "`${'"},
        {"Awk", "(/[ "},
        {"Shell", "<<A x\n"},
        {"Shell", " <<'A"},
        {"Ruby", "x <<~A\n"},
        {"Perl", "<<A;\n"},
        {"Perl", " q{ "},
        {"Perl", " s{}"},
        {"Ruby", " %w( "},
        {"PHP", "<?php <<<A\n"},
        {"C++", "R\"a("},
        {"C++", "R\"("},
        {"Rust", "r#\"#"},
        {"C#", "@\"\"\""},
        {"OCaml", "{a|"},
        {"Lua", "[=[ ]=="},
        {"Lua", "--[=="},
        {"Python", "\\\"\"\" "},
        {"HTML", "<script>x</script>"},
        {"HTML", "<script \"a"},
        {"HTML", "<style>\n"},
        {"Vue", "<script lang=ts>\n</script>"},
        {"Markdown", "```c\n"},
        {"Markdown", "```c\n````\n"},
        {"Markdown", "\n~~~"},
        {"MATLAB", "%{\n"},
        {"Assembly", "# "},
        {"C", "\t \t '"},
        {"Swift", "#\"\"\""},
        {"Perl", "\n=a\n=cut"},
        {"Nix", "''$"},
        {"Markdown", "`a``"},
        {"Markdown", "`"},
        {"HTML", "<a b=\"<script c='"},
        {"HTML", "<a b=c<script/>"},
        {"Vue", "<template lang=x>"},
        {"Astro", "---\n"},
        {"reStructuredText", ".. a\n "},
        {"reStructuredText", ".. code:: c\n"},
        {"reStructuredText", ".. code:: c\n\n "},
        {"reStructuredText", ".. a:: "},
    };
    size_t size = 1u << 20;
    char *text = calloc(size + WTFCB_LANG_PADDING, 1);
    wtfcb_lang_children children;
    wtfcb_lang_children_init(&children, &allocator);
    for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++) {
        const char *unit = cases[c][1];
        size_t length = strlen(unit);
        for (size_t i = 0; i < size; i += length)
            memcpy(text + i, unit, size - i < length ? size - i : length);
        wtfcb_lang_counts counts;
        uint16_t language = wtfcb_lang_find(languages, cases[c][0], strlen(cases[c][0]));
        double start = seconds();
        ck_assert_int_eq(wtfcb_lang_count(languages, language, text, size, &counts, &children), WTFCB_OK);
        double took = seconds() - start;
        ck_assert_msg(took < LONGEST, "%s, \"%s\": %.2f s for 1 MiB", cases[c][0], unit, took);
    }
    wtfcb_lang_children_free(&children);
    free(text);
}
END_TEST

static void *failing_alloc(void *user, size_t size)
{
    (void)user;
    (void)size;
    return NULL;
}

static void *failing_realloc(void *user, void *block, size_t old_size, size_t new_size)
{
    (void)block;
    (void)old_size;
    return failing_alloc(user, new_size);
}

static void no_free(void *user, void *block, size_t size)
{
    (void)user;
    (void)block;
    (void)size;
}

START_TEST(children_without_memory_are_reported)
{
    static const wtfcb_allocator failing = {NULL, failing_alloc, failing_realloc, no_free};
    char text[64 + WTFCB_LANG_PADDING] = "<script>\na\n</script>\n";
    wtfcb_lang_counts counts = {7, 7, 7, 7, 7};
    wtfcb_lang_children children;
    wtfcb_lang_children_init(&children, &failing);
    uint16_t html = wtfcb_lang_find(languages, "html", 4);
    ck_assert_int_eq(wtfcb_lang_count(languages, html, text, strlen(text), &counts, &children), WTFCB_ENOMEM);
    ck_assert_uint_eq(counts.lines, 7);
    ck_assert_int_eq(wtfcb_lang_count(languages, html, text, strlen(text), &counts, NULL), WTFCB_OK);
    ck_assert_uint_eq(counts.lines, 3);
    wtfcb_lang_children_free(&children);
}
END_TEST

static Suite *suite(void)
{
    Suite *made = suite_create("count_paths");
    TCase *cases = tcase_create("paths");
    tcase_add_checked_fixture(cases, set_up, tear_down);
    tcase_set_timeout(cases, wtfcb_test_long() ? 1800 : 300);
    tcase_add_test(cases, all_paths_count_as_the_reference_does);
    tcase_add_test(cases, all_paths_agree_on_random_bytes);
    tcase_add_test(cases, nothing_behind_the_padding_is_read);
    tcase_add_test(cases, repeated_openings_take_linear_time);
    tcase_add_test(cases, guesses_without_an_end_take_linear_time);
    tcase_add_test(cases, children_without_memory_are_reported);
    suite_add_tcase(made, cases);
    return made;
}

WTFCB_TEST_MAIN(suite)
