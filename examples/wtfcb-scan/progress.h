/* The progress line on stderr. */
#ifndef WTFCB_SCAN_PROGRESS_H
#define WTFCB_SCAN_PROGRESS_H

#include <stdbool.h>

#include <wtfcb/scanner.h>

struct progress {
    bool drawn; /* the terminal's last line is ours */
};

/* Whether there is a terminal that can redraw a line. */
bool progress_possible(void);

/* The callback for wtfcb_scanner_set_progress(); `user` is a struct progress. */
int32_t progress_draw(void *user, const wtfcb_progress *progress);

/* Wipe the line, so that what comes next starts on a clean one. */
void progress_clear(struct progress *progress);

#endif
