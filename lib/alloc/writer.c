/* Chunks and rows of a region, and the file behind them. See writer.h. */
#include "alloc/writer.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static_assert(sizeof(wtfcb_alloc_header) <= WTFCB_ALLOC_CHUNK, "the header is one chunk");
static_assert(sizeof(wtfcb_alloc_site) % sizeof(uint64_t) == 0, "sites are aligned");

enum {
    FIRST_SIZE = WTFCB_ALLOC_CHUNK,
    STEP_MOST = 16 << 20,
    ROOM = WTFCB_ALLOC_CHUNK - sizeof(wtfcb_alloc_chunk),
};

#define RESERVED_LEAST UINT64_C(0x400000)

/* ---- The file ---- */

static uint64_t now_of(clockid_t clock)
{
    struct timespec t = {0};
    (void)clock_gettime(clock, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/* Blocks for bytes that are not there yet. A file system that cannot set some aside has them written. */
static int allocate(int fd, uint64_t from, uint64_t to)
{
    static const unsigned char zeros[4096];
    struct rlimit limit;
    /* Beyond this limit comes a signal that ends the program. */
    if (getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY && to > limit.rlim_cur) return EFBIG;
    if (fallocate(fd, 0, (off_t)from, (off_t)(to - from)) == 0) return 0;
    if (errno != EOPNOTSUPP && errno != ENOSYS) return errno;
    while (from < to) {
        size_t length = to - from < sizeof zeros ? (size_t)(to - from) : sizeof zeros;
        ssize_t written = pwrite(fd, zeros, length, (off_t)from);
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return written < 0 ? errno : ENOSPC;
        from += (uint64_t)written;
    }
    return 0;
}

/* The path from the root on: the program may change its directory. */
static int keep_path(wtfcb_alloc_writer *w, const char *path)
{
    size_t at = 0;
    size_t length = strlen(path);
    if (path[0] != '/') {
        if (!getcwd(w->path, sizeof w->path)) return errno;
        at = strlen(w->path);
        if (at + 1 < sizeof w->path) w->path[at++] = '/';
    }
    if (length >= sizeof w->path - at) return ENAMETOOLONG;
    memcpy(w->path + at, path, length + 1);
    return 0;
}

static int grow_file(wtfcb_alloc_writer *w, uint64_t from, uint64_t to)
{
    struct stat status;
    int fd = open(w->path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
    if (fd < 0) return errno;
    int result = fstat(fd, &status) != 0 ? errno : 0;
    if (result == 0 && (status.st_dev != w->device || status.st_ino != w->inode)) result = ESTALE;
    if (result == 0) result = allocate(fd, from, to);
    (void)close(fd);
    return result;
}

static int map_file(wtfcb_alloc_writer *w, bool replace)
{
    struct stat status;
    if (replace) (void)unlink(w->path);
    int fd = open(w->path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY, S_IRUSR | S_IWUSR);
    if (fd < 0) return errno;
    int result = fstat(fd, &status) != 0 ? errno : allocate(fd, 0, FIRST_SIZE);
    while (result == 0) {
        void *base = mmap(NULL, w->reserved, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        if (base != MAP_FAILED) {
            w->base = base;
            break;
        }
        if (w->reserved <= RESERVED_LEAST) result = errno;
        w->reserved /= 4;
    }
    (void)close(fd);
    if (result != 0) (void)unlink(w->path);
    w->is_file = true;
    w->device = status.st_dev;
    w->inode = status.st_ino;
    return result;
}

static int map_memory(wtfcb_alloc_writer *w)
{
    for (; w->reserved >= RESERVED_LEAST; w->reserved /= 4) {
        void *base =
            mmap(NULL, w->reserved, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (base != MAP_FAILED) {
            w->base = base;
            return 0;
        }
    }
    return ENOMEM;
}

static void fill_header(const wtfcb_alloc_writer *w, uint32_t mode, uint64_t rate)
{
    wtfcb_alloc_header *h = wtfcb_alloc_writer_header(w);
    const char *name = program_invocation_short_name;
    h->version = 1;
    h->size = sizeof *h;
    h->process = (uint64_t)getpid();
    h->started_ns = now_of(CLOCK_MONOTONIC);
    h->started_real_ns = now_of(CLOCK_REALTIME);
    h->rate = rate;
    h->last_mode = mode;
    if (name) memcpy(h->program, name, strnlen(name, sizeof h->program - 1));
    h->chunk.kind = WTFCB_ALLOC_HEADER;
    atomic_store_explicit(&h->mode, mode, memory_order_relaxed);
    atomic_store_explicit(&h->chunk.count, 1, memory_order_relaxed);
    atomic_store_explicit(&h->chunks, 1, memory_order_release);
    *(volatile uint64_t *)&h->magic = WTFCB_ALLOC_MAGIC; /* last: who finds it finds the rest */
}

int wtfcb_alloc_writer_open(wtfcb_alloc_writer *w, const char *path, bool replace, uint32_t mode, uint64_t rate)
{
    w->base = NULL;
    w->reserved = WTFCB_ALLOC_REGION_MOST;
    w->full = false;
    w->is_file = false;
    memset(w->filling, 0, sizeof w->filling);
    wtfcb_base_spin_init(&w->lock);
    int result = path ? keep_path(w, path) : map_memory(w);
    if (path && result == 0) result = map_file(w, replace);
    if (result != 0) return result;
    atomic_store_explicit(&w->size, path ? FIRST_SIZE : w->reserved, memory_order_relaxed);
    fill_header(w, mode, rate);
    return 0;
}

void wtfcb_alloc_writer_close(wtfcb_alloc_writer *w)
{
    if (w->base) (void)munmap(w->base, w->reserved);
    w->base = NULL;
}

/* ---- Chunks ---- */

static bool has_room(wtfcb_alloc_writer *w, uint64_t end)
{
    uint64_t size = atomic_load_explicit(&w->size, memory_order_relaxed);
    if (end <= size) return true;
    if (w->full || end > w->reserved) return false;
    uint64_t step = size < STEP_MOST ? size : STEP_MOST;
    uint64_t to = size + step < w->reserved ? size + step : w->reserved;
    int result = grow_file(w, size, to);
    if (result != 0 && to > end) result = grow_file(w, size, to = end);
    w->full = result != 0;
    if (!w->full) atomic_store_explicit(&w->size, to, memory_order_relaxed);
    return !w->full;
}

static wtfcb_alloc_chunk *chunk_at(const wtfcb_alloc_writer *w, uint64_t offset)
{
    return (wtfcb_alloc_chunk *)(void *)(w->base + offset);
}

/* Offset of room for `count` rows in one chunk of this kind; 0: none. */
static uint64_t room_for(wtfcb_alloc_writer *w, uint32_t kind, uint64_t row, uint32_t count)
{
    wtfcb_alloc_header *h = wtfcb_alloc_writer_header(w);
    uint64_t at = w->filling[kind];
    uint64_t used = at ? atomic_load_explicit(&chunk_at(w, at)->count, memory_order_relaxed) : 0;
    if (at == 0 || (used + count) * row > ROOM) {
        uint32_t chunks = atomic_load_explicit(&h->chunks, memory_order_relaxed);
        at = (uint64_t)chunks * WTFCB_ALLOC_CHUNK;
        if (!has_room(w, at + WTFCB_ALLOC_CHUNK)) return 0;
#if defined(MADV_POPULATE_WRITE)
        (void)madvise(w->base + at, WTFCB_ALLOC_CHUNK, MADV_POPULATE_WRITE); /* one call in place of a fault a page */
#endif
        chunk_at(w, at)->kind = kind;
        w->filling[kind] = at;
        atomic_store_explicit(&h->chunks, chunks + 1, memory_order_release);
        used = 0;
    }
    return at + sizeof(wtfcb_alloc_chunk) + used * row;
}

/* What was written into the room is whole. */
static void finish(const wtfcb_alloc_writer *w, uint32_t kind, uint32_t count)
{
    (void)atomic_fetch_add_explicit(&chunk_at(w, w->filling[kind])->count, count, memory_order_release);
}

uint64_t wtfcb_alloc_writer_add_site(wtfcb_alloc_writer *w, const uint64_t *frames, uint32_t depth, uint32_t flags)
{
    wtfcb_base_spin_lock(&w->lock);
    uint64_t stack = room_for(w, WTFCB_ALLOC_FRAMES, sizeof *frames, depth);
    uint64_t at = stack ? room_for(w, WTFCB_ALLOC_SITES, sizeof(wtfcb_alloc_site), 1) : 0;
    if (at != 0) {
        memcpy(w->base + stack, frames, depth * sizeof *frames);
        finish(w, WTFCB_ALLOC_FRAMES, depth);
        wtfcb_alloc_site *site = wtfcb_alloc_writer_site(w, at);
        site->frames = stack;
        site->depth = depth;
        site->flags = flags;
        finish(w, WTFCB_ALLOC_SITES, 1);
        (void)atomic_fetch_add_explicit(&wtfcb_alloc_writer_header(w)->sites, 1, memory_order_release);
    }
    wtfcb_base_spin_unlock(&w->lock);
    return at;
}

bool wtfcb_alloc_writer_add_object(wtfcb_alloc_writer *w, const wtfcb_alloc_object *object)
{
    wtfcb_base_spin_lock(&w->lock);
    uint64_t at = room_for(w, WTFCB_ALLOC_OBJECTS, sizeof *object, 1);
    if (at != 0) {
        wtfcb_alloc_object *row = (wtfcb_alloc_object *)(void *)(w->base + at);
        *row = *object;
        row->first_site = atomic_load_explicit(&wtfcb_alloc_writer_header(w)->sites, memory_order_relaxed);
        finish(w, WTFCB_ALLOC_OBJECTS, 1);
    }
    wtfcb_base_spin_unlock(&w->lock);
    return at != 0;
}

/* ---- The course ---- */

/* Points are a millisecond apart at first; whenever the array is full every other one goes, and from then on they are twice as far apart. */
void wtfcb_alloc_writer_add_point(wtfcb_alloc_writer *w, uint64_t time_ns, uint64_t live_bytes)
{
    static const uint64_t first_step = UINT64_C(1000000);
    wtfcb_alloc_header *h = wtfcb_alloc_writer_header(w);
    wtfcb_base_spin_lock(&w->lock);
    uint32_t count = atomic_load_explicit(&h->course_count, memory_order_relaxed);
    uint64_t step = first_step << (h->reserved < 40 ? h->reserved : 40);
    if (count == 0 || time_ns >= h->course[count - 1].time_ns + step) {
        if (count == WTFCB_ALLOC_COURSE) {
            for (uint32_t i = 1; i < WTFCB_ALLOC_COURSE / 2; i++)
                h->course[i] = h->course[2 * (size_t)i];
            count = WTFCB_ALLOC_COURSE / 2;
            h->reserved++;
        }
        h->course[count] = (wtfcb_alloc_point){time_ns, live_bytes};
        atomic_store_explicit(&h->course_count, count + 1, memory_order_release);
    }
    wtfcb_base_spin_unlock(&w->lock);
}
