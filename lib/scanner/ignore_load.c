/*
 * Loading ignore files into nodes, and starting git's rules afresh where a work tree begins.
 *
 * A layer is made only for a file that holds at least one pattern. What git takes for "no such file" (missing, a symbolic
 * link, no regular file) is that here; anything else that goes wrong becomes a problem of the node, and the scan goes on
 * without the file.
 */
#include <assert.h>
#include <errno.h>
#include <string.h>

#include "base/file.h"
#include "base/memory.h"
#include "scanner/ignore_git.h"
#include "scanner/ignore_set.h"

enum { FILE_LIMIT = 8 * 1024 * 1024 };

/* "<place><name>" in the node's memory; a name that starts with '/' stands alone. */
static const char *source_of(wtfcb_scanner_ignore_node *node, const char *place, const char *name)
{
    const size_t length = *name == '/' ? 0 : strlen(place);
    const size_t name_length = strlen(name);
    char *source = wtfcb_base_arena_bytes(&node->arena, length + name_length + 1);
    if (!source) return NULL;
    memcpy(source, place, length);
    memcpy(source + length, name, name_length);
    source[length + name_length] = '\0';
    return source;
}

/* Put a layer at the head of one of the node's chains. NULL when memory has run out. */
static wtfcb_scanner_ignore_layer *add_layer(wtfcb_scanner_ignore_node *node, unsigned kind, size_t base,
                                             const char *source)
{
    wtfcb_scanner_ignore_layer *layer = wtfcb_base_arena_alloc(&node->arena, sizeof *layer);
    if (!layer) return NULL;
    *layer = (wtfcb_scanner_ignore_layer){
        .outer = node->chains[kind], .rules = &layer->own, .base = base, .source = source, .sibling = node->layers};
    wtfcb_scanner_ignore_rules_init(&layer->own, &node->arena);
    node->layers = layer;
    node->chains[kind] = layer;
    return layer;
}

static bool is_absence(wtfcb_status status, int os_error)
{
    return status == WTFCB_ENOTFOUND || status == WTFCB_ESPECIAL || os_error == ENOENT || os_error == ENOTDIR ||
           os_error == ELOOP || os_error == ENXIO;
}

static wtfcb_status add_problem(wtfcb_scanner_ignore_node *node, const char *source, wtfcb_status status, int os_error)
{
    wtfcb_scanner_ignore_problem *problem = wtfcb_base_arena_alloc(&node->arena, sizeof *problem);
    if (!problem) return WTFCB_ENOMEM;
    *problem = (wtfcb_scanner_ignore_problem){node->problems, source, status, os_error};
    node->problems = problem;
    return WTFCB_OK;
}

/* The patterns of a file as the strongest of their kind; dropped again if there are none. */
static wtfcb_status add_rules(wtfcb_scanner_ignore_node *node, unsigned kind, const wtfcb_base_buffer *text,
                              const wtfcb_scanner_ignore_place *place, const char *source)
{
    wtfcb_scanner_ignore_layer *layer = add_layer(node, kind, place->base, source);
    if (!layer) return WTFCB_ENOMEM;
    wtfcb_status status = wtfcb_scanner_ignore_rules_parse(&layer->own, text->data, text->length, place->below);
    if (layer->own.count == 0) node->chains[kind] = layer->outer;
    return status;
}

/* Likewise the attributes of a file. Most such files say nothing that matters here. */
static wtfcb_status add_attributes(wtfcb_scanner_ignore_node *node, const wtfcb_base_buffer *text,
                                   const wtfcb_scanner_ignore_place *place, const char *source)
{
    if (!memmem(text->data, text->length, "linguist-", 9)) return WTFCB_OK;
    wtfcb_scanner_attribute_layer *layer = wtfcb_base_arena_alloc(&node->arena, sizeof *layer);
    if (!layer) return WTFCB_ENOMEM;
    *layer = (wtfcb_scanner_attribute_layer){
        .outer = node->attributes, .base = place->base, .source = source, .sibling = node->attribute_layers};
    wtfcb_scanner_attributes_init(layer->rules, &node->arena);
    node->attribute_layers = layer;
    wtfcb_status status = wtfcb_scanner_attributes_parse(layer->rules, text->data, text->length, 1, place->below);
    if (wtfcb_scanner_attributes_count(layer->rules) > 0) node->attributes = layer;
    return status;
}

/* Stands for the files of attributes where a kind of ignore files is asked for. */
#define ATTRIBUTES WTFCB_SCANNER_IGNORE_KINDS

/* Read one file below `dirfd` and make its patterns the strongest of their kind. */
static wtfcb_status load_file(wtfcb_scanner_ignore *set, wtfcb_scanner_ignore_node *node, unsigned kind, int dirfd,
                              const char *name, bool follow, const wtfcb_scanner_ignore_place *place, const char *shown)
{
    int os_error = 0;
    const char *source = NULL;
    wtfcb_base_buffer text;
    wtfcb_base_buffer_init(&text, &set->allocator);
    wtfcb_status status = wtfcb_base_file_load(dirfd, name, follow, FILE_LIMIT, &text, &os_error);
    if (status != WTFCB_ENOMEM && is_absence(status, os_error)) {
        status = WTFCB_OK;
    } else if (status != WTFCB_ENOMEM && (status != WTFCB_OK || text.length > 0)) {
        source = source_of(node, place->path, shown);
        if (!source) {
            status = WTFCB_ENOMEM;
        } else if (status != WTFCB_OK) {
            status = add_problem(node, source, status, os_error);
        } else if (kind == ATTRIBUTES) {
            status = add_attributes(node, &text, place, source);
        } else {
            status = add_rules(node, kind, &text, place, source);
        }
    }
    wtfcb_base_buffer_free(&text);
    return status;
}

wtfcb_status wtfcb_scanner_ignore_load_user(wtfcb_scanner_ignore *set, wtfcb_scanner_ignore_node *node,
                                            const wtfcb_scanner_ignore_place *place, const char *value)
{
    node->chains[WTFCB_SCANNER_IGNORE_GIT] = NULL;
    const bool same = set->user_layer && set->user_path.data && strcmp(set->user_path.data, value) == 0;
    if (!*value) return WTFCB_OK;
    if (!same || *place->below || *value != '/')
        return load_file(set, node, WTFCB_SCANNER_IGNORE_GIT, place->dirfd, value, true, place, value);
    wtfcb_scanner_ignore_layer *layer = add_layer(node, WTFCB_SCANNER_IGNORE_GIT, place->base, set->user_layer->source);
    if (!layer) return WTFCB_ENOMEM;
    layer->rules = set->user_layer->rules;
    return WTFCB_OK;
}

/* The ignore rules of a repository, which take the place of those around it. */
static wtfcb_status load_excludes(wtfcb_scanner_ignore *set, wtfcb_scanner_ignore_node *node,
                                  const wtfcb_scanner_ignore_place *place,
                                  const wtfcb_scanner_ignore_repository *repository)
{
    bool found = false;
    wtfcb_base_buffer value;
    wtfcb_base_buffer_init(&value, &set->allocator);
    wtfcb_status status = wtfcb_scanner_ignore_config_read(&set->allocator, repository->common, "config",
                                                           &set->environment, &value, &found);
    if (status == WTFCB_OK)
        status = wtfcb_scanner_ignore_config_read(&set->allocator, repository->own, "config.worktree",
                                                  &set->environment, &value, &found);
    if (status == WTFCB_OK) {
        const char *user = found ? value.data : set->user_path.data;
        status = wtfcb_scanner_ignore_load_user(set, node, place, user ? user : "");
    }
    if (status == WTFCB_OK)
        status = load_file(set, node, WTFCB_SCANNER_IGNORE_GIT, repository->common, "info/exclude", true, place,
                           ".git/info/exclude");
    wtfcb_base_buffer_free(&value);
    return status;
}

/* Begin git's rules anew for the work tree that starts here, if one does. */
static wtfcb_status load_repository(wtfcb_scanner_ignore *set, wtfcb_scanner_ignore_node *node,
                                    const wtfcb_scanner_ignore_place *place)
{
    wtfcb_scanner_ignore_repository repository;
    wtfcb_status status = wtfcb_scanner_ignore_repository_open(&set->allocator, place->dirfd, &repository);
    if (status != WTFCB_OK) return status == WTFCB_ENOTFOUND ? WTFCB_OK : status;
    node->attributes = NULL;
    if (set->git) status = load_excludes(set, node, place, &repository);
    wtfcb_scanner_ignore_repository_close(&repository);
    return status;
}

wtfcb_status wtfcb_scanner_ignore_load(wtfcb_scanner_ignore *set, wtfcb_scanner_ignore_node *node,
                                       const wtfcb_scanner_ignore_place *place, unsigned found)
{
    static const struct {
        unsigned flag;
        unsigned kind;
        const char *name;
    } files[] = {
        {WTFCB_SCANNER_IGNORE_HAS_GITIGNORE, WTFCB_SCANNER_IGNORE_GIT, ".gitignore"},
        {WTFCB_SCANNER_IGNORE_HAS_IGNORE, WTFCB_SCANNER_IGNORE_COMMON, ".ignore"},
        {WTFCB_SCANNER_IGNORE_HAS_WTFCBIGNORE, WTFCB_SCANNER_IGNORE_OWN, ".wtfcbignore"},
        {WTFCB_SCANNER_IGNORE_HAS_GITATTRIBUTES, ATTRIBUTES, ".gitattributes"},
    };
    wtfcb_status status = WTFCB_OK;
    if ((set->git || set->attribute_files) && (found & WTFCB_SCANNER_IGNORE_HAS_GIT) != 0)
        status = load_repository(set, node, place);
    for (size_t i = 0; i < sizeof files / sizeof *files && status == WTFCB_OK; i++) {
        const bool wanted = files[i].kind == ATTRIBUTES                 ? set->attribute_files
                            : files[i].kind == WTFCB_SCANNER_IGNORE_GIT ? set->git
                                                                        : set->files;
        if (wanted && (found & files[i].flag) != 0)
            status = load_file(set, node, files[i].kind, place->dirfd, files[i].name, false, place, files[i].name);
    }
    return status;
}

wtfcb_scanner_ignore_node *wtfcb_scanner_ignore_node_new(wtfcb_scanner_ignore *set,
                                                         const wtfcb_scanner_ignore_node *parent)
{
    wtfcb_scanner_ignore_node *node = wtfcb_base_calloc(&set->allocator, 1, sizeof *node);
    if (!node) return NULL;
    node->set = set;
    for (size_t i = 0; parent && i < WTFCB_SCANNER_IGNORE_KINDS; i++)
        node->chains[i] = parent->chains[i];
    if (parent) node->attributes = parent->attributes;
    wtfcb_base_arena_init(&node->arena, &set->allocator);
    return node;
}

void wtfcb_scanner_ignore_node_free(wtfcb_scanner_ignore_node *node)
{
    for (wtfcb_scanner_ignore_layer *layer = node->layers; layer; layer = layer->sibling)
        wtfcb_scanner_ignore_rules_free(&layer->own);
    for (wtfcb_scanner_attribute_layer *layer = node->attribute_layers; layer; layer = layer->sibling)
        wtfcb_scanner_attributes_free(layer->rules);
    wtfcb_base_arena_free(&node->arena);
    wtfcb_base_free(&node->set->allocator, node, sizeof *node);
}

void wtfcb_scanner_ignore_node_publish(wtfcb_scanner_ignore *set, wtfcb_scanner_ignore_node *node)
{
    node->next = atomic_load_explicit(&set->nodes, memory_order_relaxed);
    while (!atomic_compare_exchange_weak_explicit(&set->nodes, &node->next, node, memory_order_release,
                                                  memory_order_relaxed))
        continue;
}
