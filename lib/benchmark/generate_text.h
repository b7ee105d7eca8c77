/*
 * Code as text: a dialect says in templates how a language writes a statement, a `wtfcb_benchmark_code` puts lines together from it.
 *
 * A template is lines with placeholders, each a `$` and a letter. Filled at random: `$E` expression, `$C` condition, `$N` number, `$K` bound of a
 * loop, `$X` a variable or number, `$W` a few words, `$S` the same as a sentence. Filled by the caller: `$a` to `$z` are `args`. `$>` and `$<` indent
 * what follows, `$$` is a `$`.
 *
 * One code writes one file, top to bottom; it owns nothing and borrows the buffer.
 */
#ifndef WTFCB_BENCHMARK_GENERATE_TEXT_H
#define WTFCB_BENCHMARK_GENERATE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "benchmark/generate_draw.h"
#include "benchmark/generate_plan.h"

enum {
    WTFCB_BENCHMARK_NAME = 96, /* bytes of a name with its NUL */
    WTFCB_BENCHMARK_LOCALS = 64,
    WTFCB_BENCHMARK_IMPORTS = 24, /* of one file of the project */
    WTFCB_BENCHMARK_EXTRAS = 4,
    WTFCB_BENCHMARK_EXTERNALS = 8
};

typedef enum wtfcb_benchmark_style {
    WTFCB_BENCHMARK_SNAKE,
    WTFCB_BENCHMARK_CAMEL,
    WTFCB_BENCHMARK_PASCAL,
    WTFCB_BENCHMARK_UPPER
} wtfcb_benchmark_style;

/*
 * How a language is written. Arguments of templates: `$a` the name that is declared or assigned, `$t` the accumulator, `$f` function, `$p` parameters,
 * `$c` class, `$o` the module's own name in the style of types, `$m` the same in that of functions.
 */
typedef struct wtfcb_benchmark_dialect {
    const char *name; /* in the library's table of languages */
    const char *extension;
    const char *indent;
    const char *comment[2]; /* before and after the text of a line */
    const char *doc[3];     /* line that opens, before each line, line that closes; NULL: none */
    bool doc_inside;        /* below the head of the function */
    bool prefixed;          /* names carry the file's name: one name space for many files */
    const char *param_doc;  /* `$a` */
    const char *return_doc;
    wtfcb_benchmark_style functions, types, locals, constants;
    const char *param[2]; /* before and after a parameter's name */
    const char *self;     /* before a field's name */
    const char *text_length;
    const char *and_or[2];
    const char *let, *let_changing, *add, *subtract;
    const char *if_, *else_if, *else_, *end;
    const char *for_, *while_;
    const char *switch_, *case_, *default_, *case_end, *switch_end;
    const char *break_, *return_;
    const char *log;
    const char *extras[WTFCB_BENCHMARK_EXTRAS];
    const char *function, *function_private, *function_header, *function_end;
    const char *class_, *field, *class_middle, *constructor, *assign, *constructor_end, *method, *method_end,
        *class_end;
    const char *constant;
    const char *table, *table_item, *table_end; /* of texts */
    const char *kinds, *kind, *kinds_end;       /* an enumeration */
    const char *head, *opening,
        *closing; /* of a file with functions: below its comment, below its imports, at its end */
    const char *externals[WTFCB_BENCHMARK_EXTERNALS]; /* lines that import from elsewhere; the first are always there */
    uint32_t externals_always;
} wtfcb_benchmark_dialect;

extern const wtfcb_benchmark_dialect wtfcb_benchmark_dialects[WTFCB_BENCHMARK_LANGUAGES];

/* A name of a function and how many arguments it takes. */
typedef struct wtfcb_benchmark_callee {
    char name[2 * WTFCB_BENCHMARK_NAME];
    uint32_t params;
} wtfcb_benchmark_callee;

/* A variable that can be used where the code is. */
typedef struct wtfcb_benchmark_local {
    char name[WTFCB_BENCHMARK_NAME];
    uint32_t depth; /* of the block that it is gone with */
    bool used;
} wtfcb_benchmark_local;

typedef struct wtfcb_benchmark_code {
    wtfcb_base_buffer *out;
    const wtfcb_benchmark_dialect *dialect;
    const wtfcb_benchmark_plan *plan;
    const wtfcb_benchmark_file *file;
    uint32_t file_index;
    uint32_t indent;
    wtfcb_benchmark_draw draw;
    const char *args['z' - 'a' + 1];
    char module[WTFCB_BENCHMARK_NAME]; /* the file's name in the style of functions, and types */
    char module_type[WTFCB_BENCHMARK_NAME];
    char class_name[WTFCB_BENCHMARK_NAME]; /* its own name as a type: Java's class */
    wtfcb_benchmark_callee imports[WTFCB_BENCHMARK_IMPORTS];
    uint32_t import_count;
    uint32_t unit;           /* number of the unit that is written, to call those before it */
    uint32_t last_constants; /* unit with constants before it, or WTFCB_BENCHMARK_NONE */
    /* Of the function that is written: */
    wtfcb_benchmark_local locals[WTFCB_BENCHMARK_LOCALS];
    uint32_t local_count;
    uint32_t names; /* of locals given so far */
    uint64_t key;   /* of their order */
    uint32_t depth;
} wtfcb_benchmark_code;

/* `count` words in a style, cut to fit. */
void wtfcb_benchmark_name(char name[WTFCB_BENCHMARK_NAME], wtfcb_benchmark_style style, const char *const *words,
                          size_t count);
/* The same with a number behind it, unless that is 0. */
void wtfcb_benchmark_name_number(char name[WTFCB_BENCHMARK_NAME], wtfcb_benchmark_style style, const char *const *words,
                                 size_t count, uint32_t number);

/* The `index`-th of `bound` (a power of two) things in an order that the key chooses, each once. */
static inline uint32_t wtfcb_benchmark_walk(uint64_t key, uint32_t index, uint32_t bound)
{
    uint32_t stride = (uint32_t)(key >> 32) | 1;
    return ((uint32_t)key + index * stride) & (bound - 1);
}

/* Write a template's lines. */
void wtfcb_benchmark_line(wtfcb_benchmark_code *code, const char *template);
/* An empty line. */
void wtfcb_benchmark_gap(wtfcb_benchmark_code *code);
/* A comment line of words; the doc comment's when `doc`. */
void wtfcb_benchmark_comment(wtfcb_benchmark_code *code, bool doc);
void wtfcb_benchmark_words(wtfcb_benchmark_code *code, uint32_t count, bool sentence);

/* A name for a new local of this function. */
void wtfcb_benchmark_local_name(wtfcb_benchmark_code *code, char name[WTFCB_BENCHMARK_NAME]);
/* Let expressions use it from here on. */
void wtfcb_benchmark_local_add(wtfcb_benchmark_code *code, const char *name, bool used);

/* What a unit is, its name, and its parameters: known without writing it. generate_unit.c */
enum { WTFCB_BENCHMARK_FUNCTION, WTFCB_BENCHMARK_CLASS, WTFCB_BENCHMARK_CONSTANTS, WTFCB_BENCHMARK_TABLE };
uint32_t wtfcb_benchmark_unit_kind(const wtfcb_benchmark_file *file, uint32_t unit);
bool wtfcb_benchmark_unit_private(uint32_t unit);
uint32_t wtfcb_benchmark_unit_params(const wtfcb_benchmark_file *file, uint32_t unit);
void wtfcb_benchmark_unit_name(const wtfcb_benchmark_plan *plan, uint32_t index, uint32_t unit,
                               char name[WTFCB_BENCHMARK_NAME]);
/* The name of a constant: `index` below 16. */
void wtfcb_benchmark_constant_name(const wtfcb_benchmark_code *code, uint32_t unit, uint32_t index,
                                   char name[WTFCB_BENCHMARK_NAME]);
uint32_t wtfcb_benchmark_constant_count(const wtfcb_benchmark_file *file, uint32_t unit);
/* Write it, in at most about `room` bytes. `prototype`: the declaration of the partner's function alone. */
void wtfcb_benchmark_unit_write(wtfcb_benchmark_code *code, uint32_t unit, uint32_t revision, uint32_t room);
void wtfcb_benchmark_unit_prototype(wtfcb_benchmark_code *code, uint32_t index, uint32_t unit);

/* The statements of a function, until the text is `limit` bytes long; `params` are locals already. generate_body.c */
void wtfcb_benchmark_body(wtfcb_benchmark_code *code, size_t limit, bool calls_all);

/* Words of a file's name: generate_file.c */
void wtfcb_benchmark_file_words(const wtfcb_benchmark_plan *plan, const wtfcb_benchmark_file *file, uint32_t name,
                                const char *words[2], uint32_t *ret_number);
/* Its name in a style, prefix of its functions in languages with one name space. */
void wtfcb_benchmark_file_name(const wtfcb_benchmark_plan *plan, const wtfcb_benchmark_file *file, uint32_t name,
                               wtfcb_benchmark_style style, char text[WTFCB_BENCHMARK_NAME]);

/* The whole text of a file into `out`, which is reset first; `out->failed` when memory has run out. generate_file.c */
void wtfcb_benchmark_file_write(const wtfcb_benchmark_plan *plan, uint32_t index, wtfcb_benchmark_code *code,
                                wtfcb_base_buffer *out);

/* What is in a module file or manifest. generate_glue.c */
void wtfcb_benchmark_glue_write(wtfcb_benchmark_code *code);

/* Its imports of files of the project, lines and names to call. generate_import.c */
void wtfcb_benchmark_imports_write(wtfcb_benchmark_code *code);

#endif
