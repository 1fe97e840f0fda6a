"""Submissions come back into shape: what the instructor wrote from the release, what the learner
wrote as it was."""

from __future__ import annotations

import copy
from collections.abc import Callable

import nbformat
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from autograde.front.repair import MISSING, grade_id, repair

LOCKED = {"grade": False, "solution": False, "locked": True, "schema_version": 3, "task": False}
SOLUTION = LOCKED | {"solution": True, "locked": False}
TEST = LOCKED | {"grade": True, "points": 4}


def cell(own: str, source: str, **about: object) -> NotebookNode:
    made = new_code_cell(source, metadata={"nbgrader": {"grade_id": own} | about})
    made.id = own
    return made


@pytest.fixture
def released() -> NotebookNode:
    cells = [
        new_markdown_cell("# Exercises"),
        cell("setup", "import numpy as np", **LOCKED),
        cell("one", "def one(): ...", **SOLUTION),
        cell("check-one", 'check("one", one)', **TEST),
        cell("two", "def two(): ...", **SOLUTION),
        cell("check-two", 'check("two", two)', **TEST),
    ]
    return new_notebook(cells=cells)


@pytest.fixture
def submitted(released: NotebookNode) -> NotebookNode:
    notebook = copy.deepcopy(released)
    notebook.cells[2].source = "def one(): return 1"
    notebook.cells[4].source = "def two(): return 2"
    return notebook


def code(notebook: NotebookNode) -> list[tuple[str | None, str]]:
    return [(grade_id(c), c.source) for c in notebook.cells if c.cell_type == "code"]


HONEST = [
    ("setup", "import numpy as np"),
    ("one", "def one(): return 1"),
    ("check-one", 'check("one", one)'),
    ("two", "def two(): return 2"),
    ("check-two", 'check("two", two)'),
]


def fixed(submitted: NotebookNode, released: NotebookNode) -> NotebookNode:
    before = copy.deepcopy((submitted, released))
    result = repair(submitted, released)
    assert (submitted, released) == before, "the arguments stay as they were"
    nbformat.validate(result.notebook)
    ids = [c.id for c in result.notebook.cells]
    assert len(set(ids)) == len(ids)
    again = repair(result.notebook, released).notebook
    assert code(again) == code(result.notebook), "a repaired notebook needs no repair"
    return result.notebook


def test_an_honest_submission_stays_as_it_is(submitted, released) -> None:
    assert code(fixed(submitted, released)) == HONEST
    assert repair(submitted, released).notes == []


def _delete(notebook: NotebookNode) -> None:
    del notebook.cells[3]


def _copy(notebook: NotebookNode) -> None:
    notebook.cells.insert(4, copy.deepcopy(notebook.cells[3]))


def _copy_emptied(notebook: NotebookNode) -> None:
    notebook.cells.insert(4, cell("check-one", "4.0", **TEST))


def _reverse(notebook: NotebookNode) -> None:
    notebook.cells = [notebook.cells[0], notebook.cells[1], *notebook.cells[:1:-1]]


def _more_points(notebook: NotebookNode) -> None:
    notebook.cells[3].metadata.nbgrader.points = 400
    notebook.cells[3].source = "1000.0"


def _unlock(notebook: NotebookNode) -> None:
    notebook.cells[3].metadata.nbgrader.update(locked=False, grade=False, solution=True)
    notebook.cells[3].source = "pass"


def _retype_test(notebook: NotebookNode) -> None:
    notebook.cells[3].cell_type = "markdown"
    del notebook.cells[3]["outputs"], notebook.cells[3]["execution_count"]


def _retype_solution(notebook: NotebookNode) -> None:
    notebook.cells[2].cell_type = "raw"
    del notebook.cells[2]["outputs"], notebook.cells[2]["execution_count"]


def _same_ids(notebook: NotebookNode) -> None:
    for c in notebook.cells:
        c.id = "same"


def _numeric_grade_id(notebook: NotebookNode) -> None:
    notebook.cells[3].metadata.nbgrader.grade_id = 7
    notebook.cells[3].cell_type = "markdown"
    del notebook.cells[3]["outputs"], notebook.cells[3]["execution_count"]


@pytest.mark.parametrize(
    "tamper",
    [
        _delete, _copy, _copy_emptied, _reverse, _more_points, _unlock, _retype_test,
        _retype_solution, _same_ids, _numeric_grade_id,
    ],
)  # fmt: skip
def test_whatever_is_done_to_tests_the_release_comes_back(
    submitted: NotebookNode, released: NotebookNode, tamper: Callable[[NotebookNode], None]
) -> None:
    tamper(submitted)
    notebook = fixed(submitted, released)
    assert code(notebook) == HONEST
    by_id = {grade_id(c): c.metadata.nbgrader for c in notebook.cells if grade_id(c)}
    assert by_id["check-one"] == released.cells[3].metadata.nbgrader


def test_scratch_cells_stay_behind_the_cell_that_they_followed(submitted, released) -> None:
    submitted.cells.insert(3, new_code_cell("helper = 3"))
    submitted.cells.append(new_code_cell("the end"))
    notebook = fixed(submitted, released)
    expected = [*HONEST[:2], (None, "helper = 3"), *HONEST[2:], (None, "the end")]
    assert code(notebook) == expected


def test_a_split_solution_counts_whole(submitted, released) -> None:
    second = copy.deepcopy(submitted.cells[2])
    submitted.cells[2].source = "def helper(): return 1"
    second.source = "def one(): return helper()"
    submitted.cells.insert(3, second)
    expected = [
        HONEST[0], ("one", "def helper(): return 1"), (None, "def one(): return helper()"),
        *HONEST[2:],
    ]  # fmt: skip
    assert code(fixed(submitted, released)) == expected


def test_answers_without_metadata_are_not_overwritten_by_stubs(submitted, released) -> None:
    for c in submitted.cells:
        c.metadata = NotebookNode()
    notebook = fixed(submitted, released)
    sources = [source for _, source in code(notebook)]
    assert sources.index("def one(): return 1") < sources.index('check("one", one)')
    assert "def one(): ..." not in sources
    assert MISSING in sources


def test_an_unknown_grade_id_is_a_plain_cell(submitted, released) -> None:
    submitted.cells.append(cell("check-three", "100.0", **TEST))
    notebook = fixed(submitted, released)
    assert code(notebook)[-1] == (None, "100.0")
    assert "nbgrader" not in notebook.cells[-1].metadata


def test_every_repair_is_noted(submitted, released) -> None:
    _delete(submitted)
    submitted.cells[1].source = "import os"
    assert repair(submitted, released).notes == [
        "the locked cell 'setup' was changed", "the cell 'check-one' was missing",
    ]  # fmt: skip
