"""A run of Vuelo that is watched while it goes on.

It has a terminal for its standard error, where it says once a second how it stands:
so it is known when all its users run, without asking it anything.
"""

import json
import os
import pty
import re
import select
import shutil
import signal
import subprocess
import termios
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import process

LINE = re.compile(r"(\d+)m(\d+)s/\S+ +(\d+) VUs +\d+ iterations +(\d+) requests")
CODES = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


@dataclass
class Stand:
    """How a run stands, by its own words."""

    # Of the load, the making of users before it not included.
    seconds: int
    vus: int
    requests: int
    # When it was read, by the clock that never goes back.
    at: float


@dataclass
class Ended:
    """A run that is over."""

    exit_code: int
    # From its start to its end.
    cpu_seconds: float
    # When it was gone: by the clock that never goes back, and by the wall's.
    at: float
    at_by_the_wall: float
    result: dict[str, Any]

    def load_ended(self) -> float:
        """When the last user was gone, by the wall's clock."""
        # Without teardown nothing that takes time comes between this and the run's end.
        return datetime.fromisoformat(self.result["run"]["end"]).timestamp()

    def load_started(self) -> float:
        """When the load began, by the wall's clock."""
        return self.load_ended() - float(self.result["state"]["testRunDurationMs"]) / 1000

    def values(self, metric: str) -> dict[str, float]:
        """What was measured of a metric; nothing where it has no samples."""
        return dict(self.result["metrics"].get(metric, {}).get("values", {}))


class WatchedRun:
    """A run that ends at the latest with the block that it is used in."""

    def __init__(self, command: list[str], home: Path) -> None:
        self.results, self.said = home / "results", ""
        self.stand: Stand | None = None
        shutil.rmtree(self.results, ignore_errors=True)
        self.terminal, of_run = pty.openpty()
        # A line that is longer than its terminal would be cut.
        termios.tcsetwinsize(of_run, (50, 200))
        self.began = time.time()
        command = [*command, "--yes", "--no-color", "--results", str(self.results)]
        self.process = subprocess.Popen(command, cwd=home, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=of_run)
        os.close(of_run)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self.process.returncode is None:
            self.process.kill()
            self.process.wait()
        os.close(self.terminal)

    def memory(self) -> process.Memory:
        return process.memory(self.process.pid)

    def processor_time(self) -> float:
        return process.processor_time(self.process.pid)

    def wait_until(self, so_far: Callable[[Stand], bool], within: float) -> Stand:
        """Waits until it stands so."""
        last = time.monotonic() + within
        while time.monotonic() < last:
            assert self.listen(last - time.monotonic()), f"the run ended too early:\n{self.last_words()}"
            if self.stand and so_far(self.stand):
                return self.stand
        raise AssertionError(f"the run did not come so far in {within:.0f} s:\n{self.last_words()}")

    def interrupt(self) -> None:
        self.process.send_signal(signal.SIGINT)

    def end(self, exit_codes: set[int], within: float) -> Ended:
        """Waits for its end."""
        last = time.monotonic() + within
        while self.listen(max(0.0, last - time.monotonic())):
            assert time.monotonic() < last, f"the run did not end in {within:.0f} s:\n{self.last_words()}"
        # What it used alone, without what was run before.
        _, status, usage = os.wait4(self.process.pid, 0)
        at, at_by_the_wall = time.monotonic(), time.time()
        self.process.returncode = os.waitstatus_to_exitcode(status)
        code, used = self.process.returncode, usage.ru_utime + usage.ru_stime
        assert code in exit_codes, f"the run ended with exit code {code}:\n{self.last_words()}"
        [file] = self.results.glob("*.json")
        return Ended(code, used, at, at_by_the_wall, json.loads(file.read_text()))

    def listen(self, seconds: float) -> bool:
        """Takes what it says, for so long at most; false once it says nothing any more."""
        if not select.select([self.terminal], [], [], seconds)[0]:
            return True
        try:
            said = os.read(self.terminal, 65_536)
        except OSError:
            # Its side of the terminal is closed.
            return False
        self.said += said.decode(errors="replace")
        # A line that is drawn anew begins with the one before it.
        if found := LINE.findall(self.said):
            minutes, seconds_of_minute, vus, requests = map(int, found[-1])
            stand = (60 * minutes + seconds_of_minute, vus, requests)
            if not self.stand or stand != (self.stand.seconds, self.stand.vus, self.stand.requests):
                self.stand = Stand(*stand, time.monotonic())
        return bool(said)

    def last_words(self) -> str:
        lines = CODES.sub("", self.said).replace("\r", "\n").splitlines()
        return "\n".join([line for line in lines if line.strip()][-12:])
