/* One scan from start to snapshot: pool, walk, examination, merge. Its entrances are in scan_given.c and rescan.c. */
#include "scanner/scan.h"

#include <wtfcb/explain.h>
#include <wtfcb/zone.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "base/host.h"
#include "base/memory.h"
#include "scanner/paths.h"
#include "scanner/recall_key.h"
#include "scanner/schedule.h"

enum {
    PROGRESS_NS = 100 * 1000 * 1000,
    UNREAD_ROWS = 256, /* merged between two looks at the token */
};

static int64_t option(const wtfcb_scanner_run *s, int32_t id)
{
    return s->scanner->values[id];
}

/* What the caller is told; 0 to go on. */
static int32_t report_progress(wtfcb_scanner_run *s, uint64_t now)
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
static wtfcb_status look_up(wtfcb_scanner_run *s)
{
    if (wtfcb_cancel_fired(s->scanner->cancel))
        return wtfcb_base_error(s->error, WTFCB_ECANCELLED, 0, s->codebase->root, "the scan was cancelled");
    uint64_t now = wtfcb_base_now();
    if (!s->scanner->progress || now - s->last_progress < PROGRESS_NS || report_progress(s, now) == 0) return WTFCB_OK;
    return wtfcb_base_error(s->error, WTFCB_ECALLBACK, 0, s->codebase->root, "the progress callback ended the scan");
}

static wtfcb_status on_walk_tick(void *user, uint64_t files, uint64_t bytes)
{
    wtfcb_scanner_run *s = user;
    s->progress.files_found = files;
    s->progress.bytes_found = bytes;
    wtfcb_status status = look_up(s);
    if (status == WTFCB_OK && wtfcb_scanner_is_over(&s->settings)) status = WTFCB_ETIMEOUT;
    return status;
}

static wtfcb_status on_tick(void *user, uint64_t files, uint64_t bytes)
{
    wtfcb_scanner_run *s = user;
    s->progress.files_done = files;
    s->progress.bytes_done = bytes;
    return look_up(s);
}

/* Whether no content is looked at, so that names decide. */
static bool is_by_name(const wtfcb_scanner_run *s)
{
    return option(s, WTFCB_SCANNER_DEPTH) == WTFCB_DEPTH_FILES;
}

static bool keeps_facts(const wtfcb_scanner_run *s)
{
    return (option(s, WTFCB_SCANNER_KEEP) & (WTFCB_KEEP_SYMBOLS | WTFCB_KEEP_IMPORTS | WTFCB_KEEP_FINDINGS)) != 0;
}

static wtfcb_status visit(wtfcb_scanner_run *s, wtfcb_scanner_row *row)
{
    WTFCB_ZONE("visit");
    wtfcb_codebase view;
    wtfcb_scanner_firsts firsts[2];
    wtfcb_scanner_codebase_view(&view, s->codebase, row, firsts);
    if (s->scanner->visitor(s->scanner->visitor_user, s->visited++, &view) == 0) return WTFCB_OK;
    return wtfcb_base_error(s->error, WTFCB_ECALLBACK, 0, row->path, "the visitor ended the scan");
}

/* Let go of a record that the snapshot does not show. */
static void drop_unwanted_facts(wtfcb_scanner_run *s, wtfcb_scanner_row *row)
{
    if (keeps_facts(s) || wtfcb_scanner_record_count(row->record, WTFCB_SCANNER_EMBEDDED) > 0) return;
    wtfcb_scanner_record_unref(&s->scanner->allocator, row->record);
    row->record = NULL;
}

/* Say once for each language why its files have no syntax. Without memory for that it goes unsaid. */
static void report_grammar(wtfcb_scanner_run *s, const wtfcb_scanner_row *row)
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

static wtfcb_status merge_row(wtfcb_scanner_run *s, wtfcb_scanner_row *row)
{
    s->progress.files_failed += row->status != WTFCB_OK;
    s->progress.files_cached += row->origin != WTFCB_ORIGIN_PARSED;
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
    bool fine = row->status == WTFCB_OK && row->limits == 0;
    if (status != WTFCB_OK || !(s->codebase->keep & (fine ? WTFCB_KEEP_FILES : WTFCB_KEEP_FILES | WTFCB_KEEP_FAILED)))
        return status;
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
    WTFCB_ZONE("merge");
    wtfcb_scanner_run *s = user;
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

static void make_settings(wtfcb_scanner_run *s)
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
        .record_facts = scanner->visitor || keeps_facts(s) || scanner->cache,
    };
}

/* The result of a call that can only have failed for memory, said in words. */
wtfcb_status wtfcb_scanner_run_explain_memory(const wtfcb_scanner_run *s, wtfcb_status status)
{
    if (status != WTFCB_ENOMEM) return status;
    return wtfcb_base_error(s->error, status, 0, s->codebase ? s->codebase->root : NULL,
                            "out of memory; the scan was given up");
}

wtfcb_status wtfcb_scanner_run_begin(wtfcb_scanner_run *s, wtfcb_scanner *scanner, const char *root, wtfcb_error *error)
{
    *s = (wtfcb_scanner_run){.scanner = scanner, .error = error, .began = wtfcb_base_now()};
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
    if (status == WTFCB_OK &&
        !wtfcb_scanner_digest_selection(scanner, wtfcb_scanner_digest_results(scanner), &s->codebase->selection))
        status = WTFCB_ENOMEM;
    return wtfcb_scanner_run_explain_memory(s, status);
}

static wtfcb_status make_examiners(wtfcb_scanner_run *s, uint32_t count)
{
    s->examiners = wtfcb_base_calloc(&s->scanner->allocator, count, sizeof *s->examiners);
    if (!s->examiners) return WTFCB_ENOMEM;
    s->threads = count;
    for (uint32_t i = 0; i < count; i++) {
        wtfcb_scanner_examiner_init(&s->examiners[i], &s->settings, &s->scanner->allocator);
        if (s->recalls) s->examiners[i].recall = &s->recall.workers[i];
    }
    return WTFCB_OK;
}

static wtfcb_status start_pool(wtfcb_scanner_run *s)
{
    int os_error = 0;
    uint32_t threads = (uint32_t)option(s, WTFCB_SCANNER_THREADS);
    if (threads == 0) threads = wtfcb_base_host_cores();
    wtfcb_status status = wtfcb_pool_new(&s->scanner->allocator, threads, &s->pool, &os_error);
    if (status == WTFCB_EUNSUPPORTED)
        return wtfcb_base_error(s->error, status, os_error, NULL, "cannot start %u worker threads: %s", threads,
                                strerror(os_error));
    return wtfcb_scanner_run_explain_memory(s, status);
}

wtfcb_scanner_walk_options wtfcb_scanner_run_walk_options(wtfcb_scanner_run *s)
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
        .among = s->among,
        .entering = s->recalls && !s->among ? wtfcb_scanner_recall_entering : NULL,
        .listed = s->recalls && !s->among ? wtfcb_scanner_recall_listed : NULL,
        .listed_user = &s->recall,
        .tick = on_walk_tick,
        .user = s,
    };
}

static wtfcb_status run_walk(wtfcb_scanner_run *s)
{
    wtfcb_scanner_walk_options options = wtfcb_scanner_run_walk_options(s);
    wtfcb_status status = wtfcb_scanner_walk_run(&s->walk, s->pool, &options);
    if (status == WTFCB_ETIMEOUT) { /* what was found until the deadline is there */
        s->codebase->stats.status = WTFCB_ETIMEOUT;
        status = WTFCB_OK;
    }
    return wtfcb_scanner_run_explain_memory(s, status);
}

/* Set up the scan's memory, if the scanner has a cache and something to remember. */
static wtfcb_status start_recall(wtfcb_scanner_run *s, uint32_t threads)
{
    if (!s->scanner->cache || s->only || is_by_name(s)) return WTFCB_OK;
    wtfcb_status status = wtfcb_scanner_recall_init(&s->recall, s->scanner, threads);
    s->recalls = status == WTFCB_OK;
    if (status == WTFCB_EFORK)
        return wtfcb_base_error(s->error, status, 0, NULL, "the cache was made before a fork, in the parent process");
    return wtfcb_scanner_run_explain_memory(s, status);
}

wtfcb_status wtfcb_scanner_run_recall(wtfcb_scanner_run *s)
{
    return start_recall(s, 1);
}

/* Rows of which the walk has said everything. */
wtfcb_status wtfcb_scanner_run_merge(wtfcb_scanner_run *s)
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

static wtfcb_status run_examination(wtfcb_scanner_run *s)
{
    if (is_by_name(s)) return wtfcb_scanner_run_merge(s);
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
    return wtfcb_scanner_run_explain_memory(s, status);
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

/* What came from the cache. */
static void add_recalled(wtfcb_scanner_run *s)
{
    wtfcb_scan_stats *stats = &s->codebase->stats;
    bool stored = wtfcb_cache_directory(s->scanner->cache)[0] != '\0';
    wtfcb_scanner_recall_add_totals(&s->recall, s->codebase);
    for (uint32_t i = 0; i < s->recall.threads; i++) {
        const wtfcb_scanner_recall_worker *worker = &s->recall.workers[i];
        stats->files_walked += worker->tallied;
        stats->hits_unchanged += worker->unchanged;
        *(stored ? &stats->hits_persistent : &stats->hits_memory) += worker->content;
    }
}

void wtfcb_scanner_run_count(wtfcb_scanner_run *s)
{
    wtfcb_scan_stats *stats = &s->codebase->stats;
    uint64_t now = wtfcb_base_now();
    for (uint32_t i = 0; i < s->threads; i++)
        add_counters(stats, &s->examiners[i].counters);
    stats->directories = s->walk.directories;
    stats->files_walked = s->walk.row_count;
    if (s->recalls) add_recalled(s);
    stats->files_ignored = s->walk.ignored;
    stats->threads = s->pool ? wtfcb_pool_threads(s->pool) : 0;
    stats->wall_ns = now - s->began;
    stats->walk_ns = s->walked - s->began;
    stats->process_ns = now - s->walked;
}

wtfcb_status wtfcb_scanner_run_finish(wtfcb_scanner_run *s, wtfcb_codebase **ret_codebase)
{
    WTFCB_ZONE("finish snapshot");
    wtfcb_scanner_run_count(s);
    wtfcb_scanner_row *rows = s->kept > 0 ? s->walk.rows : NULL;
    wtfcb_status status =
        wtfcb_scanner_codebase_finish(s->codebase, rows, s->kept, rows ? s->walk.row_capacity : 0, &s->walk.strings);
    if (rows) {
        s->walk.rows = NULL;
        s->walk.row_count = s->walk.row_capacity = s->kept = s->merged = 0;
    }
    if (status != WTFCB_OK) return wtfcb_scanner_run_explain_memory(s, status);
    *ret_codebase = s->codebase;
    s->codebase = NULL;
    return WTFCB_OK;
}

void wtfcb_scanner_run_end(wtfcb_scanner_run *s)
{
    WTFCB_ZONE("clean up");
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
    wtfcb_scanner_recall_free(&s->recall);
    wtfcb_codebase_free(s->codebase);
    s->scanner->running = false;
}

/* The roots, or rows of files, are there; the rest is the same for every kind of scan. */
wtfcb_status wtfcb_scanner_run_work(wtfcb_scanner_run *s)
{
    WTFCB_ZONE("scan");
    wtfcb_status status = start_pool(s);
    if (status == WTFCB_OK) status = start_recall(s, wtfcb_pool_threads(s->pool));
    if (status == WTFCB_OK && s->walk.root_count > 0) status = run_walk(s);
    s->walked = wtfcb_base_now();
    s->progress.walking = 0;
    s->progress.files_found = s->walk.row_count;
    s->progress.bytes_found = 0;
    for (size_t i = 0; i < s->walk.row_count && s->scanner->progress; i++) /* nobody else asks */
        if (s->walk.rows[i].size <= s->settings.max_file_size && s->walk.rows[i].origin == WTFCB_ORIGIN_PARSED)
            s->progress.bytes_found += s->walk.rows[i].size;
    if (status == WTFCB_OK) status = look_up(s);
    if (status == WTFCB_OK) status = run_examination(s);
    return status;
}

wtfcb_status wtfcb_scanner_run_add_root(wtfcb_scanner_run *s, const char *root)
{
    wtfcb_base_file_signature signature;
    if (wtfcb_base_file_stat(AT_FDCWD, root, true, &signature) != 0)
        return wtfcb_base_error(s->error, wtfcb_base_status_of_errno(errno), errno, root, "cannot scan %.300s: %s",
                                root, strerror(errno));
    s->root_is_file = signature.type == WTFCB_BASE_FILE_REGULAR;
    s->codebase->rooted = !s->root_is_file;
    if (s->root_is_file)
        return wtfcb_scanner_run_explain_memory(s,
                                                wtfcb_scanner_walk_add(&s->walk, root, wtfcb_scanner_base_name(root)));
    if (signature.type != WTFCB_BASE_FILE_DIRECTORY)
        return wtfcb_base_error(s->error, WTFCB_ESPECIAL, 0, root, "cannot scan %.300s: it is a device, socket or FIFO",
                                root);
    int fd = wtfcb_base_dir_open(AT_FDCWD, root, true);
    if (fd < 0)
        return wtfcb_base_error(s->error, wtfcb_base_status_of_errno(errno), errno, root, "cannot scan %.300s: %s",
                                root, strerror(errno));
    (void)close(fd);
    return wtfcb_scanner_run_explain_memory(s, wtfcb_scanner_walk_add(&s->walk, root, ""));
}

wtfcb_status wtfcb_scanner_run_bytes(wtfcb_scanner_run *s, const char *bytes, size_t length)
{
    wtfcb_status status = start_recall(s, 1);
    if (status == WTFCB_OK) status = wtfcb_scanner_run_explain_memory(s, make_examiners(s, 1));
    s->walked = wtfcb_base_now();
    if (status == WTFCB_OK && s->walk.row_count > 0) {
        if (is_by_name(s))
            s->walk.rows[0].size = length;
        else
            wtfcb_scanner_examine_bytes(&s->examiners[0], &s->walk.rows[0], bytes, length);
        status = look_up(s);
    }
    return status == WTFCB_OK ? on_merge(s, 0, s->walk.row_count) : status;
}
