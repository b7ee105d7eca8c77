/*
 * What a file says about itself: modelines of vim and emacs, and the `#!` line.
 *
 * Every file that is read comes through here, so the usual answer, "nothing", has to be quick: a look for the one rare
 * byte of each form in the few lines where it may stand, each line cut at a bounded length.
 */
#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "lang/detect_rules.h"

enum {
    MODELINES = 5, /* lines at either end where vim looks */
    EDGE = 512,    /* bytes of those that we look at */
    LONGEST_WORD = 40,
};

static bool space(char byte)
{
    return byte == ' ' || (byte >= '\t' && byte <= '\r');
}

static bool word(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9') ||
           (byte && strchr("+-_#.*", byte));
}

static const char *line_end(const char *at, const char *end)
{
    const char *newline = at < end ? memchr(at, '\n', (size_t)(end - at)) : NULL;
    return newline ? newline : end;
}

/* The language named by the word at `at`, as vim and emacs name it. */
static uint16_t named(const wtfcb_languages *languages, const char *at, const char *end)
{
    const char *stop = at;
    while (stop < end && stop - at < LONGEST_WORD && word(*stop))
        stop++;
    size_t length = (size_t)(stop - at);
    if (length > 5 && memcmp(stop - 5, "-mode", 5) == 0) length -= 5;
    return length ? wtfcb_lang_find(languages, at, length) : WTFCB_LANG_NONE;
}

/* vim: what follows "vim:", "vi:" or "ex:" up to the line's end, with ft=, filetype= or syntax= in it. */
static uint16_t vim_options(const wtfcb_languages *languages, const char *at, const char *end)
{
    static const struct {
        const char *text;
        size_t length;
    } keys[] = {{"ft=", 3}, {"filetype=", 9}, {"syntax=", 7}};
    for (; at < end; at++) {
        if (!space(at[-1]) && at[-1] != ':') continue;
        for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
            if ((size_t)(end - at) > keys[i].length && memcmp(at, keys[i].text, keys[i].length) == 0)
                return named(languages, at + keys[i].length, end);
    }
    return WTFCB_LANG_NONE;
}

/* emacs: "mode: NAME" among the local variables that follow their heading. */
static uint16_t emacs_variables(const wtfcb_languages *languages, const char *at, const char *end)
{
    for (; end - at > 5; at++) {
        at = memchr(at, 'm', (size_t)(end - at));
        if (!at || end - at <= 5) break;
        if (memcmp(at, "mode:", 5) != 0 || word(at[-1])) continue;
        for (at += 5; at < end && (*at == ' ' || *at == '\t'); at++) {}
        return named(languages, at, end);
    }
    return WTFCB_LANG_NONE;
}

enum opening { OPENS_NOTHING, OPENS_VIM, OPENS_EMACS };

/* What the word before a colon makes of it, in a file that begins at `start`. */
static inline enum opening opening_at(const char *start, const char *colon)
{
    size_t before = (size_t)(colon - start);
    if (before < 3) return OPENS_NOTHING;
    if (memcmp(colon - 3, "vim", 3) == 0) return before == 3 || !word(colon[-4]) ? OPENS_VIM : OPENS_NOTHING;
    if (memcmp(colon - 2, "vi", 2) == 0 || memcmp(colon - 2, "ex", 2) == 0)
        return space(colon[-3]) ? OPENS_VIM : OPENS_NOTHING;
    return before >= 15 && memcmp(colon - 15, "Local Variables", 15) == 0 ? OPENS_EMACS : OPENS_NOTHING;
}

/* Whether any colon of [at, end) opens something: the question that nearly every file answers with no. */
static bool opens_any(const char *start, const char *at, const char *end)
{
    for (const char *colon = at; (colon = memchr(colon, ':', (size_t)(end - colon))) != NULL; colon++)
        if (opening_at(start, colon) != OPENS_NOTHING) return true;
    return false;
}

/* Look at every colon of [at, end), which lies in a file that begins at `start`. */
static uint16_t colons(const wtfcb_languages *languages, const char *start, const char *at, const char *end)
{
    for (const char *colon = at; (colon = memchr(colon, ':', (size_t)(end - colon))) != NULL; colon++) {
        enum opening opening = opening_at(start, colon);
        uint16_t found = WTFCB_LANG_NONE;
        if (opening == OPENS_VIM)
            found = vim_options(languages, colon + 1, line_end(colon + 1, end));
        else if (opening == OPENS_EMACS)
            found = emacs_variables(languages, colon + 1, end);
        if (found != WTFCB_LANG_NONE) return found;
    }
    return WTFCB_LANG_NONE;
}

/* emacs: "-*- NAME -*-" or "-*- mode: NAME; ... -*-" in the first line, or the second behind a `#!` line. */
static uint16_t emacs_line(const wtfcb_languages *languages, const char *at, const char *end)
{
    enum { SHORTEST = 4 }; /* what has to stand behind the first star */
    if (end - at < SHORTEST) return WTFCB_LANG_NONE;
    /* The star of a comment that begins the line is passed over: it would be the one star of most files. */
    for (const char *star = at + (*at == '-' ? 1 : 2); end - star > SHORTEST; star++) {
        star = memchr(star, '*', (size_t)(end - star) - SHORTEST);
        if (!star) break;
        if (star[-1] != '-' || star[1] != '-') continue;
        const char *name = star + 2;
        const char *close = memmem(name, (size_t)(end - name), "-*-", 3);
        if (!close) return WTFCB_LANG_NONE;
        while (name < close && space(*name))
            name++;
        if (memchr(name, ':', (size_t)(close - name))) {
            for (; close - name > 5; name++)
                if (strncasecmp(name, "mode:", 5) == 0 && !word(name[-1])) break;
            if (close - name <= 5) return WTFCB_LANG_NONE;
            for (name += 5; name < close && space(*name); name++) {}
        }
        return named(languages, name, close);
    }
    return WTFCB_LANG_NONE;
}

uint16_t wtfcb_lang_modeline(const wtfcb_languages *languages, const char *bytes, size_t length)
{
    const char *end = bytes + length, *edge = length < EDGE ? end : bytes + EDGE;
    const char *first_end = line_end(bytes, edge), *head = first_end;
    if (length > 2 && memcmp(bytes, "#!", 2) == 0 && first_end < edge) first_end = line_end(first_end + 1, edge);
    uint16_t found = emacs_line(languages, bytes, first_end);
    if (found != WTFCB_LANG_NONE) return found;
    const char *last = end - edge < EDGE ? edge : end - EDGE;
    if (!opens_any(bytes, bytes, edge) && !opens_any(bytes, last, end)) return WTFCB_LANG_NONE;
    for (int i = 1; i < MODELINES && head < edge; i++)
        head = line_end(head + 1, edge);
    found = colons(languages, bytes, bytes, head);
    if (found != WTFCB_LANG_NONE || end <= head) return found;
    edge = (size_t)(end - head) < EDGE ? head : end - EDGE;
    const char *tail = end[-1] == '\n' ? end - 1 : end;
    for (int i = 0; i < MODELINES && tail && tail > edge; i++)
        tail = memrchr(edge, '\n', (size_t)(tail - edge));
    return colons(languages, bytes, tail && tail > edge ? tail : edge, end);
}

/* Skip a word and the spaces behind it. */
static const char *next_word(const char *at, const char *end)
{
    while (at < end && !space(*at))
        at++;
    while (at < end && space(*at))
        at++;
    return at;
}

/* Whether [at, end) begins with an assignment such as "PATH=/bin". */
static bool assigns(const char *at, const char *end)
{
    while (at < end && !space(*at))
        if (*at++ == '=') return true;
    return false;
}

uint16_t wtfcb_lang_interpreter(const wtfcb_languages *languages, const char *bytes, size_t length)
{
    if (length < 3 || bytes[0] != '#' || bytes[1] != '!') return WTFCB_LANG_NONE;
    const char *end = line_end(bytes, length < EDGE ? bytes + length : bytes + EDGE), *at = bytes + 2;
    while (at < end && space(*at))
        at++;
    for (;;) {
        const char *stop = at, *name = at;
        for (; stop < end && !space(*stop); stop++)
            if (*stop == '/') name = stop + 1;
        if (stop - name == 3 && memcmp(name, "env", 3) == 0) {
            for (at = next_word(at, end); at < end && (*at == '-' || assigns(at, end)); at = next_word(at, end)) {
                if (end - at > 3 && at[1] == 'S' && !space(at[2])) { /* -Sname */
                    at += 2;
                    break;
                }
            }
            if (at >= end) return WTFCB_LANG_NONE;
            continue;
        }
        uint32_t found = WTFCB_BASE_MAP_NONE;
        while (stop > name && (found = wtfcb_base_map_get(&languages->interpreters, name, (size_t)(stop - name))) ==
                                  WTFCB_BASE_MAP_NONE) {
            if (!strchr("0123456789.-", stop[-1])) break; /* python3.11, then python */
            stop--;
        }
        return found == WTFCB_BASE_MAP_NONE ? WTFCB_LANG_NONE : (uint16_t)found;
    }
}
