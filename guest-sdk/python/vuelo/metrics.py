"""The scenario's own metrics.

They can be made at module level: the host is asked when one is first used. The
options declare them, ``"metrics": declare(FOUND, DURATION)``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from ._bindings import metrics
from ._values import as_number, as_text, nanoseconds, tag_list
from .options import MetricOptions

Unit = Literal["none", "ms", "bytes"]


class _Metric:
    """A name, and the host's handle once there is one."""

    __slots__ = ("_raw", "name", "unit")

    _type: Literal["counter", "gauge", "rate", "trend"]

    def __init__(self, name: str, unit: Unit = "none") -> None:
        self.name = name
        self.unit: Unit = unit
        self._raw: Any = None

    def _make(self) -> Any:
        raise NotImplementedError

    @property
    def _handle(self) -> Any:
        if self._raw is None:
            self._raw = self._make()
        return self._raw


def declare(*metrics: _Metric) -> dict[str, MetricOptions]:
    """What the options say of these metrics."""
    declared: dict[str, MetricOptions] = {}
    for metric in metrics:
        declared[metric.name] = {"type": metric._type}
        if metric.unit != "none":
            declared[metric.name]["unit"] = metric.unit
    return declared


class Counter(_Metric):
    """A sum that only grows."""

    __slots__ = ()
    _type = "counter"

    def _make(self) -> Any:
        return metrics.Counter(as_text(self.name))

    def add(self, value: float, tags: Mapping[str, str] | None = None, /, **more: str) -> None:
        """Adds to it."""
        self._handle.add(as_number(value), tag_list(tags, more))


class Gauge(_Metric):
    """A value of which the last, the lowest and the highest are kept."""

    __slots__ = ()
    _type = "gauge"

    def _make(self) -> Any:
        return metrics.Gauge(as_text(self.name))

    def set(self, value: float, tags: Mapping[str, str] | None = None, /, **more: str) -> None:
        """Sets it."""
        self._handle.set(as_number(value), tag_list(tags, more))


class Rate(_Metric):
    """The share of samples that are true."""

    __slots__ = ()
    _type = "rate"

    def _make(self) -> Any:
        return metrics.Rate(as_text(self.name))

    def add(self, value: bool, tags: Mapping[str, str] | None = None, /, **more: str) -> None:
        """Adds one sample."""
        self._handle.add(bool(value), tag_list(tags, more))


class Trend(_Metric):
    """A distribution, with percentiles."""

    __slots__ = ()
    _type = "trend"

    def _make(self) -> Any:
        return metrics.Trend(as_text(self.name))

    def add(self, value: float, tags: Mapping[str, str] | None = None, /, **more: str) -> None:
        """Adds one sample, in the unit of the declaration."""
        self._handle.add(as_number(value), tag_list(tags, more))

    def add_duration(
        self, seconds: float, tags: Mapping[str, str] | None = None, /, **more: str
    ) -> None:
        """Adds a length of time in seconds to a trend of the unit ``ms``."""
        self._handle.add_duration(nanoseconds(seconds), tag_list(tags, more))
