/**
 * @file
 * Zones: named stretches of code whose time the profiler records.
 *
 *     void load(void)
 *     {
 *         WTFCB_ZONE("load");                // from here to the end of the block
 *         ...
 *     }
 *
 * A zone belongs to a site, a static struct where the macro stands. While no profiler records, a zone costs one relaxed load and
 * a branch. While one does (wtfcb_profiler_start() with WTFCB_PROFILER_ZONES), each thread counts for itself, without a lock: for
 * each site how often, how long in total and without the zones inside (self), the shortest, the longest and a histogram for percentiles; and the
 * same for each path of zones inside each other. See profile.h for what comes out.
 *
 * In C the macro needs `__attribute__((cleanup))` (gcc, clang); elsewhere WTFCB_ZONE_BEGIN() and WTFCB_ZONE_END() stand at both ends. In C++
 * it is an object. Other languages call wtfcb_zone_enter() and wtfcb_zone_leave() with structs of their own. Compiled
 * with WTFCB_NO_ZONES defined, the macros are nothing.
 *
 * Zones of one thread nest. A jump out of zones (longjmp(3)) leaves them open until a zone around them ends or one is opened in the same place on
 * the stack; they are then counted as dropped, what was done inside them counts. At most 256 zones can be open in one thread, and a process
 * has room for 4,096 sites; what finds no room is dropped, counted, and its time is that of the zone around it.
 *
 * Sites with the same texts and line are one. They are copied when they are first entered under a recorder, so that the shared object they are in may be
 * unloaded afterwards, while no zone in it is open. Threads may start and end at any time: the first 64 that end keep rows of their own, later ones share
 * one. After fork(2) zones in the child record nothing that anyone sees, until the child starts a profiler of its own.
 *
 * In a signal handler a zone counts inside the one that was interrupted, or is dropped if it interrupts a zone's bookkeeping. A thread's first
 * zone must not be in a handler, and a handler that may interrupt a zone must return.
 *
 * Threads: a zone is left by the thread that entered it. Sites are shared.
 */
#ifndef WTFCB_ZONE_H
#define WTFCB_ZONE_H

#include <stddef.h>
#include <stdint.h>

#include <wtfcb/export.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Where a zone is in the source. Static storage, written by its initialiser and by the library alone. */
typedef struct wtfcb_zone_site {
    const char *name;     /**< what reports show; required */
    const char *function; /**< or NULL */
    const char *file;     /**< or NULL */
    uint32_t line;        /**< or 0 */
    uint32_t flags;       /**< 0 */
    uint64_t opaque[4];   /**< the library's; 0 at first */
} wtfcb_zone_site;

/** An open zone, on the stack of whoever opened it. It stays where it is: no copies. */
typedef struct wtfcb_zone {
    wtfcb_zone_site *site; /**< NULL: not recorded */
    uint64_t opaque[3];    /**< the library's */
} wtfcb_zone;

/** The library's: not 0 while zones are recorded; never written by others. The functions below read it. @since 0.1 */
extern WTFCB_API uint32_t wtfcb_zone_recording;

/**
 * Enter a zone: what the macros call while zones are recorded. Constant time, about that of a read of the processor's clock; the first time in a thread,
 * of a site or of a path some microseconds. Takes no lock, never blocks, cannot fail: what is not recorded is counted as dropped.
 *
 * @param zone  the caller's, written; wtfcb_zone_leave() must be called with it if and only if `zone->site` is then not NULL
 * @param site  where; must stay in place until the zone is left
 * @since 0.1
 */
WTFCB_API void wtfcb_zone_enter(wtfcb_zone *zone, wtfcb_zone_site *site);

/** Leave a zone that wtfcb_zone_enter() has entered, in the same thread; once. Costs the same. @since 0.1 */
WTFCB_API void wtfcb_zone_leave(wtfcb_zone *zone);

/** Open a zone. Inline: one relaxed load while nothing is recorded. */
static inline void wtfcb_zone_open(wtfcb_zone *zone, wtfcb_zone_site *site)
{
#if defined(__GNUC__) || defined(__clang__)
    uint32_t recording = __atomic_load_n(&wtfcb_zone_recording, __ATOMIC_RELAXED);
    if (__builtin_expect(recording != 0, 0))
#else
    uint32_t recording = *(volatile uint32_t *)&wtfcb_zone_recording;
    if (recording != 0)
#endif
        wtfcb_zone_enter(zone, site);
    else
        zone->site = NULL;
}

/** Close what wtfcb_zone_open() has opened. */
static inline void wtfcb_zone_close(wtfcb_zone *zone)
{
    if (zone->site) wtfcb_zone_leave(zone);
}

#ifdef __cplusplus
} /* extern "C" */

namespace wtfcb
{

/** A zone as long as the object lives; WTFCB_ZONE() makes one. */
class zone
{
  public:
    explicit zone(wtfcb_zone_site &site) noexcept
    {
        wtfcb_zone_open(&open_, &site);
    }
    ~zone()
    {
        wtfcb_zone_close(&open_);
    }
    zone(const zone &) = delete;
    zone &operator=(const zone &) = delete;

  private:
    wtfcb_zone open_;
};

} // namespace wtfcb

extern "C" {
#endif

/** Initialiser of a ::wtfcb_zone_site inside a function. */
#define WTFCB_ZONE_SITE(name)                                                                                          \
    {                                                                                                                  \
        (name), __func__, __FILE__, __LINE__, 0,                                                                       \
        {                                                                                                              \
            0                                                                                                          \
        }                                                                                                              \
    }

#define WTFCB_ZONE_JOIN_(a, b) a##b
#define WTFCB_ZONE_JOIN(a, b) WTFCB_ZONE_JOIN_(a, b)

/*
 * WTFCB_ZONE("name"): a zone from here to the end of the block, by whatever way that is left.
 * WTFCB_ZONE_BEGIN(variable, "name") ... WTFCB_ZONE_END(variable): the same by hand.
 */
#ifdef WTFCB_NO_ZONES
#define WTFCB_ZONE(name) ((void)0)
#define WTFCB_ZONE_BEGIN(variable, name) ((void)0)
#define WTFCB_ZONE_END(variable) ((void)0)
#else
#define WTFCB_ZONE_BEGIN(variable, name)                                                                               \
    static wtfcb_zone_site WTFCB_ZONE_JOIN(variable, _site) = WTFCB_ZONE_SITE(name);                                   \
    wtfcb_zone variable;                                                                                               \
    wtfcb_zone_open(&(variable), &WTFCB_ZONE_JOIN(variable, _site))
#define WTFCB_ZONE_END(variable) wtfcb_zone_close(&(variable))
#ifdef __cplusplus
#define WTFCB_ZONE(name)                                                                                               \
    static wtfcb_zone_site WTFCB_ZONE_JOIN(wtfcb_zone_site_, __LINE__) = WTFCB_ZONE_SITE(name);                        \
    ::wtfcb::zone WTFCB_ZONE_JOIN(wtfcb_zone_, __LINE__)(WTFCB_ZONE_JOIN(wtfcb_zone_site_, __LINE__))
#elif defined(__GNUC__) || defined(__clang__)
#define WTFCB_ZONE(name)                                                                                               \
    static wtfcb_zone_site WTFCB_ZONE_JOIN(wtfcb_zone_site_, __LINE__) = WTFCB_ZONE_SITE(name);                        \
    __attribute__((cleanup(wtfcb_zone_close))) wtfcb_zone WTFCB_ZONE_JOIN(wtfcb_zone_, __LINE__);                      \
    wtfcb_zone_open(&WTFCB_ZONE_JOIN(wtfcb_zone_, __LINE__), &WTFCB_ZONE_JOIN(wtfcb_zone_site_, __LINE__))
#endif
#endif

#ifdef __cplusplus
}
#endif
#endif
