/*
 * Growable byte buffer. A failed append sets `failed` and is otherwise ignored, so that a sequence of appends needs one
 * check at its end.
 */
#ifndef WTFCB_BASE_BUFFER_H
#define WTFCB_BASE_BUFFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/memory.h"

typedef struct wtfcb_base_buffer {
    const wtfcb_allocator *allocator; /* borrowed */
    char *data;
    size_t length;
    size_t capacity;
    bool failed;     /* an append ran out of memory; sticky until reset */
    uint32_t module; /* whose memory it is; memory.h */
} wtfcb_base_buffer;

void wtfcb_base_buffer_init_for(wtfcb_base_buffer *buffer, const wtfcb_allocator *allocator, uint32_t module);
static inline void wtfcb_base_buffer_init(wtfcb_base_buffer *buffer, const wtfcb_allocator *allocator)
{
    wtfcb_base_buffer_init_for(buffer, allocator, WTFCB_BASE_MODULE);
}
void wtfcb_base_buffer_free(wtfcb_base_buffer *buffer);

/* Make room for `more` bytes behind `length`; false (and `failed`) when memory has run out. */
bool wtfcb_base_buffer_reserve(wtfcb_base_buffer *buffer, size_t more);

void wtfcb_base_buffer_append(wtfcb_base_buffer *buffer, const void *bytes, size_t length);
void wtfcb_base_buffer_append_string(wtfcb_base_buffer *buffer, const char *string);
void wtfcb_base_buffer_append_byte(wtfcb_base_buffer *buffer, char byte);

/* Forget the content and `failed`, keep the memory. */
void wtfcb_base_buffer_reset(wtfcb_base_buffer *buffer);

#endif
