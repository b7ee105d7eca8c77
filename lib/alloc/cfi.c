/*
 * Call frame information of x86-64 and its like: the table of .eh_frame_hdr leads to the entry of a function (FDE), that one to what it has in common with
 * others (CIE), and their instructions are run up to the address. The format is that of the Linux Standard Base, "Exception Frames".
 */
#include "alloc/cfi.h"

#include <string.h>

enum {
    ENCODED_ABSENT = 0xff,
    ENCODED_INDIRECT = 0x80,
    ENCODED_RELATIVE = 0x70,
    ENCODED_FROM_HERE = 0x10,
    ENCODED_FROM_HEADER = 0x30,
    ENCODED_SIZE = 0x0f,
    ENCODED_TABLE = 0x3b, /* what linkers write: four bytes, relative to the header */

    STATES = 6,      /* remembered at a time: compilers need two, and stacks can be small */
    STEPS = 1 << 16, /* of one program */
    LEVELS = 32,     /* of the search: a table has no more than 2^32 rows */
};

/* What is known of a register. */
enum { RULE_SAME, RULE_UNDEFINED, RULE_AT, RULE_VALUE, RULE_EXPRESSION, RULE_EXPRESSION_VALUE, RULE_UNKNOWN };

typedef struct registered {
    int kind;
    int64_t offset; /* from the CFA */
    wtfcb_alloc_reader expression;
} registered;

typedef struct state {
    uint64_t cfa_register;
    int64_t cfa_offset;
    bool cfa_by_expression;
    wtfcb_alloc_reader cfa_expression;
    registered frame;
    registered result;
} state;

typedef struct common {
    uint64_t code_factor;
    int64_t data_factor;
    uint64_t result_register;
    uint32_t encoding; /* of addresses in its FDEs */
    bool augmented;    /* FDEs carry data, with its length */
    bool interrupted;
    wtfcb_alloc_reader program;
} common;

typedef struct run {
    const common *in;
    uint64_t address; /* up to which */
    uint64_t location;
    state now;
    state initial;
    state remembered[STATES];
    uint32_t depth;
    registered other; /* what is said of registers that nobody follows */
} run;

/* ---- Entries ---- */

static uint64_t read_encoded(wtfcb_alloc_reader *reader, uint32_t encoding, uint64_t header)
{
    static const unsigned char sizes[] = {8, 0, 2, 4, 8};
    uint64_t here = reader->at;
    uint64_t value = 0;
    uint32_t size = encoding & ENCODED_SIZE;
    if (size == 1) {
        value = wtfcb_alloc_read_uleb(reader);
    } else if (size == 9) {
        value = (uint64_t)wtfcb_alloc_read_sleb(reader);
    } else if (size <= 4) {
        value = wtfcb_alloc_read(reader, sizes[size]);
    } else if (size >= 10 && size <= 12) {
        value = (uint64_t)wtfcb_alloc_read_signed(reader, sizes[size - 8]);
    } else {
        reader->bad = true;
    }
    uint32_t relative = encoding & ENCODED_RELATIVE;
    if (relative == ENCODED_FROM_HERE) {
        value += here;
    } else if (relative == ENCODED_FROM_HEADER) {
        value += header;
    } else if (relative != 0) {
        reader->bad = true;
    }
    return value;
}

/* The body of the entry at `address`. */
static wtfcb_alloc_reader read_entry(const wtfcb_alloc_image *image, uint64_t address)
{
    uint64_t before = address - image->address;
    wtfcb_alloc_reader reader =
        wtfcb_alloc_read_from(image, address, before <= image->size ? image->size - before : UINT64_MAX);
    uint64_t length = wtfcb_alloc_read(&reader, 4);
    if (length == UINT32_MAX) length = wtfcb_alloc_read(&reader, 8);
    if (length > reader.end - reader.at || length == 0) reader.bad = true;
    if (!reader.bad) reader.end = reader.at + length;
    return reader;
}

static void read_augmentation(wtfcb_alloc_reader *reader, common *cie, uint64_t letters)
{
    uint64_t length = wtfcb_alloc_read_uleb(reader);
    uint64_t end = reader->at + length;
    if (length > reader->end - reader->at) {
        reader->bad = true;
        return;
    }
    wtfcb_alloc_reader text = *reader;
    text.at = letters + 1;
    for (;;) {
        uint64_t letter = wtfcb_alloc_read(&text, 1);
        if (letter == 'R') {
            cie->encoding = (uint32_t)wtfcb_alloc_read(reader, 1);
        } else if (letter == 'L') {
            (void)wtfcb_alloc_read(reader, 1);
        } else if (letter == 'P') {
            uint32_t encoding = (uint32_t)wtfcb_alloc_read(reader, 1);
            (void)read_encoded(reader, encoding, 0);
        } else if (letter == 'S') {
            cie->interrupted = true;
        } else {
            reader->bad = reader->bad || (letter != 0 && letter != 'B');
            break;
        }
    }
    if (reader->at > end) reader->bad = true;
    reader->at = end;
}

static bool read_common(const wtfcb_alloc_image *image, uint64_t address, common *cie)
{
    wtfcb_alloc_reader reader = read_entry(image, address);
    if (wtfcb_alloc_read(&reader, 4) != 0) return false;
    uint64_t version = wtfcb_alloc_read(&reader, 1);
    uint64_t letters = reader.at;
    uint64_t first = wtfcb_alloc_read(&reader, 1);
    for (uint64_t letter = first; letter != 0 && !reader.bad;)
        letter = wtfcb_alloc_read(&reader, 1);
    if ((version != 1 && version != 3) || (first != 0 && first != 'z')) return false;
    *cie = (common){.augmented = first == 'z'};
    cie->code_factor = wtfcb_alloc_read_uleb(&reader);
    cie->data_factor = wtfcb_alloc_read_sleb(&reader);
    cie->result_register = version == 1 ? wtfcb_alloc_read(&reader, 1) : wtfcb_alloc_read_uleb(&reader);
    if (cie->augmented) read_augmentation(&reader, cie, letters);
    cie->program = reader;
    return !reader.bad;
}

/* ---- Instructions ---- */

static registered *register_of(run *r, uint64_t number)
{
    if (number == (uint64_t)WTFCB_ALLOC_REGISTER_FRAME) return &r->now.frame;
    return number == r->in->result_register ? &r->now.result : &r->other;
}

static const registered *initial_of(const run *r, uint64_t number)
{
    static const registered ignored = {.kind = RULE_SAME};
    if (number == (uint64_t)WTFCB_ALLOC_REGISTER_FRAME) return &r->initial.frame;
    return number == r->in->result_register ? &r->initial.result : &ignored;
}

static int64_t scaled(int64_t value, int64_t factor)
{
    return (int64_t)((uint64_t)value * (uint64_t)factor);
}

static void set_offset(run *r, uint64_t number, int kind, int64_t factored)
{
    *register_of(r, number) = (registered){.kind = kind, .offset = scaled(factored, r->in->data_factor)};
}

static wtfcb_alloc_reader read_block(wtfcb_alloc_reader *program)
{
    uint64_t length = wtfcb_alloc_read_uleb(program);
    wtfcb_alloc_reader block = *program;
    wtfcb_alloc_read_skip(program, length);
    block.end = program->at;
    return block;
}

static void define_cfa(run *r, uint64_t number, int64_t offset)
{
    r->now.cfa_register = number;
    r->now.cfa_offset = offset;
    r->now.cfa_by_expression = false;
}

static void set_expression(run *r, wtfcb_alloc_reader *program, int kind)
{
    uint64_t number = wtfcb_alloc_read_uleb(program);
    *register_of(r, number) = (registered){.kind = kind, .expression = read_block(program)};
}

static void remember(run *r, wtfcb_alloc_reader *program)
{
    if (r->depth == STATES) {
        program->bad = true;
    } else {
        r->remembered[r->depth++] = r->now;
    }
}

static void restore(run *r, wtfcb_alloc_reader *program)
{
    if (r->depth == 0) {
        program->bad = true;
    } else {
        r->now = r->remembered[--r->depth];
    }
}

/* Instructions about the CFA and the remembered states; false: it is none of those. */
static bool step_cfa(run *r, wtfcb_alloc_reader *program, uint32_t instruction)
{
    uint64_t number;
    switch (instruction) {
    case 0x0a: remember(r, program); return true;
    case 0x0b: restore(r, program); return true;
    case 0x0c: /* def_cfa */
        number = wtfcb_alloc_read_uleb(program);
        define_cfa(r, number, (int64_t)wtfcb_alloc_read_uleb(program));
        return true;
    case 0x0d: define_cfa(r, wtfcb_alloc_read_uleb(program), r->now.cfa_offset); return true;
    case 0x0e: define_cfa(r, r->now.cfa_register, (int64_t)wtfcb_alloc_read_uleb(program)); return true;
    case 0x0f: /* def_cfa_expression */
        r->now.cfa_by_expression = true;
        r->now.cfa_expression = read_block(program);
        return true;
    case 0x12: /* def_cfa_sf */
        number = wtfcb_alloc_read_uleb(program);
        define_cfa(r, number, scaled(wtfcb_alloc_read_sleb(program), r->in->data_factor));
        return true;
    case 0x13: /* def_cfa_offset_sf */
        define_cfa(r, r->now.cfa_register, scaled(wtfcb_alloc_read_sleb(program), r->in->data_factor));
        return true;
    default: return false;
    }
}

/* Instructions about one register. */
static void step_register(run *r, wtfcb_alloc_reader *program, uint32_t instruction)
{
    uint64_t number;
    switch (instruction) {
    case 0x05: /* offset_extended */
        number = wtfcb_alloc_read_uleb(program);
        set_offset(r, number, RULE_AT, (int64_t)wtfcb_alloc_read_uleb(program));
        break;
    case 0x06: /* restore_extended */
        number = wtfcb_alloc_read_uleb(program);
        *register_of(r, number) = *initial_of(r, number);
        break;
    case 0x07: register_of(r, wtfcb_alloc_read_uleb(program))->kind = RULE_UNDEFINED; break;
    case 0x08: register_of(r, wtfcb_alloc_read_uleb(program))->kind = RULE_SAME; break;
    case 0x09: /* register */
        register_of(r, wtfcb_alloc_read_uleb(program))->kind = RULE_UNKNOWN;
        (void)wtfcb_alloc_read_uleb(program);
        break;
    case 0x10: set_expression(r, program, RULE_EXPRESSION); break;
    case 0x11: /* offset_extended_sf */
    case 0x15: /* val_offset_sf */
        number = wtfcb_alloc_read_uleb(program);
        set_offset(r, number, instruction == 0x11 ? RULE_AT : RULE_VALUE, wtfcb_alloc_read_sleb(program));
        break;
    case 0x14: /* val_offset */
        number = wtfcb_alloc_read_uleb(program);
        set_offset(r, number, RULE_VALUE, (int64_t)wtfcb_alloc_read_uleb(program));
        break;
    case 0x16: set_expression(r, program, RULE_EXPRESSION_VALUE); break;
    case 0x2e: (void)wtfcb_alloc_read_uleb(program); break; /* GNU_args_size */
    case 0x2f:                                              /* GNU_negative_offset_extended */
        number = wtfcb_alloc_read_uleb(program);
        set_offset(r, number, RULE_AT, scaled((int64_t)wtfcb_alloc_read_uleb(program), -1));
        break;
    default: program->bad = program->bad || instruction != 0; break;
    }
}

/* Returns false when the address has been passed. */
static bool step(run *r, wtfcb_alloc_reader *program)
{
    uint32_t instruction = (uint32_t)wtfcb_alloc_read(program, 1);
    uint32_t low = instruction & 0x3f;
    uint64_t forward = 0;
    switch (instruction >> 6) {
    case 1: forward = low; break;
    case 2: set_offset(r, low, RULE_AT, (int64_t)wtfcb_alloc_read_uleb(program)); return true;
    case 3: *register_of(r, low) = *initial_of(r, low); return true;
    default:
        if (instruction == 1) {
            r->location = read_encoded(program, r->in->encoding, 0);
        } else if (instruction >= 2 && instruction <= 4) {
            forward = wtfcb_alloc_read(program, 1u << (instruction - 2));
        } else if (!step_cfa(r, program, instruction)) {
            step_register(r, program, instruction);
        }
    }
    r->location += forward * r->in->code_factor;
    return r->location <= r->address;
}

static bool run_program(run *r, wtfcb_alloc_reader program)
{
    for (uint32_t steps = 0; steps < STEPS && !program.bad && program.at < program.end; steps++)
        if (!step(r, &program)) return !program.bad;
    return !program.bad && program.at == program.end;
}

/* ---- From what the program left to a rule ---- */

static wtfcb_alloc_place place_of(const registered *rule, uint64_t instruction)
{
    wtfcb_alloc_place place = {0};
    switch (rule->kind) {
    case RULE_SAME: place.base = WTFCB_ALLOC_SAME; break;
    case RULE_AT: place = (wtfcb_alloc_place){WTFCB_ALLOC_CFA, true, rule->offset}; break;
    case RULE_VALUE: place = (wtfcb_alloc_place){WTFCB_ALLOC_CFA, false, rule->offset}; break;
    case RULE_EXPRESSION: /* gives an address */
        place = wtfcb_alloc_cfi_evaluate(rule->expression, instruction, true);
        if (place.memory) place = (wtfcb_alloc_place){0};
        place.memory = true;
        break;
    case RULE_EXPRESSION_VALUE: place = wtfcb_alloc_cfi_evaluate(rule->expression, instruction, true); break;
    default: break;
    }
    return place;
}

static bool make_rule(const run *r, uint64_t instruction, wtfcb_alloc_rule *rule)
{
    const state *now = &r->now;
    *rule = (wtfcb_alloc_rule){.interrupted = r->in->interrupted};
    if (now->cfa_by_expression) {
        rule->cfa = wtfcb_alloc_cfi_evaluate(now->cfa_expression, instruction, false);
    } else if (now->cfa_register == (uint64_t)WTFCB_ALLOC_REGISTER_STACK) {
        rule->cfa = (wtfcb_alloc_place){WTFCB_ALLOC_STACK, false, now->cfa_offset};
    } else if (now->cfa_register == (uint64_t)WTFCB_ALLOC_REGISTER_FRAME) {
        rule->cfa = (wtfcb_alloc_place){WTFCB_ALLOC_FRAME, false, now->cfa_offset};
    }
    rule->frame = place_of(&now->frame, instruction);
    rule->result = place_of(&now->result, instruction);
    bool ends = now->result.kind == RULE_UNDEFINED;
    return ends || (rule->cfa.base != WTFCB_ALLOC_UNDEFINED && rule->result.base != WTFCB_ALLOC_UNDEFINED);
}

/* ---- The table ---- */

/* A number of a row, signed, to add to something. */
static uint64_t row_number(const unsigned char *rows, uint64_t row, uint64_t offset)
{
    int32_t number;
    memcpy(&number, rows + row * 8 + offset, sizeof number);
    return (uint64_t)(int64_t)number;
}

/* The address of the FDE that may cover `address`; 0: none. */
static uint64_t find_entry(const wtfcb_alloc_image *image, uint64_t header, uint64_t address)
{
    uint64_t before = header - image->address;
    if (before > image->size) return 0;
    wtfcb_alloc_reader reader = wtfcb_alloc_read_from(image, header, image->size - before);
    if (wtfcb_alloc_read(&reader, 1) != 1) return 0;
    uint32_t pointer_encoding = (uint32_t)wtfcb_alloc_read(&reader, 1);
    uint32_t count_encoding = (uint32_t)wtfcb_alloc_read(&reader, 1);
    uint32_t table_encoding = (uint32_t)wtfcb_alloc_read(&reader, 1);
    if (table_encoding != ENCODED_TABLE || count_encoding == ENCODED_ABSENT) return 0;
    if (pointer_encoding != ENCODED_ABSENT) (void)read_encoded(&reader, pointer_encoding, header);
    uint64_t count = read_encoded(&reader, count_encoding, header);
    uint64_t table = reader.at;
    if (reader.bad || count == 0 || count > (reader.end - table) / 8) return 0;
    const unsigned char *rows = image->bytes + (table - image->address);
    uint64_t low = 0; /* the last row that begins at or before the address is in [low, high) */
    uint64_t high = count;
    for (uint32_t level = 0; level < LEVELS && high - low > 1; level++) {
        uint64_t middle = low + (high - low) / 2;
        if (header + row_number(rows, middle, 0) <= address) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return header + row_number(rows, low, 0) <= address ? header + row_number(rows, low, 4) : 0;
}

bool wtfcb_alloc_cfi_find(const wtfcb_alloc_image *image, uint64_t header, uint64_t address, uint64_t instruction,
                          wtfcb_alloc_rule *ret_rule)
{
    common cie;
    run r;
    uint64_t entry = find_entry(image, header, address);
    if (entry == 0) return false;
    wtfcb_alloc_reader reader = read_entry(image, entry);
    uint64_t here = reader.at;
    uint64_t back = wtfcb_alloc_read(&reader, 4);
    if (reader.bad || back == 0 || !read_common(image, here - back, &cie)) return false;
    if (cie.encoding & ENCODED_INDIRECT) return false;
    uint64_t begin = read_encoded(&reader, cie.encoding, header);
    uint64_t length = read_encoded(&reader, cie.encoding & ENCODED_SIZE, header);
    if (cie.augmented) wtfcb_alloc_read_skip(&reader, wtfcb_alloc_read_uleb(&reader));
    if (reader.bad || address - begin >= length) return false;
    r.in = &cie;
    r.address = UINT64_MAX;
    r.location = 0;
    r.depth = 0;
    r.now = (state){.frame = {.kind = RULE_SAME}, .result = {.kind = RULE_UNKNOWN}};
    r.initial = r.now;
    if (!run_program(&r, cie.program)) return false;
    r.initial = r.now;
    r.address = address;
    r.location = begin;
    return run_program(&r, reader) && make_rule(&r, instruction, ret_rule);
}
