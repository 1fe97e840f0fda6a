"""One submission in a checker process, cell by cell: runs its tests, gives verdicts and scores."""

from __future__ import annotations

import importlib
import math
import re
import resource
import signal
import socket
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from typing import Any

import numpy as np

import autograde
from autograde.engine.judge import MISSING
from autograde.engine.learner import Checker
from autograde.engine.report import Outcome, Report
from autograde.trusted import libraries
from autograde.trusted.channel import Broken, Gone, Silent
from autograde.trusted.display import learner_outputs, own_outputs, plain, size
from autograde.trusted.names import Owners, Uses, are_checks, prepared, uses
from autograde.trusted.paper import PATIENCE, Cell, CellResult
from autograde.trusted.proxies import _state, is_remote
from autograde.trusted.session import Session
from autograde.trusted.shell import Shell, cell_line
from autograde.trusted.zygote import number, receive_json, send_json

ALIASES: Mapping[str, str] = {
    "np": "numpy",
    "plt": "matplotlib.pyplot",
    "mpl": "matplotlib",
    "pd": "pandas",
    "tf": "tensorflow",
    "sp": "scipy",
    "nn": "nnlib",
}
"""Names that mean the library in a test, whatever a learner has made of them."""
LIBRARIES = [
    "numpy",
    "math",
    "random",
    "os",
    "sys",
    "re",
    "json",
    "itertools",
    "functools",
    "collections",
    "keras",
    "pytest",
]

TICK = 0.1  # seconds between two looks at the clock, once a cell may be late
OUTCOMES = {
    Outcome.CORRECT: "passed",
    Outcome.INCORRECT: "failed",
    Outcome.NOT_ATTEMPTED: "not_attempted",
    Outcome.RAISED: "raised",
}
TELL = {
    "timeout": "The code ran longer than {cell_seconds:g} seconds and was stopped.",
    "memory": "The code needed more than {memory_mb:,} MB of memory.",
    "output_limit": "The code shows or returns more than it may.",
    "crashed": "The code ended the whole process.",
    "invalid": "The code disturbed the channel over which its values are read.",
}


class SecretChecker(Checker):
    """`check` for hidden tests: a missing answer is looked up in the learner's notebook, and what
    an answer gives is read by its content."""

    session: Session
    missing: frozenset[str] = frozenset()

    def check(self, name: str, answer: Any = MISSING) -> Report:
        if answer is MISSING:
            answer = self.session.lookup([name]).get(name, MISSING)
        if answer is MISSING:
            self.missing |= {name}
        return super().check(name, answer)

    def read(self, value: Any) -> Any:
        return self.session.read(value)


class Run:
    """One submission."""

    def __init__(
        self, shell: Shell, checker: SecretChecker, channel: int, leash: int, job: socket.socket
    ) -> None:
        self._shell = shell
        self._leash = socket.socket(fileno=leash)
        self._job = job
        order = receive_json(self._job)
        self._cells = [Cell(**cell) for cell in order["cells"]]
        # Of cells that run here.
        self._kinds = {"test"} if only_checks(shell, self._cells) else {"test", "setup"}
        self._limits = order["limits"]
        self._end, self._seconds = order["end"], order["seconds"]
        self._clock = _clock(self._leash)
        self._skip = dict(order["skip"])
        self._session = Session(channel)
        self._room = 8 * self._limits["output_bytes"]
        shell.outputs.limit = 2 * self._limits["output_bytes"] + (1 << 20)
        checker.session = self._session
        self._checker = checker
        self._owners = Owners()
        self._count = 0
        self._ended: list[tuple[str, str]] = []  # cells that failed: verdict and source
        _bound_memory(2 * self._limits["memory_bytes"])
        libraries.share(self._session)
        signal.signal(signal.SIGALRM, self._alarm)

    def all(self) -> None:
        """Run every cell; tell the grader each result, and where it had to end."""
        for i, cell in enumerate(self._cells):
            if str(i) in self._skip:
                self._ended.append((self._skip[str(i)], cell.source))
                if cell.kind in self._kinds:
                    self._owners.enter(uses(self._shell.transform_cell(cell.source)))
                self._give(cell.defines)
                continue
            seconds = min(self._limits["cell_seconds"], self._seconds - self._clock())
            self._stop = self._clock() + seconds
            self._deadline = min(time.monotonic() + PATIENCE * seconds, self._end)
            self._session.begin(self._deadline, self._limits["output_bytes"])
            try:
                signal.setitimer(signal.ITIMER_REAL, max(seconds, 0.001), TICK)
                try:
                    result = self._one(cell)
                finally:
                    signal.setitimer(signal.ITIMER_REAL, 0)
                if self._session.failure:
                    raise self._session.failure
            except (Silent, Gone, Broken) as failure:
                verdict, detail = self._verdict(failure)
                result = CellResult(verdict=verdict, message=self._tell(verdict) + detail)
                self._say(result, ended=True)
                return
            self._give(cell.defines)
            self._room = max(self._room - size(result.outputs), 0)
            self._say(result)

    def _say(self, result: CellResult, *, ended: bool = False) -> None:
        """Tell what came of the next cell, and whether the submission's processes end with it."""
        told = {"result": vars(result), "seconds": self._clock(), "ended": ended}
        send_json(self._job, told)

    def _alarm(self, number: int, frame: Any) -> None:
        if self._clock() >= self._stop or time.monotonic() >= self._deadline:
            raise Silent

    def _one(self, cell: Cell) -> CellResult:
        if cell.kind == "test":
            return self._test(cell)
        fine, error, items = self._session.run(cell.source)
        self._count += 1
        room = min(self._room, self._limits["output_bytes"])
        result = CellResult(learner_outputs(items, error, self._count, room), "passed")
        if not fine:
            special = {"MemoryError": "memory", "OutputLimit": "output_limit"}
            result.verdict = special.get(error[0], "raised")
            result.message = plain(f"{error[0]}: {error[2]}", 2000)
            self._ended.append((result.verdict, cell.source))
        if cell.kind in self._kinds:
            self._set_up(cell.source, fine)
        return result

    def _set_up(self, source: str, fine: bool) -> None:
        """An instructor's cell that is no test runs here, too: tests use what it defines."""
        source = self._shell.transform_cell(source)
        found = uses(source)
        needed = self._owners.enter(found)
        learners = {name for name in needed & self._owners.learners if _library(name) is None}
        self._execute(prepared(source, learners), found, needed, None)
        self._session.end_of_cell()
        error = self._shell.caught
        if error is not None and fine and not needed:
            raise RuntimeError("a set-up cell fails in the checker, and only there") from error

    # -- tests -------------------------------------------------------------------------------

    def _test(self, cell: Cell) -> CellResult:
        self._checker.missing = frozenset()
        found = uses(self._shell.transform_cell(cell.source))
        needed = self._owners.enter(found)
        value, missing = self._execute(cell.source, found, needed, self._owners.learners)
        missing |= self._checker.missing
        error = self._shell.caught
        trouble = self._session.trouble
        outputs = self._shell.outputs.taken()
        self._session.end_of_cell()
        self._count += 1
        result = CellResult(own_outputs(outputs, value, self._count, self._room))
        if error is not None:
            self._judge_error(result, error, missing, trouble)
        else:
            self._judge_value(result, value, cell.points)
            if trouble and result.score < cell.points:
                result.verdict, result.message = trouble, self._tell(trouble)
        for name in missing:
            if result.verdict == "not_attempted" and f"`{name}`" in result.message:
                self._blame(result, name)
        return result

    def _blame(self, result: CellResult, name: str) -> None:
        """A missing name is the fault of the cell that failed and speaks of it, else of the last
        that failed."""
        if self._ended:
            speak = [e for e in self._ended if re.search(rf"\b{re.escape(name)}\b", e[1])]
            result.verdict = (speak or self._ended)[-1][0]
            told = self._tell(result.verdict) or "A cell before this test raised an exception."
            result.message += f" {told}"

    def _judge_value(self, result: CellResult, value: Any, points: float) -> None:
        if type(value) is Report:
            result.verdict = OUTCOMES[value.outcome]
            result.score = min(max(float(value.score), 0.0), points)
            result.mistake = value.mistakes[0] if value.mistakes else ""
            told = value.message
            if value.raised:
                told = f"{value.raised.type}: {value.raised.message} {value.raised.line}".strip()
            elif value.shown:
                told = value.shown.difference.public
            result.message = plain(told, 2000)
            return
        result.verdict, result.score = "passed", points
        if value is None or is_remote(value):
            return
        shown = (o for o in result.outputs if o["output_type"] == "execute_result")
        try:
            number = float(next(shown)["data"]["text/plain"])
        except (StopIteration, ValueError):
            return
        result.score = 0.0 if math.isnan(number) else min(max(number, 0.0), points)
        result.verdict = "passed" if result.score >= points else "failed"

    def _judge_error(
        self, result: CellResult, error: BaseException, missing: set[str], trouble: str
    ) -> None:
        from_learner = hasattr(error, "__learner_line__")
        line = getattr(error, "__learner_line__", "") or ""
        text = f"{type(error).__name__}: {error}".rstrip(": ")
        result.verdict = "raised" if from_learner else "failed"
        if isinstance(error, NameError) and getattr(error, "name", None) in missing:
            result.verdict = "not_attempted"
            text = f"`{error.name}` is not defined."
        elif isinstance(error, NotImplementedError) and from_learner:
            result.verdict, text = "not_attempted", "The code is not written yet."
        elif trouble:
            result.verdict = trouble
            text = self._tell(trouble)
        where = f" (in {line})" if line else ""
        result.message = plain(text + where, 2000)
        own = cell_line(error).partition(":")[0]
        trace = [f"{own} of this test" if own else "this test", result.message]
        result.outputs.append(
            {
                "output_type": "error",
                "ename": type(error).__name__,
                "evalue": result.message,
                "traceback": [": ".join(trace)],
            }
        )

    def _execute(
        self, source: str, found: Uses, needed: set[str], learners: Set[str] | None
    ) -> tuple[Any, set[str]]:
        """Run an instructor's cell here, with the learner's names that it needs; its last value,
        and the names that the learner has not defined."""
        space = self._shell.user_ns
        self._session.take_back()
        for name in needed - space.keys():
            library = _library(name)
            if library is not None:
                space[name] = library
        wanted = sorted(needed - space.keys())
        missing = self._session.lend(space, wanted, learners)
        self._session.classes.update(_classes(space, found))
        value = self._shell.run(source)
        if isinstance(self._shell.caught, Silent | Gone | Broken):
            raise self._shell.caught
        return value, missing

    def _give(self, names: Iterable[str]) -> None:
        """A cell has run that binds these names in the instructor's own notebook."""
        self._owners.give(names)
        for name in names:
            self._shell.user_ns.pop(name, None)

    # -- ends --------------------------------------------------------------------------------

    def _verdict(self, failure: BaseException) -> tuple[str, str]:
        if isinstance(failure, Silent):
            return "timeout", ""
        if isinstance(failure, Broken) and self._session.trouble:
            return self._session.trouble, ""
        if isinstance(failure, Broken):
            return "invalid", f" ({plain(str(failure), 200)})"
        self._leash.settimeout(2)
        try:
            told = receive_json(self._leash) or {}
        except (TimeoutError, OSError):
            told = {}
        if told.get("why") == "memory":
            return "memory", ""
        if told.get("cpu", 0) >= self._limits["cpu_seconds"] - 0.5:
            return "timeout", ""
        number = told.get("signal")
        return "crashed", f" (signal {number})" if number else ""

    def _tell(self, verdict: str) -> str:
        return TELL.get(verdict, "").format(
            memory_mb=self._limits["memory_bytes"] >> 20, **self._limits
        )


def only_checks(shell: Shell, cells: Iterable[Cell]) -> bool:
    """As `names.are_checks` says. Then no set-up cell runs here, and what it imports is not
    needed."""
    sources: dict[str, list[str]] = {"test": [], "setup": []}
    for cell in cells:
        if cell.kind != "learner":
            sources[cell.kind].append(shell.transform_cell(cell.source))
    return are_checks(tuple(sources["test"]), tuple(sources["setup"]))


def _clock(leash: socket.socket) -> Callable[[], float]:
    """Tells the processor time, in seconds, of the student process and of this one together."""
    _, (handle,), _, _ = socket.recv_fds(leash, 1, 1)
    student = ~number(handle) << 3 | 2  # as clock_getcpuclockid(3) makes it

    def seconds() -> float:
        try:
            used = time.clock_gettime(student)
        except OSError:  # it has ended, and others tell how
            used = 0.0
        return used + time.process_time()

    return seconds


def _bound_memory(extra: int) -> None:
    """A value from an enemy must not take the machine's memory with it."""
    with open("/proc/self/statm") as file:
        data = int(file.read().split()[5]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_DATA, (data + extra, data + extra))


def _classes(space: dict[str, Any], found: Uses) -> Iterator[int]:
    """Handles of the learner's classes that a cell names. A class has a capital in front: what a
    test calls `softmax` is used as a function, even if a learner makes it a class."""
    for name in found.used | found.bound | found.either | found.later:
        thing = space.get(name)
        if name.lstrip("_")[:1].isupper() and is_remote(thing):
            _, handle, info = _state(thing)
            if "builtins:type" in info[4]:
                yield handle


def _library(name: str) -> Any:
    """What a well-known name of a library means, or None. Never what a learner made of it."""
    if name.startswith("assert_"):
        return getattr(np.testing, name, None)
    if name in ("check", "hint"):
        return getattr(autograde, name)
    module = ALIASES.get(name) or (name if name in LIBRARIES else None)
    if module is None:
        return None
    try:
        return importlib.import_module(module)
    except ImportError:
        return None


__all__ = ["Run", "SecretChecker", "only_checks"]
