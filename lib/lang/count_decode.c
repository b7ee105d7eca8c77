/* What a file's bytes are before they are text: binary, UTF-16, or ready to read. */
#include "lang/count.h"

#include <string.h>

#include "lang/count_scan.h"

enum { BINARY_WINDOW = 8000, REPLACEMENT = 0xFFFD };

bool wtfcb_lang_is_utf16(const char *bytes, size_t length)
{
    if (length < 2) return false;
    if (memcmp(bytes, "\xFE\xFF", 2) == 0) return true;
    if (memcmp(bytes, "\xFF\xFE", 2) != 0) return false;
    return length < 4 || bytes[2] || bytes[3]; /* two zeros more make it UTF-32 */
}

bool wtfcb_lang_is_binary(const char *bytes, size_t length)
{
    if (wtfcb_lang_is_utf16(bytes, length)) return false;
    return length > 0 && memchr(bytes, 0, length < BINARY_WINDOW ? length : BINARY_WINDOW) != NULL;
}

static uint32_t unit_at(const unsigned char *p, bool big)
{
    return big ? (uint32_t)p[0] << 8 | p[1] : (uint32_t)p[1] << 8 | p[0];
}

size_t wtfcb_lang_encode_utf8(char *to, uint32_t point)
{
    if (point < 0x80) {
        to[0] = (char)point;
        return 1;
    }
    if (point < 0x800) {
        to[0] = (char)(0xC0 | point >> 6);
        to[1] = (char)(0x80 | (point & 0x3F));
        return 2;
    }
    if (point < 0x10000) {
        to[0] = (char)(0xE0 | point >> 12);
        to[1] = (char)(0x80 | (point >> 6 & 0x3F));
        to[2] = (char)(0x80 | (point & 0x3F));
        return 3;
    }
    to[0] = (char)(0xF0 | point >> 18);
    to[1] = (char)(0x80 | (point >> 12 & 0x3F));
    to[2] = (char)(0x80 | (point >> 6 & 0x3F));
    to[3] = (char)(0x80 | (point & 0x3F));
    return 4;
}

wtfcb_status wtfcb_lang_decode_utf16(const char *bytes, size_t length, wtfcb_base_buffer *buffer)
{
    if (!wtfcb_lang_is_utf16(bytes, length)) return WTFCB_EFORMAT;
    const unsigned char *p = (const unsigned char *)bytes + 2, *end = (const unsigned char *)bytes + length;
    bool big = (unsigned char)bytes[0] == 0xFE;
    /* Two bytes become three at the most, four become four; an odd last byte becomes three. */
    if (length > SIZE_MAX / 2 - WTFCB_LANG_PADDING ||
        !wtfcb_base_buffer_reserve(buffer, length / 2 * 3 + 3 + WTFCB_LANG_PADDING))
        return WTFCB_ENOMEM;
    char *to = buffer->data + buffer->length;
    while (end - p >= 2) {
        uint32_t point = unit_at(p, big);
        p += 2;
        if (point >= 0xD800 && point < 0xE000) {
            uint32_t low = end - p >= 2 ? unit_at(p, big) : 0;
            if (point < 0xDC00 && low >= 0xDC00 && low < 0xE000) {
                point = 0x10000 + ((point - 0xD800) << 10) + (low - 0xDC00);
                p += 2;
            } else {
                point = REPLACEMENT;
            }
        }
        to += wtfcb_lang_encode_utf8(to, point);
    }
    if (p < end) to += wtfcb_lang_encode_utf8(to, REPLACEMENT);
    memset(to, 0, WTFCB_LANG_PADDING);
    buffer->length = (size_t)(to - buffer->data);
    return WTFCB_OK;
}
