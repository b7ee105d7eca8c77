//! Profile a call in Rust: zones are guards, a recording is a closure; extern "C" and the standard library, no crates.
//! Build: rustc -L DIRECTORY_OF_LIBWTFCB profile.rs
//!
//!     profile [FILE]    FILE, such as profile.html, gets the whole profile

use std::cell::UnsafeCell;
use std::ffi::{c_char, c_void, CStr, CString};
use std::marker::PhantomData;
use std::os::unix::ffi::OsStringExt;
use std::ptr;
use std::sync::atomic::{AtomicU32, Ordering};

const OK: i32 = 0;
const PROFILE_BY_NAME: i32 = 0;

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

/// wtfcb_zone_site. A static: the library writes to it.
#[repr(C)]
struct SiteFields {
    name: *const c_char,
    function: *const c_char,
    file: *const c_char,
    line: u32,
    flags: u32,
    opaque: [u64; 4],
}

#[repr(transparent)]
struct Site(UnsafeCell<SiteFields>);

// The library accesses what is opaque atomically; the rest is never written.
unsafe impl Sync for Site {}

/// wtfcb_zone. It stays where it was entered, and in that thread.
#[repr(C)]
struct OpenZone {
    site: *mut Site,
    opaque: [u64; 3],
}

impl OpenZone {
    const fn new() -> Self {
        OpenZone { site: ptr::null_mut(), opaque: [0; 3] }
    }
}

/// Leaves the zone when it goes; borrows it, so that it cannot move, and is not Send.
struct Guard<'a>(*mut OpenZone, PhantomData<&'a mut OpenZone>);

impl<'a> Guard<'a> {
    fn enter(zone: &'a mut OpenZone, site: &'static Site) -> Self {
        if unsafe { &wtfcb_zone_recording }.load(Ordering::Relaxed) != 0 {
            unsafe { wtfcb_zone_enter(zone, site) }
        }
        Guard(zone, PhantomData)
    }
}

impl Drop for Guard<'_> {
    fn drop(&mut self) {
        unsafe {
            if !(*self.0).site.is_null() {
                wtfcb_zone_leave(self.0)
            }
        }
    }
}

/// A zone from here to the end of the block, by whatever way that is left.
macro_rules! zone {
    ($name:literal) => {
        static SITE: Site = Site(UnsafeCell::new(SiteFields {
            name: concat!($name, "\0").as_ptr() as *const c_char,
            function: ptr::null(),
            file: concat!(file!(), "\0").as_ptr() as *const c_char,
            line: line!(),
            flags: 0,
            opaque: [0; 4],
        }));
        let mut open = OpenZone::new();
        let _guard = Guard::enter(&mut open, &SITE);
    };
}

/// wtfcb_profile_frame: the first members are enough, the library fills as far as the size reaches.
#[repr(C)]
struct Frame {
    name: *const c_char,
    function: *const c_char,
    file: *const c_char,
    line: u32,
    tree: u32,
    count: u64,
    total: u64,
    own: u64,
    minimum_ns: u64,
    maximum_ns: u64,
    p50_ns: u64,
}

#[link(name = "wtfcb")]
extern "C" {
    static wtfcb_zone_recording: AtomicU32;
    fn wtfcb_zone_enter(zone: *mut OpenZone, site: *const Site);
    fn wtfcb_zone_leave(zone: *mut OpenZone);
    fn wtfcb_status_message(status: i32) -> *const c_char;
    fn wtfcb_profiler_new(allocator: *const c_void, ret_profiler: *mut *mut c_void) -> i32;
    fn wtfcb_profiler_free(profiler: *mut c_void);
    fn wtfcb_profiler_start(profiler: *mut c_void, name: *const c_char, ret_error: *mut Error) -> i32;
    fn wtfcb_profiler_stop(profiler: *mut c_void, ret_profile: *mut *mut c_void, ret_error: *mut Error) -> i32;
    fn wtfcb_profile_free(profile: *mut c_void);
    fn wtfcb_profile_frame_at(profile: *const c_void, index: u64, ret_row: *mut Frame, row_size: usize) -> i32;
    fn wtfcb_profile_save(profile: *const c_void, path: *const c_char, format: i32, ret_error: *mut Error) -> i32;
}

fn text(pointer: *const c_char) -> String {
    // Sound for what the library hands out: NUL-terminated and alive while its owner is.
    unsafe { CStr::from_ptr(pointer) }.to_string_lossy().into_owned()
}

/// Call with a place for an error, and make a failure of the status.
fn check(call: impl FnOnce(*mut Error) -> i32) -> Result<(), String> {
    // All members are numbers and arrays of numbers, for which zero is a value.
    let mut error: Error = unsafe { std::mem::zeroed() };
    error.size = std::mem::size_of::<Error>() as u32;
    let status = call(&mut error);
    if status == OK {
        return Ok(());
    }
    let message = text(error.message.as_ptr());
    Err(if message.is_empty() { text(unsafe { wtfcb_status_message(status) }) } else { message })
}

struct Profiler(*mut c_void);

impl Drop for Profiler {
    fn drop(&mut self) {
        unsafe { wtfcb_profiler_free(self.0) }
    }
}

struct Profile(*mut c_void);

impl Drop for Profile {
    fn drop(&mut self) {
        unsafe { wtfcb_profile_free(self.0) }
    }
}

/// Call a closure under a profiler: what it returned, and the profile. A panic stops the recording on its way.
fn run<T>(name: &CStr, work: impl FnOnce() -> T) -> Result<(T, Profile), String> {
    let mut profiler = Profiler(ptr::null_mut());
    check(|_| unsafe { wtfcb_profiler_new(ptr::null(), &mut profiler.0) })?;
    check(|error| unsafe { wtfcb_profiler_start(profiler.0, name.as_ptr(), error) })?;
    let result = work();
    let mut profile = Profile(ptr::null_mut());
    check(|error| unsafe { wtfcb_profiler_stop(profiler.0, &mut profile.0, error) })?;
    Ok((result, profile))
}

fn hash(word: &[u8]) -> u32 {
    zone!("hash");
    word.iter().fold(2166136261, |value: u32, letter| (value ^ u32::from(*letter)).wrapping_mul(16777619))
}

fn parse(word: &str) -> u32 {
    zone!("parse");
    hash(word.to_uppercase().as_bytes())
}

fn build_index(words: &[String]) -> u32 {
    zone!("index");
    words.iter().fold(0, |digest, word| digest ^ parse(word))
}

fn report() -> Result<(), String> {
    let words: Vec<String> = (0..1000).map(|i| format!("{i:0200}")).collect();
    let (digest, profile) = run(c"words", || build_index(&words))?;
    std::hint::black_box(digest);

    let mut zone: Frame = unsafe { std::mem::zeroed() };
    let size = std::mem::size_of::<Frame>();
    let mut index = 0;
    while unsafe { wtfcb_profile_frame_at(profile.0, index, &mut zone, size) } == OK {
        println!(
            "{}: {} times, {:.3} ms, {:.3} ms of it its own, half within {:.1} us",
            text(zone.name),
            zone.count,
            zone.total as f64 / 1e6,
            zone.own as f64 / 1e6,
            zone.p50_ns as f64 / 1e3
        );
        index += 1;
    }
    if let Some(file) = std::env::args_os().nth(1) {
        let file = CString::new(file.into_vec()).expect("an argument holds no NUL");
        check(|error| unsafe { wtfcb_profile_save(profile.0, file.as_ptr(), PROFILE_BY_NAME, error) })?;
    }
    Ok(())
}

fn main() {
    if let Err(message) = report() {
        eprintln!("{message}");
        std::process::exit(1)
    }
}
