"""nbgrader's `Autograde` for submissions that may be anything: each one ends graded, invalid with a
reason, or not graded at all, and the class goes on."""

from __future__ import annotations

import contextlib
import fnmatch
import glob
import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from nbgrader.api import Gradebook, MissingEntry
from nbgrader.apps import api, autogradeapp
from nbgrader.converters import Autograde, NbGraderException
from nbgrader.converters.base import BaseConverter
from nbgrader.utils import rmtree

from autograde.front import journal
from autograde.front.listing import listed
from autograde.front.submission import other_files

UNFINISHED = ".autograde_unfinished"
"""In a graded folder while it is being written: what the gradebook held before."""


def install() -> None:
    """Make nbgrader's command and the formgrader's button use `TrustedAutograde`.

    nbgrader has a socket for each step and for the exporter, but none for the converter; both
    callers look it up by this name. Classes and settings keep nbgrader's names.
    """
    autogradeapp.Autograde = api.Autograde = TrustedAutograde


class _PlainFiles(BaseConverter):
    """Copies what was handed in beside the notebooks, and follows no link.

    It stands behind `Autograde` in the order of resolution, in the place of nbgrader's own copying.
    """

    left_out: list[str] = []

    def init_assignment(self, assignment_id: str, student_id: str) -> None:
        source = Path(self._format_source(assignment_id, student_id))
        target = Path(self._format_dest(assignment_id, student_id))
        files, self.left_out = other_files(source)
        for note in self.left_out:
            self.log.warning("%s: %s", student_id, note)
        for file in files:
            if _is_ignored(file, self.coursedir.ignore):
                continue
            (target / file).parent.mkdir(parents=True, exist_ok=True)
            (target / file).unlink(missing_ok=True)
            shutil.copyfile(source / file, target / file)
            shutil.copystat(source / file, target / file)


class TrustedAutograde(Autograde, _PlainFiles):
    """Grades one submission after the other, and says at the end what came of them.

    What nbgrader's own does not do:

    - A folder without a notebook, or with one of a wrong name, is a submission too: its missing
      notebooks come to the exporter, which says why they are invalid.
    - A fault of the grader's leaves the gradebook as it was before. nbgrader writes a row of zeros
      first. A run that was killed is put back by the next run.
    - The processes that run submissions are started once, and end with the run.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.invalid: dict[str, str] = {}
        self._refused = ""
        self._begun: _Begun | None = None
        self._room: Any = None
        self._closing = contextlib.ExitStack()

    # -- which submissions -------------------------------------------------------------------

    def init_notebooks(self) -> None:
        course = self.coursedir
        pattern = self._format_source(course.assignment_id, course.student_id)
        folders = [folder for folder in sorted(glob.glob(pattern)) if Path(folder).is_dir()]
        wanted = {
            name: graded
            for name, graded in self._notebooks().items()
            if fnmatch.fnmatch(name, course.notebook_id)
        }
        if not (folders and any(wanted.values())):
            super().init_notebooks()  # says what is wrong in nbgrader's words
            return
        self.assignments = {
            folder: [
                str(path)
                for name, graded in sorted(wanted.items())
                if (path := Path(folder, f"{name}.ipynb")).exists() or graded
            ]
            for folder in folders
        }

    def _notebooks(self) -> dict[str, bool]:
        """The assignment's notebooks; whether each has anything to grade."""
        with self._gradebook() as gradebook:
            try:
                assignment = gradebook.find_assignment(self.coursedir.assignment_id)
            except MissingEntry:
                return {}
            return {n.name: bool(n.grade_cells or n.task_cells) for n in assignment.notebooks}

    # -- one submission after the other ------------------------------------------------------

    def convert_notebooks(self) -> None:
        every = self.assignments
        failed: list[str] = []
        with self._closing, self._any_timestamp():
            for folder in sorted(every):
                self.assignments = {folder: every[folder]}
                self._begun = None
                try:
                    super().convert_notebooks()
                except BaseException as error:
                    self._put_back()
                    if self._refused:
                        self.log.error(self._refused)
                    if self._refused or not isinstance(error, NbGraderException):
                        raise
                    failed.append(folder)
                else:
                    if self._begun:
                        self._begun.marker.unlink()
        self._room = None
        self._tell(failed)

    def init_destination(self, assignment_id: str, student_id: str) -> bool:
        marker = self._marker(assignment_id, student_id)
        if marker.exists():
            self.log.warning("%s: the last run ended while it graded this. Again.", student_id)
            before = json.loads(marker.read_text(encoding="utf-8"))
            self._begun = _Begun(assignment_id, student_id, marker, before)
            self._put_back()
            rmtree(str(marker.parent))
        return super().init_destination(assignment_id, student_id)

    def init_assignment(self, assignment_id: str, student_id: str) -> None:
        marker = self._marker(assignment_id, student_id)
        with self._gradebook() as gradebook:
            before = journal.remember(gradebook, assignment_id, student_id)
        marker.parent.mkdir(parents=True, exist_ok=True)
        whole = marker.with_suffix(".new")
        whole.write_text(json.dumps(before), encoding="utf-8")
        whole.replace(marker)
        self._begun = _Begun(assignment_id, student_id, marker, before)
        super().init_assignment(assignment_id, student_id)

    def convert_single_notebook(self, notebook_filename: str) -> None:
        from autograde.front.classroom import GradingRefused

        try:
            super().convert_single_notebook(notebook_filename)
        except GradingRefused as refusal:
            self._refused = str(refusal)
            raise

    def classroom(self, cell_seconds: float, unsafe: bool) -> Any:
        """The processes that run submissions, started when the first one needs them."""
        from autograde.front.classroom import Classroom

        if self._room is None:
            course = self.coursedir
            source = course.format_path(course.source_directory, ".", course.assignment_id)
            with self._gradebook() as gradebook:
                notebooks = gradebook.find_assignment(course.assignment_id).notebooks
                room = Classroom(Path(source), Path(course.root), cell_seconds, unsafe, notebooks)
            self._room = self._closing.enter_context(room)
        return self._room

    # -- small things ------------------------------------------------------------------------

    def _put_back(self) -> None:
        """Undo what has begun: nbgrader has removed the graded files; the gradebook is ours."""
        if self._begun is None:
            return
        begun, self._begun = self._begun, None
        with self._gradebook() as gradebook:
            journal.put_back(gradebook, begun.assignment, begun.student, begun.before)
        begun.marker.unlink(missing_ok=True)

    def _tell(self, failed: list[str]) -> None:
        if self.invalid:
            more = f"see results.json in autograded/STUDENT/{self.coursedir.assignment_id}."
            head = f"Invalid, with a mark of 0 ({len(self.invalid)}):"
            self.log.warning("\n".join([head, *listed(self.invalid, more)]))
        if failed:
            message = (
                f"NOT graded, though nothing is wrong with them ({len(failed)}): "
                f"{', '.join(failed)}. Their marks are as they were. Run the command again."
            )
            self.log.error(message)
            raise NbGraderException(message)

    def _marker(self, assignment: str, student: str) -> Path:
        return Path(self._format_dest(assignment, student), UNFINISHED)

    def _gradebook(self) -> Gradebook:
        return Gradebook(self.coursedir.db_url, self.coursedir.course_id)

    @contextlib.contextmanager
    def _any_timestamp(self) -> Iterator[None]:
        """A `timestamp.txt` that holds no time counts as none; nbgrader would end the run."""
        course = self.coursedir
        original = course.get_existing_timestamp

        def read(folder: str) -> datetime | None:
            path = Path(folder, "timestamp.txt")
            if path.is_symlink() or (path.exists() and path.stat().st_size > 200):
                self.log.warning("%s is not a timestamp: there is none", path)
                return None
            try:
                return original(folder)
            except (ValueError, OverflowError, AttributeError):  # its own message has a bug
                self.log.warning("%s holds no time: there is none", path)
                return None

        course.get_existing_timestamp = read
        try:
            yield
        finally:
            del course.get_existing_timestamp


@dataclass(frozen=True)
class _Begun:
    """A submission that is being graded, and what the gradebook held about it before."""

    assignment: str
    student: str
    marker: Path
    before: dict[str, Any] | None


def _is_ignored(file: Path, patterns: list[str]) -> bool:
    return any(fnmatch.fnmatch(part, pattern) for part in file.parts for pattern in patterns)
