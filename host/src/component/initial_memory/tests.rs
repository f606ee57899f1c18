#![allow(clippy::unwrap_used)]

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Write;

use proptest::collection::vec;
use proptest::prelude::*;
use wasmparser::{Validator, WasmFeatures};
use wasmtime::component::{Component, Instance, Linker};
use wasmtime::{Store, WasmBacktrace};

use super::*;
use crate::component::CompileCache;
use crate::component::layout::Layout;

const PAGE: usize = 64 << 10;

/// A function of a module that returns all that the memory held when it was called.
/// Where that is goes into a page that is added, so that nothing is changed before it
/// is seen.
const ALL: &str = r#"
    (func (export "all") (result i32)
        (local $end i32)
        (local.set $end (i32.mul (memory.grow (i32.const 1)) (i32.const 65536)))
        (i32.store (local.get $end) (i32.const 0))
        (i32.store offset=4 (local.get $end) (local.get $end))
        (local.get $end))"#;

/// Lifts what an instance of a module exports.
fn lifted(instance: &str) -> String {
    format!(
        r#"(func ${instance}-act (canon lift (core func ${instance} "act")))
        (func ${instance}-all (result (list u8))
            (canon lift (core func ${instance} "all") (memory (core memory ${instance} "memory"))))
        (export "{instance}-act" (func ${instance}-act))
        (export "{instance}-all" (func ${instance}-all))"#
    )
}

/// A component of one module with these fields, one of which is a function `act`.
fn component(fields: &str) -> Vec<u8> {
    parsed(&format!(
        "(component
            (core module $module {fields} {ALL})
            (core instance $it (instantiate $module))
            {})",
        lifted("it")
    ))
}

fn parsed(text: &str) -> Vec<u8> {
    wat::parse_str(text).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

/// A component after it was instantiated.
struct Running {
    store: Store<()>,
    instance: Instance,
}

impl Running {
    fn new(layout: &Layout<'_>) -> wasmtime::Result<Self> {
        let engine = layout.engine(&CompileCache::Off, None)?;
        let component = Component::from_binary(&engine, layout.bytes())?;
        let mut store = Store::new(&engine, ());
        store.set_epoch_deadline(1);
        let instance = Linker::new(&engine).instantiate(&mut store, &component)?;
        Ok(Self { store, instance })
    }

    fn act(&mut self, instance: &str) -> wasmtime::Result<()> {
        let name = format!("{instance}-act");
        let act = self
            .instance
            .get_typed_func::<(), ()>(&mut self.store, &name)?;
        act.call(&mut self.store, ())
    }

    fn all(&mut self, instance: &str) -> wasmtime::Result<Vec<u8>> {
        let name = format!("{instance}-all");
        let all = self
            .instance
            .get_typed_func::<(), (Vec<u8>,)>(&mut self.store, &name)?;
        Ok(all.call(&mut self.store, ())?.0)
    }
}

/// The component as it is, its memories in slots.
fn as_it_is(component: &[u8]) -> Layout<'_> {
    Layout::Slots {
        component: Cow::Borrowed(component),
        initial: None,
    }
}

/// The component without its data, and its memories in slots that have it.
#[track_caller]
fn with_data_taken_out(component: &[u8]) -> Layout<'_> {
    let layout = Layout::of(component);
    assert!(is_taken_out(&layout), "its data is where it was");
    must_be_valid(layout.bytes());
    layout
}

fn is_taken_out(layout: &Layout<'_>) -> bool {
    matches!(
        layout,
        Layout::Slots {
            initial: Some(_),
            ..
        }
    )
}

#[track_caller]
fn must_be_valid(component: &[u8]) {
    let mut validator = Validator::new_with_features(WasmFeatures::all());
    validator.validate_all(component).unwrap();
}

/// What the memory of `it` holds in the end, which is the same both ways.
#[track_caller]
fn held_both_ways(component: &[u8]) -> Vec<u8> {
    let held = |layout: &Layout<'_>| {
        let mut running = Running::new(layout).unwrap();
        running.act("it").unwrap();
        running.all("it").unwrap()
    };
    let before = held(&as_it_is(component));
    let after = held(&with_data_taken_out(component));
    assert!(before == after, "it holds something else");
    after
}

#[test]
fn what_is_taken_out_is_in_the_memory_all_the_same() {
    let held = held_both_ways(&component(
        r#"(memory (export "memory") 2)
        (data (i32.const 0) "begin")
        (data (i32.const 65534) "across")
        (data (i32.const 131069) "end")
        (func (export "act"))"#,
    ));
    assert_eq!(held.len(), 2 * PAGE);
    assert_eq!(&held[..6], b"begin\0");
    assert_eq!(&held[65534..65541], b"across\0");
    assert_eq!(&held[131_068..], b"\0end");
}

#[test]
fn segments_lie_over_each_other_in_their_order() {
    let held = held_both_ways(&component(
        r#"(memory (export "memory") 1)
        (data (i32.const 10) "aaaaaaaa")
        (data (i32.const 12) "bbbb")
        (data (i32.const 13) "")
        (data (i32.const 8) "ccc")
        (data (i32.const 15) "\00")
        (func (export "act"))"#,
    ));
    assert_eq!(&held[8..18], b"cccabb\x62\0aa");
}

#[test]
fn segments_that_the_code_writes_keep_their_numbers_and_their_bytes() {
    let held = held_both_ways(&component(
        r#"(memory (export "memory") 1)
        (data $one (i32.const 10) "of the module")
        (data $two "of the code")
        (data $three (i32.const 40) "of the module, too")
        (data $four "dropped")
        (func (export "act")
            (memory.init $two (i32.const 100) (i32.const 0) (i32.const 11))
            (memory.init $four (i32.const 200) (i32.const 2) (i32.const 3))
            (data.drop $two)
            (data.drop $three)
            (memory.init $four (i32.const 300) (i32.const 0) (i32.const 1))
            (data.drop $four)
            ;; Of what is dropped there is nothing, and that may be written.
            (memory.init $one (i32.const 400) (i32.const 0) (i32.const 0))
            (memory.init $four (i32.const 400) (i32.const 0) (i32.const 0)))"#,
    ));
    assert_eq!(&held[10..23], b"of the module");
    assert_eq!(&held[40..58], b"of the module, too");
    assert_eq!(&held[100..111], b"of the code");
    assert_eq!(&held[200..203], b"opp");
    assert_eq!(&held[300..302], b"d\0");
}

#[test]
fn what_is_gone_after_the_start_is_gone_both_ways() {
    let component = component(
        r#"(memory (export "memory") 1)
        (data $active (i32.const 10) "of the module")
        (data $passive "of the code")
        (func (export "act")
            (memory.init $active (i32.const 100) (i32.const 0) (i32.const 1)))"#,
    );
    for layout in [as_it_is(&component), with_data_taken_out(&component)] {
        let mut running = Running::new(&layout).unwrap();
        let trap = running.act("it").unwrap_err();
        assert_eq!(
            trap.downcast_ref(),
            Some(&wasmtime::Trap::MemoryOutOfBounds)
        );
    }
}

#[test]
fn the_first_function_that_runs_finds_the_data_there() {
    let held = held_both_ways(&component(
        r#"(memory (export "memory") 1)
        (data (i32.const 10) "\07")
        (func $start (i32.store8 (i32.const 20) (i32.load8_u (i32.const 10))))
        (start $start)
        (func (export "act") (i32.store8 (i32.const 30) (i32.load8_u (i32.const 20))))"#,
    ));
    assert_eq!((held[20], held[30]), (7, 7));
}

#[test]
fn a_trap_names_the_same_functions() {
    let component = component(
        r#"(memory (export "memory") 1)
        (data $named (i32.const 10) "data")
        (func $innermost (unreachable))
        (func $between (call $innermost))
        (func (export "act") (call $between))"#,
    );
    let names = |layout: &Layout<'_>| {
        let mut running = Running::new(layout).unwrap();
        let error = running.act("it").unwrap_err();
        let trace = error.downcast_ref::<WasmBacktrace>().unwrap();
        let named = trace.frames().iter().map(|frame| frame.func_name());
        let named: Vec<_> = named.map(|name| name.map(str::to_owned)).collect();
        let offsets: Vec<_> = trace
            .frames()
            .iter()
            .map(|frame| frame.func_offset())
            .collect();
        (named, offsets)
    };
    let after = names(&with_data_taken_out(&component));
    assert_eq!(after.0[0].as_deref(), Some("innermost"));
    assert_eq!(after.0[1].as_deref(), Some("between"));
    assert_eq!(after, names(&as_it_is(&component)));
}

#[test]
fn a_module_that_is_instantiated_twice_has_its_data_twice() {
    let component = parsed(&format!(
        r#"(component
            (core module $module
                (memory (export "memory") 1)
                (data (i32.const 10) "data")
                (func (export "act") (i32.store8 (i32.const 10) (i32.const 68)))
                {ALL})
            (core instance $one (instantiate $module))
            (core instance $two (instantiate $module))
            {} {})"#,
        lifted("one"),
        lifted("two")
    ));
    for layout in [as_it_is(&component), with_data_taken_out(&component)] {
        let mut running = Running::new(&layout).unwrap();
        running.act("one").unwrap();
        let (one, two) = (running.all("one").unwrap(), running.all("two").unwrap());
        assert_eq!((&one[10..14], &two[10..14]), (&b"Data"[..], &b"data"[..]));
        assert_eq!(one[14..], two[14..]);
    }
}

#[test]
fn data_is_found_however_deep_its_module_lies() {
    let component = parsed(&format!(
        r#"(component
            (component $outer
                (component $inner
                    (core module $module
                        (memory (export "memory") 1)
                        (data (i32.const 10) "deep")
                        (func (export "act"))
                        {ALL})
                    (core instance $it (instantiate $module))
                    {})
                (instance $one (instantiate $inner))
                (instance $two (instantiate $inner))
                (export "one" (instance $one))
                (export "two" (instance $two)))
            (instance $outer (instantiate $outer))
            (alias export $outer "one" (instance $one))
            (alias export $outer "two" (instance $two))
            (alias export $one "it-all" (func $one-all))
            (alias export $two "it-all" (func $two-all))
            (export "one-all" (func $one-all))
            (export "two-all" (func $two-all)))"#,
        lifted("it")
    ));
    for layout in [as_it_is(&component), with_data_taken_out(&component)] {
        let mut running = Running::new(&layout).unwrap();
        for instance in ["one", "two"] {
            let all = running.all(instance).unwrap();
            assert_eq!((&all[9..15], all.len()), (&b"\0deep\0"[..], PAGE));
        }
    }
}

/// The second module is handed the memory of the first, and so is its start function;
/// a third one has a memory of another size.
#[test]
fn what_other_modules_write_and_hold_is_what_it_was() {
    let component = parsed(&format!(
        r#"(component
            (core module $one
                (memory (export "memory") 1)
                (data (i32.const 10) "much of the first")
                (func (export "act"))
                {ALL})
            (core module $two
                (memory (import "one" "memory") 1)
                (data (i32.const 15) "by")
                (func $start (i32.store8 (i32.const 20) (i32.load8_u (i32.const 10))))
                (start $start))
            (core module $three
                (memory (export "memory") 2)
                (data (i32.const 20) "little")
                (func (export "act"))
                {ALL})
            (core instance $one (instantiate $one))
            (core instance $two (instantiate $two (with "one" (instance $one))))
            (core instance $three (instantiate $three))
            {} {})"#,
        lifted("one"),
        lifted("three")
    ));
    let mut held = Vec::new();
    for layout in [as_it_is(&component), with_data_taken_out(&component)] {
        let mut running = Running::new(&layout).unwrap();
        held.push((running.all("one").unwrap(), running.all("three").unwrap()));
    }
    assert!(held[0] == held[1]);
    let (one, three) = &held[1];
    assert_eq!(&one[10..27], b"much by thm first");
    assert_eq!(&three[18..28], b"\0\0little\0\0");
    assert_eq!(three.iter().filter(|&&byte| byte != 0).count(), 6);
}

#[test]
fn data_that_cannot_be_told_from_the_bytes_or_from_another_memory_s_stays() {
    let module = |fields: &str| format!("(component (core module {fields}))");
    let cases = [
        ("no module", "(component)".to_owned()),
        ("no data", module("(memory 1)")),
        (
            "empty data",
            module(r#"(memory 1) (data (i32.const 0) "")"#),
        ),
        (
            "what the code alone writes",
            module(r#"(memory 1) (data "written later")"#),
        ),
        (
            "a place that another module says",
            module(
                r#"(global $at (import "m" "at") i32) (memory 1)
                (data (i32.const 0) "x") (data (global.get $at) "x")"#,
            ),
        ),
        (
            "a place that is computed",
            module(r#"(memory 1) (data (i32.add (i32.const 1) (i32.const 2)) "x")"#),
        ),
        (
            "the memory of another module",
            module(r#"(import "m" "m" (memory 1)) (data (i32.const 0) "x")"#),
        ),
        (
            "a memory of its own beside another's",
            module(r#"(import "m" "m" (memory 1)) (memory 1) (data (memory 1) (i32.const 0) "x")"#),
        ),
        (
            "two memories",
            module(r#"(memory 1) (memory 2) (data (i32.const 0) "x")"#),
        ),
        (
            "a memory that nothing fits into",
            module(r#"(memory 0) (data (i32.const 0) "")"#),
        ),
        (
            "addresses of 64 bits",
            module(r#"(memory i64 1) (data (i64.const 0) "x")"#),
        ),
        (
            "a memory that threads share",
            module(r#"(memory 1 1 shared) (data (i32.const 0) "x")"#),
        ),
        (
            "pages of one byte",
            module(r#"(memory 100 (pagesize 1)) (data (i32.const 0) "x")"#),
        ),
        (
            "more than a memory may have",
            module(r#"(memory 65536) (data (i32.const 0) "x")"#),
        ),
        (
            "a place beyond the memory",
            module(r#"(memory 1) (data (i32.const 65534) "xyz")"#),
        ),
        (
            "a place far beyond the memory",
            module(r#"(memory 1) (data (i32.const -1) "x")"#),
        ),
        (
            "nothing, beyond the memory",
            module(r#"(memory 1) (data (i32.const 0) "x") (data (i32.const 65537) "")"#),
        ),
        (
            "two memories of one size",
            r#"(component
                (core module (memory 1) (data (i32.const 0) "xx"))
                (core module (memory 1)))"#
                .to_owned(),
        ),
        (
            "two memories of one size, one of them deeper",
            r#"(component
                (core module (memory 1) (data (i32.const 0) "xx"))
                (component (core module (memory 2) (memory 1) (data (i32.const 0) "x"))))"#
                .to_owned(),
        ),
        (
            "two memories of one size, one of them in small pages",
            r#"(component
                (core module (memory 1) (data (i32.const 0) "xx"))
                (core module (memory 65536 (pagesize 1))))"#
                .to_owned(),
        ),
        (
            "two memories of one size, one of them with long addresses",
            r#"(component
                (core module (memory 1) (data (i32.const 0) "xx"))
                (core module (memory i64 1)))"#
                .to_owned(),
        ),
    ];
    for (name, text) in cases {
        let component = parsed(&text);
        must_be_valid(&component);
        assert!(take_out(&component).unwrap().is_none(), "{name}");
        let layout = Layout::of(&component);
        assert_eq!(layout.bytes(), component, "{name}");
    }
}

#[test]
fn a_component_that_does_not_fit_its_memory_traps_when_it_is_instantiated() {
    for offset in [65533, 65536, 65537, -1] {
        let component = component(&format!(
            r#"(memory (export "memory") 1)
            (data (i32.const 0) "fits")
            (data (i32.const {offset}) "does not")
            (func (export "act"))"#
        ));
        let error = Running::new(&Layout::of(&component)).err().unwrap();
        assert_eq!(
            error.downcast_ref(),
            Some(&wasmtime::Trap::MemoryOutOfBounds)
        );
    }
}

#[test]
fn what_is_no_component_is_the_compiler_s_to_refuse() {
    let whole = component(
        r#"(memory (export "memory") 1) (data (i32.const 0) "data") (func (export "act"))"#,
    );
    for len in 0..whole.len() {
        // Where it ends between two sections, it is read to its end.
        if let Ok(Some(taken)) = take_out(&whole[..len]) {
            assert!(taken.component.len() < len);
        }
        let _ = Layout::of(&whole[..len]);
    }
    // Data of which the section has less than it says.
    let position = whole.windows(4).position(|four| four == b"data").unwrap();
    let mut broken = whole.clone();
    broken[position - 1] += 1;
    assert!(Running::new(&Layout::of(&broken)).is_err());
}

#[test]
fn much_data_has_a_mapping_of_its_own_and_less_a_slot() {
    let component = |len: usize| {
        let first = "x".repeat(len / 2);
        let second = "x".repeat(len - len / 2);
        parsed(&format!(
            r#"(component
                (core module (memory 8) (data (i32.const 0) "{first}"))
                (core module (memory 9) (data "{second}")))"#
        ))
    };
    let most = component(256 << 10);
    assert!(is_taken_out(&Layout::of(&most)));
    let more = component((256 << 10) + 1);
    let Layout::Mappings { component } = Layout::of(&more) else {
        panic!("it is in slots");
    };
    assert_eq!(component, more);
}

/// The sections of a component, and of all in it, but for those that hold others; with
/// the data sections apart.
fn sections(component: &[u8]) -> (Vec<(u8, &[u8])>, Vec<DataSectionReader<'_>>) {
    let (mut sections, mut data) = (Vec::new(), Vec::new());
    for payload in Parser::new(0).parse_all(component) {
        match payload.unwrap() {
            Payload::DataSection(section) => data.push(section),
            Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => {}
            payload => sections.extend(payload.as_section().map(|(id, range)| {
                let content = &component[index(range.start)..index(range.end)];
                (id, content)
            })),
        }
    }
    (sections, data)
}

/// The active segments of a data section; how many there are of the others.
fn active(data: &DataSectionReader<'_>) -> (Vec<(usize, Vec<u8>)>, usize) {
    let (mut active, mut passive) = (Vec::new(), 0);
    for segment in data.clone() {
        let segment = segment.unwrap();
        match segment.kind {
            DataKind::Active { offset_expr, .. } => {
                let offset = constant(&offset_expr).unwrap().unwrap();
                active.push((offset, segment.data.to_vec()));
            }
            DataKind::Passive => passive += 1,
        }
    }
    (active, passive)
}

#[test]
fn the_scenarios_of_this_project_lose_their_data_and_nothing_else() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../scenarios-wasm");
    for name in ["a2a", "dashboard", "ccr"] {
        let before = std::fs::read(format!("{folder}/{name}.wasm")).unwrap();
        let TakenOut { component, memory } = take_out(&before).unwrap().unwrap();
        must_be_valid(&component);
        let (sections_before, data_before) = sections(&before);
        let (sections_after, data_after) = sections(&component);
        assert!(sections_before == sections_after, "{name}");
        assert_eq!(data_before.len(), data_after.len(), "{name}");
        let mut taken = 0;
        for (before, after) in data_before.iter().zip(&data_after) {
            assert_eq!(before.count(), after.count(), "{name}");
            let ((before, passive), (after, still_passive)) = (active(before), active(after));
            assert_eq!(passive, still_passive, "{name}");
            if before != after {
                taken += 1;
                assert!(after.iter().all(|(_, bytes)| bytes.is_empty()), "{name}");
                let all = InitialMemory::new(memory.minimum(), before);
                assert_eq!(all.as_ref(), Some(&memory), "{name}");
            }
        }
        assert_eq!(taken, 1, "{name}");
        let len = |component: &[u8]| data_len(component).unwrap();
        assert!(len(&component) < len(&before) / 10, "{name}");
    }
}

/// A segment of a module's data: where it is written, if the module does so itself, and
/// what.
type Segment = (Option<usize>, Vec<u8>);

/// How many pages a module's memory has, and its data.
fn some_data() -> impl Strategy<Value = (usize, Vec<Segment>)> {
    (1_usize..=2).prop_flat_map(|pages| {
        let end = pages * PAGE;
        // Near to each other, near to the end and a bit beyond, or anywhere.
        let offset = prop_oneof![
            4 => 0..64_usize,
            2 => end - 16..end,
            1 => 0..end,
            1 => end..end + 3,
        ];
        let segment = (
            proptest::option::weighted(0.8, offset),
            vec(any::<u8>(), 0..12),
        );
        (Just(pages), vec(segment, 0..8))
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn whatever_data_a_module_has_its_memory_is_the_same_both_ways(
        (pages, segments) in some_data(),
    ) {
        let mut fields = format!(r#"(memory (export "memory") {pages})"#);
        let mut act = String::new();
        for (number, (offset, bytes)) in segments.iter().enumerate() {
            let offset = offset.map_or_else(String::new, |offset| format!("(i32.const {offset})"));
            let text = bytes.iter().fold(String::new(), |mut text, byte| {
                write!(text, "\\{byte:02x}").unwrap();
                text
            });
            write!(fields, r#"(data {offset} "{text}")"#).unwrap();
            let len = if offset.is_empty() { bytes.len() } else { 0 };
            let at = 1000 + 20 * number;
            write!(
                act,
                "(memory.init {number} (i32.const {at}) (i32.const 0) (i32.const {len}))
                (data.drop {number})"
            )
            .unwrap();
        }
        let component = component(&format!(r#"{fields} (func (export "act") {act})"#));

        let active = segments.iter().filter_map(|(at, bytes)| Some(((*at)?, bytes.len())));
        let fits = active.clone().all(|(at, len)| at + len <= pages * PAGE);
        let has_any = active.clone().any(|(_, len)| len > 0);
        let layout = Layout::of(&component);
        prop_assert_eq!(is_taken_out(&layout), fits && has_any);
        must_be_valid(layout.bytes());

        let held = |layout: &Layout<'_>| {
            let mut running = Running::new(layout)?;
            running.act("it")?;
            running.all("it")
        };
        let (before, after) = (held(&as_it_is(&component)), held(&layout));
        prop_assert_eq!(before.is_ok(), fits);
        prop_assert_eq!(after.is_ok(), fits);
        if let (Ok(before), Ok(after)) = (before, after) {
            prop_assert!(before == after, "it holds something else");
            let mut expected = BTreeMap::new();
            // Those that the code writes come last.
            for is_written_by_code in [false, true] {
                for (number, (offset, bytes)) in segments.iter().enumerate() {
                    if offset.is_none() == is_written_by_code {
                        let start = offset.unwrap_or(1000 + 20 * number);
                        expected.extend((start..).zip(bytes));
                    }
                }
            }
            for (at, byte) in expected {
                prop_assert_eq!(after[at], *byte);
            }
        }
    }
}

/// A component with another one in it, and so on.
fn nested(mut inner: Vec<u8>, times: usize) -> Vec<u8> {
    for _ in 0..times {
        let mut outer = inner[..PREAMBLE].to_vec();
        outer.push(COMPONENT);
        inner.encode(&mut outer);
        inner = outer;
    }
    inner
}

#[test]
fn a_component_that_lies_too_deep_in_others_stays_as_it_is() {
    let inner = component(
        r#"(memory (export "memory") 1) (data (i32.const 8) "abc") (func (export "act"))"#,
    );
    for (times, is_taken_out) in [
        (0, true),
        (DEEPEST - 1, true),
        (DEEPEST, false),
        (20_000, false),
    ] {
        let taken = take_out(&nested(inner.clone(), times)).unwrap();
        assert_eq!(taken.is_some(), is_taken_out, "{times}");
    }
}
