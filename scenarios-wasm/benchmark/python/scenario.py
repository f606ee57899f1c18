"""One request and one count, again and again."""

from vuelo import Counter, Options, config, declare, http, scenario

SENT = Counter("sent")


@scenario
class Visitor:
    """A virtual user."""

    options: Options = {
        "config": {"BASE_URL": {"kind": "url", "default": "http://localhost:7777"}},
        "metrics": declare(SENT),
    }

    def __init__(self) -> None:
        """Builds the request."""
        self.health = http.Request("GET", config.require("BASE_URL") + "/health")

    def iteration(self, _flow: str) -> None:
        """Sends it."""
        self.health.send()
        SENT.add(1)
