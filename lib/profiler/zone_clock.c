/* Choice and calibration of the clock of zones; see zone_clock.h. What was found is kept for the life of the process, and of its children. */
#include "profiler/zone_clock.h"

#include <fcntl.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"

#if defined(__x86_64__) || defined(__i386__)
#include <cpuid.h>
#endif

enum { CALIBRATION_NS = 2000000, ANCHOR_TRIES = 8 };

#define RATE_OF_NS (UINT64_C(1) << 32)

static uint64_t (*_Atomic fake)(void);
static wtfcb_profiler_zone_clock chosen; /* rate 0: not yet */

uint64_t wtfcb_profiler_zone_clock_system(void)
{
    uint64_t (*now)(void) = atomic_load_explicit(&fake, memory_order_relaxed);
    return now ? now() : wtfcb_base_now();
}

void wtfcb_profiler_zone_clock_fake(uint64_t (*now)(void))
{
    atomic_store(&fake, now);
}

/*
 * The kernel takes the counter from the list when it sees it disagree between processors or stop; it need not be the one in use, which in a
 * virtual machine is often another that is made from it.
 */
#if defined(__x86_64__) || defined(__i386__)
static bool kernel_trusts_tsc(void)
{
    char text[256];
    int file = open("/sys/devices/system/clocksource/clocksource0/available_clocksource", O_RDONLY | O_CLOEXEC);
    if (file < 0) return false;
    ssize_t length = read(file, text, sizeof text - 1);
    (void)close(file);
    if (length <= 0) return false;
    text[length] = '\0';
    for (const char *word = text; (word = strstr(word, "tsc")) != NULL; word += 3)
        if ((word == text || word[-1] == ' ') && (word[3] == '\0' || word[3] == ' ' || word[3] == '\n')) return true;
    return false;
}
#endif

bool wtfcb_profiler_zone_clock_has_counter(void)
{
    static _Atomic int known; /* 0: not looked yet, 1: no, 2: yes */
    int answer = atomic_load_explicit(&known, memory_order_relaxed);
    if (answer == 0) {
        answer = 1;
#if defined(__x86_64__) || defined(__i386__)
        unsigned a = 0;
        unsigned b = 0;
        unsigned c = 0;
        unsigned d = 0;
        bool invariant = __get_cpuid(0x80000007u, &a, &b, &c, &d) != 0 && (d & (1u << 8)) != 0;
        if (invariant && kernel_trusts_tsc()) answer = 2;
#elif defined(__aarch64__)
        answer = 2; /* the architecture promises it */
#endif
        atomic_store_explicit(&known, answer, memory_order_relaxed);
    }
    return answer == 2;
}

wtfcb_profiler_zone_anchor wtfcb_profiler_zone_clock_anchor(uint32_t kind)
{
    wtfcb_profiler_zone_anchor best = {0, 0};
    uint64_t least = UINT64_MAX;
    if (kind == WTFCB_PROFILER_ZONE_CLOCK_SYSTEM) {
        best.ns = best.ticks = wtfcb_profiler_zone_clock_system();
        return best;
    }
    for (int i = 0; i < ANCHOR_TRIES; i++) { /* the try that nothing came between */
        uint64_t before = wtfcb_profiler_zone_clock_read(kind);
        uint64_t ns = wtfcb_base_now();
        uint64_t between = wtfcb_profiler_zone_clock_read(kind) - before;
        if (between >= least) continue;
        least = between;
        best.ns = ns;
        best.ticks = before + between / 2;
    }
    return best;
}

static uint64_t measure_rate(void)
{
#ifdef __aarch64__
    uint64_t frequency;
    __asm__("mrs %0, cntfrq_el0" : "=r"(frequency));
    if (frequency != 0) return (UINT64_C(1000000000) << 32) / frequency;
#endif
    wtfcb_profiler_zone_anchor from = wtfcb_profiler_zone_clock_anchor(WTFCB_PROFILER_ZONE_CLOCK_COUNTER);
    const struct timespec wait = {0, CALIBRATION_NS};
    while (wtfcb_base_now() - from.ns < CALIBRATION_NS)
        (void)nanosleep(&wait, NULL); /* a signal ends it early */
    wtfcb_profiler_zone_anchor to = wtfcb_profiler_zone_clock_anchor(WTFCB_PROFILER_ZONE_CLOCK_COUNTER);
    uint64_t ticks = to.ticks - from.ticks;
    uint64_t ns = to.ns - from.ns;
    while (ns > UINT32_MAX) { /* stopped for seconds */
        ns >>= 1;
        ticks >>= 1;
    }
    return ticks == 0 ? 0 : (ns << 32) / ticks;
}

wtfcb_profiler_zone_clock wtfcb_profiler_zone_clock_choose(void)
{
    const wtfcb_profiler_zone_clock system = {WTFCB_PROFILER_ZONE_CLOCK_SYSTEM, RATE_OF_NS};
    if (atomic_load(&fake)) return system;
    if (chosen.rate != 0) return chosen;
    chosen = system;
    if (wtfcb_profiler_zone_clock_has_counter()) {
        uint64_t rate = measure_rate();
        /* Between 1 MHz and 64 GHz it is a counter; without 128-bit arithmetic, above 1 GHz. */
        bool usable = rate > RATE_OF_NS / 64 && rate < RATE_OF_NS * 1000;
#ifndef __SIZEOF_INT128__
        usable = usable && rate <= RATE_OF_NS;
#endif
        if (usable) chosen = (wtfcb_profiler_zone_clock){WTFCB_PROFILER_ZONE_CLOCK_COUNTER, rate};
    }
    return chosen;
}

wtfcb_profiler_zone_clock_quick wtfcb_profiler_zone_clock_quicken(uint64_t rate)
{
    wtfcb_profiler_zone_clock_quick quick = {.shift = 0};
    while (rate >> quick.shift >= RATE_OF_NS) /* a tick is longer than a nanosecond */
        quick.shift++;
    quick.rate = quick.shift <= 32 ? rate << (32 - quick.shift) : rate >> (quick.shift - 32);
    quick.half = quick.rate >> 1 == 0 ? 0 : UINT64_MAX / quick.rate / 2;
    return quick;
}
