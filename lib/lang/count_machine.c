/* Sorting a syntax's tokens for the scan; see count_machine.h. */
#include "lang/count_machine.h"

#include <assert.h>
#include <string.h>

/* Whether `a` is tried before `b`: by first byte, then the longer one, then the table's order. */
static bool goes_before(const wtfcb_lang_op *a, const wtfcb_lang_op *b)
{
    unsigned char first_a = (unsigned char)a->token->open[0], first_b = (unsigned char)b->token->open[0];
    if (first_a != first_b) return first_a < first_b;
    return a->open_length > b->open_length;
}

static wtfcb_lang_op op_of(const wtfcb_lang_token *token)
{
    size_t length = strlen(token->open), close_length = strlen(token->close);
    assert(length > 0 && length < 256 && close_length < 256);
    wtfcb_lang_op op = {.token = token,
                        .flags = token->flags,
                        .kind = token->kind,
                        .open_length = (uint8_t)length,
                        .close_length = (uint8_t)close_length,
                        .escape = token->escape};
    size_t head = length < sizeof op.value ? length : sizeof op.value;
    memcpy(&op.value, token->open, head);
    memset(&op.mask, 0xFF, head);
    return op;
}

void wtfcb_lang_machine_build(const wtfcb_lang_syntax *syntax, wtfcb_lang_op *ops, wtfcb_lang_machine *ret_machine)
{
    *ret_machine = (wtfcb_lang_machine){.syntax = syntax, .ops = ops};
    for (uint16_t i = 0; i < syntax->count; i++) {
        if (!syntax->tokens[i].open) continue;
        wtfcb_lang_op op = op_of(&syntax->tokens[i]);
        uint16_t at = ret_machine->count++;
        for (; at > 0 && goes_before(&op, &ops[at - 1]); at--)
            ops[at] = ops[at - 1];
        ops[at] = op;
    }
    assert(ret_machine->count < 255);
    for (uint16_t i = ret_machine->count; i-- > 0;) {
        unsigned char byte = (unsigned char)ops[i].token->open[0];
        assert(byte > ' ' && byte < 0x80);
        ops[i].last = ret_machine->first[byte] == 0;
        ret_machine->first[byte] = (uint8_t)(i + 1);
        bool prefixed = (ops[i].flags & WTFCB_LANG_PREFIXED) != 0;
        uint8_t *set = prefixed ? ret_machine->prefix : ret_machine->low;
        set[byte & 15] |= (uint8_t)(1u << (byte >> 4));
        ret_machine->prefixed |= prefixed;
        if (ops[i].kind == WTFCB_LANG_OUTSIDE) ret_machine->outside = &ops[i];
    }
}
