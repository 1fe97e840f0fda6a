"""A notebook from its text, the same to the byte every time: ids from the `grade_id` or the place,
no outputs."""

from __future__ import annotations

from pathlib import Path

import jupytext
import nbformat
from nbformat import NotebookNode

KEPT = ("nbgrader", "tags", "jupyter")
"""Metadata of a cell that mean something: `jupyter` hides the source of a quiz."""

_METADATA = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def from_text(source: Path) -> NotebookNode:
    """The notebook that a Jupytext percent script describes."""
    notebook = jupytext.reads(source.read_text(encoding="utf-8"), fmt="py:percent")
    notebook.metadata = nbformat.from_dict(_METADATA)
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    for index, cell in enumerate(notebook.cells):
        cell.id = cell_id(cell, source.stem, index)
        kept = {k: v for k, v in cell.metadata.items() if k in KEPT}
        cell.metadata = nbformat.from_dict(kept)
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    return notebook


def cell_id(cell: NotebookNode, stem: str, index: int) -> str:
    """A cell's id: its `grade_id` where it has one, else its notebook's name and its place."""
    grade_id = cell.metadata.get("nbgrader", {}).get("grade_id")
    return grade_id if isinstance(grade_id, str) and grade_id else f"{stem[:50]}-{index:03d}"


def write(notebook: NotebookNode, path: Path) -> None:
    nbformat.validate(notebook)
    path.write_text(nbformat.writes(notebook) + "\n", encoding="utf-8")


def place(index: int, cell: NotebookNode) -> str:
    """Where a cell is, for a message: its number as JupyterLab counts, and its `grade_id` or first
    line."""
    lines = cell.source.strip().splitlines()
    name = cell.metadata.get("nbgrader", {}).get("grade_id") or (lines[0][:50] if lines else "")
    return f"cell {index + 1} ({name})" if name else f"cell {index + 1}"
