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

from autograde.front.execute import ABOUT, SCORES, is_graded
from autograde.front.repair import repair
from autograde.front.submission import NotANotebook, read_submission


class SubmissionExporter(NotebookExporter):
    """Reads a submission in nbgrader's stead.

    nbgrader hands an exporter the file's name, twice: first the submitted file's, then that of what
    the first pass wrote. What the first pass found out travels to the second in the notebook's
    metadata. With nbgrader's own exporter a file that is not JSON raises before any preprocessor
    can help, and the student is dropped from the class; a copied test cell stops the class.
    """

    def from_filename(
        self, filename: str, resources: dict | None = None, **kw: Any
    ) -> tuple[str, dict]:
        path = Path(filename)
        about = (resources or {}).get("nbgrader", {})
        course = self.parent.coursedir
        if path.is_relative_to(course.format_path(course.autograded_directory, ".", ".")):
            return super().from_filename(filename, resources=resources, **kw)
        notebook, found = self._read(path, self._released(about["assignment"], path.name))
        for note in found["notes"]:
            self.log.warning("%s, %s: %s", about.get("student"), path.name, note)
        if "invalid" in found:
            self.parent.invalid[about["student"]] = found["invalid"]
        notebook.metadata[ABOUT] = found
        return self.from_notebook_node(notebook, resources=resources, **kw)

    def from_notebook_node(
        self, nb: NotebookNode, resources: dict | None = None, **kw: Any
    ) -> tuple[str, dict]:
        resources = {} if resources is None else resources
        resources[ABOUT] = nb.metadata.get(ABOUT, {})
        resources[SCORES] = {}
        return super().from_notebook_node(nb, resources=resources, **kw)

    def _read(self, path: Path, released: NotebookNode) -> tuple[NotebookNode, dict[str, Any]]:
        """The notebook to be graded, and what is to be said about it."""
        keep_outputs = self.config.ClearOutput.get("enabled", True) is False  # --no-execute
        try:
            repaired = repair(read_submission(path), released, outputs=keep_outputs)
        except NotANotebook as problem:
            if not is_graded(released):
                return released, {"notes": [f"a lesson that cannot be read: {problem}"]}
            return blank_notebook(released, str(problem)), {"invalid": str(problem), "notes": []}
        return repaired.notebook, {"notes": repaired.notes}

    def _released(self, assignment: str, name: str) -> NotebookNode:
        course = self.parent.coursedir
        path = Path(course.format_path(course.release_directory, ".", assignment), name)
        if not path.is_file():
            raise NbGraderException(
                f"{path} is missing, and submissions are repaired from it. "
                f"Run: nbgrader generate_assignment --force {assignment}"
            )
        return nbformat.read(path, as_version=4)


def blank_notebook(released: NotebookNode, reason: str) -> NotebookNode:
    notebook = copy.deepcopy(released)
    note = nbformat.v4.new_markdown_cell(
        f"**This submission could not be read, so nothing in it was graded.** {_verbatim(reason)}",
        id="not-a-notebook",
    )
    notebook.cells.insert(0, note)
    return notebook


def _verbatim(text: str) -> str:
    """Text as Markdown: file names in it may hold anything."""
    return "".join(f"\\{c}" if c in "\\`*_{}[]()<>#+-!|&$~" else c for c in text)
