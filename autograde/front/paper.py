"""What the submissions of one assignment have in common, made once for a class."""

from __future__ import annotations

from pathlib import Path

import nbformat
from IPython.core.inputtransformer2 import TransformerManager
from nbgrader.utils import is_grade

from autograde.build import module as modules
from autograde.engine.cases import Question, dump
from autograde.front.repair import grade_id, is_locked
from autograde.trusted import Cell, Limits, Paper
from autograde.trusted.names import defines

PLAIN_ASSIGNMENT = ("numpy", "matplotlib")
"""What answers may import in an assignment without a `checks.py`."""
_NOT_DATA = {".py", ".ipynb", ".pyc"}


def class_paper(folder: Path, seed: str, cell_seconds: float) -> Paper:
    """What the submissions of one assignment have in common.

    Parameters
    ----------
    folder
        The assignment's source folder. With a `checks.py` in it, the hidden questions are drawn
        from `seed`; without, it is an ordinary nbgrader assignment, whose tests stand in its
        notebooks.
    seed
        From `secret_seed`.
    cell_seconds
        Time limit of a cell.
    """
    limits = Limits(cell_seconds=cell_seconds)
    files = {
        path.name: path.read_bytes()
        for path in sorted(folder.iterdir())
        if path.is_file() and path.suffix not in _NOT_DATA and path.name != "cases.json"
    }
    names, locked = _read(folder)
    if not (folder / "checks.py").exists():
        return Paper(
            allowed=PLAIN_ASSIGNMENT,
            limits=limits,
            preload=PLAIN_ASSIGNMENT,
            defines=names,
            locked=locked,
            files=files,
        )
    module = modules.read(folder)
    return Paper(
        allowed=module.allowed,
        questions=dump({e.name: Question.ask(e, seed) for e in module.exercises}),
        public_cases=(folder / "cases.json").read_text(encoding="utf-8"),
        limits=limits,
        preload=("numpy", *(name for name in module.allowed if name != "numpy")),
        defines=names,
        locked=locked,
        files=files,
    )


def _read(folder: Path) -> tuple[dict[str, tuple[str, ...]], tuple[Cell, ...]]:
    """`Paper.defines`, of the source notebooks' cells that are the learner's to write, and
    `Paper.locked`, the others."""
    found: dict[str, set[str]] = {}
    locked: list[Cell] = []
    as_python = TransformerManager().transform_cell
    for path in sorted(folder.glob("*.ipynb")):
        last = ""
        for cell in nbformat.read(path, as_version=4).cells:
            last = grade_id(cell) or last
            if cell.cell_type != "code":
                continue
            if is_locked(cell):
                locked.append(Cell(cell.source, "test" if is_grade(cell) else "setup"))
            else:
                found.setdefault(last, set()).update(defines(as_python(cell.source)))
    return {own: tuple(sorted(names)) for own, names in found.items()}, tuple(locked)
