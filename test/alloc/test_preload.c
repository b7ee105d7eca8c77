/* libwtfcb-alloc.so in full mode, on programs that count for themselves what they allocate: every block and every byte of it. */
#include <fcntl.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "test.h"
#include "traced.h"

static const char *const full = "full,folder=%s";

static traced run_scene(const char *setting, const char *scene, const char *argument)
{
    const char *arguments[] = {scene, argument, NULL};
    return traced_run(setting, "subject", arguments);
}

/* Run a scene in full and compare. */
static void check_scene(const char *scene, const char *argument)
{
    traced t = run_scene(full, scene, argument);
    ck_assert_msg(t.status == 0, "%s: status %x: %s%s", scene, (unsigned)t.status, t.output, t.complaint);
    region_read region = traced_region(&t, t.process);
    traced_check_exact(&t, &region, "scene");
    ck_assert_uint_gt(atomic_load(&region.header->ended_ns), 0);
    region_sums all = region_sum(&region);
    ck_assert_uint_eq(atomic_load(&region.header->total_bytes), all.total_bytes);
    ck_assert_uint_eq(atomic_load(&region.header->freed_bytes), all.freed_bytes);
    ck_assert_uint_ge(atomic_load(&region.header->live_peak), all.total_bytes - all.freed_bytes);
    region_close(&region);
}

START_TEST(preload_counts_reallocations)
{
    check_scene("reallocs", NULL);
}
END_TEST

START_TEST(preload_counts_every_kind_of_allocation)
{
    check_scene("aligned", NULL);
}
END_TEST

START_TEST(preload_counts_huge_blocks)
{
    check_scene("huge", NULL);
}
END_TEST

START_TEST(preload_counts_blocks_that_other_threads_free)
{
    check_scene("threads", wtfcb_test_long() ? "100" : "3");
}
END_TEST

START_TEST(preload_survives_jumps_out_of_deep_stacks)
{
    check_scene("jumps", NULL);
}
END_TEST

START_TEST(preload_walks_signal_stacks)
{
    check_scene("alternate", NULL);
}
END_TEST

START_TEST(preload_walks_coroutines)
{
    check_scene("coroutines", NULL);
}
END_TEST

START_TEST(preload_gives_a_forked_child_its_own_region)
{
    uint64_t child;
    traced t = run_scene(full, "forks", NULL);
    ck_assert_msg(t.status == 0, "%s%s", t.output, t.complaint);
    region_read region = traced_region(&t, t.process);
    traced_check_exact(&t, &region, "scene");
    region_close(&region);
    traced_numbers(&t, "child", &child, 1);
    region = traced_region(&t, (long)child);
    ck_assert_uint_eq(region.header->process, child);
    traced_check_exact(&t, &region, "child_scene");
    ck_assert_ptr_nonnull(region_object(&region, 0));
    region_close(&region);
}
END_TEST

START_TEST(preload_survives_forks_among_threads)
{
    check_scene("fork_storm", wtfcb_test_long() ? "2000" : "20");
}
END_TEST

START_TEST(preload_notes_objects_that_come_and_go)
{
    char path[4200];
    uint32_t noted = 0;
    snprintf(path, sizeof path, "%s/test/alloc/subjects/plugin.so", wtfcb_test_build_dir());
    char *plugin = realpath(path, NULL);
    ck_assert_ptr_nonnull(plugin);
    traced t = run_scene(full, "plugin", plugin);
    ck_assert_msg(t.status == 0, "%s%s", t.output, t.complaint);
    region_read region = traced_region(&t, t.process);
    traced_check_exact(&t, &region, "scene");
    const wtfcb_alloc_object *object;
    for (uint32_t i = 0; (object = region_object(&region, i)); i++) {
        ck_assert_uint_gt(object->id_length, 0);
        if (strcmp(object->path, plugin) == 0) noted++;
    }
    ck_assert_uint_ge(noted, 1);
    region_close(&region);
    free(plugin);
}
END_TEST

START_TEST(preload_counts_until_the_last_destructor)
{
    traced t = run_scene(full, "late", NULL);
    ck_assert_int_eq(t.status, 0);
    region_read region = traced_region(&t, t.process);
    traced_check_exact(&t, &region, "late");
    ck_assert_uint_gt(atomic_load(&region.header->ended_ns), 0);
    region_close(&region);
}
END_TEST

START_TEST(preload_leaves_a_whole_file_when_killed)
{
    traced t = run_scene(full, "killed", "2");
    ck_assert(WIFSIGNALED(t.status) && WTERMSIG(t.status) == SIGKILL);
    region_read region = traced_region(&t, t.process);
    traced_check_exact(&t, &region, "scene");
    ck_assert_uint_eq(atomic_load(&region.header->ended_ns), 0);
    ck_assert_uint_eq(atomic_load(&region.header->mode), WTFCB_ALLOC_MODE_FULL);
    region_close(&region);
}
END_TEST

/* ---- What it writes, and where ---- */

START_TEST(preload_starts_and_stops_by_the_control_table)
{
    char path[512];
    char *folder = wtfcb_test_directory();
    snprintf(path, sizeof path, "%s/region", folder);
    traced t = run_scene(NULL, "control", path);
    ck_assert_msg(t.status == 0, "%s%s", t.output, t.complaint);
    region_read region = region_open(path);
    uint64_t own[6];
    traced_numbers(&t, "scene", own, 6);
    region_sums sums = region_sum_under(&region, own[4], own[5]);
    ck_assert_uint_eq(sums.total_bytes, 500 + 99); /* not the 20 that were hidden */
    ck_assert_uint_eq(sums.freed_bytes, 500);
    ck_assert_uint_eq(atomic_load(&region.header->mode), WTFCB_ALLOC_MODE_IDLE);
    region_close(&region);
    free(folder);
}
END_TEST

START_TEST(preload_starts_and_stops_among_threads)
{
    traced t = run_scene(NULL, "restarts", wtfcb_test_long() ? "2000" : "100");
    ck_assert_msg(t.status == 0, "%s%s", t.output, t.complaint);
}
END_TEST

START_TEST(preload_says_that_a_program_has_its_own_malloc)
{
    traced t = traced_run(NULL, "own_malloc", NULL);
    ck_assert_int_eq(t.status, 0);
}
END_TEST

static bool exists(const char *folder, const char *name)
{
    char path[512];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return access(path, F_OK) == 0;
}

START_TEST(preload_is_idle_without_its_variable)
{
    traced t = run_scene(NULL, "threads", "1");
    ck_assert_int_eq(t.status, 0);
    ck_assert_str_eq(t.complaint, "");
    ck_assert_int_eq(rmdir(t.folder), 0);
}
END_TEST

START_TEST(preload_names_a_bad_setting_in_one_line_and_stays_idle)
{
    static const char *const bad[][2] = {
        {"sometimes", "sometimes"},
        {"full,rate=", "rate="},
        {"sampled,rate=0", "rate=0"},
        {"sampled,rate=12x", "rate=12x"},
        {"sampled,rate=1099511627777", "rate=1099511627777"},
        {"sampled,rate=99999999999999999999999", "rate=99999999999999999999999"},
        {"full,folder=a,file=b", "file=b"},
        {"full,,seed=1", ""},
        {"full,colour=red", "colour=red"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        char line[256];
        traced t = run_scene(bad[i][0], "threads", "1");
        ck_assert_int_eq(t.status, 0);
        snprintf(line, sizeof line, "libwtfcb-alloc: WTFCB_ALLOC: not understood: %s\n", bad[i][1]);
        ck_assert_str_eq(t.complaint, line);
        ck_assert_int_eq(rmdir(t.folder), 0);
    }
}
END_TEST

START_TEST(preload_is_idle_and_quiet_where_no_file_can_be_made)
{
    traced t = run_scene("full,folder=/nonexistent/folder", "threads", "1");
    ck_assert_int_eq(t.status, 0);
    ck_assert_str_eq(t.complaint, "");
}
END_TEST

START_TEST(preload_names_its_file_as_it_was_told)
{
    char name[64];
    traced t = run_scene("full", "aligned", NULL);
    snprintf(name, sizeof name, "wtfcb-alloc.%ld", t.process);
    ck_assert(exists(t.folder, name));
    t = run_scene("sampled,rate=1024,file=%s/a-%p-b,seed=3", "aligned", NULL);
    snprintf(name, sizeof name, "a-%ld-b", t.process);
    ck_assert(exists(t.folder, name));
}
END_TEST

START_TEST(preload_gives_each_program_of_one_process_its_file)
{
    static const char *const arguments[] = {"-c", "exec /bin/sh -c 'exit 0'", NULL};
    char name[64];
    traced t = traced_run(full, "/bin/sh", arguments);
    ck_assert_int_eq(t.status, 0);
    snprintf(name, sizeof name, "%ld.wtfcb-alloc", t.process);
    ck_assert(exists(t.folder, name));
    snprintf(name, sizeof name, "%ld.2.wtfcb-alloc", t.process);
    ck_assert(exists(t.folder, name));
}
END_TEST

/* ---- A full disk ---- */

static void limit_files(void)
{
    struct rlimit limit = {.rlim_cur = WTFCB_ALLOC_CHUNK * 3, .rlim_max = WTFCB_ALLOC_CHUNK * 3};
    if (setrlimit(RLIMIT_FSIZE, &limit) != 0) _exit(98);
}

static void check_without_room(const traced *t, const region_read *region)
{
    region_sums sums = region_sum(region);
    ck_assert_int_eq(t->status, 0);
    ck_assert_uint_gt(atomic_load(&region->header->lost), 0);
    ck_assert_uint_ge(sums.total_bytes, sums.freed_bytes);
}

START_TEST(preload_counts_what_has_no_room_below_a_limit)
{
    static const char *const arguments[] = {"threads", "1", NULL};
    traced t = traced_run_with(full, "subject", arguments, limit_files);
    region_read region = traced_region(&t, t.process);
    check_without_room(&t, &region);
    region_close(&region);
}
END_TEST

START_TEST(preload_counts_what_has_no_room_on_a_full_disk)
{
    char setting[512];
    char path[512];
    char *folder = wtfcb_test_directory();
    if (mount("tmpfs", folder, "tmpfs", 0, "size=131072") != 0) {
        fprintf(stderr, "skipped: no file system of a known size can be mounted\n");
        free(folder);
        return;
    }
    snprintf(setting, sizeof setting, "full,folder=%s", folder);
    traced t = run_scene(setting, "threads", "1");
    snprintf(path, sizeof path, "%s/%ld.wtfcb-alloc", folder, t.process);
    region_read region = region_open(path);
    check_without_room(&t, &region);
    region_close(&region);
    ck_assert_int_eq(umount(folder), 0);
    free(folder);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("preload");
    TCase *exact = tcase_create("exact");
    tcase_add_test(exact, preload_counts_reallocations);
    tcase_add_test(exact, preload_counts_every_kind_of_allocation);
    tcase_add_test(exact, preload_counts_huge_blocks);
    tcase_add_test(exact, preload_counts_blocks_that_other_threads_free);
    tcase_add_test(exact, preload_survives_jumps_out_of_deep_stacks);
    tcase_add_test(exact, preload_walks_signal_stacks);
    tcase_add_test(exact, preload_walks_coroutines);
    tcase_add_test(exact, preload_gives_a_forked_child_its_own_region);
    tcase_add_test(exact, preload_survives_forks_among_threads);
    tcase_add_test(exact, preload_notes_objects_that_come_and_go);
    tcase_add_test(exact, preload_counts_until_the_last_destructor);
    tcase_add_test(exact, preload_leaves_a_whole_file_when_killed);
    suite_add_tcase(s, exact);
    TCase *files = tcase_create("files");
    tcase_add_test(files, preload_starts_and_stops_by_the_control_table);
    tcase_add_test(files, preload_starts_and_stops_among_threads);
    tcase_add_test(files, preload_says_that_a_program_has_its_own_malloc);
    tcase_add_test(files, preload_is_idle_without_its_variable);
    tcase_add_test(files, preload_names_a_bad_setting_in_one_line_and_stays_idle);
    tcase_add_test(files, preload_is_idle_and_quiet_where_no_file_can_be_made);
    tcase_add_test(files, preload_names_its_file_as_it_was_told);
    tcase_add_test(files, preload_gives_each_program_of_one_process_its_file);
    tcase_add_test(files, preload_counts_what_has_no_room_below_a_limit);
    tcase_add_test(files, preload_counts_what_has_no_room_on_a_full_disk);
    suite_add_tcase(s, files);
    return s;
}

WTFCB_TEST_MAIN(suite)
