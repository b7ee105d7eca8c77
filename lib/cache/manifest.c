/*
 * Manifests: made, taken apart, and held against the files as they are; see manifest.h.
 *
 * The moment of a record is read before the file is looked at, so that "older than two seconds" errs towards reading
 * again. What is hashed is one state of the file: the reader of base/file.h sees to that.
 */
#include "cache/manifest.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "cache/place.h"
#include "cache/signature.h"

enum {
    FLAG_SOURCE = 1,
    FLAG_READ = 2,  /* the content was read; without it the file was gone or could not be read */
    FLAG_LOCAL = 4, /* the file system's times can be trusted */
    ALL_FLAGS = 7,
};

/* Contents of any size: what does not fit into memory is WTFCB_ENOMEM. */
#define LONGEST_CONTENT ((size_t)PTRDIFF_MAX / 2)

/* In front of each path. Copied in and out: entries are not aligned. */
typedef struct entry_head {
    uint32_t path_length;
    uint8_t kind;
    uint8_t flags;
    uint8_t type; /* of the signature, as are the next five */
    uint8_t reserved;
    uint64_t size;
    int64_t mtime_ns;
    int64_t ctime_ns;
    uint64_t inode;
    uint64_t device;
    int64_t recorded_ns;
    wtfcb_base_hash128 hash;
} entry_head;

_Static_assert(sizeof(entry_head) == 72, "a new layout needs a new number of the store's format");

static wtfcb_base_file_signature signature_of(const entry_head *head)
{
    return (wtfcb_base_file_signature){head->size,  head->mtime_ns, head->ctime_ns,
                                       head->inode, head->device,   head->type};
}

wtfcb_base_hash128 wtfcb_cache_path_hash(const char *absolute_path)
{
    return wtfcb_base_hash(absolute_path, strlen(absolute_path));
}

/* Read one state of a file into `head`. WTFCB_OK; WTFCB_ENOMEM; anything else: it cannot be read, whyever. */
static wtfcb_status look(const char *path, wtfcb_base_buffer *scratch, entry_head *head)
{
    wtfcb_base_file_signature signature;
    int os_error = 0;
    head->recorded_ns = wtfcb_cache_signature_now();
    if (wtfcb_base_file_stat(AT_FDCWD, path, true, &signature) != 0) return wtfcb_base_status_of_errno(errno);
    if (signature.type != WTFCB_BASE_FILE_REGULAR) return WTFCB_ESPECIAL;
    int fd = wtfcb_base_file_open(AT_FDCWD, path, true);
    if (fd < 0) return wtfcb_base_status_of_errno(errno);
    bool local = wtfcb_cache_is_local(fd);
    wtfcb_status status = wtfcb_base_file_read(fd, LONGEST_CONTENT, scratch, &signature, &os_error);
    (void)close(fd);
    if (status != WTFCB_OK) return status;
    head->flags = (uint8_t)((head->flags & FLAG_SOURCE) | FLAG_READ | (local ? FLAG_LOCAL : 0));
    head->type = signature.type;
    head->size = signature.size;
    head->mtime_ns = signature.mtime_ns;
    head->ctime_ns = signature.ctime_ns;
    head->inode = signature.inode;
    head->device = signature.device;
    head->hash = wtfcb_base_hash(scratch->data, scratch->length);
    return WTFCB_OK;
}

/* ------------------------------------------------------------------------------------------------------------ making */

static wtfcb_status append_entry(const char *path, uint32_t kind, bool source, wtfcb_base_buffer *scratch,
                                 wtfcb_base_buffer *buffer)
{
    entry_head head = {.kind = (uint8_t)kind, .flags = source ? FLAG_SOURCE : 0};
    size_t at = buffer->length;
    wtfcb_base_buffer_append(buffer, &head, sizeof head);
    wtfcb_status status = wtfcb_cache_absolute_path(path, buffer);
    if (status != WTFCB_OK) return status;
    size_t length = buffer->length - at - sizeof head - 1;
    if (length > UINT32_MAX) return WTFCB_ENOMEM;
    head.path_length = (uint32_t)length;
    head.recorded_ns = wtfcb_cache_signature_now();
    if (kind == WTFCB_DEPENDS_CONTENT) {
        status = look(buffer->data + at + sizeof head, scratch, &head);
        if (status == WTFCB_ENOMEM) return status;
    }
    memcpy(buffer->data + at, &head, sizeof head);
    return WTFCB_OK;
}

wtfcb_status wtfcb_cache_manifest_make(const char *source, const wtfcb_dependency *dependencies, uint64_t count,
                                       wtfcb_base_buffer *buffer)
{
    wtfcb_base_buffer scratch;
    wtfcb_base_buffer_init(&scratch, buffer->allocator);
    wtfcb_status status = source ? append_entry(source, WTFCB_DEPENDS_CONTENT, true, &scratch, buffer) : WTFCB_OK;
    for (uint64_t i = 0; i < count && status == WTFCB_OK; i++)
        status = append_entry(dependencies[i].path, dependencies[i].kind, false, &scratch, buffer);
    wtfcb_base_buffer_free(&scratch);
    return status == WTFCB_OK && buffer->failed ? WTFCB_ENOMEM : status;
}

/* ----------------------------------------------------------------------------------------------------- taking apart */

/* The entry at `at`, if there is a whole one. */
static bool read_entry(const char *manifest, size_t length, size_t at, entry_head *ret_head, size_t *ret_size)
{
    if (length - at <= sizeof *ret_head) return false;
    memcpy(ret_head, manifest + at, sizeof *ret_head);
    if (ret_head->path_length >= length - at - sizeof *ret_head) return false;
    *ret_size = sizeof *ret_head + ret_head->path_length + 1;
    return true;
}

bool wtfcb_cache_manifest_valid(const char *manifest, size_t length)
{
    entry_head head;
    size_t size;
    for (size_t at = 0; at < length; at += size) {
        if (!read_entry(manifest, length, at, &head, &size)) return false;
        const char *path = manifest + at + sizeof head;
        if (head.path_length == 0 || path[0] != '/' ||
            memchr(path, '\0', size - sizeof head) != path + head.path_length)
            return false;
        if (head.kind < WTFCB_DEPENDS_CONTENT || head.kind > WTFCB_DEPENDS_ABSENCE || head.reserved != 0) return false;
        if ((head.flags & ~ALL_FLAGS) != 0 || head.type > WTFCB_BASE_FILE_SPECIAL) return false;
        if ((head.flags & FLAG_SOURCE) && (at != 0 || head.kind != WTFCB_DEPENDS_CONTENT)) return false;
    }
    return true;
}

bool wtfcb_cache_manifest_next(const char *manifest, size_t length, size_t *at, wtfcb_cache_manifest_entry *ret_entry)
{
    entry_head head;
    size_t size;
    if (*at >= length) return false;
    bool whole = read_entry(manifest, length, *at, &head, &size);
    assert(whole);
    if (!whole) return false;
    *ret_entry = (wtfcb_cache_manifest_entry){
        .kind = head.kind,
        .source = (head.flags & FLAG_SOURCE) != 0,
        .path = manifest + *at + sizeof head,
        .path_length = head.path_length,
        .bytes = manifest + *at,
        .size = size,
        .recorded_ns = head.recorded_ns,
    };
    *at += size;
    return true;
}

bool wtfcb_cache_manifest_names(const char *manifest, size_t length, const char *path, size_t path_length)
{
    wtfcb_cache_manifest_entry entry;
    for (size_t at = 0; wtfcb_cache_manifest_next(manifest, length, &at, &entry);)
        if (entry.path_length == path_length && memcmp(entry.path, path, path_length) == 0) return true;
    return false;
}

/* ---------------------------------------------------------------------------------------------------------- checking */

static bool is_missing(int os_error)
{
    return os_error == ENOENT || os_error == ENOTDIR;
}

static bool is_settled(const entry_head *head)
{
    wtfcb_base_file_signature signature = signature_of(head);
    return (head->flags & FLAG_LOCAL) && wtfcb_cache_signature_settled(&signature, head->recorded_ns);
}

/* One stat, the claim taken as it was made. */
static wtfcb_status existence_holds(const char *path, uint32_t kind)
{
    wtfcb_base_file_signature signature;
    if (wtfcb_base_file_stat(AT_FDCWD, path, true, &signature) == 0)
        return kind == WTFCB_DEPENDS_EXISTENCE ? WTFCB_OK : WTFCB_ECHANGED;
    if (is_missing(errno)) return kind == WTFCB_DEPENDS_ABSENCE ? WTFCB_OK : WTFCB_ECHANGED;
    return errno == ENOMEM ? WTFCB_ENOMEM : WTFCB_EIO;
}

/* A file that could not be read: whether that is still so. */
static wtfcb_status unreadable_holds(const char *path, wtfcb_base_buffer *scratch)
{
    entry_head now = {.path_length = 0};
    wtfcb_status status = look(path, scratch, &now);
    if (status == WTFCB_ENOMEM) return status;
    return status == WTFCB_OK ? WTFCB_ECHANGED : WTFCB_OK;
}

/*
 * A file that was read. `*ret_now` is its head as of now, when WTFCB_OK and `*ret_reread`.
 */
static wtfcb_status content_holds(const char *path, const entry_head *head, wtfcb_cache_manifest_check *check,
                                  entry_head *ret_now, bool *ret_reread)
{
    wtfcb_base_file_signature then = signature_of(head);
    wtfcb_base_file_signature now;
    if (wtfcb_base_file_stat(AT_FDCWD, path, true, &now) != 0) {
        if (errno == ENOMEM) return WTFCB_ENOMEM;
        return is_missing(errno) ? WTFCB_ECHANGED : WTFCB_EIO;
    }
    if (now.type != WTFCB_BASE_FILE_REGULAR || now.size != then.size) return WTFCB_ECHANGED;
    if (!check->always && is_settled(head) && wtfcb_cache_signature_equal(&then, &now)) return WTFCB_OK;
    *ret_now = *head;
    wtfcb_status status = look(path, check->scratch, ret_now);
    if (status == WTFCB_ENOMEM) return status;
    if (status != WTFCB_OK) return status == WTFCB_ENOTFOUND ? WTFCB_ECHANGED : WTFCB_EIO;
    *ret_reread = true;
    bool same = ret_now->size == head->size && memcmp(&ret_now->hash, &head->hash, sizeof head->hash) == 0;
    return same ? WTFCB_OK : WTFCB_ECHANGED;
}

/* Whether the next check can do without reading what this one had to read. */
static bool is_better(const entry_head *now, const entry_head *before)
{
    wtfcb_base_file_signature a = signature_of(now);
    wtfcb_base_file_signature b = signature_of(before);
    return is_settled(now) && !(is_settled(before) && wtfcb_cache_signature_equal(&a, &b));
}

/* Put a newer head in place; what finds no memory is left out, and read again next time. */
static void refresh(wtfcb_base_buffer *refreshed, const char *manifest, size_t length, size_t at, const entry_head *now)
{
    if (!refreshed) return;
    if (refreshed->length == 0) wtfcb_base_buffer_append(refreshed, manifest, length);
    if (!refreshed->failed) memcpy(refreshed->data + at, now, sizeof *now);
}

wtfcb_status wtfcb_cache_manifest_holds(const char *manifest, size_t length, wtfcb_cache_manifest_check *check)
{
    entry_head head;
    size_t size;
    if (check->refreshed) wtfcb_base_buffer_reset(check->refreshed);
    for (size_t at = 0; at < length; at += size) {
        bool whole = read_entry(manifest, length, at, &head, &size);
        assert(whole);
        if (!whole) return WTFCB_EIO;
        const char *path = manifest + at + sizeof head;
        entry_head now;
        bool reread = false;
        wtfcb_status status;
        if (head.kind != WTFCB_DEPENDS_CONTENT)
            status = existence_holds(path, head.kind);
        else if (head.flags & FLAG_READ)
            status = content_holds(path, &head, check, &now, &reread);
        else
            status = unreadable_holds(path, check->scratch);
        check->changed = path;
        if (status != WTFCB_OK) return status;
        if (reread && is_better(&now, &head)) refresh(check->refreshed, manifest, length, at, &now);
    }
    return WTFCB_OK;
}
