/*
 * Languages from a text file, with the grammars it names; the form of the file is described in wtfcb/language.h.
 *
 * Three steps. The text is read into descriptions as a whole, so that a mistake anywhere changes nothing. Then each
 * language is added as wtfcb_languages_add() would. Last, its grammar's object is loaded; what fails there is kept as
 * the reason why the language has no syntax. The descriptions lie in an arena that becomes the handle's, because rules and
 * names go on being used.
 *
 * An object is mapped for good only when it has turned out to fit: until then it can be unmapped, mended and tried again.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <tree_sitter/api.h>

#include "base/error.h"
#include "base/hash.h"
#include "base/memory.h"
#include "grammars/grammar.h"
#include "lang/foreign.h"
#include "lang/grammar.h"
#include "lang/languages.h"
#include "lang/rules/c_macros.h"
#include "lang/rules/text.h"

enum { LONGEST_FILE = 1 << 20, LONGEST_LIST = 4096, LONGEST_PATH = 4096, MOST_LANGUAGES = 1000, REASON = 256 };

/* A language as the text describes it. */
typedef struct description {
    struct description *next;
    wtfcb_lang_text_line line; /* the `language` line; words are not kept */
    wtfcb_language_spec spec;
    const char *function; /* of the grammar's object; NULL: none is named */
    const char *object;   /* its path, "" for a grammar that is looked for as usual */
    wtfcb_lang_text_line grammar_line;
    wtfcb_lang_text_rules rules;
    wtfcb_lang_own_macro *macros; /* the last one first */
    wtfcb_lang_text_line macro_line;
} description;

typedef struct loader {
    wtfcb_languages *languages;
    const char *path;
    wtfcb_error *error;
    wtfcb_base_arena arena;
    char *text; /* of the file, in the arena; words are cut out of it in place */
    size_t length;
    description *first;
    description *last;
    size_t count;
    uint64_t digest;
    wtfcb_status grammars; /* the first failure of a grammar */
} loader;

/* --- Errors ----------------------------------------------------------------------------------------------------- */

/* Report what is wrong in a line. */
__attribute__((format(printf, 4, 5))) static wtfcb_status wrong(loader *l, wtfcb_status status,
                                                                const wtfcb_lang_text_line *line, const char *format,
                                                                ...)
{
    char reason[REASON + 128];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(reason, sizeof reason, format, arguments);
    va_end(arguments);
    (void)wtfcb_base_error(l->error, status, 0, l->path, "%.120s:%u: %s", l->path, line->number, reason);
    if (l->error && l->error->size >= offsetof(wtfcb_error, path)) l->error->position = line->at;
    return status;
}

static wtfcb_status no_memory(loader *l)
{
    return wtfcb_base_error(l->error, WTFCB_ENOMEM, 0, l->path, "out of memory");
}

/* --- Files ------------------------------------------------------------------------------------------------------ */

/* Open a regular file that not everybody may write. The reason has no line yet. */
static wtfcb_status open_trusted(const char *path, int *ret_fd, size_t *ret_size, char *reason, size_t reason_size)
{
    struct stat status;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0) {
        (void)snprintf(reason, reason_size, "cannot open %.120s (errno %d)", path, errno);
        return wtfcb_base_status_of_errno(errno);
    }
    wtfcb_status result = WTFCB_OK;
    if (fstat(fd, &status) != 0)
        result = WTFCB_EIO;
    else if (!S_ISREG(status.st_mode))
        result = WTFCB_ESPECIAL;
    else if (status.st_mode & S_IWOTH)
        result = WTFCB_EACCES;
    if (result == WTFCB_OK) {
        *ret_fd = fd;
        *ret_size = (size_t)status.st_size;
        return WTFCB_OK;
    }
    (void)snprintf(reason, reason_size, "%.120s %s", path,
                   result == WTFCB_EACCES     ? "can be written by everybody, so it is not trusted: chmod o-w"
                   : result == WTFCB_ESPECIAL ? "is not a regular file"
                                              : "cannot be looked at");
    (void)close(fd);
    return result;
}

/* Fold bytes into a digest. */
static uint64_t fold(uint64_t digest, const void *bytes, size_t length)
{
    wtfcb_base_hash128 hash = wtfcb_base_hash(bytes, length);
    uint64_t words[2] = {digest, 0};
    memcpy(&words[1], hash.bytes, sizeof words[1]);
    hash = wtfcb_base_hash(words, sizeof words);
    memcpy(&digest, hash.bytes, sizeof digest);
    return digest;
}

/* Read at most `size` bytes; -1 with errno on failure. */
static ssize_t read_full(int fd, char *to, size_t size)
{
    size_t have = 0;
    while (have < size) {
        ssize_t got = read(fd, to + have, size - have);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return -1;
        if (got == 0) break;
        have += (size_t)got;
    }
    return (ssize_t)have;
}

static wtfcb_status read_text(loader *l)
{
    int fd = -1;
    size_t size = 0;
    char reason[REASON];
    wtfcb_status status = open_trusted(l->path, &fd, &size, reason, sizeof reason);
    if (status != WTFCB_OK) return wtfcb_base_error(l->error, status, 0, l->path, "%s", reason);
    if (size > LONGEST_FILE) {
        (void)close(fd);
        return wtfcb_base_error(l->error, WTFCB_ELIMIT, 0, l->path, "%.120s is longer than %d bytes", l->path,
                                LONGEST_FILE);
    }
    l->text = wtfcb_base_arena_bytes(&l->arena, size + 1);
    ssize_t have = l->text ? read_full(fd, l->text, size) : -1;
    int os_error = errno;
    (void)close(fd);
    if (!l->text) return no_memory(l);
    if (have < 0) return wtfcb_base_error(l->error, WTFCB_EIO, os_error, l->path, "cannot read %.120s", l->path);
    l->length = (size_t)have;
    l->text[l->length] = 0;
    l->digest = fold(1, l->text, l->length);
    return WTFCB_OK;
}

/* --- Words ------------------------------------------------------------------------------------------------------ */

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

/*
 * Cut one word out of the line [*at, end), in place: what was quoted or escaped only gets shorter. NULL when the quote is
 * not closed.
 */
static char *cut_word(char **at, char *end)
{
    char *from = *at, *word = from, *to = from;
    bool quoted = *from == '"';
    if (quoted) from++;
    while (from < end && (quoted ? *from != '"' : !is_blank(*from))) {
        if (quoted && *from == '\\' && from + 1 < end) from++;
        *to++ = *from++;
    }
    if (quoted) {
        if (from >= end || (from + 1 < end && !is_blank(from[1]))) return NULL;
        from++;
    }
    *at = from < end ? from + 1 : end;
    *to = 0;
    return word;
}

/* Cut a line into words. Its end has become a NUL. */
static wtfcb_status split(loader *l, char *from, char *end, wtfcb_lang_text_line *line)
{
    line->count = 0;
    if (memchr(from, 0, (size_t)(end - from))) return wrong(l, WTFCB_EFORMAT, line, "a NUL byte");
    for (char *at = from;;) {
        while (at < end && is_blank(*at))
            at++;
        if (at >= end || *at == '#') return WTFCB_OK;
        if (line->count == WTFCB_LANG_MOST_WORDS)
            return wrong(l, WTFCB_ELIMIT, line, "more than %d words in a line", WTFCB_LANG_MOST_WORDS);
        char *word = cut_word(&at, end);
        if (!word) return wrong(l, WTFCB_EFORMAT, line, "a quoted word does not end, or something follows its quote");
        line->words[line->count++] = word;
    }
}

/* --- Lines ------------------------------------------------------------------------------------------------------ */

/* Lists of a language, by the word that adds to them. A mark of a comment alone is one of a line. */
static const char **list_of(description *d, const char *word)
{
    wtfcb_language_spec *spec = &d->spec;
    if (strcmp(word, "aliases") == 0) return &spec->aliases;
    if (strcmp(word, "extensions") == 0) return &spec->extensions;
    if (strcmp(word, "filenames") == 0) return &spec->file_names;
    if (strcmp(word, "interpreters") == 0) return &spec->interpreters;
    if (strcmp(word, "string") == 0) return &spec->quotes;
    return NULL;
}

/* Append the words of a line to a list. */
static wtfcb_status append(loader *l, const wtfcb_lang_text_line *line, const char **list)
{
    size_t length = *list ? strlen(*list) : 0, size = length + 1;
    for (size_t i = 1; i < line->count; i++) {
        if (!line->words[i][0] || strchr(line->words[i], ' '))
            return wrong(l, WTFCB_EFORMAT, line, "an empty word, or one with a space, cannot be listed");
        size += strlen(line->words[i]) + 1;
    }
    if (line->count < 2) return wrong(l, WTFCB_EFORMAT, line, "%s lists nothing", line->words[0]);
    if (size > LONGEST_LIST) return wrong(l, WTFCB_ELIMIT, line, "a list of more than %d bytes", LONGEST_LIST);
    char *made = wtfcb_base_arena_bytes(&l->arena, size);
    if (!made) return no_memory(l);
    if (length) memcpy(made, *list, length);
    for (size_t i = 1; i < line->count; i++) {
        size_t n = strlen(line->words[i]);
        if (length) made[length++] = ' ';
        memcpy(made + length, line->words[i], n);
        length += n;
    }
    made[length] = 0;
    *list = made;
    return WTFCB_OK;
}

static wtfcb_status comment(loader *l, const wtfcb_lang_text_line *line, description *d)
{
    if (line->count == 2) return append(l, line, &d->spec.line_comments);
    if (line->count != 3) return wrong(l, WTFCB_EFORMAT, line, "comment takes one mark or two");
    if (d->spec.block_open) return wrong(l, WTFCB_EFORMAT, line, "a second kind of block comment");
    d->spec.block_open = line->words[1];
    d->spec.block_close = line->words[2];
    return WTFCB_OK;
}

static wtfcb_status group(loader *l, const wtfcb_lang_text_line *line, description *d)
{
    static const char *const names[] = {"programming", "data", "markup", "prose"};
    for (uint32_t i = 0; line->count == 2 && i < 4; i++) {
        if (strcmp(line->words[1], names[i]) != 0) continue;
        d->spec.group = i + 1;
        return WTFCB_OK;
    }
    return wrong(l, WTFCB_EFORMAT, line, "group is one of programming, data, markup and prose");
}

/* `grammar NAME`, or `grammar FUNCTION OBJECT`. */
static wtfcb_status grammar(loader *l, const wtfcb_lang_text_line *line, description *d)
{
    static const char *const prefixes[] = {"tree_sitter_", WTFCB_GRAMMAR_PREFIX};
    if (d->spec.grammar) return wrong(l, WTFCB_EFORMAT, line, "a second grammar");
    if (line->count != 2 && line->count != 3)
        return wrong(l, WTFCB_EFORMAT, line, "grammar takes a function and the object it is in");
    d->grammar_line = *line;
    d->spec.grammar = line->words[1];
    if (line->count == 2) return WTFCB_OK;
    d->function = line->words[1];
    d->object = line->words[2];
    for (size_t i = 0; i < 2; i++) {
        size_t length = strlen(prefixes[i]);
        if (strncmp(d->function, prefixes[i], length) != 0 || !d->function[length]) continue;
        d->spec.grammar = d->function + length;
        return *d->object ? WTFCB_OK : wrong(l, WTFCB_EFORMAT, line, "the object has no name");
    }
    return wrong(l, WTFCB_EFORMAT, line, "a grammar's function is called tree_sitter_NAME or wtfcb_grammar_NAME");
}

static wtfcb_status begin_language(loader *l, const wtfcb_lang_text_line *line)
{
    if (line->count != 2) return wrong(l, WTFCB_EFORMAT, line, "language takes one name");
    if (l->count++ >= MOST_LANGUAGES) return wrong(l, WTFCB_ELIMIT, line, "more than %d languages", MOST_LANGUAGES);
    description *d = wtfcb_base_arena_alloc(&l->arena, sizeof *d);
    if (!d) return no_memory(l);
    *d = (description){.line = *line, .spec = {.name = line->words[1]}};
    if (l->last)
        l->last->next = d;
    else
        l->first = d;
    l->last = d;
    return WTFCB_OK;
}

static wtfcb_status rule(loader *l, const wtfcb_lang_text_line *line, description *d)
{
    char reason[REASON] = "more rules than a language can have";
    if (!d->object) return wrong(l, WTFCB_EFORMAT, line, "rules come behind a grammar with an object");
    wtfcb_status status = wtfcb_lang_text_rule(&l->arena, &d->rules, line, reason, sizeof reason);
    if (status == WTFCB_ENOMEM) return no_memory(l);
    return status == WTFCB_OK ? status : wrong(l, status, line, "%s", reason);
}

/* `macro NAME KIND [ARGUMENT]`; NAME may end with a star. */
static wtfcb_status macro(loader *l, const wtfcb_lang_text_line *line, description *d)
{
    size_t length = line->count > 1 ? strlen(line->words[1]) : 0;
    uint8_t kind = line->count > 2 ? wtfcb_lang_text_kind(line->words[2]) : 0;
    const char *argument = line->count > 3 ? line->words[3] : "1";
    bool begins = length > 1 && line->words[1][length - 1] == '*';
    if (length == 0 || line->count > 4 || kind == 0 || argument[0] < '1' || argument[0] > '9' || argument[1])
        return wrong(l, WTFCB_EFORMAT, line,
                     "macro takes a name, a kind of symbol, and which argument names it (1 to 9)");
    wtfcb_lang_own_macro *made = wtfcb_base_arena_alloc(&l->arena, sizeof *made);
    char *name = wtfcb_base_arena_string(&l->arena, line->words[1], begins ? length - 1 : length);
    if (!made || !name) return no_memory(l);
    *made = (wtfcb_lang_own_macro){
        .next = d->macros,
        .definer = {.begins = name, .ends = "", .argument = (uint8_t)(argument[0] - '1'), .kind = kind},
        .whole = !begins};
    d->macros = made;
    d->macro_line = *line;
    return WTFCB_OK;
}

static wtfcb_status understand(loader *l, const wtfcb_lang_text_line *line)
{
    const char *word = line->words[0];
    description *d = l->last;
    if (strcmp(word, "language") == 0) return begin_language(l, line);
    if (!d) return wrong(l, WTFCB_EFORMAT, line, "the first line has to name a language");
    const char **list = list_of(d, word);
    if (list) return append(l, line, list);
    if (strcmp(word, "comment") == 0) return comment(l, line, d);
    if (strcmp(word, "group") == 0) return group(l, line, d);
    if (strcmp(word, "macro") == 0) return macro(l, line, d);
    if (strcmp(word, "grammar") == 0) return grammar(l, line, d);
    if (strcmp(word, "node") == 0 || strcmp(word, "token") == 0) return rule(l, line, d);
    if (strcmp(word, "like") == 0 && line->count == 2) {
        d->spec.like = line->words[1];
        return WTFCB_OK;
    }
    if (strcmp(word, "nested") == 0 && line->count == 1) {
        d->spec.flags |= WTFCB_LANGUAGE_NESTED;
        return WTFCB_OK;
    }
    if (strcmp(word, "multiline") == 0 && line->count == 1) {
        d->spec.flags |= WTFCB_LANGUAGE_MULTILINE;
        return WTFCB_OK;
    }
    return wrong(l, WTFCB_EFORMAT, line, "\"%.60s\" is not understood", word);
}

static wtfcb_status read_lines(loader *l)
{
    wtfcb_lang_text_line line = {.number = 0};
    wtfcb_status status = WTFCB_OK;
    char *end = l->text + l->length;
    for (char *at = l->text; at < end && status == WTFCB_OK;) {
        char *feed = memchr(at, '\n', (size_t)(end - at));
        char *stop = feed ? feed : end;
        *stop = 0;
        line.number++;
        line.at = (uint64_t)(at - l->text);
        status = split(l, at, stop, &line);
        if (status == WTFCB_OK && line.count > 0) status = understand(l, &line);
        at = feed ? feed + 1 : end;
    }
    return status;
}

/* --- Grammars --------------------------------------------------------------------------------------------------- */

/* The object's path, relative ones from where the table lies; always with a slash, so that nothing is searched. */
static bool object_path(const loader *l, const char *object, char *path, size_t size)
{
    const char *slash = strrchr(l->path, '/');
    size_t length = slash && object[0] != '/' ? (size_t)(slash - l->path) + 1 : 0;
    const char *here = length == 0 && object[0] != '/' ? "./" : "";
    int written = snprintf(path, size, "%.*s%s%s", (int)length, l->path, here, object);
    return written > 0 && (size_t)written < size;
}

/* Fold what an object holds into the digest. */
static bool digest_file(loader *l, int fd)
{
    char piece[16384];
    for (;;) {
        ssize_t got = read_full(fd, piece, sizeof piece);
        if (got <= 0) return got == 0;
        l->digest = fold(l->digest, piece, (size_t)got);
    }
}

/* Ask an object for its grammar: `own->object` or `own->parser`. */
static bool ask(loader *l, void *handle, const description *d, wtfcb_lang_own_grammar *own, char *reason, size_t size)
{
    if (strncmp(d->function, WTFCB_GRAMMAR_PREFIX, strlen(WTFCB_GRAMMAR_PREFIX)) == 0) {
        wtfcb_grammar_function *function;
        *(void **)&function = dlsym(handle, d->function); /* the form that POSIX prescribes */
        own->object = function ? wtfcb_lang_grammar_fitting(function(), reason, size) : NULL;
        if (!function) (void)snprintf(reason, size, "the object has no symbol %.80s", d->function);
        return own->object != NULL;
    }
    const TSLanguage *(*function)(void);
    *(void **)&function = dlsym(handle, d->function);
    if (!function) {
        (void)snprintf(reason, size, "the object has no symbol %.80s", d->function);
        return false;
    }
    const TSLanguage *language = function();
    if (!language) (void)snprintf(reason, size, "%.80s() returns nothing", d->function);
    if (!language || !wtfcb_lang_grammar_readable(language, reason, size)) return false;
    own->parser = wtfcb_lang_foreign_wrap(&l->arena, language);
    if (!own->parser) (void)snprintf(reason, size, "out of memory");
    return own->parser != NULL;
}

/* Load the object and check the rules against it; false with a reason, and the line that it is about. */
static bool load_object(loader *l, const description *d, wtfcb_lang_own_grammar *own, wtfcb_lang_text_line *line,
                        char *reason, size_t size)
{
    char path[LONGEST_PATH];
    int fd = -1;
    size_t bytes = 0;
    if (!object_path(l, d->object, path, sizeof path)) {
        (void)snprintf(reason, size, "the object's path is too long");
        return false;
    }
    if (open_trusted(path, &fd, &bytes, reason, size) != WTFCB_OK) return false;
    bool read = digest_file(l, fd);
    (void)close(fd);
    void *handle = read ? dlopen(path, RTLD_NOW | RTLD_LOCAL) : NULL;
    if (!handle) {
        const char *why = read ? dlerror() : "cannot be read";
        (void)snprintf(reason, size, "%s", why ? why : "cannot be loaded");
        return false;
    }
    bool fits = ask(l, handle, d, own, reason, size);
    if (fits) {
        const TSLanguage *language = own->object ? own->object->language() : own->parser;
        size_t unknown = wtfcb_lang_text_unknown(&d->rules, language, reason, size);
        fits = unknown == d->rules.count;
        if (!fits) line->number = d->rules.origins[unknown].line, line->at = d->rules.origins[unknown].at;
    }
    if (fits && !dlopen(path, RTLD_NOW | RTLD_LOCAL | RTLD_NOLOAD | RTLD_NODELETE)) {
        (void)snprintf(reason, size, "cannot be kept in memory");
        fits = false;
    }
    (void)dlclose(handle); /* what fits stays mapped: RTLD_NODELETE */
    return fits;
}

/* Hang a grammar, or the reason why there is none, from the handle. */
static wtfcb_status take_grammar(loader *l, const description *d, uint16_t language)
{
    char reason[REASON] = "";
    wtfcb_lang_text_line line = d->grammar_line;
    wtfcb_lang_own_grammar *own = wtfcb_base_arena_alloc(&l->arena, sizeof *own);
    if (!own) return no_memory(l);
    *own = (wtfcb_lang_own_grammar){.name = d->spec.grammar, .language = language};
    if (!load_object(l, d, own, &line, reason, sizeof reason)) {
        if (l->grammars == WTFCB_OK) (void)wrong(l, l->grammars = WTFCB_EGRAMMAR, &line, "%s", reason);
        char message[REASON + 160];
        (void)snprintf(message, sizeof message, "grammar %.60s: %s", own->name, reason);
        own->object = NULL;
        own->parser = NULL;
        own->failure = wtfcb_base_arena_string(&l->arena, message, strlen(message));
        if (!own->failure) return no_memory(l);
    } else if (d->rules.count > 0) {
        own->rules = wtfcb_lang_text_spec(&l->arena, &d->rules);
        if (!own->rules) return no_memory(l);
    }
    own->next = l->languages->own_grammars;
    l->languages->own_grammars = own;
    return WTFCB_OK;
}

/* Take away what was described for a language before. */
static void forget(wtfcb_languages *languages, uint16_t language)
{
    struct wtfcb_lang_own_grammar **at = &languages->own_grammars;
    while (*at) {
        if ((*at)->language == language)
            *at = (*at)->next;
        else
            at = &(*at)->next;
    }
}

/* Give a language the macros that were described for it. */
static wtfcb_status take_macros(loader *l, description *d, uint16_t language)
{
    const char *own = l->languages->rows[language].grammar;
    if (!d->macros) return WTFCB_OK;
    if (!own || (strcmp(own, "c") != 0 && strcmp(own, "cpp") != 0))
        return wrong(l, WTFCB_EINVAL, &d->macro_line, "macros define something in C and C++ alone");
    wtfcb_lang_own_macro *last = d->macros;
    for (wtfcb_lang_own_macro *m = d->macros; m; m = (wtfcb_lang_own_macro *)m->next) {
        m->language = language;
        last = m;
    }
    last->next = l->languages->own_macros;
    l->languages->own_macros = d->macros;
    return WTFCB_OK;
}

static wtfcb_status add_all(loader *l)
{
    for (description *d = l->first; d; d = d->next) {
        uint32_t index;
        wtfcb_status status = wtfcb_languages_add(l->languages, &d->spec, sizeof d->spec, &index);
        if (status == WTFCB_ENOMEM) return no_memory(l);
        if (status != WTFCB_OK)
            return wrong(l, status, &d->line, "language \"%.64s\" cannot be added: %s", d->spec.name,
                         status == WTFCB_ENOTFOUND ? "no language is called as its \"like\" says"
                                                   : wtfcb_status_message(status));
        if (d->spec.grammar) forget(l->languages, (uint16_t)index);
        status = take_macros(l, d, (uint16_t)index);
        if (status == WTFCB_OK && d->object) status = take_grammar(l, d, (uint16_t)index);
        if (status != WTFCB_OK) return status;
    }
    return WTFCB_OK;
}

wtfcb_status wtfcb_languages_load(wtfcb_languages *languages, const char *path, wtfcb_error *ret_error)
{
    if (!languages || !path) return wtfcb_base_error(ret_error, WTFCB_EINVAL, 0, path, "an argument is NULL");
    if (atomic_load_explicit(&languages->references, memory_order_acquire) != 1 || languages->grammars)
        return wtfcb_base_error(ret_error, WTFCB_EBUSY, 0, path, "the handle is in use by a scanner already");
    loader l = {.languages = languages, .path = path, .error = ret_error};
    wtfcb_base_arena_init(&l.arena, &languages->allocator);
    wtfcb_status status = read_text(&l);
    if (status == WTFCB_OK) status = read_lines(&l);
    if (status == WTFCB_OK) {
        status = add_all(&l);
        languages->fingerprint = fold(languages->fingerprint, &l.digest, sizeof l.digest) | 1;
        wtfcb_base_arena_adopt(&languages->own, &l.arena);
    }
    wtfcb_base_arena_free(&l.arena);
    return status == WTFCB_OK ? l.grammars : status;
}
