/*
 * Copies of parser tables; see foreign.h. The layout is that of tree-sitter's ABI 13 to 15, which objects are compiled
 * against: members are only ever added at the end, those from `name` on by ABI 15.
 */
#include "lang/foreign.h"

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

typedef struct table {
    uint32_t abi_version;
    uint32_t counts[8];
    uint16_t max_alias_sequence_length;
    const void *tables[13];
    bool (*lex[2])(void *lexer, uint16_t state);
    uint16_t keyword_capture_token;
    struct {
        const void *states;
        const void *symbol_map;
        void *(*create)(void);
        void (*destroy)(void *payload);
        bool (*scan)(void *payload, void *lexer, const bool *valid_symbols);
        unsigned (*serialize)(void *payload, char *buffer);
        void (*deserialize)(void *payload, const char *buffer, unsigned length);
    } scanner;
    const void *primary_state_ids;
    /* since ABI 15 */
    const char *name;
    const void *reserved_words;
    uint16_t max_reserved_word_set_size;
    uint32_t supertype_count;
    const void *supertypes[3];
    uint8_t metadata[3];
} table;

/* What ABI 13 has. */
#define OLDEST offsetof(table, primary_state_ids)
#define MIDDLE offsetof(table, name)

typedef struct copy {
    table own; /* first: it is what the core is given */
    const table *original;
} copy;

static _Thread_local struct {
    const table *original; /* of the parse under way */
    void *payload;
} now;

static void *create(void)
{
    assert(now.original && !now.payload);
    now.payload = now.original->scanner.create();
    return now.payload;
}

/* The core deletes no parser of ours; it would only when the grammar is changed, which we do not. */
static void destroy(void *payload)
{
    if (payload != now.payload || !now.original) return;
    now.original->scanner.destroy(payload);
    now.payload = NULL;
}

const TSLanguage *wtfcb_lang_foreign_wrap(wtfcb_base_arena *arena, const TSLanguage *language)
{
    const table *original = (const table *)(const void *)language;
    if (!original->scanner.create) return language;
    copy *made = wtfcb_base_arena_alloc(arena, sizeof *made);
    if (!made) return NULL;
    memset(made, 0, sizeof *made);
    size_t size = original->abi_version >= 15 ? sizeof made->own : original->abi_version == 14 ? MIDDLE : OLDEST;
    memcpy(&made->own, original, size);
    made->original = original;
    made->own.scanner.create = create;
    made->own.scanner.destroy = destroy;
    return (const TSLanguage *)(const void *)&made->own;
}

void wtfcb_lang_foreign_begin(const TSLanguage *language)
{
    const table *given = (const table *)(const void *)language;
    now.payload = NULL;
    now.original = given->scanner.create == create ? ((const copy *)(const void *)given)->original : NULL;
}

void wtfcb_lang_foreign_end(void)
{
    if (now.payload && now.original->scanner.destroy) now.original->scanner.destroy(now.payload);
    now.payload = NULL;
    now.original = NULL;
}
