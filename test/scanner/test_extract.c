/*
 * Facts of one file, against fixtures checked by hand: test/scanner/facts-fixtures/NAME and NAME.facts beside it. The
 * fixtures also feed the properties that hold for any text, broken ones included.
 */
#include "test_extract.h"

#include "../base/counting.h"

typedef struct fixture {
    const char *file;
    const char *language;
} fixture;

static const fixture fixtures[] = {
    {"sample.c", "c"},       {"kernel.c", "c"},       {"sample.cc", "c++"},        {"macros.cc", "c++"},
    {"sample.py", "python"}, {"broken.py", "python"}, {"sample.js", "javascript"}, {"sample.ts", "typescript"},
    {"sample.tsx", "tsx"},   {"sample.go", "go"},     {"sample.rs", "rust"},       {"Sample.java", "java"},
};
#define FIXTURES (sizeof fixtures / sizeof *fixtures)

static facts_bench bench;

static void set_up(void)
{
    facts_open(&bench);
}

static void tear_down(void)
{
    facts_close(&bench);
}

/* A file of the fixtures, with a NUL behind it; the caller frees it. */
static char *load(const char *name, const char *ending, size_t *ret_length)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/scanner/facts-fixtures/%s%s", wtfcb_test_data_dir(), name, ending);
    FILE *file = fopen(path, "rb");
    ck_assert_msg(file != NULL, "%s: cannot open", path);
    char *text = calloc(1, 65536);
    ck_assert_ptr_nonnull(text);
    *ret_length = fread(text, 1, 65535, file);
    fclose(file);
    return text;
}

START_TEST(facts_are_as_checked_by_hand)
{
    const fixture *f = &fixtures[_i];
    size_t length, expected_length;
    char *text = load(f->file, "", &length), *expected = load(f->file, ".facts", &expected_length);
    wtfcb_base_buffer out;
    wtfcb_base_buffer_init(&out, &bench.allocator);
    facts_write(&out, facts_of(&bench, f->language, text, length), text);
    ck_assert_msg(strcmp(out.data, expected) == 0, "%s: expected\n%s\nbut got\n%s", f->file, expected, out.data);
    wtfcb_base_buffer_free(&out);
    free(text);
    free(expected);
}
END_TEST

/* Searching the text for what may be below a node must find the same as walking everything. */
START_TEST(skipped_nodes_hold_nothing)
{
    const fixture *f = &fixtures[_i];
    size_t length;
    char *text = load(f->file, "", &length);
    wtfcb_base_buffer out, all;
    wtfcb_base_buffer_init(&out, &bench.allocator);
    wtfcb_base_buffer_init(&all, &bench.allocator);
    facts_write(&out, facts_of(&bench, f->language, text, length), text);
    wtfcb_lang_rules *rules = facts_grammar(&bench, f->language)->rules;
    uint8_t signs[sizeof rules->signs];
    memcpy(signs, rules->signs, sizeof signs);
    memset(rules->signs, 1, sizeof signs); /* every byte is a sign: nothing is skipped for its text */
    facts_write(&all, facts_of(&bench, f->language, text, length), text);
    memcpy(rules->signs, signs, sizeof signs);
    ck_assert_str_eq(out.data, all.data);
    wtfcb_base_buffer_free(&out);
    wtfcb_base_buffer_free(&all);
    free(text);
}
END_TEST

/* The line and byte column of an offset. */
static void assert_position(const char *text, uint32_t byte, uint32_t line, uint32_t column)
{
    uint32_t lines = 0, start = 0;
    for (uint32_t i = 0; i < byte; i++) {
        if (text[i] != '\n') continue;
        lines++;
        start = i + 1;
    }
    ck_assert_uint_eq(line, lines);
    ck_assert_uint_eq(column, byte - start);
}

static void assert_range(const char *text, size_t length, const wtfcb_range *range)
{
    ck_assert_uint_le(range->start_byte, range->end_byte);
    ck_assert_uint_le(range->end_byte, length);
    assert_position(text, range->start_byte, range->start_line, range->start_column);
    assert_position(text, range->end_byte, range->end_line, range->end_column);
}

/* What holds for the facts of any text. */
static void assert_invariants(const wtfcb_scanner_facts *facts, const char *text, size_t length)
{
    for (size_t i = 0; i < facts->symbol_count; i++) {
        const wtfcb_scanner_symbol *s = &facts->symbols[i];
        assert_range(text, length, &s->range);
        assert_position(text, s->name_byte, s->name_line, s->name_column);
        ck_assert_uint_gt(s->name_length, 0);
        ck_assert_uint_ge(s->name_byte, s->range.start_byte);
        ck_assert_uint_le(s->name_byte + s->name_length, s->range.end_byte);
        ck_assert(s->kind >= WTFCB_SYMBOL_FUNCTION && s->kind <= WTFCB_SYMBOL_NAMESPACE);
        if (i > 0) ck_assert_uint_ge(s->range.start_byte, s[-1].range.start_byte);
        if (s->parent == WTFCB_SCANNER_NO_PARENT) continue;
        ck_assert_uint_lt(s->parent, i);
        const wtfcb_scanner_symbol *parent = &facts->symbols[s->parent];
        ck_assert_uint_le(parent->range.start_byte, s->range.start_byte);
        ck_assert_uint_ge(parent->range.end_byte, s->range.end_byte);
    }
    for (size_t i = 0; i < facts->import_count; i++) {
        const wtfcb_scanner_import *import = &facts->imports[i];
        assert_range(text, length, &import->range);
        ck_assert_uint_ge(import->text_byte, import->range.start_byte);
        ck_assert_uint_le(import->text_byte + import->text_length, import->range.end_byte);
        if (i > 0) ck_assert_uint_ge(import->range.start_byte, import[-1].range.start_byte);
    }
    for (size_t i = 0; i < facts->finding_count; i++) {
        const wtfcb_scanner_finding *finding = &facts->findings[i];
        assert_range(text, length, &finding->range);
        if (i > 0) ck_assert_uint_ge(finding->range.start_byte, finding[-1].range.start_byte);
    }
    ck_assert_uint_le(facts->finding_count, 100);
    ck_assert_uint_le(facts->error_bytes, length);
    ck_assert(facts->has_errors || (facts->finding_count == 0 && facts->error_bytes == 0));
}

static uint64_t next_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

/* Delete, repeat or swap a few bytes; the result has at most twice the length. */
static size_t mutate(char *text, size_t length, uint64_t *state)
{
    size_t at = next_random(state) % length, count = next_random(state) % 24 + 1;
    if (count > length - at) count = length - at;
    switch (next_random(state) % 3) {
    case 0: memmove(text + at, text + at + count, length - at - count); return length - count;
    case 1: memmove(text + at + count, text + at, length - at); return length + count;
    default: {
        size_t other = next_random(state) % length;
        char kept = text[at];
        text[at] = text[other];
        text[other] = kept;
        return length;
    }
    }
}

START_TEST(invariants_hold_for_broken_text)
{
    const fixture *f = &fixtures[_i];
    size_t length;
    char *original = load(f->file, "", &length), *text = malloc(length + 24 * 8 + 1);
    ck_assert_ptr_nonnull(text);
    uint64_t state = 0x9e3779b97f4a7c15u + (uint64_t)_i;
    int rounds = wtfcb_test_long() ? 1000 : 120;
    for (int round = 0; round < rounds; round++) {
        size_t now = length;
        memcpy(text, original, length);
        for (uint64_t n = next_random(&state) % 8 + 1; n > 0 && now > 1; n--)
            now = mutate(text, now, &state);
        char *exact = malloc(now); /* so that a read behind the end is seen */
        ck_assert_ptr_nonnull(exact);
        memcpy(exact, text, now);
        assert_invariants(facts_of(&bench, f->language, exact, now), exact, now);
        free(exact);
    }
    free(original);
    free(text);
}
END_TEST

START_TEST(text_of_one_language_is_safe_in_another)
{
    const fixture *f = &fixtures[_i];
    size_t length;
    char *text = load(f->file, "", &length);
    for (size_t i = 0; i < FIXTURES; i++)
        assert_invariants(facts_of(&bench, fixtures[i].language, text, length), text, length);
    free(text);
}
END_TEST

START_TEST(empty_text_has_no_facts)
{
    for (size_t i = 0; i < FIXTURES; i++) {
        const wtfcb_scanner_facts *facts = facts_of(&bench, fixtures[i].language, "", 0);
        ck_assert_uint_eq(facts->symbol_count + facts->import_count + facts->finding_count, 0);
        ck_assert(!facts->has_errors);
    }
}
END_TEST

START_TEST(findings_beyond_the_limit_are_cut_and_told)
{
    static const char text[] = "int a;\n@ @\nint b;\n@ @\nint c;\n@ @\nint d;\n";
    wtfcb_scanner_parse_limits limits = {.memory = (size_t)1 << 30, .findings = 2};
    const wtfcb_lang_grammar *grammar = facts_grammar(&bench, "c");
    ck_assert_int_eq(wtfcb_scanner_parse(&bench.parser, grammar, text, sizeof text - 1, &limits), WTFCB_OK);
    ck_assert_uint_eq(bench.parser.facts.finding_count, 2);
    ck_assert(bench.parser.facts.findings_cut);
    ck_assert(facts_of(&bench, "c", text, sizeof text - 1)->finding_count > 2);
    ck_assert(!bench.parser.facts.findings_cut);
}
END_TEST

/* 20,000 levels of whatever nests: no recursion, and no time that grows with the square. */
START_TEST(deep_nesting_is_walked)
{
    enum { DEPTH = 20000 };
    static const struct {
        const char *language, *open, *middle, *close;
    } deep[] = {{"c", "{", "", "}"}, {"javascript", "x=>{", "", "}"}, {"python", "(", "a and b", ")"}};
    for (size_t i = 0; i < sizeof deep / sizeof *deep; i++) {
        wtfcb_base_buffer text;
        wtfcb_base_buffer_init(&text, &bench.allocator);
        if (i == 0) wtfcb_base_buffer_append_string(&text, "void f(void) ");
        for (int n = 0; n < DEPTH; n++)
            wtfcb_base_buffer_append_string(&text, deep[i].open);
        wtfcb_base_buffer_append_string(&text, deep[i].middle);
        for (int n = 0; n < DEPTH; n++)
            wtfcb_base_buffer_append_string(&text, deep[i].close);
        const wtfcb_scanner_facts *facts = facts_of(&bench, deep[i].language, text.data, text.length);
        ck_assert(!facts->has_errors);
        ck_assert_uint_eq(facts->symbol_count, i == 0);
        wtfcb_base_buffer_free(&text);
    }
}
END_TEST

/* The n-th allocation of the whole parse fails, for every n. */
START_TEST(every_failed_allocation_is_reported)
{
    const fixture *f = &fixtures[_i];
    size_t length;
    char *text = load(f->file, "", &length);
    const wtfcb_lang_grammar *grammar = facts_grammar(&bench, f->language);
    wtfcb_scanner_parse_limits limits = {.memory = (size_t)1 << 30, .findings = 100};
    counting c;
    counting_init(&c);
    bool passed = false;
    for (unsigned long n = 1; !passed; n++) {
        wtfcb_scanner_parser parser;
        counting_fail(&c, n, false);
        wtfcb_scanner_parser_init(&parser, &c.allocator);
        wtfcb_status status = wtfcb_scanner_parse(&parser, grammar, text, length, &limits);
        passed = atomic_load(&c.failed) == 0;
        ck_assert_int_eq(status, passed ? WTFCB_OK : WTFCB_ENOMEM);
        wtfcb_scanner_parser_free(&parser);
        counting_assert_clean(&c);
    }
    free(text);
}
END_TEST

static Suite *suite(void)
{
    Suite *made = suite_create("extract");
    TCase *cases = tcase_create("extract");
    tcase_set_timeout(cases, 300);
    tcase_add_checked_fixture(cases, set_up, tear_down);
    tcase_add_loop_test(cases, facts_are_as_checked_by_hand, 0, FIXTURES);
    tcase_add_loop_test(cases, skipped_nodes_hold_nothing, 0, FIXTURES);
    tcase_add_loop_test(cases, invariants_hold_for_broken_text, 0, FIXTURES);
    tcase_add_loop_test(cases, text_of_one_language_is_safe_in_another, 0, FIXTURES);
    tcase_add_test(cases, empty_text_has_no_facts);
    tcase_add_test(cases, findings_beyond_the_limit_are_cut_and_told);
    tcase_add_test(cases, deep_nesting_is_walked);
    tcase_add_loop_test(cases, every_failed_allocation_is_reported, 0, FIXTURES);
    suite_add_tcase(made, cases);
    return made;
}

WTFCB_TEST_MAIN(suite)
