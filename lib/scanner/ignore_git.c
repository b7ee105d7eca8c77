/*
 * Repositories by directory descriptors: no path is put together, so nothing is too long and relative names in
 * `gitdir:` and `commondir` mean what git takes them to mean.
 */
#include "scanner/ignore_git.h"

#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"

enum { NAME_LIMIT = 64 * 1024 }; /* bytes of a file that holds a path */

static bool is_directory(int dirfd, const char *name)
{
    wtfcb_base_file_signature signature;
    return wtfcb_base_file_stat(dirfd, name, true, &signature) == 0 && signature.type == WTFCB_BASE_FILE_DIRECTORY;
}

/* Open the directory that is named in a file behind `key`. WTFCB_ENOTFOUND if the file is not there or says nothing. */
static wtfcb_status open_named(const wtfcb_allocator *allocator, int dirfd, const char *file, const char *key,
                               int *ret_fd)
{
    int os_error;
    wtfcb_base_buffer text;
    wtfcb_base_buffer_init(&text, allocator);
    wtfcb_status status = wtfcb_base_file_load(dirfd, file, true, NAME_LIMIT, &text, &os_error);
    const size_t skipped = strlen(key);
    while (text.length > 0 && (text.data[text.length - 1] == '\n' || text.data[text.length - 1] == '\r'))
        text.length--;
    if (status == WTFCB_OK) wtfcb_base_buffer_append_byte(&text, '\0');
    if (text.failed) status = WTFCB_ENOMEM;
    if (status != WTFCB_OK) {
        status = status == WTFCB_ENOMEM ? WTFCB_ENOMEM : WTFCB_ENOTFOUND;
    } else if (text.length <= skipped + 1 || memcmp(text.data, key, skipped) != 0) {
        status = WTFCB_ENOTFOUND;
    } else {
        *ret_fd = wtfcb_base_dir_open(dirfd, text.data + skipped, true);
        status = *ret_fd < 0 ? WTFCB_ENOTFOUND : WTFCB_OK;
    }
    wtfcb_base_buffer_free(&text);
    return status;
}

wtfcb_status wtfcb_scanner_ignore_repository_open(const wtfcb_allocator *allocator, int dirfd,
                                                  wtfcb_scanner_ignore_repository *ret_repository)
{
    wtfcb_scanner_ignore_repository found = {-1, -1};
    wtfcb_status status = WTFCB_OK;
    found.own = wtfcb_base_dir_open(dirfd, ".git", true);
    if (found.own < 0) status = open_named(allocator, dirfd, ".git", "gitdir: ", &found.own);
    if (status != WTFCB_OK) return status;
    status = open_named(allocator, found.own, "commondir", "", &found.common);
    if (status == WTFCB_ENOTFOUND) {
        found.common = fcntl(found.own, F_DUPFD_CLOEXEC, 0);
        status = found.common < 0 ? WTFCB_ENOTFOUND : WTFCB_OK;
    }
    wtfcb_base_file_signature head;
    if (status == WTFCB_OK && (wtfcb_base_file_stat(found.own, "HEAD", false, &head) != 0 ||
                               !is_directory(found.common, "objects") || !is_directory(found.common, "refs")))
        status = WTFCB_ENOTFOUND;
    if (status == WTFCB_OK)
        *ret_repository = found;
    else
        wtfcb_scanner_ignore_repository_close(&found);
    return status;
}

void wtfcb_scanner_ignore_repository_close(wtfcb_scanner_ignore_repository *repository)
{
    if (repository->own >= 0) (void)close(repository->own);
    if (repository->common >= 0) (void)close(repository->common);
    *repository = (wtfcb_scanner_ignore_repository){-1, -1};
}
