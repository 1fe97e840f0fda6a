"""The step of nbgrader's autograding that runs a submission: learner's cells in one process, tests
in another.

It stands where nbgrader's `Execute` stood, and takes its settings: `Execute.timeout`,
`Execute.enabled`. What it leaves in the notebook are outputs; nbgrader's own steps behind it read
the points off them, as ever.
"""

from __future__ import annotations

import atexit
import json
import sys
from dataclasses import dataclass
from functools import lru_cache
from importlib import metadata
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbgrader.converters import NbGraderException
from nbgrader.preprocessors import Execute, SaveAutoGrades
from nbgrader.utils import is_grade, is_solution
from traitlets import Bool

from autograde.build import module as modules
from autograde.engine.cases import Question, dump
from autograde.front.repair import is_locked
from autograde.front.seed import fingerprint, secret_seed
from autograde.trusted import Cell, CellResult, Grader, InfrastructureError, Limits, Paper

PLAIN_ASSIGNMENT = ("numpy", "matplotlib")
"""What answers may import in an assignment without a `checks.py`."""
_NOT_DATA = {".py", ".ipynb", ".pyc"}


class TrustedExecute(Execute):
    """Run a repaired notebook so that its learner cannot reach the tests or the marks."""

    unsafe_no_sandbox = Bool(
        False,
        help="Run submissions without a sandbox, on a machine that cannot isolate them. They can "
        "then read and delete your files. It is written into every result.",
    ).tag(config=True)

    def preprocess(
        self, nb: NotebookNode, resources: dict[str, Any], km: Any = None
    ) -> tuple[NotebookNode, dict[str, Any]]:
        code = [cell for cell in nb.cells if cell.cell_type == "code"]
        if not any(map(is_grade, code)):
            return nb, resources  # a lesson: nothing in it is graded
        course = self.parent.parent.coursedir
        assignment = resources["nbgrader"]["assignment"]
        folder = Path(course.root, course.source_directory, assignment)
        room = _class(folder, Path(course.root), self.timeout, self.unsafe_no_sandbox)
        results = room.grader.grade([_cell(cell) for cell in code])
        scores = resources.setdefault("autograde_scores", {})
        for cell, result in zip(code, results, strict=True):
            cell.outputs = [_output(o) for o in result.outputs]
            if _kind(cell) == "test":
                scores[cell.metadata.nbgrader.grade_id] = result.score
                if not cell.outputs and result.message:
                    cell.outputs = [_told(result)]
        outputs = resources.setdefault("outputs", {})
        report = self._report(code, results, room, resources["nbgrader"])
        outputs["results.json"] = json.dumps(report, indent=1).encode()
        return nb, resources

    def _report(
        self,
        code: list[NotebookNode],
        results: list[CellResult],
        room: _Class,
        about: dict[str, str],
    ) -> dict[str, Any]:
        """What `results.json` says: each graded cell's verdict, and what produced it."""
        course = self.parent.parent.coursedir
        graded = [(c, r) for c, r in zip(code, results, strict=True) if _kind(c) == "test"]
        cells = [
            {
                "grade_id": cell.metadata.nbgrader.grade_id,
                "verdict": result.verdict,
                "score": result.score,
                "max_score": float(cell.metadata.nbgrader.points),
                "mistake": result.mistake,
                "message": result.message,
            }
            for cell, result in graded
        ]
        folder = Path(
            course.format_path(course.autograded_directory, about["student"], about["assignment"])
        )
        earlier = folder / "results.json"  # of another notebook of this submission
        notebooks = json.loads(earlier.read_text())["notebooks"] if earlier.exists() else []
        notebooks.append({"name": about["notebook"], "cells": cells})
        all_cells = [cell for notebook in notebooks for cell in notebook["cells"]]
        submitted = Path(
            course.format_path(course.submitted_directory, about["student"], about["assignment"]),
            f"{about['notebook']}.ipynb",
        )
        verdicts = [cell["verdict"] for cell in all_cells]
        return {
            "assignment": about["assignment"],
            "student": about["student"],
            "verdict": next((v for v in verdicts if v != "passed"), "passed"),
            "score": sum(cell["score"] for cell in all_cells),
            "max_score": sum(cell["max_score"] for cell in all_cells),
            "notebooks": notebooks,
            "provenance": {
                "submission": fingerprint(submitted.read_bytes()),
                "checks": fingerprint(room.paper.questions or ""),
                "seed": fingerprint(room.seed),
                "environment": fingerprint(_environment()),
                "sandbox": not self.unsafe_no_sandbox,
            },
        }


class SaveTrustedScores(SaveAutoGrades):
    """nbgrader's `SaveAutoGrades`, with the checker's score for every test cell that was run."""

    def _add_score(self, cell: NotebookNode, resources: dict[str, Any]) -> None:
        super()._add_score(cell, resources)
        own = cell.metadata.nbgrader.grade_id
        scores = resources.get("autograde_scores")
        if scores is None or is_solution(cell) or cell.cell_type != "code":
            return  # not run (`--no-execute`), or for a person to grade
        where = (own, self.notebook_id, self.assignment_id, self.student_id)
        self.gradebook.find_grade(*where).auto_score = scores[own]
        self.gradebook.db.commit()


def _kind(cell: NotebookNode) -> str:
    if is_grade(cell) and not is_solution(cell):
        return "test"
    return "setup" if is_locked(cell) else "learner"


def _cell(cell: NotebookNode) -> Cell:
    about = cell.metadata.get("nbgrader", {})
    kind = _kind(cell)
    points = float(about["points"]) if kind == "test" else 0.0
    return Cell(cell.source, kind, about.get("grade_id", ""), points)


def _told(result: CellResult) -> NotebookNode:
    """What the feedback page shows of a check that said nothing itself."""
    return nbformat.v4.new_output(
        "error",
        ename=result.verdict,
        evalue=result.message,
        traceback=[f"{result.verdict}: {result.message}"],
    )


def _output(output: dict[str, Any]) -> NotebookNode:
    node = nbformat.from_dict(output)
    if node.output_type == "stream":
        node.name = "stdout"  # nbgrader gives a cell that writes to stderr no points
    return node


@dataclass(frozen=True)
class _Class:
    """What is common to the submissions of one assignment, and the processes that wait for them."""

    paper: Paper
    seed: str
    grader: Grader


@lru_cache
def _class(folder: Path, root: Path, seconds: int, unsafe: bool) -> _Class:
    """Made once for a run of nbgrader; its processes end with it."""
    seed = secret_seed(root, folder.name)
    paper = _paper(folder, seed, seconds)
    grader = Grader(paper, unsafe=unsafe)
    try:
        grader.__enter__()
    except InfrastructureError as error:
        raise NbGraderException(f"Nothing was graded. {error}") from None
    atexit.register(grader.__exit__, None, None, None)
    return _Class(paper, seed, grader)


def _paper(folder: Path, seed: str, seconds: int) -> Paper:
    limits = Limits(cell_seconds=seconds)
    files = {
        path.name: path.read_bytes()
        for path in sorted(folder.iterdir())
        if path.is_file() and path.suffix not in _NOT_DATA and path.name != "cases.json"
    }
    if not (folder / "checks.py").exists():
        return Paper(allowed=PLAIN_ASSIGNMENT, limits=limits, files=files)
    module = modules.read(folder)
    return Paper(
        allowed=module.allowed,
        questions=dump({e.name: Question.ask(e, seed) for e in module.exercises}),
        public_cases=(folder / "cases.json").read_text(encoding="utf-8"),
        limits=limits,
        preload=("numpy", *(name for name in module.allowed if name != "numpy")),
        files=files,
    )


@lru_cache
def _environment() -> str:
    """Python's version and that of every installed package."""
    packages = {f"{d.metadata['Name']}=={d.version}" for d in metadata.distributions()}
    return "\n".join([sys.version, *sorted(packages)])
