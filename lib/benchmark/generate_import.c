/*
 * Imports: the lines at the head of a file, and under which name each imported function is called.
 *
 * Paths are as the language resolves them: relative for C, JavaScript, TypeScript and Python, from the root of the packages for Java, of the module for Go, of
 * the crate for Rust. A name that the file has already, of its own or imported, gets another one (`as`).
 */
#include <assert.h>
#include <string.h>

#include "benchmark/generate_text.h"
#include "benchmark/generate_words.h"

enum { LEVELS = 8 };

static void put(wtfcb_benchmark_code *code, const char *text)
{
    wtfcb_base_buffer_append_string(code->out, text);
}

static uint32_t dice(wtfcb_benchmark_code *code, uint32_t sides)
{
    return wtfcb_benchmark_draw_below(&code->draw, sides);
}

/* The folders from the top down to `directory`; their number. */
static uint32_t chain_of(const wtfcb_benchmark_plan *plan, uint32_t directory, uint32_t chain[LEVELS])
{
    uint32_t count = 0;
    for (uint32_t at = directory; at != WTFCB_BENCHMARK_NONE; at = plan->directories[at].parent) {
        assert(count < LEVELS);
        chain[count++] = at;
    }
    for (uint32_t i = 0; i < count / 2; i++) {
        uint32_t other = chain[i];
        chain[i] = chain[count - 1 - i];
        chain[count - 1 - i] = other;
    }
    return count;
}

/* From the file's folder to another: `up` for each level up, then names each with `separator` behind. */
static uint32_t relative(wtfcb_benchmark_code *code, uint32_t to, const char *up, const char *separator)
{
    uint32_t here[LEVELS], there[LEVELS], common = 0;
    uint32_t from_count = chain_of(code->plan, code->file->directory, here);
    uint32_t to_count = chain_of(code->plan, to, there);
    while (common < from_count && common < to_count && here[common] == there[common])
        common++;
    for (uint32_t i = common; i < from_count; i++)
        put(code, up);
    for (uint32_t i = common; i < to_count; i++) {
        wtfcb_benchmark_plan_directory_name(code->plan, there[i], code->out);
        put(code, separator);
    }
    return from_count - common;
}

/* Whether the file has a function or an import of this name. */
static bool taken(wtfcb_benchmark_code *code, const char *name)
{
    char own[WTFCB_BENCHMARK_NAME];
    for (uint32_t i = 0; i < code->import_count; i++)
        if (strcmp(code->imports[i].name, name) == 0) return true;
    uint32_t units = code->file->size / 100 + 8;
    for (uint32_t i = 0; i < units && i < 4096; i++) {
        if (wtfcb_benchmark_unit_kind(code->file, i) != WTFCB_BENCHMARK_FUNCTION) continue;
        wtfcb_benchmark_unit_name(code->plan, code->file_index, i, own);
        if (strcmp(own, name) == 0) return true;
    }
    for (uint32_t i = 0; i < code->file->added; i++) {
        wtfcb_benchmark_unit_name(code->plan, code->file_index, WTFCB_BENCHMARK_ADDED + i, own);
        if (strcmp(own, name) == 0) return true;
    }
    return false;
}

/* How a function is called: `scope`, `joint`, `name`. */
static void remember(wtfcb_benchmark_code *code, const wtfcb_benchmark_edge *edge, const char *scope, const char *joint,
                     const char *name)
{
    const wtfcb_benchmark_file *other = &code->plan->files[edge->file];
    if (other->size < WTFCB_BENCHMARK_CODE_SIZE || code->import_count == WTFCB_BENCHMARK_IMPORTS) return;
    wtfcb_benchmark_callee *callee = &code->imports[code->import_count++];
    size_t at = 0;
    const char *parts[] = {scope, joint, name};
    for (size_t i = 0; i < 3; i++) {
        size_t length = strlen(parts[i]);
        if (length > sizeof callee->name - 1 - at) length = sizeof callee->name - 1 - at;
        memcpy(callee->name + at, parts[i], length);
        at += length;
    }
    callee->name[at] = '\0';
    callee->params = wtfcb_benchmark_unit_params(other, edge->unit);
}

/* ` as other_name` when the name is taken; what it is called. */
static void alias(wtfcb_benchmark_code *code, const wtfcb_benchmark_edge *edge, const char *name)
{
    if (!taken(code, name)) {
        remember(code, edge, "", "", name);
        return;
    }
    char module[WTFCB_BENCHMARK_NAME];
    const wtfcb_benchmark_file *other = &code->plan->files[edge->file];
    wtfcb_benchmark_file_name(code->plan, other, other->name, code->dialect->functions, module);
    remember(code, edge, module, "_", name);
    put(code, " as ");
    put(code, module);
    put(code, "_");
    put(code, name);
}

static void file_base(wtfcb_benchmark_code *code, uint32_t file, bool dashed)
{
    const wtfcb_benchmark_file *other = &code->plan->files[file];
    char name[WTFCB_BENCHMARK_NAME];
    wtfcb_benchmark_file_name(code->plan, other, other->file_name,
                              wtfcb_benchmark_plan_language(code->plan, other) == WTFCB_BENCHMARK_JAVA
                                  ? WTFCB_BENCHMARK_PASCAL
                                  : WTFCB_BENCHMARK_SNAKE,
                              name);
    for (char *at = name; dashed && (at = strchr(at, '_'));)
        *at = '-';
    put(code, name);
}

static void import_c(wtfcb_benchmark_code *code, const wtfcb_benchmark_edge *edge, const char *name)
{
    put(code, "#include \"");
    (void)relative(code, code->plan->files[edge->file].directory, "../", "/");
    file_base(code, edge->file, false);
    put(code, ".h\"\n");
    remember(code, edge, "", "", name);
}

static void import_python(wtfcb_benchmark_code *code, const wtfcb_benchmark_edge *edge, const char *name)
{
    put(code, "from .");
    (void)relative(code, code->plan->files[edge->file].directory, ".", ".");
    file_base(code, edge->file, false);
    put(code, " import ");
    put(code, name);
    alias(code, edge, name);
    put(code, "\n");
}

static void import_script(wtfcb_benchmark_code *code, const wtfcb_benchmark_edge *edge, const char *name)
{
    uint32_t directory = code->plan->files[edge->file].directory;
    uint32_t here[LEVELS], there[LEVELS];
    uint32_t count = chain_of(code->plan, code->file->directory, here);
    bool below = chain_of(code->plan, directory, there) >= count && there[count - 1] == here[count - 1];
    put(code, "import { ");
    put(code, name);
    alias(code, edge, name);
    put(code, below ? " } from \"./" : " } from \"");
    (void)relative(code, directory, "../", "/");
    file_base(code, edge->file, true);
    put(code, code->dialect == &wtfcb_benchmark_dialects[WTFCB_BENCHMARK_JAVASCRIPT] ? ".js\";\n" : "\";\n");
}

static void import_java(wtfcb_benchmark_code *code, const wtfcb_benchmark_edge *edge, const char *name)
{
    const wtfcb_benchmark_file *other = &code->plan->files[edge->file];
    char type[WTFCB_BENCHMARK_NAME];
    put(code, "import ");
    wtfcb_benchmark_plan_directory_path(code->plan, other->directory, ".", WTFCB_BENCHMARK_NONE, code->out);
    put(code, ".");
    file_base(code, edge->file, false);
    put(code, ";\n");
    wtfcb_benchmark_file_name(code->plan, other, other->file_name, WTFCB_BENCHMARK_PASCAL, type);
    remember(code, edge, type, ".", name);
}

/* Packages are imported, not files: one line for all files of a folder. */
static void import_go(wtfcb_benchmark_code *code, const wtfcb_benchmark_edge *edge, const char *name)
{
    const wtfcb_benchmark_edge *first = &code->plan->edges[code->file->first_edge];
    uint32_t directory = code->plan->files[edge->file].directory;
    bool before = false;
    for (; first < edge; first++)
        before = before ||
                 (code->plan->files[first->file].directory == directory && !code->plan->files[first->file].removed);
    size_t start = code->out->length;
    put(code, "\t\"example.com/");
    wtfcb_benchmark_plan_directory_path(code->plan, directory, "/", WTFCB_BENCHMARK_NONE, code->out);
    put(code, "\"\n");
    if (before) code->out->length = start;
    char package[WTFCB_BENCHMARK_NAME];
    size_t at = code->out->length;
    wtfcb_benchmark_plan_directory_name(code->plan, directory, code->out);
    if (code->out->failed) return;
    size_t length = code->out->length - at;
    if (length >= sizeof package) length = sizeof package - 1;
    memcpy(package, code->out->data + at, length);
    package[length] = '\0';
    code->out->length = at;
    remember(code, edge, package, ".", name);
}

static void import_rust(wtfcb_benchmark_code *code, const wtfcb_benchmark_edge *edge, const char *name)
{
    const wtfcb_benchmark_file *other = &code->plan->files[edge->file];
    uint32_t base = code->plan->components[code->file->component].first_directory;
    char module[WTFCB_BENCHMARK_NAME];
    put(code, "use crate::");
    if (other->directory != base) {
        wtfcb_benchmark_plan_directory_path(code->plan, other->directory, "::", base, code->out);
        put(code, "::");
    }
    file_base(code, edge->file, false);
    put(code, ";\n");
    wtfcb_benchmark_file_name(code->plan, other, other->file_name, WTFCB_BENCHMARK_SNAKE, module);
    remember(code, edge, module, "::", name);
}

static void externals(wtfcb_benchmark_code *code)
{
    const wtfcb_benchmark_dialect *dialect = code->dialect;
    for (uint32_t i = 0; i < WTFCB_BENCHMARK_EXTERNALS && dialect->externals[i]; i++)
        if (i < dialect->externals_always || dice(code, 6) == 0) wtfcb_benchmark_line(code, dialect->externals[i]);
}

void wtfcb_benchmark_imports_write(wtfcb_benchmark_code *code)
{
    typedef void (*import_fn)(wtfcb_benchmark_code *, const wtfcb_benchmark_edge *, const char *);
    static const import_fn writers[WTFCB_BENCHMARK_LANGUAGES] = {[WTFCB_BENCHMARK_C] = import_c,
                                                                 [WTFCB_BENCHMARK_PYTHON] = import_python,
                                                                 [WTFCB_BENCHMARK_JAVASCRIPT] = import_script,
                                                                 [WTFCB_BENCHMARK_TYPESCRIPT] = import_script,
                                                                 [WTFCB_BENCHMARK_JAVA] = import_java,
                                                                 [WTFCB_BENCHMARK_GO] = import_go,
                                                                 [WTFCB_BENCHMARK_RUST] = import_rust};
    uint32_t language = wtfcb_benchmark_plan_language(code->plan, code->file);
    bool go = language == WTFCB_BENCHMARK_GO, own_header = language == WTFCB_BENCHMARK_C;
    char name[WTFCB_BENCHMARK_NAME];
    size_t start = code->out->length;
    if (go) {
        wtfcb_benchmark_line(code, "import ($>");
        start = code->out->length;
    }
    if (code->file->size >= WTFCB_BENCHMARK_CODE_SIZE) externals(code);
    if (code->out->length > start && code->file->edge_count > 0 && !own_header) wtfcb_benchmark_gap(code);
    for (uint32_t i = 0; i < code->file->edge_count; i++) {
        const wtfcb_benchmark_edge *edge = &code->plan->edges[code->file->first_edge + i];
        if (code->plan->files[edge->file].removed) continue;
        wtfcb_benchmark_unit_name(code->plan, edge->file, edge->unit, name);
        writers[language](code, edge, name);
    }
    if (go) wtfcb_benchmark_line(code, "$<)");
    if (code->out->length > start) wtfcb_benchmark_gap(code);
}
