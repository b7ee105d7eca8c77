/*
 * Finding, making and checking the directories of a store.
 *
 * What is checked is what is used: a directory is opened first, without following a link, and owner, mode and file system
 * are those of the descriptor. After that everything goes by descriptors, so that whoever renames a parent moves us along and cannot
 * put something else in our place. Only files of the known names are ever removed.
 */
#include "cache/place.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/file.h"
#include "base/host.h"
#include "base/memory.h"

enum {
    OPEN_DIRECTORY = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC,
    LISTING = 4096,       /* bytes of a directory that are listed at a time */
    MOST_SET_ASIDE = 100, /* names that are tried for a store that is set aside */
};

static const char TAG_NAME[] = "CACHEDIR.TAG";
static const char TAG_TEXT[] = "Signature: 8a477f597d28d172789f06886806bc55\n"
                               "# This directory holds what libwtfcb remembers. It may be removed at any time.\n"
                               "# What a cache directory is: https://bford.info/cachedir/\n";
static const char STORE_PREFIX[] = "store-";
static const char ASIDE_PREFIX[] = "damaged-";

/* What a store's directory may hold, its users aside. */
static const char *const STORE_FILES[] = {
    WTFCB_CACHE_LOCK_FILE, WTFCB_CACHE_CLEAN_MARK,   WTFCB_CACHE_DAMAGED_MARK,
    WTFCB_CACHE_DATA_FILE, WTFCB_CACHE_READERS_FILE, TAG_NAME,
};

/* ------------------------------------------------------------------------------------------------------------------ */
/* Answers */

static wtfcb_status status_of_errno(int os_error)
{
    switch (os_error) {
    case ENOSPC:
    case EDQUOT: return WTFCB_ENOSPACE;
    case EROFS: return WTFCB_EACCES;
    default: return wtfcb_base_status_of_errno(os_error);
    }
}

static wtfcb_status fail(wtfcb_error *error, const char *verb, const char *path, const char *advice)
{
    int os_error = errno;
    return wtfcb_base_error(error, status_of_errno(os_error), os_error, path,
                            "cannot %s the cache directory %.250s: %s; %s", verb, path, strerror(os_error), advice);
}

static const char ADVICE_OTHER[] = "make it accessible or name another directory";

/* ------------------------------------------------------------------------------------------------------------------ */
/* Which directory */

static const char *environment(const char *name)
{
    const char *value = wtfcb_base_host_privileged() ? NULL : getenv(name);
    return value && *value ? value : NULL;
}

/* The home directory of this user, appended. */
static bool append_home(wtfcb_base_buffer *path)
{
    const char *home = environment("HOME");
    if (home && home[0] == '/') {
        wtfcb_base_buffer_append_string(path, home);
        return true;
    }
    struct passwd entry;
    struct passwd *found = NULL;
    char text[4096];
    if (getpwuid_r(geteuid(), &entry, text, sizeof text, &found) != 0 || !found) return false;
    if (!found->pw_dir || found->pw_dir[0] != '/') return false;
    wtfcb_base_buffer_append_string(path, found->pw_dir);
    return true;
}

/* Make the directories above the last component, those that end before `from` aside. */
static void make_parents(char *path, size_t from)
{
    for (char *slash = strchr(path + from, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        (void)mkdir(path, 0700); /* what could not be made shows when the last one is */
        *slash = '/';
    }
}

/* The path to open into `path`, NUL-terminated, without slashes at its end: a link with one behind it would be followed. */
static wtfcb_status choose(const char *directory, bool read_only, wtfcb_base_buffer *path, wtfcb_error *error)
{
    size_t existing = SIZE_MAX; /* bytes of the path that must be there already; the rest is made */
    const char *xdg = environment("XDG_CACHE_HOME");
    if (!directory) directory = environment("WTFCB_CACHE_DIR");
    if (directory) {
        wtfcb_base_buffer_append_string(path, directory);
    } else if (xdg && xdg[0] == '/') {
        wtfcb_base_buffer_append_string(path, xdg);
        wtfcb_base_buffer_append_string(path, "/wtfcb");
        existing = 1;
    } else if (append_home(path)) {
        existing = path->length + 1;
        wtfcb_base_buffer_append_string(path, "/.cache/wtfcb");
    } else {
        return wtfcb_base_error(error, WTFCB_ENOTFOUND, 0, NULL,
                                "this user has no home directory for a cache; set WTFCB_CACHE_DIR or name a directory");
    }
    while (path->length > 1 && !path->failed && path->data[path->length - 1] == '/')
        path->length--;
    wtfcb_base_buffer_append_byte(path, '\0');
    if (path->failed) return wtfcb_base_error(error, WTFCB_ENOMEM, 0, NULL, "out of memory");
    if (existing < path->length && !read_only) make_parents(path->data, existing);
    return WTFCB_OK;
}

/* ------------------------------------------------------------------------------------------------------------------ */
/* Checks on what was opened */

/* Ours, or root's when it is only read; nobody else may write there. */
static wtfcb_status check_safe(int fd, const char *path, bool read_only, wtfcb_error *error)
{
    struct stat st;
    if (fstat(fd, &st) != 0) return fail(error, "look at", path, ADVICE_OTHER);
    if (st.st_uid != geteuid() && !(read_only && st.st_uid == 0))
        return wtfcb_base_error(
            error, WTFCB_EUNSAFE, 0, path,
            "the cache directory %.250s belongs to user %lu and not to user %lu who runs this program; "
            "name another directory",
            path, (unsigned long)st.st_uid, (unsigned long)geteuid());
    if ((st.st_mode & 022) != 0)
        return wtfcb_base_error(
            error, WTFCB_EUNSAFE, 0, path,
            "others may write to the cache directory %.250s (mode %03o); run chmod go-w on it, or name "
            "another directory",
            path, (unsigned)st.st_mode & 0777);
    return WTFCB_OK;
}

static wtfcb_status check_local(int fd, const char *path, wtfcb_error *error)
{
    if (wtfcb_cache_is_local(fd)) return WTFCB_OK;
    struct statfs status;
    if (fstatfs(fd, &status) != 0) return fail(error, "look at", path, ADVICE_OTHER);
    const char *name;
    (void)wtfcb_cache_file_system((uint64_t)status.f_type, &name);
    return wtfcb_base_error(
        error, WTFCB_EUNSUPPORTED, 0, path,
        "the cache directory %.250s lies on a file system that processes cannot share safely (%s, %#lx); "
        "name a directory on a local disk",
        path, name, (unsigned long)status.f_type);
}

static bool is_link(int dirfd, const char *name)
{
    struct stat st;
    return fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(st.st_mode);
}

/* Open a directory below `dirfd`, making it first unless it is only read; `path` is for messages. -1 and `*ret_status` on failure. */
static int open_directory(int dirfd, const char *name, const char *path, bool read_only, bool *ret_made,
                          wtfcb_status *ret_status, wtfcb_error *error)
{
    *ret_made = !read_only && mkdirat(dirfd, name, 0700) == 0;
    int made_error = errno;
    int fd = openat(dirfd, name, OPEN_DIRECTORY);
    if (fd < 0) {
        int open_error = errno;
        if (is_link(dirfd, name)) {
            *ret_status =
                wtfcb_base_error(error, WTFCB_EUNSAFE, 0, path,
                                 "the cache directory %.250s is a symbolic link; name what it leads to", path);
        } else if (!read_only && open_error == ENOENT) {
            errno = made_error;
            *ret_status = fail(error, "make", path,
                               made_error == ENOENT ? "make its parent first or name another directory" : ADVICE_OTHER);
        } else {
            errno = open_error;
            *ret_status = fail(error, "open", path, ADVICE_OTHER);
        }
        return -1;
    }
    *ret_status = check_safe(fd, path, read_only, error);
    if (*ret_status == WTFCB_OK) *ret_status = check_local(fd, path, error);
    if (*ret_status == WTFCB_OK) return fd;
    (void)close(fd);
    if (*ret_made) (void)unlinkat(dirfd, name, AT_REMOVEDIR); /* nothing is left on a file system that is refused */
    return -1;
}

/* ------------------------------------------------------------------------------------------------------------------ */
/* The tag that tells backups to pass by */

static bool has_prefix(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

static int is_foreign(void *user, const wtfcb_base_dirent *entry)
{
    (void)user;
    return !has_prefix(entry->name, STORE_PREFIX) && !has_prefix(entry->name, ASIDE_PREFIX) &&
           strcmp(entry->name, TAG_NAME) != 0;
}

/* Whether anything lies in the directory that is not ours. */
static bool holds_foreign(int fd)
{
    _Alignas(8) char listing[LISTING];
    int copy = openat(fd, ".", OPEN_DIRECTORY); /* a listing moves the descriptor's position */
    if (copy < 0) return true;
    int result = wtfcb_base_dir_list(copy, listing, sizeof listing, is_foreign, NULL);
    (void)close(copy);
    return result != 0;
}

/*
 * Once per directory. Who names a directory that holds other things, a home for instance, wants backups of those: the tag
 * then goes into the store's directory.
 */
static wtfcb_status put_tag(const wtfcb_cache_place *place, wtfcb_error *error)
{
    if (faccessat(place->base, TAG_NAME, F_OK, AT_SYMLINK_NOFOLLOW) == 0) return WTFCB_OK;
    int at = holds_foreign(place->base) ? place->store : place->base;
    int fd = openat(at, TAG_NAME, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0) return errno == EEXIST ? WTFCB_OK : fail(error, "write to", place->path, ADVICE_OTHER);
    ssize_t written = write(fd, TAG_TEXT, sizeof TAG_TEXT - 1);
    if (written >= 0 && (size_t)written < sizeof TAG_TEXT - 1) errno = ENOSPC;
    bool whole = written == (ssize_t)sizeof TAG_TEXT - 1;
    wtfcb_status status = whole ? WTFCB_OK : fail(error, "write to", place->path, ADVICE_OTHER);
    (void)close(fd);
    if (!whole) (void)unlinkat(at, TAG_NAME, 0);
    return status;
}

/* ------------------------------------------------------------------------------------------------------------------ */
/* Opening */

static bool leads_to(const char *path, const struct stat *wanted)
{
    struct stat st;
    return path[0] == '/' && stat(path, &st) == 0 && st.st_dev == wanted->st_dev && st.st_ino == wanted->st_ino;
}

static char *copy_string(const wtfcb_allocator *allocator, const char *text)
{
    char *copy = wtfcb_base_alloc(allocator, strlen(text) + 1);
    if (copy) memcpy(copy, text, strlen(text) + 1);
    return copy;
}

static void free_string(const wtfcb_allocator *allocator, char *text)
{
    if (text) wtfcb_base_free(allocator, text, strlen(text) + 1);
}

/* The absolute path of what was opened, from the kernel where /proc is there, else from the path that was given. */
static wtfcb_status find_path(wtfcb_cache_place *place, const char *given, wtfcb_error *error)
{
    struct stat st;
    if (fstat(place->base, &st) != 0) return fail(error, "look at", given, ADVICE_OTHER);
    char proc[64];
    char found[PATH_MAX];
    (void)snprintf(proc, sizeof proc, "/proc/self/fd/%d", place->base);
    ssize_t length = readlink(proc, found, sizeof found - 1);
    found[length > 0 ? length : 0] = '\0';
    if (!leads_to(found, &st)) {
        if (!realpath(given, found)) return fail(error, "find", given, ADVICE_OTHER);
        if (!leads_to(found, &st))
            return wtfcb_base_error(error, WTFCB_ENOTFOUND, 0, given,
                                    "the cache directory %.250s was moved while it was being opened; try again", given);
    }
    place->path = copy_string(&place->allocator, found);
    return place->path ? WTFCB_OK : wtfcb_base_error(error, WTFCB_ENOMEM, 0, given, "out of memory");
}

/* store-<format>-<pid namespace>: LMDB knows its readers by their pids, which mean something inside one namespace. */
static wtfcb_status name_store(wtfcb_cache_place *place, wtfcb_error *error)
{
    struct stat st;
    unsigned long long space = stat("/proc/self/ns/pid", &st) == 0 ? (unsigned long long)st.st_ino : 0;
    char name[64];
    int length = snprintf(name, sizeof name, "%s%d-%llu", STORE_PREFIX, WTFCB_CACHE_FORMAT, space);
    size_t above = strlen(place->path);
    bool slash = above > 1; /* the root directory ends in one */
    place->store_path = wtfcb_base_alloc(&place->allocator, above + slash + (size_t)length + 1);
    if (!place->store_path) return wtfcb_base_error(error, WTFCB_ENOMEM, 0, place->path, "out of memory");
    memcpy(place->store_path, place->path, above);
    if (slash) place->store_path[above] = '/';
    place->store_name = place->store_path + above + slash;
    memcpy(place->store_name, name, (size_t)length + 1);
    return WTFCB_OK;
}

/* Open the store's directory; `place` changes only when that works. */
static wtfcb_status open_store(wtfcb_cache_place *place, wtfcb_error *error)
{
    bool made;
    wtfcb_status status;
    int fd = open_directory(place->base, place->store_name, place->store_path, place->read_only, &made, &status, error);
    if (fd < 0) return status;
    struct stat st;
    if (fstat(fd, &st) != 0) {
        status = fail(error, "look at", place->store_path, ADVICE_OTHER);
        (void)close(fd);
        return status;
    }
    if (place->store >= 0) (void)close(place->store);
    place->store = fd;
    place->device = st.st_dev;
    place->inode = st.st_ino;
    return WTFCB_OK;
}

static wtfcb_status open_all(wtfcb_cache_place *place, const char *path, wtfcb_error *error)
{
    bool made;
    wtfcb_status status;
    place->base = open_directory(AT_FDCWD, path, path, place->read_only, &made, &status, error);
    if (place->base < 0) return status;
    status = find_path(place, path, error);
    if (status == WTFCB_OK) status = name_store(place, error);
    if (status == WTFCB_OK) status = open_store(place, error);
    if (status == WTFCB_OK && !place->read_only) status = put_tag(place, error);
    return status;
}

wtfcb_status wtfcb_cache_place_open(const wtfcb_allocator *allocator, const char *directory, bool read_only,
                                    wtfcb_cache_place *ret_place, wtfcb_error *error)
{
    wtfcb_cache_place place = {.base = -1, .store = -1, .read_only = read_only};
    place.allocator = wtfcb_base_allocator(allocator);
    wtfcb_base_buffer path;
    wtfcb_base_buffer_init(&path, &place.allocator);
    wtfcb_status status = choose(directory, read_only, &path, error);
    if (status == WTFCB_OK) status = open_all(&place, path.data, error);
    wtfcb_base_buffer_free(&path);
    if (status == WTFCB_OK)
        *ret_place = place;
    else
        wtfcb_cache_place_close(&place);
    return status;
}

void wtfcb_cache_place_close(wtfcb_cache_place *place)
{
    if (place->store >= 0) (void)close(place->store);
    if (place->base >= 0) (void)close(place->base);
    place->store = place->base = -1;
    free_string(&place->allocator, place->store_path);
    free_string(&place->allocator, place->path);
    place->store_path = place->store_name = place->path = NULL;
}

/* ------------------------------------------------------------------------------------------------------------------ */
/* Setting aside */

static int remove_user(void *user, const wtfcb_base_dirent *entry)
{
    const int *users = user;
    if (strspn(entry->name, "0123456789abcdef-") == entry->length) (void)unlinkat(*users, entry->name, 0);
    return 0;
}

/* What we know of goes; a directory with anything else in it stays. */
static void remove_store(int base, const char *name)
{
    int store = openat(base, name, OPEN_DIRECTORY);
    if (store < 0) return;
    int users = openat(store, WTFCB_CACHE_USERS_DIRECTORY, OPEN_DIRECTORY);
    if (users >= 0) {
        _Alignas(8) char listing[LISTING];
        (void)wtfcb_base_dir_list(users, listing, sizeof listing, remove_user, &users);
        (void)close(users);
        (void)unlinkat(store, WTFCB_CACHE_USERS_DIRECTORY, AT_REMOVEDIR);
    }
    for (size_t i = 0; i < sizeof STORE_FILES / sizeof *STORE_FILES; i++)
        (void)unlinkat(store, STORE_FILES[i], 0);
    (void)close(store);
    (void)unlinkat(base, name, AT_REMOVEDIR);
}

static int remove_aside(void *user, const wtfcb_base_dirent *entry)
{
    const int *base = user;
    if (has_prefix(entry->name, ASIDE_PREFIX)) remove_store(*base, entry->name);
    return 0;
}

static void remove_asides(int base)
{
    int copy = openat(base, ".", OPEN_DIRECTORY);
    if (copy < 0) return;
    _Alignas(8) char listing[LISTING];
    (void)wtfcb_base_dir_list(copy, listing, sizeof listing, remove_aside, &base);
    (void)close(copy);
}

/* Whether the store's name still leads to the directory that is open. */
static bool is_in_place(const wtfcb_cache_place *place)
{
    struct stat st;
    return fstatat(place->base, place->store_name, &st, AT_SYMLINK_NOFOLLOW) == 0 && st.st_dev == place->device &&
           st.st_ino == place->inode;
}

static wtfcb_status move_aside(const wtfcb_cache_place *place, wtfcb_error *error)
{
    int mark = openat(place->store, WTFCB_CACHE_DAMAGED_MARK, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (mark >= 0) (void)close(mark); /* on a full disk those who wait at the old lock look at its pages instead */
    for (unsigned number = 1; number <= MOST_SET_ASIDE; number++) {
        char name[32];
        (void)snprintf(name, sizeof name, "%s%u", ASIDE_PREFIX, number);
        if (renameat(place->base, place->store_name, place->base, name) == 0) return WTFCB_OK;
        if (errno != EEXIST && errno != ENOTEMPTY && errno != ENOTDIR) break;
    }
    int os_error = errno;
    return wtfcb_base_error(error, status_of_errno(os_error), os_error, place->store_path,
                            "cannot set the damaged store %.250s aside: %s; remove it", place->store_path,
                            strerror(os_error));
}

wtfcb_status wtfcb_cache_place_set_aside(wtfcb_cache_place *place, wtfcb_error *error)
{
    assert(!place->read_only);
    if (is_in_place(place)) {
        remove_asides(place->base);
        wtfcb_status status = move_aside(place, error);
        if (status != WTFCB_OK) return status;
    }
    return open_store(place, error);
}
