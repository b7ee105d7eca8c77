/*
 * What a command needs to trace its allocations: the preloaded object, a folder of our own for what it and its children write, and the environment that says
 * so.
 */
#ifndef WTFCB_PROFILE_TRACING_H
#define WTFCB_PROFILE_TRACING_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

struct tracing {
    char folder[PATH_MAX]; /* "": none */
};

/*
 * Make the folder and set this process's environment, which the command inherits. False: `message` says why not, and nothing is left behind.
 *
 * @param full  each allocation, not a sample of them
 */
bool tracing_prepare(struct tracing *tracing, bool full, char *message, size_t size);

/* Remove the folder and what is in it; who still writes there writes into files without a name. */
void tracing_remove(struct tracing *tracing);

/* Why nothing was seen of a command, as far as its file tells: the end of a sentence. */
const char *tracing_obstacle(const char *command);

#endif
