/*
 * What libwtfcb-alloc.so puts in the place of the C library's functions, its constructor, and what it exports for the library: wtfcb_alloc_control (region.h).
 *
 * The next allocator is found at the first call of any of these functions, which comes from the dynamic linker, long before any constructor. What is asked
 * for while it is looked for comes from a small buffer and is never given back.
 */
#include <dlfcn.h>
#include <errno.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

#include "alloc/objects.h"
#include "alloc/region.h"
#include "alloc/trace.h"

#define EXPORTED __attribute__((visibility("default")))
#define SLOW __attribute__((noinline, cold))

enum {
    EARLY_BYTES = 16384,
    EARLY_ALIGN = 16,
    PAGE = 4096,
};

/* The last ones are not everywhere. */
static struct {
    void *(*malloc)(size_t);
    void *(*calloc)(size_t, size_t);
    void *(*realloc)(void *, size_t);
    void (*free)(void *);
    int (*posix_memalign)(void **, size_t, size_t);
    void *(*aligned_alloc)(size_t, size_t);
    void *(*memalign)(size_t, size_t);
    void *(*valloc)(size_t);
    void *(*pvalloc)(size_t);
    int (*dlclose)(void *);
} next;

static _Alignas(EARLY_ALIGN) unsigned char early[EARLY_BYTES];
static _Atomic size_t early_used;
static _Atomic uint32_t begun;
static _Thread_local bool looking __attribute__((tls_model("initial-exec")));

/* ---- Before there is an allocator ---- */

static bool is_early(const void *block)
{
    return (uintptr_t)block - (uintptr_t)early < sizeof early;
}

/* Zeroed. Its size is in front of it. */
static void *take_early(size_t size)
{
    size_t whole = EARLY_ALIGN + ((size + EARLY_ALIGN - 1) & ~(size_t)(EARLY_ALIGN - 1));
    if (size > sizeof early || atomic_load(&early_used) + whole > sizeof early) {
        errno = ENOMEM;
        return NULL;
    }
    size_t at = atomic_fetch_add(&early_used, whole);
    if (at + whole > sizeof early) {
        errno = ENOMEM;
        return NULL;
    }
    memcpy(early + at, &size, sizeof size);
    wtfcb_alloc_filter_pin(early + at + EARLY_ALIGN);
    return early + at + EARLY_ALIGN;
}

static size_t early_size(const void *block)
{
    size_t size;
    memcpy(&size, (const unsigned char *)block - EARLY_ALIGN, sizeof size);
    return size;
}

/* ---- The constructor's work, whenever it is needed first ---- */

static void find_next(void)
{
    const struct {
        const char *name;
        void *function;
    } wanted[] = {
        {"malloc", &next.malloc},
        {"calloc", &next.calloc},
        {"realloc", &next.realloc},
        {"free", &next.free},
        {"posix_memalign", &next.posix_memalign},
        {"aligned_alloc", &next.aligned_alloc},
        {"memalign", &next.memalign},
        {"valloc", &next.valloc},
        {"pvalloc", &next.pvalloc},
        {"dlclose", &next.dlclose},
    };
    looking = true;
    for (size_t i = sizeof wanted / sizeof *wanted; i > 0; i--) { /* malloc last: who finds it finds the others */
        void *found = dlsym(RTLD_NEXT, wanted[i - 1].name);
        atomic_thread_fence(memory_order_release);
        memcpy(wanted[i - 1].function, &found, sizeof found);
    }
    looking = false;
}

static void complain(const char *bad, size_t length)
{
    static const char before[] = "libwtfcb-alloc: WTFCB_ALLOC: not understood: ";
    char line[256];
    size_t room = sizeof line - sizeof before;
    size_t at = sizeof before - 1;
    if (length > room) length = room;
    memcpy(line, before, at);
    memcpy(line + at, bad, length);
    at += length;
    line[at++] = '\n';
    (void)!write(STDERR_FILENO, line, at);
}

static const char *setting(void)
{
    static const char name[] = "WTFCB_ALLOC=";
    for (char **each = environ; *each; each++)
        if (strncmp(*each, name, sizeof name - 1) == 0) return *each + sizeof name - 1;
    return NULL;
}

/* The text is copied: programs change their environment. */
static void begin(void)
{
    static char text[4608];
    static wtfcb_alloc_settings settings;
    const char *bad;
    size_t length;
    const char *value = getauxval(AT_SECURE) != 0 ? NULL : setting();
    if (!value || !*value) {
        wtfcb_alloc_begin(NULL);
        return;
    }
    length = strlen(value);
    if (length >= sizeof text) {
        complain(value, length);
        wtfcb_alloc_begin(NULL);
        return;
    }
    memcpy(text, value, length + 1);
    if (wtfcb_alloc_settings_parse(text, &settings, &bad, &length)) {
        wtfcb_alloc_begin(&settings);
    } else {
        complain(bad, length);
        wtfcb_alloc_begin(NULL);
    }
}

/* False: there is no allocator yet. Nothing is traced before the C library has its environment. */
static bool is_ready(void)
{
    if (!next.malloc) {
        if (looking) return false;
        find_next();
    }
    uint32_t not_yet = 0;
    if (environ && atomic_load_explicit(&begun, memory_order_relaxed) == 0 &&
        atomic_compare_exchange_strong(&begun, &not_yet, 1)) {
        int before = errno;
        begin();
        errno = before;
    }
    return next.malloc != NULL;
}

/* A block from a slow path. */
static void *made(void *block, size_t size)
{
    if (block) wtfcb_alloc_made(block, size);
    return block;
}

/* ---- Allocation ---- */

static SLOW void *slow_malloc(size_t size)
{
    wtfcb_alloc_walk_expect(__builtin_return_address(0));
    return is_ready() ? made(next.malloc(size), size) : take_early(size);
}

static inline void *allocate(size_t size)
{
    return wtfcb_alloc_pass(size) ? next.malloc(size) : slow_malloc(size);
}

EXPORTED void *malloc(size_t size)
{
    return allocate(size);
}

static SLOW void *slow_calloc(size_t count, size_t size)
{
    size_t bytes;
    bool beyond = __builtin_mul_overflow(count, size, &bytes);
    if (!is_ready()) return take_early(beyond ? SIZE_MAX : bytes);
    void *block = next.calloc(count, size);
    return beyond ? block : made(block, bytes);
}

EXPORTED void *calloc(size_t nmemb, size_t size)
{
    size_t bytes;
    if (!__builtin_mul_overflow(nmemb, size, &bytes) && wtfcb_alloc_pass(bytes)) return next.calloc(nmemb, size);
    return slow_calloc(nmemb, size);
}

static SLOW int slow_posix_memalign(void **ret_block, size_t alignment, size_t size)
{
    if (!is_ready() || !next.posix_memalign) return ENOMEM;
    int result = next.posix_memalign(ret_block, alignment, size);
    if (result == 0) (void)made(*ret_block, size);
    return result;
}

EXPORTED int posix_memalign(void **memptr, size_t alignment, size_t size)
{
    if (wtfcb_alloc_pass(size)) return next.posix_memalign(memptr, alignment, size);
    return slow_posix_memalign(memptr, alignment, size);
}

static SLOW void *slow_aligned(void *(*const *function)(size_t, size_t), size_t alignment, size_t size)
{
    if (!is_ready() || !*function) {
        errno = ENOMEM;
        return NULL;
    }
    return made((*function)(alignment, size), size);
}

EXPORTED void *aligned_alloc(size_t alignment, size_t size)
{
    if (wtfcb_alloc_pass(size)) return next.aligned_alloc(alignment, size);
    return slow_aligned(&next.aligned_alloc, alignment, size);
}

EXPORTED void *memalign(size_t alignment, size_t size)
{
    return slow_aligned(&next.memalign, alignment, size);
}

static SLOW void *slow_pages(void *(*const *function)(size_t), size_t size)
{
    if (!is_ready() || !*function) {
        errno = ENOMEM;
        return NULL;
    }
    return made((*function)(size), size);
}

EXPORTED void *valloc(size_t size)
{
    return slow_pages(&next.valloc, size);
}

#if !defined(__GLIBC__)
void *pvalloc(size_t size);
#endif

EXPORTED void *pvalloc(size_t size)
{
    return slow_pages(&next.pvalloc, size);
}

/* ---- Release ---- */

static SLOW void slow_free(void *block)
{
    if (!block || is_early(block)) return;
    if (!is_ready()) return;
    wtfcb_alloc_released(block);
    next.free(block);
}

/* The bit of a block of the early buffer is always set. */
EXPORTED void free(void *ptr)
{
    if (__builtin_expect(wtfcb_alloc_filter_has(ptr) || !next.free, 0)) {
        slow_free(ptr);
    } else {
        next.free(ptr);
    }
}

static void *move_early(const void *block, size_t size)
{
    size_t before = early_size(block);
    void *moved = allocate(size);
    if (moved) memcpy(moved, block, before < size ? before : size);
    return moved;
}

static SLOW void *slow_realloc(void *block, size_t size)
{
    if (is_early(block)) return move_early(block, size);
    if (!is_ready()) return block ? NULL : take_early(size);
    wtfcb_alloc_taken taken = {0};
    if (block && wtfcb_alloc_filter_has(block)) taken = wtfcb_alloc_take(block);
    void *moved = next.realloc(block, size);
    if (!moved && size != 0) {
        wtfcb_alloc_taken_kept(block, taken);
        return NULL;
    }
    wtfcb_alloc_taken_released(taken);
    if (moved && !wtfcb_alloc_pass(size)) wtfcb_alloc_made(moved, size);
    return moved;
}

static inline void *reallocate(void *block, size_t size)
{
    bool usual = !wtfcb_alloc_filter_has(block) && wtfcb_alloc_pass(size);
    return usual ? next.realloc(block, size) : slow_realloc(block, size);
}

EXPORTED void *realloc(void *ptr, size_t size)
{
    return reallocate(ptr, size);
}

EXPORTED void *reallocarray(void *ptr, size_t nmemb, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(nmemb, size, &bytes)) {
        errno = ENOMEM;
        return NULL;
    }
    return reallocate(ptr, bytes);
}

/* ---- Objects that go ---- */

/* Another object may come to lie where this one was, and what is known of addresses is then wrong. */
EXPORTED int dlclose(void *handle)
{
    if (!is_ready() || !next.dlclose) return -1;
    int result = next.dlclose(handle);
    wtfcb_alloc_objects_doubt();
    wtfcb_alloc_walk_clear();
    return result;
}

/* ---- What the library calls ---- */

static bool is_here(const char *name)
{
    wtfcb_alloc_mapped theirs = {0};
    wtfcb_alloc_mapped mine = {0};
    return wtfcb_alloc_objects_find((uintptr_t)dlsym(RTLD_DEFAULT, name), &theirs) &&
           wtfcb_alloc_objects_find((uintptr_t)&is_here, &mine) && theirs.begin == mine.begin;
}

static int sees(void)
{
    return is_here("malloc") && is_here("free");
}

static void hide(int delta)
{
    wtfcb_alloc_self.hidden += delta;
}

extern const wtfcb_alloc_control_table wtfcb_alloc_control;
EXPORTED const wtfcb_alloc_control_table wtfcb_alloc_control = {
    .version = 1,
    .size = sizeof(wtfcb_alloc_control_table),
    .start = wtfcb_alloc_start,
    .stop = wtfcb_alloc_stop,
    .region = wtfcb_alloc_region,
    .sees = sees,
    .hide = hide,
};

static __attribute__((constructor)) void construct(void)
{
    if (is_ready()) wtfcb_alloc_watch_forks();
}

static __attribute__((destructor)) void destruct(void)
{
    wtfcb_alloc_end();
}
