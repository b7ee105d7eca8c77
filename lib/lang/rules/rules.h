/*
 * Rules: what the nodes of a grammar's syntax trees mean. One table per language, written as data; hooks are small
 * functions for what a table cannot say (a C declarator, say). A language is added by one table in a file of its own here and
 * one line in rules.c. A grammar without a table has rules that are empty: its trees still yield syntax errors.
 *
 * A table is written by node names; wtfcb_lang_rules_compile() turns it into an array indexed by the node symbols of
 * the grammar at hand, so that a walk pays one load per node. Names of nodes and fields that a grammar does not have
 * are ignored: tables serve several versions of a grammar.
 *
 * The walk (scanner/extract.h) keeps a scope: at file level (namespaces included), directly in a type, or in a
 * function. A rule says for each of the three which kind of symbol a node defines, if any.
 *
 * Threads: compiled rules are immutable.
 */
#ifndef WTFCB_LANG_RULES_H
#define WTFCB_LANG_RULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <tree_sitter/api.h>
#include <wtfcb/allocator.h>
#include <wtfcb/codebase.h>

/* Where the walk is: what the innermost enclosing type, function or namespace is. */
enum wtfcb_lang_scope {
    WTFCB_LANG_SCOPE_FILE,
    WTFCB_LANG_SCOPE_TYPE,
    WTFCB_LANG_SCOPE_FUNCTION,
    WTFCB_LANG_SCOPE_COUNT
};

/* What to do at a node. */
enum wtfcb_lang_action {
    WTFCB_LANG_DO_TOKEN = 1 << 0,       /* the rule is for the anonymous token of that name, not for a named node */
    WTFCB_LANG_DO_NEED_BODY = 1 << 1,   /* a definition only if it has a field `body`: else it is a reference */
    WTFCB_LANG_DO_SPACE = 1 << 2,       /* opens a scope like the file's: a namespace */
    WTFCB_LANG_DO_TYPE = 1 << 3,        /* opens a type; without a name it belongs to the owner a hook named */
    WTFCB_LANG_DO_FUNCTION = 1 << 4,    /* opens a function; without a name and an owner it is a lambda */
    WTFCB_LANG_DO_BRANCH = 1 << 5,      /* cyclomatic + 1 */
    WTFCB_LANG_DO_COST = 1 << 6,        /* cognitive + 1 + nesting */
    WTFCB_LANG_DO_FLAT = 1 << 7,        /* cognitive + 1 */
    WTFCB_LANG_DO_NEST = 1 << 8,        /* children in the fields body, consequence and alternative are nested */
    WTFCB_LANG_DO_NEST_ALL = 1 << 9,    /* everything below is nested */
    WTFCB_LANG_DO_IF = 1 << 10,         /* behind an else it costs 1 only and nests no deeper */
    WTFCB_LANG_DO_ELSE = 1 << 11,       /* an else: cognitive + 1; its child is nested unless it is an IF */
    WTFCB_LANG_DO_LOGIC = 1 << 12,      /* an expression with an operator that may be `and` or `or` */
    WTFCB_LANG_DO_GROUP = 1 << 13,      /* parentheses around an expression */
    WTFCB_LANG_DO_AND = 1 << 14,        /* token: the operator of a LOGIC node */
    WTFCB_LANG_DO_OR = 1 << 15,         /* token: likewise */
    WTFCB_LANG_DO_WRAP = 1 << 16,       /* what is defined directly below begins here: decorators, template<> */
    WTFCB_LANG_DO_EXPORT = 1 << 17,     /* what is defined directly below is exported */
    WTFCB_LANG_DO_SKIP = 1 << 18,       /* nothing of interest below: not entered unless it has errors */
    WTFCB_LANG_DO_NO_COUNT = 1 << 19,   /* among parameters: not one */
    WTFCB_LANG_DO_OPEN = 1 << 20,       /* token: directly in an error, a function's text follows */
    WTFCB_LANG_DO_CLOSE = 1 << 21,      /* token: and ends */
    WTFCB_LANG_DO_SCAN = 1 << 22,       /* entered only if its text may hold something: wtfcb_lang_rules_spec.signs */
    WTFCB_LANG_DO_SCAN_LOCAL = 1 << 23, /* likewise, in functions alone */
    WTFCB_LANG_DO_OWNED =
        1 << 24, /* opens a type for an owner only; nobody's object literal hides its keys as a function would */
    WTFCB_LANG_DO_HIDDEN = 1 << 25, /* members are private until a hook says otherwise: a C++ class */
    WTFCB_LANG_DO_BODY = 1 << 26,   /* the body of what is defined around it, where that has no field `body` */
};

/* Fields that hooks and the walk ask for. */
/* clang-format off */
#define WTFCB_LANG_FIELDS(X)                                                                                           \
    X(name) X(body) X(consequence) X(alternative) X(parameters) X(declarator) X(type) X(value) X(left) X(right)        \
    X(path) X(source) X(function) X(arguments) X(module_name) X(object) X(property) X(key) X(argument) X(pattern)      \
    X(parameter) X(trait) X(operator)
/* clang-format on */

#define WTFCB_LANG_FIELD_ID(name) WTFCB_LANG_FIELD_##name,
enum wtfcb_lang_field { WTFCB_LANG_FIELDS(WTFCB_LANG_FIELD_ID) WTFCB_LANG_FIELD_COUNT };

enum { WTFCB_LANG_MOST_ROWS = 255 };

struct wtfcb_lang_visit;
struct wtfcb_lang_rule;
struct wtfcb_lang_own_macro;

/* Sees a node before its children are walked; speaks through wtfcb_lang_define() and wtfcb_lang_import(). */
typedef void wtfcb_lang_hook(struct wtfcb_lang_visit *visit, TSNode node, const struct wtfcb_lang_rule *rule);

/* A rule as it is written. */
typedef struct wtfcb_lang_rule_spec {
    const char *node;
    uint32_t actions; /* mask of enum wtfcb_lang_action */
    /* WTFCB_SYMBOL_* that is defined in each scope. With a 0 beside others: nothing there, not even the hook. */
    uint8_t kinds[WTFCB_LANG_SCOPE_COUNT];
    uint8_t tag;           /* what the hooks of the family call such nodes; 0: nothing */
    wtfcb_lang_hook *hook; /* or NULL: a symbol named by the field `name` */
} wtfcb_lang_rule_spec;

/* One kind, whatever the scope. */
#define WTFCB_LANG_ANYWHERE(kind)                                                                                      \
    {                                                                                                                  \
        kind, kind, kind                                                                                               \
    }

/* A piece of text. */
typedef struct wtfcb_lang_span {
    uint32_t start;
    uint32_t end;
    uint32_t line;
    uint32_t column;
} wtfcb_lang_span;

/* The table of a language. */
typedef struct wtfcb_lang_rules_spec {
    const char *grammar;
    const struct wtfcb_lang_rules_spec *base; /* its rows hold where `rows` are silent; or NULL */
    const wtfcb_lang_rule_spec *rows;
    size_t count;
    /*
     * What the text of a WTFCB_LANG_DO_SCAN node holds if anything below it is of interest: one of these bytes, one of
     * these bytes twice in a row, or a word that begins like one of these (a list with spaces between). Looking for
     * them is ten times faster than walking the nodes.
     */
    const char *signs;
    const char *double_signs;
    const char *words;
    bool headings; /* definitions have levels (wtfcb_lang_definition.level), and there are no functions */
    /*
     * Whether a definition is visible outside; NULL: it is if `visibility` says public or protected, or is NULL too.
     * Asked only for what is in no function.
     */
    bool (*exported)(struct wtfcb_lang_visit *visit, TSNode node, wtfcb_lang_span name, uint32_t kind);
    /* WTFCB_VISIBILITY_*, for what is in no function; NULL or _NONE: public if exported, else private. */
    uint32_t (*visibility)(struct wtfcb_lang_visit *visit, TSNode node, wtfcb_lang_span name, uint32_t kind);
    /* Number of parameters in the node of the field `parameters`; NULL: named children without comments. */
    uint32_t (*parameters)(struct wtfcb_lang_visit *visit, TSNode list);
} wtfcb_lang_rules_spec;

/* A rule as the walk reads it. */
typedef struct wtfcb_lang_rule {
    wtfcb_lang_hook *hook;
    uint32_t actions;
    uint8_t kinds[WTFCB_LANG_SCOPE_COUNT];
    uint8_t tag;
    bool active; /* says something to the walk, not only to hooks */
    bool scoped; /* has a kind for some scopes: in the others it defines and opens nothing */
} wtfcb_lang_rule;

/* Compiled rules. `rules[index[symbol]]` is the rule of a node; number 0 says nothing. */
typedef struct wtfcb_lang_rules {
    const wtfcb_lang_rules_spec *spec; /* NULL: the grammar has no table */
    wtfcb_allocator allocator;
    size_t size; /* of this block, which holds both arrays */
    uint32_t symbol_count;
    uint16_t language;                         /* whose of these are meant: */
    const struct wtfcb_lang_own_macro *macros; /* that callers described (c_macros.h); or NULL */
    bool has_bodies;                           /* a row says WTFCB_LANG_DO_BODY */
    TSFieldId fields[WTFCB_LANG_FIELD_COUNT];
    uint8_t signs[256]; /* what a byte of text may begin: enum sign in rules.c */
    uint8_t *index;
    wtfcb_lang_rule *rules;
} wtfcb_lang_rules;

/*
 * Compile the rules of a grammar by its name ("c", "tsx", ...). O(node types x rows), some 100 us.
 * WTFCB_OK or WTFCB_ENOMEM.
 */
wtfcb_status wtfcb_lang_rules_compile(const wtfcb_allocator *allocator, const char *grammar, const TSLanguage *language,
                                      wtfcb_lang_rules **ret_rules);

/* Likewise of a table that is not built in and outlives the result; up to WTFCB_LANG_MOST_ROWS rows with their bases. */
wtfcb_status wtfcb_lang_rules_compile_spec(const wtfcb_allocator *allocator, const wtfcb_lang_rules_spec *spec,
                                           const TSLanguage *language, wtfcb_lang_rules **ret_rules);

/* Names of the fields, by enum wtfcb_lang_field. */
extern const char *const wtfcb_lang_rules_field_names[WTFCB_LANG_FIELD_COUNT];

/* NULL is accepted. */
void wtfcb_lang_rules_free(wtfcb_lang_rules *rules);

/* Whether nothing that a rule could want occurs in a piece of text; false for whatever is too long to be searched. */
bool wtfcb_lang_rules_quiet(const wtfcb_lang_rules *rules, const char *text, uint32_t start, uint32_t end);

/* The rule of a node symbol; never NULL. */
static inline const wtfcb_lang_rule *wtfcb_lang_rules_get(const wtfcb_lang_rules *rules, TSSymbol symbol)
{
    return &rules->rules[symbol < rules->symbol_count ? rules->index[symbol] : 0];
}

#define WTFCB_LANG_NO_SYMBOL UINT32_MAX

/* Something a hook found. Name and range may come from different nodes. */
typedef struct wtfcb_lang_definition {
    wtfcb_lang_span name;
    TSNode node;           /* the whole definition; starts where the visited node starts */
    wtfcb_lang_span start; /* unless empty: it starts earlier, at an earlier sibling that defined nothing */
    uint32_t kind;
    uint32_t parameters;
    uint32_t level;           /* of a heading: 1 and more, nested by what follows what; 0: not a heading */
    uint32_t signature_start; /* where its head begins, behind attributes; 0: where the node does */
    uint32_t signature_end;   /* where the head of a function or type ends; 0: in front of its body */
    bool recovered;           /* made out although the tree has something else there */
    bool exported;            /* in addition to what wtfcb_lang_rules_spec.exported says of it */
    bool apart;               /* wtfcb_lang_visit.access does not hold for it: a constant below Ruby's `private` */
} wtfcb_lang_definition;

/* How many loops over children hooks may nest. */
#define WTFCB_LANG_LOOPS 4

/* One walk, as hooks see it. */
typedef struct wtfcb_lang_visit {
    const wtfcb_lang_rules *rules;
    const char *text;
    uint32_t length;
    uint32_t scope;  /* enum wtfcb_lang_scope */
    uint32_t symbol; /* the first symbol that the hook defined, or WTFCB_LANG_NO_SYMBOL: names what the node opens */
    uint32_t opens;  /* in and out: which of WTFCB_LANG_DO_SPACE, _TYPE and _FUNCTION the node opens */
    uint32_t also;   /* out: of _BRANCH, _COST and _NEST_ALL, what the node is besides what its rule says */
    bool own;        /* out: a nameless type or function directly below belongs to `symbol` */
    bool exporting;  /* below a node with WTFCB_LANG_DO_EXPORT */
    bool in_error;   /* inside an ERROR node */
    uint8_t access;  /* in and out: WTFCB_VISIBILITY_* of what follows in the enclosing type; private is not exported */
    bool members_exported;        /* out: what the node opens exports all its members: a trait's implementation */
    uint32_t parent;              /* the enclosing symbol, or WTFCB_LANG_NO_SYMBOL */
    uint32_t parent_kind;         /* its kind, or 0 */
    const wtfcb_lang_rule *above; /* rule of the parent node */
    wtfcb_lang_span parent_name;  /* name of the enclosing symbol; empty without one */
    wtfcb_lang_span pending;      /* for one hook to leave places to a later one; starts empty */
    wtfcb_lang_span pending_name; /* likewise */
    void (*define)(struct wtfcb_lang_visit *visit, const wtfcb_lang_definition *definition);
    void (*import)(struct wtfcb_lang_visit *visit, TSNode node, wtfcb_lang_span text, uint32_t kind);
    void (*export_name)(struct wtfcb_lang_visit *visit, wtfcb_lang_span name);
    void (*count)(struct wtfcb_lang_visit *visit, uint32_t cyclomatic, uint32_t cognitive);
    TSTreeCursor cursors[WTFCB_LANG_LOOPS]; /* for wtfcb_lang_rules_first() */
    uint32_t loops;                         /* how many of them are in use */
} wtfcb_lang_visit;

/* The first byte of a span; 0 for an empty one, which a node that is missing has, or one behind the text. */
static inline char wtfcb_lang_rules_byte(const wtfcb_lang_visit *visit, wtfcb_lang_span span)
{
    return span.start < span.end && span.end <= visit->length ? visit->text[span.start] : '\0';
}

#endif
