/*
 * The order of work between the walk and the snapshot.
 *
 * Rows are cut into batches of neighbours. Batches are admitted in path order into a window that is bounded in bytes of source; inside
 * it the pool takes the largest first; the calling thread merges finished batches in path order, which moves the window
 * on. A batch that is larger than the window is admitted alone. So results stream out in order, memory is bounded
 * by the window, and the last core is not left alone with the largest file.
 */
#ifndef WTFCB_SCANNER_SCHEDULE_H
#define WTFCB_SCANNER_SCHEDULE_H

#include "pool/pool.h"
#include "scanner/process.h"
#include "scanner/walk.h"

typedef struct wtfcb_scanner_schedule {
    wtfcb_pool *pool;
    wtfcb_scanner_examiner *examiners; /* by worker */
    wtfcb_scanner_row *rows;
    size_t row_count;
    uint64_t window; /* bytes */
    const wtfcb_allocator *allocator;
    /* On the calling thread: take rows [first, first + count), which are finished. Not WTFCB_OK ends the run. */
    wtfcb_status (*merge)(void *user, size_t first, size_t count);
    /*
     * On the calling thread, every few ms, with what workers have finished: not WTFCB_OK ends the run. It is ahead of the merge by
     * as much as the window holds.
     */
    wtfcb_status (*tick)(void *user, uint64_t files, uint64_t bytes);
    void *user;
} wtfcb_scanner_schedule;

/* Examine all rows. WTFCB_OK; WTFCB_ENOMEM; what `merge` or `tick` returned. No task is left behind. */
wtfcb_status wtfcb_scanner_schedule_run(const wtfcb_scanner_schedule *schedule);

#endif
