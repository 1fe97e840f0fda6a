"""Make a learner's submission out of the released notebook: fill in answers, then do to it what
people do."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Mapping
from pathlib import Path

import nbformat
from nbformat import NotebookNode

Tamper = Callable[[NotebookNode], None]


def filled(released: NotebookNode, answers: Mapping[str, str]) -> NotebookNode:
    """The released notebook with these answers in its solution cells: {grade_id: source}."""
    notebook = copy.deepcopy(released)
    for cell in notebook.cells:
        own = _grade_id(cell)
        if own in answers:
            cell.source = answers[own]
    return notebook


def author_answers(source: Path) -> dict[str, str]:
    """The author's own answers: the solution cells of the source notebook, without nbgrader's
    markers and stubs."""
    answers = {}
    for cell in nbformat.read(source, as_version=4).cells:
        if cell.metadata.get("nbgrader", {}).get("solution"):
            kept = [
                line
                for line in cell.source.splitlines()
                if "### " not in line and not line.lstrip().startswith("#:")
            ]
            answers[_grade_id(cell)] = "\n".join(kept)
    return answers


def delete(grade_id: str) -> Tamper:
    """Delete a cell."""

    def tamper(notebook: NotebookNode) -> None:
        notebook.cells.remove(_find(notebook, grade_id))

    return tamper


def copy_cell(grade_id: str) -> Tamper:
    """Copy a cell and paste it below, as JupyterLab does: with its metadata."""

    def tamper(notebook: NotebookNode) -> None:
        cell = _find(notebook, grade_id)
        twin = copy.deepcopy(cell)
        twin.id = f"{cell.id}-copy"[:64]
        notebook.cells.insert(notebook.cells.index(cell) + 1, twin)

    return tamper


def rewrite(grade_id: str, source: str, points: float) -> Tamper:
    """Write other code into a test cell, and other points into its metadata."""

    def tamper(notebook: NotebookNode) -> None:
        cell = _find(notebook, grade_id)
        cell.source = source
        cell.metadata.nbgrader.points = points

    return tamper


def as_bytes(notebook: NotebookNode) -> bytes:
    return nbformat.writes(notebook).encode()


def cut_off(data: bytes) -> bytes:
    """The first half of the file, as an upload that broke off leaves it."""
    half = data[: len(data) // 2]
    try:
        json.loads(half)
    except ValueError:
        return half
    raise AssertionError("half a notebook is not JSON")


def _grade_id(cell: NotebookNode) -> str:
    return cell.metadata.get("nbgrader", {}).get("grade_id", "")


def _find(notebook: NotebookNode, grade_id: str) -> NotebookNode:
    return next(cell for cell in notebook.cells if _grade_id(cell) == grade_id)
