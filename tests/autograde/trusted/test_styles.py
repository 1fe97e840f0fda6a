"""Test cells in the styles of well-known courses work unchanged, and score as in nbgrader."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbgrader.utils import determine_grade

SETUP = "import numpy as np\nfrom autograde import check, hint"
BLOCK = r"```python\n(.*?)\n```\n"
TEXT = (Path(__file__).parent / "styles.md").read_text(encoding="utf-8")
STYLES = re.findall(rf"^## ([^\n]+)\n\n{BLOCK}{BLOCK}{BLOCK}", TEXT, re.MULTILINE | re.DOTALL)


def test_none_is_missed():
    assert len(STYLES) == TEXT.count("\n## ") >= 20


@pytest.mark.parametrize(("name", "right", "wrong", "test"), STYLES, ids=[s[0] for s in STYLES])
def test_right_and_wrong(run, name, right, wrong, test):
    good, bad = run(right, test), run(wrong, test)
    assert (good.verdict, good.score) == ("passed", 4), good.message
    assert bad.score < 4, "the wrong answer got full marks"
    assert bad.verdict in ("failed", "raised")


def test_scores_are_those_of_stock_nbgrader(run):
    """All cells in one ordinary kernel, one after the other, graded by nbgrader's own function."""
    answers = [(name, answer, s[-1]) for name, *s in STYLES for answer in s[:2]]
    notebook = nbformat.v4.new_notebook()
    for _, answer, test in answers:
        for source in ("%reset -f", SETUP, answer, test):
            notebook.cells.append(nbformat.v4.new_code_cell(source))
        notebook.cells[-1].metadata["nbgrader"] = {
            "grade": True,
            "solution": False,
            "locked": True,
            "task": False,
            "points": 4,
            "grade_id": f"t{len(notebook.cells)}",
            "schema_version": 3,
        }
    NotebookClient(notebook, allow_errors=True, timeout=60).execute()
    stock = [determine_grade(cell)[0] for cell in notebook.cells[3::4]]
    ours = [run(answer, test).score for _, answer, test in answers]
    names = [name for name, _, _ in answers]
    assert list(zip(names, ours, strict=True)) == list(zip(names, stock, strict=True))
