"""A class of honest submissions to one module: right, nearly right and blank ones by turns. The
nearly right lack the answer that is worth least.

Every submission is another file (a comment in it has the student's number), so nobody can grade one
and copy the result. Three notebooks are filled in and the rest is text, so 5,000 take seconds.
"""

from __future__ import annotations

import json
import shutil
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import nbformat
from measure import measure

from autograde.demo.submissions import as_bytes, author_answers, filled

ROOT = Path(__file__).resolve().parents[1]
KINDS = ("right", "one missing", "blank")
NUMBER = b"Student number 00000"
STOCK = """
import os, sys
c = get_config()
os.environ["PATH"] = os.pathsep.join([os.path.dirname(sys.executable), os.environ["PATH"]])
c.CourseDirectory.course_id = "neural_networks"
c.CourseDirectory.source_directory = "solutions"
c.CourseDirectory.release_directory = "course"
c.CourseDirectory.ignore = [".ipynb_checkpoints", "*.pyc", "__pycache__", "feedback", "*.py"]
c.Execute.timeout = 120
"""
"""nbgrader as it comes: none of our classes."""


class Class:
    """A module's course as nbgrader makes it, and what its students hand in.

    Parameters
    ----------
    module
        Its folder's name.
    folder
        Where the course is made.
    turns
        Of which kinds the submissions are: the first student's, the second's, and so on, then again
        from the first.
    """

    def __init__(self, module: str, folder: Path, turns: Sequence[str] = KINDS) -> None:
        self.module = module
        self.turns = turns
        self._course = folder
        self.source = folder / "solutions" / module
        self.released = folder / "course" / module
        leave = shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints")
        shutil.copytree(ROOT / "solutions" / module, self.source, ignore=leave)
        shutil.copy(ROOT / "nbgrader_config.py", folder)
        measure([sys.executable, "-m", "nbgrader", "generate_assignment", module], folder)
        notebooks = list(self.released.glob("*_exercises.ipynb"))
        if len(notebooks) != 1:
            raise SystemExit(f"{module} has {len(notebooks)} notebooks with exercises, not one")
        self.notebook = notebooks[0].name
        self.kinds = self._kinds(notebooks[0])

    def course(self, folder: Path, count: int, *, stock: bool = False) -> None:
        """A course to which the first `count` students have handed in."""
        shutil.copytree(self._course, folder)
        if stock:
            (folder / "nbgrader_config.py").write_text(STOCK)
        for number in range(count):
            place = folder / "submitted" / student(number) / self.module
            place.mkdir(parents=True)
            (place / self.notebook).write_bytes(numbered(self.kinds[self.kind(number)], number))

    def kind(self, number: int) -> str:
        """Of the student with this number; the first is 0."""
        return self.turns[number % len(self.turns)]

    def composition(self, more_than: int, up_to: int) -> Counter[str]:
        """How many of each kind a class of `up_to` has more than one of `more_than`."""
        return Counter(map(self.kind, range(more_than, up_to)))

    def _kinds(self, released: Path) -> dict[str, bytes]:
        right = author_answers(self.source / released.name)
        asked = json.loads((self.released / "cases.json").read_text())["exercises"]
        left_out = min(reversed(right), key=lambda name: asked[name]["points"])
        nearly = {name: answer for name, answer in right.items() if name != left_out}
        kinds = {}
        for kind, mine in zip(KINDS, (right, nearly, dict[str, str]()), strict=True):
            notebook = filled(nbformat.read(released, as_version=4), mine)
            first = next(
                c for c in notebook.cells if c.metadata.get("nbgrader", {}).get("solution")
            )
            first.source = f"# {NUMBER.decode()}\n{first.source}"
            kinds[kind] = as_bytes(notebook)
        return kinds


def student(number: int) -> str:
    return f"s{number:05}"


def numbered(notebook: bytes, number: int) -> bytes:
    """One student's copy."""
    return notebook.replace(NUMBER, b"%s%05d" % (NUMBER[:-5], number))
