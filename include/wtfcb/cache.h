/**
 * @file
 * `wtfcb_cache`: results that are remembered, in memory and in a store on disk that processes share.
 *
 * A cache has two tiers. The memory tier keeps the values that were used last, up to a number of bytes: exactly those below 2 MiB;
 * in a larger one a value may have to go earlier than its last use says, by an eighth of what is put while all are replaced once. The persistent tier is a
 * store in a directory: LMDB, memory-mapped, shared by any number of processes of one user. A cache works with the memory
 * tier alone from the moment it is made; wtfcb_cache_open() adds the store:
 *
 *     wtfcb_cache *cache;
 *     wtfcb_cache_new(NULL, &cache);
 *     wtfcb_cache_open(cache, NULL, NULL);              // the user's cache directory; without it, memory alone
 *     wtfcb_cache_put(cache, "key", 3, "value", 5, NULL);
 *     wtfcb_value *value;
 *     if (wtfcb_cache_get(cache, "key", 3, &value) == WTFCB_OK) {
 *         use(wtfcb_value_bytes(value), wtfcb_value_size(value));
 *         wtfcb_value_free(value);
 *     }
 *     wtfcb_cache_free(cache);
 *
 * A scanner that is given a cache (wtfcb_scanner_set_cache()) remembers there what it found in each file.
 *
 * Never stale. A value may name the file it was made from and others that it depends on. A get looks at each of them: if
 * its signature (type, size, times, inode, device) is not the one that was recorded, its content is hashed and compared, and a
 * difference makes the get a miss. A signature that was younger than two seconds when it was recorded says nothing, nor does one
 * on a network file system: there the content decides each time.
 *
 * Never in the way. A get waits for no put and no other process. Puts are queued and written in batches by one thread of the
 * store; what waits there is found by gets of this process. A process that is killed loses what it had queued and nothing else. If
 * another process holds the store and does not answer in time, if the disk is full, if the directory is unsafe or lies
 * on a network file system, the memory tier serves alone, and wtfcb_cache_stats.status says why.
 *
 * Keys are bytes, compared in full. Values are bytes up to 1 GiB.
 *
 * Hashes are XXH3 with 128 bits, which resists accidents and not adversaries: a tree that somebody hostile may write to deserves
 * a cache directory of its own. LMDB ends the process on some kinds of damage to its file by abort(3); the next open finds that out and
 * sets the store aside.
 *
 * Threads: shared, every function may be called from any thread. After fork(2) a cache is unusable in the child
 * (WTFCB_EFORK, and freeing it there does nothing); the child may make one of its own.
 */
#ifndef WTFCB_CACHE_H
#define WTFCB_CACHE_H

#include <stddef.h>
#include <stdint.h>

#include <wtfcb/allocator.h>
#include <wtfcb/export.h>
#include <wtfcb/option.h>
#include <wtfcb/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A cache. */
typedef struct wtfcb_cache wtfcb_cache;

/** A value that was found: immutable and counted; it outlives the cache. */
typedef struct wtfcb_value wtfcb_value;

/* Options: wtfcb_cache_set_option(), before wtfcb_cache_open(). Defaults and bounds: wtfcb_cache_option(). */

/** Bytes of the memory tier, bookkeeping included. Default 64 MiB; 0: none. */
#define WTFCB_CACHE_MEMORY 1
/**
 * Bytes that the store may take on disk. Default 4 GiB. Two generations share them: when the younger has half of it, the older, which holds
 * what nobody has asked for since, is dropped.
 */
#define WTFCB_CACHE_SIZE 2
/** 1: never write; a directory without a store is WTFCB_ENOTFOUND. Default 0. */
#define WTFCB_CACHE_READ_ONLY 3
/** Time to live of values that are put without one, in ms; 0 (default): they do not expire. */
#define WTFCB_CACHE_TTL 4
/** How long to wait for another process that opens, closes or writes, in ms. Default 1,000. */
#define WTFCB_CACHE_LOCK_TIMEOUT 5
/** Bytes of puts that may wait for the writer. Default 16 MiB. A put that finds no room waits, at most WTFCB_CACHE_LOCK_TIMEOUT. */
#define WTFCB_CACHE_QUEUE 6
/** 1: hash a file each time instead of trusting its signature. Default 0. */
#define WTFCB_CACHE_ALWAYS_VERIFY 7

/** `wtfcb_dependency.kind`: the file's content; also its coming or going. */
#define WTFCB_DEPENDS_CONTENT 1
/** `wtfcb_dependency.kind`: that the path exists, whatever is in it. */
#define WTFCB_DEPENDS_EXISTENCE 2
/** `wtfcb_dependency.kind`: that the path does not exist. */
#define WTFCB_DEPENDS_ABSENCE 3

/** Something that a value depends on. */
typedef struct wtfcb_dependency {
    const char *path;  /**< NUL-terminated; a relative one starts from the working directory of the put */
    uint32_t kind;     /**< WTFCB_DEPENDS_* */
    uint32_t reserved; /**< 0 */
} wtfcb_dependency;

/** How a value is put; all 0 is a value that lives until it is evicted. */
typedef struct wtfcb_put {
    uint32_t size;                        /**< `sizeof(wtfcb_put)` */
    uint32_t reserved;                    /**< 0 */
    uint64_t ttl_ms;                      /**< time to live; 0: WTFCB_CACHE_TTL */
    const char *source;                   /**< file that the value was made from; NULL: none */
    const wtfcb_dependency *dependencies; /**< others that it depends on */
    uint64_t dependency_count;            /**< their number */
} wtfcb_put;

/** Initialiser of a ::wtfcb_put. */
#define WTFCB_PUT_INIT                                                                                                 \
    {                                                                                                                  \
        (uint32_t)sizeof(wtfcb_put), 0, 0, NULL, NULL, 0                                                               \
    }

/** `ret_states` of wtfcb_cache_check_files(): as it was when it was remembered last. */
#define WTFCB_CHECK_UNCHANGED 1
/** Likewise: its content is another one. */
#define WTFCB_CHECK_CHANGED 2
/** Likewise: it was there and is no more, or cannot be read. */
#define WTFCB_CHECK_GONE 3
/** Likewise: no value names it as its source or a dependency. */
#define WTFCB_CHECK_UNKNOWN 4

/** `wtfcb_miss.reason`: it does not miss. */
#define WTFCB_MISS_NONE 0
/** `wtfcb_miss.reason`: never put, as far as is known. */
#define WTFCB_MISS_NEVER_SEEN 1
/** `wtfcb_miss.reason`: its source or a dependency has another content, came or went; `path` names it. */
#define WTFCB_MISS_CHANGED 2
/** `wtfcb_miss.reason`: made by another version of the library, an analyzer, a grammar, or with other options. */
#define WTFCB_MISS_VERSION 3
/** `wtfcb_miss.reason`: its time to live is over. */
#define WTFCB_MISS_EXPIRED 4
/** `wtfcb_miss.reason`: dropped for want of space (one in a hundred of these was never seen). */
#define WTFCB_MISS_EVICTED 5
/** `wtfcb_miss.reason`: its record is damaged; it was removed. */
#define WTFCB_MISS_DAMAGED 6
/** `wtfcb_miss.reason`: a file that was read cannot be read now; of a scan also: the signature is too young, the file is hashed. */
#define WTFCB_MISS_UNTRUSTED 7

/** Why a get misses. */
typedef struct wtfcb_miss {
    uint32_t reason;   /**< WTFCB_MISS_* */
    uint32_t reserved; /**< 0 */
    char path[1024];   /**< the file that decided, cut at the front if longer; "" if none */
} wtfcb_miss;

/** How a cache is doing. Counters are of this handle since it was made; sizes are of the moment. */
typedef struct wtfcb_cache_stats {
    uint64_t hits_memory;         /**< gets answered by the memory tier */
    uint64_t hits_persistent;     /**< by the store */
    uint64_t misses;              /**< by neither */
    uint64_t puts;                /**< values put */
    uint64_t dropped;             /**< puts that were not written, for want of room or of the store */
    uint64_t evictions_memory;    /**< values that made room in the memory tier */
    uint64_t generations_dropped; /**< times the older generation was dropped */
    uint64_t expirations;         /**< values found to be over their time */
    uint64_t invalidations;       /**< values removed because of a file */
    uint64_t damaged;             /**< records that failed their checksum or bounds, and were removed */
    uint64_t set_aside;           /**< stores found damaged as a whole and replaced */
    uint64_t memory_entries;      /**< values in the memory tier */
    uint64_t memory_bytes;        /**< their size, bookkeeping included */
    uint64_t memory_limit;        /**< WTFCB_CACHE_MEMORY */
    uint64_t store_entries;       /**< records in the store, a scanner's included */
    uint64_t store_bytes;         /**< pages in use */
    uint64_t store_file_bytes;    /**< size of its file */
    uint64_t store_limit;         /**< WTFCB_CACHE_SIZE */
    uint64_t queued;              /**< puts that wait for the writer */
    uint64_t queued_bytes;        /**< their size */
    uint64_t readers;             /**< slots of readers in use, of all processes */
    wtfcb_status status;       /**< of the store: WTFCB_OK, or why it does not serve; WTFCB_ENOTFOUND: never opened */
    wtfcb_status write_status; /**< WTFCB_OK, or why nothing is written any more */
} wtfcb_cache_stats;

/** What wtfcb_cache_verify() found. */
typedef struct wtfcb_cache_report {
    uint64_t records; /**< that were read */
    uint64_t bytes;   /**< their size */
    uint64_t damaged; /**< that failed their checksum or bounds, and were removed unless the cache is read-only */
    uint64_t expired; /**< that are over their time */
} wtfcb_cache_report;

/**
 * Make a cache that has its memory tier alone. Starts no thread, touches no file.
 *
 * @param allocator  for all that hangs from the cache; NULL for libc's. LMDB uses libc's in any case.
 * @param ret_cache  owned by the caller, wtfcb_cache_free(); untouched on failure
 * @return WTFCB_OK; WTFCB_EINVAL: `ret_cache` is NULL or the allocator incomplete; WTFCB_ENOMEM.
 * @since 0.1
 */
WTFCB_API wtfcb_status wtfcb_cache_new(const wtfcb_allocator *allocator, wtfcb_cache **ret_cache);

/** Take another hold on a cache. Constant time. @return `cache`, which may be NULL @since 0.1 */
WTFCB_API wtfcb_cache *wtfcb_cache_ref(wtfcb_cache *cache);

/**
 * Drop a hold on a cache; the last one writes what is queued, closes the store and frees the cache. NULL is accepted. Blocks
 * for as long as the writing takes, at most WTFCB_CACHE_LOCK_TIMEOUT without progress.
 * @since 0.1
 */
WTFCB_API void wtfcb_cache_free(wtfcb_cache *cache);

/** Number of options. Constant time. @since 0.1 */
WTFCB_API uint64_t wtfcb_cache_option_count(void);

/**
 * Copy out the description of an option. Constant time.
 *
 * @param index  0 to wtfcb_cache_option_count() - 1; not the option's id
 * @return WTFCB_OK; WTFCB_ENOTFOUND: no such row; WTFCB_EINVAL: `ret_row` is NULL.
 * @since 0.1
 */
WTFCB_API wtfcb_status wtfcb_cache_option(uint64_t index, wtfcb_option *ret_row, size_t row_size);

/**
 * Set an option.
 *
 * @return WTFCB_OK; WTFCB_ENOTFOUND: no such option; WTFCB_EINVAL: out of bounds; WTFCB_EBUSY: the store is open;
 *         WTFCB_ENOMEM; WTFCB_EFORK.
 * @since 0.1
 */
WTFCB_API wtfcb_status wtfcb_cache_set_option(wtfcb_cache *cache, int32_t option, int64_t value);

/** Read an option. WTFCB_OK; WTFCB_ENOTFOUND: no such option; WTFCB_EINVAL: a NULL argument. @since 0.1 */
WTFCB_API wtfcb_status wtfcb_cache_get_option(const wtfcb_cache *cache, int32_t option, int64_t *ret_value);

/**
 * Add the store in a directory. Starts one thread, unless the cache is read-only.
 *
 * The directory is made, with mode 0700, if its parent exists; it must belong to this user and be writable for nobody else. Inside it
 * each format of the library and each pid namespace has a directory of its own. In one process all handles on one directory share one
 * store, with the options of the first.
 *
 * A failure leaves the cache with its memory tier, as it was.
 *
 * @param directory  NULL: `$WTFCB_CACHE_DIR`, `$XDG_CACHE_HOME/wtfcb`, or `~/.cache/wtfcb`, whichever is set first
 *                   (the environment is ignored by programs that run with more rights than their user)
 * @return WTFCB_OK; WTFCB_EUNSAFE: wrong owner, writable for group or world, or a symbolic link; WTFCB_ENOTFOUND: no
 *         such directory, or no home; WTFCB_EACCES, WTFCB_EIO; WTFCB_EUNSUPPORTED: a network or unknown file system, or no address
 *         space for the map; WTFCB_ENOSPACE; WTFCB_EBUSY: another process does not let go of the store, or this cache is open
 *         already; WTFCB_ENOMEM; WTFCB_EINVAL; WTFCB_EFORK.
 * @since 0.1
 */
WTFCB_API wtfcb_status wtfcb_cache_open(wtfcb_cache *cache, const char *directory, wtfcb_error *ret_error);

/** The directory of the store that is open, as an absolute path; "" without one. Lives as long as the cache. @since 0.1 */
WTFCB_API const char *wtfcb_cache_directory(const wtfcb_cache *cache);

/**
 * Put a value; one under the same key is replaced. Everything is copied.
 *
 * Reads and hashes the source and the dependencies as they are now: that the value was made from these states of them is the
 * caller's part. A file that cannot be read is remembered as gone, and its return makes the value a miss. Existence and absence are
 * claims: a value whose claim is false is a miss. Links are followed. Waits for room in the queue if there is none.
 *
 * @param key      1 to 65,535 bytes
 * @param value    may be NULL with a length of 0
 * @param options  NULL: none
 * @return WTFCB_OK, also when the store could not take it (`dropped`); WTFCB_EINVAL; WTFCB_ELIMIT: larger than 1 GiB;
 *         WTFCB_ENOMEM; WTFCB_EFORK; WTFCB_EREADONLY: a cache that never writes.
 * @since 0.1
 */
WTFCB_API wtfcb_status wtfcb_cache_put(wtfcb_cache *cache, const void *key, size_t key_length, const void *value,
                                       size_t length, const wtfcb_put *options);

/**
 * Find a value. Memory tier: a hash, a shard's lock and a hold; store: a lookup, a checksum and a copy; with a
 * source or dependencies one stat(2) each, and a read of those whose signature cannot be trusted.
 *
 * @param ret_value  owned by the caller, wtfcb_value_free(); untouched on failure
 * @return WTFCB_OK; WTFCB_ENOTFOUND: a miss (wtfcb_cache_explain() says why); WTFCB_EINVAL; WTFCB_ENOMEM; WTFCB_EFORK.
 * @since 0.1
 */
WTFCB_API wtfcb_status wtfcb_cache_get(wtfcb_cache *cache, const void *key, size_t key_length, wtfcb_value **ret_value);

/**
 * Remove a value, if it is there.
 *
 * @return WTFCB_OK; WTFCB_EINVAL; WTFCB_ENOMEM; WTFCB_EFORK; WTFCB_EREADONLY; WTFCB_ENOSPACE: the store cannot be written, so that
 *         the value may be found there again.
 * @since 0.1
 */
WTFCB_API wtfcb_status wtfcb_cache_remove(wtfcb_cache *cache, const void *key, size_t key_length);

/** The bytes, aligned to 8, valid as long as the value is held. @since 0.1 */
WTFCB_API const void *wtfcb_value_bytes(const wtfcb_value *value);
/** Their number. @since 0.1 */
WTFCB_API size_t wtfcb_value_size(const wtfcb_value *value);
/** Take another hold. @return `value`, which may be NULL @since 0.1 */
WTFCB_API wtfcb_value *wtfcb_value_ref(wtfcb_value *value);
/** Drop a hold; NULL is accepted. @since 0.1 */
WTFCB_API void wtfcb_value_free(wtfcb_value *value);

/**
 * Remove every value that was made from a file or depends on it, and then every one that depends on the sources of those, and
 * so on; cycles are one unit. Looks at no file.
 *
 * @param path       as it was given to the puts, or another spelling of the same absolute path
 * @param ret_count  values removed; may be NULL
 * @return WTFCB_OK; WTFCB_EINVAL; WTFCB_ENOMEM; WTFCB_EFORK; WTFCB_EREADONLY; what a read of the store can fail with.
 * @since 0.1
 */
WTFCB_API wtfcb_status wtfcb_cache_invalidate_file(wtfcb_cache *cache, const char *path, uint64_t *ret_count);

/**
 * Which of these files have changed since a value was last made from them or with their help.
 *
 * @param paths       `count` NUL-terminated paths
 * @param ret_states  `count` places for WTFCB_CHECK_UNCHANGED and so on
 * @return WTFCB_OK; WTFCB_EINVAL; WTFCB_ENOMEM; WTFCB_EFORK.
 * @since 0.1
 */
WTFCB_API wtfcb_status wtfcb_cache_check_files(wtfcb_cache *cache, const char *const *paths, size_t count,
                                               uint32_t *ret_states);

/**
 * Wait until everything that was put before this call is written and handed to the operating system, and flushed to the disk.
 *
 * @param timeout_ms  0: as long as it takes
 * @return WTFCB_OK; WTFCB_ETIMEOUT; why nothing is written (`write_status`); WTFCB_ENOTFOUND: no store; WTFCB_EFORK.
 * @since 0.1
 */
WTFCB_API wtfcb_status wtfcb_cache_sync(wtfcb_cache *cache, uint64_t timeout_ms, wtfcb_error *ret_error);

/**
 * Forget everything: the memory tier, and the store, which is that of all processes; their memory tiers keep what they have. The store's
 * file is given back to the disk when the last process that has it open closes it, if nothing has been put since.
 *
 * @return WTFCB_OK, also without a store; why nothing is written (`write_status`); WTFCB_EREADONLY; WTFCB_EFORK.
 * @since 0.1
 */
WTFCB_API wtfcb_status wtfcb_cache_clear(wtfcb_cache *cache, wtfcb_error *ret_error);

/**
 * Remove what is over its time. Reads the whole store.
 *
 * @param ret_count  values removed; may be NULL
 * @return as wtfcb_cache_clear()
 * @since 0.1
 */
WTFCB_API wtfcb_status wtfcb_cache_purge(wtfcb_cache *cache, uint64_t *ret_count, wtfcb_error *ret_error);

/**
 * Read every record and check it. Looks at no source file.
 *
 * @param ret_report  filled as far as `size` reaches; untouched on failure
 * @return WTFCB_OK, also when damaged records were found; WTFCB_EDAMAGED: the store as a whole, which is set aside;
 *         WTFCB_ENOTFOUND: no store; WTFCB_EINVAL; WTFCB_ENOMEM; WTFCB_EFORK.
 * @since 0.1
 */
WTFCB_API wtfcb_status wtfcb_cache_verify(wtfcb_cache *cache, wtfcb_cache_report *ret_report, size_t size,
                                          wtfcb_error *ret_error);

/** Copy out how the cache is doing, filled as far as `size` reaches. WTFCB_OK; WTFCB_EINVAL; WTFCB_EFORK. @since 0.1 */
WTFCB_API wtfcb_status wtfcb_cache_get_stats(wtfcb_cache *cache, wtfcb_cache_stats *ret_stats, size_t size);

/**
 * Why a get of this key would miss now. Costs what the get costs; changes nothing and counts nothing. What a get has removed is
 * known as long as it is among the last 64 of this handle.
 *
 * @param ret_miss  filled as far as `size` reaches
 * @return WTFCB_OK; WTFCB_EINVAL; WTFCB_ENOMEM; WTFCB_EFORK.
 * @since 0.1
 */
WTFCB_API wtfcb_status wtfcb_cache_explain(wtfcb_cache *cache, const void *key, size_t key_length, wtfcb_miss *ret_miss,
                                           size_t size);

/** Name of a reason, such as "content changed"; "unknown" for others. Static, constant time. @since 0.1 */
WTFCB_API const char *wtfcb_miss_name(uint32_t reason);

#ifdef __cplusplus
}
#endif
#endif
