/*
 * The protocol buffer of pprof (profile.proto), gzipped: two values for each tree that there is, how often and how much, and one location for each frame. Trees of
 * allocations have the names that pprof knows from other languages. What is shown first is processor time, else zones, else live bytes.
 *
 * A message's length stands in front of it, so each is made in a buffer first and then goes through the compressor. String i of the
 * table follows from what it belongs to (see string_of_frame() and its kin): nothing is looked up, and what occurs twice costs the
 * compressor a few bytes.
 */
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include <zlib.h>

#include "base/buffer.h"
#include "base/json.h"
#include "base/memory.h"
#include "profiler/export.h"
#include "profiler/forest.h"

enum { NAME_SIZE = 4096, CHUNK = 16 * 1024, WINDOW_BITS = 15, GZIP = 16, MEMORY_LEVEL = 8 };

/* Numbers of fields. */
enum {
    PROFILE_SAMPLE_TYPE = 1,
    PROFILE_SAMPLE = 2,
    PROFILE_MAPPING = 3,
    PROFILE_LOCATION = 4,
    PROFILE_FUNCTION = 5,
    PROFILE_STRING = 6,
    PROFILE_TIME = 9,
    PROFILE_DURATION = 10,
    PROFILE_PERIOD_TYPE = 11,
    PROFILE_PERIOD = 12,
    PROFILE_COMMENT = 13,
    PROFILE_DEFAULT_TYPE = 14,
    TYPE_TYPE = 1,
    TYPE_UNIT = 2,
    SAMPLE_LOCATION = 1,
    SAMPLE_VALUE = 2,
    SAMPLE_LABEL = 3,
    LABEL_KEY = 1,
    LABEL_STRING = 2,
    LABEL_NUMBER = 3,
    MAPPING_ID = 1,
    MAPPING_FILE = 5,
    MAPPING_HAS_FUNCTIONS = 7, /* to 10: files, lines, inlined frames */
    LOCATION_ID = 1,
    LOCATION_MAPPING = 2,
    LOCATION_LINE = 4,
    LINE_FUNCTION = 1,
    LINE_LINE = 2,
    FUNCTION_ID = 1,
    FUNCTION_NAME = 2,
    FUNCTION_SYSTEM_NAME = 3,
    FUNCTION_FILE = 4,
    FUNCTION_START = 5,
};

/* The strings in front of those of trees, frames, threads and metrics; the first has to be empty. */
enum { STRING_EMPTY, STRING_NAME, STRING_THREAD, STRING_THREAD_ID, STRING_MACHINE, STRING_LOST, STRINGS_FIXED };
enum { STRINGS_OF_TREE = 4, STRINGS_OF_FRAME = 3, MOST_TREES = 8 };

typedef struct pprof {
    const wtfcb_profile *profile;
    wtfcb_base_writer *out;
    wtfcb_status status;
    z_stream stream;
    wtfcb_profiler_forest forest;
    const wtfcb_profile_node *nodes; /* that the forest is made of */
    uint32_t tree;                   /* theirs, by index */
    uint32_t trees;                  /* that there are, at least one */
    const wtfcb_profiler_tree_kind *kinds[MOST_TREES];
    wtfcb_base_buffer message; /* a field of the profile */
    wtfcb_base_buffer part;    /* a field of that */
    unsigned char compressed[CHUNK];
} pprof;

/* -------------------------------------------------------------------------------------------------------------------- */
/* Compression */

/* zlib forgets how large its blocks are: the size stands in front of each. */
typedef union block_header {
    size_t size;
    max_align_t align;
} block_header;

static void *zlib_alloc(void *user, unsigned items, unsigned size)
{
    size_t bytes = sizeof(block_header) + (size_t)items * size;
    block_header *header = wtfcb_base_alloc(user, bytes);
    if (!header) return NULL;
    header->size = bytes;
    return header + 1;
}

static void zlib_free(void *user, void *block)
{
    block_header *header = (block_header *)block - 1;
    wtfcb_base_free(user, header, header->size);
}

static void compress_bytes(pprof *p, const void *bytes, size_t length, int flush)
{
    p->stream.next_in = (unsigned char *)(uintptr_t)bytes; /* zlib only reads it */
    p->stream.avail_in = (unsigned)length;
    do {
        p->stream.next_out = p->compressed;
        p->stream.avail_out = CHUNK;
        (void)deflate(&p->stream, flush);
        wtfcb_base_writer_bytes(p->out, p->compressed, CHUNK - p->stream.avail_out);
    } while (p->stream.avail_out == 0);
}

/* -------------------------------------------------------------------------------------------------------------------- */
/* Protocol buffers */

static void put_varint(wtfcb_base_buffer *buffer, uint64_t number)
{
    char bytes[10];
    size_t length = 0;
    for (; number >= 0x80; number >>= 7)
        bytes[length++] = (char)(number | 0x80);
    bytes[length++] = (char)number;
    wtfcb_base_buffer_append(buffer, bytes, length);
}

/* Numbers of the profile that are larger than what a signed field holds are as good as the largest. */
static void put_number(wtfcb_base_buffer *buffer, uint32_t field, uint64_t number)
{
    if (number == 0) return;
    put_varint(buffer, (uint64_t)field << 3);
    put_varint(buffer, number > INT64_MAX ? INT64_MAX : number);
}

static void put_bytes(wtfcb_base_buffer *buffer, uint32_t field, const void *bytes, size_t length)
{
    put_varint(buffer, (uint64_t)field << 3 | 2);
    put_varint(buffer, length);
    wtfcb_base_buffer_append(buffer, bytes, length);
}

/* Put `part` into the message and empty it. */
static void put_part(pprof *p, uint32_t field)
{
    put_bytes(&p->message, field, p->part.data, p->part.length);
    if (p->part.failed) p->message.failed = true;
    wtfcb_base_buffer_reset(&p->part);
}

/* The message is complete: a field of the profile. */
static void send_message(pprof *p, uint32_t field)
{
    wtfcb_base_buffer head = p->part; /* unused now; lends its memory */
    put_varint(&head, (uint64_t)field << 3 | 2);
    put_varint(&head, p->message.length);
    if (head.failed || p->message.failed) p->status = WTFCB_ENOMEM;
    if (p->status == WTFCB_OK) {
        compress_bytes(p, head.data, head.length, Z_NO_FLUSH);
        compress_bytes(p, p->message.data, p->message.length, Z_NO_FLUSH);
    }
    p->part = head;
    wtfcb_base_buffer_reset(&p->part);
    wtfcb_base_buffer_reset(&p->message);
}

/* A number that is a field of the profile itself. */
static void send_number(pprof *p, uint32_t field, uint64_t number)
{
    put_number(&p->message, field, number);
    if (p->message.failed) p->status = WTFCB_ENOMEM;
    if (p->status == WTFCB_OK) compress_bytes(p, p->message.data, p->message.length, Z_NO_FLUSH);
    wtfcb_base_buffer_reset(&p->message);
}

static void send_string(pprof *p, const char *text)
{
    char clean[NAME_SIZE];
    wtfcb_base_json_clean(clean, sizeof clean, text);
    wtfcb_base_buffer_append_string(&p->message, clean);
    send_message(p, PROFILE_STRING);
}

/* -------------------------------------------------------------------------------------------------------------------- */
/* Strings: where each stands, and all of them */

static uint64_t string_of_tree(uint32_t tree)
{
    return STRINGS_FIXED + (uint64_t)STRINGS_OF_TREE * tree;
}

static uint64_t string_of_frame(const pprof *p, uint32_t frame)
{
    return string_of_tree(p->trees) + (uint64_t)STRINGS_OF_FRAME * frame;
}

static uint64_t string_of_thread(const pprof *p, uint32_t thread)
{
    return string_of_frame(p, p->profile->summary.frame_count) + thread;
}

static uint64_t string_of_metric(const pprof *p, uint32_t metric)
{
    return string_of_thread(p, p->profile->summary.thread_count) + metric;
}

/* Whether a metric is not available and the first with its reason: all of them share a comment. */
static bool is_first_missing(const pprof *p, uint32_t metric)
{
    const wtfcb_profile_metric *metrics = p->profile->metrics;
    if (metrics[metric].status == WTFCB_OK) return false;
    for (uint32_t i = 0; i < metric; i++)
        if (metrics[i].status != WTFCB_OK && strcmp(metrics[i].reason, metrics[metric].reason) == 0) return false;
    return true;
}

/* "not available (REASON): rss, cpu"; empty for a metric that has no comment of its own. */
static void send_reason(pprof *p, uint32_t first)
{
    const wtfcb_profile_metric *metrics = p->profile->metrics;
    char text[NAME_SIZE] = "";
    size_t used = 0;
    for (uint32_t i = first; is_first_missing(p, first) && i < p->profile->summary.metric_count; i++) {
        if (metrics[i].status == WTFCB_OK || strcmp(metrics[i].reason, metrics[first].reason) != 0) continue;
        if (i == first)
            (void)snprintf(text, sizeof text, "not available (%.1000s): %s", metrics[i].reason, metrics[i].name);
        else
            (void)snprintf(text + used, sizeof text - used, ", %s", metrics[i].name);
        used = strlen(text);
    }
    send_string(p, text);
}

static void send_strings(pprof *p)
{
    const wtfcb_profile *profile = p->profile;
    char text[NAME_SIZE];
    send_string(p, "");
    send_string(p, profile->summary.name);
    send_string(p, "thread");
    send_string(p, "thread id");
    (void)snprintf(text, sizeof text, "machine: %s, %s %s, %s", profile->system.host, profile->system.kernel,
                   profile->system.architecture, profile->system.cpu_model);
    send_string(p, text);
    (void)snprintf(text, sizeof text, "not recorded: %llu zones, %llu events",
                   (unsigned long long)profile->summary.zones_dropped,
                   (unsigned long long)profile->summary.events_dropped);
    send_string(p, text);
    for (uint32_t i = 0; i < p->trees; i++) {
        const wtfcb_profiler_tree_kind *tree = p->kinds[i];
        send_string(p, tree->count_type);
        send_string(p, tree->count_unit);
        send_string(p, tree->value_type);
        send_string(p, tree->value_unit);
    }
    for (uint32_t i = 0; i < profile->summary.frame_count; i++) {
        const wtfcb_profile_frame *frame = &profile->frames[i];
        send_string(p, *frame->name ? frame->name : frame->function);
        send_string(p, *frame->function ? frame->function : frame->name);
        send_string(p, frame->file);
    }
    for (uint32_t i = 0; i < profile->summary.thread_count; i++)
        send_string(p, *profile->threads[i].name ? profile->threads[i].name : "thread");
    for (uint32_t i = 0; i < profile->summary.metric_count; i++)
        send_reason(p, i);
}

/* -------------------------------------------------------------------------------------------------------------------- */
/* The profile */

/* The trees that the profile has, in the order of the table; zones if it has none, for a reader wants a type. */
static void find_trees(pprof *p)
{
    const wtfcb_profile *profile = p->profile;
    for (uint32_t i = 0; wtfcb_profiler_tree_kind_at(i) && p->trees < MOST_TREES; i++) {
        const wtfcb_profiler_tree_kind *kind = wtfcb_profiler_tree_kind_at(i);
        uint32_t node = 0;
        while (node < profile->summary.node_count && profile->nodes[node].tree != kind->id)
            node++;
        if (node < profile->summary.node_count) p->kinds[p->trees++] = kind;
    }
    if (p->trees == 0) p->kinds[p->trees++] = wtfcb_profiler_tree_kind_at(0);
}

/* Processor time before zones, and those before allocations. */
static uint32_t first_shown(const pprof *p)
{
    for (uint32_t i = 0; i < p->trees; i++)
        if (p->kinds[i]->id == WTFCB_TREE_CPU) return i;
    return 0;
}

static void send_types(pprof *p)
{
    for (uint32_t i = 0; i < p->trees; i++) {
        for (uint32_t value = 0; value < 2; value++) {
            put_number(&p->message, TYPE_TYPE, string_of_tree(i) + 2 * value);
            put_number(&p->message, TYPE_UNIT, string_of_tree(i) + 2 * value + 1);
            send_message(p, PROFILE_SAMPLE_TYPE);
        }
    }
    uint64_t first = string_of_tree(first_shown(p));
    put_number(&p->message, TYPE_TYPE, first + 2);
    put_number(&p->message, TYPE_UNIT, first + 3);
    send_message(p, PROFILE_PERIOD_TYPE);
    send_number(p, PROFILE_PERIOD, 1);
    send_number(p, PROFILE_DEFAULT_TYPE, first + 2);
    send_number(p, PROFILE_TIME, p->profile->summary.started_ns);
    send_number(p, PROFILE_DURATION, p->profile->summary.duration_ns);
    send_number(p, PROFILE_COMMENT, STRING_MACHINE);
    if (p->profile->summary.zones_dropped > 0 || p->profile->summary.events_dropped > 0)
        send_number(p, PROFILE_COMMENT, STRING_LOST);
    for (uint32_t i = 0; i < p->profile->summary.metric_count; i++)
        if (is_first_missing(p, i)) send_number(p, PROFILE_COMMENT, string_of_metric(p, i));
}

/* Everything is named already: nobody needs to look into a binary. */
static void send_mapping(pprof *p)
{
    put_number(&p->message, MAPPING_ID, 1);
    put_number(&p->message, MAPPING_FILE, STRING_NAME);
    for (uint32_t i = 0; i < 4; i++)
        put_number(&p->message, MAPPING_HAS_FUNCTIONS + i, 1);
    send_message(p, PROFILE_MAPPING);
}

static void send_frames(pprof *p)
{
    for (uint32_t i = 0; i < p->profile->summary.frame_count; i++) {
        uint64_t line = p->profile->frames[i].line;
        put_number(&p->message, FUNCTION_ID, (uint64_t)i + 1);
        put_number(&p->message, FUNCTION_NAME, string_of_frame(p, i));
        put_number(&p->message, FUNCTION_SYSTEM_NAME, string_of_frame(p, i) + 1);
        put_number(&p->message, FUNCTION_FILE, string_of_frame(p, i) + 2);
        put_number(&p->message, FUNCTION_START, line);
        send_message(p, PROFILE_FUNCTION);
        put_number(&p->part, LINE_FUNCTION, (uint64_t)i + 1);
        put_number(&p->part, LINE_LINE, line);
        put_number(&p->message, LOCATION_ID, (uint64_t)i + 1);
        put_number(&p->message, LOCATION_MAPPING, 1);
        put_part(p, LOCATION_LINE);
        send_message(p, PROFILE_LOCATION);
    }
}

static void put_label(pprof *p, uint64_t key, uint32_t field, uint64_t value)
{
    put_number(&p->part, LABEL_KEY, key);
    put_number(&p->part, field, value);
    put_part(p, SAMPLE_LABEL);
}

static void send_sample(void *user, uint32_t item, uint32_t depth)
{
    pprof *p = user;
    const wtfcb_profile_node *node = &p->nodes[item];
    const wtfcb_profile_thread *thread = &p->profile->threads[node->thread];
    if (p->status != WTFCB_OK || (node->count == 0 && node->self == 0)) return;
    for (uint32_t i = depth + 1; i-- > 0;) /* innermost first */
        put_varint(&p->part, (uint64_t)p->nodes[p->forest.path[i]].frame + 1);
    put_part(p, SAMPLE_LOCATION);
    for (uint32_t i = 0; i < p->trees; i++) {
        put_varint(&p->part, i == p->tree ? node->count & INT64_MAX : 0);
        put_varint(&p->part, i == p->tree ? node->self & INT64_MAX : 0);
    }
    put_part(p, SAMPLE_VALUE);
    put_label(p, STRING_THREAD, LABEL_STRING, string_of_thread(p, node->thread));
    if (thread->id > 0) put_label(p, STRING_THREAD_ID, LABEL_NUMBER, thread->id);
    send_message(p, PROFILE_SAMPLE);
}

static void send_samples(pprof *p)
{
    for (uint32_t from = 0, end; from < p->profile->summary.node_count && p->status == WTFCB_OK; from = end) {
        p->status = wtfcb_profiler_forest_nodes(&p->forest, p->profile, from, &end);
        if (p->status != WTFCB_OK) return;
        p->nodes = p->profile->nodes + from;
        for (p->tree = 0; p->tree < p->trees; p->tree++)
            if (p->kinds[p->tree]->id == p->nodes->tree) wtfcb_profiler_forest_walk(&p->forest, send_sample, NULL, p);
    }
}

wtfcb_status wtfcb_profiler_export_pprof(const wtfcb_profile *profile, wtfcb_base_writer *out)
{
    wtfcb_allocator allocator = profile->allocator; /* zlib wants one that is not const */
    pprof *p = wtfcb_base_calloc(&allocator, 1, sizeof *p);
    if (!p) return WTFCB_ENOMEM;
    p->profile = profile;
    p->out = out;
    p->stream = (z_stream){.zalloc = zlib_alloc, .zfree = zlib_free, .opaque = &allocator};
    find_trees(p);
    wtfcb_profiler_forest_init(&p->forest, &allocator);
    wtfcb_base_buffer_init(&p->message, &allocator);
    wtfcb_base_buffer_init(&p->part, &allocator);
    if (deflateInit2(&p->stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, WINDOW_BITS + GZIP, MEMORY_LEVEL,
                     Z_DEFAULT_STRATEGY) == Z_OK) {
        send_types(p);
        send_mapping(p);
        send_frames(p);
        send_samples(p);
        send_strings(p);
        if (p->status == WTFCB_OK) compress_bytes(p, NULL, 0, Z_FINISH);
        (void)deflateEnd(&p->stream);
    } else {
        p->status = WTFCB_ENOMEM;
    }
    wtfcb_status status = p->status != WTFCB_OK ? p->status : out->status;
    wtfcb_base_buffer_free(&p->part);
    wtfcb_base_buffer_free(&p->message);
    wtfcb_profiler_forest_free(&p->forest);
    wtfcb_base_free(&allocator, p, sizeof *p);
    return status;
}
