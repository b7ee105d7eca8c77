/*
 * Records of values, which come from a file that anybody may have damaged. The input is a payload. Promises: nothing outside of it is read; what
 * is decoded has its key, manifest and bytes inside and is encoded to the same bytes again; a manifest that is valid is walked
 * to its end, names every path that it has, and can be held against the files.
 *
 * Paths are made harmless first: no file of this machine is looked at.
 */
#include "../fuzz.h"

#include "base/memory.h"
#include "cache/cache.h"

static wtfcb_allocator allocator;

int LLVMFuzzerInitialize(const int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    allocator = wtfcb_base_allocator(NULL);
    return 0;
}

static void check_walk(const char *manifest, size_t length)
{
    wtfcb_cache_manifest_entry entry;
    size_t at = 0;
    size_t before = 0;
    while (wtfcb_cache_manifest_next(manifest, length, &at, &entry)) {
        FUZZ_ASSERT(entry.bytes == manifest + before && at == before + entry.size && at <= length);
        FUZZ_ASSERT(entry.path > entry.bytes && entry.path + entry.path_length + 1 == entry.bytes + entry.size);
        FUZZ_ASSERT(entry.path[0] == '/' && strlen(entry.path) == entry.path_length);
        FUZZ_ASSERT(!entry.source || before == 0);
        FUZZ_ASSERT(wtfcb_cache_manifest_names(manifest, length, entry.path, entry.path_length));
        FUZZ_ASSERT(wtfcb_cache_manifest_valid(entry.bytes, entry.size));
        before = at;
    }
    FUZZ_ASSERT(at == length);
}

/* Hold a copy, in which every path leads through a file and so nowhere, against the files. */
static void check_holds(const char *manifest, size_t length)
{
    static const char nowhere[] = "/dev/null/";
    wtfcb_cache_manifest_entry entry;
    wtfcb_base_buffer scratch;
    char *copy = fuzz_copy(manifest, length, 0, 0);
    for (size_t at = 0; wtfcb_cache_manifest_next(copy, length, &at, &entry);) {
        char *path = copy + (entry.path - copy);
        if (entry.path_length < sizeof nowhere) {
            free(copy);
            return;
        }
        memcpy(path, nowhere, sizeof nowhere - 1);
    }
    wtfcb_base_buffer_init(&scratch, &allocator);
    wtfcb_cache_manifest_check check = {.scratch = &scratch};
    wtfcb_status status = wtfcb_cache_manifest_holds(copy, length, &check);
    FUZZ_ASSERT(status == WTFCB_OK || status == WTFCB_ECHANGED || status == WTFCB_EIO);
    wtfcb_base_buffer_free(&scratch);
    free(copy);
}

static void check_value(const wtfcb_value *value, const char *payload, size_t length)
{
    wtfcb_value *again;
    wtfcb_cache_value_parts parts = {
        .key = wtfcb_cache_value_key(value),
        .key_length = value->head.key_length,
        .manifest = wtfcb_cache_value_manifest(value),
        .manifest_length = value->head.manifest_length,
        .bytes = wtfcb_value_bytes(value),
        .length = wtfcb_value_size(value),
        .created_ms = value->head.created_ms,
        .expires_ms = value->head.expires_ms,
    };
    FUZZ_ASSERT(value->payload_length == length);
    FUZZ_ASSERT(memcmp(wtfcb_cache_value_payload(value), payload, length) == 0);
    FUZZ_ASSERT((const char *)parts.bytes + parts.length == (const char *)wtfcb_cache_value_payload(value) + length);
    FUZZ_ASSERT(wtfcb_cache_value_make(&allocator, &parts, &again) == WTFCB_OK);
    FUZZ_ASSERT(again->payload_length == length && again->bytes_at == value->bytes_at);
    wtfcb_value_free(again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *payload = fuzz_copy(data, size, 0, 0);
    const char *manifest;
    size_t manifest_length;
    wtfcb_value *value;
    bool found = wtfcb_cache_payload_manifest(payload, size, &manifest, &manifest_length);
    wtfcb_status status = wtfcb_cache_value_decode(&allocator, payload, size, &value);
    FUZZ_ASSERT(status == WTFCB_OK || status == WTFCB_EFORMAT);
    FUZZ_ASSERT(!found || status == WTFCB_OK);
    if (status == WTFCB_OK) {
        bool valid = wtfcb_cache_manifest_valid(wtfcb_cache_value_manifest(value), (size_t)value->head.manifest_length);
        FUZZ_ASSERT(found == valid);
        check_value(value, payload, size);
        wtfcb_value_free(value);
    }
    if (found) {
        check_walk(manifest, manifest_length);
        check_holds(manifest, manifest_length);
    }
    free(payload);
    return 0;
}
