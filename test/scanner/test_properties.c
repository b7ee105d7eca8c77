/*
 * What holds for any tree: the snapshot does not depend on the number of threads, on the window, on whether it is kept or
 * streamed, or on the run. The trees are generated: sources of several languages, mutated sources, random bytes, odd names,
 * sizes that differ by orders of magnitude. The same seed gives the same tree.
 */
#include <wtfcb/scanner.h>

#include "dump.h"
#include "tree.h"

static uint64_t state;

static uint64_t below(uint64_t bound)
{
    return tree_random(&state) % bound;
}

typedef struct text {
    char *bytes;
    size_t length;
} text;

static const tree_sample *any_sample(void)
{
    size_t count = 0;
    while (tree_sample_at(count))
        count++;
    return tree_sample_at(below(count));
}

/* One source, many times over for a large file. */
static text repeat(const tree_sample *sample, size_t times)
{
    size_t length = strlen(sample->text);
    text t = {malloc(length * times + 4096), length * times};
    for (size_t i = 0; i < times; i++)
        memcpy(t.bytes + i * length, sample->text, length);
    return t;
}

/* A few edits that break syntax: bytes overwritten, a stretch removed, brackets inserted. The text has room to grow. */
static void mutate(text *t)
{
    static const char odd[] = "(){}[]<>\"'`#/*\\\n\t;,:\377\0@$";
    for (uint64_t edits = below(6) + 1; edits > 0 && t->length > 2; edits--) {
        size_t at = below(t->length);
        size_t rest = t->length - at;
        switch (below(3)) {
        case 0: t->bytes[at] = odd[below(sizeof odd)]; break;
        case 1: {
            size_t cut = below(rest) / 4;
            memmove(t->bytes + at, t->bytes + at + cut, rest - cut);
            t->length -= cut;
            break;
        }
        default: {
            size_t more = below(500);
            memmove(t->bytes + at + more, t->bytes + at, rest);
            memset(t->bytes + at, odd[below(6)], more);
            t->length += more;
        }
        }
    }
}

static text random_bytes(void)
{
    text t = {malloc(5000), below(5000)};
    for (size_t i = 0; i < t.length; i++)
        t.bytes[i] = (char)below(below(2) ? 256 : 96);
    return t;
}

/* Some name with the sample's extension, in some directory. */
static void make_path(char *path, size_t size, const tree_sample *sample, size_t number)
{
    static const char *const directories[] = {"",       "a/",      "a/b/",  "a-b/",        "a.b/",
                                              "z/y/x/", "sp ace/", "\xff/", "a/b/c/d/e/f/"};
    const char *dot = strrchr(sample->path, '.');
    snprintf(path, size, "%s%c%zu%s", directories[below(9)], (char)('A' + below(58)) | 1, number, dot ? dot : "");
}

static void generate(uint64_t seed, size_t files)
{
    state = seed * 0x9e3779b97f4a7c15u + 1;
    for (size_t i = 0; i < files; i++) {
        char path[128];
        const tree_sample *sample = any_sample();
        make_path(path, sizeof path, sample, i);
        uint64_t kind = below(20);
        text t = kind == 0 ? random_bytes()
                           : repeat(sample, kind < 16   ? 1
                                            : kind < 19 ? below(30) + 1
                                                        : below(600 / TREE_SLOWDOWN) + 1);
        if (below(3) == 0 && kind != 0) mutate(&t);
        tree_put_bytes(path, t.bytes, t.length);
        free(t.bytes);
    }
    tree_put(".gitignore", "A*\n!A1*\n*.tmp\n");
    tree_put("a/.gitignore", "b/c/\n");
}

static void set(wtfcb_scanner *scanner, int32_t option, int64_t value)
{
    ck_assert_int_eq(wtfcb_scanner_set(scanner, option, value), WTFCB_OK);
}

/* Only what is the same in every run may end a parse. */
static wtfcb_scanner *new_scanner(int64_t depth, int64_t threads, int64_t window)
{
    wtfcb_scanner *scanner = tree_scanner(depth, threads);
    set(scanner, WTFCB_SCANNER_MAX_FILE_TIME, 0);
    set(scanner, WTFCB_SCANNER_MAX_FILE_WORK, 3000000);
    if (window) set(scanner, WTFCB_SCANNER_WINDOW, window);
    return scanner;
}

static char *dump_with(int64_t depth, int64_t threads, int64_t window)
{
    wtfcb_scanner *scanner = new_scanner(depth, threads, window);
    wtfcb_codebase *codebase = tree_scan(scanner);
    char *dumped = dump_codebase(codebase);
    wtfcb_codebase_free(codebase);
    wtfcb_scanner_free(scanner);
    return dumped;
}

static int32_t on_visit(void *user, uint64_t index, const wtfcb_codebase *file)
{
    (void)index;
    dump_file(user, file, 0);
    return 0;
}

/* Files as the visitor sees them, while nothing is kept. */
static char *stream_with(int64_t depth, int64_t threads, int64_t window)
{
    char *streamed = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&streamed, &size);
    wtfcb_scanner *scanner = new_scanner(depth, threads, window);
    set(scanner, WTFCB_SCANNER_KEEP, WTFCB_KEEP_TOTALS);
    ck_assert_int_eq(wtfcb_scanner_set_visitor(scanner, on_visit, out), WTFCB_OK);
    wtfcb_codebase_free(tree_scan(scanner));
    wtfcb_scanner_free(scanner);
    ck_assert_int_eq(fclose(out), 0);
    return streamed;
}

static char *files_with(int64_t depth)
{
    wtfcb_scanner *scanner = new_scanner(depth, 1, 0);
    wtfcb_codebase *codebase = tree_scan(scanner);
    char *dumped = dump_files(codebase);
    wtfcb_codebase_free(codebase);
    wtfcb_scanner_free(scanner);
    return dumped;
}

START_TEST(snapshot_is_the_same_for_any_threads_window_run_and_way)
{
    tree_begin();
    generate((uint64_t)_i + 1, (wtfcb_test_long() ? 400u : 120u) / TREE_SLOWDOWN + 20);
    const int64_t depth = _i % 3 == 2 ? WTFCB_DEPTH_LINES : WTFCB_DEPTH_SYNTAX;
    char *one = dump_with(depth, 1, 0);
    static const int64_t threads[] = {1, 2, 3, 8};
    static const int64_t windows[] = {0, 1, 5000};
    for (size_t t = 0; t < 4; t++) {
        for (size_t w = 0; w < 3; w++) {
            char what[64];
            snprintf(what, sizeof what, "%d threads, window %d", (int)threads[t], (int)windows[w]);
            dump_assert_equal(dump_with(depth, threads[t], windows[w]), strdup(one), what);
        }
    }
    char *files = files_with(depth);
    dump_assert_equal(stream_with(depth, 1, 0), strdup(files), "streamed");
    dump_assert_equal(stream_with(depth, 3, 1), strdup(files), "streamed through the smallest window");
    free(files);
    free(one);
    tree_end();
}
END_TEST

START_TEST(scanner_gives_the_same_snapshot_each_time_it_is_used)
{
    tree_begin();
    generate(77, 100);
    wtfcb_scanner *scanner = new_scanner(WTFCB_DEPTH_SYNTAX, 2, 0);
    wtfcb_codebase *first = tree_scan(scanner);
    for (int i = 0; i < 5; i++) {
        wtfcb_codebase *again = tree_scan(scanner);
        dump_assert_equal(dump_codebase(again), dump_codebase(first), "again");
        wtfcb_codebase_free(again);
    }
    wtfcb_codebase_free(first);
    wtfcb_scanner_free(scanner);
    tree_end();
}
END_TEST

START_TEST(buffer_of_every_file_gives_the_files_row)
{
    tree_begin();
    generate(78, 60);
    wtfcb_scanner *scanner = new_scanner(WTFCB_DEPTH_SYNTAX, 2, 0);
    wtfcb_codebase *codebase = tree_scan(scanner);
    wtfcb_file row;
    for (uint64_t i = 0; wtfcb_codebase_file(codebase, i, &row, sizeof row) == WTFCB_OK; i++) {
        FILE *file = fopen(tree_path(row.path), "rb");
        char *bytes = malloc(row.size + 1);
        ck_assert_uint_eq(fread(bytes, 1, row.size, file), row.size);
        fclose(file);
        wtfcb_codebase *alone = NULL;
        ck_assert_int_eq(wtfcb_scanner_scan_buffer(scanner, row.path, bytes, row.size, &alone, NULL), WTFCB_OK);
        wtfcb_file other = tree_file(alone, row.path);
        ck_assert_str_eq(other.language, row.language);
        ck_assert(other.lines == row.lines && other.code == row.code && other.symbol_count == row.symbol_count &&
                  other.error_bytes == row.error_bytes && other.finding_count == row.finding_count &&
                  other.status == row.status && other.limits == row.limits);
        wtfcb_codebase_free(alone);
        free(bytes);
    }
    wtfcb_codebase_free(codebase);
    wtfcb_scanner_free(scanner);
    tree_end();
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("properties");
    TCase *t = tcase_create("properties");
    tcase_add_loop_test(t, snapshot_is_the_same_for_any_threads_window_run_and_way, 0,
                        wtfcb_test_long() ? 30 / TREE_SLOWDOWN + 3 : 3);
    tcase_add_test(t, scanner_gives_the_same_snapshot_each_time_it_is_used);
    tcase_add_test(t, buffer_of_every_file_gives_the_files_row);
    suite_add_tcase(s, t);
    return s;
}

WTFCB_TEST_MAIN(suite)
