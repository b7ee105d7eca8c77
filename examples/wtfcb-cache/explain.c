/*
 * For each file: whether a value in the cache was made from it or with its help, and whether the file is still as it was
 * then. The library looks at the file and, where its signature says nothing, at its content.
 */
#include "explain.h"

#include <stdlib.h>

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

static void write_text(struct output *out, const struct options *options, const uint32_t *found)
{
    for (size_t i = 0; i < options->path_count; i++) {
        output_printable(out, options->paths[i], strlen(options->paths[i]));
        output_text(out, ": ");
        output_text(out, states[index_of(found[i])].sentence);
        output_char(out, '\n');
    }
}

static void write_json(struct output *out, const struct options *options, const char *directory, const uint32_t *found)
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
        json_text(&json, "state", states[index_of(found[i])].name);
        json_close_object(&json);
    }
    json_close_array(&json);
    json_close_object(&json);
    output_char(out, '\n');
}

wtfcb_status explain(wtfcb_cache *cache, const struct options *options, struct output *out)
{
    uint32_t *found = calloc(options->path_count, sizeof *found);
    wtfcb_status status;

    if (found == NULL) return WTFCB_ENOMEM;
    status = wtfcb_cache_check_files(cache, (const char *const *)options->paths, options->path_count, found);
    if (status == WTFCB_OK && options->json)
        write_json(out, options, wtfcb_cache_directory(cache), found);
    else if (status == WTFCB_OK)
        write_text(out, options, found);
    free(found);
    return status;
}
