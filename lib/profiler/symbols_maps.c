/*
 * The executable maps of processes: read from /proc, or told one by one. What /proc/PID/maps says of them is hashed, and a process of which it says the same as
 * before costs the reading of it and nothing else.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "profiler/symbols_parts.h"

enum { READ_AT_ONCE = 1 << 16 };

/* ---- Processes ---- */

/* Where a process is, or would be. */
static size_t process_index(const wtfcb_profiler_symbols *symbols, pid_t id)
{
    size_t low = 0;
    size_t high = symbols->process_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (symbols->processes[middle].id < id) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static wtfcb_profiler_process *process_find(const wtfcb_profiler_symbols *symbols, pid_t id)
{
    size_t index = process_index(symbols, id);
    return index < symbols->process_count && symbols->processes[index].id == id ? &symbols->processes[index] : NULL;
}

/* The process, made known if it is not; NULL when memory has run out. */
static wtfcb_profiler_process *process_get(wtfcb_profiler_symbols *symbols, pid_t id)
{
    wtfcb_profiler_process *process = process_find(symbols, id);
    if (process) return process;
    if (!wtfcb_base_reserve(&symbols->allocator, (void **)&symbols->processes, &symbols->process_capacity,
                            symbols->process_count + 1, sizeof *symbols->processes)) {
        return NULL;
    }
    size_t index = process_index(symbols, id);
    process = &symbols->processes[index];
    memmove(process + 1, process, (symbols->process_count - index) * sizeof *process);
    symbols->process_count++;
    *process = (wtfcb_profiler_process){.id = id};
    return process;
}

/* ---- Maps ---- */

void wtfcb_profiler_maps_release(wtfcb_profiler_symbols *symbols, wtfcb_profiler_maps *maps)
{
    if (!maps || --maps->references > 0) return;
    wtfcb_base_free(&symbols->allocator, maps->items, maps->capacity * sizeof *maps->items);
    wtfcb_base_free(&symbols->allocator, maps, sizeof *maps);
}

/* Maps of one's own: those of `from`, or none. NULL when memory has run out. */
static wtfcb_profiler_maps *maps_new(wtfcb_profiler_symbols *symbols, const wtfcb_profiler_maps *from)
{
    wtfcb_profiler_maps *maps = wtfcb_base_calloc(&symbols->allocator, 1, sizeof *maps);
    if (!maps) return NULL;
    maps->references = 1;
    if (!from || from->count == 0) return maps;
    if (!wtfcb_base_reserve(&symbols->allocator, (void **)&maps->items, &maps->capacity, from->count,
                            sizeof *maps->items)) {
        wtfcb_profiler_maps_release(symbols, maps);
        return NULL;
    }
    memcpy(maps->items, from->items, from->count * sizeof *maps->items);
    maps->count = from->count;
    return maps;
}

/* The first interval that ends behind `address`. */
static size_t maps_index(const wtfcb_profiler_maps *maps, uint64_t address)
{
    size_t low = 0;
    size_t high = maps->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (maps->items[middle].end <= address) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

/* Put an interval over what is there: others keep what of them is beside it. False when memory has run out. */
static bool maps_put(wtfcb_profiler_symbols *symbols, wtfcb_profiler_maps *maps, const wtfcb_profiler_interval *put)
{
    wtfcb_profiler_interval made[3];
    size_t made_count = 0;
    size_t from = maps_index(maps, put->begin);
    size_t to = from;
    if (!wtfcb_base_reserve(&symbols->allocator, (void **)&maps->items, &maps->capacity, maps->count + 2,
                            sizeof *maps->items)) {
        return false;
    }
    while (to < maps->count && maps->items[to].begin < put->end)
        to++;
    if (from < to && maps->items[from].begin < put->begin) {
        made[made_count] = maps->items[from];
        made[made_count++].end = put->begin;
    }
    made[made_count++] = *put;
    if (from < to && maps->items[to - 1].end > put->end) {
        made[made_count] = maps->items[to - 1];
        made[made_count].offset += put->end - made[made_count].begin;
        made[made_count++].begin = put->end;
    }
    memmove(maps->items + from + made_count, maps->items + to, (maps->count - to) * sizeof *maps->items);
    memcpy(maps->items + from, made, made_count * sizeof *made);
    maps->count += made_count - (to - from);
    return true;
}

static bool put_line(wtfcb_profiler_symbols *symbols, wtfcb_profiler_maps *maps, const wtfcb_profiler_map_line *line)
{
    if (line->begin >= line->end) return true;
    uint32_t object = wtfcb_profiler_symbols_object(symbols, line);
    if (object == 0) return false;
    wtfcb_profiler_interval put = {.begin = line->begin, .end = line->end, .object = object};
    if (symbols->objects[object - 1]->kind == WTFCB_PROFILER_OBJECT_FILE) put.offset = line->offset;
    return maps_put(symbols, maps, &put);
}

const wtfcb_profiler_interval *wtfcb_profiler_symbols_interval(const wtfcb_profiler_symbols *symbols, pid_t process,
                                                               uint64_t address)
{
    const wtfcb_profiler_process *found = process_find(symbols, process);
    if (!found || !found->maps) return NULL;
    size_t index = maps_index(found->maps, address);
    if (index == found->maps->count || found->maps->items[index].begin > address) return NULL;
    return &found->maps->items[index];
}

wtfcb_status wtfcb_profiler_symbols_add_map(wtfcb_profiler_symbols *symbols, pid_t process, uint64_t begin,
                                            uint64_t end, uint64_t offset, const char *path,
                                            const unsigned char *build_id, size_t build_id_length)
{
    wtfcb_profiler_map_line line = {.begin = begin,
                                    .end = end,
                                    .offset = offset,
                                    .path = path ? path : "",
                                    .build_id = build_id,
                                    .build_id_length = build_id ? build_id_length : 0,
                                    .process = process};
    wtfcb_profiler_process *told = process_get(symbols, process);
    if (!told) return WTFCB_ENOMEM;
    if (!told->maps || told->maps->references > 1) {
        wtfcb_profiler_maps *own = maps_new(symbols, told->maps);
        if (!own) return WTFCB_ENOMEM;
        wtfcb_profiler_maps_release(symbols, told->maps);
        told->maps = own;
    }
    told->maps->hashed = false;
    return put_line(symbols, told->maps, &line) ? WTFCB_OK : WTFCB_ENOMEM;
}

wtfcb_status wtfcb_profiler_symbols_fork(wtfcb_profiler_symbols *symbols, pid_t parent, pid_t child)
{
    if (parent == child) return WTFCB_OK;
    wtfcb_profiler_process *made = process_get(symbols, child);
    if (!made) return WTFCB_ENOMEM;
    const wtfcb_profiler_process *from = process_find(symbols, parent);
    wtfcb_profiler_maps *maps = from ? from->maps : NULL;
    if (maps) maps->references++;
    wtfcb_profiler_maps_release(symbols, made->maps);
    made->maps = maps;
    return WTFCB_OK;
}

void wtfcb_profiler_symbols_exec(wtfcb_profiler_symbols *symbols, pid_t process)
{
    wtfcb_profiler_process *found = process_find(symbols, process);
    if (!found) return;
    wtfcb_profiler_maps_release(symbols, found->maps);
    size_t index = (size_t)(found - symbols->processes);
    memmove(found, found + 1, (symbols->process_count - index - 1) * sizeof *found);
    symbols->process_count--;
}

/* ---- The text of /proc/PID/maps ---- */

static wtfcb_status status_of(int error)
{
    if (error == EACCES || error == EPERM) return WTFCB_EACCES;
    return error == ENOMEM ? WTFCB_ENOMEM : WTFCB_ENOTFOUND;
}

/* Leave only the lines of executable maps ("begin-end r-xp ..."): data comes and goes with every large block of memory. */
static void keep_executable(wtfcb_base_buffer *text)
{
    char *to = text->data;
    const char *end = text->data + text->length;
    for (const char *from = text->data; from < end;) {
        const char *line_end = memchr(from, '\n', (size_t)(end - from));
        size_t length = (size_t)((line_end ? line_end + 1 : end) - from);
        const char *blank = memchr(from, ' ', length);
        if (blank && (size_t)(blank - from) + 4 <= length && blank[3] == 'x') {
            memmove(to, from, length);
            to += length;
        }
        from += length;
    }
    text->length = (size_t)(to - text->data);
}

/* The text about executable maps, with a NUL behind. */
static wtfcb_status read_text(wtfcb_profiler_symbols *symbols, pid_t process)
{
    char path[64];
    wtfcb_status status = WTFCB_OK;
    wtfcb_base_buffer *text = &symbols->text;
    (void)snprintf(path, sizeof path, "/proc/%ld/maps", (long)process);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return status_of(errno);
    wtfcb_base_buffer_reset(text);
    while (status == WTFCB_OK) {
        if (!wtfcb_base_buffer_reserve(text, READ_AT_ONCE)) {
            status = WTFCB_ENOMEM;
            break;
        }
        ssize_t got = read(fd, text->data + text->length, READ_AT_ONCE - 1);
        if (got == 0) break;
        if (got > 0) text->length += (size_t)got;
        if (got < 0 && errno != EINTR) status = status_of(errno);
    }
    (void)close(fd);
    if (status == WTFCB_OK && text->length == 0) status = WTFCB_ENOTFOUND; /* it has ended and is waited for */
    if (status != WTFCB_OK) return status;
    keep_executable(text);
    text->data[text->length] = '\0';
    return WTFCB_OK;
}

static bool hexadecimal(const char **text, char end, uint64_t *ret_number)
{
    uint64_t number = 0;
    const char *at = *text;
    for (;; at++) {
        unsigned digit;
        if (*at >= '0' && *at <= '9') {
            digit = (unsigned)(*at - '0');
        } else if (*at >= 'a' && *at <= 'f') {
            digit = (unsigned)(*at - 'a') + 10;
        } else {
            break;
        }
        number = number << 4 | digit;
    }
    if (at == *text || *at != end) return false;
    *text = at + 1;
    *ret_number = number;
    return true;
}

static const char *skip_word(const char *text)
{
    while (*text && *text != ' ')
        text++;
    while (*text == ' ')
        text++;
    return text;
}

/* The kernel writes line feeds of paths as \012. */
static void unescape(char *path)
{
    char *to = path;
    for (const char *from = path; *from; from++) {
        if (strncmp(from, "\\012", 4) == 0) {
            *to++ = '\n';
            from += 3;
        } else {
            *to++ = *from;
        }
    }
    *to = '\0';
}

/* "begin-end perms offset device inode path", NUL behind. False: not that. */
static bool parse_line(char *text, wtfcb_profiler_map_line *line)
{
    const char *at = text;
    if (!hexadecimal(&at, '-', &line->begin) || !hexadecimal(&at, ' ', &line->end)) return false;
    at = skip_word(at);
    if (!hexadecimal(&at, ' ', &line->offset)) return false;
    at = skip_word(at);
    line->inode = 0;
    for (; *at >= '0' && *at <= '9'; at++)
        line->inode = line->inode * 10 + (uint64_t)(*at - '0');
    while (*at == ' ')
        at++;
    unescape(text + (at - text));
    line->path = at;
    return true;
}

static wtfcb_status put_text(wtfcb_profiler_symbols *symbols, wtfcb_profiler_maps *maps, pid_t process)
{
    for (char *text = symbols->text.data; *text;) {
        wtfcb_profiler_map_line line = {.process = process};
        size_t length = strcspn(text, "\n");
        char *next = text + length + (text[length] == '\n');
        text[length] = '\0';
        if (parse_line(text, &line) && !put_line(symbols, maps, &line)) return WTFCB_ENOMEM;
        text = next;
    }
    return WTFCB_OK;
}

wtfcb_status wtfcb_profiler_symbols_map(wtfcb_profiler_symbols *symbols, pid_t process)
{
    wtfcb_status status = read_text(symbols, process);
    if (status != WTFCB_OK) return status;
    wtfcb_base_hash128 hash = wtfcb_base_hash(symbols->text.data, symbols->text.length);
    wtfcb_profiler_process *known = process_get(symbols, process);
    if (!known) return WTFCB_ENOMEM;
    if (known->maps && known->maps->hashed && memcmp(&hash, &known->maps->hash, sizeof hash) == 0) return WTFCB_OK;
    wtfcb_profiler_maps *maps = maps_new(symbols, NULL);
    if (!maps) return WTFCB_ENOMEM;
    status = put_text(symbols, maps, process);
    if (status != WTFCB_OK) {
        wtfcb_profiler_maps_release(symbols, maps);
        return status;
    }
    maps->hashed = true;
    maps->hash = hash;
    wtfcb_profiler_maps_release(symbols, known->maps);
    known->maps = maps;
    return WTFCB_OK;
}
