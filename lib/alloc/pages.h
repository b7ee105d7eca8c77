/*
 * Zeroed pages of tables. Tables are looked into at random, and half of the cost of a look is to find the page: so large ones are of large pages where the
 * kernel has them.
 */
#ifndef WTFCB_ALLOC_PAGES_H
#define WTFCB_ALLOC_PAGES_H

#include <stdbool.h>
#include <stddef.h>

/* NULL: none. Unmapped with munmap(2) of the same size. */
void *wtfcb_alloc_pages_map(size_t size, bool large);

#endif
