/**
 * @file
 * Status codes and error details: how every call of the library answers.
 *
 * Every function that can fail returns a ::wtfcb_status: 0 (::WTFCB_OK) for success, a negative number otherwise. The
 * numbers are pinned for ever; new ones are only added. Results go into out-parameters named `ret_*`, which are
 * untouched on failure. There is no thread-local or process-wide error state.
 *
 * The calls that touch the outside world take an optional last ::wtfcb_error, which the caller owns:
 *
 *     wtfcb_error error = WTFCB_ERROR_INIT;
 *     if (wtfcb_scanner_scan(scanner, "src", &codebase, &error) != WTFCB_OK)
 *         fprintf(stderr, "%s\n", error.message);
 *
 * A failure inside one file is never a failed call: it is the status of that file's row.
 *
 * Threads: everything here is immutable or the caller's own.
 */
#ifndef WTFCB_STATUS_H
#define WTFCB_STATUS_H

#include <stddef.h>
#include <stdint.h>

#include <wtfcb/export.h>

#ifdef __cplusplus
extern "C" {
#endif

/** What a call answers: ::WTFCB_OK or one of the negative codes below. */
typedef int32_t wtfcb_status;

/** Done. */
#define WTFCB_OK 0
/** An argument is outside what the function documents; nothing was done. */
#define WTFCB_EINVAL (-1)
/** An allocation failed; the handle still works and nothing is half-changed. */
#define WTFCB_ENOMEM (-2)
/** The named file, directory, option, language or row does not exist. */
#define WTFCB_ENOTFOUND (-3)
/** The operating system denies access. */
#define WTFCB_EACCES (-4)
/** Reading or writing failed; `wtfcb_error.os_error` has the `errno`. */
#define WTFCB_EIO (-5)
/** The cancellation token fired. */
#define WTFCB_ECANCELLED (-6)
/** The handle is in use by a run that has not ended. */
#define WTFCB_EBUSY (-7)
/** A limit on size, work, memory or depth was hit; what was found up to there is kept. */
#define WTFCB_ELIMIT (-8)
/** A deadline or time limit passed; what was found up to there is kept. */
#define WTFCB_ETIMEOUT (-9)
/** This build, system or file system does not offer what was asked. */
#define WTFCB_EUNSUPPORTED (-10)
/** Data or a file handed to the library does not have the form it should have. */
#define WTFCB_EFORMAT (-11)
/** A file changed each time while it was read. */
#define WTFCB_ECHANGED (-12)
/** A symbolic link leads back to a directory that is being walked, or through too many links. */
#define WTFCB_ELOOP (-13)
/** The handle was made before a `fork(2)` and is used in the child. */
#define WTFCB_EFORK (-14)
/** The path is a device, socket or FIFO; such files are never opened. */
#define WTFCB_ESPECIAL (-15)
/**
 * The language's grammar could not be loaded, or could not go on with this file's text; the file has its line counts and
 * no syntax.
 */
#define WTFCB_EGRAMMAR (-16)
/** A callback of the caller's asked to stop or reported a failure. */
#define WTFCB_ECALLBACK (-17)
/** The disk or the store is full; what could not be written is not remembered, and nothing else is lost. */
#define WTFCB_ENOSPACE (-18)
/** Others could have written there: wrong owner, writable for group or world, reached through a link of theirs. */
#define WTFCB_EUNSAFE (-19)
/** The store was opened for reading alone. */
#define WTFCB_EREADONLY (-20)
/** The store does not have the form that it was written with; it is set aside and a new one is begun. */
#define WTFCB_EDAMAGED (-21)

/** Position of an error inside a text: no position applies. */
#define WTFCB_NO_POSITION UINT64_MAX

/**
 * What failed and what to do about it. Written only on failure.
 *
 * Set `size` (or use ::WTFCB_ERROR_INIT) before the call: the struct may grow in later versions and the library writes
 * no more than `size` bytes.
 */
typedef struct wtfcb_error {
    uint32_t size;       /**< `sizeof(wtfcb_error)` of the caller's header */
    wtfcb_status status; /**< the code that the call returned */
    int32_t os_error;    /**< `errno` where the operating system was the cause, else 0 */
    uint32_t reserved;   /**< 0 */
    uint64_t position;   /**< byte offset in the text that is wrong, or ::WTFCB_NO_POSITION */
    char path[1024];     /**< the file or directory concerned, cut at the front if longer; "" if none */
    char message[512];   /**< one sentence, UTF-8: what failed, why, what to do */
} wtfcb_error;

/** Initialiser of a ::wtfcb_error. */
#define WTFCB_ERROR_INIT                                                                                               \
    {                                                                                                                  \
        (uint32_t)sizeof(wtfcb_error), 0, 0, 0, 0, {0},                                                                \
        {                                                                                                              \
            0                                                                                                          \
        }                                                                                                              \
    }

/**
 * The constant's name of a status, such as "WTFCB_ENOMEM"; "WTFCB_E?" for a number that this version does not know.
 *
 * @return a static string, never NULL. Constant time, any thread.
 * @since 0.1
 */
WTFCB_API const char *wtfcb_status_name(wtfcb_status status);

/**
 * What a status means, in a few English words without a full stop, such as "out of memory".
 *
 * @return a static string, never NULL. Constant time, any thread.
 * @since 0.1
 */
WTFCB_API const char *wtfcb_status_message(wtfcb_status status);

#ifdef __cplusplus
}
#endif
#endif
