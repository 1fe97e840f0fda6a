"""`autograde grade` gives what `nbgrader autograde` gives, and grades only what changed."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest
from nbgrader.api import Gradebook

from autograde.cli import main
from autograde.grading import run as run_module
from autograde.grading.course import GradingError
from autograde.grading.run import grade

pytestmark = pytest.mark.course


def without_times(files: dict) -> dict:
    """The environment's hash is the same in both; nothing else is left out."""
    return {name: data for name, data in files.items() if not name.endswith("timestamp.txt")}


def a_class(course: Path, hand_in, tools: SimpleNamespace) -> None:
    hand_in(course, "right", essay="Because.", own="plot()")
    hand_in(course, "wrong", tools.WRONG)
    hand_in(course, "late", late=True)
    hand_in(course, "raising", "def double(x):\n    return undefined")
    hand_in(course, "endless", "def double(x):\n    while True: pass")
    hand_in(course, "not_json", data=b"{")
    path = hand_in(course, "deleted")
    notebook = json.loads(path.read_text())
    notebook["cells"] = [c for c in notebook["cells"] if c["id"] != "check-double"]
    path.write_text(json.dumps(notebook))
    path = hand_in(course, "rewritten", tools.WRONG)
    notebook = json.loads(path.read_text())
    for cell in notebook["cells"]:
        if cell["id"] == "check-double":
            cell["source"], cell["metadata"]["nbgrader"]["points"] = "assert True", 100
    path.write_text(json.dumps(notebook))
    hand_in(course, "misnamed").rename(course / "submitted/misnamed/01_double/mine.ipynb")
    hand_in(course, "no_lesson")
    (course / "submitted/no_lesson/01_double/double.ipynb").unlink()
    link = hand_in(course, "linked")
    link.unlink()
    link.symlink_to(course / "submitted/right/01_double/double_exercises.ipynb")
    (link.parent / "secret.txt").symlink_to("/etc/passwd")


def test_the_same_class_gets_the_same_from_nbgrader(
    course: Path, tmp_path: Path, hand_in, tools: SimpleNamespace, capsys
) -> None:
    a_class(course, hand_in, tools)
    assert grade(course, tools.ASSIGNMENT, ["right", "late"], jobs=1).ungraded == {}
    with Gradebook(tools.url(course), "neural_networks") as gradebook:  # a person grades
        where = ("double_exercises", tools.ASSIGNMENT, "right")
        gradebook.find_grade("check-double", *where).manual_score = 2.5
        gradebook.find_grade("essay", *where).manual_score = 2
        gradebook.find_grade("check-part", *where).extra_credit = 0.5
        gradebook.find_comment("essay", *where).manual_comment = "Good."
        gradebook.db.commit()
    hand_in(course, "right", essay="Because of the two.", own="plot()")
    other = tmp_path / "other"
    shutil.copytree(course, other, symlinks=True)

    outcome = grade(course, tools.ASSIGNMENT, jobs=2, force=True)
    assert (outcome.graded, outcome.unchanged, outcome.ungraded) == (11, 0, {})
    tools.nbgrader(other, "autograde", tools.ASSIGNMENT, "--force")

    ours, theirs = tools.booked(tools.url(course)), tools.booked(tools.url(other))
    assert ours == theirs
    assert ours["right"]["score"] == 2.5 + (1.5 + 0.5) + 2
    assert ours["late"]["notebooks"]["double_exercises"]["penalty"] == ours["late"]["score"]
    assert {s: ours[s]["score"] for s in ("wrong", "rewritten", "endless", "misnamed")} == {
        "wrong": 1.5, "rewritten": 1.5, "endless": 0, "misnamed": 0,
    }  # fmt: skip
    assert tools.graded(course) == tools.graded(other)
    assert not list(course.glob("autograded/*/.*"))


def test_what_has_not_changed_is_left_alone(
    course: Path, hand_in, tools: SimpleNamespace, address: str, monkeypatch, capsys
) -> None:
    for student in ("ada", "bela", "chen", "dana"):
        hand_in(course, student)
    monkeypatch.chdir(course)
    arguments = ["grade", tools.ASSIGNMENT, "--scheduler", address]
    assert main([*arguments, "--student", "ada", "--student", "bela"]) == 0
    assert capsys.readouterr().out.startswith("2 graded, 0 unchanged")
    assert main(arguments) == 0
    assert capsys.readouterr().out.startswith("2 graded, 2 unchanged")
    before = tools.graded(course)
    inodes = {p: p.stat().st_ino for p in course.glob("autograded/*/*/*.ipynb")}
    assert main(arguments) == 0
    assert capsys.readouterr().out.startswith("0 graded, 4 unchanged")
    assert inodes == {p: p.stat().st_ino for p in course.glob("autograded/*/*/*.ipynb")}

    hand_in(course, "ada", tools.WRONG)  # another answer
    hand_in(course, "bela", late=True)  # the same answer, handed in again
    with Gradebook(tools.url(course), "neural_networks") as gradebook:  # another gradebook
        gradebook.remove_submission(tools.ASSIGNMENT, "chen")
    assert main(arguments) == 0
    assert capsys.readouterr().out.startswith("3 graded, 1 unchanged")
    assert tools.booked(tools.url(course))["ada"]["score"] == 1.5
    assert tools.graded(course).keys() == before.keys()
    assert main([*arguments, "--force"]) == 0
    assert capsys.readouterr().out.startswith("4 graded, 0 unchanged")


def test_the_command_says_plainly_what_is_wrong(
    course: Path, hand_in, tools: SimpleNamespace, monkeypatch, capsys
) -> None:
    monkeypatch.chdir(course)
    monkeypatch.setattr(run_module, "CONNECT", 0.5)

    def complaint(*arguments: str) -> str:
        assert main(["grade", *arguments]) == 1
        return capsys.readouterr().err

    assert "generate_assignment 09_none" in complaint("09_none")
    assert "Nobody has submitted" in complaint(tools.ASSIGNMENT)
    hand_in(course, "ada")
    assert "No submission of bela" in complaint(tools.ASSIGNMENT, "--student", "bela")
    unreachable = complaint(tools.ASSIGNMENT, "--scheduler", "tcp://127.0.0.1:9")
    assert "tcp://127.0.0.1:9" in unreachable
    assert "Traceback" not in unreachable
    (course / "course" / tools.ASSIGNMENT / "double.ipynb").unlink()
    assert "is missing" in complaint(tools.ASSIGNMENT)
    with pytest.raises(SystemExit):
        main(["grade", tools.ASSIGNMENT, "--jobs", "0"])
    assert not (course / "autograded").exists()


def test_other_steps_than_ours_are_refused(course: Path, hand_in, tools: SimpleNamespace) -> None:
    hand_in(course, "ada")
    with (course / "nbgrader_config.py").open("a") as file:
        file.write("c.Autograde.autograde_preprocessors = ['nbgrader.preprocessors.Execute']\n")
    with pytest.raises(GradingError, match="TrustedExecute"):
        grade(course, tools.ASSIGNMENT, jobs=1)
