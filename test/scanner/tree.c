/* Building trees and asking snapshots short questions; see tree.h. */
#include "tree.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static char *top; /* holds home/ and tree/ */
static char *root;

const char *tree_root(void)
{
    return root;
}

const char *tree_path(const char *below)
{
    static char buffers[4][8192];
    static unsigned turn;
    char *buffer = buffers[turn++ % 4];
    snprintf(buffer, sizeof buffers[0], "%s/%s", root, below);
    return buffer;
}

void tree_begin(void)
{
    char path[4096];
    top = wtfcb_test_directory();
    snprintf(path, sizeof path, "%s/home", top);
    ck_assert_int_eq(mkdir(path, 0777), 0);
    setenv("HOME", path, 1);
    setenv("GIT_CONFIG_NOSYSTEM", "1", 1);
    unsetenv("XDG_CONFIG_HOME");
    unsetenv("GIT_CONFIG_GLOBAL");
    snprintf(path, sizeof path, "%s/tree", top);
    ck_assert_int_eq(mkdir(path, 0777), 0);
    root = strdup(path);
}

void tree_end(void)
{
    free(root);
    free(top);
    root = top = NULL;
}

static void make_parents(const char *path)
{
    char at[8192];
    snprintf(at, sizeof at, "%s/%s", root, path);
    for (char *slash = strchr(at + strlen(root) + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        (void)mkdir(at, 0777);
        *slash = '/';
    }
}

void tree_put_bytes(const char *path, const void *bytes, size_t length)
{
    make_parents(path);
    FILE *file = fopen(tree_path(path), "wb");
    ck_assert_msg(file != NULL, "%.200s", path);
    ck_assert_uint_eq(fwrite(bytes, 1, length, file), length);
    ck_assert_int_eq(fclose(file), 0);
}

void tree_put(const char *path, const char *text)
{
    tree_put_bytes(path, text, strlen(text));
}

void tree_directory(const char *path)
{
    make_parents(path);
    ck_assert_int_eq(mkdir(tree_path(path), 0777), 0);
}

void tree_link(const char *target, const char *path)
{
    make_parents(path);
    ck_assert_int_eq(symlink(target, tree_path(path)), 0);
}

static const tree_sample samples[] = {
    {"c/list.c",
     "#include <stdio.h>\n#include \"list.h\"\n\n/** Add up. */\nint sum(const int *v, int n)\n{\n    int s = 0;\n"
     "    for (int i = 0; i < n; i++)\n        if (v[i] > 0 && v[i] < 9) s += v[i];\n    return s;\n}\n\n"
     "static void quiet(void)\n{\n}\n\nstruct node { struct node *next; int value; };\nenum e { A, B = 2 };\n"
     "#define MAX(a, b) ((a) > (b) ? (a) : (b))\n"},
    {"c/broken.c",
     "int good(void)\n{\n    return 1;\n}\n\nint bad( { if (] ;\n\nstatic int after(int x)\n{\n    return x;\n}\n"},
    {"cpp/shape.cc", "#include <vector>\nnamespace geo {\nclass Shape {\npublic:\n    virtual ~Shape() = default;\n"
                     "    double area() const { return w * h; }\nprivate:\n    double w, h;\n};\n} // namespace geo\n"},
    {"py/mod.py",
     "\"\"\"Docs.\"\"\"\nimport os\nfrom . import other\n\n\nclass A:\n    \"\"\"A class.\"\"\"\n\n    def run(self, x, y=1):\n"
     "        # comment\n        if x and y:\n            return [i for i in range(x)]\n        return None\n"},
    {"js/app.js",
     "import x from './x.js';\nconst y = require('y');\n\nexport function go(a, b) {\n  return a ? b : x(y);\n}\n\n"
     "class K { m() { return 1; } }\n"},
    {"ts/types.ts",
     "export interface P { a: string; b?: number }\nexport type Q = P | null;\nexport const f = (p: P): Q => p;\n"},
    {"ts/view.tsx", "import React from 'react';\nexport const V = (p: { n: number }) => <b>{p.n}</b>;\n"},
    {"go/main.go", "package main\n\nimport \"fmt\"\n\n// Run runs.\nfunc Run(n int) int {\n\tfor i := 0; i < n; i++ {\n"
                   "\t\tfmt.Println(i)\n\t}\n\treturn n\n}\n\ntype T struct{ X int }\n"},
    {"rs/lib.rs",
     "//! Crate.\nuse std::io;\n\n/// Doc.\npub fn read(n: u32) -> u32 {\n    match n {\n        0 => 1,\n        _ => n,\n    }\n}\n\n"
     "pub struct S { pub x: i32 }\nimpl S {\n    fn new() -> S { S { x: 0 } }\n}\n"},
    {"java/M.java",
     "package p;\n\nimport java.util.List;\n\npublic class M {\n    private int x;\n    public M(int x) { this.x = x; }\n"
     "    int get() { return x > 0 ? x : -x; }\n}\n"},
    {"web/page.html",
     "<html>\n<head>\n<style>\nb { color: red }\n\n</style>\n<script>\n// c\nlet a = 1;\n</script>\n</head>\n</html>\n"},
    {"doc/read.md", "# Title\n\nText.\n\n```c\nint x;\n/* c */\n```\n\nMore.\n"},
    {"data/a.json", "{\n  \"a\": [1, 2]\n}\n"},
    {"Makefile", "all:\n\tcc x.c\n# end\n"},
    {"empty.c", ""},
    {"no_newline.py", "x = 1"},
    {"unknown.zzz", "some\n\ntext\n"},
};

const tree_sample *tree_sample_at(size_t index)
{
    return index < sizeof samples / sizeof *samples ? &samples[index] : NULL;
}

void tree_put_samples(void)
{
    for (size_t i = 0; i < sizeof samples / sizeof *samples; i++)
        tree_put(samples[i].path, samples[i].text);
    static const char binary[] = "\177ELF\0\1\2\3";
    tree_put_bytes("bin/prog", binary, sizeof binary);
    static const char utf16[] = "\377\376i\0n\0t\0 \0x\0;\0\n\0/\0/\0c\0\n\0";
    tree_put_bytes("wide.c", utf16, sizeof utf16 - 1);
    tree_put(".gitignore", "*.tmp\n/skipped/\n");
    tree_put("left.tmp", "x\n");
    tree_put("skipped/x.c", "int x;\n");
    tree_put(".hidden.c", "int h;\n");
}

wtfcb_scanner *tree_scanner(int64_t depth, int64_t threads)
{
    wtfcb_scanner *scanner = NULL;
    ck_assert_int_eq(wtfcb_scanner_new(NULL, &scanner), WTFCB_OK);
    ck_assert_int_eq(wtfcb_scanner_set(scanner, WTFCB_SCANNER_DEPTH, depth), WTFCB_OK);
    ck_assert_int_eq(wtfcb_scanner_set(scanner, WTFCB_SCANNER_THREADS, threads), WTFCB_OK);
    return scanner;
}

wtfcb_codebase *tree_scan(wtfcb_scanner *scanner)
{
    wtfcb_codebase *codebase = NULL;
    wtfcb_error error = WTFCB_ERROR_INIT;
    wtfcb_status status = wtfcb_scanner_scan(scanner, root, &codebase, &error);
    ck_assert_msg(status == WTFCB_OK, "%s: %s", wtfcb_status_name(status), error.message);
    ck_assert_ptr_nonnull(codebase);
    return codebase;
}

wtfcb_codebase *tree_scan_at(int64_t depth)
{
    wtfcb_scanner *scanner = tree_scanner(depth, 2);
    wtfcb_codebase *codebase = tree_scan(scanner);
    wtfcb_scanner_free(scanner);
    return codebase;
}

bool tree_has(const wtfcb_codebase *codebase, const char *path)
{
    uint64_t index;
    return wtfcb_codebase_find_file(codebase, path, strlen(path), &index) == WTFCB_OK;
}

wtfcb_file tree_file(const wtfcb_codebase *codebase, const char *path)
{
    uint64_t index = 0;
    wtfcb_file file;
    wtfcb_status status = wtfcb_codebase_find_file(codebase, path, strlen(path), &index);
    ck_assert_msg(status == WTFCB_OK, "no row of %.200s", path);
    ck_assert_int_eq(wtfcb_codebase_file(codebase, index, &file, sizeof file), WTFCB_OK);
    return file;
}

wtfcb_totals tree_totals(const wtfcb_codebase *codebase)
{
    wtfcb_totals totals;
    ck_assert_int_eq(wtfcb_codebase_totals(codebase, &totals, sizeof totals), WTFCB_OK);
    return totals;
}

wtfcb_scan_stats tree_stats(const wtfcb_codebase *codebase)
{
    wtfcb_scan_stats stats;
    ck_assert_int_eq(wtfcb_codebase_stats(codebase, &stats, sizeof stats), WTFCB_OK);
    return stats;
}

char *tree_list(const wtfcb_codebase *codebase)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    wtfcb_file file;
    for (uint64_t i = 0; wtfcb_codebase_file(codebase, i, &file, sizeof file) == WTFCB_OK; i++)
        fprintf(out, "%s ", file.path);
    fclose(out);
    return text;
}

static int entries_of(const char *path)
{
    DIR *directory = opendir(path);
    ck_assert_ptr_nonnull(directory);
    int count = 0;
    for (const struct dirent *entry = readdir(directory); entry; entry = readdir(directory))
        count += entry->d_name[0] != '.';
    closedir(directory);
    return count;
}

int tree_open_descriptors(void)
{
    return entries_of("/proc/self/fd") - 1; /* but for the one that lists them */
}

int tree_threads(void)
{
    return entries_of("/proc/self/task");
}

uint64_t tree_now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

uint64_t tree_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}
