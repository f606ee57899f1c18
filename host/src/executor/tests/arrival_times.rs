//! When a rate starts which iteration: exact times, and random ones.

use proptest::prelude::*;

use super::*;
use crate::executor::arrivals::Arrival;

fn arrivals(executor: Executor, seed: u64) -> Vec<Arrival> {
    arrivals_of(&scenario(executor), &ExecutionPart::whole(), seed)
}

pub(super) fn arrivals_of(
    scenario: &ScenarioPlan,
    part: &ExecutionPart,
    seed: u64,
) -> Vec<Arrival> {
    Schedule::new(scenario, part)
        .arrival_plan(Seed(seed))
        .map(|plan| plan.arrivals.of_worker(0, 1).collect())
        .unwrap_or_default()
}

fn poisson(executor: Executor) -> Executor {
    let with = |pool: ArrivalPool| ArrivalPool {
        arrivals: Arrivals::Poisson,
        ..pool
    };
    match executor {
        Executor::ConstantArrivalRate {
            rate,
            time_unit,
            duration,
            pool,
        } => Executor::ConstantArrivalRate {
            rate,
            time_unit,
            duration,
            pool: with(pool),
        },
        Executor::RampingArrivalRate {
            start_rate,
            time_unit,
            stages,
            pool,
        } => Executor::RampingArrivalRate {
            start_rate,
            time_unit,
            stages,
            pool: with(pool),
        },
        other => other,
    }
}

#[test]
fn after_thirty_days_an_iteration_still_starts_on_its_nanosecond() {
    let thirty_days = 30 * 24 * 3600;
    // A period of 1/7 s has no end in decimal or binary places.
    let executor = constant_rate(7, thirty_days * SECOND, pool(1, 1));
    let plan = Schedule::new(&scenario(executor), &ExecutionPart::whole())
        .arrival_plan(Seed(1))
        .unwrap();
    let last = 7 * u64::from(thirty_days) - 1;
    let mut arrivals = plan.arrivals.of_worker(last as usize, 1);
    let exact = u128::from(last) * 1_000_000_000 / 7;
    let at = Duration::from_nanos(exact as u64);
    assert_eq!(arrivals.next(), Some(Arrival { number: last, at }));
    assert_eq!(arrivals.next(), None);
}

#[test]
fn a_rate_of_none_starts_nothing_and_a_jump_takes_no_time() {
    let executor = Executor::RampingArrivalRate {
        start_rate: 0,
        time_unit: SECOND,
        stages: rate_stages([(5, 0), (0, 2), (1, 2), (0, 0), (5, 0), (0, 1), (2, 1)]),
        pool: pool(1, 1),
    };
    let times: Vec<_> = arrivals(executor, 1)
        .into_iter()
        .map(|arrival| arrival.at)
        .collect();
    assert_eq!(
        times,
        [5_500, 6_000, 12_000, 13_000].map(Duration::from_millis)
    );
}

#[test]
fn a_rate_counts_in_its_time_unit() {
    let executor = Executor::ConstantArrivalRate {
        rate: 90,
        time_unit: 60 * 60 * SECOND,
        duration: 120 * SECOND,
        pool: pool(1, 1),
    };
    let times: Vec<_> = arrivals(executor, 1)
        .into_iter()
        .map(|arrival| arrival.at)
        .collect();
    assert_eq!(times, [0, 40, 80].map(Duration::from_secs));
}

#[test]
fn the_largest_rate_over_the_longest_time_is_still_exact() {
    let century = Duration::from_secs(100 * 365 * 24 * 3600);
    for (from, to) in [(u64::MAX, 0), (0, u64::MAX), (u64::MAX, u64::MAX)] {
        let executor = Executor::RampingArrivalRate {
            start_rate: from,
            time_unit: century,
            stages: vec![RateStage {
                duration: century,
                target: to,
            }],
            pool: pool(1, 1),
        };
        let plan = Schedule::new(&scenario(executor), &ExecutionPart::whole())
            .arrival_plan(Seed(1))
            .unwrap();
        let nth = |n: usize| plan.arrivals.of_worker(n, 1).next();
        // The whole area is this many iterations, and half of one where it ramps.
        let count = if from == to {
            usize::MAX
        } else {
            usize::MAX / 2
        };
        let times: Vec<_> = [0, 1, count / 2, count - 1]
            .map(|n| nth(n).unwrap().at)
            .into();
        assert!(times.is_sorted(), "{times:?}");
        assert!(times.iter().all(|&at| at <= century), "{times:?}");
        assert!(nth(count).is_none());
    }
}

/// The area of a ramp after so many nanoseconds, times 2 · duration · time unit.
fn area(from: u64, to: u64, duration: u64, after: u64) -> i128 {
    let [from, to, duration, after] = [from, to, duration, after].map(i128::from);
    2 * duration * from * after + (to - from) * after * after
}

proptest! {
    #[test]
    fn an_iteration_starts_in_the_last_nanosecond_before_the_area_is_above_its_number(
        from in 0_u64..20_000,
        to in 0_u64..20_000,
        duration in 1_u64..200_000_000_000,
        time_unit in 1_000_000_u64..60_000_000_000,
        which in 0.0..1.0_f64,
    ) {
        let executor = Executor::RampingArrivalRate {
            start_rate: from,
            time_unit: Duration::from_nanos(time_unit),
            stages: vec![RateStage { duration: Duration::from_nanos(duration), target: to }],
            pool: pool(1, 1),
        };
        let scale = 2 * i128::from(duration) * i128::from(time_unit);
        let count = area(from, to, duration, duration) / scale;
        let plan = Schedule::new(&scenario(executor), &ExecutionPart::whole())
            .arrival_plan(Seed(1))
            .unwrap();
        let nth = |n: i128| plan.arrivals.of_worker(n as usize, 1).next();
        prop_assert_eq!(nth(count), None, "no more than the whole area");
        if count > 0 {
            let number = ((count as f64 * which) as i128).min(count - 1);
            let arrival = nth(number).unwrap();
            prop_assert_eq!(i128::from(arrival.number), number);
            let at = arrival.at.as_nanos() as u64;
            let wanted = (number + 1) * scale;
            prop_assert!(area(from, to, duration, at) <= wanted);
            if at < duration {
                prop_assert!(area(from, to, duration, at + 1) > wanted);
            }
        }
    }

    #[test]
    fn workers_divide_the_arrivals_among_them(
        rate in 1_u64..200,
        workers in 1_usize..9,
        random in any::<bool>(),
        seed in any::<u64>(),
    ) {
        let mut executor = constant_rate(rate, 10 * SECOND, pool(1, 1));
        if random {
            executor = poisson(executor);
        }
        let plan = Schedule::new(&scenario(executor.clone()), &ExecutionPart::whole())
            .arrival_plan(Seed(seed))
            .unwrap();
        let mut divided: Vec<Arrival> = Vec::new();
        for worker in 0..workers {
            divided.extend(plan.arrivals.of_worker(worker, workers));
        }
        divided.sort_by_key(|arrival| arrival.number);
        prop_assert_eq!(divided, arrivals(executor, seed));
    }
}

#[test]
fn poisson_arrivals_are_repeated_by_their_seed_and_scenario() {
    let executor = poisson(constant_rate(100, 10 * SECOND, pool(1, 1)));
    let first = arrivals(executor.clone(), 7);
    assert_eq!(first, arrivals(executor.clone(), 7));
    assert_ne!(first, arrivals(executor.clone(), 8));
    let mut other = scenario(executor);
    other.name = "other".to_owned();
    assert_ne!(first, arrivals_of(&other, &ExecutionPart::whole(), 7));
}

/// They are the same on every machine, and in every version to come.
#[test]
fn the_first_poisson_arrivals_of_a_seed_are_these() {
    let executor = poisson(constant_rate(1, 60 * SECOND, pool(1, 1)));
    let first: Vec<u128> = arrivals(executor, 1)
        .into_iter()
        .take(4)
        .map(|arrival| arrival.at.as_nanos())
        .collect();
    assert_eq!(
        first,
        [2_021_847_381, 2_704_113_603, 2_809_117_624, 3_089_212_817]
    );
}

#[test]
fn poisson_gaps_are_exponential() {
    let executor = poisson(constant_rate(1000, 200 * SECOND, pool(1, 1)));
    let times: Vec<f64> = arrivals(executor, 3)
        .into_iter()
        .map(|arrival| arrival.at.as_secs_f64() * 1000.0)
        .collect();
    let gaps: Vec<f64> = times.windows(2).map(|pair| pair[1] - pair[0]).collect();
    let count = gaps.len() as f64;
    // 200,000 expected, give or take five standard deviations.
    assert!(
        (count - 200_000.0).abs() < 5.0 * 200_000_f64.sqrt(),
        "{count}"
    );
    let mean = gaps.iter().sum::<f64>() / count;
    assert!((mean - 1.0).abs() < 0.012, "mean {mean}");
    // The share of gaps above x is exp(-x), within five standard deviations.
    for x in [0.1, 0.5, 1.0, 2.0, 4.0] {
        let share = gaps.iter().filter(|&&gap| gap > x).count() as f64 / count;
        let expected = f64::exp(-x);
        let deviation = (expected * (1.0 - expected) / count).sqrt();
        assert!(
            (share - expected).abs() < 5.0 * deviation,
            "above {x}: {share}"
        );
    }
    // Neighbours know nothing of each other.
    let products = gaps
        .windows(2)
        .map(|pair| (pair[0] - 1.0) * (pair[1] - 1.0));
    let correlation = products.sum::<f64>() / count;
    assert!(
        correlation.abs() < 5.0 / count.sqrt(),
        "correlation {correlation}"
    );
}

#[test]
fn poisson_arrivals_follow_a_ramp() {
    let ramp = poisson(Executor::RampingArrivalRate {
        start_rate: 0,
        time_unit: SECOND,
        stages: rate_stages([(100, 1000)]),
        pool: pool(1, 1),
    });
    let times = arrivals(ramp, 5);
    let before_half = times
        .iter()
        .filter(|arrival| arrival.at < 50 * SECOND)
        .count() as f64;
    // A quarter of the area of 50,000 lies in the first half of the time.
    assert!(
        (before_half - 12_500.0).abs() < 5.0 * 12_500_f64.sqrt(),
        "{before_half}"
    );
    assert!(times.windows(2).all(|pair| pair[0].at <= pair[1].at));
}
