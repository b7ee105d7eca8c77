/*
 * Loading of grammar objects; see grammar.h. One process-wide lock serialises loading, because an object is one for all
 * handles: its external scanner takes its memory from one place. A loaded grammar is found without the lock.
 */
#include "lang/grammar.h"

#include <assert.h>
#include <dlfcn.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <tree_sitter/api.h>

#include "base/host.h"
#include "base/memory.h"
#include "grammars/grammar.h"
#include "lang/core_memory.h"
#include "lang/languages.h"

#ifndef WTFCB_GRAMMAR_DIR
#define WTFCB_GRAMMAR_DIR "/usr/local/lib/wtfcb/grammars"
#endif

enum { PATH_SIZE = 4096 };

struct wtfcb_lang_grammars {
    wtfcb_allocator allocator;
    uint32_t count;
    struct {
        _Atomic(wtfcb_lang_grammar *) grammar; /* NULL until asked for */
        _Atomic uint64_t tag;
        const struct wtfcb_grammar *given; /* by a caller, in the program */
    } by_language[];
};

static pthread_mutex_t loading = PTHREAD_MUTEX_INITIALIZER;

/* The registry of a handle, made on first use; under `loading`. NULL when memory has run out. */
static struct wtfcb_lang_grammars *registry(wtfcb_languages *languages)
{
    if (!languages->grammars) {
        struct wtfcb_lang_grammars *grammars = wtfcb_base_calloc(
            &languages->allocator, 1, sizeof *grammars + languages->count * sizeof grammars->by_language[0]);
        if (!grammars) return NULL;
        grammars->allocator = languages->allocator;
        grammars->count = languages->count;
        languages->grammars = grammars;
    }
    return languages->grammars;
}

static void grammar_free(const wtfcb_allocator *allocator, wtfcb_lang_grammar *grammar)
{
    while (grammar) {
        wtfcb_lang_grammar *retired = grammar->retired;
        wtfcb_lang_rules_free(grammar->rules);
        wtfcb_base_free(allocator, grammar, sizeof *grammar);
        grammar = retired;
    }
}

void wtfcb_lang_grammars_free(struct wtfcb_lang_grammars *grammars)
{
    if (!grammars) return;
    wtfcb_allocator allocator = grammars->allocator;
    for (uint32_t i = 0; i < grammars->count; i++)
        grammar_free(&allocator, atomic_load_explicit(&grammars->by_language[i].grammar, memory_order_relaxed));
    wtfcb_base_free(&allocator, grammars, sizeof *grammars + grammars->count * sizeof grammars->by_language[0]);
}

/* The file that a mapping of this process comes from, as the kernel names it: absolute. False when it is not told. */
static bool mapped_file(const void *address, char *path, size_t size)
{
    FILE *maps = fopen("/proc/self/maps", "re");
    if (!maps) return false;
    bool found = false;
    char *line = NULL;
    size_t capacity = 0;
    while (!found && getline(&line, &capacity, maps) > 0) {
        char *end;
        uintptr_t from = (uintptr_t)strtoull(line, &end, 16);
        uintptr_t to = *end == '-' ? (uintptr_t)strtoull(end + 1, NULL, 16) : 0;
        if ((uintptr_t)address < from || (uintptr_t)address >= to) continue;
        const char *name = strchr(line, '/');
        size_t length = name ? strcspn(name, "\n") : 0;
        if (!name || length >= size) break;
        memcpy(path, name, length);
        path[length] = '\0';
        found = true;
    }
    free(line);
    (void)fclose(maps);
    return found;
}

/*
 * The directory this library lies in. Only the kernel's answer is good: what the dynamic linker was given may be relative, and
 * for code in the program itself it is the name that whoever started the program made up.
 */
static bool own_directory(char *path, size_t size)
{
    static const char anchor = 0;
    if (wtfcb_base_host_privileged() || !mapped_file(&anchor, path, size)) return false;
    char *slash = strrchr(path, '/');
    if (!slash) return false;
    *slash = '\0';
    return true;
}

bool wtfcb_lang_grammar_readable(const TSLanguage *language, char *reason, size_t size)
{
    uint32_t abi = ts_language_abi_version(language);
    if (abi >= TREE_SITTER_MIN_COMPATIBLE_LANGUAGE_VERSION && abi <= TREE_SITTER_LANGUAGE_VERSION) return true;
    (void)snprintf(reason, size, "its tree-sitter ABI is %u, this library reads %d to %d", abi,
                   TREE_SITTER_MIN_COMPATIBLE_LANGUAGE_VERSION, TREE_SITTER_LANGUAGE_VERSION);
    return false;
}

const struct wtfcb_grammar *wtfcb_lang_grammar_fitting(const struct wtfcb_grammar *object, char *reason, size_t size)
{
    if (!object || object->size < sizeof *object || object->abi != WTFCB_GRAMMAR_ABI) {
        (void)snprintf(reason, size, "made for another version of this library");
        return NULL;
    }
    return wtfcb_lang_grammar_readable(object->language(), reason, size) ? object : NULL;
}

/* "<directory>/<name>.so", if there is such a file. */
static bool object_path(char path[PATH_SIZE], const char *directory, size_t length, const char *name)
{
    int written = snprintf(path, PATH_SIZE, "%.*s/%s.so", (int)length, directory, name);
    return length > 0 && written > 0 && written < PATH_SIZE && path[0] == '/' && access(path, F_OK) == 0;
}

/* Load "<directory>/<name>.so". A reason is written only for a file that is there and does not work. */
static const struct wtfcb_grammar *load_from(const char *directory, size_t length, const char *name, char *reason,
                                             size_t size)
{
    char path[PATH_SIZE];
    if (!object_path(path, directory, length, name)) return NULL;
    char symbol[128];
    (void)snprintf(symbol, sizeof symbol, "%s%s", WTFCB_GRAMMAR_PREFIX, name);
    void *object = dlopen(path, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    if (!object) {
        const char *why = dlerror();
        (void)snprintf(reason, size, "%s", why ? why : "cannot be loaded");
        return NULL;
    }
    wtfcb_grammar_function *function;
    *(void **)&function = dlsym(object, symbol); /* the form that POSIX prescribes */
    const struct wtfcb_grammar *grammar = function ? wtfcb_lang_grammar_fitting(function(), reason, size) : NULL;
    if (!function) (void)snprintf(reason, size, "the object has no symbol %s", symbol);
    (void)dlclose(object); /* stays mapped: RTLD_NODELETE */
    return grammar;
}

/* The directory this library lies in, found out once; "" when it is not told. */
static char library_directory[PATH_SIZE - 32];

static void find_library_directory(void)
{
    if (!own_directory(library_directory, sizeof library_directory)) library_directory[0] = '\0';
}

/* Something to do with each directory that grammars are looked for in, until it returns false. */
typedef bool (*place_fn)(void *user, const char *directory, size_t length);

static void visit_places(place_fn visit, void *user)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    bool on = true;
    const char *search = wtfcb_base_host_privileged() ? NULL : getenv("WTFCB_GRAMMAR_PATH");
    for (const char *at = search; at && *at && on;) {
        size_t length = strcspn(at, ":");
        on = visit(user, at, length);
        at += length + (at[length] == ':');
    }
    (void)pthread_once(&once, find_library_directory);
    static const char *const places[] = {"grammars", "wtfcb/grammars"};
    for (size_t i = 0; i < 2 && on && library_directory[0]; i++) {
        char directory[PATH_SIZE];
        int written = snprintf(directory, sizeof directory, "%s/%s", library_directory, places[i]);
        on = visit(user, directory, (size_t)written);
    }
    if (on) (void)visit(user, WTFCB_GRAMMAR_DIR, strlen(WTFCB_GRAMMAR_DIR));
}

typedef struct loading_state {
    const struct wtfcb_grammar *grammar;
    const char *name;
    char *reason;
    size_t size;
} loading_state;

static bool load_from_place(void *user, const char *directory, size_t length)
{
    loading_state *state = user;
    state->grammar = load_from(directory, length, state->name, state->reason, state->size);
    return state->grammar == NULL;
}

static const struct wtfcb_grammar *load(const char *name, char *reason, size_t size)
{
    loading_state state = {.name = name, .size = size};
    state.reason = reason;
    visit_places(load_from_place, &state);
    return state.grammar;
}

typedef struct object_visit {
    const char *name;
    void (*visit)(void *user, const char *path);
    void *user;
} object_visit;

static bool visit_place(void *user, const char *directory, size_t length)
{
    const object_visit *v = user;
    char path[PATH_SIZE];
    if (object_path(path, directory, length, v->name)) v->visit(v->user, path);
    return true;
}

void wtfcb_lang_grammar_visit_objects(wtfcb_languages *languages, uint16_t language,
                                      void (*visit)(void *user, const char *path), void *user)
{
    (void)pthread_mutex_lock(&loading);
    const struct wtfcb_grammar *given = languages->grammars->by_language[language].given;
    (void)pthread_mutex_unlock(&loading);
    char path[PATH_SIZE];
    if (!given) {
        object_visit v = {.name = languages->rows[language].grammar, .visit = visit, .user = user};
        visit_places(visit_place, &v);
    } else if (mapped_file(given, path, sizeof path)) {
        visit(user, path);
    }
}

uint64_t wtfcb_lang_grammar_tag(const wtfcb_languages *languages, uint16_t language)
{
    return atomic_load_explicit(&languages->grammars->by_language[language].tag, memory_order_acquire);
}

void wtfcb_lang_grammar_set_tag(wtfcb_languages *languages, uint16_t language, uint64_t tag)
{
    atomic_store_explicit(&languages->grammars->by_language[language].tag, tag, memory_order_release);
}

/* Fill in a grammar whose object is known or still to be found; the rules may fail for memory alone. */
static wtfcb_status prepare(const wtfcb_allocator *allocator, wtfcb_lang_grammar *grammar)
{
    grammar->status = WTFCB_EGRAMMAR;
    char reason[160] = "no such file in any grammar directory";
    if (!grammar->object) grammar->object = load(grammar->name, reason, sizeof reason);
    if (grammar->object && !grammar->object->set_allocator(wtfcb_lang_core_malloc, wtfcb_lang_core_calloc,
                                                           wtfcb_lang_core_realloc, wtfcb_lang_core_release)) {
        (void)snprintf(reason, sizeof reason, "in use by another copy of this library in this process");
        grammar->object = NULL;
    }
    if (!grammar->object) {
        (void)snprintf(grammar->message, sizeof grammar->message, "grammar %.60s: %s", grammar->name, reason);
        return WTFCB_OK;
    }
    grammar->object->set_brake(wtfcb_lang_core_charge, wtfcb_lang_core_fail);
    grammar->language = grammar->object->language();
    grammar->status = wtfcb_lang_rules_compile(allocator, grammar->name, grammar->language, &grammar->rules);
    return grammar->status;
}

/* What was described for a language, or NULL. */
static const wtfcb_lang_own_grammar *find_own(const wtfcb_languages *languages, uint16_t language)
{
    const wtfcb_lang_own_grammar *own = languages->own_grammars;
    while (own && own->language != language)
        own = own->next;
    return own;
}

/* Fill in a grammar that was described; likewise. */
static wtfcb_status prepare_own(const wtfcb_allocator *allocator, const wtfcb_lang_own_grammar *own,
                                wtfcb_lang_grammar *grammar)
{
    grammar->name = own->name;
    grammar->object = own->object;
    if (own->failure) {
        grammar->status = WTFCB_EGRAMMAR;
        (void)snprintf(grammar->message, sizeof grammar->message, "%s", own->failure);
        return WTFCB_OK;
    }
    if (own->object) {
        wtfcb_status status = prepare(allocator, grammar);
        if (status != WTFCB_OK || grammar->status != WTFCB_OK || !own->rules) return status;
        wtfcb_lang_rules_free(grammar->rules);
        grammar->rules = NULL;
    } else {
        grammar->language = own->parser;
        grammar->foreign = true;
    }
    grammar->status = own->rules
                          ? wtfcb_lang_rules_compile_spec(allocator, own->rules, grammar->language, &grammar->rules)
                          : wtfcb_lang_rules_compile(allocator, own->name, grammar->language, &grammar->rules);
    return grammar->status;
}

/* What rules look up that depends on the handle, not on the grammar. */
static void know_language(const wtfcb_languages *languages, uint16_t language, wtfcb_lang_grammar *grammar)
{
    if (!grammar->rules) return;
    grammar->rules->macros = languages->own_macros;
    grammar->rules->language = language;
}

/* The grammar of a language, not published yet; under `loading`. */
static wtfcb_status make(wtfcb_languages *languages, uint16_t language, wtfcb_lang_grammar **ret_grammar)
{
    struct wtfcb_lang_grammars *grammars = languages->grammars;
    const wtfcb_lang_own_grammar *own = find_own(languages, language);
    wtfcb_lang_grammar *grammar = wtfcb_base_calloc(&grammars->allocator, 1, sizeof *grammar);
    if (!grammar) return WTFCB_ENOMEM;
    grammar->name = languages->rows[language].grammar;
    wtfcb_status status =
        own ? prepare_own(&grammars->allocator, own, grammar) : prepare(&grammars->allocator, grammar);
    if (status != WTFCB_OK) {
        grammar_free(&grammars->allocator, grammar);
        return status;
    }
    know_language(languages, language, grammar);
    *ret_grammar = grammar;
    return WTFCB_OK;
}

/*
 * Look again for what could not be loaded: it may have been installed since. One that is found takes the place of the
 * failed one, which another scan may be looking at and which therefore stays until the end; that happens once for each
 * language. Under `loading`.
 */
static void retry(wtfcb_languages *languages)
{
    struct wtfcb_lang_grammars *grammars = languages->grammars;
    for (uint32_t i = 0; i < grammars->count; i++) {
        wtfcb_lang_grammar *failed = atomic_load_explicit(&grammars->by_language[i].grammar, memory_order_relaxed),
                           *found;
        if (!failed || failed->status != WTFCB_EGRAMMAR || find_own(languages, (uint16_t)i)) continue;
        if (make(languages, (uint16_t)i, &found) != WTFCB_OK) continue;
        if (found->status != WTFCB_OK) {
            grammar_free(&grammars->allocator, found);
            continue;
        }
        found->retired = failed;
        wtfcb_lang_grammar_set_tag(languages, (uint16_t)i, 0);
        atomic_store_explicit(&grammars->by_language[i].grammar, found, memory_order_release);
    }
}

wtfcb_status wtfcb_lang_grammars_prepare(wtfcb_languages *languages)
{
    (void)pthread_mutex_lock(&loading);
    bool made = registry(languages) != NULL;
    if (made) retry(languages);
    (void)pthread_mutex_unlock(&loading);
    return made ? WTFCB_OK : WTFCB_ENOMEM;
}

wtfcb_status wtfcb_lang_grammar_get(wtfcb_languages *languages, uint16_t language,
                                    const wtfcb_lang_grammar **ret_grammar)
{
    struct wtfcb_lang_grammars *grammars = languages->grammars;
    assert(language < grammars->count);
    wtfcb_lang_grammar *grammar = atomic_load_explicit(&grammars->by_language[language].grammar, memory_order_acquire);
    if (!grammar) {
        if (!languages->rows[language].grammar) return WTFCB_ENOTFOUND;
        (void)pthread_mutex_lock(&loading);
        grammar = atomic_load_explicit(&grammars->by_language[language].grammar, memory_order_relaxed);
        wtfcb_status status = WTFCB_OK;
        if (!grammar) {
            status = make(languages, language, &grammar);
            if (status == WTFCB_OK)
                atomic_store_explicit(&grammars->by_language[language].grammar, grammar, memory_order_release);
        }
        (void)pthread_mutex_unlock(&loading);
        if (status != WTFCB_OK) return status;
    }
    *ret_grammar = grammar;
    return grammar->status;
}

/* Replace what a language's grammar is; under `loading`. */
static wtfcb_status replace(wtfcb_languages *languages, uint16_t language, const struct wtfcb_grammar *object)
{
    struct wtfcb_lang_grammars *grammars = registry(languages);
    if (!grammars) return WTFCB_ENOMEM;
    wtfcb_lang_grammar *before = atomic_load_explicit(&grammars->by_language[language].grammar, memory_order_relaxed);
    wtfcb_lang_grammar *after = wtfcb_base_calloc(&grammars->allocator, 1, sizeof *after);
    if (!after) return WTFCB_ENOMEM;
    after->name = object ? object->name : "";
    after->object = object;
    after->status = WTFCB_ENOTFOUND; /* taken away, until there is an object */
    wtfcb_status status = object ? prepare(&grammars->allocator, after) : WTFCB_OK;
    if (status != WTFCB_OK) {
        grammar_free(&grammars->allocator, after);
        return status;
    }
    know_language(languages, language, after);
    grammars->by_language[language].given = object;
    wtfcb_lang_grammar_set_tag(languages, language, 0);
    atomic_store_explicit(&grammars->by_language[language].grammar, after, memory_order_release);
    grammar_free(&grammars->allocator, before);
    return WTFCB_OK;
}

wtfcb_status wtfcb_languages_set_grammar(wtfcb_languages *languages, const char *name,
                                         const struct wtfcb_grammar *grammar)
{
    uint32_t language;
    if (!languages || !name) return WTFCB_EINVAL;
    wtfcb_status status = wtfcb_languages_find(languages, name, &language);
    if (status != WTFCB_OK) return status;
    char reason[160];
    if (grammar && !wtfcb_lang_grammar_fitting(grammar, reason, sizeof reason)) return WTFCB_EGRAMMAR;
    (void)pthread_mutex_lock(&loading);
    status = replace(languages, (uint16_t)language, grammar);
    (void)pthread_mutex_unlock(&loading);
    return status;
}
