"""A class with everything that nbgrader knows: tests, partial credit, answers and tasks that a
person grades, two notebooks and a lesson. Made once; each test works on a copy."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import logging
import os
import shutil
import warnings
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from jupyter_core.application import NoStart
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from nbgrader.api import Gradebook
from nbgrader.apps import NbGraderApp
from sqlalchemy.exc import SAWarning

ROOT = Path(__file__).resolve().parents[3]
PLAIN = {"grade": False, "locked": False, "solution": False, "task": False, "schema_version": 3}
Change = Callable[[NotebookNode], None]


def cell(own: str, source: str, *, text: bool = False, **about: object) -> NotebookNode:
    make = new_markdown_cell if text else new_code_cell
    made = make(source, metadata={"nbgrader": PLAIN | {"grade_id": own} | about})
    made.id = own
    return made


SOLUTION = "### BEGIN SOLUTION\n{}\n### END SOLUTION"
KERNEL = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
SOURCES = {
    "one": [
        cell("setup", "import numpy as np", locked=True),
        cell("double", SOLUTION.format("def double(x):\n    return 2 * x"), solution=True),
        cell("check-double", "assert double(3) == 6", grade=True, locked=True, points=2),
        cell("count", SOLUTION.format("count = 3"), solution=True),
        cell("check-count", "min(count, 3)", grade=True, locked=True, points=3),
        cell("why", "Because.", text=True, grade=True, solution=True, points=5),
        cell("draw", SOLUTION.format("drawn = 1"), grade=True, solution=True, points=4),
        cell("project", "Do something.", text=True, task=True, locked=True, points=6),
    ],
    "two": [
        cell("half", SOLUTION.format("def half(x):\n    return x / 2"), solution=True),
        cell("check-half", "assert half(6) == 3", grade=True, locked=True, points=1),
    ],
    "lesson": [new_markdown_cell("# Read this"), new_code_cell("2 * 21")],
}
ANSWERS = {
    "double": "def double(x):\n    return 2 * x", "count": "count = 2", "why": "I think so.",
    "draw": "drawn = 2", "half": "def half(x):\n    return x / 2",
}  # fmt: skip


class Course:
    """A course in a folder, with nbgrader's commands run in this process."""

    assignment = "ps"

    def __init__(self, root: Path) -> None:
        self.root = root

    def run(self, *arguments: str, code: int = 0) -> str:
        """Run `nbgrader ARGUMENTS` from the course's root; returns what it logged."""
        before, log = Path.cwd(), io.StringIO()
        path = os.environ["PATH"]
        app = NbGraderApp.instance()
        os.chdir(self.root)
        ended: object = 0
        try:
            app.initialize(list(arguments))
            app.init_logging(logging.StreamHandler, [log], color=False, subapps=True)
            with contextlib.suppress(NoStart), warnings.catch_warnings():
                warnings.simplefilter("ignore", SAWarning)  # of nbgrader's own queries
                app.start()  # raises NoStart when the subcommand has run
        except SystemExit as error:
            ended = error.code or 0
        finally:
            os.chdir(before)
            os.environ["PATH"] = path  # nbgrader_config.py puts its own first, every time
            app.reset()
            NbGraderApp.clear_instance()
        assert ended == code, log.getvalue()
        return log.getvalue()

    def autograde(self, *options: str, code: int = 0) -> str:
        return self.run("autograde", self.assignment, *options, code=code)

    def folder(self, student: str, kind: str = "submitted") -> Path:
        return self.root / kind / student / self.assignment

    def hand_in(
        self, student: str, answers: dict[str, str] = ANSWERS, change: Change | None = None,
        *, when: str = "", only: str = "",
    ) -> Path:  # fmt: skip
        """Put a submission where `nbgrader collect` would; `change` gets its first notebook."""
        folder = self.folder(student)
        folder.mkdir(parents=True, exist_ok=True)
        for path in sorted((self.root / "course" / self.assignment).glob("*.ipynb")):
            if only and path.stem != only:
                continue
            notebook = nbformat.read(path, as_version=4)
            for c in notebook.cells:
                own = c.metadata.get("nbgrader", {}).get("grade_id")
                c.source = answers.get(own, c.source)
            if change and path.stem == "one":
                change(notebook)
            (folder / path.name).write_text(json.dumps(notebook))
        if when:
            (folder / "timestamp.txt").write_text(when)
        return folder

    def gradebook(self) -> Gradebook:
        return Gradebook(f"sqlite:///{self.root}/gradebook.db")

    def score(self, student: str) -> float:
        with self.gradebook() as gradebook:
            return gradebook.find_submission(self.assignment, student).score

    def grades(self, student: str) -> dict[str, tuple[float | None, float | None, bool]]:
        """{grade_id: (automatic score, a person's score, whether a person must look)}"""
        with self.gradebook() as gradebook:
            submission = gradebook.find_submission(self.assignment, student)
            return {
                g.name: (g.auto_score, g.manual_score, g.needs_manual_grade)
                for notebook in submission.notebooks
                for g in notebook.grades
            }

    def result(self, student: str) -> dict:
        return json.loads((self.folder(student, "autograded") / "results.json").read_text())

    def exported(self) -> dict[str, str]:
        """{student: score} as `nbgrader export` writes it."""
        path = self.root / "grades.csv"
        self.run("export", f"--to={path}")
        with path.open(newline="") as file:
            rows = [r for r in csv.DictReader(file) if r["assignment"] == self.assignment]
        return {row["student_id"]: row["score"] for row in rows}

    def page(self, student: str, notebook: str = "one") -> str:
        return (self.folder(student, "feedback") / f"{notebook}.html").read_text()


@pytest.fixture(scope="session")
def released(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("released")
    shutil.copy(ROOT / "nbgrader_config.py", root)
    for name, cells in SOURCES.items():
        path = root / "solutions" / Course.assignment / f"{name}.ipynb"
        path.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(new_notebook(cells=cells, metadata=KERNEL), path)
    Course(root).run("generate_assignment", Course.assignment)
    return root


@pytest.fixture
def ps(released: Path, tmp_path: Path, sandbox: None, monkeypatch: pytest.MonkeyPatch) -> Course:
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(tmp_path / "no-settings"))
    root = tmp_path / "course"
    shutil.copytree(released, root)
    return Course(root)
