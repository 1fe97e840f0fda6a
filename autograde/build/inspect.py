"""What the build refuses in a module's sources, each with the file and the cell."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from nbformat import NotebookNode

from autograde.build.module import Module
from autograde.build.notebook import place
from autograde.build.problem import Problem
from autograde.engine.cases import PUBLIC_SEED
from autograde.engine.proof import prove

MODULE_POINTS = 20
MIN_MISTAKES, MIN_ALTERNATIVES = 4, 2
MAX_CASES_BYTES = 400_000
_REGION = re.compile(r"(BEGIN|END) SOLUTION")


def inspect(module: Module, notebook: NotebookNode) -> list[Problem]:
    """Everything that is wrong between an exercises notebook and its module's `checks.py`."""
    file = str(module.assignment)
    cells = list(enumerate(notebook.cells))
    return [
        *_grade_ids(file, cells),
        *_pairs(file, cells, module),
        *_captions(file, notebook, module),
        *_exercises(module),
    ]


def inspect_lesson(path: Path, notebook: NotebookNode) -> list[Problem]:
    """A lesson is not graded: nbgrader must find nothing in it."""
    message = "a lesson has no graded cells; put this in the exercises"
    return [
        Problem(str(path), place(i, cell), message)
        for i, cell in enumerate(notebook.cells)
        if "nbgrader" in cell.metadata
    ]


Cells = list[tuple[int, NotebookNode]]


def _kind(cell: NotebookNode) -> str:
    about = cell.metadata.get("nbgrader", {})
    if about.get("grade") and about.get("solution"):
        return "manual"
    return "check" if about.get("grade") else "solution" if about.get("solution") else ""


def _grade_ids(file: str, cells: Cells) -> Iterator[Problem]:
    """A missing or repeated `grade_id`, and solutions that nbgrader would not clear."""
    seen: dict[str, int] = {}
    for index, cell in cells:
        where = place(index, cell)
        regions = _REGION.findall(cell.source)
        if regions and _kind(cell) != "solution":
            yield Problem(
                file, where, "a solution in a cell that is not marked as one would be released"
            )
        if regions and regions != ["BEGIN", "END"] * (len(regions) // 2):
            yield Problem(file, where, "BEGIN SOLUTION and END SOLUTION do not pair")
        if _kind(cell) == "solution" and not regions:
            yield Problem(file, where, "a solution cell needs BEGIN SOLUTION and END SOLUTION")
        if "HIDDEN TESTS" in cell.source:
            message = "hidden tests are not written: the check is asked again with secret inputs"
            yield Problem(file, where, message)
        if "nbgrader" not in cell.metadata:
            continue
        grade_id = cell.metadata.nbgrader.get("grade_id")
        if not grade_id:
            yield Problem(file, where, "the grade_id is missing from its nbgrader metadata")
        elif grade_id in seen:
            first = place(seen[grade_id], cells[seen[grade_id]][1])
            yield Problem(file, where, f"the grade_id {grade_id!r} is already that of {first}")
        else:
            seen[grade_id] = index


def _pairs(file: str, cells: Cells, module: Module) -> Iterator[Problem]:
    """An exercise without a check or a solution, a check without an exercise, points that do not
    agree."""
    by_name = {exercise.name: exercise for exercise in module.exercises}
    checked, solved = set(), set()
    for index, cell in cells:
        where, kind = place(index, cell), _kind(cell)
        grade_id = cell.metadata.get("nbgrader", {}).get("grade_id") or ""
        if kind == "solution":
            solved.add(grade_id)
            if grade_id and grade_id not in by_name:
                message = f"checks.py has no exercise {grade_id!r}"
                yield Problem(
                    file, where, f"{message}; a solution's grade_id is its exercise's name"
                )
        if kind != "check":
            continue
        name = _checked_name(cell.source)
        if name is None:
            yield Problem(file, where, 'a graded cell holds one line: check("NAME", NAME)')
            continue
        checked.add(name)
        if name not in by_name:
            yield Problem(file, where, f"checks.py has no exercise {name!r}")
            continue
        if grade_id and grade_id != f"check-{name}":
            message = f"the grade_id of the check of {name!r} is 'check-{name}', not {grade_id!r}"
            yield Problem(file, where, message)
        points, expected = cell.metadata.nbgrader.get("points"), by_name[name].points
        if points != expected:
            yield Problem(
                file, where, f"this cell has {points!r} points, checks.py has {expected:g}"
            )
    for name in by_name:
        if name not in checked:
            message = f'no graded cell checks the exercise {name!r}: add check("{name}", {name})'
            yield Problem(file, "", message)
        if name not in solved:
            yield Problem(file, "", f"no solution cell has the grade_id {name!r}")
    total = sum(exercise.points for exercise in module.exercises)
    if total != MODULE_POINTS:
        message = f"the exercises have {total:g} points; a module has {MODULE_POINTS}"
        yield Problem(str(module.folder / "checks.py"), "", message)


def _checked_name(source: str) -> str | None:
    """The NAME of a cell that is `check("NAME", NAME)` and nothing else."""
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return None
    match tree.body:
        case [
            ast.Expr(ast.Call(ast.Name("check"), [ast.Constant(str(name)), ast.Name(given)], []))
        ]:
            return name if name == given else None
    return None


def _captions(file: str, notebook: NotebookNode, module: Module) -> Iterator[Problem]:
    text = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    flat = " ".join(text.split())
    for exercise in module.exercises:
        if exercise.caption not in flat:
            message = f"the text before {exercise.name!r} must say: {exercise.caption}"
            yield Problem(file, "", message)


def _exercises(module: Module) -> Iterator[Problem]:
    """Checks that are wrong themselves."""
    file = str(module.folder / "checks.py")
    seen = set()
    for exercise in module.exercises:
        if exercise.name in seen:
            yield Problem(file, "", f"two exercises are named {exercise.name!r}")
        seen.add(exercise.name)
        for what, least in (("mistakes", MIN_MISTAKES), ("alternatives", MIN_ALTERNATIVES)):
            count = len(getattr(exercise, what))
            if count < least:
                message = f"exercise {exercise.name!r} has {count} {what}; give at least {least}"
                yield Problem(file, "", message)
        for problem in prove(exercise, PUBLIC_SEED):
            yield Problem(file, "", problem)
