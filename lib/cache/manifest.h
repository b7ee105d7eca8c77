/*
 * Manifest: the files that a value depends on, each with what was true of it when the value was made.
 *
 * One block of bytes inside a value (value.h). For each dependency: kind, absolute clean path, signature, moment at which
 * that was recorded, hash of the content. The first one may be the source.
 *
 * A manifest is checked entry by entry: kind EXISTENCE and ABSENCE by one stat; CONTENT by signature where that is settled
 * and the file system is local, else by reading and hashing. Nobody's word is trusted about a file that cannot be read: that is a change.
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
} wtfcb_cache_manifest_entry;

/* An absolute clean path (no ".", "..", doubled or trailing slashes; links are left alone), appended with its NUL. WTFCB_OK; WTFCB_ENOMEM; WTFCB_EIO: no working directory. */
wtfcb_status wtfcb_cache_absolute_path(const char *path, wtfcb_base_buffer *buffer);

/* Under which name edges of a path are kept. */
wtfcb_base_hash128 wtfcb_cache_path_hash(const char *absolute_path);

/* Look at source (may be NULL) and dependencies as they are now, and append the manifest. */
wtfcb_status wtfcb_cache_manifest_make(const char *source, const wtfcb_dependency *dependencies, uint64_t count,
                                       wtfcb_base_buffer *buffer);

/* Whether the bytes are a manifest: every length within bounds. To be asked once of what comes from the store. */
bool wtfcb_cache_manifest_valid(const char *manifest, size_t length);

/* The entry at `*at`, which moves behind it; false at the end. */
bool wtfcb_cache_manifest_next(const char *manifest, size_t length, size_t *at, wtfcb_cache_manifest_entry *ret_entry);

/*
 * Whether everything is still as the manifest says. When not, `*ret_changed` is the path that differs (in the manifest). `always`: hash
 * every content. `buffer` is scratch for contents. `*ret_reread`: a content had to be read although it had not changed.
 */
bool wtfcb_cache_manifest_holds(const char *manifest, size_t length, bool always, wtfcb_base_buffer *buffer,
                                const char **ret_changed, bool *ret_reread);

#endif
