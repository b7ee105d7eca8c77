/* What is listed of texts with structure: HTML, CSS, Markdown, Make, HCL. */
#include "../test.h"
#include "facts_text.h"

#include <wtfcb.h>

START_TEST(html_lists_headings_ids_and_anchors)
{
    assert_facts("a.html",
                 "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<title>A page</title>\n"
                 "<link rel=\"alternate StyleSheet\" href=\"style.css\">\n<link rel=icon href=fav.ico>\n"
                 "<script src=\"app.js\"></script><script>var x = 1;</script>\n</head>\n<body id=\"top\">\n"
                 "<h1>Title <em>one</em></h1>\n<p class=\"x\" id=\"{{ no }}\">text</p>\n"
                 "<h2 id='s'>Section\n  two</h2>\n<a name=\"old\">old</a>\n<img src=\"a.png\" id=pic>\n"
                 "<H3><a href=x> Linked </a></H3>\n<h2></h2>\n<h2>§ <b>Last</b></h2><g id=\"c1\"/>\n</body>\n</html>\n",
                 "9 constant top: public\n"
                 "10 module Title: public\n"
                 "12 module Section of Title: public\n"
                 "12 constant s of Section: public\n"
                 "14 constant old of Section: public\n"
                 "15 constant pic of Section: public\n"
                 "16 module Linked of Section: public\n"
                 "18 module Last of Title: public\n"
                 "18 constant c1 of Last: public\n"
                 "5 import file style.css\n"
                 "7 import file app.js\n");
}
END_TEST

START_TEST(html_with_unclosed_elements_keeps_its_outline)
{
    char *facts = facts_text("a.html", "<div><p>a <h2>Two</div>\n<h3 id=b>Three\n<h2>Four</h2></b></i>\n");
    ck_assert_ptr_nonnull(strstr(facts, "1 module Two: public\n2 module Three of Two: public\n"));
    ck_assert_ptr_nonnull(strstr(facts, "3 module Four: public\n"));
    free(facts);
}
END_TEST

START_TEST(css_lists_classes_ids_properties_and_keyframes)
{
    assert_facts("a.css",
                 "@import url(\"base.css\");\n@import \"print.css\" print;\n@import url(raw.css);\n"
                 ":root { --main-color: #fff; color: red }\n"
                 ".a, .b:hover > #main p:not(.no) { color: var(--main-color); }\n"
                 "@keyframes spin { from { top: 0 } to { top: 2px } }\n"
                 "@media (max-width: 10px) { .inner { margin: 0 } h1 { a: b } }\n"
                 ".card { --gap: 4px; & .title { color: red } }\n"
                 "@property --p { syntax: \"<length>\"; inherits: false }\n",
                 "4 variable --main-color: public\n"
                 "5 class a: public .a, .b:hover > #main p:not(.no)\n"
                 "5 class b: public .a, .b:hover > #main p:not(.no)\n"
                 "5 constant main: public\n"
                 "6 macro spin: public\n"
                 "7 class inner: public .inner\n"
                 "8 class card: public .card\n"
                 "8 variable --gap of card: public\n"
                 "8 class title of card: public & .title\n"
                 "9 variable --p: public\n"
                 "1 import file base.css\n"
                 "2 import file print.css\n"
                 "3 import file raw.css\n");
}
END_TEST

START_TEST(css_around_a_syntax_error_stays)
{
    char *facts =
        facts_text("a.css", ".a { color: }\n@container side (min-width: 4px) { .b { top: 0 } }\n.c { x: y }\n");
    ck_assert_ptr_nonnull(strstr(facts, "1 class a: public .a\n"));
    ck_assert_ptr_nonnull(strstr(facts, "2 class b of a: public .b\n"));
    ck_assert_ptr_nonnull(strstr(facts, "3 class c: public .c\n"));
    free(facts);
}
END_TEST

START_TEST(markdown_headings_nest_by_level)
{
    assert_facts("a.md",
                 "---\ntitle: x\n---\n\nSetext one\n==========\n\n# ATX one #\n\ntext\n\n## Sub `code` two\n\n"
                 "Setext two\nwith two lines\n----------\n\n> # in quote\n\n- # in list\n\n### Deep C#\n\n"
                 "```c\n# not a heading\n```\n\n#### \n##### Skipped a level ##\n# Last\n",
                 "5 module Setext one: public\n"
                 "8 module ATX one: public\n"
                 "12 module Sub `code` two of ATX one: public\n"
                 "14 module Setext two of ATX one: public\n"
                 "22 module Deep C# of Setext two: public\n"
                 "29 module Skipped a level of Deep C#: public\n"
                 "30 module Last: public\n");
}
END_TEST

START_TEST(section_ends_where_the_next_of_its_level_begins)
{
    static const char text[] = "# A\n\ntext\n\n## B\n\nmore  \n\n\n# C\nend\n";
    static const struct {
        uint32_t line, column;
        uint32_t bytes;
    } ends[] = {{6, 4, 21}, {6, 4, 21}, {10, 3, 33}};
    wtfcb_scanner *scanner = NULL;
    wtfcb_codebase *codebase = NULL;
    ck_assert_int_eq(wtfcb_scanner_new(NULL, &scanner), WTFCB_OK);
    ck_assert_int_eq(wtfcb_scanner_set(scanner, WTFCB_SCANNER_DEPTH, WTFCB_DEPTH_SYNTAX), WTFCB_OK);
    ck_assert_int_eq(wtfcb_scanner_scan_buffer(scanner, "a.md", text, strlen(text), &codebase, NULL), WTFCB_OK);
    for (uint64_t i = 0; i < 3; i++) {
        wtfcb_symbol symbol;
        ck_assert_int_eq(wtfcb_codebase_symbol(codebase, i, &symbol, sizeof symbol), WTFCB_OK);
        ck_assert_uint_eq(symbol.range.end_byte, ends[i].bytes);
        ck_assert_uint_eq(symbol.range.end_line, ends[i].line);
        ck_assert_uint_eq(symbol.range.end_column, ends[i].column);
        ck_assert_uint_eq(symbol.nesting, 0);
    }
    wtfcb_codebase_free(codebase);
    wtfcb_scanner_free(scanner);
}
END_TEST

START_TEST(make_lists_targets_variables_and_macros)
{
    assert_facts("a.mk",
                 "include common.mk $(TOP)/x.mk\n-include opt.mk\nCC = gcc\nCFLAGS += -O2\nA := 1\nB?=2\n"
                 "export PATH := /bin\noverride X = 1\nall: main.o lib ; echo hi\n"
                 "main.o lib.o: %.o: %.c\n\t$(CC) -c $<\n.PHONY: all clean\nclean::\n\trm -f x\n"
                 "define RULE\n$(1): $(2)\nendef\nifdef DEBUG\nZ = 3\nelse\nin-else: x\nendif\n"
                 "all: TARGETVAR = 1\n%.x: %.y\n\tcp $< $@\n$(B)/out: in\n\ttouch $@\nSH != uname\n",
                 "3 variable CC: public\n"
                 "5 variable A: public\n"
                 "6 variable B: public\n"
                 "7 variable PATH: public\n"
                 "8 variable X: public\n"
                 "9 function all: public all: main.o lib\n"
                 "10 function main.o: public main.o lib.o: %.o: %.c\n"
                 "10 function lib.o: public main.o lib.o: %.o: %.c\n"
                 "13 function clean: public clean\n"
                 "15 macro RULE: public\n"
                 "19 variable Z: public\n"
                 "21 function in-else: public in-else: x\n"
                 "24 function %.x: public %.x: %.y\n"
                 "26 function $(B)/out: public $(B)/out: in\n"
                 "28 variable SH: public\n"
                 "1 import file common.mk\n"
                 "1 import file $(TOP)/x.mk\n"
                 "2 import file opt.mk\n");
}
END_TEST

START_TEST(make_lines_that_the_grammar_joins_are_read_one_by_one)
{
    assert_facts("a.mk",
                 "obj-$(CONFIG_A) += a.o\nb-y := c.o\nobj-$(CONFIG_B) += \\\n  x := no\nall clean: $(X)\n.PHONY: all\n",
                 "2 variable b-y: public\n"
                 "5 function all: public all clean: $(X)\n"
                 "5 function clean: public all clean: $(X)\n"
                 "1 syntax-error unexpected \"=\"\n"
                 "2 syntax-error unexpected \"=\"\n"
                 "3 syntax-error unexpected \"=\"\n"
                 "4 syntax-error unexpected \"=\"\n");
}
END_TEST

START_TEST(hcl_lists_blocks_by_their_last_label)
{
    assert_facts("a.tf",
                 "terraform {\n  required_version = \">= 1.0\"\n  backend \"s3\" {}\n}\n"
                 "variable \"region\" {\n  type = string\n}\nlocals {\n  a = 1\n  b = { x = 1 }\n}\n"
                 "resource \"aws_instance\" \"web\" {\n  ami = \"x\"\n  disk {\n    size = 1\n    q \"no\" {}\n  }\n}\n"
                 "data \"aws_ami\" \"ubuntu\" {}\nmodule \"vpc\" {\n  source = \"./modules/vpc\"\n}\n"
                 "module \"reg\" {\n  source = \"org/reg/aws\"\n}\noutput \"ip\" { value = 1 }\n"
                 "provider aws {\n  region = \"x\"\n}\ntop = \"level\"\n",
                 "1 struct terraform: public terraform\n"
                 "3 struct s3 of terraform: public backend \"s3\"\n"
                 "5 variable region: public\n"
                 "8 struct locals: public locals\n"
                 "9 constant a of locals: public\n"
                 "10 constant b of locals: public\n"
                 "12 struct web: public resource \"aws_instance\" \"web\"\n"
                 "19 struct ubuntu: public data \"aws_ami\" \"ubuntu\"\n"
                 "20 module vpc: public\n"
                 "23 module reg: public\n"
                 "26 property ip: public\n"
                 "27 namespace aws: public\n"
                 "30 variable top: public\n"
                 "21 import file ./modules/vpc\n"
                 "24 import module org/reg/aws\n");
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("facts_data_text");
    TCase *tests = tcase_create("facts_data_text");
    tcase_add_test(tests, html_lists_headings_ids_and_anchors);
    tcase_add_test(tests, html_with_unclosed_elements_keeps_its_outline);
    tcase_add_test(tests, css_lists_classes_ids_properties_and_keyframes);
    tcase_add_test(tests, css_around_a_syntax_error_stays);
    tcase_add_test(tests, markdown_headings_nest_by_level);
    tcase_add_test(tests, section_ends_where_the_next_of_its_level_begins);
    tcase_add_test(tests, make_lists_targets_variables_and_macros);
    tcase_add_test(tests, make_lines_that_the_grammar_joins_are_read_one_by_one);
    tcase_add_test(tests, hcl_lists_blocks_by_their_last_label);
    suite_add_tcase(s, tests);
    return s;
}

WTFCB_TEST_MAIN(suite)
