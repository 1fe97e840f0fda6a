"""The order of a build: read, refuse, write the notebooks and cases, release, rehearse."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from tqdm import tqdm

from autograde.build import module as modules
from autograde.build import notebook as notebooks
from autograde.build.inspect import MAX_CASES_BYTES, inspect, inspect_lesson
from autograde.build.module import Module
from autograde.build.problem import BuildError, Problem
from autograde.build.rehearse import rehearse
from autograde.build.release import release
from autograde.engine.cases import Question, dump


def build(root: Path, names: Sequence[str] = ()) -> list[str]:
    """Build the modules named, or all.

    Parameters
    ----------
    root
        The course's root, with `solutions/` and `nbgrader_config.py` in it.
    names
        Folders of `solutions/`, such as `05_softmax_network`.

    Returns
    -------
    list of str
        The modules that were built.

    Raises
    ------
    BuildError
        With every problem found in every module; modules without one are built all the same.
    """
    if not (root / "solutions").is_dir() or not (root / "nbgrader_config.py").is_file():
        message = "here is no course: run this where solutions/ and nbgrader_config.py are"
        raise BuildError([Problem(str(root), "", message)])
    folders = modules.find(root / "solutions")
    unknown = set(names) - {f.name for f in folders}
    if unknown:
        there = ", ".join(f.name for f in folders)
        raise BuildError(
            [
                Problem("solutions", "", f"there is no module {n}; there are {there}")
                for n in unknown
            ]
        )
    folders = [f for f in folders if not names or f.name in names]
    problems: list[Problem] = []
    here = Path.cwd()
    os.chdir(root)  # messages then name files as an author would, from the course's root
    try:
        for folder in tqdm(folders, desc="Building", unit="module", disable=None):
            try:
                _build(root, folder.relative_to(root))
            except BuildError as error:
                problems += error.problems
    finally:
        os.chdir(here)
    if problems:
        raise BuildError(problems)
    return [folder.name for folder in folders]


def _build(root: Path, folder: Path) -> None:
    module = modules.read(folder)
    lesson = notebooks.from_text(module.lesson)
    assignment = notebooks.from_text(module.assignment)
    problems = inspect(module, assignment) + inspect_lesson(module.lesson, lesson)
    if problems:
        raise BuildError(problems)
    notebooks.write(lesson, module.lesson.with_suffix(".ipynb"))
    notebooks.write(assignment, module.assignment.with_suffix(".ipynb"))
    (folder / "cases.json").write_text(_cases(module), encoding="utf-8")
    released = release(root, module.id)
    problems = rehearse(released / module.assignment.with_suffix(".ipynb").name)
    if problems:
        raise BuildError(problems)


def _cases(module: Module) -> str:
    text = dump({exercise.name: Question.ask(exercise) for exercise in module.exercises})
    if len(text.encode()) > MAX_CASES_BYTES:
        message = f"cases.json would have {len(text.encode()):,} bytes; at most {MAX_CASES_BYTES:,}"
        where = str(module.folder / "checks.py")
        raise BuildError([Problem(where, "", f"{message}: draw smaller inputs")])
    return text
