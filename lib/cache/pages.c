/*
 * A walk over all trees of an LMDB data file: the free list, the main database and the named ones inside it.
 *
 * What LMDB takes for granted is what is checked, in the terms of its file format:
 *
 *     page      16 bytes of header: number (8), unused (2), flags (2), then lower (2) and upper (2), or the pages of a run (4);
 *               behind it offsets of nodes (2 each) up to `lower`; nodes from `upper` to the end of the page, without gaps
 *     node      low and high half of the size of the data (2 + 2), flags (2), size of the key (2), key, data; in a branch the first
 *               three together are the number of the child, and the first key means nothing
 *     large     data that would not fit lies in a run of pages with one header; the node has the first one's number
 *     meta      pages 0 and 1: magic, version, address, map size, the records of two databases, last page, transaction
 *     database  page size (of the free list's alone), flags, depth, pages by kind, entries, root
 *     free list keyed by transaction: a count and that many page numbers, falling
 *
 * Each page may be met once, kept in a bitmap of the pages that the file has: that also ends any cycle. A file may be shorter than its last page says,
 * since pages that were taken and given back in one transaction are never written; but not those that are in use.
 */
#include "cache/pages.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/memory.h"
#include "cache/place.h"

enum {
    PAGE_HEADER = 16,
    NODE_HEADER = 8,
    LONGEST_KEY = 511,
    DEEPEST = 32, /* of LMDB's own cursors */
    SMALLEST_PAGE = 512,
    LARGEST_PAGE = 32768,
    FIRST_PAGE = 2, /* behind the two meta pages */
    IDS_AT_ONCE = 512,
};

enum page_flag { BRANCH = 0x01, LEAF = 0x02, OVERFLOW = 0x04, META = 0x08 };
enum node_flag { BIG = 0x01, DATABASE = 0x02, ANY_NODE_FLAG = BIG | DATABASE };
enum database_flag { FIXED_MAP = 0x01, INTEGER_KEY = 0x08, NO_DIRECTORY = 0x4000 };

#define NO_PAGE UINT64_MAX
#define MAGIC UINT32_C(0xbeefc0de)
#define VERSION 1

/* As they lie in the file. */
typedef struct database {
    uint32_t pad;
    uint16_t flags;
    uint16_t depth;
    uint64_t branches;
    uint64_t leaves;
    uint64_t overflow;
    uint64_t entries;
    uint64_t root;
} database;

typedef struct meta {
    uint32_t magic;
    uint32_t version;
    uint64_t address;
    uint64_t map_size;
    database free_list;
    database main;
    uint64_t last_page;
    uint64_t transaction;
} meta;

_Static_assert(sizeof(database) == 48 && sizeof(meta) == 136, "the layout of the file");

enum tree_kind { FREE_LIST, MAIN, NAMED };

/* One page on the way from a root to a leaf. */
typedef struct level {
    const uint8_t *page;
    uint32_t nodes;
    uint32_t next; /* child to go to */
} level;

typedef struct key {
    uint32_t length;
    uint8_t bytes[LONGEST_KEY];
} key;

typedef struct checker {
    const wtfcb_allocator *allocator;
    const char *why;
    int fd;
    uint32_t page_size;
    uint64_t file_pages; /* whole ones */
    uint64_t last_page;
    uint64_t transaction;
    uint8_t *seen; /* bits of file pages */
    size_t seen_size;
    uint8_t *pages;  /* DEEPEST of them, by level */
    uint16_t *sizes; /* of the nodes of one page, by half their offset; zeros between pages */
    database *named; /* found in the main one */
    size_t named_count;
    size_t named_capacity;
    /* Of the tree that is walked: */
    enum tree_kind kind;
    database found; /* what was counted */
    level levels[DEEPEST];
    key last;  /* of the leaves so far */
    key least; /* what the next leaf may begin with */
} checker;

/* A node, taken apart. */
typedef struct node {
    const uint8_t *key;
    uint32_t key_length;
    uint32_t flags;
    uint64_t child; /* of a branch */
    uint32_t data_length;
    const uint8_t *data; /* or the number of the first page of a large one */
} node;

static wtfcb_status damaged(checker *c, const char *why)
{
    c->why = why;
    return WTFCB_EDAMAGED;
}

static uint16_t get16(const uint8_t *at)
{
    uint16_t value;
    memcpy(&value, at, sizeof value);
    return value;
}

static uint32_t get32(const uint8_t *at)
{
    uint32_t value;
    memcpy(&value, at, sizeof value);
    return value;
}

static uint64_t get64(const uint8_t *at)
{
    uint64_t value;
    memcpy(&value, at, sizeof value);
    return value;
}

/* ------------------------------------------------------------------------------------------------------------------ */
/* Reading */

static wtfcb_status read_at(checker *c, void *into, size_t size, uint64_t offset)
{
    for (size_t done = 0; done < size;) {
        ssize_t got = pread(c->fd, (char *)into + done, size - done, (off_t)(offset + done));
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return wtfcb_base_status_of_errno(errno);
        if (got == 0) return damaged(c, "the file is too short");
        done += (size_t)got;
    }
    return WTFCB_OK;
}

/* Take `count` pages that are in use, each for the only time. */
static wtfcb_status claim(checker *c, uint64_t first, uint64_t count)
{
    uint64_t end = c->last_page < c->file_pages ? c->last_page + 1 : c->file_pages;
    if (first < FIRST_PAGE || first >= end || count > end - first)
        return damaged(c, "a page number leads out of the file");
    for (uint64_t page = first; page < first + count; page++) {
        uint8_t bit = (uint8_t)(1u << (page & 7));
        if (c->seen[page >> 3] & bit) return damaged(c, "a page is used twice");
        c->seen[page >> 3] |= bit;
    }
    return WTFCB_OK;
}

/* ------------------------------------------------------------------------------------------------------------------ */
/* Keys */

/* As LMDB orders them: bytes, the shorter first; transactions of the free list by number. */
static int compare(const checker *c, const uint8_t *a, size_t a_length, const uint8_t *b, size_t b_length)
{
    if (c->kind == FREE_LIST) {
        uint64_t x = get64(a);
        uint64_t y = get64(b);
        return x < y ? -1 : x > y;
    }
    int order = memcmp(a, b, a_length < b_length ? a_length : b_length);
    return order ? order : a_length < b_length ? -1 : a_length > b_length;
}

static void set_key(key *k, const node *n)
{
    k->length = n->key_length;
    memcpy(k->bytes, n->key, n->key_length);
}

static bool is_key(const checker *c, const node *n)
{
    if (c->kind == FREE_LIST) return n->key_length == sizeof(uint64_t);
    return n->key_length > 0 && n->key_length <= LONGEST_KEY;
}

/* ------------------------------------------------------------------------------------------------------------------ */
/* Nodes */

static node get_node(const level *l, uint32_t index)
{
    const uint8_t *raw = l->page + get16(l->page + PAGE_HEADER + 2 * (size_t)index);
    node n = {.key = raw + NODE_HEADER, .key_length = get16(raw + 6), .flags = get16(raw + 4)};
    n.data_length = (uint32_t)get16(raw) | (uint32_t)get16(raw + 2) << 16;
    n.child = n.data_length | (uint64_t)n.flags << 32;
    n.data = n.key + n.key_length;
    return n;
}

/* Bytes that a node takes on its page; large ones have a page number instead of data. */
static uint64_t node_size(const node *n, bool leaf)
{
    uint64_t size = NODE_HEADER + (uint64_t)n->key_length;
    if (leaf) size += n->flags & BIG ? sizeof(uint64_t) : n->data_length;
    return size + (size & 1);
}

/* The nodes lie between `upper` and the end of the page and fill that without a gap: nothing is read outside of it or in two roles. */
static wtfcb_status check_layout(checker *c, const level *l, uint32_t upper, bool leaf)
{
    uint32_t most = ((c->page_size - PAGE_HEADER) / 2 & ~1u) - 2;
    for (uint32_t i = 0; i < l->nodes; i++) {
        uint32_t offset = get16(l->page + PAGE_HEADER + 2 * (size_t)i);
        if (offset < upper || offset > c->page_size - NODE_HEADER || (offset & 1) != 0)
            return damaged(c, "a node lies outside of its page");
        node n = get_node(l, i);
        if (leaf && (n.flags & ~(uint32_t)ANY_NODE_FLAG) != 0) return damaged(c, "a node is of no known kind");
        uint64_t size = node_size(&n, leaf);
        if (size > most || size > c->page_size - offset) return damaged(c, "a node is too large");
        c->sizes[offset / 2] = (uint16_t)size;
    }
    uint32_t count = 0;
    for (uint32_t at = upper; at < c->page_size; count++) {
        uint32_t size = c->sizes[at / 2];
        if (size == 0) return damaged(c, "there is a gap between nodes");
        c->sizes[at / 2] = 0;
        at += size;
    }
    return count == l->nodes ? WTFCB_OK : damaged(c, "nodes overlap");
}

/* Keys rise within a page, the meaningless first one of a branch aside. */
static wtfcb_status check_keys(checker *c, const level *l, bool leaf)
{
    node before = {0};
    for (uint32_t i = 0; i < l->nodes; i++) {
        node n = get_node(l, i);
        if (!leaf && i == 0) {
            if (n.key_length > LONGEST_KEY) return damaged(c, "a key is too long");
            continue;
        }
        if (!is_key(c, &n)) return damaged(c, "a key has no possible size");
        if (before.key && compare(c, before.key, before.key_length, n.key, n.key_length) >= 0)
            return damaged(c, "keys are out of order");
        before = n;
    }
    return WTFCB_OK;
}

/* ------------------------------------------------------------------------------------------------------------------ */
/* Data */

static uint64_t run_length(const checker *c, uint32_t data_length)
{
    return (PAGE_HEADER - 1 + (uint64_t)data_length) / c->page_size + 1;
}

/* A large value's run of pages, which may be longer than it needs. */
static wtfcb_status check_run(checker *c, const node *n)
{
    uint64_t first = get64(n->data);
    wtfcb_status status = claim(c, first, 1);
    if (status != WTFCB_OK) return status;
    uint8_t header[PAGE_HEADER];
    status = read_at(c, header, sizeof header, first * c->page_size);
    if (status != WTFCB_OK) return status;
    if (get64(header) != first || get16(header + 10) != OVERFLOW)
        return damaged(c, "a large value does not lie where it should");
    uint32_t pages = get32(header + 12);
    if (pages < run_length(c, n->data_length)) return damaged(c, "a large value has too few pages");
    c->found.overflow += pages;
    return pages > 1 ? claim(c, first + 1, pages - 1) : WTFCB_OK;
}

/* Some numbers of a free list, each smaller than the one before it. */
static wtfcb_status check_free_pages(checker *c, const uint8_t *ids, size_t count, uint64_t *before)
{
    for (size_t i = 0; i < count; i++) {
        uint64_t page = get64(ids + 8 * i);
        if (page < FIRST_PAGE || page >= *before) return damaged(c, "the list of free pages is out of order");
        *before = page;
        if (page >= c->file_pages) continue; /* taken and given back, never written */
        wtfcb_status status = claim(c, page, 1);
        if (status != WTFCB_OK) return status;
    }
    return WTFCB_OK;
}

/* What one transaction has freed; on its leaf, or in a run of pages. */
static wtfcb_status check_free_list(checker *c, const node *n)
{
    uint64_t transaction = get64(n->key);
    if (transaction == 0 || transaction > c->transaction) return damaged(c, "pages were freed in the future");
    if (n->data_length < 8 || (n->data_length & 7) != 0) return damaged(c, "a list of free pages has no possible size");
    bool big = (n->flags & BIG) != 0;
    uint64_t offset = big ? get64(n->data) * c->page_size + PAGE_HEADER : 0;
    uint8_t ids[8 * IDS_AT_ONCE];
    wtfcb_status status = WTFCB_OK;
    if (big) status = read_at(c, ids, 8, offset);
    if (status != WTFCB_OK) return status;
    uint64_t count = get64(big ? ids : n->data);
    if (count > n->data_length / 8 - 1) return damaged(c, "a list of free pages has no possible size");
    uint64_t before = c->last_page + 1;
    if (!big) return check_free_pages(c, n->data + 8, (size_t)count, &before);
    for (uint64_t done = 0; done < count && status == WTFCB_OK;) {
        size_t some = count - done < IDS_AT_ONCE ? (size_t)(count - done) : IDS_AT_ONCE;
        status = read_at(c, ids, 8 * some, offset + 8 + 8 * done);
        if (status == WTFCB_OK) status = check_free_pages(c, ids, some, &before);
        done += some;
    }
    return status;
}

static wtfcb_status keep_named(checker *c, const node *n)
{
    if (c->kind != MAIN || n->flags != DATABASE || n->data_length != sizeof(database))
        return damaged(c, "a database lies where none can be");
    if (!wtfcb_base_reserve(c->allocator, (void **)&c->named, &c->named_capacity, c->named_count + 1, sizeof *c->named))
        return WTFCB_ENOMEM;
    memcpy(&c->named[c->named_count++], n->data, sizeof(database));
    return WTFCB_OK;
}

static wtfcb_status check_data(checker *c, const level *l)
{
    for (uint32_t i = 0; i < l->nodes; i++) {
        node n = get_node(l, i);
        wtfcb_status status = WTFCB_OK;
        if (n.flags & DATABASE)
            status = keep_named(c, &n);
        else if (n.flags & BIG)
            status = check_run(c, &n);
        if (status == WTFCB_OK && c->kind == FREE_LIST) status = check_free_list(c, &n);
        if (status != WTFCB_OK) return status;
    }
    return WTFCB_OK;
}

/* ------------------------------------------------------------------------------------------------------------------ */
/* Trees */

/* Read a page of a tree into a level and check all that it says about itself. */
static wtfcb_status load(checker *c, uint64_t number, uint32_t depth, bool leaf)
{
    wtfcb_status status = claim(c, number, 1);
    uint8_t *page = c->pages + (size_t)depth * c->page_size;
    if (status == WTFCB_OK) status = read_at(c, page, c->page_size, number * c->page_size);
    if (status != WTFCB_OK) return status;
    if (get64(page) != number) return damaged(c, "a page does not have its own number");
    if (get16(page + 10) != (leaf ? LEAF : BRANCH))
        return damaged(c, "a page is of another kind than its place in the tree");
    uint32_t lower = get16(page + 12);
    uint32_t upper = get16(page + 14);
    if (lower < PAGE_HEADER || lower > upper || upper > c->page_size || ((lower | upper) & 1) != 0)
        return damaged(c, "the bounds of a page are impossible");
    level *l = &c->levels[depth];
    *l = (level){page, (lower - PAGE_HEADER) / 2, 0};
    /* While the free list is written, a branch of it may be down to one child. */
    if (l->nodes < (leaf || c->kind == FREE_LIST ? 1 : 2)) return damaged(c, "a page has too few nodes");
    status = check_layout(c, l, upper, leaf);
    if (status == WTFCB_OK) status = check_keys(c, l, leaf);
    return status;
}

/* The keys of a leaf come behind those of the leaves before it, and not before what its branch says. */
static wtfcb_status visit_leaf(checker *c, const level *l)
{
    node first = get_node(l, 0);
    const key *last = &c->last;
    const key *least = &c->least;
    if ((last->length > 0 && compare(c, last->bytes, last->length, first.key, first.key_length) >= 0) ||
        (least->length > 0 && compare(c, least->bytes, least->length, first.key, first.key_length) > 0))
        return damaged(c, "keys are out of order between pages");
    node end = get_node(l, l->nodes - 1);
    set_key(&c->last, &end);
    c->found.leaves++;
    c->found.entries += l->nodes;
    return check_data(c, l);
}

/* Go down to the next child of a branch. */
static wtfcb_status descend(checker *c, uint32_t depth, uint32_t deepest)
{
    level *l = &c->levels[depth];
    if (l->next == 0) c->found.branches++;
    node n = get_node(l, l->next);
    if (l->next > 0) {
        if (compare(c, c->last.bytes, c->last.length, n.key, n.key_length) >= 0)
            return damaged(c, "keys are out of order between pages");
        set_key(&c->least, &n);
    }
    l->next++;
    return load(c, n.child, depth + 1, depth + 1 == deepest);
}

static wtfcb_status walk(checker *c, const database *tree)
{
    uint32_t deepest = tree->depth - 1u;
    wtfcb_status status = load(c, tree->root, 0, deepest == 0);
    for (uint32_t depth = 0; status == WTFCB_OK;) {
        if (depth < deepest && c->levels[depth].next < c->levels[depth].nodes) {
            status = descend(c, depth, deepest);
            depth++;
            continue;
        }
        if (depth == deepest) status = visit_leaf(c, &c->levels[depth]);
        if (depth == 0) break;
        depth--;
    }
    return status;
}

static wtfcb_status check_tree(checker *c, const database *tree, enum tree_kind kind)
{
    c->kind = kind;
    c->found = (database){0};
    c->last.length = c->least.length = 0;
    if (kind == FREE_LIST ? (tree->flags & ~(unsigned)(FIXED_MAP | NO_DIRECTORY)) != INTEGER_KEY : tree->flags != 0)
        return damaged(c, "a database has flags that this library does not use");
    if ((tree->root == NO_PAGE) != (tree->depth == 0) || tree->depth > DEEPEST)
        return damaged(c, "a tree has no possible depth");
    wtfcb_status status = tree->depth > 0 ? walk(c, tree) : WTFCB_OK;
    if (status != WTFCB_OK) return status;
    if (c->found.entries != tree->entries || c->found.branches != tree->branches || c->found.leaves != tree->leaves ||
        c->found.overflow != tree->overflow)
        return damaged(c, "a tree does not have the size that is recorded");
    return WTFCB_OK;
}

static wtfcb_status check_trees(checker *c, const meta *m)
{
    wtfcb_status status = check_tree(c, &m->free_list, FREE_LIST);
    if (status == WTFCB_OK) status = check_tree(c, &m->main, MAIN);
    for (size_t i = 0; i < c->named_count && status == WTFCB_OK; i++) {
        database named = c->named[i];
        status = check_tree(c, &named, NAMED);
    }
    return status;
}

/* ------------------------------------------------------------------------------------------------------------------ */
/* Meta pages */

static wtfcb_status read_meta(checker *c, uint64_t number, meta *m)
{
    uint8_t page[PAGE_HEADER + sizeof *m];
    wtfcb_status status = read_at(c, page, sizeof page, number * c->page_size);
    if (status != WTFCB_OK) return status;
    memcpy(m, page + PAGE_HEADER, sizeof *m);
    if (get64(page) != number || get16(page + 10) != META || m->magic != MAGIC || m->version != VERSION)
        return damaged(c, "a meta page is not one");
    return WTFCB_OK;
}

/* The meta page that LMDB would take: that of the later transaction, on the page of its parity. */
static wtfcb_status choose_meta(checker *c, uint64_t file_size, meta *ret_meta)
{
    meta metas[2];
    wtfcb_status status = read_meta(c, 0, &metas[0]); /* the page size is not known yet, nor needed */
    if (status != WTFCB_OK) return status;
    uint32_t size = metas[0].free_list.pad;
    if (size < SMALLEST_PAGE || size > LARGEST_PAGE || (size & (size - 1)) != 0)
        return damaged(c, "the page size is impossible");
    c->page_size = size;
    c->file_pages = file_size / size;
    status = read_meta(c, 1, &metas[1]);
    if (status != WTFCB_OK) return status;
    if (metas[1].free_list.pad != size) return damaged(c, "the meta pages differ in the page size");
    unsigned newer = metas[0].transaction < metas[1].transaction;
    const meta *m = &metas[newer];
    if ((m->transaction & 1) != newer) return damaged(c, "a meta page is of the other one's transaction");
    if (c->file_pages < FIRST_PAGE || m->last_page < 1 || m->last_page >= m->map_size / size)
        return damaged(c, "the last page is impossible");
    c->last_page = m->last_page;
    c->transaction = m->transaction;
    *ret_meta = *m;
    return WTFCB_OK;
}

/* ------------------------------------------------------------------------------------------------------------------ */
/* The file */

static wtfcb_status check_file(checker *c, uint64_t file_size)
{
    if (sizeof(size_t) != sizeof(uint64_t))
        return damaged(c, "files of machines with fewer than 64 bits are not known");
    meta m;
    wtfcb_status status = choose_meta(c, file_size, &m);
    if (status != WTFCB_OK) return status;
    c->seen_size = (size_t)(c->file_pages / 8 + 1);
    c->seen = wtfcb_base_calloc(c->allocator, c->seen_size, 1);
    c->pages = wtfcb_base_alloc(c->allocator, (size_t)DEEPEST * c->page_size);
    c->sizes = wtfcb_base_calloc(c->allocator, c->page_size / 2, sizeof *c->sizes);
    if (!c->seen || !c->pages || !c->sizes) return WTFCB_ENOMEM;
    return check_trees(c, &m);
}

static void release(checker *c)
{
    wtfcb_base_free(c->allocator, c->seen, c->seen_size);
    wtfcb_base_free(c->allocator, c->pages, (size_t)DEEPEST * c->page_size);
    wtfcb_base_free(c->allocator, c->sizes, c->page_size / 2 * sizeof *c->sizes);
    wtfcb_base_free(c->allocator, c->named, c->named_capacity * sizeof *c->named);
}

static wtfcb_status check_open(checker *c)
{
    struct stat st;
    if (fstat(c->fd, &st) != 0) return wtfcb_base_status_of_errno(errno);
    if (!S_ISREG(st.st_mode)) return damaged(c, "data.mdb is no plain file");
    if (st.st_size == 0) return WTFCB_OK;
    wtfcb_status status = check_file(c, (uint64_t)st.st_size);
    release(c);
    return status;
}

wtfcb_status wtfcb_cache_pages_check(const wtfcb_allocator *allocator, int directory, const char **ret_why)
{
    wtfcb_allocator own = wtfcb_base_allocator(allocator);
    checker c = {.allocator = &own};
    c.fd = openat(directory, WTFCB_CACHE_DATA_FILE, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    wtfcb_status status;
    if (c.fd < 0 && errno == ENOENT) return WTFCB_OK;
    if (c.fd < 0)
        status = errno == ELOOP ? damaged(&c, "data.mdb is no plain file") : wtfcb_base_status_of_errno(errno);
    else
        status = check_open(&c);
    if (c.fd >= 0) (void)close(c.fd);
    if (status == WTFCB_EDAMAGED && ret_why) *ret_why = c.why;
    return status;
}
