/*
 * A caller's own languages: checked, copied, and put in the place of the built-in table as a whole.
 *
 * All that can fail is made first: strings, tokens and ops in the handle's arena, a new array of rows, the machines. Then
 * wtfcb_lang_set_rows() builds the maps and, if it can, changes over; nothing before that is seen by anyone, so a failed
 * call leaves the handle as it was and costs no more than some bytes of its arena.
 */
#include <string.h>

#include "base/hash.h"
#include "base/memory.h"
#include "lang/detect_rules.h"
#include "lang/languages.h"

enum { LONGEST_MARK = 32, MOST_MARKS = 16, MOST_LANGUAGES = 60000 };

/* An item of a list separated by spaces. */
typedef struct item {
    const char *at;
    size_t length;
} item;

static bool next(const char **list, item *ret_item)
{
    if (!**list) return false;
    *ret_item = (item){.at = *list, .length = strcspn(*list, " ")};
    *list += ret_item->length;
    *list += **list == ' ';
    return true;
}

static bool holds(const char *list, item wanted)
{
    for (item i; next(&list, &i);)
        if (i.length == wanted.length && memcmp(i.at, wanted.at, i.length) == 0) return true;
    return false;
}

/* Single spaces between items, none at the ends, no control characters. */
static bool is_list(const char *list)
{
    for (const char *at = list; *at; at++) {
        if ((unsigned char)*at < ' ' || *at == 0x7F) return false;
        if (*at == ' ' && (at == list || at[1] == ' ' || !at[1])) return false;
    }
    return true;
}

static bool all_fit(const char *list, bool (*fits)(item i))
{
    if (!is_list(list)) return false;
    for (item i; next(&list, &i);)
        if (!fits(i)) return false;
    return true;
}

static bool is_name(item i)
{
    return i.length > 0 && i.length <= WTFCB_LANG_LONGEST_NAME;
}

static bool is_extension(item i)
{
    const char *dot = memchr(i.at, '.', i.length);
    if (i.length > WTFCB_LANG_LONGEST_EXTENSION || memchr(i.at, '/', i.length) || dot == i.at) return false;
    return !dot || !memchr(dot + 1, '.', i.length - (size_t)(dot + 1 - i.at));
}

static bool is_file_name(item i)
{
    return !memchr(i.at, '/', i.length);
}

static bool is_mark(item i)
{
    for (size_t k = 0; k < i.length; k++)
        if ((unsigned char)i.at[k] >= 0x7F) return false;
    return i.length <= LONGEST_MARK;
}

static size_t count_of(const char *list)
{
    size_t count = 0;
    for (item i; next(&list, &i);)
        count++;
    return count;
}

static bool is_text(const char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text < ' ' || *text == 0x7F) return false;
    return true;
}

static bool has_syntax(const wtfcb_language_spec *spec)
{
    return *spec->line_comments || *spec->block_open || *spec->quotes || *spec->like;
}

/* Every member but `grammar` has become a string by now. */
static wtfcb_status check(const wtfcb_language_spec *spec)
{
    if (!is_name((item){spec->name, strlen(spec->name)}) || !is_text(spec->name)) return WTFCB_EINVAL;
    if (spec->grammar && !is_text(spec->grammar)) return WTFCB_EINVAL;
    if (!all_fit(spec->aliases, is_name) || !all_fit(spec->extensions, is_extension) ||
        !all_fit(spec->file_names, is_file_name) || !all_fit(spec->interpreters, is_file_name))
        return WTFCB_EINVAL;
    if (!all_fit(spec->line_comments, is_mark) || !all_fit(spec->quotes, is_mark) ||
        !all_fit(spec->block_open, is_mark) || !all_fit(spec->block_close, is_mark))
        return WTFCB_EINVAL;
    if (count_of(spec->line_comments) > MOST_MARKS || count_of(spec->quotes) > MOST_MARKS) return WTFCB_EINVAL;
    if (count_of(spec->block_open) > 1 || count_of(spec->block_close) != count_of(spec->block_open))
        return WTFCB_EINVAL;
    if (*spec->like && (*spec->line_comments || *spec->block_open || *spec->quotes)) return WTFCB_EINVAL;
    if (spec->group > WTFCB_LANGUAGE_PROSE) return WTFCB_EINVAL;
    return spec->flags & ~(WTFCB_LANGUAGE_NESTED | WTFCB_LANGUAGE_MULTILINE) ? WTFCB_EUNSUPPORTED : WTFCB_OK;
}

/* A copy of the caller's struct, as large as ours, in which only `grammar` may be NULL. */
static wtfcb_status take_spec(const wtfcb_language_spec *given, size_t size, wtfcb_language_spec *ret_spec)
{
    if (!given || size == 0) return WTFCB_EINVAL;
    wtfcb_language_spec spec = {0};
    for (size_t i = sizeof spec; i < size; i++)
        if (((const char *)given)[i]) return WTFCB_EUNSUPPORTED;
    memcpy(&spec, given, size < sizeof spec ? size : sizeof spec);
    const char **const texts[] = {&spec.name,         &spec.aliases, &spec.extensions,    &spec.file_names,
                                  &spec.interpreters, &spec.like,    &spec.line_comments, &spec.block_open,
                                  &spec.block_close,  &spec.quotes};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        if (!*texts[i]) *texts[i] = "";
    wtfcb_status status = check(&spec);
    if (status == WTFCB_OK) *ret_spec = spec;
    return status;
}

static char *copy(wtfcb_languages *languages, item i)
{
    return wtfcb_base_arena_string(&languages->own, i.at, i.length);
}

/* `list` with the items of `more` that it has not, in lower case if that is asked for. NULL when memory has run out. */
static const char *joined(wtfcb_languages *languages, const char *list, const char *more, bool lower)
{
    if (!*more) return list;
    size_t length = strlen(list), most = length + 1 + strlen(more) + 1;
    char *made = wtfcb_base_arena_bytes(&languages->own, most);
    if (!made) return NULL;
    memcpy(made, list, length + 1);
    for (item i; next(&more, &i);) {
        char *at = made + length + 1; /* behind the end, which stays until the item is known to be new */
        for (size_t k = 0; k < i.length; k++)
            at[k] = lower && i.at[k] >= 'A' && i.at[k] <= 'Z' ? (char)(i.at[k] | 0x20) : i.at[k];
        if (holds(made, (item){at, i.length})) continue;
        if (length)
            made[length++] = ' ';
        else
            memmove(made, at, i.length);
        length += i.length;
        made[length] = 0;
    }
    return made;
}

/* `list` without the items of `claimed`; itself if it has none. NULL when memory has run out. */
static const char *without(wtfcb_languages *languages, const char *list, const char *claimed)
{
    bool touched = false;
    const char *at = list;
    for (item i; !touched && next(&at, &i);)
        touched = holds(claimed, i);
    if (!touched) return list;
    char *made = wtfcb_base_arena_bytes(&languages->own, strlen(list) + 1), *to = made;
    if (!made) return NULL;
    for (item i; next(&list, &i);) {
        if (holds(claimed, i)) continue;
        if (to > made) *to++ = ' ';
        memcpy(to, i.at, i.length);
        to += i.length;
    }
    *to = 0;
    return made;
}

static bool word(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9') || byte == '_';
}

/* The tokens of a spec, in the arena; NULL when memory has run out. */
static const wtfcb_lang_syntax *syntax_of(wtfcb_languages *languages, const wtfcb_language_spec *spec)
{
    size_t most = count_of(spec->line_comments) + count_of(spec->quotes) + 1;
    wtfcb_lang_syntax *syntax = wtfcb_base_arena_alloc(&languages->own, sizeof *syntax);
    wtfcb_lang_token *tokens = wtfcb_base_arena_alloc(&languages->own, most * sizeof *tokens), *token = tokens;
    if (!syntax || !tokens) return NULL;
    const char *list = spec->line_comments;
    for (item i; next(&list, &i); token++) {
        unsigned flags = word(i.at[0]) ? WTFCB_LANG_NOT_INNER : 0;
        if (word(i.at[i.length - 1])) flags |= WTFCB_LANG_WHOLE;
        *token = (wtfcb_lang_token){copy(languages, i), "", "", (uint16_t)flags, WTFCB_LANG_LINE, 0};
        if (!token->open) return NULL;
    }
    list = spec->quotes;
    for (item i; next(&list, &i); token++) {
        const char *quote = copy(languages, i);
        if (!quote) return NULL;
        uint16_t flags = spec->flags & WTFCB_LANGUAGE_MULTILINE ? WTFCB_LANG_MULTI : 0;
        char escape = i.at[0] == '\\' ? 0 : '\\';
        *token = (wtfcb_lang_token){quote, quote, "", flags, WTFCB_LANG_STRING, escape};
    }
    if (*spec->block_open) {
        const char *open = copy(languages, (item){spec->block_open, strlen(spec->block_open)});
        const char *close = copy(languages, (item){spec->block_close, strlen(spec->block_close)});
        if (!open || !close) return NULL;
        bool nest = (spec->flags & WTFCB_LANGUAGE_NESTED) && strcmp(open, close) != 0;
        *token++ = (wtfcb_lang_token){open, close, "", nest ? WTFCB_LANG_NEST : 0, WTFCB_LANG_BLOCK, 0};
    }
    *syntax = (wtfcb_lang_syntax){tokens, (uint16_t)(token - tokens)};
    return syntax;
}

/* Give the row the syntax that the spec describes: a machine of its own behind the others. */
static bool set_syntax(wtfcb_languages *languages, const wtfcb_language_spec *spec, wtfcb_lang_row *row)
{
    const wtfcb_lang_syntax *syntax = syntax_of(languages, spec);
    if (!syntax) return false;
    wtfcb_lang_op *ops = wtfcb_base_arena_alloc(&languages->own, (syntax->count + 1u) * sizeof *ops);
    size_t count = languages->machine_count, size = sizeof *languages->machines;
    wtfcb_lang_machine *machines =
        ops ? wtfcb_base_realloc(&languages->allocator, languages->machines, count * size, (count + 1) * size) : NULL;
    if (!machines) return false;
    languages->machines = machines;
    languages->machine_count = count + 1;
    wtfcb_lang_machine_build(syntax, ops, &machines[count]);
    row->syntax = (uint16_t)count;
    return true;
}

/* An alias may be the language's own already, but not another's. */
static bool aliases_are_free(const wtfcb_languages *languages, const char *aliases, uint16_t index)
{
    for (item i; next(&aliases, &i);) {
        uint16_t found = wtfcb_lang_find(languages, i.at, i.length);
        if (found != WTFCB_LANG_NONE && found != index) return false;
    }
    return true;
}

/* Fill rows[index] from the spec, and take from the other rows what it claims. False when memory has run out. */
static bool fill(wtfcb_languages *languages, const wtfcb_language_spec *spec, wtfcb_lang_row *rows, uint16_t index,
                 uint16_t count)
{
    wtfcb_lang_row *row = &rows[index];
    row->aliases = joined(languages, row->aliases, spec->aliases, true);
    row->extensions = joined(languages, row->extensions, spec->extensions, false);
    row->file_names = joined(languages, row->file_names, spec->file_names, false);
    row->interpreters = joined(languages, row->interpreters, spec->interpreters, false);
    if (!row->aliases || !row->extensions || !row->file_names || !row->interpreters) return false;
    if (spec->grammar) {
        const char *grammar = copy(languages, (item){spec->grammar, strlen(spec->grammar)});
        if (!grammar) return false;
        row->grammar = *grammar ? grammar : NULL;
    }
    if (spec->group) row->group = (uint8_t)spec->group;
    for (uint16_t i = 0; i < count; i++) {
        if (i == index) continue;
        rows[i].extensions = without(languages, rows[i].extensions, spec->extensions);
        rows[i].file_names = without(languages, rows[i].file_names, spec->file_names);
        rows[i].interpreters = without(languages, rows[i].interpreters, spec->interpreters);
        if (!rows[i].extensions || !rows[i].file_names || !rows[i].interpreters) return false;
    }
    return true;
}

static uint64_t rules_claimed(const char *extensions)
{
    uint64_t claimed = 0;
    for (uint16_t r = 0; r < wtfcb_lang_shared_count; r++) {
        const char *shared = wtfcb_lang_shareds[r].extension;
        if (holds(extensions, (item){shared, strlen(shared)})) claimed |= UINT64_C(1) << r;
    }
    return claimed;
}

/* What the handle was, and every text and number of the spec, hashed. Never 0. */
static uint64_t fingerprint_with(uint64_t before, const wtfcb_language_spec *spec)
{
    const char *const texts[] = {spec->name,         spec->aliases,      spec->extensions,
                                 spec->file_names,   spec->like,         spec->grammar ? spec->grammar : "\n",
                                 spec->interpreters, spec->block_open,   spec->block_close,
                                 spec->quotes,       spec->line_comments};
    uint64_t words[2 + 2 * sizeof texts / sizeof texts[0]] = {before, (uint64_t)spec->group << 32 | spec->flags};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        wtfcb_base_hash128 hash = wtfcb_base_hash(texts[i], strlen(texts[i]));
        memcpy(&words[2 + 2 * i], hash.bytes, sizeof hash.bytes);
    }
    wtfcb_base_hash128 hash = wtfcb_base_hash(words, sizeof words);
    uint64_t made;
    memcpy(&made, hash.bytes, sizeof made);
    return made ? made : 1;
}

/* Build the new table and change over to it. */
static wtfcb_status change(wtfcb_languages *languages, const wtfcb_language_spec *spec, uint16_t index, uint16_t like)
{
    uint16_t count = index == languages->count ? (uint16_t)(index + 1) : languages->count;
    wtfcb_lang_row *rows = wtfcb_base_calloc(&languages->allocator, count, sizeof *rows);
    if (!rows) return WTFCB_ENOMEM;
    uint64_t claimed_before = languages->claimed_rules;
    memcpy(rows, languages->rows, languages->count * sizeof *rows);
    if (index == languages->count) {
        const char *name = copy(languages, (item){spec->name, strlen(spec->name)});
        if (!name) goto done;
        rows[index] = (wtfcb_lang_row){name, "", "", "", "", NULL, WTFCB_LANG_SYNTAX_none, WTFCB_LANGUAGE_PROGRAMMING};
    }
    if (like != WTFCB_LANG_NONE)
        rows[index].syntax = languages->rows[like].syntax;
    else if (has_syntax(spec) && !set_syntax(languages, spec, &rows[index]))
        goto done;
    if (!fill(languages, spec, rows, index, count)) goto done;
    languages->claimed_rules |= rules_claimed(spec->extensions);
    size_t size_before = languages->count * sizeof *rows;
    if (!wtfcb_lang_set_rows(languages, rows, count)) goto done;
    wtfcb_base_free(&languages->allocator, languages->own_rows, size_before);
    languages->own_rows = rows;
    languages->fingerprint = fingerprint_with(languages->fingerprint, spec);
    return WTFCB_OK;
done:
    languages->claimed_rules = claimed_before;
    wtfcb_base_free(&languages->allocator, rows, count * sizeof *rows);
    return WTFCB_ENOMEM;
}

wtfcb_status wtfcb_languages_add(wtfcb_languages *languages, const wtfcb_language_spec *spec, size_t spec_size,
                                 uint32_t *ret_index)
{
    wtfcb_language_spec own = {0};
    if (!languages) return WTFCB_EINVAL;
    wtfcb_status status = take_spec(spec, spec_size, &own);
    if (status != WTFCB_OK) return status;
    if (atomic_load_explicit(&languages->references, memory_order_acquire) != 1 || languages->grammars)
        return WTFCB_EBUSY;
    uint16_t like = *own.like ? wtfcb_lang_find(languages, own.like, strlen(own.like)) : WTFCB_LANG_NONE;
    if (*own.like && like == WTFCB_LANG_NONE) return WTFCB_ENOTFOUND;
    uint16_t index = wtfcb_lang_find(languages, own.name, strlen(own.name));
    if (index == WTFCB_LANG_NONE) index = languages->count;
    if (index >= MOST_LANGUAGES) return WTFCB_ELIMIT;
    if (!aliases_are_free(languages, own.aliases, index)) return WTFCB_EINVAL;
    status = change(languages, &own, index, like);
    if (status == WTFCB_OK && ret_index) *ret_index = index;
    return status;
}
