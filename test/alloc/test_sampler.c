/* The mathematics of sampling, settings, and names of files. */
#include <math.h>

#include "alloc/region.h"
#include "alloc/sampler.h"
#include "alloc/settings.h"
#include "test.h"

START_TEST(sampler_log_and_hit_are_good_to_a_trillionth)
{
    double x = 1e-16;
    for (int i = 0; i < 3700; i++, x *= 1.0137) {
        ck_assert_double_le(fabs(wtfcb_alloc_sampler_log(x) - log(x)), 1e-12 * (1 + fabs(log(x))));
        ck_assert_double_le(fabs(wtfcb_alloc_sampler_hit(x) / -expm1(-x) - 1), 1e-12);
    }
    ck_assert_double_ge(x, 1e5);
    ck_assert_double_eq(wtfcb_alloc_sampler_log(1), 0);
}
END_TEST

/* The mean of n intervals has a relative deviation of 1 / sqrt(n). */
START_TEST(sampler_intervals_are_exponential)
{
    enum { DRAWS = 1000000, RATE = 4096 };
    uint64_t state = wtfcb_alloc_sampler_seed(5, 0);
    double sum = 0;
    uint64_t beyond = 0;
    for (int i = 0; i < DRAWS; i++) {
        uint64_t interval = wtfcb_alloc_sampler_interval(&state, RATE);
        ck_assert_uint_ge(interval, 1);
        sum += (double)interval;
        beyond += interval > 2 * RATE;
    }
    ck_assert_double_le(fabs(sum / DRAWS / (RATE + 0.5) - 1), 0.004);
    ck_assert_double_le(fabs((double)beyond / DRAWS - exp(-2)), 0.0015);
}
END_TEST

/* A block is hit as often as its weight says: count times chance is one. */
START_TEST(sampler_weights_are_the_inverse_of_chances)
{
    enum { DRAWS = 400000, RATE = 1000 };
    static const uint64_t sizes[] = {1, 16, 100, 1000, 5000};
    uint64_t state = wtfcb_alloc_sampler_seed(9, 3);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        uint64_t bytes;
        uint64_t count;
        uint64_t hits = 0;
        for (int n = 0; n < DRAWS; n++)
            hits += sizes[i] >= wtfcb_alloc_sampler_interval(&state, RATE);
        wtfcb_alloc_sampler_weigh(sizes[i], RATE, &bytes, &count);
        double blocks = (double)hits * (double)count / WTFCB_ALLOC_COUNT_UNIT;
        ck_assert_double_le(fabs(blocks / DRAWS - 1), 4 / sqrt((double)hits + 1) + 0.002);
        ck_assert_double_le(fabs((double)bytes * WTFCB_ALLOC_COUNT_UNIT / (double)count / (double)sizes[i] - 1), 0.01);
    }
}
END_TEST

START_TEST(sampler_takes_any_size_and_rate)
{
    static const uint64_t numbers[] = {1, 2, 4096, WTFCB_ALLOC_RATE_MOST, UINT64_MAX / 2};
    uint64_t state = 1;
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        for (size_t j = 0; numbers[j] <= WTFCB_ALLOC_RATE_MOST; j++) {
            uint64_t bytes;
            uint64_t count;
            wtfcb_alloc_sampler_weigh(numbers[i], numbers[j], &bytes, &count);
            ck_assert_uint_ge(bytes, numbers[i]);
            ck_assert_uint_ge(count, WTFCB_ALLOC_COUNT_UNIT);
        }
        ck_assert_uint_ge(wtfcb_alloc_sampler_interval(&state, numbers[i]), 1);
    }
}
END_TEST

START_TEST(settings_are_read)
{
    wtfcb_alloc_settings s;
    const char *bad;
    size_t length;
    ck_assert(wtfcb_alloc_settings_parse("sampled", &s, &bad, &length));
    ck_assert(s.mode == WTFCB_ALLOC_MODE_SAMPLED && s.rate == WTFCB_ALLOC_RATE && !s.folder && !s.file && s.seed == 0);
    ck_assert(wtfcb_alloc_settings_parse("full,rate=7,seed=3,folder=/x", &s, &bad, &length));
    ck_assert(s.mode == WTFCB_ALLOC_MODE_FULL && s.rate == 0 && s.seed == 3 && s.folder_length == 2);
    ck_assert(!wtfcb_alloc_settings_parse("sampled,rate=-1", &s, &bad, &length));
    ck_assert(length == 7 && strncmp(bad, "rate=-1", 7) == 0);
}
END_TEST

static void check_path(const char *text, uint32_t attempt, const char *expected, bool replaces)
{
    wtfcb_alloc_settings s;
    const char *bad;
    size_t length;
    char path[64];
    bool replace;
    ck_assert(wtfcb_alloc_settings_parse(text, &s, &bad, &length));
    ck_assert(wtfcb_alloc_settings_path(&s, 42, attempt, path, sizeof path, &replace));
    ck_assert_str_eq(path, expected);
    ck_assert(replace == replaces);
}

START_TEST(settings_name_files)
{
    wtfcb_alloc_settings s;
    const char *bad;
    size_t length;
    char path[8];
    bool replace;
    check_path("full", 0, "wtfcb-alloc.42", false);
    check_path("full", 1, "wtfcb-alloc.42.2", false);
    check_path("full,folder=d", 0, "d/42.wtfcb-alloc", false);
    check_path("full,folder=d", 2, "d/42.3.wtfcb-alloc", false);
    check_path("full,file=/a/%p/%q%p%", 0, "/a/42/%q42%", true);
    check_path("full,file=x%p", 1, "x42.2", false);
    check_path("full,file=x", 0, "x", true);
    check_path("full,file=x", 1, "x.42", false);
    check_path("full,file=x", 2, "x.42.3", false);
    ck_assert(wtfcb_alloc_settings_parse("full", &s, &bad, &length));
    ck_assert(!wtfcb_alloc_settings_path(&s, 42, 0, path, sizeof path, &replace));
    ck_assert(!wtfcb_alloc_settings_path(&s, 42, 1000, path, sizeof path, &replace));
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("sampler");
    TCase *mathematics = tcase_create("mathematics");
    tcase_add_test(mathematics, sampler_log_and_hit_are_good_to_a_trillionth);
    tcase_add_test(mathematics, sampler_intervals_are_exponential);
    tcase_add_test(mathematics, sampler_weights_are_the_inverse_of_chances);
    tcase_add_test(mathematics, sampler_takes_any_size_and_rate);
    suite_add_tcase(s, mathematics);
    TCase *settings = tcase_create("settings");
    tcase_add_test(settings, settings_are_read);
    tcase_add_test(settings, settings_name_files);
    suite_add_tcase(s, settings);
    return s;
}

WTFCB_TEST_MAIN(suite)
