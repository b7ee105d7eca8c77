/*
 * A program that allocates in known ways, for test_preload*.c to trace: subject SCENE [ARGUMENT].
 *
 * What a scene allocates it allocates from functions in the section `scene`, so that its blocks can be told from the C library's by an address in their stacks. It counts
 * along; at the end its sums are printed, one `name value...` a line, without buffers that allocate. No frame pointers: the Makefile says so.
 */
#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <malloc.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

#include "alloc/region.h"

/* What leaks here is meant to be live at the end. NOLINTBEGIN(clang-analyzer-unix.Malloc) */

#define SCENE __attribute__((section("scene"), noinline))
#define CHECK(condition)                                                                                               \
    do {                                                                                                               \
        if (!(condition)) fail(__LINE__, #condition);                                                                  \
    } while (0)

extern const char __start_scene[] __attribute__((visibility("hidden")));
extern const char __stop_scene[] __attribute__((visibility("hidden")));

typedef struct sums {
    _Atomic uint64_t made, made_count, freed, freed_count;
} sums;

static sums counted;

/* What the compiler would otherwise find fault with. */
static void *(*volatile reallocate)(void *, size_t) = realloc;
static volatile size_t half = SIZE_MAX / 2;
static volatile size_t nothing;

static void say(const char *format, ...)
{
    char line[1024];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    if (length > 0 && write(STDOUT_FILENO, line, (size_t)length) != length) _exit(9);
}

static void fail(int line, const char *what)
{
    say("failed %d: %s\n", line, what);
    _exit(8);
}

static void count_made(size_t size)
{
    counted.made += size;
    counted.made_count++;
}

static void count_freed(size_t size)
{
    counted.freed += size;
    counted.freed_count++;
}

static void report(const char *name)
{
    say("%s %lu %lu %lu %lu %lu %lu\n", name, (unsigned long)counted.made, (unsigned long)counted.made_count,
        (unsigned long)counted.freed, (unsigned long)counted.freed_count, (unsigned long)(uintptr_t)__start_scene,
        (unsigned long)(uintptr_t)__stop_scene);
}

static SCENE void *make(size_t size)
{
    void *block = malloc(size);
    CHECK(block);
    memset(block, 1, size < 64 ? size : 64);
    count_made(size);
    return block;
}

static SCENE void drop(void *block, size_t size)
{
    count_freed(size);
    free(block);
}

/* ---- Scenes ---- */

static SCENE void reallocs(const char *argument)
{
    (void)argument;
    void *block = realloc(NULL, 100);
    CHECK(block);
    count_made(100);
    for (size_t size = 200; size < 3000000; size *= 2) { /* in place, moved, by mremap */
        block = realloc(block, size);
        CHECK(block);
        count_freed(size == 200 ? 100 : size / 2);
        count_made(size);
        void *between = make(50);
        if (size % 400 == 0) drop(between, 50);
    }
    errno = 0;
    void *none = reallocate(block, half);
    CHECK(!none && errno == ENOMEM);
    size_t last = 100;
    while (last * 2 < 3000000)
        last *= 2;
    block = realloc(block, 40); /* smaller */
    CHECK(block);
    count_freed(last);
    count_made(40);
    block = reallocarray(block, 10, 30);
    CHECK(block);
    count_freed(40);
    count_made(300);
    CHECK(!reallocarray(block, half, 3) && errno == ENOMEM);
    none = reallocate(block, 0); /* frees here */
    CHECK(!none);
    count_freed(300);
}

static SCENE void aligned(const char *argument)
{
    (void)argument;
    void *block = NULL;
    CHECK(posix_memalign(&block, 4096, 1000) == 0 && (uintptr_t)block % 4096 == 0);
    count_made(1000);
    drop(block, 1000);
    CHECK(posix_memalign(&block, 3, 1000) == EINVAL);
    CHECK((block = aligned_alloc(256, 512)) && (uintptr_t)block % 256 == 0);
    count_made(512);
    CHECK((block = memalign(1 << 20, 700)) && (uintptr_t)block % (1 << 20) == 0);
    count_made(700);
    drop(block, 700);
    CHECK((block = valloc(10)) && (uintptr_t)block % 4096 == 0);
    count_made(10);
    CHECK((block = pvalloc(10)) && (uintptr_t)block % 4096 == 0);
    count_made(10);
    CHECK((block = calloc(7, 11)) && *(char *)block == 0);
    count_made(77);
    drop(block, 77);
    errno = 0;
    CHECK(!calloc(half, 3) && errno == ENOMEM);
    for (int i = 0; i < 10; i++) {
        CHECK((block = malloc(nothing)));
        count_made(0);
        if (i % 2) drop(block, 0);
    }
    errno = 0;
    size_t volatile beyond = SIZE_MAX;
    CHECK(!malloc(beyond) && errno == ENOMEM);
    errno = 77;
    drop(make(5), 5);
    CHECK(errno == 77);
    free(NULL);
}

static SCENE void huge(const char *argument)
{
    (void)argument;
    drop(make((size_t)3 << 30), (size_t)3 << 30);
    make((size_t)5 << 30);
    void *block = malloc(((size_t)1 << 37) + 5); /* rounded up to pages where it is kept */
    if (block) count_made(((size_t)1 << 37) + 4096);
}

enum { BOARD = 512, TURNS = 20000 };

static _Atomic(void *) board[BOARD];

static SCENE void *exchange(void *argument)
{
    uint64_t state = (uintptr_t)argument * 977 + 1;
    for (int i = 0; i < TURNS; i++) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        size_t size = 8 + (state >> 33) % 500;
        size_t *block = make(size);
        *block = size;
        size_t *other = atomic_exchange(&board[(state >> 20) % BOARD], block);
        if (other) drop(other, *other);
    }
    return NULL;
}

/* Rounds of threads; what one leaves behind others free. */
static void threads(const char *argument)
{
    long rounds = argument ? strtol(argument, NULL, 10) : 3;
    for (long round = 0; round < rounds; round++) {
        pthread_t all[8];
        for (size_t i = 0; i < 8; i++)
            CHECK(pthread_create(&all[i], NULL, exchange, (void *)(uintptr_t)(round * 8 + (long)i + 1)) == 0);
        for (size_t i = 0; i < 8; i++)
            CHECK(pthread_join(all[i], NULL) == 0);
    }
}

static SCENE void forks(const char *argument)
{
    enum { BLOCKS = 100 };
    (void)argument;
    static void *blocks[BLOCKS];
    for (size_t i = 0; i < BLOCKS; i++)
        blocks[i] = make(100);
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        counted = (sums){0};
        for (size_t i = 0; i < BLOCKS / 2; i++)
            free(blocks[i]); /* of the parent: nobody's here */
        for (size_t i = 0; i < 30; i++)
            blocks[i] = make(10);
        for (size_t i = BLOCKS / 2; i < BLOCKS; i++)
            free(blocks[i]);
        for (size_t i = 0; i < 10; i++)
            drop(blocks[i], 10);
        say("child %d\n", (int)getpid());
        report("child_scene");
        exit(0);
    }
    int status;
    CHECK(waitpid(child, &status, 0) == child && status == 0);
    for (size_t i = 0; i < BLOCKS / 4; i++)
        drop(blocks[i], 100);
    child = vfork(); /* NOLINT(clang-analyzer-security.insecureAPI.vfork): that is what is tested */
    if (child == 0) _exit(3);
    CHECK(waitpid(child, &status, 0) == child && WEXITSTATUS(status) == 3);
}

/* Forks while others allocate. */
static void fork_storm(const char *argument)
{
    long rounds = argument ? strtol(argument, NULL, 10) : 20;
    pthread_t all[4];
    for (size_t i = 0; i < 4; i++)
        CHECK(pthread_create(&all[i], NULL, exchange, (void *)(uintptr_t)(i + 1)) == 0);
    for (long i = 0; i < rounds; i++) {
        pid_t child = fork();
        CHECK(child >= 0);
        if (child == 0) {
            pthread_t one;
            CHECK(pthread_create(&one, NULL, exchange, (void *)(uintptr_t)99) == 0);
            (void)exchange((void *)(uintptr_t)98);
            CHECK(pthread_join(one, NULL) == 0);
            _exit(0);
        }
        int status;
        CHECK(waitpid(child, &status, 0) == child && status == 0);
    }
    for (size_t i = 0; i < 4; i++)
        CHECK(pthread_join(all[i], NULL) == 0);
}

static SCENE void *call(void *(*function)(size_t), size_t size)
{
    void *block = function(size);
    count_made(size);
    return block;
}

/* Not a scene, for the dynamic linker allocates too. */
static void plugin(const char *argument)
{
    for (int round = 0; round < 3; round++) {
        void *handle = dlopen(argument, RTLD_NOW | RTLD_LOCAL);
        CHECK(handle);
        void *(*make_in_plugin)(size_t) = NULL;
        void *symbol = dlsym(handle, "plugin_make");
        memcpy(&make_in_plugin, &symbol, sizeof symbol);
        CHECK(make_in_plugin);
        drop(call(make_in_plugin, 1000), 1000);
        CHECK(dlclose(handle) == 0);
    }
}

static sigjmp_buf back;

static SCENE void dive(int depth)
{
    char room[100];
    memset(room, depth, sizeof room);
    drop(make(20), 20);
    if (depth == 0) siglongjmp(back, 1);
    dive(depth - 1);
    __asm__ volatile("" ::"r"(room) : "memory");
}

static SCENE void jumps(const char *argument)
{
    (void)argument;
    for (volatile int i = 0; i < 200; i++)
        if (sigsetjmp(back, 0) == 0) dive(i % 150 + 10);
}

static SCENE void on_signal(int number)
{
    (void)number;
    void *block = malloc(33);
    free(block);
}

/* On a stack of its own; raised between allocations, so that it may allocate. */
static SCENE void alternate(const char *argument)
{
    (void)argument;
    stack_t other = {.ss_size = 65536};
    other.ss_sp = mmap(NULL, other.ss_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(other.ss_sp != MAP_FAILED && sigaltstack(&other, NULL) == 0);
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_ONSTACK};
    CHECK(sigaction(SIGUSR1, &action, NULL) == 0);
    for (int i = 0; i < 50; i++) {
        CHECK(raise(SIGUSR1) == 0);
        count_made(33);
        count_freed(33);
    }
}

static ucontext_t outside, inside;

static SCENE void coroutine(void)
{
    for (int i = 0; i < 3; i++) {
        drop(make(44), 44);
        swapcontext(&inside, &outside);
    }
}

static SCENE void coroutines(const char *argument)
{
    enum { SIZE = 32768 };
    (void)argument;
    for (int i = 0; i < 30; i++) {
        char *stack = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        CHECK(stack != MAP_FAILED && getcontext(&inside) == 0);
        inside.uc_stack.ss_sp = stack;
        inside.uc_stack.ss_size = SIZE;
        inside.uc_link = &outside;
        makecontext(&inside, coroutine, 0);
        for (int turn = 0; turn < 4; turn++) {
            CHECK(swapcontext(&outside, &inside) == 0);
            drop(make(45), 45);
        }
        munmap(stack, SIZE);
    }
}

static SCENE void traced(int depth)
{
    void *frames[64];
    if (depth > 0) {
        traced(depth - 1);
        __asm__ volatile("" ::: "memory");
        return;
    }
    int count = backtrace(frames, 64);
    (void)make(12345);
    say("stack %d", count);
    for (int i = 0; i < count; i++)
        say(" %lu", (unsigned long)(uintptr_t)frames[i]);
    say("\n");
}

static SCENE int compare(const void *a, const void *b)
{
    (void)a;
    (void)b;
    static int once;
    if (!once++) traced(5);
    return 0;
}

/* Through the C library's own code, too. */
static SCENE void stacks(const char *argument)
{
    int numbers[] = {1, 2};
    void *frames[2];
    (void)argument;
    (void)backtrace(frames, 2); /* loads what it needs */
    qsort(numbers, 2, sizeof *numbers, compare);
}

static SCENE void mixed(const char *argument)
{
    uint64_t state = 1;
    long blocks = argument ? strtol(argument, NULL, 10) : 200000;
    for (long i = 0; i < blocks; i++) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        size_t size = 1 + (state >> 33) % ((size_t)16 << (state >> 61)); /* to 2 KiB, small ones mostly */
        void *block = make(size);
        if (state >> 40 & 7) drop(block, size);
    }
}

static void killed(const char *argument)
{
    threads(argument);
    report("scene");
    raise(SIGKILL);
}

static SCENE void late_destructor(void)
{
    drop(make(60), 60);
    (void)make(61);
    report("late");
}

static SCENE void late(const char *argument)
{
    (void)argument;
    CHECK(atexit(late_destructor) == 0);
}

static SCENE void control(const char *argument)
{
    const wtfcb_alloc_control_table *table = dlsym(RTLD_DEFAULT, "wtfcb_alloc_control");
    uint64_t size = 0;
    CHECK(table && table->version == 1 && table->size == sizeof *table && table->sees() == 1);
    CHECK(!table->region(&size) && table->stop() == EINVAL);
    CHECK(table->start(7, 0, 0, NULL) == EINVAL && table->start(WTFCB_ALLOC_MODE_SAMPLED, 0, 0, NULL) == EINVAL);
    CHECK(table->start(WTFCB_ALLOC_MODE_FULL, 0, 0, "/nonexistent/folder/file") == ENOENT);
    void *before = malloc(70);
    for (int round = 0; round < 3; round++) {
        CHECK(table->start(WTFCB_ALLOC_MODE_SAMPLED, 4096, 1, NULL) == 0);
        CHECK(table->start(WTFCB_ALLOC_MODE_FULL, 0, 0, NULL) == EBUSY);
        void *block = malloc(1 << 20);
        const wtfcb_alloc_header *header = table->region(&size);
        CHECK(header && size % WTFCB_ALLOC_CHUNK == 0 && header->rate == 4096 && header->total_bytes == 1 << 20);
        CHECK(table->stop() == 0 && header->mode == WTFCB_ALLOC_MODE_IDLE && header->ended_ns > 0);
        free(block);
        CHECK(table->region(&size) == header && header->freed_bytes == 0);
    }
    CHECK(table->start(WTFCB_ALLOC_MODE_FULL, 0, 0, argument) == 0);
    free(before); /* from before: nobody's */
    void *mine = make(500);
    table->hide(1);
    void *hidden = malloc(300);
    table->hide(1);
    table->hide(-1);
    free(malloc(20));
    drop(mine, 500);
    table->hide(-1);
    free(hidden);
    (void)make(99);
    CHECK(table->stop() == 0);
    free(malloc(1000));
}

/* Tracing begins and ends while others allocate. */
static void restarts(const char *argument)
{
    const wtfcb_alloc_control_table *table = dlsym(RTLD_DEFAULT, "wtfcb_alloc_control");
    long rounds = argument ? strtol(argument, NULL, 10) : 100;
    pthread_t all[4];
    uint64_t size;
    CHECK(table);
    for (long i = 0; i < rounds; i++) {
        if (i % 10 == 0)
            for (size_t k = 0; k < 4; k++)
                CHECK(pthread_create(&all[k], NULL, exchange, (void *)(uintptr_t)(i + (long)k + 1)) == 0);
        CHECK(table->start(i % 2 ? WTFCB_ALLOC_MODE_SAMPLED : WTFCB_ALLOC_MODE_FULL, 512, 0, NULL) == 0);
        usleep(1000);
        CHECK(table->stop() == 0);
        const wtfcb_alloc_header *header = table->region(&size);
        CHECK(header && header->freed_bytes <= header->total_bytes && header->lost == 0);
        if (i % 10 == 9)
            for (size_t k = 0; k < 4; k++)
                CHECK(pthread_join(all[k], NULL) == 0);
    }
}

static const struct {
    const char *name;
    void (*run)(const char *);
} scenes[] = {
    {"restarts", restarts},     {"reallocs", reallocs}, {"aligned", aligned},       {"huge", huge},
    {"threads", threads},       {"forks", forks},       {"fork_storm", fork_storm}, {"plugin", plugin},
    {"jumps", jumps},           {"late", late},         {"control", control},       {"alternate", alternate},
    {"coroutines", coroutines}, {"stacks", stacks},     {"mixed", mixed},           {"killed", killed},
};

int main(int argc, char **argv)
{
    for (size_t i = 0; argc > 1 && i < sizeof scenes / sizeof *scenes; i++) {
        if (strcmp(scenes[i].name, argv[1]) != 0) continue;
        scenes[i].run(argc > 2 ? argv[2] : NULL);
        report("scene");
        return 0;
    }
    return 2;
}

/* NOLINTEND(clang-analyzer-unix.Malloc) */
