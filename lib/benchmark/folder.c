/*
 * A folder of our own. Its name is made by mkdtemp(3), so it is new and nobody else's.
 */
#include "benchmark/folder.h"

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/host.h"

wtfcb_status wtfcb_benchmark_folder_make(const char *parent, char *path, size_t size, wtfcb_error *ret_error)
{
    if (!parent && !wtfcb_base_host_privileged()) parent = getenv("TMPDIR");
    if (!parent || !*parent) parent = "/tmp";
    int length = snprintf(path, size, "%s/wtfcb-bench-XXXXXX", parent);
    if (length < 0 || (size_t)length >= size)
        return wtfcb_base_error(ret_error, WTFCB_EINVAL, 0, parent, "the path of the folder to work in is too long");
    if (mkdtemp(path)) return WTFCB_OK;
    int reason = errno;
    return wtfcb_base_error(ret_error, wtfcb_base_status_of_errno(reason), reason, parent,
                            "cannot make a folder to work in: %s; name another one with WTFCB_BENCHMARK_FOLDER",
                            strerror(reason));
}

static int remove_one(const char *path, const struct stat *info, int kind, struct FTW *where)
{
    (void)info;
    (void)kind;
    (void)where;
    (void)remove(path);
    return 0;
}

void wtfcb_benchmark_folder_remove(const char *path)
{
    (void)nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}
