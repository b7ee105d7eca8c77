/*
 * The keys of a profile's JSON, by row: where each stands in its struct and what it holds. The writer and the reader both go by these tables, so that
 * neither knows a key that the other does not.
 */
#ifndef WTFCB_PROFILER_PROFILE_FIELDS_H
#define WTFCB_PROFILER_PROFILE_FIELDS_H

#include <stddef.h>
#include <stdint.h>

#include "base/json.h"
#include "profiler/profile.h"

/* What the files of this version say of themselves. */
#define WTFCB_PROFILER_SCHEMA 1
#define WTFCB_PROFILER_TYPE_PROFILE "wtfcb-profile"
#define WTFCB_PROFILER_TYPE_SET "wtfcb-profile-set"

typedef enum wtfcb_profiler_field_kind {
    WTFCB_PROFILER_FIELD_COUNT,  /* uint64_t; 0 if the key is missing */
    WTFCB_PROFILER_FIELD_KNOWN,  /* uint64_t; WTFCB_UNKNOWN is null, or the key is missing */
    WTFCB_PROFILER_FIELD_SMALL,  /* uint32_t; 0 if the key is missing */
    WTFCB_PROFILER_FIELD_INDEX,  /* uint32_t, of a row; the key must be there */
    WTFCB_PROFILER_FIELD_PARENT, /* uint32_t, of a row; WTFCB_PROFILE_NONE is null, or the key is missing */
    WTFCB_PROFILER_FIELD_FLAG,   /* uint32_t; 0 and 1 are false and true; false if the key is missing */
    WTFCB_PROFILER_FIELD_TEXT,   /* const char *; "" if the key is missing */
    WTFCB_PROFILER_FIELD_ARRAY,  /* char[size]; "" if the key is missing */
    WTFCB_PROFILER_FIELD_STATUS, /* wtfcb_status, by its name; WTFCB_OK if the key is missing */
    WTFCB_PROFILER_FIELD_REAL,   /* double; not finite is null, which is read as NAN; 0 if the key is missing */
} wtfcb_profiler_field_kind;

typedef struct wtfcb_profiler_field {
    const char *name;
    uint16_t offset;
    uint16_t size;
    wtfcb_profiler_field_kind kind;
} wtfcb_profiler_field;

/* Ends with a field whose name is NULL. */
extern const wtfcb_profiler_field wtfcb_profiler_summary_fields[];
extern const wtfcb_profiler_field wtfcb_profiler_system_fields[];
extern const wtfcb_profiler_field wtfcb_profiler_metric_fields[]; /* without those that the table of metrics has */
extern const wtfcb_profiler_field wtfcb_profiler_module_fields[];
extern const wtfcb_profiler_field wtfcb_profiler_section_fields[];
extern const wtfcb_profiler_field wtfcb_profiler_thread_fields[];
extern const wtfcb_profiler_field wtfcb_profiler_frame_fields[];
extern const wtfcb_profiler_field wtfcb_profiler_node_fields[];
extern const wtfcb_profiler_field wtfcb_profiler_event_fields[]; /* events are arrays, in this order */

/* "value", "minimum", "maximum": WTFCB_STATISTIC_* from 1 on. */
extern const char *const wtfcb_profiler_statistic_names[WTFCB_PROFILER_STATISTICS];

/* A number that is no more than the reader can hold, which has 63 bits; WTFCB_UNKNOWN is null. */
void wtfcb_profiler_put_number(wtfcb_base_json *json, const char *key, uint64_t number);

/* One value of `row`, with its key or, as an element of an array, without. */
void wtfcb_profiler_put_field(wtfcb_base_json *json, const wtfcb_profiler_field *field, const void *row, bool keyed);

#endif
