"""How Python's values become those of the contract."""

from __future__ import annotations

from collections.abc import Mapping


def nanoseconds(seconds: float) -> int:
    """A length of time as the contract has it."""
    return round(seconds * 1_000_000_000)


def seconds(nanoseconds: int) -> float:
    """A length of time as Python has it."""
    return nanoseconds / 1_000_000_000


def optional_seconds(nanoseconds: int | None) -> float | None:
    """The same of what may not be known."""
    return None if nanoseconds is None else nanoseconds / 1_000_000_000


def tag_list(tags: Mapping[str, str] | None, more: Mapping[str, str]) -> list[tuple[str, str]]:
    """Tags of a mapping and of keyword arguments, in this order."""
    return [*tags.items(), *more.items()] if tags else [*more.items()]
