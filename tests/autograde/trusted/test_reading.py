"""The hidden `check` reads an answer as the learner's own does, whatever its numbers' class."""

from __future__ import annotations

from typing import Any

import pytest

from autograde.engine.cases import Question, load_text
from autograde.engine.judge import judge
from autograde.engine.report import Outcome
from autograde.trusted import Paper

KINDS = {
    "a list of rows": "P.tolist()",
    "a tuple of arrays": "tuple(P)",
    "numpy.matrix": "np.matrix(P)",
    "a masked array": "np.ma.array(P)",
    "a record array": "np.rec.array(P)",
    "longdouble": "P.astype(np.longdouble)",
    "half precision": "P.astype(np.float16)",
    "big-endian, by columns": "np.asfortranarray(P.astype('>f8'))",
    "an array that cannot be changed": "np.broadcast_to(P, P.shape)",
    "an array class of its own": "P.view(Array)",
    "a namedtuple of rows": "namedtuple('Rows', 'a b c d e')(*P)",
    "a list class of its own, of its own kind of numbers": "List(List(map(Float, p)) for p in P)",
    "matrices in a list": "[np.matrix(p) for p in P]",
    "objects": "P.astype(object)",
    "text": "P.astype(str)",
    "complex": "P.astype(complex)",
    "pairs": "P.astype([('a', 'f8')])",
    "a dictionary": "dict(enumerate(P))",
    "rows one after the other": "iter(P)",
    "one number": "Float(P[0, 0])",
}
ANSWER = """
from collections import namedtuple
import numpy as np
class Array(np.ndarray): pass
class List(list): pass
class Float(float): pass
def softmax(z):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    P = e / e.sum(axis={axis}, keepdims=True)
    return {kind}
"""
VERDICTS = {Outcome.CORRECT: "passed", Outcome.INCORRECT: "failed", Outcome.RAISED: "raised"}


@pytest.fixture(scope="module")
def question(paper: Paper) -> Question:
    return load_text(paper.questions)["softmax"]


@pytest.mark.parametrize("axis", [1, 0], ids=["right", "wrong"])
@pytest.mark.parametrize("kind", KINDS)
def test_it_is_read_as_in_a_notebook(run: Any, question: Question, kind: str, axis: int) -> None:
    answer = ANSWER.format(kind=KINDS[kind], axis=axis)
    names: dict[str, Any] = {}
    exec(answer, names)
    told = judge(question, names["softmax"], reveal=False)

    result = run(answer, 'check("softmax", softmax)')

    assert (result.verdict, result.score) == (VERDICTS[told.outcome], told.score)
    assert result.mistake == (told.mistakes[0] if told.mistakes else "")
    if told.shown:
        assert result.message == told.shown.difference.public


def test_most_of_them_are_right(question: Question) -> None:
    outcomes = []
    for kind in KINDS.values():
        names: dict[str, Any] = {}
        exec(ANSWER.format(kind=kind, axis=1), names)
        outcomes.append(judge(question, names["softmax"]).outcome)
    assert outcomes.count(Outcome.CORRECT) == 12
