/*
 * An error is built whole and then copied as far as the caller's struct reaches, so that older callers with a shorter
 * struct get what they know.
 */
#include "base/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* The end of a path says more than its start: cut at the front. */
static void copy_path(char *into, size_t size, const char *path)
{
    size_t length = strlen(path);
    if (length < size) {
        memcpy(into, path, length + 1);
    } else {
        memcpy(into, "...", 3);
        memcpy(into + 3, path + length - (size - 4), size - 3);
    }
}

wtfcb_status wtfcb_base_error(wtfcb_error *error, wtfcb_status status, int os_error, const char *path,
                              const char *format, ...)
{
    if (!error || error->size < offsetof(wtfcb_error, path)) return status;
    wtfcb_error full = {.size = error->size, .status = status, .os_error = os_error, .position = WTFCB_NO_POSITION};
    if (path) copy_path(full.path, sizeof full.path, path);
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(full.message, sizeof full.message, format, arguments);
    va_end(arguments);
    memcpy(error, &full, error->size < sizeof full ? error->size : sizeof full);
    return status;
}

wtfcb_status wtfcb_base_status_of_errno(int os_error)
{
    switch (os_error) {
    case 0: return WTFCB_OK;
    case ENOENT:
    case ENOTDIR: return WTFCB_ENOTFOUND;
    case EACCES:
    case EPERM: return WTFCB_EACCES;
    case ENOMEM: return WTFCB_ENOMEM;
    case ELOOP: return WTFCB_ELOOP;
    case ENAMETOOLONG: return WTFCB_ELIMIT;
    case ENXIO: return WTFCB_ESPECIAL;
    case ENOSPC:
    case EDQUOT: return WTFCB_ENOSPACE;
    case EROFS: return WTFCB_EREADONLY;
    default: return WTFCB_EIO;
    }
}
