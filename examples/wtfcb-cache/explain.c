/*
 * For each file: whether a scan with the default options would take it from the cache, at either depth, and whether a value was
 * made from it or with its help and the file is still as it was then. The library looks at the file and, where its
 * signature says nothing, at its content.
 */
#include "explain.h"

#include <stdlib.h>

#include <wtfcb/scanner.h>

#include "common/json.h"

static const struct {
    const char *name;     /* in JSON */
    const char *sentence; /* for a person */
} states[] = {
    [0] = {"unknown", "nothing is known"},
    [WTFCB_CHECK_UNCHANGED] = {"unchanged", "unchanged since it was remembered"},
    [WTFCB_CHECK_CHANGED] = {"changed", "changed since it was remembered"},
    [WTFCB_CHECK_GONE] = {"gone", "remembered, and gone or not readable now"},
    [WTFCB_CHECK_UNKNOWN] = {"unknown", "nothing is remembered that was made from it or with its help"},
};

static size_t index_of(uint32_t state)
{
    return state < sizeof states / sizeof *states ? state : 0;
}

enum { DEPTHS = 2 };

static const struct {
    int64_t depth;
    const char *name;
} depths[DEPTHS] = {{WTFCB_DEPTH_LINES, "lines"}, {WTFCB_DEPTH_SYNTAX, "syntax"}};

/* What is known of one file. */
struct knowledge {
    uint32_t state;          /* WTFCB_CHECK_* */
    uint32_t misses[DEPTHS]; /* WTFCB_MISS_* of a scan, or MISS_UNKNOWN */
};

#define MISS_UNKNOWN UINT32_MAX

static const char *miss_text(uint32_t reason)
{
    if (reason == MISS_UNKNOWN) return "no such file";
    return reason == WTFCB_MISS_NONE ? "taken from the cache" : wtfcb_miss_name(reason);
}

/* Ask a scanner with the default options at each depth. */
static wtfcb_status ask_scanner(wtfcb_cache *cache, const struct options *options, struct knowledge *found)
{
    wtfcb_scanner *scanner = NULL;
    wtfcb_status status = wtfcb_scanner_new(NULL, &scanner);

    if (status == WTFCB_OK) status = wtfcb_scanner_set_cache(scanner, cache);
    for (size_t d = 0; d < DEPTHS && status == WTFCB_OK; d++) {
        status = wtfcb_scanner_set(scanner, WTFCB_SCANNER_DEPTH, depths[d].depth);
        for (size_t i = 0; i < options->path_count && status == WTFCB_OK; i++) {
            wtfcb_miss miss;
            status = wtfcb_scanner_explain_miss(scanner, options->paths[i], &miss, sizeof miss);
            found[i].misses[d] = status == WTFCB_OK ? miss.reason : MISS_UNKNOWN;
            if (status == WTFCB_ENOTFOUND) status = WTFCB_OK;
        }
    }
    wtfcb_scanner_free(scanner);
    return status;
}

static void write_text(struct output *out, const struct options *options, const struct knowledge *found)
{
    for (size_t i = 0; i < options->path_count; i++) {
        output_printable(out, options->paths[i], strlen(options->paths[i]));
        output_text(out, "\n");
        for (size_t d = 0; d < DEPTHS; d++) {
            output_text(out, "    scan of ");
            output_text(out, depths[d].name);
            output_text(out, ": ");
            output_text(out, miss_text(found[i].misses[d]));
            output_char(out, '\n');
        }
        output_text(out, "    values: ");
        output_text(out, states[index_of(found[i].state)].sentence);
        output_char(out, '\n');
    }
}

static void write_json(struct output *out, const struct options *options, const char *directory,
                       const struct knowledge *found)
{
    struct json json;

    json_init(&json, out);
    json_open_object(&json, NULL);
    json_number(&json, "schema", 1);
    json_bytes(&json, "directory", directory, strlen(directory));
    json_open_array(&json, "files");
    for (size_t i = 0; i < options->path_count; i++) {
        json_newline(&json);
        json_open_object(&json, NULL);
        json_bytes(&json, "path", options->paths[i], strlen(options->paths[i]));
        for (size_t d = 0; d < DEPTHS; d++)
            json_text(&json, depths[d].name, miss_text(found[i].misses[d]));
        json_text(&json, "state", states[index_of(found[i].state)].name);
        json_close_object(&json);
    }
    json_close_array(&json);
    json_close_object(&json);
    output_char(out, '\n');
}

wtfcb_status explain(wtfcb_cache *cache, const struct options *options, struct output *out)
{
    struct knowledge *found = calloc(options->path_count, sizeof *found);
    uint32_t *states_found = calloc(options->path_count, sizeof *states_found);
    wtfcb_status status = found != NULL && states_found != NULL ? WTFCB_OK : WTFCB_ENOMEM;

    if (status == WTFCB_OK)
        status = wtfcb_cache_check_files(cache, (const char *const *)options->paths, options->path_count, states_found);
    for (size_t i = 0; i < options->path_count && status == WTFCB_OK; i++)
        found[i].state = states_found[i];
    if (status == WTFCB_OK) status = ask_scanner(cache, options, found);
    if (status == WTFCB_OK && options->json)
        write_json(out, options, wtfcb_cache_directory(cache), found);
    else if (status == WTFCB_OK)
        write_text(out, options, found);
    free(states_found);
    free(found);
    return status;
}
