/*
 * Values and the files that they depend on: no get gives out what a fresh computation would not give.
 *
 * Each test runs with memory alone and with a store beside it, and, where trust in signatures matters, with files that count as settled.
 */
#define WTFCB_TEST_OWN_CLOCKS
#include <wtfcb/cache.h>

#include "cache/cache.h"
#include "files.h"

static wtfcb_cache *cache;
static char *directory;

/* `_i` of a looped test: bit 0: with a store; bit 1: the store alone; bit 2: files are settled. */
enum { VARIANTS = 8 };

static void setup(void)
{
    directory = wtfcb_test_directory();
    clock_offset_ms = 0;
    signature_offset_ns = 0;
    ck_assert_int_eq(wtfcb_cache_new(NULL, &cache), WTFCB_OK);
}

static void teardown(void)
{
    wtfcb_cache_free(cache);
    free(directory);
}

static void begin(int variant)
{
    if (variant & 2) ck_assert_int_eq(wtfcb_cache_set_option(cache, WTFCB_CACHE_MEMORY, 0), WTFCB_OK);
    if (variant & 3) ck_assert_int_eq(wtfcb_cache_open(cache, below(directory, "cache"), NULL), WTFCB_OK);
    if (variant & 4) signature_offset_ns = 3 * SECOND_NS;
}

static const char *file(const char *name)
{
    return below(directory, name);
}

static void put(const char *key, const char *source, const wtfcb_dependency *dependencies, uint64_t count)
{
    wtfcb_put options = WTFCB_PUT_INIT;
    options.source = source;
    options.dependencies = dependencies;
    options.dependency_count = count;
    ck_assert_int_eq(wtfcb_cache_put(cache, key, strlen(key), key, strlen(key), &options), WTFCB_OK);
}

static void put_with(const char *key, const char *source, const char *path, uint32_t kind)
{
    wtfcb_dependency dependency = {path, kind, 0};
    put(key, source, &dependency, 1);
}

static bool has(const char *key)
{
    wtfcb_value *value;
    wtfcb_status status = wtfcb_cache_get(cache, key, strlen(key), &value);
    if (status == WTFCB_ENOTFOUND) return false;
    ck_assert_int_eq(status, WTFCB_OK);
    ck_assert_uint_eq(wtfcb_value_size(value), strlen(key));
    ck_assert_mem_eq(wtfcb_value_bytes(value), key, strlen(key));
    wtfcb_value_free(value);
    return true;
}

static wtfcb_miss miss_of(const char *key)
{
    wtfcb_miss miss;
    ck_assert_int_eq(wtfcb_cache_explain(cache, key, strlen(key), &miss, sizeof miss), WTFCB_OK);
    return miss;
}

static uint64_t invalidate(const char *path)
{
    uint64_t count = UINT64_MAX;
    ck_assert_int_eq(wtfcb_cache_invalidate_file(cache, path, &count), WTFCB_OK);
    return count;
}

static uint32_t state_of(const char *path)
{
    uint32_t state = 0;
    ck_assert_int_eq(wtfcb_cache_check_files(cache, &path, 1, &state), WTFCB_OK);
    return state;
}

/* ------------------------------------------------------------------------------------------------------------ changes */

START_TEST(edit_of_the_source_is_a_miss_with_its_reason)
{
    begin(_i);
    write_file(file("a"), "one");
    wait_a_tick();
    put("k", file("a"), NULL, 0);
    ck_assert(has("k"));
    ck_assert_uint_eq(miss_of("k").reason, WTFCB_MISS_NONE);
    write_file(file("a"), "three");
    wtfcb_miss before = miss_of("k");
    ck_assert(!has("k"));
    wtfcb_miss after = miss_of("k"); /* the value is gone, the reason is not */
    ck_assert_uint_eq(before.reason, WTFCB_MISS_CHANGED);
    ck_assert_str_eq(before.path, file("a"));
    ck_assert_mem_eq(&before, &after, sizeof before);
    write_file(file("a"), "one");
    ck_assert(!has("k"));
    put("k", file("a"), NULL, 0);
    ck_assert(has("k"));
    ck_assert_uint_eq(miss_of("k").reason, WTFCB_MISS_NONE);
}
END_TEST

START_TEST(edit_of_the_same_size_is_a_miss)
{
    begin(_i);
    write_file(file("a"), "one");
    wait_a_tick();
    put("k", file("a"), NULL, 0);
    wait_a_tick();
    write_file(file("a"), "two");
    ck_assert(!has("k"));
}
END_TEST

START_TEST(touch_back_and_forth_is_a_hit)
{
    begin(_i);
    write_file(file("a"), "one");
    put("k", file("a"), NULL, 0);
    for (int i = 0; i < 6; i++) {
        struct timespec times[2] = {{1000 + i % 2, 0}, {1000 + i % 2, 0}};
        ck_assert_int_eq(utimensat(AT_FDCWD, file("a"), times, 0), 0);
        ck_assert(has("k"));
    }
    write_file(file("b"), "one");
    ck_assert_int_eq(rename(file("b"), file("a")), 0);
    ck_assert(has("k"));
}
END_TEST

START_TEST(file_that_goes_is_a_miss_and_one_that_comes_back_equal_may_be_remembered_again)
{
    begin(_i);
    write_file(file("a"), "one");
    put("k", file("a"), NULL, 0);
    ck_assert_int_eq(unlink(file("a")), 0);
    ck_assert(!has("k"));
    put("k", file("a"), NULL, 0); /* remembered as gone */
    ck_assert(has("k"));
    write_file(file("a"), "one");
    ck_assert(!has("k"));
    put("k", file("a"), NULL, 0);
    ck_assert(has("k"));
}
END_TEST

START_TEST(dependency_decides_as_its_kind_says)
{
    begin(_i);
    write_file(file("a"), "one");
    write_file(file("b"), "one");
    wait_a_tick();
    put_with("content", file("a"), file("b"), WTFCB_DEPENDS_CONTENT);
    put_with("existence", file("a"), file("b"), WTFCB_DEPENDS_EXISTENCE);
    put_with("absence", file("a"), file("c"), WTFCB_DEPENDS_ABSENCE);
    ck_assert(has("content") && has("existence") && has("absence"));
    write_file(file("b"), "other");
    ck_assert(!has("content") && has("existence") && has("absence"));
    ck_assert_str_eq(miss_of("content").path, file("b"));
    ck_assert_int_eq(unlink(file("b")), 0);
    ck_assert(!has("existence") && has("absence"));
    write_file(file("c"), "");
    ck_assert(!has("absence"));
    put_with("false claim", NULL, file("b"), WTFCB_DEPENDS_EXISTENCE);
    ck_assert(!has("false claim"));
}
END_TEST

START_TEST(relative_paths_start_from_the_working_directory_of_the_put)
{
    begin(_i);
    ck_assert_int_eq(mkdir(file("sub"), 0700), 0);
    write_file(file("sub/a"), "one");
    wait_a_tick();
    ck_assert_int_eq(chdir(file("sub")), 0);
    put("k", "./a", NULL, 0);
    ck_assert_int_eq(chdir("/"), 0);
    ck_assert(has("k"));
    ck_assert_uint_eq(state_of(file("sub/../sub//a")), WTFCB_CHECK_UNCHANGED);
    write_file(file("sub/a"), "two!");
    ck_assert(!has("k"));
}
END_TEST

START_TEST(value_that_was_read_again_is_remembered_as_settled)
{
    begin(_i & 3);
    write_file(file("a"), "one");
    put("k", file("a"), NULL, 0);
    ck_assert(has("k"));
    signature_offset_ns = 3 * SECOND_NS; /* time goes by */
    ck_assert(has("k"));
    /* From now on the signature is believed: an edit that hides from it proves that nothing is read. */
    struct stat info;
    ck_assert_int_eq(stat(file("a"), &info), 0);
    wtfcb_value *value;
    ck_assert_int_eq(wtfcb_cache_get(cache, "k", 1, &value), WTFCB_OK);
    int64_t recorded;
    memcpy(&recorded, wtfcb_cache_value_manifest(value) + 48, sizeof recorded);
    ck_assert_int_gt(recorded, (int64_t)info.st_ctim.tv_sec * SECOND_NS + 2 * SECOND_NS);
    wtfcb_value_free(value);
    ck_assert_int_eq(wtfcb_cache_load(cache, wtfcb_base_hash("k", 1), "k", 1, &value),
                     _i & 3 ? WTFCB_OK : WTFCB_ENOTFOUND);
    if (_i & 3) {
        memcpy(&recorded, wtfcb_cache_value_manifest(value) + 48, sizeof recorded);
        ck_assert_int_gt(recorded, (int64_t)info.st_ctim.tv_sec * SECOND_NS + 2 * SECOND_NS);
        wtfcb_value_free(value);
    }
}
END_TEST

START_TEST(newer_value_of_another_handle_is_found_behind_an_old_one_in_memory)
{
    wtfcb_cache *other;
    begin(1);
    ck_assert_int_eq(wtfcb_cache_new(NULL, &other), WTFCB_OK);
    ck_assert_int_eq(wtfcb_cache_open(other, file("cache"), NULL), WTFCB_OK);
    write_file(file("a"), "one");
    put("k", file("a"), NULL, 0);
    write_file(file("a"), "three");
    wtfcb_put options = WTFCB_PUT_INIT;
    options.source = file("a");
    ck_assert_int_eq(wtfcb_cache_put(other, "k", 1, "new", 3, &options), WTFCB_OK);
    wtfcb_value *value;
    ck_assert_int_eq(wtfcb_cache_get(cache, "k", 1, &value), WTFCB_OK);
    ck_assert_mem_eq(wtfcb_value_bytes(value), "new", 3);
    wtfcb_value_free(value);
    wtfcb_cache_free(other);
}
END_TEST

START_TEST(file_that_cannot_be_read_is_not_trusted)
{
    begin(_i);
    write_file(file("a"), "one");
    put("k", file("a"), NULL, 0);
    ck_assert_int_eq(unlink(file("a")), 0);
    ck_assert_int_eq(symlink("a", file("a")), 0);
    ck_assert_uint_eq(miss_of("k").reason, WTFCB_MISS_UNTRUSTED);
    ck_assert_str_eq(miss_of("k").path, file("a"));
    ck_assert(!has("k"));
}
END_TEST

START_TEST(long_path_is_cut_at_the_front_in_a_reason)
{
    char name[201];
    memset(name, 'd', 200);
    name[200] = '\0';
    char path[4000];
    snprintf(path, sizeof path, "%s", directory);
    for (int i = 0; i < 8; i++)
        snprintf(path + strlen(path), sizeof path - strlen(path), "/%s", name);
    snprintf(path + strlen(path), sizeof path - strlen(path), "/end");
    put_with("k", NULL, path, WTFCB_DEPENDS_EXISTENCE);
    wtfcb_miss miss = miss_of("k");
    ck_assert_uint_eq(strlen(miss.path), sizeof miss.path - 1);
    ck_assert_mem_eq(miss.path, "...d", 4);
    ck_assert_str_eq(miss.path + sizeof miss.path - 5, "/end");
}
END_TEST

/* ------------------------------------------------------------------------------------------------------ invalidation */

START_TEST(invalidation_removes_values_of_a_file_and_no_others)
{
    begin(_i);
    write_file(file("a"), "a");
    write_file(file("b"), "b");
    put("source", file("a"), NULL, 0);
    put_with("dependent", file("b"), file("a"), WTFCB_DEPENDS_CONTENT);
    put_with("bare", NULL, file("a"), WTFCB_DEPENDS_EXISTENCE);
    put("other", file("c"), NULL, 0);
    put("free", NULL, NULL, 0);
    ck_assert_uint_eq(invalidate(file("./x/../a")), 3);
    ck_assert(!has("source") && !has("dependent") && !has("bare"));
    ck_assert(has("other") && has("free"));
    ck_assert_uint_eq(invalidate(file("a")), 0);
    ck_assert_uint_eq(invalidate(file("never")), 0);
}
END_TEST

START_TEST(invalidation_goes_on_through_sources_and_ends_in_cycles)
{
    begin(_i);
    /* d includes c includes b includes a includes c: a cycle, and a tail that depends on it. */
    put_with("a", file("a"), file("c"), WTFCB_DEPENDS_CONTENT);
    put_with("b", file("b"), file("a"), WTFCB_DEPENDS_CONTENT);
    put_with("c", file("c"), file("b"), WTFCB_DEPENDS_CONTENT);
    put_with("d", file("d"), file("c"), WTFCB_DEPENDS_CONTENT);
    put_with("e", file("e"), file("d"), WTFCB_DEPENDS_ABSENCE);
    put("free", file("f"), NULL, 0);
    ck_assert_uint_eq(invalidate(file("b")), 5);
    ck_assert(!has("a") && !has("b") && !has("c") && !has("d") && !has("e"));
    ck_assert(has("free"));
}
END_TEST

START_TEST(long_chain_is_invalidated_without_recursion)
{
    begin(_i);
    char key[16];
    char path[64];
    for (int i = 0; i < 300; i++) {
        snprintf(key, sizeof key, "%d", i);
        snprintf(path, sizeof path, "/nowhere/%d", i + 1);
        char source[64];
        snprintf(source, sizeof source, "/nowhere/%d", i);
        put_with(key, source, path, WTFCB_DEPENDS_CONTENT);
    }
    ck_assert_uint_eq(invalidate("/nowhere/300"), 300);
    for (int i = 0; i < 300; i++) {
        snprintf(key, sizeof key, "%d", i);
        ck_assert(!has(key));
    }
}
END_TEST

START_TEST(value_that_has_other_dependencies_now_is_kept)
{
    begin(_i);
    put("k", file("a"), NULL, 0);
    put("k", file("b"), NULL, 0);
    ck_assert_uint_eq(invalidate(file("a")), 0);
    ck_assert(has("k"));
    ck_assert_uint_eq(invalidate(file("b")), 1);
    ck_assert(!has("k"));
}
END_TEST

START_TEST(invalidation_leaves_no_edges_behind)
{
    begin(2);
    put_with("k", file("a"), file("b"), WTFCB_DEPENDS_CONTENT);
    put("l", file("a"), NULL, 0);
    put("l", NULL, NULL, 0);
    ck_assert_uint_eq(invalidate(file("a")), 1);
    wtfcb_cache_report report;
    ck_assert_int_eq(wtfcb_cache_verify(cache, &report, sizeof report, NULL), WTFCB_OK);
    ck_assert_uint_eq(report.records, 1);
}
END_TEST

START_TEST(hit_puts_edges_again_that_were_dropped)
{
    begin(2);
    put("k", file("a"), NULL, 0);
    wtfcb_cache_key edge = wtfcb_cache_edge_key(wtfcb_cache_path_hash(file("a")), wtfcb_base_hash("k", 1));
    ck_assert_int_eq(wtfcb_cache_store_remove(wtfcb_cache_store_of(cache), &edge), WTFCB_OK);
    ck_assert_uint_eq(invalidate(file("a")), 0);
    ck_assert(has("k"));
    ck_assert_uint_eq(invalidate(file("a")), 1);
    ck_assert(!has("k"));
}
END_TEST

/* ------------------------------------------------------------------------------------------------------- check_files */

START_TEST(state_of_a_file_is_against_the_last_that_was_remembered)
{
    begin(_i);
    write_file(file("a"), "one");
    write_file(file("b"), "one");
    wait_a_tick();
    put_with("k", file("a"), file("b"), WTFCB_DEPENDS_CONTENT);
    const char *paths[] = {file("a"), file("b"), file("c"), file("x/../a")};
    uint32_t states[4] = {0};
    ck_assert_int_eq(wtfcb_cache_check_files(cache, paths, 4, states), WTFCB_OK);
    const uint32_t same[] = {WTFCB_CHECK_UNCHANGED, WTFCB_CHECK_UNCHANGED, WTFCB_CHECK_UNKNOWN, WTFCB_CHECK_UNCHANGED};
    ck_assert_mem_eq(states, same, sizeof same);
    write_file(file("a"), "two!");
    ck_assert_int_eq(unlink(file("b")), 0);
    ck_assert_int_eq(wtfcb_cache_check_files(cache, paths, 4, states), WTFCB_OK);
    const uint32_t other[] = {WTFCB_CHECK_CHANGED, WTFCB_CHECK_GONE, WTFCB_CHECK_UNKNOWN, WTFCB_CHECK_CHANGED};
    ck_assert_mem_eq(states, other, sizeof other);
    put("l", file("a"), NULL, 0);
    ck_assert_uint_eq(state_of(file("a")), WTFCB_CHECK_UNCHANGED);
    write_file(file("b"), "one");
    ck_assert_uint_eq(state_of(file("b")), WTFCB_CHECK_UNCHANGED);
}
END_TEST

START_TEST(state_of_claims_is_whether_they_hold)
{
    begin(_i);
    write_file(file("a"), "one");
    put_with("k", NULL, file("a"), WTFCB_DEPENDS_EXISTENCE);
    put_with("l", NULL, file("b"), WTFCB_DEPENDS_ABSENCE);
    ck_assert_uint_eq(state_of(file("a")), WTFCB_CHECK_UNCHANGED);
    ck_assert_uint_eq(state_of(file("b")), WTFCB_CHECK_UNCHANGED);
    ck_assert_int_eq(rename(file("a"), file("b")), 0);
    ck_assert_uint_eq(state_of(file("a")), WTFCB_CHECK_GONE);
    ck_assert_uint_eq(state_of(file("b")), WTFCB_CHECK_CHANGED);
}
END_TEST

START_TEST(wrong_lists_are_refused_and_an_empty_one_is_none)
{
    const char *paths[] = {"a", NULL, ""};
    uint32_t state = 77;
    ck_assert_int_eq(wtfcb_cache_check_files(cache, NULL, 0, NULL), WTFCB_OK);
    ck_assert_int_eq(wtfcb_cache_check_files(cache, NULL, 1, &state), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_cache_check_files(cache, paths, 1, NULL), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_cache_check_files(cache, paths, 2, &state), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_cache_check_files(cache, paths + 2, 1, &state), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_cache_check_files(NULL, paths, 1, &state), WTFCB_EINVAL);
    ck_assert_uint_eq(state, 77);
}
END_TEST

/* ------------------------------------------------------------------------------------------------------- never stale */

enum { FILES = 5 };

static unsigned seed;

static unsigned chance(unsigned sides)
{
    return (unsigned)rand_r(&seed) / 7 % sides;
}

static const char *numbered(unsigned number)
{
    char name[16];
    snprintf(name, sizeof name, "file%u", number);
    return file(name);
}

/* What a value of these files would be if it were computed now. */
static void compute(unsigned first, unsigned second, char *ret_text, size_t size)
{
    const unsigned numbers[] = {first, second};
    ret_text[0] = '\0';
    for (size_t i = 0; i < 2; i++) {
        char content[32] = "-";
        FILE *in = fopen(numbered(numbers[i]), "re");
        if (in) {
            content[fread(content, 1, sizeof content - 1, in)] = '\0';
            ck_assert_int_eq(fclose(in), 0);
        }
        snprintf(ret_text + strlen(ret_text), size - strlen(ret_text), "%u=%s;", numbers[i], content);
    }
}

static void disturb(void)
{
    static const char *const contents[] = {"one", "two", "six", "three", ""};
    const char *path = numbered(chance(FILES));
    switch (chance(6)) {
    case 0: (void)unlink(path); break;
    case 1: (void)utimensat(AT_FDCWD, path, NULL, 0); break;
    case 2: {
        struct timespec times[2] = {{1000, 0}, {1000, 0}};
        (void)utimensat(AT_FDCWD, path, times, 0);
        break;
    }
    case 3: (void)rename(path, numbered(chance(FILES))); break;
    default: write_file(path, contents[chance(sizeof contents / sizeof *contents)]); break;
    }
}

/* A key is two files. */
static void use_key(unsigned *hits)
{
    unsigned first = chance(FILES);
    unsigned second = (first + 1) % FILES;
    char key[8];
    char text[128];
    wtfcb_value *value;
    snprintf(key, sizeof key, "%u", first);
    compute(first, second, text, sizeof text);
    if (wtfcb_cache_get(cache, key, strlen(key), &value) == WTFCB_OK) {
        ck_assert_uint_eq(wtfcb_value_size(value), strlen(text));
        ck_assert_mem_eq(wtfcb_value_bytes(value), text, strlen(text));
        wtfcb_value_free(value);
        *hits += 1;
        return;
    }
    /* A signature counts as settled here because the clock is ahead: the last write must at least be a tick old. */
    if (signature_offset_ns) wait_a_tick();
    wtfcb_dependency dependency = {numbered(second), WTFCB_DEPENDS_CONTENT, 0};
    wtfcb_put options = WTFCB_PUT_INIT;
    options.source = numbered(first);
    options.dependencies = &dependency;
    options.dependency_count = 1;
    ck_assert_int_eq(wtfcb_cache_put(cache, key, strlen(key), text, strlen(text), &options), WTFCB_OK);
}

START_TEST(no_get_gives_what_a_fresh_computation_would_not)
{
    begin(_i);
    seed = 20261122 + (unsigned)_i;
    unsigned hits = 0;
    unsigned steps = wtfcb_test_long() ? 10000 : signature_offset_ns ? 150 : 600; /* each put waits there */
    for (unsigned i = 0; i < steps; i++) {
        if (chance(3) == 0) disturb();
        use_key(&hits);
        if (chance(50) == 0) (void)invalidate(numbered(chance(FILES)));
        if (chance(200) == 0) ck_assert_int_eq(wtfcb_cache_clear(cache, NULL), WTFCB_OK);
    }
    if (_i) ck_assert_uint_gt(hits, steps / 4); /* remembering nothing would be no proof */
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("cache and files");
    TCase *t = tcase_create("cache and files");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_loop_test(t, edit_of_the_source_is_a_miss_with_its_reason, 0, VARIANTS);
    tcase_add_loop_test(t, edit_of_the_same_size_is_a_miss, 0, VARIANTS);
    tcase_add_loop_test(t, touch_back_and_forth_is_a_hit, 0, VARIANTS);
    tcase_add_loop_test(t, file_that_goes_is_a_miss_and_one_that_comes_back_equal_may_be_remembered_again, 0, VARIANTS);
    tcase_add_loop_test(t, dependency_decides_as_its_kind_says, 0, VARIANTS);
    tcase_add_loop_test(t, relative_paths_start_from_the_working_directory_of_the_put, 0, VARIANTS);
    tcase_add_loop_test(t, value_that_was_read_again_is_remembered_as_settled, 0, 3);
    tcase_add_test(t, newer_value_of_another_handle_is_found_behind_an_old_one_in_memory);
    tcase_add_loop_test(t, file_that_cannot_be_read_is_not_trusted, 0, 3);
    tcase_add_test(t, long_path_is_cut_at_the_front_in_a_reason);
    tcase_add_loop_test(t, invalidation_removes_values_of_a_file_and_no_others, 0, 3);
    tcase_add_loop_test(t, invalidation_goes_on_through_sources_and_ends_in_cycles, 0, 3);
    tcase_add_loop_test(t, long_chain_is_invalidated_without_recursion, 0, 3);
    tcase_add_loop_test(t, value_that_has_other_dependencies_now_is_kept, 0, 3);
    tcase_add_test(t, invalidation_leaves_no_edges_behind);
    tcase_add_test(t, hit_puts_edges_again_that_were_dropped);
    tcase_add_loop_test(t, state_of_a_file_is_against_the_last_that_was_remembered, 0, VARIANTS);
    tcase_add_loop_test(t, state_of_claims_is_whether_they_hold, 0, VARIANTS);
    tcase_add_test(t, wrong_lists_are_refused_and_an_empty_one_is_none);
    tcase_add_loop_test(t, no_get_gives_what_a_fresh_computation_would_not, 0, VARIANTS);
    suite_add_tcase(s, t);
    return s;
}

WTFCB_TEST_MAIN(suite)
