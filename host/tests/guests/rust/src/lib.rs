//! A scenario that does what the tests of the command need: the key `DO` says
//! what an iteration does, `SETUP`, `TEARDOWN` and `SUMMARY` the same of the
//! others.

mod messages;
mod own_client;

use vuelo_sdk::prelude::*;
use vuelo_sdk::websocket::{ErrorKind, Message, Socket};

static THINGS: Counter = Counter::new("things");
static SHARE: Rate = Rate::new("share");

/// One virtual user.
pub struct Guest {
    what: String,
    url: Option<String>,
    iterations: u64,
    /// The session of an iteration that was over.
    left: Option<Socket>,
}

impl Scenario for Guest {
    type Data = Vec<String>;

    fn options() -> Options {
        Options::new()
            .config(Key::text("DO").default("nothing"))
            .config(Key::text("SETUP").default("nothing"))
            .config(Key::text("TEARDOWN").default("nothing"))
            .config(Key::text("SUMMARY").default("nothing"))
            .config(Key::url("BASE_URL"))
            .config(Key::secret("TOKEN"))
            .metric(&THINGS)
            .metric(&SHARE)
            .setup_timeout("1s")
            .teardown_timeout("1s")
    }

    fn start(data: Self::Data) -> Result<Self, Failure> {
        if data != greetings() {
            return Err(Failure::from(format!(
                "setup's data did not arrive: {data:?}"
            )));
        }
        let what = config::require("DO")?;
        match what.as_str() {
            "refuse to start" => return Err("this one does not start".into()),
            "start for a second" => sleep(seconds(1)),
            "start for a minute" => sleep(seconds(60)),
            _ => {}
        }
        Ok(Self {
            what,
            url: config::get("BASE_URL"),
            iterations: 0,
            left: None,
        })
    }

    fn iteration(&mut self, flow: &str) -> Result<(), Failure> {
        self.iterations += 1;
        match self.what.as_str() {
            "nothing" | "start for a second" | "start for a minute" => sleep(milliseconds(10)),
            "panic every second time" => {
                sleep(milliseconds(10));
                assert!(
                    self.iterations % 2 == 1,
                    "the second iteration of this instance"
                );
            }
            "fail" => return Err("this one fails".into()),
            "spin" => loop {
                std::hint::spin_loop();
            },
            "sleep long" => sleep(seconds(60)),
            "abort" => flow::abort("enough is enough"),
            "mark failed" => flow::mark_failed("this was not good"),
            "count the flow" => {
                THINGS.add(1.0);
                check(flow, true);
            }
            "leave the share without samples" => THINGS.add(1.0),
            "eat memory" => {
                let mut eaten = Vec::new();
                loop {
                    eaten.push(vec![1_u8; 1 << 20]);
                    std::hint::black_box(&mut eaten);
                }
            }
            "measure nonsense" => {
                THINGS.add(-1.0);
                THINGS.add(f64::NAN);
            }
            "leave a bad share" => {
                SHARE.add(false);
                sleep(milliseconds(50));
            }
            "say the token" => {
                let token = config::require_secret("TOKEN")?;
                let url = self.url.clone().unwrap_or_default();
                let answer = http::get(&format!("{url}/echo")).bearer(&token).send()?;
                // Whoever echoes a secret makes it readable; the log still must
                // not show it.
                info!("the server says {}", answer.text()?);
            }
            "get and panic" => {
                let url = self.url.clone().unwrap_or_default();
                http::get(&url).send()?;
                panic!("after the answer");
            }
            "get" => {
                let url = self.url.clone().unwrap_or_default();
                http::get(&url).send()?;
            }
            "exchange messages" => {
                let url = self.url.clone().unwrap_or_default();
                messages::exchange(url.trim_end_matches('/'))?;
            }
            "use another client" => {
                own_client::exchange(own_client::authority(&self.url()))?;
            }
            "stream with another client" => {
                own_client::stream(own_client::authority(&self.url())).map_err(Failure::new)?;
            }
            "wait with another client" => {
                own_client::wait(own_client::authority(&self.url())).map_err(Failure::new)?;
            }
            "use both clients side by side" => own_client::side_by_side(&self.url())?,
            "keep asking with another client" => {
                own_client::keep_asking(&self.url()).map_err(Failure::new)?;
            }
            "use another client and panic" => {
                own_client::ask(&self.url()).map_err(Failure::new)?;
                panic!("after the answer");
            }
            "talk" => self.talk()?,
            "hear" => self.hear()?,
            "leave a session" => {
                if let Some(socket) = self.left.take() {
                    let error = socket.send_text("still there?").err();
                    let kind = error.map(|error| error.kind());
                    check("it has ended", kind == Some(ErrorKind::Closed));
                }
                let socket = self.connect("/chat")?;
                socket.send_text("hello")?;
                self.left = Some(socket);
            }
            "wait for a message" => {
                let socket = self.connect("/silent")?;
                socket.send_text("hello")?;
                socket.next()?;
            }
            "be refused" => {
                let error = self.connect("/closed").err();
                let status = error.and_then(|error| Some(error.refusal()?.status));
                check("it is refused", status == Some(403));
            }
            other => return Err(Failure::from(format!("nobody knows how to `{other}`"))),
        }
        Ok(())
    }
}

impl Guest {
    fn url(&self) -> String {
        let url = self.url.as_deref().unwrap_or_default();
        url.trim_end_matches('/').to_owned()
    }

    fn connect(&self, path: &str) -> Result<Socket, websocket::Error> {
        let url = self.url.clone().unwrap_or_default();
        let url = url.replacen("http", "ws", 1) + path;
        let mut handshake = websocket::connect(&url)
            .subprotocol("v1.chat")
            .subprotocol("v2.chat")
            .tag("name", path);
        if let Some(token) = config::secret("TOKEN") {
            handshake = handshake.bearer(&token);
        }
        handshake.open()
    }

    /// A session with everything in it.
    fn talk(&self) -> Result<(), Failure> {
        group("talk", || {
            let socket = self.connect("/chat")?;
            check("a subprotocol", socket.subprotocol() == "v2.chat");
            check(
                "a header",
                socket.header("x-room").as_deref() == Some("kitchen"),
            );
            socket.send_text("grüße")?;
            check("a text", socket.next()?.text() == Some("grüße"));
            check("a time", socket.answered_after().is_some());
            socket.send_binary([0, 255])?;
            check("bytes", socket.next()? == Message::Binary(vec![0, 255]));
            socket.ping()?;
            check("a pong", matches!(socket.next()?, Message::Pong(_)));
            let nothing = socket.next_within(milliseconds(10))?;
            check("nothing more", nothing.is_none());
            let mistake = socket.close_with(1, "").map_err(|error| error.kind());
            check("a code", mistake == Err(ErrorKind::Invalid));
            socket.close_with(4000, "done")?;
            let Message::Closed(closing) = socket.next()? else {
                return Err("more than was sent came back".into());
            };
            check("the end", closing.code == 4000 && closing.reason == "done");
            let kind = socket.next().map_err(|error| error.kind());
            check("nothing after", kind == Err(ErrorKind::Closed));
            Ok(())
        })
    }

    /// A session in which the other side alone says something.
    fn hear(&self) -> Result<(), Failure> {
        let socket = self.connect("/told")?;
        check("pieces", socket.next()?.text() == Some("in pieces"));
        check(
            "many bytes",
            socket.next()? == Message::Binary(vec![0; 200_000]),
        );
        check("a pong was sent", socket.next()?.text() == Some("ponged"));
        let Message::Closed(closing) = socket.next()? else {
            return Err("more was said".into());
        };
        check(
            "the server's end",
            closing.code == 4001 && closing.reason == "bye",
        );
        Ok(())
    }
}

fn greetings() -> Vec<String> {
    vec!["grüße".to_owned(), "你好 \"\\\u{1f680}".to_owned()]
}

/// What setup, teardown and summary may be told to do.
fn act(key: &str) -> Result<(), Failure> {
    match config::require(key)?.as_str() {
        "fail" => Err("it was told to".into()),
        "panic" => panic!("it was told to"),
        "panic with what the server echoes" => {
            let url = config::require("BASE_URL")?;
            let token = config::require_secret("TOKEN")?;
            panic!("{}", http::get(&url).bearer(&token).send()?.text()?);
        }
        "say so" => {
            info!("here is {key}");
            Ok(())
        }
        "mark failed" => {
            flow::mark_failed("the target is not what it should be");
            Ok(())
        }
        "hang" => {
            sleep(seconds(60));
            Ok(())
        }
        _ => Ok(()),
    }
}

impl Setup for Guest {
    fn setup() -> Result<Self::Data, Failure> {
        act("SETUP")?;
        Ok(greetings())
    }
}

impl Teardown for Guest {
    fn teardown(data: Self::Data) -> Result<(), Failure> {
        assert_eq!(data, greetings());
        act("TEARDOWN")
    }
}

impl Summary for Guest {
    fn summarize(results: &str) -> Result<Vec<Output>, Failure> {
        act("SUMMARY")?;
        if config::require("SUMMARY")? == "nothing" {
            return Err("the built-in one will do".into());
        }
        let text = |destination, text: &str| Output {
            destination,
            text: text.to_owned(),
        };
        let size = if results.contains("\"root_group\"") {
            "results came"
        } else {
            "none came"
        };
        Ok(vec![
            text(Destination::Stdout, size),
            text(Destination::File("own.txt".to_owned()), "mine"),
            text(Destination::File("../escaped.txt".to_owned()), "not here"),
        ])
    }
}

vuelo_sdk::scenario!(Guest, setup, teardown, summary);
