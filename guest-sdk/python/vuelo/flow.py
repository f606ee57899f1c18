# mypy: disable-error-code="no-any-return"
"""The course of an iteration: think time, groups, tags, numbers, endings."""

from __future__ import annotations

from types import TracebackType
from typing import NoReturn

from ._bindings import flow
from ._values import as_text, nanoseconds, tag


def sleep(seconds: float) -> None:
    """Waits, without keeping anybody else from working."""
    flow.sleep(nanoseconds(seconds))


def sleep_between(shortest: float, longest: float) -> None:
    """Waits for a time that is drawn evenly, the same in a run of the same seed."""
    flow.sleep_between(nanoseconds(shortest), nanoseconds(longest))


def random() -> float:
    """An even draw from 0 (included) to 1 (not included), by the run's seed.

    Python's own ``random`` is no such draw: its state is the same in every
    virtual user, as it was when the component was built.
    """
    return flow.random()


class group:  # noqa: N801 - reads as a function, as k6's
    """A group of samples, inside the current one::

    with group("rpc"):
        request.send()
    """

    __slots__ = ("_name",)

    def __init__(self, name: str) -> None:
        self._name = name

    def __enter__(self) -> None:
        flow.begin_group(as_text(self._name))

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        flow.end_group()


def begin_group(name: str) -> None:
    """Opens a group that ``end_group`` closes, or the end of the iteration."""
    flow.begin_group(as_text(name))


def end_group() -> None:
    """Closes the innermost group."""
    flow.end_group()


def set_tag(name: str, value: str) -> None:
    """Marks every later sample, until the iteration ends.

    Set in ``__init__``, it lasts as long as the virtual user.
    """
    flow.set_tag(tag(name, value))


def remove_tag(name: str) -> None:
    """Takes such a tag away."""
    flow.remove_tag(as_text(name))


def vu() -> int:
    """The virtual user's number, from 1; 0 in setup, teardown and summary."""
    return flow.vu()


def vu_iteration() -> int:
    """How many iterations this virtual user had before this one."""
    return flow.vu_iteration()


def scenario_iteration() -> int:
    """The number of this iteration among all of its scenario, from 0."""
    return flow.scenario_iteration()


def scenario_name() -> str:
    """The scenario's name in the plan."""
    return flow.scenario_name()


def abort(reason: str) -> NoReturn:
    """Ends the whole run, gracefully, with exit code 108."""
    flow.abort(as_text(reason))
    raise AssertionError("the host does not return from an abort")


def mark_failed(reason: str) -> None:
    """Lets the run go on, and ends it with exit code 110."""
    flow.mark_failed(as_text(reason))
