/*
 * Samples by perf_event_open(2): an event for each thread on each processor, inherited by what it starts, all events of a processor in one ring.
 *
 * So threads are found by the kernel from their first instruction on, rings are as many as processors however many threads there are, and the rate of
 * a ring is bounded. With a tree children inherit too, and the kernel's records of maps, names and forks tell what their addresses mean; records of
 * several rings are then taken in the order of time. Time in the kernel counts for the function that called it where the kernel lets us
 * see it, else it is left out.
 *
 * Rings are mapped without being copied to children of fork(), and no file survives an exec.
 */
#include <errno.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/memory.h"
#include "profiler/cpu_parts.h"
#include "profiler/proc.h"

enum {
    RING_LEAST = 64 << 10,
    RING_MOST = 8 << 20,
    SAMPLE_BYTES = 1200, /* with a stack of 127 */
    RECORD = 16 << 10,   /* larger ones are passed over */
};

#define MS UINT64_C(1000000)
#define SETTLED_NS MS /* records that are older have been written, by whichever processor */

typedef struct ring {
    int fd;      /* the event that it belongs to; -1: none on this processor */
    char *pages; /* the header, then the records */
    size_t size; /* of the records */
    uint64_t head;
    uint64_t tail;
} ring;

struct wtfcb_profiler_cpu_perf {
    struct perf_event_attr attributes;
    size_t page;
    ring *rings; /* by processor */
    size_t ring_count;
    int *files;
    size_t file_count;
    size_t file_capacity;
    pid_t *seen; /* threads that have their events */
    size_t seen_count;
    size_t seen_capacity;
    bool grown; /* a look at the threads found a new one */
    uint64_t record[RECORD / sizeof(uint64_t)];
};

/* ---- Opening ---- */

static int open_event(const wtfcb_profiler_cpu *cpu, struct perf_event_attr *attributes, pid_t thread, int processor)
{
    if (cpu->options.perf_errno != 0) {
        errno = cpu->options.perf_errno;
        return -1;
    }
    return (int)syscall(SYS_perf_event_open, attributes, thread, processor, -1, PERF_FLAG_FD_CLOEXEC);
}

static void fill_attributes(const wtfcb_profiler_cpu *cpu, struct perf_event_attr *a)
{
    *a = (struct perf_event_attr){
        .size = sizeof *a,
        .type = PERF_TYPE_SOFTWARE,
        .config = PERF_COUNT_SW_TASK_CLOCK,
        .sample_period = cpu->period_ns,
        .sample_type = PERF_SAMPLE_TID | PERF_SAMPLE_TIME | PERF_SAMPLE_PERIOD | PERF_SAMPLE_CALLCHAIN,
        .exclude_callchain_kernel = 1,
        .exclude_hv = 1,
        .inherit = 1,
        .inherit_thread = cpu->options.tree ? 0 : 1,
        .comm = 1,
        .comm_exec = 1,
        .task = 1,
        .mmap = cpu->options.tree ? 1 : 0,
        .mmap2 = cpu->options.tree ? 1 : 0,
        .build_id = cpu->options.tree ? 1 : 0,
        .sample_id_all = 1,
        .use_clockid = 1,
        .clockid = CLOCK_MONOTONIC,
    };
}

/* Leave out what this kernel does not know or does not allow, one by one, until it opens an event. 0, or the first errno. */
static int settle_attributes(const wtfcb_profiler_cpu *cpu, struct perf_event_attr *a)
{
    int first = 0;
    for (;;) {
        int fd = open_event(cpu, a, cpu->watched, -1);
        if (fd < 0 && errno == EINVAL && a->inherit_thread) {
            a->inherit_thread = 0;
        } else if (fd < 0 && errno == EINVAL && a->build_id) {
            a->build_id = 0;
        } else if (fd < 0 && (errno == EACCES || errno == EPERM) && !a->exclude_kernel) {
            first = errno;
            a->exclude_kernel = 1;
        } else {
            if (fd < 0) return first != 0 ? first : errno;
            (void)close(fd);
            return 0;
        }
    }
}

/* A ring behind an event, as large as it should be, or as this user may map. 0, or an errno. */
static int map_ring(const wtfcb_profiler_cpu *cpu, ring *r, int fd)
{
    size_t page = cpu->perf->page;
    size_t wanted = (size_t)(2 * SAMPLE_BYTES * (cpu->wake_ns / cpu->period_ns + 1));
    size_t size = RING_LEAST > page ? RING_LEAST : page;
    while (size < wanted && size < RING_MOST)
        size *= 2;
    for (;; size /= 2) {
        void *pages = mmap(NULL, page + size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        if (pages != MAP_FAILED) {
            *r = (ring){.fd = fd, .pages = pages, .size = size};
            return 0;
        }
        if (errno != EPERM || size == page) return errno;
    }
}

/* 0, also when the thread has ended or the processor is off; or an errno. */
static int open_on(wtfcb_profiler_cpu *cpu, pid_t thread, size_t processor)
{
    wtfcb_profiler_cpu_perf *perf = cpu->perf;
    ring *r = &perf->rings[processor];
    if (!wtfcb_base_reserve(&cpu->allocator, (void **)&perf->files, &perf->file_capacity, perf->file_count + 1,
                            sizeof *perf->files))
        return ENOMEM;
    int fd = open_event(cpu, &perf->attributes, thread, (int)processor);
    if (fd < 0) return errno == ESRCH || errno == ENODEV ? 0 : errno;
    int result = 0;
    if (r->fd < 0)
        result = map_ring(cpu, r, fd);
    else if (ioctl(fd, PERF_EVENT_IOC_SET_OUTPUT, r->fd) != 0)
        result = errno;
    if (result == 0)
        perf->files[perf->file_count++] = fd;
    else
        (void)close(fd);
    return result;
}

static int open_thread(void *user, pid_t process, pid_t thread)
{
    wtfcb_profiler_cpu *cpu = user;
    wtfcb_profiler_cpu_perf *perf = cpu->perf;
    (void)process;
    for (size_t i = perf->seen_count; i-- > 0;)
        if (perf->seen[i] == thread) return 0;
    if (!wtfcb_base_reserve(&cpu->allocator, (void **)&perf->seen, &perf->seen_capacity, perf->seen_count + 1,
                            sizeof *perf->seen))
        return ENOMEM;
    perf->seen[perf->seen_count++] = thread;
    perf->grown = true;
    int result = 0;
    for (size_t i = 0; i < perf->ring_count && result == 0; i++)
        result = open_on(cpu, thread, i);
    return result;
}

/* Threads that were started by one that had no event yet are found by looking again. */
static int open_process(wtfcb_profiler_cpu *cpu, pid_t process)
{
    int result = 0;
    cpu->perf->grown = true;
    for (int i = 0; i < WTFCB_PROFILER_CPU_RESCANS && cpu->perf->grown && result == 0; i++) {
        cpu->perf->grown = false;
        result = wtfcb_profiler_cpu_each_thread(process, open_thread, cpu);
    }
    return result;
}

/* What the threads that are known have started before: processes that inherit nothing. `seen` grows meanwhile. */
static int open_children(wtfcb_profiler_cpu *cpu)
{
    wtfcb_profiler_cpu_perf *perf = cpu->perf;
    int result = 0;
    for (size_t i = 0; i < perf->seen_count && result == 0; i++) {
        char path[96];
        char text[WTFCB_PROFILER_PROC_TEXT];
        uint64_t child;
        (void)snprintf(path, sizeof path, "/proc/%ld/task/%ld/children", (long)perf->seen[i], (long)perf->seen[i]);
        if (wtfcb_profiler_proc_load(path, text, sizeof text) != 0) continue; /* ended, or this kernel has no list */
        for (const char *at = text; result == 0 && wtfcb_profiler_proc_number(&at, &child) && child <= INT32_MAX;) {
            (void)wtfcb_profiler_symbols_map(cpu->symbols, (pid_t)child);
            result = open_process(cpu, (pid_t)child);
            if (result == ESRCH) result = 0;
        }
    }
    return result;
}

/*
 * A wake-up costs some 30 us, whatever it finds, so it is as seldom as a ring that any user may map (512 KiB a processor) lets it be with stacks that
 * are not extraordinary.
 */
static uint64_t wake_interval(uint64_t period_ns)
{
    if (period_ns >= 4 * MS) return 500 * MS;
    return period_ns >= MS / 2 ? 200 * MS : 100 * MS;
}

int wtfcb_profiler_cpu_perf_start(wtfcb_profiler_cpu *cpu)
{
    wtfcb_profiler_cpu_perf *perf = wtfcb_base_calloc(&cpu->allocator, 1, sizeof *perf);
    if (!perf) return ENOMEM;
    cpu->perf = perf;
    long processors = sysconf(_SC_NPROCESSORS_CONF);
    long page = sysconf(_SC_PAGESIZE);
    perf->page = page > 0 ? (size_t)page : 4096;
    size_t count = processors > 0 ? (size_t)processors : 1;
    perf->rings = wtfcb_base_calloc(&cpu->allocator, count, sizeof *perf->rings);
    int result = perf->rings ? 0 : ENOMEM;
    if (result == 0) {
        perf->ring_count = count;
        for (size_t i = 0; i < count; i++)
            perf->rings[i].fd = -1;
    }
    fill_attributes(cpu, &perf->attributes);
    uint64_t others = cpu->wake_ns;
    cpu->wake_ns = wake_interval(cpu->period_ns);
    if (result == 0) result = settle_attributes(cpu, &perf->attributes);
    if (result == 0) result = open_process(cpu, cpu->watched);
    if (result == 0 && cpu->options.tree) result = open_children(cpu);
    if (result == 0 && perf->file_count == 0) result = ESRCH;
    if (result != 0) {
        cpu->wake_ns = others;
        wtfcb_profiler_cpu_perf_free(cpu);
    }
    return result;
}

/* ---- Reading ---- */

static void copy_out(const wtfcb_profiler_cpu_perf *perf, const ring *r, uint64_t at, void *into, size_t length)
{
    size_t offset = (size_t)(at & (r->size - 1));
    size_t first = r->size - offset < length ? r->size - offset : length;
    memcpy(into, r->pages + perf->page + offset, first);
    memcpy((char *)into + first, r->pages + perf->page, length - first);
}

/* The record at a ring's tail into `perf->record`; NULL: there is none, or it is passed over. Moves on. */
static const struct perf_event_header *take_record(wtfcb_profiler_cpu_perf *perf, ring *r)
{
    struct perf_event_header header;
    copy_out(perf, r, r->tail, &header, sizeof header);
    if (header.size < sizeof header || r->tail + header.size > r->head) {
        r->tail = r->head;
        return NULL;
    }
    bool fits = header.size <= sizeof perf->record;
    if (fits) copy_out(perf, r, r->tail, perf->record, header.size);
    r->tail += header.size;
    return fits ? (const struct perf_event_header *)(const void *)perf->record : NULL;
}

/* When the record at a ring's tail was written: a sample has it in front, all others at their end. */
static uint64_t time_at_tail(const wtfcb_profiler_cpu_perf *perf, const ring *r)
{
    struct perf_event_header header;
    uint64_t time = 0;
    copy_out(perf, r, r->tail, &header, sizeof header);
    if (header.size < sizeof header + 2 * sizeof time) return 0;
    uint64_t offset = header.type == PERF_RECORD_SAMPLE ? sizeof header + 8 : header.size - sizeof time;
    copy_out(perf, r, r->tail + offset, &time, sizeof time);
    return time;
}

/* pid and tid, time, period, number of addresses, addresses. */
static void read_sample(wtfcb_profiler_cpu *cpu, const uint64_t *words, size_t count)
{
    uint64_t addresses[WTFCB_PROFILER_CPU_DEPTH];
    if (count < 4) return;
    pid_t process = (pid_t)(uint32_t)words[0];
    pid_t thread = (pid_t)(uint32_t)(words[0] >> 32);
    uint64_t period = words[2];
    uint32_t depth = 0;
    if (words[3] > count - 4) return;
    if (!cpu->options.tree && process != cpu->watched) return;
    for (uint64_t i = 0; i < words[3] && depth < WTFCB_PROFILER_CPU_DEPTH; i++)
        if (words[4 + i] < (uint64_t)PERF_CONTEXT_MAX) addresses[depth++] = words[4 + i];
    wtfcb_profiler_cpu_add(cpu, process, thread, addresses, depth, period);
}

static void read_map(wtfcb_profiler_cpu *cpu, const struct perf_event_header *header, const char *body, size_t length)
{
    struct {
        uint32_t process, thread;
        uint64_t begin, length, offset;
        union {
            struct {
                uint32_t major, minor;
                uint64_t inode, generation;
            } file;
            struct {
                uint8_t length, reserved[3];
                uint8_t bytes[20];
            } id;
        } what;
        uint32_t protection, flags;
    } map;
    if (length <= sizeof map) return;
    memcpy(&map, body, sizeof map);
    const char *path = body + sizeof map;
    if (!memchr(path, '\0', length - sizeof map)) return;
    bool has_id =
        (header->misc & PERF_RECORD_MISC_MMAP_BUILD_ID) != 0 && map.what.id.length <= sizeof map.what.id.bytes;
    if ((map.protection & PROT_EXEC) == 0) return;
    (void)wtfcb_profiler_symbols_add_map(cpu->symbols, (pid_t)map.process, map.begin, map.begin + map.length,
                                         map.offset, path, has_id ? map.what.id.bytes : NULL,
                                         has_id ? map.what.id.length : 0);
}

static void read_name(wtfcb_profiler_cpu *cpu, const struct perf_event_header *header, const char *body, size_t length)
{
    uint32_t ids[2];
    if (length <= sizeof ids || !memchr(body + sizeof ids, '\0', length - sizeof ids)) return;
    memcpy(ids, body, sizeof ids);
    if (cpu->options.tree && (header->misc & PERF_RECORD_MISC_COMM_EXEC) != 0)
        wtfcb_profiler_symbols_exec(cpu->symbols, (pid_t)ids[0]);
    wtfcb_profiler_cpu_name(cpu, (pid_t)ids[0], (pid_t)ids[1], body + sizeof ids);
}

/* A process that was forked begins with its parent's maps; a thread has its process's. */
static void read_fork(wtfcb_profiler_cpu *cpu, const uint64_t *words, size_t count)
{
    if (count < 2) return;
    pid_t process = (pid_t)(uint32_t)words[0];
    pid_t parent = (pid_t)(uint32_t)(words[0] >> 32);
    if (process != parent && cpu->options.tree) (void)wtfcb_profiler_symbols_fork(cpu->symbols, parent, process);
}

static void read_record(wtfcb_profiler_cpu *cpu, const struct perf_event_header *header)
{
    const uint64_t *words = cpu->perf->record + sizeof *header / sizeof(uint64_t);
    size_t length = header->size - sizeof *header;
    switch (header->type) {
    case PERF_RECORD_SAMPLE: read_sample(cpu, words, length / sizeof *words); break;
    case PERF_RECORD_LOST:
        if (length >= 2 * sizeof *words) cpu->lost += words[1];
        break;
    case PERF_RECORD_MMAP2: read_map(cpu, header, (const char *)words, length); break;
    case PERF_RECORD_COMM: read_name(cpu, header, (const char *)words, length); break;
    case PERF_RECORD_FORK: read_fork(cpu, words, length / sizeof *words); break;
    default: break;
    }
}

/* The ring whose next record is the oldest; NULL: none has one that is older than `limit`. */
static ring *oldest(wtfcb_profiler_cpu_perf *perf, uint64_t limit)
{
    ring *found = NULL;
    uint64_t least = limit;
    for (size_t i = 0; i < perf->ring_count; i++) {
        ring *r = &perf->rings[i];
        if (r->tail == r->head) continue;
        uint64_t time = time_at_tail(perf, r);
        if (time > least || (found && time == least)) continue;
        least = time;
        found = r;
    }
    return found;
}

void wtfcb_profiler_cpu_perf_drain(wtfcb_profiler_cpu *cpu, bool all)
{
    wtfcb_profiler_cpu_perf *perf = cpu->perf;
    uint64_t limit = all ? UINT64_MAX : wtfcb_base_now() - SETTLED_NS;
    for (size_t i = 0; i < perf->ring_count; i++) {
        ring *r = &perf->rings[i];
        if (r->fd < 0) continue;
        struct perf_event_mmap_page *control = (void *)r->pages;
        r->head = __atomic_load_n(&control->data_head, __ATOMIC_ACQUIRE);
        while (!cpu->options.tree && r->tail != r->head) {
            const struct perf_event_header *header = take_record(perf, r);
            if (header) read_record(cpu, header);
        }
    }
    for (ring *r = oldest(perf, limit); r; r = oldest(perf, limit)) {
        const struct perf_event_header *header = take_record(perf, r);
        if (header) read_record(cpu, header);
    }
    for (size_t i = 0; i < perf->ring_count; i++) {
        ring *r = &perf->rings[i];
        if (r->fd < 0) continue;
        struct perf_event_mmap_page *control = (void *)r->pages;
        __atomic_store_n(&control->data_tail, r->tail, __ATOMIC_RELEASE);
    }
}

/* ---- The end ---- */

void wtfcb_profiler_cpu_perf_stop(wtfcb_profiler_cpu *cpu)
{
    for (size_t i = 0; i < cpu->perf->file_count; i++)
        (void)ioctl(cpu->perf->files[i], PERF_EVENT_IOC_DISABLE, 0);
}

void wtfcb_profiler_cpu_perf_free(wtfcb_profiler_cpu *cpu)
{
    wtfcb_profiler_cpu_perf *perf = cpu->perf;
    if (!perf) return;
    for (size_t i = 0; i < perf->ring_count; i++)
        if (perf->rings[i].fd >= 0 && cpu->maker == getpid())
            (void)munmap(perf->rings[i].pages, perf->page + perf->rings[i].size);
    for (size_t i = 0; i < perf->file_count; i++)
        (void)close(perf->files[i]);
    wtfcb_base_free(&cpu->allocator, perf->rings, perf->ring_count * sizeof *perf->rings);
    wtfcb_base_free(&cpu->allocator, perf->files, perf->file_capacity * sizeof *perf->files);
    wtfcb_base_free(&cpu->allocator, perf->seen, perf->seen_capacity * sizeof *perf->seen);
    wtfcb_base_free(&cpu->allocator, perf, sizeof *perf);
    cpu->perf = NULL;
}
