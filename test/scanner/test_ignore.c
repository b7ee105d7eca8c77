/*
 * The parts of the ignore rules that git cannot be asked about (other kinds of files, the caller's patterns, nested
 * repositories, what a scan that starts somewhere else sees), and what happens when memory runs out.
 */
#include <fcntl.h>
#include <stdint.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "scanner/ignore.h"
#include "scanner/ignore_lookup.h"

#include "../test.h"

enum {
    NONE = WTFCB_SCANNER_IGNORE_NONE,
    IGNORED = WTFCB_SCANNER_IGNORE_IGNORED,
    INCLUDED = WTFCB_SCANNER_IGNORE_INCLUDED,
};

static char *top;

/* libc's memory, until a countdown ends; counts what is not given back. */
static size_t live;
static size_t left = SIZE_MAX;

static bool refuse(void)
{
    if (left == 0) return true;
    left -= left != SIZE_MAX;
    return false;
}

static void *counted_alloc(void *user, size_t size)
{
    (void)user;
    void *block = refuse() ? NULL : malloc(size);
    if (block) live += size;
    return block;
}

static void *counted_realloc(void *user, void *block, size_t old_size, size_t new_size)
{
    (void)user;
    void *moved = refuse() ? NULL : realloc(block, new_size);
    if (moved) live += new_size - old_size;
    return moved;
}

static void counted_free(void *user, void *block, size_t size)
{
    (void)user;
    live -= size;
    free(block);
}

static const wtfcb_allocator counted = {NULL, counted_alloc, counted_realloc, counted_free};

static const char *full(const char *path)
{
    static char buffers[4][1024];
    static size_t turn;
    char *buffer = buffers[turn++ % 4];
    snprintf(buffer, sizeof buffers[0], "%s/%s", top, path);
    return buffer;
}

/* Write a file, with the directories that it is in. */
static void put(const char *path, const char *text)
{
    char at[1024];
    snprintf(at, sizeof at, "%s", full(path));
    for (char *slash = strchr(at + strlen(top) + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        (void)mkdir(at, 0777);
        *slash = '/';
    }
    FILE *file = fopen(at, "wb");
    ck_assert_msg(file != NULL, "%s", at);
    fputs(text, file);
    fclose(file);
}

/* A repository as small as git accepts one; `path` is "" or ends with a slash. */
static void put_repository(const char *path)
{
    static const char *const files[] = {".git/HEAD", ".git/config", ".git/objects/x", ".git/refs/x", ".git/info/x"};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        char name[256];
        snprintf(name, sizeof name, "%s%s", path, files[i]);
        put(name, i == 0 ? "ref: refs/heads/main\n" : "");
    }
}

static void set_up(void)
{
    top = wtfcb_test_directory();
    put("home/x", "");
    put("tree/x", "");
    setenv("HOME", full("home"), 1);
    setenv("GIT_CONFIG_NOSYSTEM", "1", 1);
    unsetenv("XDG_CONFIG_HOME");
    unsetenv("GIT_CONFIG_GLOBAL");
    live = 0;
    left = SIZE_MAX;
}

static void tear_down(void)
{
    free(top);
    ck_assert_uint_eq(live, 0);
}

typedef struct scan {
    wtfcb_scanner_ignore *set;
    wtfcb_scanner_ignore_lookup *lookup;
    const wtfcb_scanner_ignore_problem *problems;
    int fd;
} scan;

static void scan_close(scan *in)
{
    wtfcb_scanner_ignore_lookup_free(in->lookup);
    wtfcb_scanner_ignore_free(in->set);
    close(in->fd);
}

static wtfcb_status scan_open(scan *in, const char *root, const wtfcb_scanner_ignore_options *options)
{
    const wtfcb_scanner_ignore_node *base;
    *in = (scan){.fd = open(full(root), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    ck_assert_int_ge(in->fd, 0);
    wtfcb_status status = wtfcb_scanner_ignore_new(&counted, options, &in->set);
    if (status == WTFCB_OK) status = wtfcb_scanner_ignore_root(in->set, in->fd, full(root), &base, &in->problems);
    if (status == WTFCB_OK) status = wtfcb_scanner_ignore_lookup_new(in->set, base, in->fd, &in->lookup);
    if (status != WTFCB_OK) scan_close(in);
    return status;
}

/* The verdict about a path, a directory if it ends with a slash. */
static int verdict_of(scan *in, const char *path)
{
    size_t length = strlen(path);
    const bool directory = path[length - 1] == '/';
    wtfcb_scanner_ignore_verdict verdict;
    ck_assert_int_eq(wtfcb_scanner_ignore_lookup_path(in->lookup, path, length - directory, directory, &verdict, NULL),
                     WTFCB_OK);
    return (int)verdict;
}

static const wtfcb_scanner_ignore_options everything = {.git = true, .files = true};

static int ask(const char *root, const wtfcb_scanner_ignore_options *options, const char *path)
{
    scan in;
    ck_assert_int_eq(scan_open(&in, root, options), WTFCB_OK);
    const int verdict = verdict_of(&in, path);
    scan_close(&in);
    return verdict;
}

START_TEST(outside_of_a_repository_gitignore_files_hold_from_the_root_down)
{
    put(".gitignore", "b\n");
    put("tree/.gitignore", "a\n/d/e\n");
    put("tree/d/.gitignore", "!a\n");
    ck_assert_int_eq(ask("tree", &everything, "a"), IGNORED);
    ck_assert_int_eq(ask("tree", &everything, "b"), NONE);
    ck_assert_int_eq(ask("tree", &everything, "d/a"), INCLUDED);
    ck_assert_int_eq(ask("tree", &everything, "d/e"), IGNORED);
}
END_TEST

START_TEST(stronger_kinds_of_files_win_whatever_their_depth)
{
    put_repository("tree/");
    put("tree/.gitignore", "a\nb\nc\n");
    put("tree/.ignore", "!a\n!b\n");
    put("tree/.wtfcbignore", "b\n");
    put("tree/d/.gitignore", "a\nb\n");
    put("tree/d/.ignore", "!b\n");
    ck_assert_int_eq(ask("tree", &everything, "d/a"), INCLUDED);
    ck_assert_int_eq(ask("tree", &everything, "d/b"), IGNORED);
    ck_assert_int_eq(ask("tree", &everything, "c"), IGNORED);
    const wtfcb_scanner_ignore_options no_git = {.files = true};
    const wtfcb_scanner_ignore_options no_files = {.git = true};
    const wtfcb_scanner_ignore_options nothing = {0};
    ck_assert_int_eq(ask("tree", &no_git, "c"), NONE);
    ck_assert_int_eq(ask("tree", &no_git, "b"), IGNORED);
    ck_assert_int_eq(ask("tree", &no_files, "a"), IGNORED);
    ck_assert_int_eq(ask("tree", &nothing, "b"), NONE);
}
END_TEST

START_TEST(the_callers_patterns_are_on_top)
{
    const char *const excludes[] = {"*.o", "!keep.o", "/top", "#x", "dir/"};
    const wtfcb_scanner_ignore_options options = {.git = true, .excludes = excludes, .exclude_count = 5};
    put("tree/.gitignore", "keep.o\n!lose.o\n");
    ck_assert_int_eq(ask("tree", &options, "a/keep.o"), INCLUDED);
    ck_assert_int_eq(ask("tree", &options, "lose.o"), IGNORED);
    ck_assert_int_eq(ask("tree", &options, "top"), IGNORED);
    ck_assert_int_eq(ask("tree", &options, "a/top"), NONE);
    ck_assert_int_eq(ask("tree", &options, "#x"), IGNORED);
    ck_assert_int_eq(ask("tree", &options, "a/dir/b"), IGNORED);
}
END_TEST

START_TEST(includes_choose_files_and_leave_directories_open)
{
    const char *const includes[] = {"*.c", "/doc", "!/doc/old"};
    const wtfcb_scanner_ignore_options options = {.git = true, .includes = includes, .include_count = 3};
    put("tree/.gitignore", "x.c\n");
    ck_assert_int_eq(ask("tree", &options, "a/b.c"), NONE);
    ck_assert_int_eq(ask("tree", &options, "a/b.h"), IGNORED);
    ck_assert_int_eq(ask("tree", &options, "a/b/"), NONE);
    ck_assert_int_eq(ask("tree", &options, "x.c"), IGNORED); /* an include does not take back a rule */
    ck_assert_int_eq(ask("tree", &options, "doc/a/text"), NONE);
    ck_assert_int_eq(ask("tree", &options, "doc/old/text"), IGNORED);
    const char *const hopeless[] = {"[a"};
    const wtfcb_scanner_ignore_options none = {.includes = hopeless, .include_count = 1};
    ck_assert_int_eq(ask("tree", &none, "a"), IGNORED);
}
END_TEST

START_TEST(a_nested_repository_starts_gits_rules_afresh)
{
    put_repository("tree/");
    put_repository("tree/in/");
    put("home/.config/git/ignore", "/user\n");
    put("tree/.gitignore", "a\n");
    put("tree/.ignore", "i\n");
    put("tree/.git/info/exclude", "e\n");
    put("tree/in/.git/info/exclude", "f\n");
    put("tree/not/.git/HEAD", "git takes this for no repository\n");
    ck_assert_int_eq(ask("tree", &everything, "in/a"), NONE);
    ck_assert_int_eq(ask("tree", &everything, "in/e"), NONE);
    ck_assert_int_eq(ask("tree", &everything, "in/f"), IGNORED);
    ck_assert_int_eq(ask("tree", &everything, "in/i"), IGNORED);
    ck_assert_int_eq(ask("tree", &everything, "in/user"), IGNORED);
    ck_assert_int_eq(ask("tree", &everything, "user"), IGNORED);
    ck_assert_int_eq(ask("tree", &everything, "e"), IGNORED);
    ck_assert_int_eq(ask("tree", &everything, "d/user"), NONE);
    ck_assert_int_eq(ask("tree", &everything, "not/a"), IGNORED);
    ck_assert_int_eq(ask("tree/in", &everything, "i"), NONE); /* a scan of the inner one alone */
}
END_TEST

START_TEST(a_linked_work_tree_uses_the_common_directory)
{
    put_repository("main/");
    put("main/.git/info/exclude", "e\n");
    put("main/.git/config", "[core]\nexcludesFile = ~/mine\n");
    put("home/mine", "m\n");
    put("main/.git/worktrees/w/HEAD", "ref: refs/heads/w\n");
    put("main/.git/worktrees/w/commondir", "../..\n");
    put("tree/.git", "gitdir: ../main/.git/worktrees/w\n");
    ck_assert_int_eq(ask("tree", &everything, "e"), IGNORED);
    ck_assert_int_eq(ask("tree", &everything, "m"), IGNORED);
}
END_TEST

START_TEST(rules_above_the_root_hold_up_to_the_repositorys_top)
{
    put(".gitignore", "outside\n");
    put_repository("tree/");
    put("tree/.gitignore", "/a/b/c\n/c\n**/d\na/*/e\n!keep\n");
    put("tree/.ignore", "i\n");
    put("tree/a/.gitignore", "b/f\nkeep\n");
    put("tree/.git/info/exclude", "/a/b/g\n");
    put("tree/a/b/x", "");
    ck_assert_int_eq(ask("tree/a/b", &everything, "c"), IGNORED);
    ck_assert_int_eq(ask("tree/a/b", &everything, "x/c"), NONE);
    ck_assert_int_eq(ask("tree/a/b", &everything, "x/d"), IGNORED);
    ck_assert_int_eq(ask("tree/a/b", &everything, "e"), IGNORED);
    ck_assert_int_eq(ask("tree/a/b", &everything, "f"), IGNORED);
    ck_assert_int_eq(ask("tree/a/b", &everything, "g"), IGNORED);
    ck_assert_int_eq(ask("tree/a/b", &everything, "i"), IGNORED);
    ck_assert_int_eq(ask("tree/a/b", &everything, "keep"), IGNORED);
    ck_assert_int_eq(ask("tree/a/b", &everything, "outside"), NONE);
}
END_TEST

START_TEST(the_users_file_comes_from_the_configuration)
{
    static const struct {
        const char *path;
        const char *text;
        bool read;
    } cases[] = {
        {"home/.gitconfig", "[core]\n\texcludesfile = ~/mine\n", true},
        {"home/.gitconfig", "\xef\xbb\xbf[CORE]EXCLUDESFILE=\"~/mi\"ne # note\r\n", true},
        {"home/.gitconfig", "# [core]\n[core \"sub\"]\nexcludesFile = ~/mine\n", false},
        {"home/.gitconfig", "[core]\nexcludesFile = ~/mi\\\nne", true},
        {"home/.gitconfig", "[core]\nexcludesFile = \"~/mine\n", false}, /* the quote is never closed */
        {"home/.gitconfig", "[core]\nexcludesFile = ~/mine\n[x", true},  /* what stands in front of an error counts */
        {"home/.gitconfig", "[include]\npath = other\n", true},
        {"home/.gitconfig", "[include]\npath = .gitconfig\n[core]\nexcludesFile = ~/mine\n", true},
        {"home/.gitconfig", "[core]\nexcludesFile = ~/mine\nexcludesFile =\n", false},
        {"home/.config/git/config", "[core]\nexcludesFile = ~/mine", true},
        {"home/.config/git/ignore", "mine", true},
    };
    put("home/mine", "mine\n");
    put("home/other", "[core]\nexcludesfile = ~/mine\n");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        put(cases[i].path, cases[i].text);
        ck_assert_msg(ask("tree", &everything, "mine") == (cases[i].read ? IGNORED : NONE), "%s", cases[i].text);
        ck_assert_int_eq(unlink(full(cases[i].path)), 0);
    }
}
END_TEST

START_TEST(what_cannot_be_read_is_reported_and_links_are_not_rules)
{
    put("tree/rules", "a\n");
    ck_assert_int_eq(symlink("rules", full("tree/.gitignore")), 0);
    ck_assert_int_eq(mkdir(full("tree/.ignore"), 0777), 0);
    put("tree/.wtfcbignore", "b\n");
    ck_assert_int_eq(truncate(full("tree/.wtfcbignore"), 9 * 1024 * 1024), 0);
    scan in;
    ck_assert_int_eq(scan_open(&in, "tree", &everything), WTFCB_OK);
    ck_assert_int_eq(verdict_of(&in, "a"), NONE);
    const wtfcb_scanner_ignore_node *base;
    const wtfcb_scanner_ignore_node *node;
    const wtfcb_scanner_ignore_problem *problems;
    wtfcb_scanner_ignore *set;
    ck_assert_int_eq(wtfcb_scanner_ignore_new(&counted, &everything, &set), WTFCB_OK);
    ck_assert_int_eq(wtfcb_scanner_ignore_root(set, in.fd, NULL, &base, NULL), WTFCB_OK);
    ck_assert_int_eq(
        wtfcb_scanner_ignore_enter(set, base, in.fd, "", 0, WTFCB_SCANNER_IGNORE_HAS_UNKNOWN, &node, &problems),
        WTFCB_OK);
    ck_assert_ptr_nonnull(problems);
    ck_assert_ptr_null(problems->next);
    ck_assert_str_eq(problems->path, ".wtfcbignore");
    ck_assert_int_eq(problems->status, WTFCB_ELIMIT);
    wtfcb_scanner_ignore_free(set);
    scan_close(&in);
}
END_TEST

START_TEST(a_directory_without_rules_shares_its_parents_node)
{
    scan in;
    ck_assert_int_eq(scan_open(&in, "tree", &everything), WTFCB_OK);
    put("tree/.gitignore", "# nothing but a comment\n");
    const wtfcb_scanner_ignore_node *base;
    const wtfcb_scanner_ignore_node *node = NULL;
    wtfcb_scanner_ignore *set;
    ck_assert_int_eq(wtfcb_scanner_ignore_new(&counted, &everything, &set), WTFCB_OK);
    ck_assert_int_eq(wtfcb_scanner_ignore_root(set, in.fd, NULL, &base, NULL), WTFCB_OK);
    ck_assert_int_eq(wtfcb_scanner_ignore_enter(set, base, in.fd, "", 0, WTFCB_SCANNER_IGNORE_HAS_UNKNOWN, &node, NULL),
                     WTFCB_OK);
    ck_assert_ptr_eq(node, base);
    wtfcb_scanner_ignore_free(set);
    scan_close(&in);
}
END_TEST

START_TEST(every_allocation_may_fail_and_nothing_leaks)
{
    const char *const patterns[] = {"*.o", "a[bc]*", "/d/**/e"};
    const wtfcb_scanner_ignore_options options = {.git = true,
                                                  .files = true,
                                                  .excludes = patterns,
                                                  .exclude_count = 3,
                                                  .includes = (const char *const[]){"*"},
                                                  .include_count = 1};
    put_repository("tree/");
    put("tree/.git/config", "[include]\npath = more\n");
    put("tree/.git/more", "[core]\nexcludesFile = ~/mine\n");
    put("home/mine", "mine\n");
    put("tree/.git/info/exclude", "e\n");
    put("tree/.gitignore", "x\n[a-z]*y\n");
    put("tree/d/.ignore", "q\n**/r/*\n");
    put_repository("tree/d/in/");
    put("tree/d/in/.gitignore", "f\n");
    bool done = false;
    size_t failures = 0;
    for (size_t n = 0; !done; n++) {
        scan in;
        left = n;
        wtfcb_status status = scan_open(&in, "tree/d", &options);
        const bool opened = status == WTFCB_OK;
        wtfcb_scanner_ignore_verdict verdict = WTFCB_SCANNER_IGNORE_NONE;
        if (opened) status = wtfcb_scanner_ignore_lookup_path(in.lookup, "in/f", 4, false, &verdict, NULL);
        done = status == WTFCB_OK;
        left = SIZE_MAX;
        if (!done) {
            failures++;
            ck_assert_int_eq(status, WTFCB_ENOMEM);
        }
        if (opened) { /* it still works */
            ck_assert_int_eq(verdict_of(&in, "in/f"), IGNORED);
            ck_assert_int_eq(verdict_of(&in, "mine"), IGNORED);
            scan_close(&in);
        }
        ck_assert_uint_eq(live, 0);
    }
    ck_assert_uint_gt(failures, 30);
}
END_TEST

START_TEST(any_bytes_are_parsed_without_harm)
{
    static const char alphabet[] = "*?[]!^-\\/ab.:#\t \r\n\n\xff\xc3"
                                   "alpha[[:]]";
    uint64_t state = 7;
    char text[200];
    const int rounds = wtfcb_test_long() ? 100000 : 2000;
    for (int round = 0; round < rounds; round++) {
        size_t length = 0;
        for (; length < sizeof text - 1; length++) {
            state = state * 6364136223846793005U + 1442695040888963407U;
            text[length] = alphabet[(state >> 33) % (sizeof alphabet)]; /* the NUL at its end as well */
        }
        const char *lines[8];
        for (size_t i = 0; i < 8; i++)
            lines[i] = text + i * 20;
        text[length] = '\0';
        const wtfcb_scanner_ignore_options options = {.excludes = lines, .exclude_count = 8};
        wtfcb_scanner_ignore *set;
        const wtfcb_scanner_ignore_node *node;
        ck_assert_int_eq(wtfcb_scanner_ignore_new(&counted, &options, &set), WTFCB_OK);
        ck_assert_int_eq(wtfcb_scanner_ignore_root(set, -1, NULL, &node, NULL), WTFCB_OK);
        (void)wtfcb_scanner_ignore_match(node, "a/b/alpha", 9, 4, false, NULL);
        (void)wtfcb_scanner_ignore_match(node, ".b", 2, 0, true, NULL);
        wtfcb_scanner_ignore_free(set);
    }
}
END_TEST

static Suite *suite(void)
{
    Suite *all = suite_create("ignore rules");
    TCase *tests = tcase_create("ignore");
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, outside_of_a_repository_gitignore_files_hold_from_the_root_down);
    tcase_add_test(tests, stronger_kinds_of_files_win_whatever_their_depth);
    tcase_add_test(tests, the_callers_patterns_are_on_top);
    tcase_add_test(tests, includes_choose_files_and_leave_directories_open);
    tcase_add_test(tests, a_nested_repository_starts_gits_rules_afresh);
    tcase_add_test(tests, a_linked_work_tree_uses_the_common_directory);
    tcase_add_test(tests, rules_above_the_root_hold_up_to_the_repositorys_top);
    tcase_add_test(tests, the_users_file_comes_from_the_configuration);
    tcase_add_test(tests, what_cannot_be_read_is_reported_and_links_are_not_rules);
    tcase_add_test(tests, a_directory_without_rules_shares_its_parents_node);
    tcase_add_test(tests, every_allocation_may_fail_and_nothing_leaks);
    tcase_add_test(tests, any_bytes_are_parsed_without_harm);
    suite_add_tcase(all, tests);
    return all;
}

WTFCB_TEST_MAIN(suite)
