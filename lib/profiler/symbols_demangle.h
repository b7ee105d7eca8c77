/* Names of C++ and Rust as people write them, where the process has or finds a C++ runtime. */
#ifndef WTFCB_PROFILER_SYMBOLS_DEMANGLE_H
#define WTFCB_PROFILER_SYMBOLS_DEMANGLE_H

#include <stddef.h>

/* The name in `text`, which holds `size` bytes and may be what it was called with; cut if it is too long. Any thread. */
void wtfcb_profiler_demangle(char *text, size_t size);

#endif
