/*
 * __cxa_demangle, of the runtime that the process has loaded, else of one that is found. Rust's older names are C++'s with a hash at the end and some
 * characters spelled out; its newer ones ("_R") stay as they are.
 */
#include "profiler/symbols_demangle.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    MOST_MANGLED = 2048, /* bytes: the runtime takes stack by the length */
    RUST_HASH = 19,      /* "::h" and 16 digits */
};

typedef char *(*demangle_fn)(const char *name, char *buffer, size_t *length, int *ret_status);

static demangle_fn demangle;

static void find_runtime(void)
{
    static const char *const libraries[] = {"libstdc++.so.6", "libc++abi.so.1"};
    void *function = dlsym(RTLD_DEFAULT, "__cxa_demangle");
    for (size_t i = 0; !function && i < sizeof libraries / sizeof *libraries; i++) {
        void *object = dlopen(libraries[i], RTLD_NOW | RTLD_LOCAL);
        if (object) function = dlsym(object, "__cxa_demangle");
    }
    if (function) memcpy(&demangle, &function, sizeof function);
}

static bool has_rust_hash(const char *name, size_t length)
{
    if (length <= RUST_HASH || memcmp(name + length - RUST_HASH, "::h", 3) != 0) return false;
    return strspn(name + length - RUST_HASH + 3, "0123456789abcdef") == RUST_HASH - 3;
}

static const char *const spelled[][2] = {
    {"$LT$", "<"},  {"$GT$", ">"},  {"$RF$", "&"},   {"$BP$", "*"},  {"$LP$", "("},  {"$RP$", ")"},  {"$C$", ","},
    {"$SP$", "@"},  {"$u20$", " "}, {"$u22$", "\""}, {"$u27$", "'"}, {"$u2b$", "+"}, {"$u3b$", ";"}, {"$u5b$", "["},
    {"$u5d$", "]"}, {"$u7b$", "{"}, {"$u7d$", "}"},  {"$u7e$", "~"}, {"..", "::"},
};

/* What stands for a character or two at `text`; NULL: itself. */
static const char *const *spelled_at(const char *text)
{
    for (size_t i = 0; i < sizeof spelled / sizeof *spelled; i++) {
        if (strncmp(text, spelled[i][0], strlen(spelled[i][0])) == 0) return spelled[i];
    }
    return NULL;
}

/* In place: nothing gets longer. */
static void unspell(char *name, size_t length)
{
    char *to = name;
    name[length - RUST_HASH] = '\0';
    for (const char *from = name; *from;) {
        bool starts = to == name || to[-1] == ':';
        if (starts && from[0] == '_' && from[1] == '$') from++;
        const char *const *found = spelled_at(from);
        if (!found) {
            *to++ = *from++;
            continue;
        }
        size_t put = strlen(found[1]);
        memcpy(to, found[1], put);
        to += put;
        from += strlen(found[0]);
    }
    *to = '\0';
}

void wtfcb_profiler_demangle(char *text, size_t size)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    int status = 0;
    if (strncmp(text, "_Z", 2) != 0 || strnlen(text, MOST_MANGLED) == MOST_MANGLED) return;
    (void)pthread_once(&once, find_runtime);
    char *name = demangle ? demangle(text, NULL, NULL, &status) : NULL;
    if (!name) return;
    size_t length = strlen(name);
    if (has_rust_hash(name, length)) unspell(name, length);
    (void)snprintf(text, size, "%s", name);
    free(name);
}
