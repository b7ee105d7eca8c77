/*
 * Which functions hold memory after a call: allocations are traced around it, in a program that was started with libwtfcb-alloc.so.
 *
 *     LD_PRELOAD=libwtfcb-alloc.so allocations [FILE]    FILE, such as heap.pb.gz, gets the whole profile
 *
 * Build: cc -g allocations.c -lwtfcb
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <wtfcb.h>

enum { NAMES = 1000, BYTES = 64, TEMPORARY = 1 << 20 };

/* Keeps what it allocates. */
__attribute__((noinline)) static char *remember(const char *name)
{
    char *copy = malloc(BYTES);
    if (copy) (void)snprintf(copy, BYTES, "%s", name);
    return copy;
}

/* Gives it back. */
__attribute__((noinline)) static size_t look_through(size_t sum)
{
    char *page = malloc(TEMPORARY);
    if (!page) return sum;
    memset(page, 'x', TEMPORARY);
    for (int i = 0; i < TEMPORARY; i += 4096)
        sum += (size_t)page[i];
    free(page);
    return sum;
}

static void run(void *user)
{
    char **names = user;
    char name[BYTES];
    size_t sum = 0;

    for (int i = 0; i < NAMES; i++) {
        (void)snprintf(name, sizeof name, "name %d of %zu", i, sum);
        names[i] = remember(name);
        if (i % 100 == 0) sum = look_through(sum);
    }
}

static int fail(const char *what, const wtfcb_error *error)
{
    fprintf(stderr, "allocations: %s: %s\n", what, error->message);
    return EXIT_FAILURE;
}

/* Functions that hold something themselves, the most first: so few that looking through them again and again is no matter. */
static void print_holders(const wtfcb_profile *profile)
{
    wtfcb_profile_frame frame;
    uint64_t below = UINT64_MAX;

    for (;;) {
        uint64_t most = 0;
        for (uint64_t i = 0; wtfcb_profile_frame_at(profile, i, &frame, sizeof frame) == WTFCB_OK; i++)
            if (frame.tree == WTFCB_TREE_ALLOC_LIVE && frame.self > most && frame.self < below) most = frame.self;
        if (most == 0) return;
        for (uint64_t i = 0; wtfcb_profile_frame_at(profile, i, &frame, sizeof frame) == WTFCB_OK; i++)
            if (frame.tree == WTFCB_TREE_ALLOC_LIVE && frame.self == most)
                printf("%s: %" PRIu64 " bytes in %" PRIu64 " blocks\n", frame.name, frame.self, frame.count);
        below = most;
    }
}

int main(int argc, char **argv)
{
    static char *names[NAMES];
    wtfcb_profiler *profiler;
    wtfcb_profile *profile;
    wtfcb_profile_summary summary;
    wtfcb_error error = WTFCB_ERROR_INIT;
    int result = EXIT_SUCCESS;

    if (wtfcb_profiler_new(NULL, &profiler) != WTFCB_OK) return EXIT_FAILURE;
    wtfcb_profiler_set(profiler, WTFCB_PROFILER_ALLOC, WTFCB_ALLOC_FULL);
    if (wtfcb_profiler_run(profiler, "names", run, names, &profile, &error) != WTFCB_OK) {
        wtfcb_profiler_free(profiler);
        return fail("cannot trace", &error);
    }
    wtfcb_profile_get_summary(profile, &summary, sizeof summary);
    if (summary.alloc_status != WTFCB_OK) {
        printf("no allocations: start this with LD_PRELOAD=libwtfcb-alloc.so\n");
    } else {
        printf("allocated: %" PRIu64 " bytes in %" PRIu64 " blocks\n", summary.alloc_bytes, summary.alloc_count);
        print_holders(profile);
    }
    if (argc > 1 && wtfcb_profile_save(profile, argv[1], WTFCB_PROFILE_BY_NAME, &error) != WTFCB_OK)
        result = fail("cannot save", &error);
    wtfcb_profile_free(profile);
    wtfcb_profiler_free(profiler);
    for (int i = 0; i < NAMES; i++)
        free(names[i]);
    return result;
}
