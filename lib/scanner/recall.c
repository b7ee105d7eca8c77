/* A scan's way through the cache: what is the same for all files, and results by content. Directories: recall_listed.c. See recall.h. */
#include "scanner/recall.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <wtfcb/zone.h>

#include "base/memory.h"
#include "cache/cache.h"
#include "cache/place.h"
#include "cache/signature.h"
#include "scanner/recall_draft.h"
#include "scanner/recall_key.h"
#include "scanner/recall_result.h"

static wtfcb_status make_workers(wtfcb_scanner_recall *recall)
{
    const wtfcb_allocator *allocator = &recall->scanner->allocator;
    recall->workers = wtfcb_base_calloc(allocator, recall->threads, sizeof *recall->workers);
    recall->grammars = wtfcb_base_calloc(allocator, recall->languages->count, sizeof *recall->grammars);
    if (!recall->workers || !recall->grammars) return WTFCB_ENOMEM;
    for (uint32_t i = 0; i < recall->threads; i++) {
        recall->workers[i].recall = recall;
        wtfcb_base_arena_init(&recall->workers[i].arena, allocator);
        wtfcb_base_buffer_init(&recall->workers[i].buffer, allocator);
    }
    return WTFCB_OK;
}

wtfcb_status wtfcb_scanner_recall_init(wtfcb_scanner_recall *recall, const wtfcb_scanner *scanner, uint32_t threads)
{
    int64_t always = 0;
    int64_t keep = scanner->values[WTFCB_SCANNER_KEEP];
    *recall = (wtfcb_scanner_recall){
        .scanner = scanner,
        .cache = scanner->cache,
        .languages = scanner->languages,
        .began_ns = wtfcb_cache_signature_now(),
        .threads = threads,
        .syntax = scanner->values[WTFCB_SCANNER_DEPTH] == WTFCB_DEPTH_SYNTAX,
        .facts = scanner->visitor || (keep & (WTFCB_KEEP_SYMBOLS | WTFCB_KEEP_IMPORTS | WTFCB_KEEP_FINDINGS)) != 0,
        .rows = scanner->visitor || keep & WTFCB_KEEP_ALL,
    };
    wtfcb_status status = wtfcb_cache_usable(recall->cache);
    if (status != WTFCB_OK) return status;
    if (wtfcb_cache_get_option(recall->cache, WTFCB_CACHE_ALWAYS_VERIFY, &always) == WTFCB_OK)
        recall->always_verify = always != 0;
    recall->results = wtfcb_scanner_digest_results(scanner);
    if (!wtfcb_scanner_digest_selection(scanner, recall->results, &recall->selection)) return WTFCB_ENOMEM;
    return make_workers(recall);
}

void wtfcb_scanner_recall_free(wtfcb_scanner_recall *recall)
{
    if (!recall->scanner) return;
    const wtfcb_allocator *allocator = &recall->scanner->allocator;
    for (uint32_t i = 0; recall->workers && i < recall->threads; i++) {
        wtfcb_codebase_free(recall->workers[i].tally);
        wtfcb_base_buffer_free(&recall->workers[i].buffer);
        wtfcb_base_arena_free(&recall->workers[i].arena);
    }
    for (size_t i = 0; i < recall->root_count; i++)
        if (recall->roots[i].path) wtfcb_base_free(allocator, recall->roots[i].path, recall->roots[i].length + 1);
    wtfcb_base_free(allocator, recall->roots, recall->root_count * sizeof *recall->roots);
    wtfcb_base_free(allocator, (void *)recall->grammars, recall->languages->count * sizeof *recall->grammars);
    wtfcb_base_free(allocator, recall->workers, recall->threads * sizeof *recall->workers);
}

/* Whether one absolute path is another or lies below it. */
static bool is_below(const char *path, const char *above)
{
    size_t length = strlen(above);
    if (length == 1) return true; /* the root of all */
    return strncmp(path, above, length) == 0 && (path[length] == '/' || path[length] == '\0');
}

static wtfcb_status fill_root(wtfcb_scanner_recall *recall, wtfcb_scanner_recall_root *root, const char *path, int fd)
{
    struct stat status;
    char absolute[PATH_MAX];
    if (fstat(fd, &status) != 0 || !realpath(path, absolute)) return WTFCB_OK; /* its directories are not remembered */
    const char *store = wtfcb_cache_directory(recall->cache);
    if (wtfcb_cache_is_named(recall->cache) && is_below(store, absolute)) {
        wtfcb_base_log_write(&recall->scanner->log, WTFCB_LOG_WARNING,
                             "the cache %s lies in the tree that is scanned; directories below %s are not remembered",
                             store, absolute);
        return WTFCB_OK;
    }
    root->length = strlen(absolute);
    root->path = wtfcb_base_alloc(&recall->scanner->allocator, root->length + 1);
    if (!root->path) return WTFCB_ENOMEM;
    memcpy(root->path, absolute, root->length + 1);
    root->device = status.st_dev;
    root->local = wtfcb_cache_is_local(fd);
    return WTFCB_OK;
}

wtfcb_status wtfcb_scanner_recall_entering(void *user, size_t index, const char *path, int fd)
{
    wtfcb_scanner_recall *recall = user;
    const wtfcb_allocator *allocator = &recall->scanner->allocator;
    if (index >= recall->root_count) {
        wtfcb_scanner_recall_root *roots = wtfcb_base_realloc(
            allocator, recall->roots, recall->root_count * sizeof *roots, (index + 1) * sizeof *roots);
        if (!roots) return WTFCB_ENOMEM;
        memset(roots + recall->root_count, 0, (index + 1 - recall->root_count) * sizeof *roots);
        recall->roots = roots;
        recall->root_count = index + 1;
    }
    return fill_root(recall, &recall->roots[index], path, fd);
}

uint64_t wtfcb_scanner_recall_grammar(wtfcb_scanner_recall *recall, uint16_t language)
{
    if (!recall->syntax || language == WTFCB_LANG_NONE) return WTFCB_SCANNER_NO_GRAMMAR;
    uint64_t digest = atomic_load_explicit(&recall->grammars[language], memory_order_relaxed);
    if (digest != 0) return digest;
    digest = wtfcb_scanner_digest_grammar(recall->languages, language, recall->cache);
    atomic_store_explicit(&recall->grammars[language], digest, memory_order_relaxed);
    return digest;
}

/* What a lookup by content fills. */
typedef struct finding {
    const wtfcb_scanner_recall *recall;
    wtfcb_scanner_row *row;
    bool facts;
} finding;

static wtfcb_status take_result(void *user, const void *payload, size_t length)
{
    finding *f = user;
    return wtfcb_scanner_result_decode(payload, length, &f->recall->scanner->allocator, f->facts, true, f->row);
}

static bool look_up(wtfcb_scanner_recall_worker *worker, wtfcb_scanner_row *row, uint64_t length, bool facts)
{
    wtfcb_scanner_recall *recall = worker->recall;
    uint64_t grammar = wtfcb_scanner_recall_grammar(recall, row->language);
    if (grammar == 0) return false;
    wtfcb_cache_key key = wtfcb_scanner_result_key(recall->results, row->language, grammar, row->hash, length);
    finding f = {.recall = recall, .row = row, .facts = facts};
    bool found = wtfcb_cache_record_get(recall->cache, &key, take_result, &f) == WTFCB_OK;
    worker->content += found;
    return found;
}

bool wtfcb_scanner_recall_fetch(wtfcb_scanner_recall_worker *worker, wtfcb_scanner_row *row)
{
    WTFCB_ZONE("recall facts");
    const wtfcb_scanner_recall *recall = worker->recall;
    bool facts = recall->facts && row->flags & WTFCB_SCANNER_ROW_RECORDED;
    bool parts = recall->rows && row->flags & WTFCB_SCANNER_ROW_EMBEDDED;
    if (row->record || (!facts && !parts)) return true;
    wtfcb_scanner_row copy = *row;
    copy.record = NULL;
    if (!look_up(worker, &copy, row->size, recall->facts)) return false;
    row->record = copy.record;
    return true;
}

/* At the level of lines a count costs no more than a lookup; only what a row cannot hold is kept by content. */
static bool is_worth_keeping(const wtfcb_scanner_recall *recall, const wtfcb_scanner_row *row)
{
    return recall->syntax || row->record;
}

bool wtfcb_scanner_recall_find(wtfcb_scanner_recall_worker *worker, wtfcb_scanner_row *row, uint64_t length)
{
    WTFCB_ZONE("recall content");
    if (!worker->recall->syntax || !look_up(worker, row, length, worker->recall->facts)) return false;
    row->origin = WTFCB_ORIGIN_CONTENT;
    return true;
}

bool wtfcb_scanner_recall_lasts(wtfcb_scanner_recall *recall, const wtfcb_scanner_row *row)
{
    if (row->status == WTFCB_EGRAMMAR)
        return wtfcb_scanner_recall_grammar(recall, row->language) == WTFCB_SCANNER_NO_GRAMMAR && row->limits == 0;
    return wtfcb_scanner_result_lasts(row);
}

void wtfcb_scanner_recall_keep(wtfcb_scanner_recall_worker *worker, const wtfcb_scanner_row *row, uint64_t length,
                               uint16_t hints)
{
    WTFCB_ZONE("remember");
    wtfcb_scanner_recall *recall = worker->recall;
    if (!is_worth_keeping(recall, row) || !wtfcb_scanner_recall_lasts(recall, row)) return;
    uint64_t grammar = wtfcb_scanner_recall_grammar(recall, row->language);
    if (grammar == 0 || !wtfcb_scanner_result_encode(row, hints, &worker->buffer)) return;
    wtfcb_cache_key key = wtfcb_scanner_result_key(recall->results, row->language, grammar, row->hash, length);
    (void)wtfcb_cache_record_put(recall->cache, &key, worker->buffer.data, worker->buffer.length);
}

void wtfcb_scanner_recall_add_totals(wtfcb_scanner_recall *recall, wtfcb_codebase *codebase)
{
    for (uint32_t i = 0; i < recall->threads; i++)
        if (recall->workers[i].tally) wtfcb_scanner_codebase_add(codebase, recall->workers[i].tally);
}
