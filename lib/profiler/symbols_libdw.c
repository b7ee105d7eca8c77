/* Finding libdw: once in the life of a process, by whichever thread comes first. */
#include "profiler/symbols_libdw.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdbool.h>
#include <string.h>

static wtfcb_profiler_libdw library;
static bool complete;

typedef struct wanted {
    const char *name;
    size_t offset; /* of the pointer to it */
} wanted;

#define WANTED(function)                                                                                               \
    {                                                                                                                  \
        "dwarf_" #function, offsetof(wtfcb_profiler_libdw, function)                                                   \
    }

static const wanted functions[] = {
    WANTED(begin),   WANTED(end),       WANTED(nextcu),    WANTED(offdie),         WANTED(dieoffset),
    WANTED(tag),     WANTED(child),     WANTED(ranges),    WANTED(siblingof),      WANTED(haspc),
    WANTED(diename), WANTED(decl_file), WANTED(decl_line), WANTED(attr_integrate), WANTED(formstring),
};

static void load(void)
{
    void *object = dlopen("libdw.so.1", RTLD_NOW | RTLD_LOCAL);
    if (!object) return;
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
        void *function = dlsym(object, functions[i].name);
        if (!function) {
            (void)dlclose(object);
            return;
        }
        memcpy((char *)&library + functions[i].offset, &function, sizeof function);
    }
    complete = true;
}

const wtfcb_profiler_libdw *wtfcb_profiler_libdw_load(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    (void)pthread_once(&once, load);
    return complete ? &library : NULL;
}
