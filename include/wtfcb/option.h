/**
 * @file
 * What can be known of a handle's options at run time: command lines and bindings make their flags from it.
 *
 * A type whose handles have options lists them by index: wtfcb_scanner_option(), wtfcb_cache_option(), wtfcb_profiler_option().
 */
#ifndef WTFCB_OPTION_H
#define WTFCB_OPTION_H

#include <stdint.h>

/** `wtfcb_option.type`: a number. */
#define WTFCB_OPTION_INTEGER 1
/** `wtfcb_option.type`: a number, 0 or 1. */
#define WTFCB_OPTION_FLAG 2
/** `wtfcb_option.type`: texts, added one by one. */
#define WTFCB_OPTION_STRINGS 3
/** `wtfcb_option.type`: one text, set as a whole. */
#define WTFCB_OPTION_STRING 4

/** `wtfcb_option.unit`: a plain number. */
#define WTFCB_UNIT_NONE 0
/** `wtfcb_option.unit`: bytes. */
#define WTFCB_UNIT_BYTES 1
/** `wtfcb_option.unit`: milliseconds. */
#define WTFCB_UNIT_MS 2

/** What can be known of an option at run time. */
typedef struct wtfcb_option {
    const char *name;        /**< as command lines spell it, such as "max-file-size" */
    const char *summary;     /**< a few words */
    int64_t minimum;         /**< smallest value; 0 for strings */
    int64_t maximum;         /**< largest value; 0 for strings */
    int64_t default_value;   /**< 0 for strings */
    int32_t id;              /**< WTFCB_SCANNER_*, WTFCB_CACHE_*, WTFCB_PROFILER_* */
    int32_t type;            /**< WTFCB_OPTION_* */
    int32_t affects_results; /**< 1: a file's facts depend on it; 0: only speed, order of work or the choice of files */
    int32_t unit;            /**< WTFCB_UNIT_*, of a number */
} wtfcb_option;

#endif
