/* A walk is nftw(3)'s, over a folder that we have made ourselves. */
#include "benchmark/files.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

enum { WALK_DESCRIPTORS = 16, PIECE = 16 * 1024 };

static wtfcb_status fail(wtfcb_error *ret_error, const char *what, const char *path)
{
    int code = errno;
    return wtfcb_base_error(ret_error, wtfcb_base_status_of_errno(code), code, path, "cannot %s %s: %s", what, path,
                            strerror(code));
}

/* All folders above the last part of a path. */
static wtfcb_status make_above(const char *path, wtfcb_error *ret_error)
{
    char copy[PATH_MAX];
    size_t length = strlen(path);

    if (length >= sizeof copy) {
        errno = ENAMETOOLONG;
        return fail(ret_error, "make", path);
    }
    memcpy(copy, path, length + 1);
    for (char *at = strchr(copy + 1, '/'); at; at = strchr(at + 1, '/')) {
        *at = 0;
        if (mkdir(copy, 0700) != 0 && errno != EEXIST) return fail(ret_error, "make", copy);
        *at = '/';
    }
    return WTFCB_OK;
}

wtfcb_status wtfcb_benchmark_files_folder(const char *path, wtfcb_error *ret_error)
{
    wtfcb_status status = make_above(path, ret_error);
    if (status != WTFCB_OK || mkdir(path, 0700) == 0 || errno == EEXIST) return status;
    return fail(ret_error, "make", path);
}

/* 0, or -1 with errno. */
static int copy_bytes(int in, int out)
{
    char buffer[PIECE];
    for (;;) {
        ssize_t got = read(in, buffer, sizeof buffer);
        if (got <= 0) return (int)got;
        for (ssize_t done = 0; done < got;) {
            ssize_t written = write(out, buffer + done, (size_t)(got - done));
            if (written < 0) return -1;
            done += written;
        }
    }
}

wtfcb_status wtfcb_benchmark_files_copy(const char *from, const char *to, wtfcb_error *ret_error)
{
    int in = open(from, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (in < 0) return fail(ret_error, "open", from);
    int out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
    wtfcb_status status = WTFCB_OK;
    if (out < 0 && errno == ENOENT) {
        status = make_above(to, ret_error);
        if (status == WTFCB_OK) out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
    }
    if (status == WTFCB_OK && (out < 0 || copy_bytes(in, out) != 0)) status = fail(ret_error, "write", to);
    if (out >= 0 && close(out) != 0 && status == WTFCB_OK) status = fail(ret_error, "write", to);
    (void)close(in);
    return status;
}

/* What a copy of a folder needs to know in its callback, which has no argument of its own. */
static _Thread_local struct {
    size_t from_length;
    const char *to;
    wtfcb_status status;
    wtfcb_error *error;
} copying;

static int copy_entry(const char *path, const struct stat *st, int kind, struct FTW *at)
{
    char target[PATH_MAX];
    (void)at;
    if (kind != FTW_F || !S_ISREG(st->st_mode)) return 0;
    if (snprintf(target, sizeof target, "%s%s", copying.to, path + copying.from_length) >= (int)sizeof target) {
        errno = ENAMETOOLONG;
        copying.status = fail(copying.error, "write", path);
    } else {
        copying.status = wtfcb_benchmark_files_copy(path, target, copying.error);
    }
    return copying.status != WTFCB_OK;
}

wtfcb_status wtfcb_benchmark_files_copy_all(const char *from, const char *to, wtfcb_error *ret_error)
{
    copying.from_length = strlen(from);
    copying.to = to;
    copying.status = WTFCB_OK;
    copying.error = ret_error;
    if (nftw(from, copy_entry, WALK_DESCRIPTORS, FTW_PHYS) < 0) return fail(ret_error, "read", from);
    return copying.status;
}

wtfcb_status wtfcb_benchmark_files_edit(const char *path, wtfcb_error *ret_error)
{
    int fd = open(path, O_WRONLY | O_APPEND | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0) return fail(ret_error, "edit", path);
    wtfcb_status status = write(fd, "\n", 1) == 1 ? WTFCB_OK : fail(ret_error, "edit", path);
    (void)close(fd);
    return status;
}

/* Whether the first byte is in memory: a read that may not wait. */
static bool is_cached(int fd)
{
    char byte;
    struct iovec piece = {&byte, 1};
    return preadv2(fd, &piece, 1, 0, RWF_NOWAIT) >= 0 || errno != EAGAIN;
}

bool wtfcb_benchmark_files_drop(const char *path)
{
    int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0) return false;
    (void)fdatasync(fd);
    bool dropped = posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED) == 0 && !is_cached(fd);
    (void)close(fd);
    return dropped;
}
