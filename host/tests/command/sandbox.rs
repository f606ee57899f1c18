//! Guests that reach for what is not theirs: their stacks end, their memories end, and
//! what one leaves the next does not find. All of it where memories lie in slots, and
//! where they lie in mappings.

use serde_json::Value;

use crate::handmade::{Lies, MUCH, MUCH_LEN, OWN, PAGES, guest};
use crate::harness::{Folder, Ran, TargetProcess};

fn count(result: &Value, metric: &str) -> usize {
    let count = &result["metrics"][metric]["values"]["count"];
    count.as_f64().unwrap_or(0.0) as usize
}

/// A run of some users with the same number of iterations each.
struct Run {
    users: usize,
    iterations: usize,
}

impl Run {
    fn of(users: usize, iterations: usize) -> Self {
        Self { users, iterations }
    }

    /// Runs a guest. All iterations come to their end, this many by a trap and none by
    /// an error, and no instance fails at its start.
    #[track_caller]
    fn traps(&self, guest: &[u8], traps: usize) -> Ran {
        let Self { users, iterations } = self;
        let plan = format!(
            "[components.guest.options.scenarios.default]\nexecutor = \"per-vu-iterations\"\n\
             vus = {users}\niterations = {iterations}\n"
        );
        let folder = Folder::new()
            .with("guest.wasm", guest)
            .with("vuelo.toml", plan);
        let ran = folder
            .vuelo(&["run", "guest.wasm", "--allow-host", "127.0.0.1"])
            .ends_with(0)
            .does_not_say("it is wrong");
        let result = folder.result();
        assert_eq!(count(&result, "iterations"), users * iterations);
        assert_eq!(count(&result, "iteration_duration"), users * iterations);
        assert_eq!(count(&result, "iteration_traps"), traps);
        assert_eq!(count(&result, "iterations_failed"), traps);
        ran
    }
}

#[test]
fn endless_recursion_costs_the_user_its_instance_and_nobody_else_anything() {
    // Every other user is one that does so.
    let fields = "
        (func $deeper (param i64) (result i64)
            (i64.add (local.get 0) (call $deeper (i64.add (local.get 0) (i64.const 1)))))
        (func $act (result i32)
            (if (i32.and (call $vu) (i32.const 1))
                (then (drop (call $deeper (i64.const 0)))))
            (call $sleep (i64.const 1000000))
            (i32.const 0))";
    for lies in Lies::BOTH {
        Run::of(4, 5)
            .traps(&guest(lies, fields), 10)
            .says("its stack overflowed");
    }
}

#[test]
fn a_guest_at_the_end_of_its_stack_still_calls_the_host() {
    // A call of the host's at every depth, and a request at some: whatever is left of
    // the guest's part, the host has its own.
    let target = TargetProcess::start(&[]);
    let url = format!("{}/health", target.url);
    let len = url.len();
    let fields = format!(
        r#"(data (i32.const 512) "GET{url}")
        (func $deeper (param $depth i64) (param $request i32) (result f64)
            (if (i64.eqz (i64.and (local.get $depth) (i64.const 63)))
                (then (call $send (local.get $request) (i32.const 2048))))
            (f64.add
                (call $random)
                (call $deeper
                    (i64.add (local.get $depth) (i64.const 1))
                    (local.get $request))))
        (func $act (result i32)
            (drop (call $deeper
                (i64.const 0)
                (call $request
                    (i32.const 512) (i32.const 3) (i32.const 515) (i32.const {len}))))
            (i32.const 49))"#
    );
    for lies in Lies::BOTH {
        Run::of(2, 2)
            .traps(&guest(lies, &fields), 4)
            .says("its stack overflowed");
    }
    let counts = target.counts();
    let (_, requests) = counts.iter().find(|(row, _)| row == "GET /health").unwrap();
    // Each of the eight iterations came deep enough for many.
    assert!(*requests > 8 * 20, "{requests} requests");
}

/// What reaches beyond the end of a memory: an access, how far its address is from the
/// end, and what comes after the address.
const BEYOND: [(&str, i64, &str); 22] = [
    ("(drop (i32.load8_u", 0, "))"),
    ("(drop (i32.load16_u", -1, "))"),
    ("(drop (i32.load", -3, "))"),
    ("(drop (i32.load", -1, "))"),
    ("(drop (i64.load", -7, "))"),
    ("(drop (v128.load", -15, "))"),
    ("(drop (i64.load offset=8", -15, "))"),
    ("(drop (i32.load8_u", 65536, "))"),
    ("(i32.store8", 0, "(i32.const 1))"),
    ("(i32.store16", -1, "(i32.const 1))"),
    ("(i32.store", -3, "(i32.const 1))"),
    ("(i64.store", -7, "(i64.const 1))"),
    ("(v128.store", -15, "(v128.const i64x2 1 1))"),
    ("(i64.store offset=65536", -8, "(i64.const 1))"),
    // Sums beyond 4 GiB, which must not start again from 0.
    ("(drop (i32.load8_u offset=4294967295", 0, "))"),
    ("(drop (i64.load offset=4294967288", 0, "))"),
    ("(i32.store8 offset=4294967295", -1, "(i32.const 1))"),
    ("(i64.store offset=4294967295", 0, "(i64.const 1))"),
    ("(memory.fill", -1, "(i32.const 1) (i32.const 2))"),
    ("(memory.fill", -1, "(i32.const 1) (i32.const -1))"),
    ("(memory.copy", -7, "(i32.const 0) (i32.const 8))"),
    ("(memory.copy (i32.const 0)", -7, "(i32.const 8))"),
];

/// The addresses that are beyond every memory, read and written.
const FAR: [i64; 4] = [-1, -8, -65536, i32::MIN as i64];

#[test]
fn whatever_reaches_beyond_the_end_of_a_memory_traps() {
    let mut cases = Vec::new();
    // As it was at first, and grown: so little that it stays in its slot, and so much
    // that it does not.
    for grown in [0, 1, 1000] {
        let end = ((PAGES + grown) * 65536) as i64;
        let mut case = |before: &str, address: i64, after: &str| {
            // Once known when it is compiled, and once not before it runs.
            for address in [
                format!("(i32.const {address})"),
                format!("(i32.add (global.get $zero) (i32.const {address}))"),
            ] {
                cases.push(format!(
                    "(drop (memory.grow (i32.const {grown})))
                    ;; What is just within is there.
                    (i64.store (i32.const {last}) (i64.const 5))
                    (if (i64.ne (i64.load (i32.const {last})) (i64.const 5))
                        (then (return (i32.const 50))))
                    {before} {address} {after}",
                    last = end - 8,
                ));
            }
        };
        for (before, from_end, after) in BEYOND {
            case(before, end + from_end, after);
        }
        for address in FAR {
            case("(drop (i32.load8_u", address, "))");
            case("(i32.store8", address, "(i32.const 1))");
            case("(i64.store offset=7", address, "(i64.const 1))");
        }
    }
    let number = cases.len();
    let mut act = String::new();
    for (number, case) in cases.into_iter().enumerate() {
        act += &format!(
            "(if (i64.eq (call $vu-iteration) (i64.const {number}))
                (then {case} (return (i32.const 49))))\n"
        );
    }
    let fields = format!(
        "(global $zero (mut i32) (i32.const 0))
        (func $act (result i32) {act} (i32.const 51))"
    );
    for lies in Lies::BOTH {
        Run::of(1, number)
            .traps(&guest(lies, &fields), number)
            .says("it accessed memory out of bounds");
    }
}

/// A function `is-initial` that tells whether the memory from `OWN` to its end at first
/// is what it is in a new instance.
fn is_initial(lies: Lies) -> String {
    let end = PAGES * 65536;
    let (much, much_end) = match lies {
        Lies::InSlots => (0, 0),
        Lies::InMappings => (MUCH, MUCH + MUCH_LEN),
    };
    let word = |text: &[u8; 8]| i64::from_le_bytes(*text);
    let (own, repeated) = (word(b"its own!"), word(b"muchmuch"));
    format!(
        "(func $is-initial (result i32)
            (local $at i32)
            (local $expected i64)
            (local.set $at (i32.const {OWN}))
            (loop $next
                (local.set $expected (i64.const 0))
                (if (i32.eq (local.get $at) (i32.const 8192))
                    (then (local.set $expected (i64.const {own}))))
                (if (i32.and
                        (i32.ge_u (local.get $at) (i32.const {much}))
                        (i32.lt_u (local.get $at) (i32.const {much_end})))
                    (then (local.set $expected (i64.const {repeated}))))
                (if (i64.ne (i64.load (local.get $at)) (local.get $expected))
                    (then (return (i32.const 0))))
                (local.set $at (i32.add (local.get $at) (i32.const 8)))
                (br_if $next (i32.lt_u (local.get $at) (i32.const {end}))))
            (i32.const 1))"
    )
}

/// A function `is-zero` that tells whether the memory from a place to its end is.
const IS_ZERO: &str = "
    (func $is-zero (param $at i32) (result i32)
        (local $end i32)
        (local.set $end (i32.mul (memory.size) (i32.const 65536)))
        (loop $next
            (if (i64.ne (i64.load (local.get $at)) (i64.const 0))
                (then (return (i32.const 0))))
            (local.set $at (i32.add (local.get $at) (i32.const 8)))
            (br_if $next (i32.lt_u (local.get $at) (local.get $end))))
        (i32.const 1))";

#[test]
fn whoever_takes_the_place_of_a_user_that_trapped_finds_nothing_of_it() {
    for lies in Lies::BOTH {
        // Every instance looks around, grows and looks again, writes over everything,
        // its data included, and traps.
        let fields = format!(
            "{} {IS_ZERO}
            (func $act (result i32)
                (if (i32.eqz (call $is-initial)) (then (return (i32.const 49))))
                (if (i32.ne (memory.grow (i32.const 1)) (i32.const {PAGES}))
                    (then (return (i32.const 50))))
                (if (i32.eqz (call $is-zero (i32.const {end})))
                    (then (return (i32.const 51))))
                (memory.fill
                    (i32.const 0)
                    (i32.const 0xaa)
                    (i32.mul (memory.size) (i32.const 65536)))
                (if (i32.eq (memory.grow (i32.const 40)) (i32.const -1))
                    (then (return (i32.const 52))))
                (if (i32.eqz (call $is-zero (i32.const {grown})))
                    (then (return (i32.const 53))))
                (if (call $is-initial) (then (return (i32.const 54))))
                (memory.fill
                    (i32.const 0)
                    (i32.const 0xbb)
                    (i32.mul (memory.size) (i32.const 65536)))
                (call $sleep (i64.const 1000000))
                (unreachable))",
            is_initial(lies),
            end = PAGES * 65536,
            grown = (PAGES + 1) * 65536,
        );
        Run::of(3, 6)
            .traps(&guest(lies, &fields), 18)
            .says("it panicked or reached `unreachable`");
    }
}

#[test]
fn users_side_by_side_see_what_they_wrote_themselves() {
    // All of its memory is the user's number, and more of it in every iteration.
    let fields = format!(
        "(func $is-own (result i32)
            (local $at i32)
            (local $end i32)
            (local.set $at (i32.const {OWN}))
            (local.set $end (i32.mul (memory.size) (i32.const 65536)))
            (loop $next
                (if (i32.ne (i32.load8_u (local.get $at)) (call $number))
                    (then (return (i32.const 0))))
                (local.set $at (i32.add (local.get $at) (i32.const 511)))
                (br_if $next (i32.lt_u (local.get $at) (local.get $end))))
            (i32.const 1))
        (global $number (mut i32) (i32.const 0))
        (func $number (result i32) (global.get $number))
        (func $act (result i32)
            (if (global.get $number) (then
                (if (i32.eqz (call $is-own)) (then (return (i32.const 49))))))
            (global.set $number (call $vu))
            (if (i32.eq (memory.grow (i32.const 3)) (i32.const -1))
                (then (return (i32.const 50))))
            (memory.fill
                (i32.const {OWN})
                (global.get $number)
                (i32.sub (i32.mul (memory.size) (i32.const 65536)) (i32.const {OWN})))
            (call $sleep (i64.const 3000000))
            (if (i32.eqz (call $is-own)) (then (return (i32.const 51))))
            (i32.const 0))"
    );
    for lies in Lies::BOTH {
        Run::of(20, 6).traps(&guest(lies, &fields), 0);
    }
}

#[test]
fn a_memory_that_grows_page_by_page_keeps_what_it_holds() {
    // Each page begins and ends with its number, from 1.
    for lies in Lies::BOTH {
        let fields = format!(
            "{} {IS_ZERO}
            (func $act (result i32)
                (local $page i32)
                (local $at i32)
                (if (i32.eqz (call $is-initial)) (then (return (i32.const 49))))
                (loop $grow
                    (local.set $page (memory.grow (i32.const 1)))
                    (local.set $at (i32.mul (local.get $page) (i32.const 65536)))
                    (if (i32.eqz (call $is-zero (local.get $at)))
                        (then (return (i32.const 50))))
                    (i32.store (local.get $at) (local.get $page))
                    (i32.store offset=65532 (local.get $at) (local.get $page))
                    (br_if $grow (i32.lt_u (memory.size) (i32.const 150))))
                (loop $look
                    (local.set $at (i32.mul (local.get $page) (i32.const 65536)))
                    (if (i32.ne (i32.load (local.get $at)) (local.get $page))
                        (then (return (i32.const 51))))
                    (if (i32.ne (i32.load offset=65532 (local.get $at)) (local.get $page))
                        (then (return (i32.const 52))))
                    (local.set $page (i32.sub (local.get $page) (i32.const 1)))
                    (br_if $look (i32.ge_u (local.get $page) (i32.const {PAGES}))))
                (if (i32.eqz (call $is-initial)) (then (return (i32.const 53))))
                (i32.const 0))",
            is_initial(lies)
        );
        Run::of(2, 2).traps(&guest(lies, &fields), 0);
    }
}

#[test]
fn a_guest_that_grows_to_the_limit_is_refused_more_and_has_all_it_had() {
    // 256 MiB, and so 4096 pages.
    let last = (256 << 20) - 8;
    for lies in Lies::BOTH {
        let fields = format!(
            "{}
            (func $act (result i32)
                (if (i32.lt_u (memory.size) (i32.const 4096)) (then
                    (i64.store (i32.const {OWN}) (i64.const 5))
                    (if (i32.eq (memory.grow (i32.const 2000)) (i32.const -1))
                        (then (return (i32.const 49))))
                    (if (i32.ne (memory.grow (i32.const 10000)) (i32.const -1))
                        (then (return (i32.const 50))))
                    (if (i32.eq
                            (memory.grow (i32.sub (i32.const 4096) (memory.size)))
                            (i32.const -1))
                        (then (return (i32.const 51))))))
                (if (i32.ne (memory.grow (i32.const 1)) (i32.const -1))
                    (then (return (i32.const 52))))
                (if (i32.ne (memory.grow (i32.const -1)) (i32.const -1))
                    (then (return (i32.const 53))))
                (if (i32.ne (memory.size) (i32.const 4096)) (then (return (i32.const 54))))
                (if (i64.ne (i64.load (i32.const {OWN})) (i64.const 5))
                    (then (return (i32.const 55))))
                (if (i64.ne (i64.load (i32.const {last})) (call $vu-iteration))
                    (then (return (i32.const 56))))
                (i64.store
                    (i32.const {last})
                    (i64.add (call $vu-iteration) (i64.const 1)))
                (i64.store (i32.const {OWN}) (i64.const 0))
                (if (i32.eqz (call $is-initial)) (then (return (i32.const 57))))
                (i64.store (i32.const {OWN}) (i64.const 5))
                (i32.const 0))",
            is_initial(lies)
        );
        Run::of(2, 2).traps(&guest(lies, &fields), 0);
    }
}
