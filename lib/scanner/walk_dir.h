/*
 * Inside the walk: directories and their entries while the tree is being found. See walk.h.
 */
#ifndef WTFCB_SCANNER_WALK_DIR_H
#define WTFCB_SCANNER_WALK_DIR_H

#include <stdatomic.h>

#include "base/buffer.h"
#include "base/file.h"
#include "scanner/walk.h"

typedef struct wtfcb_scanner_dir wtfcb_scanner_dir;

/* What is known of a file by its name. */
typedef struct wtfcb_scanner_recognition {
    uint16_t language;
    uint8_t language_by;
    uint8_t said; /* as in a row */
    uint8_t set;
    uint8_t rule;
} wtfcb_scanner_recognition;

struct wtfcb_scanner_dir_file;
struct wtfcb_scanner_slot;

typedef struct wtfcb_scanner_entry {
    const char *path;         /* whole row path */
    wtfcb_scanner_dir *child; /* a directory that is entered */
    uint64_t size;
    uint32_t path_length;
    uint32_t name; /* offset of the last component */
    int32_t os_error;
    int16_t status;
    uint16_t limits;
    uint8_t type; /* wtfcb_base_file_type */
    bool link;    /* reached through a symbolic link */
    wtfcb_scanner_recognition known;
    bool known_before;                               /* the directory's old record has a file of this name */
    uint32_t signature;                              /* index in the scratch */
    const struct wtfcb_scanner_dir_file *remembered; /* it is as it was: its row, from the old record */
    struct wtfcb_scanner_slot *slot;                 /* else its place in the next one; or NULL */
} wtfcb_scanner_entry;

struct wtfcb_scanner_dir {
    wtfcb_pool_task task;
    struct wtfcb_scanner_walker *walker;
    wtfcb_scanner_dir *parent;
    uint32_t root;    /* index; roots do not move while the walk lasts */
    const char *path; /* whole row path, no slash at the end */
    uint32_t path_length;
    uint32_t name; /* offset of the last component */
    uint32_t depth;
    bool link; /* may be a symbolic link */
    bool done; /* its task has run to its end */
    int fd;
    atomic_uint waiting; /* child directories that still have to be opened, and one for the directory itself */
    uint64_t device;     /* set when links are followed, to find loops */
    uint64_t inode;
    const wtfcb_scanner_ignore_node *node;
    const wtfcb_scanner_ignore_problem *problems; /* ignore files that could not be read */
    wtfcb_scanner_entry *entries;                 /* sorted; set when the directory is done */
    uint32_t entry_count;
    uint32_t next_entry; /* of the pass that turns the tree into rows */
    int32_t os_error;
    int16_t status; /* why it could not be read */
};

/* An entry while it is sorted. */
typedef struct wtfcb_scanner_place {
    uint64_t order;
    const wtfcb_scanner_entry *entry;
} wtfcb_scanner_place;

typedef struct wtfcb_scanner_walk_scratch {
    wtfcb_base_arena arena;       /* directories, entries and paths: live until the rows are made */
    wtfcb_base_arena strings;     /* paths */
    wtfcb_scanner_entry *entries; /* of the directory at hand */
    size_t entry_count;
    size_t entry_capacity;
    wtfcb_scanner_place *places;
    size_t place_capacity;
    wtfcb_base_file_signature *signatures; /* of those that were stat'ed, when somebody wants to know */
    size_t signature_count;
    size_t signature_capacity;
    char *listing;
} wtfcb_scanner_walk_scratch;

typedef struct wtfcb_scanner_walker {
    wtfcb_scanner_walk *walk;
    const wtfcb_scanner_walk_options *options;
    wtfcb_pool *pool;
    wtfcb_pool_group group;
    wtfcb_scanner_walk_scratch *scratch; /* by worker */
    atomic_bool no_memory;
    atomic_int open_directories;
    int open_limit;
    size_t root_limit;
    atomic_uint_fast64_t files;
    atomic_uint_fast64_t bytes;
    atomic_uint_fast64_t directories;
    atomic_uint_fast64_t ignored;
} wtfcb_scanner_walker;

enum { WTFCB_SCANNER_LISTING_SIZE = 64 << 10 };

/*
 * Recognise a file by what attributes and its name say. `path` and `name` are as for wtfcb_scanner_ignore_match(). False
 * when a filter leaves the file out for certain.
 */
bool wtfcb_scanner_recognise(const wtfcb_scanner_walk_options *options, const wtfcb_scanner_ignore_node *node,
                             const char *path, size_t length, size_t name, wtfcb_scanner_recognition *ret_recognition);

/* Put it into a row. */
void wtfcb_scanner_know(wtfcb_scanner_row *row, const wtfcb_scanner_recognition *known);

/* The task of a directory. */
void wtfcb_scanner_dir_run(wtfcb_pool_task *task, uint32_t worker);

/* Close what a walk that was stopped has left open. */
void wtfcb_scanner_dir_close(wtfcb_scanner_dir *dir);

#endif
