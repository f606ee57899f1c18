"""Load tests for Vuelo in Python.

A scenario is a class, a virtual user is an instance of it in a sandbox of its
own, and a load test is the WebAssembly component that ``vuelo build`` makes::

    from vuelo import Options, check, config, http, scenario, sleep_between


    @scenario
    class Visitor:
        options: Options = {
            "vus": 5,
            "duration": "10s",
            "config": {"BASE_URL": {"kind": "url", "default": "http://localhost:7777"}},
        }

        def __init__(self) -> None:
            self.health = http.Request("GET", config.require("BASE_URL") + "/health")

        def iteration(self, _flow: str) -> None:
            response = self.health.send()
            check("health: status is 200", response.status == 200)
            sleep_between(0.5, 1.5)

Every length of time is in seconds. Outside of a component the package can be
imported, for editors and type checkers; a call of the host then raises.
"""

from . import config, flow, http, log, websocket
from .checks import check
from .failure import Failure
from .flow import group, sleep, sleep_between
from .metrics import Counter, Gauge, Rate, Trend, declare
from .options import (
    ConfigKey,
    MetricOptions,
    Options,
    ScenarioOptions,
    Stage,
    Threshold,
)
from .scenario import scenario, setup, summary, teardown

__all__ = [
    "ConfigKey",
    "Counter",
    "Failure",
    "Gauge",
    "MetricOptions",
    "Options",
    "Rate",
    "ScenarioOptions",
    "Stage",
    "Threshold",
    "Trend",
    "check",
    "config",
    "declare",
    "flow",
    "group",
    "http",
    "log",
    "scenario",
    "setup",
    "sleep",
    "sleep_between",
    "summary",
    "teardown",
    "websocket",
]
