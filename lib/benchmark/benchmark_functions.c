/*
 * Functions as subjects. Those that are compared, directly or by way of others, are one group, so that every pair is measured in turns; a function
 * that is compared with itself is in it twice, the second time as a row of its own.
 */
#include <stdio.h>
#include <string.h>

#include "base/buffer.h"
#include "benchmark/benchmark.h"

#define MEMBER_NONE UINT32_MAX

/* What is behind `user` of a subject that is a function. */
static wtfcb_status set_up(void *user, wtfcb_benchmark_tally *tally)
{
    const wtfcb_benchmark_function *function = user;
    (void)tally;
    return function->set_up(function->user);
}

static wtfcb_status run(void *user, wtfcb_benchmark_tally *tally)
{
    const wtfcb_benchmark_function *function = user;
    tally->bytes = function->bytes;
    return function->run(function->user);
}

static wtfcb_status tear_down(void *user, wtfcb_benchmark_tally *tally)
{
    const wtfcb_benchmark_function *function = user;
    (void)tally;
    return function->tear_down(function->user);
}

static wtfcb_benchmark_subject subject_of(const wtfcb_benchmark *benchmark, wtfcb_benchmark_function *function)
{
    return (wtfcb_benchmark_subject){
        .name = function->name,
        .kind = "function",
        .parameters = function->parameters,
        .reference = WTFCB_REPORT_NONE,
        .measures = function->bytes ? WTFCB_BENCHMARK_MEASURE(WTFCB_REPORT_BYTES_RATE) : 0,
        .isolate = benchmark->values[WTFCB_BENCHMARK_ISOLATE] != 0,
        .single = function->single != 0,
        .set_up = function->set_up ? set_up : NULL,
        .run = run,
        .tear_down = function->tear_down ? tear_down : NULL,
        .user = function,
    };
}

/* The group that each function is in: the least index of its members. */
static void unite(const wtfcb_benchmark *benchmark, uint32_t *leaders)
{
    for (uint32_t i = 0; i < benchmark->function_count; i++)
        leaders[i] = i;
    for (bool changed = true; changed;) {
        changed = false;
        for (size_t i = 0; i < benchmark->pair_count; i++) {
            uint32_t *before = &leaders[benchmark->pairs[i].before];
            uint32_t *after = &leaders[benchmark->pairs[i].after];
            if (*before == *after) continue;
            *before = *after = *before < *after ? *before : *after;
            changed = true;
        }
    }
}

/* A name for the second row of a function: "sort (again)", or with more of it if that is taken. */
static const char *second_name(wtfcb_benchmark_schedule *schedule, const char *name)
{
    static const char again[] = " (again)";
    size_t length = strlen(name);
    const size_t room =
        length + (schedule->benchmark->function_count + schedule->benchmark->project_count) * sizeof again;
    char *text = wtfcb_base_arena_bytes(&schedule->arena, room + 1);
    if (!text) return NULL;
    memcpy(text, name, length + 1);
    do { /* not oftener than there are names that can be taken */
        memcpy(text + length, again, sizeof again);
        length += sizeof again - 1;
    } while (wtfcb_benchmark_taken(schedule->benchmark, text) && length + sizeof again <= room);
    return text;
}

/* "function NAME=what decides what a run of it does", a line each; what would end a key or a line is written as "_". */
static const char *describe(wtfcb_benchmark_schedule *schedule, const wtfcb_benchmark_group *group)
{
    wtfcb_base_buffer lines;
    const char *text = NULL;
    char numbers[96];
    wtfcb_base_buffer_init(&lines, &schedule->benchmark->allocator);
    for (uint32_t i = 0; i < group->subject_count; i++) {
        const wtfcb_benchmark_subject *subject = &group->subjects[i];
        const wtfcb_benchmark_function *function = subject->user;
        wtfcb_base_buffer_append_string(&lines, "function ");
        for (const char *c = subject->name; *c; c++)
            wtfcb_base_buffer_append_byte(&lines, *c == '=' || *c == '\n' ? '_' : *c);
        wtfcb_base_buffer_append_byte(&lines, '=');
        for (const char *c = subject->parameters; *c; c++)
            wtfcb_base_buffer_append_byte(&lines, *c == '\n' ? '_' : *c);
        (void)snprintf(numbers, sizeof numbers, " bytes=%llu isolate=%d single=%d\n",
                       (unsigned long long)function->bytes, subject->isolate, subject->single);
        wtfcb_base_buffer_append_string(&lines, numbers);
    }
    if (!lines.failed) text = wtfcb_base_arena_string(&schedule->arena, lines.data, lines.length);
    wtfcb_base_buffer_free(&lines);
    return text;
}

/* Index in the group of a function; MEMBER_NONE: it is not in it. */
static uint32_t member(const wtfcb_benchmark_group *group, const wtfcb_benchmark_function *function)
{
    for (uint32_t i = 0; i < group->subject_count; i++)
        if (group->subjects[i].user == function) return i;
    return MEMBER_NONE;
}

/* The pairs of a group; for each function that meets itself, a second subject. False: no memory. */
static bool put_pairs(wtfcb_benchmark_schedule *schedule, wtfcb_benchmark_group *group, wtfcb_benchmark_pair *pairs)
{
    const wtfcb_benchmark *benchmark = schedule->benchmark;
    for (size_t i = 0; i < benchmark->pair_count; i++) {
        const wtfcb_benchmark_pair *pair = &benchmark->pairs[i];
        uint32_t before = member(group, &benchmark->functions[pair->before]);
        uint32_t after = member(group, &benchmark->functions[pair->after]);
        if (before == MEMBER_NONE) continue;
        if (before == after) {
            wtfcb_benchmark_subject *twin = NULL;
            for (uint32_t k = before + 1; k < group->subject_count && !twin; k++)
                if (group->subjects[k].user == group->subjects[before].user) twin = &group->subjects[k];
            if (!twin) {
                twin = &group->subjects[group->subject_count++];
                *twin = group->subjects[before];
                twin->name = second_name(schedule, twin->name);
                if (!twin->name) return false;
            }
            after = (uint32_t)(twin - group->subjects);
        }
        pairs[group->pair_count++] = (wtfcb_benchmark_pair){.before = before, .after = after};
    }
    return true;
}

static wtfcb_status put_group(wtfcb_benchmark_schedule *schedule, const uint32_t *leaders, uint32_t leader)
{
    const wtfcb_benchmark *benchmark = schedule->benchmark;
    const size_t most = 2 * benchmark->function_count; /* every function and its twin */
    wtfcb_benchmark_group *group = wtfcb_benchmark_schedule_group(schedule);
    if (!group) return WTFCB_ENOMEM;
    group->subjects = wtfcb_base_arena_alloc(&schedule->arena, most * sizeof *group->subjects);
    wtfcb_benchmark_pair *pairs = wtfcb_base_arena_alloc(&schedule->arena, (benchmark->pair_count + 1) * sizeof *pairs);
    if (!group->subjects || !pairs) return WTFCB_ENOMEM;
    for (size_t i = leader; i < benchmark->function_count; i++)
        if (leaders[i] == leader)
            group->subjects[group->subject_count++] = subject_of(benchmark, &benchmark->functions[i]);
    group->pairs = pairs;
    if (!put_pairs(schedule, group, pairs)) return WTFCB_ENOMEM;
    group->inputs = describe(schedule, group);
    return group->inputs ? WTFCB_OK : WTFCB_ENOMEM;
}

wtfcb_status wtfcb_benchmark_schedule_functions(wtfcb_benchmark_schedule *schedule)
{
    const wtfcb_benchmark *benchmark = schedule->benchmark;
    if (benchmark->function_count == 0) return WTFCB_OK;
    uint32_t *leaders = wtfcb_base_arena_alloc(&schedule->arena, benchmark->function_count * sizeof *leaders);
    if (!leaders) return WTFCB_ENOMEM;
    unite(benchmark, leaders);
    for (uint32_t i = 0; i < benchmark->function_count; i++) {
        if (leaders[i] != i) continue;
        wtfcb_status status = put_group(schedule, leaders, i);
        if (status != WTFCB_OK) return status;
    }
    return WTFCB_OK;
}
