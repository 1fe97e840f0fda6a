"""One grader for all tests of trusted execution: the real processes, in the real sandbox."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pytest

from autograde.engine.cases import Question, dump
from autograde.engine.exercise import Exercise
from autograde.trusted import Cell, CellResult, Grader, Limits, Paper

SETUP = "import numpy as np\nfrom autograde import check, hint"
SOFTMAX = """
def softmax(z):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)
"""


def softmax(z: np.ndarray) -> np.ndarray:
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def wrong_axis(z: np.ndarray) -> np.ndarray:
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=0, keepdims=True)


EXERCISE = Exercise(
    name="softmax",
    points=4,
    inputs=lambda rng: {"z": 10 * rng.normal(size=(5, 3))},
    reference=softmax,
    mistakes={"normalised over the wrong axis: each row must sum to 1": wrong_axis},
    alternatives=[],
    hints=("one", "two", "three"),
    difficulty=1,
    importance=1,
    minutes=5,
)
LIMITS = Limits(
    cell_seconds=3,
    notebook_seconds=20,
    cpu_seconds=15,
    memory_bytes=400 << 20,
    file_bytes=8 << 20,
    tmp_bytes=16 << 20,
    output_bytes=200_000,
)
PAPER = Paper(
    allowed=("numpy", "matplotlib"),
    questions=dump({"softmax": Question.ask(EXERCISE, "a secret seed")}),
    public_cases=dump({"softmax": Question.ask(EXERCISE)}),
    limits=LIMITS,
    preload=("numpy", "matplotlib.pyplot"),
    files={"data/points.csv": b"1,2\n3,4\n"},
)

Run = Callable[..., CellResult]


@pytest.fixture(scope="session")
def paper() -> Paper:
    return PAPER


@pytest.fixture(scope="session")
def grader() -> Iterator[Grader]:
    with Grader(PAPER) as grader:
        yield grader


@pytest.fixture(scope="session")
def run(grader: Grader) -> Run:
    """Grade one learner's cell with one test cell of 4 points; the test cell's result."""

    def run(learner: str, test: str, setup: str = SETUP) -> CellResult:
        cells = [Cell(setup, "setup"), Cell(learner, "learner"), Cell(test, "test", "t", 4)]
        return grader.grade(cells)[-1]

    return run
