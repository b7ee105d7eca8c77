/*
 * Files by descriptor: what is opened and what is refused, reads that see one state of a file, listings.
 *
 * A file that changes while it is read is made by standing in front of pread(2): the program's own definition hides libc's.
 */
#include "base/file.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "counting.h"

static counting memory;
static wtfcb_base_buffer buffer;
static char *top;
static int dir;
static int changes;            /* preads that still find the file changed meanwhile */
static int interruptions;      /* preads that are interrupted first */
static size_t most = SIZE_MAX; /* bytes that one pread gives at most */

ssize_t pread(int fd, void *into, size_t size, off_t offset)
{
    static ssize_t (*real)(int, void *, size_t, off_t);
    if (!real) *(void **)&real = dlsym(RTLD_NEXT, "pread");
    if (interruptions > 0) {
        interruptions--;
        errno = EINTR;
        return -1;
    }
    ssize_t got = real(fd, into, size < most ? size : most, offset);
    if (changes > 0 && dir > 0) {
        changes--;
        int writer = openat(dir, "moving", O_WRONLY | O_APPEND);
        if (writer >= 0) {
            (void)!write(writer, "more\n", 5);
            (void)close(writer);
        }
    }
    return got;
}

static void set_up(void)
{
    counting_init(&memory);
    wtfcb_base_buffer_init(&buffer, &memory.allocator);
    top = wtfcb_test_directory();
    dir = open(top, O_RDONLY | O_DIRECTORY);
    ck_assert_int_ge(dir, 0);
    changes = interruptions = 0;
    most = SIZE_MAX;
}

static void tear_down(void)
{
    wtfcb_base_buffer_free(&buffer);
    counting_assert_clean(&memory);
    close(dir);
    free(top);
}

static void put(const char *path, const void *bytes, size_t length)
{
    int fd = openat(dir, path, O_WRONLY | O_CREAT | O_TRUNC, 0666);
    ck_assert_msg(fd >= 0, "%s", path);
    ck_assert_int_eq(write(fd, bytes, length), (ssize_t)length);
    close(fd);
}

static void assert_opens(const char *path, bool follow)
{
    int fd = wtfcb_base_file_open(dir, path, follow);
    ck_assert_msg(fd >= 0, "%.100s: %s", path, strerror(errno));
    ck_assert_int_ne(fcntl(fd, F_GETFD) & FD_CLOEXEC, 0);
    close(fd);
}

static void assert_refused(const char *path, bool follow, int os_error)
{
    errno = 0;
    int fd = wtfcb_base_file_open(dir, path, follow);
    ck_assert_msg(fd < 0, "%.100s was opened", path);
    ck_assert_int_eq(errno, os_error);
}

START_TEST(link_in_any_component_is_refused_unless_followed)
{
    mkdirat(dir, "real", 0777);
    mkdirat(dir, "real/deep", 0777);
    put("real/deep/file", "x", 1);
    ck_assert_int_eq(symlinkat("real", dir, "link"), 0);
    ck_assert_int_eq(symlinkat("deep", dir, "real/shallow"), 0);
    ck_assert_int_eq(symlinkat("file", dir, "real/deep/alias"), 0);
    ck_assert_int_eq(symlinkat("real/deep/file", dir, "alias"), 0);
    assert_opens("real/deep/file", false);
    static const char *const linked[] = {"link/deep/file", "real/shallow/file", "real/deep/alias", "alias"};
    for (size_t i = 0; i < 4; i++) {
        assert_refused(linked[i], false, ELOOP);
        assert_opens(linked[i], true);
    }
    assert_refused("real/none", false, ENOENT);
    assert_refused("real/deep/file/x", false, ENOTDIR);
}
END_TEST

/* A path of `levels` directories, each `width` bytes wide, with a file at its end; made step by step. */
static char *put_deep(int levels, int width, bool link_in_the_middle)
{
    char *path = malloc((size_t)levels * ((size_t)width + 1) + 16);
    char name[256];
    memset(name, 'd', (size_t)width);
    name[width] = '\0';
    int at = dup(dir);
    path[0] = '\0';
    char *end = path;
    for (int i = 0; i < levels; i++) {
        if (link_in_the_middle && i == levels / 2) {
            ck_assert_int_eq(mkdirat(at, "target", 0777), 0);
            ck_assert_int_eq(symlinkat("target", at, name), 0);
        } else {
            ck_assert_int_eq(mkdirat(at, name, 0777), 0);
        }
        int next = openat(at, name, O_RDONLY | O_DIRECTORY);
        ck_assert_int_ge(next, 0);
        close(at);
        at = next;
        end += snprintf(end, (size_t)width + 2, "%s/", name);
    }
    int fd = openat(at, "file", O_WRONLY | O_CREAT, 0666);
    ck_assert_int_eq(write(fd, "deep", 4), 4);
    close(fd);
    close(at);
    memcpy(end, "file", 5);
    return path;
}

START_TEST(path_longer_than_the_kernel_takes_is_opened_component_by_component)
{
    char *path = put_deep(40, 200, false);
    ck_assert_uint_gt(strlen(path), 4096);
    for (int follow = 0; follow < 2; follow++) {
        int fd = wtfcb_base_file_open(dir, path, follow != 0);
        ck_assert_msg(fd >= 0, "follow %d: %s", follow, strerror(errno));
        char text[5] = "";
        ck_assert_int_eq(read(fd, text, 4), 4);
        ck_assert_str_eq(text, "deep");
        close(fd);
    }
    free(path);
}
END_TEST

START_TEST(link_inside_a_path_longer_than_the_kernel_takes_is_refused_unless_followed)
{
    char *path = put_deep(40, 200, true);
    errno = 0;
    ck_assert_int_lt(wtfcb_base_file_open(dir, path, false), 0);
    ck_assert(errno == ELOOP || errno == ENOTDIR);
    assert_opens(path, true);
    free(path);
}
END_TEST

START_TEST(component_longer_than_a_name_can_be_is_refused)
{
    char path[1000];
    memset(path, 'n', sizeof path);
    memcpy(path, "a/", 2);
    path[sizeof path - 1] = '\0';
    mkdirat(dir, "a", 0777);
    assert_refused(path, false, ENAMETOOLONG);
}
END_TEST

START_TEST(fifo_neither_blocks_nor_is_read)
{
    ck_assert_int_eq(mkfifoat(dir, "fifo", 0666), 0);
    int fd = wtfcb_base_file_open(dir, "fifo", false); /* would hang for ever without O_NONBLOCK */
    ck_assert_int_ge(fd, 0);
    wtfcb_base_file_signature signature;
    int os_error = 0;
    ck_assert_int_eq(wtfcb_base_file_read(fd, 100, &buffer, &signature, &os_error), WTFCB_ESPECIAL);
    close(fd);
    ck_assert_int_eq(wtfcb_base_file_load(dir, "fifo", false, 100, &buffer, &os_error), WTFCB_ESPECIAL);
}
END_TEST

START_TEST(directory_and_device_are_not_read)
{
    int os_error = 0;
    ck_assert_int_eq(wtfcb_base_file_load(dir, ".", false, 100, &buffer, &os_error), WTFCB_ESPECIAL);
    ck_assert_int_eq(wtfcb_base_file_load(dir, "/dev/null", true, 100, &buffer, &os_error), WTFCB_ESPECIAL);
}
END_TEST

START_TEST(file_of_exactly_the_limit_is_read_and_one_byte_more_is_not)
{
    static char text[1001];
    memset(text, 't', sizeof text);
    put("exact", text, 1000);
    put("larger", text, 1001);
    int os_error = 0;
    ck_assert_int_eq(wtfcb_base_file_load(dir, "exact", false, 1000, &buffer, &os_error), WTFCB_OK);
    ck_assert_uint_eq(buffer.length, 1000);
    ck_assert_mem_eq(buffer.data, text, 1000);
    ck_assert_int_eq(wtfcb_base_file_load(dir, "larger", false, 1000, &buffer, &os_error), WTFCB_ELIMIT);
}
END_TEST

START_TEST(sixty_four_zero_bytes_stand_behind_the_content)
{
    put("file", "abc", 3);
    int os_error = 0;
    static const char zeros[64];
    for (int i = 0; i < 2; i++) { /* the second time into a buffer that holds more */
        ck_assert_int_eq(wtfcb_base_file_load(dir, "file", false, 100, &buffer, &os_error), WTFCB_OK);
        ck_assert_uint_eq(buffer.length, 3);
        ck_assert_mem_eq(buffer.data, "abc", 3);
        ck_assert_mem_eq(buffer.data + 3, zeros, sizeof zeros);
        ck_assert(wtfcb_base_buffer_reserve(&buffer, 1000));
        memset(buffer.data, 0xff, buffer.capacity);
    }
    put("empty", "", 0);
    ck_assert_int_eq(wtfcb_base_file_load(dir, "empty", false, 0, &buffer, &os_error), WTFCB_OK);
    ck_assert_uint_eq(buffer.length, 0);
    ck_assert_mem_eq(buffer.data, zeros, sizeof zeros);
}
END_TEST

START_TEST(short_and_interrupted_reads_are_continued)
{
    char text[500];
    for (size_t i = 0; i < sizeof text; i++)
        text[i] = (char)i;
    put("file", text, sizeof text);
    most = 7;
    interruptions = 3;
    int os_error = 0;
    ck_assert_int_eq(wtfcb_base_file_load(dir, "file", false, 1000, &buffer, &os_error), WTFCB_OK);
    ck_assert_uint_eq(buffer.length, sizeof text);
    ck_assert_mem_eq(buffer.data, text, sizeof text);
}
END_TEST

START_TEST(file_that_changes_while_it_is_read_is_read_again)
{
    put("moving", "first\n", 6);
    changes = 2;
    int os_error = 0;
    ck_assert_int_eq(wtfcb_base_file_load(dir, "moving", false, 1000, &buffer, &os_error), WTFCB_OK);
    ck_assert_int_eq(changes, 0);
    ck_assert_uint_eq(buffer.length, 16);
    ck_assert_mem_eq(buffer.data, "first\nmore\nmore\n", 16);
}
END_TEST

START_TEST(file_that_changes_each_time_it_is_read_says_so)
{
    put("moving", "first\n", 6);
    changes = 3;
    int os_error = 0;
    ck_assert_int_eq(wtfcb_base_file_load(dir, "moving", false, 1000, &buffer, &os_error), WTFCB_ECHANGED);
    ck_assert_int_eq(changes, 0);
}
END_TEST

START_TEST(file_that_is_not_there_or_has_no_memory_says_so)
{
    put("file", "abc", 3);
    int os_error = 0;
    ck_assert_int_eq(wtfcb_base_file_load(dir, "none", false, 100, &buffer, &os_error), WTFCB_ENOTFOUND);
    ck_assert_int_eq(os_error, ENOENT);
    counting_fail(&memory, 1, true);
    ck_assert_int_eq(wtfcb_base_file_load(dir, "file", false, 100, &buffer, &os_error), WTFCB_ENOMEM);
    wtfcb_base_file_signature signature;
    ck_assert_int_eq(wtfcb_base_file_read(-1, 100, &buffer, &signature, &os_error), WTFCB_EIO);
    ck_assert_int_eq(os_error, EBADF);
}
END_TEST

START_TEST(signature_tells_states_of_a_file_apart)
{
    put("file", "abc", 3);
    wtfcb_base_file_signature by_name;
    wtfcb_base_file_signature by_fd;
    ck_assert_int_eq(wtfcb_base_file_stat(dir, "file", false, &by_name), 0);
    int fd = wtfcb_base_file_open(dir, "file", false);
    ck_assert_int_eq(wtfcb_base_file_fstat(fd, &by_fd), 0);
    close(fd);
    struct stat st;
    ck_assert_int_eq(fstatat(dir, "file", &st, 0), 0);
    ck_assert(by_name.size == 3 && by_name.inode == st.st_ino && by_name.device == st.st_dev);
    ck_assert_int_eq(by_name.mtime_ns, st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec);
    ck_assert_int_eq(by_name.ctime_ns, st.st_ctim.tv_sec * 1000000000 + st.st_ctim.tv_nsec);
    ck_assert(by_fd.size == by_name.size && by_fd.mtime_ns == by_name.mtime_ns && by_fd.inode == by_name.inode);
    ck_assert_int_eq(wtfcb_base_file_stat(dir, "none", false, &by_name), -1);
    ck_assert_int_eq(errno, ENOENT);
}
END_TEST

START_TEST(types_are_told_apart_with_and_without_following)
{
    put("file", "", 0);
    ck_assert_int_eq(mkfifoat(dir, "fifo", 0666), 0);
    ck_assert_int_eq(symlinkat("file", dir, "link"), 0);
    static const struct {
        const char *name;
        bool follow;
        wtfcb_base_file_type type;
    } expected[] = {
        {"file", false, WTFCB_BASE_FILE_REGULAR}, {".", false, WTFCB_BASE_FILE_DIRECTORY},
        {"link", false, WTFCB_BASE_FILE_SYMLINK}, {"link", true, WTFCB_BASE_FILE_REGULAR},
        {"fifo", false, WTFCB_BASE_FILE_SPECIAL}, {"/dev/null", false, WTFCB_BASE_FILE_SPECIAL},
    };
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        wtfcb_base_file_signature signature;
        ck_assert_int_eq(wtfcb_base_file_stat(dir, expected[i].name, expected[i].follow, &signature), 0);
        ck_assert_int_eq(signature.type, expected[i].type);
    }
}
END_TEST

typedef struct listing {
    bool seen[1000];
    size_t count;
    size_t stop_at;
} listing;

static int on_entry(void *user, const wtfcb_base_dirent *entry)
{
    listing *l = user;
    ck_assert_uint_eq(entry->length, strlen(entry->name));
    ck_assert_str_ne(entry->name, ".");
    ck_assert_str_ne(entry->name, "..");
    ck_assert(entry->type == WTFCB_BASE_FILE_REGULAR || entry->type == WTFCB_BASE_FILE_UNKNOWN);
    l->seen[strtoul(entry->name + 1, NULL, 10)] = true;
    return ++l->count == l->stop_at ? 42 : 0;
}

/* The scratch is far smaller than the directory, so that it takes many calls. */
START_TEST(listing_gives_every_name_once_and_ends_when_told)
{
    for (int i = 0; i < 1000; i++) {
        char name[16];
        snprintf(name, sizeof name, "%c%d", i % 3 ? 'f' : '.', i);
        put(name, "", 0);
    }
    char scratch[512];
    listing all = {.count = 0};
    int fd = wtfcb_base_dir_open(dir, ".", false);
    ck_assert_int_eq(wtfcb_base_dir_list(fd, scratch, sizeof scratch, on_entry, &all), 0);
    close(fd);
    ck_assert_uint_eq(all.count, 1000);
    for (size_t i = 0; i < 1000; i++)
        ck_assert(all.seen[i]);
    listing some = {.stop_at = 10};
    fd = wtfcb_base_dir_open(dir, ".", false);
    ck_assert_int_eq(wtfcb_base_dir_list(fd, scratch, sizeof scratch, on_entry, &some), 42);
    close(fd);
    ck_assert_uint_eq(some.count, 10);
}
END_TEST

START_TEST(listing_of_what_is_no_directory_fails_with_errno)
{
    put("file", "", 0);
    char scratch[512];
    listing l = {.count = 0};
    int fd = wtfcb_base_file_open(dir, "file", false);
    errno = 0;
    ck_assert_int_eq(wtfcb_base_dir_list(fd, scratch, sizeof scratch, on_entry, &l), -1);
    ck_assert_int_eq(errno, ENOTDIR);
    close(fd);
    ck_assert_int_lt(wtfcb_base_dir_open(dir, "file", false), 0);
    ck_assert_int_eq(errno, ENOTDIR);
}
END_TEST

START_TEST(directory_behind_a_link_is_opened_only_when_followed)
{
    mkdirat(dir, "real", 0777);
    ck_assert_int_eq(symlinkat("real", dir, "link"), 0);
    ck_assert_int_lt(wtfcb_base_dir_open(dir, "link", false), 0);
    int fd = wtfcb_base_dir_open(dir, "link", true);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_ne(fcntl(fd, F_GETFD) & FD_CLOEXEC, 0);
    close(fd);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("file");
    TCase *t = tcase_create("file");
    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_add_test(t, link_in_any_component_is_refused_unless_followed);
    tcase_add_test(t, path_longer_than_the_kernel_takes_is_opened_component_by_component);
    tcase_add_test(t, link_inside_a_path_longer_than_the_kernel_takes_is_refused_unless_followed);
    tcase_add_test(t, component_longer_than_a_name_can_be_is_refused);
    tcase_add_test(t, fifo_neither_blocks_nor_is_read);
    tcase_add_test(t, directory_and_device_are_not_read);
    tcase_add_test(t, file_of_exactly_the_limit_is_read_and_one_byte_more_is_not);
    tcase_add_test(t, sixty_four_zero_bytes_stand_behind_the_content);
    tcase_add_test(t, short_and_interrupted_reads_are_continued);
    tcase_add_test(t, file_that_changes_while_it_is_read_is_read_again);
    tcase_add_test(t, file_that_changes_each_time_it_is_read_says_so);
    tcase_add_test(t, file_that_is_not_there_or_has_no_memory_says_so);
    tcase_add_test(t, signature_tells_states_of_a_file_apart);
    tcase_add_test(t, types_are_told_apart_with_and_without_following);
    tcase_add_test(t, listing_gives_every_name_once_and_ends_when_told);
    tcase_add_test(t, listing_of_what_is_no_directory_fails_with_errno);
    tcase_add_test(t, directory_behind_a_link_is_opened_only_when_followed);
    suite_add_tcase(s, t);
    return s;
}

WTFCB_TEST_MAIN(suite)
