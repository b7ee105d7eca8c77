/*
 * Writes JSON, compactly, as it comes: nothing is kept but whether a comma is due.
 *
 * A key of NULL means an element of an array. Keys are written as they are: they are the program's own plain words.
 * Texts are bytes from the code base: escaped, and what is no UTF-8 becomes U+FFFD.
 */
#ifndef EXAMPLES_COMMON_JSON_H
#define EXAMPLES_COMMON_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/output.h"

struct json {
    struct output *out;
    bool comma;
};

void json_init(struct json *json, struct output *out);

void json_open_object(struct json *json, const char *key);
void json_close_object(struct json *json);
void json_open_array(struct json *json, const char *key);
void json_close_array(struct json *json);

/* A line break between two elements, so that large outputs stay readable and diffable line by line. */
void json_newline(struct json *json);

void json_number(struct json *json, const char *key, uint64_t number);
void json_signed(struct json *json, const char *key, int64_t number);
void json_bool(struct json *json, const char *key, bool value);
void json_null(struct json *json, const char *key);
void json_text(struct json *json, const char *key, const char *text);
void json_bytes(struct json *json, const char *key, const char *bytes, size_t length);
void json_hex(struct json *json, const char *key, const uint8_t *bytes, size_t length);
void json_base64(struct json *json, const char *key, const char *bytes, size_t length);

#endif
