/* Where profiles go: the formats by name and by the endings of files. */
#ifndef EXAMPLES_COMMON_PROFILE_FILE_H
#define EXAMPLES_COMMON_PROFILE_FILE_H

#include <stdbool.h>
#include <stdint.h>

#include <wtfcb/profile.h>

struct profile_format {
    const char *name;   /* as --format spells it */
    const char *ending; /* of files that hold it */
    int32_t id;         /* WTFCB_PROFILE_* */
};

/* All formats of the library; ends with a name of NULL. */
extern const struct profile_format profile_formats[];

/* The one that wtfcb_profile_save() picks for this name. */
const struct profile_format *profile_format_of_file(const char *path);

/* 0 if a profile can be written there as far as can be seen, else an errno: before hours of work, not after. */
int profile_file_check(const char *path);

/* A regular file, or none yet: it can be replaced as a whole. */
bool profile_file_is_regular(const char *path);

/* Write a profile to an open descriptor. `format` is not WTFCB_PROFILE_BY_NAME. On failure `ret_error` says why. */
wtfcb_status profile_file_write(const wtfcb_profile *profile, int fd, int32_t format, wtfcb_error *ret_error);

#endif
