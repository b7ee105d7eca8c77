/*
 * Sets, nodes and the match over the rules that hold in a directory.
 *
 * A node has one chain of layers for each kind of ignore file, from the directory itself outwards. Layers of directories
 * further out are shared by pointing at them, so a node costs memory for its own files alone, however deep it lies. The
 * only thing that threads write together is the head of the set's list of nodes.
 */
#include "scanner/ignore.h"

#include <assert.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"
#include "scanner/ignore_git.h"
#include "scanner/ignore_set.h"

static wtfcb_status add_attributes(wtfcb_scanner_ignore *set, const wtfcb_scanner_ignore_options *options)
{
    wtfcb_status status = WTFCB_OK;
    for (size_t i = 0; i < options->attribute_count && status == WTFCB_OK; i++) {
        const char *line = options->attributes[i];
        status = wtfcb_scanner_attributes_parse(set->attributes, line, strlen(line), (uint32_t)i + 1, "");
    }
    set->attributed = options->attribute_count > 0;
    return status;
}

static wtfcb_status add_patterns(wtfcb_scanner_ignore_rules *rules, const char *const *patterns, size_t count)
{
    wtfcb_status status = WTFCB_OK;
    wtfcb_scanner_wildmatch_builder builder;
    wtfcb_scanner_wildmatch_builder_init(&builder, rules->arena->allocator);
    for (size_t i = 0; i < count && status == WTFCB_OK; i++)
        status = wtfcb_scanner_ignore_rules_add(rules, &builder, patterns[i], strlen(patterns[i]), (uint32_t)i + 1, "");
    wtfcb_scanner_wildmatch_builder_free(&builder);
    return status;
}

wtfcb_status wtfcb_scanner_ignore_new(const wtfcb_allocator *allocator, const wtfcb_scanner_ignore_options *options,
                                      wtfcb_scanner_ignore **ret_set)
{
    wtfcb_scanner_ignore *set = wtfcb_base_calloc(allocator, 1, sizeof *set);
    if (!set) return WTFCB_ENOMEM;
    set->allocator = *allocator;
    set->git = options->git;
    set->files = options->files;
    set->attribute_files = options->attribute_files;
    atomic_init(&set->nodes, NULL);
    wtfcb_base_buffer_init(&set->user_path, &set->allocator);
    wtfcb_base_arena_init(&set->arena, &set->allocator);
    wtfcb_scanner_ignore_rules_init(&set->excludes, &set->arena);
    wtfcb_scanner_ignore_rules_init(&set->includes, &set->arena);
    wtfcb_scanner_attributes_init(set->attributes, &set->arena);
    wtfcb_status status = add_patterns(&set->excludes, options->excludes, options->exclude_count);
    if (status == WTFCB_OK) status = add_patterns(&set->includes, options->includes, options->include_count);
    set->filtered = options->include_count > 0;
    if (status == WTFCB_OK) status = add_attributes(set, options);
    if (status == WTFCB_OK)
        *ret_set = set;
    else
        wtfcb_scanner_ignore_free(set);
    return status;
}

void wtfcb_scanner_ignore_free(wtfcb_scanner_ignore *set)
{
    if (!set) return;
    wtfcb_scanner_ignore_node *node = atomic_load_explicit(&set->nodes, memory_order_acquire);
    while (node) {
        wtfcb_scanner_ignore_node *next = node->next;
        wtfcb_scanner_ignore_node_free(node);
        node = next;
    }
    wtfcb_scanner_ignore_rules_free(&set->excludes);
    wtfcb_scanner_ignore_rules_free(&set->includes);
    wtfcb_scanner_attributes_free(set->attributes);
    wtfcb_base_arena_free(&set->arena);
    wtfcb_base_buffer_free(&set->user_path);
    const wtfcb_allocator allocator = set->allocator;
    wtfcb_base_free(&allocator, set, sizeof *set);
}

/*
 * Find how many bytes of the absolute path `path` name the top of the repository that it lies in, itself excluded; 0 for
 * none. As git does, look no further than the file system that the path is on. The root directory counts as 1 byte.
 */
static wtfcb_status find_top(wtfcb_scanner_ignore *set, char *path, size_t *ret_length)
{
    wtfcb_base_file_signature here;
    *ret_length = 0;
    if (wtfcb_base_file_stat(AT_FDCWD, path, true, &here) != 0) return WTFCB_OK;
    for (size_t length = strlen(path); length > 1;) {
        while (length > 1 && path[length - 1] != '/')
            length--;
        const size_t cut = length > 1 ? --length : 1; /* at the slash, or behind the only one */
        const char saved = path[cut];
        path[cut] = '\0';
        wtfcb_base_file_signature above;
        const int fd = wtfcb_base_dir_open(AT_FDCWD, path, true);
        const bool same = wtfcb_base_file_stat(AT_FDCWD, path, true, &above) == 0 && above.device == here.device;
        path[cut] = saved;
        wtfcb_status status = WTFCB_ENOTFOUND;
        wtfcb_scanner_ignore_repository repository;
        if (fd >= 0 && same) status = wtfcb_scanner_ignore_repository_open(&set->allocator, fd, &repository);
        if (fd >= 0) (void)close(fd);
        if (status == WTFCB_OK) {
            wtfcb_scanner_ignore_repository_close(&repository);
            *ret_length = cut;
        }
        if (status != WTFCB_ENOTFOUND) return status;
        if (!same) return WTFCB_OK;
    }
    return WTFCB_OK;
}

/* Load the rules of one directory above the root: the first `length` bytes of `path`, which ends with a slash. */
static wtfcb_status load_above(wtfcb_scanner_ignore *set, wtfcb_scanner_ignore_node *node, char *path, size_t length,
                               bool top)
{
    const size_t next = length == 1 ? 1 : length + 1; /* where the names below start */
    const char saved = path[length];
    path[length] = '\0';
    const int fd = wtfcb_base_dir_open(AT_FDCWD, path, true);
    path[length] = saved;
    if (fd < 0) return WTFCB_OK;
    char *shown = wtfcb_base_arena_string(&node->arena, path, next);
    const wtfcb_scanner_ignore_place place = {.dirfd = fd, .path = shown, .base = 0, .below = path + next};
    unsigned found = WTFCB_SCANNER_IGNORE_HAS_UNKNOWN;
    if (!top) found &= ~(unsigned)WTFCB_SCANNER_IGNORE_HAS_GIT;
    const wtfcb_status status = shown ? wtfcb_scanner_ignore_load(set, node, &place, found) : WTFCB_ENOMEM;
    (void)close(fd);
    return status;
}

/* Load the rules of the directories above `path` from the top of the repository down; none if one starts right here. */
static wtfcb_status load_all_above(wtfcb_scanner_ignore *set, wtfcb_scanner_ignore_node *node, int dirfd,
                                   const char *path)
{
    wtfcb_scanner_ignore_repository repository;
    wtfcb_status status = wtfcb_scanner_ignore_repository_open(&set->allocator, dirfd, &repository);
    if (status == WTFCB_OK) wtfcb_scanner_ignore_repository_close(&repository);
    if (status != WTFCB_ENOTFOUND) return status;
    status = WTFCB_OK;
    char *absolute = wtfcb_base_alloc(&set->allocator, PATH_MAX + 1); /* one more for a slash */
    if (!absolute) return WTFCB_ENOMEM;
    size_t top = 0;
    if (realpath(path, absolute) && strcmp(absolute, "/") != 0) {
        status = find_top(set, absolute, &top);
        const size_t length = strlen(absolute);
        absolute[length] = '/';
        absolute[length + 1] = '\0';
        for (size_t at = top; at > 0 && at < length && status == WTFCB_OK;) {
            status = load_above(set, node, absolute, at, at == top);
            at = (size_t)(strchr(absolute + at + 1, '/') - absolute);
        }
    }
    wtfcb_base_free(&set->allocator, absolute, PATH_MAX + 1);
    return status;
}

/* What the environment and the user's configuration say. Only the home is needed later; the host may change its own. */
static wtfcb_status read_user(wtfcb_scanner_ignore *set)
{
    wtfcb_scanner_ignore_environment environment = wtfcb_scanner_ignore_environment_of_process();
    if (environment.home) {
        environment.home = wtfcb_base_arena_string(&set->arena, environment.home, strlen(environment.home));
        if (!environment.home) return WTFCB_ENOMEM;
    }
    set->environment.home = environment.home;
    return wtfcb_scanner_ignore_config_user(&set->allocator, &environment, &set->user_path);
}

wtfcb_status wtfcb_scanner_ignore_root(wtfcb_scanner_ignore *set, int dirfd, const char *path,
                                       const wtfcb_scanner_ignore_node **ret_node,
                                       const wtfcb_scanner_ignore_problem **ret_problems)
{
    assert(!atomic_load_explicit(&set->nodes, memory_order_relaxed));
    wtfcb_scanner_ignore_node *node = wtfcb_scanner_ignore_node_new(set, NULL);
    if (!node) return WTFCB_ENOMEM;
    wtfcb_status status = WTFCB_OK;
    if (set->git) {
        status = read_user(set);
        const wtfcb_scanner_ignore_place place = {.dirfd = dirfd, .path = "", .base = 0, .below = ""};
        if (status == WTFCB_OK && set->user_path.length > 0)
            status = wtfcb_scanner_ignore_load_user(set, node, &place, set->user_path.data);
        set->user_layer = node->chains[WTFCB_SCANNER_IGNORE_GIT];
    }
    if (status == WTFCB_OK && path && (set->git || set->files || set->attribute_files))
        status = load_all_above(set, node, dirfd, path);
    if (status != WTFCB_OK) {
        set->user_layer = NULL;
        wtfcb_scanner_ignore_node_free(node);
        return status;
    }
    wtfcb_scanner_ignore_node_publish(set, node);
    *ret_node = node;
    if (ret_problems) *ret_problems = node->problems;
    return WTFCB_OK;
}

wtfcb_status wtfcb_scanner_ignore_enter(wtfcb_scanner_ignore *set, const wtfcb_scanner_ignore_node *parent, int dirfd,
                                        const char *path, size_t length, unsigned found,
                                        const wtfcb_scanner_ignore_node **ret_node,
                                        const wtfcb_scanner_ignore_problem **ret_problems)
{
    unsigned wanted = 0;
    if (set->git) wanted |= WTFCB_SCANNER_IGNORE_HAS_GIT | WTFCB_SCANNER_IGNORE_HAS_GITIGNORE;
    if (set->attribute_files) wanted |= WTFCB_SCANNER_IGNORE_HAS_GIT | WTFCB_SCANNER_IGNORE_HAS_GITATTRIBUTES;
    if (set->files) wanted |= WTFCB_SCANNER_IGNORE_HAS_IGNORE | WTFCB_SCANNER_IGNORE_HAS_WTFCBIGNORE;
    const wtfcb_scanner_ignore_problem *problems = NULL;
    wtfcb_scanner_ignore_node *node = NULL;
    wtfcb_status status = WTFCB_OK;
    if ((found & wanted) != 0) {
        node = wtfcb_scanner_ignore_node_new(set, parent);
        if (!node) return WTFCB_ENOMEM;
        char *shown = wtfcb_base_arena_bytes(&node->arena, length + 2);
        if (!shown) {
            status = WTFCB_ENOMEM;
            goto done;
        }
        memcpy(shown, path, length);
        memcpy(shown + length, length > 0 ? "/" : "", length > 0 ? 2 : 1);
        const wtfcb_scanner_ignore_place place = {
            .dirfd = dirfd, .path = shown, .base = length > 0 ? length + 1 : 0, .below = ""};
        status = wtfcb_scanner_ignore_load(set, node, &place, found & wanted);
        if (status != WTFCB_OK) goto done;
        if (memcmp(node->chains, parent->chains, sizeof node->chains) != 0 || node->attributes != parent->attributes ||
            node->problems) {
            wtfcb_scanner_ignore_node_publish(set, node);
            problems = node->problems;
            parent = node;
            node = NULL;
        }
    }
    *ret_node = parent;
    if (ret_problems) *ret_problems = problems;
done:
    if (node) wtfcb_scanner_ignore_node_free(node);
    return status;
}

static wtfcb_scanner_ignore_verdict decide(const wtfcb_scanner_ignore_pattern *pattern, const char *source,
                                           wtfcb_scanner_ignore_reason *ret_reason)
{
    if (ret_reason) *ret_reason = (wtfcb_scanner_ignore_reason){source, pattern->text, pattern->line};
    return pattern->negative ? WTFCB_SCANNER_IGNORE_INCLUDED : WTFCB_SCANNER_IGNORE_IGNORED;
}

/* Whether an include matches a file or, failing that, the nearest directory around it that any include speaks of. */
static bool is_included(const wtfcb_scanner_ignore_rules *includes, const wtfcb_scanner_ignore_subject *file)
{
    const wtfcb_scanner_ignore_pattern *pattern = wtfcb_scanner_ignore_rules_match(includes, file, 0);
    for (size_t length = file->name; !pattern && length > 0;) {
        length--; /* the slash */
        const char *slash = memrchr(file->path, '/', length);
        const size_t name = slash ? (size_t)(slash + 1 - file->path) : 0;
        const wtfcb_scanner_ignore_subject around = wtfcb_scanner_ignore_subject_of(file->path, length, name, true);
        pattern = wtfcb_scanner_ignore_rules_match(includes, &around, 0);
        length = name;
    }
    return pattern && !pattern->negative;
}

/* Whether there is anything to match: a walk without ignore rules asks about each of its files all the same. */
static bool has_rules(const wtfcb_scanner_ignore_node *node)
{
    bool any = node->set->filtered || node->set->excludes.count > 0;
    for (size_t kind = 0; kind < WTFCB_SCANNER_IGNORE_KINDS; kind++)
        any = any || node->chains[kind];
    return any;
}

wtfcb_scanner_ignore_verdict wtfcb_scanner_ignore_match(const wtfcb_scanner_ignore_node *node, const char *path,
                                                        size_t length, size_t name, bool directory,
                                                        wtfcb_scanner_ignore_reason *ret_reason)
{
    assert(name < length && (name == 0 || path[name - 1] == '/'));
    const wtfcb_scanner_ignore *set = node->set;
    if (!has_rules(node)) {
        if (ret_reason) *ret_reason = (wtfcb_scanner_ignore_reason){NULL, NULL, 0};
        return WTFCB_SCANNER_IGNORE_NONE;
    }
    const wtfcb_scanner_ignore_subject subject = wtfcb_scanner_ignore_subject_of(path, length, name, directory);
    if (set->filtered && !directory && !is_included(&set->includes, &subject)) {
        if (ret_reason) *ret_reason = (wtfcb_scanner_ignore_reason){"", NULL, 0};
        return WTFCB_SCANNER_IGNORE_IGNORED;
    }
    const wtfcb_scanner_ignore_pattern *pattern = wtfcb_scanner_ignore_rules_match(&set->excludes, &subject, 0);
    if (pattern) return decide(pattern, "", ret_reason);
    for (size_t kind = 0; kind < WTFCB_SCANNER_IGNORE_KINDS; kind++)
        for (const wtfcb_scanner_ignore_layer *layer = node->chains[kind]; layer; layer = layer->outer) {
            pattern = wtfcb_scanner_ignore_rules_match(layer->rules, &subject, layer->base);
            if (pattern) return decide(pattern, layer->source, ret_reason);
        }
    if (ret_reason) *ret_reason = (wtfcb_scanner_ignore_reason){NULL, NULL, 0};
    return WTFCB_SCANNER_IGNORE_NONE;
}
