"""What the submissions of one assignment have in common, made once for a class."""

from __future__ import annotations

from pathlib import Path

import nbformat
from IPython.core.inputtransformer2 import TransformerManager

from autograde.build import module as modules
from autograde.engine.cases import Question, dump
from autograde.front.repair import grade_id, is_locked
from autograde.trusted import Limits, Paper
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
    names = _defined(folder)
    if not (folder / "checks.py").exists():
        return Paper(
            allowed=PLAIN_ASSIGNMENT,
            limits=limits,
            preload=PLAIN_ASSIGNMENT,
            defines=names,
            files=files,
        )
    module = modules.read(folder)
    return Paper(
        allowed=module.allowed,
        questions=dump({e.name: Question.ask(e, seed) for e in module.exercises}),
        public_cases=(folder / "cases.json").read_text(encoding="utf-8"),
        limits=limits,
        preload=("numpy", *(name for name in module.allowed if name != "numpy")),
        files=files,
        defines=names,
    )


def _defined(folder: Path) -> dict[str, tuple[str, ...]]:
    """`Paper.defines`: of the source notebooks' cells that are the learner's to write."""
    found: dict[str, set[str]] = {}
    as_python = TransformerManager().transform_cell
    for path in sorted(folder.glob("*.ipynb")):
        last = ""
        for cell in nbformat.read(path, as_version=4).cells:
            last = grade_id(cell) or last
            if cell.cell_type == "code" and not is_locked(cell):
                found.setdefault(last, set()).update(defines(as_python(cell.source)))
    return {own: tuple(sorted(names)) for own, names in found.items()}
