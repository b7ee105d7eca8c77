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

/* --- Lua -------------------------------------------------------------------------------------------------------- */

START_TEST(lua_functions_are_named_after_the_last_part)
{
    assert_facts("a.lua",
                 "function f(a, ...) end\n"
                 "local function g() local function h() end end\n"
                 "function M.i(x) return x end\n"
                 "function M.sub:j(y) end\n"
                 "M.k = function(z) end\n"
                 "M[\"l\"] = function() end\n"
                 "M[key] = function() end\n"
                 "local m = function() n = function() end end\n",
                 "1 function f: public function f(a, ...)\n"
                 "2 function g: private local function g()\n"
                 "2 function h of g:  local function h()\n"
                 "3 function i: public function M.i(x)\n"
                 "4 method j: public function M.sub:j(y)\n"
                 "5 function k: public M.k = function(z)\n"
                 "6 function l: public M[\"l\"] = function()\n"
                 "8 function m: private local m = function()\n"
                 "8 function n of m:  n = function()\n");
}
END_TEST

START_TEST(lua_values_and_keys_of_their_tables_are_symbols)
{
    assert_facts("a.lua",
                 "local a, b = 1, 2\n"
                 "c = 3\n"
                 "local d <const> = 4\n"
                 "local e\n"
                 "M.f = 5\n"
                 "local t = { g = 1, h = function(x) end, [\"i\"] = 2, [j] = 3, k = { l = 4 }, 5 }\n"
                 "do local m = 6 end\n"
                 "run({ n = 7, o = function() end })\n"
                 "function p() local q = { r = 8 } end\n"
                 "return { s = 9, t = function() end }\n",
                 "1 variable a: private\n"
                 "1 variable b: private\n"
                 "2 variable c: public\n"
                 "3 constant d: private\n"
                 "4 variable e: private\n"
                 "6 variable t: private\n"
                 "6 property g of t: public\n"
                 "6 method h of t: public h = function(x)\n"
                 "6 property i of t: public\n"
                 "6 property k of t: public\n"
                 "6 property l of k: public\n"
                 "8 function o:  o = function()\n"
                 "9 function p: public function p()\n"
                 "10 function t:  t = function()\n");
}
END_TEST

START_TEST(lua_imports_are_required_modules_and_loaded_files)
{
    assert_facts("a.lua",
                 "local a = require(\"x.a\")\nrequire 'b'\nlocal c = require\"c\".d\npcall(require, \"e\")\n"
                 "dofile(\"f.lua\")\nrequire(name)\nother.require(\"g\")\n",
                 "1 variable a: private\n"
                 "3 variable c: private\n"
                 "1 import module x.a\n"
                 "2 import module b\n"
                 "3 import module c\n"
                 "4 import dynamic e\n"
                 "5 import dynamic f.lua\n");
}
END_TEST

START_TEST(lua_definitions_around_an_error_stay)
{
    assert_facts("a.lua", "function f() end\n) = 1\nfunction g() end\n",
                 "1 function f: public function f()\n3 function g: public function g()\n"
                 "2 syntax-error unexpected \") = 1\"\n");
}
END_TEST

/* --- Elixir ----------------------------------------------------------------------------------------------------- */

START_TEST(elixir_modules_hold_functions_macros_and_types)
{
    assert_facts("a.ex",
                 "defmodule A.B do\n"
                 "  @moduledoc \"text\"\n"
                 "  @limit 1\n"
                 "  @type t :: integer\n"
                 "  @typep p(a) :: a\n"
                 "  @opaque o :: 1\n"
                 "  @callback run(x :: integer, t) :: t\n"
                 "  @spec f(t, t) :: t\n"
                 "  defstruct [:a, b: 1]\n"
                 "  defguard is_big(x) when x > @limit\n"
                 "  def f(a, b \\\\ 1) when a > b, do: a\n"
                 "  def f(a) do\n"
                 "    a\n"
                 "  end\n"
                 "  def g, do: 1\n"
                 "  defp h(x), do: x\n"
                 "  defmacro m(x), do: x\n"
                 "  defmacrop n(), do: 1\n"
                 "  defdelegate d(x), to: Y\n"
                 "  def a <> b, do: 1\n"
                 "  def unquote(name)(), do: 1\n"
                 "  defmodule Inner do\n"
                 "    def i, do: 1\n"
                 "  end\n"
                 "end\n"
                 "defprotocol P do\n"
                 "  def size(x)\n"
                 "end\n"
                 "defimpl P, for: List do\n"
                 "  def size(x), do: length(x)\n"
                 "end\n"
                 "defmodule name do\n"
                 "  defexception [:message]\n"
                 "end\n",
                 "1 module A.B: public\n"
                 "3 constant limit of A.B: private\n"
                 "4 type-alias t of A.B: public @type t :: integer\n"
                 "5 type-alias p of A.B: private @typep p(a) :: a\n"
                 "6 type-alias o of A.B: public @opaque o :: 1\n"
                 "7 method run of A.B: public @callback run(x :: integer, t) :: t\n"
                 "9 field a of A.B: public\n"
                 "9 field b of A.B: public\n"
                 "10 macro is_big of A.B: public defguard is_big(x) when x > @limit\n"
                 "11 function f of A.B: public def f(a, b \\\\ 1) when a > b\n"
                 "12 function f of A.B: public def f(a)\n"
                 "15 function g of A.B: public def g\n"
                 "16 function h of A.B: private defp h(x)\n"
                 "17 macro m of A.B: public defmacro m(x)\n"
                 "18 macro n of A.B: private defmacrop n()\n"
                 "19 function d of A.B: public defdelegate d(x)\n"
                 "20 function <> of A.B: public def a <> b\n"
                 "22 module Inner of A.B: public\n"
                 "23 function i of Inner: public def i\n"
                 "26 interface P: public defprotocol P\n"
                 "27 function size of P: public def size(x)\n"
                 "29 module P: public\n"
                 "30 function size of P: public def size(x)\n"
                 "33 field message: public\n");
}
END_TEST

START_TEST(elixir_imports_are_modules_and_heads_are_no_calls)
{
    assert_facts("a.ex",
                 "defmodule A do\n"
                 "  use GenServer, restart: :permanent\n"
                 "  import Enum, only: [map: 2]\n"
                 "  alias X.{Y, Z}\n"
                 "  alias __MODULE__.W\n"
                 "  require Logger\n"
                 "  defmacro defmodule(Name, do_block), do: 1\n"
                 "  def import(X), do: 1\n"
                 "end\n",
                 "1 module A: public\n"
                 "7 macro defmodule of A: public defmacro defmodule(Name, do_block)\n"
                 "8 function import of A: public def import(X)\n"
                 "2 import module GenServer\n"
                 "3 import module Enum\n"
                 "4 import module X.{Y, Z}\n"
                 "5 import module __MODULE__.W\n"
                 "6 import module Logger\n");
}
END_TEST

START_TEST(elixir_definitions_around_an_error_stay)
{
    assert_facts("a.ex", "defmodule A do\n  def f, do: 1\n  ) x\n  def g, do: 1\nend\n",
                 "1 module A: public\n2 function f of A: public def f\n4 function g of A: public def g\n"
                 "3 syntax-error unexpected \")\"\n");
}
END_TEST

/* --- Haskell ---------------------------------------------------------------------------------------------------- */

START_TEST(haskell_types_hold_constructors_fields_and_methods)
{
    assert_facts("a.hs",
                 "type S a = [a]\n"
                 "data T a = C1 Int a | C2 { fa :: Int, fb, fc :: a } | Int :+: a deriving (Show)\n"
                 "newtype N = N { unN :: Int }\n"
                 "class Eq a => K a where\n"
                 "  m1, m2 :: a -> Int\n"
                 "  m1 x = 1\n"
                 "  (<+>) :: a -> a -> a\n"
                 "instance K Int where\n"
                 "  m1 x = x\n"
                 "data G a where\n"
                 "  G1 :: Int -> G Int\n"
                 "type family F a where\n"
                 "  F Int = Bool\n",
                 "1 type-alias S: public type S a = [a]\n"
                 "2 enum T: public data T a\n"
                 "2 enum-member C1 of T: public\n"
                 "2 enum-member C2 of T: public\n"
                 "2 field fa of T: public\n"
                 "2 field fb of T: public\n"
                 "2 field fc of T: public\n"
                 "2 enum-member :+: of T: public\n"
                 "3 struct N: public newtype N\n"
                 "3 enum-member N of N: public\n"
                 "3 field unN of N: public\n"
                 "4 trait K: public class Eq a => K a\n"
                 "5 method m1 of K: public m1, m2 :: a -> Int\n"
                 "5 method m2 of K: public m1, m2 :: a -> Int\n"
                 "7 method <+> of K: public (<+>) :: a -> a -> a\n"
                 "9 method m1: public m1 x\n"
                 "10 enum G: public data G a\n"
                 "11 enum-member G1 of G: public\n"
                 "12 type-alias F: public type family F a\n");
}
END_TEST

START_TEST(haskell_functions_are_named_once_with_their_type)
{
    assert_facts("a.hs",
                 "f :: Int -> Int -> Int\n"
                 "f 0 y = 1\n"
                 "f x y = g x\n"
                 "  where g z = z\n"
                 "x <+> y = x\n"
                 "a `plus` b = a\n"
                 "c = 5\n"
                 "foreign import ccall \"sin\" c_sin :: Double -> Double\n"
                 "pattern P x = C1 x\n"
                 "main = do\n"
                 "  let q = 1\n"
                 "  print q\n",
                 "2 function f: public f :: Int -> Int -> Int\n"
                 "5 function <+>: public x <+> y\n"
                 "6 function plus: public a `plus` b\n"
                 "7 function c: public c\n"
                 "8 function c_sin: public foreign import ccall \"sin\" c_sin :: Double -> Double\n"
                 "9 function P: public pattern P x = C1 x\n"
                 "10 function main: public main\n");
}
END_TEST

START_TEST(haskell_export_lists_hide_the_rest)
{
    assert_facts("a.hs",
                 "module A.B (f, T(..), (<+>), module X) where\n"
                 "import qualified Data.Map as M\n"
                 "import Data.List (sort)\n"
                 "f = 1\n"
                 "g = 2\n"
                 "x <+> y = x\n"
                 "data T = C\n",
                 "1 module A.B: public\n"
                 "4 function f: public f\n"
                 "5 function g: private g\n"
                 "6 function <+>: public x <+> y\n"
                 "7 enum T: public data T\n"
                 "7 enum-member C of T: public\n"
                 "1 import reexport X\n"
                 "2 import module Data.Map\n"
                 "3 import module Data.List\n");
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
    TCase *lua = tcase_create("lua");
    tcase_add_test(lua, lua_functions_are_named_after_the_last_part);
    tcase_add_test(lua, lua_values_and_keys_of_their_tables_are_symbols);
    tcase_add_test(lua, lua_imports_are_required_modules_and_loaded_files);
    tcase_add_test(lua, lua_definitions_around_an_error_stay);
    suite_add_tcase(s, lua);
    TCase *elixir = tcase_create("elixir");
    tcase_add_test(elixir, elixir_modules_hold_functions_macros_and_types);
    tcase_add_test(elixir, elixir_imports_are_modules_and_heads_are_no_calls);
    tcase_add_test(elixir, elixir_definitions_around_an_error_stay);
    suite_add_tcase(s, elixir);
    TCase *haskell = tcase_create("haskell");
    tcase_add_test(haskell, haskell_types_hold_constructors_fields_and_methods);
    tcase_add_test(haskell, haskell_functions_are_named_once_with_their_type);
    tcase_add_test(haskell, haskell_export_lists_hide_the_rest);
    suite_add_tcase(s, haskell);
    return s;
}

WTFCB_TEST_MAIN(suite)
