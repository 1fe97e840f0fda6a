"""`autograde grade` side by side with nbgrader's own `autograde` and with Otter-Grader: the same
submissions, the same marks, one run.

    python benchmarks/grading.py                              10 submissions to module 05
    python benchmarks/grading.py --sizes 10 100 1000          a straight line?
    python benchmarks/grading.py --module 06_scratch_vs_keras
    python benchmarks/grading.py --sizes 10 5000              does memory stay flat?
    python benchmarks/grading.py --turns blank --sizes 100    what the grader itself takes

**The class.** Right, nearly right (one answer missing) and blank submissions by turns, each another
file. The run stops if two sides, or two classes, give a submission other points for any cell. A
class of blank ones alone shows the overhead best: it is not the small difference of two large
figures, as it is where the learners train a network for two seconds.

**The sides.** Ours draws its hidden inputs from a secret, and has everything on. nbgrader has its
own configuration, with none of our classes, and asks the learner's `check` with the public inputs.
Otter-Grader runs without containers, in one process (`otter.api.grade_submission`, which is
`otter run` in a loop; `otter grade` needs Docker), with a test for each graded cell that asks that
same `check`, and a test case for each part that earns points. It keeps no gradebook. nbgrader and
Otter-Grader run the tests in the learner's process and grade one submission after the other; ours
has as many workers as `--jobs` says. So CPU time is what compares the work, and seconds the wait.

Otter-Grader stays out of our requirements. Make it an environment, with what the notebooks import
and nothing else (with JupyterLab beside it, each of its kernels would start a second later):

    python -m venv otter
    otter/bin/pip install "otter-grader[grading]" numpy matplotlib tensorflow
    python benchmarks/grading.py --otter otter/bin/python

**The figures.** Each class is graded from nothing by a new command. A class of one is always
measured first, and *each further* submission is the difference between a class and the next
smaller one, divided by the difference of their sizes: start-up falls out. CPU time is user and
system time of every process under the command, as the kernel counts it when processes are waited
for (`measure.py`), so that a busy machine does not spoil it. *Overhead* is that CPU time for each
further submission minus the learner's own: what the cells and the checks of such a submission cost
in one plain Python process, the median of several runs after a first one (`learner.py`), averaged
over the class. What libraries do at their first use in a process is not the learner's own by that
measure; where each submission has a new process it is overhead, and so the second figure, beyond
what a submission costs in a new process, is told below the table. A third, for a class of one kind,
is what is spent outside the student process, the one in which the learner's code runs. Peak memory
is the proportional set size of all processes together, looked at while they run. BLAS has one
thread on every side; TensorFlow's own threads are as each side has them. Where a class is larger
than `--stock-up-to`, nbgrader's seconds are its straight line extended, and the ratio is marked ≈.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

from classes import KINDS, Class, student
from measure import THREADS
from sides import Marks, Nbgrader, Otter, Ours, Side
from table import Further, Row, facts, further, seconds_of, table, version_in

HERE = Path(__file__).resolve().parent


def main() -> None:
    os.environ.update(THREADS)
    options = _options()
    otter, why = _otter(options.otter)
    print(f"{options.module}: {facts(otter)}\n{why}", flush=True)
    with tempfile.TemporaryDirectory(prefix="benchmark-") as name:
        folder = Path(name)
        a_class = Class(options.module, folder / "class", options.turns)
        own = learner(a_class, folder / "learner", options.times)
        learners = {kind: seconds["again"] for kind, seconds in own.items()}
        sides: list[Side] = [Ours(a_class, options.jobs)]
        if options.stock_up_to:
            sides.append(Nbgrader(a_class, options.stock_up_to))
        if otter:
            sides.append(Otter(a_class, options.otter_up_to, otter, folder / "otter"))
        rows: list[Row] = []
        marks: Marks = {}
        for count in sorted({1, *options.sizes}):
            rows += [_grade(s, count, folder / "run", marks) for s in sides if count <= s.up_to]
        where = parts(a_class, folder / "parts", options.jobs)
    print(f"\n{table(rows, a_class, learners, Nbgrader.name)}\n")
    print("\n".join(_conclusions(rows, a_class, own, marks, where, options.jobs)))
    if options.json:
        figures = {"rows": [asdict(row) for row in rows], "learner": own, "parts": where}
        options.json.write_text(json.dumps(figures, indent=1))


def learner(a_class: Class, folder: Path, times: int) -> dict[str, dict[str, float]]:
    """CPU seconds that a submission of each kind costs by itself."""
    shutil.copytree(a_class.released, folder)
    kinds = sorted(set(a_class.turns))
    paths = [folder / f"{kind}.ipynb" for kind in kinds]
    for kind, path in zip(kinds, paths, strict=True):
        path.write_bytes(a_class.kinds[kind])
    return dict(zip(kinds, _script("learner.py", folder, times, *paths), strict=True))


def parts(a_class: Class, folder: Path, jobs: int) -> dict[str, Any]:
    """Where our side's time goes, with the first student's submission."""
    a_class.course(folder, 1)
    return _script("parts.py", folder, a_class.module, student(0), jobs, 50)


def _grade(side: Side, count: int, folder: Path, marks: Marks) -> Row:
    """Grade a class, and stop if the marks are not those that were given before."""
    used, given = side.grade(folder, count)
    if astray := sorted(set(given) ^ set(map(student, range(count)))):
        raise SystemExit(f"{side.name} left out or made up {', '.join(astray)}{_kept(folder)}")
    for number in range(count):
        kind, own = side.a_class.kind(number), given[student(number)]
        if own != marks.setdefault(kind, own):
            raise SystemExit(
                f"{side.name} gives {student(number)} of {count} ({kind}) {own}; "
                f"such a submission was given {marks[kind]} before{_kept(folder)}"
            )
    shutil.rmtree(folder)
    print(f"A class of {count:,}, {side.name}: {used.seconds:.1f} s", flush=True)
    return Row(side.name, count, used)


def _kept(folder: Path) -> str:
    """Keep a class to be looked at, and say where."""
    place = tempfile.mkdtemp(prefix="benchmark-differs-")
    return f". The class is in {shutil.move(folder, place)}"


def _conclusions(
    rows: list[Row],
    a_class: Class,
    own: dict[str, Any],
    marks: Marks,
    where: dict[str, Any],
    jobs: int,
) -> list[str]:
    """What the table says, in sentences."""
    again = {kind: seconds["again"] for kind, seconds in own.items()}
    runs: dict[str, list[Row]] = {}
    for row in rows:
        runs.setdefault(row.side, []).append(row)
    new = {kind: seconds["new"] for kind, seconds in own.items()}
    lines = ["All sides gave the same points for every cell: " + _each(marks, _total) + "."]
    lines.append(
        f"The learner's own CPU time: {_each(again, _ms)} (in a new process {_each(new, _ms)})."
    )
    lasting: dict[str, Further] = {}
    for side, its in runs.items():
        if len(its) > 1:
            lasting[side] = each = further(its[0], its[-1], a_class, again)
            beyond_new = further(its[0], its[-1], a_class, new).overhead
            lines.append(
                f"{side}, from 1 to {its[-1].count:,}: each further submission "
                f"{_ms(each.seconds)}, CPU {_ms(each.cpu)}, of it overhead {_ms(each.overhead)} "
                f"({_ms(beyond_new)} beyond a new process's), "
                f"the main process {_ms(each.own_cpu)}."
            )
    mine = runs[Ours.name]
    if Nbgrader.name in lasting:
        us, them = lasting[Ours.name], lasting[Nbgrader.name]
        if min(us.seconds, us.cpu, them.seconds) > 0:
            lines.append(
                f"Each further submission: {them.seconds / us.seconds:.1f} times nbgrader's speed "
                f"with {jobs} workers; nbgrader takes {them.cpu / us.cpu:.1f} times the CPU time."
            )
        else:
            lines.append("The classes are too small to tell start-up from further submissions.")
    if len(mine) > 2:
        lines.append(
            f"Memory, {mine[-1].count:,} submissions to {mine[1].count:,}: all processes "
            f"{mine[-1].used.peak / mine[1].used.peak:.2f}, the coordinator "
            f"{mine[-1].used.own_peak / mine[1].used.own_peak:.2f}."
        )
    if len(set(a_class.turns)) == 1 and Ours.name in lasting:
        beyond = lasting[Ours.name].cpu - where["student"]
        lines.append(
            f"The student process takes {_ms(where['student'])} of each further submission's CPU "
            f"time, all the rest {_ms(beyond)}."
        )
    return [*lines, *_our_parts(where, rows)]


def _our_parts(where: dict[str, Any], rows: list[Row]) -> list[str]:
    startup, one = where["startup"], where["one"]
    total, _ = seconds_of(rows, Ours.name, 1)
    rest = total - sum(startup.values())
    told = ", ".join(f"{name} {seconds:.1f}" for name, seconds in startup.items())
    return [
        f"Our start-up, a class of one in {total:.1f} s: each alone {told}; what is left, "
        f"{rest:.1f}, is Dask, the submission and the end, less what goes on side by side.",
        f"The first submission's CPU time, part by part: {_each(one, _ms)}.",
    ]


def _each(values: dict[str, Any], show: Any) -> str:
    return ", ".join(f"{name} {show(value)}" for name, value in values.items())


def _total(cells: dict[str, float]) -> str:
    return f"{sum(cells.values()):g}"


def _ms(seconds: float) -> str:
    return f"{1000 * seconds:.0f} ms"


def _script(name: str, folder: Path, *arguments: object) -> Any:
    """Run one of the scripts beside this file in a process of its own; what it prints is JSON."""
    command = [sys.executable, str(HERE / name), *map(str, arguments)]
    run = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if run.returncode:
        raise SystemExit(f"{name} failed:\n{run.stderr[-3000:]}")
    return json.loads(run.stdout)


def _otter(python: Path | None) -> tuple[Path | None, str]:
    """Otter's interpreter if it can be used, and a sentence on it."""
    if python is None:
        return None, "Otter-Grader is left out: no --otter PYTHON was given (see the docstring)."
    path = Path(os.path.abspath(python))  # not resolved: a link is what makes it an environment
    version = version_in(path, "otter-grader") if path.is_file() else ""
    if not version:
        return None, f"Otter-Grader is left out: {path} has no otter-grader."
    return path, f"Otter-Grader {version} runs in its own environment."


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--module", default="05_softmax_network")
    parser.add_argument("--sizes", type=int, nargs="+", default=[10], help="of the class")
    parser.add_argument("--turns", nargs="+", choices=KINDS, default=KINDS, help="of submissions")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="workers of our side")
    parser.add_argument("--stock-up-to", type=int, default=30, help="nbgrader's largest class")
    parser.add_argument("--otter", type=Path, help="the Python of Otter-Grader's environment")
    parser.add_argument("--otter-up-to", type=int, default=30, help="Otter-Grader's largest class")
    parser.add_argument("--times", type=int, default=7, help="runs for the learner's own time")
    parser.add_argument("--json", type=Path, help="write the figures here, too")
    return parser.parse_args()


if __name__ == "__main__":
    main()
