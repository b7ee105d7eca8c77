/*
 * See trace.h. Order of locks: `control`, then those of sites, writer, objects and filter, of which none is held while another but the writer's is taken.
 *
 * Figures of sites are exact at any time. Those of the header are sums of what the stripes hand in: a thread adds to its stripe and hands it in when it has come to
 * HAND_IN bytes, so that threads do not fight over one cache line.
 */
#include "alloc/trace.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>
#if defined(__GLIBC__)
#include <sys/single_threaded.h>
#define ALONE (__libc_single_threaded)
#else
#define ALONE false
#endif

#include "alloc/objects.h"
#include "alloc/sampler.h"
#include "alloc/sites.h"

enum {
    STRIPES = 16,
    HAND_IN = 16384,
    LINE = 64,
    PAGE = 4096,
    WAITS = 1000,
};

typedef struct stripe {
    _Alignas(LINE) _Atomic uint64_t inside; /* threads */
    _Atomic uint64_t made;                  /* bytes that the header does not know of */
    _Atomic uint64_t released;
} stripe;

static struct {
    _Atomic uint32_t mode;
    uint64_t rate;
    uint64_t seed;
    uint64_t started_ns;
    _Atomic uint32_t threads; /* that were set up */
    _Atomic bool ending;
    bool by_settings;
} session;

static wtfcb_alloc_settings settings;
static wtfcb_alloc_writer writer;
static stripe stripes[STRIPES];

/* All zeros in a child of fork: the kernel wipes the page, or where it cannot a handler does. */
typedef struct parent_only {
    _Atomic uint32_t here;
    wtfcb_base_spin control;
} parent_only;

static parent_only without_page;
static parent_only *process = &without_page;

_Thread_local wtfcb_alloc_thread wtfcb_alloc_self;
_Atomic uint32_t wtfcb_alloc_generation = 1;

/* ---- Adding ---- */

/* One instruction either way, so that a signal handler cannot come between; with a single thread it need not lock the bus. */
static inline void add(_Atomic uint64_t *to, uint64_t amount)
{
#if defined(__x86_64__)
    if (ALONE) {
        __asm__ volatile("addq %1, %0" : "+m"(*(uint64_t *)to) : "r"(amount) : "cc", "memory");
        return;
    }
#endif
    (void)atomic_fetch_add(to, amount);
}

static uint64_t now_ns(void)
{
    struct timespec t = {0};
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec - session.started_ns;
}

static void hand_in(stripe *s)
{
    wtfcb_alloc_header *h = wtfcb_alloc_writer_header(&writer);
    uint64_t released = atomic_exchange(&s->released, 0);
    uint64_t made = atomic_exchange(&s->made, 0);
    uint64_t total = atomic_fetch_add(&h->total_bytes, made) + made;
    uint64_t freed = atomic_fetch_add(&h->freed_bytes, released) + released;
    uint64_t live = total > freed ? total - freed : 0;
    uint64_t peak = atomic_load_explicit(&h->live_peak, memory_order_relaxed);
    while (live > peak && !atomic_compare_exchange_weak(&h->live_peak, &peak, live))
        ;
    uint64_t now = now_ns();
    wtfcb_alloc_writer_add_point(&writer, now, live);
    if (atomic_load_explicit(&session.ending, memory_order_relaxed)) atomic_store(&h->ended_ns, now);
}

static void hand_in_if_due(stripe *s)
{
    uint64_t pending =
        atomic_load_explicit(&s->made, memory_order_relaxed) + atomic_load_explicit(&s->released, memory_order_relaxed);
    if (pending >= HAND_IN || session.rate != 0 || atomic_load_explicit(&session.ending, memory_order_relaxed))
        hand_in(s);
}

static void lose(void)
{
    (void)atomic_fetch_add(&wtfcb_alloc_writer_header(&writer)->lost, 1);
}

/* Bytes and blocks that a block stands for. */
static void weigh(uint64_t size, uint64_t *ret_bytes, uint64_t *ret_count)
{
    if (session.rate != 0) {
        wtfcb_alloc_sampler_weigh(size, session.rate, ret_bytes, ret_count);
    } else {
        *ret_bytes = size;
        *ret_count = WTFCB_ALLOC_COUNT_UNIT;
    }
}

static void count_off(stripe *s, uint64_t value)
{
    uint64_t bytes;
    uint64_t count;
    wtfcb_alloc_site *site = wtfcb_alloc_writer_site(&writer, wtfcb_alloc_live_site(value));
    weigh(wtfcb_alloc_live_size(value), &bytes, &count);
    add(&site->freed_bytes, bytes);
    add(&site->freed_count, count);
    add(&s->released, bytes);
}

/* ---- The guard ---- */

static stripe *enter(void)
{
    stripe *s = &stripes[wtfcb_alloc_self.number % STRIPES];
    add(&s->inside, 1);
    return s;
}

static void leave(stripe *s)
{
    add(&s->inside, UINT64_MAX);
}

/*
 * After the generation has changed: until nobody is inside who may have seen the one before. False: somebody stays, for one who left by longjmp from a
 * signal handler never comes out.
 */
static bool wait_for_all(void)
{
    static const struct timespec moment = {.tv_nsec = 1000000};
    for (size_t i = 0; i < STRIPES; i++) {
        for (uint32_t turn = 0; atomic_load(&stripes[i].inside) != 0; turn++) {
            if (turn == WAITS) return false;
            (void)nanosleep(&moment, NULL);
        }
    }
    return true;
}

/* ---- Blocks ---- */

static void record(stripe *s, wtfcb_alloc_thread *self, const void *block, uint64_t size)
{
    uint64_t bytes;
    uint64_t count;
    bool stored = false;
    wtfcb_alloc_walker *walker = wtfcb_alloc_walker_take(self->number);
    wtfcb_alloc_walk(&writer, &self->bounds, walker);
    uint64_t at = wtfcb_alloc_sites_find(&writer, walker);
    wtfcb_alloc_walker_give(walker);
    if (at == 0) {
        lose();
        return;
    }
    uint64_t value = wtfcb_alloc_live_value(at, size);
    wtfcb_alloc_site *site = wtfcb_alloc_writer_site(&writer, at);
    weigh(wtfcb_alloc_live_size(value), &bytes, &count);
    add(&site->total_bytes, bytes);
    add(&site->total_count, count);
    add(&s->made, bytes);
    uint64_t before = wtfcb_alloc_live_put(block, value, &stored);
    if (before != 0) { /* released by a way that does not lead past here */
        count_off(s, before);
    } else if (session.rate != 0 && stored) {
        wtfcb_alloc_filter_add(block);
    }
    if (!stored) { /* nobody would see it go */
        count_off(s, value);
        lose();
    }
    hand_in_if_due(s);
}

/* The countdown of this generation. */
static void set_up(wtfcb_alloc_thread *self, uint32_t generation, uint32_t mode)
{
    uint32_t number = atomic_fetch_add(&session.threads, 1);
    self->generation = generation;
    self->number = number;
    self->countdown = mode == WTFCB_ALLOC_MODE_FULL ? 0 : UINT64_MAX;
    if (mode == WTFCB_ALLOC_MODE_SAMPLED) {
        self->random = wtfcb_alloc_sampler_seed(session.seed, number);
        self->countdown = wtfcb_alloc_sampler_interval(&self->random, session.rate);
    }
}

/* Whether the block is one to record; counts its bytes. */
static bool is_hit(wtfcb_alloc_thread *self, uint32_t mode, size_t size)
{
    if (mode == WTFCB_ALLOC_MODE_FULL) return true;
    if (size < self->countdown) {
        self->countdown -= size;
        return false;
    }
    self->countdown =
        mode == WTFCB_ALLOC_MODE_SAMPLED ? wtfcb_alloc_sampler_interval(&self->random, session.rate) : UINT64_MAX;
    return mode == WTFCB_ALLOC_MODE_SAMPLED;
}

static void begin_in_child(void);

static bool is_child(void)
{
    return __builtin_expect(atomic_load_explicit(&process->here, memory_order_relaxed) == 0, 0);
}

void wtfcb_alloc_made(void *block, size_t size)
{
    wtfcb_alloc_thread *self = &wtfcb_alloc_self;
    int before = errno;
    if (self->inside) return;
    self->inside = 1;
    if (is_child()) begin_in_child();
    stripe *s = enter();
    uint32_t generation = atomic_load(&wtfcb_alloc_generation);
    uint32_t mode = atomic_load(&session.mode);
    if (self->generation != generation) {
        leave(s); /* by the door it came in */
        set_up(self, generation, mode);
        s = enter();
        mode = atomic_load(&wtfcb_alloc_generation) == generation ? mode : (uint32_t)WTFCB_ALLOC_MODE_IDLE;
    }
    if (is_hit(self, mode, size) && self->hidden == 0) record(s, self, block, size);
    leave(s);
    self->inside = 0;
    errno = before;
}

/* In a signal handler that came while this thread was in here a lock may be held that sampling needs: then the block stays, until its place is taken. */
static bool may_count_off(const wtfcb_alloc_thread *self)
{
    return !is_child() && (!self->inside || session.rate == 0);
}

void wtfcb_alloc_released(const void *block)
{
    wtfcb_alloc_thread *self = &wtfcb_alloc_self;
    int before = errno;
    if (!may_count_off(self)) return;
    uint32_t outer = self->inside;
    self->inside = 1;
    stripe *s = enter();
    if (atomic_load(&session.mode) != WTFCB_ALLOC_MODE_IDLE) {
        uint64_t value = wtfcb_alloc_live_take(block);
        if (value != 0) {
            if (session.rate != 0) wtfcb_alloc_filter_remove(block);
            count_off(s, value);
            if (!outer) hand_in_if_due(s);
        }
    }
    leave(s);
    self->inside = outer;
    errno = before;
}

wtfcb_alloc_taken wtfcb_alloc_take(const void *block)
{
    wtfcb_alloc_taken taken = {0};
    wtfcb_alloc_thread *self = &wtfcb_alloc_self;
    if (is_child() || self->inside) return taken;
    self->inside = 1;
    stripe *s = enter();
    taken.generation = atomic_load(&wtfcb_alloc_generation);
    if (atomic_load(&session.mode) != WTFCB_ALLOC_MODE_IDLE) {
        taken.value = wtfcb_alloc_live_take(block);
        if (taken.value != 0 && session.rate != 0) wtfcb_alloc_filter_remove(block);
    }
    leave(s);
    self->inside = 0;
    return taken;
}

void wtfcb_alloc_taken_released(wtfcb_alloc_taken taken)
{
    int before = errno;
    if (taken.value == 0 || is_child()) return;
    wtfcb_alloc_self.inside++;
    stripe *s = enter();
    if (taken.generation == atomic_load(&wtfcb_alloc_generation)) {
        count_off(s, taken.value);
        hand_in_if_due(s);
    }
    leave(s);
    wtfcb_alloc_self.inside--;
    errno = before;
}

void wtfcb_alloc_taken_kept(void *block, wtfcb_alloc_taken taken)
{
    bool stored;
    if (taken.value == 0 || is_child()) return;
    wtfcb_alloc_self.inside++;
    stripe *s = enter();
    if (taken.generation == atomic_load(&wtfcb_alloc_generation)) {
        (void)wtfcb_alloc_live_put(block, taken.value, &stored);
        if (session.rate != 0) wtfcb_alloc_filter_add(block);
    }
    leave(s);
    wtfcb_alloc_self.inside--;
}

/* ---- Sessions ---- */

static uint64_t own_seed(void)
{
    uint64_t seed = 0;
    if (getrandom(&seed, sizeof seed, GRND_NONBLOCK) != (ssize_t)sizeof seed)
        seed = (now_ns() ^ (uint64_t)getpid() << 40) * UINT64_C(0x9e3779b97f4a7c15);
    return seed | 1;
}

/* Everyone sets up again at the next allocation. */
static void change_generation(uint32_t mode)
{
    atomic_store(&session.mode, mode);
    (void)atomic_fetch_add(&wtfcb_alloc_generation, 1);
}

static void forget_all(void)
{
    wtfcb_alloc_writer_close(&writer);
    wtfcb_alloc_sites_clear();
    wtfcb_alloc_objects_clear();
    wtfcb_alloc_walk_clear();
    wtfcb_alloc_live_clear();
}

/* With a writer that is open. */
static void open_session(uint32_t mode, uint64_t rate, uint64_t seed, bool by_settings)
{
    session.rate = mode == WTFCB_ALLOC_MODE_FULL ? 0 : rate;
    session.seed = seed != 0 ? seed : own_seed();
    session.started_ns = wtfcb_alloc_writer_header(&writer)->started_ns;
    session.by_settings = by_settings;
    atomic_store(&session.threads, 0);
    for (size_t i = 0; i < STRIPES; i++) {
        atomic_store(&stripes[i].made, 0);
        atomic_store(&stripes[i].released, 0);
    }
    wtfcb_alloc_filter_reset(mode == WTFCB_ALLOC_MODE_FULL);
    change_generation(mode);
}

/* Whether a file may be replaced: not that of another process that still runs. */
static bool is_in_use(const char *path)
{
    wtfcb_alloc_header head;
    bool used = false;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0) return false;
    if (read(fd, &head, offsetof(wtfcb_alloc_header, started_ns)) >= 0 && head.magic == WTFCB_ALLOC_MAGIC &&
        head.process != (uint64_t)getpid())
        used = kill((pid_t)head.process, 0) == 0 || errno == EPERM;
    (void)close(fd);
    return used;
}

static int open_by_settings(void)
{
    char path[PATH_MAX];
    bool replace;
    int result = wtfcb_alloc_walk_prepare(settings.mode == WTFCB_ALLOC_MODE_FULL) ? EEXIST : ENOMEM;
    for (uint32_t attempt = 0; result == EEXIST; attempt++) {
        if (!wtfcb_alloc_settings_path(&settings, (uint64_t)getpid(), attempt, path, sizeof path, &replace))
            return EEXIST;
        if (replace && is_in_use(path)) continue;
        result = wtfcb_alloc_writer_open(&writer, path, replace, settings.mode, settings.rate);
    }
    return result;
}

static void begin_by_settings(void)
{
    if (open_by_settings() == 0) {
        open_session(settings.mode, settings.rate, settings.seed, true);
    } else {
        wtfcb_alloc_filter_reset(false);
        change_generation(WTFCB_ALLOC_MODE_IDLE);
    }
}

/* What the parent's threads held and were in the middle of is gone with them. */
static void begin_in_child(void)
{
    wtfcb_base_spin_lock(&process->control);
    if (is_child()) {
        memset(stripes, 0, sizeof stripes);
        wtfcb_alloc_live_unlock();
        wtfcb_alloc_walk_unlock();
        forget_all();
        atomic_store(&session.ending, false);
        if (session.by_settings) {
            begin_by_settings();
        } else {
            wtfcb_alloc_filter_reset(false);
            change_generation(WTFCB_ALLOC_MODE_IDLE);
        }
        atomic_store(&process->here, 1);
    }
    wtfcb_base_spin_unlock(&process->control);
}

static void on_fork_in_child(void)
{
    wtfcb_base_spin_init(&process->control);
    atomic_store(&process->here, 0);
}

void wtfcb_alloc_begin(const wtfcb_alloc_settings *chosen)
{
    void *page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (page != MAP_FAILED && madvise(page, PAGE, MADV_WIPEONFORK) == 0) process = page;
    atomic_store(&process->here, 1);
    if (chosen) {
        settings = *chosen;
        begin_by_settings();
    } else {
        change_generation(WTFCB_ALLOC_MODE_IDLE);
    }
}

void wtfcb_alloc_watch_forks(void)
{
    wtfcb_alloc_self.inside++;
    (void)pthread_atfork(NULL, NULL, on_fork_in_child);
    wtfcb_alloc_self.inside--;
}

static void hand_in_all(void)
{
    for (size_t i = 0; i < STRIPES; i++)
        hand_in(&stripes[i]);
}

void wtfcb_alloc_end(void)
{
    if (is_child()) return;
    wtfcb_base_spin_lock(&process->control);
    if (atomic_load(&session.mode) != WTFCB_ALLOC_MODE_IDLE) {
        wtfcb_alloc_self.inside++;
        atomic_store(&session.ending, true);
        hand_in_all();
        wtfcb_alloc_self.inside--;
    }
    wtfcb_base_spin_unlock(&process->control);
}

/* ---- The control table ---- */

int wtfcb_alloc_start(uint32_t mode, uint64_t rate, uint64_t seed, const char *path)
{
    int result = 0;
    if (mode != WTFCB_ALLOC_MODE_SAMPLED && mode != WTFCB_ALLOC_MODE_FULL) return EINVAL;
    if (mode == WTFCB_ALLOC_MODE_SAMPLED && (rate == 0 || rate > WTFCB_ALLOC_RATE_MOST)) return EINVAL;
    wtfcb_alloc_self.inside++;
    if (is_child()) begin_in_child();
    wtfcb_base_spin_lock(&process->control);
    if (atomic_load(&session.mode) != WTFCB_ALLOC_MODE_IDLE || !wait_for_all()) {
        result = EBUSY;
    } else {
        forget_all();
        result = wtfcb_alloc_walk_prepare(mode == WTFCB_ALLOC_MODE_FULL) ? 0 : ENOMEM;
        if (result == 0)
            result = wtfcb_alloc_writer_open(&writer, path, true, mode, mode == WTFCB_ALLOC_MODE_FULL ? 0 : rate);
        if (result == 0) open_session(mode, rate, seed, false);
    }
    wtfcb_base_spin_unlock(&process->control);
    wtfcb_alloc_self.inside--;
    return result;
}

int wtfcb_alloc_stop(void)
{
    int result = EINVAL;
    wtfcb_alloc_self.inside++;
    wtfcb_base_spin_lock(&process->control);
    if (!is_child() && atomic_load(&session.mode) != WTFCB_ALLOC_MODE_IDLE) {
        change_generation(WTFCB_ALLOC_MODE_IDLE);
        (void)wait_for_all();
        wtfcb_alloc_filter_reset(false);
        hand_in_all();
        wtfcb_alloc_header *h = wtfcb_alloc_writer_header(&writer);
        atomic_store(&h->mode, WTFCB_ALLOC_MODE_IDLE);
        atomic_store(&h->ended_ns, now_ns());
        result = 0;
    }
    wtfcb_base_spin_unlock(&process->control);
    wtfcb_alloc_self.inside--;
    return result;
}

const void *wtfcb_alloc_region(uint64_t *ret_size)
{
    if (is_child() || !writer.base) return NULL;
    *ret_size = (uint64_t)atomic_load(&wtfcb_alloc_writer_header(&writer)->chunks) * WTFCB_ALLOC_CHUNK;
    return writer.base;
}
