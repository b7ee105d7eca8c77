/*
 * Which symbols come out of constructs that are easily missed: one short text each, with what it defines, in order, as
 * "kind name", a plus behind what is exported.
 */
#include "test_extract.h"

#include "lang/macros.h"

typedef struct sample {
    const char *language;
    const char *text;
    const char *symbols; /* divided by ", " */
} sample;

static const sample samples[] = {
    /* macros in the heads of classes and namespaces do not cost what is in them */
    {"c++", "class EXPORT Foo final : public Bar { int a; };", "class Foo+, field a"},
    {"c++", "class EXPORT(x) ATTR [[nodiscard]] Foo { public: int a() { return 1; } };", "class Foo+, method a+"},
    {"c++",
     "namespace std _VISIBILITY(default)\n{\n_BEGIN_NAMESPACE_VERSION\nstruct A { int b; };\n_END_NAMESPACE\n}\n",
     "namespace std+, struct A+, field b+"},
    {"c++", "MY_NAMESPACE_BEGIN\nenum class E : int { one };\nMY_NAMESPACE_END\n", "enum E+, enum-member one+"},
    {"c++", "MY_NAMESPACE_BEGIN(x)\nclass A : B { };\n", "class A+"},
    /* nor those around functions and members */
    {"c++", "bool f(void *) REQUIRES(mu) { return true; }", "function f+"},
    {"c++", "struct A { int *d() const LIFETIME_BOUND { return 0; } int e() NO_LOCK; };", "struct A+, method d+"},
    {"c++", "struct A { MY_NOINLINE A() : x(1) {} int x; };", "struct A+, constructor A+, field x+"},
    {"c++", "struct A { const char *absl_nonnull p; };", "struct A+, field p+"},
    {"c++", "MY_CONST_INIT std::atomic<bool> flag{false};", "variable flag+"},
    {"c++", "FOO static int x = 1;\nBAR(2) void f() {}\n", "variable x, function f+"},
    /* words in capitals that are types, values or calls stay what they are */
    {"c++", "DWORD x;\nstruct FILE_T y;\nBOOL f(UINT a) { return a ? TRUE : FALSE; }\n",
     "variable x+, variable y+, function f+"},
    {"c++", "enum E { ONE,\n TWO\n};\nint a[] = {\n ONE\n};\n",
     "enum E+, enum-member ONE+, enum-member TWO+, variable a+"},
    {"c++", "// class EXPORT A {\nconst char *s = \"class EXPORT B {\", *r = R\"x(class EXPORT C {)x\";\n",
     "variable s+, variable r+"},
    {"c++", "#define ONE \\\n class EXPORT A {\nint n = 1'000'000;\n", "macro ONE+, variable n+"},
    {"c++", "A::operator short() const { return 1; }", "method operator short+"},
    {"c++", "void f() { g(); __catch (...) { h(); } }", "function f+"},
    /* macros that define */
    {"c",
     "DEFINE_MUTEX(a);\nLIST_HEAD(b);\nDEFINE_EVENT(c, d);\nstatic DEFINE_PER_CPU(int, e);\nstatic LIST_HEAD(f);\n",
     "variable a+, variable b+, variable e, variable f"},
    {"c", "BLOCKING_NOTIFIER_HEAD(a);\nEXPORT_SYMBOL(a);\nint b;\n", "variable a+, variable b+"},
    {"c", "SYSCALL_DEFINE0(getuid)\n{\n\treturn 1;\n}\nsize_t __attribute_const__ f(void)\n{\n\treturn 1;\n}\nint b;\n",
     "function getuid+, function f+, variable b+"},
    {"c",
     "#define A 1\nunsigned long __read_mostly e;\nint __read_mostly u = 1;\nstatic int __read_mostly v;\nint b;\n",
     "macro A+, variable e+, variable u+, variable v, variable b+"},
    {"c",
     "int a[3] __aligned(8);\nt_t c[A + 1]\n\t__page_aligned_bss;\nstatic void __iomem *d[F] __initdata;\nint b;\n",
     "variable a+, variable c+, variable d, variable b+"},
    {"c", "typedef __u16 __bitwise __fs16;\ntypedef u32 __bitwise x;\nint b;\n",
     "type-alias __fs16+, type-alias x+, variable b+"},
    {"c", "__visible __init\nint b;\n__init foo\nstruct c { int a; } __packed;\n", "variable b+, struct c+, field a+"},
    {"c", "SYSCALL_DEFINE2(read, int, fd)\n{\n\treturn fd;\n}\nmodule_init(start);\nstatic int __init x(void) { }\n",
     "function read+, function x"},
    /* JavaScript */
    {"javascript", "A.prototype.b = A.prototype.c = d;", "method b, method c"},
    {"javascript", "module.exports = { a, b: c, d() {}, e: function () {}, f: 1 };\nfunction a() {}\nfunction c() {}\n",
     "property exports+, property b+, method d+, method e+, property f+, function a+, function c+"},
    {"javascript", "function a() {}\nmodule.exports = a;\nexports.b = function () {};\nexports.c = { d: 1 };\n",
     "function a+, function b+, property c+, property d+"},
    {"javascript", "for (let i = 0; i < 2; i++) { }\nfor (var j = 0;;) { }\nlet k = 0;\n", "variable j, variable k"},
    /* TypeScript */
    {"typescript", "export declare class A { b: string; c(): void; }\ndeclare function d(x: number): void;\n",
     "class A+, field b+, method c+, function d"},
    {"typescript", "export interface A { (x: number): void; new (): A; b?: string; c(): void; }",
     "interface A+, property b+, method c+"},
    {"typescript", "interface A { constructor: Function; }\ndeclare class B { constructor(a: string); }",
     "interface A, property constructor, class B, constructor constructor"},
    /* Go: an embedded field is called like its type */
    {"go", "package p\ntype A struct { B; *c; p.D; *q.E[int]; _ int; g, h string }",
     "struct A+, field B+, field c, field D+, field E+, field g, field h"},
    /* Rust: only comments and attributes may stand between the mark and the macro */
    {"rust", "#[macro_export]\n/// {\n#[doc = \"x\"]\nmacro_rules! a { () => {} }\nmacro_rules! b { () => {} }\n",
     "macro a+, macro b"},
    {"rust", "#[macro_export]\nfn x() {}\nmacro_rules! b { () => {} }\n", "function x, macro b"},
    /* Java: components of a record are fields, parameters of its methods are not */
    {"java", "public record R(int a, String... b) { R { } void f(int x) { } I i = (int y) -> y; }",
     "class R+, field a+, field b+, constructor R, method f, field i"},
    {"java", "enum E { A, B(1) { void f(int x) { } } }\n@interface X { int v() default 3; }\n",
     "enum E, enum-member A, enum-member B, method f, interface X, method v"},
};
#define SAMPLES (sizeof samples / sizeof *samples)

START_TEST(symbols_are_as_written_down)
{
    facts_bench bench;
    facts_open(&bench);
    for (size_t i = 0; i < SAMPLES; i++) {
        const sample *s = &samples[i];
        const wtfcb_scanner_facts *facts = facts_of(&bench, s->language, s->text, strlen(s->text));
        wtfcb_base_buffer found;
        wtfcb_base_buffer_init(&found, &bench.allocator);
        for (size_t n = 0; n < facts->symbol_count; n++) {
            const wtfcb_scanner_symbol *symbol = &facts->symbols[n];
            char line[256];
            ck_assert_uint_le(symbol->range.start_byte, symbol->name_byte);
            ck_assert_uint_ge(symbol->range.end_byte, symbol->name_byte + symbol->name_length);
            snprintf(line, sizeof line, "%s%s %.*s%s", n ? ", " : "", wtfcb_symbol_kind_name(symbol->kind),
                     (int)symbol->name_length, s->text + symbol->name_byte,
                     symbol->flags & WTFCB_SYMBOL_EXPORTED ? "+" : "");
            wtfcb_base_buffer_append_string(&found, line);
        }
        wtfcb_base_buffer_append_byte(&found, '\0');
        ck_assert_msg(strcmp(found.data, s->symbols) == 0, "%s\nexpected %s\nbut got  %s", s->text, s->symbols,
                      found.data);
        wtfcb_base_buffer_free(&found);
    }
    facts_close(&bench);
}
END_TEST

/* What a parser reads in place of a text: as long, with the same lines, and elsewhere but for blanks the same. */
START_TEST(hidden_text_keeps_its_shape)
{
    wtfcb_allocator allocator = wtfcb_base_allocator(NULL);
    wtfcb_lang_macros macros = {0};
    size_t hidden = 0;
    for (size_t i = 0; i < SAMPLES; i++) {
        const char *text = samples[i].text;
        uint32_t length = (uint32_t)strlen(text);
        for (uint32_t cut = 0; cut <= length; cut++) { /* whatever the text ends in */
            char *exact = malloc(cut ? cut : 1);
            ck_assert_ptr_nonnull(exact);
            memcpy(exact, text, cut);
            ck_assert(wtfcb_lang_macros_find(&macros, &allocator, exact, cut));
            for (uint32_t at = 0; at < cut; at++) {
                uint32_t size = 0;
                const char *piece = wtfcb_lang_macros_read(&macros, exact, cut, at, &size);
                ck_assert_uint_gt(size, 0);
                ck_assert_uint_le(at + size, cut);
                ck_assert(*piece == exact[at] || (*piece == ' ' && exact[at] != '\n'));
                ck_assert(piece == exact + at || memchr(exact + at, '\n', size) == NULL || size == 1);
                hidden += *piece != exact[at];
            }
            free(exact);
        }
    }
    ck_assert_uint_gt(hidden, 0);
    wtfcb_lang_macros_free(&macros, &allocator);
}
END_TEST

static Suite *suite(void)
{
    Suite *made = suite_create("extract symbols");
    TCase *cases = tcase_create("symbols");
    tcase_set_timeout(cases, 60);
    tcase_add_test(cases, symbols_are_as_written_down);
    tcase_add_test(cases, hidden_text_keeps_its_shape);
    suite_add_tcase(made, cases);
    return made;
}

WTFCB_TEST_MAIN(suite)
