/* The JSON writer. Strings are the hot part: runs of plain characters are copied whole. */
#include "common/json.h"

#include <string.h>

#include "common/utf8.h"

void json_init(struct json *json, struct output *out)
{
    json->out = out;
    json->comma = false;
}

/* What stands in front of a value: the comma that the one before left due, and the key. */
static void introduce(struct json *json, const char *key)
{
    if (json->comma) output_char(json->out, ',');
    json->comma = true;
    if (key == NULL) return;
    output_char(json->out, '"');
    output_text(json->out, key);
    output_bytes(json->out, "\":", 2);
}

static void open_bracket(struct json *json, const char *key, char bracket)
{
    introduce(json, key);
    output_char(json->out, bracket);
    json->comma = false;
}

static void close_bracket(struct json *json, char bracket)
{
    output_char(json->out, bracket);
    json->comma = true;
}

void json_open_object(struct json *json, const char *key)
{
    open_bracket(json, key, '{');
}

void json_close_object(struct json *json)
{
    close_bracket(json, '}');
}

void json_open_array(struct json *json, const char *key)
{
    open_bracket(json, key, '[');
}

void json_close_array(struct json *json)
{
    close_bracket(json, ']');
}

void json_newline(struct json *json)
{
    if (json->comma) output_char(json->out, ',');
    json->comma = false;
    output_char(json->out, '\n');
}

void json_number(struct json *json, const char *key, uint64_t number)
{
    introduce(json, key);
    output_number(json->out, number);
}

void json_signed(struct json *json, const char *key, int64_t number)
{
    introduce(json, key);
    if (number < 0) output_char(json->out, '-');
    output_number(json->out, number < 0 ? 0 - (uint64_t)number : (uint64_t)number);
}

void json_bool(struct json *json, const char *key, bool value)
{
    introduce(json, key);
    output_text(json->out, value ? "true" : "false");
}

void json_null(struct json *json, const char *key)
{
    introduce(json, key);
    output_bytes(json->out, "null", 4);
}

void json_text(struct json *json, const char *key, const char *text)
{
    json_bytes(json, key, text, strlen(text));
}

/* Number of bytes at the start that stand for themselves: printable ASCII without quote and backslash. */
static size_t plain_length(const char *bytes, size_t length)
{
    size_t i = 0;

    while (i < length && bytes[i] >= 0x20 && bytes[i] < 0x7f && bytes[i] != '"' && bytes[i] != '\\')
        i++;
    return i;
}

static void escape(struct output *out, unsigned char byte)
{
    static const char hex[] = "0123456789abcdef";
    static const char shorts[] = "\"\"\\\\\nn\rr\tt\bb\ff";

    output_char(out, '\\');
    for (size_t i = 0; i + 1 < sizeof shorts; i += 2) {
        if ((unsigned char)shorts[i] == byte) {
            output_char(out, shorts[i + 1]);
            return;
        }
    }
    output_bytes(out, "u00", 3);
    output_char(out, hex[byte >> 4]);
    output_char(out, hex[byte & 15]);
}

void json_bytes(struct json *json, const char *key, const char *bytes, size_t length)
{
    struct output *out = json->out;

    introduce(json, key);
    output_char(out, '"');
    while (length > 0) {
        size_t step = plain_length(bytes, length);
        if (step > 0) {
            output_bytes(out, bytes, step);
        } else if ((step = utf8_length(bytes, length)) == 1) {
            escape(out, (unsigned char)*bytes);
        } else if (step > 1) {
            output_bytes(out, bytes, step);
        } else {
            output_bytes(out, "\xef\xbf\xbd", 3);
            step = 1;
        }
        bytes += step;
        length -= step;
    }
    output_char(out, '"');
}

void json_hex(struct json *json, const char *key, const uint8_t *bytes, size_t length)
{
    static const char hex[] = "0123456789abcdef";

    introduce(json, key);
    output_char(json->out, '"');
    for (size_t i = 0; i < length; i++) {
        output_char(json->out, hex[bytes[i] >> 4]);
        output_char(json->out, hex[bytes[i] & 15]);
    }
    output_char(json->out, '"');
}

void json_base64(struct json *json, const char *key, const char *bytes, size_t length)
{
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    introduce(json, key);
    output_char(json->out, '"');
    for (size_t i = 0; i < length; i += 3) {
        uint32_t group = 0;
        size_t have = length - i < 3 ? length - i : 3;
        for (size_t k = 0; k < 3; k++)
            group = group << 8 | (k < have ? (unsigned char)bytes[i + k] : 0);
        for (size_t k = 0; k < 4; k++)
            output_char(json->out, k <= have ? alphabet[group >> (18 - 6 * k) & 63] : '=');
    }
    output_char(json->out, '"');
}
