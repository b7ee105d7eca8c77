/*
 * The handle: maps and machines built from the table, counted holds, and the public questions about rows.
 *
 * A handle is complete when the constructor returns. All keys of the maps are strings of the rows, except lower-case
 * names, which lie in one block of the handle's own.
 */
#include "lang/languages.h"

#include <assert.h>
#include <stdbool.h>
#include <string.h>

#include "base/memory.h"
#include "lang/detect_rules.h"
#include "lang/grammar.h"

static char lower(char byte)
{
    return byte >= 'A' && byte <= 'Z' ? (char)(byte | 0x20) : byte;
}

/* The next item of a list separated by spaces; `*at` moves behind it. False at the end. */
static bool next_item(const char **at, const char **ret_item, size_t *ret_length)
{
    if (!**at) return false;
    size_t length = strcspn(*at, " ");
    *ret_item = *at;
    *ret_length = length;
    *at += length + ((*at)[length] == ' ');
    return true;
}

/* Put each item of a list into a map unless an earlier row has it. */
static bool put_list(wtfcb_base_map *map, const char *list, uint32_t value)
{
    const char *item;
    size_t length;
    while (next_item(&list, &item, &length)) {
        if (wtfcb_base_map_get(map, item, length) != WTFCB_BASE_MAP_NONE) continue;
        if (!wtfcb_base_map_put(map, item, length, value)) return false;
    }
    return true;
}

/* Names go in before any alias, so that no alias hides a language. */
static bool put_names(wtfcb_languages *languages)
{
    for (uint16_t i = 0; i < languages->count; i++)
        languages->folded_size += strlen(languages->rows[i].name) + 1;
    languages->folded = wtfcb_base_alloc(&languages->allocator, languages->folded_size);
    if (!languages->folded) return false;
    char *to = languages->folded;
    for (uint16_t i = 0; i < languages->count; i++) {
        const char *name = languages->rows[i].name;
        size_t length = strlen(name);
        for (size_t k = 0; k <= length; k++)
            to[k] = lower(name[k]);
        if (!wtfcb_base_map_put(&languages->names, to, length, i)) return false;
        to += length + 1;
    }
    for (uint16_t i = 0; i < languages->count; i++)
        if (!put_list(&languages->names, languages->rows[i].aliases, i)) return false;
    return true;
}

static bool put_files(wtfcb_languages *languages)
{
    for (uint16_t i = 0; i < languages->count; i++) {
        const wtfcb_lang_row *row = &languages->rows[i];
        if (!put_list(&languages->file_names, row->file_names, i) ||
            !put_list(&languages->extensions, row->extensions, i) ||
            !put_list(&languages->interpreters, row->interpreters, i))
            return false;
    }
    return true;
}

/* Shared extensions get the first choice of their rule, and the mark to ask it. */
static bool put_rules(wtfcb_languages *languages)
{
    assert(wtfcb_lang_shared_count <= WTFCB_LANG_SHARED_MAX);
    for (uint16_t r = 0; r < wtfcb_lang_shared_count; r++) {
        const wtfcb_lang_shared *rule = &wtfcb_lang_shareds[r];
        if (languages->claimed_rules >> r & 1) continue;
        for (int c = 0; c < WTFCB_LANG_SHARED_CHOICES; c++) {
            const char *name = rule->choices[c];
            languages->rule_choices[r][c] = name ? wtfcb_lang_find(languages, name, strlen(name)) : WTFCB_LANG_NONE;
            assert(!name || languages->rule_choices[r][c] != WTFCB_LANG_NONE);
        }
        uint32_t value = languages->rule_choices[r][0] | (uint32_t)(r + 1) << WTFCB_LANG_SHARED_SHIFT;
        if (!wtfcb_base_map_put(&languages->extensions, rule->extension, strlen(rule->extension), value)) return false;
    }
    return true;
}

static bool build_machines(wtfcb_languages *languages)
{
    for (int i = 0; i < WTFCB_LANG_SYNTAX_COUNT; i++)
        languages->op_count += wtfcb_lang_syntaxes[i].count;
    languages->ops = wtfcb_base_calloc(&languages->allocator, languages->op_count, sizeof *languages->ops);
    languages->machines =
        wtfcb_base_calloc(&languages->allocator, WTFCB_LANG_SYNTAX_COUNT, sizeof *languages->machines);
    languages->machine_count = WTFCB_LANG_SYNTAX_COUNT;
    if (!languages->ops || !languages->machines) return false;
    size_t op = 0;
    for (int i = 0; i < WTFCB_LANG_SYNTAX_COUNT; i++) {
        wtfcb_lang_machine_build(&wtfcb_lang_syntaxes[i], languages->ops + op, &languages->machines[i]);
        op += wtfcb_lang_syntaxes[i].count;
    }
    return true;
}

static void init_maps(wtfcb_languages *languages)
{
    wtfcb_base_map_init(&languages->names, &languages->allocator);
    wtfcb_base_map_init(&languages->file_names, &languages->allocator);
    wtfcb_base_map_init(&languages->extensions, &languages->allocator);
    wtfcb_base_map_init(&languages->interpreters, &languages->allocator);
    languages->folded = NULL;
    languages->folded_size = 0;
}

static void free_maps(wtfcb_languages *languages)
{
    wtfcb_base_map_free(&languages->names);
    wtfcb_base_map_free(&languages->file_names);
    wtfcb_base_map_free(&languages->extensions);
    wtfcb_base_map_free(&languages->interpreters);
    wtfcb_base_free(&languages->allocator, languages->folded, languages->folded_size);
}

bool wtfcb_lang_set_rows(wtfcb_languages *languages, const wtfcb_lang_row *rows, uint16_t count)
{
    wtfcb_base_map before[] = {languages->names, languages->file_names, languages->extensions, languages->interpreters};
    const wtfcb_lang_row *rows_before = languages->rows;
    char *folded_before = languages->folded;
    size_t folded_size_before = languages->folded_size;
    uint16_t count_before = languages->count;
    languages->rows = rows;
    languages->count = count;
    init_maps(languages);
    bool built = put_names(languages) && put_files(languages) && put_rules(languages);
    if (built) {
        for (size_t i = 0; i < sizeof before / sizeof before[0]; i++)
            wtfcb_base_map_free(&before[i]);
        wtfcb_base_free(&languages->allocator, folded_before, folded_size_before);
        return true;
    }
    free_maps(languages);
    languages->names = before[0];
    languages->file_names = before[1];
    languages->extensions = before[2];
    languages->interpreters = before[3];
    languages->rows = rows_before;
    languages->count = count_before;
    languages->folded = folded_before;
    languages->folded_size = folded_size_before;
    return false;
}

wtfcb_status wtfcb_languages_new(const wtfcb_allocator *allocator, wtfcb_languages **ret_languages)
{
    if (!ret_languages || !wtfcb_base_allocator_valid(allocator)) return WTFCB_EINVAL;
    wtfcb_allocator own = wtfcb_base_allocator(allocator);
    wtfcb_languages *languages = wtfcb_base_calloc(&own, 1, sizeof *languages);
    if (!languages) return WTFCB_ENOMEM;
    languages->allocator = own;
    atomic_init(&languages->references, 1);
    wtfcb_base_arena_init(&languages->own, &languages->allocator);
    init_maps(languages);
    if (!build_machines(languages) || !wtfcb_lang_set_rows(languages, wtfcb_lang_rows, wtfcb_lang_row_count)) {
        wtfcb_languages_free(languages);
        return WTFCB_ENOMEM;
    }
    *ret_languages = languages;
    return WTFCB_OK;
}

wtfcb_languages *wtfcb_lang_languages_ref(wtfcb_languages *languages)
{
    if (languages) atomic_fetch_add_explicit(&languages->references, 1, memory_order_relaxed);
    return languages;
}

void wtfcb_languages_free(wtfcb_languages *languages)
{
    if (!languages || atomic_fetch_sub_explicit(&languages->references, 1, memory_order_acq_rel) != 1) return;
    if (languages->grammars) wtfcb_lang_grammars_free(languages->grammars);
    free_maps(languages);
    wtfcb_base_free(&languages->allocator, languages->own_rows, languages->count * sizeof *languages->own_rows);
    wtfcb_base_free(&languages->allocator, languages->machines, languages->machine_count * sizeof *languages->machines);
    wtfcb_base_free(&languages->allocator, languages->ops, languages->op_count * sizeof *languages->ops);
    wtfcb_base_arena_free(&languages->own);
    wtfcb_allocator own = languages->allocator;
    wtfcb_base_free(&own, languages, sizeof *languages);
}

uint32_t wtfcb_languages_count(const wtfcb_languages *languages)
{
    return languages ? languages->count : 0;
}

/* The first token of a kind that is unconditional, or else the first: what people write by hand. */
static const wtfcb_lang_token *usual(const wtfcb_lang_syntax *syntax, uint8_t kind)
{
    const wtfcb_lang_token *found = NULL;
    for (uint16_t i = 0; i < syntax->count; i++) {
        const wtfcb_lang_token *token = &syntax->tokens[i];
        bool fits =
            token->open && (token->kind == kind || (kind == WTFCB_LANG_LINE && token->kind == WTFCB_LANG_LONG_BRACKET &&
                                                    (token->flags & WTFCB_LANG_COMMENT)));
        if (!fits || (token->flags & WTFCB_LANG_DOC)) continue;
        if (!(token->flags & WTFCB_LANG_CONDITIONS)) return token;
        if (!found) found = token;
    }
    return found;
}

wtfcb_status wtfcb_languages_get(const wtfcb_languages *languages, uint32_t index, wtfcb_language *ret_row,
                                 size_t row_size)
{
    static const char *const groups[] = {"", "programming", "data", "markup", "prose"};
    if (!languages || !ret_row || row_size == 0) return WTFCB_EINVAL;
    if (index >= languages->count) return WTFCB_ENOTFOUND;
    const wtfcb_lang_row *from = &languages->rows[index];
    const wtfcb_lang_syntax *syntax = languages->machines[from->syntax].syntax;
    const wtfcb_lang_token *line = usual(syntax, WTFCB_LANG_LINE), *block = usual(syntax, WTFCB_LANG_BLOCK);
    wtfcb_language row = {.name = from->name,
                          .group_name = groups[from->group],
                          .aliases = from->aliases,
                          .extensions = from->extensions,
                          .file_names = from->file_names,
                          .interpreters = from->interpreters,
                          .grammar = from->grammar,
                          .line_comment = line ? line->open : "",
                          .block_open = block ? block->open : "",
                          .block_close = block ? block->close : "",
                          .group = from->group,
                          .index = index};
    size_t known = row_size < sizeof row ? row_size : sizeof row;
    memset(ret_row, 0, row_size);
    memcpy(ret_row, &row, known);
    return WTFCB_OK;
}

uint16_t wtfcb_lang_find(const wtfcb_languages *languages, const char *name, size_t length)
{
    char folded[WTFCB_LANG_LONGEST_NAME];
    if (length > sizeof folded) return WTFCB_LANG_NONE;
    for (size_t i = 0; i < length; i++)
        folded[i] = lower(name[i]);
    uint32_t found = wtfcb_base_map_get(&languages->names, folded, length);
    return found == WTFCB_BASE_MAP_NONE ? WTFCB_LANG_NONE : (uint16_t)found;
}

wtfcb_status wtfcb_languages_find(const wtfcb_languages *languages, const char *name, uint32_t *ret_index)
{
    if (!languages || !name || !ret_index) return WTFCB_EINVAL;
    uint16_t found = wtfcb_lang_find(languages, name, strlen(name));
    if (found == WTFCB_LANG_NONE) return WTFCB_ENOTFOUND;
    *ret_index = found;
    return WTFCB_OK;
}
