//! The load: workers are started, and heard until they are done.

use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::sync::mpsc::{self, UnboundedReceiver};
use tokio::sync::watch;
use tokio::time::{Instant, MissedTickBehavior, interval_at};

use super::collector::Collector;
use super::health::Health;
use super::signals::Signals;
use super::watch::count_dropped;
use super::worker::{self, Load, Report, ScenarioLoad};
use super::{Ending, Execution, Phase, RunError, Saturation};
use crate::executor::{Schedule, Urgency};
use crate::imports::Level;
use crate::plan::{OnNoVu, ScenarioPlan};
use crate::vu::Queueing;

/// How long after a second is over the workers' reports of it are in.
const BEHIND: Duration = Duration::from_millis(250);

impl Execution<'_> {
    /// Runs the load until its end, or until somebody stops it. How long it
    /// took, the making of VUs beforehand not included.
    pub(super) async fn load(
        &mut self,
        signals: &mut Signals,
        collector: &mut Collector,
    ) -> Result<Duration, RunError> {
        let plan = &self.job.plan;
        let schedule = |scenario| Schedule::new(scenario, &plan.part);
        let schedules: Vec<Schedule> = plan.scenarios.iter().map(schedule).collect();
        let existing: usize = schedules
            .iter()
            .map(|schedule| schedule.vus().count())
            .sum();
        collector.prepare(
            self.job.workers,
            u32::try_from(existing).unwrap_or(u32::MAX),
            worker::tags(plan, None),
            plan,
        );
        let own = |schedule: &Schedule| plan.part.vus().below(schedule.most_vus().into()) > 0;
        self.has_vus = schedules.iter().any(own);
        if !self.has_vus {
            let message = "this part of the run has no VU to run: it has nothing to do";
            self.observer.log(Level::Warn, &plan.name, 0, message);
        }
        let (start, started) = watch::channel(None);
        let (sender, mut reports) = mpsc::unbounded_channel();
        let mut threads = Vec::with_capacity(self.job.workers);
        let mut refused = None;
        let scenarios = self.scenario_loads(&schedules);
        let prepared = worker::prepared_before_the_load(&scenarios, self.job.workers);
        if prepared > 0 {
            self.observer.phase(Phase::Preparing(prepared));
        }
        self.memory.begin();
        let load = Load {
            plan: Arc::clone(plan),
            schema: Arc::clone(&self.job.schema),
            scenarios: Arc::clone(&scenarios),
            events: self.own_events.clone(),
            made: self.memory.made(),
            started,
            stop: self.stop.stop(),
        };
        let mut shifts: Vec<_> = schedules
            .iter()
            .map(|schedule| {
                let shifts = schedule.shifts(plan.seed, self.job.workers);
                shifts.into_iter()
            })
            .collect();
        for index in 0..self.job.workers {
            let shifts = shifts.iter_mut().map(Iterator::next).collect();
            let place = worker::Place {
                worker: index,
                workers: self.job.workers,
            };
            match worker::spawn(place, load.clone(), shifts, sender.clone()) {
                Ok(thread) => threads.push(thread),
                Err(error) => {
                    // A part of the load is no load: those that run already stop.
                    self.stop.request(Urgency::AtOnce);
                    refused = Some(error);
                    break;
                }
            }
        }
        drop((sender, load));
        self.until_ready(&threads, &mut reports, signals, collector)
            .await;
        // What setup and preparation measured is of no window of the load, nor of
        // its rates.
        collector.begin_load();
        let load_start = Instant::now();
        self.observer.phase(Phase::Load);
        // Workers that are gone, as after a stop, have nobody who listens.
        let _ = start.send(Some(load_start));
        self.until_done(load_start, &threads, &mut reports, signals, collector)
            .await;
        self.count_unstarted(&scenarios);
        collector.end_load();
        let load_time = load_start.elapsed();
        for thread in threads {
            if let Err(panic) = thread.join() {
                std::panic::resume_unwind(panic);
            }
        }
        match refused {
            Some(error) => Err(error.into()),
            None => Ok(load_time),
        }
    }

    /// What the workers need to know of each scenario.
    fn scenario_loads(&self, schedules: &[Schedule]) -> Arc<[ScenarioLoad]> {
        let plan = &self.job.plan;
        let mut first_vu = 1;
        let loads = plan
            .scenarios
            .iter()
            .zip(schedules)
            .map(|(scenario, schedule)| {
                let load = ScenarioLoad {
                    part: self.parts.of(scenario),
                    iterations: schedule.iterations(),
                    first_vu,
                    queueing: queueing(scenario),
                    schedule: schedule.clone(),
                };
                first_vu = load.schedule.most_vus().saturating_add(first_vu);
                load
            });
        loads.collect()
    }

    /// Counts the iterations that were planned, and for which there was no time.
    /// Those of a run that was stopped are nobody's loss.
    fn count_unstarted(&self, scenarios: &[ScenarioLoad]) {
        if self.stop.requested() != Urgency::None {
            return;
        }
        for (scenario, plan) in scenarios.iter().zip(&self.job.plan.scenarios) {
            let planned = scenario.schedule.planned_iterations().unwrap_or(0);
            let left = planned.saturating_sub(scenario.iterations.taken());
            if left > 0 {
                count_dropped(worker::tags(&self.job.plan, Some(plan)), left);
            }
        }
    }

    /// Waits until every worker has made the VUs that must be there at the start.
    /// A signal gives that up: there is no iteration yet to come to its end.
    async fn until_ready(
        &mut self,
        workers: &[JoinHandle<()>],
        reports: &mut UnboundedReceiver<Report>,
        signals: &mut Signals,
        collector: &mut Collector,
    ) {
        let (mut ready, mut not_in_time) = (0, 0);
        let mut look = tokio::time::interval(worker::MERGE_EVERY);
        while ready < workers.len() {
            tokio::select! {
                report = reports.recv() => match report {
                    Some(Report::Ready { earlier, unready }) => {
                        collector.merge_earlier(earlier);
                        ready += 1;
                        not_in_time += unready;
                    }
                    Some(Report::Second(second)) => collector.merge(second),
                    Some(Report::Done(second)) => collector.merge_last(second),
                    None => return,
                },
                Some(event) = self.events.recv() => self.handle(event),
                () = signals.next() => {
                    self.endings.add(Ending::Stopped);
                    self.stop_load();
                    self.stop.request(Urgency::AtOnce);
                }
                _ = look.tick() => {
                    self.look_at_memory();
                    // The others would wait for ever for one that panicked.
                    if workers.iter().any(JoinHandle::is_finished) {
                        self.stop.request(Urgency::AtOnce);
                        return;
                    }
                }
            }
        }
        if not_in_time > 0 {
            let message = format!(
                "{not_in_time} VUs are still not ready: the load starts, and they get ready in it; look at what their \
                 start waits for"
            );
            self.observer
                .log(Level::Warn, &self.job.plan.name, 0, &message);
        }
    }

    /// Says when VUs that are still to be made will not find memory.
    fn look_at_memory(&mut self) {
        if let Some(found) = self.memory.look() {
            let (name, message) = (&self.job.plan.name, found.to_string());
            self.observer.log(Level::Warn, name, 0, &message);
        }
    }

    /// Listens until all workers are done.
    async fn until_done(
        &mut self,
        load_start: Instant,
        threads: &[JoinHandle<()>],
        reports: &mut UnboundedReceiver<Report>,
        signals: &mut Signals,
        collector: &mut Collector,
    ) {
        let paced = |scenario: &ScenarioPlan| has_rate(scenario) || scenario.pacing.is_some();
        let mut health = Health::new(self.job.plan.scenarios.iter().any(paced));
        let mut done = vec![false; threads.len()];
        let mut tick = interval_at(
            load_start + worker::MERGE_EVERY + BEHIND,
            worker::MERGE_EVERY,
        );
        tick.set_missed_tick_behavior(MissedTickBehavior::Skip);
        loop {
            tokio::select! {
                report = reports.recv() => match report {
                    Some(Report::Second(second)) => collector.merge(second),
                    Some(Report::Done(second)) => {
                        done[second.worker] = true;
                        collector.merge_last(second);
                    }
                    Some(Report::Ready { earlier, .. }) => collector.merge_earlier(earlier),
                    None => break,
                },
                Some(event) = self.events.recv() => self.handle(event),
                () = signals.next() => self.stop_by_signal(),
                _ = tick.tick() => {
                    let elapsed = load_start.elapsed();
                    self.check(&mut health, collector, seconds_in(elapsed));
                    self.look_at_memory();
                    self.judge(collector, elapsed);
                    let panicked = |(thread, done): (&JoinHandle<()>, &bool)| {
                        thread.is_finished() && !done
                    };
                    if threads.iter().zip(&done).any(panicked) {
                        // What it has under way is lost, and others would go on
                        // handing iterations to it.
                        self.stop.request(Urgency::AtOnce);
                    }
                }
            }
        }
        if self.stop.requested() == Urgency::None {
            collector.slide(load_start.elapsed().min(self.job.plan.load_time()));
        }
        if let Some(found) = health.found()
            && self.job.saturation == Saturation::Invalidates
        {
            self.endings.add(Ending::Saturated(found.to_owned()));
        }
    }

    /// Says when the generator does not keep up.
    fn check(&mut self, health: &mut Health, collector: &mut Collector, seconds: u64) {
        for workers in collector.take_health(seconds) {
            let Some(found) = health.second(&workers) else {
                continue;
            };
            let consequence = match self.job.saturation {
                Saturation::Invalidates => "the run is invalid; use fewer VUs, or more cores",
                Saturation::Warns => "the target is on the same machine, so the run counts",
            };
            let message = format!("{found}: {consequence}");
            self.observer
                .log(Level::Warn, &self.job.plan.name, 0, &message);
        }
    }

    /// Shows how the run stands, and stops it where a threshold says so.
    fn judge(&mut self, collector: &mut Collector, elapsed: Duration) {
        // Exactly the time that the samples so far are of: a rate by any other
        // would not be theirs.
        let in_by_now = Duration::from_secs(seconds_in(elapsed));
        collector.sample_vus();
        if self.stop.requested() == Urgency::None {
            // While the last iterations come to their end, less happens than is
            // to be expected of a window.
            collector.slide(in_by_now.min(self.job.plan.load_time()));
        }
        self.pass_on(collector);
        self.observer.progress(collector.snapshot(elapsed));
        if self.stop.requested() != Urgency::None {
            return;
        }
        let verdicts = collector.evaluate(&self.job.plan.thresholds, in_by_now);
        for verdict in verdicts.into_iter().filter(|verdict| verdict.abort) {
            let why = format!(
                "the threshold `{}: {}` failed and ends the run",
                verdict.selector, verdict.threshold
            );
            self.observer
                .log(Level::Error, &self.job.plan.name, 0, &why);
            self.ended_by.push((verdict.selector, verdict.threshold));
        }
        if !self.ended_by.is_empty() {
            self.stop_load();
        }
    }

    pub(super) fn stop_load(&mut self) {
        if self.stop.requested() == Urgency::None {
            self.observer.phase(Phase::Stopping);
        }
        self.stop.request(Urgency::Graceful);
    }

    fn stop_by_signal(&mut self) {
        let again = self.endings.all().contains(&Ending::Stopped);
        self.endings.add(Ending::Stopped);
        if again {
            self.stop.request(Urgency::AtOnce);
        } else {
            self.stop_load();
        }
    }
}

/// How many seconds of the load the workers have reported after so much time.
fn seconds_in(elapsed: Duration) -> u64 {
    elapsed.saturating_sub(BEHIND).as_secs()
}

/// Whether the clock starts its iterations and no VU.
fn has_rate(scenario: &ScenarioPlan) -> bool {
    scenario.executor.pool().is_some()
}

/// Whether its iterations can wait for their turn.
fn queueing(scenario: &ScenarioPlan) -> Queueing {
    let queues = scenario
        .executor
        .pool()
        .is_some_and(|pool| pool.on_no_vu == OnNoVu::Queue);
    if queues || scenario.pacing.is_some() {
        Queueing::Possible
    } else {
        Queueing::None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_seconds_that_are_reported_count_and_each_of_them_whole() {
        let at = |milliseconds| seconds_in(Duration::from_millis(milliseconds));
        // When the look at the reports is on time, and when it is late.
        assert_eq!((at(1_250), at(1_251), at(2_249)), (1, 1, 1));
        assert_eq!((at(2_250), at(3_900)), (2, 3));
        assert_eq!(at(100), 0);
    }
}
