use std::io::{self, Read};
pub use foo::bar;
extern crate serde;
mod x;
pub mod y { pub fn in_y() {} }
#[derive(Debug)]
pub struct S<T> { pub a: i32, b: T }
struct U(pub i32, u8);
struct Unit;
pub(crate) enum E { A, B(i32), C { x: i32 } = 3 }
union Un { a: u8 }
pub trait Tr: X { const K: i32; type Q; fn req(&self); fn prov(&self, a: i32) -> i32 { 1 } }
impl<T> Tr for S<T> { const K: i32 = 3; type Q = u8; fn req(&self) { } }
impl S<u8> { pub fn new(a: i32) -> Self { if a > 1 && b || c { } else if let Some(x) = y { } else { } loop { break 'l; } while x { continue; } for i in x { } match a { 1 | 2 => 3, n if n > 2 => {4} _ => 5 }; let f = |x, y| { x? }; } }
const C: i32 = 1;
static mut G: i32 = 2;
type Al<T> = Vec<T>;
macro_rules! mac { ($x:expr) => { $x } }
fn outer() { fn inner() { } let z = if a { 1 } else { 2 }; }
async unsafe extern "C" fn ff(self, a: i32, ...) {}
extern "C" { fn imp(a: i32); static X: i32; }
