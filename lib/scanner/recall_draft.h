/*
 * Inside the recall: the next record of a directory while its files are being examined.
 */
#ifndef WTFCB_SCANNER_RECALL_DRAFT_H
#define WTFCB_SCANNER_RECALL_DRAFT_H

#include "scanner/recall.h"

struct wtfcb_scanner_draft {
    wtfcb_cache_key key;
    int64_t recorded_ns;
    uint64_t device;
    uint32_t count;
    atomic_uint pending; /* slots whose files are still to be examined */
    atomic_uint news;    /* what the new record has that the old one has not, or the other way round */
    struct wtfcb_scanner_slot slots[];
};

/* A grammar's digest, asked once in a scan; 0: what depends on it cannot be remembered. */
uint64_t wtfcb_scanner_recall_grammar(wtfcb_scanner_recall *recall, uint16_t language);

/* Whether what a row says will be the same next time. */
bool wtfcb_scanner_recall_lasts(wtfcb_scanner_recall *recall, const wtfcb_scanner_row *row);

/* Write a draft of which nothing is pending. */
void wtfcb_scanner_draft_write(wtfcb_scanner_recall_worker *worker, const wtfcb_scanner_draft *draft);

#endif
