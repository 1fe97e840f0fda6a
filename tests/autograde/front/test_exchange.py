"""A class that works through nbgrader's exchange, from release to fetched feedback, and learners
who hand in what is not theirs."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from autograde.cli import main

# nbgrader's `release_feedback` leaves it open.
pytestmark = pytest.mark.filterwarnings("ignore:unclosed file.*timestamp.txt:ResourceWarning")
HIDDEN = "for the instructor's eyes"
ANSWERS = {"double": "def double(x):\n    return 2 * x", "count": "count = 2"}


@pytest.fixture
def enter(ps, tmp_path: Path) -> Callable[[str], Any]:
    """Lets a learner in, who has fetched the assignment, and knows the exchange alone."""
    exchange = tmp_path / "exchange"
    exchange.mkdir()
    exchange.chmod(0o777)
    settings = f"c.Exchange.root = {str(exchange)!r}\n"
    with (ps.root / "nbgrader_config.py").open("a") as file:
        file.write(settings)
    (ps.root / "solutions/ps/marking.py").write_text(HIDDEN)
    ps.run("release_assignment", "ps")

    def learner(name: str) -> Any:
        root = tmp_path / name
        root.mkdir()
        own = {"course_id": "neural_networks", "student_id": name}
        lines = [f"c.CourseDirectory.{key} = {value!r}" for key, value in own.items()]
        cache = f"c.Exchange.cache = {str(root / 'cache')!r}"
        text = "\n".join(["c = get_config()", settings, *lines, cache])
        (root / "nbgrader_config.py").write_text(text)
        made = type(ps)(root)
        made.run("fetch_assignment", "ps")
        return made

    return learner


def answer(learner: Any, answers: dict[str, str] = ANSWERS) -> None:
    path = learner.root / "ps/one.ipynb"
    notebook = json.loads(path.read_text())
    for cell in notebook["cells"]:
        cell["source"] = answers.get(cell["id"], cell["source"])
    path.write_text(json.dumps(notebook))


def submit(learner: Any) -> Path:
    """Hand in; returns the folder where it waits to be collected, still its learner's."""
    learner.run("submit", "ps")
    inbound = learner.root.parent / "exchange/neural_networks/inbound"
    return max(inbound.glob(f"{learner.root.name}+ps+*"))


def mark(ps: Any, monkeypatch: pytest.MonkeyPatch, *options: str) -> None:
    """What an instructor does with what was handed in."""
    ps.run("collect", "ps", *options)
    with monkeypatch.context() as patch:
        patch.chdir(ps.root)
        assert main(["grade", "ps", "--jobs", "1"]) == 0
    ps.run("generate_feedback", "ps")
    ps.run("release_feedback", "ps")


def fetched(learner: Any) -> dict[str, str]:
    """The feedback on the learner's last submission: {notebook: page}."""
    learner.run("fetch_feedback", "ps")
    pages = sorted((learner.root / "ps/feedback").glob("*/*.html"))
    return {page.stem: page.read_text() for page in pages}


def everything(folder: Path) -> bytes:
    """All bytes in a folder, what links in it point to included."""
    return b"".join(p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file())


def test_from_release_to_fetched_feedback(ps, enter, tmp_path: Path, monkeypatch) -> None:
    ann = enter("ann")
    answer(ann)
    (ann.root / "ps/notes.txt").write_text("mine")
    submit(ann)
    mark(ps, monkeypatch)
    assert ps.score("ann") == 2 + 2
    assert ps.folder("ann").stat().st_mode & 0o002 == 0, "nobody else writes there"
    assert (ps.folder("ann", "autograded") / "notes.txt").read_text() == "mine"
    pages = fetched(ann)
    assert set(pages) == {"one", "two", "lesson"}
    assert "4.0 of 20.0" in pages["one"]
    seen = everything(tmp_path / "exchange") + everything(ann.root)
    assert b"BEGIN SOLUTION" not in seen
    assert HIDDEN.encode() not in seen

    answer(ann, ANSWERS | {"count": "count = 3"})  # once more, and better
    submit(ann)
    mark(ps, monkeypatch, "--update")
    assert ps.score("ann") == 2 + 3
    assert "5.0 of 20.0" in fetched(ann)["one"]


@pytest.mark.parametrize("wanted", ["solutions/ps/one.ipynb", "gradebook.db", "nowhere"])
def test_a_notebook_that_is_a_link_when_it_is_collected(
    ps, enter, monkeypatch, capsys, wanted: str
) -> None:
    ann, eve = enter("ann"), enter("eve")
    answer(ann)
    submit(ann)
    waiting = submit(eve)
    (waiting / "one.ipynb").unlink()
    (waiting / "one.ipynb").symlink_to(ps.root / wanted)
    (waiting / "notes.txt").symlink_to(ps.root / "solutions/ps/marking.py")
    (waiting / "more").symlink_to(ps.root / "solutions/ps")
    mark(ps, monkeypatch)

    told = capsys.readouterr().out
    assert "Invalid, with a mark of 0 (1):\n  eve: one: one.ipynb is a link to another file" in told
    assert ps.result("eve")["verdict"] == "invalid"
    assert "'notes.txt' was left out: a link" in str(ps.result("eve")["notebooks"])
    assert ps.score("eve") == 0
    assert ps.score("ann") == 4
    assert "is a link to another file" in fetched(eve)["one"]
    for kind in ("submitted", "autograded", "feedback"):
        found = everything(ps.root / kind)
        assert b"BEGIN SOLUTION" not in found
        assert b"SQLite format" not in found
        assert HIDDEN.encode() not in found


def test_a_notebook_that_is_a_link_when_it_is_submitted(ps, enter, monkeypatch) -> None:
    """nbgrader's `submit` follows it, with the learner's rights: here, to a file that is open."""
    eve = enter("eve")
    (eve.root / "ps/one.ipynb").unlink()
    (eve.root / "ps/one.ipynb").symlink_to(ps.root / "gradebook.db")
    waiting = submit(eve)
    assert b"SQLite format" in (waiting / "one.ipynb").read_bytes()
    mark(ps, monkeypatch)
    assert ps.result("eve")["verdict"] == "invalid"
    assert "not text in UTF-8" in fetched(eve)["one"]
    for kind in ("autograded", "feedback"):
        assert b"SQLite format" not in everything(ps.root / kind)


def test_a_submission_that_is_another_learners_folder(ps, enter, monkeypatch) -> None:
    ann, eve = enter("ann"), enter("eve")
    answer(ann)
    submit(ann)
    mark(ps, monkeypatch)
    waiting = submit(eve)
    later = waiting.with_name("eve+ps+2100-01-01 00:00:00 UTC+x")
    later.symlink_to(ps.folder("ann"))
    log = ps.run("collect", "ps")
    assert f"NOT collected: {later}" in log
    assert not ps.folder("eve").exists()
    later.unlink()
    mark(ps, monkeypatch)
    assert ps.score("eve") == 0


def test_what_one_learner_breaks_stops_nobody_else(ps, enter, monkeypatch) -> None:
    ann, bob, eve = enter("ann"), enter("bob"), enter("eve")
    answer(ann)
    submit(ann)
    answer(bob)
    waiting = submit(bob)
    for name in ("timestamp.txt", "submission_secret.txt"):
        (waiting / name).unlink()
    (waiting / "timestamp.txt").symlink_to(ps.root / "gradebook.db")
    answer(eve)
    waiting = submit(eve)
    os.mkfifo(waiting / "pipe.txt")
    (waiting / "timestamp.txt").write_text("soon")
    (waiting / "big.bin").touch()
    os.truncate(waiting / "big.bin", 200_000_000)
    (waiting / ".ipynb_checkpoints").mkdir()
    (waiting / ".ipynb_checkpoints/one.ipynb").write_text("{")
    waiting.with_name("eve+ps+yesterday").mkdir()
    waiting.with_name("zed+ps+2026-01-01 00:00:00 UTC").symlink_to("nowhere")
    mark(ps, monkeypatch)
    mark(ps, monkeypatch, "--update")
    assert {s: ps.score(s) for s in ("ann", "bob", "eve")} == {"ann": 4, "bob": 4, "eve": 4}
    assert "4.0 of 20.0" in fetched(ann)["one"]
    assert "4.0 of 20.0" in fetched(eve)["one"]
    assert fetched(bob) == {}, "who throws the key away finds nothing"
    there = {p.name for p in ps.folder("eve").iterdir()}
    assert there == {
        "one.ipynb", "two.ipynb", "lesson.ipynb", "timestamp.txt", "submission_secret.txt",
    }  # fmt: skip
    with ps.gradebook() as gradebook:
        assert gradebook.find_submission("ps", "eve").timestamp.year > 2020
