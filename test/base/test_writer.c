/*
 * The writer: what is written arrives whole, numbers read back as they were in any locale, a failure sticks; and files that are replaced whole or not
 * at all.
 */
#include "base/writer.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <float.h>
#include <locale.h>
#include <math.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../test.h"

/* Takes what is written; refuses from call number `fail_at` on. */
typedef struct taken {
    char bytes[1 << 17];
    size_t length;
    int calls, fail_at;
} taken;

static wtfcb_status take(void *user, const char *bytes, size_t length)
{
    taken *t = user;
    ck_assert_uint_gt(length, 0);
    if (++t->calls == t->fail_at) return WTFCB_ECALLBACK;
    ck_assert_uint_lt(t->length + length, sizeof t->bytes);
    memcpy(t->bytes + t->length, bytes, length);
    t->length += length;
    t->bytes[t->length] = '\0';
    return WTFCB_OK;
}

static taken got;
static wtfcb_base_writer out;

static void begin(int fail_at)
{
    got = (taken){.fail_at = fail_at};
    wtfcb_base_writer_init(&out, take, &got);
}

static const char *end(void)
{
    ck_assert_int_eq(wtfcb_base_writer_flush(&out), WTFCB_OK);
    return got.bytes;
}

START_TEST(nothing_written_calls_nobody)
{
    begin(0);
    wtfcb_base_writer_text(&out, "");
    ck_assert_int_eq(wtfcb_base_writer_flush(&out), WTFCB_OK);
    ck_assert_int_eq(got.calls, 0);
}
END_TEST

START_TEST(pieces_of_any_size_arrive_in_order)
{
    static char expected[1 << 16], piece[40000];
    size_t length = 0;
    begin(0);
    for (size_t i = 0; length < 60000; i++) {
        size_t size = i == 3 ? 16384 : i == 5 ? 16383 : i == 6 ? 20000 : i * 37 % 999;
        memset(piece, (int)('a' + i % 26), size);
        memcpy(expected + length, piece, size);
        length += size;
        wtfcb_base_writer_bytes(&out, piece, size);
        wtfcb_base_writer_char(&out, '.');
        expected[length++] = '.';
    }
    (void)end();
    ck_assert_uint_eq(got.length, length);
    ck_assert_int_eq(memcmp(got.bytes, expected, length), 0);
}
END_TEST

START_TEST(the_first_failure_sticks)
{
    static char piece[10000];
    memset(piece, 'x', sizeof piece);
    begin(2);
    for (int i = 0; i < 10; i++)
        wtfcb_base_writer_bytes(&out, piece, sizeof piece);
    ck_assert_int_eq(wtfcb_base_writer_flush(&out), WTFCB_ECALLBACK);
    ck_assert_int_eq(got.calls, 2);
    ck_assert_int_eq(wtfcb_base_writer_flush(&out), WTFCB_ECALLBACK);
}
END_TEST

START_TEST(numbers_are_decimal)
{
    begin(0);
    wtfcb_base_writer_number(&out, 0);
    wtfcb_base_writer_char(&out, ' ');
    wtfcb_base_writer_number(&out, UINT64_MAX);
    ck_assert_str_eq(end(), "0 18446744073709551615");
}
END_TEST

START_TEST(decimal_fractions_are_exact)
{
    static const struct {
        uint64_t number;
        uint32_t digits;
        const char *text;
    } cases[] = {{1234500, 3, "1234.5"},
                 {0, 6, "0"},
                 {5, 3, "0.005"},
                 {1000, 3, "1"},
                 {7, 0, "7"},
                 {UINT64_MAX, 9, "18446744073.709551615"},
                 {UINT64_MAX, 19, "1.8446744073709551615"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        begin(0);
        wtfcb_base_writer_decimal(&out, cases[i].number, cases[i].digits);
        ck_assert_str_eq(end(), cases[i].text);
    }
}
END_TEST

static void check_real(double number, const char *text)
{
    begin(0);
    wtfcb_base_writer_real(&out, number);
    const char *written = end();
    if (text) ck_assert_str_eq(written, text);
    ck_assert_ptr_null(strchr(written, ','));
    char *rest;
    locale_t c = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    double back = strtod_l(written, &rest, c);
    freelocale(c);
    ck_assert_str_eq(rest, "");
    uint64_t before, after;
    memcpy(&before, &number, sizeof before);
    memcpy(&after, &back, sizeof after);
    ck_assert_msg(before == after, "%a became %s", number, written);
}

static void check_reals(void)
{
    check_real(0, "0");
    check_real(-0.0, "-0");
    check_real(0.1, "0.1");
    check_real(-1.5, "-1.5");
    check_real(1e15 / 3, NULL);
    check_real(0.1 + 0.2, "0.30000000000000004");
    check_real(123456789012345, "123456789012345");
    check_real(18446744073709551616.0, NULL);
    check_real(1e300, "1e+300");
    check_real(DBL_MAX, NULL);
    check_real(DBL_MIN, NULL);
    check_real(4.9406564584124654e-324, NULL);
    uint64_t state = 42;
    for (int i = 0; i < 20000; i++) {
        state = state * 6364136223846793005U + 1442695040888963407U;
        double number;
        memcpy(&number, &state, sizeof number);
        if (isfinite(number)) check_real(number, NULL);
    }
}

START_TEST(reals_read_back_as_they_were)
{
    check_reals();
}
END_TEST

START_TEST(reals_have_a_point_in_every_locale)
{
    static const char *const names[] = {"de_DE.UTF-8", "fr_FR.UTF-8", "ru_RU.UTF-8", "ps_AF.UTF-8"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (setlocale(LC_ALL, names[i])) check_reals();
    setlocale(LC_ALL, "C");
}
END_TEST

/* --- files --- */

static char path[512], other[512];
static char *folder;

static void name_files(const char *name, const char *second)
{
    folder = wtfcb_test_directory();
    snprintf(path, sizeof path, "%s/%s", folder, name);
    snprintf(other, sizeof other, "%s/%s", folder, second);
}

static void forget_files(void)
{
    free(folder);
    folder = NULL;
}

static void put(const char *file, const char *text)
{
    FILE *f = fopen(file, "we");
    ck_assert_ptr_nonnull(f);
    ck_assert_int_ge(fputs(text, f), 0);
    ck_assert_int_eq(fclose(f), 0);
}

static void check_content(const char *file, const char *text)
{
    char bytes[256] = "";
    FILE *f = fopen(file, "re");
    ck_assert_ptr_nonnull(f);
    bytes[fread(bytes, 1, sizeof bytes - 1, f)] = '\0';
    (void)fclose(f);
    ck_assert_str_eq(bytes, text);
}

/* Files in a folder; nothing may be left behind. */
static int entries_of(const char *of)
{
    int count = 0;
    DIR *dir = opendir(of);
    ck_assert_ptr_nonnull(dir);
    for (const struct dirent *entry; (entry = readdir(dir));)
        count += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    closedir(dir);
    return count;
}

static wtfcb_status fill_text(void *user, wtfcb_base_writer *writer)
{
    wtfcb_base_writer_text(writer, user);
    return WTFCB_OK;
}

static wtfcb_status fill_much(void *user, wtfcb_base_writer *writer)
{
    for (int i = 0; i < *(int *)user; i++)
        wtfcb_base_writer_text(writer, "0123456789abcdef");
    return WTFCB_OK;
}

static wtfcb_status fill_and_fail(void *user, wtfcb_base_writer *writer)
{
    (void)user;
    wtfcb_base_writer_text(writer, "half");
    return WTFCB_ENOMEM;
}

static wtfcb_status save(const char *file, const char *text)
{
    return wtfcb_base_writer_save(file, fill_text, (void *)(uintptr_t)text, NULL);
}

START_TEST(save_makes_a_file_and_replaces_it)
{
    name_files("a", "b");
    ck_assert_int_eq(save(path, "one"), WTFCB_OK);
    check_content(path, "one");
    struct stat before, after;
    ck_assert_int_eq(stat(path, &before), 0);
    ck_assert_int_eq(link(path, other), 0); /* keeps the old file, which is not written into */
    ck_assert_int_eq(save(path, "two"), WTFCB_OK);
    check_content(path, "two");
    check_content(other, "one");
    ck_assert_int_eq(stat(path, &after), 0);
    ck_assert(before.st_ino != after.st_ino);
    mode_t mask = umask(0);
    umask(mask);
    ck_assert_uint_eq(after.st_mode & 0777, 0666 & ~mask);
    ck_assert_int_eq(entries_of(folder), 2);
}
END_TEST

START_TEST(save_works_in_the_current_directory)
{
    name_files("a", "b");
    char *was = getcwd(NULL, 0);
    ck_assert_int_eq(chdir(folder), 0);
    ck_assert_int_eq(save("here", "text"), WTFCB_OK);
    check_content("here", "text");
    ck_assert_int_eq(chdir(was), 0);
    free(was);
}
END_TEST

START_TEST(save_through_a_link_replaces_what_is_linked_to)
{
    name_files("link", "sub/file");
    char sub[512], chain[512];
    snprintf(sub, sizeof sub, "%s/sub", folder);
    snprintf(chain, sizeof chain, "%s/sub/chain", folder);
    ck_assert_int_eq(mkdir(sub, 0777), 0);
    ck_assert_int_eq(symlink("sub/chain", path), 0);
    ck_assert_int_eq(symlink("file", chain), 0);
    ck_assert_int_eq(save(path, "new"), WTFCB_OK); /* dangling: made */
    check_content(other, "new");
    ck_assert_int_eq(save(path, "newer"), WTFCB_OK);
    check_content(other, "newer");
    struct stat found;
    ck_assert_int_eq(lstat(path, &found), 0);
    ck_assert(S_ISLNK(found.st_mode));
    ck_assert_int_eq(unlink(path), 0);
    ck_assert_int_eq(symlink(other, path), 0);
    ck_assert_int_eq(save(path, "absolute"), WTFCB_OK);
    check_content(other, "absolute");
    ck_assert_int_eq(entries_of(sub), 2);
}
END_TEST

START_TEST(save_into_a_ring_of_links_is_refused)
{
    name_files("a", "b");
    ck_assert_int_eq(symlink("b", path), 0);
    ck_assert_int_eq(symlink("a", other), 0);
    ck_assert_int_eq(save(path, "x"), WTFCB_ELOOP);
    ck_assert_int_eq(entries_of(folder), 2);
}
END_TEST

START_TEST(save_that_fails_leaves_the_old_file)
{
    name_files("a", "b");
    put(path, "old");
    wtfcb_error error = WTFCB_ERROR_INIT;
    ck_assert_int_eq(wtfcb_base_writer_save(path, fill_and_fail, NULL, &error), WTFCB_ENOMEM);
    ck_assert_int_eq(error.status, WTFCB_ENOMEM);
    ck_assert_str_eq(error.path, path);
    ck_assert_ptr_nonnull(strstr(error.message, "out of memory"));
    check_content(path, "old");
    ck_assert_int_eq(entries_of(folder), 1);
}
END_TEST

START_TEST(save_says_why_it_cannot)
{
    name_files("none/a", "file");
    wtfcb_error error = WTFCB_ERROR_INIT;
    ck_assert_int_eq(wtfcb_base_writer_save(path, fill_and_fail, NULL, &error), WTFCB_ENOTFOUND);
    ck_assert_int_eq(error.os_error, ENOENT);
    ck_assert_int_eq(save(folder, "x"), WTFCB_ESPECIAL);
    put(other, "");
    snprintf(path, sizeof path, "%s/file/below", folder);
    ck_assert_int_eq(save(path, "x"), WTFCB_ENOTFOUND);
    ck_assert_int_eq(save("", "x"), WTFCB_ENOTFOUND);
    if (geteuid() != 0) {
        ck_assert_int_eq(chmod(folder, 0500), 0);
        ck_assert_int_eq(save(other, "x"), WTFCB_EACCES);
        ck_assert_int_eq(chmod(folder, 0700), 0);
    }
    char *longest = malloc(6000);
    memset(longest, 'a', 5999);
    longest[5999] = '\0';
    ck_assert_int_eq(save(longest, "x"), WTFCB_ELIMIT);
    free(longest);
}
END_TEST

START_TEST(save_writes_to_what_is_no_file_as_it_is)
{
    ck_assert_int_eq(save("/dev/null", "x"), WTFCB_OK);
    wtfcb_error error = WTFCB_ERROR_INIT;
    int much = 5000;
    if (access("/dev/full", W_OK) == 0) {
        ck_assert_int_eq(wtfcb_base_writer_save("/dev/full", fill_much, &much, &error), WTFCB_ENOSPACE);
        ck_assert_int_eq(error.os_error, ENOSPC);
    }
    int ends[2];
    ck_assert_int_eq(pipe2(ends, O_CLOEXEC), 0);
    char name[64], bytes[8] = "";
    snprintf(name, sizeof name, "/dev/fd/%d", ends[1]);
    if (access(name, W_OK) != 0) return;
    ck_assert_int_eq(save(name, "piped"), WTFCB_OK);
    ck_assert_int_eq(read(ends[0], bytes, sizeof bytes - 1), 5);
    ck_assert_str_eq(bytes, "piped");
    close(ends[0]);
    close(ends[1]);
}
END_TEST

enum { PASSED, FAILED, NOT_POSSIBLE };

/* In a process of its own: 16 KiB fit beside the old file, 128 KiB do not. */
static int save_on_small_disk(void)
{
    if (unshare(CLONE_NEWNS | (geteuid() == 0 ? 0 : CLONE_NEWUSER)) != 0) return NOT_POSSIBLE;
    (void)mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL);
    if (mount("tmpfs", folder, "tmpfs", 0, "size=64k") != 0) return NOT_POSSIBLE;
    int little = 1024, much = 8192;
    wtfcb_error error = WTFCB_ERROR_INIT;
    if (wtfcb_base_writer_save(path, fill_much, &little, NULL) != WTFCB_OK) return FAILED;
    if (wtfcb_base_writer_save(path, fill_much, &much, &error) != WTFCB_ENOSPACE) return FAILED;
    struct stat found;
    if (error.os_error != ENOSPC || stat(path, &found) != 0 || found.st_size != 16384) return FAILED;
    return entries_of(folder) == 1 ? PASSED : FAILED;
}

static int save_under_a_limit(void)
{
    struct rlimit limit = {.rlim_cur = 65536, .rlim_max = 65536};
    (void)signal(SIGXFSZ, SIG_IGN);
    put(path, "old");
    if (setrlimit(RLIMIT_FSIZE, &limit) != 0) return NOT_POSSIBLE;
    int much = 8192;
    wtfcb_error error = WTFCB_ERROR_INIT;
    if (wtfcb_base_writer_save(path, fill_much, &much, &error) != WTFCB_EIO || error.os_error != EFBIG) return FAILED;
    check_content(path, "old");
    return entries_of(folder) == 1 ? PASSED : FAILED;
}

static int in_a_child(int (*fn)(void))
{
    (void)fflush(NULL);
    pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) _exit(fn());
    int status;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert(WIFEXITED(status));
    return WEXITSTATUS(status);
}

START_TEST(full_disk_leaves_the_old_file)
{
    name_files("a", "b");
    ck_assert_int_ne(in_a_child(save_on_small_disk),
                     FAILED); /* where mounting is not allowed, the next one has to do */
}
END_TEST

START_TEST(file_size_limit_leaves_the_old_file)
{
    name_files("a", "b");
    ck_assert_int_eq(in_a_child(save_under_a_limit), PASSED);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("writer");
    TCase *t = tcase_create("text");
    tcase_add_test(t, nothing_written_calls_nobody);
    tcase_add_test(t, pieces_of_any_size_arrive_in_order);
    tcase_add_test(t, the_first_failure_sticks);
    tcase_add_test(t, numbers_are_decimal);
    tcase_add_test(t, decimal_fractions_are_exact);
    tcase_add_test(t, reals_read_back_as_they_were);
    tcase_add_test(t, reals_have_a_point_in_every_locale);
    suite_add_tcase(s, t);
    t = tcase_create("save");
    tcase_add_checked_fixture(t, NULL, forget_files);
    tcase_add_test(t, save_makes_a_file_and_replaces_it);
    tcase_add_test(t, save_works_in_the_current_directory);
    tcase_add_test(t, save_through_a_link_replaces_what_is_linked_to);
    tcase_add_test(t, save_into_a_ring_of_links_is_refused);
    tcase_add_test(t, save_that_fails_leaves_the_old_file);
    tcase_add_test(t, save_says_why_it_cannot);
    tcase_add_test(t, save_writes_to_what_is_no_file_as_it_is);
    tcase_add_test(t, full_disk_leaves_the_old_file);
    tcase_add_test(t, file_size_limit_leaves_the_old_file);
    suite_add_tcase(s, t);
    return s;
}

WTFCB_TEST_MAIN(suite)
