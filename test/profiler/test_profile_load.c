/*
 * Profiles from files: what was saved comes back to the byte, and whatever is wrong with a file is refused with the place where it is.
 */
#include <wtfcb/profile.h>

#include <sys/stat.h>
#include <unistd.h>

#include "../test.h"
#include "profiler/profile_load.h"
#include "sample_profile.h"

static char path[512];

static void setup(void)
{
    char *folder = wtfcb_test_directory();
    snprintf(path, sizeof path, "%s/profile.json", folder);
    free(folder);
}

static char *read_all(const char *file)
{
    FILE *f = fopen(file, "rbe");
    ck_assert_ptr_nonnull(f);
    char *text = calloc(1, 1 << 20);
    ck_assert_ptr_nonnull(text);
    size_t length = fread(text, 1, (1 << 20) - 1, f);
    ck_assert_uint_lt(length, (1 << 20) - 1);
    (void)fclose(f);
    return text;
}

/* Save, load, save. */
static void check_round_trip(int parts)
{
    wtfcb_profile *profile = sample_profile(NULL, parts), *loaded = NULL;
    wtfcb_error error = WTFCB_ERROR_INIT;
    ck_assert_int_eq(wtfcb_profile_save(profile, path, WTFCB_PROFILE_BY_NAME, &error), WTFCB_OK);
    char *first = read_all(path);
    wtfcb_status status = wtfcb_profile_load(NULL, path, &loaded, &error);
    ck_assert_msg(status == WTFCB_OK, "%d: %s", parts, error.message);
    char *second = sample_written(loaded, WTFCB_PROFILE_JSON, NULL);
    ck_assert_str_eq(first, second);
    free(first);
    free(second);
    wtfcb_profile_free(profile);
    wtfcb_profile_free(loaded);
}

START_TEST(saved_profile_comes_back_to_the_byte)
{
    for (int parts = 0; parts <= SAMPLE_ALL; parts++)
        check_round_trip(parts);
}
END_TEST

START_TEST(loaded_profile_answers_as_the_recorded_one)
{
    wtfcb_profile *profile = sample_profile(NULL, SAMPLE_ALL), *loaded = NULL;
    ck_assert_int_eq(wtfcb_profile_save(profile, path, WTFCB_PROFILE_JSON, NULL), WTFCB_OK);
    ck_assert_int_eq(wtfcb_profile_load(NULL, path, &loaded, NULL), WTFCB_OK);
    wtfcb_profile_summary a, b;
    ck_assert_int_eq(wtfcb_profile_get_summary(profile, &a, sizeof a), WTFCB_OK);
    ck_assert_int_eq(wtfcb_profile_get_summary(loaded, &b, sizeof b), WTFCB_OK);
    a.name = b.name; /* mended */
    ck_assert_str_eq(a.cpu_engine, b.cpu_engine);
    ck_assert_str_eq(a.alloc_mode, b.alloc_mode);
    a.cpu_engine = b.cpu_engine;
    a.alloc_mode = b.alloc_mode;
    ck_assert_int_eq(memcmp(&a, &b, sizeof a), 0);
    for (uint64_t i = 0; i < a.node_count; i++) {
        wtfcb_profile_node m, n;
        ck_assert_int_eq(wtfcb_profile_node_at(profile, i, &m, sizeof m), WTFCB_OK);
        ck_assert_int_eq(wtfcb_profile_node_at(loaded, i, &n, sizeof n), WTFCB_OK);
        ck_assert_int_eq(memcmp(&m, &n, sizeof m), 0);
    }
    for (uint64_t i = 0; i < a.frame_count; i++)
        for (uint32_t permille = 0; permille <= 1000; permille += 50) {
            uint64_t m = 1, n = 1;
            ck_assert_int_eq(wtfcb_profile_percentile(profile, i, permille, &m),
                             wtfcb_profile_percentile(loaded, i, permille, &n));
            ck_assert_uint_eq(m, n);
        }
    wtfcb_profile_free(profile);
    wtfcb_profile_free(loaded);
}
END_TEST

#define HEAD "{\"schema\":1,\"type\":\"wtfcb-profile\""
#define ONE_THREAD ",\"threads\":[{},{}],\"frames\":[{}]"

static wtfcb_status parse(const char *text, wtfcb_profile **ret_profile, wtfcb_error *error)
{
    return wtfcb_profiler_profile_parse(NULL, "p.json", text, strlen(text), ret_profile, error);
}

START_TEST(keys_that_are_missing_or_not_known_are_no_fault)
{
    static const char *const texts[] = {
        HEAD "}",
        HEAD ",\"later\":{\"deep\":[1,{}]},\"system\":{\"later\":true},\"metrics\":[{\"name\":\"later\",\"unit\":7}]}",
        HEAD
        ",\"tiers\":[{},{\"times_ns\":[1,1,2],\"values\":{\"later\":0,\"rss\":{\"later\":1,\"value\":[null,1e3,2]}}},"
        "{},{},7]}",
        HEAD ONE_THREAD ",\"nodes\":[{\"thread\":1,\"frame\":0},{\"thread\":1,\"frame\":0,\"parent\":0}],"
                        "\"events\":[[1,0],[0,0,1,2,3,\"later\"]]}",
        HEAD ",\"zone_status\":\"WTFCB_LATER\"}",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        wtfcb_profile *profile = NULL;
        wtfcb_error error = WTFCB_ERROR_INIT;
        ck_assert_msg(parse(texts[i], &profile, &error) == WTFCB_OK, "%s: %s", texts[i], error.message);
        char *written = sample_written(profile, WTFCB_PROFILE_JSON, NULL), *again;
        wtfcb_profile_free(profile);
        ck_assert_int_eq(parse(written, &profile, NULL), WTFCB_OK);
        again = sample_written(profile, WTFCB_PROFILE_JSON, NULL);
        ck_assert_str_eq(written, again);
        free(written);
        free(again);
        wtfcb_profile_free(profile);
    }
}
END_TEST

START_TEST(what_is_missing_is_unknown)
{
    wtfcb_profile *profile = NULL;
    ck_assert_int_eq(parse(HEAD ",\"sections\":[{}],\"metrics\":[{\"name\":\"rss\",\"last\":3}]}", &profile, NULL),
                     WTFCB_OK);
    wtfcb_profile_summary summary;
    ck_assert_int_eq(wtfcb_profile_get_summary(profile, &summary, sizeof summary), WTFCB_OK);
    ck_assert_int_eq(summary.cpu_status, WTFCB_ENOTFOUND);
    ck_assert_int_eq(summary.alloc_status, WTFCB_ENOTFOUND);
    ck_assert_uint_eq(summary.module_count, 0);
    wtfcb_profile_section section;
    ck_assert_int_eq(wtfcb_profile_section_at(profile, 0, &section, sizeof section), WTFCB_OK);
    ck_assert_str_eq(section.name, "");
    ck_assert_uint_eq(section.cpu_ns, WTFCB_UNKNOWN);
    wtfcb_profile_metric metric;
    ck_assert_int_eq(wtfcb_profile_metric_at(profile, 0, &metric, sizeof metric), WTFCB_OK);
    ck_assert_int_eq(metric.status, WTFCB_OK);
    ck_assert_uint_eq(metric.last, 3);
    ck_assert_uint_eq(metric.mean, WTFCB_UNKNOWN);
    ck_assert_int_eq(wtfcb_profile_metric_at(profile, 1, &metric, sizeof metric), WTFCB_OK);
    ck_assert_int_eq(metric.status, WTFCB_EUNSUPPORTED);
    ck_assert_str_ne(metric.reason, "");
    wtfcb_profile_free(profile);
}
END_TEST

/* What is wrong, and what the message has to name. */
static const struct wrong {
    const char *text, *named;
} wrongs[] = {
    {"", "line 1"},
    {"{", "line 1"},
    {"[]", "type"},
    {"null", "line"},
    {"{\"schema\":1}", "type"},
    {"{\"schema\":1,\"type\":\"wtfcb-profile-set\"}", "type is \"wtfcb-profile-set\""},
    {"{\"schema\":2,\"type\":\"wtfcb-profile\"}", "schema"},
    {"{\"schema\":\"1\",\"type\":\"wtfcb-profile\"}", "schema"},
    {"{\"type\":\"wtfcb-profile\"}", "schema"},
    {HEAD "} x", "line 1"},
    {HEAD ",\"name\":\"a\",\"name\":\"b\"}", "duplicate"},
    {HEAD ",\"name\":\"\\u0000\"}", "line 1"},
    {HEAD ",\"name\":\"\xff\"}", "line 1"},
    {HEAD ",\"name\":7}", "name is not a text"},
    {HEAD ",\"zones\":\"7\"}", "zones is not a whole number"},
    {HEAD ",\"zones\":-1}", "zones is not a whole number"},
    {HEAD ",\"zones\":1.5}", "zones is not a whole number"},
    {HEAD ",\"zones\":null}", "zones is not a whole number"},
    {HEAD ",\"zones\":9223372036854775808}", "line 1"},
    {HEAD ",\"zones\":1e19}", "zones"},
    {HEAD ",\"zones\":1e999}", "line 1"},
    {HEAD ",\"tree_walked\":1}", "tree_walked"},
    {HEAD ",\"zone_status\":0}", "zone_status"},
    {HEAD ",\"system\":[]}", "system"},
    {HEAD ",\"system\":{\"kernel\":1}}", "system.kernel"},
    {HEAD ",\"metrics\":{}}", "metrics"},
    {HEAD ",\"metrics\":[1]}", "metrics[0]"},
    {HEAD ",\"metrics\":[{\"name\":\"rss\"},{\"name\":\"cpu\"},{\"name\":\"rss\"}]}", "metrics[2].name"},
    {HEAD ",\"metrics\":[{\"name\":\"rss\",\"mean\":\"\"}]}", "metrics[0].mean"},
    {HEAD ",\"tiers\":[7]}", "tiers[0]"},
    {HEAD ",\"tiers\":[{\"times_ns\":7}]}", "tiers[0].times_ns"},
    {HEAD ",\"tiers\":[{},{\"times_ns\":[1,null]}]}", "tiers[1].times_ns[1]"},
    {HEAD ",\"tiers\":[{\"times_ns\":[2,1]}]}", "tiers[0].times_ns[1]"},
    {HEAD ",\"tiers\":[{\"start_ns\":2,\"times_ns\":[1]}]}", "tiers[0].times_ns[0]"},
    {HEAD ",\"tiers\":[{\"values\":[]}]}", "tiers[0].values"},
    {HEAD ",\"tiers\":[{\"values\":{\"rss\":[]}}]}", "tiers[0].values.rss"},
    {HEAD ",\"tiers\":[{\"values\":{\"rss\":{\"value\":1}}}]}", "tiers[0].values.rss.value"},
    {HEAD ",\"tiers\":[{\"times_ns\":[1],\"values\":{\"rss\":{\"value\":[]}}}]}", "tiers[0].values.rss.value has not"},
    {HEAD ",\"tiers\":[{\"times_ns\":[1],\"values\":{\"rss\":{\"value\":[{}]}}}]}", "tiers[0].values.rss.value[0]"},
    {HEAD ",\"sections\":[[]]}", "sections[0]"},
    {HEAD ",\"frames\":[{\"line\":4294967296}]}", "frames[0].line"},
    {HEAD ",\"frames\":[{\"histogram\":{}}]}", "frames[0].histogram"},
    {HEAD ",\"frames\":[{},{\"histogram\":[1]}]}", "frames[1].histogram[0]"},
    {HEAD ",\"frames\":[{\"histogram\":[[1]]}]}", "frames[0].histogram[0]"},
    {HEAD ",\"frames\":[{\"histogram\":[[1,0]]}]}", "frames[0].histogram[0]"},
    {HEAD ",\"frames\":[{\"histogram\":[[2752,1]]}]}", "frames[0].histogram[0]"},
    {HEAD ",\"frames\":[{\"histogram\":[[5,1],[5,1]]}]}", "frames[0].histogram[1]"},
    {HEAD ",\"frames\":[{\"histogram\":[[5,9223372036854775807],[6,1]]}]}", "frames[0].histogram[1]"},
    {HEAD ONE_THREAD ",\"nodes\":[{\"thread\":0}]}", "nodes[0].frame is missing"},
    {HEAD ONE_THREAD ",\"nodes\":[{\"frame\":0}]}", "nodes[0].thread is missing"},
    {HEAD ONE_THREAD ",\"nodes\":[{\"thread\":2,\"frame\":0}]}", "nodes[0].thread"},
    {HEAD ONE_THREAD ",\"nodes\":[{\"thread\":0,\"frame\":1}]}", "nodes[0].frame"},
    {HEAD ONE_THREAD ",\"nodes\":[{\"thread\":0,\"frame\":0,\"parent\":0}]}", "nodes[0].parent"},
    {HEAD ONE_THREAD ",\"nodes\":[{\"thread\":0,\"frame\":0,\"parent\":4294967295}]}", "nodes[0].parent"},
    {HEAD ONE_THREAD ",\"nodes\":[{\"thread\":0,\"frame\":0},{\"thread\":1,\"frame\":0,\"parent\":0}]}",
     "nodes[1].parent"},
    {HEAD ONE_THREAD ",\"nodes\":[{\"thread\":0,\"frame\":0},{\"tree\":1,\"thread\":0,\"frame\":0,\"parent\":0}]}",
     "nodes[1].parent"},
    {HEAD ONE_THREAD ",\"events\":[{}]}", "events[0]"},
    {HEAD ONE_THREAD ",\"events\":[[]]}", "events[0].thread"},
    {HEAD ONE_THREAD ",\"events\":[[0,0],[2,0]]}", "events[1].thread"},
    {HEAD ONE_THREAD ",\"events\":[[0,1]]}", "events[0].frame"},
    {HEAD ONE_THREAD ",\"events\":[[0,0,0,\"\"]]}", "events[0].start_ns"},
};

START_TEST(wrong_file_is_refused_by_the_name_of_its_key)
{
    for (size_t i = 0; i < sizeof wrongs / sizeof *wrongs; i++) {
        wtfcb_profile *profile = NULL;
        wtfcb_error error = WTFCB_ERROR_INIT;
        ck_assert_msg(parse(wrongs[i].text, &profile, &error) == WTFCB_EFORMAT, "%s was read", wrongs[i].text);
        ck_assert_ptr_null(profile);
        ck_assert_int_eq(error.status, WTFCB_EFORMAT);
        ck_assert_str_eq(error.path, "p.json");
        ck_assert_msg(strstr(error.message, wrongs[i].named), "%s: %s", wrongs[i].text, error.message);
        ck_assert_int_eq(parse(wrongs[i].text, &profile, NULL), WTFCB_EFORMAT);
    }
}
END_TEST

START_TEST(wrong_text_has_its_position)
{
    wtfcb_profile *profile = NULL;
    wtfcb_error error = WTFCB_ERROR_INIT;
    ck_assert_int_eq(parse(HEAD ",\n  !}", &profile, &error), WTFCB_EFORMAT);
    ck_assert_uint_ge(error.position, strlen(HEAD ",\n  "));
    ck_assert_uint_le(error.position, strlen(HEAD ",\n  !}"));
}
END_TEST

START_TEST(deep_nesting_is_refused)
{
    enum { DEPTH = 1000000 };
    char *text = malloc(DEPTH + 1);
    ck_assert_ptr_nonnull(text);
    wtfcb_profile *profile = NULL;
    memset(text, '[', DEPTH);
    text[DEPTH] = '\0';
    ck_assert_int_eq(parse(text, &profile, NULL), WTFCB_EFORMAT);
    free(text);
}
END_TEST

START_TEST(every_cut_and_every_changed_byte_is_refused_or_read)
{
    wtfcb_profile *profile = sample_profile(NULL, SAMPLE_ALL & ~SAMPLE_EVENTS);
    size_t length;
    char *text = sample_written(profile, WTFCB_PROFILE_JSON, &length);
    wtfcb_profile_free(profile);
    size_t step = wtfcb_test_long() ? 1 : 97;
    for (size_t cut = 0; cut < length - 1; cut += step) {
        char *exact = malloc(cut ? cut : 1);
        memcpy(exact, text, cut);
        wtfcb_status status = wtfcb_profiler_profile_parse(NULL, "p.json", exact, cut, &profile, NULL);
        ck_assert_int_eq(status, WTFCB_EFORMAT);
        free(exact);
    }
    static const char bytes[] = "0-[{\",}9";
    for (size_t at = 0; at < length; at += step) {
        char was = text[at];
        text[at] = bytes[at % (sizeof bytes - 1)];
        wtfcb_status status = wtfcb_profiler_profile_parse(NULL, "p.json", text, length, &profile, NULL);
        ck_assert(status == WTFCB_OK || status == WTFCB_EFORMAT);
        if (status == WTFCB_OK) wtfcb_profile_free(profile);
        text[at] = was;
    }
    free(text);
}
END_TEST

START_TEST(file_that_cannot_be_read_says_why)
{
    wtfcb_profile *profile = NULL;
    wtfcb_error error = WTFCB_ERROR_INIT;
    ck_assert_int_eq(wtfcb_profile_load(NULL, path, &profile, &error), WTFCB_ENOTFOUND);
    ck_assert_str_eq(error.path, path);
    ck_assert_int_eq(wtfcb_profile_load(NULL, "/dev/null", &profile, &error), WTFCB_ESPECIAL);
    ck_assert_int_eq(mkfifo(path, 0600), 0);
    ck_assert_int_eq(wtfcb_profile_load(NULL, path, &profile, &error), WTFCB_ESPECIAL);
    ck_assert_int_eq(unlink(path), 0);
    FILE *f = fopen(path, "we");
    ck_assert_ptr_nonnull(f);
    ck_assert_int_eq(ftruncate(fileno(f), ((off_t)1 << 30) + 1), 0);
    (void)fclose(f);
    ck_assert_int_eq(wtfcb_profile_load(NULL, path, &profile, &error), WTFCB_ELIMIT);
    ck_assert_int_eq(wtfcb_profile_load(NULL, NULL, &profile, &error), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_profile_load(NULL, path, NULL, &error), WTFCB_EINVAL);
    wtfcb_allocator broken = {0};
    ck_assert_int_eq(wtfcb_profile_load(&broken, path, &profile, &error), WTFCB_EINVAL);
    ck_assert_ptr_null(profile);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("profile_load");
    TCase *t = tcase_create("load");
    tcase_add_checked_fixture(t, setup, NULL);
    tcase_set_timeout(t, 60);
    tcase_add_test(t, saved_profile_comes_back_to_the_byte);
    tcase_add_test(t, loaded_profile_answers_as_the_recorded_one);
    tcase_add_test(t, keys_that_are_missing_or_not_known_are_no_fault);
    tcase_add_test(t, what_is_missing_is_unknown);
    tcase_add_test(t, wrong_file_is_refused_by_the_name_of_its_key);
    tcase_add_test(t, wrong_text_has_its_position);
    tcase_add_test(t, deep_nesting_is_refused);
    tcase_add_test(t, every_cut_and_every_changed_byte_is_refused_or_read);
    tcase_add_test(t, file_that_cannot_be_read_says_why);
    suite_add_tcase(s, t);
    return s;
}

WTFCB_TEST_MAIN(suite)
