/*
 * Floors: what the work under a scan costs without the library, in the simplest program that does it. Budgets are
 * ratios against these figures, taken in the same minutes on the same machine.
 *
 *     parse_floor stat  -j N PATH...    walk and fstatat, N threads
 *     parse_floor read  -j N PATH...    pread of every file into a reused buffer, N processes
 *     parse_floor hash  -j N PATH...    the same and XXH3-128
 *     parse_floor parse -j N PATH...    the same and a parse with libc's malloc and one walk by cursor
 *
 * A path is a file or a directory; "-" reads a list of files from standard input. `parse` takes the files whose suffix
 * it has a grammar for, the other modes all; finding the files is timed in `stat` alone. Rounds (-r) are printed one a
 * line, so that a script can interleave programs and take minima. Symbolic links are not followed, names that begin
 * with a dot are skipped.
 */
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define XXH_INLINE_ALL
#include <tree_sitter/api.h>
#include <xxhash.h>

#include "grammars/grammar.h"

enum mode { MODE_STAT, MODE_READ, MODE_HASH, MODE_PARSE };

struct file {
    char *path;
    const TSLanguage *language;
};

/* What all processes of a round add to; in shared memory. */
struct totals {
    atomic_size_t next;
    atomic_uint_fast64_t files, bytes, nodes, error_trees, check;
};

static struct {
    const char *suffix, *grammar;
    const TSLanguage *language;
} languages[] = {
    {".c", "c", NULL},           {".h", "c", NULL},           {".cc", "cpp", NULL},
    {".cpp", "cpp", NULL},       {".hpp", "cpp", NULL},       {".go", "go", NULL},
    {".java", "java", NULL},     {".js", "javascript", NULL}, {".mjs", "javascript", NULL},
    {".py", "python", NULL},     {".rs", "rust", NULL},       {".tsx", "tsx", NULL},
    {".ts", "typescript", NULL},
};
enum { LANGUAGES = sizeof languages / sizeof *languages };

static struct file *files;
static size_t file_count;
static size_t file_capacity;

/* Directories that wait to be walked; `busy` walkers may still add some. */
static char **pending;
static size_t pending_count;
static size_t pending_capacity;
static unsigned busy;
static bool keep_files;
static bool only_parsed;
static atomic_uint_fast64_t stat_files;
static atomic_uint_fast64_t stat_bytes;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t more = PTHREAD_COND_INITIALIZER;

static void die(const char *what)
{
    fprintf(stderr, "parse_floor: %s: %s\n", what, strerror(errno));
    exit(1);
}

static void *must(void *block)
{
    if (!block) die("memory");
    return block;
}

static uint64_t now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static const TSLanguage *language_of(const char *path)
{
    const char *suffix = strrchr(path, '.');
    for (size_t i = 0; suffix && i < LANGUAGES; i++) {
        if (strcmp(suffix, languages[i].suffix) == 0) return languages[i].language;
    }
    return NULL;
}

static void load_grammars(const char *folder)
{
    for (size_t i = 0; i < LANGUAGES; i++) {
        char path[4096];
        char symbol[64];
        snprintf(path, sizeof path, "%s/%s.so", folder, languages[i].grammar);
        snprintf(symbol, sizeof symbol, WTFCB_GRAMMAR_PREFIX "%s", languages[i].grammar);
        void *object = dlopen(path, RTLD_NOW | RTLD_LOCAL);
        if (!object) {
            fprintf(stderr, "parse_floor: %s\n", dlerror());
            exit(1);
        }
        wtfcb_grammar_function *function = NULL;
        *(void **)&function = dlsym(object, symbol);
        if (!function) die(symbol);
        languages[i].language = function()->language();
    }
}

/* Takes the path over. Called under the lock once threads run. */
static void add_file(char *path)
{
    const TSLanguage *language = language_of(path);
    if (only_parsed && !language) {
        free(path);
        return;
    }
    if (file_count == file_capacity) {
        file_capacity = file_capacity ? file_capacity * 2 : 1024;
        files = must(realloc(files, file_capacity * sizeof *files));
    }
    files[file_count++] = (struct file){path, language};
}

static void add_directory(char *path)
{
    if (pending_count == pending_capacity) {
        pending_capacity = pending_capacity ? pending_capacity * 2 : 1024;
        pending = must(realloc(pending, pending_capacity * sizeof *pending));
    }
    pending[pending_count++] = path;
}

static char *join(const char *folder, const char *name)
{
    size_t a = strlen(folder);
    size_t b = strlen(name);
    char *path = must(malloc(a + b + 2));
    memcpy(path, folder, a);
    path[a] = '/';
    memcpy(path + a + 1, name, b + 1);
    return path;
}

static void walk_directory(const char *path)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    DIR *directory = fd >= 0 ? fdopendir(fd) : NULL;
    if (!directory) die(path);
    uint64_t found = 0;
    uint64_t bytes = 0;
    for (const struct dirent *entry; (entry = readdir(directory));) {
        if (entry->d_name[0] == '.') continue;
        struct stat st;
        if (entry->d_type != DT_DIR && fstatat(fd, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) != 0) continue;
        if (entry->d_type == DT_DIR) {
            char *child = join(path, entry->d_name);
            pthread_mutex_lock(&lock);
            add_directory(child);
            pthread_cond_signal(&more);
            pthread_mutex_unlock(&lock);
        } else if (S_ISREG(st.st_mode)) {
            found++;
            bytes += (uint64_t)st.st_size;
            if (keep_files) {
                pthread_mutex_lock(&lock);
                add_file(join(path, entry->d_name));
                pthread_mutex_unlock(&lock);
            }
        }
    }
    closedir(directory);
    atomic_fetch_add(&stat_files, found);
    atomic_fetch_add(&stat_bytes, bytes);
}

static void *walker(void *unused)
{
    pthread_mutex_lock(&lock);
    for (;;) {
        while (pending_count == 0 && busy > 0)
            pthread_cond_wait(&more, &lock);
        if (pending_count == 0) break;
        char *path = pending[--pending_count];
        busy++;
        pthread_mutex_unlock(&lock);
        walk_directory(path);
        free(path);
        pthread_mutex_lock(&lock);
        busy--;
    }
    pthread_cond_broadcast(&more);
    pthread_mutex_unlock(&lock);
    return unused;
}

static void walk(char **paths, unsigned workers)
{
    for (; *paths; paths++) {
        struct stat st;
        if (strcmp(*paths, "-") == 0) {
            char *line = NULL;
            size_t size = 0;
            for (ssize_t length; (length = getline(&line, &size, stdin)) > 0;) {
                if (line[length - 1] == '\n') line[length - 1] = '\0';
                add_file(must(strdup(line)));
            }
            free(line);
        } else if (stat(*paths, &st) != 0) {
            die(*paths);
        } else if (S_ISDIR(st.st_mode)) {
            add_directory(must(strdup(*paths)));
        } else {
            add_file(must(strdup(*paths)));
        }
    }
    pthread_t threads[64];
    for (unsigned i = 0; i < workers; i++) {
        if (pthread_create(&threads[i], NULL, walker, NULL) != 0) die("thread");
    }
    for (unsigned i = 0; i < workers; i++)
        pthread_join(threads[i], NULL);
}

static uint64_t count_nodes(TSTree *tree)
{
    uint64_t nodes = 0;
    TSTreeCursor cursor = ts_tree_cursor_new(ts_tree_root_node(tree));
    for (bool inside = true; inside;) {
        TSNode node = ts_tree_cursor_current_node(&cursor);
        nodes += ts_node_symbol(node) != 0;
        if (ts_tree_cursor_goto_first_child(&cursor)) continue;
        while (!ts_tree_cursor_goto_next_sibling(&cursor)) {
            inside = ts_tree_cursor_goto_parent(&cursor);
            if (!inside) break;
        }
    }
    ts_tree_cursor_delete(&cursor);
    return nodes;
}

/* One process's share of a round: whatever index nobody else has taken. */
static void work(enum mode mode, struct totals *totals)
{
    TSParser *parser = mode == MODE_PARSE ? must(ts_parser_new()) : NULL;
    size_t capacity = 1 << 20;
    char *buffer = must(malloc(capacity));
    uint64_t count = 0;
    uint64_t bytes = 0;
    uint64_t nodes = 0;
    uint64_t error_trees = 0;
    uint64_t check = 0;
    for (size_t i; (i = atomic_fetch_add(&totals->next, 1)) < file_count;) {
        struct stat st;
        int fd = open(files[i].path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
        if (fd < 0) continue;
        if (fstat(fd, &st) != 0) die(files[i].path);
        size_t size = (size_t)st.st_size;
        if (size > capacity) {
            capacity = size;
            buffer = must(realloc(buffer, capacity));
        }
        ssize_t got = pread(fd, buffer, size, 0);
        close(fd);
        if (got < 0) die(files[i].path);
        count++;
        bytes += (uint64_t)got;
        if (mode >= MODE_HASH) check ^= XXH3_128bits(buffer, (size_t)got).low64;
        if (mode == MODE_PARSE) {
            ts_parser_set_language(parser, files[i].language);
            TSTree *tree = must(ts_parser_parse_string(parser, NULL, buffer, (uint32_t)got));
            nodes += count_nodes(tree);
            error_trees += ts_node_has_error(ts_tree_root_node(tree));
            ts_tree_delete(tree);
        }
    }
    free(buffer);
    if (parser) ts_parser_delete(parser);
    atomic_fetch_add(&totals->files, count);
    atomic_fetch_add(&totals->bytes, bytes);
    atomic_fetch_add(&totals->nodes, nodes);
    atomic_fetch_add(&totals->error_trees, error_trees);
    atomic_fetch_xor(&totals->check, check);
}

static void work_in_processes(enum mode mode, unsigned processes, struct totals *totals)
{
    for (unsigned i = 1; i < processes; i++) {
        pid_t child = fork();
        if (child < 0) die("fork");
        if (child == 0) {
            work(mode, totals);
            _exit(0);
        }
    }
    work(mode, totals);
    for (int status; wait(&status) > 0;) {
        if (status != 0) die("a process failed");
    }
}

static void report(const char *mode, unsigned workers, uint64_t ns, const struct totals *t)
{
    printf("%s -j %u: %.3f ms, %" PRIuFAST64 " files, %" PRIuFAST64 " bytes", mode, workers, (double)ns / 1e6, t->files,
           t->bytes);
    if (t->nodes) printf(", %" PRIuFAST64 " nodes, %" PRIuFAST64 " trees with errors", t->nodes, t->error_trees);
    printf(", check %016" PRIxFAST64 "\n", t->check);
    fflush(stdout);
}

static int usage(void)
{
    fputs("usage: parse_floor stat|read|hash|parse [-j N] [-r ROUNDS] [-g GRAMMARS] PATH...|-\n", stderr);
    return 2;
}

int main(int argc, char **argv)
{
    static const char *const names[] = {"stat", "read", "hash", "parse"};
    const char *grammars = "build/release/grammars";
    long workers = 1;
    long rounds = 1;
    unsigned mode = 0;
    if (argc < 2) return usage();
    while (mode < 4 && strcmp(argv[1], names[mode]) != 0)
        mode++;
    for (int option; (option = getopt(argc - 1, argv + 1, "j:r:g:")) != -1;) {
        if (option == 'j')
            workers = strtol(optarg, NULL, 10);
        else if (option == 'r')
            rounds = strtol(optarg, NULL, 10);
        else if (option == 'g')
            grammars = optarg;
        else
            return usage();
    }
    char **paths = argv + 1 + optind;
    if (mode > MODE_PARSE || !*paths || workers < 1 || workers > 64 || rounds < 1) return usage();

    if (mode == MODE_PARSE) load_grammars(grammars);
    keep_files = mode != MODE_STAT;
    only_parsed = mode == MODE_PARSE;
    if (keep_files) walk(paths, (unsigned)workers);

    struct totals *totals = mmap(NULL, sizeof *totals, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (totals == MAP_FAILED) die("memory");
    for (long round = 0; round < rounds; round++) {
        memset(totals, 0, sizeof *totals);
        atomic_store(&stat_files, 0);
        atomic_store(&stat_bytes, 0);
        uint64_t start = now();
        if (mode == MODE_STAT) {
            walk(paths, (unsigned)workers);
            totals->files = stat_files;
            totals->bytes = stat_bytes;
        } else {
            work_in_processes((enum mode)mode, (unsigned)workers, totals);
        }
        report(names[mode], (unsigned)workers, now() - start, totals);
    }
    for (size_t i = 0; i < file_count; i++)
        free(files[i].path);
    free(files);
    free(pending);
    munmap(totals, sizeof *totals);
    return 0;
}
