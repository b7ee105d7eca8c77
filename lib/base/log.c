/* Formatting of messages; see log.h. */
#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>

enum { MESSAGE_SIZE = 1000 };

void wtfcb_base_log_write(const wtfcb_base_log *log, int32_t level, const char *format, ...)
{
    if (!log->function) return;
    char message[MESSAGE_SIZE];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    log->function(log->user, level, message);
}
