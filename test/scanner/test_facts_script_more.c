/* What the grammars of scripting languages yield: Shell, Lua, Elixir and Haskell. */
#include "../test.h"
#include "facts_text.h"

/* --- Shell ------------------------------------------------------------------------------------------------------ */

START_TEST(shell_functions_variables_and_aliases_are_symbols)
{
    assert_facts("a.sh",
                 "#!/bin/bash\n"
                 "alias ll='ls -l' g=grep\n"
                 "alias -p\n"
                 "export A=1 B\n"
                 "readonly C=2\n"
                 "declare -r D=3\n"
                 "declare -A e=([a]=1)\n"
                 "f() { local x=1; y=2; g-h() { :; }; }\n"
                 "function k { :; }\n"
                 "function l() ( m=1 )\n"
                 "n=$(o=1)\n"
                 "[ -f x ] && p=1\n",
                 "2 macro ll: public\n"
                 "2 macro g: public\n"
                 "4 variable A: public\n"
                 "5 constant C: public\n"
                 "6 constant D: public\n"
                 "7 variable e: public\n"
                 "8 function f: public f()\n"
                 "8 function g-h of f:  g-h()\n"
                 "9 function k: public function k\n"
                 "10 function l: public function l()\n"
                 "11 variable n: public\n"
                 "12 variable p: public\n");
}
END_TEST

START_TEST(shell_assignments_that_do_not_last_are_no_symbols)
{
    assert_facts("a.sh", "A=1 B=2\nC=3\nD=4 E=5 run x\nF+=1\nG[1]=2\n(H=1)\nfor ((i = 0; i < 3; i++)); do :; done\n",
                 "1 variable A: public\n1 variable B: public\n2 variable C: public\n");
}
END_TEST

START_TEST(shell_imports_are_sourced_files)
{
    assert_facts("a.sh", ". ./a.sh\nsource \"b.sh\"\n. 'c d.sh'\nsource \"$DIR/e.sh\"\n. \"$(dirname \"$0\")/f.sh\"\n",
                 "1 import file ./a.sh\n"
                 "2 import file b.sh\n"
                 "3 import file c d.sh\n"
                 "4 import dynamic $DIR/e.sh\n"
                 "5 import dynamic $(dirname \"$0\")/f.sh\n");
}
END_TEST

START_TEST(shell_definitions_around_an_error_stay)
{
    assert_facts("a.sh", "f() { :; }\n) x\ng() { :; }\n",
                 "1 function f: public f()\n3 function g: public g()\n2 syntax-error unexpected \")\"\n");
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("facts of more scripting languages");
    TCase *shell = tcase_create("shell");
    tcase_add_test(shell, shell_functions_variables_and_aliases_are_symbols);
    tcase_add_test(shell, shell_assignments_that_do_not_last_are_no_symbols);
    tcase_add_test(shell, shell_imports_are_sourced_files);
    tcase_add_test(shell, shell_definitions_around_an_error_stay);
    suite_add_tcase(s, shell);
    return s;
}

WTFCB_TEST_MAIN(suite)
