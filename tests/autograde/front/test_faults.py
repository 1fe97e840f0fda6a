"""A fault of the grader's is no mark: the gradebook stays as it was, `nbgrader export` writes no 0,
and the next run grades."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest

from autograde.front.converter import UNFINISHED
from autograde.trusted import Grader, InfrastructureError

EARLY, LATER = "2026-01-01 10:00:00 UTC", "2026-01-02 10:00:00 UTC"


@pytest.fixture
def faulty(monkeypatch: pytest.MonkeyPatch):
    """The grader fails on every submission that speaks of `faulty`, until it is mended."""
    honest = Grader.grade

    def grade(self, cells):
        if any("faulty" in cell.source for cell in cells):
            raise InfrastructureError("a disk is full")
        return honest(self, cells)

    monkeypatch.setattr(Grader, "grade", grade)
    return lambda: monkeypatch.setattr(Grader, "grade", honest)


BROKEN = {"count": "count = 3  # faulty", "double": "def double(x):\n    return 2 * x"}


def test_a_first_submission_is_not_exported_as_0(ps, faulty) -> None:
    ps.run("db", "student", "add", "ann")
    ps.run("db", "student", "add", "nobody")
    ps.hand_in("ann", BROKEN)
    ps.hand_in("bob")
    log = ps.autograde(code=1)
    assert "NOT graded, though nothing is wrong with them (1)" in log
    assert not ps.folder("ann", "autograded").exists()
    assert ps.exported() == {"ann": "", "bob": "5.0", "nobody": "0.0"}
    faulty()
    ps.autograde()
    assert ps.exported() == {"ann": "5.0", "bob": "5.0", "nobody": "0.0"}


def test_a_resubmission_leaves_the_earlier_marks(ps, faulty) -> None:
    ps.hand_in("ann", when=EARLY)
    ps.autograde()
    with ps.gradebook() as gradebook:
        why = gradebook.find_grade("why", "one", "ps", "ann")
        why.manual_score, why.extra_credit, why.needs_manual_grade = 3, 1, False
        gradebook.find_comment("why", "one", "ps", "ann").manual_comment = "Well argued."
        gradebook.db.commit()
    before = ps.grades("ann")
    ps.hand_in("ann", BROKEN, when=LATER)
    ps.autograde(code=1)
    assert ps.grades("ann") == before
    assert ps.exported() == {"ann": "9.0"}
    with ps.gradebook() as gradebook:
        assert gradebook.find_submission("ps", "ann").timestamp.day == 1
        assert gradebook.find_comment("why", "one", "ps", "ann").comment == "Well argued."
    faulty()
    ps.autograde()
    assert ps.grades("ann")["check-count"] == (3, None, False)
    assert ps.grades("ann")["why"] == (0, 3, True)


def test_one_notebook_that_fails_takes_the_whole_submission_back(ps, faulty) -> None:
    ps.hand_in("ann", {"half": "def half(x): return x / 2  # faulty", "count": "count = 3"})
    ps.autograde(code=1)
    assert ps.exported().get("ann", "") == ""
    ps.autograde("--notebook=one")
    assert ps.score("ann") == 3
    ps.autograde("--notebook=two", code=1)
    assert ps.score("ann") == 3
    assert [n["name"] for n in ps.result("ann")["notebooks"]] == ["one"]


def test_where_nothing_can_be_isolated_nothing_is_graded(ps, monkeypatch) -> None:
    def refuse(self):
        raise InfrastructureError("this machine cannot isolate code; use the container image")

    monkeypatch.setattr(Grader, "__enter__", refuse)
    for student in ("ann", "bob", "eve"):
        ps.hand_in(student)
    log = ps.autograde(code=1)
    assert log.count("Nothing was graded. this machine cannot isolate code") >= 1
    assert log.count("There was an error processing assignment:") == 1, "it stops at the first"
    assert set(ps.exported().values()) <= {""}


@pytest.mark.parametrize("earlier", [False, True])
def test_a_run_that_is_killed_is_put_back_by_the_next(ps, earlier: bool) -> None:
    ps.hand_in("bob")
    if earlier:
        ps.hand_in("ann", when=EARLY)
        ps.autograde()
        assert ps.score("ann") == 5
    ps.hand_in("ann", {"count": "while True: pass"}, when=LATER)
    process = subprocess.Popen(
        [sys.executable, "-m", "nbgrader", "autograde", "ps", "--student=ann"],
        cwd=ps.root, start_new_session=True, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    marker = ps.folder("ann", "autograded") / UNFINISHED
    graded = ps.folder("ann", "autograded") / "one.ipynb"
    while process.poll() is None and not (marker.exists() and graded.exists()):
        time.sleep(0.02)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    assert marker.exists()
    assert ps.exported().get("ann", "") == "", "half a submission has no mark"
    ps.hand_in("ann", {"count": "count = 3"}, when=LATER)
    log = ps.autograde()
    assert "the last run ended while it graded this" in log
    assert ps.exported()["ann"] == "3.0"
    assert not marker.exists()
