/*
 * Memory that runs out: the n-th allocation of a small scan fails, for n = 1 until none is left to fail, once alone and once with
 * all that follow. Every call answers WTFCB_OK or WTFCB_ENOMEM, rows may carry WTFCB_ENOMEM, nothing is lost in silence,
 * nothing leaks, every block comes back with its size, and the same scanner then gives the right snapshot.
 */
#include <wtfcb/scanner.h>

#include "../base/counting.h"
#include "dump.h"
#include "tree.h"

static counting memory;

/* The kinds of scan; each is tried in both ways of failing. */
enum { TREE, LIST, BUFFER, STREAM, LINES, KINDS };

static const char *const list[] = {"py", "c/list.c", "none.c", "doc/read.md"};

static void put_small_tree(void)
{
    static const char *const chosen[] = {"c/list.c",      "c/broken.c",  "py/mod.py",
                                         "web/page.html", "doc/read.md", "ts/view.tsx"};
    for (size_t i = 0; tree_sample_at(i); i++)
        for (size_t k = 0; k < sizeof chosen / sizeof *chosen; k++)
            if (strcmp(tree_sample_at(i)->path, chosen[k]) == 0) tree_put(chosen[k], tree_sample_at(i)->text);
    tree_put(".gitignore", "*.tmp\n/out/\n!keep.tmp\n[ab]*.x\n");
    tree_put("c/.gitignore", "*.o\n");
    tree_put("c/x.o", "");
    static const char utf16[] = "\377\376i\0n\0t\0 \0x\0;\0\n\0";
    tree_put_bytes("wide.c", utf16, sizeof utf16 - 1);
}

static int32_t ignore_file(void *user, uint64_t index, const wtfcb_codebase *file)
{
    (void)user;
    (void)index;
    return wtfcb_codebase_file_count(file) != 1;
}

/* Everything that is set allocates, so it may fail too. */
static wtfcb_status prepare(wtfcb_scanner *scanner, int kind)
{
    wtfcb_status status = wtfcb_scanner_set(scanner, WTFCB_SCANNER_THREADS, 2);
    if (status == WTFCB_OK)
        status =
            wtfcb_scanner_set(scanner, WTFCB_SCANNER_DEPTH, kind == LINES ? WTFCB_DEPTH_LINES : WTFCB_DEPTH_SYNTAX);
    if (status == WTFCB_OK && kind == STREAM)
        status = wtfcb_scanner_set(scanner, WTFCB_SCANNER_KEEP, WTFCB_KEEP_TOTALS);
    if (status == WTFCB_OK && kind == STREAM) status = wtfcb_scanner_set_visitor(scanner, ignore_file, NULL);
    if (status == WTFCB_OK && kind == TREE) status = wtfcb_scanner_add_string(scanner, WTFCB_SCANNER_EXCLUDE, "*.none");
    return status;
}

static wtfcb_status scan(wtfcb_scanner *scanner, int kind, wtfcb_codebase **ret_codebase, wtfcb_error *error)
{
    const char *text = tree_sample_at(0)->text;
    switch (kind) {
    case LIST: return wtfcb_scanner_scan_list(scanner, tree_root(), list, 4, ret_codebase, error);
    case BUFFER: return wtfcb_scanner_scan_buffer(scanner, "a.c", text, strlen(text), ret_codebase, error);
    default: return wtfcb_scanner_scan(scanner, tree_root(), ret_codebase, error);
    }
}

/* What a scan of this kind gives when nothing fails. */
static char *expected_of(int kind)
{
    counting calm;
    counting_init(&calm);
    wtfcb_scanner *scanner = NULL;
    wtfcb_codebase *codebase = NULL;
    ck_assert_int_eq(wtfcb_scanner_new(&calm.allocator, &scanner), WTFCB_OK);
    ck_assert_int_eq(prepare(scanner, kind), WTFCB_OK);
    ck_assert_int_eq(scan(scanner, kind, &codebase, NULL), WTFCB_OK);
    char *text = dump_codebase(codebase);
    wtfcb_codebase_free(codebase);
    wtfcb_scanner_free(scanner);
    counting_assert_clean(&calm);
    return text;
}

static bool has_row_without_memory(const wtfcb_codebase *codebase)
{
    wtfcb_file file;
    for (uint64_t i = 0; wtfcb_codebase_file(codebase, i, &file, sizeof file) == WTFCB_OK; i++)
        if (file.status == WTFCB_ENOMEM) return true;
    return wtfcb_codebase_file_count(codebase) == 0 && tree_totals(codebase).failed > 0; /* streamed */
}

/* The scan while memory is short. */
static void scan_in_need(wtfcb_scanner *scanner, int kind, const char *expected, unsigned long n)
{
    wtfcb_codebase *const before = (wtfcb_codebase *)scanner;
    wtfcb_codebase *codebase = before;
    wtfcb_error error = WTFCB_ERROR_INIT;
    wtfcb_status status = scan(scanner, kind, &codebase, &error);
    if (status == WTFCB_ENOMEM) {
        ck_assert_ptr_eq(codebase, before);
        if (error.status != WTFCB_ENOMEM || error.message[0] == '\0') ck_abort_msg("allocation %lu: no words", n);
        return;
    }
    ck_assert_msg(status == WTFCB_OK, "allocation %lu: %s", n, wtfcb_status_name(status));
    if (!has_row_without_memory(codebase)) dump_assert_equal(dump_codebase(codebase), strdup(expected), "in need");
    wtfcb_codebase_free(codebase);
}

/* One round; false when no allocation failed any more. */
static bool fail_allocation(int kind, unsigned long n, bool rest, const char *expected)
{
    wtfcb_scanner *scanner = NULL;
    counting_init(&memory);
    counting_fail(&memory, n, rest);
    wtfcb_status status = wtfcb_scanner_new(&memory.allocator, &scanner);
    if (status == WTFCB_OK) {
        status = prepare(scanner, kind);
        if (status == WTFCB_OK)
            scan_in_need(scanner, kind, expected, n);
        else
            ck_assert_int_eq(status, WTFCB_ENOMEM);
        bool failed = atomic_load(&memory.failed) > 0;
        counting_fail(&memory, 0, false);
        ck_assert_int_eq(prepare(scanner, kind), WTFCB_OK);
        wtfcb_codebase *codebase = NULL;
        wtfcb_error error = WTFCB_ERROR_INIT;
        status = scan(scanner, kind, &codebase, &error);
        ck_assert_msg(status == WTFCB_OK, "after allocation %lu failed: %s", n, error.message);
        dump_assert_equal(dump_codebase(codebase), strdup(expected), "afterwards");
        wtfcb_codebase_free(codebase);
        wtfcb_scanner_free(scanner);
        counting_assert_clean(&memory);
        return failed;
    }
    ck_assert_int_eq(status, WTFCB_ENOMEM);
    ck_assert_ptr_null(scanner);
    counting_assert_clean(&memory);
    return true;
}

START_TEST(scan_survives_every_allocation_that_fails)
{
    int kind = _i / 2;
    bool rest = _i % 2 != 0;
    tree_begin();
    put_small_tree();
    char *expected = expected_of(kind);
    int descriptors = tree_open_descriptors();
    unsigned long n = 1;
    while (fail_allocation(kind, n, rest, expected)) {
        n++;
        ck_assert_uint_lt(n, 20000);
    }
    ck_assert_uint_gt(n, 10);
    ck_assert_int_eq(tree_open_descriptors(), descriptors);
    if (wtfcb_test_long()) printf("kind %d: %lu allocations\n", kind, n - 1);
    free(expected);
    tree_end();
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("torture");
    TCase *t = tcase_create("torture");
    tcase_add_loop_test(t, scan_survives_every_allocation_that_fails, 0, 2 * KINDS);
    suite_add_tcase(s, t);
    return s;
}

WTFCB_TEST_MAIN(suite)
