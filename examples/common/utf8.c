/* Well-formed UTF-8 as the Unicode standard tabulates it: no overlong forms, no surrogates, nothing above U+10FFFF. */
#include "common/utf8.h"

/* What may follow each lead byte: how many bytes in all, and the range of the second one. */
static const struct lead {
    unsigned char first, last, length, low, high;
} leads[] = {
    {0x00, 0x7f, 1, 0x00, 0x00}, {0xc2, 0xdf, 2, 0x80, 0xbf}, {0xe0, 0xe0, 3, 0xa0, 0xbf},
    {0xe1, 0xec, 3, 0x80, 0xbf}, {0xed, 0xed, 3, 0x80, 0x9f}, {0xee, 0xef, 3, 0x80, 0xbf},
    {0xf0, 0xf0, 4, 0x90, 0xbf}, {0xf1, 0xf3, 4, 0x80, 0xbf}, {0xf4, 0xf4, 4, 0x80, 0x8f},
};

static bool continues(unsigned char byte)
{
    return (byte & 0xc0) == 0x80;
}

size_t utf8_length(const char *text, size_t length)
{
    const unsigned char *bytes = (const unsigned char *)text;

    if (length == 0) return 0;
    if (bytes[0] < 0x80) return 1;
    for (size_t i = 1; i < sizeof leads / sizeof *leads; i++) {
        const struct lead *lead = &leads[i];
        if (bytes[0] < lead->first || bytes[0] > lead->last) continue;
        if (length < lead->length || bytes[1] < lead->low || bytes[1] > lead->high) return 0;
        for (size_t k = 2; k < lead->length; k++)
            if (!continues(bytes[k])) return 0;
        return lead->length;
    }
    return 0;
}

bool utf8_valid(const char *text, size_t length)
{
    while (length > 0) {
        size_t step = utf8_length(text, length);
        if (step == 0) return false;
        text += step;
        length -= step;
    }
    return true;
}

bool text_has_control(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f) return true;
    return false;
}
