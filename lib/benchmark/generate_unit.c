/*
 * The units that a file is made of: a function, a class with methods, a group of constants, a table or an enumeration.
 *
 * What a unit is, its name and its parameters follow from the file's key and the unit's number, so that whoever calls it need not have written it;
 * only the inside depends on the revision. Functions whose number ends in binary 11 are private: nobody calls them, so that an edit may remove
 * them.
 */
#include <assert.h>
#include <string.h>

#include "benchmark/generate_text.h"
#include "benchmark/generate_words.h"

enum { BUDGET_MAX = 4000, FIELDS_MAX = 7, METHODS_MAX = 6, PARAMS_MAX = 3, PARAMS_TEXT = 16 * WTFCB_BENCHMARK_NAME };

/* Purposes of keys below a unit's. */
enum { KEY_KIND = 1000001, KEY_PARAMS, KEY_NAMES, KEY_FUNCTIONS, KEY_TYPES, KEY_CONSTANTS };

static uint64_t unit_key(const wtfcb_benchmark_file *file, uint32_t unit)
{
    return wtfcb_benchmark_key(file->key, unit);
}

uint32_t wtfcb_benchmark_unit_kind(const wtfcb_benchmark_file *file, uint32_t unit)
{
    if (unit == 0 || unit >= WTFCB_BENCHMARK_ADDED) return WTFCB_BENCHMARK_FUNCTION;
    if (unit >= WTFCB_BENCHMARK_FILLER)
        return file->size < WTFCB_BENCHMARK_CODE_SIZE ? WTFCB_BENCHMARK_CONSTANTS : WTFCB_BENCHMARK_TABLE;
    uint64_t dice = wtfcb_benchmark_key(unit_key(file, unit), KEY_KIND) % 100;
    if (dice < 68) return WTFCB_BENCHMARK_FUNCTION;
    if (dice < 84) return WTFCB_BENCHMARK_CLASS;
    return dice < 92 ? WTFCB_BENCHMARK_CONSTANTS : WTFCB_BENCHMARK_TABLE;
}

bool wtfcb_benchmark_unit_private(uint32_t unit)
{
    return unit % 4 == 3;
}

uint32_t wtfcb_benchmark_unit_params(const wtfcb_benchmark_file *file, uint32_t unit)
{
    return 1 + (uint32_t)(wtfcb_benchmark_key(unit_key(file, unit), KEY_PARAMS) % PARAMS_MAX);
}

static const wtfcb_benchmark_dialect *dialect_of(const wtfcb_benchmark_plan *plan, const wtfcb_benchmark_file *file)
{
    return &wtfcb_benchmark_dialects[wtfcb_benchmark_plan_language(plan, file)];
}

/* Put the file's own name in front where many files share one name space. */
static void prefix(const wtfcb_benchmark_plan *plan, const wtfcb_benchmark_file *file, wtfcb_benchmark_style style,
                   const char *name, char out[WTFCB_BENCHMARK_NAME])
{
    if (!dialect_of(plan, file)->prefixed) {
        memcpy(out, name, strlen(name) + 1);
        return;
    }
    wtfcb_benchmark_file_name(plan, file, file->name, style, out);
    size_t length = strlen(out), rest = strlen(name);
    if (style == WTFCB_BENCHMARK_SNAKE || style == WTFCB_BENCHMARK_UPPER) out[length++] = '_';
    if (length + rest >= WTFCB_BENCHMARK_NAME) rest = WTFCB_BENCHMARK_NAME - 1 - length;
    memcpy(out + length, name, rest);
    out[length + rest] = '\0';
}

/* A header's functions and those of the source that includes it are told apart by their verbs. */
void wtfcb_benchmark_unit_name(const wtfcb_benchmark_plan *plan, uint32_t index, uint32_t unit,
                               char name[WTFCB_BENCHMARK_NAME])
{
    const wtfcb_benchmark_file *file = &plan->files[index];
    const wtfcb_benchmark_dialect *dialect = dialect_of(plan, file);
    bool halved = dialect == &wtfcb_benchmark_dialects[WTFCB_BENCHMARK_C];
    uint32_t bound = WTFCB_BENCHMARK_VERBS * WTFCB_BENCHMARK_NOUNS, half;
    if (halved) bound /= 2;
    half = bound / 2;
    bool added = unit >= WTFCB_BENCHMARK_ADDED;
    uint32_t number = added ? unit - WTFCB_BENCHMARK_ADDED : unit;
    uint32_t place =
        wtfcb_benchmark_walk(wtfcb_benchmark_key(file->key, KEY_FUNCTIONS), number % half + (added ? half : 0), bound);
    if (halved && file->role == WTFCB_BENCHMARK_HEADER) place += bound;
    const char *words[] = {wtfcb_benchmark_verbs[place / WTFCB_BENCHMARK_NOUNS],
                           wtfcb_benchmark_nouns[place % WTFCB_BENCHMARK_NOUNS]};
    char own[WTFCB_BENCHMARK_NAME];
    uint32_t round = number / half;
    wtfcb_benchmark_name_number(own, dialect->functions, words, 2, round > 0 ? round + 1 : 0);
    wtfcb_benchmark_style style = dialect->functions;
    if (dialect == &wtfcb_benchmark_dialects[WTFCB_BENCHMARK_GO] && wtfcb_benchmark_unit_private(unit))
        style = WTFCB_BENCHMARK_CAMEL;
    prefix(plan, file, style, own, name);
}

/* C's sources keep their types and constants apart from those of the headers that they include. */
static bool is_local(const wtfcb_benchmark_code *code)
{
    return code->dialect == &wtfcb_benchmark_dialects[WTFCB_BENCHMARK_C] && code->file->role == WTFCB_BENCHMARK_SOURCE;
}

void wtfcb_benchmark_constant_name(const wtfcb_benchmark_code *code, uint32_t unit, uint32_t index,
                                   char name[WTFCB_BENCHMARK_NAME])
{
    enum { BOUND = WTFCB_BENCHMARK_ADJECTIVES * WTFCB_BENCHMARK_NOUNS };
    uint32_t number =
        unit % WTFCB_BENCHMARK_FILLER * 16 + index; /* what fills a file has constants where it has no units */
    uint32_t place = wtfcb_benchmark_walk(wtfcb_benchmark_key(code->file->key, KEY_CONSTANTS), number % BOUND, BOUND);
    const char *words[] = {"local", wtfcb_benchmark_adjectives[place / WTFCB_BENCHMARK_NOUNS],
                           wtfcb_benchmark_nouns[place % WTFCB_BENCHMARK_NOUNS]};
    bool local = is_local(code);
    char own[WTFCB_BENCHMARK_NAME];
    wtfcb_benchmark_name_number(own, code->dialect->constants, words + !local, 2 + (size_t)local,
                                number >= BOUND ? number / BOUND + 1 : 0);
    prefix(code->plan, code->file, code->dialect->constants, own, name);
}

uint32_t wtfcb_benchmark_constant_count(const wtfcb_benchmark_file *file, uint32_t unit)
{
    return 2 + (uint32_t)(wtfcb_benchmark_key(unit_key(file, unit), KEY_CONSTANTS) % 7);
}

/* `second`: of an enumeration or table, else of a class. */
static void type_name(const wtfcb_benchmark_code *code, uint32_t unit, bool second, wtfcb_benchmark_style style,
                      char name[WTFCB_BENCHMARK_NAME])
{
    enum { HALF = WTFCB_BENCHMARK_SUFFIXES / 2, BOUND = WTFCB_BENCHMARK_NOUNS * HALF, USUAL = BOUND - 8 };
    bool filler = unit >= WTFCB_BENCHMARK_FILLER; /* the last names are for what fills a file */
    uint32_t number = filler ? USUAL + unit % WTFCB_BENCHMARK_FILLER : unit % USUAL;
    uint32_t place = wtfcb_benchmark_walk(wtfcb_benchmark_key(code->file->key, KEY_TYPES), number, BOUND);
    const char *words[] = {"local", wtfcb_benchmark_nouns[place / HALF],
                           wtfcb_benchmark_suffixes[place % HALF + (second ? HALF : 0)]};
    bool local = is_local(code);
    char own[WTFCB_BENCHMARK_NAME];
    wtfcb_benchmark_name_number(own, style, words + !local, 2 + (size_t)local,
                                !filler && unit >= USUAL ? unit / USUAL + 1 : 0);
    prefix(code->plan, code->file, style, own, name);
}

static uint32_t dice(wtfcb_benchmark_code *code, uint32_t sides)
{
    return wtfcb_benchmark_draw_below(&code->draw, sides);
}

static void line_of(wtfcb_benchmark_code *code, const char *template, const char *name)
{
    code->args['a' - 'a'] = name;
    wtfcb_benchmark_line(code, template);
}

/* Forget the locals of the last function; names come in the order of `key`. */
static void begin_function(wtfcb_benchmark_code *code, uint64_t key)
{
    code->local_count = code->names = code->depth = 0;
    code->key = key;
}

/* Names for `count` parameters, and their list for `$p`. */
static void make_params(wtfcb_benchmark_code *code, uint32_t count, char names[][WTFCB_BENCHMARK_NAME],
                        char list[PARAMS_TEXT])
{
    size_t at = 0;
    for (uint32_t i = 0; i < count; i++) {
        wtfcb_benchmark_local_name(code, names[i]);
        const char *parts[] = {i > 0 ? ", " : "", code->dialect->param[0], names[i], code->dialect->param[1]};
        for (size_t j = 0; j < 4; j++) {
            size_t length = strlen(parts[j]);
            assert(at + length < PARAMS_TEXT);
            memcpy(list + at, parts[j], length);
            at += length;
        }
    }
    list[at] = '\0';
}

/* A line of a doc comment that is a template. */
static void doc_line(wtfcb_benchmark_code *code, const char *template, const char *name)
{
    char text[WTFCB_BENCHMARK_NAME];
    size_t mark = strlen(code->dialect->doc[1]), length = strlen(template);
    assert(mark + length < sizeof text);
    memcpy(text, code->dialect->doc[1], mark);
    memcpy(text + mark, template, length + 1);
    line_of(code, text, name);
}

static void doc(wtfcb_benchmark_code *code, uint32_t params, char names[][WTFCB_BENCHMARK_NAME])
{
    const wtfcb_benchmark_dialect *dialect = code->dialect;
    uint32_t lines = 1 + dice(code, 3);
    if (dialect->doc[0]) wtfcb_benchmark_line(code, dialect->doc[0]);
    if (dialect->doc_inside) {
        if (dice(code, 2) == 0) lines = 0;
        if (lines > 0) wtfcb_benchmark_gap(code);
    }
    for (uint32_t i = 0; i < lines; i++)
        wtfcb_benchmark_comment(code, true);
    if (dialect->param_doc && lines > 0 && dice(code, 3) == 0) {
        if (dialect->doc_inside) wtfcb_benchmark_gap(code);
        for (uint32_t i = 0; i < params; i++)
            doc_line(code, dialect->param_doc, names[i]);
        doc_line(code, dialect->return_doc, "");
    }
    if (dialect->doc[2]) wtfcb_benchmark_line(code, dialect->doc[2]);
}

/* `head` to `end`, with `$f` and what `$p` needs; `fields` of the object are in reach. */
static void function(wtfcb_benchmark_code *code, const char *head, const char *end, uint32_t params, size_t limit,
                     bool calls_all)
{
    char names[PARAMS_MAX][WTFCB_BENCHMARK_NAME], list[PARAMS_TEXT];
    bool documented = dice(code, 10) < 6;
    make_params(code, params, names, list);
    if (documented && !code->dialect->doc_inside) doc(code, params, names);
    code->args['p' - 'a'] = list;
    wtfcb_benchmark_line(code, head);
    if (documented && code->dialect->doc_inside) doc(code, params, names);
    for (uint32_t i = 0; i < params; i++)
        wtfcb_benchmark_local_add(code, names[i], true);
    wtfcb_benchmark_body(code, limit, calls_all);
    wtfcb_benchmark_line(code, end);
    code->args['p' - 'a'] = NULL;
}

static void write_function(wtfcb_benchmark_code *code, uint32_t unit, size_t limit)
{
    char name[WTFCB_BENCHMARK_NAME];
    wtfcb_benchmark_unit_name(code->plan, code->file_index, unit, name);
    code->args['f' - 'a'] = name;
    const char *head = wtfcb_benchmark_unit_private(unit) ? code->dialect->function_private : code->dialect->function;
    if (code->file->role == WTFCB_BENCHMARK_HEADER) head = code->dialect->function_header;
    function(code, head, code->dialect->function_end, wtfcb_benchmark_unit_params(code->file, unit), limit, unit == 0);
}

static void write_constructor(wtfcb_benchmark_code *code, uint32_t fields, char names[][WTFCB_BENCHMARK_NAME],
                              const char *list)
{
    code->args['p' - 'a'] = list;
    wtfcb_benchmark_line(code, code->dialect->constructor);
    for (uint32_t i = 0; i < fields; i++)
        line_of(code, code->dialect->assign, names[i]);
    wtfcb_benchmark_line(code, code->dialect->constructor_end);
}

static void write_method(wtfcb_benchmark_code *code, uint64_t key, uint32_t index, uint32_t fields,
                         char names[][WTFCB_BENCHMARK_NAME], size_t limit)
{
    enum { BOUND = WTFCB_BENCHMARK_VERBS * WTFCB_BENCHMARK_NOUNS };
    uint32_t place = wtfcb_benchmark_walk(wtfcb_benchmark_key(key, KEY_FUNCTIONS), index, BOUND);
    const char *words[] = {wtfcb_benchmark_verbs[place / WTFCB_BENCHMARK_NOUNS],
                           wtfcb_benchmark_nouns[place % WTFCB_BENCHMARK_NOUNS]};
    char name[WTFCB_BENCHMARK_NAME], field[WTFCB_BENCHMARK_NAME];
    wtfcb_benchmark_name(name, code->dialect->functions, words, 2);
    code->args['f' - 'a'] = name;
    begin_function(code, wtfcb_benchmark_key(key, index));
    for (uint32_t i = 0; i < fields; i++) {
        size_t self = strlen(code->dialect->self), length = strlen(names[i]);
        if (self + length >= sizeof field) continue;
        memcpy(field, code->dialect->self, self);
        memcpy(field + self, names[i], length + 1);
        wtfcb_benchmark_local_add(code, field, true);
    }
    wtfcb_benchmark_gap(code);
    function(code, code->dialect->method, code->dialect->method_end, 1 + index % 2, limit, false);
}

static void write_class(wtfcb_benchmark_code *code, uint32_t unit, size_t limit)
{
    const wtfcb_benchmark_dialect *dialect = code->dialect;
    char type[WTFCB_BENCHMARK_NAME], names[FIELDS_MAX][WTFCB_BENCHMARK_NAME], list[PARAMS_TEXT];
    uint64_t key = unit_key(code->file, unit);
    uint32_t fields = 2 + dice(code, FIELDS_MAX - 1);
    type_name(code, unit, false, dialect->types, type);
    code->args['c' - 'a'] = type;
    make_params(code, fields, names, list);
    if (!dialect->doc_inside) doc(code, 0, NULL);
    wtfcb_benchmark_line(code, dialect->class_);
    if (dialect->doc_inside) {
        doc(code, 0, NULL);
        wtfcb_benchmark_gap(code);
    }
    for (uint32_t i = 0; dialect->field && i < fields; i++)
        line_of(code, dialect->field, names[i]);
    if (dialect->class_middle) wtfcb_benchmark_line(code, dialect->class_middle);
    write_constructor(code, fields, names, list);
    for (uint32_t i = 0; i < METHODS_MAX && (i == 0 || code->out->length + 200 < limit); i++) {
        uint64_t size = wtfcb_benchmark_draw_lognormal(&code->draw, 5600, 700, BUDGET_MAX);
        size_t end = code->out->length + (size_t)size;
        write_method(code, key, i, fields, names, end < limit ? end : limit);
    }
    if (dialect->class_end) wtfcb_benchmark_line(code, dialect->class_end);
}

static void write_constants(wtfcb_benchmark_code *code, uint32_t unit, size_t limit)
{
    char name[WTFCB_BENCHMARK_NAME];
    bool filler = unit >= WTFCB_BENCHMARK_FILLER;
    uint32_t count = filler ? 16 : wtfcb_benchmark_constant_count(code->file, unit);
    if (!filler) {
        wtfcb_benchmark_comment(code, false);
        code->last_constants = unit;
    }
    for (uint32_t i = 0; i < count && (!filler || code->out->length < limit); i++) {
        wtfcb_benchmark_constant_name(code, unit, i, name);
        line_of(code, code->dialect->constant, name);
    }
}

static void write_kinds(wtfcb_benchmark_code *code, uint32_t unit)
{
    const wtfcb_benchmark_dialect *dialect = code->dialect;
    char type[WTFCB_BENCHMARK_NAME], name[2 * WTFCB_BENCHMARK_NAME];
    wtfcb_benchmark_style style = dialect->constants;
    if (dialect == &wtfcb_benchmark_dialects[WTFCB_BENCHMARK_TYPESCRIPT] ||
        dialect == &wtfcb_benchmark_dialects[WTFCB_BENCHMARK_RUST])
        style = WTFCB_BENCHMARK_PASCAL;
    type_name(code, unit, true, dialect->types, type);
    code->args['c' - 'a'] = type;
    wtfcb_benchmark_line(code, dialect->kinds);
    if (dialect->prefixed) type_name(code, unit, true, style, name);
    size_t start = dialect->prefixed ? strlen(name) : 0;
    if (start > 0 && style == WTFCB_BENCHMARK_UPPER) name[start++] = '_';
    uint32_t count = 3 + dice(code, 8);
    for (uint32_t i = 0; i < count; i++) {
        const char *word =
            wtfcb_benchmark_nouns[wtfcb_benchmark_walk(unit_key(code->file, unit), i, WTFCB_BENCHMARK_NOUNS)];
        wtfcb_benchmark_name(name + start, style, &word, 1);
        line_of(code, dialect->kind, name);
    }
    wtfcb_benchmark_line(code, dialect->kinds_end);
}

static void write_table(wtfcb_benchmark_code *code, uint32_t unit, size_t limit)
{
    const wtfcb_benchmark_dialect *dialect = code->dialect;
    char name[WTFCB_BENCHMARK_NAME];
    bool filler = unit >= WTFCB_BENCHMARK_FILLER;
    wtfcb_benchmark_style style = dialect->constants;
    if (dialect == &wtfcb_benchmark_dialects[WTFCB_BENCHMARK_C] ||
        dialect == &wtfcb_benchmark_dialects[WTFCB_BENCHMARK_JAVA])
        style = dialect->functions;
    if (!filler && unit_key(code->file, unit) % 2 == 0) {
        write_kinds(code, unit);
        return;
    }
    type_name(code, unit, true, style, name);
    wtfcb_benchmark_comment(code, false);
    line_of(code, dialect->table, name);
    uint32_t count = filler ? 16 : 4 + dice(code, 16);
    for (uint32_t i = 0; i < count && (i == 0 || !filler || code->out->length < limit); i++)
        wtfcb_benchmark_line(code, dialect->table_item);
    wtfcb_benchmark_line(code, dialect->table_end);
}

void wtfcb_benchmark_unit_write(wtfcb_benchmark_code *code, uint32_t unit, uint32_t revision, uint32_t room)
{
    uint64_t key = unit_key(code->file, unit);
    uint32_t kind = wtfcb_benchmark_unit_kind(code->file, unit);
    code->draw.state = wtfcb_benchmark_key(key, revision);
    code->unit = unit;
    begin_function(code, wtfcb_benchmark_key(key, KEY_NAMES));
    uint64_t budget = kind == WTFCB_BENCHMARK_CLASS
                          ? wtfcb_benchmark_draw_lognormal(&code->draw, 7000, 600, BUDGET_MAX)
                          : wtfcb_benchmark_draw_lognormal(&code->draw, 6100, 750, BUDGET_MAX);
    size_t limit = code->out->length + (size_t)(budget < room ? budget : room);
    switch (kind) {
    case WTFCB_BENCHMARK_FUNCTION: write_function(code, unit, limit); break;
    case WTFCB_BENCHMARK_CLASS: write_class(code, unit, limit); break;
    case WTFCB_BENCHMARK_CONSTANTS: write_constants(code, unit, code->out->length + room); break;
    default: write_table(code, unit, code->out->length + room);
    }
}

void wtfcb_benchmark_unit_prototype(wtfcb_benchmark_code *code, uint32_t index, uint32_t unit)
{
    const wtfcb_benchmark_file *file = &code->plan->files[index];
    char name[WTFCB_BENCHMARK_NAME], names[PARAMS_MAX][WTFCB_BENCHMARK_NAME], list[PARAMS_TEXT];
    uint64_t key = unit_key(file, unit);
    code->draw.state = wtfcb_benchmark_key(key, 0);
    begin_function(code, wtfcb_benchmark_key(key, KEY_NAMES));
    make_params(code, wtfcb_benchmark_unit_params(file, unit), names, list);
    doc(code, wtfcb_benchmark_unit_params(file, unit), names);
    wtfcb_benchmark_unit_name(code->plan, index, unit, name);
    code->args['f' - 'a'] = name;
    code->args['p' - 'a'] = list;
    wtfcb_benchmark_line(code, "int $f($p);");
    code->args['p' - 'a'] = NULL;
}
