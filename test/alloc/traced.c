/* See traced.h. */
#include "traced.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "test.h"

static void set_environment(const traced *t, const char *setting)
{
    char text[1024];
    char preload[4200];
    snprintf(preload, sizeof preload, "%s/wtfcb/libwtfcb-alloc.so", wtfcb_test_build_dir());
    char *absolute = realpath(preload, NULL);
    if (!absolute || setenv("LD_PRELOAD", absolute, 1) != 0) _exit(99);
    if (!setting) return;
    const char *folder = strstr(setting, "%s");
    if (folder) {
        snprintf(text, sizeof text, "%.*s%s%s", (int)(folder - setting), setting, t->folder, folder + 2);
    } else {
        snprintf(text, sizeof text, "%s", setting);
    }
    setenv("WTFCB_ALLOC", text, 1);
}

static void path_of(const char *program, char *into, size_t size)
{
    if (program[0] == '/') {
        snprintf(into, size, "%s", program);
        return;
    }
    char relative[4200];
    snprintf(relative, sizeof relative, "%s/test/alloc/subjects/%s", wtfcb_test_build_dir(), program);
    char *absolute = realpath(relative, NULL);
    ck_assert_msg(absolute, "%s is not built", relative);
    snprintf(into, size, "%s", absolute);
    free(absolute);
}

static void read_file(const char *folder, const char *name, char *into, size_t size)
{
    char path[512];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "re");
    ck_assert_ptr_nonnull(file);
    into[fread(into, 1, size - 1, file)] = 0;
    (void)fclose(file);
    (void)unlink(path);
}

static void redirect(const char *folder, const char *name, int to)
{
    char path[512];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_APPEND, 0600);
    if (fd < 0 || dup2(fd, to) < 0) _exit(99);
}

traced traced_run_with(const char *setting, const char *program, const char *const *arguments, void (*before)(void))
{
    static traced t;
    const char *vector[8] = {program};
    char path[4200];
    char *folder = wtfcb_test_directory();
    t = (traced){0};
    snprintf(t.folder, sizeof t.folder, "%s", folder);
    free(folder);
    path_of(program, path, sizeof path);
    for (size_t i = 0; arguments && arguments[i]; i++)
        vector[i + 1] = arguments[i];
    pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        redirect(t.folder, "out", STDOUT_FILENO);
        redirect(t.folder, "err", STDERR_FILENO);
        set_environment(&t, setting);
        if (chdir(t.folder) != 0) _exit(99);
        if (before) before();
        execv(path, (char **)(uintptr_t)vector);
        _exit(99);
    }
    t.process = child;
    ck_assert_int_eq(waitpid(child, &t.status, 0), child);
    read_file(t.folder, "out", t.output, sizeof t.output);
    read_file(t.folder, "err", t.complaint, sizeof t.complaint);
    return t;
}

traced traced_run(const char *setting, const char *program, const char *const *arguments)
{
    return traced_run_with(setting, program, arguments, NULL);
}

void traced_numbers(const traced *t, const char *name, uint64_t *into, uint32_t count)
{
    size_t length = strlen(name);
    const char *line = t->output;
    while (line && !(strncmp(line, name, length) == 0 && line[length] == ' ')) {
        line = strchr(line, '\n');
        if (line) line++;
    }
    ck_assert_msg(line && *line, "no %s in: %s%s (status %x)", name, t->output, t->complaint, (unsigned)t->status);
    char *at = (char *)(uintptr_t)line + length;
    for (uint32_t i = 0; i < count; i++)
        into[i] = strtoull(at, &at, 10);
}

region_read traced_region(const traced *t, long process)
{
    char path[512];
    snprintf(path, sizeof path, "%s/%ld.wtfcb-alloc", t->folder, process);
    return region_open(path);
}

void traced_check_exact(const traced *t, const region_read *region, const char *name)
{
    uint64_t own[6];
    traced_numbers(t, name, own, 6);
    region_sums sums = region_sum_under(region, own[4], own[5]);
    ck_assert_uint_eq(sums.total_bytes, own[0]);
    ck_assert_uint_eq(sums.total_count, own[1] * WTFCB_ALLOC_COUNT_UNIT);
    ck_assert_uint_eq(sums.freed_bytes, own[2]);
    ck_assert_uint_eq(sums.freed_count, own[3] * WTFCB_ALLOC_COUNT_UNIT);
    ck_assert_uint_eq(atomic_load(&region->header->lost), 0);
}
