//! A user who does nothing but wait, in as little memory as Rust can do it: what a
//! virtual user takes of the host. Without a standard library, whose formatting and
//! input and output nobody here needs.
#![no_std]

extern crate alloc;

use alloc::string::String;
use core::alloc::{GlobalAlloc, Layout};
use core::cell::UnsafeCell;

wit_bindgen::generate!({
    path: "../../../wit",
    world: "load-test",
    generate_all,
});

use vuelo::load::flow;

struct Idle;

impl exports::vuelo::load::scenario::Guest for Idle {
    fn options() -> String {
        String::from("{}")
    }

    fn start(_: String) -> Result<(), String> {
        Ok(())
    }

    fn iteration(_: String) -> Result<(), String> {
        // A day: longer than any measurement.
        flow::sleep(86_400_000_000_000);
        Ok(())
    }
}

export!(Idle);

#[panic_handler]
fn panic(_: &core::panic::PanicInfo) -> ! {
    core::arch::wasm32::unreachable()
}

/// Where the host puts the texts that it hands over.
///
/// # Safety
///
/// As the component model's canonical ABI has it: nothing is ever made larger.
#[unsafe(export_name = "cabi_realloc")]
unsafe extern "C" fn realloc(old: *mut u8, _: usize, align: usize, len: usize) -> *mut u8 {
    match Layout::from_size_align(len, align) {
        // SAFETY: it is a new piece of memory, of more than no bytes.
        Ok(layout) if old.is_null() && len > 0 => unsafe { TEXTS.alloc(layout) },
        _ => core::ptr::without_provenance_mut(align),
    }
}

/// Memory for the texts that come and go: it is handed out from one end, and begins
/// anew when all of it came back.
struct Texts(UnsafeCell<State>);

struct State {
    bytes: [u8; 512],
    used: usize,
    held: usize,
}

// SAFETY: a component has one thread.
unsafe impl Sync for Texts {}

// SAFETY: what is handed out is within `bytes`, and of nobody else until all of it came
// back.
unsafe impl GlobalAlloc for Texts {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: nobody else has it: no call in here comes back to here.
        let state = unsafe { &mut *self.0.get() };
        let start = state.used.next_multiple_of(layout.align());
        let end = start + layout.size();
        if end > state.bytes.len() {
            return core::ptr::null_mut();
        }
        state.used = end;
        state.held += 1;
        &raw mut state.bytes[start]
    }

    unsafe fn dealloc(&self, _: *mut u8, _: Layout) {
        // SAFETY: as above.
        let state = unsafe { &mut *self.0.get() };
        state.held -= 1;
        if state.held == 0 {
            state.used = 0;
        }
    }
}

#[global_allocator]
static TEXTS: Texts = Texts(UnsafeCell::new(State {
    bytes: [0; 512],
    used: 0,
    held: 0,
}));
