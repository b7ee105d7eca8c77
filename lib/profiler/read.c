/*
 * jansson parses, into memory of libc's (its allocator is the whole process's, and not ours to change); what is found there is checked here.
 */
#include "profiler/read.h"

#include <assert.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"

enum { FILE_LIMIT = 1 << 30, WHERE_SIZE = 256, STATUS_LAST = -64 };

wtfcb_status wtfcb_profiler_read_file(const char *path, wtfcb_base_buffer *buffer, wtfcb_error *ret_error)
{
    int os_error = 0;
    wtfcb_status status = wtfcb_base_file_load(AT_FDCWD, path, true, FILE_LIMIT, buffer, &os_error);
    if (status == WTFCB_OK) return WTFCB_OK;
    return wtfcb_base_error(ret_error, status, os_error, path, "cannot read %.250s: %s", path,
                            os_error ? strerror(os_error) : wtfcb_status_message(status));
}

/* In front of a key: the objects and arrays around it, such as "tiers[1].values.rss". */
static void format_where(const wtfcb_profiler_reader *reader, const char *key, size_t index, char where[WHERE_SIZE])
{
    size_t used = 0;
    where[0] = '\0';
    for (uint32_t i = 0; i <= reader->depth; i++) {
        bool last = i == reader->depth;
        const char *name = last ? key : reader->levels[i].key;
        size_t number = last ? index : reader->levels[i].index;
        int more = name ? snprintf(where + used, WHERE_SIZE - used, "%s%.60s", used ? "." : "", name)
                        : snprintf(where + used, WHERE_SIZE - used, "[%zu]", number);
        if (more < 0 || (size_t)more >= WHERE_SIZE - used) return;
        used += (size_t)more;
    }
}

void wtfcb_profiler_reader_wrong(wtfcb_profiler_reader *reader, const char *key, size_t index, const char *what)
{
    if (reader->status != WTFCB_OK) return;
    char where[WHERE_SIZE];
    format_where(reader, key, index, where);
    reader->status = wtfcb_base_error(reader->error, WTFCB_EFORMAT, 0, reader->path, "cannot read %.150s: %s %s",
                                      reader->path, where, what);
}

void wtfcb_profiler_reader_out_of_memory(wtfcb_profiler_reader *reader)
{
    if (reader->status != WTFCB_OK) return;
    reader->status = wtfcb_base_error(reader->error, WTFCB_ENOMEM, 0, reader->path, "cannot read %.250s: %s",
                                      reader->path, wtfcb_status_message(WTFCB_ENOMEM));
}

/* What jansson found wrong with the text. */
static void refuse_text(wtfcb_profiler_reader *reader, const json_error_t *found)
{
    if (json_error_code(found) == json_error_out_of_memory) {
        wtfcb_profiler_reader_out_of_memory(reader);
        return;
    }
    reader->status = wtfcb_base_error(reader->error, WTFCB_EFORMAT, 0, reader->path, "cannot read %.150s, line %d: %s",
                                      reader->path, found->line, found->text);
    if (reader->error && reader->error->size >= offsetof(wtfcb_error, path) && found->position >= 0)
        reader->error->position = (uint64_t)found->position;
}

wtfcb_status wtfcb_profiler_reader_open(wtfcb_profiler_reader *reader, const char *path, const char *text,
                                        size_t length, const char *type, wtfcb_error *ret_error)
{
    *reader = (wtfcb_profiler_reader){.path = path, .error = ret_error};
    json_error_t found;
    reader->root = json_loadb(text, length, JSON_REJECT_DUPLICATES, &found);
    if (!reader->root) {
        refuse_text(reader, &found);
        return reader->status;
    }
    const char *given = json_string_value(json_object_get(reader->root, "type"));
    if (!given || strcmp(given, type) != 0) {
        char what[128];
        if (given)
            snprintf(what, sizeof what, "is \"%.40s\" and not \"%s\"", given, type);
        else
            snprintf(what, sizeof what, "is not \"%s\"", type);
        wtfcb_profiler_reader_wrong(reader, "type", 0, what);
        return reader->status;
    }
    uint64_t schema = wtfcb_profiler_reader_number(reader, json_object_get(reader->root, "schema"), "schema", 0, false,
                                                   WTFCB_UNKNOWN);
    if (schema != WTFCB_PROFILER_SCHEMA)
        wtfcb_profiler_reader_wrong(reader, "schema", 0, "is not 1, which is the one that this version reads");
    return reader->status;
}

void wtfcb_profiler_reader_close(wtfcb_profiler_reader *reader)
{
    json_decref(reader->root);
    reader->root = NULL;
}

void wtfcb_profiler_reader_enter(wtfcb_profiler_reader *reader, const char *key, size_t index)
{
    assert(reader->depth < WTFCB_PROFILER_READ_DEPTH);
    reader->levels[reader->depth].key = key;
    reader->levels[reader->depth].index = index;
    reader->depth++;
}

void wtfcb_profiler_reader_leave(wtfcb_profiler_reader *reader)
{
    assert(reader->depth > 0);
    reader->depth--;
}

const json_t *wtfcb_profiler_reader_array(wtfcb_profiler_reader *reader, const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    if (!value || json_is_array(value)) return value;
    wtfcb_profiler_reader_wrong(reader, key, 0, "is not an array");
    return NULL;
}

const json_t *wtfcb_profiler_reader_object(wtfcb_profiler_reader *reader, const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    if (!value || json_is_object(value)) return value;
    wtfcb_profiler_reader_wrong(reader, key, 0, "is not an object");
    return NULL;
}

const json_t *wtfcb_profiler_reader_element(wtfcb_profiler_reader *reader, const json_t *array, size_t index)
{
    const json_t *value = json_array_get(array, index);
    if (json_is_object(value)) return value;
    wtfcb_profiler_reader_wrong(reader, NULL, index, "is not an object");
    return NULL;
}

static const char *text_of(wtfcb_profiler_reader *reader, const json_t *value, const char *key, size_t index)
{
    if (!value) return "";
    const char *text = json_string_value(value);
    if (text) return text;
    wtfcb_profiler_reader_wrong(reader, key, index, "is not a text");
    return "";
}

const char *wtfcb_profiler_reader_text(wtfcb_profiler_reader *reader, const json_t *object, const char *key)
{
    return text_of(reader, json_object_get(object, key), key, 0);
}

/* Other writers of JSON may have made 1e+18 of 1000000000000000000. */
static bool whole_number(const json_t *value, uint64_t *ret_number)
{
    if (json_is_integer(value)) {
        json_int_t number = json_integer_value(value);
        *ret_number = (uint64_t)number;
        return number >= 0;
    }
    double real = json_is_real(value) ? json_real_value(value) : -1;
    if (!(real >= 0 && real < 0x1p63)) return false;
    *ret_number = (uint64_t)real;
    return !((double)*ret_number < real);
}

uint64_t wtfcb_profiler_reader_number(wtfcb_profiler_reader *reader, const json_t *value, const char *key, size_t index,
                                      bool nullable, uint64_t missing)
{
    if (!value) return missing;
    if (nullable && json_is_null(value)) return WTFCB_UNKNOWN;
    uint64_t number;
    if (whole_number(value, &number)) return number;
    wtfcb_profiler_reader_wrong(reader, key, index,
                                nullable ? "is neither null nor a whole number from 0 to 2^63 - 1"
                                         : "is not a whole number from 0 to 2^63 - 1");
    return missing;
}

static uint32_t small_of(wtfcb_profiler_reader *reader, const json_t *value, const wtfcb_profiler_field *field)
{
    bool parent = field->kind == WTFCB_PROFILER_FIELD_PARENT;
    bool row = parent || field->kind == WTFCB_PROFILER_FIELD_INDEX;
    if (parent && (!value || json_is_null(value))) return WTFCB_PROFILE_NONE;
    if (row && !value) wtfcb_profiler_reader_wrong(reader, field->name, 0, "is missing");
    uint64_t number = wtfcb_profiler_reader_number(reader, value, field->name, 0, false, 0);
    if (number < (row ? WTFCB_PROFILE_NONE : UINT64_C(1) << 32)) return (uint32_t)number;
    wtfcb_profiler_reader_wrong(reader, field->name, 0, row ? "has no row" : "is more than 2^32 - 1");
    return 0;
}

static uint32_t flag_of(wtfcb_profiler_reader *reader, const json_t *value, const char *key)
{
    if (value && !json_is_boolean(value)) wtfcb_profiler_reader_wrong(reader, key, 0, "is neither true nor false");
    return json_is_true(value);
}

static double real_of(wtfcb_profiler_reader *reader, const json_t *value, const char *key)
{
    if (!value) return 0;
    if (json_is_null(value)) return (double)NAN;
    if (!json_is_number(value)) wtfcb_profiler_reader_wrong(reader, key, 0, "is neither null nor a number");
    return json_number_value(value);
}

/* What a later version may call by a name that this one does not know is not supported by this one. */
static wtfcb_status status_of(wtfcb_profiler_reader *reader, const json_t *value, const char *key)
{
    const char *name = text_of(reader, value, key, 0);
    for (wtfcb_status status = WTFCB_OK; status >= STATUS_LAST; status--)
        if (strcmp(wtfcb_status_name(status), name) == 0) return status;
    return WTFCB_EUNSUPPORTED;
}

void wtfcb_profiler_reader_field(wtfcb_profiler_reader *reader, wtfcb_base_arena *arena,
                                 const wtfcb_profiler_field *field, const json_t *value, void *row)
{
    const char *key = field->name;
    void *at = (char *)row + field->offset;
    switch (field->kind) {
    case WTFCB_PROFILER_FIELD_COUNT:
        *(uint64_t *)at = wtfcb_profiler_reader_number(reader, value, key, 0, false, 0);
        break;
    case WTFCB_PROFILER_FIELD_KNOWN:
        *(uint64_t *)at = wtfcb_profiler_reader_number(reader, value, key, 0, true, WTFCB_UNKNOWN);
        break;
    case WTFCB_PROFILER_FIELD_SMALL:
    case WTFCB_PROFILER_FIELD_INDEX:
    case WTFCB_PROFILER_FIELD_PARENT: *(uint32_t *)at = small_of(reader, value, field); break;
    case WTFCB_PROFILER_FIELD_FLAG: *(uint32_t *)at = flag_of(reader, value, key); break;
    case WTFCB_PROFILER_FIELD_TEXT: {
        const char *text = text_of(reader, value, key, 0);
        const char *copy = *text ? wtfcb_base_arena_string(arena, text, strlen(text)) : "";
        if (!copy) wtfcb_profiler_reader_out_of_memory(reader);
        *(const char **)at = copy;
        break;
    }
    case WTFCB_PROFILER_FIELD_ARRAY: wtfcb_base_json_clean(at, field->size, text_of(reader, value, key, 0)); break;
    case WTFCB_PROFILER_FIELD_STATUS: /* without one, what the row was made with */
        if (value) *(wtfcb_status *)at = status_of(reader, value, key);
        break;
    case WTFCB_PROFILER_FIELD_REAL: *(double *)at = real_of(reader, value, key); break;
    }
}

void wtfcb_profiler_reader_fields(wtfcb_profiler_reader *reader, wtfcb_base_arena *arena,
                                  const wtfcb_profiler_field *fields, const json_t *object, void *row)
{
    for (; fields->name && reader->status == WTFCB_OK; fields++)
        wtfcb_profiler_reader_field(reader, arena, fields, json_object_get(object, fields->name), row);
}
