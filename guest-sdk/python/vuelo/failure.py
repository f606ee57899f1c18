"""What ends an iteration, told in one text."""

from __future__ import annotations

import traceback
from pathlib import PurePosixPath

from ._bindings import Err


class Failure(Exception):
    """Ends the iteration, or setup or teardown, with its text alone.

    Any other exception ends it too, with its traceback as the text.
    """


def failure_text(error: Exception) -> str:
    """What the host is told of an exception that left the author's code."""
    # Half a surrogate pair is text to Python, and none to the host.
    return _text(error).encode("utf-8", "backslashreplace").decode()


def _text(error: Exception) -> str:
    if isinstance(error, Failure):
        return str(error)
    if isinstance(error, Err):
        # Raised by the raw bindings, or in their manner.
        return error.value if isinstance(error.value, str) else repr(error.value)
    told = traceback.TracebackException.from_exception(error)
    part: traceback.TracebackException | None = told
    while part is not None:
        for frame in part.stack:
            frame.filename = _in_project(frame.filename)
        part = part.__cause__ or part.__context__
    # The first frame is this package's.
    del told.stack[:1]
    return "".join(told.format()).rstrip("\n")


def _in_project(filename: str) -> str:
    """A file's path as its author knows it: the build mounts folders by number."""
    path = PurePosixPath(filename)
    if len(path.parts) > 2 and path.parts[0] == "/" and path.parts[1].isdigit():
        return str(PurePosixPath(*path.parts[2:]))
    return filename
