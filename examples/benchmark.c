/*
 * Compare two functions: which is faster, by how much, and how sure that is.
 *
 *     benchmark [FILE]    FILE, such as sort.html or sort.json, gets the whole report
 *
 * Build: cc benchmark.c -lwtfcb
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <wtfcb.h>

enum { NUMBERS = 400 };

struct numbers {
    int original[NUMBERS];
    int sorted[NUMBERS];
};

static int by_size(const void *a, const void *b)
{
    const int *x = a, *y = b;

    return *x < *y ? -1 : *x > *y;
}

/* What is measured: one call does the whole of the work, input included, so that every call is alike. */
static wtfcb_status sort_with_libc(void *user)
{
    struct numbers *numbers = user;

    memcpy(numbers->sorted, numbers->original, sizeof numbers->sorted);
    qsort(numbers->sorted, NUMBERS, sizeof(int), by_size);
    return WTFCB_OK;
}

static wtfcb_status sort_by_insertion(void *user)
{
    struct numbers *numbers = user;

    memcpy(numbers->sorted, numbers->original, sizeof numbers->sorted);
    for (int i = 1; i < NUMBERS; i++) {
        int number = numbers->sorted[i], k = i;

        for (; k > 0 && numbers->sorted[k - 1] > number; k--)
            numbers->sorted[k] = numbers->sorted[k - 1];
        numbers->sorted[k] = number;
    }
    return WTFCB_OK;
}

static void show(const wtfcb_report *report)
{
    wtfcb_report_row row;
    wtfcb_report_figure time;
    wtfcb_report_comparison comparison;

    for (uint64_t i = 0; wtfcb_report_row_at(report, i, &row, sizeof row) == WTFCB_OK; i++) {
        if (row.status != WTFCB_OK) printf("%s: %s\n", row.name, row.message);
        if (wtfcb_report_figure_at(report, i, WTFCB_REPORT_WALL, &time, sizeof time) == WTFCB_OK)
            printf("%s: %.2f us, between %.2f and %.2f with %.1f %% confidence\n", row.name, time.median / 1e3,
                   time.low / 1e3, time.high / 1e3, time.level * 100);
    }
    for (uint64_t i = 0; wtfcb_report_comparison_at(report, i, &comparison, sizeof comparison) == WTFCB_OK; i++)
        printf("%s after %s: %s, %+.1f %%, between %+.1f and %+.1f %%\n", comparison.after, comparison.before,
               wtfcb_verdict_name(comparison.verdict), comparison.change * 100, comparison.low * 100,
               comparison.high * 100);
}

int main(int argc, char **argv)
{
    static struct numbers numbers;
    wtfcb_benchmark_function libc = {.name = "libc", .parameters = "n=400", .run = sort_with_libc, .user = &numbers};
    wtfcb_benchmark_function insertion = {
        .name = "insertion", .parameters = "n=400", .run = sort_by_insertion, .user = &numbers};
    wtfcb_benchmark *benchmark = NULL;
    wtfcb_report *report = NULL;
    wtfcb_error error = WTFCB_ERROR_INIT;

    for (int i = 0; i < NUMBERS; i++)
        numbers.original[i] = (int)((unsigned)i * 2654435761u >> 8);
    wtfcb_status status = wtfcb_benchmark_new(NULL, "sort", &benchmark);
    if (status == WTFCB_OK) status = wtfcb_benchmark_add_function(benchmark, &libc, sizeof libc);
    if (status == WTFCB_OK) status = wtfcb_benchmark_add_function(benchmark, &insertion, sizeof insertion);
    if (status == WTFCB_OK) status = wtfcb_benchmark_compare(benchmark, "libc", "insertion");
    if (status == WTFCB_OK) status = wtfcb_benchmark_run(benchmark, &report, &error);
    if (status == WTFCB_OK) show(report);
    if (status == WTFCB_OK && argc > 1) status = wtfcb_report_save(report, argv[1], WTFCB_REPORT_BY_NAME, &error);
    if (status != WTFCB_OK)
        fprintf(stderr, "%s\n", error.message[0] != 0 ? error.message : wtfcb_status_message(status));

    wtfcb_report_free(report);
    wtfcb_benchmark_free(benchmark);
    return status == WTFCB_OK ? 0 : 1;
}
