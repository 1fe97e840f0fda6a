"""What becomes of an answer: the four outcomes, points by part, mistakes by name, and what a report
shows."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from autograde import AtLeast, Exercise
from autograde.engine.cases import Question, dump, load_text
from autograde.engine.exercise import ExerciseError
from autograde.engine.judge import MISSING, judge
from autograde.engine.proof import prove
from autograde.engine.report import Outcome, Report


def mean(x):
    return x.sum(axis=0) / len(x)


EXERCISE = Exercise(
    name="mean",
    points=4,
    inputs=lambda rng: {"x": rng.normal(size=(5, 3)).round(2)},
    reference=mean,
    mistakes={
        "took the mean of each row": lambda x: x.mean(axis=1),
        "did not divide": lambda x: x.sum(axis=0),
        "divided by the columns": lambda x: x.sum(axis=0) / x.shape[1],
        "the mean of everything": lambda x: x.mean(),
    },
    alternatives=[lambda x: x.mean(axis=0), lambda x: [float(c.mean()) for c in x.T]],
    hints=("Which axis?", "axis 0", "x.mean(axis=0)"),
    difficulty=1,
    importance=2,
    minutes=3,
)


def both(answer, x):
    yield "sum", answer(x, False)
    yield "mean", answer(x, True)


PARTS = replace(
    EXERCISE,
    probe=both,
    reference=lambda x, divide: x.sum(axis=0) / (len(x) if divide else 1),
    parts={"sum": 1, "mean": 3},
    mistakes={"never divides": lambda x, divide: x.sum(axis=0)},
    alternatives=[],
)


def verdict(answer: Any, exercise: Exercise = EXERCISE, **options: bool) -> Report:
    name = exercise.name
    return judge(load_text(dump({name: Question.ask(exercise)}))[name], answer, **options)


@pytest.mark.parametrize("seed", range(20))
def test_the_example_proves_itself(seed: int) -> None:
    assert prove(EXERCISE, seed) == []
    assert prove(PARTS, seed) == []


def test_correct() -> None:
    report = verdict(mean)
    assert (report.outcome, report.score) == (Outcome.CORRECT, 4)
    assert report._repr_mimebundle_()["text/plain"] == "4.0"


def test_incorrect_names_the_mistake_and_shows_the_numbers() -> None:
    report = verdict(lambda x: x.sum(axis=0))
    assert (report.outcome, report.score) == (Outcome.INCORRECT, 0)
    assert report.mistakes == ["did not divide"]
    text = str(report)
    assert "This is exactly what you get when: did not divide" in text
    assert "With these inputs" in text
    assert "Expected" in text
    assert 'hint("mean")' in text


def test_a_hidden_report_shows_no_input_and_no_expected_number() -> None:
    expected = mean(Question.ask(EXERCISE).cases[0].inputs["x"])
    report = verdict(lambda x: x.sum(axis=0), reveal=False)
    for text in (str(report), report.to_html()):
        assert "did not divide" in text
        assert "Expected" not in text
        assert f"{expected[0]:.4g}" not in text


def test_an_answer_of_the_learners_own_is_not_called_a_known_mistake() -> None:
    report = verdict(lambda x: x.mean(axis=0) + 0.1)
    assert report.outcome is Outcome.INCORRECT
    assert report.mistakes == []


@pytest.mark.parametrize("answer", [MISSING, None, ..., lambda x: _stub()])
def test_not_attempted(answer: Any) -> None:
    report = verdict(answer)
    assert (report.outcome, report.score) == (Outcome.NOT_ATTEMPTED, 0)


def _stub() -> None:
    raise NotImplementedError


def test_raised_tells_the_exception_and_the_learners_line() -> None:
    def answer(x):
        return x[:, 99]

    report = verdict(answer)
    assert (report.outcome, report.score) == (Outcome.RAISED, 0)
    assert "IndexError" in str(report)
    assert "return x[:, 99]" in str(report)


def test_sys_exit_is_an_exception_like_any_other() -> None:
    assert verdict(lambda x: exit()).outcome is Outcome.RAISED


def test_not_callable() -> None:
    report = verdict(np.ones(3))
    assert (report.outcome, report.score) == (Outcome.INCORRECT, 0)
    assert "must be a function" in report.message


def test_a_borrowed_function_is_not_the_learners_own() -> None:
    from nnlib.activations import relu

    report = verdict(relu)
    assert (report.outcome, report.score) == (Outcome.INCORRECT, 0)
    assert "Write your own" in report.message


def test_parts_earn_their_points_alone() -> None:
    report = verdict(lambda x, divide: x.sum(axis=0), PARTS)
    assert (report.outcome, report.score) == (Outcome.INCORRECT, 1)
    assert report.mistakes == ["never divides"]


def test_what_was_reached_before_an_exception_counts() -> None:
    def answer(x, divide):
        return x.sum(axis=0) / (0 / 0 if divide else 1)

    report = verdict(answer, PARTS)
    assert (report.outcome, report.score) == (Outcome.RAISED, 1)


def test_a_part_that_is_not_written_yet_does_not_cost_the_others() -> None:
    def answer(x, divide):
        if divide:
            raise NotImplementedError
        return x.sum(axis=0)

    report = verdict(answer, PARTS)
    assert (report.outcome, report.score) == (Outcome.INCORRECT, 1)


def test_every_case_must_be_right() -> None:
    calls = []

    def answer(x):
        calls.append(x)
        return mean(x) if len(calls) == 1 else x[0]

    assert verdict(answer).score == 0
    assert len(calls) == 3


def test_answers_may_work_in_place() -> None:
    def answer(x):
        x /= len(x)
        return x.sum(axis=0)

    assert verdict(answer).outcome is Outcome.CORRECT


def test_nothing_reaches_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    def answer(x):
        import sys

        print("to stderr", file=sys.stderr)
        return np.log(-np.abs(x)).mean(axis=0)

    report = verdict(answer)
    captured = capsys.readouterr()
    assert captured.err == ""
    assert "to stderr" in captured.out
    assert any("invalid value" in w for w in report.warnings)


def test_what_a_learner_prints_or_raises_is_text_in_the_html() -> None:
    def answer(x):
        raise ValueError("<script>alert(1)</script>")

    assert "<script>" not in verdict(answer).to_html()


def test_thresholds_are_judged_without_an_expected_value() -> None:
    exercise = replace(
        EXERCISE,
        inputs=lambda rng: {"n": 3},
        reference=lambda n: 0.99,
        rules={"mean": AtLeast(0.97)},
        mistakes={"guessing": lambda n: 0.1},
        alternatives=[],
    )
    assert verdict(lambda n: 0.98, exercise).outcome is Outcome.CORRECT
    report = verdict(lambda n: 0.1, exercise)
    assert report.mistakes == ["guessing"]
    assert "expected at least 0.97, got 0.1" in str(report)


def test_no_reference_travels() -> None:
    text = dump({"mean": Question.ask(EXERCISE)})
    assert "axis=0) / len(x)" not in text


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"name": "not a name"}, "is not a Python name"),
        ({"points": 0}, "points must be positive"),
        ({"hints": ("one", "two")}, "hints must be three"),
        ({"parts": {"mean": 3}}, "the parts add up to 3 points"),
        ({"difficulty": 6}, "difficulty is a number from 1 to 5"),
        ({"minutes": 0}, "minutes must be positive"),
        ({"probe": lambda answer, x: {}}, "written with `def`"),
    ],
)
def test_an_exercise_that_contradicts_itself_is_refused(change: dict, message: str) -> None:
    with pytest.raises(ExerciseError, match=message):
        replace(EXERCISE, **change)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"reference": lambda x: 1 / 0}, "the reference raised ZeroDivisionError"),
        ({"reference": lambda x: object()}, "not a plain value"),
        ({"parts": {"other": 4}}, "name 'other'"),
    ],
)
def test_an_exercise_that_cannot_be_asked_is_refused(change: dict, message: str) -> None:
    with pytest.raises(ExerciseError, match=message):
        dump({"mean": Question.ask(replace(EXERCISE, **change))})


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"mistakes": {"not one": mean}}, "gets full marks"),
        ({"alternatives": [lambda x: x]}, "alternative 1 does not get full marks"),
        (
            {"mistakes": {"one": lambda x: x[0], "the same": lambda x: x[0]}},
            "is named as 'one' and 'the same'",
        ),
    ],
)
def test_the_proof_finds_a_check_that_is_wrong(change: dict, complaint: str) -> None:
    assert any(complaint in p for p in prove(replace(EXERCISE, **change), 0))


def test_the_proof_finds_a_reference_that_is_not_deterministic() -> None:
    rng = np.random.default_rng(0)
    exercise = replace(EXERCISE, reference=lambda x: rng.normal(size=3))
    assert any("the reference does not get full marks" in p for p in prove(exercise, 0))
