/* The part of hash.c that calls the shared xxHash: a header that is compiled in takes the names of its functions. */
#ifndef WTFCB_BASE_HASH_LONG_H
#define WTFCB_BASE_HASH_LONG_H

#include "base/hash.h"

/* Right for every length, made for long ones. */
wtfcb_base_hash128 wtfcb_base_hash_long(const void *bytes, size_t length);

#endif
