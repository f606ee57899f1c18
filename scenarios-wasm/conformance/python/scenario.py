"""The guest that does what docs/guest-conformance.md asks for, in Python."""

from __future__ import annotations

from typing import Any

import flows
from vuelo import Failure, Options, config, flow, log, scenario, setup, summary, teardown


def fail_in(case: str, text: str) -> None:
    """Ends what is called once, where the case is of its failing."""
    if config.get("CASE") == case:
        raise Failure(text)


def raise_in(case: str) -> None:
    """Raises what is no failure of the SDK's, in this case."""
    if config.get("CASE") == case:
        raise ValueError("this was thrown")


@setup
def prepare() -> dict[str, Any]:
    fail_in("setup-failure", "setup says no: Grüße")
    raise_in("setup-exception")
    return {
        "text": 'Grüße, 世界 🦉 "\\\n',
        "padding": "x" * 1_048_576,
        "numbers": [0, -1, 0.1, 9_007_199_254_740_991],
        "nothing": None,
        "nested": {"list": [[], {}], "yes": True},
    }


@scenario
class Guest:
    options: Options = {
        "vus": 1,
        "iterations": 1,
        "setupTimeout": "10s",
        "discardResponseBodies": False,
        "maxRedirects": 5,
        "tags": {"from": "Grüße, 世界 🦉", "quoted": '"\\/'},
        "thresholds": {
            "checks": ["rate>=0"],
            "things": [{"threshold": "count>=0", "abortOnFail": False, "onNoData": "pass"}],
        },
        "config": {
            "BASE_URL": {"kind": "url", "required": True},
            "CASE": {"default": ""},
            "URL": {"default": ""},
            "GREETING": {"default": "hello"},
            "ABSENT": {},
            "TOKEN": {"secret": True},
        },
        "metrics": {
            "things": {"type": "counter"},
            "level": {"type": "gauge"},
            "share": {"type": "rate"},
            "lengths": {"type": "trend", "unit": "ms"},
            "sizes": {"type": "trend", "unit": "bytes"},
            "plain": {"type": "trend"},
        },
    }

    def __init__(self, data: dict[str, Any]) -> None:
        fail_in("start-failure", "start says no: Grüße")
        raise_in("start-exception")
        if config.get("CASE") == "tags":
            flow.set_tag("lasting", "from start")
        self.user = flows.User(config.require("BASE_URL"), data)
        if config.get("CASE") == "handles":
            self.user.handles = flows.Handles(self.user)

    def iteration(self, name: str) -> None:
        self.user.flow = name
        if name not in flows.FLOWS:
            raise Failure(f"there is no flow {name}")
        flows.FLOWS[name](self.user)


@teardown
def clean_up(data: dict[str, Any]) -> None:
    fail_in("teardown-failure", "teardown says no: Grüße")
    if config.get("CASE") == "teardown":
        log.debug(f"teardown={len(data['padding'])}")


@summary
def summarize(results: dict[str, Any]) -> dict[str, str]:
    fail_in("summary-failure", "summary says no: Grüße")
    iterations = int(results["metrics"]["iterations"]["values"]["count"])
    return {"stdout": f"iterations={iterations}\n", "guest.txt": "Grüße"}
