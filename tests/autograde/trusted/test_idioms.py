"""What a test can ask of a learner's functions, classes and objects, it can ask of a proxy."""

from __future__ import annotations

import ast
import linecache
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from autograde.trusted import Cell, CellResult, Grader, Paper

TEXT = (Path(__file__).parent / "idioms.md").read_text(encoding="utf-8")
ANSWERS, HELPERS, TESTS = re.findall(r"```python\n(.*?)\n```", TEXT, re.DOTALL)
ASSERTS = [ast.get_source_segment(TESTS, statement) or "" for statement in ast.parse(TESTS).body]
SETUP = "import numpy as np"
DIFFERENT = {
    "assert caught(boom).code == 3": "of an exception its class, text and arguments travel",
    "assert isinstance(caught(chain).__cause__, ZeroDivisionError)": "and not what caused it",
    "assert day() == datetime.date(2020, 1, 2)": "a date is an object there, and no plain data",
    "assert issubclass(Sq, abc.ABC)": "Python takes no proxy for a class here",
    "assert Point.__init__.__code__.co_argcount == 3": "a proxy has its own `__init__`",
    "assert type(Point(1, 2)) is Point": "a proxy has a type of its own; `==` and isinstance work",
    'assert issubclass(type("T", (Point,), {}), Point)': "a class here cannot have a base there",
    "assert np.sqrt(Own(4)) == 2": "NumPy takes numbers of Python's own classes only",
    'assert counts().items() == {"a": 1}.items()': "views of a dictionary compare in C",
}
"""What does not work, and why."""


@pytest.fixture(scope="module")
def results() -> dict[str, CellResult]:
    cells = [Cell(SETUP, "setup"), Cell(ANSWERS, "learner")]
    cells += [Cell(f"{HELPERS}\n{text}", "test", text, 1) for text in ASSERTS]
    with Grader(Paper()) as grader:
        return dict(zip(ASSERTS, grader.grade(cells)[2:], strict=True))


@pytest.fixture(scope="module")
def notebook() -> dict[str, Any]:
    """The names of a notebook in which the learner's cell and the tests' helpers have run."""
    names: dict[str, Any] = {}
    linecache.cache["answers"] = (len(ANSWERS), None, ANSWERS.splitlines(True), "answers")
    for source, name in ((SETUP, "setup"), (ANSWERS, "answers"), (HELPERS, "helpers")):
        exec(compile(source, name, "exec", dont_inherit=True), names)
    return names


def test_none_is_missed() -> None:
    assert len(set(ASSERTS)) == len(ASSERTS) > 200
    assert set(ASSERTS) >= DIFFERENT.keys()


@pytest.mark.parametrize("text", ASSERTS)
def test_it_holds_as_in_a_notebook(text: str, results: Any, notebook: dict[str, Any]) -> None:
    with ThreadPoolExecutor(1) as thread:  # in ours Playwright may have an event loop running
        code = compile(text, "test", "exec", dont_inherit=True)
        thread.submit(exec, code, notebook).result()
    result = results[text]
    assert (result.score == 1) is (text not in DIFFERENT), result.message
