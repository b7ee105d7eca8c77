/*
 * The facts of a text in one string, for tests of rules: one line a symbol, in order,
 *
 *     3 method area of Shape: public float area(int scale)
 *
 * which is the line of its name, its kind, its name, its parent if any, then visibility and signature if any; behind
 * the symbols one line an import, "2 import module os". A syntax error is a line "1 syntax-error ...".
 */
#ifndef TEST_SCANNER_FACTS_TEXT_H
#define TEST_SCANNER_FACTS_TEXT_H

/* Scan `text` under the name `path` at the syntax level; to be freed with free(). Fails the test when that fails. */
char *facts_text(const char *path, const char *text);

/* The facts must be `expected`; both are shown when they are not. */
void assert_facts(const char *path, const char *text, const char *expected);

#endif
