"""A small class with everything in it that a gradebook knows: tests, hidden tests, answers for a
person to grade, a task, a lesson beside the exercises."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import nbformat
import psutil
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from nbgrader.api import Gradebook

from autograde.front.seed import secret_seed

ROOT = Path(__file__).resolve().parents[3]
ASSIGNMENT = "01_double"
RIGHT = "def double(x):\n    return 2 * x"
WRONG = "def double(x):\n    return x + 2"
SETTINGS = """
c.Execute.timeout = 3
c.LateSubmissionPlugin.penalty_method = "zero"
"""


def cell(make: Any, grade_id: str, source: str, **flags: Any) -> Any:
    about = {"grade": False, "locked": False, "solution": False, "task": False, "schema_version": 3}
    metadata = {"nbgrader": {"grade_id": grade_id} | about | flags}
    return make(source, id=grade_id, metadata=metadata)


CELLS = [
    new_markdown_cell("# Doubling", id="title"),
    cell(new_code_cell, "setup", "import numpy as np", locked=True),
    cell(
        new_code_cell, "double", solution=True,
        source=f"### BEGIN SOLUTION\n{RIGHT}\n### END SOLUTION",
    ),
    cell(
        new_code_cell, "check-double", grade=True, locked=True, points=3,
        source="assert double(2) == 4\n### BEGIN HIDDEN TESTS\nassert double(3) == 6\n"
        "### END HIDDEN TESTS",
    ),
    cell(
        new_code_cell, "check-part", grade=True, locked=True, points=2,
        source="(double(2) == 4) * 1.5",
    ),
    cell(new_markdown_cell, "essay", "Why two?", grade=True, solution=True, points=2),
    cell(new_code_cell, "own", "# Plot it.", grade=True, solution=True, points=1),
    cell(new_markdown_cell, "project", "Hand in a page.", task=True, locked=True, points=4),
]  # fmt: skip


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory, sandbox: None) -> Path:
    """A course with the assignment released and nothing submitted; to be copied."""
    root = tmp_path_factory.mktemp("template")
    source = root / "solutions" / ASSIGNMENT
    source.mkdir(parents=True)
    nbformat.write(new_notebook(cells=CELLS), source / "double_exercises.ipynb")
    lesson = new_notebook(cells=[new_code_cell("2 * 21", id="cell-0")])
    nbformat.write(lesson, source / "double.ipynb")
    (source / "points.csv").write_text("1,2\n")
    settings = (ROOT / "nbgrader_config.py").read_text() + SETTINGS
    (root / "nbgrader_config.py").write_text(settings)
    nbgrader(root, "generate_assignment", ASSIGNMENT)
    nbgrader(root, "db", "assignment", "add", ASSIGNMENT, "--duedate=2026-01-02 00:00:00 UTC")
    secret_seed(root, ASSIGNMENT)  # or each copy would make its own
    return root


@pytest.fixture
def course(template: Path, tmp_path: Path) -> Path:
    root = tmp_path / "course"
    shutil.copytree(template, root)
    return root


@pytest.fixture(scope="session")
def hand_in() -> Callable[..., Path]:
    return submit


@pytest.fixture(scope="session")
def tools() -> SimpleNamespace:
    return SimpleNamespace(
        nbgrader=nbgrader, booked=booked, url=sqlite, graded=graded, RIGHT=RIGHT, WRONG=WRONG,
        ASSIGNMENT=ASSIGNMENT,
    )  # fmt: skip


def nbgrader(root: Path, *arguments: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "nbgrader", *arguments],
        cwd=root, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


def submit(
    root: Path, student: str, answer: str = RIGHT, *, late: bool = False, data: bytes | None = None,
    **answers: str,
) -> Path:  # fmt: skip
    """Put a submission where `nbgrader collect` would; `answers` by cell id."""
    released = root / "course" / ASSIGNMENT
    notebook = nbformat.read(released / "double_exercises.ipynb", as_version=4)
    for one in notebook.cells:
        one.source = ({"double": answer} | answers).get(one.id, one.source)
    folder = root / "submitted" / student / ASSIGNMENT
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "double_exercises.ipynb"
    path.write_bytes(nbformat.writes(notebook).encode() if data is None else data)
    shutil.copy(released / "double.ipynb", folder)
    (folder / "timestamp.txt").write_text(f"2026-01-0{3 if late else 1} 00:00:00 UTC")
    (folder / "notes.txt").write_text("mine")
    return path


def sqlite(root: Path) -> str:
    return f"sqlite:///{root}/gradebook.db"


def booked(url: str) -> dict[str, Any]:
    """All that the gradebook holds about submissions, without its random ids."""
    with Gradebook(url, "neural_networks") as gradebook:
        return {
            submission.student.id: {
                "timestamp": str(submission.timestamp),
                "score": submission.score,
                "needs_manual_grade": submission.needs_manual_grade,
                "notebooks": {
                    notebook.name: {
                        "penalty": notebook.late_submission_penalty,
                        "grades": {
                            g.name: (g.auto_score, g.manual_score, g.needs_manual_grade)
                            for g in sorted(notebook.grades, key=lambda g: g.name)
                        },
                        "comments": {
                            c.name: (c.auto_comment, c.manual_comment)
                            for c in sorted(notebook.comments, key=lambda c: c.name)
                        },
                    }
                    for notebook in sorted(submission.notebooks, key=lambda n: n.name)
                },
            }
            for submission in gradebook.assignment_submissions(ASSIGNMENT)
        }


def graded(root: Path) -> dict[str, Any]:
    """Every file under autograded/: notebooks and results as JSON, others as they are."""
    files = {}
    for path in sorted((root / "autograded").rglob("*")):
        if path.is_file():
            data: Any = path.read_bytes()
            if path.suffix in (".ipynb", ".json"):
                data = json.loads(data)
            files[str(path.relative_to(root / "autograded"))] = data
    return files


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimpleNamespace]:
    """A Dask scheduler and two workers, each a process of its own, as on other machines."""
    folder = tmp_path_factory.mktemp("cluster")
    where = str(folder / "scheduler.json")
    log = (folder / "log").open("w")

    def start(*arguments: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "dask", *arguments, "--scheduler-file", where]
        return subprocess.Popen(command, cwd=folder, stdout=log, stderr=log)

    local = ("--host", "127.0.0.1", "--dashboard-address", "127.0.0.1:0")
    scheduler = start("scheduler", *local, "--port", "0")

    def worker() -> subprocess.Popen[bytes]:
        return start("worker", "--nworkers", "1", "--nthreads", "1", "--no-nanny", *local)

    workers = [worker(), worker()]
    try:
        yield SimpleNamespace(file=Path(where), workers=workers, start_worker=worker, folder=folder)
    finally:
        for process in workers:
            process.terminate()
        for process in workers:
            process.wait(timeout=60)
        scheduler.terminate()
        scheduler.wait(timeout=60)
        log.close()


@pytest.fixture
def address(cluster: SimpleNamespace) -> str:
    """The scheduler's address, with both workers there."""
    deadline = time.monotonic() + 60
    while not (cluster.file.exists() and cluster.file.read_text().endswith("\n}")):
        assert time.monotonic() < deadline, (cluster.folder / "log").read_text()
        time.sleep(0.05)
    for number, process in enumerate(cluster.workers):
        if process.poll() is not None:
            cluster.workers[number] = cluster.start_worker()
    return json.loads(cluster.file.read_text())["address"]


@pytest.fixture(autouse=True, scope="session")
def nothing_is_left() -> Iterator[None]:
    """Every process that these tests have started has ended."""
    others = psutil.Process().children(recursive=True)
    yield
    ours = [p for p in psutil.Process().children(recursive=True) if _is_ours(p)]
    ours = [p for p in ours if p not in others]
    _, alive = psutil.wait_procs(ours, timeout=5)
    assert alive == []


def _is_ours(process: psutil.Process) -> bool:
    try:
        return "autograde.trusted" in " ".join(process.cmdline())
    except psutil.NoSuchProcess:
        return False
