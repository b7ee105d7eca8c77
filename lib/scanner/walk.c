/* Roots, the run of the walk, and the flattening of its tree into rows; see walk.h. */
#include "scanner/walk.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <wtfcb/zone.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/memory.h"
#include "cache/store.h"
#include "lang/detect.h"
#include "scanner/recall_directory.h"
#include "scanner/walk_dir.h"

enum {
    TICK_NS = 20 * 1000 * 1000,
    OPEN_ROOTS = 64,        /* roots that keep their descriptor */
    OPEN_DIRECTORIES = 256, /* directories that stay open for their children */
};

void wtfcb_scanner_walk_init(wtfcb_scanner_walk *walk, const wtfcb_allocator *allocator)
{
    *walk = (wtfcb_scanner_walk){.allocator = *allocator, .base = AT_FDCWD};
    wtfcb_base_arena_init(&walk->strings, &walk->allocator);
}

static void close_root(wtfcb_scanner_root *root)
{
    if (root->fd >= 0) (void)close(root->fd);
    root->fd = -1;
}

void wtfcb_scanner_walk_free(wtfcb_scanner_walk *walk)
{
    for (size_t i = 0; i < walk->root_count; i++) {
        close_root(&walk->roots[i]);
        wtfcb_scanner_ignore_free(walk->roots[i].ignore);
    }
    wtfcb_scanner_ignore_free(walk->own);
    if (walk->base >= 0) (void)close(walk->base);
    wtfcb_base_free(&walk->allocator, walk->roots, walk->root_capacity * sizeof *walk->roots);
    wtfcb_base_free(&walk->allocator, walk->rows, walk->row_capacity * sizeof *walk->rows);
    wtfcb_base_arena_free(&walk->strings);
}

wtfcb_status wtfcb_scanner_walk_set_base(wtfcb_scanner_walk *walk, const char *path)
{
    walk->base_path = wtfcb_base_arena_string(&walk->strings, path, strlen(path));
    return walk->base_path ? WTFCB_OK : WTFCB_ENOMEM;
}

wtfcb_status wtfcb_scanner_walk_add(wtfcb_scanner_walk *walk, const char *disk_path, const char *row_path)
{
    size_t length = strlen(row_path);
    if (length >= UINT32_MAX) return WTFCB_ELIMIT;
    char *disk_copy = wtfcb_base_arena_string(&walk->strings, disk_path, strlen(disk_path));
    char *row_copy = wtfcb_base_arena_string(&walk->strings, row_path, length);
    if (!disk_copy || !row_copy ||
        !wtfcb_base_reserve(&walk->allocator, (void **)&walk->roots, &walk->root_capacity, walk->root_count + 1,
                            sizeof *walk->roots))
        return WTFCB_ENOMEM;
    walk->roots[walk->root_count++] = (wtfcb_scanner_root){
        .disk_path = disk_copy,
        .row_path = row_copy,
        .row_length = (uint32_t)length,
        .prefix_length = (uint32_t)(length && row_path[length - 1] != '/' ? length + 1 : length),
        .fd = -1,
    };
    return WTFCB_OK;
}

wtfcb_scanner_row *wtfcb_scanner_walk_add_row(wtfcb_scanner_walk *walk)
{
    if (!wtfcb_base_reserve(&walk->allocator, (void **)&walk->rows, &walk->row_capacity, walk->row_count + 1,
                            sizeof *walk->rows))
        return NULL;
    wtfcb_scanner_row *row = &walk->rows[walk->row_count++];
    *row = (wtfcb_scanner_row){.language = WTFCB_LANG_NONE};
    return row;
}

void wtfcb_scanner_know(wtfcb_scanner_row *row, const wtfcb_scanner_recognition *known)
{
    row->language = known->language;
    row->language_by = known->language_by;
    row->said = known->said;
    row->set = known->set;
    row->rule = known->rule;
}

/* Rules that hold for every file that is named and not found: the caller's attributes. */
static wtfcb_status make_own_rules(wtfcb_scanner_walk *walk, const wtfcb_scanner_walk_options *options)
{
    if (walk->own || options->ignore.attribute_count == 0) return WTFCB_OK;
    wtfcb_scanner_ignore_options own = {.attributes = options->ignore.attributes,
                                        .attribute_count = options->ignore.attribute_count};
    wtfcb_status status = wtfcb_scanner_ignore_new(&walk->allocator, &own, &walk->own);
    return status == WTFCB_OK ? wtfcb_scanner_ignore_root(walk->own, -1, NULL, &walk->own_node, NULL) : status;
}

wtfcb_status wtfcb_scanner_walk_recognise(wtfcb_scanner_walk *walk, const wtfcb_scanner_walk_options *options,
                                          wtfcb_scanner_row *row, bool *ret_taken)
{
    wtfcb_status status = make_own_rules(walk, options);
    if (status != WTFCB_OK) return status;
    const char *slash = memrchr(row->path, '/', row->path_length);
    size_t name = slash ? (size_t)(slash + 1 - row->path) : 0;
    wtfcb_scanner_recognition known;
    *ret_taken = wtfcb_scanner_recognise(options, walk->own_node, row->path, row->path_length, name, &known);
    wtfcb_scanner_know(row, &known);
    return WTFCB_OK;
}

/* A listed file, or a root that cannot be walked. */
static wtfcb_status add_root_row(wtfcb_scanner_walk *walk, size_t index, wtfcb_status status, int os_error,
                                 uint64_t size, const wtfcb_scanner_walk_options *options)
{
    wtfcb_scanner_root *root = &walk->roots[index];
    wtfcb_scanner_row *row = wtfcb_scanner_walk_add_row(walk);
    if (!row) return WTFCB_ENOMEM;
    row->path = root->row_path;
    row->path_length = root->row_length;
    row->root = (uint32_t)index;
    row->status = (int16_t)status;
    row->os_error = (int16_t)os_error;
    row->size = size;
    row->flags = WTFCB_FILE_NAMED;
    if (root->directory) row->flags |= WTFCB_FILE_DIRECTORY;
    if (root->directory || status != WTFCB_OK) return WTFCB_OK;
    bool taken = true;
    wtfcb_status recognised = wtfcb_scanner_walk_recognise(walk, options, row, &taken);
    if (!taken || recognised != WTFCB_OK) walk->row_count--;
    return recognised;
}

/* A root's path from the working directory; NULL when memory has run out. */
static const char *path_from_here(wtfcb_scanner_walk *walk, const char *disk_path)
{
    if (!walk->base_path || disk_path[0] == '/') return disk_path;
    size_t base = strlen(walk->base_path);
    size_t length = strlen(disk_path);
    char *path = wtfcb_base_arena_bytes(&walk->strings, base + length + 2);
    if (!path) return NULL;
    memcpy(path, walk->base_path, base);
    path[base] = '/';
    memcpy(path + base + 1, disk_path, length + 1);
    return path;
}

static void report_problems(const wtfcb_base_log *log, const char *root, const wtfcb_scanner_ignore_problem *problems)
{
    for (; problems; problems = problems->next)
        wtfcb_base_log_write(
            log, WTFCB_LOG_WARNING, "the rules of %s%s%s are not applied: %s", root, *root ? "/" : "", problems->path,
            problems->os_error ? strerror(problems->os_error) : wtfcb_status_message(problems->status));
}

/* Set up the top directory of a root; its task is submitted by the caller. */
static wtfcb_status make_top(wtfcb_scanner_walker *walker, size_t index)
{
    wtfcb_scanner_root *root = &walker->walk->roots[index];
    wtfcb_status status = wtfcb_scanner_ignore_new(&walker->walk->allocator, &walker->options->ignore, &root->ignore);
    if (status != WTFCB_OK) return status;
    const wtfcb_scanner_ignore_node *node = NULL;
    const char *above = path_from_here(walker->walk, root->disk_path);
    if (!above) return WTFCB_ENOMEM;
    const wtfcb_scanner_ignore_problem *problems = NULL;
    status = wtfcb_scanner_ignore_root(root->ignore, root->fd, above, &node, &problems);
    report_problems(walker->options->log, "", problems);
    if (status != WTFCB_OK) return status;
    wtfcb_scanner_dir *top = wtfcb_base_arena_alloc(&walker->scratch[0].arena, sizeof *top);
    if (!top) return WTFCB_ENOMEM;
    *top = (wtfcb_scanner_dir){
        .task = {.run = wtfcb_scanner_dir_run, .group = &walker->group, .weight = 0},
        .walker = walker,
        .root = (uint32_t)index,
        .path = root->row_path,
        .path_length = root->row_length,
        .fd = -1,
        .node = node,
    };
    atomic_init(&top->waiting, 1);
    root->top = top;
    return WTFCB_OK;
}

/* Find out what a root is and open it if it is a directory. Its failure is in `*ret_errno`, not in the result. */
static void open_root(const wtfcb_scanner_walk *walk, wtfcb_scanner_root *root,
                      wtfcb_base_file_signature *ret_signature, int *ret_errno)
{
    *ret_errno = 0;
    if (wtfcb_base_file_stat(walk->base, root->disk_path, true, ret_signature) != 0) {
        *ret_errno = errno;
        return;
    }
    root->directory = ret_signature->type == WTFCB_BASE_FILE_DIRECTORY;
    if (!root->directory) return;
    root->fd = wtfcb_base_dir_open(walk->base, root->disk_path, true);
    if (root->fd < 0) *ret_errno = errno;
}

/* What a step through the tree has come to. */
enum step { STEP_DIRECTORY, STEP_ENTRY, STEP_END };

/* One step in pre-order: `*dir` is the directory that has been entered, or the one that `*ret_entry` lies in. */
static enum step advance(wtfcb_scanner_dir **dir, const wtfcb_scanner_entry **ret_entry)
{
    while (*dir && (*dir)->next_entry == (*dir)->entry_count)
        *dir = (*dir)->parent;
    if (!*dir) return STEP_END;
    const wtfcb_scanner_entry *entry = &(*dir)->entries[(*dir)->next_entry++];
    *ret_entry = entry;
    if (!entry->child) return STEP_ENTRY;
    *dir = entry->child;
    (*dir)->next_entry = 0;
    return STEP_DIRECTORY;
}

/* A directory's own row, if it could not be read; and what was wrong with its ignore files. */
static wtfcb_status flatten_directory(wtfcb_scanner_walk *walk, const wtfcb_scanner_dir *dir, const wtfcb_base_log *log)
{
    report_problems(log, walk->roots[dir->root].row_path, dir->problems);
    if (dir->status == WTFCB_OK && dir->done) return WTFCB_OK;
    wtfcb_scanner_row *row = wtfcb_scanner_walk_add_row(walk);
    if (!row) return WTFCB_ENOMEM;
    if (!dir->parent) row->flags = WTFCB_FILE_NAMED;
    row->path = dir->path;
    row->path_length = dir->path_length;
    row->root = dir->root;
    row->status = dir->done ? dir->status : WTFCB_ETIMEOUT;
    row->os_error = (int16_t)dir->os_error;
    row->limits = dir->done ? 0 : WTFCB_LIMIT_DEADLINE;
    row->flags |= WTFCB_FILE_DIRECTORY;
    walk->unordered = true;
    return WTFCB_OK;
}

static wtfcb_status flatten_entry(wtfcb_scanner_walk *walk, const wtfcb_scanner_dir *dir,
                                  const wtfcb_scanner_entry *entry)
{
    wtfcb_scanner_row *row = wtfcb_scanner_walk_add_row(walk);
    if (!row) return WTFCB_ENOMEM;
    row->path = entry->path;
    row->path_length = entry->path_length;
    row->root = dir->root;
    row->size = entry->size;
    wtfcb_scanner_know(row, &entry->known);
    row->status = entry->status;
    row->os_error = (int16_t)entry->os_error;
    row->limits = entry->limits;
    if (entry->type == WTFCB_BASE_FILE_DIRECTORY) {
        row->flags = WTFCB_FILE_DIRECTORY;
        walk->unordered = true;
    }
    row->slot = entry->slot;
    if (!entry->remembered) return WTFCB_OK;
    wtfcb_scanner_dir_to_row(entry->remembered, row);
    row->origin = WTFCB_ORIGIN_UNCHANGED;
    return WTFCB_OK;
}

/* Rows of a finished tree of about so many `files`, in path order. */
static wtfcb_status flatten_tree(wtfcb_scanner_walk *walk, wtfcb_scanner_dir *top, size_t files,
                                 const wtfcb_base_log *log)
{
    WTFCB_ZONE("flatten tree");
    if (!wtfcb_base_reserve(&walk->allocator, (void **)&walk->rows, &walk->row_capacity, walk->row_count + files,
                            sizeof *walk->rows))
        return WTFCB_ENOMEM;
    wtfcb_scanner_dir *dir = top;
    const wtfcb_scanner_entry *entry = NULL;
    top->next_entry = 0;
    wtfcb_status status = flatten_directory(walk, top, log);
    while (status == WTFCB_OK) {
        enum step step = advance(&dir, &entry);
        if (step == STEP_END) break;
        status = step == STEP_DIRECTORY ? flatten_directory(walk, dir, log) : flatten_entry(walk, dir, entry);
    }
    return status;
}

/* Close what tasks that were dropped have left open; the tree may be incomplete. */
static void close_tree(wtfcb_scanner_dir *top)
{
    wtfcb_scanner_dir *dir = top;
    const wtfcb_scanner_entry *entry = NULL;
    if (!top) return;
    top->next_entry = 0;
    wtfcb_scanner_dir_close(top);
    for (enum step step; (step = advance(&dir, &entry)) != STEP_END;)
        if (step == STEP_DIRECTORY) wtfcb_scanner_dir_close(dir);
}

static wtfcb_status tick(const wtfcb_scanner_walker *walker)
{
    return walker->options->tick(walker->options->user, atomic_load(&walker->files), atomic_load(&walker->bytes));
}

/* Wait for the tasks, telling the caller how far they are. */
static wtfcb_status wait_for_tasks(wtfcb_scanner_walker *walker)
{
    WTFCB_ZONE("wait for walk");
    wtfcb_status status = WTFCB_OK;
    while (!wtfcb_pool_wait(walker->pool, &walker->group, TICK_NS)) {
        if (status != WTFCB_OK) continue; /* stopped already: what runs has to end */
        status = tick(walker);
        if (status != WTFCB_OK) wtfcb_pool_stop(&walker->group);
    }
    return atomic_load(&walker->no_memory) ? WTFCB_ENOMEM : status;
}

/* Find out whether the walk may come to a store that this process has open. Links may lead anywhere. */
static void find_guard(const wtfcb_scanner_walker *walker, wtfcb_scanner_root *root)
{
    char absolute[PATH_MAX];
    const char *path = path_from_here(walker->walk, root->disk_path);
    bool known = path && realpath(path, absolute) && !walker->options->follow;
    root->guarded = wtfcb_cache_stores_below(known ? absolute : "/");
}

/* Walk one root and append its rows. */
static wtfcb_status walk_root(wtfcb_scanner_walker *walker, size_t index)
{
    wtfcb_scanner_walk *walk = walker->walk;
    wtfcb_scanner_root *root = &walk->roots[index];
    wtfcb_base_file_signature signature = {0};
    int os_error;
    open_root(walk, root, &signature, &os_error);
    if (os_error != 0)
        return add_root_row(walk, index, wtfcb_base_status_of_errno(os_error), os_error, 0, walker->options);
    if (!root->directory)
        return add_root_row(walk, index, signature.type == WTFCB_BASE_FILE_REGULAR ? WTFCB_OK : WTFCB_ESPECIAL, 0,
                            signature.size, walker->options);
    find_guard(walker, root);
    wtfcb_status status = make_top(walker, index);
    if (status == WTFCB_OK && walker->options->entering) {
        const char *path = path_from_here(walk, root->disk_path);
        status = path ? walker->options->entering(walker->options->listed_user, index, path, root->fd) : WTFCB_ENOMEM;
    }
    const uint64_t before = atomic_load(&walker->files);
    if (status == WTFCB_OK) {
        wtfcb_pool_submit(walker->pool, &root->top->task);
        status = wait_for_tasks(walker);
    }
    if (status != WTFCB_OK) close_tree(root->top);
    if (status == WTFCB_OK || status == WTFCB_ETIMEOUT) {
        size_t files = (size_t)(atomic_load(&walker->files) - before);
        wtfcb_status flattened = flatten_tree(walk, root->top, files, walker->options->log);
        if (flattened != WTFCB_OK) status = flattened;
    }
    root->top = NULL;
    if (index >= walker->root_limit) close_root(root);
    return status;
}

/* Whole paths; where two roots have found the same file, the first root's row comes first. */
static int compare_rows(const void *left, const void *right)
{
    const wtfcb_scanner_row *a = left;
    const wtfcb_scanner_row *b = right;
    size_t common = a->path_length < b->path_length ? a->path_length : b->path_length;
    int order = memcmp(a->path, b->path, common);
    if (order == 0) order = (a->path_length > b->path_length) - (a->path_length < b->path_length);
    if (order == 0) order = (a->root > b->root) - (a->root < b->root);
    return order;
}

static bool same_path(const wtfcb_scanner_row *a, const wtfcb_scanner_row *b)
{
    return a->path_length == b->path_length && memcmp(a->path, b->path, a->path_length) == 0;
}

/*
 * The walk leaves rows in order but for two cases: roots that lie in or between each other, and directories that could
 * not be entered, whose rows lack the slash that they were sorted by. Otherwise nothing is looked at: to read all paths
 * again takes as long as to make the rows.
 */
static void sort_rows(wtfcb_scanner_walk *walk)
{
    WTFCB_ZONE("sort rows");
    if (walk->root_count < 2 && !walk->unordered) return;
    size_t sorted = 1;
    while (sorted < walk->row_count && compare_rows(&walk->rows[sorted - 1], &walk->rows[sorted]) <= 0)
        sorted++;
    if (sorted < walk->row_count) qsort(walk->rows, walk->row_count, sizeof *walk->rows, compare_rows);
    if (walk->root_count < 2 || walk->row_count == 0) return;
    size_t kept = 1;
    for (size_t i = 1; i < walk->row_count; i++) {
        wtfcb_scanner_row *last = &walk->rows[kept - 1];
        if (same_path(last, &walk->rows[i]))
            last->flags |= walk->rows[i].flags & WTFCB_FILE_NAMED;
        else
            walk->rows[kept++] = walk->rows[i];
    }
    walk->row_count = kept;
}

static void free_scratch(wtfcb_scanner_walker *walker, uint32_t threads)
{
    for (uint32_t i = 0; i < threads; i++) {
        wtfcb_scanner_walk_scratch *scratch = &walker->scratch[i];
        wtfcb_base_arena_adopt(&walker->walk->strings, &scratch->strings);
        wtfcb_base_arena_free(&scratch->arena);
        wtfcb_base_free(&walker->walk->allocator, scratch->entries, scratch->entry_capacity * sizeof *scratch->entries);
        wtfcb_base_free(&walker->walk->allocator, scratch->places, scratch->place_capacity * sizeof *scratch->places);
        wtfcb_base_free(&walker->walk->allocator, scratch->signatures,
                        scratch->signature_capacity * sizeof *scratch->signatures);
        wtfcb_base_free(&walker->walk->allocator, scratch->listing, WTFCB_SCANNER_LISTING_SIZE);
    }
    wtfcb_base_free(&walker->walk->allocator, walker->scratch, threads * sizeof *walker->scratch);
}

static wtfcb_status make_scratch(wtfcb_scanner_walker *walker, uint32_t threads)
{
    const wtfcb_allocator *allocator = &walker->walk->allocator;
    walker->scratch = wtfcb_base_calloc(allocator, threads, sizeof *walker->scratch);
    if (!walker->scratch) return WTFCB_ENOMEM;
    bool complete = true;
    for (uint32_t i = 0; i < threads; i++) {
        wtfcb_scanner_walk_scratch *scratch = &walker->scratch[i];
        wtfcb_base_arena_init(&scratch->arena, allocator);
        wtfcb_base_arena_init(&scratch->strings, allocator);
        scratch->listing = wtfcb_base_alloc(allocator, WTFCB_SCANNER_LISTING_SIZE);
        complete = complete && scratch->listing;
    }
    return complete ? WTFCB_OK : WTFCB_ENOMEM;
}

/* At most `most`, and at most the given share of the descriptors that the process may have. */
static int descriptors_to_keep(int most, rlim_t share)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur / share > (rlim_t)most) return most;
    return (int)(limit.rlim_cur / share);
}

wtfcb_status wtfcb_scanner_walk_run(wtfcb_scanner_walk *walk, wtfcb_pool *pool,
                                    const wtfcb_scanner_walk_options *options)
{
    WTFCB_ZONE("walk");
    uint32_t threads = wtfcb_pool_threads(pool);
    wtfcb_scanner_walker walker = {
        .walk = walk,
        .options = options,
        .pool = pool,
        .open_limit = descriptors_to_keep(OPEN_DIRECTORIES, 4),
        .root_limit = (size_t)descriptors_to_keep(OPEN_ROOTS, 8),
    };
    walk->follow = options->follow;
    wtfcb_pool_group_init(&walker.group);
    wtfcb_status status = make_scratch(&walker, threads);
    uint64_t ticked = wtfcb_base_now_coarse();
    for (size_t i = 0; i < walk->root_count && status == WTFCB_OK; i++) {
        status = walk_root(&walker, i);
        if (status != WTFCB_OK || wtfcb_base_now_coarse() - ticked < TICK_NS) continue;
        status = tick(&walker);
        ticked = wtfcb_base_now_coarse();
    }
    sort_rows(walk);
    walk->directories = atomic_load(&walker.directories);
    walk->ignored = atomic_load(&walker.ignored);
    if (walker.scratch) free_scratch(&walker, threads);
    return status;
}

int wtfcb_scanner_walk_open(const wtfcb_scanner_walk *walk, const wtfcb_scanner_row *row)
{
    const wtfcb_scanner_root *root = &walk->roots[row->root];
    if (!root->directory) return wtfcb_base_file_open(walk->base, root->disk_path, true);
    const char *below = row->path + root->prefix_length;
    if (root->fd >= 0) return wtfcb_base_file_open(root->fd, below, walk->follow);
    int fd = wtfcb_base_dir_open(walk->base, root->disk_path, true);
    if (fd < 0) return -1;
    int file = wtfcb_base_file_open(fd, below, walk->follow);
    int saved = errno;
    (void)close(fd);
    errno = saved;
    return file;
}

static const char *copy_text(wtfcb_base_arena *arena, const char *text, bool *complete)
{
    if (!text) return NULL;
    const char *kept = wtfcb_base_arena_string(arena, text, strlen(text));
    if (!kept) *complete = false;
    return kept;
}

bool wtfcb_scanner_only_keep(wtfcb_scanner_only *only, wtfcb_base_arena *arena)
{
    bool complete = true;
    only->decided_at = copy_text(arena, only->decided_at, &complete);
    only->rule.source = copy_text(arena, only->rule.source, &complete);
    only->rule.pattern = copy_text(arena, only->rule.pattern, &complete);
    only->attribute.source = copy_text(arena, only->attribute.source, &complete);
    only->attribute.pattern = copy_text(arena, only->attribute.pattern, &complete);
    return complete;
}
