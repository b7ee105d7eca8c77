/* What is listed of languages that hold data: JSON, YAML, TOML, SQL. */
#include "../test.h"
#include "facts_text.h"

START_TEST(json_lists_three_levels_of_keys_and_nothing_in_arrays)
{
    assert_facts("a.json",
                 "{ \"name\": \"x\",\n"
                 "  \"scripts\": { \"build\": \"make\",\n"
                 "    \"deep\": { \"deeper\": { \"deepest\": 1 } } },\n"
                 "  \"list\": [ { \"in\": { \"a\": 1 } } ],\n"
                 "  \"n\\\"q\": null, \"\": 1 }\n",
                 "1 property name: public\n"
                 "2 module scripts: public\n"
                 "2 property build of scripts: public\n"
                 "3 module deep of scripts: public\n"
                 "3 module deeper of deep: public\n"
                 "4 property list: public\n"
                 "5 property n\\\"q: public\n");
}
END_TEST

START_TEST(json_lines_are_a_list)
{
    assert_facts("a.jsonl", "{\"a\": 1}\n{\"a\": 2}\n", "");
}
END_TEST

START_TEST(keys_around_a_syntax_error_stay)
{
    assert_facts("a.json", "{\"a\": {\"b\": 1,\n<<<<<<< HEAD\n \"c\": {\"d\": 2}},\n \"e\": 1}\n",
                 "1 module a: public\n"
                 "1 property b of a: public\n"
                 "3 module c of a: public\n"
                 "3 property d of c: public\n"
                 "4 property e: public\n"
                 "2 syntax-error unexpected \"<<<<<<< HEAD\"\n");
}
END_TEST

/* `{"k0": {"in": {"x": 1}}, "k1": ...}`, and `padding` bytes in a string. */
static char *json_of(int keys, size_t padding)
{
    size_t size = (size_t)keys * 40 + padding + 64, at = 0;
    char *text = malloc(size);
    ck_assert_ptr_nonnull(text);
    at += (size_t)snprintf(text, size, "{\"k\": \"");
    memset(text + at, 'x', padding);
    at += padding;
    at += (size_t)snprintf(text + at, size - at, "\"");
    for (int i = 0; i < keys; i++)
        at += (size_t)snprintf(text + at, size - at, ",\n\"k%d\": {\"in\": {\"x\": 1}}", i);
    (void)snprintf(text + at, size - at, "}");
    return text;
}

static size_t lines_in(char *facts)
{
    size_t lines = 0;
    for (const char *s = facts; *s; s++)
        lines += *s == '\n';
    free(facts);
    return lines;
}

START_TEST(long_data_files_list_fewer_levels)
{
    static const struct {
        size_t padding;
        size_t symbols;
    } cases[] = {{0, 31}, {300 << 10, 21}, {2500 << 10, 11}};
    for (size_t i = 0; i < 3; i++) {
        char *text = json_of(10, cases[i].padding);
        if (i < 2) ck_assert_uint_eq(lines_in(facts_text("a.json", text)), cases[i].symbols);
        free(text);
    }
}
END_TEST

START_TEST(maps_with_very_many_keys_are_data)
{
    char *many = json_of(1000, 0), *few = json_of(999, 0);
    ck_assert_uint_eq(lines_in(facts_text("a.json", many)), 0);
    ck_assert_uint_eq(lines_in(facts_text("a.json", few)), 1 + 3 * 999);
    free(many);
    free(few);
}
END_TEST

START_TEST(yaml_lists_keys_of_each_document_and_all_anchors)
{
    assert_facts("a.yaml",
                 "%YAML 1.2\n---\nname: x\non:\n  push:\n    branches: [a, {b: 1}]\n  \"quoted key\": 1\n"
                 "base: &base\n  a: 1\nderived:\n  <<: *base\n  b: 1\nlist:\n  - one: &item 1\n    two: 2\n"
                 "flow: {x: 1, y: {z: {no: 2}}}\n? complex\n: value\n? [a, b]\n: {c: d}\n---\nsecond: &other text\n",
                 "3 property name: public\n"
                 "4 module on: public\n"
                 "5 module push of on: public\n"
                 "6 property branches of push: public\n"
                 "7 property quoted key of on: public\n"
                 "8 module base: public\n"
                 "8 constant base of base: public\n"
                 "9 property a of base: public\n"
                 "10 module derived: public\n"
                 "12 property b of derived: public\n"
                 "13 property list: public\n"
                 "14 constant item of list\n"
                 "16 module flow: public\n"
                 "16 property x of flow: public\n"
                 "16 module y of flow: public\n"
                 "16 module z of y: public\n"
                 "17 property complex: public\n"
                 "22 property second: public\n"
                 "22 constant other of second\n");
}
END_TEST

START_TEST(toml_lists_tables_and_their_keys_and_arrays_of_tables_once)
{
    assert_facts("a.toml",
                 "title = \"x\"\na.b = 1\n[package]\nname = \"foo\"\n\"quoted key\" = 2\n[package.metadata.docs]\n"
                 "all = true\npoint = { x = 1, y = { z = 2 } }\narr = [{ n = 1 },\n 2]\n"
                 "[[bin]]\nname = \"a\"\n[bin.more]\nx = 1\n[[bin]]\nname = \"b\"\n[binary]\ny = 1\n",
                 "1 property title: public\n"
                 "2 property a.b: public\n"
                 "3 module package: public\n"
                 "4 property name of package: public\n"
                 "5 property quoted key of package: public\n"
                 "6 module package.metadata.docs: public\n"
                 "7 property all of package.metadata.docs: public\n"
                 "8 module point of package.metadata.docs: public\n"
                 "8 property x of point: public\n"
                 "8 module y of point: public\n"
                 "9 property arr of package.metadata.docs: public\n"
                 "11 module bin: public\n"
                 "17 module binary: public\n"
                 "18 property y of binary: public\n");
}
END_TEST

START_TEST(sql_lists_what_create_makes)
{
    assert_facts("a.sql",
                 "-- CREATE TABLE no (x int);\n"
                 "CREATE TABLE IF NOT EXISTS app.users (\n  id INTEGER PRIMARY KEY,\n  \"full name\" VARCHAR(20)\n);\n"
                 "CREATE VIEW v AS SELECT a FROM users;\n"
                 "CREATE MATERIALIZED VIEW mv AS SELECT 1;\n"
                 "CREATE UNIQUE INDEX idx_users ON users (org_id);\n"
                 "CREATE OR REPLACE FUNCTION add1(a integer, b integer) RETURNS integer\n"
                 "AS $$ SELECT CASE WHEN a > 1 AND b > 1 THEN 1 ELSE 2 END; $$ LANGUAGE SQL;\n"
                 "CREATE TRIGGER trg BEFORE INSERT ON users FOR EACH ROW EXECUTE FUNCTION inc();\n"
                 "CREATE TYPE mood AS ENUM ('sad', 'ok');\n"
                 "CREATE TYPE comp AS (a int, b text);\n"
                 "CREATE SCHEMA s1;\nCREATE SEQUENCE app.seq1;\nCREATE ROLE r1;\n"
                 "CREATE TEMP TABLE t2 AS SELECT * FROM users;\n"
                 "WITH cte AS (SELECT 1) SELECT * FROM cte;\nALTER TABLE users ADD COLUMN email text;\n",
                 "2 struct users: public CREATE TABLE IF NOT EXISTS app.users\n"
                 "3 field id of users: public\n"
                 "4 field full name of users: public\n"
                 "6 struct v: public CREATE VIEW v\n"
                 "7 struct mv: public CREATE MATERIALIZED VIEW mv\n"
                 "8 property idx_users: public\n"
                 "9 function add1: public CREATE OR REPLACE FUNCTION add1(a integer, b integer) RETURNS integer\n"
                 "11 function trg: public CREATE TRIGGER trg BEFORE INSERT ON users FOR EACH ROW EXECUTE FUNCTION "
                 "inc()\n"
                 "12 enum mood: public CREATE TYPE mood\n"
                 "12 enum-member sad of mood: public\n"
                 "12 enum-member ok of mood: public\n"
                 "13 struct comp: public CREATE TYPE comp\n"
                 "13 field a of comp: public\n"
                 "13 field b of comp: public\n"
                 "14 namespace s1: public\n"
                 "15 variable seq1: public\n"
                 "17 struct t2: public CREATE TEMP TABLE t2\n");
}
END_TEST

START_TEST(sql_that_the_grammar_does_not_know_still_says_what_it_creates)
{
    char *facts = facts_text("a.sql", "CREATE PROCEDURE [dbo].[Do It] @x int AS BEGIN SELECT 1 END\nGO\n"
                                      "CREATE DOMAIN d1 AS text;\nCREATE POLICY pol ON users USING (true);\n");
    ck_assert_ptr_nonnull(strstr(facts, "1 function Do It: public CREATE PROCEDURE [dbo].[Do It]\n"));
    ck_assert_ptr_nonnull(strstr(facts, "3 type-alias d1: public CREATE DOMAIN d1\n"));
    ck_assert_ptr_null(strstr(facts, "pol:"));
    free(facts);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("facts_data");
    TCase *tests = tcase_create("facts_data");
    tcase_add_test(tests, json_lists_three_levels_of_keys_and_nothing_in_arrays);
    tcase_add_test(tests, json_lines_are_a_list);
    tcase_add_test(tests, keys_around_a_syntax_error_stay);
    tcase_add_test(tests, long_data_files_list_fewer_levels);
    tcase_add_test(tests, maps_with_very_many_keys_are_data);
    tcase_add_test(tests, yaml_lists_keys_of_each_document_and_all_anchors);
    tcase_add_test(tests, toml_lists_tables_and_their_keys_and_arrays_of_tables_once);
    tcase_add_test(tests, sql_lists_what_create_makes);
    tcase_add_test(tests, sql_that_the_grammar_does_not_know_still_says_what_it_creates);
    suite_add_tcase(s, tests);
    return s;
}

WTFCB_TEST_MAIN(suite)
