"""nbgrader's own example assignment, with the submissions that come with it, graded by nbgrader as
it is and through our path: the same marks, cell by cell."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import nbgrader

GUIDE = Path(nbgrader.__file__).parent / "docs/source/user_guide"
STOCK = """
import os, sys
c = get_config()
c.CourseDirectory.root = os.path.dirname(os.path.abspath(__file__))
c.CourseDirectory.source_directory = "solutions"
c.CourseDirectory.release_directory = "course"
os.environ["PATH"] = os.pathsep.join([os.path.dirname(sys.executable), os.environ["PATH"]])
"""


def _fill(ps, student: str, answers: Path | None, wrong: bool = False) -> None:
    """A submission with the answers of the source, wrong ones, or none."""
    for released in (ps.root / "course/ps1").glob("*.ipynb"):
        notebook = nbformat.read(released, as_version=4)
        source = nbformat.read(answers / released.name, as_version=4) if answers else notebook
        found = {c.metadata.nbgrader.grade_id: c.source for c in source.cells
                 if "nbgrader" in c.metadata}  # fmt: skip
        for cell in notebook.cells:
            own = cell.metadata.get("nbgrader", {})
            if own.get("solution"):
                cell.source = found[own["grade_id"]]
                if wrong:
                    cell.source = cell.source.replace("i ** 2", "i ** 3").replace("< 1", "< 0")
        folder = ps.root / "submitted" / student / "ps1"
        folder.mkdir(parents=True, exist_ok=True)
        nbformat.write(notebook, folder / released.name)


def _graded(ps) -> dict[str, dict]:
    return {path.name: ps.grades(path.name) for path in sorted((ps.root / "submitted").iterdir())}


def test_it_gets_the_same_marks_both_ways(ps, tmp_path: Path) -> None:
    ps.assignment = "ps1"
    shutil.copytree(GUIDE / "source/ps1", ps.root / "solutions/ps1")
    shutil.copytree(GUIDE / "submitted", ps.root / "submitted")
    ps.run("generate_assignment", "ps1")
    _fill(ps, "right", GUIDE / "source/ps1")
    _fill(ps, "wrong", GUIDE / "source/ps1", wrong=True)
    stock = type(ps)(tmp_path / "stock")
    stock.assignment = "ps1"
    shutil.copytree(ps.root, stock.root)
    (stock.root / "nbgrader_config.py").write_text(STOCK)

    ps.autograde()
    done = subprocess.run(
        [sys.executable, "-m", "nbgrader", "autograde", "ps1"],
        cwd=stock.root, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    ours, theirs = _graded(ps), _graded(stock)
    assert ours == theirs
    assert len(ours) == 4
    assert sum(auto or 0 for auto, *_ in theirs["right"].values()) == 3, "full marks"
    assert ps.score("wrong") < ps.score("right")
    ps.run("generate_feedback", "ps1")
    assert 'src="jupyter.png"' in ps.page("right", "problem1"), "the instructor's own picture"
    assert (ps.folder("right", "feedback") / "jupyter.png").is_file()
