/*
 * The persistent tier when something is wrong with its files, its space or its memory: nothing wrong is given out, and the next who opens is
 * served.
 */
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../base/counting.h"
#include "cache/store_frame.h"
#include "store_help.h"

/* The thread sanitizer does not follow a fork. */
#ifdef __SANITIZE_THREAD__
enum { FORKS = 0 };
#else
enum { FORKS = 1 };
#endif

enum { RECORDS = 400, WRONG = 13, NOT_OPENED = 14 };

static int open_data(const char *directory)
{
    wtfcb_cache_place place;
    ck_assert_int_eq(wtfcb_cache_place_open(NULL, directory, false, &place, NULL), WTFCB_OK);
    int fd = openat(place.store, "data.mdb", O_RDWR | O_CLOEXEC);
    ck_assert_int_ge(fd, 0);
    wtfcb_cache_place_close(&place);
    return fd;
}

static size_t length_of(uint64_t number)
{
    return number % 10 == 0 ? 9000 : 16 + number % 700;
}

static void fill(const char *directory)
{
    wtfcb_cache_store *store = store_open(directory);
    for (uint64_t i = 0; i < RECORDS; i++)
        ck_assert_int_eq(store_put(store, i, 1, length_of(i)), WTFCB_OK);
    wtfcb_cache_store_close(store);
}

static wtfcb_status judge(void *user, const void *payload, size_t length)
{
    uint64_t number = *(uint64_t *)user;
    return length == length_of(number) && store_is_right(payload, number, length) ? WTFCB_OK : WTFCB_ECALLBACK;
}

/* Reads everything; how many records were right, -1 if one was wrong. */
static int count_right(wtfcb_cache_store *store)
{
    int right = 0;
    for (uint64_t i = 0; i < RECORDS; i++) {
        wtfcb_cache_key key = store_key(i);
        wtfcb_status status = wtfcb_cache_store_get(store, &key, judge, &i);
        if (status == WTFCB_ECALLBACK) return -1;
        right += status == WTFCB_OK;
    }
    return right;
}

static wtfcb_status pass(void *user, const wtfcb_cache_key *key, const void *payload, size_t length)
{
    (void)key;
    (void)length;
    *(int *)user += payload == NULL;
    return WTFCB_OK;
}

/* In a child: whatever the file holds, no wrong value comes out. It may end by a signal. */
static void read_all(const char *directory)
{
    wtfcb_cache_store_options options = store_options();
    wtfcb_cache_store *store;
    if (store_try(NULL, directory, &options, &store) != WTFCB_OK) _exit(NOT_OPENED);
    if (count_right(store) < 0) _exit(WRONG);
    int damaged = 0;
    (void)wtfcb_cache_store_list(store, "", 0, pass, &damaged);
    for (uint64_t i = 0; i < 20; i++)
        (void)store_put(store, i, 1, length_of(i));
    if (count_right(store) < 0) _exit(WRONG);
    wtfcb_cache_store_close(store);
    _exit(0);
}

static int in_child(const char *directory, void (*run)(const char *))
{
    int status;
    pid_t child = fork();
    if (child == 0) {
        (void)signal(SIGSEGV, SIG_DFL); /* the address sanitizer would make an exit of it */
        (void)signal(SIGBUS, SIG_DFL);
        run(directory);
    }
    ck_assert_int_gt(child, 0);
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    return status;
}

static void open_and_work(const char *directory)
{
    wtfcb_cache_store_options options = store_options();
    wtfcb_cache_store *store;
    if (store_try(NULL, directory, &options, &store) != WTFCB_OK) _exit(NOT_OPENED);
    if (count_right(store) < 0) _exit(WRONG);
    if (store_put(store, 1, 1, length_of(1)) != WTFCB_OK || wtfcb_cache_store_sync(store, 0) != WTFCB_OK)
        _exit(NOT_OPENED);
    if (store_get(store, 1, 1, length_of(1)) != WTFCB_OK) _exit(NOT_OPENED);
    wtfcb_cache_store_close(store);
    _exit(0);
}

/* `silent`: as a disk would do it, without a trace in the file's times. */
static void flip_bits(const char *directory, uint64_t *state, bool silent)
{
    int fd = open_data(directory);
    struct stat st;
    ck_assert_int_eq(fstat(fd, &st), 0);
    unsigned flips = 1 + (unsigned)(*state >> 40) % 20;
    for (unsigned i = 0; i < flips; i++) {
        *state = *state * UINT64_C(6364136223846793005) + 1442695040888963407u;
        off_t at = (off_t)((*state >> 11) % (uint64_t)st.st_size);
        unsigned char byte;
        ck_assert_int_eq(pread(fd, &byte, 1, at), 1);
        byte ^= (unsigned char)(1u << (*state >> 8 & 7));
        ck_assert_int_eq(pwrite(fd, &byte, 1, at), 1);
    }
    struct timespec times[] = {st.st_atim, st.st_mtim};
    if (silent) ck_assert_int_eq(futimens(fd, times), 0);
    (void)close(fd);
}

static void flip_and_read(bool silent)
{
    unsigned rounds = wtfcb_test_long() ? 500 : 25;
    uint64_t state = 42;
    unsigned died = 0;
    for (unsigned round = 0; round < rounds; round++) {
        char *directory = wtfcb_test_directory();
        fill(directory);
        flip_bits(directory, &state, silent);
        int first = in_child(directory, read_all);
        ck_assert_msg(first == 0 || WIFSIGNALED(first), "round %u: %#x", round, (unsigned)first);
        int second = 0;
        if (WIFSIGNALED(first)) {
            died++;
            second = in_child(directory, open_and_work);
        } else {
            second = in_child(directory, read_all);
            if (WIFSIGNALED(second)) second = in_child(directory, open_and_work);
        }
        ck_assert_msg(second == 0, "round %u: first %#x, second %#x", round, (unsigned)first, (unsigned)second);
        free(directory);
    }
    ck_assert_msg(silent || died == 0, "%u of %u died on a file that was checked", died, rounds);
}

START_TEST(bits_that_flip_in_a_file_that_tells_of_it_harm_nobody)
{
    flip_and_read(false);
}
END_TEST

START_TEST(bits_that_flip_silently_give_no_wrong_value_and_are_found_by_the_next)
{
    flip_and_read(true);
}
END_TEST

START_TEST(a_file_that_was_cut_short_ends_nobody)
{
    for (unsigned part = 0; part < 8; part++) {
        char *directory = wtfcb_test_directory();
        fill(directory);
        int fd = open_data(directory);
        struct stat st;
        ck_assert_int_eq(fstat(fd, &st), 0);
        struct timespec times[] = {st.st_atim, st.st_mtim};
        ck_assert_int_eq(ftruncate(fd, st.st_size * part / 8 + (part % 2 ? 100 : 0)), 0);
        ck_assert_int_eq(futimens(fd, times), 0);
        (void)close(fd);
        ck_assert_int_eq(in_child(directory, open_and_work), 0);
        free(directory);
    }
}
END_TEST

START_TEST(a_file_of_something_else_is_set_aside_and_counted)
{
    char *directory = wtfcb_test_directory();
    fill(directory);
    int fd = open_data(directory);
    ck_assert_int_eq(ftruncate(fd, 0), 0);
    for (off_t i = 0; i < 100; i++)
        ck_assert_int_eq(pwrite(fd, "something else\n", 15, i * 15), 15);
    (void)close(fd);
    wtfcb_cache_store *store = store_open(directory);
    ck_assert_uint_eq(store_stats(store).set_aside, 1);
    ck_assert_int_eq(store_stats(store).status, WTFCB_OK);
    ck_assert_int_eq(count_right(store), 0);
    ck_assert_int_eq(store_put(store, 1, 1, 100), WTFCB_OK);
    ck_assert_int_eq(wtfcb_cache_store_sync(store, 0), WTFCB_OK);
    ck_assert_int_eq(store_get(store, 1, 1, 100), WTFCB_OK);
    wtfcb_cache_store_close(store);
    store = store_open(directory);
    ck_assert_uint_eq(store_stats(store).set_aside, 0);
    ck_assert_int_eq(store_get(store, 1, 1, 100), WTFCB_OK);
    wtfcb_cache_store_close(store);
    free(directory);
}
END_TEST

/* Finds a payload in the file and changes a byte of it, while the store is closed. */
static void spoil_payload(const char *directory, uint64_t number)
{
    int fd = open_data(directory);
    size_t length = length_of(number);
    unsigned char *wanted = malloc(length);
    ck_assert_ptr_nonnull(wanted);
    store_fill(wanted, number, 1, length);
    struct stat st;
    ck_assert_int_eq(fstat(fd, &st), 0);
    char *file = malloc((size_t)st.st_size);
    ck_assert_ptr_nonnull(file);
    ck_assert_int_eq(pread(fd, file, (size_t)st.st_size, 0), st.st_size);
    unsigned places = 0;
    char *end = file + st.st_size;
    for (char *at = file; (at = memmem(at, (size_t)(end - at), wanted, length)); at++, places++)
        ck_assert_int_eq(pwrite(fd, "\x55", 1, at - file + 20), 1);
    ck_assert_uint_gt(places, 0);
    free(file);
    free(wanted);
    (void)close(fd);
}

START_TEST(a_damaged_record_is_missed_counted_once_and_removed)
{
    char *directory = wtfcb_test_directory();
    fill(directory);
    spoil_payload(directory, 25);
    wtfcb_cache_store *store = store_open(directory);
    ck_assert_uint_eq(store_stats(store).set_aside, 0);
    int damaged = 0;
    ck_assert_int_eq(wtfcb_cache_store_list(store, "v", 1, pass, &damaged), WTFCB_OK);
    ck_assert_int_eq(damaged, 1);
    ck_assert_int_eq(store_get(store, 25, 1, length_of(25)), WTFCB_EFORMAT);
    ck_assert_int_eq(wtfcb_cache_store_sync(store, 0), WTFCB_OK);
    ck_assert_int_eq(store_get(store, 25, 1, length_of(25)), WTFCB_ENOTFOUND);
    ck_assert_uint_eq(store_stats(store).damaged, 1);
    ck_assert_uint_eq(store_stats(store).entries, RECORDS - 1);
    ck_assert_int_eq(count_right(store), RECORDS - 1);
    wtfcb_cache_store_close(store);
    free(directory);
}
END_TEST

/* Every branch page says that it has a single key, which LMDB asserts against. */
static void spoil_branches(const char *directory)
{
    enum { FLAGS = 10, LOWER = 12, BRANCH = 1 };
    int fd = open_data(directory);
    struct stat st;
    ck_assert_int_eq(fstat(fd, &st), 0);
    unsigned spoilt = 0;
    for (off_t at = 0; at < st.st_size; at += 4096) {
        uint16_t flags;
        uint16_t lower = 16 + 2;
        ck_assert_int_eq(pread(fd, &flags, sizeof flags, at + FLAGS), sizeof flags);
        if (flags != BRANCH) continue;
        ck_assert_int_eq(pwrite(fd, &lower, sizeof lower, at + LOWER), sizeof lower);
        spoilt++;
    }
    ck_assert_uint_gt(spoilt, 0);
    (void)close(fd);
}

START_TEST(what_lmdb_asserts_against_in_a_read_ends_the_store_and_not_the_process)
{
    char *directory = wtfcb_test_directory();
    fill(directory);
    wtfcb_cache_store *store = store_open(directory);
    ck_assert_int_eq(count_right(store), RECORDS);
    spoil_branches(directory);
    ck_assert_int_eq(count_right(store), 0);
    int damaged = 0;
    wtfcb_cache_key key = store_key(1);
    ck_assert_int_eq(store_get(store, 1, 1, length_of(1)), WTFCB_EDAMAGED);
    ck_assert_int_eq(wtfcb_cache_store_list(store, "v", 1, pass, &damaged), WTFCB_EDAMAGED);
    ck_assert(!wtfcb_cache_store_evicted(store, &key));
    ck_assert_int_eq(store_put(store, 1, 1, 100), WTFCB_ENOSPACE);
    ck_assert_int_eq(store_stats(store).status, WTFCB_EDAMAGED);
    ck_assert_int_eq(store_stats(store).write_status, WTFCB_EDAMAGED);
    wtfcb_cache_store_close(store);
    store = store_open(directory);
    ck_assert_uint_eq(store_stats(store).set_aside, 1);
    ck_assert_int_eq(store_put(store, 1, 1, 100), WTFCB_OK);
    ck_assert_int_eq(wtfcb_cache_store_sync(store, 0), WTFCB_OK);
    wtfcb_cache_store_close(store);
    free(directory);
}
END_TEST

START_TEST(a_listing_that_meets_damage_ends_with_it)
{
    char *directory = wtfcb_test_directory();
    fill(directory);
    wtfcb_cache_store *store = store_open(directory);
    spoil_branches(directory);
    int damaged = 0;
    ck_assert_int_eq(wtfcb_cache_store_list(store, "v", 1, pass, &damaged), WTFCB_EDAMAGED);
    ck_assert_int_eq(store_stats(store).status, WTFCB_EDAMAGED);
    wtfcb_cache_store_close(store);
    free(directory);
}
END_TEST

START_TEST(a_frame_is_refused_when_any_bit_of_it_or_its_key_is_another)
{
    static const unsigned char payload[] = "a payload of some bytes";
    _Alignas(8) unsigned char frame[64];
    wtfcb_cache_key plain = store_key(1);
    wtfcb_cache_stored_key key;
    wtfcb_cache_stored_key other;
    wtfcb_cache_frame_key(&plain, &key);
    plain = store_key(2);
    wtfcb_cache_frame_key(&plain, &other);
    size_t size = wtfcb_cache_frame_size(sizeof payload);
    ck_assert_uint_eq(size, 16 + 24);
    wtfcb_cache_frame_write(&key, payload, sizeof payload, frame);
    const void *found;
    size_t length;
    ck_assert(wtfcb_cache_frame_read(&key, frame, size, &found, &length));
    ck_assert(length == sizeof payload && memcmp(found, payload, length) == 0);
    ck_assert(!wtfcb_cache_frame_read(&other, frame, size, &found, &length));
    for (size_t bit = 0; bit < (16 + sizeof payload) * 8; bit++) {
        frame[bit / 8] ^= (unsigned char)(1u << bit % 8);
        ck_assert(!wtfcb_cache_frame_read(&key, frame, size, &found, &length));
        frame[bit / 8] ^= (unsigned char)(1u << bit % 8);
    }
    for (size_t cut = 0; cut < size; cut++)
        ck_assert(!wtfcb_cache_frame_read(&key, frame, cut, &found, &length));
}
END_TEST

START_TEST(keys_of_the_store_lead_back_to_those_they_were_made_of)
{
    for (unsigned length = 1; length <= WTFCB_CACHE_LONGEST_KEY; length++) {
        for (unsigned byte = 0; byte < 256; byte += 51) {
            wtfcb_cache_key key = {.length = (uint8_t)length};
            memset(key.bytes, (int)byte, length);
            wtfcb_cache_stored_key stored;
            wtfcb_cache_stored_key again;
            wtfcb_cache_key back;
            wtfcb_cache_frame_key(&key, &stored);
            ck_assert_uint_eq(stored.length % 8, 0);
            ck_assert(wtfcb_cache_frame_key_read(stored.bytes, stored.length, &back, &again));
            ck_assert(back.length == length && memcmp(back.bytes, key.bytes, length) == 0);
            ck_assert(again.hash == stored.hash && again.length == stored.length);
            ck_assert(!wtfcb_cache_frame_key_read(stored.bytes, stored.length - 1, &back, &again) ||
                      back.length != length);
        }
    }
}
END_TEST

/* ------------------------------------------------------------------------------------------------------------------ */

/* Everything that a handle does, with whatever fails; a value that is read is right all the same. */
static void use(const wtfcb_allocator *allocator, const char *directory)
{
    wtfcb_cache_store_options options = store_options();
    wtfcb_cache_store *store;
    if (store_try(allocator, directory, &options, &store) != WTFCB_OK) return;
    for (uint64_t i = 0; i < 10; i++) {
        wtfcb_status status = store_put(store, i, 2, length_of(i));
        ck_assert(status == WTFCB_OK || status == WTFCB_ENOMEM);
        if (status == WTFCB_OK) ck_assert_int_eq(store_get(store, i, 2, length_of(i)), WTFCB_OK);
    }
    wtfcb_cache_key key = store_key(3);
    (void)wtfcb_cache_store_remove(store, &key);
    int damaged = 0;
    wtfcb_status status = wtfcb_cache_store_list(store, "v", 1, pass, &damaged);
    ck_assert(status == WTFCB_OK || status == WTFCB_ENOMEM);
    ck_assert_int_eq(damaged, 0);
    ck_assert_int_eq(wtfcb_cache_store_sync(store, 0), WTFCB_OK);
    (void)wtfcb_cache_store_evicted(store, &key);
    ck_assert(store_stats(store).write_status == WTFCB_OK);
    wtfcb_cache_store_close(store);
}

START_TEST(every_allocation_that_fails_is_answered_and_leaks_nothing)
{
    char *directory = wtfcb_test_directory();
    fill(directory);
    counting c;
    unsigned long at = 0;
    do {
        counting_init(&c);
        counting_fail(&c, ++at, false);
        use(&c.allocator, directory);
        counting_assert_clean(&c);
    } while (atomic_load(&c.failed) > 0 && at < 500);
    ck_assert_uint_gt(at, 10);
    ck_assert_uint_lt(at, 500);
    for (unsigned long from = 1; from < at; from++) {
        counting_init(&c);
        counting_fail(&c, from, true);
        use(&c.allocator, directory);
        counting_assert_clean(&c);
    }
    free(directory);
}
END_TEST

/* ------------------------------------------------------------------------------------------------------------------ */

static void fill_disk(const char *directory)
{
    char path[512];
    (void)snprintf(path, sizeof path, "%s/ballast", directory);
    static char block[4096];
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    while (write(fd, block, sizeof block) > 0) {}
    (void)close(fd);
}

static int on_small_disk(void (*run)(const char *))
{
    char *directory = wtfcb_test_directory();
    pid_t child = fork();
    if (child == 0) {
        if (unshare(CLONE_NEWNS) != 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
            mount("none", directory, "tmpfs", 0, "size=2m,mode=0700") != 0)
            _exit(77);
        run(directory);
        _exit(0);
    }
    int status;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    free(directory);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 77) printf("no file system may be mounted here: left out\n");
    return WIFEXITED(status) && WEXITSTATUS(status) == 77 ? 0 : status;
}

/* Values come back or are missed; writing goes off with the reason; what was written before is still read. */
static void write_until_full(const char *directory)
{
    wtfcb_cache_store_options options = store_options();
    wtfcb_cache_store *store;
    if (store_try(NULL, directory, &options, &store) != WTFCB_OK) _exit(NOT_OPENED);
    if (store_put(store, 0, 1, 100) != WTFCB_OK || wtfcb_cache_store_sync(store, 0) != WTFCB_OK) _exit(1);
    wtfcb_status status = WTFCB_OK;
    for (uint64_t i = 1; i < 100000 && status == WTFCB_OK; i++)
        status = store_put(store, i, 1, 1000);
    if (status != WTFCB_ENOSPACE) _exit(2);
    if (store_stats(store).write_status != WTFCB_ENOSPACE || store_stats(store).status != WTFCB_OK) _exit(3);
    for (int i = 0; i < 2000 && store_stats(store).queued != 0; i++) /* the writer is about to let go of them */
        usleep(1000);
    if (store_stats(store).dropped == 0 || store_stats(store).queued != 0) _exit(4);
    if (store_get(store, 0, 1, 100) != WTFCB_OK) _exit(5);
    wtfcb_cache_store_close(store);
    if (store_try(NULL, directory, &options, &store) != WTFCB_ENOSPACE) _exit(6);
    options.read_only = true;
    if (store_try(NULL, directory, &options, &store) != WTFCB_OK) _exit(8);
    if (store_get(store, 0, 1, 100) != WTFCB_OK) _exit(7);
    wtfcb_cache_store_close(store);
}

START_TEST(a_full_disk_turns_writing_off_and_leaves_reading)
{
    int status = on_small_disk(write_until_full);
    ck_assert_msg(status == 0, "%#x", (unsigned)status);
}
END_TEST

static void open_when_full(const char *directory)
{
    wtfcb_cache_store_options options = store_options();
    wtfcb_cache_store *store;
    fill_disk(directory);
    if (store_try(NULL, directory, &options, &store) != WTFCB_ENOSPACE) _exit(1);
}

START_TEST(a_store_is_not_begun_on_a_full_disk)
{
    int status = on_small_disk(open_when_full);
    ck_assert_msg(status == 0, "%#x", (unsigned)status);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("store in trouble");
    TCase *frames = tcase_create("frames");
    tcase_add_test(frames, a_frame_is_refused_when_any_bit_of_it_or_its_key_is_another);
    tcase_add_test(frames, keys_of_the_store_lead_back_to_those_they_were_made_of);
    suite_add_tcase(s, frames);
    TCase *files = tcase_create("files");
    tcase_add_test(files, a_file_of_something_else_is_set_aside_and_counted);
    tcase_add_test(files, a_damaged_record_is_missed_counted_once_and_removed);
    tcase_add_test(files, what_lmdb_asserts_against_in_a_read_ends_the_store_and_not_the_process);
    tcase_add_test(files, a_listing_that_meets_damage_ends_with_it);
    tcase_add_test(files, every_allocation_that_fails_is_answered_and_leaks_nothing);
    if (FORKS) {
        tcase_add_test(files, bits_that_flip_in_a_file_that_tells_of_it_harm_nobody);
        tcase_add_test(files, bits_that_flip_silently_give_no_wrong_value_and_are_found_by_the_next);
        tcase_add_test(files, a_file_that_was_cut_short_ends_nobody);
        tcase_add_test(files, a_full_disk_turns_writing_off_and_leaves_reading);
        tcase_add_test(files, a_store_is_not_begun_on_a_full_disk);
    }
    suite_add_tcase(s, files);
    return s;
}
WTFCB_TEST_MAIN(suite)
