/*
 * The line counter's entry: which path this machine runs, the file itself, then the children found in it.
 */
#include "lang/count.h"

#include <assert.h>
#include <stdatomic.h>
#include <string.h>

#include "base/memory.h"
#include "lang/count_notebook.h"
#include "lang/count_scan.h"
#include "lang/languages.h"

typedef void (*scan_fn)(wtfcb_lang_scan *scan);

#if defined(__x86_64__)
#define HAVE_X86 1
#elif defined(__aarch64__)
#define HAVE_NEON 1
#endif

static const scan_fn paths[WTFCB_LANG_SIMD_COUNT] = {
    [WTFCB_LANG_SIMD_SCALAR] = wtfcb_lang_scan_scalar,
#ifdef HAVE_X86
    [WTFCB_LANG_SIMD_SSSE3] = wtfcb_lang_scan_ssse3,
    [WTFCB_LANG_SIMD_AVX2] = wtfcb_lang_scan_avx2,
#endif
#ifdef HAVE_NEON
    [WTFCB_LANG_SIMD_NEON] = wtfcb_lang_scan_neon,
#endif
};

bool wtfcb_lang_simd_available(enum wtfcb_lang_simd simd)
{
#ifdef HAVE_X86
    if (simd == WTFCB_LANG_SIMD_SSSE3) return __builtin_cpu_supports("ssse3") && __builtin_cpu_supports("popcnt");
    if (simd == WTFCB_LANG_SIMD_AVX2)
        return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2") &&
               __builtin_cpu_supports("popcnt");
#endif
    return simd < WTFCB_LANG_SIMD_COUNT && paths[simd];
}

/* The best path, looked up once; every thread that races for it finds the same. */
static enum wtfcb_lang_simd best(void)
{
    static atomic_int known = -1;
    int simd = atomic_load_explicit(&known, memory_order_relaxed);
    if (simd >= 0) return (enum wtfcb_lang_simd)simd;
    for (simd = WTFCB_LANG_SIMD_COUNT - 1; simd > 0; simd--)
        if (wtfcb_lang_simd_available((enum wtfcb_lang_simd)simd)) break;
    atomic_store_explicit(&known, simd, memory_order_relaxed);
    return (enum wtfcb_lang_simd)simd;
}

void wtfcb_lang_children_init(wtfcb_lang_children *children, const wtfcb_allocator *allocator)
{
    *children = (wtfcb_lang_children){.allocator = allocator};
}

void wtfcb_lang_children_free(wtfcb_lang_children *children)
{
    wtfcb_base_free(children->allocator, children->items, children->capacity * sizeof *children->items);
    wtfcb_lang_children_init(children, children->allocator);
}

static const wtfcb_lang_machine *machine_of(const wtfcb_languages *languages, uint16_t language)
{
    assert(language == WTFCB_LANG_NONE || language < languages->count);
    return &languages
                ->machines[language == WTFCB_LANG_NONE ? WTFCB_LANG_SYNTAX_none : languages->rows[language].syntax];
}

/* The file's own lines; false when memory for its children has run out. */
static bool scan_one(scan_fn path, const wtfcb_languages *languages, uint16_t language, const char *bytes,
                     size_t length, wtfcb_lang_counts *ret_counts, wtfcb_lang_children *children)
{
    wtfcb_lang_scan scan = {.machine = machine_of(languages, language),
                            .bytes = bytes,
                            .length = length,
                            .languages = languages,
                            .children = children,
                            .wait = {1, 1, 1}};
    if (length) {
        wtfcb_lang_start(&scan);
        path(&scan);
    }
    assert(scan.with[0] <= scan.with[1] && scan.with[1] <= scan.lines);
    ret_counts->lines = (uint32_t)scan.lines;
    ret_counts->code = (uint32_t)scan.with[0];
    ret_counts->comments = (uint32_t)(scan.with[1] - scan.with[0]);
    ret_counts->blanks = (uint32_t)(scan.lines - scan.with[1]);
    ret_counts->docs = (uint32_t)(scan.with[2] - scan.with[0]);
    return !scan.failed;
}

uint32_t wtfcb_lang_newlines(const char *bytes, size_t length)
{
    uint32_t count = 0;
    const char *end = bytes + length;
    while (bytes < end && (bytes = memchr(bytes, '\n', (size_t)(end - bytes)))) {
        count++;
        bytes++;
    }
    return count;
}

wtfcb_status wtfcb_lang_count_text(enum wtfcb_lang_simd simd, const wtfcb_languages *languages, uint16_t language,
                                   const char *bytes, size_t length, wtfcb_lang_counts *ret_counts,
                                   wtfcb_lang_children *ret_children)
{
    wtfcb_lang_counts counts;
    if (ret_children) ret_children->count = 0;
    if (!scan_one(paths[simd], languages, language, bytes, length, &counts, ret_children)) return WTFCB_ENOMEM;
    size_t at = 0;
    uint32_t line = 0;
    for (size_t i = 0; ret_children && i < ret_children->count; i++) {
        wtfcb_lang_child *child = &ret_children->items[i];
        line += wtfcb_lang_newlines(bytes + at, child->start - at);
        at = child->start;
        child->start_line = line;
        scan_one(paths[simd], languages, child->language, bytes + child->start, child->size, &child->counts, NULL);
    }
    *ret_counts = counts;
    return WTFCB_OK;
}

wtfcb_status wtfcb_lang_count_with(enum wtfcb_lang_simd simd, const wtfcb_languages *languages, uint16_t language,
                                   const char *bytes, size_t length, wtfcb_lang_counts *ret_counts,
                                   wtfcb_lang_children *ret_children)
{
    assert(wtfcb_lang_simd_available(simd));
    size_t mark = length >= 3 && memcmp(bytes, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0; /* no content */
    wtfcb_status status = WTFCB_OK;
    if (ret_children) ret_children->count = 0;
    if (!ret_children || !wtfcb_lang_is_notebook(languages, language) ||
        !wtfcb_lang_count_notebook(simd, languages, bytes + mark, length - mark, ret_counts, ret_children, &status))
        status =
            wtfcb_lang_count_text(simd, languages, language, bytes + mark, length - mark, ret_counts, ret_children);
    for (size_t i = 0; ret_children && i < ret_children->count; i++)
        ret_children->items[i].start += mark;
    return status;
}

wtfcb_status wtfcb_lang_count(const wtfcb_languages *languages, uint16_t language, const char *bytes, size_t length,
                              wtfcb_lang_counts *ret_counts, wtfcb_lang_children *ret_children)
{
    return wtfcb_lang_count_with(best(), languages, language, bytes, length, ret_counts, ret_children);
}
