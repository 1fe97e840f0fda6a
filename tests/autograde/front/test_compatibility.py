"""Through our path nbgrader does what its documentation says: manual grades, late penalties, extra
credit, comments, regrading, and its options."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_output

RIGHT = {
    "double": "def double(x):\n    return 2 * x", "count": "count = 2", "why": "I think so.",
    "draw": "drawn = 2", "half": "def half(x):\n    return x / 2",
}  # fmt: skip
EARLY, LATER = "2026-01-01 10:00:00 UTC", "2026-01-02 10:00:00 UTC"


def test_what_a_program_grades_and_what_a_person_grades(ps) -> None:
    ps.hand_in("ann")
    ps.hand_in("bob", {})
    ps.autograde()
    assert ps.grades("ann") == {
        "check-double": (2, None, False), "check-count": (2, None, False),
        "check-half": (1, None, False), "why": (None, None, True), "draw": (None, None, True),
        "project": (None, None, True),
    }  # fmt: skip
    unanswered = ps.grades("bob")
    assert unanswered["why"] == unanswered["draw"] == (0, None, False)
    assert unanswered["check-double"] == (0, None, False)
    assert unanswered["project"] == (None, None, True)
    with ps.gradebook() as gradebook:
        comments = {
            s: gradebook.find_comment("why", "one", "ps", s).comment for s in ("ann", "bob")
        }
    assert comments == {"ann": None, "bob": "No response."}
    assert ps.exported() == {"ann": "5.0", "bob": "0.0"}


def by_hand(ps, student: str) -> None:
    """A person gives 3 for the text, 1 more as extra credit, corrects a test, and comments."""
    with ps.gradebook() as gradebook:
        why = gradebook.find_grade("why", "one", "ps", student)
        why.manual_score, why.extra_credit, why.needs_manual_grade = 3, 1, False
        gradebook.find_grade("check-count", "one", "ps", student).manual_score = 1.5
        gradebook.find_comment("why", "one", "ps", student).manual_comment = "Well argued."
        gradebook.db.commit()


def test_what_a_person_gave_survives_a_forced_run_and_is_looked_at_again(ps) -> None:
    ps.hand_in("ann")
    ps.autograde()
    by_hand(ps, "ann")
    assert ps.score("ann") == 2 + 1.5 + 3 + 1 + 1
    ps.autograde()  # already graded, so nothing is done
    assert ps.grades("ann")["why"] == (None, 3, False)
    ps.autograde("--force")
    assert ps.score("ann") == 2 + 1.5 + 3 + 1 + 1
    assert ps.grades("ann")["why"] == (None, 3, True)
    assert ps.grades("ann")["check-count"] == (2, 1.5, True)
    ps.run("generate_feedback", "ps")
    page = ps.page("ann")
    assert "Well argued." in page
    assert "7.5 of 20.0" in page


def test_a_resubmission_is_graded_again_and_only_then(ps) -> None:
    ps.hand_in("ann", {}, when=EARLY)
    ps.autograde()
    assert ps.score("ann") == 0
    ps.hand_in("ann", RIGHT, when=EARLY)
    ps.autograde()
    assert ps.score("ann") == 0, "not newer, so it was skipped"
    ps.hand_in("ann", RIGHT, when=LATER)
    ps.autograde()
    assert ps.score("ann") == 5


@pytest.mark.parametrize(("method", "penalty", "score"), [("none", 0, "5.0"), ("zero", 5, "0.0")])
def test_late_submissions_are_penalised_as_the_plugin_says(
    ps, method: str, penalty: float, score: str
) -> None:
    ps.run("db", "assignment", "add", "ps", f"--duedate={EARLY}")
    ps.hand_in("ann", when=LATER)
    ps.hand_in("bob", when=EARLY)
    ps.autograde(f"--LateSubmissionPlugin.penalty_method={method}")
    with ps.gradebook() as gradebook:
        late, on_time = (gradebook.find_submission("ps", s) for s in ("ann", "bob"))
        assert late.total_seconds_late == 24 * 3600
        assert on_time.total_seconds_late == 0
        assert late.late_submission_penalty == penalty
        assert on_time.late_submission_penalty == 0
    assert ps.exported() == {"ann": score, "bob": "5.0"}


def test_one_student_and_one_notebook(ps) -> None:
    ps.hand_in("ann")
    ps.hand_in("bob")
    ps.autograde("--student=ann", "--notebook=two")
    assert [p.name for p in ps.folder("ann", "autograded").glob("*.ipynb")] == ["two.ipynb"]
    assert not ps.folder("bob", "autograded").exists()
    assert ps.score("ann") == 1
    ps.autograde("--student=ann", "--notebook=one")
    ps.autograde("--student=ann", "--notebook=one", "--force")
    result = ps.result("ann")
    assert [n["name"] for n in result["notebooks"]] == ["two", "one"], "each of them once"
    assert (result["score"], result["max_score"]) == (5, 6)


def test_excluded_students_are_left_alone(ps) -> None:
    ps.hand_in("ann")
    ps.hand_in("bob")
    ps.autograde("--CourseDirectory.student_id_exclude=bob")
    assert ps.folder("ann", "autograded").exists()
    assert not ps.folder("bob", "autograded").exists()


def test_no_execute_leaves_every_test_to_a_person(ps) -> None:
    """nbgrader would take marks off outputs that a learner can write, and full ones off none."""

    def outputs(notebook) -> None:
        by_id = {c.metadata.get("nbgrader", {}).get("grade_id"): c for c in notebook.cells}
        by_id["check-double"].outputs = [
            new_output("error", ename="AssertionError", evalue="", traceback=[])
        ]
        by_id["check-count"].outputs = [
            new_output("execute_result", {"text/plain": "1.5"}, execution_count=1),
            {"output_type": "no such type"},
            new_output("display_data", {"text/html": "<b>x</b>", "application/javascript": "1"}),
        ]

    ps.hand_in("ann", RIGHT, outputs)
    broken = ps.hand_in("bob")
    (broken / "one.ipynb").write_text("{")
    log = ps.autograde("--no-execute")
    assert "ann: 'check-double' was not run (Execute.enabled is False)" in log
    assert set(ps.grades("ann").values()) == {(None, None, True)}
    assert ps.grades("bob")["check-double"] == (0, None, False), "nobody can read it"
    assert ps.exported() == {"ann": "", "bob": "0.0"}
    kept = nbformat.read(ps.folder("ann", "autograded") / "one.ipynb", as_version=4)
    assert "javascript" not in nbformat.writes(kept)
    assert not (ps.folder("ann", "autograded") / "results.json").exists()
    ps.autograde("--force")
    assert ps.grades("ann")["check-double"] == (2, None, False)
    ps.autograde("--force", "--Execute.enabled=False")  # without ClearOutput.enabled=False
    assert set(ps.grades("ann").values()) == {(None, None, True)}


def test_hooks_are_called_around_each_submission(ps) -> None:
    calls = ps.root / "calls.txt"
    with (ps.root / "nbgrader_config.py").open("a") as file:
        file.write(f"""
def note(hook):
    def noted(assignment, student, notebooks):
        with open({str(calls)!r}, "a") as file:
            names = sorted(notebook.removeprefix(c.CourseDirectory.root) for notebook in notebooks)
            print(hook, assignment, student, *names, file=file)
    return noted
c.Autograde.pre_convert_hook = note("before")
c.BaseConverter.post_convert_hook = note("after")
""")
    ps.hand_in("ann")
    ps.autograde("--student=ann")
    ps.autograde("--student=ann")  # graded already
    names = " ".join(f"/submitted/ann/ps/{n}.ipynb" for n in ("lesson", "one", "two"))
    assert calls.read_text() == f"before ps ann {names}\nafter ps ann {names}\n"


@pytest.mark.parametrize("lesson", [None, b"{", b'{"nbformat": 4, "cells": []}'])
def test_a_lesson_is_neither_run_nor_counted_whatever_is_in_it(ps, lesson: bytes | None) -> None:
    folder = ps.hand_in("ann")
    path = folder / "lesson.ipynb"
    if lesson is None:
        path.unlink()
    else:
        path.write_bytes(lesson)
    ps.hand_in("bob")
    edited = nbformat.read(ps.folder("bob") / "lesson.ipynb", as_version=4)
    edited.cells[1].source = "raise SystemExit; print('edited')"
    nbformat.write(edited, ps.folder("bob") / "lesson.ipynb")
    ps.autograde()
    assert ps.score("ann") == ps.score("bob") == 5
    assert [n["name"] for n in ps.result("ann")["notebooks"]] == ["one", "two"]
    assert ps.result("ann")["score"] == ps.result("bob")["score"] == 5
    kept = nbformat.read(ps.folder("bob", "autograded") / "lesson.ipynb", as_version=4)
    assert [c.get("outputs", []) for c in kept.cells] == [[], []]


def test_other_files_travel_and_the_instructors_win(ps) -> None:
    folder = ps.hand_in("ann")
    (ps.root / "solutions/ps/data.csv").write_text("theirs")
    (folder / "data.csv").write_text("mine")
    (folder / "sub").mkdir()
    (folder / "sub" / "notes.txt").write_text("mine")
    (folder / "helper.py").write_text("ignored, as every .py is")
    ps.autograde()
    graded = ps.folder("ann", "autograded")
    assert (graded / "data.csv").read_text() == "theirs"
    assert (graded / "sub/notes.txt").read_text() == "mine"
    assert not (graded / "helper.py").exists()


@pytest.mark.filterwarnings("ignore:Object of type:sqlalchemy.exc.SAWarning")  # nbgrader's queries
def test_the_formgraders_button_takes_the_same_path(ps, monkeypatch: pytest.MonkeyPatch) -> None:
    from nbgrader.apps import NbGraderAPI
    from nbgrader.apps.baseapp import NbGrader

    monkeypatch.chdir(ps.root)
    ps.hand_in("ann")
    ps.folder("bob").mkdir(parents=True)
    app = NbGrader()
    app.load_cwd_config = True
    app.load_config_file()
    api = NbGraderAPI(config=app.config)
    for student in ("ann", "bob"):
        assert api.autograde("ps", student)["success"]
    assert ps.result("ann")["score"] == 5
    assert ps.result("bob")["verdict"] == "invalid"


def test_no_process_and_no_file_is_left_behind(ps, tmp_path: Path) -> None:
    import psutil

    ps.hand_in("ann")
    before = {p.pid for p in psutil.Process().children(recursive=True)}
    ps.autograde()
    after = {p.pid for p in psutil.Process().children(recursive=True)}
    assert after <= before
    names = {p.name for p in ps.folder("ann", "autograded").iterdir()}
    assert names == {"one.ipynb", "two.ipynb", "lesson.ipynb", "results.json"}
