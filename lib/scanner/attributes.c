/* Reading and matching attributes; see attributes.h. Called by the loading of ignore files, whose sets hold the layers. */
#include "scanner/attributes.h"

#include <assert.h>
#include <string.h>

#include "base/memory.h"
#include "scanner/ignore_set.h"

static const char *const names[WTFCB_SCANNER_ATTRIBUTE_COUNT] = {
    [WTFCB_SCANNER_ATTRIBUTE_GENERATED] = "linguist-generated",
    [WTFCB_SCANNER_ATTRIBUTE_VENDORED] = "linguist-vendored",
    [WTFCB_SCANNER_ATTRIBUTE_DOCUMENTATION] = "linguist-documentation",
    [WTFCB_SCANNER_ATTRIBUTE_DETECTABLE] = "linguist-detectable",
    [WTFCB_SCANNER_ATTRIBUTE_LANGUAGE] = "linguist-language",
};

/* Values that are not texts. */
static const char is_set[] = "true", is_unset[] = "false", is_unspecified[] = "";

typedef struct piece {
    const char *text;
    size_t length;
} piece;

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* The next word at `*at`; its length is 0 at the end. */
static piece next_word(const char **at, const char *end)
{
    while (*at < end && is_blank(**at))
        (*at)++;
    piece word = {*at, 0};
    while (*at < end && !is_blank(**at))
        (*at)++;
    word.length = (size_t)(*at - word.text);
    return word;
}

static bool equals(piece word, const char *text)
{
    return word.length == strlen(text) && memcmp(word.text, text, word.length) == 0;
}

static bool is_octal(char c)
{
    return c >= '0' && c <= '7';
}

/* The byte behind a backslash, as C has them; `*at` is at its last letter or digit afterwards. */
static char unescape(const char **at, const char *end)
{
    static const char letters[] = "abfnrtv", bytes[] = "\a\b\f\n\r\t\v";
    const char *letter = **at ? strchr(letters, **at) : NULL;
    if (letter) return bytes[letter - letters];
    if (end - *at < 3 || !is_octal((*at)[0]) || !is_octal((*at)[1]) || !is_octal((*at)[2])) return **at;
    int byte = ((*at)[0] - '0') * 64 + ((*at)[1] - '0') * 8 + ((*at)[2] - '0');
    *at += 2;
    return (char)byte;
}

/* A quoted pattern without its quotes and escapes, into `buffer`; empty if it is not closed or too long. */
static piece quoted_pattern(const char **at, const char *end, char *buffer, size_t size)
{
    size_t length = 0;
    for ((*at)++; *at < end && **at != '"' && length < size; (*at)++) {
        bool escaped = **at == '\\' && *at + 1 < end;
        if (escaped) (*at)++;
        buffer[length++] = escaped ? unescape(at, end) : **at;
    }
    bool closed = *at < end && **at == '"';
    *at += closed;
    return (piece){buffer, closed ? length : 0};
}

/* The pattern that a line begins with; empty for a comment, a macro, and what no pattern may be. */
static piece next_pattern(const char **at, const char *end, char *buffer, size_t size)
{
    static const char macro[] = "[attr]";
    while (*at < end && is_blank(**at))
        (*at)++;
    bool quoted = *at < end && **at == '"';
    piece pattern = quoted ? quoted_pattern(at, end, buffer, size) : next_word(at, end);
    bool is_macro = pattern.length >= sizeof macro - 1 && memcmp(pattern.text, macro, sizeof macro - 1) == 0;
    bool none = pattern.length == 0 || (!quoted && *pattern.text == '#') || *pattern.text == '!' || is_macro ||
                memchr(pattern.text, '\0', pattern.length);
    return none ? (piece){pattern.text, 0} : pattern;
}

/*
 * One attribute of a line: its number, or COUNT for one that does not matter, and its value. `name`, `-name`, `!name`,
 * `name=value`.
 */
static uint32_t parse_attribute(piece word, piece *ret_value)
{
    char sign = word.length > 0 ? word.text[0] : '\0';
    const char *equal = memchr(word.text, '=', word.length);
    piece name = word;
    *ret_value = (piece){is_set, sizeof is_set - 1};
    if (sign == '-' || sign == '!') {
        name = (piece){word.text + 1, word.length - 1};
        *ret_value = sign == '-' ? (piece){is_unset, sizeof is_unset - 1} : (piece){is_unspecified, 0};
    } else if (equal) {
        name.length = (size_t)(equal - word.text);
        *ret_value = (piece){equal + 1, word.length - name.length - 1};
    }
    uint32_t number = 0;
    while (number < WTFCB_SCANNER_ATTRIBUTE_COUNT && !equals(name, names[number]))
        number++;
    bool text = equal && sign != '-' && sign != '!';
    if (number == WTFCB_SCANNER_ATTRIBUTE_LANGUAGE && !text && sign != '!') number = WTFCB_SCANNER_ATTRIBUTE_COUNT;
    return number;
}

bool wtfcb_scanner_attributes_valid(const char *line)
{
    const char *at = line, *end = line + strlen(line);
    char buffer[WTFCB_SCANNER_LONGEST_ATTRIBUTE];
    piece pattern = next_pattern(&at, end, buffer, sizeof buffer), word, value;
    if (pattern.length == 0) return false;
    while ((word = next_word(&at, end)).length > 0)
        if (parse_attribute(word, &value) < WTFCB_SCANNER_ATTRIBUTE_COUNT) return true;
    return false;
}

/* Room for the value of each rule there is. */
static bool reserve_values(wtfcb_scanner_attribute_rules *rules)
{
    if (rules->rules.count <= rules->capacity) return true;
    size_t capacity = rules->capacity ? rules->capacity : 8;
    while (capacity < rules->rules.count)
        capacity *= 2;
    const char **values = wtfcb_base_arena_alloc(rules->rules.arena, capacity * sizeof *values);
    if (!values) return false;
    if (rules->capacity) memcpy((void *)values, (const void *)rules->values, rules->capacity * sizeof *values);
    rules->values = values;
    rules->capacity = capacity;
    return true;
}

static wtfcb_status add_rule(wtfcb_scanner_attribute_rules *rules, wtfcb_scanner_wildmatch_builder *builder,
                             piece pattern, piece value, uint32_t line, const char *below)
{
    size_t number = rules->rules.count;
    const char *copy = wtfcb_base_arena_string(rules->rules.arena, value.text, value.length);
    if (!copy) return WTFCB_ENOMEM;
    wtfcb_status status =
        wtfcb_scanner_ignore_rules_add(&rules->rules, builder, pattern.text, pattern.length, line, below);
    if (status == WTFCB_OK && !reserve_values(rules)) status = WTFCB_ENOMEM;
    if (status != WTFCB_OK) return status;
    for (; number < rules->rules.count; number++) /* a line above the root may become several rules */
        rules->values[number] = copy;
    return WTFCB_OK;
}

static wtfcb_status parse_line(wtfcb_scanner_attribute_rules *rules, wtfcb_scanner_wildmatch_builder *builder,
                               const char *text, size_t length, uint32_t line, const char *below)
{
    const char *at = text, *end = text + length;
    char buffer[WTFCB_SCANNER_LONGEST_ATTRIBUTE];
    piece pattern = next_pattern(&at, end, buffer, sizeof buffer), word, value;
    if (pattern.length == 0) return WTFCB_OK;
    wtfcb_status status = WTFCB_OK;
    while (status == WTFCB_OK && (word = next_word(&at, end)).length > 0) {
        uint32_t number = parse_attribute(word, &value);
        if (number < WTFCB_SCANNER_ATTRIBUTE_COUNT && !memchr(value.text, '\0', value.length))
            status = add_rule(&rules[number], builder, pattern, value, line, below);
    }
    return status;
}

void wtfcb_scanner_attributes_init(wtfcb_scanner_attribute_rules *rules, wtfcb_base_arena *arena)
{
    for (size_t i = 0; i < WTFCB_SCANNER_ATTRIBUTE_COUNT; i++) {
        rules[i] = (wtfcb_scanner_attribute_rules){0};
        wtfcb_scanner_ignore_rules_init(&rules[i].rules, arena);
    }
}

void wtfcb_scanner_attributes_free(wtfcb_scanner_attribute_rules *rules)
{
    for (size_t i = 0; i < WTFCB_SCANNER_ATTRIBUTE_COUNT; i++)
        wtfcb_scanner_ignore_rules_free(&rules[i].rules);
}

wtfcb_status wtfcb_scanner_attributes_parse(wtfcb_scanner_attribute_rules *rules, const char *bytes, size_t length,
                                            uint32_t first_line, const char *below)
{
    wtfcb_status status = WTFCB_OK;
    wtfcb_scanner_wildmatch_builder builder;
    wtfcb_scanner_wildmatch_builder_init(&builder, rules->rules.arena->allocator);
    size_t at = length >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
    for (uint32_t line = first_line; at < length && status == WTFCB_OK; line++) {
        const char *text = bytes + at, *feed = memchr(text, '\n', length - at);
        size_t size = feed ? (size_t)(feed - text) : length - at;
        at += size + 1;
        if (memmem(text, size, "linguist-", 9)) status = parse_line(rules, &builder, text, size, line, below);
    }
    wtfcb_scanner_wildmatch_builder_free(&builder);
    return status;
}

size_t wtfcb_scanner_attributes_count(const wtfcb_scanner_attribute_rules *rules)
{
    size_t count = 0;
    for (size_t i = 0; i < WTFCB_SCANNER_ATTRIBUTE_COUNT; i++)
        count += rules[i].rules.count;
    return count;
}

bool wtfcb_scanner_attributes_any(const wtfcb_scanner_ignore_node *node)
{
    return node->attributes || node->set->attributed;
}

/* The value that rules give a subject; NULL: they say nothing. */
static const char *value_of(const wtfcb_scanner_attribute_rules *rules, const wtfcb_scanner_ignore_subject *subject,
                            size_t base, const char *source, wtfcb_scanner_ignore_reason *ret_reason)
{
    const wtfcb_scanner_ignore_pattern *pattern = wtfcb_scanner_ignore_rules_match(&rules->rules, subject, base);
    if (!pattern) return NULL;
    *ret_reason = (wtfcb_scanner_ignore_reason){source, pattern->text, pattern->line};
    return rules->values[pattern - rules->rules.patterns];
}

wtfcb_scanner_attributes wtfcb_scanner_attributes_match(const wtfcb_scanner_ignore_node *node, const char *path,
                                                        size_t length, size_t name)
{
    wtfcb_scanner_attributes found = {0};
    const wtfcb_scanner_ignore_subject subject = wtfcb_scanner_ignore_subject_of(path, length, name, false);
    for (uint32_t i = 0; i < WTFCB_SCANNER_ATTRIBUTE_COUNT; i++) {
        wtfcb_scanner_ignore_reason reason = {0};
        const char *value = value_of(&node->set->attributes[i], &subject, 0, "", &reason);
        for (const wtfcb_scanner_attribute_layer *layer = node->attributes; layer && !value; layer = layer->outer)
            value = value_of(&layer->rules[i], &subject, layer->base, layer->source, &reason);
        if (!value || *value == '\0') continue;
        found.said |= (uint8_t)(1u << i);
        if (i == WTFCB_SCANNER_ATTRIBUTE_LANGUAGE) {
            found.language = value;
            found.reason = reason;
        } else if (strcmp(value, is_unset) != 0) {
            found.set |= (uint8_t)(1u << i);
        }
    }
    return found;
}
