/*
 * One scan from start to snapshot: pool, walk, examination, merge. Everything here runs on the thread that called; the
 * struct lives on its stack.
 */
#include "scanner/scanner.h"

#include <wtfcb/explain.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "base/host.h"
#include "base/memory.h"
#include "scanner/codebase.h"
#include "scanner/paths.h"
#include "scanner/process.h"
#include "scanner/schedule.h"
#include "scanner/walk.h"

enum {
    PROGRESS_NS = 100 * 1000 * 1000,
    UNREAD_ROWS = 256, /* merged between two looks at the token */
};

typedef struct scan {
    wtfcb_scanner *scanner;
    wtfcb_error *error; /* the caller's, or NULL */
    wtfcb_scanner_walk walk;
    wtfcb_scanner_settings settings;
    wtfcb_scanner_examiner *examiners;
    uint32_t threads;
    wtfcb_pool *pool;
    wtfcb_codebase *codebase;
    size_t merged;    /* rows that have been merged; their records have gone where they belong */
    size_t kept;      /* rows [0, kept) are the snapshot's */
    uint64_t visited; /* files handed to the visitor */
    uint64_t began;
    uint64_t walked; /* instant at which the walk ended */
    uint64_t last_progress;
    bool root_is_file;        /* of a single root */
    wtfcb_scanner_only *only; /* the one path to look at, or NULL */
    bool *reported;           /* by language: its grammar is missing and this has been said */
    wtfcb_progress progress;
} scan;

static int64_t option(const scan *s, int32_t id)
{
    return s->scanner->values[id];
}

/* What the caller is told; 0 to go on. */
static int32_t report_progress(scan *s, uint64_t now)
{
    wtfcb_progress *progress = &s->progress;
    s->last_progress = now;
    progress->elapsed_ns = now - s->began;
    progress->remaining_ns = UINT64_MAX;
    bool known =
        progress->bytes_done > 0 && progress->bytes_done <= progress->bytes_found; /* a reader tells no sizes */
    if (!progress->walking && known && now > s->walked) {
        double rate = (double)progress->bytes_done / (double)(now - s->walked);
        progress->remaining_ns = (uint64_t)((double)(progress->bytes_found - progress->bytes_done) / rate);
    }
    return s->scanner->progress(s->scanner->progress_user, progress);
}

/* Every few ms on the calling thread: has somebody had enough? */
static wtfcb_status look_up(scan *s)
{
    if (wtfcb_cancel_fired(s->scanner->cancel))
        return wtfcb_base_error(s->error, WTFCB_ECANCELLED, 0, s->codebase->root, "the scan was cancelled");
    uint64_t now = wtfcb_base_now();
    if (!s->scanner->progress || now - s->last_progress < PROGRESS_NS || report_progress(s, now) == 0) return WTFCB_OK;
    return wtfcb_base_error(s->error, WTFCB_ECALLBACK, 0, s->codebase->root, "the progress callback ended the scan");
}

static wtfcb_status on_walk_tick(void *user, uint64_t files, uint64_t bytes)
{
    scan *s = user;
    s->progress.files_found = files;
    s->progress.bytes_found = bytes;
    wtfcb_status status = look_up(s);
    if (status == WTFCB_OK && wtfcb_scanner_is_over(&s->settings)) status = WTFCB_ETIMEOUT;
    return status;
}

static wtfcb_status on_tick(void *user, uint64_t files, uint64_t bytes)
{
    scan *s = user;
    s->progress.files_done = files;
    s->progress.bytes_done = bytes;
    return look_up(s);
}

/* Whether no content is looked at, so that names decide. */
static bool is_by_name(const scan *s)
{
    return option(s, WTFCB_SCANNER_DEPTH) == WTFCB_DEPTH_FILES;
}

static bool keeps_facts(const scan *s)
{
    return (option(s, WTFCB_SCANNER_KEEP) & (WTFCB_KEEP_SYMBOLS | WTFCB_KEEP_IMPORTS | WTFCB_KEEP_FINDINGS)) != 0;
}

static wtfcb_status visit(scan *s, wtfcb_scanner_row *row)
{
    wtfcb_codebase view;
    wtfcb_scanner_firsts firsts[2];
    wtfcb_scanner_codebase_view(&view, s->codebase, row, firsts);
    if (s->scanner->visitor(s->scanner->visitor_user, s->visited++, &view) == 0) return WTFCB_OK;
    return wtfcb_base_error(s->error, WTFCB_ECALLBACK, 0, row->path, "the visitor ended the scan");
}

/* Let go of a record that the snapshot does not show. */
static void drop_unwanted_facts(scan *s, wtfcb_scanner_row *row)
{
    if (keeps_facts(s) || wtfcb_scanner_record_count(row->record, WTFCB_SCANNER_EMBEDDED) > 0) return;
    wtfcb_scanner_record_unref(&s->scanner->allocator, row->record);
    row->record = NULL;
}

/* Say once for each language why its files have no syntax. Without memory for that it goes unsaid. */
static void report_grammar(scan *s, const wtfcb_scanner_row *row)
{
    if (row->status != WTFCB_EGRAMMAR || row->language == WTFCB_LANG_NONE) return; /* or a reader's own status */
    wtfcb_languages *languages = s->scanner->languages;
    if (!s->reported) s->reported = wtfcb_base_calloc(&s->scanner->allocator, languages->count, sizeof *s->reported);
    if (!s->reported || s->reported[row->language]) return;
    s->reported[row->language] = true;
    const wtfcb_lang_grammar *grammar = NULL;
    (void)wtfcb_lang_grammar_get(languages, row->language, &grammar);
    if (!grammar) return;
    if (grammar->status == WTFCB_OK)
        wtfcb_base_log_write(&s->scanner->log, WTFCB_LOG_WARNING, "grammar %.60s: cannot read %s", grammar->name,
                             row->path);
    else
        wtfcb_base_log_write(&s->scanner->log, WTFCB_LOG_WARNING, "%s", grammar->message);
}

static wtfcb_status merge_row(scan *s, wtfcb_scanner_row *row)
{
    s->progress.files_failed += row->status != WTFCB_OK;
    if (row->limits & WTFCB_LIMIT_DEADLINE) s->codebase->stats.status = WTFCB_ETIMEOUT;
    s->progress.path = row->path;
    if (is_by_name(s) && s->settings.skip && wtfcb_scanner_is_skipped(&s->settings, row))
        row->flags |= WTFCB_SCANNER_ROW_DROPPED;
    if (row->flags & WTFCB_SCANNER_ROW_DROPPED) {
        if (!s->only) return WTFCB_OK;
        s->only->reason = row->flags & s->settings.skip ? WTFCB_REASON_SKIPPED : WTFCB_REASON_LANGUAGE;
        row->flags &= (uint16_t)~WTFCB_SCANNER_ROW_DROPPED; /* shown, since it is asked for */
    }
    report_grammar(s, row);
    wtfcb_scanner_codebase_count(s->codebase, row);
    wtfcb_status status = s->scanner->visitor ? visit(s, row) : WTFCB_OK;
    if (status != WTFCB_OK || option(s, WTFCB_SCANNER_KEEP) == WTFCB_KEEP_TOTALS) return status;
    drop_unwanted_facts(s, row);
    wtfcb_scanner_row *place = &s->walk.rows[s->kept++];
    if (place != row) {
        *place = *row;
        row->record = NULL;
    }
    return WTFCB_OK;
}

/* Rows in path order: totals, visitor, and what is kept moves to the front of the array. */
static wtfcb_status on_merge(void *user, size_t first, size_t count)
{
    scan *s = user;
    wtfcb_status status = look_up(s); /* rows that a cancellation has cut are shown to nobody */
    for (size_t i = first; i < first + count && status == WTFCB_OK; i++) {
        wtfcb_scanner_row *row = &s->walk.rows[i];
        size_t kept = s->kept;
        if (s->scanner->visitor) status = look_up(s); /* a visitor may take its time */
        if (status == WTFCB_OK) status = merge_row(s, row);
        s->merged = i + 1;
        if (s->kept > kept) continue;
        wtfcb_scanner_record_unref(&s->scanner->allocator, row->record);
        row->record = NULL;
    }
    return status;
}

static int parse_stopped(const void *user)
{
    return wtfcb_scanner_is_over(user);
}

static void make_settings(scan *s)
{
    const wtfcb_scanner *scanner = s->scanner;
    uint64_t deadline = (uint64_t)option(s, WTFCB_SCANNER_DEADLINE) * 1000000u;
    s->settings = (wtfcb_scanner_settings){
        .languages = scanner->languages,
        .wanted = scanner->wanted,
        .walk = &s->walk,
        .read = scanner->read,
        .release = scanner->release,
        .read_user = scanner->read_user,
        .cancel = scanner->cancel,
        .deadline = deadline ? wtfcb_base_now_coarse() + deadline : 0,
        .max_file_size = (uint64_t)option(s, WTFCB_SCANNER_MAX_FILE_SIZE),
        .max_parse_size = (uint64_t)option(s, WTFCB_SCANNER_MAX_PARSE_SIZE),
        .max_nesting = (uint64_t)option(s, WTFCB_SCANNER_MAX_NESTING),
        .parse =
            {
                .memory = (size_t)option(s, WTFCB_SCANNER_MAX_FILE_MEMORY),
                .work = (uint64_t)option(s, WTFCB_SCANNER_MAX_FILE_WORK),
                .time_ns = (uint64_t)option(s, WTFCB_SCANNER_MAX_FILE_TIME) * 1000000u,
                .findings = (uint32_t)option(s, WTFCB_SCANNER_MAX_FINDINGS),
                .stopped = parse_stopped,
                .user = &s->settings,
            },
        .skip = (uint16_t)option(s, WTFCB_SCANNER_SKIP),
        .syntax = option(s, WTFCB_SCANNER_DEPTH) == WTFCB_DEPTH_SYNTAX,
        .record_facts = scanner->visitor || keeps_facts(s),
    };
}

/* The result of a call that can only have failed for memory, said in words. */
static wtfcb_status explain_memory(scan *s, wtfcb_status status)
{
    if (status != WTFCB_ENOMEM) return status;
    return wtfcb_base_error(s->error, status, 0, s->codebase ? s->codebase->root : NULL,
                            "out of memory; the scan was given up");
}

static wtfcb_status begin(scan *s, wtfcb_scanner *scanner, const char *root, wtfcb_error *error)
{
    *s = (scan){.scanner = scanner, .error = error, .began = wtfcb_base_now()};
    s->progress.path = "";
    s->progress.walking = 1;
    wtfcb_scanner_walk_init(&s->walk, &scanner->allocator);
    wtfcb_status status = wtfcb_scanner_need_languages(scanner);
    if (status == WTFCB_OK) status = wtfcb_lang_grammars_prepare(scanner->languages);
    if (status == WTFCB_OK)
        status = wtfcb_scanner_codebase_new(&scanner->allocator, scanner->languages, root,
                                            (uint32_t)option(s, WTFCB_SCANNER_KEEP), &s->codebase);
    make_settings(s);
    scanner->running = true;
    return explain_memory(s, status);
}

static wtfcb_status make_examiners(scan *s, uint32_t count)
{
    s->examiners = wtfcb_base_calloc(&s->scanner->allocator, count, sizeof *s->examiners);
    if (!s->examiners) return WTFCB_ENOMEM;
    s->threads = count;
    for (uint32_t i = 0; i < count; i++)
        wtfcb_scanner_examiner_init(&s->examiners[i], &s->settings, &s->scanner->allocator);
    return WTFCB_OK;
}

static wtfcb_status start_pool(scan *s)
{
    int os_error = 0;
    uint32_t threads = (uint32_t)option(s, WTFCB_SCANNER_THREADS);
    if (threads == 0) threads = wtfcb_base_host_cores();
    wtfcb_status status = wtfcb_pool_new(&s->scanner->allocator, threads, &s->pool, &os_error);
    if (status == WTFCB_EUNSUPPORTED)
        return wtfcb_base_error(s->error, status, os_error, NULL, "cannot start %u worker threads: %s", threads,
                                strerror(os_error));
    return explain_memory(s, status);
}

static wtfcb_scanner_walk_options walk_options(scan *s)
{
    const wtfcb_scanner *scanner = s->scanner;
    return (wtfcb_scanner_walk_options){
        .languages = scanner->languages,
        .wanted = scanner->wanted,
        .ignore =
            {
                .git = option(s, WTFCB_SCANNER_IGNORE) != 0,
                .files = option(s, WTFCB_SCANNER_IGNORE) != 0,
                .attribute_files = option(s, WTFCB_SCANNER_ATTRIBUTES) != 0,
                .excludes = (const char *const *)scanner->excludes.items,
                .exclude_count = scanner->excludes.count,
                .includes = (const char *const *)scanner->includes.items,
                .include_count = scanner->includes.count,
                .attributes = (const char *const *)scanner->attributes.items,
                .attribute_count = scanner->attributes.count,
            },
        .max_depth = (uint32_t)option(s, WTFCB_SCANNER_MAX_DEPTH),
        .hidden = option(s, WTFCB_SCANNER_HIDDEN) != 0,
        .follow = option(s, WTFCB_SCANNER_FOLLOW) != 0,
        .by_name = is_by_name(s),
        .log = &scanner->log,
        .only = s->only,
        .tick = on_walk_tick,
        .user = s,
    };
}

static wtfcb_status run_walk(scan *s)
{
    wtfcb_scanner_walk_options options = walk_options(s);
    wtfcb_status status = wtfcb_scanner_walk_run(&s->walk, s->pool, &options);
    if (status == WTFCB_ETIMEOUT) { /* what was found until the deadline is there */
        s->codebase->stats.status = WTFCB_ETIMEOUT;
        status = WTFCB_OK;
    }
    return explain_memory(s, status);
}

/* Rows of which the walk has said everything. */
static wtfcb_status merge_unread(scan *s)
{
    wtfcb_status status = WTFCB_OK;
    for (size_t at = 0; at < s->walk.row_count && status == WTFCB_OK;) {
        size_t count = s->walk.row_count - at < UNREAD_ROWS ? s->walk.row_count - at : UNREAD_ROWS;
        status = on_merge(s, at, count);
        at += count;
        s->progress.files_done = at;
    }
    return status;
}

static wtfcb_status run_examination(scan *s)
{
    if (is_by_name(s)) return merge_unread(s);
    wtfcb_status status = make_examiners(s, wtfcb_pool_threads(s->pool));
    if (status == WTFCB_OK) {
        wtfcb_scanner_schedule schedule = {
            .pool = s->pool,
            .examiners = s->examiners,
            .rows = s->walk.rows,
            .row_count = s->walk.row_count,
            .window = (uint64_t)option(s, WTFCB_SCANNER_WINDOW),
            .allocator = &s->scanner->allocator,
            .merge = on_merge,
            .tick = on_tick,
            .user = s,
        };
        status = wtfcb_scanner_schedule_run(&schedule);
    }
    return explain_memory(s, status);
}

static void add_counters(wtfcb_scan_stats *stats, const wtfcb_scanner_counters *counters)
{
    stats->files_read += counters->files_read;
    stats->files_parsed += counters->files_parsed;
    stats->bytes_read += counters->bytes_read;
    stats->read_ns += counters->read_ns;
    stats->hash_ns += counters->hash_ns;
    stats->count_ns += counters->count_ns;
    stats->parse_ns += counters->parse_ns;
    stats->extract_ns += counters->extract_ns;
}

/* Hand the snapshot over: rows and strings become its own. */
static wtfcb_status finish(scan *s, wtfcb_codebase **ret_codebase)
{
    wtfcb_scan_stats *stats = &s->codebase->stats;
    uint64_t now = wtfcb_base_now();
    for (uint32_t i = 0; i < s->threads; i++)
        add_counters(stats, &s->examiners[i].counters);
    stats->directories = s->walk.directories;
    stats->files_walked = s->walk.row_count;
    stats->files_ignored = s->walk.ignored;
    stats->threads = s->pool ? wtfcb_pool_threads(s->pool) : 0;
    stats->wall_ns = now - s->began;
    stats->walk_ns = s->walked - s->began;
    stats->process_ns = now - s->walked;
    wtfcb_scanner_row *rows = s->kept > 0 ? s->walk.rows : NULL;
    wtfcb_status status =
        wtfcb_scanner_codebase_finish(s->codebase, rows, s->kept, rows ? s->walk.row_capacity : 0, &s->walk.strings);
    if (status != WTFCB_OK) return explain_memory(s, status);
    if (rows) {
        s->walk.rows = NULL;
        s->walk.row_count = s->walk.row_capacity = s->kept = s->merged = 0;
    }
    *ret_codebase = s->codebase;
    s->codebase = NULL;
    return WTFCB_OK;
}

static void end(scan *s)
{
    const wtfcb_allocator *allocator = &s->scanner->allocator;
    wtfcb_pool_free(s->pool);
    for (uint32_t i = 0; i < s->threads; i++)
        wtfcb_scanner_examiner_free(&s->examiners[i]);
    wtfcb_base_free(allocator, s->examiners, s->threads * sizeof *s->examiners);
    wtfcb_base_free(allocator, s->reported,
                    s->scanner->languages ? s->scanner->languages->count * sizeof *s->reported : 0);
    for (size_t i = 0; i < s->walk.row_count; i++)
        wtfcb_scanner_record_unref(allocator, s->walk.rows[i].record);
    wtfcb_scanner_walk_free(&s->walk);
    wtfcb_codebase_free(s->codebase);
    s->scanner->running = false;
}

/* The roots, or rows of files, are there; the rest is the same for every kind of scan. */
static wtfcb_status run(scan *s, wtfcb_codebase **ret_codebase)
{
    wtfcb_status status = start_pool(s);
    if (status == WTFCB_OK && s->walk.root_count > 0) status = run_walk(s);
    s->walked = wtfcb_base_now();
    s->progress.walking = 0;
    s->progress.files_found = s->walk.row_count;
    s->progress.bytes_found = 0;
    for (size_t i = 0; i < s->walk.row_count && s->scanner->progress; i++) /* nobody else asks */
        if (s->walk.rows[i].size <= s->settings.max_file_size) s->progress.bytes_found += s->walk.rows[i].size;
    if (status == WTFCB_OK) status = look_up(s);
    if (status == WTFCB_OK) status = run_examination(s);
    if (status == WTFCB_OK) status = finish(s, ret_codebase);
    return status;
}

/* A root that stands alone: its failure is the call's. */
static wtfcb_status add_single_root(scan *s, const char *root)
{
    wtfcb_base_file_signature signature;
    if (wtfcb_base_file_stat(AT_FDCWD, root, true, &signature) != 0)
        return wtfcb_base_error(s->error, wtfcb_base_status_of_errno(errno), errno, root, "cannot scan %.300s: %s",
                                root, strerror(errno));
    s->root_is_file = signature.type == WTFCB_BASE_FILE_REGULAR;
    if (s->root_is_file)
        return explain_memory(s, wtfcb_scanner_walk_add(&s->walk, root, wtfcb_scanner_base_name(root)));
    if (signature.type != WTFCB_BASE_FILE_DIRECTORY)
        return wtfcb_base_error(s->error, WTFCB_ESPECIAL, 0, root, "cannot scan %.300s: it is a device, socket or FIFO",
                                root);
    int fd = wtfcb_base_dir_open(AT_FDCWD, root, true);
    if (fd < 0)
        return wtfcb_base_error(s->error, wtfcb_base_status_of_errno(errno), errno, root, "cannot scan %.300s: %s",
                                root, strerror(errno));
    (void)close(fd);
    return explain_memory(s, wtfcb_scanner_walk_add(&s->walk, root, ""));
}

wtfcb_status wtfcb_scanner_scan(wtfcb_scanner *scanner, const char *root, wtfcb_codebase **ret_codebase,
                                wtfcb_error *ret_error)
{
    wtfcb_status status = wtfcb_scanner_usable(scanner);
    if (status == WTFCB_OK && (!root || !ret_codebase)) status = WTFCB_EINVAL;
    if (status != WTFCB_OK)
        return wtfcb_base_error(ret_error, status, 0, root, "wtfcb_scanner_scan: %s", wtfcb_status_message(status));
    scan s;
    status = begin(&s, scanner, root, ret_error);
    s.settings.read = NULL; /* serves lists alone */
    if (status == WTFCB_OK) status = add_single_root(&s, root);
    if (status == WTFCB_OK) status = run(&s, ret_codebase);
    end(&s);
    return status;
}

wtfcb_status wtfcb_scanner_scan_path(wtfcb_scanner *scanner, const char *root, wtfcb_scanner_only *only,
                                     wtfcb_codebase **ret_codebase, wtfcb_error *ret_error)
{
    scan s;
    wtfcb_status status = begin(&s, scanner, root, ret_error);
    s.only = only;
    s.settings.read = NULL;
    if (status == WTFCB_OK) status = add_single_root(&s, root);
    if (status == WTFCB_OK && s.root_is_file)
        status = wtfcb_base_error(ret_error, WTFCB_EINVAL, 0, root, "%.300s is no directory", root);
    if (status == WTFCB_OK) status = run(&s, ret_codebase);
    if (status == WTFCB_OK && !wtfcb_scanner_only_keep(only, &(*ret_codebase)->strings)) {
        wtfcb_codebase_free(*ret_codebase);
        *ret_codebase = NULL;
        status = explain_memory(&s, WTFCB_ENOMEM);
    }
    end(&s);
    return status;
}

/* A row for a path that is only a name: a reader's or a buffer's. */
static wtfcb_status add_named_row(scan *s, const char *path)
{
    wtfcb_scanner_walk_options options = walk_options(s);
    size_t length = strlen(path);
    if (length > UINT32_MAX) return wtfcb_base_error(s->error, WTFCB_EINVAL, 0, path, "the path is too long");
    char *copy = wtfcb_base_arena_string(&s->walk.strings, path, length);
    wtfcb_scanner_row *row = copy ? wtfcb_scanner_walk_add_row(&s->walk) : NULL;
    if (!row) return explain_memory(s, WTFCB_ENOMEM);
    row->path = copy;
    row->path_length = (uint32_t)length;
    row->flags = WTFCB_FILE_NAMED;
    bool taken = true;
    wtfcb_status status = wtfcb_scanner_walk_recognise(&s->walk, &options, row, &taken);
    if (!taken) s->walk.row_count--;
    return explain_memory(s, status);
}

/* Listed paths that the caller's reader stands behind: rows without a walk. */
static wtfcb_status add_named_rows(scan *s, const wtfcb_scanner_paths *paths)
{
    wtfcb_status status = WTFCB_OK;
    for (size_t i = 0; i < paths->count && status == WTFCB_OK; i++) {
        const char *path = paths->items[i].row_path;
        if (*path)
            status = add_named_row(s, path);
        else
            status = wtfcb_base_error(s->error, WTFCB_EINVAL, 0, ".", "a directory cannot be read by a reader");
    }
    return status;
}

static wtfcb_status add_roots(scan *s, const char *base, const wtfcb_scanner_paths *paths)
{
    if (base) {
        s->walk.base = wtfcb_base_dir_open(AT_FDCWD, base, true);
        if (s->walk.base < 0)
            return wtfcb_base_error(s->error, wtfcb_base_status_of_errno(errno), errno, base, "cannot open %.300s: %s",
                                    base, strerror(errno));
    }
    wtfcb_status status = base ? wtfcb_scanner_walk_set_base(&s->walk, base) : WTFCB_OK;
    for (size_t i = 0; i < paths->count && status == WTFCB_OK; i++)
        status = wtfcb_scanner_walk_add(&s->walk, paths->items[i].disk_path, paths->items[i].row_path);
    return explain_memory(s, status);
}

wtfcb_status wtfcb_scanner_scan_list(wtfcb_scanner *scanner, const char *base, const char *const *paths, size_t count,
                                     wtfcb_codebase **ret_codebase, wtfcb_error *ret_error)
{
    wtfcb_status status = wtfcb_scanner_usable(scanner);
    if (status == WTFCB_OK && (!ret_codebase || (count > 0 && !paths))) status = WTFCB_EINVAL;
    for (size_t i = 0; i < count && status == WTFCB_OK; i++)
        if (!paths[i] || paths[i][0] == '\0') status = WTFCB_EINVAL;
    if (status != WTFCB_OK)
        return wtfcb_base_error(ret_error, status, 0, base, "wtfcb_scanner_scan_list: %s",
                                wtfcb_status_message(status));
    scan s;
    wtfcb_scanner_paths list;
    wtfcb_scanner_paths_init(&list, &scanner->allocator);
    status = begin(&s, scanner, "", ret_error);
    bool named = scanner->read != NULL;
    if (status == WTFCB_OK) status = wtfcb_scanner_paths_make(&list, paths, count);
    if (status == WTFCB_OK)
        status = named ? add_named_rows(&s, &list) : add_roots(&s, base, &list);
    else
        status = explain_memory(&s, status);
    if (status == WTFCB_OK) status = run(&s, ret_codebase);
    wtfcb_scanner_paths_free(&list);
    end(&s);
    return status;
}

wtfcb_status wtfcb_scanner_scan_buffer(wtfcb_scanner *scanner, const char *path, const char *bytes, size_t length,
                                       wtfcb_codebase **ret_codebase, wtfcb_error *ret_error)
{
    wtfcb_status status = wtfcb_scanner_usable(scanner);
    if (status == WTFCB_OK && (!ret_codebase || !path || path[0] == '\0' || (length > 0 && !bytes)))
        status = WTFCB_EINVAL;
    if (status != WTFCB_OK)
        return wtfcb_base_error(ret_error, status, 0, path, "wtfcb_scanner_scan_buffer: %s",
                                wtfcb_status_message(status));
    scan s;
    status = begin(&s, scanner, "", ret_error);
    if (status == WTFCB_OK) status = explain_memory(&s, make_examiners(&s, 1));
    if (status == WTFCB_OK) status = add_named_row(&s, path);
    s.walked = wtfcb_base_now();
    if (status == WTFCB_OK && s.walk.row_count > 0) {
        if (is_by_name(&s))
            s.walk.rows[0].size = length;
        else
            wtfcb_scanner_examine_bytes(&s.examiners[0], &s.walk.rows[0], bytes, length);
        status = look_up(&s);
    }
    if (status == WTFCB_OK) status = on_merge(&s, 0, s.walk.row_count);
    if (status == WTFCB_OK) status = finish(&s, ret_codebase);
    end(&s);
    return status;
}
