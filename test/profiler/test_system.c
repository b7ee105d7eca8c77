/* What is said of the machine, against what other sources say of it. */
#include <wtfcb/system.h>

#include <sched.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include <wtfcb/version.h>

#include "base/host.h"

#include "../test.h"

static wtfcb_system_info look(void)
{
    wtfcb_system_info info;
    memset(&info, 0xa5, sizeof info);
    ck_assert_int_eq(wtfcb_system_get_info(&info, sizeof info), WTFCB_OK);
    return info;
}

START_TEST(numbers_agree_with_those_of_the_c_library)
{
    wtfcb_system_info info = look();
    ck_assert_uint_eq(info.cores_present, (uint64_t)sysconf(_SC_NPROCESSORS_ONLN));
    ck_assert_uint_eq(info.cores_usable, wtfcb_base_host_cores());
    ck_assert_uint_eq(info.page_size, (uint64_t)sysconf(_SC_PAGESIZE));
    uint64_t total = (uint64_t)sysconf(_SC_PHYS_PAGES) * info.page_size;
    ck_assert_double_eq_tol((double)info.memory_total / (double)total, 1.0, 0.01);
    ck_assert_uint_le(info.memory_available, info.memory_total);
    ck_assert_uint_gt(info.memory_available, 0);
    ck_assert_uint_le(info.disk_available, info.disk_total);
    ck_assert_uint_gt(info.boot_time_s, 1000000000);
    ck_assert_uint_le(info.boot_time_s, (uint64_t)time(NULL));
    double load;
    ck_assert_int_eq(getloadavg(&load, 1), 1);
    ck_assert_double_eq_tol((double)info.load_milli / 1000, load, 1.0 + load / 2); /* it may move in between */
}
END_TEST

START_TEST(texts_are_there_and_end)
{
    wtfcb_system_info info = look();
    struct utsname name;
    ck_assert_int_eq(uname(&name), 0);
    ck_assert(strncmp(info.kernel, "Linux ", 6) == 0);
    ck_assert_ptr_nonnull(strstr(info.kernel, name.release));
    ck_assert_str_eq(info.architecture, name.machine);
    ck_assert_str_eq(info.library, wtfcb_version_string());
    ck_assert(strncmp(info.compiler, "gcc ", 4) == 0 || strncmp(info.compiler, "clang ", 6) == 0);
    ck_assert(strcmp(info.zone_clock, "tsc") == 0 || strcmp(info.zone_clock, "clock_gettime") == 0);
    static const size_t sizes[] = {sizeof info.kernel,       sizeof info.architecture, sizeof info.cpu_model,
                                   sizeof info.clock_source, sizeof info.zone_clock,   sizeof info.host,
                                   sizeof info.library,      sizeof info.compiler};
    const char *const texts[] = {info.kernel,     info.architecture, info.cpu_model, info.clock_source,
                                 info.zone_clock, info.host,         info.library,   info.compiler};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        ck_assert_uint_lt(strnlen(texts[i], sizes[i]), sizes[i]);
        ck_assert_ptr_null(strchr(texts[i], '\n'));
    }
    if (wtfcb_test_long())
        printf("%s, %s, %s, clock %s, zones %s, host %s, %s, %s\n", info.kernel, info.architecture, info.cpu_model,
               info.clock_source, info.zone_clock, info.host, info.library, info.compiler);
}
END_TEST

START_TEST(limits_of_the_group_are_not_those_of_the_machine)
{
    wtfcb_system_info info = look();
    ck_assert_uint_gt(info.memory_limit, 0);
    if (info.cpu_limit_milli != WTFCB_UNKNOWN) {
        ck_assert_uint_gt(info.cpu_limit_milli, 0);
        ck_assert_uint_le(info.cores_usable, (info.cpu_limit_milli + 999) / 1000);
    }
    if (info.memory_limit != WTFCB_UNKNOWN) ck_assert_uint_lt(info.memory_limit, UINT64_C(1) << 62);
    ck_assert_uint_eq(info.cpu_limit_milli, wtfcb_base_host_cpu_limit());
    ck_assert_uint_eq(info.memory_limit, wtfcb_base_host_memory_limit());
}
END_TEST

START_TEST(row_is_filled_as_far_as_the_caller_knows_it)
{
    struct {
        uint64_t cores_present;
        uint64_t guard;
    } small = {0, 42};
    ck_assert_int_eq(wtfcb_system_get_info((wtfcb_system_info *)(void *)&small, sizeof small.cores_present), WTFCB_OK);
    ck_assert_uint_ge(small.cores_present, 1);
    ck_assert_uint_eq(small.guard, 42);
    struct {
        wtfcb_system_info info;
        uint64_t later;
    } large = {.later = 42};
    ck_assert_int_eq(wtfcb_system_get_info(&large.info, sizeof large), WTFCB_OK);
    ck_assert_uint_eq(large.later, 0);
    ck_assert_int_eq(wtfcb_system_get_info(NULL, sizeof large), WTFCB_EINVAL);
}
END_TEST

START_TEST(file_of_a_group_is_the_nearest_upwards)
{
    char path[4096];
    int fd = wtfcb_base_host_cgroup_open(0, "", "no.such.file", path, sizeof path);
    ck_assert_int_lt(fd, 0);
    fd = wtfcb_base_host_cgroup_open(0, "no-such-controller", "cpu.stat", path, sizeof path);
    ck_assert_int_lt(fd, 0);
    fd = wtfcb_base_host_cgroup_open(getpid(), "", "cgroup.procs", path, sizeof path);
    if (fd >= 0) ck_assert(strncmp(path, "/sys/fs/cgroup", 14) == 0);
    if (fd >= 0) (void)close(fd);
    fd = wtfcb_base_host_cgroup_open(0, "", "cgroup.procs", path, 8); /* no room for a name: none is opened */
    ck_assert_int_lt(fd, 0);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("system");
    TCase *t = tcase_create("system");
    tcase_add_test(t, numbers_agree_with_those_of_the_c_library);
    tcase_add_test(t, texts_are_there_and_end);
    tcase_add_test(t, limits_of_the_group_are_not_those_of_the_machine);
    tcase_add_test(t, row_is_filled_as_far_as_the_caller_knows_it);
    tcase_add_test(t, file_of_a_group_is_the_nearest_upwards);
    suite_add_tcase(s, t);
    return s;
}

WTFCB_TEST_MAIN(suite)
