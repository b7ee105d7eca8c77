/*
 * Compiler and matcher of shell patterns.
 *
 * Compiling moves everything that does not depend on the text out of the match: brackets become bit sets, runs of stars
 * become one token that knows whether it crosses slashes, and a malformed pattern is found out once. The matcher keeps
 * two places to go back to, the last `*` and the last `**`. More are never needed: a later `*` of the same component
 * makes the earlier one's choice irrelevant (the shortest run that lets the part between them match is as good as any),
 * a `*` cannot leave its component, and a later `**` makes every choice before it irrelevant in the same way.
 */
#include "scanner/wildmatch.h"

#include <assert.h>
#include <string.h>

#include "base/memory.h"

#define NOWHERE SIZE_MAX

void wtfcb_scanner_wildmatch_builder_init(wtfcb_scanner_wildmatch_builder *builder, const wtfcb_allocator *allocator)
{
    *builder = (wtfcb_scanner_wildmatch_builder){.allocator = allocator};
}

void wtfcb_scanner_wildmatch_builder_free(wtfcb_scanner_wildmatch_builder *builder)
{
    wtfcb_base_free(builder->allocator, builder->tokens, builder->capacity * sizeof *builder->tokens);
    wtfcb_base_free(builder->allocator, builder->sets, builder->set_capacity * sizeof *builder->sets);
    *builder = (wtfcb_scanner_wildmatch_builder){.allocator = builder->allocator};
}

static bool is_special(char byte)
{
    return byte == '*' || byte == '?' || byte == '[' || byte == '\\';
}

size_t wtfcb_scanner_wildmatch_literal_length(const char *pattern, size_t length)
{
    size_t i = 0;
    while (i < length && !is_special(pattern[i]))
        i++;
    return i;
}

static bool push(wtfcb_scanner_wildmatch_builder *builder, unsigned op, uint32_t operand)
{
    if (!wtfcb_base_reserve(builder->allocator, (void **)&builder->tokens, &builder->capacity, builder->count + 1,
                            sizeof *builder->tokens))
        return false;
    builder->tokens[builder->count++] = op | operand << 8;
    return true;
}

static void set_add(wtfcb_scanner_wildmatch_set *set, unsigned first, unsigned last)
{
    for (unsigned byte = first; byte <= last; byte++)
        set->bits[byte >> 6] |= UINT64_C(1) << (byte & 63);
}

static bool set_has(const wtfcb_scanner_wildmatch_set *set, unsigned char byte)
{
    return (set->bits[byte >> 6] >> (byte & 63) & 1) != 0;
}

/* The named classes, ASCII alone. `space` has no vertical tab and no form feed: git's tables do not have them either. */
static const struct {
    const char *name;
    unsigned char ranges[4][2];
} classes[] = {
    {"alnum", {{'0', '9'}, {'A', 'Z'}, {'a', 'z'}, {1, 0}}},
    {"alpha", {{'A', 'Z'}, {'a', 'z'}, {1, 0}, {1, 0}}},
    {"blank", {{' ', ' '}, {'\t', '\t'}, {1, 0}, {1, 0}}},
    {"cntrl", {{0x00, 0x1f}, {0x7f, 0x7f}, {1, 0}, {1, 0}}},
    {"digit", {{'0', '9'}, {1, 0}, {1, 0}, {1, 0}}},
    {"graph", {{0x21, 0x7e}, {1, 0}, {1, 0}, {1, 0}}},
    {"lower", {{'a', 'z'}, {1, 0}, {1, 0}, {1, 0}}},
    {"print", {{0x20, 0x7e}, {1, 0}, {1, 0}, {1, 0}}},
    {"punct", {{0x21, 0x2f}, {0x3a, 0x40}, {0x5b, 0x60}, {0x7b, 0x7e}}},
    {"space", {{' ', ' '}, {'\t', '\n'}, {'\r', '\r'}, {1, 0}}},
    {"upper", {{'A', 'Z'}, {1, 0}, {1, 0}, {1, 0}}},
    {"xdigit", {{'0', '9'}, {'A', 'F'}, {'a', 'f'}, {1, 0}}},
};

static bool set_add_class(wtfcb_scanner_wildmatch_set *set, const char *name, size_t length)
{
    for (size_t i = 0; i < sizeof classes / sizeof *classes; i++) {
        if (strlen(classes[i].name) != length || memcmp(classes[i].name, name, length) != 0) continue;
        for (size_t r = 0; r < 4; r++)
            set_add(set, classes[i].ranges[r][0], classes[i].ranges[r][1]);
        return true;
    }
    return false;
}

/*
 * A `[:name:]` at `at` (which is its first bracket). Returns the offset behind it; `at` when it is no class and the
 * bracket stands for itself; NOWHERE when the whole pattern is malformed.
 */
static size_t parse_class(wtfcb_scanner_wildmatch_set *set, const char *pattern, size_t length, size_t at)
{
    const size_t name = at + 2;
    const char *close = memchr(pattern + name, ']', length - name);
    if (close == NULL) return NOWHERE;
    const size_t end = (size_t)(close - pattern);
    if (end == name || pattern[end - 1] != ':') return at;
    return set_add_class(set, pattern + name, end - 1 - name) ? end + 1 : NOWHERE;
}

/*
 * One member of a bracket at `at`: a range, a class or a byte. `*previous` is the byte a range may start from, 0 for
 * none. Returns the offset behind it or NOWHERE.
 */
static size_t parse_member(wtfcb_scanner_wildmatch_set *set, const char *pattern, size_t length, size_t at,
                           unsigned char *previous)
{
    unsigned char byte = (unsigned char)pattern[at];
    if (byte == '-' && *previous != 0 && at + 1 < length && pattern[at + 1] != ']') {
        if (pattern[++at] == '\\' && ++at == length) return NOWHERE;
        set_add(set, *previous, (unsigned char)pattern[at]);
        *previous = 0;
        return at + 1;
    }
    if (byte == '[' && at + 1 < length && pattern[at + 1] == ':') {
        const size_t end = parse_class(set, pattern, length, at);
        if (end != at) {
            *previous = 0;
            return end;
        }
    }
    if (byte == '\\') {
        if (++at == length) return NOWHERE;
        byte = (unsigned char)pattern[at];
    }
    set_add(set, byte, byte);
    *previous = byte;
    return at + 1;
}

/* A bracket expression at `at`; its end, or NOWHERE if it is malformed. A closing bracket in first place is a member. */
static size_t parse_bracket(wtfcb_scanner_wildmatch_set *set, const char *pattern, size_t length, size_t at)
{
    *set = (wtfcb_scanner_wildmatch_set){{0}};
    at++;
    const bool negated = at < length && (pattern[at] == '!' || pattern[at] == '^');
    if (negated) at++;
    unsigned char previous = 0;
    do {
        if (at >= length) return NOWHERE;
        at = parse_member(set, pattern, length, at, &previous);
        if (at >= length) /* NOWHERE as well */
            return NOWHERE;
    } while (pattern[at] != ']');
    for (size_t i = 0; negated && i < 4; i++)
        set->bits[i] = ~set->bits[i];
    set->bits['/' >> 6] &= ~(UINT64_C(1) << ('/' & 63));
    return at + 1;
}

/* A run of stars at `*at`, which is moved behind it. `start` is where a `**` counts as being at the start. */
static bool push_stars(wtfcb_scanner_wildmatch_builder *builder, const char *pattern, size_t length, size_t start,
                       size_t *at)
{
    const size_t first = *at;
    size_t next = first;
    while (next < length && pattern[next] == '*')
        next++;
    const bool opens = first == start || pattern[first - 1] == '/';
    const bool slash = next < length && pattern[next] == '/';
    const bool escaped = next + 1 < length && pattern[next] == '\\' && pattern[next + 1] == '/';
    *at = next;
    if (next - first < 2 || !opens || !(slash || escaped || next == length))
        return push(builder, WTFCB_SCANNER_WILDMATCH_STAR, 0);
    if (!slash) return push(builder, WTFCB_SCANNER_WILDMATCH_DEEP, 0);
    *at = next + 1; /* the slash belongs to the token */
    return push(builder, WTFCB_SCANNER_WILDMATCH_DIRS, 0);
}

static wtfcb_status push_bracket(wtfcb_scanner_wildmatch_builder *builder, const char *pattern, size_t length,
                                 size_t *at)
{
    if (!wtfcb_base_reserve(builder->allocator, (void **)&builder->sets, &builder->set_capacity, builder->set_count + 1,
                            sizeof *builder->sets))
        return WTFCB_ENOMEM;
    *at = parse_bracket(&builder->sets[builder->set_count], pattern, length, *at);
    if (*at == NOWHERE || builder->set_count >= UINT32_MAX >> 8) return WTFCB_EFORMAT;
    return push(builder, WTFCB_SCANNER_WILDMATCH_SET, (uint32_t)builder->set_count++) ? WTFCB_OK : WTFCB_ENOMEM;
}

wtfcb_status wtfcb_scanner_wildmatch_compile(wtfcb_scanner_wildmatch_builder *builder, const char *pattern,
                                             size_t length)
{
    builder->count = 0;
    builder->set_count = 0;
    const size_t start = wtfcb_scanner_wildmatch_literal_length(pattern, length);
    for (size_t at = 0; at < length;) {
        bool pushed = true;
        if (pattern[at] == '*') {
            pushed = push_stars(builder, pattern, length, start, &at);
        } else if (pattern[at] == '[') {
            const wtfcb_status status = push_bracket(builder, pattern, length, &at);
            if (status != WTFCB_OK) return status;
        } else if (pattern[at] == '?') {
            pushed = push(builder, WTFCB_SCANNER_WILDMATCH_ANY, 0);
            at++;
        } else {
            if (pattern[at] == '\\' && ++at == length) return WTFCB_EFORMAT;
            pushed = push(builder, WTFCB_SCANNER_WILDMATCH_BYTE, (unsigned char)pattern[at]);
            at++;
        }
        if (!pushed) return WTFCB_ENOMEM;
    }
    return WTFCB_OK;
}

/* Whether a token that stands for one byte takes this one. */
static bool takes(wtfcb_scanner_wildmatch_token token, const wtfcb_scanner_wildmatch_set *sets, char byte)
{
    const uint32_t operand = wtfcb_scanner_wildmatch_operand(token);
    switch (wtfcb_scanner_wildmatch_op(token)) {
    case WTFCB_SCANNER_WILDMATCH_BYTE: return operand == (unsigned char)byte;
    case WTFCB_SCANNER_WILDMATCH_ANY: return byte != '/';
    case WTFCB_SCANNER_WILDMATCH_SET: return set_has(&sets[operand], (unsigned char)byte);
    default: return false;
    }
}

/* Where to go on after a mismatch: the last `*` and the last `**` seen, as (token behind it, text it has reached). */
typedef struct retry {
    size_t star_token;
    size_t star_text;
    size_t deep_token;
    size_t deep_text;
} retry;

/* Lengthen the run of the last star that can take more; false when none can. */
static bool step_back(retry *back, const wtfcb_scanner_wildmatch_token *tokens, size_t count, const char *text,
                      size_t length, size_t *token, size_t *at)
{
    if (back->star_token != NOWHERE && back->star_text < length && text[back->star_text] != '/') {
        back->star_text++;
        const wtfcb_scanner_wildmatch_token after = back->star_token < count ? tokens[back->star_token] : 0;
        if (wtfcb_scanner_wildmatch_op(after) == WTFCB_SCANNER_WILDMATCH_BYTE) /* look for it here, it is faster */
            while (back->star_text < length && !takes(after, NULL, text[back->star_text]) &&
                   text[back->star_text] != '/')
                back->star_text++;
        *token = back->star_token;
        *at = back->star_text;
        return true;
    }
    back->star_token = NOWHERE;
    if (back->deep_token == NOWHERE || back->deep_text >= length) return false;
    if (wtfcb_scanner_wildmatch_op(tokens[back->deep_token - 1]) == WTFCB_SCANNER_WILDMATCH_DIRS) {
        const char *slash = memchr(text + back->deep_text, '/', length - back->deep_text);
        if (slash == NULL) return false;
        back->deep_text = (size_t)(slash - text);
    }
    *token = back->deep_token;
    *at = ++back->deep_text;
    return true;
}

bool wtfcb_scanner_wildmatch(const wtfcb_scanner_wildmatch_token *tokens, size_t count,
                             const wtfcb_scanner_wildmatch_set *sets, const char *text, size_t length)
{
    retry back = {NOWHERE, 0, NOWHERE, 0};
    size_t token = 0;
    size_t at = 0;
    for (;;) {
        if (token == count) {
            if (at == length) return true;
        } else {
            const unsigned op = wtfcb_scanner_wildmatch_op(tokens[token]);
            if (op == WTFCB_SCANNER_WILDMATCH_STAR) {
                back.star_token = ++token;
                back.star_text = at;
                continue;
            }
            if (op == WTFCB_SCANNER_WILDMATCH_DEEP || op == WTFCB_SCANNER_WILDMATCH_DIRS) {
                if (op == WTFCB_SCANNER_WILDMATCH_DEEP && token + 1 == count) return true;
                back = (retry){NOWHERE, 0, ++token, at};
                continue;
            }
            if (at < length && takes(tokens[token], sets, text[at])) {
                token++;
                at++;
                continue;
            }
        }
        if (!step_back(&back, tokens, count, text, length, &token, &at)) return false;
    }
}

/* How a position of the tokens is reached while running over a text. */
enum {
    ABSENT,
    INSIDE, /* in the middle of a DIRS token, which has to see a slash before it may be left */
    FRESH,
};

/* Follow the tokens that may match nothing. */
static void close_states(const wtfcb_scanner_wildmatch_token *tokens, size_t count, uint8_t *states)
{
    for (size_t i = 0; i < count; i++)
        if (states[i] == FRESH && wtfcb_scanner_wildmatch_op(tokens[i]) >= WTFCB_SCANNER_WILDMATCH_STAR)
            states[i + 1] = FRESH;
}

void wtfcb_scanner_wildmatch_advance(const wtfcb_scanner_wildmatch_token *tokens, size_t count,
                                     const wtfcb_scanner_wildmatch_set *sets, const char *text, size_t length,
                                     uint8_t *states, uint8_t *scratch)
{
    assert(length == 0 || text[length - 1] == '/');
    memset(states, ABSENT, count + 1);
    states[0] = FRESH;
    for (size_t at = 0; at < length; at++) {
        close_states(tokens, count, states);
        memset(scratch, ABSENT, count + 1);
        for (size_t i = 0; i < count; i++) {
            if (states[i] == ABSENT) continue;
            const unsigned op = wtfcb_scanner_wildmatch_op(tokens[i]);
            if (op == WTFCB_SCANNER_WILDMATCH_DIRS) /* never lowers: nothing but the token before can have set it */
                scratch[i] = text[at] == '/' || scratch[i] == FRESH ? FRESH : INSIDE;
            else if (op == WTFCB_SCANNER_WILDMATCH_DEEP || (op == WTFCB_SCANNER_WILDMATCH_STAR && text[at] != '/'))
                scratch[i] = FRESH;
            else if (takes(tokens[i], sets, text[at]))
                scratch[i + 1] = FRESH;
        }
        memcpy(states, scratch, count + 1);
    }
    /* What a token that may match nothing leads to is covered by that token's own mark. */
    for (size_t i = count; i > 0; i--)
        if (states[i - 1] == FRESH && wtfcb_scanner_wildmatch_op(tokens[i - 1]) >= WTFCB_SCANNER_WILDMATCH_STAR)
            states[i] = ABSENT;
}
