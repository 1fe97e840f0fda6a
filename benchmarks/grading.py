"""`autograde grade` side by side with nbgrader's own `autograde`: the same submissions, one run.

    python benchmarks/grading.py                     quick: 10 submissions, module 05
    python benchmarks/grading.py --sizes 10 100 1000 the line from 10 to 1,000

nbgrader's own run has its own configuration, with none of our classes, and cannot be given
secret inputs: it runs the learner's `check` with the public ones. Its marks must be the same, since
these learners are honest. Each side has its BLAS on one thread.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import psutil
from nbgrader.api import Gradebook

from autograde.demo.submissions import as_bytes, author_answers, filled
from autograde.grading.course import Course
from autograde.grading.plan import read
from autograde.grading.work import Marker
from autograde.grading.write import save
from autograde.trusted import Cell

ROOT = Path(__file__).resolve().parents[1]
THREADS = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
STOCK = """
import os, sys
c = get_config()
os.environ["PATH"] = os.pathsep.join([os.path.dirname(sys.executable), os.environ["PATH"]])
c.CourseDirectory.course_id = "neural_networks"
c.CourseDirectory.source_directory = "solutions"
c.CourseDirectory.release_directory = "course"
c.CourseDirectory.ignore = [".ipynb_checkpoints", "*.pyc", "__pycache__", "feedback", "*.py"]
c.Execute.timeout = 120
"""


@dataclass
class Run:
    """One side's figures."""

    seconds: float
    peak: float
    """MB of all processes together."""


def class_of(folder: Path, module: str, count: int) -> Path:
    """A course with `count` honest submissions: every third blank, the others right."""
    shutil.copy(ROOT / "nbgrader_config.py", folder)
    for step in ("solutions", "course"):
        shutil.copytree(
            ROOT / step / module, folder / step / module,
            ignore=shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints"),
        )  # fmt: skip
    run(folder, "nbgrader", "generate_assignment", module, "--force")
    for notebook in (folder / "course" / module).glob("*_exercises.ipynb"):
        released = nbformat.read(notebook, as_version=4)
        answers = author_answers(folder / "solutions" / module / notebook.name)
        for number in range(count):
            place = folder / "submitted" / f"s{number:05}" / module
            place.mkdir(parents=True, exist_ok=True)
            mine = {} if number % 3 == 2 else answers
            (place / notebook.name).write_bytes(as_bytes(filled(released, mine)))
    return folder


def run(folder: Path, *command: str) -> Run:
    """Run a command of this environment, and watch what it and its children use."""
    path = [str(Path(sys.executable).with_name(command[0])), *command[1:]]
    log = folder / "log"
    started = time.perf_counter()
    with log.open("a") as out:
        process = subprocess.Popen(
            path, cwd=folder, env=os.environ | THREADS, stdout=out, stderr=out
        )
        peak = [0.0]
        watcher = threading.Thread(target=_watch, args=(process, peak))
        watcher.start()
        process.wait()
        watcher.join()
    seconds = time.perf_counter() - started
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{log.read_text()[-2000:]}")
    return Run(seconds, peak[0] / 1e6)


def _watch(process: subprocess.Popen, peak: list[float]) -> None:
    while process.poll() is None:
        total = 0
        try:
            for one in [root := psutil.Process(process.pid), *root.children(recursive=True)]:
                try:  # shared pages once: a forked child has its parent's
                    total += one.memory_full_info().pss
                except (psutil.Error, OSError):
                    continue
        except psutil.Error:
            return
        peak[0] = max(peak[0], total)
        time.sleep(0.25)


def marks(folder: Path, module: str) -> dict[str, float]:
    with Gradebook(f"sqlite:///{folder}/gradebook.db", "neural_networks") as gradebook:
        return {s.student.id: round(s.score, 6) for s in gradebook.assignment_submissions(module)}


def compare(module: str, count: int, jobs: int, *, stock: bool) -> dict[str, float]:
    """Grade one class both ways, and print the figures."""
    with tempfile.TemporaryDirectory() as name:
        ours = Path(name, "ours")
        ours.mkdir()
        class_of(ours, module, count)
        theirs = Path(name, "theirs")
        if stock:
            shutil.copytree(ours, theirs)
            (theirs / "nbgrader_config.py").write_text(STOCK)
        one = ["--student=s00000"]
        start = run(ours, "autograde", "grade", module, "--jobs", str(jobs), *one)
        mine = run(ours, "autograde", "grade", module, "--jobs", str(jobs), "--force")
        row = {
            "submissions": count, "seconds": mine.seconds, "a second": count / mine.seconds,
            "start-up": start.seconds, "peak MB": mine.peak,
        }  # fmt: skip
        if stock:
            nbgrader = run(theirs, "nbgrader", "autograde", module)
            given, wanted = marks(ours, module), marks(theirs, module)
            if given != wanted:
                differ = {s: (given.get(s), m) for s, m in wanted.items() if given.get(s) != m}
                raise SystemExit(f"the marks differ (ours, nbgrader's): {differ}")
            row |= {
                "nbgrader seconds": nbgrader.seconds,
                "nbgrader peak MB": nbgrader.peak,
                "ratio": nbgrader.seconds / mine.seconds,
            }
    print("  ".join(f"{name} {value:.4g}" for name, value in row.items()), flush=True)
    return row


def overhead(module: str, count: int = 10) -> None:
    """What a submission costs beyond its own code, in CPU time, which other programs do not slow:
    the processes and the sandbox of an empty notebook, the worker's part, the coordinator's."""
    with tempfile.TemporaryDirectory() as name:
        course = Course(class_of(Path(name), module, 1), module)
        marker = Marker(course.assignment)
        empty = [Cell("pass", "learner")]

        def each(action: Callable[[], Any]) -> tuple[float, float]:
            """CPU milliseconds of this process and of its children, for one call."""
            action()
            own, children = time.process_time(), _children()
            for _ in range(count):
                action()
            own, children = time.process_time() - own, _children() - children
            return 1000 * own / count, 1000 * children / count

        submission = read(course, "s00000")
        marked = marker.mark(submission)["notebooks"]
        _, sandbox = each(lambda: marker._grader.grade(empty))
        worker, student = each(lambda: marker.mark(submission))
        coordinator, _ = each(lambda: save(course, read(course, "s00000"), marked))
        marker.close()
        course.close()
    print(
        f"CPU of one submission: coordinator {coordinator:.0f} ms, worker {worker:.0f} ms,"
        f" new processes in their sandbox {sandbox:.0f} ms; a right one's own code and its checks "
        f"{student - sandbox:.0f} ms."
    )


def _children() -> float:
    total = 0.0
    for one in psutil.Process().children(recursive=True):
        try:
            used = one.cpu_times()
        except psutil.Error:
            continue
        total += used.user + used.system + used.children_user + used.children_system
    return total


def main() -> None:
    os.environ.update(THREADS)
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--module", default="05_softmax_network")
    parser.add_argument("--sizes", type=int, nargs="+", default=[10])
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--stock-up-to", type=int, default=30, help="nbgrader's own run only here")
    parser.add_argument("--json", type=Path, help="write the figures here, too")
    options = parser.parse_args()
    print(f"{options.module}, {options.jobs} workers, {os.cpu_count()} cores, one BLAS thread each")
    overhead(options.module)
    rows = [
        compare(options.module, count, options.jobs, stock=count <= options.stock_up_to)
        for count in options.sizes
    ]
    if len(rows) > 1:
        first, last = rows[0], rows[-1]
        more = last["submissions"] - first["submissions"]
        each = (last["seconds"] - first["seconds"]) / more
        print(
            f"Each further submission: {1000 * each:.0f} ms of wall time, "
            f"{1000 * each * options.jobs:.0f} ms of one worker."
        )
        print(f"Memory, last to first: {last['peak MB'] / first['peak MB']:.2f}.")
    if options.json:
        options.json.write_text(json.dumps(rows, indent=1))


if __name__ == "__main__":
    main()
