/* Counting of holds on the public cancellation token. */
#ifndef WTFCB_BASE_CANCEL_H
#define WTFCB_BASE_CANCEL_H

#include <wtfcb/cancel.h>

/* Take another hold; returns `cancel`, which may be NULL. Released with wtfcb_cancel_free(). */
wtfcb_cancel *wtfcb_base_cancel_ref(wtfcb_cancel *cancel);

#endif
