"""Assertions that are counted and end nothing."""

from __future__ import annotations

from collections.abc import Mapping

from ._bindings import checks
from ._values import as_text, tag_list


def check(name: str, passed: bool, tags: Mapping[str, str] | None = None, /, **more: str) -> bool:
    """Records whether the check held, in the current group, and returns it.

    Tags are a mapping, keyword arguments or both::

        if check("status is 200", response.status == 200, agent="navi"):
            ...
    """
    checks.record_check(as_text(name), bool(passed), tag_list(tags, more))
    return passed
