/*
 * Files that a benchmark works with: copies of projects and caches, edits, the page cache. Paths are whole; no symbolic link is followed.
 */
#ifndef WTFCB_BENCHMARK_FILES_H
#define WTFCB_BENCHMARK_FILES_H

#include <stdbool.h>

#include <wtfcb/status.h>

#include "base/error.h"

/* Make a folder, and those that it is in. WTFCB_OK, also if it is there; else what mkdir(2) answers. */
wtfcb_status wtfcb_benchmark_files_folder(const char *path, wtfcb_error *ret_error);

/* Copy a regular file, in place of one that is there, with the folders that it is in. WTFCB_OK; what the calls answer, with the path that they answered for. */
wtfcb_status wtfcb_benchmark_files_copy(const char *from, const char *to, wtfcb_error *ret_error);

/* Copy the regular files that are in a folder or below, such as a cache that nobody has open. As above. */
wtfcb_status wtfcb_benchmark_files_copy_all(const char *from, const char *to, wtfcb_error *ret_error);

/* Add a line feed to a file: another content, of the same meaning. */
wtfcb_status wtfcb_benchmark_files_edit(const char *path, wtfcb_error *ret_error);

/* Write a file's pages back and drop them from the page cache; false if they are still there, or nobody knows. */
bool wtfcb_benchmark_files_drop(const char *path);

#endif
