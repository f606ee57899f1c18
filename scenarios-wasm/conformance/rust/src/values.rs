//! What is recorded: metrics and checks.

use vuelo_sdk::prelude::*;

pub(crate) static THINGS: Counter = Counter::new("things");
pub(crate) static LEVEL: Gauge = Gauge::new("level");
pub(crate) static SHARE: Rate = Rate::new("share");
pub(crate) static LENGTHS: Trend = Trend::milliseconds("lengths");
pub(crate) static SIZES: Trend = Trend::bytes("sizes");
pub(crate) static PLAIN: Trend = Trend::new("plain");

pub(crate) fn all_kinds() -> Result<(), Failure> {
    THINGS.add(1);
    THINGS.add_tagged(2.5, &[("colour", "red")]);
    LEVEL.set(5);
    LEVEL.set(-3.5);
    for value in [true, false, false] {
        SHARE.add(value);
    }
    LENGTHS.add(0.25);
    LENGTHS.add(Duration::from_micros(1500));
    SIZES.add(1_048_576);
    Ok(())
}

pub(crate) fn numbers() -> Result<(), Failure> {
    for (name, value) in [
        ("max", f64::MAX),
        ("min", f64::MIN),
        ("tiny", 5e-324),
        ("third", 0.1),
        ("whole", 9_007_199_254_740_991.0),
        ("zero", -0.0),
    ] {
        LEVEL.set_tagged(value, &[("edge", name)]);
    }
    Ok(())
}

pub(crate) fn time() -> Result<(), Failure> {
    LENGTHS.add(Duration::from_nanos((1 << 53) + 1));
    Ok(())
}

pub(crate) fn nonsense() -> Result<(), Failure> {
    for value in [-1.0, f64::NAN, f64::INFINITY] {
        THINGS.add(value);
    }
    Ok(())
}

pub(crate) fn undeclared() -> Result<(), Failure> {
    static NOBODY: Counter = Counter::new("nobody");
    NOBODY.add(1);
    Ok(())
}

pub(crate) fn of_another_kind() -> Result<(), Failure> {
    static NOT_A_COUNTER: Counter = Counter::new("level");
    NOT_A_COUNTER.add(1);
    Ok(())
}

pub(crate) fn checks() -> Result<(), Failure> {
    check("holds", true);
    check("holds", false);
    check_tagged("Grüße 🦉", true, &[("colour", "red")]);
    Ok(())
}
