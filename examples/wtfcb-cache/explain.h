/* wtfcb-cache explain: what the cache knows of some files. */
#ifndef WTFCB_CACHE_EXPLAIN_H
#define WTFCB_CACHE_EXPLAIN_H

#include <wtfcb/cache.h>

#include "common/output.h"
#include "options.h"

/* Write it; what check_files answered if that failed, and nothing is then written. */
wtfcb_status explain(wtfcb_cache *cache, const struct options *options, struct output *out);

#endif
