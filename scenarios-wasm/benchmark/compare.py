#!/usr/bin/env python3
"""Measures Vuelo side by side with wrk, oha, Goose, and k6 where it is there.

    compare.py VUELO README RESULT.json [--rounds 5] [--seconds 10]

The table goes into the README, between its two marks; every round's figures go
into the result.

All send the same GET to nginx, over 50 connections and from one thread. The
generator has one core and nginx the other. In each round every generator has its
turn, each time in another order; what is told are medians, and those of the ratios
of one round. The measurement is made whatever it finds: what misses its target is
said to, and is no error.
"""

import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path

import page
import tools
import vuelo
from cores import CORES, ON_GENERATOR
from generators import CONNECTIONS, Generator, Goose, K6Get, Oha, Vuelo, Wrk
from nginx import Nginx
from nginx import program as nginx_program
from processor_time import Snapshot
from tools import say, without_backtraces

HERE = Path(__file__).resolve().parent
MARK = "<!-- measured by `make bench` -->"
# Vuelo's requests a second are to be at least so many times those of another.
TARGETS = {"wrk": 0.7, "oha": 0.9, "Goose": 2.5, "k6": 10.0}
# From here on, what a generator counted and what nginx counted are two different things.
COUNTS_DIFFER = 0.001
# The machine is too noisy to judge when the rounds of one generator lie further apart than
# this part of their median, when other programs had more than this part of all its cores in
# a round, or other virtual machines of the two that are in use.
SPREAD, OTHERS, STOLEN = 0.1, 0.05, 0.02
# nginx has its core to itself: busier than this, it is what was measured.
TARGET_BUSY = 0.95


@dataclass
class Round:
    """What one generator did in one round."""

    requests: int
    requests_of_nginx: int
    seconds: float
    requests_a_second: float
    # From the generator's start to its end, its own report included.
    cpu_seconds: float
    cpu_microseconds_a_request: float
    # Parts of one core's time.
    generator_busy: float
    nginx_busy: float
    stolen: float
    # Part of all cores' time.
    other_programs: float


@dataclass
class Measured:
    """A generator, and its rounds."""

    name: str
    version: str
    rounds: list[Round] = field(default_factory=list)

    def rates(self) -> list[float]:
        return [round.requests_a_second for round in self.rounds]

    def median(self, figure: str) -> float:
        return float(statistics.median(getattr(round, figure) for round in self.rounds))

    def spread(self) -> float:
        return (max(self.rates()) - min(self.rates())) / statistics.median(self.rates())


@dataclass
class Ratio:
    """Vuelo's requests a second as so many times another's."""

    to: str
    of_each_round: list[float]
    median: float
    at_least: float
    held: bool


def measure(generator: Generator, nginx: Nginx, home: Path, seconds: int) -> Round:
    """Lets a generator run once."""
    command = ON_GENERATOR + generator.command(nginx.url, seconds)
    said, complained = home / "output", home / "errors"
    before, asked = Snapshot(), nginx.asked()
    begin = time.monotonic()
    with said.open("w") as output, complained.open("w") as errors:
        running = subprocess.Popen(
            command, cwd=home, env=os.environ | generator.environment, stdout=output, stderr=errors
        )
        # What it used alone, without what was run before.
        _, status, usage = os.wait4(running.pid, 0)
    running.returncode = os.waitstatus_to_exitcode(status)
    elapsed = time.monotonic() - begin
    after, served = Snapshot(), nginx.asked() - asked - 1
    if running.returncode not in generator.exit_codes:
        raise AssertionError(f"{generator.name} failed with exit code {running.returncode}:\n{complained.read_text()}")
    requests, took = generator.counted(said.read_text())
    used = usage.ru_utime + usage.ru_stime
    of_nginx = after.of(nginx.process.pid) - before.of(nginx.process.pid)
    others = max(0.0, after.everything - before.everything - used - of_nginx)
    return Round(
        requests=requests,
        requests_of_nginx=served,
        seconds=took,
        requests_a_second=requests / took,
        cpu_seconds=used,
        cpu_microseconds_a_request=used / requests * 1e6,
        generator_busy=used / elapsed,
        nginx_busy=of_nginx / took,
        stolen=(after.stolen - before.stolen) / len({CORES[0], CORES[-1]}) / elapsed,
        other_programs=others / (os.cpu_count() or 1) / elapsed,
    )


def ratios(measured: list[Measured]) -> list[Ratio]:
    """Vuelo, which is the first, beside each of the others."""
    ours, *others = measured
    found = []
    for other in others:
        of_each_round = [mine / its for mine, its in zip(ours.rates(), other.rates())]
        median, at_least = statistics.median(of_each_round), TARGETS[other.name]
        found.append(Ratio(other.name, of_each_round, median, at_least, median >= at_least))
    return found


def noise(measured: list[Measured]) -> list[str]:
    """Why this machine is too noisy to judge, if it is."""
    found = []
    for one in measured:
        if one.spread() > SPREAD:
            found.append(f"the rounds of {one.name} differ by {one.spread():.0%}")
    rounds = [round for one in measured for round in one.rounds]
    others, stolen = max(round.other_programs for round in rounds), max(round.stolen for round in rounds)
    if others > OTHERS:
        found.append(f"other programs had up to {others:.0%} of all cores in a round")
    if stolen > STOLEN:
        found.append(f"other virtual machines took up to {stolen:.0%} of the two cores in a round")
    return found


def remarks(measured: list[Measured]) -> list[str]:
    """What is to be known of the figures beside how noisy the machine was."""
    found = []
    for one in measured:
        requests = sum(round.requests for round in one.rounds)
        served = sum(round.requests_of_nginx for round in one.rounds)
        if abs(requests - served) > served * COUNTS_DIFFER:
            found.append(f"{one.name} counted {requests:,} requests, and nginx {served:,}")
        if one.median("nginx_busy") > TARGET_BUSY:
            found.append(f"beside {one.name}, nginx was busy all the time: the rate is that of nginx")
    return found


def table(measured: list[Measured], found: list[Ratio]) -> str:
    by_name = {ratio.to: ratio for ratio in found}
    lines = [
        "| | requests a second | CPU a request | its core busy | nginx's core busy | Vuelo's rate beside it | at least | |\n"
        "|---|--:|--:|--:|--:|--:|--:|---|\n"
    ]
    for one in measured:
        ratio = by_name.get(one.name)
        judged = f"{ratio.median:.2f} | {ratio.at_least} | {'held' if ratio.held else 'missed'}" if ratio else "| |"
        lines.append(
            f"| {one.name} {one.version} | {one.median('requests_a_second'):,.0f} "
            f"| {one.median('cpu_microseconds_a_request'):.1f} µs | {one.median('generator_busy'):.0%} "
            f"| {one.median('nginx_busy'):.0%} | {judged} |\n"
        )
    return "".join(lines)


def machine() -> dict[str, object]:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return {
        "cpu": models[0] if models else platform.machine(),
        "kernel": f"{platform.system()} {platform.release()}",
        "cores": os.cpu_count(),
    }


def text(measured: list[Measured], found: list[Ratio], noisy: list[str], remarked: list[str], seconds: int) -> str:
    """The table, with what it is of."""
    of = machine()
    linux = str(of["kernel"]).split("-")[0]
    said = (
        f"Measured on {time.strftime('%Y-%m-%d')} with {of['cores']} cores ({of['cpu']}, {linux}): one GET again and again\n"
        f"to nginx, which answers 15 bytes of JSON, over {CONNECTIONS} connections and from one thread; the generator on one core, nginx\n"
        f"on another. Medians of {len(measured[0].rounds)} rounds of {seconds} s, in which all take turns; ratios are those of one round.\n"
        "CPU is a generator's own, from its start to the end of its report.\n\n" + table(measured, found)
    )
    if noisy:
        said += "\n**This machine was too noisy to judge:** " + "; ".join(noisy) + ".\n"
    for remark in remarked:
        said += f"\n{remark[0].upper()}{remark[1:]}.\n"
    return said


def generators(program: str, home: Path) -> dict[Generator, str]:
    """All that are to be measured, with their versions. Vuelo is the first."""
    project = HERE / "rust"
    component = project / "benchmark-rust.wasm"
    if not component.exists():
        say("building Vuelo's scenario")
        component = vuelo.build(program, project)
    tools.with_nginx()
    wrk, oha, goose = tools.wrk(), tools.oha(), tools.goose()
    found: dict[Generator, str] = {
        Vuelo(program, component, home): tools.version([program, "--version"]),
        Wrk(wrk): tools.version([wrk, "--version"]),
        Oha(oha): tools.version([oha, "--version"]),
        Goose(goose): tools.version([goose, "--version"]),
    }
    if k6 := shutil.which("k6"):
        found[K6Get(k6)] = tools.version([k6, "version"])
    else:
        say("no k6 on the search path: it is left out")
    return found


def main() -> None:
    arguments = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    arguments.add_argument("vuelo", type=os.path.abspath)
    arguments.add_argument("readme", type=Path)
    arguments.add_argument("result", type=Path)
    arguments.add_argument("--rounds", type=int, default=5)
    arguments.add_argument("--seconds", type=int, default=10, help="of each generator in each round")
    asked = arguments.parse_args()
    without_backtraces()
    # Not when all is measured.
    page.parts(asked.readme, MARK)
    assert len(CORES) > 1, "a generator and what it loads need a core each"

    home = Path(tempfile.mkdtemp())
    nginx = None
    try:
        versions = generators(asked.vuelo, home)
        measured = {generator: Measured(generator.name, version) for generator, version in versions.items()}
        nginx = Nginx(home)
        say("a second of each, which does not count")
        for generator in measured:
            measure(generator, nginx, home, 1)
        in_turn = list(measured)
        for number in range(asked.rounds):
            say(f"round {number + 1} of {asked.rounds}")
            for generator in in_turn:
                done = measure(generator, nginx, home, asked.seconds)
                measured[generator].rounds.append(done)
                say(
                    f"  {generator.name}: {done.requests_a_second:,.0f} requests/s, "
                    f"{done.cpu_microseconds_a_request:.1f} µs each, nginx {done.nginx_busy:.0%} busy, "
                    f"others {done.other_programs:.1%}, stolen {done.stolen:.1%}"
                )
            # Whoever disturbs once in a while does not always meet the same.
            in_turn = in_turn[1:] + in_turn[:1]
    finally:
        if nginx:
            nginx.process.terminate()
            nginx.process.wait()
        shutil.rmtree(home, ignore_errors=True)

    rows = list(measured.values())
    found, noisy, remarked = ratios(rows), noise(rows), remarks(rows)
    for warning in noisy:
        say(f"too noisy to judge: {warning}")
    for remark in remarked:
        say(remark)
    page.write_between(asked.readme, MARK, text(rows, found, noisy, remarked, asked.seconds))
    result = {
        "date": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "machine": machine(),
        "versions": {row.name: row.version for row in rows} | {"nginx": tools.version([nginx_program(), "-v"])},
        "connections": CONNECTIONS,
        "rounds": asked.rounds,
        "seconds": asked.seconds,
        "generators": [
            asdict(row)
            | {
                "medians": {figure: row.median(figure) for figure in ("requests_a_second", "cpu_microseconds_a_request")},
                "spread": row.spread(),
            }
            for row in rows
        ],
        "ratios": [asdict(ratio) for ratio in found],
        "too_noisy_to_judge": noisy,
        "remarks": remarked,
    }
    asked.result.write_text(json.dumps(result, indent=2, ensure_ascii=False) + "\n")
    print(table(rows, found))


if __name__ == "__main__":
    try:
        main()
    except AssertionError as error:
        sys.exit(f"compare.py: {error}")
