/* The caller's log function with its argument; a function of NULL is silence. */
#ifndef WTFCB_BASE_LOG_H
#define WTFCB_BASE_LOG_H

#include <wtfcb/log.h>

typedef struct wtfcb_base_log {
    wtfcb_log_fn function;
    void *user;
} wtfcb_base_log;

/* Hand over one formatted message, cut at 1,000 bytes. On the calling thread only. */
__attribute__((format(printf, 3, 4))) void wtfcb_base_log_write(const wtfcb_base_log *log, int32_t level,
                                                                const char *format, ...);

#endif
