"""What a checker gets ready before any submission, and what it leaves out."""

from __future__ import annotations

import tabnanny
import wave
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from autograde.engine.cases import Question, dump
from autograde.engine.exercise import Exercise
from autograde.trusted import Cell, CellResult, Grader, Paper


def probe_loaded(answer: Any, x: int) -> Any:
    """Tells which modules are there when the question is put: `wave` and `tabnanny`, which it
    imports itself further down, the one in plain sight, and not `mailbox`."""
    import sys

    yield "loaded", [name in sys.modules for name in ("wave", "tabnanny", "mailbox")]
    __import__("tabnanny")
    value = answer(x)
    import wave

    yield "value", value if wave.Error else None


_ = wave, tabnanny  # so that the reference is asked as an answer will be
EXERCISE = Exercise(
    name="double",
    points=2,
    inputs=lambda rng: {"x": int(rng.integers(1, 100))},
    reference=lambda x: 2 * x,
    probe=probe_loaded,
    parts={"loaded": 1, "value": 1},
    mistakes={"squared": lambda x: x * x},
    alternatives=[],
    hints=("one", "two", "three"),
    difficulty=1,
    importance=1,
    minutes=5,
)
QUESTION = Question.ask(EXERCISE, "a secret seed")
LEARNER = Cell("def double(x):\n    return x + x", "learner", "double", defines=("double",))
CHECK = Cell('check("double", double)', "test", "check-double", 2)
OTHER = Cell("assert double(base) == 4 and mailbox.Mailbox", "test", "other", 1)
SET_UP = Cell("from autograde import check, hint\nimport mailbox\nbase = 2", "setup", "setup")

Grade = Callable[..., CellResult]


@pytest.fixture
def grade(paper: Paper, sandbox: None) -> Grade:
    """Grade cells after a checker got ready for others; the last result."""

    def grade(*cells: Cell, locked: tuple[Cell, ...], question: Question = QUESTION) -> CellResult:
        modules = ("numpy", "wave", "mailbox")
        asked = dump({"double": question})
        with Grader(replace(paper, questions=asked, locked=locked, preload=modules)) as grader:
            return grader.grade(cells)[-1]

    return grade


def test_checks_alone_need_no_set_up(grade: Grade) -> None:
    result = grade(SET_UP, LEARNER, CHECK, locked=(SET_UP, CHECK))
    assert (result.verdict, result.score) == ("passed", 2), result.message


@pytest.mark.parametrize(
    "locked", [(SET_UP, CHECK, OTHER), (), (SET_UP, CHECK)], ids=["known", "unknown", "mistaken"]
)
def test_other_tests_have_what_the_set_up_defines(grade: Grade, locked: tuple[Cell, ...]) -> None:
    """The notebook that is graded decides, whatever the checker was told to expect."""
    result = grade(SET_UP, LEARNER, OTHER, locked=locked)
    assert (result.verdict, result.score) == ("passed", 1), result.message


def test_a_probe_that_waits_for_an_answer_keeps_nobody_waiting(grade: Grade) -> None:
    probe = """
def probe(answer, x):
    while True:
        try:
            return {"loaded": [True, True, False], "value": answer(x)}
        except NotImplementedError:
            pass
"""
    question = replace(QUESTION, probe_source=probe.lstrip())
    result = grade(LEARNER, CHECK, locked=(CHECK,), question=question)
    assert (result.verdict, result.score) == ("passed", 2), result.message


def test_cells_are_read_anew_when_a_cell_changes_how(grade: Grade) -> None:
    change = Cell(
        "import IPython\nIPython.get_ipython().input_transformers_post.append("
        "lambda lines: [line.replace('NINE', '9') for line in lines])",
        "setup",
    )
    test = Cell("NINE == 9", "test", "t", 1)
    result = grade(change, test, locked=(change, test))
    assert (result.verdict, result.score) == ("passed", 1), result.message
