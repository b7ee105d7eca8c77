/* Growable bytes; see buffer.h for the rule about failures. */
#include "base/buffer.h"

#include <string.h>

#include "base/memory.h"

void wtfcb_base_buffer_init_for(wtfcb_base_buffer *buffer, const wtfcb_allocator *allocator, uint32_t module)
{
    *buffer = (wtfcb_base_buffer){.allocator = allocator, .module = module};
}

void wtfcb_base_buffer_free(wtfcb_base_buffer *buffer)
{
    wtfcb_base_free_for(buffer->allocator, buffer->data, buffer->capacity, buffer->module);
    wtfcb_base_buffer_init_for(buffer, buffer->allocator, buffer->module);
}

bool wtfcb_base_buffer_reserve(wtfcb_base_buffer *buffer, size_t more)
{
    size_t needed;
    if (__builtin_add_overflow(buffer->length, more, &needed) ||
        !wtfcb_base_reserve_for(buffer->allocator, (void **)&buffer->data, &buffer->capacity, needed, 1,
                                buffer->module)) {
        buffer->failed = true;
        return false;
    }
    return true;
}

void wtfcb_base_buffer_append(wtfcb_base_buffer *buffer, const void *bytes, size_t length)
{
    if (length == 0 || !wtfcb_base_buffer_reserve(buffer, length)) return;
    memcpy(buffer->data + buffer->length, bytes, length);
    buffer->length += length;
}

void wtfcb_base_buffer_append_string(wtfcb_base_buffer *buffer, const char *string)
{
    wtfcb_base_buffer_append(buffer, string, strlen(string));
}

void wtfcb_base_buffer_append_byte(wtfcb_base_buffer *buffer, char byte)
{
    wtfcb_base_buffer_append(buffer, &byte, 1);
}

void wtfcb_base_buffer_reset(wtfcb_base_buffer *buffer)
{
    buffer->length = 0;
    buffer->failed = false;
}
