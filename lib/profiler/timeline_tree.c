/* The table of watched processes and what adds up over them; see timeline_tree.h. */
#include "profiler/timeline_tree.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "profiler/proc.h"

enum { FIRST_PASSES = 8, FIRST_STRANGERS = 256, MOST_FILES = 256 };

static const uint32_t account_metrics[WTFCB_PROFILER_ACCOUNTS] = {
    [WTFCB_PROFILER_ACCOUNT_CPU] = WTFCB_METRIC_CPU,
    [WTFCB_PROFILER_ACCOUNT_MINOR] = WTFCB_METRIC_MINOR_FAULTS,
    [WTFCB_PROFILER_ACCOUNT_MAJOR] = WTFCB_METRIC_MAJOR_FAULTS,
    [WTFCB_PROFILER_ACCOUNT_STORAGE_READ] = WTFCB_METRIC_STORAGE_READ,
    [WTFCB_PROFILER_ACCOUNT_STORAGE_WRITTEN] = WTFCB_METRIC_STORAGE_WRITTEN,
    [WTFCB_PROFILER_ACCOUNT_READ] = WTFCB_METRIC_READ,
    [WTFCB_PROFILER_ACCOUNT_WRITTEN] = WTFCB_METRIC_WRITTEN,
};

size_t wtfcb_profiler_tree_size(bool whole)
{
    size_t places = whole ? WTFCB_PROFILER_PROCESSES : 1;
    return sizeof(wtfcb_profiler_tree) + places * sizeof(wtfcb_profiler_process);
}

wtfcb_profiler_process *wtfcb_profiler_tree_member(wtfcb_profiler_tree *tree, pid_t id)
{
    for (uint32_t i = 0; i < tree->count; i++)
        if (tree->processes[i].id == id && !tree->processes[i].gone) return &tree->processes[i];
    return NULL;
}

static uint64_t taken_over(const wtfcb_profiler_account *account)
{
    return account->reaped > account->expected ? account->reaped : account->expected;
}

/* How far what a parent has taken over may be ahead of what /proc says of it: user and system time are each rounded down. */
static uint64_t slack_of(const wtfcb_profiler_tree *tree, const wtfcb_profiler_process *process, int account)
{
    if (account != WTFCB_PROFILER_ACCOUNT_CPU) return 0;
    return 2 * (process->self ? 1000 : tree->tick_ns);
}

/*
 * Read a member. What it had taken over before is the least that what its children bring is added to; what was expected of children and has not come
 * by now does not come any more.
 */
static void read_member(wtfcb_profiler_tree *tree, wtfcb_profiler_process *process)
{
    for (int i = 0; i < WTFCB_PROFILER_ACCOUNTS; i++)
        process->accounts[i].expected = taken_over(&process->accounts[i]);
    process->gone = !wtfcb_profiler_process_read(tree, process);
    if (process->gone) return;
    for (int i = 0; i < WTFCB_PROFILER_ACCOUNTS; i++) {
        wtfcb_profiler_account *account = &process->accounts[i];
        uint64_t most = account->reaped + slack_of(tree, process, i);
        if (account->expected <= most) continue;
        tree->lost[i] += account->expected - most;
        account->expected = most;
    }
}

bool wtfcb_profiler_tree_add(wtfcb_profiler_tree *tree, pid_t id, pid_t parent)
{
    uint32_t places = tree->whole ? WTFCB_PROFILER_PROCESSES : 1;
    if (tree->count == places) return false;
    wtfcb_profiler_process *process = &tree->processes[tree->count];
    *process = (wtfcb_profiler_process){.id = id, .parent = parent, .files = {-1, -1, -1, -1}};
    process->self = tree->self && tree->count == 0;
    if (process->self) {
        process->clock = CLOCK_PROCESS_CPUTIME_ID;
        process->clocked = true;
        process->files[WTFCB_PROFILER_FILE_STAT] = open("/proc/self/task", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    }
    tree->count++;
    if (!wtfcb_profiler_process_read(tree, process)) {
        wtfcb_profiler_process_close(tree, process);
        tree->count--;
        return false;
    }
    /* What it used before the start does not count; of one that has started since, everything does. */
    bool found_running = process->self || process == tree->processes || process->start < tree->start;
    for (int i = 0; i < WTFCB_PROFILER_ACCOUNTS && found_running; i++)
        tree->base[i] += process->accounts[i].own + process->accounts[i].reaped;
    return true;
}

/* What was seen of a process that has gone is its parent's now, if the parent is watched. */
static void hand_over(wtfcb_profiler_tree *tree, const wtfcb_profiler_process *gone)
{
    wtfcb_profiler_process *parent = NULL;
    for (uint32_t i = 0; i < tree->count && !parent; i++)
        if (tree->processes[i].id == gone->parent && &tree->processes[i] != gone) parent = &tree->processes[i];
    for (int i = 0; i < WTFCB_PROFILER_ACCOUNTS; i++) {
        uint64_t seen = gone->accounts[i].own + taken_over(&gone->accounts[i]);
        if (parent)
            parent->accounts[i].expected += seen;
        else
            tree->lost[i] += seen;
    }
}

/* Children before their parents: what a child brings goes on with its parent. The first process keeps its place. */
static void leave_out_gone(wtfcb_profiler_tree *tree)
{
    for (uint32_t i = tree->count; i-- > 1;) {
        wtfcb_profiler_process *process = &tree->processes[i];
        if (!process->gone) continue;
        hand_over(tree, process);
        wtfcb_profiler_process_close(tree, process);
    }
    uint32_t kept = 1;
    for (uint32_t i = 1; i < tree->count; i++)
        if (!tree->processes[i].gone) tree->processes[kept++] = tree->processes[i];
    tree->count = kept;
}

static void add_up(wtfcb_profiler_tree *tree)
{
    for (int i = 0; i < WTFCB_PROFILER_ACCOUNTS; i++) {
        uint64_t sum = tree->lost[i];
        for (uint32_t p = 0; p < tree->count; p++)
            sum += tree->processes[p].accounts[i].own + taken_over(&tree->processes[p].accounts[i]);
        sum = sum > tree->base[i] ? sum - tree->base[i] : 0;
        tree->sums[i] = sum;
        if (sum > tree->totals[i]) tree->totals[i] = sum; /* a tick may have been rounded down in two places */
    }
}

static void fill_gauges(const wtfcb_profiler_tree *tree, uint64_t *values)
{
    uint64_t resident = 0;
    uint64_t threads = 0;
    uint64_t processes = 0;
    for (uint32_t i = 0; i < tree->count; i++) {
        const wtfcb_profiler_process *process = &tree->processes[i];
        if (process->gone || process->threads == 0) continue;
        resident = process->resident == WTFCB_UNKNOWN || resident == WTFCB_UNKNOWN ? WTFCB_UNKNOWN
                                                                                   : resident + process->resident;
        threads += process->threads;
        processes++;
    }
    values[WTFCB_METRIC_RSS - 1] = processes > 0 ? resident : WTFCB_UNKNOWN;
    values[WTFCB_METRIC_THREADS - 1] = processes > 0 ? threads : WTFCB_UNKNOWN;
    values[WTFCB_METRIC_PROCESSES - 1] = processes > 0 ? processes : WTFCB_UNKNOWN;
}

static void fill(wtfcb_profiler_tree *tree, wtfcb_profiler_reading *reading)
{
    add_up(tree);
    uint64_t *values = reading->values;
    for (int i = 0; i < WTFCB_PROFILER_ACCOUNTS; i++)
        values[account_metrics[i] - 1] = i < WTFCB_PROFILER_ACCOUNT_STORAGE_READ || tree->depth > WTFCB_PROFILER_QUICK
                                             ? tree->totals[i]
                                             : WTFCB_UNKNOWN;
    values[WTFCB_METRIC_VOLUNTARY_SWITCHES - 1] = tree->switches_known ? tree->switches[0] : WTFCB_UNKNOWN;
    values[WTFCB_METRIC_INVOLUNTARY_SWITCHES - 1] = tree->switches_known ? tree->switches[1] : WTFCB_UNKNOWN;
    fill_gauges(tree, values);
    if (tree->depth == WTFCB_PROFILER_QUICK && tree->self) values[WTFCB_METRIC_THREADS - 1] = WTFCB_UNKNOWN;
}

/*
 * Whether there may be new children: the number of the newest process of all has changed. It is given out before the process is in anybody's list: one more look follows.
 */
static bool anything_new(wtfcb_profiler_tree *tree)
{
    char text[128];
    const char *at;
    uint64_t newest;
    if (tree->forks < 0 || wtfcb_profiler_proc_read(tree->forks, text, sizeof text) != 0) return true;
    at = strrchr(text, ' ');
    if (!at || !wtfcb_profiler_proc_number(&at, &newest)) return true;
    tree->quiet = newest == tree->newest ? tree->quiet + 1 : 0;
    tree->newest = newest;
    return tree->quiet <= 1;
}

bool wtfcb_profiler_tree_read(wtfcb_profiler_tree *tree, wtfcb_profiler_depth depth, wtfcb_profiler_reading *reading,
                              bool *ret_known)
{
    const wtfcb_profiler_process *first = &tree->processes[0];
    tree->depth = depth;
    tree->switches_known = true;
    bool look = tree->whole && anything_new(tree);
    for (uint32_t i = 0; i < tree->count; i++) {
        read_member(tree, &tree->processes[i]);
        if (first->gone || first->threads == 0) tree->depth = WTFCB_PROFILER_THOROUGH;
    }
    if (look) wtfcb_profiler_tree_find(tree, 1);
    if (tree->whole) leave_out_gone(tree);
    if (tree->depth < WTFCB_PROFILER_THOROUGH && (!first->self || tree->whole)) tree->switches_known = false;
    fill(tree, reading);
    *ret_known = !first->gone;
    return !first->gone && first->threads > 0;
}

void wtfcb_profiler_tree_look(wtfcb_profiler_tree *tree, uint64_t *ret_cpu_ns, uint64_t *ret_resident)
{
    wtfcb_profiler_process *first = &tree->processes[0];
    uint64_t cpu;
    uint64_t before = first->accounts[WTFCB_PROFILER_ACCOUNT_CPU].own;
    *ret_cpu_ns = tree->totals[WTFCB_PROFILER_ACCOUNT_CPU];
    *ret_resident = WTFCB_UNKNOWN;
    if (first->gone || first->threads == 0) return;
    uint64_t resident = wtfcb_profiler_process_resident(tree, first);
    if (resident == WTFCB_UNKNOWN) return;
    if (wtfcb_profiler_process_cpu(first, &cpu) && cpu > before) {
        uint64_t sum = tree->sums[WTFCB_PROFILER_ACCOUNT_CPU] + (cpu - before);
        if (sum > *ret_cpu_ns) *ret_cpu_ns = sum;
    }
    *ret_resident = resident;
    for (uint32_t i = 1; i < tree->count; i++)
        if (tree->processes[i].resident != WTFCB_UNKNOWN) *ret_resident += tree->processes[i].resident;
}

uint64_t wtfcb_profiler_tree_share(const wtfcb_profiler_tree *tree, int *ret_errno)
{
    uint64_t sum = 0;
    *ret_errno = ESRCH;
    for (uint32_t i = 0; i < tree->count; i++) {
        const wtfcb_profiler_process *process = &tree->processes[i];
        if (process->gone || process->threads == 0) continue;
        char path[64] = "/proc/self/smaps_rollup";
        char text[WTFCB_PROFILER_PROC_TEXT];
        uint64_t share;
        if (!process->self) (void)snprintf(path, sizeof path, "/proc/%ld/smaps_rollup", (long)process->id);
        int failed = wtfcb_profiler_proc_load(path, text, sizeof text);
        if (!failed && wtfcb_profiler_proc_field(text, "Pss", &share)) {
            sum += share * 1024;
            *ret_errno = 0;
        } else if (i == 0) {
            *ret_errno = failed ? failed : ENODATA;
            return WTFCB_UNKNOWN;
        }
    }
    return *ret_errno == 0 ? sum : WTFCB_UNKNOWN;
}

void wtfcb_profiler_tree_peak(wtfcb_profiler_tree *tree)
{
    char path[64] = "/proc/self/status";
    char text[WTFCB_PROFILER_PROC_TEXT];
    uint64_t peak;
    const wtfcb_profiler_process *first = &tree->processes[0];
    if (!first->self) return; /* of another it is read with each sample */
    if (wtfcb_profiler_proc_load(path, text, sizeof text) == 0 && wtfcb_profiler_proc_field(text, "VmHWM", &peak))
        tree->peak = peak * 1024;
}

/* Whether links of the directory of tasks are counted as we take it. */
static bool links_tell_threads(int directory)
{
    char text[WTFCB_PROFILER_PROC_TEXT];
    wtfcb_profiler_stat stat;
    struct stat links;
    return fstat(directory, &links) == 0 && wtfcb_profiler_proc_load("/proc/self/stat", text, sizeof text) == 0 &&
           wtfcb_profiler_proc_stat(text, &stat) && links.st_nlink == stat.threads + 2;
}

/* Ticks since boot, at which processes are said to have started. */
static uint64_t ticks_now(uint64_t tick_ns)
{
    struct timespec now;
    if (clock_gettime(CLOCK_BOOTTIME, &now) != 0) return 0;
    return ((uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec) / tick_ns;
}

static int files_to_keep(void)
{
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files) != 0) return 0;
    return files.rlim_cur / 4 < MOST_FILES ? (int)(files.rlim_cur / 4) : MOST_FILES;
}

int wtfcb_profiler_tree_open(wtfcb_profiler_tree *tree, pid_t process, bool whole, wtfcb_profiler_reading *reading)
{
    memset(tree, 0, sizeof *tree);
    long ticks = sysconf(_SC_CLK_TCK);
    long page = sysconf(_SC_PAGESIZE);
    tree->whole = whole;
    tree->self = process == 0 || process == getpid();
    tree->tick_ns = 1000000000u / (uint64_t)(ticks > 0 ? ticks : 100);
    tree->page_size = (uint64_t)(page > 0 ? page : 4096);
    tree->start = ticks_now(tree->tick_ns);
    tree->strangers = FIRST_STRANGERS;
    tree->budget = files_to_keep();
    tree->peak = WTFCB_UNKNOWN;
    tree->switches_known = true;
    tree->depth = WTFCB_PROFILER_THOROUGH;
    tree->forks = whole ? open("/proc/loadavg", O_RDONLY | O_CLOEXEC) : -1;
    char path[64];
    (void)snprintf(path, sizeof path, "/proc/self/task/%ld/children", (long)getpid());
    tree->children = access(path, R_OK) == 0;
    if (!wtfcb_profiler_tree_add(tree, tree->self ? getpid() : process, 0)) {
        int failed = tree->failed[WTFCB_PROFILER_FILE_STAT];
        return failed ? failed : ESRCH;
    }
    if (tree->self) tree->tasks_linked = links_tell_threads(tree->processes[0].files[WTFCB_PROFILER_FILE_STAT]);
    if (tree->self) wtfcb_profiler_tree_peak(tree);
    if (whole) {
        uint64_t start = tree->start;
        tree->start = UINT64_MAX; /* whoever is there was there before */
        wtfcb_profiler_tree_find(tree, FIRST_PASSES);
        tree->start = start;
    }
    fill(tree, reading);
    return tree->processes[0].threads > 0 ? 0 : ESRCH;
}

void wtfcb_profiler_tree_close(wtfcb_profiler_tree *tree)
{
    for (uint32_t i = 0; i < tree->count; i++)
        wtfcb_profiler_process_close(tree, &tree->processes[i]);
    tree->count = 0;
    if (tree->forks >= 0) (void)close(tree->forks);
    tree->forks = -1;
}
