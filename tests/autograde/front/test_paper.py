"""What the instructor's own notebook says of names, for the whole class."""

from __future__ import annotations

from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from autograde.front.execute import as_cell
from autograde.front.paper import class_paper


def cell(source: str, own: str = "", **flags: object) -> nbformat.NotebookNode:
    about = {"grade": False, "solution": False, "locked": False, **flags}
    return new_code_cell(source, metadata={"nbgrader": {"grade_id": own, **about}} if own else {})


def test_what_the_instructors_version_of_each_cell_binds(tmp_path: Path) -> None:
    written = [
        cell("%matplotlib inline\nfirst = 1"),
        cell("import numpy as np\nDATA = 1", "setup", locked=True),
        cell("shown = DATA"),
        cell("import math\ndef f(x):\n    y = x\n    return y\nrate, _ = 1, 2", "f", solution=True),
        new_markdown_cell("text = 1"),
        cell("assert f(1) == 1\nhidden = 3", "test-f", grade=True, locked=True, points=1),
        cell("%time after = f(2)\nbest = f(1)"),
    ]  # fmt: skip
    nbformat.write(new_notebook(cells=written), tmp_path / "problem.ipynb")
    paper = class_paper(tmp_path, "seed", 10.0)
    assert paper.defines == {
        "": ("first",), "setup": ("shown",), "f": ("f", "rate"), "test-f": ("best",)
    }  # fmt: skip
    cells = [as_cell(c, paper) for c in written if c.cell_type == "code"]
    assert [c.kind for c in cells] == ["learner", "setup", "learner", "learner", "test", "learner"]
    assert [c.defines for c in cells] == [
        ("first",), ("shown",), ("first",), ("f", "rate"), ("best",), ("first",)
    ]  # fmt: skip
