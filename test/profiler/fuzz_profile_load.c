/*
 * Profiles and sets of profiles from files. Promises: a text is read or refused with WTFCB_EFORMAT and a message; what was read has rows that lead to rows, and
 * saving it, loading that and saving again gives the same bytes.
 */
#include "../fuzz.h"

#include <wtfcb/profile.h>
#include <wtfcb/profile_set.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "profiler/profile.h"
#include "profiler/profile_load.h"
#include "profiler/profile_set_file.h"

static wtfcb_allocator allocator;

int LLVMFuzzerInitialize(const int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    allocator = wtfcb_base_allocator(NULL);
    return 0;
}

static wtfcb_status append(void *user, const char *bytes, size_t length)
{
    wtfcb_base_buffer_append(user, bytes, length);
    return WTFCB_OK;
}

static wtfcb_base_buffer write_profile(const wtfcb_profile *profile)
{
    wtfcb_base_buffer text;
    wtfcb_base_buffer_init(&text, &allocator);
    FUZZ_ASSERT(wtfcb_profile_write(profile, WTFCB_PROFILE_JSON, append, &text) == WTFCB_OK && !text.failed);
    return text;
}

static void check_refused(wtfcb_status status, const wtfcb_error *error)
{
    FUZZ_ASSERT(status == WTFCB_EFORMAT && error->status == status);
    FUZZ_ASSERT(strncmp(error->message, "cannot read f", 13) == 0);
}

/* As a reader would go through it. */
static void walk(const wtfcb_profile *profile)
{
    wtfcb_profile_summary summary;
    wtfcb_profile_node node, parent;
    wtfcb_profile_event event;
    const uint64_t *times, *values;
    uint64_t sum = 0, count, ns;
    FUZZ_ASSERT(wtfcb_profile_get_summary(profile, &summary, sizeof summary) == WTFCB_OK);
    for (uint64_t i = 0; wtfcb_profile_node_at(profile, i, &node, sizeof node) == WTFCB_OK; i++) {
        FUZZ_ASSERT(node.thread < summary.thread_count && node.frame < summary.frame_count);
        if (node.parent == WTFCB_PROFILE_NONE) continue;
        FUZZ_ASSERT(node.parent < i);
        FUZZ_ASSERT(wtfcb_profile_node_at(profile, node.parent, &parent, sizeof parent) == WTFCB_OK);
        FUZZ_ASSERT(parent.thread == node.thread && parent.tree == node.tree);
    }
    for (uint64_t i = 0; wtfcb_profile_event_at(profile, i, &event, sizeof event) == WTFCB_OK; i++)
        FUZZ_ASSERT(event.thread < summary.thread_count && event.frame < summary.frame_count);
    for (uint64_t i = 0; i < summary.frame_count; i++)
        for (uint32_t permille = 0; permille <= 1000; permille += 250)
            if (wtfcb_profile_percentile(profile, i, permille, &ns) == WTFCB_OK) sum += ns;
    for (uint32_t tier = 0; tier < WTFCB_TIER_COUNT; tier++) {
        FUZZ_ASSERT(wtfcb_profile_times(profile, tier, &times, &count, NULL) == WTFCB_OK);
        for (uint32_t m = 1; m <= WTFCB_PROFILER_METRICS; m++)
            for (uint32_t s = 1; s <= WTFCB_PROFILER_STATISTICS; s++)
                if (wtfcb_profile_values(profile, tier, m, s, &values) == WTFCB_OK)
                    for (uint64_t i = 0; i < count; i++)
                        sum += values[i] + times[i];
    }
    FUZZ_ASSERT(sum || !sum); /* all of it was read */
}

static void as_profile(const char *text, size_t size)
{
    wtfcb_profile *profile = NULL, *again = NULL;
    wtfcb_profile_set *set = NULL;
    wtfcb_error error = WTFCB_ERROR_INIT;
    wtfcb_status status = wtfcb_profiler_profile_parse(NULL, "f", text, size, &profile, &error);
    if (status != WTFCB_OK) {
        check_refused(status, &error);
        FUZZ_ASSERT(!profile);
        return;
    }
    walk(profile);
    wtfcb_base_buffer first = write_profile(profile);
    FUZZ_ASSERT(wtfcb_profiler_profile_parse(NULL, "f", first.data, first.length, &again, &error) == WTFCB_OK);
    wtfcb_base_buffer second = write_profile(again);
    FUZZ_ASSERT(first.length == second.length && memcmp(first.data, second.data, first.length) == 0);
    FUZZ_ASSERT(wtfcb_profile_set_new(NULL, &set) == WTFCB_OK);
    FUZZ_ASSERT(wtfcb_profile_set_add(set, NULL, profile) == WTFCB_OK);
    FUZZ_ASSERT(wtfcb_profile_set_add(set, NULL, again) == WTFCB_OK);
    wtfcb_profile_set_free(set);
    wtfcb_base_buffer_free(&first);
    wtfcb_base_buffer_free(&second);
    wtfcb_profile_free(profile);
    wtfcb_profile_free(again);
}

static void as_set(const char *text, size_t size)
{
    wtfcb_profile_set *set = NULL;
    wtfcb_profile_comparison *comparison = NULL;
    wtfcb_profile_set_stats row;
    wtfcb_error error = WTFCB_ERROR_INIT;
    wtfcb_status status = wtfcb_profiler_set_parse(NULL, "f", text, size, &set, &error);
    if (status != WTFCB_OK) {
        check_refused(status, &error);
        FUZZ_ASSERT(!set);
        return;
    }
    for (uint64_t i = 0; i < wtfcb_profile_set_count(set); i++) {
        FUZZ_ASSERT(wtfcb_profile_set_row(set, i, &row, sizeof row) == WTFCB_OK);
        FUZZ_ASSERT(row.count > 0 && row.minimum <= row.median && row.median <= row.p95 && row.p95 <= row.maximum);
        FUZZ_ASSERT(row.deviation >= 0);
    }
    FUZZ_ASSERT(wtfcb_profile_set_compare(set, set, &comparison) == WTFCB_OK);
    FUZZ_ASSERT(wtfcb_profile_comparison_count(comparison) == wtfcb_profile_set_count(set));
    wtfcb_profile_comparison_free(comparison);
    FUZZ_ASSERT(wtfcb_profile_set_merge(set, set) == WTFCB_OK);
    wtfcb_profile_set_free(set);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = fuzz_copy(data, size, 0, 0);
    as_profile(text, size);
    as_set(text, size);
    free(text);
    return 0;
}
