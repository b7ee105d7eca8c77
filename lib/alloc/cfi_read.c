/* Numbers and expressions of call frame information. */
#include <string.h>

#include "alloc/cfi.h"

enum {
    VALUES = 16,     /* on the stack of an expression */
    LEB_BITS = 70,   /* a number of 64 bits has no more */
    OP_DEREF = 0x06, /* and the other operations, by the numbers of DWARF 5, section 7.7.1 */
    OP_CONST = 0x08, /* 1u, 1s, 2u, 2s, 4u, 4s, 8u, 8s */
    OP_CONSTU = 0x10,
    OP_CONSTS = 0x11,
    OP_DUP = 0x12,
    OP_DROP = 0x13,
    OP_OVER = 0x14,
    OP_SWAP = 0x16,
    OP_AND = 0x1a,
    OP_MINUS = 0x1c,
    OP_MUL = 0x1e,
    OP_OR = 0x21,
    OP_PLUS = 0x22,
    OP_PLUS_UCONST = 0x23,
    OP_SHL = 0x24,
    OP_SHR = 0x25,
    OP_EQ = 0x29,
    OP_GE = 0x2a,
    OP_GT = 0x2b,
    OP_LE = 0x2c,
    OP_LT = 0x2d,
    OP_NE = 0x2e,
    OP_LIT0 = 0x30,
    OP_BREG0 = 0x70,
    OP_BREGX = 0x92,
    OP_NOP = 0x96,
    REGISTERS = 32,
};

wtfcb_alloc_reader wtfcb_alloc_read_from(const wtfcb_alloc_image *image, uint64_t from, uint64_t length)
{
    wtfcb_alloc_reader reader = {.image = image, .at = from, .end = from};
    uint64_t offset = from - image->address;
    if (offset > image->size || length > image->size - offset) {
        reader.bad = true;
    } else {
        reader.end = from + length;
    }
    return reader;
}

uint64_t wtfcb_alloc_read(wtfcb_alloc_reader *reader, uint32_t size)
{
    uint64_t value = 0;
    if (size > reader->end - reader->at) {
        reader->bad = true;
        reader->at = reader->end;
        return 0;
    }
    const unsigned char *from = reader->image->bytes + (reader->at - reader->image->address);
    reader->at += size;
    switch (size) { /* of known sizes, which are single loads */
    case 1: return *from;
    case 2: memcpy(&value, from, 2); break;
    case 4: memcpy(&value, from, 4); break;
    default: memcpy(&value, from, size); break;
    }
    return value;
}

int64_t wtfcb_alloc_read_signed(wtfcb_alloc_reader *reader, uint32_t size)
{
    uint64_t value = wtfcb_alloc_read(reader, size);
    uint32_t shift = 64 - size * 8;
    return shift == 0 ? (int64_t)value : (int64_t)(value << shift) >> shift;
}

static uint64_t read_leb(wtfcb_alloc_reader *reader, uint32_t *ret_bits)
{
    uint64_t value = 0;
    uint32_t shift = 0;
    uint64_t byte = wtfcb_alloc_read(reader, 1);
    if (byte < 0x80) { /* as nearly all are */
        *ret_bits = 7;
        return byte;
    }
    value = byte & 0x7f;
    shift = 7;
    do {
        byte = wtfcb_alloc_read(reader, 1);
        if (shift < 64) value |= (byte & 0x7f) << shift;
        shift += 7;
    } while ((byte & 0x80) && shift < LEB_BITS);
    if (byte & 0x80) reader->bad = true;
    *ret_bits = shift;
    return value;
}

uint64_t wtfcb_alloc_read_uleb(wtfcb_alloc_reader *reader)
{
    uint32_t bits;
    return read_leb(reader, &bits);
}

int64_t wtfcb_alloc_read_sleb(wtfcb_alloc_reader *reader)
{
    uint32_t bits;
    uint64_t value = read_leb(reader, &bits);
    if (bits < 64 && value >> (bits - 1) & 1) value |= ~UINT64_C(0) << bits;
    return (int64_t)value;
}

void wtfcb_alloc_read_skip(wtfcb_alloc_reader *reader, uint64_t length)
{
    if (length > reader->end - reader->at) {
        reader->bad = true;
        length = reader->end - reader->at;
    }
    reader->at += length;
}

/* ---- Expressions ---- */

typedef struct machine {
    wtfcb_alloc_place values[VALUES];
    uint32_t count;
    uint64_t instruction;
    bool bad;
} machine;

static void push(machine *m, wtfcb_alloc_place value)
{
    if (m->count == VALUES) {
        m->bad = true;
    } else {
        m->values[m->count++] = value;
    }
}

static wtfcb_alloc_place pop(machine *m)
{
    if (m->count > 0) return m->values[--m->count];
    m->bad = true;
    return (wtfcb_alloc_place){WTFCB_ALLOC_CONSTANT, false, 0};
}

static void push_constant(machine *m, uint64_t value)
{
    push(m, (wtfcb_alloc_place){WTFCB_ALLOC_CONSTANT, false, (int64_t)value});
}

static void push_register(machine *m, uint64_t number, int64_t offset)
{
    uint8_t base = WTFCB_ALLOC_UNDEFINED;
    if (number == (uint64_t)WTFCB_ALLOC_REGISTER_STACK) base = WTFCB_ALLOC_STACK;
    if (number == (uint64_t)WTFCB_ALLOC_REGISTER_FRAME) base = WTFCB_ALLOC_FRAME;
    if (number == (uint64_t)WTFCB_ALLOC_REGISTER_RESULT) {
        base = WTFCB_ALLOC_CONSTANT;
        offset = (int64_t)(m->instruction + (uint64_t)offset);
    }
    if (base == WTFCB_ALLOC_UNDEFINED) m->bad = true;
    push(m, (wtfcb_alloc_place){base, false, offset});
}

static uint64_t compute(uint32_t operation, int64_t a, int64_t b, bool *ret_bad)
{
    uint64_t x = (uint64_t)a;
    uint64_t y = (uint64_t)b;
    switch (operation) {
    case OP_AND: return x & y;
    case OP_OR: return x | y;
    case OP_MUL: return x * y;
    case OP_PLUS: return x + y;
    case OP_MINUS: return x - y;
    case OP_SHL: return y < 64 ? x << y : 0;
    case OP_SHR: return y < 64 ? x >> y : 0;
    case OP_EQ: return a == b;
    case OP_GE: return a >= b;
    case OP_GT: return a > b;
    case OP_LE: return a <= b;
    case OP_LT: return a < b;
    case OP_NE: return a != b;
    default: *ret_bad = true; return 0;
    }
}

/* A register may be moved by a constant; everything else takes two constants. */
static void apply(machine *m, uint32_t operation)
{
    wtfcb_alloc_place b = pop(m);
    wtfcb_alloc_place a = pop(m);
    if (operation == OP_PLUS && a.base == WTFCB_ALLOC_CONSTANT) {
        wtfcb_alloc_place other = a;
        a = b;
        b = other;
    }
    bool moved = operation == OP_PLUS || operation == OP_MINUS;
    if (a.memory || b.memory || b.base != WTFCB_ALLOC_CONSTANT || (a.base != WTFCB_ALLOC_CONSTANT && !moved))
        m->bad = true;
    a.offset = (int64_t)compute(operation, a.offset, b.offset, &m->bad);
    push(m, a);
}

static void read_memory(machine *m)
{
    wtfcb_alloc_place a = pop(m);
    if (a.memory || a.base == WTFCB_ALLOC_CONSTANT) m->bad = true;
    a.memory = true;
    push(m, a);
}

static void push_copy(machine *m, uint32_t below)
{
    if (m->count <= below) {
        m->bad = true;
    } else {
        push(m, m->values[m->count - 1 - below]);
    }
}

static void swap(machine *m)
{
    wtfcb_alloc_place b = pop(m);
    wtfcb_alloc_place a = pop(m);
    push(m, b);
    push(m, a);
}

static void step(machine *m, wtfcb_alloc_reader *reader)
{
    uint32_t operation = (uint32_t)wtfcb_alloc_read(reader, 1);
    if (operation >= OP_LIT0 && operation < OP_LIT0 + REGISTERS) {
        push_constant(m, operation - OP_LIT0);
    } else if (operation >= OP_BREG0 && operation < OP_BREG0 + REGISTERS) {
        push_register(m, operation - OP_BREG0, wtfcb_alloc_read_sleb(reader));
    } else if (operation >= OP_CONST && operation < OP_CONSTU) {
        uint32_t size = 1u << (operation - OP_CONST) / 2;
        push_constant(m,
                      operation & 1 ? (uint64_t)wtfcb_alloc_read_signed(reader, size) : wtfcb_alloc_read(reader, size));
    } else if (operation == OP_BREGX) {
        uint64_t number = wtfcb_alloc_read_uleb(reader);
        push_register(m, number, wtfcb_alloc_read_sleb(reader));
    } else if (operation == OP_CONSTU) {
        push_constant(m, wtfcb_alloc_read_uleb(reader));
    } else if (operation == OP_CONSTS) {
        push_constant(m, (uint64_t)wtfcb_alloc_read_sleb(reader));
    } else if (operation == OP_PLUS_UCONST) {
        push_constant(m, wtfcb_alloc_read_uleb(reader));
        apply(m, OP_PLUS);
    } else if (operation == OP_DEREF) {
        read_memory(m);
    } else if (operation == OP_DUP || operation == OP_OVER) {
        push_copy(m, operation == OP_DUP ? 0 : 1);
    } else if (operation == OP_DROP) {
        (void)pop(m);
    } else if (operation == OP_SWAP) {
        swap(m);
    } else if (operation != OP_NOP) {
        apply(m, operation);
    }
}

wtfcb_alloc_place wtfcb_alloc_cfi_evaluate(wtfcb_alloc_reader expression, uint64_t instruction, bool cfa)
{
    machine m = {.instruction = instruction};
    if (cfa) push(&m, (wtfcb_alloc_place){WTFCB_ALLOC_CFA, false, 0});
    while (!m.bad && !expression.bad && expression.at < expression.end)
        step(&m, &expression);
    wtfcb_alloc_place result = pop(&m);
    if (m.bad || expression.bad || result.base == WTFCB_ALLOC_CONSTANT) return (wtfcb_alloc_place){0};
    return result;
}
