/*
 * Templates become lines, and words become names, comments and expressions.
 *
 * Expressions are flat: a term, or up to three joined by an operator; whatever could bind otherwise in another language stands in parentheses. They use
 * the variables in reach, constants and functions that stand before, and what is imported.
 */
#include "benchmark/generate_text.h"

#include <assert.h>
#include <string.h>

#include "benchmark/generate_words.h"

static void put(wtfcb_benchmark_code *code, const char *text)
{
    wtfcb_base_buffer_append_string(code->out, text);
}

static void put_number(wtfcb_base_buffer *out, uint32_t number)
{
    char digits[12];
    size_t at = sizeof digits;
    do {
        digits[--at] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    wtfcb_base_buffer_append(out, digits + at, sizeof digits - at);
}

static char upper(char c)
{
    return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

void wtfcb_benchmark_name_number(char name[WTFCB_BENCHMARK_NAME], wtfcb_benchmark_style style, const char *const *words,
                                 size_t count, uint32_t number)
{
    bool spaced = style == WTFCB_BENCHMARK_SNAKE || style == WTFCB_BENCHMARK_UPPER;
    size_t at = 0;
    const size_t room = WTFCB_BENCHMARK_NAME - 13; /* for a number and a NUL */
    for (size_t i = 0; i < count; i++) {
        if (spaced && i > 0 && at < room) name[at++] = '_';
        for (size_t j = 0; words[i][j] && at < room; j++) {
            bool capital =
                style == WTFCB_BENCHMARK_UPPER || (!spaced && j == 0 && (i > 0 || style == WTFCB_BENCHMARK_PASCAL));
            char c = words[i][j];
            name[at++] = capital ? upper(c) : j == 0 || spaced ? lower(c) : c;
        }
    }
    char digits[12];
    size_t length = 0;
    for (uint32_t rest = number; rest > 0; rest /= 10)
        digits[length++] = (char)('0' + rest % 10);
    if (length > 0 && spaced) name[at++] = '_';
    while (length > 0)
        name[at++] = digits[--length];
    name[at] = '\0';
}

void wtfcb_benchmark_name(char name[WTFCB_BENCHMARK_NAME], wtfcb_benchmark_style style, const char *const *words,
                          size_t count)
{
    wtfcb_benchmark_name_number(name, style, words, count, 0);
}

void wtfcb_benchmark_gap(wtfcb_benchmark_code *code)
{
    wtfcb_base_buffer_append_byte(code->out, '\n');
}

/* Sentences go: verb, then a joint, an adjective and a noun again and again; other texts begin with an adjective. */
static const char *word(wtfcb_benchmark_code *code, uint32_t place)
{
    static const char *const joints[] = {"the",      "each",      "of the",   "for the",  "before the", "when the",
                                         "with the", "until the", "from the", "into the", "after the",  "without any",
                                         "and its",  "as the",    "per",      "not the"};
    uint32_t bits = (uint32_t)(wtfcb_benchmark_draw_bits(&code->draw) >> 32);
    if (place == 0) return wtfcb_benchmark_verbs[bits % WTFCB_BENCHMARK_VERBS];
    if (place == 1) return bits % 4 == 0 ? "each" : "the";
    switch (place % 3) {
    case 1: return joints[bits % 16];
    case 2: return wtfcb_benchmark_adjectives[bits % WTFCB_BENCHMARK_ADJECTIVES];
    default: return wtfcb_benchmark_nouns[bits % WTFCB_BENCHMARK_NOUNS];
    }
}

void wtfcb_benchmark_words(wtfcb_benchmark_code *code, uint32_t count, bool sentence)
{
    uint32_t place = sentence ? 0 : 2;
    for (uint32_t i = 0; i < count; i++, place++) {
        const char *w = word(code, place);
        if (i > 0) wtfcb_base_buffer_append_byte(code->out, ' ');
        if (sentence && i == 0) {
            wtfcb_base_buffer_append_byte(code->out, upper(w[0]));
            w++;
        }
        put(code, w);
    }
    if (sentence) wtfcb_base_buffer_append_byte(code->out, '.');
}

static const char *any_local(wtfcb_benchmark_code *code)
{
    if (code->local_count == 0) return NULL;
    uint32_t i = wtfcb_benchmark_draw_below(&code->draw, code->local_count);
    /* What nobody has read yet comes first. */
    if (code->locals[i].used && !code->locals[code->local_count - 1].used) i = code->local_count - 1;
    code->locals[i].used = true;
    return code->locals[i].name;
}

static void number(wtfcb_benchmark_code *code)
{
    uint32_t magnitude = wtfcb_benchmark_draw_below(&code->draw, 8);
    put_number(code->out, 2 + wtfcb_benchmark_draw_below(&code->draw, magnitude == 0  ? 4000
                                                                      : magnitude < 3 ? 250
                                                                                      : 30));
}

static void atom(wtfcb_benchmark_code *code)
{
    bool variable = wtfcb_benchmark_draw_below(&code->draw, 8) != 0;
    const char *local = variable ? any_local(code) : NULL;
    if (local)
        put(code, local);
    else
        number(code);
}

static void arguments(wtfcb_benchmark_code *code, uint32_t count)
{
    put(code, "(");
    for (uint32_t i = 0; i < count; i++) {
        if (i > 0) put(code, ", ");
        atom(code);
    }
    put(code, ")");
}

/* Call a function that stands before, if the dice find one. */
static bool call_own(wtfcb_benchmark_code *code)
{
    uint32_t unit = code->unit & (WTFCB_BENCHMARK_ADDED - 1);
    if (unit == 0) return false;
    unit = wtfcb_benchmark_draw_below(&code->draw, unit);
    if (code->unit >= WTFCB_BENCHMARK_ADDED) unit = 0;
    if (wtfcb_benchmark_unit_private(unit) || wtfcb_benchmark_unit_kind(code->file, unit) != WTFCB_BENCHMARK_FUNCTION)
        return false;
    char name[WTFCB_BENCHMARK_NAME];
    wtfcb_benchmark_unit_name(code->plan, code->file_index, unit, name);
    if (code->dialect == &wtfcb_benchmark_dialects[WTFCB_BENCHMARK_JAVA]) {
        put(code, code->class_name);
        put(code, ".");
    }
    put(code, name);
    arguments(code, wtfcb_benchmark_unit_params(code->file, unit));
    return true;
}

static bool call_imported(wtfcb_benchmark_code *code)
{
    if (code->import_count == 0) return false;
    const wtfcb_benchmark_callee *callee = &code->imports[wtfcb_benchmark_draw_below(&code->draw, code->import_count)];
    put(code, callee->name);
    arguments(code, callee->params);
    return true;
}

static bool constant(wtfcb_benchmark_code *code)
{
    if (code->last_constants == WTFCB_BENCHMARK_NONE) return false;
    uint32_t count = wtfcb_benchmark_constant_count(code->file, code->last_constants);
    char name[WTFCB_BENCHMARK_NAME];
    wtfcb_benchmark_constant_name(code, code->last_constants, wtfcb_benchmark_draw_below(&code->draw, count), name);
    put(code, name);
    return true;
}

static void words_inline(wtfcb_benchmark_code *code)
{
    wtfcb_benchmark_words(code, wtfcb_benchmark_draw_below(&code->draw, 4) == 0 ? 5 : 2, false);
}

static void text_length(wtfcb_benchmark_code *code)
{
    const char *at = code->dialect->text_length, *hole = strstr(at, "$W");
    assert(hole);
    wtfcb_base_buffer_append(code->out, at, (size_t)(hole - at));
    words_inline(code);
    put(code, hole + 2);
}

static void term(wtfcb_benchmark_code *code)
{
    static const char *const narrowing[] = {" % ", " & ", " >> "};
    uint32_t dice = wtfcb_benchmark_draw_below(&code->draw, 20);
    if (dice < 2 && call_own(code)) return;
    if (dice == 2 && call_imported(code)) return;
    if (dice == 3 && constant(code)) return;
    if (dice == 4) {
        text_length(code);
        return;
    }
    if (dice < 8 && code->local_count > 0) {
        uint32_t kind = wtfcb_benchmark_draw_below(&code->draw, 3);
        put(code, "(");
        put(code, any_local(code));
        put(code, narrowing[kind]);
        put_number(code->out, kind == 2 ? 1 + wtfcb_benchmark_draw_below(&code->draw, 6)
                                        : 3 + wtfcb_benchmark_draw_below(&code->draw, 60));
        put(code, ")");
        return;
    }
    atom(code);
}

static void expression(wtfcb_benchmark_code *code)
{
    static const char *const operators[] = {" + ", " - ", " * ", " + "};
    uint32_t more = wtfcb_benchmark_draw_below(&code->draw, 8);
    more = more < 3 ? 0 : more < 7 ? 1 : 2;
    term(code);
    for (uint32_t i = 0; i < more; i++) {
        put(code, operators[wtfcb_benchmark_draw_below(&code->draw, 4)]);
        term(code);
    }
}

/* Whether the text from `right` on is that between `left` and `middle`. */
static bool same(const wtfcb_benchmark_code *code, size_t left, size_t middle, size_t right)
{
    const wtfcb_base_buffer *out = code->out;
    return !out->failed && out->length - right == middle - left &&
           memcmp(out->data + left, out->data + right, middle - left) == 0;
}

static void comparison(wtfcb_benchmark_code *code)
{
    static const char *const operators[] = {" > ", " < ", " >= ", " <= "};
    if (code->local_count > 0 && wtfcb_benchmark_draw_below(&code->draw, 4) == 0) {
        put(code, any_local(code));
        put(code, " % ");
        put_number(code->out, 2 + wtfcb_benchmark_draw_below(&code->draw, 7));
        put(code, " == 0");
        return;
    }
    size_t left = code->out->length;
    term(code);
    size_t middle = code->out->length;
    put(code, operators[wtfcb_benchmark_draw_below(&code->draw, 4)]);
    size_t right = code->out->length;
    atom(code);
    if (!same(code, left, middle, right)) return;
    code->out->length = right; /* nobody compares a variable with itself */
    number(code);
}

static void condition(wtfcb_benchmark_code *code)
{
    size_t left = code->out->length;
    comparison(code);
    size_t middle = code->out->length;
    if (wtfcb_benchmark_draw_below(&code->draw, 4) != 0) return;
    put(code, " ");
    put(code, code->dialect->and_or[wtfcb_benchmark_draw_below(&code->draw, 2)]);
    put(code, " ");
    size_t right = code->out->length;
    comparison(code);
    if (same(code, left, middle, right)) code->out->length = middle;
}

static void loop_bound(wtfcb_benchmark_code *code)
{
    const char *local = wtfcb_benchmark_draw_below(&code->draw, 2) ? any_local(code) : NULL;
    if (!local) {
        put_number(code->out, 2 + wtfcb_benchmark_draw_below(&code->draw, 30));
        return;
    }
    put(code, "(");
    put(code, local);
    put(code, " % ");
    put_number(code->out, 3 + wtfcb_benchmark_draw_below(&code->draw, 30));
    put(code, ")");
}

static void placeholder(wtfcb_benchmark_code *code, char letter)
{
    switch (letter) {
    case 'E': expression(code); return;
    case 'C': condition(code); return;
    case 'N': number(code); return;
    case 'K': loop_bound(code); return;
    case 'X': atom(code); return;
    case 'W': words_inline(code); return;
    case 'S': wtfcb_benchmark_words(code, 4 + 3 * wtfcb_benchmark_draw_below(&code->draw, 2), true); return;
    case '>': code->indent++; return;
    case '<': code->indent--; return;
    case '$': put(code, "$"); return;
    default: assert(letter >= 'a' && letter <= 'z' && code->args[letter - 'a']); put(code, code->args[letter - 'a']);
    }
}

void wtfcb_benchmark_line(wtfcb_benchmark_code *code, const char *template)
{
    bool start = true;
    for (const char *at = template; *at; at++) {
        if (start) {
            for (; at[0] == '$' && at[1] == '<'; at += 2)
                code->indent--;
            if (*at && *at != '\n')
                for (uint32_t i = 0; i < code->indent; i++)
                    put(code, code->dialect->indent);
            if (!*at) return; /* nothing but the end of a block */
            start = false;
        }
        if (*at == '$') {
            placeholder(code, *++at);
        } else {
            wtfcb_base_buffer_append_byte(code->out, *at);
            start = *at == '\n';
        }
    }
    wtfcb_base_buffer_append_byte(code->out, '\n');
}

void wtfcb_benchmark_comment(wtfcb_benchmark_code *code, bool doc)
{
    for (uint32_t i = 0; i < code->indent; i++)
        put(code, code->dialect->indent);
    put(code, doc ? code->dialect->doc[1] : code->dialect->comment[0]);
    wtfcb_benchmark_words(code, 4 + 3 * wtfcb_benchmark_draw_below(&code->draw, 3), true);
    put(code, doc ? "" : code->dialect->comment[1]);
    wtfcb_base_buffer_append_byte(code->out, '\n');
}

void wtfcb_benchmark_local_name(wtfcb_benchmark_code *code, char name[WTFCB_BENCHMARK_NAME])
{
    uint32_t index = code->names++;
    const char *words[2] = {
        wtfcb_benchmark_nouns[wtfcb_benchmark_walk(code->key, index, WTFCB_BENCHMARK_NOUNS)],
    };
    uint32_t round = index / WTFCB_BENCHMARK_NOUNS;
    bool two = wtfcb_benchmark_mix(code->key + index) % 3 == 0;
    if (two) { /* an adjective in front keeps it apart from the plain noun, which is another's */
        words[1] = words[0];
        words[0] = wtfcb_benchmark_adjectives[wtfcb_benchmark_mix(code->key ^ index) % WTFCB_BENCHMARK_ADJECTIVES];
    }
    wtfcb_benchmark_name_number(name, code->dialect->locals, words, two ? 2 : 1, round > 0 ? round + 1 : 0);
}

void wtfcb_benchmark_local_add(wtfcb_benchmark_code *code, const char *name, bool used)
{
    if (code->local_count == WTFCB_BENCHMARK_LOCALS) return;
    wtfcb_benchmark_local *local = &code->locals[code->local_count++];
    size_t length = strlen(name);
    assert(length < sizeof local->name);
    memcpy(local->name, name, length + 1);
    local->depth = code->depth;
    local->used = used;
}
