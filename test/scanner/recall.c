/* Scans through a cache; see recall.h. The clock stands here instead of the library's. */
#include "recall.h"

#include <time.h>

#include "cache/signature.h"

static char *directory;
int64_t recall_ahead_ns;

int64_t wtfcb_cache_signature_now(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec + recall_ahead_ns;
}

void recall_begin(void)
{
    tree_begin();
    recall_ahead_ns = 0;
    directory = wtfcb_test_directory();
}

void recall_end(void)
{
    free(directory);
    tree_end();
}

const char *recall_directory(void)
{
    return directory;
}

wtfcb_cache *recall_cache(void)
{
    wtfcb_cache *cache = NULL;
    wtfcb_error error = WTFCB_ERROR_INIT;
    ck_assert_int_eq(wtfcb_cache_new(NULL, &cache), WTFCB_OK);
    wtfcb_status status = wtfcb_cache_open(cache, directory, &error);
    ck_assert_msg(status == WTFCB_OK, "%s", error.message);
    return cache;
}

wtfcb_scanner *recall_scanner(int64_t depth, wtfcb_cache *cache)
{
    wtfcb_scanner *scanner = tree_scanner(depth, 2);
    ck_assert_int_eq(wtfcb_scanner_set_cache(scanner, cache), WTFCB_OK);
    return scanner;
}

wtfcb_codebase *recall_scan_equal(wtfcb_scanner *scanner, int64_t depth, const char *what)
{
    wtfcb_codebase *warm = tree_scan(scanner);
    wtfcb_codebase *cold = tree_scan_at(depth);
    dump_assert_equal(dump_codebase(warm), dump_codebase(cold), what);
    wtfcb_codebase_free(cold);
    return warm;
}
