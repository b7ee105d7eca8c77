/*
 * Receive each file as the scan merges it, and keep nothing: the ten longest functions of a tree of any size.
 *
 * The visitor runs on this thread, in path order. With WTFCB_KEEP_TOTALS the library drops each file's rows after the
 * call, so memory does not grow with the tree. What is of interest is copied.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <wtfcb.h>

enum { LONGEST = 10 };

struct function {
    uint32_t lines;
    uint32_t line;
    char *name;
    char *path;
};

struct ranking {
    struct function list[LONGEST]; /* longest first; `lines` 0 where there is none yet */
};

/* Equal ones keep the order in which they came, so the list is the same for any number of threads. */
static int32_t insert(struct ranking *ranking, const wtfcb_file *file, const wtfcb_symbol *symbol)
{
    uint32_t lines = symbol->range.end_line - symbol->range.start_line + 1;
    size_t place = LONGEST;

    while (place > 0 && ranking->list[place - 1].lines < lines)
        place--;
    if (place == LONGEST) return 0;
    struct function function = {lines, symbol->name_line + 1, strdup(symbol->name), strdup(file->path)};
    free(ranking->list[LONGEST - 1].name);
    free(ranking->list[LONGEST - 1].path);
    memmove(&ranking->list[place + 1], &ranking->list[place], (LONGEST - 1 - place) * sizeof function);
    ranking->list[place] = function;
    return function.name == NULL || function.path == NULL;
}

/* Anything but 0 ends the scan. */
static int32_t visit(void *user, uint64_t index, const wtfcb_codebase *row)
{
    wtfcb_file file;
    wtfcb_symbol symbol;
    int32_t stop = 0;

    (void)index;
    if (wtfcb_codebase_file(row, 0, &file, sizeof file) != WTFCB_OK) return 0;
    for (uint64_t i = 0; !stop && wtfcb_codebase_symbol(row, i, &symbol, sizeof symbol) == WTFCB_OK; i++)
        if (symbol.kind == WTFCB_SYMBOL_FUNCTION || symbol.kind == WTFCB_SYMBOL_METHOD)
            stop = insert(user, &file, &symbol);
    return stop;
}

int main(int argc, char **argv)
{
    wtfcb_scanner *scanner = NULL;
    wtfcb_codebase *codebase = NULL;
    wtfcb_error error = WTFCB_ERROR_INIT;
    struct ranking ranking = {0};
    wtfcb_status status = wtfcb_scanner_new(NULL, &scanner);

    if (status == WTFCB_OK) status = wtfcb_scanner_set(scanner, WTFCB_SCANNER_DEPTH, WTFCB_DEPTH_SYNTAX);
    if (status == WTFCB_OK) status = wtfcb_scanner_set(scanner, WTFCB_SCANNER_KEEP, WTFCB_KEEP_TOTALS);
    if (status == WTFCB_OK) status = wtfcb_scanner_set_visitor(scanner, visit, &ranking);
    if (status == WTFCB_OK) status = wtfcb_scanner_scan(scanner, argc > 1 ? argv[1] : ".", &codebase, &error);
    if (status != WTFCB_OK)
        fprintf(stderr, "%s\n", error.message[0] != 0 ? error.message : wtfcb_status_message(status));

    for (size_t i = 0; i < LONGEST && ranking.list[i].lines > 0; i++) {
        struct function *function = &ranking.list[i];
        if (status == WTFCB_OK)
            printf("%5u lines  %s  %s:%u\n", function->lines, function->name, function->path, function->line);
        free(function->name);
        free(function->path);
    }
    wtfcb_codebase_free(codebase);
    wtfcb_scanner_free(scanner);
    return status == WTFCB_OK ? 0 : 1;
}
