//! Scenarios written in the text format, instruction by instruction: what no compiler
//! would make of a source, a guest may do all the same.

use std::path::Path;

use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

/// Pages of memory at first.
pub const PAGES: usize = 16;

/// Where the host writes what it hands over, each time anew.
pub const ARGUMENTS: usize = 1024;

/// From here on nothing is written but by the test's own code.
pub const OWN: usize = 4096;

/// Where much data begins, of a guest that has it.
pub const MUCH: usize = 256 << 10;

/// How much data that is: more than makes a guest one for slots.
pub const MUCH_LEN: usize = 257 << 10;

/// Where the memories of a guest lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lies {
    /// In slots.
    InSlots,
    /// In mappings of its own, as with all guests that have much data.
    InMappings,
}

impl Lies {
    pub const BOTH: [Self; 2] = [Self::InSlots, Self::InMappings];
}

/// A scenario whose iterations call a function `act` of these fields. What it returns
/// is 0, or the character by which the iteration's error tells what was wrong.
pub fn guest(lies: Lies, fields: &str) -> Vec<u8> {
    let much = match lies {
        Lies::InSlots => String::new(),
        Lies::InMappings => format!(
            r#"(data (i32.const {MUCH}) "{}")"#,
            "much".repeat(MUCH_LEN / 4)
        ),
    };
    let module = format!(
        r#"(module
            (import "vuelo:load/flow@0.1.0" "vu" (func $vu (result i32)))
            (import "vuelo:load/flow@0.1.0" "vu-iteration" (func $vu-iteration (result i64)))
            (import "vuelo:load/flow@0.1.0" "sleep" (func $sleep (param i64)))
            (import "vuelo:load/flow@0.1.0" "random" (func $random (result f64)))
            (import "vuelo:load/http@0.1.0" "[constructor]request"
                (func $request (param i32 i32 i32 i32) (result i32)))
            (import "vuelo:load/http@0.1.0" "[method]request.send"
                (func $send (param i32 i32)))
            (memory (export "memory") {PAGES})
            {much}
            ;; The options: where they are, and how long.
            (data (i32.const 16) "\40\00\00\00\02\00\00\00")
            (data (i32.const 64) "{{}}")
            ;; A result without error at 32, and one with an error at 48.
            (data (i32.const 48) "\01\00\00\00\50\00\00\00\0e\00\00\00")
            (data (i32.const 80) "it is wrong: ?")
            ;; Something of the guest's own, in the middle of nothing.
            (data (i32.const 8192) "its own!")
            (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
                (i32.const {ARGUMENTS}))
            (func (export "vuelo:load/scenario@0.1.0#options") (result i32)
                (i32.const 16))
            (func (export "vuelo:load/scenario@0.1.0#start") (param i32 i32) (result i32)
                (i32.const 32))
            (func (export "vuelo:load/scenario@0.1.0#iteration") (param i32 i32) (result i32)
                (local $wrong i32)
                (local.set $wrong (call $act))
                (if (i32.eqz (local.get $wrong)) (then (return (i32.const 32))))
                (i32.store8 (i32.const 93) (local.get $wrong))
                (i32.const 48))
            {fields})"#
    );
    let mut module = wat::parse_str(&module).unwrap_or_else(|error| panic!("{error}\n{fields}"));
    let mut resolve = Resolve::default();
    let contract = Path::new(env!("CARGO_MANIFEST_DIR")).join("../wit");
    let (package, _) = resolve.push_path(contract).unwrap();
    let world = resolve.select_world(&[package], Some("load-test")).unwrap();
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8).unwrap();
    let mut encoder = ComponentEncoder::default();
    encoder.module(&module).unwrap().encode().unwrap()
}
