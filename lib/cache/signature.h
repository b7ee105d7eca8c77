/*
 * When may a file be taken as unchanged without reading it?
 *
 * The kernel stamps files with a clock that ticks every few ms, so a write that follows a stat within one tick can leave size
 * and times as they were. A signature is therefore believed only if both of its times lie at least two seconds before the moment
 * at which it was recorded: then a later write must have moved them. Others are racy: the content is hashed again.
 */
#ifndef WTFCB_CACHE_SIGNATURE_H
#define WTFCB_CACHE_SIGNATURE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/file.h"

#define WTFCB_CACHE_RACY_NS INT64_C(2000000000)

/* Nanoseconds of CLOCK_REALTIME: the clock of file times. To be read before the stat that is recorded. */
int64_t wtfcb_cache_signature_now(void);

/* Whether a signature that was taken at `recorded_ns` can be believed later. */
static inline bool wtfcb_cache_signature_settled(const wtfcb_base_file_signature *signature, int64_t recorded_ns)
{
    int64_t youngest = signature->mtime_ns > signature->ctime_ns ? signature->mtime_ns : signature->ctime_ns;
    return youngest <= recorded_ns - WTFCB_CACHE_RACY_NS;
}

static inline bool wtfcb_cache_signature_equal(const wtfcb_base_file_signature *a, const wtfcb_base_file_signature *b)
{
    return a->mtime_ns == b->mtime_ns && a->size == b->size && a->ctime_ns == b->ctime_ns && a->inode == b->inode &&
           a->device == b->device && a->type == b->type;
}

#endif
