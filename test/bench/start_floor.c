/*
 * Floor of a rescan of a small project as a whole process: open an LMDB environment, walk, stat, get each file's signature by its path, compare.
 *
 *     start_floor fill DIRECTORY TREE     store the signatures
 *     start_floor check DIRECTORY TREE    exit status 0: as many as there are files were equal
 *
 * One thread, one read transaction, names that begin with a dot are skipped: nothing that a program could leave out.
 */
#include <dirent.h>
#include <fcntl.h>
#include <lmdb.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

struct signature {
    uint64_t size;
    uint64_t inode;
    struct timespec modified;
    struct timespec changed;
};

static MDB_txn *txn;
static MDB_dbi database;
static bool filling;
static unsigned long files;
static unsigned long equal;
static char *pending[4096];
static size_t pending_count;

static void die(const char *what)
{
    perror(what);
    exit(3);
}

static void look(const char *path, const struct stat *st)
{
    struct signature now;
    memset(&now, 0, sizeof now);
    now.size = (uint64_t)st->st_size;
    now.inode = st->st_ino;
    now.modified = st->st_mtim;
    now.changed = st->st_ctim;
    XXH128_hash_t hash = XXH3_128bits(path, strlen(path));
    MDB_val key = {sizeof hash, &hash};
    MDB_val value = {sizeof now, &now};
    files++;
    if (filling) {
        if (mdb_put(txn, database, &key, &value, 0) != 0) die("put");
    } else if (mdb_get(txn, database, &key, &value) == 0 && value.mv_size == sizeof now) {
        equal += memcmp(value.mv_data, &now, sizeof now) == 0;
    }
}

static void walk_directory(const char *path)
{
    char name[4096];
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *directory = fd >= 0 ? fdopendir(fd) : NULL;
    if (!directory) die(path);
    for (const struct dirent *entry; (entry = readdir(directory));) {
        struct stat st;
        if (entry->d_name[0] == '.' || fstatat(fd, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) != 0) continue;
        (void)snprintf(name, sizeof name, "%s/%s", path, entry->d_name);
        if (S_ISREG(st.st_mode)) look(name, &st);
        if (S_ISDIR(st.st_mode)) {
            if (pending_count == sizeof pending / sizeof *pending) die("too many directories");
            pending[pending_count] = strdup(name);
            if (!pending[pending_count++]) die("memory");
        }
    }
    closedir(directory);
}

int main(int argc, char **argv)
{
    if (argc != 4 || (strcmp(argv[1], "fill") != 0 && strcmp(argv[1], "check") != 0)) {
        fputs("usage: start_floor fill|check DIRECTORY TREE\n", stderr);
        return 2;
    }
    filling = strcmp(argv[1], "fill") == 0;
    MDB_env *env;
    (void)mkdir(argv[2], 0700);
    int rc = mdb_env_create(&env);
    if (rc == 0) rc = mdb_env_set_mapsize(env, (size_t)1 << 30);
    if (rc == 0) rc = mdb_env_open(env, argv[2], filling ? MDB_NOSYNC : MDB_RDONLY | MDB_NOTLS, 0600);
    if (rc == 0) rc = mdb_txn_begin(env, NULL, filling ? 0 : MDB_RDONLY, &txn);
    if (rc == 0) rc = mdb_dbi_open(txn, NULL, 0, &database);
    if (rc != 0) die("lmdb");
    pending[pending_count++] = strdup(argv[3]);
    while (pending_count > 0) {
        char *path = pending[--pending_count];
        if (!path) die("memory");
        walk_directory(path);
        free(path);
    }
    if (!filling)
        mdb_txn_abort(txn);
    else if (mdb_txn_commit(txn) != 0)
        die("commit");
    mdb_env_close(env);
    printf("%lu files, %lu as they were\n", files, equal);
    return filling || equal == files ? 0 : 1;
}
