/*
 * Writes JSON, compactly, as it comes: nothing is kept but whether a comma or a line break is due.
 *
 * A key of NULL means an element of an array. Keys are written as they are: they are plain words of ours. Texts are bytes: escaped
 * (`<` too, so that JSON can stand inside a page), and what is no UTF-8 becomes U+FFFD.
 */
#ifndef WTFCB_BASE_JSON_H
#define WTFCB_BASE_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/writer.h"

typedef struct wtfcb_base_json {
    wtfcb_base_writer *out;
    bool comma; /* something stands before what comes next */
    bool line;  /* a line break was asked for */
    bool plain; /* set by the owner: `<` stands as it is, for readers that know no `\u`; not to be put into a page */
} wtfcb_base_json;

void wtfcb_base_json_init(wtfcb_base_json *json, wtfcb_base_writer *out);

void wtfcb_base_json_open_object(wtfcb_base_json *json, const char *key);
void wtfcb_base_json_close_object(wtfcb_base_json *json);
void wtfcb_base_json_open_array(wtfcb_base_json *json, const char *key);
void wtfcb_base_json_close_array(wtfcb_base_json *json);

/*
 * A line break before the next element, or before the bracket that closes if there is none: so that large outputs stay readable and can be compared line by
 * line. What is last in a text ends without one.
 */
void wtfcb_base_json_newline(wtfcb_base_json *json);

void wtfcb_base_json_number(wtfcb_base_json *json, const char *key, uint64_t number);
/* UINT64_MAX is null. */
void wtfcb_base_json_known(wtfcb_base_json *json, const char *key, uint64_t number);
/* `number` / 10^`digits`. */
void wtfcb_base_json_decimal(wtfcb_base_json *json, const char *key, uint64_t number, uint32_t digits);
void wtfcb_base_json_signed(wtfcb_base_json *json, const char *key, int64_t number);
/* Not finite: null. */
void wtfcb_base_json_real(wtfcb_base_json *json, const char *key, double number);
void wtfcb_base_json_bool(wtfcb_base_json *json, const char *key, bool value);
void wtfcb_base_json_null(wtfcb_base_json *json, const char *key);
void wtfcb_base_json_text(wtfcb_base_json *json, const char *key, const char *text);

/*
 * Copy `text` into `size` bytes as wtfcb_base_json_text() writes it: what is no UTF-8 becomes U+FFFD. Cut at the end of a character if it is
 * longer; the rest of `into` is cleared.
 */
void wtfcb_base_json_clean(char *into, size_t size, const char *text);

#endif
