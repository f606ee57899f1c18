"""What a process holds of memory and has used of the processors, as the system tells."""

import os
import re
from dataclasses import dataclass
from pathlib import Path

TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")


@dataclass
class Memory:
    """In KiB, which is what the system calls kB."""

    # All pages that are there, and of those that are shared this process's part.
    resident: int
    proportional: int
    # What says where the pages are: one user more is a piece of it more.
    page_tables: int
    mappings: int

    @property
    def all_pages(self) -> int:
        return self.resident + self.page_tables

    @property
    def shared_once(self) -> int:
        return self.proportional + self.page_tables


def memory(process: int) -> Memory:
    of = Path(f"/proc/{process}")
    status, pages = (of / "status").read_text(), (of / "smaps_rollup").read_text()

    def kib(name: str, text: str) -> int:
        [found] = re.findall(rf"^{name}:\s+(\d+) kB", text, re.MULTILINE)
        return int(found)

    mappings = (of / "maps").read_text().count("\n")
    return Memory(kib("VmRSS", status), kib("Pss", pages), kib("VmPTE", status), mappings)


def processor_time(process: int) -> float:
    """The seconds that it has used, without its children's."""
    # After the name, in which anything may stand.
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS_A_SECOND
