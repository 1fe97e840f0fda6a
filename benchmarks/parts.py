"""Where our own side's time goes: its first seconds, and one submission.

    python parts.py MODULE STUDENT JOBS TIMES       in a course's root; prints JSON

The parts are run one by one in a new process, by the classes that `autograde grade` runs.
"""

from __future__ import annotations

import json
import sys
import time
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

    def each(action: Callable[[], Any]) -> tuple[float, float]:
        """CPU seconds of this process and of those under it, for one call."""
        action()
        own, under = time.process_time(), _cpu_under()
        for _ in range(int(times)):
            action()
        own, under = time.process_time() - own, _cpu_under() - under
        return own / int(times), under / int(times)

    submission = read(course, student)
    marked = marker.mark(submission)["notebooks"]
    coordinator, _ = each(lambda: save(course, read(course, student), marked))
    worker, run = each(lambda: marker.mark(submission))
    marker.close()
    with Grader(assignment.paper, unsafe=assignment.unsafe) as grader:
        _, sandbox = each(lambda: grader.grade([Cell("pass", "learner")]))
    course.close()
    one = {
        "coordinator, reading and saving": coordinator,
        "worker": worker,
        "two new processes, with nothing to run": sandbox,
        "cells and checks in them": run - sandbox,
    }
    print(json.dumps({"startup": clock.laps, "one": one}))


class Laps:
    """Seconds between one `lap` and the next."""

    def __init__(self) -> None:
        self.laps: dict[str, float] = {}
        self._last = time.perf_counter()

    def lap(self, name: str) -> None:
        now = time.perf_counter()
        self.laps[name] = now - self._last
        self._last = now


def _cpu_under() -> float:
    """CPU seconds of the processes under this one, with those that they have waited for."""
    total = 0.0
    for one in psutil.Process().children(recursive=True):
        try:
            used = one.cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += used.user + used.system + used.children_user + used.children_system
    return total


if __name__ == "__main__":
    main()
