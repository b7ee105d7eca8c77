/* The persistent tier in one process: what is put is found, at once and later, and what is wrong is never given out. */
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "store_help.h"

START_TEST(what_is_put_is_found_at_once_after_it_is_written_and_after_reopening)
{
    char *directory = wtfcb_test_directory();
    wtfcb_cache_store *store = store_open(directory);
    ck_assert_int_eq(store_get(store, 1, 1, 100), WTFCB_ENOTFOUND);
    ck_assert_int_eq(store_put(store, 1, 1, 100), WTFCB_OK);
    ck_assert_int_eq(store_get(store, 1, 1, 100), WTFCB_OK);
    ck_assert_int_eq(wtfcb_cache_store_sync(store, 0), WTFCB_OK);
    ck_assert_uint_eq(store_stats(store).queued, 0);
    ck_assert_uint_eq(store_stats(store).entries, 1);
    ck_assert_int_eq(store_get(store, 1, 1, 100), WTFCB_OK);
    ck_assert_int_eq(store_put(store, 2, 1, 50), WTFCB_OK);
    wtfcb_cache_store_close(store);

    store = store_open(directory);
    ck_assert_int_eq(store_get(store, 1, 1, 100), WTFCB_OK);
    ck_assert_int_eq(store_get(store, 2, 1, 50), WTFCB_OK);
    wtfcb_cache_store_close(store);
    free(directory);
}
END_TEST

START_TEST(values_of_all_sizes_come_back_aligned)
{
    char *directory = wtfcb_test_directory();
    wtfcb_cache_store *store = store_open(directory);
    static const size_t sizes[] = {0,    1,    2,    7,    8,    9,    15,   16,    17,    100,     1000,    1990,
                                   2000, 2010, 2020, 2040, 4000, 4096, 8192, 65536, 65537, 1 << 20, 8 << 20, 3};
    enum { SIZES = sizeof sizes / sizeof *sizes };
    for (int round = 0; round < 2; round++) {
        for (uint64_t i = 0; i < SIZES; i++) {
            ck_assert_int_eq(store_put(store, i, (uint64_t)round, sizes[i]), WTFCB_OK);
            ck_assert_int_eq(store_get(store, i, (uint64_t)round, sizes[i]), WTFCB_OK);
        }
        ck_assert_int_eq(wtfcb_cache_store_sync(store, 0), WTFCB_OK);
        for (uint64_t i = 0; i < SIZES; i++)
            ck_assert_int_eq(store_get(store, i, (uint64_t)round, sizes[i]), WTFCB_OK);
    }
    ck_assert_uint_eq(store_stats(store).dropped, 0);
    wtfcb_cache_store_close(store);
    free(directory);
}
END_TEST

START_TEST(many_records_in_many_batches_are_all_found)
{
    char *directory = wtfcb_test_directory();
    wtfcb_cache_store *store = store_open(directory);
    enum { RECORDS = 30000 };
    for (uint64_t i = 0; i < RECORDS; i++)
        ck_assert_int_eq(store_put(store, i, 7, 300 + i % 50), WTFCB_OK);
    for (uint64_t i = 0; i < RECORDS; i++)
        ck_assert_int_eq(store_get(store, i, 7, 300 + i % 50), WTFCB_OK);
    ck_assert_int_eq(wtfcb_cache_store_sync(store, 0), WTFCB_OK);
    for (uint64_t i = 0; i < RECORDS; i++)
        ck_assert_int_eq(store_get(store, i, 7, 300 + i % 50), WTFCB_OK);
    ck_assert_uint_eq(store_stats(store).entries, RECORDS);
    wtfcb_cache_store_close(store);
    free(directory);
}
END_TEST

START_TEST(the_last_put_of_a_key_counts_and_a_removal_hides_it_at_once)
{
    char *directory = wtfcb_test_directory();
    wtfcb_cache_store *store = store_open(directory);
    for (uint64_t version = 0; version < 100; version++) {
        ck_assert_int_eq(store_put(store, 5, version, 40 + version), WTFCB_OK);
        ck_assert_int_eq(store_get(store, 5, version, 40 + version), WTFCB_OK);
        if (version % 17 == 0) ck_assert_int_eq(wtfcb_cache_store_sync(store, 0), WTFCB_OK);
    }
    wtfcb_cache_key key = store_key(5);
    ck_assert_int_eq(wtfcb_cache_store_remove(store, &key), WTFCB_OK);
    ck_assert_int_eq(store_get(store, 5, 0, 0), WTFCB_ENOTFOUND);
    ck_assert_int_eq(wtfcb_cache_store_sync(store, 0), WTFCB_OK);
    ck_assert_int_eq(store_get(store, 5, 0, 0), WTFCB_ENOTFOUND);
    ck_assert_uint_eq(store_stats(store).entries, 0);
    wtfcb_cache_store_close(store);
    free(directory);
}
END_TEST

START_TEST(clear_removes_what_is_written_and_what_is_queued)
{
    char *directory = wtfcb_test_directory();
    wtfcb_cache_store *store = store_open(directory);
    for (uint64_t i = 0; i < 100; i++)
        ck_assert_int_eq(store_put(store, i, 0, 100), WTFCB_OK);
    ck_assert_int_eq(wtfcb_cache_store_sync(store, 0), WTFCB_OK);
    for (uint64_t i = 100; i < 200; i++)
        ck_assert_int_eq(store_put(store, i, 0, 100), WTFCB_OK);
    ck_assert_int_eq(wtfcb_cache_store_clear(store), WTFCB_OK);
    for (uint64_t i = 0; i < 200; i++)
        ck_assert_int_eq(store_get(store, i, 0, 100), WTFCB_ENOTFOUND);
    ck_assert_int_eq(store_put(store, 1, 1, 10), WTFCB_OK);
    ck_assert_int_eq(wtfcb_cache_store_sync(store, 0), WTFCB_OK);
    ck_assert_int_eq(store_get(store, 1, 1, 10), WTFCB_OK);
    ck_assert_uint_eq(store_stats(store).entries, 1);
    wtfcb_cache_store_close(store);
    free(directory);
}
END_TEST

/* Enough for a file that is worth giving back. */
static void fill_large(wtfcb_cache_store *store)
{
    for (uint64_t i = 0; i < 3000; i++)
        ck_assert_int_eq(store_put(store, i, 0, 1000), WTFCB_OK);
    ck_assert_int_eq(wtfcb_cache_store_sync(store, 0), WTFCB_OK);
    ck_assert_uint_gt(store_stats(store).file_bytes, 3 << 20);
}

START_TEST(cleared_store_gives_its_file_back_when_the_last_one_leaves)
{
    char *directory = wtfcb_test_directory();
    wtfcb_cache_store *store = store_open(directory);
    fill_large(store);
    ck_assert_int_eq(wtfcb_cache_store_clear(store), WTFCB_OK);
    wtfcb_cache_store_close(store);
    for (uint64_t round = 0; round < 2; round++) { /* with the mark of a clean end, then after one */
        store = store_open(directory);
        ck_assert_uint_lt(store_stats(store).file_bytes, 1 << 20);
        ck_assert_uint_eq(store_stats(store).set_aside, 0);
        ck_assert_int_eq(store_get(store, 1, 0, 1000), WTFCB_ENOTFOUND);
        ck_assert_int_eq(store_put(store, 7, round, 100), WTFCB_OK);
        wtfcb_cache_store_close(store);
    }
    store = store_open(directory);
    ck_assert_int_eq(store_get(store, 7, 1, 100), WTFCB_OK);
    wtfcb_cache_store_close(store);
    free(directory);
}
END_TEST

START_TEST(cleared_store_keeps_its_file_while_another_process_has_it_open)
{
    char *directory = wtfcb_test_directory();
    int ready[2];
    int go[2];
    char byte;
    ck_assert_int_eq(pipe(ready), 0);
    ck_assert_int_eq(pipe(go), 0);
    pid_t other = fork();
    if (other == 0) {
        wtfcb_cache_store *theirs = store_open(directory);
        bool fine = write(ready[1], "", 1) == 1 && read(go[0], &byte, 1) == 1;
        fine = fine && store_put(theirs, 5, 1, 100) == WTFCB_OK && wtfcb_cache_store_sync(theirs, 0) == WTFCB_OK;
        wtfcb_cache_store_close(theirs);
        _exit(fine ? 0 : 1);
    }
    ck_assert_int_eq(read(ready[0], &byte, 1), 1);
    wtfcb_cache_store *store = store_open(directory);
    fill_large(store);
    ck_assert_int_eq(wtfcb_cache_store_clear(store), WTFCB_OK);
    wtfcb_cache_store_close(store);
    ck_assert_int_eq(write(go[1], "", 1), 1);
    int status;
    ck_assert_int_eq(waitpid(other, &status, 0), other);
    ck_assert_int_eq(status, 0);
    store = store_open(directory);
    ck_assert_int_eq(store_get(store, 5, 1, 100),
                     WTFCB_OK); /* what they wrote after the clear went into the one file */
    ck_assert_uint_eq(store_stats(store).set_aside, 0);
    wtfcb_cache_store_close(store);
    for (int i = 0; i < 2; i++) {
        close(ready[i]);
        close(go[i]);
    }
    free(directory);
}
END_TEST

/* ------------------------------------------------------------------------------------------------------------------ */

typedef struct listing {
    wtfcb_cache_key last;
    uint64_t count;
    uint64_t stop_at;
} listing;

static wtfcb_status see(void *user, const wtfcb_cache_key *key, const void *payload, size_t length)
{
    listing *l = user;
    ck_assert_ptr_nonnull(payload);
    ck_assert(length < 8 || ((uintptr_t)payload & 7) == 0);
    size_t shorter = key->length < l->last.length ? key->length : l->last.length;
    int order = memcmp(l->last.bytes, key->bytes, shorter);
    ck_assert(order < 0 || (order == 0 && l->last.length < key->length));
    l->last = *key;
    l->count++;
    return l->count == l->stop_at ? WTFCB_ECALLBACK : WTFCB_OK;
}

static wtfcb_cache_key edge(uint8_t path, uint64_t value)
{
    wtfcb_cache_key key = {.length = 33, .bytes = {WTFCB_CACHE_EDGES, path}};
    wtfcb_base_hash128 hash = wtfcb_base_hash(&value, sizeof value);
    memcpy(key.bytes + 17, hash.bytes, sizeof hash.bytes);
    return key;
}

START_TEST(a_listing_gives_each_record_under_a_prefix_once_in_order)
{
    char *directory = wtfcb_test_directory();
    wtfcb_cache_store *store = store_open(directory);
    enum { RECORDS = 9000, EDGES = 50 };
    for (uint64_t i = 0; i < RECORDS; i++)
        ck_assert_int_eq(store_put(store, i, 0, 500), WTFCB_OK);
    for (uint64_t i = 0; i < EDGES; i++) {
        for (uint8_t path = 1; path < 4; path++) {
            wtfcb_cache_key key = edge(path, i);
            ck_assert_int_eq(wtfcb_cache_store_put(store, &key, NULL, 0), WTFCB_OK);
        }
    }
    listing all = {0};
    ck_assert_int_eq(wtfcb_cache_store_list(store, "", 0, see, &all), WTFCB_OK);
    ck_assert_uint_eq(all.count, RECORDS + 3 * EDGES);
    listing values = {0};
    ck_assert_int_eq(wtfcb_cache_store_list(store, "v", 1, see, &values), WTFCB_OK);
    ck_assert_uint_eq(values.count, RECORDS);
    wtfcb_cache_key path = edge(2, 0);
    listing edges = {0};
    ck_assert_int_eq(wtfcb_cache_store_list(store, path.bytes, 17, see, &edges), WTFCB_OK);
    ck_assert_uint_eq(edges.count, EDGES);
    listing none = {0};
    ck_assert_int_eq(wtfcb_cache_store_list(store, "x", 1, see, &none), WTFCB_OK);
    ck_assert_uint_eq(none.count, 0);
    listing stopped = {.stop_at = 5000};
    ck_assert_int_eq(wtfcb_cache_store_list(store, "v", 1, see, &stopped), WTFCB_ECALLBACK);
    ck_assert_uint_eq(stopped.count, 5000);
    wtfcb_cache_store_close(store);
    free(directory);
}
END_TEST

/* ------------------------------------------------------------------------------------------------------------------ */

START_TEST(all_handles_on_a_directory_share_one_store_with_the_options_of_the_first)
{
    char *directory = wtfcb_test_directory();
    wtfcb_cache_store *store = store_open(directory);
    wtfcb_cache_store_options options = store_options();
    options.size = 1 << 20;
    wtfcb_cache_store *second;
    ck_assert_int_eq(store_try(NULL, directory, &options, &second), WTFCB_OK);
    ck_assert_ptr_eq(store, second);
    ck_assert_uint_eq(store_stats(second).limit, 64 << 20);
    ck_assert_str_eq(wtfcb_cache_store_path(second), directory);
    wtfcb_cache_store_close(store);
    ck_assert_int_eq(store_put(second, 1, 1, 100), WTFCB_OK);
    ck_assert_int_eq(store_get(second, 1, 1, 100), WTFCB_OK);
    wtfcb_cache_store_close(second);
    wtfcb_cache_store_close(NULL);
    char *other = wtfcb_test_directory();
    store = store_open(directory);
    second = store_open(other);
    ck_assert_ptr_ne(store, second);
    ck_assert_int_eq(store_get(second, 1, 1, 100), WTFCB_ENOTFOUND);
    ck_assert_int_eq(store_get(store, 1, 1, 100), WTFCB_OK);
    wtfcb_cache_store_close(store);
    wtfcb_cache_store_close(second);
    free(other);
    free(directory);
}
END_TEST

START_TEST(a_store_of_another_format_is_left_alone)
{
    char *directory = wtfcb_test_directory();
    char path[512];
    (void)snprintf(path, sizeof path, "%s/store-0-1", directory);
    ck_assert_int_eq(mkdir(path, 0700), 0);
    (void)snprintf(path, sizeof path, "%s/store-0-1/data.mdb", directory);
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    ck_assert_int_eq(write(fd, "old", 3), 3);
    (void)close(fd);
    wtfcb_cache_store *store = store_open(directory);
    ck_assert_int_eq(store_put(store, 1, 1, 100), WTFCB_OK);
    ck_assert_int_eq(wtfcb_cache_store_clear(store), WTFCB_OK);
    wtfcb_cache_store_close(store);
    struct stat st;
    ck_assert_int_eq(stat(path, &st), 0);
    ck_assert_int_eq(st.st_size, 3);
    free(directory);
}
END_TEST

START_TEST(a_store_that_is_read_only_gives_what_there_is_and_takes_nothing)
{
    char *directory = wtfcb_test_directory();
    wtfcb_cache_store_options options = store_options();
    options.read_only = true;
    wtfcb_cache_store *store;
    ck_assert_int_eq(store_try(NULL, directory, &options, &store), WTFCB_ENOTFOUND);
    store = store_open(directory);
    ck_assert_int_eq(store_put(store, 1, 1, 100), WTFCB_OK);
    wtfcb_cache_store_close(store);
    ck_assert_int_eq(store_try(NULL, directory, &options, &store), WTFCB_OK);
    wtfcb_cache_key key = store_key(1);
    ck_assert_int_eq(store_get(store, 1, 1, 100), WTFCB_OK);
    ck_assert_int_eq(store_get(store, 2, 1, 100), WTFCB_ENOTFOUND);
    ck_assert_int_eq(store_put(store, 2, 1, 100), WTFCB_EREADONLY);
    ck_assert_int_eq(wtfcb_cache_store_remove(store, &key), WTFCB_EREADONLY);
    ck_assert_int_eq(wtfcb_cache_store_clear(store), WTFCB_EREADONLY);
    ck_assert_int_eq(wtfcb_cache_store_sync(store, 0), WTFCB_OK);
    listing l = {0};
    ck_assert_int_eq(wtfcb_cache_store_list(store, "", 0, see, &l), WTFCB_OK);
    ck_assert_uint_eq(l.count, 1);
    ck_assert_uint_eq(store_stats(store).entries, 1);
    wtfcb_cache_store_close(store);
    free(directory);
}
END_TEST

START_TEST(what_is_read_often_outlives_the_generations_and_the_file_keeps_its_bound)
{
    char *directory = wtfcb_test_directory();
    wtfcb_cache_store_options options = store_options();
    options.size = 4 << 20;
    options.queue = 128 << 10;
    wtfcb_cache_store *store;
    ck_assert_int_eq(store_try(NULL, directory, &options, &store), WTFCB_OK);
    ck_assert_int_eq(store_put(store, 1, 1, 500), WTFCB_OK);
    ck_assert_int_eq(store_put(store, 2, 1, 500), WTFCB_OK);
    enum { RECORDS = 20000, FIRST = 1000 };
    for (uint64_t i = FIRST; i < FIRST + RECORDS; i++) {
        ck_assert_int_eq(store_put(store, i, 1, 1000), WTFCB_OK);
        if (i % 100 == 0) ck_assert_int_eq(store_get(store, 1, 1, 500), WTFCB_OK);
    }
    ck_assert_int_eq(wtfcb_cache_store_sync(store, 0), WTFCB_OK);
    wtfcb_cache_store_stats stats = store_stats(store);
    ck_assert_int_eq(stats.write_status, WTFCB_OK);
    ck_assert_uint_ge(stats.generations_dropped, 4);
    ck_assert_uint_eq(stats.dropped, 0);
    ck_assert_uint_le(stats.file_bytes, options.size + options.size / 8);
    ck_assert_uint_gt(stats.entries, 600);
    ck_assert_int_eq(store_get(store, 1, 1, 500), WTFCB_OK);
    ck_assert_int_eq(store_get(store, 2, 1, 500), WTFCB_ENOTFOUND);
    unsigned said = 0; /* of those that were dropped last */
    for (uint64_t i = stats.entries + 50; i < stats.entries + 350; i++) {
        wtfcb_cache_key key = store_key(FIRST + RECORDS - 1 - i);
        said += wtfcb_cache_store_evicted(store, &key);
    }
    ck_assert_uint_gt(said, 290);
    said = 0;
    for (uint64_t i = 0; i < 10000; i++) {
        wtfcb_cache_key key = store_key(1000000 + i);
        said += wtfcb_cache_store_evicted(store, &key);
    }
    ck_assert_uint_lt(said, 200);
    for (uint64_t i = 0; i < 250;
         i++) /* half a generation: to read them moves what is in the older one, and must not fill the younger */
        ck_assert_int_eq(store_get(store, FIRST + RECORDS - 1 - i, 1, 1000), WTFCB_OK);
    wtfcb_cache_store_close(store);
    free(directory);
}
END_TEST

START_TEST(a_value_that_can_never_fit_is_refused_and_counted)
{
    char *directory = wtfcb_test_directory();
    wtfcb_cache_store_options options = store_options();
    options.size = 1 << 20;
    wtfcb_cache_store *store;
    ck_assert_int_eq(store_try(NULL, directory, &options, &store), WTFCB_OK);
    ck_assert_int_eq(store_put(store, 1, 1, 1 << 20), WTFCB_ENOSPACE);
    ck_assert_uint_eq(store_stats(store).dropped, 1);
    for (uint64_t i = 0; i < 60; i++)
        ck_assert_int_eq(store_put(store, i, 1, 200 << 10), WTFCB_OK);
    ck_assert_int_eq(wtfcb_cache_store_sync(store, 0), WTFCB_OK);
    ck_assert_int_eq(store_get(store, 59, 1, 200 << 10), WTFCB_OK);
    ck_assert_uint_le(store_stats(store).file_bytes, options.size + options.size / 8);
    wtfcb_cache_store_close(store);
    free(directory);
}
END_TEST

/* ------------------------------------------------------------------------------------------------------------------ */

enum { THREADS = 6, NUMBERS = 2000 };

typedef struct worker {
    wtfcb_cache_store *store;
    const char *directory;
    unsigned which;
    unsigned rounds;
    unsigned found;
} worker;

static wtfcb_status is_right(void *user, const void *payload, size_t length)
{
    return store_is_right(payload, *(uint64_t *)user, length) ? WTFCB_OK : WTFCB_ECALLBACK;
}

static wtfcb_status only_count(void *user, const wtfcb_cache_key *key, const void *payload, size_t length)
{
    (void)key;
    (void)length;
    *(unsigned *)user += payload != NULL;
    return WTFCB_OK;
}

static void *work(void *user)
{
    worker *w = user;
    uint64_t state = w->which * UINT64_C(0x9e3779b97f4a7c15) + 1;
    for (unsigned i = 0; i < w->rounds; i++) {
        state = state * UINT64_C(6364136223846793005) + 1442695040888963407u;
        uint64_t number = (state >> 33) % NUMBERS;
        wtfcb_cache_key key = store_key(number);
        wtfcb_status status = WTFCB_OK;
        switch ((state >> 20) % 256) {
        case 0: status = wtfcb_cache_store_remove(w->store, &key); break;
        case 1: status = wtfcb_cache_store_list(w->store, "v", 1, only_count, &w->found); break;
        case 2: (void)store_stats(w->store); break;
        case 3: (void)wtfcb_cache_store_evicted(w->store, &key); break;
        case 4:
            if (i % 16 == 0) status = wtfcb_cache_store_sync(w->store, 0);
            break;
        case 5:
            if (i % 64 == 0) status = wtfcb_cache_store_clear(w->store);
            break;
        case 6: {
            wtfcb_cache_store_options options = store_options();
            wtfcb_cache_store *same;
            status = store_try(NULL, w->directory, &options, &same);
            if (status == WTFCB_OK) wtfcb_cache_store_close(same);
            break;
        }
        default:
            if (state >> 60 < 4)
                status = store_put(w->store, number, state >> 40, 16 + (state >> 12) % 2000);
            else
                status = wtfcb_cache_store_get(w->store, &key, is_right, &number);
        }
        ck_assert_msg(status == WTFCB_OK || status == WTFCB_ENOTFOUND, "%d", status);
    }
    return NULL;
}

START_TEST(threads_that_do_everything_at_once_get_right_values_and_finish)
{
    char *directory = wtfcb_test_directory();
    wtfcb_cache_store_options options = store_options();
    options.size = 2 << 20;
    options.queue = 128 << 10;
    options.lock_timeout_ms = 20000;
    wtfcb_cache_store *store;
    ck_assert_int_eq(store_try(NULL, directory, &options, &store), WTFCB_OK);
    pthread_t threads[THREADS];
    worker workers[THREADS];
    for (unsigned i = 0; i < THREADS; i++) {
        workers[i] = (worker){store, directory, i, wtfcb_test_long() ? 40000 : 4000, 0};
        ck_assert_int_eq(pthread_create(&threads[i], NULL, work, &workers[i]), 0);
    }
    for (unsigned i = 0; i < THREADS; i++)
        ck_assert_int_eq(pthread_join(threads[i], NULL), 0);
    ck_assert_int_eq(store_stats(store).write_status, WTFCB_OK);
    ck_assert_uint_eq(store_stats(store).damaged, 0);
    wtfcb_cache_store_close(store);
    free(directory);
}
END_TEST

static void *open_and_close(void *user)
{
    worker *w = user;
    for (unsigned i = 0; i < w->rounds; i++) {
        wtfcb_cache_store *store = store_open(w->directory);
        ck_assert_int_eq(store_put(store, w->which, i, 100), WTFCB_OK);
        ck_assert_int_eq(store_get(store, w->which, i, 100), WTFCB_OK);
        wtfcb_cache_store_close(store);
    }
    return NULL;
}

START_TEST(threads_that_open_and_close_one_directory_lose_nothing)
{
    char *directory = wtfcb_test_directory();
    pthread_t threads[THREADS];
    worker workers[THREADS];
    unsigned rounds = wtfcb_test_long() ? 200 : 15;
    for (unsigned i = 0; i < THREADS; i++) {
        workers[i] = (worker){NULL, directory, i, rounds, 0};
        ck_assert_int_eq(pthread_create(&threads[i], NULL, open_and_close, &workers[i]), 0);
    }
    for (unsigned i = 0; i < THREADS; i++)
        ck_assert_int_eq(pthread_join(threads[i], NULL), 0);
    wtfcb_cache_store *store = store_open(directory);
    for (unsigned i = 0; i < THREADS; i++)
        ck_assert_int_eq(store_get(store, i, rounds - 1, 100), WTFCB_OK);
    ck_assert_uint_eq(store_stats(store).set_aside, 0);
    wtfcb_cache_store_close(store);
    free(directory);
}
END_TEST

/* Memory of this process that is mapped from files, in kB; 0 where the system does not tell. */
static unsigned long mapped_kb(void)
{
    char line[256];
    unsigned long kb = 0;
    FILE *status = fopen("/proc/self/status", "r");
    while (status && kb == 0 && fgets(line, sizeof line, status))
        if (strncmp(line, "RssFile:", 8) == 0) kb = strtoul(line + 8, NULL, 10);
    if (status) (void)fclose(status);
    return kb;
}

typedef struct watch {
    atomic_bool over;
    unsigned long most;
} watch;

static void *watch_memory(void *user)
{
    watch *w = user;
    while (!atomic_load(&w->over)) {
        unsigned long kb = mapped_kb();
        if (kb > w->most) w->most = kb;
        (void)nanosleep(&(struct timespec){.tv_nsec = 1000 * 1000}, NULL);
    }
    return NULL;
}

/*
 * The map is shared and clean, but it counts as the process's. Values find their places all over the file. Put as a scan does, some
 * thousand in a second: who puts as fast as he can is served faster and not small.
 */
START_TEST(process_that_writes_a_large_store_is_not_as_large_itself)
{
    enum { RECORDS = 40000, AT_ONCE = 24, MOST_KB = 64 << 10 };
    char *directory = wtfcb_test_directory();
    wtfcb_cache_store_options options = store_options();
    options.size = 1 << 30;
    options.lock_timeout_ms = 60 * 1000; /* for a machine under load */
    wtfcb_cache_store *store = NULL;
    ck_assert_int_eq(store_try(NULL, directory, &options, &store), WTFCB_OK);
    unsigned long before = mapped_kb();
    watch w = {.most = before};
    pthread_t watcher;
    ck_assert_int_eq(pthread_create(&watcher, NULL, watch_memory, &w), 0);
    for (uint64_t i = 0; i < RECORDS; i++) {
        ck_assert_int_eq(store_put(store, i, 1, 1000), WTFCB_OK);
        if (i % AT_ONCE == 0) (void)nanosleep(&(struct timespec){.tv_nsec = 2 * 1000 * 1000}, NULL);
    }
    ck_assert_int_eq(wtfcb_cache_store_sync(store, 0), WTFCB_OK);
    atomic_store(&w.over, true);
    ck_assert_int_eq(pthread_join(watcher, NULL), 0);
    ck_assert_uint_gt(store_stats(store).file_bytes, RECORDS * 1000);
    ck_assert_msg(w.most - before < MOST_KB, "%lu kB", w.most - before);
    wtfcb_cache_store_close(store);
    free(directory);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("store");
    TCase *records = tcase_create("records");
    tcase_add_test(records, what_is_put_is_found_at_once_after_it_is_written_and_after_reopening);
    tcase_add_test(records, values_of_all_sizes_come_back_aligned);
    tcase_add_test(records, many_records_in_many_batches_are_all_found);
    tcase_add_test(records, the_last_put_of_a_key_counts_and_a_removal_hides_it_at_once);
    tcase_add_test(records, clear_removes_what_is_written_and_what_is_queued);
    tcase_add_test(records, cleared_store_gives_its_file_back_when_the_last_one_leaves);
    tcase_add_test(records, cleared_store_keeps_its_file_while_another_process_has_it_open);
    tcase_add_test(records, a_listing_gives_each_record_under_a_prefix_once_in_order);
    tcase_add_test(records, all_handles_on_a_directory_share_one_store_with_the_options_of_the_first);
    tcase_add_test(records, a_store_of_another_format_is_left_alone);
    tcase_add_test(records, a_store_that_is_read_only_gives_what_there_is_and_takes_nothing);
    tcase_add_test(records, what_is_read_often_outlives_the_generations_and_the_file_keeps_its_bound);
    tcase_add_test(records, a_value_that_can_never_fit_is_refused_and_counted);
    tcase_add_test(records, process_that_writes_a_large_store_is_not_as_large_itself);
    suite_add_tcase(s, records);
    TCase *threads = tcase_create("threads");
    tcase_add_test(threads, threads_that_do_everything_at_once_get_right_values_and_finish);
    tcase_add_test(threads, threads_that_open_and_close_one_directory_lose_nothing);
    suite_add_tcase(s, threads);
    return s;
}
WTFCB_TEST_MAIN(suite)
