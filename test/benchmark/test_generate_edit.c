/*
 * Edits: the same series for every handle, on what the series has left and on nothing else.
 */
#include <sys/stat.h>
#include <unistd.h>

#include <wtfcb/scanner.h>

#include "benchmark/generate.h"
#include "project_help.h"

enum { FILES = 150, CAP = 20000, STEPS = 40 };

static wtfcb_project *edited_project(int64_t changes)
{
    wtfcb_project *project = project_of(NULL, FILES, CAP);
    project_set(project, WTFCB_PROJECT_SEED, 5);
    project_set(project, WTFCB_PROJECT_CHANGES, changes);
    return project;
}

static uint64_t edit(wtfcb_project *project, const char *path, uint64_t step)
{
    uint64_t changed = 0;
    wtfcb_error error = WTFCB_ERROR_INIT;
    ck_assert_msg(wtfcb_project_edit(project, path, step, &changed, &error) == WTFCB_OK, "step %llu: %s",
                  (unsigned long long)step, error.message);
    ck_assert_uint_gt(changed, 0);
    return changed;
}

/* Written down once, as those of test_generate.c. */
static const uint64_t known_digest = UINT64_C(0x1201b5b22fd56c0a);

START_TEST(edits_are_the_same_for_every_handle)
{
    wtfcb_project *one = edited_project(20);
    char *path = project_generated(one), *other = project_generated(one);
    uint64_t digest = 0;
    for (uint64_t step = 0; step < STEPS; step++) {
        edit(one, path, step);
        wtfcb_project *two = edited_project(20); /* goes through the series again */
        edit(two, other, step);
        wtfcb_project_free(two);
        uint64_t now = project_tree_digest(path);
        ck_assert_uint_ne(now, digest);
        ck_assert_uint_eq(project_tree_digest(other), now);
        digest = now;
    }
    ck_assert_msg(digest == known_digest, "%016llx", (unsigned long long)digest);
    wtfcb_project_totals totals;
    ck_assert_int_eq(wtfcb_project_statistics(one, &totals, sizeof totals), WTFCB_OK);
    ck_assert_uint_eq(totals.steps, STEPS);
    ck_assert_uint_eq(project_tree_count(path), totals.files + totals.directories);
    free(path);
    free(other);
    wtfcb_project_free(one);
}
END_TEST

START_TEST(edited_project_scans_without_an_error)
{
    wtfcb_project *project = edited_project(50);
    char *path = project_generated(project);
    wtfcb_scanner *scanner = NULL;
    wtfcb_totals totals;
    wtfcb_project_totals own;
    ck_assert_int_eq(wtfcb_scanner_new(NULL, &scanner), WTFCB_OK);
    ck_assert_int_eq(wtfcb_scanner_set(scanner, WTFCB_SCANNER_DEPTH, WTFCB_DEPTH_SYNTAX), WTFCB_OK);
    for (uint64_t step = 0; step < STEPS; step++) {
        edit(project, path, step);
        if (step % 8 != 7) continue;
        wtfcb_codebase *codebase = NULL;
        ck_assert_int_eq(wtfcb_scanner_scan(scanner, path, &codebase, NULL), WTFCB_OK);
        ck_assert_int_eq(wtfcb_codebase_totals(codebase, &totals, sizeof totals), WTFCB_OK);
        ck_assert_int_eq(wtfcb_project_statistics(project, &own, sizeof own), WTFCB_OK);
        ck_assert_uint_eq(totals.files, own.files);
        ck_assert_uint_eq(totals.bytes, own.bytes);
        ck_assert_uint_eq(totals.findings + totals.failed, 0);
        wtfcb_codebase_free(codebase);
    }
    wtfcb_scanner_free(scanner);
    free(path);
    wtfcb_project_free(project);
}
END_TEST

START_TEST(changes_are_as_many_as_asked_for)
{
    wtfcb_project *project = edited_project(0);
    project_set(project, WTFCB_PROJECT_EDITS, WTFCB_EDIT_BODY);
    char *path = project_generated(project);
    for (uint64_t step = 0; step < 10; step++)
        ck_assert_uint_eq(edit(project, path, step), 1);
    free(path);
    project_set(project, WTFCB_PROJECT_CHANGES, 100);
    path = project_generated(project);
    for (uint64_t step = 0; step < 3; step++)
        ck_assert_uint_eq(edit(project, path, step), FILES / 10);
    free(path);
    wtfcb_project_free(project);
}
END_TEST

/* One kind at a time: what it does to the number of files and of bytes. */
START_TEST(edits_do_what_they_are_called)
{
    wtfcb_project *project = edited_project(0);
    project_set(project, WTFCB_PROJECT_EDITS, _i);
    char *path = project_generated(project);
    wtfcb_project_totals before, after;
    uint64_t files = project_tree_count(path);
    ck_assert_int_eq(wtfcb_project_statistics(project, &before, sizeof before), WTFCB_OK);
    for (uint64_t step = 0; step < 12; step++)
        edit(project, path, step);
    ck_assert_int_eq(wtfcb_project_statistics(project, &after, sizeof after), WTFCB_OK);
    int64_t more = (int64_t)project_tree_count(path) - (int64_t)files;
    if (_i == WTFCB_EDIT_ADD_FILE)
        ck_assert_int_eq(more, 12);
    else if (_i == WTFCB_EDIT_DELETE_FILE)
        ck_assert(more < 0 && more >= -12);
    else
        ck_assert_int_eq(more, 0);
    if (_i == WTFCB_EDIT_ADD_FUNCTION) ck_assert_uint_gt(after.bytes, before.bytes + 12 * 60);
    if (_i == WTFCB_EDIT_DELETE_FILE) ck_assert_uint_lt(after.bytes, before.bytes);
    ck_assert_uint_eq(project_tree_count(path), after.files + after.directories);
    free(path);
    wtfcb_project_free(project);
}
END_TEST

/* Removing takes back what was added. */
START_TEST(added_functions_can_be_removed)
{
    wtfcb_project *project = project_of(NULL, 12, 8000);
    wtfcb_project_totals totals;
    project_set(project, WTFCB_PROJECT_EDITS, WTFCB_EDIT_ADD_FUNCTION | WTFCB_EDIT_REMOVE_FUNCTION);
    char *path = project_generated(project);
    uint64_t smaller = 0, last = 0;
    for (uint64_t step = 0; step < 60; step++) {
        edit(project, path, step);
        ck_assert_int_eq(wtfcb_project_statistics(project, &totals, sizeof totals), WTFCB_OK);
        smaller += totals.bytes < last;
        last = totals.bytes;
    }
    ck_assert_uint_gt(smaller, 5);
    free(path);
    wtfcb_project_free(project);
}
END_TEST

START_TEST(what_somebody_changed_is_left_alone)
{
    wtfcb_project *project = edited_project(1000); /* every file of them */
    char *path = project_generated(project);
    wtfcb_error error = WTFCB_ERROR_INIT;
    char sample[4096];
    ck_assert_int_eq(wtfcb_project_edit(project, "/nonexistent/tree", 0, NULL, &error), WTFCB_ENOTFOUND);
    ck_assert_int_eq(wtfcb_project_edit(project, NULL, 0, NULL, NULL), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_project_edit(NULL, path, 0, NULL, NULL), WTFCB_EINVAL);
    for (uint32_t i = 0;; i++) {
        ck_assert_uint_lt(i, FILES);
        ck_assert_int_eq(wtfcb_benchmark_project_plan(project), WTFCB_OK);
        if (project->plan.files[i].size < WTFCB_BENCHMARK_CODE_SIZE) continue;
        ck_assert_int_eq(wtfcb_benchmark_project_path(project, i), WTFCB_OK);
        snprintf(sample, sizeof sample, "%s/%s", path, project->path.data);
        break;
    }
    struct stat before, after;
    ck_assert_int_eq(project_shell("printf '\\n' >>%s", sample), 0);
    ck_assert_int_eq(stat(sample, &before), 0);
    uint64_t changed = 77;
    ck_assert_int_eq(wtfcb_project_edit(project, path, 0, &changed, &error), WTFCB_ECHANGED);
    ck_assert_uint_eq(changed, 77);
    ck_assert_int_eq(error.status, WTFCB_ECHANGED);
    ck_assert_ptr_nonnull(strstr(sample, error.path));
    ck_assert_int_eq(stat(sample, &after), 0);
    ck_assert(before.st_ino == after.st_ino && before.st_size == after.st_size);
    ck_assert_int_eq(unlink(sample), 0);
    free(path);
    path = project_generated(project);
    ck_assert_int_eq(project_shell("find %s -name '*.py' | xargs rm", path), 0);
    ck_assert_int_eq(wtfcb_project_edit(project, path, 0, NULL, &error), WTFCB_ENOTFOUND);
    free(path);
    path = project_generated(project); /* not the step that comes next */
    ck_assert_int_eq(wtfcb_project_edit(project, path, 3, NULL, &error), WTFCB_ECHANGED);
    free(path);
    wtfcb_project_free(project);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("generate_edit");
    TCase *t = tcase_create("edit");
    tcase_set_timeout(t, 120);
    tcase_add_test(t, edits_are_the_same_for_every_handle);
    tcase_add_test(t, edited_project_scans_without_an_error);
    tcase_add_test(t, changes_are_as_many_as_asked_for);
    tcase_add_loop_test(t, edits_do_what_they_are_called, 1, 3);
    tcase_add_loop_test(t, edits_do_what_they_are_called, 4, 5);
    tcase_add_loop_test(t, edits_do_what_they_are_called, 8, 9);
    tcase_add_loop_test(t, edits_do_what_they_are_called, 16, 17);
    tcase_add_loop_test(t, edits_do_what_they_are_called, 32, 33);
    tcase_add_test(t, added_functions_can_be_removed);
    tcase_add_test(t, what_somebody_changed_is_left_alone);
    suite_add_tcase(s, t);
    return s;
}

WTFCB_TEST_MAIN(suite)
