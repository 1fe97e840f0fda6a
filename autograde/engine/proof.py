"""The test of the test: an exercise's own right and wrong answers, put to its own check."""

from __future__ import annotations

from autograde.engine.cases import Question, dump, load_text
from autograde.engine.exercise import Exercise
from autograde.engine.judge import judge
from autograde.engine.report import Outcome


def unborn(*args: object, **kwargs: object) -> None:
    """What a stub does when it is called."""
    raise NotImplementedError


def prove(exercise: Exercise, seed: int | str) -> list[str]:
    """What is wrong with an exercise's check on the inputs of `seed`; an empty list if nothing is.

    The reference and each alternative must get full marks, a stub none, and each mistake must lose
    points and be named by its own message and no other. The question goes through its JSON form
    first, as it does on its way to learners.
    """
    name = exercise.name
    question = load_text(dump({name: Question.ask(exercise, seed)}))[name]
    problems = []

    def complain(who: str, what: str) -> None:
        problems.append(f"exercise {name!r}, seed {seed}: {who} {what}")

    right = {"the reference": exercise.reference}
    right |= {f"alternative {i}": a for i, a in enumerate(exercise.alternatives, 1)}
    for who, answer in right.items():
        report = judge(question, answer)
        if report.outcome is not Outcome.CORRECT or report.score != exercise.points:
            complain(who, f"does not get full marks:\n{report}")
    if exercise.parts is None or callable(exercise.reference):
        report = judge(question, unborn)
        if report.score:
            complain("a stub", f"gets {report.score:g} points")
    for text, answer in exercise.mistakes.items():
        report = judge(question, answer)
        if report.score >= exercise.points:
            complain(f"the mistake {text!r}", "gets full marks: draw inputs on which it differs")
        elif report.mistakes != [text]:
            named = " and ".join(map(repr, report.mistakes)) or "nothing"
            complain(f"the mistake {text!r}", f"is named as {named}")
    return problems
