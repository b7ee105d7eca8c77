/*
 * What tests of the cache do to files, and clocks that they set.
 *
 * A test program that says WTFCB_TEST_OWN_CLOCKS before it includes this has the library's two clocks in its hands: they are the real
 * ones plus an offset. Files that were written just now count as settled when the clock of signatures is ahead.
 */
#ifndef WTFCB_TEST_CACHE_FILES_H
#define WTFCB_TEST_CACHE_FILES_H

#include <fcntl.h>
#include <stdint.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <wtfcb/cache.h>

#include "../test.h"
#include "cache/cache.h"
#include "cache/signature.h"

#define SECOND_NS INT64_C(1000000000)

WTFCB_TEST_UNUSED static int64_t real_now_ns(void)
{
    struct timespec now;
    ck_assert_int_eq(clock_gettime(CLOCK_REALTIME, &now), 0);
    return (int64_t)now.tv_sec * SECOND_NS + now.tv_nsec;
}

#ifdef WTFCB_TEST_OWN_CLOCKS
static int64_t signature_offset_ns;
static int64_t clock_offset_ms;

int64_t wtfcb_cache_signature_now(void)
{
    return real_now_ns() + signature_offset_ns;
}

uint64_t wtfcb_cache_clock(void)
{
    return (uint64_t)(real_now_ns() / 1000000 + clock_offset_ms);
}
#endif

/* A path below a directory; one of several static texts. */
WTFCB_TEST_UNUSED static const char *below(const char *directory, const char *name)
{
    static char texts[16][8192];
    static unsigned next;
    char *text = texts[next++ % 16];
    snprintf(text, sizeof texts[0], "%s/%s", directory, name);
    return text;
}

WTFCB_TEST_UNUSED static void write_file(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    ck_assert_msg(fd >= 0, "%s", path);
    ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    ck_assert_int_eq(close(fd), 0);
}

/* Wait until the kernel's clock for files has gone on. */
WTFCB_TEST_UNUSED static void wait_a_tick(void)
{
    struct timespec pause = {0, 12 * 1000 * 1000};
    (void)nanosleep(&pause, NULL);
}

#endif
