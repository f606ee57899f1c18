# mypy: disable-error-code="no-any-return"
"""HTTP requests, sent, timed and measured by the host.

``http.get(url)`` sends at once; ``http.Request("GET", url)`` is built once and
sent as often as wanted, which costs less::

    request = http.Request("POST", url, json={"id": 1}, bearer=token, timeout=10)
    response = request.send()

A stream is read while it arrives, and ends with its ``with`` block::

    with request.open() as response, response.events() as events:
        for event in events:
            ...
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import TracebackType
from typing import Any, Literal, NamedTuple, ParamSpec, Self, TypedDict, TypeVar, Unpack

from ._bindings import Err, http
from ._values import as_bytes, as_text, as_whole, nanoseconds, optional_seconds, seconds, tag
from .config import Secret
from .failure import Failure

P = ParamSpec("P")
T = TypeVar("T")

ErrorKind = Literal[
    "invalid-request",
    "not-allowed",
    "name-lookup",
    "connection-refused",
    "connect",
    "tls",
    "timeout",
    "connection-lost",
    "malformed-response",
    "body-too-large",
    "wrong-content",
    "closed",
    "bad-encoding",
    "protocol",
    "other",
]
"""The contract's words for why there is no response."""

_KINDS: dict[str, ErrorKind] = {
    "Error_InvalidRequest": "invalid-request",
    "Error_NotAllowed": "not-allowed",
    "Error_NameLookup": "name-lookup",
    "Error_ConnectionRefused": "connection-refused",
    "Error_Connect": "connect",
    "Error_Tls": "tls",
    "Error_Timeout": "timeout",
    "Error_ConnectionLost": "connection-lost",
    "Error_MalformedResponse": "malformed-response",
    "Error_BodyTooLarge": "body-too-large",
    "Error_WrongContent": "wrong-content",
    "Error_Closed": "closed",
    "Error_BadEncoding": "bad-encoding",
    "Error_Protocol": "protocol",
}


class HttpError(Failure):
    """There is no response, or no more of it. Unhandled, it ends the iteration."""

    def __init__(self, kind: ErrorKind, text: str) -> None:
        super().__init__(text)
        self.kind: ErrorKind = kind


def _error(raw: Any) -> HttpError:
    kind = _KINDS.get(type(raw).__name__, "other")
    text = "the response or its stream has ended" if kind == "closed" else raw.value
    return HttpError(kind, text)


def _attempt(call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    try:
        return call(*args, **kwargs)
    except Err as error:
        raise _error(error.value) from None


class _Resource:
    """What the host holds until it is closed, or no longer referred to."""

    __slots__ = ("_raw",)

    def __init__(self, raw: Any) -> None:
        self._raw = raw

    def close(self) -> None:
        """Lets the host forget it. It cannot be used afterwards."""
        if self._raw is not None:
            self._raw.__exit__(None, None, None)
            self._raw = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


class Timings(NamedTuple):
    """Where a request's time went, in seconds; ``None`` was not measured.

    A connection that was kept alive has 0 for what making it would have taken.
    """

    blocked: float | None
    looking_up: float | None
    connecting: float | None
    tls_handshaking: float | None
    sending: float | None
    waiting: float | None
    receiving: float | None
    duration: float | None


class Event(NamedTuple):
    """A Server-Sent Event; ``elapsed`` is from the start of sending the request."""

    kind: str
    data: str
    id: str
    elapsed: float


class EventStream(_Resource):
    """Server-Sent Events, in order, up to the clean end of the body."""

    __slots__ = ()

    def __iter__(self) -> Iterator[Event]:
        return self

    def __next__(self) -> Event:
        event = _attempt(self._raw.next)
        if event is None:
            raise StopIteration
        return Event(event.kind, event.data, event.id, seconds(event.elapsed))

    @property
    def retry(self) -> float | None:
        """How long the server wants a client to wait before it connects anew."""
        return optional_seconds(self._raw.retry())


class BodyStream(_Resource):
    """Pieces of a body, in order, as they arrive."""

    __slots__ = ()

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        piece: bytes | None = _attempt(self._raw.next)
        if piece is None:
            raise StopIteration
        return piece

    @property
    def elapsed(self) -> float | None:
        """From the start of sending the request to the arrival of the last piece."""
        return optional_seconds(self._raw.elapsed())


class Response(_Resource):
    """An answer. It stays in the host, and ends with its iteration."""

    __slots__ = ()

    @property
    def status(self) -> int:
        """The status code."""
        return self._raw.status()

    @property
    def url(self) -> str:
        """The URL that answered, after redirects."""
        return self._raw.url()

    @property
    def protocol(self) -> str:
        """As k6 names it: ``HTTP/1.1``, ``HTTP/2.0``."""
        return self._raw.protocol()

    @property
    def headers(self) -> list[tuple[str, str]]:
        """All headers that are text, in order, names in lower case."""
        return self._raw.headers()

    def header(self, name: str) -> str | None:
        """The first header of this name, in any case."""
        return self._raw.header(as_text(name))

    @property
    def duration(self) -> float | None:
        """Sending, waiting and receiving together, in seconds."""
        return optional_seconds(self._raw.duration())

    @property
    def timings(self) -> Timings:
        """Where the time went."""
        raw = self._raw.timings()
        return Timings(*(optional_seconds(getattr(raw, name)) for name in Timings._fields))

    def body(self) -> bytes:
        """The whole body, received first where it was only opened."""
        return _attempt(self._raw.body)

    def text(self) -> str:
        """The whole body as text in UTF-8."""
        return _attempt(self._raw.text)

    def json(self) -> Any:
        """The whole body as JSON; a ``ValueError`` where it is none."""
        return json.loads(self.text())

    def events(self) -> EventStream:
        """Reads an opened response as Server-Sent Events."""
        return EventStream(_attempt(self._raw.events))

    def chunks(self) -> BodyStream:
        """Reads an opened response in pieces."""
        return BodyStream(_attempt(self._raw.chunks))


class Upload(_Resource):
    """A request whose body is written while it is sent."""

    __slots__ = ()

    def write(self, piece: bytes) -> None:
        """Writes a piece, and waits until the one before is on its way."""
        _attempt(self._raw.write, as_bytes(piece))

    def finish(self) -> Response:
        """Ends the body and waits until the answer is complete."""
        return Response(_attempt(self._raw.finish))

    def open(self) -> Response:
        """Ends the body and waits for the answer's head alone."""
        return Response(_attempt(self._raw.open))


class FormPart(NamedTuple):
    """A part of a form that can hold files."""

    name: str
    content: bytes
    file_name: str | None = None
    content_type: str | None = None


class RequestSettings(TypedDict, total=False):
    """What can be said of a request when it is built."""

    headers: Mapping[str, str | Secret]
    """A secret is a header's whole value; see ``bearer`` and ``set_header``."""
    tags: Mapping[str, str]
    """The tag ``name`` takes the place of the URL in reports."""
    timeout: float
    """Seconds for sending, answer and body together; 60 unless set."""
    head_timeout: float
    """Seconds until the answer's head."""
    idle_timeout: float
    """Seconds until the next piece of the body."""
    text: str
    """The body as text; its ``content-type`` is yours to set."""
    body: bytes
    """The body; its ``content-type`` is yours to set."""
    json: Any
    """The body as JSON, with the ``content-type`` unless ``headers`` have one."""
    form: Mapping[str, str] | Sequence[tuple[str, str]]
    """The body as the fields of a form, with their ``content-type``."""
    multipart: Sequence[FormPart]
    """The body as ``multipart/form-data``."""
    bearer: str | Secret
    """The header ``authorization: Bearer …``."""
    basic_auth: tuple[str, str | Secret]
    """User and password."""
    digest_auth: tuple[str, str | Secret]
    """User and password; each sending is then two requests."""
    cookies: Mapping[str, str]
    """Sent with this request, beside those that are kept."""
    max_redirects: int
    """How many redirects are followed."""
    expected_statuses: Iterable[int | range]
    """What counts as success, ``(404, range(200, 300))``; 200 to 399 unless set."""
    judged: bool
    """``False`` records no ``http_req_failed``."""
    discard_body: bool
    """Drops the answer's body as it arrives."""
    expect_continue: bool
    """Waits for ``100 Continue`` before the body is sent."""


class Request:
    """A request: built once, kept parsed by the host, sent as often as wanted.

    Building never fails: the first mistake is kept, and every sending raises it
    as an ``HttpError`` of the kind ``invalid-request``.
    """

    __slots__ = ("_raw",)

    def __init__(self, method: str, url: str, **settings: Unpack[RequestSettings]) -> None:
        self._raw: Any = http.Request(as_text(method), as_text(url))
        raw = self._raw
        # What brings a content-type comes first, so that a header can replace it.
        if "json" in settings:
            self.set_json(settings["json"])
        if "form" in settings:
            form = settings["form"]
            fields = form.items() if isinstance(form, Mapping) else form
            raw.set_form([(as_text(name), as_text(value)) for name, value in fields])
        if "multipart" in settings:
            raw.set_multipart([*map(_form_part, settings["multipart"])])
        if "text" in settings:
            self.set_text(settings["text"])
        if "body" in settings:
            self.set_body(settings["body"])
        for name, value in settings.get("headers", {}).items():
            self.set_header(name, value)
        for name, text in settings.get("tags", {}).items():
            self.set_tag(name, text)
        if "bearer" in settings:
            self.set_header("authorization", settings["bearer"], prefix="Bearer ")
        if "basic_auth" in settings:
            user, password = settings["basic_auth"]
            if isinstance(password, Secret):
                raw.set_secret_basic_auth(as_text(user), password._raw)
            else:
                raw.set_basic_auth(as_text(user), as_text(password))
        if "digest_auth" in settings:
            user, password = settings["digest_auth"]
            if isinstance(password, Secret):
                raw.set_secret_digest_auth(as_text(user), password._raw)
            else:
                raw.set_digest_auth(as_text(user), as_text(password))
        for name, text in settings.get("cookies", {}).items():
            self.set_cookie(name, text)
        if "timeout" in settings:
            raw.set_timeout(nanoseconds(settings["timeout"]))
        if "head_timeout" in settings:
            raw.set_head_timeout(nanoseconds(settings["head_timeout"]))
        if "idle_timeout" in settings:
            raw.set_idle_timeout(nanoseconds(settings["idle_timeout"]))
        if "max_redirects" in settings:
            raw.set_max_redirects(as_whole(settings["max_redirects"], 32))
        if "expected_statuses" in settings:
            raw.set_expected_statuses([*map(_status_range, settings["expected_statuses"])])
        if not settings.get("judged", True):
            raw.set_unjudged()
        if "discard_body" in settings:
            raw.set_discard_body(bool(settings["discard_body"]))
        if settings.get("expect_continue", False):
            raw.set_expect_continue()

    def set_header(self, name: str, value: str | Secret, *, prefix: str = "") -> None:
        """Sets a header, in place of all earlier ones of that name."""
        if isinstance(value, Secret):
            self._raw.set_secret_header(as_text(name), as_text(prefix), value._raw)
        else:
            self._raw.set_header(as_text(name), as_text(prefix) + as_text(value))

    def append_header(self, name: str, value: str) -> None:
        """Adds a header beside earlier ones of that name."""
        self._raw.append_header(as_text(name), as_text(value))

    def set_text(self, body: str) -> None:
        """Sets the body to this text, in place of an earlier one."""
        self._raw.set_text(as_text(body))

    def set_body(self, body: bytes) -> None:
        """Sets the body, in place of an earlier one."""
        self._raw.set_body(as_bytes(body))

    def set_json(self, body: Any) -> None:
        """Sets the body to this value as JSON, and the ``content-type``.

        A header that is set afterwards takes its place.
        """
        self._raw.set_text(json.dumps(body, separators=(",", ":")))
        self._raw.set_header("content-type", "application/json")

    def set_tag(self, name: str, value: str) -> None:
        """Marks the samples of this request."""
        self._raw.set_tag(tag(name, value))

    def set_cookie(self, name: str, value: str) -> None:
        """Sends a cookie with this request, in place of a kept one of this name."""
        self._raw.set_cookie(as_text(name), as_text(value))

    def send(self) -> Response:
        """Sends the request and waits until the answer is complete."""
        return Response(_attempt(self._raw.send))

    def open(self) -> Response:
        """Sends the request and waits for the answer's head alone."""
        return Response(_attempt(self._raw.open))

    def upload(self, length: int | None = None) -> Upload:
        """Begins to send the request with a body that is yet to be written.

        With a length, that is announced and must be kept to; without, the body
        goes in chunks.
        """
        announced = None if length is None else as_whole(length, 64)
        return Upload(_attempt(self._raw.upload, announced))


def _form_part(part: FormPart) -> Any:
    return http.FormPart(
        as_text(part.name),
        None if part.file_name is None else as_text(part.file_name),
        None if part.content_type is None else as_text(part.content_type),
        as_bytes(part.content),
    )


def _status_range(statuses: int | range) -> Any:
    if isinstance(statuses, range):
        lowest, highest = statuses.start, statuses.stop - 1
    else:
        lowest = highest = statuses
    return http.StatusRange(as_whole(lowest, 16), as_whole(highest, 16))


def request(method: str, url: str, **settings: Unpack[RequestSettings]) -> Response:
    """Builds a request, sends it and waits until the answer is complete."""
    return Request(method, url, **settings).send()


def get(url: str, **settings: Unpack[RequestSettings]) -> Response:
    """Sends a ``GET``."""
    return request("GET", url, **settings)


def post(url: str, **settings: Unpack[RequestSettings]) -> Response:
    """Sends a ``POST``."""
    return request("POST", url, **settings)


def put(url: str, **settings: Unpack[RequestSettings]) -> Response:
    """Sends a ``PUT``."""
    return request("PUT", url, **settings)


def patch(url: str, **settings: Unpack[RequestSettings]) -> Response:
    """Sends a ``PATCH``."""
    return request("PATCH", url, **settings)


def delete(url: str, **settings: Unpack[RequestSettings]) -> Response:
    """Sends a ``DELETE``."""
    return request("DELETE", url, **settings)


def send_all(requests: Sequence[Request]) -> list[Response | HttpError]:
    """Sends requests at once and waits for all; answers come in their order."""
    results = http.send_all([*map(_raw_request, requests)])
    return [
        _error(result.value) if isinstance(result, Err) else Response(result.value)
        for result in results
    ]


def _raw_request(request: Request) -> Any:
    if not isinstance(request, Request):
        raise TypeError(f"a Request is expected, not {type(request).__name__}")
    return request._raw


def set_cookie(url: str, cookie: str) -> None:
    """Keeps a cookie as if the URL's server had set it: ``"id=1; Path=/"``."""
    _attempt(http.set_cookie, as_text(url), as_text(cookie))


def cookies(url: str) -> list[tuple[str, str]]:
    """Names and values of the cookies that a request to the URL would send."""
    return http.cookies(as_text(url))


def delete_cookie(url: str, name: str) -> None:
    """Forgets the cookie of this name that a request to the URL would send."""
    http.delete_cookie(as_text(url), as_text(name))


def clear_cookies(url: str) -> None:
    """Forgets all cookies that a request to the URL would send."""
    http.clear_cookies(as_text(url))
