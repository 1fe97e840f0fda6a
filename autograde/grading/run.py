"""The coordinator: reads, hands out, writes; workers grade.

Only so many submissions are on the way at one time, so memory does not grow with the class.
"""

from __future__ import annotations

import fcntl
import itertools
import logging
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from multiprocessing import forkserver
from pathlib import Path
from typing import Any
from uuid import uuid4

import dask
from dask.system import CPU_COUNT
from distributed import Client, LocalCluster, as_completed
from distributed.security import Security
from distributed.utils import get_mp_context, silence_logging_cmgr
from sqlalchemy.exc import OperationalError
from tqdm import tqdm

from autograde.front.seed import fingerprint
from autograde.grading.course import Course, GradingError
from autograde.grading.plan import Submission, Unreadable, handed_in, invalid, planned
from autograde.grading.work import Markers, mark, warm
from autograde.grading.write import FULL, save, tidy

CONNECT = 30  # seconds to wait for a scheduler and for its first worker
IN_FLIGHT = 2  # submissions for each thread that grades: one is graded, one waits for it
LOCAL = {  # Dask's settings for a cluster of our own
    "distributed.worker.multiprocessing-method": "forkserver",
    "distributed.scheduler.no-workers-timeout": f"{CONNECT}s",
    "distributed.scheduler.http.routes": [],  # a page that anyone on this machine could read
    "distributed.worker.profile.enabled": False,  # it would be shown there
    "distributed.admin.low-level-log-length": 0,  # the last 1,000 messages, submissions and all
    # What Dask does beside the grading, some of it fifty times a second: it took 20 ms of each of
    # the coordinator's seconds, and 9 of each worker's.
    "distributed.admin.tick.interval": "1s",
    "distributed.admin.system-monitor.interval": "10s",
    "distributed.scheduler.active-memory-manager.start": False,
}
_AGAIN = "What was graded until then is saved. Run the same command again to go on."


@dataclass
class Outcome:
    """What came of a run."""

    graded: int = 0
    unchanged: int = 0
    ungraded: dict[str, str] = field(default_factory=dict)
    """{student: reason}. Nothing of theirs was changed, and the next run tries again."""
    invalid: dict[str, str] = field(default_factory=dict)
    """{student: reason}, of those graded and unchanged: what nobody can read as a notebook."""


def grade(
    root: Path,
    assignment: str,
    students: Sequence[str] = (),
    *,
    jobs: int | None = None,
    scheduler: str | None = None,
    force: bool = False,
    unsafe: bool = False,
) -> Outcome:
    """Grade an assignment's submissions.

    Parameters
    ----------
    root
        The course's root, where `nbgrader_config.py` is.
    students
        Whose; default: everybody's.
    jobs
        Worker processes on this machine; default: one for each core.
    scheduler
        Address of a Dask scheduler; then its workers grade.
    force
        Grade again what has not changed.
    unsafe
        Without a sandbox.

    Raises
    ------
    GradingError
        If grading cannot begin, or cannot go on. What was graded until then is saved.
    """
    outcome = Outcome()
    if scheduler is None:
        _import_ahead()
    course = Course(root, assignment, unsafe=unsafe)
    with closing(course), _gradebook_told(), _alone(course):
        wanted = _wanted(course, students)
        with tqdm(total=len(wanted), unit=" submissions", disable=None) as bar:
            todo = _todo(course, wanted, outcome, bar, force=force)
            first = next(todo, None)
            if first is not None:
                bar.set_description("Starting")
                with (
                    _client(jobs, scheduler) as client,
                    _markers(client, course, scheduler) as name,
                ):
                    bar.set_description("Grading")
                    bar.unpause()
                    _grade_all(course, client, name, itertools.chain([first], todo), outcome, bar)
        outcome.invalid = invalid(course, [s for s in wanted if s not in outcome.ungraded])
    return outcome


@contextmanager
def _gradebook_told() -> Iterator[None]:
    try:
        yield
    except OperationalError as error:
        raise GradingError(f"The gradebook does not answer: {error.orig}. {_AGAIN}") from error


def _wanted(course: Course, students: Sequence[str]) -> list[str]:
    there = handed_in(course)
    unknown = sorted(set(students) - set(there))
    if unknown:
        place = course.path("submitted", unknown[0])
        raise GradingError(f"No submission of {', '.join(unknown)}: there is no folder {place}.")
    if not there:
        raise GradingError(
            f"Nobody has submitted {course.name}: nothing matches {course.path('submitted', '*')}."
        )
    return sorted(set(students)) or there


def _todo(
    course: Course, students: list[str], outcome: Outcome, bar: tqdm, *, force: bool
) -> Iterator[Submission]:
    for student, one in zip(students, planned(course, students, force=force), strict=True):
        match one:
            case None:
                tidy(course, student)
                outcome.unchanged += 1
            case Unreadable():
                outcome.ungraded[student] = one.reason
            case _:
                yield one
                continue
        bar.total -= 1


@contextmanager
def _alone(course: Course) -> Iterator[None]:
    """One run at a time for an assignment; the lock goes with the process, however it ends."""
    folder = os.open(course.source, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise GradingError(f"Another run is grading {course.name}. Wait until it ends.") from None
    finally:
        os.close(folder)


def _import_ahead() -> None:
    """What all workers import, the process that they are forked from imports once, and while this
    one reads the course."""
    with dask.config.set(LOCAL):
        get_mp_context().set_forkserver_preload(["autograde.grading.work"])
    forkserver.ensure_running()


@contextmanager
def _client(jobs: int | None, scheduler: str | None) -> Iterator[Client]:
    """A connection to the given scheduler, or to one of our own with its workers."""
    with ExitStack() as stack:
        for log in ("distributed", "distributed.client", "tornado.application"):
            stack.enter_context(silence_logging_cmgr(logging.CRITICAL, log))
        address: Any = scheduler
        if scheduler is not None:
            _certified(scheduler)
        if scheduler is None:
            stack.enter_context(dask.config.set(LOCAL))
            address = stack.enter_context(
                LocalCluster(
                    n_workers=jobs or CPU_COUNT,
                    threads_per_worker=1,
                    dashboard_address="127.0.0.1:0",
                    memory_limit=0,
                    silence_logs=logging.CRITICAL,
                    # Every user of a machine can reach its loopback ports, and whoever reaches a
                    # scheduler can run code as its owner.
                    security=Security.temporary(),
                )
            )
        try:
            client = stack.enter_context(Client(address, timeout=CONNECT, set_as_default=False))
            client.wait_for_workers(1, timeout=CONNECT)
        except (OSError, ValueError, TimeoutError) as error:
            where = scheduler or "this machine"
            raise GradingError(f"No Dask workers could be reached at {where}: {error}") from None
        yield client


def _certified(scheduler: str) -> None:
    """Say what is wrong with Dask's certificates; its client would wait for a minute, and raise."""
    files = ("CA_FILE", "CLIENT__CERT", "CLIENT__KEY")
    names = ", ".join(f"DASK_DISTRIBUTED__COMM__TLS__{file}" for file in files)
    wanted = f"Name the files in Dask's settings, or in the environment: {names}."
    try:
        context = Security().get_connection_args("client")["ssl_context"]
    except OSError as error:
        raise GradingError(f"A certificate cannot be used: {error}. {wanted}") from None
    if context is None and scheduler.startswith(("tls:", "wss:")):
        raise GradingError(f"{scheduler} asks for certificates, and Dask knows none. {wanted}")


@contextmanager
def _markers(client: Client, course: Course, scheduler: str | None) -> Iterator[str]:
    """Give every worker what it needs to grade, and see that it can.

    The name is the same for each run, so that what a run that was killed left behind is replaced.
    """
    name = f"autograde-{course.name}-{fingerprint(str(course.root))[7:19]}"
    client.register_plugin(Markers(course.assignment, detach=scheduler is None), name=name)
    try:
        for worker, trouble in client.run(warm, name, on_error="return").items():
            if isinstance(trouble, str):
                where = f" (the worker {worker})" if scheduler else ""
                raise GradingError(f"Nothing was graded{where}. {trouble}")
        yield name
    finally:
        client.unregister_worker_plugin(name)


def _grade_all(
    course: Course,
    client: Client,
    name: str,
    todo: Iterable[Submission],
    outcome: Outcome,
    bar: tqdm,
) -> None:
    run = uuid4().hex
    under_way: dict[Any, Submission] = {}
    results = as_completed(with_results=True, raise_errors=False, loop=client.loop)

    def hand_out(count: int) -> None:
        for submission in itertools.islice(todo, count):
            key = f"{name}-{run}-{submission.student}"
            future = client.submit(mark, name, submission, key=key, pure=False)
            under_way[future] = submission
            results.add(future)

    todo = iter(todo)
    hand_out(IN_FLIGHT * max(1, sum(client.nthreads().values())))
    for future, result in results:
        submission = under_way.pop(future)
        hand_out(1)
        reason = _fault(result) or _save(course, submission, result)
        future.release()
        if reason:
            outcome.ungraded[submission.student] = reason
        else:
            outcome.graded += 1
        bar.update()


def _fault(result: Any) -> str | None:
    """Why a result is none: our fault, and so no 0.

    The result alone tells: its future's status changes when the worker that gave it dies later.
    """
    if isinstance(result, dict):
        return result.get("fault")
    error = result[1] if isinstance(result, tuple) else result
    return f"the workers that graded it died ({type(error).__name__}: {str(error)[:300]})"


def _save(course: Course, submission: Submission, result: dict[str, Any]) -> str | None:
    try:
        save(course, submission, result["notebooks"])
    except OperationalError as error:
        message = f"The gradebook cannot be written: {error.orig}. {_AGAIN}"
        raise GradingError(message) from error
    except OSError as error:
        if error.errno in FULL:
            raise GradingError(f"{error.filename}: {error.strerror}. {_AGAIN}") from error
        return f"it could not be saved: {error}"
    except Exception as error:
        return f"it could not be saved: {type(error).__name__}: {error}"
    return None
