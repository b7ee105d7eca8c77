/*
 * Ignore rules and git's configuration. The first line of the input is a path, a slash at its end stands for a
 * directory; the rest is an ignore file. Promises: a verdict is the same each time; rules that are settled for the directories
 * above a place say there what they say at the top; a pattern's own matcher agrees with one that tries everything; the
 * two texts alone are read. The same bytes are then read as a configuration file.
 */
#include "../fuzz.h"

#include <sys/mman.h>
#include <unistd.h>

#include "base/memory.h"
#include "scanner/ignore_config.h"
#include "scanner/ignore_rules.h"

enum { LONGEST_PATH = 512, LONGEST_TEXT = 8192, REFERENCE_STEPS = 20000 };

static wtfcb_allocator allocator;

int LLVMFuzzerInitialize(const int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    allocator = wtfcb_base_allocator(NULL);
    return 0;
}

/* What decides about a path: the number of the pattern's line, or 0. */
static uint32_t verdict(const char *text, size_t length, const char *below, const char *path, size_t path_length,
                        bool directory)
{
    wtfcb_base_arena arena;
    wtfcb_scanner_ignore_rules rules;
    wtfcb_base_arena_init(&arena, &allocator);
    wtfcb_scanner_ignore_rules_init(&rules, &arena);
    FUZZ_ASSERT(wtfcb_scanner_ignore_rules_parse(&rules, text, length, below) == WTFCB_OK);
    size_t name = path_length;
    while (name && path[name - 1] != '/')
        name--;
    wtfcb_scanner_ignore_subject subject = wtfcb_scanner_ignore_subject_of(path, path_length, name, directory);
    const wtfcb_scanner_ignore_pattern *pattern = wtfcb_scanner_ignore_rules_match(&rules, &subject, 0);
    FUZZ_ASSERT(pattern == wtfcb_scanner_ignore_rules_match(&rules, &subject, 0));
    uint32_t line = pattern ? pattern->line : 0;
    wtfcb_scanner_ignore_rules_free(&rules);
    wtfcb_base_arena_free(&arena);
    return line;
}

/* A path as a walk makes it: no empty component, no "." or "..", no NUL. */
static bool plain_path(const char *path, size_t length)
{
    if (length == 0 || memchr(path, '\0', length)) return false;
    for (size_t i = 0; i < length;) {
        const char *slash = memchr(path + i, '/', length - i);
        size_t end = slash ? (size_t)(slash - path) : length;
        size_t size = end - i;
        if (size == 0 || (size <= 2 && path[i] == '.' && path[end - 1] == '.')) return false;
        i = end + 1;
        if (slash && i == length) return false;
    }
    return true;
}

/* The tokens against the text by trying everything, the last token first; -1: not known after so many steps. */
static int reference(const wtfcb_scanner_wildmatch_builder *builder, const char *text, size_t length)
{
    static bool now[LONGEST_PATH + 1];
    static bool next[LONGEST_PATH + 1]; /* whether the tokens behind this one match the text from each place on */
    if ((builder->count + 1) * (length + 1) > REFERENCE_STEPS) return -1;
    memset(next, 0, sizeof next);
    next[length] = true;
    for (size_t t = builder->count; t-- > 0;) {
        wtfcb_scanner_wildmatch_token token = builder->tokens[t];
        uint32_t operand = wtfcb_scanner_wildmatch_operand(token);
        bool after_slash = false; /* DIRS: what follows matches behind some slash of the rest */
        now[length] = false;
        for (size_t i = length + 1; i-- > 0;) {
            bool inside = i < length;
            unsigned char byte = inside ? (unsigned char)text[i] : 0;
            switch (wtfcb_scanner_wildmatch_op(token)) {
            case WTFCB_SCANNER_WILDMATCH_BYTE: now[i] = inside && byte == operand && next[i + 1]; break;
            case WTFCB_SCANNER_WILDMATCH_ANY: now[i] = inside && byte != '/' && next[i + 1]; break;
            case WTFCB_SCANNER_WILDMATCH_SET:
                now[i] = inside && (builder->sets[operand].bits[byte / 64] >> byte % 64 & 1) && next[i + 1];
                break;
            case WTFCB_SCANNER_WILDMATCH_STAR: now[i] = next[i] || (inside && byte != '/' && now[i + 1]); break;
            case WTFCB_SCANNER_WILDMATCH_DEEP: now[i] = next[i] || (inside && now[i + 1]); break;
            default:
                if (inside && byte == '/') after_slash = after_slash || next[i + 1];
                now[i] = next[i] || after_slash;
                break;
            }
        }
        memcpy(next, now, sizeof next);
    }
    return next[0];
}

static void check_wildmatch(const char *pattern, size_t pattern_length, const char *path, size_t length)
{
    if (memchr(pattern, '\0', pattern_length)) return;
    wtfcb_scanner_wildmatch_builder builder;
    wtfcb_scanner_wildmatch_builder_init(&builder, &allocator);
    char *exact = fuzz_copy(pattern, pattern_length, 0, 0);
    if (wtfcb_scanner_wildmatch_compile(&builder, exact, pattern_length) == WTFCB_OK) {
        bool matches = wtfcb_scanner_wildmatch(builder.tokens, builder.count, builder.sets, path, length);
        int expected = reference(&builder, path, length);
        FUZZ_ASSERT(expected < 0 || matches == expected);
    }
    free(exact);
    wtfcb_scanner_wildmatch_builder_free(&builder);
}

static void check_rules(const char *text, size_t length, const char *path, size_t path_length, bool directory)
{
    uint32_t line = verdict(text, length, "", path, path_length, directory);
    for (size_t i = 0; i < path_length; i++) {
        if (path[i] != '/') continue;
        char *below = fuzz_copy(path, i + 1, 1, 0);
        char *rest = fuzz_copy(path + i + 1, path_length - i - 1, 0, 0);
        FUZZ_ASSERT(verdict(text, length, below, rest, path_length - i - 1, directory) == line);
        free(rest);
        free(below);
    }
    for (size_t i = 0; i < length;) {
        const char *end = memchr(text + i, '\n', length - i);
        size_t line_length = end ? (size_t)(end - text) - i : length - i;
        check_wildmatch(text + i, line_length, path, path_length);
        i += line_length + 1;
    }
}

static void check_config(const char *text, size_t length)
{
    int fd = memfd_create("config", MFD_CLOEXEC);
    FUZZ_ASSERT(fd >= 0);
    FUZZ_ASSERT(write(fd, text, length) == (ssize_t)length);
    char path[32];
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    wtfcb_scanner_ignore_environment environment = {.home = "/nonexistent"};
    wtfcb_base_buffer value;
    wtfcb_base_buffer_init(&value, &allocator);
    bool found = false;
    wtfcb_status status = wtfcb_scanner_ignore_config_read(&allocator, -1, path, &environment, &value, &found);
    FUZZ_ASSERT(status == WTFCB_OK && (found || value.length == 0));
    wtfcb_base_buffer_free(&value);
    (void)close(fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t rest;
    size_t path_length = fuzz_first_line(data, size, &rest);
    bool directory = path_length && data[path_length - 1] == '/';
    path_length -= directory;
    size_t length = size - rest;
    if (path_length > LONGEST_PATH || length > LONGEST_TEXT) return 0;
    char *path = fuzz_copy(data, path_length, 0, 0);
    char *text = fuzz_copy(data + rest, length, 0, 0);
    if (plain_path(path, path_length)) check_rules(text, length, path, path_length, directory);
    check_config(text, length);
    free(text);
    free(path);
    return 0;
}
