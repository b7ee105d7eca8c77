/*
 * The estimate of nesting; see nesting.h. A block's brackets are counted without branches, which compilers turn into
 * vector instructions; only where a block might reach a new depth is it looked at byte by byte.
 */
#include "lang/nesting.h"

enum { BLOCK = 64 };

static inline unsigned opens(char byte)
{
    return (unsigned)(byte == '(') | (unsigned)((byte | 0x20) == '{'); /* '[' is '{' without that bit */
}

static inline unsigned closes(char byte)
{
    return (unsigned)(byte == ')') | (unsigned)((byte | 0x20) == '}');
}

/* The deepest level in a block that is entered at `depth`. */
static int64_t deepest_in(const char *block, size_t size, int64_t depth)
{
    int64_t deepest = depth;
    for (size_t i = 0; i < size; i++) {
        depth += (int64_t)opens(block[i]) - (int64_t)closes(block[i]);
        if (depth > deepest) deepest = depth;
    }
    return deepest;
}

uint64_t wtfcb_lang_nesting(const char *text, size_t length, uint64_t enough)
{
    int64_t depth = 0;
    int64_t deepest = 0;
    for (size_t at = 0; at < length && (uint64_t)deepest <= enough; at += BLOCK) {
        const char *block = text + at;
        size_t size = length - at < BLOCK ? length - at : BLOCK;
        uint8_t opened = 0;
        uint8_t closed = 0;
        if (size == BLOCK) {
            for (size_t i = 0; i < BLOCK; i++) {
                opened = (uint8_t)(opened + opens(block[i]));
                closed = (uint8_t)(closed + closes(block[i]));
            }
        } else {
            for (size_t i = 0; i < size; i++) {
                opened = (uint8_t)(opened + opens(block[i]));
                closed = (uint8_t)(closed + closes(block[i]));
            }
        }
        if (depth + opened > deepest) {
            int64_t reached = deepest_in(block, size, depth);
            if (reached > deepest) deepest = reached;
        }
        depth += opened - closed;
        if (depth < 0) depth = 0;
    }
    return (uint64_t)deepest;
}
