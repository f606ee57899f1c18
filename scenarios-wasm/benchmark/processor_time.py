"""Who had the processors: nginx, others than those that are measured, or other virtual machines."""

import os
from pathlib import Path

from cores import CORES

TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")
# Of a process's flags: it is one of the kernel's own, which work for whoever makes them.
KERNEL_THREAD = 0x00200000


class Snapshot:
    """The processor time that every process has used, in seconds since it started."""

    def __init__(self) -> None:
        self.parents: dict[int, int] = {}
        self.own: dict[int, float] = {}
        self.everything = 0.0
        for entry in Path("/proc").iterdir():
            if not entry.name.isdigit():
                continue
            try:
                # After the name, in which anything may stand.
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except (FileNotFoundError, ProcessLookupError):
                continue
            if int(fields[6]) & KERNEL_THREAD:
                continue
            user, system, of_children_user, of_children_system = (int(field) / TICKS_A_SECOND for field in fields[11:15])
            self.parents[int(entry.name)] = int(fields[1])
            self.own[int(entry.name)] = user + system
            # A process that ended between two snapshots is in the time of its parent's
            # children, so that the sum over all misses nobody.
            self.everything += user + system + of_children_user + of_children_system
        self.stolen = stolen()

    def of(self, process: int) -> float:
        """What a process and its living children have used."""
        children = [child for child, parent in self.parents.items() if parent == process]
        return self.own[process] + sum(self.own[child] for child in children)


def stolen() -> float:
    """The time in which the host gave the two cores to others, in seconds, of both."""
    lines = Path("/proc/stat").read_text().splitlines()
    times = {fields[0]: fields[1:] for fields in map(str.split, lines)}
    return sum(int(times[f"cpu{core}"][7]) / TICKS_A_SECOND for core in {CORES[0], CORES[-1]})
