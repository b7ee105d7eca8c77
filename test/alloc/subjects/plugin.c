/* A shared object that allocates, for the scene `plugin`. */
#include <stdlib.h>

void *plugin_make(size_t size);

void *plugin_make(size_t size)
{
    void *volatile block = malloc(size);
    return block;
}
