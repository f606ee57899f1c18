"""How Python's values become those of the contract.

A value of another type raises here: the bindings would end the instance.
"""

from __future__ import annotations

from collections.abc import Mapping
from operator import index
from typing import Any, SupportsFloat, SupportsIndex

_LONGEST = 2**64 - 1


def as_text(value: Any) -> str:
    """A text."""
    if not isinstance(value, str):
        raise TypeError(f"a str is expected, not {_type_name(value)}")
    return value


def as_bytes(value: Any) -> bytes:
    """Bytes, of whatever holds some."""
    if isinstance(value, bytes):
        return value
    if not isinstance(value, bytearray | memoryview):
        raise TypeError(f"bytes are expected, not {_type_name(value)}")
    return bytes(value)


def as_number(value: SupportsFloat) -> float:
    """A number."""
    if not hasattr(value, "__float__"):
        raise TypeError(f"a number is expected, not {_type_name(value)}")
    return float(value)


def as_whole(value: SupportsIndex, bits: int) -> int:
    """A whole number without a sign, of at most so many bits."""
    whole = index(value)
    if not 0 <= whole < 1 << bits:
        raise ValueError(f"{whole} is not from 0 to {(1 << bits) - 1}")
    return whole


def _type_name(value: object) -> str:
    return type(value).__name__


def nanoseconds(seconds: float) -> int:
    """A length of time as the contract has it, where none is negative."""
    as_number(seconds)
    return min(max(0, round(seconds * 1_000_000_000)), _LONGEST)


def seconds(nanoseconds: int) -> float:
    """A length of time as Python has it."""
    return nanoseconds / 1_000_000_000


def optional_seconds(nanoseconds: int | None) -> float | None:
    """The same of what may not be known."""
    return None if nanoseconds is None else nanoseconds / 1_000_000_000


def tag_list(tags: Mapping[str, str] | None, more: Mapping[str, str]) -> list[tuple[str, str]]:
    """Tags of a mapping and of keyword arguments, in this order."""
    both = [*tags.items(), *more.items()] if tags else more.items()
    return [tag(name, value) for name, value in both]


def tag(name: str, value: object) -> tuple[str, str]:
    """One tag; a value that is no text is told as one."""
    return (as_text(name), str(value))
