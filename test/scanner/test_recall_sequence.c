/*
 * Whatever happens to a tree between two scans, a scan through the cache gives what a scan without it gives; so does a rescan of
 * exactly the paths that changed; and a comparison of two snapshots lists exactly the files whose rows differ.
 *
 * Random steps (steps.h), in three ways: with files that seem settled at once, so that signatures decide; with the real clock, where the
 * rule about young files has to catch what happens within one tick of the kernel's clock; and with times in whole seconds, where that
 * rule has nearly everything to catch.
 */
#include <wtfcb/diff.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "recall.h"
#include "steps.h"

static const int64_t ahead = INT64_C(60) * 1000000000;

/* What may be asked of one tree. The first is compared after every step, the others in turn. */
typedef struct config {
    int64_t depth;
    int64_t keep;
    bool streamed;
} config;

static const config configs[] = {
    {WTFCB_DEPTH_SYNTAX, WTFCB_KEEP_ALL, false},
    {WTFCB_DEPTH_SYNTAX, WTFCB_KEEP_TOTALS, false},
    {WTFCB_DEPTH_LINES, WTFCB_KEEP_ALL, false},
    {WTFCB_DEPTH_SYNTAX, WTFCB_KEEP_TOTALS, true},
    {WTFCB_DEPTH_SYNTAX, WTFCB_KEEP_FILES, false},
    {WTFCB_DEPTH_LINES, WTFCB_KEEP_TOTALS, false},
    {WTFCB_DEPTH_SYNTAX, WTFCB_KEEP_SYMBOLS, false},
    {WTFCB_DEPTH_FILES, WTFCB_KEEP_ALL, false},
    {WTFCB_DEPTH_SYNTAX, WTFCB_KEEP_IMPORTS | WTFCB_KEEP_FINDINGS, true},
    {WTFCB_DEPTH_LINES, WTFCB_KEEP_TOTALS, true},
    {WTFCB_DEPTH_SYNTAX, WTFCB_KEEP_FAILED, false},
};
enum { CONFIGS = sizeof configs / sizeof *configs };

/* The ways; each is gone with links and without. */
enum { SETTLED, REAL_CLOCK, WHOLE_SECONDS, WAYS };

static int way;

/* In front of libc's for the whole program: the times of files, as coarse as the way wants them. */
static int look_at(int dirfd, const char *path, struct stat *st, int flags)
{
    if (syscall(SYS_newfstatat, dirfd, path, st, flags) != 0) return -1;
    if (way == WHOLE_SECONDS) st->st_mtim.tv_nsec = st->st_ctim.tv_nsec = 0;
    return 0;
}

int fstat(int fd, struct stat *st)
{
    return look_at(fd, "", st, AT_EMPTY_PATH);
}

int fstatat(int dirfd, const char *path, struct stat *st, int flags)
{
    return look_at(dirfd, path, st, flags);
}

static wtfcb_cache *cache;
static wtfcb_languages *languages; /* of all scanners, so that one can go on from another's snapshot */
static bool follow;
static char what[256];     /* the step, for messages */
static uint64_t unchanged; /* files that scans took for unchanged */

/* One snapshot as text: files as the visitor saw them, if there was one, and what was kept. */
typedef struct stream {
    FILE *out;
    char *text;
    size_t size;
} stream;

static int32_t on_visit(void *user, uint64_t index, const wtfcb_codebase *file)
{
    (void)index;
    dump_file(((stream *)user)->out, file, 0);
    return 0;
}

static wtfcb_scanner *make_scanner(const config *c, wtfcb_cache *with)
{
    wtfcb_scanner *scanner = tree_scanner(c->depth, 2);
    ck_assert_int_eq(wtfcb_scanner_set_languages(scanner, languages), WTFCB_OK);
    ck_assert_int_eq(wtfcb_scanner_set(scanner, WTFCB_SCANNER_KEEP, c->keep), WTFCB_OK);
    ck_assert_int_eq(wtfcb_scanner_set(scanner, WTFCB_SCANNER_FOLLOW, follow), WTFCB_OK);
    ck_assert_int_eq(wtfcb_scanner_set_cache(scanner, with), WTFCB_OK);
    return scanner;
}

/* Scan; the snapshot and, by `ret_text`, all that was found. */
static wtfcb_codebase *scan(const config *c, wtfcb_cache *with, char **ret_text)
{
    stream s = {0};
    wtfcb_scanner *scanner = make_scanner(c, with);
    s.out = open_memstream(&s.text, &s.size);
    if (c->streamed) ck_assert_int_eq(wtfcb_scanner_set_visitor(scanner, on_visit, &s), WTFCB_OK);
    wtfcb_codebase *codebase = tree_scan(scanner);
    char *kept = dump_codebase(codebase);
    fputs(kept, s.out);
    ck_assert_int_eq(fclose(s.out), 0);
    free(kept);
    wtfcb_scanner_free(scanner);
    *ret_text = s.text;
    return codebase;
}

/* Files by path, each with all that is said of it. */
typedef struct listing {
    char **texts;
    const wtfcb_codebase *codebase;
    size_t count;
} listing;

static listing list_files(const wtfcb_codebase *codebase)
{
    listing l = {.codebase = codebase, .count = wtfcb_codebase_file_count(codebase)};
    l.texts = calloc(l.count + 1, sizeof *l.texts);
    for (size_t i = 0; i < l.count; i++) {
        size_t size = 0;
        FILE *out = open_memstream(&l.texts[i], &size);
        dump_file(out, codebase, i);
        ck_assert_int_eq(fclose(out), 0);
    }
    return l;
}

static void free_listing(listing *l)
{
    for (size_t i = 0; i < l->count; i++)
        free(l->texts[i]);
    free(l->texts);
}

static const char *path_of(const listing *l, size_t index)
{
    wtfcb_file file;
    ck_assert_int_eq(wtfcb_codebase_file(l->codebase, index, &file, sizeof file), WTFCB_OK);
    return file.path;
}

/* One row of a comparison. */
typedef struct difference {
    const char *path;
    uint32_t change;
    uint64_t before;
    uint64_t after;
} difference;

/* The files that are not the same, found without the library's help. */
static size_t compare(const listing *a, const listing *b, difference *into)
{
    size_t i = 0, k = 0, count = 0;
    while (i < a->count || k < b->count) {
        int order = i == a->count ? 1 : k == b->count ? -1 : strcmp(path_of(a, i), path_of(b, k));
        difference d = {
            .path = order <= 0 ? path_of(a, i) : path_of(b, k),
            .change = order < 0   ? WTFCB_CHANGE_REMOVED
                      : order > 0 ? WTFCB_CHANGE_ADDED
                                  : WTFCB_CHANGE_CHANGED,
            .before = order <= 0 ? i : WTFCB_NO_INDEX,
            .after = order >= 0 ? k : WTFCB_NO_INDEX,
        };
        bool same = order == 0 && strcmp(a->texts[i], b->texts[k]) == 0;
        i += order <= 0;
        k += order >= 0;
        if (!same) into[count++] = d;
    }
    return count;
}

static void check_symbols(const wtfcb_diff *diff, const wtfcb_file_change *row, uint64_t file, uint64_t *next)
{
    ck_assert_uint_eq(row->first_symbol, *next);
    for (uint64_t i = 0; i < row->symbol_count; i++) {
        wtfcb_symbol_change symbol;
        ck_assert_int_eq(wtfcb_diff_symbol(diff, (*next)++, &symbol, sizeof symbol), WTFCB_OK);
        ck_assert_uint_eq(symbol.file, file);
        ck_assert(row->change == WTFCB_CHANGE_CHANGED || symbol.change == row->change);
        ck_assert_int_eq(symbol.before == WTFCB_NO_INDEX, symbol.change == WTFCB_CHANGE_ADDED);
        ck_assert_int_eq(symbol.after == WTFCB_NO_INDEX, symbol.change == WTFCB_CHANGE_REMOVED);
    }
}

/* The library's comparison lists those files and no others. */
static void check_diff(wtfcb_codebase *before, wtfcb_codebase *after, const difference *expected, size_t count)
{
    wtfcb_diff *diff = NULL;
    uint64_t symbols = 0;
    ck_assert_int_eq(wtfcb_codebase_diff(before, after, &diff), WTFCB_OK);
    for (size_t i = 0; i < count; i++) {
        wtfcb_file_change row = {0};
        ck_assert_msg(wtfcb_diff_file(diff, i, &row, sizeof row) == WTFCB_OK, "%s: %s is not in the diff", what,
                      expected[i].path);
        ck_assert_msg(strcmp(row.path, expected[i].path) == 0 && row.change == expected[i].change,
                      "%s: %s %s, not %s %s", what, row.path, wtfcb_change_name(row.change), expected[i].path,
                      wtfcb_change_name(expected[i].change));
        ck_assert(row.before == expected[i].before && row.after == expected[i].after);
        check_symbols(diff, &row, i, &symbols);
    }
    ck_assert_msg(wtfcb_diff_file_count(diff) == count, "%s: too much in the diff", what);
    ck_assert_uint_eq(wtfcb_diff_symbol_count(diff), symbols);
    wtfcb_diff_free(diff);
}

/* A path as some caller may write it. */
static char *write_oddly(const char *path)
{
    static const char *const forms[] = {"%s", "%s", "./%s", ".//%s", "%s/", "./%s//"};
    size_t size = strlen(path) + 16;
    char *text = malloc(size);
    const char *form = forms[steps_below(6)];
    snprintf(text, size, form, path);
    return text;
}

/* A snapshot that is kept up to date by rescans alone. */
typedef struct kept {
    const config *config;
    wtfcb_codebase *codebase;
    steps_state *state; /* of the tree, when that was made */
} kept;

static void begin_kept(kept *k, const config *c)
{
    char *text;
    k->config = c;
    k->codebase = scan(c, steps_below(2) ? cache : NULL, &text);
    k->state = steps_look();
    free(text);
}

static void end_kept(kept *k)
{
    wtfcb_codebase_free(k->codebase);
    steps_state_free(k->state);
}

/* Rescan what has changed, in the tree or, through links, in the rows. */
static void update(kept *k, wtfcb_codebase *cold, const difference *differences, size_t count)
{
    steps_paths paths = {0};
    steps_state *now = steps_look();
    steps_changes(k->state, now, &paths);
    for (size_t i = 0; i < count && follow; i++)
        steps_paths_add(&paths, differences[i].path);
    steps_paths_sort(&paths);
    for (size_t i = 0; i < paths.count; i++) {
        char *odd = write_oddly(paths.items[i]);
        free(paths.items[i]);
        paths.items[i] = odd;
    }
    wtfcb_scanner *scanner = make_scanner(k->config, steps_below(2) ? cache : NULL);
    wtfcb_codebase *next = NULL;
    wtfcb_error error = WTFCB_ERROR_INIT;
    wtfcb_status status =
        wtfcb_scanner_rescan(scanner, k->codebase, (const char *const *)paths.items, paths.count, &next, &error);
    ck_assert_msg(status == WTFCB_OK, "%s: %s", what, error.message);
    char message[300];
    snprintf(message, sizeof message, "rescan after %s", what);
    dump_assert_equal(dump_codebase(next), dump_codebase(cold), message);
    wtfcb_scanner_free(scanner);
    steps_paths_free(&paths);
    wtfcb_codebase_free(k->codebase);
    steps_state_free(k->state);
    k->codebase = next;
    k->state = now;
}

/* Compare, find what differs from the kept snapshot, and bring that up to date. */
static void check_kept(kept *k, wtfcb_codebase *cold)
{
    listing before = list_files(k->codebase), after = list_files(cold);
    difference *differences = calloc(before.count + after.count + 1, sizeof *differences);
    size_t count = compare(&before, &after, differences);
    check_diff(k->codebase, cold, differences, count);
    update(k, cold, differences, count);
    free(differences);
    free_listing(&before);
    free_listing(&after);
}

/* Whether a path lies below a directory that could not be read. */
static bool is_behind_failure(const wtfcb_codebase *codebase, const char *path)
{
    wtfcb_file file;
    for (uint64_t i = 0; wtfcb_codebase_file(codebase, i, &file, sizeof file) == WTFCB_OK; i++)
        if (file.flags & WTFCB_FILE_DIRECTORY && strncmp(path, file.path, file.path_length) == 0 &&
            path[file.path_length] == '/')
            return true;
    return false;
}

/* What may be in a scan and not in what is remembered of it, or the other way round: that something could not be examined. */
static bool may_differ(const wtfcb_codebase *restored, const wtfcb_codebase *scanned, const difference *d)
{
    wtfcb_file file;
    if (wtfcb_codebase_file(restored, d->before, &file, sizeof file) == WTFCB_OK)
        return file.status == WTFCB_ENOTFOUND || is_behind_failure(scanned, file.path);
    return wtfcb_codebase_file(scanned, d->after, &file, sizeof file) == WTFCB_OK && file.status != WTFCB_OK;
}

/* What the cache remembers without a look at the tree is what the last scan has found. */
static void check_restored(const config *c, const wtfcb_codebase *scanned)
{
    wtfcb_codebase *codebase = NULL;
    wtfcb_error error = WTFCB_ERROR_INIT;
    wtfcb_scanner *scanner = make_scanner(c, cache);
    wtfcb_status status = wtfcb_scanner_restore(scanner, tree_root(), &codebase, &error);
    ck_assert_msg(status == WTFCB_OK, "restored after %s: %s", what, error.message);
    listing before = list_files(codebase), after = list_files(scanned);
    difference *differences = calloc(before.count + after.count + 1, sizeof *differences);
    size_t count = compare(&before, &after, differences);
    for (size_t i = 0; i < count; i++)
        ck_assert_msg(may_differ(codebase, scanned, &differences[i]), "restored after %s: %s %s", what,
                      wtfcb_change_name(differences[i].change), differences[i].path);
    free(differences);
    free_listing(&before);
    free_listing(&after);
    wtfcb_codebase_free(codebase);
    wtfcb_scanner_free(scanner);
}

/* The scan through the cache gives what the one without gives; that one is returned. */
static wtfcb_codebase *check_warm(const config *c)
{
    char *warm_text, *cold_text, message[300];
    wtfcb_codebase *warm = scan(c, cache, &warm_text);
    wtfcb_codebase *cold = scan(c, NULL, &cold_text);
    snprintf(message, sizeof message, "depth %d, keep %d%s, after %s", (int)c->depth, (int)c->keep,
             c->streamed ? ", streamed" : "", what);
    dump_assert_equal(warm_text, cold_text, message);
    unchanged += tree_stats(warm).hits_unchanged;
    if (c->depth != WTFCB_DEPTH_FILES && c->keep & WTFCB_KEEP_ALL) check_restored(c, cold);
    wtfcb_codebase_free(warm);
    return cold;
}

/* Another process, for all that the cache knows; now and then one that has not much memory. */
static void reopen(void)
{
    wtfcb_cache_free(cache);
    if (steps_below(2)) {
        cache = recall_cache();
        return;
    }
    cache = NULL;
    ck_assert_int_eq(wtfcb_cache_new(NULL, &cache), WTFCB_OK);
    ck_assert_int_eq(wtfcb_cache_set_option(cache, WTFCB_CACHE_MEMORY, 0), WTFCB_OK);
    ck_assert_int_eq(wtfcb_cache_open(cache, recall_directory(), NULL), WTFCB_OK);
}

static void run(uint64_t seed, int steps)
{
    enum { BLOCK = 8, STRIDE = 3 };
    kept all, other;
    recall_ahead_ns = way == SETTLED ? ahead : 0;
    ck_assert_int_eq(wtfcb_languages_new(NULL, &languages), WTFCB_OK);
    cache = recall_cache();
    steps_begin(seed, true);
    unchanged = 0;
    begin_kept(&all, &configs[0]);
    begin_kept(&other, &configs[2]);
    for (int i = 0; i < steps; i++) {
        if (way == SETTLED) steps_wait_for_tick();
        snprintf(what, sizeof what, "seed %d, step %d: %s", (int)seed, i, steps_do());
        wtfcb_codebase *cold = check_warm(&configs[0]);
        check_kept(&all, cold);
        wtfcb_codebase_free(cold);
        wtfcb_codebase_free(check_warm(&configs[1 + i % (CONFIGS - 1)]));
        if (i % STRIDE == 0 && other.config->keep & WTFCB_KEEP_ALL) {
            cold = check_warm(other.config);
            check_kept(&other, cold);
            wtfcb_codebase_free(cold);
        }
        if (i % BLOCK == BLOCK - 1) {
            end_kept(&other);
            begin_kept(&other, &configs[steps_below(CONFIGS)]);
            if (steps_below(2)) reopen();
        }
    }
    if (way == SETTLED) ck_assert_uint_gt(unchanged, (uint64_t)steps * 10); /* most of what there was */
    end_kept(&all);
    end_kept(&other);
    wtfcb_cache_free(cache);
    wtfcb_languages_free(languages);
}

START_TEST(scan_through_the_cache_is_a_scan_without_it_after_any_steps)
{
    recall_begin();
    way = _i % WAYS;
    follow = _i / WAYS % 2;
    run((uint64_t)_i + 1, wtfcb_test_long() ? 350 : 50 / TREE_SLOWDOWN);
    recall_end();
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("recall sequence");
    TCase *t = tcase_create("sequence");
    tcase_add_loop_test(t, scan_through_the_cache_is_a_scan_without_it_after_any_steps, 0,
                        wtfcb_test_long() ? 10 * WAYS : 2 * WAYS);
    suite_add_tcase(s, t);
    return s;
}

WTFCB_TEST_MAIN(suite)
