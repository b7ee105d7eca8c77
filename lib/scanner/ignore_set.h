/*
 * Inside of the ignore rules: what sets and nodes are made of. For ignore*.c alone.
 */
#ifndef WTFCB_SCANNER_IGNORE_SET_H
#define WTFCB_SCANNER_IGNORE_SET_H

#include <stdatomic.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "scanner/attributes.h"
#include "scanner/ignore.h"
#include "scanner/ignore_config.h"
#include "scanner/ignore_rules.h"

/* Kinds of ignore files, the strongest first. */
enum {
    WTFCB_SCANNER_IGNORE_OWN,    /* .wtfcbignore */
    WTFCB_SCANNER_IGNORE_COMMON, /* .ignore */
    WTFCB_SCANNER_IGNORE_GIT,
    WTFCB_SCANNER_IGNORE_KINDS,
};

/* The rules of one file at the place where they hold. Immutable once its node is published. */
typedef struct wtfcb_scanner_ignore_layer {
    const struct wtfcb_scanner_ignore_layer *outer; /* asked when this one says nothing; of the same kind */
    const wtfcb_scanner_ignore_rules *rules;        /* `own`, or those of a layer that lives longer */
    size_t base;                                    /* bytes of a path in front of what the patterns see */
    const char *source;
    wtfcb_scanner_ignore_rules own;
    struct wtfcb_scanner_ignore_layer *sibling; /* next layer of the same node, for freeing */
} wtfcb_scanner_ignore_layer;

/* Lines that speak of one attribute, and the value of each. */
typedef struct wtfcb_scanner_attribute_rules {
    wtfcb_scanner_ignore_rules rules;
    const char **values; /* by the pattern's number; "" takes back what weaker lines say */
    size_t capacity;
} wtfcb_scanner_attribute_rules;

/* The attributes of one file at the place where they hold, as a layer of ignore rules is. */
typedef struct wtfcb_scanner_attribute_layer {
    const struct wtfcb_scanner_attribute_layer *outer;
    size_t base;
    const char *source;
    wtfcb_scanner_attribute_rules rules[WTFCB_SCANNER_ATTRIBUTE_COUNT];
    struct wtfcb_scanner_attribute_layer *sibling;
} wtfcb_scanner_attribute_layer;

struct wtfcb_scanner_ignore_node {
    const wtfcb_scanner_ignore *set;
    const wtfcb_scanner_ignore_layer *chains[WTFCB_SCANNER_IGNORE_KINDS];
    const wtfcb_scanner_attribute_layer *attributes; /* the strongest first */
    wtfcb_scanner_attribute_layer *attribute_layers; /* made here, for freeing */
    struct wtfcb_scanner_ignore_node *next;          /* in the set's list */
    wtfcb_scanner_ignore_layer *layers;
    wtfcb_scanner_ignore_problem *problems;
    wtfcb_base_arena arena;
};

struct wtfcb_scanner_ignore {
    wtfcb_allocator allocator;
    bool git;
    bool files;
    bool attribute_files;   /* read .gitattributes */
    bool attributed;        /* the caller gave attributes */
    bool filtered;          /* there were includes, though perhaps none that can match */
    wtfcb_base_arena arena; /* of the rules below */
    wtfcb_scanner_ignore_rules excludes;
    wtfcb_scanner_ignore_rules includes;
    wtfcb_scanner_attribute_rules attributes[WTFCB_SCANNER_ATTRIBUTE_COUNT];
    wtfcb_scanner_ignore_environment environment;
    wtfcb_base_buffer user_path;                  /* core.excludesFile outside of any repository */
    const wtfcb_scanner_ignore_layer *user_layer; /* its rules, for work trees at or below the root; may be NULL */
    _Atomic(wtfcb_scanner_ignore_node *) nodes;   /* all of them; grows at its head */
};

/* A node with the rules of `parent`, which may be NULL; not yet in the set's list. NULL when memory has run out. */
wtfcb_scanner_ignore_node *wtfcb_scanner_ignore_node_new(wtfcb_scanner_ignore *set,
                                                         const wtfcb_scanner_ignore_node *parent);
void wtfcb_scanner_ignore_node_free(wtfcb_scanner_ignore_node *node);

/* Hand the node to the set, which frees it; from now on it is immutable. */
void wtfcb_scanner_ignore_node_publish(wtfcb_scanner_ignore *set, wtfcb_scanner_ignore_node *node);

/* Where the rules that are being loaded hold. */
typedef struct wtfcb_scanner_ignore_place {
    int dirfd;         /* the directory that they belong to */
    const char *path;  /* the same for messages: "" or with a slash at its end */
    size_t base;       /* bytes of a path in front of what the patterns see */
    const char *below; /* what paths miss in front: for directories above the root; else "" */
} wtfcb_scanner_ignore_place;

/*
 * Read the ignore files of one directory into a node that is not yet published. `found` as in wtfcb_scanner_ignore_enter().
 * WTFCB_OK or WTFCB_ENOMEM.
 */
wtfcb_status wtfcb_scanner_ignore_load(wtfcb_scanner_ignore *set, wtfcb_scanner_ignore_node *node,
                                       const wtfcb_scanner_ignore_place *place, unsigned found);

/*
 * Put the user's rules under a node's git rules, which are dropped. `value` names the file, relative to the place; ""
 * for none.
 */
wtfcb_status wtfcb_scanner_ignore_load_user(wtfcb_scanner_ignore *set, wtfcb_scanner_ignore_node *node,
                                            const wtfcb_scanner_ignore_place *place, const char *value);

/* Longest pattern that an attribute line may have in quotes, in bytes. */
#define WTFCB_SCANNER_LONGEST_ATTRIBUTE 4096

/* An array of WTFCB_SCANNER_ATTRIBUTE_COUNT rules whose texts live in `arena`. */
void wtfcb_scanner_attributes_init(wtfcb_scanner_attribute_rules *rules, wtfcb_base_arena *arena);
void wtfcb_scanner_attributes_free(wtfcb_scanner_attribute_rules *rules);

/* Add the lines of a text, numbered from `first_line`; `below` as for ignore rules. WTFCB_OK or WTFCB_ENOMEM. */
wtfcb_status wtfcb_scanner_attributes_parse(wtfcb_scanner_attribute_rules *rules, const char *bytes, size_t length,
                                            uint32_t first_line, const char *below);

/* How many rules they hold together. */
size_t wtfcb_scanner_attributes_count(const wtfcb_scanner_attribute_rules *rules);

#endif
