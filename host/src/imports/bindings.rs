//! What `bindgen!` makes of `wit/`. Nothing else stands here.

#![allow(missing_docs, reason = "the items' documentation is in wit/")]

use super::{
    config, http_request, http_response, http_upload, metrics, websocket_handshake,
    websocket_socket,
};

wasmtime::component::bindgen!({
    path: "../wit",
    world: "load-test",
    imports: {
        "vuelo:load/http.[method]request.send": async | trappable,
        "vuelo:load/http.[method]request.open": async | trappable,
        "vuelo:load/http.[method]request.upload": async | trappable,
        "vuelo:load/http.[method]upload.write": async | trappable,
        "vuelo:load/http.[method]upload.finish": async | trappable,
        "vuelo:load/http.[method]upload.open": async | trappable,
        "vuelo:load/http.send-all": async | trappable,
        "vuelo:load/http.[method]response.body": async | trappable,
        "vuelo:load/http.[method]response.text": async | trappable,
        "vuelo:load/http.[method]event-stream.next": async | trappable,
        "vuelo:load/http.[method]body-stream.next": async | trappable,
        "vuelo:load/websocket.[method]handshake.open": async | trappable,
        "vuelo:load/websocket.[method]socket.send-text": async | trappable,
        "vuelo:load/websocket.[method]socket.send-binary": async | trappable,
        "vuelo:load/websocket.[method]socket.ping": async | trappable,
        "vuelo:load/websocket.[method]socket.next": async | trappable,
        "vuelo:load/websocket.[method]socket.close": async | trappable,
        "vuelo:load/flow.sleep": async | trappable,
        "vuelo:load/flow.sleep-between": async | trappable,
        default: trappable,
    },
    exports: { default: async },
    with: {
        "vuelo:load/http.request": http_request::Request,
        "vuelo:load/http.upload": http_upload::Upload,
        "vuelo:load/http.response": http_response::Response,
        "vuelo:load/http.event-stream": http_response::EventStream,
        "vuelo:load/http.body-stream": http_response::BodyStream,
        "vuelo:load/websocket.handshake": websocket_handshake::Handshake,
        "vuelo:load/websocket.socket": websocket_socket::Socket,
        "vuelo:load/metrics.counter": metrics::Counter,
        "vuelo:load/metrics.gauge": metrics::Gauge,
        "vuelo:load/metrics.rate": metrics::Rate,
        "vuelo:load/metrics.trend": metrics::Trend,
        "vuelo:load/config.secret": config::SecretValue,
    },
});

/// The optional exports, each by itself, since a component may have any of them.
pub mod optional {
    /// `setup`.
    pub mod setup {
        wasmtime::component::bindgen!({
            path: "../wit",
            world: "only-setup",
            exports: { default: async },
        });
    }
    /// `teardown`.
    pub mod teardown {
        wasmtime::component::bindgen!({
            path: "../wit",
            world: "only-teardown",
            exports: { default: async },
        });
    }
    /// `summary`.
    pub mod summary {
        wasmtime::component::bindgen!({
            path: "../wit",
            world: "only-summary",
            exports: { default: async },
        });
    }
}
