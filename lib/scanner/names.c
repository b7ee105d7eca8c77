/* Names of the numbers that rows carry: one table each, in the order of the constants. */
#include <wtfcb/explain.h>

#define COUNT(table) (sizeof(table) / sizeof *(table))

static const char *const symbol_kinds[] = {
    [WTFCB_SYMBOL_FUNCTION] = "function",
    [WTFCB_SYMBOL_METHOD] = "method",
    [WTFCB_SYMBOL_CONSTRUCTOR] = "constructor",
    [WTFCB_SYMBOL_CLASS] = "class",
    [WTFCB_SYMBOL_STRUCT] = "struct",
    [WTFCB_SYMBOL_UNION] = "union",
    [WTFCB_SYMBOL_INTERFACE] = "interface",
    [WTFCB_SYMBOL_TRAIT] = "trait",
    [WTFCB_SYMBOL_ENUM] = "enum",
    [WTFCB_SYMBOL_ENUM_MEMBER] = "enum-member",
    [WTFCB_SYMBOL_FIELD] = "field",
    [WTFCB_SYMBOL_PROPERTY] = "property",
    [WTFCB_SYMBOL_TYPE_ALIAS] = "type-alias",
    [WTFCB_SYMBOL_MACRO] = "macro",
    [WTFCB_SYMBOL_CONSTANT] = "constant",
    [WTFCB_SYMBOL_VARIABLE] = "variable",
    [WTFCB_SYMBOL_MODULE] = "module",
    [WTFCB_SYMBOL_NAMESPACE] = "namespace",
};

static const char *const import_kinds[] = {
    [WTFCB_IMPORT_MODULE] = "module",   [WTFCB_IMPORT_FILE] = "file",         [WTFCB_IMPORT_SYSTEM] = "system",
    [WTFCB_IMPORT_DYNAMIC] = "dynamic", [WTFCB_IMPORT_REEXPORT] = "reexport",
};

static const char *const language_by[] = {
    [WTFCB_BY_NOTHING] = "nothing",         [WTFCB_BY_MODELINE] = "modeline",   [WTFCB_BY_FILE_NAME] = "file-name",
    [WTFCB_BY_INTERPRETER] = "interpreter", [WTFCB_BY_EXTENSION] = "extension", [WTFCB_BY_CONTENT] = "content",
    [WTFCB_BY_ATTRIBUTE] = "attribute",
};

static const char *const visibilities[] = {
    [WTFCB_VISIBILITY_NONE] = "",
    [WTFCB_VISIBILITY_PUBLIC] = "public",
    [WTFCB_VISIBILITY_PROTECTED] = "protected",
    [WTFCB_VISIBILITY_INTERNAL] = "internal",
    [WTFCB_VISIBILITY_PRIVATE] = "private",
};

static const char *const severities[] = {
    [WTFCB_SEVERITY_NOTE] = "note",
    [WTFCB_SEVERITY_WARNING] = "warning",
    [WTFCB_SEVERITY_ERROR] = "error",
};

static const char *const origins[] = {
    [WTFCB_ORIGIN_PARSED] = "parsed",
    [WTFCB_ORIGIN_UNCHANGED] = "unchanged",
    [WTFCB_ORIGIN_CONTENT] = "content",
};

static const char *const reasons[] = {
    [WTFCB_REASON_TAKEN] = "taken",
    [WTFCB_REASON_IGNORED] = "ignored",
    [WTFCB_REASON_NOT_INCLUDED] = "not-included",
    [WTFCB_REASON_HIDDEN] = "hidden",
    [WTFCB_REASON_REPOSITORY] = "repository",
    [WTFCB_REASON_LINK] = "link",
    [WTFCB_REASON_LANGUAGE] = "language",
    [WTFCB_REASON_SKIPPED] = "skipped",
    [WTFCB_REASON_MISSING] = "missing",
    [WTFCB_REASON_UNREADABLE] = "unreadable",
};

/* By the number of the bit. */
static const char *const flags[] = {
    "binary",    "directory", "syntax-errors", "hashed",        "syntax",       "named",
    "generated", "minified",  "vendored",      "documentation", "undetectable",
};

/* By the number of the bit. */
static const char *const limits[] = {
    "file-size", "parse-size", "work", "memory", "time", "findings", "deadline", "depth", "nesting",
};

static const char *name_at(const char *const *names, size_t count, uint32_t index)
{
    return index < count && names[index] ? names[index] : "unknown";
}

const char *wtfcb_symbol_kind_name(uint32_t kind)
{
    return name_at(symbol_kinds, COUNT(symbol_kinds), kind);
}

const char *wtfcb_import_kind_name(uint32_t kind)
{
    return name_at(import_kinds, COUNT(import_kinds), kind);
}

const char *wtfcb_language_by_name(uint32_t by)
{
    return name_at(language_by, COUNT(language_by), by);
}

const char *wtfcb_visibility_name(uint32_t visibility)
{
    return visibility < COUNT(visibilities) ? visibilities[visibility] : "";
}

const char *wtfcb_reason_name(uint32_t reason)
{
    return name_at(reasons, COUNT(reasons), reason);
}

const char *wtfcb_severity_name(uint32_t severity)
{
    return name_at(severities, COUNT(severities), severity);
}

const char *wtfcb_origin_name(uint32_t origin)
{
    return name_at(origins, COUNT(origins), origin);
}

static const char *name_of_bit(const char *const *names, size_t count, uint32_t bit)
{
    if (bit == 0 || (bit & (bit - 1)) != 0) return "unknown";
    return name_at(names, count, (uint32_t)__builtin_ctz(bit));
}

const char *wtfcb_limit_name(uint32_t limit)
{
    return name_of_bit(limits, COUNT(limits), limit);
}

const char *wtfcb_file_flag_name(uint32_t flag)
{
    return name_of_bit(flags, COUNT(flags), flag);
}

/* Length of the well-formed UTF-8 sequence at `text`, or 0. Surrogates and overlong forms are not well-formed. */
static size_t sequence_length(const unsigned char *text, size_t length)
{
    unsigned char lead = text[0];
    if (lead < 0x80) return 1;
    size_t size = lead >= 0xc2 && lead <= 0xdf   ? 2
                  : lead >= 0xe0 && lead <= 0xef ? 3
                  : lead >= 0xf0 && lead <= 0xf4 ? 4
                                                 : 0;
    if (size == 0 || size > length) return 0;
    for (size_t i = 1; i < size; i++)
        if ((text[i] & 0xc0) != 0x80) return 0;
    if (lead == 0xe0 && text[1] < 0xa0) return 0;
    if (lead == 0xed && text[1] > 0x9f) return 0;
    if (lead == 0xf0 && text[1] < 0x90) return 0;
    if (lead == 0xf4 && text[1] > 0x8f) return 0;
    return size;
}

uint32_t wtfcb_utf16_column(const char *line, size_t length, uint32_t byte_column)
{
    if (!line) return 0;
    size_t end = byte_column < length ? byte_column : length;
    uint32_t units = 0;
    for (size_t i = 0; i < end;) {
        size_t size = sequence_length((const unsigned char *)line + i, length - i);
        if (size == 0) size = 1;
        units += size == 4 ? 2 : 1;
        i += size;
    }
    return units;
}
