"""What one run of nbgrader needs for a class: its paper, its seed, and the processes that wait for
submissions."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Any

from nbgrader.converters import NbGraderException

from autograde.build.problem import BuildError
from autograde.front.paper import class_paper
from autograde.front.results import checks
from autograde.front.seed import secret_seed
from autograde.trusted import Grader, InfrastructureError


class GradingRefused(NbGraderException):
    """This machine cannot grade anything. The message says why, and the way out."""


class Classroom:
    """Opened once for a run, since its processes import what the assignment needs only once.

    Parameters
    ----------
    folder
        The assignment's source folder.
    root
        The course's root, where the secret lies.
    cell_seconds
        Time limit of a cell.
    unsafe
        Without a sandbox.
    notebooks
        What the gradebook knows of the assignment's notebooks.

    Raises
    ------
    GradingRefused
        If the assignment's checks or the course's secret are broken; on entering, if this machine
        cannot isolate submissions.
    """

    def __init__(
        self,
        folder: Path,
        root: Path,
        cell_seconds: float,
        unsafe: bool,
        notebooks: Iterable[Any],
    ) -> None:
        try:
            self.seed = secret_seed(root, folder.name)
            self.paper = class_paper(folder, self.seed, cell_seconds)
        except (BuildError, OSError, ValueError) as error:
            raise GradingRefused(f"Nothing was graded. {error}") from None
        self.checks = checks(self.paper, notebooks)
        self.unsafe = unsafe
        self.grader = Grader(self.paper, unsafe=unsafe)

    def __enter__(self) -> Classroom:
        try:
            self.grader.__enter__()
        except InfrastructureError as error:
            raise GradingRefused(f"Nothing was graded. {error}") from None
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.grader.__exit__(kind, error, trace)
