/*
 * What folders and files are called, and where they are.
 *
 * Files of a component have names of their own, two nouns; folders an area, or two when there are many. Both come from numbers by a walk that the
 * component's key orders, so nothing has to be remembered to keep them apart.
 */
#include <assert.h>
#include <string.h>

#include "benchmark/generate_text.h"
#include "benchmark/generate_words.h"

enum { LEVELS = 8, KEY_FOLDERS = 101, KEY_FILES };

void wtfcb_benchmark_file_words(const wtfcb_benchmark_plan *plan, const wtfcb_benchmark_file *file, uint32_t name,
                                const char *words[2], uint32_t *ret_number)
{
    enum { SECOND = 64, BOUND = WTFCB_BENCHMARK_NOUNS * SECOND };
    const wtfcb_benchmark_component *component = &plan->components[file->component];
    uint32_t place = wtfcb_benchmark_walk(wtfcb_benchmark_key(component->key, KEY_FILES), name % BOUND, BOUND);
    uint32_t first = place / SECOND, second = (first + 1 + place % SECOND) % WTFCB_BENCHMARK_NOUNS;
    words[0] = wtfcb_benchmark_nouns[first];
    words[1] = wtfcb_benchmark_nouns[second];
    *ret_number = name >= BOUND ? name / BOUND + 1 : 0;
}

void wtfcb_benchmark_file_name(const wtfcb_benchmark_plan *plan, const wtfcb_benchmark_file *file, uint32_t name,
                               wtfcb_benchmark_style style, char text[WTFCB_BENCHMARK_NAME])
{
    const char *words[2];
    uint32_t number;
    wtfcb_benchmark_file_words(plan, file, name, words, &number);
    wtfcb_benchmark_name_number(text, style, words, 2, number);
}

void wtfcb_benchmark_plan_directory_name(const wtfcb_benchmark_plan *plan, uint32_t index, wtfcb_base_buffer *out)
{
    enum { ONE = WTFCB_BENCHMARK_AREAS, TWO = ONE * ONE };
    const wtfcb_benchmark_directory *directory = &plan->directories[index];
    const wtfcb_benchmark_component *component = &plan->components[directory->component];
    if (directory->parent == WTFCB_BENCHMARK_NONE) {
        uint64_t order = wtfcb_benchmark_key(plan->shape.seed, KEY_FOLDERS);
        wtfcb_base_buffer_append_string(
            out,
            wtfcb_benchmark_components[wtfcb_benchmark_walk(order, directory->component, WTFCB_BENCHMARK_COMPONENTS)]);
        return;
    }
    if (component->source_folder && index == component->first_directory) {
        wtfcb_base_buffer_append_string(out, "src");
        return;
    }
    uint64_t order = wtfcb_benchmark_key(component->key, KEY_FOLDERS);
    uint32_t name = directory->name;
    if (name < ONE) {
        wtfcb_base_buffer_append_string(out, wtfcb_benchmark_areas[wtfcb_benchmark_walk(order, name, ONE)]);
        return;
    }
    uint32_t place = wtfcb_benchmark_walk(order, (name - ONE) % TWO, TWO);
    wtfcb_base_buffer_append_string(out, wtfcb_benchmark_areas[place / ONE]);
    wtfcb_base_buffer_append_string(out, wtfcb_benchmark_areas[place % ONE]);
    for (uint32_t round = (name - ONE) / TWO; round > 0; round /= 8) /* so that no name begins with a digit */
        wtfcb_base_buffer_append_byte(out, (char)('a' + round % 8));
}

void wtfcb_benchmark_plan_directory_path(const wtfcb_benchmark_plan *plan, uint32_t directory, const char *separator,
                                         uint32_t below, wtfcb_base_buffer *out)
{
    uint32_t chain[LEVELS], count = 0;
    for (uint32_t at = directory; at != below; at = plan->directories[at].parent) {
        assert(count < LEVELS && at != WTFCB_BENCHMARK_NONE);
        chain[count++] = at;
    }
    while (count > 0) {
        wtfcb_benchmark_plan_directory_name(plan, chain[--count], out);
        if (count > 0) wtfcb_base_buffer_append_string(out, separator);
    }
}

static const char *glue_name(const wtfcb_benchmark_plan *plan, const wtfcb_benchmark_file *file)
{
    static const char *const manifests[WTFCB_BENCHMARK_LANGUAGES] = {
        [WTFCB_BENCHMARK_PYTHON] = "pyproject.toml",    [WTFCB_BENCHMARK_JAVASCRIPT] = "package.json",
        [WTFCB_BENCHMARK_TYPESCRIPT] = "tsconfig.json", [WTFCB_BENCHMARK_GO] = "go.mod",
        [WTFCB_BENCHMARK_RUST] = "Cargo.toml",
    };
    uint32_t language = wtfcb_benchmark_plan_language(plan, file);
    if (file->role == WTFCB_BENCHMARK_MANIFEST) return manifests[language];
    if (language == WTFCB_BENCHMARK_PYTHON) return "__init__.py";
    return file->directory == plan->components[file->component].first_directory ? "lib.rs" : "mod.rs";
}

void wtfcb_benchmark_plan_file_path(const wtfcb_benchmark_plan *plan, uint32_t index, wtfcb_base_buffer *out)
{
    const wtfcb_benchmark_file *file = &plan->files[index];
    uint32_t language = wtfcb_benchmark_plan_language(plan, file);
    wtfcb_benchmark_plan_directory_path(plan, file->directory, "/", WTFCB_BENCHMARK_NONE, out);
    wtfcb_base_buffer_append_byte(out, '/');
    if (file->role > WTFCB_BENCHMARK_HEADER) {
        wtfcb_base_buffer_append_string(out, glue_name(plan, file));
        return;
    }
    char name[WTFCB_BENCHMARK_NAME];
    wtfcb_benchmark_file_name(plan, file, file->file_name,
                              language == WTFCB_BENCHMARK_JAVA ? WTFCB_BENCHMARK_PASCAL : WTFCB_BENCHMARK_SNAKE, name);
    if (language == WTFCB_BENCHMARK_JAVASCRIPT || language == WTFCB_BENCHMARK_TYPESCRIPT)
        for (char *at = name; (at = strchr(at, '_'));)
            *at = '-';
    wtfcb_base_buffer_append_string(out, name);
    wtfcb_base_buffer_append_string(
        out, file->role == WTFCB_BENCHMARK_HEADER ? ".h" : wtfcb_benchmark_dialects[language].extension);
}
