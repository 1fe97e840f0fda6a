"""A save that ends anywhere in between is completed by the next run, to the same state."""

from __future__ import annotations

import json
import multiprocessing
import runpy
import shutil
import signal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from nbgrader.api import Gradebook

from autograde.grading import course as course_module
from autograde.grading.course import Course, GradingError
from autograde.grading.plan import is_graded, read
from autograde.grading.run import _save
from autograde.grading.work import Marker
from autograde.grading.write import save, tidy

pytestmark = pytest.mark.course
SCRIPT = str(Path(__file__).with_name("killed.py"))
SERVER = multiprocessing.get_context("forkserver")
SERVER.set_forkserver_preload(["autograde.grading.run"])


@pytest.fixture
def marked(course: Path, hand_in, tools: SimpleNamespace) -> dict[str, Any]:
    """The class before and after ada's second submission: results that need no worker any more."""
    hand_in(course, "bela", tools.WRONG)
    results = {}
    opened = Course(course, tools.ASSIGNMENT)
    marker = Marker(opened.assignment)
    for name, answer in (("first", tools.WRONG), ("second", tools.RIGHT)):
        hand_in(course, "ada", answer)
        results[name] = marker.mark(read(opened, "ada"))["notebooks"]
        if name == "first":
            save(opened, read(opened, "ada"), results["first"])
            save(opened, read(opened, "bela"), marker.mark(read(opened, "bela"))["notebooks"])
    marker.close()
    opened.close()
    return results


def test_killed_at_every_step_and_completed_by_the_next_run(
    course: Path, tmp_path: Path, marked: dict[str, Any], tools: SimpleNamespace
) -> None:
    count = tmp_path / "count"

    def run(root: Path, step: int) -> int | None:
        given = {
            "ROOT": str(root), "ASSIGNMENT": tools.ASSIGNMENT, "STUDENT": "ada",
            "MARKED": marked["second"], "STEP": step, "COUNT": str(count),
        }  # fmt: skip
        process = SERVER.Process(target=runpy.run_path, args=(SCRIPT, given))
        process.start()
        process.join()
        return process.exitcode

    def state(root: Path) -> tuple[Any, Any]:
        return tools.booked(tools.url(root)), tools.graded(root)

    whole = tmp_path / "whole"
    shutil.copytree(course, whole)
    assert run(whole, 0) == 0
    undisturbed = state(whole)
    before = tools.booked(tools.url(course))
    assert undisturbed[0]["ada"]["score"] == 4.5
    assert before["ada"]["score"] == 1.5
    steps = int(count.read_text())
    assert steps > 20
    seen = set()
    for step in range(1, steps + 1):
        root = tmp_path / f"killed{step}"
        shutil.copytree(course, root)
        assert run(root, step) == -signal.SIGKILL
        booked = tools.booked(tools.url(root))
        assert booked in (before, undisturbed[0])  # all of it or nothing
        opened = Course(root, tools.ASSIGNMENT)
        submission = read(opened, "ada")
        done = is_graded(opened, submission)
        if done:
            tidy(opened, "ada")
        else:
            save(opened, submission, marked["second"])
        opened.close()
        assert state(root) == undisturbed
        seen.add((booked == before, done))
        shutil.rmtree(root)
    assert seen == {(True, False), (False, False), (False, True)}


def test_a_locked_gradebook_stops_the_run_and_loses_nothing(
    course: Path, marked: dict[str, Any], tools: SimpleNamespace, monkeypatch
) -> None:
    monkeypatch.setattr(course_module, "PATIENCE", 0.1)
    before = tools.booked(tools.url(course)), tools.graded(course)
    opened = Course(course, tools.ASSIGNMENT)
    submission = read(opened, "ada")
    with Gradebook(tools.url(course), "neural_networks") as other:
        other.db.connection().exec_driver_sql("BEGIN IMMEDIATE")
        with pytest.raises(GradingError, match=r"locked.*Run the same command again"):
            _save(opened, submission, {"notebooks": marked["second"]})
        other.db.rollback()
    assert (tools.booked(tools.url(course)), tools.graded(course)) == before
    assert not is_graded(opened, submission)
    assert _save(opened, submission, {"notebooks": marked["second"]}) is None
    opened.close()
    assert tools.booked(tools.url(course))["ada"]["score"] == 4.5


def test_a_result_of_other_checks_or_another_mark_is_not_up_to_date(
    course: Path, marked: dict[str, Any], tools: SimpleNamespace
) -> None:
    opened = Course(course, tools.ASSIGNMENT)
    bela = read(opened, "bela")
    assert is_graded(opened, bela)
    results = course / "autograded/bela/01_double/results.json"
    record = json.loads(results.read_text())
    results.chmod(0o644)
    for key in ("checks", "seed", "environment", "submission", "sandbox"):
        other = {**record, "provenance": {**record["provenance"], key: "other"}}
        results.write_text(json.dumps(other))
        assert not is_graded(opened, bela)
    for broken in ("", "[]", "{}", '{"notebooks": [1], "provenance": {}}'):
        results.write_text(broken)
        assert not is_graded(opened, bela)
    results.write_text(json.dumps(record))
    assert is_graded(opened, bela)
    with Gradebook(tools.url(course), "neural_networks") as gradebook:
        where = ("check-part", "double_exercises", tools.ASSIGNMENT, "bela")
        gradebook.find_grade(*where).auto_score = 2
        gradebook.db.commit()
    assert not is_graded(opened, bela)
    opened.close()
