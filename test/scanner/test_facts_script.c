/* What the grammars of scripting languages yield: Ruby and PHP. Complexity stands in test_facts_script_complexity.c. */
#include "../test.h"
#include "facts_text.h"

/* --- Ruby ------------------------------------------------------------------------------------------------------- */

START_TEST(ruby_types_and_methods_have_their_parents)
{
    assert_facts("a.rb",
                 "module Shapes::Flat\n"
                 "  class Circle < Shape\n"
                 "    def initialize(radius, *rest, unit: 1, &made)\n"
                 "      @radius = radius\n"
                 "    end\n"
                 "    def area = 3 * @radius\n"
                 "    def self.unit; new(1); end\n"
                 "    def []=(key, value); end\n"
                 "    def radius=(value); end\n"
                 "    class << self\n"
                 "      def build(**nil); end\n"
                 "    end\n"
                 "  end\n"
                 "  class Empty < Circle; end\n"
                 "end\n"
                 "def helper\n"
                 "  count = 1\n"
                 "  [1].each { |x| count += x }\n"
                 "end\n",
                 "1 module Flat: public\n"
                 "2 class Circle of Flat: public class Circle < Shape\n"
                 "3 constructor initialize of Circle: public def initialize(radius, *rest, unit: 1, &made)\n"
                 "6 method area of Circle: public def area\n"
                 "7 method unit of Circle: public def self.unit\n"
                 "8 method []= of Circle: public def []=(key, value)\n"
                 "9 method radius= of Circle: public def radius=(value)\n"
                 "11 method build of Circle: public def build(**nil)\n"
                 "14 class Empty of Flat: public class Empty < Circle\n"
                 "16 function helper: public def helper\n");
}
END_TEST

START_TEST(ruby_values_are_constants_class_variables_and_globals)
{
    assert_facts("a.rb",
                 "$level = 1\n"
                 "local = 2\n"
                 "class A\n"
                 "  ONE = 1\n"
                 "  TWO, THREE = 2, 3\n"
                 "  B::FOUR = 4\n"
                 "  FIVE ||= 5\n"
                 "  @@count = 0\n"
                 "  @shared = 0\n"
                 "  def f\n"
                 "    @@count = 1\n"
                 "  end\n"
                 "end\n",
                 "1 variable $level: public\n"
                 "3 class A: public class A\n"
                 "4 constant ONE of A: public\n"
                 "5 constant TWO of A: public\n"
                 "5 constant THREE of A: public\n"
                 "6 constant FOUR of A: public\n"
                 "7 constant FIVE of A: public\n"
                 "8 field @@count of A: private\n"
                 "10 method f of A: public def f\n");
}
END_TEST

START_TEST(ruby_constants_that_hold_new_types_own_their_blocks)
{
    assert_facts("a.rb",
                 "Point = Struct.new(:x, :y) do\n"
                 "  def length; end\n"
                 "end\n"
                 "Pair = Data.define(:a)\n"
                 "Failure = Class.new(StandardError) { def text; end }\n"
                 "Mixin = Module.new do\n"
                 "  ONE = 1\n"
                 "end\n"
                 "NONE = Struct.new(:x).new\n"
                 "A::Late = Class.new\n",
                 "1 struct Point: public Point = Struct.new(:x, :y)\n"
                 "2 method length of Point: public def length\n"
                 "4 struct Pair: public Pair = Data.define(:a)\n"
                 "5 class Failure: public Failure = Class.new(StandardError)\n"
                 "5 method text of Failure: public def text\n"
                 "6 module Mixin: public\n"
                 "7 constant ONE of Mixin: public\n"
                 "9 constant NONE: public\n"
                 "10 class Late: public A::Late = Class.new\n");
}
END_TEST

START_TEST(ruby_methods_made_by_calls_are_symbols)
{
    assert_facts("a.rb",
                 "class A\n"
                 "  attr_accessor :a, \"b\", :\"c#{1}\"\n"
                 "  attr_reader :d\n"
                 "  alias each_pair each\n"
                 "  alias :<< :push\n"
                 "  alias $new $old\n"
                 "  alias_method :size, :length\n"
                 "  define_method(:twice) { |x, y| x if y }\n"
                 "  define_method(\"say_#{word}\") { 1 }\n"
                 "  included do\n"
                 "    def late; end\n"
                 "  end\n"
                 "  other.attr_reader :e\n"
                 "  def f\n"
                 "    attr_reader :g\n"
                 "  end\n"
                 "end\n",
                 "1 class A: public class A\n"
                 "2 property a of A: public\n"
                 "2 property b of A: public\n"
                 "3 property d of A: public\n"
                 "4 method each_pair of A: public alias each_pair each\n"
                 "5 method << of A: public alias :<< :push\n"
                 "7 method size of A: public alias_method :size, :length\n"
                 "8 method twice of A: public define_method(:twice)\n"
                 "11 method late of A: public def late\n"
                 "14 method f of A: public def f\n");
}
END_TEST

START_TEST(ruby_sections_hide_methods_and_nothing_else)
{
    assert_facts("a.rb",
                 "class A\n"
                 "  def open; end\n"
                 "  private def alone; end\n"
                 "  private\n"
                 "  ONE = 1\n"
                 "  attr_reader :kept\n"
                 "  def hidden; end\n"
                 "  def self.made; end\n"
                 "  class B\n"
                 "    def inner; end\n"
                 "  end\n"
                 "  class << self\n"
                 "    def seen; end\n"
                 "    private\n"
                 "    def unseen; end\n"
                 "  end\n"
                 "  def still; end\n"
                 "  protected\n"
                 "  def half; end\n"
                 "  public\n"
                 "  def again; end\n"
                 "  private_class_method def self.new; end\n"
                 "end\n",
                 "1 class A: public class A\n"
                 "2 method open of A: public def open\n"
                 "3 method alone of A: private def alone\n"
                 "5 constant ONE of A: public\n"
                 "6 property kept of A: private\n"
                 "7 method hidden of A: private def hidden\n"
                 "8 method made of A: public def self.made\n"
                 "9 class B of A: public class B\n"
                 "10 method inner of B: public def inner\n"
                 "13 method seen of A: public def seen\n"
                 "15 method unseen of A: private def unseen\n"
                 "17 method still of A: private def still\n"
                 "19 method half of A: protected def half\n"
                 "21 method again of A: public def again\n"
                 "22 method new of A: private def self.new\n");
}
END_TEST

START_TEST(ruby_imports_are_calls_with_plain_strings)
{
    assert_facts("a.rb",
                 "require 'set'\n"
                 "require_relative \"lib/a\"\n"
                 "load \"tasks.rake\"\n"
                 "autoload :Parser, \"app/parser\"\n"
                 "require File.join(\"a\", \"b\")\n"
                 "require \"#{dir}/c\"\n"
                 "def f\n"
                 "  require('json') unless defined?(JSON)\n"
                 "  loader.require 'd'\n"
                 "end\n",
                 "7 function f: public def f\n"
                 "1 import module set\n"
                 "2 import file lib/a\n"
                 "3 import dynamic tasks.rake\n"
                 "4 import dynamic app/parser\n"
                 "8 import module json\n");
}
END_TEST

START_TEST(ruby_definitions_around_an_error_stay)
{
    assert_facts("a.rb", "def a; end\nx = = 1\nclass B\n  def c; end\nend\n",
                 "1 function a: public def a\n"
                 "3 class B: public class B\n"
                 "4 method c of B: public def c\n"
                 "2 syntax-error unexpected \"=\"\n");
}
END_TEST

/* --- PHP -------------------------------------------------------------------------------------------------------- */

START_TEST(php_types_and_members_have_their_parents_and_visibility)
{
    assert_facts(
        "a.php",
        "<?php\n"
        "namespace App\\Model;\n"
        "#[Entity]\n"
        "abstract class User extends Base implements Named {\n"
        "    use Logs;\n"
        "    const ONE = 1, TWO = 2;\n"
        "    private const THREE = 3;\n"
        "    public $a, $b = 1;\n"
        "    protected static ?int $c;\n"
        "    var $d;\n"
        "    #[Inject]\n"
        "    public function __construct(private int $e, public readonly array $f = [], $g = 1) {}\n"
        "    abstract protected function h(): int;\n"
        "    private static function &i(int ...$x) { return 1; }\n"
        "}\n"
        "interface Named { const ALL = 1; function name(); }\n"
        "trait Logs { private function log($x) {} }\n"
        "enum Suit: string { case Hearts = 'h'; case Spades = 's'; const WILD = self::Spades;\n"
        "    public function color(): string { return 'red'; } }\n",
        "2 namespace App\\Model: public\n"
        "4 class User: public abstract class User extends Base implements Named\n"
        "6 constant ONE of User: public\n"
        "6 constant TWO of User: public\n"
        "7 constant THREE of User: private\n"
        "8 property a of User: public\n"
        "8 property b of User: public\n"
        "9 property c of User: protected\n"
        "10 property d of User: public\n"
        "12 constructor __construct of User: public public function __construct(private int $e, public readonly "
        "array $f = [], $g = 1)\n"
        "12 property e of User: private\n"
        "12 property f of User: public\n"
        "13 method h of User: protected abstract protected function h(): int\n"
        "14 method i of User: private private static function &i(int ...$x)\n"
        "16 interface Named: public interface Named\n"
        "16 constant ALL of Named: public\n"
        "16 method name of Named: public function name()\n"
        "17 trait Logs: public trait Logs\n"
        "17 method log of Logs: private private function log($x)\n"
        "18 enum Suit: public enum Suit: string\n"
        "18 enum-member Hearts of Suit: public\n"
        "18 enum-member Spades of Suit: public\n"
        "18 constant WILD of Suit: public\n"
        "19 method color of Suit: public public function color(): string\n");
}
END_TEST

START_TEST(php_functions_and_values_at_file_level_are_symbols_and_locals_are_not)
{
    assert_facts("a.php",
                 "<p><?php if ($x): ?>text<?php endif; ?></p>\n"
                 "<?php\n"
                 "const A = 1;\n"
                 "define('B', 2);\n"
                 "$c = 3;\n"
                 "$d = function ($x, $y) { $z = 1; };\n"
                 "$e = fn($x) => $x;\n"
                 "$f['key'] = 1;\n"
                 "if (!function_exists('g')) { function g(array $x, &$y = null) { $local = 1; function h() {} } }\n"
                 "function i() { return new class { public $j; function k() {} }; }\n",
                 "3 constant A: public\n"
                 "4 constant B: public\n"
                 "5 variable c: public\n"
                 "6 function d: public $d = function ($x, $y)\n"
                 "7 function e: public $e = fn($x)\n"
                 "9 function g: public function g(array $x, &$y = null)\n"
                 "9 function h of g:  function h()\n"
                 "10 function i: public function i()\n"
                 "10 property j of i: public\n"
                 "10 method k of i: public function k()\n");
}
END_TEST

START_TEST(php_namespaces_with_braces_hold_what_is_in_them)
{
    assert_facts("a.php", "<?php\nnamespace A {\n  function f() {}\n  $x = 1;\n}\nnamespace {\n  function g() {}\n}\n",
                 "2 namespace A: public\n"
                 "3 function f of A: public function f()\n"
                 "4 variable x of A: public\n"
                 "7 function g: public function g()\n");
}
END_TEST

START_TEST(php_imports_are_uses_and_included_files)
{
    assert_facts("a.php",
                 "<?php\n"
                 "use A\\B, C\\D as E;\n"
                 "use function F\\g;\n"
                 "use H\\{I, J as K};\n"
                 "use L;\n"
                 "require_once __DIR__ . '/m.php';\n"
                 "include dirname(__FILE__) . \"/n.php\";\n"
                 "require('o.php');\n"
                 "include $path . '/p.php';\n"
                 "function q() { return include 'r.php'; }\n",
                 "10 function q: public function q()\n"
                 "2 import module A\\B\n"
                 "2 import module C\\D\n"
                 "3 import module F\\g\n"
                 "4 import module H\\{I, J as K}\n"
                 "5 import module L\n"
                 "6 import file m.php\n"
                 "7 import file n.php\n"
                 "8 import file o.php\n"
                 "10 import file r.php\n");
}
END_TEST

START_TEST(php_definitions_around_an_error_stay)
{
    assert_facts("a.php", "<?php\nfunction a() {}\n$b = = 1;\nclass C { function d() {} }\n",
                 "2 function a: public function a()\n"
                 "3 variable b: public\n"
                 "4 class C: public class C\n"
                 "4 method d of C: public function d()\n"
                 "3 syntax-error unexpected \"=\"\n");
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("facts of scripting languages");
    TCase *ruby = tcase_create("ruby");
    tcase_add_test(ruby, ruby_types_and_methods_have_their_parents);
    tcase_add_test(ruby, ruby_values_are_constants_class_variables_and_globals);
    tcase_add_test(ruby, ruby_constants_that_hold_new_types_own_their_blocks);
    tcase_add_test(ruby, ruby_methods_made_by_calls_are_symbols);
    tcase_add_test(ruby, ruby_sections_hide_methods_and_nothing_else);
    tcase_add_test(ruby, ruby_imports_are_calls_with_plain_strings);
    tcase_add_test(ruby, ruby_definitions_around_an_error_stay);
    suite_add_tcase(s, ruby);
    TCase *php = tcase_create("php");
    tcase_add_test(php, php_types_and_members_have_their_parents_and_visibility);
    tcase_add_test(php, php_functions_and_values_at_file_level_are_symbols_and_locals_are_not);
    tcase_add_test(php, php_namespaces_with_braces_hold_what_is_in_them);
    tcase_add_test(php, php_imports_are_uses_and_included_files);
    tcase_add_test(php, php_definitions_around_an_error_stay);
    suite_add_tcase(s, php);
    return s;
}

WTFCB_TEST_MAIN(suite)
