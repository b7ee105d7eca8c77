/*
 * The line counter. A first line that names a language chooses it and is taken away; else the first two bytes choose one
 * by number. Promises: each physical line is counted once, in the file or in one child; children are whole lines,
 * in order, and do not overlap; the result is that of every instruction set and has nothing to do with what lies in
 * the padding; nothing behind the padding is read. A text in UTF-16 is converted first.
 */
#include "../fuzz.h"

#include "base/buffer.h"
#include "base/memory.h"
#include "lang/count.h"
#include "lang/languages.h"

static wtfcb_languages *languages;
static wtfcb_allocator allocator;

int LLVMFuzzerInitialize(const int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    allocator = wtfcb_base_allocator(NULL);
    return wtfcb_languages_new(NULL, &languages);
}

typedef struct result {
    wtfcb_lang_counts counts;
    wtfcb_lang_children children;
} result;

static uint32_t lines_of(const char *text, size_t length)
{
    uint32_t lines = 0;
    for (size_t i = 0; i < length; i++)
        lines += text[i] == '\n';
    return lines + (length && text[length - 1] != '\n');
}

static void check_sum(const wtfcb_lang_counts *counts)
{
    FUZZ_ASSERT(counts->lines == counts->code + counts->comments + counts->blanks);
    FUZZ_ASSERT(counts->docs <= counts->comments);
}

/* A mark of the byte order is no content: a file of nothing else has no line. */
static uint32_t physical_lines(const char *text, size_t length)
{
    size_t mark = length >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
    return lines_of(text + mark, length - mark);
}

static void check_result(const result *r, const char *text, size_t length)
{
    check_sum(&r->counts);
    uint64_t lines = r->counts.lines;
    uint64_t end = 0;
    for (size_t i = 0; i < r->children.count; i++) {
        const wtfcb_lang_child *child = &r->children.items[i];
        FUZZ_ASSERT(child->language == WTFCB_LANG_NONE || child->language < languages->count);
        FUZZ_ASSERT(child->start >= end && child->size <= length - child->start);
        FUZZ_ASSERT(child->start == 0 || text[child->start - 1] == '\n');
        end = child->start + child->size;
        FUZZ_ASSERT(end == length || child->size == 0 || text[end - 1] == '\n');
        FUZZ_ASSERT(child->start_line == lines_of(text, child->start));
        FUZZ_ASSERT(child->counts.lines == lines_of(text + child->start, child->size));
        check_sum(&child->counts);
        lines += child->counts.lines;
    }
    FUZZ_ASSERT(lines == physical_lines(text, length));
}

static void same(const result *a, const result *b)
{
    FUZZ_ASSERT(memcmp(&a->counts, &b->counts, sizeof a->counts) == 0);
    FUZZ_ASSERT(a->children.count == b->children.count);
    for (size_t i = 0; i < a->children.count; i++) {
        const wtfcb_lang_child *x = &a->children.items[i];
        const wtfcb_lang_child *y = &b->children.items[i];
        FUZZ_ASSERT(x->start == y->start && x->size == y->size && x->language == y->language &&
                    x->start_line == y->start_line && memcmp(&x->counts, &y->counts, sizeof x->counts) == 0);
    }
}

/* One instruction set's result over a copy at the end of its own block, behind which lies `fill`. */
static void count_in_copy(enum wtfcb_lang_simd simd, uint16_t language, const char *text, size_t length, int fill,
                          result *r)
{
    char *copy = fuzz_copy(text, length, WTFCB_LANG_PADDING, fill);
    FUZZ_ASSERT(wtfcb_lang_count_with(simd, languages, language, copy, length, &r->counts, &r->children) == WTFCB_OK);
    free(copy);
}

static void check_text(uint16_t language, const char *text, size_t length)
{
    result first = {.children = {.allocator = &allocator}};
    result other = {.children = {.allocator = &allocator}};
    count_in_copy(WTFCB_LANG_SIMD_SCALAR, language, text, length, 0, &first);
    check_result(&first, text, length);
    static const char fills[] = "\n/*\"";
    for (int simd = 0; simd < WTFCB_LANG_SIMD_COUNT; simd++) {
        if (!wtfcb_lang_simd_available((enum wtfcb_lang_simd)simd)) continue;
        count_in_copy((enum wtfcb_lang_simd)simd, language, text, length, fills[simd], &other);
        same(&first, &other);
    }
    wtfcb_lang_children_free(&first.children);
    wtfcb_lang_children_free(&other.children);
}

static uint16_t choose(const uint8_t **data, size_t *size)
{
    size_t rest;
    size_t length = fuzz_first_line(*data, *size, &rest);
    uint16_t language = WTFCB_LANG_NONE;
    if (length && length <= WTFCB_LANG_LONGEST_NAME) language = wtfcb_lang_find(languages, (const char *)*data, length);
    if (language == WTFCB_LANG_NONE) {
        unsigned number = *size >= 2 ? (unsigned)((*data)[0] | (*data)[1] << 8) % (languages->count + 1U) : 0;
        language = number == languages->count ? WTFCB_LANG_NONE : (uint16_t)number;
        rest = *size >= 2 ? 2 : *size;
    }
    *data += rest;
    *size -= rest;
    return language;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint16_t language = choose(&data, &size);
    char *text = fuzz_copy(data, size, 0, 0);
    if (wtfcb_lang_is_utf16(text, size)) {
        wtfcb_base_buffer decoded;
        wtfcb_base_buffer_init(&decoded, &allocator);
        FUZZ_ASSERT(wtfcb_lang_decode_utf16(text, size, &decoded) == WTFCB_OK);
        FUZZ_ASSERT(decoded.length <= size / 2 * 3 + 3);
        check_text(language, decoded.data, decoded.length);
        wtfcb_base_buffer_free(&decoded);
    } else {
        check_text(language, text, size);
    }
    free(text);
    return 0;
}
