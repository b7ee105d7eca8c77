/*
 * What is in an editor's unsaved buffer?
 *
 * The text comes from memory and the path is only a name: it decides the language, no file is touched, no thread is
 * started. An editor would keep the scanner and call wtfcb_scanner_scan_buffer() after each pause in typing.
 */
#include <stdio.h>
#include <string.h>

#include <wtfcb.h>

static const char text[] = "def greet(name, greeting='hello'):\n"
                           "    \"\"\"Say hello.\"\"\"\n"
                           "    if not name:\n"
                           "        return None\n"
                           "    return f'{greeting} {name}'\n";

static void print_symbols(const wtfcb_codebase *codebase)
{
    wtfcb_file file;
    wtfcb_symbol symbol;

    if (wtfcb_codebase_file(codebase, 0, &file, sizeof file) != WTFCB_OK) return;
    printf("%s is %s\n", file.path, file.language);
    for (uint64_t i = 0; wtfcb_codebase_symbol(codebase, i, &symbol, sizeof symbol) == WTFCB_OK; i++)
        printf("line %u: %s %s, %u parameters, cyclomatic complexity %u\n", symbol.name_line + 1,
               wtfcb_symbol_kind_name(symbol.kind), symbol.name, symbol.parameters, symbol.cyclomatic);
}

int main(void)
{
    wtfcb_scanner *scanner = NULL;
    wtfcb_codebase *codebase = NULL;
    wtfcb_error error = WTFCB_ERROR_INIT;
    wtfcb_status status = wtfcb_scanner_new(NULL, &scanner);

    if (status == WTFCB_OK) status = wtfcb_scanner_set(scanner, WTFCB_SCANNER_DEPTH, WTFCB_DEPTH_SYNTAX);
    if (status == WTFCB_OK)
        status = wtfcb_scanner_scan_buffer(scanner, "untitled.py", text, strlen(text), &codebase, &error);
    if (status == WTFCB_OK)
        print_symbols(codebase);
    else
        fprintf(stderr, "%s\n", error.message[0] != 0 ? error.message : wtfcb_status_message(status));

    wtfcb_codebase_free(codebase);
    wtfcb_scanner_free(scanner);
    return status == WTFCB_OK ? 0 : 1;
}
