/*
 * Directories of a store: which one is chosen, what is made, what is refused and how that is said, what is set aside.
 */
#include "cache/place.h"

#include <fcntl.h>
#include <pwd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../base/counting.h"
#include "base/file.h"

static counting memory;
static char *top;
static int dir;
static wtfcb_cache_place place;
static wtfcb_error error;
static int descriptors;

static int count_entry(void *user, const wtfcb_base_dirent *entry)
{
    (void)entry;
    ++*(int *)user;
    return 0;
}

static int entries(const char *path)
{
    char listing[4096];
    int count = 0;
    int fd = openat(dir, path, O_RDONLY | O_DIRECTORY);
    ck_assert_msg(fd >= 0, "%s", path);
    ck_assert_int_eq(wtfcb_base_dir_list(fd, listing, sizeof listing, count_entry, &count), 0);
    close(fd);
    return count;
}

static void set_up(void)
{
    counting_init(&memory);
    top = wtfcb_test_directory();
    dir = open(top, O_RDONLY | O_DIRECTORY);
    ck_assert_int_ge(dir, 0);
    ck_assert_int_eq(fchdir(dir), 0);
    unsetenv("WTFCB_CACHE_DIR");
    unsetenv("XDG_CACHE_HOME");
    setenv("HOME", top, 1);
    umask(022);
    place = (wtfcb_cache_place){.base = -7};
    error = (wtfcb_error)WTFCB_ERROR_INIT;
    descriptors = entries("/proc/self/fd");
}

static void tear_down(void)
{
    ck_assert_int_eq(entries("/proc/self/fd"), descriptors);
    counting_assert_clean(&memory);
    close(dir);
    free(top);
}

static wtfcb_status try_open(const char *path, bool read_only)
{
    return wtfcb_cache_place_open(&memory.allocator, path, read_only, &place, &error);
}

static void open_place(const char *path, bool read_only)
{
    wtfcb_status status = try_open(path, read_only);
    ck_assert_msg(status == WTFCB_OK, "%s: %s", wtfcb_status_name(status), error.message);
}

/* The failure, its message with `word` in it and the path, and nothing touched. */
static void assert_refused(const char *path, bool read_only, wtfcb_status wanted, const char *word)
{
    wtfcb_status status = try_open(path, read_only);
    ck_assert_msg(status == wanted, "%s and not %s: %s", wtfcb_status_name(status), wtfcb_status_name(wanted),
                  status == WTFCB_OK ? place.path : error.message);
    ck_assert_int_eq(error.status, wanted);
    ck_assert_msg(strstr(error.message, word) != NULL, "no %s: %s", word, error.message);
    ck_assert_msg(strchr(error.message, ';') != NULL, "no advice: %s", error.message);
    ck_assert_msg(error.path[0] != '\0' && strstr(error.message, error.path) != NULL, "no path: %s", error.message);
    ck_assert_int_eq(place.base, -7);
}

static unsigned mode_of(const char *path)
{
    struct stat st;
    ck_assert_msg(fstatat(dir, path, &st, AT_SYMLINK_NOFOLLOW) == 0, "%s", path);
    return st.st_mode & 07777;
}

static bool is_there(const char *path)
{
    return faccessat(dir, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static void put_file(int at, const char *path)
{
    int fd = openat(at, path, O_WRONLY | O_CREAT, 0600);
    ck_assert_msg(fd >= 0, "%s", path);
    ck_assert_int_eq(write(fd, "x", 1), 1);
    close(fd);
}

/* ------------------------------------------------------------------------------------------------------------------ */
/* What is made */

START_TEST(named_directory_is_made_for_this_user_alone)
{
    open_place("cache", false);
    ck_assert_uint_eq(mode_of("cache"), 0700);
    char wanted[4200];
    char real[4096];
    ck_assert_ptr_nonnull(realpath("cache", real));
    ck_assert_str_eq(place.path, real);
    struct stat st;
    ck_assert_int_eq(stat("/proc/self/ns/pid", &st), 0);
    snprintf(wanted, sizeof wanted, "%s/store-%d-%llu", real, WTFCB_CACHE_FORMAT, (unsigned long long)st.st_ino);
    ck_assert_str_eq(place.store_path, wanted);
    ck_assert_str_eq(place.store_name, strrchr(wanted, '/') + 1);
    ck_assert_int_eq(fstat(place.store, &st), 0);
    ck_assert_uint_eq(st.st_mode & 07777, 0700);
    ck_assert(st.st_ino == place.inode && st.st_dev == place.device);
    ck_assert_int_ne(fcntl(place.store, F_GETFD) & FD_CLOEXEC, 0);
    wtfcb_cache_place_close(&place);
    wtfcb_cache_place_close(&place);
}
END_TEST

START_TEST(second_open_finds_the_same_store)
{
    open_place("cache", false);
    uint64_t inode = place.inode;
    wtfcb_cache_place_close(&place);
    open_place("./cache///", false);
    ck_assert(place.inode == inode);
    wtfcb_cache_place_close(&place);
}
END_TEST

START_TEST(path_is_that_of_the_directory_and_not_of_links_above_it)
{
    mkdirat(dir, "real", 0700);
    ck_assert_int_eq(symlinkat("real", dir, "link"), 0);
    open_place("link/cache", false);
    char real[4096];
    ck_assert_ptr_nonnull(realpath("real/cache", real));
    ck_assert_str_eq(place.path, real);
    wtfcb_cache_place_close(&place);
}
END_TEST

START_TEST(parents_of_a_named_directory_are_not_made)
{
    assert_refused("none/cache", false, WTFCB_ENOTFOUND, "parent");
    ck_assert_int_eq(entries("."), 0);
    setenv("WTFCB_CACHE_DIR", "none/cache", 1);
    assert_refused(NULL, false, WTFCB_ENOTFOUND, "parent");
    ck_assert_int_eq(entries("."), 0);
}
END_TEST

static void assert_default(const char *wanted)
{
    open_place(NULL, false);
    char real[4096];
    ck_assert_ptr_nonnull(realpath(wanted, real));
    ck_assert_str_eq(place.path, real);
    wtfcb_cache_place_close(&place);
}

START_TEST(default_is_the_first_of_the_three_that_is_set)
{
    assert_default(".cache/wtfcb");
    ck_assert_uint_eq(mode_of(".cache"), 0700);
    setenv("XDG_CACHE_HOME", "relative", 1);
    assert_default(".cache/wtfcb");
    char xdg[4096];
    snprintf(xdg, sizeof xdg, "%s/a/b", top);
    setenv("XDG_CACHE_HOME", xdg, 1);
    assert_default("a/b/wtfcb");
    ck_assert_uint_eq(mode_of("a"), 0700);
    setenv("WTFCB_CACHE_DIR", "", 1);
    assert_default("a/b/wtfcb");
    setenv("WTFCB_CACHE_DIR", "named", 1);
    assert_default("named");
}
END_TEST

START_TEST(home_that_does_not_exist_is_not_made)
{
    char home[4096];
    snprintf(home, sizeof home, "%s/nobody", top);
    setenv("HOME", home, 1);
    assert_refused(NULL, false, WTFCB_ENOTFOUND, "parent");
    ck_assert_int_eq(entries("."), 0);
}
END_TEST

/* Only looked for, since it is the home of whoever runs the test. */
START_TEST(without_a_home_in_the_environment_the_users_entry_tells)
{
    const struct passwd *entry = getpwuid(geteuid());
    if (!entry) return;
    unsetenv("HOME");
    wtfcb_status status = try_open(NULL, true);
    const char *found = status == WTFCB_OK ? place.path : error.path;
    ck_assert_msg(strncmp(found, entry->pw_dir, strlen(entry->pw_dir)) == 0, "%s", found);
    if (status == WTFCB_OK) wtfcb_cache_place_close(&place);
}
END_TEST

START_TEST(tag_tells_backups_to_pass_by)
{
    open_place("cache", false);
    char text[200] = {0};
    int fd = openat(dir, "cache/CACHEDIR.TAG", O_RDONLY);
    ck_assert_int_gt(read(fd, text, sizeof text - 1), 0);
    close(fd);
    ck_assert_ptr_eq(strstr(text, "Signature: 8a477f597d28d172789f06886806bc55\n"), text);
    ck_assert_uint_eq(mode_of("cache/CACHEDIR.TAG"), 0600);
    wtfcb_cache_place_close(&place);
    ck_assert_int_eq(truncate("cache/CACHEDIR.TAG", 3), 0);
    open_place("cache", false);
    struct stat st;
    ck_assert_int_eq(stat("cache/CACHEDIR.TAG", &st), 0);
    ck_assert_int_eq(st.st_size, 3); /* what is there is left alone */
    wtfcb_cache_place_close(&place);
}
END_TEST

START_TEST(directory_with_other_things_in_it_gets_no_tag)
{
    put_file(dir, "thesis");
    for (int i = 0; i < 2; i++) {
        open_place(".", false);
        ck_assert(!is_there("CACHEDIR.TAG"));
        ck_assert_int_eq(faccessat(place.store, "CACHEDIR.TAG", F_OK, 0), 0);
        wtfcb_cache_place_close(&place);
    }
}
END_TEST

START_TEST(every_allocation_that_fails_is_reported)
{
    wtfcb_status status = WTFCB_ENOMEM;
    unsigned long number = 0;
    while (status != WTFCB_OK) {
        counting_fail(&memory, ++number, true);
        status = try_open("cache", false);
        ck_assert(status == WTFCB_ENOMEM || status == WTFCB_OK);
        if (status == WTFCB_OK) wtfcb_cache_place_close(&place);
        ck_assert_int_eq(atomic_load(&memory.live), 0);
    }
    ck_assert_uint_ge(number, 3);
}
END_TEST

/* ------------------------------------------------------------------------------------------------------------------ */
/* What is refused */

START_TEST(directory_that_others_may_write_to_is_unsafe)
{
    static const unsigned modes[] = {0720, 0702, 0770, 0777, 01777};
    mkdirat(dir, "cache", 0700);
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
        ck_assert_int_eq(fchmodat(dir, "cache", modes[i], 0), 0);
        assert_refused("cache", false, WTFCB_EUNSAFE, "chmod");
        assert_refused("cache", true, WTFCB_EUNSAFE, "chmod");
    }
    ck_assert_int_eq(fchmodat(dir, "cache", 0755, 0), 0);
    ck_assert_int_eq(entries("cache"), 0);
    open_place("cache", false);
    char store[64];
    snprintf(store, sizeof store, "cache/%s", place.store_name);
    wtfcb_cache_place_close(&place);
    place.base = -7;
    ck_assert_int_eq(fchmodat(dir, store, 0707, 0), 0);
    assert_refused("cache", false, WTFCB_EUNSAFE, "chmod");
}
END_TEST

START_TEST(symbolic_link_is_unsafe)
{
    mkdirat(dir, "real", 0700);
    ck_assert_int_eq(symlinkat("real", dir, "link"), 0);
    ck_assert_int_eq(symlinkat("none", dir, "dangling"), 0);
    ck_assert_int_eq(symlinkat("loop", dir, "loop"), 0);
    static const char *const paths[] = {"link", "link/", "link///", "dangling", "loop"};
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        assert_refused(paths[i], false, WTFCB_EUNSAFE, "symbolic link");
        assert_refused(paths[i], true, WTFCB_EUNSAFE, "symbolic link");
    }
    ck_assert_int_eq(entries("real"), 0);
    assert_refused("loop/cache", false, WTFCB_ELOOP, "loop/cache");
}
END_TEST

START_TEST(link_in_the_place_of_the_store_is_unsafe)
{
    open_place("cache", false);
    char store[64];
    snprintf(store, sizeof store, "cache/%s", place.store_name);
    wtfcb_cache_place_close(&place);
    place.base = -7;
    ck_assert_int_eq(unlinkat(dir, store, AT_REMOVEDIR), 0);
    mkdirat(dir, "elsewhere", 0700);
    ck_assert_int_eq(symlinkat("../elsewhere", dir, store), 0);
    assert_refused("cache", false, WTFCB_EUNSAFE, "symbolic link");
}
END_TEST

START_TEST(what_is_no_directory_is_refused)
{
    put_file(dir, "file");
    assert_refused("file", false, WTFCB_ENOTFOUND, "file");
    assert_refused("file/cache", false, WTFCB_ENOTFOUND, "file/cache");
    ck_assert_int_eq(try_open("", false), WTFCB_ENOTFOUND);
}
END_TEST

START_TEST(directory_of_another_user_is_unsafe)
{
    if (geteuid() != 0) return;
    mkdirat(dir, "cache", 0700);
    ck_assert_int_eq(fchownat(dir, "cache", 12345, 12345, 0), 0);
    assert_refused("cache", false, WTFCB_EUNSAFE, "12345");
    assert_refused("cache", true, WTFCB_EUNSAFE, "12345");
}
END_TEST

START_TEST(file_system_that_is_not_local_is_named)
{
    assert_refused("/proc/self/.", true, WTFCB_EUNSUPPORTED, "proc");
    const char *name;
    ck_assert(wtfcb_cache_file_system(0xef53, &name));
    ck_assert_str_eq(name, "ext4");
    ck_assert(wtfcb_cache_file_system(0xffffffff9123683eu, &name)); /* as a signed 32-bit number arrives */
    ck_assert_str_eq(name, "btrfs");
    ck_assert(!wtfcb_cache_file_system(0x6969, &name));
    ck_assert_str_eq(name, "nfs");
    ck_assert(!wtfcb_cache_file_system(0x12345678, &name));
    ck_assert_str_eq(name, "unknown");
    ck_assert(wtfcb_cache_is_local(dir));
    ck_assert(!wtfcb_cache_is_local(-1));
}
END_TEST

/* ------------------------------------------------------------------------------------------------------------------ */
/* Reading alone */

START_TEST(read_only_makes_nothing)
{
    assert_refused("cache", true, WTFCB_ENOTFOUND, "cache");
    assert_refused(NULL, true, WTFCB_ENOTFOUND, "wtfcb");
    mkdirat(dir, "cache", 0700);
    assert_refused("cache", true, WTFCB_ENOTFOUND, "store-");
    ck_assert_int_eq(entries("cache"), 0);
    ck_assert_int_eq(entries("."), 1);
    open_place("cache", false);
    uint64_t inode = place.inode;
    wtfcb_cache_place_close(&place);
    ck_assert_int_eq(unlinkat(dir, "cache/CACHEDIR.TAG", 0), 0);
    open_place("cache", true);
    ck_assert(place.inode == inode && place.read_only);
    ck_assert(!is_there("cache/CACHEDIR.TAG"));
    wtfcb_cache_place_close(&place);
}
END_TEST

START_TEST(roots_directory_may_be_read_and_not_written)
{
    if (geteuid() != 0) return;
    char shared[] = "/tmp/wtfcb-place-XXXXXX"; /* where other users get to */
    ck_assert_ptr_nonnull(mkdtemp(shared));
    open_place(shared, false);
    char store[64];
    snprintf(store, sizeof store, "%s", place.store_name);
    ck_assert_int_eq(fchmod(place.base, 0755), 0);
    ck_assert_int_eq(fchmod(place.store, 0755), 0);
    pid_t child = fork();
    if (child == 0) {
        if (setgid(65534) != 0 || setuid(65534) != 0) _exit(1);
        wtfcb_cache_place other;
        if (wtfcb_cache_place_open(NULL, shared, true, &other, NULL) != WTFCB_OK) _exit(2);
        _exit(wtfcb_cache_place_open(NULL, shared, false, &other, NULL) == WTFCB_EUNSAFE ? 0 : 3);
    }
    int status;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    (void)unlinkat(place.base, "CACHEDIR.TAG", 0);
    (void)unlinkat(place.base, store, AT_REMOVEDIR);
    (void)rmdir(shared);
    wtfcb_cache_place_close(&place);
    ck_assert_int_eq(status, 0);
}
END_TEST

/* ------------------------------------------------------------------------------------------------------------------ */
/* Setting aside */

static void set_aside(void)
{
    wtfcb_status status = wtfcb_cache_place_set_aside(&place, &error);
    ck_assert_msg(status == WTFCB_OK, "%s", error.message);
}

START_TEST(store_that_is_set_aside_makes_room_for_an_empty_one)
{
    open_place("cache", false);
    uint64_t inode = place.inode;
    put_file(place.store, "data.mdb");
    set_aside();
    ck_assert(place.inode != inode);
    ck_assert_int_eq(faccessat(place.store, "data.mdb", F_OK, 0), -1);
    ck_assert(is_there("cache/damaged-1/data.mdb"));
    ck_assert(is_there("cache/damaged-1/damaged"));
    struct stat st;
    ck_assert_int_eq(stat(place.store_path, &st), 0);
    ck_assert(st.st_ino == place.inode);
    wtfcb_cache_place_close(&place);
}
END_TEST

START_TEST(only_the_last_store_that_was_set_aside_is_kept)
{
    open_place("cache", false);
    static const char *const files[] = {"lock", "clean", "data.mdb", "lock.mdb", "CACHEDIR.TAG"};
    for (unsigned i = 0; i < 5; i++) {
        for (size_t k = 0; k < 5; k++)
            put_file(place.store, files[k]);
        ck_assert_int_eq(mkdirat(place.store, "users", 0700), 0);
        put_file(place.store, "users/123-00000000deadbeef-0");
        set_aside();
        ck_assert_int_eq(entries("cache"), 3); /* tag, store, the one aside */
    }
    wtfcb_cache_place_close(&place);
}
END_TEST

START_TEST(files_that_are_not_ours_stay_when_a_store_is_removed)
{
    open_place("cache", false);
    mkdirat(place.base, "damaged-1", 0700);
    put_file(place.base, "damaged-1/thesis");
    mkdirat(dir, "precious", 0700);
    put_file(dir, "precious/data.mdb");
    ck_assert_int_eq(symlinkat("../precious", place.base, "damaged-2"), 0);
    put_file(place.base, "damaged-3");
    put_file(place.store, "data.mdb");
    set_aside();
    ck_assert(is_there("cache/damaged-1/thesis"));
    ck_assert(is_there("precious/data.mdb"));
    ck_assert(is_there("cache/damaged-3"));
    ck_assert(is_there("cache/damaged-4/data.mdb"));
    wtfcb_cache_place_close(&place);
}
END_TEST

/* Who comes second must not set the first one's new store aside. */
START_TEST(who_comes_second_finds_the_store_that_the_first_began)
{
    open_place("cache", false);
    wtfcb_cache_place second = place;
    open_place("cache", false);
    ck_assert(second.inode == place.inode);
    set_aside();
    ck_assert_int_eq(wtfcb_cache_place_set_aside(&second, &error), WTFCB_OK);
    ck_assert(second.inode == place.inode);
    ck_assert(!is_there("cache/damaged-2"));
    wtfcb_cache_place_close(&second);
    wtfcb_cache_place_close(&place);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("place");
    TCase *made = tcase_create("made");
    tcase_add_checked_fixture(made, set_up, tear_down);
    tcase_add_test(made, named_directory_is_made_for_this_user_alone);
    tcase_add_test(made, second_open_finds_the_same_store);
    tcase_add_test(made, path_is_that_of_the_directory_and_not_of_links_above_it);
    tcase_add_test(made, parents_of_a_named_directory_are_not_made);
    tcase_add_test(made, default_is_the_first_of_the_three_that_is_set);
    tcase_add_test(made, home_that_does_not_exist_is_not_made);
    tcase_add_test(made, without_a_home_in_the_environment_the_users_entry_tells);
    tcase_add_test(made, tag_tells_backups_to_pass_by);
    tcase_add_test(made, directory_with_other_things_in_it_gets_no_tag);
    tcase_add_test(made, every_allocation_that_fails_is_reported);
    suite_add_tcase(s, made);
    TCase *refused = tcase_create("refused");
    tcase_add_checked_fixture(refused, set_up, tear_down);
    tcase_add_test(refused, directory_that_others_may_write_to_is_unsafe);
    tcase_add_test(refused, symbolic_link_is_unsafe);
    tcase_add_test(refused, link_in_the_place_of_the_store_is_unsafe);
    tcase_add_test(refused, what_is_no_directory_is_refused);
    tcase_add_test(refused, directory_of_another_user_is_unsafe);
    tcase_add_test(refused, file_system_that_is_not_local_is_named);
    tcase_add_test(refused, read_only_makes_nothing);
    tcase_add_test(refused, roots_directory_may_be_read_and_not_written);
    suite_add_tcase(s, refused);
    TCase *aside = tcase_create("aside");
    tcase_add_checked_fixture(aside, set_up, tear_down);
    tcase_add_test(aside, store_that_is_set_aside_makes_room_for_an_empty_one);
    tcase_add_test(aside, only_the_last_store_that_was_set_aside_is_kept);
    tcase_add_test(aside, files_that_are_not_ours_stay_when_a_store_is_removed);
    tcase_add_test(aside, who_comes_second_finds_the_store_that_the_first_began);
    suite_add_tcase(s, aside);
    return s;
}

WTFCB_TEST_MAIN(suite)
