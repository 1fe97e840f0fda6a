"""What is nobody's malice: workers and runs that are killed, a full disk, a file that changes."""

from __future__ import annotations

import multiprocessing
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from autograde.grading import run as run_module
from autograde.grading.course import Course, GradingError
from autograde.grading.plan import read
from autograde.grading.run import grade
from autograde.grading.work import Markers

pytestmark = pytest.mark.course
SERVER = multiprocessing.get_context("forkserver")
SERVER.set_forkserver_preload(["autograde.grading.run"])
KILLS = 25


@pytest.fixture
def many(course: Path, hand_in, tools: SimpleNamespace) -> Path:
    for number in range(30):
        hand_in(course, f"s{number:02}", tools.WRONG if number % 3 else tools.RIGHT)
    return course


def test_killed_at_random_points_and_run_again(
    many: Path, tmp_path: Path, tools: SimpleNamespace, address: str
) -> None:
    whole = tmp_path / "whole"
    shutil.copytree(many, whole)
    assert grade(whole, tools.ASSIGNMENT, scheduler=address).graded == 30
    rng = random.Random(5)
    reached = set()
    for _ in range(KILLS):
        process = SERVER.Process(
            target=grade, args=(many, tools.ASSIGNMENT), kwargs={"scheduler": address}
        )
        process.start()
        there = len(list(many.glob("autograded/*/01_double/results.json")))
        until = there + rng.choice((0, 0, 0, 1, 1, 2))
        while process.is_alive() and there < until:
            there = len(list(many.glob("autograded/*/01_double/results.json")))
            time.sleep(0.001)
        time.sleep(rng.uniform(0, 0.02 if until else 0.5))
        process.kill()
        process.join()
        reached.add(there)
    assert len(reached) > 5
    outcome = grade(many, tools.ASSIGNMENT, scheduler=address)
    assert outcome.graded + outcome.unchanged == 30
    assert tools.booked(tools.url(many)) == tools.booked(tools.url(whole))
    assert tools.graded(many) == tools.graded(whole)


def test_a_worker_killed_in_mid_run(
    many: Path, tools: SimpleNamespace, cluster: SimpleNamespace, address: str
) -> None:
    process = SERVER.Process(
        target=grade, args=(many, tools.ASSIGNMENT), kwargs={"scheduler": address}
    )
    process.start()
    while process.is_alive() and not list(many.glob("autograded/*/01_double/results.json")):
        time.sleep(0.001)
    cluster.workers[0].kill()
    process.join()
    assert process.exitcode == 0
    booked = tools.booked(tools.url(many))
    assert len(booked) == 30
    assert {b["score"] for b in booked.values()} == {1.5, 4.5}
    assert grade(many, tools.ASSIGNMENT, scheduler=address).unchanged == 30


def test_a_worker_killed_after_it_has_answered(
    many: Path, tools: SimpleNamespace, cluster: SimpleNamespace, address: str, monkeypatch
) -> None:
    save = run_module.save
    saved = []

    def slow_save(*arguments) -> None:
        """Meanwhile the other results arrive, and then the worker that gave them dies."""
        saved.append(arguments)
        if len(saved) == 3:
            time.sleep(2)
            cluster.workers[1].send_signal(signal.SIGSTOP)  # so it does not do the work again yet
            cluster.workers[0].kill()
            cluster.workers[0].wait()
            time.sleep(1)
            threading.Timer(1, cluster.workers[1].send_signal, [signal.SIGCONT]).start()
        save(*arguments)

    monkeypatch.setattr(run_module, "save", slow_save)
    outcome = grade(many, tools.ASSIGNMENT, scheduler=address)
    assert (outcome.graded, outcome.ungraded) == (30, {})
    assert len(tools.booked(tools.url(many))) == len(saved) == 30


def test_what_kills_every_worker_is_not_graded(
    course: Path, hand_in, tools: SimpleNamespace, monkeypatch
) -> None:
    hand_in(course, "ada")
    hand_in(course, "deadly")
    monkeypatch.setattr(run_module, "mark", deadly(run_module.mark))
    outcome = grade(course, tools.ASSIGNMENT, jobs=2)
    assert list(outcome.ungraded) == ["deadly"]
    assert "died" in outcome.ungraded["deadly"]
    assert "deadly" not in tools.booked(tools.url(course))
    monkeypatch.undo()
    outcome = grade(course, tools.ASSIGNMENT, jobs=1)
    assert (outcome.graded, outcome.unchanged) == (1, 1)
    assert tools.booked(tools.url(course))["deadly"]["score"] == 4.5


def deadly(mark):
    """The task, but for one submission, whose worker is killed."""

    def task(name, submission):
        import os
        import signal

        if submission.student == "deadly":
            os.kill(os.getpid(), signal.SIGKILL)
        return mark(name, submission)

    return task


@pytest.mark.parametrize("size", [20_000, 120_000], ids=["notebooks", "gradebook"])
def test_a_full_disk_stops_the_run_and_loses_nothing(
    course: Path, hand_in, tools: SimpleNamespace, address: str, size: int
) -> None:
    hand_in(course, "ada")
    hand_in(course, "bela")
    assert grade(course, tools.ASSIGNMENT, ["ada"], scheduler=address).graded == 1
    before = tools.booked(tools.url(course)), tools.graded(course)
    hand_in(course, "bela", f"# {'x' * 30_000}\n{tools.RIGHT}")
    assert Path(course, "gradebook.db").stat().st_size > 120_000
    command = "import sys; from autograde.cli import main; sys.exit(main(sys.argv[1:]))"
    done = subprocess.run(
        [sys.executable, "-c", command, "grade", tools.ASSIGNMENT, "--scheduler", address],
        cwd=course, capture_output=True, text=True, check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size)),
    )  # fmt: skip
    assert done.returncode == 1
    assert "Run the same command again to go on" in done.stderr
    assert "Traceback" not in done.stderr
    assert (tools.booked(tools.url(course)), tools.graded(course)) == before
    assert grade(course, tools.ASSIGNMENT, scheduler=address).graded == 1
    assert tools.booked(tools.url(course))["bela"]["score"] == 4.5


def test_what_was_read_is_what_is_graded(
    course: Path, hand_in, tools: SimpleNamespace, address: str, monkeypatch
) -> None:
    hand_in(course, "ada", tools.WRONG)
    fetch = run_module.planned

    def changed_after_it_was_read(*arguments, **options):
        for submission in fetch(*arguments, **options):
            hand_in(course, "ada", tools.RIGHT)
            yield submission

    monkeypatch.setattr(run_module, "planned", changed_after_it_was_read)
    assert grade(course, tools.ASSIGNMENT, scheduler=address).graded == 1
    monkeypatch.undo()
    assert tools.booked(tools.url(course))["ada"]["score"] == 1.5
    assert grade(course, tools.ASSIGNMENT, scheduler=address).graded == 1
    assert tools.booked(tools.url(course))["ada"]["score"] == 4.5


def test_one_run_at_a_time(course: Path, hand_in, tools: SimpleNamespace, address: str) -> None:
    hand_in(course, "ada")
    one, other = (Course(course, tools.ASSIGNMENT) for _ in range(2))
    first, second = run_module._alone(one), run_module._alone(other)
    with first, pytest.raises(GradingError, match="Another run"), second:
        pass
    with run_module._alone(other):
        one.close()
        other.close()


def test_interrupted(many: Path, tools: SimpleNamespace) -> None:
    command = "import sys; from autograde.cli import main; sys.exit(main(sys.argv[1:]))"
    process = subprocess.Popen(
        [sys.executable, "-c", command, "grade", tools.ASSIGNMENT, "--jobs", "2"],
        cwd=many, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        start_new_session=True,
    )  # fmt: skip
    while process.poll() is None and not list(many.glob("autograded/*/01_double/results.json")):
        time.sleep(0.001)
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Traceback" not in told
    assert "Run the same command again" in told
    outcome = grade(many, tools.ASSIGNMENT, jobs=2)
    assert outcome.graded + outcome.unchanged == 30
    assert len(tools.booked(tools.url(many))) == 30


def test_a_machine_that_cannot_isolate_grades_nothing(
    course: Path, hand_in, tools: SimpleNamespace
) -> None:
    hand_in(course, "ada")
    command = "import sys; from autograde.cli import main; sys.exit(main(sys.argv[1:]))"
    done = subprocess.run(
        [sys.executable, "-c", command, "grade", tools.ASSIGNMENT, "--jobs", "1"],
        cwd=course, env=os.environ | {"PATH": "/nonexistent"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr.startswith("Nothing was graded.")
    assert "Traceback" not in done.stderr
    assert not (course / "autograded").exists()
    assert tools.booked(tools.url(course)) == {}


def test_a_worker_with_other_packages_is_refused(course: Path, tools: SimpleNamespace) -> None:
    opened = Course(course, tools.ASSIGNMENT)
    object.__setattr__(opened.assignment, "environment", "sha256:other")
    markers = Markers(opened.assignment, detach=False)
    markers.setup(None)
    opened.close()
    assert "other packages" in (markers.warm() or "")


def test_workers_never_hear_of_the_gradebook(course: Path, hand_in, tools: SimpleNamespace) -> None:
    import pickle

    hand_in(course, "ada")
    with (course / "nbgrader_config.py").open("a") as file:
        file.write(f"c.CourseDirectory.db_url = 'sqlite:///{course}/gradebook.db?timeout=77'\n")
    opened = Course(course, tools.ASSIGNMENT)
    travels = pickle.dumps((opened.assignment, read(opened, "ada")))
    opened.close()
    assert b"gradebook.db" not in travels
