/* The scanner's handle: made, set, freed. What a scan does is in scan.c. */
#include "scanner/scanner.h"

#include <assert.h>
#include <string.h>
#include <unistd.h>

#include "base/cancel.h"
#include "base/memory.h"
#include "lang/languages.h"
#include "scanner/attributes.h"

wtfcb_status wtfcb_scanner_usable(const wtfcb_scanner *scanner)
{
    if (!scanner) return WTFCB_EINVAL;
    if (scanner->process != getpid()) return WTFCB_EFORK;
    return scanner->running ? WTFCB_EBUSY : WTFCB_OK;
}

wtfcb_status wtfcb_scanner_new(const wtfcb_allocator *allocator, wtfcb_scanner **ret_scanner)
{
    if (!ret_scanner || !wtfcb_base_allocator_valid(allocator)) return WTFCB_EINVAL;
    wtfcb_allocator own = wtfcb_base_allocator(allocator);
    wtfcb_scanner *scanner = wtfcb_base_calloc(&own, 1, sizeof *scanner);
    if (!scanner) return WTFCB_ENOMEM;
    scanner->allocator = own;
    scanner->process = getpid();
    wtfcb_scanner_set_defaults(scanner);
    *ret_scanner = scanner;
    return WTFCB_OK;
}

static void free_strings(wtfcb_scanner *scanner, wtfcb_scanner_strings *strings)
{
    for (size_t i = 0; i < strings->count; i++)
        wtfcb_base_free(&scanner->allocator, strings->items[i], strlen(strings->items[i]) + 1);
    wtfcb_base_free(&scanner->allocator, (void *)strings->items, strings->capacity * sizeof *strings->items);
    *strings = (wtfcb_scanner_strings){0};
}

static void free_filter(wtfcb_scanner *scanner)
{
    wtfcb_base_free(&scanner->allocator, scanner->wanted, scanner->wanted_count * sizeof *scanner->wanted);
    scanner->wanted = NULL;
    scanner->wanted_count = 0;
}

void wtfcb_scanner_free(wtfcb_scanner *scanner)
{
    if (!scanner) return;
    assert(!scanner->running);
    free_strings(scanner, &scanner->excludes);
    free_strings(scanner, &scanner->includes);
    free_strings(scanner, &scanner->attributes);
    free_filter(scanner);
    wtfcb_languages_free(scanner->languages);
    wtfcb_cancel_free(scanner->cancel);
    wtfcb_cache_free(scanner->cache);
    wtfcb_allocator allocator = scanner->allocator;
    wtfcb_base_free(&allocator, scanner, sizeof *scanner);
}

wtfcb_status wtfcb_scanner_set(wtfcb_scanner *scanner, int32_t option, int64_t value)
{
    wtfcb_status status = wtfcb_scanner_usable(scanner);
    if (status != WTFCB_OK) return status;
    const wtfcb_option *row = wtfcb_scanner_option_of(option);
    if (!row || row->type == WTFCB_OPTION_STRINGS) return WTFCB_ENOTFOUND;
    if (value < row->minimum || value > row->maximum) return WTFCB_EINVAL;
    scanner->values[option] = value;
    return WTFCB_OK;
}

wtfcb_status wtfcb_scanner_get(const wtfcb_scanner *scanner, int32_t option, int64_t *ret_value)
{
    if (!scanner || !ret_value) return WTFCB_EINVAL;
    const wtfcb_option *row = wtfcb_scanner_option_of(option);
    if (!row || row->type == WTFCB_OPTION_STRINGS) return WTFCB_ENOTFOUND;
    *ret_value = scanner->values[option];
    return WTFCB_OK;
}

static wtfcb_status add_text(wtfcb_scanner *scanner, wtfcb_scanner_strings *strings, const char *value)
{
    if (!value) {
        free_strings(scanner, strings);
        return WTFCB_OK;
    }
    size_t size = strlen(value) + 1;
    if (!wtfcb_base_reserve(&scanner->allocator, (void **)&strings->items, &strings->capacity, strings->count + 1,
                            sizeof *strings->items))
        return WTFCB_ENOMEM;
    char *copy = wtfcb_base_alloc(&scanner->allocator, size);
    if (!copy) return WTFCB_ENOMEM;
    memcpy(copy, value, size);
    strings->items[strings->count++] = copy;
    return WTFCB_OK;
}

wtfcb_status wtfcb_scanner_need_languages(wtfcb_scanner *scanner)
{
    return scanner->languages ? WTFCB_OK : wtfcb_languages_new(&scanner->allocator, &scanner->languages);
}

static wtfcb_status add_language(wtfcb_scanner *scanner, const char *value)
{
    if (!value) {
        free_filter(scanner);
        return WTFCB_OK;
    }
    wtfcb_status status = wtfcb_scanner_need_languages(scanner);
    uint32_t index;
    if (status == WTFCB_OK) status = wtfcb_languages_find(scanner->languages, value, &index);
    if (status != WTFCB_OK) return status;
    if (!scanner->wanted) {
        size_t count = wtfcb_languages_count(scanner->languages) + 1u;
        scanner->wanted = wtfcb_base_calloc(&scanner->allocator, count, sizeof *scanner->wanted);
        if (!scanner->wanted) return WTFCB_ENOMEM;
        scanner->wanted_count = count;
    }
    scanner->wanted[index] = true;
    return WTFCB_OK;
}

wtfcb_status wtfcb_scanner_add_string(wtfcb_scanner *scanner, int32_t option, const char *value)
{
    wtfcb_status status = wtfcb_scanner_usable(scanner);
    if (status != WTFCB_OK) return status;
    if (value && value[0] == '\0') return WTFCB_EINVAL;
    switch (option) {
    case WTFCB_SCANNER_EXCLUDE: return add_text(scanner, &scanner->excludes, value);
    case WTFCB_SCANNER_INCLUDE: return add_text(scanner, &scanner->includes, value);
    case WTFCB_SCANNER_LANGUAGE: return add_language(scanner, value);
    case WTFCB_SCANNER_ATTRIBUTE:
        if (value && !wtfcb_scanner_attributes_valid(value)) return WTFCB_EINVAL;
        return add_text(scanner, &scanner->attributes, value);
    default: return WTFCB_ENOTFOUND;
    }
}

wtfcb_status wtfcb_scanner_set_languages(wtfcb_scanner *scanner, wtfcb_languages *languages)
{
    wtfcb_status status = wtfcb_scanner_usable(scanner);
    if (status != WTFCB_OK) return status;
    free_filter(scanner);
    wtfcb_languages *before = scanner->languages;
    scanner->languages = wtfcb_lang_languages_ref(languages);
    wtfcb_languages_free(before);
    return WTFCB_OK;
}

wtfcb_status wtfcb_scanner_set_cache(wtfcb_scanner *scanner, wtfcb_cache *cache)
{
    wtfcb_status status = wtfcb_scanner_usable(scanner);
    if (status != WTFCB_OK) return status;
    wtfcb_cache *before = scanner->cache;
    scanner->cache = wtfcb_cache_ref(cache);
    wtfcb_cache_free(before);
    return WTFCB_OK;
}

wtfcb_status wtfcb_scanner_set_cancel(wtfcb_scanner *scanner, wtfcb_cancel *cancel)
{
    wtfcb_status status = wtfcb_scanner_usable(scanner);
    if (status != WTFCB_OK) return status;
    wtfcb_cancel *before = scanner->cancel;
    scanner->cancel = wtfcb_base_cancel_ref(cancel);
    wtfcb_cancel_free(before);
    return WTFCB_OK;
}

wtfcb_status wtfcb_scanner_set_progress(wtfcb_scanner *scanner, wtfcb_progress_fn progress, void *user)
{
    wtfcb_status status = wtfcb_scanner_usable(scanner);
    if (status != WTFCB_OK) return status;
    scanner->progress = progress;
    scanner->progress_user = user;
    return WTFCB_OK;
}

wtfcb_status wtfcb_scanner_set_log(wtfcb_scanner *scanner, wtfcb_log_fn log, void *user)
{
    wtfcb_status status = wtfcb_scanner_usable(scanner);
    if (status != WTFCB_OK) return status;
    scanner->log = (wtfcb_base_log){log, user};
    return WTFCB_OK;
}

wtfcb_status wtfcb_scanner_set_visitor(wtfcb_scanner *scanner, wtfcb_visitor_fn visitor, void *user)
{
    wtfcb_status status = wtfcb_scanner_usable(scanner);
    if (status != WTFCB_OK) return status;
    scanner->visitor = visitor;
    scanner->visitor_user = user;
    return WTFCB_OK;
}

wtfcb_status wtfcb_scanner_set_reader(wtfcb_scanner *scanner, wtfcb_read_fn read_file, wtfcb_release_fn release,
                                      void *user)
{
    wtfcb_status status = wtfcb_scanner_usable(scanner);
    if (status != WTFCB_OK) return status;
    scanner->read = read_file;
    scanner->release = release;
    scanner->read_user = user;
    return WTFCB_OK;
}
