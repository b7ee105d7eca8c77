/*
 * Memory that runs out: the n-th allocation of each call fails, for n = 1 until none is left to fail, once alone and once with all that follow. The call answers
 * WTFCB_OK or WTFCB_ENOMEM, its result is untouched on failure, sets are as they were, nothing leaks, every block comes back with its size.
 */
#include <wtfcb/profile.h>
#include <wtfcb/profile_set.h>

#include "../base/counting.h"
#include "profiler/profile_load.h"
#include "profiler/profile_set_file.h"
#include "sample_profile.h"

static counting memory;
static wtfcb_profile *sample;
static char path[512];
static char *profile_text, *set_text;
static size_t profile_length;

/* A set of the sample under two names, saved. */
static wtfcb_profile_set *make_set(void)
{
    wtfcb_profile_set *set = NULL;
    ck_assert_int_eq(wtfcb_profile_set_new(&memory.allocator, &set), WTFCB_OK);
    ck_assert_int_eq(wtfcb_profile_set_add(set, "b", sample), WTFCB_OK);
    ck_assert_int_eq(wtfcb_profile_set_add(set, "d", sample), WTFCB_OK);
    return set;
}

static char *saved(const wtfcb_profile_set *set)
{
    ck_assert_int_eq(wtfcb_profile_set_save(set, path, NULL), WTFCB_OK);
    char *text = calloc(1, 1 << 16);
    FILE *f = fopen(path, "rbe");
    ck_assert(f && text);
    ck_assert_uint_lt(fread(text, 1, 1 << 16, f), 1 << 16);
    (void)fclose(f);
    return text;
}

static void setup(void)
{
    char *folder = wtfcb_test_directory();
    snprintf(path, sizeof path, "%s/set.json", folder);
    free(folder);
    counting_init(&memory);
    sample = sample_profile(NULL, SAMPLE_ALL);
    profile_text = sample_written(sample, WTFCB_PROFILE_JSON, &profile_length);
    wtfcb_profile_set *set = make_set();
    set_text = saved(set);
    wtfcb_profile_set_free(set);
    counting_assert_clean(&memory);
}

static void teardown(void)
{
    wtfcb_profile_free(sample);
    free(profile_text);
    free(set_text);
}

/* One call on `set` (which has two names); what it makes is freed by it. */
typedef wtfcb_status (*call_fn)(wtfcb_profile_set *set);

static wtfcb_status load_profile(wtfcb_profile_set *set)
{
    (void)set;
    wtfcb_profile *profile = NULL;
    wtfcb_error error = WTFCB_ERROR_INIT;
    wtfcb_status status =
        wtfcb_profiler_profile_parse(&memory.allocator, "p", profile_text, profile_length, &profile, &error);
    ck_assert(!profile == (status != WTFCB_OK));
    ck_assert_int_eq(error.status, status);
    wtfcb_profile_free(profile);
    return status;
}

static wtfcb_status load_profile_file(wtfcb_profile_set *set)
{
    (void)set;
    wtfcb_profile *profile = NULL;
    ck_assert_int_eq(wtfcb_profile_save(sample, path, WTFCB_PROFILE_JSON, NULL), WTFCB_OK);
    wtfcb_status status = wtfcb_profile_load(&memory.allocator, path, &profile, NULL);
    ck_assert(!profile == (status != WTFCB_OK));
    wtfcb_profile_free(profile);
    return status;
}

static wtfcb_status new_set(wtfcb_profile_set *set)
{
    (void)set;
    wtfcb_profile_set *made = NULL;
    wtfcb_status status = wtfcb_profile_set_new(&memory.allocator, &made);
    wtfcb_profile_set_free(made);
    return status;
}

static wtfcb_status load_set(wtfcb_profile_set *set)
{
    (void)set;
    wtfcb_profile_set *made = NULL;
    wtfcb_status status = wtfcb_profiler_set_parse(&memory.allocator, "s", set_text, strlen(set_text), &made, NULL);
    ck_assert(!made == (status != WTFCB_OK));
    wtfcb_profile_set_free(made);
    return status;
}

static wtfcb_status add_new_name(wtfcb_profile_set *set)
{
    return wtfcb_profile_set_add(set, "c", sample);
}

static wtfcb_status add_known_name(wtfcb_profile_set *set)
{
    return wtfcb_profile_set_add(set, "b", sample);
}

static wtfcb_status merge_itself(wtfcb_profile_set *set)
{
    return wtfcb_profile_set_merge(set, set);
}

static wtfcb_status merge_other(wtfcb_profile_set *set)
{
    wtfcb_profile_set *other = NULL;
    ck_assert_int_eq(wtfcb_profile_set_new(NULL, &other), WTFCB_OK);
    ck_assert_int_eq(wtfcb_profile_set_add(other, "a", sample), WTFCB_OK);
    ck_assert_int_eq(wtfcb_profile_set_add(other, "d", sample), WTFCB_OK);
    ck_assert_int_eq(wtfcb_profile_set_add(other, "e", sample), WTFCB_OK);
    wtfcb_status status = wtfcb_profile_set_merge(set, other);
    wtfcb_profile_set_free(other);
    return status;
}

static wtfcb_status read_rows(wtfcb_profile_set *set)
{
    wtfcb_profile_set_stats row;
    wtfcb_status status = WTFCB_OK;
    for (uint64_t i = 0; i < wtfcb_profile_set_count(set) && status == WTFCB_OK; i++)
        status = wtfcb_profile_set_row(set, i, &row, sizeof row);
    return status;
}

static wtfcb_status compare(wtfcb_profile_set *set)
{
    wtfcb_profile_comparison *comparison = NULL;
    wtfcb_status status = wtfcb_profile_set_compare(set, set, &comparison);
    ck_assert(!comparison == (status != WTFCB_OK));
    wtfcb_profile_comparison_free(comparison);
    return status;
}

static wtfcb_status save_set(wtfcb_profile_set *set)
{
    return wtfcb_profile_set_save(set, path, NULL);
}

static const call_fn calls[] = {load_profile, load_profile_file, new_set,   load_set, add_new_name, add_known_name,
                                merge_itself, merge_other,       read_rows, compare,  save_set};
enum { CALLS = sizeof calls / sizeof *calls };

START_TEST(call_without_memory_changes_nothing)
{
    call_fn call = calls[_i / 2];
    bool rest = _i % 2;
    for (unsigned long n = 1;; n++) {
        wtfcb_profile_set *set = make_set();
        counting_fail(&memory, n, rest);
        wtfcb_status status = call(set);
        bool failed = atomic_load(&memory.failed) > 0;
        counting_fail(&memory, 0, false);
        ck_assert_int_eq(status, failed ? WTFCB_ENOMEM : WTFCB_OK);
        if (failed) {
            char *now = saved(set);
            ck_assert_str_eq(now, set_text);
            free(now);
        }
        ck_assert_int_eq(call(set), WTFCB_OK); /* it works afterwards */
        wtfcb_profile_set_free(set);
        counting_assert_clean(&memory);
        if (!failed) return;
        ck_assert_uint_lt(n, 10000);
    }
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("profile_torture");
    TCase *t = tcase_create("torture");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_set_timeout(t, 60);
    tcase_add_loop_test(t, call_without_memory_changes_nothing, 0, 2 * CALLS);
    suite_add_tcase(s, t);
    return s;
}

WTFCB_TEST_MAIN(suite)
