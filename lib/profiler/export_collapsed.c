/*
 * Collapsed stacks: `thread;outer;inner value`, one line a stack with the time that it took by itself in microseconds. One tree: samples of processor time
 * if there are any, else zones, for the two together would count time twice.
 *
 * Values are rounded so that what is cut from one line is carried to the next: lines stand in the order of a walk, so the lines of any stack and
 * all that is inside of it add up to its time within a microsecond. A line that comes to nothing is left out. Lines end at a blank and a
 * number, frames at `;`: whatever would be taken for either is replaced.
 */
#include <string.h>

#include "base/json.h"
#include "profiler/export.h"
#include "profiler/forest.h"

enum { NS_A_UNIT = 1000, NAME_SIZE = 4096 };

typedef struct collapsed {
    const wtfcb_profile *profile;
    wtfcb_base_writer *out;
    wtfcb_profiler_forest forest;
    const wtfcb_profile_node *nodes; /* that the forest is made of */
    uint64_t rest_ns;                /* that no line has yet */
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
    c->rest_ns += c->nodes[item].self;
    if (c->rest_ns < NS_A_UNIT) return;
    write_name(c->out, c->profile->threads[c->nodes->thread].name, "thread");
    for (uint32_t i = 0; i <= depth; i++) {
        const wtfcb_profile_frame *frame = &c->profile->frames[c->nodes[c->forest.path[i]].frame];
        wtfcb_base_writer_char(c->out, ';');
        write_name(c->out, *frame->name ? frame->name : frame->function, "?");
    }
    wtfcb_base_writer_char(c->out, ' ');
    wtfcb_base_writer_number(c->out, c->rest_ns / NS_A_UNIT);
    wtfcb_base_writer_char(c->out, '\n');
    c->rest_ns %= NS_A_UNIT;
}

wtfcb_status wtfcb_profiler_export_collapsed(const wtfcb_profile *profile, wtfcb_base_writer *out)
{
    collapsed c = {.profile = profile, .out = out};
    wtfcb_status status = WTFCB_OK;
    uint32_t tree = profile->summary.cpu_samples > 0 ? WTFCB_TREE_CPU : WTFCB_TREE_ZONES;
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
