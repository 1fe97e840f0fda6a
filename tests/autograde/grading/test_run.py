"""`autograde grade` gives what `nbgrader autograde` gives, and grades only what changed."""

from __future__ import annotations

import gc
import json
import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from nbgrader.api import Gradebook

from autograde.cli import main
from autograde.front.listing import listed
from autograde.grading import plan
from autograde.grading import run as run_module
from autograde.grading.course import Course, GradingError
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


def test_a_run_holds_only_what_is_under_way(
    course: Path, hand_in, tools: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Memory does not grow with the class: what is graded is let go, by Dask's scheduler too."""
    held: list[int] = []

    def save(*args: Any) -> None:
        gc.collect()
        held.append(sum(isinstance(one, plan.Submission) for one in gc.get_objects()))
        run_save(*args)

    run_save = run_module.save
    monkeypatch.setattr(run_module, "save", save)
    for number in range(30):
        hand_in(course, f"s{number:02}")
    assert grade(course, tools.ASSIGNMENT, jobs=1).graded == 30
    assert max(held) < 15


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

    assert "generate_assignment --force 09_none" in complaint("09_none")
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


SETTINGS = {
    "c.Autograde.autograde_preprocessors = ['nbgrader.preprocessors.Execute']": "TrustedExecute",
    "c.Autograde.autograde_preprocessors = ['no.such.step']": "No module named 'no'",
    "c.Autograde.pre_convert_hook = lambda **_: 1 / 0": r"pre_convert_hook is set.*nbgrader autogr",
    "c.BaseConverter.post_convert_hook = lambda **_: 0": "post_convert_hook is set",
    "c.AutogradeApp.post_convert_hook = lambda **_: 0": "post_convert_hook is set",
    "c.Autograde.pre_convert_hook = 'no.such'": "No module named 'no'",
    "c.Execute.enabled = False": r"c\.Execute\.enabled is False.*Remove the setting",
    "c.TrustedExecute.enabled = False": r"c\.Execute\.enabled is False",
    "c.SaveAutoGrades.enabled = False": r"c\.SaveAutoGrades\.enabled is False",
    "c.Autograde.permissions = 'all'": "permissions",
    "c.Execute.timeout = 'long'": "timeout",
    "c.CourseDirectory.db_url = 'nosuch://x'": "gradebook cannot be opened: .*nosuch",
    "c.(": "SyntaxError",
}


@pytest.mark.parametrize("setting", SETTINGS)
def test_a_setting_that_would_not_be_followed_is_refused(
    course: Path, hand_in, tools: SimpleNamespace, setting: str
) -> None:
    hand_in(course, "ada")
    with (course / "nbgrader_config.py").open("a") as file:
        file.write(f"{setting}\n")
    with pytest.raises(GradingError, match=SETTINGS[setting]):
        Course(course, tools.ASSIGNMENT)


def test_what_is_broken_is_named(course: Path, tools: SimpleNamespace) -> None:
    def complaint() -> str:
        with pytest.raises(GradingError) as told:
            _ = Course(course, tools.ASSIGNMENT).seed
        return str(told.value)

    gradebook = course / "gradebook.db"
    (course / ".autograde_secret").write_text("")
    assert "does not hold a secret" in complaint()
    (course / "course" / tools.ASSIGNMENT / "double.ipynb").write_text("{")
    assert "double.ipynb is missing or broken" in complaint()
    shutil.rmtree(course / "solutions")
    assert f"{course}/solutions/{tools.ASSIGNMENT} is missing" in complaint()
    gradebook.write_text("no database")
    assert "gradebook cannot be opened: file is not a database" in complaint()
    gradebook.unlink()
    gradebook.mkdir()
    assert "gradebook cannot be opened" in complaint()
    (course / "nbgrader_config.py").unlink()
    assert "nbgrader_config.py: there is no such file" in complaint()


def test_penalties_are_left_alone_where_nbgrader_leaves_them(
    course: Path, hand_in, tools: SimpleNamespace, address: str
) -> None:
    hand_in(course, "late", late=True)
    with (course / "nbgrader_config.py").open("a") as file:
        file.write("c.AssignLatePenalties.enabled = False\n")
    grade(course, tools.ASSIGNMENT, scheduler=address)
    booked = tools.booked(tools.url(course))["late"]["notebooks"]["double_exercises"]
    assert booked["penalty"] is None


def test_another_test_is_another_result(
    course: Path, hand_in, tools: SimpleNamespace, address: str
) -> None:
    hand_in(course, "ada", essay="Because.")
    assert grade(course, tools.ASSIGNMENT, scheduler=address).graded == 1
    path = course / "solutions" / tools.ASSIGNMENT / "double_exercises.ipynb"
    path.write_text(path.read_text().replace("assert double(3) == 6", "assert double(3) == 7"))
    tools.nbgrader(course, "generate_assignment", tools.ASSIGNMENT, "--force")
    assert grade(course, tools.ASSIGNMENT, scheduler=address).graded == 1
    assert tools.booked(tools.url(course))["ada"]["score"] == 1.5
    (path.parent / "points.csv").write_text("3,4\n")
    assert grade(course, tools.ASSIGNMENT, scheduler=address).graded == 1
    assert grade(course, tools.ASSIGNMENT, scheduler=address).unchanged == 1


def test_who_has_to_be_looked_at_is_named_and_why(
    course: Path, hand_in, tools: SimpleNamespace, address: str, monkeypatch, capsys
) -> None:
    monkeypatch.chdir(course)
    arguments = ["grade", tools.ASSIGNMENT, "--scheduler", address]
    hand_in(course, "ada")
    hand_in(course, "bela", data=b"{")
    hand_in(course, "chen", data=rb'{"nbformat": "\u001b[31m"}')
    hand_in(course, "dana").unlink()
    assert main(arguments) == 0, "they have their marks"
    told = capsys.readouterr()
    assert told.out.splitlines() == [
        "4 graded, 0 unchanged since they were graded, 0 not graded.",
        "",
        "Invalid, with a mark of 0 (3):",
        "  bela: double_exercises: The file is not JSON, as every notebook is: it was cut off or "
        "edited by hand.",
        "  chen: double_exercises: The file is not a notebook that Jupyter knows (NBFormatError "
        "Unsupported nbformat version ?[31m).",
        "  dana: double_exercises: There is no double_exercises.ipynb in the submission, only "
        "'double.ipynb'.",
    ]
    assert main(arguments) == 0
    again = capsys.readouterr().out.splitlines()
    assert again[0].startswith("0 graded, 4 unchanged")
    assert again[1:] == told.out.splitlines()[1:], "they stay on the list until they are mended"

    hand_in(course, "bela")
    hand_in(course, "emil")
    read = plan.read_file

    def unreadable(path: Path) -> bytes:
        if "emil" in str(path):
            raise PermissionError(13, "Permission denied", str(path))
        return read(path)

    with monkeypatch.context() as patch:
        patch.setattr(plan, "read_file", unreadable)
        patch.setattr(run_module, "mark", failing(run_module.mark))
        assert main(arguments) == 1
    told = capsys.readouterr()
    assert told.out.startswith("0 graded, 3 unchanged since they were graded, 2 not graded.")
    assert "Invalid, with a mark of 0 (2):" in told.out
    assert "NOT graded, though nothing is wrong with them (2):" in told.err
    assert "  bela: the grader failed: ZeroDivisionError: division by ?[2J zero" in told.err
    assert "double.ipynb cannot be read: Permission denied" in told.err
    assert "  line 2, somewhere\n" in told.err, "the first traceback, whole"
    assert "\x1b" not in told.out + told.err
    assert tools.booked(tools.url(course))["bela"]["score"] == 0, "as it was"
    assert main(arguments) == 0
    assert capsys.readouterr().out.startswith("2 graded, 3 unchanged")


def failing(mark):
    """The task, but for one submission, on which the grader itself fails."""

    def task(name, submission):
        if submission.student == "bela":
            trace = "Traceback:\n  line 2, somewhere\nZeroDivisionError: division by \x1b[2J zero"
            return {"fault": f"the grader failed:\n{trace}"}
        return mark(name, submission)

    return task


def test_a_long_list_is_cut() -> None:
    reasons = {f"s{number:02}": "why" for number in range(23)}
    lines = list(listed(reasons, "see there."))
    assert lines[:1] + lines[19:] == ["  s00: why", "  s19: why", "  and 3 more: see there."]
    [line] = listed({"x": "long " * 100}, "")
    assert len(line) < 250
    assert line.endswith("...")
