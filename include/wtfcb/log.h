/**
 * @file
 * Messages for whoever runs the program: what the library noticed and went on without.
 *
 * The library never writes to stdout or stderr. A handle that is given a ::wtfcb_log_fn tells it what no row and no status
 * has a place for: a grammar that cannot be loaded and why, an ignore file that cannot be read.
 */
#ifndef WTFCB_LOG_H
#define WTFCB_LOG_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Worth knowing; nothing is missing from the results. */
#define WTFCB_LOG_INFO 1
/** Something is missing from the results. */
#define WTFCB_LOG_WARNING 2

/**
 * Receives one message: a sentence without a newline, valid during the call. Called on the thread that called the
 * handle's function, never on a worker; must not use the handle.
 */
typedef void (*wtfcb_log_fn)(void *user, int32_t level, const char *message);

#ifdef __cplusplus
}
#endif
#endif
