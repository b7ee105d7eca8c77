/*
 * A file from head to end: comment, imports, units until its size is reached, and the rest in comments, to the byte where the last unit left room.
 *
 * How many units there are is decided by their first revision, so an edit that changes one moves no other: all that changes is what was
 * edited.
 */
#include <string.h>

#include "benchmark/generate_text.h"

enum {
    LAST_UNIT = 420, /* less room than that is filled up */
    FILLER_ROOM = 160,
    FILLERS = 4, /* in one file */
    SLACK = 16,  /* bytes that a file may be larger */
    LINE = 76,   /* of a filling comment */
    PROTOTYPE_SIZE = 6000,
    KEY_HEAD = 201,
    KEY_FILL
};

static void put(wtfcb_benchmark_code *code, const char *text)
{
    wtfcb_base_buffer_append_string(code->out, text);
}

static bool is_language(const wtfcb_benchmark_code *code, uint32_t language)
{
    return code->dialect == &wtfcb_benchmark_dialects[language];
}

static void set_up(wtfcb_benchmark_code *code, const wtfcb_benchmark_plan *plan, uint32_t index, wtfcb_base_buffer *out)
{
    const wtfcb_benchmark_file *file = &plan->files[index];
    memset(code->args, 0, sizeof code->args);
    code->out = out;
    code->plan = plan;
    code->file = file;
    code->file_index = index;
    code->dialect = &wtfcb_benchmark_dialects[wtfcb_benchmark_plan_language(plan, file)];
    code->indent = code->import_count = code->unit = code->local_count = code->names = code->depth = 0;
    code->last_constants = WTFCB_BENCHMARK_NONE;
    code->draw.state = wtfcb_benchmark_key(file->key, KEY_HEAD);
    if (file->role > WTFCB_BENCHMARK_HEADER) return;
    wtfcb_benchmark_style functions =
        is_language(code, WTFCB_BENCHMARK_GO) ? WTFCB_BENCHMARK_CAMEL : code->dialect->functions;
    wtfcb_benchmark_file_name(plan, file, file->name, functions, code->module);
    wtfcb_benchmark_file_name(plan, file, file->file_name, WTFCB_BENCHMARK_PASCAL, code->class_name);
    code->args['m' - 'a'] = code->module;
    code->args['o' - 'a'] = code->class_name;
}

static void head_comment(wtfcb_benchmark_code *code)
{
    uint32_t lines = code->file->size < 300 ? 0 : 1 + wtfcb_benchmark_draw_below(&code->draw, 6);
    if (code->file->size > 2000 && wtfcb_benchmark_draw_below(&code->draw, 2) == 0) lines += 4;
    for (uint32_t i = 0; i < lines; i++)
        wtfcb_benchmark_comment(code, false);
    if (lines > 0) wtfcb_benchmark_gap(code);
}

static void guard(wtfcb_benchmark_code *code)
{
    char name[WTFCB_BENCHMARK_NAME];
    wtfcb_benchmark_file_name(code->plan, code->file, code->file->name, WTFCB_BENCHMARK_UPPER, name);
    put(code, "#ifndef ");
    put(code, name);
    put(code, "_H\n#define ");
    put(code, name);
    put(code, "_H\n\n");
}

static void package(wtfcb_benchmark_code *code)
{
    put(code, "package ");
    if (is_language(code, WTFCB_BENCHMARK_GO))
        wtfcb_benchmark_plan_directory_name(code->plan, code->file->directory, code->out);
    else
        wtfcb_benchmark_plan_directory_path(code->plan, code->file->directory, ".", WTFCB_BENCHMARK_NONE, code->out);
    put(code, is_language(code, WTFCB_BENCHMARK_GO) ? "\n\n" : ";\n\n");
}

static void head(wtfcb_benchmark_code *code)
{
    bool whole = code->file->size >= WTFCB_BENCHMARK_CODE_SIZE;
    head_comment(code);
    if (code->file->role == WTFCB_BENCHMARK_HEADER) guard(code);
    if (is_language(code, WTFCB_BENCHMARK_GO) || is_language(code, WTFCB_BENCHMARK_JAVA)) package(code);
    if (whole || !is_language(code, WTFCB_BENCHMARK_GO)) wtfcb_benchmark_imports_write(code);
    if (whole && code->dialect->opening) {
        wtfcb_benchmark_line(code, code->dialect->opening);
        wtfcb_benchmark_gap(code);
    } else if (!whole && is_language(code, WTFCB_BENCHMARK_JAVA)) {
        wtfcb_benchmark_line(code, "public final class $o {$>");
    }
}

static const char *closing(const wtfcb_benchmark_code *code)
{
    if (code->file->role == WTFCB_BENCHMARK_HEADER) return "#endif";
    return code->dialect->closing ? code->dialect->closing : NULL;
}

static size_t closing_size(const wtfcb_benchmark_code *code)
{
    return code->file->role == WTFCB_BENCHMARK_HEADER ? 7 : code->dialect->closing ? 2 : 0;
}

/* What edits made of a unit: its revision, 0 if nothing. */
static uint32_t revision_of(const wtfcb_benchmark_code *code, uint32_t unit)
{
    for (uint32_t i = code->file->changes; i != WTFCB_BENCHMARK_NONE; i = code->plan->changes[i].next)
        if (code->plan->changes[i].unit == unit) return code->plan->changes[i].revision;
    return 0;
}

/* Write a unit as it is now; the bytes that it had at first. */
static size_t write_unit(wtfcb_benchmark_code *code, uint32_t unit, size_t room)
{
    size_t start = code->out->length;
    wtfcb_benchmark_unit_write(code, unit, 0, room > UINT32_MAX ? UINT32_MAX : (uint32_t)room);
    wtfcb_benchmark_gap(code);
    size_t size = code->out->length - start;
    uint32_t revision = revision_of(code, unit);
    if (revision == 0 || code->out->failed) return size;
    code->out->length = start;
    if (revision == WTFCB_BENCHMARK_REMOVED) return size;
    wtfcb_benchmark_unit_write(code, unit, revision, (uint32_t)room);
    wtfcb_benchmark_gap(code);
    return size;
}

/* A header declares what its source defines, as far as that is sure to be long enough. */
static size_t prototypes(wtfcb_benchmark_code *code, size_t room)
{
    const wtfcb_benchmark_file *file = code->file;
    size_t start = code->out->length;
    if (file->role != WTFCB_BENCHMARK_HEADER || file->partner == WTFCB_BENCHMARK_NONE) return 0;
    const wtfcb_benchmark_file *source = &code->plan->files[file->partner];
    if (source->removed || source->size < WTFCB_BENCHMARK_CODE_SIZE) return 0;
    uint32_t units = 1 + source->size / PROTOTYPE_SIZE;
    for (uint32_t i = 0; i < units && code->out->length - start + LAST_UNIT < room; i++) {
        if (wtfcb_benchmark_unit_kind(source, i) != WTFCB_BENCHMARK_FUNCTION || wtfcb_benchmark_unit_private(i))
            continue;
        wtfcb_benchmark_unit_prototype(code, file->partner, i);
        wtfcb_benchmark_gap(code);
    }
    return code->out->length - start;
}

/* Comments of `size` bytes in all. */
static void fill(wtfcb_benchmark_code *code, size_t size)
{
    const char *const *mark = code->dialect->comment;
    size_t margin = code->indent * strlen(code->dialect->indent) + strlen(mark[0]) + strlen(mark[1]) + 1;
    code->draw.state = wtfcb_benchmark_key(code->file->key, KEY_FILL);
    while (size > 0 && !code->out->failed) {
        size_t length = size > LINE + margin + 16 ? LINE : size > LINE ? size / 2 : size;
        if (length < margin + 3) length = size;
        size -= length;
        if (length < margin + 3) {
            for (; length > 0; length--)
                wtfcb_benchmark_gap(code);
            break;
        }
        for (uint32_t i = 0; i < code->indent; i++)
            put(code, code->dialect->indent);
        put(code, mark[0]);
        size_t start = code->out->length, text = length - margin;
        wtfcb_benchmark_words(code, (uint32_t)(text / 2 + 2), true);
        if (code->out->failed) return;
        code->out->length = start + text;
        if (code->out->data[start + text - 1] == ' ') code->out->data[start + text - 1] = '.';
        put(code, mark[1]);
        wtfcb_benchmark_gap(code);
    }
}

/*
 * Units until there is no room for another one; the new size. One that turns out too large, a class mostly, is taken back: nobody knows of it, since
 * calls go to units before, and imports to those that are sure to fit.
 */
static size_t units(wtfcb_benchmark_code *code, size_t size, size_t target)
{
    for (uint32_t unit = 0; !code->out->failed; unit++) {
        size_t left = size < target ? target - size : 0, start = code->out->length;
        uint32_t constants = code->last_constants;
        if (unit > 0 && left < LAST_UNIT) break;
        size_t more = write_unit(code, unit, left > 140 ? left - 140 : 0);
        if (unit > 0 && more > left + SLACK && !code->out->failed) {
            code->out->length = start;
            code->last_constants = constants;
            break;
        }
        size += more;
    }
    return size;
}

void wtfcb_benchmark_file_write(const wtfcb_benchmark_plan *plan, uint32_t index, wtfcb_benchmark_code *code,
                                wtfcb_base_buffer *out)
{
    wtfcb_base_buffer_reset(out);
    set_up(code, plan, index, out);
    const wtfcb_benchmark_file *file = code->file;
    if (file->role > WTFCB_BENCHMARK_HEADER) {
        wtfcb_benchmark_glue_write(code);
        return;
    }
    head(code);
    size_t size = out->length, target = file->size - closing_size(code), left;
    bool whole = file->size >= WTFCB_BENCHMARK_CODE_SIZE;
    if (whole && size < target) size += prototypes(code, target - size);
    if (whole) size = units(code, size, target);
    left = size < target ? target - size : 0;
    uint32_t filler = WTFCB_BENCHMARK_FILLER;
    for (size_t least = whole ? FILLER_ROOM : 40; left > least && filler < WTFCB_BENCHMARK_FILLER + FILLERS; filler++) {
        size += write_unit(code, filler, left - (whole ? 90 : 40));
        left = size < target ? target - size : 0;
    }
    for (uint32_t i = 0; whole && i < file->added; i++)
        (void)write_unit(code, WTFCB_BENCHMARK_ADDED + i, 3000);
    if (size < target) fill(code, target - size);
    if (closing(code)) wtfcb_benchmark_line(code, closing(code));
}
