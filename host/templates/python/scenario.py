"""Visitors who ask a server for its health, again and again."""

from vuelo import Options, Trend, check, config, declare, http, scenario, sleep_between

HEALTH_DURATION = Trend("health_duration", "ms")


@scenario
class Visitor:
    """A virtual user."""

    options: Options = {
        "vus": 5,
        "duration": "10s",
        "thresholds": {
            "http_req_failed": ["rate<0.01"],
            "http_req_duration": ["p(95)<500"],
        },
        "config": {
            "BASE_URL": {"kind": "url", "default": "http://localhost:7777"},
        },
        "metrics": declare(HEALTH_DURATION),
    }

    def __init__(self) -> None:
        """Once per virtual user: builds what it sends again and again."""
        url = config.require("BASE_URL") + "/health"
        self.health = http.Request("GET", url, tags={"endpoint": "health"})

    def iteration(self, _flow: str) -> None:
        """Again and again. An exception ends this iteration alone."""
        response = self.health.send()
        check("health: status is 200", response.status == 200)
        if response.duration is not None:
            HEALTH_DURATION.add_duration(response.duration)
        sleep_between(0.5, 1.5)
