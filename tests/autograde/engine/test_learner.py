"""`check` and `hint` as a learner meets them: helpful when all is well, and when it is not."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from autograde import Exercise
from autograde.engine.cases import CasesError, Question, dump
from autograde.engine.learner import Checker


def twice(x):
    return 2 * x


EXERCISE = Exercise(
    name="twice", points=1, inputs=lambda rng: {"x": float(rng.integers(2, 9))}, reference=twice,
    mistakes={}, alternatives=[], hints=("first", "second", "third"),
    difficulty=1, importance=1, minutes=1,
)  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "cases.json").write_text(dump({"twice": Question.ask(EXERCISE)}))
    return tmp_path


def test_hints_come_one_after_the_other_and_stay_at_the_last(folder: Path) -> None:
    checker = Checker(folder)
    texts = [checker.hint("twice").text for _ in range(4)]
    assert texts == ["first", "second", "third", "third"]
    assert "again for the next" in str(checker.hint("twice", 1))
    assert "again for the next" not in str(checker.hint("twice", 3))
    assert "<strong>Hint 2 of 3 for twice</strong>" in checker.hint("twice", 2)._repr_html_()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda c: c.check("twise", twice), "Did you mean 'twice'"),
        (lambda c: c.check(twice), "the exercise's name in quotes"),
        (lambda c: c.hint("twice", 4), "a number from 1 to 3"),
    ],
)
def test_a_wrong_call_says_what_is_wanted(folder: Path, call, message: str) -> None:
    with pytest.raises(CasesError, match=message) as caught:
        call(Checker(folder))
    assert caught.value._render_traceback_() == [str(caught.value)]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "There is no cases.json beside this notebook"),
        ("", "damaged"),
        ("[]", "damaged"),
        ('{"format": 99, "exercises": {}}', "has format 99"),
        ('{"format": 1, "exercises": {"twice": {}}}', "damaged"),
    ],
)
def test_a_missing_or_damaged_file_is_said(tmp_path: Path, text: str | None, message: str) -> None:
    if text is not None:
        (tmp_path / "cases.json").write_text(text)
    with pytest.raises(CasesError, match=message):
        Checker(tmp_path).check("twice", twice)


def test_the_notebooks_own_name_is_found_when_none_is_given(folder: Path) -> None:
    script = (
        "from autograde import check\n"
        "print(check('twice'))\n"
        "def twice(x): return x + x\n"
        "print(check('twice'))\n"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", script],
        cwd=folder, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert "`twice` is not defined" in done.stdout
    assert "twice: correct, 1 of 1 point" in done.stdout


def test_the_engine_needs_numpy_alone(folder: Path) -> None:
    script = (
        "import sys\n"
        "import autograde\n"
        "heavy = {'nbgrader', 'IPython', 'matplotlib', 'tensorflow', 'sklearn', 'nnlib'}\n"
        "print(sorted(heavy & {name.split('.')[0] for name in sys.modules}))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
