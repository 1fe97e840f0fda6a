"""One submission, in a worker: the bytes that were handed in -> a graded notebook and its marks.

The steps are nbgrader's own, in the order that `nbgrader_config.py` gives, with three of them made
to do without a gradebook: what they would look up there came with the assignment, and what they
would write there is returned.
"""

from __future__ import annotations

import copy
import json
import logging
import os
import queue
import traceback
from typing import Any

import nbformat
from distributed import get_worker
from distributed.diagnostics.plugin import WorkerPlugin
from nbformat import NotebookNode
from nbgrader import utils
from nbgrader.api import MissingEntry
from nbgrader.preprocessors import (
    AssignLatePenalties,
    CheckCellMetadata,
    NbGraderPreprocessor,
    OverwriteCells,
    OverwriteKernelspec,
    SaveAutoGrades,
)

from autograde.front.execute import ABOUT, TrustedExecute, as_cell, invalid, is_graded, shown
from autograde.front.exporter import blank_notebook
from autograde.front.repair import repair
from autograde.front.results import environment, notebook_record
from autograde.front.seed import fingerprint
from autograde.front.submission import NotANotebook, parse_submission
from autograde.grading.course import Assignment, Notebook, load
from autograde.grading.plan import Submission
from autograde.trusted import Grader, InfrastructureError

RELEASED = "autograde_released"

Result = dict[str, Any]
"""{"notebooks": [{"name", "text", "grades", "comments", "record"}]}, or {"fault": reason}
where it was not graded, and nobody but us is to blame."""


class Marker:
    """Grades submissions to one assignment, one after the other.

    Parameters
    ----------
    assignment
        What the coordinator said of it.

    Raises
    ------
    InfrastructureError
        If this machine cannot isolate learners' code, or has other packages than the coordinator.
    """

    def __init__(self, assignment: Assignment) -> None:
        if assignment.environment != fingerprint(environment()):
            raise InfrastructureError(
                "this worker has other packages than the machine that `autograde grade` runs on; "
                "install the same requirements on both"
            )
        self._assignment = assignment
        self._released = {
            name: nbformat.reads(notebook.released, as_version=4)
            for name, notebook in assignment.notebooks.items()
        }
        steps = {
            CheckCellMetadata: _CheckCellMetadata,
            OverwriteCells: _OverwriteCells,
            OverwriteKernelspec: _OverwriteKernelspec,
        }
        quiet = logging.getLogger(__name__)
        quiet.setLevel(logging.ERROR)  # what was mended is in the notes
        common: dict[str, Any] = {"config": assignment.config, "log": quiet}
        made: dict[type, Any] = {}  # nbgrader's two lists share some steps
        for step in map(load, [*assignment.sanitize, *assignment.autograde]):
            made[step] = steps.get(step, step)(**common)
        self._sanitize = [made[step] for step in map(load, assignment.sanitize)]
        self._autograde = [made[step] for step in map(load, assignment.autograde)]
        self._grader = Grader(assignment.paper, unsafe=assignment.unsafe)
        self._grader.__enter__()

    def close(self) -> None:
        self._grader.__exit__(None, None, None)

    def mark(self, submission: Submission) -> Result:
        """Grade one submission."""
        marked = [
            self._notebook(submission.student, self._assignment.notebooks[name], data)
            for name, data in submission.notebooks.items()
        ]
        return {"notebooks": marked}

    def _notebook(self, student: str, notebook: Notebook, data: bytes | str) -> dict[str, Any]:
        nb, found = self._read(notebook.name, data)
        nb.metadata[ABOUT] = found
        marked: dict[str, Any] = {"name": notebook.name, "record": None}
        resources: dict[str, Any] = {
            "unique_key": notebook.name,
            "output_files_dir": f"{notebook.name}_files",
            "nbgrader": {
                "student": student,
                "assignment": self._assignment.name,
                "notebook": notebook.name,
                "db_url": "",
            },
            ABOUT: found,
            RELEASED: notebook,
        }
        for step in self._sanitize:
            nb, resources = step(nb, resources)
        for step in self._autograde:
            if isinstance(step, TrustedExecute):
                marked["record"] = self._run(notebook.name, nb, found)
            elif isinstance(step, SaveAutoGrades):
                marked.update(_marks(nb, marked["record"]))
                if "invalid" in found:
                    cells = (*notebook.grade_cells, *notebook.task_cells)
                    marked["grades"] = {cell.name: 0.0 for cell in cells}
            elif not isinstance(step, AssignLatePenalties):  # that is the coordinator's
                nb, resources = step(nb, resources)
        text = nbformat.writes(nb)
        marked["text"] = text if text.endswith("\n") else text + "\n"
        return marked

    def _read(self, name: str, data: bytes | str) -> tuple[NotebookNode, dict[str, Any]]:
        """The notebook to be graded, and what is to be said about it."""
        released = self._released[name]
        try:
            if isinstance(data, str):
                raise NotANotebook(data)
            repaired = repair(parse_submission(data), released)
        except NotANotebook as problem:
            if not is_graded(released):
                lesson = copy.deepcopy(released)
                return lesson, {"notes": [f"a lesson that cannot be read: {problem}"]}
            return blank_notebook(released, str(problem)), {"invalid": str(problem), "notes": []}
        return repaired.notebook, {"notes": repaired.notes}

    def _run(self, name: str, nb: NotebookNode, found: dict[str, Any]) -> dict[str, Any] | None:
        if not is_graded(nb):
            return None  # a lesson
        code = [cell for cell in nb.cells if cell.cell_type == "code"]
        cells = [as_cell(cell, self._assignment.paper) for cell in code]
        reason = found.get("invalid")
        results = invalid(cells, reason) if reason else self._grader.grade(cells)
        if any(result.verdict == "infrastructure" for result in results):
            raise InfrastructureError("a cell was not graded, by the grader's own fault")
        for node, result in zip(code, results, strict=True):
            node.outputs = [] if reason else shown(result)  # the note says it once
        return notebook_record(name, cells, results, found["notes"], reason)


def _marks(nb: NotebookNode, record: dict[str, Any] | None) -> dict[str, Any]:
    """What `SaveAutoGrades` would enter: a test's score is the checker's, the rest nbgrader's."""
    scores = {cell["grade_id"]: cell["score"] for cell in record["cells"]} if record else {}
    grades: dict[str, float | None] = {}
    comments: dict[str, str | None] = {}
    for cell in nb.cells:
        about = cell.metadata.get("nbgrader", {})
        own = about.get("grade_id")
        if utils.is_grade(cell):
            grades[own] = scores[own] if own in scores else utils.determine_grade(cell)[0]
        if utils.is_solution(cell) or utils.is_task(cell):
            untouched = about.get("checksum") == utils.compute_checksum(cell)
            silent = untouched and not utils.is_task(cell)
            comments[own] = "No response." if silent else None
    return {"grades": grades, "comments": comments}


# -- nbgrader's steps, without a gradebook ---------------------------------------------------


class _Lookup:
    """Answers what `OverwriteCells` asks a gradebook."""

    def __init__(self, notebook: Notebook) -> None:
        self._notebook = notebook
        self._source = {cell.name: cell for cell in notebook.source_cells}
        graded = (*notebook.grade_cells, *notebook.task_cells)
        self._graded = {cell.name: cell for cell in graded}

    def find_notebook(self, *_: str) -> Notebook:
        return self._notebook

    def find_source_cell(self, name: str, *_: str) -> Any:
        return self._find(self._source, name)

    def find_graded_cell(self, name: str, *_: str) -> Any:
        return self._find(self._graded, name)

    def _find(self, cells: dict[str, Any], name: str) -> Any:
        if name not in cells:
            raise MissingEntry(f"No such cell: {name}")
        return cells[name]


class _OverwriteCells(OverwriteCells):
    def preprocess(
        self, nb: NotebookNode, resources: dict[str, Any]
    ) -> tuple[NotebookNode, dict[str, Any]]:
        about = resources["nbgrader"]
        self.notebook_id, self.assignment_id = about["notebook"], about["assignment"]
        self.gradebook = _Lookup(resources[RELEASED])
        nb, resources = NbGraderPreprocessor.preprocess(self, nb, resources)
        if self.add_missing_cells:
            nb, resources = self.add_missing_grade_cells(nb, resources)
            nb, resources = self.add_missing_task_cells(nb, resources)
        return nb, resources


class _OverwriteKernelspec(OverwriteKernelspec):
    def preprocess(
        self, nb: NotebookNode, resources: dict[str, Any]
    ) -> tuple[NotebookNode, dict[str, Any]]:
        if kernelspec := resources[RELEASED].kernelspec:
            nb.metadata["kernelspec"] = kernelspec
        return nb, resources


class _CheckCellMetadata(CheckCellMetadata):
    """nbgrader's check takes 10 ms, and after the repair its answer is that for the release."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._sound: set[str] = set()

    def preprocess(
        self, nb: NotebookNode, resources: dict[str, Any]
    ) -> tuple[NotebookNode, dict[str, Any]]:
        cells = [[cell.cell_type, cell.metadata.get("nbgrader")] for cell in nb.cells]
        asked = json.dumps([cell for cell in cells if cell[1] is not None])
        if asked not in self._sound:
            nb, resources = super().preprocess(nb, resources)
            self._sound.add(asked)
        return nb, resources


# -- the worker's side of Dask ---------------------------------------------------------------


class Markers(WorkerPlugin):
    """A worker's warm markers: one for each thread that grades, started when first needed.

    Dask gives the plugin to every worker, those that come later or are started again too.
    """

    def __init__(self, assignment: Assignment, *, detach: bool) -> None:
        self._assignment = assignment
        self._detach = detach
        """Whether Ctrl-C in the coordinator's terminal is for the coordinator alone."""

    def setup(self, worker: Any) -> None:
        self._idle: queue.SimpleQueue[Marker] = queue.SimpleQueue()
        self._ended = False
        if self._detach:
            os.setpgid(0, 0)

    def teardown(self, worker: Any) -> None:
        self._ended = True
        while not self._idle.empty():
            self._idle.get().close()

    def mark(self, submission: Submission) -> Result:
        """Grade one submission; what goes wrong on our side is told, not raised."""
        marker = None
        try:
            marker = self._take()
            result = marker.mark(submission)
        except InfrastructureError as error:
            if marker:
                marker.close()
            return {"fault": str(error)}
        except Exception:
            result = {"fault": f"the grader failed:\n{traceback.format_exc()}"}
        if marker:
            self._put(marker)
        return result

    def warm(self) -> str | None:
        """Start a marker; why that cannot be done, or None."""
        try:
            self._put(self._take())
        except InfrastructureError as error:
            return str(error)
        return None

    def _take(self) -> Marker:
        try:
            return self._idle.get_nowait()
        except queue.Empty:
            return Marker(self._assignment)

    def _put(self, marker: Marker) -> None:
        if self._ended:  # the run that it was for is over
            marker.close()
        else:
            self._idle.put(marker)


def mark(name: str, submission: Submission) -> Result:
    """The task that Dask runs."""
    return get_worker().plugins[name].mark(submission)


def warm(name: str, dask_worker: Any) -> str | None:
    """Run on each worker before the first task."""
    return dask_worker.plugins[name].warm()
