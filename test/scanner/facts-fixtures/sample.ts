import a, { b as c } from './x';
import * as d from "y";
import "side";
export * from 'z';
export { q } from './q';
import fs = require("fs");
const r = require('rr'), [m, n] = x, { o, p: pp } = y;
export default class Foo<T> extends Bar implements I { private x: number = 1; static y; readonly #z = () => 1; constructor(private a: string, b?: number) { super(); } get g() { return 1; } set g(v) { } async *gen() {} m(a: any): void; m(a) { } ['comp']() {} abstract ab(): void; }
export function f(a, b = 1, ...c) { if (a && b || c) { } else if (d) { } else { } a ?? b; a?.b; L: for (const x of y) { continue L; } switch (a) { case 1: default: } try { } catch (e) { } return a ? b : () => { if (x) {} }; }
export const g = async (a) => a, h = function named(x) { }, k = 1;
let l = class { m() {} };
export interface I { p: number; q?(a): void; (x): y; [k: string]: any; new (x): I; readonly z; }
type Al = { a: number; b(): void };
enum E { A, B = 2, 'C' }
declare const enum DE { X }
namespace N.M { export const x = 1; function inner() {} }
declare module "mod" { export function df(a): void; }
declare function dec(a): void;
declare global { interface W { } }
module.exports = { foo, bar: function () { }, baz() { }, qux: 1 };
exports.z = function () {};
Foo.prototype.meth = function (a) {};
var obj = { a: 1, b: function () {}, c() {}, 'd': () => 1, get e() { return 1 } };
export = obj;
import('dyn');
function* gg() {}
export { l as ll, obj };
abstract class AC { abstract x: number; protected y() {} }
(function () { var inner = 1; function iife() {} })();
function ov(a: string): void;
