"""Put a submitted notebook back into the shape in which it was released, and keep every line of the
learner's.

Learners delete cells, copy them, split them, change their type; programs strip metadata; cheats
rewrite tests. What the instructor wrote comes from the release, by id. What the learner wrote stays
where the learner put it.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass, field

import nbformat
from nbformat import NotebookNode

_SHOWN = {"text/plain", "text/html", "text/markdown", "text/latex", "image/png", "image/jpeg"}
MISSING = "# This cell was not in the submission. It has been put back, empty."


@dataclass
class Repaired:
    """A notebook that nbgrader and the grader can work with, and what had to be done to it."""

    notebook: NotebookNode
    notes: list[str] = field(default_factory=list)


def repair(submitted: NotebookNode, released: NotebookNode, *, outputs: bool = False) -> Repaired:
    """The released notebook with the learner's cells in it.

    Every cell that has a `grade_id` in the release is there exactly once, in the release's order,
    with the release's type, flags and points; locked cells have the release's text. A solution cell
    that is missing comes back empty, not as the stub: the learner may have written the answer
    elsewhere. Cells that the learner added stay behind the cell that they followed, as plain cells.

    With `outputs`, code cells keep the outputs that the learner saved: for `--no-execute`, where
    nbgrader reads marks off them.
    """
    wanted = {i: cell for cell in released.cells if (i := grade_id(cell))}
    notebook = NotebookNode({k: copy.deepcopy(v) for k, v in released.items() if k != "cells"})
    result = Repaired(notebook)
    following = _by_predecessor(submitted, wanted, result.notes)
    cells: list[NotebookNode] = list(following[None].added)
    for original in released.cells:
        own = grade_id(original)
        if own is None:
            continue
        cells += _restored(original, following.get(own), result.notes)
    for cell in cells:
        if cell.cell_type == "code":
            cell.outputs = list(_harmless(cell.get("outputs"))) if outputs else []
    result.notebook.cells = list(_unique_ids(cells))
    result.notebook.nbformat_minor = 5  # the first that knows ids of cells
    return result


def grade_id(cell: NotebookNode) -> str | None:
    """The cell's `grade_id`, or None where it has none that can be one."""
    about = cell.get("metadata", {}).get("nbgrader")
    found = about.get("grade_id") if isinstance(about, dict) else None
    return found if isinstance(found, str) and found else None


def is_locked(cell: NotebookNode) -> bool:
    about = cell.metadata.get("nbgrader", {})
    return not about.get("solution") and bool(about.get("locked") or about.get("grade"))


@dataclass
class _Found:
    """What the submission has for one released cell: its versions, and what was added behind it."""

    versions: list[NotebookNode] = field(default_factory=list)
    added: list[NotebookNode] = field(default_factory=list)


def _by_predecessor(
    submitted: NotebookNode, wanted: dict[str, NotebookNode], notes: list[str]
) -> dict[str | None, _Found]:
    found: dict[str | None, _Found] = {None: _Found()}
    last: str | None = None
    for cell in submitted.cells:
        own = grade_id(cell)
        if own in wanted:
            entry = found.setdefault(own, _Found())
            if entry.versions and is_locked(wanted[own]):
                notes.append(f"a copy of the cell {own!r} was left out")
            else:
                entry.versions.append(cell)
            last = own
            continue
        if own is not None:
            notes.append(f"the cell {own!r} is not in the assignment: a plain cell now")
        found[last].added.append(_plain(cell, cell.cell_type))
    return found


def _restored(original: NotebookNode, found: _Found | None, notes: list[str]) -> list[NotebookNode]:
    own = grade_id(original)
    cell = copy.deepcopy(original)
    if found is None or not found.versions:
        notes.append(f"the cell {own!r} was missing")
        if not is_locked(cell):
            cell.source = MISSING if cell.cell_type == "code" else ""
        return [cell, *(found.added if found else [])]
    first, *rest = found.versions
    if first.cell_type != cell.cell_type:
        notes.append(f"the cell {own!r} was changed from {cell.cell_type} to {first.cell_type}")
    if is_locked(cell):
        if first.source != cell.source:
            notes.append(f"the locked cell {own!r} was changed")
    else:
        cell.source = first.source
    if cell.cell_type == first.cell_type == "code":
        cell.outputs = first.get("outputs")
    # A cell that was split, or copied and gone on with, counts whole.
    return [cell, *(_plain(c, cell.cell_type) for c in rest), *found.added]


def _plain(cell: NotebookNode, cell_type: str) -> NotebookNode:
    """The cell's text and outputs alone: no metadata, no attachments."""
    plain = NotebookNode(
        cell_type=cell_type, id=cell.get("id", ""), metadata=NotebookNode(), source=cell.source
    )
    if cell_type == "code":
        plain.outputs, plain.execution_count = cell.get("outputs"), None
    return plain


def _harmless(outputs: object) -> Iterator[NotebookNode]:
    """Of saved outputs those that nbformat knows, without metadata, in formats that pages show."""
    for output in outputs if isinstance(outputs, list) else []:
        if isinstance(output, dict) and "metadata" in output:
            data = output.get("data")
            output["metadata"] = NotebookNode()
            if isinstance(data, dict):
                output["data"] = NotebookNode({k: v for k, v in data.items() if k in _SHOWN})
                if not output["data"]:
                    continue
        try:
            nbformat.validate(output, ref="output", version=4, version_minor=5)
        except (nbformat.ValidationError, TypeError):
            continue
        yield output


def _unique_ids(cells: list[NotebookNode]) -> Iterator[NotebookNode]:
    taken: set[str] = {i for cell in cells if (i := grade_id(cell))}
    for number, cell in enumerate(cells):
        cell.id = grade_id(cell) or f"learner-{number:03d}"
        while grade_id(cell) is None and cell.id in taken:
            cell.id += "x"
        taken.add(cell.id)
        yield cell
