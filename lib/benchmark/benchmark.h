/*
 * The handle's inside, for those who turn what was added to it into groups of subjects: functions (benchmark_functions.c), projects (suite).
 *
 * A schedule is made at the beginning of a run and lives until its end. Everything in it is in its arena, texts of the handle are borrowed: nobody changes a handle
 * while it runs.
 */
#ifndef WTFCB_BENCHMARK_BENCHMARK_H
#define WTFCB_BENCHMARK_BENCHMARK_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include <wtfcb/benchmark.h>

#include "base/arena.h"
#include "benchmark/runner.h"

/* Numbers of options are below this. */
#define WTFCB_BENCHMARK_OPTIONS 32

typedef struct wtfcb_benchmark_added_project {
    char *name;
    char *path;               /* of a folder, or NULL: generated */
    wtfcb_project *generated; /* own copy, or NULL */
} wtfcb_benchmark_added_project;

struct wtfcb_benchmark {
    wtfcb_allocator allocator;
    pid_t process;
    char *name;
    int64_t values[WTFCB_BENCHMARK_OPTIONS]; /* by option */
    char *folder;                            /* WTFCB_BENCHMARK_FOLDER, or NULL */
    wtfcb_benchmark_function *functions;     /* own copies of texts; "" for no parameters */
    size_t function_count;
    size_t function_capacity;
    wtfcb_benchmark_added_project *projects;
    size_t project_count;
    size_t project_capacity;
    wtfcb_benchmark_pair *pairs; /* indices of functions */
    size_t pair_count;
    size_t pair_capacity;
    wtfcb_report *baseline; /* a hold, or NULL */
    wtfcb_cancel *cancel;   /* likewise */
    wtfcb_benchmark_progress_fn progress;
    void *progress_user;
    bool running; /* nothing changes meanwhile */
};

typedef struct wtfcb_benchmark_schedule {
    const wtfcb_benchmark *benchmark;
    const char
        *folder; /* to work in, made for this run and removed behind it; NULL unless a project or a profile needs one */
    wtfcb_base_arena arena;
    wtfcb_benchmark_group *groups;
    uint32_t group_count;
    size_t group_capacity;
} wtfcb_benchmark_schedule;

/* The description of an option, or NULL. */
const wtfcb_option *wtfcb_benchmark_option_of(int32_t id);
void wtfcb_benchmark_set_defaults(wtfcb_benchmark *benchmark);

/* A copy of a text by the handle's allocator; NULL when memory has run out. Given back with _text_free(), which takes NULL. */
char *wtfcb_benchmark_text_copy(const wtfcb_benchmark *benchmark, const char *text);
void wtfcb_benchmark_text_free(const wtfcb_benchmark *benchmark, char *text);

/* Whether a function or a project has this name. */
bool wtfcb_benchmark_taken(const wtfcb_benchmark *benchmark, const char *name);

/* Append a group, cleared, and return it; NULL when memory has run out. Groups may move: hold no pointer to one across the next call. */
wtfcb_benchmark_group *wtfcb_benchmark_schedule_group(wtfcb_benchmark_schedule *schedule);

/* Append the groups of all functions: those that are compared with each other, directly or by way of others, are one. WTFCB_OK; WTFCB_ENOMEM. */
wtfcb_status wtfcb_benchmark_schedule_functions(wtfcb_benchmark_schedule *schedule);

#endif
