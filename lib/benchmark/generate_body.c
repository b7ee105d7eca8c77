/*
 * The statements of a function: a stack of open blocks, and at each step a block is opened, closed or given a statement.
 *
 * What is declared is read before its block ends, because Go insists; nothing stands behind a return or break, because Java does; every
 * name is new in its function, because Java and JavaScript do.
 */
#include <assert.h>
#include <string.h>

#include "benchmark/generate_text.h"

enum { DEPTH = 6, CASES = 4 };

typedef enum block_kind { BODY, IF, ELSE, FOR, WHILE, CASE } block_kind;

typedef struct block {
    block_kind kind;
    uint32_t statements;
    uint32_t cases;                     /* CASE: written so far */
    char counter[WTFCB_BENCHMARK_NAME]; /* WHILE */
} block;

typedef struct body {
    wtfcb_benchmark_code *code;
    block blocks[DEPTH];
    uint32_t open;  /* index of the innermost */
    uint32_t loops; /* open ones */
    uint32_t called;
    bool calls_all;
} body;

static uint32_t dice(body *b, uint32_t sides)
{
    return wtfcb_benchmark_draw_below(&b->code->draw, sides);
}

static block *innermost(body *b)
{
    return &b->blocks[b->open];
}

static void line(body *b, const char *template)
{
    wtfcb_benchmark_line(b->code, template);
}

static void line_of(body *b, const char *template, const char *name)
{
    b->code->args['a' - 'a'] = name;
    line(b, template);
}

/* The accumulator takes what an expression says. */
static void add(body *b)
{
    line_of(b, b->code->dialect->add, b->code->args['t' - 'a']);
}

static void declare(body *b)
{
    char name[WTFCB_BENCHMARK_NAME];
    if (b->code->local_count == WTFCB_BENCHMARK_LOCALS) {
        add(b);
        return;
    }
    wtfcb_benchmark_local_name(b->code, name);
    line_of(b, b->code->dialect->let, name);
    wtfcb_benchmark_local_add(b->code, name, false);
}

static void extra(body *b)
{
    char name[WTFCB_BENCHMARK_NAME];
    wtfcb_benchmark_local_name(b->code, name);
    line_of(b, b->code->dialect->extras[dice(b, WTFCB_BENCHMARK_EXTRAS)], name);
}

/* `$t += callee(...)` */
static void call(body *b, const wtfcb_benchmark_callee *callee)
{
    wtfcb_benchmark_code *code = b->code;
    char text[4 * WTFCB_BENCHMARK_NAME] = "$a += ";
    size_t length = strlen(text), name = strlen(callee->name);
    memcpy(text + length, callee->name, name);
    length += name;
    text[length++] = '(';
    for (uint32_t i = 0; i < callee->params; i++) {
        if (i > 0) {
            memcpy(text + length, ", ", 2);
            length += 2;
        }
        memcpy(text + length, "$X", 2);
        length += 2;
    }
    text[length++] = ')';
    if (strchr(code->dialect->add, ';')) text[length++] = ';';
    text[length] = '\0';
    line_of(b, text, code->args['t' - 'a']);
}

static void simple(body *b)
{
    wtfcb_benchmark_code *code = b->code;
    uint32_t which = dice(b, 100);
    innermost(b)->statements++;
    if (b->calls_all && b->called < code->import_count)
        call(b, &code->imports[b->called++]);
    else if (which < 38)
        declare(b);
    else if (which < 78)
        add(b);
    else if (which < 88)
        extra(b);
    else if (which < 94)
        line(b, code->dialect->log);
    else if (code->import_count > 0)
        call(b, &code->imports[dice(b, code->import_count)]);
    else
        add(b);
}

/* Read what was not read; forget what is gone with the block. */
static void forget_locals(body *b)
{
    wtfcb_benchmark_code *code = b->code;
    while (code->local_count > 0) {
        wtfcb_benchmark_local *local = &code->locals[code->local_count - 1];
        if (local->depth < code->depth) return;
        if (!local->used) {
            char text[WTFCB_BENCHMARK_NAME + 16];
            const char *end = strchr(code->dialect->add, ';') ? ";" : "";
            size_t length = strlen(local->name);
            memcpy(text, "$a += ", 6);
            memcpy(text + 6, local->name, length);
            memcpy(text + 6 + length, end, strlen(end) + 1);
            local->used = true;
            line_of(b, text, code->args['t' - 'a']);
        }
        code->local_count--;
    }
}

static void push(body *b, block_kind kind)
{
    assert(b->open + 1 < DEPTH);
    b->open++;
    b->code->depth++;
    *innermost(b) = (block){.kind = kind};
    if (kind == FOR || kind == WHILE) b->loops++;
}

static void open_case(body *b)
{
    static const char *const numbers[CASES] = {"0", "1", "2", "3"};
    block *inner = innermost(b);
    if (inner->cases + 1 < CASES && dice(b, 3) != 0) {
        line_of(b, b->code->dialect->case_, numbers[inner->cases]);
        inner->cases++;
    } else {
        line(b, b->code->dialect->default_);
        inner->cases = CASES;
    }
    inner->statements = 0;
}

static void open_loop(body *b)
{
    static const char *const counters[DEPTH] = {"i", "j", "k", "m", "n", "p"};
    wtfcb_benchmark_code *code = b->code;
    if (dice(b, 4) != 0) {
        const char *counter = counters[b->open];
        line_of(b, code->dialect->for_, counter);
        push(b, FOR);
        wtfcb_benchmark_local_add(code, counter, true);
        return;
    }
    char counter[WTFCB_BENCHMARK_NAME];
    wtfcb_benchmark_local_name(code, counter);
    line_of(b, code->dialect->let_changing, counter);
    line_of(b, code->dialect->while_, counter);
    push(b, WHILE);
    memcpy(innermost(b)->counter, counter, sizeof counter);
}

static void open_block(body *b)
{
    uint32_t which = dice(b, 10);
    innermost(b)->statements++;
    if (which < 6) {
        line(b, b->code->dialect->if_);
        push(b, IF);
    } else if (which < 9) {
        open_loop(b);
    } else {
        line(b, b->code->dialect->switch_);
        push(b, CASE);
        line_of(b, b->code->dialect->case_, "0");
        innermost(b)->cases = 1;
    }
}

/* End the innermost block, or go on with its next branch while there is `room`. */
static void close_block(body *b, bool room)
{
    const wtfcb_benchmark_dialect *dialect = b->code->dialect;
    block *inner = innermost(b);
    bool left = false; /* the block ends with a return or break */
    if (inner->statements == 0) simple(b);
    if (inner->kind == IF && dice(b, 5) == 0) {
        forget_locals(b);
        line(b, b->loops > 0 && dice(b, 2) == 0 && b->blocks[b->open - 1].kind != CASE ? dialect->break_
                                                                                       : dialect->return_);
        left = true;
    }
    forget_locals(b);
    if (inner->kind == CASE) {
        line(b, dialect->case_end);
        if (inner->cases < CASES) {
            open_case(b);
            return;
        }
        line(b, dialect->switch_end);
    } else if (inner->kind == IF && !left && room && dice(b, 3) == 0) {
        bool again = dice(b, 3) == 0;
        line(b, again ? dialect->else_if : dialect->else_);
        *inner = (block){.kind = again ? IF : ELSE};
        return;
    } else {
        if (inner->kind == WHILE) line_of(b, dialect->subtract, inner->counter);
        line(b, dialect->end);
    }
    if (inner->kind == FOR || inner->kind == WHILE) b->loops--;
    b->open--;
    b->code->depth--;
}

void wtfcb_benchmark_body(wtfcb_benchmark_code *code, size_t limit, bool calls_all)
{
    static const char *const accumulators[] = {"total", "result", "tally", "found", "amount", "outcome"};
    body b = {.code = code, .calls_all = calls_all};
    const char *accumulator = accumulators[dice(&b, 6)];
    code->args['t' - 'a'] = accumulator;
    code->depth = 1;
    line_of(&b, code->dialect->let_changing, accumulator);
    wtfcb_benchmark_local_add(code, accumulator, true);
    bool commented = true;
    while (!code->out->failed) {
        bool room = code->out->length < limit;
        uint32_t deep = b.open;
        if (!room && deep == 0 && b.blocks[0].statements > 0 && !(calls_all && b.called < code->import_count)) break;
        uint32_t which = dice(&b, 100);
        if (!commented && room && which < 7) {
            wtfcb_benchmark_comment(code, false);
            commented = true;
            continue;
        }
        commented = false;
        if (deep > 0 && (!room || which < 26 + 6 * deep) && innermost(&b)->statements > 0)
            close_block(&b, room);
        else if (room && deep + 1 < DEPTH && which > 84 + 3 * deep)
            open_block(&b);
        else
            simple(&b);
    }
    code->depth = 1;
    forget_locals(&b);
}
