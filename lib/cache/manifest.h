/*
 * Manifest: the files that a value depends on, each with what was true of it when the value was made.
 *
 * One block of bytes inside a value (value.h), entry behind entry, without alignment: a head of fixed size, little-endian, then an
 * absolute path with its NUL. The head holds the kind, what the file's signature was, when that was recorded, and the hash
 * of the content. The first entry may be the source. Each entry alone is a manifest too.
 *
 * A manifest is checked entry by entry: kinds EXISTENCE and ABSENCE by one stat; CONTENT by signature where that is settled
 * and the file system is local, else by reading and hashing. Nobody's word is trusted about a file that was read and cannot be read now.
 * Links are followed: a path stands for what a program gets that opens it.
 */
#ifndef WTFCB_CACHE_MANIFEST_H
#define WTFCB_CACHE_MANIFEST_H

#include <stdbool.h>

#include <wtfcb/cache.h>

#include "base/buffer.h"
#include "base/hash.h"

/* One entry on the way out of a manifest. */
typedef struct wtfcb_cache_manifest_entry {
    uint32_t kind; /* WTFCB_DEPENDS_* */
    bool source;
    const char *path; /* NUL-terminated, in the manifest */
    size_t path_length;
    const char *bytes; /* the entry as a manifest of its own */
    size_t size;
    int64_t recorded_ns; /* when the file was looked at */
} wtfcb_cache_manifest_entry;

/*
 * An absolute clean path, appended with its NUL: no ".", no doubled or trailing slashes, no ".." except behind a symbolic link, where
 * leaving it out would lead elsewhere. WTFCB_OK; WTFCB_ENOMEM; WTFCB_EIO: no working directory.
 */
wtfcb_status wtfcb_cache_absolute_path(const char *path, wtfcb_base_buffer *buffer);

/* Under which name edges of a path are kept. */
wtfcb_base_hash128 wtfcb_cache_path_hash(const char *absolute_path);

/* Look at source (may be NULL) and dependencies as they are now, and append the manifest. WTFCB_OK; WTFCB_ENOMEM; WTFCB_EIO. */
wtfcb_status wtfcb_cache_manifest_make(const char *source, const wtfcb_dependency *dependencies, uint64_t count,
                                       wtfcb_base_buffer *buffer);

/* Whether the bytes are a manifest: every length within bounds. To be asked once of what comes from the store. */
bool wtfcb_cache_manifest_valid(const char *manifest, size_t length);

/* The entry at `*at`, which moves behind it; false at the end. */
bool wtfcb_cache_manifest_next(const char *manifest, size_t length, size_t *at, wtfcb_cache_manifest_entry *ret_entry);

/* Whether a path is in the manifest. */
bool wtfcb_cache_manifest_names(const char *manifest, size_t length, const char *path, size_t path_length);

/* What a check needs and gives. */
typedef struct wtfcb_cache_manifest_check {
    bool always;                /* hash every content */
    wtfcb_base_buffer *scratch; /* for contents */
    /*
     * NULL, or a buffer that receives the manifest as it should be from now on, if it holds, something had to be read again, and that
     * would not have to be with this one. It is empty otherwise.
     */
    wtfcb_base_buffer *refreshed;
    const char *changed; /* the path that decided, in the manifest */
} wtfcb_cache_manifest_check;

/*
 * Whether everything is still as the manifest says. WTFCB_OK: it is; WTFCB_ECHANGED: it is not; WTFCB_EIO: a file that was read
 * cannot be read now; WTFCB_ENOMEM.
 */
wtfcb_status wtfcb_cache_manifest_holds(const char *manifest, size_t length, wtfcb_cache_manifest_check *check);

#endif
