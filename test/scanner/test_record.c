/*
 * Records: what goes in comes out, whatever the numbers are; they are small; memory that runs out is said.
 */
#include "scanner/record.h"

#include "../base/counting.h"
#include "tree.h"

static counting memory;
static wtfcb_scanner_record_maker maker;
static wtfcb_scanner_facts facts;
static wtfcb_lang_children children;

static void set_up(void)
{
    counting_init(&memory);
    wtfcb_scanner_record_maker_init(&maker, &memory.allocator);
    wtfcb_scanner_facts_init(&facts, &memory.allocator);
    wtfcb_lang_children_init(&children, &memory.allocator);
}

static void tear_down(void)
{
    wtfcb_scanner_record_maker_free(&maker);
    wtfcb_scanner_facts_free(&facts);
    wtfcb_lang_children_free(&children);
    counting_assert_clean(&memory);
}

enum { TEXT = 70000 };

static char text[TEXT];

static uint32_t random_below(uint64_t *state, uint32_t bound)
{
    return bound ? (uint32_t)(tree_random(state) % bound) : 0;
}

/* Numbers of a file whose offsets are below `span`: decides the width of the columns. */
static wtfcb_range random_range(uint64_t *state, uint32_t span)
{
    wtfcb_range range = {.start_byte = random_below(state, span), .start_line = random_below(state, span)};
    range.end_byte = range.start_byte + random_below(state, span);
    range.end_line = range.start_line + random_below(state, span);
    range.start_column = random_below(state, span);
    range.end_column = random_below(state, span);
    return range;
}

static void fill(uint64_t *state, size_t symbols, size_t imports, size_t findings, uint32_t span)
{
    static const char *const words[] = {"", "a rule", "syntax-error", "a message of some length"};
    wtfcb_scanner_facts_reset(&facts);
    for (size_t i = 0; i < symbols; i++) {
        wtfcb_scanner_symbol *symbol = wtfcb_scanner_facts_add_symbol(&facts);
        symbol->name_byte = random_below(state, TEXT - 50);
        symbol->name_length = random_below(state, 50);
        symbol->range = random_range(state, span);
        symbol->name_line = random_below(state, span); /* may lie in front of the start */
        symbol->name_column = random_below(state, span);
        symbol->parent = i > 0 && random_below(state, 2) ? random_below(state, (uint32_t)i) : WTFCB_SCANNER_NO_PARENT;
        symbol->kind = random_below(state, 19);
        symbol->flags = random_below(state, 4);
        symbol->parameters = random_below(state, span);
        symbol->cyclomatic = random_below(state, span);
        symbol->cognitive = random_below(state, 3);
        symbol->nesting = 5;
    }
    for (size_t i = 0; i < imports; i++) {
        wtfcb_scanner_import *import = wtfcb_scanner_facts_add_import(&facts);
        import->text_byte = random_below(state, TEXT - 50);
        import->text_length = random_below(state, 50);
        import->range = random_range(state, span);
        import->kind = random_below(state, 6);
    }
    for (size_t i = 0; i < findings; i++) {
        wtfcb_scanner_finding *finding = wtfcb_scanner_facts_add_finding(&facts);
        finding->rule = words[random_below(state, 4)];
        finding->message = words[random_below(state, 4)];
        finding->range = random_range(state, span);
        finding->severity = random_below(state, 4);
    }
}

#define SYMBOL(column, i)                                                                                              \
    wtfcb_scanner_record_cell(record, WTFCB_SCANNER_SYMBOLS, WTFCB_SCANNER_SYMBOL_##column, (uint32_t)(i))

static bool symbol_matches(const wtfcb_scanner_record *record, size_t i)
{
    const wtfcb_scanner_symbol *symbol = &facts.symbols[i];
    const char *name = wtfcb_scanner_record_string(record, SYMBOL(NAME, i));
    uint32_t parent = symbol->parent == WTFCB_SCANNER_NO_PARENT ? 0 : symbol->parent + 1;
    uint32_t start = SYMBOL(START_BYTE, i);
    uint32_t line = SYMBOL(START_LINE, i);
    return SYMBOL(NAME_LENGTH, i) == symbol->name_length &&
           memcmp(name, text + symbol->name_byte, symbol->name_length) == 0 && name[symbol->name_length] == '\0' &&
           SYMBOL(PARENT, i) == parent && start == symbol->range.start_byte &&
           start + SYMBOL(SIZE, i) == symbol->range.end_byte && line == symbol->range.start_line &&
           line + SYMBOL(LINES, i) == symbol->range.end_line && SYMBOL(START_COLUMN, i) == symbol->range.start_column &&
           SYMBOL(END_COLUMN, i) == symbol->range.end_column && start + SYMBOL(NAME_OFFSET, i) == symbol->name_byte &&
           line + SYMBOL(NAME_LINES, i) == symbol->name_line && SYMBOL(NAME_COLUMN, i) == symbol->name_column &&
           SYMBOL(KIND, i) == symbol->kind && SYMBOL(FLAGS, i) == symbol->flags &&
           SYMBOL(PARAMETERS, i) == symbol->parameters && SYMBOL(CYCLOMATIC, i) == symbol->cyclomatic &&
           SYMBOL(COGNITIVE, i) == symbol->cognitive && SYMBOL(NESTING, i) == symbol->nesting;
}

static bool range_matches(const wtfcb_scanner_record *record, enum wtfcb_scanner_record_table table, size_t i,
                          const wtfcb_range *range)
{
    const uint32_t expected[WTFCB_SCANNER_RANGE_COLUMNS] = {range->start_byte,   range->end_byte, range->start_line,
                                                            range->start_column, range->end_line, range->end_column};
    for (uint32_t column = 0; column < WTFCB_SCANNER_RANGE_COLUMNS; column++)
        if (wtfcb_scanner_record_cell(record, table, column, (uint32_t)i) != expected[column]) return false;
    return true;
}

static bool text_matches(const wtfcb_scanner_record *record, enum wtfcb_scanner_record_table table, uint32_t column,
                         size_t i, const char *expected, size_t length)
{
    uint32_t offset = wtfcb_scanner_record_cell(record, table, column, (uint32_t)i);
    const char *found = wtfcb_scanner_record_string(record, offset);
    return wtfcb_scanner_record_cell(record, table, column + 1, (uint32_t)i) == length &&
           memcmp(found, expected, length) == 0 && found[length] == '\0';
}

static void assert_matches(const wtfcb_scanner_record *record)
{
    ck_assert_uint_eq(wtfcb_scanner_record_count(record, WTFCB_SCANNER_SYMBOLS), facts.symbol_count);
    ck_assert_uint_eq(wtfcb_scanner_record_count(record, WTFCB_SCANNER_IMPORTS), facts.import_count);
    ck_assert_uint_eq(wtfcb_scanner_record_count(record, WTFCB_SCANNER_FINDINGS), facts.finding_count);
    for (size_t i = 0; i < facts.symbol_count; i++)
        if (!symbol_matches(record, i)) ck_abort_msg("symbol %zu", i);
    for (size_t i = 0; i < facts.import_count; i++) {
        const wtfcb_scanner_import *import = &facts.imports[i];
        if (!range_matches(record, WTFCB_SCANNER_IMPORTS, i, &import->range) ||
            !text_matches(record, WTFCB_SCANNER_IMPORTS, WTFCB_SCANNER_IMPORT_TEXT, i, text + import->text_byte,
                          import->text_length) ||
            wtfcb_scanner_record_cell(record, WTFCB_SCANNER_IMPORTS, WTFCB_SCANNER_IMPORT_KIND, (uint32_t)i) !=
                import->kind)
            ck_abort_msg("import %zu", i);
    }
    for (size_t i = 0; i < facts.finding_count; i++) {
        const wtfcb_scanner_finding *finding = &facts.findings[i];
        if (!range_matches(record, WTFCB_SCANNER_FINDINGS, i, &finding->range) ||
            !text_matches(record, WTFCB_SCANNER_FINDINGS, WTFCB_SCANNER_FINDING_RULE, i, finding->rule,
                          strlen(finding->rule)) ||
            !text_matches(record, WTFCB_SCANNER_FINDINGS, WTFCB_SCANNER_FINDING_MESSAGE, i, finding->message,
                          strlen(finding->message)))
            ck_abort_msg("finding %zu", i);
    }
}

START_TEST(random_facts_come_out_as_they_went_in)
{
    uint64_t state = 42;
    static const uint32_t spans[] = {0, 1, 2, 255, 256, 257, 65535, 65536, 65537, 1u << 24, 1u << 31};
    for (size_t i = 0; i < TEXT; i++)
        text[i] = (char)('a' + i % 26);
    for (size_t round = 0; round < 330; round++) {
        fill(&state, random_below(&state, 60), random_below(&state, 20), random_below(&state, 20), spans[round % 11]);
        wtfcb_scanner_record *record = NULL;
        ck_assert_int_eq(wtfcb_scanner_record_make(&maker, &facts, text, &children, &record), WTFCB_OK);
        if (record)
            assert_matches(record);
        else
            ck_assert_uint_eq(facts.symbol_count + facts.import_count + facts.finding_count, 0);
        wtfcb_scanner_record_unref(&memory.allocator, record);
    }
}
END_TEST

START_TEST(nothing_to_record_is_no_record)
{
    wtfcb_scanner_record *record = (wtfcb_scanner_record *)&facts;
    ck_assert_int_eq(wtfcb_scanner_record_make(&maker, &facts, text, &children, &record), WTFCB_OK);
    ck_assert_ptr_null(record);
    for (int table = 0; table < WTFCB_SCANNER_TABLES; table++)
        ck_assert_uint_eq(wtfcb_scanner_record_count(NULL, (enum wtfcb_scanner_record_table)table), 0);
    wtfcb_scanner_record_unref(&memory.allocator, NULL);
    ck_assert_ptr_null(wtfcb_scanner_record_ref(NULL));
}
END_TEST

START_TEST(same_facts_make_the_same_bytes_whatever_the_maker_did_before)
{
    uint64_t state = 7;
    wtfcb_scanner_record *first = NULL;
    wtfcb_scanner_record *other = NULL;
    wtfcb_scanner_record *again = NULL;
    fill(&state, 30, 10, 5, 1000);
    ck_assert_int_eq(wtfcb_scanner_record_make(&maker, &facts, text, &children, &first), WTFCB_OK);
    state = 99;
    fill(&state, 500, 100, 50, 1u << 30);
    ck_assert_int_eq(wtfcb_scanner_record_make(&maker, &facts, text, &children, &other), WTFCB_OK);
    state = 7;
    fill(&state, 30, 10, 5, 1000);
    ck_assert_int_eq(wtfcb_scanner_record_make(&maker, &facts, text, &children, &again), WTFCB_OK);
    ck_assert_uint_eq(first->data.size, again->data.size);
    ck_assert_mem_eq(&first->data, &again->data, first->data.size);
    wtfcb_scanner_record_unref(&memory.allocator, first);
    wtfcb_scanner_record_unref(&memory.allocator, other);
    wtfcb_scanner_record_unref(&memory.allocator, again);
}
END_TEST

START_TEST(columns_are_as_narrow_as_their_values_and_constants_take_nothing)
{
    uint64_t state = 3;
    fill(&state, 1000, 0, 0, 200);
    for (size_t i = 0; i < 1000; i++)
        facts.symbols[i].name_length = 0;
    wtfcb_scanner_record *record = NULL;
    ck_assert_int_eq(wtfcb_scanner_record_make(&maker, &facts, text, &children, &record), WTFCB_OK);
    ck_assert_uint_lt(record->data.size, 1000 * 26 + 1000);
    wtfcb_scanner_record_unref(&memory.allocator, record);
}
END_TEST

START_TEST(last_hold_frees_a_record)
{
    uint64_t state = 3;
    fill(&state, 3, 0, 0, 200);
    wtfcb_scanner_record *record = NULL;
    ck_assert_int_eq(wtfcb_scanner_record_make(&maker, &facts, text, &children, &record), WTFCB_OK);
    long live = atomic_load(&memory.live);
    ck_assert_ptr_eq(wtfcb_scanner_record_ref(record), record);
    wtfcb_scanner_record_unref(&memory.allocator, record);
    ck_assert_int_eq(atomic_load(&memory.live), live);
    wtfcb_scanner_record_unref(&memory.allocator, record);
    ck_assert_int_eq(atomic_load(&memory.live), live - 1);
}
END_TEST

START_TEST(every_allocation_that_fails_is_said_and_the_maker_still_works)
{
    uint64_t state = 5;
    fill(&state, 40, 30, 20, 70000);
    wtfcb_status status = WTFCB_ENOMEM;
    wtfcb_scanner_record *record = NULL;
    unsigned long n = 1;
    for (; status == WTFCB_ENOMEM && n < 200; n++) {
        wtfcb_scanner_record_maker_free(&maker);
        counting_fail(&memory, n, false);
        status = wtfcb_scanner_record_make(&maker, &facts, text, &children, &record);
        if (status == WTFCB_ENOMEM) ck_assert_ptr_null(record);
    }
    ck_assert_int_eq(status, WTFCB_OK);
    ck_assert_uint_gt(n, 4);
    counting_fail(&memory, 0, false);
    assert_matches(record);
    wtfcb_scanner_record_unref(&memory.allocator, record);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("record");
    TCase *t = tcase_create("record");
    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_add_test(t, random_facts_come_out_as_they_went_in);
    tcase_add_test(t, nothing_to_record_is_no_record);
    tcase_add_test(t, same_facts_make_the_same_bytes_whatever_the_maker_did_before);
    tcase_add_test(t, columns_are_as_narrow_as_their_values_and_constants_take_nothing);
    tcase_add_test(t, last_hold_frees_a_record);
    tcase_add_test(t, every_allocation_that_fails_is_said_and_the_maker_still_works);
    suite_add_tcase(s, t);
    return s;
}

WTFCB_TEST_MAIN(suite)
