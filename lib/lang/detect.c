/*
 * The order of detection, and its cheap part: names. See detect.h.
 *
 * An extension is looked up as it is written and then in lower case; of `a.d.ts` first `d.ts`, then `ts`. Only the last two
 * dots are tried, which bounds the cost of a name made of dots.
 *
 * A file name that is listed with a dot at its end stands for all that begin so: `Makefile.build`, `Dockerfile.arm64`. What
 * follows the dot is any word there, so it tells the language only where that is hardly chance: see is_surer().
 */
#include "lang/detect.h"

#include <string.h>

#include "lang/detect_rules.h"

enum { MOST_DOTS = 2 };

/* The map's value of an extension as written or in lower case. */
static uint32_t extension_value(const wtfcb_languages *languages, const char *extension, size_t length)
{
    char folded[WTFCB_LANG_LONGEST_EXTENSION];
    if (length == 0 || length > sizeof folded) return WTFCB_BASE_MAP_NONE;
    uint32_t value = wtfcb_base_map_get(&languages->extensions, extension, length);
    if (value != WTFCB_BASE_MAP_NONE) return value;
    bool changed = false;
    for (size_t i = 0; i < length; i++) {
        bool upper = extension[i] >= 'A' && extension[i] <= 'Z';
        folded[i] = upper ? (char)(extension[i] | 0x20) : extension[i];
        changed |= upper;
    }
    return changed ? wtfcb_base_map_get(&languages->extensions, folded, length) : WTFCB_BASE_MAP_NONE;
}

/* The value of the longest known extension of a name. The name's first byte is no dot of an extension (".bashrc"). */
static uint32_t longest_extension(const wtfcb_languages *languages, const char *name, size_t length)
{
    size_t dots[MOST_DOTS], count = 0;
    for (size_t at = length; at-- > 1 && count < MOST_DOTS;)
        if (name[at] == '.') dots[count++] = at;
    while (count-- > 0) {
        uint32_t value = extension_value(languages, name + dots[count] + 1, length - dots[count] - 1);
        if (value != WTFCB_BASE_MAP_NONE) return value;
    }
    return WTFCB_BASE_MAP_NONE;
}

/* The value of a name's beginning up to its first dot. Those that are listed begin with a capital, as few files do. */
static uint32_t beginning_value(const wtfcb_languages *languages, const char *name, size_t length)
{
    const char *dot = length && *name >= 'A' && *name <= 'Z' ? memchr(name, '.', length) : NULL;
    return dot ? wtfcb_base_map_get(&languages->file_names, name, (size_t)(dot - name) + 1) : WTFCB_BASE_MAP_NONE;
}

/* Makefile.md, Makefile.py and Makefile.patch are what they end in; what Makefile.build and Makefile.feature end in is chance. */
static bool is_surer(const wtfcb_languages *languages, uint32_t extension)
{
    if (extension == WTFCB_BASE_MAP_NONE) return false;
    const wtfcb_lang_row *row = &languages->rows[(uint16_t)extension];
    return row->grammar || row->group != WTFCB_LANGUAGE_PROGRAMMING;
}

wtfcb_lang_detection wtfcb_lang_detect_path(const wtfcb_languages *languages, const char *path, size_t length)
{
    const char *slash = length ? memrchr(path, '/', length) : NULL;
    const char *name = slash ? slash + 1 : path;
    size_t name_length = length - (size_t)(name - path);
    uint32_t value = wtfcb_base_map_get(&languages->file_names, name, name_length);
    if (value != WTFCB_BASE_MAP_NONE)
        return (wtfcb_lang_detection){.language = (uint16_t)value, .how = WTFCB_LANG_BY_FILE_NAME};
    value = longest_extension(languages, name, name_length);
    uint32_t beginning = beginning_value(languages, name, name_length);
    if (beginning != WTFCB_BASE_MAP_NONE && !is_surer(languages, value))
        return (wtfcb_lang_detection){.language = (uint16_t)beginning, .how = WTFCB_LANG_BY_FILE_NAME};
    if (value == WTFCB_BASE_MAP_NONE) return (wtfcb_lang_detection){.language = WTFCB_LANG_NONE, .wants_content = true};
    uint8_t rule = (uint8_t)(value >> WTFCB_LANG_SHARED_SHIFT);
    return (wtfcb_lang_detection){
        .language = (uint16_t)value, .how = WTFCB_LANG_BY_EXTENSION, .rule = rule, .wants_content = rule != 0};
}

wtfcb_lang_detection wtfcb_lang_detect_content(const wtfcb_languages *languages, wtfcb_lang_detection by_path,
                                               const char *bytes, size_t length)
{
    wtfcb_lang_detection found = by_path;
    found.wants_content = false;
    if (length == 0) return found;
    uint16_t language = wtfcb_lang_modeline(languages, bytes, length);
    if (language != WTFCB_LANG_NONE) {
        found.language = language;
        found.how = WTFCB_LANG_BY_MODELINE;
        return found;
    }
    if (by_path.how == WTFCB_LANG_BY_FILE_NAME) return found;
    language = wtfcb_lang_interpreter(languages, bytes, length);
    if (language != WTFCB_LANG_NONE) {
        found.language = language;
        found.how = WTFCB_LANG_BY_INTERPRETER;
        return found;
    }
    if (by_path.rule) {
        int choice = wtfcb_lang_shareds[by_path.rule - 1].choose(bytes, length);
        if (choice >= 0) {
            found.language = languages->rule_choices[by_path.rule - 1][choice];
            found.how = WTFCB_LANG_BY_CONTENT;
        }
    }
    return found;
}

wtfcb_status wtfcb_languages_detect(const wtfcb_languages *languages, const char *path, const char *content,
                                    size_t length, uint32_t *ret_index)
{
    if (!languages || !path || !ret_index) return WTFCB_EINVAL;
    wtfcb_lang_detection found = wtfcb_lang_detect_path(languages, path, strlen(path));
    if (content) found = wtfcb_lang_detect_content(languages, found, content, length);
    if (found.language == WTFCB_LANG_NONE) return WTFCB_ENOTFOUND;
    *ret_index = found.language;
    return WTFCB_OK;
}
