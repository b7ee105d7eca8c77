/*
 * A sample in a process of its own, made by fork(2) for this sample alone.
 *
 * The child reports through a pipe with one write, which the kernel makes whole since it is shorter than PIPE_BUF, and ends with _exit(2): no exit
 * handler, no flush of what the host has in its streams. It leads a process group, so that what it started goes with it when it is killed, which
 * is when it takes too long, when nobody wants it any more, and as soon as it has reported. It dies with the thread that made it.
 *
 * The parent waits for the report in steps of a tenth of a second, in which it also looks whether the child is gone: the end of the pipe alone would not
 * tell, since another thread's child can hold it open. A host that ignores or collects SIGCHLD may be faster than we are: then how the child ended
 * is not known, and nothing else is lost.
 *
 * The child begins with the host's signal handlers taken off, as if a program had been started, so that a crash is a crash and not what the host makes of one.
 */
#include "benchmark/measure.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <malloc.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"

#define STEP_MS 100
#define MS UINT64_C(1000000)

/* What the child answers. `mark` is behind everything else. */
struct answer {
    wtfcb_benchmark_sample sample;
    uint64_t profiled;
    uint64_t mark;
};

#define MARK UINT64_C(0x77746663622d6f6b)

_Static_assert(sizeof(struct answer) <= PIPE_BUF, "an answer is written whole");

/* A child as its parent sees it. */
struct child {
    pid_t process;
    int from;      /* end of the pipe; -1: closed */
    bool known;    /* how it ended is in `ending` */
    int ending;    /* of waitpid() */
    size_t length; /* of the answer so far */
    struct answer answer;
};

static void take_off_handlers(void)
{
    for (int number = 1; number < NSIG; number++) {
        struct sigaction action;
        if (number == SIGKILL || number == SIGSTOP || sigaction(number, NULL, &action) != 0) continue;
        if (!(action.sa_flags & SA_SIGINFO) && (action.sa_handler == SIG_DFL || action.sa_handler == SIG_IGN)) continue;
        (void)sigaction(number, &(struct sigaction){.sa_handler = SIG_DFL}, NULL);
    }
}

static void hand_over_profile(wtfcb_profile *profile, const char *path, struct answer *answer)
{
    answer->profiled = profile && wtfcb_profile_save(profile, path, WTFCB_PROFILE_JSON, NULL) == WTFCB_OK;
    wtfcb_profile_free(profile);
}

/* Free pages of the host's heap would serve the run without being counted. */
static void give_back_free_memory(void)
{
#ifdef __GLIBC__
    (void)malloc_trim(0);
#endif
}

/* All that the child does. A subject may close or replace descriptors: what is at the pipe's number is written to only if it is still the pipe. */
static _Noreturn void live(const wtfcb_benchmark_subject *subject, const wtfcb_benchmark_how *how, int to,
                           const char *profile_path)
{
    struct stat then, now;
    struct answer answer;
    wtfcb_profile *profile = NULL;
    wtfcb_benchmark_how own = *how;
    memset(&answer, 0, sizeof answer);
    own.profile = profile_path[0] != '\0';
    own.ret_profile = &profile;
    bool sure = fstat(to, &then) == 0;
    give_back_free_memory();
    own.inherited = wtfcb_benchmark_measure_resident();
    wtfcb_benchmark_measure_here(subject, &own, &answer.sample);
    if (own.profile) hand_over_profile(profile, profile_path, &answer);
    answer.mark = MARK;
    bool same = sure && fstat(to, &now) == 0 && now.st_dev == then.st_dev && now.st_ino == then.st_ino;
    _exit(same && write(to, &answer, sizeof answer) == (ssize_t)sizeof answer ? 0 : 1);
}

/* Make the child. WTFCB_OK; WTFCB_EUNSUPPORTED. Signals wait meanwhile, so that no handler of the host's runs in it. */
static wtfcb_status bear(const wtfcb_benchmark_subject *subject, const wtfcb_benchmark_how *how, struct child *child,
                         const char *profile_path, wtfcb_error *ret_error)
{
    int ends[2];
    sigset_t all, before;
    if (pipe2(ends, O_CLOEXEC) != 0)
        return wtfcb_base_error(ret_error, WTFCB_EUNSUPPORTED, errno, NULL, "cannot make a pipe to a process: %s",
                                strerror(errno));
    pid_t parent = getpid();
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    child->process = fork();
    int reason = errno;
    if (child->process == 0) {
        (void)setpgid(0, 0);
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() != parent) _exit(1);
        (void)close(ends[0]);
        take_off_handlers();
        (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
        live(subject, how, ends[1], profile_path);
    }
    if (child->process > 0) (void)setpgid(child->process, child->process); /* whoever comes first */
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    (void)close(ends[1]);
    child->from = ends[0];
    if (child->process > 0) return WTFCB_OK;
    (void)close(ends[0]);
    return wtfcb_base_error(ret_error, WTFCB_EUNSUPPORTED, reason, NULL, "cannot fork a process to measure in: %s",
                            strerror(reason));
}

/* Whether it has ended. It stays uncollected, so that its number is nobody else's until what it left behind is killed. */
static bool ended(const struct child *child)
{
    siginfo_t info = {0};
    int answer;
    do
        answer = waitid(P_PID, (id_t)child->process, &info, WEXITED | WNOHANG | WNOWAIT);
    while (answer != 0 && errno == EINTR);
    return answer != 0 || info.si_pid != 0;
}

/* End it, if it has not, with all that it started, and learn how it ended. */
static void collect(struct child *child)
{
    pid_t answer;
    siginfo_t info = {0};
    if (waitid(P_PID, (id_t)child->process, &info, WEXITED | WNOHANG | WNOWAIT) != 0)
        return; /* collected by the host */
    (void)kill(-child->process, SIGKILL);
    (void)kill(child->process, SIGKILL);
    do
        answer = waitpid(child->process, &child->ending, 0);
    while (answer < 0 && errno == EINTR);
    child->known = answer == child->process;
}

/* Read what there is; the end of it closes our end. */
static void listen_to(struct child *child)
{
    while (child->from >= 0 && child->length < sizeof child->answer) {
        struct pollfd ready = {.fd = child->from, .events = POLLIN};
        if (poll(&ready, 1, 0) <= 0) return;
        ssize_t got = read(child->from, (char *)&child->answer + child->length, sizeof child->answer - child->length);
        if (got < 0 && errno == EINTR) continue;
        if (got > 0) {
            child->length += (size_t)got;
        } else {
            (void)close(child->from);
            child->from = -1;
        }
    }
}

static bool answered(const struct child *child)
{
    return child->length == sizeof child->answer && child->answer.mark == MARK;
}

/* Until it has answered or is gone: WTFCB_OK; WTFCB_ETIMEOUT; WTFCB_ECANCELLED. */
static wtfcb_status await(struct child *child, const wtfcb_benchmark_how *how)
{
    uint64_t start = wtfcb_base_now();
    for (;;) {
        uint64_t waited = wtfcb_base_now() - start;
        uint64_t step =
            child->from >= 0 ? STEP_MS : 1 + waited / MS / 8; /* without a pipe, not much longer than it takes */
        if (step > STEP_MS) step = STEP_MS;
        if (how->timeout_ns && waited >= how->timeout_ns) return WTFCB_ETIMEOUT;
        if (how->timeout_ns && how->timeout_ns - waited < step * MS) step = (how->timeout_ns - waited) / MS + 1;
        struct pollfd ready = {.fd = child->from, .events = POLLIN};
        (void)poll(&ready, 1, (int)step);
        listen_to(child);
        if (answered(child)) return WTFCB_OK;
        if (ended(child)) {
            listen_to(child); /* it may have answered in between */
            return WTFCB_OK;
        }
        if (how->stop && how->stop(how->user)) return WTFCB_ECANCELLED;
    }
}

static const char *name_of(int number)
{
    static const struct {
        int number;
        const char *name;
    } names[] = {{SIGSEGV, "SIGSEGV"}, {SIGBUS, "SIGBUS"},   {SIGABRT, "SIGABRT"}, {SIGFPE, "SIGFPE"},
                 {SIGILL, "SIGILL"},   {SIGKILL, "SIGKILL"}, {SIGTERM, "SIGTERM"}, {SIGTRAP, "SIGTRAP"},
                 {SIGPIPE, "SIGPIPE"}, {SIGALRM, "SIGALRM"}, {SIGXCPU, "SIGXCPU"}, {SIGSYS, "SIGSYS"},
                 {SIGINT, "SIGINT"},   {SIGHUP, "SIGHUP"},   {SIGXFSZ, "SIGXFSZ"}, {SIGQUIT, "SIGQUIT"}};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (names[i].number == number) return names[i].name;
    return "a signal";
}

/* How a child ended that did not answer. */
static void tell(const struct child *child, wtfcb_benchmark_sample *sample)
{
    if (!child->known)
        wtfcb_benchmark_measure_failed(sample, WTFCB_ECALLBACK, "its process ended before it was done");
    else if (WIFSIGNALED(child->ending))
        wtfcb_benchmark_measure_failed(sample, WTFCB_ECALLBACK, "its process was killed by %s (signal %d)",
                                       name_of(WTERMSIG(child->ending)), WTERMSIG(child->ending));
    else
        wtfcb_benchmark_measure_failed(
            sample, WTFCB_ECALLBACK,
            "its process ended with exit status %d without an answer: the function left it, or closed its descriptors",
            WEXITSTATUS(child->ending));
}

/* Room for the path of the profile; "" where there is to be none. */
static void name_profile(const wtfcb_benchmark_how *how, char *path, size_t size)
{
    path[0] = '\0';
    if (!how->profile || !how->folder) return;
    int length = snprintf(path, size, "%s/profile.json", how->folder);
    if (length < 0 || (size_t)length >= size) path[0] = '\0';
}

wtfcb_status wtfcb_benchmark_measure_apart(const wtfcb_benchmark_subject *subject, const wtfcb_benchmark_how *how,
                                           wtfcb_benchmark_sample *ret_sample, wtfcb_error *ret_error)
{
    char path[PATH_MAX];
    struct child child = {.from = -1};
    name_profile(how, path, sizeof path);
    wtfcb_status status = bear(subject, how, &child, path, ret_error);
    if (status != WTFCB_OK) return status;
    status = await(&child, how);
    collect(&child);
    if (child.from >= 0) (void)close(child.from);
    if (status == WTFCB_ETIMEOUT)
        wtfcb_benchmark_measure_failed(ret_sample, status, "it took more than %llu ms and was killed",
                                       (unsigned long long)(how->timeout_ns / MS));
    else if (status != WTFCB_OK)
        wtfcb_benchmark_measure_failed(ret_sample, status, "%s", wtfcb_status_message(status));
    else if (answered(&child))
        *ret_sample = child.answer.sample;
    else
        tell(&child, ret_sample);
    if (path[0] && child.answer.profiled && how->ret_profile)
        (void)wtfcb_profile_load(how->allocator, path, how->ret_profile, NULL);
    if (path[0]) (void)unlink(path);
    return WTFCB_OK;
}
