"""`autograde check`: a learner reads every report of a notebook in the terminal."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograde.build.run import build
from autograde.cli import main

pytestmark = pytest.mark.course


def test_the_terminal_tells_what_each_check_says(
    course: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    build(course)
    name = "01_double/double_exercises.ipynb"
    assert main(["check", str(course / "solutions" / name)]) == 0
    assert "double: correct, 20 of 20 points" in capsys.readouterr().out
    assert main(["check", str(course / "course" / name)]) == 1
    told = capsys.readouterr().out
    assert "double: not attempted" in told
    assert "0 of 20 points on the public inputs" in told


def test_what_is_no_notebook_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "x.ipynb"
    assert main(["check", str(path)]) == 1
    assert "There is no file" in capsys.readouterr().err
    path.write_text("print('hello')")
    assert main(["check", str(path)]) == 1
    assert "is not a notebook" in capsys.readouterr().err
