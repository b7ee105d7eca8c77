'use strict';
const fs = require('fs'), local = require("./local");
import('later');

function Shape(name, size = 1, ...rest) {
  this.name = name;
}
Shape.prototype.area = function (scale) {
  return scale && this.size ? this.size : 0;
};
Shape.prototype.named = helper; exports.helper = (a) => a;
module.exports.other = async function () {};
var table = {
  plain: 1,
  'quoted': 2,
  nested: { inner: 3 },
  method() {},
  get got() { return 1; },
  arrow: x => x,
};
call({ notMine: 1, handler: function () {} });
class Circle extends Shape {
  #secret = 1;
  static count = 0;
  bound = () => this.count;
  constructor(radius) { super(); }
  get radius() { return 1; }
  *points() { for (const a of b) { if (a) continue; yield a; } }
}
const Anonymous = class { run() {} };
let { first, second: renamed, third = 3 } = table, [fourth] = [];
function outer() {
  const inner = () => { var hidden = 1; };
  function named() {}
  var unseen = 1;
}
export { Circle as default, table };
export * from './all.js';
export const visible = 1;
label: for (var i in table) { if (i) break label; }
