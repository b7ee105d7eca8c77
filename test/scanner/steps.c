/* Random steps; see steps.h. What a step cannot do (a name is taken, a file cannot be read) it leaves undone. */
#include "steps.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/fs.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "base/hash.h"

enum { FEWEST = 15, MOST = 40, LARGEST = 8192 };

static uint64_t state;
static bool with_links;
static unsigned branch;

uint64_t steps_below(uint64_t bound)
{
    return tree_random(&state) % bound;
}

void steps_paths_add(steps_paths *paths, const char *path)
{
    if (paths->count == paths->capacity) {
        paths->capacity = paths->capacity * 2 + 16;
        paths->items = realloc(paths->items, paths->capacity * sizeof *paths->items);
    }
    paths->items[paths->count++] = strdup(path);
}

static int compare_names(const void *left, const void *right)
{
    return strcmp(*(char *const *)left, *(char *const *)right);
}

void steps_paths_sort(steps_paths *paths)
{
    if (paths->count == 0) return;
    qsort(paths->items, paths->count, sizeof *paths->items, compare_names);
    size_t kept = 1;
    for (size_t i = 1; i < paths->count; i++) {
        if (strcmp(paths->items[i], paths->items[kept - 1]) == 0)
            free(paths->items[i]);
        else
            paths->items[kept++] = paths->items[i];
    }
    paths->count = kept;
}

void steps_paths_free(steps_paths *paths)
{
    for (size_t i = 0; i < paths->count; i++)
        free(paths->items[i]);
    free(paths->items);
    *paths = (steps_paths){0};
}

/* The account. */

typedef struct item {
    char *path;
    mode_t mode;
    wtfcb_base_hash128 content; /* of a file that can be read, or a link's target */
} item;

struct steps_state {
    item *items;
    size_t count;
    size_t capacity;
};

static size_t read_file(const char *path, char *into)
{
    int fd = open(tree_path(path), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0) return 0;
    ssize_t got = read(fd, into, LARGEST);
    close(fd);
    return got > 0 ? (size_t)got : 0;
}

static void add_item(steps_state *s, const char *path, const struct stat *st)
{
    char bytes[LARGEST];
    size_t length = 0;
    if (S_ISREG(st->st_mode)) length = read_file(path, bytes);
    if (S_ISLNK(st->st_mode)) length = (size_t)readlink(tree_path(path), bytes, sizeof bytes);
    if (s->count == s->capacity) {
        s->capacity = s->capacity * 2 + 64;
        s->items = realloc(s->items, s->capacity * sizeof *s->items);
    }
    s->items[s->count++] = (item){strdup(path), st->st_mode, wtfcb_base_hash(bytes, length)};
}

static void list_directory(steps_state *s, const char *path)
{
    DIR *directory = opendir(tree_path(path));
    if (!directory) return;
    for (const struct dirent *entry = readdir(directory); entry; entry = readdir(directory)) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
        char below[1024];
        struct stat st;
        snprintf(below, sizeof below, "%s%s%s", path, *path ? "/" : "", entry->d_name);
        if (lstat(tree_path(below), &st) == 0) add_item(s, below, &st);
    }
    closedir(directory);
}

static int compare_items(const void *left, const void *right)
{
    return strcmp(((const item *)left)->path, ((const item *)right)->path);
}

steps_state *steps_look(void)
{
    steps_state *s = calloc(1, sizeof *s);
    list_directory(s, "");
    for (size_t i = 0; i < s->count; i++) {
        if (!S_ISDIR(s->items[i].mode)) continue;
        char path[1024];
        snprintf(path, sizeof path, "%s", s->items[i].path);
        list_directory(s, path);
    }
    qsort(s->items, s->count, sizeof *s->items, compare_items);
    return s;
}

void steps_state_free(steps_state *s)
{
    for (size_t i = 0; s && i < s->count; i++)
        free(s->items[i].path);
    if (s) free(s->items);
    free(s);
}

void steps_changes(const steps_state *before, const steps_state *after, steps_paths *paths)
{
    size_t i = 0, k = 0;
    while (i < before->count || k < after->count) {
        int order = i == before->count  ? 1
                    : k == after->count ? -1
                                        : compare_items(&before->items[i], &after->items[k]);
        const item *a = order <= 0 ? &before->items[i++] : NULL;
        const item *b = order >= 0 ? &after->items[k++] : NULL;
        if (a && b && a->mode == b->mode && memcmp(&a->content, &b->content, sizeof a->content) == 0) continue;
        steps_paths_add(paths, a ? a->path : b->path);
    }
}

/* What there is to choose from. */

static const char *const directories[] = {"", "a/", "b/", "a/sub/", "vendor/", "docs/", "A/", "a.b/", "deep/er/est/"};
static const char *const names[] = {"a.c",        "b.c",    "A.c",       "x.h",      "m.py",      "app.js",
                                    "t.ts",       "v.tsx",  "main.go",   "lib.rs",   "M.java",    "page.html",
                                    "read.md",    "x.json", "data.x",    "Makefile", "noext",     "data.inc",
                                    "app.min.js", "b.cc",   "gen.pb.go", "o.tmp",    "README.md", ".dot.c"};
static const char *const ignores[] = {"*.tmp\n",     "*.py\n", "/a/\n",        "sub/\n*.md\n",
                                      "*.c\n!a.c\n", "",       "b.*\n!b.cc\n", "*\n!*/\n!*.h\n"};
static const char *const attributes[] = {"*.inc linguist-language=C\n",
                                         "*.inc linguist-language=PHP\n*.h linguist-language=C++\n",
                                         "*.c linguist-generated\n",
                                         "*.c linguist-language=C\n",
                                         "/docs/** -linguist-documentation\n",
                                         "*.md linguist-detectable=false\n*.js linguist-vendored\n",
                                         "",
                                         "vendor/* -linguist-vendored\n"};

#define ANY(list) (list)[steps_below(sizeof(list) / sizeof *(list))]

static const char *any_path(void)
{
    static char buffers[4][128];
    static unsigned turn;
    char *path = buffers[turn++ % 4];
    snprintf(path, sizeof buffers[0], "%s%s", ANY(directories), ANY(names));
    return path;
}

/* Some text; one in three has its own last line, always of the same length. */
static size_t any_content(char *into)
{
    static const char binary[] = "\177ELF\0\1\2\3";
    static const char utf16[] = "\377\376i\0n\0t\0 \0x\0;\0\n\0/\0/\0c\0\n\0";
    size_t length, samples = 0;
    while (tree_sample_at(samples))
        samples++;
    switch (steps_below(12)) {
    case 0: memcpy(into, binary, length = sizeof binary); break;
    case 1: memcpy(into, utf16, length = sizeof utf16 - 1); break;
    case 2: length = (size_t)snprintf(into, LARGEST, "// Code generated by a test. DO NOT EDIT.\nint g;\n"); break;
    case 3: length = (size_t)snprintf(into, LARGEST, "# vim: ft=python\nx = 1\n"); break;
    default: length = (size_t)snprintf(into, LARGEST, "%s", tree_sample_at(steps_below(samples))->text);
    }
    if (steps_below(3) == 0) length += (size_t)snprintf(into + length, 32, "int last%02d;\n", (int)steps_below(100));
    return length;
}

static void make_parents(const char *path)
{
    char at[1024];
    snprintf(at, sizeof at, "%s", path);
    for (char *slash = strchr(at, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        (void)mkdir(tree_path(at), 0777);
        *slash = '/';
    }
}

static void write_file(const char *path, const char *bytes, size_t length)
{
    make_parents(path);
    int fd = open(tree_path(path), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0666);
    if (fd < 0) return;
    ck_assert_int_eq(write(fd, bytes, length), (ssize_t)length);
    close(fd);
}

/* A file, directory or link that is there, not counting files of rules; NULL if there is none. Valid until the next look. */
static const char *choose(const steps_state *s, mode_t type)
{
    for (int tries = 0; tries < 50 && s->count > 0; tries++) {
        const item *it = &s->items[steps_below(s->count)];
        if ((it->mode & S_IFMT) == type && !strstr(it->path, ".git")) return it->path;
    }
    return NULL;
}

static size_t count_files(const steps_state *s)
{
    size_t count = 0;
    for (size_t i = 0; i < s->count; i++)
        count += S_ISREG(s->items[i].mode);
    return count;
}

/* Steps on a file. */

static void create(void)
{
    char bytes[LARGEST];
    size_t length = any_content(bytes);
    write_file(any_path(), bytes, length);
}

static void edit(const char *path)
{
    char bytes[LARGEST];
    size_t length = any_content(bytes);
    write_file(path, bytes, length);
}

/* In place; the size stays. */
static void edit_letter(const char *path)
{
    char bytes[LARGEST];
    size_t length = read_file(path, bytes);
    int fd = open(tree_path(path), O_WRONLY | O_CLOEXEC);
    if (fd < 0) return;
    for (int tries = 0; tries < 20 && length > 0; tries++) {
        size_t at = steps_below(length);
        if (bytes[at] < '0' || bytes[at] > 'z') continue;
        char letter = "xyz019{}"[steps_below(8)];
        ck_assert_int_eq(pwrite(fd, &letter, 1, (off_t)at), 1);
        break;
    }
    close(fd);
}

/* Likewise, and the modification time stays too. */
static void edit_letter_in_secret(const char *path)
{
    struct stat st;
    if (stat(tree_path(path), &st) != 0) return;
    edit_letter(path);
    (void)utimensat(AT_FDCWD, tree_path(path), (struct timespec[]){st.st_atim, st.st_mtim}, 0);
}

static void append(const char *path)
{
    struct stat st;
    if (stat(tree_path(path), &st) != 0 || st.st_size > LARGEST / 2) return;
    int fd = open(tree_path(path), O_WRONLY | O_APPEND | O_CLOEXEC);
    if (fd < 0) return;
    ck_assert_int_eq(write(fd, "\nint more(void);\n", 17), 17);
    close(fd);
}

static void cut(const char *path)
{
    struct stat st;
    if (stat(tree_path(path), &st) == 0) (void)!truncate(tree_path(path), (off_t)steps_below((uint64_t)st.st_size + 1));
}

static void rename_file(const char *path)
{
    const char *other = any_path();
    make_parents(other);
    (void)!rename(tree_path(path), tree_path(other));
}

static void swap(const char *path, const char *other)
{
    (void)syscall(SYS_renameat2, AT_FDCWD, tree_path(path), AT_FDCWD, tree_path(other), RENAME_EXCHANGE);
}

static void copy(const char *path)
{
    char bytes[LARGEST];
    struct stat st;
    size_t length = read_file(path, bytes);
    const char *other = any_path();
    if (stat(tree_path(path), &st) != 0) return;
    write_file(other, bytes, length);
    (void)utimensat(AT_FDCWD, tree_path(other), (struct timespec[]){st.st_atim, st.st_mtim}, 0);
}

static void change_mode(const char *path)
{
    struct stat st;
    if (stat(tree_path(path), &st) != 0) return;
    mode_t usual = S_ISDIR(st.st_mode) ? 0777 : 0666;
    (void)!chmod(tree_path(path), st.st_mode & 0400 ? 0 : usual);
}

static void touch(const char *path)
{
    static const int64_t by[] = {-86400 * 365, -100, -3, 3, 100, 86400};
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    now.tv_sec += ANY(by);
    (void)utimensat(AT_FDCWD, tree_path(path), (struct timespec[]){now, now}, 0);
}

static void make_again(const char *path)
{
    char bytes[LARGEST];
    size_t length = read_file(path, bytes);
    if (unlink(tree_path(path)) != 0) return;
    if (steps_below(2) && length > 0) bytes[steps_below(length)] = 'q'; /* another content of the same size */
    write_file(path, bytes, length);
}

static void change_case(const char *path)
{
    char other[1024];
    snprintf(other, sizeof other, "%s", path);
    char *name = strrchr(other, '/') ? strrchr(other, '/') + 1 : other;
    if (((unsigned char)*name | 32u) - 'a' < 26) *name ^= 32;
    (void)!rename(tree_path(path), tree_path(other));
}

static void link_hard(const char *path)
{
    const char *other = any_path();
    make_parents(other);
    if (steps_below(2)) (void)unlink(tree_path(other));
    (void)!link(tree_path(path), tree_path(other));
}

/* Steps on more than one. */

static void remove_tree(const char *path)
{
    steps_state *s = steps_look();
    size_t length = strlen(path);
    for (size_t i = s->count; i-- > 0;) { /* what lies below a directory stands behind it */
        const item *it = &s->items[i];
        if (strncmp(it->path, path, length) == 0 && (it->path[length] == '/' || it->path[length] == '\0'))
            (void)!(S_ISDIR(it->mode) ? rmdir(tree_path(it->path)) : unlink(tree_path(it->path)));
    }
    steps_state_free(s);
}

/* As version control does it: files are replaced, some are on one branch only. */
static void switch_branch(void)
{
    static const char *const touched[] = {"a/a.c", "a/m.py", "b/app.js", "docs/read.md", "Makefile", "vendor/b.c"};
    char text[512];
    branch++;
    for (size_t i = 0; i < sizeof touched / sizeof *touched; i++) {
        (void)unlink(tree_path(touched[i]));
        int length = snprintf(text, sizeof text, "%s\nint on_branch_%u;\n", i % 2 ? "" : "# text", branch % 2);
        write_file(touched[i], text, (size_t)length);
    }
    if (branch % 2) {
        write_file("other/only.c", "int only;\n", 10);
        write_file("other/way/down.py", "x = 1\n", 6);
        write_file(".gitignore", "*.tmp\n*.json\n", 13);
    } else {
        remove_tree("other");
        write_file(".gitignore", "*.tmp\n", 6);
    }
}

static void rename_directory(const char *path)
{
    static const char *const others[] = {"a", "b", "B", "moved", "docs", "deep/under", "vendor"};
    const char *other = ANY(others);
    make_parents(other);
    (void)!rename(tree_path(path), tree_path(other));
}

static void put_rules(const char *name, const char *text)
{
    static const char *const places[] = {"", "", "a/", "docs/"};
    char path[128];
    snprintf(path, sizeof path, "%s%s", ANY(places), name);
    if (steps_below(5) == 0)
        (void)unlink(tree_path(path));
    else
        write_file(path, text, strlen(text));
}

static void flip_link(void)
{
    static const char *const places[] = {"ln.c", "a/ln", "b/ln"};
    static const char *const targets[] = {"a.c", "../b", "..", "../a", "../docs/read.md", "none", "a/m.py", "sub"};
    const char *place = ANY(places);
    make_parents(place);
    (void)unlink(tree_path(place));
    (void)!symlink(ANY(targets), tree_path(place));
}

static void change_kind(const char *path)
{
    if (unlink(tree_path(path)) != 0) return;
    (void)mkdir(tree_path(path), 0777);
    char below[1024];
    snprintf(below, sizeof below, "%s/inside.c", path);
    write_file(below, "int inside;\n", 12);
}

/* A step by number, on files that are there. Returns its name. */
static const char *on_file(uint64_t kind, const char *path, const char *other)
{
    switch (kind) {
    case 0: return edit(path), "edit";
    case 1: return edit_letter(path), "edit of the same size";
    case 2: return edit_letter_in_secret(path), "edit with times put back";
    case 3: return append(path), "append";
    case 4: return cut(path), "truncate";
    case 5: return rename_file(path), "rename";
    case 6: return swap(path, other), "swap";
    case 7: return copy(path), "copy with times";
    case 8: return change_mode(path), "permissions of a file";
    case 9: return touch(path), "touch";
    case 10: return make_again(path), "delete and recreate";
    case 11: return change_case(path), "case of a name";
    case 12: return link_hard(path), "hard link";
    case 13: return change_kind(path), "file to directory";
    case 14: return rename_file(path), rename_file(other), "two renames";
    default: return (void)unlink(tree_path(path)), "delete";
    }
}

enum { FILE_STEPS = 16 };

static const char *on_tree(uint64_t kind, const char *directory)
{
    switch (kind) {
    case 0: return switch_branch(), "branch switch";
    case 1: return directory ? rename_directory(directory) : create(), "rename of a directory";
    case 2: return put_rules(".gitignore", ANY(ignores)), "ignore rules";
    case 3: return put_rules(".gitattributes", ANY(attributes)), "attributes";
    case 4: return directory ? change_mode(directory) : create(), "permissions of a directory";
    case 5: return directory ? change_case(directory) : create(), "case of a directory";
    case 6: return directory ? remove_tree(directory) : create(), "directory removed";
    case 7: return directory ? swap(directory, ANY(directories)) : create(), "swap of directories";
    case 8: return put_rules(".gitattributes", ANY(attributes)), "attributes";
    default: return create(), "new file";
    }
}

enum { TREE_STEPS = 11 };

/* What has no permissions gets them back sooner or later. */
static void open_up(const steps_state *s)
{
    for (size_t i = 0; i < s->count; i++)
        if (!S_ISLNK(s->items[i].mode) && !(s->items[i].mode & 0400))
            (void)!chmod(tree_path(s->items[i].path), S_ISDIR(s->items[i].mode) ? 0777 : 0666);
}

const char *steps_do(void)
{
    steps_state *s = steps_look();
    size_t files = count_files(s);
    const char *file = choose(s, S_IFREG), *other = choose(s, S_IFREG), *what;
    uint64_t dice = steps_below(100);
    if (files < FEWEST || !file || !other) {
        create();
        create();
        what = "two new files";
    } else if (files > MOST) {
        (void)unlink(tree_path(file));
        (void)unlink(tree_path(other));
        what = "two files deleted";
    } else if (dice < 4) {
        open_up(s);
        what = "permissions given back";
    } else if (dice < 14 && with_links) {
        flip_link();
        what = "link flipped";
    } else if (dice < 60) {
        what = on_file(steps_below(FILE_STEPS), file, other);
    } else if (dice < 62) {
        what = "nothing";
    } else {
        what = on_tree(steps_below(TREE_STEPS), choose(s, S_IFDIR));
    }
    steps_state_free(s);
    return what;
}

void steps_give_up_privileges(void)
{
    struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct sets[2];
    if (syscall(SYS_capget, &head, sets) != 0) return;
    sets[0].effective &= ~(1u << CAP_DAC_OVERRIDE | 1u << CAP_DAC_READ_SEARCH);
    ck_assert_int_eq(syscall(SYS_capset, &head, sets), 0);
}

void steps_begin(uint64_t seed, bool links)
{
    state = seed * 0x9e3779b97f4a7c15u + 1;
    with_links = links;
    branch = 0;
    steps_give_up_privileges();
    tree_put_samples();
    tree_put(".gitattributes", attributes[0]);
    tree_put("data.inc", "int f(void) { return 1; }\n");
    tree_put("vendor/b.c", "int vendored;\n");
    for (int i = 0; i < 6; i++)
        create();
    if (links) flip_link();
}

void steps_wait_for_tick(void)
{
    struct timespec from, now;
    clock_gettime(CLOCK_REALTIME_COARSE, &from);
    do {
        (void)usleep(300);
        clock_gettime(CLOCK_REALTIME_COARSE, &now);
    } while (now.tv_sec == from.tv_sec && now.tv_nsec == from.tv_nsec);
}
