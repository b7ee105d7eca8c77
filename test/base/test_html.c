/* Pages of HTML: texts stay texts, and each mark of a template is filled in where it stands. */
#include "../test.h"
#include "base/html.h"

typedef struct output {
    char bytes[16384];
    size_t length;
} output;

static wtfcb_status take(void *user, const char *bytes, size_t length)
{
    output *o = user;
    ck_assert_uint_lt(o->length + length, sizeof o->bytes);
    memcpy(o->bytes + o->length, bytes, length);
    o->length += length;
    o->bytes[o->length] = '\0';
    return WTFCB_OK;
}

static output out_;
static wtfcb_base_writer writer;

static void setup(void)
{
    memset(&out_, 0, sizeof out_);
    wtfcb_base_writer_init(&writer, take, &out_);
}

static const char *written(void)
{
    ck_assert_int_eq(wtfcb_base_writer_flush(&writer), WTFCB_OK);
    return out_.bytes;
}

START_TEST(text_is_never_read_as_markup)
{
    wtfcb_base_html_text(&writer, "<a href=\"x\">&amp;</a>\n\x01\xff\xe2\x82\xac");
    ck_assert_str_eq(written(), "&lt;a href=&quot;x&quot;&gt;&amp;amp;&lt;/a&gt;  \xef\xbf\xbd\xe2\x82\xac");
}
END_TEST

START_TEST(long_text_is_cut_at_the_end_of_a_character)
{
    char text[3 * 2000 + 1];
    for (size_t i = 0; i < 2000; i++)
        memcpy(text + 3 * i, "\xe2\x82\xac", 4);
    wtfcb_base_html_text(&writer, text);
    ck_assert_uint_eq(strlen(written()) % 3, 0);
    ck_assert_uint_gt(out_.length, 4000);
}
END_TEST

static void write_user(wtfcb_base_writer *out, const void *user)
{
    wtfcb_base_writer_text(out, user);
}

static void write_mark(wtfcb_base_writer *out, const void *user)
{
    (void)user;
    wtfcb_base_writer_text(out, "<!--@user-->"); /* what is filled in has no marks */
}

START_TEST(marks_are_filled_in_where_they_stand)
{
    static const wtfcb_base_html_mark marks[] = {{"use", write_mark}, {"user", write_user}};
    wtfcb_base_html_page(&writer, "<!-- no mark --><!--@user-->-<!--@use--><!--@user-->.", marks, 2, "me");
    ck_assert_str_eq(written(), "<!-- no mark -->me-<!--@user-->me.");
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("html");
    TCase *t = tcase_create("html");
    tcase_add_checked_fixture(t, setup, NULL);
    tcase_add_test(t, text_is_never_read_as_markup);
    tcase_add_test(t, long_text_is_cut_at_the_end_of_a_character);
    tcase_add_test(t, marks_are_filled_in_where_they_stand);
    suite_add_tcase(s, t);
    return s;
}

WTFCB_TEST_MAIN(suite)
