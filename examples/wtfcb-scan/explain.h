/* --explain: why a path is scanned or not. */
#ifndef WTFCB_SCAN_EXPLAIN_H
#define WTFCB_SCAN_EXPLAIN_H

#include <stdbool.h>

#include <wtfcb.h>

#include "options.h"

/* Write to stdout what decides about `options->explain`; false, after a word on stderr, when it cannot be found out. */
bool explain(wtfcb_scanner *scanner, wtfcb_cancel *cancel, const struct options *options);

#endif
