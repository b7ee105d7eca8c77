/*
 * What every test program shares. A program is one file, test/<module>/test_<topic>.c, that ends in
 *
 *     static Suite *suite(void) { ... }
 *     WTFCB_TEST_MAIN(suite)
 *
 * test/run starts it with CK_FORK set (each test in a process of its own, or all in one under sanitizers) and with
 *
 *     WTFCB_BUILD_DIR     absolute folder of the build that is tested: programs in bin/, grammars in grammars/
 *     WTFCB_TEST_DATA     absolute folder test/ of the sources
 *     WTFCB_GRAMMAR_PATH  the build's grammars, because a test program is not beside them as the library is
 *     WTFCB_TEST_LONG     "1" when the long versions of tests are asked for
 *     TMPDIR              an empty folder of this program's own, removed afterwards
 *
 * All of them have defaults that suit a program started by hand from the top of the repository.
 */
#ifndef WTFCB_TEST_H
#define WTFCB_TEST_H

#include <check.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WTFCB_TEST_UNUSED __attribute__((unused))

WTFCB_TEST_UNUSED static const char *wtfcb_test_environment(const char *name, const char *otherwise)
{
    const char *value = getenv(name);
    return value && *value ? value : otherwise;
}

WTFCB_TEST_UNUSED static const char *wtfcb_test_build_dir(void)
{
    return wtfcb_test_environment("WTFCB_BUILD_DIR", "build/release");
}

WTFCB_TEST_UNUSED static const char *wtfcb_test_data_dir(void)
{
    return wtfcb_test_environment("WTFCB_TEST_DATA", "test");
}

/* Whether the long version of a test is asked for: more rounds, larger inputs. */
WTFCB_TEST_UNUSED static bool wtfcb_test_long(void)
{
    return strcmp(wtfcb_test_environment("WTFCB_TEST_LONG", "0"), "0") != 0;
}

/* A new empty directory in TMPDIR; the caller frees the name. Nothing has to be removed: the runner does. */
WTFCB_TEST_UNUSED static char *wtfcb_test_directory(void)
{
    const char *parent = wtfcb_test_environment("TMPDIR", "/tmp");
    size_t size = strlen(parent) + sizeof "/wtfcb-XXXXXX";
    char *path = malloc(size);
    ck_assert_ptr_nonnull(path);
    snprintf(path, size, "%s/wtfcb-XXXXXX", parent);
    ck_assert_ptr_nonnull(mkdtemp(path));
    return path;
}

/* Runs every test of the suite and reports failures only; the line that counts is read by test/run. */
WTFCB_TEST_UNUSED static int wtfcb_test_main(Suite *suite)
{
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int run = srunner_ntests_run(runner);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    printf("tests: %d passed, %d failed\n", run - failed, failed);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

#define WTFCB_TEST_MAIN(make_suite)                                                                                    \
    int main(void)                                                                                                     \
    {                                                                                                                  \
        return wtfcb_test_main(make_suite());                                                                          \
    }

#endif
