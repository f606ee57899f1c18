#!/usr/bin/env python3
"""Measures scenarios in every language, and k6 and Locust where they are there.

    measure.py VUELO README RESULT.json

The table goes into the README, between its two marks.

The generator has one core and what it loads the other. Rounds of the different
generators alternate; what is told are medians. The flow is that of the examples;
`requests a second` is one request and one count an iteration, without think time,
against nginx.
"""

import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import k6
import page
import vuelo as vuelo_command
from cores import ON_GENERATOR, ON_TARGET
from nginx import Nginx
from tools import without_backtraces

HERE = Path(__file__).resolve().parent
EXAMPLES = HERE.parent / "examples"
LANGUAGES = ["rust", "c", "go", "python", "javascript", "starlingmonkey"]
NAMES = {
    "rust": "Rust",
    "c": "C",
    "go": "Go",
    "python": "Python",
    "javascript": "JavaScript (QuickJS)",
    "starlingmonkey": "JavaScript (StarlingMonkey)",
}
MARK = "<!-- measured by `make languages` -->"
ROUNDS = 3
SECONDS = 4
VUS = 50
# Memory is that of so many virtual users more, divided by them.
FEW, MANY = 10, 60


@dataclass
class Row:
    """What was measured of one generator."""

    name: str
    size: int | None = None
    compile_cold: float | None = None
    start_cached: float | None = None
    memory: float | None = None
    cpu: float | None = None
    rate: float | None = None


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


class Vuelo:
    """Scenarios of one language."""

    def __init__(self, vuelo: str, language: str, home: Path) -> None:
        self.vuelo, self.home, self.name = vuelo, home, NAMES[language]
        self.flow = self.build(EXAMPLES, language)
        self.get = self.build(HERE, language)

    def build(self, kind: Path, language: str) -> Path:
        """The component of a project, whose tools are installed where they are missing."""
        folder = kind / ("javascript" if language == "starlingmonkey" else language)
        install(folder)
        if language == "starlingmonkey":
            folder = self.with_starlingmonkey(folder)
        return vuelo_command.build(self.vuelo, folder)

    def with_starlingmonkey(self, folder: Path) -> Path:
        """The same project, with the other interpreter."""
        tools = EXAMPLES.parent / "conformance/javascript"
        install(tools)
        copy = self.home / f"{folder.parent.name}-starlingmonkey"
        copy.mkdir()
        for entry in folder.iterdir():
            if entry.name not in ("vuelo.toml", "build"):
                (copy / entry.name).symlink_to(entry)
        settings = (folder / "vuelo.toml").read_text().replace("../../..", str(HERE.parent.parent))
        (copy / "vuelo.toml").write_text(settings + 'backend = "starlingmonkey"\n')
        # The examples bring the other one alone.
        (copy / "node_modules").unlink()
        (copy / "node_modules").symlink_to(tools / "node_modules")
        return copy

    def command(self, scenario: Path, url: str, vus: int, *load: str) -> list[str]:
        return vuelo_command.command(self.vuelo, scenario, url, self.home / "results", vus, *load)

    def flow_command(self, url: str, vus: int, *load: str) -> list[str]:
        return self.command(self.flow, url, vus, *load)

    def rate(self, url: str) -> float:
        shutil.rmtree(self.home / "results", ignore_errors=True)
        command = self.command(self.get, url, VUS, "-d", f"{SECONDS}s")
        subprocess.run(ON_GENERATOR + command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        requests, seconds = vuelo_command.counted(self.home / "results")
        return requests / seconds

    def start(self, row: Row) -> None:
        """Compiles it anew, and then starts it from the cache."""
        command = [self.vuelo, "run", str(self.flow), "--dry-run", "--base-url", "http://localhost"]
        cold, cached = [], []
        for number in range(2):
            cache = self.home / f"cache-{self.name}-{number}"
            environment = os.environ | {"VUELO_CACHE_DIR": str(cache)}
            for times in (cold, cached, cached):
                begin = time.monotonic()
                subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                times.append(time.monotonic() - begin)
        row.size = self.flow.stat().st_size
        row.compile_cold, row.start_cached = statistics.median(cold), statistics.median(cached)


class K6(k6.K6):
    """k6, where it is on the search path."""

    def rate(self, url: str) -> float:
        command = self.get_command(url, VUS, SECONDS)
        said = subprocess.run(ON_GENERATOR + command, env=os.environ | k6.ENVIRONMENT, capture_output=True, text=True)
        requests, seconds = self.counted(said.stdout)
        return requests / seconds

    def start(self, row: Row) -> None:
        """It has nothing to compile beforehand."""


class Locust:
    """Locust, where it is on the search path."""

    name = "Locust (FastHttpUser)"

    def __init__(self, program: str) -> None:
        self.program = program

    def rate(self, url: str) -> float:
        command = [self.program, "-f", str(HERE / "others/get_locust.py"), "--headless", "-H", url]
        command += ["-u", str(VUS), "-r", str(VUS), "-t", f"{SECONDS}s", "--json", "--skip-log"]
        said = subprocess.run(ON_GENERATOR + command, capture_output=True, text=True)
        [row] = json.loads(said.stdout)
        return row["num_requests"] / (row["last_request_timestamp"] - row["start_time"])


def install(folder: Path) -> None:
    """The tools of a project, where they are missing."""
    if (folder / "package-lock.json").exists() and not (folder / "node_modules").exists():
        check(["npm", "ci", "--no-audit", "--no-fund", "--loglevel", "error"], folder)
    if (folder / "requirements.txt").exists() and not (folder / ".venv").exists():
        check(["python3", "-m", "venv", ".venv"], folder)
        check([".venv/bin/pip", "install", "-q", "-r", "requirements.txt"], folder)


def check(command: list[str], folder: Path) -> str:
    return subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout


def resident(process: int) -> float:
    """What a process holds of memory in KiB: its share of pages, and page tables."""
    pages = Path(f"/proc/{process}/smaps_rollup").read_text()
    status = Path(f"/proc/{process}/status").read_text()
    [pss] = re.findall(r"^Pss: +(\d+) kB", pages, re.MULTILINE)
    [tables] = re.findall(r"^VmPTE:\s+(\d+) kB", status, re.MULTILINE)
    return float(pss) + float(tables)


def memory(generator: Vuelo | K6, url: str) -> float:
    """What a virtual user takes of memory in the flow, in KiB."""
    # What compiling leaves behind is no user's.
    warming = ON_GENERATOR + generator.flow_command(url, 1, "-d", "1s")
    subprocess.run(warming, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    held = []
    for vus in (FEW, MANY):
        command = ON_GENERATOR + generator.flow_command(url, vus, "-d", "8s")
        running = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(6)
        held.append(resident(running.pid))
        running.wait()
    return (held[1] - held[0]) / (MANY - FEW)


def cpu(generator: Vuelo | K6, url: str) -> float:
    """What an iteration of the flow takes of processor time, in microseconds."""
    iterations, used = (1_000, 3_000), []
    for count in iterations:
        command = ON_GENERATOR + generator.flow_command(url, VUS, "-i", str(count))
        running = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        _, status, usage = os.wait4(running.pid, 0)
        assert status == 0, command
        used.append(usage.ru_utime + usage.ru_stime)
    return (used[1] - used[0]) / (iterations[1] - iterations[0]) * 1e6


def target(vuelo: str) -> tuple[subprocess.Popen[str], str]:
    command = [vuelo, "target", "--listen", "127.0.0.1:0", "--latency", "none"]
    running = subprocess.Popen(ON_TARGET + command, stdout=subprocess.PIPE, text=True)
    assert running.stdout
    return running, running.stdout.readline().split()[-1]


def table(rows: list[Row]) -> str:
    def number(value: float | None, shape: str) -> str:
        return "" if value is None else format(value, shape)

    head = (
        "| | size | compiled in | started from the cache in | a VU's memory | CPU an iteration | requests a second |\n"
        "|---|--:|--:|--:|--:|--:|--:|\n"
    )
    lines = [
        f"| {row.name} | {number(row.size and row.size / 1e6, '.2f')} MB | {number(row.compile_cold, '.2f')} s "
        f"| {number(row.start_cached, '.2f')} s | {number(row.memory, '.0f')} KiB "
        f"| {number(row.cpu, '.0f')} µs | {number(row.rate, ',.0f')} |\n"
        for row in rows
    ]
    # A unit without a number is nothing.
    return head + re.sub(r"\|  (MB|s|KiB|µs) (?=\|)", "| ", re.sub(r"\|  (MB|s|KiB|µs) (?=\|)", "| ", "".join(lines)))


def text(rows: list[Row]) -> str:
    """The table, with what it is of."""
    day = time.strftime("%Y-%m-%d")
    linux = os.uname().release.split("-")[0]
    return (
        f"Measured on {day} on a virtual machine with {os.cpu_count()} cores (Linux {linux}): the generator on one of them,\n"
        f"what it loads on the other, {VUS} virtual users; medians. Memory and CPU are those of the examples' flow (three\n"
        "requests, five checks, think times), requests a second those of one GET and one count an iteration against nginx.\n"
        "Where a generator has nothing to compile, nothing stands.\n\n" + table(rows)
    )


def main() -> None:
    vuelo, markdown, values = (os.path.abspath(path) for path in sys.argv[1:4])
    home = Path(tempfile.mkdtemp())
    without_backtraces()
    os.environ["VUELO_CACHE_DIR"] = str(home / "cache")
    generators: list[Vuelo | K6 | Locust] = []
    for language in LANGUAGES:
        say(f"building {NAMES[language]}")
        generators.append(Vuelo(vuelo, language, home))
    for program, kind in (("k6", K6), ("locust", Locust)):
        if found := shutil.which(program):
            generators.append(kind(found))
        else:
            say(f"no {program} on the search path: it is left out")
    rows = [Row(generator.name) for generator in generators]
    nginx = Nginx(home)
    running = None
    try:
        running, url = target(vuelo)
        for generator, row in zip(generators, rows):
            if isinstance(generator, Locust):
                continue
            say(f"{generator.name}: start, memory, processor time")
            generator.start(row)
            row.memory = memory(generator, url)
            row.cpu = statistics.median(cpu(generator, url) for _ in range(3))
            say(f"  {row}")
        rates: list[list[float]] = [[] for _ in generators]
        for number in range(ROUNDS):
            say(f"requests a second, round {number + 1} of {ROUNDS}")
            for generator, of_generator in zip(generators, rates):
                of_generator.append(generator.rate(nginx.url))
                say(f"  {generator.name}: {of_generator[-1]:,.0f}")
        for row, of_generator in zip(rows, rates):
            row.rate = statistics.median(of_generator)
            spread = (max(of_generator) - min(of_generator)) / row.rate
            if spread > 0.2:
                say(f"{row.name}: rounds differ by {spread:.0%}: this machine is too noisy to judge")
    finally:
        if running:
            running.terminate()
        nginx.process.terminate()
        shutil.rmtree(home, ignore_errors=True)
    page.write_between(Path(markdown), MARK, text(rows))
    Path(values).write_text(json.dumps([asdict(row) for row in rows], indent=2) + "\n")
    print(table(rows))


if __name__ == "__main__":
    main()
