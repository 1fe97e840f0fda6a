"""What the gradebook holds about one submission, kept while it is graded, so that a run which fails
or is killed leaves no mark behind."""

from __future__ import annotations

import contextlib
from datetime import datetime
from typing import Any

from nbgrader.api import Gradebook, MissingEntry


def remember(gradebook: Gradebook, assignment: str, student: str) -> dict[str, Any] | None:
    """What autograding may change of a submission, as JSON; None where there is none yet.

    Marks, comments and extra credit that a person gave are not in it: nothing here changes them.
    """
    try:
        submission = gradebook.find_submission(assignment, student)
    except MissingEntry:
        return None
    return {
        "timestamp": submission.timestamp and submission.timestamp.isoformat(),
        "notebooks": {
            notebook.name: {
                "penalty": notebook.late_submission_penalty,
                "grades": {g.name: [g.auto_score, g.needs_manual_grade] for g in notebook.grades},
                "comments": {c.name: c.auto_comment for c in notebook.comments},
            }
            for notebook in submission.notebooks
        },
    }


def put_back(
    gradebook: Gradebook, assignment: str, student: str, before: dict[str, Any] | None
) -> None:
    """Make the gradebook what it was when `remember` returned `before`."""
    if before is None:
        with contextlib.suppress(MissingEntry):  # stopped before nbgrader made it
            gradebook.remove_submission(assignment, student)
        return
    submission = gradebook.find_submission(assignment, student)
    when = before["timestamp"]
    submission.timestamp = datetime.fromisoformat(when) if when else None
    for notebook in submission.notebooks:
        kept = before["notebooks"].get(notebook.name)
        if kept is None:
            continue
        notebook.late_submission_penalty = kept["penalty"]
        for grade in notebook.grades:
            if grade.name in kept["grades"]:
                grade.auto_score, grade.needs_manual_grade = kept["grades"][grade.name]
        for comment in notebook.comments:
            comment.auto_comment = kept["comments"].get(comment.name)
    gradebook.db.commit()


def never_graded(gradebook: Gradebook, assignment: str, student: str) -> bool:
    """Whether neither a program nor a person has given this submission a mark."""
    try:
        submission = gradebook.find_submission(assignment, student)
    except MissingEntry:
        return True
    grades = [grade for notebook in submission.notebooks for grade in notebook.grades]
    return all(grade.auto_score is None and grade.manual_score is None for grade in grades)
