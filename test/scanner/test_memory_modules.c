/*
 * Memory by module: that each has some while it works, and none when all handles are freed, whoever gives a block back, also when memory runs out on the way and
 * in a child of a fork.
 */
#include <wtfcb.h>

#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../base/counting.h"
#include "base/arena.h"
#include "base/buffer.h"
#include "base/memory.h"

enum { MODULES = 7, THREADS = 20, BLOCKS = 500 };

static wtfcb_memory_module row_of(uint32_t index)
{
    wtfcb_memory_module row;
    ck_assert_int_eq(wtfcb_memory_module_at(index, &row, sizeof row), WTFCB_OK);
    return row;
}

static void take_all(wtfcb_memory_module rows[MODULES])
{
    ck_assert_uint_eq(wtfcb_memory_module_count(), MODULES);
    for (uint32_t i = 0; i < MODULES; i++)
        rows[i] = row_of(i);
}

static void assert_live_as(const wtfcb_memory_module before[MODULES])
{
    for (uint32_t i = 0; i < MODULES; i++) {
        wtfcb_memory_module now = row_of(i);
        ck_assert_msg(now.live_bytes == before[i].live_bytes && now.live_blocks == before[i].live_blocks,
                      "%s: %llu blocks of %llu bytes more", now.name,
                      (unsigned long long)(now.live_blocks - before[i].live_blocks),
                      (unsigned long long)(now.live_bytes - before[i].live_bytes));
    }
}

static const wtfcb_memory_module *find(const wtfcb_memory_module rows[MODULES], const char *name)
{
    for (uint32_t i = 0; i < MODULES; i++)
        if (strcmp(rows[i].name, name) == 0) return &rows[i];
    ck_abort_msg("no module %s", name);
}

/* ---- Everything that the library does ---- */

/* What a recording says of the modules, and that it says the same when it was saved and loaded. */
static void assert_recorded(const wtfcb_profile *made, const wtfcb_profile *loaded)
{
    wtfcb_profile_summary summary;
    wtfcb_profile_module here, there;
    ck_assert_int_eq(wtfcb_profile_get_summary(loaded, &summary, sizeof summary), WTFCB_OK);
    ck_assert_uint_eq(summary.module_count, MODULES);
    for (uint32_t i = 0; i < MODULES; i++) {
        ck_assert_int_eq(wtfcb_profile_module_at(made, i, &here, sizeof here), WTFCB_OK);
        ck_assert_int_eq(wtfcb_profile_module_at(loaded, i, &there, sizeof there), WTFCB_OK);
        ck_assert_str_eq(here.name, there.name);
        ck_assert_str_eq(here.name, row_of(i).name);
        ck_assert_uint_eq(here.live_bytes_first, there.live_bytes_first);
        ck_assert_uint_eq(here.live_bytes_last, there.live_bytes_last);
        ck_assert_uint_eq(here.live_blocks_first, there.live_blocks_first);
        ck_assert_uint_eq(here.live_blocks_last, there.live_blocks_last);
        ck_assert_uint_eq(here.allocated_bytes, there.allocated_bytes);
        ck_assert_uint_eq(here.allocated_blocks, there.allocated_blocks);
        ck_assert_uint_le(here.live_bytes_last, here.live_bytes_first + here.allocated_bytes);
        if (strcmp(here.name, "scanner") == 0) ck_assert_uint_gt(here.allocated_blocks, 0);
    }
    ck_assert_int_eq(wtfcb_profile_module_at(made, MODULES, &here, sizeof here), WTFCB_ENOTFOUND);
    ck_assert_int_eq(wtfcb_profile_module_at(NULL, 0, &here, sizeof here), WTFCB_EINVAL);
}

static wtfcb_status profile_it(const wtfcb_allocator *allocator, wtfcb_profiler *profiler, const char *path)
{
    wtfcb_profile *made = NULL, *loaded = NULL;
    wtfcb_profile_set *set = NULL;
    wtfcb_status status = wtfcb_profiler_stop(profiler, &made, NULL);
    if (status == WTFCB_OK) status = wtfcb_profile_save(made, path, WTFCB_PROFILE_JSON, NULL);
    if (status == WTFCB_OK) status = wtfcb_profile_load(allocator, path, &loaded, NULL);
    if (status == WTFCB_OK) assert_recorded(made, loaded);
    if (status == WTFCB_OK) status = wtfcb_profile_set_new(allocator, &set);
    if (status == WTFCB_OK) status = wtfcb_profile_set_add(set, "one", loaded);
    wtfcb_profile_set_free(set);
    wtfcb_profile_free(made);
    wtfcb_profile_free(loaded);
    return status;
}

static unsigned stores;

/* A scan through a cache, cold and warm, while recorded. `inside`, which may be NULL: what is live meanwhile. */
static wtfcb_status use(const wtfcb_allocator *allocator, const char *folder, wtfcb_memory_module *inside)
{
    char tree[512], store[512], path[512];
    wtfcb_scanner *scanner = NULL;
    wtfcb_cache *cache = NULL;
    wtfcb_profiler *profiler = NULL;
    wtfcb_codebase *first = NULL, *second = NULL;
    (void)snprintf(tree, sizeof tree, "%s/base", wtfcb_test_data_dir());
    (void)snprintf(store, sizeof store, "%s/cache%u", folder, stores++); /* so that files are parsed, each time */
    (void)snprintf(path, sizeof path, "%s/profile.json", folder);
    wtfcb_status status = wtfcb_scanner_new(allocator, &scanner);
    if (status == WTFCB_OK) status = wtfcb_cache_new(allocator, &cache);
    if (status == WTFCB_OK) status = wtfcb_cache_open(cache, store, NULL);
    if (status == WTFCB_OK) status = wtfcb_profiler_new(allocator, &profiler);
    if (status == WTFCB_OK) status = wtfcb_scanner_set(scanner, WTFCB_SCANNER_DEPTH, WTFCB_DEPTH_SYNTAX);
    if (status == WTFCB_OK) status = wtfcb_scanner_set_cache(scanner, cache);
    if (status == WTFCB_OK) status = wtfcb_profiler_start(profiler, "memory", NULL);
    if (status == WTFCB_OK) status = wtfcb_scanner_scan(scanner, tree, &first, NULL);
    if (status == WTFCB_OK) status = wtfcb_scanner_scan(scanner, tree, &second, NULL);
    if (inside) take_all(inside);
    if (status == WTFCB_OK) status = profile_it(allocator, profiler, path);
    wtfcb_profiler_free(profiler);
    wtfcb_scanner_free(scanner);
    wtfcb_cache_free(cache);
    wtfcb_codebase_free(first);
    wtfcb_codebase_free(second);
    return status;
}

START_TEST(every_module_has_what_it_uses_and_nothing_at_the_end)
{
    wtfcb_memory_module before[MODULES], inside[MODULES];
    char *folder = wtfcb_test_directory();
    ck_assert_int_eq(use(NULL, folder, NULL), WTFCB_OK); /* what a process keeps is there from now on */
    take_all(before);
    ck_assert_int_eq(use(NULL, folder, inside), WTFCB_OK);
    assert_live_as(before);
    static const char *const busy[] = {"pool", "profiler", "cache", "lang", "scanner"};
    for (size_t i = 0; i < sizeof busy / sizeof *busy; i++) {
        const wtfcb_memory_module *had = find(before, busy[i]), *has = find(inside, busy[i]);
        bool gone = strcmp(busy[i], "pool") == 0; /* with its scan */
        ck_assert_msg(gone || has->live_bytes > had->live_bytes, "%s", busy[i]);
        ck_assert_msg(has->allocated_blocks > had->allocated_blocks, "%s", busy[i]);
    }
    free(folder);
}
END_TEST

START_TEST(nothing_is_live_after_memory_has_run_out_anywhere)
{
    wtfcb_memory_module before[MODULES];
    char *folder = wtfcb_test_directory();
    counting c;
    counting_init(&c);
    ck_assert_int_eq(use(&c.allocator, folder, NULL), WTFCB_OK);
    take_all(before);
    unsigned long last = 0;
    for (unsigned long n = 1; n < 100000; n += wtfcb_test_long() ? 1 : 7) {
        unsigned long failed = atomic_load(&c.failed);
        c.fail_at = atomic_load(&c.calls) + n;
        c.fail_rest = n % 2 != 0;
        (void)use(&c.allocator, folder, NULL);
        c.fail_at = 0;
        assert_live_as(before);
        if (atomic_load(&c.failed) == failed) break;
        last = n;
    }
    ck_assert_uint_gt(last, 100); /* so many allocations there are at least */
    counting_assert_clean(&c);
    free(folder);
}
END_TEST

/* ---- Who gives back ---- */

typedef struct hand {
    void *blocks[BLOCKS];
    bool take;
} hand;

static void *take_or_give(void *user)
{
    hand *h = user;
    wtfcb_allocator libc = wtfcb_base_allocator(NULL);
    for (size_t i = 0; i < BLOCKS; i++) {
        if (h->take) {
            h->blocks[i] = wtfcb_base_alloc(&libc, 10 + i);
            h->blocks[i] = wtfcb_base_realloc(&libc, h->blocks[i], 10 + i, 1 + 2 * i);
        } else {
            wtfcb_base_free(&libc, h->blocks[i], 1 + 2 * i);
        }
    }
    return NULL;
}

START_TEST(a_block_may_go_in_another_thread_or_process_than_it_came_in)
{
    static hand hands[THREADS];
    wtfcb_memory_module before[MODULES];
    take_all(before);
    for (int take = 1; take >= 0; take--) {
        pthread_t threads[THREADS];
        for (int i = 0; i < THREADS; i++) {
            hands[i].take = take != 0;
            ck_assert_int_eq(pthread_create(&threads[i], NULL, take_or_give, &hands[i]), 0);
        }
        for (int i = 0; i < THREADS; i++)
            (void)pthread_join(threads[i], NULL);
        if (!take) continue;
        ck_assert_uint_eq(row_of(0).live_blocks, before[0].live_blocks + THREADS * BLOCKS);
        ck_assert_uint_eq(row_of(0).live_bytes, before[0].live_bytes + THREADS * (uint64_t)(BLOCKS * BLOCKS));
        pid_t child = fork();
        if (child == 0) {
            for (int i = 0; i < THREADS; i++) {
                hands[i].take = false;
                (void)take_or_give(&hands[i]);
            }
            _exit(row_of(0).live_blocks != before[0].live_blocks || row_of(0).live_bytes != before[0].live_bytes);
        }
        int status = -1;
        ck_assert_int_eq(waitpid(child, &status, 0), child);
        ck_assert_int_eq(status, 0);
    }
    assert_live_as(before);
}
END_TEST

START_TEST(an_arena_that_takes_another_ones_blocks_has_them)
{
    wtfcb_memory_module before[MODULES];
    wtfcb_allocator libc = wtfcb_base_allocator(NULL);
    wtfcb_base_arena to, from;
    take_all(before);
    wtfcb_base_arena_init_for(&to, &libc, wtfcb_base_module_scanner);
    wtfcb_base_arena_init_for(&from, &libc, wtfcb_base_module_cache);
    for (int i = 0; i < 100; i++)
        ck_assert_ptr_nonnull(wtfcb_base_arena_alloc(&from, 1000));
    ck_assert_uint_gt(row_of(wtfcb_base_module_cache).live_bytes, before[wtfcb_base_module_cache].live_bytes);
    wtfcb_base_arena_adopt(&to, &from);
    ck_assert_uint_eq(row_of(wtfcb_base_module_cache).live_bytes, before[wtfcb_base_module_cache].live_bytes);
    ck_assert_uint_eq(row_of(wtfcb_base_module_scanner).live_bytes,
                      before[wtfcb_base_module_scanner].live_bytes + wtfcb_base_arena_size(&to));
    wtfcb_base_arena_free(&to);
    wtfcb_base_arena_free(&from);
    assert_live_as(before);
}
END_TEST

START_TEST(rows_are_as_their_header_says)
{
    wtfcb_memory_module row;
    const char *name;
    ck_assert_str_eq(row_of(0).name, "base");
    ck_assert_str_eq(row_of(MODULES - 1).name, "benchmark");
    ck_assert_int_eq(wtfcb_memory_module_at(MODULES, &row, sizeof row), WTFCB_ENOTFOUND);
    ck_assert_int_eq(wtfcb_memory_module_at(0, NULL, sizeof row), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_memory_module_at(0, &row, 0), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_memory_module_at(1, (wtfcb_memory_module *)(void *)&name, sizeof name), WTFCB_OK);
    ck_assert_str_eq(name, "pool");
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("memory by module");
    TCase *all = tcase_create("all");
    tcase_set_timeout(all, 300);
    tcase_add_test(all, rows_are_as_their_header_says);
    tcase_add_test(all, an_arena_that_takes_another_ones_blocks_has_them);
    tcase_add_test(all, a_block_may_go_in_another_thread_or_process_than_it_came_in);
    tcase_add_test(all, every_module_has_what_it_uses_and_nothing_at_the_end);
    tcase_add_test(all, nothing_is_live_after_memory_has_run_out_anywhere);
    suite_add_tcase(s, all);
    return s;
}

WTFCB_TEST_MAIN(suite)
