/**
 * @file
 * The library's version: at compile time as a number to compare with `#if`, at run time as what was really loaded.
 */
#ifndef WTFCB_VERSION_H
#define WTFCB_VERSION_H

#include <stdint.h>

#include <wtfcb/export.h>

#ifdef __cplusplus
extern "C" {
#endif

#define WTFCB_VERSION_MAJOR 0
#define WTFCB_VERSION_MINOR 1
#define WTFCB_VERSION_PATCH 0

/** Version of these headers: major * 1,000,000 + minor * 1,000 + patch. */
#define WTFCB_VERSION_NUMBER (WTFCB_VERSION_MAJOR * 1000000 + WTFCB_VERSION_MINOR * 1000 + WTFCB_VERSION_PATCH)

/**
 * Version of the loaded library, numbered as ::WTFCB_VERSION_NUMBER. Constant time, any thread.
 * @since 0.1
 */
WTFCB_API int32_t wtfcb_version_number(void);

/**
 * Version of the loaded library as a text, "major.minor.patch". Static, constant time, any thread.
 * @since 0.1
 */
WTFCB_API const char *wtfcb_version_string(void);

#ifdef __cplusplus
}
#endif
#endif
