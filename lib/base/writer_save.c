/*
 * Files that are replaced whole: whoever opens the name sees the old content or the new one, never a part.
 *
 * The new content goes into a file beside the target, under a name that nobody else uses, is synced and then renamed over it; whatever fails, that file is
 * removed and the target is as it was. Links are followed, as a shell's redirection does: the file that is linked to is the one that is
 * replaced, the link stays. What is no file (a pipe, a terminal, /dev/stdout) cannot be replaced and is written to as it is.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/writer.h"

enum {
    LINKS_MAX = 40,  /* as the kernel's */
    NAMES_TRIED = 64 /* others' files of the same name: another pid namespace shares the directory */
};

/* Where the bytes go. */
typedef struct sink {
    int fd;
    int os_error; /* of the write that failed */
} sink;

static wtfcb_status write_all(void *user, const char *bytes, size_t length)
{
    sink *s = user;
    while (length > 0) {
        ssize_t written = write(s->fd, bytes, length);
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) {
            s->os_error = written < 0 ? errno : EIO;
            return wtfcb_base_status_of_errno(s->os_error);
        }
        bytes += written;
        length -= (size_t)written;
    }
    return WTFCB_OK;
}

static wtfcb_status fill_into(sink *s, wtfcb_base_fill_fn fill, void *user)
{
    wtfcb_base_writer writer;
    wtfcb_base_writer_init(&writer, write_all, s);
    wtfcb_status status = fill(user, &writer);
    wtfcb_status written = wtfcb_base_writer_flush(&writer);
    return status == WTFCB_OK ? written : status;
}

/* Length of the directory part of a path, its slash included. */
static size_t directory_length(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? (size_t)(slash - path) + 1 : 0;
}

/* Copy `path` into `target` and follow the links that its last component leads through, dangling ones too. 0, or an errno. */
static int follow_links(const char *path, char target[PATH_MAX])
{
    size_t length = strlen(path);
    if (length >= PATH_MAX) return ENAMETOOLONG;
    memcpy(target, path, length + 1);
    for (int links = 0; links < LINKS_MAX; links++) {
        char link[PATH_MAX];
        ssize_t read = readlink(target, link, sizeof link);
        if (read < 0) return 0; /* no link, or nothing there: opening will tell */
        size_t keep = link[0] == '/' ? 0 : directory_length(target);
        if (read == 0) return ENOENT;
        if (keep + (size_t)read >= PATH_MAX) return ENAMETOOLONG;
        memcpy(target + keep, link, (size_t)read);
        target[keep + (size_t)read] = '\0';
    }
    return ELOOP;
}

/* Make a new file in the directory of `target`; its descriptor, or -1 with errno. */
static int open_beside(const char *target, char name[PATH_MAX])
{
    static atomic_uint counter;
    size_t directory = directory_length(target);
    memcpy(name, target, directory);
    for (int i = 0; i < NAMES_TRIED; i++) {
        unsigned number = atomic_fetch_add_explicit(&counter, 1, memory_order_relaxed);
        int length = snprintf(name + directory, PATH_MAX - directory, ".wtfcb-%ld-%u.tmp", (long)getpid(), number);
        if (length < 0 || (size_t)length >= PATH_MAX - directory) {
            errno = ENAMETOOLONG;
            return -1;
        }
        int fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
        if (fd >= 0 || errno != EEXIST) return fd;
    }
    return -1;
}

/* Some file systems cannot sync; that is no failure to write. */
static int sync_file(int fd)
{
    while (fsync(fd) != 0) {
        if (errno == EINVAL || errno == ENOTSUP) return 0;
        if (errno != EINTR) return errno;
    }
    return 0;
}

/* Into a file beside `target`, which it then replaces. */
static wtfcb_status replace(const char *target, wtfcb_base_fill_fn fill, void *user, int *ret_errno)
{
    char name[PATH_MAX];
    sink s = {.fd = open_beside(target, name)};
    if (s.fd < 0) {
        *ret_errno = errno;
        return wtfcb_base_status_of_errno(*ret_errno);
    }
    wtfcb_status status = fill_into(&s, fill, user);
    if (status == WTFCB_OK) s.os_error = sync_file(s.fd);
    if (close(s.fd) != 0 && s.os_error == 0 && errno != EINTR) s.os_error = errno;
    if (status == WTFCB_OK && s.os_error == 0 && rename(name, target) != 0) s.os_error = errno;
    if (status == WTFCB_OK) status = wtfcb_base_status_of_errno(s.os_error);
    if (status != WTFCB_OK) (void)unlink(name);
    *ret_errno = s.os_error;
    return status;
}

/* To what cannot be replaced. */
static wtfcb_status write_through(const char *path, wtfcb_base_fill_fn fill, void *user, int *ret_errno)
{
    sink s = {.fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY)};
    if (s.fd < 0) {
        *ret_errno = errno;
        return wtfcb_base_status_of_errno(*ret_errno);
    }
    wtfcb_status status = fill_into(&s, fill, user);
    if (close(s.fd) != 0 && status == WTFCB_OK && errno != EINTR) {
        s.os_error = errno;
        status = wtfcb_base_status_of_errno(errno);
    }
    *ret_errno = s.os_error;
    return status;
}

wtfcb_status wtfcb_base_writer_save(const char *path, wtfcb_base_fill_fn fill, void *user, wtfcb_error *ret_error)
{
    char target[PATH_MAX];
    struct stat found;
    wtfcb_status status;
    int os_error = 0;
    bool exists = stat(path, &found) == 0;
    if (exists && S_ISDIR(found.st_mode))
        return wtfcb_base_error(ret_error, WTFCB_ESPECIAL, EISDIR, path,
                                "cannot write %.250s: it is a directory; name a file in it", path);
    if (exists && !S_ISREG(found.st_mode)) {
        status = write_through(path, fill, user, &os_error);
    } else if ((os_error = follow_links(path, target)) != 0) {
        status = wtfcb_base_status_of_errno(os_error);
    } else {
        status = replace(target, fill, user, &os_error);
    }
    if (status == WTFCB_OK) return WTFCB_OK;
    return wtfcb_base_error(ret_error, status, os_error, path, "cannot write %.250s: %s", path,
                            os_error ? strerror(os_error) : wtfcb_status_message(status));
}
