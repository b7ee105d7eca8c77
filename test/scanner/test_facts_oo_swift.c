/* The facts of Swift, row by row of the table at the head of lib/lang/rules/swift.c. */
#include "test_facts_oo.h"

START_TEST(types_are_told_apart)
{
    assert_facts("a.swift",
                 "public class Shape<T>: Base, P where T: Q { }\n"
                 "internal struct S { let a: Int; mutating func m() {} }\n"
                 "actor Act { nonisolated func f() {} }\n"
                 "enum E: Int {\n"
                 "  case a = 1, b\n"
                 "  indirect case c(Int, x: String)\n"
                 "  func f() {}\n"
                 "}\n"
                 "public protocol Q: R {\n"
                 "  associatedtype T\n"
                 "  var v: Int { get set }\n"
                 "  func f(x: Int) -> Int\n"
                 "  init(x: Int)\n"
                 "}\n"
                 "@propertyWrapper struct W { var wrapped: Int }\n",
                 "1 class Shape: public public class Shape<T>: Base, P where T: Q\n"
                 "2 struct S: internal internal struct S\n"
                 "2 property a of S: internal\n"
                 "2 method m of S: internal mutating func m()\n"
                 "3 class Act: internal actor Act\n"
                 "3 method f of Act: internal nonisolated func f()\n"
                 "4 enum E: internal enum E: Int\n"
                 "5 enum-member a of E: public\n"
                 "5 enum-member b of E: public\n"
                 "6 enum-member c of E: public\n"
                 "7 method f of E: internal func f()\n"
                 "9 interface Q: public public protocol Q: R\n"
                 "10 type-alias T of Q: public associatedtype T\n"
                 "11 property v of Q: public\n"
                 "12 method f of Q: public func f(x: Int) -> Int\n"
                 "13 constructor init of Q: public init(x: Int)\n"
                 "15 struct W: internal @propertyWrapper struct W\n"
                 "15 property wrapped of W: internal\n");
}
END_TEST

START_TEST(members_are_told_apart)
{
    assert_facts(
        "a.swift",
        "open class Shape {\n"
        "  private let x: Int, y = 2\n"
        "  public private(set) var name: String { get { let hidden = 1; return hidden } set { } }\n"
        "  private(set) var once = 1\n"
        "  lazy var z: Int = { let hidden = 1; return hidden }()\n"
        "  var seen: Int = 1 { didSet { func inner() { } } }\n"
        "  public init?(a: Int, _ b: String...) throws { }\n"
        "  deinit { }\n"
        "  public subscript(i: Int) -> Int { get { return 1 } }\n"
        "  open func run(_ a: Int, with b: String = \"x\") async throws -> Int where T: X {\n"
        "    let hidden = 1\n"
        "    func local() { }\n"
        "    struct L { var v = 1 }\n"
        "    return 1\n"
        "  }\n"
        "  static func + (l: Shape, r: Shape) -> Shape { l }\n"
        "  package class func kept() {}\n"
        "  typealias A = Int\n"
        "}\n",
        "1 class Shape: public open class Shape\n"
        "2 property x of Shape: private\n"
        "2 property y of Shape: private\n"
        "3 property name of Shape: public\n"
        "4 property once of Shape: internal\n"
        "5 property z of Shape: internal\n"
        "6 property seen of Shape: internal\n"
        "6 function inner of seen:  func inner()\n"
        "7 constructor init of Shape: public public init?(a: Int, _ b: String...) throws\n"
        "8 method deinit of Shape: internal deinit\n"
        "9 property subscript of Shape: public\n"
        "10 method run of Shape: public open func run(_ a: Int, with b: String = \"x\") async throws -> Int where T: X\n"
        "12 function local of run:  func local()\n"
        "13 struct L of run:  struct L\n"
        "13 property v of L: internal\n"
        "16 method + of Shape: internal static func + (l: Shape, r: Shape) -> Shape\n"
        "17 method kept of Shape: internal package class func kept()\n"
        "18 type-alias A of Shape: internal typealias A = Int\n");
}
END_TEST

START_TEST(what_stands_at_file_level)
{
    assert_facts("a.swift",
                 "import Foundation\n"
                 "@testable import struct A.B\n"
                 "@_exported import C\n"
                 "extension Shape: R where T == Int {\n"
                 "  func ext() {}\n"
                 "  var e: Int { 1 }\n"
                 "}\n"
                 "fileprivate func top(_ x: Int) -> Int { x }\n"
                 "let k = 1\n"
                 "public var (a, b) = (1, 2)\n"
                 "typealias H = (Int) -> Void\n"
                 "infix operator +++ : AdditionPrecedence\n"
                 "public func +++ (a: Int, b: Int) -> Int { a }\n"
                 "if k > 1 { let hidden = 1 }\n"
                 "#if os(iOS)\n"
                 "func ios() {}\n"
                 "#else\n"
                 "func other() {}\n"
                 "#endif\n"
                 "macro stringify(_ x: Int) -> String = #externalMacro(module: \"M\", type: \"T\")\n",
                 "5 method ext: internal func ext()\n"
                 "6 property e: internal\n"
                 "8 function top: private fileprivate func top(_ x: Int) -> Int\n"
                 "9 constant k: internal\n"
                 "10 variable a: public\n"
                 "10 variable b: public\n"
                 "11 type-alias H: internal typealias H = (Int) -> Void\n"
                 "13 function +++: public public func +++ (a: Int, b: Int) -> Int\n"
                 "16 function ios: internal func ios()\n"
                 "18 function other: internal func other()\n"
                 "20 macro stringify: internal macro stringify(_ x: Int) -> String\n"
                 "1 import module Foundation\n"
                 "2 import module A.B\n"
                 "3 import reexport C\n");
}
END_TEST

START_TEST(what_stands_around_an_error_stays)
{
    assert_facts("a.swift",
                 "class A {\n"
                 "  func b() { x = = 1 }\n"
                 "  func c() {}\n"
                 "}\n"
                 "class D {}\n",
                 "1 class A: internal class A\n"
                 "2 method b of A: internal func b()\n"
                 "3 method c of A: internal func c()\n"
                 "5 class D: internal class D\n"
                 "2 syntax-error unexpected \"1\"\n");
}
END_TEST

START_TEST(functions_cost_what_a_person_counts)
{
    assert_functions(
        "a.swift",
        "func ifs(_ x: Int, y: Int...) { if a && b || c { } else if d { } else { } }\n"
        "public func nested() { if a { if b { } } else { if c { } } }\n"
        "func guards() { guard let x = y, z else { return } }\n"
        "func loops() { for i in 0..<3 where i > 1 { while x { repeat { } while y } } }\n"
        "func switches() { switch x { case 1, 2: break; case let .foo(a) where a > 1: y(); default: break } }\n"
        "func tries() { do { try x() } catch let e as E { if a { } } catch { } }\n"
        "func lambdas() { xs.map { $0 ? 1 : 2 } }\n"
        "func jumps() { outer: for x in y { continue outer } }\n"
        "func runs() -> Bool { return a && b && c }\n",
        "ifs 2 5 5 1\n"
        "nested 0 4 6 2 exported\n"
        "guards 0 2 1 1\n"
        "loops 0 4 6 3\n"
        "switches 0 3 1 1\n"
        "tries 0 4 4 2\n"
        "lambdas 0 2 2 2\n"
        "jumps 0 2 2 1\n"
        "runs 0 3 1 0\n");
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("facts_oo_swift");
    TCase *tests = tcase_create("facts_oo_swift");
    tcase_add_test(tests, types_are_told_apart);
    tcase_add_test(tests, members_are_told_apart);
    tcase_add_test(tests, what_stands_at_file_level);
    tcase_add_test(tests, what_stands_around_an_error_stays);
    tcase_add_test(tests, functions_cost_what_a_person_counts);
    suite_add_tcase(s, tests);
    return s;
}

WTFCB_TEST_MAIN(suite)
