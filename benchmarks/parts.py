"""Where our own side's time goes: its first seconds, and one submission.

    python parts.py MODULE STUDENT JOBS TIMES       in a course's root; prints JSON

The parts are run one by one in a new process, by the classes that `autograde grade` runs.
"""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psutil


def main() -> None:
    module, student, jobs, times = sys.argv[1:]
    clock = Laps()
    from autograde.grading.course import Course
    from autograde.grading.plan import read
    from autograde.grading.run import grade  # noqa: F401  what the command imports
    from autograde.grading.work import Marker
    from autograde.grading.write import save
    from autograde.trusted import Cell, Grader

    clock.lap("imports")
    course = Course(Path.cwd(), module)
    clock.lap("settings and gradebook")
    assignment = course.assignment
    clock.lap("drawing the questions")
    with ThreadPoolExecutor(int(jobs)) as pool:
        marker, *others = pool.map(lambda _: Marker(assignment), range(int(jobs)))
    clock.lap(f"warm parents of {jobs} workers")
    for one in others:
        one.close()

    def each(action: Callable[[], Any]) -> Counter[str]:
        """CPU seconds of one call, by process."""
        action()
        before = _cpu()
        for _ in range(int(times)):
            action()
        spent = _cpu()
        spent.subtract(before)
        return Counter({who: seconds / int(times) for who, seconds in spent.items()})

    submission = read(course, student)
    marked = marker.mark(submission)["notebooks"]
    coordinator = each(lambda: save(course, read(course, student), marked))["this process"]
    run = each(lambda: marker.mark(submission))
    marker.close()
    with Grader(assignment.paper, unsafe=assignment.unsafe) as grader:
        empty = each(lambda: grader.grade([Cell("pass", "learner")]))
    course.close()
    one = {"coordinator, reading and saving": coordinator, "worker": run["this process"]}
    for role in ("student", "checker"):
        with_parent = {k: x[role] + x[f"{role}'s parent"] for k, x in (("run", run), ("no", empty))}
        told = f"{role} process ({1000 * with_parent['no']:.0f} of it with nothing to run)"
        one[told] = with_parent["run"]
    print(json.dumps({"startup": clock.laps, "one": one, "student": run["student"]}))


class Laps:
    """Seconds between one `lap` and the next."""

    def __init__(self) -> None:
        self.laps: dict[str, float] = {}
        self._last = time.perf_counter()

    def lap(self, name: str) -> None:
        now = time.perf_counter()
        self.laps[name] = now - self._last
        self._last = now


def _cpu() -> Counter[str]:
    """CPU seconds of this process, of the warm parents under it, and of the students and checkers
    that these have waited for."""
    spent = Counter({"this process": time.process_time()})
    for one in psutil.Process().children(recursive=True):
        try:
            used, command = one.cpu_times(), one.cmdline()
        except psutil.NoSuchProcess:
            continue
        for role in {"student", "checker"}.intersection(command):
            spent[f"{role}'s parent"] += used.user + used.system
            spent[role] += used.children_user + used.children_system
    return spent


if __name__ == "__main__":
    main()
