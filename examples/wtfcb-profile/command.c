/*
 * The child and its signals.
 *
 * The child is in our own process group: the terminal sends ^C and ^Z to both, so that job control works without our help.
 * Signals that would end us are blocked and taken from the queue instead, so that what was recorded is written whatever
 * comes. One from the terminal has reached the command already; one that somebody sent to us is meant for the command.
 *
 * Who shows something on the terminal hides it before a stop key takes effect, and shows it again afterwards.
 *
 * We are the reaper of what the command leaves behind: orphans become our children, stay visible as long as the command
 * runs, and their processor time is not lost.
 */
#include "command.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* What would end us, and what a command may be told by. */
static const int passed_on[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2};

static uint64_t now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* Of the terminal: a stop, the end of it, another size. They are ours only while something is shown. */
static const int of_terminal[] = {SIGTSTP, SIGCONT, SIGWINCH};

static void handled_signals(sigset_t *set)
{
    sigemptyset(set);
    sigaddset(set, SIGCHLD);
    for (size_t i = 0; i < sizeof passed_on / sizeof *passed_on; i++)
        sigaddset(set, passed_on[i]);
}

static void close_all(const int fds[4])
{
    for (size_t i = 0; i < 4; i++)
        if (fds[i] >= 0) close(fds[i]);
}

static ssize_t read_some(int fd, void *buffer, size_t size)
{
    ssize_t got;

    do
        got = read(fd, buffer, size);
    while (got < 0 && errno == EINTR);
    return got;
}

/* The other side of the fork; an exec closes what is left open. */
static _Noreturn void run_child(char **argv, int gate, int report, bool stdout_apart, const sigset_t *mask)
{
    char byte;

    if (read_some(gate, &byte, 1) != 1) _exit(125);
    if (!stdout_apart || dup2(STDERR_FILENO, STDOUT_FILENO) >= 0) {
        sigprocmask(SIG_SETMASK, mask, NULL);
        execvp(argv[0], argv);
    }
    int failure = errno;
    ssize_t written = write(report, &failure, sizeof failure);
    _exit(written == sizeof failure ? 127 : 125);
}

int command_prepare(struct command *command, char **argv, bool stdout_apart)
{
    int fds[4] = {-1, -1, -1, -1}; /* gate, then report: read end, write end */
    struct rusage own;
    sigset_t handled;
    int failure;

    if (pipe2(fds, O_CLOEXEC) != 0 || pipe2(fds + 2, O_CLOEXEC) != 0) {
        failure = errno;
        close_all(fds);
        return failure;
    }
    handled_signals(&handled);
    sigprocmask(SIG_BLOCK, &handled, &command->mask);
    prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
    getrusage(RUSAGE_SELF, &own);
    command->own_maxrss = own.ru_maxrss;
    command->pid = fork();
    failure = errno;
    if (command->pid == 0) {
        close(fds[1]);
        close(fds[2]);
        run_child(argv, fds[0], fds[3], stdout_apart, &command->mask);
    }
    if (command->pid < 0) {
        close_all(fds);
        sigprocmask(SIG_SETMASK, &command->mask, NULL);
        return failure;
    }
    close(fds[0]);
    close(fds[3]);
    command->gate = fds[1];
    command->report = fds[2];
    return 0;
}

static void wait_for_child(pid_t pid)
{
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
        ;
}

void command_abandon(struct command *command)
{
    close(command->gate);
    close(command->report);
    wait_for_child(command->pid);
    sigprocmask(SIG_SETMASK, &command->mask, NULL);
}

int command_release(struct command *command)
{
    int failure = 0;

    command->start_ns = now_ns();
    if (write(command->gate, "", 1) != 1) failure = errno;
    close(command->gate);
    if (failure == 0 && read_some(command->report, &failure, sizeof failure) != sizeof failure) failure = 0;
    close(command->report);
    if (failure == 0) return 0;
    wait_for_child(command->pid);
    sigprocmask(SIG_SETMASK, &command->mask, NULL);
    return failure;
}

/* Reap what has ended before the command. True: the command itself has. */
static bool has_ended(const struct command *command)
{
    for (;;) {
        siginfo_t info = {.si_pid = 0};
        if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) != 0) return errno != EINTR;
        if (info.si_pid == 0) return false;
        if (info.si_pid == command->pid) return true;
        wait_for_child(info.si_pid);
    }
}

/* A second SIGHUP does no harm; a second SIGINT makes some programs give up what they were about to finish. */
static void pass_on(const struct command *command, const siginfo_t *info)
{
    bool terminal = info->si_code == SI_KERNEL && (info->si_signo == SIGINT || info->si_signo == SIGQUIT);

    if (!terminal) kill(command->pid, info->si_signo);
}

/* As anybody stops who does nothing about it, which is not at all where nobody would let it go on again. */
static void stop_here(void)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGTSTP);
    raise(SIGTSTP);
    sigprocmask(SIG_UNBLOCK, &set, NULL);
    sigprocmask(SIG_BLOCK, &set, NULL);
}

static void handle(const struct command *command, const struct command_view *view, const siginfo_t *info)
{
    switch (info->si_signo) {
    case SIGCHLD:
    case SIGCONT:
    case SIGWINCH: break;
    case SIGTSTP: /* blocked only for a view */
        if (view != NULL) view->hide(view->user);
        stop_here();
        break;
    default: pass_on(command, info);
    }
}

static struct timespec interval(uint64_t ns)
{
    return (struct timespec){.tv_sec = (time_t)(ns / 1000000000u), .tv_nsec = (long)(ns % 1000000000u)};
}

void command_wait(struct command *command, const struct command_view *view)
{
    struct timespec none = {0};
    sigset_t handled;
    siginfo_t info;

    handled_signals(&handled);
    for (size_t i = 0; view != NULL && i < sizeof of_terminal / sizeof *of_terminal; i++)
        sigaddset(&handled, of_terminal[i]);
    if (view != NULL) sigprocmask(SIG_BLOCK, &handled, NULL);
    for (uint64_t due = 0; !has_ended(command);) {
        struct timespec wait = none;
        if (view != NULL) {
            uint64_t now = now_ns();
            if (now >= due) due = now + view->show(view->user);
            wait = interval(due - now);
        }
        int number = view != NULL ? sigtimedwait(&handled, &info, &wait) : sigwaitinfo(&handled, &info);
        if (number <= 0) continue;
        if (number != SIGCHLD) due = 0;
        handle(command, view, &info);
    }
    command->end_ns = now_ns();
    if (view != NULL) view->hide(view->user);
    while (sigtimedwait(&handled, NULL, &none) > 0)
        ; /* they were for the command */
}

void command_reap(struct command *command, struct command_end *ret_end)
{
    pid_t pid;
    int status;

    memset(ret_end, 0, sizeof *ret_end);
    while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
        if (pid == command->pid) ret_end->status = status;
    ret_end->others = pid == 0;
    getrusage(RUSAGE_CHILDREN, &ret_end->usage);
    ret_end->wall_ns = command->end_ns - command->start_ns;
    if (ret_end->usage.ru_maxrss > command->own_maxrss) ret_end->largest = (uint64_t)ret_end->usage.ru_maxrss * 1024;
    sigprocmask(SIG_SETMASK, &command->mask, NULL);
}
