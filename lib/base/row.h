/* Copying a row into a struct that the caller sized: what either side does not know is left out or 0. */
#ifndef WTFCB_BASE_ROW_H
#define WTFCB_BASE_ROW_H

#include <stddef.h>
#include <string.h>

static inline void wtfcb_base_row_copy(void *into, size_t into_size, const void *row, size_t row_size)
{
    size_t common = into_size < row_size ? into_size : row_size;
    memcpy(into, row, common);
    memset((char *)into + common, 0, into_size - common);
}

#endif
