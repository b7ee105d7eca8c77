/*
 * What decides about a file's facts, as one digest: the key under which they are remembered.
 *
 * A digest covers the sources that extract facts (a number made at build), the language table and what a caller added to it, and every
 * option that affects results. A grammar's own digest comes in by language, and only for languages that occur: looking at thirty objects
 * would cost a small scan more than its files.
 */
#ifndef WTFCB_SCANNER_RECALL_KEY_H
#define WTFCB_SCANNER_RECALL_KEY_H

#include "base/hash.h"
#include "cache/records.h"
#include "lang/languages.h"
#include "scanner/scanner.h"

/* Of a grammar that is not there. */
#define WTFCB_SCANNER_NO_GRAMMAR UINT64_C(1)

/* Everything that decides about the facts of a content, grammars aside. */
wtfcb_base_hash128 wtfcb_scanner_digest_results(const wtfcb_scanner *scanner);

/* And about which files of a directory are taken, and as what. False when memory has run out. */
bool wtfcb_scanner_digest_selection(const wtfcb_scanner *scanner, wtfcb_base_hash128 results,
                                    wtfcb_base_hash128 *ret_digest);

/*
 * A grammar's digest, made once for each language table, from the bytes of the object, which the cache remembers by its signature; any
 * thread. A language without grammar, or whose grammar is not there, has WTFCB_SCANNER_NO_GRAMMAR. 0: it cannot be read, and nothing that
 * depends on it can be remembered.
 */
uint64_t wtfcb_scanner_digest_grammar(wtfcb_languages *languages, uint16_t language, wtfcb_cache *cache);

/* Key of a content's facts. */
wtfcb_cache_key wtfcb_scanner_result_key(wtfcb_base_hash128 results, uint16_t language, uint64_t grammar,
                                         wtfcb_base_hash128 content, uint64_t length);

/* Key of a directory's record: `selection`, its absolute path, and the flags that its path in the rows gives to its files. */
wtfcb_cache_key wtfcb_scanner_directory_key(wtfcb_base_hash128 selection, const char *path, size_t length,
                                            uint32_t hints);

#endif
