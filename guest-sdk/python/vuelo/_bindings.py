# mypy: disable-error-code="import-not-found, assignment, no-redef"
"""The generated bindings of the contract; outside of a component, stand-ins."""

from __future__ import annotations

from typing import Any, NoReturn

try:
    from componentize_py_types import Err
    from wit_world import exports
    from wit_world.imports import (
        checks,
        config,
        flow,
        http,
        log,
        metrics,
        websocket,
    )
except ModuleNotFoundError:

    class _Absent:
        """Raises when it is used, and not when it is imported."""

        def __getattr__(self, name: str) -> NoReturn:
            if name.startswith("__"):
                raise AttributeError(name)
            raise RuntimeError("the host of a scenario is there in a component alone")

    class Err(Exception):
        """The error of a call, as the bindings raise it."""

        def __init__(self, value: Any) -> None:
            super().__init__(value)
            self.value = value

    exports = None
    checks = config = flow = http = log = metrics = websocket = _Absent()

__all__ = [
    "Err",
    "checks",
    "config",
    "exports",
    "flow",
    "http",
    "log",
    "metrics",
    "websocket",
]
