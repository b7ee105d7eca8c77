/*
 * What the paths of the line counter share: the state of one scan, and what happens where a token begins.
 *
 * The block loop (count_engine.h, compiled once per instruction set) finds the bytes that may begin or end something,
 * 64 at a time. Everything that is too long or too rare for it is decided here, byte by byte: such a construct is
 * followed to its end at once and handed back as "skip to there, all of it is of this class", so the loop only ever
 * knows four states. An unterminated construct reaches to the end of the file, which keeps the whole linear; where it
 * would rather be no construct at all, a small number of failures is allowed and then the kind is given up for the file.
 */
#ifndef WTFCB_LANG_COUNT_SCAN_H
#define WTFCB_LANG_COUNT_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lang/count.h"
#include "lang/count_machine.h"

/* What a stretch of bytes makes of its lines. */
enum wtfcb_lang_class {
    WTFCB_LANG_PLAIN,    /* code where it is not blank */
    WTFCB_LANG_SOLID,    /* code, blank or not: strings */
    WTFCB_LANG_REMARK,   /* comment, blank or not */
    WTFCB_LANG_DOCUMENT, /* comment and documentation */
};

enum wtfcb_lang_state {
    WTFCB_LANG_IN_CODE,
    WTFCB_LANG_IN_LINE,  /* line comment; ends before its newline */
    WTFCB_LANG_IN_BLOCK, /* block comment */
    WTFCB_LANG_IN_STRING,
};

enum { WTFCB_LANG_HEREDOCS = 4, WTFCB_LANG_FAILURES = 32 };

typedef struct wtfcb_lang_heredoc {
    size_t word; /* where its closing word is written */
    uint16_t length;
    char indent;   /* 0: none before the closing word, 't': tabs, 'b': any blanks */
    bool open_end; /* the closing word may be followed by other things than the line's end */
} wtfcb_lang_heredoc;

typedef struct wtfcb_lang_scan {
    const wtfcb_lang_machine *machine;
    const char *bytes;
    size_t length;
    const wtfcb_languages *languages; /* for embedded ones */
    wtfcb_lang_children *children;    /* NULL: embedded languages are the file's own */

    uint8_t state;           /* enum wtfcb_lang_state */
    const wtfcb_lang_op *op; /* what is open, unless in code */
    uint32_t depth;          /* of a nested block comment */
    size_t skip_to;          /* bytes before this one are of class `skip_class`, decided already */
    uint8_t skip_class;
    size_t foreign_from; /* lines of a child: not ours, whatever their class */
    size_t foreign_to;

    size_t base;          /* first byte of the block in work */
    uint64_t code_now;    /* bytes of the block that are code, up to the token in work */
    uint64_t code_before; /* those of the block before */
    size_t code_older;    /* 1 + the last code byte before that block, or 0 */

    wtfcb_lang_heredoc heredocs[WTFCB_LANG_HEREDOCS]; /* announced on this line; bodies follow its newline */
    uint8_t heredoc_count;
    uint8_t failures; /* constructs that turned out to have no end; those that cost much count more */
    size_t next_mark; /* where the next line of documentation begins (count_quote.c), if behind the token in work */
    size_t no_regex_before; /* a regular expression without end was tried up to there */
    bool failed;            /* no memory for a child */

    uint64_t lines;   /* newlines seen, those of children left out */
    uint64_t with[3]; /* lines with any code; code or comment; code or documentation */
    uint8_t wait[3];  /* 1 while the line in work is not in `with` yet */
} wtfcb_lang_scan;

/* White space as lines know it, newline included. */
static inline bool wtfcb_lang_space(char byte)
{
    return byte == ' ' || (byte >= '\t' && byte <= '\r');
}

/* White space within a line. */
static inline bool wtfcb_lang_blank(char byte)
{
    return byte != '\n' && wtfcb_lang_space(byte);
}

/* Letters, digits, underscore, and every byte beyond ASCII. */
static inline bool wtfcb_lang_word(char byte)
{
    unsigned char b = (unsigned char)byte;
    return (b >= 'a' && b <= 'z') || (b >= 'A' && b <= 'Z') || (b >= '0' && b <= '9') || b == '_' || b >= 0x80;
}

/* Class of the comment that an op begins. */
static inline uint8_t wtfcb_lang_comment_class(const wtfcb_lang_op *op)
{
    return op->flags & WTFCB_LANG_DOC ? WTFCB_LANG_DOCUMENT : WTFCB_LANG_REMARK;
}

/* Decide all bytes up to `to`. */
static inline void wtfcb_lang_skip(wtfcb_lang_scan *scan, size_t to, uint8_t class)
{
    scan->skip_to = to;
    scan->skip_class = class;
}

/* The op whose token stands at `at`, or NULL. */
const wtfcb_lang_op *wtfcb_lang_match(const wtfcb_lang_scan *scan, size_t at);

/* Begin the token of a kind beyond WTFCB_LANG_LAST_SIMPLE: skips at least one byte, or enters a state at `at`. */
void wtfcb_lang_special(wtfcb_lang_scan *scan, const wtfcb_lang_op *op, size_t at);

/* Quoting of Perl and Ruby and heredocs: the part of the above in count_quote.c. */
void wtfcb_lang_quote(wtfcb_lang_scan *scan, const wtfcb_lang_op *op, size_t at);

/* Embedded languages: the part of it in count_embed.c. */
void wtfcb_lang_embed(wtfcb_lang_scan *scan, const wtfcb_lang_op *op, size_t at);

/* Skip the bodies of the announced heredocs, which begin behind the newline at `at`. */
void wtfcb_lang_heredoc_bodies(wtfcb_lang_scan *scan, size_t at);

/* Skip what stands before the language begins, in files that start outside of it. */
void wtfcb_lang_start(wtfcb_lang_scan *scan);

/* The last code byte before the token in work, or SIZE_MAX. */
size_t wtfcb_lang_last_code(const wtfcb_lang_scan *scan);

/* memmem(3) from `from` on: where `needle` begins, or `length` of the scan. */
size_t wtfcb_lang_find_bytes(const wtfcb_lang_scan *scan, size_t from, const char *needle, size_t needle_length);

/* The next `byte` from `from` on, or `length` of the scan. */
size_t wtfcb_lang_find_byte(const wtfcb_lang_scan *scan, size_t from, char byte);

/* wtfcb_lang_count_with() without what only a whole file can have: a byte order mark, a format around its text. */
wtfcb_status wtfcb_lang_count_text(enum wtfcb_lang_simd simd, const wtfcb_languages *languages, uint16_t language,
                                   const char *bytes, size_t length, wtfcb_lang_counts *ret_counts,
                                   wtfcb_lang_children *ret_children);

/* How many newlines there are. */
uint32_t wtfcb_lang_newlines(const char *bytes, size_t length);

/* Write a code point as UTF-8, at most four bytes; how many it took. */
size_t wtfcb_lang_encode_utf8(char *to, uint32_t point);

/* The block loop of each instruction set; NULL-less where wtfcb_lang_simd_available() says so. */
void wtfcb_lang_scan_scalar(wtfcb_lang_scan *scan);
void wtfcb_lang_scan_ssse3(wtfcb_lang_scan *scan);
void wtfcb_lang_scan_avx2(wtfcb_lang_scan *scan);
void wtfcb_lang_scan_neon(wtfcb_lang_scan *scan);

#endif
