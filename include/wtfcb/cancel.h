/**
 * @file
 * `wtfcb_cancel`: a sticky token that stops a run.
 *
 * Make one, hand it to a run (`wtfcb_scanner_set_cancel()`), and fire it from any thread or signal handler. A scan under
 * way returns ::WTFCB_ECANCELLED within 100 ms, even from inside the parse of one file. Once fired a token stays fired until
 * wtfcb_cancel_reset(). One token may serve many handles.
 *
 * Threads: shared. wtfcb_cancel_fire() and wtfcb_cancel_fired() are async-signal-safe.
 */
#ifndef WTFCB_CANCEL_H
#define WTFCB_CANCEL_H

#include <wtfcb/allocator.h>
#include <wtfcb/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A cancellation token. */
typedef struct wtfcb_cancel wtfcb_cancel;

/**
 * Make a token that has not fired.
 *
 * @param allocator   NULL for libc's
 * @param ret_cancel  owned by the caller, wtfcb_cancel_free(); untouched on failure
 * @return WTFCB_OK; WTFCB_EINVAL: `ret_cancel` is NULL; WTFCB_ENOMEM.
 * @since 0.1
 */
WTFCB_API wtfcb_status wtfcb_cancel_new(const wtfcb_allocator *allocator, wtfcb_cancel **ret_cancel);

/**
 * Drop the caller's hold on a token; NULL is accepted. Handles that were given the token keep it alive.
 * @since 0.1
 */
WTFCB_API void wtfcb_cancel_free(wtfcb_cancel *cancel);

/**
 * Fire the token. Async-signal-safe, constant time, never blocks; firing twice is firing once. NULL is ignored.
 * @since 0.1
 */
WTFCB_API void wtfcb_cancel_fire(wtfcb_cancel *cancel);

/**
 * Whether the token has fired: 1 or 0 (0 for NULL). Async-signal-safe, constant time.
 * @since 0.1
 */
WTFCB_API int32_t wtfcb_cancel_fired(const wtfcb_cancel *cancel);

/**
 * Make a fired token ready for another run. Only when no run that holds it is under way. NULL is ignored.
 * @since 0.1
 */
WTFCB_API void wtfcb_cancel_reset(wtfcb_cancel *cancel);

#ifdef __cplusplus
}
#endif
#endif
