/*
 * From the text of an ignore file to buckets that answer in constant time for nearly every pattern people write.
 *
 * A pattern is compiled to tokens, and the literal bytes at both ends of them are cut off: a match begins and ends with
 * those, whatever the middle does. What the end says about the last component of a path chooses the bucket: `Makefile`,
 * `/doc/build` and the like are found by the component's hash, `*.o` and `/tmp/x*.tar.gz` by the hash of what follows the
 * last dot. Only patterns such as `.*` or `core.[0-9]*` are tried one after the other, and only down to the number of
 * the best hit of the other buckets. A bucket only proposes: the whole pattern is compared all the same.
 *
 * Rules above the directory where the scan starts see longer paths than the walker has. Instead of putting paths
 * together for each comparison, the pattern is run over the missing part once and what is left of it is kept; a pattern
 * with `**` may leave several rests, which take neighbouring numbers.
 */
#include "scanner/ignore_rules.h"

#include <assert.h>
#include <string.h>

#include "base/memory.h"

#define NONE WTFCB_BASE_MAP_NONE

void wtfcb_scanner_ignore_rules_init(wtfcb_scanner_ignore_rules *rules, wtfcb_base_arena *arena)
{
    *rules = (wtfcb_scanner_ignore_rules){.arena = arena, .rest = NONE};
    wtfcb_base_map_init(&rules->names, arena->allocator);
    wtfcb_base_map_init(&rules->extensions, arena->allocator);
}

void wtfcb_scanner_ignore_rules_free(wtfcb_scanner_ignore_rules *rules)
{
    wtfcb_base_free(rules->arena->allocator, rules->patterns, rules->capacity * sizeof *rules->patterns);
    wtfcb_base_map_free(&rules->names);
    wtfcb_base_map_free(&rules->extensions);
}

static bool is_byte(wtfcb_scanner_wildmatch_token token)
{
    return wtfcb_scanner_wildmatch_op(token) == WTFCB_SCANNER_WILDMATCH_BYTE;
}

/* The bytes that a run of literal tokens stands for; NULL when memory has run out. */
static const char *literal_of(wtfcb_base_arena *arena, const wtfcb_scanner_wildmatch_token *tokens, size_t count)
{
    char *bytes = wtfcb_base_arena_bytes(arena, count + 1);
    if (!bytes) return NULL;
    for (size_t i = 0; i < count; i++)
        bytes[i] = (char)wtfcb_scanner_wildmatch_operand(tokens[i]);
    bytes[count] = '\0';
    return bytes;
}

static bool keep_middle(wtfcb_scanner_ignore_rules *rules, wtfcb_scanner_ignore_pattern *pattern,
                        const wtfcb_scanner_wildmatch_token *tokens, size_t count,
                        const wtfcb_scanner_wildmatch_set *sets, size_t set_count)
{
    const bool star = count == 1 && wtfcb_scanner_wildmatch_op(tokens[0]) == WTFCB_SCANNER_WILDMATCH_STAR;
    const bool deep = count == 1 && wtfcb_scanner_wildmatch_op(tokens[0]) == WTFCB_SCANNER_WILDMATCH_DEEP;
    if (count == 0 || deep || (star && !pattern->anchored)) { /* a last component has no slash to stop at */
        pattern->middle = count == 0 ? WTFCB_SCANNER_IGNORE_EXACT : WTFCB_SCANNER_IGNORE_ANYTHING;
        return true;
    }
    pattern->middle = WTFCB_SCANNER_IGNORE_TOKENS;
    pattern->token_count = (uint32_t)count;
    wtfcb_scanner_wildmatch_token *kept = wtfcb_base_arena_alloc(rules->arena, count * sizeof *kept);
    if (!kept) return false;
    memcpy(kept, tokens, count * sizeof *kept);
    pattern->tokens = kept;
    if (set_count == 0) return true;
    wtfcb_scanner_wildmatch_set *kept_sets = wtfcb_base_arena_alloc(rules->arena, set_count * sizeof *kept_sets);
    if (!kept_sets) return false;
    memcpy(kept_sets, sets, set_count * sizeof *kept_sets);
    pattern->sets = kept_sets;
    return true;
}

/* Put a pattern at the head of a map's chain. */
static bool chain(wtfcb_base_map *map, wtfcb_scanner_ignore_pattern *pattern, const char *key, size_t length,
                  uint32_t number)
{
    pattern->next = wtfcb_base_map_get(map, key, length);
    return wtfcb_base_map_put(map, key, length, number);
}

/* Choose the bucket by what the pattern says about the last component; see the head of the file. */
static bool file_pattern(wtfcb_scanner_ignore_rules *rules, wtfcb_scanner_ignore_pattern *pattern, uint32_t number,
                         bool behind_dirs)
{
    const bool exact = pattern->middle == WTFCB_SCANNER_IGNORE_EXACT;
    const char *end = exact ? pattern->prefix : pattern->suffix;
    const size_t length = exact ? pattern->prefix_length : pattern->suffix_length;
    const char *slash = memrchr(end, '/', length);
    if (slash) return chain(&rules->names, pattern, slash + 1, length - (size_t)(slash + 1 - end), number);
    if (exact || behind_dirs) return chain(&rules->names, pattern, end, length, number);
    const char *dot = memrchr(end, '.', length);
    if (dot) return chain(&rules->extensions, pattern, dot, length - (size_t)(dot - end), number);
    pattern->next = rules->rest;
    rules->rest = number;
    return true;
}

/* How many dots the last component has to have for a pattern of one component, as far as that is worth knowing. */
static uint8_t dots_of(const wtfcb_scanner_wildmatch_token *tokens, size_t count)
{
    uint8_t dots = 0;
    for (size_t i = 0; i < count && dots < 2; i++)
        if (is_byte(tokens[i]) && wtfcb_scanner_wildmatch_operand(tokens[i]) == '.') dots++;
    return dots;
}

/* Add what is left of a pattern from one of its tokens on. `like` has the flags and the text. */
static wtfcb_status add_tokens(wtfcb_scanner_ignore_rules *rules, const wtfcb_scanner_wildmatch_builder *builder,
                               size_t first, const wtfcb_scanner_ignore_pattern *like)
{
    if (!wtfcb_base_reserve(rules->arena->allocator, (void **)&rules->patterns, &rules->capacity, rules->count + 1,
                            sizeof *rules->patterns))
        return WTFCB_ENOMEM;
    assert(rules->count < NONE);
    wtfcb_scanner_ignore_pattern *pattern = &rules->patterns[rules->count];
    *pattern = *like;

    const wtfcb_scanner_wildmatch_token *tokens = builder->tokens;
    size_t begin = first;
    size_t end = builder->count;
    while (begin < end && is_byte(tokens[begin]))
        begin++;
    while (end > begin && is_byte(tokens[end - 1]))
        end--;
    pattern->prefix_length = (uint32_t)(begin - first);
    pattern->suffix_length = (uint32_t)(builder->count - end);
    pattern->prefix = literal_of(rules->arena, tokens + first, pattern->prefix_length);
    pattern->suffix = literal_of(rules->arena, tokens + end, pattern->suffix_length);
    if (!pattern->prefix || !pattern->suffix) return WTFCB_ENOMEM;
    pattern->dots = pattern->anchored ? 0 : dots_of(tokens + first, builder->count - first);
    pattern->first = pattern->prefix_length > 0 ? (unsigned char)pattern->prefix[0] : WTFCB_SCANNER_IGNORE_ANY_BYTE;
    pattern->last = end < builder->count ? (unsigned char)pattern->suffix[pattern->suffix_length - 1]
                                         : WTFCB_SCANNER_IGNORE_ANY_BYTE;
    if (!keep_middle(rules, pattern, tokens + begin, end - begin, builder->sets, builder->set_count))
        return WTFCB_ENOMEM;
    const bool behind_dirs = end > begin && wtfcb_scanner_wildmatch_op(tokens[end - 1]) == WTFCB_SCANNER_WILDMATCH_DIRS;
    if (!file_pattern(rules, pattern, (uint32_t)rules->count, behind_dirs)) return WTFCB_ENOMEM;
    rules->count++;
    return WTFCB_OK;
}

/* Settle the components in `below`, then add every rest that may still match something. */
static wtfcb_status add_rests(wtfcb_scanner_ignore_rules *rules, const wtfcb_scanner_wildmatch_builder *builder,
                              const wtfcb_scanner_ignore_pattern *like, const char *below)
{
    wtfcb_status status = WTFCB_OK;
    const size_t size = (builder->count + 1) * 2;
    uint8_t *states = wtfcb_base_alloc(builder->allocator, size);
    if (!states) return WTFCB_ENOMEM;
    wtfcb_scanner_wildmatch_advance(builder->tokens, builder->count, builder->sets, below, strlen(below), states,
                                    states + size / 2);
    for (size_t i = 0; i < builder->count && status == WTFCB_OK; i++)
        if (states[i] != 0) status = add_tokens(rules, builder, i, like);
    wtfcb_base_free(builder->allocator, states, size);
    return status;
}

wtfcb_status wtfcb_scanner_ignore_rules_add(wtfcb_scanner_ignore_rules *rules, wtfcb_scanner_wildmatch_builder *builder,
                                            const char *text, size_t length, uint32_t line, const char *below)
{
    assert(length <= UINT32_MAX && (*below == '\0' || below[strlen(below) - 1] == '/'));
    wtfcb_scanner_ignore_pattern like = {.line = line};
    const char *pattern = text;
    const char *end = text + length;
    like.negative = pattern < end && *pattern == '!';
    pattern += like.negative;
    like.directory = pattern < end && end[-1] == '/';
    end -= like.directory;
    like.anchored = memchr(pattern, '/', (size_t)(end - pattern)) != NULL;
    pattern += like.anchored && *pattern == '/';
    if (pattern == end) return WTFCB_OK;

    const wtfcb_status status = wtfcb_scanner_wildmatch_compile(builder, pattern, (size_t)(end - pattern));
    if (status != WTFCB_OK) return status == WTFCB_EFORMAT ? WTFCB_OK : status; /* matches nothing, as in git */
    like.text = wtfcb_base_arena_string(rules->arena, text, length);
    if (!like.text) return WTFCB_ENOMEM;
    return like.anchored && *below ? add_rests(rules, builder, &like, below) : add_tokens(rules, builder, 0, &like);
}

/* Length without the spaces at the end, of which a backslash saves one. A tab is not a space here. */
static size_t trimmed(const char *line, size_t length)
{
    size_t kept = 0;
    for (size_t i = 0; i < length; i++) {
        if (line[i] == ' ') continue;
        if (line[i] == '\\' && i + 1 < length) i++;
        kept = i + 1;
    }
    return kept;
}

wtfcb_status wtfcb_scanner_ignore_rules_parse(wtfcb_scanner_ignore_rules *rules, const char *bytes, size_t length,
                                              const char *below)
{
    wtfcb_status status = WTFCB_OK;
    wtfcb_scanner_wildmatch_builder builder;
    wtfcb_scanner_wildmatch_builder_init(&builder, rules->arena->allocator);
    size_t at = length >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
    for (uint32_t line = 1; at < length && status == WTFCB_OK; line++) {
        const char *text = bytes + at;
        const char *feed = memchr(text, '\n', length - at);
        size_t size = feed ? (size_t)(feed - text) : length - at;
        at += size + 1;
        if (size == 0 || *text == '#') continue;
        size -= text[size - 1] == '\r';
        const char *nul = memchr(text, '\0', size); /* git ends the pattern there */
        if (nul) size = (size_t)(nul - text);
        status = wtfcb_scanner_ignore_rules_add(rules, &builder, text, trimmed(text, size), line, below);
    }
    wtfcb_scanner_wildmatch_builder_free(&builder);
    return status;
}

wtfcb_scanner_ignore_subject wtfcb_scanner_ignore_subject_of(const char *path, size_t length, size_t name,
                                                             bool directory)
{
    wtfcb_scanner_ignore_subject subject = {
        .path = path, .length = length, .name = name, .extension = length, .directory = directory};
    const char *dot = memrchr(path + name, '.', length - name);
    if (dot) {
        subject.extension = (size_t)(dot - path);
        subject.extension_hash = wtfcb_base_map_hash(dot, length - subject.extension);
        subject.dots = memrchr(path + name, '.', subject.extension - name) ? 2 : 1;
    }
    subject.name_hash = wtfcb_base_map_hash(path + name, length - name);
    return subject;
}

static bool pattern_matches(const wtfcb_scanner_ignore_pattern *pattern, const wtfcb_scanner_ignore_subject *subject,
                            size_t base)
{
    if (pattern->directory && !subject->directory) return false;
    const size_t skipped = pattern->anchored ? base : subject->name;
    const char *text = subject->path + skipped;
    const size_t length = subject->length - skipped;
    /* Nearly every comparison ends here, without a call. */
    if (pattern->first != (unsigned char)text[0] && pattern->first != WTFCB_SCANNER_IGNORE_ANY_BYTE) return false;
    if (pattern->dots > subject->dots) return false;
    if (pattern->last != (unsigned char)text[length - 1] && pattern->last != WTFCB_SCANNER_IGNORE_ANY_BYTE)
        return false;
    const size_t ends = (size_t)pattern->prefix_length + pattern->suffix_length;
    if (pattern->middle == WTFCB_SCANNER_IGNORE_EXACT ? length != ends : length < ends) return false;
    if (memcmp(text, pattern->prefix, pattern->prefix_length) != 0) return false;
    if (memcmp(text + length - pattern->suffix_length, pattern->suffix, pattern->suffix_length) != 0) return false;
    return pattern->middle != WTFCB_SCANNER_IGNORE_TOKENS ||
           wtfcb_scanner_wildmatch(pattern->tokens, pattern->token_count, pattern->sets, text + pattern->prefix_length,
                                   length - ends);
}

/* The highest pattern of a chain that matches, if it is higher than `best`; else `best`. Numbers are plus one here. */
static uint32_t best_of_chain(const wtfcb_scanner_ignore_rules *rules, uint32_t number,
                              const wtfcb_scanner_ignore_subject *subject, size_t base, uint32_t best)
{
    for (; number != NONE && number + 1 > best; number = rules->patterns[number].next)
        if (pattern_matches(&rules->patterns[number], subject, base)) return number + 1;
    return best;
}

const wtfcb_scanner_ignore_pattern *wtfcb_scanner_ignore_rules_match(const wtfcb_scanner_ignore_rules *rules,
                                                                     const wtfcb_scanner_ignore_subject *subject,
                                                                     size_t base)
{
    assert(base <= subject->name);
    if (rules->count == 0) return NULL;
    uint32_t best = 0;
    const uint32_t named = wtfcb_base_map_get_hashed(&rules->names, subject->path + subject->name,
                                                     subject->length - subject->name, subject->name_hash);
    best = best_of_chain(rules, named, subject, base, best);
    if (subject->extension < subject->length) {
        const uint32_t extended =
            wtfcb_base_map_get_hashed(&rules->extensions, subject->path + subject->extension,
                                      subject->length - subject->extension, subject->extension_hash);
        best = best_of_chain(rules, extended, subject, base, best);
    }
    best = best_of_chain(rules, rules->rest, subject, base, best);
    return best ? &rules->patterns[best - 1] : NULL;
}
