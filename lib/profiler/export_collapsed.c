/*
 * Collapsed stacks: `thread;outer;inner value`, one line a stack with the time that it took by itself in microseconds, or the bytes that it holds. One tree, for
 * values of several are not to be added: samples of processor time if there are any, else zones, else live bytes, else all that were allocated.
 *
 * Values are rounded so that what is cut from one line is carried to the next: lines stand in the order of a walk, so the lines of any stack and
 * all that is inside of it add up to its time within a microsecond. A line that comes to nothing is left out. Lines end at a blank and a
 * number, frames at `;`: whatever would be taken for either is replaced.
 */
#include <string.h>

#include "base/json.h"
#include "profiler/export.h"
#include "profiler/forest.h"

enum { NS_A_MICROSECOND = 1000, NAME_SIZE = 4096 };

typedef struct collapsed {
    const wtfcb_profile *profile;
    wtfcb_base_writer *out;
    wtfcb_profiler_forest forest;
    const wtfcb_profile_node *nodes; /* that the forest is made of */
    uint64_t unit;                   /* what a line counts in: ns, or bytes */
    uint64_t rest;                   /* that no line has yet */
} collapsed;

static void write_name(wtfcb_base_writer *out, const char *name, const char *otherwise)
{
    char clean[NAME_SIZE];
    wtfcb_base_json_clean(clean, sizeof clean, *name ? name : otherwise);
    for (char *c = clean; *c; c++) {
        if (*c == ';') *c = ':';
        if ((unsigned char)*c < 0x20 || *c == 0x7f) *c = ' ';
    }
    wtfcb_base_writer_text(out, clean);
}

static void write_stack(void *user, uint32_t item, uint32_t depth)
{
    collapsed *c = user;
    c->rest += c->nodes[item].self;
    if (c->rest < c->unit) return;
    write_name(c->out, c->profile->threads[c->nodes->thread].name, "thread");
    for (uint32_t i = 0; i <= depth; i++) {
        const wtfcb_profile_frame *frame = &c->profile->frames[c->nodes[c->forest.path[i]].frame];
        wtfcb_base_writer_char(c->out, ';');
        write_name(c->out, *frame->name ? frame->name : frame->function, "?");
    }
    wtfcb_base_writer_char(c->out, ' ');
    wtfcb_base_writer_number(c->out, c->rest / c->unit);
    wtfcb_base_writer_char(c->out, '\n');
    c->rest %= c->unit;
}

/* Nodes that hold nothing, such as those of live bytes when everything was freed, are no reason to choose a tree. */
static bool has_tree(const wtfcb_profile *profile, uint32_t tree)
{
    for (uint32_t i = 0; i < profile->summary.node_count; i++)
        if (profile->nodes[i].tree == tree && profile->nodes[i].self > 0) return true;
    return false;
}

static uint32_t choose_tree(const wtfcb_profile *profile)
{
    static const uint32_t order[] = {WTFCB_TREE_CPU, WTFCB_TREE_ZONES, WTFCB_TREE_ALLOC_LIVE, WTFCB_TREE_ALLOC_TOTAL};
    for (uint32_t i = 0; i < sizeof order / sizeof *order; i++)
        if (has_tree(profile, order[i])) return order[i];
    return WTFCB_TREE_ZONES;
}

wtfcb_status wtfcb_profiler_export_collapsed(const wtfcb_profile *profile, wtfcb_base_writer *out)
{
    collapsed c = {.profile = profile, .out = out};
    wtfcb_status status = WTFCB_OK;
    uint32_t tree = choose_tree(profile);
    bool bytes = tree == WTFCB_TREE_ALLOC_LIVE || tree == WTFCB_TREE_ALLOC_TOTAL;
    c.unit = bytes ? 1 : NS_A_MICROSECOND;
    wtfcb_profiler_forest_init(&c.forest, &profile->allocator);
    for (uint32_t from = 0, end; from < profile->summary.node_count; from = end) {
        status = wtfcb_profiler_forest_nodes(&c.forest, profile, from, &end);
        if (status != WTFCB_OK) break;
        c.nodes = profile->nodes + from;
        if (c.nodes->tree == tree) wtfcb_profiler_forest_walk(&c.forest, write_stack, NULL, &c);
    }
    wtfcb_profiler_forest_free(&c.forest);
    return status != WTFCB_OK ? status : out->status;
}
