#![allow(clippy::unwrap_used)]

use proptest::prelude::*;

use super::*;

#[test]
fn every_form_of_the_grammar_is_read() {
    for (text, aggregation, operator, bound) in [
        ("count>100", Aggregation::Count, Operator::Greater, 100.0),
        ("rate<0.01", Aggregation::Rate, Operator::Less, 0.01),
        (
            "value >= 1e3",
            Aggregation::Value,
            Operator::GreaterOrEqual,
            1000.0,
        ),
        (" avg != -1 ", Aggregation::Avg, Operator::NotEqual, -1.0),
        ("med==2", Aggregation::Med, Operator::Equal, 2.0),
        ("min===2", Aggregation::Min, Operator::Equal, 2.0),
        (
            "\tmin \n === \u{a0}2 ",
            Aggregation::Min,
            Operator::Equal,
            2.0,
        ),
        ("count>+1.5E2", Aggregation::Count, Operator::Greater, 150.0),
        ("max<=.5", Aggregation::Max, Operator::LessOrEqual, 0.5),
        (
            "p( 99.9 )<1000",
            Aggregation::Percentile(Percentile(99.9)),
            Operator::Less,
            1000.0,
        ),
    ] {
        let read: Expression = text.parse().unwrap();
        assert_eq!(
            (read.aggregation, read.operator, read.bound),
            (aggregation, operator, bound)
        );
        assert_eq!(read.to_string(), text.trim());
    }
}

#[test]
fn a_mistake_is_pointed_at() {
    for (text, column) in [
        ("p95<500", 1),
        ("p(101)<5", 2),
        ("p(95<500", 4),
        ("mean<1", 0),
        ("rate=0.1", 4),
        ("rate<", 5),
        ("rate<0.1 %", 9),
        ("rate<1 2", 7),
        ("p()<1", 2),
        ("p(95", 4),
        ("p(9,5)<1", 3),
        ("p(-1)<1", 2),
        ("avg", 3),
        ("avg 5", 4),
        ("avg=>5", 3),
        ("avg!5", 3),
        ("avg<inf", 4),
        ("avg<NaN", 4),
        ("avg<1.2.3", 4),
        ("Avg<1", 0),
        ("é<1", 0),
        ("avg<é", 4),
        ("  <1", 2),
        ("", 0),
    ] {
        let error = text.parse::<Expression>().unwrap_err();
        let MetricsError::Syntax { column: at, .. } = &error else {
            panic!("{error:?}")
        };
        assert_eq!(*at, column, "{text}: {error}");
    }
    let error = "p(95)<5oo".parse::<Expression>().unwrap_err();
    assert_eq!(
        error.to_string(),
        "the end was expected\n  p(95)<5oo\n         ^"
    );
}

#[test]
fn a_rate_has_no_percentile_and_says_what_it_has() {
    let expression: Expression = "p(95)<1".parse().unwrap();
    let error = expression.check(MetricType::Rate).unwrap_err();
    assert_eq!(
        error.to_string(),
        "`p(95)` is nothing that a rate has; it has rate"
    );
    assert_eq!(expression.check(MetricType::Trend), Ok(()));
}

proptest! {
    #[test]
    fn no_text_panics_the_parser(text in "\\PC{0,30}") {
        let _ = text.parse::<Expression>();
    }

    #[test]
    fn a_bound_is_read_exactly(bound in -1e9_f64..1e9) {
        let read: Expression = format!("avg<{bound}").parse().unwrap();
        prop_assert_eq!(read.bound, bound);
    }
}
