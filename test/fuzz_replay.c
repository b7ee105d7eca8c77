/*
 * libFuzzer's place in `make check`: runs the files of a corpus once through a target. The corpus is the folder of
 * test/corpus that the program is named after; a folder in it is a corpus for the grammar of its name (fuzz_grammar.c).
 * The name of a file is said before it runs, so that a crash tells which one it was.
 */
#include "fuzz.h"

#include <dirent.h>

#include "test.h"

enum { PATH_SIZE = 4096, FILE_SIZE = 1 << 16 };

static int passed;

static void run_file(const char *path)
{
    static uint8_t bytes[FILE_SIZE];
    FILE *file = fopen(path, "rbe");
    FUZZ_ASSERT(file);
    size_t size = fread(bytes, 1, sizeof bytes, file);
    (void)fclose(file);
    printf("%s\n", path);
    (void)fflush(stdout);
    uint8_t *exact = (uint8_t *)fuzz_copy(bytes, size, 0, 0);
    FUZZ_ASSERT(LLVMFuzzerTestOneInput(exact, size) == 0);
    free(exact);
    passed++;
}

static void run_folder(const char *path, int depth)
{
    struct dirent **entries = NULL;
    int count = scandir(path, &entries, NULL, alphasort);
    FUZZ_ASSERT(count >= 0);
    for (int i = 0; i < count; i++) {
        char below[PATH_SIZE];
        int written = snprintf(below, sizeof below, "%s/%s", path, entries[i]->d_name);
        FUZZ_ASSERT(written > 0 && (size_t)written < sizeof below);
        if (entries[i]->d_name[0] != '.' && entries[i]->d_type == DT_DIR && depth == 0) {
            setenv("WTFCB_FUZZ_GRAMMAR", entries[i]->d_name, 1);
            FUZZ_ASSERT(LLVMFuzzerInitialize(NULL, NULL) == 0);
            run_folder(below, 1);
        } else if (entries[i]->d_type == DT_REG) {
            run_file(below);
        }
        free(entries[i]);
    }
    free(entries);
}

int main(int argc, char **argv)
{
    (void)argc;
    const char *name = strrchr(argv[0], '/');
    name = name ? name + 1 : argv[0];
    if (strncmp(name, "fuzz_", 5) == 0) name += 5;
    char folder[PATH_SIZE];
    snprintf(folder, sizeof folder, "%s/corpus/%s", wtfcb_test_data_dir(), name);
    FUZZ_ASSERT(LLVMFuzzerInitialize(NULL, NULL) == 0);
    run_folder(folder, 0);
    printf("tests: %d passed, 0 failed\n", passed);
    return passed > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
