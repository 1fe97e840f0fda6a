"""Judge an answer: put the question's cases to it, compare, name the mistake, count the points."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autograde.engine.cases import Case, Question
from autograde.engine.compare import Difference
from autograde.engine.observe import Observation, observe
from autograde.engine.report import Outcome, Part, Report, Shown

MISSING = object()
"""Stands for an answer that does not exist: the learner's name is not defined."""


def judge(
    question: Question,
    answer: Any,
    *,
    reveal: bool = True,
    read: Callable[[Any], Any] = lambda value: value,
) -> Report:
    """Judge one answer.

    The order is fixed: is it defined, is it callable, did it run, and then for each value its type,
    shape, finiteness and numbers. Points need positive evidence: every case of a part must be
    right.

    Parameters
    ----------
    question
        What is asked, with the public or the secret inputs.
    answer
        The learner's function, class or value, or `MISSING`.
    reveal
        Whether the report may show inputs and expected values. A hidden test's may not.
    read
        Makes of a value that the answer gave what this process can compare: the answer may live in
        another.
    """
    report = Report(question.name, question.points, reveal=reveal)
    problem = _cannot_be_asked(question, answer)
    if problem:
        report.outcome, report.message = problem
        return report
    seen = [observe(question.probe, answer, case.inputs, read) for case in question.cases]
    report.parts = _score(question, seen)
    report.score = round(sum(part.earned for part in report.parts), 10)
    report.warnings = list(dict.fromkeys(w for s in seen for w in s.warnings))
    if all(part.right for part in report.parts):
        report.outcome = Outcome.CORRECT
        return report
    raised = next((s.raised for s in seen if s.raised), None)
    if raised and raised.not_attempted and not report.score:
        report.outcome = Outcome.NOT_ATTEMPTED
        report.message = "Write your code in the cell above, run it, then run this check again."
        return report
    report.mistakes = [text for text in _known(question) if _is_mistake(question, text, seen)]
    if raised is None:
        report.outcome = Outcome.INCORRECT
    elif raised.not_attempted:
        report.outcome, report.message = Outcome.INCORRECT, "A part is not written yet."
    else:
        report.outcome, report.raised = Outcome.RAISED, raised
    report.shown = _first_wrong(question, seen)
    return report


def _cannot_be_asked(question: Question, answer: Any) -> tuple[Outcome, str] | None:
    name = question.name
    if answer is MISSING:
        return Outcome.NOT_ATTEMPTED, f"`{name}` is not defined. Run the cell that defines it."
    if answer is None or answer is Ellipsis:
        return Outcome.NOT_ATTEMPTED, f"`{name}` is still {answer!r}. Give it your answer."
    owner = getattr(answer, "__module__", None)
    if isinstance(owner, str) and owner.split(".")[0] in ("nnlib", "autograde"):
        message = f"This is `{name}` from {owner}. Write your own: it is yours that is judged."
        return Outcome.INCORRECT, message
    if question.takes_callable and not callable(answer):
        kind = type(answer).__name__
        message = f"`{name}` must be a function or a class, but it is a value of type {kind}."
        return Outcome.INCORRECT, message + " Was the name used again for something else?"
    return None


def _score(question: Question, seen: list[Observation]) -> list[Part]:
    """Each label's verdict. Without `parts` in the exercise, all labels together earn the points or
    none."""
    labels = list(question.cases[0].expected)
    parts = []
    for label in labels:
        found = [
            _difference(question, case, s, label)
            for case, s in zip(question.cases, seen, strict=True)
        ]
        first = next((i for i, d in enumerate(found) if d), None)
        points = (question.parts or {}).get(label, 0.0)
        parts.append(Part(label, points, first, found[first] if first is not None else None))
    if question.parts is None:
        scored = Part(question.name, question.points, None, None)
        wrong = next((p for p in parts if not p.right), None)
        if wrong:
            scored = Part(question.name, question.points, wrong.case, wrong.difference)
        parts = [scored] if len(parts) == 1 else [scored, *parts]
    return parts


def _difference(question: Question, case: Case, seen: Observation, label: str) -> Difference | None:
    if label not in seen.values:
        return Difference("ran", "not reached" if seen.raised else "not given")
    return question.rule(label).difference(case.expected[label], seen.values[label])


def _first_wrong(question: Question, seen: list[Observation]) -> Shown | None:
    """The first case that went wrong, and in it the first label."""
    for case, s in zip(question.cases, seen, strict=True):
        for label, expected in case.expected.items():
            difference = _difference(question, case, s, label)
            if difference:
                wanted = question.rule(label).describe(expected)
                reached = label in s.values
                return Shown(case.inputs, label, wanted, s.values.get(label), reached, difference)
    return None


def _known(question: Question) -> list[str]:
    return list(question.cases[0].mistakes)


def _is_mistake(question: Question, text: str, seen: list[Observation]) -> bool:
    """Whether the answer does what this mistake does, wherever the mistake differs from what is
    right."""
    telling = False
    for case, s in zip(question.cases, seen, strict=True):
        mistake = case.mistakes[text]
        if mistake.raised:
            telling = True
            if s.raised is None or s.raised.type != mistake.raised.type:
                return False
        for label, value in mistake.values.items():
            if label not in case.expected:
                continue
            if question.rule(label).difference(case.expected[label], value) is None:
                continue
            telling = True
            if label not in s.values:
                return False
            if question.likeness(label).difference(value, s.values[label]) is not None:
                return False
    return telling
