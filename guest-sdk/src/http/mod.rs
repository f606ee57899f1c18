//! HTTP requests, sent and timed by the host.
//!
//! ```
//! use vuelo_sdk::prelude::*;
//!
//! let host = fake::Host::new().on("GET", "/users/1", fake::reply(200).text(r#"{"name":"Ann"}"#));
//! host.play(|| {
//!     let answer = http::get("http://localhost/users/1")
//!         .header("accept", "application/json")
//!         .tag("name", "/users/:id")
//!         .timeout(seconds(5))
//!         .send()
//!         .unwrap();
//!     assert!(answer.is_success());
//!
//!     #[derive(serde::Deserialize)]
//!     struct User { name: String }
//!     assert_eq!(answer.json::<User>().unwrap().name, "Ann");
//! });
//! ```
//!
//! Every request is measured: `http_reqs`, `http_req_failed` and the
//! `http_req_*` trends need no code.

pub mod cookies;
mod error;
mod part;
mod request;
mod response;
mod stream;
mod upload;

pub use error::{Error, ErrorKind};
pub use part::Part;
pub use request::{Request, RequestBuilder, delete, get, patch, post, put, request, send_all};
pub use response::{Response, Timings};
pub use stream::{Chunks, Event, Events};
pub use upload::Upload;
