"""The one writer: enters a graded submission into the gradebook and puts its files in place.

For each submission: its files into a new folder beside the old one; its marks in one transaction;
then the folders change places. Marks are the same however often they are entered, and a submission
counts as graded only when folder and gradebook agree. So a run that ends anywhere in between leaves
a submission that the next run grades again, and never one that is lost or half entered.
"""

from __future__ import annotations

import errno
import json
import shutil
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from nbgrader.api import Comment, Grade, Student, SubmittedAssignment, SubmittedNotebook
from sqlalchemy import insert, select, update

from autograde.front.results import submission_record
from autograde.grading.course import Course
from autograde.grading.plan import Submission

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS)
"""Why nothing more can be written at all."""


def save(course: Course, submission: Submission, marked: list[dict[str, Any]]) -> dict[str, Any]:
    """Save one graded submission; returns its record, as `results.json` has it.

    Raises
    ------
    OSError, sqlalchemy.exc.SQLAlchemyError
        If it could not be saved. Then nothing of it is in the gradebook.
    """
    folder = course.path("autograded", submission.student)
    new, old = _beside(folder, "new"), _beside(folder, "old")
    record = _record(course, submission, marked)
    try:
        tidy(course, submission.student)
        _fill(course, submission, marked, record, new)
        _enter(course, submission, marked)
    except BaseException as error:
        course.gradebook.db.rollback()
        shutil.rmtree(new, ignore_errors=True)
        if isinstance(error, OSError) and error.errno in FULL:  # it names the file that was copied
            raise OSError(error.errno, error.strerror, str(folder)) from error
        raise
    if folder.exists():
        folder.rename(old)
    new.rename(folder)
    shutil.rmtree(old, ignore_errors=True)
    return record


def tidy(course: Course, student: str) -> None:
    """Remove what a save that was killed left beside the graded folder."""
    folder = course.path("autograded", student)
    for which in ("new", "old"):
        if (leftover := _beside(folder, which)).exists():
            shutil.rmtree(leftover)


def _beside(folder: Path, which: str) -> Path:
    """A name that neither nbgrader nor the formgrader takes for a submission."""
    return folder.with_name(f".{folder.name}.{which}")


def _record(course: Course, submission: Submission, marked: list[dict[str, Any]]) -> dict[str, Any]:
    notebooks = [
        {**one["record"], "notes": [*one["record"]["notes"], *submission.left_out]}
        for one in marked
        if one["record"]
    ]
    return submission_record(course.name, submission.student, notebooks, submission.provenance)


# -- files -----------------------------------------------------------------------------------


def _fill(
    course: Course,
    submission: Submission,
    marked: list[dict[str, Any]],
    record: dict[str, Any],
    new: Path,
) -> None:
    """All that `nbgrader autograde` leaves in a submission's folder, and `results.json`."""
    new.mkdir(parents=True)
    handed_in = course.path("submitted", submission.student)
    for source, files in ((handed_in, submission.others), course.source_files):
        for file in files:
            target = new / file
            target.parent.mkdir(parents=True, exist_ok=True)
            target.unlink(missing_ok=True)
            shutil.copyfile(source / file, target)
            shutil.copystat(source / file, target)
    for one in marked:
        (new / f"{one['name']}.ipynb").write_text(one["text"], encoding="utf-8")
    (new / "results.json").write_text(json.dumps(record, indent=1), encoding="utf-8")
    course.set_permissions(new)


# -- gradebook -------------------------------------------------------------------------------


def _enter(course: Course, submission: Submission, marked: list[dict[str, Any]]) -> None:
    """One transaction: what nbgrader's `Autograde`, `SaveAutoGrades` and `AssignLatePenalties`
    enter."""
    db = course.gradebook.db
    row = _submission_row(course, submission.student, submission.timestamp)
    notebooks, known = _notebook_rows(course, row)
    by_name = {one["name"]: one for one in marked}
    _put(db, Grade, _grades(course, notebooks, by_name, _found(db, Grade, known)))
    _put(db, Comment, _comments(course, notebooks, by_name, _found(db, Comment, known)))
    if course.late.enabled:
        for name in by_name:
            notebooks[name].late_submission_penalty = _penalty(course, row, notebooks[name])
    db.commit()
    db.expunge_all()  # or the session keeps the whole class


def _submission_row(
    course: Course, student: str, timestamp: datetime | None
) -> SubmittedAssignment:
    db = course.gradebook.db
    key = {"assignment_id": course.id, "student_id": student}
    row = db.scalars(select(SubmittedAssignment).filter_by(**key)).one_or_none()
    if row is None:
        if db.get(Student, student) is None:
            if not course.converter.create_student:
                raise ValueError(
                    f"the gradebook has no student {student!r} (Autograde.create_student)"
                )
            db.add(Student(id=student))
            db.flush()
        row = SubmittedAssignment(**key)
        db.add(row)
    if timestamp is not None:
        row.timestamp = timestamp
    db.flush()
    return row


def _notebook_rows(
    course: Course, row: SubmittedAssignment
) -> tuple[dict[str, SubmittedNotebook], list[str]]:
    """The rows of a submission's notebooks, by name, and the ids of those that were there."""
    db = course.gradebook.db
    found = db.scalars(select(SubmittedNotebook).filter_by(assignment_id=row.id))
    by_id = {notebook.notebook_id: notebook for notebook in found}
    known = [notebook.id for notebook in by_id.values()]
    for notebook in course.notebooks.values():
        if notebook.id not in by_id:
            by_id[notebook.id] = SubmittedNotebook(notebook_id=notebook.id, assignment_id=row.id)
            db.add(by_id[notebook.id])
    db.flush()
    return {notebook.name: by_id[notebook.id] for notebook in course.notebooks.values()}, known


def _found(db: Any, kind: type[Grade | Comment], notebooks: list[str]) -> dict[Any, Any]:
    """The rows of cells that are there, by notebook and cell."""
    if not notebooks:
        return {}
    columns = [kind.id, kind.notebook_id, kind.cell_id]
    columns += [kind.manual_score] if kind is Grade else []
    rows = db.execute(select(*columns).where(kind.notebook_id.in_(notebooks)))
    return {(row.notebook_id, row.cell_id): row for row in rows}


def _grades(
    course: Course, notebooks: dict[str, Any], by_name: dict[str, Any], found: dict[Any, Any]
) -> Iterator[dict[str, Any]]:
    """A row for each cell with points. What was given by hand stays, and is looked at again."""
    for name, notebook in course.notebooks.items():
        for cell in (*notebook.grade_cells, *notebook.task_cells):
            row = found.get((notebooks[name].id, cell.id))
            values: dict[str, Any] = {"auto_score": 0, "needs_manual_grade": False}
            if name in by_name:
                score = by_name[name]["grades"].get(cell.name)
                by_hand = score is None or (row is not None and row.manual_score is not None)
                values = {"auto_score": score, "needs_manual_grade": by_hand}
            yield {**_key(notebooks[name].id, cell.id, row), **values}


def _comments(
    course: Course, notebooks: dict[str, Any], by_name: dict[str, Any], found: dict[Any, Any]
) -> Iterator[dict[str, Any]]:
    """A row for each cell that may be commented on."""
    for name, notebook in course.notebooks.items():
        texts = by_name[name]["comments"] if name in by_name else {}
        for cell in (*notebook.solution_cells, *notebook.task_cells):
            row = found.get((notebooks[name].id, cell.id))
            if row is None or cell.name in texts:
                text = texts.get(cell.name)
                yield {**_key(notebooks[name].id, cell.id, row), "auto_comment": text}


def _key(notebook: str, cell: str, row: Any) -> dict[str, str]:
    return {"notebook_id": notebook, "cell_id": cell} if row is None else {"id": row.id}


def _put(db: Any, kind: type[Grade | Comment], rows: Iterable[dict[str, Any]]) -> None:
    """Insert rows that have no id, and update the others: by two statements, since the writer works
    for all cores, and nbgrader's objects, one a cell, cost it more than all else."""
    rows = list(rows)
    new = [row for row in rows if "id" not in row]
    known = [row for row in rows if "id" in row]
    if new:
        db.execute(insert(kind), new)
    if known:
        db.execute(update(kind), known)


def _penalty(course: Course, row: SubmittedAssignment, notebook: SubmittedNotebook) -> float | None:
    """By the plugin that nbgrader would ask."""
    late = row.total_seconds_late
    if late <= 0:
        return None
    step = course.late
    penalty = step.plugin_inst.late_submission_penalty(row.student_id, notebook.score, late)
    return None if penalty is None else step._check_late_penalty(notebook, penalty)
