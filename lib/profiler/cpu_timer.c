/*
 * Samples by a timer for each thread, on its processor time or on the wall clock, and SIGPROF.
 *
 * The handler runs on the thread whose time has passed: it walks the frame pointers and puts the addresses into that thread's ring, which the profiler's
 * thread empties. It allocates nothing, takes no lock, calls no function but system calls and leaves errno alone. What it reads of the stack the
 * kernel copies (process_vm_readv(2)), so that a frame pointer that is none is an error and no fault.
 *
 * Timers name a slot of a table that is never freed. A thread's memory goes only after its slot is empty and nobody is inside, so a signal that comes late
 * finds nothing, as it does in a child of fork(). At the end pending signals are discarded by ignoring SIGPROF for an instant before what was there
 * is restored: no signal of ours can meet another's handler, or the default, which would end the process.
 *
 * Timers of processor time expire with the scheduler's tick: what a sample stands for is how often its timer should have expired.
 */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/thread.h"
#include "profiler/cpu_parts.h"

#ifndef sigev_notify_thread_id
#define sigev_notify_thread_id _sigev_un._tid
#endif

enum {
    SLOTS = 4096,
    RING_LEAST = 4096, /* words */
    STACK_WORDS = 64,  /* of a usual sample, generously */
    CHUNK = 4096,      /* bytes of a stack that are read at once */
    FRAME = 2 * sizeof(uint64_t),
};

#define STACK_MOST UINT64_C(0x4000000) /* further away is no frame of the same stack */
#define FIRST_PAGE 4096

/* A thread and its timer. */
typedef struct watched {
    pid_t id;
    uint32_t slot;
    timer_t timer;
    size_t size; /* of this, mapped */
    uint64_t scan;
    uint64_t *ring; /* of each sample the number of addresses, and expiries above that; then the addresses */
    uint64_t mask;
    _Atomic uint64_t head;                        /* words that the thread has put in */
    _Atomic uint64_t tail;                        /* words that were taken out */
    _Atomic uint64_t lost;                        /* expiries for which there was no room */
    uint64_t addresses[WTFCB_PROFILER_CPU_DEPTH]; /* the handler's */
    uint64_t chunk[CHUNK / sizeof(uint64_t) + 2]; /* likewise */
} watched;

typedef struct slot {
    _Atomic(watched *) thread;
    _Atomic uint32_t inside; /* handlers */
} slot;

struct wtfcb_profiler_cpu_timer {
    bool wall;
    bool stopped;
    bool started; /* threads that are found now were not there before */
    bool grown;
    int failure;     /* of the last timer that could not be made */
    uint64_t scan;   /* number of the look at the threads under way */
    size_t expected; /* where the next thread stands if nothing has changed */
    watched **threads;
    size_t count;
    size_t capacity;
};

static slot slots[SLOTS];
static _Atomic pid_t owner;    /* the process whose engine runs; another's, before a fork, is none */
static struct sigaction saved; /* what SIGPROF was */

/* ---- In the handler ---- */

static pid_t this_thread(void)
{
    return (pid_t)syscall(SYS_gettid);
}

typedef struct registers {
    uint64_t instruction, stack, frame;
} registers;

#if defined(__x86_64__)
#define KNOWN_REGISTERS 1
static registers registers_of(const ucontext_t *context)
{
    const greg_t *all = context->uc_mcontext.gregs;
    return (registers){(uint64_t)all[REG_RIP], (uint64_t)all[REG_RSP], (uint64_t)all[REG_RBP]};
}

static uint64_t code_address(uint64_t word)
{
    return word;
}
#elif defined(__aarch64__)
#define KNOWN_REGISTERS 1
static registers registers_of(const ucontext_t *context)
{
    return (registers){context->uc_mcontext.pc, context->uc_mcontext.sp, context->uc_mcontext.regs[29]};
}

/* Without the signature that a return address may carry. */
static uint64_t code_address(uint64_t word)
{
    return word & UINT64_C(0xffffffffffff);
}
#else
#define KNOWN_REGISTERS 0
static registers registers_of(const ucontext_t *context)
{
    (void)context;
    return (registers){0};
}

static uint64_t code_address(uint64_t word)
{
    return word;
}
#endif

/* Up to `length` bytes of our own memory, at least those of one frame. Returns how many; 0: they are not there. */
static size_t copy_memory(void *into, uint64_t from, size_t length)
{
    struct iovec here = {into, length};
    struct iovec there = {(void *)(uintptr_t)from,
                          length}; /* NOLINT(performance-no-int-to-ptr): an address, not an object */
    long copied = syscall(SYS_process_vm_readv, (long)getpid(), &here, 1L, &there, 1L, 0L);
    return copied >= FRAME ? (size_t)copied : 0;
}

/* A frame is the caller's frame pointer and the address to return to; callers' frames are further up. */
static uint32_t walk(watched *thread, registers at)
{
    uint64_t begin = 0;
    uint64_t end = 0; /* of what is in `chunk` */
    uint64_t least = at.stack;
    uint32_t depth = 0;
    thread->addresses[depth++] = at.instruction;
    while (depth < WTFCB_PROFILER_CPU_DEPTH && at.frame >= least && at.frame - at.stack < STACK_MOST &&
           at.frame % sizeof(uint64_t) == 0) {
        if (at.frame < begin || at.frame + FRAME > end) {
            size_t length = CHUNK - (size_t)(at.frame % CHUNK);
            if (length < FRAME) length = FRAME;
            begin = at.frame;
            end = begin + copy_memory(thread->chunk, begin, length);
            if (end == begin) break;
        }
        const uint64_t *frame = &thread->chunk[(at.frame - begin) / sizeof(uint64_t)];
        uint64_t address = code_address(frame[1]);
        if (address < FIRST_PAGE) break;
        thread->addresses[depth++] = address;
        least = at.frame + FRAME;
        at.frame = frame[0];
    }
    return depth;
}

static void take_sample(watched *thread, uint64_t expiries, const ucontext_t *context)
{
    uint64_t head = atomic_load_explicit(&thread->head, memory_order_relaxed);
    uint64_t room = thread->mask + 1 - (head - atomic_load_explicit(&thread->tail, memory_order_acquire));
    uint32_t depth = walk(thread, registers_of(context));
    if (room < depth + 1) {
        uint64_t lost = atomic_load_explicit(&thread->lost, memory_order_relaxed);
        atomic_store_explicit(&thread->lost, lost + expiries, memory_order_relaxed);
        return;
    }
    thread->ring[head++ & thread->mask] = depth | expiries << 32;
    for (uint32_t i = 0; i < depth; i++)
        thread->ring[head++ & thread->mask] = thread->addresses[i];
    atomic_store_explicit(&thread->head, head, memory_order_release);
}

/* A signal that is not of one of our timers is nobody's. */
static void on_signal(int number, siginfo_t *info, void *context)
{
    int before = errno;
    uintptr_t at = (uintptr_t)info->si_value.sival_ptr;
    uintptr_t first = (uintptr_t)slots;
    (void)number;
    if (info->si_code == SI_TIMER && at >= first && at < first + sizeof slots && (at - first) % sizeof *slots == 0) {
        slot *s = &slots[(at - first) / sizeof *slots];
        (void)atomic_fetch_add(&s->inside, 1);
        watched *thread = atomic_load(&s->thread);
        if (thread && thread->id == this_thread()) {
            uint64_t overrun = info->si_overrun > 0 ? (uint64_t)info->si_overrun : 0;
            take_sample(thread, 1 + overrun, context);
        }
        (void)atomic_fetch_sub(&s->inside, 1);
    }
    errno = before;
}

/* ---- Threads ---- */

static uint64_t random_below(uint64_t seed, uint64_t limit)
{
    seed = (seed ^ seed >> 31) * UINT64_C(0x9e3779b97f4a7c15);
    seed = (seed ^ seed >> 29) * UINT64_C(0xbf58476d1ce4e5b9);
    return (seed ^ seed >> 32) % limit;
}

static clockid_t clock_of(pid_t thread)
{
    return (clockid_t)((~(unsigned)thread << 3) | 6u); /* the kernel's number for a thread's processor time */
}

static struct timespec span(uint64_t ns)
{
    return (struct timespec){.tv_sec = (time_t)(ns / 1000000000u), .tv_nsec = (long)(ns % 1000000000u)};
}

/* The first expiry is anywhere in a period, so that threads that do little are neither always nor never seen. 0, or an errno. */
static int start_timer(const wtfcb_profiler_cpu *cpu, watched *thread)
{
    struct sigevent event = {.sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGPROF};
    event.sigev_value.sival_ptr = &slots[thread->slot];
    event.sigev_notify_thread_id = thread->id;
    if (!cpu->timer->wall && cpu->options.timer_errno != 0) return cpu->options.timer_errno;
    clockid_t clock = cpu->timer->wall ? CLOCK_MONOTONIC : clock_of(thread->id);
    if (timer_create(clock, &event, &thread->timer) != 0) return errno;
    uint64_t first = 1 + random_below((uint64_t)thread->id * 77 + wtfcb_base_now(), cpu->period_ns);
    struct itimerspec when = {span(cpu->period_ns), span(first)};
    if (timer_settime(thread->timer, 0, &when, NULL) == 0) return 0;
    int result = errno;
    (void)timer_delete(thread->timer);
    return result;
}

static void count_missed(wtfcb_profiler_cpu *cpu, pid_t thread)
{
    struct timespec used;
    if (cpu->timer->wall || clock_gettime(clock_of(thread), &used) != 0) return;
    cpu->lost += ((uint64_t)used.tv_sec * 1000000000u + (uint64_t)used.tv_nsec) / cpu->period_ns;
}

/* NULL: no memory. */
static watched *map_thread(const wtfcb_profiler_cpu *cpu, pid_t id, uint32_t number)
{
    uint64_t words = RING_LEAST;
    while (words < 2 * STACK_WORDS * (cpu->wake_ns / cpu->period_ns + 1))
        words *= 2;
    size_t size = sizeof(watched) + words * sizeof(uint64_t);
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) return NULL;
    watched *thread = memory;
    thread->id = id;
    thread->slot = number;
    thread->size = size;
    thread->ring = (uint64_t *)(void *)(thread + 1);
    thread->mask = words - 1;
    return thread;
}

static uint32_t free_slot(void)
{
    uint32_t number = 0;
    while (number < SLOTS && atomic_load_explicit(&slots[number].thread, memory_order_relaxed))
        number++;
    return number;
}

static void empty_slot(uint32_t number)
{
    atomic_store(&slots[number].thread, NULL);
    while (atomic_load(&slots[number].inside) != 0)
        (void)sched_yield();
}

/* A thread that has ended meanwhile is none. What is out of the ordinary is `failure`, and a thread that is not sampled. */
static void add_thread(wtfcb_profiler_cpu *cpu, pid_t id)
{
    wtfcb_profiler_cpu_timer *timer = cpu->timer;
    uint32_t number = free_slot();
    watched *thread = NULL;
    if (timer->started) count_missed(cpu, id);
    if (number < SLOTS && wtfcb_base_reserve(&cpu->allocator, (void **)&timer->threads, &timer->capacity,
                                             timer->count + 1, sizeof(watched *)))
        thread = map_thread(cpu, id, number);
    if (!thread) {
        timer->failure = number < SLOTS ? ENOMEM : EMFILE;
        return;
    }
    atomic_store(&slots[number].thread, thread);
    int result = start_timer(cpu, thread);
    if (result != 0) {
        empty_slot(number);
        (void)munmap(thread, thread->size);
        if (result != ESRCH && result != EINVAL) timer->failure = result; /* EINVAL: a clock of no thread */
        return;
    }
    thread->scan = timer->scan;
    timer->threads[timer->count++] = thread;
    timer->grown = true;
}

static int look_at_thread(void *user, pid_t process, pid_t id)
{
    wtfcb_profiler_cpu *cpu = user;
    wtfcb_profiler_cpu_timer *timer = cpu->timer;
    (void)process;
    if (id == cpu->own) return 0;
    for (size_t i = 0; i < timer->count;
         i++) { /* the list is in the order in which they are found: the first is it, nearly always */
        size_t at = (timer->expected + i) % timer->count;
        if (timer->threads[at]->id != id) continue;
        timer->threads[at]->scan = timer->scan;
        timer->expected = at + 1;
        return 0;
    }
    add_thread(cpu, id);
    return 0;
}

static void drain_thread(wtfcb_profiler_cpu *cpu, watched *thread)
{
    uint64_t addresses[WTFCB_PROFILER_CPU_DEPTH];
    uint64_t tail = atomic_load_explicit(&thread->tail, memory_order_relaxed);
    uint64_t head = atomic_load_explicit(&thread->head, memory_order_acquire);
    while (tail != head) {
        uint64_t word = thread->ring[tail++ & thread->mask];
        uint32_t depth = (uint32_t)word;
        for (uint32_t i = 0; i < depth; i++)
            addresses[i] = thread->ring[tail++ & thread->mask];
        wtfcb_profiler_cpu_add(cpu, cpu->maker, thread->id, addresses, depth, (word >> 32) * cpu->period_ns);
    }
    atomic_store_explicit(&thread->tail, tail, memory_order_release);
}

/* With the timer, or without one that is deleted already. */
static void drop_thread(wtfcb_profiler_cpu *cpu, watched *thread, bool with_timer)
{
    if (with_timer) (void)timer_delete(thread->timer);
    empty_slot(thread->slot);
    drain_thread(cpu, thread);
    cpu->lost += atomic_load_explicit(&thread->lost, memory_order_relaxed);
    (void)munmap(thread, thread->size);
}

static void look_at_threads(wtfcb_profiler_cpu *cpu)
{
    wtfcb_profiler_cpu_timer *timer = cpu->timer;
    timer->scan++;
    timer->expected = 0;
    timer->grown = false;
    if (wtfcb_profiler_cpu_each_thread(cpu->maker, look_at_thread, cpu) != 0) return;
    size_t kept = 0;
    for (size_t i = 0; i < timer->count; i++) {
        if (timer->threads[i]->scan == timer->scan)
            timer->threads[kept++] = timer->threads[i];
        else
            drop_thread(cpu, timer->threads[i], true);
    }
    timer->count = kept;
}

/* ---- The engine ---- */

static bool is_ours(const struct sigaction *action)
{
    return (action->sa_flags & SA_SIGINFO) != 0 && action->sa_sigaction == on_signal;
}

/* The handler in, what was there saved. 0, or an errno. */
static int take_signal(void)
{
    struct sigaction before;
    struct sigaction ours = {.sa_flags = SA_SIGINFO | SA_RESTART | SA_ONSTACK};
    ours.sa_sigaction = on_signal;
    (void)sigfillset(&ours.sa_mask);
    if (sigaction(SIGPROF, NULL, &before) != 0) return errno;
    bool free_to_take =
        (before.sa_flags & SA_SIGINFO) == 0 && (before.sa_handler == SIG_DFL || before.sa_handler == SIG_IGN);
    if (!free_to_take && !is_ours(&before)) return EBUSY;
    if (free_to_take) saved = before; /* else a child of fork(): what its parent has saved */
    return sigaction(SIGPROF, &ours, NULL) == 0 ? 0 : errno;
}

static void give_signal_back(void)
{
    struct sigaction now;
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    if (sigaction(SIGPROF, NULL, &now) != 0 || !is_ours(&now)) return;
    (void)sigaction(SIGPROF, &ignore, NULL);
    (void)sigaction(SIGPROF, &saved, NULL);
}

int wtfcb_profiler_cpu_timer_start(wtfcb_profiler_cpu *cpu, bool wall)
{
    pid_t before = atomic_load(&owner);
    if (!KNOWN_REGISTERS) return ENOSYS;
    if (before == cpu->maker || !atomic_compare_exchange_strong(&owner, &before, cpu->maker)) return EBUSY;
    if (before != 0) /* a child of fork(): its parent's threads are not here */
        for (uint32_t i = 0; i < SLOTS; i++) {
            atomic_store(&slots[i].thread, NULL);
            atomic_store(&slots[i].inside, 0);
        }
    int result = take_signal();
    if (result == 0) cpu->timer = wtfcb_base_calloc(&cpu->allocator, 1, sizeof *cpu->timer);
    if (result != 0 || !cpu->timer) {
        if (result == 0) give_signal_back();
        atomic_store(&owner, 0);
        return result != 0 ? result : ENOMEM;
    }
    cpu->timer->wall = wall;
    wtfcb_base_thread_let_through(SIGPROF);
    cpu->timer->grown = true;
    for (int i = 0; i < WTFCB_PROFILER_CPU_RESCANS && cpu->timer->grown; i++)
        look_at_threads(cpu);
    cpu->timer->started = true;
    if (cpu->timer->count > 0) return 0;
    result = cpu->timer->failure != 0 ? cpu->timer->failure : ENOSYS;
    wtfcb_profiler_cpu_timer_stop(cpu);
    wtfcb_profiler_cpu_timer_free(cpu);
    return result;
}

void wtfcb_profiler_cpu_timer_drain(wtfcb_profiler_cpu *cpu)
{
    for (size_t i = 0; i < cpu->timer->count; i++)
        drain_thread(cpu, cpu->timer->threads[i]);
}

void wtfcb_profiler_cpu_timer_scan(wtfcb_profiler_cpu *cpu)
{
    if (!cpu->timer->stopped) look_at_threads(cpu);
}

void wtfcb_profiler_cpu_timer_stop(wtfcb_profiler_cpu *cpu)
{
    wtfcb_profiler_cpu_timer *timer = cpu->timer;
    if (timer->stopped) return;
    timer->stopped = true;
    for (size_t i = 0; i < timer->count; i++)
        (void)timer_delete(timer->threads[i]->timer);
    give_signal_back();
    wtfcb_base_thread_let_through(0);
    for (size_t i = 0; i < timer->count; i++)
        drop_thread(cpu, timer->threads[i], false);
    timer->count = 0;
    atomic_store(&owner, 0);
}

/*
 * In a child of fork() timers are not touched: it has none, or others. Its slots that still lead to its parent's threads are emptied: a sanitizer's runtime
 * hands signals on when it likes, in the child too.
 */
void wtfcb_profiler_cpu_timer_free(wtfcb_profiler_cpu *cpu)
{
    wtfcb_profiler_cpu_timer *timer = cpu->timer;
    if (!timer) return;
    for (size_t i = 0; i < timer->count; i++) {
        watched *thread = timer->threads[i];
        (void)atomic_compare_exchange_strong(&slots[thread->slot].thread, &thread, NULL);
        (void)munmap(timer->threads[i], timer->threads[i]->size);
    }
    wtfcb_base_free(&cpu->allocator, timer->threads, timer->capacity * sizeof(watched *));
    wtfcb_base_free(&cpu->allocator, timer, sizeof *timer);
    cpu->timer = NULL;
}
