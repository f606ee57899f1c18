"""The programs that Vuelo is measured beside, installed where they are missing."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nginx

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
BUILT = ROOT / "target/bench-tools"
# Named, so that two machines measure the same program.
OHA = "1.16.0"


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def without_backtraces() -> None:
    """With them each user that is cut off costs a walk over its stack."""
    for name in ("RUST_BACKTRACE", "RUST_LIB_BACKTRACE"):
        os.environ.pop(name, None)


def run(command: list[str], **environment: str) -> None:
    """Runs what installs something, and shows what it says."""
    say("  " + " ".join(command))
    ended = subprocess.run(command, cwd=ROOT, env=os.environ | environment, stdout=sys.stderr)
    assert ended.returncode == 0, f"{command[0]} failed with exit code {ended.returncode}"


def from_debian(package: str) -> None:
    say(f"installing {package}")
    as_root = [] if os.geteuid() == 0 else ["sudo"]
    run([*as_root, "apt-get", "update", "-qq"])
    run([*as_root, "apt-get", "install", "-y", "-qq", "--no-install-recommends", package], DEBIAN_FRONTEND="noninteractive")


def with_nginx() -> None:
    if not Path(nginx.program()).exists():
        from_debian("nginx-light")


def wrk() -> str:
    if not shutil.which("wrk"):
        from_debian("wrk")
    found = shutil.which("wrk")
    assert found, "wrk is not on the search path"
    return found


def oha() -> str:
    program = BUILT / "bin/oha"
    if not program.exists() or version([str(program), "--version"]) != OHA:
        say("building oha, which takes some minutes")
        # The profile of its published binaries, which optimise the program as a whole.
        # Its features are the default ones: without TLS it is not what is published.
        install = ["cargo", "install", f"oha@{OHA}", "--locked", "--profile", "release-ci", "--root", str(BUILT)]
        run(install, CARGO_TARGET_DIR=str(BUILT / "oha"))
    return str(program)


def goose() -> str:
    say("building the scenario for Goose, which takes some minutes the first time")
    manifest = str(HERE / "goose/Cargo.toml")
    build = ["cargo", "build", "--release", "--locked", "--manifest-path", manifest]
    run(build, CARGO_TARGET_DIR=str(BUILT / "goose"))
    return str(BUILT / "goose/release/benchmark-goose")


def version(command: list[str]) -> str:
    """The first version in what a program says of itself."""
    # wrk exits with an error, nginx says it to the error output.
    said = subprocess.run(command, capture_output=True, text=True)
    found = re.search(r"\d+\.\d+\.\d+", said.stdout + said.stderr)
    assert found, f"{' '.join(command)} says no version"
    return found[0]
