"""How a scenario wants to be run, typed: ``options.schema.json`` of the contract.

Lengths of time are texts such as ``"30s"`` or ``"1m30s"``, or milliseconds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, Required, TypedDict

Duration = str | float


class Stage(TypedDict):
    """A straight line to a number of virtual users, or to a rate."""

    duration: Duration
    target: int


class Threshold(TypedDict, total=False):
    """A condition with what is to happen."""

    threshold: Required[str]
    abortOnFail: bool
    delayAbortEval: Duration
    onNoData: Literal["fail", "pass"]
    window: Duration


class ConfigKey(TypedDict, total=False):
    """A configuration key that the scenario reads."""

    kind: Literal["string", "url"]
    default: str
    description: str
    required: bool
    secret: bool


class MetricOptions(TypedDict, total=False):
    """A metric of the scenario's own."""

    type: Required[Literal["counter", "gauge", "rate", "trend"]]
    unit: Literal["none", "ms", "bytes"]


class ScenarioOptions(TypedDict, total=False):
    """One of several scenarios that run side by side."""

    executor: Required[
        Literal[
            "ramping-vus",
            "constant-vus",
            "shared-iterations",
            "per-vu-iterations",
            "constant-arrival-rate",
            "ramping-arrival-rate",
        ]
    ]
    arrivals: Literal["even", "poisson"]
    duration: Duration
    env: Mapping[str, str]
    exec: str
    gracefulRampDown: Duration
    gracefulStop: Duration
    iterations: int
    maxDuration: Duration
    maxVUs: int
    onNoVU: Literal["drop", "queue"]
    pacing: Duration
    preAllocatedVUs: int
    rate: int
    stages: Sequence[Stage]
    startRate: int
    startTime: Duration
    startVUs: int
    tags: Mapping[str, str]
    timeUnit: Duration
    vus: int


class Options(TypedDict, total=False):
    """All options of a scenario; every member can be left out."""

    batch: int
    batchPerHost: int
    blacklistIPs: Sequence[str]
    blockHostnames: Sequence[str]
    config: Mapping[str, ConfigKey]
    connectTimeout: Duration
    connections: Literal["vu", "shared"]
    discardResponseBodies: bool
    dns: Mapping[str, Any]
    duration: Duration
    executionSegment: str
    executionSegmentSequence: str
    hosts: Mapping[str, str]
    httpVersion: Literal["auto", "1.1", "2", "3"]
    insecureSkipTLSVerify: bool
    iterations: int
    localIPs: str
    maxBodySize: str | int
    maxRedirects: int
    maxSeries: int
    metrics: Mapping[str, MetricOptions]
    noConnectionReuse: bool
    noCookiesReset: bool
    noVUConnectionReuse: bool
    responseHeadTimeout: Duration
    rps: int
    scenarios: Mapping[str, ScenarioOptions]
    setupTimeout: Duration
    stages: Sequence[Stage]
    streamIdleTimeout: Duration
    tags: Mapping[str, str]
    teardownTimeout: Duration
    thresholds: Mapping[str, str | Sequence[str | Threshold]]
    tlsAuth: Sequence[Mapping[str, Any]]
    tlsVersion: str | Mapping[str, str]
    userAgent: str
    vus: int
