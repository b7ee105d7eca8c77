/*
 * The LMDB environment of a store: what is looked at before LMDB sees the file, opening, another size of the map, closing.
 *
 * LMDB believes its file. So one that was not closed in peace is checked first (pages.h), as is one that is shorter than its own meta pages
 * say; and a file system that is full is found out before the table of readers is mapped, since writing to a hole of a mapped file
 * would end the process.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "cache/pages.h"
#include "cache/store_parts.h"

enum {
    READER_SLOTS = 2048, /* of all processes */
    READER_TABLE = (READER_SLOTS + 4) * 64,
    DATABASES = 4,
    SMALLEST_MAP = 1 << 20,
    HOLLOW_FILE = 1 << 20, /* bytes on the disk for nothing that are worth a new file */
};

wtfcb_status wtfcb_cache_status_of(int rc)
{
    switch (rc) {
    case MDB_SUCCESS: return WTFCB_OK;
    case MDB_NOTFOUND: return WTFCB_ENOTFOUND;
    case MDB_MAP_FULL:
    case ENOSPC:
    case EDQUOT: return WTFCB_ENOSPACE;
    case MDB_READERS_FULL:
    case EAGAIN: return WTFCB_EBUSY;
    case MDB_CORRUPTED:
    case MDB_PAGE_NOTFOUND:
    case MDB_INVALID:
    case MDB_VERSION_MISMATCH:
    case MDB_INCOMPATIBLE: return WTFCB_EDAMAGED;
    default: return rc > 0 ? wtfcb_base_status_of_errno(rc) : WTFCB_EIO;
    }
}

/* ------------------------------------------------------------------------------------------------------------------ */
/* Damage that LMDB finds */

static _Thread_local jmp_buf *guard;

bool wtfcb_cache_env_guarded(void (*run)(void *user), void *user)
{
    jmp_buf here;
    jmp_buf *outer = guard;
    guard = &here;
    bool sound = _setjmp(here) == 0;
    if (sound) run(user);
    guard = outer;
    return sound;
}

/*
 * LMDB calls this where it would abort. A read has its cursor on the stack and its snapshot in a slot of its own, so it is left by a jump; a write
 * may hold anything, and the process ends as LMDB wants it to.
 */
static void on_assert(MDB_env *env, const char *message)
{
    (void)message;
    wtfcb_cache_store *store = mdb_env_get_userctx(env);
    wtfcb_cache_store_give_up(store, WTFCB_EDAMAGED);
    if (guard) _longjmp(*guard, 1);
}

/* ------------------------------------------------------------------------------------------------------------------ */
/* Before LMDB */

static wtfcb_status fail(const wtfcb_cache_store *store, wtfcb_status status, int os_error, const char *what,
                         wtfcb_error *error)
{
    return wtfcb_base_error(error, status, os_error > 0 ? os_error : 0, store->place.store_path,
                            "%s the cache %.250s: %s", what, store->place.store_path,
                            os_error ? mdb_strerror(os_error) : wtfcb_status_message(status));
}

/*
 * Does the file end before the pages that its meta pages count? Not damage in itself (the last ones may never have been used), but
 * worth the check. The first fields of a meta page, behind a header of 16 bytes: magic, version (32 bits each), address, size of the map (64
 * bits), and two databases of 48 bytes, the first of which begins with the page size; then the last page's number.
 */
static bool is_short(const wtfcb_cache_store *store)
{
    int fd = openat(store->place.store, WTFCB_CACHE_DATA_FILE, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    struct stat st;
    bool result = false;
    if (fd >= 0 && fstat(fd, &st) == 0 && st.st_size > 0) {
        unsigned char meta[16 + 24 + 96 + 8];
        uint32_t page_size = 0;
        if (pread(fd, meta, sizeof meta, 0) == (ssize_t)sizeof meta) memcpy(&page_size, meta + 40, sizeof page_size);
        result = page_size < 512 || page_size > 65536;
        for (off_t i = 0; i < 2 && !result; i++) {
            uint64_t last = 0;
            result = pread(fd, meta, sizeof meta, i * (off_t)page_size) != (ssize_t)sizeof meta;
            memcpy(&last, meta + 136, sizeof last);
            result = result || last >= (uint64_t)st.st_size / page_size;
        }
    }
    if (fd >= 0) (void)close(fd);
    return result;
}

static int count_name(void *user, const wtfcb_base_dirent *entry)
{
    (void)entry;
    ++*(long *)user;
    return 0;
}

/* How many files there are of users, alive or dead. */
static long count_users(const wtfcb_cache_store *store)
{
    _Alignas(8) char listing[4096];
    long count = 0;
    int fd = openat(store->place.store, WTFCB_CACHE_USERS_DIRECTORY, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0) return 0;
    (void)wtfcb_base_dir_list(fd, listing, sizeof listing, count_name, &count);
    (void)close(fd);
    return count;
}

/*
 * Sign in. The gate calls a store clean if whoever died there had written nothing; but it may be that they died of what they read. So a
 * death is reason enough to look: the files of the dead are those that go while ours comes.
 */
static wtfcb_status enter(wtfcb_cache_store *store, enum wtfcb_cache_gate_state *ret_state)
{
    if (!store->has_gate) return WTFCB_OK;
    long before = count_users(store);
    wtfcb_status status = wtfcb_cache_gate_enter(&store->gate, ret_state);
    if (status != WTFCB_OK || store->options.read_only || *ret_state != WTFCB_CACHE_GATE_CLEAN) return status;
    if (count_users(store) < before + 1) *ret_state = WTFCB_CACHE_GATE_SUSPECT;
    return WTFCB_OK;
}

/* With others writing, the pages are checked while they stand still; a writer who does not let go is alive, and knows the file. */
static wtfcb_status check_pages(wtfcb_cache_store *store, enum wtfcb_cache_gate_state state)
{
    if (state == WTFCB_CACHE_GATE_LOST) return WTFCB_EDAMAGED;
    if (state == WTFCB_CACHE_GATE_CLEAN && !is_short(store)) return WTFCB_OK;
    bool locked = store->has_gate && wtfcb_cache_gate_lock(&store->gate, WTFCB_CACHE_GATE_WRITING,
                                                           store->options.lock_timeout_ms / 2) == WTFCB_OK;
    wtfcb_status status = WTFCB_OK;
    if (locked || state == WTFCB_CACHE_GATE_CLEAN || store->options.read_only)
        status = wtfcb_cache_pages_check(&store->allocator, store->place.store, NULL);
    if (locked) wtfcb_cache_gate_unlock(&store->gate, WTFCB_CACHE_GATE_WRITING);
    return status;
}

/* LMDB makes its table of readers as a hole. Here it gets its blocks, so that a full disk is an answer and no signal. */
static wtfcb_status reserve_readers(const wtfcb_cache_store *store)
{
    int fd = openat(store->place.store, WTFCB_CACHE_READERS_FILE, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0) return wtfcb_cache_status_of(errno);
    int rc = 0;
#ifdef __linux__
    struct stat st;
    off_t size = fstat(fd, &st) == 0 && st.st_size > 0 ? st.st_size : READER_TABLE; /* one in use keeps its size */
    if (fallocate(fd, 0, 0, size) != 0 && errno != EOPNOTSUPP) rc = errno;
#endif
    (void)close(fd); /* no lock of ours is on it: this process does not have the store open */
    return wtfcb_cache_status_of(rc);
}

/* ------------------------------------------------------------------------------------------------------------------ */
/* Opening */

/* What LMDB opened by its path is what the place's descriptor leads to. */
static bool is_same_file(const wtfcb_cache_store *store)
{
    struct stat opened;
    struct stat named;
    mdb_filehandle_t fd;
    return mdb_env_get_fd(store->env, &fd) == 0 && fstat(fd, &opened) == 0 &&
           fstatat(store->place.store, WTFCB_CACHE_DATA_FILE, &named, AT_SYMLINK_NOFOLLOW) == 0 &&
           opened.st_dev == named.st_dev && opened.st_ino == named.st_ino;
}

static int open_with_map(wtfcb_cache_store *store, uint64_t size, unsigned flags)
{
    int rc = mdb_env_create(&store->env);
    if (rc != 0) return rc;
    if (rc == 0) rc = mdb_env_set_userctx(store->env, store);
    if (rc == 0) rc = mdb_env_set_assert(store->env, on_assert);
    if (rc == 0) rc = mdb_env_set_maxdbs(store->env, DATABASES);
    if (rc == 0) rc = mdb_env_set_maxreaders(store->env, READER_SLOTS);
    if (rc == 0) rc = mdb_env_set_mapsize(store->env, (size_t)size);
    if (rc == 0) rc = mdb_env_open(store->env, store->place.store_path, flags, 0600);
    if (rc == 0 && !is_same_file(store)) rc = EACCES;
    if (rc != 0) {
        mdb_env_close(store->env);
        store->env = NULL;
    }
    return rc;
}

/* The map is as large as the file may become; addresses may be scarce where the processor has 32 bits, or by ulimit(1). */
static int open_lmdb(wtfcb_cache_store *store)
{
    unsigned flags = MDB_NOTLS | MDB_NOSYNC;
    if (store->options.read_only) flags |= MDB_RDONLY;
    if (!store->locked) flags |= MDB_NOLOCK;
    uint64_t size = store->options.size & ~(uint64_t)0xffff;
    if (size < SMALLEST_MAP) size = SMALLEST_MAP;
    if (size > SIZE_MAX / 2) size = SIZE_MAX / 2 & ~(size_t)0xffff;
    int rc;
    do {
        rc = open_with_map(store, size, flags);
        store->map_size = size;
        size = size / 2 & ~(uint64_t)0xffff;
    } while (rc == ENOMEM && size >= SMALLEST_MAP);
    return rc;
}

static wtfcb_status open_environment(wtfcb_cache_store *store, wtfcb_error *error)
{
    wtfcb_status status = store->locked && !store->options.read_only ? reserve_readers(store) : WTFCB_OK;
    if (status != WTFCB_OK) return fail(store, status, 0, "cannot make the table of readers of", error);
    int rc = open_lmdb(store);
    if (rc == ENOMEM) return fail(store, WTFCB_EUNSUPPORTED, rc, "no addresses to map", error);
    if (rc != 0) return fail(store, wtfcb_cache_status_of(rc), rc, "cannot open", error);
    MDB_stat stat;
    (void)mdb_env_stat(store->env, &stat);
    store->page_size = stat.ms_psize;
    status = wtfcb_cache_generations_open(store);
    if (status == WTFCB_OK) status = wtfcb_cache_readers_fill(store);
    if (status == WTFCB_OK) return WTFCB_OK;
    wtfcb_cache_readers_empty(store);
    mdb_env_close(store->env);
    store->env = NULL;
    return fail(store, status, 0, "cannot use", error);
}

/* A cache that may only be read can stand where nothing can be written, not even a lock. */
static wtfcb_status open_gate(wtfcb_cache_store *store, wtfcb_error *error)
{
    bool writable = faccessat(store->place.store, ".", W_OK, AT_EACCESS) == 0;
    store->locked = writable;
    wtfcb_status status = wtfcb_cache_gate_open(&store->place, &store->gate, error);
    store->has_gate = status == WTFCB_OK;
    if (!store->has_gate && (!store->options.read_only || status == WTFCB_EUNSAFE)) return status;
    if (!store->has_gate) return WTFCB_OK;
    status = wtfcb_cache_gate_lock(&store->gate, WTFCB_CACHE_GATE_OPENING, store->options.lock_timeout_ms);
    if (status == WTFCB_OK || (store->options.read_only && !writable)) return WTFCB_OK;
    wtfcb_cache_gate_close(&store->gate);
    store->has_gate = false;
    return fail(store, status, 0, "another process does not let go of", error);
}

wtfcb_status wtfcb_cache_env_open(wtfcb_cache_store *store, bool *ret_moved, wtfcb_error *error)
{
    *ret_moved = false;
    wtfcb_status status = open_gate(store, error);
    if (status != WTFCB_OK) return status;
    enum wtfcb_cache_gate_state state = WTFCB_CACHE_GATE_CLEAN;
    bool entered = false;
    status = enter(store, &state);
    if (status != WTFCB_OK) {
        (void)fail(store, status, 0, "cannot sign in at", error);
    } else {
        entered = store->has_gate && state != WTFCB_CACHE_GATE_LOST;
        status = check_pages(store, state);
        if (status == WTFCB_OK)
            status = open_environment(store, error);
        else if (status != WTFCB_EDAMAGED)
            (void)fail(store, status, 0, "cannot check", error);
    }
    if (status == WTFCB_EDAMAGED && !store->options.read_only) {
        wtfcb_cache_gate_mark_damaged(&store->gate); /* others who wait for its lock shall follow */
        status = wtfcb_cache_place_set_aside(&store->place, error);
        *ret_moved = status == WTFCB_OK;
        if (*ret_moved) status = WTFCB_EDAMAGED;
    } else if (status == WTFCB_EDAMAGED) {
        (void)fail(store, status, 0, "nothing may be written, and so nothing mended, in", error);
    }
    if (status != WTFCB_OK && store->has_gate) {
        bool last;
        if (entered) (void)wtfcb_cache_gate_leave(&store->gate, &last);
    }
    if (store->has_gate) wtfcb_cache_gate_unlock(&store->gate, WTFCB_CACHE_GATE_OPENING);
    if (status != WTFCB_OK && store->has_gate) {
        wtfcb_cache_gate_close(&store->gate);
        store->has_gate = false;
    }
    return status;
}

/* ------------------------------------------------------------------------------------------------------------------ */
/* Growing and closing */

int wtfcb_cache_env_resize(wtfcb_cache_store *store, uint64_t size)
{
    wtfcb_cache_readers_take_all(store);
    int rc = mdb_env_set_mapsize(store->env, (size_t)size);
    if (rc == 0) {
        MDB_envinfo info;
        (void)mdb_env_info(store->env, &info);
        store->map_size = info.me_mapsize;
    } else {
        wtfcb_cache_store_give_up(store, wtfcb_cache_status_of(rc)); /* the old map is gone */
    }
    wtfcb_cache_readers_give_all(store);
    return rc;
}

/* Releases of LMDB that destroy its shared mutexes when they close, which somebody who opens at this moment would not survive. */
static bool closing_needs_lock(void)
{
    int major;
    int minor;
    int patch;
    (void)mdb_version(&major, &minor, &patch);
    return major == 0 && minor == 9 && patch >= 26 && patch <= 31;
}

/* Nothing is remembered, and yet the file is large: LMDB's files never shrink. */
static bool is_hollow(wtfcb_cache_store *store)
{
    wtfcb_cache_store_stats stats;
    wtfcb_cache_store_get_stats(store, &stats);
    return stats.entries == 0 && stats.bytes > 0 && stats.file_bytes > HOLLOW_FILE;
}

/*
 * The last to leave, who holds the opening lock: nobody has the file open but those who may only read, and they keep the empty one that they
 * see. Whoever comes next begins a new file.
 */
static void remove_files(const wtfcb_cache_store *store)
{
    (void)unlinkat(store->place.store, WTFCB_CACHE_DATA_FILE, 0);
    (void)unlinkat(store->place.store, WTFCB_CACHE_READERS_FILE, 0);
}

bool wtfcb_cache_env_close(wtfcb_cache_store *store)
{
    bool locked = store->has_gate && wtfcb_cache_gate_lock(&store->gate, WTFCB_CACHE_GATE_OPENING,
                                                           store->options.lock_timeout_ms) == WTFCB_OK;
    if (!locked && store->locked && closing_needs_lock()) return false;
    bool sound = atomic_load(&store->status) == WTFCB_OK && !store->options.read_only;
    bool hollow = locked && sound && is_hollow(store);
    wtfcb_cache_readers_empty(store);
    /* Without the lock nobody can sign out: whoever comes next finds a user who is gone, and checks the pages. */
    bool last = false;
    bool flushed = locked && wtfcb_cache_gate_leave(&store->gate, &last) == WTFCB_OK && last && sound &&
                   (hollow || mdb_env_sync(store->env, 1) == 0);
    mdb_env_close(store->env);
    store->env = NULL;
    if (flushed && hollow) remove_files(store);
    if (flushed) (void)wtfcb_cache_gate_mark_clean(&store->gate);
    if (locked) wtfcb_cache_gate_unlock(&store->gate, WTFCB_CACHE_GATE_OPENING);
    if (store->has_gate) wtfcb_cache_gate_close(&store->gate);
    store->has_gate = false;
    return true;
}
