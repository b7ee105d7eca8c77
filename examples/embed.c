/* Embed a scan: the languages of a directory, in thirty lines. Build: cc embed.c -lwtfcb */
#include <inttypes.h>
#include <stdio.h>

#include <wtfcb.h>

int main(int argc, char **argv)
{
    wtfcb_scanner *scanner = NULL;
    wtfcb_codebase *codebase = NULL;
    wtfcb_error error = WTFCB_ERROR_INIT;
    wtfcb_language_totals row;
    wtfcb_status status = wtfcb_scanner_new(NULL, &scanner);

    if (status == WTFCB_OK) status = wtfcb_scanner_set(scanner, WTFCB_SCANNER_DEPTH, WTFCB_DEPTH_SYNTAX);
    if (status == WTFCB_OK) status = wtfcb_scanner_scan(scanner, argc > 1 ? argv[1] : ".", &codebase, &error);
    if (status != WTFCB_OK)
        fprintf(stderr, "%s\n", error.message[0] != 0 ? error.message : wtfcb_status_message(status));

    for (uint64_t i = 0; wtfcb_codebase_language(codebase, i, &row, sizeof row) == WTFCB_OK; i++)
        printf("%s: %" PRIu64 " files, %" PRIu64 " lines of code, %" PRIu64 " symbols\n",
               row.language[0] != 0 ? row.language : "other", row.files, row.code, row.symbols);

    wtfcb_codebase_free(codebase);
    wtfcb_scanner_free(scanner);
    return status == WTFCB_OK ? 0 : 1;
}
