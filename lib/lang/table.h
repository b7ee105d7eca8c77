/*
 * The language table: plain data, read by detection and by the line counter.
 *
 * A language names its files and points to a syntax; a syntax is a list of tokens, each of which says what begins
 * something that is not plain code and how that ends. Languages that look alike share one syntax. Adding a language is one row
 * in table.c, and at most one list of tokens in table_syntax.c; nothing else in the library knows their names, except
 * the rules for extensions that several languages share (detect_content.c).
 */
#ifndef WTFCB_LANG_TABLE_H
#define WTFCB_LANG_TABLE_H

#include <stdint.h>

/* What a token begins. Those up to WTFCB_LANG_LAST_SIMPLE are handled inside the block loop, the others by count_token.c. */
enum wtfcb_lang_token_kind {
    WTFCB_LANG_LINE,   /* comment to the end of the line */
    WTFCB_LANG_BLOCK,  /* comment up to `close` */
    WTFCB_LANG_STRING, /* string up to `close`; without WTFCB_LANG_MULTI a newline ends it too */
    WTFCB_LANG_PASS,   /* `open` is plain code, whatever its bytes mean elsewhere */
    WTFCB_LANG_ESCAPE, /* the same for `open` and the byte behind it: an escaped quote, a character literal */
    WTFCB_LANG_LAST_SIMPLE = WTFCB_LANG_ESCAPE,
    WTFCB_LANG_CHAR,     /* 'x' or '\...' and nothing longer: elsewhere the quote is an operator, a lifetime, a prime */
    WTFCB_LANG_CHAR_C,   /* as C has it: a short string, or the digit separator of 1'000 */
    WTFCB_LANG_RAW_CPP,  /* "..." that is raw behind R: R"x(...)x" */
    WTFCB_LANG_RAW_RUST, /* "..." that is raw behind r, r#, r## ...; multi-line */
    WTFCB_LANG_RAW_SWIFT,    /* "..." or #"..."# */
    WTFCB_LANG_RAW_CSHARP,   /* "..." that is verbatim behind @, raw with three or more quotes */
    WTFCB_LANG_RAW_OCAML,    /* {x|...|x} */
    WTFCB_LANG_STRING_NIX,   /* ''...'' with the escapes ''$, ''' and ''\ in it */
    WTFCB_LANG_LONG_BRACKET, /* [[...]], [==[...]==], behind `open`; a comment if the token has WTFCB_LANG_COMMENT */
    WTFCB_LANG_DOCSTRING,    /* Python's triple quotes: documentation where they stand alone */
    WTFCB_LANG_TEMPLATE,     /* `...` with ${...} that may hold templates again */
    WTFCB_LANG_REGEX,        /* /.../ where the code before it asks for an operand */
    WTFCB_LANG_HEREDOC_SH,   /* <<WORD, <<-WORD, <<'WORD' */
    WTFCB_LANG_HEREDOC_RUBY, /* <<~WORD, <<-WORD, <<WORD in upper case */
    WTFCB_LANG_HEREDOC_PERL, /* <<"WORD", <<WORD, <<~WORD */
    WTFCB_LANG_HEREDOC_PHP,  /* <<<WORD, closed by WORD behind white space */
    WTFCB_LANG_HEREDOC_HCL,  /* <<WORD, <<-WORD for its own indentation */
    WTFCB_LANG_QUOTE_PERL,   /* q{}, qq(), qw//, s###, m||: any delimiter */
    WTFCB_LANG_QUOTED,     /* a string over lines in languages where a quote may be something else: see count_quote.c */
    WTFCB_LANG_QUOTE_RUBY, /* %w[], %q(), %(...) */
    WTFCB_LANG_POD,        /* =word ... =cut in the first column */
    WTFCB_LANG_TAIL,       /* __END__: what follows is no code, but may be POD */
    WTFCB_LANG_LINES,      /* comment from a line that begins with `open` to one that begins with `close` */
    WTFCB_LANG_OUTSIDE,    /* `open` leaves the language up to the next `close`, such as PHP's closing tag */
    WTFCB_LANG_TAG,        /* <script>, <style>: embedded language up to the end tag */
    WTFCB_LANG_FENCE,      /* a code block of Markdown */
    WTFCB_LANG_CODE_SPAN,  /* `code` within a line of Markdown, which hides a comment's opening */
    WTFCB_LANG_FRONT_MATTER, /* the script between two lines "---" at a file's beginning */
    WTFCB_LANG_EXPLICIT,     /* ".." of reStructuredText: a comment, or a block of code */
    WTFCB_LANG_ASM_HASH,     /* # in assembly: a comment unless it is the preprocessor's */
};

/* When a token holds, and what it is. */
enum wtfcb_lang_token_flag {
    WTFCB_LANG_MULTI = 1 << 0,     /* string that may span lines */
    WTFCB_LANG_NEST = 1 << 1,      /* block comments nest */
    WTFCB_LANG_DOC = 1 << 2,       /* comment lines that are documentation */
    WTFCB_LANG_CONTINUED = 1 << 3, /* line comment that a backslash before the newline continues */
    WTFCB_LANG_COMMENT = 1 << 4,   /* the construct is a comment (for kinds that serve both) */
    WTFCB_LANG_COLUMN_0 = 1 << 5,  /* only in the first column */
    WTFCB_LANG_COLUMN_6 = 1 << 6,  /* only in the seventh column (COBOL's indicator) */
    WTFCB_LANG_FIRST = 1 << 7,     /* only as the first that is not white space on its line */
    WTFCB_LANG_AT_WORD = 1 << 8,   /* only behind white space or punctuation that separates words */
    WTFCB_LANG_NOT_INNER = 1 << 9, /* not behind a letter, digit or underscore */
    WTFCB_LANG_WHOLE = 1 << 10,    /* not before a letter, digit or underscore */
    WTFCB_LANG_OPERAND = 1 << 11,  /* not behind a letter, digit, underscore, dot, quote or closing bracket */
    WTFCB_LANG_PREFIXED = 1 << 12, /* `open` is a letter and quotes: looked for only before a quote */
    WTFCB_LANG_CONDITIONS = WTFCB_LANG_COLUMN_0 | WTFCB_LANG_COLUMN_6 | WTFCB_LANG_FIRST | WTFCB_LANG_AT_WORD |
                            WTFCB_LANG_NOT_INNER | WTFCB_LANG_WHOLE | WTFCB_LANG_OPERAND,
};

typedef struct wtfcb_lang_token {
    const char *open;   /* ASCII, no newline */
    const char *close;  /* "" where the kind needs none */
    const char *unless; /* bytes that must not follow `open`, or "" */
    uint16_t flags;
    uint8_t kind;
    char escape; /* of strings: the byte that takes the next one its meaning, or 0 */
} wtfcb_lang_token;

/* A syntax. The longest token that matches wins. A file of a syntax with a WTFCB_LANG_OUTSIDE token starts outside. */
typedef struct wtfcb_lang_syntax {
    const wtfcb_lang_token *tokens;
    uint16_t count;
} wtfcb_lang_syntax;

/* The shared syntaxes, in the order of table_syntax.c. */
/* The formatter does not come to rest on a list of this length. */
/* clang-format off */
#define WTFCB_LANG_SYNTAXES(X) \
    X(none) X(c) X(cpp) X(objc) X(slash) X(slash_nest) X(java) X(csharp) X(javascript) X(go) X(rust) X(swift) \
    X(kotlin) X(scala) X(groovy) X(dart) X(php) X(python) X(ruby) X(perl) X(raku) X(shell) X(fish) \
    X(powershell) X(batch) X(hash) X(hash_block) X(make) X(cmake) X(docker) X(yaml) X(toml) X(ini) \
    X(properties) X(json) X(json5) X(html) X(xml) X(css) X(scss) X(sass) X(markdown) X(asciidoc) X(tex) \
    X(roff) X(org) X(lua) X(r) X(julia) X(matlab) X(octave) X(haskell) X(elm) X(ocaml) X(sml) X(fsharp) \
    X(lisp) X(elisp) X(clojure) X(erlang) X(elixir) X(nim) X(crystal) X(d) X(zig) X(ada) X(vhdl) X(verilog) \
    X(fortran) X(fortran_fixed) X(cobol) X(pascal) X(basic) X(sql) X(prolog) X(asm) X(vim) X(tcl) X(awk) \
    X(nix) X(hcl) X(glsl) X(protobuf) X(graphql) X(lex) X(coq) X(forth) X(smalltalk) X(po) X(bibtex) X(jinja) \
    X(erb) X(handlebars) X(pug) X(haml) X(abap) X(autohotkey) X(m4) X(gdscript) X(lean) X(meson) X(dts) \
    X(kconfig) X(coffeescript) X(diff) X(mustache) X(jsp) X(alloy) X(asn1) X(autoit) X(ballerina) X(blade) \
    X(cabal) X(chapel) X(coldfusion) X(csh) X(cue) X(dhall) X(factor) X(freemarker) X(gleam) X(godot) \
    X(gotemplate) X(hash_first) X(hash_word) X(inno) X(j) X(janet) X(jcl) X(jsonnet) X(kdl) X(lilypond) \
    X(liquid) X(livescript) X(llvm) X(mediawiki) X(mermaid) X(moonscript) X(nsis) X(nushell) X(plantuml) \
    X(pony) X(postscript) X(razor) X(red) X(rego) X(rexx) X(sas) X(scilab) X(semicolon) X(slash_line) X(slim) \
    X(smarty) X(smt) X(stata) X(supercollider) X(tla) X(turtle) X(typst) X(vcl) X(velocity) X(xquery) X(zeek) \
    X(notebook) X(astro) X(rst)
/* clang-format on */

#define WTFCB_LANG_SYNTAX_ID(name) WTFCB_LANG_SYNTAX_##name,
enum wtfcb_lang_syntax_id { WTFCB_LANG_SYNTAXES(WTFCB_LANG_SYNTAX_ID) WTFCB_LANG_SYNTAX_COUNT };

extern const wtfcb_lang_syntax wtfcb_lang_syntaxes[WTFCB_LANG_SYNTAX_COUNT];

/* One built-in language; lists are separated by single spaces. */
typedef struct wtfcb_lang_row {
    const char *name;
    const char *aliases; /* lower case, without the name itself in lower case */
    const char *extensions;
    const char *file_names;
    const char *interpreters;
    const char *grammar; /* or NULL */
    uint16_t syntax;     /* enum wtfcb_lang_syntax_id */
    uint8_t group;       /* WTFCB_LANGUAGE_... */
} wtfcb_lang_row;

extern const wtfcb_lang_row wtfcb_lang_rows[];
extern const uint16_t wtfcb_lang_row_count;

#endif
