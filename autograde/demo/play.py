"""Play the class: every step is a command of nbgrader's, run as a person would run it."""

from __future__ import annotations

import csv
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import nbformat
from tqdm import tqdm

from autograde.demo.roster import ASSIGNMENT, MAX_SCORE, NOTEBOOK, STUDENTS, Student
from autograde.demo.submissions import as_bytes, author_answers, cut_off, filled
from autograde.trusted import Grader, InfrastructureError, Paper

COURSE = "neural_networks"


class DemoError(Exception):
    """A step of the class failed. The message has the command and the end of what it said."""


class Classroom:
    """The folders of one class: the instructor's course, the exchange, and each learner's home."""

    def __init__(self, root: Path, folder: Path) -> None:
        self.folder = folder
        self.course = folder / "course_root"
        self.exchange = folder / "exchange"
        self.homes = folder / "homes"
        self.log = folder / "demo.log"
        for path in (self.course, self.exchange, self.homes):
            path.mkdir()
        self.exchange.chmod(0o777)
        shutil.copy(root / "nbgrader_config.py", self.course)
        shutil.copytree(
            root / "solutions" / ASSIGNMENT,
            self.course / "solutions" / ASSIGNMENT,
            ignore=shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints"),
        )

    def nbgrader(self, *arguments: str, home: Path | None = None) -> None:
        """Run an nbgrader command: the instructor's, or that of the learner whose home is given."""
        where = home or self.course
        command = [sys.executable, "-m", "nbgrader", *arguments, f"--Exchange.root={self.exchange}"]
        if home:
            command += ["--course", COURSE, f"--Exchange.cache={home / '.cache'}"]
        environment = os.environ | {
            # No other user's nbgrader or Jupyter settings may change the class.
            "JUPYTER_CONFIG_DIR": str(self.folder / "jupyter"),
            "JUPYTER_DATA_DIR": str(self.folder / "jupyter"),
            "MPLBACKEND": "agg",
        }
        done = subprocess.run(
            command, cwd=where, env=environment, capture_output=True, text=True, check=False
        )
        with self.log.open("a", encoding="utf-8") as log:
            log.write(f"$ nbgrader {' '.join(arguments)}\n{done.stdout}{done.stderr}\n")
        if done.returncode:
            end = "\n".join((done.stdout + done.stderr).strip().splitlines()[-8:])
            raise DemoError(f"nbgrader {' '.join(arguments)} failed in {where}:\n{end}")

    def fetch(self) -> None:
        """Fetch the assignment from the exchange, as a learner."""
        self.nbgrader("fetch_assignment", ASSIGNMENT, home=self.homes)

    def hand_in(self, student: Student) -> None:
        """Answer as this learner, and submit."""
        home = self.homes / student.id
        shutil.copytree(self.homes / ASSIGNMENT, home / ASSIGNMENT)
        path = home / ASSIGNMENT / f"{NOTEBOOK}.ipynb"
        released = nbformat.read(path, as_version=4)
        answers = {}
        if student.attempts:
            source = self.course / "solutions" / ASSIGNMENT / f"{NOTEBOOK}.ipynb"
            answers = author_answers(source) | dict(student.answers)
        notebook = filled(released, answers)
        if student.tamper:
            student.tamper(notebook)
        data = as_bytes(notebook)
        path.write_bytes(cut_off(data) if student.cut_off else data)
        self.nbgrader("submit", ASSIGNMENT, "--student", student.id, home=home)

    def marks(self) -> dict[str, tuple[float, bool]]:
        """{student: (score, late)} out of the exported grade book."""
        path = self.course / "grades.csv"
        self.nbgrader("export", "--to", str(path))
        with path.open(newline="", encoding="utf-8") as file:
            rows = [r for r in csv.DictReader(file) if r["assignment"] == ASSIGNMENT]
        late = {r["student_id"]: r["timestamp"] > r["duedate"] for r in rows}
        return {r["student_id"]: (float(r["score"]), late[r["student_id"]]) for r in rows}


def play(keep: Path | None = None) -> int:
    """Play the class and print the table of expected and actual marks.

    Parameters
    ----------
    keep
        A folder that does not exist yet, to work in and to leave behind. By default a temporary
        one, removed at the end.

    Returns
    -------
    int
        0 if every mark is what it must be, else 1.
    """
    root = Path.cwd()
    if not (root / "solutions" / ASSIGNMENT).is_dir():
        print(f"There is no solutions/{ASSIGNMENT} here. Run this from the course's root.")
        return 1
    if keep is not None and keep.exists():
        print(f"{keep} exists already. Name a new folder.")
        return 1
    started = time.monotonic()
    with _folder(keep) as folder:
        try:
            marks, feedback = _play(Classroom(root, folder), _without_sandbox())
        except DemoError as error:
            print(error)
            return 1
    failed = _table(marks, feedback)
    minutes, seconds = divmod(round(time.monotonic() - started), 60)
    count = len(STUDENTS)
    print(f"{count - failed} of {count} marks are as expected, in {minutes} min {seconds} s.")
    if keep:
        print(f"The class is in {keep}: its grade book, feedback, and demo.log.")
    return 1 if failed else 0


@contextmanager
def _folder(keep: Path | None) -> Iterator[Path]:
    if keep:
        keep.mkdir(parents=True)
        yield keep.resolve()
        return
    with tempfile.TemporaryDirectory(prefix="autograde-demo-") as name:
        yield Path(name)


def _without_sandbox() -> list[str]:
    """Options for a machine that cannot isolate submissions: those of the demo are our own."""
    try:
        with Grader(Paper()):
            return []
    except InfrastructureError as error:
        print(f"{error}\nThe submissions of this class are ours, so they are graded all the same.")
        return ["--TrustedExecute.unsafe_no_sandbox=True"]


def _play(room: Classroom, unsafe: Sequence[str]) -> tuple[dict[str, tuple[float, bool]], set[str]]:
    on_time = [s for s in STUDENTS if not s.late]
    late = [s for s in STUDENTS if s.late]
    steps = len(STUDENTS) + 8
    with tqdm(total=steps, unit="step", disable=None) as bar:

        def step(text: str, *arguments: str) -> None:
            bar.set_description(text)
            room.nbgrader(*arguments)
            bar.update()

        step("Generating", "generate_assignment", ASSIGNMENT)
        step("Releasing", "release_assignment", ASSIGNMENT)
        bar.set_description("Fetching")
        room.fetch()
        bar.update()
        bar.set_description("Submitting")
        _hand_in(room, on_time, bar)
        due = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S.%f UTC")
        step("Due now", "db", "assignment", "add", ASSIGNMENT, f"--duedate={due}")
        bar.set_description("Submitting late")
        _hand_in(room, late, bar)
        step("Collecting", "collect", ASSIGNMENT)
        step("Grading", "autograde", ASSIGNMENT, *unsafe)
        step("Feedback", "generate_feedback", ASSIGNMENT)
        bar.set_description("Exporting")
        marks = room.marks()
        bar.update()
        bar.set_description("Done")
    pages = room.course.glob(f"feedback/*/{ASSIGNMENT}/{NOTEBOOK}.html")
    return marks, {page.parent.parent.name for page in pages}


def _hand_in(room: Classroom, students: Sequence[Student], bar: tqdm) -> None:
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        for _ in pool.map(room.hand_in, students):
            bar.update()


def _table(marks: dict[str, tuple[float, bool]], feedback: set[str]) -> int:
    """Print expected and actual; returns how many differ."""
    width = max(len(s.story) for s in STUDENTS)
    print(f"\n{'student':8}{'what was handed in':{width + 2}}expected  actual")
    failed = 0
    for student in STUDENTS:
        score, late = marks.get(student.id, (None, False))
        problems = []
        if score is None:
            problems.append("no mark")
        elif abs(score - student.expected) > 1e-6:
            problems.append("another mark than expected")
        if late != student.late:
            problems.append("late" if late else "not noted as late")
        if student.id not in feedback:
            problems.append("no feedback page")
        failed += bool(problems)
        actual = "none" if score is None else f"{score:g}"
        verdict = "  <- " + ", ".join(problems) if problems else ""
        row = f"{student.id:8}{student.story:{width + 2}}{student.expected:8g}{actual:>8}"
        print(row + verdict)
    extra = sorted(set(marks) - {s.id for s in STUDENTS})
    for name in extra:
        print(f"{name:8}in the grade book, but not in the class")
    print(f"Marks are out of {MAX_SCORE:g}.")
    return failed + len(extra)
