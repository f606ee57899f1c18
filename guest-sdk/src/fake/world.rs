//! What the fake host knows while code runs against it: one per thread.

use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;
use std::time::Duration;

use serde_json::Value;

use super::cookies::Cookies;
use super::session::{Session, refused};
use super::{OpenedSession, Reply, Report, SentRequest, reply};
use crate::{Scenario, glue};

thread_local! {
    static WORLD: RefCell<Option<World>> = const { RefCell::new(None) };
}

/// What [`abort`](crate::flow::abort) unwinds with, past the scenario.
pub(super) struct Aborted;

pub(super) enum Answer {
    InTurn(VecDeque<Rc<Reply>>),
    Made(Rc<dyn Fn(&SentRequest) -> Reply>),
}

pub(super) struct Route {
    method: String,
    path: String,
    pub(super) answer: Answer,
}

impl Route {
    pub(super) fn new(method: &str, path: &str, answer: Answer) -> Self {
        Self {
            method: method.to_owned(),
            path: path.to_owned(),
            answer,
        }
    }

    pub(super) fn is(&self, method: &str, path: &str) -> bool {
        self.method == method && self.path == path
    }

    fn takes(&self, request: &SentRequest) -> bool {
        self.method == request.method && (self.path == request.path() || self.path == request.url)
    }
}

/// The sessions of a path, one after another.
pub(super) struct SocketRoute {
    pub(super) path: String,
    pub(super) sessions: VecDeque<Rc<Session>>,
}

/// What the test told.
#[derive(Default)]
pub(super) struct Routes {
    pub(super) requests: Vec<Route>,
    pub(super) sockets: Vec<SocketRoute>,
}

/// What a scenario's options declare.
pub(super) struct Declarations {
    defaults: BTreeMap<String, Option<String>>,
    secrets: BTreeMap<String, Option<String>>,
    metrics: BTreeMap<String, DeclaredMetric>,
}

struct DeclaredMetric {
    kind: String,
    unit: String,
}

impl Declarations {
    pub(super) fn of<S: Scenario>() -> Self {
        let options: Value = serde_json::from_str(&glue::options::<S>()).expect("options are JSON");
        let mut declared = Self {
            defaults: BTreeMap::new(),
            secrets: BTreeMap::new(),
            metrics: BTreeMap::new(),
        };
        for (name, key) in options["config"].as_object().into_iter().flatten() {
            let default = key["default"].as_str().map(str::to_owned);
            let place = if key["secret"] == true {
                &mut declared.secrets
            } else {
                &mut declared.defaults
            };
            place.insert(name.clone(), default);
        }
        for (name, metric) in options["metrics"].as_object().into_iter().flatten() {
            let text = |member: &str| metric[member].as_str().unwrap_or_default().to_owned();
            let metric = DeclaredMetric {
                kind: text("type"),
                unit: text("unit"),
            };
            declared.metrics.insert(name.clone(), metric);
        }
        declared
    }
}

/// Who is running, and what.
#[derive(Clone, Copy)]
pub(super) struct Place {
    pub(super) vu: u32,
    pub(super) iteration: u64,
    pub(super) scenario: &'static str,
}

impl Place {
    /// Setup, and code that is only played.
    pub(super) fn outside_of_load(name: &'static str) -> Self {
        Self {
            vu: 0,
            iteration: 0,
            scenario: name,
        }
    }

    pub(super) fn first_user() -> Self {
        Self {
            vu: 1,
            iteration: 0,
            scenario: "default",
        }
    }
}

pub(super) struct World {
    config: BTreeMap<String, String>,
    secrets: BTreeMap<String, String>,
    routes: Routes,
    draws: VecDeque<f64>,
    declared: Option<Declarations>,
    /// The tags of this moment.
    pub(super) tags: Vec<(String, String)>,
    /// Those that `start` set: every iteration begins with them.
    lasting_tags: Vec<(String, String)>,
    pub(super) cookies: Cookies,
    /// Those that `start` left: every iteration begins with them.
    lasting_cookies: Cookies,
    pub(super) groups: Vec<String>,
    pub(super) place: Place,
    pub(super) report: Report,
}

impl World {
    pub(super) fn new(
        config: BTreeMap<String, String>,
        secrets: BTreeMap<String, String>,
        routes: Routes,
        draws: Vec<f64>,
        declared: Option<Declarations>,
    ) -> Self {
        Self {
            config,
            secrets,
            routes,
            draws: draws.into(),
            declared,
            tags: Vec::new(),
            lasting_tags: Vec::new(),
            cookies: Cookies::default(),
            lasting_cookies: Cookies::default(),
            groups: Vec::new(),
            place: Place::outside_of_load("default"),
            report: Report::default(),
        }
    }

    /// A new instance knows nothing of the one before.
    pub(super) fn begin_instance(&mut self, place: Place) {
        self.place = place;
        self.tags.clear();
        self.lasting_tags.clear();
        self.cookies = Cookies::default();
        self.lasting_cookies = Cookies::default();
        self.groups.clear();
    }

    pub(super) fn end_start(&mut self) {
        self.lasting_tags.clone_from(&self.tags);
        self.lasting_cookies.clone_from(&self.cookies);
    }

    pub(super) fn begin_iteration(&mut self, iteration: u64) {
        self.place.iteration = iteration;
        self.tags.clone_from(&self.lasting_tags);
        self.cookies.clone_from(&self.lasting_cookies);
        self.groups.clear();
    }

    pub(super) fn draw(&mut self) -> f64 {
        self.draws.pop_front().unwrap_or(0.5)
    }

    pub(super) fn value(&self, key: &str) -> Option<String> {
        match &self.declared {
            None => self.config.get(key).cloned(),
            Some(declared) => {
                let default = declared.defaults.get(key)?;
                self.config.get(key).or(default.as_ref()).cloned()
            }
        }
    }

    pub(super) fn secret(&self, key: &str) -> Option<String> {
        match &self.declared {
            None => self.secrets.get(key).cloned(),
            Some(declared) => {
                let default = declared.secrets.get(key)?;
                self.secrets.get(key).or(default.as_ref()).cloned()
            }
        }
    }

    pub(super) fn group_path(&self) -> String {
        self.groups
            .iter()
            .map(|group| format!("::{group}"))
            .collect()
    }

    pub(super) fn tags_with(&self, tags: &[(&str, &str)]) -> Vec<(String, String)> {
        let own = tags
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        self.tags.iter().cloned().chain(own).collect()
    }

    pub(super) fn record(&mut self, kind: &str, name: &str, value: f64, tags: &[(&str, &str)]) {
        if let Some(declared) = &self.declared {
            let known = declared.metrics.get(name);
            assert!(
                known.is_some_and(|metric| metric.kind == kind),
                "the {kind} `{name}` is not declared in the options"
            );
        }
        let tags = self.tags_with(tags);
        self.report.samples.push(super::Sample {
            metric: name.to_owned(),
            value,
            tags,
        });
    }

    pub(super) fn record_time(&mut self, name: &str, value: Duration, tags: &[(&str, &str)]) {
        if let Some(declared) = &self.declared {
            let known = declared.metrics.get(name);
            assert!(
                known.is_none_or(|metric| metric.unit == "ms"),
                "the trend `{name}` is not declared in milliseconds: it takes no time"
            );
        }
        self.record("trend", name, value.as_secs_f64() * 1000.0, tags);
    }
}

pub(super) fn install(world: World) {
    WORLD.with(|slot| {
        let mut slot = slot.borrow_mut();
        assert!(
            slot.is_none(),
            "a fake host is at work on this thread already"
        );
        *slot = Some(world);
    });
}

pub(super) fn take() -> World {
    WORLD
        .with(|slot| slot.borrow_mut().take())
        .expect("the fake host is still there")
}

pub(super) fn with<T>(act: impl FnOnce(&mut World) -> T) -> T {
    WORLD.with(|slot| {
        let mut slot = slot.borrow_mut();
        let world = slot.as_mut();
        act(world.expect("outside a component, this works only inside `fake::Host::run` or `play`"))
    })
}

/// Remembers a request and finds its answer.
pub(super) fn answer(request: SentRequest) -> Rc<Reply> {
    // A function of the test may use the host itself: no borrow is held then.
    let made = with(|world| {
        world.report.requests.push(request.clone());
        match world
            .routes
            .requests
            .iter_mut()
            .find(|route| route.takes(&request))
            .map(|r| &mut r.answer)
        {
            None => Ok(Rc::new(
                reply(404).text("the fake host was not told about this"),
            )),
            Some(Answer::Made(make)) => Err(Rc::clone(make)),
            Some(Answer::InTurn(replies)) => {
                let next = if replies.len() > 1 {
                    replies.pop_front()
                } else {
                    None
                };
                Ok(next.unwrap_or_else(|| Rc::clone(&replies[0])))
            }
        }
    });
    made.unwrap_or_else(|make| Rc::new(make(&request)))
}

/// Remembers a session, and finds who plays its other side; and its place in the
/// report.
pub(super) fn open(opened: OpenedSession) -> (Rc<Session>, usize) {
    with(|world| {
        let mut routes = world.routes.sockets.iter_mut();
        let route = routes.find(|route| route.path == opened.path() || route.path == opened.url);
        let session = route.and_then(|route| {
            if route.sessions.len() > 1 {
                route.sessions.pop_front()
            } else {
                route.sessions.front().cloned()
            }
        });
        world.report.sessions.push(opened);
        let session = session.unwrap_or_else(|| Rc::new(refused(404)));
        (session, world.report.sessions.len() - 1)
    })
}
