/* From a path to facts; see process.h. */
#include "scanner/process.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <wtfcb/zone.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/memory.h"
#include "lang/detect.h"
#include "lang/hints.h"
#include "lang/nesting.h"
#include "scanner/attributes.h"
#include "scanner/recall.h"

enum {
    PEEK = 8000,            /* what decides whether a file is binary */
    LARGE_FILE = 1 << 20,   /* from here on look before reading it all */
    KEPT_BUFFER = 16 << 20, /* a larger buffer is given back after its file */
};

void wtfcb_scanner_examiner_init(wtfcb_scanner_examiner *examiner, const wtfcb_scanner_settings *settings,
                                 const wtfcb_allocator *allocator)
{
    *examiner = (wtfcb_scanner_examiner){.settings = settings, .allocator = allocator};
    wtfcb_base_buffer_init(&examiner->content, allocator);
    wtfcb_base_buffer_init(&examiner->decoded, allocator);
    wtfcb_lang_children_init(&examiner->children, allocator);
    wtfcb_scanner_parser_init(&examiner->parser, allocator);
    wtfcb_scanner_record_maker_init(&examiner->maker, allocator);
}

void wtfcb_scanner_examiner_free(wtfcb_scanner_examiner *examiner)
{
    wtfcb_base_buffer_free(&examiner->content);
    wtfcb_base_buffer_free(&examiner->decoded);
    wtfcb_lang_children_free(&examiner->children);
    wtfcb_scanner_parser_free(&examiner->parser);
    wtfcb_scanner_record_maker_free(&examiner->maker);
}

static bool deadline_passed(const wtfcb_scanner_settings *settings)
{
    return settings->deadline && wtfcb_base_now_coarse() > settings->deadline;
}

bool wtfcb_scanner_is_over(const wtfcb_scanner_settings *settings)
{
    return wtfcb_cancel_fired(settings->cancel) || deadline_passed(settings);
}

static void set_status(wtfcb_scanner_row *row, wtfcb_status status, int os_error)
{
    row->status = (int16_t)status;
    row->os_error = (int16_t)os_error;
}

static void set_limit(wtfcb_scanner_row *row, wtfcb_status status, uint32_t limit)
{
    row->status = (int16_t)status;
    row->limits |= (uint16_t)limit;
}

/* The scan's end reaches a file: what was not examined says so. A cancelled scan has no rows to show. */
static void cut_by_scan(wtfcb_scanner_row *row)
{
    set_limit(row, WTFCB_ETIMEOUT, WTFCB_LIMIT_DEADLINE);
}

static bool is_wanted(const wtfcb_scanner_settings *settings, uint16_t language)
{
    uint32_t index = language == WTFCB_LANG_NONE ? settings->languages->count : language;
    return !settings->wanted || settings->wanted[index];
}

static void mark_binary(const wtfcb_scanner_settings *settings, wtfcb_scanner_row *row)
{
    row->flags |= WTFCB_FILE_BINARY;
    row->language = WTFCB_LANG_NONE;
    if (!is_wanted(settings, WTFCB_LANG_NONE)) row->flags |= WTFCB_SCANNER_ROW_DROPPED;
}

/* Whether a large file is binary, without reading all of it. */
static bool peek_binary(wtfcb_scanner_examiner *examiner, int fd)
{
    wtfcb_base_buffer_reset(&examiner->content);
    if (!wtfcb_base_buffer_reserve(&examiner->content, PEEK)) return false;
    ssize_t got = pread(fd, examiner->content.data, PEEK, 0);
    return got > 0 && wtfcb_lang_is_binary(examiner->content.data, (size_t)got);
}

static int scan_is_over(const void *user)
{
    return wtfcb_scanner_is_over(user);
}

/* The row's file into `content`; false when there is nothing to examine. */
static bool read_file(wtfcb_scanner_examiner *examiner, wtfcb_scanner_row *row)
{
    WTFCB_ZONE("read");
    const wtfcb_scanner_settings *settings = examiner->settings;
    int fd = wtfcb_scanner_walk_open(settings->walk, row);
    if (fd < 0) {
        set_status(row, wtfcb_base_status_of_errno(errno), errno);
        return false;
    }
    bool readable = true;
    if (row->size >= LARGE_FILE && peek_binary(examiner, fd)) {
        mark_binary(settings, row);
        readable = false;
    }
    if (readable) {
        wtfcb_base_file_signature signature;
        int os_error = 0;
        wtfcb_status status = wtfcb_base_file_read_until(fd, (size_t)settings->max_file_size, &examiner->content,
                                                         &signature, &os_error, scan_is_over, settings);
        if (status == WTFCB_ECANCELLED) {
            cut_by_scan(row);
            (void)close(fd);
            return false;
        }
        if (status == WTFCB_ELIMIT) row->limits |= WTFCB_LIMIT_FILE_SIZE;
        set_status(row, status, os_error);
        readable = status == WTFCB_OK;
        if (readable) row->size = signature.size;
        if (readable) wtfcb_scanner_recall_sign(row, &signature);
    }
    (void)close(fd);
    return readable;
}

/* A text at hand into `content`, with its padding; false with the reason in the row. */
static bool load_bytes(wtfcb_scanner_examiner *examiner, wtfcb_scanner_row *row, const char *bytes, size_t length)
{
    row->size = length;
    if (length > examiner->settings->max_file_size) {
        set_limit(row, WTFCB_ELIMIT, WTFCB_LIMIT_FILE_SIZE);
        return false;
    }
    wtfcb_base_buffer_reset(&examiner->content);
    if (!wtfcb_base_buffer_reserve(&examiner->content, length + WTFCB_LANG_PADDING)) {
        set_status(row, WTFCB_ENOMEM, 0);
        return false;
    }
    wtfcb_base_buffer_append(&examiner->content, bytes, length);
    memset(examiner->content.data + length, 0, WTFCB_LANG_PADDING);
    return true;
}

/* The row's file through the caller's reader. */
static bool read_by_caller(wtfcb_scanner_examiner *examiner, wtfcb_scanner_row *row)
{
    WTFCB_ZONE("read by caller");
    const wtfcb_scanner_settings *settings = examiner->settings;
    const char *bytes = NULL;
    size_t length = 0;
    wtfcb_status status = settings->read(settings->read_user, row->path, &bytes, &length);
    if (status > 0 || status < INT16_MIN) status = WTFCB_ECALLBACK; /* no status of ours */
    if (status != WTFCB_OK) {
        set_status(row, status, 0);
        return false;
    }
    bool loaded = load_bytes(examiner, row, bytes, length);
    if (settings->release) settings->release(settings->read_user, bytes, length);
    return loaded;
}

/* What attributes say has the last word. */
static void apply_attributes(wtfcb_scanner_row *row)
{
    static const uint16_t flags[WTFCB_SCANNER_ATTRIBUTE_FLAGS] = {
        [WTFCB_SCANNER_ATTRIBUTE_GENERATED] = WTFCB_FILE_GENERATED,
        [WTFCB_SCANNER_ATTRIBUTE_VENDORED] = WTFCB_FILE_VENDORED,
        [WTFCB_SCANNER_ATTRIBUTE_DOCUMENTATION] = WTFCB_FILE_DOCUMENTATION,
        [WTFCB_SCANNER_ATTRIBUTE_DETECTABLE] = WTFCB_FILE_UNDETECTABLE,
    };
    uint8_t set = row->set ^ 1u << WTFCB_SCANNER_ATTRIBUTE_DETECTABLE; /* its flag says the contrary */
    for (unsigned i = 0; i < WTFCB_SCANNER_ATTRIBUTE_FLAGS; i++) {
        if (!(row->said >> i & 1)) continue;
        row->flags &= (uint16_t)~flags[i];
        if (set >> i & 1) row->flags |= flags[i];
    }
}

bool wtfcb_scanner_is_skipped(const wtfcb_scanner_settings *settings, wtfcb_scanner_row *row)
{
    const char *slash = memrchr(row->path, '/', row->path_length);
    size_t directory = slash ? (size_t)(slash - row->path) : 0, name = slash ? directory + 1 : 0;
    row->flags |= (uint16_t)(wtfcb_lang_hints_directory(row->path, directory) |
                             wtfcb_lang_hints_name(row->path + name, row->path_length - name));
    if (row->said) apply_attributes(row);
    return row->flags & settings->skip;
}

/* Tell the language; false when the file is not wanted. */
static bool recognise(const wtfcb_scanner_examiner *examiner, wtfcb_scanner_row *row, const char *text, size_t length)
{
    WTFCB_ZONE("detect");
    const wtfcb_scanner_settings *settings = examiner->settings;
    if (row->language_by != WTFCB_BY_ATTRIBUTE) {
        wtfcb_lang_detection by_path = {.language = row->language, .how = row->language_by, .rule = row->rule};
        wtfcb_lang_detection detection = wtfcb_lang_detect_content(settings->languages, by_path, text, length);
        row->language = detection.language;
        row->language_by = detection.how;
    }
    if (is_wanted(settings, row->language)) return true;
    row->flags |= WTFCB_SCANNER_ROW_DROPPED;
    return false;
}

/* Let attributes have their say; false when the file is left out for one of its flags. */
static bool judge(const wtfcb_scanner_examiner *examiner, wtfcb_scanner_row *row)
{
    if (row->said) apply_attributes(row);
    if (!(row->flags & examiner->settings->skip)) return true;
    row->flags |= WTFCB_SCANNER_ROW_DROPPED;
    return false;
}

/* Count the lines; `*ret_hints` are the flags that the content gives. False when memory has run out. */
static bool count(wtfcb_scanner_examiner *examiner, wtfcb_scanner_row *row, const char *text, size_t length,
                  uint16_t *ret_hints)
{
    WTFCB_ZONE("count");
    const wtfcb_scanner_settings *settings = examiner->settings;
    wtfcb_lang_counts counts = {0};
    wtfcb_status status =
        wtfcb_lang_count(settings->languages, row->language, text, length, &counts, &examiner->children);
    if (status != WTFCB_OK) {
        set_status(row, status, 0);
        return false;
    }
    row->code = counts.code;
    row->comments = counts.comments;
    row->blanks = counts.blanks;
    row->docs = counts.docs;
    *ret_hints = (uint16_t)wtfcb_lang_hints_content(settings->languages, row->language, text, length, counts.lines);
    row->flags |= *ret_hints;
    return true;
}

/* Parse, if the language has a grammar; the facts end up in the parser. */
static void parse(wtfcb_scanner_examiner *examiner, wtfcb_scanner_row *row, const char *text, size_t length)
{
    WTFCB_ZONE("parse");
    const wtfcb_scanner_settings *settings = examiner->settings;
    const wtfcb_lang_grammar *grammar = NULL;
    if (row->language == WTFCB_LANG_NONE) return;
    wtfcb_status status = wtfcb_lang_grammar_get(settings->languages, row->language, &grammar);
    if (status == WTFCB_ENOTFOUND) return; /* a language without syntax */
    if (status == WTFCB_OK && length > settings->max_parse_size) {
        set_limit(row, WTFCB_ELIMIT, WTFCB_LIMIT_PARSE_SIZE);
        return;
    }
    uint64_t nesting = settings->max_nesting;
    if (status == WTFCB_OK && nesting && wtfcb_lang_nesting(text, length, nesting) > nesting) {
        set_limit(row, WTFCB_ELIMIT, WTFCB_LIMIT_NESTING);
        return;
    }
    wtfcb_scanner_parser *parser = &examiner->parser;
    if (status == WTFCB_OK) status = wtfcb_scanner_parse(parser, grammar, text, length, &settings->parse);
    if (status == WTFCB_ECANCELLED) {
        cut_by_scan(row);
        return;
    }
    set_status(row, status, 0);
    if (!grammar || grammar->status != WTFCB_OK) return;
    row->limits |= (uint16_t)parser->limits;
    row->parse_ns = parser->parse_ns;
    examiner->counters.files_parsed++;
    examiner->counters.parse_ns += parser->parse_ns;
    examiner->counters.extract_ns += parser->extract_ns;
    if (status != WTFCB_OK) return;
    row->flags |= WTFCB_FILE_SYNTAX;
    if (parser->facts.has_errors) row->flags |= WTFCB_FILE_SYNTAX_ERRORS;
    row->error_bytes = parser->facts.error_bytes;
    row->symbols = (uint32_t)parser->facts.symbol_count;
    row->imports = (uint32_t)parser->facts.import_count;
    row->findings = (uint32_t)parser->facts.finding_count;
}

static void record(wtfcb_scanner_examiner *examiner, wtfcb_scanner_row *row, const char *text)
{
    WTFCB_ZONE("record");
    if (!examiner->settings->record_facts) wtfcb_scanner_facts_reset(&examiner->parser.facts);
    wtfcb_status status =
        wtfcb_scanner_record_make(&examiner->maker, &examiner->parser.facts, text, &examiner->children, &row->record);
    if (row->record) row->flags |= WTFCB_SCANNER_ROW_RECORDED;
    if (wtfcb_scanner_record_count(row->record, WTFCB_SCANNER_EMBEDDED) > 0) row->flags |= WTFCB_SCANNER_ROW_EMBEDDED;
    if (status == WTFCB_OK) return;
    set_status(row, status, 0);
    if (status == WTFCB_ELIMIT) row->limits |= WTFCB_LIMIT_MEMORY;
    row->symbols = row->imports = row->findings = 0;
    row->flags &= (uint16_t) ~(WTFCB_FILE_SYNTAX | WTFCB_FILE_SYNTAX_ERRORS);
}

/* What is in `content`, from the hash on. */
static void examine_content(wtfcb_scanner_examiner *examiner, wtfcb_scanner_row *row)
{
    const char *text = examiner->content.data;
    size_t length = examiner->content.length;
    if (wtfcb_lang_is_binary(text, length)) {
        mark_binary(examiner->settings, row);
        return;
    }
    uint64_t began = wtfcb_base_now();
    WTFCB_ZONE_BEGIN(hash, "hash");
    row->hash = wtfcb_base_hash(text, length);
    WTFCB_ZONE_END(hash);
    row->flags |= WTFCB_FILE_HASHED;
    uint64_t hashed = wtfcb_base_now();
    examiner->counters.hash_ns += hashed - began;
    if (length >= LARGE_FILE && wtfcb_scanner_is_over(examiner->settings)) {
        cut_by_scan(row);
        return;
    }
    if (wtfcb_lang_is_utf16(text, length)) {
        wtfcb_base_buffer_reset(&examiner->decoded);
        wtfcb_status status = wtfcb_lang_decode_utf16(text, length, &examiner->decoded);
        if (status != WTFCB_OK) {
            set_status(row, status, 0);
            return;
        }
        text = examiner->decoded.data;
        length = examiner->decoded.length;
    }
    bool go_on = recognise(examiner, row, text, length);
    size_t raw_length = examiner->content.length;
    if (go_on && examiner->recall && wtfcb_scanner_recall_find(examiner->recall, row, raw_length)) {
        (void)judge(examiner, row);
        return;
    }
    uint16_t hints = 0;
    go_on = go_on && count(examiner, row, text, length, &hints) && judge(examiner, row);
    examiner->counters.count_ns += wtfcb_base_now() - hashed;
    if (!go_on) return;
    wtfcb_scanner_facts_reset(&examiner->parser.facts);
    if (examiner->settings->syntax) parse(examiner, row, text, length);
    record(examiner, row, text);
    if (examiner->recall) wtfcb_scanner_recall_keep(examiner->recall, row, raw_length, hints);
}

/* A file of 100 MB should not leave a buffer of that size behind. */
static void trim(wtfcb_base_buffer *buffer)
{
    if (buffer->capacity > KEPT_BUFFER) wtfcb_base_buffer_free(buffer);
}

/* Forget what a directory's record said of a file, for one whose facts are gone: it is examined like any other. */
static void forget(const wtfcb_languages *languages, wtfcb_scanner_row *row)
{
    wtfcb_lang_detection by_path = wtfcb_lang_detect_path(languages, row->path, row->path_length);
    bool named = row->language_by == WTFCB_BY_ATTRIBUTE;
    wtfcb_scanner_row fresh = {
        .path = row->path,
        .size = row->size,
        .path_length = row->path_length,
        .root = row->root,
        .language = named ? row->language : by_path.language,
        .language_by = named ? row->language_by : by_path.how,
        .rule = by_path.rule,
        .said = row->said,
        .set = row->set,
    };
    *row = fresh;
}

static void examine_file(wtfcb_scanner_examiner *examiner, wtfcb_scanner_row *row)
{
    const wtfcb_scanner_settings *settings = examiner->settings;
    if (row->origin == WTFCB_ORIGIN_UNCHANGED) {
        if (row->flags & WTFCB_SCANNER_ROW_DROPPED || wtfcb_scanner_recall_fetch(examiner->recall, row)) return;
        forget(settings->languages, row);
    }
    if (row->status != WTFCB_OK || row->flags & WTFCB_FILE_DIRECTORY) return;
    if (wtfcb_scanner_is_over(settings)) {
        cut_by_scan(row);
        return;
    }
    if (row->size > settings->max_file_size) {
        set_limit(row, WTFCB_ELIMIT, WTFCB_LIMIT_FILE_SIZE);
        return;
    }
    if (wtfcb_scanner_is_skipped(settings, row)) {
        row->flags |= WTFCB_SCANNER_ROW_DROPPED;
        return;
    }
    uint64_t began = wtfcb_base_now();
    bool read = settings->read ? read_by_caller(examiner, row) : read_file(examiner, row);
    examiner->counters.read_ns += wtfcb_base_now() - began;
    if (read) {
        examiner->counters.files_read++;
        examiner->counters.bytes_read += examiner->content.length;
        examine_content(examiner, row);
    }
    trim(&examiner->content);
    trim(&examiner->decoded);
}

void wtfcb_scanner_examine(wtfcb_scanner_examiner *examiner, wtfcb_scanner_row *row)
{
    WTFCB_ZONE("examine file");
    examine_file(examiner, row);
    if (row->slot) wtfcb_scanner_recall_settle(examiner->recall, row);
}

void wtfcb_scanner_examine_bytes(wtfcb_scanner_examiner *examiner, wtfcb_scanner_row *row, const char *bytes,
                                 size_t length)
{
    WTFCB_ZONE("examine buffer");
    if (wtfcb_scanner_is_skipped(examiner->settings, row))
        row->flags |= WTFCB_SCANNER_ROW_DROPPED;
    else if (load_bytes(examiner, row, bytes, length))
        examine_content(examiner, row);
}
