/*
 * Tracing: of this process through what libwtfcb-alloc.so exports, of others through the files that it writes. See alloc.h.
 *
 * Who has started the tracing of this process keeps the claim on it until it is freed, since the next start takes the region away; a child of fork(2), which has neither,
 * may claim anew. Files are opened for each reading: there may be thousands, and few are read.
 */
#include "profiler/alloc.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <wtfcb/profiler.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "profiler/alloc_parts.h"

enum { ENTRIES = 8192 };

/* The process whose tracing is claimed; 0: none. */
static _Atomic(int64_t) claimant;

static bool claim(void)
{
    int64_t self = getpid();
    int64_t before = atomic_load(&claimant);
    return before != self && atomic_compare_exchange_strong(&claimant, &before, self);
}

static void explain(wtfcb_profiler_alloc *alloc, wtfcb_status status, const char *reason)
{
    alloc->status = status;
    (void)snprintf(alloc->reason, sizeof alloc->reason, "%s", reason);
}

/* ---- This process ---- */

static const wtfcb_alloc_control_table *find_control(void)
{
    const wtfcb_alloc_control_table *control = dlsym(RTLD_DEFAULT, "wtfcb_alloc_control");
    return control && control->version == 1 && control->size >= sizeof *control ? control : NULL;
}

static wtfcb_status start_own(wtfcb_profiler_alloc *alloc, wtfcb_error *ret_error)
{
    const wtfcb_alloc_control_table *control = alloc->options.control ? alloc->options.control : find_control();
    if (!control) {
        explain(alloc, WTFCB_EUNSUPPORTED, "the process was not started with libwtfcb-alloc.so in LD_PRELOAD");
        return WTFCB_OK;
    }
    if (!control->sees()) {
        explain(alloc, WTFCB_EUNSUPPORTED,
                "the program has an allocator of its own, which libwtfcb-alloc.so cannot see");
        return WTFCB_OK;
    }
    alloc->claimed = claim();
    bool full = alloc->options.mode == WTFCB_ALLOC_FULL;
    int failed = !alloc->claimed ? EBUSY
                 : full          ? control->start(WTFCB_ALLOC_MODE_FULL, 0, 0, NULL)
                                 : control->start(WTFCB_ALLOC_MODE_SAMPLED, WTFCB_PROFILER_ALLOC_RATE, 0, NULL);
    if (failed == EBUSY)
        return wtfcb_base_error(
            ret_error, WTFCB_EBUSY, failed, NULL,
            "allocations of this process are traced already, by another profiler or by WTFCB_ALLOC");
    if (failed == ENOMEM)
        return wtfcb_base_error(ret_error, WTFCB_ENOMEM, failed, NULL, "no memory to trace allocations");
    if (failed != 0) {
        explain(alloc, WTFCB_EUNSUPPORTED, strerror(failed));
        return WTFCB_OK;
    }
    alloc->control = control;
    alloc->tracing = true;
    return WTFCB_OK;
}

void wtfcb_profiler_alloc_hide(const wtfcb_profiler_alloc *alloc, int delta)
{
    if (alloc && alloc->control) alloc->control->hide(delta);
}

/* The region of this process; false: there is none. */
static bool own_region(const wtfcb_profiler_alloc *alloc, wtfcb_profiler_region_source *ret_source)
{
    if (!alloc->control) return false;
    ret_source->fd = -1;
    ret_source->memory = alloc->control->region(&ret_source->size);
    return ret_source->memory != NULL;
}

/* ---- Other processes ---- */

static wtfcb_status open_folder(wtfcb_profiler_alloc *alloc, wtfcb_error *ret_error)
{
    const char *folder = alloc->options.folder;
    if (!folder) {
        if (!alloc->own) explain(alloc, WTFCB_EUNSUPPORTED, "there is no folder to read: WTFCB_PROFILER_ALLOC_FOLDER");
        return WTFCB_OK;
    }
    alloc->folder = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (alloc->folder >= 0) return WTFCB_OK;
    int failed = errno;
    return wtfcb_base_error(ret_error, wtfcb_base_status_of_errno(failed), failed, folder,
                            "cannot read %.250s, where processes trace their allocations: %s", folder,
                            strerror(failed));
}

int wtfcb_profiler_alloc_open(const wtfcb_profiler_alloc *alloc, const wtfcb_profiler_alloc_file *file)
{
    return openat(alloc->folder, file->name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
}

static bool is_region_name(const char *name)
{
    size_t length = strlen(name);
    size_t ending = strlen(WTFCB_PROFILER_REGION_ENDING);
    return length > ending && strcmp(name + length - ending, WTFCB_PROFILER_REGION_ENDING) == 0;
}

/* One that finds no room is found by the next search again. */
static int note_file(void *user, const wtfcb_base_dirent *entry)
{
    wtfcb_profiler_alloc *alloc = user;
    size_t length = strlen(entry->name);
    if (!is_region_name(entry->name) ||
        wtfcb_base_map_get(&alloc->by_name, entry->name, length) != WTFCB_BASE_MAP_NONE ||
        alloc->file_count == WTFCB_PROFILER_ALLOC_FILES ||
        !wtfcb_base_reserve(&alloc->allocator, (void **)&alloc->files, &alloc->file_capacity, alloc->file_count + 1,
                            sizeof *alloc->files))
        return 0;
    const char *name = wtfcb_base_arena_string(&alloc->arena, entry->name, length);
    if (name && wtfcb_base_map_put(&alloc->by_name, name, length, (uint32_t)alloc->file_count))
        alloc->files[alloc->file_count++] = (wtfcb_profiler_alloc_file){.name = name};
    return 0;
}

void wtfcb_profiler_alloc_search(wtfcb_profiler_alloc *alloc)
{
    char entries[ENTRIES];
    if (alloc->folder < 0 || lseek(alloc->folder, 0, SEEK_SET) != 0) return;
    (void)wtfcb_base_dir_list(alloc->folder, entries, sizeof entries, note_file, alloc);
}

/* A process that has become another program has a file for each: the older ones are of memory that is gone. */
static void end_earlier(wtfcb_profiler_alloc *alloc, const wtfcb_profiler_alloc_file *file)
{
    for (size_t i = 0; i < alloc->file_count; i++) {
        wtfcb_profiler_alloc_file *other = &alloc->files[i];
        if (other == file || !other->looked || other->process != file->process) continue;
        if (other->started_ns < file->started_ns) other->ended = true;
    }
}

/* What one of the files says now: whose it is, whether that process runs, what is live in it. */
static void look_at(wtfcb_profiler_alloc *alloc, wtfcb_profiler_alloc_file *file)
{
    wtfcb_profiler_region_now now;
    wtfcb_profiler_region_source source = {.fd = wtfcb_profiler_alloc_open(alloc, file)};
    if (source.fd < 0) return;
    bool known = wtfcb_profiler_region_look(&source, &now);
    (void)close(source.fd);
    if (!known) return;
    if (!file->looked) {
        file->looked = true;
        file->process = (pid_t)now.process;
        file->started_ns = now.started_ns;
        file->other = !alloc->options.tree && file->process != alloc->options.process;
        end_earlier(alloc, file);
    }
    if (now.ended_ns != 0 || (kill(file->process, 0) != 0 && errno == ESRCH)) file->ended = true;
    file->live = now.live_bytes < INT64_MAX ? now.live_bytes : INT64_MAX;
}

uint64_t wtfcb_profiler_alloc_live(wtfcb_profiler_alloc *alloc, bool search)
{
    wtfcb_profiler_region_source own;
    wtfcb_profiler_region_now now;
    uint64_t sum = 0;
    bool known = own_region(alloc, &own) && wtfcb_profiler_region_look(&own, &now);
    if (known) sum = now.live_bytes;
    if (search || alloc->file_count == 0) wtfcb_profiler_alloc_search(alloc);
    for (size_t i = 0; i < alloc->file_count; i++)
        if (!alloc->files[i].other && !alloc->files[i].ended) look_at(alloc, &alloc->files[i]);
    for (size_t i = 0; i < alloc->file_count; i++) {
        const wtfcb_profiler_alloc_file *file = &alloc->files[i];
        if (!file->looked || file->other) continue;
        known = true;
        if (!file->ended) sum = wtfcb_profiler_calls_plus(sum, file->live);
    }
    return known ? sum : WTFCB_UNKNOWN;
}

wtfcb_status wtfcb_profiler_alloc_status(const wtfcb_profiler_alloc *alloc, const char **ret_reason)
{
    static const char nobody[] = "no process has written to the folder: none was started with libwtfcb-alloc.so";
    bool any = alloc->control != NULL;
    for (size_t i = 0; i < alloc->file_count; i++)
        any = any || (alloc->files[i].looked && !alloc->files[i].other);
    *ret_reason = any ? "" : alloc->status != WTFCB_OK ? alloc->reason : nobody;
    return any ? WTFCB_OK : alloc->status != WTFCB_OK ? alloc->status : WTFCB_EUNSUPPORTED;
}

/* ---- The whole ---- */

wtfcb_status wtfcb_profiler_alloc_start(const wtfcb_allocator *allocator, const wtfcb_profiler_alloc_options *options,
                                        wtfcb_profiler_alloc **ret_alloc, wtfcb_error *ret_error)
{
    wtfcb_profiler_alloc *alloc = wtfcb_base_calloc(allocator, 1, sizeof *alloc);
    if (!alloc) return wtfcb_base_error(ret_error, WTFCB_ENOMEM, 0, NULL, "no memory to trace allocations");
    alloc->allocator = *allocator;
    alloc->options = *options;
    alloc->folder = -1;
    alloc->maker = getpid();
    alloc->own = options->process == 0 || options->process == alloc->maker;
    wtfcb_base_arena_init(&alloc->arena, &alloc->allocator);
    wtfcb_base_map_init(&alloc->by_name, &alloc->allocator);
    wtfcb_status status = WTFCB_OK;
    if (!alloc->own || options->tree) status = open_folder(alloc, ret_error);
    if (status == WTFCB_OK && alloc->own) status = start_own(alloc, ret_error);
    alloc->options.folder = NULL;
    if (status == WTFCB_OK)
        *ret_alloc = alloc;
    else
        wtfcb_profiler_alloc_free(alloc);
    return status;
}

void wtfcb_profiler_alloc_stop(wtfcb_profiler_alloc *alloc)
{
    if (alloc->tracing && alloc->maker == getpid()) (void)alloc->control->stop();
    alloc->tracing = false;
}

void wtfcb_profiler_alloc_free(wtfcb_profiler_alloc *alloc)
{
    if (!alloc) return;
    wtfcb_allocator allocator = alloc->allocator;
    if (alloc->folder >= 0) (void)close(alloc->folder);
    wtfcb_profiler_symbols_free(alloc->symbols);
    wtfcb_base_free(&allocator, alloc->files, alloc->file_capacity * sizeof *alloc->files);
    wtfcb_base_map_free(&alloc->by_name);
    wtfcb_base_arena_free(&alloc->arena);
    if (alloc->claimed && alloc->maker == getpid()) atomic_store(&claimant, 0);
    wtfcb_base_free(&allocator, alloc, sizeof *alloc);
}

/* One process into the trees; what is damaged, or no region yet, is left out. */
static wtfcb_status add_region(const wtfcb_profiler_alloc *alloc, const wtfcb_profiler_region_source *source,
                               wtfcb_profiler_alloc_trees *trees)
{
    wtfcb_profiler_region region;
    const char *wrong;
    wtfcb_status status = wtfcb_profiler_region_load(&alloc->allocator, source, &region, &wrong);
    if (status == WTFCB_OK) status = wtfcb_profiler_alloc_trees_add(trees, &region);
    wtfcb_profiler_region_free(&region);
    return status == WTFCB_ENOMEM ? status : WTFCB_OK;
}

static wtfcb_status add_regions(wtfcb_profiler_alloc *alloc, wtfcb_profiler_alloc_trees *trees)
{
    wtfcb_profiler_region_source source = {.fd = -1};
    wtfcb_status status = WTFCB_OK;
    if (own_region(alloc, &source)) status = add_region(alloc, &source, trees);
    source.memory = NULL;
    (void)wtfcb_profiler_alloc_live(alloc, true); /* which files there are, and of whom */
    for (size_t i = 0; i < alloc->file_count && status == WTFCB_OK; i++) {
        if (!alloc->files[i].looked || alloc->files[i].other) continue;
        source.fd = wtfcb_profiler_alloc_open(alloc, &alloc->files[i]);
        if (source.fd < 0) continue;
        status = add_region(alloc, &source, trees);
        (void)close(source.fd);
    }
    return status;
}

wtfcb_status wtfcb_profiler_alloc_collect(wtfcb_profiler_alloc *alloc, wtfcb_profile *profile)
{
    uint64_t used = wtfcb_base_thread_time();
    wtfcb_profiler_alloc_trees *trees = NULL;
    uint32_t most = alloc->options.most > 0 ? alloc->options.most : WTFCB_PROFILER_ALLOC_NODES;
    wtfcb_status status = WTFCB_OK;
    const char *reason;
    if (!alloc->symbols) status = wtfcb_profiler_symbols_new(&alloc->allocator, &alloc->symbols);
    if (status == WTFCB_OK) status = wtfcb_profiler_alloc_trees_new(&alloc->allocator, alloc->symbols, most, &trees);
    if (status == WTFCB_OK) status = add_regions(alloc, trees);
    profile->summary.alloc_status = wtfcb_profiler_alloc_status(alloc, &reason);
    if (status == WTFCB_OK) status = wtfcb_profiler_alloc_trees_put(trees, profile);
    wtfcb_profiler_alloc_trees_free(trees);
    alloc->overhead_ns += wtfcb_base_thread_time() - used;
    profile->summary.overhead_ns += alloc->overhead_ns;
    return status;
}
