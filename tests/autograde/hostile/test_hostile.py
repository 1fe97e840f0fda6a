"""Every hostile cell gets its verdict and score, earns nothing, and leaves no trace."""

from __future__ import annotations

import contextlib
import json
import os
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from autograde.engine.cases import Question, dump
from autograde.engine.exercise import Exercise
from autograde.trusted import Cell, Grader, Limits, Paper

HERE = Path(__file__).parent
CANARY = "the canary that nobody may read"
SETUP = "import numpy as np\nfrom autograde import check, hint"
HONEST = "def double(x):\n    return 2 * x"
CHECK = 'check("softmax", softmax)'
ASSERT = "np.testing.assert_allclose(softmax(np.array([[0.0, 0.0]])), [[0.5, 0.5]])"
HONEST_TEST = "assert double(4) == 8 and double(-1) == -2"
_CASE = re.compile(
    r"^## (?P<name>[^\n]+)\n"
    r"check: (?P<check>\w+) (?P<points>\d), assert: (?P<assert>\w+) (?P<other>\d)"
    r"(?P<lost>, honest: lost)?\n"
    r"```python\n(?P<cell>.*?)^```\n(?:```python\n(?P<test>.*?)^```\n)?",
    re.MULTILINE | re.DOTALL,
)


@dataclass(frozen=True)
class Case:
    name: str
    cell: str
    test: str
    expected: tuple[tuple[str, float], tuple[str, float]]
    lost: bool


def cases() -> Iterator[Case]:
    for file in sorted(HERE.glob("*.md")):
        text = file.read_text(encoding="utf-8")
        found = list(_CASE.finditer(text))
        assert file.name == "README.md" or len(found) == text.count("\n## "), file.name
        for m in found:
            expected = (m["check"], float(m["points"])), (m["assert"], float(m["other"]))
            yield Case(
                f"{file.stem}: {m['name']}",
                m["cell"],
                m["test"] or ASSERT,
                expected,
                bool(m["lost"]),
            )


CASES = list(cases())


def softmax(z):
    import numpy as np

    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


EXERCISE = Exercise(
    name="softmax",
    points=4,
    inputs=lambda rng: {"z": 10 * rng.normal(size=(5, 3))},
    reference=softmax,
    mistakes={"each row must sum to 1": lambda z: z},
    alternatives=[],
    hints=("one", "two", "three"),
    difficulty=1,
    importance=1,
    minutes=5,
)


@pytest.fixture(scope="module")
def canary(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("canary")
    for parent in (folder, folder.parent):
        parent.chmod(0o755)  # that the file cannot be read must not be owed to its folder
    (folder / "secret.txt").write_text(CANARY)
    (folder / "secret.txt").chmod(0o666)
    return folder


@pytest.fixture(scope="module")
def grader(canary) -> Iterator[Grader]:
    paper = Paper(
        questions=dump({"softmax": Question.ask(EXERCISE, "a secret seed")}),
        public_cases=dump({"softmax": Question.ask(EXERCISE)}),
        limits=Limits(
            cell_seconds=1.5,
            notebook_seconds=12,
            cpu_seconds=10,
            memory_bytes=200 << 20,
            file_bytes=8 << 20,
            tmp_bytes=16 << 20,
            output_bytes=100_000,
        ),
        files={"data/points.csv": b"1,2\n3,4\n"},
    )
    os.environ["AUTOGRADE_CANARY"] = CANARY
    try:
        with Grader(paper) as grader:
            yield grader
    finally:
        del os.environ["AUTOGRADE_CANARY"]


@pytest.fixture(scope="module")
def before(grader) -> set[int]:
    """The warm parents, before any submission."""
    return processes()


def test_there_are_enough_cases():
    assert len(CASES) >= 100
    assert len({case.name for case in CASES}) == len(CASES)


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_contained(grader, before, canary, case):
    place = f"CANARY_FOLDER = {str(canary)!r}"
    results = grader.grade(
        [
            Cell(SETUP, "setup"),
            Cell(HONEST, "learner"),
            Cell(f"{place}\n{case.cell}", "learner"),
            Cell(CHECK, "test", "check", 4),
            Cell(case.test, "test", "assert", 4),
            Cell(HONEST_TEST, "test", "honest", 2),
        ]
    )
    ended = time.monotonic()
    got = tuple((r.verdict, r.score) for r in results[3:5])
    assert got == case.expected, [r.message for r in results]
    honest = results[5]
    assert (honest.score == 0) if case.lost else (honest.score == 2), honest.message
    shown = json.dumps([vars(result) for result in results])
    shown.encode()
    assert CANARY not in shown
    assert "a secret seed" not in shown
    for result in results:
        assert_plain(result.outputs)
    assert (canary / "secret.txt").read_text() == CANARY
    while processes() != before and time.monotonic() < ended + 2:
        time.sleep(0.01)
    assert processes() == before, "a submission's processes live on"


def assert_plain(outputs):
    for output in outputs:
        assert set(output.get("data", {})) <= {"text/plain", "text/html", "image/png"}
        assert "<script" not in output.get("data", {}).get("text/html", "")
        text = json.dumps(output, ensure_ascii=False)
        assert not re.search("[\x00-\x09\x0b-\x1f\u202a-\u202e\ud800-\udfff]", text)
        assert "\\u001b" not in text


def processes() -> set[int]:
    """The grader's own processes that live."""
    alive = set()
    for process in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.NoSuchProcess):
            if process.status() != psutil.STATUS_ZOMBIE:
                alive.add(process.pid)
    return alive


def test_the_warm_parents_survive_everything(grader):
    """After all the above, an honest submission gets what it earns."""
    source = (
        "def softmax(z):\n    e = np.exp(z - z.max(axis=1, keepdims=True))\n"
        "    return e / e.sum(axis=1, keepdims=True)"
    )
    results = grader.grade(
        [Cell(SETUP, "setup"), Cell(source, "learner"), Cell(CHECK, "test", "check", 4)]
    )
    assert (results[-1].verdict, results[-1].score) == ("passed", 4)
