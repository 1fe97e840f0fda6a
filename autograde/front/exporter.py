"""nbgrader's door for submissions: every file comes through, repaired, or as a blank notebook that
says why."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import nbformat
from nbconvert.exporters import NotebookExporter
from nbformat import NotebookNode
from nbgrader.converters import NbGraderException

from autograde.front.repair import repair
from autograde.front.submission import NotANotebook, read_submission


class SubmissionExporter(NotebookExporter):
    """Reads a submission in nbgrader's stead.

    nbgrader hands an exporter the file's name. One that is not JSON raises there, before any
    preprocessor can help, and the student is dropped from the class; a copied test cell stops the
    class.
    """

    def from_filename(
        self, filename: str, resources: dict | None = None, **kw: Any
    ) -> tuple[str, dict]:
        path = Path(filename)
        about = (resources or {}).get("nbgrader", {})
        course = self.parent.coursedir
        if path.is_relative_to(course.format_path(course.autograded_directory, ".", ".")):
            # The second pass: nbgrader reads what the first one wrote.
            return super().from_filename(filename, resources=resources, **kw)
        released = self._released(about["assignment"], path.name)
        try:
            repaired = repair(read_submission(path), released)
            notebook, notes = repaired.notebook, repaired.notes
        except NotANotebook as problem:
            notebook = _blank(released, str(problem))
            notes = [f"not a notebook: {problem}"]
        for note in notes:
            self.log.warning("%s, %s: %s", about.get("student"), path.name, note)
        return self.from_notebook_node(notebook, resources=resources, **kw)

    def _released(self, assignment: str, name: str) -> NotebookNode:
        course = self.parent.coursedir
        path = Path(course.format_path(course.release_directory, ".", assignment), name)
        if not path.is_file():
            raise NbGraderException(
                f"{path} is missing, and submissions are repaired from it. "
                f"Run: nbgrader generate_assignment {assignment}"
            )
        return nbformat.read(path, as_version=4)


def _blank(released: NotebookNode, reason: str) -> NotebookNode:
    notebook = copy.deepcopy(released)
    note = nbformat.v4.new_markdown_cell(
        f"**This submission could not be read, so nothing in it was graded.** {reason}",
        id="not-a-notebook",
    )
    notebook.cells.insert(0, note)
    return notebook
