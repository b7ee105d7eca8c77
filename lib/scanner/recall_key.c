/* Digests of all that decides about results; see recall_key.h. */
#include "scanner/recall_key.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/file.h"
#include "cache/signature.h"
#include "lang/grammar.h"
#include "scanner/results_version.h"

enum { PIECE = 256 << 10 };

/* Digests chain: each step hashes what there was with what comes. */
static wtfcb_base_hash128 chain(wtfcb_base_hash128 before, const void *bytes, size_t length)
{
    wtfcb_base_hash128 both[2] = {before, wtfcb_base_hash(bytes, length)};
    return wtfcb_base_hash(both, sizeof both);
}

static wtfcb_base_hash128 chain_number(wtfcb_base_hash128 before, uint64_t number)
{
    return chain(before, &number, sizeof number);
}

wtfcb_base_hash128 wtfcb_scanner_digest_results(const wtfcb_scanner *scanner)
{
    wtfcb_base_hash128 digest = {{0}};
    digest = chain_number(digest, WTFCB_RESULTS_VERSION);
    digest = chain_number(digest, scanner->languages->count);
    digest = chain_number(digest, scanner->languages->fingerprint);
    wtfcb_option option;
    for (uint64_t i = 0; wtfcb_scanner_option(i, &option, sizeof option) == WTFCB_OK; i++) {
        if (!option.affects_results || option.type == WTFCB_OPTION_STRINGS) continue;
        digest = chain_number(digest, (uint64_t)option.id);
        digest = chain_number(digest, (uint64_t)scanner->values[option.id]);
    }
    return digest;
}

static void append_strings(wtfcb_base_buffer *text, const wtfcb_scanner_strings *strings)
{
    for (size_t i = 0; i < strings->count; i++)
        wtfcb_base_buffer_append(text, strings->items[i], strlen(strings->items[i]) + 1);
    wtfcb_base_buffer_append_byte(text, 1);
}

bool wtfcb_scanner_digest_selection(const wtfcb_scanner *scanner, wtfcb_base_hash128 results,
                                    wtfcb_base_hash128 *ret_digest)
{
    static const int32_t choices[] = {WTFCB_SCANNER_HIDDEN,     WTFCB_SCANNER_IGNORE, WTFCB_SCANNER_FOLLOW,
                                      WTFCB_SCANNER_ATTRIBUTES, WTFCB_SCANNER_SKIP,   WTFCB_SCANNER_MAX_DEPTH};
    wtfcb_base_hash128 digest = results;
    for (size_t i = 0; i < sizeof choices / sizeof *choices; i++)
        digest = chain_number(digest, (uint64_t)scanner->values[choices[i]]);
    if (scanner->wanted) digest = chain(digest, scanner->wanted, scanner->wanted_count * sizeof *scanner->wanted);
    wtfcb_base_buffer text;
    wtfcb_base_buffer_init(&text, &scanner->allocator);
    append_strings(&text, &scanner->excludes);
    append_strings(&text, &scanner->includes);
    append_strings(&text, &scanner->attributes);
    bool complete = !text.failed;
    if (complete) *ret_digest = chain(digest, text.data, text.length);
    wtfcb_base_buffer_free(&text);
    return complete;
}

/* A digest of what is in a file; 0 when it cannot be read. */
static uint64_t hash_file(int fd, const wtfcb_allocator *allocator)
{
    wtfcb_base_buffer piece;
    wtfcb_base_buffer_init(&piece, allocator);
    wtfcb_base_hash128 digest = {{0}};
    ssize_t got = wtfcb_base_buffer_reserve(&piece, PIECE) ? 1 : -1;
    while (got > 0) {
        got = read(fd, piece.data, PIECE);
        if (got < 0 && errno == EINTR)
            got = 1;
        else if (got > 0)
            digest = chain(digest, piece.data, (size_t)got);
    }
    wtfcb_base_buffer_free(&piece);
    uint64_t number;
    memcpy(&number, digest.bytes, sizeof number);
    return got < 0 ? 0 : number;
}

typedef struct object_search {
    wtfcb_cache *cache;
    const wtfcb_allocator *allocator;
    wtfcb_base_hash128 digest;
    uint64_t last; /* object: the same one may be found in several places */
    bool any;
    bool failed;
} object_search;

static wtfcb_status take_number(void *user, const void *payload, size_t length)
{
    if (length != sizeof(uint64_t)) return WTFCB_EFORMAT;
    memcpy(user, payload, length);
    return WTFCB_OK;
}

/* The digest of one object, from the cache if its signature is known there. */
static uint64_t digest_object(const object_search *search, int fd)
{
    int64_t now = wtfcb_cache_signature_now();
    wtfcb_base_file_signature signature;
    memset(&signature, 0, sizeof signature); /* it is hashed with its padding */
    if (wtfcb_base_file_fstat(fd, &signature) != 0) return 0;
    uint64_t parts[] = {signature.size,   (uint64_t)signature.mtime_ns, (uint64_t)signature.ctime_ns, signature.inode,
                        signature.device, WTFCB_RESULTS_VERSION};
    wtfcb_cache_key key = wtfcb_cache_key_of(WTFCB_CACHE_GRAMMARS, wtfcb_base_hash(parts, sizeof parts));
    bool settled = wtfcb_cache_signature_settled(&signature, now);
    uint64_t digest = 0;
    if (settled && wtfcb_cache_record_get(search->cache, &key, take_number, &digest) == WTFCB_OK) return digest;
    digest = hash_file(fd, search->allocator);
    if (settled && digest != 0) (void)wtfcb_cache_record_put(search->cache, &key, &digest, sizeof digest);
    return digest;
}

/* One of the files that the grammar may be loaded from. */
static void on_object(void *user, const char *path)
{
    object_search *search = user;
    int fd = wtfcb_base_file_open(-1, path, true);
    if (fd < 0) return;
    uint64_t digest = digest_object(search, fd);
    (void)close(fd);
    search->failed = search->failed || digest == 0;
    if (!search->any || digest != search->last) search->digest = chain_number(search->digest, digest);
    search->any = true;
    search->last = digest;
}

uint64_t wtfcb_scanner_digest_grammar(wtfcb_languages *languages, uint16_t language, wtfcb_cache *cache)
{
    if (language == WTFCB_LANG_NONE || !languages->rows[language].grammar) return WTFCB_SCANNER_NO_GRAMMAR;
    uint64_t digest = wtfcb_lang_grammar_tag(languages, language);
    if (digest != 0) return digest;
    object_search search = {.cache = cache, .allocator = &languages->allocator};
    wtfcb_lang_grammar_visit_objects(languages, language, on_object, &search);
    if (!search.any) return WTFCB_SCANNER_NO_GRAMMAR; /* until it is installed */
    if (search.failed) return 0;
    memcpy(&digest, search.digest.bytes, sizeof digest);
    digest |= 2; /* neither 0 nor the one above */
    wtfcb_lang_grammar_set_tag(languages, language, digest);
    return digest;
}

wtfcb_cache_key wtfcb_scanner_result_key(wtfcb_base_hash128 results, uint16_t language, uint64_t grammar,
                                         wtfcb_base_hash128 content, uint64_t length)
{
    struct {
        wtfcb_base_hash128 results;
        wtfcb_base_hash128 content;
        uint64_t length;
        uint64_t grammar;
        uint64_t language;
    } parts = {results, content, length, grammar, language};
    return wtfcb_cache_key_of(WTFCB_CACHE_RESULTS, wtfcb_base_hash(&parts, sizeof parts));
}

wtfcb_cache_key wtfcb_scanner_directory_key(wtfcb_base_hash128 selection, const char *path, size_t length,
                                            uint32_t hints)
{
    return wtfcb_cache_key_of(WTFCB_CACHE_DIRECTORIES, chain_number(chain(selection, path, length), hints));
}
