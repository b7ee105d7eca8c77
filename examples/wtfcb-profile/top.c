/* Rows are kept sorted while they are found; there are few of them. */
#include "top.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static void insert(struct top *top, size_t limit, const struct top_row *row)
{
    size_t place = top->count;

    while (place > 0 && top->rows[place - 1].self < row->self)
        place--;
    if (place == limit) return;
    if (top->count < limit) top->count++;
    memmove(&top->rows[place + 1], &top->rows[place], (top->count - 1 - place) * sizeof *top->rows);
    top->rows[place] = *row;
}

void top_functions(const wtfcb_profile *profile, uint32_t tree, size_t limit, struct top *ret_top)
{
    wtfcb_profile_frame frame;

    *ret_top = (struct top){.count = 0};
    for (uint64_t i = 0; wtfcb_profile_frame_at(profile, i, &frame, sizeof frame) == WTFCB_OK; i++) {
        if (frame.tree != tree || frame.self == 0) continue;
        ret_top->all += frame.self;
        insert(ret_top, limit,
               &(struct top_row){.name = frame.name,
                                 .object = frame.object,
                                 .through = "",
                                 .self = frame.self,
                                 .total = frame.total,
                                 .count = frame.count});
    }
}

/* ------------------------------------------------------------------------------------------------------------- sites */

static bool has_prefix(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

/* `word` is in lower case. */
static bool has_word(const char *text, size_t length, const char *word)
{
    size_t size = strlen(word);

    for (size_t i = 0; i + size <= length; i++) {
        size_t same = 0;
        while (same < size && tolower((unsigned char)text[i + same]) == word[same])
            same++;
        if (same == size) return true;
    }
    return false;
}

/* There to get memory for somebody else. Parameters do not count, in which C++ names its allocators. */
static bool is_wrapper(const char *name)
{
    static const char *const prefixes[] = {"operator new", "std::", "__gnu_cxx::", "void std::"};
    static const char *const words[] = {"alloc", "strdup", "strndup", "asprintf"};
    size_t length = strcspn(name, "(<");

    for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++)
        if (has_prefix(name, prefixes[i])) return true;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (has_word(name, length, words[i])) return true;
    return false;
}

/* The frame that a node's own blocks count for: its own, or that of the nearest caller that is no wrapper, if there is one. */
static uint32_t find_site(const wtfcb_profile *profile, const wtfcb_profile_node *node)
{
    wtfcb_profile_node at = *node;
    wtfcb_profile_frame frame;

    for (;;) {
        if (wtfcb_profile_frame_at(profile, at.frame, &frame, sizeof frame) != WTFCB_OK) return node->frame;
        if (!is_wrapper(frame.name)) return at.frame;
        if (wtfcb_profile_node_at(profile, at.parent, &at, sizeof at) != WTFCB_OK) return node->frame;
    }
}

/* What was found of a frame. */
struct site {
    uint64_t self;
    uint64_t count;
    uint64_t most;    /* of one way to it */
    uint32_t through; /* the innermost frame of that way */
};

static void add_node(const wtfcb_profile *profile, const wtfcb_profile_node *node, struct site *sites)
{
    struct site *site = &sites[find_site(profile, node)];

    site->self += node->self;
    site->count += node->count;
    if (node->self >= site->most) {
        site->most = node->self;
        site->through = node->frame;
    }
}

static void pick_sites(const wtfcb_profile *profile, const struct site *sites, size_t limit, struct top *top)
{
    wtfcb_profile_frame frame;
    wtfcb_profile_frame through;

    for (uint32_t i = 0; wtfcb_profile_frame_at(profile, i, &frame, sizeof frame) == WTFCB_OK; i++) {
        if (sites[i].self == 0) continue;
        top->all += sites[i].self;
        bool other = sites[i].through != i &&
                     wtfcb_profile_frame_at(profile, sites[i].through, &through, sizeof through) == WTFCB_OK;
        insert(top, limit,
               &(struct top_row){.name = frame.name,
                                 .object = frame.object,
                                 .through = other ? through.name : "",
                                 .self = sites[i].self,
                                 .total = sites[i].self,
                                 .count = sites[i].count});
    }
}

void top_sites(const wtfcb_profile *profile, uint32_t tree, size_t limit, struct top *ret_top)
{
    wtfcb_profile_summary totals;
    wtfcb_profile_node node;

    *ret_top = (struct top){.count = 0};
    if (wtfcb_profile_get_summary(profile, &totals, sizeof totals) != WTFCB_OK || totals.frame_count == 0) return;
    struct site *sites = calloc(totals.frame_count, sizeof *sites);
    if (sites == NULL) return;
    for (uint64_t i = 0; wtfcb_profile_node_at(profile, i, &node, sizeof node) == WTFCB_OK; i++)
        if (node.tree == tree && node.self > 0) add_node(profile, &node, sites);
    pick_sites(profile, sites, limit, ret_top);
    free(sites);
}
