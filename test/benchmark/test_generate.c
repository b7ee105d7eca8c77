/*
 * Projects: the same bytes everywhere, sizes as promised, folders left as they were.
 */
#include <math.h>
#include <sys/stat.h>
#include <unistd.h>

#include "benchmark/generate.h"
#include "project_help.h"

START_TEST(project_options_can_be_listed_set_and_read)
{
    wtfcb_project *project = NULL;
    wtfcb_option option;
    int64_t value;
    ck_assert_int_eq(wtfcb_project_new(NULL, NULL), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_project_new(NULL, &project), WTFCB_OK);
    for (uint64_t i = 0; i < wtfcb_project_option_count(); i++) {
        ck_assert_int_eq(wtfcb_project_option(i, &option, sizeof option), WTFCB_OK);
        if (option.type == WTFCB_OPTION_STRING) {
            ck_assert_int_eq(wtfcb_project_set(project, option.id, 1), WTFCB_ENOTFOUND);
            ck_assert_int_eq(wtfcb_project_get(project, option.id, &value), WTFCB_ENOTFOUND);
            ck_assert_int_eq(wtfcb_project_set_string(project, option.id, "nonsense"), WTFCB_EINVAL);
            continue;
        }
        ck_assert_int_eq(wtfcb_project_get(project, option.id, &value), WTFCB_OK);
        ck_assert_int_eq(value, option.default_value);
        ck_assert_int_eq(wtfcb_project_set(project, option.id, option.maximum), WTFCB_OK);
        ck_assert_int_eq(wtfcb_project_get(project, option.id, &value), WTFCB_OK);
        ck_assert_int_eq(value, option.maximum);
        if (option.maximum < INT64_MAX)
            ck_assert_int_eq(wtfcb_project_set(project, option.id, option.maximum + 1), WTFCB_EINVAL);
        if (option.minimum > INT64_MIN)
            ck_assert_int_eq(wtfcb_project_set(project, option.id, option.minimum - 1), WTFCB_EINVAL);
        ck_assert_int_eq(wtfcb_project_set_string(project, option.id, "1"), WTFCB_ENOTFOUND);
    }
    ck_assert_int_eq(wtfcb_project_option(wtfcb_project_option_count(), &option, sizeof option), WTFCB_ENOTFOUND);
    ck_assert_int_eq(wtfcb_project_option(0, NULL, sizeof option), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_project_set(project, 12345, 1), WTFCB_ENOTFOUND);
    ck_assert_int_eq(wtfcb_project_set(NULL, WTFCB_PROJECT_SEED, 1), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_project_get(project, WTFCB_PROJECT_SEED, NULL), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_project_set_string(project, WTFCB_PROJECT_SIZE, "large"), WTFCB_OK);
    ck_assert_int_eq(wtfcb_project_get(project, WTFCB_PROJECT_FILES, &value), WTFCB_OK);
    ck_assert_int_eq(value, 20000);
    ck_assert_int_eq(wtfcb_project_set_string(project, WTFCB_PROJECT_SIZE, NULL), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_project_set_string(project, WTFCB_PROJECT_LANGUAGES, "go,,c"), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_project_set_string(project, WTFCB_PROJECT_LANGUAGES, NULL), WTFCB_OK);
    wtfcb_project_free(project);
    wtfcb_project_free(NULL);
}
END_TEST

START_TEST(project_has_the_languages_that_were_asked_for)
{
    wtfcb_project *project = project_of(NULL, 200, 20000);
    wtfcb_project_totals totals;
    wtfcb_project_language_totals row;
    ck_assert_int_eq(wtfcb_project_set_string(project, WTFCB_PROJECT_LANGUAGES, "rust,python"), WTFCB_OK);
    ck_assert_int_eq(wtfcb_project_statistics(project, &totals, sizeof totals), WTFCB_OK);
    ck_assert_uint_eq(totals.files, 200);
    ck_assert_uint_gt(totals.imports, 100);
    ck_assert_int_eq(wtfcb_project_language(project, 0, &row, sizeof row), WTFCB_OK);
    ck_assert_str_eq(row.language, "Python");
    uint64_t files = row.files, bytes = row.bytes;
    ck_assert_int_eq(wtfcb_project_language(project, 1, &row, sizeof row), WTFCB_OK);
    ck_assert_str_eq(row.language, "Rust");
    ck_assert_uint_eq(files + row.files + 2, totals.files); /* two manifests */
    ck_assert_uint_lt(bytes + row.bytes, totals.bytes);
    ck_assert_int_eq(wtfcb_project_language(project, 2, &row, sizeof row), WTFCB_ENOTFOUND);
    ck_assert_int_eq(wtfcb_project_statistics(project, NULL, 8), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_project_language(NULL, 0, &row, sizeof row), WTFCB_EINVAL);
    char *path = project_generated(project);
    ck_assert_uint_eq(project_tree_count(path), totals.files + totals.directories);
    free(path);
    wtfcb_project_free(project);
}
END_TEST

/* The digests were written down once. A change of them is a change of every figure measured with generated projects, and belongs in the CHANGELOG. */
static const struct {
    const char *size;
    uint64_t digest;
} known[] = {{"small", UINT64_C(0x4ed32fd46899fe92)}, {"medium", UINT64_C(0x23165e5625a2898b)}};

START_TEST(project_has_the_same_bytes_everywhere)
{
    wtfcb_project *project = NULL;
    ck_assert_int_eq(wtfcb_project_new(NULL, &project), WTFCB_OK);
    ck_assert_int_eq(wtfcb_project_set_string(project, WTFCB_PROJECT_SIZE, known[_i].size), WTFCB_OK);
    char *path = project_generated(project);
    uint64_t digest = project_tree_digest(path);
    ck_assert_msg(digest == known[_i].digest, "%s: %016llx", known[_i].size, (unsigned long long)digest);
    free(path);
    char *again = project_generated(project); /* the same handle */
    ck_assert_uint_eq(project_tree_digest(again), digest);
    free(again);
    wtfcb_project_free(project);
}
END_TEST

START_TEST(project_differs_with_the_seed)
{
    wtfcb_project *project = project_of(NULL, 30, 20000);
    char *one = project_generated(project);
    project_set(project, WTFCB_PROJECT_SEED, 2);
    char *two = project_generated(project);
    ck_assert_uint_ne(project_tree_digest(one), project_tree_digest(two));
    free(one);
    free(two);
    wtfcb_project_free(project);
}
END_TEST

/* Other compilers, other optimisation. */
START_TEST(project_is_the_same_from_each_compiler)
{
    static const char *const compilers[] = {"gcc -O0",   "gcc -O3",        "clang -O0",
                                            "clang -O3", "clang -m32 -O2", "musl-gcc -O2"};
    char *folder = wtfcb_test_directory();
    const char *data = wtfcb_test_data_dir();
    char first[64] = "", line[64], name[4096];
    int built = 0;
    for (size_t i = 0; i < sizeof compilers / sizeof *compilers; i++) {
        if (project_shell("cd %s/.. && %s -std=c11 -D_GNU_SOURCE -w -Ilib -Iinclude -o %s/digest "
                          "test/benchmark/portable/digest.c lib/benchmark/generate*.c lib/base/memory.c "
                          "lib/base/buffer.c lib/base/error.c lib/base/status.c lib/base/file.c lib/base/cancel.c "
                          ">/dev/null 2>&1",
                          data, compilers[i], folder) != 0)
            continue;
        built++;
        ck_assert_int_eq(project_shell("%s/digest 300 >%s/out", folder, folder), 0);
        snprintf(name, sizeof name, "%s/out", folder);
        FILE *f = fopen(name, "re");
        ck_assert(f && fgets(line, sizeof line, f));
        (void)fclose(f);
        if (!first[0]) memcpy(first, line, sizeof first);
        ck_assert_str_eq(first, line);
    }
    ck_assert_int_ge(built, 2);
    free(folder);
}
END_TEST

static int compare_sizes(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

/* Four standard errors of the p-quantile of n normal deviates, as a factor on sizes. */
static double margin(double p, double z, double n)
{
    double density = exp(-z * z / 2) / sqrt(2 * acos(-1));
    return exp(4 * 1.44 * sqrt(p * (1 - p) / n) / density);
}

static void assert_near(double found, double wanted, double factor)
{
    ck_assert_msg(found < wanted * factor && found > wanted / factor, "%f, not %f within %f", found, wanted, factor);
}

static void assert_sizes(uint32_t *sizes, size_t n)
{
    qsort(sizes, n, sizeof *sizes, compare_sizes);
    const double ends = 2.326348;
    double count = (double)n, tail = 0, capped = 0;
    double edge = exp(8.14 + 1.44 * ends);
    static const struct {
        size_t rank; /* in 200 */
        double p, z;
    } points[] = {
        {20, 0.1, -1.281552}, {50, 0.25, -0.674490}, {100, 0.5, 0}, {150, 0.75, 0.674490}, {180, 0.9, 1.281552}};
    for (size_t i = 0; i < sizeof points / sizeof *points; i++) {
        size_t at = n * points[i].rank / 200;
        assert_near(sizes[at], exp(8.14 + 1.44 * points[i].z), margin(points[i].p, points[i].z, count));
    }
    double beyond = 0;
    for (size_t i = 0; i < n; i++) {
        tail += sizes[i] >= edge * 0.999;
        beyond += sizes[i] >= 4 * edge;
        capped += sizes[i] == 4000000;
    }
    double share = 4 * sqrt(0.01 * 0.99 / count);
    ck_assert_double_ge(tail / count, 0.01 - share);
    ck_assert_double_le(tail / count, 0.01 + share);
    double wanted = pow(4, -1.1), error = 4 * sqrt(wanted * (1 - wanted) / tail); /* Pareto: P(X > 4 edge) */
    ck_assert_double_ge(beyond / tail, wanted - error);
    ck_assert_double_le(beyond / tail, wanted + error);
    ck_assert_double_ge(capped, 1);
    ck_assert_uint_eq(sizes[n - 1], 4000000);
}

START_TEST(project_sizes_and_folders_are_as_promised)
{
    wtfcb_project *project = project_of(NULL, 20000, 0);
    project_set(project, WTFCB_PROJECT_SEED, 7 + _i);
    ck_assert_int_eq(wtfcb_benchmark_project_plan(project), WTFCB_OK);
    const wtfcb_benchmark_plan *plan = &project->plan;
    ck_assert_uint_eq(plan->file_count, 20000);
    uint32_t *sizes = calloc(plan->file_count, sizeof *sizes);
    ck_assert_ptr_nonnull(sizes);
    size_t n = 0;
    double depth = 0;
    for (size_t i = 0; i < plan->file_count; i++) {
        const wtfcb_benchmark_file *file = &plan->files[i];
        depth += plan->directories[file->directory].level + 1;
        if (file->role <= WTFCB_BENCHMARK_HEADER) sizes[n++] = file->size;
    }
    assert_sizes(sizes, n);
    free(sizes);
    double files = (double)plan->file_count / (double)plan->directory_count;
    ck_assert_double_ge(files, 2.85); /* 1 to 5 of equal chance: 3 on average, a few cut short */
    ck_assert_double_le(files, 3.25);
    ck_assert_double_ge(depth / (double)plan->file_count, 1.8);
    ck_assert_double_le(depth / (double)plan->file_count, 2.5);
    wtfcb_project_free(project);
}
END_TEST

START_TEST(project_files_have_the_drawn_size)
{
    wtfcb_project *project = project_of(NULL, 1000, 200000);
    ck_assert_int_eq(wtfcb_benchmark_project_plan(project), WTFCB_OK);
    uint64_t exact = 0, near = 0, all = 0, drawn = 0, written = 0;
    for (uint32_t i = 0; i < project->plan.file_count; i++) {
        const wtfcb_benchmark_file *file = &project->plan.files[i];
        if (file->role > WTFCB_BENCHMARK_HEADER) continue;
        ck_assert_int_eq(wtfcb_benchmark_project_text(project, i), WTFCB_OK);
        uint64_t size = project->text.length;
        uint64_t off = size > file->size ? size - file->size : file->size - size;
        all++;
        exact += off == 0;
        near += off <= 64 + file->size / 20;
        drawn += file->size;
        written += size;
    }
    ck_assert_msg(exact * 100 >= all * 80, "%llu of %llu exact", (unsigned long long)exact, (unsigned long long)all);
    ck_assert_msg(near * 1000 >= all * 980, "%llu of %llu near", (unsigned long long)near, (unsigned long long)all);
    ck_assert_msg(written * 100 >= drawn * 99 && written * 100 <= drawn * 101, "%llu drawn, %llu written",
                  (unsigned long long)drawn, (unsigned long long)written);
    wtfcb_project_free(project);
}
END_TEST

START_TEST(generate_touches_nothing_that_is_not_its_own)
{
    wtfcb_project *project = project_of(NULL, 20, 5000);
    char *path = project_folder();
    char inside[4096];
    wtfcb_error error = WTFCB_ERROR_INIT;
    snprintf(inside, sizeof inside, "%s/missing/tree", path);
    ck_assert_int_eq(wtfcb_project_generate(project, inside, &error), WTFCB_ENOTFOUND);
    ck_assert_int_eq(mkdir(path, 0700), 0);
    ck_assert_int_eq(project_shell("echo mine >%s/mine", path), 0);
    ck_assert_int_eq(wtfcb_project_generate(project, path, &error), WTFCB_EINVAL);
    ck_assert_int_eq(error.status, WTFCB_EINVAL);
    ck_assert_str_eq(error.path, path);
    ck_assert_uint_eq(project_tree_count(path), 1);
    snprintf(inside, sizeof inside, "%s/mine", path);
    ck_assert_int_eq(wtfcb_project_generate(project, inside, &error), WTFCB_ESPECIAL);
    ck_assert_int_eq(unlink(inside), 0);
    ck_assert_int_eq(wtfcb_project_generate(project, path, &error), WTFCB_OK); /* it is empty now */
    ck_assert_int_eq(wtfcb_project_generate(project, path, NULL), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_project_generate(NULL, path, NULL), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_project_generate(project, NULL, NULL), WTFCB_EINVAL);
    free(path);
    wtfcb_project_free(project);
}
END_TEST

START_TEST(cancelled_generate_leaves_nothing)
{
    wtfcb_project *project = project_of(NULL, 50, 5000);
    wtfcb_cancel *cancel = NULL;
    wtfcb_error error = WTFCB_ERROR_INIT;
    char *path = project_folder();
    ck_assert_int_eq(wtfcb_cancel_new(NULL, &cancel), WTFCB_OK);
    ck_assert_int_eq(wtfcb_project_set_cancel(NULL, cancel), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_project_set_cancel(project, cancel), WTFCB_OK);
    wtfcb_cancel_fire(cancel);
    ck_assert_int_eq(wtfcb_project_generate(project, path, &error), WTFCB_ECANCELLED);
    ck_assert_int_ne(access(path, F_OK), 0);
    wtfcb_cancel_reset(cancel);
    wtfcb_cancel_free(cancel);
    ck_assert_int_eq(wtfcb_project_generate(project, path, &error), WTFCB_OK);
    ck_assert_int_eq(wtfcb_project_set_cancel(project, NULL), WTFCB_OK);
    free(path);
    wtfcb_project_free(project);
}
END_TEST

/* No number of files, seed or set of languages is too odd. */
START_TEST(any_options_give_a_project)
{
    static const char *const languages[] = {"c", "python", "javascript", "typescript", "java", "go", "rust", NULL};
    for (int64_t files = 1; files < 40; files = files * 2 + 1) {
        for (size_t i = 0; i < sizeof languages / sizeof *languages; i++) {
            wtfcb_project *project = project_of(NULL, files, 30000);
            wtfcb_project_totals totals;
            project_set(project, WTFCB_PROJECT_SEED, -files);
            project_set(project, WTFCB_PROJECT_MU, 4000 + 300 * files);
            project_set(project, WTFCB_PROJECT_SIGMA, files % 3 == 0 ? 0 : 4000);
            project_set(project, WTFCB_PROJECT_TAIL, files % 2 == 0 ? 0 : 500);
            ck_assert_int_eq(wtfcb_project_set_string(project, WTFCB_PROJECT_LANGUAGES, languages[i]), WTFCB_OK);
            ck_assert_int_eq(wtfcb_project_statistics(project, &totals, sizeof totals), WTFCB_OK);
            ck_assert_uint_eq(totals.files, (uint64_t)files);
            wtfcb_project_free(project);
        }
    }
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("generate");
    TCase *t = tcase_create("project");
    tcase_set_timeout(t, 120);
    tcase_add_test(t, project_options_can_be_listed_set_and_read);
    tcase_add_test(t, project_has_the_languages_that_were_asked_for);
    tcase_add_loop_test(t, project_has_the_same_bytes_everywhere, 0, sizeof known / sizeof *known);
    tcase_add_test(t, project_differs_with_the_seed);
    tcase_add_test(t, project_is_the_same_from_each_compiler);
    tcase_add_loop_test(t, project_sizes_and_folders_are_as_promised, 0, 3);
    tcase_add_test(t, project_files_have_the_drawn_size);
    tcase_add_test(t, generate_touches_nothing_that_is_not_its_own);
    tcase_add_test(t, cancelled_generate_leaves_nothing);
    tcase_add_test(t, any_options_give_a_project);
    suite_add_tcase(s, t);
    return s;
}

WTFCB_TEST_MAIN(suite)
