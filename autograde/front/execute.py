"""The steps of nbgrader's autograding that run a submission and keep its marks: learner's cells in
one process, tests in another.

`TrustedExecute` stands where nbgrader's `Execute` stood, and takes its settings: `Execute.timeout`,
and `Execute.enabled`, which `--no-execute` sets to False. A test that was not run has no mark:
nbgrader would read one off the outputs that a learner saved, and full marks off none.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbgrader.preprocessors import Execute, SaveAutoGrades
from nbgrader.utils import is_grade, is_solution, is_task
from traitlets import Bool

from autograde.front.classroom import Classroom
from autograde.front.repair import is_locked
from autograde.front.results import notebook_record, provenance, submission_record
from autograde.trusted import Cell, CellResult, InfrastructureError, Limits, Paper

ABOUT = "autograde"
"""Where a notebook's metadata, and nbconvert's resources, keep what the exporter found:
`{"invalid": why it cannot be graded, "notes": what had to be mended}`."""
SCORES = "autograde_scores"
"""Where resources keep the checker's scores, {grade_id: score}: empty from the exporter."""


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
        if not is_graded(nb):
            return nb, resources  # a lesson
        converter = self.parent.parent
        seconds = self.timeout if self.timeout and self.timeout > 0 else Limits().notebook_seconds
        room = converter.classroom(seconds, self.unsafe_no_sandbox)
        found = resources.get(ABOUT, {})
        code = [cell for cell in nb.cells if cell.cell_type == "code"]
        cells = [as_cell(cell, room.paper) for cell in code]
        reason = found.get("invalid")
        results = invalid(cells, reason) if reason else room.grader.grade(cells)
        if any(result.verdict == "infrastructure" for result in results):
            raise InfrastructureError("a cell was not graded, by the grader's own fault")
        scores = resources.setdefault(SCORES, {})
        for node, cell, result in zip(code, cells, results, strict=True):
            node.outputs = [] if reason else shown(result)  # the note above says it once
            if cell.kind == "test":
                scores[cell.grade_id] = result.score
        about = resources["nbgrader"]
        notes = [*found.get("notes", []), *converter.left_out]
        record = notebook_record(about["notebook"], cells, results, notes, reason)
        text = json.dumps(self._with_earlier(record, room, about), indent=1)
        resources.setdefault("outputs", {})["results.json"] = text.encode()
        return nb, resources

    def _with_earlier(
        self, record: dict[str, Any], room: Classroom, about: dict[str, str]
    ) -> dict[str, Any]:
        """The submission's record: this notebook's, and those of its other notebooks."""
        course = self.parent.parent.coursedir
        place = about["student"], about["assignment"]
        earlier = Path(course.format_path(course.autograded_directory, *place), "results.json")
        notebooks = {}
        if earlier.exists():
            notebooks = {n["name"]: n for n in json.loads(earlier.read_text())["notebooks"]}
            earlier.unlink()  # nbgrader made it read-only, if it is of another run
        notebooks[record["name"]] = record
        submitted = Path(course.format_path(course.submitted_directory, *place))
        source = provenance(
            b"".join(_content(submitted / f"{name}.ipynb") for name in sorted(notebooks)),
            room.checks,
            room.seed,
            sandbox=not room.unsafe,
        )
        student, assignment = place
        return submission_record(assignment, student, list(notebooks.values()), source)


class SaveTrustedScores(SaveAutoGrades):
    """nbgrader's `SaveAutoGrades`, with the checker's score for every test cell. What was not run
    waits for a person, as a written answer does."""

    def preprocess(
        self, nb: NotebookNode, resources: dict[str, Any]
    ) -> tuple[NotebookNode, dict[str, Any]]:
        nb, resources = super().preprocess(nb, resources)
        if resources.get(ABOUT, {}).get("invalid"):
            with self.gradebook:
                where = (self.notebook_id, self.assignment_id, self.student_id)
                for grade in self.gradebook.find_submission_notebook(*where).grades:
                    self._keep(grade, 0.0)
        return nb, resources

    def _add_score(self, cell: NotebookNode, resources: dict[str, Any]) -> None:
        own = cell.metadata.nbgrader.grade_id
        scores = resources.get(SCORES)
        if scores is None or is_solution(cell) or cell.cell_type != "code":
            super()._add_score(cell, resources)  # another exporter's, or graded by a person
            return
        if own not in scores:
            told = "%s: %r was not run (Execute.enabled is False), so a person has to mark it"
            self.log.warning(told, self.student_id, own)
        where = (own, self.notebook_id, self.assignment_id, self.student_id)
        self._keep(self.gradebook.find_grade(*where), scores.get(own))

    def _keep(self, grade: Any, score: float | None) -> None:
        grade.auto_score = score
        # As nbgrader has it: a person who has changed a mark must look at it again.
        grade.needs_manual_grade = grade.manual_score is not None or score is None
        self.gradebook.db.commit()


def is_graded(notebook: NotebookNode) -> bool:
    """Whether the notebook counts: a lesson has no cell with points."""
    return any(is_grade(cell) or is_task(cell) for cell in notebook.cells)


def as_cell(cell: NotebookNode, paper: Paper) -> Cell:
    """A code cell of a repaired notebook, as the grader takes it."""
    about = cell.metadata.get("nbgrader", {})
    own = about.get("grade_id", "")
    defines = paper.defines.get(own, ())
    if is_grade(cell) and not is_solution(cell):
        return Cell(cell.source, "test", own, float(about["points"]), defines)
    return Cell(cell.source, "setup" if is_locked(cell) else "learner", own, defines=defines)


def invalid(cells: Sequence[Cell], reason: str) -> list[CellResult]:
    """The results of a submission that could not be read."""
    return [
        CellResult(verdict="invalid", message=reason if cell.kind == "test" else "")
        for cell in cells
    ]


def shown(result: CellResult) -> list[NotebookNode]:
    """A cell's outputs for the feedback page; a check that said nothing tells its verdict."""
    outputs = [nbformat.from_dict(output) for output in result.outputs]
    for output in outputs:
        if output.output_type == "stream":
            output.name = "stdout"  # nbgrader gives a cell that writes to stderr no points
        elif "image/png" in output.get("data", {}):
            alt = output.data.get("text/plain", "a picture")
            output.metadata.setdefault("image/png", NotebookNode(alt=alt))
    if not outputs and result.message:
        told = f"{result.verdict}: {result.message}"
        outputs = [
            nbformat.v4.new_output(
                "error", ename=result.verdict, evalue=result.message, traceback=[told]
            )
        ]
    return outputs


def _content(path: Path) -> bytes:
    """The file's bytes; none where there is no file of its own."""
    return path.read_bytes() if path.is_file() and not path.is_symlink() else b""
