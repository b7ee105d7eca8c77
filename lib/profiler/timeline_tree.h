/*
 * The watched processes: one, or one with all that it has started, read from /proc and the clocks of processes.
 *
 * What counts up (processor time, faults, bytes) stays true while processes come and go: the total is what each living process has used and has taken over from the
 * children that it waited for, so that a child that was waited for moves from one term to another. A child that has gone is expected
 * in its parent's sum, with what was last seen of it; what does not turn up there (the parent ignores SIGCHLD, or another process waited) is kept as lost. So nothing is
 * counted twice, and no total goes down.
 *
 * A process is known by its number and the time of its start. Parents stand before their children in the table and are read before them: what a parent took
 * over at the time of a reading is never more than what its children had not shown yet.
 */
#ifndef WTFCB_PROFILER_TIMELINE_TREE_H
#define WTFCB_PROFILER_TIMELINE_TREE_H

#include <sys/types.h>
#include <time.h>

#include "profiler/profile.h"
#include "profiler/timeline_series.h"

enum {
    WTFCB_PROFILER_PROCESSES =
        768,                   /* that are followed at a time; what more there are count when they were waited for */
    WTFCB_PROFILER_TASKS = 64, /* threads of one process whose context switches are asked for one by one */
};

/* Files of a process that may be kept open. */
enum {
    WTFCB_PROFILER_FILE_STAT,
    WTFCB_PROFILER_FILE_MEMORY,
    WTFCB_PROFILER_FILE_IO,
    WTFCB_PROFILER_FILE_STATUS,
    WTFCB_PROFILER_FILES,
};

/* What counts up and is taken over by who waits: in the order of `account_metrics` in timeline_tree.c. */
enum {
    WTFCB_PROFILER_ACCOUNT_CPU,
    WTFCB_PROFILER_ACCOUNT_MINOR,
    WTFCB_PROFILER_ACCOUNT_MAJOR,
    WTFCB_PROFILER_ACCOUNT_STORAGE_READ, /* from here on the kernel adds children to the process's own */
    WTFCB_PROFILER_ACCOUNT_STORAGE_WRITTEN,
    WTFCB_PROFILER_ACCOUNT_READ,
    WTFCB_PROFILER_ACCOUNT_WRITTEN,
    WTFCB_PROFILER_ACCOUNTS,
};

/* How much a reading asks for: what moves fast and costs little each time, the rest now and then. */
typedef enum wtfcb_profiler_depth {
    WTFCB_PROFILER_QUICK,    /* processor time, memory, faults, who there is */
    WTFCB_PROFILER_USUAL,    /* input and output and this process's threads too */
    WTFCB_PROFILER_THOROUGH, /* context switches of other processes too */
} wtfcb_profiler_depth;

typedef struct wtfcb_profiler_account {
    uint64_t own;
    uint64_t reaped;   /* of children that were waited for, as last read */
    uint64_t expected; /* what must have been taken over at least */
} wtfcb_profiler_account;

typedef struct wtfcb_profiler_process {
    pid_t id;
    pid_t parent;
    uint64_t start;                  /* ticks since boot; 0: not read yet */
    clockid_t clock;                 /* of its processor time, if `clocked` */
    int files[WTFCB_PROFILER_FILES]; /* -1: not open */
    uint32_t threads;                /* 0: it has ended */
    bool self;
    bool clocked;
    bool gone;
    bool counted;         /* `switches` have been read */
    uint64_t resident;    /* bytes; WTFCB_UNKNOWN */
    uint64_t switches[2]; /* voluntary and not, of the threads that run */
    wtfcb_profiler_account accounts[WTFCB_PROFILER_ACCOUNTS];
} wtfcb_profiler_process;

typedef struct wtfcb_profiler_tree {
    bool whole;    /* with children */
    bool children; /* the kernel lists them */
    bool self;
    bool tasks_linked; /* the number of links of /proc/self/task tells the number of threads */
    int budget;        /* files that may still be kept open */
    uint64_t tick_ns;
    uint64_t page_size;
    uint64_t start;     /* ticks since boot: who started earlier brings time that does not count */
    uint32_t strangers; /* processes that the last look over all of them met */
    uint32_t count;
    int failed[WTFCB_PROFILER_FILES]; /* errno of the first process's files at the first look */
    uint64_t peak;                    /* VmHWM of the first process, bytes; WTFCB_UNKNOWN */
    uint64_t lost[WTFCB_PROFILER_ACCOUNTS];
    uint64_t base[WTFCB_PROFILER_ACCOUNTS];   /* used before anybody looked */
    uint64_t sums[WTFCB_PROFILER_ACCOUNTS];   /* at the last reading */
    uint64_t totals[WTFCB_PROFILER_ACCOUNTS]; /* the most that a sum ever was */
    uint64_t switches[2];
    bool switches_known;        /* at the last reading */
    wtfcb_profiler_depth depth; /* of this reading */
    int forks;                  /* /proc/loadavg, whose last number is that of the newest process */
    uint64_t newest;            /* that number; children are looked for in two readings after it has changed */
    uint32_t quiet;
    wtfcb_profiler_process processes[];
} wtfcb_profiler_tree;

/* Bytes of a tree. */
size_t wtfcb_profiler_tree_size(bool whole);

/*
 * Begin to watch a process (0: this one) in a block of wtfcb_profiler_tree_size() bytes, with a first reading. 0, or an errno: ESRCH: no such process. In either case
 * wtfcb_profiler_tree_close() is called.
 */
int wtfcb_profiler_tree_open(wtfcb_profiler_tree *tree, pid_t process, bool whole, wtfcb_profiler_reading *reading);
void wtfcb_profiler_tree_close(wtfcb_profiler_tree *tree);

/*
 * Read all processes, find new ones, leave out those that have gone. False when the first one has ended; `*ret_known` then says whether the reading holds its last
 * use, which it does until it was waited for. Sets RSS, CPU, faults, switches, I/O, threads and processes as deep as the reading goes, WTFCB_UNKNOWN beyond; when the first process has
 * ended, all of it.
 */
bool wtfcb_profiler_tree_read(wtfcb_profiler_tree *tree, wtfcb_profiler_depth depth, wtfcb_profiler_reading *reading,
                              bool *ret_known);

/* Processor time and resident memory with the first process as it is now and the others as they were; WTFCB_UNKNOWN. */
void wtfcb_profiler_tree_look(wtfcb_profiler_tree *tree, uint64_t *ret_cpu_ns, uint64_t *ret_resident);

/* Proportional share of all of them in bytes; WTFCB_UNKNOWN with an errno. A ms for each 100 MiB. */
uint64_t wtfcb_profiler_tree_share(const wtfcb_profiler_tree *tree, int *ret_errno);

/* Bring `peak` up to date, if the first process still runs. */
void wtfcb_profiler_tree_peak(wtfcb_profiler_tree *tree);

/* timeline_process.c: open what can be, read; false when the process has gone. */
bool wtfcb_profiler_process_read(wtfcb_profiler_tree *tree, wtfcb_profiler_process *process);
void wtfcb_profiler_process_close(wtfcb_profiler_tree *tree, wtfcb_profiler_process *process);
bool wtfcb_profiler_process_cpu(const wtfcb_profiler_process *process, uint64_t *ret_ns);
uint64_t wtfcb_profiler_process_resident(wtfcb_profiler_tree *tree, wtfcb_profiler_process *process);

/* timeline_find.c: add processes that members of the tree have started, each read once; `passes` over all processes at most. */
void wtfcb_profiler_tree_find(wtfcb_profiler_tree *tree, int passes);

/* Put a process at the end of the table and read it. False: there is no room, or it has gone again. */
bool wtfcb_profiler_tree_add(wtfcb_profiler_tree *tree, pid_t id, pid_t parent);

/* The member with a number; NULL if there is none. O(members). */
wtfcb_profiler_process *wtfcb_profiler_tree_member(wtfcb_profiler_tree *tree, pid_t id);

#endif
