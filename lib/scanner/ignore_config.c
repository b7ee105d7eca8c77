/*
 * A reader of git's configuration syntax that knows two keys, core.excludesFile and include.path.
 *
 * Files are read from top to bottom and the last value wins; an included file counts where its name stands. Includes
 * are followed with a stack of open files of a fixed depth, which also ends a file that includes itself.
 */
#include "scanner/ignore_config.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/file.h"
#include "base/host.h"

enum {
    INCLUDE_DEPTH = 10,       /* as git's */
    FILE_LIMIT = 1024 * 1024, /* bytes of one configuration file */
};

/* A file that is being read. */
typedef struct source {
    wtfcb_base_buffer path; /* below the reader's dirfd, NUL-terminated */
    wtfcb_base_buffer text;
    size_t at;
    enum { SECTION_OTHER, SECTION_CORE, SECTION_INCLUDE } section;
} source;

typedef struct reader {
    const wtfcb_allocator *allocator;
    int dirfd;
    const wtfcb_scanner_ignore_environment *environment;
    source sources[INCLUDE_DEPTH];
    size_t depth;
    wtfcb_base_buffer entry; /* the value that was read last */
} reader;

/* What parsing one piece of a file came to. */
typedef enum outcome {
    OUTCOME_OTHER, /* nothing that concerns us */
    OUTCOME_EXCLUDES,
    OUTCOME_INCLUDE,
    OUTCOME_END, /* of the file, or of what can be understood of it */
} outcome;

wtfcb_scanner_ignore_environment wtfcb_scanner_ignore_environment_of_process(void)
{
    if (wtfcb_base_host_privileged()) return (wtfcb_scanner_ignore_environment){.system_config = "/etc/gitconfig"};
    wtfcb_scanner_ignore_environment environment = {
        .home = getenv("HOME"),
        .xdg_config_home = getenv("XDG_CONFIG_HOME"),
        .global_config = getenv("GIT_CONFIG_GLOBAL"),
        .system_config = getenv("GIT_CONFIG_SYSTEM"),
    };
    const char *without = getenv("GIT_CONFIG_NOSYSTEM");
    if (without && *without && strcmp(without, "0") != 0 && strcasecmp(without, "false") != 0)
        environment.system_config = NULL;
    else if (!environment.system_config)
        environment.system_config = "/etc/gitconfig";
    return environment;
}

/* The next byte with CR LF as one line end; a line end is also what the end of the file looks like. */
static char next_byte(source *file)
{
    if (file->at >= file->text.length) return '\n';
    char byte = file->text.data[file->at++];
    if (byte == '\r' && file->at < file->text.length && file->text.data[file->at] == '\n') {
        file->at++;
        return '\n';
    }
    return byte;
}

static bool is_blank(char byte)
{
    return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n';
}

static bool is_key_byte(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9') || byte == '-';
}

/* Behind '[' up to ']'. Sections with a second part in quotes are none of ours. */
static bool parse_section(source *file)
{
    const char *name = file->text.data + file->at;
    size_t length = 0;
    bool quoted = false;
    bool plain = true;
    for (char byte = next_byte(file); quoted || byte != ']'; byte = next_byte(file)) {
        if (byte == '\n') return false;
        if (byte == '\\' && quoted) (void)next_byte(file);
        if (byte == '"') quoted = !quoted;
        plain = plain && is_key_byte(byte);
        length++;
    }
    file->section = SECTION_OTHER;
    if (plain && length == 4 && strncasecmp(name, "core", 4) == 0) file->section = SECTION_CORE;
    if (plain && length == 7 && strncasecmp(name, "include", 7) == 0) file->section = SECTION_INCLUDE;
    return true;
}

/* The byte that a backslash and `byte` stand for; 0 for none, which ends the file for git too. */
static char unescaped(char byte)
{
    switch (byte) {
    case 't': return '\t';
    case 'b': return '\b';
    case 'n': return '\n';
    case '\\':
    case '"': return byte;
    default: return 0;
    }
}

/* A value behind '=', up to the end of its line. */
static bool parse_value(source *file, wtfcb_base_buffer *value)
{
    bool quoted = false;
    bool comment = false;
    size_t spaces = 0; /* seen and not yet known to be inside the value */
    wtfcb_base_buffer_reset(value);
    for (;;) {
        char byte = next_byte(file);
        if (byte == '\n') return !quoted;
        if (comment) continue;
        if (!quoted && is_blank(byte)) {
            spaces += value->length > 0;
            continue;
        }
        if (!quoted && (byte == '#' || byte == ';')) {
            comment = true;
            continue;
        }
        for (; spaces > 0; spaces--)
            wtfcb_base_buffer_append_byte(value, ' ');
        if (byte == '"') {
            quoted = !quoted;
            continue;
        }
        if (byte == '\\') {
            byte = next_byte(file);
            if (byte == '\n') continue;
            byte = unescaped(byte);
            if (byte == 0) return false;
        }
        wtfcb_base_buffer_append_byte(value, byte);
    }
}

/* A line that starts with a key. */
static outcome parse_entry(source *file, wtfcb_base_buffer *value)
{
    const char *key = file->text.data + file->at;
    size_t length = 0;
    while (file->at + length < file->text.length && is_key_byte(key[length]))
        length++;
    if (length == 0) return OUTCOME_END;
    file->at += length;
    char byte = next_byte(file);
    while (byte == ' ' || byte == '\t')
        byte = next_byte(file);
    if (byte == '\n') return OUTCOME_OTHER; /* a key alone stands for "true", which is no path */
    if (byte != '=' || !parse_value(file, value)) return OUTCOME_END;
    if (file->section == SECTION_CORE && length == 12 && strncasecmp(key, "excludesfile", 12) == 0)
        return OUTCOME_EXCLUDES;
    if (file->section == SECTION_INCLUDE && length == 4 && strncasecmp(key, "path", 4) == 0) return OUTCOME_INCLUDE;
    return OUTCOME_OTHER;
}

static outcome parse_next(source *file, wtfcb_base_buffer *value)
{
    bool comment = false;
    while (file->at < file->text.length) {
        char byte = next_byte(file);
        if (byte == '\n') comment = false;
        if (comment || is_blank(byte)) continue;
        if (byte == '#' || byte == ';') {
            comment = true;
        } else if (byte == '[') {
            if (!parse_section(file)) return OUTCOME_END;
        } else {
            file->at--;
            return parse_entry(file, value);
        }
    }
    return OUTCOME_END;
}

/* Append a path of the configuration with `~/` expanded; nothing when there is no home to put in. */
static void append_expanded(const reader *in, wtfcb_base_buffer *to, const wtfcb_base_buffer *path)
{
    const char *bytes = path->data;
    size_t length = path->length;
    if (length > 0 && bytes[0] == '~' && (length == 1 || bytes[1] == '/')) {
        if (!in->environment->home) return;
        wtfcb_base_buffer_append_string(to, in->environment->home);
        bytes++;
        length--;
    }
    if (length > 0) wtfcb_base_buffer_append(to, bytes, length);
}

static void pop(reader *in)
{
    source *file = &in->sources[--in->depth];
    wtfcb_base_buffer_free(&file->path);
    wtfcb_base_buffer_free(&file->text);
}

/*
 * Start reading a file. `path` is NULL for the value read last, which is relative to the file it stands in. What cannot
 * be read is left out.
 */
static wtfcb_status push(reader *in, const char *path)
{
    if (in->depth == INCLUDE_DEPTH) return WTFCB_OK;
    source *file = &in->sources[in->depth];
    *file = (source){0};
    wtfcb_base_buffer_init(&file->path, in->allocator);
    wtfcb_base_buffer_init(&file->text, in->allocator);
    in->depth++;
    if (path) {
        wtfcb_base_buffer_append_string(&file->path, path);
    } else {
        append_expanded(in, &file->path, &in->entry);
        if (file->path.length > 0 && file->path.data[0] != '/') {
            const wtfcb_base_buffer *from = &in->sources[in->depth - 2].path;
            const char *slash = memrchr(from->data, '/', from->length);
            wtfcb_base_buffer_reset(&file->path);
            if (slash) wtfcb_base_buffer_append(&file->path, from->data, (size_t)(slash + 1 - from->data));
            append_expanded(in, &file->path, &in->entry);
        }
    }
    wtfcb_base_buffer_append_byte(&file->path, '\0');
    if (file->path.failed) return WTFCB_ENOMEM;
    int os_error;
    const wtfcb_status status =
        wtfcb_base_file_load(in->dirfd, file->path.data, true, FILE_LIMIT, &file->text, &os_error);
    if (status == WTFCB_ENOMEM) return status;
    if (status != WTFCB_OK)
        pop(in);
    else if (file->text.length >= 3 && memcmp(file->text.data, "\xef\xbb\xbf", 3) == 0)
        file->at = 3;
    return WTFCB_OK;
}

/* Make the value read last the result. */
static wtfcb_status take(const reader *in, wtfcb_base_buffer *value, bool *found)
{
    wtfcb_base_buffer_reset(value);
    append_expanded(in, value, &in->entry);
    wtfcb_base_buffer_append_byte(value, '\0');
    if (value->failed) return WTFCB_ENOMEM;
    value->length--;
    *found = true;
    return WTFCB_OK;
}

wtfcb_status wtfcb_scanner_ignore_config_read(const wtfcb_allocator *allocator, int dirfd, const char *path,
                                              const wtfcb_scanner_ignore_environment *environment,
                                              wtfcb_base_buffer *value, bool *found)
{
    reader in = {.allocator = allocator, .dirfd = dirfd, .environment = environment};
    wtfcb_base_buffer_init(&in.entry, allocator);
    wtfcb_status status = push(&in, path);
    while (status == WTFCB_OK && in.depth > 0) {
        const outcome got = parse_next(&in.sources[in.depth - 1], &in.entry);
        if (in.entry.failed)
            status = WTFCB_ENOMEM;
        else if (got == OUTCOME_EXCLUDES)
            status = take(&in, value, found);
        else if (got == OUTCOME_INCLUDE)
            status = push(&in, NULL);
        else if (got == OUTCOME_END)
            pop(&in);
    }
    while (in.depth > 0)
        pop(&in);
    wtfcb_base_buffer_free(&in.entry);
    return status;
}

/* "$XDG_CONFIG_HOME/git/<name>" or "~/.config/git/<name>"; empty when neither is known. */
static wtfcb_status user_path(const wtfcb_scanner_ignore_environment *environment, const char *name,
                              wtfcb_base_buffer *path)
{
    const bool xdg = environment->xdg_config_home && *environment->xdg_config_home;
    wtfcb_base_buffer_reset(path);
    if (xdg || environment->home) {
        wtfcb_base_buffer_append_string(path, xdg ? environment->xdg_config_home : environment->home);
        wtfcb_base_buffer_append_string(path, xdg ? "/git/" : "/.config/git/");
        wtfcb_base_buffer_append_string(path, name);
    }
    wtfcb_base_buffer_append_byte(path, '\0');
    if (path->failed) return WTFCB_ENOMEM;
    path->length--;
    return WTFCB_OK;
}

wtfcb_status wtfcb_scanner_ignore_config_user(const wtfcb_allocator *allocator,
                                              const wtfcb_scanner_ignore_environment *environment,
                                              wtfcb_base_buffer *value)
{
    bool found = false;
    wtfcb_base_buffer path;
    wtfcb_base_buffer_init(&path, allocator);
    wtfcb_status status = WTFCB_OK;
    if (environment->system_config)
        status = wtfcb_scanner_ignore_config_read(allocator, AT_FDCWD, environment->system_config, environment, value,
                                                  &found);
    if (status == WTFCB_OK && environment->global_config) {
        status = wtfcb_scanner_ignore_config_read(allocator, AT_FDCWD, environment->global_config, environment, value,
                                                  &found);
    } else if (status == WTFCB_OK) {
        status = user_path(environment, "config", &path);
        if (status == WTFCB_OK && path.length > 0)
            status = wtfcb_scanner_ignore_config_read(allocator, AT_FDCWD, path.data, environment, value, &found);
        if (status == WTFCB_OK && environment->home) {
            wtfcb_base_buffer_reset(&path);
            wtfcb_base_buffer_append_string(&path, environment->home);
            wtfcb_base_buffer_append(&path, "/.gitconfig", sizeof "/.gitconfig");
            status = path.failed
                         ? WTFCB_ENOMEM
                         : wtfcb_scanner_ignore_config_read(allocator, AT_FDCWD, path.data, environment, value, &found);
        }
    }
    if (status == WTFCB_OK && !found) status = user_path(environment, "ignore", value);
    wtfcb_base_buffer_free(&path);
    return status;
}
