"""The flows of the plan, by the names that `exec` calls them by."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from vuelo import (
    Counter,
    Failure,
    Gauge,
    Rate,
    Trend,
    check,
    config,
    flow,
    group,
    http,
    log,
    sleep,
    sleep_between,
    websocket,
)

GREETING = "Grüße, 世界 🦉"

THINGS = Counter("things")
LEVEL = Gauge("level")
SHARE = Rate("share")
LENGTHS = Trend("lengths", "ms")
SIZES = Trend("sizes", "bytes")


@dataclass
class User:
    """What a virtual user keeps from one iteration to the next."""

    base_url: str
    data: dict[str, Any]
    flow: str = ""
    kept: http.Response | None = None
    handles: Handles | None = None

    def url(self, path: str) -> str:
        return self.base_url + path

    def get(self, path: str, **settings: Any) -> http.Response:
        return http.get(self.url(path), **settings)

    def post(self, path: str, **settings: Any) -> http.Response:
        return http.post(self.url(path), **settings)

    def open(self, path: str) -> http.Response:
        return http.Request("GET", self.url(path)).open()

    def socket_url(self, path: str) -> str:
        return self.url(path).replace("http", "ws", 1)


class Handles:
    """What `start` makes in the case of handles."""

    def __init__(self, user: User) -> None:
        # The raw bindings beside the package, which makes a metric at its first use.
        from wit_world.imports import metrics  # type: ignore[import-not-found, unused-ignore]

        self.request = http.Request(
            "GET", user.url("/echo"), bearer=config.require_secret("TOKEN")
        )
        self.things = metrics.Counter("things")


Flow = Callable[[User], None]
FLOWS: dict[str, Flow] = {}


def named(name: str) -> Callable[[Flow], Flow]:
    """Enters a function as the flow of this name."""

    def enter(does: Flow) -> Flow:
        FLOWS[name] = does
        return does

    return enter


def say(name: str, value: object) -> None:
    """Tells the host what was seen."""
    match value:
        case bool():
            text = str(value).lower()
        case None:
            text = "none"
        case _:
            text = str(value)
    log.debug(f"{name}={text}")


def error_of(call: Callable[[], object]) -> str | None:
    """The name of the case of the error that the call ends with."""
    try:
        call()
    except http.HttpError as error:
        return error.kind
    return None


# Once


@named("nothing")
def nothing(user: User) -> None:
    pass


@named("setup-data")
def setup_data(user: User) -> None:
    data = user.data
    say("text", data["text"])
    say("padding", len(data["padding"]))
    say("numbers", ",".join(json.dumps(number) for number in data["numbers"]))
    say("nothing", data["nothing"] is None)
    say("nested", len(data["nested"]["list"]) == 2 and data["nested"]["yes"] is True)


@named("handles")
def handles(user: User) -> None:
    if user.handles is None:
        raise Failure("start made no handles")
    echo = user.handles.request.send().json()
    say("authorization", echo["headers"]["authorization"][0])
    user.handles.things.add(1, [])


# Configuration


@named("config")
def configuration(user: User) -> None:
    say("greeting", config.get("GREETING"))
    say("absent", config.get("ABSENT"))
    say("undeclared", config.get("NOBODY"))
    say("secret", config.get("TOKEN"))
    say("no-secret", config.secret("GREETING") is None)


@named("secret")
def secret(user: User) -> None:
    echo = user.get("/echo", bearer=config.require_secret("TOKEN")).json()
    say("authorization", echo["headers"]["authorization"][0])


# HTTP


@named("get")
def get(user: User) -> None:
    response = user.get("/text")
    say("status", response.status)
    say("url", response.url)
    say("greeting", response.header("X-Greeting"))
    say("missing", response.header("x-missing"))
    say("twice", ",".join(value for name, value in response.headers if name == "x-twice"))
    say("protocol", response.protocol)
    say("text", response.text())
    say("length", len(response.body()))


@named("post")
def post(user: User) -> None:
    request = http.Request("POST", user.url("/echo?q=1"), text=GREETING)
    request.set_header("x-one", "1")
    request.set_header("x-one", "2")
    request.append_header("x-two", "a")
    request.append_header("x-two", "b")
    request.set_header("content-type", "text/plain")
    echo = request.send().json()
    say("method", echo["method"])
    say("path", echo["path"])
    say("one", ",".join(echo["headers"]["x-one"]))
    say("two", ",".join(echo["headers"]["x-two"]))
    say("body", echo["body"])


@named("bytes")
def all_bytes(user: User) -> None:
    sent = bytes(range(256))
    received = user.post("/mirror", body=sent).body()
    say("length", len(received))
    say("same", received == sent)


@named("large")
def large(user: User) -> None:
    body = user.get("/bytes/1048576").body()
    say("length", len(body))
    say("last", body[-1])


@named("form")
def form(user: User) -> None:
    echo = user.post("/echo", form={"a": "1 & 2", "b": "ü"}).json()
    say("type", echo["headers"]["content-type"][0])
    say("body", echo["body"])


@named("multipart")
def multipart(user: User) -> None:
    parts = [
        http.FormPart("a", b"1"),
        http.FormPart("f", "Grüße".encode(), "f.bin", "application/x-f"),
    ]
    echo = user.post("/echo", multipart=parts).json()
    say("type", echo["headers"]["content-type"][0].partition(";")[0])
    say("has", all(part in echo["body"] for part in ('name="a"', 'filename="f.bin"', "Grüße")))


@named("basic")
def basic(user: User) -> None:
    echo = user.get("/echo", basic_auth=("ada", "secret")).json()
    say("authorization", echo["headers"]["authorization"][0])


@named("cookies")
def cookies(user: User) -> None:
    http.set_cookie(user.base_url, "one=1; Path=/")
    http.set_cookie(user.base_url, "two=2; Path=/")
    echo = user.get("/echo", cookies={"three": "3"}).json()
    say("sent", ",".join(sorted(echo["headers"]["cookie"][0].split("; "))))
    http.delete_cookie(user.base_url, "one")
    left = http.cookies(user.base_url)
    say("left", ",".join(sorted(f"{name}={value}" for name, value in left)))
    http.clear_cookies(user.base_url)
    say("cleared", len(http.cookies(user.base_url)))


@named("redirect")
def redirect(user: User) -> None:
    followed = user.get("/redirect")
    say("status", followed.status)
    say("url", followed.url)
    unfollowed = user.get("/redirect", max_redirects=0)
    say("unfollowed", unfollowed.status)
    say("location", unfollowed.header("location"))


@named("timings")
def timings(user: User) -> None:
    request = http.Request("GET", user.url("/text"))
    request.send()
    response = request.send()
    spent = response.timings
    duration = response.duration or 0.0
    parts = (spent.sending, spent.waiting, spent.receiving)
    say("duration", spent.duration == duration and duration > 0)
    say("reused", spent.looking_up == spent.connecting == spent.tls_handshaking == 0)
    # Seconds are floats: a nanosecond is where their sum is rounded to.
    say("parts", round(sum(part or 0.0 for part in parts), 9) == round(duration, 9))
    LENGTHS.add_duration(duration)


@named("send-all")
def send_all(user: User) -> None:
    requests = [
        http.Request("GET", user.url("/text")),
        http.Request("GET", user.url("/status/204")),
        http.Request("GET", config.require("URL")),
        http.Request("GET", user.url("/status/404"), expected_statuses=[404]),
    ]
    say("statuses", outcomes(http.send_all(requests)))


def outcomes(results: list[http.Response | http.HttpError]) -> str:
    """The status of each, or the name of the error's case."""
    return ",".join(r.kind if isinstance(r, http.HttpError) else str(r.status) for r in results)


@named("batch-edges")
def batch_edges(user: User) -> None:
    request = http.Request("GET", user.url("/text"))
    say("twice", outcomes(http.send_all([request, request])))
    say("none", len(http.send_all([])))


@named("judging")
def judging(user: User) -> None:
    user.get("/status/404", expected_statuses=[404])
    user.get("/status/500", judged=False)
    user.get("/status/500")


@named("discard")
def discard(user: User) -> None:
    say("length", len(user.get("/bytes/1000", discard_body=True).body()))


@named("request-tags")
def request_tags(user: User) -> None:
    user.get("/text", tags={"name": "the text", "kind": "Grüße"})


@named("timeouts")
def timeouts(user: User) -> None:
    say("error", error_of(lambda: user.get("/slow", timeout=0.1)))
    say("head", error_of(lambda: user.get("/slow", head_timeout=0.1)))
    say("idle", error_of(lambda: user.get("/stalls", idle_timeout=0.1)))


@named("http-error")
def http_error(user: User) -> None:
    try:
        http.get(config.require("URL"), timeout=0.5).text()
    except http.HttpError as error:
        say("error", error.kind)
        say("words", str(error) != "")


@named("kept")
def kept(user: User) -> None:
    response = user.kept
    if response is None:
        user.kept = user.get("/text")
    else:
        say("status", response.status)
        say("text", error_of(response.text))


# Streams


@named("events")
def events(user: User) -> None:
    elapsed = [0.0]
    with user.open("/events") as response, response.events() as stream:
        for event in stream:
            data = event.data.replace("\n", "\\n")
            say("event", f"{event.kind}|{data}|{event.id}")
            elapsed.append(event.elapsed)
        retry = stream.retry
    say("retry", None if retry is None else round(retry * 1e9))
    say("elapsed", elapsed == sorted(elapsed) and 0.0 not in elapsed[1:])


@named("chunks")
def chunks(user: User) -> None:
    with user.open("/pieces") as response, response.chunks() as stream:
        before = stream.elapsed
        pieces = [next(stream)]
        after = stream.elapsed
        pieces.extend(stream)
    say("text", b"".join(pieces).decode())
    say("elapsed", before is None and after is not None)


@named("not-events")
def not_events(user: User) -> None:
    response = user.open("/text")
    say("error", error_of(response.events))
    say("text", response.text())


@named("dropped-stream")
def dropped_stream(user: User) -> None:
    with user.open("/endless") as response, response.events() as stream:
        next(stream)
    say("status", user.get("/text").status)


@named("upload")
def upload(user: User) -> None:
    request = http.Request("POST", user.url("/echo"))
    with request.upload() as upload:
        upload.write(b"one, ")
        upload.write(b"two")
        echo = upload.finish().json()
    say("body", echo["body"])
    say("chunked", "content-length" not in echo["headers"])
    with request.upload(length=3) as upload:
        upload.write(b"abc")
        say("length", upload.open().json()["length"])


@named("websocket")
def websocket_session(user: User) -> None:
    with websocket.connect(user.socket_url("/socket"), headers={"x-one": "1"}) as socket:
        socket.send(GREETING)
        say("text", socket.receive())
        socket.send(bytes([0, 1, 2, 255]))
        match socket.receive():
            case bytes(received):
                say("binary", ",".join(map(str, received)))
        socket.ping()
        match socket.receive():
            case websocket.Pong(duration):
                say("pong", duration > 0)
        socket.close(1000, "done")
        match socket.receive():
            case websocket.Closed(code):
                say("closing", code)


@named("websocket-refused")
def websocket_refused(user: User) -> None:
    try:
        websocket.connect(user.socket_url("/status/403"))
    except websocket.WebSocketError as error:
        refusal = error.refusal
        say("refused", refusal and refusal.status)
        say("words", str(error) != "")
        say("body", refusal and refusal.body.decode())


# Metrics and checks


@named("metrics")
def own_metrics(user: User) -> None:
    THINGS.add(1)
    THINGS.add(2.5, colour="red")
    LEVEL.set(5)
    LEVEL.set(-3.5)
    SHARE.add(True)
    SHARE.add(False)
    SHARE.add(False)
    LENGTHS.add(0.25)
    LENGTHS.add_duration(0.0015)
    SIZES.add(1_048_576)


@named("f64")
def f64(user: User) -> None:
    LEVEL.set(sys.float_info.max, edge="max")
    LEVEL.set(-sys.float_info.max, edge="min")
    LEVEL.set(5e-324, edge="tiny")
    LEVEL.set(0.1, edge="third")
    LEVEL.set(9_007_199_254_740_991, edge="whole")
    LEVEL.set(-0.0, edge="zero")


@named("u64")
def u64(user: User) -> None:
    # The raw bindings beside the package, whose seconds are floats.
    from wit_world.imports import metrics  # type: ignore[import-not-found, unused-ignore]

    metrics.Trend("lengths").add_duration(2**53 + 1, [])


@named("nonsense")
def nonsense(user: User) -> None:
    THINGS.add(-1)
    THINGS.add(float("nan"))
    THINGS.add(float("inf"))


@named("undeclared-metric")
def undeclared_metric(user: User) -> None:
    Counter("nobody").add(1)


@named("wrong-metric")
def wrong_metric(user: User) -> None:
    Counter("level").add(1)


@named("checks")
def checks(user: User) -> None:
    check("holds", True)
    check("holds", False)
    check("Grüße 🦉", True, colour="red")


# The course of an iteration


@named("exec")
def tell_flow(user: User) -> None:
    say("exec", user.flow)


@named("groups")
def groups(user: User) -> None:
    with group("outer"):
        check("in outer", True)
        with group("inner"):
            check("in inner", True)
    flow.begin_group("left-open")
    check("in left-open", True)


@named("tags")
def tags(user: User) -> None:
    if flow.vu_iteration() == 0:
        flow.set_tag("passing", "1")
        THINGS.add(1)
        flow.remove_tag("passing")
        THINGS.add(1)
        flow.set_tag("passing", "2")
    else:
        THINGS.add(1)


@named("numbers")
def numbers(user: User) -> None:
    counts = (flow.vu(), flow.vu_iteration(), flow.scenario_iteration())
    say("numbers", ",".join([*map(str, counts), flow.scenario_name()]))


@named("random")
def random(user: User) -> None:
    for draw in ("1", "2", "3"):
        LEVEL.set(flow.random(), draw=draw)


@named("sleep")
def think(user: User) -> None:
    sleep(0.03)
    sleep_between(0.02, 0.04)
    sleep_between(0.01, 0.005)
    sleep(0)


@named("log")
def levels(user: User) -> None:
    log.debug("debug: Grüße 世界 🦉")
    log.info("info: Grüße 世界 🦉")
    log.warn("warn: Grüße 世界 🦉")
    log.error("error: Grüße 世界 🦉")


@named("strings")
def strings(user: User) -> None:
    say("empty", "")
    say("nul", "a\0b")
    say("long", "ü" * 65_536)


# How an iteration, an instance or a run ends


@named("error")
def error(user: User) -> None:
    raise Failure("this one fails: Grüße")


@named("abort")
def abort(user: User) -> None:
    flow.abort("enough: Grüße")
    say("after", "abort")


@named("mark-failed")
def mark_failed(user: User) -> None:
    flow.mark_failed("not good: Grüße")
    say("after", True)


@named("trap")
def trap(user: User) -> None:
    if flow.vu_iteration() == 0:
        os.abort()
    say("instance", "new")
    say("data", len(user.data["padding"]))


@named("exception")
def exception(user: User) -> None:
    throws_deliberately()


def throws_deliberately() -> None:
    raise ValueError("this was thrown")


@named("exit")
def exit_process(user: User) -> None:
    if flow.vu_iteration() == 0:
        sys.exit(3)
    say("instance", "new")


@named("memory")
def memory(user: User) -> None:
    taken = []
    while flow.vu_iteration() == 0:
        taken.append(b"\x01" * 1_048_576)
    say("after", True)


@named("endless")
def endless(user: User) -> None:
    while True:
        pass


@named("overflow")
def overflow(user: User) -> None:
    def deeper(level: int) -> int:
        return deeper(level + 1) + 1

    if flow.vu_iteration() == 0:
        deeper(0)
    say("after", True)


@named("deep")
def deep(user: User) -> None:
    def nested(calls: int) -> int:
        return nested(calls - 1) + 1 if calls > 0 else 0

    say("depth", nested(400))


# Of WASI


@named("print")
def print_hello(user: User) -> None:
    print("hello")
    print("hello", file=sys.stderr)


@named("clock")
def clock(user: User) -> None:
    say("clock", int(time.time()))
    before = time.monotonic()
    sleep(0.02)
    say("monotonic", time.monotonic() - before >= 0.015)
