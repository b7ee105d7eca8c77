/* The facts of Zig, row by row of the table at the head of lib/lang/rules/zig.c. */
#include "test_facts_oo.h"

START_TEST(containers_and_their_members_are_told_apart)
{
    assert_facts("a.zig",
                 "pub const Point = struct {\n"
                 "    x: f32 = 0,\n"
                 "    y: f32,\n"
                 "    const K = 1;\n"
                 "    var count: u8 = 0;\n"
                 "    pub const Inner = enum(u8) { a, b = 2, _, pub fn f() void {} };\n"
                 "    pub fn init(x: f32) Point { return .{ .x = x, .y = 0 }; }\n"
                 "    fn priv(self: *Point) void {}\n"
                 "};\n"
                 "pub const U = union(enum) { a: u8, b: void };\n"
                 "const E = error{ OutOfMemory, Bad };\n"
                 "const Op = opaque { pub fn f() void {} };\n"
                 "const PS = packed struct(u8) { a: u4 };\n"
                 "pub fn List(comptime T: type) type {\n"
                 "    return struct {\n"
                 "        items: []T,\n"
                 "        pub fn len(self: @This()) usize { return 1; }\n"
                 "    };\n"
                 "}\n",
                 "1 struct Point: public pub const Point = struct\n"
                 "2 field x of Point: public\n"
                 "3 field y of Point: public\n"
                 "4 constant K of Point: private\n"
                 "5 variable count of Point: private\n"
                 "6 enum Inner of Point: public pub const Inner = enum(u8)\n"
                 "6 enum-member a of Inner: public\n"
                 "6 enum-member b of Inner: public\n"
                 "6 method f of Inner: public pub fn f() void\n"
                 "7 method init of Point: public pub fn init(x: f32) Point\n"
                 "8 method priv of Point: private fn priv(self: *Point) void\n"
                 "10 union U: public pub const U = union(enum)\n"
                 "10 field a of U: public\n"
                 "10 field b of U: public\n"
                 "11 enum E: private const E = error\n"
                 "12 struct Op: private const Op = opaque\n"
                 "12 method f of Op: public pub fn f() void\n"
                 "13 struct PS: private const PS = packed struct(u8)\n"
                 "13 field a of PS: public\n"
                 "14 function List: public pub fn List(comptime T: type) type\n"
                 "16 field items of List: public\n"
                 "17 method len of List: public pub fn len(self: @This()) usize\n");
}
END_TEST

START_TEST(what_stands_at_file_level)
{
    assert_facts("a.zig",
                 "const std = @import(\"std\");\n"
                 "pub const mem = @import(\"mem.zig\");\n"
                 "const ascii = @import(\"std\").ascii;\n"
                 "const c = @cImport({ @cInclude(\"stdio.h\"); });\n"
                 "const data = @embedFile(\"data.bin\");\n"
                 "usingnamespace @import(\"x.zig\");\n"
                 "pub const max: u32 = 3;\n"
                 "var counter: u32 = 0;\n"
                 "loose: u8 = 1,\n"
                 "pub extern \"c\" fn puts(s: [*:0]const u8, ...) c_int;\n"
                 "export fn out() void {}\n"
                 "pub inline fn add(comptime T: type, a: T) T {\n"
                 "    const hidden = 1;\n"
                 "    const Local = struct { a: u8, fn m() void {} };\n"
                 "    return a;\n"
                 "}\n"
                 "test \"foo\" { const hidden = 1; }\n"
                 "comptime { const hidden = 1; }\n",
                 "3 constant ascii: private\n"
                 "4 constant c: private\n"
                 "5 constant data: private\n"
                 "7 constant max: public\n"
                 "8 variable counter: private\n"
                 "9 field loose: public\n"
                 "10 function puts: public pub extern \"c\" fn puts(s: [*:0]const u8, ...) c_int\n"
                 "11 function out: public export fn out() void\n"
                 "12 function add: public pub inline fn add(comptime T: type, a: T) T\n"
                 "14 struct Local of add:  const Local = struct\n"
                 "14 field a of Local: public\n"
                 "14 method m of Local: private fn m() void\n"
                 "1 import module std\n"
                 "2 import reexport mem.zig\n"
                 "3 import module std\n"
                 "4 import system stdio.h\n"
                 "5 import file data.bin\n"
                 "6 import file x.zig\n");
}
END_TEST

START_TEST(what_stands_around_an_error_stays)
{
    assert_facts("a.zig",
                 "const A = struct {\n"
                 "    fn b() void { x = = 1; }\n"
                 "    fn c() void {}\n"
                 "};\n"
                 "const D = struct {};\n",
                 "1 struct A: private const A = struct\n"
                 "2 method b of A: private fn b() void\n"
                 "3 method c of A: private fn c() void\n"
                 "5 struct D: private const D = struct\n"
                 "2 syntax-error unexpected \"=\"\n");
}
END_TEST

START_TEST(functions_cost_what_a_person_counts)
{
    assert_functions(
        "a.zig",
        "pub fn ifs(a: u8, b: u8, ...) void { if (a and b or c) { } else if (d) { } else { } }\n"
        "fn nested() void { if (a) { if (b) { } } else { if (c) { } } }\n"
        "fn loops() void { while (i < 3) : (i += 1) { for (xs, 0..) |x, j| { if (x) { } } } }\n"
        "fn switches() void { switch (x) { 1, 2 => {}, .foo => |v| v, else => {} } }\n"
        "fn handlers() void { const z = foo() catch |err| { if (err) { } }; const y = a orelse b; }\n"
        "fn values() u8 { return if (a) 1 else 2; }\n"
        "fn jumps() u8 { outer: while (true) { break :outer; } const x = blk: { break :blk 1; }; return x; }\n",
        "ifs 2 5 5 1 exported\n"
        "nested 0 4 6 2\n"
        "loops 0 4 6 3\n"
        "switches 0 3 1 1\n"
        "handlers 0 3 3 2\n"
        "values 0 2 1 1\n"
        "jumps 0 2 2 1\n");
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("facts_oo_zig");
    TCase *tests = tcase_create("facts_oo_zig");
    tcase_add_test(tests, containers_and_their_members_are_told_apart);
    tcase_add_test(tests, what_stands_at_file_level);
    tcase_add_test(tests, what_stands_around_an_error_stays);
    tcase_add_test(tests, functions_cost_what_a_person_counts);
    suite_add_tcase(s, tests);
    return s;
}

WTFCB_TEST_MAIN(suite)
