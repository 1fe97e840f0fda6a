"""A disk of a real size: whatever is full, nothing is lost, and the next run completes it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from autograde.grading.run import grade

pytestmark = pytest.mark.course
SCRIPT = Path(__file__).with_name("full_disk.py")
UNSHARE = ["unshare", "--mount", *(() if os.getuid() == 0 else ("--user", "--map-root-user"))]
DB_URL = 'c.CourseDirectory.db_url = f"sqlite:///{c.CourseDirectory.root}/db/gradebook.db"\n'


@pytest.fixture(scope="module")
def small_disk(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Skip where the kernel lets nobody mount a disk of one's own."""
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", tmp_path_factory.mktemp("disk")]
    try:
        subprocess.run([*UNSHARE, *mount], check=True, capture_output=True, text=True)
    except FileNotFoundError as error:
        pytest.skip(str(error))
    except subprocess.CalledProcessError as error:
        pytest.skip(f"no disk of one's own can be mounted here: {error.stderr.strip()}")


@pytest.mark.usefixtures("small_disk")
@pytest.mark.parametrize("part", ["autograded", "db"])
def test_a_full_disk_ends_the_run_and_the_next_one_goes_on(
    course: Path, tmp_path: Path, hand_in, tools: SimpleNamespace, address: str, part: str
) -> None:
    (course / "db").mkdir()
    (course / "gradebook.db").rename(course / "db/gradebook.db")
    with (course / "nbgrader_config.py").open("a") as file:
        file.write(DB_URL)
    students = [f"s{number:02}" for number in range(12)]
    for student in students[:6]:  # these have marks already, and hand in once more
        hand_in(course, student, tools.WRONG)
    assert grade(course, tools.ASSIGNMENT, scheduler=address).graded == 6
    for student in students:
        hand_in(course, student, late=True)
    whole, out = tmp_path / "whole", tmp_path / "out"
    shutil.copytree(course, whole)

    def state(root: Path, gradebook: str = "") -> dict[str, Any]:
        """{student: (marks, files)}"""
        booked = tools.booked(f"sqlite:///{root}/{gradebook}gradebook.db")
        files = tools.graded(root)
        return {
            student: (
                booked.get(student),
                {path: data for path, data in files.items() if path.startswith(student)},
            )
            for student in students
        }

    before = state(whole, "db/")
    assert grade(whole, tools.ASSIGNMENT, scheduler=address).graded == 12
    after = state(whole, "db/")
    command = [*UNSHARE, sys.executable, SCRIPT, course, part, address, out]
    subprocess.run(command, check=True)

    ended = set()
    for number in range(6):
        left = out / str(number)
        code, told = (left / "code").read_text(), (left / "told").read_text()
        found = state(left)
        graded = {student for student in students if found[student] == after[student]}
        assert all(found[s] == before[s] for s in students if s not in graded), "all or nothing"
        assert not list(left.glob("autograded/*/.*"))
        assert "Traceback" not in told
        if number < 5 and code == "1":
            assert "What was graded until then is saved. Run the same command again" in told
            assert "full" in told or "No space left" in told
        ended.add((code, len(graded)))
    assert code == "0"
    assert found == after
    assert ("1", 0) in ended, ended
    assert len(ended) > 2, "some runs got further than others"
