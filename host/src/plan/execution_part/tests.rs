use proptest::prelude::*;

use super::*;

fn part(segment: &str, sequence: &str) -> ExecutionPart {
    ExecutionPart::new(
        Some(segment.parse().unwrap()),
        Some(sequence.parse().unwrap()),
    )
    .unwrap()
}

fn first(stripe: &Stripe, count: u64) -> Vec<u64> {
    (0..count).map(|place| stripe.nth(place)).collect()
}

#[test]
fn a_segment_is_read_from_each_of_k6s_notations() {
    let written = ["0:1/4", "1/4", "25%", "0.25", ".25", "0%:25%", "0/3:2/8"];
    for text in written {
        let segment: ExecutionSegment = text.parse().unwrap();
        assert_eq!(segment.to_string(), "0:1/4", "{text}");
    }
    let segment: ExecutionSegment = "50%:0.75".parse().unwrap();
    assert_eq!(segment.to_string(), "1/2:3/4");
}

#[test]
fn what_is_no_segment_is_refused_with_what_to_write() {
    for text in [
        "", "a", "1/0", "1.", "-1/4", "1e-1", "1/4:", ":1/2", "1/2/3", "%",
    ] {
        let error = text.parse::<ExecutionSegment>().unwrap_err();
        assert!(
            matches!(error, ExecutionPartError::Number(_)),
            "{text}: {error}"
        );
    }
    for text in ["0", "0:0", "1/2:1/4", "3/4:5/4", "120%"] {
        let error = text.parse::<ExecutionSegment>().unwrap_err();
        assert_eq!(error, ExecutionPartError::Bounds(text.to_owned()));
    }
    for text in ["1/2", "0,1/2,1/2,1", "1,0", "0,1,2"] {
        let error = text.parse::<ExecutionSegmentSequence>().unwrap_err();
        assert_eq!(error, ExecutionPartError::Order(text.to_owned()));
    }
}

#[test]
fn a_sequence_without_its_ends_is_filled_up() {
    let sequence: ExecutionSegmentSequence = "1/4,1/2".parse().unwrap();
    assert_eq!(sequence.to_string(), "0,1/4,1/2,1");
}

#[test]
fn a_segment_must_be_one_of_the_sequence() {
    let segment = "0:1/3".parse().unwrap();
    let sequence: ExecutionSegmentSequence = "0,1/4,1".parse().unwrap();
    let error = ExecutionPart::new(Some(segment), Some(sequence.clone())).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the segment 0:1/3 is none of the sequence 0,1/4,1; name one that lies between two neighbours of it"
    );
    let error = ExecutionPart::new(None, Some(sequence.clone())).unwrap_err();
    assert_eq!(error, ExecutionPartError::NoSegment(sequence));
    let fine = "1/1000003".parse().unwrap();
    let error = ExecutionPart::new(Some(fine), None).unwrap_err();
    assert!(matches!(error, ExecutionPartError::TooFine(_)), "{error}");
}

#[test]
fn nothing_said_is_the_whole_run() {
    let whole = ExecutionPart::new(None, None).unwrap();
    assert_eq!(whole, ExecutionPart::whole());
    assert!(whole.is_whole());
    assert_eq!(first(whole.vus(), 4), [0, 1, 2, 3]);
    assert_eq!(
        ExecutionPart::new(None, Some("0,1".parse().unwrap())).unwrap(),
        whole
    );
    assert_eq!(part("0:1", "0,1"), whole);
}

/// The example in the comments of k6's `lib/execution_segment.go`.
#[test]
fn half_and_two_quarters_take_turns_as_in_k6() {
    let sequence = "0,1/2,3/4,1";
    let halves = [
        ("0:1/2", vec![0, 2, 4, 6, 8, 10], [1, 1, 2, 2, 3, 3]),
        ("1/2:3/4", vec![1, 5, 9], [0, 1, 1, 1, 1, 2]),
        ("3/4:1", vec![3, 7, 11], [0, 0, 0, 1, 1, 1]),
    ];
    for (segment, numbers, scaled) in halves {
        let part = part(segment, sequence);
        assert_eq!(first(part.vus(), numbers.len() as u64), numbers, "{part}");
        let shares: Vec<u64> = (1..=6).map(|count| part.vus().below(count)).collect();
        assert_eq!(shares, scaled, "{part}");
    }
}

/// A sixth is too small to have a turn before the others had theirs.
#[test]
fn parts_of_three_sizes_take_turns_by_size() {
    let sequence = "0,1/6,1/2,1";
    assert_eq!(first(part("0:1/6", sequence).vus(), 2), [5, 11]);
    assert_eq!(first(part("1/6:1/2", sequence).vus(), 4), [1, 3, 7, 9]);
    assert_eq!(first(part("1/2:1", sequence).vus(), 4), [0, 2, 4, 6]);
}

#[test]
fn iterations_go_where_the_users_are() {
    let (first_half, second_half) = (part("0:1/2", "0,1/2,1"), part("1/2:1", "0,1/2,1"));
    assert_eq!(first_half.iterations(1), Some(Stripe::whole()));
    assert_eq!(second_half.iterations(1), None);
    assert_eq!(first(&first_half.iterations(3).unwrap(), 4), [0, 2, 3, 5]);
    assert_eq!(first(&second_half.iterations(3).unwrap(), 3), [1, 4, 7]);
    assert_eq!(first_half.iterations(0), None);
}

/// A division of a run: the sizes of its parts.
fn divisions() -> impl Strategy<Value = Vec<ExecutionPart>> {
    prop::collection::vec(1_u64..40, 1..7).prop_map(|sizes| {
        let period: u64 = sizes.iter().sum();
        let mut bounds = vec![0];
        for size in &sizes {
            bounds.push(bounds[bounds.len() - 1] + size);
        }
        let bounds: Vec<String> = bounds.iter().map(|at| format!("{at}/{period}")).collect();
        let sequence = bounds.join(",");
        bounds
            .windows(2)
            .map(|pair| part(&pair.join(":"), &sequence))
            .collect()
    })
}

proptest! {
    #[test]
    fn the_parts_take_every_number_exactly_once(parts in divisions(), number in 0_u64..1_000_000) {
        let owners = parts.iter().filter(|part| part.vus().contains(number)).count();
        prop_assert_eq!(owners, 1);
        let shares: u64 = parts.iter().map(|part| part.vus().below(number)).sum();
        prop_assert_eq!(shares, number);
    }

    #[test]
    fn the_place_of_a_number_is_the_count_of_those_below(parts in divisions(), place in 0_u64..100_000) {
        for part in &parts {
            let number = part.vus().nth(place);
            prop_assert!(part.vus().contains(number));
            prop_assert_eq!(part.vus().below(number), place);
        }
    }

    #[test]
    fn a_part_has_its_share_and_less_than_one_more_or_less_for_each_part(
        parts in divisions(),
        count in 0_u64..10_000,
    ) {
        for part in &parts {
            let stripe = part.vus();
            let exact = stripe.below(stripe.period()) as f64 / stripe.period() as f64 * count as f64;
            let difference = (stripe.below(count) as f64 - exact).abs();
            prop_assert!(difference < parts.len() as f64, "{part}: {difference}");
        }
    }

    #[test]
    fn the_parts_that_have_users_take_every_iteration_exactly_once(
        parts in divisions(),
        vus in 1_u32..200,
        number in 0_u64..1_000_000,
    ) {
        let owners: Vec<_> = parts
            .iter()
            .filter(|part| part.iterations(vus).is_some_and(|stripe| stripe.contains(number)))
            .collect();
        prop_assert_eq!(owners.len(), 1);
        prop_assert!(owners[0].vus().below(u64::from(vus)) > 0);
    }
}
