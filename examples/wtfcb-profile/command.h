/*
 * The command that is profiled: a child that waits until somebody watches it, runs, and ends.
 *
 * prepare, then release or abandon; after a successful release wait, then reap. One command a process: signals are a
 * process's own.
 */
#ifndef WTFCB_PROFILE_COMMAND_H
#define WTFCB_PROFILE_COMMAND_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/types.h>

struct command {
    pid_t pid;
    int gate;           /* write end: a byte lets the child go on */
    int report;         /* read end: errno of an exec that failed */
    sigset_t mask;      /* the caller's, which the child has too */
    int64_t own_maxrss; /* ours when the child was made, which it inherits; as ru_maxrss */
    uint64_t start_ns;  /* CLOCK_MONOTONIC: release */
    uint64_t end_ns;    /* likewise: the end was seen */
};

/* How it went. */
struct command_end {
    int status;          /* as wait(2) has it */
    struct rusage usage; /* of the command and all others that have ended */
    bool others;         /* processes that it has started still run */
    uint64_t wall_ns;
    uint64_t largest; /* the most that one of the processes had resident, bytes; 0: not known */
};

/* Something that is shown on the terminal meanwhile. */
struct command_view {
    void *user;
    uint64_t (*show)(void *user); /* also after a change of the terminal's size; ns until it wants to be called again */
    void (*hide)(void *user);     /* somebody else will have the terminal */
};

/*
 * Make a child that will run `argv`, found as execvp(3) does. With `stdout_apart` its standard output is our standard error. From here to
 * command_reap() signals that end a process are ours to handle. 0, or errno.
 */
int command_prepare(struct command *command, char **argv, bool stdout_apart);

/* Let it run. 0, or the errno of exec, in which case there is no child any more. */
int command_release(struct command *command);

/* It shall not run. */
void command_abandon(struct command *command);

/*
 * Until it has ended; its entry in the process table stays until command_reap(), so that it can be looked at. Passes signals on.
 *
 * @param view  NULL: none
 */
void command_wait(struct command *command, const struct command_view *view);

/* A signal that has come since command_wait() ends this process here. */
void command_reap(struct command *command, struct command_end *ret_end);

#endif
