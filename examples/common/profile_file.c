/* Formats by name, and where profiles can be written. */
#include "common/profile_file.h"

#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/output.h"

/* Plain JSON last: it is what every other name means. */
const struct profile_format profile_formats[] = {
    {"speedscope", ".speedscope.json", WTFCB_PROFILE_SPEEDSCOPE},
    {"chrome", ".trace.json", WTFCB_PROFILE_CHROME},
    {"pprof", ".pb.gz", WTFCB_PROFILE_PPROF},
    {"collapsed", ".folded", WTFCB_PROFILE_COLLAPSED},
    {"html", ".html", WTFCB_PROFILE_HTML},
    {"json", "", WTFCB_PROFILE_JSON},
    {NULL, NULL, 0},
};

const struct profile_format *profile_format_of_file(const char *path)
{
    const struct profile_format *format = profile_formats;
    size_t length = strlen(path);

    for (; format->name != NULL; format++) {
        size_t ending = strlen(format->ending);
        if (ending <= length && memcmp(path + length - ending, format->ending, ending) == 0) break;
    }
    return format;
}

bool profile_file_is_regular(const char *path)
{
    struct stat info;

    return stat(path, &info) != 0 ? errno == ENOENT : S_ISREG(info.st_mode);
}

int profile_file_check(const char *path)
{
    char copy[PATH_MAX];
    struct stat info;

    if (path[0] == 0) return ENOENT;
    if (stat(path, &info) == 0 && S_ISDIR(info.st_mode)) return EISDIR;
    if (!profile_file_is_regular(path)) return access(path, W_OK) == 0 ? 0 : errno;
    if (snprintf(copy, sizeof copy, "%s", path) >= (int)sizeof copy) return ENAMETOOLONG;
    return access(dirname(copy), W_OK | X_OK) == 0 ? 0 : errno;
}

static wtfcb_status write_piece(void *user, const char *bytes, size_t length)
{
    struct output *out = user;

    output_bytes(out, bytes, length);
    return out->error == 0 ? WTFCB_OK : WTFCB_EIO;
}

wtfcb_status profile_file_write(const wtfcb_profile *profile, int fd, int32_t format, wtfcb_error *ret_error)
{
    static struct output out;

    output_init(&out, fd);
    wtfcb_status status = wtfcb_profile_write(profile, format, write_piece, &out);
    if (output_flush(&out) != 0 && (status == WTFCB_OK || status == WTFCB_EIO)) {
        status = WTFCB_EIO;
        ret_error->os_error = out.error;
    }
    const char *reason = out.error != 0 ? strerror(out.error) : wtfcb_status_message(status);
    if (status != WTFCB_OK) snprintf(ret_error->message, sizeof ret_error->message, "cannot write: %s", reason);
    return status;
}
