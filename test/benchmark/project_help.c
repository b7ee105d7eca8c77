#include "project_help.h"

#include <ftw.h>
#include <stdarg.h>
#include <sys/stat.h>

wtfcb_project *project_of(const wtfcb_allocator *allocator, int64_t files, int64_t cap)
{
    wtfcb_project *project = NULL;
    ck_assert_int_eq(wtfcb_project_new(allocator, &project), WTFCB_OK);
    project_set(project, WTFCB_PROJECT_FILES, files);
    if (cap > 0) project_set(project, WTFCB_PROJECT_CAP, cap);
    return project;
}

void project_set(wtfcb_project *project, int32_t option, int64_t value)
{
    ck_assert_int_eq(wtfcb_project_set(project, option, value), WTFCB_OK);
}

char *project_folder(void)
{
    char *parent = wtfcb_test_directory();
    size_t size = strlen(parent) + sizeof "/tree";
    char *path = malloc(size);
    ck_assert_ptr_nonnull(path);
    snprintf(path, size, "%s/tree", parent);
    free(parent);
    return path;
}

char *project_generated(wtfcb_project *project)
{
    char *path = project_folder();
    wtfcb_error error = WTFCB_ERROR_INIT;
    ck_assert_msg(wtfcb_project_generate(project, path, &error) == WTFCB_OK, "%s", error.message);
    return path;
}

int project_shell(const char *format, ...)
{
    char command[4096];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(command, sizeof command, format, arguments);
    va_end(arguments);
    ck_assert_int_lt(length, (int)sizeof command);
    return system(command); /* NOLINT(cert-env33-c): compilers and interpreters are what these tests ask */
}

/* nftw() knows no argument. */
static char **names;
static size_t name_count, name_room, root_length;

static int collect(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st;
    (void)ftw;
    if (strlen(path) <= root_length) return 0;
    if (name_count == name_room) {
        name_room = name_room * 2 + 64;
        names = realloc(names, name_room * sizeof *names);
        ck_assert_ptr_nonnull(names);
    }
    size_t size = strlen(path) + 2;
    names[name_count] = malloc(size);
    ck_assert_ptr_nonnull(names[name_count]);
    snprintf(names[name_count++], size, "%c%s", type == FTW_D ? 'd' : 'f', path);
    return 0;
}

static int compare(const void *a, const void *b)
{
    return strcmp(*(char *const *)a + 1, *(char *const *)b + 1);
}

static void list(const char *path)
{
    name_count = 0;
    root_length = strlen(path);
    ck_assert_int_eq(nftw(path, collect, 16, FTW_PHYS), 0);
    if (name_count > 0) qsort(names, name_count, sizeof *names, compare);
}

static void forget(void)
{
    while (name_count > 0)
        free(names[--name_count]);
    free(names);
    names = NULL;
    name_room = 0;
}

static uint64_t add(uint64_t digest, const void *bytes, size_t length)
{
    const unsigned char *at = bytes;
    for (size_t i = 0; i < length; i++)
        digest = (digest ^ at[i]) * UINT64_C(1099511628211);
    return digest;
}

uint64_t project_tree_digest(const char *path)
{
    uint64_t digest = UINT64_C(14695981039346656037);
    static char buffer[65536];
    list(path);
    for (size_t i = 0; i < name_count; i++) {
        if (names[i][0] == 'd') continue;
        const char *below = names[i] + 2 + root_length;
        digest = add(digest, below, strlen(below) + 1);
        FILE *f = fopen(names[i] + 1, "rbe");
        ck_assert_ptr_nonnull(f);
        for (size_t length; (length = fread(buffer, 1, sizeof buffer, f)) > 0;)
            digest = add(digest, buffer, length);
        (void)fclose(f);
    }
    forget();
    return digest;
}

uint64_t project_tree_count(const char *path)
{
    list(path);
    uint64_t count = name_count;
    forget();
    return count;
}
