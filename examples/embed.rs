//! Embed a scan in Rust: extern "C" and the standard library, no crates.
//! Build: rustc -L DIRECTORY_OF_LIBWTFCB embed.rs

use std::ffi::{c_char, c_void, CStr, CString};
use std::os::unix::ffi::OsStringExt;
use std::ptr;

const OK: i32 = 0;
const SCANNER_DEPTH: i32 = 2;
const DEPTH_SYNTAX: i64 = 3;

/// wtfcb_error; its size goes first.
#[repr(C)]
struct Error {
    size: u32,
    status: i32,
    os_error: i32,
    reserved: u32,
    position: u64,
    path: [c_char; 1024],
    message: [c_char; 512],
}

/// wtfcb_language_totals: the first members are enough, the library fills as far as the size reaches.
#[repr(C)]
struct LanguageTotals {
    language: *const c_char,
    files: u64,
    bytes: u64,
    lines: u64,
    code: u64,
    comments: u64,
    blanks: u64,
    documentation: u64,
    symbols: u64,
}

#[link(name = "wtfcb")]
extern "C" {
    fn wtfcb_status_message(status: i32) -> *const c_char;
    fn wtfcb_scanner_new(allocator: *const c_void, ret_scanner: *mut *mut c_void) -> i32;
    fn wtfcb_scanner_free(scanner: *mut c_void);
    fn wtfcb_scanner_set(scanner: *mut c_void, option: i32, value: i64) -> i32;
    fn wtfcb_scanner_scan(
        scanner: *mut c_void,
        root: *const c_char,
        ret_codebase: *mut *mut c_void,
        ret_error: *mut Error,
    ) -> i32;
    fn wtfcb_codebase_free(codebase: *mut c_void);
    fn wtfcb_codebase_language(
        codebase: *const c_void,
        index: u64,
        ret_row: *mut LanguageTotals,
        row_size: usize,
    ) -> i32;
}

fn text(pointer: *const c_char) -> String {
    // Sound for what the library hands out: NUL-terminated and alive while its owner is.
    unsafe { CStr::from_ptr(pointer) }.to_string_lossy().into_owned()
}

fn check(status: i32, error: &Error) -> Result<(), String> {
    if status == OK {
        return Ok(());
    }
    let message = text(error.message.as_ptr());
    Err(if message.is_empty() { text(unsafe { wtfcb_status_message(status) }) } else { message })
}

struct Scanner(*mut c_void);

impl Drop for Scanner {
    fn drop(&mut self) {
        unsafe { wtfcb_scanner_free(self.0) }
    }
}

struct Codebase(*mut c_void);

impl Drop for Codebase {
    fn drop(&mut self) {
        unsafe { wtfcb_codebase_free(self.0) }
    }
}

fn scan(root: &CStr) -> Result<Codebase, String> {
    // All members are numbers and arrays of numbers, for which zero is a value.
    let mut error: Error = unsafe { std::mem::zeroed() };
    error.size = std::mem::size_of::<Error>() as u32;

    let mut scanner = Scanner(ptr::null_mut());
    check(unsafe { wtfcb_scanner_new(ptr::null(), &mut scanner.0) }, &error)?;
    check(unsafe { wtfcb_scanner_set(scanner.0, SCANNER_DEPTH, DEPTH_SYNTAX) }, &error)?;
    let mut codebase = Codebase(ptr::null_mut());
    let status = unsafe { wtfcb_scanner_scan(scanner.0, root.as_ptr(), &mut codebase.0, &mut error) };
    check(status, &error)?;
    Ok(codebase)
}

fn main() {
    let root = std::env::args_os().nth(1).unwrap_or_else(|| ".".into());
    let root = CString::new(root.into_vec()).expect("an argument holds no NUL");
    let codebase = scan(&root).unwrap_or_else(|message| {
        eprintln!("{message}");
        std::process::exit(1)
    });

    let mut row: LanguageTotals = unsafe { std::mem::zeroed() };
    let size = std::mem::size_of::<LanguageTotals>();
    let mut index = 0;
    while unsafe { wtfcb_codebase_language(codebase.0, index, &mut row, size) } == OK {
        let name = text(row.language);
        let name = if name.is_empty() { "other" } else { &name };
        println!("{name}: {} files, {} lines of code, {} symbols", row.files, row.code, row.symbols);
        index += 1;
    }
}
