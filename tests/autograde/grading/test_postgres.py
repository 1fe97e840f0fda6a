"""The same class with PostgreSQL as gradebook: a real server, started here."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from nbgrader.api import Gradebook

from autograde.grading.run import grade

pytestmark = pytest.mark.course


def programs() -> Path | None:
    """The folder of the newest server; Debian keeps it out of PATH."""
    found = [shutil.which("initdb"), *sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))]
    there = [Path(path).parent for path in found if path]
    return there[-1] if there else None


@pytest.fixture(scope="module")
def postgres() -> Iterator[str]:
    """The URL of a new, empty database. It listens on a socket in a folder of its own."""
    binaries = programs()
    if binaries is None:
        pytest.skip("PostgreSQL's server is not installed (Debian: apt install postgresql)")
    pytest.importorskip("psycopg", reason="pip install 'psycopg[binary]'")
    as_nobody: dict[str, Any] = {}
    folder = Path(tempfile.mkdtemp(prefix="pg-"))  # a socket's path must be short
    if os.getuid() == 0:  # the server refuses to be root
        as_nobody = {"user": 65534, "group": 65534, "extra_groups": []}
        os.chown(folder, 65534, 65534)
    data, log = folder / "data", folder / "log"
    initdb = [binaries / "initdb", "-D", data, "-U", "teacher", "-A", "trust", "-E", "UTF8", "-N"]
    subprocess.run(initdb, check=True, capture_output=True, cwd=folder, **as_nobody)
    command = [binaries / "postgres", "-D", data, "-k", folder, "-h", "", "-F"]
    with log.open("w") as file:
        server = subprocess.Popen(command, stderr=file, cwd=folder, **as_nobody)
    try:
        deadline = time.monotonic() + 60
        while "ready to accept connections" not in log.read_text():
            assert time.monotonic() < deadline, log.read_text()
            assert server.poll() is None, log.read_text()
            time.sleep(0.05)
        yield f"postgresql+psycopg://teacher@/postgres?host={folder}"
    finally:
        server.terminate()
        server.wait(timeout=60)
        shutil.rmtree(folder)


def test_postgres_holds_what_sqlite_holds(
    course: Path, tmp_path: Path, hand_in, tools: SimpleNamespace, address: str, postgres: str
) -> None:
    hand_in(course, "ada", essay="Because.")
    hand_in(course, "bela", tools.WRONG, late=True)
    hand_in(course, "chen", data=b"{")
    other = tmp_path / "other"
    shutil.copytree(course, other)
    with (other / "nbgrader_config.py").open("a") as file:
        file.write(f"c.CourseDirectory.db_url = {postgres!r}\n")
    (other / "gradebook.db").unlink()
    tools.nbgrader(other, "generate_assignment", tools.ASSIGNMENT, "--force")
    due = "--duedate=2026-01-02 00:00:00 UTC"
    tools.nbgrader(other, "db", "assignment", "add", tools.ASSIGNMENT, due)

    assert grade(course, tools.ASSIGNMENT, scheduler=address).graded == 3
    assert grade(other, tools.ASSIGNMENT, scheduler=address).graded == 3
    assert tools.booked(postgres) == tools.booked(tools.url(course))
    assert tools.booked(postgres)["bela"]["notebooks"]["double_exercises"]["penalty"] == 1.5
    assert not (other / "gradebook.db").exists()

    with Gradebook(postgres, "neural_networks") as gradebook:  # a person grades, then it changes
        where = ("essay", "double_exercises", tools.ASSIGNMENT, "ada")
        gradebook.find_grade(*where).manual_score = 2
        gradebook.db.commit()
    hand_in(other, "ada", tools.WRONG, essay="Because of the two.")
    outcome = grade(other, tools.ASSIGNMENT, scheduler=address)
    assert (outcome.graded, outcome.unchanged) == (1, 2)
    assert tools.booked(postgres)["ada"]["score"] == 1.5 + 2
