"""The benchmark's figures as a Markdown table, with the machine that they come from."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from classes import Class
from measure import Figures


@dataclass(frozen=True)
class Row:
    """One side's run of one class."""

    side: str
    count: int
    used: Figures


@dataclass(frozen=True)
class Further:
    """What each further submission took, from one class to the next larger one."""

    seconds: float
    cpu: float
    own_cpu: float
    overhead: float
    """CPU seconds beyond the learners' own."""


def further(smaller: Row, larger: Row, a_class: Class, learner: Mapping[str, float]) -> Further:
    """Per submission, between two classes of which one is the other's beginning.

    What is common to a run (imports, warm parents, Dask) is in both, and falls out. `learner` is
    what a submission of each kind costs by itself, in CPU seconds.
    """
    kinds = a_class.composition(smaller.count, larger.count)
    more = larger.count - smaller.count
    a, b = smaller.used, larger.used
    cpu = (b.cpu - a.cpu) / more
    own = sum(learner[kind] * n for kind, n in kinds.items()) / more
    main = (b.own_cpu - a.own_cpu) / more
    return Further((b.seconds - a.seconds) / more, cpu, main, cpu - own)


def table(rows: Sequence[Row], a_class: Class, learner: Mapping[str, float], base: str) -> str:
    """One line for each class and side; ratios are to the side `base`."""
    head = (
        "submissions", "graded by", "seconds", "submissions a second", f"times {base}'s speed",
        "ms for each further", "CPU ms for each further", "overhead, CPU ms", "peak MB",
        "peak MB, main process",
    )  # fmt: skip
    lines = [head, ["--:", ":--", *["--:"] * (len(head) - 2)]]
    last: dict[str, Row] = {}
    for row in rows:
        used = row.used
        line = [
            f"{row.count:,}", row.side, f"{used.seconds:.1f}", f"{row.count / used.seconds:.3g}",
            _ratio(row, rows, base),
        ]  # fmt: skip
        if row.side in last:
            each = further(last[row.side], row, a_class, learner)
            line += [f"{1000 * x:.0f}" for x in (each.seconds, each.cpu, each.overhead)]
        else:
            line += ["", "", ""]
        lines.append([*line, f"{used.peak:.0f}", f"{used.own_peak:.0f}"])
        last[row.side] = row
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def seconds_of(rows: Iterable[Row], side: str, count: int) -> tuple[float, bool]:
    """Seconds that a side takes for a class, and whether it was measured.

    Beyond its largest class, on the straight line through its smallest and its largest.
    """
    own = [row for row in rows if row.side == side]
    for row in own:
        if row.count == count:
            return row.used.seconds, True
    first, last = own[0], own[-1]
    slope = (last.used.seconds - first.used.seconds) / (last.count - first.count)
    return last.used.seconds + slope * (count - last.count), False


def _ratio(row: Row, rows: Sequence[Row], base: str) -> str:
    if not any(r.side == base and r.count > 1 for r in rows):
        return ""
    seconds, measured = seconds_of(rows, base, row.count)
    ratio = seconds / row.used.seconds
    return f"{'' if measured else '≈ '}{ratio:{'.1f' if ratio < 100 else '.0f'}}"


def facts(otter: Path | None) -> str:
    """Machine and versions, in one line."""
    names = ("numpy", "nbgrader", "tensorflow", "distributed")
    versions = [f"{name} {importlib.metadata.version(name)}" for name in names]
    if otter:
        versions.append(f"otter-grader {version_in(otter, 'otter-grader')}")
        for name in ("numpy", "tensorflow"):
            theirs, ours = version_in(otter, name), importlib.metadata.version(name)
            if theirs != ours:
                versions.append(f"(Otter's environment has {name} {theirs})")
    cpu = next(
        (x.split(":")[1].strip() for x in _lines("/proc/cpuinfo") if x.startswith("model name")), ""
    )
    return (
        f"{os.cpu_count()} cores ({cpu or platform.machine()}), Linux {platform.release()}, "
        f"BLAS on 1 thread, Python {platform.python_version()}, {', '.join(versions)}."
    )


def version_in(python: Path, package: str) -> str:
    """The version of a package in another environment; empty if it has none."""
    code = f"import importlib.metadata as m; print(m.version({package!r}))"
    run = subprocess.run([python, "-c", code], capture_output=True, text=True, check=False)
    return run.stdout.strip()


def _lines(path: str) -> list[str]:
    return Path(path).read_text().splitlines()
