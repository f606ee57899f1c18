//! Guests written instruction by instruction, so that nothing of a language's own is
//! measured with the call that is meant.

use std::path::Path;

use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

/// The counter that a guest adds to.
pub const COUNTER: &str = "sent";

/// What an iteration does so often as the data of setup says.
#[derive(Debug, Clone, Copy)]
pub enum Act<'a> {
    /// Nothing: the iteration ends at once.
    Nothing,
    /// Asks for a random number: neither handles nor memory are touched.
    Draw,
    /// Adds to a counter: the host looks a handle up, and records a sample.
    Count,
    /// Sends a request whose answer's body is discarded, and drops the answer.
    Send {
        /// Where to.
        url: &'a str,
    },
}

impl Act<'_> {
    /// What `start` makes ready.
    fn preparation(self) -> String {
        match self {
            Self::Nothing | Self::Draw => String::new(),
            Self::Count => format!(
                "(global.set $handle (call $counter (i32.const 96) (i32.const {})))",
                COUNTER.len()
            ),
            Self::Send { url } => format!(
                "(global.set $handle
                     (call $request (i32.const 112) (i32.const 3) (i32.const 128)
                         (i32.const {})))
                 (call $discard (global.get $handle) (i32.const 1))",
                url.len()
            ),
        }
    }

    fn instructions(self) -> &'static str {
        match self {
            Self::Nothing => "(local.set $left (i32.const 1))",
            Self::Draw => "(drop (call $random))",
            Self::Count => {
                "(call $add (global.get $handle) (f64.const 1) (i32.const 0) (i32.const 0))"
            }
            Self::Send { .. } => {
                "(call $send (global.get $handle) (i32.const 512))
                 (if (i32.load8_u (i32.const 512)) (then unreachable))
                 (call $drop (i32.load (i32.const 516)))"
            }
        }
    }
}

/// The component of a guest that does this.
pub fn guest(act: Act<'_>) -> Vec<u8> {
    let url = match act {
        Act::Send { url } => url,
        _ => "",
    };
    assert!(url.len() < 256, "there is room for a short URL");
    let module = format!(
        r#"(module
            (import "vuelo:load/flow@0.1.0" "random" (func $random (result f64)))
            (import "vuelo:load/metrics@0.1.0" "[constructor]counter"
                (func $counter (param i32 i32) (result i32)))
            (import "vuelo:load/metrics@0.1.0" "[method]counter.add"
                (func $add (param i32 f64 i32 i32)))
            (import "vuelo:load/http@0.1.0" "[constructor]request"
                (func $request (param i32 i32 i32 i32) (result i32)))
            (import "vuelo:load/http@0.1.0" "[method]request.set-discard-body"
                (func $discard (param i32 i32)))
            (import "vuelo:load/http@0.1.0" "[method]request.send"
                (func $send (param i32 i32)))
            (import "vuelo:load/http@0.1.0" "[resource-drop]response"
                (func $drop (param i32)))
            (memory (export "memory") 1)
            ;; The options: where they are, and how long.
            (data (i32.const 16) "\40\00\00\00\02\00\00\00")
            (data (i32.const 64) "{{}}")
            (data (i32.const 96) "{COUNTER}")
            (data (i32.const 112) "GET")
            (data (i32.const 128) "{url}")
            ;; At 32 a result without error, at 512 what `send` returns, and from 1024
            ;; on what the host hands over, each time anew.
            (global $handle (mut i32) (i32.const 0))
            (global $times (mut i32) (i32.const 0))
            (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
                (i32.const 1024))
            (func (export "vuelo:load/scenario@0.1.0#options") (result i32)
                (i32.const 16))
            ;; The data is a number in decimal.
            (func (export "vuelo:load/scenario@0.1.0#start")
                (param $data i32) (param $len i32) (result i32)
                (block $read (loop $digits
                    (br_if $read (i32.eqz (local.get $len)))
                    (global.set $times (i32.add
                        (i32.mul (global.get $times) (i32.const 10))
                        (i32.sub (i32.load8_u (local.get $data)) (i32.const 48))))
                    (local.set $data (i32.add (local.get $data) (i32.const 1)))
                    (local.set $len (i32.sub (local.get $len) (i32.const 1)))
                    (br $digits)))
                {}
                (i32.const 32))
            (func (export "vuelo:load/scenario@0.1.0#iteration") (param i32 i32) (result i32)
                (local $left i32)
                (local.set $left (global.get $times))
                (loop $again
                    {}
                    (local.set $left (i32.sub (local.get $left) (i32.const 1)))
                    (br_if $again (local.get $left)))
                (i32.const 32)))"#,
        act.preparation(),
        act.instructions(),
    );
    let mut module = wat::parse_str(&module).unwrap();
    let mut resolve = Resolve::default();
    let contract = Path::new(env!("CARGO_MANIFEST_DIR")).join("../wit");
    let (package, _) = resolve.push_path(contract).unwrap();
    let world = resolve.select_world(&[package], Some("load-test")).unwrap();
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8).unwrap();
    let mut encoder = ComponentEncoder::default();
    encoder.module(&module).unwrap().encode().unwrap()
}
