/*
 * Paths as manifests name them: absolute and clean, so that every spelling of a path finds the same edges.
 *
 * Nothing is resolved: a link may lead elsewhere tomorrow, and the value then depends on what is there. The one look at the
 * file system is for "..": behind a symbolic link it does not take back the component in front of it.
 */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cache/manifest.h"

enum { SHORT_DIRECTORY = 256, LONGEST_DIRECTORY = 1 << 20 };

/* The working directory, appended without a NUL. */
static wtfcb_status append_working_directory(wtfcb_base_buffer *buffer)
{
    for (size_t size = SHORT_DIRECTORY; size <= LONGEST_DIRECTORY; size *= 4) {
        if (!wtfcb_base_buffer_reserve(buffer, size)) return WTFCB_ENOMEM;
        char *at = buffer->data + buffer->length;
        if (getcwd(at, size)) {
            if (at[0] != '/') return WTFCB_EIO; /* "(unreachable)": outside of this root */
            buffer->length += strlen(at);
            return WTFCB_OK;
        }
        if (errno != ERANGE) return WTFCB_EIO;
    }
    return WTFCB_EIO;
}

/* Whether the path from `start` to the end of the buffer, which is not the root, is a link or ends in "..". */
static bool keeps_parent(wtfcb_base_buffer *buffer, size_t start)
{
    struct stat info;
    size_t length = buffer->length - start;
    if (length >= 3 && memcmp(buffer->data + buffer->length - 3, "/..", 3) == 0) return true;
    wtfcb_base_buffer_append_byte(buffer, '\0');
    if (buffer->failed) return false;
    buffer->length--;
    return lstat(buffer->data + start, &info) == 0 && S_ISLNK(info.st_mode);
}

static void append_component(wtfcb_base_buffer *buffer, size_t start, const char *name, size_t length)
{
    if (length == 0 || (length == 1 && name[0] == '.')) return;
    bool parent = length == 2 && memcmp(name, "..", 2) == 0;
    if (parent && buffer->length == start) return; /* the root's parent is the root */
    if (parent && !keeps_parent(buffer, start)) {
        while (buffer->length > start && buffer->data[buffer->length - 1] != '/')
            buffer->length--;
        if (buffer->length > start) buffer->length--;
        return;
    }
    wtfcb_base_buffer_append_byte(buffer, '/');
    wtfcb_base_buffer_append(buffer, name, length);
}

wtfcb_status wtfcb_cache_absolute_path(const char *path, wtfcb_base_buffer *buffer)
{
    size_t start = buffer->length;
    if (path[0] != '/') {
        wtfcb_status status = append_working_directory(buffer);
        if (status != WTFCB_OK) return status;
        if (buffer->length == start + 1) buffer->length = start; /* "/" */
    }
    while (*path && !buffer->failed) {
        size_t length = strcspn(path, "/");
        append_component(buffer, start, path, length);
        path += length + (path[length] == '/');
    }
    if (buffer->length == start) wtfcb_base_buffer_append_byte(buffer, '/');
    wtfcb_base_buffer_append_byte(buffer, '\0');
    return buffer->failed ? WTFCB_ENOMEM : WTFCB_OK;
}
