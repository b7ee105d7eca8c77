/* The JSON writer. Texts are the hot part: runs of plain bytes are copied whole. */
#include "base/json.h"

#include <math.h>
#include <string.h>

static const char replacement[] = "\xef\xbf\xbd"; /* U+FFFD */

void wtfcb_base_json_init(wtfcb_base_json *json, wtfcb_base_writer *out)
{
    *json = (wtfcb_base_json){.out = out};
}

/* What stands in front of a value: the comma that the one before left due, the line break that was asked for, the key. */
static void introduce(wtfcb_base_json *json, const char *key)
{
    if (json->comma) wtfcb_base_writer_char(json->out, ',');
    if (json->line) wtfcb_base_writer_char(json->out, '\n');
    json->comma = true;
    json->line = false;
    if (!key) return;
    wtfcb_base_writer_char(json->out, '"');
    wtfcb_base_writer_text(json->out, key);
    wtfcb_base_writer_bytes(json->out, "\":", 2);
}

static void open_bracket(wtfcb_base_json *json, const char *key, char bracket)
{
    introduce(json, key);
    wtfcb_base_writer_char(json->out, bracket);
    json->comma = false;
}

static void close_bracket(wtfcb_base_json *json, char bracket)
{
    if (json->line) wtfcb_base_writer_char(json->out, '\n');
    wtfcb_base_writer_char(json->out, bracket);
    json->comma = true;
    json->line = false;
}

void wtfcb_base_json_open_object(wtfcb_base_json *json, const char *key)
{
    open_bracket(json, key, '{');
}

void wtfcb_base_json_close_object(wtfcb_base_json *json)
{
    close_bracket(json, '}');
}

void wtfcb_base_json_open_array(wtfcb_base_json *json, const char *key)
{
    open_bracket(json, key, '[');
}

void wtfcb_base_json_close_array(wtfcb_base_json *json)
{
    close_bracket(json, ']');
}

void wtfcb_base_json_newline(wtfcb_base_json *json)
{
    json->line = true;
}

void wtfcb_base_json_number(wtfcb_base_json *json, const char *key, uint64_t number)
{
    introduce(json, key);
    wtfcb_base_writer_number(json->out, number);
}

void wtfcb_base_json_known(wtfcb_base_json *json, const char *key, uint64_t number)
{
    if (number == UINT64_MAX)
        wtfcb_base_json_null(json, key);
    else
        wtfcb_base_json_number(json, key, number);
}

void wtfcb_base_json_decimal(wtfcb_base_json *json, const char *key, uint64_t number, uint32_t digits)
{
    introduce(json, key);
    wtfcb_base_writer_decimal(json->out, number, digits);
}

void wtfcb_base_json_signed(wtfcb_base_json *json, const char *key, int64_t number)
{
    introduce(json, key);
    if (number < 0) wtfcb_base_writer_char(json->out, '-');
    wtfcb_base_writer_number(json->out, number < 0 ? -(uint64_t)number : (uint64_t)number);
}

void wtfcb_base_json_real(wtfcb_base_json *json, const char *key, double number)
{
    if (!isfinite(number)) {
        wtfcb_base_json_null(json, key);
        return;
    }
    introduce(json, key);
    wtfcb_base_writer_real(json->out, number);
}

void wtfcb_base_json_bool(wtfcb_base_json *json, const char *key, bool value)
{
    introduce(json, key);
    wtfcb_base_writer_text(json->out, value ? "true" : "false");
}

void wtfcb_base_json_null(wtfcb_base_json *json, const char *key)
{
    introduce(json, key);
    wtfcb_base_writer_bytes(json->out, "null", 4);
}

/* Bytes of the well-formed sequence at `text` (no overlong form, no surrogate, nothing above U+10FFFF), or 0. The NUL at the end continues none. */
static size_t sequence_length(const unsigned char *text)
{
    unsigned char lead = text[0];
    if (lead < 0x80) return 1;
    size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
    unsigned char low = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
    unsigned char high = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
    if (lead < 0xc2 || lead > 0xf4 || text[1] < low || text[1] > high) return 0;
    for (size_t i = 2; i < length; i++)
        if ((text[i] & 0xc0) != 0x80) return 0;
    return length;
}

static void escape(wtfcb_base_writer *out, unsigned char c)
{
    static const char hex[] = "0123456789abcdef";
    static const char letters[] = "\bb\ff\nn\rr\tt\"\"\\\\";
    char text[6] = {'\\', 'u', '0', '0', hex[c >> 4], hex[c & 15]};
    size_t length = sizeof text;
    for (size_t i = 0; i + 1 < sizeof letters; i += 2) {
        if ((unsigned char)letters[i] != c) continue;
        text[1] = letters[i + 1];
        length = 2;
    }
    wtfcb_base_writer_bytes(out, text, length);
}

void wtfcb_base_json_text(wtfcb_base_json *json, const char *key, const char *text)
{
    introduce(json, key);
    wtfcb_base_writer *out = json->out;
    wtfcb_base_writer_char(out, '"');
    const char *plain = text; /* what is not yet written, up to `text`, is plain */
    while (*text) {
        unsigned char c = (unsigned char)*text;
        size_t length = sequence_length((const unsigned char *)text);
        if (length > 0 && c >= 0x20 && c != '"' && c != '\\' && (c != '<' || json->plain)) {
            text += length;
            continue;
        }
        wtfcb_base_writer_bytes(out, plain, (size_t)(text - plain));
        if (length == 0)
            wtfcb_base_writer_bytes(out, replacement, sizeof replacement - 1);
        else
            escape(out, c);
        plain = ++text;
    }
    wtfcb_base_writer_bytes(out, plain, (size_t)(text - plain));
    wtfcb_base_writer_char(out, '"');
}

void wtfcb_base_json_clean(char *into, size_t size, const char *text)
{
    size_t used = 0;
    while (*text) {
        size_t length = sequence_length((const unsigned char *)text);
        const char *bytes = length ? text : replacement;
        size_t more = length ? length : sizeof replacement - 1;
        if (more >= size - used) break;
        memcpy(into + used, bytes, more);
        used += more;
        text += length ? length : 1;
    }
    memset(into + used, 0, size - used);
}
