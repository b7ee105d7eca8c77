/* The JSON writer: what it writes is JSON, whatever the texts are, and a reader of it gets them back. */
#include "base/json.h"

#include <jansson.h>
#include <math.h>

#include "../test.h"

static char written[1 << 16];
static size_t length;
static wtfcb_base_writer out;
static wtfcb_base_json json;

static wtfcb_status take(void *user, const char *bytes, size_t size)
{
    (void)user;
    ck_assert_uint_lt(length + size, sizeof written);
    memcpy(written + length, bytes, size);
    length += size;
    written[length] = '\0';
    return WTFCB_OK;
}

static void begin(void)
{
    length = 0;
    written[0] = '\0';
    wtfcb_base_writer_init(&out, take, NULL);
    wtfcb_base_json_init(&json, &out);
}

static const char *end(void)
{
    ck_assert_int_eq(wtfcb_base_writer_flush(&out), WTFCB_OK);
    return written;
}

START_TEST(values_of_each_kind_are_written_compactly)
{
    begin();
    wtfcb_base_json_open_object(&json, NULL);
    wtfcb_base_json_number(&json, "number", UINT64_MAX);
    wtfcb_base_json_known(&json, "known", 7);
    wtfcb_base_json_known(&json, "unknown", UINT64_MAX);
    wtfcb_base_json_decimal(&json, "decimal", 1500, 3);
    wtfcb_base_json_signed(&json, "least", INT64_MIN);
    wtfcb_base_json_signed(&json, "most", INT64_MAX);
    wtfcb_base_json_real(&json, "real", 0.5);
    wtfcb_base_json_real(&json, "nan", NAN);
    wtfcb_base_json_real(&json, "infinite", -INFINITY);
    wtfcb_base_json_bool(&json, "yes", true);
    wtfcb_base_json_bool(&json, "no", false);
    wtfcb_base_json_null(&json, "null");
    wtfcb_base_json_open_array(&json, "array");
    wtfcb_base_json_text(&json, NULL, "a");
    wtfcb_base_json_open_object(&json, NULL);
    wtfcb_base_json_close_object(&json);
    wtfcb_base_json_open_array(&json, NULL);
    wtfcb_base_json_close_array(&json);
    wtfcb_base_json_close_array(&json);
    wtfcb_base_json_text(&json, "last", "");
    wtfcb_base_json_close_object(&json);
    ck_assert_str_eq(end(), "{\"number\":18446744073709551615,\"known\":7,\"unknown\":null,\"decimal\":1.5,"
                            "\"least\":-9223372036854775808,\"most\":9223372036854775807,\"real\":0.5,\"nan\":null,"
                            "\"infinite\":null,\"yes\":true,\"no\":false,\"null\":null,\"array\":[\"a\",{},[]],"
                            "\"last\":\"\"}");
}
END_TEST

START_TEST(line_breaks_stand_between_elements_and_before_brackets)
{
    begin();
    wtfcb_base_json_open_array(&json, NULL);
    wtfcb_base_json_newline(&json);
    wtfcb_base_json_number(&json, NULL, 1);
    wtfcb_base_json_newline(&json);
    wtfcb_base_json_number(&json, NULL, 2);
    wtfcb_base_json_newline(&json);
    wtfcb_base_json_newline(&json);
    wtfcb_base_json_close_array(&json);
    ck_assert_str_eq(end(), "[\n1,\n2\n]");
}
END_TEST

static const char *text(const char *bytes)
{
    begin();
    wtfcb_base_json_text(&json, NULL, bytes);
    return end();
}

START_TEST(texts_are_escaped)
{
    ck_assert_str_eq(text("plain"), "\"plain\"");
    ck_assert_str_eq(text("\"\\/\b\f\n\r\t"), "\"\\\"\\\\/\\b\\f\\n\\r\\t\"");
    ck_assert_str_eq(text("\x01\x1f\x7f"), "\"\\u0001\\u001f\x7f\"");
    ck_assert_str_eq(text("</script>"), "\"\\u003c/script>\"");
    ck_assert_str_eq(text("\xc3\xa9\xe2\x82\xac\xf0\x9f\x8e\x89"), "\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x8e\x89\"");
}
END_TEST

#define FFFD "\xef\xbf\xbd"

START_TEST(bytes_that_are_no_utf8_are_replaced_one_by_one)
{
    ck_assert_str_eq(text("a\xff"), "\"a" FFFD "\"");
    ck_assert_str_eq(text("\x80z"), "\"" FFFD "z\"");
    ck_assert_str_eq(text("\xc0\xaf"), "\"" FFFD FFFD "\"");          /* overlong */
    ck_assert_str_eq(text("\xe0\x9f\xbf"), "\"" FFFD FFFD FFFD "\""); /* overlong */
    ck_assert_str_eq(text("\xed\xa0\x80"), "\"" FFFD FFFD FFFD "\""); /* surrogate */
    ck_assert_str_eq(text("\xf4\x90\x80\x80"), "\"" FFFD FFFD FFFD FFFD "\"");
    ck_assert_str_eq(text("\xf0\x8f\xbf\xbf"), "\"" FFFD FFFD FFFD FFFD "\"");
    ck_assert_str_eq(text("\xe2\x82"), "\"" FFFD FFFD "\""); /* cut */
    ck_assert_str_eq(text("\xe2\"\xc3"), "\"" FFFD "\\\"" FFFD "\"");
    ck_assert_str_eq(text("\xf4\x8f\xbf\xbf\xed\x9f\xbf"), "\"\xf4\x8f\xbf\xbf\xed\x9f\xbf\"");
}
END_TEST

START_TEST(any_bytes_make_a_text_that_a_parser_reads)
{
    uint64_t state = 7;
    for (int round = 0; round < 20000; round++) {
        char bytes[25], clean[128];
        size_t size = (size_t)round % 24;
        for (size_t i = 0; i < size; i++) {
            state = state * 6364136223846793005U + 1442695040888963407U;
            uint8_t byte = (uint8_t)(state >> 56);
            bytes[i] = (char)(byte ? byte : 1);
        }
        bytes[size] = '\0';
        json_error_t error;
        json_t *value = json_loads(text(bytes), JSON_DECODE_ANY, &error);
        ck_assert_msg(value, "%s: %s", written, error.text);
        wtfcb_base_json_clean(clean, sizeof clean, bytes);
        ck_assert_str_eq(json_string_value(value), clean);
        json_decref(value);
    }
}
END_TEST

START_TEST(clean_texts_are_cut_between_characters)
{
    char into[8];
    wtfcb_base_json_clean(into, sizeof into, "1234567");
    ck_assert_str_eq(into, "1234567");
    wtfcb_base_json_clean(into, sizeof into, "12345678");
    ck_assert_str_eq(into, "1234567");
    wtfcb_base_json_clean(into, sizeof into, "12345\xe2\x82\xac");
    ck_assert_str_eq(into, "12345");
    wtfcb_base_json_clean(into, sizeof into, "\xff\xff\xff");
    ck_assert_str_eq(into, FFFD FFFD);
    static const char zeros[8];
    wtfcb_base_json_clean(into, sizeof into, "");
    ck_assert_int_eq(memcmp(into, zeros, sizeof into), 0);
    wtfcb_base_json_clean(into, 1, "x");
    ck_assert_str_eq(into, "");
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("json");
    TCase *t = tcase_create("json");
    tcase_add_test(t, values_of_each_kind_are_written_compactly);
    tcase_add_test(t, line_breaks_stand_between_elements_and_before_brackets);
    tcase_add_test(t, texts_are_escaped);
    tcase_add_test(t, bytes_that_are_no_utf8_are_replaced_one_by_one);
    tcase_add_test(t, any_bytes_make_a_text_that_a_parser_reads);
    tcase_add_test(t, clean_texts_are_cut_between_characters);
    suite_add_tcase(s, t);
    return s;
}

WTFCB_TEST_MAIN(suite)
