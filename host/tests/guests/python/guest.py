"""A scenario in Python, on the contract as it is: no SDK in between."""

import json
from dataclasses import dataclass

from componentize_py_types import Err
from wit_world import exports
from wit_world.imports import checks, config, flow, http, metrics

LANGUAGE = "python"
GREETING = "Grüße, 世界 🦉"
MILLISECOND = 1_000_000  # durations are nanoseconds


@dataclass
class User:
    """What a virtual user keeps from one iteration to the next."""

    request: http.Request
    greeting: str
    greetings: metrics.Counter
    duration: metrics.Trend
    does: str


# The exported classes are made anew for each call: what lasts stands here.
user: User


class Scenario(exports.Scenario):
    def options(self) -> str:
        return json.dumps(
            {
                "vus": 2,
                "iterations": 6,
                "thresholds": {"checks": "rate==1", "greetings": "count==6"},
                "config": {
                    "BASE_URL": {"kind": "url", "required": True},
                    "TOKEN": {"secret": True, "required": True},
                    "DO": {"default": "greet"},
                },
                "metrics": {
                    "greetings": {"type": "counter"},
                    "greeting_duration": {"type": "trend", "unit": "ms"},
                },
            }
        )

    def start(self, data: str) -> None:
        global user
        request = http.Request("GET", f"{config.get('BASE_URL')}/health")
        request.set_tag(("endpoint", "health"))
        request.set_secret_header("authorization", "Bearer ", config.get_secret("TOKEN"))
        user = User(
            request=request,
            greeting=json.loads(data)["greeting"],
            greetings=metrics.Counter("greetings"),
            duration=metrics.Trend("greeting_duration"),
            does=config.get("DO"),
        )

    def iteration(self, exec: str) -> None:
        if user.does == "fail":
            raise Err("this one fails")
        if user.does == "throw":
            raise ValueError("this was thrown")
        flow.begin_group("greet")
        response = user.request.send()
        checks.record_check("status is 200", response.status() == 200, [("language", LANGUAGE)])
        checks.record_check("body is JSON", isinstance(json.loads(response.text()), dict), [])
        checks.record_check("greeting came through", user.greeting == GREETING, [])
        user.greetings.add(1.0, [("flow", exec)])
        user.duration.add_duration(response.duration(), [])
        flow.end_group()
        flow.sleep_between(MILLISECOND, 2 * MILLISECOND)


class Setup(exports.Setup):
    def setup(self) -> str:
        return json.dumps({"greeting": GREETING})
