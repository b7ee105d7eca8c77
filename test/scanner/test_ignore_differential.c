/*
 * Our ignore rules against git's own, on generated repositories.
 *
 * Each round makes a work tree of odd names, pattern files at every depth, in info/exclude and in core.excludesFile, and
 * asks `git check-ignore --no-index -v -n` about every path in it. The verdict, the file, the line and the pattern must
 * be the same. Then the tree is asked about once more from one of its directories, so that rules above the root of a
 * scan count too. A path asked about once is one case; the seed is fixed. 100,000 cases with WTFCB_TEST_LONG=1.
 */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/memory.h"
#include "scanner/ignore.h"
#include "scanner/ignore_lookup.h"

#include "../test.h"

enum { PATH_LIMIT = 256, NAME_BYTES = 512, PATTERN_BYTES = 4096, SETS = 4 };

typedef struct entry {
    char path[NAME_BYTES];
    bool directory;
} entry;

typedef struct tree {
    char top[256];
    entry entries[PATH_LIMIT];
    size_t count;
} tree;

static uint64_t random_state;

/* How often each verdict was git's, as a check on the generator. */
static size_t verdicts[3];

static uint64_t random_next(void)
{
    uint64_t z = random_state += 0x9e3779b97f4a7c15U;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9U;
    z = (z ^ z >> 27) * 0x94d049bb133111ebU;
    return z ^ z >> 31;
}

static size_t below(size_t bound)
{
    return (size_t)(random_next() % bound);
}

static bool chance(size_t percent)
{
    return below(100) < percent;
}

static const char *const names[] = {
    "a",        "b",        "c",    "ab",   "aab",  "abc", "foo",   "bar",   "foobar",   "foo.o",
    "bar.o",    "x.c",      ".hid", ".a.o", "a b",  "a ",  "a  ",   "t\t",   "\xc3\xa9", "\xff",
    "[x]",      "#h",       "!n",   "a\\b", "a*",   "A",   "0",     "-",     "]",        "build",
    "x.tar.gz", "a.tar.gz", "z~",   "a-b",  "^",    "a]",  "\x01x", "x\x7f", "\v",       "\f",
    "_9",       "foo.c.o",  "..a",  "a.",   "a\rb", "a\r", "Foo",   "x y\t", "b.b.b",    "aaaaaaaaaaaaaaaaab",
};

static const char *const pieces[] = {
    "*",
    "**",
    "/",
    "**/",
    "/**",
    "/**/",
    "?",
    "[a-c]",
    "[!a]",
    "[^a-f]",
    "[]a]",
    "[!]a]",
    "[a",
    "[",
    "]",
    "\\",
    "\\*",
    "\\[",
    "\\ ",
    " ",
    "\t",
    "[[:alpha:]]",
    "[[:alnum:]_]",
    "[[:space:]]",
    "[^[:upper:]]",
    "[[:foo:]]",
    "[[:alpha]",
    "[[:cntrl:]]",
    "[[:punct:]]",
    "[[:print:]]",
    "[[:graph:]]",
    "[[:blank:]]",
    "[[:xdigit:]]",
    "[a-]",
    "[--0]",
    "[\\]]",
    "[a\\-c]",
    "[/]",
    "[c-a]",
    "[\x80-\xff]",
    ".",
    "*.o",
    ".*",
    "a",
    "b",
    "foo",
    "bar",
    "ab",
    "\\a",
    "#",
    "!",
    "*/",
    "\\/",
    "**\\/",
    "a**",
    "**b",
    "//",
    "[[:lower:][:digit:]]",
    "[[.a.]]",
    "[[:]",
    "[:alpha:]",
    "***",
    "*?",
    "?*",
    "[!-~]",
    "\r",
    "$",
};

#define COUNT(array) (sizeof(array) / sizeof *(array))

static size_t add_string(char *to, size_t length, const char *string)
{
    const size_t more = strlen(string);
    ck_assert(length + more < PATTERN_BYTES);
    memcpy(to + length, string, more + 1);
    return length + more;
}

/* A path of the tree, some of its bytes replaced by what also matches them, or by something else. */
static size_t mutate_path(char *to, size_t length, const char *path)
{
    static const char *const others[] = {"*", "?", "**", "\\", "[a-z]", "[!x]", "*/", "", "[^/]", "/**/"};
    static const char *const slashes[] = {"/**/",   "/*/", "**/", "**/", "?",      "[^a]",    "[.-0]", "*",
                                          "/**\\/", "\\/", "**",  "[/]", "/**/*/", "/**/**/", "*/",    "/"};
    const bool calm = chance(50);
    for (const char *at = path; *at; at++) {
        char single[2] = {*at, '\0'};
        if (*at == '/' && chance(calm ? 40 : 25)) {
            length = add_string(to, length, slashes[below(COUNT(slashes))]);
        } else if (*at != '/' && chance(calm ? 3 : 12)) {
            length = add_string(to, length, others[below(COUNT(others))]);
        } else {
            if (strchr("*?[\\#! ", *at) && chance(calm ? 95 : 60)) length = add_string(to, length, "\\");
            length = add_string(to, length, single);
        }
    }
    return length;
}

/* A path of the tree as a pattern file in the directory `from` sees it, if one is found quickly; else any. */
static const char *any_path(const tree *in, const char *from)
{
    const size_t skipped = strlen(from);
    const char *path = "a";
    for (size_t tries = 0; tries < 40 && in->count > 0; tries++) {
        path = in->entries[below(in->count)].path;
        if (skipped == 0) return path;
        if (strncmp(path, from, skipped) == 0 && path[skipped] == '/') return path + skipped + 1;
    }
    return path;
}

static size_t add_pattern(char *to, size_t length, const tree *in, const char *from)
{
    if (chance(45)) length = add_string(to, length, "!");
    if (chance(15)) length = add_string(to, length, "/");
    if (chance(8)) length = add_string(to, length, "**/");
    const size_t way = below(10);
    if (way < 3) {
        for (size_t i = 1 + below(4); i > 0; i--)
            length = add_string(to, length, pieces[below(COUNT(pieces))]);
    } else if (way < 5) {
        length = mutate_path(to, length, names[below(COUNT(names))]);
    } else {
        const char *path = any_path(in, from);
        for (size_t skip = chance(75) ? 0 : below(4); skip > 0 && strchr(path, '/'); skip--)
            path = strchr(path, '/') + 1;
        length = mutate_path(to, length, path);
    }
    if (chance(20)) length = add_string(to, length, "/");
    if (chance(6)) length = add_string(to, length, "/**");
    if (chance(6)) length = add_string(to, length, chance(50) ? " " : "\\ ");
    if (chance(3)) length = add_string(to, length, chance(50) ? "\t" : "  ");
    return length;
}

static void write_file(const char *path, const char *bytes, size_t length)
{
    const int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    ck_assert_msg(fd >= 0, "%s: %s", path, strerror(errno));
    ck_assert_int_eq(write(fd, bytes, length), (ssize_t)length);
    close(fd);
}

static void write_patterns(const char *path, const tree *in, const char *from, size_t most)
{
    char text[PATTERN_BYTES] = "";
    size_t length = 0;
    if (chance(5)) length = add_string(text, length, "\xef\xbb\xbf");
    for (size_t i = below(most + 1); i > 0 && length < PATTERN_BYTES / 2; i--) {
        if (chance(5)) length = add_string(text, length, chance(50) ? "# note\n" : "\n");
        length = add_pattern(text, length, in, from);
        if (i > 1 || chance(80)) length = add_string(text, length, chance(8) ? "\r\n" : "\n");
    }
    write_file(path, text, length);
}

static void make_directory(const char *path)
{
    ck_assert_msg(mkdir(path, 0777) == 0, "%s: %s", path, strerror(errno));
}

static bool is_new(const tree *in, const char *path)
{
    for (size_t i = 0; i < in->count; i++)
        if (strcmp(in->entries[i].path, path) == 0) return false;
    return true;
}

static void make_entries(tree *in, size_t wanted)
{
    char full[1024];
    for (size_t tries = 0; in->count < wanted && tries < wanted * 4; tries++) {
        entry *next = &in->entries[in->count];
        const entry *parent = in->count > 0 && chance(80) ? &in->entries[below(in->count)] : NULL;
        if (parent && (!parent->directory || strlen(parent->path) > 60)) continue;
        const int length = snprintf(next->path, sizeof next->path, "%s%s%s", parent ? parent->path : "",
                                    parent ? "/" : "", names[below(COUNT(names))]);
        ck_assert(length > 0 && (size_t)length < sizeof next->path);
        if (!is_new(in, next->path)) continue;
        next->directory = chance(45);
        snprintf(full, sizeof full, "%s/%s", in->top, next->path);
        if (next->directory)
            make_directory(full);
        else if (chance(3))
            ck_assert_int_eq(symlink(chance(50) ? "." : "nowhere", full), 0);
        else
            write_file(full, "", 0);
        in->count++;
    }
}

static void make_ignore_files(const tree *in, const char *home)
{
    char full[1024];
    snprintf(full, sizeof full, "%s/.gitignore", in->top);
    (void)unlink(full);
    if (chance(90)) write_patterns(full, in, "", 10);
    for (size_t i = 0; i < in->count; i++) {
        if (!in->entries[i].directory) continue;
        snprintf(full, sizeof full, "%s/%s/.gitignore", in->top, in->entries[i].path);
        (void)unlink(full);
        if (!chance(35)) continue;
        if (chance(3))
            ck_assert_int_eq(symlink("../.gitignore", full), 0);
        else
            write_patterns(full, in, in->entries[i].path, 5);
    }
    snprintf(full, sizeof full, "%s/.git/info/exclude", in->top);
    (void)unlink(full);
    if (chance(50)) write_patterns(full, in, "", 5);
    snprintf(full, sizeof full, "%s/.config/git/ignore", home);
    (void)unlink(full);
    if (chance(50)) write_patterns(full, in, "", 4);
    snprintf(full, sizeof full, "%s/other", home);
    write_patterns(full, in, "", 4);
}

/* A repository as small as git accepts one. */
static void make_repository(const tree *in)
{
    static const char *const directories[] = {"", "/objects", "/refs", "/info"};
    static const char *const configurations[] = {
        "[core]\n\tbare = false\n",
        "[core]\n\trepositoryformatversion = 0\n[CORE] excludesFile = \"~/other\" ; and so on\n",
        "[core]\n\texcludesfile = ~/ot\\\nher\n[core \"x\"]\n\texcludesfile = no\n",
        "[include]\n\tpath = more\n[core]\n\tbare\n",
        "[core]\n\texcludesfile =\n",
    };
    char full[1024];
    for (size_t i = 0; i < COUNT(directories); i++) {
        snprintf(full, sizeof full, "%s/.git%s", in->top, directories[i]);
        make_directory(full);
    }
    snprintf(full, sizeof full, "%s/.git/HEAD", in->top);
    write_file(full, "ref: refs/heads/main\n", 21);
    snprintf(full, sizeof full, "%s/.git/more", in->top);
    write_file(full, "[core]\nexcludesFile=~/other\n", 28);
    snprintf(full, sizeof full, "%s/.git/config", in->top);
    const char *configuration = configurations[below(COUNT(configurations))];
    write_file(full, configuration, strlen(configuration));
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *ftw)
{
    (void)status;
    (void)type;
    (void)ftw;
    return remove(path);
}

/* git's answers about all entries, one after the other: source, line, pattern and path, each ended by a NUL. */
static char *ask_git(const tree *in, const char *scratch, size_t *ret_length)
{
    char list[512];
    char answers[512];
    char command[2048];
    snprintf(list, sizeof list, "%s/list", scratch);
    snprintf(answers, sizeof answers, "%s/answers", scratch);
    FILE *file = fopen(list, "wb");
    ck_assert_ptr_nonnull(file);
    for (size_t i = 0; i < in->count; i++)
        fwrite(in->entries[i].path, 1, strlen(in->entries[i].path) + 1, file);
    fclose(file);
    snprintf(command, sizeof command,
             "cd '%s' && exec git check-ignore --no-index -v -n -z --stdin <'%s' >'%s' 2>/dev/null", in->top, list,
             answers);
    const int result = system(command);
    ck_assert(WIFEXITED(result) && WEXITSTATUS(result) <= 1);
    file = fopen(answers, "rb");
    ck_assert_ptr_nonnull(file);
    struct stat status;
    ck_assert_int_eq(fstat(fileno(file), &status), 0);
    *ret_length = (size_t)status.st_size;
    char *bytes = calloc(1, *ret_length + 1);
    ck_assert_ptr_nonnull(bytes);
    ck_assert_uint_eq(fread(bytes, 1, *ret_length, file), *ret_length);
    fclose(file);
    return bytes;
}

typedef struct answer {
    const char *source;
    const char *line;
    const char *pattern;
    const char *path;
} answer;

static answer next_answer(const char **at)
{
    answer got;
    const char **fields[] = {&got.source, &got.line, &got.pattern, &got.path};
    for (size_t i = 0; i < COUNT(fields); i++) {
        *fields[i] = *at;
        *at += strlen(*at) + 1;
    }
    return got;
}

static wtfcb_scanner_ignore_verdict verdict_of(const answer *theirs)
{
    if (!*theirs->source) return WTFCB_SCANNER_IGNORE_NONE;
    return *theirs->pattern == '!' ? WTFCB_SCANNER_IGNORE_INCLUDED : WTFCB_SCANNER_IGNORE_IGNORED;
}

/* Ask our rules, as a scan that starts at `root` ("" for the top) would, about what lies below it, and compare. */
static size_t compare(const tree *in, const char *root, const char *answers, size_t *different)
{
    const wtfcb_allocator allocator = wtfcb_base_allocator(NULL);
    const wtfcb_scanner_ignore_options options = {.git = true, .files = true};
    const size_t skipped = *root ? strlen(root) + 1 : 0;
    size_t cases = 0;
    char path[1024];
    snprintf(path, sizeof path, "%s/%s", in->top, root);
    const int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    ck_assert_int_ge(fd, 0);
    wtfcb_scanner_ignore *set;
    const wtfcb_scanner_ignore_node *base;
    wtfcb_scanner_ignore_lookup *lookup;
    ck_assert_int_eq(wtfcb_scanner_ignore_new(&allocator, &options, &set), WTFCB_OK);
    ck_assert_int_eq(wtfcb_scanner_ignore_root(set, fd, path, &base, NULL), WTFCB_OK);
    ck_assert_int_eq(wtfcb_scanner_ignore_lookup_new(set, base, fd, &lookup), WTFCB_OK);
    for (size_t i = 0; i < in->count; i++) {
        const answer theirs = next_answer(&answers);
        const char *asked = in->entries[i].path;
        ck_assert_str_eq(theirs.path, asked);
        if (skipped > 0 && (strncmp(asked, root, skipped - 1) != 0 || asked[skipped - 1] != '/')) continue;
        wtfcb_scanner_ignore_verdict verdict;
        wtfcb_scanner_ignore_reason reason;
        ck_assert_int_eq(wtfcb_scanner_ignore_lookup_path(lookup, asked + skipped, strlen(asked + skipped),
                                                          in->entries[i].directory, &verdict, &reason),
                         WTFCB_OK);
        char line[16] = "";
        if (verdict != WTFCB_SCANNER_IGNORE_NONE) snprintf(line, sizeof line, "%u", reason.line);
        bool same = verdict == verdict_of(&theirs) && strcmp(line, theirs.line) == 0;
        same = same && strcmp(reason.pattern ? reason.pattern : "", theirs.pattern) == 0;
        same = same && (skipped > 0 || strcmp(reason.source ? reason.source : "", theirs.source) == 0);
        cases++;
        verdicts[verdict_of(&theirs)]++;
        if (same) continue;
        if ((*different)++ < 10)
            fprintf(stderr, "%s from '%s': '%s': git %s:%s:'%s', we %s:%s:'%s'\n", in->top, root, asked, theirs.source,
                    theirs.line, theirs.pattern, reason.source ? reason.source : "", line,
                    reason.pattern ? reason.pattern : "");
    }
    wtfcb_scanner_ignore_lookup_free(lookup);
    wtfcb_scanner_ignore_free(set);
    close(fd);
    return cases;
}

/* One set of pattern files over a tree that exists. */
static size_t one_set(const tree *in, const char *scratch, const char *home, size_t *different)
{
    make_ignore_files(in, home);
    size_t length;
    char *answers = ask_git(in, scratch, &length);
    size_t cases = compare(in, "", answers, different);
    const char *at = answers; /* a directory that git would enter */
    const char *root = NULL;
    for (size_t i = 0; i < in->count; i++) {
        const answer theirs = next_answer(&at);
        if (in->entries[i].directory && verdict_of(&theirs) != WTFCB_SCANNER_IGNORE_IGNORED && (!root || chance(20)))
            root = in->entries[i].path;
    }
    if (root) cases += compare(in, root, answers, different);
    free(answers);
    return cases;
}

static size_t one_round(const char *scratch, const char *home, size_t number, size_t *different)
{
    static tree in;
    memset(&in, 0, sizeof in);
    snprintf(in.top, sizeof in.top, "%s/repository%zu", scratch, number);
    make_directory(in.top);
    make_repository(&in);
    make_entries(&in, 220);
    const size_t before = *different;
    size_t cases = 0;
    for (size_t i = 0; i < SETS && *different == before; i++) /* a tree costs more than what is asked about it */
        cases += one_set(&in, scratch, home, different);
    if (*different == before) ck_assert_int_eq(nftw(in.top, remove_one, 16, FTW_DEPTH | FTW_PHYS), 0);
    return cases;
}

/* A scratch folder with a home of its own in `home`; nothing of the machine's configuration is seen. */
static char *hermetic(char *home, size_t size)
{
    char *scratch = wtfcb_test_directory();
    char path[1024];
    snprintf(home, size, "%s/home", scratch);
    make_directory(home);
    snprintf(path, sizeof path, "%s/.config", home);
    make_directory(path);
    snprintf(path, sizeof path, "%s/.config/git", home);
    make_directory(path);
    setenv("HOME", home, 1);
    setenv("GIT_CONFIG_NOSYSTEM", "1", 1);
    setenv("GIT_CEILING_DIRECTORIES", scratch, 1);
    unsetenv("XDG_CONFIG_HOME");
    unsetenv("GIT_CONFIG_GLOBAL");
    unsetenv("GIT_DIR");
    return scratch;
}

START_TEST(named_classes_hold_the_bytes_that_git_puts_in_them)
{
    static const char *const classes[] = {"alnum", "alpha", "blank", "cntrl", "digit", "graph",
                                          "lower", "print", "punct", "space", "upper", "xdigit"};
    char home[512];
    char *scratch = hermetic(home, sizeof home);
    char full[1024];
    char text[64];
    size_t different = 0;
    for (size_t i = 0; i < COUNT(classes); i++) {
        static tree in;
        memset(&in, 0, sizeof in);
        snprintf(in.top, sizeof in.top, "%s/class%zu", scratch, i);
        make_directory(in.top);
        make_repository(&in);
        snprintf(full, sizeof full, "%s/.gitignore", in.top);
        const int length = snprintf(text, sizeof text, "x[[:%s:]]", classes[i]);
        write_file(full, text, (size_t)length);
        for (unsigned byte = 1; byte < 256; byte++) {
            if (byte == '/') continue;
            entry *next = &in.entries[in.count++];
            snprintf(next->path, sizeof next->path, "x%c", (int)byte);
            snprintf(full, sizeof full, "%s/%s", in.top, next->path);
            write_file(full, "", 0);
        }
        size_t answers_length;
        char *answers = ask_git(&in, scratch, &answers_length);
        ck_assert_uint_eq(compare(&in, "", answers, &different), in.count);
        free(answers);
    }
    ck_assert_uint_eq(different, 0);
    free(scratch);
}
END_TEST

START_TEST(ignore_rules_decide_as_git_does)
{
    const size_t wanted = wtfcb_test_long() ? 100000 : 3000;
    char home[512];
    char *scratch = hermetic(home, sizeof home);
    random_state = strtoull(wtfcb_test_environment("WTFCB_TEST_SEED", "1"), NULL, 10);
    memset(verdicts, 0, sizeof verdicts);
    size_t cases = 0;
    size_t different = 0;
    for (size_t number = 0; cases < wanted; number++)
        cases += one_round(scratch, home, number, &different);
    ck_assert_msg(different == 0, "%zu of %zu cases differ; repositories kept in %s", different, cases, scratch);
    for (size_t i = 0; i < COUNT(verdicts); i++)
        ck_assert_msg(verdicts[i] * 40 >= cases, "verdict %zu came up in %zu of %zu cases only", i, verdicts[i], cases);
    free(scratch);
}
END_TEST

static Suite *suite(void)
{
    Suite *all = suite_create("ignore rules against git");
    TCase *tests = tcase_create("differential");
    tcase_set_timeout(tests, 600);
    tcase_add_test(tests, named_classes_hold_the_bytes_that_git_puts_in_them);
    tcase_add_test(tests, ignore_rules_decide_as_git_does);
    suite_add_tcase(all, tests);
    return all;
}

WTFCB_TEST_MAIN(suite)
