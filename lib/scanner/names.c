/* Names of the numbers that rows carry: one table each, in the order of the constants. */
#include <wtfcb/codebase.h>

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

const char *wtfcb_severity_name(uint32_t severity)
{
    return name_at(severities, COUNT(severities), severity);
}

const char *wtfcb_origin_name(uint32_t origin)
{
    return name_at(origins, COUNT(origins), origin);
}

const char *wtfcb_limit_name(uint32_t limit)
{
    if (limit == 0 || (limit & (limit - 1)) != 0) return "unknown";
    return name_at(limits, COUNT(limits), (uint32_t)__builtin_ctz(limit));
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
