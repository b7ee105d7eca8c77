/* Manifests: paths made absolute and clean, files held against what was recorded, hostile bytes refused. */
#define WTFCB_TEST_OWN_CLOCKS
#include "cache/manifest.h"

#include "../base/counting.h"
#include "base/memory.h"
#include "files.h"

/* Offsets inside an entry, as manifest.c lays it out. */
enum {
    AT_PATH_LENGTH = 0,
    AT_KIND = 4,
    AT_FLAGS = 5,
    AT_TYPE = 6,
    AT_RESERVED = 7,
    AT_SIZE = 8,
    AT_MTIME = 16,
    AT_CTIME = 24,
    AT_INODE = 32,
    AT_RECORDED = 48,
    AT_HASH = 56,
    AT_PATH = 72,
};

static wtfcb_allocator allocator;
static wtfcb_base_buffer manifest;
static wtfcb_base_buffer scratch;
static wtfcb_base_buffer refreshed;
static char *directory;

static void setup(void)
{
    allocator = wtfcb_base_allocator(NULL);
    wtfcb_base_buffer_init(&manifest, &allocator);
    wtfcb_base_buffer_init(&scratch, &allocator);
    wtfcb_base_buffer_init(&refreshed, &allocator);
    directory = wtfcb_test_directory();
    signature_offset_ns = 0;
}

static void teardown(void)
{
    wtfcb_base_buffer_free(&manifest);
    wtfcb_base_buffer_free(&scratch);
    wtfcb_base_buffer_free(&refreshed);
    free(directory);
}

static void make_source(const char *path)
{
    wtfcb_base_buffer_reset(&manifest);
    ck_assert_int_eq(wtfcb_cache_manifest_make(path, NULL, 0, &manifest), WTFCB_OK);
    ck_assert(wtfcb_cache_manifest_valid(manifest.data, manifest.length));
}

static void make_dependency(const char *path, uint32_t kind)
{
    wtfcb_dependency dependency = {path, kind, 0};
    wtfcb_base_buffer_reset(&manifest);
    ck_assert_int_eq(wtfcb_cache_manifest_make(NULL, &dependency, 1, &manifest), WTFCB_OK);
    ck_assert(wtfcb_cache_manifest_valid(manifest.data, manifest.length));
}

static wtfcb_status check_with(bool always)
{
    wtfcb_cache_manifest_check check = {.always = always, .scratch = &scratch, .refreshed = &refreshed};
    wtfcb_status status = wtfcb_cache_manifest_holds(manifest.data, manifest.length, &check);
    if (status != WTFCB_OK) ck_assert_ptr_nonnull(check.changed);
    return status;
}

static wtfcb_status check(void)
{
    return check_with(false);
}

/* Whether the last check read the file. */
static bool was_read(void)
{
    bool read = scratch.capacity > 0;
    wtfcb_base_buffer_free(&scratch);
    return read;
}

static void set_time(size_t at, int64_t ns)
{
    memcpy(manifest.data + at, &ns, sizeof ns);
}

static int64_t get_time(size_t at)
{
    int64_t ns;
    memcpy(&ns, manifest.data + at, sizeof ns);
    return ns;
}

/* ------------------------------------------------------------------------------------------------------------- paths */

static void expect_path(const char *given, const char *expected)
{
    wtfcb_base_buffer path;
    wtfcb_base_buffer_init(&path, &allocator);
    wtfcb_base_buffer_append_string(&path, "before");
    ck_assert_int_eq(wtfcb_cache_absolute_path(given, &path), WTFCB_OK);
    ck_assert_str_eq(path.data + 6, expected);
    ck_assert_uint_eq(path.length, 6 + strlen(expected) + 1);
    wtfcb_base_buffer_free(&path);
}

START_TEST(every_spelling_of_a_path_is_one_path)
{
    expect_path("/a/b", "/a/b");
    expect_path("//a///b//", "/a/b");
    expect_path("/./a/././b/.", "/a/b");
    expect_path("/a/x/../b", "/a/b");
    expect_path("/a/x/y/../../b", "/a/b");
    expect_path("/", "/");
    expect_path("///", "/");
    expect_path("/..", "/");
    expect_path("/../../a", "/a");
    expect_path("/a/..", "/");
    expect_path("/...", "/...");
    expect_path("/a/..b/.c", "/a/..b/.c");
    expect_path("/a\nb/\xff", "/a\nb/\xff");
}
END_TEST

START_TEST(relative_path_starts_from_the_working_directory)
{
    ck_assert_int_eq(chdir(directory), 0);
    char cwd[4096];
    ck_assert_ptr_nonnull(getcwd(cwd, sizeof cwd));
    expect_path("a/b", below(cwd, "a/b"));
    expect_path("./a", below(cwd, "a"));
    expect_path(".", cwd);
    expect_path("a/..", cwd);
    ck_assert_int_eq(chdir("/"), 0);
    expect_path("a", "/a");
    expect_path("..", "/");
}
END_TEST

START_TEST(deep_working_directory_is_found)
{
    char name[201];
    memset(name, 'd', 200);
    name[200] = '\0';
    ck_assert_int_eq(chdir(directory), 0);
    for (int i = 0; i < 30; i++) {
        ck_assert_int_eq(mkdir(name, 0700), 0);
        ck_assert_int_eq(chdir(name), 0);
    }
    wtfcb_base_buffer path;
    wtfcb_base_buffer_init(&path, &allocator);
    wtfcb_status status = wtfcb_cache_absolute_path("x", &path);
    ck_assert(status == WTFCB_EIO || (status == WTFCB_OK && path.length > 6000));
    wtfcb_base_buffer_free(&path);
    ck_assert_int_eq(chdir("/"), 0);
}
END_TEST

START_TEST(parent_of_a_link_is_not_taken_back)
{
    ck_assert_int_eq(mkdir(below(directory, "real"), 0700), 0);
    ck_assert_int_eq(mkdir(below(directory, "real/deep"), 0700), 0);
    ck_assert_int_eq(symlink("real/deep", below(directory, "link")), 0);
    expect_path(below(directory, "link/../f"), below(directory, "link/../f"));
    expect_path(below(directory, "link/../../f"), below(directory, "link/../../f"));
    expect_path(below(directory, "link/x/../f"), below(directory, "link/f"));
    write_file(below(directory, "real/f"), "there");
    write_file(below(directory, "f"), "here!");
    make_source(below(directory, "link/../f"));
    write_file(below(directory, "f"), "HERE!");
    ck_assert_int_eq(check(), WTFCB_OK);
    write_file(below(directory, "real/f"), "THERE");
    ck_assert_int_eq(check(), WTFCB_ECHANGED);
}
END_TEST

/* ---------------------------------------------------------------------------------------------------------- contents */

START_TEST(unchanged_file_holds_and_a_settled_one_is_not_read)
{
    const char *path = below(directory, "f");
    write_file(path, "content");
    make_source(path);
    ck_assert_int_eq(check(), WTFCB_OK);
    ck_assert(was_read());
    signature_offset_ns = 3 * SECOND_NS;
    make_source(path);
    ck_assert_int_eq(check(), WTFCB_OK);
    ck_assert(!was_read());
    ck_assert_int_eq(check_with(true), WTFCB_OK);
    ck_assert(was_read());
    ck_assert_uint_eq(refreshed.length, 0);
}
END_TEST

START_TEST(every_kind_of_edit_is_a_change)
{
    const char *path = below(directory, "f");
    for (int ahead = 0; ahead < 2; ahead++) {
        signature_offset_ns = ahead ? 3 * SECOND_NS : 0;
        write_file(path, "content");
        wait_a_tick();
        make_source(path);
        write_file(path, "another content");
        ck_assert_int_eq(check(), WTFCB_ECHANGED);
        make_source(path);
        wait_a_tick();
        write_file(path, "another Content");
        ck_assert_int_eq(check(), WTFCB_ECHANGED);
        make_source(path);
        ck_assert_int_eq(unlink(path), 0);
        ck_assert_int_eq(check(), WTFCB_ECHANGED);
        ck_assert_int_eq(mkdir(path, 0700), 0);
        ck_assert_int_eq(check(), WTFCB_ECHANGED);
        ck_assert_int_eq(rmdir(path), 0);
    }
}
END_TEST

START_TEST(same_size_edit_within_one_tick_is_seen)
{
    const char *path = below(directory, "f");
    char text[] = "generation 0000";
    write_file(path, text);
    for (int i = 1; i < 500; i++) {
        make_source(path);
        snprintf(text, sizeof text, "generation %04d", i);
        int fd = open(path, O_WRONLY | O_CLOEXEC);
        ck_assert_int_eq(pwrite(fd, text, sizeof text - 1, 0), (ssize_t)sizeof text - 1);
        ck_assert_int_eq(close(fd), 0);
        ck_assert_int_eq(check(), WTFCB_ECHANGED);
    }
}
END_TEST

/* The kernel's stamps have not moved though the content has: what a coarse clock does. */
static void hide_edit(const char *path)
{
    struct stat info;
    ck_assert_int_eq(stat(path, &info), 0);
    set_time(AT_MTIME, (int64_t)info.st_mtim.tv_sec * SECOND_NS + info.st_mtim.tv_nsec);
    set_time(AT_CTIME, (int64_t)info.st_ctim.tv_sec * SECOND_NS + info.st_ctim.tv_nsec);
}

START_TEST(young_signature_is_not_believed_though_it_is_the_same)
{
    const char *path = below(directory, "f");
    write_file(path, "aaaa");
    make_source(path);
    write_file(path, "bbbb");
    hide_edit(path);
    int64_t written = get_time(AT_MTIME);
    const int64_t racy[] = {-SECOND_NS, 0, 1, 2 * SECOND_NS - 1};
    for (size_t i = 0; i < sizeof racy / sizeof *racy; i++) {
        set_time(AT_RECORDED, written + racy[i]);
        ck_assert_int_eq(check(), WTFCB_ECHANGED);
    }
    /* Two seconds later the kernel would have moved them: this is where trust begins. */
    set_time(AT_RECORDED, written + 2 * SECOND_NS);
    ck_assert_int_eq(check(), WTFCB_OK);
    ck_assert_int_eq(check_with(true), WTFCB_ECHANGED);
    /* The younger of the two times decides. */
    set_time(AT_MTIME, written - 100 * SECOND_NS);
    ck_assert_int_eq(check(), WTFCB_ECHANGED);
}
END_TEST

START_TEST(each_part_of_a_signature_is_compared)
{
    const char *path = below(directory, "f");
    const size_t parts[] = {AT_SIZE, AT_MTIME, AT_CTIME, AT_INODE, 40};
    signature_offset_ns = 3 * SECOND_NS;
    write_file(path, "content");
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        make_source(path);
        manifest.data[parts[i]] ^= 1;
        manifest.data[AT_HASH] ^= 1; /* so that a look at the content is one that tells */
        ck_assert_int_eq(check(), WTFCB_ECHANGED);
    }
}
END_TEST

START_TEST(network_file_system_is_never_believed)
{
    const char *path = below(directory, "f");
    signature_offset_ns = 3 * SECOND_NS;
    write_file(path, "content");
    make_source(path);
    manifest.data[AT_FLAGS] &= (char)~4;
    ck_assert_int_eq(check(), WTFCB_OK);
    ck_assert(was_read());
}
END_TEST

START_TEST(touch_is_no_change_and_gives_a_manifest_that_need_not_read_again)
{
    const char *path = below(directory, "f");
    signature_offset_ns = 3 * SECOND_NS;
    write_file(path, "content");
    make_source(path);
    wait_a_tick();
    ck_assert_int_eq(utimensat(AT_FDCWD, path, NULL, 0), 0);
    ck_assert_int_eq(check(), WTFCB_OK);
    ck_assert(was_read());
    ck_assert_uint_eq(refreshed.length, manifest.length);
    ck_assert(wtfcb_cache_manifest_valid(refreshed.data, refreshed.length));
    wtfcb_base_buffer_reset(&manifest);
    wtfcb_base_buffer_append(&manifest, refreshed.data, refreshed.length);
    ck_assert_int_eq(check(), WTFCB_OK);
    ck_assert(!was_read());
    ck_assert_uint_eq(refreshed.length, 0);
    const struct timespec back[2] = {{1000, 0}, {1000, 0}};
    ck_assert_int_eq(utimensat(AT_FDCWD, path, back, 0), 0);
    ck_assert_int_eq(check(), WTFCB_OK);
}
END_TEST

START_TEST(manifest_is_not_replaced_by_one_that_is_as_young)
{
    const char *path = below(directory, "f");
    write_file(path, "content");
    make_source(path);
    ck_assert_int_eq(check(), WTFCB_OK);
    ck_assert_uint_eq(refreshed.length, 0);
}
END_TEST

START_TEST(file_that_was_gone_is_a_change_when_it_is_there)
{
    const char *path = below(directory, "f");
    make_dependency(path, WTFCB_DEPENDS_CONTENT);
    ck_assert_int_eq(check(), WTFCB_OK);
    ck_assert_int_eq(mkdir(path, 0700), 0); /* still no content */
    ck_assert_int_eq(check(), WTFCB_OK);
    ck_assert_int_eq(rmdir(path), 0);
    write_file(path, "");
    ck_assert_int_eq(check(), WTFCB_ECHANGED);
}
END_TEST

START_TEST(file_that_cannot_be_read_any_more_is_not_believed)
{
    const char *path = below(directory, "f");
    write_file(path, "content");
    make_source(path);
    ck_assert_int_eq(unlink(path), 0);
    ck_assert_int_eq(symlink("f", path), 0);
    ck_assert_int_eq(check(), WTFCB_EIO);
}
END_TEST

START_TEST(special_files_are_not_opened)
{
    const char *path = below(directory, "f");
    ck_assert_int_eq(mkfifo(path, 0600), 0);
    make_source(path);
    ck_assert_int_eq(check(), WTFCB_OK);
}
END_TEST

START_TEST(link_stands_for_what_it_leads_to)
{
    const char *link = below(directory, "link");
    write_file(below(directory, "a"), "same");
    write_file(below(directory, "b"), "same");
    write_file(below(directory, "c"), "else");
    ck_assert_int_eq(symlink("a", link), 0);
    make_source(link);
    ck_assert_int_eq(unlink(link), 0);
    ck_assert_int_eq(symlink("b", link), 0);
    ck_assert_int_eq(check(), WTFCB_OK);
    ck_assert_int_eq(unlink(link), 0);
    ck_assert_int_eq(symlink("c", link), 0);
    ck_assert_int_eq(check(), WTFCB_ECHANGED);
}
END_TEST

START_TEST(existence_and_absence_are_claims)
{
    const char *path = below(directory, "f");
    make_dependency(path, WTFCB_DEPENDS_ABSENCE);
    ck_assert_int_eq(check(), WTFCB_OK);
    write_file(path, "x");
    ck_assert_int_eq(check(), WTFCB_ECHANGED);
    make_dependency(path, WTFCB_DEPENDS_EXISTENCE);
    ck_assert_int_eq(check(), WTFCB_OK);
    write_file(path, "another");
    ck_assert_int_eq(check(), WTFCB_OK);
    ck_assert_int_eq(unlink(path), 0);
    ck_assert_int_eq(check(), WTFCB_ECHANGED);
    make_dependency(below(directory, "f/below"), WTFCB_DEPENDS_ABSENCE);
    write_file(path, "x"); /* a file where a directory would be */
    ck_assert_int_eq(check(), WTFCB_OK);
}
END_TEST

START_TEST(first_entry_that_differs_is_named)
{
    const char *names[] = {"a", "b", "c"};
    wtfcb_dependency dependencies[2];
    for (size_t i = 0; i < 3; i++)
        write_file(below(directory, names[i]), names[i]);
    for (size_t i = 0; i < 2; i++)
        dependencies[i] = (wtfcb_dependency){below(directory, names[i + 1]), WTFCB_DEPENDS_CONTENT, 0};
    ck_assert_int_eq(wtfcb_cache_manifest_make(below(directory, "a"), dependencies, 2, &manifest), WTFCB_OK);
    size_t at = 0;
    wtfcb_cache_manifest_entry entry;
    for (size_t i = 0; i < 3; i++) {
        ck_assert(wtfcb_cache_manifest_next(manifest.data, manifest.length, &at, &entry));
        ck_assert_str_eq(entry.path, below(directory, names[i]));
        ck_assert_uint_eq(entry.path_length, strlen(entry.path));
        ck_assert_uint_eq(entry.source, i == 0);
        ck_assert(wtfcb_cache_manifest_names(manifest.data, manifest.length, entry.path, entry.path_length));
    }
    ck_assert(!wtfcb_cache_manifest_next(manifest.data, manifest.length, &at, &entry));
    ck_assert(!wtfcb_cache_manifest_names(manifest.data, manifest.length, "/a", 2));
    write_file(below(directory, "c"), "C");
    write_file(below(directory, "b"), "B");
    wtfcb_cache_manifest_check c = {.scratch = &scratch};
    ck_assert_int_eq(wtfcb_cache_manifest_holds(manifest.data, manifest.length, &c), WTFCB_ECHANGED);
    ck_assert_str_eq(c.changed, below(directory, "b"));
}
END_TEST

/* ----------------------------------------------------------------------------------------------------- hostile bytes */

START_TEST(no_prefix_and_no_longer_text_is_a_manifest)
{
    const char *path = below(directory, "f");
    write_file(path, "content");
    make_source(path);
    ck_assert(wtfcb_cache_manifest_valid(NULL, 0));
    for (size_t length = 1; length < manifest.length; length++) {
        char *exact = malloc(length);
        ck_assert_ptr_nonnull(exact);
        memcpy(exact, manifest.data, length);
        ck_assert(!wtfcb_cache_manifest_valid(exact, length));
        free(exact);
    }
    wtfcb_base_buffer_append_byte(&manifest, 0);
    ck_assert(!wtfcb_cache_manifest_valid(manifest.data, manifest.length));
}
END_TEST

START_TEST(fields_outside_of_their_bounds_are_refused)
{
    const char *path = below(directory, "f");
    static const struct {
        size_t at;
        char byte;
    } wrong[] = {
        {AT_PATH_LENGTH, 0}, {AT_PATH_LENGTH, 1}, {AT_PATH_LENGTH + 3, (char)0xff},
        {AT_KIND, 0},        {AT_KIND, 4},        {AT_FLAGS, (char)0x80},
        {AT_FLAGS, 8},       {AT_TYPE, 5},        {AT_RESERVED, 1},
        {AT_PATH, 'x'},      {AT_PATH + 3, '\0'}, {AT_KIND, WTFCB_DEPENDS_ABSENCE},
    };
    write_file(path, "content");
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        make_source(path);
        ck_assert_int_ne(manifest.data[wrong[i].at], wrong[i].byte);
        manifest.data[wrong[i].at] = wrong[i].byte;
        ck_assert_msg(!wtfcb_cache_manifest_valid(manifest.data, manifest.length), "%zu", i);
    }
}
END_TEST

START_TEST(only_the_first_entry_may_be_the_source)
{
    const char *path = below(directory, "f");
    write_file(path, "content");
    make_source(path);
    size_t length = manifest.length;
    wtfcb_dependency dependency = {path, WTFCB_DEPENDS_CONTENT, 0};
    ck_assert_int_eq(wtfcb_cache_manifest_make(NULL, &dependency, 1, &manifest), WTFCB_OK);
    ck_assert(wtfcb_cache_manifest_valid(manifest.data, manifest.length));
    manifest.data[length + AT_FLAGS] |= 1;
    ck_assert(!wtfcb_cache_manifest_valid(manifest.data, manifest.length));
}
END_TEST

START_TEST(every_failed_allocation_is_reported)
{
    const char *path = below(directory, "f");
    write_file(path, "content");
    wtfcb_dependency dependency = {"relative", WTFCB_DEPENDS_CONTENT, 0};
    counting c;
    counting_init(&c);
    wtfcb_status status = WTFCB_ENOMEM;
    for (unsigned long n = 1; status != WTFCB_OK; n++) {
        wtfcb_base_buffer made;
        counting_fail(&c, n, false);
        wtfcb_base_buffer_init(&made, &c.allocator);
        status = wtfcb_cache_manifest_make(path, &dependency, 1, &made);
        ck_assert_int_eq(status, atomic_load(&c.failed) ? WTFCB_ENOMEM : WTFCB_OK);
        if (status == WTFCB_OK) ck_assert(wtfcb_cache_manifest_valid(made.data, made.length));
        wtfcb_base_buffer_free(&made);
        counting_assert_clean(&c);
    }
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("manifest");
    TCase *t = tcase_create("manifest");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, every_spelling_of_a_path_is_one_path);
    tcase_add_test(t, relative_path_starts_from_the_working_directory);
    tcase_add_test(t, deep_working_directory_is_found);
    tcase_add_test(t, parent_of_a_link_is_not_taken_back);
    tcase_add_test(t, unchanged_file_holds_and_a_settled_one_is_not_read);
    tcase_add_test(t, every_kind_of_edit_is_a_change);
    tcase_add_test(t, same_size_edit_within_one_tick_is_seen);
    tcase_add_test(t, young_signature_is_not_believed_though_it_is_the_same);
    tcase_add_test(t, each_part_of_a_signature_is_compared);
    tcase_add_test(t, network_file_system_is_never_believed);
    tcase_add_test(t, touch_is_no_change_and_gives_a_manifest_that_need_not_read_again);
    tcase_add_test(t, manifest_is_not_replaced_by_one_that_is_as_young);
    tcase_add_test(t, file_that_was_gone_is_a_change_when_it_is_there);
    tcase_add_test(t, file_that_cannot_be_read_any_more_is_not_believed);
    tcase_add_test(t, special_files_are_not_opened);
    tcase_add_test(t, link_stands_for_what_it_leads_to);
    tcase_add_test(t, existence_and_absence_are_claims);
    tcase_add_test(t, first_entry_that_differs_is_named);
    tcase_add_test(t, no_prefix_and_no_longer_text_is_a_manifest);
    tcase_add_test(t, fields_outside_of_their_bounds_are_refused);
    tcase_add_test(t, only_the_first_entry_may_be_the_source);
    tcase_add_test(t, every_failed_allocation_is_reported);
    suite_add_tcase(s, t);
    return s;
}

WTFCB_TEST_MAIN(suite)
