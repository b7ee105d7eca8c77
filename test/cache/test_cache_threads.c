/* One cache among processes and threads. */
#define WTFCB_TEST_OWN_CLOCKS
#include <pthread.h>
#include <sys/wait.h>

#include "handle.h"

static int calls_in_a_child(wtfcb_cache *parents)
{
    wtfcb_value *value;
    wtfcb_cache_stats stats;
    wtfcb_cache_report report;
    wtfcb_miss miss;
    const char *path = "f";
    uint32_t state;
    const wtfcb_status answers[] = {
        wtfcb_cache_get(parents, "k", 1, &value),
        wtfcb_cache_put(parents, "k", 1, "v", 1, NULL),
        wtfcb_cache_remove(parents, "k", 1),
        wtfcb_cache_open(parents, below(directory, "child"), NULL),
        wtfcb_cache_set_option(parents, WTFCB_CACHE_TTL, 1),
        wtfcb_cache_invalidate_file(parents, path, NULL),
        wtfcb_cache_check_files(parents, &path, 1, &state),
        wtfcb_cache_sync(parents, 0, NULL),
        wtfcb_cache_clear(parents, NULL),
        wtfcb_cache_purge(parents, NULL, NULL),
        wtfcb_cache_verify(parents, &report, sizeof report, NULL),
        wtfcb_cache_get_stats(parents, &stats, sizeof stats),
        wtfcb_cache_explain(parents, "k", 1, &miss, sizeof miss),
    };
    for (size_t i = 0; i < sizeof answers / sizeof *answers; i++)
        if (answers[i] != WTFCB_EFORK) return (int)i + 1;
    if (wtfcb_cache_directory(parents)[0] != '\0') return 100;
    wtfcb_cache_free(parents);
    wtfcb_cache *own;
    if (wtfcb_cache_new(NULL, &own) != WTFCB_OK) return 101;
    if (wtfcb_cache_put(own, "k", 1, "v", 1, NULL) != WTFCB_OK) return 102;
    wtfcb_cache_free(own);
    return 0;
}

START_TEST(child_of_a_fork_is_told_and_may_make_its_own)
{
    open_store(cache);
    put(cache, "k", "value");
    pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) _exit(calls_in_a_child(cache));
    int status;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert(WIFEXITED(status));
    ck_assert_int_eq(WEXITSTATUS(status), 0);
    ck_assert(has(cache, "k", "value"));
}
END_TEST

enum { THREADS = 4, KEYS = 32 };

/* Values say which key they are of; several sizes, some short-lived. */
static void *use_cache(void *user)
{
    unsigned seed = (unsigned)(uintptr_t)user;
    char key[16];
    char text[64];
    for (int i = 0; i < 2000; i++) {
        int number = rand_r(&seed) % KEYS;
        snprintf(key, sizeof key, "key %d", number);
        snprintf(text, sizeof text, "value of key %d", number);
        wtfcb_value *value;
        switch (rand_r(&seed) % 8) {
        case 0: ck_assert_int_eq(wtfcb_cache_put(cache, key, strlen(key), text, strlen(text), NULL), WTFCB_OK); break;
        case 1: ck_assert_int_eq(wtfcb_cache_remove(cache, key, strlen(key)), WTFCB_OK); break;
        case 2: (void)reason(cache, key); break;
        case 3: (void)stats_of(cache); break;
        default:
            if (wtfcb_cache_get(cache, key, strlen(key), &value) != WTFCB_OK) break;
            ck_assert_uint_eq(wtfcb_value_size(value), strlen(text));
            ck_assert_mem_eq(wtfcb_value_bytes(value), text, strlen(text));
            wtfcb_value_free(value);
        }
        if (seed % 997 == 0) ck_assert_int_eq(wtfcb_cache_clear(cache, NULL), WTFCB_OK);
        if (seed % 499 == 0) ck_assert_int_eq(wtfcb_cache_purge(cache, NULL, NULL), WTFCB_OK);
    }
    return NULL;
}

static void run_threads(void)
{
    pthread_t threads[THREADS];
    for (size_t i = 0; i < THREADS; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, use_cache, (void *)(uintptr_t)(i + 1)), 0);
    for (size_t i = 0; i < THREADS; i++)
        ck_assert_int_eq(pthread_join(threads[i], NULL), 0);
}

START_TEST(threads_share_a_cache_without_a_store)
{
    run_threads();
}
END_TEST

START_TEST(threads_share_a_cache_with_a_store)
{
    open_store(cache);
    run_threads();
}
END_TEST

/* An allocator that lets somebody else change the key while a get copies what it found in the store. */
typedef struct intruder {
    wtfcb_allocator allocator;
    wtfcb_cache *cache;
    void *(*change)(void *user);
    bool armed;
} intruder;

enum { LARGE = 100000 };

static void *intruder_alloc(void *user, size_t size)
{
    intruder *i = user;
    if (i->armed && size > LARGE) {
        pthread_t thread;
        i->armed = false;
        ck_assert_int_eq(pthread_create(&thread, NULL, i->change, i->cache), 0);
        ck_assert_int_eq(pthread_join(thread, NULL), 0);
    }
    return malloc(size);
}

static void *intruder_realloc(void *user, void *block, size_t old_size, size_t new_size)
{
    (void)user;
    (void)old_size;
    return realloc(block, new_size);
}

static void intruder_free(void *user, void *block, size_t size)
{
    (void)user;
    (void)size;
    free(block);
}

static void *put_newer(void *user)
{
    put(user, "k", "newer");
    return NULL;
}

static void *remove_key(void *user)
{
    ck_assert_int_eq(wtfcb_cache_remove(user, "k", 1), WTFCB_OK);
    return NULL;
}

static void *clear_all(void *user)
{
    ck_assert_int_eq(wtfcb_cache_clear(user, NULL), WTFCB_OK);
    return NULL;
}

START_TEST(get_that_is_overtaken_by_a_change_does_not_bring_the_older_value_back)
{
    static const char older[LARGE];
    static void *(*const changes[])(void *user) = {put_newer, remove_key, clear_all};
    intruder i = {.change = changes[_i]};
    i.allocator = (wtfcb_allocator){&i, intruder_alloc, intruder_realloc, intruder_free};
    open_store(cache);
    ck_assert_int_eq(wtfcb_cache_put(cache, "k", 1, older, LARGE, NULL), WTFCB_OK);
    ck_assert_int_eq(wtfcb_cache_new(&i.allocator, &i.cache), WTFCB_OK);
    open_store(i.cache);
    i.armed = true;
    wtfcb_value *value;
    ck_assert_int_eq(wtfcb_cache_get(i.cache, "k", 1, &value), WTFCB_OK);
    ck_assert(!i.armed);
    ck_assert_uint_eq(wtfcb_value_size(value), LARGE);
    wtfcb_value_free(value);
    ck_assert_int_eq(has(i.cache, "k", "newer"), changes[_i] == put_newer);
    wtfcb_cache_free(i.cache);
}
END_TEST

static void *set_sizes(void *user)
{
    (void)user;
    for (int64_t i = 0; i < 200; i++)
        ck_assert_int_eq(wtfcb_cache_set_option(cache, WTFCB_CACHE_MEMORY, i % 3 << 20), WTFCB_OK);
    return NULL;
}

START_TEST(memory_may_change_its_size_while_others_use_it)
{
    pthread_t setter;
    ck_assert_int_eq(pthread_create(&setter, NULL, set_sizes, NULL), 0);
    run_threads();
    ck_assert_int_eq(pthread_join(setter, NULL), 0);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("cache among threads");
    TCase *t = add_case(s, "processes and threads");
    tcase_add_test(t, child_of_a_fork_is_told_and_may_make_its_own);
    tcase_add_test(t, threads_share_a_cache_without_a_store);
    tcase_add_test(t, threads_share_a_cache_with_a_store);
    tcase_add_loop_test(t, get_that_is_overtaken_by_a_change_does_not_bring_the_older_value_back, 0, 3);
    tcase_add_test(t, memory_may_change_its_size_while_others_use_it);
    return s;
}

WTFCB_TEST_MAIN(suite)
