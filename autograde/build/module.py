"""A module of the course as its author keeps it: a folder with a lesson, graded exercises, and
their checks."""

from __future__ import annotations

import importlib.util
import re
import sys
from dataclasses import dataclass
from pathlib import Path

from autograde.build.problem import BuildError, Problem
from autograde.engine.exercise import Exercise

FOLDER = re.compile(r"\d\d_(?P<name>[a-z0-9_]+)")


@dataclass(frozen=True)
class Module:
    """The sources of one module."""

    folder: Path
    exercises: tuple[Exercise, ...]
    allowed: tuple[str, ...]
    """What a submission may import beside Python's standard library."""

    @property
    def id(self) -> str:
        """The folder's name, which is nbgrader's name of the assignment: `05_softmax_network`."""
        return self.folder.name

    @property
    def lesson(self) -> Path:
        return self.folder / f"{_stem(self.folder)}.py"

    @property
    def assignment(self) -> Path:
        return self.folder / f"{_stem(self.folder)}_exercises.py"


def find(solutions: Path) -> list[Path]:
    """The folders of all modules, in the order of their numbers."""
    return sorted(p for p in solutions.iterdir() if p.is_dir() and FOLDER.fullmatch(p.name))


def read(folder: Path) -> Module:
    """Read a module's `checks.py` and see that its sources are there.

    Raises
    ------
    BuildError
        If a file is missing, or `checks.py` cannot be run or does not say what it must.
    """
    checks = folder / "checks.py"
    module = Module(folder, (), ())
    missing = [p for p in (module.lesson, module.assignment, checks) if not p.is_file()]
    if missing:
        raise BuildError([Problem(str(p), "", "this file is missing") for p in missing])
    namespace = _run(checks)
    exercises = getattr(namespace, "EXERCISES", None)
    allowed = getattr(namespace, "ALLOWED", None)
    problems = []
    if not isinstance(exercises, list | tuple) or not all(
        isinstance(e, Exercise) for e in exercises
    ):
        message = "EXERCISES must be a list of Exercise objects"
        problems.append(Problem(str(checks), "", message))
    if not isinstance(allowed, tuple) or not all(isinstance(a, str) for a in allowed):
        message = 'ALLOWED must be a tuple of the packages that answers may import: ("numpy",)'
        problems.append(Problem(str(checks), "", message))
    if problems:
        raise BuildError(problems)
    assert exercises is not None  # told above
    assert allowed is not None
    return Module(folder, tuple(exercises), tuple(allowed))


def _stem(folder: Path) -> str:
    match = FOLDER.fullmatch(folder.name)
    if match is None:
        message = "a module's folder is named like 05_softmax_network"
        raise BuildError([Problem(str(folder), "", message)])
    return match["name"]


def _run(checks: Path) -> object:
    """Execute `checks.py` under a name of its own, so that two modules never see each other's."""
    name = f"_checks_{checks.parent.name}"
    spec = importlib.util.spec_from_file_location(name, checks)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses and `inspect.getsource` look a module up by its name
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        del sys.modules[name]
        message = f"this file cannot be run: {type(error).__name__}: {error}"
        raise BuildError([Problem(str(checks), "", message)]) from error
    return module
