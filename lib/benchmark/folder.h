/* A folder of our own for what a run writes, and its removal. */
#ifndef WTFCB_BENCHMARK_FOLDER_H
#define WTFCB_BENCHMARK_FOLDER_H

#include <stddef.h>

#include <wtfcb/status.h>

/*
 * Make a folder that nobody else can enter below `parent`; NULL: $TMPDIR where the environment is trusted, else /tmp. Its path goes to `path`. WTFCB_OK; WTFCB_ENOTFOUND,
 * WTFCB_EACCES, WTFCB_EREADONLY, WTFCB_ENOSPACE, WTFCB_EIO, WTFCB_EINVAL: it is too long.
 */
wtfcb_status wtfcb_benchmark_folder_make(const char *parent, char *path, size_t size, wtfcb_error *ret_error);

/* Remove a folder with all that is in it; no link is followed. What cannot be removed stays. */
void wtfcb_benchmark_folder_remove(const char *path);

#endif
