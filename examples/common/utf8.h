/* UTF-8, one character at a time. Paths and names of a code base may hold any bytes, so every writer asks first. */
#ifndef EXAMPLES_COMMON_UTF8_H
#define EXAMPLES_COMMON_UTF8_H

#include <stdbool.h>
#include <stddef.h>

/* Bytes (1 to 4) of the character that `text` starts with; 0 when it starts with none, or `length` is 0. */
size_t utf8_length(const char *text, size_t length);

/* Whether there is a control character of ASCII in it, which formats made of lines cannot hold. */
bool text_has_control(const char *text, size_t length);

/* Whether all of `text` is UTF-8. */
bool utf8_valid(const char *text, size_t length);

#endif
