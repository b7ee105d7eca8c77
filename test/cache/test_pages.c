/*
 * The check of data files: what LMDB wrote is sound, and what passes after damage does not end a process that uses it.
 *
 * Damage is done over and over with fixed seeds. What the check lets pass is handed to LMDB in a child, which reads all of it, writes, and reads
 * again; LMDB may answer with errors there, but not die. The counts are printed.
 */
#include "cache/pages.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../base/counting.h"
#include "lmdb_shapes.h"

static counting memory;
static char *top;
static int dir;

static void set_up(void)
{
    counting_init(&memory);
    top = wtfcb_test_directory();
    dir = open(top, O_RDONLY | O_DIRECTORY);
    ck_assert_int_ge(dir, 0);
}

static void tear_down(void)
{
    counting_assert_clean(&memory);
    close(dir);
    free(top);
}

static wtfcb_status check(const char **why)
{
    *why = NULL;
    return wtfcb_cache_pages_check(&memory.allocator, dir, why);
}

static void assert_sound(const char *what)
{
    const char *why;
    wtfcb_status status = check(&why);
    ck_assert_msg(status == WTFCB_OK, "%s: %d, %s", what, status, why ? why : "-");
    ck_assert_ptr_null(why);
}

/* Damage, found where it is and not by what it leads to: `because` is part of the sentence. */
static void assert_damaged(const char *what, const char *because)
{
    const char *why;
    wtfcb_status status = check(&why);
    ck_assert_msg(status == WTFCB_EDAMAGED, "%s: %d", what, status);
    ck_assert_ptr_nonnull(why);
    ck_assert_msg(strstr(why, because) != NULL, "%s: %s", what, why);
}

static void start_again(void)
{
    (void)unlinkat(dir, "data.mdb", 0);
    (void)unlinkat(dir, "lock.mdb", 0);
}

/* ------------------------------------------------------------------------------------------------------------------ */
/* Sound files */

START_TEST(absent_and_empty_files_pass)
{
    assert_sound("absent");
    close(openat(dir, "data.mdb", O_WRONLY | O_CREAT, 0600));
    assert_sound("empty");
}
END_TEST

START_TEST(what_is_no_plain_file_is_damage)
{
    ck_assert_int_eq(mkdirat(dir, "data.mdb", 0700), 0);
    assert_damaged("directory", "plain");
    ck_assert_int_eq(unlinkat(dir, "data.mdb", AT_REMOVEDIR), 0);
    ck_assert_int_eq(symlinkat("/dev/zero", dir, "data.mdb"), 0);
    assert_damaged("link", "plain");
    ck_assert_int_eq(unlinkat(dir, "data.mdb", 0), 0);
    ck_assert_int_eq(mkfifoat(dir, "data.mdb", 0600), 0);
    assert_damaged("FIFO", "plain");
}
END_TEST

START_TEST(every_shape_that_lmdb_writes_passes)
{
    for (size_t i = 0; i < LMDB_SHAPES; i++) {
        lmdb_make(top, &lmdb_shapes[i], lmdb_shapes[i].large);
        assert_sound(lmdb_shapes[i].name);
        start_again();
    }
}
END_TEST

/* Every state that is ever committed, with and without readers that hold pages back. */
START_TEST(every_commit_of_a_random_workload_passes)
{
    unsigned rounds = wtfcb_test_long() ? 40 : 1;
    for (unsigned seed = 0; seed < rounds; seed++) {
        MDB_env *env = lmdb_open(top);
        lmdb_random r = {seed};
        MDB_txn *reader = NULL;
        for (unsigned i = 0; i < 60; i++) {
            if (i % 20 == 5) ck_assert_int_eq(mdb_txn_begin(env, NULL, MDB_RDONLY, &reader), 0);
            lmdb_random_writes(env, &r, 1 + (unsigned)lmdb_random_below(&r, 400));
            char what[64];
            snprintf(what, sizeof what, "seed %u, commit %u", seed, i);
            assert_sound(what);
            if (i % 20 == 15) mdb_txn_abort(reader);
        }
        mdb_env_close(env);
        start_again();
    }
}
END_TEST

START_TEST(what_a_killed_writer_leaves_passes)
{
    unsigned rounds = wtfcb_test_long() ? 200 : 5;
    for (unsigned seed = 0; seed < rounds; seed++) {
        pid_t child = fork();
        ck_assert_int_ge(child, 0);
        if (child == 0) {
            MDB_env *env = lmdb_open(top);
            lmdb_random r = {seed};
            for (;;)
                lmdb_random_writes(env, &r, 200);
        }
        struct timespec moment = {0, (long)(seed * 7919 % 60 + 5) * 1000000};
        nanosleep(&moment, NULL);
        ck_assert_int_eq(kill(child, SIGKILL), 0);
        ck_assert_int_eq(waitpid(child, NULL, 0), child);
        assert_sound("killed");
    }
}
END_TEST

START_TEST(every_allocation_that_fails_is_reported)
{
    lmdb_make(top, &lmdb_shapes[4], 100);
    wtfcb_status status = WTFCB_ENOMEM;
    unsigned long number = 0;
    while (status != WTFCB_OK) {
        counting_fail(&memory, ++number, true);
        const char *why;
        status = check(&why);
        ck_assert(status == WTFCB_ENOMEM || (status == WTFCB_OK && memory.failed == 0));
        ck_assert_int_eq(atomic_load(&memory.live), 0);
    }
    ck_assert_uint_ge(number, 4);
}
END_TEST

/* ------------------------------------------------------------------------------------------------------------------ */
/* Damage */

enum { PAGE = 4096 };

/* A file as it was, kept to bring it back. */
typedef struct original {
    uint8_t *bytes;
    size_t size;
    int fd;
} original;

static void keep_original(original *o)
{
    o->fd = openat(dir, "data.mdb", O_RDWR | O_CLOEXEC);
    struct stat st;
    ck_assert_int_eq(fstat(o->fd, &st), 0);
    o->size = (size_t)st.st_size;
    o->bytes = malloc(o->size);
    ck_assert_int_eq(pread(o->fd, o->bytes, o->size, 0), (ssize_t)o->size);
    ck_assert_int_eq(o->size % PAGE, 0);
}

static void bring_back(const original *o)
{
    ck_assert_int_eq(pwrite(o->fd, o->bytes, o->size, 0), (ssize_t)o->size);
    ck_assert_int_eq(ftruncate(o->fd, (off_t)o->size), 0);
}

static void drop_original(original *o)
{
    free(o->bytes);
    close(o->fd);
}

static void poke(const original *o, size_t offset, const void *bytes, size_t length)
{
    ck_assert_uint_le(offset + length, o->size);
    ck_assert_int_eq(pwrite(o->fd, bytes, length, (off_t)offset), (ssize_t)length);
}

static uint64_t peek(const original *o, size_t offset, size_t length)
{
    uint64_t value = 0;
    memcpy(&value, o->bytes + offset, length);
    return value;
}

/* Where the meta page that counts begins. */
static size_t newer_meta(const original *o)
{
    return peek(o, 16 + 128, 8) < peek(o, PAGE + 16 + 128, 8) ? PAGE + 16 : 16;
}

START_TEST(each_number_of_the_meta_page_is_checked)
{
    static const struct {
        const char *what;
        size_t offset;
        size_t length;
        uint64_t value;
    } cases[] = {
        {"magic", 0, 4, 0xbeefc0df},        {"version", 4, 4, 2},
        {"map of one page", 16, 8, PAGE},   {"page size 0", 24, 4, 0},
        {"page size 8192", 24, 4, 8192},    {"page size 4095", 24, 4, 4095},
        {"sorted duplicates", 76, 2, 4},    {"no depth", 78, 2, 0},
        {"less depth", 78, 2, 1},           {"depth 33", 78, 2, 33},
        {"more entries", 104, 8, 3},        {"more leaves", 88, 8, 1000},
        {"root on a meta page", 112, 8, 1}, {"root outside", 112, 8, 1 << 30},
        {"no root", 112, 8, UINT64_MAX},    {"root of the free list", 64, 8, 2},
        {"last page 1", 120, 8, 1},         {"last page far out", 120, 8, UINT64_MAX},
    };
    lmdb_make(top, &lmdb_shapes[2], 3000);
    MDB_env *env = lmdb_open(top);
    MDB_txn *txn;
    MDB_dbi dbi;
    ck_assert_int_eq(mdb_txn_begin(env, NULL, 0, &txn), 0);
    ck_assert_int_eq(mdb_dbi_open(txn, NULL, 0, &dbi), 0);
    for (unsigned i = 0; i < 400; i++) { /* a main database of more than one level */
        char text[32];
        snprintf(text, sizeof text, "main %u", i);
        MDB_val key = {strlen(text), text};
        ck_assert_int_eq(mdb_put(txn, dbi, &key, &key, 0), 0);
    }
    ck_assert_int_eq(mdb_txn_commit(txn), 0);
    mdb_env_close(env);
    original o;
    keep_original(&o);
    size_t at = newer_meta(&o);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_sound("before");
        poke(&o, at + cases[i].offset, &cases[i].value, cases[i].length);
        assert_damaged(cases[i].what, strstr(cases[i].what, "no ") || cases[i].value == 33 ? "possible depth" : "");
        bring_back(&o);
    }
    drop_original(&o);
}
END_TEST

/* The page of the named database's record: its root, a leaf or a branch. */
static size_t root_of_named(const original *o, uint16_t kind)
{
    size_t main_root = (size_t)peek(o, newer_meta(o) + 72 + 40, 8) * PAGE;
    size_t node = main_root + (size_t)peek(o, main_root + 16, 2);
    size_t page = (size_t)peek(o, node + 8 + 1 + 40, 8) * PAGE;
    ck_assert_uint_eq(peek(o, page + 10, 2), 1);
    if (kind == 1) return page;
    node = page + (size_t)peek(o, page + 16 + 2, 2); /* the second child */
    page = (size_t)peek(o, node, 4) * PAGE;
    ck_assert_uint_eq(peek(o, page + 10, 2), 2);
    return page;
}

/* One number of a page's header, of the offsets behind it, or of the third node, is changed. */
START_TEST(each_number_of_a_page_and_its_nodes_is_checked)
{
    enum where { HEADER, OFFSET, NODE };
    static const struct {
        const char *what;
        enum where where;
        unsigned offset;
        unsigned length;
        uint64_t value;
        unsigned kinds; /* 1: branch, 2: leaf, 3: both */
        const char *because;
    } cases[] = {
        {"another page's number", HEADER, 0, 8, 3, 3, "own number"},
        {"no flags", HEADER, 10, 2, 0, 3, "another kind"},
        {"dirty", HEADER, 10, 2, 0x12, 3, "another kind"},
        {"overflow", HEADER, 10, 2, 4, 3, "another kind"},
        {"branch for leaf", HEADER, 10, 2, 1, 2, "another kind"},
        {"leaf for branch", HEADER, 10, 2, 2, 1, "another kind"},
        {"no nodes", HEADER, 12, 2, 16, 3, "too few nodes"},
        {"one node", HEADER, 12, 2, 18, 3, ""},
        {"lower in the header", HEADER, 12, 2, 14, 3, "bounds"},
        {"lower odd", HEADER, 12, 2, 21, 3, "bounds"},
        {"lower behind upper", HEADER, 12, 2, 4094, 3, "bounds"},
        {"upper behind the page", HEADER, 14, 2, 4098, 3, "bounds"},
        {"upper far behind the page", HEADER, 14, 2, 65534, 3, "bounds"},
        {"upper at lower", HEADER, 14, 2, 16, 3, "bounds"},
        {"offset 0", OFFSET, 0, 2, 0, 3, "outside of its page"},
        {"offset in the header", OFFSET, 0, 2, 14, 3, "outside of its page"},
        {"offset at the end", OFFSET, 0, 2, 4096, 3, "outside of its page"},
        {"offset too near to the end", OFFSET, 0, 2, 4090, 3, "outside of its page"},
        {"offset far out", OFFSET, 0, 2, 65534, 3, "outside of its page"},
        {"offset odd", OFFSET, 0, 2, 4001, 3, "outside of its page"},
        {"duplicates", NODE, 4, 2, 4, 2, "no known kind"},
        {"duplicates in a database", NODE, 4, 2, 6, 2, "no known kind"},
        {"database in a database", NODE, 4, 2, 2, 2, "database lies"},
        {"large value that is none", NODE, 4, 2, 1, 2, ""},
        {"data of 60 KB", NODE, 0, 2, 60000, 2, "too large"},
        {"data of 4 GB", NODE, 2, 2, 65535, 2, "too large"},
        {"data longer by 2", NODE, 0, 2, 80, 2, ""},
        {"no key", NODE, 6, 2, 0, 3, ""},
        {"key of 512 bytes", NODE, 6, 2, 512, 3, ""},
        {"key of 64 KB", NODE, 6, 2, 65535, 3, "too large"},
        {"smallest key", NODE, 8, 8, 0, 3, "out of order"},
        {"largest key", NODE, 8, 8, UINT64_MAX, 3, "out of order"},
        {"child on a meta page", NODE, 0, 4, 1, 1, "out of the file"},
        {"child far out", NODE, 4, 2, 1, 1, "out of the file"},
        {"child behind the last page", NODE, 0, 4, 110, 1, "out of the file"},
    };
    lmdb_make(top, &lmdb_shapes[2], 4000);
    original o;
    keep_original(&o);
    ck_assert_uint_le(o.size / PAGE, 110);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        for (uint16_t kind = 1; kind <= 2; kind++) {
            if ((cases[i].kinds & kind) == 0) continue;
            size_t page = root_of_named(&o, kind);
            size_t base = cases[i].where == HEADER ? 0 : cases[i].where == OFFSET ? 16 + 4 : peek(&o, page + 16 + 4, 2);
            poke(&o, page + base + cases[i].offset, &cases[i].value, cases[i].length);
            assert_damaged(cases[i].what, cases[i].because);
            bring_back(&o);
        }
    }
    /* A key given up to the data, so that the node keeps its size. */
    size_t page = root_of_named(&o, 2);
    size_t node = page + (size_t)peek(&o, page + 16, 2);
    uint16_t length = (uint16_t)(peek(&o, node, 2) + peek(&o, node + 6, 2));
    static const uint16_t none = 0;
    poke(&o, node, &length, 2);
    poke(&o, node + 6, &none, 2);
    assert_damaged("no key", "no possible size");
    bring_back(&o);
    assert_sound("brought back");
    drop_original(&o);
}
END_TEST

/* Every leaf is in order by itself, and so is the branch. */
START_TEST(leaves_out_of_order_are_damage)
{
    lmdb_make(top, &lmdb_shapes[2], 4000);
    original o;
    keep_original(&o);
    size_t page = root_of_named(&o, 1);
    size_t first = page + (size_t)peek(&o, page + 16 + 2, 2);
    size_t second = page + (size_t)peek(&o, page + 16 + 4, 2);
    poke(&o, first, o.bytes + second, 4);
    poke(&o, second, o.bytes + first, 4);
    assert_damaged("children swapped", "between pages");
    bring_back(&o);
    size_t end = first + 8 + (size_t)peek(&o, first + 6, 2) - 1;
    uint8_t more = (uint8_t)(o.bytes[end] + 1);
    ck_assert_uint_ne(more, 0);
    poke(&o, end, &more, 1);
    assert_damaged("branch begins behind its child", "between pages");
    bring_back(&o);
    size_t leaf = (size_t)peek(&o, page + peek(&o, page + 16, 2), 4) * PAGE; /* the one before */
    size_t last = leaf + (size_t)peek(&o, leaf + (size_t)peek(&o, leaf + 12, 2) - 2, 2);
    ck_assert_uint_eq(peek(&o, first + 6, 2), 17);
    poke(&o, first + 8, o.bytes + last + 8, 17);
    assert_damaged("branch begins in the child before", "between pages");
    bring_back(&o);
    drop_original(&o);
}
END_TEST

START_TEST(run_of_a_large_value_is_checked)
{
    lmdb_make(top, &lmdb_shapes[3], 20);
    original o;
    keep_original(&o);
    unsigned runs = 0;
    for (size_t page = 2 * PAGE; page < o.size; page += PAGE) {
        if (peek(&o, page, 8) != page / PAGE || peek(&o, page + 10, 2) != 4) continue;
        static const struct {
            size_t offset;
            size_t length;
            uint64_t value;
        } cases[] = {{0, 8, 2}, {10, 2, 2}, {12, 4, 0}, {12, 4, UINT32_MAX}};
        runs++;
        for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
            poke(&o, page + cases[i].offset, &cases[i].value, cases[i].length);
            assert_damaged("run", i < 2 ? "should" : i == 2 ? "too few" : "out of the file");
            bring_back(&o);
        }
        for (int by = -1; by <= 1; by += 2) { /* too few, or those of the next one too */
            uint32_t pages = (uint32_t)((int)peek(&o, page + 12, 4) + by);
            poke(&o, page + 12, &pages, sizeof pages);
            assert_damaged("run of another length", "");
            bring_back(&o);
        }
    }
    ck_assert_uint_ge(runs, 15);
    drop_original(&o);
}
END_TEST

START_TEST(branch_that_leads_back_to_itself_ends_the_walk)
{
    lmdb_make(top, &lmdb_shapes[2], 4000);
    original o;
    keep_original(&o);
    unsigned branches = 0;
    for (size_t page = 2 * PAGE; page < o.size; page += PAGE) {
        if (peek(&o, page + 10, 2) != 1) continue;
        branches++;
        uint32_t own = (uint32_t)(page / PAGE);
        size_t node = page + peek(&o, page + 16 + 2, 2);
        poke(&o, node, &own, sizeof own);
        assert_damaged("cycle", "twice");
        bring_back(&o);
    }
    ck_assert_uint_ge(branches, 1);
    assert_sound("brought back");
    drop_original(&o);
}
END_TEST

START_TEST(free_list_that_names_a_page_in_use_is_damage)
{
    lmdb_make(top, &lmdb_shapes[5], 2000);
    original o;
    keep_original(&o);
    size_t leaf = peek(&o, newer_meta(&o) + 24 + 40, 8) * PAGE;
    while (peek(&o, leaf + 10, 2) == 1) { /* the last leaf, which has the latest list */
        size_t last = (size_t)peek(&o, leaf + 12, 2) - 2;
        leaf = (size_t)peek(&o, leaf + peek(&o, leaf + last, 2), 4) * PAGE;
    }
    uint64_t used = peek(&o, newer_meta(&o) + 72 + 40, 8);
    unsigned lists = 0;
    unsigned large = 0;
    size_t nodes = (size_t)(peek(&o, leaf + 12, 2) - 16) / 2;
    for (size_t i = 0; i < nodes; i++) {
        size_t node = leaf + peek(&o, leaf + 16 + 2 * i, 2);
        size_t ids = peek(&o, node + 4, 2) & 1 ? peek(&o, node + 16, 8) * PAGE + 16 : node + 16;
        uint64_t count = peek(&o, ids, 8);
        if (count < 2) continue;
        uint64_t twice = peek(&o, ids + 8, 8);
        lists++;
        large += (peek(&o, node + 4, 2) & 1) != 0;
        static const uint64_t future = 1 << 20;
        poke(&o, node + 8, &future, 8);
        assert_damaged("future", i + 1 < nodes ? "out of order" : "freed in the future");
        bring_back(&o);
        poke(&o, ids + 8 * count, &used, 8);
        assert_damaged("in use", "");
        bring_back(&o);
        poke(&o, ids + 16, &twice, 8);
        assert_damaged("twice", "out of order");
        bring_back(&o);
        count += 1u << 20;
        poke(&o, ids, &count, 8);
        assert_damaged("too many", "no possible size");
        bring_back(&o);
    }
    ck_assert_uint_ge(lists, 2);
    ck_assert_uint_ge(large, 1);
    drop_original(&o);
}
END_TEST

START_TEST(file_without_its_last_used_pages_is_damage)
{
    lmdb_make(top, &lmdb_shapes[4], 500);
    original o;
    keep_original(&o);
    for (size_t size = 1; size < o.size; size += o.size / 41) {
        ck_assert_int_eq(ftruncate(o.fd, (off_t)size), 0);
        assert_damaged("truncated", "");
        bring_back(&o);
    }
    drop_original(&o);
}
END_TEST

/* ------------------------------------------------------------------------------------------------------------------ */
/* Damage at random */

typedef struct tally {
    unsigned trials;
    unsigned caught;
    unsigned caught_deadly; /* of those that were tried all the same */
    unsigned caught_tried;
    unsigned answered; /* passed, and LMDB answered with an error */
    unsigned used;     /* passed, and LMDB used it */
} tally;

static size_t random_page(const original *o, lmdb_random *r)
{
    return (size_t)lmdb_random_below(r, o->size / PAGE) * PAGE;
}

/* Somewhere that means something to LMDB: a header, the offset of a node, a node's header, a record of a database. */
static size_t telling_place(const original *o, lmdb_random *r)
{
    size_t page = random_page(o, r);
    if (lmdb_random_below(r, 8) == 0) page = newer_meta(o) - 16;
    uint64_t flags = peek(o, page + 10, 2);
    size_t nodes = (size_t)(peek(o, page + 12, 2) - 16) / 2;
    if (page < 2 * PAGE) return page + (size_t)lmdb_random_below(r, 16 + 136);
    if ((flags != 1 && flags != 2) || nodes == 0 || nodes > PAGE / 2) return page + (size_t)lmdb_random_below(r, 16);
    size_t index = (size_t)lmdb_random_below(r, nodes);
    size_t node = (size_t)peek(o, page + 16 + 2 * index, 2);
    switch (lmdb_random_below(r, 4)) {
    case 0: return page + (size_t)lmdb_random_below(r, 16);
    case 1: return page + 16 + 2 * index + (size_t)lmdb_random_below(r, 2);
    case 2: return page + node + (size_t)lmdb_random_below(r, 8);
    default: return page + (node + 8 + (size_t)lmdb_random_below(r, 40)) % PAGE;
    }
}

static void damage_once(const original *o, lmdb_random *r)
{
    size_t at = telling_place(o, r);
    uint8_t byte = o->bytes[at];
    uint64_t word = lmdb_random_below(r, 2) ? lmdb_random_below(r, o->size / PAGE + 3) : lmdb_random_next(r);
    size_t from = random_page(o, r);
    switch (lmdb_random_below(r, 10)) {
    case 0: at = (size_t)lmdb_random_below(r, o->size); byte = o->bytes[at]; /* fall through */
    case 1:
    case 2:
    case 3:
        byte ^= (uint8_t)(1u << lmdb_random_below(r, 8));
        poke(o, at, &byte, 1);
        break;
    case 4:
        byte = (uint8_t)word;
        poke(o, at, &byte, 1);
        break;
    case 5: poke(o, at & ~(size_t)1, &word, 2); break;
    case 6: poke(o, at & ~(size_t)7, &word, 8); break;
    case 7: poke(o, random_page(o, r), o->bytes + from, PAGE); break; /* an old page, or another one */
    case 8: {
        static const uint8_t zeros[PAGE];
        size_t length = PAGE >> lmdb_random_below(r, 4);
        poke(o, from + PAGE - length, zeros, length);
        break;
    }
    default: ck_assert_int_eq(ftruncate(o->fd, (off_t)lmdb_random_below(r, o->size)), 0);
    }
}

/* Use the file in a child: 0, or what LMDB answered, or -1 when the child died. */
static int use_in_child(void)
{
    pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        int null = open("/dev/null", O_WRONLY);
        (void)dup2(null, 2); /* its dying words */
        alarm(20);
        _exit(lmdb_use(top) == 0 ? 0 : 3);
    }
    int status;
    while (waitpid(child, &status, 0) < 0)
        ck_assert_int_eq(errno, EINTR);
    if (!WIFEXITED(status) || (WEXITSTATUS(status) != 0 && WEXITSTATUS(status) != 3)) return -1;
    return WEXITSTATUS(status);
}

static void damage_and_use(const original *o, const lmdb_shape *shape, uint64_t seed, tally *t)
{
    lmdb_random r = {seed};
    for (uint64_t times = 1 + lmdb_random_below(&r, 3); times > 0; times--)
        damage_once(o, &r);
    const char *why;
    wtfcb_status status = check(&why);
    ck_assert_msg(status == WTFCB_OK || status == WTFCB_EDAMAGED, "%s, seed %llu: %d", shape->name,
                  (unsigned long long)seed, status);
    t->trials++;
    t->caught += status == WTFCB_EDAMAGED;
    if (status == WTFCB_EDAMAGED && (!wtfcb_test_long() || seed % 8 != 0)) {
        bring_back(o);
        return;
    }
    int result = use_in_child();
    bring_back(o);
    (void)unlinkat(dir, "lock.mdb", 0);
    if (status == WTFCB_EDAMAGED) {
        t->caught_tried++;
        t->caught_deadly += result < 0;
        return;
    }
    ck_assert_msg(result >= 0, "%s, seed %llu: LMDB died of what had passed", shape->name, (unsigned long long)seed);
    t->answered += result > 0;
    t->used += result == 0;
}

START_TEST(what_passes_after_damage_does_not_end_a_process_that_uses_it)
{
    const lmdb_shape *shape = &lmdb_shapes[_i];
    unsigned trials = wtfcb_test_long() ? 4000 : 40;
    tally t = {0};
    lmdb_make(top, shape, shape->size);
    (void)unlinkat(dir, "lock.mdb", 0);
    original o;
    keep_original(&o);
    ck_assert_int_eq(use_in_child(), 0);
    bring_back(&o);
    for (unsigned i = 0; i < trials; i++)
        damage_and_use(&o, shape, (uint64_t)_i * 1000000 + i, &t);
    assert_sound("brought back");
    drop_original(&o);
    printf("%s, %zu KiB: %u damaged, %u caught (%u of %u tried would have been deadly), %u used, %u answered\n",
           shape->name, o.size / 1024, t.trials, t.caught, t.caught_deadly, t.caught_tried, t.used, t.answered);
    ck_assert_uint_gt(t.caught, trials / 4);
}
END_TEST

/* ------------------------------------------------------------------------------------------------------------------ */
/* Rate */

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

START_TEST(large_store_is_checked_in_a_moment)
{
    if (!wtfcb_test_long()) return;
    lmdb_shape shape = lmdb_shapes[2];
    lmdb_make(top, &shape, 2400000);
    struct stat st;
    ck_assert_int_eq(fstatat(dir, "data.mdb", &st, 0), 0);
    double best = 1e9;
    for (unsigned i = 0; i < 5; i++) {
        double start = seconds();
        assert_sound("large");
        double took = seconds() - start;
        if (took < best) best = took;
    }
    printf("%.0f MB of small values: %.3f s, %.0f MB/s\n", (double)st.st_size / 1e6, best,
           (double)st.st_size / 1e6 / best);
    ck_assert_int_gt(st.st_size, 200000000);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("pages");
    TCase *sound = tcase_create("sound");
    tcase_add_checked_fixture(sound, set_up, tear_down);
    tcase_add_test(sound, absent_and_empty_files_pass);
    tcase_add_test(sound, what_is_no_plain_file_is_damage);
    tcase_add_test(sound, every_shape_that_lmdb_writes_passes);
    tcase_add_test(sound, every_commit_of_a_random_workload_passes);
    tcase_add_test(sound, what_a_killed_writer_leaves_passes);
    tcase_add_test(sound, every_allocation_that_fails_is_reported);
    tcase_add_test(sound, large_store_is_checked_in_a_moment);
    suite_add_tcase(s, sound);
    TCase *damage = tcase_create("damage");
    tcase_add_checked_fixture(damage, set_up, tear_down);
    tcase_add_test(damage, each_number_of_the_meta_page_is_checked);
    tcase_add_test(damage, each_number_of_a_page_and_its_nodes_is_checked);
    tcase_add_test(damage, leaves_out_of_order_are_damage);
    tcase_add_test(damage, run_of_a_large_value_is_checked);
    tcase_add_test(damage, branch_that_leads_back_to_itself_ends_the_walk);
    tcase_add_test(damage, free_list_that_names_a_page_in_use_is_damage);
    tcase_add_test(damage, file_without_its_last_used_pages_is_damage);
    tcase_add_loop_test(damage, what_passes_after_damage_does_not_end_a_process_that_uses_it, 0, LMDB_SHAPES);
    suite_add_tcase(s, damage);
    return s;
}

WTFCB_TEST_MAIN(suite)
