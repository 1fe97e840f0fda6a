"""The step of nbgrader's autograding that runs a submission: learner's cells in one process, tests
in another.

It stands where nbgrader's `Execute` stood, and takes its settings: `Execute.timeout`,
`Execute.enabled`. What it leaves in the notebook are outputs; nbgrader's own steps behind it read
the points off them, as ever.
"""

from __future__ import annotations

import atexit
import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbgrader.converters import NbGraderException
from nbgrader.preprocessors import Execute, SaveAutoGrades
from nbgrader.utils import is_grade, is_solution
from traitlets import Bool

from autograde.front.paper import class_paper
from autograde.front.repair import is_locked
from autograde.front.results import notebook_record, provenance, submission_record
from autograde.front.seed import secret_seed
from autograde.trusted import Cell, CellResult, Grader, InfrastructureError, Paper


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
        cells = [as_cell(cell) for cell in code]
        results = room.grader.grade(cells)
        scores = resources.setdefault("autograde_scores", {})
        for node, cell, result in zip(code, cells, results, strict=True):
            node.outputs = shown(result)
            if cell.kind == "test":
                scores[cell.grade_id] = result.score
        about = resources["nbgrader"]
        record = notebook_record(about["notebook"], cells, results)
        text = json.dumps(self._with_earlier(record, room, about), indent=1)
        resources.setdefault("outputs", {})["results.json"] = text.encode()
        return nb, resources

    def _with_earlier(
        self, record: dict[str, Any], room: _Class, about: dict[str, str]
    ) -> dict[str, Any]:
        """The submission's record: this notebook's, and those of its notebooks that came before."""
        course = self.parent.parent.coursedir
        student, assignment = about["student"], about["assignment"]
        place = (student, assignment)
        earlier = Path(course.format_path(course.autograded_directory, *place), "results.json")
        notebooks = json.loads(earlier.read_text())["notebooks"] if earlier.exists() else []
        submitted = Path(course.format_path(course.submitted_directory, *place))
        source = provenance(
            (submitted / f"{about['notebook']}.ipynb").read_bytes(),
            room.paper,
            room.seed,
            sandbox=not self.unsafe_no_sandbox,
        )
        return submission_record(assignment, student, [*notebooks, record], source)


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


def as_cell(cell: NotebookNode) -> Cell:
    """A code cell of a repaired notebook, as the grader takes it."""
    about = cell.metadata.get("nbgrader", {})
    if is_grade(cell) and not is_solution(cell):
        return Cell(cell.source, "test", about["grade_id"], float(about["points"]))
    return Cell(cell.source, "setup" if is_locked(cell) else "learner", about.get("grade_id", ""))


def shown(result: CellResult) -> list[NotebookNode]:
    """A cell's outputs for the feedback page; a check that said nothing tells its verdict."""
    outputs = [nbformat.from_dict(output) for output in result.outputs]
    for output in outputs:
        if output.output_type == "stream":
            output.name = "stdout"  # nbgrader gives a cell that writes to stderr no points
    if not outputs and result.message:
        told = f"{result.verdict}: {result.message}"
        outputs = [
            nbformat.v4.new_output(
                "error", ename=result.verdict, evalue=result.message, traceback=[told]
            )
        ]
    return outputs


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
    paper = class_paper(folder, seed, seconds)
    grader = Grader(paper, unsafe=unsafe)
    try:
        grader.__enter__()
    except InfrastructureError as error:
        raise NbGraderException(f"Nothing was graded. {error}") from None
    atexit.register(grader.__exit__, None, None, None)
    return _Class(paper, seed, grader)
