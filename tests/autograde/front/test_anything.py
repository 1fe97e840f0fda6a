"""Whatever is in a submission's folder, it ends with a verdict, a reason and a feedback page, and
the class goes on."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

SECRET = "the instructor's own file"


def _wrong_name(folder: Path, root: Path) -> None:
    (folder / "one.ipynb").rename(folder / "one (1).ipynb")


def _markup_as_a_name(folder: Path, root: Path) -> None:
    (folder / "one.ipynb").rename(folder / "<img src=x onerror=alert(1)>[a](b).ipynb")


def _dots_as_a_name(folder: Path, root: Path) -> None:
    (folder / "one.ipynb").rename(folder / "..\\..\\one.ipynb")


def _no_text_as_a_name(folder: Path, root: Path) -> None:
    os.rename(folder / "one.ipynb", os.fsencode(folder) + b"/one\n\xff\x1b[2J.ipynb")


def _no_notebook(folder: Path, root: Path) -> None:
    for path in folder.glob("*.ipynb"):
        path.unlink()
    (folder / "answers.txt").write_text("x = 3")


def _nothing(folder: Path, root: Path) -> None:
    shutil.rmtree(folder)
    folder.mkdir()


def _two_of_one_name(folder: Path, root: Path) -> None:
    shutil.copy(folder / "one.ipynb", folder / "ONE.ipynb")


def _link_outside(folder: Path, root: Path) -> None:
    secret = root / "solutions/ps/one.ipynb"  # holds the answers: must not be graded or shown
    (folder / "one.ipynb").unlink()
    (folder / "one.ipynb").symlink_to(secret)


def _folder_as_notebook(folder: Path, root: Path) -> None:
    (folder / "one.ipynb").unlink()
    (folder / "one.ipynb").mkdir()


def _pipe_as_notebook(folder: Path, root: Path) -> None:
    (folder / "one.ipynb").unlink()
    os.mkfifo(folder / "one.ipynb")


def _hundred_megabytes(folder: Path, root: Path) -> None:
    with (folder / "one.ipynb").open("r+b") as file:
        file.truncate(100_000_000)


def _empty(folder: Path, root: Path) -> None:
    (folder / "one.ipynb").write_bytes(b"")


def _cut_off(folder: Path, root: Path) -> None:
    data = (folder / "one.ipynb").read_bytes()
    (folder / "one.ipynb").write_bytes(data[: len(data) // 2])


def _all_brackets(folder: Path, root: Path) -> None:
    (folder / "one.ipynb").write_text('{"metadata": [' + "{}," * 6_000_000 + "{}]}")


INVALID: dict[Callable[[Path, Path], None], str] = {
    _wrong_name: "There is no one.ipynb in the submission, only 'one (1).ipynb', 'two.ipynb'.",
    _markup_as_a_name: "There is no one.ipynb in the submission, only '<img src=x onerror",
    _dots_as_a_name: "There is no one.ipynb in the submission, only",
    _no_text_as_a_name: r"only 'one\n\udcff\x1b[2J.ipynb'",
    _no_notebook: "There is no notebook in the submission.",
    _nothing: "There is no notebook in the submission.",
    _two_of_one_name: "There are 2 notebooks with one name: 'ONE.ipynb', 'one.ipynb'.",
    _link_outside: "one.ipynb is a link to another file",
    _folder_as_notebook: "one.ipynb is not a file",
    _pipe_as_notebook: "one.ipynb is not a file",
    _hundred_megabytes: "The file has 100 MB; at most 20 MB are read.",
    _empty: "The file is empty.",
    _cut_off: "The file is not JSON",
    _all_brackets: "The file has more than 500000 brackets",
}
NOTHING_ELSE = {_no_notebook, _nothing}


def name(breaking: Callable[[Path, Path], None]) -> str:
    return breaking.__name__.strip("_")


def test_a_class_of_broken_submissions(ps) -> None:
    ps.hand_in("aaa")
    for breaking in INVALID:
        folder = ps.hand_in(name(breaking))
        (folder / "lesson.ipynb").unlink()
        breaking(folder, ps.root)
    ps.hand_in("zzz")
    log = ps.autograde()
    head, *listed = map(str.strip, log[log.index("Invalid, with a mark of 0") :].splitlines())
    assert head == f"Invalid, with a mark of 0 ({len(INVALID)}):"
    assert (
        "empty: The file is empty. Open it in JupyterLab, save it, and submit it again." in listed
    )
    assert len(listed) == len(INVALID)
    assert ps.score("aaa") == ps.score("zzz") == 5, "the class goes on"
    ps.run("generate_feedback", "ps")
    for breaking, reason in INVALID.items():
        student = name(breaking)
        result = ps.result(student)
        own = {n["name"]: n["cells"] for n in result["notebooks"]}
        assert result["verdict"] == "invalid", student
        assert {c["verdict"] for c in own["one"]} == {"invalid"}, student
        assert all(reason in c["message"] for c in own["one"]), (student, own["one"])
        # What is wrong with one notebook costs nothing in another.
        score = 0 if breaking in NOTHING_ELSE else 1
        assert result["score"] == ps.score(student) == score, student
        assert ps.grades(student)["project"] == (0, None, False), "there is nothing to look at"
        page = ps.page(student)
        assert "could not be read" in page
        assert "<img" not in page, "the reason is shown as text"
        assert "alert(1)" in page or breaking is not _markup_as_a_name
        assert not any(c.is_symlink() for c in ps.folder(student, "autograded").iterdir())
    assert "BEGIN SOLUTION" not in ps.page("link_outside")


def test_one_broken_submission_alone_is_graded_too(ps) -> None:
    _nothing(ps.hand_in("ann"), ps.root)
    ps.autograde("--student=ann")
    assert ps.result("ann")["verdict"] == "invalid"
    assert ps.exported() == {"ann": "0.0"}


def test_a_mended_submission_is_graded(ps) -> None:
    folder = ps.hand_in("ann", when="2026-01-01 10:00:00 UTC")
    (folder / "one.ipynb").write_text("{")
    ps.autograde()
    assert ps.score("ann") == 1
    ps.hand_in("ann", when="2026-01-02 10:00:00 UTC")
    ps.autograde()
    assert ps.score("ann") == 5
    assert ps.result("ann")["verdict"] != "invalid"


def test_what_lies_beside_a_notebook_is_copied_only_if_it_is_a_plain_file(ps) -> None:
    secret = ps.root / "secret.txt"
    secret.write_text(SECRET)
    secret.chmod(0o600)
    folder = ps.hand_in("ann")
    (folder / "link.txt").symlink_to(secret)
    (folder / "loop").symlink_to(folder)
    (folder / "folder").symlink_to(ps.root)
    (folder / "data.csv").symlink_to("../../../secret.txt")
    os.mkfifo(folder / "pipe")
    (folder / "..\\..\\up.txt").write_text("x")
    (folder / "bell\x07.txt").write_text("x")
    (folder / "results.json").write_text('{"notebooks": [{"name": "one", "cells": []}]}')
    (folder / "plain.txt").write_text("x")
    with (folder / "large.bin").open("wb") as file:
        file.truncate(100_000_000)
    (folder / "extra.ipynb").write_text("not even a notebook")
    ps.autograde()
    assert ps.score("ann") == 5, "the honest notebook counts"
    ps.run("generate_feedback", "ps")
    for kind in ("autograded", "feedback"):
        there = {p.name for p in ps.folder("ann", kind).rglob("*")}
        assert "plain.txt" in there
        assert not there & {
            "link.txt", "loop", "folder", "data.csv", "pipe", "bell\x07.txt", "large.bin",
            "..\\..\\up.txt", "extra.ipynb", "extra.html",
        }  # fmt: skip
        texts = [p.read_bytes() for p in ps.folder("ann", kind).rglob("*") if p.is_file()]
        assert not any(SECRET.encode() in text for text in texts)
    notes = ps.result("ann")["notebooks"][0]["notes"]
    assert len(notes) == 9
    assert "'link.txt' was left out: a link, which is not followed" in notes
    assert "a link, which is not followed" in ps.page("ann")


@pytest.mark.parametrize(
    "timestamp", ["tomorrow, I promise", "9" * 500, "9" * 100, "\x00", "2026-13-45", "link"]
)
def test_a_timestamp_that_is_none_does_not_stop_the_class(ps, timestamp: str) -> None:
    folder = ps.hand_in("ann", when=timestamp)
    if timestamp == "link":
        (folder / "timestamp.txt").unlink()
        (folder / "timestamp.txt").symlink_to("/etc/passwd")
    ps.hand_in("bob")
    ps.autograde()
    ps.autograde()
    assert ps.score("ann") == ps.score("bob") == 5
