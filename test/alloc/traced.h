/* Running a program under libwtfcb-alloc.so, for test_preload*.c. */
#ifndef TEST_ALLOC_TRACED_H
#define TEST_ALLOC_TRACED_H

#include <stdbool.h>
#include <stdint.h>

#include "region_read.h"

typedef struct traced {
    char folder[256]; /* new; it stands for %s in the setting */
    long process;
    int status;           /* of wait(2) */
    char output[8192];    /* of stdout */
    char complaint[1024]; /* of stderr */
} traced;

/* Run a subject (`program` of build/test/alloc/subjects, or an absolute path) with WTFCB_ALLOC set; NULL: not set. */
traced traced_run(const char *setting, const char *program, const char *const *arguments);

/* `before` runs in the child, before the program does. */
traced traced_run_with(const char *setting, const char *program, const char *const *arguments, void (*before)(void));

/* What the subject printed after `name`. Fails if it is not there. */
void traced_numbers(const traced *t, const char *name, uint64_t *into, uint32_t count);

/* The region of the process, in the folder. */
region_read traced_region(const traced *t, long process);

/* A subject's own sums, against those of the region's sites that are under its scenes. */
void traced_check_exact(const traced *t, const region_read *region, const char *name);

#endif
