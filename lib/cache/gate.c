/*
 * Locks, users and marks of a store; gate.h says what they mean.
 *
 * What must hold whenever a process may be killed or the machine stop:
 *   - a user's file is there, and locked, from before the store is used until it is flushed and marked, or others live on;
 *   - the clean mark is there only while data.mdb is as it was at a flush, also on the disk: its removal is synced before the first write;
 *   - what says that a store is damaged stays until the store is set aside.
 *
 * Closing any descriptor of a file drops all locks that this process has on it. So no file is opened here that this process may
 * have a lock on: the names of users' files tell which are its own.
 */
#include "cache/gate.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "base/hash.h"

enum {
    OPEN_FILE = O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY,
    OPEN_DIRECTORY = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC,
    FIRST_WAIT_NS = 50 * 1000,
    LONGEST_WAIT_NS = 5 * 1000 * 1000,
    BOOT_ID = 36,         /* bytes of a boot id */
    MOST_GATES = 0x10000, /* of one process in one store */
    LISTING = 4096,
};

static wtfcb_status status_of_errno(int os_error)
{
    return os_error == ENOSPC || os_error == EDQUOT ? WTFCB_ENOSPACE
           : os_error == EROFS                      ? WTFCB_EACCES
                                                    : wtfcb_base_status_of_errno(os_error);
}

/* ------------------------------------------------------------------------------------------------------------------ */
/* Opening and closing */

/* A plain file of this user (or root's, to read), which nobody else can write to. */
static bool is_safe(int fd, bool read_only)
{
    struct stat st;
    return fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && (st.st_uid == geteuid() || (read_only && st.st_uid == 0)) &&
           (st.st_mode & 022) == 0;
}

wtfcb_status wtfcb_cache_gate_open(const wtfcb_cache_place *place, wtfcb_cache_gate *ret_gate, wtfcb_error *error)
{
    bool read_only = place->read_only;
    int lock = openat(place->store, WTFCB_CACHE_LOCK_FILE, OPEN_FILE | (read_only ? O_RDONLY : O_RDWR | O_CREAT), 0600);
    int os_error = errno;
    if (lock < 0 && os_error != ELOOP)
        return wtfcb_base_error(error, status_of_errno(os_error), os_error, place->store_path,
                                "cannot open the lock file of the cache %.250s: %s", place->store_path,
                                strerror(os_error));
    if (lock < 0 || !is_safe(lock, read_only)) {
        if (lock >= 0) (void)close(lock);
        return wtfcb_base_error(
            error, WTFCB_EUNSAFE, 0, place->store_path,
            "the lock file of the cache %.250s is no plain file that only its user writes to; remove it",
            place->store_path);
    }
    int store = fcntl(place->store, F_DUPFD_CLOEXEC, 0);
    if (store < 0) {
        os_error = errno;
        (void)close(lock);
        return wtfcb_base_error(error, status_of_errno(os_error), os_error, place->store_path,
                                "cannot open the cache %.250s: %s", place->store_path, strerror(os_error));
    }
    *ret_gate = (wtfcb_cache_gate){.lock = lock, .user = -1, .store = store, .read_only = read_only};
    return WTFCB_OK;
}

static void close_descriptor(int *fd)
{
    if (*fd >= 0) (void)close(*fd);
    *fd = -1;
}

void wtfcb_cache_gate_close(wtfcb_cache_gate *gate)
{
    close_descriptor(&gate->user);
    close_descriptor(&gate->lock);
    close_descriptor(&gate->store);
}

/* ------------------------------------------------------------------------------------------------------------------ */
/* Locks */

/* fcntl on one byte, or with `length` 0 on the whole file; an interruption is no answer. */
static int lock_call(int fd, int command, short type, off_t start, off_t length, struct flock *ret_lock)
{
    int result;
    do {
        *ret_lock = (struct flock){.l_type = type, .l_whence = SEEK_SET, .l_start = start, .l_len = length};
        result = fcntl(fd, command, ret_lock);
    } while (result != 0 && errno == EINTR);
    return result;
}

static void wait_a_little(uint64_t ns)
{
    struct timespec time = {.tv_sec = (time_t)(ns / 1000000000), .tv_nsec = (long)(ns % 1000000000)};
    (void)nanosleep(&time, NULL); /* a signal only makes the next try come earlier */
}

/* Polls, since F_SETLKW knows no deadline and an alarm is not ours to set. */
static wtfcb_status take_lock(const wtfcb_cache_gate *gate, enum wtfcb_cache_gate_lock lock, uint64_t timeout_ms)
{
    uint64_t start = wtfcb_base_now();
    uint64_t limit = timeout_ms < UINT64_MAX / 2000000 ? timeout_ms * 1000000 : UINT64_MAX / 2;
    uint64_t pause = FIRST_WAIT_NS;
    for (;;) {
        struct flock answer;
        short type = gate->read_only ? F_RDLCK : F_WRLCK;
        if (lock_call(gate->lock, F_SETLK, type, (off_t)lock, 1, &answer) == 0) return WTFCB_OK;
        if (errno != EAGAIN && errno != EACCES) return WTFCB_EIO;
        uint64_t passed = wtfcb_base_now() - start;
        if (passed >= limit) return WTFCB_EBUSY;
        wait_a_little(pause < limit - passed ? pause : limit - passed);
        pause = pause * 2 < LONGEST_WAIT_NS ? pause * 2 : LONGEST_WAIT_NS;
    }
}

/*
 * Before anything is written: were the mark still on the disk after a crash, a store that is half there would be believed. Synced also when the
 * mark is gone, since whoever took it may have died before doing so.
 */
static wtfcb_status take_mark_away(wtfcb_cache_gate *gate)
{
    if (gate->wrote || gate->read_only) return WTFCB_OK;
    if (unlinkat(gate->store, WTFCB_CACHE_CLEAN_MARK, 0) != 0 && errno != ENOENT) return WTFCB_EIO;
    if (fsync(gate->store) != 0) return WTFCB_EIO;
    gate->wrote = true;
    return WTFCB_OK;
}

wtfcb_status wtfcb_cache_gate_lock(wtfcb_cache_gate *gate, enum wtfcb_cache_gate_lock lock, uint64_t timeout_ms)
{
    wtfcb_status status = take_lock(gate, lock, timeout_ms);
    if (status != WTFCB_OK || lock != WTFCB_CACHE_GATE_WRITING) return status;
    status = take_mark_away(gate);
    if (status != WTFCB_OK) wtfcb_cache_gate_unlock(gate, lock);
    return status;
}

void wtfcb_cache_gate_unlock(wtfcb_cache_gate *gate, enum wtfcb_cache_gate_lock lock)
{
    struct flock answer;
    (void)lock_call(gate->lock, F_SETLK, F_UNLCK, (off_t)lock, 1, &answer);
}

/* ------------------------------------------------------------------------------------------------------------------ */
/* Who this process is */

/* The first bytes of a file of /proc; 0 where there is none. */
static size_t read_proc(const char *path, char *text, size_t size)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t got = fd >= 0 ? read(fd, text, size) : 0;
    if (fd >= 0) (void)close(fd);
    return got > 0 ? (size_t)got : 0;
}

/* The id of this boot; false, and all dashes, where the system does not tell. */
static bool get_boot_id(char boot[static BOOT_ID])
{
    memset(boot, '-', BOOT_ID);
    return read_proc("/proc/sys/kernel/random/boot_id", boot, BOOT_ID) == BOOT_ID;
}

/* When this process began, in ticks since the boot: field 22, the 20th behind the name in parentheses. */
static bool get_start_time(char start[static 24])
{
    char text[1024];
    size_t length = read_proc("/proc/self/stat", text, sizeof text - 1);
    text[length] = '\0';
    const char *at = strrchr(text, ')');
    for (int field = 0; at && field < 20; field++)
        at = strchr(at + 1, ' ');
    if (!at) return false;
    (void)snprintf(start, 24, "%.*s", (int)strcspn(at + 1, " "), at + 1);
    return true;
}

/* A process in this boot. */
typedef struct identity {
    char boot[BOOT_ID];
    bool boot_known;
    char prefix[28]; /* of the names of its files */
} identity;

/*
 * How the names of this process's files begin: its pid, and a number that nobody else with this pid has, in this boot or another. Where /proc
 * does not tell, chance has to do.
 */
static void get_identity(identity *id)
{
    char who[BOOT_ID + 24] = {0};
    uint64_t token = 0;
    id->boot_known = get_boot_id(id->boot);
    memcpy(who, id->boot, BOOT_ID);
    if (id->boot_known && get_start_time(who + BOOT_ID)) {
        wtfcb_base_hash128 hash = wtfcb_base_hash(who, sizeof who);
        memcpy(&token, hash.bytes, sizeof token);
    } else if (getrandom(&token, sizeof token, GRND_NONBLOCK) != (ssize_t)sizeof token) {
        token = wtfcb_base_now();
    }
    (void)snprintf(id->prefix, sizeof id->prefix, "%d-%016llx-", (int)getpid(), (unsigned long long)token);
}

/* The same for who has signed in; without the boot, of which only those who come in are told. */
static void get_own_identity(const wtfcb_cache_gate *gate, identity *id)
{
    *id = (identity){0};
    size_t length = (size_t)(strrchr(gate->user_name, '-') + 1 - gate->user_name);
    assert(length < sizeof id->prefix);
    memcpy(id->prefix, gate->user_name, length);
}

/* ------------------------------------------------------------------------------------------------------------------ */
/* Users */

typedef struct census {
    int users; /* descriptor of the directory */
    const identity *id;
    const char *own; /* a name that does not count, or "" */
    bool remove;     /* the files of the dead */
    uint32_t alive;
    uint32_t dead;
    uint32_t dead_of_another_boot;
    int os_error;
} census;

static bool is_user_name(const wtfcb_base_dirent *entry)
{
    return entry->length < sizeof((wtfcb_cache_gate *)0)->user_name &&
           strspn(entry->name, "0123456789abcdef-") == entry->length;
}

static void count_dead(census *c, int fd)
{
    char boot[BOOT_ID];
    ssize_t got = pread(fd, boot, BOOT_ID, 0);
    bool same = c->id->boot_known && got == BOOT_ID && memcmp(boot, c->id->boot, BOOT_ID) == 0;
    c->dead++;
    c->dead_of_another_boot += !same;
}

static int count_user(void *user, const wtfcb_base_dirent *entry)
{
    census *c = user;
    if (!is_user_name(entry) || strcmp(entry->name, c->own) == 0) return 0;
    if (strncmp(entry->name, c->id->prefix, strlen(c->id->prefix)) == 0) {
        c->alive++; /* another gate of this process */
        return 0;
    }
    int fd = openat(c->users, entry->name, OPEN_FILE | O_RDONLY);
    if (fd < 0) {
        if (errno != ENOENT) c->os_error = errno;
        return errno == ENOENT ? 0 : -1;
    }
    struct flock answer;
    int result = lock_call(fd, F_GETLK, F_WRLCK, 0, 0, &answer);
    if (result != 0)
        c->os_error = errno;
    else if (answer.l_type != F_UNLCK)
        c->alive++;
    else
        count_dead(c, fd);
    if (result == 0 && answer.l_type == F_UNLCK && c->remove) (void)unlinkat(c->users, entry->name, 0);
    (void)close(fd);
    return result;
}

static wtfcb_status count_users(census *c)
{
    _Alignas(8) char listing[LISTING];
    if (lseek(c->users, 0, SEEK_SET) != 0) return WTFCB_EIO;
    errno = 0;
    if (wtfcb_base_dir_list(c->users, listing, sizeof listing, count_user, c) == 0) return WTFCB_OK;
    return status_of_errno(c->os_error ? c->os_error : errno ? errno : EIO);
}

static int open_users(const wtfcb_cache_gate *gate)
{
    if (!gate->read_only && mkdirat(gate->store, WTFCB_CACHE_USERS_DIRECTORY, 0700) != 0 && errno != EEXIST) return -1;
    return openat(gate->store, WTFCB_CACHE_USERS_DIRECTORY, OPEN_DIRECTORY);
}

/* A locked file of our own that says in which boot it was made. */
static wtfcb_status sign_in(wtfcb_cache_gate *gate, const census *c)
{
    int fd = -1;
    for (unsigned number = 0; fd < 0 && number < MOST_GATES; number++) {
        (void)snprintf(gate->user_name, sizeof gate->user_name, "%s%x", c->id->prefix, number);
        fd = openat(c->users, gate->user_name, OPEN_FILE | O_RDWR | O_CREAT | O_EXCL, 0600);
        if (fd < 0 && errno != EEXIST) return status_of_errno(errno);
    }
    if (fd < 0) return WTFCB_EIO;
    struct flock answer;
    wtfcb_status status = WTFCB_OK;
    if (lock_call(fd, F_SETLK, F_WRLCK, 0, 0, &answer) != 0)
        status = WTFCB_EIO;
    else if (pwrite(fd, c->id->boot, BOOT_ID, 0) != BOOT_ID)
        status = errno == EIO ? WTFCB_EIO : WTFCB_ENOSPACE;
    if (status != WTFCB_OK) {
        (void)unlinkat(c->users, gate->user_name, 0);
        (void)close(fd);
        return status;
    }
    gate->user = fd;
    return WTFCB_OK;
}

static void sign_out(wtfcb_cache_gate *gate)
{
    int users = openat(gate->store, WTFCB_CACHE_USERS_DIRECTORY, OPEN_DIRECTORY);
    if (users >= 0) {
        (void)unlinkat(users, gate->user_name, 0);
        (void)close(users);
    }
    close_descriptor(&gate->user);
}

/* ------------------------------------------------------------------------------------------------------------------ */
/* Marks */

static bool exists(const wtfcb_cache_gate *gate, const char *name)
{
    return faccessat(gate->store, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

/* What the mark says: how data.mdb was when it was flushed. A copy of a store that was broken off does not fit its mark. */
static size_t describe(const wtfcb_cache_gate *gate, char *text, size_t size)
{
    wtfcb_base_file_signature data = {0}; /* of a store in which nothing was ever written */
    (void)wtfcb_base_file_stat(gate->store, WTFCB_CACHE_DATA_FILE, false, &data);
    int length = snprintf(text, size, "%llu bytes, %lld ns\n", (unsigned long long)data.size, (long long)data.mtime_ns);
    return (size_t)length;
}

enum mark { MARK_NONE, MARK_FITS, MARK_OF_ANOTHER };

static enum mark look_at_mark(const wtfcb_cache_gate *gate)
{
    int fd = openat(gate->store, WTFCB_CACHE_CLEAN_MARK, OPEN_FILE | O_RDONLY);
    if (fd < 0) return MARK_NONE;
    char wanted[80];
    char found[80];
    size_t length = describe(gate, wanted, sizeof wanted);
    ssize_t got = is_safe(fd, gate->read_only) ? pread(fd, found, sizeof found, 0) : -1;
    (void)close(fd);
    return got == (ssize_t)length && memcmp(wanted, found, length) == 0 ? MARK_FITS : MARK_OF_ANOTHER;
}

static bool holds_data(const wtfcb_cache_gate *gate)
{
    struct stat st;
    return fstatat(gate->store, WTFCB_CACHE_DATA_FILE, &st, AT_SYMLINK_NOFOLLOW) == 0 && st.st_size > 0;
}

static void put_damaged_mark(int store)
{
    int fd = openat(store, WTFCB_CACHE_DAMAGED_MARK, OPEN_FILE | O_WRONLY | O_CREAT, 0600);
    if (fd >= 0) (void)close(fd);
}

void wtfcb_cache_gate_mark_damaged(const wtfcb_cache_gate *gate)
{
    int os_error = errno;
    if (!gate->read_only) put_damaged_mark(gate->store);
    errno = os_error;
}

/* ------------------------------------------------------------------------------------------------------------------ */
/* Coming and going */

/* The whole rule: what the marks and the users who are there or gone say about the store. */
static enum wtfcb_cache_gate_state judge(const wtfcb_cache_gate *gate, const census *c, enum mark mark)
{
    if (exists(gate, WTFCB_CACHE_DAMAGED_MARK)) return WTFCB_CACHE_GATE_LOST;
    if (mark == MARK_FITS) return WTFCB_CACHE_GATE_CLEAN; /* who died since then had not written yet */
    if (c->alive > 0) return c->dead > 0 ? WTFCB_CACHE_GATE_SUSPECT : WTFCB_CACHE_GATE_CLEAN;
    if (!holds_data(gate)) return WTFCB_CACHE_GATE_CLEAN;
    if (mark == MARK_OF_ANOTHER) return WTFCB_CACHE_GATE_SUSPECT;
    if (c->dead_of_another_boot > 0) return WTFCB_CACHE_GATE_LOST;
    /* Without mark or user: both were lost with a boot, since a user's file is there until the mark is. */
    return c->dead > 0 ? WTFCB_CACHE_GATE_SUSPECT : WTFCB_CACHE_GATE_LOST;
}

static wtfcb_status come_in(wtfcb_cache_gate *gate, census *c, enum wtfcb_cache_gate_state *ret_state)
{
    wtfcb_status status = count_users(c);
    if (status != WTFCB_OK) return status;
    enum mark mark = look_at_mark(gate);
    enum wtfcb_cache_gate_state state = judge(gate, c, mark);
    if (!gate->read_only && state == WTFCB_CACHE_GATE_LOST) put_damaged_mark(gate->store);
    if (!gate->read_only && state != WTFCB_CACHE_GATE_LOST) {
        status = sign_in(gate, c); /* before the dead are forgotten: were we to die now, our file would tell */
        if (status != WTFCB_OK) return status;
        if (mark == MARK_OF_ANOTHER) (void)unlinkat(gate->store, WTFCB_CACHE_CLEAN_MARK, 0);
        c->own = gate->user_name;
        c->remove = true;
        if (c->dead > 0) (void)count_users(c);
    }
    *ret_state = state;
    return WTFCB_OK;
}

wtfcb_status wtfcb_cache_gate_enter(wtfcb_cache_gate *gate, enum wtfcb_cache_gate_state *ret_state)
{
    assert(gate->user < 0);
    gate->wrote = false;
    identity id;
    get_identity(&id);
    census c = {.users = open_users(gate), .id = &id, .own = ""};
    if (c.users >= 0) {
        wtfcb_status status = come_in(gate, &c, ret_state);
        (void)close(c.users);
        return status;
    }
    int os_error = errno;
    if (os_error == ELOOP || os_error == ENOTDIR) return WTFCB_EUNSAFE;
    if (os_error != ENOENT) return status_of_errno(os_error);
    /* Read-only: a store that nobody ever opened. Else: the store's directory itself was set aside and removed. */
    *ret_state = gate->read_only ? judge(gate, &c, look_at_mark(gate)) : WTFCB_CACHE_GATE_LOST;
    return WTFCB_OK;
}

wtfcb_status wtfcb_cache_gate_leave(wtfcb_cache_gate *gate, bool *ret_last)
{
    *ret_last = false;
    if (gate->user < 0) return WTFCB_OK;
    identity id;
    get_own_identity(gate, &id);
    census c = {.users = open_users(gate), .id = &id, .own = gate->user_name};
    if (c.users < 0) {
        if (errno != ENOENT) return status_of_errno(errno);
        close_descriptor(&gate->user); /* the store was set aside by others and is removed: there is nothing to flush */
        return WTFCB_OK;
    }
    wtfcb_status status = count_users(&c);
    (void)close(c.users);
    if (status != WTFCB_OK) return status;
    *ret_last =
        c.alive == 0 && c.dead == 0 && !exists(gate, WTFCB_CACHE_CLEAN_MARK) && !exists(gate, WTFCB_CACHE_DAMAGED_MARK);
    if (!*ret_last) sign_out(gate);
    return WTFCB_OK;
}

wtfcb_status wtfcb_cache_gate_mark_clean(wtfcb_cache_gate *gate)
{
    assert(gate->user >= 0 && !gate->read_only);
    char text[80];
    size_t length = describe(gate, text, sizeof text);
    int fd = openat(gate->store, WTFCB_CACHE_CLEAN_MARK, OPEN_FILE | O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (fd < 0) return status_of_errno(errno);
    ssize_t written = write(fd, text, length);
    wtfcb_status status = written == (ssize_t)length ? WTFCB_OK : written < 0 ? status_of_errno(errno) : WTFCB_ENOSPACE;
    (void)close(fd);
    if (status == WTFCB_OK)
        sign_out(gate);
    else
        (void)unlinkat(gate->store, WTFCB_CACHE_CLEAN_MARK, 0);
    return status;
}
