//! The room `http`, without the rest of the host.

#[path = "../../host/src/http/mod.rs"]
pub mod http;
