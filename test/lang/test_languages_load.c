/*
 * Tables of languages with grammars of their own. Two objects are compiled here as the tree-sitter CLI would: one without
 * and one with an external scanner, whose live states are counted.
 */
#include "test.h"

#include <dlfcn.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <unistd.h>

#include <wtfcb.h>

#include "lang/languages.h"

#define GRAMMARS "build/grammars/node_modules"

static char *directory;
static wtfcb_languages *languages;
static wtfcb_error error;

static char *in_directory(const char *name)
{
    static char path[8][512];
    static int next;
    next = (next + 1) % 8;
    snprintf(path[next], sizeof path[next], "%s/%s", directory, name);
    return path[next];
}

static void write_file(const char *name, const char *text, size_t length)
{
    FILE *file = fopen(in_directory(name), "w");
    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fwrite(text, 1, length, file), length);
    ck_assert_int_eq(fclose(file), 0);
    ck_assert_int_eq(chmod(in_directory(name), 0600), 0);
}

static void run(const char *format, ...)
{
    char command[2048];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(command, sizeof command, format, arguments);
    va_end(arguments);
    ck_assert_msg(system(command) == 0, "%s", command);
}

static const char counted_scanner[] =
    "#define tree_sitter_html_external_scanner_create inner_create\n"
    "#define tree_sitter_html_external_scanner_destroy inner_destroy\n"
    "#include \"scanner.c\"\n"
    "#undef tree_sitter_html_external_scanner_create\n"
    "#undef tree_sitter_html_external_scanner_destroy\n"
    "int made, alive;\n"
    "void *tree_sitter_html_external_scanner_create(void) { made++; alive++; return inner_create(); }\n"
    "void tree_sitter_html_external_scanner_destroy(void *p) { alive--; inner_destroy(p); }\n";

static void compile_objects(void)
{
    directory = wtfcb_test_directory();
    run("cc -w -shared -fPIC -O0 -I " GRAMMARS "/tree-sitter-json/src -o %s " GRAMMARS "/tree-sitter-json/src/parser.c",
        in_directory("foo.so"));
    write_file("counted.c", counted_scanner, sizeof counted_scanner - 1);
    run("cc -w -shared -fPIC -O0 -I " GRAMMARS "/tree-sitter-html/src -o %s %s " GRAMMARS
        "/tree-sitter-html/src/parser.c",
        in_directory("html.so"), in_directory("counted.c"));
    run("cp %s/json.so %s", getenv("WTFCB_GRAMMAR_PATH"), in_directory("ours.so"));
    run("chmod 600 %s/*.so", directory);
}

static void remove_objects(void)
{
    run("rm -r %s", directory);
    free(directory);
}

static void set_up(void)
{
    ck_assert_int_eq(wtfcb_languages_new(NULL, &languages), WTFCB_OK);
    error = (wtfcb_error)WTFCB_ERROR_INIT;
}

static void tear_down(void)
{
    wtfcb_languages_free(languages);
}

static wtfcb_status load_bytes(const char *text, size_t length)
{
    write_file("table", text, length);
    return wtfcb_languages_load(languages, in_directory("table"), &error);
}

static wtfcb_status load(const char *text)
{
    return load_bytes(text, strlen(text));
}

/* What a table says is wrong: the status, the line, and a part of the message. */
static void check_wrong(const char *text, wtfcb_status status, unsigned line, const char *part)
{
    char prefix[600];
    ck_assert_int_eq(load(text), status);
    ck_assert_int_eq(error.status, status);
    ck_assert_str_eq(error.path, in_directory("table"));
    snprintf(prefix, sizeof prefix, "%s:%u: ", in_directory("table"), line);
    ck_assert_msg(strncmp(error.message, prefix, strlen(prefix)) == 0, "%s", error.message);
    ck_assert_msg(strstr(error.message, part) != NULL, "\"%s\" lacks \"%s\"", error.message, part);
}

/* Symbols of a text under a path, such as "1 module a\n". The handle is the scanner's from then on. */
static char *symbols_of(const char *path, const char *text, wtfcb_file *ret_file, int64_t work)
{
    wtfcb_scanner *scanner;
    wtfcb_codebase *codebase;
    char *out = NULL;
    size_t size;
    FILE *stream = open_memstream(&out, &size);
    ck_assert_int_eq(wtfcb_scanner_new(NULL, &scanner), WTFCB_OK);
    ck_assert_int_eq(wtfcb_scanner_set_languages(scanner, languages), WTFCB_OK);
    ck_assert_int_eq(wtfcb_scanner_set(scanner, WTFCB_SCANNER_DEPTH, WTFCB_DEPTH_SYNTAX), WTFCB_OK);
    if (work) ck_assert_int_eq(wtfcb_scanner_set(scanner, WTFCB_SCANNER_MAX_FILE_WORK, work), WTFCB_OK);
    ck_assert_int_eq(wtfcb_scanner_scan_buffer(scanner, path, text, strlen(text), &codebase, NULL), WTFCB_OK);
    ck_assert_int_eq(wtfcb_codebase_file(codebase, 0, ret_file, sizeof *ret_file), WTFCB_OK);
    wtfcb_symbol symbol;
    for (uint64_t i = 0; wtfcb_codebase_symbol(codebase, i, &symbol, sizeof symbol) == WTFCB_OK; i++)
        fprintf(stream, "%u %s %s\n", symbol.name_line + 1, wtfcb_symbol_kind_name(symbol.kind), symbol.name);
    wtfcb_import import;
    for (uint64_t i = 0; wtfcb_codebase_import(codebase, i, &import, sizeof import) == WTFCB_OK; i++)
        fprintf(stream, "import %s %s\n", wtfcb_import_kind_name(import.kind), import.text);
    fclose(stream);
    wtfcb_codebase_free(codebase);
    wtfcb_scanner_free(scanner);
    return out;
}

static void check_symbols(const char *path, const char *text, const char *expected)
{
    wtfcb_file file;
    char *found = symbols_of(path, text, &file, 0);
    ck_assert_int_eq(file.status, WTFCB_OK);
    ck_assert(file.flags & WTFCB_FILE_SYNTAX);
    ck_assert_str_eq(found, expected);
    free(found);
}

START_TEST(table_describes_a_language_without_grammar)
{
    ck_assert_int_eq(
        load("# a comment\n\nlanguage \"Ember Two\"  # another\n  extensions ember  e2\n\textensions e3\r\n"
             "filenames Emberfile\ninterpreters ember\naliases emb\ngroup data\ncomment \"//\"\n"
             "comment {- -}\nnested\nmultiline\nstring \"\\\"\" '\nlanguage Like\nlike C\nextensions lk"),
        WTFCB_OK);
    uint32_t index;
    wtfcb_language row;
    ck_assert_int_eq(wtfcb_languages_find(languages, "emb", &index), WTFCB_OK);
    ck_assert_int_eq(wtfcb_languages_get(languages, index, &row, sizeof row), WTFCB_OK);
    ck_assert_str_eq(row.name, "Ember Two");
    ck_assert_str_eq(row.extensions, "ember e2 e3");
    ck_assert_str_eq(row.file_names, "Emberfile");
    ck_assert_str_eq(row.interpreters, "ember");
    ck_assert_str_eq(row.group_name, "data");
    ck_assert_str_eq(row.line_comment, "//");
    ck_assert_str_eq(row.block_open, "{-");
    ck_assert_ptr_null(row.grammar);
    ck_assert_int_eq(wtfcb_languages_detect(languages, "a.lk", NULL, 0, &index), WTFCB_OK);
}
END_TEST

START_TEST(object_of_the_command_line_tool_is_loaded_with_its_rules)
{
    ck_assert_int_eq(
        load("language Foo\nextensions foo\ngrammar tree_sitter_json foo.so\n"
             "node pair in-file=class in-type=field name=key opens=type\n"
             "node array import=file name=#1 skip\ntoken null optional skip\nnode no_such optional skip\n"),
        WTFCB_OK);
    check_symbols("a.foo", "{\"a\": {\"b\": 1},\n\"c\": [\"x\"]}", "1 class a\n1 field b\n2 class c\nimport file x\n");
}
END_TEST

START_TEST(object_of_ours_is_loaded_and_known_names_have_their_built_in_rules)
{
    ck_assert_int_eq(load("language Foo\nextensions foo\ngrammar wtfcb_grammar_json ours.so\n"), WTFCB_OK);
    check_symbols("a.foo", "{\"a\": {\"b\": 1}}", "1 module a\n1 property b\n");
}
END_TEST

START_TEST(rules_stand_above_the_built_in_ones_of_an_object_of_ours)
{
    ck_assert_int_eq(load("language Foo\nextensions foo\ngrammar wtfcb_grammar_json ours.so\n"
                          "node string constant name=.\n"),
                     WTFCB_OK);
    check_symbols("a.foo", "{\"a\": [\"b\"]}", "1 constant a\n1 constant b\n");
}
END_TEST

START_TEST(grammar_without_object_is_looked_for_as_usual)
{
    ck_assert_int_eq(load("language Foo\nextensions foo\ngrammar json\n"), WTFCB_OK);
    check_symbols("a.foo", "{\"a\": 1}", "1 property a\n");
}
END_TEST

START_TEST(states_of_foreign_scanners_are_destroyed_also_after_a_cut)
{
    ck_assert_int_eq(load("language Foo\nextensions foo\ngrammar tree_sitter_html html.so\n"), WTFCB_OK);
    check_symbols("a.foo", "<h1>A</h1><p>b<h2>B</h2>", "1 module A\n1 module B\n");
    char text[20001];
    for (size_t i = 0; i < sizeof text - 1; i += 4)
        memcpy(text + i, "<b> ", 4);
    text[sizeof text - 1] = 0;
    wtfcb_file file;
    free(symbols_of("a.foo", text, &file, 1000));
    ck_assert_int_eq(file.status, WTFCB_ELIMIT);
    void *object = dlopen(in_directory("html.so"), RTLD_NOW | RTLD_NOLOAD);
    ck_assert_ptr_nonnull(object);
    ck_assert_int_eq(*(int *)dlsym(object, "made"), 2);
    ck_assert_int_eq(*(int *)dlsym(object, "alive"), 0);
    dlclose(object);
}
END_TEST

START_TEST(mistakes_in_lines_are_named_and_change_nothing)
{
    static const struct {
        const char *text;
        wtfcb_status status;
        unsigned line;
        const char *part;
    } cases[] = {
        {"extensions a\n", WTFCB_EFORMAT, 1, "has to name a language"},
        {"language A B\n", WTFCB_EFORMAT, 1, "one name"},
        {"language A\n\nfrobnicate x\n", WTFCB_EFORMAT, 3, "\"frobnicate\" is not understood"},
        {"language A\nextensions\n", WTFCB_EFORMAT, 2, "lists nothing"},
        {"language A\nextensions \"a b\"\n", WTFCB_EFORMAT, 2, "with a space"},
        {"language A\nstring \"\\\"\n", WTFCB_EFORMAT, 2, "does not end"},
        {"language A\nstring \"a\"b\n", WTFCB_EFORMAT, 2, "follows its quote"},
        {"language A\ncomment 1 2 3\n", WTFCB_EFORMAT, 2, "one mark or two"},
        {"language A\ncomment ( )\ncomment { }\n", WTFCB_EFORMAT, 3, "second kind"},
        {"language A\ngroup code\n", WTFCB_EFORMAT, 2, "one of programming"},
        {"language A\ngrammar\n", WTFCB_EFORMAT, 2, "takes a function"},
        {"language A\ngrammar json foo.so\n", WTFCB_EFORMAT, 2, "is called tree_sitter_NAME"},
        {"language A\ngrammar json\ngrammar json\n", WTFCB_EFORMAT, 3, "a second grammar"},
        {"language A\ngrammar json\nnode pair field\n", WTFCB_EFORMAT, 3, "behind a grammar with an object"},
        {"language A\ngrammar tree_sitter_json foo.so\nnode pair\n", WTFCB_EFORMAT, 3, "what it means"},
        {"language A\ngrammar tree_sitter_json foo.so\nnode pair frob\n", WTFCB_EFORMAT, 3, "\"frob\""},
        {"language A\ngrammar tree_sitter_json foo.so\nnode pair in-file=x\n", WTFCB_EFORMAT, 3, "\"in-file=x\""},
        {"language A\ngrammar tree_sitter_json foo.so\nnode pair field name=#0\n", WTFCB_EFORMAT, 3, "name=#0"},
        {"language A\ngrammar tree_sitter_json foo.so\nnode pair name=key\n", WTFCB_EFORMAT, 3, "neither"},
        {"language A\ngrammar tree_sitter_json foo.so\nnode a opens=type opens=function\n", WTFCB_EFORMAT, 3, "one"},
        {"language A\nlike Nonesuch\n", WTFCB_ENOTFOUND, 1, "cannot be added"},
        {"language A\nextensions a/b\n", WTFCB_EINVAL, 1, "cannot be added"},
    };
    uint32_t count = wtfcb_languages_count(languages);
    uint64_t fingerprint = languages->fingerprint;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        check_wrong(cases[i].text, cases[i].status, cases[i].line, cases[i].part);
        ck_assert_uint_eq(wtfcb_languages_count(languages), count);
        if (cases[i].status == WTFCB_EFORMAT) ck_assert_uint_eq(languages->fingerprint, fingerprint);
    }
    ck_assert_int_eq(load_bytes("language A\nlike\0C\n", 18), WTFCB_EFORMAT);
    ck_assert_uint_eq(error.position, 11);
}
END_TEST

START_TEST(files_that_cannot_be_trusted_or_read_are_refused)
{
    write_file("table", "language A\n", 11);
    ck_assert_int_eq(chmod(in_directory("table"), 0666), 0);
    ck_assert_int_eq(wtfcb_languages_load(languages, in_directory("table"), &error), WTFCB_EACCES);
    ck_assert_ptr_nonnull(strstr(error.message, "written by everybody"));
    ck_assert_int_eq(wtfcb_languages_load(languages, in_directory("none"), &error), WTFCB_ENOTFOUND);
    ck_assert_int_eq(wtfcb_languages_load(languages, directory, &error), WTFCB_ESPECIAL);
    ck_assert_int_eq(wtfcb_languages_load(languages, NULL, &error), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_languages_load(NULL, "x", NULL), WTFCB_EINVAL);
    char *large = calloc(1, (1 << 20) + 1);
    memset(large, '\n', (1 << 20) + 1);
    ck_assert_int_eq(load_bytes(large, (1 << 20) + 1), WTFCB_ELIMIT);
    ck_assert_int_eq(load_bytes(large, 1 << 20), WTFCB_OK);
    free(large);
}
END_TEST

START_TEST(grammars_that_do_not_load_say_why_and_leave_the_lines)
{
    check_wrong("language A\nextensions a\ncomment \"#\"\ngrammar tree_sitter_a none.so\nlanguage B\nextensions b\n",
                WTFCB_EGRAMMAR, 4, "none.so");
    write_file("text.so", "no object", 9);
    check_wrong("language A\ngrammar tree_sitter_a text.so\n", WTFCB_EGRAMMAR, 2, "text.so");
    check_wrong("language A\ngrammar tree_sitter_xml foo.so\n", WTFCB_EGRAMMAR, 2, "no symbol tree_sitter_xml");
    check_wrong("language A\ngrammar wtfcb_grammar_c ours.so\n", WTFCB_EGRAMMAR, 2, "no symbol wtfcb_grammar_c");
    check_wrong("language A\ngrammar tree_sitter_json foo.so\nnode pear class\n", WTFCB_EGRAMMAR, 3,
                "no node \"pear\"");
    check_wrong("language A\ngrammar tree_sitter_json foo.so\ntoken pair skip\n", WTFCB_EGRAMMAR, 3,
                "no token \"pair\"");
    check_wrong("language A\ngrammar tree_sitter_json foo.so\nnode pair class name=body\n", WTFCB_EGRAMMAR, 3,
                "no field \"body\"");
    ck_assert_int_eq(chmod(in_directory("foo.so"), 0606), 0);
    check_wrong("language A\ngrammar tree_sitter_json foo.so\n", WTFCB_EGRAMMAR, 2, "written by everybody");
    ck_assert_int_eq(chmod(in_directory("foo.so"), 0600), 0);
    uint32_t index;
    ck_assert_int_eq(wtfcb_languages_detect(languages, "x.b", NULL, 0, &index), WTFCB_OK);
    wtfcb_file file;
    free(symbols_of("x.a", "# no\ncode\n", &file, 0));
    ck_assert_int_eq(file.status, WTFCB_EGRAMMAR);
    ck_assert_uint_eq(file.code, 1);
    ck_assert_uint_eq(file.comments, 1);
}
END_TEST

START_TEST(parser_tables_of_other_versions_are_refused)
{
    static const char old[] =
        "static const unsigned table[200] = {12}; const void *tree_sitter_old(void) { return table; }\n"
        "static const unsigned young[200] = {99}; const void *tree_sitter_young(void) { return "
        "young; }\nconst void *tree_sitter_null(void) { return 0; }\n";
    write_file("versions.c", old, sizeof old - 1);
    run("cc -w -shared -fPIC -o %s %s && chmod 600 %s", in_directory("versions.so"), in_directory("versions.c"),
        in_directory("versions.so"));
    check_wrong("language A\ngrammar tree_sitter_old versions.so\n", WTFCB_EGRAMMAR, 2, "ABI is 12");
    check_wrong("language A\ngrammar tree_sitter_young versions.so\n", WTFCB_EGRAMMAR, 2, "ABI is 99");
    check_wrong("language A\ngrammar tree_sitter_null versions.so\n", WTFCB_EGRAMMAR, 2, "returns nothing");
}
END_TEST

START_TEST(mended_table_can_be_loaded_again)
{
    static const char table[] = "language A\nextensions a\ngrammar tree_sitter_json mended.so\n";
    write_file("mended.so", "not yet", 7);
    check_wrong(table, WTFCB_EGRAMMAR, 3, "mended.so");
    uint64_t failed = languages->fingerprint;
    run("rm %s; cp %s %s", in_directory("mended.so"), in_directory("foo.so"), in_directory("mended.so"));
    ck_assert_int_eq(load(table), WTFCB_OK);
    ck_assert_uint_ne(languages->fingerprint, failed);
    check_symbols("x.a", "{\"k\": 1}", "1 property k\n");
}
END_TEST

START_TEST(built_in_grammar_that_was_missing_is_found_by_the_next_scan)
{
    wtfcb_file file;
    char *path = strdup(getenv("WTFCB_GRAMMAR_PATH"));
    uint32_t index;
    ck_assert_int_eq(load("language A\nextensions a\ngrammar late\n"), WTFCB_OK);
    free(symbols_of("x.a", "{}", &file, 0));
    ck_assert_int_eq(file.status, WTFCB_EGRAMMAR);
    ck_assert_int_eq(wtfcb_languages_find(languages, "A", &index), WTFCB_OK);
    /* an object by that name, with a parser of ours inside */
    static const char source[] = "#include \"grammars/grammar.c\"\n";
    write_file("late.c", source, sizeof source - 1);
    run("cc -w -shared -fPIC -Ilib -I " GRAMMARS "/tree-sitter-json/src -DWTFCB_GRAMMAR_ID=late "
        "-DWTFCB_GRAMMAR_PARSER=tree_sitter_json '-DWTFCB_GRAMMAR_DIGEST=\"0\"' -o %s %s " GRAMMARS
        "/tree-sitter-json/src/parser.c",
        in_directory("late.so"), in_directory("late.c"));
    setenv("WTFCB_GRAMMAR_PATH", directory, 1);
    free(symbols_of("x.a", "{}", &file, 0));
    setenv("WTFCB_GRAMMAR_PATH", path, 1);
    free(path);
    ck_assert_int_eq(file.status, WTFCB_OK);
}
END_TEST

START_TEST(handle_in_use_is_not_changed)
{
    wtfcb_file file;
    free(symbols_of("x.json", "{}", &file, 0));
    ck_assert_int_eq(load("language A\n"), WTFCB_EBUSY);
}
END_TEST

START_TEST(macros_of_a_user_define_symbols_in_c)
{
    check_wrong("language Python\nmacro A variable\n", WTFCB_EINVAL, 2, "C and C++ alone");
    check_wrong("language C\nmacro A verb\n", WTFCB_EFORMAT, 2, "a kind of symbol");
    check_wrong("language C\nmacro A variable 0\n", WTFCB_EFORMAT, 2, "1 to 9");
    ck_assert_int_eq(load("language C\nmacro REGISTER variable 2\nmacro HANDLER* constant\n"), WTFCB_OK);
    check_symbols("a.c", "REGISTER(int, alpha);\nREGISTERED(int, no);\nHANDLER_OF(beta);\nDEFINE_MUTEX(gamma);\n",
                  "1 variable alpha\n3 constant beta\n4 variable gamma\n");
}
END_TEST

START_TEST(any_bytes_are_read_without_harm)
{
    static const char words[][16] = {"language ", "A",        "\n",       "node ",          "\"",    "\\",
                                     "pair ",     "class ",   "grammar ", "tree_sitter_x ", "y.so",  " ",
                                     "#",         "comment ", "\t",       "name=key ",      "like C"};
    uint32_t state = 1;
    for (int round = 0; round < 2000; round++) {
        char text[400] = "";
        size_t length = 0;
        for (int i = 0; i < 24; i++) {
            state = state * 1664525u + 1013904223u;
            const char *word = words[(state >> 8) % (sizeof words / sizeof *words)];
            memcpy(text + length, word, strlen(word));
            length += strlen(word);
            if (state >> 28 == 0) text[length++] = (char)(state >> 20);
        }
        wtfcb_status status = load_bytes(text, length);
        ck_assert(status == WTFCB_OK || status == WTFCB_EFORMAT || status == WTFCB_EGRAMMAR || status == WTFCB_EINVAL ||
                  status == WTFCB_ENOTFOUND || status == WTFCB_ELIMIT);
        if (status != WTFCB_OK) ck_assert_uint_gt(strlen(error.message), 0);
    }
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("languages_load");
    TCase *tests = tcase_create("languages_load");
    tcase_set_timeout(tests, 60);
    tcase_add_unchecked_fixture(tests, compile_objects, remove_objects);
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, table_describes_a_language_without_grammar);
    tcase_add_test(tests, object_of_the_command_line_tool_is_loaded_with_its_rules);
    tcase_add_test(tests, object_of_ours_is_loaded_and_known_names_have_their_built_in_rules);
    tcase_add_test(tests, rules_stand_above_the_built_in_ones_of_an_object_of_ours);
    tcase_add_test(tests, grammar_without_object_is_looked_for_as_usual);
    tcase_add_test(tests, states_of_foreign_scanners_are_destroyed_also_after_a_cut);
    tcase_add_test(tests, mistakes_in_lines_are_named_and_change_nothing);
    tcase_add_test(tests, files_that_cannot_be_trusted_or_read_are_refused);
    tcase_add_test(tests, grammars_that_do_not_load_say_why_and_leave_the_lines);
    tcase_add_test(tests, parser_tables_of_other_versions_are_refused);
    tcase_add_test(tests, mended_table_can_be_loaded_again);
    tcase_add_test(tests, built_in_grammar_that_was_missing_is_found_by_the_next_scan);
    tcase_add_test(tests, handle_in_use_is_not_changed);
    tcase_add_test(tests, macros_of_a_user_define_symbols_in_c);
    tcase_add_test(tests, any_bytes_are_read_without_harm);
    suite_add_tcase(s, tests);
    return s;
}

WTFCB_TEST_MAIN(suite)
