/*
 * A system that fails: the n-th system call of a small scan fails, for n = 1 until none is left to fail, with each of several
 * errors. The scan ends with a clear error or with rows and messages that say what is missing; nothing leaks, neither
 * memory nor descriptors nor threads, and the same scanner then gives the right snapshot.
 *
 * The functions below stand in front of libc's for the whole program; they fail only while `armed`.
 */
#include <wtfcb/scanner.h>

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../base/counting.h"
#include "dump.h"
#include "tree.h"

static atomic_bool armed;
static atomic_ulong calls;
static atomic_ulong failures;
static unsigned long fail_at;
static int fail_errno;

static struct {
    int (*openat)(int, const char *, int, ...);
    int (*fstat)(int, struct stat *);
    int (*fstatat)(int, const char *, struct stat *, int);
    ssize_t (*pread)(int, void *, size_t, off_t);
    int (*close)(int);
    long (*syscall)(long, ...);
    char *(*realpath)(const char *, char *);
    int (*pthread_create)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);
} real;

__attribute__((constructor)) static void find_real(void)
{
    *(void **)&real.openat = dlsym(RTLD_NEXT, "openat");
    *(void **)&real.fstat = dlsym(RTLD_NEXT, "fstat");
    *(void **)&real.fstatat = dlsym(RTLD_NEXT, "fstatat");
    *(void **)&real.pread = dlsym(RTLD_NEXT, "pread");
    *(void **)&real.close = dlsym(RTLD_NEXT, "close");
    *(void **)&real.syscall = dlsym(RTLD_NEXT, "syscall");
    *(void **)&real.realpath = dlsym(RTLD_NEXT, "realpath");
    *(void **)&real.pthread_create = dlsym(RTLD_NEXT, "pthread_create");
}

/* Count a call; true when this one is to fail. */
static bool fails(void)
{
    if (!atomic_load(&armed) || atomic_fetch_add(&calls, 1) + 1 != fail_at) return false;
    atomic_fetch_add(&failures, 1);
    errno = fail_errno;
    return true;
}

int openat(int dirfd, const char *path, int flags, ...)
{
    va_list arguments;
    va_start(arguments, flags);
    mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(arguments, mode_t) : 0;
    va_end(arguments);
    if (!real.openat) find_real();
    return fails() ? -1 : real.openat(dirfd, path, flags, mode);
}

int fstat(int fd, struct stat *st)
{
    if (!real.fstat) find_real();
    return fails() ? -1 : real.fstat(fd, st);
}

int fstatat(int dirfd, const char *path, struct stat *st, int flags)
{
    if (!real.fstatat) find_real();
    return fails() ? -1 : real.fstatat(dirfd, path, st, flags);
}

ssize_t pread(int fd, void *into, size_t size, off_t offset)
{
    if (!real.pread) find_real();
    return fails() ? -1 : real.pread(fd, into, size, offset);
}

int close(int fd) /* Linux has let go of the descriptor whatever it answers */
{
    if (!real.close) find_real();
    int result = real.close(fd);
    return fails() ? -1 : result;
}

char *realpath(const char *path, char *into)
{
    if (!real.realpath) find_real();
    return fails() ? NULL : real.realpath(path, into);
}

int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *), void *user)
{
    if (!real.pthread_create) find_real();
    return fails() ? fail_errno : real.pthread_create(thread, attributes, run, user);
}

long syscall(long number, ...)
{
    long a[6];
    va_list arguments;
    va_start(arguments, number);
    for (size_t i = 0; i < 6; i++)
        a[i] = va_arg(arguments, long);
    va_end(arguments);
    if (!real.syscall) find_real();
    return fails() ? -1 : real.syscall(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}

static counting memory;
static wtfcb_languages *languages;
static int messages;

static void on_log(void *user, int32_t level, const char *message)
{
    (void)user;
    (void)level;
    if (message[0]) messages++;
}

enum { TREE, LIST, FOLLOW, KINDS };

static const char *const list[] = {"py", "c/list.c", "none.c", "c/x.o"};

static void put_small_tree(void)
{
    tree_put("a.c", tree_sample_at(0)->text);
    tree_put("c/list.c", tree_sample_at(1)->text);
    tree_put("c/x.o", "object\n");
    tree_put("c/d/e/deep.py", "x = 1\n");
    tree_put("py/mod.py", tree_sample_at(3)->text);
    tree_put("c/.gitignore", "*.o\n");
    tree_put(".gitignore", "*.tmp\n");
    tree_link("../py", "c/link");
    char *large = malloc(1200000);
    memset(large, '\n', 1200000);
    tree_put_bytes("large.txt", large, 1200000);
    free(large);
}

static wtfcb_scanner *make_scanner(int kind, unsigned long n)
{
    wtfcb_scanner *scanner = NULL;
    ck_assert_int_eq(wtfcb_scanner_new(&memory.allocator, &scanner), WTFCB_OK);
    ck_assert_int_eq(wtfcb_scanner_set_languages(scanner, languages), WTFCB_OK);
    ck_assert_int_eq(wtfcb_scanner_set_log(scanner, on_log, NULL), WTFCB_OK);
    ck_assert_int_eq(wtfcb_scanner_set(scanner, WTFCB_SCANNER_DEPTH, WTFCB_DEPTH_SYNTAX), WTFCB_OK);
    ck_assert_int_eq(wtfcb_scanner_set(scanner, WTFCB_SCANNER_THREADS, 1 + (int64_t)(n % 2)), WTFCB_OK);
    ck_assert_int_eq(wtfcb_scanner_set(scanner, WTFCB_SCANNER_FOLLOW, kind == FOLLOW), WTFCB_OK);
    return scanner;
}

static wtfcb_status scan(wtfcb_scanner *scanner, int kind, wtfcb_codebase **ret_codebase, wtfcb_error *error)
{
    if (kind == LIST) return wtfcb_scanner_scan_list(scanner, tree_root(), list, 4, ret_codebase, error);
    return wtfcb_scanner_scan(scanner, tree_root(), ret_codebase, error);
}

static char *dump_of(wtfcb_scanner *scanner, int kind)
{
    wtfcb_codebase *codebase = NULL;
    wtfcb_error error = WTFCB_ERROR_INIT;
    ck_assert_msg(scan(scanner, kind, &codebase, &error) == WTFCB_OK, "%s", error.message);
    char *text = dump_codebase(codebase);
    wtfcb_codebase_free(codebase);
    return text;
}

static uint64_t failed_rows(const wtfcb_codebase *codebase)
{
    return tree_totals(codebase).failed;
}

/* An ignore file that is gone when it is opened, or has become a link, is rightly not applied. */
static bool may_be_silent(void)
{
    return fail_errno == ENOENT || fail_errno == ELOOP;
}

/* The scan with one call that fails; what it leaves out must be said. */
static void scan_in_trouble(wtfcb_scanner *scanner, int kind, const char *expected, uint64_t failed_before)
{
    wtfcb_codebase *const before = (wtfcb_codebase *)scanner;
    wtfcb_codebase *codebase = before;
    wtfcb_error error = WTFCB_ERROR_INIT;
    messages = 0;
    atomic_store(&calls, 0);
    atomic_store(&failures, 0);
    atomic_store(&armed, true);
    wtfcb_status status = scan(scanner, kind, &codebase, &error);
    atomic_store(&armed, false);
    if (status != WTFCB_OK) {
        ck_assert_ptr_eq(codebase, before);
        if (error.status != status || error.message[0] == '\0') ck_abort_msg("call %lu: no words", fail_at);
        ck_assert_msg(status > WTFCB_EFORMAT || status == WTFCB_ELOOP || status == WTFCB_ESPECIAL, "call %lu: %s",
                      fail_at, wtfcb_status_name(status));
        return;
    }
    char what[128];
    snprintf(what, sizeof what, "call %lu, %s: something is missing and nothing says so", fail_at,
             strerror(fail_errno));
    char *text = dump_codebase(codebase);
    bool said = failed_rows(codebase) != failed_before || messages > 0;
    if (said || may_be_silent())
        free(text);
    else
        dump_assert_equal(text, strdup(expected), what);
    wtfcb_codebase_free(codebase);
}

START_TEST(scan_survives_every_call_that_fails)
{
    static const int errors[] = {EIO, EMFILE, ENOMEM, EINTR, EACCES, ENOENT, ELOOP, EAGAIN, ENAMETOOLONG, ENOSYS};
    const int tried = (wtfcb_test_long() ? 10 : 4) / TREE_SLOWDOWN + (TREE_SLOWDOWN > 1);
    const int kind = _i;
    tree_begin();
    put_small_tree();
    counting_init(&memory);
    ck_assert_int_eq(wtfcb_languages_new(NULL, &languages), WTFCB_OK);
    wtfcb_scanner *scanner = make_scanner(kind, 1);
    char *expected = dump_of(scanner, kind);
    wtfcb_codebase *codebase = NULL;
    ck_assert_int_eq(scan(scanner, kind, &codebase, NULL), WTFCB_OK);
    uint64_t failed_before = failed_rows(codebase);
    wtfcb_codebase_free(codebase);
    wtfcb_scanner_free(scanner);
    int descriptors = tree_open_descriptors();
    int threads = tree_threads();
    unsigned long n = 1;
    for (bool failing = true; failing; n++) {
        failing = false;
        for (int e = 0; e < tried; e++) {
            fail_at = n;
            fail_errno = errors[e];
            scanner = make_scanner(kind, n);
            scan_in_trouble(scanner, kind, expected, failed_before);
            failing = failing || atomic_load(&failures) > 0;
            ck_assert_msg(tree_open_descriptors() == descriptors, "call %lu, %s: a descriptor is left", n,
                          strerror(errors[e]));
            dump_assert_equal(dump_of(scanner, kind), strdup(expected), "afterwards");
            wtfcb_scanner_free(scanner);
            counting_assert_clean(&memory);
        }
        ck_assert_uint_lt(n, 5000);
    }
    ck_assert_uint_gt(n, 20);
    for (int i = 0; i < 1000 && tree_threads() != threads; i++)
        usleep(1000);
    ck_assert_int_eq(tree_threads(), threads);
    if (wtfcb_test_long()) printf("kind %d: %lu calls\n", kind, n - 2);
    free(expected);
    wtfcb_languages_free(languages);
    tree_end();
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("torture by calls");
    TCase *t = tcase_create("calls");
    tcase_add_loop_test(t, scan_survives_every_call_that_fails, 0, KINDS);
    suite_add_tcase(s, t);
    return s;
}

WTFCB_TEST_MAIN(suite)
