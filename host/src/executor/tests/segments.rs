//! The parts of a run, put together, are the whole run.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::arrival_times::arrivals_of;
use super::*;

/// All parts of a run that is divided in these proportions.
fn parts(sizes: &[u64]) -> Vec<ExecutionPart> {
    let period: u64 = sizes.iter().sum();
    let bounds = sizes.iter().scan(0, |at, size| {
        *at += size;
        Some(format!("{at}/{period}"))
    });
    let bounds: Vec<String> = std::iter::once("0".to_owned()).chain(bounds).collect();
    let sequence = bounds.join(",");
    let part = |pair: &[String]| {
        let segment = pair.join(":").parse().unwrap();
        ExecutionPart::new(Some(segment), Some(sequence.parse().unwrap())).unwrap()
    };
    bounds.windows(2).map(part).collect()
}

fn sizes() -> impl Strategy<Value = Vec<u64>> {
    prop::collection::vec(1_u64..20, 1..6)
}

fn with_users() -> impl Strategy<Value = Executor> {
    let stage = (0_u64..20, 0_u32..30).prop_map(|(seconds, target)| Stage {
        duration: Duration::from_secs(seconds),
        target,
    });
    prop_oneof![
        (1_u32..40).prop_map(|vus| Executor::ConstantVus {
            vus,
            duration: 9 * SECOND
        }),
        (1_u32..40, 1_u64..9).prop_map(|(vus, iterations)| Executor::PerVuIterations {
            vus,
            iterations,
            max_duration: 60 * SECOND,
        }),
        (1_u32..40, 1_u64..300).prop_map(|(vus, iterations)| Executor::SharedIterations {
            vus,
            iterations,
            max_duration: 60 * SECOND,
        }),
        (0_u32..30, prop::collection::vec(stage, 1..5)).prop_map(|(start_vus, stages)| {
            Executor::RampingVus {
                start_vus,
                stages,
                graceful_ramp_down: SECOND,
            }
        }),
    ]
}

fn with_rates() -> impl Strategy<Value = Executor> {
    let pools = (0_u32..20, 1_u32..20, any::<bool>()).prop_map(|(pre, more, random)| ArrivalPool {
        arrivals: if random {
            Arrivals::Poisson
        } else {
            Arrivals::Even
        },
        ..pool(pre, pre + more)
    });
    let stage = (0_u64..20, 0_u64..30).prop_map(|(seconds, target)| RateStage {
        duration: Duration::from_secs(seconds),
        target,
    });
    let stages = prop::collection::vec(stage, 1..5);
    (pools, 0_u64..50, stages, any::<bool>()).prop_map(|(pool, rate, stages, constant)| {
        if constant {
            return constant_rate(rate + 1, 7 * SECOND, pool);
        }
        Executor::RampingArrivalRate {
            start_rate: rate,
            time_unit: SECOND,
            stages,
            pool,
        }
    })
}

proptest! {
    #[test]
    fn users_of_the_parts_are_those_of_the_whole_and_at_the_same_times(
        executor in with_users(),
        sizes in sizes(),
    ) {
        let scenario = scenario(executor);
        let whole = Schedule::new(&scenario, &ExecutionPart::whole());
        let mut users: Vec<(u32, Vec<Activity>)> = Vec::new();
        for part in parts(&sizes) {
            let schedule = Schedule::new(&scenario, &part);
            users.extend(schedule.vus().map(|vu| (vu, schedule.activities(vu))));
        }
        users.sort_by_key(|&(vu, _)| vu);
        let expected: Vec<_> = whole.vus().map(|vu| (vu, whole.activities(vu))).collect();
        prop_assert_eq!(users, expected);
    }

    #[test]
    fn iterations_of_the_parts_are_those_of_the_whole(executor in with_users(), sizes in sizes()) {
        let scenario = scenario(executor);
        let whole = Schedule::new(&scenario, &ExecutionPart::whole());
        let in_all = match scenario.executor {
            Executor::SharedIterations { iterations, .. } => iterations,
            Executor::PerVuIterations { vus, iterations, .. } => u64::from(vus) * iterations,
            _ => 500,
        };
        let mut numbers = BTreeSet::new();
        for part in parts(&sizes) {
            let schedule = Schedule::new(&scenario, &part);
            let iterations = schedule.iterations();
            // As many as the part's VUs run, where each runs its own; for the
            // others, as far as the comparison goes.
            let most = match schedule.iterations_per_vu() {
                Some(each) => schedule.vus().count() as u64 * each,
                None => u64::MAX,
            };
            for _ in 0..most {
                let Some(number) = iterations.take().filter(|&number| number < in_all) else {
                    break;
                };
                prop_assert!(numbers.insert(number), "{number} twice");
            }
        }
        if whole.most_vus() > 0 {
            prop_assert_eq!(numbers, (0..in_all).collect::<BTreeSet<_>>());
        }
    }

    #[test]
    fn arrivals_of_the_parts_are_those_of_the_whole_and_each_part_has_users_for_its_own(
        executor in with_rates(),
        sizes in sizes(),
        seed in any::<u64>(),
    ) {
        let scenario = scenario(executor);
        let whole = Schedule::new(&scenario, &ExecutionPart::whole());
        let whole_plan = whole.arrival_plan(Seed(seed)).unwrap();
        let (mut arrivals, mut vus) = (Vec::new(), Vec::new());
        let (mut pre_allocated, mut most) = (0, 0);
        for part in parts(&sizes) {
            let schedule = Schedule::new(&scenario, &part);
            vus.extend(schedule.vus());
            let Some(plan) = schedule.arrival_plan(Seed(seed)) else {
                prop_assert_eq!(schedule.vus().count(), 0);
                continue;
            };
            prop_assert!(plan.max_vus > 0);
            pre_allocated += plan.pre_allocated_vus;
            most += plan.max_vus;
            arrivals.extend(arrivals_of(&scenario, &part, seed));
        }
        arrivals.sort_by_key(|arrival| arrival.number);
        vus.sort_unstable();
        prop_assert_eq!(arrivals, arrivals_of(&scenario, &ExecutionPart::whole(), seed));
        prop_assert_eq!(vus, whole.vus().collect::<Vec<_>>());
        prop_assert_eq!(pre_allocated, whole_plan.pre_allocated_vus);
        prop_assert_eq!(most, whole_plan.max_vus);
    }
}

/// What the three parts of a run do, beside what one process does.
#[tokio::test(start_paused = true)]
async fn three_processes_together_do_what_one_does() {
    let ramping = Executor::RampingVus {
        start_vus: 1,
        stages: stages([(10, 11), (5, 3)]),
        graceful_ramp_down: Duration::ZERO,
    };
    let rate = constant_rate(20, 15 * SECOND, pool(12, 12));
    for executor in [ramping, rate] {
        let whole = World::new(executor.clone(), |_| 510 * MILLISECOND)
            .run()
            .await;
        let mut active = vec![0; 17];
        let (mut starts, mut vus) = (Vec::new(), BTreeSet::new());
        for part in parts(&[2, 1, 1]) {
            let mut world = World::new(executor.clone(), |_| 510 * MILLISECOND);
            world.part = part;
            let world = world.run().await;
            for (second, of_part) in world.active_each_second(16).into_iter().enumerate() {
                active[second] += of_part;
            }
            for (at, event) in world.events() {
                if let Event::Started { vu, number, .. } = event {
                    starts.push((at, number));
                    vus.insert(vu);
                }
            }
        }
        assert_eq!(active, whole.active_each_second(16));
        let mut times: Vec<_> = starts.iter().map(|&(at, _)| at).collect();
        times.sort_unstable();
        assert_eq!(times, whole.start_times());
        let numbers: BTreeSet<_> = starts.iter().map(|&(_, number)| number).collect();
        assert_eq!(numbers.len(), starts.len(), "no number twice");
        assert_eq!(
            vus.len(),
            if matches!(executor, Executor::RampingVus { .. }) {
                11
            } else {
                12
            }
        );
    }
}
