"""nbgrader's own commands, from the course's root, over a class in which most things go wrong."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell
from nbgrader.api import Gradebook

from autograde.build.run import build

pytestmark = [pytest.mark.course, pytest.mark.usefixtures("sandbox")]

RIGHT = "def double(x):\n    return 2 * x"


def nbgrader(course: Path, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "nbgrader", *arguments],
        cwd=course, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def hand_in(course: Path, student: str, source: str | None, *, data: bytes | None = None) -> Path:
    """Put a submission where `nbgrader collect` would."""
    notebook = nbformat.read(course / "course/01_double/double_exercises.ipynb", as_version=4)
    for cell in notebook.cells:
        if cell.id == "double" and source is not None:
            cell.source = source
    folder = course / "submitted" / student / "01_double"
    folder.mkdir(parents=True)
    path = folder / "double_exercises.ipynb"
    path.write_bytes(nbformat.writes(notebook).encode() if data is None else data)
    return path


def scores(course: Path) -> dict[str, float]:
    with Gradebook(f"sqlite:///{course}/gradebook.db") as gradebook:
        return {s.student.id: s.score for s in gradebook.assignment_submissions("01_double")}


@pytest.fixture
def released(course: Path) -> Path:
    build(course)
    nbgrader(course, "generate_assignment", "01_double", "--force")
    return course


def test_a_class_in_which_most_things_go_wrong(released: Path) -> None:
    hand_in(released, "right", RIGHT)
    hand_in(released, "blank", None)
    hand_in(released, "mistaken", RIGHT.replace("2 * x", "x + 2"))
    hand_in(released, "raising", RIGHT.replace("2 * x", "x / undefined"))
    hand_in(released, "not_json", None, data=b"{")
    noisy = "import sys\n" + RIGHT.replace(
        "    return", "    print(1, file=sys.stderr)\n    return"
    )
    hand_in(released, "noisy", noisy)
    hand_in(released, "endless", RIGHT.replace("return 2 * x", "while True: pass"))
    path = hand_in(released, "copied", RIGHT)
    notebook = nbformat.read(path, as_version=4)
    notebook.cells.append(notebook.cells[-1].copy())
    path.write_text(json.dumps(notebook))
    path = hand_in(released, "deleted", RIGHT)
    notebook = nbformat.read(path, as_version=4)
    del notebook.cells[-1]
    path.write_text(json.dumps(notebook))
    path = hand_in(released, "cheating", None)
    notebook = nbformat.read(path, as_version=4)
    cheat = "get_ipython().input_transformers_cleanup.append(lambda lines: ['20.0'])"
    notebook.cells.insert(2, new_code_cell(cheat))
    path.write_text(json.dumps(notebook))

    nbgrader(released, "autograde", "01_double", "--Execute.timeout=3")
    expected = {
        "right": 20, "blank": 0, "mistaken": 0, "raising": 0, "not_json": 0, "noisy": 20,
        "endless": 0, "copied": 20, "deleted": 20, "cheating": 0,
    }  # fmt: skip
    assert scores(released) == expected

    def result(student: str) -> dict:
        path = released / "autograded" / student / "01_double" / "results.json"
        return json.loads(path.read_text())

    assert result("right")["verdict"] == "passed"
    assert result("endless")["verdict"] == "timeout"
    assert result("raising")["verdict"] == "raised"
    assert result("blank")["verdict"] == "not_attempted"
    [cell] = result("mistaken")["notebooks"][0]["cells"]
    assert cell["mistake"] == "added 2"
    assert result("right")["provenance"]["sandbox"] is True
    assert {s: result(s)["score"] for s in expected} == expected
    assert len({result(s)["provenance"]["checks"] for s in expected}) == 1
    assert len({result(s)["provenance"]["submission"] for s in ("right", "blank")}) == 2

    nbgrader(released, "generate_feedback", "01_double")

    def feedback(student: str) -> str:
        return (released / f"feedback/{student}/01_double/double_exercises.html").read_text()

    assert "This is exactly what you get when" in feedback("mistaken")
    assert "not JSON" in feedback("not_json")
    assert "lambda x" not in feedback("blank")


def test_no_source_and_no_check_travels(released: Path) -> None:
    exchange = released / "exchange"
    exchange.mkdir(mode=0o777)
    exchange.chmod(0o777)
    hand_in(released, "right", RIGHT)
    nbgrader(released, "release_assignment", "01_double", f"--Exchange.root={exchange}")
    nbgrader(released, "autograde", "01_double")
    for folder in (exchange, released / "course", released / "autograded"):
        files = {p.name for p in folder.rglob("*") if p.is_file()}
        assert "double_exercises.ipynb" in files
        assert "cases.json" in files
        assert [name for name in files if name.endswith(".py")] == []


def test_the_secret_is_its_owners_alone_and_each_assignments_own(tmp_path: Path) -> None:
    from autograde.front.seed import FILE, secret_seed

    one, other = secret_seed(tmp_path, "01_a"), secret_seed(tmp_path, "02_b")
    assert one != other
    assert secret_seed(tmp_path, "01_a") == one
    assert (tmp_path / FILE).stat().st_mode & 0o777 == 0o600
    (tmp_path / FILE).write_text("")
    with pytest.raises(ValueError, match="Delete it"):
        secret_seed(tmp_path, "01_a")


def test_a_full_disk_leaves_no_half_secret(tmp_path: Path) -> None:
    from autograde.front.seed import secret_seed

    make = "import sys, pathlib; from autograde.front.seed import secret_seed as s; "
    done = subprocess.run(
        [sys.executable, "-c", make + "s(pathlib.Path(sys.argv[1]), 'x')", tmp_path],
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (10, 10)),
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "File too large" in done.stderr
    assert list(tmp_path.iterdir()) == []
    assert len(secret_seed(tmp_path, "x")) == 64
