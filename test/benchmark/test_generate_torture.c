/*
 * Memory that runs out and a disk that fails: the n-th allocation, then the n-th system call, for n = 1 until none is left to fail. The call answers
 * with a status and a path, leaves nothing half made behind, leaks nothing, and works afterwards.
 *
 * The functions below stand in front of libc's for the whole program; they fail only while `armed`.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../base/counting.h"
#include "project_help.h"

static bool armed;
static unsigned long calls, fail_at, failures;
static int fail_errno;

static struct {
    int (*openat)(int, const char *, int, ...);
    ssize_t (*write)(int, const void *, size_t);
    int (*mkdirat)(int, const char *, mode_t);
    int (*renameat)(int, const char *, int, const char *);
    int (*close)(int);
} real;

__attribute__((constructor)) static void find_real(void)
{
    *(void **)&real.openat = dlsym(RTLD_NEXT, "openat");
    *(void **)&real.write = dlsym(RTLD_NEXT, "write");
    *(void **)&real.mkdirat = dlsym(RTLD_NEXT, "mkdirat");
    *(void **)&real.renameat = dlsym(RTLD_NEXT, "renameat");
    *(void **)&real.close = dlsym(RTLD_NEXT, "close");
}

static bool fails(void)
{
    if (!armed || ++calls != fail_at) return false;
    failures++;
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

/* Half of it is written before the disk is full. */
ssize_t write(int fd, const void *bytes, size_t length)
{
    if (!real.write) find_real();
    if (armed && length > 1 && calls + 1 == fail_at && fail_errno == ENOSPC) {
        fail_at++; /* the rest fails */
        calls++;
        return real.write(fd, bytes, length / 2);
    }
    return fails() ? -1 : real.write(fd, bytes, length);
}

int mkdirat(int dirfd, const char *path, mode_t mode)
{
    if (!real.mkdirat) find_real();
    return fails() ? -1 : real.mkdirat(dirfd, path, mode);
}

int renameat(int from, const char *old, int to, const char *new_name)
{
    if (!real.renameat) find_real();
    return fails() ? -1 : real.renameat(from, old, to, new_name);
}

int close(int fd)
{
    if (!real.close) find_real();
    int result = real.close(fd);
    return fails() ? -1 : result;
}

static counting memory;

static wtfcb_project *make(void)
{
    wtfcb_project *project = project_of(&memory.allocator, 14, 4000);
    project_set(project, WTFCB_PROJECT_CHANGES, 300);
    return project;
}

static void setup(void)
{
    counting_init(&memory);
}

START_TEST(generate_without_memory_leaves_nothing)
{
    char *path = project_folder();
    for (unsigned long n = 1;; n++) {
        wtfcb_project *project = make();
        wtfcb_error error = WTFCB_ERROR_INIT;
        counting_fail(&memory, n, _i == 1);
        wtfcb_status status = wtfcb_project_generate(project, path, &error);
        bool failed = atomic_load(&memory.failed) > 0;
        counting_fail(&memory, 0, false);
        ck_assert_int_eq(status, failed ? WTFCB_ENOMEM : WTFCB_OK);
        ck_assert(failed == (access(path, F_OK) != 0));
        if (failed) {
            ck_assert_int_eq(error.status, WTFCB_ENOMEM);
            ck_assert_int_ne(error.path[0], 0);
            ck_assert_int_eq(wtfcb_project_generate(project, path, NULL), WTFCB_OK); /* it works afterwards */
            ck_assert_int_eq(project_shell("rm -r %s", path), 0);
        }
        wtfcb_project_free(project);
        counting_assert_clean(&memory);
        if (!failed) break;
        ck_assert_uint_lt(n, 1000);
    }
    free(path);
}
END_TEST

START_TEST(edit_without_memory_says_so)
{
    for (unsigned long n = 1;; n++) {
        wtfcb_project *maker = make();
        char *path = project_generated(maker);
        wtfcb_project_free(maker);
        wtfcb_project *project = make();
        wtfcb_error error = WTFCB_ERROR_INIT;
        counting_fail(&memory, n, _i == 1);
        wtfcb_status status = wtfcb_project_edit(project, path, 0, NULL, &error);
        bool failed = atomic_load(&memory.failed) > 0;
        counting_fail(&memory, 0, false);
        ck_assert_int_eq(status, failed ? WTFCB_ENOMEM : WTFCB_OK);
        ck_assert_int_eq(error.status, status);
        ck_assert_int_eq(project_shell("test -z \"$(find %s -name '*.tmp')\"", path), 0);
        ck_assert_int_eq(project_shell("rm -r %s", path), 0);
        if (failed) {
            ck_assert_int_eq(wtfcb_project_generate(project, path, NULL), WTFCB_OK); /* it works afterwards */
            ck_assert_int_eq(wtfcb_project_edit(project, path, 0, NULL, NULL), WTFCB_OK);
        }
        free(path);
        wtfcb_project_free(project);
        counting_assert_clean(&memory);
        if (!failed) break;
        ck_assert_uint_lt(n, 1000);
    }
}
END_TEST

static const struct {
    int error;
    wtfcb_status status;
} errors[] = {{ENOSPC, WTFCB_ENOSPACE}, {EIO, WTFCB_EIO}, {EACCES, WTFCB_EACCES}};

START_TEST(generate_on_a_failing_disk_leaves_nothing)
{
    char *path = project_folder();
    wtfcb_project *project = make();
    for (unsigned long n = 1;; n++) {
        wtfcb_error error = WTFCB_ERROR_INIT;
        calls = failures = 0;
        fail_at = n;
        fail_errno = errors[_i].error;
        armed = true;
        wtfcb_status status = wtfcb_project_generate(project, path, &error);
        armed = false;
        if (failures == 0) {
            ck_assert_int_eq(status, WTFCB_OK);
            break;
        }
        if (status == WTFCB_OK) { /* that of the folder's own descriptor, which holds nothing */
            ck_assert_int_eq(project_shell("rm -r %s", path), 0);
            continue;
        }
        ck_assert_int_eq(status, errors[_i].status);
        ck_assert_int_eq(error.status, status);
        ck_assert_int_eq(error.os_error, errors[_i].error);
        ck_assert_int_ne(error.path[0], 0);
        ck_assert_int_ne(access(path, F_OK), 0);
    }
    wtfcb_project_free(project);
    counting_assert_clean(&memory);
    free(path);
}
END_TEST

/* Every file is whole: as before the step or as after it. */
START_TEST(edit_on_a_failing_disk_leaves_whole_files)
{
    wtfcb_project *project = make();
    char *before = project_generated(project), *after = project_generated(project);
    ck_assert_int_eq(wtfcb_project_edit(project, after, 0, NULL, NULL), WTFCB_OK);
    for (unsigned long n = 1;; n++) {
        char *path = project_generated(project);
        wtfcb_error error = WTFCB_ERROR_INIT;
        calls = failures = 0;
        fail_at = n;
        fail_errno = errors[_i].error;
        armed = true;
        wtfcb_status status = wtfcb_project_edit(project, path, 0, NULL, &error);
        armed = false;
        if (failures > 0 && status != WTFCB_OK) {
            ck_assert_int_eq(status, errors[_i].status);
            ck_assert_int_eq(error.os_error, errors[_i].error);
        }
        ck_assert_int_eq(project_shell("cd %s && find . -type f | while read -r f; do cmp -s $f %s/$f || "
                                       "cmp -s $f %s/$f || exit 1; done",
                                       path, before, after),
                         0);
        ck_assert_int_eq(project_shell("rm -r %s", path), 0);
        free(path);
        if (failures == 0) {
            ck_assert_int_eq(status, WTFCB_OK);
            break;
        }
        if (!wtfcb_test_long() && n > 40) n += 6;
    }
    free(before);
    free(after);
    wtfcb_project_free(project);
    counting_assert_clean(&memory);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("generate_torture");
    TCase *t = tcase_create("torture");
    tcase_add_checked_fixture(t, setup, NULL);
    tcase_set_timeout(t, 240);
    tcase_add_loop_test(t, generate_without_memory_leaves_nothing, 0, 2);
    tcase_add_loop_test(t, edit_without_memory_says_so, 0, 2);
    tcase_add_loop_test(t, generate_on_a_failing_disk_leaves_nothing, 0, sizeof errors / sizeof *errors);
    tcase_add_loop_test(t, edit_on_a_failing_disk_leaves_whole_files, 0, sizeof errors / sizeof *errors);
    suite_add_tcase(s, t);
    return s;
}

WTFCB_TEST_MAIN(suite)
