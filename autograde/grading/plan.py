"""What is to be graded: every submission that was not graded as it is now."""

from __future__ import annotations

import glob
import json
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from nbgrader.api import BaseCell, Grade, SubmittedAssignment, SubmittedNotebook
from nbgrader.utils import parse_utc
from sqlalchemy import select

from autograde.front.converter import UNFINISHED
from autograde.front.results import provenance
from autograde.front.submission import NotANotebook, other_files, read_file
from autograde.grading.course import Course


@dataclass(frozen=True)
class Unreadable:
    """A submission whose files cannot be read, which is no fault of its author's."""

    student: str
    reason: str


@dataclass(frozen=True)
class Submission:
    """One submission, read once: what is graded is what was hashed."""

    student: str
    notebooks: dict[str, bytes | str]
    """{notebook: its bytes, or why they cannot be graded}; a lesson that is missing is left out."""
    timestamp: datetime | None
    """When it was handed in (UTC), where that was noted."""
    others: list[Path]
    """Files handed in beside the notebooks, that are copied; relative to the submission."""
    left_out: list[str]
    """A sentence on each file that is not."""
    provenance: dict[str, Any]


def handed_in(course: Course) -> list[str]:
    """The students who submitted this assignment."""
    directory = course.directory
    step = directory.submitted_directory
    found = glob.glob(directory.format_path(step, directory.student_id, course.name))
    pattern = directory.format_path(step, "(?P<student>.*)", re.escape(course.name), escape=True)
    matches = (re.fullmatch(pattern, path) for path in found if os.path.isdir(path))
    left_out = set(directory.student_id_exclude.split(","))
    return sorted({m["student"] for m in matches if m} - left_out)


def read(course: Course, student: str) -> Submission:
    """Read one submission."""
    folder = course.path("submitted", student)
    notebooks = {
        name: _content(folder / f"{name}.ipynb")
        for name, notebook in course.notebooks.items()
        if notebook.graded or (folder / f"{name}.ipynb").exists()
    }
    whole = b"".join(
        data if isinstance(data, bytes) else b""
        for name, data in sorted(notebooks.items())
        if course.notebooks[name].graded
    )
    others, left_out = other_files(folder)
    return Submission(
        student,
        notebooks,
        _timestamp(course, folder),
        [file for file in others if not course.ignores(file)],
        left_out,
        provenance(whole, course.checks, course.seed, sandbox=not course.unsafe),
    )


def is_graded(course: Course, submission: Submission) -> bool:
    """Whether `results.json`, the graded notebooks and the gradebook agree that nothing changed
    since."""
    folder = course.path("autograded", submission.student)
    if (folder / UNFINISHED).exists():
        return False
    record = _record(folder)
    try:
        scores = {
            (notebook["name"], cell["grade_id"]): float(cell["score"])
            for notebook in record["notebooks"]
            for cell in notebook["cells"]
        }
        same = record["provenance"] == submission.provenance
    except (ValueError, KeyError, TypeError):
        return False  # none, or not one that we wrote
    if not same or not all((folder / f"{name}.ipynb").is_file() for name in submission.notebooks):
        return False
    names = {notebook.id: notebook.name for notebook in course.notebooks.values()}
    db = course.gradebook.db
    timestamps = db.scalars(
        select(SubmittedAssignment.timestamp).filter_by(
            assignment_id=course.id, student_id=submission.student
        )
    ).all()
    rows = db.execute(
        select(SubmittedNotebook.notebook_id, BaseCell.name, Grade.auto_score)
        .join(SubmittedNotebook, Grade.notebook_id == SubmittedNotebook.id)
        .join(SubmittedAssignment, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
        .join(BaseCell, Grade.cell_id == BaseCell.id)
        .where(
            SubmittedAssignment.assignment_id == course.id,
            SubmittedAssignment.student_id == submission.student,
        )
    ).all()
    db.rollback()
    booked = {(names.get(notebook), cell): score for notebook, cell, score in rows}
    return (
        len(timestamps) == 1
        and submission.timestamp in (None, timestamps[0])
        and all(place in booked and booked[place] == scores[place] for place in scores)
    )


def planned(
    course: Course, students: list[str], *, force: bool
) -> Iterator[Submission | Unreadable | None]:
    """One for each student, read when it is asked for; None for what is graded already."""
    for student in students:
        try:
            submission = read(course, student)
        except OSError as error:
            yield Unreadable(student, f"{error.filename} cannot be read: {error.strerror}")
            continue
        yield None if not force and is_graded(course, submission) else submission


def invalid(course: Course, students: Iterable[str]) -> dict[str, str]:
    """{student: why} of the graded submissions that hold what nobody can read as a notebook."""
    found = {}
    for student in students:
        notebooks = _record(course.path("autograded", student)).get("notebooks", [])
        reasons = [f"{n['name']}: {_first(n['invalid'])}" for n in notebooks if "invalid" in n]
        if reasons:
            found[student] = " ".join(reasons)
    return found


def _first(reason: str) -> str:
    """The sentence that says what is wrong; the others tell the learner what to do."""
    sentence, stop, _ = reason.partition(". ")
    return sentence + stop.strip()


def _record(folder: Path) -> dict[str, Any]:
    """What `results.json` holds; empty where there is none that is a record."""
    try:
        record = json.loads((folder / "results.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return record if isinstance(record, dict) else {}


def _content(path: Path) -> bytes | str:
    try:
        return read_file(path)
    except NotANotebook as problem:
        return str(problem)


def _timestamp(course: Course, folder: Path) -> datetime | None:
    path = folder / "timestamp.txt"
    if path.is_symlink() or not path.is_file() or path.stat().st_size > 200:
        return None
    try:
        return parse_utc(path.read_text(encoding="utf-8").strip())
    except (ValueError, OverflowError):
        return None  # no time: as if nobody had noted it
