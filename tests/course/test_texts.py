"""The lessons' texts: headings in order, links that lead somewhere, nothing remote, words spelt
right."""

from __future__ import annotations

import itertools
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from autograde.build import module as modules
from autograde.build import notebook as notebooks

pytestmark = pytest.mark.course

HEADING = re.compile(r"^(#{1,6}) +(.+)$", re.MULTILINE)
LINK = re.compile(r"\]\(([^)\s]+)[^)]*\)")
REMOTE = re.compile(r"<(img|script|iframe|link|video)\b[^>]*(https?:)?//|!\[[^\]]*\]\(https?:")
FENCE = re.compile(r"```.*?```", re.DOTALL)


def texts(folder: Path) -> dict[str, str]:
    """Each notebook's markdown, without its code blocks."""
    module = modules.read(folder)
    return {
        path.name: FENCE.sub(
            "",
            "\n\n".join(
                c.source for c in notebooks.from_text(path).cells if c.cell_type == "markdown"
            ),
        )
        for path in (module.lesson, module.assignment)
    }


def test_one_title_and_no_heading_level_is_skipped(folder: Path) -> None:
    for name, text in texts(folder).items():
        levels = [len(marks) for marks, _ in HEADING.findall(text)]
        assert levels[0] == 1, name
        assert levels.count(1) == 1, name
        jumps = [(a, b) for a, b in itertools.pairwise(levels) if b > a + 1]
        assert jumps == [], name


def test_no_heading_comes_twice_in_a_notebook(folder: Path) -> None:
    for name, text in texts(folder).items():
        titles = [title for _, title in HEADING.findall(text)]
        assert len(titles) == len(set(titles)), name


def test_every_link_leads_somewhere_in_the_course(root: Path, folder: Path) -> None:
    released = root / "course" / folder.name
    for name, text in texts(folder).items():
        for target in LINK.findall(text):
            if target.startswith("#") or "://" in target:
                continue
            assert (released / target.split("#")[0]).exists(), (name, target)


def test_nothing_is_fetched_from_elsewhere(folder: Path) -> None:
    for path in folder.glob("*.py"):
        assert REMOTE.findall(path.read_text(encoding="utf-8")) == [], path.name


def test_a_table_ends_with_a_blank_line(folder: Path) -> None:
    """Markdown takes the line below a table for another row."""
    for name, text in texts(folder).items():
        lines = text.splitlines()
        torn = [
            after
            for row, after in itertools.pairwise(lines)
            if row.startswith("|") and after.strip() and not after.startswith("|")
        ]
        assert torn == [], name


def test_the_quiz_stays_offline_and_hides_its_answers(folder: Path) -> None:
    lesson = notebooks.from_text(modules.read(folder).lesson)
    code = [cell for cell in lesson.cells if cell.cell_type == "code"]
    [quiz] = [cell for cell in code if "widgets.display_quiz(" in cell.source]
    assert quiz.metadata.jupyter.source_hidden is True
    assert not [cell for cell in code if "import jupyterquiz" in cell.source]
    assert not [cell for cell in code if "from jupyterquiz" in cell.source]


def test_dollars_pair(folder: Path) -> None:
    """An odd number of dollar signs in a cell turns the text behind it into an equation."""
    module = modules.read(folder)
    for path in (module.lesson, module.assignment):
        for cell in notebooks.from_text(path).cells:
            if cell.cell_type == "markdown":
                text = re.sub(r"`[^`]*`", "", FENCE.sub("", cell.source)).replace(r"\$", "")
                assert text.count("$") % 2 == 0, (path.name, cell.source[:80])


def test_the_words_are_spelt_right(root: Path) -> None:
    places = ["solutions", "nnlib", "autograde", "docs", "README.md", "CONTRIBUTING.md"]
    done = subprocess.run(
        [sys.executable, "-m", "codespell_lib", "--skip=*.ipynb,*.json,*.png,*.svg", *places],
        cwd=root, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.stdout + done.stderr == ""


def test_committed_notebooks_are_what_the_sources_say(folder: Path) -> None:
    """The build is byte for byte the same; this finds a source that was edited and not built."""
    module = modules.read(folder)
    for path in (module.lesson, module.assignment):
        expected = nbformat.writes(notebooks.from_text(path)) + "\n"
        assert path.with_suffix(".ipynb").read_text(encoding="utf-8") == expected, path.name
