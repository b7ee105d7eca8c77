/*
 * See walk.h.
 *
 * A word of the cache is the upper bits of a scrambled address, which together with its place say which address it is of, and 30 bits of rule:
 *
 *     0-1    the caller's stack pointer (CFA) is  0 elsewhere: not kept   1 sp + offset   2 fp + offset   3 what is at fp + offset
 *     2-15   that offset, in units of 8, signed
 *     16-17  the caller's frame pointer is        0 in its register   1 at CFA + offset   2 at fp + offset   3 lost
 *     18-28  that offset
 *     29     there is no caller
 *
 * The address to return to is just below the CFA. What does not fit is worked out each time.
 */
#include "alloc/walk.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "alloc/objects.h"
#include "alloc/pages.h"

enum {
    CACHE_BITS = 16,
    WALKERS = 32,
    ADDRESS_BITS = 48,
    RULE_BITS = 30,

    CFA_STACK = 1,
    CFA_FRAME = 2,
    CFA_AT_FRAME = 3,
    FRAME_SAME = 0,
    FRAME_AT_CFA = 1,
    FRAME_AT_FRAME = 2,
    FRAME_LOST = 3,
    CFA_SHIFT = 2,
    CFA_WIDTH = 14,
    FRAME_KIND_SHIFT = 16,
    FRAME_SHIFT = 18,
    FRAME_WIDTH = 11,
    WORD = 8,
    NO_CALLER = 1 << 29,

    PAGE = 4096, /* or a part of one */
    PROBES = 256,
    FIRST_PAGE = 4096,
    LARGE_PAGE = 2 << 20,
};

#define FRAME_POINTER_MOST UINT64_C(0x100000) /* bytes of a frame that is believed without call frame information */
#define SCRAMBLE UINT64_C(0x9e3779b97f4b)     /* odd: multiplying by it loses nothing */

/* Elsewhere than on x86-64 compilers keep frame pointers unless told otherwise; an address to return to may be signed in its upper bits. */
#if defined(__x86_64__)
#define FRAMES_ALWAYS false
#define CODE_ADDRESS UINT64_MAX
#else
#define FRAMES_ALWAYS true
#define CODE_ADDRESS UINT64_C(0xffffffffffff)
#endif

typedef struct walk {
    wtfcb_alloc_writer *writer;
    wtfcb_alloc_bounds *bounds;
    uint64_t pc;
    uint64_t sp;
    uint64_t fp;
    bool interrupted;
    uint64_t pc_slot; /* of the last step */
    uint64_t fp_slot;
    uint64_t sp_slot;
} walk;

/* What became of one step. */
enum { STEPPED, ENDED, STUCK };

static struct tables {
    _Atomic uint64_t cache[1 << CACHE_BITS];
    wtfcb_alloc_walker walkers[WALKERS];
} * tables;

static _Atomic uint32_t epoch = 1;

static uint64_t own_begin;
static uint64_t own_end;

/* ---- Memory ---- */

/* The kernel looks at the new mask before it finds that there is no such way to change it. */
static bool is_mapped(uint64_t address)
{
    return syscall(SYS_rt_sigprocmask, -1L, address & ~(uint64_t)(WORD - 1), 0L, 8L) != 0 && errno == EINVAL;
}

static bool probe(uint64_t from, uint64_t to)
{
    for (uint64_t page = from; page < to; page += PAGE)
        if (!is_mapped(page)) return false;
    return true;
}

/* Let the bounds hold [sp, end). The stack may be another than last time. */
static __attribute__((noinline)) bool extend(wtfcb_alloc_bounds *bounds, uint64_t sp, uint64_t end)
{
    uint64_t page = sp & ~(uint64_t)(PAGE - 1);
    if (end < sp || end - sp > PROBES * (uint64_t)PAGE) return false;
    if (page < bounds->low && bounds->low - page <= PROBES * (uint64_t)PAGE && probe(page, bounds->low))
        bounds->low = page;
    if (sp < bounds->low || sp > bounds->high) {
        bounds->low = page;
        bounds->high = page;
    }
    while (bounds->high < end) {
        if (!is_mapped(bounds->high)) return false;
        bounds->high += PAGE;
    }
    return true;
}

static inline bool load(const walk *w, uint64_t address, uint64_t *ret_value)
{
    if (address < w->sp || address % WORD != 0 || address > UINT64_MAX - WORD) return false;
    if (address < w->bounds->low || address + WORD > w->bounds->high || w->sp < w->bounds->low)
        if (!extend(w->bounds, w->sp, address + WORD)) return false;
    memcpy(ret_value, (const void *)(uintptr_t)address, sizeof *ret_value);
    return true;
}

/* ---- Rules ---- */

static bool fits(int64_t offset, uint32_t width)
{
    int64_t most = INT64_C(1) << (width - 1);
    return offset % WORD == 0 && offset / WORD < most && offset / WORD >= -most;
}

static uint32_t packed(int64_t offset, uint32_t width, uint32_t shift)
{
    return ((uint32_t)(offset / WORD) & ((1u << width) - 1)) << shift;
}

static int64_t unpacked(uint32_t rule, uint32_t width, uint32_t shift)
{
    uint32_t value = rule >> shift << (32 - width);
    return (int64_t)((int32_t)value >> (32 - width)) * WORD;
}

/* 0: it does not fit. */
static uint32_t pack_rule(const wtfcb_alloc_rule *rule)
{
    uint32_t word;
    const wtfcb_alloc_place *cfa = &rule->cfa;
    const wtfcb_alloc_place *frame = &rule->frame;
    if (rule->result.base == WTFCB_ALLOC_UNDEFINED) return NO_CALLER;
    if (rule->interrupted || rule->result.base != WTFCB_ALLOC_CFA || !rule->result.memory ||
        rule->result.offset != -WORD || !fits(cfa->offset, CFA_WIDTH) || !fits(frame->offset, FRAME_WIDTH))
        return 0;
    if (cfa->base == WTFCB_ALLOC_STACK && !cfa->memory) {
        word = CFA_STACK;
    } else if (cfa->base == WTFCB_ALLOC_FRAME) {
        word = cfa->memory ? CFA_AT_FRAME : CFA_FRAME;
    } else {
        return 0;
    }
    word |= packed(cfa->offset, CFA_WIDTH, CFA_SHIFT);
    if (frame->base == WTFCB_ALLOC_SAME) return word | FRAME_SAME << FRAME_KIND_SHIFT;
    if (frame->base == WTFCB_ALLOC_UNDEFINED) return word | FRAME_LOST << FRAME_KIND_SHIFT;
    if (!frame->memory) return 0;
    if (frame->base == WTFCB_ALLOC_CFA) {
        word |= FRAME_AT_CFA << FRAME_KIND_SHIFT;
    } else if (frame->base == WTFCB_ALLOC_FRAME) {
        word |= FRAME_AT_FRAME << FRAME_KIND_SHIFT;
    } else {
        return 0;
    }
    return word | packed(frame->offset, FRAME_WIDTH, FRAME_SHIFT);
}

static uint64_t scrambled(uint64_t key)
{
    return key * SCRAMBLE & ((UINT64_C(1) << ADDRESS_BITS) - 1);
}

/* The rule of an address that the cache does not know. False: there is none. */
static __attribute__((noinline)) bool find_rule(walk *w, uint64_t key, wtfcb_alloc_rule *rule, uint32_t *ret_word)
{
    wtfcb_alloc_mapped object = {0};
    *ret_word = 0;
    if (!wtfcb_alloc_objects_find(key - 1, &object)) return false;
    wtfcb_alloc_objects_note(w->writer, &object);
    if (object.header == 0 || FRAMES_ALWAYS) return false;
    wtfcb_alloc_image image = wtfcb_alloc_objects_image(&object);
    uint64_t instruction = w->interrupted ? key - 1 : key;
    if (wtfcb_alloc_cfi_find(&image, object.header, key - 1, instruction, rule)) {
        *ret_word = pack_rule(rule);
    } else if (object.begin == getauxval(AT_BASE)) {
        *ret_word = NO_CALLER; /* the first instructions of the dynamic linker, which the kernel jumped to */
    } else {
        return false;
    }
    if (*ret_word != 0 && key >> ADDRESS_BITS == 0) {
        uint64_t s = scrambled(key);
        uint64_t entry = (s >> CACHE_BITS << RULE_BITS) | *ret_word;
        atomic_store_explicit(&tables->cache[s & ((1 << CACHE_BITS) - 1)], entry, memory_order_relaxed);
    }
    return true;
}

/* ---- Steps ---- */

static bool value_of(const walk *w, const wtfcb_alloc_place *place, uint64_t cfa, uint64_t same, uint64_t *ret_value)
{
    uint64_t value = (uint64_t)place->offset;
    switch (place->base) {
    case WTFCB_ALLOC_SAME: *ret_value = same; return true;
    case WTFCB_ALLOC_STACK: value += w->sp; break;
    case WTFCB_ALLOC_FRAME: value += w->fp; break;
    case WTFCB_ALLOC_CFA: value += cfa; break;
    default: return false;
    }
    if (place->memory) return load(w, value, ret_value);
    *ret_value = value;
    return true;
}

/* By a rule that does not fit into a word. */
static int step_by_rule(walk *w, const wtfcb_alloc_rule *rule)
{
    uint64_t cfa;
    uint64_t pc;
    uint64_t fp = 0;
    if (!value_of(w, &rule->cfa, 0, 0, &cfa) || !value_of(w, &rule->result, cfa, 0, &pc)) return STUCK;
    if (!value_of(w, &rule->frame, cfa, w->fp, &fp)) fp = 0;
    /* A signal handler may run on a stack of its own, and what it interrupted on any other. */
    if (!rule->interrupted && cfa <= w->sp) return STUCK;
    if (cfa < FIRST_PAGE || cfa % WORD != 0) return STUCK;
    w->interrupted = rule->interrupted;
    w->pc = pc;
    w->sp = cfa;
    w->fp = fp;
    w->pc_slot = 0;
    return STEPPED;
}

/* A frame pointer that leads up the stack, and there to another and an address. */
static int step_by_frame(walk *w)
{
    uint64_t fp;
    uint64_t pc;
    if (w->fp == 0 && FRAMES_ALWAYS) return ENDED;
    if (w->fp < w->sp || w->fp - w->sp > FRAME_POINTER_MOST || !load(w, w->fp, &fp) || !load(w, w->fp + WORD, &pc))
        return STUCK;
    if (pc < FIRST_PAGE || (fp != 0 && fp <= w->fp)) return STUCK;
    w->pc_slot = FRAMES_ALWAYS ? 0 : w->fp + WORD;
    w->fp_slot = w->fp;
    w->sp_slot = 0;
    w->sp = w->fp + 2 * WORD;
    w->fp = fp;
    w->pc = pc & CODE_ADDRESS;
    w->interrupted = false;
    return STEPPED;
}

static inline int step_by_word(walk *w, uint32_t word)
{
    uint64_t offset = (uint64_t)unpacked(word, CFA_WIDTH, CFA_SHIFT);
    uint64_t cfa = w->fp + offset;
    if (word & NO_CALLER) return ENDED;
    w->sp_slot = 0;
    if ((word & 3) == CFA_STACK) {
        cfa = w->sp + offset;
    } else if ((word & 3) == CFA_AT_FRAME) {
        w->sp_slot = cfa;
        if (!load(w, cfa, &cfa)) return STUCK;
    }
    uint32_t kind = word >> FRAME_KIND_SHIFT & 3;
    uint64_t pc;
    if (cfa <= w->sp || !load(w, cfa - WORD, &pc)) return STUCK;
    w->fp_slot = 0;
    if (kind == FRAME_AT_CFA || kind == FRAME_AT_FRAME) {
        w->fp_slot = (kind == FRAME_AT_CFA ? cfa : w->fp) + (uint64_t)unpacked(word, FRAME_WIDTH, FRAME_SHIFT);
        if (!load(w, w->fp_slot, &w->fp)) return STUCK;
    } else if (kind == FRAME_LOST) {
        w->fp = 0;
    }
    w->pc_slot = cfa - WORD;
    w->interrupted = false;
    w->pc = pc;
    w->sp = cfa;
    return STEPPED;
}

/* To the caller. */
static inline int step(walk *w)
{
    wtfcb_alloc_rule rule;
    uint32_t word;
    uint64_t s = scrambled(w->pc);
    uint64_t entry = atomic_load_explicit(&tables->cache[s & ((1 << CACHE_BITS) - 1)], memory_order_relaxed);
    if (__builtin_expect(entry >> RULE_BITS == s >> CACHE_BITS && entry != 0, 1))
        return step_by_word(w, (uint32_t)entry & ((1u << RULE_BITS) - 1));
    if (!find_rule(w, w->pc, &rule, &word)) return step_by_frame(w);
    return word != 0 ? step_by_word(w, word) : step_by_rule(w, &rule);
}

/* ---- The walk ---- */

static bool is_own(uint64_t pc)
{
    return pc - own_begin < own_end - own_begin;
}

static __attribute__((noinline)) void find_own(void)
{
    wtfcb_alloc_mapped own = {0};
    if (own_end == 0 && wtfcb_alloc_objects_find((uintptr_t)&find_own, &own)) {
        own_begin = own.begin;
        own_end = own.end;
    }
}

#if defined(__x86_64__)
#define HERE(w)                                                                                                        \
    __asm__ volatile("leaq 0(%%rip), %0\n\tmovq %%rsp, %1\n\tmovq %%rbp, %2"                                           \
                     : "=&r"((w).pc), "=&r"((w).sp), "=&r"((w).fp))
#else
/* Where every function keeps its frame pointer: from this one's frame on. */
#define HERE(w)                                                                                                        \
    do {                                                                                                               \
        (w).fp = (uintptr_t)__builtin_frame_address(0);                                                                \
        (w).sp = (w).fp;                                                                                               \
        (w).pc = (uintptr_t)&find_own;                                                                                 \
    } while (0)
#endif

static uint64_t hash_with(uint64_t outer, uint64_t pc)
{
    uint64_t hash = (outer ^ pc) * UINT64_C(0x9e3779b97f4a7c15);
    return hash ^ hash >> 29;
}

static uint64_t word_at(uint64_t address)
{
    uint64_t value;
    memcpy(&value, (const void *)(uintptr_t)address, sizeof value);
    return value;
}

/*
 * Whether what is remembered from frame `at` outwards is what a walk would find. The registers of a frame follow from those of the frame inside and
 * from the slots; so the slots need to be compared and no rule looked up. They were readable when this stack was walked, and this is that stack. On failure the frame
 * whose slots differ.
 */
static bool is_same(const wtfcb_alloc_walker *walker, uint32_t at, uint32_t *ret_differs)
{
    for (uint32_t i = at; i > 0; i--) {
        const wtfcb_alloc_frame *f = &walker->frames[i - 1];
        bool same = f->pc_slot != 0 && word_at(f->pc_slot) == f->pc &&
                    (f->fp_slot == 0 || word_at(f->fp_slot) == f->fp) &&
                    (f->sp_slot == 0 || word_at(f->sp_slot) == f->sp);
        if (!same) {
            *ret_differs = i - 1;
            return false;
        }
    }
    return true;
}

/* The frames that were walked, on top of the `kept` outermost ones that are remembered. */
static void join(wtfcb_alloc_walker *walker, uint32_t kept, uint32_t count)
{
    uint64_t hash = kept > 0 ? walker->frames[kept - 1].hash : 0;
    for (uint32_t i = 0; i < count; i++) {
        wtfcb_alloc_frame *f = &walker->frames[kept + i];
        *f = walker->inner[count - 1 - i];
        hash = hash_with(hash, f->pc);
        f->hash = hash;
    }
    walker->depth = kept + count;
}

static wtfcb_alloc_frame frame_of(const walk *w)
{
    return (wtfcb_alloc_frame){w->pc, w->sp, w->fp, w->pc_slot, w->fp_slot, w->sp_slot, 0};
}

/* From the first frame that is not ours to the last. */
static void walk_out(walk *w, wtfcb_alloc_walker *walker)
{
    uint32_t remembered = walker->depth; /* those further in are not looked at any more */
    uint32_t count = 0;
    uint32_t kept = 0;
    uint32_t flags = 0;
    while (w->pc != 0) {
        while (remembered > 0 && walker->frames[remembered - 1].sp < w->sp)
            remembered--;
        const wtfcb_alloc_frame *f = remembered > 0 ? &walker->frames[remembered - 1] : NULL;
        if (f && f->sp == w->sp && f->pc == w->pc && f->fp == w->fp && !w->interrupted) {
            kept = remembered;
            if (kept + count <= WTFCB_ALLOC_MOST_FRAMES && is_same(walker, kept - 1, &remembered)) {
                flags = walker->flags;
                break;
            }
            kept = 0;
        }
        if (count == WTFCB_ALLOC_MOST_FRAMES) {
            flags = WTFCB_ALLOC_SITE_CUT;
            break;
        }
        w->pc += w->interrupted; /* as if it were after a call */
        walker->inner[count++] = frame_of(w);
        int result = step(w);
        if (result == STUCK) flags = WTFCB_ALLOC_SITE_SHORT;
        if (result != STEPPED) break;
    }
    if (count + kept == 0) walker->inner[count++] = frame_of(w);
    join(walker, kept, count);
    walker->flags = flags;
}

/* Past this object's own frames as the last time, if that is how it is. */
static bool leave_as_before(walk *w, const wtfcb_alloc_own *own)
{
    for (uint32_t i = 0; i < own->count; i++)
        if (word_at(w->sp + own->slots[i]) != own->addresses[i]) return false;
    if (own->count == 0) return false;
    if (own->fp != 0) w->fp = word_at(w->sp + own->fp);
    w->sp += own->sp;
    w->pc = word_at(w->sp - WORD);
    return !is_own(w->pc);
}

/* The same by call frame information; remembers how, unless it is out of the ordinary. */
static int leave_own(walk *w, wtfcb_alloc_own *own)
{
    uint64_t sp = w->sp;
    uint32_t count = 0;
    bool usual = true;
    int result = STEPPED;
    own->count = 0;
    own->fp = 0;
    while (result == STEPPED && is_own(w->pc)) {
        result = step(w);
        if (w->fp_slot != 0) own->fp = (uint32_t)(w->fp_slot - sp);
        if (w->pc_slot == 0 || w->sp_slot != 0 || count == WTFCB_ALLOC_MOST_OWN) usual = false;
        if (!is_own(w->pc) || !usual) continue;
        own->slots[count] = (uint32_t)(w->pc_slot - sp);
        own->addresses[count] = w->pc;
        count++;
    }
    own->sp = (uint32_t)(w->sp - sp);
    if (result == STEPPED && usual) own->count = count;
    return result;
}

void wtfcb_alloc_walk(wtfcb_alloc_writer *writer, wtfcb_alloc_bounds *bounds, wtfcb_alloc_walker *walker)
{
    walk w = {.writer = writer, .bounds = bounds};
    int result = STEPPED;
    uint32_t now = atomic_load_explicit(&epoch, memory_order_relaxed);
    if (own_end == 0) find_own();
    if (walker->epoch != now || walker->flags == WTFCB_ALLOC_SITE_CUT) walker->depth = 0;
    if (walker->epoch != now) walker->own.count = 0;
    walker->epoch = now;
    HERE(w);
    walk here = w;
    if (FRAMES_ALWAYS || !leave_as_before(&w, &walker->own)) {
        w = here;
        result = leave_own(&w, &walker->own);
    }
    walk_out(&w, walker);
    if (result == STUCK) walker->flags = WTFCB_ALLOC_SITE_SHORT;
    walker->hash = hash_with(walker->frames[walker->depth - 1].hash, wtfcb_alloc_objects_replaced());
}

const uint64_t *wtfcb_alloc_walker_addresses(wtfcb_alloc_walker *walker)
{
    for (uint32_t i = 0; i < walker->depth; i++)
        walker->addresses[i] = walker->frames[walker->depth - 1 - i].pc;
    return walker->addresses;
}

void wtfcb_alloc_walk_clear(void)
{
    (void)atomic_fetch_add(&epoch, 1);
    if (!tables) return;
    for (size_t i = 0; i < 1 << CACHE_BITS; i++)
        atomic_store_explicit(&tables->cache[i], 0, memory_order_relaxed);
}

bool wtfcb_alloc_walk_prepare(bool many)
{
    size_t size = (sizeof *tables + LARGE_PAGE - 1) / LARGE_PAGE * LARGE_PAGE;
    if (!tables) tables = wtfcb_alloc_pages_map(size, many);
    return tables != NULL;
}

void wtfcb_alloc_walk_expect(const void *address)
{
    if (tables) __builtin_prefetch(&tables->cache[scrambled((uintptr_t)address) & ((1 << CACHE_BITS) - 1)]);
}

/* ---- Walkers ---- */

wtfcb_alloc_walker *wtfcb_alloc_walker_take(uint32_t number)
{
    for (;; number++) {
        wtfcb_alloc_walker *walker = &tables->walkers[number % WALKERS];
        if (atomic_load_explicit(&walker->busy, memory_order_relaxed) == 0 &&
            atomic_exchange_explicit(&walker->busy, 1, memory_order_acquire) == 0)
            return walker;
    }
}

void wtfcb_alloc_walker_give(wtfcb_alloc_walker *walker)
{
    atomic_store_explicit(&walker->busy, 0, memory_order_release);
}

void wtfcb_alloc_walk_unlock(void)
{
    for (size_t i = 0; tables && i < WALKERS; i++) {
        tables->walkers[i].depth = 0;
        atomic_store_explicit(&tables->walkers[i].busy, 0, memory_order_relaxed);
    }
}
