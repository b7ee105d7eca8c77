/*
 * What a language wants beside its sources: the module files of folders, and a manifest for each component. They follow from which files there
 * are; an edit that adds, renames or deletes one writes them again.
 */
#include "benchmark/generate_text.h"

static void put(wtfcb_benchmark_code *code, const char *text)
{
    wtfcb_base_buffer_append_string(code->out, text);
}

static void python(wtfcb_benchmark_code *code)
{
    put(code, "\"\"\"");
    wtfcb_benchmark_words(code, 7, true);
    put(code, "\"\"\"\n");
}

static void module_line(wtfcb_benchmark_code *code, uint32_t directory, const char *name)
{
    put(code, "pub mod ");
    if (name)
        put(code, name);
    else
        wtfcb_benchmark_plan_directory_name(code->plan, directory, code->out);
    put(code, ";\n");
}

/* Folders of a component stand together, files too but for those that edits have added. */
static void rust(wtfcb_benchmark_code *code)
{
    const wtfcb_benchmark_plan *plan = code->plan;
    const wtfcb_benchmark_component *component = &plan->components[code->file->component];
    put(code, "//! ");
    wtfcb_benchmark_words(code, 7, true);
    put(code, "\n\n");
    for (size_t i = component->first_directory; i < plan->directory_count; i++) {
        const wtfcb_benchmark_directory *directory = &plan->directories[i];
        if (directory->component != code->file->component) break;
        if (directory->parent == code->file->directory) module_line(code, (uint32_t)i, NULL);
    }
    uint32_t end = component->first_file + component->file_count;
    for (size_t i = component->first_file; i < plan->file_count; i++) {
        if (i == end && plan->planned > end) i = plan->planned;
        if (i >= plan->file_count) break;
        const wtfcb_benchmark_file *file = &plan->files[i];
        if (file->directory != code->file->directory || file->role != WTFCB_BENCHMARK_SOURCE || file->removed) continue;
        char name[WTFCB_BENCHMARK_NAME];
        wtfcb_benchmark_file_name(plan, file, file->file_name, WTFCB_BENCHMARK_SNAKE, name);
        module_line(code, 0, name);
    }
}

static void manifest(wtfcb_benchmark_code *code)
{
    static const char *const texts[WTFCB_BENCHMARK_LANGUAGES][2] = {
        [WTFCB_BENCHMARK_PYTHON] = {"[project]\nname = \"", "\"\nversion = \"0.1.0\"\nrequires-python = \">=3.10\"\n"},
        [WTFCB_BENCHMARK_JAVASCRIPT] =
            {"{\n  \"name\": \"", "\",\n  \"version\": \"0.1.0\",\n  \"private\": true,\n  \"type\": \"module\"\n}\n"},
        [WTFCB_BENCHMARK_TYPESCRIPT] =
            {"{\n  \"compilerOptions\": {\n    \"target\": \"es2022\",\n    \"module\": \"esnext\",\n"
             "    \"moduleResolution\": \"bundler\",\n    \"strict\": true,\n    \"noEmit\": true,\n    \"outDir\": \"",
             "\"\n  },\n  \"include\": [\"**/*.ts\"]\n}\n"},
        [WTFCB_BENCHMARK_GO] = {"module example.com/", "\n\ngo 1.20\n"},
        [WTFCB_BENCHMARK_RUST] = {"[package]\nname = \"", "\"\nversion = \"0.1.0\"\nedition = \"2021\"\n"},
    };
    uint32_t language = wtfcb_benchmark_plan_language(code->plan, code->file);
    uint32_t top = code->file->directory;
    put(code, texts[language][0]);
    wtfcb_benchmark_plan_directory_name(code->plan, top, code->out);
    put(code, texts[language][1]);
}

void wtfcb_benchmark_glue_write(wtfcb_benchmark_code *code)
{
    code->draw.state = code->file->key;
    if (code->file->role == WTFCB_BENCHMARK_MANIFEST)
        manifest(code);
    else if (wtfcb_benchmark_plan_language(code->plan, code->file) == WTFCB_BENCHMARK_PYTHON)
        python(code);
    else
        rust(code);
}
