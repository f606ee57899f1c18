"""How long it takes from the start of the process to the first request of a compiled scenario."""

import socket
import statistics
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

RUNS = 20
# Nothing that still works takes so long.
GIVEN_UP = 30.0


@dataclass
class Start:
    """Milliseconds of each run, until the target had a connection, and until it had a request."""

    name: str
    connected: list[float]
    requested: list[float]

    def median(self) -> float:
        return statistics.median(self.requested)


def measure(name: str, program: str, component: Path, home: Path) -> Start:
    found = Start(name, [], [])
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(GIVEN_UP)
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        load = ("-u", "1", "-i", "1", "--quiet", "--yes", "--results", str(home / "results"))
        command = [program, "run", str(component), "--base-url", url, *load]
        for _ in range(RUNS):
            connected, requested = once(command, listener, home)
            found.connected.append(connected)
            found.requested.append(requested)
    return found


def once(command: list[str], listener: socket.socket, home: Path) -> tuple[float, float]:
    began = time.monotonic()
    running = subprocess.Popen(command, cwd=home, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        connection, _ = listener.accept()
        with connection:
            connected = time.monotonic()
            connection.settimeout(GIVEN_UP)
            assert connection.recv(1), "a connection was closed without a request"
            requested = time.monotonic()
    except TimeoutError:
        raise AssertionError(f"no request came: {' '.join(command)}") from None
    finally:
        # What comes of the request is of no interest.
        running.kill()
        running.wait()
    return (connected - began) * 1000, (requested - began) * 1000
