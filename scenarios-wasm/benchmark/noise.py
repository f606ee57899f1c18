"""What other programs, and other virtual machines, had of the processors while something was measured."""

import os
import resource
import time
from dataclasses import dataclass

from cores import CORES
from processor_time import Snapshot


@dataclass
class Noise:
    """Parts of the time of all cores, and of the two that are in use."""

    others: float
    stolen: float


class Listening:
    """What others have had since this was made."""

    def __init__(self) -> None:
        self.at, self.before = time.monotonic(), Snapshot()
        self.ours = ours(self.before)

    def heard(self) -> Noise:
        elapsed, after = time.monotonic() - self.at, Snapshot()
        others = after.everything - self.before.everything - (ours(after) - self.ours)
        return Noise(
            others=max(0.0, others) / (os.cpu_count() or 1) / elapsed,
            stolen=(after.stolen - self.before.stolen) / len({CORES[0], CORES[-1]}) / elapsed,
        )


def ours(snapshot: Snapshot) -> float:
    """The time of this process and its children, of those too that are gone."""
    of_children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return snapshot.of(os.getpid()) + of_children.ru_utime + of_children.ru_stime
