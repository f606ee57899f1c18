#!/usr/bin/env python3
"""Measures how many virtual users fit into one process, what each costs, and how fast they start and stop.

    scale.py VUELO README RESULT.json [--only PART] [--rounds 3]

The tables go into the README, between its two marks; everything that was measured
goes into the result. With `--only` a part is measured and printed, and both stay as
they are.

idle     users who do nothing but wait: of a component that is as small as Rust can be,
         and of one that is written as scenarios are
quickjs  the same in JavaScript
flow     the agent endpoints' scenario against the embedded target, each on one core
start    from the start of the process to the first request

The measurement is made whatever it finds: an aim that is missed is said to be, and is
no error.
"""

import argparse
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import page
import scale_flow
import scale_found
import scale_start
import vuelo
from cores import CORES
from measure import install
from noise import Noise
from scale_flow import Flow
from scale_found import A2A, A2A_UNHURRIED, MARK, QUICKJS, RUST, SDK, Found
from scale_idle import Idle
from tools import say, without_backtraces

HERE = Path(__file__).resolve().parent
PARTS = ("idle", "quickjs", "flow", "start")


def component(program: str, folder: Path, name: str, home: Path) -> Path:
    """The component of a project, built where it is missing, and compiled."""
    built = folder / f"{name}.wasm"
    if not built.exists():
        say(f"building {name}")
        install(folder)
        built = vuelo.build(program, folder)
    # What is measured later starts from the cache.
    dry = subprocess.run([program, "run", str(built), "--dry-run"], cwd=home, capture_output=True, text=True)
    assert dry.returncode == 0, f"{name} cannot be run:\n{dry.stderr}"
    return built


def of_others(noise: Noise) -> str:
    return f"other programs had {noise.others:.0%} of all cores, other machines {noise.stolen:.0%}"


def measure_idle(found: Found, program: str, home: Path, several: list[Idle], rounds: int) -> None:
    for number in range(rounds):
        say(f"users who wait, round {number + 1} of {rounds}")
        for idle in several:
            done = idle.measure(program, home)
            say(
                f"  {idle.name}, {idle.vus:,}: started after {done.started_after:.2f} s, "
                f"{done.memory.all_pages / idle.vus:.1f} KiB each ({done.memory.shared_once / idle.vus:.1f} shared once), "
                f"{done.memory.mappings} mappings, stopped after {done.stopped_after:.2f} s; {of_others(done.noise)}"
            )
    found.idle += several


def measure_flow(found: Found, program: str, home: Path) -> None:
    a2a = component(program, HERE.parent, "a2a", home)
    probe = component(program, HERE / "rust", "benchmark-rust", home)
    waiting = component(program, HERE / "idle-sdk", "idle-sdk", home)
    flows = [
        Flow(A2A, a2a, 1_000),
        Flow(A2A, a2a, 10_000),
        # One core cannot do what 10,000 of them would do without a pause: of a generator
        # that is saturated nobody can say what disturbs it.
        Flow(A2A_UNHURRIED, a2a, 10_000, pacing="30s", ramp=30),
        # The making of users by itself.
        Flow("`idle-sdk`, which does nothing", waiting, 10_000),
    ]
    allowed = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    for flow in flows:
        if flow.component == a2a and allowed < flow.vus + 1_000:
            found.left_out.append(f"{flow.vus:,} users with a connection each are left out: {allowed:,} open files are allowed")
            continue
        say(f"the flow, {flow.vus:,} users: {flow.name}")
        done = scale_flow.measure(flow, program, probe, home)
        say(
            f"  {done.of_a_user:.1f} KiB each ({done.of_a_user_shared_once:.1f} shared once), "
            f"{done.requests_a_second:,.0f} requests/s, {done.requests_failed} failed, "
            f"CPU {done.generator_cpu:.0%}, target {done.target_cpu:.0%}, "
            f"lag p99 {done.lag_in_the_ramp:.2f} ms in the ramp, {done.lag_after_it:.2f} ms after it, {done.outcome}; {of_others(done.noise)}"
        )
        found.flow.append(done)


def measure(program: str, home: Path, parts: list[str], rounds: int) -> Found:
    found = Found()
    if "idle" in parts:
        bare, sdk = component(program, HERE / "idle", "idle", home), component(program, HERE / "idle-sdk", "idle-sdk", home)
        several = [Idle(RUST, bare, vus) for vus in (1_000, 10_000, 100_000)]
        several += [Idle(SDK, sdk, vus) for vus in (1_000, 10_000)]
        measure_idle(found, program, home, several, rounds)
    if "quickjs" in parts:
        javascript = component(program, HERE / "idle-javascript", "idle-javascript", home)
        measure_idle(found, program, home, [Idle(QUICKJS, javascript, vus) for vus in (1_000, 10_000)], 1)
    if "flow" in parts:
        measure_flow(found, program, home)
    if "start" in parts:
        for name, folder in (("benchmark-rust", HERE / "rust"), ("a2a", HERE.parent)):
            start = scale_start.measure(name, program, component(program, folder, name, home), home)
            say(f"{name}: the first request {start.median():.1f} ms after the start")
            found.start.append(start)
    return found


def main() -> None:
    arguments = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    arguments.add_argument("vuelo", type=os.path.abspath)
    arguments.add_argument("readme", type=Path)
    arguments.add_argument("result", type=Path)
    arguments.add_argument(
        "--only", action="append", choices=PARTS, metavar="PART", help="of " + ", ".join(PARTS) + "; can be repeated"
    )
    arguments.add_argument("--rounds", type=int, default=3, help="of the users who wait")
    asked = arguments.parse_args()
    if not asked.only:
        # Not when all is measured.
        page.parts(asked.readme, MARK)
    assert len(CORES) > 1, "a generator and what it loads need a core each"

    # Whoever ends this ends what it started, too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("scale.py: terminated"))
    home = Path(tempfile.mkdtemp())
    os.environ["VUELO_CACHE_DIR"] = str(home / "cache")
    without_backtraces()
    try:
        found = measure(asked.vuelo, home, asked.only or list(PARTS), asked.rounds)
    finally:
        shutil.rmtree(home, ignore_errors=True)
    for what in scale_found.noisy(found):
        say(f"too noisy to judge: {what}")
    for remark in scale_found.remarks(found):
        say(remark)
    if not asked.only:
        page.write_between(asked.readme, MARK, scale_found.text(found, asked.rounds))
        asked.result.write_text(json.dumps(scale_found.result(found, asked.vuelo), indent=2, ensure_ascii=False) + "\n")
    print(scale_found.tables(found))


if __name__ == "__main__":
    try:
        main()
    except AssertionError as error:
        sys.exit(f"scale.py: {error}")
