"""`autograde check NOTEBOOK`: a learner runs their own notebook from the terminal and reads every
report."""

from __future__ import annotations

from pathlib import Path

import nbformat
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat import NotebookNode
from tqdm import tqdm

from autograde.kernel import execute

CELL_SECONDS = 120


class NotebookError(Exception):
    """The notebook cannot be read or run; the message says why."""


def self_check(path: Path) -> int:
    """Run a notebook in its own folder, as its owner, and print what each check in it says.

    Returns
    -------
    int
        0 if every check has full marks, else 1.

    Raises
    ------
    NotebookError
        If the file is not a notebook, or a cell never ends.
    """
    notebook = _read(path)
    graded = [c for c in notebook.cells if c.metadata.get("nbgrader", {}).get("grade")]
    if not graded:
        raise NotebookError(f"{path} has no graded checks in it.")
    for cell in graded:
        cell.source = f"print(_report := {cell.source.strip()})\n_report"
    bar = tqdm(total=len(notebook.cells), desc=path.name, unit="cell", leave=False, disable=None)
    try:
        with bar:
            execute(
                notebook,
                path.resolve().parent,
                cell_seconds=CELL_SECONDS,
                allow_errors=True,
                on_cell=bar.update,
            )
    except (CellTimeoutError, DeadKernelError) as error:
        raise NotebookError(f"{path}: {str(error).strip().splitlines()[0]}") from error
    earned = sum(_tell(cell) for cell in graded)
    total = sum(float(cell.metadata.nbgrader.points) for cell in graded)
    print(f"{path.name}: {earned:g} of {total:g} points on the public inputs.")
    return 0 if earned == total else 1


def _read(path: Path) -> NotebookNode:
    try:
        return nbformat.read(path, as_version=4)
    except FileNotFoundError:
        raise NotebookError(f"There is no file {path}.") from None
    except (OSError, ValueError, AttributeError, KeyError) as error:
        raise NotebookError(f"{path} is not a notebook: {error}") from error


def _tell(cell: NotebookNode) -> float:
    """Print what a graded cell said; returns its score."""
    score = 0.0
    for output in cell.outputs:
        if output.output_type == "stream":
            print(output.text.rstrip())
        elif output.output_type == "error":
            print(f"[!] {cell.metadata.nbgrader.grade_id}: {output.ename}: {output.evalue}")
        elif output.output_type == "execute_result":
            score = float(output.data["text/plain"])
    return score
