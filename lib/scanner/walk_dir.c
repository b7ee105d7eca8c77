/*
 * One directory: opened, listed, filtered, examined, sorted. Runs as a task of the pool; everything it makes lies in the
 * worker's arenas, and a directory's entries are published by the end of its task.
 */
#include "scanner/walk_dir.h"

#include <assert.h>
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <wtfcb/explain.h>
#include <wtfcb/zone.h>

#include "base/memory.h"
#include "cache/store.h"
#include "lang/detect.h"
#include "scanner/among.h"
#include "scanner/attributes.h"

/* Directories with longer paths are not entered: each keeps its whole path, which a hostile tree could make quadratic. */
enum { LONGEST_PATH = 32 << 10 };

/* The state of one directory's task. */
typedef struct visit {
    wtfcb_scanner_dir *dir;
    wtfcb_scanner_walker *walker;
    wtfcb_scanner_walk_scratch *scratch;
    const wtfcb_scanner_root *root;
    uint32_t worker;
    unsigned found; /* WTFCB_SCANNER_IGNORE_HAS_* */
    uint64_t files;
    uint64_t bytes;
    uint64_t ignored;
} visit;

static void out_of_memory(wtfcb_scanner_walker *walker)
{
    atomic_store_explicit(&walker->no_memory, true, memory_order_relaxed);
    wtfcb_pool_stop(&walker->group);
}

void wtfcb_scanner_dir_close(wtfcb_scanner_dir *dir)
{
    if (dir->fd < 0) return;
    (void)close(dir->fd);
    dir->fd = -1;
    atomic_fetch_sub_explicit(&dir->walker->open_directories, 1, memory_order_relaxed);
}

/* One of those who need the directory's descriptor is done with it. */
static void release(wtfcb_scanner_dir *dir)
{
    if (atomic_fetch_sub_explicit(&dir->waiting, 1, memory_order_acq_rel) == 1) wtfcb_scanner_dir_close(dir);
}

/* Open by walking down from the root, for a directory whose parent is closed. */
static int reopen(const wtfcb_scanner_root *root, const wtfcb_scanner_dir *dir, bool follow)
{
    int at = root->fd;
    const char *path = dir->path + root->prefix_length;
    const char *end = dir->path + dir->path_length;
    while (at >= 0 && path < end) {
        const char *slash = memchr(path, '/', (size_t)(end - path));
        size_t length = (size_t)((slash ? slash : end) - path);
        char name[256];
        int next = -1;
        if (length < sizeof name) {
            memcpy(name, path, length);
            name[length] = '\0';
            next = wtfcb_base_dir_open(at, name, follow);
        } else {
            errno = ENAMETOOLONG;
        }
        int saved = errno;
        if (at != root->fd) (void)close(at);
        errno = saved;
        at = next;
        path += length + 1;
    }
    return at;
}

static int open_directory(const visit *v)
{
    wtfcb_scanner_dir *dir = v->dir;
    wtfcb_scanner_dir *parent = dir->parent;
    if (!parent) return openat(v->root->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int fd = parent->fd >= 0 ? wtfcb_base_dir_open(parent->fd, dir->path + dir->name, dir->link)
                             : reopen(v->root, dir, v->walker->options->follow);
    int saved = errno;
    release(parent);
    errno = saved;
    return fd;
}

/* Whether the directory, reached through a link, is one of those it lies in. */
static bool is_loop(wtfcb_scanner_dir *dir)
{
    for (const wtfcb_scanner_dir *above = dir->parent; above; above = above->parent)
        if (above->device == dir->device && above->inode == dir->inode) return true;
    return false;
}

static void fail(wtfcb_scanner_dir *dir, wtfcb_status status, int os_error)
{
    dir->status = (int16_t)status;
    dir->os_error = os_error;
}

/* Open the directory and make sure of it; false with the reason in it. */
static bool enter(visit *v)
{
    wtfcb_scanner_dir *dir = v->dir;
    dir->fd = open_directory(v);
    if (dir->fd < 0) {
        fail(dir, wtfcb_base_status_of_errno(errno), errno);
        return false;
    }
    atomic_fetch_add_explicit(&v->walker->open_directories, 1, memory_order_relaxed);
    if (!v->walker->options->follow && !v->root->guarded) return true;
    wtfcb_base_file_signature signature;
    if (wtfcb_base_file_fstat(dir->fd, &signature) != 0) {
        fail(dir, wtfcb_base_status_of_errno(errno), errno);
        return false;
    }
    if (v->root->guarded && wtfcb_cache_store_is_at(signature.device, signature.inode)) return false;
    dir->device = signature.device;
    dir->inode = signature.inode;
    if (!v->walker->options->follow) return true;
    if (!is_loop(dir)) return true;
    fail(dir, WTFCB_ELOOP, 0);
    return false;
}

static bool is_vcs(const char *name, size_t length)
{
    static const char *const names[] = {".git", ".hg", ".svn", ".jj", ".bzr", "CVS", "_darcs", ".pijul"};
    if (name[0] != '.' && name[0] != 'C' && name[0] != '_') return false;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strlen(names[i]) == length && memcmp(names[i], name, length) == 0) return true;
    return false;
}

/* Whether a name is the next one on the way to the only path that is looked for. */
static bool is_on_the_way(const visit *v, const wtfcb_scanner_only *only, const wtfcb_base_dirent *raw)
{
    uint32_t prefix = v->root->prefix_length;
    size_t above = v->dir->path_length > prefix ? v->dir->path_length - prefix + 1 : 0;
    if (above + raw->length > only->length || memcmp(only->path + above, raw->name, raw->length) != 0) return false;
    return above + raw->length == only->length || only->path[above + raw->length] == '/';
}

/* Why a name is left out whatever the rules say; WTFCB_REASON_TAKEN if it is not. */
static uint32_t reason_to_skip(const visit *v, const wtfcb_base_dirent *raw)
{
    const wtfcb_scanner_walk_options *options = v->walker->options;
    if (raw->name[0] == '.' && !options->hidden) return WTFCB_REASON_HIDDEN;
    if (raw->type != WTFCB_BASE_FILE_REGULAR && is_vcs(raw->name, raw->length)) return WTFCB_REASON_REPOSITORY;
    if (raw->type == WTFCB_BASE_FILE_SYMLINK && !options->follow) return WTFCB_REASON_LINK;
    return WTFCB_REASON_TAKEN;
}

/* First pass over the names: keep what may be taken, with its whole path. */
static int on_name(void *user, const wtfcb_base_dirent *raw)
{
    visit *v = user;
    v->found |= wtfcb_scanner_ignore_flag_of(raw->name, raw->length);
    wtfcb_scanner_only *only = v->walker->options->only;
    if (only && !is_on_the_way(v, only, raw)) return 0;
    uint32_t reason = reason_to_skip(v, raw);
    if (reason != WTFCB_REASON_TAKEN && !only) return 0;
    if (reason == WTFCB_REASON_HIDDEN && is_vcs(raw->name, raw->length)) reason = WTFCB_REASON_REPOSITORY;
    wtfcb_scanner_walk_scratch *scratch = v->scratch;
    size_t above = v->dir->path_length;
    size_t prefix = above && v->dir->path[above - 1] != '/' ? above + 1 : above;
    size_t length = prefix + raw->length;
    char *path = length < UINT32_MAX ? wtfcb_base_arena_bytes(&scratch->strings, length + 1) : NULL;
    if (!path || !wtfcb_base_reserve(scratch->arena.allocator, (void **)&scratch->entries, &scratch->entry_capacity,
                                     scratch->entry_count + 1, sizeof *scratch->entries)) {
        out_of_memory(v->walker);
        return 1;
    }
    if (prefix) {
        memcpy(path, v->dir->path, above);
        path[prefix - 1] = '/';
    }
    memcpy(path + prefix, raw->name, raw->length + 1);
    const wtfcb_scanner_among *among = v->walker->options->among;
    uint32_t skip = v->root->prefix_length;
    if (among && !wtfcb_scanner_among_wants(among, path + skip, length - skip)) return 0;
    if (only) only->reason = reason, only->decided_at = path + v->root->prefix_length;
    if (reason != WTFCB_REASON_TAKEN) return 0;
    scratch->entries[scratch->entry_count++] = (wtfcb_scanner_entry){
        .path = path,
        .path_length = (uint32_t)length,
        .name = (uint32_t)prefix,
        .type = raw->type,
        .known = {.language = WTFCB_LANG_NONE},
    };
    return 0;
}

/* The rules of this directory, read from its own ignore files if the listing showed any. */
static bool load_rules(visit *v)
{
    WTFCB_ZONE("load rules");
    wtfcb_scanner_dir *dir = v->dir;
    if (!v->found) return true; /* the parent's hold */
    uint32_t skip = v->root->prefix_length < dir->path_length ? v->root->prefix_length : dir->path_length;
    wtfcb_status status = wtfcb_scanner_ignore_enter(v->root->ignore, dir->node, dir->fd, dir->path + skip,
                                                     dir->path_length - skip, v->found, &dir->node, &dir->problems);
    if (status != WTFCB_OK) out_of_memory(v->walker);
    return status == WTFCB_OK;
}

static void decide(visit *v, uint32_t reason)
{
    if (v->walker->options->only) v->walker->options->only->reason = reason;
}

static bool is_ignored(visit *v, const wtfcb_scanner_entry *entry)
{
    uint32_t skip = v->root->prefix_length;
    bool directory = entry->type == WTFCB_BASE_FILE_DIRECTORY;
    wtfcb_scanner_only *only = v->walker->options->only;
    wtfcb_scanner_ignore_reason rule = {0};
    if (wtfcb_scanner_ignore_match(v->dir->node, entry->path + skip, entry->path_length - skip, entry->name - skip,
                                   directory, only ? &rule : NULL) != WTFCB_SCANNER_IGNORE_IGNORED) {
        if (only && rule.source) only->rule = rule;
        return false;
    }
    if (only) only->rule = rule;
    decide(v, rule.source && !rule.pattern ? WTFCB_REASON_NOT_INCLUDED : WTFCB_REASON_IGNORED);
    v->ignored++;
    return true;
}

static void entry_failed(wtfcb_scanner_entry *entry, wtfcb_status status, int os_error)
{
    entry->status = (int16_t)status;
    entry->os_error = os_error;
}

/* For those who compare it later. */
static bool keep_signature(visit *v, wtfcb_scanner_entry *entry, const wtfcb_base_file_signature *signature)
{
    wtfcb_scanner_walk_scratch *scratch = v->scratch;
    if (!wtfcb_base_reserve(scratch->arena.allocator, (void **)&scratch->signatures, &scratch->signature_capacity,
                            scratch->signature_count + 1, sizeof *scratch->signatures)) {
        out_of_memory(v->walker);
        return false;
    }
    entry->signature = (uint32_t)scratch->signature_count;
    scratch->signatures[scratch->signature_count++] = *signature;
    return true;
}

/* Ask the file system what the listing did not say: the type of some, the size of files. */
static void examine(visit *v, wtfcb_scanner_entry *entry)
{
    entry->link = entry->type == WTFCB_BASE_FILE_SYMLINK;
    if (entry->type == WTFCB_BASE_FILE_DIRECTORY) return;
    wtfcb_base_file_signature signature;
    const char *name = entry->path + entry->name;
    int result = wtfcb_base_file_stat(v->dir->fd, name, entry->link, &signature);
    if (result == 0 && signature.type == WTFCB_BASE_FILE_SYMLINK && v->walker->options->follow) {
        entry->link = true; /* the listing had not said so */
        result = wtfcb_base_file_stat(v->dir->fd, name, true, &signature);
    }
    if (result != 0) {
        entry_failed(entry, wtfcb_base_status_of_errno(errno), errno);
        return;
    }
    entry->type = signature.type;
    if (v->walker->options->listed && !keep_signature(v, entry, &signature)) return;
    if (signature.type == WTFCB_BASE_FILE_SPECIAL) entry_failed(entry, WTFCB_ESPECIAL, 0);
    if (signature.type == WTFCB_BASE_FILE_REGULAR) entry->size = signature.size;
}

static bool is_wanted(const wtfcb_scanner_walk_options *options, uint16_t language)
{
    return !options->wanted || options->wanted[language == WTFCB_LANG_NONE ? options->languages->count : language];
}

/* What attributes say; whether that is the language, which a name then cannot change. */
static bool recognise_by_attributes(const wtfcb_scanner_walk_options *options, const wtfcb_scanner_ignore_node *node,
                                    const char *path, size_t length, size_t name, wtfcb_scanner_recognition *known)
{
    *known = (wtfcb_scanner_recognition){.language = WTFCB_LANG_NONE};
    if (!node || !wtfcb_scanner_attributes_any(node)) return false;
    wtfcb_scanner_attributes attributes = wtfcb_scanner_attributes_match(node, path, length, name);
    known->said = attributes.said;
    known->set = attributes.set;
    if (options->only) options->only->attribute = attributes.reason;
    if (attributes.language)
        known->language = wtfcb_lang_find(options->languages, attributes.language, strlen(attributes.language));
    if (known->language == WTFCB_LANG_NONE) return false;
    known->language_by = WTFCB_BY_ATTRIBUTE;
    return true;
}

/* What the name says; whether the content may say something else. */
static bool recognise_by_name(const wtfcb_scanner_walk_options *options, const char *name, size_t length,
                              wtfcb_scanner_recognition *known)
{
    wtfcb_lang_detection detection = wtfcb_lang_detect_path(options->languages, name, length);
    known->language = detection.language;
    known->language_by = detection.how;
    known->rule = detection.rule;
    return detection.wants_content;
}

bool wtfcb_scanner_recognise(const wtfcb_scanner_walk_options *options, const wtfcb_scanner_ignore_node *node,
                             const char *path, size_t length, size_t name, wtfcb_scanner_recognition *ret_recognition)
{
    bool open = !recognise_by_attributes(options, node, path, length, name, ret_recognition) &&
                recognise_by_name(options, path + name, length - name, ret_recognition);
    return (open && !options->by_name) || is_wanted(options, ret_recognition->language);
}

/* Whether names can wait until those who remember the directory have said which files they know: no filter needs them before. */
static bool names_can_wait(const wtfcb_scanner_walk_options *options)
{
    return options->listed && !options->wanted && !options->only;
}

static bool is_taken_by_language(visit *v, wtfcb_scanner_entry *entry)
{
    const wtfcb_scanner_walk_options *options = v->walker->options;
    uint32_t skip = v->root->prefix_length;
    if (!names_can_wait(options))
        return wtfcb_scanner_recognise(options, v->dir->node, entry->path + skip, entry->path_length - skip,
                                       entry->name - skip, &entry->known);
    (void)recognise_by_attributes(options, v->dir->node, entry->path + skip, entry->path_length - skip,
                                  entry->name - skip, &entry->known);
    return true;
}

/* What is_taken_by_language() has put off, for the entries that are left. */
static void recognise_rest(const visit *v, wtfcb_scanner_entry *entries, size_t count)
{
    if (!names_can_wait(v->walker->options)) return;
    for (size_t i = 0; i < count; i++) {
        wtfcb_scanner_entry *entry = &entries[i];
        if (entry->type != WTFCB_BASE_FILE_REGULAR || entry->known.language_by == WTFCB_BY_ATTRIBUTE) continue;
        (void)recognise_by_name(v->walker->options, entry->path + entry->name, entry->path_length - entry->name,
                                &entry->known);
    }
}

/* Whether an entry becomes part of the tree. */
static bool take(visit *v, wtfcb_scanner_entry *entry)
{
    bool typed = entry->type == WTFCB_BASE_FILE_DIRECTORY || entry->type == WTFCB_BASE_FILE_REGULAR;
    if (typed && is_ignored(v, entry)) return false;
    examine(v, entry);
    if (!typed) { /* the listing did not say, or a link leads there */
        if (entry->type == WTFCB_BASE_FILE_SYMLINK && !v->walker->options->follow) {
            decide(v, WTFCB_REASON_LINK);
            return false;
        }
        if (is_ignored(v, entry)) return false;
    }
    if (entry->type == WTFCB_BASE_FILE_REGULAR) {
        uint32_t skip = v->root->prefix_length;
        const wtfcb_scanner_only *only = v->walker->options->only;
        if (only && entry->path_length - skip != only->length) return false; /* the path goes on, the file does not */
        if (!is_taken_by_language(v, entry)) {
            decide(v, WTFCB_REASON_LANGUAGE);
            return false;
        }
        v->files++;
        v->bytes += entry->size;
    }
    return true;
}

/* Directories compare with a slash behind their name: so the order of entries is the order of whole paths. */
static int compare_entries(const wtfcb_scanner_entry *a, const wtfcb_scanner_entry *b)
{
    size_t a_length = a->path_length - a->name;
    size_t b_length = b->path_length - b->name;
    size_t common = a_length < b_length ? a_length : b_length;
    int order = memcmp(a->path + a->name, b->path + b->name, common);
    if (order != 0) return order;
    unsigned char a_next = (unsigned char)a->path[a->name + common];
    unsigned char b_next = (unsigned char)b->path[b->name + common];
    if (a_next == '\0' && a->type == WTFCB_BASE_FILE_DIRECTORY) a_next = '/';
    if (b_next == '\0' && b->type == WTFCB_BASE_FILE_DIRECTORY) b_next = '/';
    return a_next - b_next;
}

/* The first bytes of what compare_entries() compares, as a number: it decides about most pairs without a look at names. */
static uint64_t order_of(const wtfcb_scanner_entry *entry)
{
    unsigned char bytes[sizeof(uint64_t)] = {0};
    size_t length = entry->path_length - entry->name;
    memcpy(bytes, entry->path + entry->name, length < sizeof bytes ? length : sizeof bytes);
    if (length < sizeof bytes && entry->type == WTFCB_BASE_FILE_DIRECTORY) bytes[length] = '/';
    uint64_t order;
    memcpy(&order, bytes, sizeof order);
    return be64toh(order);
}

static int compare_places(const void *left, const void *right)
{
    const wtfcb_scanner_place *a = left;
    const wtfcb_scanner_place *b = right;
    if (a->order != b->order) return a->order < b->order ? -1 : 1;
    return compare_entries(a->entry, b->entry);
}

/* The first `count` entries of the scratch, sorted, in the arena; NULL when memory has run out. Entries are large: places are sorted. */
static wtfcb_scanner_entry *sort_entries(wtfcb_scanner_walk_scratch *scratch, size_t count)
{
    if (!wtfcb_base_reserve(scratch->arena.allocator, (void **)&scratch->places, &scratch->place_capacity, count,
                            sizeof *scratch->places))
        return NULL;
    wtfcb_scanner_entry *entries = wtfcb_base_arena_alloc(&scratch->arena, count * sizeof *entries);
    if (!entries) return NULL;
    for (size_t i = 0; i < count; i++)
        scratch->places[i] = (wtfcb_scanner_place){order_of(&scratch->entries[i]), &scratch->entries[i]};
    qsort(scratch->places, count, sizeof *scratch->places, compare_places);
    for (size_t i = 0; i < count; i++)
        entries[i] = *scratch->places[i].entry;
    return entries;
}

static wtfcb_scanner_dir *make_child(visit *v, const wtfcb_scanner_entry *entry)
{
    wtfcb_scanner_dir *child = wtfcb_base_arena_alloc(&v->scratch->arena, sizeof *child);
    if (!child) return NULL;
    *child = (wtfcb_scanner_dir){
        .task = {.run = wtfcb_scanner_dir_run, .group = &v->walker->group, .weight = v->dir->depth + 1},
        .walker = v->walker,
        .parent = v->dir,
        .root = v->dir->root,
        .path = entry->path,
        .path_length = entry->path_length,
        .name = entry->name,
        .depth = v->dir->depth + 1,
        .link = entry->link,
        .fd = -1,
        .node = v->dir->node,
    };
    atomic_init(&child->waiting, 1);
    return child;
}

/* Show the entries to whoever remembers the directory. */
static bool tell_listed(visit *v, wtfcb_scanner_entry *entries, size_t *count)
{
    WTFCB_ZONE("recall directory");
    const wtfcb_scanner_walk_options *options = v->walker->options;
    uint32_t skip = v->root->prefix_length < v->dir->path_length ? v->root->prefix_length : v->dir->path_length;
    int64_t left = options->listed(options->listed_user, v->worker, v->dir, v->dir->path + skip,
                                   v->dir->path_length - skip, entries, *count, v->scratch->signatures);
    if (left < 0) return false;
    *count = (size_t)left;
    return true;
}

/* Keep the entries that are taken, sorted, and make the directories among them. Returns their number, or -1. */
static int64_t keep_entries(visit *v)
{
    WTFCB_ZONE("filter and stat");
    wtfcb_scanner_walk_scratch *scratch = v->scratch;
    size_t kept = 0;
    for (size_t i = 0; i < scratch->entry_count && !wtfcb_pool_stopped(&v->walker->group); i++)
        if (take(v, &scratch->entries[i])) scratch->entries[kept++] = scratch->entries[i];
    bool told = v->walker->options->listed && !wtfcb_pool_stopped(&v->walker->group); /* else some are missing */
    if (kept == 0) return told && !tell_listed(v, NULL, &kept) ? -1 : 0;
    wtfcb_scanner_entry *entries = sort_entries(scratch, kept);
    if (!entries) return -1;
    if (told && !tell_listed(v, entries, &kept)) return -1;
    recognise_rest(v, entries, kept);
    int64_t children = 0;
    for (size_t i = 0; i < kept; i++) {
        if (entries[i].type != WTFCB_BASE_FILE_DIRECTORY || entries[i].status != WTFCB_OK) continue;
        if (v->dir->depth >= v->walker->options->max_depth || entries[i].path_length > LONGEST_PATH) {
            entry_failed(&entries[i], WTFCB_ELIMIT, 0);
            entries[i].limits = WTFCB_LIMIT_DEPTH;
            continue;
        }
        entries[i].child = make_child(v, &entries[i]);
        if (!entries[i].child) return -1;
        children++;
    }
    v->dir->entry_count = (uint32_t)kept;
    v->dir->entries = entries;
    return children;
}

/* List, filter and keep; false when memory has run out. */
static bool read_directory(visit *v)
{
    wtfcb_scanner_walk_scratch *scratch = v->scratch;
    scratch->entry_count = 0;
    scratch->signature_count = 0;
    WTFCB_ZONE_BEGIN(list, "list");
    int result = wtfcb_base_dir_list(v->dir->fd, scratch->listing, WTFCB_SCANNER_LISTING_SIZE, on_name, v);
    WTFCB_ZONE_END(list);
    if (result > 0) return false;
    if (result < 0) fail(v->dir, wtfcb_base_status_of_errno(errno), errno); /* keep what was listed */
    if (!load_rules(v)) return false;
    int64_t children = keep_entries(v);
    if (children < 0) {
        out_of_memory(v->walker);
        return false;
    }
    int open_now = atomic_load_explicit(&v->walker->open_directories, memory_order_relaxed);
    if (children > 0 && open_now > v->walker->open_limit) wtfcb_scanner_dir_close(v->dir);
    atomic_fetch_add_explicit(&v->dir->waiting, (unsigned)children, memory_order_relaxed);
    return true;
}

static void submit_children(const visit *v)
{
    /* Backwards: among equals the newest comes first, and the walk then goes roughly in path order. */
    for (uint32_t i = v->dir->entry_count; i-- > 0;)
        if (v->dir->entries[i].child) wtfcb_pool_submit(v->walker->pool, &v->dir->entries[i].child->task);
}

void wtfcb_scanner_dir_run(wtfcb_pool_task *task, uint32_t worker)
{
    WTFCB_ZONE("walk directory");
    wtfcb_scanner_dir *dir = (void *)task; /* its first member */
    wtfcb_scanner_walker *walker = dir->walker;
    visit v = {
        .dir = dir,
        .walker = walker,
        .scratch = &walker->scratch[worker],
        .root = &walker->walk->roots[dir->root],
        .worker = worker,
    };
    if (enter(&v)) {
        if (read_directory(&v)) submit_children(&v);
        atomic_fetch_add_explicit(&walker->directories, 1, memory_order_relaxed);
    }
    atomic_fetch_add_explicit(&walker->files, v.files, memory_order_relaxed);
    atomic_fetch_add_explicit(&walker->bytes, v.bytes, memory_order_relaxed);
    atomic_fetch_add_explicit(&walker->ignored, v.ignored, memory_order_relaxed);
    dir->done = !wtfcb_pool_stopped(&walker->group);
    release(dir);
}
