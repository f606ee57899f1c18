"""Lines for the person who runs the test."""

from __future__ import annotations

from ._bindings import log
from ._values import as_text


def debug(message: str) -> None:
    """Shown with ``--verbose`` alone."""
    log.write(log.Level.DEBUG, as_text(message))


def info(message: str) -> None:
    """Shown."""
    log.write(log.Level.INFO, as_text(message))


def warn(message: str) -> None:
    """Shown, and marked."""
    log.write(log.Level.WARN, as_text(message))


def error(message: str) -> None:
    """Shown, marked, and counted."""
    log.write(log.Level.ERROR, as_text(message))
