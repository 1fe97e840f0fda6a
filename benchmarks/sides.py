"""The graders that are compared: each grades a new class of the same submissions, and says what it
used and what marks it gave."""

from __future__ import annotations

import json
import shutil
import sys
from abc import ABC, abstractmethod
from pathlib import Path

from classes import ROOT, Class, numbered, student
from measure import Figures, measure
from nbgrader.api import BaseCell, Grade, Gradebook, SubmittedAssignment, SubmittedNotebook
from otter_class import as_otter_notebook, otter_test
from sqlalchemy import select

Marks = dict[str, dict[str, float]]
"""{student: {graded cell: points}}"""


class Side(ABC):
    """One grader.

    Parameters
    ----------
    a_class
        Whose submissions are graded.
    up_to
        Larger classes are not given to it.
    """

    name: str

    def __init__(self, a_class: Class, up_to: float = float("inf")) -> None:
        self.a_class, self.up_to = a_class, up_to

    @abstractmethod
    def grade(self, folder: Path, count: int) -> tuple[Figures, Marks]:
        """Make a class of `count` in the new `folder`, and grade it."""


class Ours(Side):
    """`autograde grade`, hidden tests drawn from a secret, with everything on."""

    name = "autograde"

    def __init__(self, a_class: Class, jobs: int) -> None:
        super().__init__(a_class)
        self.jobs = jobs

    def grade(self, folder: Path, count: int) -> tuple[Figures, Marks]:
        self.a_class.course(folder, count)
        program = Path(sys.executable).with_name("autograde")
        command = [program, "grade", self.a_class.module, "--jobs", self.jobs]
        used = measure(command, folder)
        return used, _booked(folder, self.a_class.module)


class Nbgrader(Side):
    """`nbgrader autograde` as it comes."""

    name = "nbgrader"

    def grade(self, folder: Path, count: int) -> tuple[Figures, Marks]:
        self.a_class.course(folder, count, stock=True)
        command = [sys.executable, "-m", "nbgrader", "autograde", self.a_class.module]
        used = measure(command, folder)
        return used, _booked(folder, self.a_class.module)


class Otter(Side):
    """Otter-Grader without containers, in its own environment."""

    name = "Otter-Grader"

    def __init__(self, a_class: Class, up_to: float, python: Path, folder: Path) -> None:
        super().__init__(a_class, up_to)
        self._python = python
        self._autograder = folder / "autograder.zip"
        tests = folder / "tests"
        tests.mkdir(parents=True)
        released = json.loads((a_class.released / a_class.notebook).read_text())
        cases = json.loads((a_class.released / "cases.json").read_text())["exercises"]
        for cell in released["cells"]:
            if cell["metadata"].get("nbgrader", {}).get("grade"):
                name, text = otter_test(cell, cases)
                (tests / f"{name}.py").write_text(text)
        self._kinds = {k: as_otter_notebook(text) for k, text in a_class.kinds.items()}
        files = [f for f in sorted(a_class.released.iterdir()) if f.suffix != ".ipynb"]
        for file in files:
            shutil.copy(file, folder)
        generate = [python, "-m", "otter", "generate", "-t", tests, "-o", self._autograder]
        plain = ["--no-config", "--no-environment", "--no-requirements"]
        measure([*generate, *plain, *(file.name for file in files)], folder)

    def grade(self, folder: Path, count: int) -> tuple[Figures, Marks]:
        handed_in = folder / "submissions"
        handed_in.mkdir(parents=True)
        for number in range(count):
            notebook = numbered(self._kinds[self.a_class.kind(number)], number)
            (handed_in / f"{student(number)}.ipynb").write_bytes(notebook)
        script = Path(__file__).with_name("otter_local.py")
        command = [self._python, script, self._autograder, handed_in, folder / "marks.json"]
        used = measure(command, folder, PYTHONPATH=str(ROOT))
        return used, json.loads((folder / "marks.json").read_text())


def _booked(folder: Path, module: str) -> Marks:
    """The marks in a gradebook."""
    marks: Marks = {}
    with Gradebook(f"sqlite:///{folder}/gradebook.db", "neural_networks") as gradebook:
        rows = gradebook.db.execute(
            select(SubmittedAssignment.student_id, BaseCell.name, Grade.auto_score)
            .join(SubmittedNotebook, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
            .join(Grade, Grade.notebook_id == SubmittedNotebook.id)
            .join(BaseCell, Grade.cell_id == BaseCell.id)
        )
        for who, cell, score in rows:
            marks.setdefault(who, {})[cell] = score
    return marks
