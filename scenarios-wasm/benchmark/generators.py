"""The load generators that send one GET again and again: how each is started, and what it counted."""

import json
import re
from pathlib import Path
from typing import Protocol

import k6
import vuelo

CONNECTIONS = 50


class Generator(Protocol):
    """A program that sends requests over so many connections from one thread."""

    name: str
    environment: dict[str, str]
    # Those that are no failure.
    exit_codes: set[int]

    def command(self, url: str, seconds: int) -> list[str]:
        """What starts it."""

    def counted(self, said: str) -> tuple[int, float]:
        """The requests that were answered, as it tells them, and the seconds that they took."""


class Vuelo:
    """The scenario of this folder in Rust, started from the cache of compiled ones."""

    name = "Vuelo"
    # At full speed its worker is busy all the time, and Vuelo calls such a run invalid (95).
    exit_codes = {0, 95}

    def __init__(self, program: str, scenario: Path, home: Path) -> None:
        self.program, self.scenario, self.home = program, scenario, home
        self.environment = {"VUELO_CACHE_DIR": str(home / "cache")}
        self.runs = 0

    @property
    def results(self) -> Path:
        return self.home / f"results-{self.runs}"

    def command(self, url: str, seconds: int) -> list[str]:
        # The number of its workers is that of the cores that it may use.
        self.runs += 1
        return vuelo.command(self.program, self.scenario, url, self.results, CONNECTIONS, "-d", f"{seconds}s")

    def counted(self, said: str) -> tuple[int, float]:
        return vuelo.counted(self.results)


class Wrk:
    """wrk, whose loop is in C and which neither makes a request anew nor keeps an answer."""

    name = "wrk"
    environment: dict[str, str] = {}
    exit_codes = {0}

    def __init__(self, program: str) -> None:
        self.program = program

    def command(self, url: str, seconds: int) -> list[str]:
        return [self.program, "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", f"{url}/health"]

    def counted(self, said: str) -> tuple[int, float]:
        assert "Non-2xx" not in said and "Socket errors" not in said, said
        [requests] = re.findall(r"(\d+) requests in ", said)
        [rate] = re.findall(r"Requests/sec: +([\d.]+)", said)
        return int(requests), int(requests) / float(rate)


class Oha:
    """oha, which keeps every request's times until it ends."""

    name = "oha"
    environment: dict[str, str] = {}
    exit_codes = {0}

    def __init__(self, program: str) -> None:
        self.program = program

    def command(self, url: str, seconds: int) -> list[str]:
        # By itself it starts a thread for each core of the machine, those that it may not
        # use included, and at the end breaks off what is under way, which nginx counts.
        load = ["-z", f"{seconds}s", "-w", "-c", str(CONNECTIONS), "--worker-threads", "1"]
        return [self.program, *load, "--no-tui", "--output-format", "json", f"{url}/health"]

    def counted(self, said: str) -> tuple[int, float]:
        result = json.loads(said)
        assert result["errorDistribution"] == {} and set(result["statusCodeDistribution"]) == {"200"}, said
        return result["statusCodeDistribution"]["200"], result["summary"]["total"]


class Goose:
    """The scenario of this folder for Goose."""

    name = "Goose"
    environment: dict[str, str] = {}
    exit_codes = {0}

    def __init__(self, program: str) -> None:
        self.program = program

    def command(self, url: str, seconds: int) -> list[str]:
        # It starts one user a second, and forgets what it counted until all are there, unless
        # it is told otherwise.
        load = ["--users", str(CONNECTIONS), "--increase-rate", "1000", "--run-time", f"{seconds}s", "--no-reset-metrics"]
        return [self.program, "--host", url, *load, "--quiet", "--no-print-metrics", "--no-telnet"]

    def counted(self, said: str) -> tuple[int, float]:
        result = json.loads(said.splitlines()[-1])
        assert result["failed"] == 0, said
        return result["succeeded"], result["seconds"]


class K6Get:
    """The script of this folder for k6."""

    name = "k6"
    environment = k6.ENVIRONMENT
    exit_codes = {0}

    def __init__(self, program: str) -> None:
        self.k6 = k6.K6(program)

    def command(self, url: str, seconds: int) -> list[str]:
        return self.k6.get_command(url, CONNECTIONS, seconds)

    def counted(self, said: str) -> tuple[int, float]:
        return self.k6.counted(said)
