"""What is common to a run: nbgrader's settings, and what its gradebook knows of the assignment."""

from __future__ import annotations

import copy
import fnmatch
import json
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from nbgrader import utils
from nbgrader.api import Assignment as AssignmentRow
from nbgrader.api import Gradebook
from nbgrader.apps import AutogradeApp
from nbgrader.converters import Autograde
from nbgrader.preprocessors import AssignLatePenalties, SaveAutoGrades
from sqlalchemy import select, text
from sqlalchemy.exc import SQLAlchemyError

from autograde.build.problem import BuildError
from autograde.front.execute import TrustedExecute
from autograde.front.paper import class_paper
from autograde.front.results import checks, environment
from autograde.front.seed import fingerprint, secret_seed
from autograde.front.submission import NotANotebook, parse_submission
from autograde.trusted import Limits, Paper

PATIENCE = 30.0  # seconds to wait for another program that writes to an SQLite gradebook


class GradingError(Exception):
    """Why nothing, or nothing more, can be graded, and what to do."""


@dataclass(frozen=True)
class CellRow:
    """What the gradebook knows of one cell; named as nbgrader's own preprocessors ask for it."""

    name: str
    id: str = ""
    cell_type: str = ""
    locked: bool = False
    source: str = ""
    checksum: str = ""
    max_score: float = 0.0


@dataclass(frozen=True)
class Notebook:
    """One notebook of the assignment, as it was released."""

    id: str
    name: str
    kernelspec: Any
    released: str
    """The notebook file's text."""
    source_cells: list[CellRow]
    grade_cells: list[CellRow]
    solution_cells: list[CellRow]
    task_cells: list[CellRow]

    @property
    def graded(self) -> bool:
        """Whether it counts: a lesson has no cell with points."""
        return bool(self.grade_cells or self.task_cells)


@dataclass(frozen=True)
class Assignment:
    """All that a worker needs to know. It holds the secret questions: it goes to workers only."""

    name: str
    paper: Paper
    unsafe: bool
    notebooks: dict[str, Notebook]
    config: Any
    sanitize: list[Any]
    """nbgrader's steps before the run, classes or their names."""
    autograde: list[Any]
    """nbgrader's steps from the run on."""
    environment: str = field(default_factory=lambda: fingerprint(environment()))
    """Of the coordinator: a worker with other packages could give other marks."""


class Course:
    """nbgrader's settings from the course's root, its gradebook, and one assignment.

    Raises
    ------
    GradingError
        If the assignment cannot be graded from here.
    """

    def __init__(self, root: Path, assignment: str, *, unsafe: bool = False) -> None:
        app = AutogradeApp(log_level=logging.ERROR)
        app.load_cwd_config = False  # that of `root` counts
        app.raise_config_file_errors = True
        with _settings(root):
            app.initialize([], root=str(root.resolve()))
            self.converter = Autograde(coursedir=app.coursedir, parent=app)
            execute = self._step(TrustedExecute)
            marks = self._step(SaveAutoGrades)
            self.late = self._step(AssignLatePenalties)
            self.late.init_plugin()
        self.config = copy.deepcopy(app.config)
        self.config.pop("CourseDirectory", None)  # the gradebook's address is not for workers
        self.directory = app.coursedir
        self.directory.assignment_id = assignment
        self.name = assignment
        self.root = Path(self.directory.root)
        self._refuse(execute, marks)
        limited = execute.timeout and execute.timeout > 0
        self._seconds = execute.timeout if limited else Limits().notebook_seconds
        self.unsafe = unsafe or execute.unsafe_no_sandbox
        try:
            self.gradebook = Gradebook(self.directory.db_url, self.directory.course_id)
            if self.gradebook.engine.dialect.name == "sqlite":
                wait = text(f"PRAGMA busy_timeout = {int(1000 * PATIENCE)}")
                self.gradebook.db.execute(wait)
            self.id, self.notebooks = self._notebooks()
        except (SQLAlchemyError, ImportError) as error:
            said = getattr(error, "orig", None) or error
            raise GradingError(f"The gradebook cannot be opened: {said}") from error

    def close(self) -> None:
        self.gradebook.close()

    def ignores(self, file: Path) -> bool:
        """Whether `CourseDirectory.ignore` names the file or a folder that it is in."""
        patterns = self.directory.ignore
        return any(fnmatch.fnmatch(part, pattern) for part in file.parts for pattern in patterns)

    def path(self, step: str, student: str) -> Path:
        """The folder of a submission: `step` is 'submitted' or 'autograded'."""
        directory = getattr(self.directory, f"{step}_directory")
        return Path(self.directory.format_path(directory, student, self.name))

    @cached_property
    def source_files(self) -> tuple[Path, list[Path]]:
        """The assignment's source folder, and its files that each submission gets a copy of."""
        folder = self.source
        left_out = self.converter.exclude_overwriting.get(self.name, [])
        ignored = [*self.directory.ignore, "*.ipynb"]
        found = {Path(f).relative_to(folder) for f in utils.find_all_files(str(folder), ignored)}
        return folder, sorted(found - set(map(Path, left_out)))

    @property
    def source(self) -> Path:
        step = self.directory.source_directory
        return Path(self.directory.format_path(step, ".", self.name).replace("/./", "/"))

    def set_permissions(self, folder: Path) -> None:
        """As `nbgrader autograde` sets them."""
        shared = self.directory.groupshared
        mode = int(str(self.converter.permissions), 8)
        for place, _, names in os.walk(folder):
            for name in names:
                os.chmod(os.path.join(place, name), mode)
            if shared:
                os.chmod(place, (os.stat(place).st_mode | 0o2770) & 0o2777)

    @cached_property
    def seed(self) -> str:
        try:
            return secret_seed(self.root, self.name)
        except (OSError, ValueError) as error:
            raise GradingError(f"Nothing was graded. {error}") from None

    @cached_property
    def checks(self) -> str:
        return checks(self.assignment.paper, self.notebooks.values())

    @cached_property
    def assignment(self) -> Assignment:
        """What the workers get."""
        try:
            paper = class_paper(self.source, self.seed, self._seconds)
        except BuildError as error:
            raise GradingError(f"Nothing was graded. {error}") from None
        return Assignment(
            name=self.name,
            paper=paper,
            unsafe=self.unsafe,
            notebooks=self.notebooks,
            config=self.config,
            sanitize=self.converter.sanitize_preprocessors,
            autograde=self.converter.autograde_preprocessors,
        )

    def _step(self, wanted: type) -> Any:
        for step in self.converter.autograde_preprocessors:
            made: Any = load(step)
            if issubclass(made, wanted):
                return made(parent=self.converter)
        raise ValueError(
            f"c.Autograde.autograde_preprocessors has no {wanted.__name__}: "
            "give it the list autograde.front.preprocessors.AUTOGRADE."
        )

    def _refuse(self, execute: Any, marks: Any) -> None:
        """Refuse settings of nbgrader's that `autograde grade` would not follow."""
        stock = f"`nbgrader autograde {self.name}`"
        for hook in ("pre_convert_hook", "post_convert_hook"):
            if getattr(self.converter, hook):
                raise GradingError(
                    f"c.Autograde.{hook} is set in nbgrader_config.py, and `autograde grade` calls "
                    f"no hook. Grade with {stock}, which does, or remove the setting."
                )
        if not execute.enabled:
            raise GradingError(
                "c.Execute.enabled is False in nbgrader_config.py: no test would be run, and none "
                f"would have a mark. Remove the setting. Or grade with {stock}, which then leaves "
                "every test to a person."
            )
        if not marks.enabled:
            raise GradingError(
                "c.SaveAutoGrades.enabled is False in nbgrader_config.py: no mark would be kept. "
                "Remove the setting."
            )

    def _notebooks(self) -> tuple[str, dict[str, Notebook]]:
        db = self.gradebook.db
        row = db.scalars(select(AssignmentRow).filter_by(name=self.name)).one_or_none()
        if row is None:
            raise GradingError(
                f"The gradebook knows no assignment {self.name!r}. "
                f"Run: nbgrader generate_assignment --force {self.name}"
            )
        if not self.source.is_dir():
            raise GradingError(f"{self.source} is missing: the assignment's source.")
        release = self.directory.format_path(self.directory.release_directory, ".", self.name)
        notebooks = {}
        for notebook in row.notebooks:
            path = Path(release, f"{notebook.name}.ipynb")
            try:
                released = path.read_bytes()
                parse_submission(released)
            except (OSError, NotANotebook):
                raise GradingError(
                    f"{path} is missing or broken, and submissions are repaired from it. "
                    f"Run: nbgrader generate_assignment --force {self.name}"
                ) from None
            kinds = ("source_cells", "grade_cells", "solution_cells", "task_cells")
            notebooks[notebook.name] = Notebook(
                id=notebook.id,
                name=notebook.name,
                kernelspec=json.loads(notebook.kernelspec or "null"),
                released=released.decode(),
                **{kind: [_plain(cell) for cell in getattr(notebook, kind)] for kind in kinds},
            )
        own = row.id
        db.rollback()
        return own, notebooks


@contextmanager
def _settings(root: Path) -> Iterator[None]:
    """nbgrader looks at each setting when it first uses it, and raises whatever comes to hand."""
    try:
        yield
    except Exception as error:
        told = f"{type(error).__name__}: {error}"
        path = root.resolve() / "nbgrader_config.py"
        if not path.exists():
            told = "there is no such file, so this is not a course's root."
        raise GradingError(f"Nothing was graded. {path}: {told}") from error


def load(step: Any) -> type:
    """A preprocessor's class: traitlets lets a configuration give its name instead."""
    if isinstance(step, str):
        from traitlets.utils.importstring import import_item

        return import_item(step)
    return step


def _plain(row: Any) -> CellRow:
    known = {name: getattr(row, name, None) for name in CellRow.__dataclass_fields__}
    return CellRow(**{name: value for name, value in known.items() if value is not None})
