/*
 * What the tests of facts_oo share: beside the facts of facts_text.h, what functions cost, as one line for each symbol
 * that is a function,
 *
 *     area 2 3 4 1 exported
 *
 * which is its name, parameters, cyclomatic and cognitive complexity, nesting, and whether it is exported.
 */
#ifndef TEST_SCANNER_TEST_FACTS_OO_H
#define TEST_SCANNER_TEST_FACTS_OO_H

#include <wtfcb.h>

#include "../test.h"
#include "facts_text.h"

/* The functions of `text`, scanned under the name `path`, must be `expected`. */
static inline void assert_functions(const char *path, const char *text, const char *expected)
{
    wtfcb_scanner *scanner = NULL;
    wtfcb_codebase *codebase = NULL;
    char *functions = NULL;
    size_t size = 0;
    wtfcb_symbol s;
    FILE *out = open_memstream(&functions, &size);
    ck_assert_ptr_nonnull(out);
    ck_assert_int_eq(wtfcb_scanner_new(NULL, &scanner), WTFCB_OK);
    ck_assert_int_eq(wtfcb_scanner_set(scanner, WTFCB_SCANNER_DEPTH, WTFCB_DEPTH_SYNTAX), WTFCB_OK);
    ck_assert_int_eq(wtfcb_scanner_scan_buffer(scanner, path, text, strlen(text), &codebase, NULL), WTFCB_OK);
    for (uint64_t i = 0; wtfcb_codebase_symbol(codebase, i, &s, sizeof s) == WTFCB_OK; i++) {
        if (s.kind > WTFCB_SYMBOL_CONSTRUCTOR) continue;
        fprintf(out, "%s %u %u %u %u%s\n", s.name, s.parameters, s.cyclomatic, s.cognitive, s.nesting,
                s.flags & WTFCB_SYMBOL_EXPORTED ? " exported" : "");
    }
    ck_assert_int_eq(fclose(out), 0);
    ck_assert_msg(strcmp(functions, expected) == 0, "%s has\n%s\nand not\n%s", path, functions, expected);
    free(functions);
    wtfcb_codebase_free(codebase);
    wtfcb_scanner_free(scanner);
}

#endif
