# mypy: disable-error-code="no-any-return"
"""The values of the keys that the options declare in ``config``."""

from __future__ import annotations

from typing import Any

from ._bindings import config
from ._values import as_text
from .failure import Failure


class Secret:
    """A value that the scenario can send and not read.

    It is handed to ``http.Request`` and ``websocket.Handshake``: as a header's
    value, as ``bearer``, or as a password.
    """

    __slots__ = ("_raw",)

    def __init__(self, raw: Any) -> None:
        self._raw = raw


def get(key: str) -> str | None:
    """The value; ``None`` without one, of an undeclared key and of a secret."""
    return config.get(as_text(key))


def require(key: str) -> str:
    """The value, or a ``Failure`` that names the key."""
    value = config.get(as_text(key))
    if value is None:
        raise Failure(f"`{key}` has no value")
    return value


def secret(key: str) -> Secret | None:
    """The secret; ``None`` without a value and of a key that is no secret."""
    raw = config.get_secret(as_text(key))
    return None if raw is None else Secret(raw)


def require_secret(key: str) -> Secret:
    """The secret, or a ``Failure`` that names the key."""
    value = secret(key)
    if value is None:
        raise Failure(f"the secret `{key}` has no value")
    return value
