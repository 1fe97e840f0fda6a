"""The grader: owns the warm parents of one paper and grades one submission after the other."""

from __future__ import annotations

import base64
import contextlib
import os
import select
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Any

from autograde.trusted import root, syscalls
from autograde.trusted.paper import PATIENCE, Cell, CellResult, InfrastructureError, Paper
from autograde.trusted.zygote import receive_json, send_json

GRACE = 3.0  # seconds that a checker may need beyond its own deadline
MAX_ATTEMPTS = 12
_RUN = "from autograde.trusted.zygote import main; main()"
_RUN_INSIDE = f"import sys; sys.path.insert(0, {str(root.PACKAGES)!r}); {_RUN}"


@dataclass
class _Left:
    """The time that a notebook has left: seconds of processor, and the end on the clock."""

    seconds: float
    end: float

    def __bool__(self) -> bool:
        return self.seconds > 0 and time.monotonic() < self.end


class Grader:
    """Grades submissions to one paper.

    Parameters
    ----------
    paper
        What is common to the class.
    unsafe
        Run learners' code without a sandbox. Only for code that you would run anyway.

    Raises
    ------
    InfrastructureError
        On entering, if this machine cannot isolate learners' code, with the way out.
    """

    def __init__(self, paper: Paper, *, unsafe: bool = False) -> None:
        self._paper = paper
        self._unsafe = unsafe
        self._lock = threading.Lock()
        self._closing = contextlib.ExitStack()
        self._student: socket.socket | None = None
        self._checker: socket.socket | None = None

    def __enter__(self) -> Grader:
        try:
            self._start()
        except BaseException:
            self._closing.close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._closing.close()

    def grade(self, cells: Sequence[Cell]) -> list[CellResult]:
        """Grade one submission.

        Nothing that a learner's code does raises here. A cell that ends its process (by time,
        memory, a crash) gets its verdict; then the others run again in new processes without it.

        Raises
        ------
        InfrastructureError
            If the grader itself fails, twice.
        """
        try:
            return self._grade(cells)
        except (OSError, InfrastructureError):
            self._restart()
        try:
            return self._grade(cells)
        except OSError as error:
            raise InfrastructureError(f"the grader's processes do not answer: {error}") from error

    # -- one submission ----------------------------------------------------------------------

    def _grade(self, cells: Sequence[Cell]) -> list[CellResult]:
        seconds = self._paper.limits.notebook_seconds
        left = _Left(seconds, time.monotonic() + PATIENCE * seconds)
        results: dict[int, CellResult] = {}
        skip: dict[int, str] = {}
        lost: set[int] = set()
        for _ in range(MAX_ATTEMPTS):
            at = self._attempt(cells, left, results, skip)
            if at is None:
                break
            if at not in skip and at not in lost:
                lost.add(at)  # the checker died without a word: once may be our fault
            elif at not in skip:
                results[at] = CellResult(verdict="crashed", message="The test did not survive it.")
                skip[at] = "crashed"
            if not left:
                break
        if not left:
            late = f"The notebook ran longer than {seconds:g} seconds in all and was stopped."
            rest = CellResult(verdict="timeout", message=late)
        else:
            rest = CellResult(verdict="crashed", message="Too many cells ended their process.")
        return [results.get(i) or replace(rest) for i in range(len(cells))]

    def _attempt(
        self,
        cells: Sequence[Cell],
        left: _Left,
        results: dict[int, CellResult],
        skip: dict[int, str],
    ) -> int | None:
        """Run the cells in two new processes; the index of the cell at which that ended early."""
        limits = self._paper.limits
        with self._pair() as job:
            send_json(
                job,
                {
                    "cells": [asdict(cell) for cell in cells],
                    "limits": asdict(limits),
                    "end": left.end,
                    "seconds": left.seconds,
                    "skip": {str(i): verdict for i, verdict in skip.items()},
                },
            )
            seconds = left.seconds
            for at in (i for i in range(len(cells)) if i not in skip):
                patience = min(PATIENCE * limits.cell_seconds, left.end - time.monotonic()) + GRACE
                if not select.select([job], [], [], max(patience, 0.1))[0]:
                    results.setdefault(at, CellResult(verdict="timeout"))
                    skip[at] = "timeout"
                    return at
                match receive_json(job):
                    case None:
                        return None if len(results) == len(cells) else at
                    case {"fault": text}:
                        raise InfrastructureError(f"the checker failed:\n{text}")
                    case {"result": result, "seconds": used, "ended": ended}:
                        left.seconds = seconds - used
                        results.setdefault(at, CellResult(**result))
                        if ended:
                            skip[at] = result["verdict"]
                            return at
        return None

    @contextlib.contextmanager
    def _pair(self) -> Iterator[socket.socket]:
        """A student process and a checker that speak with each other; both end with the block."""
        ours: list[socket.socket] = []
        theirs: list[socket.socket] = []
        try:
            channel, student_channel = socket.socketpair()
            leash, student_leash = socket.socketpair()
            job, checker_job = socket.socketpair()
            own_leash, checker_leash = socket.socketpair()
            ours += [job, own_leash]
            theirs += [channel, student_channel, leash, student_leash, checker_job, checker_leash]
            self._fork(self._student, [student_channel, student_leash])
            self._fork(self._checker, [channel, leash, checker_job, checker_leash])
            for end in theirs:
                end.close()
            yield job
        finally:
            for end in (*ours, *theirs):
                end.close()

    def _fork(self, parent: socket.socket | None, ends: list[socket.socket]) -> None:
        if parent is None:
            raise InfrastructureError("use the grader as a context manager: `with Grader(...)`")
        with self._lock:
            socket.send_fds(parent, [b"f"], [end.fileno() for end in ends])

    # -- the warm parents --------------------------------------------------------------------

    def _start(self) -> None:
        paper = self._paper
        folder = Path(self._closing.enter_context(tempfile.TemporaryDirectory(prefix="autograde-")))
        folder.chmod(0o755)
        files = dict(paper.files)
        if paper.public_cases is not None:
            files["cases.json"] = paper.public_cases.encode()
        for name, content in files.items():
            path = folder / name
            if not path.resolve().is_relative_to(folder.resolve()):
                raise ValueError(f"the file {name!r} lies outside the working folder")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        common = {"preload": list(paper.preload), "limits": asdict(paper.limits)}
        student = {**common, "allowed": list(paper.allowed), "unsafe": self._unsafe}
        scratch = Path(self._closing.enter_context(tempfile.TemporaryDirectory()))
        if self._unsafe:
            student.update(files=str(folder), scratch=str(scratch))
            self._student = self._parent("student", [sys.executable, "-c", _RUN], student)
        else:
            sandbox = root.command(paper.allowed, paper.preload, folder, scratch)
            student["files"] = str(root.NOTEBOOK_FILES)
            student["filter"] = base64.b64encode(syscalls.program()).decode()
            self._student = self._parent("student", [*sandbox, "-c", _RUN_INSIDE], student)
        self._checker = self._parent(
            "checker",
            [sys.executable, "-c", _RUN],
            {
                **common,
                "questions": paper.questions,
                "locked": [asdict(cell) for cell in paper.locked],
                "folder": str(folder),
                "remove": [str(folder), str(scratch)],
            },
        )
        for parent in (self._student, self._checker):
            try:
                answer = receive_json(parent) or {"error": "it ended; what it said is above"}
            except ConnectionError as error:
                answer = {"error": str(error)}
            if answer["error"]:
                raise InfrastructureError(f"a warm parent did not start: {answer['error']}")

    def _parent(self, role: str, command: list[str], config: dict[str, Any]) -> socket.socket:
        environment = root.environment()
        if role == "checker":  # the instructor's own code finds the instructor's own settings
            environment = {**environment, **os.environ, "MPLBACKEND": "Agg"}
        ours, theirs = socket.socketpair()
        process = subprocess.Popen(
            [*command, role, str(theirs.fileno())],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            pass_fds=[theirs.fileno()],
            env=environment,
        )
        theirs.close()
        self._closing.callback(_end, process)
        self._closing.callback(ours.close)
        send_json(ours, config)
        return ours

    def _restart(self) -> None:
        with self._lock:
            self._closing.close()
            self._start()


def _end(process: subprocess.Popen[bytes]) -> None:
    try:
        process.wait(timeout=2)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
