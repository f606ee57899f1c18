#!/usr/bin/env python3
"""Counts the instructions that the parts of the host take, and holds them against a
budget: what timing cannot show on a noisy machine.

Takes the built bench `parts`:

    cargo bench -p vuelo --bench parts --no-run
    host/benches/budget.py target/release/deps/parts-…

Valgrind's callgrind counts the instructions of one thread, each part done so often and
eleven times as often; the difference is what the part itself takes. The machine code of
guests is made for the processor that valgrind simulates, so that it does not depend on
what else this one can do."""

import argparse
import concurrent.futures
import datetime
import json
import os
import pathlib
import platform
import re
import shutil
import subprocess
import sys
import tempfile

BUDGET = pathlib.Path(__file__).with_name("budget.json")

# How much more a part may take than when it was measured. Two counts of one build are
# within a hundredth of one another; C libraries and allocations differ from machine to
# machine.
HEADROOM = 0.10

# How much less it takes before somebody should renew the budget, so that what was gained
# is not lost again unnoticed.
GAIN = 0.10


def main():
    arguments = arguments_of_the_command_line()
    budget = {} if arguments.renew else json.loads(BUDGET.read_text())
    machine = budget.get("measured", {}).get("machine", platform.machine())
    if machine != platform.machine():
        print(f"The budget is one of {machine}: nothing is counted on {platform.machine()}.")
        return 0
    if not shutil.which("valgrind"):
        install_valgrind()
    counted = count_all(arguments.binary)
    if arguments.renew:
        write(counted)
        print(f"written: {BUDGET}")
        return 0
    return judge(counted, budget)


def arguments_of_the_command_line():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("binary", type=pathlib.Path, help="the built bench `parts`")
    parser.add_argument(
        "--renew", action="store_true", help="writes the budget anew from what is counted"
    )
    return parser.parse_args()


def install_valgrind():
    as_root = [] if os.geteuid() == 0 else ["sudo"]
    for command in (["update", "-qq"], ["install", "-y", "-qq", "valgrind"]):
        subprocess.run([*as_root, "apt-get", *command], check=True, stdout=subprocess.DEVNULL)


def count_all(binary):
    """Instructions for each part, as whole numbers."""
    listed = subprocess.run([binary, "counted"], capture_output=True, text=True)
    if listed.returncode != 0:
        sys.exit(f"{binary}: {listed.stderr.strip()}")
    parts = [line.split("\t") for line in listed.stdout.splitlines()]
    # A core each. How fast they are has no say in what is counted.
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        runs = {
            name: [
                pool.submit(count, binary, name, int(times) * factor) for factor in (1, 11)
            ]
            for times, name in parts
        }
        return {
            name: round((runs[name][1].result() - runs[name][0].result()) / (10 * int(times)))
            for times, name in parts
        }


def count(binary, name, times):
    """Instructions of the first thread of the process that does a part so often: what
    compiles the guest, and what serves it, are others."""
    with tempfile.TemporaryDirectory() as folder:
        out = pathlib.Path(folder, "out")
        done = subprocess.run(
            [
                "valgrind",
                "--tool=callgrind",
                "--separate-threads=yes",
                f"--callgrind-out-file={out}",
                binary,
                "count",
                name,
                str(times),
            ],
            capture_output=True,
            text=True,
        )
        if done.returncode != 0:
            sys.exit(f"`{name}` could not be counted:\n{done.stderr}")
        text = out.with_name("out-01").read_text()
    return int(re.search(r"^summary: (\d+)", text, re.MULTILINE)[1])


def judge(counted, budget):
    """Prints what there is to be said. 1 where something is not as in the budget."""
    measured = budget["instructions"]
    rows, wrong, gained = [], [], []
    for name in sorted(counted | measured, key=list(counted | measured).index):
        now, before = counted.get(name), measured.get(name)
        if now is None or before is None:
            verdict = "is no part any more" if now is None else "is not in the budget"
            wrong.append(name)
        elif now > before * (1 + HEADROOM):
            verdict = "TOO MANY"
            wrong.append(name)
        elif now < before * (1 - GAIN):
            verdict = "fewer"
            gained.append(name)
        else:
            verdict = ""
        change = f"{now / before - 1:+.1%}" if now and before else ""
        rows.append((name, before or "", now or "", change, verdict))
    print_table(("instructions", "budget", "now", "", ""), rows)
    if gained:
        print(f"\nLess than before: {', '.join(gained)}. Run this with --renew to keep it so.")
    if wrong:
        print(
            f"\nNot as in {BUDGET.name}: {', '.join(wrong)}. The budget has {HEADROOM:.0%} of "
            "headroom. `callgrind_annotate` shows where instructions go, in a build with names "
            "(`cargo rustc --profile bench -p vuelo --bench parts -- -C strip=none`). Where "
            "they are worth what they buy, run this with --renew and say in the commit what "
            "that is.",
            file=sys.stderr,
        )
    return 1 if wrong else 0


def print_table(header, rows):
    table = [header, *rows]
    widths = [max(len(str(row[column])) for row in table) for column in range(len(header))]
    for row in table:
        first, *others = zip(row, widths)
        cells = [str(first[0]).ljust(first[1])]
        cells += [str(cell).rjust(width) for cell, width in others]
        print("  ".join(cells).rstrip())


def write(counted):
    def said_by(*command):
        return subprocess.run(command, capture_output=True, text=True).stdout.strip()

    budget = {
        "measured": {
            "date": datetime.date.today().isoformat(),
            "compiler": said_by("rustc", "--version"),
            "valgrind": said_by("valgrind", "--version"),
            "libc": " ".join(platform.libc_ver()),
            "machine": platform.machine(),
        },
        "instructions": counted,
    }
    BUDGET.write_text(json.dumps(budget, indent=2) + "\n")


if __name__ == "__main__":
    sys.exit(main())
