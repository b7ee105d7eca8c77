/*
 * Texts made to hurt: each gives a row with a status, or a plain good row, in bounded time and memory, whatever the
 * language. Lines are counted in any case. Names of tests say what a text is made of; where they say "cut" the row has
 * the limit that did it.
 *
 * The quick version has shorter texts and allows a fiftieth of the default work, and checks that the time is as much less.
 */
#include <wtfcb/scanner.h>

#include <time.h>

#include "lang/languages.h"
#include "tree.h"

/* How much slower than the machine that steps were weighed on this one, or what else it does, may make a build. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { SANITIZED = 1, SLOWNESS = 40 };
#else
enum { SANITIZED = 0, SLOWNESS = 4 };
#endif

enum {
    SIZE = 1 << 20,
    QUICK_SIZE = 1 << 18,
    DEFAULT_WORK = 10000000,
    WORK_PER_MS = 11000,  /* of the texts whose steps take longest; most do twice as many */
    BYTES_PER_MS = 10000, /* of the texts that take longest and few steps: where nothing is ever a token */
    SECOND = SANITIZED ? 1000 * SLOWNESS : 1000, /* in ms */
};

static wtfcb_scanner *scanner;
static wtfcb_languages *languages;
static int64_t work;
static uint64_t last_ms; /* processor time of the last scan */

static void set_up(void)
{
    scanner = tree_scanner(WTFCB_DEPTH_SYNTAX, 1);
    ck_assert_int_eq(wtfcb_languages_new(NULL, &languages), WTFCB_OK);
    work = wtfcb_test_long() ? DEFAULT_WORK : DEFAULT_WORK / 50;
    ck_assert_int_eq(wtfcb_scanner_set(scanner, WTFCB_SCANNER_MAX_FILE_WORK, work), WTFCB_OK);
    ck_assert_int_eq(wtfcb_scanner_set(scanner, WTFCB_SCANNER_MAX_FILE_TIME, 0), WTFCB_OK);
}

static void tear_down(void)
{
    wtfcb_languages_free(languages);
    wtfcb_scanner_free(scanner);
}

static uint64_t thread_time_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/* The most memory this process has had so far, in KiB; with `reset`, from now on. 0: the kernel does not tell. */
static long peak_kib(bool reset)
{
    FILE *file = reset ? fopen("/proc/self/clear_refs", "w") : NULL;
    if (file) {
        (void)fputs("5", file);
        (void)fclose(file);
    }
    char line[256];
    long kib = 0;
    file = fopen("/proc/self/status", "re");
    while (file && fgets(line, sizeof line, file))
        if (strncmp(line, "VmHWM:", 6) == 0) kib = strtol(line + 6, NULL, 10);
    if (file) (void)fclose(file);
    return kib;
}

/* What is promised in so many words, on a machine like the one that steps were weighed on. */
static void assert_within_a_second(const char *path)
{
    ck_assert_msg(last_ms <= SECOND, "%s: %llu ms", path, (unsigned long long)last_ms);
}

static uint64_t lines_of(const char *text, size_t length)
{
    uint64_t lines = 0;
    for (const char *at = text; (at = memchr(at, '\n', length - (size_t)(at - text))) != NULL; at++)
        lines++;
    return lines + (length && text[length - 1] != '\n');
}

/* Scan a text as the file `path` and hold the row against what every text is promised. */
static wtfcb_file scan_text(const char *path, const char *text, size_t length)
{
    long before_kib = peak_kib(true);
    uint64_t before = thread_time_ns();
    wtfcb_codebase *codebase = NULL;
    ck_assert_int_eq(wtfcb_scanner_scan_buffer(scanner, path, text, length, &codebase, NULL), WTFCB_OK);
    last_ms = (thread_time_ns() - before) / 1000000;
    long grown = peak_kib(false) - before_kib;
    wtfcb_file file;
    ck_assert_int_eq(wtfcb_codebase_file(codebase, 0, &file, sizeof file), WTFCB_OK);
    ck_assert_msg(file.status == WTFCB_OK || file.status == WTFCB_ELIMIT || file.status == WTFCB_EGRAMMAR, "%s: %s",
                  path, wtfcb_status_name(file.status));
    uint64_t allowed = ((uint64_t)work / WORK_PER_MS + length / BYTES_PER_MS) * SLOWNESS;
    ck_assert_msg(last_ms <= allowed, "%s of %zu bytes: %llu ms, %llu allowed", path, length,
                  (unsigned long long)last_ms, (unsigned long long)allowed);
    long most = (long)(3 * length / 1024) + 300 * 1024; /* copies of the text, and what a parse may take */
    ck_assert_msg(SANITIZED || before_kib == 0 || grown < most, "%s: %ld KiB more", path, grown);
    if (!(file.flags & WTFCB_FILE_BINARY) && file.embedded_count == 0 && !(file.limits & WTFCB_LIMIT_FILE_SIZE))
        ck_assert_msg(file.lines == lines_of(text, length), "%s: %llu lines", path, (unsigned long long)file.lines);
    wtfcb_codebase_free(codebase); /* the strings of the row are gone, the numbers are not */
    return file;
}

/* `prefix`, then as many `piece`s as fit into `count` and the size of texts, then `suffix`s. */
static char *repeated(const char *prefix, const char *piece, size_t count, const char *suffix, size_t *ret_length)
{
    size_t head = strlen(prefix);
    size_t step = strlen(piece);
    size_t tail = strlen(suffix);
    size_t most = (size_t)(wtfcb_test_long() ? SIZE : QUICK_SIZE) / (step + tail);
    if (count > most) count = most;
    char *text = malloc(head + count * (step + tail) + 1);
    memcpy(text, prefix, head);
    for (size_t i = 0; i < count; i++)
        memcpy(text + head + i * step, piece, step);
    for (size_t i = 0; i < count; i++)
        memcpy(text + head + count * step + i * tail, suffix, tail);
    *ret_length = head + count * (step + tail);
    return text;
}

static wtfcb_file scan_repeated(const char *path, const char *prefix, const char *piece, size_t count,
                                const char *suffix)
{
    size_t length;
    char *text = repeated(prefix, piece, count, suffix, &length);
    wtfcb_file file = scan_text(path, text, length);
    free(text);
    return file;
}

/* Each language that has a grammar, by a path that leads to it; false behind the last one. */
static bool next_grammar(uint16_t *index, char *path, size_t size, const char **ret_prefix)
{
    for (; *index < languages->count; ++*index) {
        const wtfcb_lang_row *row = &languages->rows[*index];
        if (!row->grammar || !*row->extensions) continue;
        snprintf(path, size, "hostile.%.*s", (int)strcspn(row->extensions, " "), row->extensions);
        *ret_prefix = strcmp(row->grammar, "php") == 0 ? "<?php " : "";
        ++*index;
        return true;
    }
    return false;
}

static void scan_in_every_grammar(const char *piece, size_t count, const char *suffix)
{
    char path[64];
    const char *prefix;
    int grammars = 0;
    for (uint16_t i = 0; next_grammar(&i, path, sizeof path, &prefix); grammars++)
        (void)scan_repeated(path, prefix, piece, count, suffix);
    ck_assert_int_gt(grammars, 20);
}

START_TEST(brackets_and_blocks_in_each_other_are_cut_before_the_parse_in_every_grammar)
{
    char path[64];
    const char *prefix;
    for (uint16_t i = 0; next_grammar(&i, path, sizeof path, &prefix);) {
        wtfcb_file file = scan_repeated(path, prefix, "(", 200000, "");
        assert_within_a_second(path);
        ck_assert_int_eq(file.status, WTFCB_ELIMIT);
        ck_assert_uint_eq(file.limits, WTFCB_LIMIT_NESTING);
        ck_assert_uint_eq(file.lines, 1);
        file = scan_repeated(path, prefix, "{\n", 50000, "}\n");
        assert_within_a_second(path);
        ck_assert_int_eq(file.status, WTFCB_ELIMIT);
        ck_assert_uint_eq(file.limits, WTFCB_LIMIT_NESTING);
    }
}
END_TEST

START_TEST(brackets_without_end_are_survived_without_the_limit_of_nesting)
{
    ck_assert_int_eq(wtfcb_scanner_set(scanner, WTFCB_SCANNER_MAX_NESTING, 0), WTFCB_OK);
    scan_in_every_grammar("(", 200000, "");
    scan_in_every_grammar("{\n", 50000, "}\n");
    scan_in_every_grammar("[", 50000, "]");
    scan_in_every_grammar("([{", 20000, "");
}
END_TEST

START_TEST(nesting_just_below_its_limit_is_parsed_or_cut)
{
    scan_in_every_grammar("(", 2000, "");
    scan_in_every_grammar("{ a (", 1000, ") }");
    scan_in_every_grammar("[", 2000, "]");
}
END_TEST

START_TEST(nesting_without_brackets_is_survived)
{
    static const struct {
        const char *path;
        const char *prefix;
        const char *piece;
        const char *suffix;
    } cases[] = {
        {"a.md", "", "> ", ""},
        {"a.md", "", "- ", ""},
        {"a.md", "", "1. > ", ""},
        {"a.html", "", "<div>", ""},
        {"a.html", "", "<x-y>", "</x-y>"},
        {"a.yaml", "", "- ", ""},
        {"a.yaml", "", "? ", ""},
        {"a.yaml", "", "a: &b !c ", ""},
        {"a.toml", "", "[a]\nb.c.d = 1\n", ""},
        {"a.toml", "a", ".a", ""},
        {"a.sh", "", "cat <<A\n", ""},
        {"a.sh", "", "cat <<A <<B ", ""},
        {"a.sh", "", "if a; then ", ""},
        {"a.rb", "x = ", "<<~A + ", ""},
        {"a.rb", "", "\"#a", ""},
        {"a.rb", "", "begin ", " end"},
        {"a.php", "<?php ", "<<<A\n", ""},
        {"a.tf", "a = ", "<<A\n", ""},
        {"a.py", "x = ", "-", ""},
        {"a.py", "", "if x:\n ", ""},
        {"a.py", "x = ", "lambda: ", ""},
        {"a.hs", "x = ", "let y = do ", ""},
        {"a.ex", "", "fn -> ", ""},
        {"a.lua", "", "do ", "end "},
        {"a.scala", "", "if a then\n ", ""},
        {"a.sql", "", "SELECT CASE WHEN ", ""},
        {"a.go", "package a; var x = ", "*", ""},
        {"a.c", "", "#if A\n", "#endif\n"},
        {"a.c", "", "@a ", ""},
        {"a.cc", "", "a<", ""},
        {"a.js", "", "a ? ", ""},
        {"a.ts", "type A = ", "B | ", ""},
        {"a.rs", "", "a::<", ""},
        {"a.css", "", "a :b ", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        (void)scan_repeated(cases[i].path, cases[i].prefix, cases[i].piece, 50000, cases[i].suffix);
}
END_TEST

START_TEST(interpolations_in_each_other_are_survived)
{
    ck_assert_int_eq(wtfcb_scanner_set(scanner, WTFCB_SCANNER_MAX_NESTING, 0), WTFCB_OK);
    static const char *const pieces[][2] = {
        {"a.sh", "\"$("},     {"a.js", "`${"},      {"a.ts", "`${"},           {"a.rb", "\"#{"}, {"a.py", "f'{"},
        {"a.ex", "\"#{"},     {"a.kt", "\"${"},     {"a.dart", "'${"},         {"a.cs", "$\"{"}, {"a.swift", "\"\\("},
        {"a.tf", "a = \"${"}, {"a.scala", "s\"${"}, {"a.php", "<?php \"{$a["},
    };
    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++)
        (void)scan_repeated(pieces[i][0], "", pieces[i][1], 20000, "");
}
END_TEST

START_TEST(single_tokens_of_a_megabyte_are_read_in_every_grammar)
{
    scan_in_every_grammar("a", SIZE, "");
    scan_in_every_grammar("7", SIZE, "");
    scan_in_every_grammar("\xc3\xa4", SIZE, "");
    scan_in_every_grammar(" ", SIZE, "");
    scan_in_every_grammar("\n", SIZE, "");
}
END_TEST

START_TEST(strings_and_comments_without_end_are_read_in_every_grammar)
{
    static const char *const openings[] = {"\"a",  "'a",     "`a",        "/* a",   "<!-- a",
                                           "{- a", "--[[ a", "=begin\na", "\"\"\"a"};
    char path[64];
    const char *prefix;
    for (uint16_t i = 0; next_grammar(&i, path, sizeof path, &prefix);) {
        for (size_t o = 0; o < sizeof openings / sizeof *openings; o++) {
            char opening[32];
            snprintf(opening, sizeof opening, "%s%s", prefix, openings[o]);
            (void)scan_repeated(path, opening, "bc *", SIZE / 4, "");
        }
    }
}
END_TEST

START_TEST(the_same_sign_without_end_is_read_in_every_grammar)
{
    static const char *const signs[] = {"\"",  "'",  "#",    "/", "\\", "<",   "-",
                                        "@a ", "a,", "a.b ", ";", "$",  "%w[", ": "};
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
        scan_in_every_grammar(signs[i], wtfcb_test_long() ? 200000 : 20000, "");
}
END_TEST

/* What makes a grammar recover from errors again and again, with many attempts side by side. */
START_TEST(words_of_other_languages_are_read_in_every_grammar)
{
    static const char *const words[] = {"else ", "\"#{} ", "fn -> ", "<<~A + ", "local a <const", "cat <<A\n"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        scan_in_every_grammar(words[i], SIZE, "");
}
END_TEST

START_TEST(json_of_a_hundred_megabytes_on_one_line_is_counted)
{
    static const char piece[] = "{\"key\": [1, 2.5, true, \"text\"]}, ";
    const size_t length = (size_t)(SANITIZED ? 20 : 100) << 20;
    char *text = malloc(length);
    for (size_t i = 0; i < length; i++)
        text[i] = piece[i % (sizeof piece - 1)];
    text[0] = '[';
    wtfcb_file file = scan_text("large.json", text, length);
    assert_within_a_second("large.json");
    ck_assert_int_eq(file.status, WTFCB_ELIMIT);
    ck_assert_uint_eq(file.limits, WTFCB_LIMIT_PARSE_SIZE);
    ck_assert(file.code == 1 && file.size == length);
    free(text);
}
END_TEST

/* Random bytes, cut UTF-8, cut UTF-16 of both orders, and the same with printable text around. */
static size_t broken_text(int kind, uint64_t *state, char *text, size_t size)
{
    static const char *const cuts[] = {"\xe2\x82", "\xf0\x9f\x98", "\xc3", "\xed\xa0\x80", "\xff\xfe", "\xc0\x80"};
    for (size_t i = 0; i < size; i++)
        text[i] = (char)(tree_random(state) >> 24);
    if (kind == 0) return size;
    for (size_t i = 0; i < size; i++)
        if (text[i] == '\0' || kind == 1) text[i] = (char)(' ' + (unsigned char)text[i] % 95);
    if (kind == 1) {
        for (size_t i = 0; i + 4 < size; i += 17) {
            const char *cut = cuts[i % (sizeof cuts / sizeof *cuts)];
            memcpy(text + i, cut, strlen(cut));
        }
        memcpy(text + size - 3, "\xf0\x9f\x98", 3);
        return size;
    }
    memcpy(text, kind == 2 ? "\xff\xfe" : "\xfe\xff", 2);
    memcpy(text + size / 2, kind == 2 ? "\x3d\xd8" : "\xd8\x3d", 2); /* half of a pair */
    return size - 1;                                                 /* half of a unit */
}

START_TEST(broken_encodings_are_read_under_every_extension)
{
    const size_t size = wtfcb_test_long() && !SANITIZED ? QUICK_SIZE : 2048;
    char *text = malloc(size);
    uint64_t state = 99;
    int extensions = 0;
    for (uint16_t i = 0; i < languages->count; i++) {
        for (const char *e = languages->rows[i].extensions; *e; extensions++) {
            size_t length = strcspn(e, " ");
            char path[64];
            snprintf(path, sizeof path, "a.%.*s", (int)length, e);
            for (int kind = 0; kind < 4; kind++) {
                wtfcb_codebase *codebase = NULL;
                size_t used = broken_text(kind, &state, text, size);
                uint64_t before = thread_time_ns();
                ck_assert_int_eq(wtfcb_scanner_scan_buffer(scanner, path, text, used, &codebase, NULL), WTFCB_OK);
                last_ms = (thread_time_ns() - before) / 1000000;
                assert_within_a_second(path);
                wtfcb_file file;
                ck_assert_int_eq(wtfcb_codebase_file(codebase, 0, &file, sizeof file), WTFCB_OK);
                ck_assert_msg(file.status == WTFCB_OK || file.status == WTFCB_ELIMIT, "%s: %s", path,
                              wtfcb_status_name(file.status));
                wtfcb_codebase_free(codebase);
            }
            e += length + (e[length] == ' ');
        }
    }
    free(text);
    ck_assert_int_gt(extensions, 400);
}
END_TEST

/* What a scanner's state is made of, more than its 1,024 bytes can hold: 600 levels of indentation, of quotes. */
START_TEST(state_that_outgrows_its_room_costs_the_file_and_not_the_process)
{
    static char text[600 * 700];
    size_t length = 0;
    for (int i = 0; i < 600; i++) {
        memset(text + length, ' ', (size_t)i);
        length += (size_t)i;
        memcpy(text + length, "a:\n", 3);
        length += 3;
    }
    static const char *const paths[] = {"a.yaml", "a.py", "a.hs", "a.scala", "a.md"};
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
        (void)scan_text(paths[i], text, length);
    ck_assert_int_eq(scan_text("a.yaml", text, length).status, WTFCB_EGRAMMAR);
    ck_assert_int_eq(scan_repeated("a.md", "", "> ", 600, "").status, WTFCB_EGRAMMAR);
    wtfcb_file file = scan_text("b.md", "# fine\n\ntext\n", 13);
    ck_assert(file.status == WTFCB_OK && file.flags & WTFCB_FILE_SYNTAX);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("hostile");
    TCase *t = tcase_create("hostile");
    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_set_timeout(t, 600);
    tcase_add_test(t, brackets_and_blocks_in_each_other_are_cut_before_the_parse_in_every_grammar);
    tcase_add_test(t, brackets_without_end_are_survived_without_the_limit_of_nesting);
    tcase_add_test(t, nesting_just_below_its_limit_is_parsed_or_cut);
    tcase_add_test(t, nesting_without_brackets_is_survived);
    tcase_add_test(t, interpolations_in_each_other_are_survived);
    tcase_add_test(t, single_tokens_of_a_megabyte_are_read_in_every_grammar);
    tcase_add_test(t, strings_and_comments_without_end_are_read_in_every_grammar);
    tcase_add_test(t, the_same_sign_without_end_is_read_in_every_grammar);
    tcase_add_test(t, words_of_other_languages_are_read_in_every_grammar);
    tcase_add_test(t, json_of_a_hundred_megabytes_on_one_line_is_counted);
    tcase_add_test(t, broken_encodings_are_read_under_every_extension);
    tcase_add_test(t, state_that_outgrows_its_room_costs_the_file_and_not_the_process);
    suite_add_tcase(s, t);
    return s;
}

WTFCB_TEST_MAIN(suite)
