"""Visitors of an agent platform: they look agents up, and call one of them."""

from __future__ import annotations

from typing import Any, TypedDict

from vuelo import (
    Counter,
    Failure,
    Options,
    Rate,
    Trend,
    check,
    config,
    declare,
    flow,
    group,
    http,
    log,
    scenario,
    setup,
    sleep_between,
)

KNOWN_AGENTS = ("navi", "pulse", "herald")

RPC_DURATION = Trend("rpc_duration", "ms")
RPC_ERRORS = Rate("rpc_errors")
AGENTS_FOUND = Counter("agents_found")


class Data(TypedDict):
    """What setup hands to every virtual user."""

    agents: list[str]


@setup
def find_agents() -> Data:
    """Looks up which of the known agents are there."""
    url = config.require("BASE_URL") + "/.well-known/agents"
    response = http.get(url, tags={"endpoint": "setup"})
    if response.status != 200:
        raise Failure(f"setup: {url} answered {response.status}")
    listing = response.text()
    agents = [agent for agent in KNOWN_AGENTS if agent in listing]
    if not agents:
        raise Failure(f"setup: {url} lists none of {', '.join(KNOWN_AGENTS)}")
    return {"agents": agents}


@scenario
class Visitor:
    """A virtual user."""

    options: Options = {
        "vus": 2,
        "iterations": 20,
        "thresholds": {
            "checks": ["rate>0.95"],
            "http_req_failed": ["rate<0.05"],
            "rpc_duration": ["p(95)<500"],
            "http_req_duration{endpoint:discovery}": ["p(95)<500"],
        },
        "config": {
            "BASE_URL": {"kind": "url", "default": "http://localhost:7777"},
            "AUTH_TOKEN": {"secret": True, "default": "test-token"},
        },
        "metrics": declare(RPC_DURATION, RPC_ERRORS, AGENTS_FOUND),
    }

    def __init__(self, data: Data) -> None:
        """Builds the requests, which are sent as long as the virtual user lives."""
        flow.set_tag("language", "python")
        base_url = config.require("BASE_URL")
        self.card = http.Request(
            "GET",
            base_url + "/.well-known/agent-card.json",
            tags={"endpoint": "discovery", "agent": "global"},
        )
        self.listing = http.Request(
            "GET",
            base_url + "/.well-known/agents",
            tags={"endpoint": "discovery", "agent": "listing"},
        )
        self.calls = [health_call(base_url, agent) for agent in data["agents"]]

    def iteration(self, _flow: str) -> None:
        """One visit."""
        with group("discovery"):
            self.discover()
        sleep_between(0.02, 0.06)
        with group("rpc"):
            self.call_an_agent()
        sleep_between(0.02, 0.06)

    def discover(self) -> None:
        """Reads the platform's card, and which agents there are."""
        card = answer(self.card)
        check("discovery: status is 200", card is not None and card.status == 200)
        check("discovery: has a name", isinstance(member(card, "name"), str))
        sleep_between(0.01, 0.03)
        listing = answer(self.listing)
        agents = member(listing, "agents")
        found = len(agents) if isinstance(agents, list) else 0
        check("discovery: status is 200", listing is not None and listing.status == 200)
        check("discovery: lists agents", found > 0)
        AGENTS_FOUND.add(found)

    def call_an_agent(self) -> None:
        """Asks one of the agents for its health."""
        call = self.calls[int(flow.random() * len(self.calls))]
        response = answer(call)
        answered = response is not None and response.status == 200
        has_result = member(response, "error") is None and isinstance(
            member(response, "result"), dict
        )
        if response is not None and response.duration is not None:
            RPC_DURATION.add_duration(response.duration)
        check("rpc: status is 200", answered)
        check("rpc: has a result", has_result)
        RPC_ERRORS.add(not (answered and has_result))


def health_call(base_url: str, agent: str) -> http.Request:
    """The request that asks an agent for its health."""
    return http.Request(
        "POST",
        f"{base_url}/a2a/{agent}/rpc",
        headers={"x-a2a-protocol": "1.0"},
        json={"jsonrpc": "2.0", "id": 1, "method": "health", "params": {}},
        bearer=config.require_secret("AUTH_TOKEN"),
        tags={"endpoint": "rpc", "agent": agent, "rpc_method": "health"},
        timeout=10,
    )


def answer(request: http.Request) -> http.Response | None:
    """The answer; ``None`` where none comes, which the log tells."""
    try:
        return request.send()
    except http.HttpError as error:
        log.debug(str(error))
        return None


def member(response: http.Response | None, name: str) -> Any:
    """A member of the JSON object in the body; ``None`` where there is none."""
    if response is None:
        return None
    try:
        body = response.json()
    except (ValueError, http.HttpError):
        return None
    return body.get(name) if isinstance(body, dict) else None
