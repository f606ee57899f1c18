//! A host for unit tests: it answers requests as it was told, waits for
//! nothing, and remembers what the scenario did. It follows redirects and keeps
//! cookies (by host and name alone). Native targets only.
//!
//! ```
//! use vuelo_sdk::prelude::*;
//!
//! let report = fake::Host::new()
//!     .on("GET", "/health", fake::reply(503))
//!     .on("GET", "/health", fake::reply(200).json(&["fine"]))
//!     .play(|| {
//!         let health = http::get("http://localhost:7777/health").build();
//!         assert_eq!(health.send().unwrap().status(), 503);
//!         assert_eq!(health.send().unwrap().status(), 200);
//!     });
//! assert_eq!(report.requests.len(), 2);
//! ```

mod cookies;
pub(crate) mod load;
mod redirect;
mod reply;
mod report;
mod session;
mod world;

pub use reply::{Reply, fails, reply, unreachable};
pub use report::{Check, Line, OpenedSession, Report, Sample, SentRequest};
pub use session::{Session, refused, session};

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::rc::Rc;

use crate::{Failure, Scenario, Setup, glue};
use world::{Aborted, Answer, Declarations, Place, Route, Routes, SocketRoute, World};

/// A host in the making. What is asked of it and was not told is answered with
/// status 404, also where a session is asked for.
#[must_use = "a host does nothing until `run`, `run_with_setup`, `setup` or `play`"]
pub struct Host {
    config: BTreeMap<String, String>,
    secrets: BTreeMap<String, String>,
    routes: Routes,
    draws: Vec<f64>,
    iterations: u64,
    flow: String,
    data: String,
}

impl Default for Host {
    fn default() -> Self {
        Self::new()
    }
}

impl Host {
    /// A host that knows nothing.
    pub fn new() -> Self {
        Self {
            config: BTreeMap::new(),
            secrets: BTreeMap::new(),
            routes: Routes::default(),
            draws: Vec::new(),
            iterations: 1,
            flow: "default".to_owned(),
            data: "null".to_owned(),
        }
    }

    /// Gives a configuration key a value, in place of its declared default.
    pub fn config(mut self, key: &str, value: &str) -> Self {
        self.config.insert(key.to_owned(), value.to_owned());
        self
    }

    /// Gives a secret a value.
    pub fn secret(mut self, key: &str, value: &str) -> Self {
        self.secrets.insert(key.to_owned(), value.to_owned());
        self
    }

    /// Answers requests of this method to this path (or, with a scheme, this
    /// URL). Told several times, it answers one after another; the last answer
    /// stays.
    pub fn on(mut self, method: &str, path: &str, reply: Reply) -> Self {
        let reply = Rc::new(reply);
        let routes = &mut self.routes.requests;
        let place = routes.iter_mut().find(|route| route.is(method, path));
        match place {
            Some(Route {
                answer: Answer::InTurn(replies),
                ..
            }) => replies.push_back(reply),
            _ => routes.push(Route::new(method, path, Answer::InTurn([reply].into()))),
        }
        self
    }

    /// Answers such requests with what the function makes of each.
    pub fn on_each(
        mut self,
        method: &str,
        path: &str,
        answer: impl Fn(&SentRequest) -> Reply + 'static,
    ) -> Self {
        self.routes
            .requests
            .push(Route::new(method, path, Answer::Made(Rc::new(answer))));
        self
    }

    /// Plays the other side of a session that is opened with this path (or, with
    /// a scheme, this URL). Told several times, it plays one after another; the
    /// last one stays.
    pub fn on_socket(mut self, path: &str, session: Session) -> Self {
        let routes = &mut self.routes.sockets;
        match routes.iter_mut().find(|route| route.path == path) {
            Some(route) => route.sessions.push_back(Rc::new(session)),
            None => routes.push(SocketRoute {
                path: path.to_owned(),
                sessions: [Rc::new(session)].into(),
            }),
        }
        self
    }

    /// What [`random`](crate::random), [`chance`](crate::chance) and
    /// [`pick`](crate::pick) draw, one after another; 0.5 when they are used up.
    /// Think times take none of them: they are the middle of their range.
    pub fn draws(mut self, draws: impl IntoIterator<Item = f64>) -> Self {
        self.draws.extend(draws);
        self
    }

    /// How many iterations [`run`](Self::run) makes; 1 unless set.
    pub fn iterations(mut self, iterations: u64) -> Self {
        self.iterations = iterations;
        self
    }

    /// The flow that the iterations are of; `default` unless set.
    pub fn flow(mut self, flow: &str) -> Self {
        self.flow = flow.to_owned();
        self
    }

    /// The JSON text that stands for what setup returned; `null` unless set.
    pub fn data(mut self, json: &str) -> Self {
        self.data = json.to_owned();
        self
    }

    /// Runs one virtual user: its start and its iterations. What fails is found
    /// in [`Report::failures`].
    pub fn run<S: Scenario>(self) -> Report {
        let (iterations, flow, data) = (self.iterations, self.flow.clone(), self.data.clone());
        self.enter(Some(Declarations::of::<S>()), || {
            drive::<S>(iterations, &flow, &data)
        })
        .1
    }

    /// Runs the setup, and one virtual user with what it returned.
    pub fn run_with_setup<S: Setup>(self) -> Report {
        let (iterations, flow) = (self.iterations, self.flow.clone());
        self.enter(Some(Declarations::of::<S>()), || {
            enter_setup();
            match glue::setup::<S>() {
                Ok(data) => drive::<S>(iterations, &flow, &data),
                Err(failure) => world::with(|world| world.report.failures.push(failure)),
            }
        })
        .1
    }

    /// Runs the setup alone.
    ///
    /// # Errors
    ///
    /// What the setup returns.
    ///
    /// # Panics
    ///
    /// If the setup aborts the run.
    pub fn setup<S: Setup>(self) -> (Result<S::Data, Failure>, Report) {
        let (outcome, report) = self.enter(Some(Declarations::of::<S>()), || {
            enter_setup();
            S::setup()
        });
        (outcome.expect("the setup comes to an end"), report)
    }

    /// Runs any code against this host, every key and metric taken as declared.
    pub fn play<T>(self, code: impl FnOnce() -> T) -> Report {
        self.enter(None, code).1
    }

    fn enter<T>(
        self,
        declared: Option<Declarations>,
        code: impl FnOnce() -> T,
    ) -> (Option<T>, Report) {
        world::install(World::new(
            self.config,
            self.secrets,
            self.routes,
            self.draws,
            declared,
        ));
        let outcome = catch_unwind(AssertUnwindSafe(code));
        let report = world::take().report;
        match outcome {
            Ok(value) => (Some(value), report),
            Err(panic) if panic.is::<Aborted>() => (None, report),
            Err(panic) => resume_unwind(panic),
        }
    }
}

fn enter_setup() {
    world::with(|world| world.begin_instance(Place::outside_of_load("setup")));
}

fn drive<S: Scenario>(iterations: u64, flow: &str, data: &str) {
    let slot = glue::Slot::<S>::empty();
    let note = |outcome: Result<(), String>| match outcome {
        Ok(()) => true,
        Err(failure) => {
            world::with(|world| world.report.failures.push(failure));
            false
        }
    };
    world::with(|world| world.begin_instance(Place::first_user()));
    if !note(glue::start(&slot, data)) {
        return;
    }
    world::with(World::end_start);
    for iteration in 0..iterations {
        world::with(|world| world.begin_iteration(iteration));
        note(glue::iteration(&slot, flow));
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::prelude::*;

    static SEEN: Counter = Counter::new("seen");
    static UNDECLARED: Counter = Counter::new("undeclared");
    static PLAIN: Trend = Trend::new("plain");

    struct Visitor {
        greeting: String,
        visits: u32,
    }

    impl Scenario for Visitor {
        type Data = String;

        fn options() -> Options {
            Options::new()
                .config(Key::url("BASE_URL").default("http://localhost"))
                .metric(&SEEN)
                .metric(&PLAIN)
        }

        fn start(greeting: String) -> Result<Self, Failure> {
            flow::set_tag("since", "start");
            Ok(Self {
                greeting,
                visits: 0,
            })
        }

        fn iteration(&mut self, flow: &str) -> Result<(), Failure> {
            self.visits += 1;
            match flow {
                "default" => {
                    SEEN.add_tagged(self.visits, &[("greeting", &self.greeting)]);
                    Ok(())
                }
                "fails" => Err("no luck".into()),
                "aborts" => flow::abort("enough"),
                "undeclared" => {
                    UNDECLARED.add(1);
                    Ok(())
                }
                "tags" => {
                    check("begins", true);
                    flow::set_tag("visit", "first");
                    flow::remove_tag("since");
                    check("in the open", config::get("SOMETHING").is_none());
                    Ok(())
                }
                "a time among numbers" => {
                    PLAIN.add(seconds(1));
                    Ok(())
                }
                "says who it is" => {
                    let (vu, iteration) = (flow::vu(), flow::vu_iteration());
                    info!("{} {vu} {iteration}", flow::scenario_name());
                    Ok(())
                }
                other => Err(flow::unknown_flow(other, &["default"])),
            }
        }
    }

    impl Setup for Visitor {
        fn setup() -> Result<String, Failure> {
            flow::set_tag("since", "setup");
            info!("{} {}", flow::scenario_name(), flow::vu());
            Ok(http::get(&config::require("BASE_URL")?).send()?.text()?)
        }
    }

    #[test]
    fn what_setup_returns_reaches_the_virtual_user_and_its_state_lasts() {
        let report = Host::new()
            .on("GET", "/", reply(200).text("hello"))
            .iterations(2)
            .run_with_setup::<Visitor>();
        assert!(report.failures.is_empty());
        assert_eq!(report.values("seen"), [1.0, 2.0]);
        assert_eq!(report.samples[0].tag("greeting"), Some("hello"));
        assert_eq!(report.samples[0].tag("since"), Some("start"));
    }

    #[test]
    fn setup_and_the_virtual_user_say_who_they_are() {
        let report = Host::new()
            .on("GET", "/", reply(200).text("hello"))
            .flow("says who it is")
            .iterations(2)
            .run_with_setup::<Visitor>();
        let said: Vec<_> = report.logs.iter().map(|line| &*line.message).collect();
        assert_eq!(said, ["setup 0", "default 1 0", "default 1 1"]);
    }

    #[test]
    #[should_panic(expected = "`plain` is not declared in milliseconds")]
    fn a_time_is_refused_by_a_trend_of_plain_numbers() {
        Host::new()
            .data("\"hi\"")
            .flow("a time among numbers")
            .run::<Visitor>();
    }

    #[test]
    fn a_failed_iteration_is_remembered_and_the_next_one_runs() {
        let report = Host::new()
            .data("\"hi\"")
            .flow("fails")
            .iterations(3)
            .run::<Visitor>();
        assert_eq!(report.failures, ["no luck"; 3]);
    }

    #[test]
    fn setup_data_of_another_shape_fails_the_start_and_says_so() {
        let report = Host::new().run::<Visitor>();
        assert_eq!(report.failures.len(), 1);
        assert!(report.failures[0].starts_with("reading what setup returned: "));
    }

    #[test]
    fn nothing_runs_after_an_abort() {
        let report = Host::new()
            .data("\"hi\"")
            .flow("aborts")
            .iterations(3)
            .run::<Visitor>();
        assert_eq!(report.aborted.as_deref(), Some("enough"));
        assert!(report.failures.is_empty());
    }

    #[test]
    #[should_panic(expected = "`undeclared` is not declared")]
    fn a_metric_that_the_options_do_not_declare_is_refused() {
        Host::new()
            .data("\"hi\"")
            .flow("undeclared")
            .run::<Visitor>();
    }

    #[test]
    fn tags_of_start_last_others_end_with_their_iteration_and_undeclared_keys_have_no_value() {
        let report = Host::new()
            .data("\"hi\"")
            .config("SOMETHING", "set")
            .flow("tags")
            .iterations(2)
            .run::<Visitor>();
        assert!(report.check_passed("in the open"));
        let tag = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        for iteration in report.checks.chunks(2) {
            assert_eq!(iteration[0].tags, [tag("since", "start")]);
            assert_eq!(iteration[1].tags, [tag("visit", "first")]);
        }
    }

    #[test]
    fn an_unreachable_host_and_a_cut_stream_are_errors() {
        let host = Host::new()
            .on("GET", "/gone", unreachable())
            .on("GET", "/cut", reply(200).event("one").cut())
            .on("GET", "/plain", reply(200).text("no stream"));
        host.play(|| {
            let gone = http::get("http://localhost/gone").send().err().unwrap();
            assert_eq!(gone.kind(), http::ErrorKind::ConnectionRefused);

            let cut = http::get("http://localhost/cut").open().unwrap();
            let mut events = cut.events().unwrap();
            assert_eq!(events.next().unwrap().unwrap().data, "one");
            assert_eq!(
                events.next().unwrap().unwrap_err().kind(),
                http::ErrorKind::ConnectionLost
            );
            assert!(events.next().is_none());

            let plain = http::get("http://localhost/plain").open().unwrap();
            assert_eq!(
                plain.events().err().unwrap().kind(),
                http::ErrorKind::WrongContent
            );
            assert_eq!(plain.text().unwrap(), "no stream");
            assert_eq!(
                plain.chunks().err().unwrap().kind(),
                http::ErrorKind::Closed
            );
        });
    }

    #[test]
    fn redirects_are_followed_by_the_rules_of_the_real_host() {
        let to = |status, location: &str| reply(status).header("location", location);
        let report = Host::new()
            .on("POST", "/a/one?x", to(303, "two"))
            .on("POST", "/a/one", to(303, "two"))
            .on("GET", "/a/two", to(302, "https://other/three"))
            .on("GET", "/three", reply(200).text("there"))
            .on("PUT", "/again", to(307, "//localhost/three"))
            .on("GET", "/round", to(302, "/round"))
            .play(|| {
                let answer = http::post("http://localhost:80/a/one?x")
                    .header("authorization", "Basic x")
                    .cookie("own", "1")
                    .text("body")
                    .send()
                    .unwrap();
                assert_eq!(answer.text().unwrap(), "there");
                assert_eq!(answer.url(), "https://other/three");
                let again = http::put("http://localhost/again").text("body").send();
                assert_eq!(again.unwrap().status(), 404);
                let round = http::get("http://localhost/round").send();
                assert_eq!(round.unwrap().status(), 302);
            });
        let sent: Vec<(&str, &str, String)> = report
            .requests
            .iter()
            .map(|sent| (&*sent.method, &*sent.url, sent.body_text()))
            .take(5)
            .collect();
        assert_eq!(sent[1], ("GET", "http://localhost:80/a/two", String::new()));
        assert_eq!(sent[2], ("GET", "https://other/three", String::new()));
        assert_eq!(
            sent[4],
            ("PUT", "http://localhost/three", "body".to_owned())
        );
        assert_eq!(report.requests[1].header("authorization"), Some("Basic x"));
        assert_eq!(report.requests[1].header("cookie"), Some("own=1"));
        assert_eq!(report.requests[2].header("authorization"), None);
        assert_eq!(report.requests[2].header("cookie"), None);
        assert_eq!(report.requests_to("/round").count(), 11);
    }

    struct Member;

    impl Scenario for Member {
        type Data = Option<()>;

        fn options() -> Options {
            Options::new()
        }

        fn start(_: Self::Data) -> Result<Self, Failure> {
            http::get("http://localhost/login").send()?;
            Ok(Self)
        }

        fn iteration(&mut self, _flow: &str) -> Result<(), Failure> {
            http::get("http://localhost/basket").send()?;
            http::get("http://localhost/")
                .cookie("seen", "yes")
                .send()?;
            http::cookies::delete("http://localhost/", "basket");
            http::get("http://localhost/").send()?;
            http::get("http://elsewhere/").send()?;
            Ok(())
        }
    }

    #[test]
    fn cookies_of_start_last_and_others_end_with_their_iteration() {
        let set = |cookie: &str| reply(200).header("set-cookie", cookie);
        let report = Host::new()
            .on("GET", "/login", set("session=1; HttpOnly"))
            .on("GET", "/basket", set("basket=full; Path=/"))
            .iterations(2)
            .run::<Member>();
        let cookies: Vec<Option<&str>> = report.requests[1..]
            .iter()
            .map(|sent| sent.header("cookie"))
            .collect();
        let iteration = [
            Some("session=1"),
            Some("seen=yes; session=1; basket=full"),
            Some("session=1"),
            None,
        ];
        assert_eq!(cookies, [iteration, iteration].concat());
    }

    #[test]
    fn an_upload_is_one_request_and_keeps_to_its_length() {
        let report = Host::new().on("PUT", "/", reply(201)).play(|| {
            let request = http::put("http://localhost/").digest_auth("u", "p").build();
            let mut upload = request.upload(Some(4)).unwrap();
            upload.write("ab").unwrap();
            let too_much = upload.write("cde").unwrap_err();
            assert_eq!(too_much.kind(), http::ErrorKind::InvalidRequest);
            upload.write("cd").unwrap();
            assert_eq!(upload.finish().unwrap().status(), 201);
            let too_short = request.upload(Some(4)).unwrap().finish();
            assert!(too_short.is_err());
        });
        assert_eq!(report.requests.len(), 1);
        assert_eq!(report.requests[0].body_text(), "abcd");
        let digest = ("u".to_owned(), "p".to_owned());
        assert_eq!(report.requests[0].digest_auth, Some(digest));
    }

    #[test]
    fn a_session_is_played_as_told_and_remembered() {
        use crate::websocket::{ErrorKind, Message};

        let host = Host::new()
            .secret("TOKEN", "letmein")
            .on_socket("/chat", refused(503).header("retry-after", "1"))
            .on_socket("/chat", session().says("welcome").takes("v2").echoes())
            .on_socket("ws://elsewhere/", session().closes(4001, "bye"))
            .on_socket("/cut", session().says("one").cut());
        let report = host.play(|| {
            let token = config::require_secret("TOKEN").unwrap();
            let chat = websocket::connect("ws://localhost/chat?room=1")
                .bearer(&token)
                .subprotocol("v1")
                .subprotocol("v2")
                .build();
            let busy = chat.open().err().unwrap();
            let refusal = busy.refusal().unwrap();
            assert_eq!((busy.kind(), refusal.status), (ErrorKind::Refused, 503));
            assert_eq!(refusal.headers, [("retry-after".into(), "1".into())]);

            let socket = chat.open().unwrap();
            assert_eq!(socket.subprotocol(), "v2");
            assert_eq!(socket.next().unwrap(), Message::from("welcome"));
            assert_eq!(socket.answered_after(), None);
            socket.send_json(&[1, 2]).unwrap();
            assert_eq!(socket.next().unwrap().json::<[u8; 2]>().unwrap(), [1, 2]);
            socket.ping().unwrap();
            assert_eq!(socket.next().unwrap(), Message::Pong(milliseconds(5)));
            assert_eq!(socket.next_within(seconds(1)).unwrap(), None);
            assert_eq!(socket.next().unwrap_err().kind(), ErrorKind::Timeout);
            let mistake = socket.close_with(1006, "").unwrap_err();
            assert_eq!(mistake.kind(), ErrorKind::Invalid);
            socket.close().unwrap();
            assert!(matches!(socket.next().unwrap(), Message::Closed(_)));
            assert_eq!(socket.next().unwrap_err().kind(), ErrorKind::Closed);

            let elsewhere = websocket::connect("ws://elsewhere/").open().unwrap();
            let Message::Closed(closing) = elsewhere.next().unwrap() else {
                panic!("it was to close");
            };
            assert_eq!((closing.code, &*closing.reason), (4001, "bye"));

            let cut = websocket::connect("ws://localhost/cut").open().unwrap();
            cut.next().unwrap();
            assert_eq!(cut.next().unwrap_err().kind(), ErrorKind::ConnectionLost);
            let unknown = websocket::connect("ws://localhost/unknown").open();
            assert_eq!(unknown.err().unwrap().refusal().unwrap().status, 404);
            let wrong = websocket::connect("http://localhost/").open();
            assert_eq!(wrong.err().unwrap().kind(), ErrorKind::Invalid);
        });
        let chat = &report.sessions[1];
        assert_eq!(chat.path(), "/chat");
        assert_eq!(chat.header("authorization"), Some("Bearer letmein"));
        assert_eq!(chat.sent, [Message::from("[1,2]")]);
        assert_eq!(
            (chat.pings, &chat.closed),
            (1, &Some((1000, String::new())))
        );
        assert_eq!(report.sessions.len(), 5, "a wrong URL opens nothing");
    }

    #[test]
    fn what_cannot_be_said_in_json_is_a_mistake_of_the_request() {
        let report = Host::new().play(|| {
            let map: BTreeMap<(u8, u8), u8> = [((1, 2), 3)].into();
            let error = http::post("http://localhost/")
                .json(&map)
                .send()
                .err()
                .unwrap();
            assert_eq!(error.kind(), http::ErrorKind::InvalidRequest);
        });
        assert!(report.requests.is_empty());
    }

    /// What JSON has no word for: a key that is no text.
    fn no_json() -> BTreeMap<(u8, u8), u8> {
        [((1, 2), 3)].into()
    }

    #[test]
    fn of_several_requests_those_that_could_be_built_are_sent() {
        let report = Host::new()
            .on("POST", "/a", reply(201))
            .on("POST", "/c", reply(202))
            .play(|| {
                let first = http::post("http://localhost/a").json(&[1]).build();
                let wrong = http::post("http://localhost/b").json(&no_json()).build();
                let last = http::post("http://localhost/c").build();
                let answers = http::send_all(&[&first, &wrong, &last, &wrong]);
                let came: Vec<_> = answers
                    .iter()
                    .map(|answer| answer.as_ref().map(Response::status))
                    .map(|answer| answer.map_err(http::Error::kind))
                    .collect();
                let mistake = Err(http::ErrorKind::InvalidRequest);
                assert_eq!(came, [Ok(201), mistake, Ok(202), mistake]);
            });
        let paths: Vec<_> = report.requests.iter().map(SentRequest::path).collect();
        assert_eq!(paths, ["/a", "/c"]);
    }

    #[test]
    fn a_request_with_a_body_that_cannot_be_said_is_as_good_as_new_with_another() {
        let report = Host::new().play(|| {
            let mut request = http::post("http://localhost/").build();
            for turn in 0..3 {
                request.set_json(&no_json());
                assert!(request.send().is_err());
                match turn {
                    0 => request.set_json(&["fine"]),
                    1 => request.set_text("fine"),
                    _ => request.set_body("fine"),
                }
                request.send().unwrap();
            }
            let other = http::post("http://localhost/").json(&no_json());
            other.form([("a", "b")]).send().unwrap();
        });
        assert_eq!(report.requests.len(), 4);
        assert_eq!(report.requests[0].body_text(), "[\"fine\"]");
        let json = report.requests[0].header("content-type");
        assert_eq!(json, Some("application/json"));
        assert_eq!(report.requests[3].body_text(), "a=b");
    }

    #[test]
    fn what_is_secret_stays_with_the_server_it_was_meant_for() {
        // Where headers of authentication go on, and where what is secret does.
        for (from, to, kept, secrets) in [
            ("http://one.test/", "/there", true, true),
            ("http://one.test/", "https://one.test/", true, true),
            ("https://one.test/", "https://one.test:443/", true, true),
            ("http://one.test/", "http://one.test:81/", true, false),
            ("http://one.test/", "https://sub.one.test/", true, false),
            ("https://one.test/", "http://one.test/", false, false),
            ("http://one.test/", "//two.test/", false, false),
            ("http://one.test/", "http://notone.test/", false, false),
            ("http://sub.one.test/", "http://one.test/", false, false),
            ("http://10.0.0.1/", "http://2.10.0.0.1/", false, false),
        ] {
            let report = Host::new()
                .secret("KEY", "letmein")
                .on("POST", from, reply(307).header("location", to))
                .play(|| {
                    let key = config::require_secret("KEY").unwrap();
                    let request = http::post(from)
                        .bearer_token("own")
                        .secret_header("x-key", "", &key)
                        .header("x-own", "1")
                        .header("content-type", "text/plain")
                        .cookie("c", "d")
                        .digest_auth("user", "password");
                    request.text("body").send().unwrap();
                });
            let next = &report.requests[1];
            let has = |name: &str| next.header(name).is_some();
            let found = (has("authorization"), has("x-key"), has("cookie"));
            assert_eq!(found, (kept, secrets, secrets), "from {from} to {to}");
            assert_eq!(next.digest_auth.is_some(), secrets, "from {from} to {to}");
            assert!(has("x-own") && has("content-type"));
            let is_told = !(from.starts_with("https:") && next.url.starts_with("http:"));
            assert_eq!(next.header("referer"), is_told.then_some(from));
        }
    }

    #[test]
    fn what_goes_wrong_goes_wrong_as_it_was_told() {
        use http::ErrorKind;

        let report = Host::new()
            .on("GET", "/", fails(ErrorKind::NameLookup))
            .on("GET", "/", fails(ErrorKind::Closed))
            .on("GET", "/app", reply(302).header("location", "app://home"))
            .play(|| {
                let kind = |path: &str| {
                    let sent = http::get(&["http://localhost", path].concat()).send();
                    sent.err().unwrap().kind()
                };
                assert_eq!(kind("/"), ErrorKind::NameLookup);
                assert_eq!(kind("/"), ErrorKind::Closed);
                assert_eq!(kind("/app"), ErrorKind::MalformedResponse);
            });
        assert_eq!(report.requests.len(), 3);
    }

    #[test]
    fn a_body_comes_in_the_pieces_and_events_that_were_told() {
        let news = reply(200)
            .event("one")
            .event_of("other", "two")
            .event_id("2")
            .event("three")
            .retry(seconds(2));
        let host = Host::new()
            .on(
                "GET",
                "/pieces",
                reply(200).chunk("a").chunk("").chunk("bc"),
            )
            .on("GET", "/news", news);
        host.play(|| {
            let pieces = http::get("http://localhost/pieces").build();
            assert_eq!(pieces.send().unwrap().text().unwrap(), "abc");
            let mut chunks = pieces.open().unwrap().chunks().unwrap();
            assert_eq!(chunks.elapsed(), None);
            let came: Vec<_> = chunks.by_ref().map(Result::unwrap).collect();
            assert_eq!(came, [&b"a"[..], b"bc"]);
            assert_eq!(chunks.elapsed(), Some(milliseconds(10)));

            let news = http::get("http://localhost/news").build();
            let mut events = news.open().unwrap().events().unwrap();
            let ids: Vec<_> = events.by_ref().map(|event| event.unwrap().id).collect();
            assert_eq!(ids, ["", "2", "2"]);
            assert_eq!(events.retry(), Some(seconds(2)));
            let text = news.send().unwrap().text().unwrap();
            let written = "retry: 2000\n\nevent: message\ndata: one\n\nevent: other\nid: 2\n\
                           data: two\n\n";
            assert!(text.starts_with(written), "{text}");
        });
    }
}
