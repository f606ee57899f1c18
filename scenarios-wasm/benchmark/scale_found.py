"""What was measured of many virtual users, held against what is to be reached, and how it is told."""

import resource
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path

import scale_flow
import scale_idle
import scale_start
import tools
from compare import OTHERS, STOLEN, machine
from scale_idle import Idle

MARK = "<!-- measured by `make scale` -->"
RUST, SDK, QUICKJS = "Rust without std", "Rust with the SDK", "JavaScript (QuickJS)"
A2A = "`a2a`"
# What one core is enough for.
A2A_UNHURRIED = f"{A2A}, an iteration every 30 s"
# The kernel's own limit on the mappings of a process.
MAPPINGS = 65_530


@dataclass
class Aim:
    """What is to be reached, and what was."""

    what: str
    measured: float
    at_most: float
    unit: str

    @property
    def held(self) -> bool:
        return self.measured <= self.at_most


@dataclass
class Found:
    """All that was measured."""

    idle: list[Idle] = field(default_factory=list)
    flow: list[scale_flow.Measured] = field(default_factory=list)
    start: list[scale_start.Start] = field(default_factory=list)
    # What could not be measured here, and why.
    left_out: list[str] = field(default_factory=list)

    def of_idle(self, name: str, vus: int) -> list[Idle]:
        return [one for one in self.idle if (one.name, one.vus) == (name, vus)]


def aims(found: Found) -> list[Aim]:
    several: list[Aim] = []
    for idle in found.of_idle(RUST, 100_000):
        several += [
            Aim("100,000 idle Rust users have started", idle.median("started_after"), 60, "s"),
            Aim("each of them, resident and page tables", idle.of_a_user("all_pages"), 24, "KiB"),
            Aim("they have stopped after graceful stop", idle.median("stopped_after"), 2, "s"),
        ]
    for idle in found.of_idle(QUICKJS, 10_000):
        whole = f"{idle.of_a_user('all_pages'):.1f} KiB by what is resident"
        several.append(Aim(f"each of 10,000 in QuickJS, shared pages once ({whole})", idle.of_a_user("shared_once"), 450, "KiB"))
    for flow in found.flow:
        if flow.vus != 10_000:
            continue
        if flow.name in (A2A, A2A_UNHURRIED):
            several.append(Aim(f"each of 10,000 that run {flow.name}, its connection open", flow.of_a_user, 45, "KiB"))
        what = f"lag p99 of others while 10,000 come: {flow.name}"
        several.append(Aim(what, flow.lag_in_the_ramp, 5, "ms"))
    for start in found.start:
        several.append(Aim(f"the first request of `{start.name}`", start.median(), 60, "ms"))
    return several


def remarks(found: Found) -> list[str]:
    """What is to be known of the figures."""
    several = list(found.left_out)
    limit = int(Path("/proc/sys/vm/max_map_count").read_text())
    if limit != MAPPINGS:
        several.append(f"`vm.max_map_count` is {limit:,} here, and the kernel's own limit {MAPPINGS:,}")
    for flow in found.flow:
        whom = f"{flow.vus:,} users ({flow.name})"
        if flow.saturated:
            several.append(
                f"{whom}: the run is invalid, since the generator's core was busy all the time; lags are those of its queue"
            )
        if flow.dropped:
            several.append(f"{whom}: {flow.dropped:,} iterations beside them never began, and are in no lag")
        if flow.iterations_failed:
            several.append(f"{whom}: {flow.iterations_failed:,} iterations failed")
    return several


def noisy(found: Found) -> list[str]:
    """Why this machine is too noisy to judge, if it is."""
    heard = [round.noise for idle in found.idle for round in idle.rounds] + [flow.noise for flow in found.flow]
    others = max((noise.others for noise in heard), default=0.0)
    stolen = max((noise.stolen for noise in heard), default=0.0)
    several = []
    if others > OTHERS:
        several.append(f"other programs had up to {others:.0%} of all cores in a run")
    if stolen > STOLEN:
        several.append(f"other virtual machines took up to {stolen:.0%} of the two cores in a run")
    return several


def table(head: list[str], rows: list[list[str]]) -> str:
    """The first column is of words, the others of figures."""
    lines = [head, ["---"] + ["--:"] * (len(head) - 1), *rows]
    return "".join("| " + " | ".join(cells) + " |\n" for cells in lines)


def idle_table(several: list[Idle]) -> str:
    head = [
        "users who wait",
        "",
        "started after",
        "each holds",
        "shared pages once",
        "one more",
        "mappings",
        "stopped after",
        "CPU of the stop",
    ]
    rows, before = [], None
    for idle in several:
        more = ""
        if before and before.name == idle.name:
            more = f"{scale_idle.of_one_more(before, idle, 'all_pages'):.1f} KiB"
        rows.append(
            [
                idle.name,
                f"{idle.vus:,}",
                f"{idle.median('started_after'):.2f} s",
                f"{idle.of_a_user('all_pages'):.1f} KiB",
                f"{idle.of_a_user('shared_once'):.1f} KiB",
                more,
                f"{idle.held('mappings'):,.0f}",
                f"{idle.median('stopped_after'):.2f} s",
                f"{idle.median('stop_cpu_seconds'):.2f} s",
            ]
        )
        before = idle
    return table(head, rows)


def flow_table(several: list[scale_flow.Measured]) -> str:
    head = [
        "users",
        "",
        "each holds",
        "shared pages once",
        "one more",
        "requests a second",
        "failed",
        "CPU of its core",
        "of the target's",
    ]
    head += ["lag p99 in the ramp", "after it", "stopped after"]
    rows, before = [], None
    for flow in several:
        more = ""
        if before and (before.name, before.pacing) == (flow.name, flow.pacing):
            more = f"{scale_flow.of_one_more(before, flow):.1f} KiB"
        rows.append(
            [
                flow.name,
                f"{flow.vus:,}",
                f"{flow.of_a_user:.1f} KiB",
                f"{flow.of_a_user_shared_once:.1f} KiB",
                more,
                f"{flow.requests_a_second:,.0f}",
                f"{flow.requests_failed:,}",
                f"{flow.generator_cpu:.0%}",
                f"{flow.target_cpu:.0%}",
                f"{flow.lag_in_the_ramp:.2f} ms",
                f"{flow.lag_after_it:.2f} ms",
                f"{flow.stopped_after:.2f} s",
            ]
        )
        before = flow
    return table(head, rows)


def aim_table(several: list[Aim]) -> str:
    rows = []
    for aim in several:
        figures = [f"{aim.measured:,.1f} {aim.unit}", f"{aim.at_most:g} {aim.unit}"]
        rows.append([aim.what, *figures, "held" if aim.held else "**missed**"])
    return table(["aim", "measured", "at most", ""], rows)


def tables(found: Found) -> str:
    several = [aim_table(aims(found))]
    if found.idle:
        several.append(idle_table(found.idle))
    if found.flow:
        several.append(flow_table(found.flow))
    return "\n".join(several)


def text(found: Found, rounds: int) -> str:
    """The tables, with what they are of."""
    of = machine()
    ramps = " or ".join(str(ramp) for ramp in sorted({flow.ramp for flow in found.flow}))
    linux = str(of["kernel"]).split("-")[0]
    said = (
        f"Measured on {time.strftime('%Y-%m-%d')} with {of['cores']} cores ({of['cpu']}, {linux}). What a user holds is all that the process\n"
        "holds, resident pages (`VmRSS`) and page tables (`VmPTE`), divided by its users; beside it the same with pages that\n"
        "are shared counted once (`Pss`), and what one user more takes. Users who wait start and stop on all cores, medians of\n"
        f"{rounds} rounds (of QuickJS one); the others come within {ramps} s on one core, the target on another. Lag is how late iterations\n"
        f"begin of others beside them, {scale_flow.A_SECOND} a second. A first request is that of {scale_start.RUNS} starts, compiled before; the median.\n\n"
    )
    said += tables(found)
    if several := noisy(found):
        said += "\n**This machine was too noisy to judge:** " + "; ".join(several) + ".\n"
    for remark in remarks(found):
        said += f"\n{remark[0].upper()}{remark[1:]}.\n"
    return said


def result(found: Found, program: str) -> dict[str, object]:
    return {
        "date": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "machine": machine()
        | {
            "max_map_count": int(Path("/proc/sys/vm/max_map_count").read_text()),
            "open_files": resource.getrlimit(resource.RLIMIT_NOFILE)[1],
        },
        "versions": {"Vuelo": tools.version([program, "--version"])},
        "aims": [asdict(aim) | {"held": aim.held} for aim in aims(found)],
        "idle": [
            asdict(idle)
            | {
                "component": idle.component.name,
                "kib_of_a_user": {figure: idle.of_a_user(figure) for figure in ("all_pages", "shared_once")},
                "medians": {
                    figure: idle.median(figure)
                    for figure in ("made_after", "started_after", "load_ended_after", "stopped_after", "stop_cpu_seconds")
                },
            }
            for idle in found.idle
        ],
        "flow": [asdict(flow) for flow in found.flow],
        "start": [asdict(start) | {"median": start.median()} for start in found.start],
        "too_noisy_to_judge": noisy(found),
        "remarks": remarks(found),
    }
