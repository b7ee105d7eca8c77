/* Zones in the shared objects of a host: unloaded, loaded again, written in C++, compiled without. */
#include "recorded.h"

#include <dlfcn.h>

#include "profiler/profile.h"
#include "profiler/recorder.h"
#include "profiler/zone_parts.h"

static void tear_down(void)
{
    wtfcb_profiler_recorder_stop();
    drop_recorded();
}

static void *load(const char *name)
{
    char path[4096];
    (void)snprintf(path, sizeof path, "%s/test/profiler/hosts/%s.so", wtfcb_test_build_dir(), name);
    void *object = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    ck_assert_msg(object != NULL, "%s", dlerror());
    return object;
}

static int run_in(void *object, int times)
{
    int (*run)(int) = NULL;
    *(void **)&run = dlsym(object, "run");
    ck_assert(run != NULL);
    return run(times);
}

START_TEST(host_may_be_unloaded_before_the_profile_is_made)
{
    start_recording(0);
    void *object = load("plugin");
    run_in(object, 10);
    ck_assert_int_eq(dlclose(object), 0);
    ck_assert_ptr_null(dlopen("plugin.so", RTLD_NOW | RTLD_NOLOAD));
    stop_recording();
    assert_agrees();
    ck_assert_uint_eq(frame_named("plugin turn").count, 10);
    ck_assert_uint_eq(frame_named("plugin half").count, 10);
    ck_assert_uint_eq(frame_named("plugin by hand").count, 5);
    ck_assert_str_eq(frame_named("plugin half").function, "half");
    ck_assert_ptr_nonnull(strstr(frame_named("plugin half").file, "plugin.c"));
}
END_TEST

START_TEST(host_that_is_loaded_again_and_again_has_the_same_sites)
{
    start_recording(0);
    for (int i = 0; i < 2000; i++) {
        void *object = load(i % 2 ? "plugin" : "plugin_cxx11");
        run_in(object, 2);
        ck_assert_int_eq(dlclose(object), 0);
    }
    stop_recording();
    assert_agrees();
    ck_assert_uint_eq(frame_named("plugin turn").count, 2000);
    ck_assert_uint_eq(frame_named("cxx turn").count, 2000);
    ck_assert_uint_eq(summary_of_recorded().zones_dropped, 0);
    ck_assert_uint_eq(summary_of_recorded().frame_count, 9);
}
END_TEST

START_TEST(cxx_zones_end_with_their_block_also_by_exception)
{
    const char *const names[] = {"plugin_cxx11", "plugin_cxx17"};
    start_recording(0);
    void *object = load(names[_i]);
    run_in(object, 10);
    stop_recording();
    assert_agrees();
    ck_assert_int_eq(dlclose(object), 0);
    ck_assert_uint_eq(node_at(0, "cxx turn").count, 10);
    ck_assert_uint_eq(node_at(0, "cxx turn/cxx method").count, 10);
    ck_assert_uint_eq(node_at(0, "cxx turn/cxx method/cxx second in a block").count, 10);
    ck_assert_uint_eq(node_at(0, "cxx turn/cxx lambda").count, 10);
    ck_assert_uint_eq(frame_named("cxx template").count, 20); /* of both instances: they are in one place */
    ck_assert_uint_eq(node_at(0, "cxx turn/cxx by hand").count, 10);
    ck_assert_uint_eq(summary_of_recorded().zones_dropped, 0);
}
END_TEST

START_TEST(host_without_zones_needs_nothing_of_the_library)
{
    const char *const names[] = {"plugin_without", "plugin_cxx_without"};
    start_recording(0);
    void *object = load(names[_i]);
    ck_assert_int_ne(run_in(object, 10), 0);
    ck_assert_int_eq(dlclose(object), 0);
    stop_recording();
    ck_assert_uint_eq(summary_of_recorded().zones, 0);
    ck_assert_uint_eq(summary_of_recorded().zones_dropped, 0);
}
END_TEST

/* A key of another copy of the library, which numbered sites for itself. */
START_TEST(sites_that_another_copy_has_numbered_are_looked_up_again)
{
    wtfcb_zone_site site = {"elsewhere", NULL, NULL, 3, 0, {0}};
    start_recording(0);
    uint64_t key = wtfcb_profiler_zone_site_key(&site);
    site.opaque[0] = key ^ UINT64_C(0x5a5a5a5a00000001);
    ck_assert_uint_eq(wtfcb_profiler_zone_site_key(&site), key);
    ck_assert_uint_eq(site.opaque[0], key);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("zone hosts");
    TCase *hosts = tcase_create("hosts");
    tcase_add_checked_fixture(hosts, NULL, tear_down);
    tcase_add_test(hosts, host_may_be_unloaded_before_the_profile_is_made);
    tcase_add_test(hosts, host_that_is_loaded_again_and_again_has_the_same_sites);
    tcase_add_loop_test(hosts, cxx_zones_end_with_their_block_also_by_exception, 0, 2);
    tcase_add_loop_test(hosts, host_without_zones_needs_nothing_of_the_library, 0, 2);
    tcase_add_test(hosts, sites_that_another_copy_has_numbered_are_looked_up_again);
    suite_add_tcase(s, hosts);
    return s;
}

WTFCB_TEST_MAIN(suite)
