/*
 * How comments and strings look in each family of languages. Only what decides about lines is written down: what can
 * hide a comment's opening (strings, character literals, regular expressions) and what makes a line comment or
 * documentation. Strings that cannot span lines end at a newline even where they are unterminated, so that one stray
 * apostrophe costs no more than its line. Where comments only ever reach to the end of their line, such strings decide
 * about nothing and are left out: their line is code already.
 */
#include "lang/table.h"

#define F(x) WTFCB_LANG_##x
#define TOKEN(kind, open, close, unless, flags, escape)                                                                \
    {                                                                                                                  \
        open, close, unless, (uint16_t)(flags), WTFCB_LANG_##kind, escape                                              \
    }

#define LINE(open) TOKEN(LINE, open, "", "", 0, 0)
#define LINE_IF(open, flags) TOKEN(LINE, open, "", "", flags, 0)
#define LINE_DOC(open, unless) TOKEN(LINE, open, "", unless, F(DOC), 0)
#define BLOCK(open, close) TOKEN(BLOCK, open, close, "", 0, 0)
#define BLOCK_DOC(open, close, unless) TOKEN(BLOCK, open, close, unless, F(DOC), 0)
#define NEST(open, close) TOKEN(BLOCK, open, close, "", F(NEST), 0)
#define NEST_DOC(open, close, unless) TOKEN(BLOCK, open, close, unless, F(NEST) | F(DOC), 0)
#define STRING(quote) TOKEN(STRING, quote, quote, "", 0, '\\')              /* on one line, backslash escapes */
#define STRING_MULTI(quote) TOKEN(STRING, quote, quote, "", F(MULTI), '\\') /* over lines, backslash escapes */
#define STRING_PLAIN(quote) TOKEN(STRING, quote, quote, "", 0, 0) /* on one line; a doubled quote reopens it */
#define STRING_RAW(open, close) TOKEN(STRING, open, close, "", F(MULTI), 0) /* over lines, no escapes */
#define PASS(open) TOKEN(PASS, open, "", "", 0, 0)
#define ESCAPE(open) TOKEN(ESCAPE, open, "", "", 0, 0)
#define SPECIAL(kind, open) TOKEN(kind, open, open, "", 0, '\\')
#define SPECIAL_IF(kind, open, flags) TOKEN(kind, open, open, "", flags, '\\')
#define LINES(open, close, flags) TOKEN(LINES, open, close, "", (flags) | F(COMMENT), 0)

#define DOCSTRING(quotes) TOKEN(DOCSTRING, quotes, quotes, "", 0, '\\')
#define DOCSTRING_OF(letter, quotes) TOKEN(DOCSTRING, letter quotes, quotes, "", F(PREFIXED) | F(NOT_INNER), '\\')
#define DOCSTRINGS(quotes)                                                                                             \
    DOCSTRING(quotes), DOCSTRING_OF("r", quotes), DOCSTRING_OF("R", quotes), DOCSTRING_OF("u", quotes),                \
        DOCSTRING_OF("U", quotes)

#define C_COMMENTS LINE_IF("//", F(CONTINUED)), BLOCK("/*", "*/")
#define C_DOCS                                                                                                         \
    TOKEN(LINE, "///", "", "/", F(DOC) | F(CONTINUED), 0), TOKEN(LINE, "//!", "", "", F(DOC) | F(CONTINUED), 0),       \
        BLOCK_DOC("/**", "*/", "*/"), BLOCK_DOC("/*!", "*/", "")
#define SLASH_COMMENTS LINE("//"), BLOCK("/*", "*/")
#define SLASH_DOCS LINE_DOC("///", "/"), BLOCK_DOC("/**", "*/", "*/")
#define TRIPLE STRING_MULTI("\"\"\"")
#define TRIPLE_RAW STRING_RAW("\"\"\"", "\"\"\"")

static const wtfcb_lang_token none_tokens[1]; /* an opening of NULL stands for "no token" */

static const wtfcb_lang_token c_tokens[] = {C_COMMENTS, C_DOCS, STRING("\""), SPECIAL(CHAR_C, "'")};
static const wtfcb_lang_token cpp_tokens[] = {C_COMMENTS, C_DOCS, SPECIAL(RAW_CPP, "\""), SPECIAL(CHAR_C, "'")};
static const wtfcb_lang_token objc_tokens[] = {C_COMMENTS, C_DOCS, STRING("\""), SPECIAL(CHAR_C, "'")};
static const wtfcb_lang_token slash_tokens[] = {SLASH_COMMENTS, SLASH_DOCS, STRING("\""), STRING("'")};
static const wtfcb_lang_token slash_nest_tokens[] = {
    LINE("//"), LINE_DOC("///", "/"), NEST("/*", "*/"), NEST_DOC("/**", "*/", "*/"), STRING("\""), SPECIAL(CHAR, "'")};
static const wtfcb_lang_token java_tokens[] = {SLASH_COMMENTS, BLOCK_DOC("/**", "*/", "*/"), TRIPLE, STRING("\""),
                                               SPECIAL(CHAR_C, "'")};
static const wtfcb_lang_token csharp_tokens[] = {SLASH_COMMENTS, SLASH_DOCS, SPECIAL(RAW_CSHARP, "\""),
                                                 SPECIAL(CHAR_C, "'")};
static const wtfcb_lang_token javascript_tokens[] = {
    SLASH_COMMENTS,      BLOCK_DOC("/**", "*/", "*/"), STRING("\""), STRING("'"), SPECIAL(TEMPLATE, "`"),
    SPECIAL(REGEX, "/"), LINE_IF("#!", F(COLUMN_0))};
static const wtfcb_lang_token go_tokens[] = {SLASH_COMMENTS, STRING("\""), STRING_RAW("`", "`"), SPECIAL(CHAR_C, "'")};
static const wtfcb_lang_token rust_tokens[] = {LINE("//"),
                                               LINE_DOC("///", "/"),
                                               LINE_DOC("//!", ""),
                                               NEST("/*", "*/"),
                                               NEST_DOC("/**", "*/", "*/"),
                                               NEST_DOC("/*!", "*/", ""),
                                               SPECIAL_IF(RAW_RUST, "\"", F(MULTI)),
                                               SPECIAL(CHAR, "'")};
static const wtfcb_lang_token swift_tokens[] = {LINE("//"), LINE_DOC("///", "/"), NEST("/*", "*/"),
                                                NEST_DOC("/**", "*/", "*/"), SPECIAL(RAW_SWIFT, "\"")};
static const wtfcb_lang_token kotlin_tokens[] = {
    LINE("//"),   NEST("/*", "*/"),   NEST_DOC("/**", "*/", "*/"), TRIPLE_RAW,
    STRING("\""), SPECIAL(CHAR, "'"), LINE_IF("#!", F(COLUMN_0))};
static const wtfcb_lang_token scala_tokens[] = {
    LINE("//"),   NEST("/*", "*/"),   NEST_DOC("/**", "*/", "*/"), TRIPLE_RAW,
    STRING("\""), SPECIAL(CHAR, "'"), LINE_IF("#!", F(COLUMN_0))};
static const wtfcb_lang_token groovy_tokens[] = {
    SLASH_COMMENTS,      BLOCK_DOC("/**", "*/", "*/"), TRIPLE, STRING_MULTI("'''"), STRING("\""), STRING("'"),
    SPECIAL(REGEX, "/"), LINE_IF("#!", F(COLUMN_0))};
static const wtfcb_lang_token dart_tokens[] = {
    LINE("//"),          LINE_DOC("///", "/"), NEST("/*", "*/"), NEST_DOC("/**", "*/", "*/"), TRIPLE,
    STRING_MULTI("'''"), STRING("\""),         STRING("'"),      LINE_IF("#!", F(COLUMN_0))};
static const wtfcb_lang_token php_tokens[] = {SLASH_COMMENTS,
                                              BLOCK_DOC("/**", "*/", "*/"),
                                              TOKEN(LINE, "#", "", "[", 0, 0),
                                              STRING_MULTI("\""),
                                              STRING_MULTI("'"),
                                              STRING_MULTI("`"),
                                              SPECIAL(HEREDOC_PHP, "<<<"),
                                              TOKEN(OUTSIDE, "?>", "<?", "", 0, 0)};

static const wtfcb_lang_token python_tokens[] = {LINE("#"), DOCSTRINGS("\"\"\""), DOCSTRINGS("'''"), STRING("\""),
                                                 STRING("'")};
static const wtfcb_lang_token gdscript_tokens[] = {LINE("#"),           LINE_DOC("##", ""), TRIPLE,
                                                   STRING_MULTI("'''"), STRING("\""),       STRING("'")};
static const wtfcb_lang_token ruby_tokens[] = {LINE_IF("#", F(AT_WORD)),
                                               LINES("=begin", "=end", F(COLUMN_0) | F(WHOLE)),
                                               TOKEN(TAIL, "__END__", "", "", F(COLUMN_0) | F(WHOLE), 0),
                                               SPECIAL(QUOTED, "\""),
                                               SPECIAL_IF(QUOTED, "'", F(NOT_INNER)),
                                               SPECIAL(QUOTED, "`"),
                                               PASS("?\""),
                                               PASS("?'"),
                                               PASS("$'"),
                                               PASS("$\""),
                                               PASS("$`"),
                                               SPECIAL(REGEX, "/"),
                                               TOKEN(HEREDOC_RUBY, "<<", "", "<=", 0, 0),
                                               SPECIAL_IF(QUOTE_RUBY, "%", F(OPERAND))};
static const wtfcb_lang_token crystal_tokens[] = {LINE_IF("#", F(AT_WORD)), STRING_MULTI("\""),
                                                  SPECIAL(CHAR, "'"),       STRING_MULTI("`"),
                                                  SPECIAL(REGEX, "/"),      TOKEN(HEREDOC_RUBY, "<<", "", "<=", 0, 0)};
static const wtfcb_lang_token perl_tokens[] = {LINE_IF("#", F(AT_WORD)),
                                               SPECIAL_IF(POD, "=", F(COLUMN_0)),
                                               TOKEN(TAIL, "__END__", "", "", F(COLUMN_0) | F(WHOLE), 0),
                                               TOKEN(TAIL, "__DATA__", "", "", F(COLUMN_0) | F(WHOLE), 0),
                                               SPECIAL(QUOTED, "\""),
                                               SPECIAL_IF(QUOTED, "'", F(NOT_INNER)),
                                               SPECIAL(QUOTED, "`"),
                                               PASS("$'"),
                                               PASS("$\""),
                                               PASS("$`"),
                                               ESCAPE("\\"),
                                               SPECIAL(REGEX, "/"),
                                               TOKEN(HEREDOC_PERL, "<<", "", "<=", 0, 0),
                                               SPECIAL_IF(QUOTE_PERL, "q", F(NOT_INNER)),
                                               SPECIAL_IF(QUOTE_PERL, "m", F(NOT_INNER)),
                                               SPECIAL_IF(QUOTE_PERL, "s", F(NOT_INNER)),
                                               SPECIAL_IF(QUOTE_PERL, "tr", F(NOT_INNER)),
                                               SPECIAL_IF(QUOTE_PERL, "y", F(NOT_INNER))};
static const wtfcb_lang_token raku_tokens[] = {
    LINE("#"),
    LINE_DOC("#|", ""),
    LINE_DOC("#=", ""),
    BLOCK("#`{", "}"),
    BLOCK("#`(", ")"),
    BLOCK("#`[", "]"),
    TOKEN(LINES, "=begin", "=end", "", F(COLUMN_0) | F(COMMENT) | F(DOC) | F(WHOLE), 0),
    STRING_MULTI("\""),
    TOKEN(STRING, "'", "'", "", F(MULTI) | F(OPERAND), '\\'),
    ESCAPE("\\")};
static const wtfcb_lang_token shell_tokens[] = {LINE_IF("#", F(AT_WORD)),
                                                STRING_MULTI("\""),
                                                STRING_RAW("'", "'"),
                                                TOKEN(STRING, "$'", "'", "", F(MULTI), '\\'),
                                                ESCAPE("\\"),
                                                TOKEN(HEREDOC_SH, "<<", "", "<=", 0, 0)};
static const wtfcb_lang_token fish_tokens[] = {LINE_IF("#", F(AT_WORD)), STRING_MULTI("\""), STRING_MULTI("'"),
                                               ESCAPE("\\")};
static const wtfcb_lang_token powershell_tokens[] = {LINE_IF("#", F(AT_WORD)),
                                                     BLOCK("<#", "#>"),
                                                     TOKEN(STRING, "\"", "\"", "", F(MULTI), '`'),
                                                     STRING_RAW("'", "'"),
                                                     STRING_RAW("@\"", "\"@"),
                                                     STRING_RAW("@'", "'@"),
                                                     ESCAPE("`")};
static const wtfcb_lang_token batch_tokens[] = {LINE_IF("::", F(FIRST)),
                                                LINE_IF("rem", F(FIRST) | F(WHOLE)),
                                                LINE_IF("REM", F(FIRST) | F(WHOLE)),
                                                LINE_IF("Rem", F(FIRST) | F(WHOLE)),
                                                LINE_IF("@rem", F(FIRST) | F(WHOLE)),
                                                LINE_IF("@REM", F(FIRST) | F(WHOLE)),
                                                LINE_IF("@Rem", F(FIRST) | F(WHOLE))};
static const wtfcb_lang_token hash_tokens[] = {LINE("#"), STRING("\""), STRING("'")};
static const wtfcb_lang_token hash_block_tokens[] = {LINE("#"), SLASH_COMMENTS, STRING("\""), STRING("'")};
static const wtfcb_lang_token make_tokens[] = {LINE_IF("#", F(CONTINUED) | F(AT_WORD))};
static const wtfcb_lang_token cmake_tokens[] = {TOKEN(LONG_BRACKET, "#", "", "", F(COMMENT), 0), STRING_MULTI("\""),
                                                SPECIAL(LONG_BRACKET, "["), ESCAPE("\\")};
static const wtfcb_lang_token docker_tokens[] = {LINE_IF("#", F(FIRST)), TOKEN(HEREDOC_SH, "<<", "", "<=", 0, 0)};
static const wtfcb_lang_token yaml_tokens[] = {LINE_IF("#", F(AT_WORD)),
                                               TOKEN(STRING, "\"", "\"", "", F(AT_WORD), '\\'),
                                               TOKEN(STRING, "'", "'", "", F(AT_WORD), 0)};
static const wtfcb_lang_token toml_tokens[] = {LINE("#"), TRIPLE, STRING_RAW("'''", "'''"), STRING("\""),
                                               STRING_PLAIN("'")};
static const wtfcb_lang_token ini_tokens[] = {LINE_IF("#", F(FIRST)), LINE_IF(";", F(AT_WORD))};
static const wtfcb_lang_token properties_tokens[] = {LINE_IF("#", F(FIRST)), LINE_IF("!", F(FIRST))};
static const wtfcb_lang_token json_tokens[1];     /* no comments: its strings decide about nothing */
static const wtfcb_lang_token notebook_tokens[1]; /* see count_notebook.c */
static const wtfcb_lang_token json5_tokens[] = {SLASH_COMMENTS, STRING("\""), STRING("'")};
static const wtfcb_lang_token kconfig_tokens[] = {LINE_IF("#", F(AT_WORD)), STRING("\""), STRING("'")};
static const wtfcb_lang_token protobuf_tokens[] = {SLASH_COMMENTS, SLASH_DOCS, STRING("\""), STRING("'")};
static const wtfcb_lang_token graphql_tokens[] = {LINE("#"), TRIPLE, STRING("\"")};
static const wtfcb_lang_token dts_tokens[] = {SLASH_COMMENTS, BLOCK_DOC("/**", "*/", "*/"), STRING("\""),
                                              SPECIAL(CHAR, "'")};
static const wtfcb_lang_token meson_tokens[] = {LINE("#"), STRING_MULTI("'''"), STRING("'")};

static const wtfcb_lang_token html_tokens[] = {BLOCK("<!--", "-->"), SPECIAL(TAG, "<")};
static const wtfcb_lang_token xml_tokens[] = {BLOCK("<!--", "-->"), STRING_RAW("<![CDATA[", "]]>")};
static const wtfcb_lang_token jinja_tokens[] = {BLOCK("<!--", "-->"), BLOCK("{#", "#}"), SPECIAL(TAG, "<")};
static const wtfcb_lang_token erb_tokens[] = {BLOCK("<!--", "-->"), BLOCK("<%#", "%>"), SPECIAL(TAG, "<")};
static const wtfcb_lang_token jsp_tokens[] = {BLOCK("<!--", "-->"), BLOCK("<%--", "--%>"), SPECIAL(TAG, "<")};
static const wtfcb_lang_token handlebars_tokens[] = {BLOCK("<!--", "-->"), BLOCK("{{!--", "--}}"), BLOCK("{{!", "}}"),
                                                     SPECIAL(TAG, "<")};
static const wtfcb_lang_token mustache_tokens[] = {BLOCK("<!--", "-->"), BLOCK("{{!", "}}"), SPECIAL(TAG, "<")};
static const wtfcb_lang_token pug_tokens[] = {LINE_IF("//", F(FIRST))};
static const wtfcb_lang_token haml_tokens[] = {LINE_IF("-#", F(FIRST)), LINE_IF("/", F(FIRST))};
static const wtfcb_lang_token css_tokens[] = {BLOCK("/*", "*/"), STRING("\""), STRING("'")};
static const wtfcb_lang_token scss_tokens[] = {TOKEN(LINE, "//", "", "", F(AT_WORD), 0), LINE_DOC("///", ""),
                                               BLOCK("/*", "*/"), STRING("\""), STRING("'")};
static const wtfcb_lang_token sass_tokens[] = {LINE_IF("//", F(AT_WORD)), BLOCK("/*", "*/"), STRING("\""), STRING("'")};
static const wtfcb_lang_token markdown_tokens[] = {BLOCK("<!--", "-->"), SPECIAL_IF(FENCE, "```", F(FIRST)),
                                                   SPECIAL_IF(FENCE, "~~~", F(FIRST)), SPECIAL(CODE_SPAN, "`")};
static const wtfcb_lang_token astro_tokens[] = {BLOCK("<!--", "-->"), SPECIAL(TAG, "<"),
                                                SPECIAL_IF(FRONT_MATTER, "---", F(COLUMN_0))};
static const wtfcb_lang_token rst_tokens[] = {SPECIAL_IF(EXPLICIT, "..", F(FIRST))};
static const wtfcb_lang_token asciidoc_tokens[] = {LINES("////", "////", F(COLUMN_0)),
                                                   TOKEN(LINE, "//", "", "/", F(COLUMN_0), 0)};
static const wtfcb_lang_token tex_tokens[] = {LINE("%"), LINES("\\begin{comment}", "\\end{comment}", F(FIRST))};
static const wtfcb_lang_token roff_tokens[] = {LINE(".\\\""), LINE("'\\\""), LINE("\\\"")};
static const wtfcb_lang_token org_tokens[] = {LINE_IF("# ", F(FIRST))};
static const wtfcb_lang_token po_tokens[] = {LINE_IF("#", F(COLUMN_0)), STRING("\"")};
static const wtfcb_lang_token bibtex_tokens[] = {LINE_IF("%", F(FIRST))};
static const wtfcb_lang_token diff_tokens[] = {LINE_IF("#", F(COLUMN_0))};

static const wtfcb_lang_token lua_tokens[] = {TOKEN(LONG_BRACKET, "--", "", "", F(COMMENT), 0),
                                              TOKEN(LINE, "---", "", "-", F(DOC), 0),
                                              STRING("\""),
                                              STRING("'"),
                                              SPECIAL(LONG_BRACKET, "["),
                                              LINE_IF("#!", F(COLUMN_0))};
static const wtfcb_lang_token r_tokens[] = {LINE("#"), LINE_DOC("#'", ""), STRING_MULTI("\""), STRING_MULTI("'"),
                                            STRING_PLAIN("`")};
static const wtfcb_lang_token julia_tokens[] = {LINE("#"),          NEST("#=", "=#"),   TRIPLE,
                                                STRING_MULTI("\""), SPECIAL(CHAR, "'"), STRING_MULTI("```"),
                                                STRING_MULTI("`")};
static const wtfcb_lang_token matlab_tokens[] = {LINE("%"), LINES("%{", "%}", F(FIRST))};
static const wtfcb_lang_token octave_tokens[] = {LINE("%"),
                                                 LINE("#"),
                                                 LINES("%{", "%}", F(FIRST)),
                                                 LINES("#{", "#}", F(FIRST)),
                                                 TOKEN(STRING, "'", "'", "", F(OPERAND), 0),
                                                 STRING("\"")};
static const wtfcb_lang_token haskell_tokens[] = {TOKEN(LINE, "--", "", "!#$%&*+./<=>?@\\^|~:", 0, 0),
                                                  LINE_DOC("-- |", ""),
                                                  LINE_DOC("-- ^", ""),
                                                  NEST("{-", "-}"),
                                                  NEST_DOC("{-|", "-}", ""),
                                                  STRING("\""),
                                                  SPECIAL_IF(CHAR, "'", F(NOT_INNER))};
static const wtfcb_lang_token elm_tokens[] = {LINE("--"), NEST("{-", "-}"), NEST_DOC("{-|", "-}", ""),
                                              TRIPLE,     STRING("\""),     SPECIAL_IF(CHAR, "'", F(NOT_INNER))};
static const wtfcb_lang_token ocaml_tokens[] = {NEST("(*", "*)"),        NEST_DOC("(**", "*)", "*)"),
                                                STRING_MULTI("\""),      SPECIAL_IF(CHAR, "'", F(NOT_INNER)),
                                                SPECIAL(RAW_OCAML, "{"), PASS("(*)")};
static const wtfcb_lang_token sml_tokens[] = {NEST("(*", "*)"), STRING_MULTI("\"")};
static const wtfcb_lang_token coq_tokens[] = {NEST("(*", "*)"), NEST_DOC("(**", "*)", "*)"), STRING_RAW("\"", "\"")};
static const wtfcb_lang_token fsharp_tokens[] = {
    LINE("//"), LINE_DOC("///", "/"),      NEST("(*", "*)"),
    TRIPLE_RAW, SPECIAL(RAW_CSHARP, "\""), SPECIAL_IF(CHAR, "'", F(NOT_INNER)),
    PASS("(*)")};
static const wtfcb_lang_token lisp_tokens[] = {LINE(";"), NEST("#|", "|#"), STRING_MULTI("\""), ESCAPE("#\\")};
static const wtfcb_lang_token elisp_tokens[] = {LINE(";"), STRING_MULTI("\""), ESCAPE("?\\"),
                                                TOKEN(ESCAPE, "?", "", "", F(AT_WORD), 0)};
static const wtfcb_lang_token clojure_tokens[] = {LINE(";"), STRING_MULTI("\""), ESCAPE("\\"),
                                                  LINE_IF("#!", F(COLUMN_0))};
static const wtfcb_lang_token erlang_tokens[] = {LINE("%"),   LINE_DOC("%% @", ""), STRING_MULTI("\""),
                                                 STRING("'"), ESCAPE("$\\"),        ESCAPE("$")};
static const wtfcb_lang_token elixir_tokens[] = {LINE("#"),          TRIPLE,      STRING_MULTI("'''"),
                                                 STRING_MULTI("\""), STRING("'"), ESCAPE("?\\"),
                                                 PASS("?\""),        PASS("?'"),  PASS("?#")};
static const wtfcb_lang_token nim_tokens[] = {LINE("#"),
                                              LINE_DOC("##", ""),
                                              NEST("#[", "]#"),
                                              BLOCK_DOC("##[", "]##", ""),
                                              TRIPLE_RAW,
                                              STRING("\""),
                                              SPECIAL_IF(CHAR, "'", F(NOT_INNER))};
static const wtfcb_lang_token d_tokens[] = {
    SLASH_COMMENTS,     SLASH_DOCS,           NEST("/+", "+/"),        NEST_DOC("/++", "+/", "+/"),
    STRING_MULTI("\""), STRING_RAW("`", "`"), STRING_RAW("r\"", "\""), SPECIAL(CHAR, "'")};
static const wtfcb_lang_token zig_tokens[] = {LINE("//"),          LINE_DOC("///", "/"),
                                              LINE_DOC("//!", ""), STRING("\""),
                                              SPECIAL(CHAR, "'"),  TOKEN(STRING, "\\\\", "\n", "", 0, 0)};
static const wtfcb_lang_token ada_tokens[] = {LINE("--")};
static const wtfcb_lang_token vhdl_tokens[] = {LINE("--"), BLOCK("/*", "*/"), STRING_PLAIN("\""),
                                               SPECIAL_IF(CHAR, "'", F(OPERAND))};
static const wtfcb_lang_token verilog_tokens[] = {SLASH_COMMENTS, STRING("\"")};
static const wtfcb_lang_token fortran_tokens[] = {LINE("!"), LINE_DOC("!>", ""), LINE_DOC("!<", "")};
static const wtfcb_lang_token fortran_fixed_tokens[] = {LINE("!"), LINE_IF("C", F(COLUMN_0)), LINE_IF("c", F(COLUMN_0)),
                                                        LINE_IF("*", F(COLUMN_0))};
static const wtfcb_lang_token cobol_tokens[] = {LINE("*>"), LINE_IF("*", F(COLUMN_6)), LINE_IF("/", F(COLUMN_6)),
                                                LINE_IF("*", F(COLUMN_0))};
static const wtfcb_lang_token pascal_tokens[] = {LINE("//"),        LINE_DOC("///", "/"), BLOCK("{", "}"),
                                                 BLOCK("(*", "*)"), STRING_PLAIN("'"),    PASS("{$")};
static const wtfcb_lang_token basic_tokens[] = {LINE("'"), LINE_DOC("'''", ""), LINE_IF("rem", F(FIRST) | F(WHOLE)),
                                                LINE_IF("Rem", F(FIRST) | F(WHOLE)),
                                                LINE_IF("REM", F(FIRST) | F(WHOLE))};
static const wtfcb_lang_token sql_tokens[] = {LINE("--"),           BLOCK("/*", "*/"),  LINE_IF("#", F(FIRST)),
                                              STRING_RAW("'", "'"), STRING_PLAIN("\""), STRING_PLAIN("`")};
static const wtfcb_lang_token prolog_tokens[] = {LINE("%"),
                                                 LINE_DOC("%!", ""),
                                                 LINE_DOC("%%", "%"),
                                                 BLOCK("/*", "*/"),
                                                 BLOCK_DOC("/**", "*/", "*/"),
                                                 STRING_MULTI("\""),
                                                 TOKEN(STRING, "'", "'", "", F(NOT_INNER), '\\'),
                                                 ESCAPE("0'\\"),
                                                 ESCAPE("0'")};
static const wtfcb_lang_token asm_tokens[] = {SLASH_COMMENTS,
                                              BLOCK_DOC("/**", "*/", "*/"),
                                              LINE(";"),
                                              LINE_IF("@", F(FIRST)),
                                              LINE_IF("|", F(FIRST)),
                                              SPECIAL_IF(ASM_HASH, "#", F(FIRST)),
                                              STRING("\""),
                                              PASS("'\"'"),
                                              PASS("';'")};
static const wtfcb_lang_token vim_tokens[] = {LINE_IF("\"", F(FIRST)), LINE_IF("# ", F(FIRST)), STRING("\""),
                                              TOKEN(STRING, "'", "'", "", F(OPERAND), 0)};
static const wtfcb_lang_token tcl_tokens[] = {LINE_IF("#", F(AT_WORD)), STRING_MULTI("\""), ESCAPE("\\")};
static const wtfcb_lang_token awk_tokens[] = {LINE("#"), STRING("\""), SPECIAL(REGEX, "/")};
static const wtfcb_lang_token nix_tokens[] = {LINE("#"), BLOCK("/*", "*/"), BLOCK_DOC("/**", "*/", "*/"),
                                              STRING_MULTI("\""), SPECIAL(STRING_NIX, "''")};
static const wtfcb_lang_token hcl_tokens[] = {LINE("#"), SLASH_COMMENTS, STRING("\""),
                                              TOKEN(HEREDOC_HCL, "<<", "", "<=", 0, 0)};
static const wtfcb_lang_token glsl_tokens[] = {C_COMMENTS, C_DOCS};
static const wtfcb_lang_token lex_tokens[] = {C_COMMENTS, STRING("\""), SPECIAL(CHAR, "'")};
static const wtfcb_lang_token forth_tokens[] = {LINE_IF("\\ ", F(AT_WORD)), TOKEN(BLOCK, "( ", ")", "", F(AT_WORD), 0)};
static const wtfcb_lang_token smalltalk_tokens[] = {BLOCK("\"", "\""), STRING_RAW("'", "'"), ESCAPE("$")};
static const wtfcb_lang_token abap_tokens[] = {LINE_IF("*", F(COLUMN_0)), LINE("\""), LINE_DOC("\"!", "")};
static const wtfcb_lang_token autohotkey_tokens[] = {LINE_IF(";", F(AT_WORD)),
                                                     TOKEN(LINES, "/*", "*/", "", F(FIRST) | F(COMMENT), 0)};
static const wtfcb_lang_token m4_tokens[] = {LINE_IF("dnl", F(NOT_INNER) | F(WHOLE)), LINE_IF("#", F(AT_WORD))};
static const wtfcb_lang_token lean_tokens[] = {LINE("--"),
                                               NEST("/-", "-/"),
                                               NEST_DOC("/--", "-/", "-/"),
                                               NEST_DOC("/-!", "-/", ""),
                                               STRING_MULTI("\""),
                                               SPECIAL_IF(CHAR, "'", F(NOT_INNER))};
static const wtfcb_lang_token coffeescript_tokens[] = {LINE("#"),           BLOCK("###", "###"), TRIPLE,
                                                       STRING_MULTI("'''"), STRING_MULTI("\""),  STRING_MULTI("'")};

static const wtfcb_lang_token alloy_tokens[] = {LINE("//"), LINE("--"), BLOCK("/*", "*/"), STRING("\"")};
static const wtfcb_lang_token asn1_tokens[] = {LINE("--"), NEST("/*", "*/"), STRING_RAW("\"", "\"")};
static const wtfcb_lang_token autoit_tokens[] = {LINE(";"), LINES("#cs", "#ce", F(FIRST)),
                                                 LINES("#comments-start", "#comments-end", F(FIRST))};
static const wtfcb_lang_token ballerina_tokens[] = {LINE("//"), LINE_IF("#", F(FIRST) | F(DOC)), STRING("\""),
                                                    SPECIAL(TEMPLATE, "`")};
static const wtfcb_lang_token blade_tokens[] = {BLOCK("<!--", "-->"), BLOCK("{{--", "--}}"), SPECIAL(TAG, "<")};
static const wtfcb_lang_token cabal_tokens[] = {LINE_IF("--", F(FIRST))};
static const wtfcb_lang_token chapel_tokens[] = {LINE("//"),          NEST("/*", "*/"), TRIPLE,
                                                 STRING_MULTI("'''"), STRING("\""),     STRING("'")};
static const wtfcb_lang_token coldfusion_tokens[] = {NEST("<!---", "--->"), BLOCK("<!--", "-->"), SPECIAL(TAG, "<")};
static const wtfcb_lang_token csh_tokens[] = {
    LINE_IF("#", F(AT_WORD)), STRING_PLAIN("\""), STRING_PLAIN("'"),
    STRING_PLAIN("`"),        ESCAPE("\\"),       TOKEN(HEREDOC_SH, "<<", "", "<=", 0, 0)};
static const wtfcb_lang_token cue_tokens[] = {LINE("//"), TRIPLE, STRING_MULTI("'''"), STRING("\""), STRING("'")};
static const wtfcb_lang_token dhall_tokens[] = {LINE("--"), NEST("{-", "-}"), STRING("\""), SPECIAL(STRING_NIX, "''"),
                                                STRING_PLAIN("`")};
static const wtfcb_lang_token factor_tokens[] = {LINE_IF("! ", F(AT_WORD)), LINE_IF("#!", F(COLUMN_0)),
                                                 STRING_MULTI("\""), ESCAPE("\\ ")};
static const wtfcb_lang_token freemarker_tokens[] = {BLOCK("<!--", "-->"), BLOCK("<#--", "-->"), SPECIAL(TAG, "<")};
static const wtfcb_lang_token gleam_tokens[] = {LINE("//"), LINE_DOC("///", ""), STRING_MULTI("\"")};
static const wtfcb_lang_token godot_tokens[] = {LINE_IF(";", F(AT_WORD)), STRING_MULTI("\"")};
static const wtfcb_lang_token gotemplate_tokens[] = {BLOCK("<!--", "-->"), BLOCK("{{/*", "*/}}"),
                                                     BLOCK("{{- /*", "*/ -}}"), SPECIAL(TAG, "<")};
static const wtfcb_lang_token hash_first_tokens[] = {LINE_IF("#", F(FIRST))};
static const wtfcb_lang_token hash_word_tokens[] = {LINE_IF("#", F(AT_WORD))};
static const wtfcb_lang_token inno_tokens[] = {LINE_IF(";", F(FIRST)), LINE_IF("//", F(FIRST))};
static const wtfcb_lang_token j_tokens[] = {LINE_IF("NB.", F(NOT_INNER))};
static const wtfcb_lang_token janet_tokens[] = {LINE("#"), STRING_MULTI("\""), STRING_RAW("```", "```"),
                                                STRING_RAW("``", "``"), STRING_RAW("`", "`")};
static const wtfcb_lang_token jcl_tokens[] = {LINE_IF("//*", F(COLUMN_0))};
static const wtfcb_lang_token jsonnet_tokens[] = {LINE("//"),
                                                  LINE("#"),
                                                  BLOCK("/*", "*/"),
                                                  STRING_MULTI("\""),
                                                  STRING_MULTI("'"),
                                                  STRING_RAW("@\"", "\""),
                                                  STRING_RAW("@'", "'"),
                                                  STRING_RAW("|||", "|||")};
static const wtfcb_lang_token kdl_tokens[] = {LINE("//"), NEST("/*", "*/"), SPECIAL_IF(RAW_RUST, "\"", F(MULTI))};
static const wtfcb_lang_token lilypond_tokens[] = {LINE("%"), BLOCK("%{", "%}"), STRING_MULTI("\"")};
static const wtfcb_lang_token liquid_tokens[] = {BLOCK("<!--", "-->"), BLOCK("{% comment %}", "{% endcomment %}"),
                                                 BLOCK("{%- comment -%}", "{%- endcomment -%}"), BLOCK("{% #", "%}"),
                                                 SPECIAL(TAG, "<")};
static const wtfcb_lang_token livescript_tokens[] = {
    LINE("#"),           BLOCK("/*", "*/"),  TRIPLE,
    STRING_MULTI("'''"), STRING_MULTI("\""), TOKEN(STRING, "'", "'", "", F(MULTI) | F(OPERAND), '\\')};
static const wtfcb_lang_token llvm_tokens[] = {LINE(";")};
static const wtfcb_lang_token mediawiki_tokens[] = {BLOCK("<!--", "-->")};
static const wtfcb_lang_token mermaid_tokens[] = {LINE_IF("%%", F(FIRST))};
static const wtfcb_lang_token moonscript_tokens[] = {LINE("--"), STRING_MULTI("\""), STRING_MULTI("'"),
                                                     SPECIAL(LONG_BRACKET, "[")};
static const wtfcb_lang_token nsis_tokens[] = {LINE_IF(";", F(AT_WORD)), LINE_IF("#", F(AT_WORD)), BLOCK("/*", "*/"),
                                               STRING_PLAIN("\""),       STRING_PLAIN("'"),        STRING_PLAIN("`")};
static const wtfcb_lang_token nushell_tokens[] = {LINE_IF("#", F(AT_WORD)), STRING_MULTI("\""), STRING_RAW("'", "'"),
                                                  STRING_RAW("`", "`")};
static const wtfcb_lang_token plantuml_tokens[] = {LINE_IF("'", F(FIRST)), BLOCK("/'", "'/")};
static const wtfcb_lang_token pony_tokens[] = {LINE("//"), NEST("/*", "*/"), TRIPLE_RAW, STRING_MULTI("\""),
                                               SPECIAL_IF(CHAR, "'", F(NOT_INNER))};
static const wtfcb_lang_token postscript_tokens[] = {LINE("%"), TOKEN(STRING, "(", ")", "", F(MULTI), '\\')};
static const wtfcb_lang_token razor_tokens[] = {BLOCK("<!--", "-->"), BLOCK("@*", "*@"), SPECIAL(TAG, "<")};
static const wtfcb_lang_token red_tokens[] = {LINE(";"), TOKEN(STRING, "\"", "\"", "", 0, '^'),
                                              TOKEN(STRING, "{", "}", "", F(MULTI), '^')};
static const wtfcb_lang_token rego_tokens[] = {LINE("#"), STRING("\""), STRING_RAW("`", "`")};
static const wtfcb_lang_token rexx_tokens[] = {LINE("--"), NEST("/*", "*/"), STRING_PLAIN("\""), STRING_PLAIN("'")};
static const wtfcb_lang_token sas_tokens[] = {BLOCK("/*", "*/"), TOKEN(BLOCK, "*", ";", "", F(FIRST), 0),
                                              STRING_RAW("\"", "\""), STRING_RAW("'", "'")};
static const wtfcb_lang_token scilab_tokens[] = {LINE("//"), BLOCK("/*", "*/"), STRING_PLAIN("\""),
                                                 TOKEN(STRING, "'", "'", "", F(OPERAND), 0)};
static const wtfcb_lang_token semicolon_tokens[] = {LINE(";"), STRING_MULTI("\"")};
static const wtfcb_lang_token slash_line_tokens[] = {LINE("//"), LINE_DOC("///", "/"), STRING("\""), STRING("'")};
static const wtfcb_lang_token slim_tokens[] = {LINE_IF("/", F(FIRST))};
static const wtfcb_lang_token smarty_tokens[] = {BLOCK("<!--", "-->"), BLOCK("{*", "*}"), SPECIAL(TAG, "<")};
static const wtfcb_lang_token smt_tokens[] = {LINE(";"), STRING_RAW("\"", "\""), STRING_RAW("|", "|")};
static const wtfcb_lang_token stata_tokens[] = {LINE_IF("*", F(FIRST)), LINE_IF("//", F(AT_WORD)), NEST("/*", "*/"),
                                                STRING_PLAIN("\"")};
static const wtfcb_lang_token supercollider_tokens[] = {LINE("//"),  NEST("/*", "*/"), STRING_MULTI("\""),
                                                        STRING("'"), ESCAPE("$\\"),    ESCAPE("$")};
static const wtfcb_lang_token tla_tokens[] = {LINE("\\*"), NEST("(*", "*)"), STRING("\"")};
static const wtfcb_lang_token turtle_tokens[] = {LINE_IF("#", F(AT_WORD)), TRIPLE, STRING_MULTI("'''"), STRING("\""),
                                                 STRING("'")};
static const wtfcb_lang_token typst_tokens[] = {LINE_IF("//", F(AT_WORD)), NEST("/*", "*/"), STRING_RAW("```", "```")};
static const wtfcb_lang_token vcl_tokens[] = {LINE("#"), SLASH_COMMENTS, STRING_PLAIN("\""), STRING_RAW("{\"", "\"}")};
static const wtfcb_lang_token velocity_tokens[] = {LINE("##"), BLOCK("#*", "*#"), BLOCK("<!--", "-->"),
                                                   SPECIAL(TAG, "<")};
static const wtfcb_lang_token xquery_tokens[] = {NEST("(:", ":)"), STRING_RAW("\"", "\""), STRING_RAW("'", "'"),
                                                 BLOCK("<!--", "-->")};
static const wtfcb_lang_token zeek_tokens[] = {LINE("#"), LINE_DOC("##", ""), STRING("\"")};

#define ENTRY(name)                                                                                                    \
    [WTFCB_LANG_SYNTAX_##name] = {name##_tokens, (uint16_t)(sizeof name##_tokens / sizeof name##_tokens[0])},

const wtfcb_lang_syntax wtfcb_lang_syntaxes[WTFCB_LANG_SYNTAX_COUNT] = {WTFCB_LANG_SYNTAXES(ENTRY)};
