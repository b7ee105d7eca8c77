/*
 * SciPy's results; fixture.h.
 */
#include "fixture.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "test.h"

void fixture_open(fixture *f)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/benchmark/fixtures/scipy.txt", wtfcb_test_data_dir());
    f->file = fopen(path, "r");
    ck_assert_msg(f->file != NULL, "%s cannot be read", path);
}

void fixture_close(fixture *f)
{
    fclose(f->file);
}

/* "name number number ..." */
static void read_field(fixture *f, char *line)
{
    ck_assert_uint_lt(f->fields, FIXTURE_FIELDS);
    fixture_field *field = &f->field[f->fields++];
    size_t length = strcspn(line, " ");
    ck_assert_uint_lt(length, sizeof field->name);
    memcpy(field->name, line, length);
    field->name[length] = '\0';
    field->count = 0;
    char *rest = line + length;
    for (;;) {
        char *end = NULL;
        double value = strtod(rest, &end);
        if (end == rest) break;
        ck_assert_uint_lt(field->count, FIXTURE_VALUES);
        field->values[field->count++] = value;
        rest = end;
    }
}

bool fixture_next(fixture *f, const char *kind)
{
    char *line = NULL;
    size_t size = 0;
    bool inside = false;
    bool found = false;
    f->fields = 0;
    while (!found && getline(&line, &size, f->file) > 0) {
        line[strcspn(line, "\n")] = '\0';
        if (!inside && strcmp(line, kind) == 0)
            inside = true;
        else if (inside && strcmp(line, "end") == 0)
            found = true;
        else if (inside)
            read_field(f, line);
    }
    free(line);
    return found;
}

const fixture_field *fixture_get(const fixture *f, const char *name)
{
    for (size_t i = 0; i < f->fields; i++)
        if (strcmp(f->field[i].name, name) == 0) return &f->field[i];
    ck_abort_msg("the fixture has no %s", name);
    return NULL;
}

double fixture_value(const fixture *f, const char *name)
{
    return fixture_get(f, name)->values[0];
}

void fixture_check_scaled(double is, double should, double scale, const char *what, size_t line)
{
    double allowed = 1e-9 * fmax(fabs(should), scale);
    ck_assert_msg(fabs(is - should) <= allowed, "line %zu: %s is %.17g and should be %.17g", line, what, is, should);
}
