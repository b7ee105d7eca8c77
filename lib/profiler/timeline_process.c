/*
 * One process, read. This process tells of itself by system calls; of others the clock of a process is exact to the ns where /proc has ticks of 10 ms. The clock is read before
 * the stat file: if that is still of the same process, the clock was too.
 */
#include "profiler/timeline_tree.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "profiler/proc.h"

enum { VOLUNTARY, INVOLUNTARY };

static const char *const file_names[WTFCB_PROFILER_FILES] = {"stat", "statm", "io", "status"};

static void name_file(const wtfcb_profiler_process *process, const char *file, char *path, size_t size)
{
    if (process->self)
        (void)snprintf(path, size, "/proc/self/%s", file);
    else
        (void)snprintf(path, size, "/proc/%ld/%s", (long)process->id, file);
}

/* Read one of a process's files, and keep it open if there may be more of those; the first process's are always kept. */
static int read_file(wtfcb_profiler_tree *tree, wtfcb_profiler_process *process, int file, char *text)
{
    int fd = process->files[file];
    if (fd < 0) {
        char path[64];
        name_file(process, file_names[file], path, sizeof path);
        fd = open(path, O_RDONLY | O_CLOEXEC);
        if (fd < 0) return errno == ENOENT ? ESRCH : errno;
    }
    int failed = wtfcb_profiler_proc_read(fd, text, WTFCB_PROFILER_PROC_TEXT);
    if (process->files[file] >= 0) return failed;
    bool keep = tree->budget > 0 && file != WTFCB_PROFILER_FILE_STATUS;
    if (process == tree->processes || keep) {
        process->files[file] = fd;
        if (process != tree->processes) tree->budget--;
    } else {
        (void)close(fd);
    }
    return failed;
}

void wtfcb_profiler_process_close(wtfcb_profiler_tree *tree, wtfcb_profiler_process *process)
{
    for (int i = 0; i < WTFCB_PROFILER_FILES; i++) {
        if (process->files[i] < 0) continue;
        (void)close(process->files[i]);
        process->files[i] = -1;
        if (process != tree->processes) tree->budget++;
    }
}

bool wtfcb_profiler_process_cpu(const wtfcb_profiler_process *process, uint64_t *ret_ns)
{
    struct timespec used;
    if (!process->clocked || clock_gettime(process->clock, &used) != 0) return false;
    *ret_ns = (uint64_t)used.tv_sec * 1000000000u + (uint64_t)used.tv_nsec;
    return true;
}

/* From statm, which is exact; the number in stat may lag by some pages for each processor. */
uint64_t wtfcb_profiler_process_resident(wtfcb_profiler_tree *tree, wtfcb_profiler_process *process)
{
    char text[WTFCB_PROFILER_PROC_TEXT];
    uint64_t pages;
    int failed = read_file(tree, process, WTFCB_PROFILER_FILE_MEMORY, text);
    if (!process->counted && process == tree->processes) tree->failed[WTFCB_PROFILER_FILE_MEMORY] = failed;
    if (failed || !wtfcb_profiler_proc_resident(text, &pages)) return WTFCB_UNKNOWN;
    return pages * tree->page_size;
}

/* The kernel has added what children did that were waited for. */
static void read_io(wtfcb_profiler_tree *tree, wtfcb_profiler_process *process)
{
    static const char *const keys[] = {"read_bytes", "write_bytes", "rchar", "wchar"};
    char text[WTFCB_PROFILER_PROC_TEXT];
    int failed = read_file(tree, process, WTFCB_PROFILER_FILE_IO, text);
    if (!process->counted && process == tree->processes) tree->failed[WTFCB_PROFILER_FILE_IO] = failed;
    if (failed) return;
    for (int i = 0; i < 4; i++) {
        uint64_t *reaped = &process->accounts[WTFCB_PROFILER_ACCOUNT_STORAGE_READ + i].reaped;
        uint64_t bytes;
        if (wtfcb_profiler_proc_field(text, keys[i], &bytes) && bytes > *reaped) *reaped = bytes;
    }
}

static bool switches_in(const char *text, uint64_t *sums)
{
    uint64_t voluntary;
    uint64_t involuntary;
    if (!wtfcb_profiler_proc_field(text, "voluntary_ctxt_switches", &voluntary) ||
        !wtfcb_profiler_proc_field(text, "nonvoluntary_ctxt_switches", &involuntary))
        return false;
    sums[VOLUNTARY] += voluntary;
    sums[INVOLUNTARY] += involuntary;
    return true;
}

typedef struct task_sums {
    int directory;
    uint64_t sums[2];
} task_sums;

static int add_task(void *user, const wtfcb_base_dirent *entry)
{
    task_sums *tasks = user;
    char path[64];
    char text[WTFCB_PROFILER_PROC_TEXT];
    (void)snprintf(path, sizeof path, "%.20s/status", entry->name);
    int fd = openat(tasks->directory, path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return 0; /* it has ended */
    int failed = wtfcb_profiler_proc_read(fd, text, sizeof text);
    (void)close(fd);
    return failed || switches_in(text, tasks->sums) ? 0 : EINVAL;
}

/* Of one thread they stand in the process's status; of several only in each one's own. */
static bool sum_switches(const wtfcb_profiler_process *process, const char *status, uint64_t *sums)
{
    sums[VOLUNTARY] = sums[INVOLUNTARY] = 0;
    if (process->threads <= 1) return switches_in(status, sums);
    if (process->threads > WTFCB_PROFILER_TASKS) return false;
    char path[64];
    char entries[8192];
    name_file(process, "task", path, sizeof path);
    task_sums tasks = {.directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    if (tasks.directory < 0) return false;
    int failed = wtfcb_base_dir_list(tasks.directory, entries, sizeof entries, add_task, &tasks);
    (void)close(tasks.directory);
    sums[VOLUNTARY] = tasks.sums[VOLUNTARY];
    sums[INVOLUNTARY] = tasks.sums[INVOLUNTARY];
    return failed == 0;
}

/* A thread that ends takes its number with it: when the sum goes down nothing is known of this time. */
static void read_status(wtfcb_profiler_tree *tree, wtfcb_profiler_process *process)
{
    char text[WTFCB_PROFILER_PROC_TEXT];
    uint64_t sums[2];
    uint64_t peak;
    int failed = read_file(tree, process, WTFCB_PROFILER_FILE_STATUS, text);
    if (!process->counted && process == tree->processes) tree->failed[WTFCB_PROFILER_FILE_STATUS] = failed;
    if (!failed && process == tree->processes && wtfcb_profiler_proc_field(text, "VmHWM", &peak))
        tree->peak = peak * 1024;
    bool known = !failed && sum_switches(process, text, sums);
    for (int i = 0; i < 2 && known; i++) {
        uint64_t before = process->counted ? process->switches[i] : 0;
        if (sums[i] >= before)
            tree->switches[i] += sums[i] - before;
        else
            tree->switches_known = false;
        process->switches[i] = sums[i];
    }
    if (!known) tree->switches_known = false;
}

static uint64_t microseconds(struct timeval time)
{
    return (uint64_t)time.tv_sec * 1000000u + (uint64_t)time.tv_usec;
}

/* Threads of this process: the links of a directory that the kernel keeps for each, or else the stat file. */
static uint32_t own_threads(wtfcb_profiler_tree *tree, wtfcb_profiler_process *self)
{
    struct stat directory;
    if (tree->tasks_linked && fstat(self->files[WTFCB_PROFILER_FILE_STAT], &directory) == 0 && directory.st_nlink > 2)
        return (uint32_t)directory.st_nlink - 2;
    char text[WTFCB_PROFILER_PROC_TEXT];
    wtfcb_profiler_stat stat;
    if (wtfcb_profiler_proc_load("/proc/self/stat", text, sizeof text) != 0 || !wtfcb_profiler_proc_stat(text, &stat))
        return 1;
    return (uint32_t)stat.threads;
}

static void read_self(wtfcb_profiler_tree *tree, wtfcb_profiler_process *self)
{
    wtfcb_profiler_account *accounts = self->accounts;
    struct rusage own;
    struct rusage reaped;
    (void)getrusage(RUSAGE_SELF, &own);
    if (tree->whole) {
        (void)getrusage(RUSAGE_CHILDREN, &reaped);
        accounts[WTFCB_PROFILER_ACCOUNT_CPU].reaped =
            (microseconds(reaped.ru_utime) + microseconds(reaped.ru_stime)) * 1000u;
        accounts[WTFCB_PROFILER_ACCOUNT_MINOR].reaped = (uint64_t)reaped.ru_minflt;
        accounts[WTFCB_PROFILER_ACCOUNT_MAJOR].reaped = (uint64_t)reaped.ru_majflt;
    }
    accounts[WTFCB_PROFILER_ACCOUNT_MINOR].own = (uint64_t)own.ru_minflt;
    accounts[WTFCB_PROFILER_ACCOUNT_MAJOR].own = (uint64_t)own.ru_majflt;
    const uint64_t switches[2] = {(uint64_t)own.ru_nvcsw, (uint64_t)own.ru_nivcsw};
    for (int i = 0; i < 2; i++) {
        tree->switches[i] += switches[i] - self->switches[i];
        self->switches[i] = switches[i];
    }
    (void)wtfcb_profiler_process_cpu(self, &accounts[WTFCB_PROFILER_ACCOUNT_CPU].own);
    self->resident = wtfcb_profiler_process_resident(tree, self);
    if (tree->depth > WTFCB_PROFILER_QUICK) {
        self->threads = own_threads(tree, self);
        read_io(tree, self);
    }
    self->counted = true;
}

/* Of a stat file; false when it is not of this process. */
static bool take_stat(const wtfcb_profiler_tree *tree, wtfcb_profiler_process *process, const wtfcb_profiler_stat *stat)
{
    if (process->start != 0 && stat->start != process->start) return false;
    wtfcb_profiler_account *accounts = process->accounts;
    process->start = stat->start;
    process->parent = (pid_t)stat->parent;
    bool ended = (stat->state == 'Z' || stat->state == 'X') && stat->threads <= 1;
    process->threads = ended ? 0 : stat->threads > UINT32_MAX ? UINT32_MAX : (uint32_t)stat->threads;
    accounts[WTFCB_PROFILER_ACCOUNT_MINOR].own = stat->minor_faults;
    accounts[WTFCB_PROFILER_ACCOUNT_MAJOR].own = stat->major_faults;
    process->resident = ended ? 0 : stat->state == 'Z' ? WTFCB_UNKNOWN : stat->resident * tree->page_size;
    if (!process->clocked) accounts[WTFCB_PROFILER_ACCOUNT_CPU].own = stat->ticks * tree->tick_ns;
    if (tree->whole) {
        accounts[WTFCB_PROFILER_ACCOUNT_CPU].reaped = stat->reaped_ticks * tree->tick_ns;
        accounts[WTFCB_PROFILER_ACCOUNT_MINOR].reaped = stat->reaped_minor_faults;
        accounts[WTFCB_PROFILER_ACCOUNT_MAJOR].reaped = stat->reaped_major_faults;
    }
    return true;
}

bool wtfcb_profiler_process_read(wtfcb_profiler_tree *tree, wtfcb_profiler_process *process)
{
    if (process->self) {
        read_self(tree, process);
        return true;
    }
    char text[WTFCB_PROFILER_PROC_TEXT];
    wtfcb_profiler_stat stat;
    uint64_t cpu;
    if (!process->counted) process->clocked = clock_getcpuclockid(process->id, &process->clock) == 0;
    bool clocked = wtfcb_profiler_process_cpu(process, &cpu);
    int failed = read_file(tree, process, WTFCB_PROFILER_FILE_STAT, text);
    if (!process->counted && process == tree->processes) tree->failed[WTFCB_PROFILER_FILE_STAT] = failed;
    bool ran = process->threads > 0;
    if (failed || !wtfcb_profiler_proc_stat(text, &stat) || !take_stat(tree, process, &stat)) return false;
    bool ended = ran && process->threads == 0;
    if (clocked && cpu > process->accounts[WTFCB_PROFILER_ACCOUNT_CPU].own)
        process->accounts[WTFCB_PROFILER_ACCOUNT_CPU].own = cpu;
    if (process->threads > 0 && process->resident != WTFCB_UNKNOWN) {
        uint64_t resident = wtfcb_profiler_process_resident(tree, process);
        if (resident != WTFCB_UNKNOWN) process->resident = resident;
    }
    if (tree->depth == WTFCB_PROFILER_THOROUGH || !process->counted || ended) read_status(tree, process);
    if (tree->depth > WTFCB_PROFILER_QUICK || !process->counted || ended) read_io(tree, process);
    process->counted = true;
    return true;
}
