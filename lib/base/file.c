/*
 * System calls on files, made safe against a tree that changes or lies: O_NONBLOCK so that a FIFO that takes a file's
 * place cannot hang us, O_NOFOLLOW and openat2(2) so that a link that takes a directory's place cannot lead us out of
 * the tree, fstat before and after a read so that what is hashed is one state of the file.
 */
#include "base/file.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifdef SYS_openat2
#include <linux/openat2.h>
#endif

enum {
    OPEN_DIRECTORY = O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NONBLOCK,
    OPEN_FILE = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY,
    READ_TRIES = 3,
    READ_PIECE = 8 << 20,
    PADDING = 64, /* zero bytes behind the content, for vector code that reads whole blocks */
};

int wtfcb_base_dir_open(int dirfd, const char *name, bool follow)
{
    return openat(dirfd, name, follow ? OPEN_DIRECTORY : OPEN_DIRECTORY | O_NOFOLLOW);
}

/* As the kernel lays it out; not in any header of the C library. */
struct kernel_dirent {
    uint64_t inode;
    int64_t offset;
    uint16_t record_length;
    uint8_t type;
    char name[];
};

static uint8_t type_of_dirent(uint8_t type)
{
    switch (type) {
    case 0: return WTFCB_BASE_FILE_UNKNOWN; /* DT_UNKNOWN */
    case 4: return WTFCB_BASE_FILE_DIRECTORY;
    case 8: return WTFCB_BASE_FILE_REGULAR;
    case 10: return WTFCB_BASE_FILE_SYMLINK;
    default: return WTFCB_BASE_FILE_SPECIAL;
    }
}

static bool is_dot(const char *name)
{
    return name[0] == '.' && (name[1] == '\0' || (name[1] == '.' && name[2] == '\0'));
}

int wtfcb_base_dir_list(int fd, void *buffer, size_t buffer_size, wtfcb_base_dirent_fn fn, void *user)
{
    for (;;) {
        long got = syscall(SYS_getdents64, fd, buffer, buffer_size);
        if (got <= 0) return (int)got;
        for (long at = 0; at < got;) {
            const struct kernel_dirent *raw = (const void *)((const char *)buffer + at);
            at += raw->record_length;
            if (is_dot(raw->name)) continue;
            wtfcb_base_dirent entry = {raw->name, (uint32_t)strlen(raw->name), type_of_dirent(raw->type)};
            int result = fn(user, &entry);
            if (result != 0) return result;
        }
    }
}

static wtfcb_base_file_signature signature_of_stat(const struct stat *st)
{
    wtfcb_base_file_signature signature = {
        .size = (uint64_t)st->st_size,
        .mtime_ns = (int64_t)st->st_mtim.tv_sec * 1000000000 + st->st_mtim.tv_nsec,
        .ctime_ns = (int64_t)st->st_ctim.tv_sec * 1000000000 + st->st_ctim.tv_nsec,
        .inode = st->st_ino,
        .device = st->st_dev,
        .type = S_ISREG(st->st_mode)   ? WTFCB_BASE_FILE_REGULAR
                : S_ISDIR(st->st_mode) ? WTFCB_BASE_FILE_DIRECTORY
                : S_ISLNK(st->st_mode) ? WTFCB_BASE_FILE_SYMLINK
                                       : WTFCB_BASE_FILE_SPECIAL,
    };
    return signature;
}

int wtfcb_base_file_stat(int dirfd, const char *name, bool follow, wtfcb_base_file_signature *ret_signature)
{
    struct stat st;
    if (fstatat(dirfd, name, &st, follow ? 0 : AT_SYMLINK_NOFOLLOW) != 0) return -1;
    *ret_signature = signature_of_stat(&st);
    return 0;
}

int wtfcb_base_file_fstat(int fd, wtfcb_base_file_signature *ret_signature)
{
    struct stat st;
    if (fstat(fd, &st) != 0) return -1;
    *ret_signature = signature_of_stat(&st);
    return 0;
}

/* One component after the other; for kernels without openat2 and for paths beyond PATH_MAX. */
static int open_stepwise(int dirfd, const char *path, bool follow)
{
    const int links = follow ? 0 : O_NOFOLLOW;
    int at = dirfd;
    for (;;) {
        const char *slash = strchr(path, '/');
        char name[NAME_MAX + 1];
        size_t length = slash ? (size_t)(slash - path) : strlen(path);
        int next = -1;
        if (length > NAME_MAX) {
            errno = ENAMETOOLONG;
        } else {
            memcpy(name, path, length);
            name[length] = '\0';
            next = openat(at, name, (slash ? OPEN_DIRECTORY : OPEN_FILE) | links);
        }
        if (at != dirfd) {
            int saved = errno;
            (void)close(at);
            errno = saved;
        }
        if (next < 0 || !slash) return next;
        at = next;
        path = slash + 1;
    }
}

static int open_without_links(int dirfd, const char *path)
{
    if (!strchr(path, '/')) return openat(dirfd, path, OPEN_FILE | O_NOFOLLOW);
#ifdef SYS_openat2
    static atomic_bool missing; /* an old kernel, or a sandbox that refuses the call: found out once */
    if (!atomic_load_explicit(&missing, memory_order_relaxed)) {
        struct open_how how = {.flags = OPEN_FILE | O_NOFOLLOW, .resolve = RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS};
        int fd = (int)syscall(SYS_openat2, dirfd, path, &how, sizeof how);
        if (fd >= 0 || (errno != ENOSYS && errno != EPERM && errno != ENAMETOOLONG && errno != EAGAIN)) return fd;
        if (errno == ENOSYS) atomic_store_explicit(&missing, true, memory_order_relaxed);
    }
#endif
    return open_stepwise(dirfd, path, false);
}

int wtfcb_base_file_open(int dirfd, const char *path, bool follow)
{
    if (!follow) return open_without_links(dirfd, path);
    int fd = openat(dirfd, path, OPEN_FILE);
    return fd < 0 && errno == ENAMETOOLONG && path[0] != '/' ? open_stepwise(dirfd, path, true) : fd;
}

static bool same_state(const wtfcb_base_file_signature *a, const wtfcb_base_file_signature *b)
{
    return a->size == b->size && a->mtime_ns == b->mtime_ns && a->ctime_ns == b->ctime_ns;
}

/* Who may end a long read. */
typedef struct brake {
    int (*stopped)(const void *user);
    const void *user;
} brake;

/*
 * pread until `size` bytes or the end of the file, in pieces between which the brake is asked; -1 with errno, ECANCELED
 * for the brake. One call for nearly every file.
 */
static ssize_t read_fully(int fd, char *into, size_t size, const brake *b)
{
    size_t done = 0;
    while (done < size) {
        if (done > 0 && b->stopped && b->stopped(b->user)) {
            errno = ECANCELED;
            return -1;
        }
        size_t piece = size - done < READ_PIECE ? size - done : READ_PIECE;
        ssize_t got = pread(fd, into + done, piece, (off_t)done);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return -1;
        if (got == 0) break;
        done += (size_t)got;
    }
    return (ssize_t)done;
}

/* One attempt: WTFCB_ECHANGED when the file moved under it. */
static wtfcb_status read_once(int fd, size_t limit, wtfcb_base_buffer *buffer, wtfcb_base_file_signature *ret_signature,
                              int *ret_errno, const brake *b)
{
    wtfcb_base_file_signature before;
    wtfcb_base_file_signature after;
    if (wtfcb_base_file_fstat(fd, &before) != 0) goto failed;
    if (before.type != WTFCB_BASE_FILE_REGULAR) return WTFCB_ESPECIAL;
    if (before.size > limit) return WTFCB_ELIMIT;
    wtfcb_base_buffer_reset(buffer);
    if (!wtfcb_base_buffer_reserve(buffer, (size_t)before.size + PADDING)) return WTFCB_ENOMEM;
    ssize_t got = read_fully(fd, buffer->data, (size_t)before.size, b);
    if (got < 0 && errno == ECANCELED) return WTFCB_ECANCELLED;
    if (got < 0 || wtfcb_base_file_fstat(fd, &after) != 0) goto failed;
    if ((uint64_t)got != before.size || !same_state(&before, &after)) return WTFCB_ECHANGED;
    buffer->length = (size_t)got;
    memset(buffer->data + got, 0, PADDING);
    *ret_signature = before;
    return WTFCB_OK;
failed:
    *ret_errno = errno;
    return wtfcb_base_status_of_errno(errno);
}

wtfcb_status wtfcb_base_file_read_until(int fd, size_t limit, wtfcb_base_buffer *buffer,
                                        wtfcb_base_file_signature *ret_signature, int *ret_errno,
                                        int (*stopped)(const void *user), const void *user)
{
    brake b = {stopped, user};
    wtfcb_status status = WTFCB_ECHANGED;
    for (int i = 0; i < READ_TRIES && status == WTFCB_ECHANGED; i++)
        status = read_once(fd, limit, buffer, ret_signature, ret_errno, &b);
    return status;
}

wtfcb_status wtfcb_base_file_read(int fd, size_t limit, wtfcb_base_buffer *buffer,
                                  wtfcb_base_file_signature *ret_signature, int *ret_errno)
{
    return wtfcb_base_file_read_until(fd, limit, buffer, ret_signature, ret_errno, NULL, NULL);
}

wtfcb_status wtfcb_base_file_load(int dirfd, const char *path, bool follow, size_t limit, wtfcb_base_buffer *buffer,
                                  int *ret_errno)
{
    int fd = wtfcb_base_file_open(dirfd, path, follow);
    if (fd < 0) {
        *ret_errno = errno;
        return wtfcb_base_status_of_errno(errno);
    }
    wtfcb_base_file_signature signature;
    wtfcb_status status = wtfcb_base_file_read(fd, limit, buffer, &signature, ret_errno);
    (void)close(fd);
    return status;
}
