# mypy: disable-error-code="no-any-return"
"""WebSocket sessions, held, timed and measured by the host.

::

    with websocket.connect("ws://localhost:7777/socket") as socket:
        socket.send("hello")
        answer = socket.receive()
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from types import TracebackType
from typing import Any, Literal, NamedTuple, ParamSpec, Self, TypedDict, TypeVar, Unpack

from ._bindings import Err, websocket
from ._values import as_bytes, as_text, as_whole, nanoseconds, optional_seconds, seconds, tag
from .config import Secret
from .failure import Failure

P = ParamSpec("P")
T = TypeVar("T")

ErrorKind = Literal[
    "invalid",
    "not-allowed",
    "name-lookup",
    "connection-refused",
    "connect",
    "tls",
    "timeout",
    "connection-lost",
    "malformed-response",
    "refused",
    "protocol",
    "message-too-large",
    "closed",
    "other",
]
"""The contract's words for why there is no session, or no longer."""

_KINDS: dict[str, ErrorKind] = {
    "Error_Invalid": "invalid",
    "Error_NotAllowed": "not-allowed",
    "Error_NameLookup": "name-lookup",
    "Error_ConnectionRefused": "connection-refused",
    "Error_Connect": "connect",
    "Error_Tls": "tls",
    "Error_Timeout": "timeout",
    "Error_ConnectionLost": "connection-lost",
    "Error_MalformedResponse": "malformed-response",
    "Error_Refused": "refused",
    "Error_Protocol": "protocol",
    "Error_MessageTooLarge": "message-too-large",
    "Error_Closed": "closed",
}


class Refusal(NamedTuple):
    """An answer that opened no session."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes
    """At most 64 KiB of it."""


class WebSocketError(Failure):
    """There is no session, or no longer. Unhandled, it ends the iteration."""

    def __init__(self, kind: ErrorKind, text: str, refusal: Refusal | None = None) -> None:
        super().__init__(text)
        self.kind: ErrorKind = kind
        self.refusal = refusal


def _error(raw: Any) -> WebSocketError:
    kind = _KINDS.get(type(raw).__name__, "other")
    if kind == "closed":
        return WebSocketError(kind, "the session has ended")
    if kind == "refused":
        refusal = raw.value
        return WebSocketError(
            kind, refusal.text, Refusal(refusal.status, refusal.headers, refusal.body)
        )
    return WebSocketError(kind, raw.value)


def _attempt(call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    try:
        return call(*args, **kwargs)
    except Err as error:
        raise _error(error.value) from None


class Pong(NamedTuple):
    """The answer to a ping, and how many seconds it took."""

    duration: float


class Closed(NamedTuple):
    """The session was closed: the last message."""

    code: int
    """Of RFC 6455; 1005 stands for none."""
    reason: str


Message = str | bytes | Pong | Closed


class Socket:
    """A session. It ends with its ``with`` block or its iteration."""

    __slots__ = ("_raw",)

    def __init__(self, raw: Any) -> None:
        self._raw = raw

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._raw is not None:
            self._raw.__exit__(None, None, None)
            self._raw = None

    @property
    def subprotocol(self) -> str:
        """The subprotocol that the server took; empty where it took none."""
        return self._raw.subprotocol()

    def header(self, name: str) -> str | None:
        """The first header of this name of the answer that opened the session."""
        return self._raw.header(as_text(name))

    def send(self, message: str | bytes) -> None:
        """Sends a text or bytes, and returns when they are written."""
        if isinstance(message, str):
            _attempt(self._raw.send_text, message)
        else:
            _attempt(self._raw.send_binary, as_bytes(message))

    def ping(self) -> None:
        """Sends a ping. The answer comes as a ``Pong``."""
        _attempt(self._raw.ping)

    def receive(self, timeout: float | None = None) -> Message | None:
        """Waits for the next message; ``None`` where none came within ``timeout``.

        Without a timeout it raises where none came within the handshake's.
        """
        within = None if timeout is None else nanoseconds(timeout)
        message = _attempt(self._raw.next, within)
        match message:
            case None:
                return None
            case websocket.Message_Pong():
                return Pong(seconds(message.value))
            case websocket.Message_Closed():
                return Closed(message.value.code, message.value.reason)
            case _:
                return message.value

    def __iter__(self) -> Iterator[str | bytes | Pong]:
        """All messages, until the session is closed."""
        while True:
            message = self.receive()
            if message is None or isinstance(message, Closed):
                return
            yield message

    @property
    def answered_after(self) -> float | None:
        """From the last message that was sent to the last that was received."""
        return optional_seconds(self._raw.answered_after())

    def close(self, code: int = 1000, reason: str = "") -> None:
        """Closes the session, and waits until the other side has answered.

        What came before can still be received; the last message is ``Closed``.
        """
        _attempt(self._raw.close, as_whole(code, 16), as_text(reason))


class HandshakeSettings(TypedDict, total=False):
    """What can be said of a handshake when it is built."""

    headers: Mapping[str, str | Secret]
    """A secret is a header's whole value; see ``bearer`` and ``set_header``."""
    tags: Mapping[str, str]
    """The tag ``name`` takes the place of the URL in reports."""
    timeout: float
    """Seconds for the opening, each sending, closing and receiving; 60 unless set."""
    subprotocols: Sequence[str]
    """Offered in this order."""
    bearer: str | Secret
    """The header ``authorization: Bearer …``."""
    basic_auth: tuple[str, str | Secret]
    """User and password."""


class Handshake:
    """An opening handshake: built once, made as often as wanted."""

    __slots__ = ("_raw",)

    def __init__(self, url: str, **settings: Unpack[HandshakeSettings]) -> None:
        self._raw: Any = websocket.Handshake(as_text(url))
        raw = self._raw
        for name, value in settings.get("headers", {}).items():
            self.set_header(name, value)
        for name, text in settings.get("tags", {}).items():
            raw.set_tag(tag(name, text))
        if "bearer" in settings:
            self.set_header("authorization", settings["bearer"], prefix="Bearer ")
        if "basic_auth" in settings:
            user, password = settings["basic_auth"]
            if isinstance(password, Secret):
                raw.set_secret_basic_auth(as_text(user), password._raw)
            else:
                raw.set_basic_auth(as_text(user), as_text(password))
        for subprotocol in settings.get("subprotocols", ()):
            raw.offer_subprotocol(as_text(subprotocol))
        if "timeout" in settings:
            raw.set_timeout(nanoseconds(settings["timeout"]))

    def set_header(self, name: str, value: str | Secret, *, prefix: str = "") -> None:
        """Sets a header, in place of all earlier ones of that name."""
        if isinstance(value, Secret):
            self._raw.set_secret_header(as_text(name), as_text(prefix), value._raw)
        else:
            self._raw.set_header(as_text(name), as_text(prefix) + as_text(value))

    def append_header(self, name: str, value: str) -> None:
        """Adds a header beside earlier ones of that name."""
        self._raw.append_header(as_text(name), as_text(value))

    def open(self) -> Socket:
        """Opens a session. A redirect is not followed: it is refused."""
        return Socket(_attempt(self._raw.open))


def connect(url: str, **settings: Unpack[HandshakeSettings]) -> Socket:
    """Builds a handshake and opens a session."""
    return Handshake(url, **settings).open()
