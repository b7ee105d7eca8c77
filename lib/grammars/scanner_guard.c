/*
 * Stands between the core and an external scanner; compiled once for each grammar that has one, with WTFCB_GRAMMAR_ID as in
 * grammar.c. The scanner's own functions are renamed when it is compiled: wtfcb_scanner_create and so on.
 *
 * A scanner writes its state into a buffer of 1,024 bytes that the core lends it, and some write more when a text is nested
 * deeply enough. Here they write into a larger one, and what does not fit into the core's ends the parse of the file.
 * A state grows by little from one token to the next, and each token's is checked: so room for many times as much
 * is enough.
 *
 * HTML's scanner keeps a list of the open elements, which it makes anew for each token; of a long one the state holds the
 * beginning and the length, so that nothing of the work shows. It is accounted for here, and so is every large state: all
 * of it is written and read again for each token.
 */
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "grammars/scanner_memory.h"

#define JOIN4(a, b, c, d) a##b##c##d
#define JOIN(a, b, c, d) JOIN4(a, b, c, d)
#define CORE_NAME(function) JOIN(tree_sitter_, WTFCB_GRAMMAR_ID, _external_scanner_, function)
#define TEXT2(a) #a
#define TEXT(a) TEXT2(a)
#define HIDDEN __attribute__((visibility("hidden")))

enum {
    CORE_ROOM = 1024, /* TREE_SITTER_SERIALIZATION_BUFFER_SIZE */
    ROOM = 32 * CORE_ROOM,
    TAGS_PER_STEP = 32,
    STATE_PER_STEP = 32, /* bytes */
    LARGE_STATE = 128,   /* below that it is not worth counting */
};

struct TSLexer;

HIDDEN void wtfcb_grammar_spend(uint64_t steps);

HIDDEN void *wtfcb_scanner_create(void);
HIDDEN void wtfcb_scanner_destroy(void *scanner);
HIDDEN unsigned wtfcb_scanner_serialize(void *scanner, char *buffer);
HIDDEN void wtfcb_scanner_deserialize(void *scanner, const char *buffer, unsigned length);
HIDDEN bool wtfcb_scanner_scan(void *scanner, struct TSLexer *lexer, const bool *valid_symbols);

HIDDEN void *CORE_NAME(create)(void);
HIDDEN void CORE_NAME(destroy)(void *payload);
HIDDEN static void spend_on_state(unsigned length)
{
    if (length >= LARGE_STATE) wtfcb_grammar_spend(length / STATE_PER_STEP);
}

unsigned CORE_NAME(serialize)(void *payload, char *buffer);
HIDDEN void CORE_NAME(deserialize)(void *payload, const char *buffer, unsigned length);
HIDDEN bool CORE_NAME(scan)(void *payload, struct TSLexer *lexer, const bool *valid_symbols);

struct guard {
    void *scanner; /* NULL for scanners that need nothing */
    char state[ROOM];
};

void *CORE_NAME(create)(void)
{
    struct guard *guard = malloc(sizeof *guard);
    if (!guard) wtfcb_grammar_failed();
    guard->scanner = wtfcb_scanner_create();
    return guard;
}

void CORE_NAME(destroy)(void *payload)
{
    struct guard *guard = payload;
    wtfcb_scanner_destroy(guard->scanner);
    free(guard);
}

unsigned CORE_NAME(serialize)(void *payload, char *buffer)
{
    struct guard *guard = payload;
    unsigned length = wtfcb_scanner_serialize(guard->scanner, guard->state);
    if (length > CORE_ROOM) wtfcb_grammar_failed();
    spend_on_state(length);
    memcpy(buffer, guard->state, length);
    return length;
}

/* The length of the list that a state of HTML's scanner stands for: two bytes behind the number of those in it. */
static uint16_t open_tags(const char *buffer, unsigned length)
{
    static const char grammar[] = TEXT(WTFCB_GRAMMAR_ID);
    uint16_t tags = 0;
    if (strcmp(grammar, "html") == 0 && length >= 4) memcpy(&tags, buffer + 2, sizeof tags);
    return tags;
}

void CORE_NAME(deserialize)(void *payload, const char *buffer, unsigned length)
{
    struct guard *guard = payload;
    uint16_t tags = open_tags(buffer, length);
    if (tags >= TAGS_PER_STEP) wtfcb_grammar_spend(tags / TAGS_PER_STEP);
    spend_on_state(length);
    wtfcb_scanner_deserialize(guard->scanner, buffer, length);
}

bool CORE_NAME(scan)(void *payload, struct TSLexer *lexer, const bool *valid_symbols)
{
    struct guard *guard = payload;
    return wtfcb_scanner_scan(guard->scanner, lexer, valid_symbols);
}
