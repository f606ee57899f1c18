"""Users who do what users do: their memory with a connection open, and whether those who run are disturbed by more that come."""

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from cores import ON_GENERATOR, ON_TARGET
from noise import Listening, Noise
from process import Memory, processor_time
from watched_run import Ended, Stand, WatchedRun

# So many seconds after all have come the run is over.
STAY = 20
# So many after they have come the processors' time is looked at, from and until; and the
# memory then, since that holds up the process for some milliseconds.
BUSY_FROM, BUSY_UNTIL, MEMORY_AT = 2, 14, 17
# Beside the users others start iterations at a fixed rate, and how late they are is the
# measure of disturbance. Enough of them that none waits for the target: what is late is
# the generator. Those that come while the ramp goes on, and those that come later.
A_SECOND, AT_A_TIME = 100, 50
PROBES = 2 * AT_A_TIME
# Passed; the generator was saturated; thresholds failed, as on a target that is slow.
EXIT_CODES = {0, 95, 99}
ENDING = 60.0


@dataclass
class Flow:
    """So many users of a component, all of whom come in the first seconds."""

    name: str
    component: Path
    vus: int
    # How often each begins an iteration; as soon as the last is over where there is none.
    pacing: str | None = None
    # Within how many seconds they come.
    ramp: int = 10

    @property
    def load(self) -> int:
        """How many seconds the run lasts."""
        return self.ramp + STAY


@dataclass
class Measured:
    """What was measured of a flow."""

    name: str
    vus: int
    pacing: str | None
    ramp: int
    memory: Memory
    # All that the process holds by all its users, the ones beside them included, in KiB.
    of_a_user: float
    of_a_user_shared_once: float
    # From two seconds after all have come, for twelve.
    requests_a_second: float
    generator_cpu: float
    target_cpu: float
    # Of the whole run.
    requests: int
    requests_failed: int
    iterations: int
    iterations_failed: int
    # How late iterations began of the ones beside: milliseconds, 99 of 100 no later.
    lag_in_the_ramp: float
    lag_after_it: float
    # Of these, how many found no user.
    dropped: int
    lags: dict[str, dict[str, float]]
    outcome: str
    saturated: bool
    # From the end of the load, which is that of graceful stop, to the process's end.
    stopped_after: float
    noise: Noise


class Target:
    """The embedded target, on a core of its own, with the latencies that it has by itself."""

    def __init__(self, program: str) -> None:
        command = ON_TARGET + [program, "target", "--listen", "127.0.0.1:0"]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout
        said = self.process.stdout.readline().split()
        assert said, "the target did not start"
        self.url = said[-1]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.process.kill()
        self.process.wait()


def plan(flow: Flow, probe: Path) -> dict[str, object]:
    users: dict[str, object] = {
        "component": str(flow.component),
        "executor": "ramping-vus",
        "startVUs": 0,
        "stages": [{"duration": f"{flow.ramp}s", "target": flow.vus}, {"duration": f"{STAY}s", "target": flow.vus}],
        "gracefulStop": "0s",
    }
    if flow.pacing:
        users["pacing"] = flow.pacing
    beside = {
        "component": str(probe),
        "executor": "constant-arrival-rate",
        "rate": A_SECOND,
        "preAllocatedVUs": AT_A_TIME,
        # One that is dropped would be late with nothing.
        "onNoVU": "queue",
        "gracefulStop": "0s",
    }
    scenarios = {
        "users": users,
        "ramp": beside | {"duration": f"{flow.ramp}s"},
        "after": beside | {"startTime": f"{flow.ramp}s", "duration": f"{BUSY_UNTIL + 1}s"},
    }
    # A part of a metric is kept for a threshold alone.
    kept = {lag(scenario): ["p(99)<5"] for scenario in scenarios}
    return {"options": {"scenarios": scenarios, "thresholds": kept}}


def lag(scenario: str) -> str:
    return f"iteration_lag{{scenario:{scenario}}}"


def measure(flow: Flow, program: str, probe: Path, home: Path) -> Measured:
    file = home / "flow.json"
    file.write_text(json.dumps(plan(flow, probe)))
    others = Listening()
    with Target(program) as target:
        command = ON_GENERATOR + [program, "run", "--plan", str(file), "--base-url", target.url]
        with WatchedRun(command, home) as run:
            before, cpu_before, target_before = look(run, target, flow.ramp + BUSY_FROM)
            after, cpu_after, target_after = look(run, target, flow.ramp + BUSY_UNTIL)
            run.wait_until(lambda stand: stand.seconds >= flow.ramp + MEMORY_AT, ENDING)
            held = run.memory()
            ended = run.end(EXIT_CODES, ENDING)
    elapsed = after.at - before.at
    verdict = ended.result["run"]["verdict"]
    # An iteration of idle users never comes to its end.
    names = ("http_reqs", "iterations", "iterations_failed", "dropped_iterations")
    counted = {name: int(ended.values(name).get("count", 0)) for name in names}
    lags = {scenario: ended.values(lag(scenario)) for scenario in ("users", "ramp", "after")}
    return Measured(
        name=flow.name,
        vus=flow.vus,
        pacing=flow.pacing,
        ramp=flow.ramp,
        memory=held,
        of_a_user=held.all_pages / (flow.vus + PROBES),
        of_a_user_shared_once=held.shared_once / (flow.vus + PROBES),
        requests_a_second=(after.requests - before.requests) / elapsed,
        generator_cpu=(cpu_after - cpu_before) / elapsed,
        target_cpu=(target_after - target_before) / elapsed,
        requests=counted["http_reqs"],
        # k6's names: a rate of failures has a pass for each of them.
        requests_failed=int(ended.values("http_req_failed").get("passes", 0)),
        iterations=counted["iterations"],
        iterations_failed=counted["iterations_failed"],
        lag_in_the_ramp=lags["ramp"]["p(99)"],
        lag_after_it=lags["after"]["p(99)"],
        dropped=counted["dropped_iterations"],
        lags=lags,
        outcome=verdict["outcome"],
        saturated=any(ending["outcome"] == "saturated" for ending in verdict["endings"]),
        stopped_after=ended.at_by_the_wall - end_of_load(flow, ended),
        noise=others.heard(),
    )


def look(run: WatchedRun, target: Target, second: int) -> tuple[Stand, float, float]:
    """How a run stands in a second of its load, and what it and the target have used by then."""
    stand = run.wait_until(lambda stand: stand.seconds >= second, ENDING)
    return stand, run.processor_time(), processor_time(target.process.pid)


def end_of_load(flow: Flow, ended: Ended) -> float:
    """When the load was over by the plan, by the wall's clock."""
    return ended.load_started() + flow.load


def of_one_more(few: Measured, many: Measured) -> float:
    """What one user more takes, in KiB."""
    return (many.memory.all_pages - few.memory.all_pages) / (many.vus - few.vus)
