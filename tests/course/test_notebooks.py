"""Every notebook of the course, both versions, in a fresh kernel, as a learner and as an author
would run it."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode

from autograde.build import module as modules
from autograde.build.rehearse import rehearse
from autograde.kernel import execute

pytestmark = pytest.mark.course

CELL_SECONDS = 120
MODULE_BYTES = 1_000_000


def run(path: Path, folder: Path) -> NotebookNode:
    notebook = nbformat.read(path, as_version=4)
    execute(notebook, folder, cell_seconds=CELL_SECONDS)
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            assert output.get("name") != "stderr", (cell.source, output.text)
    return notebook


def pictures_without_alt(notebook: NotebookNode) -> list[str]:
    """The first line of each cell that shows a picture without a text for those who do not see
    it."""
    found = []
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            has_alt = 'alt="' in data.get("text/html", "") or output.get("metadata", {}).get(
                "image/png", {}
            ).get("alt")
            if "image/png" in data and not has_alt:
                found.append(cell.source.splitlines()[0])
    return found


def test_the_solutions_get_full_marks(folder: Path) -> None:
    module = modules.read(folder)
    notebook = run(module.assignment.with_suffix(".ipynb"), folder)
    scores = {
        cell.metadata.nbgrader.grade_id: (
            float(o.data["text/plain"]),
            cell.metadata.nbgrader.points,
        )
        for cell in notebook.cells
        if cell.metadata.get("nbgrader", {}).get("grade")
        for o in cell.outputs
        if o.output_type == "execute_result"
    }
    assert len(scores) == len(module.exercises)
    assert {k: s for k, s in scores.items() if s[0] != s[1]} == {}
    assert pictures_without_alt(notebook) == []


def test_an_untouched_student_notebook_runs_to_its_end_with_nothing(
    root: Path, folder: Path
) -> None:
    module = modules.read(folder)
    released = root / "course" / folder.name / module.assignment.with_suffix(".ipynb").name
    assert rehearse(released) == []


def test_the_lesson_runs_and_every_picture_has_words(root: Path, folder: Path) -> None:
    module = modules.read(folder)
    released = root / "course" / folder.name / module.lesson.with_suffix(".ipynb").name
    assert pictures_without_alt(run(released, released.parent)) == []


def test_learners_files_stay_small_and_hold_no_output(root: Path, folder: Path) -> None:
    released = root / "course" / folder.name
    assert sum(p.stat().st_size for p in released.iterdir()) < MODULE_BYTES
    for path in released.glob("*.ipynb"):
        notebook = nbformat.read(path, as_version=4)
        assert [c for c in notebook.cells if c.get("outputs") or c.get("execution_count")] == []


def test_no_answer_is_in_the_learners_folder(root: Path, folder: Path) -> None:
    """No source, no marker, and no solution cell as its author wrote it."""
    module = modules.read(folder)
    released = root / "course" / folder.name
    assert {p.suffix for p in released.iterdir()} == {".ipynb", ".json"}
    source = nbformat.read(module.assignment.with_suffix(".ipynb"), as_version=4)
    student = nbformat.read(released / module.assignment.with_suffix(".ipynb").name, as_version=4)
    everything = "\n".join(c.source for c in student.cells)
    for marker in ("BEGIN SOLUTION", "END SOLUTION", "HIDDEN", "#: "):
        assert marker not in everything
    for cell in source.cells:
        if cell.metadata.get("nbgrader", {}).get("solution"):
            own = next(c for c in student.cells if c.id == cell.id)
            assert own.source != cell.source
