/*
 * What generated projects hold: code that our grammars and the languages' own compilers accept, and imports that lead to the files they mean.
 */
#include <wtfcb/codebase.h>
#include <wtfcb/scanner.h>

#include "benchmark/generate.h"
#include "project_help.h"

static wtfcb_project *project;
static char *folder;
static wtfcb_codebase *codebase;

static void scan(void)
{
    wtfcb_scanner *scanner = NULL;
    ck_assert_int_eq(wtfcb_scanner_new(NULL, &scanner), WTFCB_OK);
    ck_assert_int_eq(wtfcb_scanner_set(scanner, WTFCB_SCANNER_DEPTH, WTFCB_DEPTH_SYNTAX), WTFCB_OK);
    ck_assert_int_eq(wtfcb_scanner_set(scanner, WTFCB_SCANNER_MAX_PARSE_SIZE, 16000000), WTFCB_OK);
    ck_assert_int_eq(wtfcb_scanner_scan(scanner, folder, &codebase, NULL), WTFCB_OK);
    wtfcb_scanner_free(scanner);
}

static void setup(void)
{
    project = project_of(NULL, 1000, 100000);
    folder = project_generated(project);
    scan();
}

static void teardown(void)
{
    wtfcb_codebase_free(codebase);
    wtfcb_project_free(project);
    free(folder);
}

static const char *path_of(uint32_t file)
{
    ck_assert_int_eq(wtfcb_benchmark_project_path(project, file), WTFCB_OK);
    return project->path.data;
}

static wtfcb_file row_of(uint32_t file)
{
    wtfcb_file row;
    const char *path = path_of(file);
    uint64_t index = 0;
    ck_assert_msg(wtfcb_codebase_find_file(codebase, path, strlen(path), &index) == WTFCB_OK, "%s", path);
    ck_assert_int_eq(wtfcb_codebase_file(codebase, index, &row, sizeof row), WTFCB_OK);
    return row;
}

START_TEST(project_scans_without_an_error)
{
    wtfcb_totals totals;
    ck_assert_int_eq(wtfcb_codebase_totals(codebase, &totals, sizeof totals), WTFCB_OK);
    ck_assert_uint_eq(totals.files, 1000);
    ck_assert_uint_eq(totals.failed, 0);
    ck_assert_uint_eq(totals.limited, 0);
    ck_assert_uint_eq(totals.findings, 0);
    ck_assert_uint_eq(totals.generated + totals.minified + totals.vendored + totals.documents + totals.binary, 0);
    for (uint32_t i = 0; i < project->plan.file_count; i++) {
        const wtfcb_benchmark_file *file = &project->plan.files[i];
        if (file->role == WTFCB_BENCHMARK_MANIFEST) continue;
        wtfcb_file row = row_of(i);
        uint32_t language = wtfcb_benchmark_plan_language(&project->plan, file);
        ck_assert_msg(row.status == WTFCB_OK && row.error_bytes == 0 && row.flags & WTFCB_FILE_SYNTAX &&
                          !(row.flags & WTFCB_FILE_SYNTAX_ERRORS),
                      "%s", row.path);
        ck_assert_msg(strcmp(row.language, wtfcb_benchmark_dialects[language].name) == 0, "%s: %s", row.path,
                      row.language);
    }
}
END_TEST

START_TEST(project_looks_like_code)
{
    wtfcb_totals totals;
    ck_assert_int_eq(wtfcb_codebase_totals(codebase, &totals, sizeof totals), WTFCB_OK);
    double share = (double)totals.comments / (double)totals.lines;
    ck_assert_msg(share > 0.15 && share < 0.2, "%f of lines are comments", share);
    double width = (double)totals.bytes / (double)totals.lines;
    ck_assert_msg(width > 22 && width < 42, "%f bytes a line", width);
    ck_assert_uint_gt(totals.documentation * 4, totals.comments);
    uint64_t kinds[WTFCB_SYMBOL_NAMESPACE + 1] = {0}, functions = 0, nested = 0, complexity = 0, lines = 0;
    wtfcb_symbol symbol;
    for (uint64_t i = 0; wtfcb_codebase_symbol(codebase, i, &symbol, sizeof symbol) == WTFCB_OK; i++) {
        kinds[symbol.kind]++;
        if (symbol.kind != WTFCB_SYMBOL_FUNCTION && symbol.kind != WTFCB_SYMBOL_METHOD) continue;
        functions++;
        nested += symbol.nesting >= 2;
        complexity += symbol.cyclomatic;
        lines += symbol.range.end_line - symbol.range.start_line + 1;
    }
    static const uint32_t wanted[] = {WTFCB_SYMBOL_FUNCTION, WTFCB_SYMBOL_METHOD, WTFCB_SYMBOL_CLASS,
                                      WTFCB_SYMBOL_STRUCT,   WTFCB_SYMBOL_ENUM,   WTFCB_SYMBOL_CONSTANT,
                                      WTFCB_SYMBOL_FIELD};
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
        ck_assert_msg(kinds[wanted[i]] > 50, "%llu of kind %u", (unsigned long long)kinds[wanted[i]], wanted[i]);
    ck_assert_msg(nested * 100 > functions * 8 && nested * 100 < functions * 50, "%llu of %llu functions are nested",
                  (unsigned long long)nested, (unsigned long long)functions);
    ck_assert_msg(complexity > functions * 2 && complexity < functions * 8, "cyclomatic complexity %f",
                  (double)complexity / (double)functions);
    ck_assert_msg(lines > functions * 8 && lines < functions * 30, "%f lines a function",
                  (double)lines / (double)functions);
}
END_TEST

/* Put `text` behind `path`, which names a folder, with ".." and "." taken out. */
static void join(char *path, size_t size, const char *text)
{
    while (*text) {
        size_t length = strcspn(text, "/");
        size_t at = strlen(path);
        if (length == 2 && text[0] == '.' && text[1] == '.') {
            char *slash = strrchr(path, '/');
            *(slash ? slash : path) = '\0';
        } else if (length > 0 && !(length == 1 && text[0] == '.')) {
            snprintf(path + at, size - at, "%s%.*s", at > 0 ? "/" : "", (int)length, text);
        }
        text += length + (text[length] == '/');
    }
}

static void replace_all(char *text, const char *what, char with)
{
    size_t length = strlen(what);
    for (char *at; (at = strstr(text, what));) {
        *at = with;
        memmove(at + 1, at + length, strlen(at + length) + 1);
    }
}

/* Where an import leads, by the rules of the language; of Go, the folder. "" for what is not of the project. */
static void resolve(const wtfcb_file *file, const char *import, char *path, size_t size)
{
    char text[1024];
    snprintf(text, sizeof text, "%s", import);
    snprintf(path, size, "%.*s", (int)(strrchr(file->path, '/') ? strrchr(file->path, '/') - file->path : 0),
             file->path);
    if (strcmp(file->language, "C") == 0) {
        join(path, size, text);
    } else if (strcmp(file->language, "JavaScript") == 0 || strcmp(file->language, "TypeScript") == 0) {
        join(path, size, text);
        if (strcmp(file->language, "TypeScript") == 0) snprintf(path + strlen(path), size - strlen(path), ".ts");
    } else if (strcmp(file->language, "Java") == 0) {
        path[0] = '\0';
        replace_all(text, ".", '/');
        join(path, size, text);
        snprintf(path + strlen(path), size - strlen(path), ".java");
    } else if (strcmp(file->language, "Go") == 0) {
        path[0] = '\0';
        if (strncmp(text, "example.com/", 12) == 0) join(path, size, text + 12);
    } else if (strcmp(file->language, "Rust") == 0) {
        char *source = strstr(path, "/src");
        if (source) source[4] = '\0';
        replace_all(text, "::", '/');
        join(path, size, strncmp(text, "crate/", 6) == 0 ? text + 6 : text);
        snprintf(path + strlen(path), size - strlen(path), ".rs");
    } else if (strcmp(file->language, "Python") == 0) {
        const char *rest = text + (text[0] == '.');
        for (; *rest == '.'; rest++)
            join(path, size, "..");
        char below[1024];
        snprintf(below, sizeof below, "%s", rest);
        replace_all(below, ".", '/');
        join(path, size, below);
        snprintf(path + strlen(path), size - strlen(path), ".py");
    }
}

/* Whether an import of `row` leads to `path`. */
static bool imports(const wtfcb_file *row, const char *path)
{
    wtfcb_import import;
    char found[2048], wanted[2048];
    snprintf(wanted, sizeof wanted, "%s", path);
    if (strcmp(row->language, "Go") == 0) *strrchr(wanted, '/') = '\0';
    for (uint64_t i = 0; i < row->import_count; i++) {
        ck_assert_int_eq(wtfcb_codebase_import(codebase, row->first_import + i, &import, sizeof import), WTFCB_OK);
        resolve(row, import.text, found, sizeof found);
        if (strcmp(found, wanted) == 0) return true;
    }
    return false;
}

START_TEST(imports_lead_to_the_files_they_mean)
{
    uint64_t all[WTFCB_BENCHMARK_LANGUAGES] = {0}, right[WTFCB_BENCHMARK_LANGUAGES] = {0};
    for (uint32_t i = 0; i < project->plan.file_count; i++) {
        const wtfcb_benchmark_file *file = &project->plan.files[i];
        if (file->edge_count == 0) continue;
        wtfcb_file row = row_of(i);
        uint32_t language = wtfcb_benchmark_plan_language(&project->plan, file);
        for (uint32_t j = 0; j < file->edge_count; j++) {
            all[language]++;
            right[language] += imports(&row, path_of(project->plan.edges[file->first_edge + j].file));
        }
    }
    for (size_t i = 0; i < WTFCB_BENCHMARK_LANGUAGES; i++)
        ck_assert_msg(all[i] > 40 && right[i] == all[i], "%s: %llu of %llu", wtfcb_benchmark_dialects[i].name,
                      (unsigned long long)right[i], (unsigned long long)all[i]);
}
END_TEST

static int compare_importers(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x > y ? -1 : x < y;
}

START_TEST(imports_form_a_graph_with_few_hubs)
{
    const wtfcb_benchmark_plan *plan = &project->plan;
    uint32_t *importers = calloc(plan->file_count, sizeof *importers);
    ck_assert_ptr_nonnull(importers);
    uint64_t usual = 0, large = 0, back = 0, targets = 0, top = 0;
    for (uint32_t i = 0; i < plan->file_count; i++) {
        const wtfcb_benchmark_file *file = &plan->files[i];
        uint32_t language = wtfcb_benchmark_plan_language(plan, file);
        if (file->role <= WTFCB_BENCHMARK_HEADER && file->size >= 3000) {
            large++;
            usual += file->edge_count >= 2 && file->edge_count <= 8;
        }
        for (uint32_t j = 0; j < file->edge_count; j++) {
            uint32_t to = plan->edges[file->first_edge + j].file;
            back += to > i;
            importers[to]++;
            ck_assert_uint_ne(to, i);
            ck_assert(to < i || (language != WTFCB_BENCHMARK_C && language != WTFCB_BENCHMARK_GO));
        }
    }
    for (uint32_t i = 0; i < plan->file_count; i++)
        ck_assert_uint_eq(importers[i], plan->files[i].importers);
    qsort(importers, plan->file_count, sizeof *importers, compare_importers);
    for (size_t i = 0; i < plan->file_count; i++) {
        targets += importers[i] > 0;
        if (i < plan->file_count / 20) top += importers[i];
    }
    free(importers);
    ck_assert_msg(usual * 10 >= large * 8, "%llu of %llu files import 2 to 8", (unsigned long long)usual,
                  (unsigned long long)large);
    ck_assert_msg(top * 100 > plan->edge_count * 30, "one file in 20 has %llu of %zu imports", (unsigned long long)top,
                  plan->edge_count);
    ck_assert_uint_gt(targets * 4, plan->file_count);
    ck_assert_uint_gt(back, 0);
    ck_assert_uint_lt(back * 50, plan->edge_count);
}
END_TEST

/* `command` runs in the project's folder. */
static void accepts(const char *tool, const char *command)
{
    if (project_shell("command -v %s >/dev/null 2>&1", tool) != 0) return;
    int status = project_shell("cd %s && export TMPDIR=%s.tmp && mkdir -p $TMPDIR && ( %s ) >$TMPDIR/%s.log 2>&1",
                               folder, folder, command, tool);
    if (status != 0) (void)project_shell("head -20 %s.tmp/%s.log", folder, tool);
    ck_assert_msg(status == 0, "%s", tool);
}

/* A project that is small enough for slow compilers, edited a few times. */
START_TEST(compilers_accept_it)
{
    wtfcb_project *small = project_of(NULL, wtfcb_test_long() ? 400 : 120, 12000);
    project_set(small, WTFCB_PROJECT_SEED, 3);
    project_set(small, WTFCB_PROJECT_CHANGES, 50);
    char *kept = folder;
    folder = project_generated(small);
    for (uint64_t step = 0; step < 6; step++)
        ck_assert_int_eq(wtfcb_project_edit(small, folder, step, NULL, NULL), WTFCB_OK);
    accepts("gcc", "find . -name '*.[ch]' | xargs gcc -std=c11 -Wall -Werror -Wno-unused -fsyntax-only -x c");
    accepts("clang", "find . -name '*.[ch]' | xargs clang -std=c11 -Werror -fsyntax-only -x c");
    accepts("python3", "export PYTHONPYCACHEPREFIX=$TMPDIR && find . -name '*.py' | xargs python3 -m py_compile");
    accepts("node", "find . -name '*.js' | while read -r f; do node --check $f || exit 1; done");
    accepts("javac", "find . -name '*.java' | xargs javac -d $TMPDIR/classes");
    if (wtfcb_test_long()) /* it compiles its own library first */
        accepts("go", "export GOFLAGS=-mod=mod GOCACHE=$TMPDIR/go HOME=$TMPDIR && "
                      "for m in */go.mod; do (cd ${m%/*} && go build ./...) || exit 1; done");
    accepts("gofmt", "find . -name '*.go' | xargs gofmt -e");
    accepts("rustc", "for f in */src/lib.rs; do rustc --edition 2021 --crate-type lib --crate-name x --emit=metadata "
                     "--out-dir $TMPDIR $f || exit 1; done");
    accepts(
        "tsc",
        "for f in */tsconfig.json; do tsc -p $f --types '' | grep -v 'TS2307.*node:' | grep . && exit 1; done; true");
    free(folder);
    folder = kept;
    wtfcb_project_free(small);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("generate_code");
    TCase *t = tcase_create("code");
    tcase_set_timeout(t, 240);
    tcase_add_unchecked_fixture(t, setup, teardown);
    tcase_add_test(t, project_scans_without_an_error);
    tcase_add_test(t, project_looks_like_code);
    tcase_add_test(t, imports_lead_to_the_files_they_mean);
    tcase_add_test(t, imports_form_a_graph_with_few_hubs);
    tcase_add_test(t, compilers_accept_it);
    suite_add_tcase(s, t);
    return s;
}

WTFCB_TEST_MAIN(suite)
