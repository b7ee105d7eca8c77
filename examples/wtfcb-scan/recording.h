/* A profile of the scan itself, when --profile asks for one; otherwise all of this does nothing. */
#ifndef WTFCB_SCAN_RECORDING_H
#define WTFCB_SCAN_RECORDING_H

#include <stdbool.h>
#include <stdint.h>

#include <wtfcb/profiler.h>
#include <wtfcb/scanner.h>

#include "options.h"

struct recording {
    wtfcb_profiler *profiler; /* NULL: none is wanted */
    const char *file;
    uint64_t section;
    bool in_section;
};

/* False: it was asked for and cannot be made; said why on stderr. */
bool recording_start(struct recording *recording, const struct options *options, const wtfcb_scanner *scanner);

/* A phase of the program begins, and with it ends the one before. */
void recording_phase(struct recording *recording, const char *name);

/* Write the file. False: it could not be written; said why on stderr. */
bool recording_finish(struct recording *recording);

#endif
