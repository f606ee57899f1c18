"""How many users who do nothing but wait fit into a process, and how fast they start and stop."""

import json
import statistics
import time
from dataclasses import dataclass, field
from pathlib import Path

from noise import Listening, Noise
from process import Memory
from watched_run import WatchedRun

# How long the making of users, and their end, may take before it is given up.
STARTING, STOPPING = 180.0, 60.0
# A run that a signal ended.
STOPPED = 105


@dataclass
class Round:
    """What was measured of one run."""

    # From the start of the process: the load begins when all users are made, and then
    # each begins its one iteration.
    made_after: float
    started_after: float
    memory: Memory
    # From the signal to the end of the load, when no user is left, and to the process's
    # end; and the processor time that it took.
    load_ended_after: float
    stopped_after: float
    stop_cpu_seconds: float
    noise: Noise


@dataclass
class Idle:
    """So many users of a component."""

    name: str
    component: Path
    vus: int
    rounds: list[Round] = field(default_factory=list)

    def median(self, figure: str) -> float:
        return float(statistics.median(getattr(round, figure) for round in self.rounds))

    def held(self, figure: str) -> float:
        """What the process holds of memory, in KiB, or how many mappings."""
        return float(statistics.median(getattr(round.memory, figure) for round in self.rounds))

    def of_a_user(self, figure: str) -> float:
        """All that the process holds, divided by its users."""
        return self.held(figure) / self.vus

    def measure(self, program: str, home: Path) -> Round:
        plan = home / "idle.json"
        scenario = {
            "component": str(self.component),
            "executor": "constant-vus",
            "vus": self.vus,
            "duration": "1h",
            # What is measured of the stop is what comes after it.
            "gracefulStop": "0s",
        }
        plan.write_text(json.dumps({"options": {"scenarios": {"idle": scenario}}}))
        others = Listening()
        with WatchedRun([program, "run", "--plan", str(plan)], home) as run:
            full = run.wait_until(lambda stand: stand.vus == self.vus, STARTING).seconds
            # A second in which nothing starts any more.
            run.wait_until(lambda stand: stand.seconds > full, STOPPING)
            held, used = run.memory(), run.processor_time()
            told, told_by_the_wall = time.monotonic(), time.time()
            run.interrupt()
            ended = run.end({STOPPED}, STOPPING)
            lag = ended.values("iteration_lag")
            assert lag["count"] == self.vus, f"{lag['count']} of {self.vus} users began an iteration"
            made_after = ended.load_started() - run.began
        # Of idle users an iteration's lag is the time from the load's start to its own.
        done = Round(
            made_after=made_after,
            started_after=made_after + lag["max"] / 1000,
            memory=held,
            load_ended_after=ended.load_ended() - told_by_the_wall,
            stopped_after=ended.at - told,
            stop_cpu_seconds=ended.cpu_seconds - used,
            noise=others.heard(),
        )
        self.rounds.append(done)
        return done


def of_one_more(few: Idle, many: Idle, figure: str) -> float:
    """What one user more takes, in KiB: what all users share is in neither."""
    return (many.held(figure) - few.held(figure)) / (many.vus - few.vus)
