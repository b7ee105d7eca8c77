/**
 * @file
 * Marks what the library exports. Nothing here is for callers.
 */
#ifndef WTFCB_EXPORT_H
#define WTFCB_EXPORT_H

#if defined(__GNUC__) || defined(__clang__)
#define WTFCB_API __attribute__((visibility("default")))
#else
#define WTFCB_API
#endif

#endif
