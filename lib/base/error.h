/*
 * Filling the caller's wtfcb_error. Every path takes NULL for a caller who did not ask.
 */
#ifndef WTFCB_BASE_ERROR_H
#define WTFCB_BASE_ERROR_H

#include <wtfcb/status.h>

/*
 * Write status, errno (0 for none), path (NULL for none) and a formatted sentence, as far as the caller's struct
 * reaches; returns `status`, so that a failing function can end with it.
 */
__attribute__((format(printf, 5, 6))) wtfcb_status wtfcb_base_error(wtfcb_error *error, wtfcb_status status,
                                                                    int os_error, const char *path, const char *format,
                                                                    ...);

/* The status that stands for an errno of a file operation. */
wtfcb_status wtfcb_base_status_of_errno(int os_error);

#endif
