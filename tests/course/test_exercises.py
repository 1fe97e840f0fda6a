"""The test of the test, over every exercise of the course: right answers pass, wrong ones are
named, on 20 seeds."""

from __future__ import annotations

import importlib
import inspect
from pathlib import Path

import pytest

from autograde import Exercise
from autograde.build import module as modules
from autograde.engine.cases import Question, dump, load_text
from autograde.engine.judge import judge
from autograde.engine.proof import prove
from autograde.trusted.root import _closure

from .conftest import ROOT

pytestmark = pytest.mark.course


def test_right_answers_pass_and_each_mistake_is_named(exercise: Exercise) -> None:
    problems = [p for seed in range(20) for p in prove(exercise, seed)]
    assert problems == []


def test_it_is_the_learners_own_answer_that_is_judged(exercise: Exercise) -> None:
    """nnlib's function of the same name scores nothing, and no other answer than the one given is
    ever called."""
    import nnlib

    question = load_text(dump({exercise.name: Question.ask(exercise)}))[exercise.name]
    for module in ("activations", "losses", "initializers", "metrics", "layers"):
        borrowed = getattr(getattr(nnlib, module), exercise.name, None)
        if borrowed is not None:
            assert judge(question, borrowed).score == 0
    if not callable(exercise.reference):
        return
    calls = []

    def spy(*args: object, **kwargs: object) -> None:
        calls.append(args)
        raise ZeroDivisionError

    report = judge(question, spy)
    assert calls, "the answer must be called"
    assert report.score == 0
    assert not report.mistakes or any(
        observed.raised and observed.raised.type == "ZeroDivisionError"
        for case in question.cases
        for observed in case.mistakes.values()
    )


def test_what_may_be_imported_holds_no_answer(folder: Path) -> None:
    """Nothing in the files of nnlib that an assignment allows answers what it asks."""
    module = modules.read(folder)
    allowed = {name for name in module.allowed if name.split(".")[0] == "nnlib"}
    for file in _closure(ROOT / "nnlib", allowed):
        if file.suffix != ".py":
            continue
        name = ".".join(("nnlib", *file.with_suffix("").parts)).removesuffix(".__init__")
        for exercise in module.exercises:
            borrowed = vars(importlib.import_module(name)).get(exercise.name)
            if callable(borrowed):
                question = Question.ask(exercise)
                assert judge(question, lambda *a, f=borrowed: f(*a)).score == 0, (name, borrowed)


def test_no_answer_travels_with_the_probe(exercise: Exercise) -> None:
    source = exercise.probe_source() or ""
    right = [exercise.reference, *exercise.alternatives]
    for answer in right:
        if inspect.isfunction(answer) and answer.__name__ not in ("<lambda>", exercise.name):
            assert answer.__name__ not in source
