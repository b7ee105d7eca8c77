/*
 * Caches are filled by scans like those that are measured. A signature that is younger than two seconds is not trusted by the next scan, so there is one pause
 * before the second fill, after which every file is known by its signature.
 */
#include "benchmark/suite_site.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/error.h"
#include "base/hash.h"
#include "base/memory.h"
#include "benchmark/files.h"
#include "benchmark/folder.h"
#include "benchmark/statistics.h"
#include "benchmark/suite_scan.h"

enum { PERCENT = 100, PAUSE_MS = 2100 };

/* Cases that have a cache which knows the project. */
static const uint64_t kept_cases[] = {WTFCB_CASE_WARM, WTFCB_CASE_CLONE, WTFCB_CASE_ONE_FILE, WTFCB_CASE_ONE_PERCENT};
enum { KEPT_CASES = sizeof kept_cases / sizeof *kept_cases };

static wtfcb_status too_long(wtfcb_error *ret_error, const char *path)
{
    return wtfcb_base_error(ret_error, WTFCB_ELIMIT, 0, path, "the path is too long: %s", path);
}

static bool join(char *into, size_t size, const char *folder, const char *name)
{
    return snprintf(into, size, "%s/%s", folder, name) < (int)size;
}

static const wtfcb_allocator *allocator_of(const wtfcb_benchmark_site *site)
{
    return &site->schedule->benchmark->allocator;
}

void wtfcb_benchmark_site_path(const wtfcb_benchmark_site *site, uint64_t kind, char *path, size_t size)
{
    if (kind == WTFCB_CASE_CLONE)
        (void)snprintf(path, size, "%s/clone-%" PRIu64, site->folder, site->moves);
    else if (kind == WTFCB_CASE_ONE_FILE)
        (void)snprintf(path, size, "%s/one-file", site->folder);
    else if (kind == WTFCB_CASE_ONE_PERCENT)
        (void)snprintf(path, size, "%s/one-percent", site->folder);
    else
        (void)snprintf(path, size, "%s", site->path);
}

void wtfcb_benchmark_site_cache(const wtfcb_benchmark_site *site, uint64_t kind, uint32_t depth, char *path,
                                size_t size)
{
    (void)snprintf(path, size, "%s/cache-%" PRIu32 "-%" PRIu64, site->folder, depth, kind);
}

/* ------------------------------------------------------------------------------------------------ the project itself */

static int64_t depth_of_bit(uint32_t bit)
{
    return bit == WTFCB_DEPTH_BIT_FILES   ? WTFCB_DEPTH_FILES
           : bit == WTFCB_DEPTH_BIT_LINES ? WTFCB_DEPTH_LINES
                                          : WTFCB_DEPTH_SYNTAX;
}

/* What is in the project: a digest of every path and content, in the order of paths. */
static wtfcb_status look(wtfcb_benchmark_site *site, wtfcb_error *ret_error)
{
    struct {
        wtfcb_base_hash128 before, path, content;
    } link = {0};
    wtfcb_file file;
    const wtfcb_benchmark_scan scan = {.path = site->path,
                                       .threads = site->threads,
                                       .depth = WTFCB_DEPTH_LINES,
                                       .keep = WTFCB_KEEP_FILES,
                                       .ret_codebase = &site->codebase};
    wtfcb_status status = wtfcb_benchmark_scan_run(&scan, allocator_of(site), NULL, ret_error);
    if (status != WTFCB_OK) return status;
    for (site->files = 0; wtfcb_codebase_file(site->codebase, site->files, &file, sizeof file) == WTFCB_OK;
         site->files++) {
        link.path = wtfcb_base_hash(file.path, file.path_length);
        memcpy(link.content.bytes, file.hash, sizeof file.hash);
        link.before = wtfcb_base_hash(&link, sizeof link);
    }
    int used = snprintf(site->inputs, sizeof site->inputs, "project %.60s=", site->added->name);
    for (char *c = site->inputs; *c; c++)
        if (*c == '\n' || (*c == '=' && c[1])) *c = '_';
    for (int i = 0; i < 16; i++)
        used += snprintf(site->inputs + used, sizeof site->inputs - (size_t)used, "%02x", link.before.bytes[i]);
    (void)snprintf(site->inputs + used, sizeof site->inputs - (size_t)used, "\n");
    if (site->files > 0) return WTFCB_OK;
    return wtfcb_base_error(ret_error, WTFCB_ENOTFOUND, 0, site->path, "no file to scan in %s", site->path);
}

static wtfcb_status find_project(wtfcb_benchmark_site *site, wtfcb_error *ret_error)
{
    struct stat st;
    const char *given = site->added->path;
    if (!given) {
        if (!join(site->path, sizeof site->path, site->folder, "project")) return too_long(ret_error, site->folder);
        wtfcb_status status = wtfcb_project_set_cancel(site->added->generated, site->schedule->benchmark->cancel);
        return status == WTFCB_OK ? wtfcb_project_generate(site->added->generated, site->path, ret_error) : status;
    }
    if (snprintf(site->path, sizeof site->path, "%s", given) >= (int)sizeof site->path)
        return too_long(ret_error, given);
    if (stat(given, &st) == 0 && S_ISDIR(st.st_mode)) return WTFCB_OK;
    return wtfcb_base_error(ret_error, WTFCB_ENOTFOUND, 0, given, "there is no folder %s", given);
}

/* ------------------------------------------------------------------------------------------------------------ copies */

/* The files that a scan sees, and nothing that would hide some of them. */
static wtfcb_status copy_project(const wtfcb_benchmark_site *site, const char *to, wtfcb_error *ret_error)
{
    char source[PATH_MAX];
    char target[PATH_MAX];
    wtfcb_file file;
    wtfcb_status status = WTFCB_OK;
    for (uint64_t i = 0; status == WTFCB_OK && i < site->files; i++) {
        (void)wtfcb_codebase_file(site->codebase, i, &file, sizeof file);
        if (file.status != WTFCB_OK) continue;
        if (!join(source, sizeof source, site->path, file.path) || !join(target, sizeof target, to, file.path))
            return too_long(ret_error, file.path);
        status = wtfcb_benchmark_files_copy(source, target, ret_error);
    }
    return status;
}

/* All depths look at them: each has a cache that has not seen the clone, and edits of the same files for another depth are none more. */
static wtfcb_status make_copies(const wtfcb_benchmark_site *site, wtfcb_error *ret_error)
{
    static const uint64_t copied[] = {WTFCB_CASE_CLONE, WTFCB_CASE_ONE_FILE, WTFCB_CASE_ONE_PERCENT};
    char path[PATH_MAX];
    wtfcb_status status = WTFCB_OK;
    for (size_t i = 0; status == WTFCB_OK && i < sizeof copied / sizeof *copied; i++) {
        if (!(site->cases & copied[i])) continue;
        wtfcb_benchmark_site_path(site, copied[i], path, sizeof path);
        status = copy_project(site, path, ret_error);
    }
    return status;
}

/* ------------------------------------------------------------------------------------------------------------- edits */

static bool can_edit(const wtfcb_file *file)
{
    return file->status == WTFCB_OK && file->language[0] != 0 && !(file->flags & WTFCB_FILE_BINARY);
}

/* `sizes` of all files, -1 of those that are not edited, and the others sorted, from the front of `sorted`. How many those are. */
static uint64_t sort_sizes(const wtfcb_benchmark_site *site, double *sizes, double *sorted)
{
    wtfcb_file file;
    uint64_t count = 0;
    for (uint64_t i = 0; i < site->files; i++) {
        (void)wtfcb_codebase_file(site->codebase, i, &file, sizeof file);
        sizes[i] = can_edit(&file) ? (double)file.size : -1;
        if (sizes[i] >= 0) sorted[count++] = sizes[i];
    }
    wtfcb_benchmark_sort(sorted, count);
    return count;
}

/*
 * `wanted` files at even distances in the order of sizes, so that they stand for all; one is the one of median size. They are the same each time: the next scan
 * reads whatever was edited less than two seconds before the last one (cache/signature.h), and if those were others, a row would have as many of them as there
 * were runs in two seconds.
 */
static uint64_t choose(const wtfcb_benchmark_site *site, uint64_t wanted, double *sizes, double *sorted,
                       uint64_t *chosen)
{
    const uint64_t count = sort_sizes(site, sizes, sorted);
    if (wanted > count) wanted = count;
    for (uint64_t n = 0; n < wanted; n++) {
        const double size = sorted[(2 * n + 1) * count / (2 * wanted)];
        uint64_t i = 0;
        while (sizes[i] != size)
            i++;
        chosen[n] = i;
        sizes[i] = -1;
    }
    return wanted;
}

static wtfcb_status choose_files(wtfcb_benchmark_site *site, wtfcb_error *ret_error)
{
    const wtfcb_allocator *allocator = allocator_of(site);
    const uint64_t files = site->files;
    double *sizes = wtfcb_base_calloc(allocator, 2 * files, sizeof *sizes);
    site->chosen_room = files < PERCENT ? 1 : files / PERCENT;
    site->chosen = wtfcb_base_calloc(allocator, site->chosen_room, sizeof *site->chosen);
    wtfcb_status status = sizes && site->chosen ? WTFCB_OK : WTFCB_ENOMEM;
    if (status == WTFCB_OK) {
        (void)choose(site, 1, sizes, sizes + files, &site->median);
        site->chosen_count = choose(site, site->chosen_room, sizes, sizes + files, site->chosen);
    }
    wtfcb_base_free(allocator, sizes, 2 * files * sizeof *sizes);
    return status == WTFCB_OK ? status : wtfcb_base_error(ret_error, status, 0, NULL, "no memory to choose files");
}

/* ------------------------------------------------------------------------------------------------------------ caches */

static wtfcb_status fill(const wtfcb_benchmark_site *site, uint64_t kind, uint32_t depth, wtfcb_error *ret_error)
{
    char cache[PATH_MAX];
    char path[PATH_MAX];
    const wtfcb_benchmark_scan scan = {.path = path,
                                       .cache = cache,
                                       .threads = site->threads,
                                       .depth = depth_of_bit(depth),
                                       .keep = WTFCB_KEEP_TOTALS};
    /* The clone's cache knows the project's content, and no clone. */
    wtfcb_benchmark_site_path(site, kind == WTFCB_CASE_CLONE ? WTFCB_CASE_WARM : kind, path, sizeof path);
    wtfcb_benchmark_site_cache(site, kind, depth, cache, sizeof cache);
    wtfcb_status status = wtfcb_benchmark_files_folder(cache, ret_error);
    return status == WTFCB_OK ? wtfcb_benchmark_scan_run(&scan, allocator_of(site), NULL, ret_error) : status;
}

/* The first cache that is filled at a depth is copied: the others know every content before they see their own tree. */
static wtfcb_status fill_depth(const wtfcb_benchmark_site *site, uint32_t depth, bool again, wtfcb_error *ret_error)
{
    char first[PATH_MAX] = "";
    char cache[PATH_MAX];
    wtfcb_status status = WTFCB_OK;
    for (size_t i = 0; status == WTFCB_OK && i < KEPT_CASES; i++) {
        if (!(site->cases & kept_cases[i])) continue;
        wtfcb_benchmark_site_cache(site, kept_cases[i], depth, cache, sizeof cache);
        if (!again && first[0]) status = wtfcb_benchmark_files_copy_all(first, cache, ret_error);
        if (status == WTFCB_OK) status = fill(site, kept_cases[i], depth, ret_error);
        if (!first[0]) memcpy(first, cache, sizeof first);
    }
    return status;
}

static wtfcb_status fill_caches(const wtfcb_benchmark_site *site, wtfcb_error *ret_error)
{
    const uint32_t depths = (uint32_t)site->schedule->benchmark->values[WTFCB_BENCHMARK_DEPTHS];
    const struct timespec pause = {PAUSE_MS / 1000, (long)(PAUSE_MS % 1000) * 1000000};
    uint64_t any = 0;
    for (size_t i = 0; i < KEPT_CASES; i++)
        any |= site->cases & kept_cases[i];
    wtfcb_status status = WTFCB_OK;
    for (int pass = 0; any && status == WTFCB_OK && pass < 2; pass++) {
        if (pass > 0) (void)nanosleep(&pause, NULL);
        for (uint32_t bit = WTFCB_DEPTH_BIT_LINES; status == WTFCB_OK && bit <= WTFCB_DEPTH_BIT_SYNTAX; bit <<= 1)
            if (depths & bit) status = fill_depth(site, bit, pass > 0, ret_error);
    }
    return status;
}

/* -------------------------------------------------------------------------------------------------------------- all */

wtfcb_status wtfcb_benchmark_site_make(wtfcb_benchmark_site *site, wtfcb_error *ret_error)
{
    wtfcb_status status = wtfcb_benchmark_files_folder(site->folder, ret_error);
    if (status == WTFCB_OK) status = find_project(site, ret_error);
    if (status == WTFCB_OK) status = look(site, ret_error);
    if (status == WTFCB_OK) status = make_copies(site, ret_error);
    if (status == WTFCB_OK) status = choose_files(site, ret_error);
    if (status == WTFCB_OK) status = fill_caches(site, ret_error);
    return status;
}

void wtfcb_benchmark_site_remove(wtfcb_benchmark_site *site)
{
    wtfcb_codebase_free(site->codebase);
    site->codebase = NULL;
    site->moves = 0;
    wtfcb_base_free(allocator_of(site), site->chosen, site->chosen_room * sizeof *site->chosen);
    site->chosen = NULL;
    site->chosen_count = 0;
    wtfcb_benchmark_folder_remove(site->folder);
}

wtfcb_status wtfcb_benchmark_site_move(wtfcb_benchmark_site *site, wtfcb_error *ret_error)
{
    char here[PATH_MAX];
    char next[PATH_MAX];
    wtfcb_benchmark_site_path(site, WTFCB_CASE_CLONE, here, sizeof here);
    site->moves++;
    wtfcb_benchmark_site_path(site, WTFCB_CASE_CLONE, next, sizeof next);
    if (rename(here, next) == 0) return WTFCB_OK;
    site->moves--;
    return wtfcb_base_error(ret_error, WTFCB_EIO, errno, here, "cannot move %s: %s", here, strerror(errno));
}

/* A line feed at the end of each. */
wtfcb_status wtfcb_benchmark_site_edit(const wtfcb_benchmark_site *site, uint64_t kind, wtfcb_error *ret_error)
{
    char root[PATH_MAX];
    char path[PATH_MAX];
    wtfcb_file file;
    const bool one = kind == WTFCB_CASE_ONE_FILE;
    const uint64_t count = one && site->chosen_count > 0 ? 1 : site->chosen_count;
    wtfcb_status status = WTFCB_OK;
    wtfcb_benchmark_site_path(site, kind, root, sizeof root);
    for (uint64_t n = 0; status == WTFCB_OK && n < count; n++) {
        (void)wtfcb_codebase_file(site->codebase, one ? site->median : site->chosen[n], &file, sizeof file);
        if (!join(path, sizeof path, root, file.path)) return too_long(ret_error, file.path);
        status = wtfcb_benchmark_files_edit(path, ret_error);
    }
    return status;
}

bool wtfcb_benchmark_site_drop(wtfcb_benchmark_site *site)
{
    char path[PATH_MAX];
    wtfcb_file file;
    bool all = true;
    for (uint64_t i = 0; i < site->files; i++) {
        (void)wtfcb_codebase_file(site->codebase, i, &file, sizeof file);
        if (file.status != WTFCB_OK || file.size == 0) continue;
        all = join(path, sizeof path, site->path, file.path) && wtfcb_benchmark_files_drop(path) && all;
    }
    return all;
}
