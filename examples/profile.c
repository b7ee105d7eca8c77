/*
 * Profile a call: zones inside, phases of the program as sections, and what came of it as rows.
 *
 *     profile [FILE]    FILE, such as profile.html, gets the whole profile
 *
 * Build: cc profile.c -lwtfcb
 */
#include <inttypes.h>
#include <stdio.h>

#include <wtfcb.h>

enum { WORDS = 1000, LETTERS = 200 };

struct work {
    wtfcb_profiler *profiler;
    char text[WORDS][LETTERS];
    uint32_t digest;
};

static uint32_t hash(const char *word)
{
    WTFCB_ZONE("hash"); /* to the end of the block, by whatever way that is left */
    uint32_t value = 2166136261u;

    for (int i = 0; i < LETTERS; i++)
        value = (value ^ (unsigned char)word[i]) * 16777619u;
    return value;
}

static uint32_t parse(char *word)
{
    WTFCB_ZONE("parse");

    for (int i = 0; i < LETTERS; i++)
        if (word[i] >= 'a') word[i] = (char)(word[i] - 'a' + 'A');
    return hash(word);
}

static void load(struct work *work)
{
    for (int i = 0; i < WORDS; i++)
        for (int k = 0; k < LETTERS; k++)
            work->text[i][k] = (char)((i * k) % 2 == 0 ? 'a' + k % 26 : 'A' + i % 26);
}

static void build_index(struct work *work)
{
    WTFCB_ZONE("index");

    for (int i = 0; i < WORDS; i++)
        work->digest ^= parse(work->text[i]);
}

/* What is profiled. */
static void run(void *user)
{
    struct work *work = user;
    uint64_t section;

    /* A section that could not be begun is not in the profile; the program need not care. */
    wtfcb_status status = wtfcb_profiler_section_begin(work->profiler, "load", &section);
    load(work);
    if (status == WTFCB_OK) wtfcb_profiler_section_end(work->profiler, section);
    status = wtfcb_profiler_section_begin(work->profiler, "index", &section);
    build_index(work);
    if (status == WTFCB_OK) wtfcb_profiler_section_end(work->profiler, section);
}

static void show(const wtfcb_profile *profile)
{
    wtfcb_profile_frame zone;
    wtfcb_profile_section section;

    for (uint64_t i = 0; wtfcb_profile_section_at(profile, i, &section, sizeof section) == WTFCB_OK; i++)
        printf("section %s, %.3f ms\n", section.name, (double)section.duration_ns / 1e6);
    for (uint64_t i = 0; wtfcb_profile_frame_at(profile, i, &zone, sizeof zone) == WTFCB_OK; i++)
        printf("%s: %" PRIu64 " times, %.3f ms, %.3f ms of it its own, half within %.1f us\n", zone.name, zone.count,
               (double)zone.total / 1e6, (double)zone.self / 1e6, (double)zone.p50_ns / 1e3);
}

int main(int argc, char **argv)
{
    static struct work work;
    wtfcb_profile *profile = NULL;
    wtfcb_error error = WTFCB_ERROR_INIT;
    wtfcb_status status = wtfcb_profiler_new(NULL, &work.profiler);

    if (status == WTFCB_OK) status = wtfcb_profiler_run(work.profiler, "words", run, &work, &profile, &error);
    if (status == WTFCB_OK) show(profile);
    if (status == WTFCB_OK && argc > 1) status = wtfcb_profile_save(profile, argv[1], WTFCB_PROFILE_BY_NAME, &error);
    if (status != WTFCB_OK)
        fprintf(stderr, "%s\n", error.message[0] != 0 ? error.message : wtfcb_status_message(status));

    wtfcb_profile_free(profile);
    wtfcb_profiler_free(work.profiler);
    return status == WTFCB_OK ? 0 : 1;
}
