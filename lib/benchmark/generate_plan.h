/*
 * The plan of a generated project: which files there are, in which language, how large, where, and which of them import which; and what edits have
 * made of it. It holds no text: a file's text follows from its entry here (generate_file.h), so that 20,000 files are planned in a few MB.
 *
 * Files of a component (one language, one folder at the top) stand together, and those of a folder too: file j is before file i means that i
 * may import j without closing a cycle, of packages neither. What edits add comes at the end.
 *
 * Owned by one wtfcb_project.
 */
#ifndef WTFCB_BENCHMARK_GENERATE_PLAN_H
#define WTFCB_BENCHMARK_GENERATE_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <wtfcb/allocator.h>
#include <wtfcb/status.h>

#include "base/buffer.h"

#define WTFCB_BENCHMARK_NONE UINT32_MAX

/* In the order of the table in generate_dialects.c, which is that of `languages` masks. */
enum {
    WTFCB_BENCHMARK_C,
    WTFCB_BENCHMARK_PYTHON,
    WTFCB_BENCHMARK_JAVASCRIPT,
    WTFCB_BENCHMARK_TYPESCRIPT,
    WTFCB_BENCHMARK_JAVA,
    WTFCB_BENCHMARK_GO,
    WTFCB_BENCHMARK_RUST,
    WTFCB_BENCHMARK_LANGUAGES
};

enum {
    WTFCB_BENCHMARK_SOURCE,  /* of the drawn size */
    WTFCB_BENCHMARK_HEADER,  /* likewise: of C */
    WTFCB_BENCHMARK_MODULE,  /* what a language wants in a folder: __init__.py, mod.rs, lib.rs */
    WTFCB_BENCHMARK_MANIFEST /* what a component needs: go.mod, Cargo.toml, package.json; a file of another language */
};

/* Sizes from which a file has functions, and so something to import. */
#define WTFCB_BENCHMARK_CODE_SIZE 600

/* Ids of units that edits have added to a file start here. */
#define WTFCB_BENCHMARK_ADDED (UINT32_C(1) << 20)

/* Ids of units that fill the rest of a file, and that nobody calls, start here. */
#define WTFCB_BENCHMARK_FILLER (UINT32_C(1) << 19)

/* `revision` of a unit that an edit removed. */
#define WTFCB_BENCHMARK_REMOVED UINT32_MAX

/* What an edit did to a unit of a file. */
typedef struct wtfcb_benchmark_change {
    uint32_t unit;
    uint32_t revision; /* of its body; or WTFCB_BENCHMARK_REMOVED */
    uint32_t next;     /* of the same file, or WTFCB_BENCHMARK_NONE */
} wtfcb_benchmark_change;

/* One import of a file of the project. */
typedef struct wtfcb_benchmark_edge {
    uint32_t file; /* that is imported */
    uint32_t unit; /* the function of it that is called */
} wtfcb_benchmark_edge;

typedef struct wtfcb_benchmark_file {
    uint64_t key;   /* of its random numbers */
    uint64_t bytes; /* as written; 0 before */
    uint32_t component;
    uint32_t directory;
    uint32_t name;       /* of the names of its component: what its functions are called after */
    uint32_t file_name;  /* likewise, what it is called itself: another one after it was renamed */
    uint32_t size;       /* as drawn */
    uint32_t partner;    /* C: the header of a source, the source of a header; or WTFCB_BENCHMARK_NONE */
    uint32_t first_edge; /* in `edges` */
    uint32_t edge_count;
    uint32_t importers; /* how many files import it */
    uint32_t added;     /* units that edits added */
    uint32_t changes;   /* first of its changes, or WTFCB_BENCHMARK_NONE */
    uint32_t touched;   /* number of the last step of edits that chose it, from 1 */
    uint8_t role;       /* WTFCB_BENCHMARK_SOURCE and so on */
    bool removed;
} wtfcb_benchmark_file;

typedef struct wtfcb_benchmark_directory {
    uint32_t component;
    uint32_t parent; /* or WTFCB_BENCHMARK_NONE: the top */
    uint32_t name;   /* of the folders' names of its component */
    uint32_t module; /* the file of role WTFCB_BENCHMARK_MODULE in it, or WTFCB_BENCHMARK_NONE */
    uint32_t level;  /* 0: the component's own */
} wtfcb_benchmark_directory;

typedef struct wtfcb_benchmark_component {
    uint64_t key;
    uint32_t language;
    uint32_t first_file;
    uint32_t file_count;
    uint32_t first_directory; /* its own folder, or that of its sources when `source_folder` */
    uint32_t directory_count;
    uint32_t manifest;  /* or WTFCB_BENCHMARK_NONE */
    uint32_t names;     /* given to files, those of renamed ones too */
    bool source_folder; /* the sources are in src/ */
} wtfcb_benchmark_component;

typedef struct wtfcb_benchmark_shape {
    uint64_t seed;
    uint32_t files;
    uint32_t languages; /* mask of 1 << WTFCB_BENCHMARK_C and so on */
    uint32_t mu;        /* thousandths */
    uint32_t sigma;     /* thousandths */
    uint32_t tail;      /* permille of files */
    uint32_t alpha;     /* thousandths */
    uint32_t cap;       /* bytes */
} wtfcb_benchmark_shape;

typedef struct wtfcb_benchmark_plan {
    const wtfcb_allocator *allocator; /* borrowed */
    wtfcb_benchmark_shape shape;
    wtfcb_benchmark_component components[WTFCB_BENCHMARK_LANGUAGES * 4];
    uint32_t component_count;
    wtfcb_benchmark_directory *directories;
    size_t directory_count, directory_capacity;
    wtfcb_benchmark_file *files;
    size_t file_count, file_capacity;
    wtfcb_benchmark_edge *edges;
    size_t edge_count, edge_capacity;
    wtfcb_benchmark_change *changes;
    size_t change_count, change_capacity;
    size_t planned; /* files before those that edits have added */
} wtfcb_benchmark_plan;

/* Plan a project into a cleared `plan`, which is freed in any case. WTFCB_OK; WTFCB_ENOMEM. */
wtfcb_status wtfcb_benchmark_plan_make(wtfcb_benchmark_plan *plan, const wtfcb_allocator *allocator,
                                       const wtfcb_benchmark_shape *shape);
void wtfcb_benchmark_plan_free(wtfcb_benchmark_plan *plan);

/* Choose what each file imports, one component after the other; all files stand. WTFCB_OK; WTFCB_ENOMEM. */
wtfcb_status wtfcb_benchmark_plan_link(wtfcb_benchmark_plan *plan);

/* Choose what one file, the last, imports. WTFCB_OK; WTFCB_ENOMEM. */
wtfcb_status wtfcb_benchmark_plan_link_last(wtfcb_benchmark_plan *plan);

/* A new file at the end of the plan. NULL when memory has run out. */
wtfcb_benchmark_file *wtfcb_benchmark_plan_add(wtfcb_benchmark_plan *plan, uint32_t directory, uint8_t role,
                                               uint32_t size);

/* A size as the shape says. */
uint32_t wtfcb_benchmark_plan_size(const wtfcb_benchmark_shape *shape, uint64_t key);

/* The name of a folder, and the path of folder or file from the project's root: into `out`, without a NUL. */
void wtfcb_benchmark_plan_directory_name(const wtfcb_benchmark_plan *plan, uint32_t index, wtfcb_base_buffer *out);
void wtfcb_benchmark_plan_directory_path(const wtfcb_benchmark_plan *plan, uint32_t directory, const char *separator,
                                         uint32_t below, wtfcb_base_buffer *out);
void wtfcb_benchmark_plan_file_path(const wtfcb_benchmark_plan *plan, uint32_t index, wtfcb_base_buffer *out);

/* The component's language of a file; a manifest counts under it here. */
uint32_t wtfcb_benchmark_plan_language(const wtfcb_benchmark_plan *plan, const wtfcb_benchmark_file *file);

#endif
