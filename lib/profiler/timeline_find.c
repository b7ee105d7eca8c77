/*
 * Who has been started by whom. Where the kernel lists a task's children that costs a read for each task of the tree; else, and when the tree has more tasks than the machine has
 * processes, every process is asked for its parent.
 */
#include "profiler/timeline_tree.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "profiler/proc.h"

enum { ENTRIES = 8192 };

/* The number that a directory of /proc has for a name; 0 for another. */
static pid_t number_of(const char *name)
{
    pid_t number = 0;
    for (; *name; name++) {
        if (*name < '0' || *name > '9' || number > INT32_MAX / 10 - 1) return 0;
        number = number * 10 + (*name - '0');
    }
    return number;
}

/* A list of numbers with blanks behind them, of any length. */
static void take_children(wtfcb_profiler_tree *tree, int fd, pid_t parent)
{
    char text[1024];
    size_t kept = 0;
    ssize_t got;
    while ((got = read(fd, text + kept, sizeof text - kept - 1)) > 0) {
        text[kept + (size_t)got] = '\0';
        const char *at = text;
        uint64_t number;
        while (wtfcb_profiler_proc_number(&at, &number))
            if (number > 0 && number <= INT32_MAX && !wtfcb_profiler_tree_member(tree, (pid_t)number))
                (void)wtfcb_profiler_tree_add(tree, (pid_t)number, parent);
        kept = strlen(at);
        if (kept >= sizeof text / 2) return; /* no list */
        memmove(text, at, kept);
    }
}

typedef struct asked {
    wtfcb_profiler_tree *tree;
    int directory;
    pid_t parent;
} asked;

static int ask_task(void *user, const wtfcb_base_dirent *entry)
{
    const asked *a = user;
    char path[80];
    (void)snprintf(path, sizeof path, "%.60s/children", entry->name);
    int fd = openat(a->directory, path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return 0;
    take_children(a->tree, fd, a->parent);
    (void)close(fd);
    return 0;
}

static void ask_member(wtfcb_profiler_tree *tree, pid_t id, uint32_t threads)
{
    char path[64];
    char entries[ENTRIES];
    if (threads == 1) {
        asked a = {.tree = tree, .parent = id, .directory = AT_FDCWD};
        (void)snprintf(path, sizeof path, "/proc/%ld/task/%ld", (long)id, (long)id);
        (void)ask_task(&a, &(wtfcb_base_dirent){.name = path});
        return;
    }
    (void)snprintf(path, sizeof path, "/proc/%ld/task", (long)id);
    asked a = {.tree = tree, .parent = id, .directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    if (a.directory < 0) return;
    (void)wtfcb_base_dir_list(a.directory, entries, sizeof entries, ask_task, &a);
    (void)close(a.directory);
}

/* The table grows on the way: children of children are found too. */
static void ask_members(wtfcb_profiler_tree *tree)
{
    for (uint32_t i = 0; i < tree->count; i++) {
        const wtfcb_profiler_process *process = &tree->processes[i];
        if (!process->gone && process->threads > 0) ask_member(tree, process->id, process->threads);
    }
}

typedef struct search {
    wtfcb_profiler_tree *tree;
    uint32_t met;
} search;

static int ask_process(void *user, const wtfcb_base_dirent *entry)
{
    search *s = user;
    pid_t id = number_of(entry->name);
    if (id == 0) return 0;
    s->met++;
    if (wtfcb_profiler_tree_member(s->tree, id)) return 0;
    char path[64];
    char text[WTFCB_PROFILER_PROC_TEXT];
    wtfcb_profiler_stat stat;
    (void)snprintf(path, sizeof path, "/proc/%ld/stat", (long)id);
    if (wtfcb_profiler_proc_load(path, text, sizeof text) != 0 || !wtfcb_profiler_proc_stat(text, &stat)) return 0;
    if (stat.parent > 0 && stat.parent <= INT32_MAX && wtfcb_profiler_tree_member(s->tree, (pid_t)stat.parent))
        (void)wtfcb_profiler_tree_add(s->tree, id, (pid_t)stat.parent);
    return 0;
}

/* A child may stand before its parent when numbers have wrapped: it is found in the next pass, or at the next reading. */
static void ask_everybody(wtfcb_profiler_tree *tree, int passes)
{
    char entries[ENTRIES];
    for (int i = 0; i < passes; i++) {
        uint32_t before = tree->count;
        search s = {.tree = tree};
        int fd = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (fd < 0) return;
        (void)wtfcb_base_dir_list(fd, entries, sizeof entries, ask_process, &s);
        (void)close(fd);
        tree->strangers = s.met;
        if (tree->count == before) return;
    }
}

void wtfcb_profiler_tree_find(wtfcb_profiler_tree *tree, int passes)
{
    uint64_t tasks = 0;
    for (uint32_t i = 0; i < tree->count; i++)
        tasks += tree->processes[i].threads;
    if (tree->children && tasks <= tree->strangers)
        ask_members(tree);
    else
        ask_everybody(tree, passes);
}
