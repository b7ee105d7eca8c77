/*
 * The suite: scans of projects in the cases that a benchmark is set to, as groups of subjects for the runner.
 *
 * A project is one group: all of its cases and depths are measured in turns. What they need is made when the group begins: the
 * project itself if it is generated, a copy to move about (a fresh clone in the same machine's cache), copies to edit, a cache for each
 * case that has one. All of it is below the schedule's folder and removed when the group ends. Every run is a process of its own with a scanner and,
 * where there is one, a cache of its own, opened and closed inside of the clock: what a program pays.
 */
#ifndef WTFCB_BENCHMARK_SUITE_H
#define WTFCB_BENCHMARK_SUITE_H

#include "benchmark/benchmark.h"

/* Append the groups of all projects. WTFCB_OK; WTFCB_ENOMEM. */
wtfcb_status wtfcb_benchmark_schedule_projects(wtfcb_benchmark_schedule *schedule);

#endif
