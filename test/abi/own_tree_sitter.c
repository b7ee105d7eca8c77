/*
 * A host program that carries a tree-sitter of its own, with default visibility, beside the library's private one.
 *
 * Linked twice by test/abi/run: against the shared and against the static library. That it links at all shows that the
 * static library defines no ts_ symbol; the allocator below shows that the two copies are two: the library parses a
 * buffer and the host's tree-sitter, whose allocations are counted, does not notice.
 */
#include <assert.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <tree_sitter/api.h>

#include <wtfcb.h>

static size_t host_allocations;

static void *count_malloc(size_t size)
{
    host_allocations++;
    return malloc(size);
}

static void *count_calloc(size_t count, size_t size)
{
    host_allocations++;
    return calloc(count, size);
}

static void *count_realloc(void *block, size_t size)
{
    host_allocations++;
    return realloc(block, size);
}

static int fail(const char *what)
{
    printf("own_tree_sitter: %s\n", what);
    return 1;
}

/* Parses a line of C through the library; the number of symbols in it, or -1. */
static int64_t scan_with_library(void)
{
    static const char text[] = "int answer(void) { return 42; }\n";
    wtfcb_error error = WTFCB_ERROR_INIT;
    wtfcb_scanner *scanner = NULL;
    wtfcb_codebase *codebase = NULL;
    int64_t symbols = -1;
    if (wtfcb_scanner_new(NULL, &scanner) == WTFCB_OK &&
        wtfcb_scanner_set(scanner, WTFCB_SCANNER_DEPTH, WTFCB_DEPTH_SYNTAX) == WTFCB_OK &&
        wtfcb_scanner_scan_buffer(scanner, "answer.c", text, sizeof text - 1, &codebase, &error) == WTFCB_OK)
        symbols = (int64_t)wtfcb_codebase_symbol_count(codebase);
    else
        printf("own_tree_sitter: %s\n", error.message);
    wtfcb_codebase_free(codebase);
    wtfcb_scanner_free(scanner);
    return symbols;
}

int main(void)
{
    if (wtfcb_version_number() != WTFCB_VERSION_NUMBER) return fail("library and headers differ in version");

    ts_set_allocator(count_malloc, count_calloc, count_realloc, free);
    TSParser *parser = ts_parser_new();
    if (!parser || host_allocations == 0) return fail("ts_parser_new() is not the host's own");

    size_t before = host_allocations;
    int64_t symbols = scan_with_library();
    if (symbols < 1) return fail("the library found no symbol in a line of C");
    if (host_allocations != before) return fail("the library allocated through the host's tree-sitter");

    /* And the other way round: what the library did to its core leaves the host's alone. */
    ts_parser_delete(parser);
    before = host_allocations;
    parser = ts_parser_new();
    if (!parser || host_allocations == before) return fail("the library replaced the host's allocator");
    ts_parser_delete(parser);
    return 0;
}
