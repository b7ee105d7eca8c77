/*
 * Writes JSON, compactly, as it comes: nothing is kept but whether a comma is due.
 *
 * A key of NULL means an element of an array. Keys are written as they are: they are plain words of ours. Texts are bytes: escaped
 * (`<` too, so that JSON can stand inside a page), and what is no UTF-8 becomes U+FFFD.
 */
#ifndef WTFCB_BASE_JSON_H
#define WTFCB_BASE_JSON_H

#include <stdbool.h>
#include <stdint.h>

#include "base/writer.h"

typedef struct wtfcb_base_json {
    wtfcb_base_writer *out;
    bool comma;
} wtfcb_base_json;

void wtfcb_base_json_init(wtfcb_base_json *json, wtfcb_base_writer *out);

void wtfcb_base_json_open_object(wtfcb_base_json *json, const char *key);
void wtfcb_base_json_close_object(wtfcb_base_json *json);
void wtfcb_base_json_open_array(wtfcb_base_json *json, const char *key);
void wtfcb_base_json_close_array(wtfcb_base_json *json);

/* A line break between two elements, so that large outputs stay readable and can be compared line by line. */
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

#endif
