/*
 * Limits and kinds of content: each limit gives its status and its bit and costs no more than it says; binary files,
 * UTF-16, embedded languages and languages without a grammar are treated as the headers say.
 */
#include <wtfcb/scanner.h>

#include <unistd.h>

#include "dump.h"
#include "tree.h"

static wtfcb_scanner *scanner;

static void set_up(void)
{
    tree_begin();
    scanner = tree_scanner(WTFCB_DEPTH_SYNTAX, 2);
}

static void tear_down(void)
{
    wtfcb_scanner_free(scanner);
    tree_end();
}

static void set(int32_t option, int64_t value)
{
    ck_assert_int_eq(wtfcb_scanner_set(scanner, option, value), WTFCB_OK);
}

static wtfcb_file scan_for(const char *path)
{
    wtfcb_codebase *codebase = tree_scan(scanner);
    wtfcb_file file = tree_file(codebase, path);
    ck_assert_uint_eq(tree_totals(codebase).limited, file.limits ? 1 : 0);
    ck_assert_uint_eq(tree_totals(codebase).failed, file.status ? 1 : 0);
    wtfcb_codebase_free(codebase); /* the strings of the row are gone, the numbers are not */
    return file;
}

/* `count` functions of C, each on a line of 26 bytes. */
static void put_functions(const char *path, size_t count)
{
    char *text = malloc(count * 26 + 1);
    size_t length = 0;
    for (size_t i = 0; i < count; i++)
        length += (size_t)snprintf(text + length, 27, "int f%05zu(int v){ g(v);}\n", i);
    tree_put_bytes(path, text, length);
    free(text);
}

static void put_repeated(const char *path, const char *piece, size_t count)
{
    size_t length = strlen(piece);
    char *text = malloc(length * count + 1);
    for (size_t i = 0; i < count; i++)
        memcpy(text + i * length, piece, length);
    tree_put_bytes(path, text, length * count);
    free(text);
}

START_TEST(file_larger_than_max_file_size_is_listed_and_not_read)
{
    put_repeated("a.c", "int a;\n", 100);
    set(WTFCB_SCANNER_MAX_FILE_SIZE, 699);
    wtfcb_file file = scan_for("a.c");
    ck_assert_int_eq(file.status, WTFCB_ELIMIT);
    ck_assert_uint_eq(file.limits, WTFCB_LIMIT_FILE_SIZE);
    ck_assert(file.size == 700 && file.lines == 0 && file.flags == 0);
    set(WTFCB_SCANNER_MAX_FILE_SIZE, 700);
    file = scan_for("a.c");
    ck_assert(file.status == WTFCB_OK && file.limits == 0 && file.lines == 100);
}
END_TEST

START_TEST(max_file_size_holds_for_buffers)
{
    set(WTFCB_SCANNER_MAX_FILE_SIZE, 6);
    wtfcb_codebase *codebase = NULL;
    ck_assert_int_eq(wtfcb_scanner_scan_buffer(scanner, "a.c", "int a;\n", 7, &codebase, NULL), WTFCB_OK);
    ck_assert_int_eq(tree_file(codebase, "a.c").status, WTFCB_ELIMIT);
    ck_assert_uint_eq(tree_file(codebase, "a.c").limits, WTFCB_LIMIT_FILE_SIZE);
    wtfcb_codebase_free(codebase);
}
END_TEST

START_TEST(file_larger_than_max_parse_size_is_counted_and_not_parsed)
{
    put_functions("a.c", 100);
    set(WTFCB_SCANNER_MAX_PARSE_SIZE, 2599);
    wtfcb_file file = scan_for("a.c");
    ck_assert_int_eq(file.status, WTFCB_ELIMIT);
    ck_assert_uint_eq(file.limits, WTFCB_LIMIT_PARSE_SIZE);
    ck_assert(file.lines == 100 && file.symbol_count == 0 && file.flags == WTFCB_FILE_HASHED);
    set(WTFCB_SCANNER_MAX_PARSE_SIZE, 2600);
    file = scan_for("a.c");
    ck_assert(file.status == WTFCB_OK && file.limits == 0 && file.symbol_count == 100);
}
END_TEST

START_TEST(max_parse_size_is_no_matter_for_languages_without_syntax_and_at_lines)
{
    put_repeated("a.csv", "1,2\n", 1000);
    put_functions("a.c", 100);
    set(WTFCB_SCANNER_MAX_PARSE_SIZE, 10);
    set(WTFCB_SCANNER_DEPTH, WTFCB_DEPTH_LINES);
    wtfcb_codebase *codebase = tree_scan(scanner);
    ck_assert_uint_eq(tree_totals(codebase).limited, 0);
    wtfcb_codebase_free(codebase);
    set(WTFCB_SCANNER_DEPTH, WTFCB_DEPTH_SYNTAX);
    codebase = tree_scan(scanner);
    ck_assert_uint_eq(tree_totals(codebase).limited, 1);
    wtfcb_codebase_free(codebase);
}
END_TEST

START_TEST(parse_that_takes_too_many_steps_is_cut_and_the_lines_stay)
{
    put_functions("a.c", 2000);
    set(WTFCB_SCANNER_MAX_FILE_WORK, 1000);
    wtfcb_file file = scan_for("a.c");
    ck_assert_int_eq(file.status, WTFCB_ELIMIT);
    ck_assert_uint_eq(file.limits, WTFCB_LIMIT_WORK);
    ck_assert(file.lines == 2000 && file.symbol_count == 0 && !(file.flags & WTFCB_FILE_SYNTAX));
}
END_TEST

START_TEST(limit_of_work_cuts_the_same_files_with_any_number_of_threads)
{
    char path[32];
    for (size_t i = 0; i < 60; i++) {
        snprintf(path, sizeof path, "f%zu.c", i);
        put_functions(path, 10 + i * 5);
    }
    set(WTFCB_SCANNER_MAX_FILE_WORK, 14000);
    set(WTFCB_SCANNER_THREADS, 1);
    wtfcb_codebase *one = tree_scan(scanner);
    wtfcb_totals totals = tree_totals(one);
    ck_assert_msg(totals.limited > 5 && totals.limited < 55, "%llu", (unsigned long long)totals.limited);
    for (int64_t threads = 2; threads <= 8; threads *= 2) {
        set(WTFCB_SCANNER_THREADS, threads);
        wtfcb_codebase *many = tree_scan(scanner);
        dump_assert_equal(dump_codebase(many), dump_codebase(one), "with a limit of work");
        wtfcb_codebase_free(many);
    }
    wtfcb_codebase_free(one);
}
END_TEST

START_TEST(parse_that_takes_too_much_memory_is_cut)
{
    put_functions("a.c", 20000);
    set(WTFCB_SCANNER_MAX_FILE_MEMORY, 2 << 20);
    wtfcb_file file = scan_for("a.c");
    ck_assert_int_eq(file.status, WTFCB_ELIMIT);
    ck_assert_uint_eq(file.limits, WTFCB_LIMIT_MEMORY);
    ck_assert(file.lines == 20000 && file.symbol_count == 0);
    set(WTFCB_SCANNER_MAX_FILE_MEMORY, 256 << 20);
    ck_assert_uint_eq(scan_for("a.c").symbol_count, 20000);
}
END_TEST

START_TEST(brackets_that_nest_deeper_than_max_nesting_are_not_parsed)
{
    tree_put("a.c", "int f(void)\n{\n    return ((1));\n}\n");
    set(WTFCB_SCANNER_MAX_NESTING, 2);
    wtfcb_file file = scan_for("a.c");
    ck_assert_int_eq(file.status, WTFCB_ELIMIT);
    ck_assert_uint_eq(file.limits, WTFCB_LIMIT_NESTING);
    ck_assert(file.lines == 4 && file.symbol_count == 0 && file.flags == WTFCB_FILE_HASHED);
    set(WTFCB_SCANNER_MAX_NESTING, 3);
    file = scan_for("a.c");
    ck_assert(file.status == WTFCB_OK && file.limits == 0 && file.symbol_count == 1);
    set(WTFCB_SCANNER_MAX_NESTING, 0);
    ck_assert_int_eq(scan_for("a.c").status, WTFCB_OK);
    set(WTFCB_SCANNER_MAX_NESTING, 1);
    set(WTFCB_SCANNER_DEPTH, WTFCB_DEPTH_LINES);
    ck_assert_int_eq(scan_for("a.c").status, WTFCB_OK);
}
END_TEST

/* In CSS each colon in a block makes the scanner look for the next brace, bracket or semicolon. */
START_TEST(text_that_is_read_again_for_each_token_counts_as_work)
{
    put_repeated("a.css", "a :b ", 200000 / TREE_SLOWDOWN);
    set(WTFCB_SCANNER_MAX_FILE_TIME, 0);
    uint64_t before = tree_now_ns();
    wtfcb_file file = scan_for("a.css");
    uint64_t took = tree_now_ns() - before;
    ck_assert_int_eq(file.status, WTFCB_ELIMIT);
    ck_assert_uint_eq(file.limits, WTFCB_LIMIT_WORK);
    ck_assert_uint_eq(file.lines, 1);
    ck_assert_msg(took < 20000000000u * TREE_SLOWDOWN, "%llu ms", (unsigned long long)(took / 1000000));
}
END_TEST

START_TEST(parse_that_takes_too_long_is_cut)
{
    put_repeated("a.c", "(", 50000);
    set(WTFCB_SCANNER_MAX_NESTING, 0);
    set(WTFCB_SCANNER_MAX_FILE_TIME, 20);
    set(WTFCB_SCANNER_MAX_FILE_WORK, 0);
    set(WTFCB_SCANNER_MAX_FILE_MEMORY, 1 << 30);
    uint64_t before = tree_now_ns();
    wtfcb_file file = scan_for("a.c");
    uint64_t took = tree_now_ns() - before;
    if (file.limits == 0) return; /* faster than it could be cut */
    ck_assert_int_eq(file.status, WTFCB_ETIMEOUT);
    ck_assert_uint_eq(file.limits, WTFCB_LIMIT_TIME);
    ck_assert_uint_eq(file.lines, 1);
    ck_assert_msg(took < 1000000000u, "%llu ms", (unsigned long long)(took / 1000000));
}
END_TEST

START_TEST(findings_beyond_their_limit_are_cut_and_the_first_are_kept)
{
    put_repeated("a.py", "def ()) x\n", 200);
    wtfcb_codebase *whole = tree_scan(scanner);
    wtfcb_file file = tree_file(whole, "a.py");
    ck_assert_uint_eq(file.finding_count, 100);
    set(WTFCB_SCANNER_MAX_FINDINGS, 3);
    wtfcb_codebase *codebase = tree_scan(scanner);
    file = tree_file(codebase, "a.py");
    ck_assert_int_eq(file.status, WTFCB_OK);
    ck_assert_uint_eq(file.limits, WTFCB_LIMIT_FINDINGS);
    ck_assert_uint_eq(file.finding_count, 3);
    for (uint64_t i = 0; i < 3; i++) {
        wtfcb_finding a;
        wtfcb_finding b;
        ck_assert_int_eq(wtfcb_codebase_finding(whole, i, &a, sizeof a), WTFCB_OK);
        ck_assert_int_eq(wtfcb_codebase_finding(codebase, i, &b, sizeof b), WTFCB_OK);
        ck_assert_mem_eq(&a.range, &b.range, sizeof a.range);
    }
    wtfcb_codebase_free(codebase);
    wtfcb_codebase_free(whole);
    set(WTFCB_SCANNER_MAX_FINDINGS, 0);
    ck_assert_uint_eq(scan_for("a.py").finding_count, 0);
}
END_TEST

/* Reads slowly, so that a deadline passes in the middle. */
static wtfcb_status read_slowly(void *user, const char *path, const char **ret_bytes, size_t *ret_length)
{
    (void)user;
    (void)path;
    usleep(5000);
    *ret_bytes = "int x;\n";
    *ret_length = 7;
    return WTFCB_OK;
}

START_TEST(deadline_gives_what_was_found_until_then_and_says_so)
{
    static char names[200][16];
    const char *paths[200];
    for (size_t i = 0; i < 200; i++) {
        snprintf(names[i], sizeof names[i], "f%03zu.c", i);
        paths[i] = names[i];
    }
    set(WTFCB_SCANNER_DEADLINE, 100);
    ck_assert_int_eq(wtfcb_scanner_set_reader(scanner, read_slowly, NULL, NULL), WTFCB_OK);
    wtfcb_codebase *codebase = NULL;
    uint64_t before = tree_now_ns();
    ck_assert_int_eq(wtfcb_scanner_scan_list(scanner, NULL, paths, 200, &codebase, NULL), WTFCB_OK);
    uint64_t took = tree_now_ns() - before;
    ck_assert_int_eq(tree_stats(codebase).status, WTFCB_ETIMEOUT);
    ck_assert_msg(took < 400000000u, "%llu ms", (unsigned long long)(took / 1000000));
    ck_assert_uint_eq(wtfcb_codebase_file_count(codebase), 200);
    wtfcb_totals totals = tree_totals(codebase);
    ck_assert(totals.limited > 0 && totals.limited < 200);
    ck_assert_msg(totals.code + totals.limited >= 200 && totals.code + totals.limited <= 202, /* two in their parse */
                  "%d limited, %d lines", (int)totals.limited, (int)totals.code);
    wtfcb_file file;
    for (uint64_t i = 0; wtfcb_codebase_file(codebase, i, &file, sizeof file) == WTFCB_OK; i++) {
        bool cut = (file.limits & WTFCB_LIMIT_DEADLINE) != 0;
        ck_assert_int_eq(file.status, cut ? WTFCB_ETIMEOUT : WTFCB_OK);
        ck_assert(file.lines == 1 || (cut && file.lines == 0));
    }
    wtfcb_codebase_free(codebase);
}
END_TEST

START_TEST(deadline_reaches_into_the_parse_of_one_file)
{
    put_repeated("a.c", "(", 50000);
    set(WTFCB_SCANNER_MAX_NESTING, 0);
    set(WTFCB_SCANNER_MAX_FILE_TIME, 0);
    set(WTFCB_SCANNER_MAX_FILE_WORK, 0);
    set(WTFCB_SCANNER_MAX_FILE_MEMORY, 1 << 30);
    set(WTFCB_SCANNER_DEADLINE, 30);
    uint64_t before = tree_now_ns();
    wtfcb_codebase *codebase = tree_scan(scanner);
    uint64_t took = tree_now_ns() - before;
    ck_assert_msg(took < 1000000000u, "%llu ms", (unsigned long long)(took / 1000000));
    wtfcb_file file = tree_file(codebase, "a.c");
    if (file.limits) {
        ck_assert_uint_eq(file.limits, WTFCB_LIMIT_DEADLINE);
        ck_assert_int_eq(file.status, WTFCB_ETIMEOUT);
        ck_assert_int_eq(tree_stats(codebase).status, WTFCB_ETIMEOUT);
        ck_assert_uint_eq(file.lines, 1);
    }
    wtfcb_codebase_free(codebase);
}
END_TEST

static int32_t sleep_past_the_deadline(void *user, uint64_t index, const wtfcb_codebase *file)
{
    (void)user;
    (void)index;
    (void)file;
    usleep(150000);
    return 0;
}

START_TEST(deadline_that_passes_when_every_file_is_examined_cuts_nothing)
{
    put_functions("a.c", 10);
    set(WTFCB_SCANNER_DEADLINE, 100);
    ck_assert_int_eq(wtfcb_scanner_set_visitor(scanner, sleep_past_the_deadline, NULL), WTFCB_OK);
    wtfcb_codebase *codebase = tree_scan(scanner);
    ck_assert_uint_eq(tree_file(codebase, "a.c").symbol_count, 10);
    ck_assert_int_eq(tree_stats(codebase).status, WTFCB_OK);
    wtfcb_codebase_free(codebase);
}
END_TEST

START_TEST(deadline_that_is_far_away_changes_nothing)
{
    tree_put_samples();
    wtfcb_codebase *without = tree_scan(scanner);
    set(WTFCB_SCANNER_DEADLINE, 3600000);
    wtfcb_codebase *with = tree_scan(scanner);
    ck_assert_int_eq(tree_stats(with).status, WTFCB_OK);
    dump_assert_equal(dump_codebase(with), dump_codebase(without), "with a deadline");
    wtfcb_codebase_free(with);
    wtfcb_codebase_free(without);
}
END_TEST

START_TEST(nul_in_the_first_8000_bytes_makes_a_file_binary_and_later_does_not)
{
    static char text[9001];
    memset(text, 'a', sizeof text);
    for (size_t i = 99; i < sizeof text; i += 100)
        text[i] = '\n';
    text[7998] = '\0';
    tree_put_bytes("binary.c", text, sizeof text);
    text[7998] = 'a';
    text[8000] = '\0';
    tree_put_bytes("text.c", text, sizeof text);
    wtfcb_codebase *codebase = tree_scan(scanner);
    wtfcb_file file = tree_file(codebase, "binary.c");
    ck_assert_uint_eq(file.flags, WTFCB_FILE_BINARY);
    ck_assert(file.status == WTFCB_OK && file.lines == 0 && file.language[0] == '\0' && file.size == 9001);
    ck_assert_uint_eq(tree_file(codebase, "text.c").lines, 91);
    ck_assert_uint_eq(tree_totals(codebase).binary, 1);
    wtfcb_codebase_free(codebase);
}
END_TEST

START_TEST(large_binary_file_is_recognised_without_reading_it_all)
{
    char *bytes = calloc(3, 1 << 20);
    tree_put_bytes("large.c", bytes, 3 << 20);
    free(bytes);
    wtfcb_codebase *codebase = tree_scan(scanner);
    ck_assert_uint_eq(tree_file(codebase, "large.c").flags, WTFCB_FILE_BINARY);
    ck_assert_uint_eq(tree_stats(codebase).bytes_read, 0);
    wtfcb_codebase_free(codebase);
}
END_TEST

/* A text in UTF-16 of either byte order, with its mark. */
static void put_utf16(const char *path, const char *text, bool big)
{
    unsigned char bytes[2048];
    size_t length = 0;
    bytes[length++] = big ? 0xfe : 0xff;
    bytes[length++] = big ? 0xff : 0xfe;
    for (; *text; text++) {
        bytes[length++] = big ? 0 : (unsigned char)*text;
        bytes[length++] = big ? (unsigned char)*text : 0;
    }
    tree_put_bytes(path, bytes, length);
}

START_TEST(utf16_file_is_read_as_the_same_text_in_utf8)
{
    const char *text = tree_sample_at(0)->text;
    tree_put("plain.c", text);
    put_utf16("little.c", text, false);
    put_utf16("big.c", text, true);
    wtfcb_codebase *codebase = tree_scan(scanner);
    wtfcb_file plain = tree_file(codebase, "plain.c");
    static const char *const wide[] = {"little.c", "big.c"};
    for (size_t w = 0; w < 2; w++) {
        wtfcb_file file = tree_file(codebase, wide[w]);
        ck_assert_str_eq(file.language, "C");
        ck_assert(file.code == plain.code && file.comments == plain.comments && file.blanks == plain.blanks &&
                  file.symbol_count == plain.symbol_count && file.import_count == plain.import_count);
        for (uint64_t i = 0; i < file.symbol_count; i++) {
            wtfcb_symbol a;
            wtfcb_symbol b;
            ck_assert_int_eq(wtfcb_codebase_symbol(codebase, plain.first_symbol + i, &a, sizeof a), WTFCB_OK);
            ck_assert_int_eq(wtfcb_codebase_symbol(codebase, file.first_symbol + i, &b, sizeof b), WTFCB_OK);
            ck_assert_str_eq(a.name, b.name);
            ck_assert_mem_eq(&a.range, &b.range, sizeof a.range);
        }
    }
    wtfcb_codebase_free(codebase);
}
END_TEST

START_TEST(embedded_parts_have_languages_and_lines_of_their_own)
{
    tree_put("page.html",
             "<html>\n<style>\nb { color: red }\n\n</style>\n<script>\n// c\nlet a = 1;\n</script>\n</html>\n");
    tree_put("read.md", "# Title\n\n```c\nint x;\n/* c */\n```\n");
    wtfcb_codebase *codebase = tree_scan(scanner);
    wtfcb_file page = tree_file(codebase, "page.html");
    ck_assert_uint_eq(page.embedded_count, 2);
    wtfcb_embedded part;
    ck_assert_int_eq(wtfcb_codebase_embedded(codebase, page.first_embedded, &part, sizeof part), WTFCB_OK);
    ck_assert_str_eq(part.language, "CSS");
    ck_assert(part.lines == 2 && part.code == 1 && part.blanks == 1 && part.start_line == 2);
    ck_assert_int_eq(wtfcb_codebase_embedded(codebase, page.first_embedded + 1, &part, sizeof part), WTFCB_OK);
    ck_assert_str_eq(part.language, "JavaScript");
    ck_assert(part.lines == 2 && part.code == 1 && part.comments == 1 && part.start_line == 6 && part.size == 16);
    ck_assert_uint_eq(page.lines + 4, 10);
    wtfcb_file doc = tree_file(codebase, "read.md");
    ck_assert_uint_eq(doc.embedded_count, 1);
    ck_assert_int_eq(wtfcb_codebase_embedded(codebase, doc.first_embedded, &part, sizeof part), WTFCB_OK);
    ck_assert_str_eq(part.language, "C");
    ck_assert(part.code == 1 && part.comments == 1 && doc.lines + part.lines == 6);
    ck_assert_uint_eq(tree_totals(codebase).lines, 16);
    wtfcb_codebase_free(codebase);
}
END_TEST

START_TEST(language_without_its_grammar_loses_the_syntax_and_nothing_else)
{
    tree_put_samples();
    wtfcb_languages *languages;
    ck_assert_int_eq(wtfcb_languages_new(NULL, &languages), WTFCB_OK);
    ck_assert_int_eq(wtfcb_languages_set_grammar(languages, "C", NULL), WTFCB_OK);
    wtfcb_codebase *whole = tree_scan(scanner);
    ck_assert_int_eq(wtfcb_scanner_set_languages(scanner, languages), WTFCB_OK);
    wtfcb_codebase *codebase = tree_scan(scanner);
    wtfcb_file before;
    wtfcb_file file;
    for (uint64_t i = 0; wtfcb_codebase_file(codebase, i, &file, sizeof file) == WTFCB_OK; i++) {
        ck_assert_int_eq(wtfcb_codebase_file(whole, i, &before, sizeof before), WTFCB_OK);
        bool taken_away = strcmp(file.language, "C") == 0;
        ck_assert(file.lines == before.lines && file.code == before.code);
        ck_assert_uint_eq(file.symbol_count, taken_away ? 0 : before.symbol_count);
        ck_assert_int_eq(file.status, WTFCB_OK);
    }
    wtfcb_codebase_free(codebase);
    wtfcb_codebase_free(whole);
    wtfcb_languages_free(languages);
}
END_TEST

static void on_log(void *user, int32_t level, const char *message)
{
    ck_assert_int_eq(level, WTFCB_LOG_WARNING);
    ck_assert_ptr_nonnull(strstr(message, "rust"));
    ++*(int *)user;
}

/* A directory of grammars whose one for Rust is rubbish comes first in the search. */
START_TEST(grammar_that_cannot_be_loaded_is_a_status_and_said_once)
{
    tree_put("src/a.rs", "fn a() {}\n");
    tree_put("src/b.rs", "fn b() {}\n\n");
    tree_put("src/c.py", "def c(): pass\n");
    char search[8192];
    snprintf(search, sizeof search, "%s:%s/grammars", tree_path("rubbish"), wtfcb_test_build_dir());
    char before[8192];
    snprintf(before, sizeof before, "%s", wtfcb_test_environment("WTFCB_GRAMMAR_PATH", ""));
    int said = 0;
    ck_assert_int_eq(wtfcb_scanner_set_log(scanner, on_log, &said), WTFCB_OK);
    setenv("WTFCB_GRAMMAR_PATH", tree_path("nowhere"), 1);
    tree_put("rubbish/rust.so", "this is no shared object\n");
    wtfcb_codebase *codebase = NULL;
    setenv("WTFCB_GRAMMAR_PATH", tree_path("rubbish"), 1);
    ck_assert_int_eq(wtfcb_scanner_add_string(scanner, WTFCB_SCANNER_LANGUAGE, "Rust"), WTFCB_OK);
    codebase = tree_scan(scanner);
    wtfcb_file file = tree_file(codebase, "src/b.rs");
    if (file.status != WTFCB_OK) { /* unless the grammars are installed on this machine */
        ck_assert_int_eq(file.status, WTFCB_EGRAMMAR);
        ck_assert(file.lines == 2 && file.symbol_count == 0 && !(file.flags & WTFCB_FILE_SYNTAX));
        ck_assert_int_eq(said, 1);
        ck_assert_uint_eq(tree_totals(codebase).failed, 2);
    }
    wtfcb_codebase_free(codebase);
    setenv("WTFCB_GRAMMAR_PATH", search, 1); /* another handle finds the good one behind the bad one */
    wtfcb_codebase *good = tree_scan_at(WTFCB_DEPTH_SYNTAX);
    ck_assert_uint_eq(tree_file(good, "src/b.rs").symbol_count, 1);
    wtfcb_codebase_free(good);
    setenv("WTFCB_GRAMMAR_PATH", before, 1);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("limits");
    TCase *t = tcase_create("limits");
    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_add_test(t, file_larger_than_max_file_size_is_listed_and_not_read);
    tcase_add_test(t, max_file_size_holds_for_buffers);
    tcase_add_test(t, file_larger_than_max_parse_size_is_counted_and_not_parsed);
    tcase_add_test(t, max_parse_size_is_no_matter_for_languages_without_syntax_and_at_lines);
    tcase_add_test(t, parse_that_takes_too_many_steps_is_cut_and_the_lines_stay);
    tcase_add_test(t, limit_of_work_cuts_the_same_files_with_any_number_of_threads);
    tcase_add_test(t, parse_that_takes_too_much_memory_is_cut);
    tcase_add_test(t, brackets_that_nest_deeper_than_max_nesting_are_not_parsed);
    tcase_add_test(t, text_that_is_read_again_for_each_token_counts_as_work);
    tcase_add_test(t, parse_that_takes_too_long_is_cut);
    tcase_add_test(t, findings_beyond_their_limit_are_cut_and_the_first_are_kept);
    tcase_add_test(t, deadline_gives_what_was_found_until_then_and_says_so);
    tcase_add_test(t, deadline_reaches_into_the_parse_of_one_file);
    tcase_add_test(t, deadline_that_passes_when_every_file_is_examined_cuts_nothing);
    tcase_add_test(t, deadline_that_is_far_away_changes_nothing);
    tcase_add_test(t, nul_in_the_first_8000_bytes_makes_a_file_binary_and_later_does_not);
    tcase_add_test(t, large_binary_file_is_recognised_without_reading_it_all);
    tcase_add_test(t, utf16_file_is_read_as_the_same_text_in_utf8);
    tcase_add_test(t, embedded_parts_have_languages_and_lines_of_their_own);
    tcase_add_test(t, language_without_its_grammar_loses_the_syntax_and_nothing_else);
    tcase_add_test(t, grammar_that_cannot_be_loaded_is_a_status_and_said_once);
    suite_add_tcase(s, t);
    return s;
}

WTFCB_TEST_MAIN(suite)
