/*
 * Files by directory descriptor. Names are bytes. Nothing here follows a symbolic link in the last component, and no
 * device, socket or FIFO is ever opened for reading.
 */
#ifndef WTFCB_BASE_FILE_H
#define WTFCB_BASE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <wtfcb/status.h>

#include "base/buffer.h"
#include "base/error.h"

typedef enum wtfcb_base_file_type {
    WTFCB_BASE_FILE_UNKNOWN, /* the directory did not say: ask wtfcb_base_file_stat() */
    WTFCB_BASE_FILE_REGULAR,
    WTFCB_BASE_FILE_DIRECTORY,
    WTFCB_BASE_FILE_SYMLINK,
    WTFCB_BASE_FILE_SPECIAL, /* device, socket, FIFO, whiteout */
} wtfcb_base_file_type;

/* What identifies one state of a file: two equal signatures mean that nobody has written in between. */
typedef struct wtfcb_base_file_signature {
    uint64_t size;
    int64_t mtime_ns;
    int64_t ctime_ns;
    uint64_t inode;
    uint64_t device;
    uint8_t type; /* wtfcb_base_file_type */
} wtfcb_base_file_signature;

typedef struct wtfcb_base_dirent {
    const char *name; /* NUL-terminated, valid inside the callback only */
    uint32_t length;
    uint8_t type; /* wtfcb_base_file_type */
} wtfcb_base_dirent;

/* Called for each entry except "." and ".."; anything but 0 ends the listing and is its result. */
typedef int (*wtfcb_base_dirent_fn)(void *user, const wtfcb_base_dirent *entry);

/* Open a directory below `dirfd`; -1 with errno. `follow` allows the last component to be a symbolic link. */
int wtfcb_base_dir_open(int dirfd, const char *name, bool follow);

/*
 * List an open directory with the caller's scratch `buffer`. Returns 0, the callback's value, or -1 with errno set.
 */
int wtfcb_base_dir_list(int fd, void *buffer, size_t buffer_size, wtfcb_base_dirent_fn fn, void *user);

/* lstat (or stat with `follow`) of a name below `dirfd`; 0, or -1 with errno. */
int wtfcb_base_file_stat(int dirfd, const char *name, bool follow, wtfcb_base_file_signature *ret_signature);

/* fstat of an open file; 0, or -1 with errno. */
int wtfcb_base_file_fstat(int fd, wtfcb_base_file_signature *ret_signature);

/*
 * Open a regular file for reading, by a path below `dirfd`. Without `follow` no component may be a symbolic link
 * (openat2 where the kernel has it, else component by component). -1 with errno; ELOOP for a link.
 */
int wtfcb_base_file_open(int dirfd, const char *path, bool follow);

/*
 * Read a whole regular file into `buffer` (which is reset first), at most `limit` bytes. fstat before and after: a file
 * that changed meanwhile is read again, at most 3 times. Behind the content stand 64 zero bytes that do not count.
 *
 * Returns WTFCB_OK; WTFCB_ELIMIT: larger than `limit`, nothing read; WTFCB_ECHANGED; WTFCB_ESPECIAL: no regular file;
 * WTFCB_EIO and the like with `*ret_errno`; WTFCB_ENOMEM. `ret_signature` is what fstat said of what was read.
 */
wtfcb_status wtfcb_base_file_read(int fd, size_t limit, wtfcb_base_buffer *buffer,
                                  wtfcb_base_file_signature *ret_signature, int *ret_errno);

/* The same, asking `stopped` every few MiB: WTFCB_ECANCELLED when it answers anything but 0. */
wtfcb_status wtfcb_base_file_read_until(int fd, size_t limit, wtfcb_base_buffer *buffer,
                                        wtfcb_base_file_signature *ret_signature, int *ret_errno,
                                        int (*stopped)(const void *user), const void *user);

/* Convenience for small configuration files: open below `dirfd` without following, read, close. */
wtfcb_status wtfcb_base_file_load(int dirfd, const char *path, bool follow, size_t limit, wtfcb_base_buffer *buffer,
                                  int *ret_errno);

#endif
