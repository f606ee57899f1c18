"""What a scenario exports: a class and functions of the author's, decorated.

They stand in the project's ``scenario.py``, or are imported there by name: the
build looks for what they export in that module.
"""

from __future__ import annotations

import gc
import inspect
import json
import sys
from collections.abc import Callable, Mapping
from typing import Any, Protocol, TypeVar

from ._bindings import Err, exports
from ._values import as_text
from .failure import failure_text
from .options import Options


class VirtualUser(Protocol):
    """A class that ``scenario`` can decorate.

    ``__init__`` is the contract's ``start``: it is called once per virtual user,
    with what setup returned if it takes a parameter, and is where requests are
    built.
    """

    options: Options
    """How the scenario wants to be run."""

    def iteration(self, flow: str, /) -> None:
        """One iteration of the flow that the plan's ``exec`` names, or ``default``.

        An exception ends this iteration alone.
        """


User = TypeVar("User", bound=VirtualUser)
Prepare = TypeVar("Prepare", bound=Callable[[], Any])
CleanUp = TypeVar("CleanUp", bound=Callable[[Any], None])
Summarize = TypeVar("Summarize", bound=Callable[[Any], Mapping[str, str]])

# The exported classes are made anew for each call: what lasts stands here.
_user: VirtualUser | None = None


def scenario(virtual_user: type[User]) -> type[User]:
    """Makes a class the scenario: each virtual user is an instance of it."""
    make: Callable[..., VirtualUser] = virtual_user
    takes_data = bool(inspect.signature(virtual_user).parameters)

    class Scenario:
        def options(self) -> str:
            return json.dumps(virtual_user.options)

        def start(self, data: str) -> None:
            global _user
            try:
                _user = make(json.loads(data)) if takes_data else make()
            except Exception as error:
                raise Err(failure_text(error)) from None

        def iteration(self, exec: str) -> None:
            assert _user is not None
            try:
                _user.iteration(exec)
            except Exception as error:
                raise Err(failure_text(error)) from None

    _export(virtual_user, Scenario)
    # All virtual users share the memory of what was made when the component was
    # built, until they write to it, as a garbage collection does that walks it.
    gc.freeze()
    return virtual_user


def setup(prepare: Prepare) -> Prepare:
    """Calls the function once before the load.

    What it returns, as JSON, is handed to every virtual user.
    """

    class Setup:
        def setup(self) -> str:
            try:
                return json.dumps(prepare())
            except Exception as error:
                raise Err(failure_text(error)) from None

    _export(prepare, Setup)
    return prepare


def teardown(clean_up: CleanUp) -> CleanUp:
    """Calls the function once after the load, with what setup returned."""

    class Teardown:
        def teardown(self, data: str) -> None:
            try:
                clean_up(json.loads(data))
            except Exception as error:
                raise Err(failure_text(error)) from None

    _export(clean_up, Teardown)
    return clean_up


def summary(summarize: Summarize) -> Summarize:
    """Calls the function once at the end, with the results as k6 has them.

    It returns texts by where they go: ``stdout``, ``stderr`` or the name of a
    file in the results folder, as k6's ``handleSummary``.
    """

    class Summary:
        def summarize(self, results: str) -> list[Any]:
            try:
                texts = summarize(json.loads(results))
                return [_output(destination, text) for destination, text in texts.items()]
            except Exception as error:
                raise Err(failure_text(error)) from None

    _export(summarize, Summary)
    return summarize


def _output(destination: str, text: str) -> Any:
    raw = exports.summary
    text = as_text(text)
    match destination:
        case "stdout":
            return raw.Output(raw.Destination_Stdout(), text)
        case "stderr":
            return raw.Output(raw.Destination_Stderr(), text)
        case file:
            return raw.Output(raw.Destination_File(as_text(file)), text)


def _export(decorated: Any, exported: type) -> None:
    """Puts the class where componentize-py looks for it: in the author's module."""
    if decorated.__name__ == exported.__name__:
        raise TypeError(
            f"`{exported.__name__}` is the name of what the component exports:"
            " the class needs another one"
        )
    if exports is not None and not hasattr(exports, exported.__name__):
        name = exported.__name__.lower()
        raise TypeError(
            f"`{name}` is not among the component's exports:"
            f' add it in vuelo.toml, exports = ["{name}"]'
        )
    setattr(sys.modules[decorated.__module__], exported.__name__, exported)
